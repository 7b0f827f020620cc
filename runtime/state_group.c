/* state_group.c -- the open windows of a grouping, in a checkpoint and back.
 *
 * Slices: pane and bounds, then their cells. Sessions: key by key, a key's in the order of time. A cell
 * is its key's values and its aggregates' states. Hashes, numbers of cells and the queue are made anew:
 * nothing of them is visible. A loader may hold anything, so every bound that the rest relies on is
 * looked at before it is used.
 */
#include "group.h"

/* ---- keys ---- */

static void save_key(const wr_layout *l, const wr_u64 *key, wr_saver *to) {
  for (wr_u32 c = 0; c < l->ncol; c++) {
    const wr_key_col *k = &l->col[c];
    bool null = k->nullable && wr_key_null(key, c);
    if (k->nullable) wr_save_u8(to, null);
    if (null) continue;
    if (k->string) wr_save_str(to, wr_key_str(key + k->at));
    else wr_save_i64(to, (wr_i64)key[k->at]);
  }
}

static void load_key(const wr_layout *l, wr_u64 *key, wr_loader *from) {
  memset(key, 0, l->words * sizeof *key);
  for (wr_u32 c = 0; c < l->ncol; c++) {
    const wr_key_col *k = &l->col[c];
    bool null = k->nullable && wr_load_u8(from);
    if (null) key[c >> 6] |= 1ull << (c & 63);
    else if (k->string) wr_key_put_str(key + k->at, wr_load_str(from));
    else key[k->at] = (wr_u64)wr_load_i64(from);
  }
}

/* ---- states ---- */

static void save_states(const wr_grouping *g, const char *cell, wr_saver *to) {
  for (wr_i32 i = 0; i < g->group->nagg; i++) {
    const wr_agg *a = g->group->agg[i];
    const wr_aggspec *spec = &g->group->spec[i];
    const char *state = cell + g->lay.state + spec->off;
    if (a->save) a->save(spec, state, to);
    else wr_save_bytes(to, state, a->size);
  }
}

static void load_states(wr_ctx *ctx, const wr_grouping *g, char *cell, wr_loader *from) {
  for (wr_i32 i = 0; i < g->group->nagg && !from->bad; i++) {
    const wr_agg *a = g->group->agg[i];
    const wr_aggspec *spec = &g->group->spec[i];
    char *state = cell + g->lay.state + spec->off;
    if (a->load) {
      a->load(ctx, spec, state, from);
      continue;
    }
    const char *p = wr_load_bytes(from, a->size);
    if (p) memcpy(state, p, a->size);
  }
}

/* Are the bytes of a cell, without its head, just what is written? Millions of cells are copied then. */
static bool is_flat(const wr_grouping *g) {
  wr_u32 off = 0;
  if (g->lay.mode != WR_KEY_WORD && g->lay.mode != WR_KEY_WORDS && g->lay.mode != WR_KEY_NONE) return false;
  if (g->lay.ncol && g->lay.col[0].at) return false;          /* null bits */
  for (wr_i32 i = 0; i < g->group->nagg; i++) {
    if (g->group->agg[i]->save || g->group->spec[i].off != off) return false;
    off += g->group->agg[i]->size;
  }
  return true;
}

static wr_u64 states_size(const wr_grouping *g) {
  wr_u64 n = 0;
  for (wr_i32 i = 0; i < g->group->nagg; i++) n += g->group->agg[i]->size;
  return n;
}

static void save_flat(const wr_grouping *g, const wr_table *t, wr_saver *to) {
  wr_u64 key = g->lay.words * 8ull, states = states_size(g);
  wr_buf_reserve(&to->buf, (t->next - t->base) * (key + states));
  char *p = to->buf.p + to->buf.n;
  for (wr_u32 no = t->base; no < t->next; no++, p += key + states) {
    const char *cell = wr_cell_at(t, no);
    memcpy(p, cell, key);
    memcpy(p + key, cell + g->lay.state, states);
  }
  to->buf.n += (t->next - t->base) * (key + states);
}

/* ---- slices ---- */

static void save_slice(const wr_grouping *g, const wr_slice *s, wr_saver *to) {
  const wr_ts at[] = { s->pane.start, s->pane.end, s->pane.first, s->pane.last, s->pane.origin,
                       s->from,       s->min_end,  s->due };
  wr_save_bytes(to, at, sizeof at);
  wr_save_u32(to, s->table.next - s->table.base);
  if (is_flat(g)) {
    save_flat(g, &s->table, to);
    return;
  }
  for (wr_u32 no = s->table.base; no < s->table.next; no++) {
    const char *cell = wr_cell_at(&s->table, no);
    save_key(&g->lay, (const wr_u64 *)cell, to);
    save_states(g, cell, to);
  }
}

static bool load_bounds(wr_slice *s, wr_loader *from) {
  wr_ts at[8] = { 0 };
  const char *p = wr_load_bytes(from, sizeof at);
  if (!p) return false;
  memcpy(at, p, sizeof at);
  *s = (wr_slice){ .pane = { at[0], at[1], at[2], at[3], at[4] }, .from = at[5], .min_end = at[6], .due = at[7] };
  return true;
}

static bool same_pane(const wr_pane *a, const wr_pane *b) {
  return a->start == b->start && a->end == b->end && a->first == b->first && a->last == b->last &&
         a->origin == b->origin;
}

/* Windows are cut now as they were then: their sizes are in the descriptor, their zone's rules are not. */
static const char *wrong_bounds(wr_grouping *g, const wr_slice *s) {
  wr_pane now;
  const wr_slice *last = g->slices.n ? g->slices.v[g->slices.n - 1] : 0;
  wr_pane_of(&g->win, s->pane.start, &now);
  if (!same_pane(&now, &s->pane)) return "its windows began or ended at other times (has the time zone data changed?)";
  if (s->min_end < s->pane.first || s->due < s->min_end || s->due > s->pane.last) return "bounds that cannot be";
  if (last && (last->pane.start > s->pane.start ||
               (last->pane.start == s->pane.start && last->min_end >= s->min_end)))
    return "slices out of order";
  return 0;
}

static void load_cells(wr_ctx *ctx, wr_grouping *g, wr_slice *s, wr_u32 n, wr_u64 *key, wr_loader *from) {
  for (; n && !from->bad; n--) {
    load_key(&g->lay, key, from);
    if (from->bad) return;
    wr_u32 hash = wr_layout_hash(&g->lay, key);
    wr_entry *e = wr_table_entry(&s->table, hash, key);
    if (e->no) from->bad = true;          /* a key twice */
    if (from->bad) return;
    wr_u32 no = wr_table_cell(&s->table, key);
    wr_table_put(&s->table, e, hash, no);
    g->cells++;
    load_states(ctx, g, wr_cell_at(&s->table, no), from);
  }
}

static const char *load_slices(wr_ctx *ctx, wr_grouping *g, wr_u64 *key, wr_loader *from) {
  for (wr_u32 n = wr_load_u32(from); n && !from->bad; n--) {
    wr_slice like;
    if (!load_bounds(&like, from)) break;
    const char *wrong = wrong_bounds(g, &like);
    if (wrong) return wrong;
    wr_u32 cells = wr_load_u32(from);
    if (cells > (wr_u64)(from->end - from->p) + 1) from->bad = true;     /* only without keys a cell may be empty */
    if (!from->bad) load_cells(ctx, g, wr_slices_add(g, &like, cells), cells, key, from);
  }
  return 0;
}

/* ---- sessions ---- */

static const wr_session *head_at(const wr_grouping *g, wr_u32 no) {
  return (const wr_session *)(wr_cell_at(&g->sessions.table, no) + g->lay.head);
}

static void save_list(const wr_grouping *g, wr_u32 first, wr_saver *to) {
  wr_u32 n = 0;
  for (wr_u32 no = first; no; no = head_at(g, no)->next) n++;
  save_key(&g->lay, (const wr_u64 *)wr_cell_at(&g->sessions.table, first), to);
  wr_save_u32(to, n);
  for (wr_u32 no = first; no; no = head_at(g, no)->next) {
    const wr_session *s = head_at(g, no);
    const wr_ts at[] = { s->last, s->start, s->reach };
    wr_save_bytes(to, at, sizeof at);
    save_states(g, wr_cell_at(&g->sessions.table, no), to);
  }
}

static void save_sessions(const wr_grouping *g, wr_saver *to) {
  const wr_table *t = &g->sessions.table;
  wr_save_u32(to, t->used);
  for (wr_u32 i = 0; i <= t->mask; i++)
    if (t->index[i].no) save_list(g, t->index[i].no, to);
}

static bool load_session(wr_session *s, const wr_session *before, wr_loader *from) {
  wr_ts at[3] = { 0 };
  const char *p = wr_load_bytes(from, sizeof at);
  if (p) memcpy(at, p, sizeof at);
  *s = (wr_session){ .last = at[0], .start = at[1], .reach = at[2] };
  if (s->start > s->last || (before && before->last > s->start)) from->bad = true;
  return !from->bad;
}

static void load_sessions(wr_ctx *ctx, wr_grouping *g, wr_u64 *key, wr_loader *from) {
  for (wr_u32 keys = wr_load_u32(from); keys && !from->bad; keys--) {
    load_key(&g->lay, key, from);
    wr_u32 n = wr_load_u32(from), before = 0;
    if (from->bad) return;
    wr_u32 hash = wr_layout_hash(&g->lay, key);
    if (!n || wr_table_entry(&g->sessions.table, hash, key)->no) from->bad = true;
    for (wr_session like; n && !from->bad; n--) {
      if (!load_session(&like, before ? head_at(g, before) : 0, from)) return;
      before = wr_sessions_add(g, key, hash, before, &like);
      load_states(ctx, g, wr_cell_at(&g->sessions.table, before), from);
    }
  }
}

/* ---- both ---- */

void wr_grouping_save(const wr_grouping *g, wr_saver *to) {
  wr_save_i64(to, g->cells);
  if (wr_is_session(g)) {
    save_sessions(g, to);
    return;
  }
  wr_save_u32(to, g->slices.n);
  for (wr_u32 i = 0; i < g->slices.n; i++) save_slice(g, g->slices.v[i], to);
}

const char *wr_grouping_load(wr_ctx *ctx, wr_grouping *g, wr_loader *from) {
  wr_i64 cells = wr_load_i64(from);
  wr_u64 bytes = (g->lay.words + 1) * 8ull, *key = wr_pool_alloc(&g->pool, bytes);
  const char *wrong = 0;
  if (wr_is_session(g)) load_sessions(ctx, g, key, from);
  else wrong = load_slices(ctx, g, key, from);
  wr_pool_free(&g->pool, key, bytes);
  if (wrong) return wrong;
  return from->bad || from->p != from->end || cells != g->cells ? "it does not hold what it says" : 0;
}
