/* plan_stage.c -- stages: groupings and sequencers, which move with a watermark of their own.
 *
 * A stage's watermark is the least of those that feed it: sources, and stages whose rows reach it. Stages
 * are numbered in topological order, so that one pass over them moves every watermark.
 */
#include "plan.h"

enum { VISITING = -2 };

static void add_up(Plan *p, PlanStage *s, int who)
{
  for (int i = 0; i < s->up.n; i++)
    if (s->up.v[i] == who) return;
  vec_push(p->c->arena, &s->up, who);
}

static int stage_of(Plan *p, PlanOp *op);

static void collect_up(Plan *p, const PlanOp *op, PlanStage *s)
{
  for (int i = 0; i < op->in.n; i++) {
    PlanOp *in = op->in.v[i];
    if (in->kind == OPK_SEQ && p->seqs.v[in->seq].stage == VISITING) continue;   /* its own rows come back */
    if (in->kind == OPK_SOURCE) add_up(p, s, in->index);
    else if (in->kind == OPK_GROUP || in->kind == OPK_SEQ) add_up(p, s, ~stage_of(p, in));
    else collect_up(p, in, s);
  }
}

static int seq_stage(Plan *p, int seq)
{
  if (p->seqs.v[seq].stage >= 0) return p->seqs.v[seq].stage;
  p->seqs.v[seq].stage = VISITING;
  PlanStage s = { .name = p->seqs.v[seq].name, .seq = true, .index = seq };
  for (int i = 0; i < p->seqs.v[seq].lanes.n; i++) collect_up(p, p->seqs.v[seq].lanes.v[i], &s);
  vec_push(p->c->arena, &p->stages, s);
  return p->seqs.v[seq].stage = p->stages.n - 1;
}

static int stage_of(Plan *p, PlanOp *op)
{
  if (op->kind == OPK_SEQ) return seq_stage(p, op->seq);
  if (op->stage >= 0) return op->stage;
  PlanStage s = { .name = op->name, .index = op->index };
  collect_up(p, op, &s);
  vec_push(p->c->arena, &p->stages, s);
  return op->stage = p->stages.n - 1;
}

void plan_stages(Plan *p)
{
  for (int i = 0; i < p->seqs.n; i++) p->seqs.v[i].stage = -1;
  for (int i = 0; i < p->groups.n; i++) p->groups.v[i]->stage = -1;
  for (int i = 0; i < p->ops.n; i++)
    if (p->ops.v[i]->kind == OPK_GROUP || p->ops.v[i]->kind == OPK_SEQ) stage_of(p, p->ops.v[i]);
}

static bool fed_by(const PlanOp *op, int seq)
{
  for (int i = 0; i < op->in.n; i++) {
    const PlanOp *in = op->in.v[i];
    if (in->kind == OPK_SEQ ? in->seq == seq : fed_by(in, seq)) return true;
  }
  return false;
}

/* Do rows that the sequencer handed on come back to it? */
bool plan_comes_back(const Plan *p, int seq)
{
  for (int i = 0; i < p->seqs.v[seq].lanes.n; i++)
    if (fed_by(p->seqs.v[seq].lanes.v[i], seq)) return true;
  return false;
}

/* The stage whose sequencer the operator stands behind, -1: none (`order arrival`). */
int plan_behind(const Plan *p, const PlanOp *op)
{
  while (op->kind != OPK_SEQ && op->kind != OPK_GROUP && op->in.n == 1) op = op->in.v[0];
  return op->kind == OPK_SEQ ? p->seqs.v[op->seq].stage : op->kind == OPK_GROUP ? op->stage : -1;
}
