/* limit.c -- limits of rules: at most n rows of a key pass within a span, by the times of those that did.
 *
 * Only rows that passed are remembered, so a key holds about n times. The first lies in the cell, more
 * of them in a ring. Rows are compared by their absolute distance: under `order arrival` a row may
 * come before one that passed.
 */
#include "limit.h"

enum { RING_FIRST = 4 };

/* ---- the times of a key ---- */

static void ring_free(wr_limiter *l, wr_passed *p)
{
  if (p->cap) wr_slab_free(&l->slab, p->u.ring, (wr_u64)p->cap * sizeof(wr_ts));
  p->n = p->cap = p->head = 0;
}

static void ring_grow(wr_limiter *l, wr_passed *p)
{
  wr_u32 cap = p->cap ? 2 * p->cap : RING_FIRST, n = p->n;
  wr_ts *ring = wr_slab_alloc(&l->slab, (wr_u64)cap * sizeof *ring);
  for (wr_u32 i = 0; i < n; i++) ring[i] = *wr_passed_time(p, i);
  ring_free(l, p);
  p->u.ring = ring;
  p->cap = cap;
  p->n = n;
}

/* How many are before t. */
static wr_u32 before(wr_passed *p, wr_ts t)
{
  wr_u32 lo = 0, hi = p->n;
  while (lo < hi) {
    wr_u32 mid = lo + (hi - lo) / 2;
    if (*wr_passed_time(p, mid) < t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

void wr_passed_add(wr_limiter *l, wr_passed *p, wr_ts t)
{
  if (p->n == (p->cap ? p->cap : 1)) ring_grow(l, p);
  wr_u32 i = p->n++;
  for (; i && *wr_passed_time(p, i - 1) > t; i--) *wr_passed_time(p, i) = *wr_passed_time(p, i - 1);
  *wr_passed_time(p, i) = t;
}

static void forget(wr_limiter *l, wr_passed *p, wr_ts floor)
{
  while (p->n && *wr_passed_time(p, 0) <= floor) {
    p->n--;
    if (p->cap) p->head = (p->head + 1) & (p->cap - 1);
  }
  if (!p->n) ring_free(l, p);
}

/* Those less than a span away from t. */
static wr_u32 near(const wr_limiter *l, wr_passed *p, wr_ts t)
{
  wr_i64 span = l->reach.span;
  if (span < 0) return p->n;
  if (span == 0) return 0;
  wr_ts from = wr_reach_start(&l->reach, t), to = t > WR_TS_MAX - span ? WR_TS_MAX : t + span;
  return before(p, to) - before(p, from + 1);
}

/* ---- keys ---- */

wr_passed *wr_passed_new(wr_limiter *l, const wr_u64 *key, wr_u32 hash)
{
  wr_entry *e = wr_table_entry(&l->table, hash, key);
  wr_u32 no = e->no;
  if (no) return wr_passed_at(l, no);
  no = wr_table_cell(&l->table, key);
  wr_table_put(&l->table, e, hash, no);
  wr_passed_at(l, no)->live = 1;
  return wr_passed_at(l, no);
}

wr_i32 wr_limit_pass(wr_ctx *ctx, wr_i32 i, const wr_u64 *key, wr_u32 hash, wr_ts t, wr_i64 n)
{
  wr_limiter *l = wr_limiter_of(ctx, i);
  wr_ts floor = wr_reach_row(&l->reach, t);
  if (n <= 0) return 0;
  wr_passed *p = wr_passed_new(l, key, hash);
  l->sweep.writes++;
  if (floor != WR_TS_MIN) forget(l, p, floor);
  if (near(l, p, t) >= n) return 0;
  wr_passed_add(l, p, t);
  return 1;
}

typedef struct sweeper { wr_limiter *l; wr_ts floor; } sweeper;

static void key_free(wr_limiter *l, wr_u32 no)
{
  wr_passed *p = wr_passed_at(l, no);
  ring_free(l, p);
  p->live = 0;
  wr_keyed_remove(&l->table, no);
}

static void visit(void *arg, wr_u32 no)
{
  const sweeper *s = arg;
  wr_passed *p = wr_passed_at(s->l, no);
  if (!p->live) return;
  forget(s->l, p, s->floor);
  if (!p->n) key_free(s->l, no);
}

void wr_limiter_expire(wr_ctx *ctx, wr_limiter *l, wr_ts wm)
{
  (void)ctx;
  wr_ts floor = wr_reach_floor(&l->reach, wm);
  if (floor != WR_TS_MIN) wr_sweep_cells(&l->sweep, &l->table, visit, &(sweeper){ l, floor });
}

/* ---- life and size ---- */

void wr_limiter_clear(wr_limiter *l)
{
  const wr_table *t = &l->table;
  for (wr_u32 no = t->base; no < t->next; no++)
    if (wr_passed_at(l, no)->live) key_free(l, no);
}

wr_limiter *wr_limiter_new(wr_ctx *ctx, const wr_limit *d, const wr_slot *config)
{
  wr_limiter *l = wr_heap_alloc(ctx, sizeof *l);
  memset(l, 0, sizeof *l);
  l->def = d;
  l->pool.ctx = ctx;
  l->slab.pool = &l->pool;
  l->reach = wr_reach_of(config, d->stage);
  if (!wr_keyed_layout(&l->lay, &l->pool, d->name, d->key, d->nkey, 0, sizeof(wr_passed))) {
    wr_limiter_free(ctx, l);
    return NULL;
  }
  wr_table_init(&l->table, &l->lay, &l->pool, 0);
  return l;
}

void wr_limiter_free(wr_ctx *ctx, wr_limiter *l)
{
  if (wr_owns_apart(&l->table, &l->slab)) wr_limiter_clear(l);
  wr_table_free(&l->table);
  wr_slab_close(&l->slab);
  wr_layout_free(&l->lay, &l->pool);
  wr_heap_free(ctx, l, sizeof *l);
}

wr_i64 wr_limiter_keys(const wr_limiter *l) { return l->table.used; }

wr_u64 wr_limiter_bytes(const wr_limiter *l)
{
  return sizeof *l + l->pool.bytes - wr_table_untouched(&l->table);
}
