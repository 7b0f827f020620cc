/* plan_dump.c -- -d plan and -d fused, and what `weir explain` says. */
#include <string.h>
#include "plan.h"

const OpRow op_rows[] = {
#define OPERATOR(id, name, port, starts) { name, port, starts },
#include "operators.def"
#undef OPERATOR
};

const PExpr *plan_span(const PlanOp *op)
{
  while (op->same) op = op->same;         /* copies leave the configuration to the first */
  return op->config.n > WR_KCFG_SPAN ? op->config.v[WR_KCFG_SPAN] : NULL;
}

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

static const char *shown(const Plan *p, const PExpr *x, const PlanOp *op)
{
  return px_text((Plan *)p, x, plan_input(op));
}

static void dump_state(const Plan *p, const PlanOp *op, FILE *f)
{
  const PlanStore *s = &p->stores.v[op->store];
  fprintf(f, " %s%s%s {", op->name, op->exprs.n ? " where " : "", op->exprs.n ? shown(p, op->exprs.v[0], op) : "");
  for (int i = 0; i < op->assigns.n; i++) {
    const PlanAssign *a = &op->assigns.v[i];
    fprintf(f, "%s %s = %s", i ? "," : "", s->cells.v[a->cell].name, shown(p, a->value, op));
  }
  fprintf(f, " }");
}

static void dump_rule(const Plan *p, const PlanOp *op, FILE *f)
{
  fprintf(f, " %s when %s", op->name, shown(p, op->exprs.v[0], op));
  for (int i = 0; i < op->emits.n; i++) {
    const PlanEmit *x = &op->emits.v[i];
    fprintf(f, "\n        emit [%d] {", x->to->id);
    for (int k = 0; k < x->exprs.n; k++) fprintf(f, "%s %s", k ? "," : "", shown(p, x->exprs.v[k], op));
    fprintf(f, " }");
  }
  if (op->limit >= 0) fprintf(f, "\n        limit %s per", shown(p, op->limit_n, op));
  for (int i = 0; op->limit >= 0 && i < op->limit_key.n; i++)
    fprintf(f, "%s %s", i ? "," : "", shown(p, op->limit_key.v[i], op));
  if (op->limit >= 0) fprintf(f, " every %s", shown(p, plan_span(op), op));
  if (op->shadow) fprintf(f, "\n        in shadow");
}

static void dump_window(const Plan *p, const PlanOp *op, FILE *f)
{
  if (op->exprs.n) fprintf(f, " |");
  dump_exprs(p, op, f);
  fprintf(f, " over %s%s", op->window->row->name, op->processing ? " of processing time" : "");
  dump_aggs(p, op, f);
}

/* What the operator does, behind its name and inputs. */
static void dump_what(const Plan *p, const PlanOp *op, FILE *f)
{
  switch (op->kind) {
  case OPK_SAMPLE: fprintf(f, " %g%%", op->share * 100); break;
  case OPK_GROUP: case OPK_SLIDING: dump_window(p, op, f); return;
  case OPK_STATE: dump_state(p, op, f); return;
  case OPK_RULE: dump_rule(p, op, f); return;
  case OPK_SEQ: fprintf(f, " | lane %d of sequencer %d", op->lane, op->seq); return;
  case OPK_SINK: return;
  case OPK_PEEK: fprintf(f, " %s", p->stores.v[op->store].decl->name.name); break;
  case OPK_SOURCE: case OPK_TABLE: case OPK_LOOKUP: case OPK_FEED: case OPK_WHERE: case OPK_SELECT: case OPK_UNNEST:
  case OPK_UNION: case OPK_KEY: case OPK_EMITTED: case OPK_LATE: break;
  }
  if (op->exprs.n) fprintf(f, " |");
  dump_exprs(p, op, f);
}

static bool named(const PlanOp *op)
{
  return op->kind == OPK_SOURCE || op->kind == OPK_TABLE || op->kind == OPK_SINK || op->kind == OPK_FEED ||
         op->kind == OPK_UNION || op->kind == OPK_LATE || op->kind == OPK_EMITTED;
}

static void dump_op(const Plan *p, const PlanOp *op, FILE *f, bool fused)
{
  fprintf(f, "[%d] %s", op->id, op_rows[op->kind].name);
  if (named(op)) fprintf(f, " %s", op->name);
  if (op->kind == OPK_LOOKUP) fprintf(f, " in [%d]", p->tables.v[op->table].op->id);
  for (int i = 0; i < op->in.n; i++) fprintf(f, "%s[%d]", i ? ", " : " <- ", op->in.v[i]->id);
  dump_what(p, op, f);
  if (op->arrival) fprintf(f, " (order arrival)");
  if (plan_pushed(op)) fprintf(f, " (in the decoder)");
  if (fused && op->port >= 0) fprintf(f, " (port %d)", op->port);
  fprintf(f, "\n");
  if (op->kind != OPK_SOURCE && op->kind != OPK_TABLE) return;
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
