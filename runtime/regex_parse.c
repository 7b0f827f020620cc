/* regex_parse.c -- RE2's syntax into a tree.
 *
 * Recursive descent with a depth limit. Sets (a character is a set of one) are sorted, disjoint
 * ranges of code points; (?i) folds ASCII letters only, as all of the language does. The first
 * error is kept and parsing returns -1 from everywhere.
 */
#include "regex_tree.h"
#include <string.h>

enum { FLAG_I = 1, FLAG_S = 2, FLAG_M = 4, FLAG_U = 8 };

typedef struct parser {
  const char *begin, *p, *end;
  const char *quoted;                     /* 0: not inside \Q…\E */
  re_tree *t;
  int flags, depth;
  const char *error;
  size_t where;
} parser;

/* ---- building ---- */

void *wr_re_grow(void *p, int n, int *cap, size_t size) {
  if (n < *cap) return p;
  int more = *cap ? *cap * 2 : 16;
  void *q = wr_mem_alloc((size_t)more * size);
  if (p) {
    memcpy(q, p, (size_t)n * size);
    wr_mem_free(p, (size_t)*cap * size);
  }
  *cap = more;
  return q;
}

void wr_re_tree_free(re_tree *t) {
  if (t->node) wr_mem_free(t->node, (size_t)t->node_cap * sizeof *t->node);
  if (t->range) wr_mem_free(t->range, (size_t)t->range_cap * sizeof *t->range);
  for (int i = 0; i <= RE_MAX_GROUPS; i++)
    if (t->name[i]) wr_mem_free(t->name[i], RE_MAX_NAME);
}

static int fail(parser *s, const char *at, const char *error) {
  if (!s->error) {
    s->error = error;
    s->where = (size_t)(at - s->begin);
  }
  return -1;
}

static bool refuse(parser *s, const char *at, const char *error) {
  fail(s, at, error);
  return false;
}

static int add(parser *s, re_node node) {
  re_tree *t = s->t;
  t->node = wr_re_grow(t->node, t->nodes, &t->node_cap, sizeof *t->node);
  t->node[t->nodes] = node;
  return t->nodes++;
}

static int empty(parser *s) {
  return add(s, (re_node){ .kind = RE_EMPTY, .child = -1, .next = -1, .nullable = true });
}

static void add_range(parser *s, uint32_t low, uint32_t high) {
  re_tree *t = s->t;
  t->range = wr_re_grow(t->range, t->ranges, &t->range_cap, sizeof *t->range);
  t->range[t->ranges++] = (re_range){ low, high };
}

/* ---- sets ---- */

/* ASCII letters of the ranges from `from` on, in the other case too. */
static void fold_case(parser *s, int from) {
  int last = s->t->ranges;
  for (int i = from; i < last; i++) {
    re_range r = s->t->range[i];
    for (int other = 0; other < 2; other++) {
      uint32_t a = other ? 'A' : 'a', z = a + 25;
      uint32_t low = r.low > a ? r.low : a, high = r.high < z ? r.high : z;
      if (low <= high) add_range(s, low ^ 32, high ^ 32);
    }
  }
}

/* By insertion: patterns are written by hand. */
static void sort_ranges(re_range *r, int n) {
  for (int i = 1; i < n; i++) {
    re_range x = r[i];
    int j = i;
    for (; j > 0 && r[j - 1].low > x.low; j--) r[j] = r[j - 1];
    r[j] = x;
  }
}

static void merge_ranges(parser *s, int from) {
  if (s->t->ranges == from) return;
  re_range *r = s->t->range + from;
  int n = s->t->ranges - from, kept = 0;
  sort_ranges(r, n);
  for (int i = 0; i < n; i++) {
    if (kept && r[i].low <= r[kept - 1].high + 1) {
      if (r[i].high > r[kept - 1].high) r[kept - 1].high = r[i].high;
    } else r[kept++] = r[i];
  }
  s->t->ranges = from + kept;
}

static void negate_ranges(parser *s, int from) {
  merge_ranges(s, from);
  int last = s->t->ranges;
  uint32_t low = 0;
  for (int i = from; i < last; i++) {
    re_range r = s->t->range[i];
    if (r.low > low) add_range(s, low, r.low - 1);
    low = r.high + 1;
  }
  if (low <= 0x10FFFF) add_range(s, low, 0x10FFFF);
  int n = s->t->ranges - last;
  if (n) memmove(s->t->range + from, s->t->range + last, (size_t)n * sizeof(re_range));
  s->t->ranges = from + n;
}

static int set_node(parser *s, int from) {
  merge_ranges(s, from);
  int count = s->t->ranges - from;
  return add(s, (re_node){ .kind = RE_SET, .child = -1, .next = -1, .from = from, .count = count });
}

static int char_node(parser *s, uint32_t c) {
  int from = s->t->ranges;
  add_range(s, c, c);
  if (s->flags & FLAG_I) fold_case(s, from);
  return set_node(s, from);
}

/* Named sets as pairs of bounds. */
static const struct named { const char *name, *pairs; } named_sets[] = {
  { "alnum", "09AZaz" }, { "alpha", "AZaz" }, { "ascii", "\1\x7F" }, { "blank", "\t\t  " },
  { "cntrl", "\1\x1F\x7F\x7F" }, { "digit", "09" }, { "graph", "!~" }, { "lower", "az" },
  { "print", " ~" }, { "punct", "!/:@[`{~" }, { "space", "\t\r  " }, { "upper", "AZ" },
  { "word", "09AZaz__" },
  { "xdigit", "09AFaf" }, { "d", "09" }, { "s", "\t\n\f\r  " }, { "w", "09AZaz__" },
};

static bool add_named(parser *s, const char *name, size_t n, bool negated) {
  for (size_t i = 0; i < sizeof named_sets / sizeof *named_sets; i++) {
    const struct named *set = &named_sets[i];
    if (strlen(set->name) != n || memcmp(set->name, name, n) != 0) continue;
    int from = s->t->ranges;
    for (const char *q = set->pairs; *q; q += 2) {
      bool zero = *q == '\1';             /* stands for NUL, which ends a C string */
      add_range(s, zero ? 0 : (unsigned char)q[0], (unsigned char)q[1]);
    }
    if (s->flags & FLAG_I) fold_case(s, from);
    if (negated) negate_ranges(s, from);
    return true;
  }
  return false;
}

/* ---- characters and escapes ---- */

static uint32_t next_char(parser *s) {                        /* the pattern is valid UTF-8 */
  const unsigned char *p = (const unsigned char *)s->p;
  int n = *p < 0x80 ? 1 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;
  uint32_t c = n == 1 ? *p : *p & (0xFFu >> (n + 1));
  for (int i = 1; i < n; i++) c = c << 6 | (p[i] & 0x3F);
  s->p += n;
  return c;
}

static bool look(const parser *s, char c) { return s->p < s->end && *s->p == c; }

static bool eat(parser *s, char c) {
  if (!look(s, c)) return false;
  s->p++;
  return true;
}

static int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind \x: two digits, or up to U+10FFFF in braces. */
static int32_t scan_hex(parser *s, const char *at) {
  int32_t v = 0;
  int n = 0;
  bool braces = eat(s, '{');
  for (; s->p < s->end && hex(*s->p) >= 0 && (braces || n < 2); n++, s->p++) {
    v = v * 16 + hex(*s->p);
    if (v > 0x10FFFF) return fail(s, at, "a character code above 10FFFF");
  }
  bool complete = braces ? n > 0 && eat(s, '}') : n == 2;
  return complete ? v : fail(s, at, "\\x wants two hexadecimal digits, or \\x{…}");
}

/* An escape that is one character, s->p behind the backslash; -1 and no error: it is none. */
static int32_t scan_escape(parser *s, const char *at) {
  static const char from[] = "aftnrv", to[] = "\a\f\t\n\r\v";
  char c = *s->p;
  const char *named = memchr(from, c, 6);
  if (named) { s->p++; return to[named - from]; }
  if (c == 'x') { s->p++; return scan_hex(s, at); }
  if (c >= '1' && c <= '9' && (c > '7' || s->p + 1 == s->end || s->p[1] < '0' || s->p[1] > '7'))
    return fail(s, at, "references to groups are not supported: matching takes linear time");
  if (c >= '0' && c <= '7') {
    int32_t v = 0;
    for (int i = 0; i < 3 && s->p < s->end && *s->p >= '0' && *s->p <= '7'; i++)
      v = v * 8 + *s->p++ - '0';
    return v;
  }
  bool word = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
  if (word || (unsigned char)c >= 0x80) return -1;
  s->p++;
  return c;
}

/* \d \D \s \S \w \W, s->p behind the backslash. */
static bool scan_perl_set(parser *s) {
  if (!memchr("dDsSwW", *s->p, 6)) return false;
  char lower = (char)(*s->p | 32);
  return add_named(s, &lower, 1, *s->p++ != lower);
}

/* ---- [...] ---- */

static bool scan_posix_set(parser *s) {                       /* [:alpha:] or [:^alpha:] */
  const char *close, *from = s->p + 2;
  if (s->end - s->p < 4 || s->p[1] != ':') return false;
  close = memmem(from, (size_t)(s->end - from), ":]", 2);
  if (!close) return false;
  bool negated = *from == '^';
  from += negated;
  if (close - from < 2 || !add_named(s, from, (size_t)(close - from), negated)) {
    fail(s, s->p, "no such character class");
    return true;
  }
  s->p = close + 2;
  return true;
}

static int32_t scan_set_char(parser *s) {
  const char *at = s->p;
  if (!eat(s, '\\')) return (int32_t)next_char(s);
  if (s->p == s->end) return fail(s, at, "a backslash at the end");
  int32_t c = scan_escape(s, at);
  return c < 0 ? fail(s, at, "no such escape in a character class") : c;
}

static void scan_set_item(parser *s) {
  const char *at = s->p;
  if (look(s, '[') && scan_posix_set(s)) return;
  if (look(s, '\\') && s->p + 1 < s->end) {
    s->p++;
    if (scan_perl_set(s)) return;
    s->p--;
  }
  int32_t low = scan_set_char(s), high = low;
  if (s->error) return;
  if (look(s, '-') && s->p + 1 < s->end && s->p[1] != ']') {
    s->p++;
    high = scan_set_char(s);
    if (s->error) return;
    if (high < low) { fail(s, at, "a range whose end is before its start"); return; }
  }
  int from = s->t->ranges;
  add_range(s, (uint32_t)low, (uint32_t)high);
  if (s->flags & FLAG_I) fold_case(s, from);
}

static int scan_set(parser *s) {
  const char *at = s->p++;
  bool negated = eat(s, '^');
  int from = s->t->ranges;
  for (bool first = true; first || !look(s, ']'); first = false) {
    if (s->p == s->end) return fail(s, at, "a [ without its ]");
    scan_set_item(s);
    if (s->error) return -1;
  }
  s->p++;
  if (negated) negate_ranges(s, from);
  return set_node(s, from);
}

/* ---- groups ---- */

static int scan_alternatives(parser *s);

static int assertion(parser *s, enum re_assertion a) {
  return add(s, (re_node){ .kind = RE_ASSERT, .child = -1, .next = -1, .assertion = a,
                           .nullable = true });
}

static const char no_looking[] = "looking around is not supported: matching takes linear time";
static const char no_flag[] = "no such flag; there are i, s, m and U";

static bool set_flag(int *flags, char c, bool on) {
  static const char names[] = "ismU";
  const char *at = c ? strchr(names, c) : 0;
  if (!at) return false;
  int bit = 1 << (at - names);
  *flags = on ? *flags | bit : *flags & ~bit;
  return true;
}

/* Flags up to ) or :, s->p behind (?. */
static bool scan_flags(parser *s, const char *at) {
  bool on = true, any = false;
  for (; s->p < s->end && *s->p != ')' && *s->p != ':'; s->p++) {
    if (*s->p == '-' && on) { on = false; any = false; continue; }
    if (*s->p == '=' || *s->p == '!') return refuse(s, at, no_looking);
    if (!set_flag(&s->flags, *s->p, on)) return refuse(s, at, no_flag);
    any = true;
  }
  if (s->p == s->end) return refuse(s, at, "a ( without its )");
  if (!any && !(on && *s->p == ':')) return refuse(s, at, "(? without a flag");
  return true;
}

static bool scan_group_name(parser *s, const char *at, int index) {
  const char *from = s->p;
  while (s->p < s->end && *s->p != '>') {
    char c = *s->p++;
    bool ok = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
    if (!ok) return refuse(s, at, "the name of a group is made of letters, digits and _");
  }
  size_t n = (size_t)(s->p - from);
  if (n == 0 || n >= RE_MAX_NAME || !eat(s, '>')) return refuse(s, at, "(?P<name> is not complete");
  for (int i = 1; i < index; i++)
    if (s->t->name[i] && strlen(s->t->name[i]) == n && memcmp(s->t->name[i], from, n) == 0)
      return refuse(s, at, "two groups of one name");
  char *name = s->t->name[index] = wr_mem_alloc(RE_MAX_NAME);
  memcpy(name, from, n);
  name[n] = 0;
  return true;
}

static int scan_rest_of_group(parser *s, const char *at, int index) {
  if (++s->depth > RE_MAX_DEPTH) return fail(s, at, "groups nested too deeply");
  int child = scan_alternatives(s);
  s->depth--;
  if (child < 0) return -1;
  if (!eat(s, ')')) return fail(s, at, "a ( without its )");
  if (!index) return child;
  bool nullable = s->t->node[child].nullable;
  return add(s, (re_node){ .kind = RE_GROUP, .child = child, .next = -1, .index = index,
                           .nullable = nullable });
}

static int scan_group(parser *s) {
  const char *at = s->p++;
  int index = 0, flags = s->flags;
  bool question = eat(s, '?');
  bool angle = question && look(s, '<') && s->end - s->p > 1;
  if (angle && (s->p[1] == '=' || s->p[1] == '!')) return fail(s, at, no_looking);
  bool named = angle || (question && look(s, 'P'));
  if (!question || named) {
    if (s->t->groups == RE_MAX_GROUPS) return fail(s, at, "more than 100 groups");
    index = ++s->t->groups;
  }
  if (named) {
    eat(s, 'P');
    if (!eat(s, '<')) return fail(s, at, "(?P wants <name>");
    if (!scan_group_name(s, at, index)) return -1;
  } else if (question) {
    if (!scan_flags(s, at)) return -1;
    if (eat(s, ')')) return empty(s);     /* for the rest of the group around it */
    s->p++;
  }
  int group = scan_rest_of_group(s, at, index);
  s->flags = flags;
  return group;
}

/* ---- atoms, repetitions, sequences ---- */

static int scan_backslash(parser *s) {
  const char *at = s->p++;
  if (s->p == s->end) return fail(s, at, "a backslash at the end");
  int from = s->t->ranges;
  if (scan_perl_set(s)) return set_node(s, from);
  switch (*s->p) {
  case 'A': s->p++; return assertion(s, RE_TEXT_START);
  case 'z': s->p++; return assertion(s, RE_TEXT_END);
  case 'b': s->p++; return assertion(s, RE_WORD);
  case 'B': s->p++; return assertion(s, RE_NOT_WORD);
  case 'p': case 'P': return fail(s, at, "Unicode classes (\\p) are not supported");
  }
  int32_t c = scan_escape(s, at);
  return c < 0 ? fail(s, at, "no such escape") : char_node(s, (uint32_t)c);
}

static int scan_dot(parser *s) {
  int from = s->t->ranges;
  s->p++;
  if (!(s->flags & FLAG_S)) add_range(s, '\n', '\n');
  negate_ranges(s, from);
  return set_node(s, from);
}

static int scan_atom(parser *s) {
  bool lines = s->flags & FLAG_M;
  if (s->quoted) return char_node(s, next_char(s));
  switch (*s->p) {
  case '(': return scan_group(s);
  case '[': return scan_set(s);
  case '.': return scan_dot(s);
  case '^': s->p++; return assertion(s, lines ? RE_LINE_START : RE_TEXT_START);
  case '$': s->p++; return assertion(s, lines ? RE_LINE_END : RE_TEXT_END);
  case '\\': return scan_backslash(s);
  case '*': case '+': case '?': return fail(s, s->p, "nothing before it to repeat");
  }
  return char_node(s, next_char(s));
}

static int scan_count(parser *s) {                            /* -1: none; large ones stay large */
  if (s->p == s->end || *s->p < '0' || *s->p > '9') return -1;
  int v = 0;
  for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
    if (v <= RE_MAX_REPEAT) v = v * 10 + (*s->p - '0');
  return v;
}

/* {n} {n,} {n,m}; anything else in braces stands for itself. */
static bool scan_braces(parser *s, int *min, int *max) {
  const char *at = s->p++;
  *min = scan_count(s);
  *max = *min;
  if (*min >= 0 && eat(s, ',')) *max = scan_count(s);
  if (*min >= 0 && eat(s, '}')) {
    if (*min > RE_MAX_REPEAT || *max > RE_MAX_REPEAT) fail(s, at, "more than 1000 repetitions");
    else if (*max >= 0 && *max < *min) fail(s, at, "the most repetitions are fewer than the least");
    return true;
  }
  s->p = at;
  return false;
}

static bool scan_repeat(parser *s, int *min, int *max) {
  if (s->p == s->end) return false;
  switch (*s->p) {
  case '*': s->p++; *min = 0; *max = -1; return true;
  case '+': s->p++; *min = 1; *max = -1; return true;
  case '?': s->p++; *min = 0; *max = 1; return true;
  case '{': return scan_braces(s, min, max);
  }
  return false;
}

/* Enters and leaves \Q…\E, between which characters stand for themselves; s->quoted is its end. */
static void scan_quotes(parser *s) {
  for (;;) {
    if (s->quoted && s->p == s->quoted) {
      s->p += s->quoted == s->end ? 0 : 2;
      s->quoted = 0;
    }
    if (s->quoted || s->end - s->p < 2 || memcmp(s->p, "\\Q", 2) != 0) return;
    s->p += 2;
    s->quoted = memmem(s->p, (size_t)(s->end - s->p), "\\E", 2);
    if (!s->quoted) s->quoted = s->end;
  }
}

static int scan_repeated(parser *s) {
  int min, max, atom = scan_atom(s);
  if (s->quoted == s->p) scan_quotes(s);
  if (atom < 0 || s->quoted || !scan_repeat(s, &min, &max)) return s->error ? -1 : atom;
  bool lazy = eat(s, '?') != !!(s->flags & FLAG_U);
  const char *at = s->p;
  int min2, max2;
  if (scan_repeat(s, &min2, &max2)) return fail(s, at, "a repetition of a repetition");
  if (s->error) return -1;
  bool nullable = min == 0 || s->t->node[atom].nullable;
  return add(s, (re_node){ .kind = RE_REPEAT, .child = atom, .next = -1, .min = min, .max = max,
                           .lazy = lazy, .nullable = nullable });
}

static int scan_sequence(parser *s) {
  int chain = -1;
  bool nullable = true;
  for (scan_quotes(s); s->p < s->end; scan_quotes(s)) {
    if (!s->quoted && (*s->p == '|' || *s->p == ')')) break;
    int item = scan_repeated(s);
    if (item < 0) return -1;
    s->t->node[item].next = chain;
    nullable &= s->t->node[item].nullable;
    chain = item;
  }
  if (chain < 0) return empty(s);
  return add(s, (re_node){ .kind = RE_CAT, .child = chain, .next = -1, .nullable = nullable });
}

static int scan_alternatives(parser *s) {
  int first = scan_sequence(s), last = first;
  if (first < 0 || !look(s, '|')) return first;
  bool nullable = s->t->node[first].nullable;
  while (eat(s, '|')) {
    int other = scan_sequence(s);
    if (other < 0) return -1;
    s->t->node[last].next = other;
    nullable |= s->t->node[other].nullable;
    last = other;
  }
  return add(s, (re_node){ .kind = RE_ALT, .child = first, .next = -1, .nullable = nullable });
}

bool wr_re_parse(re_tree *t, wr_str pattern, const char *flags, const char **error, size_t *where) {
  parser s = { .begin = pattern.p, .p = pattern.p, .end = pattern.p + pattern.len, .t = t };
  *t = (re_tree){0};
  for (; flags && *flags; flags++)
    if (!set_flag(&s.flags, *flags, true)) fail(&s, s.end, no_flag);
  if (pattern.len > RE_MAX_PATTERN) fail(&s, s.begin, "a pattern longer than 32 KiB");
  else if (!wr_utf8_valid(s.begin, pattern.len)) fail(&s, s.begin, "a pattern that is not UTF-8");
  if (!s.error) t->root = scan_alternatives(&s);
  if (!s.error && s.p < s.end) fail(&s, s.p, "a ) without its (");
  *error = s.error;
  *where = s.where;
  return !s.error;
}
