/* fn_math.c -- built-in functions on numbers.
 *
 * Floats leave through `finish`, which turns NaN and infinity into errors and -0.0 into 0.0.
 * Decimals come as a value with its scale and leave as a bare value of the scale that the row says.
 */
#include "fn.h"
#include <math.h>

static wr_status finish(wr_f64 v, wr_f64 *out) {
  if (isnan(v)) return WR_E_NAN;
  if (isinf(v)) return WR_E_OVERFLOW;
  *out = v == 0 ? 0.0 : v;
  return WR_OK;
}

/* ---- sign and rounding ---- */

wr_status wr_fn_abs_I(wr_ctx *ctx, wr_i64 v, wr_i64 *out) {
  (void)ctx;
  if (v == WR_I64_MIN) return WR_E_OVERFLOW;
  *out = v < 0 ? -v : v;
  return WR_OK;
}

wr_status wr_fn_abs_F(wr_ctx *ctx, wr_f64 v, wr_f64 *out) {
  (void)ctx;
  *out = fabs(v);
  return WR_OK;
}

wr_status wr_fn_abs_D(wr_ctx *ctx, wr_dec v, wr_i64 *out) { return wr_fn_abs_I(ctx, v.v, out); }

wr_status wr_fn_sign_I(wr_ctx *ctx, wr_i64 v, wr_i64 *out) {
  (void)ctx;
  *out = (v > 0) - (v < 0);
  return WR_OK;
}

wr_status wr_fn_sign_F(wr_ctx *ctx, wr_f64 v, wr_i64 *out) {
  (void)ctx;
  *out = (v > 0) - (v < 0);
  return WR_OK;
}

wr_status wr_fn_sign_D(wr_ctx *ctx, wr_dec v, wr_i64 *out) { return wr_fn_sign_I(ctx, v.v, out); }

wr_status wr_fn_round_I(wr_ctx *ctx, wr_i64 v, wr_i64 *out) { (void)ctx; *out = v; return WR_OK; }
wr_status wr_fn_floor_I(wr_ctx *ctx, wr_i64 v, wr_i64 *out) { (void)ctx; *out = v; return WR_OK; }
wr_status wr_fn_ceil_I(wr_ctx *ctx, wr_i64 v, wr_i64 *out) { (void)ctx; *out = v; return WR_OK; }
wr_status wr_fn_trunc_I(wr_ctx *ctx, wr_i64 v, wr_i64 *out) { (void)ctx; *out = v; return WR_OK; }

wr_status wr_fn_round_F(wr_ctx *ctx, wr_f64 v, wr_f64 *out) {
  (void)ctx;
  return finish(rint(v), out);
}

wr_status wr_fn_floor_F(wr_ctx *ctx, wr_f64 v, wr_f64 *out) {
  (void)ctx;
  return finish(floor(v), out);
}

wr_status wr_fn_ceil_F(wr_ctx *ctx, wr_f64 v, wr_f64 *out) {
  (void)ctx;
  return finish(ceil(v), out);
}

wr_status wr_fn_trunc_F(wr_ctx *ctx, wr_f64 v, wr_f64 *out) {
  (void)ctx;
  return finish(trunc(v), out);
}

static wr_i64 unit_of(wr_dec d) { return (wr_i64)wr_pow10[d.scale]; }

wr_status wr_fn_round_D(wr_ctx *ctx, wr_dec d, wr_i64 *out) {
  (void)ctx;
  return wr_dec_rescale(d.v, (wr_i32)d.scale, 0, out);
}

wr_status wr_fn_floor_D(wr_ctx *ctx, wr_dec d, wr_i64 *out) {
  (void)ctx;
  *out = wr_floor_div(d.v, unit_of(d));
  return WR_OK;
}

wr_status wr_fn_ceil_D(wr_ctx *ctx, wr_dec d, wr_i64 *out) {
  (void)ctx;
  *out = d.v / unit_of(d) + (d.v % unit_of(d) > 0);
  return WR_OK;
}

wr_status wr_fn_trunc_D(wr_ctx *ctx, wr_dec d, wr_i64 *out) {
  (void)ctx;
  *out = d.v / unit_of(d);
  return WR_OK;
}

/* printf rounds the exact binary value half to even; before the point, the quotient is rounded. */
wr_status wr_fn_round_FI(wr_ctx *ctx, wr_f64 v, wr_i64 digits, wr_f64 *out) {
  (void)ctx;
  char text[700];
  if (digits < 0) {
    if (digits < -308) return finish(0, out);
    wr_f64 unit = pow(10, (wr_f64)-digits);
    return finish(rint(v / unit) * unit, out);
  }
  if (digits > 330 || fabs(v) >= 0x1p52) return finish(v, out);
  int n = snprintf(text, sizeof text, "%.*f", (int)digits, v);
  return wr_parse_float(text, (size_t)n, out) ? WR_E_OVERFLOW : WR_OK;
}

static bool scale_ok(wr_i64 scale) { return scale >= 0 && scale <= 18; }

wr_status wr_fn_round_DI(wr_ctx *ctx, wr_dec d, wr_i64 scale, wr_i64 *out) {
  (void)ctx;
  return scale_ok(scale) ? wr_dec_rescale(d.v, (wr_i32)d.scale, (wr_i32)scale, out) : WR_E_DOMAIN;
}

/* ---- functions of floats: BODY(name, where it is defined, value) ---- */

#define BODY(name, defined, value) \
  wr_status wr_fn_##name##_F(wr_ctx *ctx, wr_f64 x, wr_f64 *out) { \
    (void)ctx; \
    return (defined) ? finish(value, out) : WR_E_DOMAIN; \
  }
BODY(sqrt, x >= 0, sqrt(x))
BODY(cbrt, true, (wr_f64)cbrtl(x))                            /* cbrt(27) is not 3 in double */
BODY(exp, true, exp(x))
BODY(ln, x > 0, log(x))
BODY(log2, x > 0, log2(x))
BODY(log10, x > 0, log10(x))
BODY(sin, true, sin(x))
BODY(cos, true, cos(x))
BODY(tan, true, tan(x))
BODY(asin, x >= -1 && x <= 1, asin(x))
BODY(acos, x >= -1 && x <= 1, acos(x))
BODY(atan, true, atan(x))
BODY(degrees, true, x * (180 / M_PI))
BODY(radians, true, x * (M_PI / 180))
#undef BODY

wr_status wr_fn_log_FF(wr_ctx *ctx, wr_f64 base, wr_f64 x, wr_f64 *out) {
  (void)ctx;
  if (base <= 0 || base == 1 || x <= 0) return WR_E_DOMAIN;
  return finish(base == 2 ? log2(x) : base == 10 ? log10(x) : log(x) / log(base), out);
}

wr_status wr_fn_pow_FF(wr_ctx *ctx, wr_f64 x, wr_f64 y, wr_f64 *out) {
  (void)ctx;
  if ((x < 0 && y != trunc(y)) || (x == 0 && y < 0)) return WR_E_DOMAIN;
  return finish(pow(x, y), out);
}

wr_status wr_fn_atan2_FF(wr_ctx *ctx, wr_f64 y, wr_f64 x, wr_f64 *out) {
  (void)ctx;
  return finish(atan2(y, x), out);
}

wr_status wr_fn_hypot_FF(wr_ctx *ctx, wr_f64 x, wr_f64 y, wr_f64 *out) {
  (void)ctx;
  return finish(hypot(x, y), out);
}

wr_status wr_fn_pi_V(wr_ctx *ctx, wr_f64 *out) { (void)ctx; *out = M_PI; return WR_OK; }

/* ---- quotients and remainders, truncated ---- */

wr_status wr_fn_div_II(wr_ctx *ctx, wr_i64 a, wr_i64 b, wr_i64 *out) {
  (void)ctx;
  if (b == 0) return WR_E_DIV_ZERO;
  if (a == WR_I64_MIN && b == -1) return WR_E_OVERFLOW;
  *out = a / b;
  return WR_OK;
}

wr_status wr_fn_div_DD(wr_ctx *ctx, wr_dec a, wr_dec b, wr_i64 *out) {
  (void)ctx;
  if (b.v == 0) return WR_E_DIV_ZERO;
  __int128 x = a.v, y = b.v;                                  /* to the same scale: below 2^127 */
  if (a.scale < b.scale) x *= (wr_i64)wr_pow10[b.scale - a.scale];
  if (b.scale < a.scale) y *= (wr_i64)wr_pow10[a.scale - b.scale];
  x /= y;
  if (x > WR_I64_MAX || x < WR_I64_MIN) return WR_E_OVERFLOW;
  *out = (wr_i64)x;
  return WR_OK;
}

wr_status wr_fn_div_DDI(wr_ctx *ctx, wr_dec a, wr_dec b, wr_i64 scale, wr_i64 *out) {
  (void)ctx;
  if (!scale_ok(scale)) return WR_E_DOMAIN;
  return wr_dec_div(a.v, (wr_i32)a.scale, b.v, (wr_i32)b.scale, (wr_i32)scale, out);
}

wr_status wr_fn_div_DII(wr_ctx *ctx, wr_dec a, wr_i64 b, wr_i64 scale, wr_i64 *out) {
  return wr_fn_div_DDI(ctx, a, (wr_dec){ b, 0 }, scale, out);
}

wr_status wr_fn_div_III(wr_ctx *ctx, wr_i64 a, wr_i64 b, wr_i64 scale, wr_i64 *out) {
  return wr_fn_div_DDI(ctx, (wr_dec){ a, 0 }, (wr_dec){ b, 0 }, scale, out);
}

wr_status wr_fn_mod_II(wr_ctx *ctx, wr_i64 a, wr_i64 b, wr_i64 *out) {
  (void)ctx;
  if (b == 0) return WR_E_DIV_ZERO;
  *out = b == -1 ? 0 : a % b;  /* the least int has no quotient by -1 */
  return WR_OK;
}

wr_status wr_fn_mod_FF(wr_ctx *ctx, wr_f64 a, wr_f64 b, wr_f64 *out) {
  (void)ctx;
  return b == 0 ? WR_E_DIV_ZERO : finish(fmod(a, b), out);
}

wr_status wr_fn_mod_DD(wr_ctx *ctx, wr_dec a, wr_dec b, wr_i64 *out) {
  (void)ctx;
  return wr_dec_mod(a.v, (wr_i32)a.scale, b.v, (wr_i32)b.scale, out);
}

/* ---- choosing ---- */

#define CHOICE(name, op, suffix, type) \
  wr_status wr_fn_##name##_##suffix(wr_ctx *ctx, type a, type b, type *out) { \
    (void)ctx; \
    *out = b op a ? b : a; \
    return WR_OK; \
  }
#define CHOICE3(name, op, suffix, type) \
  wr_status wr_fn_##name##_##suffix(wr_ctx *ctx, type a, type b, type c, type *out) { \
    (void)ctx; \
    *out = b op a ? b : a; \
    if (c op *out) *out = c; \
    return WR_OK; \
  }
CHOICE(greatest, >, II, wr_i64)
CHOICE(greatest, >, FF, wr_f64)
CHOICE(greatest, >, TT, wr_ts)
CHOICE(greatest, >, UU, wr_i64)
CHOICE3(greatest, >, III, wr_i64)
CHOICE3(greatest, >, FFF, wr_f64)
CHOICE(least, <, II, wr_i64)
CHOICE(least, <, FF, wr_f64)
CHOICE(least, <, TT, wr_ts)
CHOICE(least, <, UU, wr_i64)
CHOICE3(least, <, III, wr_i64)
CHOICE3(least, <, FFF, wr_f64)
#undef CHOICE
#undef CHOICE3

wr_status wr_fn_greatest_SS(wr_ctx *ctx, wr_str a, wr_str b, wr_str *out) {
  (void)ctx;
  *out = wr_str_cmp(b, a) > 0 ? b : a;
  return WR_OK;
}

wr_status wr_fn_least_SS(wr_ctx *ctx, wr_str a, wr_str b, wr_str *out) {
  (void)ctx;
  *out = wr_str_cmp(b, a) < 0 ? b : a;
  return WR_OK;
}

static wr_i32 dec_cmp(wr_dec a, wr_dec b) {
  return wr_dec_cmp(a.v, (wr_i32)a.scale, b.v, (wr_i32)b.scale);
}

static wr_i64 max_scale(wr_dec a, wr_dec b) { return a.scale > b.scale ? a.scale : b.scale; }

/* The chosen one, in the largest scale of all. */
static wr_status chosen(wr_dec d, wr_i64 scale, wr_i64 *out) {
  return wr_dec_rescale(d.v, (wr_i32)d.scale, (wr_i32)scale, out);
}

wr_status wr_fn_greatest_DD(wr_ctx *ctx, wr_dec a, wr_dec b, wr_i64 *out) {
  (void)ctx;
  return chosen(dec_cmp(b, a) > 0 ? b : a, max_scale(a, b), out);
}

wr_status wr_fn_least_DD(wr_ctx *ctx, wr_dec a, wr_dec b, wr_i64 *out) {
  (void)ctx;
  return chosen(dec_cmp(b, a) < 0 ? b : a, max_scale(a, b), out);
}

static wr_i64 max_scale3(wr_dec a, wr_dec b, wr_dec c) {
  wr_i64 ab = max_scale(a, b);
  return ab > c.scale ? ab : c.scale;
}

wr_status wr_fn_greatest_DDD(wr_ctx *ctx, wr_dec a, wr_dec b, wr_dec c, wr_i64 *out) {
  (void)ctx;
  wr_dec d = dec_cmp(b, a) > 0 ? b : a;
  return chosen(dec_cmp(c, d) > 0 ? c : d, max_scale3(a, b, c), out);
}

wr_status wr_fn_least_DDD(wr_ctx *ctx, wr_dec a, wr_dec b, wr_dec c, wr_i64 *out) {
  (void)ctx;
  wr_dec d = dec_cmp(b, a) < 0 ? b : a;
  return chosen(dec_cmp(c, d) < 0 ? c : d, max_scale3(a, b, c), out);
}

wr_status wr_fn_clamp_III(wr_ctx *ctx, wr_i64 v, wr_i64 low, wr_i64 high, wr_i64 *out) {
  (void)ctx;
  if (low > high) return WR_E_DOMAIN;
  *out = v < low ? low : v > high ? high : v;
  return WR_OK;
}

wr_status wr_fn_clamp_FFF(wr_ctx *ctx, wr_f64 v, wr_f64 low, wr_f64 high, wr_f64 *out) {
  (void)ctx;
  if (low > high) return WR_E_DOMAIN;
  *out = v < low ? low : v > high ? high : v;
  return WR_OK;
}

wr_status wr_fn_clamp_DDD(wr_ctx *ctx, wr_dec v, wr_dec low, wr_dec high, wr_i64 *out) {
  (void)ctx;
  if (dec_cmp(low, high) > 0) return WR_E_DOMAIN;
  wr_dec d = dec_cmp(v, low) < 0 ? low : dec_cmp(v, high) > 0 ? high : v;
  return chosen(d, max_scale3(v, low, high), out);
}

/* ---- bits ---- */

wr_status wr_fn_bit_and_II(wr_ctx *ctx, wr_i64 a, wr_i64 b, wr_i64 *out) {
  (void)ctx;
  *out = a & b;
  return WR_OK;
}

wr_status wr_fn_bit_or_II(wr_ctx *ctx, wr_i64 a, wr_i64 b, wr_i64 *out) {
  (void)ctx;
  *out = a | b;
  return WR_OK;
}

wr_status wr_fn_bit_xor_II(wr_ctx *ctx, wr_i64 a, wr_i64 b, wr_i64 *out) {
  (void)ctx;
  *out = a ^ b;
  return WR_OK;
}

wr_status wr_fn_bit_not_I(wr_ctx *ctx, wr_i64 a, wr_i64 *out) {
  (void)ctx;
  *out = ~a;
  return WR_OK;
}

wr_status wr_fn_shift_left_II(wr_ctx *ctx, wr_i64 a, wr_i64 n, wr_i64 *out) {
  (void)ctx;
  if (n < 0 || n > 63) return WR_E_DOMAIN;
  *out = (wr_i64)((wr_u64)a << n);
  return WR_OK;
}

wr_status wr_fn_shift_right_II(wr_ctx *ctx, wr_i64 a, wr_i64 n, wr_i64 *out) {
  (void)ctx;
  if (n < 0 || n > 63) return WR_E_DOMAIN;
  *out = a >> n;
  return WR_OK;
}
