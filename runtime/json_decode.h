/* json_decode.h -- the JSON decoder's hot loop; included once for each way to search bytes.
 *
 * The including file sets WR_JSON_ISA and JSON_DECODE, the name of the function to define. Each
 * object: guess the text up to the next value by its mark, verify it with one comparison, else go
 * the slow way and learn; then do to the value what its field wants. Of a source with a filter the
 * values that it does not need are read behind those that it does, or else passed over, and read
 * where they stand once the row passes.
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

/* Kinds that are not worth a place in the switches: through a slot. */
static const char *json_other(wr_json *j, const json_field *f, const char *p, json_row to)
{
  wr_slot s;

  p = wr_json_read(j, p, f->type, &s);
  if (p && f->col >= 0) wr_cell_set(f->type, &to.col[f->col], to.row, s);
  return p;
}

/* Any value of any field, white space in front of it allowed. */
static __attribute__((noinline)) const char *json_any(wr_json *j, const json_field *f, const char *p, json_row to)
{
  const wr_col *c = to.col + (f->col < 0 ? 0 : f->col);

  p = json_space(p, j->e);
  if (p == j->e) return json_fail(j, WR_E_SYNTAX);
  if (f->op == JSON_SKIP) return json_pass(j, p, false);
  if (f->op == JSON_UNKNOWN) return json_fail(j, WR_E_UNKNOWN_FIELD);
  if (*p == 'n') return json_null(j, f, p, to);
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
  case JSON_CHECK: case JSON_JSON: case JSON_ITEMS: return json_other(j, f, p, to);
  case JSON_SKIP: case JSON_LATE: case JSON_UNKNOWN: break;
  }
  if (c->st) c->st[to.row] = 0;
  return p;
}

/* Behind a value that is to be read when the row has passed the filter; white space in front allowed. */
static inline const char *json_put_off(wr_json *j, json_late *late, const char *p)
{
  const char *q;

  p = json_space(p, j->e);
  if (UNLIKELY(p == j->e)) return json_fail(j, WR_E_SYNTAX);
  if (*p == '"') q = json_pass_string(j, p);
  else q = *p == '{' || *p == '[' ? json_pass(j, p, false) : json_pass_token(j, p, false);
  if (UNLIKELY(!q)) return 0;
  if (UNLIKELY(late->p != 0)) late = memcpy(wr_alloc(j->ctx, sizeof *late), late, sizeof *late);   /* met twice */
  late->p = p;
  late->end = q;
  late->next = 0;
  *j->last = late;
  j->last = &late->next;
  return q;
}

/* The values that most records are made of, where they stand as most writers put them; the others by
 * json_any. */
static inline const char *json_value(wr_json *j, const json_field *f, const char *p, json_row to)
{
  const wr_col *c;
  const char *q;
  wr_i64 n;

  if (UNLIKELY(p == j->e)) return json_fail(j, WR_E_SYNTAX);
  if (f->op == JSON_SKIP) {
    if (*p == '"') return json_pass_string(j, p);
    return LIKELY(q = json_digits_only(p, j->e)) ? q : json_any(j, f, p, to);
  }
  if (f->op == JSON_LATE) {
    if (j->verdict != JSON_PASSED || f->late->p) return json_put_off(j, f->late, p);
    f = &f->late->field;
  }
  if (f->col < 0) return json_any(j, f, p, to);
  c = &to.col[f->col];
  if (f->op == JSON_INT) {
    if (LIKELY(q = json_small(p, j->e, (wr_i64 *)c->v + to.row))) goto value;
  } else if (f->op == JSON_STR) {
    if (LIKELY(*p == '"')) {
      q = json_string(j, p, (wr_str *)c->v + to.row);
      goto value;
    }
  } else if (f->op == JSON_TS && j->unit == WR_UNIT_NONE) {
    q = *p == '"' ? wr_ts_quick(p + 1, j->e, &j->day, (wr_ts *)c->v + to.row) : 0;
    if (LIKELY(q && q < j->e && *q++ == '"')) goto value;
  } else if (f->op == JSON_TS) {
    if (LIKELY(q = json_small(p, j->e, &n))) {
      if (wr_unit_ts(n, j->unit, (wr_ts *)c->v + to.row)) return json_fail(j, WR_E_TIME_RANGE);
      goto value;
    }
  }
  return json_any(j, f, p, to);
value:
  if (c->st) c->st[to.row] = 0;
  return q;
}

/* The mark whose text stands at p, of those seen behind a mark; 0: none of them. */
static inline json_mark *json_guess(const json_mark *at, const char *p, const char *e)
{
  for (int i = 0; i < JSON_WAYS && at->next[i]; i++)
    if (LIKELY(json_match(at->next[i], p, e))) return at->next[i];
  return 0;
}

static bool json_twice(wr_json *j, const json_rec *r, const json_field *f)
{
  if (!j->strict || !(r->seen[f->word] & f->bit)) return false;
  j->err = WR_E_DUPLICATE;
  return true;
}

static inline void json_judge(wr_json *j)
{
  j->verdict = j->source->filter(j->ctx, j->batch, j->batch->n) ? JSON_PASSED : JSON_REJECTED;
}

/* Judges when all is there that the filter needs. A later value of the same name asks again; what was
 * read in the meantime cannot be wrong, so that nobody sees it. */
static void json_ask(wr_json *j, const json_rec *r)
{
  for (wr_u32 w = 0; w < r->words; w++)
    if (r->need[w] & ~r->seen[w]) return;
  json_judge(j);
}

/* A value that could not be read, or not to its end: the record is bad, unless it can wait. */
static const char *json_unread(wr_json *j, const json_field *f, const char *p)
{
  if (f->late && p < j->e) {
    j->err = WR_E_NONE;
    j->depth = 1;
    if ((p = json_put_off(j, f->late, p)) != 0) return p;
  }
  if (!j->field) j->field = f->path;
  return 0;
}

static const char *json_object(wr_json *j, json_rec *r, const char *p, json_row to)
{
  json_mark *at = &r->mark[JSON_START], *guess;
  const json_field *f;
  const char *from;
  bool end;

  if (++j->depth > WR_JSON_DEPTH) return json_fail(j, WR_E_TOO_DEEP);
  for (wr_u32 w = 0; w < r->words; w++) r->seen[w] = 0;
  for (;;) {
    guess = json_guess(at, p, j->e);
    if (LIKELY(guess)) {
      at = guess;
      p += at->len;
      f = at->field;
    } else {
      if (at != &r->mark[JSON_START] && p < j->e && *p == '}') {
        p++;
        break;
      }
      if (!(p = wr_json_next(j, r, p, &at, &f, &end))) return 0;
      if (end) break;
    }
    from = p;
    p = UNLIKELY(j->strict) && json_twice(j, r, f) ? 0 : json_value(j, f, p, to);
    r->seen[f->word] |= f->bit;
    if (UNLIKELY(!p) || f->filtered) {
      if (!p || (f->late && p < j->e && wr_json_token[(unsigned char)*p])) p = json_unread(j, f, from);
      if (!p) return 0;
      if (!f->late) json_ask(j, r);
    }
  }
  j->depth--;
  for (wr_u32 w = 0; w < r->words; w++)
    if (UNLIKELY(r->need[w] & ~r->seen[w])) return wr_json_complete(j, r, r->need, to.col, to.row) ? p : 0;
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

/* What was put off, of a record that has passed the filter. */
static inline bool json_rest(wr_json *j, const json_rec *r, json_row to)
{
  for (const json_late *late = j->first; late; late = late->next) {
    const char *p;
    j->depth = 1;
    p = json_value(j, &late->field, late->p, to);
    if (LIKELY(p == late->end)) continue;
    if (p) j->err = WR_E_SYNTAX;          /* more than a value: 1.5.5 */
    if (!j->field) j->field = late->field.path;
    return false;
  }
  for (wr_u32 w = 0; w < r->words; w++)
    if (UNLIKELY(r->owed[w] & ~r->seen[w])) return wr_json_complete(j, r, r->owed, to.col, to.row);
  return true;
}

static inline void json_forget(wr_json *j)
{
  for (json_late *late = j->first; late; late = late->next) late->p = 0;
  j->first = 0;
  j->last = &j->first;
  j->verdict = JSON_UNASKED;
}

void JSON_DECODE(wr_ctx *ctx, json_plan *plan, enum wr_unit unit, const wr_source *source, const wr_str *record,
                 wr_i32 n, wr_i64 off, wr_batch *b)
{
  wr_json j = { .ctx = ctx, .unit = unit, .strict = plan->strict, .day = WR_TS_NO_DAY, .source = source, .batch = b };

  for (wr_i32 i = 0; i < n; i++) {
    wr_str rec = record[i];
    json_row to = { b->col, b->n };
    const char *p;
    bool ok;
    j.lo = rec.p;
    j.e = rec.p + rec.len;
    p = json_space(rec.p, j.e);
    if (p == j.e) continue;               /* a blank line is no record */
    j.field = 0;
    j.err = WR_E_NONE;
    j.depth = 0;
    json_forget(&j);
    ok = json_record(&j, plan, p, to);
    if (plan->early && ok) {
      if (j.verdict == JSON_UNASKED) json_judge(&j);
      if (j.verdict == JSON_REJECTED) {
        wr_row_rejected(ctx, source, b);
        continue;
      }
      ok = json_rest(&j, plan->top, to);
    }
    if (UNLIKELY(!ok)) {
      wr_record_failed(ctx, source, rec, off + i, j.err, j.field);
      continue;
    }
    if (b->raw) b->raw[b->n] = rec;
    b->pos[b->n++].off = off + i;
  }
  json_forget(&j);
}
