/* plan_dump.c -- -d plan and -d fused, and what `weir explain` says. */
#include <string.h>
#include "plan.h"

const OpRow op_rows[] = {
#define OPERATOR(id, name, port, starts) { name, port, starts },
#include "operators.def"
#undef OPERATOR
};

const Schema *plan_input(const PlanOp *op)
{
  if (!op->in.n) return NULL;
  const PlanOp *in = op->in.v[0];
  while (in->kind == OPK_KEY) in = in->in.v[0];
  return &in->schema;
}

static void dump_exprs(const Plan *p, const PlanOp *op, FILE *f)
{
  for (int i = 0; i < op->exprs.n; i++) {
    const char *name = op->kind == OPK_SELECT || op->kind == OPK_GROUP ? op->schema.v[i].name : NULL;
    if (op->kind == OPK_SINK) return;
    if (name && op->schema.v[i].hidden) continue;
    fprintf(f, "%s%s%s%s", i ? ", " : " ", name ? name : "", name ? ": " : "",
            px_text((Plan *)p, op->exprs.v[i], plan_input(op)));
  }
}

static void dump_aggs(const Plan *p, const PlanOp *op, FILE *f)
{
  for (int i = 0; i < op->aggs.n; i++) {
    const PlanAgg *g = &op->aggs.v[i];
    fprintf(f, "\n        %s: %s(", op->schema.v[op->exprs.n + 2 + i].name, g->row->name);
    for (int k = 0; k < 2 && g->arg[k]; k++)
      fprintf(f, "%s%s", k ? ", " : "", px_text((Plan *)p, g->arg[k], plan_input(op)));
    fprintf(f, ")");
  }
}

static const char *read_when(const PlanOp *source, int col)
{
  if (!source->schema.v[col].needed) return "skip";
  return !source->filter ? "read" : source->early[col] ? "read first" : "read if it passes";
}

static void dump_op(const Plan *p, const PlanOp *op, FILE *f, bool fused)
{
  fprintf(f, "[%d] %s", op->id, op_rows[op->kind].name);
  if (op->kind == OPK_SOURCE || op->kind == OPK_SINK || op->kind == OPK_FEED || op->kind == OPK_UNION)
    fprintf(f, " %s", op->name);
  for (int i = 0; i < op->in.n; i++) fprintf(f, "%s[%d]", i ? ", " : " <- ", op->in.v[i]->id);
  if (op->kind == OPK_SAMPLE) fprintf(f, " %g%%", op->share * 100);
  if (op->exprs.n && op->kind != OPK_SINK) fprintf(f, " |");
  dump_exprs(p, op, f);
  if (op->kind == OPK_GROUP) {
    fprintf(f, " over %s%s", op->window->row->name, op->processing ? " of processing time" : "");
    dump_aggs(p, op, f);
  }
  if (plan_pushed(op)) fprintf(f, " (in the decoder)");
  if (fused && op->port >= 0) fprintf(f, " (port %d)", op->port);
  fprintf(f, "\n");
  if (op->kind != OPK_SOURCE) return;
  for (int i = 0; i < op->schema.n; i++)
    if (fused)
      fprintf(f, "      %s %s: %s\n", read_when(op, i), op->schema.v[i].name,
              type_text(p->c, op->schema.v[i].type));
}

void plan_dump(const Plan *p, FILE *f, bool fused)
{
  for (int i = 0; i < p->ops.n; i++) dump_op(p, p->ops.v[i], f, fused);
  for (int i = 0; fused && i < p->pipelines.n; i++) {
    const Pipeline *q = &p->pipelines.v[i];
    fprintf(f, "pipeline %d: [%d] %s %s", q->id, q->head->id, op_rows[q->head->kind].name, q->head->name);
    for (int k = 0; k < q->ops.n; k++) fprintf(f, " -> [%d] %s", q->ops.v[k]->id, op_rows[q->ops.v[k]->kind].name);
    fprintf(f, "\n");
  }
}
