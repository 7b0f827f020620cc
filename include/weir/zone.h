/* zone.h -- what the checker asks the runtime about constants: does a time zone exist, is a time format
 * or a unit of time known?
 */
#ifndef WEIR_ZONE_H
#define WEIR_ZONE_H
#include <stdbool.h>
#include "weir/rt.h"

typedef struct wr_zone wr_zone;
const wr_zone *wr_zone_find(wr_str name);                     /* 0: unknown; cached for the process */
bool wr_time_unit_ok(wr_str);
bool wr_strftime_ok(wr_str);
#endif
