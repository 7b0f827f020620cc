/* test_fault.c -- the n-th allocation, write, fsync, rename or truncate of a run fails, for n = 1, 2, …
 * until a run passes (after SQLite's manner). Whatever fails: the run ends by itself and says why, or
 * goes on; a whole checkpoint is left; and the next run, undisturbed, ends with the output that it
 * would have had. Each run is a process of its own; under a sanitizer its leaks count too.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "checkpoint.h"
#include "driver.h"
#include "jit.h"

static const char program[] =
    "type T { id int  user string  x float  ts timestamp }\n"
    "source s: T { from file(\"in.jsonl\") format json  time ts delay 2s  bad drop  late to behind }\n"
    "stream t = s | group by user over tumbling 20s { user, n: count(), ids: collect(id), mean: avg(x), q: quantile(x, 0.5) }\n"
    "stream b = s | group by user over session 3s { user, n: count(), last: last(user) }\n"
    "stream alerts: { user string, n int }\n"
    "state profile by user keep 1h { n int = 0  who string = \"\"  on s { n = n + 1  who = s.user } }\n"
    "rule often { on s by user over sliding 10s when profile.n > 2 and count() > 1 emit alerts { user, n: profile.n }\n"
    "  limit 1 per user every 5s }\n"
    "sink t { to file(\"t.jsonl\") format json }\n"
    "sink b { to file(\"b.jsonl\") format json }\n"
    "sink alerts { to file(\"alerts.jsonl\") format json }\n"
    "sink behind { to file(\"behind.jsonl\") format json }\n";
static const wr_program *prog;
static const char *const outputs[] = { "t.jsonl", "b.jsonl", "alerts.jsonl", "behind.jsonl" };
enum { OUTPUTS = 4, ROWS = 240 };
static char dir[200];

/* ---- what fails ---- */

enum what { NOTHING, ALLOC, WRITE, FSYNC, RENAME, TRUNCATE, KINDS };
typedef struct shared { int fired; } shared;
static shared *told;                      /* by the child */
static struct { enum what what; int at; bool for_ever; int count; } fault;

static bool strikes(enum what what)
{
  if (what != fault.what) return false;
  int n = __atomic_add_fetch(&fault.count, 1, __ATOMIC_SEQ_CST);
  if (fault.for_ever ? n < fault.at : n != fault.at) return false;
  told->fired = 1;
  errno = ENOSPC;
  return true;
}

static void *faulty_alloc(void *self, size_t n) { return strikes(ALLOC) ? NULL : wr_mem_real.alloc(self, n); }
static long faulty_write(int fd, const void *p, size_t n)
{
  if (!strikes(WRITE)) return wr_fs_real.write(fd, p, n);
  if (n < 2 || fault.at % 2) return -1;
  return wr_fs_real.write(fd, p, n / 2);  /* every second time it is short */
}
static int faulty_fsync(int fd) { return strikes(FSYNC) ? -1 : wr_fs_real.fsync(fd); }
static int faulty_rename(const char *a, const char *b) { return strikes(RENAME) ? -1 : wr_fs_real.rename(a, b); }
static int faulty_truncate(int fd, wr_i64 n) { return strikes(TRUNCATE) ? -1 : wr_fs_real.truncate(fd, n); }

static wr_fs faulty_fs;
static wr_mem faulty_mem;

/* ---- files ---- */

static char *slurp(const char *path)
{
  FILE *f = fopen(path, "r");
  char *text = calloc(1, 1 << 20);
  if (f) text[fread(text, 1, (1 << 20) - 1, f)] = 0;
  if (f) fclose(f);
  return text;
}

/* Rows out of order by up to three seconds, some late. */
static void make_input(int rows)
{
  FILE *f = fopen("in.jsonl", "w");
  for (int i = 0; i < rows; i++) {
    int second = i - i * 7 % 4 - (i % 50 == 49 ? 9 : 0);
    second = second < 0 ? 0 : second;
    fprintf(f, "{\"id\":%d,\"user\":\"a user with a long name %d\",\"x\":%d.25,\"ts\":\"2026-01-01T00:%02d:%02dZ\"}\n", i,
            i * i % 5, i % 9, second / 60, second % 60);
  }
  fclose(f);
}

static void shell(const char *command) { assert_int_equal(system(command), 0); }

/* ---- a run ---- */

static int stop_at;                       /* looks at the clock until it is stopped, like by ctrl-C; 0: it is not */

static wr_ts look(void *self)
{
  static int looks;
  (void)self;
  if (++looks == stop_at) wr_stop();
  return wr_clock_real.now(wr_clock_real.self);
}
static wr_clock stopping;

static void child(void)
{
  wr_options opt = { .state = "state", .checkpoint_every = 1, .quiet = true, .batch = 8 };
  FILE *log = freopen("log", "w", stderr);
  if (!log) exit(99);
  opt.log = log;
  stopping = wr_clock_real;
  stopping.now = look;
  opt.clock = &stopping;
  faulty_fs = wr_fs_real;
  faulty_fs.write = faulty_write;
  faulty_fs.fsync = faulty_fsync;
  faulty_fs.rename = faulty_rename;
  faulty_fs.truncate = faulty_truncate;
  faulty_mem = wr_mem_real;
  faulty_mem.alloc = faulty_alloc;
  wr_fs_now = &faulty_fs;
  wr_mem_now = &faulty_mem;
  exit(wr_run(prog, &opt));
}

static int run(enum what what, int at, bool for_ever)
{
  int status;
  fflush(NULL);
  fault.what = what;
  fault.at = at;
  fault.for_ever = for_ever;
  fault.count = told->fired = 0;
  pid_t pid = fork();
  if (pid == 0) child();
  assert_int_equal(waitpid(pid, &status, 0), pid);
  char *log = slurp("log");
  if (!WIFEXITED(status) || strstr(log, "Sanitizer"))
    fail_msg("fault %d, number %d: ended by signal %d\n%s", what, at, WTERMSIG(status), log);
  int code = WEXITSTATUS(status);
  if (!code && told->fired && what != ALLOC && what != WRITE && what != TRUNCATE && !strstr(log, "alarm: checkpoint"))
    fail_msg("fault %d, number %d: nobody was told\n%s", what, at, log);
  if (code && !strstr(log, "error: ")) fail_msg("fault %d, number %d: exit %d without a reason\n%s", what, at, code, log);
  free(log);
  return code;
}

/* ---- the loop ---- */

static char *want[OUTPUTS];

static void undisturbed(void)
{
  make_input(ROWS);
  assert_int_equal(run(NOTHING, 0, false), 0);
  for (int i = 0; i < OUTPUTS; i++) {
    want[i] = slurp(outputs[i]);
    assert_true(strlen(want[i]) > 100);
  }
  shell("rm -rf state *.jsonl");
}

static bool whole_checkpoint(void)
{
  wr_state_dir d;
  wr_checkpoint c;
  char why[512];
  if (!wr_dir_open(&d, "state", false, why, sizeof why)) return false;
  for (int i = 0; i < d.n; i++)
    if (wr_dir_read(&d, d.number[i], &c, why, sizeof why)) return wr_checkpoint_free(&c), true;
  return false;
}

static void after(enum what what, int n, bool had)
{
  if (had) assert_true(whole_checkpoint());
  make_input(ROWS);
  int code = run(NOTHING, 0, false);
  if (code) {
    char *log = slurp("log");
    fail_msg("after fault %d, number %d: exit %d\n%s", what, n, code, log);
  }
  for (int i = 0; i < OUTPUTS; i++) {
    char *got = slurp(outputs[i]);
    if (strcmp(got, want[i])) fail_msg("after fault %d, number %d: %s differs", what, n, outputs[i]);
    free(got);
  }
}

/* From the beginning, and from a checkpoint in the middle of the input: the copy in `middle`. */
static void loop(enum what what, bool for_ever, bool resumed)
{
  int passes = 0;
  for (int n = 1; n < 100000; n += 1 + n / 40) {
    shell("rm -rf state *.jsonl");
    if (resumed) shell("cp -r middle/. .");
    make_input(ROWS);
    int code = run(what, n, for_ever);
    if (!told->fired) {
      assert_int_equal(code, 0);
      assert_true(n > 1);
      return;
    }
    passes += code == 0;
    after(what, n, resumed);
  }
  fail_msg("fault %d: no end after %d runs that went on", what, passes);
}

/* A paused run's folder: nothing of the last windows has been written yet. */
static void make_middle(void)
{
  shell("rm -rf state middle *.jsonl");
  make_input(ROWS);
  stop_at = 80;
  assert_int_equal(run(NOTHING, 0, false), 0);
  stop_at = 0;
  assert_true(whole_checkpoint());
  for (int i = 0; i < OUTPUTS; i++) {
    char *got = slurp(outputs[i]);
    assert_true(strlen(got) < strlen(want[i]));
    free(got);
  }
  shell("mkdir middle && cp -r state t.jsonl b.jsonl alerts.jsonl behind.jsonl middle");
  shell("for f in middle/*.jsonl; do echo 'written after the checkpoint' >>$f; done");
}

static void allocations(void **state) { (void)state; loop(ALLOC, false, false); loop(ALLOC, false, true); }
static void writes(void **state) { (void)state; loop(WRITE, false, false); loop(WRITE, false, true); }
static void writes_for_ever(void **state) { (void)state; loop(WRITE, true, true); }
static void fsyncs(void **state) { (void)state; loop(FSYNC, false, false); loop(FSYNC, false, true); }
static void renames(void **state) { (void)state; loop(RENAME, false, false); loop(RENAME, true, true); }
static void truncates(void **state) { (void)state; loop(TRUNCATE, false, true); }

/* ---- the world ---- */

static Loaded *loaded;

static int set_up(void **state)
{
  Compiled x;
  bool done;
  DriverOptions o = { 0 };
  (void)state;
  told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  snprintf(dir, sizeof dir, "%s/weir-fault-XXXXXX", P_tmpdir);
  if (!mkdtemp(dir) || chdir(dir)) return -1;
  FILE *f = fopen("p.weir", "w");
  fputs(program, f);
  fclose(f);
  if (!compile_file("p.weir", &o, UPTO_TEXT, &x, &done)) return -1;
  loaded = jit_load(x.text);
  compiled_free(&x);
  if (!loaded) return -1;
  prog = jit_program(loaded);
  undisturbed();
  make_middle();
  return 0;
}

static int tear_down(void **state)
{
  char command[300];
  (void)state;
  for (int i = 0; i < OUTPUTS; i++) free(want[i]);
  jit_unload(loaded);
  snprintf(command, sizeof command, "rm -rf '%s'", dir);
  return chdir("/") || system(command);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(writes), cmocka_unit_test(writes_for_ever), cmocka_unit_test(fsyncs), cmocka_unit_test(renames),
    cmocka_unit_test(truncates), cmocka_unit_test(allocations),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
