/* avg.h -- means: the exact sum divided by the number of values, rounded once (of floats twice: the
 * sum, then the quotient). No values: null. */
#ifndef WEIR_AGG_AVG_H
#define WEIR_AGG_AVG_H
#include "weir/agg/sum.h"

#define AGG_avg_I avg_i, PLAIN
#define AGG_avg_D avg_d, PLAIN
#define AGG_avg_U avg_d, PLAIN
#define AGG_avg_F avg_f, OWNS

typedef struct agg_avg_i {
  agg_sum_i sum;
  wr_u64 n;
} agg_avg_i;
typedef agg_avg_i agg_avg_d;

AGG_INLINE void agg_avg_i_step(const agg_in *in, agg_avg_i *s, wr_i64 v)
{
  agg_sum_i_step(in, &s->sum, v);
  s->n++;
}
#define agg_avg_d_step agg_avg_i_step

AGG_INLINE void agg_avg_i_inverse(const agg_in *in, agg_avg_i *s, wr_i64 v)
{
  agg_sum_i_inverse(in, &s->sum, v);
  s->n--;
}
#define agg_avg_d_inverse agg_avg_i_inverse

AGG_INLINE void agg_avg_i_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_avg_i *s,
                                const agg_avg_i *from)
{
  agg_sum_i_merge(ctx, spec, &s->sum, &from->sum);
  s->n += from->n;
}
#define agg_avg_d_merge agg_avg_i_merge

wr_f64 agg_ratio(agg_i128 sum, wr_u64 n);                     /* correctly rounded */

AGG_INLINE wr_status agg_avg_i_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_avg_i *s,
                                    wr_f64 *out)
{
  (void)ctx, (void)spec;
  if (!s->n)
    return WR_NULL;
  *out = agg_ratio(agg_sum_i_get(&s->sum), s->n);
  return WR_OK;
}

wr_status agg_avg_d_read(wr_ctx *, const wr_aggspec *, const agg_avg_d *, wr_i64 *out);

typedef struct agg_avg_f {
  agg_exact sum;
  wr_u64 n;
} agg_avg_f;

AGG_INLINE void agg_avg_f_step(const agg_in *in, agg_avg_f *s, wr_f64 v)
{
  s->n++;
  agg_exact_add(in->ctx, &s->sum, v);
}

AGG_INLINE void agg_avg_f_inverse(const agg_in *in, agg_avg_f *s, wr_f64 v)
{
  s->n--;
  agg_exact_add(in->ctx, &s->sum, -v);
}

AGG_INLINE void agg_avg_f_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_avg_f *s,
                                const agg_avg_f *from)
{
  (void)spec;
  s->n += from->n;
  agg_exact_merge(ctx, &s->sum, &from->sum);
}

wr_status agg_avg_f_read(wr_ctx *, const wr_aggspec *, const agg_avg_f *, wr_f64 *out);
void agg_avg_f_save(const wr_aggspec *, const agg_avg_f *, struct wr_saver *);
void agg_avg_f_load(wr_ctx *, const wr_aggspec *, agg_avg_f *, struct wr_loader *);

AGG_INLINE void agg_avg_f_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_avg_f *s)
{
  (void)spec;
  agg_exact_drop(ctx, &s->sum);
}

AGG_INLINE wr_u64 agg_avg_f_bytes(const agg_avg_f *s)
{
  return agg_exact_bytes(&s->sum);
}

#endif
