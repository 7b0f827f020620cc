/* hold.h -- values copied with all that they point at into one block, for whoever keeps them. */
#ifndef WEIR_HOLD_H
#define WEIR_HOLD_H
#include "rt_internal.h"

static inline bool wr_kind_text(unsigned k) { return k == WR_STR || k == WR_BYTES || k == WR_JSON; }
static inline bool wr_kind_nested(unsigned k) { return k == WR_LIST || k == WR_MAP; }
static inline bool wr_kind_held(unsigned k) { return wr_kind_text(k) || wr_kind_nested(k); }

/* Bytes that a value points at, itself not counted, every piece rounded up to 8; the same of a copy. */
wr_u64 wr_hold_nested(const wr_type *, wr_slot);
static inline wr_u64 wr_hold_bytes(const wr_type *t, wr_slot s)
{
  if (wr_kind_text(t->kind)) return s.st ? 0 : ((wr_u64)s.len + 7) & ~7ULL;
  return wr_hold_nested(t, s);
}
/* The value with all that it points at in `block`, which has room for wr_hold_bytes. */
wr_slot wr_hold_copy(const wr_type *, wr_slot, char *block);
bool wr_slot_eq(const wr_type *, wr_slot, wr_slot);           /* nulls are equal; value.c */

#endif
