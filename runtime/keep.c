/* keep.c -- what states, windows of events and limits share of their tables. */
#include "keep.h"

enum { SWEEP_LEAST = 64, SWEEP_FACTOR = 4, SWEEP_MOST = 1 << 16 };

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
