/* fuzz_checkpoint.c -- any bytes as the newest checkpoint of a program with everything that is kept: taken apart,
 * shown, and resumed from; what was loaded is then saved again. Where the bytes hang together their checksums
 * are made right, so that the loaders see them.
 */
#include "checkpoint.h"
#include "driver.h"
#include "jit.h"
#include "weir/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char program[] =
    "type T { id int  user string  kind enum { a, b, other }  x float?  l list<int>  ts timestamp }\n"
    "param least: int = 2\n"
    "source s: T { from file(\"in.jsonl\", follow: true) format json  time ts delay 20s  bad drop  late drop }\n"
    "source r: T { from file(\"in*.jsonl\", partitions: \"files\", follow: true) format json  time ts delay 20s  bad drop  late drop }\n"
    "stream t = s | group by user, kind over tumbling 20s { user, n: count(), ids: collect(id), f: first(l), m: avg(x),\n"
    "  q: quantile(x, 0.5), d: count(distinct user), a: approx_distinct(id), top: top_k(user, 3), v: variance(x), who: max_by(user, id) }\n"
    "stream h = r | group by k: mod(id, 5) over hopping 20s every 5s { k, n: count(), m: max(user) }\n"
    "stream b = s | group by user over session 3s { user, n: count(), last: last(user) }\n"
    "stream alerts: { user string, n int }\n"
    "state profile by user keep 1h { n int = 0  who string = \"\"  k enum { a, b, other }? = null  l list<int>? = null\n"
    "  on s { n = n + 1  who = s.user  k = s.kind  l = s.l } }\n"
    "window recent = sliding 10s\n"
    "rule often { on s by user over recent when profile.n > least and count() > 1 emit alerts { user, n: max(id) }\n"
    "  limit 1 per user every 5s }\n"
    "rule twice { on r by user over recent when count() > 1 and max(user) <> \"\" emit alerts { user, n: r.id } }\n"
    "sink t { to file(\"t.jsonl\") format json }\n"
    "sink h { to file(\"h.jsonl\") format json }\n"
    "sink b { to file(\"b.jsonl\") format json }\n"
    "sink alerts { to file(\"alerts.jsonl\") format json }\n";
static const wr_program *prog;
static Loaded *loaded;
static FILE *nothing;
static char dir[] = P_tmpdir "/weir-fuzz-XXXXXX";
static int back;                          /* the folder that the fuzzer was started in */
enum { HEADER = 48, FRAME = 32, ROWS = 60 };

/* ---- files: those of the run are real, what it makes of the checkpoint goes nowhere ---- */

static int no_fsync(int fd) { (void)fd; return 0; }
static int no_rename(const char *a, const char *b) { (void)a; (void)b; return 0; }
static int no_unlink(const char *path) { (void)path; return 0; }
static wr_fs lasting_nothing;

static void put_file(const char *path, const void *p, size_t n)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || write(fd, p, n) != (ssize_t)n) abort();
  close(fd);
}

static void make_input(void)
{
  FILE *f = fopen("in.jsonl", "w");
  if (!f) abort();
  for (int i = 0; i < ROWS; i++)
    fprintf(f, "{\"id\":%d,\"user\":\"a user with a long name %d\",\"kind\":\"%c\",\"x\":%d.5,\"l\":[%d,%d],"
            "\"ts\":\"2026-01-01T00:00:%02dZ\"}\n", i, i % 5, 'a' + i % 3, i, i, i, i);
  fclose(f);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  Compiled x;
  bool done;
  DriverOptions o = { 0 };
  (void)argc;
  (void)argv;
  back = open(".", O_RDONLY | O_DIRECTORY);
  if (back < 0 || !mkdtemp(dir) || chdir(dir) || !(nothing = fopen("/dev/null", "w"))) abort();
  if (!freopen("/dev/null", "w", stdout)) abort();
  make_input();
  put_file("p.weir", program, sizeof program - 1);
  if (!compile_file("p.weir", &o, UPTO_TEXT, &x, &done)) abort();
  loaded = jit_load(x.text);
  compiled_free(&x);
  if (!loaded) abort();
  prog = jit_program(loaded);
  lasting_nothing = wr_fs_real;
  lasting_nothing.fsync = no_fsync;
  lasting_nothing.rename = no_rename;
  lasting_nothing.unlink = no_unlink;
  wr_fs_now = &lasting_nothing;
  stderr = nothing;                       /* what is wrong with it is said for every input */
  wr_stop();                              /* a run ends before its first row */
  return fchdir(back);
}

/* ---- the checkpoint ---- */

static uint64_t number(const char *p, size_t n)
{
  uint64_t v = 0;
  memcpy(&v, p, n);
  return v;
}

/* Of a header and sections that fit: this version's, and the right checksums. */
static void mend(wr_buf *b)
{
  wr_u32 version[] = { WR_CHECKPOINT_FORMAT, WEIR_ABI };
  uint64_t sections = 0;
  if (b->n < HEADER || number(b->p + 32, 8) > b->n - HEADER) return;
  memcpy(b->p + 8, version, sizeof version);
  size_t at = HEADER + number(b->p + 32, 8);
  while (at < b->n) {
    size_t left = b->n - at;
    if (left < FRAME) return;
    uint64_t head = FRAME + number(b->p + at + 4, 4) + number(b->p + at + 8, 4), n = number(b->p + at + 16, 8);
    if (head > left || n > left - head) return;
    if (number(b->p + at, 4) == WR_SEC_END && n == 8) memcpy(b->p + at + head, &sections, 8);
    at += head + n;
    sections++;
  }
  wr_checkpoint_seal(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static char weir[] = "weir", ls[] = "ls", show[] = "show", peek[] = "peek", check[] = "check", state[] = "state",
              profile[] = "profile", ann[] = "user=ann";
  wr_buf b = { 0 };
  wr_options opt = { .state = "state", .checkpoint_every = 1000000, .log = nothing };
  wr_buf_reserve(&b, size + 1);
  memcpy(b.p, data, size);
  b.n = size;
  mend(&b);
  if (chdir(dir) || (mkdir("state", 0700) && errno != EEXIST)) abort();
  put_file("state/checkpoint-000000001", b.p, b.n);
  wr_buf_free(&b);
  wr_state_main(3, (char *[]){ weir, ls, state, NULL });
  wr_state_main(3, (char *[]){ weir, show, state, NULL });
  wr_state_main(3, (char *[]){ weir, check, state, NULL });
  wr_state_main(5, (char *[]){ weir, peek, state, profile, ann, NULL });
  wr_run(prog, &opt);
  return fchdir(back);
}
