/* check_generate.c -- the generators of made-up rows: { id: sequence(1), amount: uniform(1.00, 99.00) }.
 * What there is, what each takes and which fields it can fill are rows of generators.def.
 */
#include <string.h>
#include "check.h"

static char letter_of(const Type *t)
{
  switch (t->kind) {
  case T_BOOL: return 'b';
  case T_INT: return 'i';
  case T_FLOAT: return 'f';
  case T_DEC: return 'd';
  case T_STR: case T_BYTES: return 's';
  case T_TS: return 't';
  case T_DUR: return 'u';
  case T_ENUM: return 'e';
  case T_JSON: case T_LIST: case T_MAP: case T_REC: case T_NULL: case T_ERROR: break;
  }
  return '*';
}

/* A value of the type; `as` is always set, so that the plan knows it is settled. */
static void value(Env *env, Expr *e, Type *want, const char *what)
{
  Type *t = type_nullable(env->c->types, want, false);
  if (!is_error(check_as(env, e, t, what)))
    e->as = t;
}

static void list_of(Env *env, Expr *e, Type *elem, const char *what)
{
  if (e->kind != EXPR_LIST || !e->u.list.items.n) {
    Diag *d = diag_error(env->c, e->span, D_OPTION_VALUE, "%s takes a list of values", what);
    diag_hint(env->c, d, "for example [\"a\", \"b\"]");
    return;
  }
  for (int i = 0; i < e->u.list.items.n; i++)
    value(env, e->u.list.items.v[i], elem, "the value");
  e->type = type_list(env->c->types, elem, false);
  e->constant = true;
}

static void check_weight_name(Env *env, const Item *it, const Type *field)
{
  Guess g = guess_for(it->name.name);
  for (int i = 0; i < field->members.n; i++) {
    guess_offer(&g, field->members.v[i]);
    if (field->members.v[i] == it->name.name)
      return;
  }
  Diag *d = diag_error(env->c, it->name.span, D_ENUM_MEMBER, "`%s` is not a member of %s", it->name.name,
                       type_text(env->c, field));
  guess_hint(env->c, d, &g);
}

static void weights(Env *env, Expr *e, const Type *field, const char *what)
{
  e->type = t_error(env->c);
  if (e->kind != EXPR_RECORD || !e->u.rec.items.n) {
    Diag *d = diag_error(env->c, e->span, D_OPTION_VALUE, "%s takes names with their weights", what);
    diag_hint(env->c, d, "for example { DE: 0.9, FR: 0.1 }");
    return;
  }
  for (int i = 0; i < e->u.rec.items.n; i++) {
    Item *it = &e->u.rec.items.v[i];
    if (it->star || !it->value) {
      diag_error(env->c, it->span, D_OPTION_VALUE, "a weight is written name: number");
      continue;
    }
    value(env, it->value, t_float(env->c, false), "a weight");
    if (field->kind == T_ENUM)
      check_weight_name(env, it, field);
  }
}

static void argument(Env *env, char kind, Expr *e, Type *field, const char *what)
{
  Compiler *c = env->c;
  switch (kind) {
  case 'f': value(env, e, t_float(c, false), what); break;
  case 'i': value(env, e, t_int(c, false), what); break;
  case 's': value(env, e, t_str(c, false), what); break;
  case 'd': value(env, e, t_dur(c, false), what); break;
  case 'l': list_of(env, e, field, what); break;
  case 'w': weights(env, e, field, what); break;
  default: value(env, e, field, what); break;  /* 'v' */
  }
}

static void unknown_generator(Env *env, Expr *e, const char *name)
{
  Diag *d = diag_error(env->c, e->u.call.name.span, D_UNKNOWN_FN, "there is no generator `%s`", name);
  Guess g = guess_for(name);
  const char *all = "";
  for (int i = 0; i < gen_rows_n; i++) {
    guess_offer(&g, gen_rows[i].name);
    all = arena_printf(env->c->arena, "%s%s%s", all, i ? ", " : "", gen_rows[i].name);
  }
  if (!guess_hint(env->c, d, &g))
    diag_hint(env->c, d, "there is %s", all);
}

static void generator(Env *env, Expr *e, const TypeField *f)
{
  const char *name = path_text(env->c, &e->u.call.name);
  const GenRow *r = e->u.call.name.parts.n == 1 ? gen_find(name) : 0;
  int n = e->u.call.args.n;
  e->u.call.kind = CALL_CONFIG;
  e->type = f->type;
  e->constant = true;
  if (!r) {
    unknown_generator(env, e, name);
    return;
  }
  if (!strchr(r->on, letter_of(f->type)) && !is_error(f->type)) {
    Diag *d = diag_error(env->c, e->span, D_OPTION_VALUE,
                         "%s does not make values of type %s, which `%s` has", name,
                         type_text(env->c, f->type), f->name);
    diag_hint(env->c, d, "%s: %s", name, r->doc);
    return;
  }
  if (n < r->least || n > r->most) {
    const char *range = r->least == r->most ? arena_printf(env->c->arena, "%d", r->least)
                                            : arena_printf(env->c->arena, "%d to %d", r->least, r->most);
    Diag *d = diag_error(env->c, e->span, D_ARGUMENTS, "%s takes %s argument%s, not %d", name, range,
                         r->most == 1 ? "" : "s", n);
    diag_hint(env->c, d, "%s: %s", name, r->doc);
    return;
  }
  for (int i = 0; i < n; i++) {
    Arg *a = &e->u.call.args.v[i];
    if (a->value && !a->name.name && !a->distinct && !a->as)
      argument(env, r->args[i], a->value, f->type, name);
    else
      diag_error(env->c, a->span, D_NAMED_ARGUMENT, "%s takes plain values", name);
  }
}

static void unknown_field(Compiler *c, const Item *it, const Type *row)
{
  Diag *d = diag_error(c, it->name.span, D_UNKNOWN_FIELD, "%s has no field `%s`", type_text(c, row),
                       it->name.name);
  Guess g = guess_for(it->name.name);
  for (int k = 0; k < row->fields.n; k++)
    guess_offer(&g, row->fields.v[k].name);
  guess_hint(c, d, &g);
}

static void field(Env *env, const Item *it, const TypeField *f, int depth)
{
  if (it->value->kind == EXPR_RECORD && f->type->kind == T_REC) {
    check_generators(env->c, it->value, f->type, depth + 1);
  } else if (it->value->kind == EXPR_CALL && f->type->kind != T_REC) {
    generator(env, it->value, f);
  } else {
    const char *what = f->type->kind == T_REC ? "`%s` is a record of generators" : "`%s` is made by a generator";
    Diag *d = diag_error(env->c, it->value->span, D_OPTION_VALUE, what, f->name);
    if (f->type->kind != T_REC)
      diag_hint(env->c, d, "always the same value: constant(%s)", text_of(env->c, it->value->span));
  }
}

void check_generators(Compiler *c, Expr *e, Type *row, int depth)
{
  Env env = env_const(c, e->span.file, "a generator's argument");
  env.structural = true;
  e->type = row;
  e->constant = true;
  if (row->kind != T_REC || depth > MAX_TYPE_DEPTH)
    return;
  for (int i = 0; i < e->u.rec.items.n; i++) {
    Item *it = &e->u.rec.items.v[i];
    const TypeField *f = type_field(row, it->name.name);
    if (it->star || !it->value)
      diag_error(c, it->span, D_OPTION_VALUE, "a generator is written field: generator(...)");
    else if (f)
      field(&env, it, f, depth);
    else
      unknown_field(c, it, row);
    for (int k = 0; k < i; k++)
      if (e->u.rec.items.v[k].name.name == it->name.name)
        diag_error(c, it->span, D_DUPLICATE_FIELD, "`%s` has a generator already", it->name.name);
  }
}
