/* value_number.c -- arithmetic that generated code cannot do itself: checked products, decimals of
 * any scales in 128 bits, and conversions between the kinds of numbers.
 *
 * A decimal is an int times 10^-scale, scale 0 to 18 (products up to 36). Rounding is half to even;
 * what does not fit 64 bits is WR_E_OVERFLOW.
 */
#include "text.h"
#include <math.h>
#include <string.h>

typedef __int128 wide;
typedef unsigned __int128 uwide;

static wide ten(int n) {                                      /* 10^n, n 0 to 38 */
  return n < 20 ? (wide)wr_pow10[n] : (wide)wr_pow10[19] * (wide)wr_pow10[n - 19];
}

static wr_status narrow(wide v, wr_i64 *out) {
  if (v > WR_I64_MAX || v < WR_I64_MIN) return WR_E_OVERFLOW;
  *out = (wr_i64)v;
  return WR_OK;
}

/* a / b for b > 0, half to even */
static wide divide(wide a, wide b) {
  wide q = a / b, r = a % b, twice = 2 * (r < 0 ? -r : r);
  if (twice > b || (twice == b && q % 2 != 0)) q += a < 0 ? -1 : 1;
  return q;
}

wr_status wr_mul_i64(wr_i64 a, wr_i64 b, wr_i64 *out) {
  return __builtin_mul_overflow(a, b, out) ? WR_E_OVERFLOW : WR_OK;
}

static wr_status rescale(wide v, int from, int to, wr_i64 *out) {
  if (from - to > 37) { *out = 0; return WR_OK; }             /* smaller than half a unit */
  if (from > to) return narrow(divide(v, ten(from - to)), out);
  if (v == 0) { *out = 0; return WR_OK; }
  wide scaled;
  if (to - from > 18 || __builtin_mul_overflow(v, ten(to - from), &scaled)) return WR_E_OVERFLOW;
  return narrow(scaled, out);
}

wr_status wr_dec_rescale(wr_i64 v, wr_i32 from, wr_i32 to, wr_i64 *out) {
  return rescale(v, from, to, out);
}

wr_i32 wr_dec_cmp(wr_i64 a, wr_i32 sa, wr_i64 b, wr_i32 sb) {
  wide x = a, y = b;                                          /* 2^63 * 10^18 < 2^127 */
  if (sa < sb) x *= ten(sb - sa);
  if (sb < sa) y *= ten(sa - sb);
  return (x > y) - (x < y);
}

wr_status wr_dec_mul(wr_i64 a, wr_i64 b, wr_i32 scale_ab, wr_i32 scale, wr_i64 *out) {
  return rescale((wide)a * b, scale_ab, scale, out);
}

wr_status wr_dec_mod(wr_i64 a, wr_i32 sa, wr_i64 b, wr_i32 sb, wr_i64 *out) {
  if (b == 0) return WR_E_DIV_ZERO;
  wide x = a, y = b;
  if (sa < sb) x *= ten(sb - sa);
  if (sb < sa) y *= ten(sa - sb);
  return narrow(x % y, out);
}

/* (a * 10^-sa) / (b * 10^-sb) with `scale` digits. The scaling of a or b may pass 128 bits: then
 * the quotient is too large, or it is found by long division, a digit at a time. */
wr_status wr_dec_div(wr_i64 a, wr_i32 sa, wr_i64 b, wr_i32 sb, wr_i32 scale, wr_i64 *out) {
  if (b == 0) return WR_E_DIV_ZERO;
  wide x = b < 0 ? -(wide)a : a, y = b < 0 ? -(wide)b : b;
  int shift = scale + sb - sa;                                /* -18 to 36 */
  if (shift < 0) return narrow(divide(x, y * ten(-shift)), out);
  wide q = x / y, r = x % y;
  for (; shift > 0; shift--) {
    if (q > WR_I64_MAX || q < WR_I64_MIN) return WR_E_OVERFLOW;
    r *= 10;                                                  /* |r| < |b| <= 2^63 */
    q = q * 10 + r / y;
    r %= y;
  }
  wide twice = 2 * (r < 0 ? -r : r);
  if (twice > y || (twice == y && q % 2 != 0)) q += x < 0 ? -1 : 1;
  return narrow(q, out);
}

wr_f64 wr_dec_to_f64(wr_i64 v, wr_i32 scale) {
  bool exact = v > -(1LL << 53) && v < 1LL << 53;
  if (exact) return (wr_f64)v / (wr_f64)wr_pow10[scale];
  char text[32];
  wr_f64 f = 0;
  wr_parse_float(text, wr_print_dec(text, v, scale), &f);
  return f;
}

/* f = m * 2^e exactly, so m * 10^scale (below 2^113) shifted by e is exact but for the bits
 * shifted out. */
wr_status wr_f64_to_dec(wr_f64 f, wr_i32 scale, wr_i64 *out) {
  if (isnan(f)) return WR_E_NAN;
  if (isinf(f)) return WR_E_OVERFLOW;
  int e;
  wide m = (wide)(wr_i64)ldexp(frexp(f, &e), 53) * ten(scale);
  e -= 53;
  if (m == 0 || e < -120) { *out = 0; return WR_OK; }
  if (e <= 0) return narrow(divide(m, (wide)((uwide)1 << -e)), out);
  if (e > 11) return WR_E_OVERFLOW;                           /* |m| >= 2^52 */
  return narrow(m * ((wide)1 << e), out);
}

wr_status wr_f64_to_i64(wr_f64 f, wr_i64 *out) {
  if (isnan(f)) return WR_E_NAN;
  if (!(f >= -0x1p63 && f < 0x1p63)) return WR_E_OVERFLOW;
  *out = (wr_i64)f;
  return WR_OK;
}

wr_f64 wr_i64_to_f64(wr_i64 v) { return (wr_f64)v; }

wr_f64 wr_f64_mod(wr_f64 a, wr_f64 b) {  /* of 0: NaN, which the caller reports */
  wr_f64 r = fmod(a, b);
  return r == 0 ? 0.0 : r;
}
