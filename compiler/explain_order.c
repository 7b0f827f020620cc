/* explain_order.c -- states, windows of events, limits and sequencers in `weir explain`: what they keep.
 *
 * Bytes are those of a table with many keys (weir/cost.h); what texts and lists point at is told, not counted.
 */
#include <string.h>
#include "check.h"
#include "explain.h"
#include "weir/agg.h"
#include "weir/cost.h"

#define S(p, ...) arena_printf((p)->c->arena, __VA_ARGS__)

static const char *shown(const Plan *p, const PExpr *x, const PlanOp *op)
{
  const char *t = px_text((Plan *)p, x, plan_input(op));
  size_t n = strlen(t);
  bool wrapped = n > 1 && t[0] == '(' && t[n - 1] == ')';     /* by one pair around it all */
  for (size_t i = 0, depth = 0; wrapped && i + 1 < n; i++) {
    depth += t[i] == '(', depth -= t[i] == ')';
    wrapped = depth > 0;
  }
  return wrapped ? S(p, "%.*s", (int)(n - 2), t + 1) : t;
}

static const char *key_text(const Plan *p, const PlanOp *key)
{
  const char *text = "";
  for (int i = 0; i < key->exprs.n; i++) text = S(p, "%s%s%s", text, i ? ", " : "", key->key_names[i]);
  return *text ? text : "nothing";
}

static const char *paths_text(const Plan *p, const Paths *paths)
{
  const char *text = "";
  for (int i = 0; i < paths->n; i++) text = S(p, "%s%s%s", text, i ? ", " : "", path_text(p->c, &paths->v[i]));
  return text;
}

static const char *long_keys(bool texts) { return texts ? ", plus the text of keys over 12 bytes" : ""; }

static bool held(const Type *t) { return (t->props & TP_TEXT) || t->elem; }
static int width(const Type *t) { return held(t) ? 16 : t->kind == T_BOOL || t->kind == T_REC ? 1 : 8; }

/* ---- operators ---- */

static void explain_assigns(const Plan *p, const PlanOp *op, FILE *f)
{
  const PlanStore *s = &p->stores.v[op->store];
  if (op->exprs.n) fprintf(f, "      where %s\n", shown(p, op->exprs.v[0], op));
  for (int i = 0; i < op->assigns.n; i++)
    fprintf(f, "      %s = %s\n", s->cells.v[op->assigns.v[i].cell].name, shown(p, op->assigns.v[i].value, op));
}

static const char *reads_text(const Plan *p, const PlanOp *op)
{
  bool *reads = arena_alloc(p->c->arena, (size_t)p->stores.n + 1);
  const char *text = "";
  plan_states_of(op, reads);
  for (int i = 0; i < p->stores.n; i++)
    if (reads[i] && !(op->kind == OPK_STATE && op->store == i))
      text = S(p, "%s%s %s", text, *text ? "," : ", reads", p->stores.v[i].decl->name.name);
  return text;
}

/* The window that a rule judges. */
static const char *over_text(const Plan *p, const PlanOp *op)
{
  const PlanOp *in = op->in.v[0];
  while (in->kind == OPK_KEY || in->kind == OPK_SEQ) in = in->in.v[0];
  if (op->kind != OPK_RULE || (in->kind != OPK_SLIDING && in->kind != OPK_GROUP)) return "";
  const char *size = explain_span(p, in->kind == OPK_GROUP ? in->config.v[WR_WCFG_SIZE] : plan_span(in));
  return S(p, ", over %s%s%s [%d]%s", in->window->row->name, size ? " " : "", size ? size : "", in->id,
           in->kind == OPK_GROUP ? " when it closes" : "");
}

static void explain_rule(const Plan *p, const PlanOp *op, FILE *f)
{
  fprintf(f, "      when %s\n", shown(p, op->exprs.v[0], op));
  for (int i = 0; i < op->emits.n; i++) {
    const PlanEmit *x = &op->emits.v[i];
    fprintf(f, "      emit %s {", x->to->name);
    for (int k = 0; k < x->exprs.n; k++)
      fprintf(f, "%s %s: %s", k ? "," : "", x->to->schema.v[k].name, shown(p, x->exprs.v[k], op));
    fprintf(f, " }\n");
  }
  if (op->limit >= 0)
    fprintf(f, "      limit %s per %s every %s\n", shown(p, op->limit_n, op), paths_text(p, op->limit_names),
            explain_span(p, plan_span(op)));
}

void explain_ordered(const Plan *p, const PlanOp *op, FILE *f)
{
  fprintf(f, "[%d] %s %s <- [%d]", op->id, op_rows[op->kind].name, op->kind == OPK_KEY ? key_text(p, op) : op->name,
          op->in.v[0]->id);
  if (op->key) fprintf(f, ", by %s", key_text(p, op->key));
  else if (op->kind == OPK_RULE) fprintf(f, ", of every row");
  fprintf(f, "%s%s", over_text(p, op), reads_text(p, op));
  if (op->arrival) fprintf(f, ", in the order of arrival");
  fprintf(f, "%s\n", op->shadow ? ", in shadow: judges and counts, sends nothing" : "");
  if (op->kind == OPK_RULE) explain_rule(p, op, f);
  if (op->kind == OPK_STATE) explain_assigns(p, op, f);
  for (int i = 0; op->kind == OPK_SLIDING && i < op->aggs.n; i++) {
    const PlanAgg *g = &op->aggs.v[i];
    fprintf(f, "      %s: %s(%s%s%s)\n", op->schema.v[op->exprs.n + 2 + i].name, g->row->name,
            g->arg[0] ? shown(p, g->arg[0], op) : "", g->arg[1] ? ", " : "",
            g->arg[1] ? shown(p, g->arg[1], op) : "");
  }
}

/* ---- states ---- */

static const char *readers(const Plan *p, int store)
{
  bool *reads = arena_alloc(p->c->arena, (size_t)p->stores.n + 1);
  const char *text = "";
  for (int i = 0; i < p->ops.n; i++) {
    const PlanOp *op = p->ops.v[i];
    if (op->same || (op->kind != OPK_RULE && !(op->kind == OPK_STATE && op->store != store))) continue;
    memset(reads, 0, (size_t)p->stores.n + 1);
    plan_states_of(op, reads);
    if (reads[store]) text = S(p, "%s%s %s", text, *text ? "," : "", op->name);
  }
  return *text ? text : " nobody";
}

static void explain_state(const Plan *p, int store, FILE *f)
{
  const PlanStore *s = &p->stores.v[store];
  const PlanOp *op = s->updates.v[0];
  const char *keep = explain_span(p, plan_span(op)), *texts = "";
  bool wide = false;
  int key = explain_key_bytes(op->key->exprs.v, op->key->exprs.n, true, &wide);

  fprintf(f, "  state %s by %s, ", s->decl->name.name, key_text(p, op->key));
  fprintf(f, keep ? "kept %s after its last write\n" : "kept for ever\n", keep);
  for (int i = 0; i < s->cells.n; i++) {
    const PlanCell *c = &s->cells.v[i];
    fprintf(f, "      %-18s %s\n", c->name, type_text(p->c, c->type));
    if (held(c->type)) texts = S(p, "%s%s %s", texts, *texts ? "," : "", c->name);
  }
  fprintf(f, "      state %s: %u bytes per key (key %d, last write %d, fields %u, index %d)%s", s->decl->name.name,
          (unsigned)key + WR_COST_WRITTEN + s->size + WR_COST_INDEX, key, WR_COST_WRITTEN, s->size, WR_COST_INDEX,
          long_keys(wide));
  if (*texts) fprintf(f, ", plus what is in%s, in steps of 16 bytes", texts);
  fprintf(f, "\n      read by:%s\n", readers(p, store));
}

/* ---- windows of events ---- */

static int event_bytes(const PlanOp *op)
{
  int n = WR_COST_EVENT;
  bool positions = false;
  for (int i = 0; i < op->aggs.n; i++) positions |= (op->aggs.v[i].row->agg->traits & AGG_POS) != 0;
  for (int i = 0; i < op->args.n; i++) n += width(op->args.v[i]->type) + op->args.v[i]->type->nullable;
  return n + positions * WR_COST_POSITION;
}

/* Of aggregates that cannot be taken back: bytes of a state for every event. 0: there are none. */
static int stack_bytes(const PlanOp *op)
{
  int n = 0;
  for (int i = 0; i < op->aggs.n && !op->arrival; i++) {
    const struct wr_agg *a = op->aggs.v[i].row->agg;
    if (!a->inverse && a->merge) n += (int)a->size;
  }
  return n;
}

static void explain_sliding(const Plan *p, const PlanOp *op, FILE *f)
{
  bool wide = false, owned = false, texts = false;
  int key = explain_key_bytes(op->key->exprs.v, op->key->exprs.n, true, &wide), stacks = stack_bytes(op);
  int window = WR_COST_WINDOW + (stacks ? op->aggs.n * WR_COST_FRONT : 0);
  for (int i = 0; i < op->aggs.n; i++) owned |= op->aggs.v[i].row->agg->drop != NULL;
  for (int i = 0; i < op->args.n; i++) texts |= held(op->args.v[i]->type);
  fprintf(f, "  window %s [%d] by %s, %s %s\n", op->name, op->id, key_text(p, op->key), op->window->row->name,
          explain_span(p, plan_span(op)));
  fprintf(f, "      window %s: %d bytes per key (key %d, window %d, aggregates %u, index %d)%s%s\n", op->name,
          key + window + (int)op->cell_size + WR_COST_INDEX, key, window, op->cell_size, WR_COST_INDEX,
          long_keys(wide), owned ? ", plus what aggregates collect" : "");
  fprintf(f, "      and %d bytes per event held%s; a key has room for 4 events, 8, 16 and so on\n", event_bytes(op),
          texts ? ", plus their texts" : "");
  if (stacks) fprintf(f, "      and up to %d bytes per event held for aggregates that cannot be taken back\n", stacks);
  if (op->arrival) fprintf(f, "      events are kept for twice the span: later rows may be older\n");
}

/* ---- limits ---- */

static void explain_limit(const Plan *p, const PlanOp *op, FILE *f)
{
  bool wide = false;
  int key = explain_key_bytes(op->limit_key.v, op->limit_key.n, true, &wide);
  fprintf(f, "  limit of rule %s: %d bytes per %s (key %d, times %d, index %d)%s, plus %d per firing after the first\n",
          op->name, key + WR_COST_PASSED + WR_COST_INDEX, paths_text(p, op->limit_names), key, WR_COST_PASSED,
          WR_COST_INDEX, long_keys(wide), WR_COST_TIME);
}

/* ---- sequencers ---- */

static int row_bytes(const Plan *p, const PlanOp *lane, const char **texts)
{
  int n = WR_COST_WAITING;
  for (int i = 0; i < lane->schema.n; i++) {
    if (lane->col_at[i] < 0) continue;
    const Type *t = p->ports.v[lane->port].cols.v[lane->col_at[i]];
    n += width(t) + t->nullable;
    if (held(t)) *texts = S(p, "%s%s %s", *texts, **texts ? "," : "", lane->schema.v[i].name);
  }
  return n;
}

static void explain_lane(const Plan *p, const PlanOp *lane, FILE *f)
{
  const char *texts = "";
  const PlanOp *in = lane->in.v[0];
  int n = row_bytes(p, lane, &texts);
  fprintf(f, "      [%d] %s: %d bytes per row that waits", lane->id, in->name, n);
  if (*texts) fprintf(f, ", plus what is in%s", texts);
  for (; !op_rows[in->kind].starts && in->in.n == 1; in = in->in.v[0])
    if (in->kind == OPK_WHERE || in->kind == OPK_SAMPLE)
      fprintf(f, "; [%d] %s comes before, so that less waits", in->id, op_rows[in->kind].name);
  fprintf(f, "\n");
}

static void explain_sequencer(const Plan *p, const PlanSeq *s, FILE *f)
{
  fprintf(f, "  sequencer %s: its rows in event-time order; rows within `delay` are always held\n", s->name);
  for (int i = 0; i < s->lanes.n; i++) explain_lane(p, s->lanes.v[i], f);
  if (plan_comes_back(p, s->lanes.v[0]->seq))
    fprintf(f, "      one row at a time: rows that rules emit come back into the same order\n");
}

void explain_order(const Plan *p, FILE *f)
{
  if (p->seqs.n + p->stores.n + p->slidings.n + p->limits.n == 0) return;
  fprintf(f, "\nOrder and state\n");
  for (int i = 0; i < p->seqs.n; i++) explain_sequencer(p, &p->seqs.v[i], f);
  for (int i = 0; i < p->stores.n; i++) explain_state(p, i, f);
  for (int i = 0; i < p->slidings.n; i++) explain_sliding(p, p->slidings.v[i], f);
  for (int i = 0; i < p->limits.n; i++) explain_limit(p, p->limits.v[i], f);
}
