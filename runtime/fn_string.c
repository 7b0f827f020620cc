/* fn_string.c -- built-in functions on strings.
 *
 * Strings are UTF-8; places and lengths are in code points from 0, found by counting bytes that do
 * not continue a character. Case and white space are ASCII's.
 */
#include "fn.h"

/* ---- characters ---- */

static bool continues(char c) { return ((unsigned char)c & 0xC0) == 0x80; }
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t fn_chars(wr_str s) {
  size_t n = 0;
  for (wr_u32 i = 0; i < s.len; i++) n += !continues(s.p[i]);
  return n;
}

/* n characters further, at most to the end. */
static const char *forward(const char *p, const char *end, wr_i64 n) {
  for (; n > 0 && p < end; n--)
    do p++; while (p < end && continues(*p));
  return p;
}

static const char *backward(const char *p, const char *begin, wr_i64 n) {
  for (; n > 0 && p > begin; n--)
    do p--; while (p > begin && continues(*p));
  return p;
}

size_t fn_put_char(char *p, uint32_t c) {
  if (c < 0x80) { *p = (char)c; return 1; }
  int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (int i = n - 1; i > 0; i--, c >>= 6) p[i] = (char)(0x80 | (c & 0x3F));
  p[0] = (char)((0xF00u >> n & 0xFF) | c);
  return (size_t)n;
}

static uint32_t get_char(const char *p, const char *end) {    /* the text is valid UTF-8 */
  const unsigned char *u = (const unsigned char *)p;
  int n = *u < 0xC0 ? 1 : *u < 0xE0 ? 2 : *u < 0xF0 ? 3 : 4;
  uint32_t c = n == 1 ? *u : *u & (0xFFu >> (n + 1));
  for (int i = 1; i < n && p + i < end; i++) c = c << 6 | (u[i] & 0x3F);
  return c;
}

wr_status fn_list_add(wr_ctx *ctx, fn_list *l, wr_str s) {
  if (l->n == l->cap) {
    wr_u32 cap = l->cap ? l->cap * 2 : 8;
    if (cap > FN_LONGEST / sizeof(wr_slot)) return WR_E_LIMIT;
    wr_slot *p = wr_alloc(ctx, cap * (wr_u32)sizeof *p);
    if (l->n) memcpy(p, l->p, l->n * sizeof *p);
    l->p = p;
    l->cap = cap;
  }
  l->p[l->n++] = (wr_slot){ .u.p = s.p, .len = s.len };
  return WR_OK;
}

/* ---- case ---- */

static wr_str flip_case(wr_ctx *ctx, wr_str s, bool (*wrong)(char)) {
  wr_u32 i = 0;
  while (i < s.len && !wrong(s.p[i])) i++;
  if (i == s.len) return s;
  char *p = wr_alloc(ctx, s.len);
  memcpy(p, s.p, s.len);
  for (; i < s.len; i++)
    if (wrong(p[i])) p[i] ^= 32;
  return fn_str(p, s.len);
}

wr_status wr_fn_lower_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  *out = flip_case(ctx, s, is_upper);
  return WR_OK;
}

wr_status wr_fn_upper_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  *out = flip_case(ctx, s, is_lower);
  return WR_OK;
}

wr_status wr_fn_initcap_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  char *p = wr_alloc(ctx, s.len);
  bool inside = false;
  for (wr_u32 i = 0; i < s.len; i++) {
    char c = s.p[i];
    bool flip = inside ? is_upper(c) : is_lower(c);
    p[i] = (char)(flip ? c ^ 32 : c);
    bool letter = is_lower(c) || is_upper(c) || is_digit(c) || (unsigned char)c >= 0x80;
    inside = letter || (inside && c == '\'');
  }
  *out = fn_str(p, s.len);
  return WR_OK;
}

/* ---- trimming and cutting ---- */

static wr_str between(const char *from, const char *to) {
  return fn_str(from, to > from ? (size_t)(to - from) : 0);
}

static wr_str trim(wr_str s, bool left, bool right) {
  const char *p = s.p, *end = fn_end(s);
  while (left && p < end && is_space(*p)) p++;
  while (right && end > p && is_space(end[-1])) end--;
  return between(p, end);
}

wr_status wr_fn_trim_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  (void)ctx;
  *out = trim(s, true, true);
  return WR_OK;
}

wr_status wr_fn_ltrim_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  (void)ctx;
  *out = trim(s, true, false);
  return WR_OK;
}

wr_status wr_fn_rtrim_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  (void)ctx;
  *out = trim(s, false, true);
  return WR_OK;
}

static bool among(const char *from, const char *to, wr_str set) {
  const char *p = set.p, *end = fn_end(set);
  for (const char *next; p < end; p = next) {
    next = forward(p, end, 1);
    if (next - p == to - from && memcmp(p, from, (size_t)(to - from)) == 0) return true;
  }
  return false;
}

wr_status wr_fn_trim_SS(wr_ctx *ctx, wr_str s, wr_str set, wr_str *out) {
  (void)ctx;
  const char *p = s.p, *end = fn_end(s), *q;
  while (p < end && (q = forward(p, end, 1), among(p, q, set))) p = q;
  while (end > p && (q = backward(end, p, 1), among(q, end, set))) end = q;
  *out = between(p, end);
  return WR_OK;
}

wr_status wr_fn_length_S(wr_ctx *ctx, wr_str s, wr_i64 *out) {
  (void)ctx;
  *out = (wr_i64)fn_chars(s);
  return WR_OK;
}

wr_status wr_fn_length_B(wr_ctx *ctx, wr_str s, wr_i64 *out) {
  (void)ctx;
  *out = s.len;
  return WR_OK;
}

wr_status wr_fn_byte_length_S(wr_ctx *ctx, wr_str s, wr_i64 *out) {
  (void)ctx;
  *out = s.len;
  return WR_OK;
}

static wr_i64 negative(wr_i64 i) { return i == WR_I64_MIN ? WR_I64_MAX : -i; }

/* The place of an index; -1 is the last character. */
static const char *place(wr_str s, wr_i64 i) {
  return i >= 0 ? forward(s.p, fn_end(s), i) : backward(fn_end(s), s.p, negative(i));
}

wr_status wr_fn_substring_SI(wr_ctx *ctx, wr_str s, wr_i64 from, wr_str *out) {
  (void)ctx;
  *out = between(place(s, from), fn_end(s));
  return WR_OK;
}

wr_status wr_fn_substring_SII(wr_ctx *ctx, wr_str s, wr_i64 from, wr_i64 n, wr_str *out) {
  (void)ctx;
  const char *p = place(s, from);
  *out = between(p, forward(p, fn_end(s), n));
  return WR_OK;
}

wr_status wr_fn_left_SI(wr_ctx *ctx, wr_str s, wr_i64 n, wr_str *out) {
  (void)ctx;
  *out = between(s.p, place(s, n));
  return WR_OK;
}

wr_status wr_fn_right_SI(wr_ctx *ctx, wr_str s, wr_i64 n, wr_str *out) {
  (void)ctx;
  const char *from = n == 0 ? fn_end(s) : place(s, negative(n));
  *out = between(from, fn_end(s));
  return WR_OK;
}

/* ---- searching ---- */

wr_status wr_fn_starts_with_SS(wr_ctx *ctx, wr_str s, wr_str t, wr_u8 *out) {
  (void)ctx;
  *out = s.len >= t.len && (t.len == 0 || memcmp(s.p, t.p, t.len) == 0);
  return WR_OK;
}

wr_status wr_fn_ends_with_SS(wr_ctx *ctx, wr_str s, wr_str t, wr_u8 *out) {
  (void)ctx;
  *out = s.len >= t.len && (t.len == 0 || memcmp(fn_end(s) - t.len, t.p, t.len) == 0);
  return WR_OK;
}

wr_status wr_fn_contains_SS(wr_ctx *ctx, wr_str s, wr_str t, wr_u8 *out) {
  (void)ctx;
  *out = t.len == 0 || fn_find(s.p, fn_end(s), t) != 0;
  return WR_OK;
}

wr_status wr_fn_position_SS(wr_ctx *ctx, wr_str s, wr_str t, wr_i64 *out) {
  (void)ctx;
  const char *at = t.len == 0 ? s.p : fn_find(s.p, fn_end(s), t);
  if (!at && t.len) return WR_NULL;
  *out = at ? (wr_i64)fn_chars(between(s.p, at)) : 0;
  return WR_OK;
}

static size_t count(wr_str s, wr_str t) {
  size_t n = 0;
  const char *end = fn_end(s);
  if (t.len == 0) return 0;
  for (const char *p = s.p; (p = fn_find(p, end, t)); p += t.len) n++;
  return n;
}

wr_status wr_fn_occurrences_SS(wr_ctx *ctx, wr_str s, wr_str t, wr_i64 *out) {
  (void)ctx;
  *out = (wr_i64)count(s, t);
  return WR_OK;
}

wr_status wr_fn_replace_SSS(wr_ctx *ctx, wr_str s, wr_str t, wr_str by, wr_str *out) {
  size_t n = count(s, t), len = s.len - n * t.len + n * by.len;
  const char *p = s.p, *end = fn_end(s), *at;
  char *q = fn_room(ctx, len);
  *out = s;
  if (n == 0) return WR_OK;
  if (!q) return WR_E_LIMIT;
  *out = fn_str(q, len);
  for (; (at = fn_find(p, end, t)); p = at + t.len) {
    q = (char *)memcpy(q, p, (size_t)(at - p)) + (at - p);
    if (by.len) q = (char *)memcpy(q, by.p, by.len) + by.len;
  }
  memcpy(q, p, (size_t)(end - p));
  return WR_OK;
}

/* ---- parts ---- */

wr_status wr_fn_split_SS(wr_ctx *ctx, wr_str s, wr_str sep, wr_list *out) {
  fn_list l = {0};
  const char *p = s.p, *end = fn_end(s), *at;
  wr_status e = WR_OK;
  if (sep.len == 0) {
    for (; p < end && !e; p = at) e = fn_list_add(ctx, &l, between(p, at = forward(p, end, 1)));
  } else {
    for (; !e && (at = fn_find(p, end, sep)); p = at + sep.len)
      e = fn_list_add(ctx, &l, between(p, at));
    if (!e) e = fn_list_add(ctx, &l, between(p, end));
  }
  *out = fn_list_done(&l);
  return e;
}

wr_status wr_fn_split_part_SSI(wr_ctx *ctx, wr_str s, wr_str sep, wr_i64 i, wr_str *out) {
  (void)ctx;
  const char *p = s.p, *end = fn_end(s), *at;
  if (i < 0) i += (wr_i64)count(s, sep) + 1;
  if (i < 0) return WR_NULL;
  for (; sep.len && i > 0 && (at = fn_find(p, end, sep)); i--) p = at + sep.len;
  if (i > 0) return WR_NULL;
  at = sep.len ? fn_find(p, end, sep) : 0;
  *out = between(p, at ? at : end);
  return WR_OK;
}

wr_status wr_fn_join_LS(wr_ctx *ctx, wr_list l, wr_str sep, wr_str *out) {
  size_t len = 0, parts = 0;
  for (wr_u32 i = 0; i < l.n; i++)
    if (l.p[i].st == 0) { len += l.p[i].len; parts++; }
  if (parts > 1) len += (parts - 1) * sep.len;
  char *p = fn_room(ctx, len);
  if (!p) return WR_E_LIMIT;
  *out = fn_str(p, len);
  bool first = true;
  for (wr_u32 i = 0; i < l.n; i++) {
    if (l.p[i].st) continue;
    if (!first && sep.len) p = (char *)memcpy(p, sep.p, sep.len) + sep.len;
    if (l.p[i].len) p = (char *)memcpy(p, l.p[i].u.p, l.p[i].len) + l.p[i].len;
    first = false;
  }
  return WR_OK;
}

static wr_status concat(wr_ctx *ctx, const wr_str *part, int n, wr_str *out) {
  size_t len = 0;
  for (int i = 0; i < n; i++) len += part[i].len;
  char *p = fn_room(ctx, len);
  if (!p) return WR_E_LIMIT;
  *out = fn_str(p, len);
  for (int i = 0; i < n; i++) {
    if (part[i].len) memcpy(p, part[i].p, part[i].len);
    p += part[i].len;
  }
  return WR_OK;
}

wr_status wr_fn_concat_SS(wr_ctx *ctx, wr_str a, wr_str b, wr_str *out) {
  return concat(ctx, (wr_str[]){ a, b }, 2, out);
}

wr_status wr_fn_concat_SSS(wr_ctx *ctx, wr_str a, wr_str b, wr_str c, wr_str *out) {
  return concat(ctx, (wr_str[]){ a, b, c }, 3, out);
}

wr_status wr_fn_concat_SSSS(wr_ctx *ctx, wr_str a, wr_str b, wr_str c, wr_str d, wr_str *out) {
  return concat(ctx, (wr_str[]){ a, b, c, d }, 4, out);
}

/* ---- repeating and filling ---- */

wr_status wr_fn_repeat_SI(wr_ctx *ctx, wr_str s, wr_i64 n, wr_str *out) {
  if (n < 0 || s.len == 0) n = 0;
  if (n > FN_LONGEST) return WR_E_LIMIT;
  char *p = fn_room(ctx, s.len * (size_t)n);
  if (!p) return WR_E_LIMIT;
  *out = fn_str(p, s.len * (size_t)n);
  for (; n > 0; n--, p += s.len) memcpy(p, s.p, s.len);
  return WR_OK;
}

wr_status wr_fn_reverse_S(wr_ctx *ctx, wr_str s, wr_str *out) {
  char *q = wr_alloc(ctx, s.len);
  const char *end = fn_end(s);
  *out = fn_str(q, s.len);
  while (end > s.p) {
    const char *from = backward(end, s.p, 1);
    q = (char *)memcpy(q, from, (size_t)(end - from)) + (end - from);
    end = from;
  }
  return WR_OK;
}

/* s and characters of the pad, repeated, up to n characters in all. */
static wr_status fill(wr_ctx *ctx, wr_str s, wr_i64 n, wr_str pad, bool left, wr_str *out) {
  wr_i64 have = (wr_i64)fn_chars(s), each = (wr_i64)fn_chars(pad), missing = n - have;
  *out = s;
  if (n <= have) { *out = between(s.p, forward(s.p, fn_end(s), n)); return WR_OK; }
  if (each == 0) return WR_E_DOMAIN;
  if (n > FN_LONGEST) return WR_E_LIMIT;
  const char *part_end = forward(pad.p, fn_end(pad), missing % each);
  size_t part = (size_t)(part_end - pad.p), len = (size_t)(missing / each) * pad.len + part;
  char *p = fn_room(ctx, len + s.len);
  if (!p) return WR_E_LIMIT;
  *out = fn_str(p, len + s.len);
  if (!left && s.len) p = (char *)memcpy(p, s.p, s.len) + s.len;
  for (wr_i64 i = missing / each; i > 0; i--) p = (char *)memcpy(p, pad.p, pad.len) + pad.len;
  memcpy(p, pad.p, part);
  if (left && s.len) memcpy(p + part, s.p, s.len);
  return WR_OK;
}

wr_status wr_fn_lpad_SIS(wr_ctx *ctx, wr_str s, wr_i64 n, wr_str pad, wr_str *out) {
  return fill(ctx, s, n, pad, true, out);
}

wr_status wr_fn_rpad_SIS(wr_ctx *ctx, wr_str s, wr_i64 n, wr_str pad, wr_str *out) {
  return fill(ctx, s, n, pad, false, out);
}

/* ---- characters as numbers, comparisons ---- */

wr_status wr_fn_char_code_S(wr_ctx *ctx, wr_str s, wr_i64 *out) {
  (void)ctx;
  if (s.len == 0) return WR_NULL;
  *out = get_char(s.p, fn_end(s));
  return WR_OK;
}

wr_status wr_fn_char_from_I(wr_ctx *ctx, wr_i64 c, wr_str *out) {
  char text[4];
  if (c < 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return WR_E_DOMAIN;
  return fn_copy(ctx, text, fn_put_char(text, (uint32_t)c), out);
}

enum { DISTANCE_LIMIT = 1024 };

static int decode(wr_str s, uint32_t *c) {                    /* -1: too long */
  const char *p = s.p, *end = fn_end(s);
  int n = 0;
  for (; p < end; p = forward(p, end, 1)) {
    if (n == DISTANCE_LIMIT) return -1;
    c[n++] = get_char(p, end);
  }
  return n;
}

wr_status wr_fn_edit_distance_SS(wr_ctx *ctx, wr_str s, wr_str t, wr_i64 *out) {
  (void)ctx;
  uint32_t a[DISTANCE_LIMIT], b[DISTANCE_LIMIT];
  int row[DISTANCE_LIMIT + 1], n = decode(s, a), m = decode(t, b);
  if (n < 0 || m < 0) return WR_E_LIMIT;
  for (int j = 0; j <= m; j++) row[j] = j;
  for (int i = 1; i <= n; i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= m; j++) {
      int least = diagonal + (a[i - 1] != b[j - 1]);
      if (row[j] + 1 < least) least = row[j] + 1;
      if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
      diagonal = row[j];
      row[j] = least;
    }
  }
  *out = row[m];
  return WR_OK;
}

wr_status wr_fn_luhn_S(wr_ctx *ctx, wr_str s, wr_u8 *out) {
  (void)ctx;
  int sum = 0, digits = 0;
  bool ok = true;
  for (wr_u32 i = s.len; i-- > 0;) {
    char c = s.p[i];
    if (c == ' ' || c == '-') continue;
    ok &= is_digit(c);
    int v = (c - '0') << (digits++ & 1);
    sum += v > 9 ? v - 9 : v;
  }
  *out = ok && digits > 1 && sum % 10 == 0;
  return WR_OK;
}
