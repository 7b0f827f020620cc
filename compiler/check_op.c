/* check_op.c -- unary and binary operators, and what may be compared with what.
 *
 * Numbers: int goes with float in + - * / and becomes one; int goes with decimal exactly; decimal and
 * float meet only where one of them is a literal. Results that cannot be represented are errors of the
 * row, so arithmetic is fallible.
 */
#include <string.h>
#include "check.h"

static int scale_of(const Type *t) { return t->kind == T_DEC ? t->scale : 0; }

static bool is_literal(const Expr *e)
{
  bool negative;
  return literal_of(e, &negative) != 0;
}

/* A number written out takes the other side's type when that is float. */
static void adapt_to_float(Env *env, Expr *a, Expr *b)
{
  if (is_literal(a) && is_number(a->type) && b->type->kind == T_FLOAT && a->type->kind != T_FLOAT)
    adapt(env, a, b->type);
}

static Type *as_type(const Expr *e) { return e->as ? e->as : e->type; }

/* ---- comparing ---- */

/* Which side is converted: the literal, or the one that becomes a float, a time or a string. */
static void compare_hint(Env *env, Diag *d, Expr *a, Expr *b)
{
  Compiler *c = env->c;
  Type *ta = as_type(a), *tb = as_type(b);
  if (ta->kind == T_JSON || tb->kind == T_JSON) {
    diag_hint(c, d, "take the value out of the json first: string(%s)",
              text_of(c, (ta->kind == T_JSON ? a : b)->span));
    return;
  }
  bool right = b->kind == EXPR_LITERAL || ta->kind == T_FLOAT || ta->kind == T_TS || ta->kind == T_STR;
  Expr *from = right && a->kind != EXPR_LITERAL ? b : a, *to = from == a ? b : a;
  if (!type_same(from->type, to->type))
    conversion_hint(env, d, from, from->type, as_type(to));
}

static Type *cannot_compare(Env *env, Expr *a, Expr *b, Span at)
{
  bool numbers = is_number(a->type) && is_number(b->type);
  Diag *d = diag_error(env->c, at, numbers ? D_WIDEN : D_COMPARE, "%s cannot be compared with %s",
                       type_text(env->c, as_type(a)), type_text(env->c, as_type(b)));
  compare_hint(env, d, a, b);
  return t_error(env->c);
}

static Type *compare_numbers(Env *env, Op op, Expr *a, Expr *b, Span at)
{
  Type *ta = as_type(a), *tb = as_type(b);
  bool equality = op == OP_EQ || op == OP_NE;
  if ((ta->kind == T_FLOAT) == (tb->kind == T_FLOAT))
    return ta;
  Expr *exact = ta->kind == T_FLOAT ? b : a, *approximate = exact == a ? b : a;
  if (!equality && exact->type->kind == T_INT && is_literal(approximate)) {
    exact->as = t_float(env->c, exact->type->nullable);
    return exact->as;
  }
  return cannot_compare(env, a, b, at);
}

static Type *null_compared(Env *env, Op op, Expr *a, Expr *b, Span at)
{
  Expr *other = a->type->kind == T_NULL ? b : a;
  Diag *d = diag_error(env->c, at, D_NULL_COMPARE, "comparing with null gives null, never true");
  if (op == OP_EQ || op == OP_NE)
    diag_hint(env->c, d, "write `%s is %snull`", text_of(env->c, other->span), op == OP_NE ? "not " : "");
  return t_error(env->c);
}

static bool elements_compare(const Type *t)
{
  return t->kind == T_LIST && (t->elem->props & TP_SCALAR) && t->elem->kind != T_JSON;
}

Type *check_comparable(Env *env, Op op, Expr *a, Expr *b, Span at)
{
  bool equality = op == OP_EQ || op == OP_NE;
  if (is_error(a->type) || is_error(b->type))
    return t_error(env->c);
  if (a->type->kind == T_NULL || b->type->kind == T_NULL)
    return null_compared(env, op, a, b, at);
  adapt_to_float(env, a, b);
  adapt_to_float(env, b, a);
  if (a->type->kind == T_ENUM && b->type->kind == T_STR)
    adapt(env, b, a->type);
  if (b->type->kind == T_ENUM && a->type->kind == T_STR)
    adapt(env, a, b->type);
  Type *ta = as_type(a), *tb = as_type(b);
  if (is_number(ta) && is_number(tb))
    return compare_numbers(env, op, a, b, at);
  if (!type_same(ta, tb))
    return cannot_compare(env, a, b, at);
  if (equality ? (ta->props & TP_KEY) || elements_compare(ta) : (ta->props & TP_ORDERED) != 0)
    return ta;
  Diag *d = diag_error(env->c, at, D_COMPARE, equality ? "values of type %s cannot be compared"
                       : "values of type %s have no order",
                       type_text(env->c, ta));
  compare_hint(env, d, a, b);
  return t_error(env->c);
}

/* ---- arithmetic ---- */

static Type *operator_error(Env *env, Expr *e)
{
  Compiler *c = env->c;
  Expr *a = e->u.op.a, *b = e->u.op.b;
  Diag *d = diag_error(c, e->span, D_OPERATOR, "`%s` does not take %s and %s", op_text(e->u.op.op),
                       type_text(c, as_type(a)), type_text(c, as_type(b)));
  bool text = a->type->kind == T_STR || b->type->kind == T_STR;
  bool time = a->type->kind == T_TS || b->type->kind == T_TS;
  if (text && e->u.op.op == OP_ADD)
    diag_hint(c, d, "strings are joined with ||");
  else if (text && e->u.op.op == OP_CONCAT)
    diag_hint(c, d, "write string(%s)", text_of(c, (a->type->kind == T_STR ? b : a)->span));
  else if (time && (is_number(a->type) || is_number(b->type)))
    diag_hint(c, d, "a length of time has a unit: %s * 1s", text_of(c, (is_number(a->type) ? a : b)->span));
  else if (a->type->kind == T_NULL || b->type->kind == T_NULL)
    diag_hint(c, d, "calculating with null gives null");
  return t_error(c);
}

static Type *mixed_float(Env *env, Expr *e)
{
  Expr *a = e->u.op.a, *b = e->u.op.b;
  Expr *dec = as_type(a)->kind == T_DEC ? a : b;
  Diag *d = diag_error(env->c, e->span, D_WIDEN, "%s and %s do not mix: a decimal is exact, a float is not",
                       type_text(env->c, as_type(a)), type_text(env->c, as_type(b)));
  diag_hint(env->c, d, "write float(%s)", text_of(env->c, dec->span));
  return t_error(env->c);
}

static Type *float_result(Env *env, Expr *e, bool nullable)
{
  Expr *sides[2] = { e->u.op.a, e->u.op.b };
  for (int i = 0; i < 2; i++)
    if (as_type(sides[i])->kind != T_FLOAT)
      sides[i]->as = t_float(env->c, sides[i]->type->nullable);
  return t_float(env->c, nullable);
}

static Type *decimal_product(Env *env, Expr *e, bool nullable, bool wide, int rounded)
{
  int scale = scale_of(as_type(e->u.op.a)) + scale_of(as_type(e->u.op.b));
  if (wide)                               /* wr_dec_mul rounds to the type's scale at once */
    return type_dec(env->c->types, rounded < scale ? rounded : scale, nullable);
  if (scale <= MAX_PRODUCT_SCALE)
    return type_dec(env->c->types, scale, nullable);
  Diag *d = diag_error(env->c, e->span, D_SCALE,
                       "the product has %d digits after the point; at most %d are kept",
                       scale, MAX_PRODUCT_SCALE);
  diag_hint(env->c, d, "say how many you want: round(%s, 2)", text_of(env->c, e->span));
  return t_error(env->c);
}

static Type *divide(Env *env, Expr *e, bool nullable)
{
  Expr *a = e->u.op.a, *b = e->u.op.b;
  bool da = as_type(a)->kind == T_DEC, db = as_type(b)->kind == T_DEC;
  if ((da && !is_literal(a)) || (db && !is_literal(b))) {
    const char *s = text_of(env->c, a->span), *t = text_of(env->c, b->span);
    Diag *d = diag_error(env->c, e->span, D_DECIMAL_DIVIDE,
                         "`/` would need to know how many digits to keep of %s / %s",
                         type_text(env->c, as_type(a)), type_text(env->c, as_type(b)));
    diag_hint(env->c, d, "write div(%s, %s, 2) for two digits, or float(%s) / float(%s)", s, t, s, t);
    return t_error(env->c);
  }
  return float_result(env, e, nullable);
}

static bool literal_zero(const Expr *e)
{
  return e->kind == EXPR_LITERAL && ((e->u.lit.kind == LIT_FLOAT && e->u.lit.f == 0) ||
         ((e->u.lit.kind == LIT_INT || e->u.lit.kind == LIT_DEC || e->u.lit.kind == LIT_DUR) &&
          e->u.lit.i == 0));
}

static Type *numbers(Env *env, Expr *e, bool nullable, bool wide, int rounded)
{
  Expr *a = e->u.op.a, *b = e->u.op.b;
  Op op = e->u.op.op;
  adapt_to_float(env, a, b);
  adapt_to_float(env, b, a);
  Type *ta = as_type(a), *tb = as_type(b);
  if ((ta->kind == T_DEC && tb->kind == T_FLOAT) || (ta->kind == T_FLOAT && tb->kind == T_DEC))
    return mixed_float(env, e);
  if (op == OP_DIV)
    return divide(env, e, nullable);
  if (ta->kind == T_FLOAT || tb->kind == T_FLOAT)
    return float_result(env, e, nullable);
  if (ta->kind == T_INT && tb->kind == T_INT)
    return t_int(env->c, nullable);
  if (op == OP_MUL)
    return decimal_product(env, e, nullable, wide, rounded);
  return type_dec(env->c->types, scale_of(ta) > scale_of(tb) ? scale_of(ta) : scale_of(tb), nullable);
}

/* Times and durations: the whole table. */
static Type *times(Env *env, Expr *e, bool nullable)
{
  static const struct { Op op; TypeKind a, b, result; } table[] = {
    { OP_ADD, T_TS, T_DUR, T_TS }, { OP_ADD, T_DUR, T_TS, T_TS }, { OP_ADD, T_DUR, T_DUR, T_DUR },
    { OP_SUB, T_TS, T_TS, T_DUR }, { OP_SUB, T_TS, T_DUR, T_TS }, { OP_SUB, T_DUR, T_DUR, T_DUR },
    { OP_MUL, T_DUR, T_INT, T_DUR }, { OP_MUL, T_INT, T_DUR, T_DUR }, { OP_DIV, T_DUR, T_DUR, T_FLOAT },
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (table[i].op == e->u.op.op && table[i].a == e->u.op.a->type->kind &&
        table[i].b == e->u.op.b->type->kind)
      return type_scalar(env->c->types, table[i].result, nullable);
  return operator_error(env, e);
}

static Type *arithmetic(Env *env, Expr *e, bool wide, int rounded)
{
  Type *a = e->u.op.a->type, *b = e->u.op.b->type;
  bool nullable = a->nullable || b->nullable;
  e->fallible = true;
  if (is_error(a) || is_error(b))
    return t_error(env->c);
  if ((e->u.op.op == OP_DIV || e->u.op.op == OP_MOD) && literal_zero(e->u.op.b)) {
    diag_error(env->c, e->span, D_DIVIDE_ZERO, "division by zero");
    return t_error(env->c);
  }
  if (is_number(a) && is_number(b))
    return numbers(env, e, nullable, wide, rounded);
  return times(env, e, nullable);
}

static Type *logic(Env *env, Expr *e)
{
  const char *word = e->u.op.op == OP_AND ? "each side of `and`" : "each side of `or`";
  check_condition(env, e->u.op.a, word);
  check_condition(env, e->u.op.b, word);
  return t_bool(env->c, e->u.op.a->type->nullable || e->u.op.b->type->nullable);
}

static Type *concat(Env *env, Expr *e)
{
  Type *a = e->u.op.a->type, *b = e->u.op.b->type;
  if (is_error(a) || is_error(b))
    return t_error(env->c);
  if (a->kind != T_STR || b->kind != T_STR)
    return operator_error(env, e);
  return t_str(env->c, a->nullable || b->nullable);
}

static Type *binary(Env *env, Expr *e, bool wide, int rounded)
{
  bool nullable = e->u.op.a->type->nullable || e->u.op.b->type->nullable;
  switch (e->u.op.op) {
  case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_MOD: return arithmetic(env, e, wide, rounded);
  case OP_CONCAT: return concat(env, e);
  case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE:
    check_comparable(env, e->u.op.op, e->u.op.a, e->u.op.b, e->span);
    return t_bool(env->c, nullable);
  case OP_AND: case OP_OR: case OP_NEG: case OP_NOT: break;
  }
  return t_error(env->c);
}

Type *check_binary(Env *env, Expr *e)
{
  bool wide = env->wide_product;
  int rounded = env->product_scale;
  Type *t;
  env->wide_product = false;
  if (e->u.op.op == OP_AND || e->u.op.op == OP_OR) {
    t = logic(env, e);
  } else {
    check_expr(env, e->u.op.a);
    check_expr(env, e->u.op.b);
    t = binary(env, e, wide, rounded);
  }
  e->fallible |= e->u.op.a->fallible || e->u.op.b->fallible;
  e->constant = e->u.op.a->constant && e->u.op.b->constant;
  return t;
}

Type *check_unary(Env *env, Expr *e)
{
  Expr *a = e->u.op.a;
  Type *t;
  if (e->u.op.op == OP_NOT) {
    check_condition(env, a, "what `not` takes");
    t = a->type->kind == T_BOOL ? a->type : t_error(env->c);
  } else {
    t = check_expr(env, a);
    if (!is_error(t) && !is_number(t) && t->kind != T_DUR) {
      diag_error(env->c, e->span, D_OPERATOR, "`-` does not take %s", type_text(env->c, t));
      t = t_error(env->c);
    }
  }
  e->constant = a->constant;
  e->fallible = a->fallible || (e->u.op.op == OP_NEG && t->kind != T_FLOAT && a->kind != EXPR_LITERAL);
  return t;
}
