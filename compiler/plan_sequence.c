/* plan_sequence.c -- the rewrite that puts ordered operators behind sequencers.
 *
 * States, the rules that read them, windows of events and limits see rows in event-time order. Those that
 * read each other form a *cluster*; a cluster is ordered over the union of the streams it watches, its
 * *roots*: sources, closed windows, unions, unnested lists, what rules emit, results of event windows.
 * Clusters with the same roots share one sequencer, which has a lane a root. The steps between a root and
 * a member are copied behind the lane; the originals stay only for who reads them unordered.
 */
#include <string.h>
#include "build.h"

typedef struct Copy { const PlanOp *of; PlanOp *op; int seq; } Copy;
typedef struct Sequencing {
  Plan *p;
  VEC(PlanOp *) members;
  VEC(int) cluster;                       /* of a member: the least member that it is joined with */
  VEC(Copy) copies;
} Sequencing;

static bool is_root(const PlanOp *op) { return op_rows[op->kind].starts || op->kind == OPK_SLIDING; }

/* ---- members and clusters ---- */

static void states_in(const PExpr *x, bool *reads)
{
  if (!x) return;
  if (x->kind == PX_STATE) reads[x->u.state.store] = true;
  for (int i = 0; i < x->na; i++) states_in(x->a[i], reads);
}

static void states_of(const PlanOp *op, bool *reads)
{
  for (int i = 0; i < op->exprs.n; i++) states_in(op->exprs.v[i], reads);
  for (int i = 0; i < op->assigns.n; i++) states_in(op->assigns.v[i].value, reads);
  for (int i = 0; i < op->emits.n; i++)
    for (int k = 0; k < op->emits.v[i].exprs.n; k++) states_in(op->emits.v[i].exprs.v[k], reads);
  if (op->kind == OPK_STATE) reads[op->store] = true;
}

static PlanOp *root_of(PlanOp *op)
{
  while (!is_root(op)) op = op->in.v[0];
  return op;
}

static bool reads_any(Sequencing *o, const PlanOp *op, bool *reads)
{
  memset(reads, 0, (size_t)o->p->stores.n + 1);
  states_of(op, reads);
  for (int i = 0; i < o->p->stores.n; i++)
    if (reads[i]) return true;
  return false;
}

/* A rule on its own is ordered when it remembers something; closed windows come in order anyway. */
static bool is_member(Sequencing *o, PlanOp *op, bool *reads)
{
  if (op->arrival) return false;
  if (op->kind == OPK_STATE || op->kind == OPK_SLIDING) return true;
  if (op->kind != OPK_RULE) return false;
  if (reads_any(o, op, reads) || op->in.v[0]->kind == OPK_SLIDING) return true;
  return op->limit >= 0 && root_of(op)->kind != OPK_GROUP;
}

static int find(Sequencing *o, int i)
{
  while (o->cluster.v[i] != i) i = o->cluster.v[i];
  return i;
}

static void join(Sequencing *o, int a, int b)
{
  a = find(o, a), b = find(o, b);
  if (a < b) o->cluster.v[b] = a;
  else o->cluster.v[a] = b;
}

static int member_index(const Sequencing *o, const PlanOp *op)
{
  for (int i = 0; i < o->members.n; i++)
    if (o->members.v[i] == op) return i;
  return -1;
}

static void find_clusters(Sequencing *o)
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
    if (op->in.v[0]->kind == OPK_SLIDING && op->kind == OPK_RULE) join(o, member_index(o, op->in.v[0]), i);
  }
}

/* ---- sequencers ---- */

typedef VEC(PlanOp *) Roots;

/* Where a member's rows enter its cluster: a rule over a window of events enters with the window. */
static bool enters(const PlanOp *op) { return !(op->kind == OPK_RULE && op->in.v[0]->kind == OPK_SLIDING); }

static PlanOp *entry_root(const PlanOp *op) { return root_of(op->in.v[0]); }

static void add_root(Sequencing *o, Roots *r, PlanOp *root)
{
  for (int i = 0; i < r->n; i++)
    if (r->v[i] == root) return;
  vec_push(o->p->c->arena, r, root);
}

static bool same_roots(const PlanSeq *s, const Roots *r)
{
  if (s->lanes.n != r->n) return false;
  for (int i = 0; i < r->n; i++) {
    bool there = false;
    for (int k = 0; k < s->lanes.n; k++) there |= s->lanes.v[k]->in.v[0] == r->v[i];
    if (!there) return false;
  }
  return true;
}

static PlanOp *new_lane(Plan *p, PlanOp *root, int seq, int lane)
{
  PlanOp *op = build_op(p, OPK_SEQ, root->name, root->span);
  op->seq = seq;
  op->lane = lane;
  op->schema = root->schema;
  op->windowed = root->windowed;
  for (int i = 0; i < root->schema.n; i++) {
    PExpr *x = build_pass(p, root, i, root->span);
    vec_push(p->c->arena, &op->exprs, x);
  }
  build_connect(p, root, op);
  return op;
}

static int sequencer_for(Sequencing *o, const Roots *r)
{
  Plan *p = o->p;
  for (int i = 0; i < p->seqs.n; i++)
    if (same_roots(&p->seqs.v[i], r)) return i;
  PlanSeq s = { .name = r->v[0]->name };
  for (int i = 1; i < r->n; i++) s.name = arena_printf(p->c->arena, "%s+%s", s.name, r->v[i]->name);
  for (int i = 0; i < r->n; i++) {
    PlanOp *lane = new_lane(p, r->v[i], p->seqs.n, i);
    vec_push(p->c->arena, &s.lanes, lane);
  }
  vec_push(p->c->arena, &p->seqs, s);
  return p->seqs.n - 1;
}

/* ---- copies of the steps between ---- */

static PlanOp *ordered(Sequencing *o, PlanOp *op, int seq)
{
  Plan *p = o->p;
  if (is_root(op)) {
    for (int i = 0; i < p->seqs.v[seq].lanes.n; i++)
      if (p->seqs.v[seq].lanes.v[i]->in.v[0] == op) return p->seqs.v[seq].lanes.v[i];
  }
  for (int i = 0; i < o->copies.n; i++)
    if (o->copies.v[i].of == op && o->copies.v[i].seq == seq) return o->copies.v[i].op;
  PlanOp *copy = build_op(p, op->kind, op->name, op->span), *in = ordered(o, op->in.v[0], seq);
  int id = copy->id;
  *copy = *op;
  copy->id = id;
  copy->in.n = copy->in.cap = copy->out.n = copy->out.cap = 0;
  copy->in.v = copy->out.v = NULL;
  copy->twin = op;
  build_connect(p, in, copy);
  Copy c = { op, copy, seq };
  vec_push(p->c->arena, &o->copies, c);
  return copy;
}

static void disconnect(PlanOp *from, const PlanOp *to)
{
  int n = 0;
  for (int i = 0; i < from->out.n; i++)
    if (from->out.v[i] != to) from->out.v[n++] = from->out.v[i];
  from->out.n = n;
}

static void move_behind(Sequencing *o, PlanOp *op, int seq)
{
  PlanOp *old = op->in.v[0], *now = ordered(o, old, seq);
  disconnect(old, op);
  op->in.v[0] = now;
  vec_push(o->p->c->arena, &now->out, op);
  for (PlanOp *in = now; op->key && !is_root(in); in = in->in.v[0])
    if (in->twin == op->key) op->key = in;
  for (int i = 0; op->kind == OPK_SLIDING && i < op->out.n; i++)
    if (op->out.v[i]->kind == OPK_RULE) op->out.v[i]->key = op->key;
}

static void place_cluster(Sequencing *o, int cluster)
{
  Roots roots = { 0 };
  for (int i = 0; i < o->members.n; i++)
    if (find(o, i) == cluster && enters(o->members.v[i])) add_root(o, &roots, entry_root(o->members.v[i]));
  int seq = sequencer_for(o, &roots);
  for (int i = 0; i < o->members.n; i++)
    if (find(o, i) == cluster && enters(o->members.v[i])) move_behind(o, o->members.v[i], seq);
}

/* ---- what nobody reads any more ---- */

static bool is_dead(const PlanOp *op)
{
  if (op->out.n) return false;
  switch (op->kind) {
  case OPK_WHERE: case OPK_SELECT: case OPK_SAMPLE: case OPK_KEY: case OPK_EMITTED: case OPK_UNION: case OPK_UNNEST:
    return true;
  case OPK_SOURCE: case OPK_FEED: case OPK_GROUP: case OPK_SEQ: case OPK_SLIDING: case OPK_RULE: case OPK_STATE:
  case OPK_SINK: break;
  }
  return false;
}

static void forget_emits(PlanOp *rule, const PlanOp *to)
{
  int n = 0;
  for (int i = 0; i < rule->emits.n; i++)
    if (rule->emits.v[i].to != to) rule->emits.v[n++] = rule->emits.v[i];
  rule->emits.n = n;
}

static void prune(Plan *p)
{
  for (bool again = true; again;) {
    int n = 0;
    again = false;
    for (int i = 0; i < p->ops.n; i++) {
      PlanOp *op = p->ops.v[i];
      if (!is_dead(op)) { p->ops.v[n++] = op; continue; }
      again = true;
      for (int k = 0; k < op->in.n; k++) {
        disconnect(op->in.v[k], op);
        if (op->kind == OPK_EMITTED) forget_emits(op->in.v[k], op);
      }
    }
    p->ops.n = n;
  }
}

static bool inputs_placed(const PlanOp *op, const bool *placed)
{
  for (int k = 0; k < op->in.n; k++)
    if (!placed[op->in.v[k]->id]) return false;
  return true;
}

/* Inputs before their consumers; otherwise as they were. */
static void sort(Plan *p)
{
  bool *placed = arena_alloc(p->c->arena, (size_t)p->ids + 1);
  PlanOp **sorted = arena_alloc(p->c->arena, ((size_t)p->ops.n + 1) * sizeof *sorted);
  for (int n = 0, before = -1; n < p->ops.n && n != before;) {
    before = n;
    for (int i = 0; i < p->ops.n; i++) {
      PlanOp *op = p->ops.v[i];
      if (placed[op->id] || !inputs_placed(op, placed)) continue;
      placed[op->id] = true;
      sorted[n++] = op;
    }
    if (n == p->ops.n) memcpy(p->ops.v, sorted, (size_t)n * sizeof *sorted);
  }
}

void plan_sequence(Plan *p)
{
  Sequencing o = { .p = p };
  find_clusters(&o);
  for (int i = 0; i < o.members.n; i++)
    if (find(&o, i) == i) place_cluster(&o, i);
  prune(p);
  sort(p);
}
