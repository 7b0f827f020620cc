/* test_regex.c -- regular expressions: cases by hand, the C library's for whether a pattern matches,
 * a naive backtracking matcher of this file for where and with which groups, and time. */
#include "value_rig.h"
#include <regex.h>
#include <time.h>
#include "regex_tree.h"

static uint64_t rng = 424242;
static uint64_t rnd(void)
{
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return rng;
}

static wr_regex *compile(const char *pattern, const char *flags)
{
  const char *error;
  size_t where;
  wr_regex *re = wr_regex_compile(S(pattern), flags, &error, &where);
  if (!re) fail_msg("/%s/: %s at %zu", pattern, error, where);
  return re;
}

/* Groups as text: "ab|a|-" is the whole match "ab", group 1 "a", group 2 unset; "no" for no match. */
static const char *groups(wr_regex *re, wr_str s, size_t from)
{
  static char text[4096];
  wr_str g[12];
  int n = wr_regex_groups(re) + 1;
  char *p = text;
  if (!wr_regex_search(re, s, from, g, n)) return "no";
  for (int i = 0; i < n; i++) {
    if (i) *p++ = '|';
    p += g[i].p ? sprintf(p, "%.*s", (int)g[i].len, g[i].p) : sprintf(p, "-");
  }
  *p = 0;
  return text;
}

/* ---- by hand ---- */

static void matches_by_hand(void **state)
{
  (void)state;
  static const struct { const char *re, *flags, *text, *want; } t[] = {
    { "", "", "abc", "" }, { "a", "", "bab", "a" }, { "a|ab", "", "ab", "a" },
        { "ab|a", "", "ab", "ab" },
    { "a*", "", "aaa", "aaa" }, { "a*?", "", "aaa", "" }, { "a+?", "", "aaa", "a" },
        { "a{2}", "", "aaa", "aa" },
    { "a{2,}?", "", "aaaa", "aa" }, { "a{1,2}", "", "aaaa", "aa" },
        { "a{,2}", "", "a{,2}", "a{,2}" }, { "a{x", "", "a{x", "a{x" },
    { "(a+)(b+)", "", "xaabby", "aabb|aa|bb" }, { "(a)|(b)", "", "b", "b|-|b" },
        { "(a|b)*", "", "abb", "abb|b" },
    { "(|a)*", "", "aa", "|" }, { "(|a)+", "", "aa", "|" }, { "(a*)*", "", "b", "|" },
        { "(a*)+", "", "b", "|" }, { "(a*)*", "", "aa", "aa|aa" },
    { "(a?)*b", "", "aab", "aab|a" },
    { "^a", "", "ba", "no" }, { "^a", "m", "b\na", "a" }, { "a$", "", "a\n", "no" },
        { "a$", "m", "a\nb", "a" }, { "\\Aa\\z", "", "a", "a" },
    { "^$", "", "", "" }, { "^$", "m", "a\n\nb", "" }, { "a.c", "", "a\nc", "no" },
        { "a.c", "s", "a\nc", "a\nc" }, { "(?s)a.c", "", "a\nc", "a\nc" },
    { "(?i)AbC", "", "xaBc", "aBc" }, { "a(?i)b", "", "aB", "aB" },
        { "a(?i:b)c", "", "aBc", "aBc" }, { "a(?i:b)c", "", "aBC", "no" },
    { "((?i)a)b", "", "AB", "no" }, { "(?i)[^a]", "", "Ab", "b" }, { "(?U)a+", "", "aa", "a" },
        { "(?U)a+?", "", "aa", "aa" }, { "(?i-i:a)", "i", "A", "no" },
    { "[a-c]+", "", "xabcd", "abc" }, { "[^a-c]+", "", "abxyc", "xy" }, { "[]a]+", "", "]a", "]a" },
        { "[^]a]+", "", "b]", "b" },
    { "[a-]+", "", "-a", "-a" }, { "[-a]+", "", "-a", "-a" }, { "[\\d-]+", "", "1-2", "1-2" },
        { "[[:alpha:]]+", "", "1abC2", "abC" },
    { "[[:^alpha:]]+", "", "a12b", "12" },
        { "[\\w.]+@[a-z]+", "", "mail: a.b_c@host!", "a.b_c@host" },
            { "[\\]\\\\]+", "", "a]\\", "]\\" },
    { "\\d{3}-\\d{4}", "", "call 555-1234", "555-1234" }, { "\\bfoo\\b", "", "a foo b", "foo" },
        { "\\bfoo\\b", "", "afoo", "no" },
    { "\\Boo", "", "foo", "oo" }, { "\\s+", "", "a \t\nb", " \t\n" }, { "\\S+", "", " ab ", "ab" },
        { "\\W", "", "a!", "!" }, { "\\x41\\x{20AC}", "", "A\xE2\x82\xAC", "A\xE2\x82\xAC" },
    { "\\101", "", "A", "A" }, { "\\Qa.b*\\E+", "", "a.b**+", "a.b**" },
        { "\\Qa|b)\\E|c", "", "a|b)", "a|b)" }, { "\\Qa\\Eb\\Qc", "", "abc", "abc" },
            { "\\Q\\Ea*", "", "aa", "aa" }, { "\\Qa.b\\Ec", "", "a.bc", "a.bc" },
                { "\\Q(", "", "(", "(" }, { "\\/", "", "a/b", "/" },
    { ".", "", "\xC3\xA9", "\xC3\xA9" }, { "[\xC3\xA0-\xC3\xBF]+", "", "x\xC3\xA9\xC3\xBC",
        "\xC3\xA9\xC3\xBC" }, { "[^x]", "", "x\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80" },
    { "h.llo", "", "h\xC3\xA9llo", "h\xC3\xA9llo" },
        { ".{3}", "", "\xE2\x82\xAC\xC3\xA9x", "\xE2\x82\xAC\xC3\xA9x" },
            { "^.$", "", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF" },
    { "(?P<y>\\d{4})-(?<m>\\d\\d)", "", "on 2026-01-31", "2026-01|2026|01" },
        { "(&|^)channel_id=([^&]*)", "", "x=1&channel_id=42&b", "&channel_id=42|&|42" },
    { "(&|^)channel_id=([^&]*)", "", "channel_id=apple", "channel_id=apple||apple" },
        { "x*", "", "y", "" }, { "(?:a|b)c", "", "bc", "bc" }, { "a||b", "", "b", "" },
    { "(a{0})b", "", "ab", "b|" }, { "a{0,0}b", "", "ab", "b" },
        { "(?:a{2}){2}", "", "aaaaa", "aaaa" }, { "[\\x00-\\x{10FFFF}]", "", "z", "z" },
            { "[^\\x00-\\x{10FFFF}]", "", "z", "no" },
    { "(a)(b)?", "", "ac", "a|a|-" }, { "\\a\\f\\t\\n\\r\\v", "", "\a\f\t\n\r\v", "\a\f\t\n\r\v" },
        { "a\\b", "", "a", "a" }, { "\\b", "", "", "no" }, { "\\B", "", "", "" },
    { "^*a", "", "ba", "a" }, { "(?:)a", "", "a", "a" }, { "$", "", "ab", "" }, { "a**", 0, 0, 0 },
  };
  for (size_t i = 0; t[i].text; i++) {
    wr_regex *re = compile(t[i].re, t[i].flags);
    const char *got = groups(re, S(t[i].text), 0);
    if (strcmp(got, t[i].want) != 0) fail_msg("/%s/%s on \"%s\": \"%s\", want \"%s\"", t[i].re,
        t[i].flags, t[i].text, got, t[i].want);
    assert_int_equal(wr_regex_test(re, S(t[i].text)), strcmp(t[i].want, "no") != 0);
    wr_regex_free(re);
  }
}

static void errors_have_a_place(void **state)
{
  (void)state;
  static const struct { const char *re; size_t at; } bad[] = {
    { "a(b", 1 }, { "ab)", 2 }, { "a[b", 1 }, { "*a", 0 }, { "a**", 2 }, { "a+{2}", 2 },
        { "a{2}{3}", 4 }, { "a*??", 3 }, { "a{1001}", 1 }, { "a{3,2}", 1 },
    { "a\\", 1 }, { "\\1", 0 }, { "(a)\\8", 3 }, { "(?=a)", 0 }, { "(?!a)", 0 }, { "(?<=a)", 0 },
        { "(?<!a)", 0 }, { "(?P=n)", 0 }, { "(?Px)", 0 },
    { "(?P<n>a)(?P<n>b)", 8 }, { "(?<1-2>a)", 0 }, { "(?<>a)", 0 }, { "(?x)", 0 }, { "(?", 0 },
        { "(?)", 0 }, { "(?i", 0 }, { "(?-)a", 0 }, { "[b-a]", 1 }, { "[[:foo:]]", 1 },
    { "[[:d:]]", 1 }, { "\\pL", 0 }, { "\\y", 0 }, { "\\Z", 0 }, { "\\C", 0 }, { "\\x{110000}", 0 },
        { "\\x4", 0 }, { "\\x{}", 0 }, { "[a-\\d]", 3 }, { "[\\y]", 1 }, { "[", 0 },
    { "[]", 0 }, { "[a", 0 }, { "a\xFF", 0 }, { "\xED\xA0\x80", 0 }, { "(", 0 }, { "a|(", 2 },
        { "?", 0 }, { "|*", 1 }, { "(?:+)", 3 }, { "\\xZZ", 0 },
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const char *error = 0;
    size_t where = 99;
    wr_regex *re = wr_regex_compile(S(bad[i].re), "", &error, &where);
    if (re) fail_msg("/%s/ was taken", bad[i].re);
    assert_non_null(error);
    if (where != bad[i].at) fail_msg("/%s/: \"%s\" at %zu, want %zu", bad[i].re, error, where,
        bad[i].at);
  }
  const char *error;
  size_t where;
  assert_null(wr_regex_compile(S("a"), "q", &error, &where));
}

static void size_has_limits(void **state)
{
  (void)state;
  static const char *const large[] = { "((a{1000}){1000}){1000}",
      "(((((((.{9}){9}){9}){9}){9}){9}){9}){9}",
    "((((((?:){1000}){1000}){1000}){1000}){1000}){1000}",
        "(?:(?:(?:(?:){1000}){1000}){1000}){1000}", "[^a]{1000}{1}" };
  const char *error;
  size_t where;
  for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
    clock_t begin = clock();
    wr_regex *re = wr_regex_compile(S(large[i]), "", &error, &where);
    if (i != 3) assert_null(re);                              /* nothing, as often as it may be */
    wr_regex_free(re);
    assert_true(clock() - begin < CLOCKS_PER_SEC * 2);
  }
  char deep[2001];
  memset(deep, '(', 1000);
  memset(deep + 1000, ')', 1000);
  deep[2000] = 0;
  assert_null(wr_regex_compile(S(deep), "", &error, &where));
  memset(deep, '(', 2000);
  assert_null(wr_regex_compile(S(deep), "", &error, &where));
  char groups_[410];
  for (int i = 0; i < 101; i++) memcpy(groups_ + i * 4, "(a)*", 4);
  groups_[404] = 0;
  assert_null(wr_regex_compile(S(groups_), "", &error, &where));
  groups_[400] = 0;
  wr_regex *re = compile(groups_, "");
  assert_int_equal(wr_regex_groups(re), 100);
  wr_regex_free(re);
  static char wide[RE_MAX_PATTERN + 2];
  memset(wide, '|', sizeof wide - 1);
  assert_null(wr_regex_compile(S(wide), "", &error, &where));
  wide[RE_MAX_PATTERN] = 0;
  re = compile(wide, "");
  assert_true(wr_regex_test(re, S("x")));
  wr_regex_free(re);
}

static void groups_have_names(void **state)
{
  (void)state;
  wr_regex *re = compile("(?P<year>\\d+)(-)(?<month>\\d+)", "");
  assert_int_equal(wr_regex_groups(re), 3);
  assert_string_equal(wr_regex_name(re, 1), "year");
  assert_null(wr_regex_name(re, 2));
  assert_string_equal(wr_regex_name(re, 3), "month");
  assert_null(wr_regex_name(re, 0));
  assert_null(wr_regex_name(re, 4));
  wr_str g[2];
  assert_true(wr_regex_search(re, S("a 12-3 45-6"), 4, g, 2));      /* from inside, fewer groups */
  assert_str(g[0], "45-6");
  assert_str(g[1], "45");
  assert_false(wr_regex_search(re, S("1-2"), 4, g, 2));
  assert_true(wr_regex_search(re, S("1-2"), 0, 0, 0));
  wr_regex_free(re);
}

/* What stands before the start of a search still counts for ^ and \b. */
static void searches_see_what_is_before(void **state)
{
  (void)state;
  wr_str g;
  wr_regex *re = compile("^a|\\bb", "");
  assert_false(wr_regex_search(re, S("aa"), 1, &g, 1));
  assert_false(wr_regex_search(re, S("ab"), 1, &g, 1));
  assert_true(wr_regex_search(re, S("-b"), 1, &g, 1));
  wr_regex_free(re);
}

/* ---- the C library as a second opinion on whether a pattern matches ---- */

static char *random_count(char *p)
{
  return p + sprintf(p, "{%d,%d}", (int)(rnd() % 3), 2 + (int)(rnd() % 2));
}

static void random_common(char *p, int size)                 /* the subset both understand alike */
{
  char *end = p + size - 12;
  int depth = 0, atom = 0;
  while (p < end && rnd() % 12) {
    uint64_t pick = rnd() % 9;
    if (pick < 3) *p++ = "abc"[rnd() % 3], atom = 1;
    else if (pick == 3) *p++ = '.', atom = 1;
    else if (pick == 4) p += sprintf(p, rnd() & 1 ? "[a-b]" : "[^ab]"), atom = 1;
    else if (pick == 5) *p++ = '(', depth++, *p++ = "abc"[rnd() % 3], atom = 1;
    else if (pick == 6 && depth && atom) *p++ = ')', depth--;
    else if (pick == 7 && atom) {
      if (rnd() % 4) *p++ = "*+?"[rnd() % 3];
      else p = random_count(p);
      atom = 0;
    } else if (pick == 8 && atom) *p++ = '|', *p++ = "abc"[rnd() % 3];
  }
  if (rnd() % 6 == 0) *p++ = '$';
  while (depth--) *p++ = ')';
  *p = 0;
}

static void tests_agree_with_the_library(void **state)
{
  (void)state;
  char pattern[128], text[24];
  int matched = 0, tried = 0;
  for (int i = 0; i < 6000; i++) {
    random_common(pattern + 1, 40);
    pattern[0] = '^';
    const char *use = pattern + (rnd() & 1);
    regex_t lib;
    if (regcomp(&lib, use, REG_EXTENDED | REG_NOSUB) != 0) continue;
    wr_regex *re = compile(use, "");
    for (int k = 0; k < 12; k++) {
      size_t n = rnd() % 20;
      for (size_t c = 0; c < n; c++) text[c] = "abcd"[rnd() % 4];
      text[n] = 0;
      bool want = regexec(&lib, text, 0, 0, 0) == 0, got = wr_regex_test(re, S(text));
      if (want != got) fail_msg("/%s/ on \"%s\" is %d", use, text, want);
      matched += want;
      tried++;
    }
    regfree(&lib);
    wr_regex_free(re);
  }
  assert_true(matched > tried / 10 && matched < tried - tried / 10);
}

/* ---- a naive matcher as a second opinion on groups ----
 * It walks the parsed tree with continuations, trying alternatives in order; as in RE2, a first
 * turn of a loop that takes nothing is the last, and a further one that takes nothing is no turn.
 * Exponential, so texts are short. */

typedef struct naive { const re_tree *t; const char *text; long n, steps; long slot[2 * 16];
} naive;
typedef struct then { bool (*go)(naive *, long at, const struct then *); const struct then *next;
const re_node *node; int i, count; long from; } then;

static bool run(naive *m, int node, long at, const then *k);
static bool go_on(naive *m, long at, const then *k) { return k->go(m, at, k); }

static bool cat_rest(naive *m, long at, const then *k);
static bool cat(naive *m, const re_node *node, int upto, long at, const then *k)
{
  /* children are linked last to first */
  int chain[64], n = 0;
  for (int c = node->child; c >= 0; c = m->t->node[c].next) chain[n++] = c;
  if (upto == n) return go_on(m, at, k);
  then rest = { cat_rest, k, node, upto + 1, 0, 0 };
  return run(m, chain[n - 1 - upto], at, &rest);
}
static bool cat_rest(naive *m, long at, const then *k) {
  return cat(m, k->node, k->i, at, k->next);
}

static bool loop_again(naive *m, long at, const then *k);
static bool loop(naive *m, const re_node *node, int count, long at, const then *k)
{
  bool may = node->max < 0 || count < node->max, must = count < node->min;
  then again = { loop_again, k, node, 0, count + 1, at };
  if (must) return run(m, node->child, at, &again);
  if (node->lazy) return go_on(m, at, k) || (may && run(m, node->child, at, &again));
  return (may && run(m, node->child, at, &again)) || go_on(m, at, k);
}
static bool loop_again(naive *m, long at, const then *k)
{
  int needed = k->node->min > 1 ? k->node->min : 1;
  if (at == k->from && k->count >= needed && k->node->max < 0) return k->count == needed &&
      go_on(m, at, k->next);
  return loop(m, k->node, k->count, at, k->next);
}

static bool group_end(naive *m, long at, const then *k)
{
  long old = m->slot[2 * k->i + 1];
  m->slot[2 * k->i + 1] = at;
  if (go_on(m, at, k->next)) return true;
  m->slot[2 * k->i + 1] = old;
  return false;
}

static bool run(naive *m, int index, long at, const then *k)
{
  const re_node *node = &m->t->node[index];
  if (++m->steps > 200000) return false;
  switch (node->kind) {
  case RE_EMPTY: return go_on(m, at, k);
  case RE_SET:
    for (int i = 0; i < node->count && at < m->n; i++) {
      const re_range *r = &m->t->range[node->from + i];
      if ((unsigned char)m->text[at] >= r->low &&
          (unsigned char)m->text[at] <= r->high) return go_on(m, at + 1, k);
    }
    return false;
  case RE_CAT: return cat(m, node, 0, at, k);
  case RE_ALT:
    for (int c = node->child; c >= 0; c = m->t->node[c].next)
      if (run(m, c, at, k)) return true;
    return false;
  case RE_REPEAT: return loop(m, node, 0, at, k);
  case RE_GROUP: {
    long old = m->slot[2 * node->index];
    then end = { group_end, k, 0, node->index, 0, 0 };
    m->slot[2 * node->index] = at;
    if (run(m, node->child, at, &end)) return true;
    m->slot[2 * node->index] = old;
    return false;
  }
  case RE_ASSERT: {
    enum re_around before = at ? wr_re_around_of((unsigned char)m->text[at - 1]) : RE_EDGE;
    enum re_around after = at < m->n ? wr_re_around_of((unsigned char)m->text[at]) : RE_EDGE;
    return wr_re_assertion_holds(node->assertion, before, after) && go_on(m, at, k);
  }
  }
  return false;
}

static bool naive_end(naive *m, long at, const then *k) { (void)k; m->slot[1] = at; return true; }

/* -1: it took too many steps to say. */
static int naive_match(const re_tree *t, const char *text, long n, naive *m)
{
  then end = { naive_end, 0, 0, 0, 0, 0 };
  *m = (naive){ .t = t, .text = text, .n = n };
  for (long from = 0; from <= n; from++) {
    for (int i = 0; i < 32; i++) m->slot[i] = -1;
    m->slot[0] = from;
    if (run(m, t->root, from, &end)) return 1;
    if (m->steps > 200000) return -1;
  }
  return 0;
}

static void random_any(char *p, int size)
{
  static const char *const looks[] = { "^", "$", "\\b", "\\B" };
  char *end = p + size - 14;
  int depth = 0, atom = 0, groups_open = 0;
  while (p < end && rnd() % 14) {
    uint64_t pick = rnd() % 12;
    if (pick < 3) *p++ = "ab-"[rnd() % 3], atom = 1;
    else if (pick == 3) *p++ = '.', atom = 1;
    else if (pick == 4) p += sprintf(p, "%s", rnd() & 1 ? "[a-b]" : "\\w"), atom = 1;
    else if (pick == 5 && groups_open < 7) {
      bool counted = rnd() % 4;
      p += sprintf(p, "%s", counted ? "(" : "(?:");
      groups_open += counted, depth++, atom = 0;
    } else if (pick == 6 && depth) *p++ = ')', depth--, atom = 1;
    else if ((pick == 7 || pick == 8) && atom) {
      if (rnd() % 4) *p++ = "*+?"[rnd() % 3];
      else p = random_count(p);
      if (rnd() % 3 == 0) *p++ = '?';
      atom = 0;
    } else if (pick == 9) *p++ = '|', atom = 0;
    else if (pick == 10) p += sprintf(p, "%s", looks[rnd() % 4]), atom = 0;
    else if (pick == 11) *p++ = 'a', atom = 1;
  }
  while (depth--) *p++ = ')';
  *p = 0;
}

/* Three machines and the naive matcher: one answer. */
static void groups_agree_with_a_naive_matcher(void **state)
{
  (void)state;
  char pattern[128], text[16];
  int matched = 0;
  for (int i = 0; i < 12000; i++) {
    const char *error;
    size_t where;
    re_tree tree;
    random_any(pattern, 48);
    if (!wr_re_parse(&tree, S(pattern), "", &error, &where)) { wr_re_tree_free(&tree); continue; }
    wr_regex *re = compile(pattern, "");
    for (int k = 0; k < 6; k++) {
      long n = (long)(rnd() % 9);
      for (long c = 0; c < n; c++) text[c] = "ab-"[rnd() % 3];
      naive m;
      int says = naive_match(&tree, text, n, &m);
      if (says < 0) continue;
      matched += says;
      int slots = 2 * (tree.groups + 1);
      long slot[32];
      bool tested = wr_regex_test(re, (wr_str){ text, (wr_u32)n, 0 });
      for (int c = 0; c < 32; c++) slot[c] = -1;
      bool got = wr_re_match(re, text, (size_t)n, 0, slot, slots);
      if (tested != (says == 1) || got != (says == 1))
          fail_msg("/%s/ on \"%.*s\": %d, naive says %d", pattern, (int)n, text, got, says);
      if (got && memcmp(slot, m.slot, (size_t)slots * sizeof(long)) != 0)
        fail_msg("/%s/ on \"%.*s\": other groups", pattern, (int)n, text);
    }
    wr_re_tree_free(&tree);
    wr_regex_free(re);
  }
  assert_true(matched > 10000);
}

/* The backtracker and Pike's machine on one text: the long one is the short one behind a prefix that
 * no match can touch (the class \d) and so long that the backtracker refuses it. */
static void both_matchers_agree(void **state)
{
  (void)state;
  static char text[300000];
  char pattern[160], inner[128], expected[4096];
  memset(text, '0', sizeof text);
  for (int i = 0; i < 500; i++) {
    const char *error;
    size_t where;
    random_any(inner, 40);
    snprintf(pattern, sizeof pattern, "x(?:%s)y", inner);
    wr_regex *re = wr_regex_compile(S(pattern), "", &error, &where);
    if (!re) continue;
    for (int k = 0; k < 4; k++) {
      size_t n = rnd() % 8;
      char *p = text + sizeof text - 12;
      p[0] = 'x';
      for (size_t c = 0; c < n; c++) p[1 + c] = "ab-"[rnd() % 3];
      p[n + 1] = 'y';
      strcpy(expected, groups(re, (wr_str){ p, (wr_u32)n + 2, 0 }, 0));
      /* they look at the neighbour */
      if (strstr(inner, "\\b") || strstr(inner, "\\B")) continue;
      const char *got = groups(re, (wr_str){ text, (wr_u32)(p + n + 2 - text), 0 }, 0);
      if (strcmp(got, expected) != 0) fail_msg("/%s/ on \"%.*s\": \"%s\", short \"%s\"", pattern,
          (int)n + 2, p, got, expected);
      memset(p, '0', 12);
    }
    wr_regex_free(re);
  }
}

/* ---- time and memory ---- */

static void time_is_linear(void **state)
{
  (void)state;
  static char text[1 << 20];
  memset(text, 'a', sizeof text);
  static const char *const hard[] = { "(a*)*b", "(a|a)*b", "(a+)+$b", "a{0,30}a{30}b",
      "(.*)(.*)(.*)(.*)b", "(x+x+)+y" };
  clock_t begin = clock();
  for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
    wr_regex *re = compile(hard[i], "");
    wr_str g[2];
    assert_false(wr_regex_test(re, (wr_str){ text, sizeof text, 0 }));
    assert_false(wr_regex_search(re, (wr_str){ text, 20000, 0 }, 0, g, 2));
    wr_regex_free(re);
  }
  assert_true(clock() - begin < 30 * (clock_t)CLOCKS_PER_SEC);
}

/* More states than the DFA may keep: it forgets, and still answers. */
static void the_automaton_forgets(void **state)
{
  (void)state;
  static char text[200000];
  wr_regex *re = compile("a[ab]{13}c", ""), *plain = compile("(a)[ab]{13}c", "");
  for (size_t i = 0; i < sizeof text; i++) text[i] = "ab"[rnd() & 1];
  assert_false(wr_regex_test(re, (wr_str){ text, sizeof text, 0 }));
  text[150000 - 14] = 'a';
  text[150000] = 'c';
  assert_true(wr_regex_test(re, (wr_str){ text, sizeof text, 0 }));
  wr_str g[2];
  assert_true(wr_regex_search(plain, (wr_str){ text, sizeof text, 0 }, 0, g, 2));
  assert_ptr_equal(g[0].p, text + 150000 - 14);
  wr_regex_free(re);
  wr_regex_free(plain);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(matches_by_hand), cmocka_unit_test(errors_have_a_place),
        cmocka_unit_test(size_has_limits),
    cmocka_unit_test(groups_have_names), cmocka_unit_test(searches_see_what_is_before),
    cmocka_unit_test(tests_agree_with_the_library),
        cmocka_unit_test(groups_agree_with_a_naive_matcher),
    cmocka_unit_test(both_matchers_agree), cmocka_unit_test(time_is_linear),
        cmocka_unit_test(the_automaton_forgets),
  };
  return cmocka_run_group_tests(tests, 0, rig_after);
}
