/* test_fn_text.c -- bodies of built-in functions on text where the examples in their rows do not
 * reach: the empty string, places out of range, JSON, URLs and encodings that are broken. */
#include "fn_rig.h"

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
  IS(wr_fn_split_SS(0, S(""), S("/"), &l), WR_OK); assert_list(l, true, "");
  assert_int_equal(l.n, 1);
  IS(wr_fn_split_SS(0, S("/a/"), S("/"), &l), WR_OK); assert_list(l, true, " a ");
  assert_int_equal(l.n, 3);
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
  wr_i32 empty = rig_re(""), digits = rig_re("\\d+"), pair = rig_re("(?P<k>\\w)=(\\d)?"),
      letters = rig_re("a*");
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
  static const char *const nowhere[] = { "a.c", "a.b[9]", "a.b.c", "a[0]", ".", "a.", "a..b",
      "a.b[", "a.b[x]", "a.b[0", "a.b[-1]", "a.b[99999999999999999999]", "[\"x.y\"", "n", "a.b[4]",
          "$$", "a b" };
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
  IS(wr_fn_json_strings_SS(0, S(J), S("a.b"), &l), WR_OK);
  assert_list(l, true, "1 2.5 true x\xC3\xA9 - -");
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
  static const char *const bad[] = { "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":",
      "{\"a\":1", "{\"a\":1,", "{a:1}", "\"", "\"\\", "\"\\u12\"", "tru", "01", "1.", "--1",
          "[1 2]", "1 2", "{\"a\":1}}", "nul", "\x01" };
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
  static const char *const private[] = { "10.0.0.1", "172.16.0.1", "192.168.255.255", "127.0.0.1",
      "169.254.1.1", "::1", "fd00::1", "febf::1" };
  static const char *const public[] = { "11.0.0.1", "172.32.0.1", "192.169.0.1", "8.8.8.8",
      "2001:db8::1", "::2", "fec0::1" };
  for (size_t k = 0; k < sizeof private / sizeof *private;
  k++) OKB(wr_fn_is_private_ip_S(0, S(private[k]), &b), 1);
  for (size_t k = 0; k < sizeof public / sizeof *public;
  k++) OKB(wr_fn_is_private_ip_S(0, S(public[k]), &b), 0);
  IS(wr_fn_is_private_ip_S(0, S("x"), &b), WR_NULL);
  OK(wr_fn_ip_prefix_SI(0, S("255.255.255.255"), 9, &v), "255.128.0.0/9");
  OK(wr_fn_ip_prefix_SI(0, S("1.2.3.4"), 0, &v), "0.0.0.0/0");
  OK(wr_fn_ip_prefix_SI(0, S("2001:db8:ffff::1"), 36, &v), "2001:db8:f000::/36");
  IS(wr_fn_ip_prefix_SI(0, S("1.2.3.4"), 33, &v), WR_E_DOMAIN);
}

/* ---- hashes, encodings, masking ---- */

static void hashes_and_encodings(void **state)
{
  (void)state;
  OK(wr_fn_sha256_S(0, NOTHING, &v),
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
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
  OK(wr_fn_hmac_SS(0, S("Hi There"),
      S("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"), &v),
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  OK(wr_fn_hmac_SS(0, NOTHING, NOTHING, &v),
      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static int base32_value(char c) {
  return c >= 'A' && c <= 'Z' ? c - 'A' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

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
    while (have >= 4 && n < 32) { bits[n++] = "0123456789abcdef"[held >> (have - 4) & 15];
    have -= 4; }
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

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(strings), cmocka_unit_test(parts_of_strings),
    cmocka_unit_test(searches_in_strings), cmocka_unit_test(strings_are_made),
    cmocka_unit_test(regexes), cmocka_unit_test(json_paths), cmocka_unit_test(json_values),
    cmocka_unit_test(broken_json_is_null), cmocka_unit_test(urls), cmocka_unit_test(addresses),
    cmocka_unit_test(hashes_and_encodings), cmocka_unit_test(masking), cmocka_unit_test(tokens),
    cmocka_unit_test(environment),
  };
  return cmocka_run_group_tests(tests, 0, rig_after);
}
