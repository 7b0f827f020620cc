/* store.h -- what the files of a state share: the records, and their saving. */
#ifndef WEIR_STORE_H
#define WEIR_STORE_H
#include "hold.h"
#include "keep.h"
#include "keyed.h"
#include "weir/cost.h"

_Static_assert(sizeof(wr_ts) == WR_COST_WRITTEN, "what weir explain tells");

typedef struct wr_piece { void *p; wr_u64 bytes; } wr_piece;

struct wr_stored {
  const wr_store *def;
  wr_pool pool;
  wr_slab slab;
  wr_layout lay;
  wr_table table;
  wr_i64 keep;                            /* -1: for ever */
  wr_ts seen;                             /* time of the newest write */
  bool holds;                             /* a field is text or a list */
  char *blank;                            /* the record of initial values */
  char *hit;                              /* the cell found last */
  wr_u32 hit_hash;
  wr_sweep sweep;
  wr_piece *gone;                         /* given back when the batch is over */
  size_t ngone, gone_cap;
};

wr_slot wr_field_slot(const wr_cell *, const char *rec);
/* A record of initial values for a key that has none. */
char *wr_stored_make(wr_stored *, const wr_u64 *key, wr_u32 hash, wr_ts t);
void wr_field_put(const wr_cell *, char *rec, wr_slot);       /* as it is: text and lists are not copied */
/* The record of a key that lives for ever, or 0. */
char *wr_stored_find(wr_stored *, const wr_u64 *key, wr_u32 hash);
bool wr_stored_drop(wr_stored *, const wr_u64 *key, wr_u32 hash);   /* false: there was none */
void wr_stored_clear(wr_ctx *, wr_stored *);                  /* no key is left */
void wr_stored_set(wr_stored *, void *rec, const wr_cell *, wr_slot);

#endif
