/* fn_time.c -- built-in functions on timestamps and durations; fn_strftime.c prints and reads them.
 *
 * Calendar functions work on local microseconds: the timestamp plus its zone's offset, UTC where no
 * zone is given (a zone of 0). Units of at most an hour are elapsed time, longer ones are calendar.
 */
#include "fn.h"
#include "zone.h"

static wr_i64 local(wr_ts t, const wr_zone *z) {              /* unsigned: time may end here */
  return z ? (wr_i64)((wr_u64)t + (wr_u64)wr_zone_offset(z, t)) : t;
}

/* Names of zones were checked when the program was compiled; an unknown one is UTC. */
static wr_civil civil(wr_ts t, const wr_zone *z) {
  wr_civil c;
  wr_civil_of(local(t, z), &c);
  return c;
}

static int iso_week(const wr_civil *c) {
  int week = (c->yearday - c->weekday + 10) / 7;
  if (week < 1) {                                             /* belongs to the year before */
    wr_civil end;
    wr_civil_of((wr_days_of(c->year, 1, 1) - 1) * WR_DAY, &end);
    return iso_week(&end);
  }
  int days = 337 + wr_month_days(c->year, 2);
  return week == 53 && c->yearday - c->weekday + 4 > days ? 1 : week;
}

/* FIELD(name, expression of the civil time c) */
#define FIELD(name, value) \
  wr_status wr_fn_##name##_T(wr_ctx *ctx, wr_ts t, wr_i64 *out) { \
    (void)ctx; \
    wr_civil c = civil(t, 0); \
    *out = (value); \
    return WR_OK; \
  } \
  wr_status wr_fn_##name##_TZ(wr_ctx *ctx, wr_ts t, wr_str zone, wr_i64 *out) { \
    (void)ctx; \
    wr_civil c = civil(t, wr_zone_find(zone)); \
    *out = (value); \
    return WR_OK; \
  }
FIELD(year, c.year)
FIELD(quarter, (c.month + 2) / 3)
FIELD(month, c.month)
FIELD(week, iso_week(&c))
FIELD(day, c.day)
FIELD(weekday, c.weekday)
FIELD(yearday, c.yearday)
FIELD(hour, c.hour)
FIELD(minute, c.minute)
FIELD(second, c.second)
FIELD(days_in_month, wr_month_days(c.year, c.month))
#undef FIELD

wr_status wr_fn_microsecond_T(wr_ctx *ctx, wr_ts t, wr_i64 *out) {
  (void)ctx;
  *out = wr_floor_mod(t, WR_SECOND);
  return WR_OK;
}

/* ---- units ---- */

enum unit { U_NONE, U_SECOND, U_MINUTE, U_HOUR, U_DAY, U_WEEK, U_MONTH, U_QUARTER, U_YEAR };

static enum unit unit_of(wr_str s) {
  static const char *const name[] = {
    "", "second", "minute", "hour", "day", "week", "month", "quarter", "year"
  };
  for (int i = U_SECOND; i <= U_YEAR; i++)
    if (strlen(name[i]) == s.len && memcmp(name[i], s.p, s.len) == 0) return (enum unit)i;
  return U_NONE;
}

bool wr_time_unit_ok(wr_str s) { return unit_of(s) != U_NONE; }

static wr_i64 elapsed(enum unit u) {                          /* 0: a unit of the calendar */
  wr_i64 seconds = u == U_SECOND ? 1 : u == U_MINUTE ? 60 : u == U_HOUR ? 3600 : 0;
  return seconds * WR_SECOND;
}

static wr_status checked(wr_ts t, wr_ts *out) {
  *out = t;
  return wr_ts_ok(t) ? WR_OK : WR_E_TIME_RANGE;
}

static wr_status trunc_to(enum unit u, wr_ts t, const wr_zone *z, wr_ts *out) {
  wr_i64 step = elapsed(u), here = local(t, z);
  *out = t;
  if (step) return checked(t - wr_floor_mod(here, step), out);
  switch (u) {
  case U_NONE: return WR_E_DOMAIN;
  case U_DAY: *out = wr_cal_start(z, WR_CAL_DAY, 1, t); break;
  case U_WEEK: *out = wr_cal_start(z, WR_CAL_WEEK, 1, t); break;
  case U_MONTH: *out = wr_cal_start(z, WR_CAL_MONTH, 1, t); break;
  case U_QUARTER: *out = wr_cal_start(z, WR_CAL_MONTH, 3, t); break;
  case U_YEAR: *out = wr_cal_start(z, WR_CAL_YEAR, 1, t); break;
  case U_SECOND: case U_MINUTE: case U_HOUR: break;
  }
  return checked(*out, out);
}

wr_status wr_fn_date_trunc_UT(wr_ctx *ctx, wr_str unit, wr_ts t, wr_ts *out) {
  (void)ctx;
  return trunc_to(unit_of(unit), t, 0, out);
}

wr_status wr_fn_date_trunc_UTZ(wr_ctx *ctx, wr_str unit, wr_ts t, wr_str zone, wr_ts *out) {
  (void)ctx;
  return trunc_to(unit_of(unit), t, wr_zone_find(zone), out);
}

/* n months after local time; the day is cut to the month's length. */
static bool add_months(wr_i64 here, wr_i64 n, wr_i64 *out) {
  wr_civil c;
  wr_civil_of(here, &c);
  if (n < -200000 || n > 200000) return false;
  wr_i64 month = c.year * 12 + c.month - 1 + n;
  c.year = wr_floor_div(month, 12);
  c.month = (int)(month - c.year * 12) + 1;
  int days = wr_month_days(c.year, c.month);
  if (c.day > days) c.day = days;
  *out = wr_civil_us(&c);
  return true;
}

static wr_status add_units(enum unit u, wr_i64 n, wr_ts t, const wr_zone *z, wr_ts *out) {
  wr_i64 step = elapsed(u), here = local(t, z), later;
  if (u == U_NONE) return WR_E_DOMAIN;
  if (n == 0) return checked(t, out);
  if (step) {
    bool over = __builtin_mul_overflow(n, step, &later) || __builtin_add_overflow(t, later, &later);
    return over ? WR_E_TIME_RANGE : checked(later, out);
  }
  if (u == U_DAY || u == U_WEEK) {
    if (__builtin_mul_overflow(n, u == U_DAY ? WR_DAY : 7 * WR_DAY, &later) ||
        __builtin_add_overflow(here, later, &later)) return WR_E_TIME_RANGE;
  } else {
    int months = u == U_MONTH ? 1 : u == U_QUARTER ? 3 : 12;
    if (n < -200000 || n > 200000 || !add_months(here, n * months, &later)) return WR_E_TIME_RANGE;
  }
  if (!wr_ts_ok(later)) return WR_E_TIME_RANGE;
  return checked(z ? wr_zone_to_utc(z, later) : later, out);
}

wr_status wr_fn_date_add_UIT(wr_ctx *ctx, wr_str unit, wr_i64 n, wr_ts t, wr_ts *out) {
  (void)ctx;
  return add_units(unit_of(unit), n, t, 0, out);
}

wr_status wr_fn_date_add_UITZ(wr_ctx *ctx, wr_str unit, wr_i64 n, wr_ts t, wr_str zone,
                              wr_ts *out) {
  (void)ctx;
  return add_units(unit_of(unit), n, t, wr_zone_find(zone), out);
}

/* Whole months from local a to local b, a <= b. */
static wr_i64 months_between(wr_i64 a, wr_i64 b) {
  wr_civil x, y;
  wr_civil_of(a, &x);
  wr_civil_of(b, &y);
  wr_i64 months = (y.year - x.year) * 12 + y.month - x.month;
  wr_i64 into_x = (x.day * WR_DAY) + wr_floor_mod(a, WR_DAY);
  wr_i64 into_y = (y.day * WR_DAY) + wr_floor_mod(b, WR_DAY);
  return months - (into_y < into_x);
}

static wr_status diff(enum unit u, wr_ts a, wr_ts b, const wr_zone *z, wr_i64 *out) {
  if (u == U_NONE) return WR_E_DOMAIN;
  wr_i64 step = elapsed(u), n;
  if (a > b) {
    wr_status e = diff(u, b, a, z, &n);
    *out = -n;
    return e;
  }
  if (!wr_ts_ok(a) || !wr_ts_ok(b)) return WR_E_TIME_RANGE;
  wr_i64 x = local(a, z), y = local(b, z);
  if (step) n = (b - a) / step;
  else if (u == U_DAY) n = (y - x) / WR_DAY;
  else if (u == U_WEEK) n = (y - x) / (7 * WR_DAY);
  else n = months_between(x, y) / (u == U_MONTH ? 1 : u == U_QUARTER ? 3 : 12);
  *out = n;
  return WR_OK;
}

wr_status wr_fn_date_diff_UTT(wr_ctx *ctx, wr_str unit, wr_ts a, wr_ts b, wr_i64 *out) {
  (void)ctx;
  return diff(unit_of(unit), a, b, 0, out);
}

wr_status wr_fn_date_diff_UTTZ(wr_ctx *ctx, wr_str unit, wr_ts a, wr_ts b, wr_str zone,
                               wr_i64 *out) {
  (void)ctx;
  return diff(unit_of(unit), a, b, wr_zone_find(zone), out);
}

static wr_i64 date(wr_ts t, const wr_zone *z) { return wr_floor_div(local(t, z), WR_DAY); }

wr_status wr_fn_days_between_TT(wr_ctx *ctx, wr_ts a, wr_ts b, wr_i64 *out) {
  (void)ctx;
  *out = date(b, 0) - date(a, 0);
  return WR_OK;
}

wr_status wr_fn_days_between_TTZ(wr_ctx *ctx, wr_ts a, wr_ts b, wr_str zone, wr_i64 *out) {
  (void)ctx;
  const wr_zone *z = wr_zone_find(zone);
  *out = date(b, z) - date(a, z);
  return WR_OK;
}

wr_status wr_fn_make_date_III(wr_ctx *ctx, wr_i64 year, wr_i64 month, wr_i64 day, wr_ts *out) {
  (void)ctx;
  if (year < 1 || year > 9999) return WR_E_TIME_RANGE;
  if (month < 1 || month > 12) return WR_E_DOMAIN;
  if (day < 1 || day > wr_month_days(year, (int)month)) return WR_E_DOMAIN;
  *out = wr_days_of(year, (int)month, (int)day) * WR_DAY;
  return WR_OK;
}

/* ---- numbers ---- */

wr_status wr_fn_to_unix_T(wr_ctx *ctx, wr_ts t, wr_i64 *out) {
  (void)ctx;
  *out = wr_floor_div(t, WR_SECOND);
  return WR_OK;
}

wr_status wr_fn_to_unix_ms_T(wr_ctx *ctx, wr_ts t, wr_i64 *out) {
  (void)ctx;
  *out = wr_floor_div(t, 1000);
  return WR_OK;
}

wr_status wr_fn_to_unix_us_T(wr_ctx *ctx, wr_ts t, wr_i64 *out) {
  (void)ctx;
  *out = t;
  return WR_OK;
}

static wr_status from_unix(wr_i64 v, wr_i64 unit, wr_ts *out) {
  wr_ts t;
  return __builtin_mul_overflow(v, unit, &t) ? WR_E_TIME_RANGE : checked(t, out);
}

wr_status wr_fn_from_unix_I(wr_ctx *ctx, wr_i64 v, wr_ts *out) {
  (void)ctx;
  return from_unix(v, WR_SECOND, out);
}

wr_status wr_fn_from_unix_ms_I(wr_ctx *ctx, wr_i64 v, wr_ts *out) {
  (void)ctx;
  return from_unix(v, 1000, out);
}

wr_status wr_fn_from_unix_us_I(wr_ctx *ctx, wr_i64 v, wr_ts *out) {
  (void)ctx;
  return from_unix(v, 1, out);
}

wr_status wr_fn_days_U(wr_ctx *ctx, wr_i64 d, wr_f64 *out) {
  (void)ctx;
  *out = (wr_f64)d / WR_DAY;
  return WR_OK;
}

wr_status wr_fn_hours_U(wr_ctx *ctx, wr_i64 d, wr_f64 *out) {
  (void)ctx;
  *out = (wr_f64)d / 3600e6;
  return WR_OK;
}

wr_status wr_fn_minutes_U(wr_ctx *ctx, wr_i64 d, wr_f64 *out) {
  (void)ctx;
  *out = (wr_f64)d / 60e6;
  return WR_OK;
}

wr_status wr_fn_seconds_U(wr_ctx *ctx, wr_i64 d, wr_f64 *out) {
  (void)ctx;
  *out = (wr_f64)d / 1e6;
  return WR_OK;
}

wr_status wr_fn_milliseconds_U(wr_ctx *ctx, wr_i64 d, wr_i64 *out) {
  (void)ctx;
  *out = d / 1000;
  return WR_OK;
}

wr_status wr_fn_microseconds_U(wr_ctx *ctx, wr_i64 d, wr_i64 *out) {
  (void)ctx;
  *out = d;
  return WR_OK;
}
