/* minmax.h -- smallest and largest values. Equal values are equal bytes, so order cannot matter. */
#ifndef WEIR_AGG_MINMAX_H
#define WEIR_AGG_MINMAX_H
#include "weir/agg/value.h"

#define AGG_min_I min_i, PLAIN
#define AGG_min_D min_i, PLAIN
#define AGG_min_T min_i, PLAIN
#define AGG_min_U min_i, PLAIN
#define AGG_min_F min_f, PLAIN
#define AGG_min_S min_s, OWNS
#define AGG_max_I max_i, PLAIN
#define AGG_max_D max_i, PLAIN
#define AGG_max_T max_i, PLAIN
#define AGG_max_U max_i, PLAIN
#define AGG_max_F max_f, PLAIN
#define AGG_max_S max_s, OWNS

/* One extreme: better(a, b) is whether a takes the place of b. */
#define AGG_EXTREME(family, type, better) \
  typedef struct agg_##family { \
    type v; \
    wr_u64 has; \
  } agg_##family; \
  AGG_INLINE void agg_##family##_step(const agg_in *in, agg_##family *s, type v) \
  { \
    (void)in; \
    if (!s->has || better(v, s->v)) \
      s->v = v; \
    s->has = 1; \
  } \
  AGG_INLINE void agg_##family##_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_##family *s, \
                                       const agg_##family *from) \
  { \
    (void)ctx, (void)spec; \
    if (from->has) \
      agg_##family##_step(0, s, from->v); \
  } \
  AGG_INLINE wr_status agg_##family##_read(wr_ctx *ctx, const wr_aggspec *spec, \
                                           const agg_##family *s, type *out) \
  { \
    (void)ctx, (void)spec; \
    *out = s->v; \
    return s->has ? WR_OK : WR_NULL; \
  }
#define AGG_LESS(a, b) ((a) < (b))
#define AGG_MORE(a, b) ((a) > (b))
AGG_EXTREME(min_i, wr_i64, AGG_LESS)
AGG_EXTREME(min_f, wr_f64, AGG_LESS)
AGG_EXTREME(max_i, wr_i64, AGG_MORE)
AGG_EXTREME(max_f, wr_f64, AGG_MORE)

typedef struct agg_min_s {
  agg_val v;
  wr_u64 has;
} agg_min_s;
typedef agg_min_s agg_max_s;

/* sign: 1 for the smallest, -1 for the largest. */
AGG_INLINE void agg_extreme_s(wr_ctx *ctx, agg_min_s *s, const char *p, wr_u32 n, int sign)
{
  if (s->has && sign * agg_text_cmp(p, n, s->v.u.p, s->v.len) >= 0)
    return;
  agg_text_set(ctx, &s->v, p, n);
  s->has = 1;
}

AGG_INLINE void agg_min_s_step(const agg_in *in, agg_min_s *s, wr_str v)
{
  agg_extreme_s(in->ctx, s, v.p, v.len, 1);
}

AGG_INLINE void agg_max_s_step(const agg_in *in, agg_max_s *s, wr_str v)
{
  agg_extreme_s(in->ctx, s, v.p, v.len, -1);
}

AGG_INLINE void agg_min_s_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_min_s *s,
                                const agg_min_s *from)
{
  (void)spec;
  if (from->has)
    agg_extreme_s(ctx, s, from->v.u.p, from->v.len, 1);
}

AGG_INLINE void agg_max_s_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_max_s *s,
                                const agg_max_s *from)
{
  (void)spec;
  if (from->has)
    agg_extreme_s(ctx, s, from->v.u.p, from->v.len, -1);
}

AGG_INLINE wr_status agg_min_s_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_min_s *s,
                                    wr_str *out)
{
  (void)ctx, (void)spec;
  *out = wr_slot_str(agg_val_slot(&s->v));
  return s->has ? WR_OK : WR_NULL;
}
#define agg_max_s_read agg_min_s_read

AGG_INLINE void agg_min_s_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_min_s *s)
{
  (void)spec;
  agg_val_drop(ctx, &s->v);
  s->has = 0;
}
#define agg_max_s_drop agg_min_s_drop

AGG_INLINE wr_u64 agg_min_s_bytes(const agg_min_s *s)
{
  return s->v.cap;
}
#define agg_max_s_bytes agg_min_s_bytes
void agg_min_s_save(const wr_aggspec *, const agg_min_s *, struct wr_saver *);
void agg_min_s_load(wr_ctx *, const wr_aggspec *, agg_min_s *, struct wr_loader *);
#define agg_max_s_save agg_min_s_save
#define agg_max_s_load agg_min_s_load

#endif
