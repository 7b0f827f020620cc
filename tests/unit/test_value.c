/* test_value.c -- comparing, hashing and casting values; arithmetic of decimals against 128-bit
 * arithmetic written out plainly. */
#include "value_rig.h"
#include <math.h>

static uint64_t rng = 1234567;
static uint64_t rnd(void)
{
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return rng;
}

/* Numbers of all sizes, the ends more often than chance would. */
static wr_i64 any_int(void)
{
  static const wr_i64 ends[] = { 0, 1, -1, 5, -5, WR_I64_MAX, WR_I64_MIN, WR_I64_MAX - 1, 50, 100,
      1000000007 };
  if (rnd() % 4 == 0) return ends[rnd() % (sizeof ends / sizeof *ends)];
  return (wr_i64)(rnd() >> rnd() % 64) * (rnd() & 1 ? 1 : -1);
}

static const wr_type t_bool = { .kind = WR_BOOL }, t_int = { .kind = WR_INT },
    t_float = { .kind = WR_FLOAT },
  t_dec2 = { .kind = WR_DEC, .scale = 2 }, t_str = { .kind = WR_STR }, t_ts = { .kind = WR_TS_ },
      t_dur = { .kind = WR_DUR },
  t_bytes = { .kind = WR_BYTES };
static const wr_type t_ints = { .kind = WR_LIST, .elem = &t_int };

static wr_slot int_slot(wr_i64 i) { return (wr_slot){ .u.i = i }; }
static wr_slot str_slot(const char *z) { return (wr_slot){ .u.p = z, .len = (wr_u32)strlen(z) }; }

/* ---- strings ---- */

static void strings_compare_as_bytes(void **state)
{
  (void)state;
  assert_int_equal(wr_str_cmp(S("a"), S("b")), -1);
  assert_int_equal(wr_str_cmp(S("b"), S("a")), 1);
  assert_int_equal(wr_str_cmp(S("a"), S("ab")), -1);
  assert_int_equal(wr_str_cmp(S("\xC3\xA9"), S("z")), 1);
  assert_int_equal(wr_str_cmp((wr_str){0}, S("")), 0);
  assert_int_equal(wr_str_cmp((wr_str){0}, S("a")), -1);
  assert_true(wr_str_eq((wr_str){0}, S("")));
  assert_true(wr_str_eq(S("abc"), S("abc")));
  assert_false(wr_str_eq(S("abc"), S("abd")));
  assert_false(wr_str_eq(S("abc"), S("ab")));
}

static bool like_naive(const char *s, const char *e, const char *p, const char *q)
{
  if (p == q) return s == e;
  if (*p == '%') return like_naive(s, e, p + 1, q) || (s < e && like_naive(s + 1, e, p, q));
  if (s == e) return false;
  if (*p == '_') return like_naive(s + 1, e, p + 1, q);
  if (*p == '\\' && p + 1 < q) p++;
  return *p == *s && like_naive(s + 1, e, p + 1, q);
}

static void like_agrees_with_the_definition(void **state)
{
  (void)state;
  char s[16], p[10];
  int matched = 0;
  for (int i = 0; i < 200000; i++) {
    wr_u32 n = (wr_u32)(rnd() % 14), m = (wr_u32)(rnd() % 9);
    for (wr_u32 k = 0; k < n; k++) s[k] = "ab%"[rnd() % 3];
    for (wr_u32 k = 0; k < m; k++) p[k] = "ab%%_\\"[rnd() % 6];
    bool want = like_naive(s, s + n, p, p + m);
    matched += want;
    if ((bool)wr_str_like((wr_str){ s, n, 0 }, (wr_str){ p, m, 0 }) != want)
      fail_msg("'%.*s' like '%.*s' is %d", (int)n, s, (int)m, p, want);
  }
  assert_true(matched > 1000);
  assert_true(wr_str_like(S("h\xC3\xA9llo"), S("h_llo")));
  assert_false(wr_str_like(S("h\xC3\xA9llo"), S("h__llo")));
  assert_true(wr_str_like(S("100%"), S("100\\%")));
  assert_false(wr_str_like(S("1000"), S("100\\%")));
}

static void like_is_not_exponential(void **state)
{
  (void)state;
  char s[5000], p[200];
  memset(s, 'a', sizeof s);
  for (int i = 0; i < 199; i++) p[i] = i & 1 ? '%' : 'a';
  p[199] = 'b';
  assert_false(wr_str_like((wr_str){ s, sizeof s, 0 }, (wr_str){ p, sizeof p, 0 }));
}

static void strings_are_joined(void **state)
{
  (void)state;
  assert_str(wr_concat(0, S("ab"), S("c")), "abc");
  assert_str(wr_concat(0, S(""), S("c")), "c");
  assert_str(wr_concat(0, (wr_str){0}, (wr_str){0}), "");
}

static void a_joined_string_has_a_limit(void **state)
{
  (void)state;
  int before = rig_errors;
  wr_str huge = { "x", 0x7FFFFFFF, 0 };                       /* never read: the sum is too long */
  wr_concat(0, huge, huge);
  assert_int_equal(rig_errors, before + 1);
}

/* ---- lists ---- */

static void lists_are_looked_into(void **state)
{
  (void)state;
  wr_slot e[] = { int_slot(7), int_slot(8), { .st = -1 } };
  wr_list l = { e, 3, 1 };
  assert_int_equal(wr_list_at(l, 1).u.i, 8);
  assert_int_equal(wr_list_at(l, 2).st, -1);
  assert_int_equal(wr_list_at(l, 3).st, -1);
  assert_int_equal(wr_list_at(l, -1).st, -1);
  assert_int_equal(wr_list_at(l, WR_I64_MIN).st, -1);
  wr_slot m[] = { str_slot("a"), int_slot(1), str_slot(""), int_slot(2) };
  wr_list map = { m, 2, 2 };
  assert_int_equal(wr_map_get(map, S("a")).u.i, 1);
  assert_int_equal(wr_map_get(map, (wr_str){0}).u.i, 2);
  assert_int_equal(wr_map_get(map, S("b")).st, -1);
}

static void lists_are_equal_by_value(void **state)
{
  (void)state;
  wr_slot a[] = { int_slot(1), { .st = -1, .u.i = 5 } },
      b[] = { int_slot(1), { .st = -1, .u.i = 6 } }, c[] = { int_slot(1), int_slot(5) };
  assert_true(wr_list_eq(&t_int, (wr_list){ a, 2, 1 }, (wr_list){ b, 2, 1 }));
  assert_false(wr_list_eq(&t_int, (wr_list){ a, 2, 1 }, (wr_list){ c, 2, 1 }));
  assert_false(wr_list_eq(&t_int, (wr_list){ a, 2, 1 }, (wr_list){ a, 1, 1 }));
  assert_true(wr_list_eq(&t_int, (wr_list){ 0, 0, 1 }, (wr_list){ a, 0, 1 }));
  wr_slot x[] = { { .u.list = a, .len = 2 } }, y[] = { { .u.list = b, .len = 2 } },
      z[] = { { .u.list = c, .len = 2 } };
  assert_true(wr_list_eq(&t_ints, (wr_list){ x, 1, 1 }, (wr_list){ y, 1, 1 }));
  assert_false(wr_list_eq(&t_ints, (wr_list){ x, 1, 1 }, (wr_list){ z, 1, 1 }));
  wr_slot zero[] = { { .u.f = 0.0 } }, minus[] = { { .u.f = -0.0 } };
  assert_true(wr_list_eq(&t_float, (wr_list){ zero, 1, 1 }, (wr_list){ minus, 1, 1 }));
}

/* Elements {int, record? {string}}: presence between the leaves; an absent record hides its leaves. */
static void lists_of_records_are_equal_by_value(void **state)
{
  (void)state;
  static const wr_field inner_field[] = { { .name = "s", .type = &t_str } };
  static const wr_type inner = { .kind = WR_REC, .nullable = 1, .n = 1, .fields = inner_field };
  static const wr_field outer_field[] = { { .name = "i", .type = &t_int },
      { .name = "r", .type = &inner } };
  static const wr_type outer = { .kind = WR_REC, .n = 2, .fields = outer_field };
  static const wr_type list = { .kind = WR_LIST, .elem = &outer };
  wr_slot a[] = { int_slot(1), int_slot(1), str_slot("x"), int_slot(2), int_slot(0),
      str_slot("junk") };
  wr_slot b[] = { int_slot(1), int_slot(1), str_slot("x"), int_slot(2), { .st = -1 },
      { .st = -1 } };
  wr_slot c[] = { int_slot(1), int_slot(1), str_slot("y"), int_slot(2), int_slot(0),
      str_slot("junk") };
  wr_slot d[] = { int_slot(1), int_slot(0), str_slot("x"), int_slot(2), int_slot(0),
      str_slot("junk") };
  wr_list la = { a, 2, 3 }, lb = { b, 2, 3 };
  assert_true(wr_list_eq(&outer, la, lb));
  assert_false(wr_list_eq(&outer, la, (wr_list){ c, 2, 3 }));
  assert_false(wr_list_eq(&outer, la, (wr_list){ d, 2, 3 }));
  wr_u64 ha = wr_hash_slot(&list, (wr_slot){ .u.list = a, .len = 2 }, 1);
  assert_true(ha == wr_hash_slot(&list, (wr_slot){ .u.list = b, .len = 2 }, 1));
  assert_false(ha == wr_hash_slot(&list, (wr_slot){ .u.list = c, .len = 2 }, 1));
  assert_false(ha == wr_hash_slot(&list, (wr_slot){ .u.list = d, .len = 2 }, 1));
}

/* ---- hashes ---- */

/* The values are part of the language: samples and exchanges depend on them. */
static void hashes_never_change(void **state)
{
  (void)state;
  static const char *const names[] = { "red", "green" };
  wr_type t_enum = { .kind = WR_ENUM, .n = 2, .names = names };
  assert_true(wr_hash_slot(&t_str, str_slot("weir"), 0) == 0x250DD6E3585081D8ULL);
  assert_true(wr_hash_slot(&t_int, int_slot(42), 0) == 0xB418D384A0771E90ULL);
  assert_true(wr_hash_slot(&t_enum, int_slot(1), 0) == wr_hash_slot(&t_str, str_slot("green"), 0));
  assert_true(wr_hash_slot(&t_float, (wr_slot){ .u.f = -0.0 }, 3) == wr_hash_slot(&t_float,
      (wr_slot){ .u.f = 0.0 }, 3));
  assert_false(wr_hash_slot(&t_int, (wr_slot){ .st = -1 }, 0) == wr_hash_slot(&t_int, int_slot(0),
      0));
}

static int by_value(const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Neighbours, short strings, strings that differ in one bit: no collision, and every bit of the
 * hash is set about half the time. */
static void hashes_spread(void **state)
{
  (void)state;
  enum { N = 60000 };
  static uint64_t h[N];
  char text[32];
  int bits[64] = {0};
  for (int i = 0; i < N; i++) {
    if (i < N / 2) h[i] = wr_hash_slot(&t_int, int_slot(i), 0);
    else {
      int n = snprintf(text, sizeof text, "user%07d", i);
      h[i] = wr_hash_slot(&t_str, (wr_slot){ .u.p = text, .len = (wr_u32)n }, 0);
    }
    for (int b = 0; b < 64; b++) bits[b] += h[i] >> b & 1;
  }
  for (int b = 0; b < 64; b++) assert_true(abs(bits[b] - N / 2) < 1200);
  qsort(h, N, sizeof *h, by_value);
  for (int i = 1; i < N; i++) assert_true(h[i] != h[i - 1]);
  memset(text, 0, sizeof text);
  /* the length counts, zero bytes too */
  for (wr_u32 n = 0; n < 31; n++)
    assert_true(wr_hash_slot(&t_str, (wr_slot){ .u.p = text, .len = n }, 0) !=
                wr_hash_slot(&t_str, (wr_slot){ .u.p = text, .len = n + 1 }, 0));
}

static void samples_take_their_share(void **state)
{
  (void)state;
  int taken = 0;
  for (int i = 0; i < 100000; i++) {
    wr_pos pos = { .off = i, .src = 5 << 12, .ord = 0 };
    int yes = wr_sampled(&pos, 0.01);
    assert_int_equal(wr_sampled(&pos, 0), 0);
    assert_int_equal(wr_sampled(&pos, 1), 1);
    taken += yes;
  }
  assert_in_range(taken, 850, 1150);
  assert_true(wr_sampled_key(~0ULL, 1));
  assert_false(wr_sampled_key(0, 0));
}

/* ---- numbers ---- */

typedef __int128 wide;
static wide ten(int n) { wide v = 1; while (n-- > 0) v *= 10; return v; }

/* v / 10^n, half to even, by the definition: the nearest, of two the even one */
static wide rounded(wide v, int n)
{
  wide unit = ten(n), low = v / unit - (v % unit < 0), rest = v - low * unit;
  if (rest * 2 == unit) return low % 2 ? low + 1 : low;
  return rest * 2 > unit ? low + 1 : low;
}

static void check_wide(wr_status e, wr_i64 got, wide want)
{
  if (want > WR_I64_MAX || want < WR_I64_MIN) assert_int_equal(e, WR_E_OVERFLOW);
  else { assert_int_equal(e, WR_OK); assert_true(got == (wr_i64)want); }
}

static void decimals_rescale(void **state)
{
  (void)state;
  for (int i = 0; i < 100000; i++) {
    wr_i64 v = any_int(), got = 0;
    int from = (int)(rnd() % 19), to = (int)(rnd() % 19);
    wr_status e = wr_dec_rescale(v, from, to, &got);
    check_wide(e, got, from >= to ? rounded(v, from - to) : (wide)v * ten(to - from));
  }
  wr_i64 v;
  wr_dec_rescale(25, 1, 0, &v); assert_int_equal(v, 2);
  wr_dec_rescale(35, 1, 0, &v); assert_int_equal(v, 4);
  wr_dec_rescale(-25, 1, 0, &v); assert_int_equal(v, -2);
}

static void decimals_multiply_compare_and_divide(void **state)
{
  (void)state;
  for (int i = 0; i < 100000; i++) {
    wr_i64 a = any_int(), b = any_int(), got = 0;
    int sa = (int)(rnd() % 19), sb = (int)(rnd() % 19),
        scale = (int)(rnd() % (unsigned)(sa + sb + 1)), most = sa > sb ? sa : sb;
    wr_status e = wr_dec_mul(a, b, sa + sb, scale, &got);
    check_wide(e, got, rounded((wide)a * b, sa + sb - scale));
    e = wr_mul_i64(a, b, &got);
    check_wide(e, got, (wide)a * b);
    wide x = (wide)a * ten(most - sa), y = (wide)b * ten(most - sb);
    assert_int_equal(wr_dec_cmp(a, sa, b, sb), (x > y) - (x < y));
    if (b == 0) {
      assert_int_equal(wr_dec_mod(a, sa, b, sb, &got), WR_E_DIV_ZERO);
      assert_int_equal(wr_dec_div(a, sa, b, sb, 2, &got), WR_E_DIV_ZERO);
      continue;
    }
    e = wr_dec_mod(a, sa, b, sb, &got);
    check_wide(e, got, x % y);
  }
}

/* q is right when 2 * |a * 10^k - q * b| <= |b|, and even where it is equal. */
static void decimals_divide(void **state)
{
  (void)state;
  for (int i = 0; i < 100000; i++) {
    wr_i64 a = any_int() % 1000000000000, b = any_int(), q = 0;
    int sa = (int)(rnd() % 7), sb = (int)(rnd() % 7), scale = (int)(rnd() % 10),
        shift = scale + sb - sa;
    if (b == 0) continue;
    wide x = (wide)a * ten(shift > 0 ? shift : 0), y = (wide)b * ten(shift < 0 ? -shift : 0);
    wr_status e = wr_dec_div(a, sa, b, sb, scale, &q);
    wide exact = x / y;
    if (exact > WR_I64_MAX || exact < WR_I64_MIN) { assert_int_equal(e, WR_E_OVERFLOW); continue; }
    if (e) continue;                                          /* rounded up to the limit */
    wide off = x - (wide)q * y, twice = 2 * (off < 0 ? -off : off), size = y < 0 ? -y : y;
    assert_true(twice < size || (twice == size && q % 2 == 0));
  }
  wr_i64 q;
  assert_int_equal(wr_dec_div(1, 0, 3, 0, 18, &q), WR_OK);
  assert_true(q == 333333333333333333);
  assert_int_equal(wr_dec_div(WR_I64_MIN, 0, -1, 0, 0, &q), WR_E_OVERFLOW);
  assert_int_equal(wr_dec_div(WR_I64_MIN, 0, 1, 0, 0, &q), WR_OK);
  assert_int_equal(wr_dec_div(1, 18, WR_I64_MIN, 0, 18, &q), WR_OK);
  assert_int_equal(q, 0);
  assert_int_equal(wr_dec_div(WR_I64_MAX, 0, 1, 18, 18, &q), WR_E_OVERFLOW);
}

static void floats_become_decimals(void **state)
{
  (void)state;
  wr_i64 v;
  assert_int_equal(wr_f64_to_dec(2.5, 0, &v), WR_OK); assert_int_equal(v, 2);
  assert_int_equal(wr_f64_to_dec(-3.5, 0, &v), WR_OK); assert_int_equal(v, -4);
  /* 0.28499999999999998 */
  assert_int_equal(wr_f64_to_dec(0.285, 2, &v), WR_OK); assert_int_equal(v, 28);
  assert_int_equal(wr_f64_to_dec(1e-300, 18, &v), WR_OK); assert_int_equal(v, 0);
  assert_int_equal(wr_f64_to_dec(5e-324, 18, &v), WR_OK); assert_int_equal(v, 0);
  assert_int_equal(wr_f64_to_dec(1e300, 0, &v), WR_E_OVERFLOW);
  assert_int_equal(wr_f64_to_dec(0x1p63, 0, &v), WR_E_OVERFLOW);
  assert_int_equal(wr_f64_to_dec(-0x1p63, 0, &v), WR_OK); assert_true(v == WR_I64_MIN);
  assert_int_equal(wr_f64_to_dec(10, 18, &v), WR_E_OVERFLOW);
  assert_int_equal(wr_f64_to_dec(NAN, 0, &v), WR_E_NAN);
  assert_int_equal(wr_f64_to_dec(INFINITY, 0, &v), WR_E_OVERFLOW);
  char text[400];
  for (int i = 0; i < 50000; i++) {                           /* printf rounds exactly too */
    int scale = (int)(rnd() % 19);
    double f = (double)any_int() / pow(2, (double)(rnd() % 70));
    wr_i64 want;
    int n = snprintf(text, sizeof text, "%.*f", scale, f);
    enum wr_err e = wr_parse_dec(text, (size_t)n, scale, &want);
    assert_int_equal(wr_f64_to_dec(f, scale, &v), e ? WR_E_OVERFLOW : WR_OK);
    if (!e && v != want) fail_msg("%.20g with %d digits is %lld, not %lld", f, scale, want, v);
  }
}

static void decimals_become_floats(void **state)
{
  (void)state;
  char text[64];
  for (int i = 0; i < 50000; i++) {
    wr_i64 v = any_int();
    int scale = (int)(rnd() % 19);
    snprintf(text, sizeof text, "%llde-%d", v, scale);
    assert_true(wr_dec_to_f64(v, scale) == strtod(text, 0));
  }
}

static void floats_become_ints(void **state)
{
  (void)state;
  wr_i64 v;
  assert_int_equal(wr_f64_to_i64(-2.9, &v), WR_OK); assert_int_equal(v, -2);
  assert_int_equal(wr_f64_to_i64(0x1p63, &v), WR_E_OVERFLOW);
  assert_int_equal(wr_f64_to_i64(-0x1p63, &v), WR_OK); assert_true(v == WR_I64_MIN);
  assert_int_equal(wr_f64_to_i64(nextafter(0x1p63, 0), &v), WR_OK);
  assert_true(v == 9223372036854774784);
  assert_int_equal(wr_f64_to_i64(NAN, &v), WR_E_NAN);
  assert_int_equal(wr_f64_to_i64(-INFINITY, &v), WR_E_OVERFLOW);
  assert_true(wr_i64_to_f64(WR_I64_MAX) == 0x1p63);
  assert_true(wr_f64_mod(-7.5, 2) == -1.5);
  assert_true(signbit(wr_f64_mod(-4, 2)) == 0);
  assert_true(isnan(wr_f64_mod(1, 0)));
}

/* ---- casts ---- */

static wr_status cast(const wr_type *t, const char *text, wr_slot *out) {
  return wr_parse_value(0, t, S(text), out);
}

static void text_becomes_values(void **state)
{
  (void)state;
  wr_slot v;
  static const char *const names[] = { "buy", "sell", "other" };
  wr_type closed = { .kind = WR_ENUM, .n = 2, .names = names },
      open = { .kind = WR_ENUM, .n = 3, .names = names, .open = 1 };
  assert_int_equal(cast(&t_bool, "true", &v), WR_OK); assert_int_equal(v.u.i, 1);
  assert_int_equal(cast(&t_bool, "false", &v), WR_OK); assert_int_equal(v.u.i, 0);
  assert_int_equal(cast(&t_bool, "yes", &v), WR_E_CAST);
  assert_int_equal(cast(&t_int, "12", &v), WR_OK); assert_int_equal(v.u.i, 12);
  assert_int_equal(cast(&t_int, "5.0", &v), WR_OK); assert_int_equal(v.u.i, 5);
  assert_int_equal(cast(&t_int, "5.5", &v), WR_E_CAST);
  assert_int_equal(cast(&t_int, "99999999999999999999", &v), WR_E_OVERFLOW);
  assert_int_equal(cast(&t_int, "", &v), WR_E_CAST);
  assert_int_equal(cast(&t_float, "1e400", &v), WR_E_OVERFLOW);
  assert_int_equal(cast(&t_dec2, "1.5", &v), WR_OK); assert_int_equal(v.u.i, 150);
  assert_int_equal(cast(&t_dec2, "1.005", &v), WR_E_CAST);
  assert_int_equal(cast(&t_ts, "1970-01-02", &v), WR_OK); assert_true(v.u.i == 86400000000);
  assert_int_equal(cast(&t_ts, "0000-01-01", &v), WR_E_TIME_RANGE);
  assert_int_equal(cast(&t_dur, "2ms", &v), WR_OK); assert_int_equal(v.u.i, 2000);
  assert_int_equal(cast(&closed, "sell", &v), WR_OK); assert_int_equal(v.u.i, 1);
  assert_int_equal(cast(&closed, "hold", &v), WR_E_CAST);
  assert_int_equal(cast(&open, "hold", &v), WR_OK); assert_int_equal(v.u.i, 2);
  assert_int_equal(cast(&t_str, "x", &v), WR_OK); assert_int_equal(v.len, 1);
  assert_int_equal(cast(&t_ints, "[1, 2]", &v), WR_OK); assert_int_equal(v.len, 2);
  assert_int_equal(v.u.list[1].u.i, 2);
  assert_int_equal(cast(&t_ints, "[1, 2", &v), WR_E_CAST);
}

static void values_become_text(void **state)
{
  (void)state;
  wr_str s;
  static const char *const names[] = { "buy" };
  wr_type side = { .kind = WR_ENUM, .n = 1, .names = names };
  wr_slot two[] = { int_slot(1), { .st = -1 } };
  wr_type nullable = { .kind = WR_INT, .nullable = 1 },
      list = { .kind = WR_LIST, .elem = &nullable };
  assert_int_equal(wr_print_value(0, &t_bool, int_slot(1), &s), WR_OK); assert_str(s, "true");
  assert_int_equal(wr_print_value(0, &t_int, int_slot(-5), &s), WR_OK); assert_str(s, "-5");
  assert_int_equal(wr_print_value(0, &t_float, (wr_slot){ .u.f = 2 }, &s), WR_OK);
  assert_str(s, "2.0");
  assert_int_equal(wr_print_value(0, &t_dec2, int_slot(150), &s), WR_OK); assert_str(s, "1.50");
  assert_int_equal(wr_print_value(0, &t_ts, int_slot(0), &s), WR_OK);
  assert_str(s, "1970-01-01T00:00:00Z");
  assert_int_equal(wr_print_value(0, &t_dur, int_slot(60000000), &s), WR_OK); assert_str(s, "1m");
  assert_int_equal(wr_print_value(0, &side, int_slot(0), &s), WR_OK); assert_str(s, "buy");
  assert_int_equal(wr_print_value(0, &side, int_slot(7), &s), WR_E_CAST);
  assert_int_equal(wr_print_value(0, &t_str, str_slot("a\"b"), &s), WR_OK); assert_str(s, "a\"b");
  assert_int_equal(wr_print_value(0, &t_bytes, str_slot("\xFF"), &s), WR_E_UTF8);
  assert_int_equal(wr_print_value(0, &t_int, (wr_slot){ .st = -1 }, &s), WR_NULL);
  assert_int_equal(wr_print_value(0, &list, (wr_slot){ .u.list = two, .len = 2 }, &s), WR_OK);
  assert_str(s, "[1,null]");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(strings_compare_as_bytes), cmocka_unit_test(like_agrees_with_the_definition),
    cmocka_unit_test(like_is_not_exponential), cmocka_unit_test(strings_are_joined),
    cmocka_unit_test(a_joined_string_has_a_limit), cmocka_unit_test(lists_are_looked_into),
    cmocka_unit_test(lists_are_equal_by_value),
        cmocka_unit_test(lists_of_records_are_equal_by_value),
    cmocka_unit_test(hashes_never_change), cmocka_unit_test(hashes_spread),
        cmocka_unit_test(samples_take_their_share),
    cmocka_unit_test(decimals_rescale), cmocka_unit_test(decimals_multiply_compare_and_divide),
    cmocka_unit_test(decimals_divide), cmocka_unit_test(floats_become_decimals),
        cmocka_unit_test(decimals_become_floats),
    cmocka_unit_test(floats_become_ints), cmocka_unit_test(text_becomes_values),
        cmocka_unit_test(values_become_text),
  };
  return cmocka_run_group_tests(tests, 0, rig_after);
}
