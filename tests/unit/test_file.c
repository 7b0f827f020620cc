/* test_file.c -- the file connector: framing at every read size, limits, patterns, following, and
 * sinks that meet short writes, a full disk and a closed reader.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "conn_file.h"
#include "fmt_rig.h"

static const wr_type str_type = { .kind = WR_STR }, int_type = { .kind = WR_INT };
static const wr_field line_field[] = { { .name = "line", .len = 4, .col = 0, .type = &str_type } };
static const wr_type line_type = { .kind = WR_REC, .n = 1, .fields = line_field };
static const wr_field two_fields[] = {
  { .name = "a", .len = 1, .col = 0, .type = &int_type }, { .name = "s", .len = 1, .col = 1, .type = &str_type },
};
static const wr_type two_type = { .kind = WR_REC, .n = 2, .fields = two_fields };

/* ---- a file system that reads and writes as little as it is told ---- */

static size_t read_most, write_most, space;
static int write_error;

static long small_read(int fd, void *p, size_t n) { return wr_fs_real.read(fd, p, n < read_most ? n : read_most); }

static long small_write(int fd, const void *p, size_t n)
{
  if (n > write_most) n = write_most;
  if (n > space) n = space;
  if (n == 0) {
    errno = write_error;
    return -1;
  }
  space -= n;
  return wr_fs_real.write(fd, p, n);
}

static wr_fs small;
static char dir[200];

static int set_up(void **state)
{
  (void)state;
  read_most = write_most = space = SIZE_MAX;
  write_error = ENOSPC;
  small = wr_fs_real;
  small.read = small_read;
  small.write = small_write;
  wr_fs_now = &small;
  snprintf(dir, sizeof dir, "%s/weir-test-XXXXXX", P_tmpdir);
  return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
  char command[300];

  (void)state;
  wr_fs_now = &wr_fs_real;
  snprintf(command, sizeof command, "rm -r '%s'", dir);
  return system(command);
}

static const char *path(const char *name)
{
  static char p[4][300];
  static int at;

  at = (at + 1) % 4;
  snprintf(p[at], sizeof p[at], "%s/%s", dir, name);
  return p[at];
}

static void put(const char *name, const char *bytes, size_t n, const char *mode)
{
  FILE *f = fopen(path(name), mode);

  assert_non_null(f);
  assert_int_equal(fwrite(bytes, 1, n, f), n);
  fclose(f);
}

static char *get(const char *name)
{
  static char text[100000];
  FILE *f = fopen(path(name), "r");

  if (!f) return 0;
  text[fread(text, 1, sizeof text - 1, f)] = 0;
  fclose(f);
  return text;
}

/* ---- sources ---- */

typedef struct in {
  rig r;
  wr_source source;
  void *fmt, *conn;
  wr_batch *b;
  rig_shape shape;
} in;

static bool open_in(in *i, const wr_format *fmt, const wr_type *type, const char *name, bool follow, wr_i64 max)
{
  wr_slot none[4] = { wr_i64_slot(0, -1), wr_i64_slot(0, -1), wr_i64_slot(0, -1), wr_i64_slot(0, -1) };
  wr_slot opt[FILE_OPTIONS] = {
    [FILE_PATH] = wr_str_slot(RIG_STR(name), 0), [FILE_FOLLOW] = wr_i64_slot(follow, 0),
    [FILE_MAX_RECORD] = wr_i64_slot(max, max ? 0 : -1),
  };

  memset(i, 0, sizeof *i);
  i->source = (wr_source){ .name = "in", .fmt = fmt, .type = type };
  i->b = rig_batch(&i->shape, type, 7);
  i->fmt = fmt->open(&i->r.ctx, type, none);
  i->conn = wr_conn_file.open_source(&i->r.ctx, &i->source, opt, i->fmt);
  return i->conn != 0;
}

static void close_in(in *i)
{
  if (i->conn) wr_conn_file.close_source(&i->r.ctx, i->conn);
  i->source.fmt->close(&i->r.ctx, i->fmt);
  wr_batch_free(i->b, i->shape.kind);
  rig_free(&i->r);
}

/* Polls until there is nothing to be had; rows as "offset:text|" */
static enum wr_poll drain(in *i, char *out)
{
  enum wr_poll got;

  *out = 0;
  while ((got = wr_conn_file.poll(&i->r.ctx, i->conn, i->b)) == WR_POLL_ROWS) {
    for (wr_i32 k = 0; k < i->b->n; k++) {
      wr_str s = ((wr_str *)i->b->col[i->b->ncol - 1].v)[k];
      out += sprintf(out, "%lld:%.*s|", i->b->pos[k].off, (int)s.len, s.p);
    }
    i->b->n = 0;
    rig_forget(&i->r);
  }
  return got;
}

static void test_every_read_size(void **state)
{
  static const char text[] = "\xEF\xBB\xBFone\r\n\ntwo\nthree is long, very long\n\r\n5\n6\n7\n8\n9\nlast";
  char out[2000];

  (void)state;
  put("f", text, sizeof text - 1, "w");
  for (read_most = 1; read_most < sizeof text; read_most++) {
    in i;
    assert_true(open_in(&i, &wr_fmt_raw, &line_type, path("f"), false, 0));
    assert_int_equal(drain(&i, out), WR_POLL_END);
    assert_string_equal(out, "0:one|1:|2:two|3:three is long, very long|4:|5:5|6:6|7:7|8:8|9:9|10:last|");
    assert_int_equal(wr_conn_file.poll(&i.r.ctx, i.conn, i.b), WR_POLL_END);
    assert_string_equal(i.r.place, path("f"));
    close_in(&i);
  }
}

static void test_json_and_limits(void **state)
{
  static const char text[] = "{\"a\":1,\"s\":\"x\"}\n\n{\"a\":2,\"s\":\"0123456789012345678901234567890123456789\"}\n"
                             "{\"a\":\n{\"a\":3,\"s\":\"z\"}\n";
  char out[2000];

  (void)state;
  put("f", text, sizeof text - 1, "w");
  for (read_most = 1; read_most < sizeof text; read_most++) {
    in i;
    assert_true(open_in(&i, &wr_fmt_json, &two_type, path("f"), false, 30));
    assert_int_equal(drain(&i, out), WR_POLL_END);
    assert_string_equal(out, "0:x|4:z|");
    assert_int_equal(i.r.nbad, 2);
    assert_int_equal(i.r.bad[0].kind, WR_E_TOO_LONG);
    assert_int_equal(i.r.bad[0].off, 2);
    assert_memory_equal(i.r.bad[0].raw, "{\"a\":2,\"s\":\"0123", 16);
    assert_int_equal(i.r.bad[1].kind, WR_E_SYNTAX);
    assert_int_equal(i.r.bad[1].off, 3);
    close_in(&i);
  }
}

/* A record far beyond the limit, and the block, is thrown away as it comes; the next one is read. */
static void test_huge_record(void **state)
{
  size_t n = 5u << 20;
  char *text = malloc(n), out[200];
  in i;

  (void)state;
  memset(text, 'x', n);
  memcpy(text + n - 6, "\ngood\n", 6);
  put("f", text, n, "w");
  assert_true(open_in(&i, &wr_fmt_raw, &line_type, path("f"), false, 1 << 20));
  assert_int_equal(drain(&i, out), WR_POLL_END);
  assert_string_equal(out, "1:good|");
  assert_int_equal(i.r.nbad, 1);
  assert_int_equal(i.r.bad[0].kind, WR_E_TOO_LONG);
  close_in(&i);
  text[n - 6] = 'x';                      /* and the last one without an end */
  text[n - 1] = 'x';
  put("f", text, n, "w");
  assert_true(open_in(&i, &wr_fmt_raw, &line_type, path("f"), false, 1 << 20));
  assert_int_equal(drain(&i, out), WR_POLL_END);
  assert_string_equal(out, "");
  assert_int_equal(i.r.nbad, 1);
  close_in(&i);
  free(text);
}

static void test_pattern(void **state)
{
  char out[2000];
  in i;

  (void)state;
  put("b.csv", "s,a\nB,2\n", 8, "w");
  put("a.csv", "a,s\n1,A", 7, "w");
  put("c.csv", "a,x,s\n\n3,,C\n", 12, "w");
  put("d.txt", "no\n", 3, "w");
  assert_true(open_in(&i, &wr_fmt_csv, &two_type, path("*.csv"), false, 0));
  assert_int_equal(drain(&i, out), WR_POLL_END);
  assert_string_equal(out, "0:A|1:B|3:C|");
  close_in(&i);
  assert_false(open_in(&i, &wr_fmt_csv, &two_type, path("*.nope"), false, 0));
  assert_int_equal(i.r.exit_code, WR_EXIT_NOINPUT);
  close_in(&i);
  assert_false(open_in(&i, &wr_fmt_csv, &two_type, path("nope"), false, 0));
  assert_int_equal(i.r.exit_code, WR_EXIT_NOINPUT);
  close_in(&i);
  assert_true(open_in(&i, &wr_fmt_raw, &line_type, dir, false, 0));
  assert_int_equal(drain(&i, out), WR_POLL_FAILED);
  assert_int_equal(i.r.exit_code, WR_EXIT_IO);
  close_in(&i);
}

static void test_follow(void **state)
{
  char out[2000];
  in i;

  (void)state;
  put("log", "one\ntw", 6, "w");
  assert_true(open_in(&i, &wr_fmt_raw, &line_type, path("log"), true, 0));
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "0:one|");
  put("log", "o\n", 2, "a");
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "1:two|");
  put("log", "unfinished", 10, "a");
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  rename(path("log"), path("log.1"));     /* rotation: the old file's rest is a record */
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "2:unfinished|");
  put("log", "new\n", 4, "w");
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "3:new|");
  put("log", "x\n", 2, "w");              /* cut short */
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "4:x|");
  close_in(&i);
}

static void test_follow_pattern(void **state)
{
  char out[2000];
  in i;

  (void)state;
  put("log-1", "one\n", 4, "w");
  assert_true(open_in(&i, &wr_fmt_raw, &line_type, path("log-*"), true, 0));
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  put("log-2", "two\n", 4, "w");
  assert_int_equal(drain(&i, out), WR_POLL_IDLE);
  assert_string_equal(out, "1:two|");
  close_in(&i);
}

/* ---- sinks ---- */

typedef struct out {
  rig r;
  wr_sink sink;
  void *fmt, *conn;
} out;

static bool open_out(out *o, const wr_format *fmt, const char *name, bool append, wr_i64 size, wr_i64 time)
{
  wr_slot none[4] = { wr_i64_slot(0, -1), wr_i64_slot(0, -1), wr_i64_slot(0, -1), wr_i64_slot(0, -1) };
  wr_slot roll[ROLL_OPTIONS] = { wr_i64_slot(size, size ? 0 : -1), wr_i64_slot(time, time ? 0 : -1) };
  wr_slot opt[FILE_OPTIONS] = {
    [FILE_PATH] = wr_str_slot(RIG_STR(name), 0), [FILE_APPEND] = wr_i64_slot(append, 0),
    [FILE_ROLL] = { .u.list = roll, .len = ROLL_OPTIONS, .st = size || time ? 0 : -1 },
  };

  memset(o, 0, sizeof *o);
  o->sink = (wr_sink){ .name = "out", .fmt = fmt, .type = &two_type };
  o->fmt = fmt->open(&o->r.ctx, &two_type, none);
  o->conn = wr_conn_file.open_sink(&o->r.ctx, &o->sink, opt, o->fmt);
  return o->conn != 0;
}

static int say(out *o, const char *text)
{
  const wr_written w = { .bytes = text, .n = strlen(text), .records = 1 };
  return wr_conn_file.write(&o->r.ctx, o->conn, &w);
}

static int close_out(out *o)
{
  int bad = o->conn ? wr_conn_file.close_sink(&o->r.ctx, o->conn, 1) : 0;

  o->sink.fmt->close(&o->r.ctx, o->fmt);
  rig_free(&o->r);
  return bad;
}

static void test_write(void **state)
{
  out o;

  (void)state;
  write_most = 3;                         /* every write is short */
  assert_true(open_out(&o, &wr_fmt_csv, path("o.csv"), false, 0, 0));
  assert_int_equal(say(&o, "1,x\n"), 0);
  assert_int_equal(wr_conn_file.flush(&o.r.ctx, o.conn), 0);
  assert_string_equal(get("o.csv"), "a,s\n1,x\n");
  assert_int_equal(say(&o, "2,y\n"), 0);
  assert_int_equal(close_out(&o), 0);
  assert_string_equal(get("o.csv"), "a,s\n1,x\n2,y\n");
  assert_true(open_out(&o, &wr_fmt_csv, path("o.csv"), true, 0, 0));
  assert_int_equal(say(&o, "3,z\n"), 0);
  assert_int_equal(close_out(&o), 0);
  assert_string_equal(get("o.csv"), "a,s\n1,x\n2,y\n3,z\n");
  assert_true(open_out(&o, &wr_fmt_csv, path("o.csv"), false, 0, 0));
  assert_int_equal(close_out(&o), 0);
  assert_string_equal(get("o.csv"), "a,s\n");
  assert_false(open_out(&o, &wr_fmt_csv, path("none/o.csv"), false, 0, 0));
  assert_int_equal(o.r.exit_code, WR_EXIT_IO);
  close_out(&o);
}

static void test_full_disk(void **state)
{
  out o;

  (void)state;
  assert_true(open_out(&o, &wr_fmt_json, path("o.jsonl"), false, 0, 0));
  assert_int_equal(say(&o, "{\"a\":1}\n"), 0);
  assert_int_equal(wr_conn_file.flush(&o.r.ctx, o.conn), 0);
  space = 11;
  assert_int_equal(say(&o, "{\"a\":2}\n{\"a\":3}\n"), 0);
  assert_int_equal(wr_conn_file.flush(&o.r.ctx, o.conn), -1);
  assert_int_equal(o.r.exit_code, WR_EXIT_IO);
  assert_int_equal(say(&o, "{\"a\":4}\n"), 0);                   /* nothing is written after a failure */
  space = SIZE_MAX;
  close_out(&o);
  assert_string_equal(get("o.jsonl"), "{\"a\":1}\n");
}

static void test_roll(void **state)
{
  out o;

  (void)state;
  assert_true(open_out(&o, &wr_fmt_csv, path("r.x.csv"), false, 8, 0));
  for (int i = 0; i < 3; i++) assert_int_equal(say(&o, "1,x\n"), 0);
  assert_int_equal(close_out(&o), 0);
  assert_string_equal(get("r.x-000001.csv"), "a,s\n1,x\n");
  assert_string_equal(get("r.x-000003.csv"), "a,s\n1,x\n");
  assert_null(get("r.x-000004.csv"));
  assert_true(open_out(&o, &wr_fmt_csv, path("r.x.csv"), false, 0, 60000000));   /* goes on counting */
  assert_int_equal(say(&o, "2,y\n"), 0);
  o.r.now += 59999999;
  assert_int_equal(say(&o, "3,z\n"), 0);
  o.r.now += 1;
  assert_int_equal(say(&o, "4,z\n"), 0);
  assert_int_equal(close_out(&o), 0);
  assert_string_equal(get("r.x-000004.csv"), "a,s\n2,y\n3,z\n");
  assert_string_equal(get("r.x-000005.csv"), "a,s\n4,z\n");
}

static void test_closed_reader(void **state)
{
  int fd[2], old = dup(1);
  out o;

  (void)state;
  fflush(stdout);
  assert_int_equal(pipe(fd), 0);
  dup2(fd[1], 1);
  close(fd[0]);
  close(fd[1]);
  assert_true(open_out(&o, &wr_fmt_json, "-", false, 0, 0));
  int wrote = say(&o, "{\"a\":1}\n"), flushed = wr_conn_file.flush(&o.r.ctx, o.conn);
  bool closed = o.r.closed, error = o.r.exit_code != 0;
  int ended = close_out(&o);
  dup2(old, 1);
  close(old);
  assert_int_equal(wrote, 0);
  assert_int_equal(flushed, 0);
  assert_int_equal(ended, 0);
  assert_true(closed);
  assert_false(error);
}

static void test_standard_input(void **state)
{
  int fd[2], old = dup(0);
  char text[200];
  in i;

  (void)state;
  assert_int_equal(pipe(fd), 0);
  dup2(fd[0], 0);
  close(fd[0]);
  assert_true(open_in(&i, &wr_fmt_raw, &line_type, "-", false, 0));
  assert_int_equal(drain(&i, text), WR_POLL_IDLE);             /* never waits */
  assert_int_equal(write(fd[1], "a\nb", 3), 3);
  assert_int_equal(drain(&i, text), WR_POLL_IDLE);
  assert_string_equal(text, "0:a|");
  close(fd[1]);
  assert_int_equal(drain(&i, text), WR_POLL_END);
  assert_string_equal(text, "1:b|");
  close_in(&i);
  dup2(old, 0);
  close(old);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    T(test_every_read_size), T(test_json_and_limits), T(test_huge_record), T(test_pattern), T(test_follow),
    T(test_follow_pattern), T(test_write), T(test_full_disk), T(test_roll), T(test_closed_reader),
    T(test_standard_input),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
