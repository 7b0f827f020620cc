/* limit.c -- limits of rules. */
#include "keyed.h"

wr_limiter *wr_limiter_new(wr_ctx *ctx, const wr_limit *d, const wr_slot *c) { (void)ctx, (void)d, (void)c; return NULL; }
void wr_limiter_free(wr_ctx *ctx, wr_limiter *l) { (void)ctx, (void)l; }
void wr_limiter_expire(wr_ctx *ctx, wr_limiter *l, wr_ts wm) { (void)ctx, (void)l, (void)wm; }
wr_i64 wr_limiter_keys(const wr_limiter *l) { (void)l; return 0; }
wr_u64 wr_limiter_bytes(const wr_limiter *l) { (void)l; return 0; }
void wr_limiter_save(wr_ctx *ctx, const wr_limiter *l, wr_saver *v) { (void)ctx, (void)l, (void)v; }
bool wr_limiter_load(wr_ctx *ctx, wr_limiter *l, wr_loader *v) { (void)ctx, (void)l, (void)v; return true; }
wr_i32 wr_limit_pass(wr_ctx *ctx, wr_i32 i, const wr_u64 *key, wr_u32 hash, wr_ts t, wr_i64 n) { (void)ctx, (void)i, (void)key, (void)hash, (void)t, (void)n; return 1; }
