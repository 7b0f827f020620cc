/* bool.h -- any and every: how many values there were, and how many of them were true. */
#ifndef WEIR_AGG_BOOL_H
#define WEIR_AGG_BOOL_H
#include "weir/agg/value.h"

#define AGG_any_B any, PLAIN
#define AGG_every_B every, PLAIN

typedef struct agg_any {
  wr_u64 n, yes;
} agg_any;
typedef agg_any agg_every;

AGG_INLINE void agg_any_step(const agg_in *in, agg_any *s, wr_u8 v)
{
  (void)in;
  s->n++;
  s->yes += v != 0;
}
#define agg_every_step agg_any_step

AGG_INLINE void agg_any_inverse(const agg_in *in, agg_any *s, wr_u8 v)
{
  (void)in;
  s->n--;
  s->yes -= v != 0;
}
#define agg_every_inverse agg_any_inverse

AGG_INLINE void agg_any_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_any *s, const agg_any *from)
{
  (void)ctx, (void)spec;
  s->n += from->n;
  s->yes += from->yes;
}
#define agg_every_merge agg_any_merge

AGG_INLINE wr_status agg_any_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_any *s, wr_u8 *out)
{
  (void)ctx, (void)spec;
  *out = s->yes > 0;
  return s->n ? WR_OK : WR_NULL;
}

AGG_INLINE wr_status agg_every_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_any *s,
                                    wr_u8 *out)
{
  (void)ctx, (void)spec;
  *out = s->yes == s->n;
  return s->n ? WR_OK : WR_NULL;
}

#endif
