/* trial_rows.c -- rows of a test as the JSON texts of their leaves.
 *
 * What is compared is what is shown: two values are equal when their texts are. A row of an expectation has
 * no text for the leaves that it does not mention.
 */
#include "trial_rows.h"
#include "fmt.h"
#include <string.h>

static trial_cell *cells(const trial_rows *r, wr_i32 row)
{
  return (trial_cell *)(void *)r->cell.p + (size_t)row * (size_t)r->nleaf;
}

const trial_cell *wr_rows_cells(const trial_rows *r, wr_i32 row) { return cells(r, row); }

wr_i32 wr_rows_line(const trial_rows *r, wr_i32 row)
{
  wr_i32 line;
  memcpy(&line, r->line.p + (size_t)row * sizeof line, sizeof line);
  return line;
}

void wr_rows_begin(trial_rows *r, wr_i32 line)
{
  const trial_cell none = { 0, -1 };
  for (wr_i32 i = 0; i < r->nleaf; i++) wr_buf_add(&r->cell, &none, sizeof none);
  wr_buf_add(&r->line, &line, sizeof line);
  r->n++;
}

void wr_rows_put(trial_rows *r, wr_i32 leaf, wr_slot v)
{
  const wr_type *t = r->leaf[leaf].field->type;
  trial_cell *c = &cells(r, r->n - 1)[leaf];

  c->at = r->text.n;
  if (v.st || (t->kind == WR_REC && !v.u.i)) wr_buf_add(&r->text, "null", 4);
  else if (t->kind == WR_REC) wr_buf_add(&r->text, "{}", 2);
  else wr_json_value(&r->text, t, v);
  c->n = (wr_i64)(r->text.n - c->at);
}

void wr_rows_free(trial_rows *r)
{
  wr_buf_free(&r->text);
  wr_buf_free(&r->cell);
  wr_buf_free(&r->line);
}

/* ---- comparing ---- */

bool wr_rows_same_cell(const trial_rows *want, const trial_cell *a, const trial_rows *got, const trial_cell *b)
{
  return a->n < 0 || (a->n == b->n && memcmp(want->text.p + a->at, got->text.p + b->at, (size_t)a->n) == 0);
}

bool wr_rows_match(const trial_rows *want, wr_i32 i, const trial_rows *got, wr_i32 k)
{
  const trial_cell *a = cells(want, i), *b = cells(got, k);
  for (wr_i32 c = 0; c < want->nleaf; c++)
    if (!wr_rows_same_cell(want, &a[c], got, &b[c])) return false;
  return true;
}

/* ---- showing ---- */

static bool mentions(const trial_cell *c, wr_u32 n)
{
  for (wr_u32 i = 0; i < n; i++)
    if (c[i].n >= 0) return true;
  return false;
}

static void print_cell(const trial_rows *r, const trial_cell *c, FILE *f)
{
  fwrite(r->text.p + c->at, 1, (size_t)c->n, f);
}

/* Cells from c on are the leaves of t's fields. */
static void print_record(const trial_rows *r, const wr_type *t, const trial_cell *c, FILE *f)
{
  const char *before = "{";
  for (wr_u32 i = 0; i < t->n; i++) {
    const wr_field *x = &t->fields[i];
    wr_u32 n = wr_type_leaves(x->type), inner = x->type->kind == WR_REC && x->type->nullable;
    if (mentions(c, n)) {
      fprintf(f, "%s\"%s\":", before, x->label ? x->label : x->name);
      before = ",";
      if (x->type->kind != WR_REC) print_cell(r, c, f);
      else if (inner && r->text.p[c->at] == 'n') fputs("null", f);
      else print_record(r, x->type, c + inner, f);
    }
    c += n;
  }
  fputs(*before == '{' ? "{}" : "}", f);
}

void wr_rows_print(const trial_rows *r, wr_i32 row, FILE *f) { print_record(r, r->type, cells(r, row), f); }
