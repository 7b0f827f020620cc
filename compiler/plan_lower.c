/* plan_lower.c -- checked expressions become plan expressions over leaf columns.
 *
 * Convention: lower() appends one PExpr a leaf of the value's type, in type_leaves order. Conversions
 * that the checker chose (Expr.as) are applied here; sugar (between, in, case x when, fn calls) goes away.
 */
#include <assert.h>
#include <string.h>
#include "plan.h"

static Type *boolean(Lower *l, bool nullable) { return type_scalar(l->plan->c->types, T_BOOL, nullable); }
static Type *floating(Lower *l, bool nullable) { return type_scalar(l->plan->c->types, T_FLOAT, nullable); }

static PExpr *node2(Lower *l, PKind kind, Type *t, Span span, PExpr *a, PExpr *b)
{
  PExpr *x = px_new(l->plan, kind, t, span, 2);
  x->a[0] = a;
  x->a[1] = b;
  x->fallible = a->fallible || b->fallible;
  return x;
}

static PExpr *node1(Lower *l, PKind kind, Type *t, Span span, PExpr *a)
{
  PExpr *x = px_new(l->plan, kind, t, span, 1);
  x->a[0] = a;
  x->fallible = a->fallible;
  return x;
}

static PExpr *column(Lower *l, int col, Type *t, Span span)
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
static PExpr *share(Lower *l, PExpr *x, PExpr **let)
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

static PExpr *wrap(PExpr *let, PExpr *body)
{
  if (!let) return body;
  let->a[1] = body;
  let->type = body->type;
  let->fallible = body->fallible;
  return let;
}

/* The same binding for another leaf's expression. */
static PExpr *again(Lower *l, PExpr *let)
{
  if (!let) return NULL;
  PExpr *x = px_new(l->plan, PX_LET, let->type, let->span, 2);
  x->u.var = let->u.var;
  x->a[0] = let->a[0];
  return x;
}

/* ---- literals ---- */

static int enum_member(const Type *t, const char *s, size_t n)
{
  for (int i = 0; i < t->members.n; i++)
    if (strlen(t->members.v[i]) == n && memcmp(t->members.v[i], s, n) == 0) return i;
  return t->members.n - 1;
}

static int add_regex(Plan *p, const char *text, size_t n, const char *flags)
{
  for (int i = 0; i < p->regexes.n; i++)
    if (p->regexes.v[i].n == n && memcmp(p->regexes.v[i].text, text, n) == 0 && strcmp(p->regexes.v[i].flags, flags) == 0)
      return i;
  PlanRegex r = { text, n, flags };
  vec_push(p->c->arena, &p->regexes, r);
  return p->regexes.n - 1;
}

static PExpr *literal(Lower *l, Expr *e)
{
  Plan *p = l->plan;
  wr_str s = { e->u.lit.s, (wr_u32)e->u.lit.n, 0 };

  switch (e->u.lit.kind) {
  case LIT_NULL: return px_const(p, e->as ? e->as : e->type, wr_i64_slot(0, WR_NULL), e->span);
  case LIT_FLOAT: return px_const(p, e->type, wr_f64_slot(e->u.lit.f, 0), e->span);
  case LIT_STR:
    if (e->as && e->as->kind == T_ENUM)
      return px_const(p, e->as, wr_i64_slot(enum_member(e->as, s.p, s.len), 0), e->span);
    return px_const(p, e->type, wr_str_slot(s, 0), e->span);
  case LIT_REGEX: {
    PExpr *x = px_new(p, PX_REGEX, e->type, e->span, 0);
    x->u.regex = add_regex(p, e->u.lit.s, e->u.lit.n, e->u.lit.flags ? e->u.lit.flags : "");
    return x;
  }
  case LIT_CAL: {
    wr_slot k = wr_i64_slot(e->u.lit.i, 0);
    k.len = (wr_u32)e->u.lit.scale;
    return px_const(p, e->type, k, e->span);
  }
  case LIT_BOOL: case LIT_INT: case LIT_DEC: case LIT_DUR: case LIT_SIZE: case LIT_TS: break;
  }
  return px_const(p, e->type, wr_i64_slot(e->u.lit.i, 0), e->span);
}

/* ---- paths ---- */

/* Leaves [*from, *from + count of the result) of a value of type t, after walking the parts. */
static Type *walk_fields(Lower *l, Type *t, const Path *path, int part, int *from)
{
  for (; part < path->parts.n && t->kind == T_REC; part++) {
    bool nullable = t->nullable;
    int at = nullable ? 1 : 0;
    for (int i = 0; i < t->fields.n; i++) {
      if (t->fields.v[i].name == path->parts.v[part].name) {
        *from += at;
        t = t->fields.v[i].type;
        if (nullable) t = type_nullable(l->plan->c->types, t, true);
        goto next;
      }
      at += type_leaf_count(t->fields.v[i].type);
    }
    assert(!"field not found after checking");
  next:;
  }
  return t;
}

static PExpr *text_const(Lower *l, Name name, Span span)
{
  wr_str s = { name, (wr_u32)strlen(name), 0 };
  return px_const(l->plan, type_scalar(l->plan->c->types, T_STR, false), wr_str_slot(s, 0), span);
}

static PExpr *json_get(Lower *l, PExpr *x, Ident name)
{
  Type *t = type_scalar(l->plan->c->types, T_JSON, true);
  return node2(l, PX_INDEX, t, name.span, x, text_const(l, name.name, name.span));
}

/* The first part after the reference at which the value is json, when a path goes into a document. */
static int json_part(Type *t, const Path *path, int part)
{
  for (; part < path->parts.n && t->kind == T_REC; part++) t = type_field(t, path->parts.v[part].name)->type;
  return part;
}

static void push_columns(Lower *l, int from, int n, Span span, PExprs *out)
{
  for (int i = 0; i < n; i++) vec_push(l->plan->c->arena, out, column(l, from + i, l->schema->v[from + i].type, span));
}

static int field_leaf(const Type *row, int field)
{
  int at = row->nullable ? 1 : 0;
  for (int i = 0; i < field; i++) at += type_leaf_count(row->fields.v[i].type);
  return at;
}

static void lower_column(Lower *l, Expr *e, const Type *row, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  Path *path = &e->u.path.path;
  int from = field_leaf(row, r->column);
  Type *t = row->fields.v[r->column].type;
  int stop = json_part(t, path, r->used);
  Path head = *path;

  head.parts.n = stop;
  t = walk_fields(l, t, &head, r->used, &from);
  if (stop == path->parts.n) { push_columns(l, from, type_leaf_count(t), e->span, out); return; }
  PExpr *x = column(l, from, l->schema->v[from].type, e->span);
  for (int i = stop; i < path->parts.n; i++) x = json_get(l, x, path->parts.v[i]);
  vec_push(l->plan->c->arena, out, x);
}

static int param_index(Plan *p, const Decl *d)
{
  for (int i = 0; i < p->params.n; i++)
    if (p->params.v[i].decl == d) return i;
  assert(!"parameter without a number");
  return 0;
}

static void lower_local(Lower *l, Expr *e, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  for (int i = l->locals.n - 1; i >= 0; i--) {
    if (l->locals.v[i].local != r->local) continue;
    int from = 0;
    Path *path = &e->u.path.path;
    int stop = json_part(r->local->type, path, r->used);
    Path head = *path;
    head.parts.n = stop;
    Type *t = walk_fields(l, r->local->type, &head, r->used, &from);
    for (int k = 0; k < type_leaf_count(t); k++) {
      PExpr *x = l->locals.v[i].leaves[from + k];
      for (int j = stop; j < path->parts.n; j++) x = json_get(l, x, path->parts.v[j]);
      vec_push(l->plan->c->arena, out, x);
    }
    return;
  }
  assert(!"local not bound");
}

static void lower_meta(Lower *l, Expr *e, PExprs *out)
{
  PExpr *x = px_new(l->plan, PX_META, e->type, e->span, 0);
  x->u.col = e->u.path.ref.column;
  vec_push(l->plan->c->arena, out, x);
}

static const Type *input_row(Lower *l) { return l->row; }

static void lower_path(Lower *l, Expr *e, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  Plan *p = l->plan;

  switch (r->kind) {
  case REF_COLUMN: lower_column(l, e, input_row(l), out); return;
  case REF_ROW: push_columns(l, 0, type_leaf_count(input_row(l)), e->span, out); return;
  case REF_PARAM: {
    PExpr *x = px_new(p, PX_PARAM, r->decl->type, e->span, 0);
    x->u.param = param_index(p, r->decl);
    for (int i = r->used; i < e->u.path.path.parts.n; i++) x = json_get(l, x, e->u.path.path.parts.v[i]);
    vec_push(p->c->arena, out, x);
    return;
  }
  case REF_LOCAL: lower_local(l, e, out); return;
  case REF_WINDOW: {
    int at = l->group ? l->group->exprs.n : l->window_at;
    if (r->column == 2) push_columns(l, at, 2, e->span, out);
    else push_columns(l, at + r->column, 1, e->span, out);
    return;
  }
  case REF_META: lower_meta(l, e, out); return;
  case REF_ENUM: vec_push(p->c->arena, out, px_const(p, e->type, wr_i64_slot(r->column, 0), e->span)); return;
  case REF_KEY: push_columns(l, r->column, 1, e->span, out); return;
  case REF_STATE: case REF_NONE: break;
  }
  assert(!"reference not bound");
}

/* ---- operators ---- */

static PExpr *arith(Lower *l, Expr *e, PExpr *a, PExpr *b)
{
  Op op = e->u.op.op;
  Type *t = e->type;
  if (t->kind == T_FLOAT) {
    a = px_convert(l->plan, a, floating(l, a->type->nullable));
    b = px_convert(l->plan, b, floating(l, b->type->nullable));
  } else if (t->kind == T_DEC && op != OP_MUL) {
    a = px_convert(l->plan, a, type_dec(l->plan->c->types, t->scale, a->type->nullable));
    b = px_convert(l->plan, b, type_dec(l->plan->c->types, t->scale, b->type->nullable));
  }
  PExpr *x = node2(l, PX_ARITH, type_nullable(l->plan->c->types, t, a->type->nullable || b->type->nullable), e->span, a, b);
  x->u.op = op;
  x->fallible = true;
  return x;
}

static bool is_exact(const Type *t) { return t->kind == T_INT || t->kind == T_DEC; }
static int scale_of(const Type *t) { return t->kind == T_DEC ? t->scale : 0; }

/* Brings both sides to one representation where that cannot fail. */
static void meet(Lower *l, PExpr **a, PExpr **b)
{
  Plan *p = l->plan;
  Types *ts = p->c->types;
  if ((*a)->type->kind == T_FLOAT || (*b)->type->kind == T_FLOAT) {
    *a = px_convert(p, *a, floating(l, (*a)->type->nullable));
    *b = px_convert(p, *b, floating(l, (*b)->type->nullable));
  } else if (is_exact((*a)->type) && is_exact((*b)->type)) {
    int sa = scale_of((*a)->type), sb = scale_of((*b)->type);
    if (sa < sb && (*a)->kind == PX_CONST) *a = px_convert(p, *a, type_dec(ts, sb, false));
    if (sb < sa && (*b)->kind == PX_CONST) *b = px_convert(p, *b, type_dec(ts, sa, false));
  }
  if ((*a)->kind == PX_CONST && (*a)->type->kind == T_NULL) *a = px_const(p, (*b)->type, (*a)->u.k, (*a)->span);
  if ((*b)->kind == PX_CONST && (*b)->type->kind == T_NULL) *b = px_const(p, (*a)->type, (*b)->u.k, (*b)->span);
}

static PExpr *compare(Lower *l, Op op, Span span, PExpr *a, PExpr *b)
{
  meet(l, &a, &b);
  PExpr *x = node2(l, PX_COMPARE, boolean(l, a->type->nullable || b->type->nullable), span, a, b);
  x->u.op = op;
  return x;
}

static PExpr *logic(Lower *l, PKind kind, Span span, PExpr *a, PExpr *b)
{
  return node2(l, kind, boolean(l, a->type->nullable || b->type->nullable), span, a, b);
}

static PExpr *negate(Lower *l, bool negated, PExpr *x)
{
  return negated ? node1(l, PX_NOT, x->type, x->span, x) : x;
}

static PExpr *binary(Lower *l, Expr *e)
{
  PExpr *a = lower1(l, e->u.op.a), *b = lower1(l, e->u.op.b);
  switch (e->u.op.op) {
  case OP_AND: return logic(l, PX_AND, e->span, a, b);
  case OP_OR: return logic(l, PX_OR, e->span, a, b);
  case OP_CONCAT: return node2(l, PX_CONCAT, e->type, e->span, a, b);
  case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE: return compare(l, e->u.op.op, e->span, a, b);
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
  if (e->u.op.op == OP_NOT) return node1(l, PX_NOT, a->type, e->span, a);
  if (a->kind == PX_CONST && a->u.k.st == 0) {
    PExpr *k = fold_neg(l, a);
    if (k) return k;
  }
  PExpr *x = node1(l, PX_NEG, a->type, e->span, a);
  x->fallible |= a->type->kind != T_FLOAT;
  return x;
}

static PExpr *in_items(Lower *l, Expr *e)
{
  PExpr *let, *v = share(l, lower1(l, e->u.in.a), &let), *any = NULL;
  for (int i = 0; i < e->u.in.items.n; i++) {
    PExpr *eq = compare(l, OP_EQ, e->span, v, lower1(l, e->u.in.items.v[i]));
    any = any ? logic(l, PX_OR, e->span, any, eq) : eq;
  }
  return negate(l, e->u.in.negated, wrap(let, any));
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
  PExpr *x = node2(l, PX_IN, boolean(l, true), e->span, a, s);
  return negate(l, e->u.in.negated, x);
}

static PExpr *between(Lower *l, Expr *e)
{
  PExpr *let, *v = share(l, lower1(l, e->u.tri.a), &let);
  PExpr *lo = compare(l, OP_GE, e->span, v, lower1(l, e->u.tri.b));
  PExpr *hi = compare(l, OP_LE, e->span, v, lower1(l, e->u.tri.c));
  return negate(l, e->u.tri.negated, wrap(let, logic(l, PX_AND, e->span, lo, hi)));
}

static PExpr *matches(Lower *l, Expr *e)
{
  PExpr *a = lower1(l, e->u.tri.a), *re = lower1(l, e->u.tri.b);
  PExpr *x = node1(l, PX_MATCHES, boolean(l, a->type->nullable), e->span, a);
  x->u.regex = re->u.regex;
  return negate(l, e->u.tri.negated, x);
}

static PExpr *is_distinct(Lower *l, Expr *e)
{
  PExpr *a = lower1(l, e->u.tri.a), *b = lower1(l, e->u.tri.b);
  meet(l, &a, &b);
  return negate(l, e->u.tri.negated, node2(l, PX_DISTINCT, boolean(l, false), e->span, a, b));
}

static PExpr *is_null(Lower *l, Expr *e)
{
  PExprs leaves = { 0 };
  lower(l, e->u.tri.a, &leaves);          /* a record: its presence leaf comes first */
  PExpr *x = node1(l, PX_IS_NULL, boolean(l, false), e->span, leaves.v[0]);
  return negate(l, e->u.tri.negated, x);
}

/* ---- case, if, coalesce: leaf by leaf ---- */

typedef struct Branch { PExpr *when; PExprs value; } Branch;
typedef VEC(Branch) Branches;

static void add_branch(Lower *l, Branches *b, PExpr *when, Expr *value)
{
  Branch x = { when, { 0 } };
  if (value) lower(l, value, &x.value);
  vec_push(l->plan->c->arena, b, x);
}

static PExpr *branch_value(Lower *l, const Branch *b, int leaf, Type *t, Span span)
{
  if (leaf >= b->value.n)                 /* no else, or the literal null for a record */
    return px_const(l->plan, type_nullable(l->plan->c->types, t, true), wr_i64_slot(0, WR_NULL), span);
  PExpr *v = b->value.v[leaf];
  if (v->kind == PX_CONST && v->u.k.st == WR_NULL) return px_const(l->plan, type_nullable(l->plan->c->types, t, true), v->u.k, span);
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
    vec_push(l->plan->c->arena, out, wrap(again(l, let), x));
  }
}

static void lower_case(Lower *l, Expr *e, PExprs *out)
{
  Branches bs = { 0 };
  PExpr *let = NULL, *v = NULL;
  if (e->u.kase.value) v = share(l, lower1(l, e->u.kase.value), &let);
  for (int i = 0; i < e->u.kase.when.n; i++) {
    PExpr *w = lower1(l, e->u.kase.when.v[i]);
    add_branch(l, &bs, v ? compare(l, OP_EQ, w->span, v, w) : w, e->u.kase.then.v[i]);
  }
  add_branch(l, &bs, NULL, e->u.kase.other);
  lower_branches(l, e, &bs, PX_CASE, let, out);
}

static void lower_if(Lower *l, Expr *e, PExprs *out)
{
  Branches bs = { 0 };
  add_branch(l, &bs, lower1(l, e->u.call.args.v[0].value), e->u.call.args.v[1].value);
  add_branch(l, &bs, NULL, e->u.call.args.v[2].value);
  lower_branches(l, e, &bs, PX_CASE, NULL, out);
}

static void lower_coalesce(Lower *l, Expr *e, PExprs *out)
{
  Branches bs = { 0 };
  for (int i = 0; i < e->u.call.args.n; i++) add_branch(l, &bs, NULL, e->u.call.args.v[i].value);
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
  PExpr *x = node1(l, PX_CAST, type_nullable(l->plan->c->types, to, a->type->nullable || to->nullable), e->span, a);
  x->fallible |= to->kind != T_STR;
  return x;
}

static Type *arg_type(Lower *l, RowType r, const PExpr *a)
{
  if (r == R_FLOAT) return floating(l, a->type->nullable);
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
      leaves.v[k] = share(l, leaves.v[k], &let);
      if (let) vec_push(l->plan->c->arena, &lets, let);
    }
    b.leaves = leaves.v;
    vec_push(l->plan->c->arena, &l->locals, b);
  }
  lower(l, fn->u.fn.body, &body);
  l->locals.n = mark;
  for (int k = 0; k < body.n; k++) {
    PExpr *x = px_convert(l->plan, body.v[k], type_leaf_count(fn->type) == 1 ? fn->type : body.v[k]->type);
    for (int i = lets.n - 1; i >= 0; i--) x = wrap(again(l, lets.v[i]), x);
    vec_push(l->plan->c->arena, out, x);
  }
}

static void lower_call(Lower *l, Expr *e, PExprs *out)
{
  Arena *a = l->plan->c->arena;
  switch (e->u.call.kind) {
  case CALL_BUILTIN: vec_push(a, out, builtin(l, e)); return;
  case CALL_FN: user_fn(l, e, out); return;
  case CALL_AGG: {
    int col = l->group->exprs.n + 2 + e->u.call.agg_index;
    PExpr *x = column(l, col, l->schema->v[col].type, e->span);
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

/* ---- compound values ---- */

static void lower_field(Lower *l, Expr *e, PExprs *out)
{
  PExprs leaves = { 0 };
  Expr *a = e->u.field.a;
  lower(l, a, &leaves);
  if (a->type->kind != T_REC) { vec_push(l->plan->c->arena, out, json_get(l, leaves.v[0], e->u.field.name)); return; }
  Path path = { 0 };
  int from = 0;
  vec_push(l->plan->c->arena, &path.parts, e->u.field.name);
  Type *t = walk_fields(l, a->type, &path, 0, &from);
  for (int i = 0; i < type_leaf_count(t); i++) vec_push(l->plan->c->arena, out, leaves.v[from + i]);
}

static void lower_index(Lower *l, Expr *e, PExprs *out)
{
  PExpr *a = lower1(l, e->u.tri.a), *b = lower1(l, e->u.tri.b);
  Leaves leaves = { 0 };
  Type *elem = a->type->elem ? type_nullable(l->plan->c->types, a->type->elem, true) : e->type;
  type_leaves(l->plan->c, elem, "", &leaves);
  for (int i = 0; i < leaves.n; i++) {
    PExpr *x = node2(l, PX_INDEX, type_nullable(l->plan->c->types, leaves.v[i].type, true), e->span, a, b);
    x->u.leaf = i;
    vec_push(l->plan->c->arena, out, x);
  }
}

/* The item that gives field `name`: the last named one, else a star over a record that has it. */
static Item *find_item(Expr *rec, Name name)
{
  Items *items = &rec->u.rec.items;
  for (int i = items->n - 1; i >= 0; i--)
    if (!items->v[i].star && items->v[i].name.name == name) return &items->v[i];
  for (int i = items->n - 1; i >= 0; i--)
    if (items->v[i].star && (!items->v[i].value || type_field(items->v[i].value->type, name))) return &items->v[i];
  return NULL;
}

static void lower_star_field(Lower *l, Item *it, const TypeField *f, Span span, PExprs *out)
{
  Path path = { 0 };
  Ident part = { f->name, span };
  PExprs leaves = { 0 };
  int from = 0;

  vec_push(l->plan->c->arena, &path.parts, part);
  if (!it->value) {
    Type *t = walk_fields(l, (Type *)input_row(l), &path, 0, &from);
    push_columns(l, from, type_leaf_count(t), span, out);
    return;
  }
  lower(l, it->value, &leaves);
  Type *t = walk_fields(l, it->value->type, &path, 0, &from);
  for (int i = 0; i < type_leaf_count(t); i++) vec_push(l->plan->c->arena, out, leaves.v[from + i]);
}

static void lower_record(Lower *l, Expr *e, PExprs *out)
{
  for (int i = 0; i < e->type->fields.n; i++) {
    const TypeField *f = &e->type->fields.v[i];
    Item *it = find_item(e, f->name);
    if (it && it->star) lower_star_field(l, it, f, e->span, out);
    else if (it) lower(l, it->value, out);
  }
}

static PExpr *lower_map(Lower *l, Expr *e)
{
  int n = e->u.rec.items.n;
  PExpr *x = px_new(l->plan, PX_MAP, e->as ? e->as : e->type, e->span, 2 * n);
  x->u.n = n;
  for (int i = 0; i < n; i++) {
    Item *it = &e->u.rec.items.v[i];
    x->a[2 * i] = text_const(l, it->name.name, it->span);
    x->a[2 * i + 1] = px_convert(l->plan, lower1(l, it->value), x->type->elem);
    x->fallible |= x->a[2 * i + 1]->fallible;
  }
  return x;
}

static PExpr *lower_list(Lower *l, Expr *e)
{
  Type *t = e->as ? e->as : e->type;
  PExprs all = { 0 };
  for (int i = 0; i < e->u.list.items.n; i++) {
    int mark = all.n;
    lower(l, e->u.list.items.v[i], &all);
    if (all.n == mark + 1) all.v[mark] = px_convert(l->plan, all.v[mark], type_nullable(l->plan->c->types, t->elem, all.v[mark]->type->nullable));
  }
  PExpr *x = px_new(l->plan, PX_LIST, t, e->span, all.n);
  x->u.n = e->u.list.items.n;
  for (int i = 0; i < all.n; i++) {
    x->a[i] = all.v[i];
    x->fallible |= all.v[i]->fallible;
  }
  return x;
}

/* ---- the switch ---- */

static void lower_raw(Lower *l, Expr *e, PExprs *out)
{
  Arena *a = l->plan->c->arena;
  switch (e->kind) {
  case EXPR_LITERAL: vec_push(a, out, literal(l, e)); return;
  case EXPR_PATH: lower_path(l, e, out); return;
  case EXPR_CALL: lower_call(l, e, out); return;
  case EXPR_UNARY: vec_push(a, out, unary(l, e)); return;
  case EXPR_BINARY: vec_push(a, out, binary(l, e)); return;
  case EXPR_IN: vec_push(a, out, in_set(l, e)); return;
  case EXPR_BETWEEN: vec_push(a, out, between(l, e)); return;
  case EXPR_LIKE: {
    PExpr *s = lower1(l, e->u.tri.a), *pat = lower1(l, e->u.tri.b);
    vec_push(a, out, negate(l, e->u.tri.negated, logic(l, PX_LIKE, e->span, s, pat)));
    return;
  }
  case EXPR_MATCHES: vec_push(a, out, matches(l, e)); return;
  case EXPR_IS_NULL: vec_push(a, out, is_null(l, e)); return;
  case EXPR_IS_DISTINCT: vec_push(a, out, is_distinct(l, e)); return;
  case EXPR_CASE: lower_case(l, e, out); return;
  case EXPR_FIELD: lower_field(l, e, out); return;
  case EXPR_INDEX: lower_index(l, e, out); return;
  case EXPR_RECORD:
    if (e->u.rec.map) vec_push(a, out, lower_map(l, e));
    else lower_record(l, e, out);
    return;
  case EXPR_LIST: vec_push(a, out, lower_list(l, e)); return;
  }
}

void lower(Lower *l, Expr *e, PExprs *out)
{
  int mark = out->n;
  lower_raw(l, e, out);
  if (e->as && out->n == mark + 1 && type_leaf_count(e->as) == 1)
    out->v[mark] = px_convert(l->plan, out->v[mark], type_nullable(l->plan->c->types, e->as, out->v[mark]->type->nullable));
}

PExpr *lower1(Lower *l, Expr *e)
{
  PExprs out = { 0 };
  lower(l, e, &out);
  assert(out.n == 1);
  return out.v[0];
}
