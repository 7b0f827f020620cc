/* exact.h -- a sum of floats without rounding: order-free, mergeable, invertible.
 *
 * The number is a two's complement integer of n 64-bit limbs times 2^base. Three limbs stand in the
 * state itself, placed around the first value (64 bits below its last bit, 73 above its first); a
 * value that does not fit moves the number to the heap, where it gets the limbs it needs, at most
 * those of all exponents. The top two bits of a number are equal between additions, so that one
 * addition never overflows; a number that uses them grows at once.
 */
#ifndef WEIR_AGG_EXACT_H
#define WEIR_AGG_EXACT_H
#include "weir/agg/value.h"

enum {
  AGG_EXACT_INLINE = 3,                   /* limbs in the state */
  AGG_EXACT_BELOW = 64                    /* bits kept free below the first value */
};

typedef struct agg_exact {
  wr_u64 w[AGG_EXACT_INLINE];             /* limbs, lowest first; n > 3: w[0] is their address */
  wr_i32 base;
  wr_u32 n;                               /* limbs; 0: nothing was added yet */
} agg_exact;

void agg_exact_add_slow(wr_ctx *, agg_exact *, wr_f64);       /* any finite value */
/* Adds or subtracts mag * 2^e. */
void agg_exact_add_bits(wr_ctx *, agg_exact *, agg_u128 mag, wr_i32 e, int negative);
void agg_exact_grow(wr_ctx *, agg_exact *, wr_i32 low, wr_i32 high);
void agg_exact_merge(wr_ctx *, agg_exact *, const agg_exact *from);
wr_status agg_exact_read(const agg_exact *, wr_f64 *);        /* half-even; WR_E_OVERFLOW */
void agg_exact_drop(wr_ctx *, agg_exact *);
void agg_exact_save(const wr_aggspec *, const agg_exact *, struct wr_saver *);
void agg_exact_load(wr_ctx *, const wr_aggspec *, agg_exact *, struct wr_loader *);

AGG_INLINE wr_u64 agg_exact_bytes(const agg_exact *x)
{
  return x->n > AGG_EXACT_INLINE ? 8ULL * x->n : 0;
}

/* Do the two top bits differ, is the number about to overflow? */
AGG_INLINE int agg_exact_crowded(wr_u64 top)
{
  return (wr_i64)(top ^ top << 1) < 0;
}

/* v = +-m * 2^(exponent - 1075); its 53 bits at `shift` must end two bits below the top. */
AGG_INLINE void agg_exact_add(wr_ctx *ctx, agg_exact *x, wr_f64 v)
{
  wr_u64 bits;
  memcpy(&bits, &v, sizeof bits);
  wr_u32 exponent = (wr_u32)(bits >> 52) & 2047;
  wr_u32 shift = exponent - 1075u - (wr_u32)x->base;
  if (x->n != AGG_EXACT_INLINE || exponent == 0 || shift > 64 * AGG_EXACT_INLINE - 2 - 53) {
    agg_exact_add_slow(ctx, x, v);
    return;
  }
  wr_u64 sign = (wr_u64)((wr_i64)bits >> 63);
  agg_u128 m = (agg_u128)((bits & 0xfffffffffffffULL) | 1ULL << 52) << (shift & 63);
  wr_u64 lo = (wr_u64)m, hi = (wr_u64)(m >> 64);
  wr_u32 limb = shift >> 6;
  wr_u64 a = limb == 0 ? lo : 0, b = limb == 0 ? hi : limb == 1 ? lo : 0;
  wr_u64 c = limb == 1 ? hi : limb == 2 ? lo : 0;
  agg_u128 t = (agg_u128)x->w[0] + (a ^ sign) + (sign & 1);   /* -a is ~a + 1 */
  x->w[0] = (wr_u64)t;
  t = (agg_u128)x->w[1] + (b ^ sign) + (wr_u64)(t >> 64);
  x->w[1] = (wr_u64)t;
  x->w[2] += (c ^ sign) + (wr_u64)(t >> 64);
  if (agg_exact_crowded(x->w[2]))
    agg_exact_grow(ctx, x, x->base, x->base + 64 * AGG_EXACT_INLINE);
}

#endif
