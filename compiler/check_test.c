/* check_test.c -- test blocks: given rows fit their source, expected ones the stream they are looked for
 * in (fields left out are not compared).
 */
#include <string.h>
#include "check.h"

static void check_set(Compiler *c, Decl *d, TestClause *t)
{
  Decl *param = scope_find(c, d->span.file, t->name.name);
  Env env = env_const(c, d->span.file, "a test's parameter");
  if (!param || param->kind != DECL_PARAM) {
    Diag *diag = diag_error(c, t->name.span, D_UNKNOWN_NAME, "there is no parameter `%s`", t->name.name);
    Guess g = guess_for(t->name.name);
    guess_decls(c, &g, d->span.file, 1u << DECL_PARAM);
    guess_hint(c, diag, &g);
    check_expr(&env, t->value);
    return;
  }
  check_decl(c, param);
  check_as(&env, t->value, param->type ? param->type : t_error(c),
           arena_printf(c->arena, "`%s`", param->name.name));
}

static void check_at(Compiler *c, Env *env, Expr *at)
{
  Type *t = at ? check_expr(env, at) : 0;
  if (t && !is_error(t) && t->kind != T_DUR && t->kind != T_TS)
    diag_error(c, at->span, D_TEST, "a row's time is a duration since the start or a timestamp, not %s",
               type_text(c, t));
}

/* Only some of the fields: each by its own type. */
static void check_partial(Env *env, Expr *rec, Type *row, const char *what)
{
  VEC(TypeField) given = { 0 };
  for (int i = 0; i < rec->u.rec.items.n; i++) {
    const TypeField *f = type_field(row, rec->u.rec.items.v[i].name.name);
    if (f)
      vec_push(env->c->arena, &given, *f);
  }
  Type *part = given.n ? type_rec(env->c->types, 0, given.v, given.n, false) : row;
  check_record_as(env, rec, part, what);
}

static void check_rows(Compiler *c, Decl *d, TestClause *t)
{
  bool given = t->kind == TEST_GIVEN;
  Decl *s = find_input(c, d->span.file, t->name, true);
  if (s && given && s->kind != DECL_SOURCE) {
    Diag *diag = diag_error(c, t->name.span, D_TEST, "a test gives rows to sources; `%s` is %s",
                            s->name.name, decl_word(s));
    diag_note(c, diag, s->name.span, "declared here");
  }
  for (int i = 0; i < t->rows.n; i++) {
    Env env = env_const(c, d->span.file, "a test's row");
    const char *what = arena_printf(c->arena, "`%s`", t->name.name);
    check_at(c, &env, t->rows.v[i].at);
    if (!s || !s->type || s->type->kind != T_REC || (given && s->kind != DECL_SOURCE))
      continue;
    if (given)
      check_record_as(&env, t->rows.v[i].record, s->type, what);
    else
      check_partial(&env, t->rows.v[i].record, s->type, what);
  }
}

void check_test(Compiler *c, Decl *d)
{
  bool expects = false;
  for (int i = 0; i < d->u.test.clauses.n; i++) {
    TestClause *t = &d->u.test.clauses.v[i];
    expects |= t->kind == TEST_EXPECT || t->kind == TEST_NONE;
    if (t->kind == TEST_SET)
      check_set(c, d, t);
    else
      check_rows(c, d, t);
  }
  if (!expects) {
    Diag *diag = diag_error(c, d->name.span, D_TEST, "the test expects nothing");
    diag_hint(c, diag, "add expect alerts { ... }, or expect alerts none");
  }
}
