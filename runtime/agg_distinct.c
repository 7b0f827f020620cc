/* agg_distinct.c -- a multiset of values: open addressing, linear probing, removal by moving back.
 * An entry with count 0 is free. The seed is the address of the first table, so that nobody outside
 * can choose values that collide; nothing read depends on the order of the table. */
#include "agg_order.h"
#include "weir/agg/distinct.h"

enum { FIRST_CAP = 4 };

static wr_u32 hash_of(const wr_type *t, const agg_set *s, wr_slot v)
{
  wr_u64 h = agg_is_text(t) ? wr_hash_slot(t, v, s->seed) : agg_mix((wr_u64)v.u.i ^ s->seed);
  return (wr_u32)(h >> 32 ^ h);
}

static wr_slot slot_of(const wr_type *t, const agg_entry *e)
{
  wr_slot v = wr_i64_slot(0, 0);
  v.u.i = e->u.i;
  v.len = agg_is_text(t) ? e->len : 0;
  return v;
}

static bool same(const wr_type *t, const agg_entry *e, wr_slot v, wr_u32 hash)
{
  if (!agg_is_text(t))
    return e->u.i == v.u.i;
  return e->hash == hash && e->len == v.len && (!v.len || !memcmp(e->u.p, v.u.p, v.len));
}

/* The value's entry, or the free one where it belongs. */
static agg_entry *find(const wr_type *t, const agg_set *s, wr_slot v, wr_u32 hash)
{
  wr_u32 i = hash & (s->cap - 1);
  while (s->e[i].count && !same(t, &s->e[i], v, hash))
    i = (i + 1) & (s->cap - 1);
  return &s->e[i];
}

static void resize(wr_ctx *ctx, agg_set *s, wr_u32 cap)
{
  agg_entry *old = s->e;
  wr_u32 had = s->cap;
  s->e = wr_heap_alloc(ctx, sizeof *s->e * (wr_u64)cap);
  memset(s->e, 0, sizeof *s->e * (size_t)cap);
  s->cap = cap;
  if (!had) {
    s->seed = agg_mix((wr_u64)(uintptr_t)s->e);
    return;
  }
  for (wr_u32 k = 0; k < had; k++) {
    wr_u32 i = old[k].hash & (cap - 1);
    while (old[k].count && s->e[i].count)
      i = (i + 1) & (cap - 1);
    if (old[k].count)
      s->e[i] = old[k];
  }
  wr_heap_free(ctx, old, sizeof *old * (wr_u64)had);
}

static void let_go(wr_ctx *ctx, agg_set *s)
{
  for (wr_u32 i = 0; s->text && i < s->cap; i++)
    if (s->e[i].count && s->e[i].len) {   /* only text has a length */
      s->text -= s->e[i].len;
      wr_heap_free(ctx, s->e[i].u.p, s->e[i].len);
    }
  if (s->cap)
    wr_heap_free(ctx, s->e, sizeof *s->e * (wr_u64)s->cap);
  s->e = 0;
  s->n = s->cap = 0;
}

static void insert(wr_ctx *ctx, const wr_type *t, agg_set *s, agg_entry *e, wr_slot v, wr_u32 hash)
{
  e->hash = hash;
  e->len = 0;
  e->u.i = v.u.i;
  if (agg_is_text(t)) {
    e->len = v.len;
    e->u.p = v.len ? wr_heap_alloc(ctx, v.len) : 0;
    if (v.len)
      memcpy(e->u.p, v.u.p, v.len);
    s->text += v.len;
  }
  s->n++;
}

void agg_set_add(wr_ctx *ctx, const wr_type *t, agg_set *s, wr_slot v, wr_u64 count, wr_u32 max)
{
  s->rows += count;
  if (s->full)
    return;
  if ((wr_u64)s->n * 4 >= (wr_u64)s->cap * 3)
    resize(ctx, s, s->cap ? s->cap * 2 : FIRST_CAP);
  wr_u32 hash = hash_of(t, s, v);
  agg_entry *e = find(t, s, v, hash);
  if (!e->count) {
    if (s->n >= max) {
      let_go(ctx, s);
      s->full = 1;
      return;
    }
    insert(ctx, t, s, e, v, hash);
  }
  e->count += count;
}

/* Takes entry i out: those behind it that could stand there move back. */
static void take_out(agg_set *s, wr_u32 i)
{
  wr_u32 mask = s->cap - 1;
  for (wr_u32 k = (i + 1) & mask; s->e[k].count; k = (k + 1) & mask) {
    wr_u32 home = s->e[k].hash & mask;
    if (((k - home) & mask) >= ((k - i) & mask)) {
      s->e[i] = s->e[k];
      i = k;
    }
  }
  memset(&s->e[i], 0, sizeof s->e[i]);
  s->n--;
}

void agg_set_remove(wr_ctx *ctx, const wr_type *t, agg_set *s, wr_slot v)
{
  if (--s->rows == 0) {
    let_go(ctx, s);
    s->full = 0;
  }
  if (!s->cap)
    return;
  agg_entry *e = find(t, s, v, hash_of(t, s, v));
  if (!e->count || --e->count)
    return;
  if (e->len) {
    s->text -= e->len;
    wr_heap_free(ctx, e->u.p, e->len);
  }
  take_out(s, (wr_u32)(e - s->e));
  if (s->cap > FIRST_CAP && s->n < s->cap / 8)
    resize(ctx, s, s->cap / 2);
}

void agg_set_merge(wr_ctx *ctx, const wr_type *t, agg_set *s, const agg_set *from, wr_u32 max)
{
  if (from->full) {
    let_go(ctx, s);
    s->full = 1;
    s->rows += from->rows;
    return;
  }
  for (wr_u32 i = 0; i < from->cap; i++)
    if (from->e[i].count)
      agg_set_add(ctx, t, s, slot_of(t, &from->e[i]), from->e[i].count, max);
}

void agg_set_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_set *s)
{
  (void)spec;
  let_go(ctx, s);
  memset(s, 0, sizeof *s);
}

wr_u64 agg_set_bytes(const agg_set *s)
{
  return s->text + sizeof *s->e * (wr_u64)s->cap;
}

/* ---- reading ---- */

static bool by_value(const void *type, const void *a, const void *b)
{
  return agg_slot_cmp(type, slot_of(type, a), slot_of(type, b)) < 0;
}

static bool by_count(const void *type, const void *a, const void *b)
{
  const agg_entry *x = a, *y = b;
  return x->count != y->count ? x->count > y->count : by_value(type, a, b);
}

/* The first k entries in an order, as a list. */
static wr_status read_first(wr_ctx *ctx, const wr_type *t, const agg_set *s, wr_u32 k,
                            agg_before *before, wr_list *out)
{
  if (s->full)
    return WR_E_LIMIT;
  if (!s->n)
    return WR_NULL;
  const void **p = wr_alloc(ctx, (wr_u32)sizeof *p * s->n);
  wr_u32 n = 0;
  for (wr_u32 i = 0; i < s->cap; i++)
    if (s->e[i].count)
      p[n++] = &s->e[i];
  k = k < n ? k : n;
  wr_slot *v = wr_alloc(ctx, (wr_u32)sizeof *v * k);
  agg_order(p, n, before, t);
  for (wr_u32 i = 0; i < k; i++)
    v[i] = slot_of(t, agg_order_next(p, &n, before, t));
  *out = (wr_list){v, k, 1};
  return WR_OK;
}

wr_status agg_collect_distinct_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_set *s,
                                    wr_list *out)
{
  return read_first(ctx, spec->type, s, s->n, by_value, out);
}

wr_status agg_top_k_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_set *s, wr_list *out)
{
  wr_i64 k = spec->opt[0].u.i;
  wr_u32 first = k < 0 ? 0 : k < AGG_MAX_MAX ? (wr_u32)k : AGG_MAX_MAX;
  return read_first(ctx, spec->type, s, first, by_count, out);
}
