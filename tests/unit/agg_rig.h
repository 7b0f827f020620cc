/* agg_rig.h -- what the tests of aggregates share: a heap that counts, the rows as a table, columns
 * of values, and results as JSON text. Convention: a column of a test is an array of slots (st -1:
 * null); `rig_batch` lays slots out as columns, `rig_text` is how results are compared. */
#ifndef AGG_RIG_H
#define AGG_RIG_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "weir/agg.h"

/* ---- the runtime's memory, counted ---- */

static uint64_t rig_live;                 /* bytes of wr_heap_* not given back */
static void *rig_arena[4096];             /* what wr_alloc gave, freed by rig_reset */
static int rig_arena_n;

__attribute__((weak)) void *wr_heap_alloc(wr_ctx *ctx, wr_u64 bytes)
{
  (void)ctx;
  wr_u64 *p = malloc(bytes + 16);
  assert_non_null(p);
  assert_true(bytes > 0);
  p[0] = bytes;
  memset(p + 2, 0xa5, bytes);
  rig_live += bytes;
  return p + 2;
}

__attribute__((weak)) void wr_heap_free(wr_ctx *ctx, void *at, wr_u64 bytes)
{
  (void)ctx;
  wr_u64 *p = (wr_u64 *)at - 2;
  assert_true(p[0] == bytes);
  rig_live -= bytes;
  free(p);
}

__attribute__((weak)) void *wr_heap_realloc(wr_ctx *ctx, void *at, wr_u64 had, wr_u64 bytes)
{
  void *p = wr_heap_alloc(ctx, bytes);
  memcpy(p, at, had < bytes ? had : bytes);
  wr_heap_free(ctx, at, had);
  return p;
}

__attribute__((weak)) void *wr_alloc(wr_ctx *ctx, wr_u32 bytes)
{
  (void)ctx;
  assert_true(rig_arena_n < 4096);
  return rig_arena[rig_arena_n++] = malloc(bytes ? bytes : 1);
}

__attribute__((weak)) wr_u64 wr_hash_slot(const wr_type *t, wr_slot v, wr_u64 seed)
{
  wr_u64 h = seed ^ 14695981039346656037ULL;
  (void)t;
  for (wr_u32 i = 0; i < v.len; i++)
    h = (h ^ (wr_u8)v.u.p[i]) * 1099511628211ULL;
  return h;
}

static inline void rig_reset(void)
{
  while (rig_arena_n)
    free(rig_arena[--rig_arena_n]);
}

/* ---- random numbers, the same in every run ---- */

static uint64_t rig_seed = 1;

static inline uint64_t rig_random(void)
{
  uint64_t x = rig_seed += 0x9e3779b97f4a7c15ULL;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
  return x ^ x >> 31;
}

static inline int rig_below(int n)
{
  return (int)(rig_random() % (uint64_t)n);
}

/* ---- the rows ---- */

typedef struct rig_row {
  const char *name, *suffix, *result, *arg[2];
  int nargs, traits;
  const char *example, *value;
  const wr_agg *agg;
  void (*batch)(wr_ctx *, const wr_aggspec *, const wr_cells *, const wr_batch *);
} rig_row;

static const rig_row rig_rows[] = {
#define AGG0(n, s, r, t, d, e, v) \
  {#n, #s, #r, {0, 0}, 0, t, e, v, &wr_agg_##n##_##s, wr_agg_##n##_##s##_batch},
#define AGG1(n, s, r, a, t, d, e, v) \
  {#n, #s, #r, {#a, 0}, 1, t, e, v, &wr_agg_##n##_##s, wr_agg_##n##_##s##_batch},
#define AGG2(n, s, r, a, b, t, d, e, v) \
  {#n, #s, #r, {#a, #b}, 2, t, e, v, &wr_agg_##n##_##s, wr_agg_##n##_##s##_batch},
#define AGGLATER1(...)
#define AGGLATER2(...)
#include "weir/aggregates.def"
#undef AGG0
#undef AGG1
#undef AGG2
#undef AGGLATER1
#undef AGGLATER2
};
enum { RIG_ROWS = sizeof rig_rows / sizeof *rig_rows, RIG_CAP = 4096 };

static inline bool rig_constant(const rig_row *r)
{
  return r->traits & (AGG_OPT_Q | AGG_OPT_K);
}

static inline wr_type rig_type(const char *token, wr_u8 scale)
{
  static const struct { const char *token; wr_u8 kind; } kinds[] = {
    {"BOOL", WR_BOOL}, {"INT", WR_INT}, {"FLOAT", WR_FLOAT}, {"DEC", WR_DEC}, {"STR", WR_STR},
    {"TS", WR_TS_}, {"DUR", WR_DUR}, {"ENUM", WR_ENUM}, {"BYTES", WR_BYTES}, {"JSON", WR_JSON}};
  wr_type t = {.nullable = 1, .scale = scale};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (!strcmp(token, kinds[i].token)) {
      t.kind = kinds[i].kind;
      return t;
    }
  fail_msg("type token %s", token);
  return t;
}

/* ---- one case: a row, its argument types, n rows of values, a batch of them ---- */

typedef struct rig {
  const rig_row *row;
  wr_type type[2];
  int n;
  wr_slot arg[2][RIG_CAP];
  wr_ts time[RIG_CAP];
  wr_pos pos[RIG_CAP];
  union { wr_i64 i[RIG_CAP]; wr_u8 b[RIG_CAP]; wr_str s[RIG_CAP]; } cell[2];
  wr_u8 st[2][RIG_CAP];
  wr_col col[2];
  wr_batch batch;
  wr_aggspec spec;
} rig;

static inline void rig_column(rig *g, int k)
{
  bool nulls = false;
  for (int i = 0; i < g->n; i++) {
    wr_slot v = g->arg[k][i];
    g->st[k][i] = v.st ? WR_ST_NULL : 0;
    nulls |= v.st != 0;
    if (g->type[k].kind == WR_STR || g->type[k].kind == WR_BYTES || g->type[k].kind == WR_JSON)
      g->cell[k].s[i] = wr_slot_str(v);
    else if (g->type[k].kind == WR_BOOL)
      g->cell[k].b[i] = (wr_u8)v.u.i;
    else
      g->cell[k].i[i] = v.u.i;
  }
  g->col[k] = (wr_col){&g->cell[k], nulls ? g->st[k] : 0};
}

/* Lays the slots out; without positions given, rows are in the order of their numbers. */
static inline void rig_batch(rig *g, bool positions)
{
  int columns = g->row->nargs - rig_constant(g->row);
  for (int i = 0; i < g->n && !positions; i++) {
    g->time[i] = 1000;
    g->pos[i] = (wr_pos){.off = i, .src = 7};
  }
  for (int k = 0; k < columns; k++)
    rig_column(g, k);
  g->batch = (wr_batch){.n = g->n, .cap = RIG_CAP, .ncol = columns, .col = g->col, .time = g->time,
                        .pos = g->pos};
  g->spec.arg[0] = columns > 0 ? 0 : -1;
  g->spec.arg[1] = columns > 1 ? 1 : -1;
  g->spec.type = g->row->nargs ? &g->type[0] : 0;
}

static inline void *rig_state(const rig *g)
{
  return test_calloc(1, g->row->agg->size);
}

static inline void rig_step(rig *g, void *state, int row)
{
  g->row->agg->step(0, &g->spec, state, &g->batch, row);
}

static inline void rig_drop(rig *g, void *state)
{
  if (g->row->agg->drop)
    g->row->agg->drop(0, &g->spec, state);
  test_free(state);
}

/* ---- results as JSON text ---- */

static inline int rig_print_float(char *out, double v)
{
  char text[40];
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, v);
    if (strtod(text, 0) == v)
      break;
  }
  return sprintf(out, "%s%s", text, strpbrk(text, ".en") ? "" : ".0");
}

static inline int rig_print_dec(char *out, wr_i64 v, int scale)
{
  char digits[40];
  uint64_t mag = v < 0 ? -(uint64_t)v : (uint64_t)v;
  int n = snprintf(digits, sizeof digits, "%0*llu", scale + 1, (unsigned long long)mag) - scale;
  return sprintf(out, "%s%.*s%s%s", v < 0 ? "-" : "", n, digits, scale ? "." : "", digits + n);
}

static inline int rig_print(char *out, const wr_type *t, wr_slot v)
{
  time_t seconds = (time_t)(v.u.i / 1000000);
  struct tm tm;
  if (t->kind == WR_STR || t->kind == WR_BYTES || t->kind == WR_JSON)
    return sprintf(out, "\"%.*s\"", (int)v.len, v.len ? v.u.p : "");
  if (t->kind == WR_FLOAT)
    return rig_print_float(out, v.u.f);
  if (t->kind == WR_DEC)
    return rig_print_dec(out, v.u.i, t->scale);
  if (t->kind == WR_BOOL)
    return sprintf(out, "%s", v.u.i ? "true" : "false");
  if (t->kind == WR_TS_)
    return (int)strftime(out, 40, "\"%Y-%m-%dT%H:%M:%SZ\"", gmtime_r(&seconds, &tm));
  if (t->kind == WR_DUR)
    return sprintf(out, v.u.i % 1000000 ? "\"%lldus\"" : "\"%llds\"",
                   v.u.i % 1000000 ? v.u.i : v.u.i / 1000000);
  return sprintf(out, "%lld", v.u.i);
}

typedef union rig_cell { wr_i64 i; wr_u8 b; wr_f64 f; wr_str s; wr_list l; } rig_cell;

static inline wr_status rig_read(rig *g, const void *state, rig_cell *out)
{
  memset(out, 0x5a, sizeof *out);
  return g->row->agg->read(0, &g->spec, state, out);
}

/* A malloc'ed text: the value, `null`, or `error <kind>`. */
static inline char *rig_text(rig *g, const void *state)
{
  rig_cell cell;
  wr_status st = rig_read(g, state, &cell);
  const char *token = g->row->result;
  bool same = *token == 'X' || !strcmp(token, "LIST");
  wr_type t = same ? g->type[0] : rig_type(token, g->type[0].scale);
  t.scale = (wr_u8)(t.scale + (g->row->traits & AGG_SCALE4 ? 4 : 0));
  char *text = malloc(1 << 16), *p = text;
  assert_non_null(text);
  if (st) {
    sprintf(text, st < 0 ? "null" : "error %d", st);
  } else if (!strcmp(token, "LIST")) {
    assert_int_equal(cell.l.width, 1);
    *p++ = '[';
    for (wr_u32 i = 0; i < cell.l.n; i++)
      p += sprintf(p, "%s", i ? "," : ""), p += rig_print(p, &t, cell.l.p[i]);
    strcpy(p, "]");
  } else {
    bool str = t.kind == WR_STR || t.kind == WR_BYTES || t.kind == WR_JSON;
    rig_print(text, &t, str ? wr_str_slot(cell.s, 0)
                            : wr_i64_slot(t.kind == WR_BOOL ? cell.b : cell.i, 0));
  }
  rig_reset();
  return text;
}

/* ---- a JSON array of scalars, or of arrays of two, as the columns of a case ---- */

static inline const char *rig_scalar(const char *p, wr_type *t, bool any, wr_slot *out)
{
  struct tm tm = {0};
  char *end;
  *out = wr_i64_slot(0, 0);
  if (!strncmp(p, "null", 4))
    return out->st = WR_NULL, p + 4;
  if (any)
    t->kind = *p == '"' ? WR_STR : WR_INT;
  if (*p == '"' && t->kind == WR_STR) {
    out->u.p = p + 1;
    out->len = (wr_u32)strcspn(p + 1, "\"");
    return p + out->len + 2;
  }
  if (*p == 't' || *p == 'f')
    return out->u.i = *p == 't', p + (*p == 't' ? 4 : 5);
  if (t->kind == WR_TS_) {
    const char *rest = strptime(p + 1, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return out->u.i = timegm(&tm) * 1000000LL, rest + 1;
  }
  if (t->kind == WR_DUR)
    return out->u.i = strtoll(p + 1, &end, 10) * 1000000, end + 2;
  if (t->kind == WR_FLOAT)
    return out->u.f = strtod(p, &end), end;
  out->u.i = strtoll(p, &end, 10);
  if (t->kind == WR_DEC) {
    bool negative = *p == '-';
    int digits = 0;
    for (end += *end == '.'; *end >= '0' && *end <= '9'; end++, digits++)
      out->u.i = out->u.i * 10 + (negative ? -(*end - '0') : *end - '0');
    t->scale = (wr_u8)digits;
  }
  return end;
}

static inline void rig_example(rig *g)
{
  const char *p = g->row->example;
  g->n = 0;
  for (int k = 0; k < g->row->nargs; k++)
    g->type[k] = rig_type(*g->row->arg[k] == 'X' ? "INT" : g->row->arg[k], 0);
  while (*p == '[' || *p == ',') {
    p++;
    for (int k = 0; k < (g->row->nargs ? g->row->nargs : 1); k++) {
      p += *p == '[' || *p == ',';
      bool any = g->row->nargs && *g->row->arg[k] == 'X';
      p = rig_scalar(p, &g->type[k], any, &g->arg[k][g->n]);
    }
    p += g->row->nargs == 2;
    g->n++;
  }
  assert_string_equal(p, "]");
  g->spec.opt[0] = rig_constant(g->row) ? g->arg[1][0] : wr_i64_slot(0, WR_NULL);
  g->spec.opt[1] = wr_i64_slot(0, WR_NULL);
  rig_batch(g, false);
}

#endif
