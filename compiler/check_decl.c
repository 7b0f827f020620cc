/* check_decl.c -- checks a declaration once, on demand: what it needs is checked before it. A
 * declaration that is met again while it is being checked needs itself: a cycle.
 */
#include <string.h>
#include "check.h"

/* ---- parameters and functions ---- */

/* Does a default of literals pass its own check? Only comparisons of numbers are looked at. */
static bool refuted(const Expr *e)
{
  int64_t a, b, c;
  if (e->kind == EXPR_BETWEEN && !e->u.tri.negated && const_int(e->u.tri.a, &a) &&
      const_int(e->u.tri.b, &b) &&
      const_int(e->u.tri.c,
                &c) && e->u.tri.a->type == e->u.tri.b->type && e->u.tri.a->type == e->u.tri.c->type)
    return a < b || a > c;
  if (e->kind != EXPR_BINARY)
    return false;
  if (e->u.op.op == OP_AND)
    return refuted(e->u.op.a) || refuted(e->u.op.b);
  bool scaled = e->u.op.a->type->kind == T_DEC || e->u.op.b->type->kind == T_DEC;
  if ((scaled && e->u.op.a->type != e->u.op.b->type) || !const_int(e->u.op.a, &a) ||
      !const_int(e->u.op.b, &b))
    return false;
  switch (e->u.op.op) {
  case OP_LT: return a >= b;
  case OP_LE: return a > b;
  case OP_GT: return a <= b;
  case OP_GE: return a < b;
  case OP_EQ: return a != b;
  case OP_NE: return a == b;
  case OP_NEG: case OP_NOT: case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_MOD: case OP_CONCAT:
  case OP_AND: case OP_OR: break;
  }
  return false;
}

void check_param(Compiler *c, Decl *d)
{
  Type *t = check_type(c, d->u.param.type);
  Env env = env_const(c, d->span.file, "a parameter's default");
  if (t->kind == T_REC) {
    Diag *diag = diag_error(c, d->u.param.type->span, D_PARAM,
                            "a parameter is one value, a list or a map; not a record");
    diag_hint(c, diag, "take one parameter for each field");
    t = t_error(c);
  }
  if (d->u.param.value)
    check_as(&env, d->u.param.value, t, "the default");
  d->type = t;
  if (!d->u.param.check)
    return;
  Env inner = env_const(c, d->span.file, "a parameter's check");
  d->visiting = 2;                        /* its own value may be named here */
  bool used = d->used;
  check_condition(&inner, d->u.param.check, "`check`");
  d->used = used;
  if (d->u.param.check->type && !is_error(d->u.param.check->type) && refuted(d->u.param.check)) {
    Diag *diag = diag_error(c, d->u.param.value->span, D_PARAM_CHECK,
                            "the default of `%s` is refused by its own check", d->name.name);
    diag_note(c, diag, d->u.param.check->span, "the check");
  }
}

static void check_fn_params(Compiler *c, Decl *d)
{
  for (int i = 0; i < d->u.fn.params.n; i++) {
    FieldDecl *f = &d->u.fn.params.v[i];
    Local *l = arena_alloc(c->arena, sizeof *l);
    *l = (Local){ .name = f->name.name, .type = check_type(c, f->type), .span = f->name.span, .id = i };
    for (int k = 0; k < i; k++)
      if (d->u.fn.locals.v[k]->name == l->name) {
        Diag *diag = diag_error(c, l->span, D_DUPLICATE_FIELD, "two parameters are called `%s`", l->name);
        diag_note(c, diag, d->u.fn.locals.v[k]->span, "the other one");
      }
    if (f->dflt || f->has_mask || f->has_from)
      diag_error(c, f->span, D_PARAM, "a function's parameter has a name and a type only");
    vec_push(c->arena, &d->u.fn.locals, l);
  }
}

void check_fn(Compiler *c, Decl *d)
{
  check_fn_params(c, d);
  Type *t = check_type(c, d->u.fn.type);
  if (d->u.fn.body) {
    Env env = env_new(c, d->span.file);
    for (int i = 0; i < d->u.fn.locals.n; i++)
      vec_push(c->arena, &env.locals, d->u.fn.locals.v[i]);
    check_as(&env, d->u.fn.body, t, "the function's result");
    d->u.fn.size = env.size > MAX_EXPANSION ? 1 : env.size;    /* said once */
  }
  d->type = t;
}

/* ---- streams and tables ---- */

static void check_pipe_kind(Compiler *c, Decl *d, const Shape *s, bool table)
{
  if (is_error(s->row) || s->updating == table)
    return;
  if (!table) {
    Diag *diag = diag_error(c, d->name.span, D_UPDATING,
                            "the rows of `%s` are updated: it is a table, not a stream", d->name.name);
    if (s->updating_why.to)
      diag_note(c, diag, s->updating_why, "this makes the result updating");
    diag_hint(c, diag,
              "declare it as `table %s key ... = ...`, or end it with `changes`; "
              "results per window, without `allow`, are append-only",
              d->name.name);
    return;
  }
  Diag *diag = diag_error(c, d->name.span, D_APPEND_ONLY,
                          "the rows of `%s` are append-only: it is a stream, not a table", d->name.name);
  diag_hint(c, diag, "declare it as `stream %s = ...`", d->name.name);
}

void check_stream(Compiler *c, Decl *d)
{
  if (d->u.stream.pipe) {
    PipeEnv p = { 0 };
    Shape s = check_pipe(c, d->u.stream.pipe, d->span.file, 0, &p);
    d->shape = s;
    d->type = s.row;
    if (!p.unbounded)
      check_pipe_kind(c, d, &s, false);
    d->shape.updating = false;            /* said once */
    return;
  }
  Type *t = check_type(c, d->u.stream.type);
  if (!is_error(t) && (t->kind != T_REC || t->nullable)) {
    diag_error(c, d->u.stream.type->span, D_RECORD, "rows are records, and this is %s", type_text(c, t));
    t = t_error(c);
  }
  d->type = t;
  d->shape = (Shape){ .row = t, .has_time = true, .exact = true };
}

static bool in_paths(const Paths *paths, Name name)
{
  for (int i = 0; i < paths->n; i++)
    if (paths->v[i].parts.v[paths->v[i].parts.n - 1].name == name)
      return true;
  return false;
}

static void check_table_key(Compiler *c, Decl *d, const PipeEnv *p)
{
  Env env = env_pipe(c, d->span.file, &d->shape, d->name.name);
  for (int i = 0; i < d->u.table.key.n; i++) {
    Path *k = &d->u.table.key.v[i];
    Type *t = check_column(&env, k, 0, "`key`");
    if (!is_error(t) && !(t->props & TP_KEY))
      diag_error(c, k->span, D_KEY_TYPE, "%s cannot be a key", type_text(c, t));
  }
  for (int i = 0; p && i < p->key.n; i++)
    if (!in_paths(&d->u.table.key, p->key.v[i])) {
      Diag *diag = diag_error(c, d->name.span, D_KEY_LOST,
                              "the pipe's rows are keyed by `%s`, which the table's key leaves out", p->key.v[i]);
      diag_hint(c, diag, "several rows would share one key: add it to `key`");
    }
}

static void check_derived_table(Compiler *c, Decl *d)
{
  PipeEnv p = { 0 };
  Shape s = check_pipe(c, d->u.table.pipe, d->span.file, 0, &p);
  bool kept = d->u.table.keep != 0;
  d->type = s.row;
  d->shape = s;
  if (kept)
    check_keep(c, d->u.table.keep, d->span.file);
  /* the latest row per key of an append-only pipe needs a bound */
  if (!kept && !s.updating && !p.unbounded)
    check_pipe_kind(c, d, &s, true);
  d->shape.updating = true;
  if (!d->shape.updating_why.to)
    d->shape.updating_why = d->name.span;
  check_table_key(c, d, s.updating ? &p : 0);
}

static void check_versions(Compiler *c, Decl *d, SourceClauses *s)
{
  static const char *const words[] = { "static", "latest" };
  Guess g = guess_for(s->versions.name ? s->versions.name : "");
  bool known = !s->versions.name;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    guess_offer(&g, words[i]);
    known |= s->versions.name && strcmp(words[i], s->versions.name) == 0;
  }
  if (!known) {
    Diag *diag = diag_error(c, s->versions.span, D_UNKNOWN_WORD,
                            "versions are `static`, `latest` or kept for a time (1h), not `%s`", s->versions.name);
    guess_hint(c, diag, &g);
  }
  if (s->versions_keep)
    check_duration(c, s->versions_keep, d->span.file, "`versions`", false);
  if (s->refresh)
    check_duration(c, s->refresh, d->span.file, "`refresh`", false);
  if (s->refresh && s->versions.name && strcmp(s->versions.name, "static") == 0) {
    Diag *diag = diag_error(c, s->refresh->span, D_EMIT, "a table of `versions static` is loaded once, at start");
    diag_hint(c, diag, "say `versions latest`, or leave out `refresh`");
  }
}

/* Joins never match null: a record with such a key could not be found. */
static void check_null_keys(Compiler *c, Decl *d)
{
  Env env = env_pipe(c, d->span.file, &d->shape, d->name.name);
  for (int i = 0; i < d->u.table.key.n; i++) {
    Type *t = check_column(&env, &d->u.table.key.v[i], 0, "`key`");
    if (is_error(t) || !t->nullable)
      continue;
    Diag *diag = diag_error(c, d->u.table.key.v[i].span, D_NULL_KEY, "the key `%s` of a table may be null",
                            path_text(c, &d->u.table.key.v[i]));
    diag_hint(c, diag, "declare the field without `?`: records without it are bad rows then");
  }
}

void check_table(Compiler *c, Decl *d)
{
  if (d->u.table.pipe) {
    check_derived_table(c, d);
    return;
  }
  Type *t = check_type(c, d->u.table.type);
  if (!is_error(t) && (t->kind != T_REC || t->nullable)) {
    diag_error(c, d->u.table.type->span, D_RECORD, "rows are records, and this is %s", type_text(c, t));
    t = t_error(c);
  }
  d->type = t;
  d->shape = (Shape){ .row = t, .exact = true, .has_time = d->u.table.c.has_time };
  check_clauses(c, d, &d->u.table.c, t);
  check_versions(c, d, &d->u.table.c);
  source_only(c, &d->u.table.c);
  d->u.table.masked = !is_error(t) && any_masked(t);
  d->shape.updating = true;
  d->shape.updating_why = d->name.span;
  check_table_key(c, d, 0);
  check_null_keys(c, d);
}

/* ---- feeds ---- */

static void check_feed(Compiler *c, Decl *d)
{
  bool late = d->u.feed.kind == WR_FEED_LATE;
  d->type = late ? 0 : bad_record(c);
  for (int i = 0; late && i < d->u.feed.sources.n; i++) {
    Decl *source = d->u.feed.sources.v[i];
    check_decl(c, source);
    Type *t = late_record(c, source->type ? source->type : t_error(c));
    if (source->type && type_field(source->type, intern_z(c->interns, "meta")))
      diag_error(c, source->u.source.c.late.span, D_DUPLICATE_FIELD,
                 "late rows carry `meta`, and `%s` has a field of that name", source->name.name);
    if (d->type && !type_same(d->type, t)) {
      Diag *diag = diag_error(c, source->u.source.c.late.span, D_FEED,
                              "`%s` takes late rows of another type already", d->name.name);
      diag_note(c, diag, d->u.feed.sources.v[0]->name.span, "of this source");
      diag_hint(c, diag, "give each source a stream of its own for late rows");
    }
    d->type = d->type ? d->type : t;
  }
  d->shape = (Shape){ .row = d->type, .exact = true };
}

/* ---- the dispatch ---- */

static void cycle(Compiler *c, Decl *d)
{
  Diag *diag = diag_error(c, d->name.span, d->kind == DECL_FN ? D_RECURSION : D_CYCLE,
                          d->kind == DECL_FN ? "the function `%s` calls itself"
                              : "`%s` needs itself", d->name.name);
  for (int i = 0; i < c->program->decls.n; i++) {
    const Decl *via = c->program->decls.v[i];
    if (via != d && via->visiting == 1 && via->kind == d->kind)
      diag_note(c, diag, via->name.span, "through `%s`", via->name.name);
  }
  if (d->kind == DECL_FN)
    diag_hint(c, diag, "functions are expanded where they are called: there is no recursion");
  d->type = t_error(c);
  d->shape = shape_error(c);
}

static void check_once(Compiler *c, Decl *d)
{
  switch (d->kind) {
  case DECL_SOURCE: check_source(c, d); break;
  case DECL_TABLE: check_table(c, d); break;
  case DECL_STREAM: check_stream(c, d); break;
  case DECL_WINDOW: check_window(c, d->u.window, 0); break;
  case DECL_STATE: check_state(c, d); break;
  case DECL_RULE: check_rule(c, d); break;
  case DECL_SINK: check_sink(c, d); break;
  case DECL_PARAM: check_param(c, d); break;
  case DECL_FN: check_fn(c, d); break;
  case DECL_FEED: check_feed(c, d); break;
  case DECL_TEST: check_test(c, d); break;
  case DECL_TYPE: case DECL_ERRORS: case DECL_IMPORT: break;
  }
}

void check_decl(Compiler *c, Decl *d)
{
  if (d->kind == DECL_TYPE) {
    type_of_decl(c, d);
    return;
  }
  if (d->visiting == 1 && !d->type)
    cycle(c, d);
  if (d->visiting)
    return;
  d->visiting = 1;
  if (++*scope_depth(c) <= MAX_DECL_DEPTH) {
    check_once(c, d);
  } else {
    diag_error(c, d->name.span, D_DEPTH, "declarations need each other more than %d deep", MAX_DECL_DEPTH);
    d->type = t_error(c);
    d->shape = shape_error(c);
  }
  --*scope_depth(c);
  d->visiting = 2;
}
