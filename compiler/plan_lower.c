/* plan_lower.c -- checked expressions become plan expressions over leaf columns.
 *
 * Convention: lower() appends one PExpr a leaf of the value's type, in type_leaves order. Conversions
 * that the checker chose (Expr.as) are applied here; sugar (between, in, case x when, fn calls) goes away.
 */
#include <assert.h>
#include <string.h>
#include "build.h"
#include "lower.h"

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
    if (p->regexes.v[i].n == n && memcmp(p->regexes.v[i].text, text, n) == 0 &&
        strcmp(p->regexes.v[i].flags, flags) == 0)
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

/* Leaves [*from, *from + count of the result) of a value of type t, after walking the parts. A record that is
 * never null, but inside one that may be, has no presence leaf of its own: *around is that of the other, or -1. */
static Type *walk_in(Lower *l, Type *t, const Path *path, int part, int *from, int *around)
{
  *around = -1;
  for (; part < path->parts.n && t->kind == T_REC; part++) {
    int at = t->nullable;
    if (t->nullable) *around = *from;
    for (int i = 0; i < t->fields.n; i++) {
      if (t->fields.v[i].name == path->parts.v[part].name) {
        *from += at;
        t = t->fields.v[i].type;
        goto next;
      }
      at += type_leaf_count(t->fields.v[i].type);
    }
    assert(!"field not found after checking");
  next:;
  }
  if (t->nullable) *around = -1;
  return *around >= 0 && t->kind != T_REC ? type_nullable(l->plan->c->types, t, true) : t;
}

static Type *walk_fields(Lower *l, Type *t, const Path *path, int part, int *from)
{
  int around;
  return walk_in(l, t, path, part, from, &around);
}

static PExpr *text_const(Lower *l, Name name, Span span)
{
  wr_str s = { name, (wr_u32)strlen(name), 0 };
  return px_const(l->plan, type_scalar(l->plan->c->types, T_STR, false), wr_str_slot(s, 0), span);
}

static PExpr *json_get(Lower *l, PExpr *x, Ident name)
{
  Type *t = type_scalar(l->plan->c->types, T_JSON, true);
  return lower_node2(l, PX_INDEX, t, name.span, x, text_const(l, name.name, name.span));
}

/* The first part after the reference at which the value is json, when a path goes into a document. */
static int json_part(Type *t, const Path *path, int part)
{
  for (; part < path->parts.n && t->kind == T_REC; part++) t = type_field(t, path->parts.v[part].name)->type;
  return part;
}

static void push_columns(Lower *l, int from, int n, Span span, PExprs *out)
{
  for (int i = 0; i < n; i++)
    vec_push(l->plan->c->arena, out, lower_column_at(l, from + i, l->schema->v[from + i].type, span));
}

static void lower_column(Lower *l, Expr *e, const Type *row, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  Path *path = &e->u.path.path;
  int from = plan_field_leaf(row, r->column), around;
  Type *t = row->fields.v[r->column].type;
  int stop = json_part(t, path, r->used);
  Path head = *path;

  head.parts.n = stop;
  t = walk_in(l, t, &head, r->used, &from, &around);
  if (t->kind == T_REC && around >= 0) push_columns(l, around, 1, e->span, out);
  if (stop == path->parts.n) { push_columns(l, from, type_leaf_count(t), e->span, out); return; }
  PExpr *x = lower_column_at(l, from, l->schema->v[from].type, e->span);
  for (int i = stop; i < path->parts.n; i++) x = json_get(l, x, path->parts.v[i]);
  vec_push(l->plan->c->arena, out, x);
}

static void lower_local(Lower *, Expr *, PExprs *);

static int param_index(Plan *p, const Decl *d)
{
  for (int i = 0; i < p->params.n; i++)
    if (p->params.v[i].decl == d) return i;
  assert(!"parameter without a number");
  return 0;
}

/* A rule's `let` is its expression, wherever it is named: what is not needed is not evaluated. */
static void lower_let(Lower *l, Expr *e, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  LocalBinding b = { r->local, NULL };
  PExprs leaves = { 0 };
  lower(l, r->local->value, &leaves);
  b.leaves = leaves.v;
  vec_push(l->plan->c->arena, &l->locals, b);
  lower_local(l, e, out);
  l->locals.n--;
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
  assert(r->local->value);
  lower_let(l, e, out);
}

static void lower_state(Lower *l, Expr *e, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  Plan *p = l->plan;
  int store = build_state(l->builder, r->decl), from = 0;
  Type *t = r->decl->type;
  if (r->column >= 0) {
    from = plan_field_leaf(t, r->column);
    t = t->fields.v[r->column].type;
  }
  t = walk_fields(l, t, &e->u.path.path, r->used, &from);
  for (int i = 0; i < type_leaf_count(t); i++) {
    PExpr *x = px_new(p, PX_STATE, p->stores.v[store].cells.v[from + i].type, e->span, 0);
    x->u.state.store = store;
    x->u.state.cell = from + i;
    vec_push(p->c->arena, out, x);
  }
}

/* A leaf of the record that a lookup found, in a table or a state. */
static PExpr *found_leaf(Lower *l, int at, Span span)
{
  Plan *p = l->plan;
  bool state = l->found->kind == OPK_PEEK;
  Type *t = state ? p->stores.v[l->found->store].cells.v[at].type : p->tables.v[l->found->table].op->schema.v[at].type;
  PExpr *x = px_new(p, state ? PX_STATE : PX_FOUND, t, span, 0);
  if (state) x->u.state.store = l->found->store, x->u.state.cell = at;
  else x->u.found.table = l->found->table, x->u.found.col = at;
  return x;
}

static void lower_found(Lower *l, Expr *e, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  const Path *path = &e->u.path.path;
  const Plan *p = l->plan;
  const Decl *d = l->found->kind == OPK_PEEK ? p->stores.v[l->found->store].decl : p->tables.v[l->found->table].decl;
  const Type *row = d->shape.row ? d->shape.row : d->type;
  int from = plan_field_leaf(row, r->column), stop = json_part(row->fields.v[r->column].type, path, r->used);
  Path head = *path;

  head.parts.n = stop;
  Type *t = walk_fields(l, row->fields.v[r->column].type, &head, r->used, &from);
  for (int i = 0; i < type_leaf_count(t); i++) {
    PExpr *x = found_leaf(l, from + i, e->span);
    for (int k = stop; k < path->parts.n; k++) x = json_get(l, x, path->parts.v[k]);
    vec_push(l->plan->c->arena, out, x);
  }
}

static void lower_meta(Lower *l, Expr *e, PExprs *out)
{
  const Ref *r = &e->u.path.ref;
  const Path *path = &e->u.path.path;
  bool column = r->column == META_TIME || r->column == META_KEY || r->column == META_HEADER;
  PExpr *x = px_new(l->plan, column ? PX_COL : PX_META, e->type, e->span, 0);

  if (column && !plan_brings_meta(r->decl)) x = px_const(l->plan, e->type, wr_i64_slot(0, WR_NULL), e->span);
  else if (column) x->u.col = plan_meta_col(l->plan, l->in, r->column, path->parts.v[path->parts.n - 1].name);
  else x->u.col = r->column;
  vec_push(l->plan->c->arena, out, x);
}

static const Type *input_row(Lower *l) { return l->row; }

static void lower_key(Lower *l, Expr *e, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  int from = l->group->key_at[r->column];
  Type *t = walk_fields(l, l->group->keys->v[r->column].value->type, &e->u.path.path, r->used, &from);
  push_columns(l, from, type_leaf_count(t), e->span, out);
}

static void lower_path(Lower *l, Expr *e, PExprs *out)
{
  Ref *r = &e->u.path.ref;
  Plan *p = l->plan;

  switch (r->kind) {
  case REF_COLUMN:
    if (l->found && r->input == 1) lower_found(l, e, out);
    else lower_column(l, e, input_row(l), out);
    return;
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
    int at = l->group ? l->group->window_at : l->window_at;
    if (r->column == 2) push_columns(l, at, 2, e->span, out);
    else push_columns(l, at + r->column, 1, e->span, out);
    return;
  }
  case REF_META: lower_meta(l, e, out); return;
  case REF_ENUM: vec_push(p->c->arena, out, px_const(p, e->type, wr_i64_slot(r->column, 0), e->span)); return;
  case REF_KEY: lower_key(l, e, out); return;
  case REF_STATE: lower_state(l, e, out); return;
  case REF_NONE: break;
  }
  assert(!"reference not bound");
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
    PExpr *x = lower_node2(l, PX_INDEX, type_nullable(l->plan->c->types, leaves.v[i].type, true), e->span, a, b);
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
    else if (it) lower_as(l, it->value, f->type, out);
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
    if (all.n == mark + 1)
      all.v[mark] =
          px_convert(l->plan, all.v[mark], type_nullable(l->plan->c->types, t->elem, all.v[mark]->type->nullable));
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
  case EXPR_UNARY:
  case EXPR_BINARY:
  case EXPR_IN:
  case EXPR_BETWEEN:
  case EXPR_LIKE:
  case EXPR_MATCHES:
  case EXPR_IS_NULL:
  case EXPR_IS_DISTINCT: vec_push(a, out, lower_operator(l, e)); return;
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
    out->v[mark] =
        px_convert(l->plan, out->v[mark], type_nullable(l->plan->c->types, e->as, out->v[mark]->type->nullable));
}

PExpr *lower1(Lower *l, Expr *e)
{
  PExprs out = { 0 };
  lower(l, e, &out);
  assert(out.n == 1);
  return out.v[0];
}
