/* count.h -- numbers of rows and of values; which of them is the null test of the loop around. */
#ifndef WEIR_AGG_COUNT_H
#define WEIR_AGG_COUNT_H
#include "weir/agg/value.h"

#define AGG_count_R count, PLAIN
#define AGG_count_X count_x, PLAIN

typedef struct agg_count {
  wr_i64 n;
} agg_count;
typedef agg_count agg_count_x;

AGG_INLINE void agg_count_step(const agg_in *in, agg_count *s)
{
  (void)in;
  s->n++;
}

AGG_INLINE void agg_count_inverse(const agg_in *in, agg_count *s)
{
  (void)in;
  s->n--;
}

AGG_INLINE void agg_count_x_step(const agg_in *in, agg_count *s, wr_slot v)
{
  (void)in, (void)v;
  s->n++;
}

AGG_INLINE void agg_count_x_inverse(const agg_in *in, agg_count *s, wr_slot v)
{
  (void)in, (void)v;
  s->n--;
}

AGG_INLINE void agg_count_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_count *s,
                                const agg_count *from)
{
  (void)ctx, (void)spec;
  s->n += from->n;
}
#define agg_count_x_merge agg_count_merge

AGG_INLINE wr_status agg_count_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_count *s,
                                    wr_i64 *out)
{
  (void)ctx, (void)spec;
  *out = s->n;
  return WR_OK;
}
#define agg_count_x_read agg_count_read

#endif
