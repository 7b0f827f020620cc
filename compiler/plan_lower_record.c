/* plan_lower_record.c -- a value where its record may be null, or a number wider: the leaves of the type that
 * is wanted.
 *
 * A record that may be null has a presence leaf in front of its fields (type_leaves); a value that is never
 * null has none, and gets it here. Absent is a presence of null.
 */
#include <assert.h>
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

static int field_at(const Type *rec, Name name, Type **t)
{
  int at = rec->nullable;
  for (int i = 0; i < rec->fields.n; i++) {
    *t = rec->fields.v[i].type;
    if (rec->fields.v[i].name == name) return at;
    at += type_leaf_count(*t);
  }
  assert(!"a field that the value does not have");
  return 0;
}

/* `around`: is the record there that this one stands in? 0: it always is. */
static void align(Plan *p, PExpr **from, const Type *have, Type *want, PExpr *around, PExprs *out)
{
  if (have->nullable) around = from[0];
  if (want->nullable && around) vec_push(p->c->arena, out, around);
  else if (want->nullable) push_presence(p, 0, from[0]->span, out);
  for (int i = 0; i < want->fields.n; i++) {
    Type *to = want->fields.v[i].type, *t;
    PExpr **x = from + field_at(have, want->fields.v[i].name, &t);
    if (to->kind == T_REC) align(p, x, t, to, around, out);
    else vec_push(p->c->arena, out, px_convert(p, *x, to));
  }
}

void lower_as(Lower *l, Expr *e, Type *want, PExprs *out)
{
  Plan *p = l->plan;
  PExprs from = { 0 };
  if (want->kind == T_REC && is_null(e)) {
    push_absent(p, type_leaf_count(want), e->span, out);
    return;
  }
  lower(l, e, &from);
  if (want->kind != T_REC) {
    vec_push(p->c->arena, out, px_convert(p, from.v[0], want));
    return;
  }
  Type *have = e->type;
  if (from.n < type_leaf_count(have)) have = type_nullable(p->c->types, have, false);
  align(p, from.v, have, want, NULL, out);
}
