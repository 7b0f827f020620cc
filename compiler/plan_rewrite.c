/* plan_rewrite.c -- the named rewrites, in the order they run. Each says in plan->notes what it did.
 *
 * Filters stay in their order (semantics: what may fail is never moved across a step); what moves is
 * where they are evaluated: in the decoder (plan_push.c), or in the loop right behind it, before
 * anything is copied.
 */
#include <string.h>
#include "plan.h"

void plan_note(Plan *p, PlanOp *op, const char *text)
{
  PlanNote n = { op, text };
  vec_push(p->c->arena, &p->notes, n);
}

/* ---- fold_constants: operators whose operands are known ---- */

static bool known(const PExpr *x) { return x->kind == PX_CONST && x->u.k.st == 0; }

static PExpr *bool_const(Plan *p, bool v, Span span)
{
  return px_const(p, type_scalar(p->c->types, T_BOOL, false), wr_i64_slot(v, 0), span);
}

static bool decide(Op op, int c)
{
  switch (op) {
  case OP_EQ: return c == 0;
  case OP_NE: return c != 0;
  case OP_LT: return c < 0;
  case OP_LE: return c <= 0;
  case OP_GT: return c > 0;
  case OP_GE: return c >= 0;
  case OP_NEG:
  case OP_NOT:
  case OP_ADD:
  case OP_SUB:
  case OP_MUL:
  case OP_DIV:
  case OP_MOD:
  case OP_CONCAT:
  case OP_AND:
  case OP_OR: break;
  }
  return false;
}

static PExpr *fold_compare(Plan *p, PExpr *x)
{
  const Type *t = x->a[0]->type;
  wr_slot a = x->a[0]->u.k, b = x->a[1]->u.k;
  if (t->kind == T_FLOAT || (t->props & TP_TEXT) || t->elem || t->scale != x->a[1]->type->scale) return x;
  return bool_const(p, decide(x->u.op, a.u.i < b.u.i ? -1 : a.u.i > b.u.i), x->span);
}

static PExpr *fold_arith(Plan *p, PExpr *x)
{
  int64_t a = x->a[0]->u.k.u.i, b = x->a[1]->u.k.u.i, v;
  bool bad = true;
  if (x->type->kind == T_FLOAT || (x->type->kind == T_DEC && x->u.op == OP_MUL)) return x;
  if (x->u.op == OP_ADD) bad = __builtin_add_overflow(a, b, &v);
  if (x->u.op == OP_SUB) bad = __builtin_sub_overflow(a, b, &v);
  if (x->u.op == OP_MUL) bad = __builtin_mul_overflow(a, b, &v);
  if (!bad && x->type->kind == T_TS) bad = v < TS_LOW || v > TS_HIGH;
  return bad ? x : px_const(p, x->type, wr_i64_slot(v, 0), x->span);
}

static PExpr *fold_logic(Plan *p, PExpr *x)
{
  bool conj = x->kind == PX_AND;
  for (int i = 0; i < 2; i++) {           /* errors are values: a deciding operand decides from either side */
    if (!known(x->a[i])) continue;
    return x->a[i]->u.k.u.i == conj ? x->a[1 - i] : bool_const(p, !conj, x->span);
  }
  return x;
}

static PExpr *fold(Plan *p, PExpr *x, int *n)
{
  PExpr *was = x;
  for (int i = 0; i < x->na; i++) x->a[i] = fold(p, x->a[i], n);
  if (x->kind == PX_AND || x->kind == PX_OR) x = fold_logic(p, x);
  else if (x->kind == PX_NOT && known(x->a[0])) x = bool_const(p, !x->a[0]->u.k.u.i, x->span);
  else if (x->kind == PX_COMPARE && known(x->a[0]) && known(x->a[1])) x = fold_compare(p, x);
  else if (x->kind == PX_ARITH && known(x->a[0]) && known(x->a[1])) x = fold_arith(p, x);
  *n += x != was;
  return x;
}

static void fold_constants(Plan *p)
{
  for (int i = 0; i < p->ops.n; i++) {
    PlanOp *op = p->ops.v[i];
    int n = 0;
    for (int k = 0; k < op->exprs.n; k++) op->exprs.v[k] = fold(p, op->exprs.v[k], &n);
    for (int k = 0; k < op->config.n; k++)
      if (op->config.v[k]) op->config.v[k] = fold(p, op->config.v[k], &n);
    for (int k = 0; k < op->assigns.n; k++) op->assigns.v[k].value = fold(p, op->assigns.v[k].value, &n);
    for (int k = 0; k < op->emits.n; k++)
      for (int j = 0; j < op->emits.v[k].exprs.n; j++)
        op->emits.v[k].exprs.v[j] = fold(p, op->emits.v[k].exprs.v[j], &n);
    for (int k = 0; k < op->checks.n; k++) op->checks.v[k].cond = fold(p, op->checks.v[k].cond, &n);
    for (int k = 0; k < op->aggs.n; k++)
      for (int j = 0; j < 2; j++)
        if (op->aggs.v[k].arg[j]) op->aggs.v[k].arg[j] = fold(p, op->aggs.v[k].arg[j], &n);
    if (n) plan_note(p, op, arena_printf(p->c->arena, "%d constant expression%s folded", n, n > 1 ? "s" : ""));
  }
}

/* ---- drop_true: `where true` is no step ---- */

static void replace_input(PlanOp *of, PlanOp *from, PlanOp *to)
{
  for (int i = 0; i < of->in.n; i++)
    if (of->in.v[i] == from) of->in.v[i] = to;
}

static void remove_op(Plan *p, PlanOp *op)
{
  PlanOp *in = op->in.v[0];
  int at = 0;
  while (in->out.v[at] != op) at++;
  memmove(&in->out.v[at], &in->out.v[at + 1], (size_t)(in->out.n - at - 1) * sizeof *in->out.v);
  in->out.n--;
  for (int i = 0; i < op->out.n; i++) {
    replace_input(op->out.v[i], op, in);
    vec_push(p->c->arena, &in->out, op->out.v[i]);
  }
  for (int i = 0; i < p->ops.n; i++)
    if (p->ops.v[i] == op) {
      memmove(&p->ops.v[i], &p->ops.v[i + 1], (size_t)(p->ops.n - i - 1) * sizeof *p->ops.v);
      p->ops.n--;
    }
}

static void drop_true(Plan *p)
{
  for (int i = p->ops.n - 1; i >= 0; i--) {
    PlanOp *op = p->ops.v[i];
    if (op->kind != OPK_WHERE || !known(op->exprs.v[0]) || !op->exprs.v[0]->u.k.u.i) continue;
    plan_note(p, op->in.v[0], "a filter that is always true was dropped");
    remove_op(p, op);
  }
}

/* ---- share_common: equal filters and projections of one input are one operator ---- */

static bool same_op(const PlanOp *a, const PlanOp *b)
{
  if (a->kind != b->kind || a->exprs.n != b->exprs.n) return false;
  if (a->kind != OPK_WHERE && a->kind != OPK_SELECT) return false;
  for (int i = 0; i < a->exprs.n; i++)
    if (!px_same(a->exprs.v[i], b->exprs.v[i])) return false;
  return true;
}

static void merge(Plan *p, PlanOp *keep, PlanOp *gone)
{
  for (int i = 0; i < gone->out.n; i++) {
    replace_input(gone->out.v[i], gone, keep);
    vec_push(p->c->arena, &keep->out, gone->out.v[i]);
  }
  gone->out.n = 0;
  remove_op(p, gone);
  keep->shared = true;
  plan_note(p, keep, arena_printf(p->c->arena, "shared with %s", gone->name));
}

static void share_common(Plan *p)
{
  for (int i = 0; i < p->ops.n; i++) {
    PlanOp *op = p->ops.v[i];
    for (int a = 0; a < op->out.n; a++)
      for (int b = op->out.n - 1; b > a; b--)
        if (same_op(op->out.v[a], op->out.v[b])) merge(p, op->out.v[a], op->out.v[b]);
  }
}

/* ---- number: operators are numbered when they are known ---- */

static void number(Plan *p)
{
  int *now = arena_alloc(p->c->arena, ((size_t)p->ids + 1) * sizeof *now);
  for (int i = 0; i < p->ops.n; i++) now[p->ops.v[i]->id] = i + 1;
  for (int i = 0; i < p->ops.n; i++) p->ops.v[i]->id = i + 1;
  for (int i = 0; i < p->sites.n; i++) p->sites.v[i].op = now[p->sites.v[i].op];
}

void plan_rewrite(Plan *p)
{
  static void (*const rewrite[])(Plan *) = { fold_constants, drop_true,  share_common,     plan_sequence,
                                             number,         plan_prune, plan_push_filter };
  for (size_t i = 0; i < sizeof rewrite / sizeof *rewrite; i++) rewrite[i](p);
}
