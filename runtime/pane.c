/* pane.c -- aligned windows as panes of time: which kind a grouping has, and its configuration.
 *
 * Durations are elapsed time, aligned to the epoch plus `offset` also when there is a zone; calendar
 * periods begin where the zone says, plus `offset`. The arithmetic of a kind is in its win_<name>.c.
 */
#include "pane.h"

#define OPS_SLICED(id) extern const wr_win_ops wr_win_##id;
#define OPS_SESSION(id)
#define OPS_PER_EVENT(id)
#define OPS_COUNTED(id)
#define OPS_UNTIL(id)
#define WIN(id, name, quantity, options, class, later, doc) OPS_##class(id)
#include "weir/windows.def"
#undef WIN
#undef OPS_SLICED

static const wr_win_ops *ops_of(wr_i32 kind) {
  switch (kind) {
#define OPS_SLICED(id) case WR_WIN_##id: return &wr_win_##id;
#define WIN(id, name, quantity, options, class, later, doc) OPS_##class(id)
#include "weir/windows.def"
#undef WIN
  default: return NULL;
  }
}

void wr_pane_of(const wr_win *w, wr_ts t, wr_pane *p) {
  *p = (wr_pane){ 0 };
  w->ops->pane(w, t, p);
}

wr_ts wr_pane_end_after(const wr_win *w, const wr_pane *p, wr_ts x) {
  if (x < p->first) return p->first;
  if (x >= p->last) return WR_TS_MAX;
  return w->ops->end_after(w, p, x);
}

wr_ts wr_window_start(const wr_win *w, const wr_pane *p, wr_ts end) { return w->ops->start(w, p, end); }

/* ---- configuration ---- */

bool wr_win_refuse(wr_ctx *ctx, const wr_group *g, const char *hint, const char *what) {
  wr_error(ctx, WR_EXIT_CONFIG, hint, "grouping %s: %s", g->name, what);
  return false;
}

static enum wr_cal cal_of(const wr_slot *s) {
  return s->st || s->len > WR_CAL_YEAR ? WR_CAL_NONE : (enum wr_cal)s->len;
}

static bool zone_of(wr_ctx *ctx, wr_win *w, const wr_group *g, const wr_slot *s) {
  wr_str name = { "UTC", 3, 0 };
  if (!s->st) name = (wr_str){ s->u.p, s->len, 0 };
  else if (!w->size_cal && !w->every_cal) return true;
  w->zone = wr_zone_find(name);
  if (w->zone) return true;
  return wr_win_refuse(ctx, g, "names are those of the system's time zone data", "unknown time zone");
}

bool wr_win_init(wr_ctx *ctx, wr_win *w, const wr_group *g, const wr_slot *config) {
  const wr_slot *size = &config[WR_WCFG_SIZE], *every = &config[WR_WCFG_EVERY];
  const wr_slot *offset = &config[WR_WCFG_OFFSET];
  const wr_win_ops *ops = ops_of(g->win);
  if (!ops || !ops->steps) every = size;
  *w = (wr_win){ .ops = ops, .size = size->st ? 0 : size->u.i, .size_cal = cal_of(size),
                 .every = every->st ? 0 : every->u.i, .every_cal = cal_of(every),
                 .offset = offset->st ? 0 : offset->u.i };
  if (!w->ops && g->win != WR_WIN_SESSION) return wr_win_refuse(ctx, g, "", "this kind of window has no grouping");
  if (!(ops && ops->sizeless) && (w->size <= 0 || w->every <= 0))
    return wr_win_refuse(ctx, g, "", "a window's size and step must be above zero");
  if (w->size_cal && w->size > 10000)
    return wr_win_refuse(ctx, g, "", "a calendar window of more than 10000 periods");
  if (!zone_of(ctx, w, g, &config[WR_WCFG_ZONE])) return false;
  return !w->ops || !w->ops->init || w->ops->init(ctx, w, g);
}
