/* emit_rule.c -- ordered operators in a row loop: keys, windows of events, rules, states.
 *
 * A row first goes through the operators that pass rows on; rules and states that it reaches are marked
 * (`w.go9`). Then all marked rules are judged, in the order of their declarations, and only then the
 * states updated: first every new value is computed, then all are written. So a rule sees the records
 * as they were before the row, and an update that fails changes nothing.
 */
#include <string.h>
#include "emit.h"

/* ---- keys ---- */

static bool two_words(const Type *t) { return t->props & TP_TEXT; }

static int key_words(const PlanOp *key)
{
  int n = 0;
  for (int i = 0; i < key->exprs.n; i++)
    n += 1 + two_words(key->exprs.v[i]->type) + key->exprs.v[i]->type->nullable;
  return n ? n : 1;
}

/* Statements that fill an array of slots, one a call (tcc does not take structs in an initialiser). */
static void put_slot(Emit *e, const char *array, int at, const char *slot)
{
  cunit_line(e->u, "%s[%d] = %s;", array, at, slot);
}

/* The key's values as slots, a null flag before each that may be null; returns their kinds. */
static const char *key_slots(Emit *e, PExpr *const *x, int n, int *count)
{
  const char *kinds = "";
  *count = 0;
  for (int i = 0; i < n; i++) {
    const Type *t = x[i]->type;
    Val v = emit_settled(e, x[i]);
    const char *slot = emit_to_slot(e, t, (Val){ v.v, NULL });
    if (t->nullable) {
      put_slot(e, "key", (*count)++, S(e, "wr_i64_slot(%s != 0, 0)", v.s));
      slot = S(e, "%s ? wr_i64_slot(0, 0) : %s", v.s, slot);
    }
    put_slot(e, "key", (*count)++, slot);
    kinds = S(e, "%s%s%s, ", kinds, t->nullable ? "WR_INT, " : "", emit_kind(t));
  }
  return kinds;
}

static void hash_key(Emit *e, PExpr *const *x, int n, const char *words, const char *hash)
{
  int count;
  cunit_line(e->u, "wr_slot key[%d];", 2 * n + 1);
  const char *kinds = key_slots(e, x, n, &count);
  cunit_line(e->u, "static const wr_u8 kind[] = { %s0 };", kinds);
  cunit_line(e->u, "%s = wr_key_hash(kind, %d, key, %s);", hash, count, words);
}

static void emit_key(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "key");
  hash_key(e, op->exprs.v, op->exprs.n, S(e, "w->k%d", op->id), S(e, "w->h%d", op->id));
  cunit_line(e->u, "return 1;");
  emit_end(e);
}

static const char *key_of(Emit *e, const PlanOp *op) { return S(e, "w->k%d, w->h%d", op->key->id, op->key->id); }

/* ---- records ---- */

static const char *record_name(Emit *e, int store)
{
  return cunit_ident(e->u, "s", store, e->p->stores.v[store].decl->name.name);
}

static const char *cell_name(Emit *e, int store, int cell)
{
  return cunit_ident(e->u, "f", cell, e->p->stores.v[store].cells.v[cell].name);
}

static const char *cell_ctype(const Type *t)
{
  return t->kind == T_BOOL || t->kind == T_REC ? "wr_i64" : emit_ctype(t);
}

void emit_stores(Emit *e)
{
  Section was = cunit_to(e->u, SEC_TYPES);
  for (int i = 0; i < e->p->stores.n; i++) {
    const PlanStore *s = &e->p->stores.v[i];
    cunit_line(e->u, "/* a record of state %s */", cunit_comment(e->u, s->decl->name.name));
    cunit_open(e->u, "typedef struct %s", record_name(e, i));
    for (int k = 0; k < s->cells.n; k++)
      cunit_line(e->u, "%s %s;", cell_ctype(s->cells.v[k].type), cell_name(e, i, k));
    for (int k = 0; k < s->cells.n; k++)
      if (s->cells.v[k].type->nullable) cunit_line(e->u, "wr_u8 n%s;  /* null? */", cell_name(e, i, k) + 1);
    cunit_close(e->u, S(e, " %s;", record_name(e, i)));
    cunit_line(e->u, "%s", "");
  }
  cunit_to(e->u, was);
}

const char *emit_state_record(Emit *e, int store) { return record_name(e, store); }

Val emit_state_cell(Emit *e, int store, int cell, const char *record)
{
  const Type *t = e->p->stores.v[store].cells.v[cell].type;
  const char *name = cell_name(e, store, cell), *cast = t->kind == T_BOOL || t->kind == T_REC ? "(wr_i32)" : "";
  return (Val){ S(e, "%s%s->%s", cast, record, name),
                t->nullable ? S(e, "-(wr_i32)%s->n%s", record, name + 1) : NULL };
}

Val emit_state(Emit *e, const PExpr *x)
{
  return emit_state_cell(e, x->u.state.store, x->u.state.cell, S(e, "rec%d", x->u.state.store));
}

static void stores_in(const PExpr *x, bool *reads)
{
  if (x->kind == PX_STATE) reads[x->u.state.store] = true;
  for (int i = 0; i < x->na; i++) stores_in(x->a[i], reads);
}

static void stores_read(const PlanOp *op, bool *reads)
{
  for (int i = 0; i < op->exprs.n; i++) stores_in(op->exprs.v[i], reads);
  for (int i = 0; i < op->assigns.n; i++) stores_in(op->assigns.v[i].value, reads);
  for (int i = 0; i < op->emits.n; i++)
    for (int k = 0; k < op->emits.v[i].exprs.n; k++) stores_in(op->emits.v[i].exprs.v[k], reads);
}

static const char *reader_name(Emit *e, const PlanOp *key, int store) { return S(e, "k%d_s%d", key->id, store); }

/* The records that the function speaks of, as of just before the row. */
static void begin_reads(Emit *e, const PlanOp *op)
{
  bool *reads = arena_alloc(e->a, (size_t)e->p->stores.n + 1);
  stores_read(op, reads);
  for (int i = 0; i < e->p->stores.n; i++)
    if (reads[i])
      cunit_line(e->u, "const %s *const rec%d = %s(ctx, b, r, w);", record_name(e, i), i, reader_name(e, op->key, i));
}

typedef struct Reader { const PlanOp *key; int store; } Reader;
typedef VEC(Reader) Readers;

/* Which records the pipeline's rules and states read: once a row, whoever asks. */
static Readers readers_of(Emit *e, const Pipeline *pipe)
{
  Readers all = { 0 };
  for (int i = 0; i < pipe->ops.n; i++) {
    const PlanOp *op = pipe->ops.v[i];
    if (!emit_deferred(op)) continue;
    bool *reads = arena_alloc(e->a, (size_t)e->p->stores.n + 1);
    stores_read(op, reads);
    for (int k = 0; k < e->p->stores.n; k++) {
      bool there = !reads[k];
      for (int j = 0; j < all.n; j++) there |= all.v[j].key == op->key && all.v[j].store == k;
      Reader x = { op->key, k };
      if (!there) vec_push(e->a, &all, x);
    }
  }
  return all;
}

static bool first_of(const Pipeline *pipe, const PlanOp *op)
{
  for (int i = 0; i < pipe->ops.n; i++)
    if (emit_deferred(pipe->ops.v[i])) return pipe->ops.v[i] == op;
  return false;
}

static void emit_readers(Emit *e, const Pipeline *pipe)
{
  Readers all = readers_of(e, pipe);
  for (int i = 0; i < all.n; i++) {
    const char *name = reader_name(e, all.v[i].key, all.v[i].store);
    cunit_open(e->u, "static inline const %s *%s(wr_ctx *ctx, wr_batch *b, wr_i32 r, p%d_row *w)",
               record_name(e, all.v[i].store), name, pipe->id);
    cunit_line(e->u, "if (!w->%s) w->%s = wr_store_read(ctx, %d, w->k%d, w->h%d, b->time[r]);", name, name,
               all.v[i].store, all.v[i].key->id, all.v[i].key->id);
    cunit_line(e->u, "return w->%s;", name);
    cunit_close(e->u, "");
    cunit_line(e->u, "%s", "");
  }
}

/* ---- windows of events ---- */

static void emit_slide(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "slide");
  for (int i = 0; i < op->exprs.n; i++) {
    if (!emit_computed(op->exprs.v[i]) || !(op->schema.v[i].needed || op->exprs.v[i]->fallible)) continue;
    const char *name = emit_value_name(e, op, i);
    Val v = emit_settled(e, op->exprs.v[i]);
    cunit_line(e->u, "w->%s = %s;", name, v.v);
    if (op->exprs.v[i]->type->nullable) cunit_line(e->u, "w->s%s = %s;", name + 1, v.s ? v.s : "0");
  }
  cunit_line(e->u, "wr_slot arg[%d];", op->args.n + 1);
  for (int i = 0; i < op->args.n; i++) {
    Val v = emit_settled(e, op->args.v[i]);
    put_slot(e, "arg", i, emit_to_slot(e, op->args.v[i]->type, v));
  }
  cunit_line(e->u, "void *const cell = wr_sliding_add(ctx, %d, %s, b->time[r], &b->pos[r], arg);", op->index,
             key_of(e, op));
  for (int i = 0; i < op->aggs.n; i++)
    cunit_line(e->u, "w->t%d_%d = wr_sliding_read(ctx, %d, cell, %d, &w->a%d_%d);", op->id, i, op->index, i, op->id, i);
  cunit_line(e->u, "(void)cell;");
  cunit_line(e->u, "return 1;");
  emit_end(e);
}

/* ---- rules ---- */

typedef VEC(Val) Vals;

/* The place of an emit among all of the program's, by its rule's name: part of the row's position. */
static int emit_rank(const Plan *p, const PlanOp *rule, int at)
{
  int rank = at;
  for (int i = 0; i < p->rules.n; i++)
    if (strcmp(p->rules.v[i]->name, rule->name) < 0) rank += p->rules.v[i]->emits.n;
  return rank;
}

static Vals emit_values(Emit *e, const PlanEmit *x)
{
  Vals vals = { 0 };
  for (int i = 0; i < x->exprs.n; i++) {
    Val v = { NULL, NULL };
    if (x->to->col_at[i] >= 0 || x->exprs.v[i]->fallible) v = emit_settled(e, x->exprs.v[i]);
    vec_push(e->a, &vals, v);
  }
  return vals;
}

static void put_emitted(Emit *e, const PlanOp *op, int at, const Vals *vals)
{
  const PlanEmit *x = &op->emits.v[at];
  int port = x->to->port;
  cunit_open(e->u, "%s", "");
  cunit_line(e->u, "wr_batch *const o = ctx->port[%d];", port);
  cunit_line(e->u, "if (o->n == o->cap) wr_flush(ctx, %d);", port);
  cunit_line(e->u, "const wr_i32 k = o->n++;");
  for (int i = 0; i < x->exprs.n; i++)
    if (x->to->col_at[i] >= 0) emit_cell(e, port, x->to->col_at[i], vals->v[i]);
  cunit_line(e->u, "o->time[k] = b->time[r];");
  cunit_line(e->u, "o->wm[k] = WR_TS_MIN;");
  cunit_line(e->u, "o->pos[k] = b->pos[r];");
  cunit_line(e->u, "o->pos[k].ord = (o->pos[k].ord << 12) + %d;", emit_rank(e->p, op, at) + 1);
  cunit_line(e->u, "o->row[k] = b->row[r];");
  cunit_close(e->u, "");
}

static void emit_limit(Emit *e, const PlanOp *op)
{
  if (op->limit < 0) return;
  int words = 0;
  for (int i = 0; i < op->limit_key.n; i++) words += 1 + two_words(op->limit_key.v[i]->type);
  cunit_line(e->u, "wr_u64 lk[%d];", words ? words : 1);
  cunit_line(e->u, "wr_u32 lh;");
  hash_key(e, op->limit_key.v, op->limit_key.n, "lk", "lh");
  Val n = emit_settled(e, op->limit_n);
  cunit_open(e->u, "if (!wr_limit_pass(ctx, %d, lk, lh, b->time[r], %s))", op->limit, n.v);
  cunit_line(e->u, "ctx->tally[%d].suppressed++;", op->index);
  cunit_line(e->u, "return 0;");
  cunit_close(e->u, "");
}

static void emit_rule(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  VEC(Vals) all = { 0 };
  emit_begin(e, op, pipe, "judge");
  begin_reads(e, op);
  cunit_line(e->u, "ctx->tally[%d].evaluated++;", op->index);
  Val v = emit_settled(e, op->exprs.v[0]);
  cunit_line(e->u, v.s ? "if (!(%s && %s == 0)) return 0;" : "if (!(%s)) return 0;", v.v, v.s ? v.s : "");
  for (int i = 0; i < op->emits.n; i++) { /* all of them can be computed, or none is sent */
    Vals vals = emit_values(e, &op->emits.v[i]);
    vec_push(e->a, &all, vals);
  }
  cunit_line(e->u, "ctx->tally[%d].fired++;", op->index);
  emit_limit(e, op);
  for (int i = 0; i < op->emits.n && !op->shadow; i++) put_emitted(e, op, i, &all.v[i]);
  cunit_line(e->u, "return 1;");
  emit_end(e);
}

/* ---- states ---- */

static const char *next_name(Emit *e, const PlanOp *op, int i)
{
  int cell = op->assigns.v[i].cell;
  return cunit_ident(e->u, S(e, "n%d_", op->id), cell, e->p->stores.v[op->store].cells.v[cell].name);
}

static void emit_next(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "next");
  begin_reads(e, op);
  if (op->exprs.n) {
    Val v = emit_settled(e, op->exprs.v[0]);
    cunit_line(e->u, v.s ? "if (!(%s && %s == 0)) return 0;" : "if (!(%s)) return 0;", v.v, v.s ? v.s : "");
  }
  for (int i = 0; i < op->assigns.n; i++) {
    Val v = emit_settled(e, op->assigns.v[i].value);
    cunit_line(e->u, "w->%s = %s;", next_name(e, op, i), v.v);
    if (e->p->stores.v[op->store].cells.v[op->assigns.v[i].cell].type->nullable)
      cunit_line(e->u, "w->s%s = %s;", next_name(e, op, i) + 1, v.s ? v.s : "0");
  }
  cunit_line(e->u, "return 1;");
  emit_end(e);
}

static void write_cell(Emit *e, const PlanOp *op, int i)
{
  const PlanCell *c = &e->p->stores.v[op->store].cells.v[op->assigns.v[i].cell];
  const char *name = cell_name(e, op->store, op->assigns.v[i].cell), *next = next_name(e, op, i);
  Val v = { S(e, "w->%s", next), c->type->nullable ? S(e, "w->s%s", next + 1) : NULL };
  if (two_words(c->type) || c->type->elem) {
    cunit_line(e->u, "wr_store_set(ctx, %d, rec, %d, %s);", op->store, op->assigns.v[i].cell,
               emit_to_slot(e, c->type, v));
    return;
  }
  cunit_line(e->u, "rec->%s = %s;", name, v.v);
  if (v.s) cunit_line(e->u, "rec->n%s = %s != 0;", name + 1, v.s);
}

static void emit_write(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "write");
  cunit_line(e->u, "%s *const rec = wr_store_write(ctx, %d, %s, b->time[r]);", record_name(e, op->store), op->store,
             key_of(e, op));
  for (int i = 0; i < op->assigns.n; i++) write_cell(e, op, i);
  cunit_line(e->u, "(void)rec;");
  cunit_line(e->u, "return 1;");
  emit_end(e);
}

/* ---- late rows ---- */

static void emit_late(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  emit_begin(e, op, pipe, "late");
  cunit_line(e->u, "wr_late_row(ctx, %d, b, r);", op->id);
  cunit_line(e->u, "return 0;");
  emit_end(e);
}

/* ---- the row ---- */

bool emit_deferred(const PlanOp *op) { return op->kind == OPK_RULE || op->kind == OPK_STATE; }

void emit_ordered(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  if (first_of(pipe, op)) emit_readers(e, pipe);
  if (op->kind == OPK_KEY) emit_key(e, op, pipe);
  if (op->kind == OPK_SLIDING) emit_slide(e, op, pipe);
  if (op->kind == OPK_RULE) emit_rule(e, op, pipe);
  if (op->kind == OPK_LATE) emit_late(e, op, pipe);
  if (op->kind != OPK_STATE) return;
  emit_next(e, op, pipe);
  emit_write(e, op, pipe);
}

static void row_of_sliding(Emit *e, const PlanOp *op)
{
  for (int i = 0; i < op->exprs.n; i++) {
    if (!emit_computed(op->exprs.v[i]) || !(op->schema.v[i].needed || op->exprs.v[i]->fallible)) continue;
    const char *name = emit_value_name(e, op, i);
    cunit_line(e->u, "%s %s;", emit_ctype(op->exprs.v[i]->type), name);
    if (op->exprs.v[i]->type->nullable) cunit_line(e->u, "wr_status s%s;", name + 1);
  }
  for (int i = 0; i < op->aggs.n; i++) {
    cunit_line(e->u, "%s a%d_%d;  /* %s */", emit_coltype(op->aggs.v[i].type), op->id, i, op->aggs.v[i].row->name);
    cunit_line(e->u, "wr_status t%d_%d;", op->id, i);
  }
}

static void row_of_state(Emit *e, const PlanOp *op)
{
  for (int i = 0; i < op->assigns.n; i++) {
    const Type *t = e->p->stores.v[op->store].cells.v[op->assigns.v[i].cell].type;
    const char *name = next_name(e, op, i);
    cunit_line(e->u, "%s %s;", emit_ctype(t), name);
    if (t->nullable) cunit_line(e->u, "wr_status s%s;", name + 1);
  }
}

void emit_ordered_row(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  if (first_of(pipe, op)) {
    Readers all = readers_of(e, pipe);
    for (int i = 0; i < all.n; i++)
      cunit_line(e->u, "const %s *%s;", record_name(e, all.v[i].store), reader_name(e, all.v[i].key, all.v[i].store));
  }
  if (emit_deferred(op)) cunit_line(e->u, "wr_i32 go%d;", op->id);
  if (op->kind == OPK_KEY) cunit_line(e->u, "wr_u64 k%d[%d];", op->id, key_words(op));
  if (op->kind == OPK_KEY) cunit_line(e->u, "wr_u32 h%d;", op->id);
  if (op->kind == OPK_SLIDING) row_of_sliding(e, op);
  if (op->kind == OPK_STATE) row_of_state(e, op);
}

void emit_deferred_start(Emit *e, const Pipeline *pipe)
{
  Readers all = readers_of(e, pipe);
  for (int i = 0; i < pipe->ops.n; i++)
    if (emit_deferred(pipe->ops.v[i])) cunit_line(e->u, "w.go%d = 0;", pipe->ops.v[i]->id);
  for (int i = 0; i < all.n; i++) cunit_line(e->u, "w.%s = 0;", reader_name(e, all.v[i].key, all.v[i].store));
}

/* The pipeline's next operator of a kind in the order of declarations, after `last`; 0: none. */
static const PlanOp *next_declared(const Pipeline *pipe, OpKind kind, const PlanOp *last)
{
  const PlanOp *best = NULL;
  for (int i = 0; i < pipe->ops.n; i++) {
    const PlanOp *op = pipe->ops.v[i];
    if (op->kind != kind) continue;
    if (last && (op->order < last->order || (op->order == last->order && op->id <= last->id))) continue;
    if (!best || op->order < best->order || (op->order == best->order && op->id < best->id)) best = op;
  }
  return best;
}

void emit_deferred_calls(Emit *e, const Pipeline *pipe)
{
  for (const PlanOp *op = NULL; (op = next_declared(pipe, OPK_RULE, op));)
    cunit_line(e->u, "if (w.go%d) op%d_judge(ctx, &in, b, r, &w);", op->id, op->id);
  for (const PlanOp *op = NULL; (op = next_declared(pipe, OPK_STATE, op));)
    cunit_line(e->u, "if (w.go%d) w.go%d = op%d_next(ctx, &in, b, r, &w);", op->id, op->id, op->id);
  for (const PlanOp *op = NULL; (op = next_declared(pipe, OPK_STATE, op));)
    cunit_line(e->u, "if (w.go%d) op%d_write(ctx, &in, b, r, &w);", op->id, op->id);
}
