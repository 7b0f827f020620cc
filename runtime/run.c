/* run.c -- the heartbeat: poll sources, run their batches, close windows, flush sinks, until the end.
 *
 * One thread. A batch is whatever is there: nothing waits for one to fill. After every batch the
 * watermarks move and windows close, so that nothing visible depends on where batches were cut.
 */
#include "ops.h"
#include "run.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

void wr_stop(void) { stopping = 1; }
bool wr_stopping(void) { return stopping != 0; }

void wr_error(wr_ctx *ctx, int exit_code, const char *hint, const char *fmt, ...)
{
  wr_state *s = wr_state_of(ctx);
  va_list ap;

  if (s->exit_code) return;               /* the first one is the cause */
  s->exit_code = exit_code;
  va_start(ap, fmt);
  vsnprintf(s->error, sizeof s->error, fmt, ap);
  va_end(ap);
  snprintf(s->hint, sizeof s->hint, "%s", hint ? hint : "");
}

bool wr_failed(wr_ctx *ctx) { return wr_state_of(ctx)->exit_code != 0; }

void wr_still_waiting(wr_ctx *ctx) { wr_ops_beat(wr_state_of(ctx)); }

void wr_output_closed(wr_ctx *ctx) { wr_state_of(ctx)->closed = true; }

void wr_output_shown(wr_ctx *ctx)
{
  if (isatty(1)) wr_state_of(ctx)->opt.progress = false;
}

wr_ts wr_clock_now(wr_ctx *ctx)
{
  const wr_clock *c = wr_state_of(ctx)->opt.clock;
  return c->now(c->self);
}

wr_grouping *wr_grouping_of(wr_ctx *ctx, wr_i32 group)
{
  const wr_state *s = wr_state_of(ctx);
  return s->gate[s->prog->group[group]->stage].grouping;
}

wr_sequence *wr_sequence_of(wr_ctx *ctx, wr_i32 seq)
{
  const wr_state *s = wr_state_of(ctx);
  return s->gate[s->prog->seq[seq]->stage].sequence;
}

wr_stored *wr_stored_of(wr_ctx *ctx, wr_i32 store) { return wr_state_of(ctx)->store[store]; }
wr_slider *wr_slider_of(wr_ctx *ctx, wr_i32 sliding) { return wr_state_of(ctx)->slider[sliding]; }
wr_limiter *wr_limiter_of(wr_ctx *ctx, wr_i32 limit) { return wr_state_of(ctx)->limiter[limit]; }

const wr_program *wr_program_of(wr_ctx *ctx) { return wr_state_of(ctx)->prog; }

wr_regex *wr_regex_of(wr_ctx *ctx, wr_i32 index) { return wr_state_of(ctx)->regex[index]; }

wr_str wr_source_name(wr_ctx *ctx, wr_u32 src)
{
  const wr_program *p = wr_state_of(ctx)->prog;
  for (wr_i32 i = 0; i < p->nsource; i++)
    if (p->source[i]->rank == src >> 12) return (wr_str){ p->source[i]->name, (wr_u32)strlen(p->source[i]->name), 0 };
  return (wr_str){ "", 0, 0 };
}

/* ---- ports ---- */

void wr_flush(wr_ctx *ctx, wr_i32 port)
{
  wr_batch *b = ctx->port[port];

  if (!b->n) return;
  wr_state_of(ctx)->prog->port[port].run(ctx, b);
  b->n = 0;
}

void wr_cut(wr_ctx *ctx)
{
  wr_state *s = wr_state_of(ctx);
  for (wr_i32 i = 0; i < s->prog->nport; i++) {
    wr_batch *b = ctx->port[i];
    if (!b || b->row == NULL || (s->now_in && b == s->now_in->batch)) continue;
    while (b->n && b->row[b->n - 1] != ~0u && b->row[b->n - 1] >= (wr_u32)ctx->cut) b->n--;
  }
}

/* The rows of b that stand before a cut; col names a column of b for each of the port's. */
wr_batch *wr_view(wr_ctx *ctx, wr_i32 port, wr_batch *b, const wr_i32 *col)
{
  wr_state *s = wr_state_of(ctx);
  wr_batch *v = &s->view[port];
  wr_col *c = v->col;

  *v = *b;
  v->col = c;
  v->ncol = s->prog->port[port].ncol;
  for (wr_i32 i = 0; i < v->ncol; i++) {
    c[i] = b->col[col[i]];
    if (!s->prog->port[port].nullable[i]) c[i].st = NULL;
  }
  while (ctx->cut >= 0 && v->n && b->row[v->n - 1] != ~0u && b->row[v->n - 1] >= (wr_u32)ctx->cut) v->n--;
  return v;
}

static bool ports_open(wr_state *s)
{
  const wr_program *p = s->prog;
  s->view = wr_mem_alloc(((size_t)p->nport + 1) * sizeof *s->view);
  for (wr_i32 i = 0; i < p->nport; i++)
    s->view[i] = (wr_batch){ .col = wr_mem_alloc(((size_t)p->port[i].ncol + 1) * sizeof(wr_col)) };
  s->ctx.port = wr_mem_alloc(((size_t)p->nport + 1) * sizeof *s->ctx.port);
  for (wr_i32 i = 0; i < p->nport; i++) {
    bool source = false;
    for (wr_i32 k = 0; k < p->nsource; k++) source |= p->source[k]->port == i;
    for (wr_i32 k = 0; k < p->nlookup; k++) source |= p->lookup[k]->source->port == i;
    s->ctx.port[i] = wr_batch_new(p->port[i].ncol, p->port[i].kind, p->port[i].nullable, s->cap, source);
  }
  return true;
}

static void ports_close(wr_state *s)
{
  for (wr_i32 i = 0; s->view && i < s->prog->nport; i++)
    wr_mem_free(s->view[i].col, ((size_t)s->prog->port[i].ncol + 1) * sizeof(wr_col));
  wr_mem_free(s->view, ((size_t)s->prog->nport + 1) * sizeof *s->view);
  for (wr_i32 i = 0; s->ctx.port && i < s->prog->nport; i++) wr_batch_free(s->ctx.port[i], s->prog->port[i].kind);
  wr_mem_free(s->ctx.port, ((size_t)s->prog->nport + 1) * sizeof *s->ctx.port);
}

/* ---- patterns and groupings ---- */

static bool regexes_open(wr_state *s)
{
  s->regex = calloc((size_t)s->prog->nregex + 1, sizeof *s->regex);
  for (wr_i32 i = 0; i < s->prog->nregex; i++) {
    const char *error;
    size_t where;
    s->regex[i] = wr_regex_compile(s->prog->regex[i], "", &error, &where);
    if (s->regex[i]) continue;
    wr_error(&s->ctx, WR_EXIT_SOFTWARE, "", "the pattern /%.*s/ does not compile: %s", (int)s->prog->regex[i].len,
             s->prog->regex[i].p, error);
    return false;
  }
  return true;
}

static bool grouping_open(wr_state *s, wr_gate *gate)
{
  const wr_group *g = s->prog->group[gate->def->index];
  wr_slot config[WR_WCFG_N];
  if (g->config && g->config(&s->ctx, config)) {
    wr_error(&s->ctx, WR_EXIT_CONFIG, "", "the window of %s cannot be computed", g->name);
    return false;
  }
  return (gate->grouping = wr_grouping_new(&s->ctx, g, config)) != NULL;
}

static bool gates_open(wr_state *s)
{
  s->gate = calloc((size_t)s->prog->nstage + 1, sizeof *s->gate);
  for (wr_i32 i = 0; i < s->prog->nstage; i++) {
    wr_gate *gate = &s->gate[i];
    gate->def = &s->prog->stage[i];
    gate->wm = WR_TS_MIN;
    if (gate->def->kind == WR_STAGE_GROUP) {
      if (!grouping_open(s, gate)) return false;
    } else if (!(gate->sequence = wr_sequence_new(&s->ctx, s->prog->seq[gate->def->index]))) {
      return false;
    }
  }
  return true;
}

static void close_parts(wr_state *s)
{
  for (wr_i32 i = 0; s->gate && i < s->prog->nstage; i++) {
    if (s->gate[i].grouping) wr_grouping_free(&s->ctx, s->gate[i].grouping);
    if (s->gate[i].sequence) wr_sequence_free(&s->ctx, s->gate[i].sequence);
  }
  wr_keyed_close(s);
  wr_lookups_close(s);
  wr_keep_close(s);
  wr_params_free(s);
  for (wr_i32 i = 0; s->regex && i < s->prog->nregex; i++)
    if (s->regex[i]) wr_regex_free(s->regex[i]);
  free(s->gate);
  free(s->in);
  free(s->out);
  free(s->regex);
  ports_close(s);
  wr_arena_free(s);
  free(s->bad);
  free(s->late);
  free(s->feed_rows);
  free(s->op_failed);
}

/* ---- the loop ---- */

/* `fail` (exit 65) ends the run after what stood before the row; any other failure ends it at once. */
static bool broken(const wr_state *s) { return s->exit_code && s->exit_code != WR_EXIT_DATA; }

static bool is_processing(const wr_state *s, const wr_gate *g)
{
  return g->grouping && s->prog->group[g->def->index]->processing;
}

/* Hands on what the watermark passed; false: there is more. */
static bool move(wr_state *s, wr_gate *g)
{
  if (g->sequence) return wr_sequence_release(&s->ctx, g->sequence, g->wm);
  return wr_grouping_close(&s->ctx, g->grouping, g->wm);
}

/* Moves the stages' watermarks, in topological order: windows close, sequencers hand rows on. */
static void move_stages(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nstage && !broken(s); i++) {
    wr_gate *g = &s->gate[i];
    wr_ts wm = wr_gate_watermark(s, g);
    if (is_processing(s, g) && wm != WR_TS_MAX) wm = s->ctx.now;
    if (wm <= g->wm) continue;
    g->wm = wm;
    while (!move(s, g) && !s->closed && !broken(s)) {
      wr_feeds_flush(s);
      wr_ops_beat(s);
    }
    wr_feeds_flush(s);
  }
}

/* `late fail`: partitions stand as they did when the row came, although those behind it have been looked at. */
static void stand_before(wr_state *s, wr_input *in, const wr_part *before, wr_i32 n)
{
  wr_batch *b = in->batch;
  for (wr_i32 i = 0; i < n; i++) {
    in->part[i].seen = before[i].seen;
    in->part[i].wm = before[i].wm;
    in->part[i].rows = before[i].rows;
  }
  in->rows -= b->n - s->ctx.cut;
  s->failed_part = (wr_i32)(b->pos[s->ctx.cut].src & 4095);
  s->failed_off = b->pos[s->ctx.cut].off;
  b->n = s->ctx.cut;
  wr_source_advance(&s->ctx, (wr_i32)(in - s->in), b);
}

static void run_batch(wr_state *s, wr_input *in)
{
  wr_batch *b = in->batch;
  wr_i32 npart = in->def->late == WR_FAIL ? in->npart : 0;
  wr_part *before = wr_alloc(&s->ctx, (wr_u32)((size_t)npart * sizeof *before));

  if (npart) memcpy(before, in->part, (size_t)npart * sizeof *before);
  s->now_in = in;
  in->rows += b->n + in->rejected;
  if (b->n) s->prog->port[in->def->port].run(&s->ctx, b);
  else if (in->rejected) wr_source_advance(&s->ctx, (wr_i32)(in - s->in), b);
  if (s->ctx.cut >= 0) stand_before(s, in, before, npart);
  in->rejected = 0;
  in->ngone = 0;
  s->ctx.cut = -1;
  wr_feeds_flush(s);
  s->now_in = NULL;
}

/* One source: take what is there. True when it gave something. */
static bool poll_source(wr_state *s, wr_input *in)
{
  if (in->ended) return false;
  wr_arena_reset(s);
  s->ctx.cut = -1;
  s->ctx.now = wr_clock_now(&s->ctx);
  in->batch->n = 0;
  in->fail_at = -1;
  enum wr_poll got = in->def->conn->poll(&s->ctx, in->conn, in->batch);
  if (in->fail_at >= 0) {                 /* `bad fail`: what stood before the record still counts */
    in->batch->n = in->fail_at;
    run_batch(s, in);
    return true;
  }
  if (got == WR_POLL_FAILED) return false;
  if (got == WR_POLL_END) {
    wr_input_end(in);
    return true;
  }
  if (got == WR_POLL_IDLE) {
    if (!in->split && !in->part[0].paused) in->part[0].caught_up = true;
    return false;
  }
  run_batch(s, in);
  return true;
}

static bool all_ended(const wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (!s->in[i].ended) return false;
  return true;
}

static void drain(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nsource; i++) wr_input_end(&s->in[i]);
}

enum { IDLE_SLEEP_US = 2000 };

static void loop(wr_state *s)
{
  while (!s->exit_code && !s->closed) {
    bool any = false;
    if (stopping && s->keeper) return;    /* nothing fires: the next run goes on from here */
    if (stopping) drain(s);
    for (wr_i32 i = 0; i < s->prog->nsource && !s->exit_code; i++) any |= poll_source(s, &s->in[i]);
    if (broken(s)) return;
    s->ctx.now = wr_clock_now(&s->ctx);
    wr_inputs_idle(s);
    move_stages(s);
    wr_boundary(s);
    if (s->opt.memory && s->heap > s->opt.memory)
      wr_error(&s->ctx, WR_EXIT_SOFTWARE, "raise --memory, shorten windows, or group by fewer keys",
               "the state needs %llu bytes, more than --memory allows", (unsigned long long)s->heap);
    if (all_ended(s)) return;
    wr_progress(s, false);
    if (any) continue;
    if (!wr_outputs_flush(s)) return;
    s->opt.clock->sleep(s->opt.clock->self, IDLE_SLEEP_US);
  }
}

static bool start(wr_state *s)
{
  const wr_program *p = s->prog;
  if (p->abi != WEIR_ABI) {
    wr_error(&s->ctx, WR_EXIT_SOFTWARE, "build the program again",
             "the program was built for runtime ABI %u, this is %d", p->abi, WEIR_ABI);
    return false;
  }
  s->feed_rows = calloc((size_t)p->nfeed + 1, sizeof *s->feed_rows);
  s->op_failed = calloc((size_t)p->nop + 2, sizeof *s->op_failed);
  if (!s->feed_rows || !s->op_failed) return false;
  bool ok = wr_keep_open(s) && wr_params_init(s) && wr_keep_params(s) && wr_ops_open(s) && ports_open(s) &&
            regexes_open(s) && gates_open(s) && wr_keyed_open(s) && wr_keep_cells(s) && wr_inputs_open(s) &&
            wr_lookups_open(s) && wr_outputs_open(s) && wr_keep_start(s);
  wr_arena_keep(s);
  return ok && wr_lookups_load(s);
}

static int finish(wr_state *s, bool started)
{
  if (started) wr_boundary_last(s);
  wr_keep_finish(s);
  wr_ops_ending(s);
  wr_outputs_close(s);
  if (s->opt.trial && started) wr_trial_counts(s);
  wr_inputs_close(s);
  wr_ops_close(s);
  wr_progress(s, true);
  FILE *log = s->opt.log;
  if (s->exit_code && s->error[0]) {
    fprintf(log, "weir: error: %s\n", s->error);
    if (s->hint[0]) fprintf(log, "  = hint: %s\n", s->hint);
  }
  if (!s->opt.quiet && started) wr_summary(s);
  return s->exit_code;
}

int wr_run(const wr_program *prog, const wr_options *opt)
{
  wr_state *s = calloc(1, sizeof *s);
  if (!s) return WR_EXIT_SOFTWARE;
  s->prog = prog;
  s->opt = *opt;
  if (!s->opt.clock) s->opt.clock = &wr_clock_real;
  if (!s->opt.log) s->opt.log = stderr;
  s->cap = opt->batch > 0 ? opt->batch : 1024;
  s->ctx.cut = -1;
  s->started = wr_clock_now(&s->ctx);
  bool started = start(s);
  if (started) loop(s);
  int code = finish(s, started);
  close_parts(s);
  free(s);
  return code;
}
