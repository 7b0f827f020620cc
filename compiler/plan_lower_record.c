/* plan_lower_record.c -- a value where its record may be null, or a number wider: the leaves of the type that
 * is wanted.
 *
 * A record that may be null has a presence leaf in front of its fields (type_leaves); a value that is never
 * null has none, and gets it here. Absent is a presence of null.
 */
#include "lower.h"

static void push_presence(Plan *p, wr_status st, Span span, PExprs *out)
{
  PExpr *x = px_const(p, type_scalar(p->c->types, T_BOOL, st != 0), wr_i64_slot(st == 0, st), span);
  vec_push(p->c->arena, out, x);
}

static void push_absent(Plan *p, int n, Span span, PExprs *out)
{
  Type *t = type_scalar(p->c->types, T_INT, true);
  push_presence(p, WR_NULL, span, out);
  for (int i = 1; i < n; i++) vec_push(p->c->arena, out, px_const(p, t, wr_i64_slot(0, WR_NULL), span));
}

static bool is_null(const Expr *e) { return e->kind == EXPR_LITERAL && e->u.lit.kind == LIT_NULL; }

void lower_as(Lower *l, Expr *e, Type *want, PExprs *out)
{
  Plan *p = l->plan;
  Leaves to = { 0 };
  PExprs from = { 0 };
  type_leaves(p->c, want, "", &to);
  if (want->kind == T_REC && is_null(e)) {
    push_absent(p, to.n, e->span, out);
    return;
  }
  lower(l, e, &from);
  int add = to.n > from.n, drop = from.n > to.n;              /* the presence leaf alone */
  if (add) push_presence(p, 0, e->span, out);
  for (int i = drop; i < from.n; i++) {
    Type *t = to.v[i - drop + add].type;
    vec_push(p->c->arena, out, t->kind == T_REC ? from.v[i] : px_convert(p, from.v[i], t));
  }
}
