/* test_ops.c -- the page of metrics and the setting of parameters, of runs made up here: names that need
 * escaping or come twice, values that are not known, texts that die after the request.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "ops.h"

static int renewed;
void wr_stored_renew(wr_ctx *ctx, wr_stored *s)
{
  (void)ctx, (void)s;
  renewed++;
}
wr_i64 wr_stored_keys(const wr_stored *s) { return (wr_i64)(intptr_t)s; }
wr_u64 wr_stored_bytes(const wr_stored *s) { return 10 * (wr_u64)(intptr_t)s; }

static wr_ts clock_at;
static wr_ts now(void *self) { (void)self; return clock_at; }
static const wr_clock fixed = { .now = now };

static void begin(wr_state *s, const wr_program *p)
{
  memset(s, 0, sizeof *s);
  s->prog = p;
  s->opt.clock = &fixed;
  s->opt.log = fopen("/dev/null", "w");
  clock_at = s->started = 1000000;
}

static void end(wr_state *s)
{
  wr_params_free(s);
  wr_arena_free(s);
  fclose(s->opt.log);
}

/* ---- metrics ---- */

static char *page_of(wr_state *s)
{
  wr_buf b = { 0 };
  wr_metrics_print(s, &b);
  char *text = strndup(b.p, b.n);
  wr_buf_free(&b);
  return text;
}

static void has(wr_state *s, const char *line)
{
  char *page = page_of(s), whole[300];
  snprintf(whole, sizeof whole, "\n%s\n", line);
  if (!strstr(page, whole)) fail_msg("no line %s in\n%s", line, page);
  free(page);
}

static void has_not(wr_state *s, const char *text)
{
  char *page = page_of(s);
  if (strstr(page, text)) fail_msg("%s in\n%s", text, page);
  free(page);
}

static void before_anything_is_open(void **state)
{
  static const wr_source src = { .name = "s" }, *sources[] = { &src };
  static const wr_store store = { .name = "st" }, *stores[] = { &store };
  static const wr_rule rule = { .name = "r", .op = 1 };
  static const wr_program p = { .name = "p", .abi = WEIR_ABI, .nsource = 1, .source = sources, .nstore = 1,
                                .store = stores, .nrule = 1, .rule = &rule, .nop = 1 };
  wr_state s;
  (void)state;
  begin(&s, &p);
  clock_at += 2500000;
  has(&s, "weir_uptime_seconds 2.500000");
  has(&s, "weir_rule_shadow{rule=\"r\"} 0");
  has_not(&s, "weir_source_rows_total{");
  has_not(&s, "weir_state_keys{");
  has_not(&s, "\nweir_heap_limit_bytes ");
  end(&s);
}

static void names_are_escaped(void **state)
{
  static const wr_program p = { .name = "a \"b\" \\ c\nd", .abi = 7 };
  wr_state s;
  (void)state;
  begin(&s, &p);
  has(&s, "weir_build_info{program=\"a \\\"b\\\" \\\\ c\\nd\",abi=\"7\"} 1");
  end(&s);
}

static void a_name_twice(void **state)
{
  static const wr_store one = { .name = "x" }, two = { .name = "y" }, *stores[] = { &one, &two, &one, &one };
  static const wr_program p = { .name = "p", .nstore = 4, .store = stores };
  wr_stored *held[] = { (wr_stored *)1, (wr_stored *)2, (wr_stored *)3, (wr_stored *)4 };
  wr_state s;
  (void)state;
  begin(&s, &p);
  s.store = held;
  has(&s, "weir_state_keys{state=\"x\"} 1");
  has(&s, "weir_state_keys{state=\"y\"} 2");
  has(&s, "weir_state_keys{state=\"x#2\"} 3");
  has(&s, "weir_state_bytes{state=\"x#3\"} 40");
  end(&s);
}

static void what_is_not_known(void **state)
{
  static const wr_source src = { .name = "s" }, *sources[] = { &src };
  static const wr_program p = { .name = "p", .nsource = 1, .source = sources };
  wr_part part[3] = {
    { .open = true, .seen = WR_TS_MIN, .wm = WR_TS_MIN, .lag = -1, .bytes = -1 },
    { .open = true, .seen = -1500000, .wm = 1, .lag = 0, .bytes = 0, .idle = true },
    { .open = false, .seen = 5, .wm = 5, .lag = 5 },
  };
  wr_input in = { .def = &src, .part = part, .npart = 3 };
  wr_state s;
  (void)state;
  begin(&s, &p);
  s.in = &in;
  has_not(&s, "lag_records{source=\"s\",partition=\"0\"}");
  has_not(&s, "bytes_total{source=\"s\",partition=\"0\"}");
  has_not(&s, "watermark_timestamp_seconds{source=\"s\",partition=\"0\"}");
  has(&s, "weir_partition_idle{source=\"s\",partition=\"0\"} 0");
  has(&s, "weir_partition_idle{source=\"s\",partition=\"1\"} 1");
  has(&s, "weir_partition_lag_records{source=\"s\",partition=\"1\"} 0");
  has(&s, "weir_partition_bytes_total{source=\"s\",partition=\"1\"} 0");
  has(&s, "weir_partition_watermark_timestamp_seconds{source=\"s\",partition=\"1\"} 0.000001");
  has(&s, "weir_partition_seen_timestamp_seconds{source=\"s\",partition=\"1\"} -1.500000");
  has_not(&s, "partition=\"2\"");
  part[2].rows = 1;                       /* given back, but it has been read */
  has(&s, "weir_partition_rows_total{source=\"s\",partition=\"2\"} 1");
  end(&s);
}

/* ---- parameters ---- */

static const wr_type text_type = { .kind = WR_STR }, texts_type = { .kind = WR_LIST, .elem = &text_type };
static const wr_type int_type = { .kind = WR_INT }, maybe_type = { .kind = WR_DEC, .scale = 2, .nullable = 1 };

enum { LOW, HIGH, NAME, TAGS, PRICE, SIZE, PARAMS };
static wr_i32 low_below_high(wr_ctx *ctx, const wr_slot *v) { return v->u.i <= ctx->param[HIGH].u.i; }

static const wr_param params[PARAMS] = {
  [LOW] = { .name = "low", .type = &int_type, .check = low_below_high, .doc = "low <= high" },
  [HIGH] = { .name = "high", .type = &int_type, .dflt = { .u.i = 10 } },
  [NAME] = { .name = "name", .type = &text_type, .dflt = { .u.p = "ann", .len = 3 } },
  [TAGS] = { .name = "tags", .type = &texts_type },
  [PRICE] = { .name = "price", .type = &maybe_type, .dflt = { .u.i = 250 } },
  [SIZE] = { .name = "size", .type = &int_type, .structural = 1 },
};
static const wr_store a_store = { .name = "st" }, *const stores_of[] = { &a_store, &a_store };
static const wr_program program = { .name = "p", .nparam = PARAMS, .param = params, .nstore = 2, .store = stores_of };
static wr_stored *no_store[2];

static void begin_params(wr_state *s)
{
  begin(s, &program);
  s->store = no_store;
  assert_true(wr_params_init(s));
  renewed = 0;
}

/* Sets texts that are gone afterwards; gives the refusal, "" when there is none. */
static const char *set(wr_state *s, int n, ...)
{
  static wr_refusal no;
  wr_str text[8];
  char *copy[8];
  va_list ap;
  va_start(ap, n);
  for (int i = 0; i < n; i++) {
    copy[i] = strdup(va_arg(ap, const char *));
    text[i] = (wr_str){ copy[i], (wr_u32)strlen(copy[i]), 0 };
  }
  va_end(ap);
  no = (wr_refusal){ .what = "" };
  bool ok = wr_params_set(s, text, n, "", &no);
  for (int i = 0; i < n; i++) {
    memset(copy[i], '#', text[i].len);
    free(copy[i]);
  }
  wr_arena_reset(s);
  assert_int_equal(ok, !no.what[0]);
  return no.what;
}

static void texts_outlive_the_request(void **state)
{
  wr_state s;
  (void)state;
  begin_params(&s);
  wr_slot first = s.param[NAME];
  assert_string_equal(set(&s, 2, "name=bob and others", "tags=[\"x\",\"y\\n\"]"), "");
  wr_slot second = s.param[NAME];
  wr_slot tags = s.param[TAGS];
  assert_string_equal(set(&s, 2, "name=", "tags=[]"), "");
  assert_memory_equal(first.u.p, "ann", 3);             /* somebody may still point there */
  assert_int_equal(second.len, 14);
  assert_memory_equal(second.u.p, "bob and others", 14);
  assert_int_equal(tags.len, 2);
  assert_memory_equal(tags.u.list[1].u.p, "y\n", 2);
  assert_int_equal(s.param[NAME].len, 0);
  assert_int_equal(s.param[TAGS].len, 0);
  assert_int_equal(renewed, 4);                         /* two stores, twice */
  end(&s);
}

static void decisions_are_kept(void **state)
{
  wr_state s;
  (void)state;
  begin_params(&s);
  clock_at = 5000000;
  assert_string_equal(set(&s, 2, "price=null", "low=3"), "");
  clock_at = 6000000;
  assert_string_equal(set(&s, 1, "price=1e1"), "");
  assert_int_equal(s.ndecision, 3);
  assert_string_equal(s.decision[0].name, "price");
  assert_string_equal(s.decision[0].old_text, "2.50");
  assert_string_equal(s.decision[0].new_text, "null");
  assert_int_equal(s.decision[1].ts, 5000000);
  assert_string_equal(s.decision[1].new_text, "3");
  assert_int_equal(s.decision[2].ts, 6000000);
  assert_string_equal(s.decision[2].old_text, "null");
  assert_string_equal(s.decision[2].new_text, "10.00");
  assert_int_equal(s.param[PRICE].u.i, 1000);
  end(&s);
}

static void all_or_nothing(void **state)
{
  wr_state s;
  (void)state;
  begin_params(&s);
  assert_string_equal(set(&s, 2, "name=eve", "low=11"), "parameter low: 11 is refused by its check: low <= high");
  assert_string_equal(set(&s, 2, "name=eve", "high=-1"), "parameter low: 0 is refused by its check: low <= high");
  assert_string_equal(set(&s, 2, "name=eve", "low=x"), "parameter low: x is not a value of its type");
  assert_non_null(strstr(set(&s, 2, "name=eve", "size=1"), "parameter size is fixed at start"));
  assert_string_equal(set(&s, 2, "name=eve", "name=mallory"), "parameter name is set twice");
  assert_string_equal(set(&s, 1, "nam=eve"), "there is no parameter nam");
  assert_string_equal(set(&s, 1, "name"), "parameter name is given no value");
  assert_string_equal(set(&s, 1, ""), "parameter  is given no value");
  assert_non_null(strstr(set(&s, 1, "name=\xff"), "is not a value of its type"));
  assert_memory_equal(s.param[NAME].u.p, "ann", 3);
  assert_int_equal(s.param[LOW].u.i, 0);
  assert_int_equal(s.ndecision, 0);
  assert_int_equal(renewed, 0);
  assert_string_equal(set(&s, 2, "low=11", "high=12"), "");     /* together they fit */
  end(&s);
}

static void long_texts_in_messages(void **state)
{
  char *text = calloc(1, 60001);
  wr_state s;
  (void)state;
  begin_params(&s);
  memset(text, 'x', 60000);
  assert_in_range(strlen(set(&s, 1, text)), 20, 400);
  memcpy(text, "low=", 4);
  assert_in_range(strlen(set(&s, 1, text)), 20, 400);
  memcpy(text, "name", 4);
  text[4] = '=';
  assert_string_equal(set(&s, 1, text), "");
  assert_int_equal(s.param[NAME].len, 60000 - 5);
  free(text);
  end(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(before_anything_is_open), cmocka_unit_test(names_are_escaped), cmocka_unit_test(a_name_twice),
    cmocka_unit_test(what_is_not_known),       cmocka_unit_test(texts_outlive_the_request),
    cmocka_unit_test(decisions_are_kept),      cmocka_unit_test(all_or_nothing),
    cmocka_unit_test(long_texts_in_messages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
