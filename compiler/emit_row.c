/* emit_row.c -- row loops: one function a fused operator, one loop a pipeline.
 *
 * In every function of pipeline N: `in` points to the typed columns of its port, `b` is the batch,
 * `r` the row, `w` the row's computed values. An operator's function returns 1 when the row goes on.
 */
#include <assert.h>
#include <string.h>
#include "emit.h"

static const char *col_name(Emit *e, const Plan *p, int port, int col)
{
  return cunit_ident(e->u, "c", col, p->ports.v[port].names.v[col]);
}

const char *emit_value_name(Emit *e, const PlanOp *op, int col)
{
  return cunit_ident(e->u, S(e, "v%d_", op->id), col, op->schema.v[col].name);
}

/* Is the select's column computed into the row (and not another name for a column or a constant)? */
bool emit_computed(const PExpr *x)
{
  if (x->kind == PX_COL) return x->fallible;   /* an aggregate's result: its error is this select's */
  return x->kind != PX_CONST && x->kind != PX_PARAM;
}

static bool wanted(const PlanOp *op, int col)
{
  return (op->schema.v[col].needed || op->exprs.v[col]->fallible) && emit_computed(op->exprs.v[col]);
}

/* Is column `at` of a sequencer's port an aggregate's result, whose status may be an error? */
bool emit_carries_errors(const PlanOp *op, int at)
{
  for (int i = 0; op->kind == OPK_SEQ && i < op->schema.n; i++)
    if (op->col_at[i] == at) return op->schema.v[i].fails;
  return false;
}

/* Does column `at` of the pipeline's port have status bytes? Aggregates' results all have. */
static bool has_status(const PlanOp *head, const PlanPort *port, int at)
{
  return (head->kind == OPK_GROUP && at >= head->exprs.n + 2) || emit_carries_errors(head, at) ||
         port->cols.v[at]->nullable;
}

/* ---- reading a column ---- */

static Val port_column(Emit *e, const PlanOp *head, int at, Span span)
{
  const PlanPort *port = &e->p->ports.v[head->out_port];
  const char *name = col_name(e, e->p, head->out_port, at);
  Val v = { S(e, "in->%s[r]", name), NULL };
  if ((head->kind == OPK_GROUP && at >= head->exprs.n + 2) || emit_carries_errors(head, at))
    v.s = S(e, "wr_st_get(in->n%s[r], %d)", name + 1, plan_site(e->p, e->op->id, span));
  else if (port->cols.v[at]->nullable)
    v.s = S(e, "-(wr_i32)in->n%s[r]", name + 1);
  return v;
}

static bool agg_status(const PlanAgg *g) { return g->type->nullable || (g->row->traits & AGG_FAILS); }

static bool agg_has_status(const PlanOp *head, int col) { return agg_status(&head->aggs.v[col - head->exprs.n - 2]); }

static Val head_column(Emit *e, const PlanOp *head, int col, Span span)
{
  if (head->kind == OPK_UNNEST && head->col_at[col] < 0) {
    int leaf = col - head->in.v[0]->schema.n;
    return emit_from_slot(e, head->schema.v[col].type, S(e, "in->e[%d]", leaf), head->schema.v[col].type->nullable);
  }
  Val v = port_column(e, head, head->col_at[col], span);
  if (head->kind == OPK_GROUP && col >= head->exprs.n + 2 && !agg_has_status(head, col)) v.s = NULL;
  return v;
}

/* Bounds and aggregates of a window of events: they belong to the row. */
static Val emit_window_column(Emit *e, const PlanOp *op, int col, Span span)
{
  int at = col - op->exprs.n - 2;
  if (at == -2) return (Val){ S(e, "wr_sliding_start(ctx, %d, b->time[r])", op->index), NULL };
  if (at == -1) return (Val){ "b->time[r]", NULL };
  Val v = { S(e, "w->a%d_%d", op->id, at), NULL };
  if (agg_status(&op->aggs.v[at])) v.s = S(e, "wr_st_at(w->t%d_%d, %d)", op->id, at, plan_site(e->p, e->op->id, span));
  return v;
}

Val emit_column(Emit *e, const PlanOp *op, int col, Span span)
{
  assert(op);
  if (op_rows[op->kind].starts) return head_column(e, op, col, span);
  if (op->kind == OPK_SLIDING && col >= op->exprs.n) return emit_window_column(e, op, col, span);
  bool lookup = op->kind == OPK_LOOKUP || op->kind == OPK_PEEK;
  if (lookup && plan_table_col(op, col) >= -1) return emit_lookup_column(e, op, col);
  if (lookup) col = plan_input_col(op, col);
  if (op->kind != OPK_SELECT && op->kind != OPK_SLIDING) return emit_column(e, op->in.v[0], col, span);
  const PExpr *x = op->exprs.v[col];
  if (!emit_computed(x)) {
    if (x->kind == PX_COL) return emit_column(e, op->in.v[0], x->u.col, span);
    return emit_expr(e, x);
  }
  const char *name = emit_value_name(e, op, col);
  Val v = { S(e, "w->%s", name), op->exprs.v[col]->type->nullable ? S(e, "w->s%s", name + 1) : NULL };
  return v;
}

/* ---- the parts of an operator's function ---- */

void emit_begin(Emit *e, const PlanOp *op, const Pipeline *pipe, const char *verb)
{
  int line, column;
  const Source *src = e->p->c->sources.v[op->span.file];
  source_place(src, op->span.from, &line, &column);
  uint32_t n = op->span.to - op->span.from;
  char *text = arena_text(e->a, src->text + op->span.from, n > 70 ? 70 : n);
  cunit_line(e->u, "/* [%d] %s%s -- %s:%d:%d */", op->id, cunit_comment(e->u, text), n > 70 ? " ..." : "",
             cunit_comment(e->u, path_base(src->path)), line, column);
  cunit_open(e->u, "static inline wr_i32 op%d_%s(wr_ctx *ctx, const p%d_in *in, wr_batch *b, wr_i32 r, p%d_row *w)",
             op->id, verb, pipe->id, pipe->id);
  e->op = op;
  e->in = op->in.n ? op->in.v[0] : op;
  e->temp = 0;
}

void emit_end(Emit *e)
{
  cunit_close(e->u, "");
  cunit_line(e->u, "%s", "");
  e->op = NULL;
}

/* A row whose evaluation failed leaves this consumer. */
static void fail_on(Emit *e, const char *status)
{
  if (!status) return;
  cunit_open(e->u, "if (%s > 0)", status);
  if (!e->op->quiet) cunit_line(e->u, "wr_row_failed(ctx, %d, b, r, %s);", e->op->id, status);
  cunit_line(e->u, "return 0;");
  cunit_close(e->u, "");
}

/* The statements of a user's expression, between #line to it and #line back. */
Val emit_user(Emit *e, const PExpr *x)
{
  size_t mark = cunit_mark(e->u);
  Val v = emit_expr(e, x);
  const char *stmts = cunit_take(e->u, mark);
  if (!*stmts) return v;
  cunit_user(e->u, x->span);
  cunit_raw(e->u, stmts);
  cunit_mine(e->u);
  return v;
}

Val emit_settled(Emit *e, const PExpr *x)
{
  Val v = emit_user(e, x);
  if (v.s && x->fallible) {
    int k = ++e->temp;
    cunit_line(e->u, "const wr_status s%d = %s;", k, v.s);
    v.s = S(e, "s%d", k);
    fail_on(e, v.s);
  }
  return v;
}

static void emit_where(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "where");
  Val v = emit_settled(e, op->exprs.v[0]);
  cunit_line(e->u, v.s ? "return %s && %s == 0;" : "return %s;", v.v, v.s ? v.s : "");
  emit_end(e);
}

static void emit_select(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "select");
  for (int i = 0; i < op->exprs.n; i++) {
    if (!wanted(op, i)) continue;
    const char *name = emit_value_name(e, op, i);
    Val v = emit_settled(e, op->exprs.v[i]);
    cunit_line(e->u, "w->%s = %s;", name, v.v);
    if (op->exprs.v[i]->type->nullable) cunit_line(e->u, "w->s%s = %s;", name + 1, v.s ? v.s : "0");
  }
  cunit_line(e->u, "return 1;");
  emit_end(e);
}

static void emit_sample(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "sample");
  if (!op->exprs.n) {
    cunit_line(e->u, "return wr_sampled(&b->pos[r], %a);", op->share);
  } else {
    cunit_line(e->u, "wr_u64 h = 0;");
    for (int i = 0; i < op->exprs.n; i++) {
      const PExpr *x = op->exprs.v[i];
      Val v = emit_settled(e, x);
      cunit_line(e->u, "h = wr_hash_slot(%s, %s, h);", emit_type(e, x->type), emit_to_slot(e, x->type, v));
    }
    cunit_line(e->u, "return wr_sampled_key(h, %a);", op->share);
  }
  emit_end(e);
}

/* ---- appending to a port ---- */

static void begin_append(Emit *e, int port, const Pipeline *pipe)
{
  bool check = e->p->ports.v[port].writers > 1 || pipe->head->kind == OPK_UNNEST;
  cunit_line(e->u, "wr_batch *const o = ctx->port[%d];", port);
  if (check) cunit_line(e->u, "if (o->n == o->cap) wr_flush(ctx, %d);", port);
  cunit_line(e->u, "const wr_i32 k = o->n++;");
}

static void end_append(Emit *e, const Pipeline *pipe)
{
  cunit_line(e->u, "o->time[k] = b->time[r];");
  cunit_line(e->u, "o->wm[k] = b->wm[r];");
  cunit_line(e->u, "o->pos[k] = b->pos[r];");
  if (pipe->head->kind == OPK_UNNEST) cunit_line(e->u, "o->pos[k].ord = (o->pos[k].ord << 12) + in->j + 1;");
  cunit_line(e->u, "o->row[k] = b->row[r];");
  cunit_line(e->u, "return 1;");
}

void emit_cell(Emit *e, int port, int col, Val v)
{
  const Type *t = e->p->ports.v[port].cols.v[col];
  cunit_line(e->u, "((%s *)o->col[%d].v)[k] = %s%s;", emit_coltype(t), col,
             t->kind == T_BOOL || t->kind == T_REC ? "(wr_u8)" : "", v.v);
  if (emit_carries_errors(e->p->ports.v[port].op, col))
    cunit_line(e->u, "o->col[%d].st[k] = wr_st_byte(%s);", col, v.s ? v.s : "0");
  else if (t->nullable) cunit_line(e->u, "o->col[%d].st[k] = %s;", col, v.s ? S(e, "%s != 0", v.s) : "0");
}

/* Appends every column of the port: `in` gives column i of the operator's schema. */
static bool passes_exprs(const PlanOp *op) { return op->kind == OPK_SINK || op->kind == OPK_SEQ; }

static void append_columns(Emit *e, const PlanOp *in, const PlanOp *op, const Pipeline *pipe)
{
  VEC(Val) vals = { 0 };
  for (int i = 0; i < op->schema.n; i++) {
    Val v = { NULL, NULL };
    if (op->col_at[i] >= 0) v = passes_exprs(op) ? emit_expr(e, op->exprs.v[i]) : emit_column(e, in, i, op->span);
    vec_push(e->a, &vals, v);
  }
  begin_append(e, op->port, pipe);
  for (int i = 0; i < op->schema.n; i++)
    if (op->col_at[i] >= 0) emit_cell(e, op->port, op->col_at[i], vals.v[i]);
  end_append(e, pipe);
}

static void emit_put(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "put");
  if (op->kind == OPK_SEQ) cunit_line(e->u, "if (wr_late_ordered(ctx, %d, b, r)) return 0;", op->seq);
  append_columns(e, op->in.v[0], op, pipe);
  emit_end(e);
}

static void emit_unnest_put(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "put");
  Val list = emit_settled(e, op->exprs.v[0]);
  begin_append(e, op->port, pipe);
  for (int i = 0; i < op->in.v[0]->schema.n; i++)
    if (op->col_at[i] >= 0) emit_cell(e, op->port, op->col_at[i], emit_column(e, op->in.v[0], i, op->span));
  emit_cell(e, op->port, e->p->ports.v[op->port].cols.n - 1, list);
  end_append(e, pipe);
  emit_end(e);
}

static void emit_group_add(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  const PlanPort *port = &e->p->ports.v[op->port];
  Val *vals = arena_alloc(e->a, (size_t)port->cols.n * sizeof *vals);

  emit_begin(e, op, pipe, "add");
  if (!op->processing) cunit_line(e->u, "if (wr_late(ctx, %d, b, r)) return 0;", op->index);
  for (int i = 0; i < op->exprs.n; i++) vals[i] = emit_settled(e, op->exprs.v[i]);
  for (int i = 0; i < op->aggs.n; i++)
    for (int k = 0; k < 2; k++) {
      int col = op->aggs.v[i].col[k];
      if (col >= 0 && !vals[col].v) vals[col] = emit_settled(e, op->aggs.v[i].arg[k]);
    }
  begin_append(e, op->port, pipe);
  for (int i = 0; i < port->cols.n; i++) emit_cell(e, op->port, i, vals[i]);
  end_append(e, pipe);
  emit_end(e);
}

/* ---- what a full port does ---- */

static void emit_group_run(Emit *e, const PlanOp *op)
{
  cunit_open(e->u, "static void op%d_run(wr_ctx *ctx, wr_batch *b)", op->id);
  cunit_line(e->u, "const wr_cells *const cells = wr_group_find(ctx, %d, b);", op->index);
  cunit_line(e->u, "(void)cells;");
  for (int i = 0; i < op->aggs.n; i++)
    cunit_line(e->u, "%s_batch(ctx, &op%d_spec[%d], cells, b);", op->aggs.v[i].row->symbol, op->id, i);
  cunit_close(e->u, "");
  cunit_line(e->u, "%s", "");
}

static void emit_sink_run(Emit *e, const PlanOp *op)
{
  cunit_open(e->u, "static void op%d_run(wr_ctx *ctx, wr_batch *b)", op->id);
  if (op->kind == OPK_SEQ) cunit_line(e->u, "wr_seq_push(ctx, %d, %d, b);", op->seq, op->lane);
  else cunit_line(e->u, "wr_sink_write(ctx, %d, b);", op->index);
  cunit_close(e->u, "");
  cunit_line(e->u, "%s", "");
}

/* ---- checks of sources and tables ---- */

/* Tables stand behind the sources. */
static int input_index(Emit *e, const PlanOp *op)
{
  return op->kind == OPK_TABLE ? e->p->sources.n + op->index : op->index;
}

static bool is_input(const PlanOp *op) { return op->kind == OPK_SOURCE || op->kind == OPK_TABLE; }

static void emit_check(Emit *e, const PlanOp *op, const Pipeline *pipe, int i)
{
  const PlanCheck *k = &op->checks.v[i];
  emit_begin(e, op, pipe, S(e, "check%d", i));
  Val v = emit_user(e, k->cond);
  const char *ok = v.s ? S(e, "%s == 0 && %s", v.s, v.v) : v.v;
  cunit_line(e->u, "if (%s) return 1;", ok);
  if (k->set < 0) {
    cunit_line(e->u, "wr_check_failed(ctx, %d, %d, b, r, %s);", input_index(e, op), i,
               v.s ? S(e, "%s > 0 ? %s : 0", v.s, v.s) : "0");
    cunit_line(e->u, "return 0;");
  } else {
    int col = op->col_at[k->set];
    Val x = emit_user(e, k->value);
    if (x.s && k->value->fallible) {
      cunit_open(e->u, "if (%s > 0)", x.s);
      cunit_line(e->u, "wr_check_failed(ctx, %d, %d, b, r, %s);", input_index(e, op), i, x.s);
      cunit_line(e->u, "return 0;");
      cunit_close(e->u, "");
    }
    const Type *t = op->schema.v[k->set].type;
    cunit_line(e->u, "((%s *)b->col[%d].v)[r] = %s;", emit_coltype(t), col, x.v);
    if (t->nullable) cunit_line(e->u, "b->col[%d].st[r] = %s;", col, x.s ? S(e, "%s != 0", x.s) : "0");
    cunit_line(e->u, "return 1;");
  }
  emit_end(e);
}

static void emit_check_loop(Emit *e, const PlanOp *op)
{
  if (op->checks.n) {
    cunit_open(e->u, "for (wr_i32 r = 0; r < b->n && ctx->cut < 0; r++)");
    const char *all = "";
    for (int i = 0; i < op->checks.n; i++)
      all = S(e, "%s%sop%d_check%d(ctx, &in, b, r, &w)", all, i ? " && " : "", op->id, i);
    cunit_line(e->u, "b->skip[r] = !(%s);", all);
    cunit_close(e->u, "");
    cunit_line(e->u, "if (ctx->cut >= 0) b->n = ctx->cut, ctx->cut = -1;  /* a check said `fail` */");
  }
  if (op->kind == OPK_TABLE) cunit_line(e->u, "wr_lookup_put(ctx, %d, b);", op->index);
  else cunit_line(e->u, "wr_source_advance(ctx, %d, b);", op->index);
}

/* ---- the loop ---- */

static const char *verb_of(const PlanOp *op)
{
  switch (op->kind) {
  case OPK_WHERE: return "where";
  case OPK_SELECT: return "select";
  case OPK_SAMPLE: return "sample";
  case OPK_LOOKUP: return "lookup";
  case OPK_PEEK: return "read";
  case OPK_GROUP: return "add";
  case OPK_KEY: return "key";
  case OPK_SLIDING: return "slide";
  case OPK_LATE: return "late";
  case OPK_SINK: case OPK_UNION: case OPK_UNNEST: case OPK_SOURCE: case OPK_TABLE: case OPK_FEED: case OPK_SEQ:
  case OPK_EMITTED: case OPK_RULE: case OPK_STATE: break;
  }
  return "put";
}

bool emit_does_nothing(const PlanOp *op)
{
  if (plan_pushed(op)) return true;       /* all rows of the batch have passed it */
  if (op->kind != OPK_SELECT) return false;
  for (int i = 0; i < op->exprs.n; i++)
    if (wanted(op, i)) return false;
  return true;
}

/* Does a row loop have anything to do? */
static bool has_calls(const PlanOp *op, const Pipeline *pipe)
{
  for (int i = 0; i < op->out.n; i++) {
    const PlanOp *next = op->out.v[i];
    if (emit_does_nothing(next) ? has_calls(next, pipe) : !emit_viewed(next, pipe)) return true;
  }
  return false;
}

/* Is the row loop there for late rows alone? */
static bool only_late(const PlanOp *op, const Pipeline *pipe)
{
  for (int i = 0; i < op->out.n; i++) {
    const PlanOp *next = op->out.v[i];
    if (emit_viewed(next, pipe) || plan_late_only(next)) continue;
    if (!emit_does_nothing(next) || !only_late(next, pipe)) return false;
  }
  return true;
}

/* `late`: the row is known to be. */
static void emit_calls(Emit *e, const PlanOp *op, const Pipeline *pipe, bool late)
{
  for (int i = 0; i < op->out.n; i++) {
    const PlanOp *next = op->out.v[i];
    if (emit_viewed(next, pipe)) continue;
    if (emit_does_nothing(next)) { emit_calls(e, next, pipe, late); continue; }
    if (emit_deferred(next)) { cunit_line(e->u, "w.go%d = 1;", next->id); continue; }
    bool asks = plan_late_only(next) && !late;
    if (asks) cunit_open(e->u, "if (b->time[r] < b->wm[r])");
    const char *verb = next->kind == OPK_UNION ? S(e, "put%d", op->id) : verb_of(next);
    const char *call = S(e, "op%d_%s(ctx, &in, b, r, &w)", next->id, verb);
    if (op_rows[next->kind].port || !next->out.n) {
      cunit_line(e->u, "%s;", call);
    } else {
      cunit_open(e->u, "if (%s)", call);
      emit_calls(e, next, pipe, late || asks);
      cunit_close(e->u, "");
    }
    if (asks) cunit_close(e->u, "");
  }
}

static void emit_structs(Emit *e, const Pipeline *pipe)
{
  const PlanPort *port = &e->p->ports.v[pipe->port];
  Section was = cunit_to(e->u, SEC_TYPES);

  cunit_line(e->u, "/* columns that pipeline %d reads */", pipe->id);
  cunit_open(e->u, "typedef struct p%d_in", pipe->id);
  for (int i = 0; i < port->cols.n; i++) {
    const char *name = col_name(e, e->p, pipe->port, i);
    cunit_line(e->u, "const %s *%s;", emit_coltype(port->cols.v[i]), name);
    if (has_status(pipe->head, port, i)) cunit_line(e->u, "const wr_u8 *n%s;  /* null? */", name + 1);
  }
  if (pipe->head->kind == OPK_UNNEST) cunit_line(e->u, "const wr_slot *e;  /* the element */");
  if (pipe->head->kind == OPK_UNNEST) cunit_line(e->u, "wr_u32 j;  /* its index */");
  if (!port->cols.n) cunit_line(e->u, "wr_i32 none;");
  cunit_close(e->u, S(e, " p%d_in;", pipe->id));
  cunit_line(e->u, "/* values that it computes for a row */");
  cunit_open(e->u, "typedef struct p%d_row", pipe->id);
  for (int i = 0; i < pipe->ops.n; i++) {
    const PlanOp *op = pipe->ops.v[i];
    for (int k = 0; op->kind == OPK_SELECT && k < op->exprs.n; k++) {
      if (!wanted(op, k)) continue;
      const char *name = emit_value_name(e, op, k);
      cunit_line(e->u, "%s %s;", emit_ctype(op->exprs.v[k]->type), name);
      if (op->exprs.v[k]->type->nullable) cunit_line(e->u, "wr_status s%s;", name + 1);
    }
    if (op->kind == OPK_LOOKUP || op->kind == OPK_PEEK) emit_lookup_row(e, op);
    emit_ordered_row(e, op, pipe);
  }
  cunit_line(e->u, "wr_i32 none;");
  cunit_close(e->u, S(e, " p%d_row;", pipe->id));
  cunit_line(e->u, "%s", "");
  cunit_to(e->u, was);
}

static void emit_op(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  switch (op->kind) {
  case OPK_WHERE: emit_where(e, op, pipe); return;
  case OPK_SELECT: if (!emit_does_nothing(op)) emit_select(e, op, pipe); return;
  case OPK_SAMPLE: emit_sample(e, op, pipe); return;
  case OPK_LOOKUP: emit_lookup(e, op, pipe); return;
  case OPK_PEEK: emit_peek(e, op, pipe); return;
  case OPK_UNNEST: emit_unnest_put(e, op, pipe); return;
  case OPK_SINK: case OPK_SEQ:
    if (!emit_viewed(op, pipe) || emit_judged(op)) emit_put(e, op, pipe);
    emit_sink_run(e, op);
    if (emit_viewed(op, pipe)) emit_view(e, op, pipe);
    return;
  case OPK_KEY: case OPK_SLIDING: case OPK_RULE: case OPK_STATE: case OPK_LATE: emit_ordered(e, op, pipe); return;
  case OPK_EMITTED: return;               /* its rules put rows there */
  case OPK_UNION: return;                 /* one put an input: emit_union_puts */
  case OPK_GROUP:
    if (!emit_viewed(op, pipe) || emit_judged(op)) emit_group_add(e, op, pipe);
    emit_group_run(e, op);
    if (emit_viewed(op, pipe)) emit_view(e, op, pipe);
    return;
  case OPK_SOURCE: case OPK_TABLE: case OPK_FEED: return;
  }
}

static void emit_union_put(Emit *e, const PlanOp *in, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, S(e, "put%d", in->id));
  append_columns(e, in, op, pipe);
  emit_end(e);
}

static void emit_union_puts(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  for (int i = 0; i < op->out.n; i++) {
    if (op->out.v[i]->kind == OPK_UNION) emit_union_put(e, op, op->out.v[i], pipe);
    else if (!op_rows[op->out.v[i]->kind].port) emit_union_puts(e, op->out.v[i], pipe);
  }
}

static void emit_flushes(Emit *e, const Pipeline *pipe)
{
  for (int i = 0; i < pipe->ops.n; i++) {
    const PlanOp *op = pipe->ops.v[i];
    bool before = false;
    for (int k = 0; k < i; k++) before |= pipe->ops.v[k] == op;
    if (!op_rows[op->kind].port || before) continue;
    if (emit_viewed(op, pipe)) cunit_line(e->u, "op%d_take(ctx, %sb);", op->id, emit_judged(op) ? "&in, " : "");
    else cunit_line(e->u, "wr_flush(ctx, %d);", op->port);
  }
}

static void emit_in(Emit *e, const Pipeline *pipe)
{
  const PlanPort *port = &e->p->ports.v[pipe->port];
  cunit_line(e->u, "p%d_in in;", pipe->id);
  for (int i = 0; i < port->cols.n; i++) {
    const char *name = col_name(e, e->p, pipe->port, i);
    cunit_line(e->u, "in.%s = b->col[%d].v;", name, i);
    if (has_status(pipe->head, port, i)) cunit_line(e->u, "in.n%s = b->col[%d].st;", name + 1, i);
  }
  if (pipe->head->kind == OPK_UNNEST) cunit_line(e->u, "in.j = 0;");
}

static void emit_row_calls(Emit *e, const Pipeline *pipe)
{
  emit_deferred_start(e, pipe);
  emit_calls(e, pipe->head, pipe, false);
  emit_deferred_calls(e, pipe);
}

static void emit_elements(Emit *e, const Pipeline *pipe)
{
  const PlanPort *port = &e->p->ports.v[pipe->port];
  int col = port->cols.n - 1;
  const char *name = col_name(e, e->p, pipe->port, col);
  if (port->cols.v[col]->nullable) cunit_line(e->u, "if (in.n%s[r]) continue;", name + 1);
  cunit_line(e->u, "const wr_list l = in.%s[r];", name);
  cunit_open(e->u, "for (in.j = 0, in.e = l.p; in.j < l.n; in.j++, in.e += l.width)");
  emit_row_calls(e, pipe);
  cunit_close(e->u, "");
}

static void emit_rows(Emit *e, const Pipeline *pipe)
{
  const PlanOp *head = pipe->head;
  cunit_line(e->u, "const wr_i32 cut = ctx->cut;  /* changes when a row meets `late fail` */");
  if (only_late(head, pipe)) cunit_line(e->u, "if (!wr_in_time(b))");
  cunit_open(e->u, "for (wr_i32 r = 0; r < b->n && ctx->cut == cut; r++)");
  if (head->kind == OPK_SOURCE && head->checks.n) cunit_line(e->u, "if (b->skip[r]) continue;");
  if (head->kind == OPK_UNNEST) emit_elements(e, pipe);
  else emit_row_calls(e, pipe);
  cunit_close(e->u, "");
  cunit_line(e->u, "if (ctx->cut != cut) wr_cut(ctx);");
}

static void emit_loop(Emit *e, const Pipeline *pipe)
{
  const PlanOp *head = pipe->head;
  const char *text = "";
  bool rows = has_calls(head, pipe), judged = false;
  for (int i = 0; i < pipe->ops.n; i++) {
    text = S(e, "%s -> [%d] %s", text, pipe->ops.v[i]->id, op_rows[pipe->ops.v[i]->kind].name);
    judged |= emit_viewed(pipe->ops.v[i], pipe) && emit_judged(pipe->ops.v[i]);
  }
  cunit_line(e->u, "/* pipeline %d: [%d] %s %s%s */", pipe->id, head->id, op_rows[head->kind].name,
             cunit_comment(e->u, head->name), text);
  cunit_open(e->u, "static void p%d_run(wr_ctx *ctx, wr_batch *b)", pipe->id);
  bool checks = head->kind == OPK_TABLE && head->checks.n;
  if (rows || judged || checks) emit_in(e, pipe);
  if (rows || checks) cunit_line(e->u, "p%d_row w;", pipe->id);
  if (is_input(head)) emit_check_loop(e, head);
  if (rows) emit_rows(e, pipe);
  emit_flushes(e, pipe);
  cunit_close(e->u, "");
  cunit_line(e->u, "%s", "");
}

void emit_pipeline(Emit *e, const Pipeline *pipe)
{
  emit_structs(e, pipe);
  cunit_to(e->u, SEC_OPS);
  for (int i = 0; is_input(pipe->head) && i < pipe->head->checks.n; i++) emit_check(e, pipe->head, pipe, i);
  for (int i = 0; i < pipe->ops.n; i++) emit_op(e, pipe->ops.v[i], pipe);
  emit_union_puts(e, pipe->head, pipe);
  emit_filter(e, pipe);
  cunit_to(e->u, SEC_PIPELINES);
  emit_loop(e, pipe);
}
