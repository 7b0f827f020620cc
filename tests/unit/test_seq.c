/* test_seq.c -- sequencers against a naive model.
 *
 * The model is a list of rows; what may leave is sorted by (time, position), then lane, then coming. Each
 * row's values follow from its number, so whatever leaves is checked whole; what a batch pointed at
 * is overwritten and freed as soon as it has been pushed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "fmt.h"
#include "seq.h"

enum { LANES = 3, NCOL = 6, MOST = 60000 };
enum { ID, TEXT, NAMES, FLAG, MATRIX, SCORES };

wr_pos wr_pos_now(wr_ctx *ctx, wr_pos saved)     /* no source has come or gone in between */
{
  (void)ctx;
  return saved;
}

static const wr_type str_type = { .kind = WR_STR }, int_type = { .kind = WR_INT, .nullable = 1 };
static const wr_type names_type = { .kind = WR_LIST, .nullable = 1, .elem = &str_type };
static const wr_type ints_type = { .kind = WR_LIST, .nullable = 1, .elem = &int_type };
static const wr_type matrix_type = { .kind = WR_LIST, .elem = &names_type };
static const wr_type scores_type = { .kind = WR_MAP, .elem = &int_type };
static const wr_type *const types[NCOL] = { [NAMES] = &names_type, [MATRIX] = &matrix_type, [SCORES] = &scores_type };
static const wr_u8 kinds[NCOL] = { WR_INT, WR_STR, WR_LIST, WR_BOOL, WR_LIST, WR_MAP };
static const wr_u8 nulls[NCOL] = { 0, 1, 1, 1, 0, 0 };

typedef struct row { wr_i32 id, lane; wr_ts time, wm; wr_pos pos; } row;

/* ---- the world around a sequencer ---- */

typedef struct world {
  wr_ctx ctx;                             /* first */
  wr_program program;
  wr_port port[2 * LANES];
  wr_batch *batch[2 * LANES];
  wr_lane lane[LANES];
  wr_seq def;
  wr_sequence *q;
  char *scratch;                          /* what the batch being pushed points at */
  size_t used;
  row *row;                               /* all that were pushed */
  wr_i32 n, *left, nleft, last_port, errors;
  wr_u64 heap;
} world;

enum { SCRATCH = 8 << 20 };
static world *the;

void *wr_heap_alloc(wr_ctx *ctx, wr_u64 n)
{
  (void)ctx;
  the->heap += n;
  return memset(malloc(n ? n : 1), 0xa5, n);
}
void wr_heap_free(wr_ctx *ctx, void *p, wr_u64 n)
{
  (void)ctx;
  if (!p) return;
  assert_true(the->heap >= n);
  the->heap -= n;
  free(memset(p, 0x5a, n));
}
void *wr_heap_realloc(wr_ctx *ctx, void *p, wr_u64 old, wr_u64 n)
{
  void *q = wr_heap_alloc(ctx, n);
  if (p) memcpy(q, p, old < n ? old : n);
  wr_heap_free(ctx, p, old);
  return q;
}
const wr_program *wr_program_of(wr_ctx *ctx) { return &((world *)ctx)->program; }
wr_sequence *wr_sequence_of(wr_ctx *ctx, wr_i32 seq) { return seq == 0 ? ((world *)ctx)->q : NULL; }
void wr_error(wr_ctx *ctx, int code, const char *hint, const char *fmt, ...)
{
  (void)code, (void)hint, (void)fmt;
  ((world *)ctx)->errors++;
}

static void *scratch(size_t n)
{
  void *p = the->scratch + the->used;
  the->used += (n + 15) & ~(size_t)15;
  assert_true(the->used <= SCRATCH);
  return p;
}
void *wr_alloc(wr_ctx *ctx, wr_u32 n) { (void)ctx; return scratch(n); }

/* ---- the values of a row, by its number ---- */

static bool is_null(wr_i32 id, wr_i32 col) { return nulls[col] && (id * 7 + col) % 5 == 0; }

static wr_str text_of(wr_i32 id, wr_i32 salt)
{
  wr_u32 n = (wr_u32)(id * 31 + salt * 17) % 40;
  char *p = scratch(n + 1);
  for (wr_u32 i = 0; i < n; i++) p[i] = (char)('a' + (id + salt + (wr_i32)i) % 26);
  return (wr_str){ p, n, 0 };
}

static wr_list names_of(wr_i32 id, wr_i32 salt)
{
  wr_u32 n = (wr_u32)(id + salt) % 4;
  wr_slot *s = scratch((n + 1) * sizeof *s);
  for (wr_u32 i = 0; i < n; i++) s[i] = wr_str_slot(text_of(id, salt + (wr_i32)i), 0);
  return (wr_list){ s, n, 1 };
}

static wr_list matrix_of(wr_i32 id)
{
  wr_u32 n = (wr_u32)id % 3;
  wr_slot *s = scratch((n + 1) * sizeof *s);
  for (wr_u32 i = 0; i < n; i++) s[i] = wr_list_slot(names_of(id, (wr_i32)i), i == 1 ? WR_NULL : 0);
  return (wr_list){ s, n, 1 };
}

static wr_list scores_of(wr_i32 id)
{
  wr_u32 n = (wr_u32)id % 3;
  wr_slot *s = scratch((2 * n + 1) * sizeof *s);
  for (wr_u32 i = 0; i < n; i++) {
    s[2 * i] = wr_str_slot(text_of(id, 3 + (wr_i32)i), 0);
    s[2 * i + 1] = wr_i64_slot(id + (wr_i32)i, i ? WR_NULL : 0);
  }
  return (wr_list){ s, n, 2 };
}

static void set_null(wr_batch *b, wr_i32 r, wr_i32 id)
{
  for (wr_i32 c = 0; c < b->ncol; c++) {
    if (!b->col[c].st) continue;
    b->col[c].st[r] = is_null(id, c);
    if (is_null(id, c)) wr_cell_null(kinds[c], &b->col[c], r);
  }
}

static void fill(wr_batch *b, const row *x)
{
  wr_i32 r = b->n++, id = x->id;
  b->time[r] = x->time;
  b->wm[r] = x->wm;
  b->pos[r] = x->pos;
  b->row[r] = (wr_u32)r;
  ((wr_i64 *)b->col[ID].v)[r] = id;
  if (b->ncol == 1) return;               /* the last lane has no more */
  ((wr_str *)b->col[TEXT].v)[r] = text_of(id, 0);
  ((wr_list *)b->col[NAMES].v)[r] = names_of(id, 1);
  ((wr_u8 *)b->col[FLAG].v)[r] = id & 1;
  ((wr_list *)b->col[MATRIX].v)[r] = matrix_of(id);
  ((wr_list *)b->col[SCORES].v)[r] = scores_of(id);
  set_null(b, r, id);
}

static void same_list(const wr_type *t, wr_list a, wr_list b)
{
  assert_int_equal(a.width, b.width);
  wr_slot x = wr_list_slot(a, 0), y = wr_list_slot(b, 0);     /* each as the one element of a list */
  assert_int_equal(wr_list_eq(t, (wr_list){ &x, 1, 1 }, (wr_list){ &y, 1, 1 }), 1);
}

/* Everything of a row that leaves, against what it was. */
static void check_row(const wr_batch *b, wr_i32 r, const row *x)
{
  static char room[4096];
  world *w = the;
  char *was = w->scratch;
  size_t used = w->used;

  w->scratch = room;
  w->used = 0;
  assert_int_equal(b->time[r], x->time);
  assert_int_equal(b->wm[r], x->wm);
  assert_memory_equal(&b->pos[r], &x->pos, sizeof x->pos);
  assert_int_equal(b->row[r], ~0u);
  for (wr_i32 c = 0; c < b->ncol; c++)
    if (b->col[c].st) assert_int_equal(b->col[c].st[r], is_null(x->id, c));
  if (b->ncol > 1) {
    wr_str text = ((wr_str *)b->col[TEXT].v)[r], want = text_of(x->id, 0);
    if (!is_null(x->id, TEXT)) assert_true(wr_str_eq(text, want));
    else assert_int_equal(text.len, 0);
    if (!is_null(x->id, NAMES)) same_list(&names_type, ((wr_list *)b->col[NAMES].v)[r], names_of(x->id, 1));
    else assert_int_equal(((wr_list *)b->col[NAMES].v)[r].n, 0);
    if (!is_null(x->id, FLAG)) assert_int_equal(((wr_u8 *)b->col[FLAG].v)[r], x->id & 1);
    same_list(&matrix_type, ((wr_list *)b->col[MATRIX].v)[r], matrix_of(x->id));
    same_list(&scores_type, ((wr_list *)b->col[SCORES].v)[r], scores_of(x->id));
  }
  w->scratch = was;
  w->used = used;
}

void wr_flush(wr_ctx *ctx, wr_i32 port)
{
  world *w = (world *)ctx;
  wr_batch *b = w->batch[port];
  assert_true(port >= LANES && b->n > 0);
  for (wr_i32 i = 0; i < LANES; i++)      /* one total order: no other lane has rows that wait */
    if (LANES + i != port) assert_int_equal(w->batch[LANES + i]->n, 0);
  for (wr_i32 r = 0; r < b->n; r++) {
    wr_i32 id = (wr_i32)((wr_i64 *)b->col[ID].v)[r];
    assert_in_range(id, 0, w->n - 1);
    assert_int_equal(w->row[id].lane, port - LANES);
    check_row(b, r, &w->row[id]);
    w->left[w->nleft++] = id;
  }
  b->n = 0;
}

static void world_open(world *w, wr_i32 batch)
{
  memset(w, 0, sizeof *w);
  the = w;
  w->scratch = malloc(SCRATCH);
  w->row = calloc(MOST * 8, sizeof *w->row);
  w->left = calloc(MOST * 8, sizeof *w->left);
  w->program.port = w->port;
  w->ctx.port = w->batch;
  for (wr_i32 i = 0; i < 2 * LANES; i++) {
    wr_i32 ncol = i % LANES == LANES - 1 ? 1 : NCOL;
    w->port[i] = (wr_port){ .name = "p", .ncol = ncol, .kind = kinds, .nullable = nulls };
    w->batch[i] = wr_batch_new(ncol, kinds, nulls, batch, false);
    static const char *const names[] = { "left", "middle", "right" };
    if (i < LANES) w->lane[i] = (wr_lane){ .name = names[i], .in = i, .out = LANES + i, .type = types };
  }
  w->def = (wr_seq){ .name = "s", .nlane = LANES, .lane = w->lane };
  w->q = wr_sequence_new(&w->ctx, &w->def);
  assert_non_null(w->q);
}

static void world_close(world *w)
{
  wr_sequence_free(&w->ctx, w->q);
  assert_int_equal(w->heap, 0);
  for (wr_i32 i = 0; i < 2 * LANES; i++) wr_batch_free(w->batch[i], kinds);
  free(w->scratch);
  free(w->row);
  free(w->left);
}

static void push(world *w, wr_i32 lane)
{
  wr_batch *b = w->batch[lane];
  wr_seq_push(&w->ctx, 0, lane, b);
  for (wr_i32 c = 0; c < b->ncol; c++) memset(b->col[c].v, 0xee, (size_t)b->cap * wr_kind_width(kinds[c]));
  b->n = 0;
}

static void push_all(world *w)
{
  for (wr_i32 i = 0; i < LANES; i++)
    if (w->batch[i]->n) push(w, i);
  memset(w->scratch, 0xee, w->used);
  w->used = 0;
}

static void release(world *w, wr_ts wm)
{
  while (!wr_sequence_release(&w->ctx, w->q, wm)) continue;
}

/* ---- the model ---- */

static int model_order(const void *a, const void *b)
{
  const row *x = &the->row[*(const wr_i32 *)a], *y = &the->row[*(const wr_i32 *)b];
  if (x->time != y->time) return x->time < y->time ? -1 : 1;
  if (x->pos.src != y->pos.src) return x->pos.src < y->pos.src ? -1 : 1;
  if (x->pos.off != y->pos.off) return x->pos.off < y->pos.off ? -1 : 1;
  if (x->pos.ord != y->pos.ord) return x->pos.ord < y->pos.ord ? -1 : 1;
  if (x->lane != y->lane) return x->lane < y->lane ? -1 : 1;
  return x->id < y->id ? -1 : 1;
}

static void check_all_left_in_order(world *w)
{
  wr_i32 *want = malloc(((size_t)w->n + 1) * sizeof *want);
  assert_int_equal(w->nleft, w->n);
  for (wr_i32 i = 0; i < w->n; i++) want[i] = i;
  qsort(want, (size_t)w->n, sizeof *want, model_order);
  for (wr_i32 i = 0; i < w->n; i++) assert_int_equal(w->left[i], want[i]);
  free(want);
}

static wr_u64 seed;
static wr_u32 chance(wr_u32 n)
{
  seed = seed * 6364136223846793005ull + 1442695040888963407ull;
  return (wr_u32)(seed >> 33) % n;
}

/* A row behind the watermark 10 * n: with ties, out of order by up to `spread`. */
static const row *next_row(world *w, wr_u32 spread)
{
  wr_i32 id = w->n++;
  row *x = &w->row[id];
  *x = (row){ .id = id, .lane = (wr_i32)chance(LANES), .time = 10LL * id / 40 * 40 + chance(spread), .wm = 10LL * id };
  if (x->time < x->wm) x->time = x->wm;
  x->pos = (wr_pos){ .off = (wr_i64)chance(50), .src = chance(3) << 12 | chance(4), .ord = chance(2) };
  if (id && chance(20) == 0) {            /* the very same place, perhaps in another lane */
    if (w->row[id - 1].time >= x->time) x->time = w->row[id - 1].time;
    x->pos = w->row[id - 1].pos;
  }
  return x;
}

static void save_and_load(world *w)
{
  wr_saver s = { { 0 } };
  wr_i64 rows = wr_sequence_rows(w->q);
  wr_sequence_save(&w->ctx, w->q, &s);
  wr_sequence_free(&w->ctx, w->q);
  assert_int_equal(w->heap, 0);
  w->q = wr_sequence_new(&w->ctx, &w->def);
  wr_loader l = { .p = s.buf.p, .end = s.buf.p + s.buf.n };
  assert_true(wr_sequence_load(&w->ctx, w->q, &l));
  assert_ptr_equal(l.p, l.end);
  assert_int_equal(wr_sequence_rows(w->q), rows);
  w->used = 0;
  wr_buf_free(&s.buf);
}

static void check_waiting(world *w, wr_ts wm)
{
  wr_i64 waiting = 0;
  for (wr_i32 i = 0; i < w->n; i++) waiting += w->row[i].time >= wm;
  assert_int_equal(wr_sequence_rows(w->q), waiting);
}

/* How a stream of rows is cut into batches and releases. */
typedef struct cut { wr_i32 rows, batch; wr_u32 spread, often; bool saves; } cut;

static void run_stream(world *w, cut c, wr_u64 with)
{
  seed = with;
  world_open(w, c.batch);
  for (wr_i32 i = 0; i < c.rows; i++) {
    const row *x = next_row(w, c.spread);
    wr_batch *b = w->batch[x->lane];
    fill(b, x);
    if (b->n == b->cap || w->used > SCRATCH / 2 || (i * 7919 + 13) % (wr_i32)c.often == 0) push_all(w);
    if ((i * 7919 + 13) % (wr_i32)c.often) continue;
    release(w, 10LL * w->n);
    check_waiting(w, 10LL * w->n);
    if (c.saves) save_and_load(w);
  }
  push_all(w);
  release(w, WR_TS_MAX);
  assert_int_equal(wr_sequence_rows(w->q), 0);
  check_all_left_in_order(w);
}

static void test_model(void **state)
{
  (void)state;
  static const wr_i32 batch[] = { 1, 2, 7, 64, 1000, 4096 };
  static const wr_u32 spread[] = { 1, 30, 2000, 50000 }, often[] = { 1, 13, 500, 5000 };
  world w;
  for (int b = 0; b < 6; b++)
    for (int s = 0; s < 4; s++)
      for (int o = 0; o < 4; o++) {
        wr_i32 rows = often[o] == 1 ? 800 : 6000;
        run_stream(&w, (cut){ rows, batch[b], spread[s], often[o], false }, (wr_u64)(b * 100 + s * 10 + o));
        world_close(&w);
      }
}

static void test_batches_of_1_and_4096_give_the_same(void **state)
{
  (void)state;
  world one, many;
  run_stream(&one, (cut){ 20000, 1, 3000, 997, false }, 42);
  run_stream(&many, (cut){ 20000, 4096, 3000, 4999, false }, 42);
  assert_int_equal(one.nleft, many.nleft);
  assert_memory_equal(one.left, many.left, (size_t)one.nleft * sizeof *one.left);
  world_close(&many);
  the = &one;
  world_close(&one);
}

/* ---- memory ---- */

static void add_plain(world *w, wr_i32 lane, wr_ts time)
{
  wr_i32 id = w->n++;
  w->row[id] = (row){ .id = id, .lane = lane, .time = time, .wm = WR_TS_MIN, .pos = { .off = id } };
  fill(w->batch[lane], &w->row[id]);
}

static void test_rows_one_by_one_cost_little_memory(void **state)
{
  (void)state;
  world w;
  world_open(&w, 1);
  for (wr_i32 i = 0; i < 50000; i++) {    /* two partitions far apart take turns */
    add_plain(&w, LANES - 1, i % 2 ? 1000000 + i : i);
    push_all(&w);
  }
  assert_true(wr_sequence_bytes(w.q) < 50000 * 2 * 48);
  assert_true(w.heap < 50000 * 2 * 48);
  release(&w, WR_TS_MAX);
  check_all_left_in_order(&w);
  assert_true(wr_sequence_release(&w.ctx, w.q, WR_TS_MAX));
  assert_true(w.heap < 4096);             /* what has left is not kept */
  world_close(&w);
}

static void test_a_run_that_never_ends_lets_go(void **state)
{
  (void)state;
  world w;
  world_open(&w, 1);
  wr_u64 most = 0;
  for (wr_i32 i = 0; i < 50000; i++) {    /* three rows always wait */
    add_plain(&w, 0, i);
    push_all(&w);
    release(&w, i - 2);
    if (w.heap > most) most = w.heap;
  }
  assert_true(most < 2 * 1024 * 1024);
  release(&w, WR_TS_MAX);
  check_all_left_in_order(&w);
  world_close(&w);
}

static void test_release_stops_and_goes_on(void **state)
{
  (void)state;
  world w;
  int calls = 1;
  world_open(&w, 1000);
  for (wr_i32 i = 0; i < 200000; i++) {
    add_plain(&w, LANES - 1, i);
    if (w.batch[LANES - 1]->n == 1000) push_all(&w);
  }
  push_all(&w);
  while (!wr_sequence_release(&w.ctx, w.q, 200000)) {
    calls++;
    assert_true(w.nleft < 200000);
  }
  assert_in_range(calls, 3, 5);
  check_all_left_in_order(&w);
  world_close(&w);
}

static void test_watermark_is_not_reached(void **state)
{
  (void)state;
  world w;
  world_open(&w, 7);
  add_plain(&w, 0, WR_TS_MIN + 1);
  add_plain(&w, 1, 5);
  add_plain(&w, 0, WR_TS_MAX);
  push_all(&w);
  release(&w, WR_TS_MIN + 1);
  assert_int_equal(w.nleft, 0);
  release(&w, 5);
  assert_int_equal(w.nleft, 1);           /* a row at the watermark waits */
  release(&w, 6);
  assert_int_equal(w.nleft, 2);
  release(&w, WR_TS_MAX - 1);
  assert_int_equal(w.nleft, 2);
  release(&w, WR_TS_MAX);                 /* the end of input leaves nothing behind */
  check_all_left_in_order(&w);
  world_close(&w);
}

/* ---- checkpoints ---- */

static void test_saved_in_the_middle(void **state)
{
  (void)state;
  world w, plain;
  for (wr_u64 with = 1; with < 5; with++) {
    run_stream(&plain, (cut){ 5000, 50, 8000, 400, false }, with);
    run_stream(&w, (cut){ 5000, 50, 8000, 400, true }, with);
    assert_memory_equal(w.left, plain.left, (size_t)w.nleft * sizeof *w.left);
    world_close(&w);
    the = &plain;
    world_close(&plain);
  }
}

/* A sequencer of other lanes takes nothing from it. */
static bool loads(world *w, const wr_saver *s, size_t n, const wr_seq *as)
{
  wr_sequence *q = wr_sequence_new(&w->ctx, as);
  char *exact = malloc(n ? n : 1);        /* so that a byte too many is seen */
  memcpy(exact, s->buf.p, n);
  wr_loader l = { .p = exact, .end = exact + n };
  bool ok = wr_sequence_load(&w->ctx, q, &l);
  if (!ok) assert_int_equal(wr_sequence_rows(q), 0);
  if (!ok) assert_non_null(l.why);
  wr_sequence_free(&w->ctx, q);
  free(exact);
  w->used = 0;
  return ok;
}

static void test_load_refuses(void **state)
{
  (void)state;
  world w;
  wr_saver s = { { 0 } };
  wr_lane lane[LANES];
  wr_seq other;
  world_open(&w, 20);
  for (wr_i32 i = 0; i < 40; i++) add_plain(&w, i % LANES, 1000 - i);
  push_all(&w);
  wr_sequence_save(&w.ctx, w.q, &s);
  assert_true(loads(&w, &s, s.buf.n, &w.def));
  for (size_t n = 0; n < s.buf.n; n++) assert_false(loads(&w, &s, n, &w.def));
  memcpy(lane, w.lane, sizeof lane);
  other = (wr_seq){ .nlane = LANES, .lane = lane };
  assert_true(loads(&w, &s, s.buf.n, &other));
  lane[1].name = "other";
  assert_false(loads(&w, &s, s.buf.n, &other));
  lane[1].name = "middle";
  lane[1].in = LANES - 1;                 /* fewer columns */
  assert_true(loads(&w, &s, s.buf.n, &other));        /* what nobody asks for is left out */
  lane[1].in = 1;
  const char *const named[NCOL] = { "#0", "#1", "#2", "another", "#4", "#5" };
  lane[1].column = named;                 /* what is asked for is not there */
  assert_false(loads(&w, &s, s.buf.n, &other));
  lane[1].column = NULL;
  const wr_type *swapped[NCOL] = { [NAMES] = &ints_type, [MATRIX] = &matrix_type, [SCORES] = &scores_type };
  lane[1].type = swapped;                 /* a list of something else */
  assert_false(loads(&w, &s, s.buf.n, &other));
  lane[1].type = types;
  other.nlane = 2;
  assert_false(loads(&w, &s, s.buf.n, &other));
  seed = 7;                               /* whatever the bytes, nothing is read that is not there */
  for (int i = 0; i < 3000; i++) {
    size_t at = chance((wr_u32)s.buf.n);
    char was = s.buf.p[at];
    s.buf.p[at] = (char)chance(256);
    loads(&w, &s, s.buf.n, &w.def);
    s.buf.p[at] = was;
  }
  wr_buf_free(&s.buf);
  release(&w, WR_TS_MAX);
  world_close(&w);
}

static void test_list_without_its_type(void **state)
{
  (void)state;
  world w;
  world_open(&w, 7);
  wr_lane lane = w.lane[0];
  lane.type = NULL;
  assert_null(wr_sequence_new(&w.ctx, &(wr_seq){ .nlane = 1, .lane = &lane }));
  assert_int_equal(w.errors, 1);
  lane = w.lane[LANES - 1];               /* numbers only: it needs none */
  lane.type = NULL;
  wr_seq plain = { .nlane = 1, .lane = &lane };
  wr_sequence *q = wr_sequence_new(&w.ctx, &plain);
  assert_non_null(q);
  wr_sequence_free(&w.ctx, q);
  world_close(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_model),
    cmocka_unit_test(test_batches_of_1_and_4096_give_the_same),
    cmocka_unit_test(test_rows_one_by_one_cost_little_memory),
    cmocka_unit_test(test_a_run_that_never_ends_lets_go),
    cmocka_unit_test(test_release_stops_and_goes_on),
    cmocka_unit_test(test_watermark_is_not_reached),
    cmocka_unit_test(test_saved_in_the_middle),
    cmocka_unit_test(test_load_refuses),
    cmocka_unit_test(test_list_without_its_type),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
