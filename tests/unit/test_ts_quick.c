/* test_ts_quick.c -- the quick reader of timestamps says what the careful one says, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "text.h"

enum { ROOM = 64 };

/* The text stands at the end of a block of its own, so that a read behind it is seen (sanitizer), and
 * once more with bytes behind it that must not count. */
static const char *quick(const char *text, size_t n, wr_ts *out, size_t *taken)
{
  char *exact = malloc(n), padded[ROOM];
  wr_ts a = 1, b = 1;
  memcpy(exact, text, n);
  memset(padded, '7', sizeof padded);
  memcpy(padded, text, n);
  wr_ts_day d = WR_TS_NO_DAY, d2 = WR_TS_NO_DAY;
  const char *p = wr_ts_quick(exact, exact + n, &d, &a), *q = wr_ts_quick(padded, padded + sizeof padded, &d2, &b);
  if (p) {                                /* more text does not change what was read */
    assert_ptr_equal(q - padded, p - exact);
    assert_int_equal(a, b);
  }
  *out = b;
  *taken = q ? (size_t)(q - padded) : 0;
  free(exact);
  return q ? text : NULL;
}

static void agrees(const char *text)
{
  size_t n = strlen(text), taken;
  wr_ts fast, slow;
  if (!quick(text, n, &fast, &taken)) return;
  assert_in_range(taken, 1, n);
  assert_int_equal(wr_parse_ts(text, taken, &slow), WR_E_NONE);
  assert_int_equal(fast, slow);
}

static void reads(const char *text, wr_ts want)
{
  wr_ts got;
  size_t taken;
  assert_non_null(quick(text, strlen(text), &got, &taken));
  assert_int_equal(taken, strlen(text));
  assert_int_equal(got, want);
  agrees(text);
}

static void leaves(const char *text)
{
  wr_ts got;
  size_t taken;
  assert_null(quick(text, strlen(text), &got, &taken));
}

static void usual(void **state)
{
  (void)state;
  reads("1970-01-01T00:00:00Z", 0);
  reads("1970-01-01T00:00:00.001Z", 1000);
  reads("1970-01-01T00:00:00.000001Z", 1);
  reads("1970-01-02T01:02:03.123456Z", 86400000000 + 3723123456);
  reads("1969-12-31T23:59:59.999Z", -1000);
  reads("0001-01-01T00:00:00Z", WR_TS_LOW);
  reads("9999-12-31T23:59:59.999999Z", WR_TS_HIGH);
  reads("2000-02-29T00:00:00Z", 951782400000000);
  reads("2024-02-29T12:00:00Z", 1709208000000000);
}

static void others(void **state)
{
  static const char *const text[] = {
    "0000-01-01T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T23:59:60Z",
    "2026-01-01 00:00:00Z", "2026-01-01T00:00:00z", "2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.1234Z",
    "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00",
    "2026-01-01", "", "2o26-01-01T00:00:00Z", "2026-01-01T00:00:0:Z", "2026-01-01T00:00:00.12/Z",
    "2026-01-01T00:00:00.12345:Z", "\xff\xff\xff\xff-01-01T00:00:00Z", "2026-01-01T00:00:00,000Z",
  };
  (void)state;
  for (size_t i = 0; i < sizeof text / sizeof *text; i++) leaves(text[i]);
}

/* One byte of a good text is replaced, by every byte and at every place. */
static void every_byte(void **state)
{
  static const char *const good[] = { "2026-07-31T19:28:37Z", "2024-02-29T23:59:59.999Z", "1999-12-30T00:10:20.102030Z" };
  (void)state;
  for (size_t g = 0; g < 3; g++)
    for (size_t at = 0; at < strlen(good[g]); at++)
      for (int c = 1; c < 256; c++) {
        char text[ROOM];
        strcpy(text, good[g]);
        text[at] = (char)c;
        agrees(text);
      }
}

/* The day is remembered from one to the next. */
static void every_day(void **state)
{
  wr_ts_day d = WR_TS_NO_DAY;
  (void)state;
  for (wr_i64 day = WR_TS_LOW / WR_DAY; day < WR_TS_HIGH / WR_DAY; day += day % 3 ? 1 : 5) {
    char text[ROOM];
    for (int again = 0; again < 2; again++) {
      wr_ts t = day * WR_DAY + 45296000001 + again, got;
      assert_non_null(wr_ts_quick(text, text + wr_print_ts(text, t), &d, &got));
      assert_int_equal(got, t);
    }
  }
}

/* A day that was read is none for the bytes of another; a wrong one leaves what is remembered. */
static void remembered(void **state)
{
  static const char *const text[] = { "2024-02-29T00:00:00.000Z", "2023-02-29T00:00:00.000Z", "2024-02-28T00:00:00.000Z" };
  wr_ts_day d = WR_TS_NO_DAY;
  wr_ts a, b;
  (void)state;
  assert_non_null(wr_ts_quick(text[0], text[0] + 24, &d, &a));
  assert_null(wr_ts_quick(text[1], text[1] + 24, &d, &b));
  assert_non_null(wr_ts_quick(text[2], text[2] + 24, &d, &b));
  assert_int_equal(a - b, WR_DAY);
  const char *zero = "0000-00-00T00:00:00.000Z";
  assert_null(wr_ts_quick(zero, zero + 24, &d, &b));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(usual), cmocka_unit_test(others), cmocka_unit_test(every_byte), cmocka_unit_test(every_day),
    cmocka_unit_test(remembered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
