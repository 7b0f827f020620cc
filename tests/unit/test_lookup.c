/* test_lookup.c -- external tables over a connector made up here: deletions among the rows of a batch, keys of
 * several columns, partitions that reach their ends one by one, reloads that fail half way, what is decided.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "run.h"

/* A script of records for the table; the program's source asks in between. */
typedef struct record { char what; const char *key; wr_i64 value; } record;
/* what: + a record, - a deletion, | a batch is over, ! an error, 0, 1 that partition is caught up, w nothing now,
 * . the end, $ nothing more at all */
#define DO(c) { c, "", 0 }
static const record *script;
static char answers[1000];
static wr_i64 clock_now;

static const wr_type str_type = { .kind = WR_STR }, int_type = { .kind = WR_INT };
static const wr_field table_fields[] = {
  { .name = "k", .len = 1, .col = 0, .type = &str_type }, { .name = "v", .len = 1, .col = 1, .type = &int_type },
};
static const wr_type table_type = { .kind = WR_REC, .n = 2, .fields = table_fields };
static const wr_source table_source;

static void *open_table(wr_ctx *ctx, const wr_source *source, const wr_slot *opt, void *fmt)
{
  (void)opt, (void)fmt;
  if (script->what == '2') {              /* two partitions */
    wr_partition_close(ctx, source, 0, 0);
    wr_partition_open(ctx, source, 0, "a");
    wr_partition_open(ctx, source, 1, "b");
    script++;
  }
  return &script;
}

static void put(wr_batch *b, const record *r)
{
  ((wr_str *)b->col[0].v)[b->n] = (wr_str){ r->key, (wr_u32)strlen(r->key), 0 };
  ((wr_i64 *)b->col[1].v)[b->n] = r->value;
  b->raw[b->n] = (wr_str){ "", 0, 0 };
  b->n++;
}

static enum wr_poll poll_table(wr_ctx *ctx, void *state, wr_batch *b)
{
  (void)state;
  for (;; script++) {
    switch (script->what) {
    case '+': put(b, script); break;
    case '-':
      wr_record_deleted(ctx, &table_source, (wr_str){ script->key, (wr_u32)strlen(script->key), 0 }, script->value);
      break;
    case '|': script++; return WR_POLL_ROWS;
    case '0': case '1': wr_partition_caught_up(ctx, &table_source, script->what - '0'); break;
    case 'w': script++; return WR_POLL_IDLE;
    case '.': script++; return WR_POLL_END;
    case '!':
      script++;
      wr_error(ctx, WR_EXIT_IO, "", "the line is dead");
      return WR_POLL_FAILED;
    default: return WR_POLL_IDLE;
    }
  }
}

static void close_it(wr_ctx *ctx, void *state) { (void)ctx, (void)state; }

static const wr_connector table_conn = {
  .abi = WEIR_ABI, .name = "script", .open_source = open_table, .poll = poll_table, .close_source = close_it,
};

/* ---- the program: a table by k, and a source whose batches are questions ---- */

static void run_table(wr_ctx *ctx, wr_batch *b) { wr_lookup_put(ctx, 0, b); }

/* The value of a key, or -1. */
static wr_i64 look(wr_ctx *ctx, const char *key)
{
  static const wr_u8 kind[] = { WR_STR };
  wr_slot v = wr_str_slot((wr_str){ key, (wr_u32)strlen(key), 0 }, 0);
  wr_u64 word[2];
  wr_u32 hash = wr_key_hash(kind, 1, &v, word);
  const wr_i64 *rec = wr_lookup_find(ctx, 0, word, hash);
  if (!rec) wr_lookup_missed(ctx, 0, 0);
  return rec ? *rec : -1;
}

static int questions;                     /* that are still to come */

static void *open_rows(wr_ctx *ctx, const wr_source *source, const wr_slot *opt, void *fmt)
{
  (void)ctx, (void)source, (void)opt, (void)fmt;
  return &questions;
}

static enum wr_poll poll_rows(wr_ctx *ctx, void *state, wr_batch *b)
{
  char text[200];
  (void)state, (void)b;
  if (!questions--) return WR_POLL_END;
  snprintf(text, sizeof text, "%lld %lld %lld\n", look(ctx, "a"), look(ctx, "b"),
           look(ctx, "a key of more than twelve bytes"));
  strcat(answers, text);
  return WR_POLL_IDLE;
}

static const wr_connector rows_conn = {
  .abi = WEIR_ABI, .name = "rows", .open_source = open_rows, .poll = poll_rows, .close_source = close_it,
};

static wr_i64 refresh;
static wr_status config(wr_ctx *ctx, wr_slot *o)
{
  (void)ctx;
  for (int i = 0; i < WR_CFG_TIMES; i++) o[i] = wr_i64_slot(0, WR_NULL);
  o[WR_CFG_REFRESH] = wr_i64_slot(refresh, refresh ? 0 : WR_NULL);
  return 0;
}

static wr_status no_config(wr_ctx *ctx, wr_slot *o)
{
  (void)ctx;
  for (int i = 0; i < WR_CFG_TIMES; i++) o[i] = wr_i64_slot(0, WR_NULL);
  return 0;
}

static void run_rows(wr_ctx *ctx, wr_batch *b) { (void)ctx, (void)b; }

static const wr_source table_source = {
  .name = "t", .op = 1, .rank = 0, .conn = &table_conn, .type = &table_type, .port = 0, .time_col = -1,
  .bad = WR_DROP, .late = WR_DROP, .config = config, .table = 1,
};
static const wr_type no_type = { .kind = WR_REC };
static const wr_source rows_source = {
  .name = "r", .op = 2, .rank = 1, .conn = &rows_conn, .type = &no_type, .port = 1, .time_col = -1, .bad = WR_DROP,
  .late = WR_DROP, .config = no_config,
};
static const wr_source *const sources[] = { &rows_source };
static const wr_cell key_cells[] = { { .name = "k", .type = &str_type }, { .name = "v", .type = &int_type } };
static const wr_cell value_cells[] = { { .name = "v", .type = &int_type } };
static const wr_i32 key_at[] = { 0, 1 }, value_at[] = { 1 };
static const wr_store by_k = { .name = "t", .stage = -1, .nkey = 1, .nfield = 1, .key = key_cells, .field = value_cells,
                               .size = 8, .meaning = "" };
static const wr_store by_both = { .name = "t", .stage = -1, .nkey = 2, .nfield = 1, .key = key_cells,
                                  .field = value_cells, .size = 8, .meaning = "" };
static const wr_lookup latest = { &table_source, &by_k, key_at, value_at, 0 };
static const wr_lookup fixed = { &table_source, &by_k, key_at, value_at, 1 };
static const wr_lookup wide = { &table_source, &by_both, key_at, value_at, 0 };
static const wr_u8 kinds[] = { WR_STR, WR_INT }, nulls[] = { 0, 0 };
static const wr_port ports[] = { { "t", 2, kinds, nulls, run_table }, { "r", 0, kinds, nulls, run_rows } };
static const wr_opname ops[] = { { "", "", 0, 0 }, { "table", "t", 1, 1 }, { "source", "r", 2, 1 } };

static wr_ts now(void *self) { (void)self; return clock_now += 1000; }
static void sleep_for(void *self, wr_i64 us) { (void)self; clock_now += us; }
static const wr_clock ticking = { .now = now, .sleep = sleep_for };

static char *log_text;
static int run(const wr_lookup *lookup, const record *records, int n)
{
  size_t size;
  const wr_lookup *lookups[] = { lookup };
  const wr_program p = { .abi = WEIR_ABI, .name = "p", .file = "p.weir", .nop = 2, .nport = 2, .nsource = 1, .op = ops,
                         .port = ports, .source = sources, .nlookup = 1, .lookup = lookups, .errors = WR_DROP };
  FILE *log = open_memstream(&log_text, &size);
  wr_options opt = { .batch = 4, .clock = &ticking, .log = log };

  script = records;
  questions = n;
  answers[0] = 0;
  clock_now = 1000000;
  int code = wr_run(&p, &opt);
  fclose(log);
  return code;
}

static void logs(const char *text)
{
  if (!strstr(log_text, text)) fail_msg("no \"%s\" in\n%s", text, log_text);
}

static void end_run(void **state)
{
  (void)state;
  free(log_text);
  log_text = NULL;
}

/* ---- tests ---- */

static void deletions_keep_their_place(void **state)
{
  static const record r[] = {
    { '+', "a", 1 }, { '-', "a", 1 }, { '+', "b", 2 }, DO('|'),     /* a goes, b stays */
    { '-', "b", 3 }, { '+', "b", 4 }, { '-', "nobody", 5 }, DO('|'), /* gone and back */
    { '+', "a key of more than twelve bytes", 6 }, DO('|'),
    { '-', "a key of more than twelve bytes", 7 }, DO('|'), DO('w'), DO('$'),
  };
  refresh = 0;
  assert_int_equal(run(&latest, r, 1), 0);
  assert_string_equal(answers, "-1 4 -1\n");
  logs("1 records");
  logs("2 lookups without a match");
  end_run(state);
}

static void a_followed_table_changes_between_batches(void **state)
{
  static const record r[] = {
    { '+', "a", 1 }, DO('|'), DO('w'),    /* the head */
    { '+', "a", 2 }, { '+', "b", 3 }, DO('|'), DO('w'),
    { '-', "a", 9 }, DO('|'), DO('$'),
  };
  refresh = 0;
  assert_int_equal(run(&latest, r, 3), 0);
  assert_string_equal(answers, "1 -1 -1\n2 3 -1\n-1 3 -1\n");
  end_run(state);
}

static void a_fixed_one_does_not(void **state)
{
  static const record r[] = { { '+', "a", 1 }, DO('|'), DO('w'), { '+', "a", 2 }, DO('|'), DO('$') };
  refresh = 0;
  assert_int_equal(run(&fixed, r, 3), 0);
  assert_string_equal(answers, "1 -1 -1\n1 -1 -1\n1 -1 -1\n");
  end_run(state);
}

static void the_head_is_that_of_all_partitions(void **state)
{
  static const record r[] = {
    DO('2'), DO('w'), { '+', "a", 1 }, DO('|'), DO('0'), DO('w'), DO('w'), { '+', "b", 2 }, DO('|'), DO('1'), DO('w'),
    DO('$'),
  };
  refresh = 0;
  assert_int_equal(run(&latest, r, 1), 0);
  assert_string_equal(answers, "1 2 -1\n");
  end_run(state);
}

static void a_reload_that_fails_changes_nothing(void **state)
{
  static const record r[] = {
    { '+', "a", 1 }, { '+', "b", 1 }, DO('|'), DO('.'),
    { '+', "a", 2 }, DO('|'), DO('!'),    /* half of it was there */
    { '+', "a", 2 }, DO('|'), DO('!'),    /* and again: said once */
    { '+', "a", 3 }, { '+', "b", 3 }, DO('|'), DO('.'), DO('.'), DO('.'), DO('.'), DO('.'), DO('.'), DO('.'), DO('.'),
  };
  refresh = 1;
  assert_int_equal(run(&latest, r, 4), 0);
  assert_string_equal(answers, "1 1 -1\n1 1 -1\n1 1 -1\n3 3 -1\n");
  logs("table t: not reloaded, 2 records stay as they were: the line is dead");
  assert_null(strstr(strstr(log_text, "line is dead") + 1, "line is dead"));
  logs("2 versions");
  end_run(state);
}

static void half_is_kept_less_is_not(void **state)
{
  static const record r[] = {
    { '+', "a", 1 }, { '+', "b", 1 }, DO('|'), DO('.'),
    { '+', "a", 2 }, DO('|'), DO('.'),    /* half */
    DO('.'),                              /* nothing */
    { '+', "a", 2 }, DO('|'), DO('.'),    /* the same again: no version */
    { '+', "b", 2 }, DO('|'), DO('.'), DO('.'), DO('.'), DO('.'),
  };
  refresh = 1;
  assert_int_equal(run(&latest, r, 5), 0);
  assert_string_equal(answers, "1 1 -1\n2 -1 -1\n2 -1 -1\n2 -1 -1\n-1 2 -1\n");
  logs("1 records stay as they were: the new version has 0");
  logs("3 versions");
  end_run(state);
}

static void errors_at_the_start_end_the_run(void **state)
{
  static const record r[] = { { '+', "a", 1 }, DO('|'), DO('!') };
  refresh = 1;
  assert_int_equal(run(&latest, r, 1), WR_EXIT_IO);
  assert_string_equal(answers, "");
  logs("the line is dead");
  end_run(state);
}

static void a_deletion_needs_the_whole_key(void **state)
{
  static const record r[] = { { '+', "a", 1 }, { '-', "a", 1 }, DO('|'), DO('w'), DO('$') };
  refresh = 0;
  assert_int_equal(run(&wide, r, 0), 0);
  logs("1 records");
  logs("1 bad: could not be decoded");
  end_run(state);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(deletions_keep_their_place),
    cmocka_unit_test(a_followed_table_changes_between_batches),
    cmocka_unit_test(a_fixed_one_does_not),
    cmocka_unit_test(the_head_is_that_of_all_partitions),
    cmocka_unit_test(a_reload_that_fails_changes_nothing),
    cmocka_unit_test(half_is_kept_less_is_not),
    cmocka_unit_test(errors_at_the_start_end_the_run),
    cmocka_unit_test(a_deletion_needs_the_whole_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
