/* sum.h -- sums. Integers, decimals and durations add up in 128 bits and are checked when read, so
 * that no order of rows overflows (semantics 5.5); floats add up exactly (exact.h). */
#ifndef WEIR_AGG_SUM_H
#define WEIR_AGG_SUM_H
#include "weir/agg/exact.h"

#define AGG_sum_I sum_i, PLAIN
#define AGG_sum_D sum_i, PLAIN
#define AGG_sum_U sum_i, PLAIN
#define AGG_sum_F sum_f, OWNS

/* Two words, because cells are aligned to 8 bytes and a 128-bit integer wants 16. */
typedef struct agg_sum_i {
  wr_u64 lo;
  wr_i64 hi;
} agg_sum_i;

AGG_INLINE agg_i128 agg_sum_i_get(const agg_sum_i *s)
{
  return (agg_i128)((agg_u128)(wr_u64)s->hi << 64 | s->lo);
}

AGG_INLINE void agg_sum_i_put(agg_sum_i *s, agg_i128 v)
{
  s->lo = (wr_u64)v;
  s->hi = (wr_i64)(v >> 64);
}

AGG_INLINE void agg_sum_i_step(const agg_in *in, agg_sum_i *s, wr_i64 v)
{
  (void)in;
  agg_sum_i_put(s, agg_sum_i_get(s) + v);
}

AGG_INLINE void agg_sum_i_inverse(const agg_in *in, agg_sum_i *s, wr_i64 v)
{
  (void)in;
  agg_sum_i_put(s, agg_sum_i_get(s) - v);
}

AGG_INLINE void agg_sum_i_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_sum_i *s,
                                const agg_sum_i *from)
{
  (void)ctx, (void)spec;
  agg_sum_i_put(s, agg_sum_i_get(s) + agg_sum_i_get(from));
}

AGG_INLINE wr_status agg_i128_to_i64(agg_i128 v, wr_i64 *out)
{
  *out = (wr_i64)v;
  return *out == v ? WR_OK : WR_E_OVERFLOW;
}

AGG_INLINE wr_status agg_sum_i_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_sum_i *s,
                                    wr_i64 *out)
{
  (void)ctx, (void)spec;
  return agg_i128_to_i64(agg_sum_i_get(s), out);
}

typedef agg_exact agg_sum_f;

AGG_INLINE void agg_sum_f_step(const agg_in *in, agg_sum_f *s, wr_f64 v)
{
  agg_exact_add(in->ctx, s, v);
}

AGG_INLINE void agg_sum_f_inverse(const agg_in *in, agg_sum_f *s, wr_f64 v)
{
  agg_exact_add(in->ctx, s, -v);
}

AGG_INLINE void agg_sum_f_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_sum_f *s,
                                const agg_sum_f *from)
{
  (void)spec;
  agg_exact_merge(ctx, s, from);
}

AGG_INLINE wr_status agg_sum_f_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_sum_f *s,
                                    wr_f64 *out)
{
  (void)ctx, (void)spec;
  return agg_exact_read(s, out);
}

AGG_INLINE void agg_sum_f_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_sum_f *s)
{
  (void)spec;
  agg_exact_drop(ctx, s);
}
#define agg_sum_f_bytes agg_exact_bytes
#define agg_sum_f_save agg_exact_save
#define agg_sum_f_load agg_exact_load

#endif
