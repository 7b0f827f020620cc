/* plan_stage.c -- stages: groupings and sequencers, which move with a watermark of their own.
 *
 * A stage's watermark is the least of those that feed it: sources, and stages whose rows reach it. Stages
 * are numbered in topological order, so that one pass over them moves every watermark.
 */
#include "plan.h"

static void add_up(Plan *p, PlanStage *s, int who)
{
  for (int i = 0; i < s->up.n; i++)
    if (s->up.v[i] == who) return;
  vec_push(p->c->arena, &s->up, who);
}

static void collect_up(Plan *p, const PlanOp *op, PlanStage *s)
{
  for (int i = 0; i < op->in.n; i++) {
    const PlanOp *in = op->in.v[i];
    if (in->kind == OPK_SOURCE) add_up(p, s, in->index);
    else if (in->kind == OPK_GROUP) add_up(p, s, ~in->stage);
    else collect_up(p, in, s);
  }
}

void plan_stages(Plan *p)
{
  for (int i = 0; i < p->ops.n; i++) {
    PlanOp *op = p->ops.v[i];
    if (op->kind != OPK_GROUP) continue;
    PlanStage s = { .name = op->name, .index = op->index };
    collect_up(p, op, &s);
    op->stage = p->stages.n;
    vec_push(p->c->arena, &p->stages, s);
  }
}
