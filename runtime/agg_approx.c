/* agg_approx.c -- HyperLogLog. A value's hash chooses a register by its top 12 bits; the register
 * keeps the highest rank met, the rank being the number of leading zeros of the rest plus one. */
#include <math.h>
#include "agg_order.h"
#include "weir/agg/approx.h"

enum { RANKS = 64 - AGG_HLL_BITS + 1 };   /* the highest rank; 0: never met */

static bool is_array(const agg_approx_distinct *s)
{
  return s->cap == AGG_HLL_REGS;
}

static void to_array(wr_ctx *ctx, agg_approx_distinct *s)
{
  wr_u32 *list = s->mem;
  wr_u8 *rank = wr_heap_alloc(ctx, AGG_HLL_REGS);
  memset(rank, 0, AGG_HLL_REGS);
  for (wr_u32 i = 0; i < s->n; i++)
    rank[list[i] >> 8] = (wr_u8)list[i];
  if (s->cap)
    wr_heap_free(ctx, list, sizeof *list * (wr_u64)s->cap);
  s->mem = rank;
  s->cap = AGG_HLL_REGS;
}

/* The place of a register in the list, or where it would stand. */
static wr_u32 place(const agg_approx_distinct *s, wr_u32 reg)
{
  const wr_u32 *list = s->mem;
  wr_u32 lo = 0, hi = s->n;
  while (lo < hi) {
    wr_u32 mid = (lo + hi) / 2;
    if (list[mid] >> 8 < reg)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static void list_insert(wr_ctx *ctx, agg_approx_distinct *s, wr_u32 i, wr_u32 entry)
{
  if (s->n == s->cap) {
    wr_u32 cap = s->cap ? 2 * s->cap : 4;
    s->mem = s->cap ? wr_heap_realloc(ctx, s->mem, 4ULL * s->cap, 4ULL * cap)
                    : wr_heap_alloc(ctx, 4ULL * cap);
    s->cap = cap;
  }
  wr_u32 *list = s->mem;
  memmove(list + i + 1, list + i, sizeof *list * (s->n - i));
  list[i] = entry;
  s->n++;
}

static void note_rank(wr_ctx *ctx, agg_approx_distinct *s, wr_u32 reg, wr_u32 rank)
{
  if (!is_array(s)) {
    wr_u32 *list = s->mem, i = place(s, reg);
    if (i < s->n && list[i] >> 8 == reg) {
      if ((list[i] & 255) < rank)
        list[i] = reg << 8 | rank;
      return;
    }
    if (s->n < AGG_HLL_SPARSE) {
      list_insert(ctx, s, i, reg << 8 | rank);
      return;
    }
    to_array(ctx, s);
  }
  wr_u8 *p = s->mem;
  p[reg] = p[reg] < rank ? (wr_u8)rank : p[reg];
}

void agg_hll_add(wr_ctx *ctx, const wr_type *t, agg_approx_distinct *s, wr_slot v)
{
  wr_u64 h = agg_is_text(t) || agg_is_nested(t) ? wr_hash_slot(t, v, 0) : (wr_u64)v.u.i;
  h = agg_mix(h + 0x9e3779b97f4a7c15ULL); /* else 0 would stay 0 */
  wr_u64 rest = h << AGG_HLL_BITS;
  wr_u32 rank = rest ? (wr_u32)__builtin_clzll(rest) + 1 : RANKS;
  note_rank(ctx, s, (wr_u32)(h >> (64 - AGG_HLL_BITS)), rank);
}

void agg_approx_distinct_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_approx_distinct *s,
                               const agg_approx_distinct *from)
{
  (void)spec;
  const wr_u8 *rank = from->mem;
  const wr_u32 *list = from->mem;
  wr_u32 n = is_array(from) ? AGG_HLL_REGS : from->n;
  for (wr_u32 i = 0; i < n; i++)
    if (!is_array(from))
      note_rank(ctx, s, list[i] >> 8, list[i] & 255);
    else if (rank[i])
      note_rank(ctx, s, i, rank[i]);
}

void agg_approx_distinct_drop(wr_ctx *ctx, const wr_aggspec *spec, agg_approx_distinct *s)
{
  (void)spec;
  if (s->cap)
    wr_heap_free(ctx, s->mem, agg_approx_distinct_bytes(s));
  memset(s, 0, sizeof *s);
}

wr_u64 agg_approx_distinct_bytes(const agg_approx_distinct *s)
{
  return is_array(s) ? AGG_HLL_REGS : 4ULL * s->cap;
}

/* The two corrections of Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog
 * sketches", 2017): for registers never met and for registers at the highest rank. */
static wr_f64 sigma(wr_f64 x)
{
  wr_f64 y = 1, z = x, last;
  if (x == 1)
    return HUGE_VAL;
  do {
    x *= x;
    last = z;
    z += x * y;
    y += y;
  } while (z != last);
  return z;
}

static wr_f64 tau(wr_f64 x)
{
  wr_f64 y = 1, z = 1 - x, last;
  if (x == 0 || x == 1)
    return 0;
  do {
    x = sqrt(x);
    last = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z != last);
  return z / 3;
}

static void histogram(const agg_approx_distinct *s, wr_u32 *of)
{
  const wr_u8 *rank = s->mem;
  const wr_u32 *list = s->mem;
  memset(of, 0, sizeof *of * (RANKS + 1));
  if (!is_array(s))
    of[0] = AGG_HLL_REGS - s->n;
  for (wr_u32 i = 0; i < (is_array(s) ? AGG_HLL_REGS : s->n); i++)
    of[is_array(s) ? rank[i] : list[i] & 255]++;
}

wr_status agg_approx_distinct_read(wr_ctx *ctx, const wr_aggspec *spec,
                                   const agg_approx_distinct *s, wr_i64 *out)
{
  (void)ctx, (void)spec;
  wr_u32 of[RANKS + 1];
  const wr_f64 m = AGG_HLL_REGS;
  if (!s->cap)
    return WR_NULL;
  histogram(s, of);
  wr_f64 z = m * tau(1 - of[RANKS] / m);
  for (int k = RANKS - 1; k >= 1; k--)
    z = 0.5 * (z + of[k]);
  z += m * sigma(of[0] / m);
  *out = (wr_i64)(m * m * 0.72134752044448170 / z + 0.5);     /* 1 / (2 ln 2) */
  return WR_OK;
}
