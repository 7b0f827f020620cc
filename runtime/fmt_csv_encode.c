/* fmt_csv_encode.c -- batches as CSV: a field is quoted when it has to be; lines end with a line feed. */
#include "fmt_csv.h"
#include <string.h>

static bool needs_quotes(const csv_state *s, const char *p, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (p[i] == s->delimiter || p[i] == s->quote || p[i] == '\n' || p[i] == '\r') return true;
  return false;
}

/* Puts quotes around what stands in the buffer from `from` on, where needed. */
static void quote(const csv_state *s, wr_buf *b, size_t from)
{
  size_t n = b->n - from, inside = 0;
  char *o;

  if (n == 0 || !s->quoting || !needs_quotes(s, b->p + from, n)) return;
  for (size_t i = 0; i < n; i++) inside += b->p[from + i] == s->quote;
  wr_buf_reserve(b, inside + 2);
  b->n += inside + 2;
  o = b->p + b->n;
  *--o = s->quote;
  for (size_t i = n; i-- > 0;) {
    *--o = b->p[from + i];
    if (*o == s->quote) *--o = s->quote;
  }
  *--o = s->quote;
}

static void put_leaf(const csv_state *s, wr_buf *b, const wr_field *f, const wr_batch *batch, wr_i32 row)
{
  wr_slot v = wr_col_slot(f->type, &batch->col[f->col], row);
  size_t from = b->n;

  if (v.st) return;
  if (f->masking == WR_MASK_NONE) {
    wr_text_print(b, f->type, s->unit, v);
  } else {
    wr_buf plain = { 0, 0, 0 };
    wr_text_print(&plain, f->type, s->unit, v);
    wr_text_masked(b, f, plain.p, plain.n);
    wr_buf_free(&plain);
  }
  quote(s, b, from);
}

static bool absent(const flat_type *t, const flat_leaf *l, const wr_batch *batch, wr_i32 row)
{
  for (wr_i32 g = l->group; g >= 0; g = t->group[g].parent) {
    wr_i32 col = t->group[g].presence;
    if (col >= 0 && !((const wr_u8 *)batch->col[col].v)[row]) return true;
  }
  return false;
}

void wr_csv_encode(wr_ctx *ctx, void *state, const wr_type *type, const wr_batch *batch, wr_buf *b)
{
  csv_state *s = state;
  const flat_type *t = wr_flat_of(&s->types, type);

  (void)ctx;
  for (wr_i32 row = 0; row < batch->n; row++) {
    bool first = true;
    for (wr_u32 i = 0; i < t->n; i++) {
      const flat_leaf *l = &t->leaf[i];
      if (l->field->col < 0) continue;
      if (!first) wr_buf_add(b, &s->delimiter, 1);
      first = false;
      if (!absent(t, l, batch, row)) put_leaf(s, b, l->field, batch, row);
    }
    wr_buf_add(b, "\n", 1);
  }
}

void wr_csv_encode_header(wr_ctx *ctx, void *state, const wr_type *type, wr_buf *b)
{
  csv_state *s = state;
  const flat_type *t = wr_flat_of(&s->types, type);
  bool first = true;

  (void)ctx;
  if (!s->header) return;
  for (wr_u32 i = 0; i < t->n; i++) {
    size_t from;
    if (t->leaf[i].field->col < 0) continue;
    if (!first) wr_buf_add(b, &s->delimiter, 1);
    first = false;
    from = b->n;
    wr_buf_add(b, t->leaf[i].path, strlen(t->leaf[i].path));
    quote(s, b, from);
  }
  wr_buf_add(b, "\n", 1);
}
