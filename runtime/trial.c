/* trial.c -- the run of a test: a clock that jumps from row to row, and what the run counted.
 *
 * The clock never moves by itself. When nothing is left to do the loop sleeps, and sleeping takes the
 * clock to just before the next given row, so that whatever would have happened by then (a source gone
 * idle, a window of processing time over) happens first, then to the row. After the last row all sources
 * end: every sleep leads somewhere, so a test ends.
 */
#include "trial.h"
#include "fmt.h"
#include "run.h"
#include <stdlib.h>
#include <string.h>

wr_trial *wr_trial_of(wr_ctx *ctx) { return wr_state_of(ctx)->opt.trial; }

/* ---- the clock ---- */

static wr_ts trial_now(void *self) { return ((wr_trial *)self)->now; }

static void trial_sleep(void *self, wr_i64 us)
{
  wr_trial *t = self;
  wr_ts to = t->next < t->n ? t->arrival[t->next] : t->now + us;
  t->now = t->now < to - 1 ? to - 1 : to;
}

void wr_trial_arrival(wr_trial *t, wr_i32 row, wr_ts at)
{
  while (row >= t->cap) {
    t->cap = t->cap ? 2 * t->cap : 64;
    t->arrival = realloc(t->arrival, (size_t)t->cap * sizeof *t->arrival);
    if (!t->arrival) abort();
  }
  t->arrival[row] = at;
  if (row >= t->n) t->n = row + 1;
}

/* ---- leaves of a row ---- */

static void add_leaves(wr_leaf *leaf, wr_i32 *n, const wr_type *t, const char *above)
{
  for (wr_u32 i = 0; i < t->n; i++) {
    const wr_field *f = &t->fields[i];
    const char *name = f->label ? f->label : f->name;
    size_t size = strlen(above) + strlen(name) + 2;
    char *path = wr_mem_alloc(size);
    snprintf(path, size, "%s%s%s", above, *above ? "." : "", name);
    bool inner = f->type->kind == WR_REC;
    if (inner && f->type->nullable) leaf[(*n)++] = (wr_leaf){ f, path };
    if (!inner) leaf[(*n)++] = (wr_leaf){ f, path };
    else add_leaves(leaf, n, f->type, path);
    if (inner && !f->type->nullable) wr_mem_free(path, size);
  }
}

wr_leaf *wr_leaves_of(const wr_type *t, wr_i32 *n)
{
  wr_leaf *leaf = wr_mem_alloc((wr_type_leaves(t) + 1) * sizeof *leaf);
  *n = 0;
  add_leaves(leaf, n, t, "");
  return leaf;
}

void wr_leaves_free(wr_leaf *leaf, wr_i32 n)
{
  for (wr_i32 i = 0; i < n; i++) wr_mem_free((char *)leaf[i].path, strlen(leaf[i].path) + 1);
  wr_mem_free(leaf, ((size_t)n + 1) * sizeof *leaf);
}

/* ---- counts: usually the reason ---- */

static void source_counts(FILE *f, const wr_input *in)
{
  if (!in->rows) return;
  fprintf(f, "  source %s: %lld row%s", in->def->name, in->rows, in->rows == 1 ? "" : "s");
  if (in->checked) fprintf(f, ", %lld failed a check", in->checked);
  if (in->late) fprintf(f, ", %lld late", in->late);
  fprintf(f, "\n");
}

static void rule_counts(FILE *f, const wr_rule *r, const wr_tally *t)
{
  fprintf(f, "  rule %s: judged %lld row%s, fired on %lld", r->name, t->evaluated, t->evaluated == 1 ? "" : "s",
          t->fired);
  if (t->suppressed) fprintf(f, ", its limit held back %lld", t->suppressed);
  fprintf(f, "%s\n", r->shadow ? "; its mode is shadow: it sends nothing" : "");
}

void wr_trial_counts(wr_state *s)
{
  const wr_program *p = s->prog;
  wr_trial *t = s->opt.trial;
  if (!t->differs && !s->exit_code && !t->verbose) return;
  for (wr_i32 i = 0; i < p->nsource; i++) source_counts(t->out, &s->in[i]);
  for (wr_i32 i = 0; i < p->nrule; i++) rule_counts(t->out, &p->rule[i], &s->tally[i]);
  for (wr_i32 i = 1; i <= p->nop; i++)
    if (s->op_failed[i])
      fprintf(t->out, "  %s %s (line %u): %lld row%s failed to evaluate\n", p->op[i].kind, p->op[i].name,
              p->op[i].line, s->op_failed[i], s->op_failed[i] == 1 ? "" : "s");
}

/* ---- the run ---- */

/* The run's own message, in front of the rest and indented like it. */
static char *with_log(char *log, char *report)
{
  size_t n = strlen(log), m = strlen(report);
  char *all = malloc(2 * n + m + 16), *o = all;
  if (!all) abort();
  bool first = true;
  for (const char *p = log; *p; p++) {
    if (first) o += sprintf(o, "  ");
    first = *p == '\n';
    *o++ = *p;
    if (first && p[1] == ' ') first = false, *o++ = ' ', *o++ = ' ';
  }
  memcpy(o, report, m + 1);
  free(log);
  free(report);
  return all;
}

int wr_trial_run(const wr_program *prog, wr_ts begin, int verbose, char **report)
{
  wr_trial t = { .now = begin, .verbose = verbose };
  wr_clock clock = { trial_now, trial_sleep, &t };
  char *text = NULL, *log = NULL;
  size_t n, m;
  t.out = open_memstream(&text, &n);
  FILE *errors = open_memstream(&log, &m);
  if (!t.out || !errors) abort();
  wr_options opt = { .quiet = true, .clock = &clock, .log = errors, .trial = &t };
  int code = wr_run(prog, &opt);
  fclose(errors);
  fclose(t.out);
  free(t.arrival);
  *report = with_log(log, text);
  return code == 0 && !t.differs;
}
