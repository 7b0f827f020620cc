/* moments.h -- variance, standard deviation, correlation from exact sums of values and of
 * products. Reading computes n * sum(xx) - sum(x)^2 in whole numbers and rounds only then, so
 * that neither the order of rows nor cancellation can be seen in the result. */
#ifndef WEIR_AGG_MOMENTS_H
#define WEIR_AGG_MOMENTS_H
#include "weir/agg/exact.h"

#define AGG_variance_I variance_i, OWNS
#define AGG_variance_D variance_i, OWNS
#define AGG_variance_F variance_f, OWNS
#define AGG_stddev_I stddev_i, OWNS
#define AGG_stddev_D stddev_i, OWNS
#define AGG_stddev_F stddev_f, OWNS
#define AGG_corr_FF corr, OWNS

typedef struct agg_moments {
  wr_u64 n;
  agg_exact x, xx;
} agg_moments;
typedef agg_moments agg_variance_i, agg_variance_f, agg_stddev_i, agg_stddev_f;

void agg_moments_add_i(wr_ctx *, agg_moments *, wr_i64, int negative);
void agg_moments_add_f(wr_ctx *, agg_moments *, wr_f64, int negative);
void agg_moments_merge(wr_ctx *, const wr_aggspec *, agg_moments *, const agg_moments *from);
wr_status agg_variance_read(wr_ctx *, const wr_aggspec *, const agg_moments *, wr_f64 *out);
wr_status agg_stddev_read(wr_ctx *, const wr_aggspec *, const agg_moments *, wr_f64 *out);
void agg_moments_drop(wr_ctx *, const wr_aggspec *, agg_moments *);
wr_u64 agg_moments_bytes(const agg_moments *);
void agg_moments_save(const wr_aggspec *, const agg_moments *, struct wr_saver *);
void agg_moments_load(wr_ctx *, const wr_aggspec *, agg_moments *, struct wr_loader *);
#define agg_variance_i_save agg_moments_save
#define agg_variance_i_load agg_moments_load
#define agg_variance_f_save agg_moments_save
#define agg_variance_f_load agg_moments_load
#define agg_stddev_i_save agg_moments_save
#define agg_stddev_i_load agg_moments_load
#define agg_stddev_f_save agg_moments_save
#define agg_stddev_f_load agg_moments_load

AGG_INLINE void agg_variance_i_step(const agg_in *in, agg_moments *s, wr_i64 v)
{
  agg_moments_add_i(in->ctx, s, v, 0);
}

AGG_INLINE void agg_variance_i_inverse(const agg_in *in, agg_moments *s, wr_i64 v)
{
  agg_moments_add_i(in->ctx, s, v, 1);
}

AGG_INLINE void agg_variance_f_step(const agg_in *in, agg_moments *s, wr_f64 v)
{
  agg_moments_add_f(in->ctx, s, v, 0);
}

AGG_INLINE void agg_variance_f_inverse(const agg_in *in, agg_moments *s, wr_f64 v)
{
  agg_moments_add_f(in->ctx, s, v, 1);
}
#define agg_variance_i_merge agg_moments_merge
#define agg_variance_i_read agg_variance_read
#define agg_variance_i_drop agg_moments_drop
#define agg_variance_i_bytes agg_moments_bytes
#define agg_variance_f_merge agg_moments_merge
#define agg_variance_f_read agg_variance_read
#define agg_variance_f_drop agg_moments_drop
#define agg_variance_f_bytes agg_moments_bytes
#define agg_stddev_i_step agg_variance_i_step
#define agg_stddev_i_inverse agg_variance_i_inverse
#define agg_stddev_i_merge agg_moments_merge
#define agg_stddev_i_read agg_stddev_read
#define agg_stddev_i_drop agg_moments_drop
#define agg_stddev_i_bytes agg_moments_bytes
#define agg_stddev_f_step agg_variance_f_step
#define agg_stddev_f_inverse agg_variance_f_inverse
#define agg_stddev_f_merge agg_moments_merge
#define agg_stddev_f_read agg_stddev_read
#define agg_stddev_f_drop agg_moments_drop
#define agg_stddev_f_bytes agg_moments_bytes

typedef struct agg_corr {
  wr_u64 n;
  agg_exact x, y, xx, yy, xy;
} agg_corr;

void agg_corr_add(wr_ctx *, agg_corr *, wr_f64 x, wr_f64 y, int negative);
void agg_corr_merge(wr_ctx *, const wr_aggspec *, agg_corr *, const agg_corr *from);
wr_status agg_corr_read(wr_ctx *, const wr_aggspec *, const agg_corr *, wr_f64 *out);
void agg_corr_drop(wr_ctx *, const wr_aggspec *, agg_corr *);
wr_u64 agg_corr_bytes(const agg_corr *);
void agg_corr_save(const wr_aggspec *, const agg_corr *, struct wr_saver *);
void agg_corr_load(wr_ctx *, const wr_aggspec *, agg_corr *, struct wr_loader *);

AGG_INLINE void agg_corr_step(const agg_in *in, agg_corr *s, wr_f64 x, wr_f64 y)
{
  agg_corr_add(in->ctx, s, x, y, 0);
}

AGG_INLINE void agg_corr_inverse(const agg_in *in, agg_corr *s, wr_f64 x, wr_f64 y)
{
  agg_corr_add(in->ctx, s, x, y, 1);
}

#endif
