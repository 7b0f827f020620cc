/* first_last.h -- the value of one row, chosen by position (first, last) or by a second argument
 * and then by position (min_by, max_by). The chosen row's position is kept, so rows come in any
 * order. */
#ifndef WEIR_AGG_FIRST_LAST_H
#define WEIR_AGG_FIRST_LAST_H
#include "weir/agg/value.h"

#define AGG_first_X first, OWNS
#define AGG_last_X last, OWNS
#define AGG_min_by_XI min_by_i, OWNS
#define AGG_min_by_XD min_by_i, OWNS
#define AGG_min_by_XT min_by_i, OWNS
#define AGG_min_by_XU min_by_i, OWNS
#define AGG_min_by_XF min_by_f, OWNS
#define AGG_min_by_XS min_by_s, OWNS
#define AGG_max_by_XI max_by_i, OWNS
#define AGG_max_by_XD max_by_i, OWNS
#define AGG_max_by_XT max_by_i, OWNS
#define AGG_max_by_XU max_by_i, OWNS
#define AGG_max_by_XF max_by_f, OWNS
#define AGG_max_by_XS max_by_s, OWNS

typedef struct agg_pick {
  agg_at at;
  agg_val v;
  wr_u64 has;
} agg_pick;
typedef agg_pick agg_first, agg_last;

void agg_first_save(const wr_aggspec *, const agg_pick *, struct wr_saver *);
void agg_first_load(wr_ctx *, const wr_aggspec *, agg_pick *, struct wr_loader *);
#define agg_last_save agg_first_save
#define agg_last_load agg_first_load

AGG_INLINE void agg_pick_take(wr_ctx *ctx, const wr_type *t, agg_pick *s, agg_at at, wr_slot v)
{
  agg_val_set(ctx, t, &s->v, v);
  s->at = at;
  s->has = 1;
}

AGG_INLINE void agg_first_step(const agg_in *in, agg_first *s, wr_slot v)
{
  agg_at at = agg_at_of(in);
  if (!s->has || agg_at_before(&at, &s->at))
    agg_pick_take(in->ctx, in->spec->type, s, at, v);
}

AGG_INLINE void agg_last_step(const agg_in *in, agg_last *s, wr_slot v)
{
  agg_at at = agg_at_of(in);
  if (!s->has || agg_at_before(&s->at, &at))
    agg_pick_take(in->ctx, in->spec->type, s, at, v);
}

AGG_INLINE void agg_first_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_first *s,
                                const agg_first *from)
{
  if (from->has && (!s->has || agg_at_before(&from->at, &s->at)))
    agg_pick_take(ctx, spec->type, s, from->at, agg_val_slot(&from->v));
}

AGG_INLINE void agg_last_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_last *s,
                               const agg_last *from)
{
  if (from->has && (!s->has || agg_at_before(&s->at, &from->at)))
    agg_pick_take(ctx, spec->type, s, from->at, agg_val_slot(&from->v));
}

AGG_INLINE wr_status agg_first_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_pick *s,
                                    void *out)
{
  (void)ctx;
  agg_store(spec->type, agg_val_slot(&s->v), out);
  return s->has ? WR_OK : WR_NULL;
}
#define agg_last_read agg_first_read

AGG_INLINE void agg_first_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_pick *s)
{
  (void)spec;
  agg_val_drop(ctx, &s->v);
  s->has = 0;
}
#define agg_last_drop agg_first_drop

AGG_INLINE wr_u64 agg_first_bytes(const agg_pick *s)
{
  return s->v.cap;
}
#define agg_last_bytes agg_first_bytes

/* ---- by a second argument ---- */

typedef struct agg_by {
  agg_pick pick;
  agg_val key;
} agg_by;
typedef agg_by agg_min_by_i, agg_max_by_i, agg_min_by_f, agg_max_by_f, agg_min_by_s, agg_max_by_s;

static const wr_type agg_type_int = {.kind = WR_INT}, agg_type_float = {.kind = WR_FLOAT},
                     agg_type_text = {.kind = WR_STR};

void agg_by_save(const wr_aggspec *, const wr_type *key, const agg_by *, struct wr_saver *);
void agg_by_load(wr_ctx *, const wr_aggspec *, const wr_type *key, agg_by *, struct wr_loader *);

/* key: the kind of the second argument. sign: 1 the smallest wins, -1 the largest. */
AGG_INLINE void agg_by_offer(wr_ctx *ctx, const wr_type *t, const wr_type *key, int sign, agg_by *s,
                             agg_at at, wr_slot v, wr_slot k)
{
  int c = s->pick.has ? sign * agg_slot_cmp(key, k, agg_val_slot(&s->key)) : -1;
  if (c > 0 || (c == 0 && !agg_at_before(&at, &s->pick.at)))
    return;
  agg_val_set(ctx, key, &s->key, k);
  agg_pick_take(ctx, t, &s->pick, at, v);
}

#define AGG_BY(family, ktype, to_slot, kind, sign) \
  AGG_INLINE void agg_##family##_step(const agg_in *in, agg_by *s, wr_slot v, ktype k) \
  { \
    agg_by_offer(in->ctx, in->spec->type, &kind, sign, s, agg_at_of(in), v, to_slot(k, 0)); \
  } \
  AGG_INLINE void agg_##family##_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_by *s, \
                                       const agg_by *from) \
  { \
    if (from->pick.has) \
      agg_by_offer(ctx, spec->type, &kind, sign, s, from->pick.at, agg_val_slot(&from->pick.v), \
                   agg_val_slot(&from->key)); \
  } \
  AGG_INLINE wr_status agg_##family##_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_by *s, \
                                           void *out) \
  { \
    return agg_first_read(ctx, spec, &s->pick, out); \
  } \
  AGG_INLINE void agg_##family##_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_by *s) \
  { \
    agg_first_drop(ctx, spec, &s->pick); \
    agg_val_drop(ctx, &s->key); \
  } \
  AGG_INLINE wr_u64 agg_##family##_bytes(const agg_by *s) \
  { \
    return (wr_u64)s->pick.v.cap + s->key.cap; \
  } \
  AGG_INLINE void agg_##family##_save(const wr_aggspec *spec, const agg_by *s, struct wr_saver *to) \
  { \
    agg_by_save(spec, &kind, s, to); \
  } \
  AGG_INLINE void agg_##family##_load(wr_ctx *ctx, const wr_aggspec *spec, agg_by *s, \
                                      struct wr_loader *from) \
  { \
    agg_by_load(ctx, spec, &kind, s, from); \
  }
AGG_BY(min_by_i, wr_i64, wr_i64_slot, agg_type_int, 1)
AGG_BY(min_by_f, wr_f64, wr_f64_slot, agg_type_float, 1)
AGG_BY(min_by_s, wr_str, wr_str_slot, agg_type_text, 1)
AGG_BY(max_by_i, wr_i64, wr_i64_slot, agg_type_int, -1)
AGG_BY(max_by_f, wr_f64, wr_f64_slot, agg_type_float, -1)
AGG_BY(max_by_s, wr_str, wr_str_slot, agg_type_text, -1)

#endif
