/* sliding.c -- windows of events. */
#include "keyed.h"

wr_slider *wr_slider_new(wr_ctx *ctx, const wr_sliding *d, const wr_slot *c) { (void)ctx, (void)d, (void)c; return NULL; }
void wr_slider_free(wr_ctx *ctx, wr_slider *s) { (void)ctx, (void)s; }
void wr_slider_expire(wr_ctx *ctx, wr_slider *s, wr_ts wm) { (void)ctx, (void)s, (void)wm; }
wr_i64 wr_slider_keys(const wr_slider *s) { (void)s; return 0; }
wr_i64 wr_slider_events(const wr_slider *s) { (void)s; return 0; }
wr_u64 wr_slider_bytes(const wr_slider *s) { (void)s; return 0; }
void wr_slider_save(wr_ctx *ctx, const wr_slider *s, wr_saver *v) { (void)ctx, (void)s, (void)v; }
bool wr_slider_load(wr_ctx *ctx, wr_slider *s, wr_loader *l) { (void)ctx, (void)s, (void)l; return true; }
void *wr_sliding_add(wr_ctx *ctx, wr_i32 i, const wr_u64 *key, wr_u32 hash, wr_ts t, const wr_pos *pos, const wr_slot *arg)
{
  (void)ctx, (void)i, (void)key, (void)hash, (void)t, (void)pos, (void)arg;
  return NULL;
}
wr_status wr_sliding_read(wr_ctx *ctx, wr_i32 i, void *cell, wr_i32 agg, void *out) { (void)ctx, (void)i, (void)cell, (void)agg, (void)out; return 0; }
wr_ts wr_sliding_start(wr_ctx *ctx, wr_i32 i, wr_ts t) { (void)ctx, (void)i; return t; }
