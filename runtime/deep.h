/* deep.h -- a value with all that it points at, copied into one piece of memory. */
#ifndef WEIR_DEEP_H
#define WEIR_DEEP_H
#include "weir/rt.h"

wr_u64 wr_deep_bytes(const wr_type *, wr_slot);               /* of all that it points at: a multiple of 8 */
/* Copies that to `room` (aligned to 8), and gives the value that points there: a list's slots stand
 * at `room` itself. */
wr_slot wr_deep_copy(const wr_type *, wr_slot, char *room);
#endif
