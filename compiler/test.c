/* test.c -- `weir test`: each test of the program is compiled as a program of its own and run in memory.
 *
 * Only the tests of the file that was named: those of an imported file are run with that file.
 */
#include "test.h"
#include <stdlib.h>
#include <string.h>
#include "jit.h"
#include "weir/trial.h"

static bool is_wanted(const Decl *d, const TestOptions *opt)
{
  return d->kind == DECL_TEST && d->span.file == 0 && (!opt->only || strstr(d->name.name, opt->only));
}

static void show_place(const Compiler *c, const char *path, Span at)
{
  int line, column;
  source_place(c->sources.v[at.file], at.from, &line, &column);
  printf(" (%s:%d:%d)", path, line, column);
}

/* One line, whatever the name holds. */
static void show_name(const char *name)
{
  for (; *name; name++) putchar((unsigned char)*name < ' ' ? ' ' : *name);
}

static bool run_test(Compiled *x, const char *path, Decl *test, bool verbose)
{
  wr_ts begin;
  char *report = NULL, *text = compile_test(x, path, test, &begin);
  Loaded *l = text ? jit_load(text) : NULL;
  bool ok = l && wr_trial_run(jit_program(l), begin, verbose, &report);

  printf("%-8s", ok ? "ok" : "FAILED");
  show_name(test->name.name);
  if (!ok) show_place(x->c, path, test->name.span);
  printf("\n%s", report ? report : l ? "" : "  it could not be compiled\n");
  fflush(stdout);
  if (l) jit_unload(l);
  free(report);
  free(text);
  return ok;
}

int test_program(Compiled *x, const char *path, const TestOptions *opt)
{
  const Program *p = x->c->program;
  int passed = 0, failed = 0;
  for (int i = 0; i < p->decls.n; i++) {
    if (!is_wanted(p->decls.v[i], opt)) continue;
    if (run_test(x, path, p->decls.v[i], opt->verbose)) passed++;
    else failed++;
  }
  if (!passed && !failed && opt->only) return -1;
  if (!passed && !failed) printf("%s has no tests\n", path);
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
