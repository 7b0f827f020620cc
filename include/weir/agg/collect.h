/* collect.h -- the values of the rows with the smallest positions, at most `max` of them, so that
 * what is kept does not depend on the order of arrival. */
#ifndef WEIR_AGG_COLLECT_H
#define WEIR_AGG_COLLECT_H
#include "weir/agg/value.h"

#define AGG_collect_X collect, OWNS

enum { AGG_COLLECT_MAX = 1000 };

typedef struct agg_item {
  agg_at at;
  agg_val v;
} agg_item;

typedef struct agg_collect {
  agg_item *e;                            /* in no order; at the maximum a heap, last first */
  wr_u64 text;                            /* bytes of text owned */
  wr_u32 n, cap;
} agg_collect;

void agg_collect_add(wr_ctx *, const wr_aggspec *, agg_collect *, agg_at, wr_slot);
void agg_collect_merge(wr_ctx *, const wr_aggspec *, agg_collect *, const agg_collect *from);
wr_status agg_collect_read(wr_ctx *, const wr_aggspec *, const agg_collect *, wr_list *out);
void agg_collect_drop(wr_ctx *, const wr_aggspec *, agg_collect *);
wr_u64 agg_collect_bytes(const agg_collect *);
void agg_collect_save(const wr_aggspec *, const agg_collect *, struct wr_saver *);
void agg_collect_load(wr_ctx *, const wr_aggspec *, agg_collect *, struct wr_loader *);

AGG_INLINE void agg_collect_step(const agg_in *in, agg_collect *s, wr_slot v)
{
  agg_collect_add(in->ctx, in->spec, s, agg_at_of(in), v);
}

#endif
