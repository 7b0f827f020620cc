/* window_session.c -- sessions: for each key, activity with gaps shorter than the given one.
 *
 * A row at time t belongs with earlier rows that are less than `gap` before it and whose own
 * session would not yet be closed by the row's watermark wm: those after reach = max(t, wm) - gap.
 * So a row is the interval (reach, t], sessions are the unions of overlapping intervals, and what
 * they are depends on rows and their watermarks only, neither on their order nor on when sessions
 * were closed. A cell is one session; a key's sessions form a list in order of time, its first one
 * is in the index. The queue holds every cell once, by an end that it had; a cell that comes due
 * too early goes back.
 */
#include "group.h"

enum { BLOCK_ROWS = 64, AHEAD = 16 };

static wr_session *head_at(const wr_grouping *g, wr_u32 no) {
  return (wr_session *)(wr_cell_at(&g->sessions.table, no) + g->lay.head);
}

static char *cell_of(const wr_grouping *g, wr_session *s) { return (char *)s - g->lay.head; }

static wr_ts end_of(const wr_grouping *g, const wr_session *s) {
  return wr_clamp_add(s->last, g->sessions.gap);
}

/* ---- rows ---- */

static wr_session *session_new(wr_grouping *g, const wr_u64 *key, wr_u32 hash, wr_ts t,
                               wr_ts reach) {
  wr_u32 no = wr_table_cell(&g->sessions.table, key);
  wr_session *s = head_at(g, no);
  *s = (wr_session){ .last = t, .start = t, .reach = reach, .hash = hash, .self = no,
                     .state = WR_CELL_LIVE };
  wr_queue_put(&g->sessions.queue, end_of(g, s), no);
  g->cells++;
  return s;
}

static bool overlaps(const wr_session *s, wr_ts t, wr_ts reach) {
  return reach < s->last && s->reach < t;
}

static void extend(wr_session *s, wr_ts start, wr_ts last, wr_ts reach) {
  if (start < s->start) s->start = start;
  if (last > s->last) s->last = last;
  if (reach < s->reach) s->reach = reach;
}

/* The cell stays until the queue gives it up and until rows of this batch that found it are led to
 * where it went. */
static void merge_into(wr_grouping *g, wr_session *s, wr_session *gone) {
  s->next = gone->next;
  extend(s, gone->start, gone->last, gone->reach);
  wr_states_merge(g->pool.ctx, &g->lay, cell_of(g, s), cell_of(g, gone));
  wr_states_drop(g->pool.ctx, &g->lay, cell_of(g, gone));
  gone->state = WR_CELL_MERGED;
  gone->next = s->self;
  g->sessions.merges++;
  g->cells--;
}

/* Among several sessions of the key, or none that takes the row. */
static wr_u32 place_in_list(wr_grouping *g, wr_entry *e, const wr_u64 *key, wr_ts t, wr_ts reach) {
  wr_session *prev = 0, *s = head_at(g, e->no);
  while (s && s->last < t && !overlaps(s, t, reach)) {
    prev = s;
    s = s->next ? head_at(g, s->next) : 0;
  }
  if (s && overlaps(s, t, reach)) {
    while (s->next && overlaps(head_at(g, s->next), t, reach))
      merge_into(g, s, head_at(g, s->next));
    extend(s, t, t, reach);
    return s->self;
  }
  wr_session *fresh = session_new(g, key, e->hash, t, reach);
  fresh->next = s ? s->self : 0;
  if (prev) prev->next = fresh->self;
  else e->no = fresh->self;
  return fresh->self;
}

static wr_u32 place(wr_grouping *g, wr_u32 hash, const wr_u64 *key, wr_ts t, wr_ts reach) {
  wr_table *table = &g->sessions.table;
  wr_entry *e = wr_table_entry(table, hash, key);
  if (!e->no) {
    wr_u32 no = session_new(g, key, hash, t, reach)->self;
    wr_table_put(table, e, hash, no);
    return no;
  }
  wr_session *s = head_at(g, e->no);
  if (s->next || !overlaps(s, t, reach)) return place_in_list(g, e, key, t, reach);
  extend(s, t, t, reach);
  return e->no;
}

static bool late(const wr_grouping *g, wr_ts t, wr_ts wm) {
  return wm != WR_TS_MIN && wr_clamp_add(t, g->sessions.gap) <= wm;
}

static wr_i32 find_block(wr_grouping *g, wr_ctx *ctx, const wr_batch *b, wr_i32 from, wr_i32 to,
                         wr_i32 n) {
  for (wr_i32 r = from; r < to; r++) {
    bool clocked = g->group->processing;
    wr_ts t = clocked ? ctx->now : b->time[r], wm = clocked ? WR_TS_MIN : b->wm[r];
    if (late(g, t, wm)) {
      wr_late_report(ctx, g->group, b, r);
      continue;
    }
    const wr_u64 *key = g->staged.key + (size_t)r * g->lay.words;
    wr_ts reach = wr_clamp_add(t > wm ? t : wm, -g->sessions.gap);
    wr_u32 no = place(g, g->staged.hash[r], key, t, reach);
    g->cell[n] = wr_cell_at(&g->sessions.table, no) + g->lay.state;
    g->row[n++] = (wr_u32)r;
  }
  return n;
}

/* The session that one was merged into in the end; shortens the way there. */
static wr_session *target_of(const wr_grouping *g, wr_session *s) {
  wr_session *target = s;
  while (target->state == WR_CELL_MERGED) target = head_at(g, target->next);
  while (s != target) {
    wr_session *next = head_at(g, s->next);
    s->next = target->self;
    s = next;
  }
  return target;
}

/* Rows that found a session which a later row of the batch merged into another. */
static void follow_merges(wr_grouping *g, wr_i32 n) {
  for (wr_i32 i = 0; i < n; i++) {
    wr_session *s = (wr_session *)((char *)g->cell[i] - g->lay.state + g->lay.head);
    if (s->state == WR_CELL_MERGED) g->cell[i] = cell_of(g, target_of(g, s)) + g->lay.state;
  }
  g->sessions.merges = 0;
}

void wr_sessions_find(wr_grouping *g, wr_ctx *ctx, const wr_batch *b) {
  wr_table *table = &g->sessions.table;
  wr_i32 n = 0;
  for (wr_i32 from = 0, to; from < b->n; from = to) {
    to = b->n - from < BLOCK_ROWS ? b->n : from + BLOCK_ROWS;
    for (wr_i32 r = from; r < to; r++) wr_table_prefetch(table, g->staged.hash[r]);
    for (wr_i32 r = from; r < to; r++) wr_table_prefetch_cell(table, g->staged.hash[r]);
    n = find_block(g, ctx, b, from, to, n);
  }
  if (g->sessions.merges) follow_merges(g, n);
  g->found = (wr_cells){ n, g->cell, g->row };
}

/* ---- closing ---- */

typedef struct collector {
  wr_grouping *g;
  wr_ts wm;
} collector;

/* Entries of the queue lie in the order of time, their cells anywhere. */
static void fetch(void *arg, wr_u32 no) {
  __builtin_prefetch(head_at(((collector *)arg)->g, no));
}

static void collect(void *arg, wr_u32 no) {
  collector *c = arg;
  wr_grouping *g = c->g;
  wr_session *s = head_at(g, no);
  if (s->state == WR_CELL_MERGED) {
    s->state = WR_CELL_FREE;
    wr_table_release(&g->sessions.table, no);
  } else if (end_of(g, s) > c->wm) {
    wr_queue_put(&g->sessions.queue, end_of(g, s), no);
  } else {
    if (g->nitem == g->item_cap) wr_group_items(g, g->nitem + 1);
    g->item[g->nitem++].cell = cell_of(g, s);
  }
}

bool wr_sessions_next(wr_grouping *g, wr_ts wm) {
  collector c = { g, wm };
  wr_queue_advance(&g->sessions.queue, wm, fetch, collect, &c);
  if (!g->nitem) return false;
  wr_order(&g->lay, true, g->item, g->item + g->item_cap, g->nitem);
  return true;
}

/* A key's sessions close in order of time, so the one that goes is the first of its list. */
static void session_free(wr_grouping *g, wr_session *s) {
  wr_table *t = &g->sessions.table;
  wr_states_drop(g->pool.ctx, &g->lay, cell_of(g, s));
  if (s->next) {
    wr_u32 at = s->hash & t->mask;
    while (t->index[at].no != s->self) at = (at + 1) & t->mask;
    t->index[at].no = s->next;
  } else {
    wr_table_remove(t, s->hash, s->self);
  }
  s->state = WR_CELL_FREE;
  wr_table_release(t, s->self);
  g->cells--;
}

static wr_session *session_at(const wr_grouping *g, size_t item) {
  return (wr_session *)(g->item[item].cell + g->lay.head);
}

void wr_sessions_release(wr_grouping *g) {
  for (; g->released < g->emitted; g->released++) {
    if (g->released + AHEAD < g->emitted)
      wr_table_prefetch(&g->sessions.table, session_at(g, g->released + AHEAD)->hash);
    session_free(g, session_at(g, g->released));
  }
}

/* ---- restarts ---- */

wr_u32 wr_sessions_add(wr_grouping *g, const wr_u64 *key, wr_u32 hash, wr_u32 before, const wr_session *like) {
  wr_session *s = session_new(g, key, hash, like->last, like->reach);
  s->start = like->start;
  if (before) head_at(g, before)->next = s->self;
  else wr_table_put(&g->sessions.table, wr_table_entry(&g->sessions.table, hash, key), hash, s->self);
  return s->self;
}

/* ---- life and size ---- */

void wr_sessions_init(wr_grouping *g) {
  g->sessions.gap = g->win.size;
  wr_table_init(&g->sessions.table, &g->lay, &g->pool, 0);
  wr_queue_init(&g->sessions.queue, &g->pool);
}

void wr_sessions_free(wr_grouping *g) {
  wr_table *t = &g->sessions.table;
  for (wr_u32 no = t->base; no < t->next; no++) {
    wr_u32 state = head_at(g, no)->state;
    if (state == WR_CELL_LIVE) wr_states_drop(g->pool.ctx, &g->lay, wr_cell_at(t, no));
    if (state != WR_CELL_FREE) wr_table_release(t, no);
  }
  wr_queue_free(&g->sessions.queue);
  wr_table_free(t);
}

wr_u64 wr_sessions_held(const wr_grouping *g, wr_held_fn *bytes) {
  const wr_table *t = &g->sessions.table;
  wr_u64 sum = 0;
  for (wr_u32 no = t->base; no < t->next; no++)
    if (head_at(g, no)->state == WR_CELL_LIVE) sum += bytes(g, wr_cell_at(t, no));
  return sum;
}
