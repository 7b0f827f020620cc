/* keep.h -- how long keyed things live: the arithmetic of spans, and the cursor that visits all cells of a
 * table in turn. */
#ifndef WEIR_KEEP_H
#define WEIR_KEEP_H
#include "rt_internal.h"

/* t - last > span, exactly; false where time went back. */
static inline bool wr_outlived(wr_ts t, wr_ts last, wr_i64 span)
{
  return t > last && (wr_u64)t - (wr_u64)last > (wr_u64)span;
}

/* t - span, at least the first instant. */
static inline wr_ts wr_span_before(wr_ts t, wr_i64 span)
{
  return t < WR_TS_MIN + span ? WR_TS_MIN : t - span;
}

/* The span of a configuration; -1: for ever. A span is never below zero. */
static inline wr_i64 wr_span_of(const wr_slot *config)
{
  const wr_slot *s = &config[WR_KCFG_SPAN];
  return s->st ? -1 : s->u.i < 0 ? 0 : s->u.i;
}

/* Cells to visit after `writes` since the last time: all are seen while each is written once or so, and
 * never so many that a batch would wait for it. */
static inline wr_u32 wr_visits(wr_u64 writes) { return writes >= 16384 ? 65536 + 64 : 4 * (wr_u32)writes + 64; }

/* Nothing lets cells go before a watermark is known, nor at the end: what comes after it is a next run. */
static inline bool wr_lets_go(wr_ts wm) { return wm != WR_TS_MIN && wm != WR_TS_MAX; }

#endif
