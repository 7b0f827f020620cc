/* distinct.h -- the different values of a column with their numbers, and what is read from them:
 * count(distinct x), collect(distinct x), top_k(x, k).
 *
 * The numbers make it invertible. A set that meets more values than its maximum lets them go and
 * says so when read; it starts afresh when all its rows have been taken back.
 */
#ifndef WEIR_AGG_DISTINCT_H
#define WEIR_AGG_DISTINCT_H
#include "weir/agg/value.h"

#define AGG_count_DX count_distinct, OWNS
#define AGG_collect_DX collect_distinct, OWNS
#define AGG_top_k_X top_k, OWNS

enum { AGG_DISTINCT_MAX = 1000000, AGG_TOP_K_MAX = 10000 };

typedef struct agg_entry {
  union {
    wr_i64 i;                             /* of a float: its bits */
    char *p;                              /* text, owned */
  } u;
  wr_u32 len, hash;
  wr_u64 count;                           /* 0: free */
} agg_entry;

typedef struct agg_set {
  agg_entry *e;                           /* open addressing, linear probing */
  wr_u64 rows;                            /* sum of counts, of a full set too */
  wr_u64 text;                            /* bytes of text owned */
  wr_u64 seed;
  wr_u32 n, cap;                          /* cap is 0 or a power of two */
  wr_u64 full;                            /* the maximum was exceeded: no entries are held */
} agg_set;
typedef agg_set agg_count_distinct, agg_collect_distinct, agg_top_k;

void agg_set_add(wr_ctx *, const wr_type *, agg_set *, wr_slot, wr_u64 count, wr_u32 max);
void agg_set_remove(wr_ctx *, const wr_type *, agg_set *, wr_slot);
void agg_set_merge(wr_ctx *, const wr_type *, agg_set *, const agg_set *from, wr_u32 max);
void agg_set_drop(wr_ctx *, const wr_aggspec *, agg_set *);
wr_u64 agg_set_bytes(const agg_set *);
void agg_set_save(const wr_aggspec *, const agg_set *, struct wr_saver *);
void agg_set_load(wr_ctx *, const wr_aggspec *, agg_set *, struct wr_loader *);
#define agg_count_distinct_save agg_set_save
#define agg_count_distinct_load agg_set_load
#define agg_collect_distinct_save agg_set_save
#define agg_collect_distinct_load agg_set_load
#define agg_top_k_save agg_set_save
#define agg_top_k_load agg_set_load
wr_status agg_collect_distinct_read(wr_ctx *, const wr_aggspec *, const agg_set *, wr_list *out);
wr_status agg_top_k_read(wr_ctx *, const wr_aggspec *, const agg_set *, wr_list *out);

AGG_INLINE void agg_count_distinct_step(const agg_in *in, agg_set *s, wr_slot v)
{
  agg_set_add(in->ctx, in->spec->type, s, v, 1, agg_max_of(in->spec, AGG_DISTINCT_MAX));
}
#define agg_collect_distinct_step agg_count_distinct_step

AGG_INLINE void agg_count_distinct_inverse(const agg_in *in, agg_set *s, wr_slot v)
{
  agg_set_remove(in->ctx, in->spec->type, s, v);
}
#define agg_collect_distinct_inverse agg_count_distinct_inverse

AGG_INLINE void agg_count_distinct_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_set *s,
                                         const agg_set *from)
{
  agg_set_merge(ctx, spec->type, s, from, agg_max_of(spec, AGG_DISTINCT_MAX));
}
#define agg_collect_distinct_merge agg_count_distinct_merge

AGG_INLINE wr_status agg_count_distinct_read(wr_ctx *ctx, const wr_aggspec *spec, const agg_set *s,
                                             wr_i64 *out)
{
  (void)ctx, (void)spec;
  *out = s->n;
  return s->full ? WR_E_LIMIT : WR_OK;
}
#define agg_count_distinct_drop agg_set_drop
#define agg_count_distinct_bytes agg_set_bytes
#define agg_collect_distinct_drop agg_set_drop
#define agg_collect_distinct_bytes agg_set_bytes

AGG_INLINE void agg_top_k_step(const agg_in *in, agg_set *s, wr_slot v, wr_i64 k)
{
  (void)k;
  agg_set_add(in->ctx, in->spec->type, s, v, 1, agg_max_of(in->spec, AGG_TOP_K_MAX));
}

AGG_INLINE void agg_top_k_inverse(const agg_in *in, agg_set *s, wr_slot v, wr_i64 k)
{
  (void)k;
  agg_set_remove(in->ctx, in->spec->type, s, v);
}

AGG_INLINE void agg_top_k_merge(wr_ctx *ctx, const wr_aggspec *spec, agg_set *s,
                                const agg_set *from)
{
  agg_set_merge(ctx, spec->type, s, from, agg_max_of(spec, AGG_TOP_K_MAX));
}
#define agg_top_k_drop agg_set_drop
#define agg_top_k_bytes agg_set_bytes

#endif
