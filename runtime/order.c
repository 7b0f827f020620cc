/* order.c -- the order in which the cells of a closing window leave: by the values of the key.
 *
 * A key is read as a sequence of 8-byte words that compare like it ("levels"): the end of a
 * session, then for each column whether it is null and its value; strings give 7 bytes and a count
 * in each word (8: more follow). Items are radix sorted by one word; runs of equal words go on
 * with the next level. Short runs, and runs too deep to recurse into, are merge sorted with whole
 * comparisons.
 */
#include "table.h"

enum { SMALL = 48, MAX_DEPTH = 24, TIME = -1 };
#define SIGN (1ull << 63)

typedef struct level {
  wr_i32 col;                             /* TIME, or a key column; ncol: the key is over */
  wr_u32 part;                            /* nullable columns: 0 is the null flag; then chunks */
} level;

typedef struct sorter {
  const wr_layout *lay;
  bool by_time;
} sorter;

static wr_u64 float_word(wr_u64 bits) { return bits & SIGN ? ~bits : bits | SIGN; }

static wr_u64 str_word(wr_str s, wr_u32 chunk) {
  wr_u64 from = (wr_u64)chunk * 7, word = 0;
  wr_u64 n = s.len - from < 7 ? s.len - from : 7;
  for (wr_u64 i = 0; i < n; i++) word |= (wr_u64)(wr_u8)s.p[from + i] << (56 - 8 * i);
  return word | (s.len > from + 7 ? 8 : n);
}

static wr_i64 time_of(const wr_layout *l, const char *cell) {
  wr_i64 t;
  memcpy(&t, cell + l->head, sizeof t);
  return t;
}

static wr_u64 word_at(const wr_layout *l, level at, const char *cell) {
  if (at.col == TIME) return (wr_u64)time_of(l, cell) ^ SIGN;
  const wr_key_col *c = &l->col[at.col];
  const wr_u64 *key = (const wr_u64 *)cell, *w = key + c->at;
  if (c->nullable && at.part == 0) return !wr_key_null(key, (wr_u32)at.col);
  if (c->string) return str_word(wr_key_str(w), at.part - c->nullable);
  return c->kind == WR_FLOAT ? float_word(*w) : *w ^ SIGN;
}

static level next_level(const wr_layout *l, level at, wr_u64 word) {
  if (at.col != TIME) {
    const wr_key_col *c = &l->col[at.col];
    bool flag = c->nullable && at.part == 0;
    if (flag ? word != 0 : c->string && (word & 0xff) == 8) return (level){ at.col, at.part + 1 };
  }
  return (level){ at.col + 1, 0 };
}

/* ---- whole comparison ---- */

static int compare_str(wr_str a, wr_str b) {
  wr_u32 n = a.len < b.len ? a.len : b.len;
  int d = n ? memcmp(a.p, b.p, n) : 0;
  return d ? d : (a.len > b.len) - (a.len < b.len);
}

static int compare_col(const wr_layout *l, wr_u32 col, const wr_u64 *a, const wr_u64 *b) {
  const wr_key_col *c = &l->col[col];
  if (c->nullable) {
    bool x = wr_key_null(a, col), y = wr_key_null(b, col);
    if (x || y) return y - x;
  }
  a += c->at, b += c->at;
  if (c->string) return compare_str(wr_key_str(a), wr_key_str(b));
  wr_u64 x = c->kind == WR_FLOAT ? float_word(*a) : *a ^ SIGN;
  wr_u64 y = c->kind == WR_FLOAT ? float_word(*b) : *b ^ SIGN;
  return (x > y) - (x < y);
}

static int compare(const sorter *s, const char *a, const char *b) {
  if (s->by_time) {
    wr_i64 x = time_of(s->lay, a), y = time_of(s->lay, b);
    if (x != y) return x < y ? -1 : 1;
  }
  for (wr_u32 c = 0; c < s->lay->ncol; c++) {
    int d = compare_col(s->lay, c, (const wr_u64 *)a, (const wr_u64 *)b);
    if (d) return d;
  }
  return 0;
}

static void insertion_sort(const sorter *s, wr_item *a, size_t n) {
  for (size_t i = 1; i < n; i++) {
    wr_item x = a[i];
    size_t j = i;
    for (; j > 0 && compare(s, x.cell, a[j - 1].cell) < 0; j--) a[j] = a[j - 1];
    a[j] = x;
  }
}

static void merge_sort(const sorter *s, wr_item *a, wr_item *spare, size_t n) {
  if (n <= 8) {
    insertion_sort(s, a, n);
    return;
  }
  size_t half = n / 2, i = 0, j = half, k = 0;
  merge_sort(s, a, spare, half);
  merge_sort(s, a + half, spare, n - half);
  memcpy(spare, a, half * sizeof *a);
  while (i < half && j < n) a[k++] = compare(s, a[j].cell, spare[i].cell) < 0 ? a[j++] : spare[i++];
  memcpy(a + k, spare + i, (half - i) * sizeof *a);
}

/* ---- by one word ---- */

static void scatter(const wr_item *from, wr_item *to, size_t n, size_t *count, int shift) {
  size_t at = 0;
  for (int d = 0; d < 256; d++) {
    size_t c = count[d];
    count[d] = at;
    at += c;
  }
  for (size_t i = 0; i < n; i++) to[count[from[i].word >> shift & 0xff]++] = from[i];
}

static void radix_sort(wr_item *a, wr_item *spare, size_t n) {
  size_t count[8][256] = { { 0 } };
  wr_item *from = a, *to = spare;
  for (size_t i = 0; i < n; i++)
    for (int d = 0; d < 8; d++) count[d][a[i].word >> (8 * d) & 0xff]++;
  for (int d = 0; d < 8; d++) {
    if (count[d][from->word >> (8 * d) & 0xff] == n) continue;     /* all alike */
    scatter(from, to, n, count[d], 8 * d);
    wr_item *t = from;
    from = to;
    to = t;
  }
  if (from != a) memcpy(a, from, n * sizeof *a);
}

static void sort_level(sorter *s, wr_item *a, wr_item *spare, size_t n, level at, int depth);

/* Runs of equal words, one level on; returns true when that is all of the items (no recursion). */
static bool sort_runs(sorter *s, wr_item *a, wr_item *spare, size_t n, level *at, int depth) {
  for (size_t i = 0, j; i < n; i = j) {
    for (j = i + 1; j < n && a[j].word == a[i].word; j++) continue;
    level next = next_level(s->lay, *at, a[i].word);
    if (j - i == n) {
      *at = next;
      return true;
    }
    sort_level(s, a + i, spare, j - i, next, depth + 1);
  }
  return false;
}

static void sort_level(sorter *s, wr_item *a, wr_item *spare, size_t n, level at, int depth) {
  do {
    if (n < 2 || at.col >= (wr_i32)s->lay->ncol) return;
    if (n <= SMALL || depth > MAX_DEPTH) {
      merge_sort(s, a, spare, n);
      return;
    }
    for (size_t i = 0; i < n; i++) a[i].word = word_at(s->lay, at, a[i].cell);
    radix_sort(a, spare, n);
  } while (sort_runs(s, a, spare, n, &at, depth));
}

void wr_order(const wr_layout *l, bool by_time, wr_item *a, wr_item *spare, size_t n) {
  sorter s = { .lay = l, .by_time = by_time };
  sort_level(&s, a, spare, n, (level){ by_time ? TIME : 0, 0 }, 0);
}
