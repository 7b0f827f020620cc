/* test_agg_numbers.c -- the numbers that aggregates give, against slow models: float sums
 * against an array with one byte a bit, averages against decimal long division, moments against
 * 128-bit integers, sketches against sorted values; and what happens at declared maxima. */
#include <math.h>
#include "agg_rig.h"
#include "weir/agg/avg.h"

static rig g;

static const rig_row *row_of(const char *name, const char *suffix)
{
  for (int r = 0; r < RIG_ROWS; r++)
    if (!strcmp(rig_rows[r].name, name) && !strcmp(rig_rows[r].suffix, suffix))
      return &rig_rows[r];
  fail_msg("no row %s_%s", name, suffix);
  return 0;
}

static void open_case(const char *name, const char *suffix, const char *x, int n)
{
  g.row = row_of(name, suffix);
  g.n = n;
  for (int k = 0; k < g.row->nargs; k++)
    g.type[k] = rig_type(*g.row->arg[k] == 'X' ? x : g.row->arg[k], 0);
  g.spec.opt[0] = g.spec.opt[1] = wr_i64_slot(0, WR_NULL);
}

static void *stepped(void)
{
  void *state = rig_state(&g);
  rig_batch(&g, false);
  for (int i = 0; i < g.n; i++)
    rig_step(&g, state, i);
  return state;
}

static wr_status read_case(rig_cell *out)
{
  void *state = stepped();
  wr_status st = rig_read(&g, state, out);
  rig_drop(&g, state);
  rig_reset();
  return st;
}

static void expect_text(const char *want)
{
  void *state = stepped();
  char *text = rig_text(&g, state);
  assert_string_equal(text, want);
  free(text);
  rig_drop(&g, state);
}

/* ---- a sum of floats, one byte a bit: bit i is worth 2^(i - 1100) ---- */

enum { BITS = 2300, UNIT = 1100 };
typedef struct bits { uint8_t of[BITS]; } bits;

static void bits_add(bits *b, double v)
{
  int e;
  uint64_t m = (uint64_t)ldexp(frexp(v, &e), 53);
  for (int i = e - 53 + UNIT, carry = 0; m || carry; i++, m >>= 1) {
    assert_true(i >= 0 || !(m & 1));      /* only the zeros below a subnormal */
    if (i < 0)
      continue;
    int t = b->of[i] + (int)(m & 1) + carry;
    b->of[i] = t & 1;
    carry = t >> 1;
  }
}

/* |a - b|; 1 when a < b. */
static int bits_sub(const bits *a, const bits *b, bits *out)
{
  int top = BITS - 1, borrow = 0;
  while (top > 0 && a->of[top] == b->of[top])
    top--;
  int less = a->of[top] < b->of[top];
  const bits *x = less ? b : a, *y = less ? a : b;
  for (int i = 0; i < BITS; i++) {
    int t = x->of[i] - y->of[i] - borrow;
    out->of[i] = t & 1;
    borrow = t < 0;
  }
  return less;
}

/* Half-even at the 53rd bit from the top, or at 2^-1074. */
static double bits_round(const bits *b)
{
  int top = BITS - 1;
  while (top >= 0 && !b->of[top])
    top--;
  int low = top - 52 > UNIT - 1074 ? top - 52 : UNIT - 1074, below = 0;
  uint64_t m = 0;
  for (int i = top; i >= low; i--)
    m = m << 1 | b->of[i];
  for (int i = low - 2; i >= 0; i--)
    below |= b->of[i];
  if (b->of[low - 1] && (below || (m & 1)))
    m++;
  return ldexp((double)m, low - UNIT);
}

static double model_sum(int n)
{
  static bits plus, minus, rest;
  memset(&plus, 0, sizeof plus);
  memset(&minus, 0, sizeof minus);
  for (int i = 0; i < n; i++)
    if (g.arg[0][i].u.f < 0)
      bits_add(&minus, -g.arg[0][i].u.f);
    else
      bits_add(&plus, g.arg[0][i].u.f);
  int negative = bits_sub(&plus, &minus, &rest);
  double v = bits_round(&rest);
  return negative ? -v : v;
}

/* spread: binary orders of magnitude between the values. */
static double spread_float(int spread)
{
  int e = spread ? rig_below(spread) - spread / 2 : 0;
  double v = ldexp((double)(rig_random() >> 11), e - 53);
  return rig_below(2) ? -v : v + 0.0;
}

static void float_sums_are_exact(void **unused)
{
  (void)unused;
  static const int spreads[] = {0, 1, 20, 60, 100, 130, 200, 600, 2000, 2147};
  for (int round = 0; round < 1500; round++) {
    open_case("sum", "F", 0, 1 + rig_below(round % 10 ? 12 : 300));
    int spread = spreads[round % 10];
    for (int i = 0; i < g.n; i++) {
      bool cancel = i && rig_below(3) == 0;
      double v = cancel ? -g.arg[0][rig_below(i)].u.f : spread_float(spread);
      g.arg[0][i] = wr_f64_slot(isinf(v) || v == 0 ? 1 : v, 0);
    }
    rig_cell out;
    double want = model_sum(g.n);
    wr_status st = read_case(&out);
    assert_int_equal(st, isinf(want) ? WR_E_OVERFLOW : 0);
    if (!st && memcmp(&out.f, &(double){want + 0.0}, 8))
      fail_msg("round %d: %a, not %a", round, out.f, want);
  }
  assert_int_equal(rig_live, 0);
}

static void set_floats(const double *v, int n)
{
  g.n = n;
  for (int i = 0; i < n; i++)
    g.arg[0][i] = wr_f64_slot(v[i], 0);
}

static void float_sums_at_the_edges(void **unused)
{
  (void)unused;
  rig_cell out;
  static const double max = 0x1.fffffffffffffp1023;
  open_case("sum", "F", 0, 0);
  set_floats((const double[]){max, max, -max}, 3);            /* the way there overflows */
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == max);
  set_floats((const double[]){max, 0x1p969}, 2);              /* just below half a last place */
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == max);
  set_floats((const double[]){max, 0x1p970}, 2);              /* half of it: to even, 2^1024 */
  assert_int_equal(read_case(&out), WR_E_OVERFLOW);
  set_floats((const double[]){0x1p-1074, 0x1p-1074, -0x1p-1073}, 3);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == 0 && !signbit(out.f));
  set_floats((const double[]){-0.0, -0.0}, 2);
  assert_int_equal(read_case(&out), 0);
  assert_true(!signbit(out.f));
  set_floats((const double[]){1, 0x1p-53, 0x1p-1074}, 3);     /* sticky bit far below */
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == 1 + 0x1p-52);
  set_floats((const double[]){max, 0x1p-1074, -max}, 3);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == 0x1p-1074);
  open_case("avg", "F", 0, 0);
  set_floats((const double[]){max, max, max}, 3);             /* no double is their sum */
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == max);
}

/* Many values of one sign fill the three inline limbs: the number must move and stay exact. */
static void float_sums_carry(void **unused)
{
  (void)unused;
  open_case("sum", "F", 0, RIG_CAP);
  for (int i = 0; i < RIG_CAP; i++)
    g.arg[0][i] = wr_f64_slot(i % 2 ? -0x1.fffffffffffffp72 : i ? -0x1.fffffffffffffp72 : 1, 0);
  rig_cell out;
  double want = model_sum(g.n);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == want);
}

/* ---- integers ---- */

static void set_ints(int k, const wr_i64 *v, int n)
{
  g.n = n;
  for (int i = 0; i < n; i++)
    g.arg[k][i] = wr_i64_slot(v[i], 0);
}

static void integer_sums_overflow_when_read(void **unused)
{
  (void)unused;
  rig_cell out;
  open_case("sum", "I", 0, 0);
  set_ints(0, (const wr_i64[]){WR_I64_MAX, 1, -5}, 3);        /* semantics 5.5 */
  assert_int_equal(read_case(&out), 0);
  assert_true(out.i == WR_I64_MAX - 4);
  set_ints(0, (const wr_i64[]){WR_I64_MAX, 1}, 2);
  assert_int_equal(read_case(&out), WR_E_OVERFLOW);
  set_ints(0, (const wr_i64[]){WR_I64_MIN, -1}, 2);
  assert_int_equal(read_case(&out), WR_E_OVERFLOW);
  set_ints(0, (const wr_i64[]){WR_I64_MIN}, 1);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.i == WR_I64_MIN);
}

/* sum / n written out by long division, and rounded by strtod. */
static double model_mean(__int128 sum, int n)
{
  char text[200], *p = text;
  unsigned __int128 mag = sum < 0 ? -(unsigned __int128)sum : (unsigned __int128)sum;
  unsigned __int128 rest = mag % (unsigned)n;
  p += sprintf(p, "%s%llu.", sum < 0 ? "-" : "", (unsigned long long)(mag / (unsigned)n));
  for (int i = 0; i < 60; i++, rest = rest * 10 % (unsigned)n)
    *p++ = (char)('0' + (int)(rest * 10 / (unsigned)n));
  strcpy(p, rest ? "1" : "");
  return strtod(text, 0);
}

static void integer_means_are_correctly_rounded(void **unused)
{
  (void)unused;
  for (int round = 0; round < 3000; round++) {
    open_case("avg", "I", 0, 1 + rig_below(40));
    __int128 sum = 0;
    int keep = 1 + rig_below(63);
    for (int i = 0; i < g.n; i++) {
      wr_i64 v = (wr_i64)rig_random() >> keep;
      g.arg[0][i] = wr_i64_slot(v, 0);
      sum += v;
    }
    rig_cell out;
    assert_int_equal(read_case(&out), 0);
    double want = model_mean(sum, g.n);
    if (out.f != want)
      fail_msg("%a, not %a, of %d", out.f, want, g.n);
  }
}

/* More rows than a test can step: just above the middle between two floats, by one in 2^95. */
static void means_of_many_rows_see_the_remainder(void **unused)
{
  (void)unused;
  agg_i128 middle = (agg_i128)((1LL << 54) + 2) << 40;
  assert_true(agg_ratio(middle, 1ULL << 40) == 0x1p54);       /* half-even */
  assert_true(agg_ratio(middle + 1, 1ULL << 40) == 0x1p54 + 4);
  assert_true(agg_ratio(-middle - 1, 1ULL << 40) == -0x1p54 - 4);
}

static void decimal_means_are_half_even(void **unused)
{
  (void)unused;
  rig_cell out;
  open_case("avg", "D", 0, 0);
  wr_i64 v[32] = {0};
  v[0] = 1;                               /* 10000 / 32 = 312.5 */
  set_ints(0, v, 32);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.i == 312);
  v[0] = -3;                              /* -937.5 */
  set_ints(0, v, 32);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.i == -938);
  set_ints(0, (const wr_i64[]){WR_I64_MAX / 10000 + 1}, 1);
  assert_int_equal(read_case(&out), WR_E_OVERFLOW);
  set_ints(0, (const wr_i64[]){WR_I64_MAX, WR_I64_MAX, -WR_I64_MAX, -WR_I64_MAX, 3, 3}, 6);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.i == 10000);
}

/* ---- moments, against whole numbers scaled by a power of two ---- */

static void expect_near(double got, double want)
{
  if (!(fabs(got - want) <= 1e-15 * fabs(want)))
    fail_msg("%.17g, not %.17g", got, want);
}

static double model_variance(const wr_i64 *v, int n, double unit)
{
  __int128 s = 0, ss = 0;
  for (int i = 0; i < n; i++) {
    s += v[i];
    ss += (__int128)v[i] * v[i];
  }
  return (double)(n * ss - s * s) / ((double)n * (n - 1)) * unit * unit;
}

static void moments_lose_nothing_to_cancellation(void **unused)
{
  (void)unused;
  static const double units[] = {1, 0x1p-10, 0x1p-600, 0x1p400};
  for (int round = 0; round < 400; round++) {
    wr_i64 v[50];
    int n = 2 + rig_below(48);
    wr_i64 offset = rig_below(2) ? 1LL << 51 : 0;
    double unit = units[round % 4];
    for (int i = 0; i < n; i++)
      v[i] = offset + rig_below(1000);
    rig_cell out;
    double want = model_variance(v, n, unit);
    open_case("variance", "F", 0, n);
    for (int i = 0; i < n; i++)
      g.arg[0][i] = wr_f64_slot((double)v[i] * unit, 0);
    assert_int_equal(read_case(&out), 0);
    expect_near(out.f, want);
    g.row = row_of("stddev", "F");
    assert_int_equal(read_case(&out), 0);
    expect_near(out.f, sqrt(model_variance(v, n, 1)) * unit);
    open_case("variance", "I", 0, n);
    set_ints(0, v, n);
    assert_int_equal(read_case(&out), 0);
    expect_near(out.f, model_variance(v, n, 1));
    open_case("variance", "D", 0, n);
    g.type[0].scale = 2;
    assert_int_equal(read_case(&out), 0);
    expect_near(out.f, model_variance(v, n, 0.1) * 0.01);
  }
}

static void moments_at_the_edges(void **unused)
{
  (void)unused;
  rig_cell out;
  static const double max = 0x1.fffffffffffffp1023;
  open_case("variance", "F", 0, 0);
  set_floats((const double[]){5}, 1);
  assert_int_equal(read_case(&out), WR_NULL);
  set_floats((const double[]){5, 5, 5}, 3);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == 0);
  set_floats((const double[]){max, -max}, 2);
  assert_int_equal(read_case(&out), WR_E_OVERFLOW);
  g.row = row_of("stddev", "F");
  set_floats((const double[]){0x1p1000, -0x1p1000}, 2);       /* its square has no double */
  assert_int_equal(read_case(&out), 0);
  expect_near(out.f, M_SQRT2 * 0x1p1000);
  set_floats((const double[]){0x1p-1070, 0, 0x1p-1074, 0x1p1000, -0x1p1000, 1}, 6);
  assert_int_equal(read_case(&out), 0);
  open_case("variance", "I", 0, 0);
  set_ints(0, (const wr_i64[]){WR_I64_MIN, WR_I64_MIN, WR_I64_MAX, WR_I64_MAX}, 4);
  assert_int_equal(read_case(&out), 0);
  expect_near(out.f, 4.0 / 3 * 0x1p126);
}

static void correlation_is_exact_where_it_must_be(void **unused)
{
  (void)unused;
  for (int round = 0; round < 300; round++) {
    int n = 2 + rig_below(40);
    __int128 sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    open_case("corr", "FF", 0, n);
    for (int i = 0; i < n; i++) {
      wr_i64 x = rig_below(1000) + (1LL << 40), y = round % 3 ? rig_below(100) : 3 * x;
      g.arg[0][i] = wr_f64_slot((double)x, 0);
      g.arg[1][i] = wr_f64_slot((double)y * (round % 2 ? 1 : -0x1p-500), 0);
      sx += x, sy += y, sxx += x * (__int128)x, syy += y * (__int128)y, sxy += x * (__int128)y;
    }
    double dx = (double)(n * sxx - sx * sx), dy = (double)(n * syy - sy * sy);
    rig_cell out;
    wr_status st = read_case(&out);
    assert_int_equal(st, dx == 0 || dy == 0 ? WR_NULL : 0);
    double want = (double)(n * sxy - sx * sy) / sqrt(dx) / sqrt(dy) * (round % 2 ? 1 : -1);
    if (!st)
      assert_true(fabs(out.f - want) <= 1e-15 && fabs(out.f) <= 1);
    if (!st && round % 3 == 0)
      expect_near(out.f, round % 2 ? 1 : -1);
  }
}

/* ---- sketches: what their rows state ---- */

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void quantiles_are_within_a_percent(void **unused)
{
  (void)unused;
  static const double qs[] = {0, 0.001, 0.25, 0.5, 0.9, 0.99, 1};
  static double sorted[RIG_CAP];
  for (int round = 0; round < 40; round++) {
    open_case("quantile", "F", 0, 1 + rig_below(RIG_CAP));
    for (int i = 0; i < g.n; i++) {
      double v = exp((double)(rig_random() >> 11) * 0x1p-53 * 60 - 20);  /* 2e-9 .. 2e17 */
      v = rig_below(8) ? v : 0;
      sorted[i] = round % 2 && rig_below(2) ? 0.0 - v : v;
      g.arg[0][i] = wr_f64_slot(sorted[i], 0);
    }
    qsort(sorted, (size_t)g.n, sizeof *sorted, ascending);
    void *state = stepped();
    for (size_t k = 0; k < sizeof qs / sizeof *qs; k++) {
      rig_cell out;
      g.spec.opt[0] = wr_f64_slot(qs[k], 0);
      assert_int_equal(rig_read(&g, state, &out), 0);
      double want = sorted[(int)(qs[k] * (g.n - 1))];
      if (!(fabs(out.f - want) <= 0.01 * fabs(want)))
        fail_msg("q %g of %d: %.17g, not %.17g", qs[k], g.n, out.f, want);
    }
    rig_drop(&g, state);
  }
}

static void quantiles_beyond_the_buckets_are_clamped(void **unused)
{
  (void)unused;
  rig_cell out;
  open_case("quantile", "F", 0, 0);
  g.spec.opt[0] = wr_f64_slot(0.5, 0);
  set_floats((const double[]){1e300}, 1);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f > 1.1e18 && out.f < 0x1p60);
  set_floats((const double[]){-1e300}, 1);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f < -1.1e18 && out.f > -0x1p60);
  set_floats((const double[]){-1e-300}, 1);
  assert_int_equal(read_case(&out), 0);
  assert_true(out.f == 0 && !signbit(out.f));
}

static void distinct_estimates_are_within_their_error(void **unused)
{
  (void)unused;
  static const int sizes[] = {1, 2, 10, 100, 500, 1000, 5000, 20000, 100000, 400000};
  enum { TRIALS = 24 };
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    double squares = 0, worst = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      wr_i64 base = trial % 2 ? (wr_i64)rig_random() : trial * 1000000LL;
      open_case("approx_distinct", "X", "INT", 0);
      void *state = rig_state(&g);
      for (int done = 0; done < sizes[k]; done += g.n) {
        g.n = sizes[k] - done < RIG_CAP ? sizes[k] - done : RIG_CAP;
        for (int i = 0; i < g.n; i++)
          g.arg[0][i] = wr_i64_slot((wr_i64)((wr_u64)base + (wr_u64)(done + i)), 0);
        rig_batch(&g, false);
        for (int i = 0; i < g.n; i++)
          rig_step(&g, state, i);
      }
      rig_cell out;
      assert_int_equal(rig_read(&g, state, &out), 0);
      assert_in_range(g.row->agg->bytes(state), 1, 4096);
      double error = fabs((double)out.i - sizes[k]) / sizes[k];
      squares += error * error;
      worst = error > worst ? error : worst;
      rig_drop(&g, state);
    }
    if (sqrt(squares / TRIALS) > 0.016 * 1.4 || worst > 0.016 * 4)
      fail_msg("%d values: error %g, at worst %g", sizes[k], sqrt(squares / TRIALS), worst);
  }
}

/* Registers met more than once, in the list and in the array. */
static void distinct_estimates_do_not_see_the_order(void **unused)
{
  (void)unused;
  for (int round = 0; round < 60; round++) {
    open_case("approx_distinct", "X", "INT", 100 + 50 * round);
    void *up = rig_state(&g), *down = rig_state(&g);
    for (int i = 0; i < g.n; i++)
      g.arg[0][i] = wr_i64_slot((wr_i64)rig_random(), 0);
    rig_batch(&g, false);
    for (int i = 0; i < g.n; i++) {
      rig_step(&g, up, i);
      rig_step(&g, down, g.n - 1 - i);
    }
    rig_cell a, b;
    assert_int_equal(rig_read(&g, up, &a), 0);
    assert_int_equal(rig_read(&g, down, &b), 0);
    assert_int_equal(a.i, b.i);
    rig_drop(&g, up);
    rig_drop(&g, down);
  }
}

/* ---- declared maxima ---- */

static void sets_say_that_they_were_exceeded(void **unused)
{
  (void)unused;
  static const struct { const char *name, *suffix, *within; } rows[] = {
    {"count", "DX", "3"}, {"collect", "DX", "[1,2,3]"}, {"top_k", "X", "[1,2,3]"}};
  for (size_t r = 0; r < 3; r++) {
    open_case(rows[r].name, rows[r].suffix, "INT", 0);
    g.spec.opt[0] = wr_i64_slot(9, 0);
    g.spec.opt[1] = wr_i64_slot(3, 0);
    set_ints(0, (const wr_i64[]){1, 2, 3, 3, 2, 1}, 6);
    expect_text(rows[r].within);
    set_ints(0, (const wr_i64[]){1, 2, 3, 4, 5}, 5);
    rig_cell out;
    void *state = stepped();
    assert_int_equal(rig_read(&g, state, &out), WR_E_LIMIT);
    assert_int_equal(rig_live, 0);        /* and let go */
    for (int i = 0; i < 5; i++)
      g.row->agg->inverse(0, &g.spec, state, &g.batch, i);
    for (int i = 0; i < 3; i++)
      rig_step(&g, state, i);
    assert_int_equal(rig_read(&g, state, &out), 0);           /* afresh */
    rig_drop(&g, state);
    rig_reset();
  }
}

static void collect_keeps_the_smallest_positions(void **unused)
{
  (void)unused;
  open_case("collect", "X", "INT", 2000);
  for (int i = 0; i < g.n; i++) {
    int p = (i * 7 + 3) % 2000;           /* a permutation */
    g.arg[0][i] = wr_i64_slot(p, 0);
    g.time[i] = p;
    g.pos[i] = (wr_pos){0};
  }
  rig_batch(&g, true);
  void *state = rig_state(&g);
  for (int i = 0; i < g.n; i++)
    rig_step(&g, state, i);
  rig_cell out;
  assert_int_equal(rig_read(&g, state, &out), 0);
  assert_int_equal(out.l.n, 1000);        /* the default */
  for (int i = 0; i < 1000; i++)
    assert_int_equal(out.l.p[i].u.i, i);
  rig_drop(&g, state);
  rig_reset();
}

static void top_k_orders_by_count_then_value(void **unused)
{
  (void)unused;
  open_case("top_k", "X", "INT", 0);
  g.spec.opt[0] = wr_i64_slot(4, 0);
  set_ints(0, (const wr_i64[]){9, 9, -5, 7, -5, 8, 1, 7, 9}, 9);
  expect_text("[9,-5,7,1]");
  g.spec.opt[0] = wr_i64_slot(100, 0);
  expect_text("[9,-5,7,1,8]");
  g.spec.opt[0] = wr_i64_slot(0, 0);
  expect_text("[]");
}

/* Against the plainest model: is the value among the earlier rows? */
static void distinct_counts_equal_a_model(void **unused)
{
  (void)unused;
  for (int round = 0; round < 200; round++) {
    open_case("count", "DX", "INT", rig_below(400));
    wr_i64 want = 0;
    int values = 1 + rig_below(500);
    for (int i = 0; i < g.n; i++) {
      g.arg[0][i] = wr_i64_slot((wr_i64)rig_below(values) << (round % 40), 0);
      int k = 0;
      while (g.arg[0][k].u.i != g.arg[0][i].u.i)
        k++;
      want += k == i;
    }
    rig_cell out;
    assert_int_equal(read_case(&out), 0);
    assert_int_equal(out.i, want);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(float_sums_are_exact),
    cmocka_unit_test(float_sums_at_the_edges),
    cmocka_unit_test(float_sums_carry),
    cmocka_unit_test(integer_sums_overflow_when_read),
    cmocka_unit_test(integer_means_are_correctly_rounded),
    cmocka_unit_test(means_of_many_rows_see_the_remainder),
    cmocka_unit_test(decimal_means_are_half_even),
    cmocka_unit_test(moments_lose_nothing_to_cancellation),
    cmocka_unit_test(moments_at_the_edges),
    cmocka_unit_test(correlation_is_exact_where_it_must_be),
    cmocka_unit_test(quantiles_are_within_a_percent),
    cmocka_unit_test(quantiles_beyond_the_buckets_are_clamped),
    cmocka_unit_test(distinct_estimates_are_within_their_error),
    cmocka_unit_test(distinct_estimates_do_not_see_the_order),
    cmocka_unit_test(sets_say_that_they_were_exceeded),
    cmocka_unit_test(collect_keeps_the_smallest_positions),
    cmocka_unit_test(top_k_orders_by_count_then_value),
    cmocka_unit_test(distinct_counts_equal_a_model),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
