/* plan_expr.c -- building, comparing and printing plan expressions.
 *
 * Constructors fold what is constant and cannot fail; what may fail stays, so that the error is the
 * row's and not the compiler's.
 */
#include <stdlib.h>
#include <string.h>
#include "plan.h"

PExpr *px_new(Plan *p, PKind kind, Type *type, Span span, int na)
{
  PExpr *x = arena_alloc(p->c->arena, sizeof *x);
  x->kind = kind;
  x->type = type;
  x->span = span;
  x->na = na;
  x->a = na ? arena_alloc(p->c->arena, (size_t)na * sizeof *x->a) : NULL;
  return x;
}

PExpr *px_const(Plan *p, Type *type, wr_slot k, Span span)
{
  PExpr *x = px_new(p, PX_CONST, type, span, 0);
  x->u.k = k;
  return x;
}

static bool scale_up(int64_t v, int digits, int64_t *out)
{
  for (; digits > 0; digits--)
    if (__builtin_mul_overflow(v, 10, &v)) return false;
  *out = v;
  return true;
}

/* Converts a constant number when that is exact, or int to float. */
static PExpr *fold_convert(Plan *p, PExpr *x, Type *to)
{
  wr_slot k = x->u.k;
  int from_scale = x->type->kind == T_DEC ? x->type->scale : 0;
  bool whole = x->type->kind == T_INT || x->type->kind == T_DEC;

  if (k.st == WR_NULL) return px_const(p, to, k, x->span);
  if (to->kind == T_DEC && whole && to->scale >= from_scale) {
    int64_t v;
    if (!scale_up(k.u.i, to->scale - from_scale, &v)) return NULL;
    return px_const(p, to, wr_i64_slot(v, 0), x->span);
  }
  if (to->kind == T_FLOAT && whole)       /* as a row's value is converted: rounded once */
    return px_const(p, to, wr_f64_slot(wr_dec_to_f64(k.u.i, from_scale), 0), x->span);
  return NULL;
}

static bool convert_fails(const Type *from, const Type *to)
{
  int fs = from->kind == T_DEC ? from->scale : 0, ts = to->kind == T_DEC ? to->scale : 0;
  if (to->kind == T_FLOAT) return false;
  if (from->kind == T_FLOAT) return true;
  return ts > fs;
}

PExpr *px_convert(Plan *p, PExpr *x, Type *to)
{
  if (x->kind == PX_CONST && x->u.k.st == WR_NULL && x->type != to) return px_const(p, to, x->u.k, x->span);
  if (x->type->kind == to->kind && (to->kind != T_DEC || x->type->scale == to->scale)) return x;
  if (x->kind == PX_CONST) {
    PExpr *k = fold_convert(p, x, type_nullable(p->c->types, to, false));
    if (k) return k;
  }
  PExpr *r = px_new(p, PX_CONVERT, type_nullable(p->c->types, to, x->type->nullable), x->span, 1);
  r->a[0] = x;
  r->fallible = x->fallible || convert_fails(x->type, to);
  return r;
}

static bool same_slot(const Type *t, wr_slot a, wr_slot b)
{
  if (a.st != b.st || a.len != b.len) return false;
  if (a.st) return true;
  if (t->props & TP_TEXT) return memcmp(a.u.p, b.u.p, a.len) == 0;
  return a.u.i == b.u.i;                  /* lists: only when they are the same list */
}

bool px_same(const PExpr *a, const PExpr *b)
{
  if (a->kind != b->kind || a->na != b->na || !type_same(a->type, b->type)) return false;
  switch (a->kind) {
  case PX_CONST: return same_slot(a->type, a->u.k, b->u.k);
  case PX_COL: case PX_META: if (a->u.col != b->u.col) return false; break;
  case PX_FOUND:
    if (a->u.found.table != b->u.found.table || a->u.found.col != b->u.found.col) return false;
    break;
  case PX_STATE:
    if (a->u.state.store != b->u.state.store || a->u.state.cell != b->u.state.cell) return false;
    break;
  case PX_PARAM: if (a->u.param != b->u.param) return false; break;
  case PX_VAR: case PX_LET: return false; /* bound names differ; not worth the trouble */
  case PX_ARITH: case PX_COMPARE: if (a->u.op != b->u.op) return false; break;
  case PX_CALL: if (a->u.fn != b->u.fn) return false; break;
  case PX_MATCHES: case PX_REGEX: if (a->u.regex != b->u.regex) return false; break;
  case PX_INDEX: if (a->u.leaf != b->u.leaf) return false; break;
  case PX_CASE: case PX_LIST: case PX_MAP: if (a->u.n != b->u.n) return false; break;
  case PX_NEG: case PX_NOT: case PX_DISTINCT: case PX_AND: case PX_OR: case PX_IS_NULL: case PX_COALESCE:
  case PX_IN: case PX_LIKE: case PX_CONCAT: case PX_CONVERT: case PX_CAST: break;
  }
  for (int i = 0; i < a->na; i++)
    if (!px_same(a->a[i], b->a[i])) return false;
  return true;
}

void px_columns(const PExpr *x, void (*see)(void *, int), void *arg)
{
  if (x->kind == PX_COL) see(arg, x->u.col);
  for (int i = 0; i < x->na; i++) px_columns(x->a[i], see, arg);
}

int plan_field_leaf(const Type *row, int field)
{
  int at = row->nullable ? 1 : 0;
  for (int i = 0; i < field; i++) at += type_leaf_count(row->fields.v[i].type);
  return at;
}

int plan_path_leaf(const Type *row, const Path *path)
{
  int at = 0;
  for (int k = 0; k < path->parts.n; k++)
    for (int f = 0; f < row->fields.n; f++)
      if (row->fields.v[f].name == path->parts.v[k].name) {
        at += plan_field_leaf(row, f);
        row = row->fields.v[f].type;
        break;
      }
  return at;
}

int plan_site(Plan *p, int op, Span span)
{
  for (int i = 0; i < p->sites.n; i++) {
    PlanSite *s = &p->sites.v[i];
    if (s->op == op && s->span.from == span.from && s->span.to == span.to && s->span.file == span.file) return i;
  }
  PlanSite s = { op, span };
  vec_push(p->c->arena, &p->sites, s);
  return p->sites.n - 1;
}

/* ---- text: the source where it has one, else spelled ---- */

static const char *dec_text(Arena *a, int64_t v, int scale)
{
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, unit = 1;
  for (int i = 0; i < scale; i++) unit *= 10;
  if (!scale) return arena_printf(a, "%lld", (long long)v);
  return arena_printf(a, "%s%llu.%0*llu", v < 0 ? "-" : "", (unsigned long long)(u / unit), scale,
                      (unsigned long long)(u % unit));
}

static const char *float_text(Arena *a, double v)
{
  const char *s = "";
  for (int digits = 15; digits <= 17; digits++) {
    s = arena_printf(a, "%.*g", digits, v);
    if (strtod(s, NULL) == v) break;
  }
  return s;
}

static const char *const_text(Plan *p, const Type *t, wr_slot k)
{
  Arena *a = p->c->arena;
  if (k.st) return "null";
  if (t->props & TP_TEXT) return arena_printf(a, "\"%.*s\"", (int)k.len, k.u.p);
  if (t->kind == T_FLOAT) return float_text(a, k.u.f);
  if (t->kind == T_BOOL) return k.u.i ? "true" : "false";
  if (t->kind == T_ENUM) return arena_printf(a, "\"%s\"", t->members.v[k.u.i]);
  if (t->kind == T_DEC) return dec_text(a, k.u.i, t->scale);
  if (t->kind == T_LIST || t->kind == T_MAP) return arena_printf(a, "[%u values]", k.len);
  return arena_printf(a, "%lld", (long long)k.u.i);
}

static const char *join_args(Plan *p, const PExpr *x, const Schema *s)
{
  const char *t = "";
  for (int i = 0; i < x->na; i++)
    t = arena_printf(p->c->arena, "%s%s%s", t, i ? ", " : "", px_text(p, x->a[i], s));
  return t;
}

const char *px_text(Plan *p, const PExpr *x, const Schema *s)
{
  Arena *a = p->c->arena;
#define SUB(i) px_text(p, x->a[i], s)
  switch (x->kind) {
  case PX_CONST: return const_text(p, x->type, x->u.k);
  case PX_COL: return s && x->u.col < s->n ? s->v[x->u.col].name : arena_printf(a, "#%d", x->u.col);
  case PX_PARAM: return p->params.v[x->u.param].decl->name.name;
  case PX_VAR: return arena_printf(a, "v%d", x->u.var);
  case PX_LET: return arena_printf(a, "let v%d = %s in %s", x->u.var, SUB(0), SUB(1));
  case PX_NEG: return arena_printf(a, "-%s", SUB(0));
  case PX_NOT: return arena_printf(a, "not %s", SUB(0));
  case PX_ARITH: case PX_COMPARE: return arena_printf(a, "(%s %s %s)", SUB(0), op_text(x->u.op), SUB(1));
  case PX_DISTINCT: return arena_printf(a, "(%s is distinct from %s)", SUB(0), SUB(1));
  case PX_AND: return arena_printf(a, "(%s and %s)", SUB(0), SUB(1));
  case PX_OR: return arena_printf(a, "(%s or %s)", SUB(0), SUB(1));
  case PX_IS_NULL: return arena_printf(a, "%s is null", SUB(0));
  case PX_CASE: return arena_printf(a, "case(%s)", join_args(p, x, s));
  case PX_COALESCE: return arena_printf(a, "coalesce(%s)", join_args(p, x, s));
  case PX_IN: return arena_printf(a, "(%s in %s)", SUB(0), SUB(1));
  case PX_LIKE: return arena_printf(a, "(%s like %s)", SUB(0), SUB(1));
  case PX_MATCHES: return arena_printf(a, "(%s matches /%s/)", SUB(0), p->regexes.v[x->u.regex].text);
  case PX_CONCAT: return arena_printf(a, "(%s || %s)", SUB(0), SUB(1));
  case PX_CONVERT: case PX_CAST: return arena_printf(a, "%s(%s)", type_text(p->c, x->type), SUB(0));
  case PX_CALL: return arena_printf(a, "%s(%s)", x->u.fn->name, join_args(p, x, s));
  case PX_INDEX: return arena_printf(a, "%s[%s]", SUB(0), SUB(1));
  case PX_LIST: return arena_printf(a, "[%s]", join_args(p, x, s));
  case PX_MAP: return arena_printf(a, "{%s}", join_args(p, x, s));
  case PX_META: return arena_printf(a, "meta.%d", x->u.col);
  case PX_FOUND: {
    const PlanTable *t = &p->tables.v[x->u.found.table];
    return arena_printf(a, "%s.%s", t->decl->name.name, t->op->schema.v[x->u.found.col].name);
  }
  case PX_STATE: {
    const PlanStore *st = &p->stores.v[x->u.state.store];
    return arena_printf(a, "%s.%s", st->decl->name.name, st->cells.v[x->u.state.cell].name);
  }
  case PX_REGEX: return arena_printf(a, "/%s/", p->regexes.v[x->u.regex].text);
  }
#undef SUB
  return "?";
}
