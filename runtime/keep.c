/* keep.c -- what states, windows of events and limits share of their tables. */
#include "keep.h"

enum { SWEEP_LEAST = 64, SWEEP_FACTOR = 2, SWEEP_MOST = 1 << 16 };

void wr_sweep_cells(wr_sweep *s, const wr_table *t, void (*visit)(void *, wr_u32 no), void *arg)
{
  wr_u64 n = t->next - t->base, visits = SWEEP_LEAST + SWEEP_FACTOR * s->writes;
  s->writes = 0;
  if (visits > SWEEP_MOST) visits = SWEEP_MOST;
  if (visits > n) visits = n;
  for (; visits; visits--) {
    if (s->cursor >= n) s->cursor = 0;
    visit(arg, t->base + s->cursor++);
  }
}

bool wr_keyed_layout(wr_layout *l, wr_pool *pool, const char *what, const wr_cell *key, wr_i32 n, wr_u32 head,
                     wr_u32 state)
{
  wr_u8 *kind = wr_pool_alloc(pool, (wr_u64)n + 1);
  for (wr_i32 i = 0; i < n; i++) kind[i] = key[i].type->kind;
  bool ok = wr_layout_keys(l, pool, kind, NULL, (wr_u32)n, head, state, wr_seed());
  wr_pool_free(pool, kind, (wr_u64)n + 1);
  l->reclaim = true;
  if (!ok) wr_error(pool->ctx, WR_EXIT_SOFTWARE, "", "%s: a key of a kind that cannot be compared", what);
  return ok;
}

void wr_keyed_remove(wr_table *t, wr_u32 no)
{
  wr_table_remove(t, wr_layout_hash(t->lay, (const wr_u64 *)wr_cell_at(t, no)), no);
  wr_table_release(t, no);
}

/* ---- keys in checkpoints: as values, since words are seeded and point into the table ---- */

void wr_save_key_types(wr_saver *s, const wr_cell *key, wr_i32 n)
{
  wr_save_u32(s, (wr_u32)n);
  for (wr_i32 i = 0; i < n; i++) wr_save_type(s, key[i].type);
}

const wr_reading *wr_load_key_types(wr_ctx *ctx, wr_loader *l, const wr_cell *key, wr_i32 n)
{
  wr_u32 was = wr_load_u32(l);
  wr_reading *r = wr_alloc(ctx, (wr_u32)(n + 1) * (wr_u32)sizeof *r);
  if (l->bad) return wr_load_damaged(ctx, l), NULL;
  if (was != (wr_u32)n) return wr_load_refuse(ctx, l, "its key had %u parts and has %d", was, n), NULL;
  for (wr_i32 i = 0; i < n; i++) {
    wr_str type = wr_load_str(l);
    if (l->bad) return wr_load_damaged(ctx, l), NULL;
    if (wr_reading_open(ctx, &r[i], type, key[i].type) && r[i].how != WR_WIDEN_FLOAT) continue;
    return wr_load_refuse(ctx, l, "the type of its key `%s` was %.*s", key[i].name, (int)type.len, type.p), NULL;
  }
  return r;
}

void wr_save_key(wr_saver *s, const wr_layout *l, const wr_cell *key, const wr_u64 *word)
{
  for (wr_u32 i = 0; i < l->ncol; i++) {
    const wr_u64 *w = word + l->col[i].at;
    wr_slot v = l->col[i].string ? wr_str_slot(wr_key_str(w), 0) : wr_i64_slot((wr_i64)*w, 0);
    wr_save_slot(s, key[i].type, v);
  }
}

bool wr_load_key(wr_ctx *ctx, wr_loader *l, const wr_layout *lay, const wr_reading *key, wr_u64 *word, wr_u32 *hash)
{
  wr_slot *v = wr_alloc(ctx, (lay->ncol + 1) * (wr_u32)(sizeof *v + 1));
  wr_u8 *kind = (wr_u8 *)(v + lay->ncol);
  for (wr_u32 i = 0; i < lay->ncol; i++) {
    kind[i] = lay->col[i].kind;
    v[i] = wr_load_as(ctx, l, &key[i]);
    if (v[i].st) l->bad = true;
  }
  *hash = wr_key_hash(kind, (wr_i32)lay->ncol, v, word);
  return l->bad ? wr_load_damaged(ctx, l) : true;
}
