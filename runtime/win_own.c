/* win_own.c -- the windows that rows came with: a row's time is the last microsecond of its window, so
 * all rows of equal end lie in one pane; start and end themselves are part of the key.
 */
#include "pane.h"

static void pane(const wr_win *w, wr_ts t, wr_pane *p) {
  (void)w;
  p->start = t;
  p->end = p->first = p->last = wr_clamp((wr_wide)t + 1);
}

static wr_ts end_after(const wr_win *w, const wr_pane *p, wr_ts x) {
  (void)w, (void)p, (void)x;
  return WR_TS_MAX;
}

static wr_ts start(const wr_win *w, const wr_pane *p, wr_ts end) {
  (void)w, (void)end;
  return p->start;
}

const wr_win_ops wr_win_OWN = {
  .single = true, .sizeless = true, .pane = pane, .end_after = end_after, .start = start
};
