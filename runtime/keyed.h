/* keyed.h -- what ordered operators keep by key: records of states, windows of events, limits.
 *
 * Keys arrive as the words of table.h, made by wr_key_hash. Times only grow, as the sequencer hands rows
 * on, but for `order arrival` (stage -1 of the definition). A record or window that its key has outlived
 * reads as if it were not there, whether or not its memory was taken back; `expire` takes some back,
 * a bounded amount of work a call.
 */
#ifndef WEIR_KEYED_H
#define WEIR_KEYED_H
#include "rt_internal.h"
#include "save.h"

/* ---- states: store.c ---- */
typedef struct wr_stored wr_stored;
wr_stored *wr_stored_new(wr_ctx *, const wr_store *, const wr_slot *config);
void wr_stored_free(wr_ctx *, wr_stored *);
void wr_stored_expire(wr_ctx *, wr_stored *, wr_ts wm);       /* between batches */
void wr_stored_settle(wr_ctx *, wr_stored *);                 /* the batch is over: replaced bytes may go */
void wr_stored_renew(wr_ctx *, wr_stored *);                  /* parameters changed: initial values again */
wr_i64 wr_stored_keys(const wr_stored *);
wr_u64 wr_stored_bytes(const wr_stored *);                    /* all that it holds */
/* The record of a key, for `weir state peek` and tests; 0: none, or expired at t. `last`: its last write. */
const void *wr_stored_peek(const wr_stored *, const wr_u64 *key, wr_u32 hash, wr_ts t, wr_ts *last);

/* Into the cache: the keys of at most WR_AHEAD rows. */
void wr_stored_fetch(const wr_stored *, const wr_u32 *hash, wr_i32 n);

/* ---- windows of events: sliding.c ---- */
typedef struct wr_slider wr_slider;
wr_slider *wr_slider_new(wr_ctx *, const wr_sliding *, const wr_slot *config);
void wr_slider_free(wr_ctx *, wr_slider *);
void wr_slider_expire(wr_ctx *, wr_slider *, wr_ts wm);
wr_i64 wr_slider_keys(const wr_slider *);
wr_i64 wr_slider_events(const wr_slider *);                   /* held */
wr_u64 wr_slider_bytes(const wr_slider *);
void wr_slider_fetch(const wr_slider *, const wr_u32 *hash, wr_i32 n);

/* ---- keys of a batch: ahead.c ---- */
typedef struct wr_ahead wr_ahead;
wr_ahead *wr_ahead_new(wr_ctx *, const wr_keys *);
void wr_ahead_free(wr_ctx *, wr_ahead *);
bool wr_slider_positions(const wr_slider *);                  /* are they kept with the events? */

/* ---- limits: limit.c ---- */
typedef struct wr_limiter wr_limiter;
wr_limiter *wr_limiter_new(wr_ctx *, const wr_limit *, const wr_slot *config);
void wr_limiter_free(wr_ctx *, wr_limiter *);
void wr_limiter_expire(wr_ctx *, wr_limiter *, wr_ts wm);
wr_i64 wr_limiter_keys(const wr_limiter *);
wr_u64 wr_limiter_bytes(const wr_limiter *);

/* ---- checkpoints: every live record as name-free leaves, key first; load into an empty one ---- */
void wr_stored_save(wr_ctx *, const wr_stored *, wr_saver *);
bool wr_stored_load(wr_ctx *, wr_stored *, wr_loader *);      /* fields by name: new ones keep their initial value */
void wr_slider_save(wr_ctx *, const wr_slider *, wr_saver *);
bool wr_slider_load(wr_ctx *, wr_slider *, wr_loader *);
void wr_limiter_save(wr_ctx *, const wr_limiter *, wr_saver *);
bool wr_limiter_load(wr_ctx *, wr_limiter *, wr_loader *);

/* of the run, by index: run.c */
wr_stored *wr_stored_of(wr_ctx *, wr_i32 store);
wr_slider *wr_slider_of(wr_ctx *, wr_i32 sliding);
wr_limiter *wr_limiter_of(wr_ctx *, wr_i32 limit);
#endif
