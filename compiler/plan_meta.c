/* plan_meta.c -- what a record brings beside its row (meta.time, meta.key, meta.header) as hidden columns.
 *
 * A hidden column stands behind the columns of the rows: at the source, which fills it, and at every operator
 * between the source and who reads it. Nobody has one that is not read.
 */
#include <assert.h>
#include <string.h>
#include "lower.h"
#include "weir/text.h"

bool plan_brings_meta(const Decl *source)
{
  return source->kind == DECL_SOURCE && source->u.source.c.from.conn->conn->has_time;
}

static const char *column_name(Plan *p, int what, const char *header)
{
  if (what == META_HEADER) return arena_printf(p->c->arena, "meta.header(\"%s\")", header);
  return what == META_TIME ? "meta.time" : "meta.key";
}

static int find(const Schema *s, int what, const char *header)
{
  for (int i = 0; i < s->n; i++)
    if (s->v[i].meta == what + 1 && (what != META_HEADER || strcmp(s->v[i].header, header) == 0)) return i;
  return -1;
}

int plan_meta_of(const PlanOp *op, const PCol *c) { return find(&op->schema, c->meta - 1, c->header); }

static void shift(PExpr *x, int from)
{
  if (x->kind == PX_COL && x->u.col >= from) x->u.col++;
  for (int i = 0; i < x->na; i++) shift(x->a[i], from);
}

/* Operators may share their schema's memory with their input: it is copied. */
static void insert(Plan *p, PlanOp *op, int at, PCol c)
{
  Schema s = { 0 };
  for (int i = 0; i < op->schema.n; i++) {
    if (i == at) vec_push(p->c->arena, &s, c);
    vec_push(p->c->arena, &s, op->schema.v[i]);
  }
  if (at == op->schema.n) vec_push(p->c->arena, &s, c);
  op->schema = s;
}

/* An unnested row is its input's columns, then the element's: a new column of the input moves those. */
static void widen_unnests(Plan *p, PlanOp *in, int at, PCol c)
{
  for (int i = 0; i < in->out.n; i++) {
    PlanOp *op = in->out.v[i];
    if (op->kind != OPK_UNNEST) continue;
    insert(p, op, at, c);
    for (int k = 0; k < op->out.n; k++)
      for (int j = 0; j < op->out.v[k]->exprs.n; j++) shift(op->out.v[k]->exprs.v[j], at);
  }
}

static int add(Plan *p, PlanOp *op, PCol c)
{
  int at = op->schema.n;
  insert(p, op, at, c);
  widen_unnests(p, op, at, c);
  return at;
}

int plan_meta_col(Plan *p, PlanOp *op, int what, const char *header)
{
  int at = find(&op->schema, what, header);
  PCol c = { .name = column_name(p, what, header), .hidden = true, .meta = what + 1, .header = header };

  if (at >= 0) return at;
  c.type = type_scalar(p->c->types, what == META_TIME ? T_TS : T_STR, what != META_TIME);
  if (op->kind == OPK_SOURCE) return add(p, op, c);
  assert(op->in.n == 1 && !op->windowed);
  int from = plan_meta_col(p, op->in.v[0], what, header);
  if (op->kind == OPK_UNNEST) return find(&op->schema, what, header);
  if (op->kind == OPK_SELECT) {
    PExpr *x = px_new(p, PX_COL, c.type, op->span, 0);
    x->u.col = from;
    vec_push(p->c->arena, &op->exprs, x);
  }
  return add(p, op, c);
}

int plan_time_column(Plan *p, PlanOp *op, const SourceClauses *c)
{
  bool meta = c->time_expr && c->time_expr->u.path.ref.kind == REF_META;
  return meta ? plan_meta_col(p, op, META_TIME, NULL) : plan_path_leaf(op->decl->shape.row, &c->time);
}

/* `ahead d`, where the connector has a time of its own: a check before the others, time <= meta.time + d. */
void plan_ahead(Plan *p, PlanOp *op, const SourceClauses *c)
{
  const wr_connector *conn = c->from.conn->conn;
  Types *t = p->c->types;
  wr_i64 us = 0;
  if (!conn->has_time || op->time_col < 0 || op->schema.v[op->time_col].meta || !(c->ahead || conn->ahead)) return;
  Lower l = { .plan = p, .in = op, .schema = &op->schema, .row = op->decl->shape.row, .window_at = -1 };
  Span span = c->ahead ? c->ahead->span : c->time.span;
  if (!c->ahead) wr_parse_dur(conn->ahead, strlen(conn->ahead), &us);
  PExpr *d = c->ahead ? lower1(&l, c->ahead) : px_const(p, type_scalar(t, T_DUR, false), wr_i64_slot(us, 0), span);
  int meta = plan_meta_col(p, op, META_TIME, NULL);
  PExpr *limit = px_new(p, PX_ARITH, type_scalar(t, T_TS, false), span, 2);
  limit->u.op = OP_ADD;
  limit->fallible = true;
  limit->a[0] = lower_column_at(&l, meta, op->schema.v[meta].type, span);
  limit->a[1] = d;
  PExpr *time = lower_column_at(&l, op->time_col, op->schema.v[op->time_col].type, span);
  PlanCheck k = { .set = -1, .dest = op->bad, .err = WR_E_AHEAD, .site = plan_site(p, op->id, span), .span = span };
  k.cond = lower_compare(&l, OP_LE, span, time, limit);
  vec_push(p->c->arena, &op->checks, k);
}
