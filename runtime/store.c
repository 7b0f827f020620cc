/* store.c -- states: a record for every key, read as of an event's time.
 *
 * A cell of the table is [key words][last write][record]; WR_TS_MIN as last write: the cell is free. Text
 * and lists of a record are pieces of the slab. A piece that is replaced stays until the batch is
 * over (`gone`), since rows that read it are still on their way.
 */
#include "store.h"
#include "fmt.h"

/* ---- fields ---- */

wr_slot wr_field_slot(const wr_cell *f, const char *rec)
{
  wr_status st = f->st && rec[f->st] ? WR_NULL : 0;
  const void *at = rec + f->off;
  if (wr_kind_text(f->type->kind)) return wr_str_slot(*(const wr_str *)at, st);
  if (wr_kind_nested(f->type->kind)) return wr_list_slot(*(const wr_list *)at, st);
  return wr_i64_slot(*(const wr_i64 *)at, st);
}

void wr_field_put(const wr_cell *f, char *rec, wr_slot v)
{
  void *at = rec + f->off;
  if (v.st) v = wr_i64_slot(0, v.st);
  if (f->st) rec[f->st] = v.st ? WR_ST_NULL : 0;
  if (wr_kind_text(f->type->kind)) *(wr_str *)at = wr_slot_str(v);
  else if (wr_kind_nested(f->type->kind)) *(wr_list *)at = wr_slot_list(v, wr_type_width(f->type));
  else *(wr_i64 *)at = v.u.i;
}

/* A copy in the slab. */
static wr_slot held(wr_stored *s, const wr_type *t, wr_slot v)
{
  wr_u64 bytes = wr_hold_bytes(t, v);
  return wr_hold_copy(t, v, bytes ? wr_slab_alloc(&s->slab, bytes) : NULL);
}

static void retire(wr_stored *s, const wr_type *t, wr_slot v)
{
  wr_u64 bytes = wr_hold_bytes(t, v);
  if (!bytes) return;
  if (s->ngone == s->gone_cap) {
    size_t cap = s->gone_cap ? 2 * s->gone_cap : 64;
    wr_piece *gone = wr_pool_alloc(&s->pool, cap * sizeof *gone);
    if (s->ngone) memcpy(gone, s->gone, s->ngone * sizeof *gone);
    wr_pool_free(&s->pool, s->gone, s->gone_cap * sizeof *gone);
    s->gone = gone;
    s->gone_cap = cap;
  }
  s->gone[s->ngone++] = (wr_piece){ (void *)(uintptr_t)v.u.p, bytes };
}

void wr_stored_settle(wr_ctx *ctx, wr_stored *s)
{
  (void)ctx;
  for (size_t i = 0; i < s->ngone; i++) wr_slab_free(&s->slab, s->gone[i].p, s->gone[i].bytes);
  s->ngone = 0;
}

/* ---- records ---- */

/* The initial values, what they point at copied: from the blank record, or into it. */
static void record_own(wr_stored *s, char *rec)
{
  for (wr_i32 i = 0; s->holds && i < s->def->nfield; i++) {
    const wr_cell *f = &s->def->field[i];
    if (wr_kind_held(f->type->kind)) wr_field_put(f, rec, held(s, f->type, wr_field_slot(f, rec)));
  }
}

static void record_retire(wr_stored *s, const char *rec)
{
  for (wr_i32 i = 0; s->holds && i < s->def->nfield; i++) {
    const wr_cell *f = &s->def->field[i];
    if (wr_kind_held(f->type->kind)) retire(s, f->type, wr_field_slot(f, rec));
  }
}

static void record_reset(wr_stored *s, char *rec)
{
  memcpy(rec, s->blank, s->def->size);
  record_own(s, rec);
}

void wr_stored_renew(wr_ctx *ctx, wr_stored *s)
{
  record_retire(s, s->blank);
  memset(s->blank, 0, s->def->size);
  if (s->def->init) s->def->init(ctx, s->blank);
  record_own(s, s->blank);
}

/* ---- cells ---- */

static wr_ts *last_of(const wr_stored *s, char *cell) { return (wr_ts *)(cell + s->lay.head); }
static char *record_of(const wr_stored *s, char *cell) { return cell + s->lay.state; }

/* Under `order arrival` what is two spans older than the newest write is gone, whoever asks (keep.h). */
static wr_ts passed(const wr_stored *s) { return s->seen == WR_TS_MIN ? WR_TS_MIN : wr_span_before(s->seen, s->keep); }

static bool expired(const wr_stored *s, char *cell, wr_ts t)
{
  wr_ts last = *last_of(s, cell);
  if (s->keep < 0) return false;
  return wr_outlived(t, last, s->keep) || (s->def->stage < 0 && wr_outlived(passed(s), last, s->keep));
}

/* Read and write of one row meet the same key. */
static char *find(wr_stored *s, const wr_u64 *key, wr_u32 hash)
{
  if (s->hit && s->hit_hash == hash && wr_layout_same(&s->lay, key, (wr_u64 *)s->hit)) return s->hit;
  wr_entry *e = wr_table_entry(&s->table, hash, key);
  if (!e->no) return NULL;
  s->hit_hash = hash;
  return s->hit = wr_cell_at(&s->table, e->no);
}

static char *insert(wr_stored *s, const wr_u64 *key, wr_u32 hash)
{
  wr_entry *e = wr_table_entry(&s->table, hash, key);
  wr_u32 no = wr_table_cell(&s->table, key);
  wr_table_put(&s->table, e, hash, no);
  s->hit_hash = hash;
  return s->hit = wr_cell_at(&s->table, no);
}

char *wr_stored_make(wr_stored *s, const wr_u64 *key, wr_u32 hash, wr_ts t)
{
  char *cell = insert(s, key, hash);
  record_reset(s, record_of(s, cell));
  *last_of(s, cell) = t == WR_TS_MIN ? t + 1 : t;
  if (t > s->seen) s->seen = t;
  return record_of(s, cell);
}

const void *wr_store_read(wr_ctx *ctx, wr_i32 i, const wr_u64 *key, wr_u32 hash, wr_ts t)
{
  wr_stored *s = wr_stored_of(ctx, i);
  char *cell = find(s, key, hash);
  return !cell || expired(s, cell, t) ? s->blank : record_of(s, cell);
}

void *wr_store_write(wr_ctx *ctx, wr_i32 i, const wr_u64 *key, wr_u32 hash, wr_ts t)
{
  wr_stored *s = wr_stored_of(ctx, i);
  char *cell = find(s, key, hash);
  s->sweep.writes++;
  if (!cell) return wr_stored_make(s, key, hash, t);
  if (expired(s, cell, t)) {
    record_retire(s, record_of(s, cell));
    record_reset(s, record_of(s, cell));
  }
  if (t > *last_of(s, cell)) *last_of(s, cell) = t;
  if (t > s->seen) s->seen = t;
  return record_of(s, cell);
}

void wr_stored_set(wr_stored *s, void *rec, const wr_cell *f, wr_slot v)
{
  wr_slot was = wr_field_slot(f, rec);
  if (f->max && v.st == 0 && v.len > f->max) {
    wr_u32 width = wr_type_width(f->type);
    v.u.list += (size_t)(v.len - f->max) * width;
    v.len = f->max;
  }
  if (wr_slot_eq(f->type, was, v)) return;
  wr_slot now = v.st ? v : held(s, f->type, v);               /* first: v may lie in what goes */
  retire(s, f->type, was);
  wr_field_put(f, rec, now);
}

void wr_store_set(wr_ctx *ctx, wr_i32 i, void *rec, wr_i32 field, wr_slot v)
{
  wr_stored *s = wr_stored_of(ctx, i);
  wr_stored_set(s, rec, &s->def->field[field], v);
}

/* ---- memory goes back ---- */

static void cell_free(wr_stored *s, wr_u32 no)
{
  char *cell = wr_cell_at(&s->table, no);
  record_retire(s, record_of(s, cell));
  *last_of(s, cell) = WR_TS_MIN;          /* first: without a key the list of free cells lies there */
  wr_keyed_remove(&s->table, no);
}

typedef struct sweeper { wr_stored *s; wr_ts wm; } sweeper;

static void visit(void *arg, wr_u32 no)
{
  const sweeper *w = arg;
  char *cell = wr_cell_at(&w->s->table, no);
  if (*last_of(w->s, cell) != WR_TS_MIN && expired(w->s, cell, w->wm)) cell_free(w->s, no);
}

void wr_stored_expire(wr_ctx *ctx, wr_stored *s, wr_ts wm)
{
  if (s->keep >= 0 && s->def->stage < 0) wm = passed(s);
  if (s->keep < 0 || !wr_lets_go(wm)) return;
  s->hit = NULL;
  wr_sweep_cells(&s->sweep, &s->table, visit, &(sweeper){ s, wm });
  wr_stored_settle(ctx, s);
}

char *wr_stored_find(wr_stored *s, const wr_u64 *key, wr_u32 hash)
{
  char *cell = find(s, key, hash);
  return cell ? record_of(s, cell) : NULL;
}

bool wr_stored_drop(wr_stored *s, const wr_u64 *key, wr_u32 hash)
{
  wr_u32 no = wr_table_entry(&s->table, hash, key)->no;
  s->hit = NULL;
  if (no) cell_free(s, no);
  return no != 0;
}

/* ---- life and size ---- */

wr_stored *wr_stored_new(wr_ctx *ctx, const wr_store *d, const wr_slot *config)
{
  wr_stored *s = wr_heap_alloc(ctx, sizeof *s);
  memset(s, 0, sizeof *s);
  s->def = d;
  s->pool.ctx = ctx;
  s->slab.pool = &s->pool;
  s->keep = wr_span_of(config);
  s->seen = WR_TS_MIN;
  for (wr_i32 i = 0; i < d->nfield; i++) s->holds |= wr_kind_held(d->field[i].type->kind);
  s->blank = wr_pool_alloc(&s->pool, d->size);
  memset(s->blank, 0, d->size);
  if (!wr_keyed_layout(&s->lay, &s->pool, d->name, d->key, d->nkey, sizeof(wr_ts), d->size)) {
    wr_stored_free(ctx, s);
    return NULL;
  }
  wr_table_init(&s->table, &s->lay, &s->pool, 0);
  wr_stored_renew(ctx, s);
  return s;
}

void wr_stored_clear(wr_ctx *ctx, wr_stored *s)
{
  const wr_table *t = &s->table;
  for (wr_u32 no = t->base; no < t->next; no++) {
    if (*last_of(s, wr_cell_at(t, no)) != WR_TS_MIN) cell_free(s, no);
    wr_stored_settle(ctx, s);
  }
  s->hit = NULL;
}

void wr_stored_free(wr_ctx *ctx, wr_stored *s)
{
  wr_stored_clear(ctx, s);
  record_retire(s, s->blank);
  wr_stored_settle(ctx, s);
  wr_table_free(&s->table);
  wr_slab_close(&s->slab);
  wr_layout_free(&s->lay, &s->pool);
  wr_pool_free(&s->pool, s->gone, s->gone_cap * sizeof *s->gone);
  wr_pool_free(&s->pool, s->blank, s->def->size);
  wr_heap_free(ctx, s, sizeof *s);
}

wr_i64 wr_stored_keys(const wr_stored *s) { return s->table.used; }

wr_u64 wr_stored_bytes(const wr_stored *s)
{
  return sizeof *s + s->pool.bytes - wr_table_untouched(&s->table);
}

const void *wr_stored_peek(const wr_stored *s, const wr_u64 *key, wr_u32 hash, wr_ts t, wr_ts *last)
{
  wr_table table = s->table;              /* looking does not change it */
  wr_entry *e = wr_table_entry(&table, hash, key);
  char *cell = e->no ? wr_cell_at(&table, e->no) : NULL;
  if (!cell || expired(s, cell, t)) return NULL;
  if (last) *last = *last_of(s, cell);
  return record_of(s, cell);
}
