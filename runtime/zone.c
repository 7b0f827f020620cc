/* zone.c -- time zones from the system's tzdata (TZif files, version 2 or later), and calendar
 * periods.
 *
 * A zone cuts time into spans of constant offset; everything else asks for the span that holds an
 * instant, in seconds. Spans come from the file's transitions and behind the last one from the
 * POSIX rule in its footer. Local time may repeat or be missing: a local time stands for the first
 * instant whose local time is not before it. A zone of 0 is UTC.
 */
#include "text.h"
#include "zone.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- finding and reading the file ---- */

enum { FILE_LIMIT = 1 << 20, NAME_LIMIT = 128 };

static const char *zone_dir(void) {
  const char *dir = getenv("TZDIR");
  return dir && *dir ? dir : "/usr/share/zoneinfo";
}

/* The start of a file, at most cap bytes; 0: it cannot be read, or is longer. */
static size_t read_file(const char *path, char *p, size_t cap) {
  int fd = wr_fs_now->open(path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  size_t n = 0;
  long got;
  while (n < cap && (got = wr_fs_now->read(fd, p + n, cap - n)) > 0) n += (size_t)got;
  wr_fs_now->close(fd);
  return n;
}

/* Letters, digits and +-_/ only: no dots, so no way out of the directory, and no leading slash. */
static bool name_ok(wr_str name) {
  if (name.len == 0 || name.len >= NAME_LIMIT || name.p[0] == '/') return false;
  for (wr_u32 i = 0; i < name.len; i++) {
    char c = name.p[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && !(c && strchr("+-_/", c))) return false;
  }
  return true;
}

static wr_zone *zone_load(wr_str name) {
  char path[4096];
  int len = snprintf(path, sizeof path, "%s/%.*s", zone_dir(), (int)name.len, name.p);
  if (len < 0 || (size_t)len >= sizeof path) return 0;
  char *bytes = wr_mem_alloc(FILE_LIMIT);
  size_t n = read_file(path, bytes, FILE_LIMIT);
  wr_zone *z = n && n < FILE_LIMIT ? wr_tzif_read(bytes, n) : 0;
  wr_mem_free(bytes, FILE_LIMIT);
  return z;
}

static wr_zone *zone_utc(void) {                              /* works without tzdata */
  wr_zone *z = wr_mem_alloc(sizeof *z);
  *z = (wr_zone){ .ntype = 1, .type[0] = { 0, "UTC" } };
  return z;
}

static bool same_name(const wr_zone *z, wr_str name) {
  return strlen(z->name) == name.len && memcmp(z->name, name.p, name.len) == 0;
}

/* Zones are never given back, so readers need no lock: the list only grows at its head. */
static _Atomic(wr_zone *) zones;

const wr_zone *wr_zone_find(wr_str name) {
  static _Thread_local const wr_zone *last;
  if (last && same_name(last, name)) return last;
  for (wr_zone *z = atomic_load(&zones); z; z = z->next)
    if (same_name(z, name)) return last = z;
  if (!name_ok(name)) return 0;
  wr_zone *z = wr_str_eq(name, (wr_str){ "UTC", 3, 0 }) ? zone_utc() : zone_load(name);
  if (!z) return 0;
  memcpy(z->name, name.p, name.len);
  z->name[name.len] = 0;
  z->next = atomic_load(&zones);
  while (!atomic_compare_exchange_weak(&zones, &z->next, z)) continue;
  return last = z;
}

const char *wr_zone_version(void) {
  static _Thread_local char text[64];
  char path[4096], head[256];
  static const char *const file[] = { "+VERSION", "tzdata.zi" };
  static const char mark[] = "# version ";
  for (int i = 0; i < 2; i++) {
    int len = snprintf(path, sizeof path, "%s/%s", zone_dir(), file[i]);
    if (len < 0 || (size_t)len >= sizeof path) continue;
    size_t n = read_file(path, head, sizeof head - 1);
    head[n] = 0;
    bool marked = strncmp(head, mark, sizeof mark - 1) == 0;
    const char *from = marked ? head + sizeof mark - 1 : i == 0 ? head : "";
    size_t end = strcspn(from, " \r\n");
    if (end == 0 || end >= sizeof text) continue;
    memcpy(text, from, end);
    text[end] = 0;
    return text;
  }
  return "";
}

/* ---- the span of an instant ---- */

#define FAR (1LL << 60)

static wr_i64 rule_day(const wr_tz_rule *r, wr_i64 year) {
  wr_i64 first = wr_days_of(year, 1, 1);
  if (r->kind == WR_RULE_DAY) return first + r->day;          /* from 0, leap days counted */
  if (r->kind == WR_RULE_JULIAN)  /* from 1, 29 February never counted */
    return first + r->day - 1 + (r->day >= 60 && wr_month_days(year, 2) == 29);
  wr_i64 d = wr_days_of(year, r->month, 1);
  int weekday = (int)wr_floor_mod(d + 4, 7);    /* 0 is Sunday */
  int day = (r->day - weekday + 7) % 7 + (r->week - 1) * 7;
  while (day >= wr_month_days(year, r->month)) day -= 7;      /* week 5: the last */
  return d + day;
}

static void narrow_span(wr_zone_span *s, wr_i64 t, wr_i64 at, const wr_tz_type *type) {
  if (at <= t && at >= s->from) { s->from = at; s->offset = type->offset; s->abbr = type->abbr; }
  if (at > t && at < s->to) s->to = at;
}

/* Transitions of the year and its neighbours: rules may reach over the turn of a year. */
static void span_by_rule(const wr_zone *z, wr_i64 t, wr_zone_span *s) {
  wr_i64 bound = s->from;
  *s = (wr_zone_span){ -FAR, FAR, z->std.offset, z->std.abbr };
  if (z->dst.abbr[0]) {
    wr_civil c;
    wr_civil_of((t + z->std.offset) * WR_SECOND, &c);
    for (wr_i64 y = c.year - 1; y <= c.year + 1; y++) {
      narrow_span(s, t, rule_day(&z->to_dst, y) * 86400 + z->to_dst.time - z->std.offset, &z->dst);
      narrow_span(s, t, rule_day(&z->to_std, y) * 86400 + z->to_std.time - z->dst.offset, &z->std);
    }
  }
  if (s->from < bound) s->from = bound;
}

static void span_find(const wr_zone *z, wr_i64 t, wr_zone_span *s) {
  int low = 0, high = z->n;                                   /* first transition behind t */
  while (low < high) {
    int mid = (low + high) / 2;
    if (z->at[mid] <= t) low = mid + 1; else high = mid;
  }
  const wr_tz_type *type = &z->type[low ? z->index[low - 1] : 0];
  *s = (wr_zone_span){ -FAR, FAR, type->offset, type->abbr };
  if (low) s->from = z->at[low - 1];
  if (low < z->n) s->to = z->at[low];
  if (low == z->n && z->std.abbr[0]) span_by_rule(z, t, s);
}

/* Years far outside the calendar share its first and last offset; local times are held two years
 * within that, so that the search for one ends. */
static wr_i64 within(wr_i64 seconds, wr_i64 years) {
  wr_i64 room = years * 366 * 86400;
  wr_i64 low = WR_TS_LOW / WR_SECOND - room, high = WR_TS_HIGH / WR_SECOND + room;
  return seconds < low ? low : seconds > high ? high : seconds;
}

wr_zone_span wr_zone_span_at(const wr_zone *z, wr_i64 t) {
  static _Thread_local struct { const wr_zone *zone; wr_zone_span span; } cache;
  if (!z) return (wr_zone_span){ -FAR, FAR, 0, "UTC" };
  t = within(t, 3);
  if (cache.zone != z || t < cache.span.from || t >= cache.span.to) {
    span_find(z, t, &cache.span);
    cache.zone = z;
  }
  return cache.span;
}

wr_i64 wr_zone_offset(const wr_zone *z, wr_ts t) {
  return wr_zone_span_at(z, wr_floor_div(t, WR_SECOND)).offset * WR_SECOND;
}

wr_ts wr_zone_to_utc(const wr_zone *z, wr_i64 local) {
  wr_i64 second = wr_floor_div(local, WR_SECOND), near = within(second, 1);
  if (near != second) local = near * WR_SECOND;
  wr_i64 t = near - WR_OFFSET_LIMIT;                          /* not behind the answer */
  for (;;) {
    wr_zone_span s = wr_zone_span_at(z, t);
    wr_ts found = local - s.offset * WR_SECOND;
    if (s.from > -FAR && found < s.from * WR_SECOND) found = s.from * WR_SECOND;
    if (s.to >= FAR || found < s.to * WR_SECOND) return found;
    t = s.to;
  }
}

/* ---- calendar periods ---- */

/* Period `i`, counted from the one that holds 1970-01-01 (weeks: that starts on 1970-01-05). */
static wr_ts period_start(const wr_zone *z, enum wr_cal cal, wr_i64 count, wr_i64 i) {
  wr_i64 day = 0, n = i * count, year = 1970 + wr_floor_div(n, 12);
  switch (cal) {
  case WR_CAL_NONE: break;
  case WR_CAL_DAY: day = n; break;
  case WR_CAL_WEEK: day = n * 7 + 4; break;
  case WR_CAL_MONTH: day = wr_days_of(year, (int)wr_floor_mod(n, 12) + 1, 1); break;
  case WR_CAL_YEAR: day = wr_days_of(1970 + n, 1, 1); break;
  }
  return wr_zone_to_utc(z, day * WR_DAY);
}

static wr_i64 period_of_local(enum wr_cal cal, wr_i64 count, wr_i64 local) {
  wr_i64 day = wr_floor_div(local, WR_DAY), n = 0;
  wr_civil c;
  wr_civil_of(local, &c);
  switch (cal) {
  case WR_CAL_NONE: break;
  case WR_CAL_DAY: n = day; break;
  case WR_CAL_WEEK: n = wr_floor_div(day - 4, 7); break;
  case WR_CAL_MONTH: n = (c.year - 1970) * 12 + c.month - 1; break;
  case WR_CAL_YEAR: n = c.year - 1970; break;
  }
  return wr_floor_div(n, count);
}

static wr_ts in_range(wr_ts t) {
  return t < WR_TS_LOW ? WR_TS_LOW : t > WR_TS_HIGH ? WR_TS_HIGH : t;
}

/* By instants, not by local time: where local time repeats around midnight, the periods still
 * follow each other, and where a day is missing its period is empty. */
static wr_i64 period_of(const wr_zone *z, enum wr_cal cal, wr_i64 count, wr_ts t) {
  wr_i64 i = period_of_local(cal, count, t + wr_zone_offset(z, t));
  while (period_start(z, cal, count, i + 1) <= t) i++;
  while (period_start(z, cal, count, i) > t) i--;
  return i;
}

static wr_i64 sane(wr_i64 count) { return count < 1 ? 1 : count > 100000 ? 100000 : count; }

wr_ts wr_cal_start(const wr_zone *z, enum wr_cal cal, wr_i64 count, wr_ts t) {
  if (cal == WR_CAL_NONE) return t;
  t = in_range(t);
  return period_start(z, cal, sane(count), period_of(z, cal, sane(count), t));
}

wr_ts wr_cal_next(const wr_zone *z, enum wr_cal cal, wr_i64 count, wr_ts start) {
  if (cal == WR_CAL_NONE) return start;
  start = in_range(start);
  return period_start(z, cal, sane(count), period_of(z, cal, sane(count), start) + 1);
}
