/* test_zone.c -- time zones against the C library's own reading of the same tzdata, calendar periods
 * against their definition, and files and footers that are broken. */
#include "value_rig.h"
#include <time.h>
#include "zone.h"

static uint64_t rng = 987654321;
static uint64_t rnd(void)
{
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return rng;
}

static const char *const names[] = {
  "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Moscow", "Africa/Casablanca",
      "Africa/Cairo", "Asia/Tehran",
  "Asia/Kathmandu", "Asia/Gaza", "Asia/Tokyo", "Australia/Lord_Howe", "Australia/Sydney",
      "Pacific/Apia", "Pacific/Chatham",
  "America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Havana", "America/Santiago",
      "America/Nuuk",
  "America/Godthab", "Antarctica/Troll", "America/Scoresbysund", "Asia/Manila", "Etc/GMT+5", "UTC",
};
enum { NAMES = sizeof names / sizeof *names };

static void tz(const char *name)
{
  assert_int_equal(setenv("TZ", name, 1), 0);
  tzset();
}

static const wr_zone *zone(const char *name)
{
  const wr_zone *z = wr_zone_find(S(name));
  if (!z) skip();                                             /* no tzdata here */
  return z;
}

static wr_i64 seconds_in(wr_i64 from_year, wr_i64 to_year)
{
  wr_civil a = { .year = from_year, .month = 1, .day = 1 },
      b = { .year = to_year, .month = 1, .day = 1 };
  wr_i64 low = wr_civil_us(&a) / 1000000, high = wr_civil_us(&b) / 1000000;
  return low + (wr_i64)(rnd() % (uint64_t)(high - low));
}

static void check_offset(const wr_zone *z, const char *name, wr_i64 s)
{
  struct tm tm;
  time_t t = (time_t)s;
  localtime_r(&t, &tm);
  wr_i64 got = wr_zone_offset(z, s * 1000000 + 999999);
  if (got != tm.tm_gmtoff * 1000000LL) fail_msg("%s at %lld: %lld, not %ld s", name, s,
      got / 1000000, tm.tm_gmtoff);
  assert_string_equal(wr_zone_span_at(z, s).abbr, tm.tm_zone);
}

static void offsets_agree_with_the_library(void **state)
{
  (void)state;
  for (int i = 0; i < NAMES; i++) {
    const wr_zone *z = zone(names[i]);
    tz(names[i]);
    for (int k = 0; k < 4000; k++) {
      wr_i64 s = k % 4 == 0 ? seconds_in(1850, 2400) : seconds_in(1965, 2060);
      check_offset(z, names[i], s);
      /* both sides of the transitions around */
      wr_zone_span span = wr_zone_span_at(z, s);
      if (span.from > -(1LL << 59)) { check_offset(z, names[i], span.from);
      check_offset(z, names[i], span.from - 1); }
      if (span.to < 1LL << 59) { check_offset(z, names[i], span.to);
      check_offset(z, names[i], span.to - 1); }
    }
  }
  tz("UTC");
}

/* The first instant whose local time is not before `local`, by walking minutes. */
static void local_times_stand_for_the_first_instant(void **state)
{
  (void)state;
  for (int i = 0; i < NAMES; i++) {
    const wr_zone *z = zone(names[i]);
    for (int k = 0; k < 300; k++) {
      wr_zone_span span = wr_zone_span_at(z, seconds_in(1975, 2050));
      /* near a transition, where it is hard */
      wr_i64 around = span.to < 1LL << 59 ? span.to : 0;
      wr_i64 local = (around + (wr_i64)(rnd() % 480) * 60 - 240 * 60 + span.offset) / 60 * 60;
      wr_i64 at = local - 27 * 3600;
      while (at + wr_zone_offset(z, at * 1000000) / 1000000 < local) at += 60;
      wr_ts got = wr_zone_to_utc(z, local * 1000000);
      if (got > at * 1000000 || got <= (at - 60) * 1000000)
          fail_msg("%s local %lld: %lld, want %lld", names[i], local, got, at);
      assert_true(got + wr_zone_offset(z, got) >= local * 1000000);
      assert_true(got - 1 + wr_zone_offset(z, got - 1) < local * 1000000);
    }
  }
}

static wr_ts at(const char *text)
{
  wr_ts t = 0;
  assert_int_equal(wr_parse_ts(text, strlen(text), &t), WR_E_NONE);
  return t;
}

static void period(const char *name, enum wr_cal cal, int count, const char *t, const char *start,
    const char *next)
{
  const wr_zone *z = name ? zone(name) : 0;
  char text[40];
  wr_ts s = wr_cal_start(z, cal, count, at(t)), n = wr_cal_next(z, cal, count, s);
  assert_str(((wr_str){ text, (wr_u32)wr_print_ts(text, s), 0 }), start);
  assert_str(((wr_str){ text, (wr_u32)wr_print_ts(text, n), 0 }), next);
}

static void periods_by_hand(void **state)
{
  (void)state;
  period(0, WR_CAL_DAY, 1, "1969-12-31T23:59:59.999999Z", "1969-12-31T00:00:00Z",
      "1970-01-01T00:00:00Z");
  period(0, WR_CAL_WEEK, 1, "2026-01-01T12:00:00Z", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z");
  period(0, WR_CAL_WEEK, 2, "1970-01-05T00:00:00Z", "1970-01-05T00:00:00Z", "1970-01-19T00:00:00Z");
  period(0, WR_CAL_WEEK, 2, "1970-01-04T23:59:59Z", "1969-12-22T00:00:00Z", "1970-01-05T00:00:00Z");
  period(0, WR_CAL_MONTH, 1, "2024-02-29T12:00:00Z", "2024-02-01T00:00:00Z",
      "2024-03-01T00:00:00Z");
  period(0, WR_CAL_MONTH, 3, "1969-05-05T00:00:00Z", "1969-04-01T00:00:00Z",
      "1969-07-01T00:00:00Z");
  period(0, WR_CAL_YEAR, 1, "2026-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
  /* 23 h */
  period("Europe/Berlin", WR_CAL_DAY, 1, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z",
      "2026-03-29T22:00:00Z");
  /* 25 h */
  period("Europe/Berlin", WR_CAL_DAY, 1, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z",
      "2026-10-25T23:00:00Z");
  period("Europe/Berlin", WR_CAL_MONTH, 1, "2026-03-31T21:59:59Z", "2026-02-28T23:00:00Z",
      "2026-03-31T22:00:00Z");
  /* midnight does not exist: the clock goes from 23:59:59 to 01:00 */
  period("America/Sao_Paulo", WR_CAL_DAY, 1, "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z",
      "2018-11-05T02:00:00Z");
  period("America/Havana", WR_CAL_DAY, 1, "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z",
      "2026-03-09T04:00:00Z");
  /* a day does not exist: Samoa had no 30 December 2011 */
  period("Pacific/Apia", WR_CAL_DAY, 1, "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z",
      "2011-12-30T10:00:00Z");
  period("Pacific/Apia", WR_CAL_DAY, 1, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z",
      "2011-12-31T10:00:00Z");
  /* local time goes back over midnight: 2006-10-29 00:01 becomes 2006-10-28 23:01 */
  period("America/St_Johns", WR_CAL_DAY, 1, "2006-10-29T03:00:00Z", "2006-10-29T02:30:00Z",
      "2006-10-30T03:30:00Z");
}

/* Periods of any kind follow each other without a gap and hold their instant. */
static void periods_tile_time(void **state)
{
  (void)state;
  for (int i = 0; i < NAMES; i++) {
    const wr_zone *z = zone(names[i]);
    for (int k = 0; k < 400; k++) {
      enum wr_cal cal = (enum wr_cal)(WR_CAL_DAY + rnd() % 4);
      wr_i64 count = 1 + (wr_i64)(rnd() % 5);
      wr_ts t = seconds_in(1850, 2300) * 1000000 + (wr_i64)(rnd() % 1000000);
      wr_ts s = wr_cal_start(z, cal, count, t), n = wr_cal_next(z, cal, count, s);
      assert_true(s <= t && t < n);
      assert_true(wr_cal_start(z, cal, count, s) == s);
      assert_true(wr_cal_start(z, cal, count, n) == n);
      assert_true(wr_cal_start(z, cal, count, n - 1) == s);
      assert_true(wr_cal_next(z, cal, count, n) > n);
    }
  }
}

static void the_ends_of_time_are_safe(void **state)
{
  (void)state;
  static const wr_ts ends[] = { WR_TS_MIN, WR_TS_MAX, WR_TS_MIN + 1, WR_TS_MAX - 1, 0 };
  static const wr_i64 counts[] = { WR_I64_MIN, -1, 0, 1, 7, WR_I64_MAX };
  const wr_zone *z = zone("Europe/Berlin");
  for (int i = 0; i < 5; i++)
    for (int c = 0; c < 6; c++)
      for (int cal = WR_CAL_NONE; cal <= WR_CAL_YEAR; cal++) {
        wr_cal_next(z, (enum wr_cal)cal, counts[c],
            wr_cal_start(z, (enum wr_cal)cal, counts[c], ends[i]));
        wr_zone_to_utc(z, ends[i]);
        wr_zone_offset(z, ends[i]);
        wr_zone_to_utc(0, ends[i]);
      }
}

static void names_do_not_leave_the_directory(void **state)
{
  (void)state;
  static const char *const bad[] = { "", "/etc/passwd", "../../../etc/passwd",
      "Europe/../Europe/Berlin", "Europe/Nowhere", "Europe",
    "Europe/Berlin/", "tzdata.zi", "zone.tab", "..", "Europe\\Berlin", "right/Europe/Berlin",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_null(wr_zone_find(S(bad[i])));
  assert_null(wr_zone_find((wr_str){ "Europe/Berlin\0x", 15, 0 }));
  assert_non_null(wr_zone_find(S("UTC")));
  assert_ptr_equal(wr_zone_find(S("UTC")), wr_zone_find(S("UTC")));
}

/* ---- files ---- */

static bool posix(const char *text, wr_zone *z)
{
  memset(z, 0, sizeof *z);
  return wr_tz_posix(text, strlen(text), z);
}

static void footers_are_read_or_refused(void **state)
{
  (void)state;
  static wr_zone z;
  static const char *const bad[] = { "", "C", "CET", "1", "CET-1CEST", "CET-1CEST,M3.5.0",
      "CET-1CEST,M13.5.0,M10.5.0",
    "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
        "CET-1CEST,J366,J1", "CET-25",
    "CET-1CEST,M3.5.0/168,M10.5.0", "<+03-3", "CET-1:60", "CETCETCETCETCETCET-1", "CET-1CEST,J0,J1",
        "CET-1CEST,366,0" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (posix(bad[i], &z)) fail_msg("\"%s\" was taken", bad[i]);
  assert_true(posix("CET-1CEST,M3.5.0,M10.5.0/3", &z));
  assert_int_equal(z.std.offset, 3600);
  assert_int_equal(z.dst.offset, 7200);
  assert_int_equal(z.to_std.time, 3 * 3600);
  assert_true(posix("<-0330>3:30", &z));
  assert_int_equal(z.std.offset, -12600);
  assert_string_equal(z.std.abbr, "-0330");
}

/* Rules that no current file has: Julian days, days from 0, summer the whole year. */
static void footers_of_all_kinds_agree_with_the_library(void **state)
{
  (void)state;
  static const char *const text[] = { "AAA3BBB,J60/0,J300/0", "AAA-5BBB,59,299/25",
      "AAA3BBB2:30,M10.1.0/-1,M2.4.6/24",
    "AAA-10BBB,M10.5.0,M4.1.0/3", "AAA0BBB,M3.5.0/1,M10.5.0", "AAA4BBB,J1/0,J365/23" };
  static wr_zone z[6];
  for (int i = 0; i < 6; i++) {
    assert_true(posix(text[i], &z[i]));
    z[i].ntype = 1;
    z[i].type[0] = z[i].std;
    tz(text[i]);
    for (int k = 0; k < 3000; k++) check_offset(&z[i], text[i], seconds_in(1975, 2200));
  }
  tz("UTC");
}

static char *read_whole(const char *name, size_t *n)
{
  char path[256];
  const char *dir = getenv("TZDIR");
  snprintf(path, sizeof path, "%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo", name);
  FILE *f = fopen(path, "rb");
  if (!f) skip();
  char *p = malloc(1 << 16);
  *n = fread(p, 1, 1 << 16, f);
  fclose(f);
  return p;
}

static void zone_free(wr_zone *z) { if (z) wr_mem_free(z, sizeof *z + (size_t)z->n * 9); }

/* Every cut and many changed bytes: read or refused, never out of bounds (the sanitizer watches). */
static void broken_files_do_no_harm(void **state)
{
  (void)state;
  size_t n;
  char *good = read_whole("Europe/Berlin", &n), *exact;
  wr_zone *z = wr_tzif_read(good, n);
  assert_non_null(z);
  zone_free(z);
  for (size_t cut = 0; cut < n; cut++) {
    exact = malloc(cut + 1);
    memcpy(exact, good, cut);
    z = wr_tzif_read(exact, cut);
    assert_null(z);
    free(exact);
  }
  for (int i = 0; i < 20000; i++) {
    exact = malloc(n);
    memcpy(exact, good, n);
    for (uint64_t k = 1 + rnd() % 3; k > 0;
    k--) exact[rnd() % 5 ? rnd() % n : rnd() % 44] = (char)rnd();
    z = wr_tzif_read(exact, n);
    if (z) wr_zone_span_at(z, (wr_i64)rnd() >> 24);
    zone_free(z);
    free(exact);
  }
  free(good);
}

static void the_version_is_a_word(void **state)
{
  (void)state;
  const char *v = wr_zone_version();
  assert_true(strlen(v) < 64);
  assert_null(strchr(v, '\n'));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(offsets_agree_with_the_library),
        cmocka_unit_test(local_times_stand_for_the_first_instant),
    cmocka_unit_test(periods_by_hand), cmocka_unit_test(periods_tile_time),
        cmocka_unit_test(the_ends_of_time_are_safe),
    cmocka_unit_test(names_do_not_leave_the_directory),
        cmocka_unit_test(footers_are_read_or_refused),
    cmocka_unit_test(footers_of_all_kinds_agree_with_the_library),
        cmocka_unit_test(broken_files_do_no_harm),
    cmocka_unit_test(the_version_is_a_word),
  };
  return cmocka_run_group_tests(tests, 0, rig_after);
}
