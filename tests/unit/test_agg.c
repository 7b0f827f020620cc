/* test_agg.c -- every row of aggregates.def: its example, and the laws that its traits promise.
 * No aggregate is named in the laws; a new row is tested by being there. */
#include "agg_rig.h"
#include "save.h"

static rig g;                             /* of the current test */

/* ---- examples ---- */

static void examples_give_their_value(void **unused)
{
  (void)unused;
  for (int r = 0; r < RIG_ROWS; r++) {
    g.row = &rig_rows[r];
    rig_example(&g);
    void *state = rig_state(&g);
    for (int i = 0; i < g.n; i++)
      rig_step(&g, state, i);
    char *text = rig_text(&g, state);
    if (strcmp(text, g.row->value))
      fail_msg("%s_%s of %s: %s, not %s", g.row->name, g.row->suffix, g.row->example, text,
               g.row->value);
    free(text);
    rig_drop(&g, state);
  }
  assert_int_equal(rig_live, 0);
}

static void vtables_agree_with_their_rows(void **unused)
{
  (void)unused;
  for (int r = 0; r < RIG_ROWS; r++) {
    const rig_row *row = &rig_rows[r];
    assert_string_equal(row->agg->name, row->name);
    assert_string_equal(row->agg->suffix, row->suffix);
    assert_int_equal(row->agg->traits, row->traits);
    assert_true(row->agg->size > 0 && row->agg->size % 8 == 0);
    assert_true(row->agg->step && row->agg->read);
    assert_int_equal(row->agg->merge != 0, (row->traits & AGG_MERGEABLE) != 0);
    assert_int_equal(row->agg->inverse != 0, (row->traits & AGG_INVERTIBLE) == AGG_INVERTIBLE);
    assert_int_equal(row->agg->drop != 0, row->agg->bytes != 0);
    assert_int_equal(row->agg->drop != 0, row->agg->save != 0);
    assert_int_equal(row->agg->drop != 0, row->agg->load != 0);
  }
}

/* ---- random cases ---- */

static const char *const words[] = {"", "a", "b", "ab", "abc", "a longer word than a few bytes",
                                    "another one", "b", "zz", "\xc3\xa4"};

static double random_float(void)
{
  uint64_t bits = rig_random();
  double v;
  switch (rig_below(4)) {
  case 0:
    return rig_below(9) - 4;
  case 1:
    return (double)(rig_below(2000001) - 1000000) / 128;
  case 2:
    return (rig_below(2) ? 1 : -1) * (double)(bits >> 11) * 0x1p-53;
  }
  if ((bits >> 52 & 2047) == 2047)
    bits ^= 1ULL << 62;
  memcpy(&v, &bits, sizeof v);
  return v == 0 ? 0 : v;
}

static wr_slot random_value(const wr_type *t)
{
  int w = rig_below((int)(sizeof words / sizeof *words));
  if (rig_below(6) == 0)
    return wr_i64_slot(0, WR_NULL);
  if (t->kind == WR_STR || t->kind == WR_BYTES || t->kind == WR_JSON)
    return wr_str_slot((wr_str){words[w], (wr_u32)strlen(words[w]), 0}, 0);
  if (t->kind == WR_FLOAT)
    return wr_f64_slot(random_float(), 0);
  if (t->kind == WR_BOOL || t->kind == WR_ENUM)
    return wr_i64_slot(rig_below(2), 0);
  if (t->kind == WR_INT && rig_below(3) == 0)
    return wr_i64_slot((wr_i64)rig_random(), 0);
  return wr_i64_slot((rig_below(41) - 20) * 1000000LL, 0);    /* whole seconds: printed as such */
}

static const char *const any_kind[] = {"INT", "STR", "FLOAT", "BOOL", "DEC", "TS", "DUR", "ENUM",
                                       "BYTES", "JSON"};
enum { ANY_KINDS = sizeof any_kind / sizeof *any_kind };

static void shuffle(int *order, int n)
{
  for (int i = 0; i < n; i++)
    order[i] = i;
  for (int i = n; i > 1; i--) {
    int k = rig_below(i), t = order[k];
    order[k] = order[i - 1];
    order[i - 1] = t;
  }
}

/* Values, and positions in no order; several rows share a time, a source or an offset. */
static void random_case(const rig_row *row, const char *x, int n)
{
  g.row = row;
  g.n = n;
  int order[RIG_CAP];
  shuffle(order, n);
  for (int k = 0; k < row->nargs; k++) {
    g.type[k] = rig_type(*row->arg[k] == 'X' ? x : row->arg[k], 2);
    if (g.type[k].kind == WR_ENUM)
      g.type[k].n = 2;
    for (int i = 0; i < n; i++)
      g.arg[k][i] = random_value(&g.type[k]);
  }
  for (int i = 0; i < n; i++) {
    int p = order[i];
    g.time[i] = p / 8 - 3;
    g.pos[i] = (wr_pos){.off = p / 2 % 2 - 1, .src = (wr_u32)(p / 4 % 2), .ord = (wr_u32)(p % 2)};
  }
  wr_slot q = wr_f64_slot(rig_below(101) / 100., 0);
  g.spec.opt[0] = row->traits & AGG_OPT_K ? wr_i64_slot(3, 0) : q;
  g.spec.opt[1] = wr_i64_slot(rig_below(2) ? 5 + rig_below(40) : 0, rig_below(2) ? 0 : WR_NULL);
  rig_batch(&g, true);
}

static char *text_of_all(void)
{
  void *state = rig_state(&g);
  for (int i = 0; i < g.n; i++)
    rig_step(&g, state, i);
  if (g.row->agg->bytes)
    assert_int_equal(g.row->agg->bytes(state), rig_live);
  char *text = rig_text(&g, state);
  rig_drop(&g, state);
  assert_int_equal(rig_live, 0);
  return text;
}

/* Compares, frees and drops. */
static void expect(const char *law, const char *want, void *state)
{
  char *text = rig_text(&g, state);
  if (strcmp(text, want))
    fail_msg("%s_%s over kind %d, %d rows: %s: %s, not %s", g.row->name, g.row->suffix,
             g.type[0].kind, g.n, law, text, want);
  free(text);
  rig_drop(&g, state);
}

/* ---- the laws ---- */

static void law_order(const char *want)
{
  int order[RIG_CAP];
  void *state = rig_state(&g);
  shuffle(order, g.n);
  for (int i = 0; i < g.n; i++)
    rig_step(&g, state, order[i]);
  expect("another order of rows", want, state);
}

static void law_merge(const char *want)
{
  enum { PARTS = 4 };
  void *part[PARTS];
  int order[RIG_CAP];
  if (!g.row->agg->merge)
    return;
  for (int k = 0; k < PARTS; k++)
    part[k] = rig_state(&g);
  shuffle(order, g.n);
  for (int i = 0; i < g.n; i++)
    rig_step(&g, part[rig_below(PARTS)], order[i]);
  void *whole = rig_state(&g);
  shuffle(order, PARTS);
  for (int k = 0; k < PARTS; k++) {       /* dropped before the read: nothing may be shared */
    g.row->agg->merge(0, &g.spec, whole, part[order[k]]);
    rig_drop(&g, part[order[k]]);
  }
  if (g.row->agg->bytes)
    assert_int_equal(g.row->agg->bytes(whole), rig_live);
  expect("merged parts", want, whole);
}

wr_pos wr_load_pos(wr_ctx *ctx, wr_loader *l)
{
  wr_pos p = {0};
  const char *at = wr_load_bytes(l, sizeof p);
  (void)ctx;
  if (at)
    memcpy(&p, at, sizeof p);
  return p;
}

static void save(const void *state, wr_saver *to)
{
  if (g.row->agg->save)
    g.row->agg->save(&g.spec, state, to);
  else
    wr_save_bytes(to, state, g.row->agg->size);
}

/* The state that n bytes make, from memory that ends with them. */
static void *load(const wr_saver *to, size_t n, bool *bad)
{
  void *state = rig_state(&g);
  char *bytes = malloc(n + 1);
  memcpy(bytes, to->buf.p, n);
  wr_loader from = {.p = bytes, .end = bytes + n};
  if (g.row->agg->load)
    g.row->agg->load(0, &g.spec, state, &from);
  else if (wr_load_bytes(&from, g.row->agg->size))
    memcpy(state, bytes, g.row->agg->size);
  *bad = from.bad || from.p != from.end;
  free(bytes);
  return state;
}

/* Saved and loaded in the middle of its rows; fewer bytes, or other ones, leave what can be dropped. */
static void law_save(const char *want)
{
  wr_saver to = {{0}};
  int half = g.n ? rig_below(g.n) : 0;
  bool bad;
  void *state = rig_state(&g);
  for (int i = 0; i < half; i++)
    rig_step(&g, state, i);
  save(state, &to);
  rig_drop(&g, state);
  for (int k = 0; k < 4 && to.buf.n; k++) {
    rig_drop(&g, load(&to, (size_t)rig_below((int)to.buf.n), &bad));
    assert_true(bad);
  }
  state = load(&to, to.buf.n, &bad);
  if (bad)
    fail_msg("%s_%s over kind %d, %d rows: what was saved cannot be loaded", g.row->name, g.row->suffix,
             g.type[0].kind, half);
  for (int i = half; i < g.n; i++)
    rig_step(&g, state, i);
  if (g.row->agg->bytes)
    assert_int_equal(g.row->agg->bytes(state), rig_live);
  expect("saved and loaded", want, state);
  for (int k = 0; k < 4 && to.buf.n && g.row->agg->load; k++) {
    to.buf.p[rig_below((int)to.buf.n)] ^= (char)(1 << rig_below(8));
    state = load(&to, to.buf.n, &bad);
    if (!bad)
      free(rig_text(&g, state));
    rig_drop(&g, state);
  }
  wr_buf_free(&to.buf);
}

/* A set that was full stays so (distinct.h): inverses are asked of what stays within its
 * maximum. */
static void law_inverse(void)
{
  int order[RIG_CAP], keep = g.n ? rig_below(g.n) : 0, all = g.n;
  if (!g.row->agg->inverse)
    return;
  g.spec.opt[1] = wr_i64_slot(0, WR_NULL);
  shuffle(order, all);
  void *kept = rig_state(&g), *state = rig_state(&g);
  for (int i = 0; i < all; i++)
    rig_step(&g, state, order[i]);
  for (int i = 0; i < keep; i++)
    rig_step(&g, kept, order[i]);
  for (int i = all; i-- > keep;)
    g.row->agg->inverse(0, &g.spec, state, &g.batch, order[i]);
  char *want = rig_text(&g, kept);
  char *now = rig_text(&g, state);
  if (strcmp(want, now))
    fail_msg("%s_%s: taken back: %s, not %s", g.row->name, g.row->suffix, now, want);
  for (int i = 0; i < keep; i++)
    g.row->agg->inverse(0, &g.spec, state, &g.batch, order[i]);
  rig_drop(&g, kept);
  void *fresh = rig_state(&g);
  char *empty = rig_text(&g, fresh);
  expect("all taken back", empty, state);
  rig_drop(&g, fresh);
  free(empty);
  free(want);
  free(now);
}

/* Three cells behind an offset, some rows left out (as late ones are): as stepping one by one. */
static void law_batch(void)
{
  enum { CELLS = 3 };
  char *cell[CELLS];
  void *at[RIG_CAP], *state[CELLS];
  wr_u32 row[RIG_CAP];
  wr_cells cells = {.cell = at, .row = row};
  g.spec.off = 8 * (1 + (wr_u32)rig_below(3));
  for (int k = 0; k < CELLS; k++) {
    cell[k] = test_calloc(1, g.spec.off + g.row->agg->size);
    memset(cell[k], 0x77, g.spec.off);
    state[k] = rig_state(&g);
  }
  for (int i = 0; i < g.n; i++) {
    int k = rig_below(CELLS + 1);
    if (k == CELLS)
      continue;
    at[cells.n] = cell[k];
    row[cells.n++] = (wr_u32)i;
    rig_step(&g, state[k], i);
  }
  g.row->batch(0, &g.spec, &cells, &g.batch);
  for (int k = 0; k < CELLS; k++) {
    for (wr_u32 i = 0; i < g.spec.off; i++)
      assert_int_equal(cell[k][i], 0x77);
    char *want = rig_text(&g, cell[k] + g.spec.off);
    expect("the batch stepper", want, state[k]);
    free(want);
    if (g.row->agg->drop)
      g.row->agg->drop(0, &g.spec, cell[k] + g.spec.off);
    test_free(cell[k]);
  }
}

/* What a row's traits say of null, zero and errors. */
static void law_traits(const char *text)
{
  bool any = g.row->nargs == 0 && g.n > 0;
  for (int i = 0; i < g.n && g.row->nargs; i++)
    any |= !g.arg[0][i].st && (g.row->nargs < 2 || rig_constant(&rig_rows[g.row - rig_rows]) ||
                               !g.arg[1][i].st);
  bool null = !strcmp(text, "null");
  if (g.row->traits & AGG_ZERO)
    assert_false(null);
  else if (!any)
    assert_true(null);
  else if (!(g.row->traits & AGG_NULLS))
    assert_false(null);
  if (!(g.row->traits & AGG_FAILS))
    assert_true(strncmp(text, "error", 5) != 0);
}

static void laws_hold(void **unused)
{
  (void)unused;
  for (int r = 0; r < RIG_ROWS; r++)
    for (int round = 0; round < 60; round++) {
      bool any = rig_rows[r].nargs && *rig_rows[r].arg[0] == 'X';
      int n = round < 4 ? round : rig_below(round % 8 ? 80 : 700);
      random_case(&rig_rows[r], any_kind[any ? round % ANY_KINDS : 0], n);
      char *want = text_of_all();
      law_traits(want);
      law_order(want);
      law_merge(want);
      law_save(want);
      law_batch();
      law_inverse();
      free(want);
      assert_int_equal(rig_live, 0);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(examples_give_their_value),
    cmocka_unit_test(vtables_agree_with_their_rows),
    cmocka_unit_test(laws_hold),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
