/* agg_big.c -- whole numbers of up to 80 limbs, on the stack of whoever reads an exact sum.
 * Sign and magnitude; no operation exceeds AGG_BIG limbs for numbers that come from sums of floats
 * and of their products (agg_exact.h says why). */
#include <math.h>
#include "agg_exact.h"

static void trim(agg_big *b)
{
  while (b->n && !b->w[b->n - 1])
    b->n--;
}

/* Zero limbs at the bottom are left out: less to multiply. */
void agg_big_of(const agg_exact *x, agg_big *b)
{
  const wr_u64 *p = x->n > AGG_EXACT_INLINE ? (const wr_u64 *)(uintptr_t)x->w[0] : x->w;
  wr_u32 skip = 0;
  while (skip < x->n && !p[skip])
    skip++;
  b->n = (int)(x->n - skip);
  b->e = x->base + (wr_i32)(64 * skip);
  b->negative = b->n && p[x->n - 1] >> 63;
  for (int i = 0; i < b->n; i++) {        /* the lowest limb is not 0: negating it does not carry */
    wr_u64 w = p[skip + (wr_u32)i];
    b->w[i] = !b->negative ? w : i ? ~w : -w;
  }
  trim(b);
}

void agg_big_mul(const agg_big *a, const agg_big *b, agg_big *out)
{
  out->n = a->n + b->n;
  out->e = a->e + b->e;
  out->negative = a->negative != b->negative;
  memset(out->w, 0, sizeof out->w[0] * (size_t)out->n);
  for (int i = 0; i < a->n; i++) {
    wr_u64 carry = 0;
    for (int j = 0; j < b->n; j++) {
      agg_u128 t = (agg_u128)a->w[i] * b->w[j] + out->w[i + j] + carry;
      out->w[i + j] = (wr_u64)t;
      carry = (wr_u64)(t >> 64);
    }
    out->w[i + b->n] = carry;
  }
  trim(out);
}

void agg_big_times(agg_big *a, wr_u64 by)
{
  wr_u64 carry = 0;
  for (int i = 0; i < a->n; i++) {
    agg_u128 t = (agg_u128)a->w[i] * by + carry;
    a->w[i] = (wr_u64)t;
    carry = (wr_u64)(t >> 64);
  }
  if (carry)
    a->w[a->n++] = carry;
  trim(a);
}

/* The same number with a lower exponent. */
static void lower_to(agg_big *a, int e)
{
  if (!a->n || e >= a->e)
    return;
  int limbs = (a->e - e) / 64, off = (a->e - e) % 64;
  memmove(a->w + limbs, a->w, sizeof a->w[0] * (size_t)a->n);
  memset(a->w, 0, sizeof a->w[0] * (size_t)limbs);
  a->n += limbs;
  a->e = e;
  if (off)
    agg_big_times(a, 1ULL << off);
}

static int compare(const agg_big *a, const agg_big *b)
{
  if (a->n != b->n)
    return a->n < b->n ? -1 : 1;
  for (int i = a->n; i-- > 0;)
    if (a->w[i] != b->w[i])
      return a->w[i] < b->w[i] ? -1 : 1;
  return 0;
}

/* out = |a| - |b|, of one exponent, |a| >= |b|. */
static void subtract(const agg_big *a, const agg_big *b, agg_big *out)
{
  wr_u64 borrow = 0;
  for (int i = 0; i < a->n; i++) {
    agg_u128 t = (agg_u128)a->w[i] - (i < b->n ? b->w[i] : 0) - borrow;
    out->w[i] = (wr_u64)t;
    borrow = (wr_u64)(t >> 64) & 1;
  }
  out->n = a->n;
}

static void add(const agg_big *a, const agg_big *b, agg_big *out)
{
  wr_u64 carry = 0;
  out->n = (a->n > b->n ? a->n : b->n) + 1;
  for (int i = 0; i < out->n; i++) {
    agg_u128 t = (agg_u128)(i < a->n ? a->w[i] : 0) + (i < b->n ? b->w[i] : 0) + carry;
    out->w[i] = (wr_u64)t;
    carry = (wr_u64)(t >> 64);
  }
}

void agg_big_sub(const agg_big *x, const agg_big *y, agg_big *out)
{
  agg_big a = *x, b = *y;
  int e = !a.n ? b.e : !b.n || a.e < b.e ? a.e : b.e;
  lower_to(&a, e);
  lower_to(&b, e);
  int swap = compare(&a, &b) < 0;
  if (a.negative != b.negative)
    add(&a, &b, out);
  else
    subtract(swap ? &b : &a, swap ? &a : &b, out);
  out->e = e;
  out->negative = a.negative != b.negative || !swap ? a.negative : !a.negative;
  trim(out);
}

/* The 64 bits from the top, the last of them set when anything below is: more than the 53 and the
 * rounding bit, so the conversion to double rounds the whole number half-even. */
wr_f64 agg_big_round(const agg_big *a, int *e)
{
  *e = 0;
  if (!a->n)
    return 0.0;
  int zeros = __builtin_clzll(a->w[a->n - 1]), i = a->n - 1;
  wr_u64 top = a->w[i] << zeros, below = 0;
  if (i > 0) {
    top |= zeros ? a->w[i - 1] >> (64 - zeros) : 0;
    below = zeros ? a->w[i - 1] << zeros : a->w[i - 1];
  }
  for (i -= 2; i >= 0; i--)
    below |= a->w[i];
  *e = a->e + 64 * a->n - zeros - 1;
  wr_f64 d = ldexp((wr_f64)(top | (below != 0)), -63);
  return a->negative ? -d : d;
}

wr_status agg_scaled(wr_f64 d, int e, wr_f64 *out)
{
  return wr_f64_fix(ldexp(d, e), out);
}
