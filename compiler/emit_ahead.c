/* emit_ahead.c -- keys of a whole batch, hashed before its rows are gone through.
 *
 * Where a key's parts are columns of the row loop's batch, and no filter stands between, the runtime hashes
 * all keys at once and fetches what is kept by them a block of rows ahead (runtime/ahead.c). That is a
 * hint: rows are judged one after the other all the same.
 */
#include "emit.h"

/* The column of the head's batch that the column of op's rows is another name for, or -1. */
static int head_col(const PlanOp *op, int col)
{
  if (op->kind == OPK_UNNEST || op->kind == OPK_GROUP) return -1;
  if (op_rows[op->kind].starts) return emit_carries_errors(op, op->col_at[col]) ? -1 : op->col_at[col];
  if (op->kind == OPK_WHERE || op->kind == OPK_SAMPLE) return -1;
  if (op->kind == OPK_LOOKUP || op->kind == OPK_PEEK)
    return plan_table_col(op, col) >= -1 ? -1 : head_col(op->in.v[0], plan_input_col(op, col));
  if (op->kind != OPK_SELECT && op->kind != OPK_SLIDING) return head_col(op->in.v[0], col);
  if (col >= op->exprs.n || op->exprs.v[col]->kind != PX_COL || emit_computed(op->exprs.v[col])) return -1;
  return head_col(op->in.v[0], op->exprs.v[col]->u.col);
}

static bool is_column(const PExpr *x, const PlanOp *in)
{
  return x->kind == PX_COL && !x->fallible && !x->type->nullable && head_col(in, x->u.col) >= 0;
}

/* Which stores and windows of events go by the key. False: nobody does, but for rules without any. */
static bool kept_by(const Plan *p, const PlanOp *key, const Pipeline *pipe, bool *store, bool *sliding)
{
  bool any = false;
  for (int i = 0; i < pipe->ops.n; i++) {
    const PlanOp *op = pipe->ops.v[i];
    if (op->key != key) continue;
    if (op->kind == OPK_SLIDING) sliding[op->index] = true;
    if (op->kind == OPK_STATE || op->kind == OPK_PEEK) store[op->store] = true;
    any |= op->kind != OPK_RULE;
    if (emit_deferred(op)) plan_states_read(op, store);
  }
  for (int i = 0; i < p->stores.n; i++) any |= store[i];
  return any;
}

bool emit_key_used(Emit *e, const PlanOp *key, const Pipeline *pipe)
{
  bool *store = arena_alloc(e->a, (size_t)e->p->stores.n + 1);
  bool *sliding = arena_alloc(e->a, (size_t)e->p->slidings.n + 1);
  return kept_by(e->p, key, pipe, store, sliding);
}

bool emit_hashed(Emit *e, const PlanOp *key, const Pipeline *pipe)
{
  if (key->kind != OPK_KEY || !key->exprs.n || !emit_key_used(e, key, pipe)) return false;
  for (int i = 0; i < key->exprs.n; i++)
    if (!is_column(key->exprs.v[i], key->in.v[0])) return false;
  return true;
}

/* Its place among all. */
static int keys_index(Emit *e, const PlanOp *key)
{
  int n = 0;
  for (int i = 0; i < e->p->pipelines.n; i++)
    for (int k = 0; k < e->p->pipelines.v[i].ops.n; k++) {
      if (e->p->pipelines.v[i].ops.v[k] == key) return n;
      n += emit_hashed(e, e->p->pipelines.v[i].ops.v[k], &e->p->pipelines.v[i]);
    }
  return n;
}

void emit_hashed_members(Emit *e, const Pipeline *pipe)
{
  for (int i = 0; i < pipe->ops.n; i++)
    if (emit_hashed(e, pipe->ops.v[i], pipe)) cunit_line(e->u, "const wr_hashed *k%d;", pipe->ops.v[i]->id);
}

void emit_hashed_start(Emit *e, const Pipeline *pipe)
{
  for (int i = 0; i < pipe->ops.n; i++)
    if (emit_hashed(e, pipe->ops.v[i], pipe))
      cunit_line(e->u, "in.k%d = wr_keys_of(ctx, %d, b);", pipe->ops.v[i]->id, keys_index(e, pipe->ops.v[i]));
}

void emit_hashed_fetch(Emit *e, const Pipeline *pipe)
{
  for (int i = 0; i < pipe->ops.n; i++)
    if (emit_hashed(e, pipe->ops.v[i], pipe))
      cunit_line(e->u, "if (r %% WR_AHEAD == 0) wr_keys_fetch(ctx, %d, r);", keys_index(e, pipe->ops.v[i]));
}

/* ---- tables ---- */

static int put_list(Emit *e, const char *name, const bool *in, int n)
{
  int count = 0;
  const char *text = "";
  for (int i = 0; i < n; i++) {
    if (!in[i]) continue;
    text = S(e, "%s%d, ", text, i);
    count++;
  }
  cunit_line(e->u, "static const wr_i32 %s[] = { %s-1 };", name, text);
  return count;
}

static void emit_one(Emit *e, const PlanOp *key, const Pipeline *pipe, int index)
{
  bool *store = arena_alloc(e->a, (size_t)e->p->stores.n + 1);
  bool *sliding = arena_alloc(e->a, (size_t)e->p->slidings.n + 1);
  const char *cols = "", *kinds = "";
  for (int i = 0; i < key->exprs.n; i++) {
    cols = S(e, "%s%d, ", cols, head_col(key->in.v[0], key->exprs.v[i]->u.col));
    kinds = S(e, "%s%s, ", kinds, emit_kind(key->exprs.v[i]->type));
  }
  kept_by(e->p, key, pipe, store, sliding);
  cunit_line(e->u, "static const wr_i32 keys%d_col[] = { %s-1 };", index, cols);
  cunit_line(e->u, "static const wr_u8 keys%d_kind[] = { %s0 };", index, kinds);
  int nstore = put_list(e, S(e, "keys%d_store", index), store, e->p->stores.n);
  int nsliding = put_list(e, S(e, "keys%d_sliding", index), sliding, e->p->slidings.n);
  cunit_line(e->u, "static const wr_keys keys%d = {", index);
  cunit_line(e->u, "  %d, keys%d_col, keys%d_kind, %d, %d, keys%d_store, keys%d_sliding", key->exprs.n, index, index,
             nstore, nsliding, index, index);
  cunit_line(e->u, "};");
}

int emit_keys(Emit *e)
{
  int n = 0;
  const char *text = "";
  for (int i = 0; i < e->p->pipelines.n; i++)
    for (int k = 0; k < e->p->pipelines.v[i].ops.n; k++) {
      const PlanOp *op = e->p->pipelines.v[i].ops.v[k];
      if (!emit_hashed(e, op, &e->p->pipelines.v[i])) continue;
      emit_one(e, op, &e->p->pipelines.v[i], n);
      text = S(e, "%s&keys%d, ", text, n++);
    }
  cunit_line(e->u, "static const wr_keys *const all_keys[] = { %s0 };", text);
  return n;
}
