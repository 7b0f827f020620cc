/* limit.h -- what the files of a limit share. */
#ifndef WEIR_LIMIT_H
#define WEIR_LIMIT_H
#include "keep.h"
#include "keyed.h"
#include "weir/cost.h"

typedef struct wr_passed {                /* a key's rows that passed: their times, in order */
  union {
    wr_ts one;                            /* cap 0 */
    wr_ts *ring;
  } u;
  wr_u32 n, cap, head;                    /* cap: 0, or a power of two */
  wr_u32 live;                            /* the cell is not free */
} wr_passed;
_Static_assert(sizeof(wr_passed) == WR_COST_PASSED && sizeof(wr_ts) == WR_COST_TIME, "what weir explain tells");

struct wr_limiter {
  const wr_limit *def;
  wr_pool pool;
  wr_slab slab;
  wr_layout lay;
  wr_table table;
  wr_reach reach;
  wr_sweep sweep;
};

static inline wr_passed *wr_passed_at(const wr_limiter *l, wr_u32 no)
{
  return (wr_passed *)(wr_cell_at(&l->table, no) + l->lay.state);
}
static inline wr_ts *wr_passed_time(wr_passed *p, wr_u32 i)
{
  return p->cap ? &p->u.ring[(p->head + i) & (p->cap - 1)] : &p->u.one;
}
wr_passed *wr_passed_new(wr_limiter *, const wr_u64 *key, wr_u32 hash);
void wr_limiter_clear(wr_limiter *);                          /* no key is left */
void wr_passed_add(wr_limiter *, wr_passed *, wr_ts);

#endif
