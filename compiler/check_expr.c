/* check_expr.c -- the type of every expression: the one switch over kinds, and the forms that are
 * neither operators (check_op.c), paths (check_path.c), calls (check_call.c) nor records.
 *
 * Every case fills e->type, e->fallible and e->constant.
 */
#include <string.h>
#include "check.h"
#include "weir/regex.h"

static void absorb(Expr *e, const Expr *part)
{
  e->fallible |= part->fallible;
  e->constant &= part->constant;
}

static Type *check_part(Env *env, Expr *e, Expr *part)
{
  Type *t = check_expr(env, part);
  absorb(e, part);
  return t;
}

/* ---- literals ---- */

void require_regex(Env *env, Expr *e, bool literal_only)
{
  Compiler *c = env->c;
  if (e->kind != EXPR_LITERAL || e->u.lit.kind != LIT_REGEX) {
    Diag *d = diag_error(c, e->span, D_REGEX, "a pattern is a literal between slashes");
    diag_hint(c, d, literal_only ? "write it out: /^[a-z]+$/; it is compiled once, before the run"
              : "for example /^[a-z]+$/");
    e->type = t_error(c);
    return;
  }
  const char *error = 0;
  size_t where = 0;
  wr_str pattern = { e->u.lit.s, (wr_u32)e->u.lit.n, 0 };
  e->type = t_str(c, false);
  e->constant = true;
  wr_regex *re = wr_regex_compile(pattern, e->u.lit.flags ? e->u.lit.flags : "", &error, &where);
  if (re) {
    wr_regex_free(re);
    return;
  }
  Span at = e->span;
  at.from += 1 + (uint32_t)(where < e->u.lit.n ? where : e->u.lit.n);
  at.to = at.from + 1;
  diag_error(c, at, D_REGEX, "wrong pattern: %s", error ? error : "it cannot be compiled");
}

static Type *check_literal(Env *env, Expr *e)
{
  Compiler *c = env->c;
  switch (e->u.lit.kind) {
  case LIT_NULL: return type_null(c->types);
  case LIT_BOOL: return t_bool(c, false);
  case LIT_INT: case LIT_SIZE: return t_int(c, false);
  case LIT_DEC:
    if (e->u.lit.scale <= MAX_SCALE)
      return type_dec(c->types, e->u.lit.scale, false);
    diag_error(c, e->span, D_SCALE, "a decimal has at most %d digits after the point", MAX_SCALE);
    return t_error(c);
  case LIT_FLOAT: return t_float(c, false);
  case LIT_STR: return t_str(c, false);
  case LIT_DUR: return t_dur(c, false);
  case LIT_TS: return t_ts(c, false);
  case LIT_CAL: {
    Diag *d = diag_error(c, e->span, D_CALENDAR, "a calendar period can stand only in a window with a zone");
    diag_hint(c, d, "a fixed length of time is a duration: 24h, 7d");
    return t_error(c);
  }
  case LIT_REGEX: {
    Diag *d = diag_error(c, e->span, D_REGEX, "a pattern is not a value");
    diag_hint(c, d, "it stands after `matches` or in a function that takes one: x matches %s",
              text_of(c, e->span));
    return t_error(c);
  }
  }
  return t_error(c);
}

/* ---- tests: in, between, like, matches, is ---- */

static Type *in_list(Env *env, Expr *e, Type *a)
{
  Compiler *c = env->c;
  Expr *set = e->u.in.set;
  Type *t = check_part(env, e, set);
  if (is_error(t) || is_error(a))
    return t_bool(c, true);
  if (t->kind != T_LIST) {
    Diag *d = diag_error(c, set->span, D_COMPARE, "`in` wants a list, and `%s` is %s", text_of(c, set->span),
                         type_text(c, t));
    if (t->kind == T_MAP)
      diag_hint(c, d, "test the key: %s[%s] is not null", text_of(c, set->span), text_of(c, e->u.in.a->span));
    return t_error(c);
  }
  Expr elem = { .kind = EXPR_PATH, .span = set->span, .type = type_nullable(c->types, t->elem, false) };
  check_comparable(env, OP_EQ, e->u.in.a, &elem, e->span);
  return t_bool(c, a->nullable || t->nullable || t->elem->nullable);
}

static Type *check_in(Env *env, Expr *e)
{
  Type *a = check_part(env, e, e->u.in.a);
  bool nullable = a->nullable;
  Expr *set = e->u.in.set;
  if (set && set->kind != EXPR_LIST)
    return in_list(env, e, a);
  int n = set ? set->u.list.items.n : e->u.in.items.n;
  Expr **items = set ? set->u.list.items.v : e->u.in.items.v;
  bool ok = true;                         /* one message for a list of the wrong type */
  for (int i = 0; i < n; i++) {
    nullable |= check_part(env, e, items[i])->nullable;
    ok = ok && (is_error(items[i]->type) || !is_error(check_comparable(env, OP_EQ, e->u.in.a, items[i],
        items[i]->span)));
  }
  if (set)
    set->type = n && !is_error(items[0]->type) ? type_list(env->c->types, items[0]->as ? items[0]->as
                                                           : items[0]->type, false)
                                               : t_error(env->c);
  return t_bool(env->c, nullable);
}

static Type *check_between(Env *env, Expr *e)
{
  Type *a = check_part(env, e, e->u.tri.a);
  Type *lo = check_part(env, e, e->u.tri.b), *hi = check_part(env, e, e->u.tri.c);
  check_comparable(env, OP_GE, e->u.tri.a, e->u.tri.b, e->span);
  check_comparable(env, OP_LE, e->u.tri.a, e->u.tri.c, e->span);
  return t_bool(env->c, a->nullable || lo->nullable || hi->nullable);
}

static bool require_string(Env *env, Expr *e, const char *word)
{
  if (is_error(e->type) || e->type->kind == T_STR)
    return true;
  Diag *d = diag_error(env->c, e->span, D_OPERATOR, "`%s` takes strings, and `%s` is %s", word,
                       text_of(env->c, e->span), type_text(env->c, e->type));
  if (e->type->kind != T_NULL)
    diag_hint(env->c, d, "write string(%s)", text_of(env->c, e->span));
  return false;
}

static Type *check_like(Env *env, Expr *e)
{
  Type *a = check_part(env, e, e->u.tri.a), *b = check_part(env, e, e->u.tri.b);
  require_string(env, e->u.tri.a, "like");
  require_string(env, e->u.tri.b, "like");
  return t_bool(env->c, a->nullable || b->nullable);
}

static Type *check_matches(Env *env, Expr *e)
{
  Type *a = check_part(env, e, e->u.tri.a);
  require_string(env, e->u.tri.a, "matches");
  require_regex(env, e->u.tri.b, true);
  return t_bool(env->c, a->nullable);
}

static Type *check_is_null(Env *env, Expr *e)
{
  Type *a = check_part(env, e, e->u.tri.a);
  if (!a->nullable && !is_error(a))
    diag_warning(env->c, e->span, D_NEVER_NULL, "`%s` is %s and never null: this is always %s",
                 text_of(env->c, e->u.tri.a->span), type_text(env->c,
                     a), e->u.tri.negated ? "true" : "false");
  return t_bool(env->c, false);
}

static Type *check_is_distinct(Env *env, Expr *e)
{
  Expr *a = e->u.tri.a, *b = e->u.tri.b;
  check_part(env, e, a);
  check_part(env, e, b);
  if (a->type->kind != T_NULL && b->type->kind != T_NULL)
    check_comparable(env, OP_EQ, a, b, e->span);
  return t_bool(env->c, false);
}

/* ---- case ---- */

static Type *check_case(Env *env, Expr *e)
{
  VEC(Expr *) branches = { 0 };
  Arena *arena = env->c->arena;
  if (e->u.kase.value)
    check_part(env, e, e->u.kase.value);
  for (int i = 0; i < e->u.kase.when.n; i++) {
    Expr *when = e->u.kase.when.v[i];
    if (e->u.kase.value) {
      check_part(env, e, when);
      check_comparable(env, OP_EQ, e->u.kase.value, when, when->span);
    } else {
      check_condition(env, when, "`when`");
      absorb(e, when);
    }
    check_part(env, e, e->u.kase.then.v[i]);
    vec_push(arena, &branches, e->u.kase.then.v[i]);
  }
  if (e->u.kase.other) {
    check_part(env, e, e->u.kase.other);
    vec_push(arena, &branches, e->u.kase.other);
  }
  Type *t = unify(env, branches.v, branches.n, "the branches of a `case`");
  for (int i = 0; i < branches.n; i++)
    e->fallible |= branches.v[i]->fallible;
  return e->u.kase.other ? t : type_nullable(env->c->types, t, true);
}

/* ---- parts of values ---- */

static Type *check_field_expr(Env *env, Expr *e)
{
  bool json = false;
  return check_field_of(env, check_part(env, e, e->u.field.a), e->u.field.name, &json);
}

static Type *check_index(Env *env, Expr *e)
{
  Compiler *c = env->c;
  Type *a = check_part(env, e, e->u.tri.a), *b = check_part(env, e, e->u.tri.b);
  if (is_error(a) || is_error(b))
    return t_error(c);
  bool number = b->kind == T_INT, text = b->kind == T_STR;
  if (a->kind == T_LIST && number)
    return type_nullable(c->types, a->elem, true);
  if (a->kind == T_MAP && text)
    return type_nullable(c->types, a->elem, true);
  if (a->kind == T_JSON && (number || text))
    return type_scalar(c->types, T_JSON, true);
  if (a->kind == T_LIST || a->kind == T_MAP || a->kind == T_JSON)
    diag_error(c, e->u.tri.b->span, D_INDEX, "the index of %s is %s, not %s", type_text(c, a),
               a->kind == T_LIST ? "an int" : a->kind == T_MAP ? "a string"
                   : "a string or an int", type_text(c, b));
  else {
    Diag *d = diag_error(c, e->span, D_INDEX, "`%s` is %s: only lists, maps and json have an index",
                         text_of(c, e->u.tri.a->span), type_text(c, a));
    if (a->kind == T_STR)
      diag_hint(c, d, "part of a string: substring(%s, 0, 1)", text_of(c, e->u.tri.a->span));
    if (a->kind == T_REC)
      diag_hint(c, d, "a record's field is named after a dot");
  }
  return t_error(c);
}

static Type *check_list(Env *env, Expr *e)
{
  Compiler *c = env->c;
  if (!e->u.list.items.n) {
    Diag *d = diag_error(c, e->span, D_TYPE, "the type of an empty list is not known here");
    diag_hint(c, d, "say it: cast(\"[]\" as list<string>)");
    return t_error(c);
  }
  for (int i = 0; i < e->u.list.items.n; i++)
    check_part(env, e, e->u.list.items.v[i]);
  Type *t = unify(env, e->u.list.items.v, e->u.list.items.n, "the elements of a list");
  if (t->kind == T_NULL) {
    diag_error(c, e->span, D_TYPE, "the type of a list of nulls is not known");
    return t_error(c);
  }
  return is_error(t) ? t : type_list(c->types, t, false);
}

/* ---- the switch ---- */

static Type *check_kind(Env *env, Expr *e)
{
  switch (e->kind) {
  case EXPR_LITERAL: return check_literal(env, e);
  case EXPR_PATH: return check_path_expr(env, e);
  case EXPR_CALL: return check_call(env, e);
  case EXPR_UNARY: return check_unary(env, e);
  case EXPR_BINARY: return check_binary(env, e);
  case EXPR_IN: return check_in(env, e);
  case EXPR_BETWEEN: return check_between(env, e);
  case EXPR_LIKE: return check_like(env, e);
  case EXPR_MATCHES: return check_matches(env, e);
  case EXPR_IS_NULL: return check_is_null(env, e);
  case EXPR_IS_DISTINCT: return check_is_distinct(env, e);
  case EXPR_CASE: return check_case(env, e);
  case EXPR_FIELD: return check_field_expr(env, e);
  case EXPR_INDEX: return check_index(env, e);
  case EXPR_RECORD: return check_record(env, e);
  case EXPR_LIST: return check_list(env, e);
  }
  return t_error(env->c);
}

Type *check_expr(Env *env, Expr *e)
{
  bool product = e->kind == EXPR_BINARY && e->u.op.op == OP_MUL;
  if (e->type)                            /* shared by an expansion: checked already */
    return e->type;
  env->size++;
  if (++env->depth > MAX_EXPR_DEPTH) {
    if (env->depth == MAX_EXPR_DEPTH + 1)
      diag_error(env->c, e->span, D_DEPTH, "the expression is nested more than %d deep", MAX_EXPR_DEPTH);
    e->type = t_error(env->c);
  } else {
    env->wide_product &= product;
    e->constant = true;
    e->fallible = false;
    e->type = check_kind(env, e);
  }
  env->depth--;
  return e->type;
}

static Type *check_map(Env *env, Expr *e, Type *want)
{
  Compiler *c = env->c;
  e->u.rec.map = true;
  e->constant = true;
  e->type = type_nullable(c->types, want, false);
  for (int i = 0; i < e->u.rec.items.n; i++) {
    Item *it = &e->u.rec.items.v[i];
    if (it->star || !it->value) {
      diag_error(c, it->span, D_ITEM, "a map has entries only: \"key\": value");
      continue;
    }
    for (int k = 0; k < i; k++)
      if (e->u.rec.items.v[k].name.name == it->name.name) {
        diag_error(c, it->span, D_DUPLICATE_FIELD, "the key \"%s\" stands here twice", it->name.name);
        break;
      }
    check_as(env, it->value, want->elem, "the map's value");
    absorb(e, it->value);
  }
  return e->type;
}

static Type *check_list_as(Env *env, Expr *e, Type *want, const char *what)
{
  e->constant = true;
  for (int i = 0; i < e->u.list.items.n; i++) {
    check_as(env, e->u.list.items.v[i], want->elem, what);
    absorb(e, e->u.list.items.v[i]);
  }
  return e->type = type_nullable(env->c->types, want, false);
}

Type *check_as(Env *env, Expr *e, Type *want, const char *what)
{
  if (!e->type && e->kind == EXPR_RECORD && want->kind == T_MAP)
    return check_map(env, e, want);
  if (!e->type && e->kind == EXPR_RECORD && want->kind == T_REC)
    return check_record_as(env, e, want, what);
  if (!e->type && e->kind == EXPR_LIST && want->kind == T_LIST)
    return check_list_as(env, e, want, what);
  check_expr(env, e);
  return conform(env, e, want, what) ? e->type : t_error(env->c);
}

void check_condition(Env *env, Expr *e, const char *what)
{
  Type *t = check_expr(env, e);
  if (t->kind == T_BOOL || is_error(t))
    return;
  Diag *d = diag_error(env->c, e->span, D_CONDITION, "%s is a condition, but `%s` is %s", what,
                       text_of(env->c, e->span), type_text(env->c, t));
  if (is_number(t))
    diag_hint(env->c, d, "compare it: %s > 0", text_of(env->c, e->span));
  else if (t->nullable && t->kind != T_NULL)
    diag_hint(env->c, d, "test it: %s is not null", text_of(env->c, e->span));
}
