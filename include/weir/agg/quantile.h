/* quantile.h -- a quantile from counts in buckets of equal relative width.
 *
 * A bucket is an exponent and the six top bits of a fraction: 64 to the octave, so a bucket's
 * middle is within 1/128 (0.8 %, stated as 1 %) of all values in it, and finding it needs no
 * logarithm, which would differ between processors. Buckets cover 2^-30 (9e-10) to 2^60 (1.1e18)
 * of either sign; smaller values count as zero, larger ones in the last bucket. The bounds are
 * fixed: what a value is counted as never depends on other values, so sketches merge and
 * subtract exactly. At most 5760 counts are held for each sign, in practice the octaves between
 * the smallest and the largest.
 */
#ifndef WEIR_AGG_QUANTILE_H
#define WEIR_AGG_QUANTILE_H
#include "weir/agg/value.h"

#define AGG_quantile_F quantile, OWNS

enum {
  AGG_BUCKET_BITS = 6,
  AGG_BUCKET_FIRST = (1023 - 30) << AGG_BUCKET_BITS,          /* of 2^-30 */
  AGG_BUCKET_LAST = ((1023 + 60) << AGG_BUCKET_BITS) - 1      /* the last below 2^60 */
};

typedef struct agg_buckets {              /* counts of buckets lo .. lo + n - 1, whole octaves */
  wr_u64 *count;
  wr_i32 lo, n;
} agg_buckets;

typedef struct agg_quantile {
  agg_buckets side[2];                    /* positive, negative */
  wr_u64 zero, n;
} agg_quantile;

void agg_buckets_widen(wr_ctx *, agg_buckets *, wr_i32 index);          /* to hold index */
void agg_quantile_merge(wr_ctx *, const wr_aggspec *, agg_quantile *, const agg_quantile *from);
wr_status agg_quantile_read(wr_ctx *, const wr_aggspec *, const agg_quantile *, wr_f64 *out);
void agg_quantile_drop(wr_ctx *, const wr_aggspec *, agg_quantile *);
wr_u64 agg_quantile_bytes(const agg_quantile *);
void agg_quantile_save(const wr_aggspec *, const agg_quantile *, struct wr_saver *);
void agg_quantile_load(wr_ctx *, const wr_aggspec *, agg_quantile *, struct wr_loader *);

/* The count that a value belongs to. */
AGG_INLINE wr_u64 *agg_quantile_count(wr_ctx *ctx, agg_quantile *s, wr_f64 v)
{
  wr_u64 bits;
  memcpy(&bits, &v, sizeof bits);
  agg_buckets *b = &s->side[bits >> 63];
  wr_i32 i = (wr_i32)(bits << 1 >> (53 - AGG_BUCKET_BITS));
  if (i < AGG_BUCKET_FIRST)
    return &s->zero;
  i = i > AGG_BUCKET_LAST ? AGG_BUCKET_LAST : i;
  if ((wr_u32)(i - b->lo) >= (wr_u32)b->n)
    agg_buckets_widen(ctx, b, i);
  return &b->count[i - b->lo];
}

AGG_INLINE void agg_quantile_step(const agg_in *in, agg_quantile *s, wr_f64 v, wr_f64 q)
{
  (void)q;
  ++*agg_quantile_count(in->ctx, s, v);
  s->n++;
}

AGG_INLINE void agg_quantile_inverse(const agg_in *in, agg_quantile *s, wr_f64 v, wr_f64 q)
{
  (void)q;
  --*agg_quantile_count(in->ctx, s, v);
  if (--s->n == 0)
    agg_quantile_drop(in->ctx, in->spec, s);
}

#endif
