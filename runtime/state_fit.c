/* state_fit.c -- does what a checkpoint holds fit the program? By the lines of two descriptors.
 *
 * A key, a window, an aggregate must be as it was. Fields are matched by name, and a type may only widen.
 * New fields of a state begin with their initial values, and none may go. Events of a window are the other
 * way round: what nobody asks for any more may go, what is asked for must be there; so are rows that wait,
 * but they may be read again (again.c).
 * `keep` may change: it is looked at when a record is read. Another meaning (`means`) is for the user to
 * accept, and so is a window of events that became longer.
 */
#include "state.h"

typedef struct line { const char *p; size_t n; } line;

static bool next(wr_str text, size_t *at, line *l)
{
  if (*at >= text.len) return false;
  const char *p = text.p + *at, *end = memchr(p, '\n', text.len - *at);
  *l = (line){ p, end ? (size_t)(end - p) : text.len - *at };
  *at += l->n + 1;
  return true;
}

static bool begins(const line *l, const char *word)
{
  size_t n = strlen(word);
  return l->n >= n && memcmp(l->p, word, n) == 0;
}

static bool equal(const line *a, const line *b) { return a->n == b->n && memcmp(a->p, b->p, a->n) == 0; }

static enum wr_fit tell(enum wr_fit fit, const line *was, const line *is, char *w, char *i, size_t size)
{
  snprintf(w, size, "%.*s", was ? (int)was->n : 0, was ? was->p : "");
  snprintf(i, size, "%.*s", is ? (int)is->n : 0, is ? is->p : "");
  return fit;
}

/* ---- fields ---- */

/* `field NAME TYPE`: up to the end of the name, which may be quoted. */
static size_t name_end(const line *l)
{
  size_t i = strlen("field ");
  if (i < l->n && l->p[i] == '"') {
    for (i++; i < l->n && l->p[i] != '"'; i++)
      if (l->p[i] == '\\') i++;
    return i < l->n ? i + 1 : l->n;
  }
  while (i < l->n && l->p[i] != ' ') i++;
  return i;
}

static bool find_field(wr_str text, const line *like, line *out)
{
  size_t at = 0, n = name_end(like);
  while (next(text, &at, out))
    if (begins(out, "field ") && name_end(out) == n && memcmp(out->p, like->p, n) == 0) return true;
  return false;
}

static bool is_type(const line *l, size_t at, const char *type)
{
  return l->n - at == strlen(type) && memcmp(l->p + at, type, l->n - at) == 0;
}

/* What a loader can read: a type became nullable, an int a float (save.c). */
static bool widens(const line *was, const line *is)
{
  size_t n = name_end(was) + 1, m = was->n;
  wr_str before = { was->p + n, (wr_u32)(m - n), 0 }, now = { is->p + n, (wr_u32)(is->n - n), 0 };
  if (n > m || n > is->n) return false;
  if (wr_type_grown(before, now, false)) return true;
  if (is_type(was, n, "int")) return is_type(is, n, "float") || is_type(is, n, "float?");
  return is_type(was, n, "int?") && is_type(is, n, "float?");
}

static enum wr_fit fit_field(const line *was, wr_str now, char *w, char *i, size_t size)
{
  line is;
  if (!find_field(now, was, &is)) return tell(WR_FITS_NOT, was, NULL, w, i, size);
  return equal(was, &is) || widens(was, &is) ? WR_FITS : tell(WR_FITS_NOT, was, &is, w, i, size);
}

static bool of_rows(enum wr_section_kind kind) { return kind == WR_SEC_ORDER || kind == WR_SEC_WINDOW; }

static enum wr_fit fit_fields(enum wr_section_kind kind, wr_str was_text, wr_str is_text, char *w, char *i, size_t size)
{
  line was = { 0 }, is = { 0 };
  for (size_t at = 0; next(was_text, &at, &was);) {
    if (!begins(&was, "field ") || (of_rows(kind) && !find_field(is_text, &was, &is))) continue;
    if (fit_field(&was, is_text, w, i, size) != WR_FITS) return WR_FITS_NOT;
  }
  for (size_t at = 0; kind == WR_SEC_WINDOW && next(is_text, &at, &is);)
    if (begins(&is, "field ") && !find_field(was_text, &is, &was)) return tell(WR_FITS_NOT, NULL, &is, w, i, size);
  return WR_FITS;
}

/* ---- the span of a window of events: 10m, 100 rows ---- */

static bool span_of(const line *l, bool *rows, wr_i64 *n)
{
  size_t at = strlen("window sliding "), end = l->n;
  if (!begins(l, "window sliding ")) return false;
  *rows = end > 5 && memcmp(l->p + end - 5, " rows", 5) == 0;
  if (*rows) return wr_parse_int(l->p + at, end - 5 - at, n);
  return wr_parse_dur(l->p + at, end - at, n) == WR_E_NONE;
}

/* Of a shorter one all events are there. */
static bool shorter(const line *was, const line *is)
{
  wr_i64 a = 0, b = 0;
  bool x = false, y = false;
  return span_of(was, &x, &a) && span_of(is, &y, &b) && x == y && b <= a;
}

/* ---- all lines ---- */

static bool free_line(enum wr_section_kind kind, const line *l)
{
  return begins(l, "means ") || begins(l, "field ") || (kind == WR_SEC_STATE && begins(l, "keep ")) ||
         (kind == WR_SEC_WINDOW && begins(l, "window sliding ")) || (kind == WR_SEC_LIMIT && begins(l, "every "));
}

/* The next line that must be as it was. */
static bool next_fixed(enum wr_section_kind kind, wr_str text, size_t *at, line *l)
{
  while (next(text, at, l))
    if (!free_line(kind, l)) return true;
  return false;
}

/* Enums may have grown. What a grouping holds are ordinals: there at the end only. */
static bool same_line(enum wr_section_kind kind, const line *was, const line *is)
{
  wr_str a = { was->p, (wr_u32)was->n, 0 }, b = { is->p, (wr_u32)is->n, 0 };
  if (equal(was, is)) return true;
  if (b.len && b.p[b.len - 1] == '?' && a.len && a.p[a.len - 1] != '?') return false;
  return wr_type_grown(a, b, kind == WR_SEC_GROUP) && (begins(was, "key ") || begins(was, "agg "));
}

static bool find(wr_str text, const char *word, line *l)
{
  size_t at = 0;
  while (next(text, &at, l))
    if (begins(l, word)) return true;
  return false;
}

static bool has_line(wr_str text, const line *wanted)
{
  line l;
  for (size_t at = 0; next(text, &at, &l);)
    if (equal(&l, wanted)) return true;
  return false;
}

/* `means FIELD on …` of a field that was not there before: nothing of old is mixed with it. */
static bool of_new_field(wr_str was_text, const line *means)
{
  size_t from = strlen("means "), n = from;
  line l;
  while (n < means->n && means->p[n] != ' ') n++;
  for (size_t at = 0; next(was_text, &at, &l);) {
    size_t f = strlen("field ");
    if (begins(&l, "field ") && l.n > f + (n - from) && memcmp(l.p + f, means->p + from, n - from) == 0 &&
        (l.p[f + n - from] == ' ' || l.p[f + n - from] == '.'))
      return false;
  }
  return true;
}

/* The line that now says what the same field means. */
static bool now_means(wr_str is_text, const line *was, line *is)
{
  size_t n = strlen("means ");
  while (n < was->n && was->p[n] != ' ') n++;
  for (size_t at = 0; next(is_text, &at, is);)
    if (is->n > n && memcmp(is->p, was->p, n + 1) == 0) return true;
  return false;
}

/* A state means the same when every field that it had is still computed as it was, and no other way. */
static enum wr_fit fit_updates(wr_str was_text, wr_str is_text, char *w, char *i, size_t size)
{
  line l, is;
  for (size_t at = 0; next(was_text, &at, &l);)
    if (begins(&l, "means ") && !has_line(is_text, &l))
      return tell(WR_MEANS_OTHER, &l, now_means(is_text, &l, &is) ? &is : NULL, w, i, size);
  for (size_t at = 0; next(is_text, &at, &l);)
    if (begins(&l, "means ") && !has_line(was_text, &l) && !of_new_field(was_text, &l))
      return tell(WR_MEANS_OTHER, NULL, &l, w, i, size);
  return WR_FITS;
}

static enum wr_fit fit_meaning(enum wr_section_kind kind, wr_str was_text, wr_str is_text, char *w, char *i,
                               size_t size)
{
  if (kind == WR_SEC_STATE) return fit_updates(was_text, is_text, w, i, size);
  line was = { 0 }, is = { 0 };
  bool had = find(was_text, "means ", &was), has = find(is_text, "means ", &is);
  if (had != has || (had && !equal(&was, &is)))
    return tell(WR_MEANS_OTHER, had ? &was : NULL, has ? &is : NULL, w, i, size);
  if (kind != WR_SEC_WINDOW) return WR_FITS;
  had = find(was_text, "window ", &was), has = find(is_text, "window ", &is);
  if (had && has && !equal(&was, &is) && !shorter(&was, &is)) return tell(WR_MEANS_OTHER, &was, &is, w, i, size);
  return WR_FITS;
}

enum wr_fit wr_state_fit(enum wr_section_kind kind, wr_str was_text, wr_str is_text, char *w, char *i, size_t size)
{
  line was = { 0 }, is = { 0 };
  size_t a = 0, b = 0;
  for (;;) {
    bool x = next_fixed(kind, was_text, &a, &was), y = next_fixed(kind, is_text, &b, &is);
    if (!x && !y) break;
    if (!x || !y || !same_line(kind, &was, &is)) return tell(WR_FITS_NOT, x ? &was : NULL, y ? &is : NULL, w, i, size);
  }
  enum wr_fit fit = fit_fields(kind, was_text, is_text, w, i, size);
  return fit == WR_FITS ? fit_meaning(kind, was_text, is_text, w, i, size) : fit;
}

bool wr_state_named(const char *const *names, int n, wr_str name)
{
  for (int i = 0; i < n; i++)
    if (strlen(names[i]) == name.len && memcmp(names[i], name.p, name.len) == 0) return true;
  return false;
}
