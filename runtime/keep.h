/* keep.h -- how long keyed things live: spans of event time, and the sweep that visits the cells of a table
 * in turn, so that those nobody asks for any more give their memory back.
 *
 * Under `order arrival` times go back, and no watermark says how far. There the newest time seen (by all
 * keys) stands for it: what is two spans older is gone, for rows as well as for memory, so that no row
 * can tell when memory was swept.
 */
#ifndef WEIR_KEEP_H
#define WEIR_KEEP_H
#include "save.h"
#include "slab.h"
#include "table.h"

/* t - last > span, exactly; false where time went back. */
static inline bool wr_outlived(wr_ts t, wr_ts last, wr_i64 span)
{
  return t > last && (wr_u64)t - (wr_u64)last > (wr_u64)span;
}

/* t - span, at least the first instant. */
static inline wr_ts wr_span_before(wr_ts t, wr_i64 span) { return t < WR_TS_MIN + span ? WR_TS_MIN : t - span; }

/* The span of a configuration; -1: for ever. A span is never below zero. */
static inline wr_i64 wr_span_of(const wr_slot *config)
{
  const wr_slot *s = &config[WR_KCFG_SPAN];
  return s->st ? -1 : s->u.i < 0 ? 0 : s->u.i;
}

/* Nothing lets cells go before a watermark is known, nor at the end: what comes after it is a next run. */
static inline bool wr_lets_go(wr_ts wm) { return wm != WR_TS_MIN && wm != WR_TS_MAX; }

/* ---- windows (t - span, t] ---- */
typedef struct wr_reach {
  wr_i64 span;                            /* -1: for ever */
  bool arrival;                           /* times go back */
  wr_ts seen;                             /* the newest time so far */
} wr_reach;

static inline wr_reach wr_reach_of(const wr_slot *config, wr_i32 stage)
{
  return (wr_reach){ wr_span_of(config), stage < 0, WR_TS_MIN };
}
static inline wr_ts wr_reach_start(const wr_reach *r, wr_ts t)
{
  return r->span < 0 ? WR_TS_MIN : wr_span_before(t, r->span);
}
/* No row from now on sees times at or before this. */
static inline wr_ts wr_reach_floor(const wr_reach *r, wr_ts wm)
{
  if (r->arrival) return wr_reach_start(r, wr_reach_start(r, r->seen));
  return wr_lets_go(wm) ? wr_reach_start(r, wm) : WR_TS_MIN;
}
/* The same as a row at t comes in. */
static inline wr_ts wr_reach_row(wr_reach *r, wr_ts t)
{
  if (t > r->seen) r->seen = t;
  return wr_reach_floor(r, t);
}

/* ---- cells ---- */
typedef struct wr_sweep {
  wr_u32 cursor;
  wr_u64 writes;                          /* since the last sweep: it visits a few cells for each */
} wr_sweep;
void wr_sweep_cells(wr_sweep *, const wr_table *, void (*visit)(void *, wr_u32 no), void *arg);

/* Cells by a key that is never null, freed one by one. False: wr_error was called. */
bool wr_keyed_layout(wr_layout *, wr_pool *, const char *what, const wr_cell *key, wr_i32 n, wr_u32 head,
                     wr_u32 state);
/* The cell's key leaves the table; what the cell owns went before. */
void wr_keyed_remove(wr_table *, wr_u32 no);

/* Does any memory stay when table and slab are closed with all cells in them? */
static inline bool wr_owns_apart(const wr_table *t, const wr_slab *s) { return t->apart || s->large; }

/* ---- keys in checkpoints ---- */
void wr_save_key_types(wr_saver *, const wr_cell *key, wr_i32 n);
/* How the parts of the key are read: arena; 0: they do not fit. */
const wr_reading *wr_load_key_types(wr_ctx *, wr_loader *, const wr_cell *key, wr_i32 n);
void wr_save_key(wr_saver *, const wr_layout *, const wr_cell *key, const wr_u64 *word);
/* False: damaged. `word` has room for lay->words and points into what is loaded. */
bool wr_load_key(wr_ctx *, wr_loader *, const wr_layout *, const wr_reading *, wr_u64 *word, wr_u32 *hash);

#endif
