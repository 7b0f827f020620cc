/* ahead.c -- keys of a batch that is about to be gone through row by row: hashed together, and what is kept
 * by them fetched into the cache a block of rows ahead.
 *
 * Only a hint: what a row finds is looked up when it is its turn, since the rows before it may have made
 * the record, or moved the index.
 */
#include "keep.h"
#include "run.h"

struct wr_ahead {
  const wr_keys *def;
  wr_pool pool;
  wr_layout lay;
  wr_staged staged;
  wr_batch view;                          /* the key's columns of the batch */
  wr_hashed out;
};

void wr_ahead_free(wr_ctx *ctx, wr_ahead *a)
{
  wr_staged_free(&a->lay, &a->pool, &a->staged);
  wr_layout_free(&a->lay, &a->pool);
  wr_pool_free(&a->pool, a->view.col, (wr_u64)a->def->ncol * sizeof *a->view.col);
  wr_heap_free(ctx, a, sizeof *a);
}

wr_ahead *wr_ahead_new(wr_ctx *ctx, const wr_keys *d)
{
  wr_ahead *a = wr_heap_alloc(ctx, sizeof *a);
  *a = (wr_ahead){ .def = d, .pool = { .ctx = ctx } };
  a->view = (wr_batch){ .ncol = d->ncol, .col = wr_pool_alloc(&a->pool, (wr_u64)d->ncol * sizeof *a->view.col) };
  if (wr_layout_keys(&a->lay, &a->pool, d->kind, NULL, (wr_u32)d->ncol, 0, 0, wr_seed())) return a;
  wr_error(ctx, WR_EXIT_SOFTWARE, "", "a key of a kind that cannot be compared");
  wr_ahead_free(ctx, a);
  return NULL;
}

const wr_hashed *wr_keys_of(wr_ctx *ctx, wr_i32 keys, const wr_batch *b)
{
  wr_ahead *a = wr_state_of(ctx)->ahead[keys];
  a->view.n = b->n;
  a->view.cap = b->cap;
  for (wr_i32 i = 0; i < a->view.ncol; i++) a->view.col[i] = b->col[a->def->col[i]];
  wr_keys_stage(&a->lay, &a->pool, &a->staged, &a->view);
  a->out = (wr_hashed){ a->staged.key, a->staged.hash };
  return &a->out;
}

void wr_keys_fetch(wr_ctx *ctx, wr_i32 keys, wr_i32 row)
{
  const wr_ahead *a = wr_state_of(ctx)->ahead[keys];
  wr_i32 n = a->view.n - row < WR_AHEAD ? a->view.n - row : WR_AHEAD;
  const wr_u32 *hash = a->staged.hash + row;
  if (n < 2) return;
  for (wr_i32 i = 0; i < a->def->nstore; i++) wr_stored_fetch(wr_stored_of(ctx, a->def->store[i]), hash, n);
  for (wr_i32 i = 0; i < a->def->nsliding; i++) wr_slider_fetch(wr_slider_of(ctx, a->def->sliding[i]), hash, n);
}
