/* plan_lower_op.c -- operators, and operands that several nodes share.
 *
 * Sugar goes away here: between, in, like's negation become comparisons, and, or, not.
 */
#include <assert.h>
#include "lower.h"

Type *lower_bool(Lower *l, bool nullable) { return type_scalar(l->plan->c->types, T_BOOL, nullable); }
Type *lower_float(Lower *l, bool nullable) { return type_scalar(l->plan->c->types, T_FLOAT, nullable); }

PExpr *lower_node2(Lower *l, PKind kind, Type *t, Span span, PExpr *a, PExpr *b)
{
  PExpr *x = px_new(l->plan, kind, t, span, 2);
  x->a[0] = a;
  x->a[1] = b;
  x->fallible = a->fallible || b->fallible;
  return x;
}

PExpr *lower_node1(Lower *l, PKind kind, Type *t, Span span, PExpr *a)
{
  PExpr *x = px_new(l->plan, kind, t, span, 1);
  x->a[0] = a;
  x->fallible = a->fallible;
  return x;
}

PExpr *lower_column_at(Lower *l, int col, Type *t, Span span)
{
  PExpr *x = px_new(l->plan, PX_COL, t, span, 0);
  x->u.col = col;
  return x;
}

/* ---- names bound to values (fn parameters, shared operands) ---- */

static bool trivial(const PExpr *x)
{
  return x->kind == PX_CONST || x->kind == PX_COL || x->kind == PX_PARAM || x->kind == PX_VAR || x->kind == PX_REGEX;
}

/* A reference that may be used several times; *let gets the binding to wrap around the result, or 0. */
PExpr *lower_share(Lower *l, PExpr *x, PExpr **let)
{
  *let = NULL;
  if (trivial(x)) return x;
  *let = px_new(l->plan, PX_LET, x->type, x->span, 2);
  (*let)->u.var = l->plan->vars++;
  (*let)->a[0] = x;
  PExpr *v = px_new(l->plan, PX_VAR, x->type, x->span, 0);
  v->u.var = (*let)->u.var;
  v->fallible = x->fallible;
  return v;
}

PExpr *lower_wrap(PExpr *let, PExpr *body)
{
  if (!let) return body;
  let->a[1] = body;
  let->type = body->type;
  let->fallible = body->fallible;
  return let;
}

/* The same binding for another leaf's expression. */
PExpr *lower_again(Lower *l, PExpr *let)
{
  if (!let) return NULL;
  PExpr *x = px_new(l->plan, PX_LET, let->type, let->span, 2);
  x->u.var = let->u.var;
  x->a[0] = let->a[0];
  return x;
}

/* ---- operators ---- */

static PExpr *arith(Lower *l, Expr *e, PExpr *a, PExpr *b)
{
  Op op = e->u.op.op;
  Type *t = e->type;
  if (t->kind == T_FLOAT) {
    a = px_convert(l->plan, a, lower_float(l, a->type->nullable));
    b = px_convert(l->plan, b, lower_float(l, b->type->nullable));
  } else if (t->kind == T_DEC && op != OP_MUL) {
    a = px_convert(l->plan, a, type_dec(l->plan->c->types, t->scale, a->type->nullable));
    b = px_convert(l->plan, b, type_dec(l->plan->c->types, t->scale, b->type->nullable));
  }
  PExpr *x = lower_node2(l, PX_ARITH, type_nullable(l->plan->c->types, t, a->type->nullable || b->type->nullable),
                         e->span, a, b);
  x->u.op = op;
  x->fallible = true;
  return x;
}

static bool is_exact(const Type *t) { return t->kind == T_INT || t->kind == T_DEC; }
static int scale_of(const Type *t) { return t->kind == T_DEC ? t->scale : 0; }

/* A constant with more digits, where it fits with them. */
static void scale_const(Lower *l, PExpr **x, int scale)
{
  if ((*x)->kind != PX_CONST) return;
  PExpr *k = px_convert(l->plan, *x, type_dec(l->plan->c->types, scale, false));
  if (k->kind == PX_CONST) *x = k;
}

/* Brings both sides to one representation where that cannot fail. */
static void meet(Lower *l, PExpr **a, PExpr **b)
{
  Plan *p = l->plan;
  if ((*a)->type->kind == T_FLOAT || (*b)->type->kind == T_FLOAT) {
    *a = px_convert(p, *a, lower_float(l, (*a)->type->nullable));
    *b = px_convert(p, *b, lower_float(l, (*b)->type->nullable));
  } else if (is_exact((*a)->type) && is_exact((*b)->type)) {
    int sa = scale_of((*a)->type), sb = scale_of((*b)->type);
    if (sa < sb) scale_const(l, a, sb);
    if (sb < sa) scale_const(l, b, sa);
  }
  if ((*a)->kind == PX_CONST && (*a)->type->kind == T_NULL) *a = px_const(p, (*b)->type, (*a)->u.k, (*a)->span);
  if ((*b)->kind == PX_CONST && (*b)->type->kind == T_NULL) *b = px_const(p, (*a)->type, (*b)->u.k, (*b)->span);
}

PExpr *lower_compare(Lower *l, Op op, Span span, PExpr *a, PExpr *b)
{
  meet(l, &a, &b);
  PExpr *x = lower_node2(l, PX_COMPARE, lower_bool(l, a->type->nullable || b->type->nullable), span, a, b);
  x->u.op = op;
  return x;
}

static PExpr *logic(Lower *l, PKind kind, Span span, PExpr *a, PExpr *b)
{
  return lower_node2(l, kind, lower_bool(l, a->type->nullable || b->type->nullable), span, a, b);
}

static PExpr *negate(Lower *l, bool negated, PExpr *x)
{
  return negated ? lower_node1(l, PX_NOT, x->type, x->span, x) : x;
}

static PExpr *binary(Lower *l, Expr *e)
{
  PExpr *a = lower1(l, e->u.op.a), *b = lower1(l, e->u.op.b);
  switch (e->u.op.op) {
  case OP_AND: return logic(l, PX_AND, e->span, a, b);
  case OP_OR: return logic(l, PX_OR, e->span, a, b);
  case OP_CONCAT: return lower_node2(l, PX_CONCAT, e->type, e->span, a, b);
  case OP_EQ:
  case OP_NE:
  case OP_LT:
  case OP_LE:
  case OP_GT:
  case OP_GE: return lower_compare(l, e->u.op.op, e->span, a, b);
  case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_MOD: return arith(l, e, a, b);
  case OP_NEG: case OP_NOT: break;
  }
  assert(!"not a binary operator");
  return a;
}

static PExpr *fold_neg(Lower *l, PExpr *a)
{
  wr_slot k = a->u.k;
  if (a->type->kind == T_FLOAT) k.u.f = k.u.f == 0 ? 0 : -k.u.f;
  else if (k.u.i == INT64_MIN) return NULL;
  else k.u.i = -k.u.i;
  return px_const(l->plan, a->type, k, a->span);
}

static PExpr *unary(Lower *l, Expr *e)
{
  PExpr *a = lower1(l, e->u.op.a);
  if (e->u.op.op == OP_NOT) return lower_node1(l, PX_NOT, a->type, e->span, a);
  if (a->kind == PX_CONST && a->u.k.st == 0) {
    PExpr *k = fold_neg(l, a);
    if (k) return k;
  }
  PExpr *x = lower_node1(l, PX_NEG, a->type, e->span, a);
  x->fallible |= a->type->kind != T_FLOAT;
  return x;
}

static PExpr *in_items(Lower *l, Expr *e)
{
  PExpr *let, *v = lower_share(l, lower1(l, e->u.in.a), &let), *any = NULL;
  for (int i = 0; i < e->u.in.items.n; i++) {
    PExpr *eq = lower_compare(l, OP_EQ, e->span, v, lower1(l, e->u.in.items.v[i]));
    any = any ? logic(l, PX_OR, e->span, any, eq) : eq;
  }
  return negate(l, e->u.in.negated, lower_wrap(let, any));
}

static PExpr *in_set(Lower *l, Expr *e)
{
  Expr *set = e->u.in.set;
  if (!set) return in_items(l, e);
  if (set->kind == EXPR_LIST && set->u.list.items.n) {        /* a literal list: the same as (a, b) */
    Expr items = *e;
    items.u.in.set = NULL;
    items.u.in.items.v = set->u.list.items.v;
    items.u.in.items.n = set->u.list.items.n;
    return in_items(l, &items);
  }
  PExpr *s = lower1(l, set), *a = lower1(l, e->u.in.a);
  if (s->type->elem) a = px_convert(l->plan, a, type_nullable(l->plan->c->types, s->type->elem, a->type->nullable));
  PExpr *x = lower_node2(l, PX_IN, lower_bool(l, true), e->span, a, s);
  return negate(l, e->u.in.negated, x);
}

static PExpr *between(Lower *l, Expr *e)
{
  PExpr *let, *v = lower_share(l, lower1(l, e->u.tri.a), &let);
  PExpr *lo = lower_compare(l, OP_GE, e->span, v, lower1(l, e->u.tri.b));
  PExpr *hi = lower_compare(l, OP_LE, e->span, v, lower1(l, e->u.tri.c));
  return negate(l, e->u.tri.negated, lower_wrap(let, logic(l, PX_AND, e->span, lo, hi)));
}

static PExpr *matches(Lower *l, Expr *e)
{
  PExpr *a = lower1(l, e->u.tri.a), *re = lower1(l, e->u.tri.b);
  PExpr *x = lower_node1(l, PX_MATCHES, lower_bool(l, a->type->nullable), e->span, a);
  x->u.regex = re->u.regex;
  return negate(l, e->u.tri.negated, x);
}

static PExpr *is_distinct(Lower *l, Expr *e)
{
  PExpr *a = lower1(l, e->u.tri.a), *b = lower1(l, e->u.tri.b);
  meet(l, &a, &b);
  return negate(l, e->u.tri.negated, lower_node2(l, PX_DISTINCT, lower_bool(l, false), e->span, a, b));
}

static PExpr *is_null(Lower *l, Expr *e)
{
  PExprs leaves = { 0 };
  lower(l, e->u.tri.a, &leaves);          /* a record: its presence leaf comes first */
  PExpr *x = lower_node1(l, PX_IS_NULL, lower_bool(l, false), e->span, leaves.v[0]);
  return negate(l, e->u.tri.negated, x);
}

static PExpr *like(Lower *l, Expr *e)
{
  PExpr *s = lower1(l, e->u.tri.a), *pattern = lower1(l, e->u.tri.b);
  return negate(l, e->u.tri.negated, logic(l, PX_LIKE, e->span, s, pattern));
}

PExpr *lower_operator(Lower *l, Expr *e)
{
  switch (e->kind) {
  case EXPR_UNARY: return unary(l, e);
  case EXPR_BINARY: return binary(l, e);
  case EXPR_IN: return in_set(l, e);
  case EXPR_BETWEEN: return between(l, e);
  case EXPR_LIKE: return like(l, e);
  case EXPR_MATCHES: return matches(l, e);
  case EXPR_IS_NULL: return is_null(l, e);
  case EXPR_IS_DISTINCT: return is_distinct(l, e);
  case EXPR_LITERAL: case EXPR_PATH: case EXPR_CALL: case EXPR_CASE: case EXPR_FIELD: case EXPR_INDEX: case EXPR_RECORD:
  case EXPR_LIST: break;
  }
  assert(!"not an operator");
  return NULL;
}
