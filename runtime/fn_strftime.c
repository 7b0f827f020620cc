/* fn_strftime.c -- format_time and parse_time: the directives of strftime that a stream needs.
 *
 * One table of directives says how each is printed and read, so that what one writes the other
 * takes. Names are English. A directive that only repeats others (%u, %a, %Z …) is read over.
 */
#include "fn.h"
#include "zone.h"

static const char day_name[7][10] = {
  "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
};
static const char month_name[12][10] = {
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"
};

/* What a directive stands for: a shorter format, or a field with its width. */
typedef struct directive {
  char letter;
  const char *as;                         /* %F is "%Y-%m-%d" */
  int width;                              /* of a number */
} directive;

static const directive directives[] = {
  { 'Y', 0, 4 }, { 'm', 0, 2 }, { 'd', 0, 2 }, { 'H', 0, 2 }, { 'M', 0, 2 }, { 'S', 0, 2 },
  { 'e', 0, 2 }, { 'I', 0, 2 }, { 'f', 0, 6 }, { 'L', 0, 3 }, { 'j', 0, 3 }, { 'y', 0, 2 },
  { 'u', 0, 1 }, { 'p', 0, 0 }, { 'a', 0, 0 }, { 'A', 0, 0 }, { 'b', 0, 0 }, { 'B', 0, 0 },
  { 'z', 0, 0 }, { 'Z', 0, 0 }, { 's', 0, 0 }, { '%', 0, 0 }, { 'F', "%Y-%m-%d", 0 },
  { 'T', "%H:%M:%S", 0 }, { 'R', "%H:%M", 0 }, { 'D', "%m/%d/%y", 0 },
};

static const directive *directive_of(char c) {
  for (size_t i = 0; i < sizeof directives / sizeof *directives; i++)
    if (directives[i].letter == c) return &directives[i];
  return 0;
}

bool wr_strftime_ok(wr_str f) {
  for (wr_u32 i = 0; i < f.len; i++)
    if (f.p[i] == '%' && (++i == f.len || !directive_of(f.p[i]))) return false;
  return true;
}

/* ---- printing ---- */

typedef struct moment { wr_civil c; wr_ts t; wr_i64 offset; const char *abbr; } moment;

static moment moment_of(wr_ts t, const wr_zone *z) {
  wr_zone_span s = wr_zone_span_at(z, wr_floor_div(t, WR_SECOND));
  moment m = { .t = t, .offset = s.offset, .abbr = s.abbr };
  wr_civil_of((wr_i64)((wr_u64)t + (wr_u64)(s.offset * WR_SECOND)), &m.c);
  return m;
}

static unsigned number_of(const moment *m, char letter) {
  const wr_civil *c = &m->c;
  switch (letter) {
  case 'Y': return (unsigned)(c->year < 0 ? 0 : c->year % 10000);
  case 'y': return (unsigned)(c->year < 0 ? 0 : c->year % 100);
  case 'm': return (unsigned)c->month;
  case 'd': case 'e': return (unsigned)c->day;
  case 'H': return (unsigned)c->hour;
  case 'I': return (unsigned)(c->hour % 12 ? c->hour % 12 : 12);
  case 'M': return (unsigned)c->minute;
  case 'S': return (unsigned)c->second;
  case 'f': return (unsigned)c->micro;
  case 'L': return (unsigned)c->micro / 1000;
  case 'j': return (unsigned)c->yearday;
  case 'u': return (unsigned)c->weekday;
  }
  return 0;
}

static size_t print_offset(char *p, wr_i64 offset) {
  unsigned minutes = (unsigned)((offset < 0 ? -offset : offset) / 60);
  p[0] = offset < 0 ? '-' : '+';
  wr_print_padded(p + 1, minutes / 60, 2);
  wr_print_padded(p + 3, minutes % 60, 2);
  return 5;
}

static size_t print_word(char *p, const char *word, size_t most) {
  size_t n = strnlen(word, most);
  memcpy(p, word, n);
  return n;
}

enum { DIRECTIVE_MAX = 24 };              /* bytes that one directive prints at most */

static size_t print_directive(char *p, const moment *m, const directive *d) {
  if (d->width) {
    wr_print_padded(p, number_of(m, d->letter), d->width);
    if (d->letter == 'e' && *p == '0') *p = ' ';
    return (size_t)d->width;
  }
  switch (d->letter) {
  case 'a': return print_word(p, day_name[m->c.weekday - 1], 3);
  case 'A': return print_word(p, day_name[m->c.weekday - 1], 10);
  case 'b': return print_word(p, month_name[m->c.month - 1], 3);
  case 'B': return print_word(p, month_name[m->c.month - 1], 10);
  case 'p': return print_word(p, m->c.hour < 12 ? "AM" : "PM", 2);
  case 'z': return print_offset(p, m->offset);
  case 'Z': return print_word(p, m->abbr, WR_ABBR);
  case 's': return wr_print_int(p, wr_floor_div(m->t, WR_SECOND));
  }
  *p = '%';
  return 1;
}

static char *print_format(char *p, const moment *m, const char *f, const char *end) {
  for (; f < end; f++) {
    if (*f != '%' || f + 1 == end) { *p++ = *f; continue; }
    const directive *d = directive_of(*++f);
    if (!d) continue;
    if (d->as) p = print_format(p, m, d->as, d->as + strlen(d->as));
    else p += print_directive(p, m, d);
  }
  return p;
}

static void format_time(wr_ctx *ctx, wr_ts t, wr_str format, const wr_zone *z, wr_str *out) {
  moment m = moment_of(t, z);
  char *p = wr_alloc(ctx, format.len / 2 * DIRECTIVE_MAX + format.len);
  *out = fn_str(p, (size_t)(print_format(p, &m, format.p, fn_end(format)) - p));
}

wr_status wr_fn_format_time_TC(wr_ctx *ctx, wr_ts t, wr_str format, wr_str *out) {
  format_time(ctx, t, format, 0, out);
  return WR_OK;
}

wr_status wr_fn_format_time_TCZ(wr_ctx *ctx, wr_ts t, wr_str format, wr_str zone, wr_str *out) {
  format_time(ctx, t, format, wr_zone_find(zone), out);
  return WR_OK;
}

/* ---- reading ---- */

typedef struct reading {
  const char *p, *end;
  wr_civil c;
  int yearday;                            /* 0: none */
  int half;                               /* %p: 1 AM, 2 PM */
  bool has_offset, has_unix;
  wr_i64 offset, unix_time;
} reading;

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* A name of the table or its first three letters, in any case: its index, -1: none. */
static int read_name(reading *r, const char (*name)[10], int n) {
  const char *from = r->p;
  while (r->p < r->end && letter(*r->p)) r->p++;
  size_t len = (size_t)(r->p - from);
  for (int i = 0; i < n; i++)
    if ((len == 3 || len == strlen(name[i])) && strncasecmp(from, name[i], len) == 0) return i;
  return -1;
}

/* Z, +hh:mm or +hhmm */
static bool read_offset(reading *r) {
  r->has_offset = true;
  if (r->p < r->end && (*r->p == 'Z' || *r->p == 'z')) { r->p++; return true; }
  if (r->p == r->end || (*r->p != '+' && *r->p != '-')) return false;
  int sign = *r->p++ == '-' ? -1 : 1, hours = wr_scan_digits(&r->p, r->end, 2, 2);
  if (r->p < r->end && *r->p == ':') r->p++;
  int minutes = wr_scan_digits(&r->p, r->end, 2, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  r->offset = sign * (hours * 3600 + minutes * 60) * WR_SECOND;
  return true;
}

static bool read_unix(reading *r) {
  const char *from = r->p;
  if (r->p < r->end && *r->p == '-') r->p++;
  while (r->p < r->end && *r->p >= '0' && *r->p <= '9') r->p++;
  r->has_unix = true;
  return wr_parse_int(from, (size_t)(r->p - from), &r->unix_time);
}

/* One to six digits of a fraction, in microseconds; further ones are cut off. */
static bool read_fraction(reading *r) {
  const char *from = r->p;
  int v = wr_scan_digits(&r->p, r->end, 1, 6);
  for (long n = r->p - from; v >= 0 && n < 6; n++) v *= 10;
  while (v >= 0 && r->p < r->end && *r->p >= '0' && *r->p <= '9') r->p++;
  r->c.micro = v;
  return v >= 0;
}

static bool set_number(reading *r, char which, int v) {
  switch (which) {
  case 'Y': r->c.year = v; return true;
  case 'y': r->c.year = v < 69 ? 2000 + v : 1900 + v; return true;
  case 'm': r->c.month = v; return v >= 1 && v <= 12;
  case 'd': case 'e': r->c.day = v; return v >= 1 && v <= 31;
  case 'H': r->c.hour = v; return v <= 23;
  case 'I': r->c.hour = v % 12; return v >= 1 && v <= 12;
  case 'M': r->c.minute = v; return v <= 59;
  case 'S': r->c.second = v; return v <= 59;
  case 'j': r->yearday = v; return v >= 1 && v <= 366;
  }
  return true;
}

static bool read_directive(reading *r, const directive *d) {
  if (d->letter == 'f' || d->letter == 'L') return read_fraction(r);
  if (d->width) {
    while (d->letter == 'e' && r->p < r->end && *r->p == ' ') r->p++;
    int v = wr_scan_digits(&r->p, r->end, d->letter == 'Y' ? 4 : 1, d->width);
    return v >= 0 && set_number(r, d->letter, v);
  }
  switch (d->letter) {
  case 'a': case 'A': return read_name(r, day_name, 7) >= 0;
  case 'b': case 'B': r->c.month = read_name(r, month_name, 12) + 1; return r->c.month > 0;
  case 'z': return read_offset(r);
  case 's': return read_unix(r);
  case 'p':
    if (r->end - r->p < 2 || (r->p[1] | 32) != 'm') return false;
    r->half = (*r->p | 32) == 'a' ? 1 : (*r->p | 32) == 'p' ? 2 : 0;
    r->p += 2;
    return r->half > 0;
  case 'Z':
    while (r->p < r->end && letter(*r->p)) r->p++;
    return true;
  }
  return r->p < r->end && *r->p++ == '%';
}

static bool read_format(reading *r, const char *f, const char *end) {
  for (; f < end; f++) {
    if (*f != '%' || f + 1 == end) {
      if (r->p == r->end || *r->p++ != *f) return false;
      continue;
    }
    const directive *d = directive_of(*++f);
    if (!d) return false;
    if (d->as ? !read_format(r, d->as, d->as + strlen(d->as)) : !read_directive(r, d)) return false;
  }
  return true;
}

static wr_status parse_time(wr_str s, wr_str format, const wr_zone *z, wr_ts *out) {
  reading r = { .p = s.p, .end = fn_end(s), .c = { .year = 1970, .month = 1, .day = 1 } };
  if (!read_format(&r, format.p, fn_end(format)) || r.p != r.end) return WR_E_CAST;
  if (r.half == 2 && r.c.hour < 12) r.c.hour += 12;
  if (r.c.day > wr_month_days(r.c.year, r.c.month)) return WR_E_CAST;
  if (r.yearday > 337 + wr_month_days(r.c.year, 2)) return WR_E_CAST;
  wr_i64 t = wr_civil_us(&r.c);
  wr_i64 date = wr_days_of(r.c.year, r.c.month, r.c.day);
  if (r.yearday) t += (wr_days_of(r.c.year, 1, r.yearday) - date) * WR_DAY;
  if (r.has_unix && __builtin_mul_overflow(r.unix_time, WR_SECOND, &t)) return WR_E_TIME_RANGE;
  if (!wr_ts_ok(t)) return WR_E_TIME_RANGE;
  if (r.has_offset) t -= r.offset;
  else if (z && !r.has_unix) t = wr_zone_to_utc(z, t);
  *out = t;
  return wr_ts_ok(t) ? WR_OK : WR_E_TIME_RANGE;
}

wr_status wr_fn_parse_time_SC(wr_ctx *ctx, wr_str s, wr_str format, wr_ts *out) {
  (void)ctx;
  return parse_time(s, format, 0, out);
}

wr_status wr_fn_parse_time_SCZ(wr_ctx *ctx, wr_str s, wr_str format, wr_str zone, wr_ts *out) {
  (void)ctx;
  return parse_time(s, format, wr_zone_find(zone), out);
}
