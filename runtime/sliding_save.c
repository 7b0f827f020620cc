/* sliding_save.c -- windows of events in checkpoints: for every key its events. The aggregates' states are not
 * saved: they are functions of the events, and step over them again. */
#include "sliding.h"

/* ---- saving ---- */

static wr_str column_name(const wr_sliding *d, wr_i32 c, char *room, size_t size)
{
  if (d->column) return (wr_str){ d->column[c], (wr_u32)strlen(d->column[c]), 0 };
  return (wr_str){ room, (wr_u32)snprintf(room, size, "#%d", c), 0 };
}

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
  char room[16];
  (void)ctx;
  wr_save_key_types(v, s->def->key, s->def->nkey);
  wr_save_u32(v, (wr_u32)s->def->ncol);
  for (wr_i32 c = 0; c < s->def->ncol; c++) {
    wr_save_str(v, column_name(s->def, c, room, sizeof room));
    wr_save_type(v, s->type[c]);
  }
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

/* The columns of the saved events: col -1: no aggregate asks for it now. */
typedef struct saved_column {
  wr_i32 col;
  wr_reading as;
} saved_column;

typedef struct saved_events {
  const wr_reading *key;
  saved_column *column;
  wr_u32 ncol;
  bool positions;
  wr_u64 *word;                           /* room for a key, for an event */
  wr_slot *arg;
} saved_events;

static wr_i32 column_named(const wr_sliding *d, wr_str name)
{
  char room[16];
  for (wr_i32 c = 0; c < d->ncol; c++)
    if (wr_str_eq(column_name(d, c, room, sizeof room), name)) return c;
  return -1;
}

static bool load_column(wr_ctx *ctx, const wr_slider *s, saved_column *x, wr_loader *l)
{
  wr_str name = wr_load_str(l), type = wr_load_str(l);
  if (l->bad) return wr_load_damaged(ctx, l);
  x->col = column_named(s->def, name);
  if (x->col < 0) {
    x->as.was = x->as.now = wr_type_parse(ctx, type);
    return x->as.was ? true : wr_load_damaged(ctx, l);
  }
  return wr_reading_open(ctx, &x->as, type, s->type[x->col]) ||
         wr_load_refuse(ctx, l, "of its events `%.*s` was %.*s", (int)name.len, name.p, (int)type.len, type.p);
}

static bool load_columns(wr_ctx *ctx, const wr_slider *s, saved_events *e, wr_loader *l)
{
  char room[16];
  e->ncol = wr_load_u32(l);
  if (l->bad || e->ncol > (size_t)(l->end - l->p) / 8) return wr_load_damaged(ctx, l);
  e->column = wr_alloc(ctx, (e->ncol + 1) * (wr_u32)sizeof *e->column);
  for (wr_u32 i = 0; i < e->ncol; i++)
    if (!load_column(ctx, s, &e->column[i], l)) return false;
  for (wr_i32 c = 0; c < s->def->ncol; c++) {
    wr_u32 n = 0;
    for (wr_u32 i = 0; i < e->ncol; i++) n += e->column[i].col == c;
    if (n == 1) continue;
    wr_str name = column_name(s->def, c, room, sizeof room);
    return wr_load_refuse(ctx, l, "its events were kept without `%.*s`", (int)name.len, name.p);
  }
  e->positions = wr_load_u8(l) != 0;      /* saved, whether they are asked for or not */
  if (l->bad) return wr_load_damaged(ctx, l);
  return e->positions || !s->positions || wr_load_refuse(ctx, l, "its events were kept without their positions");
}

static bool load_event(wr_ctx *ctx, wr_slider *s, wr_window *w, const saved_events *e, wr_loader *l)
{
  wr_pos pos = { 0 };
  wr_ts t = wr_load_i64(l);
  if (e->positions) pos = wr_load_pos(ctx, l);
  for (wr_u32 i = 0; i < e->ncol; i++) {
    const saved_column *x = &e->column[i];
    wr_slot v = x->col < 0 ? wr_load_slot(ctx, l, x->as.was) : wr_load_as(ctx, l, &x->as);
    if (x->col >= 0) e->arg[x->col] = v;
  }
  if (l->bad || (w->n && t < wr_ring_time(s, w, w->n - 1))) return wr_load_damaged(ctx, l);
  wr_window_add(s, w, t, &pos, e->arg);
  return true;
}

static bool load_key(wr_ctx *ctx, wr_slider *s, const saved_events *e, wr_loader *l)
{
  wr_u32 hash;
  if (!wr_load_key(ctx, l, &s->lay, e->key, e->word, &hash)) return false;
  wr_u32 n = wr_load_u32(l);
  if (l->bad || n > (size_t)(l->end - l->p) / 8 || wr_table_entry(&s->table, hash, e->word)->no)
    return wr_load_damaged(ctx, l);
  wr_window *w = wr_window_of(s, e->word, hash);
  bool ok = true;
  for (wr_u32 i = 0; i < n && ok; i++) ok = load_event(ctx, s, w, e, l);
  return ok;
}

/* Of a window that is longer now the events before are not there: state_fit.c has asked whether that may be. */
bool wr_slider_load(wr_ctx *ctx, wr_slider *s, wr_loader *l)
{
  saved_events e = { .key = wr_load_key_types(ctx, l, s->def->key, s->def->nkey) };
  if (!e.key || !load_columns(ctx, s, &e, l)) return false;
  wr_i64 span = wr_load_i64(l);
  wr_ts seen = wr_load_i64(l);
  wr_u32 keys = wr_load_u32(l);
  bool ok = (!l->bad && span >= -1) || wr_load_damaged(ctx, l);
  e.word = wr_alloc(ctx, (s->lay.words + 1) * 8);
  e.arg = wr_alloc(ctx, (wr_u32)(s->def->ncol + 1) * (wr_u32)sizeof *e.arg);
  for (wr_u32 i = 0; i < keys && ok; i++) ok = load_key(ctx, s, &e, l);
  if (ok) s->reach.seen = seen;
  else wr_slider_clear(s);
  return ok;
}
