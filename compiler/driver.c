/* driver.c -- THE pass list. Each pass assumes what its predecessors left; after each one, stop if
 * there are errors; -d NAME prints the program after the pass of that name.
 */
#include "driver.h"
#include <stdlib.h>
#include <string.h>
#include "emit.h"

typedef struct Run { Compiled *out; const char *path; const DriverOptions *opt; } Run;

static void pass_parse(Run *r)
{
  Compiler *c = r->out->c;
  Span nowhere = { 0, 0, UINT32_MAX };
  Source *s = source_read(c, r->path, nowhere);
  if (s) parse(c, s);
  r->out->unread = !s;
}
static void pass_resolve(Run *r) { resolve(r->out->c); }
static void pass_check(Run *r) { check(r->out->c); }
static void pass_plan(Run *r) { r->out->plan = plan_build(r->out->c, r->path, NULL); }
static void pass_rewrite(Run *r) { plan_rewrite(r->out->plan); }
static void pass_fuse(Run *r) { plan_fuse(r->out->plan); }
static void pass_emit(Run *r)
{
  size_t n;
  r->out->text = emit(r->out->plan, !r->opt->no_lines, &n);
}

static void dump_ast(Run *r) { ast_dump(r->out->c, stdout, false); }
static void dump_typed(Run *r) { ast_dump(r->out->c, stdout, true); }
static void dump_plan(Run *r) { plan_dump(r->out->plan, stdout, false); }
static void dump_fused(Run *r) { plan_dump(r->out->plan, stdout, true); }
static void dump_c(Run *r) { fputs(r->out->text, stdout); }

static const struct Pass {
  void (*run)(Run *);
  const char *dump;
  void (*print)(Run *);
  enum Upto upto;                         /* part of what is wanted from here on */
} passes[] = {
  { pass_parse,   "ast",   dump_ast,   UPTO_CHECK },
  { pass_resolve, NULL,    NULL,       UPTO_CHECK },
  { pass_check,   "typed", dump_typed, UPTO_CHECK },
  { pass_plan,    NULL,    NULL,       UPTO_CHECK },
  { pass_rewrite, "plan",  dump_plan,  UPTO_CHECK },
  { pass_fuse,    "fused", dump_fused, UPTO_PLAN },
  { pass_emit,    "c",     dump_c,     UPTO_TEXT },
};

static Compiler *compiler_new(void)
{
  Arena *a = arena_new();
  Compiler *c = arena_alloc(a, sizeof *c);
  c->arena = a;
  c->interns = interns_new(a);
  c->program = arena_alloc(a, sizeof *c->program);
  c->types = types_new(c);
  return c;
}

bool compile_file(const char *path, const DriverOptions *opt, enum Upto upto, Compiled *out, bool *done)
{
  Run r = { out, path, opt };
  *done = false;
  memset(out, 0, sizeof *out);
  out->c = compiler_new();
  for (size_t i = 0; i < sizeof passes / sizeof *passes && !*done; i++) {
    if (passes[i].upto > upto && !opt->dump) break;
    passes[i].run(&r);
    bool more = passes[i].run == pass_resolve;   /* check finds the other mistakes of the same run */
    if (diag_any_error(out->c) && !more) break;
    if (!opt->dump || !passes[i].dump || strcmp(opt->dump, passes[i].dump) != 0) continue;
    passes[i].print(&r);
    *done = true;
  }
  diag_render(out->c, stderr, opt->json, opt->colour);
  return !diag_any_error(out->c);
}

char *compile_test(Compiled *x, const char *path, Decl *test, wr_ts *begin)
{
  size_t n;
  x->c->diags = NULL;                     /* what was said of the program has been shown */
  Plan *p = plan_build(x->c, path, test);
  *begin = p->begin;
  plan_rewrite(p);
  diag_render(x->c, stderr, false, false);
  if (diag_any_error(x->c)) return NULL;
  plan_fuse(p);
  return emit(p, true, &n);
}

void compiled_free(Compiled *x)
{
  free(x->text);
  if (x->c) arena_free(x->c->arena);
}
