/* limit_save.c -- limits in checkpoints. */
#include "limit.h"

void wr_limiter_save(wr_ctx *ctx, const wr_limiter *l, wr_saver *v) { (void)ctx, (void)l, (void)v; }
bool wr_limiter_load(wr_ctx *ctx, wr_limiter *l, wr_loader *v) { (void)ctx, (void)l, (void)v; return true; }
