/* seq_save.c -- waiting rows in a checkpoint: what the lanes are made of, then chunks of rows, the oldest
 * run first, column by column. Loading finds the columns again by name and pushes the chunks. */
#include <stdlib.h>
#include "fmt.h"
#include "hold.h"
#include "seq_run.h"

enum { CHUNK = 4096, DONE = 0xffffffff };

static bool is_wide(wr_u8 kind) { return wr_kind_width(kind) == 16; }

static wr_type lane_type(const wr_waiting *l, wr_i32 c)
{
  const wr_type *told = l->def->type ? l->def->type[c] : NULL;
  wr_type t = told && l->kind[c] != WR_REC ? *told : (wr_type){ .kind = l->kind[c] };
  if (t.kind == WR_REC) t.kind = WR_BOOL; /* of a record its presence */
  t.nullable = l->nullable[c];
  return t;
}

static void lane_column(const wr_waiting *l, wr_i32 c, char *out, size_t size)
{
  if (l->def->column) snprintf(out, size, "%s", l->def->column[c]);
  else snprintf(out, size, "#%d", c);
}

wr_type wr_sequence_column(const wr_sequence *q, wr_i32 lane, wr_i32 col, char *name, size_t size)
{
  lane_column(&q->lane[lane], col, name, size);
  return lane_type(&q->lane[lane], col);
}

/* ---- saving ---- */

static void save_name(wr_saver *s, const char *name) { wr_save_str(s, (wr_str){ name, (wr_u32)strlen(name), 0 }); }

static void save_shape(const wr_waiting *l, wr_saver *s)
{
  char name[WR_COLUMN_NAME];
  save_name(s, l->def->name);
  wr_save_u32(s, (wr_u32)l->ncol);
  for (wr_i32 c = 0; c < l->ncol; c++) {
    wr_type t = lane_type(l, c);
    lane_column(l, c, name, sizeof name);
    save_name(s, name);
    wr_save_type(s, &t);
  }
}

static void save_values(const wr_seq_run *r, wr_i32 c, wr_i32 from, wr_i32 n, wr_saver *s)
{
  const wr_waiting *l = r->lane;
  const void *v = wr_run_strip(r, l->value[c]);
  for (wr_i32 i = from; i < from + n; i++) {
    if (wr_kind_nested(l->kind[c]))
      wr_save_slot(s, l->def->type[c], wr_list_slot(((const wr_list *)v)[i], 0));
    else
      wr_save_str(s, ((const wr_str *)v)[i]);
  }
}

static void save_chunk(const wr_seq_run *r, wr_i32 from, wr_i32 n, wr_saver *s)
{
  wr_save_u32(s, (wr_u32)r->lane->index);
  wr_save_u32(s, (wr_u32)n);
  for (wr_i32 i = 0; i < r->lane->nstrip; i++) {
    const wr_strip *p = &r->lane->strip[i];
    if (p->what == STRIP_VALUE && p->width == 16) save_values(r, p->col, from, n, s);
    else wr_save_bytes(s, wr_run_strip(r, p) + (size_t)from * p->width, (size_t)n * p->width);
  }
}

static int by_age(const void *a, const void *b)
{
  const wr_head *x = a, *y = b;
  return x->run->age < y->run->age ? -1 : x->run->age > y->run->age;
}

void wr_sequence_save(wr_ctx *ctx, const wr_sequence *q, wr_saver *s)
{
  wr_u64 size = (wr_u64)q->nrun * sizeof(wr_head);
  wr_head *run = wr_heap_alloc(ctx, size);

  wr_save_u32(s, (wr_u32)q->def->nlane);
  for (wr_i32 i = 0; i < q->def->nlane; i++) save_shape(&q->lane[i], s);
  if (size) memcpy(run, q->heap, size);
  qsort(run, (size_t)q->nrun, sizeof *run, by_age);
  for (wr_i32 i = 0; i < q->nrun; i++) {
    const wr_seq_run *r = run[i].run;
    for (wr_i32 at = r->at; at < r->n; at += CHUNK) save_chunk(r, at, r->n - at < CHUNK ? r->n - at : CHUNK, s);
  }
  wr_save_u32(s, DONE);
  wr_heap_free(ctx, run, size);
}

/* ---- loading ---- */

/* A column as it was saved; col -1: nobody asks for it now. */
typedef struct saved_column {
  wr_i32 col;
  bool nullable;                          /* then: status bytes follow its values */
  wr_type now;
  wr_reading as;
} saved_column;

typedef struct saved_lane {
  const wr_waiting *lane;
  saved_column *column;
  wr_u32 ncol;
  wr_batch *batch;
  bool again;                             /* its rows lack a column */
} saved_lane;

static wr_i32 column_named(const wr_waiting *l, wr_str name)
{
  char is[WR_COLUMN_NAME];
  for (wr_i32 c = 0; c < l->ncol; c++) {
    lane_column(l, c, is, sizeof is);
    if (strlen(is) == name.len && !memcmp(is, name.p, name.len)) return c;
  }
  return -1;
}

static bool load_column(wr_ctx *ctx, const wr_waiting *l, saved_column *x, wr_loader *ld)
{
  wr_str name = wr_load_str(ld), type = wr_load_str(ld);
  if (ld->bad) return wr_load_damaged(ctx, ld);
  x->col = column_named(l, name);
  x->nullable = type.len && type.p[type.len - 1] == '?';
  if (x->col < 0) {
    x->as.was = x->as.now = wr_type_parse(ctx, type);
    return x->as.was ? true : wr_load_damaged(ctx, ld);
  }
  x->now = lane_type(l, x->col);
  return wr_reading_open(ctx, &x->as, type, &x->now) ||
         wr_load_refuse(ctx, ld, "rows of %s waited in it whose `%.*s` was %.*s", l->def->name, (int)name.len, name.p,
                        (int)type.len, type.p);
}

static bool has_column(const saved_lane *s, wr_i32 col)
{
  wr_u32 n = 0;
  for (wr_u32 i = 0; i < s->ncol; i++) n += s->column[i].col == col;
  return n == 1;
}

/* A column is missing: the rows are read again, or refused. */
static bool lacks(wr_ctx *ctx, const wr_sequence *q, saved_lane *s, wr_i32 col, wr_loader *ld)
{
  char missing[WR_COLUMN_NAME];
  const wr_lane *d = s->lane->def;
  s->again = d->again && q->again;
  for (wr_u32 i = 0; i < s->ncol; i++) s->column[i].col = -1;
  if (s->again) return true;
  lane_column(s->lane, col, missing, sizeof missing);
  return wr_load_refuse(ctx, ld, "rows of %s wait in it that were kept without `%s`", d->name, missing);
}

static bool load_shape(wr_ctx *ctx, const wr_sequence *q, const wr_waiting *l, saved_lane *s, wr_loader *ld)
{
  wr_str name = wr_load_str(ld);
  wr_u32 n = wr_load_u32(ld);
  if (ld->bad || n > (size_t)(ld->end - ld->p) / 8) return wr_load_damaged(ctx, ld);
  if (strlen(l->def->name) != name.len || memcmp(l->def->name, name.p, name.len))
    return wr_load_refuse(ctx, ld, "rows of %.*s waited in it", (int)name.len, name.p);
  *s = (saved_lane){ .lane = l, .ncol = n, .column = wr_alloc(ctx, (n + 1) * (wr_u32)sizeof *s->column) };
  for (wr_u32 i = 0; i < n; i++)
    if (!load_column(ctx, l, &s->column[i], ld)) return false;
  for (wr_i32 c = 0; c < l->ncol; c++)
    if (!has_column(s, c)) return lacks(ctx, q, s, c, ld);
  return true;
}

static void put_value(wr_batch *b, wr_i32 c, wr_i32 row, const wr_type *t, wr_slot v)
{
  if (wr_kind_nested(t->kind)) {
    wr_u32 width = wr_type_width(t);
    ((wr_list *)b->col[c].v)[row] = v.st ? (wr_list){ .width = width } : wr_slot_list(v, width);
  } else if (is_wide(t->kind)) {
    ((wr_str *)b->col[c].v)[row] = v.st ? (wr_str){ 0 } : wr_slot_str(v);
  } else if (t->kind == WR_BOOL) {
    ((wr_u8 *)b->col[c].v)[row] = v.u.i != 0;
  } else {
    ((wr_i64 *)b->col[c].v)[row] = v.u.i;
  }
}

/* Texts and lists are read one by one, the others stand side by side. */
static wr_slot load_value(wr_ctx *ctx, const wr_type *was, wr_i32 i, const char *flat, wr_loader *ld)
{
  wr_i64 v = 0;
  if (wr_kind_nested(was->kind)) return wr_load_slot(ctx, ld, was);
  if (is_wide(was->kind)) return wr_str_slot(wr_load_str(ld), 0);
  if (was->kind == WR_BOOL) return wr_i64_slot(flat[i] != 0, 0);
  memcpy(&v, flat + (size_t)i * 8, 8);
  if (was->kind == WR_ENUM && (v < 0 || (was->n && v >= was->n))) v = 0;      /* of a null it may be anything */
  return wr_i64_slot(v, 0);
}

static void load_values(wr_ctx *ctx, const saved_column *x, wr_batch *b, wr_loader *ld)
{
  const wr_type *was = x->as.was;
  const char *flat = is_wide(was->kind) ? NULL : wr_load_bytes(ld, (size_t)b->n * wr_kind_width(was->kind));
  for (wr_i32 i = 0; i < b->n && !ld->bad; i++) {
    wr_slot v = load_value(ctx, was, i, flat, ld);
    if (x->col >= 0 && !ld->bad) put_value(b, x->col, i, x->as.now, wr_reading_of(ctx, &x->as, v));
  }
}

static void load_statuses(const saved_column *x, bool saved, wr_batch *b, wr_loader *ld)
{
  const char *st = saved ? wr_load_bytes(ld, (size_t)b->n) : NULL;
  wr_u8 *to = x->col >= 0 ? b->col[x->col].st : NULL;
  for (wr_i32 i = 0; st && i < b->n; i++) ld->bad |= (wr_u8)st[i] > WR_E_COUNT;
  if (to && st) memcpy(to, st, (size_t)b->n);
  else if (to) memset(to, 0, (size_t)b->n);
}

static bool load_chunk(wr_ctx *ctx, const saved_lane *s, wr_loader *ld)
{
  wr_batch *b = s->batch;
  for (wr_i32 i = 0; i < s->lane->nstrip && s->lane->strip[i].what < STRIP_VALUE; i++) {
    const wr_strip *p = &s->lane->strip[i];
    const char *from = wr_load_bytes(ld, (size_t)b->n * p->width);
    if (from) memcpy(wr_batch_strip(b, p), from, (size_t)b->n * p->width);
  }
  for (wr_u32 i = 0; i < s->ncol && !ld->bad; i++) {
    load_values(ctx, &s->column[i], b, ld);
    load_statuses(&s->column[i], s->column[i].nullable, b, ld);
  }
  return !ld->bad;
}

static bool load_rows(wr_ctx *ctx, wr_sequence *q, saved_lane *s, wr_loader *ld)
{
  for (wr_u32 lane; (lane = wr_load_u32(ld)) != DONE;) {
    wr_u32 n = wr_load_u32(ld);
    if (ld->bad || lane >= (wr_u32)q->def->nlane || n == 0 || n > CHUNK) return false;
    const wr_waiting *l = &q->lane[lane];
    if (!s[lane].batch) s[lane].batch = wr_batch_new(l->ncol, l->kind, l->nullable, CHUNK, false);
    wr_batch *b = s[lane].batch;
    b->n = (wr_i32)n;
    if (!load_chunk(ctx, &s[lane], ld)) return false;
    for (wr_u32 i = 0; i < n; i++) b->pos[i] = wr_pos_now(ctx, b->pos[i]);
    if (s[lane].again) q->again(ctx, q->def, (wr_i32)lane, b);
    else wr_sequence_push(ctx, q, (wr_i32)lane, b);
  }
  return !ld->bad;
}

bool wr_sequence_load(wr_ctx *ctx, wr_sequence *q, wr_loader *ld)
{
  wr_i32 n = q->def->nlane;
  wr_u32 size = (wr_u32)((n + 1) * (wr_i32)sizeof(saved_lane)), lanes = wr_load_u32(ld);
  if (ld->bad) return wr_load_damaged(ctx, ld);
  if (lanes != (wr_u32)n) return wr_load_refuse(ctx, ld, "it had %u inputs and has %d", lanes, n);
  saved_lane *s = memset(wr_alloc(ctx, size), 0, size);
  for (wr_i32 i = 0; i < n; i++)
    if (!load_shape(ctx, q, &q->lane[i], &s[i], ld)) return false;
  bool ok = load_rows(ctx, q, s, ld);
  for (wr_i32 i = 0; i < n; i++) wr_batch_free(s[i].batch, q->lane[i].kind);
  if (ok) return true;
  wr_sequence_clear(ctx, q);
  return wr_load_damaged(ctx, ld);
}

void wr_sequence_again(wr_sequence *q, wr_again_fn *fn) { q->again = fn; }
void wr_sequence_only(wr_sequence *q, wr_again_fn *fn) { q->only = fn; }

void wr_sequence_least(const wr_sequence *q, wr_u32 rank, wr_i64 *least, wr_i32 npart)
{
  for (wr_i32 i = 0; i < q->nrun; i++) {
    const wr_seq_run *r = q->heap[i].run;
    const wr_pos *pos = wr_run_pos(r);
    for (wr_i32 k = r->at; r->lane->def->again && k < r->n; k++) {
      wr_i32 part = (wr_i32)(pos[k].src & 4095);
      if (pos[k].src >> 12 == rank && part < npart && pos[k].off < least[part]) least[part] = pos[k].off;
    }
  }
}
