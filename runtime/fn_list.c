/* fn_list.c -- built-in functions on lists and maps.
 *
 * An element takes `width` slots. Whole-element work (reverse, slice, distinct) holds for any
 * width; functions that take or give one element, or order them, are for scalars: their rows say
 * so.
 */
#include "fn.h"
#include <stdlib.h>

static const wr_slot *at(wr_list l, wr_u32 i) { return l.p + (size_t)i * l.width; }

/* Room for n elements; 0: too many. */
static wr_slot *room(wr_ctx *ctx, uint64_t n, wr_u32 width) {
  uint64_t bytes = n * width * sizeof(wr_slot);
  return bytes > FN_LONGEST ? 0 : wr_alloc(ctx, (wr_u32)bytes);
}

static void copy(wr_slot *to, const wr_slot *from, uint64_t n, wr_u32 width) {
  if (n) memcpy(to, from, n * width * sizeof *to);
}

wr_status wr_fn_length_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_i64 *out) {
  (void)ctx, (void)elem;
  *out = l.n;
  return WR_OK;
}

wr_status wr_fn_length_M(wr_ctx *ctx, wr_list l, const wr_type *value, wr_i64 *out) {
  (void)ctx, (void)value;
  *out = l.n;
  return WR_OK;
}

/* ---- looking for an element ---- */

static wr_i64 find(wr_list l, const wr_type *elem, wr_slot v) {
  wr_list one = { &v, 1, 1 };
  for (wr_u32 i = 0; i < l.n && l.width == 1; i++)
    if (wr_list_eq(elem, (wr_list){ at(l, i), 1, 1 }, one)) return i;
  return -1;
}

wr_status wr_fn_contains_LE(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_slot v, wr_u8 *out) {
  (void)ctx;
  *out = find(l, elem, v) >= 0;
  return WR_OK;
}

wr_status wr_fn_position_LE(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_slot v, wr_i64 *out) {
  (void)ctx;
  *out = find(l, elem, v);
  return *out < 0 ? WR_NULL : WR_OK;
}

static wr_status element(wr_list l, wr_u32 i, wr_slot *out) {
  if (i >= l.n) return WR_NULL;
  *out = *at(l, i);
  return out->st ? WR_NULL : WR_OK;
}

wr_status wr_fn_list_first_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_slot *out) {
  (void)ctx, (void)elem;
  return element(l, 0, out);
}

wr_status wr_fn_list_last_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_slot *out) {
  (void)ctx, (void)elem;
  return element(l, l.n - 1, out);                            /* of none: an index out of range */
}

/* ---- order ---- */

/* Nulls are last. */
static int compare(const wr_type *type, const wr_slot *a, const wr_slot *b) {
  if (a->st || b->st) return (a->st != 0) - (b->st != 0);
  if (type->kind == WR_FLOAT) return (a->u.f > b->u.f) - (a->u.f < b->u.f);
  if (type->kind == WR_STR || type->kind == WR_BYTES)
    return wr_str_cmp(fn_str(a->u.p, a->len), fn_str(b->u.p, b->len));
  return (a->u.i > b->u.i) - (a->u.i < b->u.i);
}

static wr_status extreme(wr_list l, const wr_type *elem, int sign, wr_slot *out) {
  const wr_slot *best = 0;
  for (wr_u32 i = 0; i < l.n; i++) {
    const wr_slot *s = at(l, i);
    if (s->st == 0 && (!best || compare(elem, s, best) * sign > 0)) best = s;
  }
  if (!best) return WR_NULL;
  *out = *best;
  return WR_OK;
}

wr_status wr_fn_list_min_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_slot *out) {
  (void)ctx;
  return extreme(l, elem, -1, out);
}

wr_status wr_fn_list_max_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_slot *out) {
  (void)ctx;
  return extreme(l, elem, 1, out);
}

static int compare_for_qsort(const void *a, const void *b, void *type) {
  return compare(type, a, b);
}

wr_status wr_fn_sort_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_list *out) {
  *out = l;
  if (l.n < 2 || l.width != 1) return WR_OK;
  wr_slot *p = room(ctx, l.n, 1);
  if (!p) return WR_E_LIMIT;
  copy(p, l.p, l.n, 1);
  qsort_r(p, l.n, sizeof *p, compare_for_qsort, (void *)elem);
  *out = (wr_list){ p, l.n, 1 };
  return WR_OK;
}

/* ---- sums ---- */

/* Neumaier's compensated sum: what each addition loses is added at the end. */
static wr_f64 sum_floats(wr_list l) {
  wr_f64 sum = 0, lost = 0;
  for (wr_u32 i = 0; i < l.n; i++) {
    if (at(l, i)->st) continue;
    wr_f64 v = at(l, i)->u.f, next = sum + v;
    bool larger = __builtin_fabs(sum) >= __builtin_fabs(v);
    lost += larger ? (sum - next) + v : (v - next) + sum;
    sum = next;
  }
  return __builtin_isinf(sum) ? sum : sum + lost;
}

static wr_u32 sum_ints(wr_list l, __int128 *sum) {            /* how many are not null */
  wr_u32 n = 0;
  for (wr_u32 i = 0; i < l.n; i++)
    if (at(l, i)->st == 0) { *sum += at(l, i)->u.i; n++; }
  return n;
}

static wr_u32 present(wr_list l) {
  wr_u32 n = 0;
  for (wr_u32 i = 0; i < l.n; i++) n += at(l, i)->st == 0;
  return n;
}

static bool finite_or(wr_f64 v, wr_status *e) {
  *e = v != v ? WR_E_NAN : __builtin_isinf(v) ? WR_E_OVERFLOW : WR_OK;
  return *e == WR_OK;
}

static bool is_number(const wr_type *t) {
  return t->kind == WR_INT || t->kind == WR_FLOAT || t->kind == WR_DEC || t->kind == WR_DUR;
}

wr_status wr_fn_list_sum_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_slot *out) {
  (void)ctx;
  __int128 sum = 0;
  wr_status e = WR_OK;
  *out = (wr_slot){0};
  if (!is_number(elem)) return WR_E_DOMAIN;
  if (present(l) == 0) return WR_NULL;
  if (elem->kind == WR_FLOAT) {
    out->u.f = sum_floats(l);
    finite_or(out->u.f, &e);
    return e;
  }
  sum_ints(l, &sum);
  if (sum > WR_I64_MAX || sum < WR_I64_MIN) return WR_E_OVERFLOW;
  out->u.i = (wr_i64)sum;
  return WR_OK;
}

wr_status wr_fn_list_avg_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_f64 *out) {
  (void)ctx;
  __int128 sum = 0;
  wr_status e;
  wr_u32 n = present(l);
  if (!is_number(elem)) return WR_E_DOMAIN;
  if (n == 0) return WR_NULL;
  if (elem->kind == WR_FLOAT) *out = sum_floats(l) / n;
  else {
    sum_ints(l, &sum);
    *out = (wr_f64)sum / ((wr_f64)n * (wr_f64)wr_pow10[elem->kind == WR_DEC ? elem->scale : 0]);
  }
  finite_or(*out, &e);
  return e;
}

/* ---- lists out of lists ---- */

wr_status wr_fn_reverse_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_list *out) {
  (void)elem;
  wr_slot *p = room(ctx, l.n, l.width);
  if (!p) return WR_E_LIMIT;
  for (wr_u32 i = 0; i < l.n; i++) copy(p + (size_t)i * l.width, at(l, l.n - 1 - i), 1, l.width);
  *out = (wr_list){ p, l.n, l.width };
  return WR_OK;
}

/* Elements seen are found through a table of their places, keyed by the hash of the element as a
 * list of one: that is how an element of any width is hashed and compared. */
wr_status wr_fn_list_distinct_L(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_list *out) {
  wr_type one = { .kind = WR_LIST, .elem = elem };
  uint64_t cap = 4, kept = 0;
  while (cap < (uint64_t)l.n * 2) cap *= 2;
  wr_slot *p = room(ctx, l.n, l.width);
  size_t bytes = cap * sizeof(wr_u32);
  wr_u32 *table = bytes > FN_LONGEST ? 0 : wr_alloc(ctx, (wr_u32)bytes);
  if (!p || !table) return WR_E_LIMIT;
  memset(table, 0, bytes);
  for (wr_u32 i = 0; i < l.n; i++) {
    wr_list this = { at(l, i), 1, l.width };
    uint64_t h = wr_hash_slot(&one, (wr_slot){ .u.list = this.p, .len = 1 }, 0) & (cap - 1);
    for (; table[h]; h = (h + 1) & (cap - 1)) {
      wr_list seen = { p + (table[h] - 1ULL) * l.width, 1, l.width };
      if (wr_list_eq(elem, seen, this)) break;
    }
    if (table[h]) continue;
    copy(p + kept * l.width, this.p, 1, l.width);
    table[h] = (wr_u32)++kept;
  }
  *out = (wr_list){ p, (wr_u32)kept, l.width };
  return WR_OK;
}

wr_status wr_fn_list_append_LE(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_slot v,
                               wr_list *out) {
  (void)elem;
  if (l.n && l.width != 1) return WR_E_DOMAIN;
  wr_slot *p = room(ctx, (uint64_t)l.n + 1, 1);
  if (!p) return WR_E_LIMIT;
  copy(p, l.p, l.n, 1);
  p[l.n] = v;
  *out = (wr_list){ p, l.n + 1, 1 };
  return WR_OK;
}

wr_status wr_fn_list_concat_LL(wr_ctx *ctx, wr_list a, const wr_type *elem, wr_list b,
                               const wr_type *elem_b, wr_list *out) {
  (void)elem, (void)elem_b;
  *out = a.n ? a : b;
  if (a.n == 0 || b.n == 0) return WR_OK;
  if (a.width != b.width) return WR_E_DOMAIN;
  wr_slot *p = room(ctx, (uint64_t)a.n + b.n, a.width);
  if (!p) return WR_E_LIMIT;
  copy(p, a.p, a.n, a.width);
  copy(p + (size_t)a.n * a.width, b.p, b.n, a.width);
  *out = (wr_list){ p, a.n + b.n, a.width };
  return WR_OK;
}

wr_status wr_fn_slice_LII(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_i64 from, wr_i64 n,
                          wr_list *out) {
  (void)ctx, (void)elem;
  if (from < 0) from = from < -(wr_i64)l.n ? 0 : from + l.n;
  if (from > l.n) from = l.n;
  if (n < 0) n = 0;
  if (n > l.n - from) n = l.n - from;
  *out = (wr_list){ l.n ? at(l, (wr_u32)from) : l.p, (wr_u32)n, l.width };
  return WR_OK;
}

wr_status wr_fn_slice_LI(wr_ctx *ctx, wr_list l, const wr_type *elem, wr_i64 from, wr_list *out) {
  return wr_fn_slice_LII(ctx, l, elem, from, WR_I64_MAX, out);
}

/* ---- maps ---- */

static wr_str key_of(wr_list l, wr_u32 i) { return fn_str(at(l, i)->u.p, at(l, i)->len); }

wr_status wr_fn_contains_MS(wr_ctx *ctx, wr_list l, const wr_type *value, wr_str key, wr_u8 *out) {
  (void)ctx, (void)value;
  *out = 0;
  for (wr_u32 i = 0; i < l.n && !*out; i++) *out = (wr_u8)wr_str_eq(key_of(l, i), key);
  return WR_OK;
}

wr_status wr_fn_map_keys_M(wr_ctx *ctx, wr_list l, const wr_type *value, wr_list *out) {
  (void)value;
  fn_list keys = {0};
  wr_status e = WR_OK;
  for (wr_u32 i = 0; i < l.n && !e; i++) e = fn_list_add(ctx, &keys, key_of(l, i));
  *out = fn_list_done(&keys);
  return e;
}
