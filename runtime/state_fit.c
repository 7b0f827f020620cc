/* state_fit.c -- does what a checkpoint holds fit the program? By the lines of two descriptors.
 *
 * A key, a window, an aggregate must be as it was. A state's fields are matched by name: new ones begin
 * with their initial values, none may go, a type may only widen. `keep` may change: it is looked at when a
 * record is read. Another meaning (`means`) is for the user to accept.
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
  if (is->n == m + 1 && is->p[m] == '?' && memcmp(was->p, is->p, m) == 0) return true;
  if (is_type(was, n, "int")) return is_type(is, n, "float") || is_type(is, n, "float?");
  return is_type(was, n, "int?") && is_type(is, n, "float?");
}

static enum wr_fit fit_field(const line *was, wr_str now, char *w, char *i, size_t size)
{
  line is;
  if (!find_field(now, was, &is)) return tell(WR_FITS_NOT, was, NULL, w, i, size);
  return equal(was, &is) || widens(was, &is) ? WR_FITS : tell(WR_FITS_NOT, was, &is, w, i, size);
}

/* ---- all lines ---- */

static bool free_line(enum wr_section_kind kind, const line *l)
{
  return begins(l, "means ") || (kind == WR_SEC_STATE && (begins(l, "field ") || begins(l, "keep ")));
}

/* The next line that must be as it was. */
static bool next_fixed(enum wr_section_kind kind, wr_str text, size_t *at, line *l)
{
  while (next(text, at, l))
    if (!free_line(kind, l)) return true;
  return false;
}

static bool find(wr_str text, const char *word, line *l)
{
  size_t at = 0;
  while (next(text, &at, l))
    if (begins(l, word)) return true;
  return false;
}

enum wr_fit wr_state_fit(enum wr_section_kind kind, wr_str was_text, wr_str is_text, char *w, char *i, size_t size)
{
  line was, is;
  size_t a = 0, b = 0;
  for (;;) {
    bool x = next_fixed(kind, was_text, &a, &was), y = next_fixed(kind, is_text, &b, &is);
    if (!x && !y) break;
    if (!x || !y || !equal(&was, &is)) return tell(WR_FITS_NOT, x ? &was : NULL, y ? &is : NULL, w, i, size);
  }
  for (a = 0; kind == WR_SEC_STATE && next(was_text, &a, &was);)
    if (begins(&was, "field ") && fit_field(&was, is_text, w, i, size) != WR_FITS) return WR_FITS_NOT;
  bool had = find(was_text, "means ", &was), has = find(is_text, "means ", &is);
  if (had == has && (!had || equal(&was, &is))) return WR_FITS;
  return tell(WR_MEANS_OTHER, had ? &was : NULL, has ? &is : NULL, w, i, size);
}

bool wr_state_named(const char *const *names, int n, wr_str name)
{
  for (int i = 0; i < n; i++)
    if (strlen(names[i]) == name.len && memcmp(names[i], name.p, name.len) == 0) return true;
  return false;
}
