/* explain_sink.c -- what `weir explain` promises for each sink: how long its rows wait, in event time, and
 * whether two runs over the same input write the same; then where rows can be lost.
 *
 * A row waits for the watermark of the nearest sequencer or grouping above it, which goes by all sources that
 * feed that; what is above several rules is told for each of them.
 */
#include <string.h>
#include "explain.h"

#define S(p, ...) arena_printf((p)->c->arena, __VA_ARGS__)

/* ---- how long rows wait ---- */

typedef struct Wait { bool *source, *stage; } Wait;

static void wait_for(const Plan *p, int stage, Wait *w)
{
  const PlanStage *s = &p->stages.v[stage];
  if (w->stage[stage]) return;
  w->stage[stage] = true;
  for (int i = 0; i < s->up.n; i++) {
    if (s->up.v[i] >= 0) w->source[s->up.v[i]] = true;
    else wait_for(p, ~s->up.v[i], w);
  }
}

static const char *delay_of(const Plan *p, const PlanOp *source)
{
  const char *delay = explain_span(p, explain_time(source, TIME_DELAY));
  return delay ? delay : "0s";
}

static const char *sources_text(const Plan *p, const Wait *w)
{
  const char *text = "";
  for (int i = 0; i < p->sources.n; i++)
    if (w->source[i] && p->sources.v[i]->time_col >= 0)
      text = S(p, "%s%s%s behind %s", text, *text ? ", " : "at least ", delay_of(p, p->sources.v[i]),
               p->sources.v[i]->name);
  return text;
}

static const char *windows_text(const Plan *p, const Wait *w)
{
  const char *text = "";
  for (int i = 0; i < p->stages.n; i++) {
    if (!w->stage[i] || p->stages.v[i].seq) continue;
    const PlanOp *g = p->groups.v[p->stages.v[i].index];
    const char *size = explain_span(p, g->config.v[WR_WCFG_SIZE]);
    text = S(p, "%s%s the %s window%s%s of %s is over%s", text, *text ? ", and" : "",
             g->window->row->name, size ? " of " : "", size ? size : "", g->name,
             g->processing ? " by the clock" : "");
  }
  return text;
}

static const char *wait_text(const Plan *p, int stage)
{
  Wait w = { arena_alloc(p->c->arena, (size_t)p->sources.n + 1), arena_alloc(p->c->arena, (size_t)p->stages.n + 1) };
  wait_for(p, stage, &w);
  const char *behind = sources_text(p, &w), *windows = windows_text(p, &w);
  return S(p, "%s%s%s", behind, *windows ? *behind ? ", once" : "until" : "", windows);
}

typedef struct Way { const char *by, *text; } Way;           /* rows of a rule or stream, and what they wait for */
typedef VEC(Way) Ways;

static void ways_of(const Plan *p, const PlanOp *op, const char *by, bool *seen, Ways *ways)
{
  const char *text = "none: rows go on as they come";
  if (seen[op->id]) return;
  seen[op->id] = true;
  if (op->kind == OPK_RULE) by = S(p, "rule %s", op->name);
  if (op->shadow) return;                 /* sends nothing */
  if ((op->kind == OPK_EMITTED || op->kind == OPK_UNION) && op->in.n) {
    for (int i = 0; i < op->in.n; i++) ways_of(p, op->in.v[i], op->in.v[i]->name, seen, ways);
    return;
  }
  if (op->kind != OPK_SEQ && op->kind != OPK_GROUP && op->in.n) {
    ways_of(p, op->in.v[0], by, seen, ways);
    seen[op->in.v[0]->id] = false;        /* another rule may come from there, too */
    return;
  }
  if (op->kind == OPK_SEQ) text = wait_text(p, p->seqs.v[op->seq].stage);
  if (op->kind == OPK_GROUP) text = wait_text(p, op->stage);
  Way way = { by, text };
  vec_push(p->c->arena, ways, way);
}

static bool all_the_same(const Ways *ways)
{
  for (int i = 1; i < ways->n; i++)
    if (strcmp(ways->v[i].text, ways->v[0].text) != 0) return false;
  return true;
}

static void explain_wait(const Plan *p, const PlanOp *sink, FILE *f)
{
  Ways ways = { 0 };
  ways_of(p, sink, sink->name, arena_alloc(p->c->arena, (size_t)p->ids + 1), &ways);
  if (all_the_same(&ways) && ways.n) fprintf(f, "      wait: %s\n", ways.v[0].text);
  for (int i = 0; i < ways.n && !all_the_same(&ways); i++)
    fprintf(f, "      wait of %s: %s\n", ways.v[i].by, ways.v[i].text);
}

/* ---- what is promised ---- */

typedef enum Level { EXACT, REPLAYABLE, BEST_EFFORT } Level;
typedef struct Trait { Level level; const char *why; bool *seen; } Trait;

static void lowered(Trait *t, Level to, const char *why)
{
  if (to <= t->level) return;
  t->level = to;
  t->why = why;
}

static bool sends_to(const PlanOp *source, int feed)
{
  for (int i = 0; i < source->checks.n; i++)
    if (source->checks.v[i].set < 0 && source->checks.v[i].dest == feed) return true;
  return source->bad == feed || source->late == feed;
}

static void trait_of(const Plan *p, const PlanOp *op, Trait *t);

/* Whose rows a feed takes: its sources'; of `errors to`, those of every step. */
static void trait_of_feed(const Plan *p, const PlanOp *feed, Trait *t)
{
  for (int i = 0; i < p->sources.n; i++)
    if (sends_to(p->sources.v[i], feed->feed)) trait_of(p, p->sources.v[i], t);
  for (int i = 0; p->errors == feed->feed && i < p->ops.n; i++)
    if (p->ops.v[i]->kind != OPK_FEED) trait_of(p, p->ops.v[i], t);
}

static void trait_of_states(const Plan *p, const PlanOp *op, Trait *t)
{
  bool *reads = arena_alloc(p->c->arena, (size_t)p->stores.n + 1);
  plan_states_of(op, reads);
  for (int i = 0; i < p->stores.n; i++)
    for (int k = 0; reads[i] && k < p->stores.v[i].updates.n; k++) trait_of(p, p->stores.v[i].updates.v[k], t);
}

static void trait_of(const Plan *p, const PlanOp *op, Trait *t)
{
  if (t->seen[op->id]) return;
  t->seen[op->id] = true;
  if (op->kind == OPK_GROUP && op->processing) lowered(t, BEST_EFFORT, S(p, "%s goes by processing time", op->name));
  if (op->arrival) lowered(t, BEST_EFFORT, S(p, "order arrival of %s", op->name));
  if (op->kind == OPK_SOURCE) {
    bool idle = explain_time(op, TIME_IDLE), quiet = explain_time(op, TIME_QUIET);
    if (idle || quiet) lowered(t, REPLAYABLE, S(p, "source %s may go %s", op->name, idle ? "idle" : "quiet"));
  }
  if (op->kind == OPK_LOOKUP && !plan_table_fixed(&p->tables.v[op->table]))
    lowered(t, REPLAYABLE, S(p, "table %s may change", p->tables.v[op->table].decl->name.name));
  if (op->kind == OPK_FEED) trait_of_feed(p, op, t);
  trait_of_states(p, op, t);
  for (int i = 0; i < op->in.n; i++) trait_of(p, op->in.v[i], t);
}

void explain_sinks(const Plan *p, FILE *f)
{
  static const char *const levels[] = { "exact", "replayable", "best-effort" };
  fprintf(f, "\nSinks\n");
  for (int i = 0; i < p->sinks.n; i++) {
    const PlanOp *op = p->sinks.v[i];
    Trait t = { EXACT, NULL, arena_alloc(p->c->arena, (size_t)p->ids + 1) };
    trait_of(p, op, &t);
    fprintf(f, "  %s: append-only, %s", op->name, levels[t.level]);
    if (t.why) fprintf(f, " (%s)", t.why);
    fprintf(f, "\n");
    explain_wait(p, op, f);
  }
}

/* ---- where rows can be lost ---- */

static bool reaches(const PlanOp *op, const PlanOp *to)
{
  if (op == to) return true;
  for (int i = 0; i < op->out.n; i++)
    if ((op->out.v[i] == to || op->out.v[i]->kind != OPK_GROUP) && op->out.v[i]->kind != OPK_SEQ &&
        reaches(op->out.v[i], to))
      return true;
  return false;
}

static bool judges(const PlanOp *op, const PlanOp *source)
{
  return (op->kind == OPK_LATE || (op->kind == OPK_GROUP && !op->processing)) && reaches(source, op);
}

/* Who finds out whether a row of the source is late; each name once. */
static const char *judges_text(const Plan *p, const PlanOp *source)
{
  const char *text = "";
  for (int i = 0; i < p->ops.n; i++) {
    const PlanOp *op = p->ops.v[i];
    bool said = !judges(op, source);
    for (int k = 0; k < i && !said; k++) said = strcmp(p->ops.v[k]->name, op->name) == 0 && judges(p->ops.v[k], source);
    if (!said) text = S(p, "%s%s %s", text, *text ? "," : "", op->name);
  }
  return text;
}

static void source_losses(const Plan *p, const PlanOp *op, FILE *f)
{
  const char *by = judges_text(p, op);
  fprintf(f, "  bad rows of %s: %s\n", op->name, explain_dest(p, op->bad));
  if (*by) fprintf(f, "  rows of %s that are late for%s: %s\n", op->name, by, explain_dest(p, op->late));
}

static void lookup_losses(const Plan *p, const PlanOp *op, FILE *f)
{
  if (op->kind == OPK_TABLE) fprintf(f, "  bad records of table %s: %s\n", op->name, explain_dest(p, op->bad));
  if (op->kind == OPK_LOOKUP && op->join == JOIN_INNER && !op->quiet)
    fprintf(f, "  rows of %s without a match in %s: dropped, counted\n", op->name,
            p->tables.v[op->table].decl->name.name);
}

void explain_losses(const Plan *p, FILE *f)
{
  fprintf(f, "\nRows that do not arrive\n");
  for (int i = 0; i < p->sources.n; i++) source_losses(p, p->sources.v[i], f);
  for (int i = 0; i < p->ops.n; i++) lookup_losses(p, p->ops.v[i], f);
  for (int i = 0; i < p->rules.n; i++) {
    const PlanOp *op = p->rules.v[i];
    if (op->shadow) fprintf(f, "  what rule %s would emit: it is in shadow, counted\n", op->name);
    else if (op->limit >= 0) fprintf(f, "  firings of rule %s over its limit: held back, counted\n", op->name);
  }
  fprintf(f, "  rows whose evaluation fails: %s\n",
          p->errors >= 0 ? explain_dest(p, p->errors) : "counted and left out (errors to s would keep them)");
}
