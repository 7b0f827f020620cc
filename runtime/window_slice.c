/* window_slice.c -- tumbling, hopping and cumulative windows over shared slices.
 *
 * A slice holds the cells of the rows of one pane that may count in the same windows: those ending
 * at `min_end` or later. Most rows are in time for all windows of their pane; a row whose own
 * watermark has passed the end of some goes to a slice of its own with a later min_end, so that
 * what a window holds is a function of rows and their watermarks, not of when windows were closed.
 * Windows close by `due`: those slices whose next window ends at e are all that the window holds.
 */
#include "group.h"

/* ---- one slice ---- */

static wr_slice *slice_new(wr_grouping *g, const wr_pane *p, wr_u32 expected) {
  wr_slice *s = wr_pool_alloc(&g->pool, sizeof *s);
  *s = (wr_slice){ .pane = *p };
  wr_table_init(&s->table, &g->lay, &g->pool, expected);
  return s;
}

static void slice_free(wr_grouping *g, wr_slice *s) {
  g->cells -= s->table.used;
  wr_table_free(&s->table);
  wr_pool_free(&g->pool, s, sizeof *s);
}

static void slice_drop(wr_grouping *g, wr_slice *s) {
  wr_table *t = &s->table;
  if (g->lay.has_drop)
    for (wr_u32 no = t->base; no < t->next; no++)
      wr_states_drop(g->pool.ctx, &g->lay, wr_cell_at(t, no));
  slice_free(g, s);
}

/* ---- the open slices ---- */

/* How many slices start at t or before. Rows come to the last few slices, in no order: counting
 * them is quicker than guessing where a search turns. */
static wr_u32 started(const wr_slices *x, wr_ts t) {
  enum { FEW = 8 };
  wr_u32 lo = 0, hi = x->n;
  if (hi >= FEW && x->start[hi - FEW] <= t) {
    for (lo = hi - FEW; hi > 0 && hi > x->n - FEW; hi--) lo += x->start[hi - 1] <= t;
    return lo;
  }
  while (lo < hi) {
    wr_u32 mid = lo + (hi - lo) / 2;
    if (x->start[mid] <= t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

static bool holds(const wr_slice *s, wr_ts t, wr_ts wm) {
  return t >= s->pane.start && t < s->pane.end && wm >= s->from && wm < s->min_end;
}

static void keep(wr_slices *x, wr_u32 at, wr_slice *s) {
  x->v[at] = s;
  x->start[at] = s->pane.start;
}

static void slices_insert(wr_grouping *g, wr_u32 at, wr_slice *s) {
  wr_slices *x = &g->slices;
  if (x->n == x->cap) {
    wr_u32 cap = x->cap ? x->cap * 2 : 8;
    wr_slice **v = wr_pool_alloc(&g->pool, cap * sizeof *v);
    if (x->n) memcpy(v, x->v, x->n * sizeof *v);
    wr_pool_free(&g->pool, x->v, x->cap * sizeof *v);
    wr_ts *t = wr_pool_alloc(&g->pool, cap * sizeof *t);
    if (x->n) memcpy(t, x->start, x->n * sizeof *t);
    wr_pool_free(&g->pool, x->start, x->cap * sizeof *t);
    x->v = v, x->start = t, x->cap = cap;
  }
  memmove(x->v + at + 1, x->v + at, (x->n - at) * sizeof *x->v);
  memmove(x->start + at + 1, x->start + at, (x->n - at) * sizeof *x->start);
  keep(x, at, s);
  x->n++;
  if (s->due < x->due) x->due = s->due;
}

/* The slice for a row of the pane, made when missing; 0: the row is late for all windows. */
static wr_slice *slice_of_pane(wr_grouping *g, const wr_pane *p, wr_ts wm) {
  wr_slices *x = &g->slices;
  if (wm >= p->last) return 0;
  wr_ts min_end = wr_pane_end_after(&g->win, p, wm);
  wr_u32 at = started(x, p->start);
  while (at && x->start[at - 1] == p->start && x->v[at - 1]->min_end > min_end) at--;
  if (at && x->start[at - 1] == p->start && x->v[at - 1]->min_end == min_end) {
    if (wm < x->v[at - 1]->from) x->v[at - 1]->from = wm;
    return x->v[at - 1];
  }
  bool usual = min_end == p->first;
  wr_slice *s = slice_new(g, p, usual ? x->expected : 0);
  s->min_end = s->due = min_end;
  s->from = usual ? WR_TS_MIN : wm;
  slices_insert(g, at, s);
  return s;
}

static void refuse(wr_grouping *g, wr_ctx *ctx, const wr_batch *b, wr_i32 row, bool gap) {
  if (gap) wr_gap_report(ctx, g->group);
  else wr_late_report(ctx, g->group, b, row);
}

/* 0: no window takes the row, which is then reported. */
static wr_slice *slice_of(wr_grouping *g, wr_ctx *ctx, const wr_batch *b, wr_i32 row, wr_ts t,
                          wr_ts wm) {
  wr_slices *x = &g->slices;
  if (x->last && holds(x->last, t, wm)) return x->last;
  wr_u32 at = started(x, t);
  if (at && holds(x->v[at - 1], t, wm)) return x->last = x->v[at - 1];
  const wr_pane *p = wr_group_pane(g, t);
  bool gap = wr_pane_gap(p);
  wr_slice *s = gap ? 0 : slice_of_pane(g, p, wm);
  if (s) return x->last = s;
  refuse(g, ctx, b, row, gap);
  return 0;
}

/* ---- a batch ---- */

static void find_in(wr_grouping *g, wr_slice *s, const wr_u32 *row, wr_i32 n, void **cell) {
  wr_u32 before = s->table.used;
  wr_table_find(&s->table, &g->staged, row, n, cell);
  g->cells += s->table.used - before;
}

/* Without branches: nearly every batch lies in one slice. */
static bool all_in(const wr_slice *s, const wr_ts *t, const wr_ts *wm, wr_i32 n) {
  bool in = true;
  for (wr_i32 i = 0; i < n; i++)
    in &= (t[i] >= s->pane.start) & (t[i] < s->pane.end) &
          (wm[i] >= s->from) & (wm[i] < s->min_end);
  return in;
}

/* Slices of all rows into `of`; returns how many distinct ones, in the order they were met. */
static wr_u32 assign(wr_grouping *g, wr_ctx *ctx, const wr_batch *b) {
  wr_slices *x = &g->slices;
  wr_u32 ntouched = 0;
  x->stamp++;
  for (wr_i32 i = 0; i < b->n; i++) {
    wr_slice *s = g->group->processing ? slice_of(g, ctx, b, i, ctx->now, WR_TS_MIN)
                                       : slice_of(g, ctx, b, i, b->time[i], b->wm[i]);
    x->of[i] = s;
    if (!s) continue;
    if (s->stamp != x->stamp) {
      s->stamp = x->stamp;
      s->rows = 0;
      x->touched[ntouched++] = s;
    }
    s->rows++;
  }
  return ntouched;
}

/* Rows sorted by slice, so that each table is looked up in one go; in row order within a slice. */
static wr_i32 partition(wr_grouping *g, wr_i32 n, wr_u32 ntouched) {
  wr_slices *x = &g->slices;
  wr_u32 at = 0;
  for (wr_u32 k = 0; k < ntouched; k++) {
    x->touched[k]->at = at;
    at += x->touched[k]->rows;
  }
  for (wr_i32 i = 0; i < n; i++)
    if (x->of[i]) g->row[x->of[i]->at++] = (wr_u32)i;
  return (wr_i32)at;
}

void wr_slices_find(wr_grouping *g, wr_ctx *ctx, const wr_batch *b) {
  wr_slices *x = &g->slices;
  if (!g->group->processing && x->last && all_in(x->last, b->time, b->wm, b->n)) {
    find_in(g, x->last, g->identity, b->n, g->cell);
    g->found = (wr_cells){ b->n, g->cell, g->identity };
    return;
  }
  wr_u32 ntouched = assign(g, ctx, b), from = 0;
  wr_i32 n = partition(g, b->n, ntouched);
  for (wr_u32 k = 0; k < ntouched; k++) {
    wr_slice *s = x->touched[k];
    find_in(g, s, g->row + from, (wr_i32)s->rows, g->cell + from);
    from += s->rows;
  }
  g->found = (wr_cells){ n, g->cell, g->row };
}

/* ---- closing ---- */

enum { AHEAD = 32 };                      /* entries, half of them or more empty */

/* Cells of `from` into `into`; `move`: the states are handed over or dropped, else left alone. */
static void absorb(wr_grouping *g, wr_table *into, wr_table *from, bool move) {
  wr_ctx *ctx = g->pool.ctx;
  wr_u32 before = into->used;
  for (wr_u32 i = 0; i <= from->mask; i++) {
    wr_entry f = from->index[i], ahead = from->index[(i + AHEAD) & from->mask];
    if (ahead.no) {
      __builtin_prefetch(wr_cell_at(from, ahead.no));
      wr_table_prefetch_cell(into, ahead.hash);
    }
    if (!f.no) continue;
    char *cell = wr_cell_at(from, f.no);
    wr_entry *e = wr_table_entry(into, f.hash, (wr_u64 *)cell);
    bool fresh = !e->no;
    wr_u32 no = fresh ? wr_table_cell(into, (wr_u64 *)cell) : e->no;
    if (fresh) wr_table_put(into, e, f.hash, no);
    char *to = wr_cell_at(into, no);
    if (fresh && move) {
      memcpy(to + g->lay.state, cell + g->lay.state, g->lay.stride - g->lay.state);
      continue;
    }
    wr_states_merge(ctx, &g->lay, to, cell);
    if (move) wr_states_drop(ctx, &g->lay, cell);
  }
  g->cells += into->used - before;
}

/* Slices of the window that no later window reads, or all where windows only grow: they may be
 * merged in place. */
static bool movable(const wr_grouping *g, const wr_slice *s) {
  return s->due == g->win_end && (g->win.ops->grows || s->due >= s->pane.last);
}

static wr_slice *largest_movable(const wr_grouping *g) {
  const wr_slices *x = &g->slices;
  wr_slice *most = 0;
  for (wr_u32 i = 0; i < x->n; i++)
    if (movable(g, x->v[i]) && (!most || x->v[i]->table.used > most->table.used)) most = x->v[i];
  return most;
}

static void merge_movable(wr_grouping *g, wr_slice *target) {
  wr_slices *x = &g->slices;
  wr_u32 n = 0;
  for (wr_u32 i = 0; i < x->n; i++) {
    wr_slice *s = x->v[i];
    if (s == target || !movable(g, s)) {
      keep(x, n++, s);
      continue;
    }
    absorb(g, &target->table, &s->table, true);
    slice_free(g, s);
  }
  x->n = n;
}

/* Where the cells of the closing window are, merged from all its slices. */
static wr_table *gather(wr_grouping *g) {
  wr_slices *x = &g->slices;
  wr_slice *target = largest_movable(g), *one = 0;
  wr_u32 stay = 0;
  if (target) merge_movable(g, target);
  for (wr_u32 i = 0; i < x->n; i++)
    if (x->v[i]->due == g->win_end && x->v[i] != target) one = x->v[i], stay++;
  if (!stay) return &target->table;
  if (!target && stay == 1) return &one->table;
  if (!target) target = x->scratch = slice_new(g, &one->pane, one->table.used);
  for (wr_u32 i = 0; i < x->n; i++)
    if (x->v[i]->due == g->win_end && x->v[i] != target)
      absorb(g, &target->table, &x->v[i]->table, false);
  return &target->table;
}

/* A slice of the window that closes next; a new one of this size is expected. */
static const wr_slice *slice_due(wr_slices *x) {
  const wr_slice *s = 0;
  for (wr_u32 i = 0; i < x->n; i++) {
    if (x->v[i]->due != x->due) continue;
    s = x->v[i];
    if (s->due == s->pane.first) x->expected = s->table.used + s->table.used / 16;
  }
  return s;
}

bool wr_slices_next(wr_grouping *g, wr_ts wm) {
  wr_slices *x = &g->slices;
  if (!x->n || x->due > wm) return false;
  const wr_slice *first = slice_due(x);
  g->win_end = x->due;
  g->win_start = wr_window_start(&g->win, &first->pane, x->due);
  x->last = 0;
  wr_table *t = gather(g);
  wr_group_items(g, t->used);
  g->nitem = t->used;
  for (wr_u32 no = t->base; no < t->next; no++) g->item[no - t->base].cell = wr_cell_at(t, no);
  wr_order(&g->lay, false, g->item, g->item + g->item_cap, g->nitem);
  return true;
}

static void bury(wr_slices *x, wr_slice *s) {
  s->next = x->dead;
  x->dead = s;
}

void wr_slices_done(wr_grouping *g) {
  wr_slices *x = &g->slices;
  wr_u32 n = 0;
  x->due = WR_TS_MAX;
  for (wr_u32 i = 0; i < x->n; i++) {
    wr_slice *s = x->v[i];
    if (s->due == g->win_end && s->due >= s->pane.last) {
      bury(x, s);
      continue;
    }
    if (s->due == g->win_end) s->due = wr_pane_end_after(&g->win, &s->pane, s->due);
    if (s->due < x->due) x->due = s->due;
    keep(x, n++, s);
  }
  x->n = n;
  if (x->scratch) bury(x, x->scratch);
  x->scratch = 0;
}

void wr_slices_release(wr_grouping *g) {
  wr_slices *x = &g->slices;
  for (wr_slice *s = x->dead, *next; s; s = next) {
    next = s->next;
    slice_drop(g, s);
  }
  x->dead = 0;
}

/* ---- restarts ---- */

wr_slice *wr_slices_add(wr_grouping *g, const wr_slice *like, wr_u32 cells) {
  wr_slice *s = slice_new(g, &like->pane, cells);
  s->from = like->from;
  s->min_end = like->min_end;
  s->due = like->due;
  slices_insert(g, g->slices.n, s);
  return s;
}

/* ---- life and size ---- */

void wr_slices_init(wr_grouping *g) { g->slices = (wr_slices){ .due = WR_TS_MAX }; }

void wr_slices_free(wr_grouping *g) {
  wr_slices *x = &g->slices;
  wr_slices_release(g);
  for (wr_u32 i = 0; i < x->n; i++) slice_drop(g, x->v[i]);
  if (x->scratch) slice_drop(g, x->scratch);
  wr_pool_free(&g->pool, x->v, x->cap * sizeof *x->v);
  wr_pool_free(&g->pool, x->start, x->cap * sizeof *x->start);
}

wr_u64 wr_slices_held(const wr_grouping *g, wr_held_fn *bytes) {
  wr_u64 sum = 0;
  for (wr_u32 i = 0; i < g->slices.n; i++) {
    const wr_table *t = &g->slices.v[i]->table;
    for (wr_u32 no = t->base; no < t->next; no++) sum += bytes(g, wr_cell_at(t, no));
  }
  return sum;
}
