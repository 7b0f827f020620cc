/* limit_save.c -- limits in checkpoints: for every key the times of the rows that passed. n and the span
 * may have changed since: the times stay true. */
#include "limit.h"

void wr_limiter_save(wr_ctx *ctx, const wr_limiter *l, wr_saver *v)
{
  const wr_table *t = &l->table;
  (void)ctx;
  wr_save_key_types(v, l->def->key, l->def->nkey);
  wr_save_i64(v, l->reach.seen);
  wr_save_u32(v, t->used);
  for (wr_u32 no = t->base; no < t->next; no++) {
    wr_passed *p = wr_passed_at(l, no);
    if (!p->live) continue;
    wr_save_key(v, &l->lay, l->def->key, (wr_u64 *)wr_cell_at(t, no));
    wr_save_u32(v, p->n);
    for (wr_u32 i = 0; i < p->n; i++) wr_save_i64(v, *wr_passed_time(p, i));
  }
}

static bool load_key(wr_ctx *ctx, wr_limiter *l, wr_loader *v, const wr_reading *key, wr_u64 *word)
{
  wr_u32 hash;
  if (!wr_load_key(ctx, v, &l->lay, key, word, &hash)) return false;
  wr_u32 n = wr_load_u32(v);
  wr_ts before = WR_TS_MIN;
  if (v->bad || n > (size_t)(v->end - v->p) / 8 || wr_table_entry(&l->table, hash, word)->no)
    return wr_load_damaged(ctx, v);
  wr_passed *p = wr_passed_new(l, word, hash);
  for (wr_u32 i = 0; i < n; i++) {
    wr_ts t = wr_load_i64(v);
    if (t < before) return wr_load_damaged(ctx, v);
    wr_passed_add(l, p, before = t);
  }
  return true;
}

bool wr_limiter_load(wr_ctx *ctx, wr_limiter *l, wr_loader *v)
{
  const wr_reading *key = wr_load_key_types(ctx, v, l->def->key, l->def->nkey);
  if (!key) return false;
  wr_u64 *word = wr_alloc(ctx, (l->lay.words + 1) * 8);
  wr_ts seen = wr_load_i64(v);
  wr_u32 keys = wr_load_u32(v);
  bool ok = !v->bad || wr_load_damaged(ctx, v);
  for (wr_u32 i = 0; i < keys && ok; i++) ok = load_key(ctx, l, v, key, word);
  if (ok) l->reach.seen = seen;
  else wr_limiter_clear(l);
  return ok;
}
