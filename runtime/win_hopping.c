/* win_hopping.c -- hopping windows: of one size, a new one every step.
 *
 * Time is cut at every start and end of a window, so there are at most two panes a step, whatever the
 * greatest common divisor of size and step. Calendar windows are a whole number of their steps.
 */
#include "pane.h"

/* ---- elapsed time ---- */

static void elapsed_pane(const wr_win *w, wr_ts t, wr_pane *p) {
  wr_wide step = wr_floor_to(t, w->every, w->offset);
  wr_wide cut = step + w->size % w->every;     /* where windows end, unless that is where others start */
  wr_wide start = t < cut || cut == step ? step : cut;
  wr_wide end = t < cut ? cut : step + w->every;
  wr_wide first = cut == step ? end : t < cut ? cut : cut + w->every;
  p->start = wr_clamp(start), p->end = wr_clamp(end);
  p->first = wr_clamp(first), p->last = wr_clamp(step + w->size);
}

/* ---- calendar: a pane is a step ---- */

static void calendar_pane(const wr_win *w, wr_ts t, wr_pane *p) {
  p->start = wr_period_start(w, w->every_cal, w->every, t);
  p->end = p->first = p->last = wr_period_next(w, w->every_cal, w->every, p->start);
  for (wr_i64 n = w->size / w->every; n > 1; n--)
    p->last = wr_period_next(w, w->every_cal, w->every, p->last);
}

/* Weeks counted in days, years in months, where the step is. */
static void common_unit(wr_win *w) {
  if (w->size_cal == WR_CAL_WEEK && w->every_cal == WR_CAL_DAY) w->size *= 7;
  else if (w->size_cal == WR_CAL_YEAR && w->every_cal == WR_CAL_MONTH) w->size *= 12;
  else return;
  w->size_cal = w->every_cal;
}

/* ---- both ---- */

static bool init(wr_ctx *ctx, wr_win *w, const wr_group *g) {
  if (!w->size_cal && !w->every_cal) return true;
  common_unit(w);
  if (w->size_cal == w->every_cal && w->size % w->every == 0) return true;
  return wr_win_refuse(ctx, g, "for example: hopping 1month every 1month, hopping 1week every 1day",
                       "a calendar window must be a whole number of its steps");
}

static void pane(const wr_win *w, wr_ts t, wr_pane *p) {
  if (w->size_cal) calendar_pane(w, t, p);
  else elapsed_pane(w, t, p);
}

static wr_ts end_after(const wr_win *w, const wr_pane *p, wr_ts x) {
  if (!w->size_cal) return wr_clamp(((wr_wide)x - p->first) / w->every * w->every + p->first + w->every);
  wr_ts end = p->first;
  while (end <= x) end = wr_period_next(w, w->every_cal, w->every, end);
  return end;
}

static wr_ts start(const wr_win *w, const wr_pane *p, wr_ts end) {
  (void)p;
  if (!w->size_cal) return wr_clamp((wr_wide)end - w->size);
  for (wr_i64 n = w->size / w->every; n > 0; n--)
    end = wr_period_start(w, w->every_cal, w->every, wr_clamp((wr_wide)end - 1));
  return end;
}

const wr_win_ops wr_win_HOPPING = { .steps = true, .init = init, .pane = pane, .end_after = end_after, .start = start };
