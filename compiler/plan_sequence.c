/* plan_sequence.c -- the rewrite that puts ordered operators behind sequencers.
 *
 * States, the rules that read them, windows of events and limits see rows in event-time order. Those that
 * read each other form a *cluster*; a cluster is ordered over the union of the streams it watches, its
 * *roots*: sources, closed windows, unions, unnested lists, what rules emit, results of event windows.
 * Clusters with the same roots share one sequencer, which has a lane a root; so do clusters that feed each
 * other through rows that rules emit. The steps between a root and a member are copied behind the lane; the
 * originals stay only for who reads them unordered.
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

static bool hands_on(const PlanOp *op) { return op->kind == OPK_SLIDING || op->kind == OPK_PEEK; }   /* rows go on */

static bool starts(const PlanOp *op) { return op_rows[op->kind].starts || hands_on(op); }

static bool can_stand_before(const PlanOp *op)
{
  if (op->kind != OPK_WHERE && op->kind != OPK_SELECT && op->kind != OPK_SAMPLE) return false;
  for (int i = 0; i < op->exprs.n; i++)
    if (op->exprs.v[i]->fallible) return false;
  return true;
}

/* Rows enter a sequencer behind the steps that all of them take and that cannot fail: fewer have to wait. */
static void mark_roots(Plan *p)
{
  for (int i = 0; i < p->ops.n; i++) {
    PlanOp *op = p->ops.v[i];
    if (!starts(op)) continue;
    while (op->out.n == 1 && can_stand_before(op->out.v[0])) op = op->out.v[0];
    op->root = true;
  }
}

static bool is_root(const PlanOp *op) { return op->root; }

/* ---- members and clusters ---- */

static void states_in(const PExpr *x, bool *reads)
{
  if (!x) return;
  if (x->kind == PX_STATE) reads[x->u.state.store] = true;
  for (int i = 0; i < x->na; i++) states_in(x->a[i], reads);
}

void plan_states_of(const PlanOp *op, bool *reads)
{
  for (int i = 0; i < op->exprs.n; i++) states_in(op->exprs.v[i], reads);
  for (int i = 0; i < op->assigns.n; i++) states_in(op->assigns.v[i].value, reads);
  for (int i = 0; i < op->emits.n; i++)
    for (int k = 0; k < op->emits.v[i].exprs.n; k++) states_in(op->emits.v[i].exprs.v[k], reads);
  if (op->kind == OPK_STATE || op->kind == OPK_PEEK) reads[op->store] = true;
}

static PlanOp *root_of(PlanOp *op)
{
  while (!is_root(op)) op = op->in.v[0];
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

static const PlanOp *start_of(const PlanOp *op)
{
  while (!starts(op)) op = op->in.v[0];
  return op;
}

/* A rule that reads nothing but closed windows gets them in order anyway. */
static bool is_member(Sequencing *o, PlanOp *op, bool *reads)
{
  if (op->arrival) return false;
  if (op->kind == OPK_STATE || hands_on(op)) return true;
  if (op->kind != OPK_RULE) return false;
  return reads_any(o, op, reads) || start_of(op)->kind != OPK_GROUP;
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

/* ---- roots ---- */

typedef VEC(PlanOp *) Roots;
typedef struct Cluster { int id; Roots roots; } Cluster;     /* id: its least member */
typedef VEC(Cluster) Clusters;

/* Where a member's rows enter its cluster: a rule over a window of events enters with the window. */
static bool enters(const PlanOp *op) { return !(op->kind == OPK_RULE && op->in.v[0]->kind == OPK_SLIDING); }

static PlanOp *entry_root(const PlanOp *op) { return root_of(op->in.v[0]); }

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

static Clusters clusters_of(Sequencing *o)
{
  Clusters all = { 0 };
  for (int i = 0; i < o->members.n; i++) {
    int id = find(o, i), at = 0;
    while (at < all.n && all.v[at].id != id) at++;
    Cluster fresh = { .id = id };
    if (at == all.n) vec_push(o->p->c->arena, &all, fresh);
    if (enters(o->members.v[i])) add_root(o, &all.v[at].roots, entry_root(o->members.v[i]));
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
  int m = member_index(o, op);
  if (m >= 0) {
    for (int i = 0; i < all->n; i++)
      if (all->v[i].id == find(o, m)) edge[i] |= (uint8_t)how;
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
static bool join_clusters(Sequencing *o)
{
  Clusters all = clusters_of(o);
  int n = all.n;
  bool joined = false;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < i; k++)
      if (find(o, all.v[i].id) != find(o, all.v[k].id) && same_roots(&all.v[i].roots, &all.v[k].roots)) {
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

/* ---- unions whose rows also come another way ----
 *
 * A row that reaches a cluster both by itself and through a union is one row: all rules judge it before
 * any state takes it. So the union is undone for that cluster: its members are there once for each of
 * its inputs, as instances of the same window, rule or update. */

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
    const PlanOp *start = start_of(c->roots.v[i]);
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
  while (op->kind != OPK_KEY && !starts(op)) op = op->in.v[0];
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
  int cluster = find(o, member_index(o, op));
  PlanOp *now = instance_of(p, op, branch(p, op->in.v[0], in, number), number);
  now->key = key_above(now->in.v[0]);
  add_member(o, now, cluster);
  if (op->kind == OPK_RULE) emit_too(p, now);
  for (int i = 0; hands_on(op) && i < op->out.n; i++) {
    PlanOp *next = instance_of(p, op->out.v[i], now, number);
    if (next->kind == OPK_SELECT) { build_connect(p, next, all); continue; }
    emit_too(p, next);
    add_member(o, next, cluster);
  }
}

static void disconnect(PlanOp *from, const PlanOp *to)
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
  PlanOp *all = !op->same && (op->keys || op->kind == OPK_PEEK) && hands_on(op) ? gather(p, op) : NULL;
  for (int i = 1; i < onion->in.n; i++) instance(o, op, onion->in.v[i], i + 1, all);
  PlanOp *above = op->in.v[0], *first = branch(p, above, onion->in.v[0], 1);
  disconnect(above, op);
  op->in.v[0] = first;
  vec_push(p->c->arena, &first->out, op);
  if (op->key) op->key = key_above(op->in.v[0]);
  for (int i = 0; op->kind == OPK_SLIDING && i < op->out.n; i++)
    if (op->out.v[i]->kind == OPK_RULE) op->out.v[i]->key = op->key;
}

static bool undo_unions(Sequencing *o)
{
  Clusters all = clusters_of(o);
  for (int i = 0; i < all.n; i++) {
    PlanOp *root = overlapping(o, &all.v[i]);
    if (!root) continue;
    PlanOp *onion = (PlanOp *)start_of(root);
    for (int k = 0, n = o->members.n; k < n; k++) {
      PlanOp *op = o->members.v[k];
      if (find(o, k) == all.v[i].id && enters(op) && entry_root(op) == root) distribute(o, op, onion);
    }
    return true;
  }
  return false;
}

/* What a closing window gives can only be ordered after all that it is made of. */
static void refuse_late_circles(Sequencing *o)
{
  Plan *p = o->p;
  Clusters all = clusters_of(o);
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

/* ---- sequencers ---- */

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

static int new_sequencer(Plan *p, const Roots *r)
{
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
  copy->root = false;
  copy->in.n = copy->in.cap = copy->out.n = copy->out.cap = 0;
  copy->in.v = copy->out.v = NULL;
  copy->twin = op;
  build_connect(p, in, copy);
  Copy c = { op, copy, seq };
  vec_push(p->c->arena, &o->copies, c);
  return copy;
}

/* ---- late rows: what stays before the sequencer is who would have taken them ---- */

static void add_late(Plan *p, PlanOp *at, const char *name, Span span)
{
  while (at->kind == OPK_KEY) at = at->in.v[0];
  for (int i = 0; i < at->out.n; i++)
    if (at->out.v[i]->kind == OPK_LATE && strcmp(at->out.v[i]->name, name) == 0) return;
  PlanOp *op = build_op(p, OPK_LATE, name, span);
  build_connect(p, at, op);
}

static bool may_be_late(const PlanOp *root)
{
  root = start_of(root);
  return root->kind == OPK_SOURCE || root->kind == OPK_UNION || root->kind == OPK_UNNEST;
}

static void leave_late(Plan *p, PlanOp *op, PlanOp *at)
{
  bool shared = false;
  if (!may_be_late(root_of(at))) return;
  for (int i = 0; op->kind == OPK_SLIDING && i < op->out.n; i++) {
    if (op->out.v[i]->kind != OPK_RULE) continue;
    shared = true;
    add_late(p, at, op->out.v[i]->name, op->out.v[i]->span);
  }
  if (!shared) add_late(p, at, op->name, op->span);
}

static void move_behind(Sequencing *o, PlanOp *op, int seq)
{
  PlanOp *old = op->in.v[0], *now = ordered(o, old, seq);
  disconnect(old, op);
  leave_late(o->p, op, old);
  op->in.v[0] = now;
  vec_push(o->p->c->arena, &now->out, op);
  for (PlanOp *in = now; op->key && !is_root(in); in = in->in.v[0])
    if (in->twin == op->key) op->key = in;
  for (int i = 0; op->kind == OPK_SLIDING && i < op->out.n; i++)
    if (op->out.v[i]->kind == OPK_RULE) op->out.v[i]->key = op->key;
}

static void place_cluster(Sequencing *o, const Cluster *c)
{
  int seq = new_sequencer(o->p, &c->roots);
  for (int i = 0; i < o->members.n; i++)
    if (find(o, i) == c->id && enters(o->members.v[i])) move_behind(o, o->members.v[i], seq);
}

/* ---- what nobody reads any more ---- */

static bool is_dead(const PlanOp *op)
{
  if (op->out.n) return false;
  switch (op->kind) {
  case OPK_WHERE: case OPK_SELECT: case OPK_SAMPLE: case OPK_KEY: case OPK_EMITTED: case OPK_UNION: case OPK_UNNEST:
  case OPK_LOOKUP: return true;
  case OPK_SOURCE: case OPK_FEED: case OPK_GROUP: case OPK_SEQ: case OPK_SLIDING: case OPK_RULE: case OPK_STATE:
  case OPK_LATE: case OPK_SINK: case OPK_TABLE: case OPK_PEEK: break;
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

/* ---- who reports rows that fail: one of an operator's copies, for each row ---- */

bool plan_late_only(const PlanOp *op)
{
  if (op->kind == OPK_LATE) return true;
  if (op_rows[op->kind].port || !op->out.n || op->kind == OPK_RULE || op->kind == OPK_STATE) return false;
  for (int i = 0; i < op->out.n; i++)
    if (!plan_late_only(op->out.v[i])) return false;
  return true;
}

static const PlanOp *base_of(const PlanOp *op)
{
  while (op->twin || op->same) op = op->twin ? op->twin : op->same;
  return op;
}

static bool reports_for(const PlanOp *other, const PlanOp *op, bool earlier)
{
  if (other == op || base_of(other) != base_of(op) || (op->branch && other->branch && other->branch != op->branch))
    return false;
  if (other->branch != op->branch) return !other->branch;     /* sees all of its rows, and more */
  return earlier;
}

/* Instances of a member share its rows out among them: each says what fails in its own. */
static bool is_step(const PlanOp *op)
{
  return op->kind != OPK_RULE && op->kind != OPK_STATE && op->kind != OPK_SLIDING;
}

static void choose_reporters(Sequencing *o)
{
  for (int i = 0; i < o->p->ops.n; i++) {
    PlanOp *op = o->p->ops.v[i];
    const PlanOp *base = base_of(op);
    op->quiet = base != op && is_step(op) && base->out.n && !plan_late_only(base);   /* it sees all rows, unordered */
  }
  for (int i = 0; i < o->copies.n; i++) {
    PlanOp *op = o->copies.v[i].op;
    for (int k = 0; k < o->copies.n; k++) op->quiet |= reports_for(o->copies.v[k].op, op, k < i);
  }
}

/* ---- streams that rules of several stages emit into ---- */

/* The sequencer or grouping that an operator's rows come out of; 0: none, they come as they come. */
static const void *stage_above(const Plan *p, const PlanOp *op)
{
  while (op->kind != OPK_SEQ && op->kind != OPK_GROUP) {
    if (op->in.n != 1) return NULL;
    op = op->in.v[0];
  }
  return op->kind == OPK_SEQ ? (const void *)&p->seqs.v[op->seq] : op;
}

static void sources_of(const PlanOp *op, bool *seen, bool *source)
{
  if (seen[op->id]) return;
  seen[op->id] = true;
  if (op->kind == OPK_SOURCE) source[op->index] = true;
  for (int i = 0; i < op->in.n; i++) sources_of(op->in.v[i], seen, source);
}

/* Do the stream's rows come from several stages that go by the same sources? Then they can be brought into
 * one order without waiting for anybody; otherwise each would pass its rows on when batches happen to end. */
static bool comes_apart(Plan *p, const PlanOp *stream)
{
  bool several = false;
  size_t n = (size_t)p->sources.n + 1;
  bool *first = arena_alloc(p->c->arena, n);
  for (int i = 0; i < stream->in.n; i++) {
    const void *stage = stage_above(p, stream->in.v[i]);
    bool *source = arena_alloc(p->c->arena, n), *seen = arena_alloc(p->c->arena, (size_t)p->ids + 1);
    if (!stage) return false;
    several |= stage != stage_above(p, stream->in.v[0]);
    sources_of(stream->in.v[i], seen, source);
    if (i == 0) first = source;
    else if (memcmp(first, source, n) != 0) return false;
  }
  return several;
}

static void order_stream(Plan *p, PlanOp *stream)
{
  Roots roots = { 0 };
  vec_push(p->c->arena, &roots, stream);
  int outs = stream->out.n, seq = new_sequencer(p, &roots), n = 0;
  PlanOp *lane = p->seqs.v[seq].lanes.v[0];
  for (int i = 0; i < outs; i++) {
    PlanOp *next = stream->out.v[i];
    if (next->kind == OPK_SEQ) { stream->out.v[n++] = next; continue; }
    for (int k = 0; k < next->in.n; k++)
      if (next->in.v[k] == stream) next->in.v[k] = lane;
    vec_push(p->c->arena, &lane->out, next);
  }
  stream->out.v[n++] = lane;
  stream->out.n = n;
}

static void order_streams(Plan *p)
{
  for (int i = 0, n = p->ops.n; i < n; i++)
    if (p->ops.v[i]->kind == OPK_EMITTED && comes_apart(p, p->ops.v[i])) order_stream(p, p->ops.v[i]);
}

void plan_sequence(Plan *p)
{
  Sequencing o = { .p = p };
  mark_roots(p);
  find_clusters(&o);
  while (join_clusters(&o) || undo_unions(&o)) {}
  refuse_late_circles(&o);
  Clusters all = clusters_of(&o);
  for (int i = 0; i < all.n; i++) place_cluster(&o, &all.v[i]);
  prune(p);
  choose_reporters(&o);
  order_streams(p);
  sort(p);
}
