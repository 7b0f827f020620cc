/* text_time.c -- timestamps (RFC 3339) and durations (1h30m) as text.
 *
 * A timestamp is microseconds since 1970-01-01 UTC and lies in the years 1 to 9999; days are
 * counted in the proleptic Gregorian calendar with years that begin in March, so that a leap day is
 * last.
 */
#include "text.h"
#include <string.h>

/* ---- calendar arithmetic ---- */

wr_i64 wr_days_of(wr_i64 year, int month, int day) {
  wr_i64 y = year - (month <= 2);
  wr_i64 era = wr_floor_div(y, 400);
  int year_of_era = (int)(y - era * 400);
  int month_from_march = (month + 9) % 12;
  int day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int wr_month_days(wr_i64 year, int month) {
  static const unsigned char days[13] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month] + (month == 2 && leap);
}

static void date_of(wr_i64 days, wr_civil *c) {
  wr_i64 shifted = days + 719468, era = wr_floor_div(shifted, 146097);
  unsigned doe = (unsigned)(shifted - era * 146097);
  unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);     /* from 1 March */
  unsigned month = (5 * doy + 2) / 153;
  c->day = (int)(doy - (153 * month + 2) / 5) + 1;
  c->month = (int)(month < 10 ? month + 3 : month - 9);
  c->year = era * 400 + yoe + (month >= 10);
  bool leap = wr_month_days(c->year, 2) == 29;
  c->yearday = (int)doy + (month < 10 ? 60 + leap : -305);
}

void wr_civil_of(wr_i64 us, wr_civil *c) {
  wr_i64 days = wr_floor_div(us, WR_DAY), rest = wr_floor_mod(us, WR_DAY);
  date_of(days, c);
  c->micro = (int)(rest % WR_SECOND);
  int seconds = (int)(rest / WR_SECOND);
  c->hour = seconds / 3600;
  c->minute = seconds / 60 % 60;
  c->second = seconds % 60;
  c->weekday = (int)wr_floor_mod(days + 3, 7) + 1;            /* 1970-01-01 was a Thursday */
}

wr_i64 wr_civil_us(const wr_civil *c) {
  wr_i64 days = wr_days_of(c->year, c->month, c->day);
  wr_i64 seconds = c->hour * 3600 + c->minute * 60 + c->second;
  return (days * 86400 + seconds) * WR_SECOND + c->micro;
}

bool wr_ts_ok(wr_ts t) { return t >= WR_TS_LOW && t <= WR_TS_HIGH; }

/* ---- reading timestamps ---- */

static bool eat(const char **p, const char *end, char c) {
  if (*p == end || **p != c) return false;
  ++*p;
  return true;
}

static bool scan_date(const char **p, const char *end, wr_civil *c) {
  int year = wr_scan_digits(p, end, 4, 4);
  if (year < 0 || !eat(p, end, '-')) return false;
  c->year = year;
  c->month = wr_scan_digits(p, end, 2, 2);
  if (c->month < 1 || c->month > 12 || !eat(p, end, '-')) return false;
  c->day = wr_scan_digits(p, end, 2, 2);
  return c->day >= 1 && c->day <= wr_month_days(year, c->month);
}

/* .f, cut to microseconds */
static bool scan_fraction(const char **p, const char *end, wr_civil *c) {
  if (!eat(p, end, '.')) return true;
  const char *from = *p;
  int v = wr_scan_digits(p, end, 1, 6);
  if (v < 0) return false;
  for (long n = *p - from; n < 6; n++) v *= 10;
  while (*p < end && **p >= '0' && **p <= '9') ++*p;
  c->micro = v;
  return true;
}

/* A second of 60 stands only where leap seconds do, and counts as the next minute's first. */
static bool scan_clock(const char **p, const char *end, wr_civil *c) {
  c->hour = wr_scan_digits(p, end, 2, 2);
  if (c->hour < 0 || c->hour > 23 || !eat(p, end, ':')) return false;
  c->minute = wr_scan_digits(p, end, 2, 2);
  if (c->minute < 0 || c->minute > 59) return false;
  if (!eat(p, end, ':')) return true;
  c->second = wr_scan_digits(p, end, 2, 2);
  if (c->second < 0 || c->second > 60 || (c->second == 60 && c->minute != 59)) return false;
  return scan_fraction(p, end, c);
}

/* Z, ±hh:mm, or nothing, which is UTC too. */
static bool scan_offset(const char **p, const char *end, wr_i64 *offset) {
  *offset = 0;
  if (*p == end || eat(p, end, 'Z') || eat(p, end, 'z')) return true;
  wr_i64 sign = **p == '-' ? -1 : 1;
  if (!eat(p, end, '+') && !eat(p, end, '-')) return false;
  int hours = wr_scan_digits(p, end, 2, 2);
  if (hours < 0 || hours > 23 || !eat(p, end, ':')) return false;
  int minutes = wr_scan_digits(p, end, 2, 2);
  if (minutes < 0 || minutes > 59) return false;
  *offset = sign * (hours * 60 + minutes) * 60 * WR_SECOND;
  return true;
}

bool wr_ts_day_read(wr_ts_day *d, uint64_t year_month, uint64_t day)
{
  uint64_t pairs = year_month * 10 + (year_month >> 8);
  int year = (int)(wr_ts_two(pairs, 0) * 100 + wr_ts_two(pairs, 2));
  int month = (int)wr_ts_two(pairs, 5), n = (int)((day & 0xFF) * 10 + (day >> 8));

  if (year < 1 || month < 1 || month > 12 || n < 1 || n > wr_month_days(year, month)) return false;
  *d = (wr_ts_day){ year_month, day, wr_days_of(year, month, n) * WR_DAY };
  return true;
}

enum wr_err wr_parse_ts(const char *p, size_t n, wr_ts *out) {
  const char *end = p + n;
  wr_civil c = {0};
  wr_i64 offset = 0;
  if (!scan_date(&p, end, &c)) return WR_E_TYPE;
  if (p < end) {
    if (!eat(&p, end, 'T') && !eat(&p, end, ' ') && !eat(&p, end, 't')) return WR_E_TYPE;
    if (!scan_clock(&p, end, &c) || !scan_offset(&p, end, &offset) || p != end) return WR_E_TYPE;
  }
  wr_ts t = wr_civil_us(&c) - offset;
  if (c.year == 0 || !wr_ts_ok(t)) return WR_E_TIME_RANGE;
  *out = t;
  return WR_E_NONE;
}

/* ---- writing timestamps ---- */

size_t wr_print_ts(char *p, wr_ts t) {
  wr_civil c;
  char *q = p;
  wr_i64 days = wr_floor_div(t, WR_DAY), rest = t - days * WR_DAY;
  unsigned seconds = (unsigned)(rest / WR_SECOND), micro = (unsigned)(rest % WR_SECOND);
  date_of(days, &c);
  if (c.year >= 0 && c.year <= 9999) {
    memcpy(q, wr_two_digits + c.year / 100 * 2, 2);
    memcpy(q + 2, wr_two_digits + c.year % 100 * 2, 2);
    q += 4;
  } else {
    q += wr_print_int(q, c.year);
  }
  memcpy(q, "-00-00T00:00:00", 15);
  memcpy(q + 1, wr_two_digits + c.month * 2, 2);
  memcpy(q + 4, wr_two_digits + c.day * 2, 2);
  memcpy(q + 7, wr_two_digits + seconds / 3600 * 2, 2);
  memcpy(q + 10, wr_two_digits + seconds / 60 % 60 * 2, 2);
  memcpy(q + 13, wr_two_digits + seconds % 60 * 2, 2);
  q += 15;
  if (micro) {
    *q++ = '.';
    memcpy(q, wr_two_digits + micro / 10000 * 2, 2);
    memcpy(q + 2, wr_two_digits + micro / 100 % 100 * 2, 2);
    memcpy(q + 4, wr_two_digits + micro % 100 * 2, 2);
    q += 6;
    while (q[-1] == '0') q--;
  }
  *q++ = 'Z';
  return (size_t)(q - p);
}

/* ---- durations ---- */

static const struct unit { char name[3]; wr_i64 us; } units[] = {    /* the longest first */
  { "w", 7 * WR_DAY }, { "d", WR_DAY }, { "h", 3600 * WR_SECOND }, { "m", 60 * WR_SECOND },
  { "s", WR_SECOND }, { "ms", 1000 }, { "us", 1 },
};
enum { UNITS = sizeof units / sizeof *units };

static const struct unit *scan_unit(const char **p, const char *end) {
  const char *from = *p;
  while (*p < end && **p >= 'a' && **p <= 'z') ++*p;
  size_t n = (size_t)(*p - from);
  for (int i = 0; i < UNITS; i++)
    if (strlen(units[i].name) == n && memcmp(units[i].name, from, n) == 0) return &units[i];
  return 0;
}

static bool scan_count(const char **p, const char *end, wr_i64 *count) {
  const char *from = *p;
  while (*p < end && **p >= '0' && **p <= '9') ++*p;
  return wr_parse_int(from, (size_t)(*p - from), count);
}

enum wr_err wr_parse_dur(const char *p, size_t n, wr_i64 *out) {
  const char *end = p + n;
  wr_i64 sum = 0, count, part, sign = n && *p == '-' ? -1 : 1;
  if (sign < 0) p++;
  if (p == end) return WR_E_TYPE;
  while (p < end) {
    const char *from = p;
    if (!scan_count(&p, end, &count)) return p > from ? WR_E_RANGE : WR_E_TYPE;
    const struct unit *u = scan_unit(&p, end);
    if (!u) return WR_E_TYPE;
    if (__builtin_mul_overflow(count, sign * u->us, &part)) return WR_E_RANGE;
    if (__builtin_add_overflow(sum, part, &sum)) return WR_E_RANGE;
  }
  *out = sum;
  return WR_E_NONE;
}

size_t wr_print_dur(char *p, wr_i64 us) {
  uint64_t rest = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
  char *q = p;
  if (us == 0) { memcpy(p, "0s", 2); return 2; }
  if (us < 0) *q++ = '-';
  for (int i = 1; i < UNITS; i++) {                           /* days are not made weeks */
    uint64_t unit = (uint64_t)units[i].us, count = rest / unit;
    rest %= unit;
    if (!count) continue;
    q += wr_print_u64(q, count);
    for (const char *c = units[i].name; *c; c++) *q++ = *c;
  }
  return (size_t)(q - p);
}
