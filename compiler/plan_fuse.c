/* plan_fuse.c -- cuts the plan into pipelines and gives every boundary its port.
 *
 * A pipeline is a row loop over the rows of a source, a stream of errors, a union, an unnested list or
 * a grouping's closed windows; wheres, selects and samples are fused into it. Rows cross a boundary as
 * a batch in a port; a port has only the columns that somebody behind it needs.
 */
#include <string.h>
#include "plan.h"

/* ---- which columns are needed: from the sinks up ---- */

static void need(void *schema, int col) { ((Schema *)schema)->v[col].needed = true; }

static void need_expr(const PExpr *x, PlanOp *in) { px_columns(x, need, &in->schema); }

static void need_source(PlanOp *op)
{
  for (int i = 0; i < op->checks.n; i++) {
    PlanCheck *k = &op->checks.v[i];
    need_expr(k->cond, op);
    if (k->set >= 0) { op->schema.v[k->set].needed = true; need_expr(k->value, op); }
  }
  if (op->time_col >= 0) op->schema.v[op->time_col].needed = true;
  for (int i = 0; op->late >= 0 && i < op->schema.n; i++) op->schema.v[i].needed = true;   /* late rows go whole */
}

static void need_sliding(PlanOp *op, PlanOp *in)
{
  for (int i = 0; i < op->exprs.n; i++)
    if (op->schema.v[i].needed || op->exprs.v[i]->fallible) need_expr(op->exprs.v[i], in);
  for (int i = 0; i < op->aggs.n; i++)
    for (int k = 0; k < 2; k++)
      if (op->aggs.v[i].arg[k]) need_expr(op->aggs.v[i].arg[k], in);
}

static void need_rule(PlanOp *op, PlanOp *in)
{
  for (int i = 0; i < op->exprs.n; i++) need_expr(op->exprs.v[i], in);
  for (int i = 0; i < op->limit_key.n; i++) need_expr(op->limit_key.v[i], in);
  for (int i = 0; i < op->emits.n; i++) {
    const PlanEmit *e = &op->emits.v[i];
    for (int k = 0; k < e->exprs.n; k++)
      if (e->to->schema.v[k].needed || e->exprs.v[k]->fallible) need_expr(e->exprs.v[k], in);
  }
}

static void need_inputs(Plan *p, PlanOp *op)
{
  PlanOp *in = op->in.n ? op->in.v[0] : NULL;
  switch (op->kind) {
  case OPK_SOURCE: case OPK_TABLE: need_source(op); return;
  case OPK_LOOKUP: case OPK_PEEK: plan_need_lookup(p, op); return;
  case OPK_FEED: return;
  case OPK_WHERE: case OPK_SAMPLE:
    for (int i = 0; i < op->schema.n; i++)
      if (op->schema.v[i].needed) in->schema.v[i].needed = true;
    for (int i = 0; i < op->exprs.n; i++) need_expr(op->exprs.v[i], in);
    return;
  case OPK_SELECT:
    for (int i = 0; i < op->exprs.n; i++)
      if (op->schema.v[i].needed || op->exprs.v[i]->fallible) need_expr(op->exprs.v[i], in);
    return;
  case OPK_UNNEST:
    for (int i = 0; i < in->schema.n; i++)
      if (op->schema.v[i].needed) in->schema.v[i].needed = true;
    need_expr(op->exprs.v[0], in);
    return;
  case OPK_UNION:
    for (int k = 0; k < op->in.n; k++)
      for (int i = 0; i < op->schema.n; i++)
        if (op->schema.v[i].needed) op->in.v[k]->schema.v[i].needed = true;
    return;
  case OPK_GROUP:
    for (int i = 0; i < op->exprs.n; i++) need_expr(op->exprs.v[i], in);
    for (int i = 0; i < op->aggs.n; i++)
      for (int k = 0; k < 2; k++)
        if (op->aggs.v[i].arg[k]) need_expr(op->aggs.v[i].arg[k], in);
    return;
  case OPK_SINK:
    for (int i = 0; i < op->exprs.n; i++) need_expr(op->exprs.v[i], in);
    return;
  case OPK_SEQ:
    for (int i = 0; i < op->schema.n; i++)
      if (op->schema.v[i].needed) in->schema.v[i].needed = true;
    return;
  case OPK_KEY:
    for (int i = 0; i < op->schema.n; i++)
      if (op->schema.v[i].needed) in->schema.v[i].needed = true;
    for (int i = 0; i < op->exprs.n; i++) need_expr(op->exprs.v[i], in);
    return;
  case OPK_SLIDING: need_sliding(op, in); return;
  case OPK_RULE: need_rule(op, in); return;
  case OPK_STATE:
    for (int i = 0; i < op->exprs.n; i++) need_expr(op->exprs.v[i], in);
    for (int i = 0; i < op->assigns.n; i++) need_expr(op->assigns.v[i].value, in);
    return;
  case OPK_EMITTED: case OPK_LATE: return;
  }
}

/* ---- ports ---- */

static int new_port(Plan *p, PlanOp *op, int writers)
{
  PlanPort port = { .name = op->name, .op = op, .writers = writers };
  vec_push(p->c->arena, &p->ports, port);
  return p->ports.n - 1;
}

static int port_col(Plan *p, int port, Type *t, const char *name)
{
  PlanPort *q = &p->ports.v[port];
  vec_push(p->c->arena, &q->cols, t);
  vec_push(p->c->arena, &q->names, name);
  return q->cols.n - 1;
}

/* A port with a column for every needed one of the schema's first n. */
static int schema_port(Plan *p, PlanOp *op, int n, int writers, bool all)
{
  int port = new_port(p, op, writers);
  op->col_at = arena_alloc(p->c->arena, ((size_t)op->schema.n + 1) * sizeof *op->col_at);
  for (int i = 0; i < op->schema.n; i++) {
    PCol *c = &op->schema.v[i];
    op->col_at[i] = i < n && (all || c->needed) ? port_col(p, port, c->type, c->name) : -1;
  }
  return port;
}

static int arg_col(Plan *p, PlanOp *op, int agg, int k)
{
  PExpr *x = op->aggs.v[agg].arg[k];
  if (!x) return -1;
  for (int i = 0; i < op->exprs.n; i++)
    if (px_same(op->exprs.v[i], x)) return i;
  for (int i = 0; i <= agg; i++)
    for (int j = 0; j < (i == agg ? k : 2); j++)
      if (op->aggs.v[i].arg[j] && px_same(op->aggs.v[i].arg[j], x)) return op->aggs.v[i].col[j];
  return port_col(p, op->port, x->type, arena_printf(p->c->arena, "arg%d", agg + 1));
}

static void group_ports(Plan *p, PlanOp *op)
{
  op->port = new_port(p, op, 1);
  for (int i = 0; i < op->exprs.n; i++) port_col(p, op->port, op->exprs.v[i]->type, op->schema.v[i].name);
  for (int i = 0; i < op->aggs.n; i++)
    for (int k = 0; k < 2; k++) op->aggs.v[i].col[k] = arg_col(p, op, i, k);
  op->out_port = schema_port(p, op, op->schema.n, 0, true);
}

/* The columns of a window's events: each argument once. */
static void sliding_args(Plan *p, PlanOp *op)
{
  for (int i = 0; i < op->aggs.n; i++)
    for (int k = 0; k < 2; k++) {
      PExpr *x = op->aggs.v[i].arg[k];
      int at = 0;
      if (!x) continue;
      while (at < op->args.n && !px_same(op->args.v[at], x)) at++;
      if (at == op->args.n) vec_push(p->c->arena, &op->args, x);
      op->aggs.v[i].col[k] = at;
    }
}

static void give_ports(Plan *p, PlanOp *op)
{
  switch (op->kind) {
  case OPK_SOURCE: op->out_port = schema_port(p, op, op->schema.n, 0, false); return;
  case OPK_TABLE:
    op->out_port = schema_port(p, op, op->schema.n, 0, false);
    plan_lay_out_table(p, &p->tables.v[op->table]);
    return;
  case OPK_FEED:
    op->out_port = schema_port(p, op, op->schema.n, 0, true);
    p->feeds.v[op->feed].port = op->out_port;
    return;
  case OPK_UNION: op->port = op->out_port = schema_port(p, op, op->schema.n, op->in.n, false); return;
  case OPK_UNNEST:
    op->port = op->out_port = schema_port(p, op, op->in.v[0]->schema.n, 1, false);
    port_col(p, op->port, op->exprs.v[0]->type, "list");
    return;
  case OPK_GROUP: group_ports(p, op); return;
  case OPK_SINK: op->port = schema_port(p, op, op->schema.n, 1, true); return;
  case OPK_SEQ:
    op->port = schema_port(p, op, op->schema.n, 1, false);
    op->out_port = schema_port(p, op, op->schema.n, 0, false);
    return;
  case OPK_EMITTED: op->port = op->out_port = schema_port(p, op, op->schema.n, 2, false); return;
  case OPK_SLIDING: sliding_args(p, op); return;
  case OPK_WHERE: case OPK_SELECT: case OPK_SAMPLE: case OPK_LOOKUP: case OPK_KEY: case OPK_PEEK:
  case OPK_RULE: case OPK_STATE:
  case OPK_LATE: return;
  }
}

/* ---- pipelines ---- */

static void fuse_into(Plan *p, Pipeline *pipe, PlanOp *op)
{
  for (int i = 0; i < op->out.n; i++) {
    PlanOp *next = op->out.v[i];
    next->pipeline = pipe->id;
    vec_push(p->c->arena, &pipe->ops, next);
    if (!op_rows[next->kind].port) fuse_into(p, pipe, next);
  }
}

void plan_prune(Plan *p)
{
  for (int i = 0; i < p->sinks.n; i++)
    for (int k = 0; k < p->sinks.v[i]->schema.n; k++) p->sinks.v[i]->schema.v[k].needed = true;
  for (int i = p->ops.n - 1; i >= 0; i--) need_inputs(p, p->ops.v[i]);
}

void plan_fuse(Plan *p)
{
  for (int i = 0; i < p->ops.n; i++) {
    PlanOp *op = p->ops.v[i];
    if (op->kind == OPK_GROUP) { op->index = p->groups.n; vec_push(p->c->arena, &p->groups, op); }
    if (op->kind == OPK_SLIDING && !op->same) { op->index = p->slidings.n; vec_push(p->c->arena, &p->slidings, op); }
    give_ports(p, op);
  }
  for (int i = 0; i < p->ops.n; i++)
    if (p->ops.v[i]->kind == OPK_SLIDING && p->ops.v[i]->same) p->ops.v[i]->index = p->ops.v[i]->same->index;
  plan_stages(p);
  for (int i = 0; i < p->ops.n; i++) {
    PlanOp *op = p->ops.v[i];
    if (!op_rows[op->kind].starts) continue;
    Pipeline pipe = { .id = p->pipelines.n + 1, .head = op, .port = op->out_port };
    fuse_into(p, &pipe, op);
    vec_push(p->c->arena, &p->pipelines, pipe);
  }
}
