/* test_fn.c -- bodies of built-in functions where the examples in their rows do not reach: the empty
 * string, the ends of the ranges, what is refused, text that is broken, second opinions by hand.
 * Convention: a call returns its status; what it gives is in v (a string), i, f, b or l. */
#include "value_rig.h"
#include <math.h>
#include <time.h>

static wr_str v;
static wr_i64 i;
static wr_f64 f;
static wr_u8 b;
static wr_list l;
static wr_slot slot;

static const wr_type t_int = { .kind = WR_INT }, t_float = { .kind = WR_FLOAT }, t_str = { .kind = WR_STR },
  t_dec = { .kind = WR_DEC, .scale = 2 }, t_bool = { .kind = WR_BOOL };

#define OK(call, want) do { assert_int_equal(call, WR_OK); assert_str(v, want); } while (0)
#define OKI(call, want) do { assert_int_equal(call, WR_OK); if (i != (want)) fail_msg("%lld, not %lld", i, (wr_i64)(want)); } while (0)
#define OKF(call, want) do { assert_int_equal(call, WR_OK); if (f != (want)) fail_msg("%.17g, not %.17g", f, (double)(want)); } while (0)
#define OKB(call, want) do { assert_int_equal(call, WR_OK); assert_int_equal(b, want); } while (0)
#define IS(call, status) assert_int_equal(call, status)
#define NOTHING ((wr_str){0})

/* A list of ints or strings as text: "1 2 -" with - for null. */
static void assert_list(wr_list x, bool text, const char *want)
{
  char got[512];
  char *p = got;
  *p = 0;
  for (wr_u32 k = 0; k < x.n; k++) {
    if (k) *p++ = ' ';
    if (x.p[k].st) p += sprintf(p, "-");
    else p += text ? sprintf(p, "%.*s", (int)x.p[k].len, x.p[k].u.p) : sprintf(p, "%lld", x.p[k].u.i);
  }
  assert_string_equal(got, want);
}

static wr_slot num(wr_i64 n) { return (wr_slot){ .u.i = n }; }
static wr_slot str(const char *z) { return (wr_slot){ .u.p = z, .len = (wr_u32)strlen(z) }; }
#define LIST(...) ((wr_list){ (wr_slot[]){ __VA_ARGS__ }, sizeof((wr_slot[]){ __VA_ARGS__ }) / sizeof(wr_slot), 1 })
static const wr_slot none = { .st = -1 };

/* ---- strings ---- */

static void strings(void **state)
{
  (void)state;
  OK(wr_fn_lower_S(0, S("\xC3\x84" "A[Z]"), &v), "\xC3\x84" "a[z]");
  OK(wr_fn_upper_S(0, S("a{z}\xC3\xA9"), &v), "A{Z}\xC3\xA9");
  OK(wr_fn_lower_S(0, NOTHING, &v), "");
  OK(wr_fn_initcap_S(0, S("o'NEIL-van 3RD"), &v), "O'neil-Van 3rd");
  OK(wr_fn_trim_S(0, S(" \t\n\v\f\r"), &v), "");
  OK(wr_fn_trim_S(0, NOTHING, &v), "");
  OK(wr_fn_trim_SS(0, S("\xE2\x82\xAC" "5\xE2\x82\xAC"), S("\xE2\x82\xAC"), &v), "5");
  OK(wr_fn_trim_SS(0, S("xyx"), S(""), &v), "xyx");
  OK(wr_fn_trim_SS(0, S("xyx"), S("yx"), &v), "");
  OKI(wr_fn_length_S(0, S("\xF0\x9F\x98\x80\xC3\xA9z"), &i), 3);
  OKI(wr_fn_length_S(0, NOTHING, &i), 0);
  OKI(wr_fn_byte_length_S(0, S("\xC3\xA9"), &i), 2);
}

static void parts_of_strings(void **state)
{
  (void)state;
  wr_str s = S("h\xC3\xA9llo");
  OK(wr_fn_substring_SI(0, s, 1, &v), "\xC3\xA9llo");
  OK(wr_fn_substring_SI(0, s, -2, &v), "lo");
  OK(wr_fn_substring_SI(0, s, 99, &v), "");
  OK(wr_fn_substring_SI(0, s, -99, &v), "h\xC3\xA9llo");
  OK(wr_fn_substring_SII(0, s, 1, 2, &v), "\xC3\xA9l");
  OK(wr_fn_substring_SII(0, s, -4, 2, &v), "\xC3\xA9l");
  OK(wr_fn_substring_SII(0, s, 1, -1, &v), "");
  OK(wr_fn_substring_SII(0, s, WR_I64_MIN, WR_I64_MAX, &v), "h\xC3\xA9llo");
  OK(wr_fn_substring_SII(0, s, WR_I64_MAX, WR_I64_MAX, &v), "");
  OK(wr_fn_substring_SI(0, NOTHING, -1, &v), "");
  OK(wr_fn_left_SI(0, s, 2, &v), "h\xC3\xA9");
  OK(wr_fn_left_SI(0, s, -3, &v), "h\xC3\xA9");
  OK(wr_fn_left_SI(0, s, 0, &v), "");
  OK(wr_fn_left_SI(0, s, WR_I64_MIN, &v), "");
  OK(wr_fn_right_SI(0, s, 4, &v), "\xC3\xA9llo");
  OK(wr_fn_right_SI(0, s, -1, &v), "\xC3\xA9llo");
  OK(wr_fn_right_SI(0, s, 0, &v), "");
  OK(wr_fn_right_SI(0, s, WR_I64_MAX, &v), "h\xC3\xA9llo");
  OK(wr_fn_right_SI(0, s, WR_I64_MIN, &v), "");
  IS(wr_fn_split_SS(0, S(""), S("/"), &l), WR_OK); assert_list(l, true, ""); assert_int_equal(l.n, 1);
  IS(wr_fn_split_SS(0, S("/a/"), S("/"), &l), WR_OK); assert_list(l, true, " a "); assert_int_equal(l.n, 3);
  IS(wr_fn_split_SS(0, S("a\xC3\xA9z"), S(""), &l), WR_OK); assert_list(l, true, "a \xC3\xA9 z");
  IS(wr_fn_split_SS(0, S(""), S(""), &l), WR_OK); assert_int_equal(l.n, 0);
  OK(wr_fn_split_part_SSI(0, S("a,b,c"), S(","), -1, &v), "c");
  OK(wr_fn_split_part_SSI(0, S("a,b,c"), S(","), -3, &v), "a");
  OK(wr_fn_split_part_SSI(0, S("a,b,c"), S(","), 0, &v), "a");
  OK(wr_fn_split_part_SSI(0, S("abc"), S(""), 0, &v), "abc");
  IS(wr_fn_split_part_SSI(0, S("a,b,c"), S(","), 3, &v), WR_NULL);
  IS(wr_fn_split_part_SSI(0, S("a,b,c"), S(","), -4, &v), WR_NULL);
  IS(wr_fn_split_part_SSI(0, S("a"), S(","), WR_I64_MIN, &v), WR_NULL);
  OK(wr_fn_join_LS(0, LIST(str("a"), none, str(""), str("b")), S("-"), &v), "a--b");
  OK(wr_fn_join_LS(0, LIST(none, str("b")), S("-"), &v), "b");
  OK(wr_fn_join_LS(0, LIST(str(""), str("")), S("-"), &v), "-");
  OK(wr_fn_join_LS(0, (wr_list){ 0, 0, 1 }, S("-"), &v), "");
}

static void searches_in_strings(void **state)
{
  (void)state;
  OKB(wr_fn_starts_with_SS(0, S("ab"), S(""), &b), 1);
  OKB(wr_fn_starts_with_SS(0, S("a"), S("ab"), &b), 0);
  OKB(wr_fn_ends_with_SS(0, S("ab"), S("b"), &b), 1);
  OKB(wr_fn_ends_with_SS(0, NOTHING, S(""), &b), 1);
  OKB(wr_fn_contains_SS(0, NOTHING, S("a"), &b), 0);
  OKB(wr_fn_contains_SS(0, NOTHING, S(""), &b), 1);
  OKI(wr_fn_position_SS(0, S("h\xC3\xA9llo"), S("l"), &i), 2);
  OKI(wr_fn_position_SS(0, S("abc"), S(""), &i), 0);
  OKI(wr_fn_position_SS(0, NOTHING, S(""), &i), 0);
  IS(wr_fn_position_SS(0, S("abc"), S("x"), &i), WR_NULL);
  OKI(wr_fn_occurrences_SS(0, S("aaaa"), S("aa"), &i), 2);
  OKI(wr_fn_occurrences_SS(0, S("aaaa"), S(""), &i), 0);
  OK(wr_fn_replace_SSS(0, S("aaa"), S("aa"), S("b"), &v), "ba");
  OK(wr_fn_replace_SSS(0, S("aaa"), S("a"), S(""), &v), "");
  OK(wr_fn_replace_SSS(0, S("abc"), S(""), S("x"), &v), "abc");
  OK(wr_fn_replace_SSS(0, S("abc"), S("c"), S("cc"), &v), "abcc");
}

static void strings_are_made(void **state)
{
  (void)state;
  OK(wr_fn_concat_SSSS(0, S("a"), NOTHING, S("b"), S(""), &v), "ab");
  OK(wr_fn_repeat_SI(0, S("ab"), 0, &v), "");
  OK(wr_fn_repeat_SI(0, S("ab"), -1, &v), "");
  OK(wr_fn_repeat_SI(0, S(""), WR_I64_MAX, &v), "");
  IS(wr_fn_repeat_SI(0, S("ab"), WR_I64_MAX, &v), WR_E_LIMIT);
  IS(wr_fn_repeat_SI(0, S("ab"), 1 << 26, &v), WR_E_LIMIT);
  OK(wr_fn_reverse_S(0, S("a\xC3\xA9z"), &v), "z\xC3\xA9" "a");
  OK(wr_fn_lpad_SIS(0, S("5"), 4, S("ab"), &v), "aba5");
  OK(wr_fn_rpad_SIS(0, S("5"), 4, S("\xC3\xA9"), &v), "5\xC3\xA9\xC3\xA9\xC3\xA9");
  OK(wr_fn_lpad_SIS(0, S("h\xC3\xA9llo"), 2, S("x"), &v), "h\xC3\xA9");
  OK(wr_fn_lpad_SIS(0, S("abc"), -1, S("x"), &v), "");
  OK(wr_fn_lpad_SIS(0, NOTHING, 2, S("x"), &v), "xx");
  OK(wr_fn_rpad_SIS(0, S("abc"), 3, S(""), &v), "abc");
  IS(wr_fn_rpad_SIS(0, S("abc"), 4, S(""), &v), WR_E_DOMAIN);
  IS(wr_fn_rpad_SIS(0, S("abc"), WR_I64_MAX, S("x"), &v), WR_E_LIMIT);
  OKI(wr_fn_char_code_S(0, S("\xE2\x82\xAC"), &i), 0x20AC);
  IS(wr_fn_char_code_S(0, NOTHING, &i), WR_NULL);
  OK(wr_fn_char_from_I(0, 0x1F600, &v), "\xF0\x9F\x98\x80");
  IS(wr_fn_char_from_I(0, 0xD800, &v), WR_E_DOMAIN);
  IS(wr_fn_char_from_I(0, 0x110000, &v), WR_E_DOMAIN);
  IS(wr_fn_char_from_I(0, -1, &v), WR_E_DOMAIN);
  OKI(wr_fn_edit_distance_SS(0, NOTHING, S("abc"), &i), 3);
  OKI(wr_fn_edit_distance_SS(0, S("h\xC3\xA9"), S("he"), &i), 1);
  wr_fn_repeat_SI(0, S("x"), 1025, &v);
  IS(wr_fn_edit_distance_SS(0, v, S("a"), &i), WR_E_LIMIT);
  OKB(wr_fn_luhn_S(0, S("79927398713"), &b), 1);
  OKB(wr_fn_luhn_S(0, S("79927398710"), &b), 0);
  OKB(wr_fn_luhn_S(0, S("0"), &b), 0);
  OKB(wr_fn_luhn_S(0, S("4111x1111"), &b), 0);
  OKB(wr_fn_luhn_S(0, NOTHING, &b), 0);
}

/* ---- regular expressions ---- */

static void regexes(void **state)
{
  (void)state;
  wr_i32 empty = rig_re(""), digits = rig_re("\\d+"), pair = rig_re("(?P<k>\\w)=(\\d)?"), letters = rig_re("a*");
  OK(wr_fn_regex_group_SRI(0, S("k=4"), pair, 0, &v), "k=4");
  OK(wr_fn_regex_group_SRI(0, S("k=4"), pair, 2, &v), "4");
  IS(wr_fn_regex_group_SRI(0, S("k="), pair, 2, &v), WR_NULL);
  IS(wr_fn_regex_group_SRI(0, S("k=4"), pair, 3, &v), WR_NULL);
  IS(wr_fn_regex_group_SRI(0, S("k=4"), pair, -1, &v), WR_NULL);
  IS(wr_fn_regex_group_SRI(0, S("k4"), pair, 0, &v), WR_NULL);
  OK(wr_fn_regex_group_SRI(0, NOTHING, empty, 0, &v), "");
  OKI(wr_fn_regex_count_SR(0, S("h\xC3\xA9"), empty, &i), 3);
  OKI(wr_fn_regex_count_SR(0, NOTHING, empty, &i), 1);
  OKI(wr_fn_regex_count_SR(0, S("baac"), letters, &i), 3);    /* before b, aa, at the end */
  IS(wr_fn_regex_extract_all_SR(0, S("1a22"), digits, &l), WR_OK); assert_list(l, true, "1 22");
  IS(wr_fn_regex_extract_all_SR(0, S("x"), digits, &l), WR_OK); assert_int_equal(l.n, 0);
  IS(wr_fn_regex_split_SR(0, S("1a22b"), digits, &l), WR_OK); assert_list(l, true, " a b");
  IS(wr_fn_regex_split_SR(0, S("ab"), empty, &l), WR_OK); assert_list(l, true, "a b");
  IS(wr_fn_regex_split_SR(0, NOTHING, empty, &l), WR_OK); assert_int_equal(l.n, 1);
  OK(wr_fn_regex_replace_SRS(0, S("a=1 b="), pair, S("$2${k}$$$1"), &v), "1a$a b$b");
  OK(wr_fn_regex_replace_SRS(0, S("a=1"), pair, S("$9 ${no} ${1 $"), &v), "$9 ${no} ${1 $");
  OK(wr_fn_regex_replace_SRS(0, S("abc"), empty, S("-"), &v), "-a-b-c-");
  OK(wr_fn_regex_replace_SRS(0, S("xyz"), digits, S("-"), &v), "xyz");
  OK(wr_fn_regex_replace_SRS(0, NOTHING, empty, S("-"), &v), "-");
  OK(wr_fn_regex_replace_SRS(0, S("1x"), digits, NOTHING, &v), "x");
}

/* ---- math ---- */

static wr_dec dec(wr_i64 value, wr_i64 scale) { return (wr_dec){ value, scale }; }

static void rounding(void **state)
{
  (void)state;
  IS(wr_fn_abs_I(0, WR_I64_MIN, &i), WR_E_OVERFLOW);
  OKF(wr_fn_abs_F(0, -0.0, &f), 0);
  OKF(wr_fn_round_F(0, 0.5, &f), 0);
  OKF(wr_fn_round_F(0, 1.5, &f), 2);
  OKF(wr_fn_round_F(0, -0.2, &f), 0); assert_false(signbit(f));
  OKF(wr_fn_ceil_F(0, -0.2, &f), 0); assert_false(signbit(f));
  OKI(wr_fn_round_D(0, dec(-250, 2), &i), -2);
  OKI(wr_fn_round_D(0, dec(-350, 2), &i), -4);
  OKI(wr_fn_floor_D(0, dec(-1, 2), &i), -1);
  OKI(wr_fn_ceil_D(0, dec(1, 2), &i), 1);
  OKI(wr_fn_ceil_D(0, dec(-199, 2), &i), -1);
  OKI(wr_fn_trunc_D(0, dec(-199, 2), &i), -1);
  OKI(wr_fn_floor_D(0, dec(WR_I64_MIN, 18), &i), -10);
  OKF(wr_fn_round_FI(0, 2.675, 2, &f), 2.67);                 /* 2.67499999999999982 */
  OKF(wr_fn_round_FI(0, 0.125, 2, &f), 0.12);
  OKF(wr_fn_round_FI(0, 1250, -2, &f), 1200);
  OKF(wr_fn_round_FI(0, -0.001, 1, &f), 0); assert_false(signbit(f));
  OKF(wr_fn_round_FI(0, 1e300, 5, &f), 1e300);
  OKF(wr_fn_round_FI(0, 1e300, WR_I64_MIN, &f), 0);
  OKF(wr_fn_round_FI(0, 1.5, WR_I64_MAX, &f), 1.5);
  OKF(wr_fn_round_FI(0, 5e-324, 330, &f), 5e-324);
  OKI(wr_fn_round_DI(0, dec(25, 1), 3, &i), 2500);
  IS(wr_fn_round_DI(0, dec(25, 1), 19, &i), WR_E_DOMAIN);
  IS(wr_fn_round_DI(0, dec(25, 1), -1, &i), WR_E_DOMAIN);
}

static void floats(void **state)
{
  (void)state;
  IS(wr_fn_sqrt_F(0, -1, &f), WR_E_DOMAIN);
  IS(wr_fn_ln_F(0, 0, &f), WR_E_DOMAIN);
  IS(wr_fn_log10_F(0, -1, &f), WR_E_DOMAIN);
  IS(wr_fn_exp_F(0, 1000, &f), WR_E_OVERFLOW);
  OKF(wr_fn_exp_F(0, -1000, &f), 0);
  IS(wr_fn_asin_F(0, 1.1, &f), WR_E_DOMAIN);
  IS(wr_fn_pow_FF(0, -2, 0.5, &f), WR_E_DOMAIN);
  IS(wr_fn_pow_FF(0, 0, -1, &f), WR_E_DOMAIN);
  IS(wr_fn_pow_FF(0, 10, 400, &f), WR_E_OVERFLOW);
  OKF(wr_fn_pow_FF(0, -2, 3, &f), -8);
  OKF(wr_fn_log_FF(0, 2, 1024, &f), 10);
  IS(wr_fn_log_FF(0, 1, 2, &f), WR_E_DOMAIN);
  IS(wr_fn_log_FF(0, -2, 2, &f), WR_E_DOMAIN);
  IS(wr_fn_hypot_FF(0, 1.7e308, 1.7e308, &f), WR_E_OVERFLOW);
  IS(wr_fn_degrees_F(0, 1e308, &f), WR_E_OVERFLOW);
  OKF(wr_fn_sin_F(0, -0.0, &f), 0); assert_false(signbit(f));
  OKF(wr_fn_cbrt_F(0, -27, &f), -3);
}

static void quotients(void **state)
{
  (void)state;
  OKI(wr_fn_div_II(0, -7, 2, &i), -3);
  IS(wr_fn_div_II(0, 1, 0, &i), WR_E_DIV_ZERO);
  IS(wr_fn_div_II(0, WR_I64_MIN, -1, &i), WR_E_OVERFLOW);
  OKI(wr_fn_mod_II(0, WR_I64_MIN, -1, &i), 0);
  OKI(wr_fn_mod_II(0, -7, 2, &i), -1);
  IS(wr_fn_mod_II(0, -7, 0, &i), WR_E_DIV_ZERO);
  OKF(wr_fn_mod_FF(0, -7.5, 2, &f), -1.5);
  OKF(wr_fn_mod_FF(0, -4, 2, &f), 0); assert_false(signbit(f));
  IS(wr_fn_mod_FF(0, 1, 0, &f), WR_E_DIV_ZERO);
  OKI(wr_fn_div_DD(0, dec(-799, 2), dec(2, 0), &i), -3);
  OKI(wr_fn_div_DD(0, dec(5, 0), dec(5, 1), &i), 10);
  IS(wr_fn_div_DD(0, dec(5, 0), dec(0, 1), &i), WR_E_DIV_ZERO);
  IS(wr_fn_div_DD(0, dec(WR_I64_MAX, 0), dec(1, 18), &i), WR_E_OVERFLOW);
  IS(wr_fn_div_DD(0, dec(WR_I64_MIN, 0), dec(-1, 0), &i), WR_E_OVERFLOW);
  OKI(wr_fn_div_DDI(0, dec(1, 0), dec(8, 0), 2, &i), 12);     /* 0.125: to even */
  OKI(wr_fn_div_DII(0, dec(200, 2), 3, 2, &i), 67);
  OKI(wr_fn_div_III(0, -2, 3, 2, &i), -67);
  IS(wr_fn_div_III(0, 2, 3, 19, &i), WR_E_DOMAIN);
  IS(wr_fn_div_III(0, 2, 0, 2, &i), WR_E_DIV_ZERO);
  OKI(wr_fn_mod_DD(0, dec(750, 2), dec(20, 1), &i), 150);
}

static void choices(void **state)
{
  (void)state;
  OKI(wr_fn_greatest_DD(0, dec(25, 1), dec(225, 2), &i), 250);
  OKI(wr_fn_least_DD(0, dec(25, 1), dec(225, 2), &i), 225);
  IS(wr_fn_greatest_DD(0, dec(WR_I64_MAX, 0), dec(1, 2), &i), WR_E_OVERFLOW);
  OKI(wr_fn_greatest_DDD(0, dec(1, 0), dec(25, 1), dec(2250, 3), &i), 2500);
  OK(wr_fn_greatest_SS(0, S("a"), S("B"), &v), "a");
  OK(wr_fn_least_SS(0, S("a"), S("B"), &v), "B");
  OKI(wr_fn_clamp_III(0, -5, 0, 10, &i), 0);
  IS(wr_fn_clamp_III(0, 5, 10, 0, &i), WR_E_DOMAIN);
  OKI(wr_fn_clamp_DDD(0, dec(-5, 0), dec(0, 1), dec(1000, 2), &i), 0);
  IS(wr_fn_clamp_DDD(0, dec(5, 0), dec(11, 1), dec(1, 0), &i), WR_E_DOMAIN);
  OKI(wr_fn_shift_left_II(0, 1, 63, &i), WR_I64_MIN);
  IS(wr_fn_shift_left_II(0, 1, 64, &i), WR_E_DOMAIN);
  IS(wr_fn_shift_right_II(0, 1, -1, &i), WR_E_DOMAIN);
  OKI(wr_fn_shift_right_II(0, WR_I64_MIN, 63, &i), -1);
}

/* ---- time ---- */

static wr_ts at(const char *text)
{
  wr_ts t = 0;
  assert_int_equal(wr_parse_ts(text, strlen(text), &t), WR_E_NONE);
  return t;
}

static void OKT(wr_status e, const char *want)
{
  char text[40];
  assert_int_equal(e, WR_OK);
  assert_str(((wr_str){ text, (wr_u32)wr_print_ts(text, i), 0 }), want);
}

static void fields_agree_with_the_library(void **state)
{
  (void)state;
  char text[8];
  for (int k = 0; k < 40000; k++) {
    wr_ts t = at("1930-01-01") + k * 86400LL * 2 * 1000000 + k;
    time_t s = (time_t)((t - ((t % 1000000) + 1000000) % 1000000) / 1000000);
    struct tm tm;
    gmtime_r(&s, &tm);
    strftime(text, sizeof text, "%V", &tm);
    OKI(wr_fn_week_T(0, t, &i), atoi(text));
    OKI(wr_fn_weekday_T(0, t, &i), tm.tm_wday ? tm.tm_wday : 7);
    OKI(wr_fn_yearday_T(0, t, &i), tm.tm_yday + 1);
    OKI(wr_fn_year_T(0, t, &i), tm.tm_year + 1900);
  }
}

static void fields_by_hand(void **state)
{
  (void)state;
  wr_ts t = at("1969-12-31T23:59:59.999999Z");
  OKI(wr_fn_microsecond_T(0, t, &i), 999999);
  OKI(wr_fn_second_T(0, t, &i), 59);
  OKI(wr_fn_quarter_T(0, t, &i), 4);
  OKI(wr_fn_to_unix_T(0, t, &i), -1);
  OKI(wr_fn_to_unix_ms_T(0, t, &i), -1);
  OKI(wr_fn_hour_TZ(0, at("2026-07-01T22:00:00Z"), S("Asia/Kathmandu"), &i), 3);
  OKI(wr_fn_minute_TZ(0, at("2026-07-01T22:00:00Z"), S("Asia/Kathmandu"), &i), 45);
  IS(wr_fn_from_unix_I(0, WR_I64_MAX, &i), WR_E_TIME_RANGE);
  IS(wr_fn_from_unix_us_I(0, WR_I64_MIN, &i), WR_E_TIME_RANGE);
  IS(wr_fn_from_unix_I(0, 253402300800, &i), WR_E_TIME_RANGE);
  OKT(wr_fn_from_unix_I(0, 253402300799, &i), "9999-12-31T23:59:59Z");
  OKT(wr_fn_make_date_III(0, 2024, 2, 29, &i), "2024-02-29T00:00:00Z");
  IS(wr_fn_make_date_III(0, 2023, 2, 29, &i), WR_E_DOMAIN);
  IS(wr_fn_make_date_III(0, 2023, 13, 1, &i), WR_E_DOMAIN);
  IS(wr_fn_make_date_III(0, 10000, 1, 1, &i), WR_E_TIME_RANGE);
  OKI(wr_fn_year_TZ(0, WR_TS_MAX, S("Asia/Tokyo"), &i), i);   /* no overflow; the value means nothing */
  OKI(wr_fn_year_TZ(0, WR_TS_MIN, S("America/New_York"), &i), i);
}

static void calendar_arithmetic(void **state)
{
  (void)state;
  wr_str berlin = S("Europe/Berlin");
  OKT(wr_fn_date_trunc_UT(0, S("week"), at("2026-01-01T05:00:00Z"), &i), "2025-12-29T00:00:00Z");
  OKT(wr_fn_date_trunc_UT(0, S("quarter"), at("1969-12-31T05:00:00Z"), &i), "1969-10-01T00:00:00Z");
  OKT(wr_fn_date_trunc_UT(0, S("minute"), at("1969-12-31T23:59:59.5Z"), &i), "1969-12-31T23:59:00Z");
  OKT(wr_fn_date_trunc_UTZ(0, S("hour"), at("2026-07-01T22:20:00Z"), S("Asia/Kathmandu"), &i), "2026-07-01T22:15:00Z");
  OKT(wr_fn_date_trunc_UTZ(0, S("hour"), at("2026-10-25T01:30:00Z"), berlin, &i), "2026-10-25T01:00:00Z");  /* the second 02:00 */
  IS(wr_fn_date_trunc_UT(0, S("hours"), 0, &i), WR_E_DOMAIN);
  IS(wr_fn_date_trunc_UTZ(0, S("year"), at("0001-01-01T00:00:00Z"), S("America/New_York"), &i), WR_E_TIME_RANGE);
  OKT(wr_fn_date_add_UIT(0, S("year"), 1, at("2024-02-29T00:00:00Z"), &i), "2025-02-28T00:00:00Z");
  OKT(wr_fn_date_add_UIT(0, S("month"), -14, at("2026-03-31T01:02:03.4Z"), &i), "2025-01-31T01:02:03.4Z");
  OKT(wr_fn_date_add_UIT(0, S("quarter"), 1, at("2025-11-30T00:00:00Z"), &i), "2026-02-28T00:00:00Z");
  OKT(wr_fn_date_add_UITZ(0, S("day"), 1, at("2026-03-28T01:30:00Z"), berlin, &i), "2026-03-29T01:00:00Z");  /* 02:30 is missing */
  OKT(wr_fn_date_add_UITZ(0, S("hour"), 24, at("2026-03-28T12:00:00Z"), berlin, &i), "2026-03-29T12:00:00Z");
  OKT(wr_fn_date_add_UITZ(0, S("day"), 0, at("2026-10-25T01:30:00Z"), berlin, &i), "2026-10-25T01:30:00Z");
  static const char *const units[] = { "second", "minute", "hour", "day", "week", "month", "quarter", "year" };
  for (int k = 0; k < 8; k++) {
    assert_true(wr_time_unit_ok(S(units[k])));
    IS(wr_fn_date_add_UIT(0, S(units[k]), WR_I64_MAX, at("2026-01-01"), &i), WR_E_TIME_RANGE);
    IS(wr_fn_date_add_UIT(0, S(units[k]), WR_I64_MIN, at("2026-01-01"), &i), WR_E_TIME_RANGE);
    OKI(wr_fn_date_diff_UTT(0, S(units[k]), at("2026-01-01"), at("2026-01-01"), &i), 0);
  }
  assert_false(wr_time_unit_ok(S("")));
  OKI(wr_fn_date_diff_UTT(0, S("month"), at("2026-01-31T00:00:00Z"), at("2026-02-28T00:00:00Z"), &i), 0);
  OKI(wr_fn_date_diff_UTT(0, S("month"), at("2026-03-01T00:00:00Z"), at("2026-01-01T00:00:01Z"), &i), -1);
  OKI(wr_fn_date_diff_UTT(0, S("year"), at("2000-02-29T00:00:00Z"), at("2026-02-28T23:59:59Z"), &i), 25);
  OKI(wr_fn_date_diff_UTT(0, S("week"), at("2026-01-01"), at("2026-01-14T23:00:00Z"), &i), 1);
  OKI(wr_fn_date_diff_UTT(0, S("hour"), at("2026-01-01T00:30:00Z"), at("2026-01-01T03:00:00Z"), &i), 2);
  OKI(wr_fn_days_between_TT(0, at("2026-01-01T23:59:59Z"), at("1969-12-31T00:00:00Z"), &i), -20455);
}

static wr_status format(const char *t, const char *how, const char *zone)
{
  return zone ? wr_fn_format_time_TCZ(0, at(t), S(how), S(zone), &v) : wr_fn_format_time_TC(0, at(t), S(how), &v);
}

static void times_are_formatted(void **state)
{
  (void)state;
  const char *t = "2026-01-04T15:04:05.006007Z";              /* a Sunday */
  OK(format(t, "%Y %y %m %d %e %H %I %M %S %f %L %j %u %p %%", 0), "2026 26 01 04  4 15 03 04 05 006007 006 004 7 PM %");
  OK(format(t, "%a %A %b %B %F %T %R %D", 0), "Sun Sunday Jan January 2026-01-04 15:04:05 15:04 01/04/26");
  OK(format(t, "%z %Z %s", 0), "+0000 UTC 1767539045");
  OK(format("2026-07-04T15:00:00Z", "%z %Z", "America/St_Johns"), "-0230 NDT");
  OK(format("0001-01-01T00:00:00Z", "%Y %I%p", 0), "0001 12AM");
  OK(format(t, "", 0), "");
  OK(format(t, "plain", 0), "plain");
  assert_true(wr_strftime_ok(S("%Y-%m-%dT%H:%M:%S.%f%z 100%%")));
  assert_false(wr_strftime_ok(S("%Q")));
  assert_false(wr_strftime_ok(S("50%")));
}

static wr_status parse(const char *text, const char *how, const char *zone)
{
  return zone ? wr_fn_parse_time_SCZ(0, S(text), S(how), S(zone), &i) : wr_fn_parse_time_SC(0, S(text), S(how), &i);
}

static void times_are_parsed(void **state)
{
  (void)state;
  OKT(parse("4 Jan 2026 3:04 pm", "%e %b %Y %I:%M %p", 0), "2026-01-04T15:04:00Z");
  OKT(parse("Sunday, JANUARY 04 26", "%A, %B %d %y", 0), "2026-01-04T00:00:00Z");
  OKT(parse("12:00 AM", "%I:%M %p", 0), "1970-01-01T00:00:00Z");
  OKT(parse("2026-01-04T15:04:05.5+01:00", "%FT%T.%f%z", 0), "2026-01-04T14:04:05.5Z");
  OKT(parse("2026-01-04 15:04 -0330", "%F %R %z", "Asia/Tokyo"), "2026-01-04T18:34:00Z");
  OKT(parse("2026-07-04 15:04", "%F %R", "Asia/Tokyo"), "2026-07-04T06:04:00Z");
  OKT(parse("2024 366", "%Y %j", 0), "2024-12-31T00:00:00Z");
  OKT(parse("1767539045", "%s", "Asia/Tokyo"), "2026-01-04T15:04:05Z");
  OKT(parse("04/Jan/2026:15:04:05 +0000", "%d/%b/%Y:%T %z", 0), "2026-01-04T15:04:05Z");
  OKT(parse("99", "%y", 0), "1999-01-01T00:00:00Z");
  static const char *const bad[][2] = { { "2026-02-29", "%F" }, { "2026-13-01", "%F" }, { "2026-01-01x", "%F" }, { "2026-01", "%F" }, { "", "%F" },
    { "25:00", "%R" }, { "12:60", "%R" }, { "13 PM", "%I %p" }, { "0 AM", "%I %p" }, { "10 XM", "%I %p" }, { "Foo", "%b" }, { "2023 366", "%Y %j" }, { "1 0", "%d %j" },
    { "+1", "%z" }, { "x", "%s" }, { "", "%s" }, { "-", "%s" }, { "5", "%f%f" }, { "a", "%%" }, { "", "%" } };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    wr_status e = parse(bad[k][0], bad[k][1], 0);
    if (e != WR_E_CAST) fail_msg("\"%s\" by \"%s\": %d", bad[k][0], bad[k][1], e);
  }
  IS(parse("0000-01-01", "%F", 0), WR_E_TIME_RANGE);
  IS(parse("9223372036854775807", "%s", 0), WR_E_TIME_RANGE);
  static const char *const same[] = { "%Y-%m-%d %H:%M:%S.%f", "%F %T.%f %z", "%j %Y %I:%M:%S %p %f", "%a %d %b %Y %T.%f", "%s.%f" };
  for (int k = 0; k < 5000; k++) {                            /* what one writes the other reads */
    wr_ts t = at("1900-01-01") + k * 987654321987LL, back;
    wr_str how = S(same[k % 5 == 4 ? 0 : k % 5]);
    wr_fn_format_time_TC(0, t, how, &v);
    assert_int_equal(wr_fn_parse_time_SC(0, v, how, &back), WR_OK);
    assert_true(back == t);
  }
}

static void durations(void **state)
{
  (void)state;
  OKF(wr_fn_seconds_U(0, -1500000, &f), -1.5);
  OKI(wr_fn_milliseconds_U(0, -1500, &i), -1);
  OKF(wr_fn_days_U(0, 43200000000, &f), 0.5);
}

/* ---- hashes, encodings, masking ---- */

static void hashes_and_encodings(void **state)
{
  (void)state;
  OK(wr_fn_sha256_S(0, NOTHING, &v), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  OKI(wr_fn_crc32_S(0, NOTHING, &i), 0);
  OKI(wr_fn_crc32_S(0, S("The quick brown fox jumps over the lazy dog"), &i), 0x414FA339);
  OK(wr_fn_hex_encode_I(0, -1, &v), "ffffffffffffffff");
  OK(wr_fn_hex_encode_I(0, 0, &v), "0");
  IS(wr_fn_hex_decode_S(0, S("abc"), &v), WR_E_DOMAIN);
  IS(wr_fn_hex_decode_S(0, S("zz"), &v), WR_E_DOMAIN);
  OK(wr_fn_hex_decode_S(0, S("4D5a"), &v), "MZ");
  OK(wr_fn_hex_decode_S(0, NOTHING, &v), "");
  OK(wr_fn_base64_encode_S(0, S("f"), &v), "Zg==");
  OK(wr_fn_base64_encode_S(0, S("foobar"), &v), "Zm9vYmFy");
  OK(wr_fn_base64_encode_S(0, NOTHING, &v), "");
  OK(wr_fn_base64_decode_S(0, S("Zg=="), &v), "f");
  OK(wr_fn_base64_decode_S(0, S("Zm9vYmFy"), &v), "foobar");
  OK(wr_fn_base64_decode_S(0, NOTHING, &v), "");
  IS(wr_fn_base64_decode_S(0, S("Zg="), &v), WR_E_DOMAIN);
  IS(wr_fn_base64_decode_S(0, S("Z!=="), &v), WR_E_DOMAIN);
  IS(wr_fn_hash_A(0, str("a"), &t_str, &i), WR_OK);
  wr_i64 first = i;
  IS(wr_fn_hash_A(0, str("b"), &t_str, &i), WR_OK);
  assert_true(first != i);
}

static void masking(void **state)
{
  (void)state;
  OK(wr_fn_mask_S(0, S("\xC3\xA9\xE2\x82\xACz"), &v), "***");
  OK(wr_fn_mask_S(0, NOTHING, &v), "");
  OK(wr_fn_mask_SI(0, S("ab\xC3\xA9"), 1, &v), "**\xC3\xA9");
  OK(wr_fn_mask_SI(0, S("abc"), 3, &v), "abc");
  OK(wr_fn_mask_SI(0, S("abc"), 99, &v), "abc");
  OK(wr_fn_mask_SI(0, S("abc"), -1, &v), "***");
  OK(wr_fn_mask_SI(0, S("abc"), WR_I64_MIN, &v), "***");
  OK(wr_fn_hmac_SS(0, S("Hi There"), S("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"), &v),
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  OK(wr_fn_hmac_SS(0, NOTHING, NOTHING, &v), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static int base32_value(char c) { return c >= 'A' && c <= 'Z' ? c - 'A' : c >= '2' && c <= '7' ? c - '2' + 26 : -1; }

/* The token's bits are the first 128 of the HMAC over domain, 0, "s", text. */
static void tokens(void **state)
{
  (void)state;
  wr_str key = S("0123456789abcdef0123456789abcdef");
  char message[] = "users\0sann", bits[33] = {0};
  wr_str token, mac, other;
  IS(wr_fn_tokenize_SSS(0, S("ann"), key, S("users"), &token), WR_OK);
  assert_int_equal(token.len, 29);
  assert_memory_equal(token.p, "k1_", 3);
  IS(wr_fn_hmac_SS(0, (wr_str){ message, 10, 0 }, key, &mac), WR_OK);
  unsigned held = 0, have = 0, n = 0;
  for (int k = 3; k < 29; k++) {
    assert_true(base32_value(token.p[k]) >= 0);
    held = held << 5 | (unsigned)base32_value(token.p[k]);
    have += 5;
    while (have >= 4 && n < 32) { bits[n++] = "0123456789abcdef"[held >> (have - 4) & 15]; have -= 4; }
  }
  assert_memory_equal(bits, mac.p, 32);
  IS(wr_fn_tokenize_SSS(0, S("ann"), key, S("cards"), &other), WR_OK);
  assert_false(wr_str_eq(token, other));
  IS(wr_fn_tokenize_SSS(0, S("ann"), S("short"), S("users"), &other), WR_E_DOMAIN);
  IS(wr_fn_tokenize_SSS(0, S("ann"), key, (wr_str){ "a\0b", 3, 0 }, &other), WR_E_DOMAIN);
}

static void environment(void **state)
{
  (void)state;
  setenv("WEIR_TEST_ENV", "here", 1);
  OK(wr_fn_env_S(0, S("WEIR_TEST_ENV"), &v), "here");
  unsetenv("WEIR_TEST_ENV");
  IS(wr_fn_env_S(0, S("WEIR_TEST_ENV"), &v), WR_E_NULL_VALUE);
  OK(wr_fn_env_SS(0, S("WEIR_TEST_ENV"), S("else"), &v), "else");
  IS(wr_fn_env_S(0, NOTHING, &v), WR_E_NULL_VALUE);
}

/* ---- JSON ---- */

#define J "{\"a\": {\"b\": [1, 2.5, true, \"x\\u00e9\", null, {}]}, \"x.y\": 7, \"n\": null, \"big\": 99999999999999999999}"

static void json_paths(void **state)
{
  (void)state;
  OKI(wr_fn_json_int_SS(0, S(J), S("a.b[0]"), &i), 1);
  OKI(wr_fn_json_int_SS(0, S(J), S("$.a.b[0]"), &i), 1);
  OKI(wr_fn_json_int_SS(0, S(J), S("[\"x.y\"]"), &i), 7);
  OKI(wr_fn_json_int_SS(0, S(J), S("$[\"x.y\"]"), &i), 7);
  OKI(wr_fn_json_int_SS(0, S(" 5 "), S(""), &i), 5);
  OKI(wr_fn_json_int_SS(0, S("[[1],[2,3]]"), S("[1][1]"), &i), 3);
  static const char *const nowhere[] = { "a.c", "a.b[9]", "a.b.c", "a[0]", ".", "a.", "a..b", "a.b[", "a.b[x]", "a.b[0", "a.b[-1]", "a.b[99999999999999999999]", "[\"x.y\"", "n", "a.b[4]", "$$", "a b" };
  for (size_t k = 0; k < sizeof nowhere / sizeof *nowhere; k++) {
    wr_status e = wr_fn_json_string_SS(0, S(J), S(nowhere[k]), &v);
    if (e != WR_NULL) fail_msg("path %s gave %d", nowhere[k], e);
  }
}

static void json_values(void **state)
{
  (void)state;
  OK(wr_fn_json_string_SS(0, S(J), S("a.b[3]"), &v), "x\xC3\xA9");
  OK(wr_fn_json_string_SS(0, S(J), S("a.b[1]"), &v), "2.5");
  OK(wr_fn_json_string_SS(0, S(J), S("big"), &v), "99999999999999999999");
  IS(wr_fn_json_string_SS(0, S(J), S("a"), &v), WR_NULL);
  IS(wr_fn_json_int_SS(0, S(J), S("big"), &i), WR_NULL);
  IS(wr_fn_json_int_SS(0, S(J), S("a.b[1]"), &i), WR_NULL);
  OKI(wr_fn_json_int_SS(0, S("{\"a\":1e3}"), S("a"), &i), 1000);
  OKF(wr_fn_json_float_SS(0, S(J), S("big"), &f), 1e20);
  IS(wr_fn_json_float_SS(0, S(J), S("a.b[3]"), &f), WR_NULL);
  OKB(wr_fn_json_bool_SS(0, S(J), S("a.b[2]"), &b), 1);
  IS(wr_fn_json_bool_SS(0, S("{\"a\":truex}"), S("a"), &b), WR_NULL);
  OK(wr_fn_json_get_SS(0, S(J), S("a.b[5]"), &v), "{}");
  OKI(wr_fn_json_length_SS(0, S(J), S(""), &i), 4);
  OKI(wr_fn_json_length_SS(0, S("[]"), S(""), &i), 0);
  IS(wr_fn_json_length_SS(0, S("5"), S(""), &i), WR_NULL);
  IS(wr_fn_json_keys_SS(0, S(J), S(""), &l), WR_OK); assert_list(l, true, "a x.y n big");
  IS(wr_fn_json_keys_SS(0, S("[]"), S(""), &l), WR_NULL);
  IS(wr_fn_json_keys_SS(0, S("{}"), S(""), &l), WR_OK); assert_int_equal(l.n, 0);
  IS(wr_fn_json_strings_SS(0, S(J), S("a.b"), &l), WR_OK); assert_list(l, true, "1 2.5 true x\xC3\xA9 - -");
  IS(wr_fn_json_strings_SS(0, S("{}"), S(""), &l), WR_NULL);
  OK(wr_fn_json_type_SS(0, S(J), S("n"), &v), "null");
  OK(wr_fn_json_type_SS(0, S(J), S("a"), &v), "object");
  OK(wr_fn_json_type_SS(0, S("-1.5"), S(""), &v), "number");
  IS(wr_fn_json_type_SS(0, S(J), S("zz"), &v), WR_NULL);
  IS(wr_fn_json_type_SS(0, S("nope"), S(""), &v), WR_NULL);
}

static void broken_json_is_null(void **state)
{
  (void)state;
  static const char *const bad[] = { "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{a:1}", "\"", "\"\\", "\"\\u12\"", "tru", "01", "1.", "--1", "[1 2]", "1 2", "{\"a\":1}}", "nul", "\x01" };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    size_t n = strlen(bad[k]);
    char *exact = malloc(n ? n : 1);
    memcpy(exact, bad[k], n);
    wr_str s = { exact, (wr_u32)n, 0 };
    OKB(wr_fn_json_valid_S(0, s, &b), 0);
    IS(wr_fn_json_length_SS(0, s, S(""), &i) == WR_OK && strcmp(bad[k], "{\"a\":1}}") != 0, 0);
    wr_fn_json_strings_SS(0, s, S(""), &l);
    wr_fn_json_keys_SS(0, s, S(""), &l);
    wr_fn_json_int_SS(0, s, S("a"), &i);
    wr_fn_json_string_SS(0, s, S("[0]"), &v);
    IS(wr_fn_json_get_SS(0, s, S(""), &v), WR_NULL);
    free(exact);
  }
  OKB(wr_fn_json_valid_S(0, S(" {\"a\": [1, {}]} "), &b), 1);
  OKB(wr_fn_json_valid_S(0, NOTHING, &b), 0);
}

/* ---- URLs and addresses ---- */

static void urls(void **state)
{
  (void)state;
  wr_str u = S("https://ann:pw@[2001:db8::1]:8443?q#f?#x");
  OK(wr_fn_url_host_S(0, u, &v), "2001:db8::1");
  OKI(wr_fn_url_port_S(0, u, &i), 8443);
  OK(wr_fn_url_path_S(0, u, &v), "");
  OK(wr_fn_url_query_S(0, u, &v), "q");
  OK(wr_fn_url_fragment_S(0, u, &v), "f?#x");
  OK(wr_fn_url_host_S(0, S("http://a@b@c/x"), &v), "c");
  OK(wr_fn_url_path_S(0, S("/a/b?c"), &v), "/a/b");
  OK(wr_fn_url_path_S(0, NOTHING, &v), "");
  IS(wr_fn_url_host_S(0, S("/a/b"), &v), WR_NULL);
  IS(wr_fn_url_host_S(0, S("://x"), &v), WR_NULL);
  IS(wr_fn_url_protocol_S(0, S("mailto:ann"), &v), WR_NULL);
  IS(wr_fn_url_port_S(0, S("http://a:/"), &i), WR_NULL);
  IS(wr_fn_url_port_S(0, S("http://a:99999/"), &i), WR_NULL);
  IS(wr_fn_url_port_S(0, S("http://a:x/"), &i), WR_NULL);
  OK(wr_fn_url_query_S(0, S("a?"), &v), "");
  IS(wr_fn_url_query_S(0, S("a#?b"), &v), WR_NULL);
  OK(wr_fn_url_param_SS(0, S("?a=1&b%20c=2+3&a=9&e"), S("b c"), &v), "2 3");
  OK(wr_fn_url_param_SS(0, S("?a=1&a=9"), S("a"), &v), "1");
  OK(wr_fn_url_param_SS(0, S("?a=1&e"), S("e"), &v), "");
  IS(wr_fn_url_param_SS(0, S("?ab=1"), S("a"), &v), WR_NULL);
  IS(wr_fn_url_param_SS(0, S("?a=%FF"), S("a"), &v), WR_E_UTF8);
  OK(wr_fn_url_decode_S(0, S("%4"), &v), "%4");
  OK(wr_fn_url_decode_S(0, S("%zz%41%"), &v), "%zzA%");
  IS(wr_fn_url_decode_S(0, S("%ff"), &v), WR_E_UTF8);
  OK(wr_fn_url_encode_S(0, S("\xC3\xA9~"), &v), "%C3%A9~");
}

static void addresses(void **state)
{
  (void)state;
  OKB(wr_fn_is_ipv4_S(0, S("256.1.1.1"), &b), 0);
  OKB(wr_fn_is_ipv4_S(0, S("1.2.3"), &b), 0);
  OKB(wr_fn_is_ipv4_S(0, (wr_str){ "1.2.3.4\0", 8, 0 }, &b), 0);
  OKB(wr_fn_is_ipv6_S(0, S("1.2.3.4"), &b), 0);
  OKB(wr_fn_is_ipv6_S(0, S("fe80::1"), &b), 1);
  OKB(wr_fn_is_ipv6_S(0, NOTHING, &b), 0);
  OKB(wr_fn_ip_in_SS(0, S("10.1.2.3"), S("10.1.2.3"), &b), 1);
  OKB(wr_fn_ip_in_SS(0, S("10.1.2.3"), S("0.0.0.0/0"), &b), 1);
  OKB(wr_fn_ip_in_SS(0, S("::1"), S("0.0.0.0/0"), &b), 0);
  OKB(wr_fn_ip_in_SS(0, S("172.31.9.9"), S("172.16.0.0/12"), &b), 1);
  OKB(wr_fn_ip_in_SS(0, S("172.32.0.0"), S("172.16.0.0/12"), &b), 0);
  OKB(wr_fn_ip_in_SS(0, S("2001:db8:1::9"), S("2001:db8::/33"), &b), 1);
  OKB(wr_fn_ip_in_SS(0, S("2001:db8:8000::9"), S("2001:db8::/33"), &b), 0);
  IS(wr_fn_ip_in_SS(0, S("nowhere"), S("10.0.0.0/8"), &b), WR_NULL);
  IS(wr_fn_ip_in_SS(0, S("10.0.0.1"), S("10.0.0.0/33"), &b), WR_E_DOMAIN);
  IS(wr_fn_ip_in_SS(0, S("10.0.0.1"), S("10.0.0.0/"), &b), WR_E_DOMAIN);
  IS(wr_fn_ip_in_SS(0, S("10.0.0.1"), S(""), &b), WR_E_DOMAIN);
  static const char *const private[] = { "10.0.0.1", "172.16.0.1", "192.168.255.255", "127.0.0.1", "169.254.1.1", "::1", "fd00::1", "febf::1" };
  static const char *const public[] = { "11.0.0.1", "172.32.0.1", "192.169.0.1", "8.8.8.8", "2001:db8::1", "::2", "fec0::1" };
  for (size_t k = 0; k < sizeof private / sizeof *private; k++) OKB(wr_fn_is_private_ip_S(0, S(private[k]), &b), 1);
  for (size_t k = 0; k < sizeof public / sizeof *public; k++) OKB(wr_fn_is_private_ip_S(0, S(public[k]), &b), 0);
  IS(wr_fn_is_private_ip_S(0, S("x"), &b), WR_NULL);
  OK(wr_fn_ip_prefix_SI(0, S("255.255.255.255"), 9, &v), "255.128.0.0/9");
  OK(wr_fn_ip_prefix_SI(0, S("1.2.3.4"), 0, &v), "0.0.0.0/0");
  OK(wr_fn_ip_prefix_SI(0, S("2001:db8:ffff::1"), 36, &v), "2001:db8:f000::/36");
  IS(wr_fn_ip_prefix_SI(0, S("1.2.3.4"), 33, &v), WR_E_DOMAIN);
}

/* ---- places ---- */

static void places(void **state)
{
  (void)state;
  OKF(wr_fn_geo_distance_FFFF(0, 10, 20, 10, 20, &f), 0);
  IS(wr_fn_geo_distance_FFFF(0, 0, 0, 0, 180, &f), WR_OK);
  assert_true(fabs(f - M_PI * 6371008.8) < 1);
  IS(wr_fn_geo_distance_FFFF(0, 0, 0, 0, 1, &f), WR_OK);
  assert_true(fabs(f - M_PI * 6371008.8 / 180) < 0.001);
  IS(wr_fn_geo_distance_FFFF(0, 90.1, 0, 0, 0, &f), WR_E_DOMAIN);
  IS(wr_fn_geo_distance_FFFF(0, 0, -180.1, 0, 0, &f), WR_E_DOMAIN);
  OKF(wr_fn_geo_bearing_FFFF(0, 0, 0, 1, 0, &f), 0);
  OKF(wr_fn_geo_bearing_FFFF(0, 0, 0, 0, -1, &f), 270);
  OKF(wr_fn_geo_bearing_FFFF(0, 0, 0, -1, 0, &f), 180);
  OK(wr_fn_geohash_FFI(0, -25.382708, -49.265506, 8, &v), "6gkzwgjz");
  OK(wr_fn_geohash_FFI(0, 90, 180, 3, &v), "zzz");
  IS(wr_fn_geohash_FFI(0, 0, 0, 13, &v), WR_E_DOMAIN);
  IS(wr_fn_geohash_FFI(0, 0, 0, 0, &v), WR_E_DOMAIN);
}

/* ---- lists ---- */

static void lists(void **state)
{
  (void)state;
  wr_list empty = { 0, 0, 1 };
  OKB(wr_fn_contains_LE(0, LIST(none, num(2)), &t_int, num(2), &b), 1);
  OKB(wr_fn_contains_LE(0, empty, &t_int, num(2), &b), 0);
  OKI(wr_fn_position_LE(0, LIST(str("a"), str("b")), &t_str, str("b"), &i), 1);
  IS(wr_fn_position_LE(0, empty, &t_str, str("b"), &i), WR_NULL);
  IS(wr_fn_list_first_L(0, empty, &t_int, &slot), WR_NULL);
  IS(wr_fn_list_last_L(0, empty, &t_int, &slot), WR_NULL);
  IS(wr_fn_list_first_L(0, LIST(none), &t_int, &slot), WR_NULL);
  IS(wr_fn_list_min_L(0, LIST(none, num(3), num(-1)), &t_int, &slot), WR_OK); assert_int_equal(slot.u.i, -1);
  IS(wr_fn_list_max_L(0, LIST(none, str("b"), str("ba")), &t_str, &slot), WR_OK); assert_int_equal(slot.len, 2);
  IS(wr_fn_list_max_L(0, LIST(none), &t_int, &slot), WR_NULL);
  IS(wr_fn_sort_L(0, LIST(num(3), none, num(-1), num(2)), &t_int, &l), WR_OK); assert_list(l, false, "-1 2 3 -");
  IS(wr_fn_sort_L(0, empty, &t_int, &l), WR_OK); assert_int_equal(l.n, 0);
  IS(wr_fn_reverse_L(0, LIST(num(1), none), &t_int, &l), WR_OK); assert_list(l, false, "- 1");
  IS(wr_fn_list_distinct_L(0, LIST(num(1), none, num(1), none, num(2)), &t_int, &l), WR_OK); assert_list(l, false, "1 - 2");
  IS(wr_fn_list_append_LE(0, empty, &t_int, num(1), &l), WR_OK); assert_list(l, false, "1");
  IS(wr_fn_list_concat_LL(0, empty, &t_int, LIST(num(1)), &t_int, &l), WR_OK); assert_list(l, false, "1");
  IS(wr_fn_list_concat_LL(0, LIST(num(1)), &t_int, LIST(num(2), num(3)), &t_int, &l), WR_OK); assert_list(l, false, "1 2 3");
  wr_list three = LIST(num(1), num(2), num(3));
  IS(wr_fn_slice_LI(0, three, &t_int, -2, &l), WR_OK); assert_list(l, false, "2 3");
  IS(wr_fn_slice_LI(0, three, &t_int, 9, &l), WR_OK); assert_list(l, false, "");
  IS(wr_fn_slice_LII(0, three, &t_int, WR_I64_MIN, 2, &l), WR_OK); assert_list(l, false, "1 2");
  IS(wr_fn_slice_LII(0, three, &t_int, 1, -5, &l), WR_OK); assert_list(l, false, "");
  IS(wr_fn_slice_LII(0, empty, &t_int, 0, 5, &l), WR_OK); assert_int_equal(l.n, 0);
}

static void lists_are_summed(void **state)
{
  (void)state;
  wr_slot big = { .u.f = 1e100 }, one = { .u.f = 1 }, minus = { .u.f = -1e100 }, huge = { .u.f = 1.7e308 };
  IS(wr_fn_list_sum_L(0, LIST(one, big, one, minus), &t_float, &slot), WR_OK);
  assert_true(slot.u.f == 2);
  IS(wr_fn_list_sum_L(0, LIST(huge, huge), &t_float, &slot), WR_E_OVERFLOW);
  IS(wr_fn_list_sum_L(0, LIST(num(WR_I64_MAX), num(1), num(-5)), &t_int, &slot), WR_OK);
  assert_true(slot.u.i == WR_I64_MAX - 4);
  IS(wr_fn_list_sum_L(0, LIST(num(WR_I64_MAX), num(1)), &t_int, &slot), WR_E_OVERFLOW);
  IS(wr_fn_list_sum_L(0, LIST(none), &t_int, &slot), WR_NULL);
  IS(wr_fn_list_sum_L(0, LIST(num(1)), &t_bool, &slot), WR_E_DOMAIN);
  OKF(wr_fn_list_avg_L(0, LIST(num(150), none, num(250)), &t_dec, &f), 2);
  IS(wr_fn_list_avg_L(0, LIST(none), &t_dec, &f), WR_NULL);
}

/* Elements of two slots: whole elements move and are told apart. */
static void lists_of_records(void **state)
{
  (void)state;
  static const wr_field field[] = { { .name = "i", .type = &t_int }, { .name = "s", .type = &t_str } };
  static const wr_type rec = { .kind = WR_REC, .n = 2, .fields = field };
  wr_slot e[] = { num(1), str("a"), num(1), str("b"), num(1), str("a") };
  wr_list x = { e, 3, 2 };
  IS(wr_fn_list_distinct_L(0, x, &rec, &l), WR_OK);
  assert_int_equal(l.n, 2);
  assert_int_equal(l.p[3].u.p[0], 'b');
  IS(wr_fn_reverse_L(0, (wr_list){ e, 2, 2 }, &rec, &l), WR_OK);
  assert_int_equal(l.p[1].u.p[0], 'b');
  IS(wr_fn_slice_LII(0, x, &rec, 1, 1, &l), WR_OK);
  assert_int_equal(l.n, 1);
  assert_ptr_equal(l.p, e + 2);
}

static void long_lists_have_their_distinct_elements(void **state)
{
  (void)state;
  enum { N = 5000 };
  static wr_slot e[N];
  for (int k = 0; k < N; k++) e[k] = num(k * 7919LL % 997);
  IS(wr_fn_list_distinct_L(0, (wr_list){ e, N, 1 }, &t_int, &l), WR_OK);
  assert_int_equal(l.n, 997);
  for (int k = 0; k < 997; k++) assert_int_equal(l.p[k].u.i, e[k].u.i);
}

static void maps(void **state)
{
  (void)state;
  wr_slot e[] = { str("a"), num(1), str(""), num(2) };
  wr_list m = { e, 2, 2 };
  OKB(wr_fn_contains_MS(0, m, &t_int, S("a"), &b), 1);
  OKB(wr_fn_contains_MS(0, m, &t_int, NOTHING, &b), 1);
  OKB(wr_fn_contains_MS(0, m, &t_int, S("b"), &b), 0);
  OKI(wr_fn_length_M(0, m, &t_int, &i), 2);
  IS(wr_fn_map_keys_M(0, m, &t_int, &l), WR_OK); assert_list(l, true, "a "); assert_int_equal(l.n, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(strings), cmocka_unit_test(parts_of_strings), cmocka_unit_test(searches_in_strings),
    cmocka_unit_test(strings_are_made), cmocka_unit_test(regexes), cmocka_unit_test(rounding), cmocka_unit_test(floats),
    cmocka_unit_test(quotients), cmocka_unit_test(choices), cmocka_unit_test(fields_agree_with_the_library),
    cmocka_unit_test(fields_by_hand), cmocka_unit_test(calendar_arithmetic), cmocka_unit_test(times_are_formatted),
    cmocka_unit_test(times_are_parsed), cmocka_unit_test(durations), cmocka_unit_test(hashes_and_encodings),
    cmocka_unit_test(masking), cmocka_unit_test(tokens), cmocka_unit_test(environment), cmocka_unit_test(json_paths),
    cmocka_unit_test(json_values), cmocka_unit_test(broken_json_is_null), cmocka_unit_test(urls), cmocka_unit_test(addresses),
    cmocka_unit_test(places), cmocka_unit_test(lists), cmocka_unit_test(lists_are_summed), cmocka_unit_test(lists_of_records),
    cmocka_unit_test(long_lists_have_their_distinct_elements), cmocka_unit_test(maps),
  };
  return cmocka_run_group_tests(tests, 0, rig_after);
}
