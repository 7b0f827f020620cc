/* batch.c -- batches of columns, and single cells as slots and back.
 *
 * A null cell also holds zero bytes, so that nothing ever computes with what a former row left.
 */
#include "fmt.h"
#include <string.h>

unsigned wr_kind_width(unsigned kind)
{
  switch ((enum wr_kind)kind) {
  case WR_BOOL: case WR_REC:
    return 1;
  case WR_INT: case WR_FLOAT: case WR_DEC: case WR_TS_: case WR_DUR: case WR_ENUM:
    return 8;
  case WR_STR: case WR_BYTES: case WR_JSON: case WR_LIST: case WR_MAP: case WR_KINDS:
    break;
  }
  return 16;
}

static void *zeroed(size_t n)
{
  void *p = wr_mem_alloc(n ? n : 1);

  memset(p, 0, n);
  return p;
}

wr_batch *wr_batch_new(wr_i32 ncol, const wr_u8 *kind, const wr_u8 *nullable, wr_i32 cap, bool source)
{
  wr_batch *b = zeroed(sizeof *b);
  size_t n = (size_t)cap;

  b->cap = cap;
  b->ncol = ncol;
  b->col = zeroed((size_t)ncol * sizeof *b->col);
  for (wr_i32 i = 0; i < ncol; i++) {
    b->col[i].v = zeroed(n * wr_kind_width(kind[i]));
    if (nullable[i]) b->col[i].st = zeroed(n);
  }
  b->time = zeroed(n * sizeof *b->time);
  b->wm = zeroed(n * sizeof *b->wm);
  b->pos = zeroed(n * sizeof *b->pos);
  b->row = zeroed(n * sizeof *b->row);
  if (source) {
    b->skip = zeroed(n);
    b->raw = zeroed(n * sizeof *b->raw);
  }
  return b;
}

void wr_batch_free(wr_batch *b, const wr_u8 *kind)
{
  size_t n;

  if (!b) return;
  n = (size_t)b->cap;
  for (wr_i32 i = 0; i < b->ncol; i++) {
    wr_mem_free(b->col[i].v, n * wr_kind_width(kind[i]));
    wr_mem_free(b->col[i].st, n);
  }
  wr_mem_free(b->col, (size_t)b->ncol * sizeof *b->col);
  wr_mem_free(b->time, n * sizeof *b->time);
  wr_mem_free(b->wm, n * sizeof *b->wm);
  wr_mem_free(b->pos, n * sizeof *b->pos);
  wr_mem_free(b->row, n * sizeof *b->row);
  wr_mem_free(b->skip, n);
  wr_mem_free(b->raw, n * sizeof *b->raw);
  wr_mem_free(b, sizeof *b);
}

wr_slot wr_col_slot(const wr_type *t, const wr_col *c, wr_i32 row)
{
  wr_status st = !c->st || !c->st[row] ? 0 : c->st[row] == WR_ST_NULL ? WR_NULL : c->st[row] - 1;

  switch ((enum wr_kind)t->kind) {
  case WR_BOOL: case WR_REC:
    return wr_i64_slot(((const wr_u8 *)c->v)[row], st);
  case WR_INT: case WR_DEC: case WR_TS_: case WR_DUR: case WR_ENUM:
    return wr_i64_slot(((const wr_i64 *)c->v)[row], st);
  case WR_FLOAT:
    return wr_f64_slot(((const wr_f64 *)c->v)[row], st);
  case WR_STR: case WR_BYTES: case WR_JSON:
    return wr_str_slot(((const wr_str *)c->v)[row], st);
  case WR_LIST: case WR_MAP: case WR_KINDS:
    break;
  }
  return wr_list_slot(((const wr_list *)c->v)[row], st);
}

unsigned wr_type_leaves(const wr_type *t)
{
  unsigned n = t->nullable;

  if (t->kind != WR_REC) return 1;
  for (wr_u32 i = 0; i < t->n; i++) n += wr_type_leaves(t->fields[i].type);
  return n;
}

wr_u32 wr_type_width(const wr_type *t)
{
  return wr_type_leaves(t->elem) + (t->kind == WR_MAP);
}

void wr_cell_null(unsigned kind, const wr_col *c, wr_i32 row)
{
  unsigned width = wr_kind_width(kind);

  memset((char *)c->v + (size_t)row * width, 0, width);
  if (c->st) c->st[row] = WR_ST_NULL;
}

void wr_cell_set(const wr_type *t, const wr_col *c, wr_i32 row, wr_slot s)
{
  if (s.st) {
    wr_cell_null(t->kind, c, row);
    return;
  }
  if (c->st) c->st[row] = 0;
  switch ((enum wr_kind)t->kind) {
  case WR_BOOL: case WR_REC:
    ((wr_u8 *)c->v)[row] = s.u.i != 0;
    break;
  case WR_INT: case WR_DEC: case WR_TS_: case WR_DUR: case WR_ENUM:
    ((wr_i64 *)c->v)[row] = s.u.i;
    break;
  case WR_FLOAT:
    ((wr_f64 *)c->v)[row] = s.u.f;
    break;
  case WR_STR: case WR_BYTES: case WR_JSON:
    ((wr_str *)c->v)[row] = wr_slot_str(s);
    break;
  case WR_LIST: case WR_MAP: case WR_KINDS:
    ((wr_list *)c->v)[row] = wr_slot_list(s, wr_type_width(t));
    break;
  }
}
