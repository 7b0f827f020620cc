/* agg_collect.c -- the values with the smallest positions. Below the maximum items are appended;
 * the item that reaches it makes them a heap with the last position in front, which later ones
 * replace. */
#include "agg_order.h"
#include "weir/agg/collect.h"

static void sift(agg_item *e, wr_u32 n, wr_u32 i)
{
  agg_item x = e[i];
  for (wr_u32 child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && agg_at_before(&e[child].at, &e[child + 1].at))
      child++;
    if (!agg_at_before(&x.at, &e[child].at))
      break;
    e[i] = e[child];
  }
  e[i] = x;
}

static void set(wr_ctx *ctx, const wr_type *t, agg_collect *s, agg_item *e, agg_at at, wr_slot v)
{
  s->text -= e->v.cap;
  agg_val_set(ctx, t, &e->v, v);
  s->text += e->v.cap;
  e->at = at;
}

static void make_room(wr_ctx *ctx, agg_collect *s, wr_u32 max)
{
  wr_u64 cap = s->cap ? 2ULL * s->cap : 4, was = sizeof *s->e * (wr_u64)s->cap;
  cap = cap < max ? cap : max;
  s->e = s->cap ? wr_heap_realloc(ctx, s->e, was, sizeof *s->e * cap)
                : wr_heap_alloc(ctx, sizeof *s->e * cap);
  s->cap = (wr_u32)cap;
}

void agg_collect_add(wr_ctx *ctx, const wr_aggspec *spec, agg_collect *s, agg_at at, wr_slot v)
{
  wr_u32 max = agg_max_of(spec, AGG_COLLECT_MAX);
  if (s->n < max) {
    if (s->n == s->cap)
      make_room(ctx, s, max);
    memset(&s->e[s->n], 0, sizeof s->e[0]);
    set(ctx, spec->type, s, &s->e[s->n++], at, v);
    for (wr_u32 i = s->n == max ? s->n / 2 : 0; i-- > 0;)
      sift(s->e, s->n, i);
  } else if (agg_at_before(&at, &s->e[0].at)) {
    set(ctx, spec->type, s, &s->e[0], at, v);
    sift(s->e, s->n, 0);
  }
}

void agg_collect_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_collect *s, const agg_collect *from)
{
  for (wr_u32 i = 0; i < from->n; i++)
    agg_collect_add(ctx, spec, s, from->e[i].at, agg_val_slot(&from->e[i].v));
}

void agg_collect_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_collect *s)
{
  (void)spec;
  for (wr_u32 i = 0; i < s->n; i++)
    agg_val_drop(ctx, &s->e[i].v);
  if (s->cap)
    wr_heap_free(ctx, s->e, sizeof *s->e * (wr_u64)s->cap);
  memset(s, 0, sizeof *s);
}

wr_u64 agg_collect_bytes(const agg_collect *s)
{
  return s->text + sizeof *s->e * (wr_u64)s->cap;
}

static bool earlier(const void *arg, const void *a, const void *b)
{
  (void)arg;
  return agg_at_before(&((const agg_item *)a)->at, &((const agg_item *)b)->at);
}

wr_status agg_collect_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_collect *s, wr_list *out)
{
  (void)spec;
  if (!s->n)
    return WR_NULL;
  const void **p = wr_alloc(ctx, (wr_u32)sizeof *p * s->n);
  wr_slot *v = wr_alloc(ctx, (wr_u32)sizeof *v * s->n);
  wr_u32 n = s->n;
  for (wr_u32 i = 0; i < n; i++)
    p[i] = &s->e[i];
  agg_order(p, n, earlier, 0);
  for (wr_u32 i = 0; i < s->n; i++)
    v[i] = agg_val_slot(&((const agg_item *)agg_order_next(p, &n, earlier, 0))->v);
  *out = (wr_list){v, s->n, 1};
  return WR_OK;
}
