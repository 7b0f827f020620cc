/* agg_exact.c -- exact sums of floats: the slow half of weir/agg/exact.h.
 * Limbs stand lowest first; `limbs` finds them, in the state or on the heap. */
#include "agg_exact.h"
#include "weir/agg/avg.h"

static wr_u64 *limbs(agg_exact *x)
{
  return x->n > AGG_EXACT_INLINE ? (wr_u64 *)(uintptr_t)x->w[0] : x->w;
}

static int zeros_below(agg_u128 v)
{
  wr_u64 hi = (wr_u64)(v >> 64), lo = (wr_u64)v;
  return lo ? __builtin_ctzll(lo) : 64 + __builtin_ctzll(hi);
}

/* Makes room for bits `low` .. `high` and the two above them, on the heap. */
void agg_exact_grow(wr_ctx *ctx, agg_exact *x, wr_i32 low, wr_i32 high)
{
  wr_u32 below = low < x->base ? (wr_u32)(x->base - low + 63) / 64 : 0;
  wr_i32 base = x->base - (wr_i32)(64 * below);
  wr_u32 n = x->n + below, need = (wr_u32)(high + 2 - base + 63) / 64;
  n = need > n ? need : n;
  n = n > AGG_EXACT_INLINE ? n : AGG_EXACT_INLINE + 1;
  wr_u64 *p = limbs(x), *q = wr_heap_alloc(ctx, 8ULL * n);
  int sign = p[x->n - 1] >> 63 ? 0xff : 0;
  memset(q, 0, 8ULL * below);
  memcpy(q + below, p, 8ULL * x->n);
  memset(q + below + x->n, sign, 8ULL * (n - below - x->n));
  agg_exact_drop(ctx, x);
  x->w[0] = (wr_u64)(uintptr_t)q;
  x->base = base;
  x->n = n;
}

/* p[i..] +-= a, with the carry or borrow as far as it goes. */
static void carry_up(wr_u64 *p, wr_u32 i, wr_u32 n, wr_u64 a, int negative)
{
  for (; a && i < n; i++) {
    wr_u64 old = p[i];
    p[i] = negative ? old - a : old + a;
    a = negative ? p[i] > old : p[i] < old;
  }
}

void agg_exact_add_bits(wr_ctx *ctx, agg_exact *x, agg_u128 mag, wr_i32 e, int negative)
{
  if (!mag)
    return;
  if (!x->n) {
    x->n = AGG_EXACT_INLINE;
    x->base = e - (agg_bits(mag) > 64 ? AGG_EXACT_BELOW / 2 : AGG_EXACT_BELOW);
  }
  int zeros = e < x->base ? zeros_below(mag) : 0;
  mag >>= zeros;
  e += zeros;
  wr_i32 top = e + agg_bits(mag);
  if (e < x->base || top > x->base + (wr_i32)(64 * x->n) - 2)
    agg_exact_grow(ctx, x, e, top);
  wr_u64 *p = limbs(x);
  wr_u32 i = (wr_u32)(e - x->base) / 64, off = (wr_u32)(e - x->base) % 64;
  wr_u64 lo = (wr_u64)mag, hi = (wr_u64)(mag >> 64);
  carry_up(p, i, x->n, lo << off, negative);
  carry_up(p, i + 1, x->n, off ? hi << off | lo >> (64 - off) : hi, negative);
  carry_up(p, i + 2, x->n, off ? hi >> (64 - off) : 0, negative);
  if (agg_exact_crowded(p[x->n - 1]))
    agg_exact_grow(ctx, x, x->base, x->base + (wr_i32)(64 * x->n));
}

void agg_exact_add_slow(wr_ctx *ctx, agg_exact *x, wr_f64 v)
{
  agg_parts p = agg_parts_of(v);
  agg_exact_add_bits(ctx, x, p.m, p.e, p.negative);
}

void agg_exact_drop(wr_ctx *ctx, agg_exact *x)
{
  if (x->n > AGG_EXACT_INLINE)
    wr_heap_free(ctx, limbs(x), 8ULL * x->n);
  memset(x, 0, sizeof *x);
}

void agg_exact_merge(wr_ctx *ctx, agg_exact *x, const agg_exact *from)
{
  agg_big b;
  agg_big_of(from, &b);
  for (int i = 0; i < b.n; i++)
    agg_exact_add_bits(ctx, x, b.w[i], b.e + 64 * i, b.negative);
}

wr_status agg_exact_read(const agg_exact *x, wr_f64 *out)
{
  agg_big b;
  int e;
  agg_big_of(x, &b);
  wr_f64 d = agg_big_round(&b, &e);
  return agg_scaled(d, e, out);
}

wr_status agg_avg_f_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_avg_f *s, wr_f64 *out)
{
  (void)ctx, (void)spec;
  agg_big b;
  int e;
  if (!s->n)
    return WR_NULL;
  agg_big_of(&s->sum, &b);
  wr_f64 d = agg_big_round(&b, &e);
  return agg_scaled(d / (wr_f64)s->n, e, out);
}
