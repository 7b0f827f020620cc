/* test_json.c -- JSON lines: what is read, what is refused, and that all decoders agree. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "json_rig.h"

typedef struct one { const char *in, *out; enum wr_err err; } one;    /* out: part of the text written back */

static const one scalars[] = {
  { "{}", "\"i\":null", 0 },
  { " \t{ \"i\" : 5 } \r", "\"i\":5", 0 },
  { "{\"i\":0}", "\"i\":0", 0 },
  { "{\"i\":-0}", "\"i\":0", 0 },
  { "{\"i\":12345678}", "\"i\":12345678,", 0 },
  { "{\"i\":123456789}", "\"i\":123456789,", 0 },
  { "{\"i\":123456789012345678}", "\"i\":123456789012345678,", 0 },
  { "{\"i\":1234567890123456789}", "\"i\":1234567890123456789,", 0 },
  { "{\"i\":9223372036854775807}", "\"i\":9223372036854775807,", 0 },
  { "{\"i\":-9223372036854775808}", "\"i\":-9223372036854775808,", 0 },
  { "{\"i\":9223372036854775808}", 0, WR_E_RANGE },
  { "{\"i\":-9223372036854775809}", 0, WR_E_RANGE },
  { "{\"i\":100000000000000000000}", 0, WR_E_RANGE },
  { "{\"i\":5.0}", "\"i\":5,", 0 },
  { "{\"i\":1e3}", "\"i\":1000,", 0 },
  { "{\"i\":15E-1}", 0, WR_E_TYPE },
  { "{\"i\":1.5}", 0, WR_E_TYPE },
  { "{\"i\":1e30}", 0, WR_E_RANGE },
  { "{\"i\":\"5\"}", 0, WR_E_TYPE },
  { "{\"i\":true}", 0, WR_E_TYPE },
  { "{\"i\":[1]}", 0, WR_E_TYPE },
  { "{\"i\":{}}", 0, WR_E_TYPE },
  { "{\"i\":01}", 0, WR_E_SYNTAX },
  { "{\"i\":-}", 0, WR_E_SYNTAX },
  { "{\"i\":+1}", 0, WR_E_SYNTAX },
  { "{\"i\":.5}", 0, WR_E_SYNTAX },
  { "{\"i\":1.}", 0, WR_E_SYNTAX },
  { "{\"i\":1e}", 0, WR_E_SYNTAX },
  { "{\"i\":0x10}", 0, WR_E_SYNTAX },
  { "{\"i\":1 2}", 0, WR_E_SYNTAX },
  { "{\"i\":nul}", 0, WR_E_SYNTAX },
  { "{\"i\":nullx}", 0, WR_E_SYNTAX },
  { "{\"i\":}", 0, WR_E_SYNTAX },
  { "{\"f\":1}", "\"f\":1.0", 0 },
  { "{\"f\":-0.0}", "\"f\":0.0", 0 },
  { "{\"f\":0.1}", "\"f\":0.1", 0 },
  { "{\"f\":1.7976931348623157e308}", "\"f\":1.7976931348623157e", 0 },
  { "{\"f\":1e309}", 0, WR_E_RANGE },
  { "{\"f\":123456789012345678901234567890}", "\"f\":1.2345678901234568e", 0 },
  { "{\"f\":9007199254740993}", "\"f\":9007199254740992.0", 0 },
  { "{\"f\":0.30000000000000004}", "\"f\":0.30000000000000004", 0 },
  { "{\"f\":NaN}", 0, WR_E_SYNTAX },
  { "{\"f\":Infinity}", 0, WR_E_SYNTAX },
  { "{\"d\":10.5}", "\"d\":10.50", 0 },
  { "{\"d\":10.000}", "\"d\":10.00", 0 },
  { "{\"d\":10.005}", 0, WR_E_TYPE },
  { "{\"d\":-0.01}", "\"d\":-0.01", 0 },
  { "{\"d\":92233720368547758.07}", "\"d\":92233720368547758.07", 0 },
  { "{\"d\":92233720368547758.08}", 0, WR_E_RANGE },
  { "{\"d\":1e2}", "\"d\":100.00", 0 },
  { "{\"b\":true}", "\"b\":true", 0 },
  { "{\"b\":false}", "\"b\":false", 0 },
  { "{\"b\":True}", 0, WR_E_SYNTAX },
  { "{\"b\":1}", 0, WR_E_TYPE },
  { "{\"t\":\"2026-01-31T10:00:00Z\"}", "\"t\":\"2026-01-31T10:00:00Z\"", 0 },
  { "{\"t\":\"2026-01-31T10:00:00.25+02:00\"}", "\"t\":\"2026-01-31T08:00:00.25Z\"", 0 },
  { "{\"t\":\"2026-01-31T10:00:00\\u005a\"}", "\"t\":\"2026-01-31T10:00:00Z\"", 0 },
  { "{\"t\":\"yesterday\"}", 0, WR_E_TYPE },
  { "{\"t\":1700000000}", 0, WR_E_TYPE },
  { "{\"u\":\"1h30m\"}", "\"u\":\"1h30m\"", 0 },
  { "{\"u\":90}", 0, WR_E_TYPE },
  { "{\"e\":\"green\"}", "\"e\":\"green\"", 0 },
  { "{\"e\":\"gr\\u0065en\"}", "\"e\":\"green\"", 0 },
  { "{\"e\":\"mauve\"}", "\"e\":\"other\"", 0 },
  { "{\"e\":\"\"}", "\"e\":\"other\"", 0 },
  { "{\"e\":1}", 0, WR_E_TYPE },
};

static const one strings[] = {
  { "{\"s\":\"\"}", "\"s\":\"\"", 0 },
  { "{\"s\":\"a\\\"b\\\\c\\/d\"}", "\"s\":\"a\\\"b\\\\c/d\"", 0 },
  { "{\"s\":\"\\b\\f\\n\\r\\t\"}", "\"s\":\"\\b\\f\\n\\r\\t\"", 0 },
  { "{\"s\":\"\\u0041\\u00e9\\u20ac\"}", "\"s\":\"A\xC3\xA9\xE2\x82\xAC\"", 0 },
  { "{\"s\":\"\\uD83D\\uDE00\"}", "\"s\":\"\xF0\x9F\x98\x80\"", 0 },
  { "{\"s\":\"\\u0000\"}", "\"s\":\"\\u0000\"", 0 },
  { "{\"s\":\"\\uD83D\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"\\uD83Dx\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"\\uD83D\\n\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"\\uD83D\\uD83D\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"\\uDE00\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"\\u12G4\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"\\u12", 0, WR_E_SYNTAX },
  { "{\"s\":\"\\x41\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"\\0\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"a\tb\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"a\x1F\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"a\x7F\"}", "\"s\":\"a\x7F\"", 0 },
  { "{\"s\":\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"}", "\"s\":\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"", 0 },
  { "{\"s\":\"\xC3(\"}", 0, WR_E_UTF8 },
  { "{\"s\":\"\xC0\x80\"}", 0, WR_E_UTF8 },
  { "{\"s\":\"\xED\xA0\x80\"}", 0, WR_E_UTF8 },
  { "{\"s\":\"\xF4\x90\x80\x80\"}", 0, WR_E_UTF8 },
  { "{\"s\":\"0123456789012345678901234567890123456789 \xFF\"}", 0, WR_E_UTF8 },
  { "{\"s\":5}", 0, WR_E_TYPE },
  { "{\"s\":'a'}", 0, WR_E_SYNTAX },
  { "{\"s\":\"abc}", 0, WR_E_SYNTAX },
  { "{\"s\":\"abc\\\"}", 0, WR_E_SYNTAX },
  { "{\"s\":\"0123456789012345678901234567890123456789\\\"0123456789012345678901234567890123456789\"}",
    "\"s\":\"0123456789012345678901234567890123456789\\\"0123456789012345678901234567890123456789\"", 0 },
  { "{\"y\":\"caf\xC3\xA9\"}", "\"y\":\"caf\xC3\xA9\"", 0 },
};

static const one structure[] = {
  { "", 0, 0 },
  { "   ", 0, 0 },
  { "[]", 0, WR_E_TYPE },
  { "5", 0, WR_E_TYPE },
  { "[", 0, WR_E_SYNTAX },
  { "{", 0, WR_E_SYNTAX },
  { "{\"i\"", 0, WR_E_SYNTAX },
  { "{\"i\":", 0, WR_E_SYNTAX },
  { "{\"i\":1", 0, WR_E_SYNTAX },
  { "{\"i\":1,", 0, WR_E_SYNTAX },
  { "{\"i\":1,}", 0, WR_E_SYNTAX },
  { "{,\"i\":1}", 0, WR_E_SYNTAX },
  { "{\"i\" 1}", 0, WR_E_SYNTAX },
  { "{\"i\":1;\"s\":\"\"}", 0, WR_E_SYNTAX },
  { "{i:1}", 0, WR_E_SYNTAX },
  { "{\"i\":1}}", 0, WR_E_SYNTAX },
  { "{\"i\":1} x", 0, WR_E_SYNTAX },
  { "{\"i\":1}{\"i\":2}", 0, WR_E_SYNTAX },
  { "{\"i\":1]", 0, WR_E_SYNTAX },
  { "{\"i\":1{\"i\":2}", 0, WR_E_SYNTAX },
  { "{\"x\":1{\"i\":2}", 0, WR_E_SYNTAX },
  { "{\"x\":{\"a\":[1,{\"b\":\"}\"},null,[]],\"c\":{}},\"i\":3}", "\"i\":3", 0 },
  { "{\"x\":[1 2]}", 0, WR_E_SYNTAX },
  { "{\"x\":[1,]}", 0, WR_E_SYNTAX },
  { "{\"x\":[}", 0, WR_E_SYNTAX },
  { "{\"x\":{\"a\"}}", 0, WR_E_SYNTAX },
  { "{\"x\":{\"a\":1,}}", 0, WR_E_SYNTAX },
  { "{\"x\":{1:2}}", 0, WR_E_SYNTAX },
  { "{\"x\":[1}}", 0, WR_E_SYNTAX },
  { "{\"x\":\"a\nb\"}", 0, WR_E_SYNTAX },
  { "{\"x\":\"\\uD800\"}", 0, WR_E_SYNTAX },
  { "{\"x\":[\"\\q\"]}", 0, WR_E_SYNTAX },
  { "{\"x\":\"\xFF\"}", "\"i\":null", 0 },                       /* not read: not looked at */
  { "{\"x\":01.e}", "\"i\":null", 0 },
  { "{\"x\":@}", 0, WR_E_SYNTAX },
  { "{\"x\":}", 0, WR_E_SYNTAX },
  { "{\"unread\":\"no number\"}", "\"i\":null", 0 },
  { "{\"i\":1,\"i\":2}", "\"i\":2", 0 },
  { "{\"i\":1,\"i\":null}", "\"i\":null", 0 },
  { "{\"\\u0069\":4}", "\"i\":4", 0 },
  { "{\"site\":{\"name\":\"a\",\"zone\":\"b\"},\"site\":{\"name\":\"c\"}}", "\"site\":{\"name\":\"c\",\"zone\":null}", 0 },
  { "{\"site\":{\"name\":\"a\"},\"site\":{\"zone\":\"b\"}}", 0, WR_E_MISSING },
  { "{\"site\":null}", "\"site\":null", 0 },
  { "{\"site\":{}}", 0, WR_E_MISSING },
  { "{\"site\":{\"name\":null}}", 0, WR_E_NULL_VALUE },
  { "{\"site\":[]}", 0, WR_E_TYPE },
  { "{\"l\":[]}", "\"l\":[]", 0 },
  { "{\"l\":[ 1 , 2,3 ]}", "\"l\":[1,2,3]", 0 },
  { "{\"l\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}", "\"l\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", 0 },
  { "{\"l\":[1,null]}", 0, WR_E_NULL_VALUE },
  { "{\"l\":[1,\"a\"]}", 0, WR_E_TYPE },
  { "{\"l\":[1,2}", 0, WR_E_SYNTAX },
  { "{\"m\":{}}", "\"m\":{}", 0 },
  { "{\"m\":{\"a\":1,\"b\":2,\"a\":3}}", "\"m\":{\"b\":2.0,\"a\":3.0}", 0 },
  { "{\"m\":{\"\\u0061\":1,\"a\":3}}", "\"m\":{\"a\":3.0}", 0 },
  { "{\"m\":{\"a\":\"x\"}}", 0, WR_E_TYPE },
  { "{\"items\":[{\"a\":1},{\"b\":\"x\",\"z\":[],\"a\":2}]}", "\"items\":[{\"a\":1,\"b\":null},{\"a\":2,\"b\":\"x\"}]", 0 },
  { "{\"items\":[{\"b\":\"x\"}]}", 0, WR_E_MISSING },
  { "{\"items\":[{\"a\":1,\"a\":7}]}", "\"items\":[{\"a\":7,\"b\":null}]", 0 },
  { "{\"items\":[null]}", 0, WR_E_NULL_VALUE },
  { "{\"j\": {\"a\": [1, 2.50, \"x\"]} }", "\"j\":{\"a\": [1, 2.50, \"x\"]}", 0 },
  { "{\"j\":\"text\"}", "\"j\":\"text\"", 0 },
  { "{\"j\":[tru]}", 0, WR_E_SYNTAX },
  { "{\"j\":[\"\xFF\"]}", 0, WR_E_UTF8 },
  { "{\"j\":null}", "\"j\":null", 0 },
};

static void each(const one *cases, size_t n)
{
  rig r = { 0 };
  json_state *s = json_rig_open(&r);
  wr_buf out = { 0, 0, 0 };

  for (size_t i = 0; i < n; i++) {
    size_t len = strlen(cases[i].in);
    char *copy = malloc(len + 1);         /* exactly as long: reading past it is seen */
    enum wr_err err;
    memcpy(copy, cases[i].in, len);
    err = json_rig_decode(&r, s, 0, &wide_type, (wr_str){ copy, (wr_u32)len, 0 }, &out);
    if (err != cases[i].err) fail_msg("%s: error %d, not %d", cases[i].in, err, cases[i].err);
    if (cases[i].out && !strstr(out.p, cases[i].out)) fail_msg("%s: gave %s", cases[i].in, out.p);
    if (!cases[i].out) assert_int_equal(out.n, 1);
    free(copy);
    rig_forget(&r);
  }
  wr_fmt_json.close(&r.ctx, s);
  wr_buf_free(&out);
  rig_free(&r);
}

static void test_scalars(void **state) { (void)state; each(scalars, sizeof scalars / sizeof *scalars); }
static void test_strings(void **state) { (void)state; each(strings, sizeof strings / sizeof *strings); }
static void test_structure(void **state) { (void)state; each(structure, sizeof structure / sizeof *structure); }

/* A quote, backslash or control character at every distance from the ends of blocks. */
static void test_string_lengths(void **state)
{
  rig r = { 0 };
  json_state *s = json_rig_open(&r);
  wr_buf out = { 0, 0, 0 };

  (void)state;
  for (size_t len = 0; len < 150; len++)
    for (int kind = 0; kind < 4; kind++) {
      static const char *const insert[] = { "", "\\n", "\x01", "\xC3" };
      static const enum wr_err wanted[] = { 0, 0, WR_E_SYNTAX, WR_E_UTF8 };
      char *text = malloc(len + 16), want[200];
      size_t n = (size_t)sprintf(text, "{\"s\":\"%*s", (int)len, "");
      for (char *c = text + 6; *c; c++) *c = (char)('a' + (c - text) % 26);
      n += (size_t)sprintf(text + n, "%s\"}", insert[kind]);
      text = realloc(text, n);
      snprintf(want, sizeof want, "\"s\":\"%.*s%s\"", (int)len, text + 6, kind == 1 ? "\\n" : "");
      assert_int_equal(json_rig_decode(&r, s, 0, &wide_type, (wr_str){ text, (wr_u32)n, 0 }, &out), wanted[kind]);
      if (!wanted[kind]) assert_non_null(strstr(out.p, want));
      free(text);
      rig_forget(&r);
    }
  wr_fmt_json.close(&r.ctx, s);
  wr_buf_free(&out);
  rig_free(&r);
}

static enum wr_err once(const wr_type *t, bool strict, const char *in, char *field, char *text)
{
  rig r = { 0 };
  json_state *s = json_rig_open(&r);
  wr_source source = { .strict = strict };
  wr_buf out = { 0, 0, 0 };
  enum wr_err err = json_rig_decode(&r, s, &source, t, RIG_STR(in), &out);

  if (field) strcpy(field, err ? r.bad[0].field : "");
  if (text) strcpy(text, out.p);
  wr_fmt_json.close(&r.ctx, s);
  wr_buf_free(&out);
  rig_free(&r);
  return err;
}

static void test_depth(void **state)
{
  char in[400];

  (void)state;
  for (int deep = 1; deep < 70; deep++) {
    sprintf(in, "{\"x\":%.*s%.*s}", deep, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", deep,
            "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    assert_int_equal(once(&wide_type, false, in, 0, 0), deep <= 63 ? WR_E_NONE : WR_E_TOO_DEEP);
    sprintf(in, "{\"j\":%.*s%.*s}", deep, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", deep,
            "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    assert_int_equal(once(&wide_type, false, in, 0, 0), deep <= 63 ? WR_E_NONE : WR_E_TOO_DEEP);
  }
}

static const wr_slot seven = { .u.i = 7 };
static const wr_field inner[] = { LEAF("must", 3, .kind = WR_STR), LEAF("unread", -1, .kind = WR_INT) };
static const wr_field need_fields[] = {
  LEAF("id", 0, .kind = WR_INT), { .name = "n", .len = 1, .col = 1, .type = &int_type, .dflt = &seven },
  LEAF("note", 2, .kind = WR_STR, .nullable = 1), LEAF("in", -1, .kind = WR_REC, .n = 2, .fields = inner),
  LEAF("skipped", -1, .kind = WR_INT),
};
static const wr_type need_type = { .kind = WR_REC, .n = 5, .fields = need_fields };

static void test_missing(void **state)
{
  char field[64], text[256];

  (void)state;
  assert_int_equal(once(&need_type, false, "{\"id\":1,\"in\":{\"must\":\"m\"}}", 0, text), 0);
  assert_string_equal(text, "{\"id\":1,\"n\":7,\"note\":null,\"in\":{\"must\":\"m\"}}\n");
  assert_int_equal(once(&need_type, false, "{\"in\":{\"must\":\"m\"}}", field, 0), WR_E_MISSING);
  assert_string_equal(field, "id");
  assert_int_equal(once(&need_type, false, "{\"id\":1,\"in\":{}}", field, 0), WR_E_MISSING);
  assert_string_equal(field, "in.must");
  assert_int_equal(once(&need_type, false, "{\"id\":1}", field, 0), WR_E_MISSING);
  assert_string_equal(field, "in");
  assert_int_equal(once(&need_type, false, "{\"id\":null,\"in\":{\"must\":\"m\"}}", field, 0), WR_E_NULL_VALUE);
  assert_int_equal(once(&need_type, false, "{\"id\":1,\"n\":null,\"in\":{\"must\":\"m\"}}", field, 0), WR_E_NULL_VALUE);
  assert_string_equal(field, "n");
}

static bool passes(const char *in, enum wr_err *err, char *text)
{
  rig r = { 0 };
  json_state *s = json_rig_open(&r);
  wr_buf out = { 0, 0, 0 };
  bool passed;

  *err = json_rig_filtered(&r, s, RIG_STR(in), &out);
  passed = !r.rejected;
  if (*err == 0 && passed) strcpy(text, out.p);
  wr_fmt_json.close(&r.ctx, s);
  wr_buf_free(&out);
  rig_free(&r);
  return passed;
}

/* A filter in the decoder: what it does not need is read of rows that pass, wherever it stands. */
static void test_filter(void **state)
{
  static const struct { const char *in; bool passed, bad; const char *has; } row[] = {
    { "{\"i\":2,\"d\":1.5,\"f\":1e3,\"s\":\"x\",\"l\":[1, 2 ]}", true, false, "\"d\":1.50,\"s\":\"x\"" },
    { "{\"l\":[1, 2 ],\"s\":\"\\u00e9\",\"f\":1e3,\"d\" : 1.5 ,\"i\":2}", true, false, "\"l\":[1,2]" },
    { "{\"i\":1,\"d\":1.5}", false, false, 0 },
    { "{\"i\":1,\"d\":\"x\",\"t\":7,\"s\":{},\"site\":[],\"f\":1.5.5}", false, true, 0 },
    { "{\"i\":2,\"d\":\"x\"}", true, true, 0 },
    { "{\"i\":2,\"f\":1.5.5}", true, true, 0 },
    { "{\"f\":1.5.5,\"i\":2}", true, true, 0 },
    { "{\"s\":\"\xff\",\"i\":2}", true, true, 0 },
    { "{\"s\":\"\xff\",\"i\":1}", false, true, 0 },
    { "{\"d\":1,\"d\":2,\"i\":1,\"d\":3,\"i\":2}", true, false, "\"d\":3.00" },
    { "{\"d\":\"x\",\"d\":2,\"i\":2}", true, true, 0 },
    { "{\"d\":1,\"i\":2,\"d\":3,\"f\":2}", true, false, "\"f\":2.0,\"d\":3.00" },
    { "{\"i\":2,\"d\":1,\"i\":1,\"d\":3,\"i\":4}", true, false, "\"d\":3.00" },
    { "{\"i\":2,\"d\":\"x\",\"i\":1}", false, true, 0 },
    { "{\"i\":1,\"d\":\"x\",\"i\":2}", true, true, 0 },
    { "{\"i\":2,\"f\":1.5.5,\"i\":1}", false, true, 0 },
    { "{\"i\":null,\"d\":\"x\"}", false, true, 0 },
    { "{\"d\":\"x\"}", false, true, 0 },
    { "{\"s\":7,\"s\":\"x\",\"i\":2}", true, true, 0 },
    { "{\"i\":1,\"d\":1.5", true, true, 0 },
    { "{\"i\":1,\"d\":[1,}", true, true, 0 },
    { "{\"i\":1,\"s\":", true, true, 0 },
    { "{\"i\":1,\"e\":", true, true, 0 },
    { "{\"i\":\"1\",\"d\":1}", true, true, 0 },
    { "{\"i\":2,\"site\":{\"name\":\"n\"},\"site\":null}", true, false, "\"site\":null" },
    { "{\"i\":2,\"site\":{}}", true, true, 0 },
    { "{\"i\":1,\"site\":{}}", false, true, 0 },
  };

  (void)state;
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    char text[2000];
    enum wr_err err;
    assert_int_equal(passes(row[i].in, &err, text), row[i].passed);
    assert_int_equal(err != 0, row[i].bad);
    if (row[i].has) assert_non_null(strstr(text, row[i].has));
  }
}

static void test_strict(void **state)
{
  char field[64];

  (void)state;
#define GOOD "\"id\":1,\"skipped\":2,\"in\":{\"must\":\"m\",\"unread\":3}"
  assert_int_equal(once(&need_type, true, "{" GOOD "}", 0, 0), 0);
  assert_int_equal(once(&need_type, true, "{\"id\":1,\"skipped\":\"x\",\"in\":{\"must\":\"m\",\"unread\":3}}", field, 0), WR_E_TYPE);
  assert_string_equal(field, "skipped");
  assert_int_equal(once(&need_type, true, "{\"id\":1,\"skipped\":2,\"in\":{\"must\":\"m\"}}", field, 0), WR_E_MISSING);
  assert_string_equal(field, "in.unread");
  assert_int_equal(once(&need_type, true, "{" GOOD ",\"id\":2}", field, 0), WR_E_DUPLICATE);
  assert_int_equal(once(&need_type, true, "{" GOOD ",\"zzz\":2}", 0, 0), WR_E_UNKNOWN_FIELD);
  assert_int_equal(once(&wide_type, true, "{\"m\":{\"a\":1,\"a\":2}}", 0, 0), WR_E_DUPLICATE);
  assert_int_equal(once(&wide_type, true, "{\"items\":[{\"a\":1,\"q\":2}]}", 0, 0), WR_E_UNKNOWN_FIELD);
}

/* A record type that reads nothing still wants well-formed records. */
static void test_no_fields(void **state)
{
  static const wr_type none = { .kind = WR_REC };

  (void)state;
  assert_int_equal(once(&none, false, "{\"a\":[1,2,{}],\"b\":\"\\n\"}", 0, 0), 0);
  assert_int_equal(once(&none, false, "{\"a\":[1,2,{}],\"b\":\"\\n}", 0, 0), WR_E_SYNTAX);
  assert_int_equal(once(&none, false, "{\"a\":[1,2,{}]\"b\":1}", 0, 0), WR_E_SYNTAX);
}

static wr_i64 as_unit(const char *unit, const char *in, enum wr_err *err, char *text)
{
  static const wr_type ts = { .kind = WR_TS_ };
  static const wr_field f[] = { { .name = "t", .len = 1, .col = 0, .type = &ts } };
  static const wr_type t = { .kind = WR_REC, .n = 1, .fields = f };
  rig r = { 0 };
  wr_slot opt = wr_str_slot(RIG_STR(unit), 0);
  json_state *s = wr_fmt_json.open(&r.ctx, &t, &opt);
  wr_buf out = { 0, 0, 0 };
  rig_shape shape;
  wr_batch *b = rig_batch(&shape, &t, 1);
  wr_str rec = RIG_STR(in);
  wr_i64 v;

  wr_fmt_json.decode(&r.ctx, s, 0, &t, &rec, 1, 0, b);
  *err = r.nbad ? r.bad[0].kind : WR_E_NONE;
  v = *(wr_i64 *)b->col[0].v;
  wr_fmt_json.encode(&r.ctx, s, &t, b, &out);
  wr_buf_add(&out, "", 1);
  strcpy(text, out.p);
  wr_buf_free(&out);
  wr_batch_free(b, shape.kind);
  wr_fmt_json.close(&r.ctx, s);
  rig_free(&r);
  return v;
}

static void test_units(void **state)
{
  enum wr_err err;
  char text[100];

  (void)state;
  assert_int_equal(as_unit("s", "{\"t\":1700000000}", &err, text), 1700000000000000);
  assert_string_equal(text, "{\"t\":1700000000}\n");
  assert_int_equal(as_unit("ms", "{\"t\":1436918367700}", &err, text), 1436918367700000);
  assert_string_equal(text, "{\"t\":1436918367700}\n");
  assert_int_equal(as_unit("us", "{\"t\":-5}", &err, text), -5);
  as_unit("ms", "{\"t\":\"2026-01-01T00:00:00Z\"}", &err, text);
  assert_int_equal(err, WR_E_TYPE);
  as_unit("s", "{\"t\":9223372036854775807}", &err, text);
  assert_int_equal(err, WR_E_TIME_RANGE);
  as_unit("rfc3339", "{\"t\":5}", &err, text);
  assert_int_equal(err, WR_E_TYPE);
}

/* Records whose fields change order, come and go, and have other white space: what was learned of
 * one must never be believed of another. */
static void test_learning(void **state)
{
  static const char *const in[] = {
    "{\"i\":1,\"s\":\"a\",\"b\":true}", "{\"i\":2,\"s\":\"b\",\"b\":false}", "{\"s\":\"c\",\"i\":3,\"b\":true}",
    "{\"b\":true,\"s\":\"d\"}", "{ \"i\": 5, \"s\": \"e\" }", "{\"i\":6,\"unknown\":[1],\"s\":\"f\"}",
    "{\"i\":7,\"unknown\":{\"s\":\"no\"},\"s\":\"g\"}", "{\"i\":8,\"s\":\"h\",\"site\":{\"zone\":\"z\",\"name\":\"n\"},\"b\":true}",
    "{\"i\":9,\"s\":\"i\",\"site\":{\"name\":\"n\"},\"b\":true}", "{}", "{\"i\":10}",
    "{\"i\":11,\"a_long_name_that_no_mark_can_hold_because_it_has_more_than_sixty_four_bytes\":1,\"s\":\"k\"}",
  };
  enum { N = sizeof in / sizeof *in };
  char alone[N][512];
  rig r = { 0 };
  json_state *s = json_rig_open(&r);
  wr_buf out = { 0, 0, 0 };
  unsigned seed = 1;

  (void)state;
  for (int i = 0; i < N; i++) assert_int_equal(once(&wide_type, false, in[i], 0, alone[i]), 0);
  for (int k = 0; k < 3000; k++) {
    int i = (int)((seed = seed * 1103515245 + 12345) >> 16) % N;
    assert_int_equal(json_rig_decode(&r, s, 0, &wide_type, RIG_STR(in[i]), &out), 0);
    assert_string_equal(out.p, alone[i]);
    rig_forget(&r);
  }
  wr_fmt_json.close(&r.ctx, s);
  wr_buf_free(&out);
  rig_free(&r);
}

/* Keys without end: learning stops, decoding does not. */
static void test_many_keys(void **state)
{
  rig r = { 0 };
  json_state *s = json_rig_open(&r);
  wr_buf out = { 0, 0, 0 };
  char in[100], want[32];

  (void)state;
  for (int i = 0; i < 2000; i++) {
    sprintf(in, "{\"k%d\":%d,\"i\":%d,\"k%d\":[{}]}", i, i, i, i + 7);
    sprintf(want, "\"i\":%d,", i);
    assert_int_equal(json_rig_decode(&r, s, 0, &wide_type, RIG_STR(in), &out), 0);
    assert_non_null(strstr(out.p, want));
    rig_forget(&r);
  }
  wr_fmt_json.close(&r.ctx, s);
  wr_buf_free(&out);
  rig_free(&r);
}

/* Every prefix and every changed byte of rich records: no crash, one verdict from all decoders, and
 * what is accepted reads back as it was written. */
static void test_mutations(void **state)
{
  static const char *const seed_text[] = {
    "{\"i\":-12,\"f\":1.5e3,\"d\":10.05,\"s\":\"a\\u00e9\xC3\xA9\",\"b\":true,\"t\":\"2026-01-31T10:00:00Z\",\"u\":\"1h\"}",
    "{\"e\":\"red\",\"j\":{\"a\":[1,null]},\"l\":[1,2],\"m\":{\"k\":1},\"site\":{\"name\":\"n\"},\"items\":[{\"a\":1}]}",
  };
  static const char bytes[] = "\"\\{}[]:,0-e.n \x01\xFF";
  rig r = { 0 };
  json_state *s = json_rig_open(&r);
  wr_buf out = { 0, 0, 0 }, again = { 0, 0, 0 };

  (void)state;
  for (int k = 0; k < 2; k++) {
    size_t n = strlen(seed_text[k]);
    for (size_t at = 0; at < n; at++)
      for (size_t c = 0; c < sizeof bytes; c++) {
        char *text = malloc(n);
        wr_str rec = { text, (wr_u32)(c + 1 < sizeof bytes ? n : at), 0 };
        memcpy(text, seed_text[k], n);
        if (c + 1 < sizeof bytes) text[at] = bytes[c];
        else text = realloc(text, at + 1), rec.p = text;
        if (json_rig_decode(&r, s, 0, &wide_type, rec, &out) == 0 && out.n > 1) {
          assert_int_equal(json_rig_decode(&r, s, 0, &wide_type, (wr_str){ out.p, (wr_u32)out.n - 1, 0 }, &again), 0);
          assert_string_equal(again.p, out.p);
        }
        free(text);
        rig_forget(&r);
      }
  }
  wr_fmt_json.close(&r.ctx, s);
  wr_buf_free(&out);
  wr_buf_free(&again);
  rig_free(&r);
}

static void test_mask(void **state)
{
  static const wr_type str = { .kind = WR_STR };
  static const wr_field f[] = {
    { .name = "a", .len = 1, .col = 0, .type = &str, .masking = WR_MASK_LAST, .mask_n = 4 },
    { .name = "b", .len = 1, .col = 1, .type = &str, .masking = WR_MASK_ALL },
    { .name = "c", .len = 1, .col = 2, .type = &int_type, .masking = WR_MASK_HASH },
  };
  static const wr_type t = { .kind = WR_REC, .n = 3, .fields = f };
  char text[256], again[256];

  (void)state;
  assert_int_equal(once(&t, false, "{\"a\":\"4111-\xC3\xA9\xC3\xA9yz\",\"b\":\"x\\ny\",\"c\":12}", 0, text), 0);
  assert_memory_equal(text, "{\"a\":\"*****\xC3\xA9\xC3\xA9yz\",\"b\":\"***\",\"c\":\"h:", 36);
  assert_int_equal(strlen(text), 36 + 16 + 3);
  assert_int_equal(once(&t, false, "{\"a\":\"4111-\xC3\xA9\xC3\xA9yz\",\"b\":\"x\\ny\",\"c\":13}", 0, again), 0);
  assert_string_not_equal(text, again);
}

static void test_values(void **state)
{
  rig r = { 0 };
  wr_slot s;
  wr_buf b = { 0, 0, 0 };
  wr_str doc = RIG_STR("{\"a\": {\"b\":[1, \"x\" ,null]}, \"a\":{\"c\":[10,20]}, \"d\":null, \"e\\n\":\"E\"}");
  static const wr_type bytes = { .kind = WR_BYTES };
  static const wr_type list = { .kind = WR_LIST, .elem = &item_type };

  (void)state;
  s = wr_json_get(&r.ctx, doc, RIG_STR("a"));
  assert_int_equal(s.len, 13);
  assert_memory_equal(s.u.p, "{\"c\":[10,20]}", 13);            /* the last one wins */
  s = wr_json_at(&r.ctx, wr_slot_str(wr_json_get(&r.ctx, wr_slot_str(s), RIG_STR("c"))), 1);
  assert_int_equal(s.st, 0);
  assert_memory_equal(s.u.p, "20", 2);
  assert_int_equal(wr_json_get(&r.ctx, doc, RIG_STR("d")).st, WR_NULL);
  assert_int_equal(wr_json_get(&r.ctx, doc, RIG_STR("zz")).st, WR_NULL);
  assert_int_equal(wr_json_get(&r.ctx, doc, RIG_STR("e\n")).st, 0);
  assert_int_equal(wr_json_get(&r.ctx, RIG_STR("[1]"), RIG_STR("a")).st, WR_NULL);
  assert_int_equal(wr_json_at(&r.ctx, RIG_STR("[1,2]"), 2).st, WR_NULL);
  assert_int_equal(wr_json_at(&r.ctx, RIG_STR("[1,2]"), -1).st, WR_NULL);
  wr_json_value(&b, &bytes, wr_str_slot(RIG_STR("\xFFyz0"), 0));
  assert_memory_equal(b.p, "\"base64:/3l6MA==\"", 17);
  b.n = 0;
  assert_int_equal(wr_json_parse(&r.ctx, &list, "[{\"a\":1},{\"a\":2,\"b\":\"q\"}] ", 26, &s), 0);
  wr_json_value(&b, &list, s);
  assert_memory_equal(b.p, "[{\"a\":1,\"b\":null},{\"a\":2,\"b\":\"q\"}]", b.n);
  assert_int_equal(wr_json_parse(&r.ctx, &list, "[] []", 5, &s), WR_E_SYNTAX);
  assert_int_equal(wr_json_parse(&r.ctx, &list, "", 0, &s), WR_E_SYNTAX);
  wr_buf_free(&b);
  rig_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_scalars), cmocka_unit_test(test_strings), cmocka_unit_test(test_structure),
    cmocka_unit_test(test_string_lengths), cmocka_unit_test(test_depth), cmocka_unit_test(test_missing),
    cmocka_unit_test(test_filter), cmocka_unit_test(test_strict), cmocka_unit_test(test_no_fields), cmocka_unit_test(test_units),
    cmocka_unit_test(test_learning), cmocka_unit_test(test_many_keys), cmocka_unit_test(test_mutations),
    cmocka_unit_test(test_mask), cmocka_unit_test(test_values),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
