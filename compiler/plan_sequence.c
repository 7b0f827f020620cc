/* plan_sequence.c -- the rewrite that puts ordered operators behind sequencers.
 *
 * Each cluster (plan_cluster.c) gets a sequencer, which has a lane a root. The steps between a root and a
 * member are copied behind the lane; the originals stay only for who reads them unordered, and to say for
 * whom a late row is late.
 */
#include <string.h>
#include "order.h"

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
  if (op->root) {
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
  root = order_start_of(root);
  return root->kind == OPK_SOURCE || root->kind == OPK_UNION || root->kind == OPK_UNNEST;
}

static void leave_late(Plan *p, PlanOp *op, PlanOp *at)
{
  bool shared = false;
  if (!may_be_late(order_root_of(at))) return;
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
  order_disconnect(old, op);
  leave_late(o->p, op, old);
  op->in.v[0] = now;
  vec_push(o->p->c->arena, &now->out, op);
  for (PlanOp *in = now; op->key && !in->root; in = in->in.v[0])
    if (in->twin == op->key) op->key = in;
  for (int i = 0; op->kind == OPK_SLIDING && i < op->out.n; i++)
    if (op->out.v[i]->kind == OPK_RULE) op->out.v[i]->key = op->key;
}

static void place_cluster(Sequencing *o, const Cluster *c)
{
  int seq = new_sequencer(o->p, &c->roots);
  for (int i = 0; i < o->members.n; i++)
    if (order_cluster(o, i) == c->id && order_enters(o->members.v[i])) move_behind(o, o->members.v[i], seq);
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
        order_disconnect(op->in.v[k], op);
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
  order_mark_roots(p);
  order_find(&o);
  while (order_join(&o) || order_undo_unions(&o)) {}
  order_refuse_circles(&o);
  Clusters all = order_clusters(&o);
  for (int i = 0; i < all.n; i++) place_cluster(&o, &all.v[i]);
  prune(p);
  choose_reporters(&o);
  order_streams(p);
  sort(p);
}
