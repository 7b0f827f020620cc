/* check_test.c -- test blocks: given rows fit their source, expected ones the stream they are looked for
 * in (fields left out are not compared). A given row may leave its event time out, which is then
 * the time at which it arrives.
 */
#include <string.h>
#include "check.h"

#define AT_MAX (1000 * 366 * 86400LL * 1000000)

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
  if (t && t->kind == T_DUR && at->u.lit.i > AT_MAX)
    diag_error(c, at->span, D_TEST, "a row arrives within a thousand years of the test's start");
}

/* The name of the event time that the row need not give, or 0. */
static Name time_left_out(const Decl *s, const TestRow *r)
{
  const SourceClauses *x = &s->u.source.c;
  Name time = x->has_time && x->time.parts.n == 1 ? x->time.parts.v[0].name : 0;
  const TypeField *f = time ? type_field(s->type, time) : 0;
  for (int i = 0; i < r->record->u.rec.items.n; i++)
    if (r->record->u.rec.items.v[i].name.name == time)
      return 0;
  return f ? time : 0;
}

static void check_given(Compiler *c, Env *env, const Decl *s, TestRow *r, const char *what)
{
  Name time = time_left_out(s, r);
  VEC(TypeField) fields = { 0 };
  for (int i = 0; i < s->type->fields.n; i++)
    if (s->type->fields.v[i].name != time)
      vec_push(c->arena, &fields, s->type->fields.v[i]);
  Type *want = time && fields.n ? type_rec(c->types, 0, fields.v, fields.n, false) : s->type;
  check_record_as(env, r->record, want, what);
}

static void check_given_record(Compiler *c, Env *env, const Decl *table, TestRow *r, const char *what)
{
  if (r->at)
    diag_error(c, r->at->span, D_TEST, "a table's records are there from the start: they have no time of arrival");
  check_record_as(env, r->record, table->type, what);
}

/* What only a test reads of bad and late rows is lost when the program runs. */
static Decl *stream_of(Compiler *c, const Decl *test, const TestClause *t)
{
  const Decl *was = scope_find(c, test->span.file, t->name.name);
  bool used = was && was->used;
  Decl *s = find_input(c, test->span.file, t->name, true);
  if (s && s->kind == DECL_FEED)
    s->used = used;
  return s;
}

static void check_rows(Compiler *c, Decl *d, TestClause *t)
{
  bool given = t->kind == TEST_GIVEN;
  Decl *s = stream_of(c, d, t);
  bool table = s && s->kind == DECL_TABLE && !s->u.table.pipe, takes = s && (s->kind == DECL_SOURCE || table);
  if (s && given && !takes) {
    Diag *diag = diag_error(c, t->name.span, D_TEST, "a test gives rows to sources and tables; `%s` is %s",
                            s->name.name, decl_word(s));
    diag_note(c, diag, s->name.span, "declared here");
  }
  for (int i = 0; i < t->rows.n; i++) {
    Env env = env_const(c, d->span.file, "a test's row");
    const char *what = arena_printf(c->arena, "`%s`", t->name.name);
    check_at(c, &env, t->rows.v[i].at);
    if (!s || !s->type || s->type->kind != T_REC || (given && !takes))
      continue;
    if (given && table)
      check_given_record(c, &env, s, &t->rows.v[i], what);
    else if (given)
      check_given(c, &env, s, &t->rows.v[i], what);
    else
      check_record_part(&env, t->rows.v[i].record, s->type, what);
  }
}

/* `given s` may stand twice: what s is set to, and what is expected of it, are said once. */
static void told_twice(Compiler *c, Decl *d, int at)
{
  const TestClause *t = &d->u.test.clauses.v[at];
  for (int i = 0; i < at && t->kind != TEST_GIVEN; i++) {
    const TestClause *o = &d->u.test.clauses.v[i];
    if (o->kind == TEST_GIVEN || (o->kind == TEST_SET) != (t->kind == TEST_SET) || o->name.name != t->name.name)
      continue;
    Diag *diag = diag_error(c, t->name.span, D_TEST, "the test %s `%s` twice", t->kind == TEST_SET ? "sets"
                            : "says what it expects of", t->name.name);
    diag_note(c, diag, o->name.span, "first here");
    if (t->kind != TEST_SET)
      diag_hint(c, diag, "write all its rows after one `expect %s`", t->name.name);
    return;
  }
}

void check_test(Compiler *c, Decl *d)
{
  bool expects = false;
  for (int i = 0; i < d->u.test.clauses.n; i++) {
    TestClause *t = &d->u.test.clauses.v[i];
    told_twice(c, d, i);
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
