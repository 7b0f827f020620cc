/* plan_lower_call.c -- calls: built-ins, forms, a user's functions; case, if and coalesce, leaf by leaf. */
#include <assert.h>
#include "build.h"
#include "lower.h"

/* ---- case, if, coalesce: leaf by leaf ---- */

typedef struct Branch { PExpr *when; PExprs value; } Branch;
typedef VEC(Branch) Branches;

static void add_branch(Lower *l, Branches *b, PExpr *when, Expr *value, Type *want)
{
  Branch x = { when, { 0 } };
  if (value && want->kind == T_REC) lower_as(l, value, want, &x.value);
  else if (value) lower(l, value, &x.value);
  vec_push(l->plan->c->arena, b, x);
}

static PExpr *branch_value(Lower *l, const Branch *b, int leaf, Type *t, Span span)
{
  if (leaf >= b->value.n)                 /* no else, or the literal null for a record */
    return px_const(l->plan, type_nullable(l->plan->c->types, t, true), wr_i64_slot(0, WR_NULL), span);
  PExpr *v = b->value.v[leaf];
  if (v->kind == PX_CONST && v->u.k.st == WR_NULL)
    return px_const(l->plan, type_nullable(l->plan->c->types, t, true), v->u.k, span);
  return px_convert(l->plan, v, type_nullable(l->plan->c->types, t, v->type->nullable));
}

static void lower_branches(Lower *l, Expr *e, Branches *bs, PKind kind, PExpr *let, PExprs *out)
{
  Leaves leaves = { 0 };
  type_leaves(l->plan->c, e->type, "", &leaves);
  for (int k = 0; k < leaves.n; k++) {
    bool cases = kind == PX_CASE;
    PExpr *x = px_new(l->plan, kind, leaves.v[k].type, e->span, cases ? 2 * bs->n - 1 : bs->n);
    int at = 0;
    for (int i = 0; i < bs->n; i++) {
      if (bs->v[i].when) x->a[at++] = bs->v[i].when;
      x->a[at++] = branch_value(l, &bs->v[i], k, leaves.v[k].type, e->span);
    }
    x->u.n = bs->n;
    for (int i = 0; i < x->na; i++) x->fallible |= x->a[i]->fallible;
    vec_push(l->plan->c->arena, out, lower_wrap(lower_again(l, let), x));
  }
}

void lower_case(Lower *l, Expr *e, PExprs *out)
{
  Branches bs = { 0 };
  PExpr *let = NULL, *v = NULL;
  if (e->u.kase.value) v = lower_share(l, lower1(l, e->u.kase.value), &let);
  for (int i = 0; i < e->u.kase.when.n; i++) {
    PExpr *w = lower1(l, e->u.kase.when.v[i]);
    add_branch(l, &bs, v ? lower_compare(l, OP_EQ, w->span, v, w) : w, e->u.kase.then.v[i],
               e->type);
  }
  add_branch(l, &bs, NULL, e->u.kase.other, e->type);
  lower_branches(l, e, &bs, PX_CASE, let, out);
}

static void lower_if(Lower *l, Expr *e, PExprs *out)
{
  Branches bs = { 0 };
  add_branch(l, &bs, lower1(l, e->u.call.args.v[0].value), e->u.call.args.v[1].value, e->type);
  add_branch(l, &bs, NULL, e->u.call.args.v[2].value, e->type);
  lower_branches(l, e, &bs, PX_CASE, NULL, out);
}

static void lower_coalesce(Lower *l, Expr *e, PExprs *out)
{
  Branches bs = { 0 };
  for (int i = 0; i < e->u.call.args.n; i++) add_branch(l, &bs, NULL, e->u.call.args.v[i].value, e->type);
  lower_branches(l, e, &bs, PX_COALESCE, NULL, out);
}

/* ---- calls ---- */

static bool through_text(const Type *from, const Type *to)
{
  bool number_from = (from->props & TP_NUMBER) || from->kind == T_BOOL || from->kind == T_TS || from->kind == T_DUR;
  bool number_to = (to->props & TP_NUMBER) || to->kind == T_BOOL || to->kind == T_TS || to->kind == T_DUR;
  return !(number_from && number_to);
}

static PExpr *cast(Lower *l, Expr *e)
{
  PExpr *a = lower1(l, e->u.call.args.v[0].value);
  Type *to = e->type;
  if (a->type->kind == to->kind && (to->kind != T_DEC || a->type->scale == to->scale)
      && to->kind != T_LIST && to->kind != T_MAP && to->kind != T_ENUM) return a;
  if (!through_text(a->type, to)) return px_convert(l->plan, a, to);
  PExpr *x =
      lower_node1(l, PX_CAST, type_nullable(l->plan->c->types, to, a->type->nullable || to->nullable), e->span, a);
  x->fallible |= to->kind != T_STR;
  return x;
}

static Type *arg_type(Lower *l, RowType r, const PExpr *a)
{
  if (r == R_FLOAT) return lower_float(l, a->type->nullable);
  if (r == R_DEC && a->type->kind == T_INT) return type_dec(l->plan->c->types, 0, a->type->nullable);
  return a->type;
}

static PExpr *builtin(Lower *l, Expr *e)
{
  const FnRow *fn = e->u.call.fn;
  PExpr *x = px_new(l->plan, PX_CALL, e->type, e->span, e->u.call.args.n);
  x->u.fn = fn;
  x->fallible = (fn->traits & FN_FAILS) != 0;
  for (int i = 0; i < x->na; i++) {
    PExpr *a = lower1(l, e->u.call.args.v[i].value);
    x->a[i] = px_convert(l->plan, a, arg_type(l, fn->arg[i], a));
    x->fallible |= x->a[i]->fallible;
  }
  return x;
}

/* A user's fn: its body with the parameters bound to the arguments. */
static void user_fn(Lower *l, Expr *e, PExprs *out)
{
  Decl *fn = e->u.call.decl;
  int mark = l->locals.n;
  PExprs lets = { 0 }, body = { 0 };

  for (int i = 0; i < e->u.call.args.n; i++) {
    PExprs leaves = { 0 };
    LocalBinding b = { fn->u.fn.locals.v[i], NULL };
    lower(l, e->u.call.args.v[i].value, &leaves);
    for (int k = 0; k < leaves.n; k++) {
      PExpr *let;
      leaves.v[k] = lower_share(l, leaves.v[k], &let);
      if (let) vec_push(l->plan->c->arena, &lets, let);
    }
    b.leaves = leaves.v;
    vec_push(l->plan->c->arena, &l->locals, b);
  }
  lower(l, fn->u.fn.body, &body);
  l->locals.n = mark;
  for (int k = 0; k < body.n; k++) {
    PExpr *x = px_convert(l->plan, body.v[k], type_leaf_count(fn->type) == 1 ? fn->type : body.v[k]->type);
    for (int i = lets.n - 1; i >= 0; i--) x = lower_wrap(lower_again(l, lets.v[i]), x);
    vec_push(l->plan->c->arena, out, x);
  }
}

void lower_call(Lower *l, Expr *e, PExprs *out)
{
  Arena *a = l->plan->c->arena;
  switch (e->u.call.kind) {
  case CALL_BUILTIN: vec_push(a, out, builtin(l, e)); return;
  case CALL_FN: user_fn(l, e, out); return;
  case CALL_AGG: {
    int at = l->host ? build_rule_agg(l, e) : e->u.call.agg_index;
    int col = (l->host ? l->host : l->group)->exprs.n + 2 + at;
    PExpr *x = lower_column_at(l, col, l->schema->v[col].type, e->span);
    x->fallible = (e->u.call.agg->traits & AGG_FAILS) != 0;
    vec_push(a, out, x);
    return;
  }
  case CALL_FORM:
    if (e->u.call.form == FORM_COALESCE) lower_coalesce(l, e, out);
    else if (e->u.call.form == FORM_IF) lower_if(l, e, out);
    else vec_push(a, out, cast(l, e));
    return;
  case CALL_CONFIG: case CALL_NONE: break;
  }
  assert(!"call not bound");
}
