/* json_decode.h -- the JSON decoder's hot loop; included once for each way to search bytes.
 *
 * The including file sets WR_JSON_ISA and JSON_DECODE, the name of the function to define. Each
 * object: guess the text up to the next value by its mark, verify it with one comparison, else go
 * the slow way and learn; then do to the value what its field wants.
 */
#include "json_plan.h"
#include "json_scan.h"

typedef struct json_row {                 /* where a record's values go */
  const wr_col *col;
  wr_i32 row;
} json_row;

static inline bool json_match(const json_mark *m, const char *p, const char *e)
{
#if WR_JSON_ISA == 2
  if (LIKELY(e - p >= 32)) {
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)m->text);
    uint32_t same = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
    if ((same & m->first32) != m->first32) return false;
    if (LIKELY(m->len <= 32)) return true;
  }
#elif WR_JSON_ISA == 1
  if (LIKELY(e - p >= 32)) {
    const __m128i *x = (const void *)p, *y = (const void *)m->text;
    uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(x), _mm_loadu_si128(y)));
    uint32_t up = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(x + 1), _mm_loadu_si128(y + 1)));
    if (((low | up << 16) & m->first32) != m->first32) return false;
    if (LIKELY(m->len <= 32)) return true;
  }
#endif
  return (size_t)(e - p) >= m->len && memcmp(p, m->text, m->len) == 0;
}

static const char *json_object(wr_json *, json_rec *, const char *p, json_row);

static inline const char *json_pass_quick(wr_json *j, const char *p)
{
  if (LIKELY(*p == '"')) return json_pass_string(j, p);
  if (json_digit(*p)) return json_pass_token(j, p, false);
  return json_pass(j, p, false);
}

static const char *json_null(wr_json *j, const json_field *f, const char *p, json_row to)
{
  if (!(p = json_word(p, j->e, "null", 4))) return json_fail(j, WR_E_SYNTAX);
  if (!f->type->nullable) return json_fail(j, WR_E_NULL_VALUE);
  wr_json_null(f, to.col, to.row);
  return p;
}

static const char *json_nested(wr_json *j, const json_field *f, const char *p, json_row to)
{
  if (*p != '{') return json_wrong(j, p);
  if (f->rec->presence >= 0) wr_cell_set(f->type, &to.col[f->rec->presence], to.row, wr_i64_slot(1, 0));
  return json_object(j, f->rec, p, to);
}

/* Kinds that are not worth a place in the hot switch: through a slot. */
static const char *json_other(wr_json *j, const json_field *f, const char *p, json_row to)
{
  wr_slot s;

  p = wr_json_read(j, p, f->type, &s);
  if (p && f->col >= 0) wr_cell_set(f->type, &to.col[f->col], to.row, s);
  return p;
}

static inline const char *json_value(wr_json *j, const json_field *f, const char *p, json_row to)
{
  const wr_col *c = &to.col[f->col];

  if (UNLIKELY(p == j->e)) return json_fail(j, WR_E_SYNTAX);
  if (UNLIKELY((unsigned char)*p <= ' ')) {
    p = json_space(p, j->e);
    if (p == j->e) return json_fail(j, WR_E_SYNTAX);
  }
  if (f->op == JSON_SKIP) return json_pass_quick(j, p);
  if (UNLIKELY(*p == 'n')) return json_null(j, f, p, to);
  switch ((enum json_op)f->op) {
  case JSON_INT: p = json_i64(j, p, (wr_i64 *)c->v + to.row); break;
  case JSON_STR: p = json_string(j, p, (wr_str *)c->v + to.row); break;
  case JSON_TS: p = json_ts(j, p, (wr_ts *)c->v + to.row); break;
  case JSON_DEC: p = json_dec(j, p, f->type->scale, (wr_i64 *)c->v + to.row); break;
  case JSON_FLOAT: p = json_f64(j, p, (wr_f64 *)c->v + to.row); break;
  case JSON_BOOL: p = json_bool(j, p, (wr_u8 *)c->v + to.row); break;
  case JSON_ENUM: p = json_member(j, p, f->type, (wr_i64 *)c->v + to.row); break;
  case JSON_DUR: p = json_dur(j, p, (wr_i64 *)c->v + to.row); break;
  case JSON_REC: return json_nested(j, f, p, to);
  case JSON_CHECK: case JSON_JSON: case JSON_ITEMS: case JSON_SKIP: return json_other(j, f, p, to);
  }
  if (c->st) c->st[to.row] = 0;
  return p;
}

/* The mark whose text stands at p, of those seen behind mark `at`; 0: none of them. */
static inline wr_u32 json_guess(const json_rec *r, wr_u32 at, const char *p, const char *e)
{
  const wr_u8 *next = r->mark[at].next;

  for (int i = 0; i < JSON_WAYS && next[i]; i++)
    if (json_match(&r->mark[next[i]], p, e)) return next[i];
  return 0;
}

static inline const char *json_one(wr_json *j, json_rec *r, const json_field *f, const char *p, json_row to)
{
  wr_u64 bit;

  if (!f) {
    if (j->strict) return json_fail(j, WR_E_UNKNOWN_FIELD);
    if (UNLIKELY(p == j->e)) return json_fail(j, WR_E_SYNTAX);
    return json_pass_quick(j, p);
  }
  bit = 1ull << f->index % 64;
  if (UNLIKELY(j->strict && (r->seen[f->index / 64] & bit))) p = json_fail(j, WR_E_DUPLICATE);
  else p = json_value(j, f, p, to);
  r->seen[f->index / 64] |= bit;
  if (UNLIKELY(!p && !j->field)) j->field = f->path;
  return p;
}

static const char *json_object(wr_json *j, json_rec *r, const char *p, json_row to)
{
  const json_field *f = 0;
  wr_u32 at = JSON_START, guess;
  bool end;

  if (++j->depth > WR_JSON_DEPTH) return json_fail(j, WR_E_TOO_DEEP);
  for (wr_u32 w = 0; w < r->words; w++) r->seen[w] = 0;
  for (;;) {
    guess = json_guess(r, at, p, j->e);
    if (LIKELY(guess)) {
      at = guess;
      p += r->mark[at].len;
      f = r->mark[at].field < 0 ? 0 : &r->field[r->mark[at].field];
    } else {
      if (at != JSON_START && p < j->e && *p == '}') {
        p++;
        break;
      }
      if (!(p = wr_json_next(j, r, p, &at, &f, &end))) return 0;
      if (end) break;
    }
    if (!(p = json_one(j, r, f, p, to))) return 0;
  }
  j->depth--;
  for (wr_u32 w = 0; w < r->words; w++)
    if (UNLIKELY(r->need[w] & ~r->seen[w])) return wr_json_complete(j, r, to.col, to.row) ? p : 0;
  return p;
}

/* One record; its length is below 2^32. */
static inline bool json_record(wr_json *j, json_plan *plan, const char *p, json_row to)
{
  if (*p != '{') {
    p = json_wrong(j, p);
  } else {
    p = json_object(j, plan->top, p, to);
    if (p && json_space(p, j->e) != j->e) p = json_fail(j, WR_E_SYNTAX);
  }
  return p != 0;
}

void JSON_DECODE(wr_ctx *ctx, json_plan *plan, enum wr_unit unit, const wr_source *source, const wr_str *record,
                 wr_i32 n, wr_i64 off, wr_batch *b)
{
  for (wr_i32 i = 0; i < n; i++) {
    wr_str rec = record[i];
    wr_json j = { .lo = rec.p, .e = rec.p + rec.len, .ctx = ctx, .unit = unit, .strict = plan->strict };
    const char *p = json_space(rec.p, j.e);
    if (p == j.e) continue;               /* a blank line is no record */
    if (UNLIKELY(!json_record(&j, plan, p, (json_row){ b->col, b->n }))) {
      wr_record_failed(ctx, source, rec, off + i, j.err, j.field);
      continue;
    }
    if (b->raw) b->raw[b->n] = rec;
    b->pos[b->n++].off = off + i;
  }
}
