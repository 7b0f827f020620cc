/* json_scan.h -- reading JSON text: strings, numbers, whole values (RFC 8259).
 *
 * Readers take the place of a token and give the place behind it, or 0 with j->err set. Nothing is
 * read outside [lo, e): a vector load that would pass the end is made to end there instead, reaching
 * back towards lo. WR_JSON_ISA, set before the include, picks how bytes are searched: 0 words of
 * eight bytes, 1 SSE2, 2 AVX2; all find the same. Words are little-endian.
 */
#ifndef WEIR_JSON_SCAN_H
#define WEIR_JSON_SCAN_H
#include <string.h>
#include "fmt.h"
#include "text.h"
#ifndef WR_JSON_ISA
#ifdef __SSE2__
#define WR_JSON_ISA 1
#else
#define WR_JSON_ISA 0
#endif
#endif
#if WR_JSON_ISA > 0
#include <immintrin.h>
#endif

#define WR_JSON_DEPTH 64                  /* objects and lists inside each other */
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

typedef struct wr_json {
  const char *lo, *e;                     /* the record */
  wr_ctx *ctx;                            /* owner of unescaped strings and of lists */
  const char *field;                      /* where an error was met, or 0 */
  enum wr_err err;
  enum wr_unit unit;                      /* of timestamps; WR_UNIT_NONE: RFC 3339 */
  int depth;
  bool strict;
  const wr_source *source;                /* with a filter, or 0: */
  wr_batch *batch;
  enum { JSON_UNASKED, JSON_REJECTED, JSON_PASSED } verdict;  /* of the filter, on what was met so far */
  struct json_late *first, **last;        /* values to be read when the row has passed it */
  wr_ts_day day;
} wr_json;

typedef struct wr_json_num {              /* a number as written, when it is short */
  uint64_t v;
  int frac;                               /* digits behind the point */
  bool neg, exact;                        /* exact: at most 18 digits and no exponent */
} wr_json_num;

/* json_scan.c: the rare halves */
const char *wr_json_escape(const char *p, const char *e);     /* behind the escape at p; 0: invalid */
wr_str wr_json_unescape(wr_ctx *, const char *p, size_t n);   /* of a checked string without its quotes */
const char *wr_json_num_rest(const char *p, const char *e, wr_json_num *);
enum wr_err wr_json_to_i64(const char *p, size_t n, const wr_json_num *, wr_i64 *);
enum wr_err wr_json_to_dec(const char *p, size_t n, const wr_json_num *, int scale, wr_i64 *);
enum wr_err wr_json_to_f64(const char *p, size_t n, const wr_json_num *, wr_f64 *);
enum wr_err wr_json_enum(const wr_type *, wr_str, wr_i64 *);
void wr_json_wrong(wr_json *, const char *p);                 /* sets err for a value of another type at p */
/* One value of a type that is not a record column: fills its leaves. json_value.c */
const char *wr_json_read(wr_json *, const char *p, const wr_type *, wr_slot *);

static inline const char *json_fail(wr_json *j, enum wr_err err)
{
  j->err = err;
  return 0;
}

static inline const char *json_wrong(wr_json *j, const char *p)
{
  wr_json_wrong(j, p);
  return 0;
}

static inline const char *json_space(const char *p, const char *e)
{
  while (p < e && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) p++;
  return p;
}

/* ---- strings ---- */

/* Bits of the quotes, backslashes and control characters in a block at p; *high: of bytes that are not
 * ASCII. */
#if WR_JSON_ISA > 0
static inline uint64_t json_special16(const char *p, uint64_t *high)
{
  __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
  __m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
  __m128i slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
  __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x);

  *high = (uint32_t)_mm_movemask_epi8(x);
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), control));
}
#endif
#if WR_JSON_ISA == 2
enum { JSON_BLOCK = 64 };
static inline uint64_t json_special32(const char *p, uint64_t *high)
{
  __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
  __m256i quote = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('"'));
  __m256i slash = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('\\'));
  __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(x, _mm256_set1_epi8(0x1F)), x);

  *high = (uint32_t)_mm256_movemask_epi8(x);
  return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, slash), control));
}
static inline uint64_t json_special(const char *p, uint64_t *high)
{
  uint64_t h, low = json_special32(p, high), up = json_special32(p + 32, &h);

  *high |= h << 32;
  return low | up << 32;
}
#elif WR_JSON_ISA == 1
enum { JSON_BLOCK = 16 };
#define json_special json_special16
#endif

static inline const char *json_plain_bytes(const char *p, const char *e, uint64_t *high)
{
  for (; p < e && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20; p++) *high |= (unsigned char)*p >> 7;
  return p;
}

/* First quote, backslash or control character from p on; e: none. *high: not 0 where other bytes passed
 * over are not ASCII. */
#if WR_JSON_ISA > 0
static inline __attribute__((always_inline)) const char *json_plain(const char *p, const char *lo, const char *e,
                                                                    uint64_t *high)
{
  uint64_t m, h;

  for (; LIKELY(e - p >= JSON_BLOCK); p += JSON_BLOCK) {
    m = json_special(p, &h);
    if (LIKELY(m)) {
      *high |= h & (m ^ (m - 1)) >> 1;
      return p + __builtin_ctzll(m);
    }
    *high |= h;
  }
  if (LIKELY(e - lo >= JSON_BLOCK && p < e)) {                /* the block that ends at e */
    int before = JSON_BLOCK - (int)(e - p);
    m = json_special(e - JSON_BLOCK, &h) >> before;
    h >>= before;
    *high |= m ? h & (m ^ (m - 1)) >> 1 : h;
    return m ? p + __builtin_ctzll(m) : e;
  }
  for (; e - p >= 16; p += 16) {          /* records shorter than a block */
    m = json_special16(p, &h);
    *high |= m ? h & (m ^ (m - 1)) >> 1 : h;
    if (m) return p + __builtin_ctzll(m);
  }
  return json_plain_bytes(p, e, high);
}
#else
#define JSON_EACH(c) (0x0101010101010101ULL * (uint64_t)(unsigned char)(c))
#define JSON_ZERO(w) (((w) - JSON_EACH(1)) & ~(w) & JSON_EACH(0x80))
static inline const char *json_plain(const char *p, const char *lo, const char *e, uint64_t *high)
{
  (void)lo;
  for (; e - p >= 8; p += 8) {
    uint64_t w, m;
    memcpy(&w, p, 8);
    m = JSON_ZERO(w ^ JSON_EACH('"')) | JSON_ZERO(w ^ JSON_EACH('\\')) |
        ((w - JSON_EACH(0x20)) & ~w & JSON_EACH(0x80));
    if (m) {
      int at = __builtin_ctzll(m) & ~7;
      *high |= w & ((1ULL << at) - 1) & JSON_EACH(0x80);
      return p + (at >> 3);
    }
    *high |= w & JSON_EACH(0x80);
  }
  return json_plain_bytes(p, e, high);
}
#endif

/* The closing quote of the string whose first character is p; 0: the string is broken. */
static const char *json_close_rest(const char *p, const char *lo, const char *e, uint64_t *high)
{
  while (p < e && *p != '"') {
    if (*p != '\\' || !(p = wr_json_escape(p, e))) return 0;
    p = json_plain(p, lo, e, high);
  }
  return p < e ? p : 0;
}
static inline __attribute__((always_inline)) const char *json_close(const char *p, const char *lo, const char *e,
                                                                    uint64_t *high, bool *escaped)
{
  uint64_t more = 0;

  p = json_plain(p, lo, e, high);
  *escaped = p == e || *p != '"';
  if (LIKELY(!*escaped)) return p;
  p = json_close_rest(p, lo, e, &more);
  *high |= more;
  return p;
}

/* Behind the string that begins with the quote at p. */
static inline const char *json_pass_string(wr_json *j, const char *p)
{
  uint64_t high = 0;
  bool escaped;
  const char *q = json_close(p + 1, j->lo, j->e, &high, &escaped);

  return q ? q + 1 : json_fail(j, WR_E_SYNTAX);
}

static inline const char *json_string(wr_json *j, const char *p, wr_str *out)
{
  uint64_t high = 0;
  bool escaped;
  const char *q;

  if (UNLIKELY(*p != '"')) return json_wrong(j, p);
  q = json_close(++p, j->lo, j->e, &high, &escaped);
  if (UNLIKELY(!q)) return json_fail(j, WR_E_SYNTAX);
  if (UNLIKELY(high) && !wr_utf8_valid(p, (size_t)(q - p))) return json_fail(j, WR_E_UTF8);
  out->p = p;
  out->len = (wr_u32)(q - p);
  out->pad = 0;
  if (UNLIKELY(escaped)) *out = wr_json_unescape(j->ctx, p, (size_t)(q - p));
  return q + 1;
}

/* ---- numbers ---- */

static inline bool json_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* Bytes of the word, lowest first, that are digits before the first other one; 8: all. */
static inline int json_digits_in(uint64_t w)
{
  uint64_t other = ((w & 0xF0F0F0F0F0F0F0F0ULL) ^ 0x3030303030303030ULL) |
                   (((w + 0x0606060606060606ULL) & 0xF0F0F0F0F0F0F0F0ULL) ^ 0x3030303030303030ULL);

  return other ? __builtin_ctzll(other) >> 3 : 8;
}

static inline uint64_t json_eight(uint64_t w)                 /* zero bytes in front count as zeros */
{
  w &= 0x0F0F0F0F0F0F0F0FULL;
  w = (w * 10 + (w >> 8)) & 0x00FF00FF00FF00FFULL;
  w = (w * 100 + (w >> 16)) & 0x0000FFFF0000FFFFULL;
  return (w * 10000 + (w >> 32)) & 0xFFFFFFFFULL;
}

/* Behind the digits at p, whose value is appended to *v (at most 19 digits are looked at in all). */
static inline const char *json_digits(const char *p, const char *e, uint64_t *v)
{
  static const uint32_t power[8] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
  const char *from = p;
  uint64_t w;

  while (e - p >= 8 && p - from <= 8) {
    int n;
    memcpy(&w, p, 8);
    n = json_digits_in(w);
    if (n == 8) {
      *v = *v * 100000000 + json_eight(w);
      p += 8;
      continue;
    }
    if (n) *v = *v * power[n] + json_eight(w << (8 * (8 - n)));
    return p + n;
  }
  for (; p < e && json_digit(*p) && p - from < 19; p++) *v = *v * 10 + (uint64_t)(*p - '0');
  return p;
}

/* Behind the number at p; 0: it is none. Sets n->exact only when v and frac say it all. */
static inline const char *json_number(const char *p, const char *e, wr_json_num *n)
{
  const char *from = p, *q;

  n->v = 0;
  n->frac = 0;
  n->neg = *p == '-';
  p += n->neg;
  q = json_digits(p, e, &n->v);
  if (UNLIKELY(q == p || (*p == '0' && q - p > 1))) return 0;
  if (q < e && *q == '.') {
    const char *point = q;
    q = json_digits(q + 1, e, &n->v);
    n->frac = (int)(q - point - 1);
    if (UNLIKELY(n->frac == 0)) return 0;
    p++;                                  /* counts no digit */
  }
  n->exact = q - p <= 18;
  if (UNLIKELY(!n->exact || (q < e && (*q | 0x20) == 'e'))) return wr_json_num_rest(from, e, n);
  return q;
}

#if WR_JSON_ISA == 2
/* Digits at p before the first other byte, at most 16, which are read. */
static inline int json_run(const char *p)
{
  __m128i x = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('0'));
  __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(9)), x);

  return __builtin_ctz(~(uint32_t)_mm_movemask_epi8(digit));
}

/* The value of the n <= 16 digits at p; 16 bytes are read. Moved to the end of the vector, behind
 * zeros, then summed in pairs of growing width. */
static inline uint64_t json_run_value(const char *p, int n)
{
  static const char shift[32] = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
  __m128i x = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('0'));
  __m128i by = _mm_loadu_si128((const __m128i *)(const void *)(shift + n));
  uint64_t v;

  x = _mm_shuffle_epi8(x, by);
  x = _mm_maddubs_epi16(x, _mm_set1_epi16(0x010A));
  x = _mm_madd_epi16(x, _mm_set1_epi32(0x00010064));
  x = _mm_packus_epi32(x, x);
  x = _mm_madd_epi16(x, _mm_set1_epi32(0x00012710));
  v = (uint64_t)_mm_cvtsi128_si64(x);
  return (v & 0xFFFFFFFF) * 100000000 + (v >> 32);
}
#endif

/* The short way: an integer of up to 15 digits with more text behind it. 0: look closer. */
static inline __attribute__((always_inline)) const char *json_small(const char *p, const char *e, wr_i64 *out)
{
  uint64_t v = 0;
  const char *q;
  bool neg;

  if (UNLIKELY(e - p < 18)) return 0;
  neg = *p == '-';
  p += neg;
#if WR_JSON_ISA == 2
  q = p + json_run(p);
  if (UNLIKELY((size_t)(q - p) - 1 > 14)) return 0;
  v = json_run_value(p, (int)(q - p));
#else
  q = json_digits(p, e, &v);
  if (UNLIKELY((size_t)(q - p) - 1 > 14)) return 0;
#endif
  if (UNLIKELY(*q == '.' || (*q | 0x20) == 'e' || (*p == '0' && q - p > 1))) return 0;
  *out = neg ? -(wr_i64)v : (wr_i64)v;
  return q;
}

static inline const char *json_i64(wr_json *j, const char *p, wr_i64 *out)
{
  wr_json_num n;
  const char *q = json_number(p, j->e, &n);

  if (UNLIKELY(!q)) return json_wrong(j, p);
  if (LIKELY(n.exact && n.frac == 0)) {
    *out = n.neg ? -(wr_i64)n.v : (wr_i64)n.v;
    return q;
  }
  j->err = wr_json_to_i64(p, (size_t)(q - p), &n, out);
  return j->err ? 0 : q;
}

static inline const char *json_dec(wr_json *j, const char *p, int scale, wr_i64 *out)
{
  wr_json_num n;
  const char *q = json_number(p, j->e, &n);

  if (UNLIKELY(!q)) return json_wrong(j, p);
  j->err = wr_json_to_dec(p, (size_t)(q - p), &n, scale, out);
  return j->err ? 0 : q;
}

static inline const char *json_f64(wr_json *j, const char *p, wr_f64 *out)
{
  wr_json_num n;
  const char *q = json_number(p, j->e, &n);

  if (UNLIKELY(!q)) return json_wrong(j, p);
  j->err = wr_json_to_f64(p, (size_t)(q - p), &n, out);
  return j->err ? 0 : q;
}

/* ---- words and times ---- */

static inline const char *json_word(const char *p, const char *e, const char *word, size_t n)
{
  return (size_t)(e - p) >= n && memcmp(p, word, n) == 0 ? p + n : 0;
}

static inline const char *json_bool(wr_json *j, const char *p, wr_u8 *out)
{
  const char *q = json_word(p, j->e, "true", 4);

  *out = q != 0;
  if (!q) q = json_word(p, j->e, "false", 5);
  return q ? q : json_wrong(j, p);
}

static inline const char *json_ts(wr_json *j, const char *p, wr_ts *out)
{
  wr_str s;
  wr_i64 count;

  if (j->unit != WR_UNIT_NONE) {
    p = json_i64(j, p, &count);
    if (p) j->err = wr_unit_ts(count, j->unit, out);
  } else {
    p = json_string(j, p, &s);
    if (p) j->err = wr_parse_ts(s.p, s.len, out);
  }
  return p && !j->err ? p : 0;
}

static inline const char *json_dur(wr_json *j, const char *p, wr_i64 *out)
{
  wr_str s;

  p = json_string(j, p, &s);
  if (p) j->err = wr_parse_dur(s.p, s.len, out);
  return p && !j->err ? p : 0;
}

static inline const char *json_member(wr_json *j, const char *p, const wr_type *t, wr_i64 *out)
{
  wr_str s;

  p = json_string(j, p, &s);
  if (p) j->err = wr_json_enum(t, s, out);
  return p && !j->err ? p : 0;
}

/* ---- values that are only passed over ---- */

extern const unsigned char wr_json_token[256];                /* may stand in true, null, -1.5e+3 */

/* Behind a scalar that is not a string. Not `full`: only its characters are looked at. */
static inline const char *json_pass_token(wr_json *j, const char *p, bool full)
{
  const char *e = j->e, *from = p, *q;
  wr_json_num n;
  uint64_t w;

  if (!full) {
    for (; e - p >= 8; p += 8) {
      int d;
      memcpy(&w, p, 8);
      d = json_digits_in(w);
      if (d == 8) continue;
      p += d;
      break;
    }
    while (p < e && wr_json_token[(unsigned char)*p]) p++;
    return p > from ? p : json_fail(j, WR_E_SYNTAX);
  }
  if ((q = json_word(p, e, "null", 4)) || (q = json_word(p, e, "true", 4)) || (q = json_word(p, e, "false", 5)))
    return q;
  q = json_number(p, e, &n);
  return q ? q : json_fail(j, WR_E_SYNTAX);
}

/* Behind the digits at p when nothing else of a scalar follows; 0: look closer. */
static inline const char *json_digits_only(const char *p, const char *e)
{
#if WR_JSON_ISA == 2
  const char *q = e - p < 17 ? p : p + json_run(p);
#else
  const char *q = p;
  while (q < e && json_digit(*q)) q++;
#endif
  return q > p && q < e && (*q == ',' || *q == '}') ? q : 0;
}

static inline const char *json_pass_text(wr_json *j, const char *p, bool full)
{
  uint64_t high = 0;
  bool escaped;
  const char *q = json_close(p + 1, j->lo, j->e, &high, &escaped);

  if (!q) return json_fail(j, WR_E_SYNTAX);
  if (full && high && !wr_utf8_valid(p + 1, (size_t)(q - p - 1))) return json_fail(j, WR_E_UTF8);
  return q + 1;
}

/* Behind `"key" :` and white space. */
static inline const char *json_pass_key(wr_json *j, const char *p, bool full)
{
  p = json_space(p, j->e);
  if (p == j->e || *p != '"') return json_fail(j, WR_E_SYNTAX);
  if (!(p = json_pass_text(j, p, full))) return 0;
  p = json_space(p, j->e);
  if (p == j->e || *p != ':') return json_fail(j, WR_E_SYNTAX);
  return p + 1;
}

/* Behind the value at p (white space in front is allowed), whose structure is checked; `full`: every
 * scalar too. Open objects and lists are the bits of `kinds`, the innermost lowest. */
static inline const char *json_pass(wr_json *j, const char *p, bool full)
{
  uint64_t kinds = 0;
  int depth = 0;

  for (;;) {
    p = json_space(p, j->e);
    if (p == j->e) return json_fail(j, WR_E_SYNTAX);
    if (*p == '"') {
      p = json_pass_text(j, p, full);
    } else if (*p == '{' || *p == '[') {
      bool object = *p == '{';
      if (j->depth + ++depth > WR_JSON_DEPTH) return json_fail(j, WR_E_TOO_DEEP);
      kinds = kinds << 1 | object;
      p = json_space(p + 1, j->e);
      if (p == j->e) return json_fail(j, WR_E_SYNTAX);
      if (*p != (object ? '}' : ']')) {
        if (object && !(p = json_pass_key(j, p, full))) return 0;
        continue;
      }
      p++, depth--, kinds >>= 1;
    } else {
      p = json_pass_token(j, p, full);
    }
    if (!p) return 0;
    for (;;) {                            /* a value has ended */
      if (depth == 0) return p;
      p = json_space(p, j->e);
      if (p == j->e) return json_fail(j, WR_E_SYNTAX);
      if (*p != ((kinds & 1) ? '}' : ']')) break;
      p++, depth--, kinds >>= 1;
    }
    if (*p++ != ',') return json_fail(j, WR_E_SYNTAX);
    if ((kinds & 1) && !(p = json_pass_key(j, p, full))) return 0;
  }
}
#endif
