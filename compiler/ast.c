/* ast.c -- constructors of expressions, types, windows, patterns and steps; ast_decl.c has those of
 * declarations. The depth of every expression and type is counted here: one that is too deep is
 * reported and replaced by a leaf, so that all later passes may recurse without a check.
 */
#include "ast_build.h"
#include <string.h>

const char *op_text(Op op) {
  static const char *const text[] = {"-", "not", "+", "-", "*", "/", "%", "||", "=", "!=", "<",
    "<=", ">", ">=", "and", "or"};
  return text[op];
}

/* From the start of a to the end of b; one that is SPAN_NONE counts for nothing. */
Span span_join(Span a, Span b) {
  if (a.file == UINT32_MAX) return b;
  if (b.file != a.file) return a;
  return (Span){a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to, a.file};
}

Expr *expr_new(Compiler *c, ExprKind kind, Span span) {
  Expr *e = arena_alloc(c->arena, sizeof *e);
  e->kind = kind;
  e->span = span;
  e->depth = 1;
  return e;
}

static void below(Expr *e, const Expr *child) {
  if (child && child->depth >= e->depth) e->depth = child->depth + 1;
}

static void below_all(Expr *e, const Exprs *list) {
  for (int i = 0; i < list->n; i++) below(e, list->v[i]);
}

/* The depth stays above the limit in all nodes further up: one report a tree. */
static Expr *limited(Compiler *c, Expr *e) {
  if (e->depth <= MAX_EXPR_DEPTH) return e;
  if (e->depth == MAX_EXPR_DEPTH + 1) {
    Diag *d = diag_error(c, e->span, D_DEPTH, "this expression is nested more than %d deep",
                         MAX_EXPR_DEPTH);
    diag_hint(c, d, "long chains can be written with `in (…)`, or in several steps");
  }
  e->kind = EXPR_LITERAL;
  memset(&e->u, 0, sizeof e->u);
  return e;
}

Expr *expr_literal(Compiler *c, LitKind kind, int64_t i, Span span) {
  Expr *e = expr_new(c, EXPR_LITERAL, span);
  e->u.lit.kind = kind;
  e->u.lit.i = i;
  return e;
}

Expr *expr_string(Compiler *c, LitKind kind, Text t, Span span) {
  Expr *e = expr_literal(c, kind, 0, span);
  e->u.lit.s = t.s;
  e->u.lit.n = t.n;
  return e;
}

Path path_one(Compiler *c, Ident id) {
  Path p = {.span = id.span};
  vec_push(c->arena, &p.parts, id);
  return p;
}

Path path_more(Compiler *c, Path p, Ident id) {
  vec_push(c->arena, &p.parts, id);
  p.span = span_join(p.span, id.span);
  return p;
}

Expr *expr_path(Compiler *c, Path p) {
  Expr *e = expr_new(c, EXPR_PATH, p.span);
  e->u.path.path = p;
  return e;
}

Expr *expr_name(Compiler *c, Ident id) { return expr_path(c, path_one(c, id)); }

Expr *expr_call(Compiler *c, Path name, ArgList list, Span span) {
  Expr *e = expr_new(c, EXPR_CALL, span);
  e->u.call.name = name;
  e->u.call.args = list.args;
  e->u.call.where = list.where;
  for (int i = 0; i < list.args.n; i++) below(e, list.args.v[i].value);
  below(e, list.where);
  return limited(c, e);
}

/* A minus before a number makes a negative literal. */
static bool negate(Expr *e) {
  if (e->kind != EXPR_LITERAL) return false;
  LitKind k = e->u.lit.kind;
  if (k == LIT_FLOAT) return e->u.lit.f = -e->u.lit.f, true;
  if (k != LIT_INT && k != LIT_DEC && k != LIT_DUR) return false;
  if (e->u.lit.i <= 0) return false;      /* - -5 stays two nodes: int64's least has no opposite */
  e->u.lit.i = -e->u.lit.i;
  return true;
}

Expr *expr_unary(Compiler *c, Op op, Expr *a, Span span) {
  if (op == OP_NEG && negate(a)) {
    a->span = span;
    return a;
  }
  Expr *e = expr_new(c, EXPR_UNARY, span);
  e->u.op.op = op;
  e->u.op.a = a;
  below(e, a);
  return limited(c, e);
}

Expr *expr_binary(Compiler *c, Op op, Expr *a, Expr *b, Span span) {
  Expr *e = expr_new(c, EXPR_BINARY, span);
  e->u.op.op = op;
  e->u.op.a = a;
  e->u.op.b = b;
  below(e, a);
  below(e, b);
  return limited(c, e);
}

Expr *expr_in(Compiler *c, Expr *a, Expr *set, Exprs items, bool negated, Span span) {
  Expr *e = expr_new(c, EXPR_IN, span);
  e->u.in.a = a;
  e->u.in.set = set;
  e->u.in.items = items;
  e->u.in.negated = negated;
  below(e, a);
  below(e, set);
  below_all(e, &items);
  return limited(c, e);
}

Expr *expr_tri(Compiler *c, ExprKind kind, Expr *a, Expr *b, Expr *third, bool negated, Span span) {
  Expr *e = expr_new(c, kind, span);
  e->u.tri.a = a;
  e->u.tri.b = b;
  e->u.tri.c = third;
  e->u.tri.negated = negated;
  below(e, a);
  below(e, b);
  below(e, third);
  return limited(c, e);
}

Expr *expr_case(Compiler *c, Expr *value, Whens w, Expr *other, Span span) {
  Expr *e = expr_new(c, EXPR_CASE, span);
  e->u.kase.value = value;
  e->u.kase.when = w.when;
  e->u.kase.then = w.then;
  e->u.kase.other = other;
  below(e, value);
  below(e, other);
  below_all(e, &w.when);
  below_all(e, &w.then);
  return limited(c, e);
}

Expr *expr_field(Compiler *c, Expr *a, Ident name, Span span) {
  Expr *e = expr_new(c, EXPR_FIELD, span);
  e->u.field.a = a;
  e->u.field.name = name;
  below(e, a);
  return limited(c, e);
}

Expr *expr_record(Compiler *c, Items items, Span span) {
  Expr *e = expr_new(c, EXPR_RECORD, span);
  e->u.rec.items = items;
  for (int i = 0; i < items.n; i++) below(e, items.v[i].value);
  return limited(c, e);
}

Expr *expr_list(Compiler *c, Exprs items, Span span) {
  Expr *e = expr_new(c, EXPR_LIST, span);
  e->u.list.items = items;
  below_all(e, &items);
  return limited(c, e);
}

Item item_path(Compiler *c, Path p, bool star, Span span) {
  Item i = {.value = expr_path(c, p), .star = star, .span = span};
  if (!star) i.name = p.parts.v[p.parts.n - 1];
  return i;
}

/* ---- types ---- */

static TypeExpr *type_expr_new(Compiler *c, TypeExprKind kind, Span span) {
  TypeExpr *t = arena_alloc(c->arena, sizeof *t);
  t->kind = kind;
  t->span = span;
  t->depth = 1;
  return t;
}

static void type_below(TypeExpr *t, const TypeExpr *child) {
  if (child && child->depth >= t->depth) t->depth = child->depth + 1;
}

static TypeExpr *type_limited(Compiler *c, TypeExpr *t) {
  if (t->depth <= MAX_TYPE_DEPTH) return t;
  if (t->depth == MAX_TYPE_DEPTH + 1)
    diag_error(c, t->span, D_DEPTH, "this type is nested more than %d deep", MAX_TYPE_DEPTH);
  TypeExpr *leaf = type_expr_new(c, TX_NAME, t->span);
  leaf->name = (Ident){intern_z(c->interns, "int"), t->span};
  leaf->depth = t->depth;
  return leaf;
}

TypeExpr *type_expr_name(Compiler *c, Ident name, Ints ints, TypeExprs args, Span span) {
  TypeExpr *t = type_expr_new(c, TX_NAME, span);
  t->name = name;
  t->ints = ints;
  t->args = args;
  for (int i = 0; i < args.n; i++) type_below(t, args.v[i]);
  return type_limited(c, t);
}

TypeExpr *type_expr_record(Compiler *c, FieldDecls fields, Span span) {
  TypeExpr *t = type_expr_new(c, TX_RECORD, span);
  t->fields = fields;
  for (int i = 0; i < fields.n; i++) type_below(t, fields.v[i].type);
  return type_limited(c, t);
}

TypeExpr *type_expr_enum(Compiler *c, Idents members, Span span) {
  TypeExpr *t = type_expr_new(c, TX_ENUM, span);
  t->members = members;
  return t;
}

TypeExpr *type_expr_nullable(TypeExpr *t, Span span) {
  t->nullable = true;
  t->span = span;
  return t;
}

static void attribute_twice(Compiler *c, const char *word, Span span) {
  diag_error(c, span, D_TWICE, "`%s` is given twice for this field", word);
}

void field_mask(Compiler *c, FieldDecl *f, Ident mask, const int64_t *n, Span span) {
  if (f->has_mask) attribute_twice(c, "mask", span);
  f->has_mask = true;
  f->mask = mask;
  f->has_mask_n = n != NULL;
  f->mask_n = n ? *n : 0;
}

void field_from(Compiler *c, FieldDecl *f, Text from, Span span) {
  if (f->has_from) attribute_twice(c, "from", span);
  f->has_from = true;
  f->from = intern(c->interns, from.s, from.n);
  f->from_span = span;
}
