/* emit_table.c -- the program's tables: ports, sources, groupings, sinks, feeds, parameters, sites. */
#include <string.h>
#include "emit.h"

static const char *text_of(Emit *e, Span span, unsigned limit)
{
  const Source *s = e->p->c->sources.v[span.file];
  uint32_t n = span.to - span.from;
  if (n > limit)                          /* between characters */
    for (n = limit; n && (s->text[span.from + n] & 0xC0) == 0x80; n--) {}
  return arena_text(e->a, s->text + span.from, n);
}

static void place(Emit *e, Span span, int *line, int *column)
{
  source_place(e->p->c->sources.v[span.file], span.from, line, column);
}

static const char *quoted(Emit *e, const char *s) { return cunit_string(e->u, s, strlen(s)); }

/* ---- ports ---- */

static const char *port_run(Emit *e, int port)
{
  for (int i = 0; i < e->p->pipelines.n; i++)
    if (e->p->pipelines.v[i].port == port) return S(e, "p%d_run", e->p->pipelines.v[i].id);
  return S(e, "op%d_run", e->p->ports.v[port].op->id);
}

static void emit_ports(Emit *e)
{
  Plan *p = e->p;
  for (int i = 0; i < p->ports.n; i++) {
    PlanPort *q = &p->ports.v[i];
    bool closed = q->op->kind == OPK_GROUP && q->op->out_port == i;
    const char *kinds = "", *nulls = "";
    for (int k = 0; k < q->cols.n; k++) {
      bool agg = closed && k >= q->op->exprs.n + 2;
      kinds = S(e, "%s%s, ", kinds, emit_kind(q->cols.v[k]));
      nulls = S(e, "%s%d, ", nulls, agg || emit_carries_errors(q->op, k) || q->cols.v[k]->nullable);
    }
    cunit_line(e->u, "static const wr_u8 port%d_kind[] = { %s0 };", i, kinds);
    cunit_line(e->u, "static const wr_u8 port%d_null[] = { %s0 };", i, nulls);
  }
  cunit_open(e->u, "static const wr_port ports[] =");
  for (int i = 0; i < p->ports.n; i++)
    cunit_line(e->u, "{ %s, %d, port%d_kind, port%d_null, %s },", quoted(e, p->ports.v[i].name), p->ports.v[i].cols.n,
               i, i, port_run(e, i));
  if (!p->ports.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
}

/* ---- configuration ---- */

static const char *slot_const(Emit *e, const Type *t, wr_slot k)
{
  const char *slot = emit_slot(e, t, k);
  Section was = cunit_to(e->u, SEC_CONSTS);
  int n = e->consts++;
  cunit_line(e->u, "static const wr_slot k%d = %s;", n, slot);
  cunit_to(e->u, was);
  return S(e, "k%d", n);
}

/* What value i of an operator's configuration is. */
static const char *config_word(const PlanOp *op, int i)
{
  static const char *const window[] = { "size", "every", "offset", "zone" };
  static const char *const times[] = { "delay", "idle", "ahead", "quiet", "refresh" };
  if (op->kind == OPK_GROUP || op->kind == OPK_SLIDING) return window[i];
  if (op->kind == OPK_STATE) return "keep";
  if (op->kind == OPK_RULE) return "every";
  const Config *conn = op->kind == OPK_SINK ? &op->decl->u.sink.to : &plan_clauses(op)->from;
  const Config *fmt = op->kind == OPK_SINK ? &op->decl->u.sink.format : &plan_clauses(op)->format;
  int n = conn->conn->conn->nopt, m = fmt->given ? fmt->fmt->fmt->nopt : 0;
  return i < n ? conn->conn->conn->opt[i].name : i < n + m ? fmt->fmt->fmt->opt[i - n].name : times[i - n - m];
}

static void emit_config(Emit *e, const PlanOp *op)
{
  if (!op->config.n) return;
  Section was = cunit_to(e->u, SEC_OPS);
  cunit_line(e->u, "/* [%d] configuration of %s %s, evaluated once at start */", op->id, op_rows[op->kind].name,
             cunit_comment(e->u, op->name));
  cunit_open(e->u, "static wr_status op%d_config(wr_ctx *ctx, wr_slot *o)", op->id);
  e->op = op;
  e->in = NULL;
  e->temp = 0;
  for (int i = 0; i < op->config.n; i++) {
    const PExpr *x = op->config.v[i];
    if (!x || x->kind == PX_CONST) {
      cunit_line(e->u, "o[%d] = %s;  /* %s */", i, x ? slot_const(e, x->type, x->u.k) : "wr_i64_slot(0, WR_NULL)",
                 config_word(op, i));
      continue;
    }
    Val v = emit_expr(e, x);
    cunit_line(e->u, "o[%d] = %s;  /* %s */", i, emit_to_slot(e, x->type, v), config_word(op, i));
    cunit_line(e->u, "if (o[%d].st > 0) return o[%d].st;", i, i);
  }
  cunit_line(e->u, "return 0;");
  cunit_close(e->u, "");
  cunit_line(e->u, "%s", "");
  cunit_to(e->u, was);
}

static const char *config_name(Emit *e, const PlanOp *op) { return op->config.n ? S(e, "op%d_config", op->id) : "0"; }

/* ---- sources ---- */

static int source_rank(const Plan *p, const PlanOp *op)       /* by name, not by place in the file */
{
  int rank = 0;
  for (int i = 0; i < p->ops.n; i++) {
    const PlanOp *o = p->ops.v[i];
    if (o->kind != OPK_SOURCE && o->kind != OPK_TABLE && o->kind != OPK_GROUP && o->kind != OPK_FEED)
      continue;
    int c = strcmp(o->name, op->name);
    rank += c < 0 || (c == 0 && o->id < op->id);
  }
  return rank;
}

/* Their number: hidden columns stand last, so all that have a column of the port are behind the row's. */
static int emit_metas(Emit *e, const PlanOp *op)
{
  static const char *const kind[META_FIELDS] = {
    [META_TIME] = "WR_META_TIME", [META_KEY] = "WR_META_KEY", [META_HEADER] = "WR_META_HEADER",
  };
  int n = 0;
  cunit_open(e->u, "static const wr_meta op%d_meta[] =", op->id);
  for (int i = 0; i < op->schema.n; i++) {
    const PCol *c = &op->schema.v[i];
    if (!c->meta || op->col_at[i] < 0) continue;
    cunit_line(e->u, "{ %s, %d, %s },", kind[c->meta - 1], op->col_at[i],
               c->meta == META_HEADER + 1 ? quoted(e, c->header) : "0");
    n++;
  }
  if (!n) cunit_line(e->u, "{ 0, 0, 0 }");
  cunit_close(e->u, ";");
  return n;
}

static void emit_source(Emit *e, const PlanOp *op)
{
  Plan *p = e->p;
  Decl *d = op->decl;
  SourceClauses *c = plan_clauses(op);
  bool table = op->kind == OPK_TABLE;
  const char *type = emit_record(e, d->shape.row, op->col_at, true);

  cunit_open(e->u, "static const wr_check op%d_checks[] =", op->id);
  for (int i = 0; i < op->checks.n; i++) {
    const PlanCheck *k = &op->checks.v[i];
    cunit_line(e->u, "{ %d, %d, %d },", k->site, k->dest, k->err);
  }
  if (!op->checks.n) cunit_line(e->u, "{ 0, 0, 0 }");
  cunit_close(e->u, ";");
  int metas = emit_metas(e, op);
  cunit_open(e->u, "static const wr_source %s%d =", table ? "table" : "source", op->index);
  cunit_line(e->u, ".name = %s, .op = %d, .rank = %d,", quoted(e, op->name), op->id, source_rank(p, op));
  cunit_line(e->u, ".conn = &%s, .fmt = %s,", c->from.conn->symbol,
             c->format.given ? S(e, "&%s", c->format.fmt->symbol) : "0");
  cunit_line(e->u, ".type = %s, .port = %d,", type, op->out_port);
  cunit_line(e->u, ".time_col = %d, .bad = %d, .late = %d,", op->time_col >= 0 ? op->col_at[op->time_col] : -1,
             op->bad, op->late);
  if (op->filter) cunit_line(e->u, ".filter = op%d_filter, .early = op%d_early,", op->id, op->id);
  cunit_line(e->u, ".ncheck = %d, .check = op%d_checks, .strict = %d, .masked = %d, .config = %s", op->checks.n,
             op->id, op->strict, table ? d->u.table.masked : d->u.source.masked, config_name(e, op));
  cunit_line(e->u, ", .nmeta = %d, .meta = op%d_meta, .table = %d", metas, op->id, table);
  cunit_close(e->u, ";");
}

/* ---- groupings ---- */

static const char *agg_options(Emit *e, const PlanAgg *g)
{
  bool q = g->row->traits & AGG_OPT_Q;
  Type *t0 = type_scalar(e->p->c->types, q ? T_FLOAT : T_INT, true);
  const char *a = emit_slot(e, t0, g->opt[0]);
  const char *b = emit_slot(e, type_scalar(e->p->c->types, T_INT, true), g->opt[1]);
  return S(e, "{ %s, %s }", a, b);
}

static void emit_specs(Emit *e, const PlanOp *op)
{
  Section was = cunit_to(e->u, SEC_CONSTS);
  const char **types = arena_alloc(e->a, ((size_t)op->aggs.n + 1) * sizeof *types);
  for (int i = 0; i < op->aggs.n; i++) types[i] = op->aggs.v[i].arg[0] ? emit_type(e, op->aggs.v[i].arg[0]->type) : "0";
  cunit_open(e->u, "static const wr_aggspec op%d_spec[] =", op->id);
  for (int i = 0; i < op->aggs.n; i++) {
    const PlanAgg *g = &op->aggs.v[i];
    cunit_line(e->u, "{ %u, { %d, %d }, %s, %s },  /* %s */", g->off, g->col[0], g->col[1], types[i], agg_options(e, g),
               cunit_comment(e->u, text_of(e, g->span, 50)));
  }
  if (!op->aggs.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
  cunit_open(e->u, "static const wr_agg *const op%d_agg[] =", op->id);
  for (int i = 0; i < op->aggs.n; i++) cunit_line(e->u, "&%s,", op->aggs.v[i].row->symbol);
  cunit_line(e->u, "0");
  cunit_close(e->u, ";");
  cunit_to(e->u, was);
}

/* What a checkpoint says of the grouping: names and types of its key, and what is aggregated. */
static const char *emit_group_text(Emit *e, const PlanOp *op)
{
  Section was = cunit_to(e->u, SEC_CONSTS);
  const Schema *in = &op->in.v[0]->schema;
  const char *text = "";
  const char **types = arena_alloc(e->a, ((size_t)op->exprs.n + 1) * sizeof *types);
  for (int i = 0; i < op->exprs.n; i++) types[i] = emit_type(e, op->exprs.v[i]->type);
  cunit_open(e->u, "static const wr_cell op%d_key[] =", op->id);
  for (int i = 0; i < op->exprs.n; i++)
    cunit_line(e->u, "{ %s, %s, 0, 0 },", quoted(e, op->schema.v[i].name), types[i]);
  cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
  cunit_to(e->u, was);
  for (int i = 0; i < op->exprs.n; i++)
    text = S(e, "%s%s%s", text, i ? ", " : "by ", px_text(e->p, op->exprs.v[i], in));
  for (int i = 0; i < op->aggs.n; i++) {
    const PlanAgg *g = &op->aggs.v[i];
    text = S(e, "%s%s%s(%s%s%s)", text, *text ? ", " : "", g->row->name, g->arg[0] ? px_text(e->p, g->arg[0], in) : "",
             g->arg[1] ? ", " : "", g->arg[1] ? px_text(e->p, g->arg[1], in) : "");
  }
  return text;
}

static const char *win_id(const WinRow *w)
{
  static const char *const id[] = {
#define WIN(x, ...) "WR_WIN_" #x,
#include "weir/windows.def"
#undef WIN
  };
  return id[w - win_rows];
}

static void emit_group(Emit *e, const PlanOp *op)
{
  const char *text = emit_group_text(e, op);
  cunit_open(e->u, "static const wr_group group%d =", op->index);
  cunit_line(e->u, ".name = %s, .op = %d, .rank = %d, .in = %d, .out = %d, .nkey = %d,", quoted(e, op->name), op->id,
             source_rank(e->p, op), op->port, op->out_port, op->exprs.n);
  cunit_line(e->u, ".win = %s, .processing = %d, .nagg = %d, .agg = op%d_agg, .spec = op%d_spec,",
             win_id(op->window->row), op->processing, op->aggs.n, op->id, op->id);
  cunit_line(e->u, ".cell_size = %u, .stage = %d, .config = %s,", op->cell_size, op->stage, config_name(e, op));
  cunit_line(e->u, ".key = op%d_key, .meaning = %s", op->id, quoted(e, text));
  cunit_close(e->u, ";");
}

static void emit_stages(Emit *e)
{
  Plan *p = e->p;
  for (int i = 0; i < p->stages.n; i++) {
    const char *text = "";
    for (int k = 0; k < p->stages.v[i].up.n; k++) text = S(e, "%s%d, ", text, p->stages.v[i].up.v[k]);
    cunit_line(e->u, "static const wr_i32 stage%d_up[] = { %s0 };", i, text);
  }
  cunit_open(e->u, "static const wr_stage stages[] =");
  for (int i = 0; i < p->stages.n; i++) {
    const PlanStage *g = &p->stages.v[i];
    cunit_line(e->u, "{ %s, %d, %d, stage%d_up },  /* %s */", g->seq ? "WR_STAGE_SEQ" : "WR_STAGE_GROUP", g->index,
               g->up.n, i, cunit_comment(e->u, g->name));
  }
  if (!p->stages.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
}

/* ---- sinks, feeds, parameters ---- */

static void emit_sink(Emit *e, const PlanOp *op)
{
  Decl *d = op->decl;
  const char *type = emit_record(e, d->u.sink.input->shape.row, op->col_at, false);
  Section was = cunit_to(e->u, SEC_CONSTS);
  const char **types = arena_alloc(e->a, ((size_t)op->key_cols.n + 1) * sizeof *types);
  for (int i = 0; i < op->key_cols.n; i++) types[i] = emit_type(e, op->schema.v[op->key_cols.v[i]].type);
  cunit_open(e->u, "static const wr_cell sink%d_key[] =", op->index);
  for (int i = 0; i < op->key_cols.n; i++) {
    const PCol *c = &op->schema.v[op->key_cols.v[i]];
    cunit_line(e->u, "{ %s, %s, %d, 0 },", quoted(e, c->name), types[i], op->col_at[op->key_cols.v[i]]);
  }
  if (!op->key_cols.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
  cunit_to(e->u, was);
  cunit_open(e->u, "static const wr_sink sink%d =", op->index);
  cunit_line(e->u, "%s, %d, &%s, %s, %s, %d, %s, %d, sink%d_key", quoted(e, op->name), op->id,
             d->u.sink.to.conn->symbol, d->u.sink.format.given ? S(e, "&%s", d->u.sink.format.fmt->symbol) : "0",
             type, op->port, config_name(e, op), op->key_cols.n, op->index);
  cunit_close(e->u, ";");
}

static void emit_param_check(Emit *e, int i)
{
  const PExpr *x = e->p->params.v[i].check;
  if (!x) return;
  Section was = cunit_to(e->u, SEC_OPS);
  cunit_open(e->u, "static wr_i32 param%d_check(wr_ctx *ctx, const wr_slot *v)", i);
  e->op = NULL;
  e->in = NULL;
  e->temp = 0;
  e->self = "(*v)";
  e->self_param = i;
  Val v = emit_expr(e, x);
  e->self = NULL;
  cunit_line(e->u, v.s ? "return %s && %s == 0;" : "return %s;", v.v, v.s ? v.s : "");
  cunit_close(e->u, "");
  cunit_to(e->u, was);
}

static void emit_param_init(Emit *e, int i)
{
  const PExpr *x = e->p->params.v[i].value;
  if (x->kind == PX_CONST) return;
  Section was = cunit_to(e->u, SEC_OPS);
  cunit_open(e->u, "static wr_status param%d_init(wr_ctx *ctx, wr_slot *o)", i);
  e->op = NULL;
  e->in = NULL;
  e->temp = 0;
  Val v = emit_expr(e, x);
  cunit_line(e->u, "*o = %s;", emit_to_slot(e, x->type, v));
  cunit_line(e->u, "return o->st > 0 ? o->st : 0;");
  cunit_close(e->u, "");
  cunit_to(e->u, was);
}

static const char *param_row(Emit *e, int i)
{
  PlanParam *q = &e->p->params.v[i];
  Decl *d = q->decl;
  emit_param_check(e, i);
  emit_param_init(e, i);
  wr_slot none = wr_i64_slot(0, WR_NULL);
  bool literal = q->value->kind == PX_CONST;
  const char *slot = emit_slot(e, d->type, literal ? q->value->u.k : none);
  return S(e, "{ %s, %s, %s, %d, %s, %s, %s },", quoted(e, d->name.name), emit_type(e, d->type), slot,
           d->u.param.structural, d->u.param.check ? quoted(e, text_of(e, d->u.param.check->span, 200)) : "0",
           q->check ? S(e, "param%d_check", i) : "0", literal ? "0" : S(e, "param%d_init", i));
}

static void emit_params(Emit *e)
{
  VEC(const char *) rows = { 0 };
  for (int i = 0; i < e->p->params.n; i++) vec_push(e->a, &rows, param_row(e, i));
  cunit_open(e->u, "static const wr_param params[] =");
  for (int i = 0; i < rows.n; i++) cunit_line(e->u, "%s", rows.v[i]);
  if (!rows.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
}

static void emit_small_tables(Emit *e)
{
  Plan *p = e->p;
  int line, column;
  cunit_open(e->u, "static const wr_opname ops[] =");
  cunit_line(e->u, "{ \"\", \"\", 0, 0 },");
  for (int i = 0; i < p->ops.n; i++) {
    place(e, p->ops.v[i]->span, &line, &column);
    cunit_line(e->u, "{ %s, %s, %d, %d },", quoted(e, op_rows[p->ops.v[i]->kind].name), quoted(e, p->ops.v[i]->name),
               line, column);
  }
  cunit_close(e->u, ";");
  cunit_open(e->u, "static const wr_feed feeds[] =");
  for (int i = 0; i < p->feeds.n; i++)
    cunit_line(e->u, "{ %s, %s, %d },", quoted(e, p->feeds.v[i].name),
               p->feeds.v[i].kind == WR_FEED_BAD ? "WR_FEED_BAD" : "WR_FEED_LATE", p->feeds.v[i].port);
  if (!p->feeds.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
  cunit_open(e->u, "static const wr_str regexes[] =");
  for (int i = 0; i < p->regexes.n; i++) {
    PlanRegex *r = &p->regexes.v[i];
    const char *full = *r->flags ? S(e, "(?%s)%.*s", r->flags, (int)r->n, r->text) : arena_text(e->a, r->text, r->n);
    cunit_line(e->u, "{ %s, %zu, 0 },", cunit_string(e->u, full, strlen(full)), strlen(full));
  }
  if (!p->regexes.n) cunit_line(e->u, "{ 0, 0, 0 }");
  cunit_close(e->u, ";");
}

/* Last: emitting the rest may still add positions. */
static void emit_sites(Emit *e)
{
  Plan *p = e->p;
  cunit_open(e->u, "static const wr_site sites[] =");
  for (int i = 0; i < p->sites.n; i++) {
    int line, column;
    place(e, p->sites.v[i].span, &line, &column);
    const char *file = path_base(p->c->sources.v[p->sites.v[i].span.file]->path);
    cunit_line(e->u, "{ %d, %s, %d, %d, %s },", p->sites.v[i].op, quoted(e, file), line, column,
               quoted(e, text_of(e, p->sites.v[i].span, 80)));
  }
  if (!p->sites.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
}

static void emit_array(Emit *e, const char *type, const char *name, int n)
{
  const char *text = "";
  for (int i = 0; i < n; i++) text = S(e, "%s&%s%d, ", text, name, i);
  cunit_line(e->u, "static const %s *const %ss[] = { %s0 };", type, name, text);
}

void emit_tables(Emit *e)
{
  Plan *p = e->p;
  cunit_to(e->u, SEC_TABLES);
  emit_ports(e);
  for (int i = 0; i < p->ops.n; i++) emit_config(e, p->ops.v[i]);
  for (int i = 0; i < p->sources.n; i++) emit_source(e, p->sources.v[i]);
  for (int i = 0; i < p->tables.n; i++) emit_source(e, p->tables.v[i].op);
  emit_lookups(e);
  for (int i = 0; i < p->groups.n; i++) emit_group(e, p->groups.v[i]);
  for (int i = 0; i < p->sinks.n; i++) emit_sink(e, p->sinks.v[i]);
  emit_array(e, "wr_source", "source", p->sources.n);
  emit_stages(e);
  emit_ordered_tables(e);
  emit_array(e, "wr_group", "group", p->groups.n);
  emit_array(e, "wr_sink", "sink", p->sinks.n);
  emit_params(e);
  emit_small_tables(e);
  emit_sites(e);
  cunit_open(e->u, "const wr_program weir_program =");
  cunit_line(e->u, ".abi = WEIR_ABI, .name = %s, .file = %s,", quoted(e, p->name), quoted(e, p->file));
  cunit_line(
      e->u,
      ".nop = %d, .nport = %d, .nsource = %d, .ngroup = %d, .nsink = %d, .nfeed = %d, .nparam = %d, .nsite = %d,",
      p->ops.n, p->ports.n, p->sources.n, p->groups.n, p->sinks.n, p->feeds.n, p->params.n, p->sites.n);
  cunit_line(
      e->u,
      ".op = ops, .port = ports, .source = sources, .group = groups, .sink = sinks, .feed = feeds, "
      ".param = params, .site = sites, .nstage = %d, .stage = stages,", p->stages.n);
  cunit_line(e->u, ".nseq = %d, .nstore = %d, .nsliding = %d, .nlimit = %d, .nrule = %d, .nlookup = %d,", p->seqs.n,
             p->stores.n, p->slidings.n, p->limits.n, p->rules.n, p->tables.n);
  cunit_line(e->u, ".seq = all_seq, .store = all_store, .sliding = all_sliding, .limit = all_limit, .rule = rules, "
             ".lookup = all_lookup,");
  cunit_line(e->u, ".errors = %d, .regex = regexes, .nregex = %d", p->errors, p->regexes.n);
  cunit_close(e->u, ";");
}

/* The connectors and formats that the program names: a static link brings no others. */
static void emit_externs(Emit *e)
{
  Plan *p = e->p;
  for (int i = 0; i < p->ops.n; i++) {
    const PlanOp *op = p->ops.v[i];
    if (op->kind != OPK_SOURCE && op->kind != OPK_TABLE && op->kind != OPK_SINK) continue;
    const Config *conn = op->kind == OPK_SINK ? &op->decl->u.sink.to : &plan_clauses(op)->from;
    const Config *fmt = op->kind == OPK_SINK ? &op->decl->u.sink.format : &plan_clauses(op)->format;
    cunit_line(e->u, "extern const wr_connector %s;", conn->conn->symbol);
    if (fmt->given) cunit_line(e->u, "extern const wr_format %s;", fmt->fmt->symbol);
  }
}

/* ---- the whole text ---- */

static const char *head(Emit *e)
{
  const char *name = cunit_comment(e->u, e->p->name), *text;
  text = S(e, "/* %s.c -- generated by weir from %s. Do not edit.\n *\n", name, cunit_comment(e->u, e->p->file));
  for (int i = 0; i < e->p->pipelines.n; i++) {
    const Pipeline *q = &e->p->pipelines.v[i];
    text = S(e, "%s *   pipeline %d   [%d] %s %s", text, q->id, q->head->id, op_rows[q->head->kind].name,
             cunit_comment(e->u, q->head->name));
    for (int k = 0; k < q->ops.n; k++)
      text = S(e, "%s -> [%d] %s", text, q->ops.v[k]->id, op_rows[q->ops.v[k]->kind].name);
    text = S(e, "%s\n", text);
  }
  return S(e, "%s */\n#ifndef WEIR_RT_H\n#include \"weir/rt.h\"\n#endif\n#if WEIR_ABI != %d\n"
           "#error \"generated for runtime ABI %d: generate it again\"\n#endif\n", text, WEIR_ABI, WEIR_ABI);
}

char *emit(Plan *p, bool lines, size_t *length)
{
  Emit e = { .p = p, .a = p->c->arena };
  e.u = cunit_new(p->c, S(&e, "%s.c", p->name), lines);
  emit_stores(&e);
  emit_records(&e);
  for (int i = 0; i < p->groups.n; i++) emit_specs(&e, p->groups.v[i]);
  for (int i = 0; i < p->slidings.n; i++) emit_specs(&e, p->slidings.v[i]);
  for (int i = 0; i < p->pipelines.n; i++) emit_pipeline(&e, &p->pipelines.v[i]);
  cunit_to(e.u, SEC_PROTOS);
  emit_externs(&e);
  emit_tables(&e);
  char *text = cunit_render(e.u, head(&e), length);
  cunit_free(e.u);
  return text;
}
