/* text_float.c -- floats as text: correctly rounded in, shortest out.
 *
 * Reading: numbers of few digits are exact in double arithmetic (Clinger), most others in extended
 * precision where the rounding is not in doubt; the rest goes to strtod as digits and an exponent,
 * without a point, so that no locale matters. Writing: as few digits as read back to the same
 * float, always with a point or an exponent, so that the text is a float again.
 */
#include "text.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double exact10[23] = {
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
  1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* ---- reading ---- */

#if LDBL_MANT_DIG == 64
/* digits and 10^|exp| are exact in 64 bits, so the quotient or product is within half a unit of
 * the last of 64 bits; when the 11 bits that a double lacks are not at the middle, its rounding
 * is right. */
static bool in_extended(const wr_number *x, double *out) {
  static const long double ten[28] = {
    1e0L, 1e1L, 1e2L, 1e3L, 1e4L, 1e5L, 1e6L, 1e7L, 1e8L, 1e9L, 1e10L, 1e11L, 1e12L, 1e13L, 1e14L,
    1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L,
  };
  if (x->more || x->exp < -27 || x->exp > 27) return false;
  long double v = (long double)x->digits;
  v = x->exp < 0 ? v / ten[-x->exp] : v * ten[x->exp];
  uint64_t mantissa;
  memcpy(&mantissa, &v, 8);
  unsigned rest = mantissa & 0x7FF;
  if (rest >= 0x3FF && rest <= 0x401) return false;
  *out = (double)v;
  return true;
}
#else
static bool in_extended(const wr_number *x, double *out) { (void)x; (void)out; return false; }
#endif

/* All significant digits that can matter (770), and a 1 in place of what follows. */
static double by_strtod(const char *p, size_t n, const wr_number *x) {
  char text[800];
  size_t len = 0;
  bool more = false;
  for (size_t i = x->first; i < n && p[i] != 'e' && p[i] != 'E'; i++) {
    if (p[i] == '.') continue;
    if (len < 770) text[len++] = p[i];
    else more |= p[i] != '0';
  }
  int exp = x->exp - (len > 19 ? (int)len - 19 : 0);          /* x->exp belongs to the first 19 */
  if (more) text[len++] = '1', exp--;
  text[len++] = 'e';
  len += wr_print_int(text + len, exp);
  text[len] = 0;
  return strtod(text, 0);
}

/* The exact or surely rounded cases; false: they do not decide. */
static bool quick(const wr_number *x, double *out) {
  if (x->more || x->digits > 1ULL << 53 || x->exp < -22 || x->exp > 22) return in_extended(x, out);
  *out = x->exp < 0 ? (double)x->digits / exact10[-x->exp] : (double)x->digits * exact10[x->exp];
  return true;
}

enum wr_err wr_parse_float(const char *p, size_t n, wr_f64 *out) {
  wr_number x;
  if (!wr_number_scan(p, n, &x)) return WR_E_TYPE;
  double v = 0;
  if (x.digits && !quick(&x, &v)) v = by_strtod(p, n, &x);
  if (isinf(v)) return WR_E_RANGE;
  *out = x.neg && v != 0 ? -v : v;
  return WR_E_NONE;
}

/* ---- writing ---- */

static char *zeros(char *p, int n) {
  memset(p, '0', (size_t)n);
  return p + n;
}

static char *copy(char *p, const char *from, int n) {
  memcpy(p, from, (size_t)n);
  return p + n;
}

/* The n digits d.dd… * 10^exp in their final form: dd.dd, 0.00dd or d.dde-7. */
static size_t place(char *p, const char *digit, int n, int exp) {
  char *q = p;
  if (exp < -5 || exp > 15) {
    *q++ = digit[0];
    if (n > 1) *q++ = '.';
    q = copy(q, digit + 1, n - 1);
    *q++ = 'e';
    return (size_t)(q - p) + wr_print_int(q, exp);
  }
  if (exp < 0) {
    q = zeros(copy(q, "0.", 2), -exp - 1);
    return (size_t)(copy(q, digit, n) - p);
  }
  int whole = n < exp + 1 ? n : exp + 1;
  q = zeros(copy(q, digit, whole), exp + 1 - whole);
  *q++ = '.';
  q = whole < n ? copy(q, digit + whole, n - whole) : zeros(q, 1);
  return (size_t)(q - p);
}

/* Numbers of at most 15 digits, 8 of them behind the point: rint(v * 10^k) / 10^k is one correctly
 * rounded division, so equality proves that the digits read back; the least k gives the fewest. */
static size_t print_plain(char *p, double v) {
  for (int k = 0; k <= 8; k++) {
    double scaled = rint(v * exact10[k]);
    if (scaled >= 1e15) return 0;
    if (scaled / exact10[k] == v) {
      if (k == 0) {
        size_t n = wr_print_u64(p, (uint64_t)scaled);
        memcpy(p + n, ".0", 2);
        return n + 2;
      }
      return wr_print_dec(p, (wr_i64)scaled, k);
    }
  }
  return 0;
}

/* digits * 10^exp as a float */
static double compose(uint64_t digits, int exp) {
  wr_number x = { .digits = digits, .exp = exp };
  char text[40];
  double v;
  if (quick(&x, &v)) return v;
  size_t n = wr_print_u64(text, digits);
  text[n++] = 'e';
  n += wr_print_int(text + n, exp);
  text[n] = 0;
  return strtod(text, 0);
}

/* Do v's n digits end above low? Asked where the 17 digits, rounded themselves, are in the middle. */
static bool rounds_up(double v, int n, uint64_t low) {
  char text[40];
  wr_number x;
  int len = snprintf(text, sizeof text, "%.*e", n - 1, v);
  wr_number_scan(text, (size_t)len, &x);
  return x.digits != low;
}

/* 17 digits always read back; fewer are tried, the nearest first. Those of subnormals may be far
 * fewer. */
static uint64_t shorten(uint64_t full, int *exp, double v) {
  for (int n = v < DBL_MIN ? 1 : 15; n < 17; n++) {
    uint64_t unit = wr_pow10[17 - n], low = full / unit;
    unsigned up = full % unit > unit / 2 || (full % unit == unit / 2 && rounds_up(v, n, low));
    for (unsigned i = 0; i < 2; i++)
      if (compose(low + (up ^ i), *exp + 17 - n) == v) {
        *exp += 17 - n;
        return low + (up ^ i);
      }
  }
  return full;
}

static size_t print_any(char *p, double v) {
  char text[40];
  wr_number x;
  int n = snprintf(text, sizeof text, "%.16e", v);
  wr_number_scan(text, (size_t)n, &x);
  uint64_t digits = shorten(x.digits, &x.exp, v);
  while (digits % 10 == 0) digits /= 10, x.exp++;
  n = (int)wr_print_u64(text, digits);
  return place(p, text, n, x.exp + n - 1);
}

size_t wr_print_float(char *p, wr_f64 v) {
  size_t sign = 0, n = 0;
  if (v < 0) *p++ = '-', sign = 1, v = -v;
  if (v == 0) { memcpy(p, "0.0", 3); return 3; }
  if (v >= 1e-5 && v < 1e15) n = print_plain(p, v);
  return sign + (n ? n : print_any(p, v));
}
