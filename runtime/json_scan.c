/* json_scan.c -- the rare halves of reading JSON: escapes, long numbers, wrong types. */
#include "json_scan.h"

#define T1(c) [c] = 1
const unsigned char wr_json_token[256] = {
  ['0' ... '9'] = 1, ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, T1('+'), T1('-'), T1('.'),
};
#undef T1

/* ---- escapes ---- */

static int hex_digit(char c)
{
  if (json_digit(c)) return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_four(const char *p, const char *e)             /* -1: not four hexadecimal digits */
{
  int v = 0;

  if (e - p < 4) return -1;
  for (int i = 0; i < 4; i++) {
    int d = hex_digit(p[i]);
    if (d < 0) return -1;
    v = v << 4 | d;
  }
  return v;
}

const char *wr_json_escape(const char *p, const char *e)
{
  int unit;

  if (e - p < 2) return 0;
  if (p[1] != 'u') return memchr("\"\\/bfnrt", p[1], 8) ? p + 2 : 0;
  unit = hex_four(p + 2, e);
  if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return 0;
  if (unit < 0xD800 || unit > 0xDBFF) return p + 6;
  if (e - p < 12 || p[6] != '\\' || p[7] != 'u') return 0;
  unit = hex_four(p + 8, e);
  return unit >= 0xDC00 && unit <= 0xDFFF ? p + 12 : 0;
}

static char *put_utf8(char *o, unsigned c)
{
  if (c < 0x80) {
    *o++ = (char)c;
  } else if (c < 0x800) {
    *o++ = (char)(0xC0 | c >> 6);
    *o++ = (char)(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *o++ = (char)(0xE0 | c >> 12);
    *o++ = (char)(0x80 | (c >> 6 & 0x3F));
    *o++ = (char)(0x80 | (c & 0x3F));
  } else {
    *o++ = (char)(0xF0 | c >> 18);
    *o++ = (char)(0x80 | (c >> 12 & 0x3F));
    *o++ = (char)(0x80 | (c >> 6 & 0x3F));
    *o++ = (char)(0x80 | (c & 0x3F));
  }
  return o;
}

/* Reads the escape at *p, which has been checked. */
static unsigned one_escape(const char **p, const char *e)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char c = (*p)[1];
  unsigned unit, low;

  if (c != 'u') {
    *p += 2;
    return (unsigned char)to[strchr(from, c) - from];
  }
  unit = (unsigned)hex_four(*p + 2, e);
  *p += 6;
  if (unit < 0xD800 || unit > 0xDBFF) return unit;
  low = (unsigned)hex_four(*p + 2, e);
  *p += 6;
  return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

wr_str wr_json_unescape(wr_ctx *ctx, const char *p, size_t n)
{
  const char *e = p + n;
  char *out = wr_alloc(ctx, (wr_u32)n + 1), *o = out;
  wr_str s = { out, 0, 0 };

  while (p < e) {
    const char *q = memchr(p, '\\', (size_t)(e - p));
    size_t plain = (size_t)((q ? q : e) - p);
    memcpy(o, p, plain);
    o += plain;
    p += plain;
    if (p < e) o = put_utf8(o, one_escape(&p, e));
  }
  s.len = (wr_u32)(o - out);
  return s;
}

/* ---- numbers ---- */

const char *wr_json_num_rest(const char *p, const char *e, wr_json_num *n)
{
  const char *q, *point;

  p += n->neg;
  n->v = 0;
  q = p;
  while (q < e && json_digit(*q) && q - p < 18) n->v = n->v * 10 + (uint64_t)(*q++ - '0');
  n->exact = q == e || !json_digit(*q);
  while (q < e && json_digit(*q)) q++;
  if (q == p || (*p == '0' && q - p > 1)) return 0;
  if (q < e && *q == '.') {
    point = q++;
    while (q < e && json_digit(*q)) {
      n->exact = n->exact && q - p <= 18; /* the point is among them */
      if (n->exact) n->v = n->v * 10 + (uint64_t)(*q - '0');
      q++;
    }
    if (q == point + 1) return 0;
    n->frac = (int)(q - point - 1 < 64 ? q - point - 1 : 64);
  }
  if (q < e && (*q == 'e' || *q == 'E')) {
    n->exact = false;
    if (++q < e && (*q == '+' || *q == '-')) q++;
    point = q;
    while (q < e && json_digit(*q)) q++;
    if (q == point) return 0;
  }
  return q;
}

enum wr_err wr_json_to_i64(const char *p, size_t n, const wr_json_num *num, wr_i64 *out)
{
  return wr_json_to_dec(p, n, num, 0, out);
}

enum wr_err wr_json_to_dec(const char *p, size_t n, const wr_json_num *num, int scale, wr_i64 *out)
{
  uint64_t v;

  if (num->exact && num->frac <= scale && scale - num->frac < 20 &&
      !__builtin_mul_overflow(num->v, wr_pow10[scale - num->frac], &v) && v <= (uint64_t)WR_I64_MAX) {
    *out = num->neg ? -(wr_i64)v : (wr_i64)v;
    return WR_E_NONE;
  }
  return wr_parse_dec(p, n, scale, out);
}

/* Up to 2^53 and up to 10^22 both are exact as doubles, so that their quotient is rounded once. */
enum wr_err wr_json_to_f64(const char *p, size_t n, const wr_json_num *num, wr_f64 *out)
{
  wr_f64 v;

  if (!num->exact || num->v > 1ULL << 53 || num->frac > 19) return wr_parse_float(p, n, out);
  v = (wr_f64)num->v / (wr_f64)wr_pow10[num->frac];
  *out = num->neg && num->v ? -v : v;
  return WR_E_NONE;
}

/* ---- others ---- */

enum wr_err wr_json_enum(const wr_type *t, wr_str s, wr_i64 *out)
{
  for (wr_u32 i = 0; i < t->n; i++)
    if (strlen(t->names[i]) == s.len && memcmp(t->names[i], s.p, s.len) == 0) {
      *out = (wr_i64)i;
      return WR_E_NONE;
    }
  if (!t->open) return WR_E_ENUM;
  *out = (wr_i64)t->n - 1;
  return WR_E_NONE;
}

void wr_json_wrong(wr_json *j, const char *p)
{
  if (json_pass(j, p, true)) j->err = WR_E_TYPE;
}
