/* plan_build.c -- the checked program becomes operators.
 *
 * Only what a sink can reach is built; a stream that two consumers read is one operator with two
 * consumers. Inputs are created before their consumers, so plan->ops is in topological order and the
 * operators' numbers are their places in it.
 */
#include <assert.h>
#include <string.h>
#include "build.h"


PlanOp *build_decl(Builder *b, Decl *d);

PlanOp *build_op(Plan *p, OpKind kind, const char *name, Span span)
{
  PlanOp *op = arena_alloc(p->c->arena, sizeof *op);
  op->kind = kind;
  op->name = name;
  op->span = span;
  op->port = op->out_port = op->index = op->pipeline = op->time_col = -1;
  op->bad = op->late = WR_DROP;
  op->feed = -1;
  vec_push(p->c->arena, &p->ops, op);
  op->id = ++p->ids;
  return op;
}

void build_connect(Plan *p, PlanOp *from, PlanOp *to)
{
  vec_push(p->c->arena, &to->in, from);
  vec_push(p->c->arena, &from->out, to);
}

void build_cols(Plan *p, Schema *s, Type *t, const char *prefix, bool hidden)
{
  Leaves leaves = { 0 };
  type_leaves(p->c, t, prefix, &leaves);
  for (int i = 0; i < leaves.n; i++) {
    PCol c = { .name = leaves.v[i].path, .type = leaves.v[i].type, .field = leaves.v[i].field, .hidden = hidden };
    vec_push(p->c->arena, s, c);
  }
}

void build_window_cols(Plan *p, Schema *s)
{
  Type *ts = type_scalar(p->c->types, T_TS, false);
  build_cols(p, s, ts, "window.start", true);
  build_cols(p, s, ts, "window.end", true);
}

Lower build_lowering(Plan *p, const PlanOp *in, const Type *row)
{
  Lower l = { .plan = p, .in = (PlanOp *)in, .schema = &in->schema, .row = row, .window_at = -1 };
  if (in->windowed) l.window_at = in->schema.n - 2;
  return l;
}

PExpr *build_pass(Plan *p, const PlanOp *in, int col, Span span)
{
  PExpr *x = px_new(p, PX_COL, in->schema.v[col].type, span, 0);
  x->u.col = col;
  return x;
}

/* A select's hidden window bounds, when the stream goes on being windowed. */
static void pass_window(Plan *p, PlanOp *op, const PlanOp *in)
{
  if (!in->windowed) return;
  for (int i = in->schema.n - 2; i < in->schema.n; i++) {
    PExpr *x = build_pass(p, in, i, op->span);
    vec_push(p->c->arena, &op->exprs, x);
  }
  build_window_cols(p, &op->schema);
  op->windowed = true;
}

/* ---- steps ---- */

static PlanOp *build_where(Plan *p, PlanOp *in, Step *s, const char *name)
{
  PlanOp *op = build_op(p, OPK_WHERE, name, s->span);
  Lower l = build_lowering(p, in, s->in.row);
  vec_push(p->c->arena, &op->exprs, lower1(&l, s->u.where));
  op->schema = in->schema;
  op->windowed = in->windowed;
  build_connect(p, in, op);
  return op;
}

static void pass_field(Plan *p, PlanOp *op, const PlanOp *in, const Type *row, Name name)
{
  for (int i = 0; i < row->fields.n; i++) {
    if (row->fields.v[i].name != name) continue;
    int from = plan_field_leaf(row, i);
    for (int k = 0; k < type_leaf_count(row->fields.v[i].type); k++) {
      PExpr *x = build_pass(p, in, from + k, op->span);
      vec_push(p->c->arena, &op->exprs, x);
    }
    return;
  }
  assert(!"a field that nobody gives");
}

/* extend and drop: the out record's fields, those the step names from its items, others passed on. */
static PlanOp *build_extend(Plan *p, PlanOp *in, Step *s, const char *name)
{
  PlanOp *op = build_op(p, OPK_SELECT, name, s->span);
  Expr *rec = s->kind == STEP_EXTEND ? s->u.record : NULL;
  Lower l = build_lowering(p, in, s->in.row);
  PExprs exprs = { 0 };

  for (int i = 0; i < s->out.row->fields.n; i++) {
    const TypeField *f = &s->out.row->fields.v[i];
    const TypeField *given = rec ? type_field(rec->type, f->name) : NULL;
    if (!given) {
      op->exprs.n = 0;
      pass_field(p, op, in, s->in.row, f->name);
      for (int k = 0; k < op->exprs.n; k++) vec_push(p->c->arena, &exprs, op->exprs.v[k]);
      continue;
    }
    PExprs all = { 0 };
    lower(&l, rec, &all);
    for (int j = 0, at = 0; j < rec->type->fields.n; j++) {
      int n = type_leaf_count(rec->type->fields.v[j].type);
      if (&rec->type->fields.v[j] == given)
        for (int k = 0; k < n; k++) vec_push(p->c->arena, &exprs, all.v[at + k]);
      at += n;
    }
  }
  op->exprs.n = 0;
  for (int i = 0; i < exprs.n; i++) vec_push(p->c->arena, &op->exprs, exprs.v[i]);
  build_cols(p, &op->schema, s->out.row, "", false);
  pass_window(p, op, in);
  build_connect(p, in, op);
  return op;
}

static PlanOp *build_select(Plan *p, PlanOp *in, Step *s, const char *name)
{
  PlanOp *op = build_op(p, OPK_SELECT, name, s->span);
  Lower l = build_lowering(p, in, s->in.row);
  PExprs exprs = { 0 };
  lower(&l, s->u.record, &exprs);
  for (int i = 0; i < exprs.n; i++) vec_push(p->c->arena, &op->exprs, exprs.v[i]);
  build_cols(p, &op->schema, s->out.row, "", false);
  pass_window(p, op, in);
  build_connect(p, in, op);
  return op;
}

/* ---- group ---- */

WindowSpec *build_window_of(WindowSpec *w) { return w->decl ? w->decl->u.window : w; }

/* The argument of an aggregate: null where the filter is not true, so that steppers know nulls only. */
static PExpr *filtered(Lower *l, PExpr *arg, Expr *where)
{
  if (!where) return arg;
  Plan *p = l->plan;
  PExpr *x = px_new(p, PX_CASE, type_nullable(p->c->types, arg->type, true), where->span, 3);
  x->u.n = 2;
  x->a[0] = lower1(l, where);
  x->a[1] = arg;
  x->a[2] = px_const(p, x->type, wr_i64_slot(0, WR_NULL), where->span);
  x->fallible = arg->fallible || x->a[0]->fallible;
  return x;
}

static PExpr *one(Plan *p, Span span)
{
  return px_const(p, type_scalar(p->c->types, T_INT, false), wr_i64_slot(1, 0), span);
}

static Type *agg_arg_type(Plan *p, RowType r, PExpr *a)
{
  if (r == R_FLOAT) return type_scalar(p->c->types, T_FLOAT, a->type->nullable);
  return a->type;
}

PlanAgg build_agg(Lower *l, Expr *call)
{
  Plan *p = l->plan;
  PlanAgg g = { .row = call->u.call.agg, .col = { -1, -1 }, .type = call->type, .span = call->span };
  bool constant = g.row->traits & (AGG_OPT_Q | AGG_OPT_K);    /* its last argument: opt[0]; max: is opt[1] */
  int args = 0, columns = g.row->nargs - constant;

  g.opt[0] = g.opt[1] = wr_i64_slot(0, WR_NULL);
  for (int i = 0; i < call->u.call.args.n; i++) {
    Arg *a = &call->u.call.args.v[i];
    if (!a->value) continue;              /* count(*) */
    PExpr *x = lower1(l, a->value);
    if (args < columns && !a->name.name) {
      g.arg[args] = px_convert(p, x, agg_arg_type(p, g.row->arg[args], x));
      args++;
      continue;
    }
    if (g.row->traits & AGG_OPT_Q) x = px_convert(p, x, type_scalar(p->c->types, T_FLOAT, false));
    if (x->kind == PX_CONST) g.opt[a->name.name != NULL] = x->u.k;
  }
  if (!g.arg[0] && call->u.call.where) g.arg[0] = one(p, call->span);    /* count(where e) */
  if (g.arg[0]) g.arg[0] = filtered(l, g.arg[0], call->u.call.where);
  return g;
}

PCol build_agg_col(Plan *p, const PlanAgg *g, int number)
{
  return (PCol){ .name = arena_printf(p->c->arena, "%s%d", g->row->name, number), .type = g->type,
                 .fails = (g->row->traits & AGG_FAILS) != 0 };
}

/* count(where e) counts its argument where it is not null: the row for count(x). */
const AggRow *build_counting(const PlanAgg *g)
{
  if (g->row->nargs > 0 || !g->arg[0]) return g->row;
  for (const AggRow *r = agg_first(g->row->name); r < agg_rows + agg_rows_n && strcmp(r->name, g->row->name) == 0; r++)
    if (r->nargs == 1 && !(r->traits & AGG_DISTINCT)) return r;
  return g->row;
}

void build_layout(PlanOp *op)
{
  uint32_t at = 0;
  for (int i = 0; i < op->aggs.n; i++) {
    op->aggs.v[i].off = at;
    at += (op->aggs.v[i].row->agg->size + 7u) & ~7u;
  }
  op->cell_size = at;
}

void build_config(Plan *p, PlanOp *op, PExpr *x)
{
  vec_push(p->c->arena, &op->config, x);
}

void build_window_config(Plan *p, PlanOp *op, Lower *l, WindowSpec *w)
{
  build_config(p, op, w->qty ? lower1(l, w->qty) : NULL);
  build_config(p, op, w->every ? lower1(l, w->every) : NULL);
  build_config(p, op, w->offset ? lower1(l, w->offset) : NULL);
  PExpr *zone = NULL;
  if (w->has_zone) {
    wr_str s = { w->zone, (wr_u32)strlen(w->zone), 0 };
    zone = px_const(p, type_scalar(p->c->types, T_STR, false), wr_str_slot(s, 0), w->zone_span);
  }
  build_config(p, op, zone);
}

/* A key is one column; the property `window` is two, and then is the window that the results carry. */
static void build_keys(Plan *p, PlanOp *op, Lower *l, const Items *keys)
{
  op->key_at = arena_alloc(p->c->arena, ((size_t)keys->n + 1) * sizeof *op->key_at);
  op->keys = keys;
  op->window_at = -1;
  for (int i = 0; i < keys->n; i++) {
    const Item *k = &keys->v[i];
    PExprs leaves = { 0 };
    lower(l, k->value, &leaves);
    if (leaves.n == 2 && op->window_at < 0) op->window_at = op->exprs.n;
    for (int j = 0; j < leaves.n; j++) {
      vec_push(p->c->arena, &op->exprs, leaves.v[j]);
      build_cols(p, &op->schema, leaves.v[j]->type, leaves.n == 1 ? k->name.name : j ? "end" : "start", false);
    }
    op->key_at[i + 1] = op->exprs.n;
  }
  if (op->window_at < 0) op->window_at = op->exprs.n;
}

static PlanOp *build_group(Plan *p, PlanOp *in, Step *s, const char *name)
{
  WindowSpec *w = build_window_of(s->u.group.over);
  bool per_event = w->row->klass == WC_PER_EVENT;
  PlanOp *op = build_op(p, per_event ? OPK_SLIDING : OPK_GROUP, name, s->span);
  Lower l = build_lowering(p, in, s->in.row);

  op->window = w;
  op->processing = w->processing;
  build_keys(p, op, &l, &s->u.group.keys);
  build_window_cols(p, &op->schema);
  for (int i = 0; i < s->u.group.aggs.n; i++) {
    PlanAgg g = build_agg(&l, s->u.group.aggs.v[i]);
    g.row = build_counting(&g);
    vec_push(p->c->arena, &op->aggs, g);
    PCol c = build_agg_col(p, &g, i + 1);
    vec_push(p->c->arena, &op->schema, c);
  }
  build_layout(op);
  if (per_event) {
    build_per_event(p, in, op);
  } else {
    build_window_config(p, op, &l, w);
    build_connect(p, in, op);
  }

  PlanOp *sel = build_op(p, OPK_SELECT, name, s->u.group.record->span);
  Lower lg = { .plan = p, .group = op, .schema = &op->schema, .row = s->in.row, .window_at = op->window_at };
  PExprs exprs = { 0 };
  lower(&lg, s->u.group.record, &exprs);
  for (int i = 0; i < exprs.n; i++) vec_push(p->c->arena, &sel->exprs, exprs.v[i]);
  build_cols(p, &sel->schema, s->out.row, "", false);
  for (int i = 0; i < 2; i++) {
    PExpr *x = build_pass(p, op, op->window_at + i, op->span);
    vec_push(p->c->arena, &sel->exprs, x);
  }
  build_window_cols(p, &sel->schema);
  sel->windowed = true;
  build_connect(p, op, sel);
  return sel;
}

/* ---- unnest, union, sample ---- */

static PlanOp *build_unnest(Plan *p, PlanOp *in, Step *s, const char *name)
{
  PlanOp *op = build_op(p, OPK_UNNEST, name, s->span);
  Lower l = build_lowering(p, in, s->in.row);
  vec_push(p->c->arena, &op->exprs, lower1(&l, s->u.unnest.list));
  /* its own row: the input's columns, then the element's leaves; a select brings the record's order */
  for (int i = 0; i < in->schema.n; i++) vec_push(p->c->arena, &op->schema, in->schema.v[i]);
  int elem = op->schema.n;
  build_cols(p, &op->schema, op->exprs.v[0]->type->elem, s->u.unnest.as.name, false);
  build_connect(p, in, op);

  PlanOp *sel = build_op(p, OPK_SELECT, name, s->span);
  for (int i = 0; i < s->out.row->fields.n; i++) {
    const TypeField *f = &s->out.row->fields.v[i];
    if (f->name != s->u.unnest.as.name) { pass_field(p, sel, op, s->in.row, f->name); continue; }
    for (int k = elem; k < op->schema.n; k++) {
      PExpr *x = build_pass(p, op, k, s->span);
      vec_push(p->c->arena, &sel->exprs, x);
    }
  }
  build_cols(p, &sel->schema, s->out.row, "", false);
  if (in->windowed) {
    for (int i = in->schema.n - 2; i < in->schema.n; i++) {
      PExpr *x = build_pass(p, op, i, s->span);
      vec_push(p->c->arena, &sel->exprs, x);
    }
    build_window_cols(p, &sel->schema);
    sel->windowed = true;
  }
  build_connect(p, op, sel);
  return sel;
}

/* A select that brings a stream's columns into the order (and nullability) of another's. */
static PlanOp *align(Plan *p, PlanOp *in, const Type *row, Type *to, const char *name, Span span)
{
  PlanOp *op = build_op(p, OPK_SELECT, name, span);
  for (int i = 0; i < to->fields.n; i++) pass_field(p, op, in, row, to->fields.v[i].name);
  build_cols(p, &op->schema, to, "", false);
  build_connect(p, in, op);
  return op;
}

static PlanOp *build_union(Builder *b, PlanOp *in, Step *s, const char *name)
{
  Plan *p = b->p;
  VEC(PlanOp *) parts = { 0 };
  vec_push(p->c->arena, &parts, align(p, in, s->in.row, s->out.row, name, s->span));
  for (int i = 0; i < s->u.onion.decls.n; i++) {
    Decl *d = s->u.onion.decls.v[i];
    PlanOp *other = build_decl(b, d);
    vec_push(p->c->arena, &parts, align(p, other, d->shape.row, s->out.row, name, s->span));
  }
  PlanOp *op = build_op(p, OPK_UNION, name, s->span);
  for (int i = 0; i < parts.n; i++) build_connect(p, parts.v[i], op);
  build_cols(p, &op->schema, s->out.row, "", false);
  return op;
}

static PlanOp *build_sample(Plan *p, PlanOp *in, Step *s, const char *name)
{
  PlanOp *op = build_op(p, OPK_SAMPLE, name, s->span);
  Expr *e = s->u.sample.percent;
  op->share = e->u.lit.i / 100.0;
  for (int i = 0; e->u.lit.kind == LIT_DEC && i < e->u.lit.scale; i++) op->share /= 10;
  for (int i = 0; i < s->u.sample.by.n; i++) {
    const Path *path = &s->u.sample.by.v[i];
    PExpr *x = build_pass(p, in, plan_path_leaf(s->in.row, path), path->span);
    vec_push(p->c->arena, &op->exprs, x);
  }
  op->schema = in->schema;
  op->windowed = in->windowed;
  build_connect(p, in, op);
  return op;
}

static PlanOp *build_step(Builder *b, PlanOp *in, Step *s, const char *name)
{
  switch (s->kind) {
  case STEP_WHERE: return build_where(b->p, in, s, name);
  case STEP_SELECT: return build_select(b->p, in, s, name);
  case STEP_EXTEND: case STEP_DROP: return build_extend(b->p, in, s, name);
  case STEP_GROUP: return build_group(b->p, in, s, name);
  case STEP_UNNEST: return build_unnest(b->p, in, s, name);
  case STEP_UNION: return build_union(b, in, s, name);
  case STEP_SAMPLE: return build_sample(b->p, in, s, name);
  case STEP_JOIN: return build_lookup(b, in, s, name);
  case STEP_DISTINCT: case STEP_TOP: case STEP_MATCH: case STEP_CHANGES: break;
  }
  assert(!"a step that the checker refuses");
  return in;
}

static PlanOp *build_pipe(Builder *b, Pipe *pipe, const char *name)
{
  PlanOp *op = pipe->head.pipe ? build_pipe(b, pipe->head.pipe, name) : build_decl(b, pipe->head.decl);
  for (int i = 0; i < pipe->steps.n; i++) op = build_step(b, op, pipe->steps.v[i], name);
  return op;
}

/* ---- sources, sinks, feeds ---- */

Lower build_no_input(Plan *p)
{
  Lower l = { .plan = p, .window_at = -1 };
  return l;
}

static int feed_of(Builder *b, const Dest *d)
{
  if (d->kind == DEST_FAIL) return WR_FAIL;
  if (d->kind != DEST_TO || !d->feed) return WR_DROP;
  PlanOp *op = build_decl(b, d->feed);
  return op->feed;
}

static void lower_config(Plan *p, PlanOp *op, Config *c, const Type *row)
{
  Lower l = build_no_input(p);
  int n = c->conn ? c->conn->conn->nopt : c->fmt->fmt->nopt;
  l.row = row;
  for (int i = 0; i < n; i++) build_config(p, op, lower_option(&l, c, i));
}

static void source_times(Plan *p, PlanOp *op, SourceClauses *c)
{
  Lower l = build_no_input(p);
  build_config(p, op, c->delay ? lower1(&l, c->delay) : NULL);
  build_config(p, op, c->idle ? lower1(&l, c->idle) : NULL);
  build_config(p, op, c->ahead ? lower1(&l, c->ahead) : NULL);
  build_config(p, op, c->quiet ? lower1(&l, c->quiet) : NULL);
}

static void source_check(Builder *b, PlanOp *op, CheckClause *cc, const Type *row)
{
  Plan *p = b->p;
  Lower l = build_lowering(p, op, row);
  PlanCheck k = { .set = -1, .dest = WR_DROP, .err = WR_E_CHECK, .span = cc->cond->span };
  k.cond = lower1(&l, cc->cond);
  k.site = plan_site(p, op->id, cc->cond->span);
  if (cc->dest.kind == DEST_SET) {
    for (int i = 0; i < row->fields.n; i++)
      if (row->fields.v[i].name == cc->dest.set.name) k.set = plan_field_leaf(row, i);
    k.value = px_convert(p, lower1(&l, cc->dest.set_value), op->schema.v[k.set].type);
  } else {
    k.dest = feed_of(b, &cc->dest);
  }
  vec_push(p->c->arena, &op->checks, k);
}

void build_input(Builder *b, PlanOp *op, SourceClauses *c, const Type *row)
{
  Plan *p = b->p;
  build_cols(p, &op->schema, (Type *)row, "", false);
  op->strict = c->strict;
  if (c->has_time) op->time_col = plan_time_column(p, op, c);
  if (b->test) op->decl = build_given(b, op, op->decl);
  else lower_config(p, op, &c->from, row);
  if (plan_clauses(op)->format.given) lower_config(p, op, &c->format, row);
  source_times(p, op, c);
  op->bad = feed_of(b, &c->bad);
  op->late = feed_of(b, &c->late);
  plan_ahead(p, op, c);
  for (int i = 0; i < c->checks.n; i++)
    if (!c->checks.v[i].strict) source_check(b, op, &c->checks.v[i], row);
}

static PlanOp *build_source(Builder *b, Decl *d)
{
  Plan *p = b->p;
  SourceClauses *c = &d->u.source.c;
  PlanOp *op = build_op(p, OPK_SOURCE, d->name.name, d->span);
  Built self = { d, op };

  vec_push(p->c->arena, &b->built, self); /* before its feeds, which name it as their origin */
  op->decl = d;
  op->index = p->sources.n;
  vec_push(p->c->arena, &p->sources, op);
  build_input(b, op, c, d->shape.row);
  return op;
}

static PlanOp *build_feed(Builder *b, Decl *d)
{
  Plan *p = b->p;
  PlanOp *op = build_op(p, OPK_FEED, d->name.name, d->span);
  Built self = { d, op };
  vec_push(p->c->arena, &b->built, self);
  op->decl = d;
  op->feed = op->index = p->feeds.n;
  PlanFeed f = { d->name.name, d->u.feed.kind, -1, op };
  vec_push(p->c->arena, &p->feeds, f);
  build_cols(p, &op->schema, d->shape.row, "", false);
  return op;
}

PlanOp *build_decl(Builder *b, Decl *d)
{
  for (int i = 0; i < b->built.n; i++)
    if (b->built.v[i].decl == d) return b->built.v[i].op;
  if (d->kind == DECL_SOURCE) return build_source(b, d);
  if (d->kind == DECL_TABLE) return build_table(b, d);
  if (d->kind == DECL_FEED) return build_feed(b, d);
  assert(d->kind == DECL_STREAM);
  if (!d->u.stream.pipe) return build_emitted(b, d);
  Built self = { d, build_pipe(b, d->u.stream.pipe, d->name.name) };
  vec_push(b->p->c->arena, &b->built, self);
  return self.op;
}

PlanOp *build_output(Builder *b, Decl *d, const char *name)
{
  Plan *p = b->p;
  PlanOp *in = build_decl(b, d->u.sink.input);
  PlanOp *op = build_op(p, OPK_SINK, name, d->span);

  op->decl = d;
  op->index = p->sinks.n;
  vec_push(p->c->arena, &p->sinks, op);
  for (int i = 0; i < in->schema.n; i++) {
    if (in->schema.v[i].hidden) continue;
    PExpr *x = build_pass(p, in, i, d->span);
    vec_push(p->c->arena, &op->exprs, x);
    vec_push(p->c->arena, &op->schema, in->schema.v[i]);
  }
  build_connect(p, in, op);
  return op;
}

static void build_sink(Builder *b, Decl *d)
{
  PlanOp *op = build_output(b, d, d->u.sink.as.name ? d->u.sink.as.name : d->name.name);
  const Paths *key = d->u.sink.partition_by.n ? &d->u.sink.partition_by : &d->u.sink.key;
  for (int i = 0; d->u.sink.to.conn->conn->keyed && i < key->n; i++) {
    int col = plan_path_leaf(d->u.sink.input->shape.row, &key->v[i]);
    vec_push(b->p->c->arena, &op->key_cols, col);
  }
  lower_config(b->p, op, &d->u.sink.to, d->u.sink.input->shape.row);
  if (d->u.sink.format.given) lower_config(b->p, op, &d->u.sink.format, d->u.sink.input->shape.row);
}

/* ---- parameters ---- */

static void build_params(Plan *p, Program *prog, const Decl *test)
{
  for (int i = 0; i < prog->decls.n; i++) {
    if (prog->decls.v[i]->kind != DECL_PARAM) continue;
    PlanParam q = { prog->decls.v[i], NULL, NULL };
    vec_push(p->c->arena, &p->params, q);
  }
  for (int i = 0; i < p->params.n; i++) { /* a default may read an earlier parameter */
    PlanParam *q = &p->params.v[i];
    Lower l = build_no_input(p);
    Expr *set = test ? build_set(test, q->decl) : NULL;
    q->value = px_convert(p, lower1(&l, set ? set : q->decl->u.param.value), q->decl->type);
    if (q->decl->u.param.check) q->check = lower1(&l, q->decl->u.param.check);
  }
}

static void build_sinks(Builder *b)
{
  const Program *prog = b->p->c->program;
  for (int i = 0; i < prog->decls.n; i++)
    if (prog->decls.v[i]->kind == DECL_SINK) build_sink(b, prog->decls.v[i]);
}

Plan *plan_build(Compiler *c, const char *file, Decl *test)
{
  Plan *p = arena_alloc(c->arena, sizeof *p);
  Builder b = { .p = p, .test = test };

  p->c = c;
  p->file = path_base(file);
  const char *base = path_base(file);
  const char *dot = strrchr(base, '.');
  p->name = arena_text(c->arena, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
  build_params(p, c->program, test);
  if (test) build_test(&b);
  else build_sinks(&b);
  for (int i = 0; i < c->program->decls.n; i++) {             /* a state is kept, whoever reads it later */
    Decl *d = c->program->decls.v[i];
    if (d->kind == DECL_STATE && (d->span.file == 0 || d->used)) build_state(&b, d);
  }
  for (int i = 0; i < p->feeds.n; i++) {  /* a source that only its bad rows are read of still runs */
    Decl *f = p->feeds.v[i].op->decl;
    for (int k = 0; k < f->u.feed.sources.n; k++) build_decl(&b, f->u.feed.sources.v[k]);
  }
  p->errors = WR_DROP;
  if (c->program->errors && c->program->errors->u.errors.feed)
    p->errors = build_decl(&b, c->program->errors->u.errors.feed)->feed;
  return p;
}
