/* input.c -- sources: opening, partitions, event times, watermarks, idleness.
 *
 * A row's watermark is its own partition's, as of that row: the highest time seen so far less the
 * delay. Only rows that passed decoding and the checks move it, also those that the decoder's filter
 * rejected. A stage's watermark is the least of its inputs' partitions that are not idle.
 */
#include "run.h"
#include <stdlib.h>
#include <string.h>

enum { PARTITIONS_MAX = 4096 };

static wr_i64 duration(const wr_slot *o, wr_i64 none) { return o->st ? none : o->u.i; }

/* ---- partitions ---- */

wr_part *wr_input_part(wr_state *s, wr_input *in, wr_i32 partition)
{
  if (partition < 0 || partition >= PARTITIONS_MAX) return NULL;
  if (partition >= in->npart) {
    wr_part *p = realloc(in->part, ((size_t)partition + 1) * sizeof *p);
    if (!p) abort();
    in->part = p;
    for (; in->npart <= partition; in->npart++)
      in->part[in->npart] =
          (wr_part){ .seen = WR_TS_MIN, .wm = WR_TS_MIN, .active_at = wr_clock_now(&s->ctx), .lag = -1,
                     .bytes = -1 };
  }
  return &in->part[partition];
}

wr_input *wr_input_of(wr_state *s, const wr_source *def)
{
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (s->prog->source[i] == def) return &s->in[i];
  for (wr_i32 i = 0; i < s->prog->nlookup; i++)
    if (s->prog->lookup[i]->source == def) return &s->in[s->prog->nsource + i];
  abort();
}

static wr_part *told(wr_ctx *ctx, const wr_source *def, wr_i32 partition)
{
  wr_state *s = wr_state_of(ctx);
  wr_input *in = wr_input_of(s, def);
  if (!in->split) {                       /* it has partitions of its own: the one it was given is none of them */
    in->split = true;
    if (in->npart) in->part[0].open = false;
  }
  wr_part *p = wr_input_part(s, in, partition);
  if (!p) wr_error(ctx, WR_EXIT_CONFIG, "read fewer partitions with one source",
                   "source %s: partition %d: a source has at most %d", def->name, partition, PARTITIONS_MAX);
  return p;
}

/* A partition that was idle starts again from where its source stands: what others closed is closed. */
static void wake(wr_state *s, const wr_input *in, wr_part *p)
{
  wr_ts wm = wr_input_watermark(in);
  wr_decide(s, "wake", in->def->name, (wr_i32)(p - in->part));
  p->idle = false;
  if (wm != WR_TS_MAX && wm > p->wm) p->wm = wm;
}

void wr_partition_open(wr_ctx *ctx, const wr_source *def, wr_i32 partition, const char *name)
{
  wr_part *p = told(ctx, def, partition);
  if (!p) return;
  if (!p->open && !def->table)            /* it may come long after the others */
    wake(wr_state_of(ctx), wr_input_of(wr_state_of(ctx), def), p);
  free(p->name);
  p->name = name ? strdup(name) : NULL;
  p->open = true;
  p->ended = p->idle = p->caught_up = p->paused = false;
  p->active_at = wr_clock_now(ctx);
}

void wr_partition_close(wr_ctx *ctx, const wr_source *def, wr_i32 partition, int ended)
{
  wr_part *p = told(ctx, def, partition);
  if (!p) return;
  if (ended) p->ended = true;
  else p->open = false;
}

void wr_partition_caught_up(wr_ctx *ctx, const wr_source *def, wr_i32 partition)
{
  wr_part *p = told(ctx, def, partition);
  if (!p || p->caught_up) return;
  p->caught_up = true;
  p->active_at = wr_clock_now(ctx);
}

void wr_partition_lag(wr_ctx *ctx, const wr_source *def, wr_i32 partition, wr_i64 records)
{
  wr_part *p = told(ctx, def, partition);
  if (p) p->lag = records;
}

void wr_partition_bytes(wr_ctx *ctx, const wr_source *def, wr_i32 partition, wr_i64 more)
{
  wr_state *s = wr_state_of(ctx);
  wr_part *p = wr_input_part(s, wr_input_of(s, def), partition);
  if (p) p->bytes = (p->bytes < 0 ? 0 : p->bytes) + more;
}

wr_i32 wr_partition_lowest(wr_ctx *ctx, const wr_source *def)
{
  const wr_input *in = wr_input_of(wr_state_of(ctx), def);
  wr_i32 best = -1;
  for (wr_i32 i = 0; i < in->npart; i++) {
    if (!in->part[i].open || in->part[i].ended) continue;
    if (best < 0 || in->part[i].seen < in->part[best].seen) best = i;
  }
  return best;
}

/* ---- opening ---- */

bool wr_input_options(wr_state *s, const wr_source *def, wr_slot *opt)
{
  wr_status st = def->config ? def->config(&s->ctx, opt) : 0;
  if (st) wr_options_failed(s, wr_source_kind(def), def->name, st);
  return !st;
}

const wr_slot *wr_input_times(const wr_source *def, const wr_slot *opt)
{
  return opt + def->conn->nopt + (def->fmt ? def->fmt->nopt : 0);
}

bool wr_input_open(wr_state *s, wr_input *in, const wr_source *def, const wr_slot *opt)
{
  in->def = def;
  in->batch = s->ctx.port[def->port];
  in->ended = in->split = false;
  wr_input_part(s, in, 0)->open = true;
  for (wr_i32 r = 0; r < s->cap; r++) {
    in->batch->row[r] = (wr_u32)r;
    in->batch->pos[r].src = def->rank << 12;
  }
  if (def->fmt && !(in->fmt = def->fmt->open(&s->ctx, def->type, opt + def->conn->nopt))) return false;
  in->conn = def->conn->open_source(&s->ctx, def, opt, in->fmt);
  return in->conn != NULL;
}

void wr_input_close(wr_state *s, wr_input *in)
{
  if (in->conn) in->def->conn->close_source(&s->ctx, in->conn);
  if (in->fmt && in->def->fmt->close) in->def->fmt->close(&s->ctx, in->fmt);
  for (wr_i32 k = 0; k < in->npart; k++) free(in->part[k].name);
  free(in->part);
  free(in->gone);
  in->conn = in->fmt = NULL;
  in->part = NULL;
  in->gone = NULL;
  in->npart = 0;
}

/* The compiler refuses what is written so; parameters come later. */
static bool times_can_be(wr_state *s, const wr_source *def, const wr_slot *times)
{
  static const char *const word[WR_CFG_TIMES] = { "delay", "idle", "ahead", "quiet" };
  for (wr_i32 i = 0; i < WR_CFG_TIMES; i++) {
    if (times[i].st || times[i].u.i >= 0) continue;
    char text[64];
    text[wr_print_dur(text, times[i].u.i)] = 0;
    wr_error(&s->ctx, WR_EXIT_CONFIG, "give the parameter a duration of zero or more",
             "source %s: `%s` is %s: it cannot be negative", def->name, word[i], text);
    return false;
  }
  return true;
}

bool wr_source_open(wr_state *s, wr_input *in, const wr_source *def, bool again)
{
  wr_slot opt[WR_OPTIONS_MAX];

  if (!wr_input_options(s, def, opt)) return false;
  const wr_slot *times = wr_input_times(def, opt);
  if (!times_can_be(s, def, times)) return false;
  in->delay = duration(times + WR_CFG_DELAY, 0);
  in->idle_after = duration(times + WR_CFG_IDLE, -1);
  in->quiet = duration(times + WR_CFG_QUIET, -1);
  return wr_input_open(s, in, def, opt) && wr_keep_source(s, in, again);
}

bool wr_inputs_open(wr_state *s)
{
  s->in = calloc((size_t)s->prog->nsource + (size_t)s->prog->nlookup + 1, sizeof *s->in);
  if (!s->in || !wr_again_run(s)) return false;
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (!wr_source_open(s, &s->in[i], s->prog->source[i], false)) return false;
  return true;
}

void wr_inputs_close(wr_state *s)
{
  for (wr_i32 i = 0; s->in && i < s->prog->nsource + s->prog->nlookup; i++) wr_input_close(s, &s->in[i]);
}

void wr_input_end(wr_input *in)
{
  in->ended = true;
  for (wr_i32 i = 0; i < in->npart; i++) in->part[i].ended = true;
}

void wr_input_place(wr_ctx *ctx, const wr_source *def, wr_i32 partition, const char *file)
{
  wr_input *in = wr_input_of(wr_state_of(ctx), def);
  in->file = file;
  in->at_part = partition;
}

/* ---- rows ---- */

static wr_ts minus(wr_ts t, wr_i64 d) { return t < WR_TS_MIN + 1 + d ? WR_TS_MIN + 1 : t - d; }

static void see(const wr_input *in, wr_part *p, wr_ts t)
{
  if (t <= p->seen) return;
  wr_ts wm = minus(t, in->delay);
  p->seen = t;
  if (wm > p->wm) p->wm = wm;
}

/* The partition gives rows: whatever it was before. */
static wr_part *awake(wr_state *s, wr_input *in, wr_u32 src)
{
  wr_part *p = wr_input_part(s, in, (wr_i32)(src & 4095));
  if (p->idle) wake(s, in, p);
  p->caught_up = false;
  p->active_at = s->ctx.now;
  return p;
}

/* Rejected rows that stood before row `at` of the batch. */
static void see_rejected(wr_state *s, wr_input *in, wr_i32 at, size_t *gone)
{
  for (; *gone < in->ngone && in->gone[*gone].at <= at; ++*gone)
    see(in, awake(s, in, in->gone[*gone].src), in->gone[*gone].time);
}

/* Rows [from, to) of the batch are of one partition. */
static void advance(wr_state *s, wr_input *in, wr_batch *b, wr_i32 from, wr_i32 to, size_t *gone)
{
  wr_part *p = awake(s, in, b->pos[from].src);
  wr_i32 part = (wr_i32)(b->pos[from].src & 4095), col = in->def->time_col;
  bool checks = in->def->ncheck > 0;
  p->rows += to - from;
  p->next = b->pos[to - 1].off + 1;
  for (wr_i32 r = from; r < to; r++) {
    if (col < 0) { b->time[r] = s->ctx.now, b->wm[r] = WR_TS_MIN; continue; }   /* nothing is late */
    if (*gone < in->ngone) see_rejected(s, in, r, gone), p = &in->part[part];
    b->time[r] = ((const wr_ts *)b->col[col].v)[r];
    if (!(checks && b->skip[r])) see(in, p, b->time[r]);
    b->wm[r] = p->wm;
  }
}

void wr_source_advance(wr_ctx *ctx, wr_i32 source, wr_batch *b)
{
  wr_state *s = wr_state_of(ctx);
  wr_input *in = &s->in[source];
  size_t gone = 0;
  if (s->again) { wr_again_advance(s, in, b); return; }

  for (wr_i32 from = 0, to; from < b->n; from = to) {
    for (to = from + 1; to < b->n && b->pos[to].src == b->pos[from].src;) to++;
    advance(s, in, b, from, to, &gone);
  }
  see_rejected(s, in, b->n, &gone);
}

wr_i32 wr_in_time(const wr_batch *b)
{
  bool behind = false;
  for (wr_i32 r = 0; r < b->n; r++) behind |= b->wm[r] > b->time[r];
  return !behind;
}

/* ---- watermarks of stages ---- */

typedef struct Reach { wr_ts active, idle; bool any_active, open; } Reach;

static void reach_input(Reach *r, const wr_input *in)
{
  for (wr_i32 i = 0; i < in->npart; i++) {
    const wr_part *p = &in->part[i];
    if (!p->open || p->ended) continue;   /* a finished one leaves the minimum */
    r->open = true;
    if (p->idle) {
      if (p->wm > r->idle) r->idle = p->wm;
      continue;
    }
    r->any_active = true;
    if (p->wm < r->active) r->active = p->wm;
  }
  if (!in->ended) {                       /* no partition yet, or none at the moment */
    if (!r->open) r->any_active = true, r->active = WR_TS_MIN;
    r->open = true;
  }
}

static wr_ts reached(const Reach *r) { return !r->open ? WR_TS_MAX : r->any_active ? r->active : r->idle; }

wr_ts wr_input_watermark(const wr_input *in)
{
  Reach r = { WR_TS_MAX, WR_TS_MIN, false, false };
  reach_input(&r, in);
  return reached(&r);
}

wr_ts wr_gate_watermark(wr_state *s, const wr_gate *g)
{
  Reach r = { WR_TS_MAX, WR_TS_MIN, false, false };

  for (wr_i32 i = 0; i < g->def->nup; i++) {
    wr_i32 up = g->def->up[i];
    if (up >= 0) { reach_input(&r, &s->in[up]); continue; }
    wr_ts wm = s->gate[~up].wm;
    if (wm == WR_TS_MAX) continue;
    r.open = r.any_active = true;
    if (wm < r.active) r.active = wm;
  }
  return reached(&r);
}

/* ---- idleness ---- */

static void idle_part(wr_state *s, const wr_input *in, wr_part *p)
{
  wr_i64 silent = s->ctx.now - p->active_at;
  if (!p->open || p->ended || p->paused || !p->caught_up || silent < in->idle_after) return;
  if (!p->idle) wr_decide(s, "idle", in->def->name, (wr_i32)(p - in->part));
  p->idle = true;
  if (p->seen == WR_TS_MIN) return;
  wr_ts wm = p->seen;
  if (in->quiet >= 0 && silent > in->quiet) {
    if (p->wm == p->seen) wr_decide(s, "quiet", in->def->name, (wr_i32)(p - in->part));   /* from here by the clock */
    wm += silent - in->quiet;
  }
  if (wm > p->wm) p->wm = wm;
}

/* An idle partition stalls nothing; when all are idle the watermark drops the delay, and with `quiet`
 * it follows the clock from then on. Only a successful look at the end of the log makes one idle. */
void wr_inputs_idle(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nsource; i++) {
    wr_input *in = &s->in[i];
    if (in->ended || in->idle_after < 0) continue;
    for (wr_i32 k = 0; k < in->npart; k++) idle_part(s, in, &in->part[k]);
  }
}
