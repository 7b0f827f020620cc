/* agg_moments.c -- variance, stddev and corr: exact sums of values and products, and their
 * reading. A product of two floats is added as its 106 bits, so nothing is rounded and nothing
 * underflows. */
#include <math.h>
#include "agg_exact.h"
#include "weir/agg/moments.h"

static void add_product(wr_ctx *ctx, agg_exact *x, agg_parts a, agg_parts b, int negative)
{
  agg_exact_add_bits(ctx, x, (agg_u128)a.m * b.m, a.e + b.e, negative ^ a.negative ^ b.negative);
}

void agg_moments_add_i(wr_ctx *ctx, agg_moments *s, wr_i64 v, int negative)
{
  wr_u64 mag = v < 0 ? -(wr_u64)v : (wr_u64)v;
  s->n += negative ? -1ULL : 1;
  agg_exact_add_bits(ctx, &s->x, mag, 0, negative ^ (v < 0));
  agg_exact_add_bits(ctx, &s->xx, (agg_u128)mag * mag, 0, negative);
}

void agg_moments_add_f(wr_ctx *ctx, agg_moments *s, wr_f64 v, int negative)
{
  s->n += negative ? -1ULL : 1;
  agg_exact_add(ctx, &s->x, negative ? -v : v);
  add_product(ctx, &s->xx, agg_parts_of(v), agg_parts_of(v), negative);
}

void agg_moments_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_moments *s, const agg_moments *from)
{
  (void)spec;
  s->n += from->n;
  agg_exact_merge(ctx, &s->x, &from->x);
  agg_exact_merge(ctx, &s->xx, &from->xx);
}

void agg_moments_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_moments *s)
{
  (void)spec;
  agg_exact_drop(ctx, &s->x);
  agg_exact_drop(ctx, &s->xx);
}

wr_u64 agg_moments_bytes(const agg_moments *s)
{
  return agg_exact_bytes(&s->x) + agg_exact_bytes(&s->xx);
}

/* n * sum(xy) - sum(x) * sum(y), exact and then rounded, as d * 2^*e. */
static wr_f64 comoment(wr_u64 n, const agg_exact *xy, const agg_exact *x, const agg_exact *y,
                       int *e)
{
  agg_big a, b, product, rest;
  agg_big_of(x, &a);
  agg_big_of(y, &b);
  agg_big_mul(&a, &b, &product);
  agg_big_of(xy, &a);
  agg_big_times(&a, n);
  agg_big_sub(&a, &product, &rest);
  return agg_big_round(&rest, e);
}

/* variance = d * 2^*e: the comoment divided by n * (n - 1) and by the square of a decimal's
 * unit. */
static wr_f64 variance(const wr_aggspec *spec, const agg_moments *s, int *e)
{
  wr_f64 d = comoment(s->n, &s->xx, &s->x, &s->x, e);
  wr_f64 unit = 1;
  for (int i = 0; spec->type && spec->type->kind == WR_DEC && i < spec->type->scale; i++)
    unit *= 10;                           /* exact up to 22 digits */
  return d / ((wr_f64)s->n * (wr_f64)(s->n - 1)) / unit / unit;
}

wr_status agg_variance_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_moments *s, wr_f64 *out)
{
  (void)ctx;
  int e;
  if (s->n < 2)
    return WR_NULL;
  wr_f64 d = variance(spec, s, &e);
  return agg_scaled(d, e, out);
}

/* The root of d * 2^e, e made even first: it fits even where the variance does not. */
wr_status agg_stddev_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_moments *s, wr_f64 *out)
{
  (void)ctx;
  int e;
  if (s->n < 2)
    return WR_NULL;
  wr_f64 d = variance(spec, s, &e);
  int odd = e & 1;
  return agg_scaled(sqrt(odd ? 2 * d : d), (e - odd) / 2, out);
}

void agg_corr_add(wr_ctx *ctx, agg_corr *s, wr_f64 x, wr_f64 y, int negative)
{
  agg_parts px = agg_parts_of(x), py = agg_parts_of(y);
  s->n += negative ? -1ULL : 1;
  agg_exact_add(ctx, &s->x, negative ? -x : x);
  agg_exact_add(ctx, &s->y, negative ? -y : y);
  add_product(ctx, &s->xx, px, px, negative);
  add_product(ctx, &s->yy, py, py, negative);
  add_product(ctx, &s->xy, px, py, negative);
}

void agg_corr_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_corr *s, const agg_corr *from)
{
  (void)spec;
  s->n += from->n;
  agg_exact_merge(ctx, &s->x, &from->x);
  agg_exact_merge(ctx, &s->y, &from->y);
  agg_exact_merge(ctx, &s->xx, &from->xx);
  agg_exact_merge(ctx, &s->yy, &from->yy);
  agg_exact_merge(ctx, &s->xy, &from->xy);
}

void agg_corr_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_corr *s)
{
  (void)spec;
  agg_exact_drop(ctx, &s->x);
  agg_exact_drop(ctx, &s->y);
  agg_exact_drop(ctx, &s->xx);
  agg_exact_drop(ctx, &s->yy);
  agg_exact_drop(ctx, &s->xy);
}

wr_u64 agg_corr_bytes(const agg_corr *s)
{
  return agg_exact_bytes(&s->x) + agg_exact_bytes(&s->y) + agg_exact_bytes(&s->xx) +
         agg_exact_bytes(&s->yy) + agg_exact_bytes(&s->xy);
}

wr_status agg_corr_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_corr *s, wr_f64 *out)
{
  (void)ctx, (void)spec;
  int ex, ey, exy;
  wr_f64 x = comoment(s->n, &s->xx, &s->x, &s->x, &ex);
  wr_f64 y = comoment(s->n, &s->yy, &s->y, &s->y, &ey);
  wr_f64 xy = comoment(s->n, &s->xy, &s->x, &s->y, &exy);
  if (s->n < 2 || x == 0 || y == 0)
    return WR_NULL;
  int odd = (ex + ey) & 1;
  wr_f64 r = ldexp(xy / sqrt(x * y * (odd ? 2 : 1)), exy - (ex + ey - odd) / 2);
  r = r > 1 ? 1 : r < -1 ? -1 : r;        /* by rounding only */
  return wr_f64_fix(r, out);
}
