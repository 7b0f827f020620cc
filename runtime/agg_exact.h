/* agg_exact.h -- floats taken apart, and exact sums as whole numbers of any size, for reading
 * them. Private to runtime/agg_*. */
#ifndef AGG_EXACT_READ_H
#define AGG_EXACT_READ_H
#include "weir/agg/exact.h"

typedef struct agg_parts {                /* +-m * 2^e */
  wr_u64 m;
  wr_i32 e;
  int negative;
} agg_parts;

static inline agg_parts agg_parts_of(wr_f64 v)
{
  wr_u64 bits;
  memcpy(&bits, &v, sizeof bits);
  wr_i32 exponent = (wr_i32)(bits >> 52) & 2047;
  wr_u64 m = (bits & 0xfffffffffffffULL) | (exponent ? 1ULL << 52 : 0);
  agg_parts p = {m, (exponent ? exponent : 1) - 1075, (int)(bits >> 63)};
  return p;
}

/* Limbs that any number needs at most: products have bits from 2^-2148 to 2^2048, a squared sum up
 * to 2 * 127 free ones below, and either up to 128 above for carries, which makes 73. */
enum { AGG_BIG = 80 };

typedef struct agg_big {                  /* sign * w * 2^e; w[n - 1] is not 0 */
  wr_u64 w[AGG_BIG];
  int n, e, negative;
} agg_big;

void agg_big_of(const agg_exact *, agg_big *);
void agg_big_mul(const agg_big *, const agg_big *, agg_big *out);
void agg_big_times(agg_big *, wr_u64);
void agg_big_sub(const agg_big *, const agg_big *, agg_big *out);
/* The number as d * 2^*e, half-even, 1 <= |d| <= 2; 0 for zero. */
wr_f64 agg_big_round(const agg_big *, int *e);
/* d * 2^e as a column holds it: never -0, infinite: WR_E_OVERFLOW. */
wr_status agg_scaled(wr_f64 d, int e, wr_f64 *out);

#endif
