/* plan_option.c -- option values of connectors and formats, as slots (weir/connector.h says which). */
#include <stdlib.h>
#include <string.h>
#include "plan.h"
#include "weir/text.h"

static Type *option_type(Types *t, const wr_option *o)
{
  switch ((enum wr_opt_type)o->type) {
  case WR_OPT_STR: case WR_OPT_CHOICE: case WR_OPT_SECRET: return type_scalar(t, T_STR, true);
  case WR_OPT_INT: case WR_OPT_SIZE: case WR_OPT_REGEX: return type_scalar(t, T_INT, true);
  case WR_OPT_FLOAT: return type_scalar(t, T_FLOAT, true);
  case WR_OPT_BOOL: return type_scalar(t, T_BOOL, true);
  case WR_OPT_DUR: return type_scalar(t, T_DUR, true);
  case WR_OPT_TS: return type_scalar(t, T_TS, true);
  case WR_OPT_REC: break;
  }
  return type_list(t, type_scalar(t, T_INT, true), true);
}

/* ---- defaults ---- */

static int64_t size_of(const char *s)
{
  char *end;
  double v = strtod(s, &end);
  int64_t f = *end == 'K' ? 1024 : *end == 'M' ? 1024 * 1024 : *end == 'G' ? 1024 * 1024 * 1024 : 1;
  return (int64_t)(v * (double)f);
}

/* "\"" and the like; a text without quotes is taken as it is. */
static wr_slot text_slot(Plan *p, const char *s)
{
  size_t n = strlen(s), m = 0;
  bool quoted = n >= 2 && s[0] == '"';
  char *t = arena_alloc(p->c->arena, n + 1);
  for (size_t i = quoted; i < n - quoted; i++) {
    if (quoted && s[i] == '\\') i++;
    t[m++] = quoted && s[i - 1] == '\\' && s[i] == 't' ? '\t' : s[i];
  }
  wr_str v = { t, (wr_u32)m, 0 };
  return wr_str_slot(v, 0);
}

static wr_slot option_default(Plan *p, const wr_option *o)
{
  wr_i64 v = 0;
  if (!o->dflt) return wr_i64_slot(0, WR_NULL);
  switch ((enum wr_opt_type)o->type) {
  case WR_OPT_STR: case WR_OPT_CHOICE: return text_slot(p, o->dflt);
  case WR_OPT_FLOAT: return wr_f64_slot(strtod(o->dflt, NULL), 0);
  case WR_OPT_BOOL: return wr_i64_slot(strcmp(o->dflt, "true") == 0, 0);
  case WR_OPT_DUR: wr_parse_dur(o->dflt, strlen(o->dflt), &v); return wr_i64_slot(v, 0);
  case WR_OPT_TS:
    wr_parse_ts(o->dflt + (*o->dflt == '@'), strlen(o->dflt) - (*o->dflt == '@'), &v);
    return wr_i64_slot(v, 0);
  case WR_OPT_INT: case WR_OPT_SIZE: return wr_i64_slot(size_of(o->dflt), 0);
  case WR_OPT_REGEX: case WR_OPT_REC: case WR_OPT_SECRET: break;
  }
  return wr_i64_slot(0, WR_NULL);
}

/* ---- records: sub-options, or a generator a field ---- */

static PExpr *null_value(Lower *l, Span span)
{
  return px_const(l->plan, type_scalar(l->plan->c->types, T_INT, true), wr_i64_slot(0, WR_NULL), span);
}

static PExpr *text_value(Lower *l, Name name, Span span)
{
  wr_str s = { name, (wr_u32)strlen(name), 0 };
  return px_const(l->plan, type_scalar(l->plan->c->types, T_STR, false), wr_str_slot(s, 0), span);
}

PExpr *lower_values(Lower *l, const PExprs *v, Span span)
{
  Types *t = l->plan->c->types;
  PExpr *x = px_new(l->plan, PX_LIST, type_list(t, type_scalar(t, T_INT, true), false), span, v->n);
  x->u.n = v->n;
  for (int i = 0; i < v->n; i++) {
    x->a[i] = v->v[i];
    x->fallible |= v->v[i]->fallible;
  }
  return x;
}

static PExpr *value(Lower *l, Expr *e)
{
  Arena *a = l->plan->c->arena;
  PExprs v = { 0 };
  if (e->kind == EXPR_LIST) {
    for (int i = 0; i < e->u.list.items.n; i++) vec_push(a, &v, value(l, e->u.list.items.v[i]));
    return lower_values(l, &v, e->span);
  }
  if (e->kind == EXPR_RECORD) {           /* weights: name, value, name, value */
    for (int i = 0; i < e->u.rec.items.n; i++) {
      vec_push(a, &v, text_value(l, e->u.rec.items.v[i].name.name, e->span));
      vec_push(a, &v, value(l, e->u.rec.items.v[i].value));
    }
    return lower_values(l, &v, e->span);
  }
  PExpr *x = lower1(l, e);
  bool settled = e->as != 0;              /* the checker knows what the generator wants */
  return x->type->kind == T_DEC && !settled ? px_convert(l->plan, x, type_scalar(l->plan->c->types, T_FLOAT, false))
                                            : x;
}

/* A generator's name and arguments. */
static PExpr *generator(Lower *l, Expr *e)
{
  Arena *a = l->plan->c->arena;
  PExprs v = { 0 };
  if (e->kind != EXPR_CALL) return value(l, e);
  vec_push(a, &v, text_value(l, e->u.call.name.parts.v[0].name, e->span));
  for (int i = 0; i < e->u.call.args.n; i++) vec_push(a, &v, value(l, e->u.call.args.v[i].value));
  return lower_values(l, &v, e->span);
}

static Expr *item_named(Expr *rec, Name name)
{
  for (int i = 0; i < rec->u.rec.items.n; i++)
    if (rec->u.rec.items.v[i].name.name == name) return rec->u.rec.items.v[i].value;
  return NULL;
}

/* One element a leaf of the row, in order; records inside are nested records in the option. */
static void field_values(Lower *l, const Type *row, Expr *rec, Span span, PExprs *out)
{
  Arena *a = l->plan->c->arena;
  for (int i = 0; i < row->fields.n; i++) {
    const TypeField *f = &row->fields.v[i];
    Expr *e = rec ? item_named(rec, f->name) : NULL;
    if (f->type->kind != T_REC) { vec_push(a, out, e ? generator(l, e) : null_value(l, span)); continue; }
    if (f->type->nullable) vec_push(a, out, null_value(l, span));
    field_values(l, f->type, e && e->kind == EXPR_RECORD ? e : NULL, span, out);
  }
}

static PExpr *record_value(Lower *l, const wr_option *o, Expr *e)
{
  Plan *p = l->plan;
  PExprs v = { 0 };
  if (!o->sub) field_values(l, l->row, e, e->span, &v);
  for (int i = 0; i < o->nsub; i++) {
    Expr *x = item_named(e, intern_z(p->c->interns, o->sub[i].name));
    vec_push(p->c->arena, &v,
             x ? value(l, x)
               : px_const(p, option_type(p->c->types, &o->sub[i]), option_default(p, &o->sub[i]), e->span));
  }
  return lower_values(l, &v, e->span);
}

PExpr *lower_option(Lower *l, Config *c, int i)
{
  const wr_option *o = c->conn ? &c->conn->conn->opt[i] : &c->fmt->fmt->opt[i];
  Plan *p = l->plan;
  Type *t = option_type(p->c->types, o);
  Expr *e = i < c->values.n ? c->values.v[i] : NULL;

  if (!e) return px_const(p, t, option_default(p, o), c->span);
  if (o->type == WR_OPT_REC) return record_value(l, o, e);
  if (o->type == WR_OPT_SECRET) e = e->u.call.args.v[0].value;
  PExpr *x = lower1(l, e);
  if (o->type == WR_OPT_REGEX) return px_const(p, t, wr_i64_slot(x->u.regex, 0), e->span);
  return px_convert(p, x, type_nullable(p->c->types, t, x->type->nullable));
}
