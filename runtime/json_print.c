/* json_print.c -- values as JSON text, one line each: no white space, no line breaks.
 *
 * null as null, decimals with all their digits, floats as the shortest text that reads back,
 * timestamps as RFC 3339 or integers of a unit, durations as 1h30m, bytes as the text they are or,
 * when that is not UTF-8, as base64 behind "base64:".
 */
#include "json_scan.h"

static void add_char(wr_buf *b, char c)
{
  wr_buf_reserve(b, 1);
  b->p[b->n++] = c;
}

/* ---- strings ---- */

static void escape(wr_buf *b, unsigned char c)
{
  static const char hex[] = "0123456789abcdef", plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
  const char *at = memchr(plain, c, sizeof plain - 1);
  char out[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

  if (at) out[1] = letter[at - plain];
  wr_buf_add(b, out, at ? 2 : 6);
}

void wr_json_quote(wr_buf *b, const char *p, size_t n)
{
  const char *e = p + n, *lo = p;
  uint64_t high = 0;

  wr_buf_reserve(b, n + 2);
  b->p[b->n++] = '"';
  while (p < e) {
    const char *q = json_plain(p, lo, e, &high);
    memcpy(b->p + b->n, p, (size_t)(q - p));
    b->n += (size_t)(q - p);
    p = q;
    if (p == e) break;
    escape(b, (unsigned char)*p++);
    wr_buf_reserve(b, (size_t)(e - p) + 1);
  }
  b->p[b->n++] = '"';
}

static void base64(wr_buf *b, const unsigned char *p, size_t n)
{
  static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  wr_buf_add(b, "\"base64:", 8);
  wr_buf_reserve(b, n / 3 * 4 + 8);
  for (; n > 0; p += 3) {
    uint32_t v = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
    char *o = b->p + b->n;
    o[0] = digit[v >> 18];
    o[1] = digit[v >> 12 & 63];
    o[2] = n > 1 ? digit[v >> 6 & 63] : '=';
    o[3] = n > 2 ? digit[v & 63] : '=';
    b->n += 4;
    n -= n < 3 ? n : 3;
  }
  add_char(b, '"');
}

/* Line breaks in kept JSON text can only be white space: strings hold none. */
static void one_line(wr_buf *b, const char *p, size_t n)
{
  size_t from = b->n;

  wr_buf_add(b, p, n);
  if (!n) wr_buf_add(b, "null", 4);
  if (!memchr(p, '\n', n) && !memchr(p, '\r', n)) return;
  for (size_t i = from; i < b->n; i++)
    if (b->p[i] == '\n' || b->p[i] == '\r') b->p[i] = ' ';
}

/* ---- scalars of bounded size ---- */

static char *write_ts(char *o, enum wr_unit unit, wr_ts t)
{
  if (unit != WR_UNIT_NONE) return o + wr_print_int(o, wr_floor_div(t, wr_unit_us(unit)));
  *o++ = '"';
  o += wr_print_ts(o, t);
  *o++ = '"';
  return o;
}

static char *write_bool(char *o, bool v)
{
  memcpy(o, v ? "true" : "false", 5);     /* the terminator of the shorter one is overwritten */
  return o + (v ? 4 : 5);
}

static char *write_dur(char *o, wr_i64 v)
{
  *o++ = '"';
  o += wr_print_dur(o, v);
  *o++ = '"';
  return o;
}

char *wr_json_write(char *o, const wr_type *t, enum wr_unit unit, wr_slot s)
{
  switch ((enum wr_kind)t->kind) {
  case WR_BOOL: return write_bool(o, s.u.i != 0);
  case WR_INT: return o + wr_print_int(o, s.u.i);
  case WR_FLOAT: return o + wr_print_float(o, s.u.f);
  case WR_DEC: return o + wr_print_dec(o, s.u.i, t->scale);
  case WR_TS_: return write_ts(o, unit, s.u.i);
  case WR_DUR: return write_dur(o, s.u.i);
  case WR_STR: case WR_BYTES: case WR_ENUM: case WR_JSON: case WR_LIST: case WR_MAP: case WR_REC: case WR_KINDS:
    break;
  }
  return o;
}

/* ---- any value ---- */

static const wr_slot *put_rec(wr_buf *b, const wr_type *t, enum wr_unit unit, const wr_slot *s)
{
  add_char(b, '{');
  for (wr_u32 i = 0; i < t->n; i++) {
    if (i) add_char(b, ',');
    wr_json_quote(b, t->fields[i].name, t->fields[i].len);
    add_char(b, ':');
    s = wr_json_slots(b, t->fields[i].type, unit, s);
  }
  add_char(b, '}');
  return s;
}

static void put_items(wr_buf *b, const wr_type *t, enum wr_unit unit, const wr_slot *s, wr_u32 n)
{
  bool map = t->kind == WR_MAP;

  add_char(b, map ? '{' : '[');
  for (wr_u32 i = 0; i < n; i++) {
    if (i) add_char(b, ',');
    if (map) {
      wr_json_quote(b, s->u.p, s->len);
      add_char(b, ':');
      s++;
    }
    s = wr_json_slots(b, t->elem, unit, s);
  }
  add_char(b, map ? '}' : ']');
}

static void put_bytes(wr_buf *b, wr_slot s)
{
  if (wr_utf8_valid(s.u.p, s.len)) wr_json_quote(b, s.u.p, s.len);
  else base64(b, (const unsigned char *)s.u.p, s.len);
}

static void put_member(wr_buf *b, const wr_type *t, wr_i64 v)
{
  const char *name = v >= 0 && v < (wr_i64)t->n ? t->names[v] : "";

  wr_json_quote(b, name, strlen(name));
}

static const wr_slot *null_value(wr_buf *b, const wr_type *t, const wr_slot *s)
{
  wr_buf_add(b, "null", 4);
  return s + wr_type_leaves(t);
}

const wr_slot *wr_json_slots(wr_buf *b, const wr_type *t, enum wr_unit unit, const wr_slot *s)
{
  if (t->kind == WR_REC) {
    if (!t->nullable) return put_rec(b, t, unit, s);
    return s->st || !s->u.i ? null_value(b, t, s) : put_rec(b, t, unit, s + 1);
  }
  if (s->st) return null_value(b, t, s);
  switch ((enum wr_kind)t->kind) {
  case WR_STR: wr_json_quote(b, s->u.p, s->len); break;
  case WR_BYTES: put_bytes(b, *s); break;
  case WR_ENUM: put_member(b, t, s->u.i); break;
  case WR_JSON: one_line(b, s->u.p, s->len); break;
  case WR_LIST: case WR_MAP: put_items(b, t, unit, s->u.list, s->len); break;
  case WR_BOOL: case WR_INT: case WR_FLOAT: case WR_DEC: case WR_TS_: case WR_DUR: case WR_REC: case WR_KINDS:
    wr_buf_reserve(b, 72);
    b->n = (size_t)(wr_json_write(b->p + b->n, t, unit, *s) - b->p);
    break;
  }
  return s + 1;
}

void wr_json_value(wr_buf *b, const wr_type *t, wr_slot s)
{
  if (t->kind == WR_REC && s.st == 0) wr_json_slots(b, t, WR_UNIT_NONE, s.u.list);
  else wr_json_slots(b, t, WR_UNIT_NONE, &s);
}
