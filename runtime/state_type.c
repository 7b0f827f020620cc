/* state_type.c -- types out of the text that wr_type_text (save.c) makes of them: int, decimal(2), string?,
 * list<int>, enum(a|b|..), record{x: int, y: string?}. For tools that have a checkpoint and no program.
 */
#include "save.h"

static const char *const plain[WR_KINDS] = {
  [WR_BOOL] = "bool", [WR_INT] = "int", [WR_FLOAT] = "float", [WR_DEC] = "decimal", [WR_STR] = "string",
  [WR_BYTES] = "bytes", [WR_TS_] = "timestamp", [WR_DUR] = "duration", [WR_ENUM] = "enum", [WR_JSON] = "json",
  [WR_LIST] = "list", [WR_MAP] = "map", [WR_REC] = "record"
};
enum { DEPTH = 16, PARTS = 4096 };

typedef struct reader { wr_ctx *ctx; const char *p, *end; } reader;

static bool eat(reader *r, const char *text)
{
  size_t n = strlen(text);
  if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0) return false;
  r->p += n;
  return true;
}

static const wr_type *type(reader *r, int depth);

/* A name up to one of the ends. */
static const char *name_to(reader *r, const char *ends, wr_u32 *len)
{
  const char *from = r->p;
  while (r->p < r->end && !strchr(ends, *r->p)) r->p++;
  *len = (wr_u32)(r->p - from);
  char *name = wr_alloc(r->ctx, *len + 1);
  memcpy(name, from, *len);
  name[*len] = 0;
  return name;
}

static bool members(reader *r, wr_type *t)
{
  const char **name = wr_alloc(r->ctx, PARTS * sizeof *name);
  wr_u32 len;
  t->names = name;
  if (!eat(r, "(")) return false;
  while (!eat(r, ")")) {
    if (t->n == PARTS || r->p == r->end) return false;
    if (eat(r, "|..")) { t->open = 1; continue; }
    if (t->n && !eat(r, "|")) return false;
    name[t->n++] = name_to(r, "|)", &len);
  }
  return true;
}

static bool fields(reader *r, wr_type *t, int depth)
{
  wr_field *f = wr_alloc(r->ctx, PARTS * sizeof *f);
  t->fields = f;
  if (!eat(r, "{")) return false;
  while (!eat(r, "}")) {
    wr_u32 len;
    if (t->n == PARTS || (t->n && !eat(r, ", "))) return false;
    const char *name = name_to(r, ":", &len);
    f[t->n] = (wr_field){ .name = name, .len = len, .label = name };
    if (!eat(r, ": ") || !(f[t->n].type = type(r, depth + 1))) return false;
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
  if (t->kind == WR_ENUM) return members(r, t);
  return t->kind != WR_REC || fields(r, t, depth);
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
