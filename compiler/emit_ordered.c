/* emit_ordered.c -- tables of ordered operators: sequencers, states, windows of events, limits, rules. */
#include <string.h>
#include "emit.h"

static const char *quoted(Emit *e, const char *s) { return cunit_string(e->u, s, strlen(s)); }

/* ---- keys ---- */

/* A key's cells: what hash_key of emit_rule.c hashes. */
static int emit_key_cells(Emit *e, const char *name, PExpr *const *x, const char *const *names, int n)
{
  int count = 0;
  Type *flag = type_scalar(e->p->c->types, T_INT, false);
  VEC(const char *) rows = { 0 };
  for (int i = 0; i < n; i++) {
    Type *t = type_nullable(e->p->c->types, x[i]->type, false);
    if (x[i]->type->nullable) {
      const char *row = S(e, "{ %s, %s, 0, 0, 0 },", quoted(e, S(e, "%s is null", names[i])), emit_type(e, flag));
      vec_push(e->a, &rows, row);
      count++;
    }
    const char *row = S(e, "{ %s, %s, 0, 0, 0 },", quoted(e, names[i]), emit_type(e, t));
    vec_push(e->a, &rows, row);
    count++;
  }
  cunit_open(e->u, "static const wr_cell %s[] =", name);
  for (int i = 0; i < rows.n; i++) cunit_line(e->u, "%s", rows.v[i]);
  if (!rows.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
  return count;
}

static int key_cells(Emit *e, const PlanOp *op)
{
  return emit_key_cells(e, S(e, "op%d_key", op->id), op->key->exprs.v, op->key->key_names, op->key->exprs.n);
}

static const char *config_of(Emit *e, const PlanOp *op) { return op->config.n ? S(e, "op%d_config", op->id) : "0"; }

/* ---- sequencers ---- */

static void emit_lane_types(Emit *e, const PlanOp *lane)
{
  const PlanPort *port = &e->p->ports.v[lane->port];
  const char *text = "", *names = "";
  for (int i = 0; i < port->cols.n; i++) {
    text = S(e, "%s%s, ", text, emit_type(e, port->cols.v[i]));
    names = S(e, "%s%s, ", names, quoted(e, port->names.v[i]));
  }
  cunit_line(e->u, "static const wr_type *const op%d_type[] = { %s0 };", lane->id, text);
  cunit_line(e->u, "static const char *const op%d_column[] = { %s0 };", lane->id, names);
}

/* Only steps without memory between it and sources: read again, the records give the same rows. */
static bool made_again(const PlanOp *op)
{
  switch (op->kind) {
  case OPK_SOURCE: return true;
  case OPK_WHERE: case OPK_SELECT: case OPK_SAMPLE: case OPK_KEY: case OPK_UNION: case OPK_UNNEST: break;
  case OPK_TABLE: case OPK_LOOKUP: case OPK_PEEK:
  case OPK_FEED: case OPK_GROUP: case OPK_SEQ: case OPK_SLIDING: case OPK_RULE: case OPK_STATE: case OPK_EMITTED:
  case OPK_LATE: case OPK_SINK: return false;
  }
  for (int i = 0; i < op->in.n; i++)
    if (!made_again(op->in.v[i])) return false;
  return op->in.n > 0;
}

static void emit_seqs(Emit *e)
{
  Plan *p = e->p;
  for (int i = 0; i < p->seqs.n; i++) {
    const PlanSeq *s = &p->seqs.v[i];
    for (int k = 0; k < s->lanes.n; k++) emit_lane_types(e, s->lanes.v[k]);
    cunit_open(e->u, "static const wr_lane seq%d_lanes[] =", i);
    for (int k = 0; k < s->lanes.n; k++)
      cunit_line(e->u, "{ %s, %d, %d, %d, op%d_type, op%d_column, %d },", quoted(e, s->lanes.v[k]->name),
                 s->lanes.v[k]->id, s->lanes.v[k]->port, s->lanes.v[k]->out_port, s->lanes.v[k]->id,
                 s->lanes.v[k]->id, made_again(s->lanes.v[k]->in.v[0]));
    cunit_close(e->u, ";");
    cunit_line(e->u, "static const wr_seq seq%d = { %s, %d, %d, %d, seq%d_lanes, %d };", i, quoted(e, s->name),
               s->lanes.v[0]->id, s->stage, s->lanes.n, i, plan_comes_back(p, i));
  }
}

/* ---- states ---- */

static void emit_init(Emit *e, int store)
{
  const PlanStore *s = &e->p->stores.v[store];
  Section was = cunit_to(e->u, SEC_OPS);
  cunit_open(e->u, "static void store%d_init(wr_ctx *ctx, void *record)", store);
  e->op = s->updates.v[0];
  e->in = NULL;
  e->temp = 0;
  cunit_line(e->u, "char *const s = record;");
  cunit_line(e->u, "(void)ctx;");
  for (int i = 0; i < s->cells.n; i++) {
    const PlanCell *c = &s->cells.v[i];
    bool wide = (c->type->props & TP_TEXT) || c->type->elem;
    const char *ctype = c->type->kind == T_BOOL || c->type->kind == T_REC ? "wr_i64" : emit_ctype(c->type);
    Val v = { NULL, "1" };
    if (c->init && !(c->init->kind == PX_CONST && c->init->u.k.st)) v = emit_expr(e, c->init);
    if (v.v) cunit_line(e->u, "*(%s *)(s + %u) = %s;", ctype, c->off, v.v);
    else cunit_line(e->u, "memset(s + %u, 0, %d);", c->off, wide ? 16 : 8);
    if (c->type->nullable) cunit_line(e->u, "s[%u] = %s;", c->st, v.s ? S(e, "%s != 0", v.s) : "0");
  }
  cunit_close(e->u, "");
  cunit_line(e->u, "%s", "");
  cunit_to(e->u, was);
}

/* The program's text in one line. */
static const char *written(Emit *e, Span span)
{
  const Source *src = e->p->c->sources.v[span.file];
  char *text = arena_text(e->a, src->text + span.from, span.to - span.from);
  for (char *p = text; *p; p++)
    if ((unsigned char)*p < ' ') *p = ' ';
  return text;
}

/* What each field means: a line an assignment. */
static const char *meaning(Emit *e, const PlanStore *s)
{
  const char *text = "";
  const OnBlocks *on = &s->decl->u.state.on;
  for (int i = 0; i < on->n; i++) {
    const OnBlock *b = &on->v[i];
    const char *where = b->where ? S(e, " where %s", written(e, b->where->span)) : "";
    for (int k = 0; k < b->assigns.n; k++)
      text = S(e, "%s%s%s on %s%s: %s", text, *text ? "\n" : "", b->assigns.v[k].name.name, b->stream.name, where,
               written(e, b->assigns.v[k].value->span));
  }
  return text;
}

static void emit_store(Emit *e, int i)
{
  const PlanStore *s = &e->p->stores.v[i];
  const PlanOp *op = s->updates.v[0];
  int nkey = key_cells(e, op);
  emit_init(e, i);
  VEC(const char *) rows = { 0 };
  for (int k = 0; k < s->cells.n; k++) {
    const PlanCell *c = &s->cells.v[k];
    const char *row = S(e, "{ %s, %s, %u, %u, %lld },", quoted(e, c->name), emit_type(e, c->type), c->off, c->st,
                        (long long)c->max);
    vec_push(e->a, &rows, row);
  }
  cunit_open(e->u, "static const wr_cell store%d_fields[] =", i);
  for (int k = 0; k < rows.n; k++) cunit_line(e->u, "%s", rows.v[k]);
  cunit_close(e->u, ";");
  cunit_open(e->u, "static const wr_store store%d =", i);
  cunit_line(e->u, "%s, %d, %d, %d, %d, op%d_key, store%d_fields, %u, store%d_init,", quoted(e, s->decl->name.name),
             op->id, plan_behind(e->p, op), nkey, s->cells.n, op->id, i, s->size, i);
  cunit_line(e->u, "%s, %s", quoted(e, meaning(e, s)), config_of(e, op));
  cunit_close(e->u, ";");
}

/* ---- windows of events ---- */

static void emit_sliding(Emit *e, const PlanOp *op)
{
  const char *kinds = "", *nulls = "", *types = "", *names = "";
  int nkey = key_cells(e, op);
  for (int i = 0; i < op->args.n; i++) {
    types = S(e, "%s%s, ", types, emit_type(e, op->args.v[i]->type));
    names = S(e, "%s%s, ", names, quoted(e, px_text(e->p, op->args.v[i], &op->in.v[0]->schema)));
    kinds = S(e, "%s%s, ", kinds, emit_kind(op->args.v[i]->type));
    nulls = S(e, "%s%d, ", nulls, op->args.v[i]->type->nullable);
  }
  cunit_line(e->u, "static const wr_u8 op%d_kind[] = { %s0 };", op->id, kinds);
  cunit_line(e->u, "static const wr_u8 op%d_null[] = { %s0 };", op->id, nulls);
  cunit_line(e->u, "static const wr_type *const op%d_type[] = { %s0 };", op->id, types);
  cunit_line(e->u, "static const char *const op%d_column[] = { %s0 };", op->id, names);
  cunit_open(e->u, "static const wr_sliding sliding%d =", op->index);
  cunit_line(e->u, "%s, %d, %d, %d, %d, op%d_key, op%d_kind, op%d_null, %d, op%d_agg, op%d_spec, %u, %s,",
             quoted(e, op->name), op->id, op->arrival ? -1 : plan_behind(e->p, op), nkey, op->args.n, op->id, op->id,
             op->id, op->aggs.n, op->id, op->id, op->cell_size, config_of(e, op));
  cunit_line(e->u, "op%d_column, op%d_type", op->id, op->id);
  cunit_close(e->u, ";");
}

/* ---- rules ---- */

static void emit_limits(Emit *e, const PlanOp *op)
{
  const char **names = arena_alloc(e->a, ((size_t)op->limit_key.n + 1) * sizeof *names);
  for (int i = 0; i < op->limit_key.n; i++) {
    const Path *path = &op->limit_names->v[i];
    names[i] = path->parts.v[path->parts.n - 1].name;
  }
  int nkey = emit_key_cells(e, S(e, "limit%d_key", op->limit), op->limit_key.v, names, op->limit_key.n);
  cunit_line(e->u, "static const wr_limit limit%d = { %s, %d, %d, %d, limit%d_key, %s };", op->limit,
             quoted(e, op->name), op->id, op->arrival ? -1 : plan_behind(e->p, op), nkey, op->limit, config_of(e, op));
}

static void emit_rules(Emit *e)
{
  cunit_open(e->u, "static const wr_rule rules[] =");
  for (int i = 0; i < e->p->rules.n; i++) {
    const PlanOp *op = e->p->rules.v[i];
    cunit_line(e->u, "{ %s, %d, %d },", quoted(e, op->name), op->id, op->shadow);
  }
  if (!e->p->rules.n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
}

static void emit_array(Emit *e, const char *name, int n)
{
  const char *text = "";
  for (int i = 0; i < n; i++) text = S(e, "%s&%s%d, ", text, name, i);
  cunit_line(e->u, "static const wr_%s *const all_%s[] = { %s0 };", name, name, text);
}

void emit_ordered_tables(Emit *e)
{
  Plan *p = e->p;
  emit_seqs(e);
  for (int i = 0; i < p->stores.n; i++) emit_store(e, i);
  for (int i = 0; i < p->slidings.n; i++) emit_sliding(e, p->slidings.v[i]);
  for (int i = 0; i < p->limits.n; i++) emit_limits(e, p->limits.v[i]);
  emit_rules(e);
  emit_array(e, "seq", p->seqs.n);
  emit_array(e, "store", p->stores.n);
  emit_array(e, op_rows[OPK_SLIDING].name, p->slidings.n);
  emit_array(e, "limit", p->limits.n);
}
