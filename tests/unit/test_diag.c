/* Diagnostics as they are printed: the caret line under tabs and wide characters, order,
 * duplicates, JSON. */
#include "parse_rig.h"

static Span span(Rig *r, const char *from, size_t n) {
  const char *at = strstr(r->src->text, from);
  assert_non_null(at);
  uint32_t offset = (uint32_t)(at - r->src->text);
  return (Span){offset, offset + (uint32_t)n, 0};
}

static Rig text_of(const char *text) {
  Rig r = {0};
  r.c.arena = arena_new();
  r.c.interns = interns_new(r.c.arena);
  r.src = source_text(&r.c, "fraud.weir", text, strlen(text));
  return r;
}

static void a_message_with_note_and_hint(void **state) {
  (void)state;
  Rig r = text_of("# one\nuser string\n\nstream large = payments where user > 100\n");
  Diag *d = diag_error(&r.c, span(&r, "user > 100", 10), 301, "cannot compare %s with %s", "string",
                       "int");
  diag_note(&r.c, d, span(&r, "user string", 4), "user is declared string here");
  diag_hint(&r.c, d, "did you mean amount?");
  assert_string_equal(rig_printed(&r, false, false),
    "fraud.weir:4:31: error[E0301]: cannot compare string with int\n"
    "   4 | stream large = payments where user > 100\n"
    "     |                               ^^^^^^^^^^\n"
    "fraud.weir:2:1: note: user is declared string here\n"
    "   2 | user string\n"
    "     | ^^^^\n"
    "     = hint: did you mean amount?\n"
    "1 error\n");
  rig_end(&r);
}

/* Tabs stay tabs, so that carets stand right whatever a tab is worth; wide characters take two
 * columns. */
static void carets_stand_under_what_is_meant(void **state) {
  (void)state;
  Rig r = text_of("\ta\t= bad\n\xE6\x97\xA5\xE6\x9C\xAC x\n"
                  "\xF0\x9F\x98\x80\xC3\xA9" "e\xCC\x81 y\nz \xE6\x97\xA5\r\n");
  diag_error(&r.c, span(&r, "bad", 3), 1, "one");
  diag_error(&r.c, span(&r, "x", 1), 1, "two");
  diag_error(&r.c, span(&r, "y", 1), 1, "three");
  diag_error(&r.c, span(&r, "\xE6\x97\xA5\r", 3), 1, "four");
  assert_string_equal(rig_printed(&r, false, false),
    "fraud.weir:1:6: error[E0001]: one\n"
    "   1 | \ta\t= bad\n"
    "     | \t \t  ^^^\n"
    "fraud.weir:2:4: error[E0001]: two\n"
    "   2 | \xE6\x97\xA5\xE6\x9C\xAC x\n"
    "     |      ^\n"
    "fraud.weir:3:6: error[E0001]: three\n"
    "   3 | \xF0\x9F\x98\x80\xC3\xA9" "e\xCC\x81 y\n"
    "     |      ^\n"
    "fraud.weir:4:3: error[E0001]: four\n"
    "   4 | z \xE6\x97\xA5\n"
    "     |   ^^\n"
    "4 errors\n");
  rig_end(&r);
}

static void spans_over_lines_and_at_the_end(void **state) {
  (void)state;
  Rig r = text_of("ab {\n  cd\n}\nlast");
  diag_error(&r.c, (Span){3, 12, 0}, 1, "block");
  diag_error(&r.c, (Span){16, 16, 0}, 1, "end");
  diag_error(&r.c, (Span){4, 5, 0}, 1, "newline");
  assert_string_equal(rig_printed(&r, false, false),
    "fraud.weir:1:4: error[E0001]: block\n   1 | ab {\n     |    ^\n"
    "fraud.weir:1:5: error[E0001]: newline\n   1 | ab {\n     |     ^\n"
    "fraud.weir:4:5: error[E0001]: end\n   4 | last\n     |     ^\n3 errors\n");
  rig_end(&r);
}

static void sorted_and_said_once(void **state) {
  (void)state;
  Rig r = text_of("a b c\nd\n");
  source_text(&r.c, "other.weir", "x", 1);
  diag_error(&r.c, (Span){0, 1, 1}, 2, "other file");
  diag_warning(&r.c, (Span){6, 7, 0}, 2, "later");
  diag_error(&r.c, (Span){2, 3, 0}, 2, "same");
  diag_error(&r.c, (Span){0, 1, 0}, 2, "first");
  diag_error(&r.c, (Span){2, 3, 0}, 2, "not the same");
  diag_error(&r.c, (Span){2, 3, 0}, 2, "same");
  diag_error(&r.c, SPAN_NONE, 2, "nowhere");
  char *out = rig_printed(&r, false, false);
  static const char *const order[] = {"first", ": same", "not the same", "later", "other file",
    "weir: error[E0002]: nowhere"};
  const char *at = out;
  for (int i = 0; i < 6; i++) assert_non_null(at = strstr(at, order[i]));
  assert_int_equal(count_of(out, ": same"), 1);
  assert_non_null(strstr(out, "fraud.weir:2:1: warning[E0002]: later"));
  assert_non_null(strstr(out, "\n5 errors, 1 warning\n"));
  assert_true(diag_any_error(&r.c));
  rig_end(&r);
}

static void warnings_are_no_errors(void **state) {
  (void)state;
  Rig r = text_of("a");
  assert_string_equal(rig_printed(&r, false, false), "");
  diag_warning(&r.c, (Span){0, 1, 0}, 2, "w");
  assert_false(diag_any_error(&r.c));
  assert_non_null(strstr(rig_printed(&r, false, false), "\n1 warning\n"));
  rig_end(&r);
}

static void json_lines(void **state) {
  (void)state;
  Rig r = text_of("a \xC3\xA9 b\nc d\n");
  Diag *d = diag_error(&r.c, (Span){5, 8, 0}, 301, "say \"x\"\n\\\x01");
  diag_note(&r.c, d, (Span){0, 1, 0}, "n1");
  diag_note(&r.c, d, SPAN_NONE, "n2");
  diag_hint(&r.c, d, "h");
  diag_warning(&r.c, SPAN_NONE, 2, "w");
  assert_string_equal(rig_printed(&r, true, false),
    "{\"severity\":\"error\",\"code\":\"E0301\",\"message\":\"say \\\"x\\\"\\u000a\\\\\\u0001\","
    "\"file\":\"fraud.weir\","
    "\"line\":1,\"column\":5,\"endLine\":2,\"endColumn\":2,"
    "\"notes\":[{\"message\":\"n1\",\"file\":\"fraud.weir\",\"line\":1,"
    "\"column\":1,\"endLine\":1,\"endColumn\":2},{\"message\":\"n2\"}],\"hint\":\"h\"}\n"
    "{\"severity\":\"warning\",\"code\":\"E0002\",\"message\":\"w\",\"notes\":[]}\n");
  rig_end(&r);
}

static void colour_only_when_asked(void **state) {
  (void)state;
  Rig r = text_of("a");
  diag_hint(&r.c, diag_error(&r.c, (Span){0, 1, 0}, 2, "m"), "h");
  assert_null(strchr(rig_printed(&r, false, false), '\033'));
  char *colours = rig_printed(&r, false, true);
  assert_int_equal(count_of(colours, "\033[0m"), 4);
  assert_non_null(strstr(colours, "\033[1;31merror[E0002]\033[0m: m\n"));
  rig_end(&r);
}

/* A file cannot steer the terminal, nor can a message that quotes it. */
static void control_characters_are_not_printed(void **state) {
  (void)state;
  Rig r = text_of("a \033[2J \x7F \xC2\x9B \xE2\x80\xAE b");
  diag_error(&r.c, span(&r, "b", 1), 2, "at \033[31m");
  char *out = rig_printed(&r, false, false);
  assert_null(strchr(out, '\033'));
  assert_null(strchr(out, '\x7F'));
  assert_null(strstr(out, "\xC2\x9B"));
  assert_null(strstr(out, "\xE2\x80\xAE"));
  assert_int_equal(count_of(out, "\xEF\xBF\xBD"), 5);
  rig_end(&r);
}

static void long_lines_are_cut(void **state) {
  (void)state;
  char text[5001];
  memset(text, 'x', 5000);
  text[5000] = 0;
  memcpy(text + 3000, "HERE", 4);
  Rig r = text_of(text);
  diag_error(&r.c, (Span){3000, 3004, 0}, 2, "m");
  diag_error(&r.c, (Span){4000, 5000, 0}, 2, "long");
  char *out = rig_printed(&r, false, false);
  assert_true(strlen(out) < 1000);
  char *line = strstr(out, "   1 | "), *caret = strstr(line, "     | ");
  assert_non_null(caret);
  assert_int_equal(strstr(line, "HERE") - line, strchr(caret, '^') - caret);
  assert_int_equal(strspn(strchr(caret, '^'), "^"), 4);
  rig_end(&r);
}

static void places_count_code_points(void **state) {
  (void)state;
  Rig r = text_of("a\xC3\xA9z\n\nlast");
  static const struct { uint32_t offset; int line, column; } cases[] = {
    {0, 1, 1}, {1, 1, 2}, {3, 1, 3}, {4, 1, 4}, {5, 2, 1}, {6, 3, 1}, {10, 3, 5}, {999, 3, 5}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int line, column;
    source_place(r.src, cases[i].offset, &line, &column);
    assert_int_equal(line, cases[i].line);
    assert_int_equal(column, cases[i].column);
  }
  rig_end(&r);
}

static void every_code_is_once_in_the_table(void **state) {
  (void)state;
  static const int codes[] = {
#define DIAG(id, number, title) number,
#include "diag_codes.def"
#undef DIAG
  };
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    for (size_t k = 0; k < i; k++) assert_int_not_equal(codes[i], codes[k]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_message_with_note_and_hint),
    cmocka_unit_test(carets_stand_under_what_is_meant),
    cmocka_unit_test(spans_over_lines_and_at_the_end),
    cmocka_unit_test(sorted_and_said_once),
    cmocka_unit_test(warnings_are_no_errors),
    cmocka_unit_test(json_lines),
    cmocka_unit_test(colour_only_when_asked),
    cmocka_unit_test(control_characters_are_not_printed),
    cmocka_unit_test(long_lines_are_cut),
    cmocka_unit_test(places_count_code_points),
    cmocka_unit_test(every_code_is_once_in_the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
