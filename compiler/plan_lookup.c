/* plan_lookup.c -- external tables and the lookups in them.
 *
 * TABLE is where a table's records come from: built like a source, but no operator takes rows from it, and
 * they are put into the table instead. LOOKUP takes a row and finds the record of its key: the columns
 * that it adds are leaves of that record, read where it lies. Only what some lookup reads is kept.
 */
#include <string.h>
#include "build.h"

/* ---- tables ---- */

SourceClauses *plan_clauses(const PlanOp *op)
{
  return op->kind == OPK_TABLE ? &op->decl->u.table.c : &op->decl->u.source.c;
}

PlanOp *build_table(Builder *b, Decl *d)
{
  Plan *p = b->p;
  PlanOp *op = build_op(p, OPK_TABLE, d->name.name, d->span);
  SourceClauses *c = &d->u.table.c;
  Built self = { d, op };
  PlanTable t = { .decl = d, .op = op };
  Lower l = build_no_input(p);

  vec_push(p->c->arena, &b->built, self);
  op->decl = d;
  op->table = op->index = p->tables.n;
  for (int i = 0; i < d->u.table.key.n; i++) {
    int col = plan_path_leaf(d->shape.row, &d->u.table.key.v[i]);
    vec_push(p->c->arena, &t.key, col);
  }
  vec_push(p->c->arena, &p->tables, t);
  build_input(b, op, c, d->shape.row);
  build_config(p, op, c->refresh ? lower1(&l, c->refresh) : NULL);
  p->tables.v[op->table].kept = arena_alloc(p->c->arena, (size_t)op->schema.n + 1);
  for (int i = 0; i < t.key.n; i++) op->schema.v[t.key.v[i]].needed = true;
  return op;
}

bool plan_table_fixed(const PlanTable *t)
{
  const char *versions = t->decl->u.table.c.versions.name;
  return versions && strcmp(versions, "static") == 0;
}

/* ---- lookups ---- */

static void conditions(Lower *l, PlanOp *op, Step *s)
{
  Plan *p = l->plan;
  l->found = op;
  for (int i = 0; i < s->u.join.rest.n; i++) {
    PExpr *x = lower1(l, s->u.join.rest.v[i]);
    vec_push(p->c->arena, &op->exprs, x);
  }
  build_cols(p, &op->schema, s->out.row, "", false);
}

/* Behind it a select that changes nothing: plan_sequence joins what several instances give there. */
static PlanOp *handed_on(Plan *p, PlanOp *in, const char *name, Span span)
{
  PlanOp *op = build_op(p, OPK_SELECT, name, span);
  for (int i = 0; i < in->schema.n; i++) {
    PExpr *x = build_pass(p, in, i, span);
    vec_push(p->c->arena, &op->exprs, x);
  }
  op->schema = in->schema;
  build_connect(p, in, op);
  return op;
}

/* The record that a state keeps for another key than the row's own, as of the row. */
static PlanOp *build_peek(Builder *b, PlanOp *in, Step *s, const char *name)
{
  Plan *p = b->p;
  Decl *d = s->u.join.right.decl;
  int n = d->u.state.by.n, store = build_state(b, d);
  PExpr **key = arena_alloc(p->c->arena, ((size_t)n + 1) * sizeof *key);
  const char **names = arena_alloc(p->c->arena, ((size_t)n + 1) * sizeof *names);
  Lower l = build_lowering(p, in, s->in.row);
  const PlanOp *by = p->stores.v[store].updates.v[0]->key;

  for (int i = 0; i < n; i++) {
    key[i] = px_convert(p, lower1(&l, s->u.join.keys.v[i]), by->exprs.v[i]->type);
    names[i] = by->key_names[i];
  }
  PlanOp *at = build_key(p, in, key, names, n, name, s->span), *op = build_op(p, OPK_PEEK, name, s->span);
  l = build_lowering(p, at, s->in.row);
  op->key = at;
  op->store = store;
  op->join = s->u.join.kind;
  op->nleft = type_leaf_count(s->in.row);
  op->arrival = d->u.state.order.name != NULL;
  conditions(&l, op, s);
  build_connect(p, at, op);
  return handed_on(p, op, name, s->span);
}

PlanOp *build_lookup(Builder *b, PlanOp *in, Step *s, const char *name)
{
  Plan *p = b->p;
  if (s->u.join.right.decl->kind == DECL_STATE) return build_peek(b, in, s, name);
  PlanOp *from = build_decl(b, s->u.join.right.decl);
  PlanOp *op = build_op(p, OPK_LOOKUP, name, s->span);
  Lower l = build_lowering(p, in, s->in.row);
  const PlanTable *t = &p->tables.v[from->table];

  op->table = from->table;
  op->join = s->u.join.kind;
  op->nleft = type_leaf_count(s->in.row);
  for (int i = 0; i < t->key.n; i++) {
    PExpr *x = lower1(&l, s->u.join.keys.v[i]);
    Type *to = type_nullable(p->c->types, from->schema.v[t->key.v[i]].type, x->type->nullable);
    vec_push(p->c->arena, &op->exprs, px_convert(p, x, to));
  }
  conditions(&l, op, s);
  build_connect(p, in, op);
  return op;
}

int plan_table_col(const PlanOp *lookup, int col)
{
  if (col < lookup->nleft || lookup->schema.v[col].meta) return -2;
  return col - lookup->nleft - (lookup->join == JOIN_LEFT);
}

int plan_input_col(const PlanOp *lookup, int col)
{
  return col < lookup->nleft ? col : plan_meta_of(lookup->in.v[0], &lookup->schema.v[col]);
}

/* ---- what is read ---- */

static void keep(PlanTable *t, int col)
{
  t->kept[col] = true;
  t->op->schema.v[col].needed = true;
}

static void keep_found(Plan *p, const PExpr *x)
{
  if (x->kind == PX_FOUND) keep(&p->tables.v[x->u.found.table], x->u.found.col);
  for (int i = 0; i < x->na; i++) keep_found(p, x->a[i]);
}

static void need(void *schema, int col) { ((Schema *)schema)->v[col].needed = true; }

void plan_need_lookup(Plan *p, PlanOp *op)
{
  bool table = op->kind == OPK_LOOKUP;
  for (int i = 0; i < op->schema.n; i++) {
    int col = plan_table_col(op, i);
    if (!op->schema.v[i].needed || col == -1) continue;
    if (col >= 0 && table) keep(&p->tables.v[op->table], col);
    else if (col < 0) op->in.v[0]->schema.v[plan_input_col(op, i)].needed = true;
  }
  for (int i = 0; i < op->exprs.n; i++) {
    px_columns(op->exprs.v[i], need, &op->in.v[0]->schema);
    keep_found(p, op->exprs.v[i]);
  }
}

/* ---- records ---- */

static uint32_t width_of(const Type *t) { return (t->props & TP_TEXT) || t->elem ? 16 : 8; }

/* Values first, 8 or 16 bytes each, then a status byte for each that may be null. */
uint32_t plan_lay_out(PlanCell *cell, int n)
{
  uint32_t at = 0;
  for (int i = 0; i < n; i++) {
    cell[i].off = at;
    at += width_of(cell[i].type);
  }
  for (int i = 0; i < n; i++)
    if (cell[i].type->nullable) cell[i].st = at++;
  return (at + 7u) & ~7u;
}

void plan_lay_out_table(Plan *p, PlanTable *t)
{
  for (int i = 0; i < t->op->schema.n; i++) {
    PlanCell c = { .name = t->op->schema.v[i].name, .type = t->op->schema.v[i].type };
    if (!t->kept[i]) continue;
    vec_push(p->c->arena, &t->cells, c);
    vec_push(p->c->arena, &t->col, i);
  }
  t->size = plan_lay_out(t->cells.v, t->cells.n);
  if (!t->size) t->size = 8;
}
