/* win_tumbling.c -- tumbling windows: a pane is a window. */
#include "pane.h"

static void pane(const wr_win *w, wr_ts t, wr_pane *p) {
  if (w->size_cal) {
    p->start = wr_period_start(w, w->size_cal, w->size, t);
    p->end = wr_period_next(w, w->size_cal, w->size, p->start);
  } else {
    wr_wide start = wr_floor_to(t, w->size, w->offset);
    p->start = wr_clamp(start);
    p->end = wr_clamp(start + w->size);
  }
  p->first = p->last = p->end;
}

static wr_ts end_after(const wr_win *w, const wr_pane *p, wr_ts x) {
  (void)w, (void)p, (void)x;
  return WR_TS_MAX;                       /* first is last: no x lies between */
}

static wr_ts start(const wr_win *w, const wr_pane *p, wr_ts end) {
  if (w->size_cal) return wr_period_start(w, w->size_cal, w->size, wr_clamp((wr_wide)end - 1));
  (void)p;
  return wr_clamp((wr_wide)end - w->size);
}

const wr_win_ops wr_win_TUMBLING = { .single = true, .pane = pane, .end_after = end_after, .start = start };
