/* text.c -- integers, decimals and UTF-8 as text.
 *
 * Parsers take the whole of a text that is not terminated and either read all of it or refuse it;
 * printers write at least one byte, no terminator, and return the length. Neither knows a locale.
 */
#include "text.h"
#include <string.h>

const char wr_two_digits[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

const uint64_t wr_pow10[20] = {
  1ULL, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL, 10000000ULL, 100000000ULL,
  1000000000ULL, 10000000000ULL, 100000000000ULL, 1000000000000ULL, 10000000000000ULL,
  100000000000000ULL, 1000000000000000ULL, 10000000000000000ULL, 100000000000000000ULL,
  1000000000000000000ULL, 10000000000000000000ULL,
};

/* ---- reading ---- */

static bool digit(char c) { return (unsigned char)(c - '0') < 10; }

int wr_scan_digits(const char **p, const char *end, int min, int max) {
  const char *q = *p;
  int v = 0, n = 0;
  for (; n < max && q < end && digit(*q); n++) v = v * 10 + (*q++ - '0');
  if (n < min) return -1;
  *p = q;
  return v;
}

bool wr_parse_int(const char *p, size_t n, wr_i64 *out) {
  const char *end = p + n;
  bool neg = n && *p == '-';
  if (n && (*p == '-' || *p == '+')) p++;
  if (p == end) return false;
  while (end - p > 19 && *p == '0') p++;
  if (end - p > 19) return false;
  uint64_t v = 0;
  for (; p < end; p++) {
    if (!digit(*p)) return false;
    v = v * 10 + (uint64_t)(*p - '0');
  }
  if (v > (uint64_t)WR_I64_MAX + neg) return false;
  *out = (wr_i64)(neg ? 0 - v : v);
  return true;
}

/* The exponent's value, kept within ±99999: beyond, every number is zero or infinite anyway. */
static bool scan_exponent(const char *p, const char *end, int *exp) {
  bool neg = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) p++;
  if (p == end) return false;
  int v = 0;
  for (; p < end; p++) {
    if (!digit(*p)) return false;
    if (v < 99999) v = v * 10 + (*p - '0');
    if (v > 99999) v = 99999;
  }
  *exp = neg ? -v : v;
  return true;
}

/* Digits and at most one point. Moves *at behind them; false: no digit at all, or "5.". */
static bool scan_mantissa(const char *p, const char **at, const char *end, wr_number *x) {
  const char *q = *at;
  bool point = false;
  int seen = 0, kept = 0;
  long exp = 0;                           /* a text is shorter than 2^32 bytes */
  for (; q < end; q++) {
    if (*q == '.' && !point) { point = true; continue; }
    if (!digit(*q)) break;
    seen++;
    if (kept == 0 && *q == '0') { exp -= point; continue; }
    if (kept == 0) x->first = (size_t)(q - p);
    if (kept < 19) {
      x->digits = x->digits * 10 + (uint64_t)(*q - '0');
      kept++;
      exp -= point;
    } else {
      x->more |= *q != '0';
      exp += !point;
    }
  }
  *at = q;
  x->exp = exp < -1000000000 ? -1000000000 : exp > 1000000000 ? 1000000000 : (int)exp;
  return seen > 0 && q[-1] != '.';
}

bool wr_number_scan(const char *p, size_t n, wr_number *x) {
  const char *q = p, *end = p + n;
  *x = (wr_number){0};
  x->neg = n && *p == '-';
  if (n && (*p == '-' || *p == '+')) q++;
  if (!scan_mantissa(p, &q, end, x)) return false;
  int exp = 0;
  if (q < end) {
    if ((*q != 'e' && *q != 'E') || !scan_exponent(q + 1, end, &exp)) return false;
  }
  x->exp += exp;
  return true;
}

enum wr_err wr_parse_dec(const char *p, size_t n, int scale, wr_i64 *out) {
  wr_number x;
  if (!wr_number_scan(p, n, &x)) return WR_E_TYPE;
  if (x.digits == 0) { *out = 0; return WR_E_NONE; }
  int power = x.exp + scale;
  if (x.more) return power <= 0 ? WR_E_TYPE : WR_E_RANGE;
  for (; power < 0; power++) {
    if (x.digits % 10) return WR_E_TYPE;
    x.digits /= 10;
  }
  if (power > 19) return WR_E_RANGE;
  uint64_t v;
  if (__builtin_mul_overflow(x.digits, wr_pow10[power], &v)) return WR_E_RANGE;
  if (v > (uint64_t)WR_I64_MAX + x.neg) return WR_E_RANGE;
  *out = (wr_i64)(x.neg ? 0 - v : v);
  return WR_E_NONE;
}

/* ---- writing ---- */

static int digits_of(uint64_t v) {
  int guess = (64 - __builtin_clzll(v | 1)) * 1233 >> 12;  /* log10(2) * bits, one short at most */
  return guess + (guess == 0 || v >= wr_pow10[guess]);
}

size_t wr_print_u64(char *p, uint64_t v) {
  int n = digits_of(v), at = n;
  while (v >= 100) {
    at -= 2;
    memcpy(p + at, wr_two_digits + v % 100 * 2, 2);
    v /= 100;
  }
  if (v >= 10) memcpy(p, wr_two_digits + v * 2, 2);
  else p[0] = (char)('0' + v);
  return (size_t)n;
}

size_t wr_print_int(char *p, wr_i64 v) {
  if (v >= 0) return wr_print_u64(p, (uint64_t)v);
  *p = '-';
  return 1 + wr_print_u64(p + 1, 0 - (uint64_t)v);
}

void wr_print_padded(char *p, unsigned v, int width) {
  while (width > 0) {
    p[--width] = (char)('0' + v % 10);
    v /= 10;
  }
}

size_t wr_print_dec(char *p, wr_i64 v, int scale) {
  if (scale == 0) return wr_print_int(p, v);
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  char *q = p;
  if (v < 0) *q++ = '-';
  q += wr_print_u64(q, u / wr_pow10[scale]);
  *q++ = '.';
  uint64_t frac = u % wr_pow10[scale];
  for (int i = scale; i-- > 0; frac /= 10) q[i] = (char)('0' + frac % 10);
  return (size_t)(q - p) + (size_t)scale;
}

/* ---- UTF-8 ---- */

/* Length of the well-formed sequence at p (n > 0 bytes left), 0 when there is none: shortest form
 * only, no surrogates, nothing above U+10FFFF. */
static size_t sequence(const unsigned char *p, size_t n) {
  unsigned char low = 0x80, high = 0xBF;
  size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || n < len) return 0;
  if (p[0] == 0xE0) low = 0xA0;
  if (p[0] == 0xED) high = 0x9F;
  if (p[0] == 0xF0) low = 0x90;
  if (p[0] == 0xF4) high = 0x8F;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < len; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  return len;
}

bool wr_utf8_valid(const char *text, size_t n) {
  const unsigned char *p = (const unsigned char *)text;
  while (n) {
    uint64_t word;
    while (n >= 8 && (memcpy(&word, p, 8), (word & 0x8080808080808080ULL) == 0)) p += 8, n -= 8;
    while (n && *p < 0x80) p++, n--;
    if (!n) break;
    size_t len = sequence(p, n);
    if (!len) return false;
    p += len, n -= len;
  }
  return true;
}
