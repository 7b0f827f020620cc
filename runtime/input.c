/* input.c -- sources: opening, event times, watermarks, idleness.
 *
 * A row's watermark is its own partition's, as of that row: the highest time seen so far less the
 * delay. Only rows that passed decoding and the checks move it, also those that the decoder's filter
 * rejected. A grouping's watermark is the least of its inputs' that are not idle.
 */
#include "run.h"
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 64 };

static wr_i64 duration(const wr_slot *o, wr_i64 none) { return o->st ? none : o->u.i; }

static bool open_one(wr_state *s, wr_input *in, const wr_source *def)
{
  wr_slot opt[OPTIONS_MAX];
  wr_i32 nconn = def->conn->nopt, nfmt = def->fmt ? def->fmt->nopt : 0;
  const wr_slot *times = opt + nconn + nfmt;

  in->def = def;
  in->seen = in->wm = WR_TS_MIN;
  in->batch = s->ctx.port[def->port];
  in->active_at = s->started;
  for (wr_i32 r = 0; r < s->cap; r++) {
    in->batch->row[r] = (wr_u32)r;
    in->batch->pos[r].src = def->rank << 12;
  }
  if (def->config && def->config(&s->ctx, opt)) {
    wr_error(&s->ctx, WR_EXIT_CONFIG, "does an environment variable that env() reads exist?",
             "the options of source %s cannot be computed", def->name);
    return false;
  }
  in->delay = duration(times + WR_CFG_DELAY, 0);
  in->idle_after = duration(times + WR_CFG_IDLE, -1);
  in->quiet = duration(times + WR_CFG_QUIET, -1);
  if (def->fmt && !(in->fmt = def->fmt->open(&s->ctx, def->type, opt + nconn))) return false;
  in->conn = def->conn->open_source(&s->ctx, def, opt, in->fmt);
  return in->conn != NULL;
}

bool wr_inputs_open(wr_state *s)
{
  s->in = calloc((size_t)s->prog->nsource + 1, sizeof *s->in);
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (!open_one(s, &s->in[i], s->prog->source[i])) return false;
  return true;
}

void wr_inputs_close(wr_state *s)
{
  for (wr_i32 i = 0; s->in && i < s->prog->nsource; i++) {
    wr_input *in = &s->in[i];
    if (in->conn) in->def->conn->close_source(&s->ctx, in->conn);
    if (in->fmt && in->def->fmt->close) in->def->fmt->close(&s->ctx, in->fmt);
    free(in->gone);
  }
}

void wr_input_place(wr_ctx *ctx, const char *file)
{
  wr_state *s = wr_state_of(ctx);
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (s->in[i].batch && !s->in[i].ended) s->in[i].file = file;
}

static wr_ts minus(wr_ts t, wr_i64 d) { return t < WR_TS_MIN + 1 + d ? WR_TS_MIN + 1 : t - d; }

static void see(wr_input *in, wr_ts t)
{
  if (t <= in->seen) return;
  wr_ts wm = minus(t, in->delay);
  in->seen = t;
  if (wm > in->wm) in->wm = wm;
}

void wr_source_advance(wr_ctx *ctx, wr_i32 source, wr_batch *b)
{
  wr_input *in = &wr_state_of(ctx)->in[source];
  wr_i32 col = in->def->time_col;

  if (col < 0) {                          /* no event time: nothing is late, windows are of processing time */
    for (wr_i32 r = 0; r < b->n; r++) b->time[r] = ctx->now, b->wm[r] = WR_TS_MIN;
    return;
  }
  const wr_ts *t = b->col[col].v;
  bool checks = in->def->ncheck > 0;
  size_t gone = 0;
  if (in->idle) in->idle = false;
  for (wr_i32 r = 0; r < b->n; r++) {
    for (; gone < in->ngone && in->gone[gone].at <= r; gone++) see(in, in->gone[gone].time);
    b->time[r] = t[r];
    if (!(checks && b->skip[r])) see(in, t[r]);
    b->wm[r] = in->wm;
  }
  for (; gone < in->ngone; gone++) see(in, in->gone[gone].time);
}

wr_i32 wr_in_time(const wr_batch *b)
{
  bool behind = false;
  for (wr_i32 r = 0; r < b->n; r++) behind |= b->wm[r] > b->time[r];
  return !behind;
}

/* ---- groupings' watermarks ---- */

typedef struct Reach { wr_ts active, idle; bool any_active; } Reach;

static void reach_input(Reach *r, const wr_input *in)
{
  if (in->ended) return;                  /* a finished input leaves the minimum */
  if (in->idle) {
    if (in->wm > r->idle) r->idle = in->wm;
    return;
  }
  r->any_active = true;
  if (in->wm < r->active) r->active = in->wm;
}

wr_ts wr_gate_watermark(wr_state *s, const wr_gate *g)
{
  Reach r = { WR_TS_MAX, WR_TS_MIN, false };
  bool open = false;

  for (wr_i32 i = 0; i < g->def->nup; i++) {
    wr_i32 up = g->def->up[i];
    if (up >= 0) {
      reach_input(&r, &s->in[up]);
      open |= !s->in[up].ended;
    } else {
      wr_ts wm = s->gate[~up].wm;
      if (wm == WR_TS_MAX) continue;
      open = r.any_active = true;
      if (wm < r.active) r.active = wm;
    }
  }
  if (!open) return WR_TS_MAX;
  return r.any_active ? r.active : r.idle;
}

/* An idle source stalls nothing; when all are idle the watermark drops the delay, and with `quiet`
 * it follows the clock from then on. */
void wr_inputs_idle(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nsource; i++) {
    wr_input *in = &s->in[i];
    wr_i64 silent = s->ctx.now - in->active_at;
    if (in->ended || in->idle_after < 0 || in->seen == WR_TS_MIN || silent < in->idle_after) continue;
    in->idle = true;
    wr_ts wm = in->seen;
    if (in->quiet >= 0 && silent > in->quiet) wm += silent - in->quiet;
    if (wm > in->wm) in->wm = wm;
  }
}
