/* lookup.c -- external tables: records by key that rows look up, and where they come from.
 *
 * A table is loaded to the head of its input before the first row is read. Later versions are built aside,
 * a few batches at every commit boundary, and take the old one's place there: no row is under way then, so
 * nothing points into what goes. An input that never ends is followed instead: its records change the
 * table in place, at boundaries too. A reload that fails or loses more than half of the records is
 * refused: the old version stays, and an alarm says so, once for every change of the reason.
 */
#include "run.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include "store.h"

typedef struct gone_key { wr_i32 at; wr_slot key; } gone_key;  /* a record that goes, before row `at` of the batch */

struct wr_version {
  const wr_lookup *def;
  wr_input *in;
  wr_slot opt[WR_OPTIONS_MAX];
  wr_i64 refresh;                         /* microseconds, -1: never */
  wr_ts due, told;                        /* told: when a version was last put into the log of decisions */
  wr_stored *now, *next;                  /* what rows see; what is being loaded, or 0 */
  wr_u64 hash, next_hash;
  wr_slot *key;                           /* of a record at hand: values, their kinds, words */
  wr_u8 *kind;
  wr_u64 *word;
  gone_key *gone;
  size_t ngone, capgone;
  wr_i64 versions, kept, missed, dropped; /* kept: times a reload was refused */
  char alarm[640];                        /* the last one, "" after a reload that was not refused */
};

enum { TAKEN, WAITING, HEAD, BROKEN };
enum { BATCHES_A_BOUNDARY = 8, WAIT_US = 2000, TELL_US = 60000000 };

static void *room_for(void *p, size_t *cap, size_t n, size_t size)
{
  if (n < *cap) return p;
  *cap = *cap ? 2 * *cap : 16;
  p = realloc(p, *cap * size);
  if (!p) abort();
  return p;
}

/* ---- records ---- */

static wr_u64 hash_value(const wr_type *t, wr_slot v, wr_u64 seed)
{
  wr_u64 word = v.st ? ~0ull : (wr_u64)v.u.i;
  if (!v.st && wr_kind_text(t->kind)) return XXH3_64bits_withSeed(v.u.p, v.len, seed);
  if (!v.st && wr_kind_nested(t->kind)) word = wr_hash_slot(t, v, seed);
  return XXH3_64bits_withSeed(&word, sizeof word, seed + 1 + (wr_u64)(v.st != 0));
}

/* The words of v->key, as generated code makes them. */
static wr_u32 key_words(const wr_version *v)
{
  return wr_key_hash(v->kind, v->def->store->nkey, v->key, v->word);
}

static void put_row(wr_version *v, wr_stored *to, const wr_batch *b, wr_i32 row)
{
  const wr_store *d = v->def->store;
  wr_u64 hash = v->next_hash;

  for (wr_i32 i = 0; i < d->nkey; i++) {
    v->key[i] = wr_col_slot(d->key[i].type, &b->col[v->def->key[i]], row);
    hash = hash_value(d->key[i].type, v->key[i], hash);
  }
  wr_u32 at = key_words(v);
  char *rec = wr_stored_find(to, v->word, at);
  if (!rec) rec = wr_stored_make(to, v->word, at, 0);
  for (wr_i32 i = 0; i < d->nfield; i++) {
    const wr_cell *f = &d->field[i];
    wr_slot x = wr_col_slot(f->type, &b->col[v->def->field[i]], row);
    hash = hash_value(f->type, x, hash);
    if (wr_kind_held(f->type->kind)) wr_stored_set(to, rec, f, x);
    else wr_field_put(f, rec, x);
  }
  v->next_hash = hash;
}

static void drop_key(wr_version *v, wr_stored *from, wr_slot key)
{
  v->key[0] = key;
  v->next_hash = hash_value(v->def->store->key[0].type, key, ~v->next_hash);
  wr_u32 at = key_words(v);
  wr_stored_drop(from, v->word, at);
}

void wr_lookup_put(wr_ctx *ctx, wr_i32 table, wr_batch *b)
{
  wr_version *v = &wr_state_of(ctx)->version[table];
  wr_stored *to = v->next ? v->next : v->now;
  size_t gone = 0;

  for (wr_i32 r = 0; r <= b->n; r++) {
    for (; gone < v->ngone && v->gone[gone].at <= r; gone++) drop_key(v, to, v->gone[gone].key);
    if (r < b->n && !(v->def->source->ncheck && b->skip[r])) put_row(v, to, b, r);
  }
  v->ngone = 0;
  wr_stored_settle(ctx, to);              /* between batches of the program: nobody reads what was replaced */
}

static wr_version *version_of(wr_state *s, const wr_source *source)
{
  for (wr_i32 i = 0; i < s->prog->nlookup; i++)
    if (s->prog->lookup[i]->source == source) return &s->version[i];
  return NULL;
}

void wr_record_deleted(wr_ctx *ctx, const wr_source *source, wr_str key, wr_i64 off)
{
  wr_state *s = wr_state_of(ctx);
  wr_version *v = version_of(s, source);
  gone_key g = { .at = wr_input_of(s, source)->batch->n };

  if (!v || v->def->store->nkey != 1) {
    wr_record_failed(ctx, source, key, off, WR_E_NULL_VALUE, NULL);
    return;
  }
  if (wr_parse_value(ctx, v->def->store->key[0].type, key, &g.key) || g.key.st) {
    wr_record_failed(ctx, source, key, off, WR_E_TYPE, v->def->store->key[0].name);
    return;
  }
  v->gone = room_for(v->gone, &v->capgone, v->ngone, sizeof *v->gone);
  v->gone[v->ngone++] = g;
}

/* ---- what generated code asks ---- */

const void *wr_lookup_find(wr_ctx *ctx, wr_i32 table, const wr_u64 *key, wr_u32 hash)
{
  return wr_stored_find(wr_state_of(ctx)->version[table].now, key, hash);
}

void wr_lookup_missed(wr_ctx *ctx, wr_i32 table, wr_i32 dropped)
{
  wr_version *v = &wr_state_of(ctx)->version[table];
  v->missed++;
  v->dropped += dropped;
}

/* ---- versions ---- */

/* Rows see this content from now on. A table that is followed may change with every batch: of its versions
 * one a minute is told. */
static void decide(wr_state *s, wr_version *v, bool follows)
{
  wr_ts at = wr_clock_now(&s->ctx);
  if (follows && at - v->told < TELL_US) return;
  v->told = at;
  wr_decide_table(s, v->def->source->name, v->hash, wr_stored_keys(v->now));
}

static void alarm_of(wr_state *s, wr_version *v, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void alarm_of(wr_state *s, wr_version *v, const char *fmt, ...)
{
  char text[sizeof v->alarm];
  va_list ap;

  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  v->kept++;
  if (strcmp(text, v->alarm) == 0) return;
  memcpy(v->alarm, text, sizeof text);
  fprintf(s->opt.log, "weir: warning: table %s: not reloaded, %lld records stay as they were: %s\n",
          v->def->source->name, wr_stored_keys(v->now), text);
  fflush(s->opt.log);
}

static void forget_next(wr_state *s, wr_version *v)
{
  if (v->next) wr_stored_free(&s->ctx, v->next);
  v->next = NULL;
}

static void take_over(wr_state *s, wr_version *v)
{
  if (v->now) wr_stored_free(&s->ctx, v->now);
  v->now = v->next;
  v->next = NULL;
  v->hash = v->next_hash;
  v->versions++;
  v->alarm[0] = 0;
  decide(s, v, false);
}

/* The head was reached: does the new version take the old one's place? */
static void judge(wr_state *s, wr_version *v)
{
  wr_i64 was = v->now ? wr_stored_keys(v->now) : 0, is = wr_stored_keys(v->next);

  if (v->now && v->hash == v->next_hash) {
    forget_next(s, v);
    v->alarm[0] = 0;
  } else if (2 * is < was) {
    forget_next(s, v);
    alarm_of(s, v, "the new version has %lld", is);
  } else {
    take_over(s, v);
  }
}

static bool begin(wr_state *s, wr_version *v)
{
  const wr_slot for_ever[WR_KCFG_N] = { [WR_KCFG_SPAN] = { .st = WR_NULL } };
  v->next_hash = 0;
  v->ngone = 0;
  v->next = wr_stored_new(&s->ctx, v->def->store, for_ever);
  return v->next && wr_input_open(s, v->in, v->def->source, v->opt);
}

/* The head was reached, or cannot be. */
static void end(wr_state *s, wr_version *v)
{
  bool follows = !v->in->ended && !v->def->fixed && v->refresh < 0;
  if (!follows) wr_input_close(s, v->in);
  v->due = wr_clock_now(&s->ctx) + v->refresh;
}

/* ---- taking records ---- */

static bool caught_up(const wr_input *in)
{
  bool any = !in->split;
  for (wr_i32 i = 0; in->split && i < in->npart; i++) {
    const wr_part *p = &in->part[i];
    if (!p->open || p->ended) continue;
    if (!p->caught_up) return false;
    any = true;
  }
  return any;
}

static void run_records(wr_state *s, wr_version *v)
{
  wr_batch *b = v->in->batch;

  s->now_in = v->in;
  v->in->rows += b->n;
  if (b->n) s->prog->port[v->def->source->port].run(&s->ctx, b);
  else wr_lookup_put(&s->ctx, (wr_i32)(v - s->version), b);
  s->ctx.cut = -1;
  s->now_in = NULL;
}

static int take(wr_state *s, wr_version *v)
{
  wr_input *in = v->in;

  wr_arena_reset(s);
  s->ctx.cut = -1;
  s->ctx.now = wr_clock_now(&s->ctx);
  in->batch->n = 0;
  in->fail_at = -1;
  enum wr_poll got = in->def->conn->poll(&s->ctx, in->conn, in->batch);
  if (got == WR_POLL_ROWS && in->fail_at < 0) run_records(s, v);
  if (s->exit_code) return BROKEN;
  if (got == WR_POLL_END) in->ended = true;
  if (got == WR_POLL_ROWS && !(v->next && in->split && caught_up(in))) return TAKEN;
  return got == WR_POLL_END || caught_up(in) ? HEAD : WAITING;
}

/* ---- start ---- */

static void make_room(wr_version *v)
{
  const wr_store *d = v->def->store;
  size_t n = (size_t)d->nkey;
  v->key = wr_mem_alloc((n + 1) * sizeof *v->key);
  v->word = wr_mem_alloc((2 * n + 1) * sizeof *v->word);
  v->kind = wr_mem_alloc(n + 1);
  for (size_t i = 0; i < n; i++) v->kind[i] = d->key[i].type->kind;
}

static void give_room(wr_version *v)
{
  size_t n = v->def ? (size_t)v->def->store->nkey : 0;
  if (v->key) wr_mem_free(v->key, (n + 1) * sizeof *v->key);
  if (v->word) wr_mem_free(v->word, (2 * n + 1) * sizeof *v->word);
  if (v->kind) wr_mem_free(v->kind, n + 1);
}

bool wr_lookups_open(wr_state *s)
{
  s->version = calloc((size_t)s->prog->nlookup + 1, sizeof *s->version);
  for (wr_i32 i = 0; i < s->prog->nlookup; i++) {
    wr_version *v = &s->version[i];
    v->def = s->prog->lookup[i];
    v->in = &s->in[s->prog->nsource + i];
    if (!wr_input_options(s, v->def->source, v->opt)) return false;
    wr_slot refresh = wr_input_times(v->def->source, v->opt)[WR_CFG_REFRESH];
    v->refresh = refresh.st ? -1 : refresh.u.i;
    make_room(v);
    if (!begin(s, v)) return false;
  }
  return true;
}

static bool load(wr_state *s, wr_version *v)
{
  for (int got; (got = take(s, v)) != HEAD;) {
    wr_feeds_flush(s);
    if (got == BROKEN || wr_stopping()) return false;
    if (got == WAITING) s->opt.clock->sleep(s->opt.clock->self, WAIT_US);
  }
  wr_feeds_flush(s);
  judge(s, v);
  end(s, v);
  return !s->exit_code;
}

bool wr_lookups_load(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nlookup; i++)
    if (!load(s, &s->version[i])) return false;
  return true;
}

/* ---- between batches ---- */

/* What went wrong with a reload does not end the run; memory that is exhausted does. */
static void excuse(wr_state *s, wr_version *v)
{
  if (s->exit_code == WR_EXIT_SOFTWARE) return;
  alarm_of(s, v, "%s", s->error);
  s->exit_code = 0;
  s->error[0] = s->hint[0] = 0;
}

static void reload(wr_state *s, wr_version *v)
{
  int got = v->in->conn || begin(s, v) ? TAKEN : BROKEN;
  for (int i = 0; i < BATCHES_A_BOUNDARY && got == TAKEN; i++) {
    got = take(s, v);
    if (got == BROKEN) break;
    wr_feeds_flush(s);
    if (s->exit_code) return;             /* a sink of bad rows */
  }
  if (got == HEAD) {
    judge(s, v);
  } else if (got == BROKEN) {
    excuse(s, v);
    wr_feeds_flush(s);                    /* before the input goes that they point into */
    forget_next(s, v);
  }
  if (got == HEAD || got == BROKEN) end(s, v);
}

static void follow(wr_state *s, wr_version *v)
{
  v->next_hash = v->hash;
  for (int i = 0, got = TAKEN; i < BATCHES_A_BOUNDARY && got == TAKEN; i++) {
    got = take(s, v);
    wr_feeds_flush(s);
  }
  if (v->in->ended) wr_input_close(s, v->in);
  if (v->hash == v->next_hash) return;
  v->hash = v->next_hash;
  decide(s, v, true);
}

void wr_lookups_boundary(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nlookup && !s->exit_code; i++) {
    wr_version *v = &s->version[i];
    bool due = v->refresh >= 0 && !v->def->fixed && wr_clock_now(&s->ctx) >= v->due;
    if (v->next || (!v->in->conn && due)) reload(s, v);
    else if (v->in->conn) follow(s, v);
  }
}

/* ---- the end ---- */

wr_lookup_counts wr_lookup_counts_of(const wr_state *s, wr_i32 table)
{
  const wr_version *v = &s->version[table];
  wr_lookup_counts c = { .versions = v->versions, .kept = v->kept, .missed = v->missed, .dropped = v->dropped };
  if (v->now) c.rows = wr_stored_keys(v->now), c.bytes = wr_stored_bytes(v->now);
  return c;
}

void wr_lookups_close(wr_state *s)
{
  for (wr_i32 i = 0; s->version && i < s->prog->nlookup; i++) {
    wr_version *v = &s->version[i];
    forget_next(s, v);
    if (v->now) wr_stored_free(&s->ctx, v->now);
    free(v->gone);
    give_room(v);
  }
  free(s->version);
}
