/* test_text.c -- text of numbers, timestamps and durations: exact values, refusals, round trips, and
 * the C library as a second opinion on floats. */
#include "value_rig.h"
#include <float.h>
#include <math.h>
#include <time.h>

static uint64_t rng = 88172645463325252ULL;
static uint64_t rnd(void)
{
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return rng;
}

/* ---- ints ---- */

static void ints_are_read_whole(void **state)
{
  (void)state;
  static const struct { const char *text; wr_i64 v; } good[] = {
    { "0", 0 }, { "-0", 0 }, { "+7", 7 }, { "007", 7 }, { "9223372036854775807", WR_I64_MAX },
    { "-9223372036854775808", WR_I64_MIN }, { "0000000000000000000000000000000001", 1 },
  };
  static const char *const bad[] = { "", "-", "+", "1 ", " 1", "1.0", "1e3", "9223372036854775808",
    "-9223372036854775809", "18446744073709551616", "99999999999999999999", "12a", "--1", "0x10" };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    wr_i64 v = 99;
    assert_true(wr_parse_int(good[i].text, strlen(good[i].text), &v));
    assert_int_equal(v, good[i].v);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    wr_i64 v;
    assert_false(wr_parse_int(bad[i], strlen(bad[i]), &v));
  }
}

static void ints_print_as_the_library_does(void **state)
{
  (void)state;
  char a[32], b[32];
  for (int i = 0; i < 20000; i++) {
    wr_i64 v = (wr_i64)(rnd() >> (rnd() % 64));
    if (i & 1) v = (wr_i64)(0 - (uint64_t)v);
    if (i == 0) v = WR_I64_MIN;
    if (i == 1) v = WR_I64_MAX;
    if (i < 38 && i > 1) v = (wr_i64)pow(10, i / 2) - (i & 1);
    size_t n = wr_print_int(a, v);
    assert_int_equal(n, snprintf(b, sizeof b, "%lld", v));
    assert_memory_equal(a, b, n);
  }
}

/* ---- decimals ---- */

static void decimals_are_exact(void **state)
{
  (void)state;
  static const struct { const char *text; int scale; enum wr_err e; wr_i64 v; } t[] = {
    { "10.00", 2, WR_E_NONE, 1000 }, { "10.000", 2, WR_E_NONE, 1000 },
        { "10.005", 2, WR_E_TYPE, 0 },
    { "-0.01", 2, WR_E_NONE, -1 }, { "1e3", 2, WR_E_NONE, 100000 }, { "1.5E-1", 2, WR_E_NONE, 15 },
    { "1e-3", 2, WR_E_TYPE, 0 }, { "0e99999", 2, WR_E_NONE, 0 },
        { "0.000000000000000000000000000", 2, WR_E_NONE, 0 },
    { "5.0", 0, WR_E_NONE, 5 }, { "5.5", 0, WR_E_TYPE, 0 },
        { "92233720368547758.07", 2, WR_E_NONE, WR_I64_MAX },
    { "-92233720368547758.08", 2, WR_E_NONE, WR_I64_MIN },
        { "92233720368547758.08", 2, WR_E_RANGE, 0 },
    { "1e19", 0, WR_E_RANGE, 0 }, { "1e400", 2, WR_E_RANGE, 0 },
        { "1e999999999999", 0, WR_E_RANGE, 0 },
    { "123456789012345678901234567890", 0, WR_E_RANGE, 0 },
        { "0.12345678901234567890123", 18, WR_E_TYPE, 0 },
    { "1.50000000000000000000000000000", 2, WR_E_NONE, 150 }, { ".5", 1, WR_E_NONE, 5 },
    { "9223372036854775807e-18", 18, WR_E_NONE, WR_I64_MAX },
    { "10000000000000000000000e-20", 2, WR_E_NONE, 10000 },
    { "", 2, WR_E_TYPE, 0 }, { ".", 2, WR_E_TYPE, 0 }, { "5.", 2, WR_E_TYPE, 0 },
        { "e5", 2, WR_E_TYPE, 0 },
    { "1e", 2, WR_E_TYPE, 0 }, { "1e+", 2, WR_E_TYPE, 0 }, { "1.2.3", 2, WR_E_TYPE, 0 },
        { "nan", 2, WR_E_TYPE, 0 },
  };
  for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
    wr_i64 v = 0;
    enum wr_err e = wr_parse_dec(t[i].text, strlen(t[i].text), t[i].scale, &v);
    if (e != t[i].e || v != t[i].v) fail_msg("%s: error %d, value %lld", t[i].text, (int)e, v);
  }
}

static void decimals_read_back(void **state)
{
  (void)state;
  char text[64];
  for (int i = 0; i < 20000; i++) {
    int scale = (int)(rnd() % 19);
    wr_i64 v = (wr_i64)(rnd() >> (rnd() % 64)) * (rnd() & 1 ? 1 : -1), back;
    if (i == 0) v = WR_I64_MIN;
    size_t n = wr_print_dec(text, v, scale);
    assert_true(n <= 24);
    assert_int_equal(wr_parse_dec(text, n, scale, &back), WR_E_NONE);
    assert_int_equal(back, v);
    if (scale) assert_int_equal(text[n - (size_t)scale - 1], '.');
  }
  assert_str(((wr_str){ text, (wr_u32)wr_print_dec(text, -5, 2), 0 }), "-0.05");
}

/* ---- floats ---- */

static bool same_bits(double a, double b) { return memcmp(&a, &b, sizeof a) == 0; }

static void check_float(const char *text)
{
  double v = 0, want = strtod(text, 0);
  enum wr_err e = wr_parse_float(text, strlen(text), &v);
  if (isinf(want)) { assert_int_equal(e, WR_E_RANGE); return; }
  if (e || !same_bits(v, want == 0 ? 0.0 : want)) fail_msg("%s: error %d, %.17g", text, (int)e, v);
}

static void floats_round_correctly(void **state)
{
  (void)state;
  static const char *const hard[] = { "0", "-0", "-0.0e5", "1", "-1.5", "0.1", "1e22", "1e23",
      "8.5e22",
    "9007199254740993", "9007199254740992.99999999999999999999", "2.2250738585072014e-308",
        "4.9e-324",
    "2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623157e308",
        "1.7976931348623159e308",
    "1e400", "1e-400", "6.1e-322", "0.000000000000000000000000000000000000000000001",
        "123456789012345678901234567890",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124",
    "1.00000000000000011102230246251565404236316680908203126", "1e00000000000000000000005",
        "179769313486231580793e289" };
  for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) check_float(hard[i]);
  char text[128];
  for (int i = 0; i < 100000; i++) {
    uint64_t bits = rnd();
    double v;
    memcpy(&v, &bits, 8);
    if (!isfinite(v)) continue;
    if (i & 1) v = (double)(int64_t)rnd() * pow(10, (double)(rnd() % 60) - 40);
    snprintf(text, sizeof text, "%.*g", (int)(rnd() % 25) + 1, v);
    check_float(text);
  }
}

static void long_floats_round_correctly(void **state)
{
  (void)state;
  char text[3000];
  for (int i = 0; i < 300; i++) {
    size_t n = 20 + rnd() % 2500, point = rnd() % n;
    for (size_t k = 0; k < n; k++) text[k] = (char)('0' + (i & 1 ? rnd() % 10 : rnd() % 40 == 0));
    if (point) text[point] = '.';
    if (text[n - 1] == '.') text[n - 1] = '1';
    snprintf(text + n, sizeof text - n, "e%d", (int)(rnd() % 700) - 400 - (int)(i & 2 ? point : 0));
    check_float(text);
  }
  /* exactly half way between two floats, and a bit beyond, decided by the 900th digit */
  memset(text, '0', 1000);
  memcpy(text, "1.00000000000000011102230246251565404236316680908203125", 55);
  text[999] = 0;
  check_float(text);
  text[900] = '1';
  check_float(text);
}

static void floats_are_refused(void **state)
{
  (void)state;
  static const char *const bad[] = { "", "nan", "inf", "Infinity", "1.", ".", "1e", "0x1p3", "1,5",
      " 1", "1 ", "--1" };
  double v;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(wr_parse_float(bad[i], strlen(bad[i]), &v), WR_E_TYPE);
}

static wr_str printed_float(char *text, double v) {
  return (wr_str){ text, (wr_u32)wr_print_float(text, v), 0 };
}

static void floats_print_shortest(void **state)
{
  (void)state;
  char t[40];
  static const struct { double v; const char *text; } cases[] = {
    { 3, "3.0" }, { 0, "0.0" }, { -0.0, "0.0" }, { 0.1, "0.1" }, { -2.5, "-2.5" }, { 1e30, "1e30" },
        { 1.5e-7, "1.5e-7" },
    { 1e15, "1000000000000000.0" }, { 1e16, "1e16" }, { 123456789.125, "123456789.125" },
        { 0.00001, "0.00001" },
    { 0.000012345, "0.000012345" }, { 1e-6, "1e-6" }, { 1.0 / 3, "0.3333333333333333" },
        { DBL_MAX, "1.7976931348623157e308" },
    { 5e-324, "5e-324" }, { 9007199254740993.0, "9007199254740992.0" },
        { 0.1 + 0.2, "0.30000000000000004" },
    { 100, "100.0" }, { 1234567890123456.7, "1234567890123456.8" }, { 1e22, "1e22" },
        { 0.5, "0.5" }, { 2e-5, "0.00002" },
    /* two texts of 16 digits read back; the 17 digits end in 5 and do not tell the nearer one */
    { -0.25 / 3.5, "-0.07142857142857142" }, { 838160419820.0 / 0x1p63, "9.087353480602064e-8" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases;
  i++) assert_str(printed_float(t, cases[i].v), cases[i].text);
}

static void floats_read_back(void **state)
{
  (void)state;
  char t[64];
  for (int i = 0; i < 100000; i++) {
    uint64_t bits = rnd();
    double v, back;
    memcpy(&v, &bits, 8);
    if (i & 1) v = (double)(int64_t)(rnd() >> rnd() % 60) / pow(10, (double)(rnd() % 12));
    if (!isfinite(v)) continue;
    size_t n = wr_print_float(t, v);
    assert_true(n <= 32);
    assert_int_equal(wr_parse_float(t, n, &back), WR_E_NONE);
    if (!same_bits(v, back)) fail_msg("%.17g printed as %.*s", v, (int)n, t);
    assert_true(memchr(t, '.', n) || memchr(t, 'e', n));
    /* not longer than the library's shortest, digits counted */
    char lib[40];
    for (int p = 1; p <= 17; p++) {
      snprintf(lib, sizeof lib, "%.*e", p - 1, v);
      if (!same_bits(strtod(lib, 0), v)) continue;
      int digits = 0, last = 0, leading = 1;
      for (size_t k = 0; k < n && t[k] != 'e'; k++) {
        if (t[k] < '0' || t[k] > '9' || (leading && t[k] == '0')) continue;
        leading = 0;
        digits++;
        if (t[k] != '0') last = digits;
      }
      if (last > p) fail_msg("%.*s has %d digits, %s needs %d", (int)n, t, last, lib, p);
      break;
    }
  }
}

/* ---- timestamps ---- */

static void timestamps_are_read(void **state)
{
  (void)state;
  static const struct { const char *text; enum wr_err e; wr_ts t; } cases[] = {
    { "1970-01-01T00:00:00Z", WR_E_NONE, 0 }, { "1970-01-01", WR_E_NONE, 0 },
        { "1970-01-01 00:00:00.000001Z", WR_E_NONE, 1 },
    { "1969-12-31T23:59:59.5Z", WR_E_NONE, -500000 },
        { "2000-02-29t12:00:00z", WR_E_NONE, 951825600000000 },
    { "2026-01-31T10:00:00+01:30", WR_E_NONE, 1769848200000000 },
        { "2026-01-31T10:00:00", WR_E_NONE, 1769853600000000 },
    { "2026-01-31T10:00Z", WR_E_NONE, 1769853600000000 },
        { "2026-01-31T10:00:00.1234567891Z", WR_E_NONE, 1769853600123456 },
    { "2016-12-31T23:59:60Z", WR_E_NONE, 1483228800000000 },
        { "0001-01-01T00:00:00Z", WR_E_NONE, -62135596800000000 },
    { "9999-12-31T23:59:59.999999Z", WR_E_NONE, 253402300799999999 },
    { "0000-12-31T00:00:00Z", WR_E_TIME_RANGE, 0 },
        { "0001-01-01T00:00:00+00:01", WR_E_TIME_RANGE, 0 },
    { "9999-12-31T23:59:59-00:01", WR_E_TIME_RANGE, 0 }, { "2026-02-29T00:00:00Z", WR_E_TYPE, 0 },
    { "1900-02-29", WR_E_TYPE, 0 }, { "2026-13-01", WR_E_TYPE, 0 }, { "2026-00-01", WR_E_TYPE, 0 },
        { "2026-01-00", WR_E_TYPE, 0 },
    { "2026-01-01T24:00:00Z", WR_E_TYPE, 0 }, { "2026-01-01T00:60:00Z", WR_E_TYPE, 0 },
        { "2026-01-01T00:00:60Z", WR_E_TYPE, 0 },
    { "2026-01-01T00:00:00.Z", WR_E_TYPE, 0 }, { "2026-01-01T00:00:00ZZ", WR_E_TYPE, 0 },
        { "2026-01-01T", WR_E_TYPE, 0 },
    { "2026-1-1", WR_E_TYPE, 0 }, { "", WR_E_TYPE, 0 },
        { "2026-01-01T00:00:00+1:00", WR_E_TYPE, 0 },
    { "2026-01-01T00:00:00+24:00", WR_E_TYPE, 0 }, { "20260101", WR_E_TYPE, 0 },
        { "1769853600", WR_E_TYPE, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    wr_ts t = 0;
    enum wr_err e = wr_parse_ts(cases[i].text, strlen(cases[i].text), &t);
    if (e != cases[i].e || t != cases[i].t) fail_msg("%s: error %d, %lld", cases[i].text, (int)e,
        t);
  }
}

static void timestamps_agree_with_the_library(void **state)
{
  (void)state;
  char a[64], b[64], c[80];
  for (int i = 0; i < 50000; i++) {
    wr_ts back, t = (wr_ts)(rnd() % 315537897600000000ULL) - 62135596800000000LL;
    if (i % 3 == 0) t -= ((t % 1000000) + 1000000) % 1000000;
    size_t n = wr_print_ts(a, t);
    time_t s = (time_t)(t >= 0 ? t / 1000000 : -((-t + 999999) / 1000000));
    struct tm tm;
    gmtime_r(&s, &tm);
    snprintf(b, sizeof b, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
        tm.tm_mday, tm.tm_hour,
             tm.tm_min, tm.tm_sec);
    int micro = (int)(t - (wr_ts)s * 1000000);
    snprintf(c, sizeof c, "%s", b);
    if (micro) snprintf(c, sizeof c, "%s.%06d", b, micro);
    for (size_t k = strlen(c); micro && c[k - 1] == '0'; k--) c[k - 1] = 0;
    strcat(c, "Z");
    assert_str(((wr_str){ a, (wr_u32)n, 0 }), c);
    assert_int_equal(wr_parse_ts(a, n, &back), WR_E_NONE);
    assert_int_equal(back, t);
    wr_civil civil;
    wr_civil_of(t, &civil);
    assert_int_equal(wr_civil_us(&civil), t);
    assert_int_equal(civil.yearday, tm.tm_yday + 1);
    assert_int_equal(civil.weekday % 7, tm.tm_wday);
  }
  assert_true(wr_print_ts(a, WR_TS_MIN) <= 40);
  assert_true(wr_print_ts(a, WR_TS_MAX) <= 40);
}

/* ---- durations ---- */

static void durations_are_read_and_printed(void **state)
{
  (void)state;
  static const struct { const char *text; enum wr_err e; wr_i64 us; const char *back; } cases[] = {
    { "1h30m", WR_E_NONE, 5400000000, "1h30m" }, { "90m", WR_E_NONE, 5400000000, "1h30m" },
        { "0s", WR_E_NONE, 0, "0s" },
    { "500ms", WR_E_NONE, 500000, "500ms" }, { "1w", WR_E_NONE, 604800000000, "7d" },
        { "-1d2us", WR_E_NONE, -86400000002, "-1d2us" },
    { "1s1ms1us", WR_E_NONE, 1001001, "1s1ms1us" },
        { "9223372036854775807us", WR_E_NONE, WR_I64_MAX, 0 },
    { "-9223372036854775808us", WR_E_RANGE, 0, 0 },
        { "9223372036854775807us1us", WR_E_RANGE, 0, 0 },
    { "99999999999999999999s", WR_E_RANGE, 0, 0 }, { "9223372036854775807s", WR_E_RANGE, 0, 0 },
    { "", WR_E_TYPE, 0, 0 }, { "-", WR_E_TYPE, 0, 0 }, { "1", WR_E_TYPE, 0, 0 },
        { "h", WR_E_TYPE, 0, 0 }, { "1x", WR_E_TYPE, 0, 0 },
    { "1h30", WR_E_TYPE, 0, 0 }, { "1.5h", WR_E_TYPE, 0, 0 }, { "1month", WR_E_TYPE, 0, 0 },
        { "1 h", WR_E_TYPE, 0, 0 },
  };
  char text[64];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    wr_i64 us = 0;
    enum wr_err e = wr_parse_dur(cases[i].text, strlen(cases[i].text), &us);
    if (e != cases[i].e || us != cases[i].us) fail_msg("%s: error %d, %lld", cases[i].text, (int)e,
        us);
    if (cases[i].back) assert_str(((wr_str){ text, (wr_u32)wr_print_dur(text, us), 0 }),
        cases[i].back);
  }
  for (int i = 0; i < 20000; i++) {
    wr_i64 back, us = (wr_i64)(rnd() >> (rnd() % 64)) * (rnd() & 1 ? 1 : -1);
    if (i == 0) us = WR_I64_MIN;
    size_t n = wr_print_dur(text, us);
    assert_true(n <= 64);
    assert_int_equal(wr_parse_dur(text, n, &back), WR_E_NONE);
    assert_int_equal(back, us);
  }
}

/* ---- UTF-8 ---- */

/* A second opinion: decodes, then asks what the code point is. */
static bool decodes(const unsigned char *p, size_t n)
{
  while (n) {
    unsigned len = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
    if (!len || len > n) return false;
    uint32_t c = len == 1 ? *p : *p & (0x7Fu >> len);
    for (unsigned i = 1; i < len; i++) {
      if (p[i] >> 6 != 2) return false;
      c = c << 6 | (p[i] & 63);
    }
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return false;
    p += len, n -= len;
  }
  return true;
}

static void utf8_is_checked(void **state)
{
  (void)state;
  static const unsigned char pick[] = { 0, 'a', 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0,
      0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
    0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF };
  unsigned char text[24];
  for (int i = 0; i < 300000; i++) {
    size_t n = rnd() % (sizeof text + 1), at = 0;
    while (at < n)
      if (rnd() % 3) text[at++] = pick[rnd() % sizeof pick];
      else { text[at++] = 0xE2; if (at < n) text[at++] = 0x82; if (at < n) text[at++] = 0xAC; }
    if (i & 1) for (size_t k = 0; k < n && k < 16; k++) text[k] = 'x';
    if (wr_utf8_valid((char *)text, n) != decodes(text, n)) fail_msg("case %d differs", i);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(ints_are_read_whole), cmocka_unit_test(ints_print_as_the_library_does),
    cmocka_unit_test(decimals_are_exact), cmocka_unit_test(decimals_read_back),
    cmocka_unit_test(floats_round_correctly), cmocka_unit_test(long_floats_round_correctly),
    cmocka_unit_test(floats_are_refused), cmocka_unit_test(floats_print_shortest),
        cmocka_unit_test(floats_read_back),
    cmocka_unit_test(timestamps_are_read), cmocka_unit_test(timestamps_agree_with_the_library),
    cmocka_unit_test(durations_are_read_and_printed), cmocka_unit_test(utf8_is_checked),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
