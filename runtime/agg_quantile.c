/* agg_quantile.c -- the counts of a quantile sketch: making room, merging, reading.
 * Room is made in whole octaves of 64 buckets, at either end. */
#include "weir/agg/quantile.h"

enum { OCTAVE = 1 << AGG_BUCKET_BITS };

static void cover(wr_ctx *ctx, agg_buckets *b, wr_i32 lo, wr_i32 end)
{
  if (b->n) {
    lo = lo < b->lo ? lo : b->lo;
    end = end > b->lo + b->n ? end : b->lo + b->n;
    if (lo == b->lo && end == b->lo + b->n)
      return;
  }
  size_t bytes = sizeof(wr_u64) * (size_t)(end - lo);
  wr_u64 *count = wr_heap_alloc(ctx, bytes);
  memset(count, 0, bytes);
  if (b->n) {
    memcpy(count + (b->lo - lo), b->count, sizeof(wr_u64) * (size_t)b->n);
    wr_heap_free(ctx, b->count, sizeof(wr_u64) * (size_t)b->n);
  }
  b->count = count;
  b->lo = lo;
  b->n = end - lo;
}

void agg_buckets_widen(wr_ctx *ctx, agg_buckets *b, wr_i32 index)
{
  wr_i32 lo = index & ~(OCTAVE - 1);
  cover(ctx, b, lo, lo + OCTAVE);
}

static void buckets_drop(wr_ctx *ctx, agg_buckets *b)
{
  if (b->n)
    wr_heap_free(ctx, b->count, sizeof(wr_u64) * (size_t)b->n);
  b->count = 0;
  b->lo = b->n = 0;
}

void agg_quantile_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_quantile *s)
{
  (void)spec;
  buckets_drop(ctx, &s->side[0]);
  buckets_drop(ctx, &s->side[1]);
  s->zero = s->n = 0;
}

wr_u64 agg_quantile_bytes(const agg_quantile *s)
{
  return sizeof(wr_u64) * ((wr_u64)s->side[0].n + (wr_u64)s->side[1].n);
}

void agg_quantile_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_quantile *s,
                        const agg_quantile *from)
{
  (void)spec;
  for (int k = 0; k < 2; k++) {
    const agg_buckets *f = &from->side[k];
    agg_buckets *b = &s->side[k];
    if (!f->n)
      continue;
    cover(ctx, b, f->lo, f->lo + f->n);
    for (wr_i32 i = 0; i < f->n; i++)
      b->count[f->lo - b->lo + i] += f->count[i];
  }
  s->zero += from->zero;
  s->n += from->n;
}

/* The middle of a bucket. */
static wr_f64 middle(wr_i32 index)
{
  wr_u64 bits = (wr_u64)index << (52 - AGG_BUCKET_BITS) | 1ULL << (51 - AGG_BUCKET_BITS);
  wr_f64 x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The value of rank floor(q * (n - 1)), counted from the most negative one. */
wr_status agg_quantile_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_quantile *s, wr_f64 *out)
{
  (void)ctx;
  if (!s->n)
    return WR_NULL;
  wr_f64 q = spec->opt[0].u.f, last = (wr_f64)(s->n - 1);
  wr_u64 rank = q > 0 ? q < 1 ? (wr_u64)(q * last) : s->n - 1 : 0;
  const agg_buckets *pos = &s->side[0], *neg = &s->side[1];
  for (wr_i32 i = neg->n; i-- > 0; rank -= neg->count[i])
    if (rank < neg->count[i]) {
      *out = -middle(neg->lo + i);
      return WR_OK;
    }
  *out = 0;
  if (rank < s->zero)
    return WR_OK;
  rank -= s->zero;
  for (wr_i32 i = 0; i < pos->n; rank -= pos->count[i++])
    if (rank < pos->count[i]) {
      *out = middle(pos->lo + i);
      break;
    }
  return WR_OK;
}
