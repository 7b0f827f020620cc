/* json_plan.c -- builds the decoder's view of a record type, and learns what the data looks like.
 *
 * All of a plan is allocated when it is built; learning fills tables of fixed size and stops when
 * they are full.
 */
#include "json_plan.h"
#include "json_scan.h"

static void *own(json_plan *plan, size_t n)
{
  void *p = wr_mem_alloc(n ? n : 1);

  if (plan->nblock == plan->cap) {
    wr_u32 cap = plan->cap ? plan->cap * 2 : 16;
    void **block = wr_mem_alloc(cap * sizeof *block);
    size_t *size = wr_mem_alloc(cap * sizeof *size);
    if (plan->cap) {
      memcpy(block, plan->block, plan->nblock * sizeof *block);
      memcpy(size, plan->size, plan->nblock * sizeof *size);
      wr_mem_free(plan->block, plan->cap * sizeof *block);
      wr_mem_free(plan->size, plan->cap * sizeof *size);
    }
    plan->block = block;
    plan->size = size;
    plan->cap = cap;
  }
  plan->block[plan->nblock] = p;
  plan->size[plan->nblock++] = n ? n : 1;
  memset(p, 0, n);
  return p;
}

static wr_u32 hash_text(const char *p, size_t n)
{
  wr_u32 h = 2166136261u;

  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 16777619u;
  return h ^ h >> 15;
}

static enum json_op op_of(const wr_type *t)
{
  switch ((enum wr_kind)t->kind) {
  case WR_BOOL: return JSON_BOOL;
  case WR_INT: return JSON_INT;
  case WR_FLOAT: return JSON_FLOAT;
  case WR_DEC: return JSON_DEC;
  case WR_STR: case WR_BYTES: return JSON_STR;
  case WR_TS_: return JSON_TS;
  case WR_DUR: return JSON_DUR;
  case WR_ENUM: return JSON_ENUM;
  case WR_JSON: return JSON_JSON;
  case WR_LIST: case WR_MAP: return JSON_ITEMS;
  case WR_REC: case WR_KINDS: break;
  }
  return JSON_REC;
}

static const char *path_of(json_plan *plan, const char *above, const char *name)
{
  size_t n = strlen(above), m = strlen(name);
  char *p = own(plan, n + m + 2);

  memcpy(p, above, n);
  if (n) p[n++] = '.';
  memcpy(p + n, name, m);
  return p;
}

static json_rec *build(json_plan *, const wr_type *, wr_i32 presence, const char *path);

/* Does a filter need the field, or some leaf of it? */
static bool is_early(const json_plan *plan, const wr_field *f)
{
  if (f->col >= 0 && plan->early[f->col]) return true;
  for (wr_u32 i = 0; f->type->kind == WR_REC && i < f->type->n; i++)
    if (is_early(plan, &f->type->fields[i])) return true;
  return false;
}

/* The field waits for the filter. Integers and texts are read where they are met all the same, which
 * takes no longer than passing over them; only when they are wrong they wait. */
static void wait(json_plan *plan, json_rec *r, json_field *f)
{
  json_late *late = &plan->late[plan->nlate++];

  late->field = *f;
  f->late = late;
  if (f->op != JSON_INT && f->op != JSON_STR) f->op = JSON_LATE;
  r->need[f->word] &= ~f->bit;
  r->owed[f->word] |= f->bit;
}

static void build_field(json_plan *plan, json_rec *r, const wr_field *from, wr_u32 i, const char *path)
{
  json_field *f = &r->field[i];

  *f = (json_field){ .field = from, .type = from->type, .col = from->col, .word = i / 64 };
  f->bit = 1ull << i % 64;
  f->path = path_of(plan, path, from->name);
  if (from->type->kind == WR_REC) {
    f->rec = build(plan, from->type, from->type->nullable ? from->col : -1, f->path);
    f->op = f->rec->read ? JSON_REC : JSON_SKIP;
  } else {
    f->op = from->col >= 0 ? op_of(from->type) : plan->strict ? JSON_CHECK : JSON_SKIP;
  }
  if (f->op == JSON_SKIP) return;
  r->need[f->word] |= f->bit;
  r->read = true;
}

static void index_names(json_plan *plan, json_rec *r)
{
  wr_u32 size = 4;

  while (size < r->n * 2) size *= 2;
  r->mask = size - 1;
  r->hash = own(plan, size * sizeof *r->hash);
  for (wr_u32 i = 0; i < r->n; i++) {
    wr_u32 h = hash_text(r->field[i].field->name, r->field[i].field->len) & r->mask;
    while (r->hash[h]) h = (h + 1) & r->mask;
    r->hash[h] = i + 1;
  }
}

static json_rec *build(json_plan *plan, const wr_type *t, wr_i32 presence, const char *path)
{
  json_rec *r = own(plan, sizeof *r);

  r->type = t;
  r->n = t->n;
  r->words = t->n / 64 + 1;
  r->field = own(plan, (t->n + 1) * sizeof *r->field);
  r->field[t->n] = (json_field){ .col = -1, .op = plan->strict ? JSON_UNKNOWN : JSON_SKIP };
  r->seen = own(plan, r->words * sizeof *r->seen);
  r->need = own(plan, r->words * sizeof *r->need);
  r->owed = own(plan, r->words * sizeof *r->owed);
  r->mark = own(plan, JSON_MARKS * sizeof *r->mark);
  r->nmark = JSON_FIRST_MARK;
  r->presence = presence;
  r->read = plan->strict || presence >= 0;
  for (wr_u32 i = 0; i < t->n; i++) build_field(plan, r, &t->fields[i], i, path);
  index_names(plan, r);
  return r;
}

json_plan *wr_json_plan_new(const wr_type *t, bool strict, const wr_u8 *early)
{
  json_plan *plan = wr_mem_alloc(sizeof *plan);
  json_field *f;

  *plan = (json_plan){ .type = t, .strict = strict, .early = early };
  plan->top = build(plan, t, -1, "");
  plan->late = own(plan, t->n * sizeof *plan->late);
  f = plan->top->field;
  for (wr_u32 i = 0; early && i < t->n; i++) {
    if (f[i].op == JSON_SKIP) continue;
    f[i].filtered = 1;
    if (!is_early(plan, &t->fields[i])) wait(plan, plan->top, &f[i]);
  }
  return plan;
}

void wr_json_plan_free(json_plan *plan)
{
  for (wr_u32 i = 0; i < plan->nblock; i++) wr_mem_free(plan->block[i], plan->size[i]);
  wr_mem_free(plan->block, plan->cap * sizeof *plan->block);
  wr_mem_free(plan->size, plan->cap * sizeof *plan->size);
  wr_mem_free(plan, sizeof *plan);
}

/* ---- learning ---- */

static const json_field *find_field(const json_rec *r, wr_str name)     /* the unknown one, when it is that */
{
  for (wr_u32 h = hash_text(name.p, name.len) & r->mask; r->hash[h]; h = (h + 1) & r->mask) {
    const json_field *f = &r->field[r->hash[h] - 1];
    if (f->field->len == name.len && memcmp(f->field->name, name.p, name.len) == 0) return f;
  }
  return &r->field[r->n];
}

static wr_u32 find_mark(json_rec *r, const char *text, size_t n, wr_u32 *slot)
{
  wr_u32 h = hash_text(text, n) % (2 * JSON_MARKS);

  for (; r->find[h]; h = (h + 1) % (2 * JSON_MARKS)) {
    const json_mark *m = &r->mark[r->find[h]];
    if (m->len == n && memcmp(m->text, text, n) == 0) return r->find[h];
  }
  *slot = h;
  return 0;
}

static wr_u32 add_mark(json_rec *r, wr_u32 slot, const char *text, size_t n, const json_field *f)
{
  json_mark *m = &r->mark[r->nmark];

  memcpy(m->text, text, n);
  m->len = (wr_u32)n;
  m->first32 = n >= 32 ? ~0u : (1u << n) - 1;
  m->field = f;
  r->find[slot] = (wr_u8)r->nmark;
  return r->nmark++;
}

/* Remembers that the text came behind mark `from`. */
static json_mark *learn(json_rec *r, json_mark *from, const char *text, size_t n, const json_field *f)
{
  wr_u32 slot = 0, at, way = 0;
  json_mark *m;

  if (n > JSON_MARK_TEXT) return &r->mark[JSON_LOST];
  at = find_mark(r, text, n, &slot);
  if (!at && r->nmark == JSON_MARKS) return &r->mark[JSON_LOST];
  if (!at) at = add_mark(r, slot, text, n, f);
  m = &r->mark[at];
  if (from == &r->mark[JSON_LOST]) return m;
  while (way < JSON_WAYS - 1 && from->next[way] != m) way++;
  memmove(from->next + 1, from->next, way * sizeof *from->next);
  return from->next[0] = m;
}

const char *wr_json_next(wr_json *j, json_rec *r, const char *p, json_mark **at, const json_field **f, bool *end)
{
  bool first = *at == &r->mark[JSON_START];
  const char *text = p, *e = j->e;
  wr_str name;

  p = json_space(p, e);
  if (first) {
    if (p == e || *p != '{') return json_fail(j, WR_E_SYNTAX);
    p = json_space(p + 1, e);
  }
  *end = p < e && *p == '}';
  if (*end) return p + 1;
  if (!first) {
    if (p == e || *p != ',') return json_fail(j, WR_E_SYNTAX);
    p = json_space(p + 1, e);
  }
  if (p == e || *p != '"') return json_fail(j, WR_E_SYNTAX);
  if (!(p = json_string(j, p, &name))) return 0;
  p = json_space(p, e);
  if (p == e || *p != ':') return json_fail(j, WR_E_SYNTAX);
  p = json_space(p + 1, e);
  *f = find_field(r, name);
  *at = learn(r, *at, text, (size_t)(p - text), *f);
  return p;
}

/* ---- fields without a value ---- */

void wr_json_null(const json_field *f, const wr_col *col, wr_i32 row)
{
  if (f->col >= 0) wr_cell_null(f->type->kind, &col[f->col], row);
  for (wr_u32 i = 0; f->rec && i < f->rec->n; i++) wr_json_null(&f->rec->field[i], col, row);
}

bool wr_json_complete(wr_json *j, const json_rec *r, const wr_u64 *need, const wr_col *col, wr_i32 row)
{
  for (wr_u32 w = 0; w < r->words; w++)
    for (wr_u64 left = need[w] & ~r->seen[w]; left; left &= left - 1) {
      const json_field *f = &r->field[w * 64 + (wr_u32)__builtin_ctzll(left)];
      if (f->field->dflt && !f->rec) {
        if (f->col >= 0) wr_cell_set(f->type, &col[f->col], row, *f->field->dflt);
      } else if (f->type->nullable) {
        wr_json_null(f, col, row);
      } else {
        j->field = f->path;
        j->err = WR_E_MISSING;
        return false;
      }
    }
  return true;
}
