/* ast_step.c -- constructors of windows, patterns, pipes and their steps. */
#include "ast_build.h"

/* ---- windows ---- */

WindowSpec *window_spec(Compiler *c, WindowSpec *w, Ident kind, Expr *qty, Span span) {
  if (!w) w = arena_alloc(c->arena, sizeof *w);
  w->kind = kind;
  w->qty = qty;
  w->span = span;
  return w;
}

WindowSpec *window_name(Compiler *c, Ident name) {
  WindowSpec *w = window_spec(c, NULL, name, NULL, name.span);
  w->is_name = true;
  return w;
}

static WindowSpec *option_once(Compiler *c, WindowSpec *w, bool again, const char *word,
                               Span span) {
  if (again) diag_error(c, span, D_TWICE, "`%s` is given twice for this window", word);
  return w ? w : arena_alloc(c->arena, sizeof *w);
}

/* word: every, max or offset */
WindowSpec *window_option(Compiler *c, WindowSpec *w, const char *word, Expr *e, Span span) {
  w = option_once(c, w, false, word, span);
  Expr **at = *word == 'e' ? &w->every : *word == 'm' ? &w->max : &w->offset;
  Span *place = *word == 'e' ? &w->every_span : *word == 'm' ? &w->max_span : &w->offset_span;
  option_once(c, w, *at != NULL, word, span);
  *at = e;
  *place = span;
  return w;
}

WindowSpec *window_zone(Compiler *c, WindowSpec *w, Text zone, Span span) {
  w = option_once(c, w, w && w->has_zone, "zone", span);
  w->has_zone = true;
  w->zone = intern(c->interns, zone.s, zone.n);
  w->zone_span = span;
  return w;
}

WindowSpec *window_processing(Compiler *c, WindowSpec *w, Span span) {
  w = option_once(c, w, w && w->processing, "of processing time", span);
  w->processing = true;
  w->processing_span = span;
  return w;
}

/* ---- patterns ---- */

static Pattern *pattern_new(Compiler *c, PatKind kind, Span span) {
  Pattern *p = arena_alloc(c->arena, sizeof *p);
  p->kind = kind;
  p->span = span;
  p->min = p->max = 1;
  return p;
}

Pattern *pattern_var(Compiler *c, Ident var, Ident stream, Span span) {
  Pattern *p = pattern_new(c, PAT_VAR, span);
  p->var = var;
  p->stream = stream;
  return p;
}

Pattern *pattern_one(Compiler *c, PatKind kind, Pattern *item, Span span) {
  Pattern *p = pattern_new(c, kind, span);
  vec_push(c->arena, &p->items, item);
  return p;
}

/* Adds to a chain that the grammar is still reading: the first call makes it of its first
 * element. */
Pattern *pattern_more(Compiler *c, PatKind kind, Pattern *list, bool strict, Pattern *item,
                      Span span) {
  vec_push(c->arena, &list->items, item);
  if (kind == PAT_SEQ) vec_push(c->arena, &list->strict, strict);
  list->span = span;
  return list;
}

Pattern *pattern_quant(Compiler *c, Pattern *p, Quant q, Span span) {
  if (p->quantified) p = pattern_one(c, PAT_SEQ, p, p->span);   /* (a{2}){3} */
  if (q.max >= 0 && q.min > q.max)
    diag_error(c, span, D_CLAUSE, "at least %lld and at most %lld never match", (long long)q.min,
               (long long)q.max);
  p->quantified = true;
  p->min = q.min;
  p->max = q.max;
  p->span = span;
  return p;
}

/* ---- pipes ---- */

Pipe *pipe_new(Compiler *c, Input head) {
  Pipe *p = arena_alloc(c->arena, sizeof *p);
  p->head = head;
  p->span = head.span;
  return p;
}

Pipe *pipe_step(Compiler *c, Pipe *p, Step *s, Span span) {
  vec_push(c->arena, &p->steps, s);
  p->span = span;
  return p;
}

Step *step_new(Compiler *c, StepKind kind, Span span) {
  Step *s = arena_alloc(c->arena, sizeof *s);
  s->kind = kind;
  s->span = span;
  return s;
}

Step *step_expr(Compiler *c, StepKind kind, Expr *e, Span span) {
  Step *s = step_new(c, kind, span);
  if (kind == STEP_WHERE) s->u.where = e;
  else s->u.record = e;
  return s;
}

Step *step_paths(Compiler *c, StepKind kind, Expr *percent, Paths paths, Span span) {
  Step *s = step_new(c, kind, span);
  if (kind == STEP_DROP) return s->u.drop = paths, s;
  s->u.sample.percent = percent;
  s->u.sample.by = paths;
  return s;
}

Step *step_group(Compiler *c, Items keys, WindowSpec *over, Emission emit, Expr *allow, Expr *keep,
                 Expr *record,
                 Span span) {
  Step *s = step_new(c, STEP_GROUP, span);
  s->u.group.keys = keys;
  s->u.group.over = over;
  s->u.group.emit = emit.kind;
  s->u.group.emit_on = emit.on;
  s->u.group.emit_every = emit.every;
  s->u.group.emit_span = emit.span;
  s->u.group.allow = allow;
  if (allow) s->u.group.allow_span = allow->span;
  s->u.group.keep = keep;
  if (keep) s->u.group.keep_span = keep->span;
  s->u.group.record = record;
  return s;
}

Step *step_join(Compiler *c, JoinKind kind, Input right, Exprs on, Bound b, Expr *keep, Span span) {
  Step *s = step_new(c, STEP_JOIN, span);
  s->u.join.kind = kind;
  s->u.join.right = right;
  s->u.join.on = on;
  s->u.join.bound = b.kind;
  s->u.join.b1 = b.b1;
  s->u.join.b2 = b.b2;
  s->u.join.over = b.over;
  s->u.join.keep = keep;
  return s;
}

Step *step_distinct(Compiler *c, Paths by, Expr *keep, int which, Span span) {
  Step *s = step_new(c, STEP_DISTINCT, span);
  s->u.distinct.by = by;
  s->u.distinct.keep = keep;
  s->u.distinct.has_last = which != 0;
  s->u.distinct.last = which == 2;
  return s;
}

Step *step_top(Compiler *c, Expr *n, Orders by, Paths per, WindowSpec *over, TopOptions o,
               Expr *keep, Span span) {
  Step *s = step_new(c, STEP_TOP, span);
  s->u.top.n = n;
  s->u.top.by = by;
  s->u.top.per = per;
  s->u.top.over = over;
  s->u.top.ties = o.ties;
  s->u.top.rank = o.rank;
  s->u.top.keep = keep;
  return s;
}

Step *step_match(Compiler *c, Pattern *p, Expr *within, Paths by, PatternClause options,
                 Span span) {
  Step *s = step_new(c, STEP_MATCH, span);
  s->u.match.match = options;
  s->u.match.match.pattern = p;
  s->u.match.match.within = within;
  s->u.match.match.span = span;
  s->u.match.by = by;
  return s;
}

Step *step_unnest(Compiler *c, Expr *list, Ident as, Span span) {
  Step *s = step_new(c, STEP_UNNEST, span);
  s->u.unnest.list = list;
  s->u.unnest.as = as;
  return s;
}

Step *step_union(Compiler *c, Idents names, Span span) {
  Step *s = step_new(c, STEP_UNION, span);
  s->u.onion.names = names;
  return s;
}
