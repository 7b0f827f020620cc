/* seq.c -- sequencers. */
#include "seq.h"

wr_sequence *wr_sequence_new(wr_ctx *ctx, const wr_seq *d) { (void)ctx, (void)d; return NULL; }
void wr_sequence_free(wr_ctx *ctx, wr_sequence *q) { (void)ctx, (void)q; }
void wr_sequence_push(wr_ctx *ctx, wr_sequence *q, wr_i32 lane, const wr_batch *b) { (void)ctx, (void)q, (void)lane, (void)b; }
void wr_seq_push(wr_ctx *ctx, wr_i32 seq, wr_i32 lane, wr_batch *b) { wr_sequence_push(ctx, wr_sequence_of(ctx, seq), lane, b); }
bool wr_sequence_release(wr_ctx *ctx, wr_sequence *q, wr_ts wm) { (void)ctx, (void)q, (void)wm; return true; }
wr_i64 wr_sequence_rows(const wr_sequence *q) { (void)q; return 0; }
wr_u64 wr_sequence_bytes(const wr_sequence *q) { (void)q; return 0; }
void wr_sequence_save(wr_ctx *ctx, const wr_sequence *q, wr_saver *s) { (void)ctx, (void)q, (void)s; }
bool wr_sequence_load(wr_ctx *ctx, wr_sequence *q, wr_loader *l) { (void)ctx, (void)q, (void)l; return true; }
