/* value.c -- what generated code asks of values: comparing, hashing, casting to and from text.
 *
 * A value travels as a slot with its type beside it. Elements of a list that are records lie as
 * their leaves, in the order of the fields, a nullable record's presence (st 0 and u.i 1) before
 * them; functions that walk values take a pointer to the slots and move it behind the value.
 */
#include "text.h"
#include "hold.h"
#include <string.h>

/* ---- strings ---- */

wr_i32 wr_str_cmp(wr_str a, wr_str b) {
  int order = memcmp(a.p ? a.p : "", b.p ? b.p : "", a.len < b.len ? a.len : b.len);
  return order ? (order > 0) - (order < 0) : (a.len > b.len) - (a.len < b.len);
}

wr_i32 wr_str_eq(wr_str a, wr_str b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Bytes of the character at p, as its first byte says, never beyond the end. */
static size_t character(const char *p, const char *end) {
  unsigned char c = (unsigned char)*p;
  size_t n = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  return n < (size_t)(end - p) ? n : (size_t)(end - p);
}

/* % any characters, _ one, \ takes the next as it is. On a mismatch only the last % can take one
 * more character: earlier ones were left as short as possible, and that is enough. */
wr_i32 wr_str_like(wr_str s, wr_str pattern) {
  const char *p = pattern.p, *pend = p + pattern.len, *q = s.p, *qend = q + s.len;
  const char *again_p = 0, *again_q = 0;
  for (;;) {
    if (p < pend && *p == '%') {
      if (p + 1 == pend) return 1;
      again_p = ++p;
      again_q = q;
      continue;
    }
    if (p == pend && q == qend) return 1;
    if (p < pend && q < qend) {
      bool literal = *p == '\\' && p + 1 < pend;
      if (!literal && *p == '_') { p++; q += character(q, qend); continue; }
      if (p[literal] == *q) { p += 1 + literal; q++; continue; }
    }
    if (!again_p || again_q == qend) return 0;
    again_q += character(again_q, qend);
    p = again_p;
    q = again_q;
  }
}

wr_str wr_concat(wr_ctx *ctx, wr_str a, wr_str b) {
  if (a.len == 0) return b;
  if (b.len == 0) return a;
  uint64_t len = (uint64_t)a.len + b.len;
  if (len > INT32_MAX) {
    wr_error(ctx, WR_EXIT_DATA, "does a state grow by || with every row?",
             "a string longer than 2 GiB");
    return a;
  }
  char *p = wr_alloc(ctx, (wr_u32)len);
  memcpy(p, a.p, a.len);
  memcpy(p + a.len, b.p, b.len);
  return (wr_str){ p, (wr_u32)len, 0 };
}

wr_i32 wr_regex_match(wr_ctx *ctx, wr_str s, wr_i32 regex) {
  return wr_regex_test(wr_regex_of(ctx, regex), s);
}

/* ---- lists and maps ---- */

static const wr_slot no_slot = { .st = -1 };

static wr_str text_in(const wr_slot *s) { return (wr_str){ s->u.p, s->len, 0 }; }

wr_slot wr_list_at(wr_list l, wr_i64 i) { return i < 0 || i >= l.n ? no_slot : l.p[i * l.width]; }

wr_slot wr_map_get(wr_list l, wr_str key) {
  for (wr_u32 i = 0; i < l.n; i++) {
    const wr_slot *entry = l.p + (size_t)i * l.width;
    if (wr_str_eq(text_in(entry), key)) return entry[1];
  }
  return no_slot;
}

static bool is_text(unsigned kind) { return kind == WR_STR || kind == WR_BYTES || kind == WR_JSON; }

static bool value_eq(const wr_type *, const wr_slot **a, const wr_slot **b);

static bool elements_eq(const wr_type *type, const wr_slot *a, const wr_slot *b, wr_u32 n) {
  bool eq = true;
  for (wr_u32 i = 0; i < n && eq; i++) {
    if (type->kind == WR_MAP) {
      static const wr_type key = { .kind = WR_STR };
      eq = value_eq(&key, &a, &b);
    }
    eq = value_eq(type->elem, &a, &b) && eq;
  }
  return eq;
}

static bool slot_eq(const wr_type *type, const wr_slot *a, const wr_slot *b) {
  if (a->st || b->st) return (a->st != 0) == (b->st != 0);
  if (type->kind == WR_FLOAT) return a->u.f == b->u.f;
  if (is_text(type->kind)) return wr_str_eq(text_in(a), text_in(b));
  if (type->kind == WR_LIST || type->kind == WR_MAP)
    return a->len == b->len && elements_eq(type, a->u.list, b->u.list, a->len);
  return a->u.i == b->u.i;
}

static bool present(const wr_slot *s) { return s->st == 0 && s->u.i != 0; }

static bool value_eq(const wr_type *type, const wr_slot **a, const wr_slot **b) {
  if (type->kind != WR_REC) return slot_eq(type, (*a)++, (*b)++);
  bool eq = true, absent = false;
  if (type->nullable) {
    eq = present(*a) == present(*b);
    absent = !present((*a)++);
    (*b)++;
  }
  for (wr_u32 i = 0; i < type->n; i++) {                      /* all, to get behind the value */
    bool same = value_eq(type->fields[i].type, a, b);
    eq &= same || absent;
  }
  return eq;
}

bool wr_slot_eq(const wr_type *type, wr_slot a, wr_slot b) { return slot_eq(type, &a, &b); }

wr_i32 wr_list_eq(const wr_type *elem, wr_list a, wr_list b) {
  wr_type list = { .kind = WR_LIST, .elem = elem };
  return a.n == b.n && elements_eq(&list, a.p, b.p, a.n);
}

wr_i32 wr_list_find(const wr_type *elem, wr_list l, wr_slot v) {
  wr_i32 found = 0;
  for (wr_u32 i = 0; i < l.n; i++) {
    wr_slot item = l.p[i * (size_t)l.width];
    if (item.st) found = WR_NULL;
    else if (slot_eq(elem, &item, &v)) return 1;
  }
  return found;
}

/* ---- hashing: part of the language (samples, hash(), exchanges), so it never changes ---- */

static uint64_t fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static const uint64_t odd1 = 0x9E3779B97F4A7C15ULL, odd2 = 0xD6E8FEB86659FD93ULL;

static uint64_t hash_word(uint64_t v, uint64_t seed) {
  return fold(v ^ odd1, fold(seed ^ odd2, odd1));
}

static uint64_t load8(const char *p) {                        /* little-endian on any machine */
  uint64_t v;
  memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}

static uint64_t hash_bytes(const char *p, size_t n, uint64_t seed) {
  uint64_t h = hash_word(n, seed), rest = 0;
  for (; n >= 8; p += 8, n -= 8) h = fold(load8(p) ^ odd2, h ^ odd1) + h;
  for (size_t i = 0; i < n; i++) rest |= (uint64_t)(unsigned char)p[i] << (8 * i);
  if (n) h = fold(rest ^ odd2, h ^ odd1) + h;
  return fold(h ^ odd2, odd1);
}

static uint64_t hash_value(const wr_type *, const wr_slot **, uint64_t seed);

static uint64_t hash_elements(const wr_type *type, const wr_slot *p, wr_u32 n, uint64_t seed) {
  static const wr_type key = { .kind = WR_STR };
  uint64_t h = hash_word(n, seed);
  for (wr_u32 i = 0; i < n; i++) {
    if (type->kind == WR_MAP) h = hash_value(&key, &p, h);
    h = hash_value(type->elem, &p, h);
  }
  return h;
}

/* As its name: members may move. */
static uint64_t hash_enum(const wr_type *type, wr_i64 i, uint64_t seed) {
  if (!type->names || i < 0 || i >= type->n) return hash_word((uint64_t)i, seed);
  return hash_bytes(type->names[i], strlen(type->names[i]), seed);
}

static uint64_t hash_value(const wr_type *type, const wr_slot **at, uint64_t seed) {
  if (type->kind == WR_REC) {
    bool there = !type->nullable || present((*at)++);
    uint64_t h = hash_word(there, seed);
    for (wr_u32 i = 0; i < type->n; i++) {
      uint64_t next = hash_value(type->fields[i].type, at, h);
      if (there) h = next;
    }
    return h;
  }
  const wr_slot *s = (*at)++;
  if (s->st) return hash_word(odd2, seed);                    /* of odd1 it would be 0: what came before lost */
  if (is_text(type->kind)) return hash_bytes(s->u.p, s->len, seed);
  if (type->kind == WR_ENUM) return hash_enum(type, s->u.i, seed);
  if (type->kind == WR_LIST || type->kind == WR_MAP)
    return hash_elements(type, s->u.list, s->len, seed);
  uint64_t bits = (uint64_t)s->u.i;
  if (type->kind == WR_FLOAT && s->u.f == 0) bits = 0;
  return hash_word(bits, seed);
}

wr_u64 wr_hash_slot(const wr_type *type, wr_slot s, wr_u64 seed) {
  const wr_slot *at = &s;
  return hash_value(type, &at, seed);
}

/* ---- samples ---- */

wr_i32 wr_sampled_key(wr_u64 hash, wr_f64 share) { return (wr_f64)(hash >> 11) * 0x1p-53 < share; }

wr_i32 wr_sampled(const wr_pos *pos, wr_f64 share) {
  uint64_t place = (uint64_t)pos->src << 32 | pos->ord;
  return wr_sampled_key(hash_word(place, hash_word((uint64_t)pos->off, 1)), share);
}

/* ---- casts from and to text ---- */

static wr_status cast_error(enum wr_err kind) {
  return (wr_status)(kind == WR_E_TYPE ? WR_E_CAST : kind == WR_E_RANGE ? WR_E_OVERFLOW : kind);
}

static bool is_word(wr_str s, const char *word) {
  return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

static enum wr_err parse_enum(const wr_type *type, wr_str s, wr_i64 *out) {
  for (wr_u32 i = 0; i < type->n; i++)
    if (is_word(s, type->names[i])) { *out = i; return WR_E_NONE; }
  if (!type->open) return WR_E_CAST;
  *out = (wr_i64)type->n - 1;
  return WR_E_NONE;
}

static enum wr_err parse_bool(wr_str s, wr_i64 *out) {
  *out = is_word(s, "true");
  return *out || is_word(s, "false") ? WR_E_NONE : WR_E_CAST;
}

static enum wr_err parse_int(wr_str s, wr_i64 *out) {         /* 5.0 and 1e3 are integers too */
  return wr_parse_int(s.p, s.len, out) ? WR_E_NONE : wr_parse_dec(s.p, s.len, 0, out);
}

wr_status wr_parse_value(wr_ctx *ctx, const wr_type *type, wr_str s, wr_slot *out) {
  enum wr_err e = WR_E_CAST;
  *out = (wr_slot){0};
  switch ((enum wr_kind)type->kind) {
  case WR_BOOL: e = parse_bool(s, &out->u.i); break;
  case WR_INT:  e = parse_int(s, &out->u.i); break;
  case WR_FLOAT: e = wr_parse_float(s.p, s.len, &out->u.f); break;
  case WR_DEC:  e = wr_parse_dec(s.p, s.len, type->scale, &out->u.i); break;
  case WR_TS_:  e = wr_parse_ts(s.p, s.len, &out->u.i); break;
  case WR_DUR:  e = wr_parse_dur(s.p, s.len, &out->u.i); break;
  case WR_ENUM: e = parse_enum(type, s, &out->u.i); break;
  case WR_STR: case WR_BYTES:
    *out = (wr_slot){ .u.p = s.p, .len = s.len };
    return WR_OK;
  case WR_JSON: case WR_LIST: case WR_MAP:
    e = wr_json_parse(ctx, type, s.p, s.len, out);
    if (e != WR_E_NONE) e = WR_E_CAST;
    break;
  case WR_REC: case WR_KINDS: break;                          /* records are not cast */
  }
  return e == WR_E_NONE ? WR_OK : cast_error(e);
}

static wr_str keep(wr_ctx *ctx, const char *p, size_t n) {
  char *copy = wr_alloc(ctx, (wr_u32)n);
  if (n) memcpy(copy, p, n);
  return (wr_str){ copy, (wr_u32)n, 0 };
}

static wr_str text_of(const char *z) { return (wr_str){ z, (wr_u32)strlen(z), 0 }; }

static wr_status print_json(wr_ctx *ctx, const wr_type *type, wr_slot s, wr_str *out) {
  wr_buf buf = {0};
  wr_json_value(&buf, type, s);
  bool fits = buf.n <= INT32_MAX;
  if (fits) *out = keep(ctx, buf.p, buf.n);
  wr_buf_free(&buf);
  return fits ? WR_OK : WR_E_LIMIT;
}

wr_status wr_print_value(wr_ctx *ctx, const wr_type *type, wr_slot s, wr_str *out) {
  char text[64];
  size_t n = 0;
  if (s.st) return WR_NULL;
  switch ((enum wr_kind)type->kind) {
  case WR_BOOL:  *out = text_of(s.u.i ? "true" : "false"); return WR_OK;
  case WR_INT:   n = wr_print_int(text, s.u.i); break;
  case WR_FLOAT: n = wr_print_float(text, s.u.f); break;
  case WR_DEC:   n = wr_print_dec(text, s.u.i, type->scale); break;
  case WR_TS_:   n = wr_print_ts(text, s.u.i); break;
  case WR_DUR:   n = wr_print_dur(text, s.u.i); break;
  case WR_ENUM:
    if (s.u.i < 0 || s.u.i >= type->n) return WR_E_CAST;
    *out = text_of(type->names[s.u.i]);
    return WR_OK;
  case WR_STR: case WR_JSON: case WR_BYTES:
    *out = (wr_str){ s.u.p, s.len, 0 };
    return type->kind == WR_BYTES && !wr_utf8_valid(s.u.p, s.len) ? WR_E_UTF8 : WR_OK;
  case WR_LIST: case WR_MAP: return print_json(ctx, type, s, out);
  case WR_REC: case WR_KINDS: return WR_E_CAST;
  }
  *out = keep(ctx, text, n);
  return WR_OK;
}
