/* json_value.c -- JSON values of any type: slots out of text and text out of slots.
 *
 * A value is its leaves side by side in slots, a record's fields in order, a nullable record led by
 * its presence. The decoder proper (json_decode.h) writes columns and comes here for what has no
 * column of its own: lists, maps, parameters, casts.
 */
#include "json_scan.h"

enum { UNSEEN = -2 };                     /* status of a field's first slot until it is met */
#define LIST_BYTES (64u << 20)            /* a list's slots: bounds what a short text can ask for */

/* ---- reading ---- */

static void null_leaves(const wr_type *t, wr_slot *out)
{
  unsigned n = wr_type_leaves(t);

  for (unsigned i = 0; i < n; i++) out[i] = wr_i64_slot(0, WR_NULL);
}

static bool enter(wr_json *j)
{
  if (++j->depth <= WR_JSON_DEPTH) return true;
  j->err = WR_E_TOO_DEEP;
  return false;
}

/* Steps to the next member or element behind p, which stands behind the opening bracket (`first`) or
 * a value: at its first character, or *end and behind the closing bracket. */
static const char *next_item(wr_json *j, const char *p, char close, bool first, bool *end)
{
  p = json_space(p, j->e);
  *end = p < j->e && *p == close;
  if (*end) {
    j->depth--;
    return p + 1;
  }
  if (first) return p;
  return p < j->e && *p == ',' ? json_space(p + 1, j->e) : json_fail(j, WR_E_SYNTAX);
}

static const char *read_key(wr_json *j, const char *p, wr_str *key)
{
  if (p == j->e || *p != '"') return json_fail(j, WR_E_SYNTAX);
  if (!(p = json_string(j, p, key))) return 0;
  p = json_space(p, j->e);
  return p < j->e && *p == ':' ? p + 1 : json_fail(j, WR_E_SYNTAX);
}

static const wr_field *field_of(const wr_type *t, wr_str key, unsigned *at)
{
  *at = t->nullable;
  for (wr_u32 i = 0; i < t->n; i++) {
    const wr_field *f = &t->fields[i];
    if (f->len == key.len && memcmp(f->name, key.p, key.len) == 0) return f;
    *at += wr_type_leaves(f->type);
  }
  return 0;
}

/* What an unmet field has: its default, null, or an error. */
static bool complete(wr_json *j, const wr_type *t, wr_slot *out)
{
  out += t->nullable;
  for (wr_u32 i = 0; i < t->n; i++) {
    const wr_field *f = &t->fields[i];
    unsigned n = wr_type_leaves(f->type);
    if (n && out->st == UNSEEN) {
      if (f->dflt && f->type->kind != WR_REC) {
        *out = *f->dflt;
      } else if (f->type->nullable) {
        null_leaves(f->type, out);
      } else {
        j->field = f->name;
        j->err = WR_E_MISSING;
        return false;
      }
    }
    out += n;
  }
  return true;
}

static const char *read_field(wr_json *j, const char *p, const wr_type *t, wr_str key, wr_slot *out)
{
  unsigned at;
  const wr_field *f = field_of(t, key, &at);

  if (!f || wr_type_leaves(f->type) == 0)
    return !f && j->strict ? json_fail(j, WR_E_UNKNOWN_FIELD) : json_pass(j, p, j->strict);
  if (j->strict && out[at].st != UNSEEN) p = json_fail(j, WR_E_DUPLICATE);
  else p = wr_json_read(j, p, f->type, out + at);
  if (!p && !j->field) j->field = f->name;
  return p;
}

static const char *read_rec(wr_json *j, const char *p, const wr_type *t, wr_slot *out)
{
  unsigned n = wr_type_leaves(t);
  bool end, first = true;
  wr_str key;

  if (*p != '{') return json_wrong(j, p);
  if (!enter(j)) return 0;
  for (unsigned i = 0; i < n; i++) out[i].st = UNSEEN;
  if (t->nullable) out[0] = wr_i64_slot(1, 0);
  for (p++;; first = false) {
    p = next_item(j, p, '}', first, &end);
    if (!p) return 0;
    if (end) return complete(j, t, out) ? p : 0;
    if (!(p = read_key(j, p, &key))) return 0;
    if (!(p = read_field(j, p, t, key, out))) return 0;
  }
}

typedef struct items {                    /* a list that grows */
  wr_slot *p;
  wr_u32 n, cap, width;
} items;

static wr_slot *one_more(wr_json *j, items *it)
{
  if (it->n == it->cap) {
    wr_u64 width = (wr_u64)it->width * sizeof(wr_slot), cap = it->cap ? 2ull * it->cap : 8;
    wr_slot *more;
    if (cap * width > LIST_BYTES) {
      j->err = WR_E_LIMIT;
      return 0;
    }
    more = wr_alloc(j->ctx, (wr_u32)(cap * width + (width == 0)));
    if (it->n) memcpy(more, it->p, (size_t)(it->n * width));
    it->p = more;
    it->cap = (wr_u32)cap;
  }
  return it->p + (size_t)it->n++ * it->width;
}

static const char *read_list(wr_json *j, const char *p, const wr_type *t, wr_slot *out)
{
  items it = { 0, 0, 0, wr_type_width(t) };
  bool end, first = true;
  wr_slot *s;

  if (*p != '[') return json_wrong(j, p);
  if (!enter(j)) return 0;
  for (p++;; first = false) {
    p = next_item(j, p, ']', first, &end);
    if (!p) return 0;
    if (end) break;
    if (!(s = one_more(j, &it)) || !(p = wr_json_read(j, p, t->elem, s))) return 0;
  }
  *out = wr_list_slot((wr_list){ it.p, it.n, it.width }, 0);
  return p;
}

/* Sorts the entries' numbers by key, then place: a merge sort, so that no input is slow. */
static void sort_entries(const items *it, wr_u32 *at, wr_u32 *tmp, wr_u32 n)
{
  wr_u32 half = n / 2, l = 0, r = half;

  if (n < 2) return;
  sort_entries(it, at, tmp, half);
  sort_entries(it, at + half, tmp, n - half);
  memcpy(tmp, at, n * sizeof *at);
  for (wr_u32 i = 0; i < n; i++) {
    bool left = r == n;
    if (!left && l < half) {
      wr_str a = wr_slot_str(it->p[(size_t)tmp[l] * it->width]), b = wr_slot_str(it->p[(size_t)tmp[r] * it->width]);
      int c = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);
      left = c < 0 || (c == 0 && a.len <= b.len);
    }
    at[i] = tmp[left ? l++ : r++];
  }
}

/* Of entries with one key the last stays, in its place. */
static bool last_wins(wr_json *j, items *it)
{
  wr_u32 *at = wr_alloc(j->ctx, it->n * 8 + 8), *tmp = at + it->n, kept = 0;
  bool twice = false;

  for (wr_u32 i = 0; i < it->n; i++) at[i] = i;
  sort_entries(it, at, tmp, it->n);
  for (wr_u32 i = 0; i + 1 < it->n; i++) {
    wr_slot *a = it->p + (size_t)at[i] * it->width, *b = it->p + (size_t)at[i + 1] * it->width;
    if (a->len != b->len || memcmp(a->u.p, b->u.p, a->len) != 0) continue;
    a->st = UNSEEN;
    twice = true;
  }
  if (twice && j->strict) {
    j->err = WR_E_DUPLICATE;
    return false;
  }
  for (wr_u32 i = 0; twice && i < it->n; i++) {
    wr_slot *from = it->p + (size_t)i * it->width;
    if (from->st == UNSEEN) continue;
    memmove(it->p + (size_t)kept++ * it->width, from, it->width * sizeof *from);
  }
  if (twice) it->n = kept;
  return true;
}

static const char *read_map(wr_json *j, const char *p, const wr_type *t, wr_slot *out)
{
  items it = { 0, 0, 0, wr_type_width(t) };
  bool end, first = true;
  wr_str key;
  wr_slot *s;

  if (*p != '{') return json_wrong(j, p);
  if (!enter(j)) return 0;
  for (p++;; first = false) {
    p = next_item(j, p, '}', first, &end);
    if (!p) return 0;
    if (end) break;
    if (!(p = read_key(j, p, &key)) || !(s = one_more(j, &it))) return 0;
    *s = wr_str_slot(key, 0);
    if (!(p = wr_json_read(j, p, t->elem, s + 1))) return 0;
  }
  if (it.n > 1 && !last_wins(j, &it)) return 0;
  *out = wr_list_slot((wr_list){ it.p, it.n, it.width }, 0);
  return p;
}

static const char *read_json(wr_json *j, const char *p, wr_slot *out)
{
  const char *end = json_pass(j, p, true);

  if (end) *out = wr_str_slot((wr_str){ p, (wr_u32)(end - p), 0 }, 0);
  return end;
}

static const char *read_text(wr_json *j, const char *p, wr_slot *out)
{
  wr_str s = { 0, 0, 0 };

  p = json_string(j, p, &s);
  *out = wr_str_slot(s, 0);
  return p;
}

static const char *read_bool(wr_json *j, const char *p, wr_slot *out)
{
  wr_u8 b;

  p = json_bool(j, p, &b);
  out->u.i = b;
  return p;
}

const char *wr_json_read(wr_json *j, const char *p, const wr_type *t, wr_slot *out)
{
  p = json_space(p, j->e);
  if (p == j->e) return json_fail(j, WR_E_SYNTAX);
  if (*p == 'n') {
    if (!(p = json_word(p, j->e, "null", 4))) return json_fail(j, WR_E_SYNTAX);
    if (!t->nullable) return json_fail(j, WR_E_NULL_VALUE);
    null_leaves(t, out);
    return p;
  }
  if (t->kind != WR_REC) *out = wr_i64_slot(0, 0);
  switch ((enum wr_kind)t->kind) {
  case WR_BOOL: return read_bool(j, p, out);
  case WR_INT: return json_i64(j, p, &out->u.i);
  case WR_FLOAT: return json_f64(j, p, &out->u.f);
  case WR_DEC: return json_dec(j, p, t->scale, &out->u.i);
  case WR_STR: case WR_BYTES: return read_text(j, p, out);
  case WR_TS_: return json_ts(j, p, &out->u.i);
  case WR_DUR: return json_dur(j, p, &out->u.i);
  case WR_ENUM: return json_member(j, p, t, &out->u.i);
  case WR_JSON: return read_json(j, p, out);
  case WR_LIST: return read_list(j, p, t, out);
  case WR_MAP: return read_map(j, p, t, out);
  case WR_REC: return read_rec(j, p, t, out);
  case WR_KINDS: break;
  }
  return json_fail(j, WR_E_TYPE);
}

enum wr_err wr_json_parse(wr_ctx *ctx, const wr_type *t, const char *p, size_t n, wr_slot *out)
{
  wr_json j = { .lo = p, .e = p + n, .ctx = ctx };
  const char *end = wr_json_read(&j, p, t, out);

  if (!end) return j.err;
  return json_space(end, j.e) == j.e ? WR_E_NONE : WR_E_SYNTAX;
}

/* ---- looking into json text ---- */

static wr_slot json_slot(const char *p, const char *end)
{
  bool null = end - p == 4 && memcmp(p, "null", 4) == 0;

  return wr_str_slot((wr_str){ p, (wr_u32)(end - p), 0 }, null ? WR_NULL : 0);
}

wr_slot wr_json_get(wr_ctx *ctx, wr_str json, wr_str key)
{
  wr_json j = { .lo = json.p, .e = json.p + json.len, .ctx = ctx, .depth = 1 };
  const char *p = json_space(json.p, j.e), *from;
  wr_slot found = wr_i64_slot(0, WR_NULL);
  bool end, first = true;
  wr_str name;

  if (p == j.e || *p != '{') return found;
  for (p++;; first = false) {
    p = next_item(&j, p, '}', first, &end);
    if (!p || end || !(p = read_key(&j, p, &name))) return found;
    from = json_space(p, j.e);
    if (!(p = json_pass(&j, from, false))) return found;
    if (name.len == key.len && memcmp(name.p, key.p, key.len) == 0) found = json_slot(from, p);
  }
}

wr_slot wr_json_at(wr_ctx *ctx, wr_str json, wr_i64 i)
{
  wr_json j = { .lo = json.p, .e = json.p + json.len, .ctx = ctx, .depth = 1 };
  const char *p = json_space(json.p, j.e), *from;
  bool end, first = true;

  if (p == j.e || *p != '[' || i < 0) return wr_i64_slot(0, WR_NULL);
  for (p++;; first = false) {
    from = next_item(&j, p, ']', first, &end);
    if (!from || end || !(p = json_pass(&j, from, false))) return wr_i64_slot(0, WR_NULL);
    if (i-- == 0) return json_slot(from, p);
  }
}
