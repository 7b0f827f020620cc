/* trial_diff.c -- how the rows that came differ from those that were expected, for a person to read.
 *
 * Rows are aligned by the longest common sequence; what is left in a gap is paired in order, and of a pair
 * the fields that differ are named. Rows as expected are counted where they would only be in the way.
 */
#include "trial_rows.h"
#include <stdlib.h>
#include <string.h>

enum { TABLE_MAX = 4000000, SHOWN_EQUAL = 3 };

typedef struct Diff {
  const trial_rows *want, *got;
  wr_i32 *to;                             /* row of want -> its row of got, -1 */
  FILE *f;
} Diff;

static void *need(size_t n)
{
  void *p = calloc(n ? n : 1, 1);
  if (!p) abort();
  return p;
}

/* ---- aligning ---- */

static void align_middle(Diff *d, wr_i32 lo, wr_i32 n, wr_i32 m)
{
  size_t width = (size_t)m + 1;
  if (n <= 0 || m <= 0 || (wr_i64)(n + 1) * (m + 1) > TABLE_MAX) return;
  wr_i32 *best = need((size_t)(n + 1) * width * sizeof *best);
  for (wr_i32 i = n - 1; i >= 0; i--)
    for (wr_i32 k = m - 1; k >= 0; k--) {
      wr_i32 down = best[(size_t)(i + 1) * width + (size_t)k], right = best[(size_t)i * width + (size_t)k + 1];
      wr_i32 both = wr_rows_match(d->want, lo + i, d->got, lo + k)
                        ? 1 + best[(size_t)(i + 1) * width + (size_t)k + 1] : 0;
      wr_i32 most = down > right ? down : right;
      best[(size_t)i * width + (size_t)k] = both > most ? both : most;
    }
  for (wr_i32 i = 0, k = 0; i < n && k < m;) {
    wr_i32 here = best[(size_t)i * width + (size_t)k];
    if (here == best[(size_t)i * width + (size_t)k + 1]) k++;
    else if (here == best[(size_t)(i + 1) * width + (size_t)k]) i++;
    else d->to[lo + i] = lo + k, i++, k++;
  }
  free(best);
}

static void align(Diff *d)
{
  wr_i32 n = d->want->n, m = d->got->n, lo = 0;
  for (wr_i32 i = 0; i < n; i++) d->to[i] = -1;
  for (; lo < n && lo < m && wr_rows_match(d->want, lo, d->got, lo); lo++) d->to[lo] = lo;
  for (; n > lo && m > lo && wr_rows_match(d->want, n - 1, d->got, m - 1); n--, m--) d->to[n - 1] = m - 1;
  align_middle(d, lo, n - lo, m - lo);
}

/* Does each expected row have one of its own somewhere? */
static bool other_order(const Diff *d)
{
  if (d->want->n != d->got->n || (wr_i64)d->want->n * d->got->n > TABLE_MAX) return false;
  bool *used = need((size_t)d->got->n), all = true;
  for (wr_i32 i = 0; i < d->want->n && all; i++) {
    wr_i32 k = 0;
    while (k < d->got->n && (used[k] || !wr_rows_match(d->want, i, d->got, k))) k++;
    if (k < d->got->n) used[k] = true;
    else all = false;
  }
  free(used);
  return all;
}

/* ---- showing ---- */

static void show_row(const Diff *d, const trial_rows *r, wr_i32 row, const char *mark)
{
  fprintf(d->f, "    %s ", mark);
  wr_rows_print(r, row, d->f);
  if (r == d->want) fprintf(d->f, "   (line %d)", wr_rows_line(r, row));
  fputc('\n', d->f);
}

static void show_fields(const Diff *d, wr_i32 i, wr_i32 k)
{
  const trial_cell *a = wr_rows_cells(d->want, i), *b = wr_rows_cells(d->got, k);
  for (wr_i32 c = 0; c < d->want->nleaf; c++) {
    if (wr_rows_same_cell(d->want, &a[c], d->got, &b[c])) continue;
    fprintf(d->f, "        %s: expected %.*s, got %.*s\n", d->want->leaf[c].path, (int)a[c].n,
            d->want->text.p + a[c].at, (int)b[c].n, d->got->text.p + b[c].at);
  }
}

/* Rows [i, ie) were expected where [k, ke) came. */
static void show_gap(const Diff *d, wr_i32 i, wr_i32 ie, wr_i32 k, wr_i32 ke)
{
  while (i < ie || k < ke) {
    bool both = i < ie && k < ke;
    if (i < ie) show_row(d, d->want, i, "-");
    if (k < ke) show_row(d, d->got, k, "+");
    if (both) show_fields(d, i, k);
    i += i < ie;
    k += k < ke;
  }
}

static void show_equal(const Diff *d, wr_i32 k, wr_i32 ke)
{
  if (ke - k > SHOWN_EQUAL) {
    fprintf(d->f, "      ... %d rows as expected\n", ke - k);
    return;
  }
  for (; k < ke; k++) show_row(d, d->got, k, " ");
}

static void show(const Diff *d)
{
  wr_i32 n = d->want->n, m = d->got->n;
  for (wr_i32 i = 0, k = 0; i < n || k < m;) {
    wr_i32 ie = i, ke = m;
    while (ie < n && d->to[ie] < 0) ie++;
    if (ie < n) ke = d->to[ie];
    show_gap(d, i, ie, k, ke);
    for (i = ie, k = ke; i < n && d->to[i] == k; i++) k++;
    show_equal(d, ke, k);
  }
}

static const char *rows(wr_i32 n, char *text, size_t size)
{
  if (n) snprintf(text, size, "%d row%s", n, n == 1 ? "" : "s");
  else snprintf(text, size, "no rows");
  return text;
}

bool wr_rows_diff(const trial_rows *want, const trial_rows *got, const char *name, wr_u32 line, FILE *f)
{
  Diff d = { want, got, need(((size_t)want->n + 1) * sizeof *d.to), f };
  char a[32], b[32];
  bool same = want->n == got->n;

  align(&d);
  for (wr_i32 i = 0; i < want->n; i++) same &= d.to[i] >= 0;
  if (!same) {
    fprintf(f, "  %s (line %u): ", name, line);
    if (other_order(&d)) fprintf(f, "the rows came in another order than expected (- expected, + got)\n");
    else fprintf(f, "expected %s, got %s (- expected, + got)\n", rows(want->n, a, sizeof a), rows(got->n, b, sizeof b));
    show(&d);
  }
  free(d.to);
  return same;
}
