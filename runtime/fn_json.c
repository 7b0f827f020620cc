/* fn_json.c -- built-in functions that look into JSON text: a path, and the value it leads to.
 *
 * The text may be anything: of a `json` field its structure was checked, of a string nothing was.
 * What is broken, missing or of another kind gives null. Steps of a path are those of the language
 * (wr_json_get, wr_json_at), so the last of two members of one name wins.
 */
#include "fn.h"
#include "json_scan.h"

static wr_json reader(wr_ctx *ctx, wr_str s) {
  return (wr_json){ .lo = s.p, .e = fn_end(s), .ctx = ctx };
}

static wr_str trimmed(wr_str s) {
  const char *end = fn_end(s), *p = json_space(s.p, end);
  while (end > p && json_space(end - 1, end) == end) end--;
  return fn_str(p, (size_t)(end - p));
}

/* ---- paths: a.b[0]["x.y"], with or without $ in front ---- */

typedef struct step { bool is_index; wr_i64 index; wr_str name; } step;

/* ["name"] or [0], p behind the bracket. 0: neither. */
static const char *bracket_step(const char *p, const char *end, step *s) {
  const char *from = p;
  if (p < end && *p == '"') {
    const char *close = memchr(p + 1, '"', (size_t)(end - p - 1));
    if (!close) return 0;
    *s = (step){ .name = fn_str(p + 1, (size_t)(close - p - 1)) };
    p = close + 1;
  } else {
    while (p < end && *p >= '0' && *p <= '9') p++;
    *s = (step){ .is_index = true };
    if (!wr_parse_int(from, (size_t)(p - from), &s->index)) return 0;
  }
  return p < end && *p == ']' ? p + 1 : 0;
}

static const char *name_step(const char *p, const char *end, step *s) {
  const char *from = p;
  while (p < end && *p != '.' && *p != '[') p++;
  *s = (step){ .name = fn_str(from, (size_t)(p - from)) };
  return p > from ? p : 0;
}

/* One step's text; its length is 0 when it leads nowhere. */
static wr_str take_step(wr_ctx *ctx, wr_str json, const step *s) {
  wr_slot v = s->is_index ? wr_json_at(ctx, json, s->index) : wr_json_get(ctx, json, s->name);
  return fn_str(v.u.p, v.u.p ? v.len : 0);                    /* of JSON null: its text */
}

static bool is_null(wr_str v) { return v.len == 4 && memcmp(v.p, "null", 4) == 0; }

/* The text that the path leads to, of length 0 when it leads nowhere; false: that, or JSON null. */
static bool walk(wr_ctx *ctx, wr_str json, wr_str path, wr_str *out) {
  const char *p = path.p, *end = fn_end(path);
  bool first = true;
  *out = trimmed(json);
  if (p < end && *p == '$' && (p + 1 == end || p[1] == '.' || p[1] == '[')) p++, first = false;
  for (step s; out->len && p < end; first = false) {
    if (*p == '[') p = bracket_step(p + 1, end, &s);
    else p = first || *p == '.' ? name_step(p + !first, end, &s) : 0;
    *out = p ? take_step(ctx, *out, &s) : fn_str(0, 0);
  }
  return out->len && !is_null(*out);
}

/* ---- scalars ---- */

static bool whole(wr_json *j, const char *end) { return end && json_space(end, j->e) == j->e; }

/* A string without its quotes, a number or boolean as it stands; false: another value. */
static bool scalar_text(wr_ctx *ctx, wr_str v, wr_str *out) {
  wr_json j = reader(ctx, v);
  if (v.len == 0 || *v.p == '{' || *v.p == '[') return false;
  if (*v.p == '"') return whole(&j, json_string(&j, v.p, out));
  *out = v;
  return whole(&j, json_pass_token(&j, v.p, true)) && *v.p != 'n';
}

wr_status wr_fn_json_string_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_str *out) {
  wr_str v;
  return walk(ctx, json, path, &v) && scalar_text(ctx, v, out) ? WR_OK : WR_NULL;
}

wr_status wr_fn_json_int_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_i64 *out) {
  wr_str v;
  if (!walk(ctx, json, path, &v)) return WR_NULL;
  wr_json j = reader(ctx, v);
  return whole(&j, json_i64(&j, v.p, out)) ? WR_OK : WR_NULL;
}

wr_status wr_fn_json_float_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_f64 *out) {
  wr_str v;
  if (!walk(ctx, json, path, &v)) return WR_NULL;
  wr_json j = reader(ctx, v);
  return whole(&j, json_f64(&j, v.p, out)) ? WR_OK : WR_NULL;
}

wr_status wr_fn_json_bool_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_u8 *out) {
  wr_str v;
  if (!walk(ctx, json, path, &v)) return WR_NULL;
  wr_json j = reader(ctx, v);
  return whole(&j, json_bool(&j, v.p, out)) ? WR_OK : WR_NULL;
}

wr_status wr_fn_json_get_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_str *out) {
  if (!walk(ctx, json, path, out)) return WR_NULL;
  wr_json j = reader(ctx, *out);
  return whole(&j, json_pass(&j, out->p, true)) ? WR_OK : WR_NULL;      /* only JSON becomes json */
}

/* ---- arrays and objects ---- */

typedef struct members { wr_json j; const char *p; char close; } members;

/* False: neither an array nor an object. */
static bool open_members(wr_ctx *ctx, wr_str v, members *m) {
  *m = (members){ .j = reader(ctx, v), .p = v.p + 1 };
  if (v.len == 0 || (*v.p != '[' && *v.p != '{')) return false;
  m->close = *v.p == '[' ? ']' : '}';
  return true;
}

/* 1: the next member; 0: there is none; -1: the text is broken. */
static int next_member(members *m, bool first, wr_str *key, wr_str *value) {
  const char *e = m->j.e, *p = json_space(m->p, e);
  if (p < e && *p == m->close) return 0;
  if (!first) {
    if (p == e || *p != ',') return -1;
    p = json_space(p + 1, e);
  }
  if (p == e) return -1;
  if (m->close == '}') {
    if (*p != '"' || !(p = json_string(&m->j, p, key))) return -1;
    p = json_space(p, e);
    if (p == e || *p != ':') return -1;
    p = json_space(p + 1, e);
  }
  m->p = json_pass(&m->j, p, false);
  if (!m->p) return -1;
  *value = fn_str(p, (size_t)(m->p - p));
  return 1;
}

wr_status wr_fn_json_length_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_i64 *out) {
  wr_str v, key;
  members m;
  int more;
  if (!walk(ctx, json, path, &v) || !open_members(ctx, v, &m)) return WR_NULL;
  for (*out = 0; (more = next_member(&m, *out == 0, &key, &v)) > 0;) ++*out;
  return more == 0 ? WR_OK : WR_NULL;
}

wr_status wr_fn_json_keys_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_list *out) {
  wr_str v, key;
  members m;
  fn_list l = {0};
  int more;
  wr_status e = WR_OK;
  if (!walk(ctx, json, path, &v) || !open_members(ctx, v, &m) || m.close != '}') return WR_NULL;
  while (!e && (more = next_member(&m, l.n == 0, &key, &v)))
    e = more < 0 ? WR_NULL : fn_list_add(ctx, &l, key);
  *out = fn_list_done(&l);
  return e;
}

wr_status wr_fn_json_strings_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_list *out) {
  wr_str v, key, text;
  members m;
  fn_list l = {0};
  int more;
  wr_status e = WR_OK;
  if (!walk(ctx, json, path, &v) || !open_members(ctx, v, &m) || m.close != ']') return WR_NULL;
  while (!e && (more = next_member(&m, l.n == 0, &key, &v))) {
    if (more < 0) return WR_NULL;
    bool is_text = scalar_text(ctx, v, &text);
    e = fn_list_add(ctx, &l, is_text ? text : fn_str("", 0));
    if (!is_text && !e) l.p[l.n - 1].st = -1;
  }
  *out = fn_list_done(&l);
  return e;
}

/* ---- kinds ---- */

wr_status wr_fn_json_type_SS(wr_ctx *ctx, wr_str json, wr_str path, wr_str *out) {
  wr_str v;
  if (!walk(ctx, json, path, &v) && !is_null(v)) return WR_NULL;
  wr_json j = reader(ctx, v);
  if (!whole(&j, json_pass(&j, v.p, true))) return WR_NULL;
  char c = *v.p;
  const char *name = c == '"' ? "string" : c == '{' ? "object" : c == '[' ? "array" :
                     c == 'n' ? "null" : c == 't' || c == 'f' ? "bool" : "number";
  *out = fn_str(name, strlen(name));
  return WR_OK;
}

wr_status wr_fn_json_valid_S(wr_ctx *ctx, wr_str s, wr_u8 *out) {
  wr_json j = reader(ctx, s);
  *out = whole(&j, json_pass(&j, s.p, true));
  return WR_OK;
}

/* The rows for arguments of type json: the same text. */
#define SAME(name, result) \
  wr_status wr_fn_##name##_JS(wr_ctx *ctx, wr_str json, wr_str path, result *out) { \
    return wr_fn_##name##_SS(ctx, json, path, out); \
  }
SAME(json_string, wr_str)
SAME(json_int, wr_i64)
SAME(json_float, wr_f64)
SAME(json_bool, wr_u8)
SAME(json_get, wr_str)
SAME(json_length, wr_i64)
SAME(json_keys, wr_list)
SAME(json_strings, wr_list)
SAME(json_type, wr_str)
#undef SAME
