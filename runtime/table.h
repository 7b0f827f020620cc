/* table.h -- keyed cells: from the values of key columns to a cell of aggregate states.
 *
 * A cell is [key words][head][states]; its address never changes while it lives. A key is words of
 * 8 bytes: null bits first (only when a key column may be null), then one word a column, two for
 * strings: length and first 4 bytes, then 8 more bytes, or the address when longer than 12. Cells
 * have numbers from 1 up; number n lies in chunk floor(log2 n), so that a number is an address by
 * one load. Nothing that a program can see may depend on the order of the index.
 */
#ifndef WEIR_TABLE_H
#define WEIR_TABLE_H
#include <string.h>
#include "rt_internal.h"

/* Memory of one grouping, so that it can say how much it holds. */
typedef struct wr_pool {
  wr_ctx *ctx;
  wr_u64 bytes;
} wr_pool;
void *wr_pool_alloc(wr_pool *, wr_u64 bytes);
void wr_pool_free(wr_pool *, void *, wr_u64 bytes);

enum wr_key_mode {
  WR_KEY_NONE,                            /* no key columns: one cell */
  WR_KEY_WORD,                            /* one column of 8 bytes, never null */
  WR_KEY_STR,                             /* one string column, never null */
  WR_KEY_WORDS,                           /* no strings */
  WR_KEY_MIXED
};

typedef struct wr_key_col {
  wr_u8 kind, width;                      /* enum wr_kind; bytes in a batch's column */
  bool nullable, string;
  wr_u32 at;                              /* its first word */
} wr_key_col;

typedef struct wr_layout {
  const wr_group *group;                  /* whose aggregates' states are initialised; 0: states are zero bytes */
  enum wr_key_mode mode;
  wr_key_col *col;
  wr_u32 ncol, words;
  wr_u32 head, state;                     /* offsets in a cell */
  wr_u32 stride;
  bool has_init, has_drop;
  bool reclaim;                           /* cells are freed one by one (sessions) */
  wr_u64 seed, mult;
} wr_layout;

typedef struct wr_entry {                 /* of the index; no == 0: empty */
  wr_u32 hash, no;
} wr_entry;

enum { WR_STR_INLINE = 12, WR_STR_CLASSES = 8 };

struct wr_block;
typedef struct wr_table {
  const wr_layout *lay;
  wr_pool *pool;
  wr_entry *index;
  wr_u32 mask, used, limit;               /* entries; more than `limit` of them make it grow */
  wr_u32 base, next;                      /* numbers given out: base <= no < next */
  wr_u32 free;                            /* list of freed cells, linked by their first word */
  wr_u32 stride;
  uintptr_t chunk[32];                    /* address of number 0 as seen from that chunk */
  struct wr_block *block;                 /* bytes of long strings */
  char *str;
  wr_u64 left;
  void *str_free[WR_STR_CLASSES];
  wr_u64 apart;                           /* long strings that are memory of their own */
} wr_table;

/* Keys of a batch, hashed: key of row r at key + r * words. */
typedef struct wr_staged {
  const wr_u64 *key;
  wr_u32 *hash;
  wr_u64 *buffer;                         /* what `key` points to, unless it is the column itself */
  wr_i32 cap;
} wr_staged;

/* False: a key column has a kind that is no key (lists, maps). */
bool wr_layout_init(wr_layout *, wr_pool *, const wr_group *, const wr_port *in, wr_u32 head_bytes,
                    wr_u64 seed);
/* The same of any keyed cells. nullable 0: no key value is ever null. */
bool wr_layout_keys(wr_layout *, wr_pool *, const wr_u8 *kind, const wr_u8 *nullable, wr_u32 n,
                    wr_u32 head_bytes, wr_u32 state_bytes, wr_u64 seed);
wr_u32 wr_layout_hash(const wr_layout *, const wr_u64 *key);
bool wr_layout_same(const wr_layout *, const wr_u64 *a, const wr_u64 *b);
void wr_layout_free(wr_layout *, wr_pool *);

void wr_keys_stage(const wr_layout *, wr_pool *, wr_staged *, const wr_batch *);
void wr_staged_free(const wr_layout *, wr_pool *, wr_staged *);

void wr_table_init(wr_table *, const wr_layout *, wr_pool *, wr_u32 expected);
void wr_table_free(wr_table *);           /* memory only: states are dropped before */
/* The states of the cells of n rows, made where missing, in the order of `row`. */
void wr_table_find(wr_table *, const wr_staged *, const wr_u32 *row, wr_i32 n, void **cell);
/* The entry of a key; one with no == 0 where wr_table_put may put it (only just after this). */
wr_entry *wr_table_entry(wr_table *, wr_u32 hash, const wr_u64 *key);
/* Number of a new cell with a copy of the key and initial states, not in the index. */
wr_u32 wr_table_cell(wr_table *, const wr_u64 *key);
void wr_table_put(wr_table *, wr_entry *, wr_u32 hash, wr_u32 no);
void wr_table_remove(wr_table *, wr_u32 hash, wr_u32 no);   /* out of the index */
void wr_table_release(wr_table *, wr_u32 no);               /* the cell and its strings (reclaim) */
wr_u64 wr_table_untouched(const wr_table *);                /* bytes set aside that no cell was ever in */

/* Fetches the cells of n hashes into the cache; their numbers, 0 where the key is not there. False: all is
 * small enough to be there. */
bool wr_table_ahead(const wr_table *, const wr_u32 *hash, wr_i32 n, wr_u32 *no);

void wr_states_init(const wr_layout *, char *cell);
void wr_states_drop(wr_ctx *, const wr_layout *, char *cell);
void wr_states_merge(wr_ctx *, const wr_layout *, char *into, const char *from);

/* Words of a string in a key, which point to its bytes when they are many: table.c */
void wr_key_put_str(wr_u64 *word, wr_str);

static inline char *wr_cell_at(const wr_table *t, wr_u32 no) {
  return (char *)(t->chunk[31 - __builtin_clz(no)] + (uintptr_t)no * t->stride);
}

static inline void wr_table_prefetch(const wr_table *t, wr_u32 hash) {
  __builtin_prefetch(&t->index[hash & t->mask]);
}

/* The first cell whose hash is the same (nearly always the key's; 0: the key is not there). */
static inline wr_u32 wr_table_guess(const wr_table *t, wr_u32 hash) {
  for (wr_u32 at = hash & t->mask;; at = (at + 1) & t->mask)
    if (t->index[at].hash == hash || !t->index[at].no) return t->index[at].no;
}

static inline wr_u32 wr_table_prefetch_cell(const wr_table *t, wr_u32 hash) {
  wr_u32 no = wr_table_guess(t, hash);
  if (!no) return 0;
  const char *cell = wr_cell_at(t, no);
  __builtin_prefetch(cell, 1);
  __builtin_prefetch(cell + t->stride - 8, 1);
  return no;
}

static inline bool wr_key_null(const wr_u64 *key, wr_u32 col) {
  return key[col >> 6] >> (col & 63) & 1;
}

static inline wr_str wr_key_str(const wr_u64 *word) {
  wr_str s = { 0, (wr_u32)*word, 0 };
  if (s.len <= WR_STR_INLINE) s.p = (const char *)word + 4;
  else memcpy(&s.p, word + 1, sizeof s.p);
  return s;
}

/* ---- order.c ---- */
typedef struct wr_item {
  wr_u64 word;                            /* of the key, at the level being sorted */
  char *cell;
} wr_item;
/* Sorts by key, null first; with `by_time` by the signed first word of the heads before that.
 * `spare` has room for n items. */
void wr_order(const wr_layout *, bool by_time, wr_item *, wr_item *spare, size_t n);

#endif
