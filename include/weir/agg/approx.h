/* approx.h -- approx_distinct: HyperLogLog with 4096 registers (standard error 1.04 / 64 = 1.6 %).
 * Few registers are held as a sorted list, many as an array; the estimate depends on the registers
 * alone, so neither the order of rows nor the form can be seen. */
#ifndef WEIR_AGG_APPROX_H
#define WEIR_AGG_APPROX_H
#include "weir/agg/value.h"

#define AGG_approx_distinct_X approx_distinct, OWNS

enum { AGG_HLL_BITS = 12, AGG_HLL_REGS = 1 << AGG_HLL_BITS, AGG_HLL_SPARSE = 512 };

typedef struct agg_approx_distinct {
  void *mem;                              /* list: register << 8 | rank, ascending; array: ranks */
  wr_u32 n, cap;                          /* of the list; cap = AGG_HLL_REGS: the array */
} agg_approx_distinct;

void agg_hll_add(wr_ctx *, const wr_type *, agg_approx_distinct *, wr_slot);
void agg_approx_distinct_merge(wr_ctx *, const wr_aggspec *, agg_approx_distinct *,
                               const agg_approx_distinct *from);
wr_status agg_approx_distinct_read(wr_ctx *, const wr_aggspec *, const agg_approx_distinct *,
                                   wr_i64 *out);
void agg_approx_distinct_drop(wr_ctx *, const wr_aggspec *, agg_approx_distinct *);
wr_u64 agg_approx_distinct_bytes(const agg_approx_distinct *);
void agg_approx_distinct_save(const wr_aggspec *, const agg_approx_distinct *, struct wr_saver *);
void agg_approx_distinct_load(wr_ctx *, const wr_aggspec *, agg_approx_distinct *, struct wr_loader *);

AGG_INLINE void agg_approx_distinct_step(const agg_in *in, agg_approx_distinct *s, wr_slot v)
{
  agg_hll_add(in->ctx, in->spec->type, s, v);
}

#endif
