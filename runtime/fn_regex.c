/* fn_regex.c -- built-in functions on regular expressions; the machine is in regex.c.
 *
 * Matches do not overlap; after an empty one the search goes on a character later, and an empty
 * match that touches the end of the one before does not count.
 */
#include "fn.h"

typedef struct matches {
  wr_regex *re;
  wr_str s;
  size_t from;                            /* where to go on; beyond the length: over */
  const char *end;                        /* of the match before, 0: none */
} matches;

static size_t next_char(wr_str s, size_t at) {
  do at++; while (at < s.len && ((unsigned char)s.p[at] & 0xC0) == 0x80);
  return at;
}

static bool next_match(matches *m, wr_str *group, int n) {
  while (m->from <= m->s.len && wr_regex_search(m->re, m->s, m->from, group, n)) {
    bool empty = group->len == 0, touches = empty && group->p == m->end;
    size_t end = (size_t)(group->p - (m->s.p ? m->s.p : group->p)) + group->len;
    m->from = empty ? next_char(m->s, end) : end;
    m->end = group->p + group->len;
    if (!touches) return true;
  }
  return false;
}

wr_status wr_fn_regex_group_SRI(wr_ctx *ctx, wr_str s, wr_i32 regex, wr_i64 n, wr_str *out) {
  enum { GROUPS = 101 };
  wr_str group[GROUPS];
  wr_regex *re = wr_regex_of(ctx, regex);
  if (n < 0 || n > wr_regex_groups(re) || n >= GROUPS) return WR_NULL;
  if (!wr_regex_search(re, s, 0, group, (int)n + 1) || !group[n].p) return WR_NULL;
  *out = group[n];
  return WR_OK;
}

wr_status wr_fn_regex_count_SR(wr_ctx *ctx, wr_str s, wr_i32 regex, wr_i64 *out) {
  matches m = { wr_regex_of(ctx, regex), s, 0, 0 };
  wr_str whole;
  for (*out = 0; next_match(&m, &whole, 1);) ++*out;
  return WR_OK;
}

wr_status wr_fn_regex_extract_all_SR(wr_ctx *ctx, wr_str s, wr_i32 regex, wr_list *out) {
  matches m = { wr_regex_of(ctx, regex), s, 0, 0 };
  fn_list l = {0};
  wr_str whole;
  wr_status e = WR_OK;
  while (!e && next_match(&m, &whole, 1)) e = fn_list_add(ctx, &l, whole);
  *out = fn_list_done(&l);
  return e;
}

wr_status wr_fn_regex_split_SR(wr_ctx *ctx, wr_str s, wr_i32 regex, wr_list *out) {
  matches m = { wr_regex_of(ctx, regex), s, 0, 0 };
  fn_list l = {0};
  wr_str whole;
  const char *from = s.p;
  wr_status e = WR_OK;
  while (!e && s.len && next_match(&m, &whole, 1)) {
    if (whole.len == 0 && (whole.p == s.p || whole.p == fn_end(s))) continue;
    e = fn_list_add(ctx, &l, fn_str(from, (size_t)(whole.p - from)));
    from = whole.p + whole.len;
  }
  if (!e) e = fn_list_add(ctx, &l, fn_str(from, (size_t)(fn_end(s) - from)));
  *out = fn_list_done(&l);
  return e;
}

/* ---- replacing ---- */

typedef struct output { wr_ctx *ctx; char *p; size_t n, cap; } output;

static bool put(output *o, const char *p, size_t n) {
  if (o->n + n > o->cap) {
    size_t cap = (o->n + n) * 2 + 64;
    char *q = fn_room(o->ctx, cap);
    if (!q) return false;
    if (o->n) memcpy(q, o->p, o->n);
    o->p = q;
    o->cap = cap;
  }
  if (n) memcpy(o->p + o->n, p, n);
  o->n += n;
  return true;
}

/* The group that $1, ${1} or ${name} at p stands for, *next behind it; -1: the dollar stands for
 * itself. */
static int reference(const wr_regex *re, const char *p, const char *end, const char **next) {
  const char *from = p + 1;
  bool braces = from < end && *from == '{';
  const char *close = braces ? memchr(from, '}', (size_t)(end - from)) : 0;
  if (braces && !close) return -1;
  from += braces;
  const char *at = from;
  int n = wr_scan_digits(&at, braces ? close : end, 1, braces ? 3 : 1);
  if (n >= 0 && (!braces || at == close)) {
    *next = at + braces;
    return n <= wr_regex_groups(re) ? n : -1;
  }
  for (int g = 1; braces && g <= wr_regex_groups(re); g++) {
    const char *name = wr_regex_name(re, g);
    wr_str wanted = fn_str(from, (size_t)(close - from));
    if (!name || !wr_str_eq(fn_str(name, strlen(name)), wanted)) continue;
    *next = close + 1;
    return g;
  }
  return -1;
}

static bool put_replacement(output *o, const wr_regex *re, wr_str by, const wr_str *group) {
  const char *p = by.p, *end = fn_end(by), *next = 0;
  bool ok = true;
  while (ok && p < end) {
    const char *dollar = memchr(p, '$', (size_t)(end - p));
    ok = put(o, p, (size_t)((dollar ? dollar : end) - p));
    if (!dollar) break;
    int g = reference(re, dollar, end, &next);
    if (g >= 0) ok = ok && put(o, group[g].p, group[g].len);
    else {
      ok = ok && put(o, "$", 1);
      next = dollar + 1 + (dollar + 1 < end && dollar[1] == '$');
    }
    p = next;
  }
  return ok;
}

wr_status wr_fn_regex_replace_SRS(wr_ctx *ctx, wr_str s, wr_i32 regex, wr_str by, wr_str *out) {
  enum { GROUPS = 101 };
  wr_str group[GROUPS];
  matches m = { wr_regex_of(ctx, regex), s, 0, 0 };
  output o = { ctx, 0, 0, 0 };
  int n = memchr(by.p ? by.p : "", '$', by.len) ? wr_regex_groups(m.re) + 1 : 1;
  const char *from = s.p;
  bool ok = true;
  while (ok && next_match(&m, group, n)) {
    if (!s.p) from = group->p;
    ok = put(&o, from, (size_t)(group->p - from)) && put_replacement(&o, m.re, by, group);
    from = group->p + group->len;
  }
  *out = s;
  if (from == s.p && o.n == 0 && ok && !m.end) return WR_OK;  /* no match */
  if (!ok || !put(&o, from, s.p ? (size_t)(fn_end(s) - from) : 0)) return WR_E_LIMIT;
  *out = fn_str(o.p, o.n);
  return WR_OK;
}
