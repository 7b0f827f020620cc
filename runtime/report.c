/* report.c -- what a person sees: a line while a bounded input runs, the counters at the end. */
#include "run.h"
#include <stdarg.h>
#include <string.h>

static const char *count_text(char *buf, wr_i64 n)
{
  char digits[24];
  size_t len = wr_print_int(digits, n), at = 0;
  for (size_t i = 0; i < len; i++) {
    if (i && (len - i) % 3 == 0 && digits[i - 1] != '-') buf[at++] = ' ';
    buf[at++] = digits[i];
  }
  buf[at] = 0;
  return buf;
}

static wr_i64 rows_read(const wr_state *s)
{
  wr_i64 n = 0;
  for (wr_i32 i = 0; s->in && i < s->prog->nsource; i++) n += s->in[i].rows + s->in[i].bad;
  return n;
}

static double seconds(wr_state *s) { return (double)(wr_clock_now(&s->ctx) - s->started) / 1e6; }

void wr_progress(wr_state *s, bool last)
{
  if (!s->opt.progress) return;
  wr_ts now = wr_clock_now(&s->ctx), wm = WR_TS_MAX;
  if (!last && now - s->shown < 200000) return;
  if (last) {
    if (s->shown) fprintf(s->opt.log, "\r%*s\r", (int)s->shown_width, "");
    return;
  }
  s->shown = now;
  char rows[40], rate[40], at[48] = "-";
  wr_i64 n = rows_read(s);
  double t = seconds(s);
  wr_i64 now_read = n - s->rows_before;
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (wr_input_watermark(&s->in[i]) < wm) wm = wr_input_watermark(&s->in[i]);
  if (wm != WR_TS_MIN && wm != WR_TS_MAX) at[wr_print_ts(at, wm)] = 0;
  int w = fprintf(s->opt.log, "\r%s rows  %s rows/s  watermark %s  ", count_text(rows, n),
                  count_text(rate, t > 0 ? (wr_i64)((double)now_read / t) : 0), at);
  if (w > (int)s->shown_width) s->shown_width = (size_t)w;
  fflush(s->opt.log);
}

void wr_alarm(wr_ctx *ctx, const char *fmt, ...)
{
  wr_state *s = wr_state_of(ctx);
  va_list ap;

  if (s->opt.progress && s->shown) fprintf(s->opt.log, "\r%*s\r", (int)s->shown_width, "");
  fprintf(s->opt.log, "weir: warning: ");
  va_start(ap, fmt);
  vfprintf(s->opt.log, fmt, ap);
  va_end(ap);
  fputc('\n', s->opt.log);
  fflush(s->opt.log);
}

static void line(FILE *f, const char *what, const char *name, wr_i64 n, const char *unit, const char *more)
{
  char t[40];
  fprintf(f, "  %-7s %-20s %14s %s%s\n", what, name, count_text(t, n), unit, more);
}

static void source_lines(wr_state *s, FILE *f)
{
  for (wr_i32 i = 0; s->in && i < s->prog->nsource; i++) {
    const wr_input *in = &s->in[i];
    const char *name = s->prog->source[i]->name;
    line(f, "source", name, in->rows + in->bad, "rows read", "");
    if (in->bad) line(f, "", "", in->bad, "bad: could not be decoded", "");
    if (in->checked) line(f, "", "", in->checked, "bad: failed a check", "");
    if (in->late) line(f, "", "", in->late, "late", "");
    if (in->pauses) line(f, "", "", in->pauses, "times paused, far ahead of what its rows wait for", "");
  }
}

static void table_lines(wr_state *s, FILE *f)
{
  for (wr_i32 i = 0; s->version && i < s->prog->nlookup; i++) {
    const wr_input *in = &s->in[s->prog->nsource + i];
    wr_lookup_counts c = wr_lookup_counts_of(s, i);
    char bytes[40], more[64];
    snprintf(more, sizeof more, " (%s bytes)", count_text(bytes, (wr_i64)c.bytes));
    line(f, "table", s->prog->lookup[i]->source->name, c.rows, "records", more);
    if (c.versions > 1) line(f, "", "", c.versions, "versions, one after the other", "");
    if (c.kept) line(f, "", "", c.kept, "reloads refused", "");
    if (in->bad) line(f, "", "", in->bad, "bad: could not be decoded", "");
    if (in->checked) line(f, "", "", in->checked, "bad: failed a check", "");
    if (c.missed) line(f, "", "", c.missed, "lookups without a match", "");
    if (c.dropped) line(f, "", "", c.dropped, "rows dropped for it", "");
  }
}

static void rule_lines(wr_state *s, FILE *f)
{
  for (wr_i32 i = 0; s->tally && i < s->prog->nrule; i++) {
    const wr_rule *r = &s->prog->rule[i];
    line(f, "rule", r->name, s->tally[i].fired, r->shadow ? "fired (shadow: sent nothing)" : "fired", "");
    if (s->tally[i].suppressed) line(f, "", "", s->tally[i].suppressed, "of them held back by its limit", "");
  }
}

static void problem_lines(wr_state *s, FILE *f)
{
  for (wr_i32 i = 0; s->gate && i < s->prog->nstage; i++) {
    const wr_gate *g = &s->gate[i];
    const char *what = g->grouping ? "window" : "order", *name = wr_stage_name(s, i);
    if (g->late) line(f, what, name, g->late, "late for it", "");
    if (g->gaps) line(f, what, name, g->gaps, "between its windows, in none", "");
  }
  for (wr_i32 i = 1; s->op_failed && i <= s->prog->nop; i++)
    if (s->op_failed[i])
      line(f, s->prog->op[i].kind, s->prog->op[i].name, s->op_failed[i],
           strcmp(s->prog->op[i].kind, "sink") == 0 ? "could not be delivered" : "failed to evaluate", "");
  for (wr_i32 i = 0; s->feed_rows && i < s->prog->nfeed; i++)
    if (s->feed_rows[i]) line(f, "to", s->prog->feed[i].name, s->feed_rows[i], "set aside", "");
  if (s->dropped_bad) line(f, "dropped", "", s->dropped_bad, "bad or failed rows, counted only", "");
  if (s->dropped_late) line(f, "dropped", "", s->dropped_late, "late rows, counted only", "");
  if (s->failed_in_feed) line(f, "dropped", "", s->failed_in_feed, "rows that failed in a stream of errors", "");
}

void wr_summary(wr_state *s)
{
  FILE *f = s->opt.log;
  char rate[40];
  double t = seconds(s);
  wr_i64 n = rows_read(s) - s->rows_before;

  fprintf(f, "%s: %.3f s, %s rows/s\n", s->prog->name, t, count_text(rate, t > 0 ? (wr_i64)((double)n / t) : 0));
  source_lines(s, f);
  table_lines(s, f);
  rule_lines(s, f);
  problem_lines(s, f);
  for (wr_i32 i = 0; s->out && i < s->prog->nsink; i++)
    line(f, "sink", s->prog->sink[i]->name, s->out[i].rows, "rows written", "");
}
