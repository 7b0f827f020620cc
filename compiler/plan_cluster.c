/* plan_cluster.c -- which ordered operators belong together.
 *
 * States, the rules that read them, windows of events and limits see rows in event-time order. Those that
 * read each other form a *cluster*; a cluster is ordered over the union of the streams it watches, its
 * *roots*: sources, closed windows, unions, unnested lists, what rules emit, results of event windows.
 * Clusters with the same roots are one; so are clusters that feed each other through rows that rules emit.
 */
#include <string.h>
#include "order.h"

bool order_hands_on(const PlanOp *op) { return op->kind == OPK_SLIDING || op->kind == OPK_PEEK; }   /* rows go on */

bool order_starts(const PlanOp *op) { return op_rows[op->kind].starts || order_hands_on(op); }

static bool can_stand_before(const PlanOp *op)
{
  if (op->kind != OPK_WHERE && op->kind != OPK_SELECT && op->kind != OPK_SAMPLE) return false;
  for (int i = 0; i < op->exprs.n; i++)
    if (op->exprs.v[i]->fallible) return false;
  return true;
}

/* Rows enter a sequencer behind the steps that all of them take and that cannot fail: fewer have to wait. */
void order_mark_roots(Plan *p)
{
  for (int i = 0; i < p->ops.n; i++) {
    PlanOp *op = p->ops.v[i];
    if (!order_starts(op)) continue;
    while (op->out.n == 1 && can_stand_before(op->out.v[0])) op = op->out.v[0];
    op->root = true;
  }
}

/* ---- members and clusters ---- */

static void states_in(const PExpr *x, bool *reads)
{
  if (!x) return;
  if (x->kind == PX_STATE) reads[x->u.state.store] = true;
  for (int i = 0; i < x->na; i++) states_in(x->a[i], reads);
}

void plan_states_read(const PlanOp *op, bool *reads)
{
  for (int i = 0; i < op->exprs.n; i++) states_in(op->exprs.v[i], reads);
  for (int i = 0; i < op->assigns.n; i++) states_in(op->assigns.v[i].value, reads);
  for (int i = 0; i < op->emits.n; i++)
    for (int k = 0; k < op->emits.v[i].exprs.n; k++) states_in(op->emits.v[i].exprs.v[k], reads);
}

void plan_states_of(const PlanOp *op, bool *reads)
{
  plan_states_read(op, reads);
  if (op->kind == OPK_STATE || op->kind == OPK_PEEK) reads[op->store] = true;
}

PlanOp *order_root_of(PlanOp *op)
{
  while (!op->root) op = op->in.v[0];
  return op;
}

static bool reads_any(Sequencing *o, const PlanOp *op, bool *reads)
{
  memset(reads, 0, (size_t)o->p->stores.n + 1);
  plan_states_of(op, reads);
  for (int i = 0; i < o->p->stores.n; i++)
    if (reads[i]) return true;
  return false;
}

const PlanOp *order_start_of(const PlanOp *op)
{
  while (!order_starts(op)) op = op->in.v[0];
  return op;
}

/* A rule that reads nothing but closed windows gets them in order anyway. */
static bool is_member(Sequencing *o, PlanOp *op, bool *reads)
{
  if (op->arrival) return false;
  if (op->kind == OPK_STATE || order_hands_on(op)) return true;
  if (op->kind != OPK_RULE) return false;
  return reads_any(o, op, reads) || order_start_of(op)->kind != OPK_GROUP;
}

int order_cluster(Sequencing *o, int i)
{
  while (o->cluster.v[i] != i) i = o->cluster.v[i];
  return i;
}

static void join(Sequencing *o, int a, int b)
{
  a = order_cluster(o, a), b = order_cluster(o, b);
  if (a < b) o->cluster.v[b] = a;
  else o->cluster.v[a] = b;
}

int order_member(const Sequencing *o, const PlanOp *op)
{
  for (int i = 0; i < o->members.n; i++)
    if (o->members.v[i] == op) return i;
  return -1;
}

void order_find(Sequencing *o)
{
  Plan *p = o->p;
  bool *reads = arena_alloc(p->c->arena, (size_t)p->stores.n + 1);
  int *first = arena_alloc(p->c->arena, ((size_t)p->stores.n + 1) * sizeof *first);
  for (int i = 0; i < p->ops.n; i++) {
    if (!is_member(o, p->ops.v[i], reads)) continue;
    vec_push(p->c->arena, &o->members, p->ops.v[i]);
    int own = o->cluster.n;
    vec_push(p->c->arena, &o->cluster, own);
  }
  for (int i = 0; i < p->stores.n; i++) first[i] = -1;
  for (int i = 0; i < o->members.n; i++) {
    PlanOp *op = o->members.v[i];
    reads_any(o, op, reads);
    for (int k = 0; k < p->stores.n; k++) {
      if (!reads[k]) continue;
      if (first[k] < 0) first[k] = i;
      join(o, first[k], i);
    }
    if (op->in.v[0]->kind == OPK_SLIDING && op->kind == OPK_RULE) join(o, order_member(o, op->in.v[0]), i);
  }
}

/* ---- roots ---- */

bool order_enters(const PlanOp *op) { return !(op->kind == OPK_RULE && op->in.v[0]->kind == OPK_SLIDING); }

PlanOp *order_entry(const PlanOp *op) { return order_root_of(op->in.v[0]); }

static void add_root(Sequencing *o, Roots *r, PlanOp *root)
{
  for (int i = 0; i < r->n; i++)
    if (r->v[i] == root) return;
  vec_push(o->p->c->arena, r, root);
}

static bool same_roots(const Roots *a, const Roots *b)
{
  if (a->n != b->n) return false;
  for (int i = 0; i < a->n; i++) {
    bool there = false;
    for (int k = 0; k < b->n; k++) there |= a->v[i] == b->v[k];
    if (!there) return false;
  }
  return true;
}

Clusters order_clusters(Sequencing *o)
{
  Clusters all = { 0 };
  for (int i = 0; i < o->members.n; i++) {
    int id = order_cluster(o, i), at = 0;
    while (at < all.n && all.v[at].id != id) at++;
    Cluster fresh = { .id = id };
    if (at == all.n) vec_push(o->p->c->arena, &all, fresh);
    if (order_enters(o->members.v[i])) add_root(o, &all.v[at].roots, order_entry(o->members.v[i]));
  }
  return all;
}

/* ---- clusters that feed each other ---- */

enum { FEEDS = 1, BY_CLOSING = 2 };       /* rows reach it, and through windows that close */

/* Who feeds `to` through op: the clusters of the nearest rules and windows above. */
static void feeders(Sequencing *o, const Clusters *all, const PlanOp *op, int how, uint8_t *edge, bool *seen)
{
  if (seen[op->id] && how == FEEDS) return;
  seen[op->id] = true;
  int m = order_member(o, op);
  if (m >= 0) {
    for (int i = 0; i < all->n; i++)
      if (all->v[i].id == order_cluster(o, m)) edge[i] |= (uint8_t)how;
    return;
  }
  if (op->kind == OPK_GROUP) how |= BY_CLOSING;
  for (int i = 0; i < op->in.n; i++) feeders(o, all, op->in.v[i], how, edge, seen);
}

/* edge[from * n + to], closed over paths. */
static uint8_t *feed_graph(Sequencing *o, const Clusters *all)
{
  Arena *a = o->p->c->arena;
  int n = all->n;
  uint8_t *edge = arena_alloc(a, (size_t)n * (size_t)n + 1), *into = arena_alloc(a, (size_t)n + 1);
  for (int to = 0; to < n; to++) {
    memset(into, 0, (size_t)n);
    for (int i = 0; i < all->v[to].roots.n; i++) {
      bool *seen = arena_alloc(a, (size_t)o->p->ids + 1);
      feeders(o, all, all->v[to].roots.v[i], FEEDS, into, seen);
    }
    for (int from = 0; from < n; from++) edge[from * n + to] = into[from];
  }
  for (int k = 0; k < n; k++)
    for (int i = 0; i < n; i++)
      for (int j = 0; edge[i * n + k] && j < n; j++)
        if (edge[k * n + j]) edge[i * n + j] |= edge[i * n + k] | edge[k * n + j];
  return edge;
}

/* Equal roots: one sequencer. Rows that come back: one order, too. False when nothing had to be joined. */
bool order_join(Sequencing *o)
{
  Clusters all = order_clusters(o);
  int n = all.n;
  bool joined = false;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < i; k++) {
      bool apart = order_cluster(o, all.v[i].id) != order_cluster(o, all.v[k].id);
      if (!apart || !same_roots(&all.v[i].roots, &all.v[k].roots)) continue;
      join(o, all.v[i].id, all.v[k].id);
      joined = true;
    }
  if (joined) return true;
  const uint8_t *edge = feed_graph(o, &all);
  for (int i = 0; i < n; i++)
    for (int k = 0; k < i; k++)
      if (edge[i * n + k] && edge[k * n + i]) {
        join(o, all.v[i].id, all.v[k].id);
        joined = true;
      }
  return joined;
}

void order_refuse_circles(Sequencing *o)
{
  Plan *p = o->p;
  Clusters all = order_clusters(o);
  const uint8_t *edge = feed_graph(o, &all);
  for (int i = 0; i < all.n; i++) {
    if (!(edge[i * all.n + i] & BY_CLOSING)) continue;
    PlanOp *op = o->members.v[all.v[i].id];
    Diag *d = diag_error(p->c, op->span, D_CYCLE,
                         "`%s` would have to see rows before and after windows that are made of what it gives",
                         op->name);
    diag_hint(p->c, d, "keep a state of its own for the rule on the closed windows");
  }
}
