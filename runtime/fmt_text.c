/* fmt_text.c -- fields as plain text, as CSV and the regex format have them, and masks. */
#include "json_scan.h"

enum wr_unit wr_unit_of(wr_slot s)
{
  wr_str t = wr_slot_str(s);

  if (s.st || t.len == 0) return WR_UNIT_NONE;
  if (t.len == 1 && t.p[0] == 's') return WR_UNIT_S;
  if (t.len == 2 && memcmp(t.p, "ms", 2) == 0) return WR_UNIT_MS;
  if (t.len == 2 && memcmp(t.p, "us", 2) == 0) return WR_UNIT_US;
  return WR_UNIT_NONE;
}

wr_i64 wr_unit_us(enum wr_unit u)
{
  switch (u) {
  case WR_UNIT_S: return 1000000;
  case WR_UNIT_MS: return 1000;
  case WR_UNIT_US: return 1;
  case WR_UNIT_NONE: break;
  }
  return 0;
}

enum wr_err wr_unit_ts(wr_i64 count, enum wr_unit u, wr_ts *out)
{
  return __builtin_mul_overflow(count, wr_unit_us(u), out) || !wr_ts_ok(*out) ? WR_E_TIME_RANGE : WR_E_NONE;
}

/* ---- reading ---- */

static enum wr_err int_of(const char *p, size_t n, wr_i64 *out)
{
  return wr_parse_int(p, n, out) ? WR_E_NONE : wr_parse_dec(p, n, 0, out);
}

static enum wr_err bool_of(const char *p, size_t n, wr_i64 *out)
{
  *out = n == 4 && memcmp(p, "true", 4) == 0;
  return *out || (n == 5 && memcmp(p, "false", 5) == 0) ? WR_E_NONE : WR_E_TYPE;
}

static enum wr_err ts_of(enum wr_unit unit, const char *p, size_t n, wr_i64 *out)
{
  enum wr_err err;

  if (unit == WR_UNIT_NONE) return wr_parse_ts(p, n, out);
  err = int_of(p, n, out);
  return err ? err : wr_unit_ts(*out, unit, out);
}

enum wr_err wr_text_value(wr_ctx *ctx, const wr_type *t, enum wr_unit unit, const char *p, size_t n, wr_slot *out)
{
  *out = wr_i64_slot(0, 0);
  switch ((enum wr_kind)t->kind) {
  case WR_BOOL: return bool_of(p, n, &out->u.i);
  case WR_INT: return int_of(p, n, &out->u.i);
  case WR_FLOAT: return wr_parse_float(p, n, &out->u.f);
  case WR_DEC: return wr_parse_dec(p, n, t->scale, &out->u.i);
  case WR_TS_: return ts_of(unit, p, n, &out->u.i);
  case WR_DUR: return wr_parse_dur(p, n, &out->u.i);
  case WR_ENUM: return wr_json_enum(t, (wr_str){ p, (wr_u32)n, 0 }, &out->u.i);
  case WR_JSON: case WR_LIST: case WR_MAP: return wr_json_parse(ctx, t, p, n, out);
  case WR_STR:
    if (!wr_utf8_valid(p, n)) return WR_E_UTF8;
    break;
  case WR_BYTES: break;
  case WR_REC: case WR_KINDS: return WR_E_TYPE;
  }
  *out = wr_str_slot((wr_str){ p, (wr_u32)n, 0 }, 0);
  return WR_E_NONE;
}

/* ---- writing ---- */

/* JSON text without the quotes that some kinds have there. */
static void print_json(wr_buf *b, const wr_type *t, enum wr_unit unit, wr_slot s)
{
  size_t from = b->n;

  wr_json_slots(b, t, unit, &s);
  if (b->p[from] != '"' || t->kind == WR_JSON) return;
  b->n -= 2;
  memmove(b->p + from, b->p + from + 1, b->n - from);
}

void wr_text_print(wr_buf *b, const wr_type *t, enum wr_unit unit, wr_slot s)
{
  if (s.st) return;
  switch ((enum wr_kind)t->kind) {
  case WR_STR:
    wr_buf_add(b, s.u.p, s.len);
    return;
  case WR_BYTES:
    if (wr_utf8_valid(s.u.p, s.len)) wr_buf_add(b, s.u.p, s.len);
    else print_json(b, t, unit, s);
    return;
  case WR_ENUM:
    if (s.u.i >= 0 && s.u.i < (wr_i64)t->n) wr_buf_add(b, t->names[s.u.i], strlen(t->names[s.u.i]));
    return;
  case WR_BOOL: case WR_INT: case WR_FLOAT: case WR_DEC: case WR_TS_: case WR_DUR: case WR_JSON: case WR_LIST:
  case WR_MAP: case WR_REC: case WR_KINDS:
    break;
  }
  print_json(b, t, unit, s);
}

/* ---- masks ---- */

/* FNV-1a, its bits mixed once more: the same on every machine, for telling values apart, no secret. */
static uint64_t mask_hash(const char *p, size_t n)
{
  uint64_t h = 14695981039346656037ULL;

  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 1099511628211ULL;
  h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9ULL;
  h = (h ^ h >> 27) * 0x94D049BB133111EBULL;
  return h ^ h >> 31;
}

static bool starts_char(char c) { return ((unsigned char)c & 0xC0) != 0x80; }

/* Characters, not bytes: the last `keep` stay, the others are stars. */
static void stars(wr_buf *b, size_t keep, const char *p, size_t n)
{
  size_t chars = 0;

  for (size_t i = 0; i < n; i++) chars += starts_char(p[i]);
  for (size_t i = 0; i < n; i++) {
    if (!starts_char(p[i])) continue;
    if (chars-- <= keep) {
      wr_buf_add(b, p + i, n - i);
      return;
    }
    wr_buf_add(b, "*", 1);
  }
}

void wr_text_masked(wr_buf *b, const wr_field *f, const char *p, size_t n)
{
  char hash[20];

  switch ((enum wr_masking)f->masking) {
  case WR_MASK_NONE:
    wr_buf_add(b, p, n);
    return;
  case WR_MASK_ALL:
    stars(b, 0, p, n);
    return;
  case WR_MASK_LAST:
    stars(b, f->mask_n, p, n);
    return;
  case WR_MASK_HASH:
    wr_buf_add(b, hash, (size_t)snprintf(hash, sizeof hash, "h:%016llx", (unsigned long long)mask_hash(p, n)));
    return;
  }
}
