/* agg_value.c -- text kept in states, and the exact quotients of averages. Text keeps its room
 * when it is replaced, so that `last` of a string does not allocate every row. */
#include <math.h>
#include "weir/agg/avg.h"

void agg_room(wr_ctx *ctx, agg_val *v, wr_u32 bytes)
{
  if (bytes <= v->cap)
    return;
  wr_u64 cap = 2ULL * v->cap > bytes ? 2ULL * v->cap : bytes;
  cap = cap > 0xffffffffu ? 0xffffffffu : cap;
  if (v->cap)
    wr_heap_free(ctx, v->u.p, v->cap);
  v->u.p = wr_heap_alloc(ctx, cap);
  v->cap = (wr_u32)cap;
}

void agg_text_set(wr_ctx *ctx, agg_val *v, const char *p, wr_u32 len)
{
  agg_room(ctx, v, len);
  if (len)
    memcpy(v->u.p, p, len);
  v->len = len;
}

/* The sum is shifted to 127 bits, so the quotient has at least 63: more than the 53 of a double,
 * and its last bit may stand for the remainder. The conversion then rounds half-even, once. */
wr_f64 agg_ratio(agg_i128 sum, wr_u64 n)
{
  agg_u128 mag = sum < 0 ? -(agg_u128)sum : (agg_u128)sum;
  int shift = 127 - agg_bits(mag);
  if (!mag)
    return 0.0;
  mag = shift > 0 ? mag << shift : mag;
  agg_u128 q = mag / n | (mag % n != 0);
  wr_f64 x = ldexp((wr_f64)q, shift > 0 ? -shift : 0);
  return sum < 0 ? -x : x;
}

/* times * sum / n, half-even. sum / n has 64 bits and the remainder is below n: nothing
 * overflows. */
static agg_i128 scaled_ratio(agg_i128 sum, wr_u64 n, wr_u64 times)
{
  agg_u128 mag = sum < 0 ? -(agg_u128)sum : (agg_u128)sum;
  agg_u128 rest = mag % n * times;
  agg_u128 q = mag / n * times + rest / n;
  agg_u128 twice = rest % n * 2;
  q += twice > n || (twice == n && (q & 1));
  return sum < 0 ? -(agg_i128)q : (agg_i128)q;
}

wr_status agg_avg_d_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_avg_d *s, wr_i64 *out)
{
  (void)ctx;
  if (!s->n)
    return WR_NULL;
  wr_u64 times = spec->type->kind == WR_DEC ? 10000 : 1;      /* AGG_SCALE4 */
  return agg_i128_to_i64(scaled_ratio(agg_sum_i_get(&s->sum), s->n, times), out);
}
