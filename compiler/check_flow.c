/* check_flow.c -- what is known when everything has its type: outputs that nobody reads, and rules that
 * feed themselves.
 */
#include <string.h>
#include "check.h"

/* ---- error outputs that lead nowhere ---- */

static void check_dest(Compiler *c, const Dest *dest, const char *instead)
{
  const Decl *d = dest->feed;
  if (dest->kind != DEST_TO || !d || d->used)
    return;
  Diag *diag = diag_error(c, dest->to.span, D_NOWHERE, "nothing reads `%s`: these rows would be lost",
                          d->name.name);
  diag_hint(c, diag, "add sink %s { to file(\"%s.jsonl\") format json }, or %s", d->name.name, d->name.name,
            instead);
}

static void check_outputs(Compiler *c, const SourceClauses *s)
{
  check_dest(c, &s->bad, "say bad drop");
  check_dest(c, &s->late, "say late drop");
  for (int i = 0; i < s->checks.n; i++)
    check_dest(c, &s->checks.v[i].dest, "say else drop");
}

/* ---- declarations that nobody reads ---- */

static void warn_unread(Compiler *c, const Decl *d)
{
  bool stream = d->kind == DECL_SOURCE || d->kind == DECL_STREAM || d->kind == DECL_TABLE;
  bool state = d->kind == DECL_STATE;
  if (d->used || d->span.file != 0 || (!stream && !state))
    return;
  Diag *diag = diag_warning(c, d->name.span, D_UNREAD, "nothing reads `%s`", d->name.name);
  if (state) {
    diag_hint(c, diag, "it is kept all the same, and read by a rule: when %s.%s ...", d->name.name,
              d->u.state.fields.n ? d->u.state.fields.v[0].name.name : "field");
    return;
  }
  diag_hint(c, diag, "write it somewhere: sink %s { to file(\"-\") format json }", d->name.name);
}

/* A declared stream gets its rows from rules alone. */
static void check_emitted(Compiler *c, const Decl *d)
{
  if (d->kind != DECL_STREAM || d->u.stream.pipe || !d->used || diag_any_error(c))
    return;
  for (int i = 0; i < c->program->decls.n; i++) {
    const Decl *r = c->program->decls.v[i];
    for (int k = 0; r->kind == DECL_RULE && k < r->u.rule.emits.n; k++)
      if (scope_find(c, r->span.file, r->u.rule.emits.v[k].to.name) == d)
        return;
  }
  Diag *diag = diag_error(c, d->name.span, D_NO_EMITTER, "no rule emits into `%s`", d->name.name);
  diag_hint(c, diag, "give it a pipe: stream %s = ..., or leave it out", d->name.name);
}

/* ---- circles through rules: a rule's rows must not come back to it, nor to a state that it reads ---- */

enum { UNSEEN, ON_PATH, DONE };
typedef struct Graph { Compiler *c; uint8_t *mark; int depth; } Graph;

static int index_of(Compiler *c, const Decl *d)
{
  for (int i = 0; i < c->program->decls.n; i++)
    if (c->program->decls.v[i] == d)
      return i;
  return -1;
}

static void visit(Graph *g, const Decl *d, const Decl *from);

static void visit_pipe(Graph *g, const Pipe *p, const Decl *from)
{
  if (p->head.pipe)
    visit_pipe(g, p->head.pipe, from);
  else if (p->head.decl)
    visit(g, p->head.decl, from);
  for (int i = 0; i < p->steps.n; i++) {
    const Step *s = p->steps.v[i];
    if (s->kind == STEP_JOIN && s->u.join.right.pipe)
      visit_pipe(g, s->u.join.right.pipe, from);
    else if (s->kind == STEP_JOIN && s->u.join.right.decl)
      visit(g, s->u.join.right.decl, from);
    for (int k = 0; s->kind == STEP_UNION && k < s->u.onion.decls.n; k++)
      if (s->u.onion.decls.v[k])
        visit(g, s->u.onion.decls.v[k], from);
  }
}

static void visit_emitters(Graph *g, const Decl *d)
{
  for (int i = 0; i < g->c->program->decls.n; i++) {
    const Decl *r = g->c->program->decls.v[i];
    for (int k = 0; r->kind == DECL_RULE && k < r->u.rule.emits.n; k++)
      if (scope_find(g->c, r->span.file, r->u.rule.emits.v[k].to.name) == d)
        visit(g, r, d);
  }
}

static void visit_inputs(Graph *g, const Decl *d)
{
  if (d->kind == DECL_STREAM && d->u.stream.pipe)
    visit_pipe(g, d->u.stream.pipe, d);
  else if (d->kind == DECL_STREAM)
    visit_emitters(g, d);
  else if (d->kind == DECL_TABLE && d->u.table.pipe)
    visit_pipe(g, d->u.table.pipe, d);
  for (int i = 0; d->kind == DECL_STATE && i < d->u.state.on.n; i++)
    if (d->u.state.on.v[i].decl)
      visit(g, d->u.state.on.v[i].decl, d);
  for (int i = 0; d->kind == DECL_RULE && i < d->u.rule.inputs.n; i++)
    visit(g, d->u.rule.inputs.v[i], d);
  for (int i = 0; d->kind == DECL_RULE && i < d->u.rule.reads.n; i++)
    visit(g, d->u.rule.reads.v[i], d);
}

/* Streams in a circle are told while they are checked; here a rule is always on the way. */
static void visit(Graph *g, const Decl *d, const Decl *from)
{
  int at = index_of(g->c, d);
  if (at < 0 || g->mark[at] == DONE || ++g->depth > MAX_EXPR_DEPTH)
    return;
  if (g->mark[at] == ON_PATH) {
    if (d->type && is_error(d->type))
      return;
    Diag *diag = diag_error(g->c, d->name.span, D_CYCLE, "`%s` depends on rows that it causes itself",
                            d->name.name);
    if (from && from != d)
      diag_note(g->c, diag, from->name.span, "they come back through `%s`", from->name.name);
    diag_hint(g->c, diag,
              "a rule emits into a stream that neither it nor its states read; how often it fires is said by `limit`");
    return;
  }
  g->mark[at] = ON_PATH;
  visit_inputs(g, d);
  g->mark[at] = DONE;
  g->depth--;
}

static void check_circles(Compiler *c)
{
  Graph g = { .c = c, .mark = arena_alloc(c->arena, (size_t)c->program->decls.n + 1) };
  for (int i = 0; i < c->program->decls.n; i++) {
    g.depth = 0;
    if (c->program->decls.v[i]->kind == DECL_RULE)
      visit(&g, c->program->decls.v[i], 0);
  }
}

void check_flow(Compiler *c)
{
  check_circles(c);
  for (int i = 0; i < c->program->decls.n; i++) {
    Decl *d = c->program->decls.v[i];
    if (d->kind == DECL_SOURCE)
      check_outputs(c, &d->u.source.c);
    if (d->kind == DECL_TABLE && !d->u.table.pipe)
      check_outputs(c, &d->u.table.c);
    if (d->kind == DECL_ERRORS) {
      Dest dest = { .kind = DEST_TO, .to = d->u.errors.to, .feed = d->u.errors.feed };
      check_dest(c, &dest, "leave `errors to` out: failures are counted in any case");
    }
    check_emitted(c, d);
    warn_unread(c, d);
  }
}
