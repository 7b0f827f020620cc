/* test_fn.c -- bodies of built-in functions on numbers, times, places and lists where the examples in
 * their rows do not reach: the ends of the ranges, what is refused, the C library's opinion. */
#include "fn_rig.h"

/* ---- math ---- */

static wr_dec dec(wr_i64 value, wr_i64 scale) { return (wr_dec){ value, scale }; }

static void rounding(void **state)
{
  (void)state;
  IS(wr_fn_abs_I(0, WR_I64_MIN, &i), WR_E_OVERFLOW);
  OKF(wr_fn_abs_F(0, -0.0, &f), 0);
  OKF(wr_fn_round_F(0, 0.5, &f), 0);
  OKF(wr_fn_round_F(0, 1.5, &f), 2);
  OKF(wr_fn_round_F(0, -0.2, &f), 0); assert_false(signbit(f));
  OKF(wr_fn_ceil_F(0, -0.2, &f), 0); assert_false(signbit(f));
  OKI(wr_fn_round_D(0, dec(-250, 2), &i), -2);
  OKI(wr_fn_round_D(0, dec(-350, 2), &i), -4);
  OKI(wr_fn_floor_D(0, dec(-1, 2), &i), -1);
  OKI(wr_fn_ceil_D(0, dec(1, 2), &i), 1);
  OKI(wr_fn_ceil_D(0, dec(-199, 2), &i), -1);
  OKI(wr_fn_trunc_D(0, dec(-199, 2), &i), -1);
  OKI(wr_fn_floor_D(0, dec(WR_I64_MIN, 18), &i), -10);
  OKF(wr_fn_round_FI(0, 2.675, 2, &f), 2.67);                 /* 2.67499999999999982 */
  OKF(wr_fn_round_FI(0, 0.125, 2, &f), 0.12);
  OKF(wr_fn_round_FI(0, 1250, -2, &f), 1200);
  OKF(wr_fn_round_FI(0, -0.001, 1, &f), 0); assert_false(signbit(f));
  OKF(wr_fn_round_FI(0, 1e300, 5, &f), 1e300);
  OKF(wr_fn_round_FI(0, 1e300, WR_I64_MIN, &f), 0);
  OKF(wr_fn_round_FI(0, 1.5, WR_I64_MAX, &f), 1.5);
  OKF(wr_fn_round_FI(0, 5e-324, 330, &f), 5e-324);
  OKI(wr_fn_round_DI(0, dec(25, 1), 3, &i), 2500);
  IS(wr_fn_round_DI(0, dec(25, 1), 19, &i), WR_E_DOMAIN);
  IS(wr_fn_round_DI(0, dec(25, 1), -1, &i), WR_E_DOMAIN);
}

static void floats(void **state)
{
  (void)state;
  IS(wr_fn_sqrt_F(0, -1, &f), WR_E_DOMAIN);
  IS(wr_fn_ln_F(0, 0, &f), WR_E_DOMAIN);
  IS(wr_fn_log10_F(0, -1, &f), WR_E_DOMAIN);
  IS(wr_fn_exp_F(0, 1000, &f), WR_E_OVERFLOW);
  OKF(wr_fn_exp_F(0, -1000, &f), 0);
  IS(wr_fn_asin_F(0, 1.1, &f), WR_E_DOMAIN);
  IS(wr_fn_pow_FF(0, -2, 0.5, &f), WR_E_DOMAIN);
  IS(wr_fn_pow_FF(0, 0, -1, &f), WR_E_DOMAIN);
  IS(wr_fn_pow_FF(0, 10, 400, &f), WR_E_OVERFLOW);
  OKF(wr_fn_pow_FF(0, -2, 3, &f), -8);
  OKF(wr_fn_log_FF(0, 2, 1024, &f), 10);
  IS(wr_fn_log_FF(0, 1, 2, &f), WR_E_DOMAIN);
  IS(wr_fn_log_FF(0, -2, 2, &f), WR_E_DOMAIN);
  IS(wr_fn_hypot_FF(0, 1.7e308, 1.7e308, &f), WR_E_OVERFLOW);
  IS(wr_fn_degrees_F(0, 1e308, &f), WR_E_OVERFLOW);
  OKF(wr_fn_sin_F(0, -0.0, &f), 0); assert_false(signbit(f));
  OKF(wr_fn_cbrt_F(0, -27, &f), -3);
}

static void quotients(void **state)
{
  (void)state;
  OKI(wr_fn_div_II(0, -7, 2, &i), -3);
  IS(wr_fn_div_II(0, 1, 0, &i), WR_E_DIV_ZERO);
  IS(wr_fn_div_II(0, WR_I64_MIN, -1, &i), WR_E_OVERFLOW);
  OKI(wr_fn_mod_II(0, WR_I64_MIN, -1, &i), 0);
  OKI(wr_fn_mod_II(0, -7, 2, &i), -1);
  IS(wr_fn_mod_II(0, -7, 0, &i), WR_E_DIV_ZERO);
  OKF(wr_fn_mod_FF(0, -7.5, 2, &f), -1.5);
  OKF(wr_fn_mod_FF(0, -4, 2, &f), 0); assert_false(signbit(f));
  IS(wr_fn_mod_FF(0, 1, 0, &f), WR_E_DIV_ZERO);
  OKI(wr_fn_div_DD(0, dec(-799, 2), dec(2, 0), &i), -3);
  OKI(wr_fn_div_DD(0, dec(5, 0), dec(5, 1), &i), 10);
  IS(wr_fn_div_DD(0, dec(5, 0), dec(0, 1), &i), WR_E_DIV_ZERO);
  IS(wr_fn_div_DD(0, dec(WR_I64_MAX, 0), dec(1, 18), &i), WR_E_OVERFLOW);
  IS(wr_fn_div_DD(0, dec(WR_I64_MIN, 0), dec(-1, 0), &i), WR_E_OVERFLOW);
  OKI(wr_fn_div_DDI(0, dec(1, 0), dec(8, 0), 2, &i), 12);     /* 0.125: to even */
  OKI(wr_fn_div_DII(0, dec(200, 2), 3, 2, &i), 67);
  OKI(wr_fn_div_III(0, -2, 3, 2, &i), -67);
  IS(wr_fn_div_III(0, 2, 3, 19, &i), WR_E_DOMAIN);
  IS(wr_fn_div_III(0, 2, 0, 2, &i), WR_E_DIV_ZERO);
  OKI(wr_fn_mod_DD(0, dec(750, 2), dec(20, 1), &i), 150);
}

static void choices(void **state)
{
  (void)state;
  OKI(wr_fn_greatest_DD(0, dec(25, 1), dec(225, 2), &i), 250);
  OKI(wr_fn_least_DD(0, dec(25, 1), dec(225, 2), &i), 225);
  IS(wr_fn_greatest_DD(0, dec(WR_I64_MAX, 0), dec(1, 2), &i), WR_E_OVERFLOW);
  OKI(wr_fn_greatest_DDD(0, dec(1, 0), dec(25, 1), dec(2250, 3), &i), 2500);
  OK(wr_fn_greatest_SS(0, S("a"), S("B"), &v), "a");
  OK(wr_fn_least_SS(0, S("a"), S("B"), &v), "B");
  OKI(wr_fn_clamp_III(0, -5, 0, 10, &i), 0);
  IS(wr_fn_clamp_III(0, 5, 10, 0, &i), WR_E_DOMAIN);
  OKI(wr_fn_clamp_DDD(0, dec(-5, 0), dec(0, 1), dec(1000, 2), &i), 0);
  IS(wr_fn_clamp_DDD(0, dec(5, 0), dec(11, 1), dec(1, 0), &i), WR_E_DOMAIN);
  OKI(wr_fn_shift_left_II(0, 1, 63, &i), WR_I64_MIN);
  IS(wr_fn_shift_left_II(0, 1, 64, &i), WR_E_DOMAIN);
  IS(wr_fn_shift_right_II(0, 1, -1, &i), WR_E_DOMAIN);
  OKI(wr_fn_shift_right_II(0, WR_I64_MIN, 63, &i), -1);
}

/* ---- time ---- */

static wr_ts at(const char *text)
{
  wr_ts t = 0;
  assert_int_equal(wr_parse_ts(text, strlen(text), &t), WR_E_NONE);
  return t;
}

static void OKT(wr_status e, const char *want)
{
  char text[40];
  assert_int_equal(e, WR_OK);
  assert_str(((wr_str){ text, (wr_u32)wr_print_ts(text, i), 0 }), want);
}

static void fields_agree_with_the_library(void **state)
{
  (void)state;
  char text[8];
  for (int k = 0; k < 40000; k++) {
    wr_ts t = at("1930-01-01") + k * 86400LL * 2 * 1000000 + k;
    time_t s = (time_t)((t - ((t % 1000000) + 1000000) % 1000000) / 1000000);
    struct tm tm;
    gmtime_r(&s, &tm);
    strftime(text, sizeof text, "%V", &tm);
    OKI(wr_fn_week_T(0, t, &i), atoi(text));
    OKI(wr_fn_weekday_T(0, t, &i), tm.tm_wday ? tm.tm_wday : 7);
    OKI(wr_fn_yearday_T(0, t, &i), tm.tm_yday + 1);
    OKI(wr_fn_year_T(0, t, &i), tm.tm_year + 1900);
  }
}

static void fields_by_hand(void **state)
{
  (void)state;
  wr_ts t = at("1969-12-31T23:59:59.999999Z");
  OKI(wr_fn_microsecond_T(0, t, &i), 999999);
  OKI(wr_fn_second_T(0, t, &i), 59);
  OKI(wr_fn_quarter_T(0, t, &i), 4);
  OKI(wr_fn_to_unix_T(0, t, &i), -1);
  OKI(wr_fn_to_unix_ms_T(0, t, &i), -1);
  OKI(wr_fn_hour_TZ(0, at("2026-07-01T22:00:00Z"), S("Asia/Kathmandu"), &i), 3);
  OKI(wr_fn_minute_TZ(0, at("2026-07-01T22:00:00Z"), S("Asia/Kathmandu"), &i), 45);
  IS(wr_fn_from_unix_I(0, WR_I64_MAX, &i), WR_E_TIME_RANGE);
  IS(wr_fn_from_unix_us_I(0, WR_I64_MIN, &i), WR_E_TIME_RANGE);
  IS(wr_fn_from_unix_I(0, 253402300800, &i), WR_E_TIME_RANGE);
  OKT(wr_fn_from_unix_I(0, 253402300799, &i), "9999-12-31T23:59:59Z");
  OKT(wr_fn_make_date_III(0, 2024, 2, 29, &i), "2024-02-29T00:00:00Z");
  IS(wr_fn_make_date_III(0, 2023, 2, 29, &i), WR_E_DOMAIN);
  IS(wr_fn_make_date_III(0, 2023, 13, 1, &i), WR_E_DOMAIN);
  IS(wr_fn_make_date_III(0, 10000, 1, 1, &i), WR_E_TIME_RANGE);
  /* no overflow; the value means nothing */
  OKI(wr_fn_year_TZ(0, WR_TS_MAX, S("Asia/Tokyo"), &i), i);
  OKI(wr_fn_year_TZ(0, WR_TS_MIN, S("America/New_York"), &i), i);
}

static void calendar_arithmetic(void **state)
{
  (void)state;
  wr_str berlin = S("Europe/Berlin");
  OKT(wr_fn_date_trunc_UT(0, S("week"), at("2026-01-01T05:00:00Z"), &i), "2025-12-29T00:00:00Z");
  OKT(wr_fn_date_trunc_UT(0, S("quarter"), at("1969-12-31T05:00:00Z"), &i), "1969-10-01T00:00:00Z");
  OKT(wr_fn_date_trunc_UT(0, S("minute"), at("1969-12-31T23:59:59.5Z"), &i),
      "1969-12-31T23:59:00Z");
  OKT(wr_fn_date_trunc_UTZ(0, S("hour"), at("2026-07-01T22:20:00Z"), S("Asia/Kathmandu"), &i),
      "2026-07-01T22:15:00Z");
  /* the second 02:00 */
  OKT(wr_fn_date_trunc_UTZ(0, S("hour"), at("2026-10-25T01:30:00Z"), berlin, &i),
      "2026-10-25T01:00:00Z");
  IS(wr_fn_date_trunc_UT(0, S("hours"), 0, &i), WR_E_DOMAIN);
  IS(wr_fn_date_trunc_UTZ(0, S("year"), at("0001-01-01T00:00:00Z"), S("America/New_York"), &i),
      WR_E_TIME_RANGE);
  OKT(wr_fn_date_add_UIT(0, S("year"), 1, at("2024-02-29T00:00:00Z"), &i), "2025-02-28T00:00:00Z");
  OKT(wr_fn_date_add_UIT(0, S("month"), -14, at("2026-03-31T01:02:03.4Z"), &i),
      "2025-01-31T01:02:03.4Z");
  OKT(wr_fn_date_add_UIT(0, S("quarter"), 1, at("2025-11-30T00:00:00Z"), &i),
      "2026-02-28T00:00:00Z");
  /* 02:30 is missing */
  OKT(wr_fn_date_add_UITZ(0, S("day"), 1, at("2026-03-28T01:30:00Z"), berlin, &i),
      "2026-03-29T01:00:00Z");
  OKT(wr_fn_date_add_UITZ(0, S("hour"), 24, at("2026-03-28T12:00:00Z"), berlin, &i),
      "2026-03-29T12:00:00Z");
  OKT(wr_fn_date_add_UITZ(0, S("day"), 0, at("2026-10-25T01:30:00Z"), berlin, &i),
      "2026-10-25T01:30:00Z");
  static const char *const units[] = { "second", "minute", "hour", "day", "week", "month",
      "quarter", "year" };
  for (int k = 0; k < 8; k++) {
    assert_true(wr_time_unit_ok(S(units[k])));
    IS(wr_fn_date_add_UIT(0, S(units[k]), WR_I64_MAX, at("2026-01-01"), &i), WR_E_TIME_RANGE);
    IS(wr_fn_date_add_UIT(0, S(units[k]), WR_I64_MIN, at("2026-01-01"), &i), WR_E_TIME_RANGE);
    OKI(wr_fn_date_diff_UTT(0, S(units[k]), at("2026-01-01"), at("2026-01-01"), &i), 0);
  }
  assert_false(wr_time_unit_ok(S("")));
  OKI(wr_fn_date_diff_UTT(0, S("month"), at("2026-01-31T00:00:00Z"), at("2026-02-28T00:00:00Z"),
      &i), 0);
  OKI(wr_fn_date_diff_UTT(0, S("month"), at("2026-03-01T00:00:00Z"), at("2026-01-01T00:00:01Z"),
      &i), -1);
  OKI(wr_fn_date_diff_UTT(0, S("year"), at("2000-02-29T00:00:00Z"), at("2026-02-28T23:59:59Z"), &i),
      25);
  OKI(wr_fn_date_diff_UTT(0, S("week"), at("2026-01-01"), at("2026-01-14T23:00:00Z"), &i), 1);
  OKI(wr_fn_date_diff_UTT(0, S("hour"), at("2026-01-01T00:30:00Z"), at("2026-01-01T03:00:00Z"), &i),
      2);
  OKI(wr_fn_days_between_TT(0, at("2026-01-01T23:59:59Z"), at("1969-12-31T00:00:00Z"), &i), -20455);
}

static wr_status format(const char *t, const char *how, const char *zone)
{
  return zone ? wr_fn_format_time_TCZ(0, at(t), S(how), S(zone), &v)
      : wr_fn_format_time_TC(0, at(t), S(how), &v);
}

static void times_are_formatted(void **state)
{
  (void)state;
  const char *t = "2026-01-04T15:04:05.006007Z";              /* a Sunday */
  OK(format(t, "%Y %y %m %d %e %H %I %M %S %f %L %j %u %p %%", 0),
      "2026 26 01 04  4 15 03 04 05 006007 006 004 7 PM %");
  OK(format(t, "%a %A %b %B %F %T %R %D", 0),
      "Sun Sunday Jan January 2026-01-04 15:04:05 15:04 01/04/26");
  OK(format(t, "%z %Z %s", 0), "+0000 UTC 1767539045");
  OK(format("2026-07-04T15:00:00Z", "%z %Z", "America/St_Johns"), "-0230 NDT");
  OK(format("0001-01-01T00:00:00Z", "%Y %I%p", 0), "0001 12AM");
  OK(format(t, "", 0), "");
  OK(format(t, "plain", 0), "plain");
  assert_true(wr_strftime_ok(S("%Y-%m-%dT%H:%M:%S.%f%z 100%%")));
  assert_false(wr_strftime_ok(S("%Q")));
  assert_false(wr_strftime_ok(S("50%")));
}

static wr_status parse(const char *text, const char *how, const char *zone)
{
  return zone ? wr_fn_parse_time_SCZ(0, S(text), S(how), S(zone), &i)
      : wr_fn_parse_time_SC(0, S(text), S(how), &i);
}

static void times_are_parsed(void **state)
{
  (void)state;
  OKT(parse("4 Jan 2026 3:04 pm", "%e %b %Y %I:%M %p", 0), "2026-01-04T15:04:00Z");
  OKT(parse("Sunday, JANUARY 04 26", "%A, %B %d %y", 0), "2026-01-04T00:00:00Z");
  OKT(parse("12:00 AM", "%I:%M %p", 0), "1970-01-01T00:00:00Z");
  OKT(parse("2026-01-04T15:04:05.5+01:00", "%FT%T.%f%z", 0), "2026-01-04T14:04:05.5Z");
  OKT(parse("2026-01-04 15:04 -0330", "%F %R %z", "Asia/Tokyo"), "2026-01-04T18:34:00Z");
  OKT(parse("2026-07-04 15:04", "%F %R", "Asia/Tokyo"), "2026-07-04T06:04:00Z");
  OKT(parse("2024 366", "%Y %j", 0), "2024-12-31T00:00:00Z");
  OKT(parse("1767539045", "%s", "Asia/Tokyo"), "2026-01-04T15:04:05Z");
  OKT(parse("04/Jan/2026:15:04:05 +0000", "%d/%b/%Y:%T %z", 0), "2026-01-04T15:04:05Z");
  OKT(parse("99", "%y", 0), "1999-01-01T00:00:00Z");
  static const char *const bad[][2] = { { "2026-02-29", "%F" }, { "2026-13-01", "%F" },
      { "2026-01-01x", "%F" }, { "2026-01", "%F" }, { "", "%F" },
    { "25:00", "%R" }, { "12:60", "%R" }, { "13 PM", "%I %p" }, { "0 AM", "%I %p" },
        { "10 XM", "%I %p" }, { "Foo", "%b" }, { "2023 366", "%Y %j" }, { "1 0", "%d %j" },
    { "+1", "%z" }, { "x", "%s" }, { "", "%s" }, { "-", "%s" }, { "5", "%f%f" }, { "a", "%%" },
        { "", "%" } };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    wr_status e = parse(bad[k][0], bad[k][1], 0);
    if (e != WR_E_CAST) fail_msg("\"%s\" by \"%s\": %d", bad[k][0], bad[k][1], e);
  }
  IS(parse("0000-01-01", "%F", 0), WR_E_TIME_RANGE);
  IS(parse("9223372036854775807", "%s", 0), WR_E_TIME_RANGE);
  static const char *const same[] = { "%Y-%m-%d %H:%M:%S.%f", "%F %T.%f %z", "%j %Y %I:%M:%S %p %f",
      "%a %d %b %Y %T.%f", "%s.%f" };
  for (int k = 0; k < 5000; k++) {                            /* what one writes the other reads */
    wr_ts t = at("1900-01-01") + k * 987654321987LL, back;
    wr_str how = S(same[k % 5 == 4 ? 0 : k % 5]);
    wr_fn_format_time_TC(0, t, how, &v);
    assert_int_equal(wr_fn_parse_time_SC(0, v, how, &back), WR_OK);
    assert_true(back == t);
  }
}

static void durations(void **state)
{
  (void)state;
  OKF(wr_fn_seconds_U(0, -1500000, &f), -1.5);
  OKI(wr_fn_milliseconds_U(0, -1500, &i), -1);
  OKF(wr_fn_days_U(0, 43200000000, &f), 0.5);
}

/* ---- places ---- */

static void places(void **state)
{
  (void)state;
  OKF(wr_fn_geo_distance_FFFF(0, 10, 20, 10, 20, &f), 0);
  IS(wr_fn_geo_distance_FFFF(0, 0, 0, 0, 180, &f), WR_OK);
  assert_true(fabs(f - M_PI * 6371008.8) < 1);
  IS(wr_fn_geo_distance_FFFF(0, 0, 0, 0, 1, &f), WR_OK);
  assert_true(fabs(f - M_PI * 6371008.8 / 180) < 0.001);
  IS(wr_fn_geo_distance_FFFF(0, 90.1, 0, 0, 0, &f), WR_E_DOMAIN);
  IS(wr_fn_geo_distance_FFFF(0, 0, -180.1, 0, 0, &f), WR_E_DOMAIN);
  OKF(wr_fn_geo_bearing_FFFF(0, 0, 0, 1, 0, &f), 0);
  OKF(wr_fn_geo_bearing_FFFF(0, 0, 0, 0, -1, &f), 270);
  OKF(wr_fn_geo_bearing_FFFF(0, 0, 0, -1, 0, &f), 180);
  OK(wr_fn_geohash_FFI(0, -25.382708, -49.265506, 8, &v), "6gkzwgjz");
  OK(wr_fn_geohash_FFI(0, 90, 180, 3, &v), "zzz");
  IS(wr_fn_geohash_FFI(0, 0, 0, 13, &v), WR_E_DOMAIN);
  IS(wr_fn_geohash_FFI(0, 0, 0, 0, &v), WR_E_DOMAIN);
}

/* ---- lists ---- */

static void lists(void **state)
{
  (void)state;
  wr_list empty = { 0, 0, 1 };
  OKB(wr_fn_contains_LE(0, LIST(none, num(2)), &t_int, num(2), &b), 1);
  OKB(wr_fn_contains_LE(0, empty, &t_int, num(2), &b), 0);
  OKI(wr_fn_position_LE(0, LIST(str("a"), str("b")), &t_str, str("b"), &i), 1);
  IS(wr_fn_position_LE(0, empty, &t_str, str("b"), &i), WR_NULL);
  IS(wr_fn_list_first_L(0, empty, &t_int, &slot), WR_NULL);
  IS(wr_fn_list_last_L(0, empty, &t_int, &slot), WR_NULL);
  IS(wr_fn_list_first_L(0, LIST(none), &t_int, &slot), WR_NULL);
  IS(wr_fn_list_min_L(0, LIST(none, num(3), num(-1)), &t_int, &slot), WR_OK);
  assert_int_equal(slot.u.i, -1);
  IS(wr_fn_list_max_L(0, LIST(none, str("b"), str("ba")), &t_str, &slot), WR_OK);
  assert_int_equal(slot.len, 2);
  IS(wr_fn_list_max_L(0, LIST(none), &t_int, &slot), WR_NULL);
  IS(wr_fn_sort_L(0, LIST(num(3), none, num(-1), num(2)), &t_int, &l), WR_OK);
  assert_list(l, false, "-1 2 3 -");
  IS(wr_fn_sort_L(0, empty, &t_int, &l), WR_OK); assert_int_equal(l.n, 0);
  IS(wr_fn_reverse_L(0, LIST(num(1), none), &t_int, &l), WR_OK); assert_list(l, false, "- 1");
  IS(wr_fn_list_distinct_L(0, LIST(num(1), none, num(1), none, num(2)), &t_int, &l), WR_OK);
  assert_list(l, false, "1 - 2");
  IS(wr_fn_list_append_LE(0, empty, &t_int, num(1), &l), WR_OK); assert_list(l, false, "1");
  IS(wr_fn_list_concat_LL(0, empty, &t_int, LIST(num(1)), &t_int, &l), WR_OK);
  assert_list(l, false, "1");
  IS(wr_fn_list_concat_LL(0, LIST(num(1)), &t_int, LIST(num(2), num(3)), &t_int, &l), WR_OK);
  assert_list(l, false, "1 2 3");
  wr_list three = LIST(num(1), num(2), num(3));
  IS(wr_fn_slice_LI(0, three, &t_int, -2, &l), WR_OK); assert_list(l, false, "2 3");
  IS(wr_fn_slice_LI(0, three, &t_int, 9, &l), WR_OK); assert_list(l, false, "");
  IS(wr_fn_slice_LII(0, three, &t_int, WR_I64_MIN, 2, &l), WR_OK); assert_list(l, false, "1 2");
  IS(wr_fn_slice_LII(0, three, &t_int, 1, -5, &l), WR_OK); assert_list(l, false, "");
  IS(wr_fn_slice_LII(0, empty, &t_int, 0, 5, &l), WR_OK); assert_int_equal(l.n, 0);
}

static void lists_are_summed(void **state)
{
  (void)state;
  wr_slot big = { .u.f = 1e100 }, one = { .u.f = 1 }, minus = { .u.f = -1e100 },
      huge = { .u.f = 1.7e308 };
  IS(wr_fn_list_sum_L(0, LIST(one, big, one, minus), &t_float, &slot), WR_OK);
  assert_true(slot.u.f == 2);
  IS(wr_fn_list_sum_L(0, LIST(huge, huge), &t_float, &slot), WR_E_OVERFLOW);
  IS(wr_fn_list_sum_L(0, LIST(num(WR_I64_MAX), num(1), num(-5)), &t_int, &slot), WR_OK);
  assert_true(slot.u.i == WR_I64_MAX - 4);
  IS(wr_fn_list_sum_L(0, LIST(num(WR_I64_MAX), num(1)), &t_int, &slot), WR_E_OVERFLOW);
  IS(wr_fn_list_sum_L(0, LIST(none), &t_int, &slot), WR_NULL);
  IS(wr_fn_list_sum_L(0, LIST(num(1)), &t_bool, &slot), WR_E_DOMAIN);
  OKF(wr_fn_list_avg_L(0, LIST(num(150), none, num(250)), &t_dec, &f), 2);
  IS(wr_fn_list_avg_L(0, LIST(none), &t_dec, &f), WR_NULL);
}

/* Elements of two slots: whole elements move and are told apart. */
static void lists_of_records(void **state)
{
  (void)state;
  static const wr_field field[] = { { .name = "i", .type = &t_int },
      { .name = "s", .type = &t_str } };
  static const wr_type rec = { .kind = WR_REC, .n = 2, .fields = field };
  wr_slot e[] = { num(1), str("a"), num(1), str("b"), num(1), str("a") };
  wr_list x = { e, 3, 2 };
  IS(wr_fn_list_distinct_L(0, x, &rec, &l), WR_OK);
  assert_int_equal(l.n, 2);
  assert_int_equal(l.p[3].u.p[0], 'b');
  IS(wr_fn_reverse_L(0, (wr_list){ e, 2, 2 }, &rec, &l), WR_OK);
  assert_int_equal(l.p[1].u.p[0], 'b');
  IS(wr_fn_slice_LII(0, x, &rec, 1, 1, &l), WR_OK);
  assert_int_equal(l.n, 1);
  assert_ptr_equal(l.p, e + 2);
}

static void long_lists_have_their_distinct_elements(void **state)
{
  (void)state;
  enum { N = 5000 };
  static wr_slot e[N];
  for (int k = 0; k < N; k++) e[k] = num(k * 7919LL % 997);
  IS(wr_fn_list_distinct_L(0, (wr_list){ e, N, 1 }, &t_int, &l), WR_OK);
  assert_int_equal(l.n, 997);
  for (int k = 0; k < 997; k++) assert_int_equal(l.p[k].u.i, e[k].u.i);
}

static void maps(void **state)
{
  (void)state;
  wr_slot e[] = { str("a"), num(1), str(""), num(2) };
  wr_list m = { e, 2, 2 };
  OKB(wr_fn_contains_MS(0, m, &t_int, S("a"), &b), 1);
  OKB(wr_fn_contains_MS(0, m, &t_int, NOTHING, &b), 1);
  OKB(wr_fn_contains_MS(0, m, &t_int, S("b"), &b), 0);
  OKI(wr_fn_length_M(0, m, &t_int, &i), 2);
  IS(wr_fn_map_keys_M(0, m, &t_int, &l), WR_OK); assert_list(l, true, "a ");
  assert_int_equal(l.n, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rounding), cmocka_unit_test(floats), cmocka_unit_test(quotients),
    cmocka_unit_test(choices), cmocka_unit_test(fields_agree_with_the_library),
    cmocka_unit_test(fields_by_hand), cmocka_unit_test(calendar_arithmetic),
    cmocka_unit_test(times_are_formatted), cmocka_unit_test(times_are_parsed),
    cmocka_unit_test(durations), cmocka_unit_test(places), cmocka_unit_test(lists),
    cmocka_unit_test(lists_are_summed), cmocka_unit_test(lists_of_records),
    cmocka_unit_test(long_lists_have_their_distinct_elements), cmocka_unit_test(maps),
  };
  return cmocka_run_group_tests(tests, 0, rig_after);
}
