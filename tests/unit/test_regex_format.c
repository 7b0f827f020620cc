/* test_regex_format.c -- text lines taken apart by a pattern, and lines taken whole. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "fmt.h"
#include "fmt_rig.h"

RIG_WEAK wr_regex *wr_regex_of(wr_ctx *ctx, wr_i32 index)
{
  (void)index;
  return RIG(ctx)->regex;
}

#define TYPE(...) &(const wr_type){ __VA_ARGS__ }
static const wr_field fields[] = {
  { .name = "ip", .len = 2, .col = 0, .type = TYPE(.kind = WR_STR) },
  { .name = "user", .len = 4, .col = 1, .type = TYPE(.kind = WR_STR, .nullable = 1) },
  { .name = "time", .len = 4, .col = 2, .type = TYPE(.kind = WR_TS_) },
  { .name = "status", .len = 6, .col = 3, .type = TYPE(.kind = WR_INT) },
  { .name = "http-referer", .len = 12, .col = 4, .type = TYPE(.kind = WR_STR, .nullable = 1) },
  { .name = "bytes", .len = 5, .col = 5, .type = TYPE(.kind = WR_INT, .nullable = 1) },
};
static const wr_type type = { .kind = WR_REC, .n = 6, .fields = fields };

static void *open_regex(rig *r, const char *pattern, const char *format)
{
  const char *error;
  size_t where;
  wr_slot opt[3] = { wr_i64_slot(0, 0), wr_str_slot(RIG_STR(format), 0), wr_i64_slot(0, -1) };

  r->regex = wr_regex_compile(RIG_STR(pattern), "", &error, &where);
  assert_non_null(r->regex);
  return wr_fmt_regex.open(&r->ctx, &type, opt);
}

static void test_access_log(void **state)
{
  static const char *const in[] = {
    "10.0.0.1 - ann [10/Oct/2000:13:55:36 -0700] 200 2326", "10.0.0.2 - - [11/Oct/2000:00:00:00 +0000] 404",
    "no such line", "10.0.0.3 - bob [bad time] 200 1", "10.0.0.4 - bob [10/Oct/2000:13:55:36 -0700] 99999999999999999999 1",
  };
  static const char out[] =
      "{\"ip\":\"10.0.0.1\",\"user\":\"ann\",\"time\":\"2000-10-10T20:55:36Z\",\"status\":200,\"http-referer\":null,\"bytes\":2326}\n"
      "{\"ip\":\"10.0.0.2\",\"user\":null,\"time\":\"2000-10-11T00:00:00Z\",\"status\":404,\"http-referer\":null,\"bytes\":null}\n";
  rig r = { 0 };
  void *s = open_regex(&r, "^(?P<ip>\\S+) - (?:-|(?P<user>\\S+)) \\[(?P<time>[^\\]]+)\\] (?P<status>\\d+)(?: (?P<bytes>\\d+))?",
                       "%d/%b/%Y:%H:%M:%S %z");
  rig_shape shape;
  wr_batch *b = rig_batch(&shape, &type, 10);
  wr_str rec[5];
  wr_slot none = wr_i64_slot(0, -1);
  void *json = wr_fmt_json.open(&r.ctx, &type, &none);
  wr_buf text = { 0, 0, 0 };

  (void)state;
  assert_non_null(s);
  for (int i = 0; i < 5; i++) rec[i] = RIG_STR(in[i]);
  wr_fmt_regex.decode(&r.ctx, s, 0, &type, rec, 5, 10, b);
  wr_fmt_json.encode(&r.ctx, json, &type, b, &text);
  wr_buf_add(&text, "", 1);
  assert_string_equal(text.p, out);
  assert_int_equal(r.nbad, 3);
  assert_int_equal(r.bad[0].kind, WR_E_SYNTAX);
  assert_int_equal(r.bad[0].off, 12);
  assert_int_equal(r.bad[1].kind, WR_E_TYPE);
  assert_string_equal(r.bad[1].field, "time");
  assert_int_equal(r.bad[2].kind, WR_E_RANGE);
  wr_buf_free(&text);
  wr_fmt_json.close(&r.ctx, json);
  wr_fmt_regex.close(&r.ctx, s);
  wr_regex_free(r.regex);
  wr_batch_free(b, shape.kind);
  rig_free(&r);
}

static void test_missing_group(void **state)
{
  rig r = { 0 };

  (void)state;
  assert_null(open_regex(&r, "(?P<ip>a)(?P<time>b)", ""));
  assert_int_equal(r.exit_code, WR_EXIT_CONFIG);
  assert_string_equal(r.message, "format regex: no group of the pattern fills the field status");
  wr_regex_free(r.regex);
  rig_free(&r);
}

static void test_raw(void **state)
{
  static const wr_type str = { .kind = WR_STR }, bytes = { .kind = WR_BYTES };
  wr_field f = { .name = "line", .len = 4, .col = 0, .type = &str };
  wr_type t = { .kind = WR_REC, .n = 1, .fields = &f };
  wr_str rec[3] = { { "a,b", 3, 0 }, { "", 0, 0 }, { "\xFF", 1, 0 } };
  wr_buf text = { 0, 0, 0 };
  rig r = { 0 };
  rig_shape shape;
  wr_batch *b = rig_batch(&shape, &t, 10);
  void *s = wr_fmt_raw.open(&r.ctx, &t, 0);

  (void)state;
  wr_fmt_raw.decode(&r.ctx, s, 0, &t, rec, 3, 0, b);
  assert_int_equal(b->n, 2);
  assert_int_equal(r.bad[0].kind, WR_E_UTF8);
  f.type = &bytes;
  wr_fmt_raw.decode(&r.ctx, s, 0, &t, rec, 3, 3, b);
  assert_int_equal(b->n, 5);
  wr_fmt_raw.encode(&r.ctx, s, &t, b, &text);
  assert_int_equal(text.n, 4 + 1 + 4 + 1 + 2);
  assert_memory_equal(text.p, "a,b\n\na,b\n\n\xFF\n", text.n);
  wr_buf_free(&text);
  wr_fmt_raw.close(&r.ctx, s);
  wr_batch_free(b, shape.kind);
  rig_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_access_log), cmocka_unit_test(test_missing_group), cmocka_unit_test(test_raw),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
