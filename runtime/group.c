/* group.c -- groupings: lateness, the cells of a batch's rows, and the rows of windows that close.
 *
 * Window kinds differ in how cells are found and which ones are due (window_slice.c,
 * window_session.c); what is here is common. A close sorts the cells that are due and copies them
 * to the out port in blocks of columns. Results may point into cells (strings of keys, lists in
 * states), so cells are released only after the out port was flushed.
 */
#include "group.h"

enum { CLOSE_ROWS = 1 << 16 };

/* ---- life ---- */

static bool refuse(wr_ctx *ctx, const wr_group *g, const char *what) {
  wr_error(ctx, WR_EXIT_SOFTWARE, "", "grouping %s: %s", g->name, what);
  return false;
}

static bool mergeable(wr_ctx *ctx, const wr_grouping *g) {
  for (wr_i32 i = 0; i < g->group->nagg; i++)
    if (!g->group->agg[i]->merge && !(g->win.ops && g->win.ops->single))
      return refuse(ctx, g->group, "an aggregate that cannot be merged, over windows that share rows");
  return true;
}

static void arrays_free(wr_grouping *g) {
  wr_u64 n = (wr_u64)g->cap;
  wr_pool_free(&g->pool, g->cell, n * sizeof *g->cell);
  wr_pool_free(&g->pool, g->row, n * sizeof *g->row);
  wr_pool_free(&g->pool, g->identity, n * sizeof *g->identity);
  wr_pool_free(&g->pool, g->slices.of, n * sizeof *g->slices.of);
  wr_pool_free(&g->pool, g->slices.touched, n * sizeof *g->slices.touched);
}

static void arrays_for(wr_grouping *g, wr_i32 rows) {
  if (rows <= g->cap) return;
  arrays_free(g);
  wr_u64 n = (wr_u64)rows;
  g->cap = rows;
  g->cell = wr_pool_alloc(&g->pool, n * sizeof *g->cell);
  g->row = wr_pool_alloc(&g->pool, n * sizeof *g->row);
  g->identity = wr_pool_alloc(&g->pool, n * sizeof *g->identity);
  g->slices.of = wr_pool_alloc(&g->pool, n * sizeof *g->slices.of);
  g->slices.touched = wr_pool_alloc(&g->pool, n * sizeof *g->slices.touched);
  for (wr_i32 i = 0; i < rows; i++) g->identity[i] = (wr_u32)i;
}

static bool start(wr_ctx *ctx, wr_grouping *g, const wr_slot *config) {
  if (!wr_win_init(ctx, &g->win, g->group, config) || !mergeable(ctx, g)) return false;
  for (int i = 0; i < WR_PANE_CACHE; i++) g->pane[i] = (wr_pane){ .start = 1 };   /* empty */
  if (!wr_layout_init(&g->lay, &g->pool, g->group, g->in, wr_is_session(g) ? sizeof(wr_session) : 0,
                      wr_seed()))
    return refuse(ctx, g->group, "a key of a kind that cannot be compared");
  g->lay.reclaim = wr_is_session(g);
  g->gaps = !g->win.size_cal && g->win.every > g->win.size;
  wr_slices_init(g);
  if (wr_is_session(g)) wr_sessions_init(g);
  return true;
}

static void grouping_free(wr_ctx *ctx, wr_grouping *g) {
  wr_staged_free(&g->lay, &g->pool, &g->staged);
  wr_layout_free(&g->lay, &g->pool);
  wr_pool_free(&g->pool, g->item, 2 * g->item_cap * sizeof *g->item);
  arrays_free(g);
  wr_heap_free(ctx, g, sizeof *g);
}

wr_grouping *wr_grouping_new(wr_ctx *ctx, const wr_group *group, const wr_slot *config) {
  const wr_program *program = wr_program_of(ctx);
  wr_grouping *g = wr_heap_alloc(ctx, sizeof *g);
  memset(g, 0, sizeof *g);
  g->pool.ctx = ctx;
  g->group = group;
  g->in = &program->port[group->in];
  g->out = &program->port[group->out];
  if (start(ctx, g, config)) return g;
  grouping_free(ctx, g);
  return 0;
}

void wr_grouping_free(wr_ctx *ctx, wr_grouping *g) {
  if (!g) return;
  if (wr_is_session(g)) wr_sessions_free(g);
  wr_slices_free(g);
  grouping_free(ctx, g);
}

/* ---- size ---- */

static wr_u64 owned_bytes(const wr_grouping *g, const char *cell) {
  wr_u64 sum = 0;
  for (wr_i32 i = 0; i < g->group->nagg; i++)
    if (g->group->agg[i]->bytes)
      sum += g->group->agg[i]->bytes(cell + g->lay.state + g->group->spec[i].off);
  return sum;
}

wr_i64 wr_grouping_keys(const wr_grouping *g) { return g->cells; }

wr_u64 wr_grouping_bytes(const wr_grouping *g) {
  bool owns = false;
  for (wr_i32 i = 0; i < g->group->nagg; i++) owns |= g->group->agg[i]->bytes != 0;
  if (!owns) return g->pool.bytes;
  if (wr_is_session(g)) return g->pool.bytes + wr_sessions_held(g, owned_bytes);
  return g->pool.bytes + wr_slices_held(g, owned_bytes);
}

/* ---- rows ---- */

/* Times come and go between a few panes; asking the calendar for each would be slow. */
const wr_pane *wr_group_pane(wr_grouping *g, wr_ts t) {
  for (int n = 0, i = g->pane_hit; n < WR_PANE_CACHE; n++, i = (i + 1) % WR_PANE_CACHE) {
    if (t < g->pane[i].start || t >= g->pane[i].end) continue;
    g->pane_hit = i;
    return &g->pane[i];
  }
  g->pane_hit = (g->pane_hit + WR_PANE_CACHE - 1) % WR_PANE_CACHE;      /* out goes the oldest */
  wr_pane_of(&g->win, t, &g->pane[g->pane_hit]);
  return &g->pane[g->pane_hit];
}

static wr_i32 session_late(wr_ctx *ctx, wr_grouping *g, const wr_batch *b, wr_i32 row) {
  if (b->wm[row] == WR_TS_MIN || wr_clamp_add(b->time[row], g->sessions.gap) > b->wm[row]) return 0;
  wr_late_report(ctx, g->group, b, row);
  return 1;
}

wr_i32 wr_late(wr_ctx *ctx, wr_i32 group, wr_batch *b, wr_i32 row) {
  wr_grouping *g = wr_grouping_of(ctx, group);
  if (g->deaf) return 1;
  if (g->group->processing || (b->wm[row] <= b->time[row] && !g->gaps)) return 0;
  if (wr_is_session(g)) return session_late(ctx, g, b, row);
  const wr_pane *p = wr_group_pane(g, b->time[row]);
  if (wr_pane_gap(p)) {
    wr_gap_report(ctx, g->group);
    return 1;
  }
  if (b->wm[row] < p->first) return 0;
  wr_late_report(ctx, g->group, b, row);
  return b->wm[row] >= p->last;
}

const wr_cells *wr_group_find(wr_ctx *ctx, wr_i32 group, wr_batch *b) {
  wr_grouping *g = wr_grouping_of(ctx, group);
  if (b->n == 0 || g->deaf) return memset(&g->found, 0, sizeof g->found);
  arrays_for(g, b->n > b->cap ? b->n : b->cap);
  wr_keys_stage(&g->lay, &g->pool, &g->staged, b);
  if (wr_is_session(g)) wr_sessions_find(g, ctx, b);
  else wr_slices_find(g, ctx, b);
  return &g->found;
}

/* ---- closing ---- */

void wr_group_items(wr_grouping *g, size_t n) {
  if (n <= g->item_cap) return;
  size_t cap = g->item_cap ? g->item_cap : 64;
  while (cap < n) cap *= 2;
  wr_item *item = wr_pool_alloc(&g->pool, 2 * cap * sizeof *item);
  if (g->nitem) memcpy(item, g->item, g->nitem * sizeof *item);
  wr_pool_free(&g->pool, g->item, 2 * g->item_cap * sizeof *g->item);
  g->item = item, g->item_cap = cap;
}

static void put_key(const wr_layout *l, wr_u32 col, const wr_col *out, const wr_item *it, wr_i32 at,
                    wr_i32 n) {
  const wr_key_col *c = &l->col[col];
  wr_str *str = (wr_str *)out->v + at;
  wr_u64 *word = (wr_u64 *)out->v + at;
  wr_u8 *byte = (wr_u8 *)out->v + at;
  for (wr_i32 i = 0; i < n; i++) {
    const wr_u64 *w = (const wr_u64 *)it[i].cell + c->at;
    if (c->string) str[i] = wr_key_str(w);
    else if (c->width == 1) byte[i] = (wr_u8)*w;
    else word[i] = *w;
  }
  if (!out->st) return;
  for (wr_i32 i = 0; i < n; i++)
    out->st[at + i] = c->nullable && wr_key_null((const wr_u64 *)it[i].cell, col) ? WR_ST_NULL : 0;
}

static void put_aggregate(wr_ctx *ctx, const wr_grouping *g, wr_i32 agg, const wr_col *out,
                          wr_i32 at, wr_i32 n) {
  const wr_agg *a = g->group->agg[agg];
  const wr_aggspec *spec = &g->group->spec[agg];
  unsigned width = wr_kind_width(g->out->kind[g->group->nkey + 2 + agg]);
  const wr_item *it = g->item + g->emitted;
  char *v = (char *)out->v + (size_t)at * width;
  for (wr_i32 i = 0; i < n; i++, v += width) {
    wr_status st = a->read(ctx, spec, it[i].cell + g->lay.state + spec->off, v);
    if (st) memset(v, 0, width);
    if (out->st) out->st[at + i] = st < 0 ? WR_ST_NULL : st ? (wr_u8)((st & 0xff) + 1) : 0;
    else if (st) refuse(ctx, g->group, "an aggregate has no value, its column must have one");
  }
}

/* Start and end of the window, time and position; rows of a session grouping differ in all. */
static void put_window(wr_grouping *g, wr_batch *b, wr_i32 at, wr_i32 n) {
  wr_ts *start_col = (wr_ts *)b->col[g->group->nkey].v + at;
  wr_ts *end_col = (wr_ts *)b->col[g->group->nkey + 1].v + at;
  for (wr_i32 i = 0; i < n; i++) {
    wr_ts from = g->win_start, to = g->win_end;
    if (wr_is_session(g)) {
      const wr_session *s = (wr_session *)(g->item[g->emitted + (size_t)i].cell + g->lay.head);
      from = s->start, to = wr_clamp_add(s->last, g->sessions.gap);
      if (to != g->win_end) g->rank = 0, g->win_end = to;
    }
    start_col[i] = from, end_col[i] = to;
    b->time[at + i] = wr_clamp_add(to, -1);
    b->wm[at + i] = WR_TS_MIN;
    b->pos[at + i] = (wr_pos){ .off = g->rank++, .src = g->group->rank << 12, .ord = 0 };
    b->row[at + i] = ~0u;
  }
  for (int c = 0; c < 2; c++) {
    wr_u8 *st = b->col[g->group->nkey + c].st;
    if (st) memset(st + at, 0, (size_t)n);
  }
}

static void put_rows(wr_ctx *ctx, wr_grouping *g, wr_batch *b, wr_i32 n) {
  wr_i32 at = b->n, nkey = g->group->nkey;
  for (wr_i32 i = 0; i < n; i++) __builtin_prefetch(g->item[g->emitted + (size_t)i].cell);
  for (wr_i32 c = 0; c < nkey; c++)
    put_key(&g->lay, (wr_u32)c, &b->col[c], g->item + g->emitted, at, n);
  for (wr_i32 a = 0; a < g->group->nagg; a++)
    put_aggregate(ctx, g, a, &b->col[nkey + 2 + a], at, n);
  put_window(g, b, at, n);
  b->n += n;
  g->emitted += (size_t)n;
}

static void flush(wr_ctx *ctx, wr_grouping *g) {
  if (ctx->port[g->group->out]->n) wr_flush(ctx, g->group->out);
  if (wr_is_session(g)) wr_sessions_release(g);
  else wr_slices_release(g);
}

/* Merging slices for the next window changes states that rows still in the port may point into. */
static bool must_flush(const wr_grouping *g) {
  if (wr_is_session(g) || g->win.ops->single) return false;
  for (wr_i32 c = 0; c < g->out->ncol; c++)
    if (wr_kind_width(g->out->kind[c]) > 8) return true;
  return false;
}

/* At most `budget` rows of what is due; returns how many. */
static wr_i32 emit(wr_ctx *ctx, wr_grouping *g, wr_i32 budget) {
  wr_i32 done = 0;
  while (done < budget && g->emitted < g->nitem) {
    wr_batch *b = ctx->port[g->group->out];
    if (b->n >= b->cap) flush(ctx, g);
    size_t n = g->nitem - g->emitted;
    if (n > (size_t)(b->cap - b->n)) n = (size_t)(b->cap - b->n);
    if (n > (size_t)(budget - done)) n = (size_t)(budget - done);
    put_rows(ctx, g, b, (wr_i32)n);
    done += (wr_i32)n;
  }
  return done;
}

/* The items have all been emitted: on to the next window. */
static void items_done(wr_ctx *ctx, wr_grouping *g) {
  if (!wr_is_session(g)) wr_slices_done(g);
  if (wr_is_session(g) || must_flush(g)) flush(ctx, g);
  g->nitem = g->emitted = g->released = 0;
}

static bool items_next(wr_grouping *g, wr_ts wm) {
  g->rank = 0;
  return wr_is_session(g) ? wr_sessions_next(g, wm) : wr_slices_next(g, wm);
}

bool wr_grouping_close(wr_ctx *ctx, wr_grouping *g, wr_ts wm) {
  wr_i32 budget = CLOSE_ROWS;
  while (g->nitem || items_next(g, wm)) {
    budget -= emit(ctx, g, budget);
    if (g->emitted == g->nitem) items_done(ctx, g);
    if (budget > 0) continue;
    flush(ctx, g);
    return false;
  }
  flush(ctx, g);
  return true;
}
