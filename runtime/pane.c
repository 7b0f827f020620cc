/* pane.c -- the arithmetic of tumbling, hopping and cumulative windows, in elapsed or calendar
 * time.
 *
 * Time is cut into panes at every start and end of a window, so each pane lies wholly in or out of
 * a window: hopping windows need two panes a step, whatever the greatest common divisor of size
 * and step. Durations are elapsed time, aligned to the epoch plus `offset` also when there is a
 * zone; calendar periods begin where the zone says, plus `offset`. Sums are made in 128 bits and
 * clamped.
 */
#include "group.h"

__extension__ typedef __int128 wide;

static wr_ts clamp(wide t) {
  return t > WR_TS_MAX ? WR_TS_MAX : t < WR_TS_MIN ? WR_TS_MIN : (wr_ts)t;
}

static wide floor_to(wide t, wr_i64 width, wide origin) {
  wide r = (t - origin) % width;
  return t - (r < 0 ? r + width : r);
}

/* ---- calendar ---- */

static wr_ts cal_start(const wr_win *w, enum wr_cal cal, wr_i64 count, wr_ts t) {
  return clamp((wide)wr_cal_start(w->zone, cal, count, clamp((wide)t - w->offset)) + w->offset);
}

static wr_ts cal_next(const wr_win *w, enum wr_cal cal, wr_i64 count, wr_ts start) {
  wide next = (wide)wr_cal_next(w->zone, cal, count, clamp((wide)start - w->offset)) + w->offset;
  return clamp(next > start ? next : (wide)start + 1);
}

/* Calendar hopping windows hold a whole number of steps (wr_win_init), so a pane is a step. */
static void calendar_pane(const wr_win *w, wr_ts t, wr_pane *p) {
  p->start = cal_start(w, w->every_cal, w->every, t);
  p->end = p->first = p->last = cal_next(w, w->every_cal, w->every, p->start);
  for (wr_i64 n = w->size / w->every; n > 1; n--)
    p->last = cal_next(w, w->every_cal, w->every, p->last);
}

static wr_ts calendar_window_start(const wr_win *w, wr_ts end) {
  for (wr_i64 n = w->size / w->every; n > 0; n--)
    end = cal_start(w, w->every_cal, w->every, clamp((wide)end - 1));
  return end;
}

/* ---- cumulative ---- */

static wr_ts period_end(const wr_win *w, wr_ts origin) {
  return w->size_cal ? cal_next(w, w->size_cal, w->size, origin) : clamp((wide)origin + w->size);
}

static wr_ts step_start(const wr_win *w, wr_ts origin, wr_ts t) {
  if (!w->every_cal) return clamp(floor_to(t, w->every, origin));
  wr_ts start = cal_start(w, w->every_cal, w->every, t);
  return start < origin ? origin : start;
}

static wr_ts step_end(const wr_win *w, wr_ts origin, wr_ts last, wr_ts t) {
  wide end = w->every_cal
      ? (wide)cal_next(w, w->every_cal, w->every, cal_start(w, w->every_cal, w->every, t))
      : floor_to(t, w->every, origin) + w->every;
  return end < last ? clamp(end) : last;
}

static void cumulative_pane(const wr_win *w, wr_ts t, wr_pane *p) {
  p->origin = w->size_cal ? cal_start(w, w->size_cal, w->size, t)
                          : clamp(floor_to(t, w->size, w->offset));
  p->last = period_end(w, p->origin);
  p->start = step_start(w, p->origin, t);
  p->end = p->first = step_end(w, p->origin, p->last, t);
}

/* ---- tumbling (a step is a window) and hopping ---- */

static void hopping_pane(const wr_win *w, wr_ts t, wr_pane *p) {
  wide step = floor_to(t, w->every, w->offset);
  wide cut = step + w->size % w->every;   /* where windows end, unless that is where others start */
  wide start = t < cut || cut == step ? step : cut;
  wide end = t < cut ? cut : step + w->every;
  wide first = cut == step ? end : t < cut ? cut : cut + w->every;
  p->start = clamp(start), p->end = clamp(end);
  p->first = clamp(first), p->last = clamp(step + w->size);
}

/* ---- all ---- */

void wr_pane_of(const wr_win *w, wr_ts t, wr_pane *p) {
  *p = (wr_pane){ 0 };
  if (w->kind == WR_WIN_CUMULATIVE) cumulative_pane(w, t, p);
  else if (w->size_cal) calendar_pane(w, t, p);
  else hopping_pane(w, t, p);
}

wr_ts wr_pane_end_after(const wr_win *w, const wr_pane *p, wr_ts x) {
  if (x < p->first) return p->first;
  if (x >= p->last) return WR_TS_MAX;
  if (w->kind == WR_WIN_CUMULATIVE) return step_end(w, p->origin, p->last, x);
  if (!w->size_cal) return clamp(((wide)x - p->first) / w->every * w->every + p->first + w->every);
  wr_ts end = p->first;
  while (end <= x) end = cal_next(w, w->every_cal, w->every, end);
  return end;
}

wr_ts wr_window_start(const wr_win *w, const wr_pane *p, wr_ts end) {
  if (w->kind == WR_WIN_CUMULATIVE) return p->origin;
  return w->size_cal ? calendar_window_start(w, end) : clamp((wide)end - w->size);
}

/* ---- configuration ---- */

static bool refuse(wr_ctx *ctx, const wr_group *g, const char *hint, const char *what) {
  wr_error(ctx, WR_EXIT_CONFIG, hint, "grouping %s: %s", g->name, what);
  return false;
}

static enum wr_cal cal_of(const wr_slot *s) {
  return s->st || s->len > WR_CAL_YEAR ? WR_CAL_NONE : (enum wr_cal)s->len;
}

/* Weeks counted in days, years in months, where the step is. */
static void common_unit(wr_win *w) {
  if (w->size_cal == WR_CAL_WEEK && w->every_cal == WR_CAL_DAY) w->size *= 7;
  else if (w->size_cal == WR_CAL_YEAR && w->every_cal == WR_CAL_MONTH) w->size *= 12;
  else return;
  w->size_cal = w->every_cal;
}

static bool zone_of(wr_ctx *ctx, wr_win *w, const wr_group *g, const wr_slot *s) {
  wr_str name = { "UTC", 3, 0 };
  if (!s->st) name = (wr_str){ s->u.p, s->len, 0 };
  else if (!w->size_cal && !w->every_cal) return true;
  w->zone = wr_zone_find(name);
  if (w->zone) return true;
  return refuse(ctx, g, "names are those of the system's time zone data", "unknown time zone");
}

bool wr_win_init(wr_ctx *ctx, wr_win *w, const wr_group *g, const wr_slot *config) {
  const wr_slot *size = &config[WR_WCFG_SIZE], *every = &config[WR_WCFG_EVERY];
  const wr_slot *offset = &config[WR_WCFG_OFFSET];
  *w = (wr_win){ .kind = g->win, .size = size->st ? 0 : size->u.i, .size_cal = cal_of(size),
                 .offset = offset->st ? 0 : offset->u.i };
  bool steps = g->win == WR_WIN_HOPPING || g->win == WR_WIN_CUMULATIVE;
  w->every = !steps ? w->size : every->st ? 0 : every->u.i;
  w->every_cal = !steps ? w->size_cal : cal_of(every);
  if (w->size <= 0 || w->every <= 0)
    return refuse(ctx, g, "", "a window's size and step must be above zero");
  if (w->size_cal && w->size > 10000)
    return refuse(ctx, g, "", "a calendar window of more than 10000 periods");
  if (!zone_of(ctx, w, g, &config[WR_WCFG_ZONE])) return false;
  if (g->win != WR_WIN_HOPPING || (!w->size_cal && !w->every_cal)) return true;
  common_unit(w);
  if (w->size_cal == w->every_cal && w->size % w->every == 0) return true;
  return refuse(ctx, g, "for example: hopping 1month every 1month, hopping 1week every 1day",
                "a calendar window must be a whole number of its steps");
}
