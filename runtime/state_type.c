/* state_type.c -- types as the text of descriptors, and back: int, decimal(2), string?, list<int>,
 * enum("a", "b", open), record("x" int, "y" string?).
 */
#include "checkpoint.h"

static const char *const plain[WR_KINDS] = {
  [WR_BOOL] = "bool", [WR_INT] = "int", [WR_FLOAT] = "float", [WR_DEC] = "decimal", [WR_STR] = "string",
  [WR_BYTES] = "bytes", [WR_TS_] = "timestamp", [WR_DUR] = "duration", [WR_ENUM] = "enum", [WR_JSON] = "json",
  [WR_LIST] = "list", [WR_MAP] = "map", [WR_REC] = "record"
};
enum { DEPTH = 16, PARTS = 4096 };

static void put(wr_buf *b, const char *text) { wr_buf_add(b, text, strlen(text)); }

static void put_parts(wr_buf *b, const wr_type *t)
{
  put(b, "(");
  for (wr_u32 i = 0; i < t->n; i++) {
    const char *name = t->kind == WR_REC ? t->fields[i].label ? t->fields[i].label : t->fields[i].name : t->names[i];
    if (i) put(b, ", ");
    wr_json_quote(b, name, strlen(name));
    if (t->kind != WR_REC) continue;
    put(b, " ");
    wr_type_text(b, t->fields[i].type);
  }
  put(b, t->kind == WR_ENUM && t->open ? ", open)" : ")");
}

void wr_type_text(wr_buf *b, const wr_type *t)
{
  char n[16];
  put(b, t->kind < WR_KINDS ? plain[t->kind] : "?");
  if (t->kind == WR_DEC) {
    snprintf(n, sizeof n, "(%d)", t->scale);
    put(b, n);
  } else if (t->kind == WR_LIST || t->kind == WR_MAP) {
    put(b, "<");
    wr_type_text(b, t->elem);
    put(b, ">");
  } else if (t->kind == WR_REC || t->kind == WR_ENUM) {
    put_parts(b, t);
  }
  if (t->nullable) put(b, "?");
}

/* ---- back ---- */

typedef struct reader { wr_ctx *ctx; const char *p, *end; } reader;

static bool eat(reader *r, const char *text)
{
  size_t n = strlen(text);
  if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0) return false;
  r->p += n;
  return true;
}

static const wr_type *type(reader *r, int depth);

static const char *quoted(reader *r, wr_u32 *len)
{
  static const wr_type text = { .kind = WR_STR };
  const char *from = r->p;
  wr_slot v;
  if (!eat(r, "\"")) return NULL;
  while (r->p < r->end && *r->p != '"') r->p += *r->p == '\\' && r->end - r->p > 1 ? 2 : 1;
  if (!eat(r, "\"") || wr_json_parse(r->ctx, &text, from, (size_t)(r->p - from), &v)) return NULL;
  char *name = wr_alloc(r->ctx, v.len + 1);
  memcpy(name, v.u.p, v.len);
  name[v.len] = 0;
  *len = v.len;
  return name;
}

/* The members of an enum, or the fields of a record. */
static bool parts(reader *r, wr_type *t, int depth)
{
  wr_field *field = wr_alloc(r->ctx, PARTS * sizeof *field);
  const char **name = wr_alloc(r->ctx, PARTS * sizeof *name);
  t->fields = field;
  t->names = name;
  if (!eat(r, "(")) return false;
  while (!eat(r, ")")) {
    wr_u32 len;
    if (t->n == PARTS || (t->n && !eat(r, ", "))) return false;
    if (t->kind == WR_ENUM && eat(r, "open")) { t->open = 1; continue; }
    if (!(name[t->n] = quoted(r, &len))) return false;
    field[t->n] = (wr_field){ .name = name[t->n], .len = len, .label = name[t->n] };
    if (t->kind == WR_REC && (!eat(r, " ") || !(field[t->n].type = type(r, depth + 1)))) return false;
    t->n++;
  }
  return true;
}

static bool inside(reader *r, wr_type *t, int depth)
{
  if (t->kind == WR_DEC) {
    int scale = 0;
    if (!eat(r, "(")) return false;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && scale < 100) scale = scale * 10 + (*r->p++ - '0');
    t->scale = (wr_u8)scale;
    return scale <= 18 && eat(r, ")");
  }
  if (t->kind == WR_LIST || t->kind == WR_MAP)
    return eat(r, "<") && (t->elem = type(r, depth + 1)) && eat(r, ">");
  return (t->kind != WR_ENUM && t->kind != WR_REC) || parts(r, t, depth);
}

static const wr_type *type(reader *r, int depth)
{
  wr_type *t = wr_alloc(r->ctx, sizeof *t);
  if (depth > DEPTH) return NULL;
  for (unsigned kind = 0; kind < WR_KINDS; kind++) {
    if (!eat(r, plain[kind])) continue;
    *t = (wr_type){ .kind = (wr_u8)kind };
    if (!inside(r, t, depth)) return NULL;
    t->nullable = eat(r, "?");
    return t;
  }
  return NULL;
}

const wr_type *wr_type_parse(wr_ctx *ctx, wr_str text)
{
  reader r = { ctx, text.p, text.p + text.len };
  const wr_type *t = type(&r, 0);
  return t && r.p == r.end ? t : NULL;
}
