/* zone_tzif.c -- reads TZif files (RFC 9636) and the POSIX TZ text in their footer.
 *
 * Every count and index of the file is checked against its length before it is used; a file that
 * breaks a rule is refused as a whole. Files with leap seconds are refused: their seconds are not
 * those of a timestamp.
 */
#include "text.h"
#include "zone.h"
#include <string.h>

/* ---- the file ---- */

typedef struct header { uint32_t isut, isstd, leap, time, type, chars; } header;
enum { HEADER = 44 };

static uint32_t be32(const char *p) {
  const unsigned char *u = (const unsigned char *)p;
  return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static wr_i64 be64(const char *p) { return (wr_i64)((uint64_t)be32(p) << 32 | be32(p + 4)); }

static bool read_header(const char *p, size_t n, header *h) {
  if (n < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2') return false;
  *h = (header){ .isut = be32(p + 20), .isstd = be32(p + 24), .leap = be32(p + 28) };
  h->time = be32(p + 32), h->type = be32(p + 36), h->chars = be32(p + 40);
  if (h->isut > 256 || h->isstd > 256 || h->leap > 10000 || h->time > 10000) return false;
  return h->type >= 1 && h->type <= 256 && h->chars >= 1 && h->chars <= 4096;
}

static size_t body_size(const header *h, size_t time_size) {
  size_t times = h->time * (time_size + 1) + h->leap * (time_size + 4);
  return times + h->type * 6 + h->chars + h->isstd + h->isut;
}

static bool read_types(wr_zone *z, const char *p, const char *chars, const header *h) {
  for (uint32_t i = 0; i < h->type; i++, p += 6) {
    wr_tz_type *t = &z->type[i];
    unsigned at = (unsigned char)p[5];
    t->offset = (wr_i32)be32(p);
    if (t->offset < -WR_OFFSET_LIMIT || t->offset > WR_OFFSET_LIMIT || at >= h->chars) return false;
    size_t len = strnlen(chars + at, h->chars - at);
    if (len == h->chars - at || len >= WR_ABBR) return false;
    memcpy(t->abbr, chars + at, len);
  }
  z->ntype = (int)h->type;
  return true;
}

static bool read_transitions(wr_zone *z, const char *p, const header *h) {
  const char *index = p + (size_t)h->time * 8;
  z->n = (int)h->time;
  for (int i = 0; i < z->n; i++) {
    z->at[i] = be64(p + (size_t)i * 8);
    z->index[i] = (unsigned char)index[i];
    if (z->index[i] >= h->type || (i && z->at[i] <= z->at[i - 1])) return false;
  }
  return true;
}

static bool read_body(wr_zone *z, const char *p, const char *end, const header *h) {
  const char *types = p + (size_t)h->time * 9, *chars = types + (size_t)h->type * 6;
  if (!read_types(z, types, chars, h) || !read_transitions(z, p, h)) return false;
  const char *footer = p + body_size(h, 8);
  if (footer == end || *footer != '\n') return false;
  const char *stop = memchr(footer + 1, '\n', (size_t)(end - footer - 1));
  if (!stop) return false;
  return stop == footer + 1 || wr_tz_posix(footer + 1, (size_t)(stop - footer - 1), z);
}

wr_zone *wr_tzif_read(const char *p, size_t n) {
  header h;
  const char *end = p + n;
  if (!read_header(p, n, &h)) return 0;
  size_t first = HEADER + body_size(&h, 4);                   /* the 32-bit block is not used */
  if (first > n) return 0;
  p += first;
  if (!read_header(p, (size_t)(end - p), &h) || h.leap) return 0;
  p += HEADER;
  if (body_size(&h, 8) > (size_t)(end - p)) return 0;
  size_t size = sizeof(wr_zone) + h.time * 9;
  wr_zone *z = wr_mem_alloc(size);
  memset(z, 0, size);
  z->at = (wr_i64 *)(z + 1);
  z->index = (unsigned char *)(z->at + h.time);
  if (read_body(z, p, end, &h)) return z;
  wr_mem_free(z, size);
  return 0;
}

/* ---- the footer: CET-1CEST,M3.5.0,M10.5.0/3 ---- */

typedef struct scan { const char *p, *end; } scan;

static bool eat(scan *s, char c) {
  if (s->p == s->end || *s->p != c) return false;
  s->p++;
  return true;
}

static bool letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

static bool scan_name(scan *s, char *abbr) {
  bool quoted = eat(s, '<');
  const char *from = s->p;
  while (s->p < s->end && (quoted ? *s->p != '>' : letter(*s->p))) s->p++;
  size_t n = (size_t)(s->p - from);
  if (n == 0 || n >= WR_ABBR || (quoted && !eat(s, '>'))) return false;
  memset(abbr, 0, WR_ABBR);
  memcpy(abbr, from, n);
  return true;
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool scan_time(scan *s, int max_hours, wr_i64 *out) {
  wr_i64 sign = eat(s, '-') ? -1 : (eat(s, '+'), 1);
  int part[3] = {0};
  for (int i = 0; i < 3; i++) {
    if (i && !eat(s, ':')) break;
    part[i] = wr_scan_digits(&s->p, s->end, 1, 3);
    if (part[i] < 0 || part[i] > (i ? 59 : max_hours)) return false;
  }
  *out = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
  return true;
}

static int scan_between(scan *s, int low, int high) {
  int v = wr_scan_digits(&s->p, s->end, 1, 3);
  return v < low || v > high ? -1 : v;
}

static bool scan_rule(scan *s, wr_tz_rule *r) {
  if (!eat(s, ',')) return false;
  *r = (wr_tz_rule){ .kind = WR_RULE_DAY, .time = 2 * 3600 };
  if (eat(s, 'M')) {
    r->kind = WR_RULE_MONTH;
    r->month = scan_between(s, 1, 12);
    r->week = eat(s, '.') ? scan_between(s, 1, 5) : -1;
    r->day = eat(s, '.') ? scan_between(s, 0, 6) : -1;
    if (r->month < 0 || r->week < 0) return false;
  } else if (eat(s, 'J')) {
    r->kind = WR_RULE_JULIAN;
    r->day = scan_between(s, 1, 365);
  } else r->day = scan_between(s, 0, 365);
  return r->day >= 0 && (!eat(s, '/') || scan_time(s, 167, &r->time));
}

bool wr_tz_posix(const char *p, size_t n, wr_zone *z) {
  scan s = { p, p + n };
  wr_i64 west;
  if (!scan_name(&s, z->std.abbr) || !scan_time(&s, 24, &west)) return false;
  z->std.offset = (wr_i32)-west;
  if (s.p == s.end) return true;
  west -= 3600;
  if (!scan_name(&s, z->dst.abbr)) return false;
  if (s.p < s.end && *s.p != ',' && !scan_time(&s, 24, &west)) return false;
  z->dst.offset = (wr_i32)-west;
  return scan_rule(&s, &z->to_dst) && scan_rule(&s, &z->to_std) && s.p == s.end;
}
