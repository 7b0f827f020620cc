/* check_form.c -- forms of the language with a function's look: coalesce, if, and conversions.
 */
#include "check.h"

static const struct { int form; TypeKind to; } casts[] = {
  { FORM_INT, T_INT }, { FORM_FLOAT, T_FLOAT }, { FORM_DECIMAL, T_DEC }, { FORM_STRING, T_STR },
  { FORM_BOOL, T_BOOL }, { FORM_TIMESTAMP, T_TS },
};

static bool converts(const Type *from, const Type *to)
{
  bool text = from->kind == T_STR || from->kind == T_JSON;
  if (from->kind == T_NULL || type_same(from, to))
    return true;
  if (from->kind == T_REC || to->kind == T_REC)
    return false;
  if (to->kind == T_STR)
    return from->kind != T_BYTES;
  if (text)
    return to->kind != T_BYTES;
  bool number = is_number(from) || from->kind == T_BOOL;
  return number && (is_number(to) || to->kind == T_BOOL);
}

static Type *convert(Env *env, Expr *e, Expr *a, Type *to)
{
  Compiler *c = env->c;
  if (is_error(a->type) || is_error(to))
    return t_error(c);
  if (!converts(a->type, to)) {
    Diag *d = diag_error(c, e->span, D_CAST, "%s cannot be converted to %s", type_text(c, a->type),
                         type_text(c, to));
    bool times = a->type->kind == T_TS || a->type->kind == T_DUR || to->kind == T_TS || to->kind == T_DUR;
    if (times && (is_number(a->type) || is_number(to)))
      diag_hint(c, d, "say the unit: to_unix(t), from_unix_ms(n), d / 1s");
    if (a->type->kind == T_REC && a->type->fields.n)
      diag_hint(c, d, "convert its fields: %s.%s", text_of(c, a->span), a->type->fields.v[0].name);
    return t_error(c);
  }
  if (a->type->kind == T_NULL)
    a->as = type_nullable(c->types, to, true);
  bool exact = to->kind == T_STR || (to->kind == T_FLOAT && is_number(a->type)) || type_same(a->type, to);
  e->fallible |= !exact;
  return type_nullable(c->types, to, to->nullable || a->type->nullable);
}

static bool count_args(Env *env, Expr *e, const char *name, int min, int max, const char *usage)
{
  int n = e->u.call.args.n;
  if (n >= min && n <= max)
    return true;
  Diag *d = diag_error(env->c, e->span, D_ARGUMENTS, "%s takes %s%d argument%s, not %d", name, min == max
                       ? "" : "at least ", min,
                       min == 1 ? "" : "s", n);
  diag_hint(env->c, d, "%s", usage);
  return false;
}

static Type *check_cast(Env *env, Expr *e, const FormRow *row)
{
  Compiler *c = env->c;
  Expr *a = e->u.call.args.n ? e->u.call.args.v[0].value : 0;
  if (row->form == FORM_CAST) {
    if (!count_args(env, e, row->name, 1, 1, row->example))
      return t_error(c);
    if (e->u.call.args.v[0].as)
      return convert(env, e, a, check_type(c, e->u.call.args.v[0].as));
    Diag *d = diag_error(c, e->span, D_ARGUMENTS, "cast does not say to which type");
    diag_hint(c, d, "cast(%s as string)", text_of(c, a->span));
    return t_error(c);
  }
  bool decimal = row->form == FORM_DECIMAL;
  int64_t digits = 0;
  if (!count_args(env, e, row->name, decimal ? 2 : 1, decimal ? 2 : 1, row->example))
    return t_error(c);
  if (!decimal) {
    for (size_t i = 0; i < sizeof casts / sizeof *casts; i++)
      if (casts[i].form == row->form)
        return convert(env, e, a, type_scalar(c->types, casts[i].to, false));
    return t_error(c);
  }
  Expr *scale = e->u.call.args.v[1].value;
  if (scale->kind != EXPR_LITERAL || scale->u.lit.kind != LIT_INT || !const_int(scale, &digits) ||
      digits > MAX_SCALE) {
    diag_error(c, scale->span, D_CONSTANT, "the number of digits is written out: an int from 0 to %d",
               MAX_SCALE);
    return t_error(c);
  }
  return convert(env, e, a, type_dec(c->types, (int)digits, false));
}

static Type *check_if(Env *env, Expr *e, const FormRow *row)
{
  if (!count_args(env, e, row->name, 3, 3, row->example))
    return t_error(env->c);
  Expr *when = e->u.call.args.v[0].value;
  Expr *branches[2] = { e->u.call.args.v[1].value, e->u.call.args.v[2].value };
  check_condition(env, when, "the first argument of `if`");
  return unify(env, branches, 2, "the two values of an `if`");
}

static Type *check_coalesce(Env *env, Expr *e, const FormRow *row)
{
  VEC(Expr *) all = { 0 };
  bool nullable = true;
  if (!count_args(env, e, row->name, 1, 1000, row->example))
    return t_error(env->c);
  for (int i = 0; i < e->u.call.args.n; i++) {
    Expr *a = e->u.call.args.v[i].value;
    vec_push(env->c->arena, &all, a);
    nullable &= a->type->nullable;
  }
  Type *t = unify(env, all.v, all.n, "the arguments of `coalesce`");
  return type_nullable(env->c->types, t, nullable);
}

Type *check_form(Env *env, Expr *e, const FormRow *row)
{
  e->u.call.kind = CALL_FORM;
  e->u.call.form = row->form;
  for (int i = 0; i < e->u.call.args.n; i++) {
    Expr *a = e->u.call.args.v[i].value;
    check_expr(env, a);
    e->fallible |= a->fallible;
    e->constant &= a->constant;
  }
  if (row->form == FORM_COALESCE)
    return check_coalesce(env, e, row);
  return row->form == FORM_IF ? check_if(env, e, row) : check_cast(env, e, row);
}
