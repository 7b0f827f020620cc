/* literal.c -- the values of literals. A literal that does not fit is reported, and its node is
 * made with a zero so that reading goes on: one message for it, none that follow from it.
 */
#include "parse.h"
#include "weir/rt.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static Diag *bad(Parser *p, Span span, DiagCode code, const char *what, const char *text,
                 size_t n) {
  return diag_error(p->c, span, code, "%.*s%s %s", n > 40 ? 40 : (int)n, text, n > 40 ? "..." : "",
                    what);
}

/* Reads digits; false when the number is above INT64_MAX. */
static bool digits(const char **at, const char *end, int64_t *value) {
  bool fits = true;
  int64_t v = 0;
  for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
    if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, **at - '0', &v))
      fits = false, v = 0;
  }
  *value = fits ? v : 0;
  return fits;
}

bool literal_is_int64_min(const char *text, size_t n) {
  while (n > 1 && *text == '0') text++, n--;
  return n == 19 && !memcmp(text, "9223372036854775808", 19);
}

int64_t literal_int(Parser *p, const char *text, size_t n, Span span) {
  const char *at = text;
  int64_t v;
  if (!digits(&at, text + n, &v)) bad(p, span, D_NUMBER, "does not fit an int (64 bits)", text, n);
  return v;
}

Expr *literal_decimal(Parser *p, const char *text, size_t n, Span span) {
  Expr *e = expr_literal(p->c, LIT_DEC, 0, span);
  const char *point = memchr(text, '.', n);
  int64_t v = 0;
  int count = 0;
  for (const char *at = text; at < text + n; at++) {
    if (*at == '.' || (!count && *at == '0')) continue;
    if (++count <= 18) v = v * 10 + (*at - '0');
  }
  size_t scale = (size_t)(text + n - point - 1);
  if (count > 18 || scale > 18) {
    Diag *d = bad(p, span, D_NUMBER, "has more than 18 digits", text, n);
    diag_hint(p->c, d, "a float is written with an exponent: 1.5e0");
    return e;
  }
  e->u.lit.i = v;
  e->u.lit.scale = (int)scale;
  return e;
}

Expr *literal_float(Parser *p, const char *text, size_t n, Span span) {
  Expr *e = expr_literal(p->c, LIT_FLOAT, 0, span);
  e->u.lit.f = strtod(arena_text(p->c->arena, text, n), NULL);
  if (isinf(e->u.lit.f)) {
    bad(p, span, D_NUMBER, "does not fit a float", text, n);
    e->u.lit.f = 0;
  }
  return e;
}

/* One `10m` of a duration; *at moves behind it. */
static bool duration_part(const char **at, const char *end, int64_t *us) {
  static const struct { const char *unit; int64_t us; } units[] = {
    {"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}, {"d", 86400000000},
    {"w", 604800000000}};
  bool fits = digits(at, end, us);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    size_t n = strlen(units[i].unit);
    if ((size_t)(end - *at) < n || memcmp(*at, units[i].unit, n) != 0) continue;
    *at += n;
    return fits && !__builtin_mul_overflow(*us, units[i].us, us);
  }
  return false;                           /* the lexer lets no other unit through */
}

Expr *literal_duration(Parser *p, const char *text, size_t n, Span span) {
  Expr *e = expr_literal(p->c, LIT_DUR, 0, span);
  int64_t part, sum = 0;
  bool fits = true;
  for (const char *at = text; fits && at < text + n;)
    fits = duration_part(&at, text + n, &part) && !__builtin_add_overflow(sum, part, &sum);
  if (fits) e->u.lit.i = sum;
  else bad(p, span, D_NUMBER, "is too long for a duration (64 bits of microseconds)", text, n);
  return e;
}

Expr *literal_calendar(Parser *p, const char *text, size_t n, Span span) {
  Expr *e = expr_literal(p->c, LIT_CAL, 0, span);
  const char *at = text;
  if (!digits(&at, text + n, &e->u.lit.i) || e->u.lit.i > 100000) {
    bad(p, span, D_NUMBER, "is too long for a calendar period", text, n);
    e->u.lit.i = 1;
  }
  e->u.lit.scale = *at == 'd' ? WR_CAL_DAY
                 : *at == 'w' ? WR_CAL_WEEK
                 : *at == 'm' ? WR_CAL_MONTH : WR_CAL_YEAR;
  return e;
}

Expr *literal_size(Parser *p, const char *text, size_t n, Span span) {
  Expr *e = expr_literal(p->c, LIT_SIZE, 0, span);
  const char *at = text;
  bool fits = digits(&at, text + n, &e->u.lit.i);
  int shift = *at == 'K' ? 10 : *at == 'M' ? 20 : *at == 'G' ? 30 : *at == 'T' ? 40 : 0;
  if (fits && e->u.lit.i <= INT64_MAX >> shift) e->u.lit.i <<= shift;
  else
    bad(p, span, D_NUMBER, "is too large for a size (64 bits of bytes)", text, n), e->u.lit.i = 0;
  return e;
}

Expr *literal_regex(Parser *p, const char *text, size_t n, Span span) {
  size_t end = n - 1;
  while (text[end] != '/') end--;         /* flags are letters */
  Text pattern = {arena_text(p->c->arena, text + 1, end - 1), end - 1};
  Expr *e = expr_string(p->c, LIT_REGEX, pattern, span);
  e->u.lit.flags = arena_text(p->c->arena, text + end + 1, n - end - 1);
  return e;
}

void literal_bad_number(Parser *p, const char *text, size_t n, Span span) {
  Diag *d = bad(p, span, D_NUMBER, "is no number", text, n);
  size_t digit = 0;
  while (digit < n && ((text[digit] >= '0' && text[digit] <= '9') || text[digit] == '.')) digit++;
  if (memchr(text, '.', digit))
    diag_hint(p->c, d, "parts of a unit are written with a smaller one: 1h30m, 1500ms");
  else diag_hint(p->c, d, "units are us ms s m h d w, day week month year, B KB MB GB TB");
}

/* ---- timestamps ---- */

/* zone: minutes */
typedef struct Clock { int year, month, day, hour, minute, second, micro, zone; } Clock;

static int number(const char *at, int n) {
  int v = 0;
  while (n--) v = v * 10 + (*at++ - '0');
  return v;
}

/* The lexer has checked the form: @2026-01-31[T10:00[:00[.ffffff]][Z|+01:00]] */
static const char *read_clock(const char *text, const char *end, Clock *c) {
  *c = (Clock){number(text + 1, 4), number(text + 6, 2), number(text + 9, 2), 0, 0, 0, 0, 0};
  const char *at = text + 11;
  if (at == end) return NULL;
  c->hour = number(at + 1, 2), c->minute = number(at + 4, 2), at += 6;
  if (at < end && *at == ':') c->second = number(at + 1, 2), at += 3;
  if (at < end && *at == '.') {
    int scale = 100000;
    for (at++; at < end && *at >= '0' && *at <= '9'; at++, scale /= 10) {
      if (!scale) return "is finer than microseconds";
      c->micro += (*at - '0') * scale;
    }
  }
  if (at < end && *at != 'Z') {
    int hours = number(at + 1, 2), minutes = number(at + 4, 2);
    if (hours > 18 || minutes > 59) return "has no such distance from UTC";
    c->zone = (*at == '-' ? -1 : 1) * (hours * 60 + minutes);
  }
  return c->hour > 23 || c->minute > 59 || c->second > 59 ? "has no such time of day" : NULL;
}

static int days_of_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01: whole years before, with their leap days, then months. */
static int64_t days_since_epoch(int year, int month, int day) {
  int64_t before = year - 1;
  int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162;
  for (int m = 1; m < month; m++) days += days_of_month(year, m);
  return days + day - 1;
}

Expr *literal_timestamp(Parser *p, const char *text, size_t n, Span span) {
  Expr *e = expr_literal(p->c, LIT_TS, 0, span);
  Clock c;
  const char *wrong = read_clock(text, text + n, &c);
  if (c.year < 1 || c.month < 1 || c.month > 12) wrong = "is no date";
  else if (c.day < 1 || c.day > days_of_month(c.year, c.month))
    wrong = "is no date: the month has no such day";
  if (wrong) {
    bad(p, span, D_TIMESTAMP, wrong, text, n);
    return e;
  }
  int64_t days = days_since_epoch(c.year, c.month, c.day);
  int64_t minutes = days * 1440 + c.hour * 60 + c.minute - c.zone;
  e->u.lit.i = (minutes * 60 + c.second) * 1000000 + c.micro;
  return e;
}

/* ---- strings ---- */

static int put_utf8(char *to, uint32_t c) {
  if (c < 0x80) return to[0] = (char)c, 1;
  if (c < 0x800) return to[0] = (char)(0xC0 | c >> 6), to[1] = (char)(0x80 | (c & 0x3F)), 2;
  int n = c < 0x10000 ? 3 : 4;
  for (int i = n - 1; i > 0; i--, c >>= 6) to[i] = (char)(0x80 | (c & 0x3F));
  to[0] = (char)((n == 3 ? 0xE0 : 0xF0) | c);
  return n;
}

static int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind `\u`: four hexadecimal digits, or up to six in braces. Returns how long it is, 0 when
 * it is wrong. */
static int read_code(const char *at, const char *end, uint32_t *code) {
  bool braces = at < end && *at == '{';
  int most = braces ? 6 : 4, n = 0;
  const char *s = at + braces;
  for (*code = 0; n < most && s + n < end && hex(s[n]) >= 0; n++)
    *code = *code << 4 | (uint32_t)hex(s[n]);
  if (n == 0 || (!braces && n < 4) || (braces && (s + n >= end || s[n] != '}'))) return 0;
  if (*code == 0 || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF)) return 0;
  return n + 2 * braces;
}

static void bad_escape(Parser *p, const char *at, const char *text, const char *end, Span span) {
  uint32_t code, from = span.from + (uint32_t)(at - text);
  int n = utf8_read(at + 1, end, &code);
  Span place = parser_span(p, from, from + 1 + (uint32_t)n);
  Diag *d = diag_error(p->c, place, D_STRING, "%s",
                       at[1] == 'u' ? "this escape is no character" : "unknown escape");
  if (at[1] == 'u')
    diag_hint(p->c, d,
              "a character is written \\u00e9 or \\u{1F600}; U+0000 and halves of pairs are none");
  else
    diag_hint(p->c, d,
              "escapes are \\\" \\\\ \\n \\t \\r \\u00e9 \\u{1F600}; a backslash is written \\\\");
}

/* Reads the escape at *at, which is a backslash; returns the bytes put. */
static int read_escape(Parser *p, const char **at, const char *text, const char *end, char *to,
                       Span span) {
  static const char from[] = "\"\\ntr", is[] = "\"\\\n\t\r";
  const char *known = strchr(from, (*at)[1]);
  uint32_t code;
  int n = (*at)[1] == 'u' ? read_code(*at + 2, end, &code) : 0;
  const char *start = *at;
  *at += 2 + n;
  if (known) return *to = is[known - from], 1;
  if (n) return put_utf8(to, code);
  bad_escape(p, start, text, end, span);
  return 0;
}

Text literal_string(Parser *p, const char *text, size_t n, Span span) {
  char *to = arena_alloc(p->c->arena, n);         /* no escape is shorter than what it stands for */
  size_t length = 0;
  const char *end = text + n - 1;
  for (const char *at = text + 1; at < end;) {
    if (*at == '\\') length += (size_t)read_escape(p, &at, text, end, to + length, span);
    else to[length++] = *at++;
  }
  to[length] = 0;
  return (Text){to, length};
}
