/* test_limit.c -- limits against a list of all rows that ever passed; in event time and as rows arrive. */
#include "keyed_rig.h"

enum { KEYS = 200, ROWS = 20000, EVERY = 100 };
typedef struct past { wr_ts t; int key; } past;
static past passed[ROWS];
static int npassed;
static wr_ts newest;

/* As defined: fewer than n rows of the key passed closer than `every`; as rows arrive, what is two spans
 * older than the newest row of all does not count any more. */
static bool model(int key, wr_ts t, wr_i64 n, bool arrival)
{
  wr_i64 near = 0;
  if (t > newest) newest = t;
  for (int i = 0; i < npassed; i++) {
    wr_i64 apart = passed[i].t > t ? passed[i].t - t : t - passed[i].t;
    near += passed[i].key == key && apart < EVERY && (!arrival || passed[i].t > newest - 2 * EVERY);
  }
  if (near >= n) return false;
  passed[npassed++] = (past){ t, key };
  return true;
}

static bool load_anew(wr_loader *l, void *arg)
{
  const wr_slot c[WR_KCFG_N] = { { .u.i = EVERY } };
  wr_limiter *p = wr_limiter_new(&run.ctx, arg, c);
  bool ok = wr_limiter_load(&run.ctx, p, l);
  assert_true(ok || wr_limiter_keys(p) == 0);
  wr_limiter_free(&run.ctx, p);
  return ok;
}

/* Goes on with a copy that was saved and loaded. */
static void reload(const wr_limit *d)
{
  const wr_slot c[WR_KCFG_N] = { { .u.i = EVERY } };
  wr_saver v = { 0 };
  wr_limiter_save(&run.ctx, rig_limiter[0], &v);
  wr_limiter *p = wr_limiter_new(&run.ctx, d, c);
  wr_loader l = { v.buf.p, v.buf.p + v.buf.n, false, NULL };
  assert_true(wr_limiter_load(&run.ctx, p, &l));
  assert_int_equal(wr_limiter_keys(p), wr_limiter_keys(rig_limiter[0]));
  rig_bend(&v.buf, load_anew, (void *)(uintptr_t)d, 20);
  wr_buf_free(&v.buf);
  wr_limiter_free(&run.ctx, rig_limiter[0]);
  rig_limiter[0] = p;
}

static void play(const rig_shape *sh, int spread, bool arrival)
{
  const wr_slot c[WR_KCFG_N] = { { .u.i = EVERY } };
  wr_limit d = { .name = "r", .stage = arrival ? -1 : 0, .nkey = sh->n, .key = sh->key };
  wr_ts t = 1000;
  npassed = 0;
  newest = t;
  rig_limiter[0] = wr_limiter_new(&run.ctx, &d, c);
  for (int r = 0; r < ROWS / 5; r++) {
    int k = sh->n ? rig_pick(spread, KEYS, r) : 0;
    wr_i64 n = rig_below(50) ? 1 + r / 500 % 9 : 0;           /* a parameter that moves */
    rig_key key;
    rig_key_make(sh, k, &key);
    t += rig_below(3) ? rig_below(12) : 0;
    wr_ts at = arrival ? t - rig_below(4) / 3 * rig_below(3 * EVERY) : t;
    assert_int_equal(wr_limit_pass(&run.ctx, 0, key.word, key.hash, at, n), model(k, at, n, arrival));
    if (rig_below(10) == 0) wr_limiter_expire(&run.ctx, rig_limiter[0], arrival ? WR_TS_MIN : t);
    if (rig_below(2000) == 0) reload(&d);
  }
  wr_limiter_free(&run.ctx, rig_limiter[0]);
  assert_int_equal(run.heap, 0);
}

static void limits_are_the_model(void **unused)
{
  (void)unused;
  rig_open();
  for (int shape = 0; shape < RIG_SHAPES; shape++)
    for (int spread = 0; spread < RIG_SPREADS; spread++)
      for (int arrival = 0; arrival < 2; arrival++) play(&rig_shapes[shape], spread, arrival);
  rig_close();
}

static int pass(wr_ts t, wr_i64 n)
{
  rig_key key;
  rig_key_make(&rig_shapes[1], 3, &key);
  return wr_limit_pass(&run.ctx, 0, key.word, key.hash, t, n);
}

static void the_edge_is_open(void **unused)
{
  (void)unused;
  const wr_slot c[WR_KCFG_N] = { { .u.i = EVERY } };
  wr_limit d = { .name = "r", .stage = 0, .nkey = 1, .key = rig_key_str };
  rig_open();
  rig_limiter[0] = wr_limiter_new(&run.ctx, &d, c);
  assert_int_equal(pass(0, 1), 1);
  assert_int_equal(pass(EVERY - 1, 1), 0);
  assert_int_equal(pass(EVERY, 1), 1);    /* a row that was held back does not count */
  assert_int_equal(pass(EVERY, 2), 1);
  assert_int_equal(pass(EVERY, 2), 0);
  wr_limiter_expire(&run.ctx, rig_limiter[0], 2 * EVERY - 1);
  assert_int_equal(wr_limiter_keys(rig_limiter[0]), 1);
  wr_limiter_expire(&run.ctx, rig_limiter[0], WR_TS_MAX);
  assert_int_equal(wr_limiter_keys(rig_limiter[0]), 1);
  wr_limiter_expire(&run.ctx, rig_limiter[0], 2 * EVERY);
  assert_int_equal(wr_limiter_keys(rig_limiter[0]), 0);
  wr_limiter_free(&run.ctx, rig_limiter[0]);
  rig_close();
}

static void for_ever(void **unused)
{
  (void)unused;
  const wr_slot c[WR_KCFG_N] = { { .st = WR_NULL } };
  wr_limit d = { .name = "r", .stage = 0, .nkey = 1, .key = rig_key_str };
  rig_open();
  rig_limiter[0] = wr_limiter_new(&run.ctx, &d, c);
  for (int i = 0; i < 100; i++) assert_int_equal(pass((wr_ts)i * 1000000000, 40), i < 40);
  assert_int_equal(pass(WR_TS_MAX - 1, 40), 0);
  wr_limiter_free(&run.ctx, rig_limiter[0]);
  rig_close();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_edge_is_open), cmocka_unit_test(for_ever), cmocka_unit_test(limits_are_the_model),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
