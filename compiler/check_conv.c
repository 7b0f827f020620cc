/* check_conv.c -- literals take the type their place wants, values conform to a type, branches agree.
 *
 * A conversion is noted in Expr.as; Expr.type stays what the expression is by itself.
 */
#include <string.h>
#include "check.h"

const Expr *literal_of(const Expr *e, bool *negative)
{
  *negative = false;
  if (e->kind == EXPR_UNARY && e->u.op.op == OP_NEG && e->u.op.a->kind == EXPR_LITERAL) {
    LitKind k = e->u.op.a->u.lit.kind;
    *negative = true;
    return k == LIT_INT || k == LIT_DEC || k == LIT_FLOAT ? e->u.op.a : 0;
  }
  return e->kind == EXPR_LITERAL ? e : 0;
}

/* ---- literals ---- */

static bool fits_scale(const Expr *lit, int scale)
{
  int64_t digits = lit->u.lit.i;
  int have = lit->u.lit.kind == LIT_DEC ? lit->u.lit.scale : 0;
  for (; have > scale && digits % 10 == 0; have--)
    digits /= 10;
  for (; have < scale; have++)
    if (__builtin_mul_overflow(digits, (int64_t)10, &digits))
      return false;
  return have == scale;
}

static bool adapt_number(Env *env, Expr *e, const Expr *lit, Type *want)
{
  if (want->kind == T_FLOAT) {
    e->as = type_nullable(env->c->types, want, false);
    return true;
  }
  if (want->kind != T_DEC || lit->u.lit.kind == LIT_FLOAT)
    return false;
  e->as = type_nullable(env->c->types, want, false);
  if (!fits_scale(lit, want->scale)) {
    Diag *d = diag_error(env->c, e->span, D_LITERAL, "%s does not fit %s", text_of(env->c, e->span),
                         type_text(env->c, e->as));
    if (lit->u.lit.kind == LIT_DEC && lit->u.lit.scale > want->scale)
      diag_hint(env->c, d, "it has %d digits after the point, and %d are kept", lit->u.lit.scale,
                want->scale);
  }
  return true;
}

static bool adapt_member(Env *env, Expr *e, Type *want)
{
  Guess g = guess_for(e->u.lit.s);
  e->as = type_nullable(env->c->types, want, false);
  for (int i = 0; i < want->members.n; i++) {
    guess_offer(&g, want->members.v[i]);
    if (strlen(want->members.v[i]) == e->u.lit.n && memcmp(want->members.v[i], e->u.lit.s, e->u.lit.n) == 0)
      return true;
  }
  Diag *d = diag_error(env->c, e->span, D_ENUM_MEMBER, "%s is not a member of %s", text_of(env->c, e->span),
                       type_text(env->c, e->as));
  guess_hint(env->c, d, &g);
  return true;
}

bool adapt(Env *env, Expr *e, Type *want)
{
  bool negative;
  const Expr *lit = literal_of(e, &negative);
  if (!lit)
    return false;
  switch (lit->u.lit.kind) {
  case LIT_NULL:
    if (want->nullable)
      e->as = want;
    return want->nullable;
  case LIT_INT: case LIT_DEC: case LIT_FLOAT:
    return adapt_number(env, e, lit, want);
  case LIT_STR:
    return want->kind == T_ENUM && adapt_member(env, e, want);
  case LIT_BOOL: case LIT_DUR: case LIT_CAL: case LIT_SIZE: case LIT_TS: case LIT_REGEX: break;
  }
  return false;
}

/* ---- values ---- */

static bool looks_like_number(const Expr *e)
{
  size_t n = e->u.lit.n;
  return n > 0 && strspn(e->u.lit.s, "+-.0123456789") == n;
}

/* A literal is written otherwise instead of being converted. True: it was one. */
static bool literal_hint(Compiler *c, Diag *d, const Expr *e, const Type *want)
{
  if (e->kind != EXPR_LITERAL)
    return false;
  if (e->u.lit.kind == LIT_STR && is_number(want) && looks_like_number(e))
    diag_hint(c, d, "without the quotes: %s", e->u.lit.s);
  else if (e->u.lit.kind == LIT_STR && want->kind == T_TS)
    diag_hint(c, d, "a timestamp is written @2026-01-31T10:00:00Z");
  else if (e->u.lit.kind == LIT_STR && want->kind == T_DUR)
    diag_hint(c, d, "a duration is written without quotes: 10s, 5m, 1h30m");
  else if (want->kind == T_STR && e->u.lit.kind != LIT_NULL)
    diag_hint(c, d, "in quotes: \"%s\"", text_of(c, e->span));
  else if (want->kind == T_DUR && e->u.lit.kind == LIT_INT)
    diag_hint(c, d, "a duration has a unit: %ss, %sm, %sh", text_of(c, e->span), text_of(c, e->span),
              text_of(c, e->span));
  else
    return e->u.lit.kind == LIT_STR || e->u.lit.kind == LIT_NULL;
  return true;
}

/* Says how the conversion would be written, where there is one. */
void conversion_hint(Env *env, Diag *d, const Expr *e, const Type *from, const Type *want)
{
  Compiler *c = env->c;
  const char *s = text_of(c, e->span);
  bool text = from->kind == T_STR || from->kind == T_JSON, number = is_number(from);
  if (literal_hint(c, d, e, want))
    return;
  if (want->kind == T_FLOAT && (number || text))
    diag_hint(c, d, "write float(%s)", s);
  else if (want->kind == T_INT && (number || text))
    diag_hint(c, d, "write int(%s), which cuts off fractions", s);
  else if (want->kind == T_DEC && (number || text))
    diag_hint(c, d, "write decimal(%s, %d)", s, want->scale);
  else if (want->kind == T_STR && from->kind != T_REC)
    diag_hint(c, d, "write string(%s)", s);
  else if (want->kind == T_TS && text)
    diag_hint(c, d, "write timestamp(%s)", s);
  else if (want->kind == T_TS && number)
    diag_hint(c, d, "a number of seconds or milliseconds is converted by a function: from_unix(%s)", s);
  else if (want->kind == T_DUR && number)
    diag_hint(c, d, "a duration has a unit: 10s, 5m; or %s * 1s", s);
  else if (want->kind == T_BOOL && number)
    diag_hint(c, d, "compare: %s != 0", s);
}

static bool mismatch(Env *env, Expr *e, Type *from, Type *want, const char *what)
{
  Compiler *c = env->c;
  const char *s = text_of(c, e->span);
  if (from->kind == T_NULL) {
    Diag *d = diag_error(c, e->span, D_NULLABLE, "%s cannot be null: it is %s", what, type_text(c, want));
    diag_hint(c, d, "a type with `?` may be null: %s?", type_text(c, want));
  } else if (from->nullable && !want->nullable &&
             type_fits(type_nullable(c->types, from, false), want, true)) {
    Diag *d = diag_error(c, e->span, D_NULLABLE, "%s cannot be null, and `%s` may be", what, s);
    diag_hint(c, d,
              "give another value for null: coalesce(%s, ...); or keep such rows out: where %s is not null", s, s);
  } else {
    bool widening = is_number(from) && is_number(want) && want->kind == T_FLOAT;
    Diag *d = diag_error(c, e->span, widening ? D_WIDEN : D_TYPE, "%s is %s, but `%s` is %s", what,
                         type_text(c, want), s, type_text(c, from));
    conversion_hint(env, d, e, from, want);
  }
  return false;
}

static bool conform_list(Env *env, Expr *e, Type *want, const char *what)
{
  bool ok = true;
  for (int i = 0; i < e->u.list.items.n; i++)
    ok &= conform(env, e->u.list.items.v[i], want->elem, what);
  e->as = type_nullable(env->c->types, want, false);
  return ok;
}

bool conform(Env *env, Expr *e, Type *want, const char *what)
{
  Type *from = e->as ? e->as : e->type;
  if (from == want || is_error(from) || is_error(want) || adapt(env, e, want))
    return true;
  if (e->kind == EXPR_LIST && want->kind == T_LIST)
    return conform_list(env, e, want, what);
  if (type_fits(from, want, false))
    return true;
  if (want->kind != T_DEC || !type_fits(from, want, true))
    return mismatch(env, e, from, want, what);
  e->as = type_dec(env->c->types, want->scale, from->nullable);
  e->fallible |= from->kind == T_DEC || want->scale > 0;
  return true;
}

/* ---- branches ---- */

static bool literal_kind(const Expr *e, LitKind kind)
{
  bool negative;
  const Expr *lit = literal_of(e, &negative);
  return lit && lit->u.lit.kind == kind;
}

/* The common type of a value of type a (written as ea) and one of type b, or 0. */
static Type *common(Compiler *c, Type *a, const Expr *ea, Type *b, const Expr *eb)
{
  bool nullable = a->nullable || b->nullable;
  if (is_error(a) || is_error(b))
    return t_error(c);
  if (a->kind == T_NULL || b->kind == T_NULL)
    return type_nullable(c->types, a->kind == T_NULL ? b : a, true);
  if (a->kind == T_FLOAT && b->kind != T_FLOAT)
    return literal_kind(eb, LIT_INT) || literal_kind(eb, LIT_DEC) ? type_nullable(c->types, a, nullable) : 0;
  if (b->kind == T_FLOAT && a->kind != T_FLOAT)
    return literal_kind(ea, LIT_INT) || literal_kind(ea, LIT_DEC) ? type_nullable(c->types, b, nullable) : 0;
  if ((a->kind == T_DEC || b->kind == T_DEC) && is_number(a) && is_number(b)) {
    int sa = a->kind == T_DEC ? a->scale : 0, sb = b->kind == T_DEC ? b->scale : 0;
    return type_dec(c->types, sa > sb ? sa : sb, nullable);
  }
  if (a->kind == T_ENUM && literal_kind(eb, LIT_STR))
    return type_nullable(c->types, a, nullable);
  if (b->kind == T_ENUM && literal_kind(ea, LIT_STR))
    return type_nullable(c->types, b, nullable);
  return type_same(a, b) ? type_nullable(c->types, a, nullable) : 0;
}

Type *unify(Env *env, Expr **es, int n, const char *what)
{
  Compiler *c = env->c;
  Type *t = es[0]->as ? es[0]->as : es[0]->type;
  const Expr *shown = es[0];
  for (int i = 1; i < n; i++) {
    Type *next = common(c, t, shown, es[i]->as ? es[i]->as : es[i]->type, es[i]);
    if (!next) {
      Diag *d = diag_error(c, es[i]->span, D_BRANCHES, "%s have one type: this is %s, another is %s", what,
                           type_text(c, es[i]->type), type_text(c, t));
      diag_note(c, d, shown->span, "this one is %s", type_text(c, t));
      if (is_number(t) && es[i]->type->kind == T_FLOAT)
        conversion_hint(env, d, shown, t, es[i]->type);
      else
        conversion_hint(env, d, es[i], es[i]->type, t);
      return t_error(c);
    }
    if (next->kind != t->kind)
      shown = es[i];
    t = next;
  }
  for (int i = 0; i < n && !is_error(t); i++)
    conform(env, es[i], type_nullable(c->types, t, t->nullable || es[i]->type->nullable), what);
  return t;
}
