/* cli.c -- the command line of a running program, the same for `weir run` and a built binary. */
#include "weir/cli.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "rt_internal.h"

enum { SETS_MAX = 256 };

typedef struct Cli {
  const wr_program *prog;
  const char *name, *more;
  const char *set[SETS_MAX], *drop[SETS_MAX], *accept[SETS_MAX];
  wr_options opt;
} Cli;

static void on_signal(int sig)
{
  static volatile sig_atomic_t again;
  (void)sig;
  if (again) _exit(130);                  /* the second one does not wait */
  again = 1;
  wr_stop();
}

static void param_help(const wr_program *p)
{
  if (p->nparam) printf("\nParameters (--set NAME=VALUE):\n");
  for (wr_i32 i = 0; i < p->nparam; i++) {
    wr_buf t = { 0 };
    wr_json_value(&t, p->param[i].type, p->param[i].dflt);
    printf("  %-20s default %.*s%s%s\n", p->param[i].name, p->param[i].init ? 8 : (int)t.n,
           p->param[i].init ? "computed" : t.p, p->param[i].doc ? "  check " : "",
           p->param[i].doc ? p->param[i].doc : "");
    wr_buf_free(&t);
  }
}

static int help(const Cli *c)
{
  printf("Usage: %s [options]\n\nRuns the stream program %s.\n\nOptions:\n%s"
         "  --set NAME=VALUE   set a parameter\n"
         "  --batch N          rows of a batch at most (1 to 65536, default 1024); results do not depend on it\n"
         "  --memory SIZE      end the run when state needs more (512MB, 4GB)\n"
         "  --state DIR        keep checkpoints there, and go on from the last one; Ctrl-C then only pauses\n"
         "  --checkpoint-every D   how often (default 10s)\n"
         "  --drop NAME        forget what the checkpoint holds of that name\n"
         "  --accept NAME      keep what a state holds although the program now means something else by it\n"
         "  --threads N        1: this version runs on one thread\n"
         "  --metrics ADDR     serve metrics for Prometheus, /healthz and /readyz there (127.0.0.1:9100)\n"
         "  --metrics-token-file FILE  ask for this token; needed where others can reach the address\n"
         "  --control PATH     a socket for weir get and weir set: parameters while it runs\n"
         "  --quiet            no progress and no summary\n"
         "  --help             this text\n", c->name, c->prog->file, c->more);
  param_help(c->prog);
  printf("\nExit codes: 0 done, 64 wrong options, 65 a row met `fail`, 66 no input, 70 out of memory, 74 input or\n"
         "output failed, 78 configuration. Ctrl-C ends the input and closes all windows, with --state it takes a\n"
         "checkpoint and closes none; twice ends at once.\n");
  return 0;
}

static int usage(const Cli *c, const char *what, const char *arg, const char *hint)
{
  fprintf(stderr, "%s: error: %s%s%s\n  = hint: %s\n", c->name, what, *arg ? " " : "", arg, hint);
  return WR_EXIT_USAGE;
}

static bool parse_size(const char *s, wr_u64 *out)
{
  char *end;
  double v = strtod(s, &end);
  static const struct {
    const char *unit;
    double f;
  } units[] = {
    { "", 1 }, { "B", 1 }, { "KB", 1024 }, { "MB", 1048576 }, { "GB", 1073741824.0 }, { "TB", 1099511627776.0 }
  };
  if (end == s || v <= 0 || v > 1e15) return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strcmp(end, units[i].unit) == 0) {
      *out = (wr_u64)(v * units[i].f);
      return *out > 0;
    }
  return false;
}

static bool parse_count(const char *s, wr_i64 max, wr_i64 *out)
{
  return wr_parse_int(s, strlen(s), out) && *out >= 1 && *out <= max;
}

static int take_state(Cli *c, const char *opt, const char *value)
{
  if (strcmp(opt, "--state") == 0) {
    c->opt.state = value;
    return *value ? -1 : usage(c, "--state takes a folder", "", "--state var/fraud");
  }
  if (strcmp(opt, "--checkpoint-every") == 0)
    return wr_parse_dur(value, strlen(value), &c->opt.checkpoint_every) == WR_E_NONE && c->opt.checkpoint_every > 0
               ? -1 : usage(c, "--checkpoint-every takes a duration, not", value, "--checkpoint-every 30s");
  bool drop = strcmp(opt, "--drop") == 0;
  int *n = drop ? &c->opt.ndrop : &c->opt.naccept;
  if (*n == SETS_MAX) return usage(c, "too many", opt, "give at most 256");
  (drop ? c->drop : c->accept)[(*n)++] = value;
  return -1;
}

/* Takes one option with its value; -1: fine, else the exit code. */
static int take(Cli *c, const char *opt, const char *value)
{
  wr_i64 n;
  if (strcmp(opt, "--set") == 0) {
    if (c->opt.nset == SETS_MAX) return usage(c, "too many --set", "", "give at most 256");
    c->set[c->opt.nset++] = value;
    return -1;
  }
  if (strcmp(opt, "--metrics") == 0) return c->opt.metrics = value, -1;
  if (strcmp(opt, "--metrics-token-file") == 0) return c->opt.metrics_token_file = value, -1;
  if (strcmp(opt, "--control") == 0) return c->opt.control = value, -1;
  if (strcmp(opt, "--batch") == 0) {
    if (!parse_count(value, 65536, &n)) return usage(c, "--batch takes 1 to 65536, not", value, "--batch 1024");
    c->opt.batch = (wr_i32)n;
    return -1;
  }
  if (strcmp(opt, "--memory") == 0)
    return parse_size(value, &c->opt.memory) ? -1 : usage(c, "--memory takes a size, not", value, "--memory 512MB");
  if (strcmp(opt, "--threads") != 0) return take_state(c, opt, value);
  if (!parse_count(value, 1, &n))
    return usage(c, "this version runs on one thread; --threads takes 1, not", value, "leave the option out");
  return -1;
}

static bool takes_value(const char *opt)
{
  static const char *const with[] = { "--set", "--batch", "--memory", "--threads",
                                      "--state", "--checkpoint-every", "--drop", "--accept",
                                      "--metrics", "--metrics-token-file", "--control" };
  for (size_t i = 0; i < sizeof with / sizeof *with; i++)
    if (strcmp(opt, with[i]) == 0) return true;
  return false;
}

static int fits_together(const Cli *c)
{
  if (c->opt.state || !(c->opt.checkpoint_every || c->opt.ndrop || c->opt.naccept)) return -1;
  return usage(c, "--checkpoint-every, --drop and --accept are about --state, which is not given", "", "--state DIR");
}

static int parse(Cli *c, int argc, char **argv, bool *done)
{
  for (int i = 1; i < argc; i++) {
    char name[32];
    const char *eq = strchr(argv[i], '=');
    size_t n = eq ? (size_t)(eq - argv[i]) : strlen(argv[i]);
    snprintf(name, sizeof name, "%.*s", (int)(n < 31 ? n : 31), argv[i]);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) { *done = true; return help(c); }
    if (strcmp(name, "--quiet") == 0 || strcmp(name, "-q") == 0) { c->opt.quiet = true; continue; }
    if (!takes_value(name)) return usage(c, "unknown option", argv[i], "--help shows the options");
    const char *value = eq ? eq + 1 : i + 1 < argc ? argv[++i] : NULL;
    if (!value) return usage(c, "an option without its value:", name, "--help shows the options");
    int code = take(c, name, value);
    if (code >= 0) return code;
  }
  if (c->opt.metrics_token_file && !c->opt.metrics)
    return usage(c, "--metrics-token-file without --metrics", "", "--metrics 127.0.0.1:9100");
  return fits_together(c);
}

int wr_main(const wr_program *prog, int argc, char **argv, const char *name, const char *more)
{
  Cli c = { .prog = prog, .name = name, .more = more };
  bool done = false;
  int code = parse(&c, argc, argv, &done);
  if (code >= 0 || done) return code;

  struct sigaction act = { .sa_handler = on_signal };
  sigaction(SIGINT, &act, NULL);
  sigaction(SIGTERM, &act, NULL);
  signal(SIGPIPE, SIG_IGN);
  c.opt.set = c.set;
  c.opt.drop = c.drop;
  c.opt.accept = c.accept;
  c.opt.progress = !c.opt.quiet && isatty(2);
  return wr_run(prog, &c.opt);
}
