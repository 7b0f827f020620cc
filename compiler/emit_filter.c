/* emit_filter.c -- the filter that a source's decoder runs: the WHERE's function, called for a row of
 * which only the early columns are there.
 */
#include "emit.h"

static void emit_early(Emit *e, const PlanOp *source)
{
  const char *text = "";
  for (int i = 0; i < source->schema.n; i++)
    if (source->col_at[i] >= 0) text = S(e, "%s%d, ", text, source->early[i]);
  cunit_line(e->u, "static const wr_u8 op%d_early[] = { %s0 };", source->id, text);
}

static void emit_columns(Emit *e, const PlanOp *source, const Pipeline *pipe)
{
  const PlanPort *port = &e->p->ports.v[pipe->port];
  cunit_line(e->u, "p%d_in in;", pipe->id);
  for (int i = 0; i < source->schema.n; i++) {
    int at = source->col_at[i];
    if (at < 0 || !source->early[i]) continue;
    const char *name = cunit_ident(e->u, "c", at, port->names.v[at]);
    cunit_line(e->u, "in.%s = b->col[%d].v;", name, at);
    if (port->cols.v[at]->nullable) cunit_line(e->u, "in.n%s = b->col[%d].st;", name + 1, at);
  }
}

void emit_filter(Emit *e, const Pipeline *pipe)
{
  const PlanOp *source = pipe->head;
  if (source->kind != OPK_SOURCE || !source->filter) return;
  emit_early(e, source);
  cunit_open(e->u, "static wr_i32 op%d_filter(wr_ctx *ctx, wr_batch *b, wr_i32 r)", source->id);
  emit_columns(e, source, pipe);
  cunit_line(e->u, "return op%d_where(ctx, &in, b, r, 0);", source->filter->id);
  cunit_close(e->u, "");
  cunit_line(e->u, "%s", "");
}
