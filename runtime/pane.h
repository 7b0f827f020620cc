/* pane.h -- arithmetic that kinds of aligned windows share. Times are clamped, never wrapped. */
#ifndef WEIR_PANE_H
#define WEIR_PANE_H
#include "group.h"

__extension__ typedef __int128 wr_wide;

static inline wr_ts wr_clamp(wr_wide t) {
  return t > WR_TS_MAX ? WR_TS_MAX : t < WR_TS_MIN ? WR_TS_MIN : (wr_ts)t;
}
/* The last multiple of width, counted from origin, at or before t. */
static inline wr_wide wr_floor_to(wr_wide t, wr_i64 width, wr_wide origin) {
  wr_wide r = (t - origin) % width;
  return t - (r < 0 ? r + width : r);
}
/* Calendar periods, shifted by the window's offset. */
static inline wr_ts wr_period_start(const wr_win *w, enum wr_cal cal, wr_i64 count, wr_ts t) {
  return wr_clamp((wr_wide)wr_cal_start(w->zone, cal, count, wr_clamp((wr_wide)t - w->offset)) + w->offset);
}
static inline wr_ts wr_period_next(const wr_win *w, enum wr_cal cal, wr_i64 count, wr_ts start) {
  wr_wide next = (wr_wide)wr_cal_next(w->zone, cal, count, wr_clamp((wr_wide)start - w->offset)) + w->offset;
  return wr_clamp(next > start ? next : (wr_wide)start + 1);
}
bool wr_win_refuse(wr_ctx *, const wr_group *, const char *hint, const char *what);   /* false */
#endif
