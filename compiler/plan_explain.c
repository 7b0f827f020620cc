/* plan_explain.c -- `weir explain`: what runs, what is read, what is kept and what it costs. */
#include <string.h>
#include "explain.h"
#include "weir/agg.h"

const char *explain_dest(const Plan *p, int to)
{
  if (to == WR_DROP) return "dropped, counted";
  if (to == WR_FAIL) return "end the run";
  return arena_printf(p->c->arena, "go to %s", p->feeds.v[to].name);
}

const char *explain_span(const Plan *p, const PExpr *x)
{
  if (!x) return NULL;
  if (x->kind != PX_CONST) return px_text((Plan *)p, x, NULL);
  if (x->u.k.st) return NULL;
  int64_t us = x->u.k.u.i;
  static const struct {
    const char *unit;
    int64_t us;
  } units[] = { { "d", 86400000000 }, { "h", 3600000000 }, { "m", 60000000 },
                { "s", 1000000 },     { "ms", 1000 },      { "us", 1 } };
  static const char *const cal[] = { "", "day", "week", "month", "year" };
  if (x->u.k.len) return arena_printf(p->c->arena, "%lld%s", (long long)us, cal[x->u.k.len]);
  for (int i = 0; i < 6; i++)
    if (us && us % units[i].us == 0)
      return arena_printf(p->c->arena, "%lld%s", (long long)(us / units[i].us), units[i].unit);
  return "0s";
}

const PExpr *explain_time(const PlanOp *source, int which)
{
  const PExpr *x = source->config.v[source->config.n - TIME_N + which];
  return x && x->kind == PX_CONST && x->u.k.st ? NULL : x;
}

static void explain_filter(const Plan *p, const PlanOp *op, FILE *f)
{
  const char *text = px_text((Plan *)p, op->filter->exprs.v[0], &op->schema), *comma = "";
  fprintf(f, "      pushed down: the filter %s; it needs", text);
  for (int i = 0; i < op->schema.n; i++)
    if (op->schema.v[i].needed && op->early[i]) fprintf(f, "%s %s", comma, op->schema.v[i].name), comma = ",";
  fprintf(f, "; other fields are read only of rows that pass\n");
}

static void explain_source(const Plan *p, const PlanOp *op, FILE *f)
{
  Decl *d = op->decl;
  int read = 0;
  const char *delay = explain_span(p, explain_time(op, TIME_DELAY));
  for (int i = 0; i < op->schema.n; i++) read += op->schema.v[i].needed;
  fprintf(f, "[%d] source %s: %s%s%s\n", op->id, op->name, d->u.source.c.from.conn->name,
          d->u.source.c.format.given ? ", " : "", d->u.source.c.format.given ? d->u.source.c.format.fmt->name : "");
  fprintf(f, "      pushed down: %d of %d fields are decoded:", read, op->schema.n);
  for (int i = 0; i < op->schema.n; i++)
    if (op->schema.v[i].needed) fprintf(f, " %s", op->schema.v[i].name);
  fprintf(f, "\n");
  if (op->filter) explain_filter(p, op, f);
  if (op->time_col < 0) fprintf(f, "      no event time\n");
  else
    fprintf(f, "      event time %s, delay %s: results wait that long behind the newest row\n",
            op->schema.v[op->time_col].name, delay ? delay : "0s");
  for (int i = 0; i < op->checks.n; i++) {
    const PlanCheck *k = &op->checks.v[i];
    const char *text = px_text((Plan *)p, k->cond, &op->schema);
    if (k->set >= 0) fprintf(f, "      check %s, else %s is corrected\n", text, op->schema.v[k->set].name);
    else fprintf(f, "      check %s, else rows %s\n", text, explain_dest(p, k->dest));
  }
  fprintf(f, "      bad rows %s; late rows %s%s\n", explain_dest(p, op->bad), explain_dest(p, op->late),
          op->strict ? "; check strict" : "");
}

/* A word a column, two for texts; nulls are bits in front of a grouping's key (table.h), a word each
 * (`flags`) in the keys of ordered operators. */
int explain_key_bytes(PExpr *const *key, int n, bool flags, bool *texts)
{
  int bytes = 0, nulls = 0;
  for (int i = 0; i < n; i++) {
    const Type *t = key[i]->type;
    bool wide = (t->props & TP_TEXT) != 0;
    bytes += wide ? 16 : 8;
    nulls += t->nullable;
    *texts |= wide;
  }
  return bytes + (flags ? nulls * 8 : nulls ? (n + 63) / 64 * 8 : 0);
}

static void explain_group(const Plan *p, const PlanOp *op, FILE *f)
{
  bool strings = false, owned = false;
  int key = explain_key_bytes(op->exprs.v, op->exprs.n, false, &strings);
  const char *size = explain_span(p, op->config.v[WR_WCFG_SIZE]), *every = explain_span(p, op->config.v[WR_WCFG_EVERY]);
  fprintf(f, "[%d] group %s by", op->id, op->name);
  if (!op->exprs.n) fprintf(f, " nothing");
  for (int i = 0; i < op->exprs.n; i++) fprintf(f, "%s %s", i ? "," : "", op->schema.v[i].name);
  fprintf(f, " over %s %s%s%s%s\n", *op->window->row->name ? op->window->row->name : "their own windows",
          size ? size : "", every ? " every " : "", every ? every : "", op->processing ? " of processing time" : "");
  for (int i = 0; i < op->aggs.n; i++) {
    fprintf(f, "      %-18s %4u bytes%s\n", op->schema.v[op->exprs.n + 2 + i].name, op->aggs.v[i].row->agg->size,
            op->aggs.v[i].row->agg->drop ? " and what it collects" : "");
    owned |= op->aggs.v[i].row->agg->drop != NULL;
  }
  bool session = op->window->row->klass == WC_SESSION;
  int own = session ? WR_COST_SESSION + WR_COST_QUEUE : 0;
  fprintf(f, "      state %s: %d bytes per key and %s (key %d, aggregates %u, index %d%s)%s%s\n", op->name,
          key + (int)op->cell_size + WR_COST_INDEX + own, session ? "open session" : "open slice", key, op->cell_size,
          WR_COST_INDEX, session ? arena_printf(p->c->arena, ", session %d", own) : "",
          strings ? ", plus the text of keys over 12 bytes" : "", owned ? ", plus what aggregates collect" : "");
  if (op->window->row->klass == WC_SLICED && every)
    fprintf(f, "      overlapping windows share slices: a row is added once\n");
  fprintf(f, "      bounded by: a key's cell is freed when its window closes\n");
}

static void explain_rest(const Plan *p, const PlanOp *op, FILE *f)
{
  const Schema *s = op->in.n ? &op->in.v[0]->schema : NULL;
  fprintf(f, "[%d] %s", op->id, op_rows[op->kind].name);
  bool step = op->kind == OPK_WHERE || op->kind == OPK_SELECT || op->kind == OPK_SAMPLE || op->kind == OPK_UNNEST;
  if (!step) fprintf(f, " %s", op->name);
  for (int i = 0; i < op->in.n; i++) fprintf(f, "%s[%d]", i ? ", " : " <- ", op->in.v[i]->id);
  if (op->kind == OPK_WHERE || op->kind == OPK_UNNEST) fprintf(f, ": %s", px_text((Plan *)p, op->exprs.v[0], s));
  if (op->kind == OPK_SAMPLE)
    fprintf(f, ": %g%% by hash of the %s", op->share * 100, op->exprs.n ? "key" : "row's position");
  if (op->kind == OPK_SINK)
    fprintf(f, ": %s%s%s", op->decl->u.sink.to.conn->name, op->decl->u.sink.format.given ? ", " : "",
            op->decl->u.sink.format.given ? op->decl->u.sink.format.fmt->name : "");
  fprintf(f, "%s\n", op->shared ? " (shared)" : "");
}

static bool ordered(const PlanOp *op)
{
  return op->kind == OPK_KEY || op->kind == OPK_SLIDING || op->kind == OPK_RULE || op->kind == OPK_STATE;
}

void plan_explain(const Plan *p, FILE *f)
{
  fprintf(f, "%s: %d operators, %d pipelines\n\nOperators\n", p->file, p->ops.n, p->pipelines.n);
  for (int i = 0; i < p->ops.n; i++) {
    const PlanOp *op = p->ops.v[i];
    if (op->kind == OPK_SOURCE) explain_source(p, op, f);
    else if (op->kind == OPK_GROUP) explain_group(p, op, f);
    else if (op->kind == OPK_TABLE) explain_table(p, op, f);
    else if (op->kind == OPK_LOOKUP) explain_lookup(p, op, f);
    else if (op->kind == OPK_PEEK) explain_peek(p, op, f);
    else if (ordered(op)) explain_ordered(p, op, f);
    else explain_rest(p, op, f);
  }
  fprintf(f, "\nPipelines (one loop over the rows each)\n");
  for (int i = 0; i < p->pipelines.n; i++) {
    const Pipeline *q = &p->pipelines.v[i];
    fprintf(f, "  %d: [%d] %s %s", q->id, q->head->id, op_rows[q->head->kind].name, q->head->name);
    for (int k = 0; k < q->ops.n; k++) fprintf(f, " -> [%d] %s", q->ops.v[k]->id, op_rows[q->ops.v[k]->kind].name);
    fprintf(f, "\n");
  }
  if (p->notes.n) fprintf(f, "\nRewrites\n");
  for (int i = 0; i < p->notes.n; i++)
    fprintf(f, "  [%d] %s: %s\n", p->notes.v[i].op->id, op_rows[p->notes.v[i].op->kind].name, p->notes.v[i].text);
  explain_order(p, f);
  explain_sinks(p, f);
  explain_losses(p, f);
}
