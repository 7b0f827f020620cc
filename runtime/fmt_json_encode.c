/* fmt_json_encode.c -- batches as JSON lines.
 *
 * An encoder is a tree of fields, each with the text in front of its value ready. Values of bounded
 * size are written without a check into room reserved before: `room` bytes hold the texts and such
 * values of a whole row.
 */
#include "fmt_json.h"
#include "json_scan.h"

typedef struct enc_field {
  const wr_field *field;
  const char *text;                       /* {"a": or ,"b": */
  wr_u32 len;
  struct enc_rec *rec;                    /* WR_REC */
} enc_field;

typedef struct enc_rec {
  enc_field *f;
  wr_u32 n;                               /* fields that are there */
} enc_rec;

struct json_encoder {
  const wr_type *type;
  enc_rec *top;
  size_t room;
  wr_buf mem;                             /* holds all of the tree, in one block that never moves */
  struct json_encoder *next;
};

/* ---- building ---- */

static size_t tree_size(const wr_type *t)
{
  size_t n = sizeof(enc_rec) + (t->n + 1) * sizeof(enc_field);

  for (wr_u32 i = 0; i < t->n; i++) {
    n += 6ull * t->fields[i].len + 32;
    if (t->fields[i].type->kind == WR_REC) n += tree_size(t->fields[i].type);
  }
  return n;
}

static void *take(struct json_encoder *e, size_t n)
{
  void *p = e->mem.p + e->mem.n;

  e->mem.n += (n + 7) / 8 * 8;
  return p;
}

static bool is_there(const wr_field *f)
{
  if (f->type->kind != WR_REC) return f->col >= 0;
  if (f->type->nullable && f->col >= 0) return true;
  for (wr_u32 i = 0; i < f->type->n; i++)
    if (is_there(&f->type->fields[i])) return true;
  return false;
}

static void lead(struct json_encoder *e, enc_field *f, bool first)
{
  wr_buf text = { 0, 0, 0 };
  char *p;

  wr_buf_add(&text, first ? "{" : ",", 1);
  wr_json_quote(&text, f->field->name, f->field->len);
  wr_buf_add(&text, ":", 1);
  p = take(e, text.n);
  memcpy(p, text.p, text.n);
  f->text = p;
  f->len = (wr_u32)text.n;
  e->room += text.n + 72;
  wr_buf_free(&text);
}

static enc_rec *build(struct json_encoder *e, const wr_type *t)
{
  enc_rec *r = take(e, sizeof *r);

  r->n = 0;
  r->f = take(e, t->n * sizeof *r->f);
  e->room += 8;
  for (wr_u32 i = 0; i < t->n; i++) {
    enc_field *f = &r->f[r->n];
    if (!is_there(&t->fields[i])) continue;
    f->field = &t->fields[i];
    lead(e, f, r->n++ == 0);
    f->rec = f->field->type->kind == WR_REC ? build(e, f->field->type) : 0;
  }
  return r;
}

static struct json_encoder *encoder_of(json_state *s, const wr_type *t)
{
  struct json_encoder *e = s->encoder;

  while (e && e->type != t) e = e->next;
  if (e) return e;
  e = wr_mem_alloc(sizeof *e);
  *e = (struct json_encoder){ .type = t, .next = s->encoder };
  wr_buf_reserve(&e->mem, tree_size(t));
  e->top = build(e, t);
  return s->encoder = e;
}

void wr_json_encoder_free(struct json_encoder *e)
{
  while (e) {
    struct json_encoder *next = e->next;
    wr_buf_free(&e->mem);
    wr_mem_free(e, sizeof *e);
    e = next;
  }
}

/* ---- writing ---- */

typedef struct enc_row {
  wr_buf *b;
  const wr_batch *batch;
  wr_i32 row;
  enum wr_unit unit;
  size_t room;
} enc_row;

/* A value of any size: through the buffer. */
static char *put_long(const enc_row *to, char *o, const wr_type *t, wr_slot s)
{
  wr_buf *b = to->b;

  b->n = (size_t)(o - b->p);
  wr_json_slots(b, t, to->unit, &s);
  wr_buf_reserve(b, to->room);
  return b->p + b->n;
}

static char *put_masked(const enc_row *to, char *o, const wr_field *f, wr_slot s)
{
  wr_buf plain = { 0, 0, 0 }, masked = { 0, 0, 0 }, *b = to->b;

  b->n = (size_t)(o - b->p);
  wr_text_print(&plain, f->type, to->unit, s);
  wr_text_masked(&masked, f, plain.p, plain.n);
  wr_json_quote(b, masked.p, masked.n);
  wr_buf_free(&plain);
  wr_buf_free(&masked);
  wr_buf_reserve(b, to->room);
  return b->p + b->n;
}

static char *put_null(char *o)
{
  memcpy(o, "null", 4);
  return o + 4;
}

static char *put_leaf(const enc_row *to, char *o, const wr_field *f)
{
  const wr_col *c = &to->batch->col[f->col];

  if (c->st && c->st[to->row]) return put_null(o);
  if (f->masking != WR_MASK_NONE) return put_masked(to, o, f, wr_col_slot(f->type, c, to->row));
  switch ((enum wr_kind)f->type->kind) {
  case WR_INT:
    return o + wr_print_int(o, ((const wr_i64 *)c->v)[to->row]);
  case WR_BOOL: case WR_FLOAT: case WR_DEC: case WR_TS_: case WR_DUR:
    return wr_json_write(o, f->type, to->unit, wr_col_slot(f->type, c, to->row));
  case WR_STR: case WR_BYTES: case WR_ENUM: case WR_JSON: case WR_LIST: case WR_MAP: case WR_REC: case WR_KINDS:
    break;
  }
  return put_long(to, o, f->type, wr_col_slot(f->type, c, to->row));
}

static bool absent(const enc_row *to, const wr_field *f)
{
  const wr_col *c;

  if (!f->type->nullable || f->col < 0) return false;
  c = &to->batch->col[f->col];
  return !((const wr_u8 *)c->v)[to->row] || (c->st && c->st[to->row]);
}

static char *put_rec(const enc_row *to, char *o, const enc_rec *r)
{
  if (r->n == 0) *o++ = '{';
  for (wr_u32 i = 0; i < r->n; i++) {
    const enc_field *f = &r->f[i];
    memcpy(o, f->text, f->len);
    o += f->len;
    if (!f->rec) o = put_leaf(to, o, f->field);
    else if (absent(to, f->field)) o = put_null(o);
    else o = put_rec(to, o, f->rec);
  }
  *o++ = '}';
  return o;
}

void wr_json_encode(wr_ctx *ctx, void *state, const wr_type *t, const wr_batch *batch, wr_buf *b)
{
  json_state *s = state;
  struct json_encoder *e = encoder_of(s, t);
  enc_row to = { .b = b, .batch = batch, .unit = s->unit, .room = e->room };

  (void)ctx;
  for (to.row = 0; to.row < batch->n; to.row++) {
    char *o;
    wr_buf_reserve(b, e->room);
    o = put_rec(&to, b->p + b->n, e->top);
    *o++ = '\n';
    b->n = (size_t)(o - b->p);
  }
}
