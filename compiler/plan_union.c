/* plan_union.c -- unions whose rows also come another way.
 *
 * A row that reaches a cluster both by itself and through a union is one row: all rules judge it before
 * any state takes it. So the union is undone for that cluster: its members are there once for each of
 * its inputs, as instances of the same window, rule or update.
 */
#include "order.h"

static bool keeps_rows(const PlanOp *op)
{
  return op->kind == OPK_WHERE || op->kind == OPK_SELECT || op->kind == OPK_SAMPLE || op->kind == OPK_UNION;
}

/* Sources whose rows, as such, come through op. */
static void row_sources(const PlanOp *op, bool *source)
{
  if (op->kind == OPK_SOURCE) source[op->index] = true;
  for (int i = 0; keeps_rows(op) && i < op->in.n; i++) row_sources(op->in.v[i], source);
}

/* A union among the cluster's roots that brings rows of another root; 0: none. */
static PlanOp *overlapping(Sequencing *o, const Cluster *c)
{
  size_t n = (size_t)o->p->sources.n + 1;
  for (int i = 0; i < c->roots.n; i++) {
    const PlanOp *start = order_start_of(c->roots.v[i]);
    if (start->kind != OPK_UNION) continue;
    bool *mine = arena_alloc(o->p->c->arena, n);
    row_sources(start, mine);
    for (int k = 0; k < c->roots.n; k++) {
      bool *other = arena_alloc(o->p->c->arena, n);
      if (k != i) row_sources(c->roots.v[k], other);
      for (size_t x = 0; x < n; x++)
        if (mine[x] && other[x]) return c->roots.v[i];
    }
  }
  return NULL;
}

static PlanOp *instance_of(Plan *p, PlanOp *op, PlanOp *in, int number)
{
  PlanOp *copy = build_op(p, op->kind, op->name, op->span);
  int id = copy->id;
  *copy = *op;
  copy->id = id;
  copy->in.n = copy->in.cap = copy->out.n = copy->out.cap = copy->config.n = copy->config.cap = 0;
  copy->in.v = copy->out.v = NULL;
  copy->config.v = NULL;
  copy->root = false;
  copy->same = op->same ? op->same : op;
  copy->branch = number;
  build_connect(p, in, copy);
  return copy;
}

/* The steps from a union down to op, behind another input than the union. */
static PlanOp *branch(Plan *p, PlanOp *op, PlanOp *in, int number)
{
  if (op->kind == OPK_UNION) return in;
  PlanOp *before = branch(p, op->in.v[0], in, number);
  return instance_of(p, op, before, number);
}

static PlanOp *key_above(PlanOp *op)
{
  while (op->kind != OPK_KEY && !order_starts(op)) op = op->in.v[0];
  return op->kind == OPK_KEY ? op : op->kind == OPK_SLIDING ? op->key : NULL;
}

static void add_member(Sequencing *o, PlanOp *op, int cluster)
{
  vec_push(o->p->c->arena, &o->members, op);
  vec_push(o->p->c->arena, &o->cluster, cluster);
}

static void emit_too(Plan *p, PlanOp *rule)
{
  rule->key = rule->key ? key_above(rule->in.v[0]) : NULL;
  for (int i = 0; i < rule->emits.n; i++) build_connect(p, rule, rule->emits.v[i].to);
}

/* What follows a window of events in a pipe gets the rows of all its instances. */
static PlanOp *gather(Plan *p, PlanOp *window)
{
  PlanOp *all = build_op(p, OPK_UNION, window->name, window->span);
  for (int i = 0; i < window->out.n; i++)
    if (window->out.v[i]->kind == OPK_SELECT) {
      PlanOp *select = window->out.v[i];
      all->schema = select->schema;
      all->windowed = select->windowed;
      for (int k = 0; k < select->out.n; k++) {
        select->out.v[k]->in.v[0] = all;
        vec_push(p->c->arena, &all->out, select->out.v[k]);
      }
      select->out.n = 0;
      build_connect(p, select, all);
    }
  all->root = true;
  return all;
}

static void instance(Sequencing *o, PlanOp *op, PlanOp *in, int number, PlanOp *all)
{
  Plan *p = o->p;
  int cluster = order_cluster(o, order_member(o, op));
  PlanOp *now = instance_of(p, op, branch(p, op->in.v[0], in, number), number);
  now->key = key_above(now->in.v[0]);
  add_member(o, now, cluster);
  if (op->kind == OPK_RULE) emit_too(p, now);
  for (int i = 0; order_hands_on(op) && i < op->out.n; i++) {
    PlanOp *next = instance_of(p, op->out.v[i], now, number);
    if (next->kind == OPK_SELECT) { build_connect(p, next, all); continue; }
    emit_too(p, next);
    add_member(o, next, cluster);
  }
}

void order_disconnect(PlanOp *from, const PlanOp *to)
{
  int n = 0;
  for (int i = 0; i < from->out.n; i++)
    if (from->out.v[i] != to) from->out.v[n++] = from->out.v[i];
  from->out.n = n;
}

/* The member moves to the union's first input, instances of it go to the others. */
static void distribute(Sequencing *o, PlanOp *op, PlanOp *onion)
{
  Plan *p = o->p;
  PlanOp *all = !op->same && (op->keys || op->kind == OPK_PEEK) && order_hands_on(op) ? gather(p, op) : NULL;
  for (int i = 1; i < onion->in.n; i++) instance(o, op, onion->in.v[i], i + 1, all);
  PlanOp *above = op->in.v[0], *first = branch(p, above, onion->in.v[0], 1);
  order_disconnect(above, op);
  op->in.v[0] = first;
  vec_push(p->c->arena, &first->out, op);
  if (op->key) op->key = key_above(op->in.v[0]);
  for (int i = 0; op->kind == OPK_SLIDING && i < op->out.n; i++)
    if (op->out.v[i]->kind == OPK_RULE) op->out.v[i]->key = op->key;
}

bool order_undo_unions(Sequencing *o)
{
  Clusters all = order_clusters(o);
  for (int i = 0; i < all.n; i++) {
    PlanOp *root = overlapping(o, &all.v[i]);
    if (!root) continue;
    PlanOp *onion = (PlanOp *)order_start_of(root);
    for (int k = 0, n = o->members.n; k < n; k++) {
      PlanOp *op = o->members.v[k];
      if (order_cluster(o, k) == all.v[i].id && order_enters(op) && order_entry(op) == root) distribute(o, op, onion);
    }
    return true;
  }
  return false;
}

/* What a closing window gives can only be ordered after all that it is made of. */
