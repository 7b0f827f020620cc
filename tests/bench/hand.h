/* hand.h -- what the hand-written rivals share: lines of a file, a bid out of JSON, numbers and
 * times, buffered output.
 *
 * Written as a C programmer would who knows the schema: the keys are expected in the order in which
 * they usually come, which is verified; any other line goes through a slow reader that takes JSON as
 * it comes. `want` is a constant at every call, so that the compiler leaves out what is not wanted.
 * A line may be read up to 64 bytes beyond its end: the buffer has room there.
 */
#ifndef BENCH_HAND_H
#define BENCH_HAND_H
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALWAYS static inline __attribute__((always_inline))
#define TIME_MIN INT64_MIN
#define TIME_MAX INT64_MAX

static _Noreturn void die(const char *what)
{
  perror(what);
  exit(74);
}

static void *must(void *p)
{
  if (!p) die("memory");
  return p;
}

/* ---- lines ---- */

enum { BLOCK = 1 << 20, SLACK = 64 };

typedef struct Lines { int fd; char *buf, *at, *end; size_t cap; bool eof; } Lines;

static Lines lines_open(const char *path)
{
  Lines l = { .fd = open(path, O_RDONLY), .cap = 2 * BLOCK };
  if (l.fd < 0) die(path);
  l.buf = l.at = l.end = must(malloc(l.cap + SLACK));
  return l;
}

/* Moves what is left of a line to the front and reads behind it. */
static bool lines_fill(Lines *l)
{
  size_t left = (size_t)(l->end - l->at);
  if (l->eof) return false;
  if (left + BLOCK > l->cap) {
    size_t from = (size_t)(l->at - l->buf);
    l->buf = must(realloc(l->buf, l->cap * 2 + SLACK));
    l->at = l->buf + from;
    l->cap *= 2;
  }
  memmove(l->buf, l->at, left);
  ssize_t n = read(l->fd, l->buf + left, BLOCK);
  if (n < 0) die("read");
  l->eof = n == 0;
  l->at = l->buf;
  l->end = l->buf + left + n;
  return true;
}

/* The next line without its end. */
ALWAYS bool lines_next(Lines *l, const char **p, const char **e)
{
  for (;;) {
    char *nl = memchr(l->at, '\n', (size_t)(l->end - l->at));
    if (nl) {
      *p = l->at;
      *e = nl;
      l->at = nl + 1;
      return true;
    }
    if (lines_fill(l)) continue;
    if (l->at == l->end) return false;
    *p = l->at;
    *e = l->at = l->end;
    return true;
  }
}

/* ---- times: microseconds since 1970 ---- */

static int64_t days_from_civil(int64_t y, int m, int d)
{
  y -= m <= 2;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

ALWAYS int two(const char *p)                          /* -1: not two digits */
{
  unsigned a = (unsigned char)p[0] - '0', b = (unsigned char)p[1] - '0';
  return a > 9 || b > 9 ? -1 : (int)(a * 10 + b);
}

static bool parse_day(const char *p, int64_t *us)
{
  int c = two(p), y = two(p + 2), m = two(p + 5), d = two(p + 8);
  if (c < 0 || y < 0 || p[4] != '-' || p[7] != '-' || m < 1 || m > 12 || d < 1 || d > 31) return false;
  *us = days_from_civil(c * 100 + y, m, d) * 86400000000;
  return true;
}

/* 2026-01-31T10:00:00[.f]Z up to and with the Z; 0 when it is not that. The last day is remembered. */
ALWAYS const char *parse_time(const char *p, int64_t *us)
{
  static char day[10];
  static int64_t day_us;
  if (memcmp(p, day, 10) != 0) {
    if (!parse_day(p, &day_us)) return 0;
    memcpy(day, p, 10);
  }
  int h = two(p + 11), m = two(p + 14), s = two(p + 17);
  if (p[10] != 'T' || p[13] != ':' || p[16] != ':' || (h | m | s) < 0 || h > 23 || m > 59 || s > 59) return 0;
  int64_t f = 0, unit = 1000000;
  for (p += 19; *p == '.' || (unit < 1000000 && *p >= '0' && *p <= '9'); p++)
    if (*p == '.') {
      if (unit < 1000000) return 0;
      unit /= 10;
      if (p[1] < '0' || p[1] > '9') return 0;
    } else {
      f += (*p - '0') * unit;
      unit /= 10;
    }
  if (*p != 'Z') return 0;
  *us = day_us + ((h * 60 + m) * 60 + s) * 1000000ll + f;
  return p + 1;
}

/* ---- a bid ---- */

enum { AUCTION = 1, BIDDER = 2, PRICE = 4, CHANNEL = 8, TIME = 16 };

typedef struct Bid {
  int64_t auction, bidder, price, time;
  const char *channel;
  size_t nchannel;
} Bid;

#define IS(p, literal) (memcmp(p, literal, sizeof literal - 1) == 0)

ALWAYS const char *quick_int(const char *p, int64_t *out)
{
  const char *q = p + (*p == '-'), *first = q;
  uint64_t v = 0;
  while ((unsigned char)(*q - '0') <= 9) v = v * 10 + (uint64_t)(*q++ - '0');
  if (q == first || q - first > 18 || (*first == '0' && q - first > 1)) return 0;
  *out = first > p ? -(int64_t)v : (int64_t)v;
  return q;
}

/* The quote that ends a text without escapes before it. */
ALWAYS const char *quick_text(const char *p, const char *e)
{
  const char *q = memchr(p, '"', (size_t)(e - p));
  return q && (q == p || q[-1] != '\\') ? q : 0;
}

/* A line whose keys come in the usual order and whose texts are plain. */
ALWAYS bool bid_quick(const char *p, const char *e, unsigned want, Bid *b)
{
  int64_t none;
  if (!IS(p, "{\"auction\":") || !(p = quick_int(p + 11, want & AUCTION ? &b->auction : &none))) return false;
  if (!IS(p, ",\"bidder\":") || !(p = quick_int(p + 10, want & BIDDER ? &b->bidder : &none))) return false;
  if (!IS(p, ",\"price\":") || !(p = quick_int(p + 9, want & PRICE ? &b->price : &none))) return false;
  if (!IS(p, ",\"channel\":\"")) return false;
  p += 12;
  const char *q = quick_text(p, e);
  if (!q) return false;
  if (want & CHANNEL) {
    if (memchr(p, '\\', (size_t)(q - p))) return false;
    b->channel = p;
    b->nchannel = (size_t)(q - p);
  }
  if (!IS(q, "\",\"url\":\"") || !(p = quick_text(q + 9, e))) return false;
  if (!IS(p, "\",\"dateTime\":\"") || !(p = parse_time(p + 14, &b->time))) return false;
  if (!IS(p, "\",\"extra\":\"") || !(p = quick_text(p + 11, e))) return false;
  return p[1] == '}' && p + 2 == e;
}

/* ---- any other line ---- */

static const char *space(const char *p, const char *e)
{
  while (p < e && (*p == ' ' || *p == '\t' || *p == '\r')) p++;
  return p;
}

/* From behind the opening quote to behind the closing one; the text, escapes resolved (those of one
 * letter; \u stays as it is written, which no field here needs), goes to out. */
static const char *slow_text(const char *p, const char *e, char *out, size_t *n)
{
  static const char from[] = "bfnrt\"\\/", to[] = "\b\f\n\r\t\"\\/";
  size_t k = 0;
  for (; p < e && *p != '"'; p++) {
    char c = *p;
    if (c == '\\') {
      if (++p == e) return 0;
      const char *at = *p == 'u' ? 0 : memchr(from, *p, 8);
      if (!at && *p != 'u') return 0;
      c = at ? to[at - from] : 'u';
    }
    if (out && k < 255) out[k++] = c;
  }
  if (out) *n = k;
  return p < e ? p + 1 : 0;
}

static const char *slow_skip(const char *p, const char *e)
{
  int depth = 0;
  do {
    p = space(p, e);
    if (p == e) return 0;
    if (*p == '"') {
      if (!(p = slow_text(p + 1, e, 0, 0))) return 0;
    } else if (*p == '{' || *p == '[') {
      depth++, p++;
    } else if (*p == '}' || *p == ']') {
      depth--, p++;
    } else if (*p == ',' || *p == ':') {
      if (!depth) return 0;
      p++;
    } else {
      while (p < e && !strchr(",}] \t", *p)) p++;
    }
  } while (depth > 0);
  return p;
}

static const char *slow_value(const char *key, const char *p, const char *e, Bid *b, unsigned *got)
{
  static char channel[256];
  if (!strcmp(key, "auction")) return *got |= AUCTION, quick_int(p, &b->auction);
  if (!strcmp(key, "bidder")) return *got |= BIDDER, quick_int(p, &b->bidder);
  if (!strcmp(key, "price")) return *got |= PRICE, quick_int(p, &b->price);
  if (!strcmp(key, "channel") && *p == '"') {
    b->channel = channel;
    return *got |= CHANNEL, slow_text(p + 1, e, channel, &b->nchannel);
  }
  if (!strcmp(key, "dateTime") && *p == '"') {
    p = parse_time(p + 1, &b->time);
    return *got |= TIME, p && *p == '"' ? p + 1 : 0;
  }
  return slow_skip(p, e);
}

static bool bid_slow(const char *p, const char *e, unsigned want, Bid *b)
{
  char key[256];
  size_t n;
  unsigned got = 0;
  p = space(p, e);
  if (p == e || *p++ != '{') return false;
  do {
    p = space(p, e);
    if (p == e || *p != '"' || !(p = slow_text(p + 1, e, key, &n))) return false;
    key[n] = 0;
    p = space(p, e);
    if (p == e || *p != ':') return false;
    p = space(p + 1, e);
    if (p == e || !(p = slow_value(key, p, e, b, &got))) return false;
    p = space(p, e);
    if (p == e) return false;
  } while (*p++ == ',');
  return p[-1] == '}' && space(p, e) == e && (got & want) == want;
}

ALWAYS bool bid_parse(const char *p, const char *e, unsigned want, Bid *b)
{
  return bid_quick(p, e, want, b) || bid_slow(p, e, want | TIME, b);
}

/* ---- output ---- */

typedef struct Out { int fd; size_t n; char buf[BLOCK + 4096]; } Out;

__attribute__((unused)) static void out_flush(Out *o)
{
  for (size_t at = 0; at < o->n;) {
    ssize_t k = write(o->fd, o->buf + at, o->n - at);
    if (k <= 0) die("write");
    at += (size_t)k;
  }
  o->n = 0;
}

static Out *out_open(const char *path)
{
  Out *o = must(malloc(sizeof *o));
  o->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  o->n = 0;
  if (o->fd < 0) die(path);
  return o;
}

#ifndef OUT_FULL
#define OUT_FULL out_flush                             /* where the rows of a full buffer go */
#endif

/* Room for one row. */
ALWAYS char *out_row(Out *o)
{
  if (o->n > BLOCK) OUT_FULL(o);
  return o->buf + o->n;
}

ALWAYS void out_end(Out *o, char *p) { o->n = (size_t)(p - o->buf); }

ALWAYS char *put_text(char *o, const char *s, size_t n)
{
  memcpy(o, s, n);
  return o + n;
}
#define PUT(o, literal) put_text(o, literal, sizeof literal - 1)

static const char digits[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
    "49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697"
    "9899";

ALWAYS char *put_two(char *o, unsigned v)
{
  memcpy(o, digits + 2 * v, 2);
  return o + 2;
}

__attribute__((unused)) static char *put_int(char *o, int64_t v)
{
  char t[20], *p = t + 20;
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  for (; u >= 100; u /= 100) memcpy(p -= 2, digits + 2 * (u % 100), 2);
  if (u >= 10) memcpy(p -= 2, digits + 2 * u, 2);
  else *--p = (char)('0' + u);
  if (v < 0) *o++ = '-';
  return put_text(o, p, (size_t)(t + 20 - p));
}

/* The shortest text that reads back. */
__attribute__((unused)) static char *put_double(char *o, double v)
{
  for (int digits = 1; digits <= 17; digits++) {
    int n = sprintf(o, "%.*g", digits, v);
    if (strtod(o, 0) != v) continue;
    return memchr(o, '.', (size_t)n) || memchr(o, 'e', (size_t)n) ? o + n : PUT(o + n, ".0");
  }
  return o;
}

static void civil_from_days(int64_t z, int *y, unsigned *m, unsigned *d)
{
  z += 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  *d = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
  *m = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
  *y = (int)(yoe + era * 400 + (*m <= 2));
}

/* RFC 3339 with as many digits of the second as are needed. */
static char *put_time(char *o, int64_t us)
{
  static int64_t last = INT64_MIN;
  static char day[10];
  int64_t d = us / 86400000000 - (us % 86400000000 < 0), in = us - d * 86400000000;
  if (d != last) {
    int y;
    unsigned m, dd;
    civil_from_days(d, &y, &m, &dd);
    char *p = put_two(put_two(day, (unsigned)y / 100), (unsigned)y % 100);
    *p++ = '-';
    p = put_two(p, m);
    *p++ = '-';
    put_two(p, dd);
    last = d;
  }
  unsigned s = (unsigned)(in / 1000000), f = (unsigned)(in % 1000000);
  o = put_text(o, day, 10);
  *o++ = 'T';
  o = put_two(o, s / 3600);
  *o++ = ':';
  o = put_two(o, s / 60 % 60);
  *o++ = ':';
  o = put_two(o, s % 60);
  if (f) {
    *o++ = '.';
    o = put_two(put_two(put_two(o, f / 10000), f / 100 % 100), f % 100);
    while (o[-1] == '0') o--;
  }
  *o++ = 'Z';
  return o;
}

/* ---- event time ---- */

typedef struct Clock { int64_t seen, wm; } Clock;
enum { DELAY = 2000000 };

ALWAYS void clock_row(Clock *c, int64_t t)
{
  if (t <= c->seen) return;
  c->seen = t;
  c->wm = t - DELAY;
}

static void counts(uint64_t rows, uint64_t bad, uint64_t late)
{
  fprintf(stderr, "%llu rows, %llu bad, %llu late\n", (unsigned long long)rows, (unsigned long long)bad,
          (unsigned long long)late);
}
#endif
