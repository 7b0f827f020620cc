/* agg_order.h -- the first k of n items in an order, by a heap of pointers to them, and a mixer of
 * bits. Private to runtime/agg_*. */
#ifndef AGG_ORDER_H
#define AGG_ORDER_H
#include <stdbool.h>
#include "weir/agg/value.h"

typedef bool agg_before(const void *arg, const void *a, const void *b);

static inline void agg_order_sift(const void **p, wr_u32 n, wr_u32 i, agg_before *before,
                                  const void *arg)
{
  const void *x = p[i];
  for (wr_u32 child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && before(arg, p[child + 1], p[child]))
      child++;
    if (!before(arg, p[child], x))
      break;
    p[i] = p[child];
  }
  p[i] = x;
}

/* Makes p a heap, its first item at p[0]. */
static inline void agg_order(const void **p, wr_u32 n, agg_before *before, const void *arg)
{
  for (wr_u32 i = n / 2; i-- > 0;)
    agg_order_sift(p, n, i, before, arg);
}

/* Takes the first item of a heap that is not empty. */
static inline const void *agg_order_next(const void **p, wr_u32 *n, agg_before *before,
                                         const void *arg)
{
  const void *first = p[0];
  p[0] = p[--*n];
  if (*n)
    agg_order_sift(p, *n, 0, before, arg);
  return first;
}

/* A bijection of 64 bits in which every bit in changes half of the bits out (Stafford's mix 13). */
static inline wr_u64 agg_mix(wr_u64 x)
{
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
  return x ^ x >> 31;
}

#endif
