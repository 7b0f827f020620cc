/* plan_rule.c -- states and rules become operators: a key, perhaps a window of events, then what reads and
 * what writes by that key.
 *
 * They hang below the streams that they watch as those are built; plan_sequence moves them behind the
 * sequencers that order their rows.
 */
#include "build.h"
#include "check.h"
#include "scope.h"

static int place_of(Plan *p, const Decl *d)
{
  for (int i = 0; i < p->c->program->decls.n; i++)
    if (p->c->program->decls.v[i] == d) return i;
  return 0;
}

/* ---- keys ---- */

static bool same_key(const PlanOp *op, PExpr **key, int n)
{
  if (op->kind != OPK_KEY || op->exprs.n != n) return false;
  for (int i = 0; i < n; i++)
    if (!px_same(op->exprs.v[i], key[i])) return false;
  return true;
}

PlanOp *build_key(Plan *p, PlanOp *in, PExpr **key, const char *const *names, int n, const char *name, Span span)
{
  for (int i = 0; i < in->out.n; i++)
    if (same_key(in->out.v[i], key, n)) return in->out.v[i];
  PlanOp *op = build_op(p, OPK_KEY, name, span);
  for (int i = 0; i < n; i++) vec_push(p->c->arena, &op->exprs, key[i]);
  op->key_names = names;
  op->schema = in->schema;
  op->windowed = in->windowed;
  build_connect(p, in, op);
  return op;
}

static const char *last_part(const Path *path) { return path->parts.v[path->parts.n - 1].name; }

/* The key of columns `by` of a stream's rows. */
static PlanOp *key_by(Plan *p, PlanOp *in, const Type *row, const Paths *by, const char *name, Span span)
{
  PExpr **key = arena_alloc(p->c->arena, ((size_t)by->n + 1) * sizeof *key);
  const char **names = arena_alloc(p->c->arena, ((size_t)by->n + 1) * sizeof *names);
  for (int i = 0; i < by->n; i++) {
    key[i] = build_pass(p, in, plan_path_leaf(row, &by->v[i]), by->v[i].span);
    names[i] = last_part(&by->v[i]);
  }
  return build_key(p, in, key, names, by->n, name, span);
}

/* ---- states ---- */

static int new_store(Plan *p, Decl *d)
{
  PlanStore s = { .decl = d };
  for (int i = 0; i < d->type->fields.n; i++) {
    const TypeField *f = &d->type->fields.v[i];
    Leaves leaves = { 0 };
    PExprs init = { 0 };
    Lower l = build_no_input(p);
    type_leaves(p->c, f->type, f->name, &leaves);
    if (f->dflt) lower_as(&l, f->dflt, f->type, &init);
    for (int k = 0; k < leaves.n; k++) {
      PExpr *x = k < init.n ? px_convert(p, init.v[k], leaves.v[k].type) : NULL;
      PlanCell cell = { leaves.v[k].path, leaves.v[k].type, 0, 0, x, d->u.state.fields.v[i].max };
      vec_push(p->c->arena, &s.cells, cell);
    }
  }
  s.size = plan_lay_out(s.cells.v, s.cells.n);
  vec_push(p->c->arena, &p->stores, s);
  return p->stores.n - 1;
}

static int cell_of(const Decl *d, Name field)
{
  for (int i = 0; i < d->type->fields.n; i++)
    if (d->type->fields.v[i].name == field) return plan_field_leaf(d->type, i);
  return 0;
}

static void build_assign(Plan *p, PlanOp *op, Lower *l, const Decl *d, const Assign *a)
{
  PExprs leaves = { 0 };
  int cell = cell_of(d, a->name.name);
  lower_as(l, a->value, type_field(d->type, a->name.name)->type, &leaves);
  for (int i = 0; i < leaves.n; i++) {
    Type *to = p->stores.v[op->store].cells.v[cell + i].type;
    PlanAssign x = { cell + i, px_convert(p, leaves.v[i], to) };
    vec_push(p->c->arena, &op->assigns, x);
  }
}

static void build_update(Builder *b, int store, Decl *d, OnBlock *on)
{
  Plan *p = b->p;
  const Type *row = on->decl->shape.row;
  PlanOp *key = key_by(p, build_decl(b, on->decl), row, &d->u.state.by, d->name.name, on->span);
  PlanOp *op = build_op(p, OPK_STATE, d->name.name, on->span);
  Lower l = build_lowering(p, key, row);

  l.builder = b;
  op->key = key;
  op->store = store;
  op->order = place_of(p, d);
  op->arrival = d->u.state.order.name != NULL;
  build_connect(p, key, op);
  if (on->where) {
    PExpr *x = lower1(&l, on->where);
    vec_push(p->c->arena, &op->exprs, x);
  }
  for (int i = 0; i < on->assigns.n; i++) build_assign(p, op, &l, d, &on->assigns.v[i]);
  l = build_no_input(p);
  if (!p->stores.v[store].updates.n)
    build_config(p, op, keep_all(d->u.state.keep) ? NULL : lower1(&l, d->u.state.keep));
  vec_push(p->c->arena, &p->stores.v[store].updates, op);
}

int build_state(Builder *b, Decl *d)
{
  Plan *p = b->p;
  for (int i = 0; i < p->stores.n; i++)
    if (p->stores.v[i].decl == d) return i;
  int store = new_store(p, d);            /* before its updates, which may name it */
  for (int i = 0; i < d->u.state.on.n; i++) build_update(b, store, d, &d->u.state.on.v[i]);
  return store;
}

/* ---- a rule's window ---- */

static bool per_event(const WindowSpec *w) { return w->row->klass == WC_PER_EVENT; }

static bool same_agg(const PlanAgg *a, const PlanAgg *b)
{
  if (a->row != b->row) return false;
  for (int k = 0; k < 2; k++) {
    if (!a->arg[k] != !b->arg[k] || (a->arg[k] && !px_same(a->arg[k], b->arg[k]))) return false;
    if (a->opt[k].st != b->opt[k].st || (!a->opt[k].st && a->opt[k].u.i != b->opt[k].u.i)) return false;
  }
  return true;
}

int build_rule_agg(Lower *l, Expr *call)
{
  Plan *p = l->plan;
  PlanOp *host = l->host;
  PlanAgg g = build_agg(l->args, call);
  g.row = build_counting(&g);
  for (int i = 0; i < host->aggs.n; i++)
    if (same_agg(&host->aggs.v[i], &g)) return i;
  vec_push(p->c->arena, &host->aggs, g);
  PCol c = build_agg_col(p, &g, host->aggs.n);
  vec_push(p->c->arena, &host->schema, c);
  build_layout(host);
  return host->aggs.n - 1;
}

static bool same_window(const PlanOp *op, const WindowSpec *w, bool arrival)
{
  if (op->kind != OPK_SLIDING || op->keys || op->arrival != arrival) return false;
  return op->window == w || (op->window->row == w->row && expr_same(op->window->qty, w->qty));
}

/* Rules over the same rows, key and window share the window. */
static PlanOp *event_window(Plan *p, PlanOp *key, WindowSpec *w, const Decl *d)
{
  bool arrival = d->u.rule.order.name != NULL;
  for (int i = 0; i < key->out.n; i++)
    if (same_window(key->out.v[i], w, arrival)) return key->out.v[i];
  PlanOp *op = build_op(p, OPK_SLIDING, d->u.rule.over->decl ? d->u.rule.over->decl->name.name : d->name.name, w->span);
  Lower l = build_no_input(p);
  op->key = key;
  op->window = w;
  op->arrival = arrival;
  for (int i = 0; i < key->schema.n; i++) {
    PExpr *x = build_pass(p, key, i, d->span);
    vec_push(p->c->arena, &op->exprs, x);
    vec_push(p->c->arena, &op->schema, key->schema.v[i]);
  }
  build_window_cols(p, &op->schema);
  build_config(p, op, lower1(&l, w->qty));
  build_connect(p, key, op);
  return op;
}

/* A grouping by the rule's key, whose closed windows the rule judges. */
static PlanOp *closed_window(Plan *p, PlanOp *in, Lower *event, WindowSpec *w, const Decl *d)
{
  PlanOp *op = build_op(p, OPK_GROUP, d->name.name, w->span);
  const Paths *by = &d->u.rule.by;
  op->window = w;
  op->processing = w->processing;
  op->window_at = by->n;
  for (int i = 0; i < by->n; i++) {
    PExpr *x = build_pass(p, in, plan_path_leaf(event->row, &by->v[i]), by->v[i].span);
    vec_push(p->c->arena, &op->exprs, x);
    build_cols(p, &op->schema, x->type, last_part(&by->v[i]), false);
  }
  build_window_cols(p, &op->schema);
  op->windowed = true;
  build_window_config(p, op, event, w);
  build_connect(p, in, op);
  return op;
}

static Type *key_row(Plan *p, const PlanOp *group)
{
  VEC(TypeField) fields = { 0 };
  for (int i = 0; i < group->exprs.n; i++) {
    TypeField f = { .name = group->schema.v[i].name, .type = group->schema.v[i].type };
    vec_push(p->c->arena, &fields, f);
  }
  return type_rec(p->c->types, 0, fields.v, fields.n, false);
}

/* ---- rules ---- */

typedef struct Judge { PlanOp *in, *key; Lower l, event; } Judge;   /* where a rule's expressions are evaluated */

static PlanOp *group_key(Plan *p, PlanOp *group, const Decl *d)
{
  int n = d->u.rule.by.n;
  PExpr **key = arena_alloc(p->c->arena, ((size_t)n + 1) * sizeof *key);
  const char **names = arena_alloc(p->c->arena, ((size_t)n + 1) * sizeof *names);
  for (int i = 0; i < n; i++) key[i] = build_pass(p, group, i, d->span), names[i] = group->schema.v[i].name;
  return build_key(p, group, key, names, n, d->name.name, d->span);
}

static void judge(Builder *b, Judge *j, Decl *d)
{
  Plan *p = b->p;
  Decl *input = d->u.rule.inputs.v[0];
  WindowSpec *w = d->u.rule.over ? build_window_of(d->u.rule.over) : NULL;
  const Type *row = input->shape.row;

  j->in = build_decl(b, input);
  if (w && !per_event(w)) {
    j->event = build_lowering(p, j->in, row);
    PlanOp *group = closed_window(p, j->in, &j->event, w, d);
    j->in = j->key = group_key(p, group, d);
    j->l = (Lower){ .plan = p, .schema = &group->schema, .row = key_row(p, group), .window_at = group->window_at };
    j->l.host = group;
    j->l.args = &j->event;
  } else {
    if (w || d->u.rule.by.n) j->in = j->key = key_by(p, j->in, row, &d->u.rule.by, d->name.name, d->span);
    j->event = j->l = build_lowering(p, j->in, row);
    if (w) {
      j->in = event_window(p, j->key, w, d);
      j->l = (Lower){ .plan = p, .schema = &j->in->schema, .row = row, .window_at = j->in->exprs.n };
      j->l.host = j->in;
      j->l.args = &j->event;
    }
  }
  j->l.builder = b;
}

static PExpr *all_of(Plan *p, Lower *l, const Exprs *when)
{
  PExpr *all = NULL;
  for (int i = 0; i < when->n; i++) {
    PExpr *x = lower1(l, when->v[i]);
    if (!all) { all = x; continue; }
    Type *t = type_scalar(p->c->types, T_BOOL, all->type->nullable || x->type->nullable);
    PExpr *both = px_new(p, PX_AND, t, x->span, 2);
    both->a[0] = all;
    both->a[1] = x;
    both->fallible = all->fallible || x->fallible;
    all = both;
  }
  return all;
}

static void rule_limit(Plan *p, PlanOp *op, const Judge *j, Decl *d)
{
  Lower none = build_no_input(p);
  op->limit = -1;
  if (!d->u.rule.limit_n) return;
  op->limit = p->limits.n;
  vec_push(p->c->arena, &p->limits, op);
  op->limit_n = lower1(&none, d->u.rule.limit_n);
  op->limit_names = &d->u.rule.limit_per;
  build_config(p, op, lower1(&none, d->u.rule.limit_every));
  bool closed = d->u.rule.over && !per_event(build_window_of(d->u.rule.over));
  for (int i = 0; i < d->u.rule.limit_per.n; i++) {
    const Path *path = &d->u.rule.limit_per.v[i];
    int col = 0;
    if (!closed) col = plan_path_leaf(j->event.row, path);
    for (int k = 0; closed && k < d->u.rule.by.n; k++)
      if (plan_path_leaf(j->event.row, &d->u.rule.by.v[k]) == plan_path_leaf(j->event.row, path)) col = k;
    PExpr *x = build_pass(p, j->in, col, path->span);
    vec_push(p->c->arena, &op->limit_key, x);
  }
}

static void rule_emit(Builder *b, PlanOp *op, Lower *l, const Decl *d, RuleEmit *r)
{
  Plan *p = b->p;
  Decl *to = scope_find(p->c, d->span.file, r->to.name);
  PlanEmit e = { .to = build_emitted(b, to), .span = r->span };
  PExprs leaves = { 0 };
  lower_as(l, r->record, to->shape.row, &leaves);
  for (int i = 0; i < leaves.n; i++) {
    PExpr *x = px_convert(p, leaves.v[i], e.to->schema.v[i].type);
    vec_push(p->c->arena, &e.exprs, x);
  }
  vec_push(p->c->arena, &op->emits, e);
  build_connect(p, op, e.to);
}

static void build_rule(Builder *b, Decl *d)
{
  Plan *p = b->p;
  for (int i = 0; i < b->built.n; i++)
    if (b->built.v[i].decl == d) return;
  Judge *j = arena_alloc(p->c->arena, sizeof *j);
  Built self = { d, NULL };
  vec_push(p->c->arena, &b->built, self);
  judge(b, j, d);
  PlanOp *op = build_op(p, OPK_RULE, d->name.name, d->span);
  op->key = j->key;
  op->order = place_of(p, d);
  op->arrival = d->u.rule.order.name != NULL;
  op->shadow = d->u.rule.mode.name != NULL;
  op->index = p->rules.n;
  vec_push(p->c->arena, &p->rules, op);
  PExpr *when = all_of(p, &j->l, &d->u.rule.when);
  vec_push(p->c->arena, &op->exprs, when);
  rule_limit(p, op, j, d);
  build_connect(p, j->in, op);
  for (int i = 0; i < d->u.rule.emits.n; i++) rule_emit(b, op, &j->l, d, &d->u.rule.emits.v[i]);
  for (int i = 0; i < d->u.rule.lets.n; i++) {                /* the window holds what a `let` speaks of, used or not */
    PExprs unused = { 0 };
    lower(&j->l, d->u.rule.lets.v[i].value, &unused);
  }
  if (j->l.host && j->l.host->kind == OPK_GROUP) j->key->schema = j->l.host->schema;    /* with all aggregates */
}

static bool emits_into(Compiler *c, const Decl *rule, const Decl *stream)
{
  for (int i = 0; i < rule->u.rule.emits.n; i++)
    if (scope_find(c, rule->span.file, rule->u.rule.emits.v[i].to.name) == stream) return true;
  return false;
}

PlanOp *build_emitted(Builder *b, Decl *d)
{
  Plan *p = b->p;
  for (int i = 0; i < b->built.n; i++)
    if (b->built.v[i].decl == d) return b->built.v[i].op;
  PlanOp *op = build_op(p, OPK_EMITTED, d->name.name, d->span);
  Built self = { d, op };
  vec_push(p->c->arena, &b->built, self);
  build_cols(p, &op->schema, d->shape.row, "", false);
  for (int i = 0; i < p->c->program->decls.n; i++) {
    Decl *r = p->c->program->decls.v[i];
    if (r->kind == DECL_RULE && emits_into(p->c, r, d)) build_rule(b, r);
  }
  return op;
}

/* ---- group by over a per-event window: a result for every row ---- */

void build_per_event(Plan *p, PlanOp *in, PlanOp *op)
{
  Lower l = build_no_input(p);
  const char **names = arena_alloc(p->c->arena, ((size_t)op->exprs.n + 1) * sizeof *names);
  for (int i = 0; i < op->exprs.n; i++) names[i] = op->schema.v[i].name;
  op->key = build_key(p, in, op->exprs.v, names, op->exprs.n, op->name, op->span);
  build_config(p, op, lower1(&l, op->window->qty));
  build_connect(p, op->key, op);
}
