/* emit_view.c -- operators that take a pipeline's batch as it stands, instead of a copy of its rows.
 *
 * When nothing between a pipeline's head and a port drops or computes anything, the port's columns
 * are columns of the batch: its reader is shown the batch with them (wr_view). A grouping is, unless
 * some row of the batch may be late; then its rows are added one by one, each judged as it comes.
 */
#include "emit.h"

/* The column of the head's port that column `col` of `op` is another name for, or -1. */
static int head_col(const PlanOp *op, const PlanOp *head, int col)
{
  for (; op != head; op = op->in.v[0]) {
    if (plan_pushed(op)) continue;
    if (!emit_does_nothing(op) || op->exprs.v[col]->kind != PX_COL) return -1;
    col = op->exprs.v[col]->u.col;
  }
  return head->col_at[col];
}

static int source_of(const PlanOp *op, const PlanOp *head, const PExpr *x)
{
  if (x->kind != PX_COL || x->fallible) return -1;
  return head_col(op->in.v[0], head, x->u.col);
}

/* Column `at` of the operator's port: the expression that fills it. */
static const PExpr *filled_by(const PlanOp *op, int at)
{
  if (op->kind == OPK_SINK || op->kind == OPK_SEQ) {
    for (int i = 0; i < op->schema.n; i++)
      if (op->col_at[i] == at) return op->exprs.v[i];
    return NULL;
  }
  if (at < op->exprs.n) return op->exprs.v[at];
  for (int i = 0; i < op->aggs.n; i++)
    for (int k = 0; k < 2; k++)
      if (op->aggs.v[i].col[k] == at) return op->aggs.v[i].arg[k];
  return NULL;
}

static int port_cols(const PlanOp *op)
{
  int n = op->kind == OPK_GROUP ? op->exprs.n : 0;
  for (int i = 0; op->kind != OPK_GROUP && i < op->schema.n; i++)
    if (op->col_at[i] >= n) n = op->col_at[i] + 1;
  for (int i = 0; i < op->aggs.n; i++)
    for (int k = 0; k < 2; k++)
      if (op->aggs.v[i].col[k] >= n) n = op->aggs.v[i].col[k] + 1;
  return n;
}

static bool starts_plain(const PlanOp *head)
{
  switch (head->kind) {
  case OPK_SOURCE: return head->checks.n == 0;
  case OPK_GROUP: case OPK_UNION: case OPK_EMITTED: case OPK_SEQ: return true;
  case OPK_TABLE: case OPK_LOOKUP: case OPK_PEEK:
  case OPK_FEED: case OPK_UNNEST: case OPK_WHERE: case OPK_SELECT: case OPK_SAMPLE: case OPK_SINK: case OPK_KEY:
  case OPK_SLIDING: case OPK_RULE: case OPK_STATE: case OPK_LATE: return false;
  }
  return false;
}

bool emit_viewed(const PlanOp *op, const Pipeline *pipe)
{
  if ((op->kind != OPK_GROUP && op->kind != OPK_SINK && op->kind != OPK_SEQ) || !starts_plain(pipe->head)) return false;
  for (const PlanOp *in = op->in.v[0]; in != pipe->head; in = in->in.v[0])
    if (!emit_does_nothing(in)) return false;
  for (int i = port_cols(op) - 1; i >= 0; i--) {
    const PExpr *x = filled_by(op, i);
    if (!x || source_of(op, pipe->head, x) < 0) return false;
  }
  return true;
}

static void emit_columns(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  const char *text = "";
  for (int i = 0, n = port_cols(op); i < n; i++)
    text = S(e, "%s%d, ", text, source_of(op, pipe->head, filled_by(op, i)));
  cunit_line(e->u, "static const wr_i32 col[] = { %s-1 };", text);
}

bool emit_judged(const PlanOp *op) { return (op->kind == OPK_GROUP && !op->processing) || op->kind == OPK_SEQ; }

static void emit_judging(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  cunit_open(e->u, "static void op%d_take(wr_ctx *ctx, const p%d_in *in, wr_batch *b)", op->id, pipe->id);
  emit_columns(e, op, pipe);
  cunit_line(e->u, "wr_batch *const v = wr_view(ctx, %d, b, col);", op->port);
  cunit_open(e->u, "if (wr_in_time(v))");
  cunit_line(e->u, "op%d_run(ctx, v);", op->id);
  cunit_line(e->u, "return;");
  cunit_close(e->u, "");
  cunit_line(e->u, "const wr_i32 cut = ctx->cut;");
  cunit_line(e->u, "p%d_row w;", pipe->id);
  cunit_line(e->u, "for (wr_i32 r = 0; r < v->n && ctx->cut == cut; r++) op%d_%s(ctx, in, b, r, &w);", op->id,
             op->kind == OPK_SEQ ? "put" : "add");
  cunit_line(e->u, "if (ctx->cut != cut) wr_cut(ctx);");
  cunit_line(e->u, "wr_flush(ctx, %d);", op->port);
}

void emit_view(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  if (emit_judged(op)) {
    emit_judging(e, op, pipe);
  } else {
    cunit_open(e->u, "static void op%d_take(wr_ctx *ctx, wr_batch *b)", op->id);
    emit_columns(e, op, pipe);
    cunit_line(e->u, "op%d_run(ctx, wr_view(ctx, %d, b, col));", op->id, op->port);
  }
  cunit_close(e->u, "");
  cunit_line(e->u, "%s", "");
}
