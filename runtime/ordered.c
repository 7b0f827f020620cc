/* ordered.c -- the keyed parts of ordered operators, opened with the run and looked after between batches. */
#include "run.h"
#include <stdlib.h>
#include <string.h>

static bool config(wr_state *s, const char *what, const char *name, wr_config_fn *fn, wr_slot *out)
{
  out[WR_KCFG_SPAN] = wr_i64_slot(0, WR_NULL);
  if (fn && fn(&s->ctx, out)) {
    wr_error(&s->ctx, WR_EXIT_CONFIG, "", "the %s of %s cannot be computed", what, name);
    return false;
  }
  if (out[WR_KCFG_SPAN].st || out[WR_KCFG_SPAN].u.i > 0) return true;
  char text[64];
  text[wr_print_dur(text, out[WR_KCFG_SPAN].u.i)] = 0;
  wr_error(&s->ctx, WR_EXIT_CONFIG, "give the parameter a duration above zero", "the %s of %s is %s", what, name, text);
  return false;
}

static bool stores_open(wr_state *s)
{
  s->store = calloc((size_t)s->prog->nstore + 1, sizeof *s->store);
  for (wr_i32 i = 0; i < s->prog->nstore; i++) {
    const wr_store *d = s->prog->store[i];
    wr_slot c[WR_KCFG_N];
    if (!config(s, "`keep`", d->name, d->config, c) || !(s->store[i] = wr_stored_new(&s->ctx, d, c))) return false;
  }
  return true;
}

static bool sliders_open(wr_state *s)
{
  s->slider = calloc((size_t)s->prog->nsliding + 1, sizeof *s->slider);
  for (wr_i32 i = 0; i < s->prog->nsliding; i++) {
    const wr_sliding *d = s->prog->sliding[i];
    wr_slot c[WR_KCFG_N];
    if (!config(s, "window", d->name, d->config, c) || !(s->slider[i] = wr_slider_new(&s->ctx, d, c))) return false;
  }
  return true;
}

static bool limiters_open(wr_state *s)
{
  s->limiter = calloc((size_t)s->prog->nlimit + 1, sizeof *s->limiter);
  for (wr_i32 i = 0; i < s->prog->nlimit; i++) {
    const wr_limit *d = s->prog->limit[i];
    wr_slot c[WR_KCFG_N];
    if (!config(s, "limit", d->name, d->config, c) || !(s->limiter[i] = wr_limiter_new(&s->ctx, d, c))) return false;
  }
  return true;
}

static bool aheads_open(wr_state *s)
{
  s->ahead = calloc((size_t)s->prog->nkeys + 1, sizeof *s->ahead);
  for (wr_i32 i = 0; i < s->prog->nkeys; i++)
    if (!(s->ahead[i] = wr_ahead_new(&s->ctx, s->prog->keys[i]))) return false;
  return true;
}

bool wr_keyed_open(wr_state *s)
{
  s->tally = calloc((size_t)s->prog->nrule + 1, sizeof *s->tally);
  s->ctx.tally = s->tally;
  return s->tally && stores_open(s) && sliders_open(s) && limiters_open(s) && aheads_open(s);
}

void wr_keyed_close(wr_state *s)
{
  for (wr_i32 i = 0; s->store && i < s->prog->nstore; i++)
    if (s->store[i]) wr_stored_free(&s->ctx, s->store[i]);
  for (wr_i32 i = 0; s->slider && i < s->prog->nsliding; i++)
    if (s->slider[i]) wr_slider_free(&s->ctx, s->slider[i]);
  for (wr_i32 i = 0; s->limiter && i < s->prog->nlimit; i++)
    if (s->limiter[i]) wr_limiter_free(&s->ctx, s->limiter[i]);
  for (wr_i32 i = 0; s->ahead && i < s->prog->nkeys; i++)
    if (s->ahead[i]) wr_ahead_free(&s->ctx, s->ahead[i]);
  free(s->ahead);
  free(s->store);
  free(s->slider);
  free(s->limiter);
  free(s->tally);
}

/* The watermark that lets keys go: the stage's, or for `order arrival` none is known here. */
static wr_ts passed(const wr_state *s, wr_i32 stage) { return stage < 0 ? WR_TS_MIN : s->gate[stage].wm; }

void wr_keyed_settle(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nstore; i++) {
    wr_stored_settle(&s->ctx, s->store[i]);
    wr_stored_expire(&s->ctx, s->store[i], passed(s, s->prog->store[i]->stage));
  }
  for (wr_i32 i = 0; i < s->prog->nsliding; i++)
    wr_slider_expire(&s->ctx, s->slider[i], passed(s, s->prog->sliding[i]->stage));
  for (wr_i32 i = 0; i < s->prog->nlimit; i++)
    wr_limiter_expire(&s->ctx, s->limiter[i], passed(s, s->prog->limit[i]->stage));
}
