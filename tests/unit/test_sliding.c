/* test_sliding.c -- every aggregate of aggregates.def over sliding windows, against stepping over the events of
 * each row's window from scratch: in event time and as rows arrive, with sweeps and reloads in between.
 */
#include "keyed_rig.h"
#include "sliding.h"

enum { KEYS = 40, ROWS = 500, SPAN = 100, COLS = 2 };

/* ---- the aggregates ---- */
typedef struct row_of { const char *arg[2]; int nargs; const wr_agg *agg; } row_of;
static const row_of rows[] = {
#define AGG0(n, s, r, ...) { { 0 }, 0, &wr_agg_##n##_##s },
#define AGG1(n, s, r, a, ...) { { #a }, 1, &wr_agg_##n##_##s },
#define AGG2(n, s, r, a, b, ...) { { #a, #b }, 2, &wr_agg_##n##_##s },
#define AGGLATER1(...)
#define AGGLATER2(...)
#include "weir/aggregates.def"
};
enum { AGGREGATES = sizeof rows / sizeof *rows };

static const wr_type str_null = { .kind = WR_STR, .nullable = 1 };
static const wr_type types[] = {
  { .kind = WR_INT, .nullable = 1 }, { .kind = WR_STR, .nullable = 1 }, { .kind = WR_FLOAT, .nullable = 1 },
  { .kind = WR_BOOL, .nullable = 1 }, { .kind = WR_DEC, .nullable = 1, .scale = 2 }, { .kind = WR_TS_, .nullable = 1 },
  { .kind = WR_DUR, .nullable = 1 }, { .kind = WR_LIST, .nullable = 1, .elem = &str_null },
};
static const char *const tokens[] = { "INT", "STR", "FLOAT", "BOOL", "DEC", "TS", "DUR", "LIST" };
enum { TYPES = 8 };

static const wr_type *type_of(const char *token, int x)
{
  for (int i = 0; i < TYPES; i++)
    if (!strcmp(token, tokens[i])) return &types[i];
  assert_string_equal(token, "X");
  return &types[x];
}

/* ---- all events of a run, as one batch ---- */
static wr_ts times[ROWS];
static wr_pos positions[ROWS];
static int key_of[ROWS];
static wr_slot values[COLS][ROWS];
static union { wr_i64 i[ROWS]; wr_u8 b[ROWS]; wr_str s[ROWS]; wr_list l[ROWS]; } cells[COLS];
static wr_u8 status[COLS][ROWS];
static wr_col cols[COLS] = { { &cells[0], status[0] }, { &cells[1], status[1] } };
static wr_batch events = { .col = cols, .time = times, .pos = positions, .cap = ROWS };
static const wr_type *type[COLS];

static const char *const words[] = { "", "a", "b", "ab", "a longer word than a few bytes", "another one", "zz" };
static wr_slot word(void)
{
  const char *p = words[rig_below(7)];
  return rig_below(6) ? wr_str_slot((wr_str){ p, (wr_u32)strlen(p), 0 }, 0) : wr_i64_slot(0, WR_NULL);
}
static wr_slot value(const wr_type *t)
{
  static wr_slot lists[64][3];
  static bool made[64];
  if (rig_below(6) == 0) return wr_i64_slot(0, WR_NULL);
  if (t->kind == WR_STR) {
    wr_slot v = word();
    return v.st ? wr_str_slot((wr_str){ "n", 1, 0 }, 0) : v;
  }
  if (t->kind == WR_FLOAT) return wr_f64_slot((rig_below(200) - 100) / 8. + (rig_below(9) ? 0 : 1e200), 0);
  if (t->kind == WR_BOOL) return wr_i64_slot(rig_below(2), 0);
  if (t->kind != WR_LIST) return wr_i64_slot(rig_below(30) - 15 + (rig_below(9) ? 0 : WR_I64_MAX / 2), 0);
  int which = rig_below(64);
  wr_slot *l = lists[which];
  for (int i = 0; i < 3 && !made[which]; i++) l[i] = word();
  made[which] = true;
  return wr_list_slot((wr_list){ l, (wr_u32)rig_below(4), 1 }, 0);
}

static void put(int c, int row, wr_slot v)
{
  values[c][row] = v;
  status[c][row] = v.st ? WR_ST_NULL : 0;
  if (type[c]->kind == WR_STR) cells[c].s[row] = wr_slot_str(v);
  else if (type[c]->kind == WR_LIST) cells[c].l[row] = wr_slot_list(v, 1);
  else if (type[c]->kind == WR_BOOL) cells[c].b[row] = (wr_u8)v.u.i;
  else cells[c].i[row] = v.u.i;
}

/* ---- results as text ---- */
static void result_text(wr_buf *b, const wr_agg *a, const wr_aggspec *spec, wr_status st, void *cell)
{
  wr_type list = { .kind = WR_LIST, .elem = spec->type }, plain = { .kind = (wr_u8)a->result, .scale = 2 };
  const wr_type *t = a->result == WR_LIST ? &list : a->result == WR_KINDS ? spec->type : &plain;
  wr_col col = { cell, NULL };
  b->n = 0;
  if (st) {
    wr_buf_reserve(b, 32);
    b->n = (size_t)sprintf(b->p, "status %d", st);
  } else {
    wr_json_value(b, t, wr_col_slot(t, &col, 0));
  }
}

static void from_scratch(wr_buf *b, const wr_agg *a, const wr_aggspec *spec, int last, bool arrival)
{
  union { char bytes[4096]; wr_i64 align; } state;
  wr_i64 cell[2] = { 0 };
  wr_ts newest = times[0];
  assert_true(a->size <= sizeof state);
  memset(&state, 0, sizeof state);
  if (a->init) a->init(spec, &state);
  for (int i = 0; i <= last; i++) newest = times[i] > newest ? times[i] : newest;
  for (int i = 0; i <= last; i++) {
    bool in = key_of[i] == key_of[last] && times[i] > times[last] - SPAN && times[i] <= times[last];
    if (in && (i == last || !arrival || times[i] > newest - 2 * SPAN)) a->step(&run.ctx, spec, &state, &events, i);
  }
  wr_status st = a->read(&run.ctx, spec, &state, cell);
  result_text(b, a, spec, st, cell);
  if (a->drop) a->drop(&run.ctx, spec, &state);
}

/* ---- runs ---- */
static const wr_slot config[WR_KCFG_N] = { { .u.i = SPAN } };

static bool load_anew(wr_loader *l, void *arg)
{
  wr_slider *p = wr_slider_new(&run.ctx, arg, config);
  bool ok = wr_slider_load(&run.ctx, p, l);
  assert_true(ok || (wr_slider_keys(p) == 0 && wr_slider_events(p) == 0));
  wr_slider_free(&run.ctx, p);
  return ok;
}

static void reload(const wr_sliding *d, int bends)
{
  wr_saver v = { 0 };
  wr_slider_save(&run.ctx, rig_slider[0], &v);
  wr_slider *p = wr_slider_new(&run.ctx, d, config);
  wr_loader l = { v.buf.p, v.buf.p + v.buf.n, false, NULL };
  assert_true(wr_slider_load(&run.ctx, p, &l));
  assert_ptr_equal(l.p, l.end);
  assert_int_equal(wr_slider_events(p), wr_slider_events(rig_slider[0]));
  if (bends) rig_bend(&v.buf, load_anew, (void *)(uintptr_t)d, bends);
  wr_buf_free(&v.buf);
  wr_slider_free(&run.ctx, rig_slider[0]);
  rig_slider[0] = p;
}

static void compare(const wr_sliding *d, void *cell, int r, bool arrival, wr_buf *got, wr_buf *want)
{
  for (wr_i32 a = 0; a < d->nagg; a++) {
    wr_i64 out[2] = { 0 };
    wr_status st = wr_sliding_read(&run.ctx, 0, cell, a, out);
    result_text(got, d->agg[a], &d->spec[a], st, out);
    from_scratch(want, d->agg[a], &d->spec[a], r, arrival);
    if (got->n != want->n || memcmp(got->p, want->p, want->n))
      fail_msg("%s_%s, row %d%s: %.*s, not %.*s", d->agg[a]->name, d->agg[a]->suffix, r, arrival ? " (arrival)" : "",
               (int)got->n, got->p, (int)want->n, want->p);
  }
}

static wr_ts event(const rig_shape *sh, int spread, int r, wr_ts t, bool arrival, rig_key *key)
{
  key_of[r] = sh->n ? rig_pick(spread, KEYS, r) : 0;
  rig_key_make(sh, key_of[r], key);
  times[r] = arrival ? t - rig_below(4) / 3 * rig_below(3 * SPAN) : t;
  positions[r] = (wr_pos){ .off = arrival ? (wr_i64)(rig_random() >> 20) : r, .src = 1 };
  for (int c = 0; c < COLS; c++) put(c, r, value(type[c]));
  return times[r];
}

static void play(wr_sliding *d, const rig_shape *sh, int spread, bool arrival)
{
  wr_buf got = { 0 }, want = { 0 };
  wr_ts t = 1000;
  d->name = "w", d->stage = arrival ? -1 : 0, d->nkey = sh->n, d->key = sh->key;
  rig_slider[0] = wr_slider_new(&run.ctx, d, config);
  for (int r = 0; r < ROWS; r++) {
    rig_key key;
    t += rig_below(60) ? rig_below(3) * rig_below(6) : SPAN + rig_below(3) - 1;
    wr_ts at = event(sh, spread, r, t, arrival, &key);
    wr_slot arg[COLS] = { values[0][r], values[1][r] };
    void *cell = wr_sliding_add(&run.ctx, 0, key.word, key.hash, at, &positions[r], arg);
    compare(d, cell, r, arrival, &got, &want);
    if (rig_below(10) == 0) wr_slider_expire(&run.ctx, rig_slider[0], arrival ? WR_TS_MIN : t);
    if (rig_below(150) == 0) reload(d, rig_below(2) ? 4 : 0);
    const wr_slider *s = rig_slider[0];
    assert_int_equal(wr_slider_bytes(s) + wr_table_untouched(&s->table), run.heap);
    if (rig_below(20) == 0) wr_arena_reset(&run);
  }
  wr_slider_free(&run.ctx, rig_slider[0]);
  assert_int_equal(run.heap, 0);
  wr_buf_free(&got);
  wr_buf_free(&want);
}

/* The aggregates of a run: each with its own state, all over the same two columns. */
enum { MOST = 80 };
static const wr_agg *run_agg[MOST];
static wr_aggspec run_spec[MOST];
static wr_u8 kinds[COLS], nulls[COLS] = { 1, 1 };
static wr_sliding sliding = { .ncol = COLS, .kind = kinds, .nullable = nulls, .agg = run_agg, .spec = run_spec };

static void add_aggregate(int r)
{
  const row_of *row = &rows[r];
  wr_aggspec *s = &run_spec[sliding.nagg];
  bool constant = (row->agg->traits & (AGG_OPT_Q | AGG_OPT_K)) != 0;
  *s = (wr_aggspec){ .off = sliding.cell_size, .arg = { row->nargs ? 0 : -1, row->nargs > 1 && !constant ? 1 : -1 },
                     .type = row->nargs ? type[0] : NULL };
  s->opt[0] = row->agg->traits & AGG_OPT_K ? wr_i64_slot(2, 0) : wr_f64_slot(0.5, 0);
  s->opt[1] = rig_below(2) ? wr_i64_slot(1 + rig_below(8), 0) : wr_i64_slot(0, WR_NULL);
  run_agg[sliding.nagg++] = row->agg;
  sliding.cell_size += row->agg->size;
}

static void set_types(const wr_type *a, const wr_type *b)
{
  type[0] = a, type[1] = b;
  kinds[0] = a->kind, kinds[1] = b->kind;
  sliding.nagg = 0;
  sliding.cell_size = 0;
}

static void every_aggregate_alone(void **unused)
{
  (void)unused;
  rig_open();
  for (int r = 0; r < AGGREGATES; r++)
    for (int arrival = 0; arrival < 2; arrival++) {
      const char *a = rows[r].nargs ? rows[r].arg[0] : "INT", *b = rows[r].nargs > 1 ? rows[r].arg[1] : "INT";
      for (int x = 0; x < (*a == 'X' ? TYPES : 1); x++) {
        if (x == TYPES - 1 && (!strcmp(rows[r].agg->name, "count") || !strcmp(rows[r].agg->name, "top_k") ||
                               !strcmp(rows[r].agg->suffix, "DX")))
          continue;                       /* sets hold scalars */
        set_types(type_of(a, x), type_of(b, 0));
        add_aggregate(r);
        play(&sliding, &rig_shapes[(r + x) % RIG_SHAPES], (r + x) % RIG_SPREADS, arrival);
        play(&sliding, &rig_shapes[0], RIG_ONE, arrival);
      }
    }
  rig_close();
}

static void all_that_take_a_column(void **unused)
{
  (void)unused;
  rig_open();
  for (int x = 0; x < TYPES - 1; x++)
    for (int arrival = 0; arrival < 2; arrival++) {
      set_types(&types[x], &types[0]);
      for (int r = 0; r < AGGREGATES; r++)
        if (rows[r].nargs == 0 || (type_of(rows[r].arg[0], x) == &types[x] &&
                                   (rows[r].nargs == 1 || type_of(rows[r].arg[1], x) == &types[0])))
          add_aggregate(r);
      for (int shape = 0; shape < RIG_SHAPES; shape++) play(&sliding, &rig_shapes[shape], shape % RIG_SPREADS, arrival);
    }
  rig_close();
}

/* ---- edges ---- */

static wr_i64 count_at(int k, wr_ts t)
{
  rig_key key;
  wr_pos pos = { 0 };
  wr_slot arg[COLS] = { wr_i64_slot(1, 0), wr_i64_slot(1, 0) };
  wr_i64 out = -1;
  rig_key_make(&rig_shapes[0], k, &key);
  void *cell = wr_sliding_add(&run.ctx, 0, key.word, key.hash, t, &pos, arg);
  assert_int_equal(wr_sliding_read(&run.ctx, 0, cell, 0, &out), 0);
  return out;
}

static void the_start_is_open(void **unused)
{
  (void)unused;
  rig_open();
  set_types(&types[0], &types[0]);
  add_aggregate(0);
  sliding.stage = 0, sliding.nkey = 1, sliding.key = rig_key_int;
  rig_slider[0] = wr_slider_new(&run.ctx, &sliding, config);
  assert_int_equal(wr_sliding_start(&run.ctx, 0, 500), 500 - SPAN);
  assert_int_equal(count_at(1, 0), 1);
  assert_int_equal(count_at(1, 0), 2);    /* peers that came before are seen */
  assert_int_equal(count_at(1, SPAN - 1), 3);
  assert_int_equal(count_at(1, SPAN), 2); /* (0, 100] */
  assert_int_equal(count_at(2, SPAN), 1);
  wr_slider_expire(&run.ctx, rig_slider[0], 2 * SPAN - 1);
  assert_int_equal(wr_slider_keys(rig_slider[0]), 2);
  wr_slider_expire(&run.ctx, rig_slider[0], WR_TS_MAX);
  assert_int_equal(wr_slider_keys(rig_slider[0]), 2);
  wr_slider_expire(&run.ctx, rig_slider[0], 2 * SPAN);
  assert_int_equal(wr_slider_keys(rig_slider[0]), 0);
  assert_int_equal(wr_slider_events(rig_slider[0]), 0);
  wr_slider_free(&run.ctx, rig_slider[0]);
  rig_close();
}

/* What an upgrade must refuse: a column that is asked for and not there, another key, another type. */
static void refusals(void **unused)
{
  (void)unused;
  rig_open();
  set_types(&types[0], &types[0]);
  add_aggregate(0);
  sliding.stage = 0, sliding.nkey = 1, sliding.key = rig_key_int;
  rig_slider[0] = wr_slider_new(&run.ctx, &sliding, config);
  count_at(1, 0);
  wr_saver v = { 0 };
  wr_slider_save(&run.ctx, rig_slider[0], &v);
  for (int i = 0; i < 4; i++) {
    static const char *const why[] = { "without `#2`", "key", "`#1` was int?", "" };
    static const char *const names[] = { "#0", "#2" };
    const wr_slot other[WR_KCFG_N] = { { .u.i = SPAN - 1 } };
    sliding.column = i == 0 ? names : NULL;
    sliding.key = i == 1 ? rig_key_str : rig_key_int;
    kinds[1] = i == 2 ? WR_STR : WR_INT;
    wr_slider *p = wr_slider_new(&run.ctx, &sliding, other);
    wr_loader l = { v.buf.p, v.buf.p + v.buf.n, false, NULL };
    assert_int_equal(wr_slider_load(&run.ctx, p, &l), i == 3);
    if (i < 3) assert_non_null(strstr(l.why, why[i]));
    assert_int_equal(wr_slider_keys(p), i == 3);
    wr_slider_free(&run.ctx, p);
  }
  wr_buf_free(&v.buf);
  wr_slider_free(&run.ctx, rig_slider[0]);
  rig_close();
}

/* ---- work: a hot key costs a constant number of steps and merges a row ---- */
static long steps, merges;
static void step_counted(wr_ctx *ctx, const wr_aggspec *spec, void *state, const wr_batch *b, wr_i32 row)
{
  steps++;
  wr_agg_max_I.step(ctx, spec, state, b, row);
}
static void merge_counted(wr_ctx *ctx, const wr_aggspec *spec, void *into, const void *from)
{
  merges++;
  wr_agg_max_I.merge(ctx, spec, into, from);
}

static void a_hot_key_costs_little(void **unused)
{
  (void)unused;
  enum { HOT = 20000 };
  const wr_slot wide[WR_KCFG_N] = { { .u.i = 5000 } };
  wr_agg counted = wr_agg_max_I;
  counted.step = step_counted, counted.merge = merge_counted;
  rig_open();
  set_types(&types[0], &types[0]);
  for (int r = 0; !sliding.nagg; r++)
    if (rows[r].agg == &wr_agg_max_I) add_aggregate(r);
  run_agg[0] = &counted;
  sliding.stage = 0, sliding.nkey = 1, sliding.key = rig_key_int;
  rig_slider[0] = wr_slider_new(&run.ctx, &sliding, wide);
  for (int r = 0; r < HOT; r++) count_at(1, r);
  assert_int_equal(wr_slider_events(rig_slider[0]), 5000);
  assert_true(steps <= 2 * HOT && merges <= 3 * HOT);
  wr_slider_free(&run.ctx, rig_slider[0]);
  rig_close();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_start_is_open), cmocka_unit_test(every_aggregate_alone), cmocka_unit_test(all_that_take_a_column),
    cmocka_unit_test(refusals), cmocka_unit_test(a_hot_key_costs_little),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
