/* check_later.c -- what this version checks but does not run. The one table of such constructs; library
 * rows (windows, aggregates, connectors, formats) say it of themselves.
 */
#include <string.h>
#include "check.h"

typedef enum Later {
  LATER_JOIN, LATER_AS_OF, LATER_DERIVED_JOIN, LATER_TABLE, LATER_VERSIONS, LATER_TABLE_TIME,
  LATER_TOP, LATER_DISTINCT, LATER_CHANGES, LATER_MATCH, LATER_SESSION_MAX,
  LATER_EXTERN, LATER_RUNNING_GROUP, LATER_ALLOW, LATER_EMIT, LATER_SINK_CHANGES
} Later;

static const char *const texts[] = {
  [LATER_JOIN] = "a join of two streams", [LATER_AS_OF] = "`as of`",
  [LATER_DERIVED_JOIN] = "a join with a table that is made of a pipe",
  [LATER_TABLE] = "a table that is made of a pipe", [LATER_VERSIONS] = "keeping a table's versions for a time",
  [LATER_TABLE_TIME] = "`time` of a table", [LATER_TOP] = "`top`", [LATER_DISTINCT] = "`distinct`",
  [LATER_CHANGES] = "the step `changes`", [LATER_MATCH] = "`match`", [LATER_SESSION_MAX] = "`max` of a session window",
  [LATER_EXTERN] = "an `extern` function",
  [LATER_RUNNING_GROUP] = "`group by` without a window",
  [LATER_ALLOW] = "`allow`", [LATER_EMIT] = "`emit` before the window closes",
  [LATER_SINK_CHANGES] = "`changes` of a sink",
};

static void say(Compiler *c, Span at, const char *what)
{
  diag_error(c, at, D_LATER, "%s is checked but not run by this version", what);
}

static void refuse(Compiler *c, Span at, Later what) { say(c, at, texts[what]); }

/* ---- library rows ---- */

static void later_window(Compiler *c, const WindowSpec *w)
{
  if (!w || w->is_name || !w->row)
    return;
  if (w->row->later && *w->row->later)
    say(c, w->span, arena_printf(c->arena, "the `%s` window", w->row->name));
  else if (w->row->klass == WC_SESSION && w->max)
    refuse(c, w->max_span, LATER_SESSION_MAX);
}

static void later_config(Compiler *c, const Config *cfg)
{
  if (cfg->conn && !cfg->conn->conn)
    say(c, cfg->name.span, arena_printf(c->arena, "the connector `%s`", cfg->conn->name));
  if (cfg->fmt && !cfg->fmt->fmt)
    say(c, cfg->name.span, arena_printf(c->arena, "the format `%s`", cfg->fmt->name));
}

static void later_aggregates(Compiler *c, const Step *s)
{
  for (int i = 0; i < s->u.group.aggs.n; i++) {
    const Expr *e = s->u.group.aggs.v[i];
    if (e->u.call.agg->later)
      say(c, e->span, arena_printf(c->arena, "the aggregate `%s`", e->u.call.agg->name));
  }
}

/* ---- pipes ---- */

static void later_group(Compiler *c, const Step *s)
{
  later_window(c, s->u.group.over);
  later_aggregates(c, s);
  if (!s->u.group.over && s->u.group.keep)
    refuse(c, s->span, LATER_RUNNING_GROUP);
  if (s->u.group.allow)
    refuse(c, s->u.group.allow_span, LATER_ALLOW);
  bool early = s->u.group.emit == EMIT_EVERY || (s->u.group.emit == EMIT_ON &&
                                                 strcmp(s->u.group.emit_on.name, "change") == 0);
  if (early)
    refuse(c, s->u.group.emit_span, LATER_EMIT);
}

static void later_join(Compiler *c, const Step *s)
{
  const Decl *right = s->u.join.right.decl;
  if (s->u.join.bound == BOUND_AS_OF)
    refuse(c, s->u.join.b1->span, LATER_AS_OF);
  else if (!right || (right->kind != DECL_TABLE && right->kind != DECL_STATE))
    refuse(c, s->span, LATER_JOIN);
  else if (right->kind == DECL_TABLE && right->u.table.pipe)
    refuse(c, s->span, LATER_DERIVED_JOIN);
}

static void later_pipe(Compiler *c, const Pipe *p, int depth);

static void later_step(Compiler *c, const Step *s, int depth)
{
  switch (s->kind) {
  case STEP_WHERE: case STEP_SELECT: case STEP_EXTEND: case STEP_DROP: case STEP_UNNEST: case STEP_UNION:
  case STEP_SAMPLE: break;
  case STEP_GROUP: later_group(c, s); break;
  case STEP_JOIN:
    later_join(c, s);
    later_window(c, s->u.join.over);
    if (s->u.join.right.pipe)
      later_pipe(c, s->u.join.right.pipe, depth + 1);
    break;
  case STEP_DISTINCT: refuse(c, s->span, LATER_DISTINCT); break;
  case STEP_TOP:
    refuse(c, s->span, LATER_TOP);
    later_window(c, s->u.top.over);
    break;
  case STEP_MATCH: refuse(c, s->span, LATER_MATCH); break;
  case STEP_CHANGES: refuse(c, s->span, LATER_CHANGES); break;
  }
}

static void later_pipe(Compiler *c, const Pipe *p, int depth)
{
  if (depth > MAX_PIPE_DEPTH)
    return;
  if (p->head.pipe)
    later_pipe(c, p->head.pipe, depth + 1);
  for (int i = 0; i < p->steps.n; i++)
    later_step(c, p->steps.v[i], depth);
}

/* ---- declarations ---- */

static void later_sink(Compiler *c, const Decl *d)
{
  later_config(c, &d->u.sink.to);
  later_config(c, &d->u.sink.format);
  if (d->u.sink.changes.name && d->shape.updating)
    refuse(c, d->u.sink.changes.span, LATER_SINK_CHANGES);
}

static void later_rule(Compiler *c, const Decl *d)
{
  later_window(c, d->u.rule.over);
  if (d->u.rule.has_match)
    refuse(c, d->u.rule.match.span, LATER_MATCH);
}

static void later_table(Compiler *c, const Decl *d)
{
  const SourceClauses *s = &d->u.table.c;
  if (d->u.table.pipe) {
    refuse(c, d->name.span, LATER_TABLE);
    later_pipe(c, d->u.table.pipe, 0);
    return;
  }
  later_config(c, &s->from);
  later_config(c, &s->format);
  if (s->versions_keep)
    refuse(c, s->versions_keep->span, LATER_VERSIONS);
  if (s->has_time)
    refuse(c, s->time_expr->span, LATER_TABLE_TIME);
}

static void later_decl(Compiler *c, const Decl *d)
{
  switch (d->kind) {
  case DECL_SOURCE:
    later_config(c, &d->u.source.c.from);
    later_config(c, &d->u.source.c.format);
    break;
  case DECL_TABLE: later_table(c, d); break;
  case DECL_STREAM:
    if (d->u.stream.pipe)
      later_pipe(c, d->u.stream.pipe, 0);
    break;
  case DECL_WINDOW: later_window(c, d->u.window); break;
  case DECL_RULE: later_rule(c, d); break;
  case DECL_SINK: later_sink(c, d); break;
  case DECL_FN:
    if (d->u.fn.is_extern)
      refuse(c, d->name.span, LATER_EXTERN);
    break;
  case DECL_TYPE: case DECL_STATE: case DECL_PARAM: case DECL_ERRORS: case DECL_IMPORT: case DECL_FEED:
  case DECL_TEST: break;
  }
}

/* What an imported file declares for others, and nobody here uses, does not run. */
static bool runs(const Decl *d)
{
  bool for_others = d->kind == DECL_TABLE || d->kind == DECL_STREAM || d->kind == DECL_WINDOW ||
      d->kind == DECL_FN ||
                    d->kind == DECL_SOURCE || d->kind == DECL_STATE;
  return d->span.file == 0 || d->used || !for_others;
}

void check_later(Compiler *c)
{
  for (int i = 0; i < c->program->decls.n; i++)
    if (runs(c->program->decls.v[i]))
      later_decl(c, c->program->decls.v[i]);
}
