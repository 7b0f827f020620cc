/* save.c -- values in the byte form of state: a status byte, then the contents; lists their length and then
 * every element, a nullable record's presence before its fields. What is loaded is checked as far as
 * the program relies on it: lengths, members of enums, finite floats, UTF-8.
 */
#include "save.h"
#include <stdarg.h>
#include "fmt.h"
#include "hold.h"

static const wr_type key_type = { .kind = WR_STR };

/* ---- saving ---- */

static const wr_slot *save_value(wr_saver *, const wr_type *, const wr_slot *);

static void save_contents(wr_saver *s, const wr_type *t, const wr_slot *v)
{
  const wr_slot *e = v->u.list;
  if (wr_kind_text(t->kind)) {
    wr_save_str(s, wr_slot_str(*v));
  } else if (wr_kind_nested(t->kind)) {
    wr_save_u32(s, v->len);
    for (wr_u32 i = 0; i < v->len; i++) {
      if (t->kind == WR_MAP) e = save_value(s, &key_type, e);
      e = save_value(s, t->elem, e);
    }
  } else {
    wr_save_i64(s, v->u.i);               /* the bits of a float too */
  }
}

static const wr_slot *save_record(wr_saver *s, const wr_type *t, const wr_slot *v)
{
  if (t->nullable) {
    bool there = v->st == 0 && v->u.i;
    wr_save_u8(s, there);
    if (!there) return v + wr_type_leaves(t);
    v++;
  }
  for (wr_u32 i = 0; i < t->n; i++) v = save_value(s, t->fields[i].type, v);
  return v;
}

static const wr_slot *save_value(wr_saver *s, const wr_type *t, const wr_slot *v)
{
  if (t->kind == WR_REC) return save_record(s, t, v);
  wr_save_u8(s, v->st != 0);
  if (!v->st) save_contents(s, t, v);
  return v + 1;
}

/* A single value; of a record it is its presence. */
void wr_save_slot(wr_saver *s, const wr_type *t, wr_slot v)
{
  wr_save_u8(s, v.st != 0);
  if (!v.st) save_contents(s, t, &v);
}

/* ---- loading ---- */

static wr_slot *load_value(wr_ctx *, wr_loader *, const wr_type *, wr_slot *);

static void load_list(wr_ctx *ctx, wr_loader *l, const wr_type *t, wr_slot *v)
{
  wr_u32 n = wr_load_u32(l);
  wr_u64 bytes = (wr_u64)n * wr_type_width(t) * sizeof *v;
  if (l->bad || n > (size_t)(l->end - l->p) || bytes > UINT32_MAX) {
    l->bad = true;
    return;
  }
  wr_slot *e = n ? wr_alloc(ctx, (wr_u32)bytes) : NULL;
  v->u.list = e;
  v->len = n;
  for (wr_u32 i = 0; i < n && !l->bad; i++) {
    if (t->kind == WR_MAP) e = load_value(ctx, l, &key_type, e);
    e = load_value(ctx, l, t->elem, e);
  }
}

static bool scalar_ok(const wr_type *t, wr_i64 v)
{
  wr_f64 f;
  memcpy(&f, &v, sizeof f);
  if (t->kind == WR_FLOAT) return f - f == 0;
  if (t->kind == WR_BOOL || t->kind == WR_REC) return v == 0 || v == 1;
  return t->kind != WR_ENUM || (v >= 0 && v < t->n);
}

static void load_contents(wr_ctx *ctx, wr_loader *l, const wr_type *t, wr_slot *v)
{
  if (wr_kind_text(t->kind)) {
    *v = wr_str_slot(wr_load_str(l), 0);
    if (t->kind != WR_BYTES && !wr_utf8_valid(v->u.p, v->len)) l->bad = true;
  } else if (wr_kind_nested(t->kind)) {
    load_list(ctx, l, t, v);
  } else {
    v->u.i = wr_load_i64(l);
    if (!scalar_ok(t, v->u.i)) l->bad = true;
  }
}

wr_slot wr_load_slot(wr_ctx *ctx, wr_loader *l, const wr_type *t)
{
  wr_u8 st = wr_load_u8(l);
  wr_slot v = wr_i64_slot(0, st ? WR_NULL : 0);
  if (st > 1) l->bad = true;
  if (!st) load_contents(ctx, l, t, &v);
  return l->bad ? wr_i64_slot(0, WR_NULL) : v;
}

static wr_slot *load_record(wr_ctx *ctx, wr_loader *l, const wr_type *t, wr_slot *v)
{
  if (t->nullable) {
    wr_u8 there = wr_load_u8(l);
    if (there > 1) l->bad = true;
    *v++ = wr_i64_slot(there, there ? 0 : WR_NULL);
    wr_u32 rest = wr_type_leaves(t) - 1;
    for (wr_u32 i = 0; !there && i < rest; i++) *v++ = wr_i64_slot(0, WR_NULL);
    if (!there) return v;
  }
  for (wr_u32 i = 0; i < t->n; i++) v = load_value(ctx, l, t->fields[i].type, v);
  return v;
}

static wr_slot *load_value(wr_ctx *ctx, wr_loader *l, const wr_type *t, wr_slot *v)
{
  if (t->kind == WR_REC) return load_record(ctx, l, t, v);
  *v = wr_load_slot(ctx, l, t);
  if (v->st && !t->nullable) l->bad = true;
  return v + 1;
}

bool wr_load_refuse(wr_ctx *ctx, wr_loader *l, const char *fmt, ...)
{
  char text[512];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  l->bad = true;
  if (!l->why) l->why = memcpy(wr_alloc(ctx, (wr_u32)strlen(text) + 1), text, strlen(text) + 1);
  return false;
}

bool wr_load_damaged(wr_ctx *ctx, wr_loader *l) { return wr_load_refuse(ctx, l, "what was saved is damaged"); }

/* ---- types ---- */

static void add(wr_buf *b, const char *z) { wr_buf_add(b, z, strlen(z)); }

static void members(wr_buf *b, const wr_type *t)
{
  for (wr_u32 i = 0; t->names && i < t->n; i++) {
    add(b, i ? "|" : "(");
    add(b, t->names[i]);
  }
  add(b, t->open ? "|..)" : ")");
}

static void fields(wr_buf *b, const wr_type *t)
{
  for (wr_u32 i = 0; i < t->n; i++) {
    add(b, i ? ", " : "{");
    add(b, t->fields[i].label ? t->fields[i].label : t->fields[i].name);
    add(b, ": ");
    wr_type_text(b, t->fields[i].type);
  }
  add(b, "}");
}

void wr_type_text(wr_buf *b, const wr_type *t)
{
  static const char *const name[] = { "bool", "int", "float", "decimal", "string", "bytes", "timestamp", "duration",
                                      "enum", "json", "list", "map", "record" };
  char digits[8];
  add(b, name[t->kind]);
  snprintf(digits, sizeof digits, "(%u)", t->scale);
  if (t->kind == WR_DEC) add(b, digits);
  if (t->kind == WR_ENUM) members(b, t);
  if (t->kind == WR_REC) fields(b, t);
  if (wr_kind_nested(t->kind)) {
    add(b, "<");
    wr_type_text(b, t->elem);
    add(b, ">");
  }
  if (t->nullable) add(b, "?");
}

void wr_save_type(wr_saver *s, const wr_type *t)
{
  wr_buf b = { 0 };
  wr_type_text(&b, t);
  wr_save_str(s, (wr_str){ b.p, (wr_u32)b.n, 0 });
  wr_buf_free(&b);
}

/* ---- types that grew ---- */

typedef struct members_of { const char *p, *end; } members_of;

/* What stands in the brackets behind `enum` at p; false: none does. */
static bool enum_at(const char *p, const char *end, members_of *m)
{
  if ((size_t)(end - p) < 5 || memcmp(p, "enum(", 5) != 0) return false;
  m->p = p + 5;
  m->end = memchr(m->p, ')', (size_t)(end - m->p));
  return m->end != NULL;
}

static size_t first_of(const members_of *m)
{
  const char *bar = memchr(m->p, '|', (size_t)(m->end - m->p));
  return (size_t)((bar ? bar : m->end) - m->p);
}

static bool has_member(members_of m, const char *name, size_t n)
{
  for (size_t k; m.p < m.end; m.p += k + 1)
    if ((k = first_of(&m)) == n && memcmp(m.p, name, n) == 0) return true;
  return false;
}

static bool all_there(members_of was, members_of now, bool in_place)
{
  size_t a = (size_t)(was.end - was.p), b = (size_t)(now.end - now.p);
  if (in_place)
    return a <= b && memcmp(was.p, now.p, a) == 0 && (a == b || now.p[a] == '|') && !has_member(now, "..", 2);
  for (size_t k; was.p < was.end; was.p += k + 1)
    if (k = first_of(&was), !has_member(now, was.p, k)) return false;
  return true;
}

bool wr_type_grown(wr_str was, wr_str now, bool in_place)
{
  const char *a = was.p, *end = a + was.len, *b = now.p, *stop = b + now.len;
  members_of x, y;
  while (a < end && b < stop) {
    if (enum_at(a, end, &x) && enum_at(b, stop, &y)) {
      bool same = x.end - x.p == y.end - y.p && memcmp(x.p, y.p, (size_t)(x.end - x.p)) == 0;
      if (!same && !all_there(x, y, in_place)) return false;
      a = x.end, b = y.end;
    }
    if (*a++ != *b++) return false;
  }
  return a == end && (b == stop || (b + 1 == stop && *b == '?'));
}

static bool same_text(wr_str a, const wr_buf *b, size_t cut)
{
  return a.len == b->n - cut && !memcmp(a.p, b->p, a.len);
}

enum wr_widen wr_type_widens(wr_str was, const wr_type *now)
{
  wr_buf b = { 0 };
  wr_type_text(&b, now);
  bool same = same_text(was, &b, 0) || (now->nullable && same_text(was, &b, 1));
  bool grown = !same && wr_type_grown(was, (wr_str){ b.p, (wr_u32)b.n, 0 }, false);
  wr_buf_free(&b);
  if (same) return WR_WIDEN_SAME;
  if (grown) return WR_WIDEN_ENUM;
  wr_type as_int = { .kind = WR_INT, .nullable = now->nullable };
  return now->kind == WR_FLOAT && wr_type_widens(was, &as_int) == WR_WIDEN_SAME ? WR_WIDEN_FLOAT : WR_WIDEN_NOT;
}
