/* main.c -- the command line of weir: which command, which file; no logic of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "aot.h"
#include "control.h"
#include "driver.h"
#include "jit.h"
#include "new.h"
#include "test.h"
#include "weir/cli.h"

#define WEIR_VERSION "0.1.0"
enum { EXIT_WRONG_USE = 64, EXIT_PROGRAM = 65, EXIT_NO_INPUT = 66, EXIT_SOFTWARE = 70, EXIT_CANNOT_WRITE = 73 };

typedef struct Cmd {
  const char *name, *usage, *doc;
  int (*run)(const struct Cmd *, int argc, char **argv);
  const char *options;
} Cmd;

static int wrong(const Cmd *cmd, const char *what, const char *arg)
{
  fprintf(stderr, "weir %s: error: %s%s%s\n  = hint: weir %s --help\n", cmd->name, what, *arg ? " " : "", arg,
          cmd->name);
  return EXIT_WRONG_USE;
}

static int show_help(const Cmd *cmd)
{
  printf("Usage: weir %s\n\n%s\n%s%s", cmd->usage, cmd->doc, *cmd->options ? "\nOptions:\n" : "", cmd->options);
  return 0;
}

/* ---- options that commands share ---- */

typedef struct Opts {
  const char *file, *output, *tier;
  DriverOptions driver;
  bool emit_c, help;
  TestOptions test;
  char *rest[512];                        /* for the running program */
  int nrest;
} Opts;

static bool colour_wanted(void) { return isatty(2) && !getenv("NO_COLOR"); }

static const char *value_of(char **argv, int argc, int *i)
{
  const char *eq = strchr(argv[*i], '=');
  if (eq && argv[*i][0] == '-') return eq + 1;
  return *i + 1 < argc ? argv[++*i] : NULL;
}

static bool is(const char *arg, const char *opt)
{
  size_t n = strlen(opt);
  return strncmp(arg, opt, n) == 0 && (arg[n] == 0 || (arg[n] == '=' && opt[1] == '-'));
}

/* -1: fine. `allowed` holds the options of the command; what it does not know goes to the program when
 * `passes` is set. */
static int parse_args(const Cmd *cmd, int argc, char **argv, const char *allowed, bool passes, Opts *o)
{
  memset(o, 0, sizeof *o);
  o->tier = "jit";
  o->driver.colour = colour_wanted();
  o->rest[o->nrest++] = argv[0];
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i], **value = NULL;
    if (is(a, "--help") || is(a, "-h")) { o->help = true; continue; }
    if (a[0] != '-' || !a[1]) {
      if (o->file) return wrong(cmd, "one program at a time; what is", a);
      o->file = a;
      continue;
    }
    if (is(a, "-o") && strstr(allowed, " -o ")) value = &o->output;
    else if (is(a, "-d") && strstr(allowed, " -d ")) value = &o->driver.dump;
    else if (is(a, "--tier") && strstr(allowed, " --tier ")) value = &o->tier;
    else if (is(a, "--only") && strstr(allowed, " --only ")) value = &o->test.only;
    else if (is(a, "--verbose") && strstr(allowed, " --verbose ")) { o->test.verbose = true; continue; }
    else if (is(a, "--emit-c") && strstr(allowed, " --emit-c ")) { o->emit_c = true; continue; }
    else if (is(a, "--no-line") && strstr(allowed, " --no-line ")) { o->driver.no_lines = true; continue; }
    else if (is(a, "--json") && strstr(allowed, " --json ")) { o->driver.json = true; continue; }
    if (value) {
      *value = value_of(argv, argc, &i);
      if (!*value) return wrong(cmd, "an option without its value:", a);
      continue;
    }
    if (!passes || o->nrest > 500) return wrong(cmd, "unknown option", a);
    o->rest[o->nrest++] = argv[i];
    static const char *const with[] = { "--set", "--batch", "--memory", "--threads", "--state", "--checkpoint-every",
                                        "--drop", "--accept", "--metrics", "--metrics-token-file", "--control" };
    for (size_t k = 0; k < sizeof with / sizeof *with; k++)
      if (strcmp(a, with[k]) == 0 && i + 1 < argc) o->rest[o->nrest++] = argv[++i];
  }
  return -1;
}

static int parse_with_file(const Cmd *cmd, int argc, char **argv, const char *allowed, bool passes, Opts *o)
{
  int code = parse_args(cmd, argc, argv, allowed, passes, o);
  if (code >= 0) return code;
  if (o->help && !(passes && o->file)) return show_help(cmd);
  if (!o->file) return wrong(cmd, "which program? Give the path of a .weir file", "");
  static const char *const dumps[] = { "ast", "typed", "plan", "fused", "c" };
  for (size_t i = 0; o->driver.dump && i < sizeof dumps / sizeof *dumps; i++)
    if (strcmp(o->driver.dump, dumps[i]) == 0) return -1;
  return o->driver.dump ? wrong(cmd, "-d takes ast, typed, plan, fused or c, not", o->driver.dump) : -1;
}

/* ---- commands ---- */

static int refused(const Compiled *x) { return x->unread ? EXIT_NO_INPUT : EXIT_PROGRAM; }

static int run_program(const wr_program *prog, Opts *o)
{
  static char help[] = "--help";
  char name[300];
  static const char more[] =
      "  --tier T           jit: in memory at once (default) | native: by the C compiler at -O3\n"
      "  -d WHAT            print ast, typed, plan, fused or c instead of running\n";
  if (o->help) o->rest[o->nrest++] = help;
  snprintf(name, sizeof name, "weir run %.200s", o->file);
  return wr_main(prog, o->nrest, o->rest, name, more);
}

static int cmd_run(const Cmd *cmd, int argc, char **argv)
{
  Opts o;
  Compiled x;
  bool done;
  int code = parse_with_file(cmd, argc, argv, " --tier -d --no-line ", true, &o);
  if (code >= 0) return code;
  bool native = strcmp(o.tier, "native") == 0;
  if (!native && strcmp(o.tier, "jit") != 0) return wrong(cmd, "--tier takes jit or native, not", o.tier);
  if (!compile_file(o.file, &o.driver, UPTO_TEXT, &x, &done) || done) {
    code = done ? 0 : refused(&x);
    compiled_free(&x);
    return code;
  }
  Loaded *l = native ? NULL : jit_load(x.text);
  const wr_program *prog = native ? aot_load(x.text) : l ? jit_program(l) : NULL;
  compiled_free(&x);
  code = prog ? run_program(prog, &o) : EXIT_SOFTWARE;
  if (l) jit_unload(l);
  return code;
}

static int write_file(const char *path, const char *text)
{
  FILE *f = fopen(path, "w");
  bool good = f && fputs(text, f) >= 0;
  if (f && fclose(f) != 0) good = false;
  if (good) return 0;
  fprintf(stderr, "weir: error: cannot write %s: %s\n", path, strerror(errno));
  if (f) remove(path);
  return EXIT_CANNOT_WRITE;
}

static void default_output(const char *file, char *out, size_t size)
{
  const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
  snprintf(out, size, "%.*s", dot && dot != base ? (int)(dot - base) : (int)strlen(base), base);
}

static int cmd_build(const Cmd *cmd, int argc, char **argv)
{
  Opts o;
  Compiled x;
  bool done;
  char out[1024], c[1040];
  int code = parse_with_file(cmd, argc, argv, " -o --emit-c --no-line ", false, &o);
  if (code >= 0) return code;
  default_output(o.file, out, sizeof out);
  if (!o.output) o.output = out;
  bool good = compile_file(o.file, &o.driver, UPTO_TEXT, &x, &done);
  if (!good) code = refused(&x);
  else if (strcmp(o.output, o.file) == 0)
    code = wrong(cmd, "the binary would replace the program; name it with -o", "");
  snprintf(c, sizeof c, "%s.c", o.output);
  if (code < 0) code = o.emit_c ? write_file(c, x.text) : 0;
  if (!code) code = aot_build(x.text, o.output);
  compiled_free(&x);
  return code;
}

static int cmd_check(const Cmd *cmd, int argc, char **argv)
{
  Opts o;
  Compiled x;
  bool done;
  int code = parse_with_file(cmd, argc, argv, " --json -d ", false, &o);
  if (code >= 0) return code;
  code = compile_file(o.file, &o.driver, UPTO_CHECK, &x, &done) ? 0 : refused(&x);
  compiled_free(&x);
  return code;
}

static int cmd_explain(const Cmd *cmd, int argc, char **argv)
{
  Opts o;
  Compiled x;
  bool done;
  int code = parse_with_file(cmd, argc, argv, " -d --no-line ", false, &o);
  if (code >= 0) return code;
  bool ok = compile_file(o.file, &o.driver, UPTO_PLAN, &x, &done);
  if (ok && !done) plan_explain(x.plan, stdout);
  code = ok ? 0 : refused(&x);
  compiled_free(&x);
  return code;
}

static int cmd_test(const Cmd *cmd, int argc, char **argv)
{
  Opts o;
  Compiled x;
  bool done;
  int code = parse_with_file(cmd, argc, argv, " --only --verbose ", false, &o);
  if (code >= 0) return code;
  code = compile_file(o.file, &o.driver, UPTO_PLAN, &x, &done) ? test_program(&x, o.file, &o.test) : refused(&x);
  compiled_free(&x);
  return code < 0 ? wrong(cmd, "no test has in its name", o.test.only) : code;
}

static int cmd_new(const Cmd *cmd, int argc, char **argv)
{
  Opts o;
  int code = parse_args(cmd, argc, argv, "", false, &o);
  if (code >= 0) return code;
  if (o.help) return show_help(cmd);
  if (!o.file) return wrong(cmd, "which name? weir new NAME makes a folder with a program in it", "");
  return new_program(o.file);
}

static int cmd_state(const Cmd *cmd, int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (is(argv[i], "--help") || is(argv[i], "-h")) return show_help(cmd);
  return wr_state_main(argc, argv);
}

/* SOCKET [name=value ...]: what follows the socket stays as it is, also where it begins with a dash. */
static int cmd_get(const Cmd *cmd, int argc, char **argv)
{
  bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
  int at = 1 + json;
  if (argc > at && (is(argv[at], "--help") || is(argv[at], "-h"))) return show_help(cmd);
  if (argc > at && argv[at][0] == '-') return wrong(cmd, "unknown option", argv[at]);
  if (argc > at + 1 && !json && strcmp(argv[at + 1], "--json") == 0) json = true, argc--;
  if (argc != at + 1) return wrong(cmd, "which run? Give the path of its control socket", "");
  return control_get(argv[at], json);
}

static int cmd_set(const Cmd *cmd, int argc, char **argv)
{
  if (argc > 1 && (is(argv[1], "--help") || is(argv[1], "-h"))) return show_help(cmd);
  if (argc > 1 && argv[1][0] == '-') return wrong(cmd, "unknown option", argv[1]);
  if (argc < 2) return wrong(cmd, "which run? Give the path of its control socket", "");
  if (argc < 3) return wrong(cmd, "which parameter? Give NAME=VALUE behind the socket", "");
  for (int i = 2; i < argc; i++)
    if (!strchr(argv[i], '=')) return wrong(cmd, "write NAME=VALUE, not", argv[i]);
  return control_set(argv[1], argv + 2, argc - 2);
}

static int cmd_version(const Cmd *cmd, int argc, char **argv)
{
  Opts o;
  int code = parse_args(cmd, argc, argv, "", false, &o);
  if (code >= 0) return code;
  if (o.help) return show_help(cmd);
  printf("weir %s (runtime ABI %d%s)\n", WEIR_VERSION, WEIR_ABI,
         aot_available() ? "" : "; no C compiler: weir build and --tier native are off");
  return 0;
}

static const Cmd cmds[] = {
  { "run", "run PROGRAM.weir [options]", "Compiles in memory and runs at once; needs no C compiler.", cmd_run,
    "  --tier T           jit: in memory at once (default) | native: by the C compiler at -O3\n"
    "  --set NAME=VALUE   set a parameter\n  --batch N          rows of a batch at most; results do not depend on it\n"
    "  --state DIR        keep checkpoints there, and go on from the last one\n"
    "  --checkpoint-every D   how often (default 10s)\n"
    "  --drop NAME        forget what the checkpoint holds of that name\n"
    "  --accept NAME      keep what a state holds although the program now means something else by it\n"
    "  --memory SIZE      end the run when state needs more\n  --threads N        1: this version runs on one thread\n"
    "  --metrics ADDR     serve metrics for Prometheus, /healthz and /readyz there (127.0.0.1:9100)\n"
    "  --metrics-token-file FILE  ask for this token; needed where others can reach the address\n"
    "  --control PATH     a socket for weir get and weir set\n"
    "  --quiet            no progress and no summary\n"
    "  -d WHAT            print ast, typed, plan, fused or c instead of running\n"
    "  --no-line          in -d c: source lines as comments\n"
    "weir run PROGRAM.weir --help also lists the program's parameters.\n" },
  { "build", "build PROGRAM.weir [-o BINARY]", "Builds a standalone binary with the machine's C compiler at -O3.",
    cmd_build,
    "  -o BINARY          its name (default: the program's without .weir)\n"
    "  --emit-c           leave the generated C beside it, as BINARY.c\n"
    "  --no-line          source lines as comments in it\n" },
  { "check", "check PROGRAM.weir", "Reports every mistake and every construct that this version does not run.",
    cmd_check,
    "  --json             one JSON object a line, for editors\n  -d WHAT            print ast or typed\n" },
  { "explain", "explain PROGRAM.weir", "Shows the graph, what is read, what is kept and what it costs.", cmd_explain,
    "  -d WHAT            print ast, typed, plan, fused or c instead\n" },
  { "test", "test PROGRAM.weir", "Runs the program's tests under a clock of their own; reads and writes nothing else.",
    cmd_test,
    "  --only TEXT        only tests whose names contain it\n"
    "  --verbose          also what came and what was counted in tests that pass\n"
    "Exit codes: 0 all passed, 1 some failed, 64 to 66 as of weir check.\n" },
  { "new", "new NAME", "Makes a folder NAME with a program and its input.", cmd_new, "" },
  { "state", "state ls|show|check|peek DIR ...", "Shows what is in a folder of checkpoints (run --state DIR).",
    cmd_state,
    "  ls DIR                        what is kept: kinds, names, keys, bytes\n"
    "  show DIR [NAME]               what it was made by, positions, parameters, decisions\n"
    "  check DIR                     looks at every checksum; exit 65 when a file is damaged\n"
    "  peek DIR STATE KEY=VALUE...   the record of a key, as JSON\n" },
  { "get", "get SOCKET [--json]", "Shows the parameters of a run that was started with --control SOCKET.", cmd_get,
    "  --json             one JSON object a line\n" },
  { "set", "set SOCKET NAME=VALUE ...", "Changes parameters of a run while it goes on: all of them or none.", cmd_set,
    "" },
  { "version", "version", "Prints the version.", cmd_version, "" },
};
enum { NCMDS = sizeof cmds / sizeof *cmds };

static int overview(FILE *f)
{
  fprintf(f, "Usage: weir COMMAND ...\n\nWeir compiles stream programs to C.\n\nCommands:\n");
  for (int i = 0; i < NCMDS; i++) fprintf(f, "  %-32s %s\n", cmds[i].usage, cmds[i].doc);
  fprintf(f, "\nweir COMMAND --help says more.\n");
  return f == stdout ? 0 : EXIT_WRONG_USE;
}

int main(int argc, char **argv)
{
  if (argc < 2) return overview(stderr);
  if (is(argv[1], "--help") || is(argv[1], "-h") || strcmp(argv[1], "help") == 0) return overview(stdout);
  const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
  for (int i = 0; i < NCMDS; i++)
    if (strcmp(name, cmds[i].name) == 0) return cmds[i].run(&cmds[i], argc - 1, argv + 1);
  fprintf(stderr, "weir: error: there is no command %s\n", argv[1]);
  return overview(stderr);
}
