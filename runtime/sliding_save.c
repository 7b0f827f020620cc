/* sliding_save.c -- windows of events in checkpoints: for every key its events. The aggregates' states are not
 * saved: they are functions of the events, and step over them again. */
#include "sliding.h"

/* ---- saving ---- */

static void save_event(wr_saver *v, const wr_slider *s, const wr_batch *b, wr_i32 row)
{
  wr_save_i64(v, b->time[row]);
  if (s->positions) wr_save_bytes(v, &b->pos[row], sizeof *b->pos);
  for (wr_i32 c = 0; c < s->def->ncol; c++) wr_save_slot(v, s->type[c], wr_col_slot(s->type[c], &b->col[c], row));
}

void wr_slider_save(wr_ctx *ctx, const wr_slider *s, wr_saver *v)
{
  const wr_table *t = &s->table;
  wr_u64 cols = ((wr_u64)s->def->ncol + 1) * sizeof(wr_col);
  wr_slider look = *s;                    /* a view of its own */
  look.view = (wr_batch){ .ncol = s->def->ncol, .col = wr_heap_alloc(s->pool.ctx, cols) };
  look.viewed = NULL;
  (void)ctx;
  wr_save_key_types(v, s->def->key, s->def->nkey);
  wr_save_u32(v, (wr_u32)s->def->ncol);
  for (wr_i32 c = 0; c < s->def->ncol; c++) wr_save_type(v, s->type[c]);
  wr_save_u8(v, s->positions);
  wr_save_i64(v, s->reach.span);
  wr_save_i64(v, s->reach.seen);
  wr_save_u32(v, t->used);
  for (wr_u32 no = t->base; no < t->next; no++) {
    const wr_window *w = wr_window_at(s, no);
    if (!w->live) continue;
    wr_save_key(v, &s->lay, s->def->key, (wr_u64 *)wr_cell_at(t, no));
    wr_save_u32(v, w->n);
    const wr_batch *b = wr_ring_view(&look, w);
    for (wr_u32 i = 0; i < w->n; i++) save_event(v, s, b, (wr_i32)wr_ring_row(w, i));
  }
  wr_heap_free(s->pool.ctx, look.view.col, cols);
}

/* ---- loading ---- */

static bool load_columns(wr_ctx *ctx, const wr_slider *s, wr_loader *l, bool *positions)
{
  wr_u32 n = wr_load_u32(l);
  bool same = n == (wr_u32)s->def->ncol;
  for (wr_i32 c = 0; same && c < s->def->ncol; c++)
    same = wr_type_widens(wr_load_str(l), s->type[c]) == WR_WIDEN_SAME;
  *positions = same && wr_load_u8(l) != 0;                    /* saved, whether they are asked for or not */
  same = same && (*positions || !s->positions);
  if (l->bad) return wr_load_damaged(ctx, l);
  return same || wr_load_refuse(ctx, l, "its aggregates take other arguments");
}

/* Events that a shorter window let go are not there. */
static bool load_span(wr_ctx *ctx, const wr_slider *s, wr_loader *l)
{
  wr_i64 was = wr_load_i64(l), now = s->reach.span;
  if (l->bad || was < -1) return wr_load_damaged(ctx, l);
  if (was < 0 || (now >= 0 && now <= was)) return true;
  return wr_load_refuse(ctx, l, "its window became longer: the events before are not there");
}

static bool load_event(wr_ctx *ctx, wr_slider *s, wr_window *w, wr_loader *l, bool positions, wr_slot *arg)
{
  wr_pos pos = { 0 };
  wr_ts t = wr_load_i64(l);
  if (positions) pos = wr_load_pos(ctx, l);
  for (wr_i32 c = 0; c < s->def->ncol; c++) {
    arg[c] = wr_load_slot(ctx, l, s->type[c]);
    if (arg[c].st && !s->def->nullable[c]) l->bad = true;
  }
  if (l->bad || (w->n && t < wr_ring_time(s, w, w->n - 1))) return wr_load_damaged(ctx, l);
  wr_window_add(s, w, t, &pos, arg);
  return true;
}

static bool load_key(wr_ctx *ctx, wr_slider *s, wr_loader *l, bool positions, wr_u64 *word, wr_slot *arg)
{
  wr_u32 hash;
  if (!wr_load_key(ctx, l, &s->lay, s->def->key, word, &hash)) return false;
  wr_u32 n = wr_load_u32(l);
  if (l->bad || n > (size_t)(l->end - l->p) / 8 || wr_table_entry(&s->table, hash, word)->no)
    return wr_load_damaged(ctx, l);
  wr_window *w = wr_window_of(s, word, hash);
  bool ok = true;
  for (wr_u32 i = 0; i < n && ok; i++) ok = load_event(ctx, s, w, l, positions, arg);
  return ok;
}

bool wr_slider_load(wr_ctx *ctx, wr_slider *s, wr_loader *l)
{
  bool positions;
  if (!wr_load_key_types(ctx, l, s->def->key, s->def->nkey) || !load_columns(ctx, s, l, &positions) ||
      !load_span(ctx, s, l))
    return false;
  wr_ts seen = wr_load_i64(l);
  wr_u32 keys = wr_load_u32(l);
  bool ok = !l->bad || wr_load_damaged(ctx, l);
  wr_u64 *word = wr_alloc(ctx, (s->lay.words + 1) * 8);
  wr_slot *arg = wr_alloc(ctx, (wr_u32)(s->def->ncol + 1) * (wr_u32)sizeof *arg);
  for (wr_u32 i = 0; i < keys && ok; i++) ok = load_key(ctx, s, l, positions, word, arg);
  if (ok) s->reach.seen = seen;
  else wr_slider_clear(s);
  return ok;
}
