/* test_file_set.c -- files as partitions of their own: whose turn it is, what each remembers, following.
 *
 * The run's view of partitions is a table here: a number in a row is its event time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>
#include "conn_file.h"
#include "fmt_rig.h"

static const wr_type int_type = { .kind = WR_INT }, str_type = { .kind = WR_STR };
static const wr_field fields[] = {
  { .name = "a", .len = 1, .col = 0, .type = &int_type }, { .name = "s", .len = 1, .col = 1, .type = &str_type },
};
static const wr_type type = { .kind = WR_REC, .n = 2, .fields = fields };

/* ---- the run's view ---- */

static struct { bool open, ended, caught_up; wr_i64 seen; char name[300]; } part[5000];
static int nopen;

void wr_partition_open(wr_ctx *ctx, const wr_source *s, wr_i32 p, const char *name)
{
  (void)ctx, (void)s;
  assert_false(part[p].open);
  part[p].open = true;
  part[p].seen = WR_TS_MIN;
  snprintf(part[p].name, sizeof part[p].name, "%s", name);
  nopen++;
}
void wr_partition_close(wr_ctx *ctx, const wr_source *s, wr_i32 p, int ended)
{
  (void)ctx, (void)s;
  assert_true(part[p].open && ended);
  part[p].ended = true;
}
void wr_partition_caught_up(wr_ctx *ctx, const wr_source *s, wr_i32 p) { (void)ctx, (void)s, part[p].caught_up = true; }
wr_i32 wr_partition_lowest(wr_ctx *ctx, const wr_source *s)
{
  wr_i32 best = -1;
  (void)ctx, (void)s;
  for (wr_i32 i = 0; i < 5000; i++)
    if (part[i].open && !part[i].ended && (best < 0 || part[i].seen < part[best].seen)) best = i;
  return best;
}

/* ---- a source ---- */

static char dir[200];

static int set_up(void **state)
{
  (void)state;
  memset(part, 0, sizeof part);
  nopen = 0;
  snprintf(dir, sizeof dir, "%s/weir-test-XXXXXX", P_tmpdir);
  return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
  char command[300];
  (void)state;
  snprintf(command, sizeof command, "rm -r '%s'", dir);
  return system(command);
}

static const char *path(const char *name)
{
  static char p[2][300];
  static int at;
  at = !at;
  snprintf(p[at], sizeof p[at], "%s/%s", dir, name);
  return p[at];
}

static void put(const char *name, const char *text, const char *mode)
{
  FILE *f = fopen(path(name), mode);
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

typedef struct in {
  rig r;
  wr_source source;
  void *fmt, *conn;
  wr_batch *b;
  rig_shape shape;
} in;

static bool open_in(in *i, const wr_format *fmt, const char *name, bool follow, wr_i32 cap)
{
  wr_slot opt[FILE_OPTIONS + 8];

  memset(i, 0, sizeof *i);
  for (int k = 0; k < FILE_OPTIONS + 8; k++) opt[k] = wr_i64_slot(0, -1);
  opt[FILE_PATH] = wr_str_slot(RIG_STR(name), 0);
  opt[FILE_FOLLOW] = wr_i64_slot(follow, 0);
  opt[FILE_PARTITIONS] = wr_str_slot(RIG_STR("files"), 0);
  i->source = (wr_source){ .name = "in", .fmt = fmt, .type = &type, .rank = 3 };
  i->b = rig_batch(&i->shape, &type, cap);
  i->fmt = fmt->open(&i->r.ctx, &type, opt + FILE_OPTIONS);
  i->conn = wr_conn_file.open_source(&i->r.ctx, &i->source, opt, i->fmt);
  memset(opt, 0xee, sizeof opt);          /* they are the caller's */
  return i->conn != 0;
}

static void close_in(in *i)
{
  if (i->conn) wr_conn_file.close_source(&i->r.ctx, i->conn);
  i->source.fmt->close(&i->r.ctx, i->fmt);
  wr_batch_free(i->b, i->shape.kind);
  rig_free(&i->r);
}

/* Polls until there is nothing to be had; rows as "partition.offset:number text|" */
static enum wr_poll drain(in *i, char *out)
{
  enum wr_poll got;

  *out = 0;
  while ((got = wr_conn_file.poll(&i->r.ctx, i->conn, i->b)) == WR_POLL_ROWS) {
    for (wr_i32 k = 0; k < i->b->n; k++) {
      wr_str s = ((wr_str *)i->b->col[1].v)[k];
      wr_i64 n = ((wr_i64 *)i->b->col[0].v)[k];
      wr_u32 p = i->b->pos[k].src & 4095;
      assert_int_equal(i->b->pos[k].src >> 12, 3);
      assert_int_equal(i->r.partition, p);
      if (n > part[p].seen) part[p].seen = n;
      out += sprintf(out, "%u.%lld:%lld%.*s|", p, i->b->pos[k].off, n, (int)s.len, s.p);
    }
    i->b->n = 0;
    rig_forget(&i->r);
  }
  return got;
}

static void test_the_lowest_is_read_on(void **state)
{
  char out[2000];
  in i;

  (void)state;
  put("1.csv", "a,s\n1,x\n5,x\n9,x\n", "w");
  put("2.csv", "s,a\ny,2\ny,3\ny,12\n", "w");
  put("3.csv", "a,s\n", "w");
  assert_true(open_in(&i, &wr_fmt_csv, path("*.csv"), false, 1));
  assert_int_equal(nopen, 3);
  assert_string_equal(part[1].name, path("2.csv"));
  assert_int_equal(drain(&i, out), WR_POLL_END);
  assert_string_equal(out, "0.0:1x|1.0:2y|0.1:5x|1.1:3y|1.2:12y|0.2:9x|");
  for (int k = 0; k < 3; k++) assert_true(part[k].ended);
  assert_int_equal(wr_conn_file.poll(&i.r.ctx, i.conn, i.b), WR_POLL_END);
  close_in(&i);
}

/* What one file began, in a quoted field, does not go on in another. */
static void test_each_remembers_its_own(void **state)
{
  char out[2000];
  in i;

  (void)state;
  put("1.csv", "a,s\n1,\"x", "w");
  put("2.csv", "s,a\n\"y\ny\",2\n", "w");
  assert_true(open_in(&i, &wr_fmt_csv, path("*.csv"), true, 7));
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "1.0:2y\ny|");
  assert_true(part[0].caught_up && part[1].caught_up);
  put("1.csv", "\nx\"\n", "a");
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "0.0:1x\nx|");
  put("2.csv", "z,0\n", "a");
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "1.1:0z|");
  close_in(&i);
}

static void test_follow(void **state)
{
  char out[2000];
  in i;

  (void)state;
  put("log-2", "{\"a\":5,\"s\":\"b\"}\n", "w");
  put("log-1", "{\"a\":1,\"s\":\"a\"}\n", "w");
  assert_true(open_in(&i, &wr_fmt_json, path("log-*"), true, 7));
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "0.0:1a|1.0:5b|");
  put("log-3", "{\"a\":7,\"s\":\"c\"}\n", "w");           /* a new one is a new partition */
  put("log-1", "{\"a\":2,\"s\":\"a\"}\n", "a");
  put("log-2", "{\"a\":6,\"s\":\"b\"}\n", "a");
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "0.1:2a|1.1:6b|2.0:7c|");
  assert_int_equal(nopen, 3);
  unlink(path("log-1"));                  /* rotated: the new one goes on in its partition */
  put("log-1", "{\"a\":9,\"s\":\"a\"}\n", "w");
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "0.2:9a|");
  for (int k = 0; k < 3; k++) assert_false(part[k].ended);
  close_in(&i);
}

static void test_pause(void **state)
{
  char out[2000];
  in i;

  (void)state;
  put("1", "{\"a\":1,\"s\":\"a\"}\n", "w");
  put("2", "{\"a\":2,\"s\":\"b\"}\n", "w");
  assert_true(open_in(&i, &wr_fmt_json, path("?"), false, 7));
  wr_conn_file.pause(&i.r.ctx, i.conn, 1, 1);
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "0.0:1a|");
  assert_true(part[0].ended);
  assert_false(part[1].caught_up);        /* nobody looked */
  wr_conn_file.pause(&i.r.ctx, i.conn, 1, 0);
  assert_int_equal(drain(&i, out), WR_POLL_END);
  assert_string_equal(out, "1.0:2b|");
  close_in(&i);
}

static void test_too_many(void **state)
{
  char name[20], command[400];
  in i;

  (void)state;
  for (int k = 0; k < 4097; k++) {
    snprintf(name, sizeof name, "%05d", k);
    put(name, "", "w");
  }
  assert_false(open_in(&i, &wr_fmt_json, path("*"), false, 7));
  assert_int_equal(i.r.exit_code, WR_EXIT_CONFIG);
  assert_non_null(strstr(i.r.message, "4097 files match"));
  assert_int_equal(nopen, 0);
  close_in(&i);
  snprintf(command, sizeof command, "find '%s' -name '0[1-4]*' -delete", dir);
  assert_int_equal(system(command), 0);
  assert_true(open_in(&i, &wr_fmt_json, path("*"), false, 7));
  assert_int_equal(nopen, 1000);
  assert_int_equal(drain(&i, command), WR_POLL_END);
  close_in(&i);
}

static void test_no_file(void **state)
{
  in i;

  (void)state;
  assert_false(open_in(&i, &wr_fmt_json, path("*"), false, 7));
  assert_int_equal(i.r.exit_code, WR_EXIT_NOINPUT);
  close_in(&i);
  assert_false(open_in(&i, &wr_fmt_json, path("none"), true, 7));
  assert_int_equal(i.r.exit_code, WR_EXIT_NOINPUT);
  close_in(&i);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_the_lowest_is_read_on, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_each_remembers_its_own, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_follow, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_pause, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_too_many, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_no_file, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
