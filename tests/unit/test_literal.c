/* Values of literals, and what is said about those that have none. */
#include "parse_rig.h"
#include "weir/rt.h"

static Rig value(const char *text) {
  char program[400];
  snprintf(program, sizeof program, "param p: int = %s", text);
  return rig(program);
}

static void check_int(const char *text, LitKind kind, int64_t i) {
  Rig r = value(text);
  Expr *e = rig_value(&r);
  assert_int_equal(e->kind, EXPR_LITERAL);
  assert_int_equal(e->u.lit.kind, kind);
  if (e->u.lit.i != i) fail_msg("%s: %lld", text, (long long)e->u.lit.i);
  assert_string_equal(rig_text(&r, e->span), text);
  rig_end(&r);
}

static void check_bad(const char *text, int column, const char *said) {
  Rig r = value(text);
  char *out = rig_printed(&r, false, false), head[60];
  snprintf(head, sizeof head, "t.weir:1:%d: error[E01", column);
  if (r.good || strncmp(out, head, strlen(head)) != 0 || !strstr(out, said))
    fail_msg("%s: %s", text, out);
  rig_end(&r);
}

enum { AT = 16 };                         /* the column where the literal starts */

static void ints(void **state) {
  (void)state;
  check_int("0", LIT_INT, 0);
  check_int("007", LIT_INT, 7);
  check_int("9223372036854775807", LIT_INT, INT64_MAX);
  check_int("-9223372036854775807", LIT_INT, -INT64_MAX);
  check_int("-9223372036854775808", LIT_INT, INT64_MIN);
  check_int("-5", LIT_INT, -5);
  check_int("- 5", LIT_INT, -5);
  check_bad("9223372036854775808", AT, "E0104]: 9223372036854775808 does not fit an int");
  check_bad("1 - 9223372036854775808", AT + 4, "does not fit an int");
  check_bad("9223372036854775809", AT, "does not fit an int");
  check_bad("99999999999999999999999999", AT, "does not fit an int");
  check_bad("-99999999999999999999", AT + 1, "does not fit an int");
}

static void subtraction_is_no_negative_literal(void **state) {
  (void)state;
  Rig r = value("a -5");
  assert_int_equal(rig_value(&r)->u.op.op, OP_SUB);
  assert_int_equal(rig_value(&r)->u.op.b->u.lit.i, 5);
  rig_end(&r);
}

static void decimals(void **state) {
  (void)state;
  static const struct { const char *text; int64_t digits; int scale; } good[] = {
    {"1.50", 150, 2}, {"0.05", 5, 2}, {"-0.05", -5, 2}, {"000.000", 0, 3},
    {"999999999999999999.0", 0, -1},
    {"99999999999999999.9", 999999999999999999, 1},
    {"0.999999999999999999", 999999999999999999, 18},
    {"0.000000000000000001", 1, 18}, {"0000000000000000000000001.5", 15, 1}};
  for (int i = 0; i < COUNT(good); i++) {
    if (good[i].scale < 0) { check_bad(good[i].text, AT, "more than 18 digits"); continue; }
    check_int(good[i].text, LIT_DEC, good[i].digits);
    Rig r = value(good[i].text);
    assert_int_equal(rig_value(&r)->u.lit.scale, good[i].scale);
    rig_end(&r);
  }
  check_bad("0.0000000000000000001", AT, "more than 18 digits");
  check_bad("1234567890123456789.5", AT, "more than 18 digits");
}

static void floats(void **state) {
  (void)state;
  static const struct { const char *text; double f; } good[] = {
    {"1e3", 1e3}, {"1.5e-3", 1.5e-3}, {"2E+2", 200}, {"-1e0", -1}, {"1e-400", 0}};
  for (int i = 0; i < COUNT(good); i++) {
    Rig r = value(good[i].text);
    assert_int_equal(rig_value(&r)->u.lit.kind, LIT_FLOAT);
    assert_true(rig_value(&r)->u.lit.f == good[i].f);
    rig_end(&r);
  }
  check_bad("1e999", AT, "does not fit a float");
}

static void durations(void **state) {
  (void)state;
  check_int("1us", LIT_DUR, 1);
  check_int("500ms", LIT_DUR, 500000);
  check_int("10s", LIT_DUR, 10000000);
  check_int("1h30m", LIT_DUR, 5400000000);
  check_int("2w1d", LIT_DUR, 15 * 86400000000LL);
  check_int("-5m", LIT_DUR, -300000000);
  check_int("9223372036854775807us", LIT_DUR, INT64_MAX);
  check_int("0s", LIT_DUR, 0);
  check_bad("9223372036854775808us", AT, "too long for a duration");
  check_bad("99999999999999w", AT, "too long for a duration");
  check_bad("9223372036854775807us1us", AT, "too long for a duration");
  check_bad("10sec", AT, "is no number");
  check_bad("10sec", AT, "hint: units are");
  check_bad("1.5h", AT, "hint: parts of a unit");
  check_bad("1h30", AT, "is no number");
}

static void calendar_periods_and_sizes(void **state) {
  (void)state;
  static const struct { const char *text; int64_t n; int unit; } good[] = {
    {"1day", 1, WR_CAL_DAY}, {"2week", 2, WR_CAL_WEEK}, {"3month", 3, WR_CAL_MONTH},
    {"1year", 1, WR_CAL_YEAR}};
  for (int i = 0; i < COUNT(good); i++) {
    char text[60];
    snprintf(text, sizeof text, "window w = tumbling %s", good[i].text);
    Rig r = rig(text);
    Expr *e = rig_decl(&r, 0)->u.window->qty;
    assert_int_equal(e->u.lit.kind, LIT_CAL);
    assert_int_equal(e->u.lit.i, good[i].n);
    assert_int_equal(e->u.lit.scale, good[i].unit);
    rig_end(&r);
  }
  Rig r = rig("window w = tumbling 100001day");
  assert_non_null(strstr(rig_printed(&r, false, false),
                         "t.weir:1:21: error[E0104]: 100001day is too long"));
  rig_end(&r);
  check_bad("1day", AT, "unexpected calendar period `1day`");
  check_int("64KB", LIT_SIZE, 65536);
  check_int("10B", LIT_SIZE, 10);
  check_int("1MB", LIT_SIZE, 1 << 20);
  check_int("3GB", LIT_SIZE, 3LL << 30);
  check_int("1TB", LIT_SIZE, 1LL << 40);
  check_bad("8388608TB", AT, "too large for a size");
  check_bad("1kb", AT, "is no number");
}

static void timestamps(void **state) {
  (void)state;
  check_int("@1970-01-01", LIT_TS, 0);
  check_int("@2026-01-31", LIT_TS, 1769817600000000);
  check_int("@2026-01-31T10:00", LIT_TS, 1769853600000000);
  check_int("@2026-01-31T10:00:01Z", LIT_TS, 1769853601000000);
  check_int("@2026-01-31T10:00:00.5+01:00", LIT_TS, 1769850000500000);
  check_int("@2026-01-31T10:00:00.000001-05:30", LIT_TS, 1769873400000001);
  check_int("@2024-02-29", LIT_TS, 1709164800000000);
  check_int("@2000-02-29", LIT_TS, 951782400000000);
  check_int("@1969-12-31T23:59:59.999999Z", LIT_TS, -1);
  check_int("@0001-01-01", LIT_TS, -62135596800000000);
  check_int("@9999-12-31T23:59:59Z", LIT_TS, 253402300799000000);
  static const char *const bad[] = {"@2026-02-29", "@1900-02-29", "@2026-13-01", "@2026-00-10",
    "@2026-01-00", "@2026-01-32", "@2026-04-31", "@0000-01-01", "@2026-01-31T24:00:00",
    "@2026-01-31T10:60", "@2026-01-31T10:00:60", "@2026-01-31T10:00:00.1234567",
    "@2026-01-31T10:00+19:00", "@2026-01-31T10:00+01:60", "@2026", "@", "@today"};
  for (int i = 0; i < COUNT(bad); i++) check_bad(bad[i], AT, "E0105");
}

static void check_string(const char *text, const char *is) {
  Rig r = value(text);
  Expr *e = rig_value(&r);
  assert_int_equal(e->u.lit.kind, LIT_STR);
  assert_int_equal(e->u.lit.n, strlen(is));
  assert_string_equal(e->u.lit.s, is);
  rig_end(&r);
}

static void strings(void **state) {
  (void)state;
  check_string("\"\"", "");
  check_string("\"a # b // c 'd' `e`\"", "a # b // c 'd' `e`");
  check_string("\"\\\"\\\\\\n\\t\\r\"", "\"\\\n\t\r");
  check_string("\"\\u00e9\\u{e9}\\u20AC\\u{1F600}\\u{10FFFF}x\"",
               "\xC3\xA9\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xF4\x8F\xBF\xBFx");
  check_string("\"\xC3\xA9\xF0\x9F\x98\x80\"", "\xC3\xA9\xF0\x9F\x98\x80");
  check_bad("\"ab\\q\"", AT + 3, "E0103]: unknown escape");
  check_bad("\"\\'\"", AT + 1, "unknown escape");
  check_bad("\"\\\xC3\xA9\"", AT + 1, "unknown escape");
  static const char *const bad[] = {"\"a\\u12\"", "\"a\\u{}\"", "\"a\\u{110000}\"", "\"a\\ud83d\"",
    "\"a\\u{d800}\"", "\"a\\u{12\"", "\"a\\u0000\"", "\"a\\u{1234567}\"", "\"a\\u00g1\""};
  for (int i = 0; i < COUNT(bad); i++)
    check_bad(bad[i], AT + 2, "E0103]: this escape is no character");
}

/* Two bad escapes are two mistakes; neither costs the declaration. */
static void bad_literals_do_not_end_a_declaration(void **state) {
  (void)state;
  Rig r = value("\"\\a\\b\" || \"\\c\" || @2026-02-30");
  assert_int_equal(diag_error_count(&r.c), 4);
  assert_int_equal(r.c.program->decls.n, 1);
  rig_end(&r);
}

static void names_are_interned(void **state) {
  (void)state;
  Arena *a = arena_new();
  Interns *t = interns_new(a);
  Name names[5000];
  char text[20];
  for (int i = 0; i < 5000; i++)
    snprintf(text, sizeof text, "name%d", i), names[i] = intern_z(t, text);
  for (int i = 0; i < 5000; i++) {
    snprintf(text, sizeof text, "name%d and more", i);
    assert_ptr_equal(intern(t, text, strlen(text) - 9), names[i]);
    assert_true(strncmp(names[i], text, strlen(names[i])) == 0);
  }
  assert_ptr_not_equal(names[1], names[2]);
  assert_string_equal(intern(t, "", 0), "");
  arena_free(a);
}

static void the_arena_gives_zeroed_aligned_memory(void **state) {
  (void)state;
  Arena *a = arena_new();
  for (size_t n = 0; n < 3000; n += 7) {
    unsigned char *p = arena_alloc(a, n * 50);
    assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
    for (size_t i = 0; i < n * 50; i++) assert_int_equal(p[i], 0);
    memset(p, 0xAA, n * 50);
  }
  assert_string_equal(arena_printf(a, "%d %s", 5, "x"), "5 x");
  VEC(int) v = {0};
  for (int i = 0; i < 1000; i++) vec_push(a, &v, i * i);
  for (int i = 0; i < 1000; i++) assert_int_equal(v.v[i], i * i);
  arena_free(a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(ints),
    cmocka_unit_test(subtraction_is_no_negative_literal),
    cmocka_unit_test(decimals),
    cmocka_unit_test(floats),
    cmocka_unit_test(durations),
    cmocka_unit_test(calendar_periods_and_sizes),
    cmocka_unit_test(timestamps),
    cmocka_unit_test(strings),
    cmocka_unit_test(bad_literals_do_not_end_a_declaration),
    cmocka_unit_test(names_are_interned),
    cmocka_unit_test(the_arena_gives_zeroed_aligned_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
