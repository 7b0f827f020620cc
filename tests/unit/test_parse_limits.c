/* The parser's extremes: nesting, damaged programs, files that are no text. Nothing crashes, and a
 * parse that fails says so.
 */
#include "parse_rig.h"

static char *repeated(const char *start, const char *part, int n, const char *end) {
  size_t size = strlen(part);
  char *text = malloc(strlen(start) + size * (size_t)n + strlen(end) + 1);
  char *at = stpcpy(text, start);
  for (int i = 0; i < n; i++) at = stpcpy(at, part);
  strcpy(at, end);
  return text;
}

static void expect_depth(const char *start, const char *part, int n, const char *end, bool good) {
  char *text = repeated(start, part, n, end);
  Rig r = rig(text);
  char *out = rig_printed(&r, false, false);
  if (r.good != good) fail_msg("%s%s... %d: %s", start, part, n, out);
  if (!good) assert_non_null(strstr(out, "E0106"));
  if (!good) assert_int_equal(count_of(out, "error["), 1);
  rig_dump(&r);
  rig_end(&r);
  free(text);
}

static void depth_is_limited(void **state) {
  (void)state;
  expect_depth("param p: int = a", " + a", 900, "", true);
  expect_depth("param p: int = a", " + a", 10000, "", false);
  expect_depth("param p: int = a", " + a", 300000, "", false);
  expect_depth("param p: int = a", " and a", 10000, "", false);
  expect_depth("param p: int = ", "(", 10000, "", false);
  expect_depth("param p: int = ", "[", 300, "", false);
  expect_depth("param p: int = ", "f(", 100000, "", false);
  expect_depth("param p: int = ", "- ", 5000, "a", false);
  expect_depth("param p: int = ", "- ", 300000, "a", false);
  expect_depth("param p: int = ", "not ", 300000, "a", false);
  expect_depth("param p: int = ", "case when ", 300000, "a", false);
  expect_depth("param p: ", "{ a ", 5000, "int", false);
  expect_depth("stream s = ", "(", 5000, "a", false);
  expect_depth("stream s = x | match ", "(", 5000, "a", false);
  expect_depth("param p: int = f(a)", ".b", 10000, "", false);
}

static void types_are_limited(void **state) {
  (void)state;
  char *open = repeated("param p: ", "list<", 250, "int"), *text = repeated(open, ">", 250, " = a");
  Rig r = rig(text);
  assert_false(r.good);
  assert_int_equal(count_of(rig_printed(&r, false, false), "E0106"), 1);
  rig_dump(&r);
  rig_end(&r);
  free(open);
  free(text);
}

static void long_lists_are_no_nesting(void **state) {
  (void)state;
  char *text = repeated("param p: list<int> = [1", ", 1", 100000, "]");
  Rig r = rig(text);
  assert_int_equal(rig_value(&r)->u.list.items.n, 100001);
  rig_end(&r);
  free(text);
}

/* ---- robustness ---- */

/* Cuts and damages a program at every place: nothing crashes, and a parse that fails says so. */
static void damaged_programs_are_reported(void **state) {
  (void)state;
  static const char *const names[] = {"fraud", "syntax", "keywords_as_names"};
  static const char damage[] = "\"`/({)}]|;\\'@0\n\x80";
  for (int k = 0; k < COUNT(names); k++) {
    Rig whole = rig_file(names[k]);
    size_t n = whole.src->length;
    char *text = arena_text(whole.c.arena, whole.src->text, n);
    for (size_t i = 0; i < n; i += 3) {
      char was = text[i];
      text[i] = damage[i / 3 % (sizeof damage - 1)];
      Rig r = rig_bytes(text, n), cut = rig_bytes(text, i);
      assert_int_equal(r.good, !diag_any_error(&r.c));
      assert_int_equal(cut.good, !diag_any_error(&cut.c));
      rig_printed(&r, true, true);
      rig_end(&r);
      rig_end(&cut);
      text[i] = was;
    }
    rig_end(&whole);
  }
}

static void empty_files_are_programs(void **state) {
  (void)state;
  static const char *const texts[] = {"", "\n", "# only a comment", "  \r\n\t", "\xEF\xBB\xBF"};
  for (int i = 0; i < COUNT(texts); i++) {
    Rig r = rig(texts[i]);
    assert_true(r.good);
    assert_int_equal(r.c.program->decls.n, 0);
    rig_end(&r);
  }
}

static void a_byte_order_mark_is_skipped(void **state) {
  (void)state;
  Rig r = rig("\xEF\xBB\xBFstream = p");
  assert_non_null(strstr(rig_printed(&r, false, false), "t.weir:1:8: error"));
  rig_end(&r);
}

static void texts_that_are_not_utf8_are_refused(void **state) {
  (void)state;
  static const char nul[] = "stream a = b\n\0";
  Rig r = rig_bytes(nul, sizeof nul - 1);
  assert_non_null(strstr(rig_printed(&r, false, false), "t.weir:2:1: error[E0102]: a NUL byte"));
  rig_end(&r);
  static const char *const bad[] = {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
    "\xF4\x90\x80\x80", "\xC3", "\xFF", "\xE2\x82"};
  for (int i = 0; i < COUNT(bad); i++) {
    char text[60];
    snprintf(text, sizeof text, "param a: string = \"\xC3\xA9%s\"", bad[i]);
    r = rig(text);
    assert_false(r.good);
    assert_non_null(strstr(rig_printed(&r, false, false), "t.weir:1:21: error[E0102]: byte 0x"));
    rig_end(&r);
  }
}

static void files_that_cannot_be_read(void **state) {
  (void)state;
  Rig r = rig("import \"x\"");
  assert_null(source_read(&r.c, "tests/none.weir", r.c.program->decls.v[0]->u.import.path_span));
  assert_null(source_read(&r.c, "tests", SPAN_NONE));
  char *out = rig_printed(&r, false, false);
  assert_non_null(strstr(out,
                         "t.weir:1:8: error[E0101]: cannot read tests/none.weir: No such file"));
  assert_non_null(strstr(out, "weir: error[E0101]: cannot read tests: Is a directory"));
  rig_end(&r);
}

static void several_files_make_one_program(void **state) {
  (void)state;
  Rig r = rig("stream a = b");
  Source *two = source_text(&r.c, "two.weir", "stream c = d\nstream", 19);
  assert_false(parse(&r.c, two));
  assert_int_equal(r.c.program->decls.n, 2);
  assert_int_equal(r.c.program->decls.v[1]->span.file, 1);
  assert_non_null(strstr(rig_printed(&r, false, false), "two.weir:2:7: error"));
  rig_end(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(depth_is_limited),
    cmocka_unit_test(types_are_limited),
    cmocka_unit_test(long_lists_are_no_nesting),
    cmocka_unit_test(damaged_programs_are_reported),
    cmocka_unit_test(empty_files_are_programs),
    cmocka_unit_test(a_byte_order_mark_is_skipped),
    cmocka_unit_test(texts_that_are_not_utf8_are_refused),
    cmocka_unit_test(files_that_cannot_be_read),
    cmocka_unit_test(several_files_make_one_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
