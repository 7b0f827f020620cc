/* agg_save.c -- states that own memory, in checkpoints: what they are, not where they lie.
 *
 * A loader may hold anything; what a state relies on (bounds, order, sizes) is checked here, and a
 * state that was only begun can still be dropped.
 */
#include "agg_order.h"
#include "agg_exact.h"
#include "save.h"
#include "weir/agg/approx.h"
#include "weir/agg/avg.h"
#include "weir/agg/collect.h"
#include "weir/agg/distinct.h"
#include "weir/agg/first_last.h"
#include "weir/agg/minmax.h"
#include "weir/agg/moments.h"
#include "weir/agg/quantile.h"

static void save_at(wr_saver *to, const agg_at *at)
{
  wr_save_i64(to, at->time);
  wr_save_pos(to, &at->pos);
}

static agg_at load_at(wr_ctx *ctx, wr_loader *from)
{
  agg_at at = {.time = wr_load_i64(from)};
  at.pos = wr_load_pos(ctx, from);
  return at;
}

/* A value that is there: null is nonsense. */
static bool load_val(wr_ctx *ctx, wr_loader *from, const wr_type *t, wr_slot *v)
{
  *v = wr_load_slot(ctx, from, t);
  if (v->st)
    from->bad = true;
  return !from->bad;
}

/* ---- exact sums ---- */

static const wr_u64 *limbs(const agg_exact *x)
{
  return x->n > AGG_EXACT_INLINE ? (const wr_u64 *)(uintptr_t)x->w[0] : x->w;
}

void agg_exact_save(const wr_aggspec *spec, const agg_exact *x, wr_saver *to)
{
  (void)spec;
  wr_save_u32(to, x->n);
  wr_save_u32(to, (wr_u32)x->base);
  wr_save_bytes(to, limbs(x), 8ULL * x->n);
}

void agg_exact_load(wr_ctx *ctx, const wr_aggspec *spec, agg_exact *x, wr_loader *from)
{
  (void)spec;
  wr_u32 n = wr_load_u32(from);
  wr_i32 base = (wr_i32)wr_load_u32(from);
  if (n && (n < AGG_EXACT_INLINE || n > AGG_BIG - 6 || base < -2400 || base > 2100))
    from->bad = true;
  const char *p = from->bad ? 0 : wr_load_bytes(from, 8ULL * n);
  if (!p || !n)
    return;
  x->base = base;
  x->n = n;
  wr_u64 *w = x->w;
  if (n > AGG_EXACT_INLINE) {
    w = wr_heap_alloc(ctx, 8ULL * n);
    x->w[0] = (wr_u64)(uintptr_t)w;
  }
  memcpy(w, p, 8ULL * n);
}

void agg_avg_f_save(const wr_aggspec *spec, const agg_avg_f *s, wr_saver *to)
{
  wr_save_i64(to, (wr_i64)s->n);
  agg_exact_save(spec, &s->sum, to);
}

void agg_avg_f_load(wr_ctx *ctx, const wr_aggspec *spec, agg_avg_f *s, wr_loader *from)
{
  s->n = (wr_u64)wr_load_i64(from);
  agg_exact_load(ctx, spec, &s->sum, from);
}

void agg_moments_save(const wr_aggspec *spec, const agg_moments *s, wr_saver *to)
{
  wr_save_i64(to, (wr_i64)s->n);
  agg_exact_save(spec, &s->x, to);
  agg_exact_save(spec, &s->xx, to);
}

void agg_moments_load(wr_ctx *ctx, const wr_aggspec *spec, agg_moments *s, wr_loader *from)
{
  s->n = (wr_u64)wr_load_i64(from);
  agg_exact_load(ctx, spec, &s->x, from);
  agg_exact_load(ctx, spec, &s->xx, from);
}

void agg_corr_save(const wr_aggspec *spec, const agg_corr *s, wr_saver *to)
{
  const agg_exact *all[] = {&s->x, &s->y, &s->xx, &s->yy, &s->xy};
  wr_save_i64(to, (wr_i64)s->n);
  for (int i = 0; i < 5; i++)
    agg_exact_save(spec, all[i], to);
}

void agg_corr_load(wr_ctx *ctx, const wr_aggspec *spec, agg_corr *s, wr_loader *from)
{
  agg_exact *all[] = {&s->x, &s->y, &s->xx, &s->yy, &s->xy};
  s->n = (wr_u64)wr_load_i64(from);
  for (int i = 0; i < 5; i++)
    agg_exact_load(ctx, spec, all[i], from);
}

/* ---- chosen values ---- */

void agg_first_save(const wr_aggspec *spec, const agg_pick *s, wr_saver *to)
{
  wr_save_u8(to, s->has != 0);
  if (!s->has)
    return;
  save_at(to, &s->at);
  wr_save_slot(to, spec->type, agg_val_slot(&s->v));
}

void agg_first_load(wr_ctx *ctx, const wr_aggspec *spec, agg_pick *s, wr_loader *from)
{
  wr_slot v;
  if (!wr_load_u8(from))
    return;
  agg_at at = load_at(ctx, from);
  if (load_val(ctx, from, spec->type, &v))
    agg_pick_take(ctx, spec->type, s, at, v);
}

void agg_by_save(const wr_aggspec *spec, const wr_type *key, const agg_by *s, wr_saver *to)
{
  agg_first_save(spec, &s->pick, to);
  if (s->pick.has)
    wr_save_slot(to, key, agg_val_slot(&s->key));
}

void agg_by_load(wr_ctx *ctx, const wr_aggspec *spec, const wr_type *key, agg_by *s, wr_loader *from)
{
  wr_slot k;
  agg_first_load(ctx, spec, &s->pick, from);
  if (s->pick.has && load_val(ctx, from, key, &k))
    agg_val_set(ctx, key, &s->key, k);
}

void agg_min_s_save(const wr_aggspec *spec, const agg_min_s *s, wr_saver *to)
{
  (void)spec;
  wr_save_u8(to, s->has != 0);
  if (s->has)
    wr_save_str(to, wr_slot_str(agg_val_slot(&s->v)));
}

void agg_min_s_load(wr_ctx *ctx, const wr_aggspec *spec, agg_min_s *s, wr_loader *from)
{
  (void)spec;
  if (!wr_load_u8(from))
    return;
  wr_str v = wr_load_str(from);
  agg_text_set(ctx, &s->v, v.p, v.len);
  s->has = 1;
}

/* ---- many values ---- */

void agg_collect_save(const wr_aggspec *spec, const agg_collect *s, wr_saver *to)
{
  wr_save_u32(to, s->n);
  for (wr_u32 i = 0; i < s->n; i++) {
    save_at(to, &s->e[i].at);
    wr_save_slot(to, spec->type, agg_val_slot(&s->e[i].v));
  }
}

void agg_collect_load(wr_ctx *ctx, const wr_aggspec *spec, agg_collect *s, wr_loader *from)
{
  wr_slot v;
  for (wr_u32 n = wr_load_u32(from); n && !from->bad; n--) {
    agg_at at = load_at(ctx, from);
    if (load_val(ctx, from, spec->type, &v))
      agg_collect_add(ctx, spec, s, at, v);
  }
}

/* How values are compared is the argument's type; its bits are what is kept. */
void agg_set_save(const wr_aggspec *spec, const agg_set *s, wr_saver *to)
{
  bool text = agg_is_text(spec->type);
  wr_save_i64(to, (wr_i64)s->rows);
  wr_save_u8(to, s->full != 0);
  wr_save_u32(to, s->n);
  for (wr_u32 i = 0; i < s->cap; i++) {
    const agg_entry *e = &s->e[i];
    if (!e->count)
      continue;
    wr_save_i64(to, (wr_i64)e->count);
    if (text)
      wr_save_str(to, (wr_str){e->u.p, e->len, 0});
    else
      wr_save_i64(to, e->u.i);
  }
}

void agg_set_load(wr_ctx *ctx, const wr_aggspec *spec, agg_set *s, wr_loader *from)
{
  wr_u64 rows = (wr_u64)wr_load_i64(from);
  s->full = wr_load_u8(from) != 0;
  for (wr_u32 n = wr_load_u32(from); n && !from->bad; n--) {
    wr_u64 count = (wr_u64)wr_load_i64(from);
    wr_slot v = agg_is_text(spec->type) ? wr_str_slot(wr_load_str(from), 0)
                                        : wr_i64_slot(wr_load_i64(from), 0);
    if (!count || s->full)
      from->bad = true;
    else if (!from->bad)
      agg_set_add(ctx, spec->type, s, v, count, AGG_MAX_MAX);
  }
  s->rows = rows;
}

/* ---- sketches ---- */

void agg_approx_distinct_save(const wr_aggspec *spec, const agg_approx_distinct *s, wr_saver *to)
{
  (void)spec;
  bool array = s->cap == AGG_HLL_REGS;
  wr_save_u8(to, array);
  wr_save_u32(to, array ? AGG_HLL_REGS : s->n);
  wr_save_bytes(to, s->mem, array ? AGG_HLL_REGS : 4ULL * s->n);
}

static bool ranks_ok(const wr_u8 *rank)
{
  bool ok = true;
  for (int i = 0; i < AGG_HLL_REGS; i++)
    ok &= rank[i] <= 64 - AGG_HLL_BITS + 1;
  return ok;
}

static bool list_ok(const wr_u32 *list, wr_u32 n)
{
  for (wr_u32 i = 0; i < n; i++)
    if (list[i] >> 8 >= AGG_HLL_REGS || (list[i] & 255) > 64 - AGG_HLL_BITS + 1 ||
        (i && list[i] >> 8 <= list[i - 1] >> 8))
      return false;
  return true;
}

void agg_approx_distinct_load(wr_ctx *ctx, const wr_aggspec *spec, agg_approx_distinct *s,
                              wr_loader *from)
{
  (void)spec;
  bool array = wr_load_u8(from) != 0;
  wr_u32 n = wr_load_u32(from);
  if (array ? n != AGG_HLL_REGS : n > AGG_HLL_SPARSE)
    from->bad = true;
  wr_u64 bytes = array ? AGG_HLL_REGS : 4ULL * n;
  const char *p = from->bad ? 0 : wr_load_bytes(from, bytes);
  if (!p || !n)
    return;
  s->mem = wr_heap_alloc(ctx, bytes);
  memcpy(s->mem, p, bytes);
  s->cap = n;
  s->n = array ? 0 : n;
  if (array ? !ranks_ok(s->mem) : !list_ok(s->mem, n))
    from->bad = true;
}

void agg_quantile_save(const wr_aggspec *spec, const agg_quantile *s, wr_saver *to)
{
  (void)spec;
  wr_save_i64(to, (wr_i64)s->n);
  wr_save_i64(to, (wr_i64)s->zero);
  for (int k = 0; k < 2; k++) {
    wr_save_u32(to, (wr_u32)s->side[k].lo);
    wr_save_u32(to, (wr_u32)s->side[k].n);
    wr_save_bytes(to, s->side[k].count, 8ULL * (wr_u32)s->side[k].n);
  }
}

void agg_quantile_load(wr_ctx *ctx, const wr_aggspec *spec, agg_quantile *s, wr_loader *from)
{
  (void)spec;
  enum { OCTAVE = 1 << AGG_BUCKET_BITS };
  s->n = (wr_u64)wr_load_i64(from);
  s->zero = (wr_u64)wr_load_i64(from);
  for (int k = 0; k < 2; k++) {
    wr_u32 lo = wr_load_u32(from), n = wr_load_u32(from);
    if (n && (lo < (AGG_BUCKET_FIRST & ~(OCTAVE - 1)) || lo > AGG_BUCKET_LAST || lo % OCTAVE || n % OCTAVE ||
              n > AGG_BUCKET_LAST + OCTAVE - lo))
      from->bad = true;
    const char *p = from->bad ? 0 : wr_load_bytes(from, 8ULL * n);
    if (!p || !n)
      continue;
    s->side[k] = (agg_buckets){wr_heap_alloc(ctx, 8ULL * n), (wr_i32)lo, (wr_i32)n};
    memcpy(s->side[k].count, p, 8ULL * n);
  }
}
