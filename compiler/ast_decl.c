/* ast_decl.c -- constructors of declarations. Clauses of a source, rule or sink come in any
 * order and are gathered in a Clauses; each that may stand only once goes through clause(),
 * which reports a second one.
 */
#include "ast_build.h"

Decl *decl_new(Compiler *c, DeclKind kind, Ident name, Span span) {
  Decl *d = arena_alloc(c->arena, sizeof *d);
  d->kind = kind;
  d->name = name;
  d->span = span;
  return d;
}

Clauses *clauses_source(Compiler *c) {
  Clauses *k = arena_alloc(c->arena, sizeof *k);
  k->source = arena_alloc(c->arena, sizeof *k->source);
  return k;
}

Clauses *clauses_decl(Compiler *c, DeclKind kind) {
  Clauses *k = arena_alloc(c->arena, sizeof *k);
  k->decl = decl_new(c, kind, (Ident){0}, SPAN_NONE);
  return k;
}

Clauses *clause(Compiler *c, Clauses *k, const char *word, Span span) {
  Name name = intern_z(c->interns, word);
  for (int i = 0; i < k->seen.n; i++) {
    if (k->seen.v[i].name != name) continue;
    Diag *d = diag_error(c, span, D_TWICE, "`%s` is given twice", word);
    diag_note(c, d, k->seen.v[i].span, "the first is here");
    return k;
  }
  vec_push(c->arena, &k->seen, ((Ident){name, span}));
  return k;
}

/* ---- sources ---- */

void source_time(Compiler *c, Clauses *k, Path time, Clauses *options, Span span) {
  SourceClauses *s = k->source, *o = options->source;
  s->time = time;
  s->time_expr = expr_path(c, time);
  s->has_time = true;
  s->time_span = span;
  s->delay = o->delay;
  s->idle = o->idle;
  s->ahead = o->ahead;
  s->quiet = o->quiet;
  s->quiet_hold = o->quiet_hold;
}

/* `quiet hold` or `quiet 5m`; hold is no word of the language */
void source_quiet(Compiler *c, Clauses *k, Expr *e) {
  bool name = e->kind == EXPR_PATH && e->u.path.path.parts.n == 1;
  k->source->quiet_hold = name && e->u.path.path.parts.v[0].name == intern_z(c->interns, "hold");
  k->source->quiet = k->source->quiet_hold ? NULL : e;
}

void source_check(Compiler *c, Clauses *k, Expr *cond, Dest dest, Span span) {
  vec_push(c->arena, &k->source->checks, ((CheckClause){.cond = cond, .dest = dest, .span = span}));
}

void source_strict(Compiler *c, Clauses *k, Ident word, Span span) {
  if (word.name != intern_z(c->interns, "strict")) {
    Diag *d = diag_error(c, span, D_CLAUSE, "this check does not say where rows go that fail it");
    diag_hint(c, d, "check %s else drop   (or: else fail, else a stream's name)", word.name);
    return;
  }
  clause(c, k, "check strict", span);
  k->source->strict = true;
  k->source->strict_span = span;
}

Decl *decl_type(Compiler *c, DeclKind kind, Ident name, TypeExpr *t, Span span) {
  Decl *d = decl_new(c, kind, name, span);
  if (kind == DECL_TYPE) d->u.type.type = t;
  else d->u.stream.type = t;
  return d;
}

Decl *decl_source(Compiler *c, Ident name, TypeExpr *t, Clauses *k, Span span) {
  Decl *d = decl_new(c, DECL_SOURCE, name, span);
  d->u.source.type = t;
  d->u.source.c = *k->source;
  return d;
}

Decl *decl_table(Compiler *c, Ident name, TypeExpr *t, Paths key, Clauses *k, Span span) {
  Decl *d = decl_new(c, DECL_TABLE, name, span);
  d->u.table.type = t;
  d->u.table.key = key;
  d->u.table.c = *k->source;
  return d;
}

Decl *decl_table_pipe(Compiler *c, Ident name, Paths key, Expr *keep, Pipe *pipe, Span span) {
  Decl *d = decl_new(c, DECL_TABLE, name, span);
  d->u.table.key = key;
  d->u.table.keep = keep;
  d->u.table.pipe = pipe;
  return d;
}

Decl *decl_stream(Compiler *c, Ident name, Pipe *pipe, Span span) {
  Decl *d = decl_new(c, DECL_STREAM, name, span);
  d->u.stream.pipe = pipe;
  return d;
}

Decl *decl_window(Compiler *c, Ident name, WindowSpec *w, Span span) {
  Decl *d = decl_new(c, DECL_WINDOW, name, span);
  d->u.window = w;
  return d;
}

Decl *decl_state(Compiler *c, Ident name, Paths by, Expr *keep, Ident order, FieldDecls fields,
                 OnBlocks on, Span span) {
  Decl *d = decl_new(c, DECL_STATE, name, span);
  d->u.state.by = by;
  d->u.state.keep = keep;
  d->u.state.order = order;
  d->u.state.fields = fields;
  d->u.state.on = on;
  return d;
}

/* ---- rules ---- */

void rule_on(Compiler *c, Clauses *k, Idents streams, Paths by, WindowSpec *over, Ident as,
             Span span) {
  Decl *d = k->decl;
  if (!d->u.rule.ons.n) d->u.rule.by = by;
  for (int i = 0; i < streams.n; i++) vec_push(c->arena, &d->u.rule.on, streams.v[i]);
  vec_push(c->arena, &d->u.rule.ons, ((RuleOn){streams, by, span}));
  if (over) clause(c, k, "over", over->span), d->u.rule.over = over;
  if (as.name) clause(c, k, "as", as.span), d->u.rule.as = as;
}

void rule_match(Clauses *k, Pattern *pattern, Expr *within, Span span) {
  k->decl->u.rule.has_match = true;
  k->decl->u.rule.match.pattern = pattern;
  k->decl->u.rule.match.within = within;
  k->decl->u.rule.match.span = span;
}

void rule_skip(Clauses *k, bool to_next, Span span) {
  PatternClause *m = &k->decl->u.rule.match;
  m->has_skip = true;
  m->skip_next = to_next;
  if (!k->decl->u.rule.has_match) m->span = span;
}

void rule_limit(Clauses *k, Expr *n, Paths per, Expr *every, Span span) {
  k->decl->u.rule.limit_n = n;
  k->decl->u.rule.limit_per = per;
  k->decl->u.rule.limit_every = every;
  k->decl->u.rule.limit_span = span;
}

Decl *decl_rule(Compiler *c, Ident name, Clauses *k, Span span) {
  Decl *d = k->decl;
  d->name = name;
  d->span = span;
  const PatternClause *m = &d->u.rule.match;
  if (!d->u.rule.has_match && (m->where.n || m->has_skip)) {
    Span at = m->where.n ? m->where.v[0].var.span : m->span;
    Diag *e = diag_error(c, at, D_CLAUSE, "rule %s has no `match` for this clause", name.name);
    diag_hint(c, e, "the condition of a rule without a pattern is written `when`");
  }
  return d;
}

/* ---- the rest ---- */

Decl *decl_sink(Compiler *c, Ident name, Ident as, Clauses *k, Span span) {
  (void)c;
  k->decl->name = name;
  k->decl->span = span;
  k->decl->u.sink.as = as;
  return k->decl;
}

Decl *decl_param(Compiler *c, Ident name, TypeExpr *t, Expr *value, Expr *check, Span span) {
  Decl *d = decl_new(c, DECL_PARAM, name, span);
  d->u.param.type = t;
  d->u.param.value = value;
  d->u.param.check = check;
  return d;
}

Decl *decl_fn(Compiler *c, Ident name, FieldDecls params, TypeExpr *t, Expr *body, Text file,
              Span span) {
  Decl *d = decl_new(c, DECL_FN, name, span);
  d->u.fn.params = params;
  d->u.fn.type = t;
  d->u.fn.body = body;
  d->u.fn.is_extern = !body;
  if (!body) d->u.fn.extern_file = intern(c->interns, file.s, file.n);
  return d;
}

Decl *decl_errors(Compiler *c, Ident to, Ident word, Span span) {
  Decl *d = decl_new(c, DECL_ERRORS, word, span);
  d->u.errors.to = to;
  return d;
}

Decl *decl_import(Compiler *c, Text path, Ident as, Span path_span, Span span) {
  Name text = intern(c->interns, path.s, path.n);
  Decl *d = decl_new(c, DECL_IMPORT, as.name ? as : (Ident){text, path_span}, span);
  d->u.import.path = text;
  d->u.import.as = as;
  d->u.import.path_span = path_span;
  return d;
}

Decl *decl_test(Compiler *c, Ident title, TestClauses clauses, Span span) {
  Decl *d = decl_new(c, DECL_TEST, title, span);
  d->u.test.title = title.name;
  d->u.test.clauses = clauses;
  return d;
}
