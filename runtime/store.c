/* store.c -- states. */
#include "keyed.h"

wr_u32 wr_key_hash(const wr_u8 *kind, wr_i32 n, const wr_slot *v, wr_u64 *word) { (void)kind, (void)n, (void)v, (void)word; return 0; }
wr_stored *wr_stored_new(wr_ctx *ctx, const wr_store *d, const wr_slot *c) { (void)ctx, (void)d, (void)c; return NULL; }
void wr_stored_free(wr_ctx *ctx, wr_stored *s) { (void)ctx, (void)s; }
void wr_stored_expire(wr_ctx *ctx, wr_stored *s, wr_ts wm) { (void)ctx, (void)s, (void)wm; }
void wr_stored_settle(wr_ctx *ctx, wr_stored *s) { (void)ctx, (void)s; }
void wr_stored_renew(wr_ctx *ctx, wr_stored *s) { (void)ctx, (void)s; }
wr_i64 wr_stored_keys(const wr_stored *s) { (void)s; return 0; }
wr_u64 wr_stored_bytes(const wr_stored *s) { (void)s; return 0; }
const void *wr_stored_peek(const wr_stored *s, const wr_u64 *key, wr_u32 hash, wr_ts t, wr_ts *last) { (void)s, (void)key, (void)hash, (void)t, (void)last; return NULL; }
void wr_stored_save(wr_ctx *ctx, const wr_stored *s, wr_saver *v) { (void)ctx, (void)s, (void)v; }
bool wr_stored_load(wr_ctx *ctx, wr_stored *s, wr_loader *l) { (void)ctx, (void)s, (void)l; return true; }
const void *wr_store_read(wr_ctx *ctx, wr_i32 i, const wr_u64 *key, wr_u32 hash, wr_ts t) { (void)ctx, (void)i, (void)key, (void)hash, (void)t; return NULL; }
void *wr_store_write(wr_ctx *ctx, wr_i32 i, const wr_u64 *key, wr_u32 hash, wr_ts t) { (void)ctx, (void)i, (void)key, (void)hash, (void)t; return NULL; }
void wr_store_set(wr_ctx *ctx, wr_i32 i, void *rec, wr_i32 field, wr_slot v) { (void)ctx, (void)i, (void)rec, (void)field, (void)v; }
