/* table.c -- keyed cells: staging and hashing of a batch's keys, find-or-insert, memory of cells.
 *
 * The index is open addressing with linear probing; an entry is 32 bits of hash and the number of
 * a cell, so that growing never reads cells. Rows are looked up in blocks: prefetch the index,
 * prefetch the cells, then find or insert in row order. Prefetching is only a hint, so the index
 * may grow at any insert. Hashes are seeded for each process; bytes of strings are always
 * compared.
 */
#define XXH_INLINE_ALL
#include "table.h"
#include <xxhash.h>

#define INLINE static inline __attribute__((always_inline))
__extension__ typedef unsigned __int128 wr_u128;

enum { BLOCK_ROWS = 64, PREFETCH_FROM = 1 << 13, STR_BLOCK = 1 << 16, STR_CLASS_MIN = 16 };

typedef struct wr_block {
  struct wr_block *next;
  wr_u64 size;
} wr_block;

void *wr_pool_alloc(wr_pool *p, wr_u64 bytes) {
  p->bytes += bytes;
  return wr_heap_alloc(p->ctx, bytes);
}

void wr_pool_free(wr_pool *p, void *v, wr_u64 bytes) {
  if (!v) return;
  p->bytes -= bytes;
  wr_heap_free(p->ctx, v, bytes);
}

/* ---- layout ---- */

static bool key_kind(unsigned kind) { return kind != WR_LIST && kind != WR_MAP && kind < WR_KINDS; }
static bool string_kind(unsigned k) { return k == WR_STR || k == WR_BYTES || k == WR_JSON; }

static enum wr_key_mode mode_of(const wr_layout *l, bool strings, bool nulls) {
  if (l->ncol == 0) return WR_KEY_NONE;
  if (l->ncol == 1 && !nulls && strings) return WR_KEY_STR;
  if (l->words == 1) return WR_KEY_WORD;
  return strings ? WR_KEY_MIXED : WR_KEY_WORDS;
}

static void aggregates_of(wr_layout *l) {
  for (wr_i32 i = 0; i < l->group->nagg; i++) {
    l->has_init |= l->group->agg[i]->init != 0;
    l->has_drop |= l->group->agg[i]->drop != 0;
  }
}

static wr_u64 mult_of(wr_u64 seed) { return (seed * 0x9E3779B97F4A7C15ull ^ 0xA0761D6478BD642Full) | 1; }

bool wr_layout_keys(wr_layout *l, wr_pool *pool, const wr_u8 *kind, const wr_u8 *nullable, wr_u32 n,
                    wr_u32 head_bytes, wr_u32 state_bytes, wr_u64 seed) {
  bool nulls = false, strings = false;
  *l = (wr_layout){ .ncol = n, .seed = seed, .mult = mult_of(seed) };
  l->col = wr_pool_alloc(pool, (n + 1) * sizeof *l->col);
  for (wr_u32 i = 0; i < n; i++) nulls |= nullable && nullable[i];
  l->words = nulls ? (n + 63) / 64 : 0;
  for (wr_u32 i = 0; i < n; i++) {
    if (!key_kind(kind[i])) return false;
    l->col[i] = (wr_key_col){ .kind = kind[i], .width = (wr_u8)wr_kind_width(kind[i]),
                              .nullable = nullable && nullable[i], .string = string_kind(kind[i]),
                              .at = l->words };
    l->words += string_kind(kind[i]) ? 2 : 1;
    strings |= string_kind(kind[i]);
  }
  l->mode = mode_of(l, strings, nulls);
  l->head = l->words * 8;
  l->state = l->head + ((head_bytes + 7) & ~7u);
  l->stride = l->state + ((state_bytes + 7) & ~7u);
  if (l->stride < 8) l->stride = 8;
  return true;
}

bool wr_layout_init(wr_layout *l, wr_pool *pool, const wr_group *g, const wr_port *in,
                    wr_u32 head_bytes, wr_u64 seed) {
  if (!wr_layout_keys(l, pool, in->kind, in->nullable, (wr_u32)g->nkey, head_bytes, g->cell_size, seed))
    return false;
  l->group = g;
  aggregates_of(l);
  return true;
}

void wr_layout_free(wr_layout *l, wr_pool *pool) {
  wr_pool_free(pool, l->col, (l->ncol + 1) * sizeof *l->col);
}

/* ---- states ---- */

void wr_states_init(const wr_layout *l, char *cell) {
  const wr_group *g = l->group;
  memset(cell + l->state, 0, l->stride - l->state);
  if (!l->has_init) return;
  for (wr_i32 i = 0; i < g->nagg; i++)
    if (g->agg[i]->init) g->agg[i]->init(&g->spec[i], cell + l->state + g->spec[i].off);
}

void wr_states_drop(wr_ctx *ctx, const wr_layout *l, char *cell) {
  const wr_group *g = l->group;
  if (!l->has_drop) return;
  for (wr_i32 i = 0; i < g->nagg; i++)
    if (g->agg[i]->drop) g->agg[i]->drop(ctx, &g->spec[i], cell + l->state + g->spec[i].off);
}

void wr_states_merge(wr_ctx *ctx, const wr_layout *l, char *into, const char *from) {
  const wr_group *g = l->group;
  for (wr_i32 i = 0; i < g->nagg; i++) {
    wr_u32 at = l->state + g->spec[i].off;
    g->agg[i]->merge(ctx, &g->spec[i], into + at, from + at);
  }
}

/* ---- staging: columns to key words ---- */

static void stage_nulls(const wr_layout *l, const wr_batch *b, wr_u64 *key) {
  wr_u32 nwords = l->col[0].at;
  for (wr_i32 r = 0; r < b->n; r++) memset(key + (size_t)r * l->words, 0, nwords * 8);
  for (wr_u32 c = 0; c < l->ncol; c++) {
    const wr_u8 *st = b->col[c].st;
    wr_u64 *w = key + (c >> 6);
    if (!st || !l->col[c].nullable) continue;
    for (wr_i32 r = 0; r < b->n; r++, w += l->words) *w |= (wr_u64)(st[r] != 0) << (c & 63);
  }
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a short key's text starts in word 0");

INLINE wr_u64 load(const char *p, int bytes) {
  wr_u64 v = 0;
  memcpy(&v, p, (size_t)bytes);
  return v;
}

/* Two overlapping loads instead of a copy of variable length. */
INLINE void put_short(wr_u64 *w, const char *p, wr_u32 len) {
  wr_u64 head, rest = 0;
  if (len >= 8) {
    wr_u64 first = load(p, 8), last = len == 8 ? 0 : load(p + len - 8, 8) >> (128 - 8 * len);
    head = first;
    rest = first >> 32 | last << 32;
  } else if (len >= 4) {
    head = load(p, 4);
    rest = load(p + len - 4, 4) >> (64 - 8 * len);
  } else {
    head = len ? (wr_u64)(wr_u8)p[0] | (wr_u64)(wr_u8)p[len / 2] << (len / 2 * 8) |
                     (wr_u64)(wr_u8)p[len - 1] << ((len - 1) * 8) : 0;
  }
  w[0] = head << 32 | len;
  w[1] = rest;
}

INLINE void put_str(wr_u64 *w, wr_str s) {
  if (s.len <= WR_STR_INLINE) {
    put_short(w, s.p, s.len);
    return;
  }
  w[0] = load(s.p, 4) << 32 | s.len;
  memcpy(w + 1, &s.p, sizeof s.p);
}

void wr_key_put_str(wr_u64 *word, wr_str s) { put_str(word, s); }

static void stage_col(const wr_key_col *k, const wr_col *c, wr_u64 *w, wr_u32 step, wr_i32 n) {
  const wr_u8 *st = k->nullable ? c->st : 0;
  const wr_str *str = c->v;
  const wr_u64 *word = c->v;
  const wr_u8 *byte = c->v;
  for (wr_i32 r = 0; r < n; r++, w += step) {
    bool null = st && st[r];
    if (k->string) put_str(w, null ? (wr_str){ 0, 0, 0 } : str[r]);
    else *w = null ? 0 : k->width == 1 ? byte[r] : word[r];
  }
}

/* ---- hashing ---- */

INLINE wr_u64 mix(wr_u64 a, wr_u64 b) {
  wr_u128 p = (wr_u128)a * b;
  return (wr_u64)p ^ (wr_u64)(p >> 64);
}

INLINE wr_u32 fold(wr_u64 h) { return (wr_u32)(h ^ h >> 32); }

INLINE wr_u64 hash_str(wr_u64 mult, wr_u64 h, const wr_u64 *w) {
  wr_str s = wr_key_str(w);
  if (s.len > WR_STR_INLINE) return XXH3_64bits_withSeed(s.p, s.len, h);
  return mix(mix(h ^ w[0], mult) ^ w[1], mult);
}

INLINE wr_u32 hash_key(const wr_layout *l, enum wr_key_mode mode, const wr_u64 *w) {
  wr_u64 h = l->seed;
  if (mode == WR_KEY_NONE) return 0;
  if (mode == WR_KEY_WORD) return fold(mix(h ^ *w, l->mult));
  if (mode == WR_KEY_STR) return fold(hash_str(l->mult, h, w));
  if (mode == WR_KEY_WORDS) {
    for (wr_u32 i = 0; i < l->words; i++) h = mix(h ^ w[i], l->mult);
    return fold(h);
  }
  for (wr_u32 i = 0; i < l->col[0].at; i++) h = mix(h ^ w[i], l->mult);
  for (wr_u32 c = 0; c < l->ncol; c++) {
    const wr_u64 *p = w + l->col[c].at;
    h = l->col[c].string ? hash_str(l->mult, h, p) : mix(h ^ *p, l->mult);
  }
  return fold(h);
}

wr_u32 wr_layout_hash(const wr_layout *l, const wr_u64 *key) { return hash_key(l, l->mode, key); }

/* Every mode without nulls hashes alike: column after column. */
wr_u32 wr_key_hash(const wr_u8 *kind, wr_i32 n, const wr_slot *v, wr_u64 *word) {
  wr_u64 seed = wr_seed(), mult = mult_of(seed), h = seed;
  for (wr_i32 i = 0; i < n; i++) {
    if (string_kind(kind[i])) {
      put_str(word, wr_slot_str(v[i]));
      h = hash_str(mult, h, word);
      word += 2;
    } else {
      *word = (wr_u64)v[i].u.i;
      h = mix(h ^ *word++, mult);
    }
  }
  return n ? fold(h) : 0;
}

INLINE void hash_rows(const wr_layout *l, enum wr_key_mode mode, const wr_staged *s, wr_i32 n) {
  for (wr_i32 r = 0; r < n; r++) s->hash[r] = hash_key(l, mode, s->key + (size_t)r * l->words);
}

static void stage_room(const wr_layout *l, wr_pool *pool, wr_staged *s, wr_i32 cap) {
  wr_staged_free(l, pool, s);
  s->cap = cap;
  s->hash = wr_pool_alloc(pool, (wr_u64)cap * sizeof *s->hash);
  s->buffer = wr_pool_alloc(pool, (wr_u64)cap * (l->words + 1) * 8);
}

void wr_staged_free(const wr_layout *l, wr_pool *pool, wr_staged *s) {
  wr_pool_free(pool, s->hash, (wr_u64)s->cap * sizeof *s->hash);
  wr_pool_free(pool, s->buffer, (wr_u64)s->cap * (l->words + 1) * 8);
  *s = (wr_staged){ 0 };
}

void wr_keys_stage(const wr_layout *l, wr_pool *pool, wr_staged *s, const wr_batch *b) {
  if (b->n > s->cap) stage_room(l, pool, s, b->n > b->cap ? b->n : b->cap);
  s->key = s->buffer;
  if (l->mode == WR_KEY_WORD && l->col[0].width == 8) {
    s->key = b->col[0].v;
  } else if (l->ncol) {
    if (l->col[0].at) stage_nulls(l, b, s->buffer);
    for (wr_u32 c = 0; c < l->ncol; c++)
      stage_col(&l->col[c], &b->col[c], s->buffer + l->col[c].at, l->words, b->n);
  }
  switch (l->mode) {
  case WR_KEY_NONE: memset(s->hash, 0, (size_t)b->n * sizeof *s->hash); break;
  case WR_KEY_WORD: hash_rows(l, WR_KEY_WORD, s, b->n); break;
  case WR_KEY_STR: hash_rows(l, WR_KEY_STR, s, b->n); break;
  case WR_KEY_WORDS: hash_rows(l, WR_KEY_WORDS, s, b->n); break;
  case WR_KEY_MIXED: hash_rows(l, WR_KEY_MIXED, s, b->n); break;
  }
}

/* ---- long strings ---- */

static int str_class(wr_u64 bytes) {
  int c = 0;
  while (c < WR_STR_CLASSES && (wr_u64)STR_CLASS_MIN << c < bytes) c++;
  return c;                               /* WR_STR_CLASSES: a memory of its own */
}

static char *str_bump(wr_table *t, wr_u64 bytes) {
  if (t->left < bytes) {
    wr_u64 size = t->block ? STR_BLOCK : 1 << 10;
    if (size < bytes + sizeof(wr_block)) size = bytes + sizeof(wr_block);
    wr_block *b = wr_pool_alloc(t->pool, size);
    *b = (wr_block){ t->block, size };
    t->block = b;
    t->str = (char *)(b + 1);
    t->left = size - sizeof *b;
  }
  char *p = t->str;
  t->str += bytes;
  t->left -= bytes;
  return p;
}

static char *str_copy(wr_table *t, wr_str s) {
  wr_u64 bytes = ((wr_u64)s.len + 7) & ~7ull;
  char *p;
  if (!t->lay->reclaim) {
    p = str_bump(t, bytes);
  } else {
    int c = str_class(bytes);
    if (c == WR_STR_CLASSES) t->apart++;
    if (c == WR_STR_CLASSES) p = wr_pool_alloc(t->pool, bytes);
    else if (!t->str_free[c]) p = str_bump(t, (wr_u64)STR_CLASS_MIN << c);
    else {
      p = t->str_free[c];
      memcpy(&t->str_free[c], p, sizeof(void *));
    }
  }
  memcpy(p, s.p, s.len);
  return p;
}

static void str_release(wr_table *t, wr_str s) {
  wr_u64 bytes = ((wr_u64)s.len + 7) & ~7ull;
  int c = str_class(bytes);
  char *p = (char *)(uintptr_t)s.p;
  if (c == WR_STR_CLASSES) {
    t->apart--;
    wr_pool_free(t->pool, p, bytes);
    return;
  }
  memcpy(p, &t->str_free[c], sizeof(void *));
  t->str_free[c] = p;
}

static void key_own(wr_table *t, wr_u64 *key) {
  for (wr_u32 c = 0; c < t->lay->ncol; c++) {
    if (!t->lay->col[c].string) continue;
    wr_u64 *w = key + t->lay->col[c].at;
    wr_str s = wr_key_str(w);
    if (s.len <= WR_STR_INLINE) continue;
    char *p = str_copy(t, s);
    memcpy(w + 1, &p, sizeof p);
  }
}

/* ---- cells ---- */

static wr_u32 power_of_two(wr_u32 n) {    /* the smallest that is not less, at most 2^30 */
  wr_u32 p = 16;
  while (p < n && p < 1u << 30) p *= 2;
  return p;
}

static wr_u32 fresh_number(wr_table *t) {
  wr_u32 no = t->next++;
  if ((no & (no - 1)) == 0) {             /* the first of its chunk */
    char *p = wr_pool_alloc(t->pool, (wr_u64)no * t->stride);
    t->chunk[31 - __builtin_clz(no)] = (uintptr_t)p - (uintptr_t)no * t->stride;
  }
  return no;
}

wr_u32 wr_table_cell(wr_table *t, const wr_u64 *key) {
  wr_u32 no = t->free;
  char *cell;
  if (no) {
    cell = wr_cell_at(t, no);
    memcpy(&t->free, cell, sizeof t->free);
  } else {
    no = fresh_number(t);
    cell = wr_cell_at(t, no);
  }
  memcpy(cell, key, t->lay->words * 8);
  if (t->lay->mode == WR_KEY_STR || t->lay->mode == WR_KEY_MIXED) key_own(t, (wr_u64 *)cell);
  wr_states_init(t->lay, cell);
  return no;
}

void wr_table_release(wr_table *t, wr_u32 no) {
  char *cell = wr_cell_at(t, no);
  for (wr_u32 c = 0; c < t->lay->ncol; c++) {
    if (!t->lay->col[c].string) continue;
    wr_str s = wr_key_str((wr_u64 *)cell + t->lay->col[c].at);
    if (s.len > WR_STR_INLINE) str_release(t, s);
  }
  memcpy(cell, &t->free, sizeof t->free);
  t->free = no;
}

/* ---- the index ---- */

/* Small tables are kept sparse: there a wrong guess of the branch costs more than the memory. */
static void index_new(wr_table *t, wr_u32 cap) {
  t->index = wr_pool_alloc(t->pool, (wr_u64)cap * sizeof *t->index);
  memset(t->index, 0, (size_t)cap * sizeof *t->index);
  t->mask = cap - 1;
  t->limit = cap <= 1 << 13 ? cap / 4 : cap / 2;
}

static void index_grow(wr_table *t) {
  wr_entry *old = t->index;
  wr_u32 cap = t->mask + 1;
  index_new(t, cap * 2);
  for (wr_u32 i = 0; i < cap; i++) {
    if (!old[i].no) continue;
    wr_u32 at = old[i].hash & t->mask;
    while (t->index[at].no) at = (at + 1) & t->mask;
    t->index[at] = old[i];
  }
  wr_pool_free(t->pool, old, (wr_u64)cap * sizeof *old);
}

void wr_table_init(wr_table *t, const wr_layout *l, wr_pool *pool, wr_u32 expected) {
  *t = (wr_table){ .lay = l, .pool = pool, .stride = l->stride };
  if (expected > 1u << 26) expected = 1u << 26;
  t->base = t->next = power_of_two(expected);
  index_new(t, power_of_two(expected < 1 << 11 ? expected * 4 : expected * 2));
}

wr_u64 wr_table_untouched(const wr_table *t) {
  if (t->next == t->base || (t->next & (t->next - 1)) == 0) return 0;
  return ((2ull << (31 - __builtin_clz(t->next))) - t->next) * t->stride;
}

void wr_table_free(wr_table *t) {
  if (!t->index) return;
  wr_pool_free(t->pool, t->index, ((wr_u64)t->mask + 1) * sizeof *t->index);
  for (wr_u64 no = t->base; no < t->next; no *= 2)
    wr_pool_free(t->pool, wr_cell_at(t, (wr_u32)no), no * t->stride);
  for (wr_block *b = t->block, *next; b; b = next) {
    next = b->next;
    wr_pool_free(t->pool, b, b->size);
  }
  t->index = 0;
}

INLINE bool same_str(const wr_u64 *a, const wr_u64 *b) {
  if (a[0] != b[0]) return false;
  if ((wr_u32)a[0] <= WR_STR_INLINE) return a[1] == b[1];
  return memcmp(wr_key_str(a).p, wr_key_str(b).p, (wr_u32)a[0]) == 0;
}

INLINE bool same_key(const wr_layout *l, enum wr_key_mode mode, const wr_u64 *a, const wr_u64 *b) {
  if (mode == WR_KEY_NONE) return true;
  if (mode == WR_KEY_WORD) return *a == *b;
  if (mode == WR_KEY_STR) return same_str(a, b);
  wr_u32 fixed = mode == WR_KEY_WORDS ? l->words : l->col[0].at;
  for (wr_u32 i = 0; i < fixed; i++)
    if (a[i] != b[i]) return false;
  if (mode == WR_KEY_WORDS) return true;
  for (wr_u32 c = 0; c < l->ncol; c++) {
    wr_u32 at = l->col[c].at;
    if (l->col[c].string ? !same_str(a + at, b + at) : a[at] != b[at]) return false;
  }
  return true;
}

INLINE wr_entry *entry_of(wr_table *t, enum wr_key_mode mode, wr_u32 hash, const wr_u64 *key) {
  for (wr_u32 at = hash & t->mask;; at = (at + 1) & t->mask) {
    wr_entry *e = &t->index[at];
    if (!e->no) return e;
    if (e->hash == hash && same_key(t->lay, mode, key, (wr_u64 *)wr_cell_at(t, e->no))) return e;
  }
}

bool wr_layout_same(const wr_layout *l, const wr_u64 *a, const wr_u64 *b) {
  return same_key(l, l->mode, a, b);
}

wr_entry *wr_table_entry(wr_table *t, wr_u32 hash, const wr_u64 *key) {
  if (t->lay->mode == WR_KEY_WORD) return entry_of(t, WR_KEY_WORD, hash, key);
  if (t->lay->mode == WR_KEY_STR) return entry_of(t, WR_KEY_STR, hash, key);
  return entry_of(t, t->lay->mode, hash, key);
}

void wr_table_put(wr_table *t, wr_entry *e, wr_u32 hash, wr_u32 no) {
  if (t->used >= t->limit) {
    index_grow(t);
    wr_u32 at = hash & t->mask;
    while (t->index[at].no) at = (at + 1) & t->mask;
    e = &t->index[at];
  }
  *e = (wr_entry){ hash, no };
  t->used++;
}

/* Linear probing without tombstones: entries behind the hole move up where they may. */
void wr_table_remove(wr_table *t, wr_u32 hash, wr_u32 no) {
  wr_u32 hole = hash & t->mask;
  while (t->index[hole].no != no) hole = (hole + 1) & t->mask;
  for (wr_u32 at = (hole + 1) & t->mask; t->index[at].no; at = (at + 1) & t->mask) {
    wr_u32 home = t->index[at].hash & t->mask;
    if (((at - home) & t->mask) < ((at - hole) & t->mask)) continue;
    t->index[hole] = t->index[at];
    hole = at;
  }
  t->index[hole] = (wr_entry){ 0, 0 };
  t->used--;
}

/* ---- a batch of rows ---- */

bool wr_table_ahead(const wr_table *t, const wr_u32 *hash, wr_i32 n, wr_u32 *no) {
  if (t->mask < PREFETCH_FROM) return false;
  for (wr_i32 i = 0; i < n; i++) wr_table_prefetch(t, hash[i]);
  for (wr_i32 i = 0; i < n; i++) no[i] = wr_table_prefetch_cell(t, hash[i]);
  return true;
}

static __attribute__((noinline)) char *insert(wr_table *t, wr_entry *e, wr_u32 hash,
                                              const wr_u64 *key) {
  wr_u32 no = wr_table_cell(t, key);
  wr_table_put(t, e, hash, no);
  return wr_cell_at(t, no);
}

INLINE char *find_one(wr_table *t, enum wr_key_mode mode, wr_u32 hash, const wr_u64 *key,
                      wr_u32 guess) {
  if (guess && same_key(t->lay, mode, key, (wr_u64 *)wr_cell_at(t, guess)))
    return wr_cell_at(t, guess);
  wr_entry *e = entry_of(t, mode, hash, key);
  return e->no ? wr_cell_at(t, e->no) : insert(t, e, hash, key);
}

INLINE void prefetch_text(const wr_table *t, const wr_u32 *guess, wr_i32 n) {
  for (wr_i32 i = 0; i < n; i++)
    if (guess[i]) __builtin_prefetch(wr_key_str((wr_u64 *)wr_cell_at(t, guess[i])).p);
}

INLINE void find_rows(wr_table *t, enum wr_key_mode mode, const wr_staged *s, const wr_u32 *row,
                      wr_i32 n, void **cell) {
  wr_u32 state = t->lay->state, guess[BLOCK_ROWS] = { 0 };
  wr_u32 words = mode == WR_KEY_WORD ? 1 : mode == WR_KEY_STR ? 2 : t->lay->words;
  while (n > 0) {
    wr_i32 m = n < BLOCK_ROWS ? n : BLOCK_ROWS;
    bool ahead = t->mask >= PREFETCH_FROM;          /* smaller ones are in the cache */
    for (wr_i32 i = 0; i < m && ahead; i++) wr_table_prefetch(t, s->hash[row[i]]);
    for (wr_i32 i = 0; i < m && ahead; i++) guess[i] = wr_table_prefetch_cell(t, s->hash[row[i]]);
    if (ahead && mode == WR_KEY_STR) prefetch_text(t, guess, m);
    for (wr_i32 i = 0; i < m; i++) {
      const wr_u64 *key = s->key + (size_t)row[i] * words;
      cell[i] = find_one(t, mode, s->hash[row[i]], key, guess[i]) + state;
    }
    row += m, cell += m, n -= m;
  }
}

void wr_table_find(wr_table *t, const wr_staged *s, const wr_u32 *row, wr_i32 n, void **cell) {
  switch (t->lay->mode) {
  case WR_KEY_NONE:
    if (n) cell[0] = find_one(t, WR_KEY_NONE, 0, s->key, 0) + t->lay->state;
    for (wr_i32 i = 1; i < n; i++) cell[i] = cell[0];
    break;
  case WR_KEY_WORD: find_rows(t, WR_KEY_WORD, s, row, n, cell); break;
  case WR_KEY_STR: find_rows(t, WR_KEY_STR, s, row, n, cell); break;
  case WR_KEY_WORDS: find_rows(t, WR_KEY_WORDS, s, row, n, cell); break;
  case WR_KEY_MIXED: find_rows(t, WR_KEY_MIXED, s, row, n, cell); break;
  }
}
