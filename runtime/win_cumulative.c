/* win_cumulative.c -- cumulative windows: every step, all of the period so far. */
#include "pane.h"

static wr_ts period_end(const wr_win *w, wr_ts origin) {
  return w->size_cal ? wr_period_next(w, w->size_cal, w->size, origin) : wr_clamp((wr_wide)origin + w->size);
}

static wr_ts step_start(const wr_win *w, wr_ts origin, wr_ts t) {
  if (!w->every_cal) return wr_clamp(wr_floor_to(t, w->every, origin));
  wr_ts start = wr_period_start(w, w->every_cal, w->every, t);
  return start < origin ? origin : start;
}

static wr_ts step_end(const wr_win *w, wr_ts origin, wr_ts last, wr_ts t) {
  wr_wide end = w->every_cal
      ? (wr_wide)wr_period_next(w, w->every_cal, w->every, wr_period_start(w, w->every_cal, w->every, t))
      : wr_floor_to(t, w->every, origin) + w->every;
  return end < last ? wr_clamp(end) : last;
}

static void pane(const wr_win *w, wr_ts t, wr_pane *p) {
  p->origin = w->size_cal ? wr_period_start(w, w->size_cal, w->size, t)
                          : wr_clamp(wr_floor_to(t, w->size, w->offset));
  p->last = period_end(w, p->origin);
  p->start = step_start(w, p->origin, t);
  p->end = p->first = step_end(w, p->origin, p->last, t);
}

static wr_ts end_after(const wr_win *w, const wr_pane *p, wr_ts x) { return step_end(w, p->origin, p->last, x); }

static wr_ts start(const wr_win *w, const wr_pane *p, wr_ts end) {
  (void)w, (void)end;
  return p->origin;
}

const wr_win_ops wr_win_CUMULATIVE = {
  .steps = true, .grows = true, .pane = pane, .end_after = end_after, .start = start
};
