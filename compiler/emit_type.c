/* emit_type.c -- types, slots and strings as constant data. */
#include <string.h>
#include "emit.h"

const char *emit_kind(const Type *t)
{
  static const char *const kind[] = { "WR_BOOL", "WR_INT", "WR_FLOAT", "WR_DEC", "WR_STR", "WR_BYTES", "WR_TS_",
    "WR_DUR", "WR_ENUM", "WR_JSON", "WR_LIST", "WR_MAP", "WR_REC", "WR_STR", "WR_STR" };
  return kind[t->kind];
}

const char *emit_ctype(const Type *t)
{
  switch (t->kind) {
  case T_BOOL: case T_REC: return "wr_i32";   /* T_REC: presence */
  case T_INT: case T_DEC: case T_TS: case T_DUR: case T_ENUM: return "wr_i64";
  case T_FLOAT: return "wr_f64";
  case T_STR: case T_BYTES: case T_JSON: case T_NULL: case T_ERROR: return "wr_str";
  case T_LIST: case T_MAP: return "wr_list";
  }
  return "wr_i64";
}

const char *emit_coltype(const Type *t)
{
  return t->kind == T_BOOL || t->kind == T_REC ? "wr_u8" : emit_ctype(t);
}

const char *emit_str(Emit *e, const char *p, size_t n)
{
  Section was = cunit_to(e->u, SEC_CONSTS);
  int k = e->consts++;
  cunit_line(e->u, "static const wr_str k%d = { %s, %zu, 0 };", k, cunit_string(e->u, p, n), n);
  cunit_to(e->u, was);
  return S(e, "k%d", k);
}

static const char *i64_text(Emit *e, int64_t v)
{
  if (v == INT64_MIN) return "(-9223372036854775807LL - 1)";
  return S(e, v < 0 ? "(%lldLL)" : "%lldLL", (long long)v);
}

/* The slots of a constant list, as an array. */
static const char *list_slots(Emit *e, const Type *t, wr_slot k)
{
  int width = t->kind == T_MAP ? 2 : 1, name;
  const char *text = "";
  for (unsigned i = 0; i < k.len * (unsigned)width; i++) {
    Type str = { .kind = T_STR, .props = TP_TEXT };
    const Type *et = t->kind == T_MAP && i % 2 == 0 ? &str : t->elem;
    text = S(e, "%s%s%s", text, i ? ", " : "", emit_slot(e, et, k.u.list[i]));
  }
  Section was = cunit_to(e->u, SEC_CONSTS);
  name = e->consts++;
  cunit_line(e->u, "static const wr_slot k%d[] = { %s };", name, text);
  cunit_to(e->u, was);
  return S(e, "k%d", name);
}

const char *emit_slot(Emit *e, const Type *t, wr_slot k)
{
  if (k.st) return "{ { 0 }, 0, WR_NULL }";
  if (t->kind == T_LIST || t->kind == T_MAP)
    return k.len ? S(e, "{ .u.list = %s, .len = %u }", list_slots(e, t, k), k.len) : "{ { 0 }, 0, 0 }";
  if (t->props & TP_TEXT)
    return S(e, "{ .u.p = %s, .len = %u }", cunit_string(e->u, k.u.p, k.len), k.len);
  if (t->kind == T_FLOAT) return S(e, "{ .u.f = %a }", k.u.f);
  return S(e, "{ .u.i = %s, .len = %u }", i64_text(e, k.u.i), k.len);
}

static const char *enum_names(Emit *e, const Type *t)
{
  const char *text = "";
  for (int i = 0; i < t->members.n; i++)
    text = S(e, "%s%s%s", text, i ? ", " : "", cunit_string(e->u, t->members.v[i], strlen(t->members.v[i])));
  int k = e->consts++;
  cunit_line(e->u, "static const char *const k%d[] = { %s };", k, text);
  return S(e, "k%d", k);
}

static const char *default_slot(Emit *e, const TypeField *f)
{
  Expr *d = f->dflt;
  if (!d) return "0";
  Lower l = { .plan = e->p, .window_at = -1 };
  PExpr *x = lower1(&l, d);
  x = px_convert(e->p, x, f->type);
  if (x->kind != PX_CONST) return "0";    /* the checker asks for a literal */
  int k = e->consts++;
  const char *slot = emit_slot(e, x->type, x->u.k);
  cunit_line(e->u, "static const wr_slot k%d = %s;", k, slot);
  return S(e, "&k%d", k);
}

/* Fields of a record; *leaf counts its leaves, cols gives each leaf's column (0: none has one). */
static const char *fields(Emit *e, const Type *t, const int *cols, int *leaf, bool masks)
{
  const char *text = "";
  for (int i = 0; i < t->fields.n; i++) {
    const TypeField *f = &t->fields.v[i];
    const char *type;
    int col = -1;
    if (f->type->kind == T_REC) {
      if (f->type->nullable) { col = cols ? cols[*leaf] : -1; ++*leaf; }
      const char *inner = fields(e, f->type, cols, leaf, masks);
      int k = e->consts++;
      cunit_line(e->u, "static const wr_type k%d = { WR_REC, %d, 0, 0, %d, %s, 0, 0 };", k, f->type->nullable,
                 f->type->fields.n, inner);
      type = S(e, "&k%d", k);
    } else {
      col = cols ? cols[*leaf] : -1;
      ++*leaf;
      type = emit_type(e, f->type);
    }
    Name from = f->from ? f->from : f->name;
    text = S(e, "%s  { %s, %zu, %d, %s, %s, %d, %d, %s },\n", text, cunit_string(e->u, from, strlen(from)),
             strlen(from), col, type, default_slot(e, f), masks ? f->masking : 0, masks ? f->mask_n : 0,
             cunit_string(e->u, f->name, strlen(f->name)));
  }
  int k = e->consts++;
  cunit_line(e->u, "static const wr_field k%d[] = {\n%s};", k, *text ? text : "  { 0 }\n");
  return S(e, "k%d", k);
}

const char *emit_record(Emit *e, const Type *t, const int *cols, bool masks)
{
  Section was = cunit_to(e->u, SEC_CONSTS);
  int leaf = t->nullable ? 1 : 0;
  const char *f = fields(e, t, cols, &leaf, masks);
  int k = e->consts++;
  cunit_line(e->u, "static const wr_type k%d = { WR_REC, 0, 0, 0, %d, %s, 0, 0 };", k, t->fields.n, f);
  cunit_to(e->u, was);
  return S(e, "&k%d", k);
}

const char *emit_type(Emit *e, const Type *t)
{
  for (int i = 0; i < e->types.n; i++)
    if (e->types.v[i].type == t) return e->types.v[i].name;
  Section was = cunit_to(e->u, SEC_CONSTS);
  const char *elem = "0", *names = "0", *fs = "0";
  int n = 0;
  if (t->elem) elem = emit_type(e, t->elem);
  if (t->kind == T_ENUM) { names = enum_names(e, t); n = t->members.n; }
  if (t->kind == T_REC) { int leaf = 0; fs = fields(e, t, NULL, &leaf, false); n = t->fields.n; }
  EmitType x = { t, S(e, "&k%d", e->consts) };
  cunit_line(e->u, "static const wr_type k%d = { %s, %d, %d, %d, %d, %s, %s, %s };", e->consts++, emit_kind(t),
             t->nullable, t->scale, t->open, n, fs, elem, names);
  vec_push(e->a, &e->types, x);
  cunit_to(e->u, was);
  return x.name;
}
