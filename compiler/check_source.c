/* check_source.c -- sources, and the clauses that external tables share with them. */
#include <string.h>
#include "check.h"

/* ---- event time ---- */

static void check_time_type(Compiler *c, Span at, const Type *t, const char *text)
{
  if (is_error(t))
    return;
  if (t->kind != T_TS) {
    Diag *d = diag_error(c, at, D_TIME_FIELD, "the event time is a timestamp, but `%s` is %s", text,
                         type_text(c, t));
    if (t->kind == T_INT)
      diag_hint(c, d,
                "declare the field as timestamp and say the unit of the numbers: json(timestamps: \"ms\")");
    else if (t->kind == T_STR)
      diag_hint(c, d, "declare the field as timestamp: RFC 3339 text is read as one");
  } else if (t->nullable) {
    Diag *d = diag_error(c, at, D_TIME_FIELD, "the event time cannot be null, and `%s` may be", text);
    diag_hint(c, d, "declare the field without `?`: rows without it are bad rows then");
  }
}

/* The path becomes an expression, so that later passes know one form of the time. */
static void check_time(Compiler *c, Decl *d, SourceClauses *s, Env *env)
{
  if (!s->time_expr) {
    s->time_expr = expr_new(c, EXPR_PATH, s->time.span);
    s->time_expr->u.path.path = s->time;
  }
  Type *t = check_expr(env, s->time_expr);
  check_time_type(c, s->time_expr->span, t, text_of(c, s->time_expr->span));
  d->shape.has_time = true;
}

static void check_time_options(Compiler *c, Decl *d, SourceClauses *s)
{
  const struct { Expr *e; const char *what; } all[] = {
    { s->delay, "`delay`" }, { s->idle, "`idle`" }, { s->ahead, "`ahead`" }, { s->quiet, "`quiet`" },
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].e)
      check_duration(c, all[i].e, d->span.file, all[i].what, all[i].e == s->delay);
  const wr_connector *conn = s->from.conn ? s->from.conn->conn : 0;
  if (!s->ahead || !conn || conn->has_time)
    return;
  Diag *diag = diag_error(c, s->ahead->span, D_AHEAD,
                          "`ahead` compares with the connector's own time, and %s has none", s->from.conn->name);
  diag_hint(c, diag, "leave it out, or check the time: check %s < @2100-01-01T00:00:00Z else drop",
            s->has_time && s->time.parts.n ? path_text(c, &s->time) : "ts");
}

/* ---- checks ---- */

static void check_set(Compiler *c, Decl *d, Env *env, Dest *dest)
{
  const TypeField *f = d->type->kind == T_REC ? type_field(d->type, dest->set.name) : 0;
  if (is_error(d->type))
    return;
  if (!f) {
    Diag *diag = diag_error(c, dest->set.span, D_UNKNOWN_FIELD, "%s has no field `%s`",
                            type_text(c, d->type), dest->set.name);
    Guess g = guess_for(dest->set.name);
    for (int i = 0; i < d->type->fields.n; i++)
      guess_offer(&g, d->type->fields.v[i].name);
    guess_hint(c, diag, &g);
    check_expr(env, dest->set_value);
    return;
  }
  if (d->u.source.c.has_time && d->u.source.c.time.parts.n == 1 &&
      d->u.source.c.time.parts.v[0].name == f->name)
    diag_error(c, dest->set.span, D_CHECK, "the event time is read before any check and cannot be set");
  check_as(env, dest->set_value, f->type, arena_printf(c->arena, "the field `%s`", f->name));
}

static void check_checks(Compiler *c, Decl *d, SourceClauses *s, Env *env)
{
  for (int i = 0; i < s->checks.n; i++) {
    CheckClause *k = &s->checks.v[i];
    if (k->strict || !k->cond)
      continue;
    check_condition(env, k->cond, "`check`");
    if (k->cond->constant && !is_error(k->cond->type))
      diag_warning(c, k->cond->span, D_CHECK, "this check does not look at the row: it is the same for all");
    if (k->dest.kind == DEST_SET)
      check_set(c, d, env, &k->dest);
  }
}

/* ---- clauses ---- */

void check_clauses(Compiler *c, Decl *d, SourceClauses *s, Type *row)
{
  uint32_t file = d->span.file;
  if (!s->from.given) {
    Diag *diag = diag_error(c, d->name.span, D_MISSING_CLAUSE, "`%s` does not say where its rows come from",
                            d->name.name);
    diag_hint(c, diag, "from file(\"%s.jsonl\")", d->name.name);
  } else {
    check_connector(c, &s->from, file, false, row);
    check_format(c, &s->format, &s->from, file, false, row, s->from.span);
  }
  Env env = env_pipe(c, file, &d->shape, d->name.name);
  if (s->has_time)
    check_time(c, d, s, &env);
  check_time_options(c, d, s);
  check_checks(c, d, s, &env);
  if (s->late.kind != DEST_NONE && !s->has_time) {
    Diag *diag = diag_error(c, s->late.span, D_NO_TIME,
                            "`late` needs an event time: without one no row is late");
    diag_hint(c, diag, "add `time field delay 5s`");
  }
  for (int i = 0; i < s->key.n; i++) {
    Type *t = check_column(&env, &s->key.v[i], 0, "`key`");
    if (!is_error(t) && !(t->props & TP_KEY))
      diag_error(c, s->key.v[i].span, D_KEY_TYPE, "%s cannot be a key", type_text(c, t));
  }
}

bool any_masked(const Type *t)
{
  for (int i = 0; t->kind == T_REC && i < t->fields.n; i++)
    if (t->fields.v[i].masking != WR_MASK_NONE || any_masked(t->fields.v[i].type))
      return true;
  return t->elem && any_masked(t->elem);
}

static Type *record_of(Compiler *c, TypeExpr *x)
{
  Type *t = check_type(c, x);
  if (is_error(t) || (t->kind == T_REC && !t->nullable))
    return t;
  Diag *d = diag_error(c, x->span, D_RECORD, "rows are records, and this is %s", type_text(c, t));
  diag_hint(c, d, t->kind == T_REC ? "without the `?`" : "for example { value %s }", type_text(c, t));
  return t_error(c);
}

static void table_only(Compiler *c, SourceClauses *s)
{
  if (s->refresh)
    diag_error(c, s->refresh->span, D_EMIT, "`refresh` belongs to tables: a source is read on and on");
  if (s->versions.name)
    diag_error(c, s->versions.span, D_EMIT, "`versions` belongs to tables");
}

/* What rows need that come one after the other in time, and a table's records do not. */
void source_only(Compiler *c, SourceClauses *s)
{
  const struct { Expr *e; const char *what; } all[] = {
    { s->delay, "`delay`" }, { s->idle, "`idle`" }, { s->ahead, "`ahead`" }, { s->quiet, "`quiet`" },
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].e)
      diag_error(c, all[i].e->span, D_EMIT, "%s belongs to sources: a table's records are not ordered in time",
                 all[i].what);
  if (s->late.kind != DEST_NONE)
    diag_error(c, s->late.span, D_EMIT, "`late` belongs to sources: no record of a table is late");
}

void check_source(Compiler *c, Decl *d)
{
  d->type = record_of(c, d->u.source.type);
  d->shape = (Shape){ .row = d->type, .origin = d, .exact = true, .has_time = d->u.source.c.has_time };
  d->u.source.masked = any_masked(d->type);
  check_clauses(c, d, &d->u.source.c, d->type);
  table_only(c, &d->u.source.c);
}
