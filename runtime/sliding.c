/* sliding.c -- windows (t - d, t] of the rows of a key: keys come and go, rows are added and read.
 *
 * Rows come in the order of their times; what a row sees are the events before it and itself, so peers
 * of equal time that come later are not seen. Under `order arrival` a row may be older than others;
 * events are kept sorted then, until they are two spans older than the newest row (keep.h).
 */
#include "sliding.h"

enum { MANY_EVENTS = 1 << 14 };           /* that the cache may not hold, however few the keys are */

/* ---- a key's window ---- */

wr_window *wr_window_of(wr_slider *s, const wr_u64 *key, wr_u32 hash)
{
  wr_entry *e = wr_table_entry(&s->table, hash, key);
  wr_u32 no = e->no;
  if (no) return wr_window_at(s, no);
  no = wr_table_cell(&s->table, key);
  wr_table_put(&s->table, e, hash, no);
  wr_window *w = wr_window_at(s, no);
  w->live = 1;
  wr_follow_init(s, w);
  return w;
}

static void first_leaves(wr_slider *s, wr_window *w)
{
  wr_follow_first(s, w);
  wr_ring_pop(s, w);
}

static void forget(wr_slider *s, wr_window *w, wr_ts floor)
{
  while (w->n && wr_ring_time(s, w, 0) <= floor) first_leaves(s, w);
}

static void window_close(wr_slider *s, wr_u32 no)
{
  wr_window *w = wr_window_at(s, no);
  wr_follow_drop(s, w);
  while (w->n) wr_ring_pop(s, w);
  wr_ring_fit(s, w);
  w->live = 0;
  wr_keyed_remove(&s->table, no);
}

void wr_window_add(wr_slider *s, wr_window *w, wr_ts t, const wr_pos *pos, const wr_slot *arg)
{
  if (w->n >= WR_RING_MOST) {
    wr_error(s->pool.ctx, WR_EXIT_DATA, "is there a key that most rows have in common?",
             "sliding window %s: a key with more than %d events", s->def->name, WR_RING_MOST);
    first_leaves(s, w);
  }
  wr_ring_add(s, w, t, pos, arg);
  w->now = t;
  wr_follow_last(s, w);
}

/* ---- what generated code calls ---- */

void *wr_sliding_add(wr_ctx *ctx, wr_i32 i, const wr_u64 *key, wr_u32 hash, wr_ts t, const wr_pos *pos,
                     const wr_slot *arg)
{
  wr_slider *s = wr_slider_of(ctx, i);
  wr_ts floor = wr_reach_row(&s->reach, t);
  wr_window *w = wr_window_of(s, key, hash);
  s->sweep.writes++;
  if (floor != WR_TS_MIN) forget(s, w, floor);
  wr_window_add(s, w, t, pos, arg);
  return w;
}

wr_status wr_sliding_read(wr_ctx *ctx, wr_i32 i, void *cell, wr_i32 agg, void *out)
{
  return wr_follow_read(wr_slider_of(ctx, i), cell, agg, out);
}

wr_ts wr_sliding_start(wr_ctx *ctx, wr_i32 i, wr_ts t) { return wr_reach_start(&wr_slider_of(ctx, i)->reach, t); }

void wr_slider_fetch(const wr_slider *s, const wr_u32 *hash, wr_i32 n)
{
  wr_u32 no[WR_AHEAD];
  if (!wr_table_ahead(&s->table, hash, n, no)) {
    if (s->events < MANY_EVENTS) return;
    for (wr_i32 i = 0; i < n; i++) no[i] = wr_table_guess(&s->table, hash[i]);
  }
  for (wr_i32 i = 0; i < n; i++)
    if (no[i]) wr_ring_fetch(s, wr_window_at(s, no[i]));
}

/* ---- memory goes back ---- */

typedef struct sweeper { wr_slider *s; wr_ts floor; } sweeper;

/* Of a window that is in use nothing leaves here: its next row sees to it. Rings are left alone where
 * cells can tell, they lie anywhere. */
static void visit(void *arg, wr_u32 no)
{
  const sweeper *p = arg;
  wr_window *w = wr_window_at(p->s, no);
  if (!w->live) return;
  wr_ts newest = !w->n ? WR_TS_MIN : p->s->reach.arrival ? wr_ring_time(p->s, w, w->n - 1) : w->now;
  if (newest > p->floor) wr_ring_fit(p->s, w);
  else window_close(p->s, no);
}

void wr_slider_expire(wr_ctx *ctx, wr_slider *s, wr_ts wm)
{
  (void)ctx;
  wr_ts floor = wr_reach_floor(&s->reach, wm);
  if (floor != WR_TS_MIN) wr_sweep_cells(&s->sweep, &s->table, visit, &(sweeper){ s, floor });
}

/* ---- life and size ---- */

static bool open_parts(wr_ctx *ctx, wr_slider *s)
{
  const wr_sliding *d = s->def;
  wr_follow_open(s);
  if (!wr_ring_open(ctx, s)) return false;
  if (!wr_keyed_layout(&s->lay, &s->pool, d->name, d->key, d->nkey, 0, s->states + d->cell_size)) return false;
  wr_table_init(&s->table, &s->lay, &s->pool, 0);
  return true;
}

wr_slider *wr_slider_new(wr_ctx *ctx, const wr_sliding *d, const wr_slot *config)
{
  wr_slider *s = wr_heap_alloc(ctx, sizeof *s);
  memset(s, 0, sizeof *s);
  s->def = d;
  s->pool.ctx = ctx;
  s->slab.pool = &s->pool;
  s->reach = wr_reach_of(config, d->stage);
  if (open_parts(ctx, s)) return s;
  wr_slider_free(ctx, s);
  return NULL;
}

void wr_slider_clear(wr_slider *s)
{
  const wr_table *t = &s->table;
  for (wr_u32 no = t->base; no < t->next; no++)
    if (wr_window_at(s, no)->live) window_close(s, no);
}

void wr_slider_free(wr_ctx *ctx, wr_slider *s)
{
  if (s->owns || wr_owns_apart(&s->table, &s->slab)) wr_slider_clear(s);
  wr_table_free(&s->table);
  wr_slab_close(&s->slab);
  wr_layout_free(&s->lay, &s->pool);
  wr_ring_close(s);
  wr_follow_close(s);
  wr_heap_free(ctx, s, sizeof *s);
}

bool wr_slider_positions(const wr_slider *s) { return s->positions; }
wr_i64 wr_slider_keys(const wr_slider *s) { return s->table.used; }
wr_i64 wr_slider_events(const wr_slider *s) { return s->events; }

wr_u64 wr_slider_bytes(const wr_slider *s)
{
  const wr_table *t = &s->table;
  wr_u64 sum = sizeof *s + s->pool.bytes - wr_table_untouched(t);
  for (wr_u32 no = t->base; s->owns && no < t->next; no++) {
    wr_window *w = wr_window_at(s, no);
    if (w->live) sum += wr_follow_bytes(s, w);
  }
  return sum;
}
