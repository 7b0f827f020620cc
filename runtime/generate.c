/* generate.c -- random values that depend on (seed, leaf, row) alone.
 *
 * There is no state from row to row: the bits for a row are a hash of its number, so a row is the
 * same whatever batch it comes in. A generator fills one column at a time.
 */
#include "generate.h"
#include <math.h>
#include <string.h>
#include "json_scan.h"

wr_u64 wr_gen_bits(wr_u64 seed, wr_u64 row)                   /* splitmix64, entered at the row's place */
{
  wr_u64 z = seed + (row + 1) * 0x9E3779B97F4A7C15ULL;

  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

static double unit(wr_u64 bits) { return (double)(bits >> 11) * 0x1p-53; }    /* [0, 1) */

bool wr_gen_chance(wr_u64 bits, double share) { return unit(bits) < share; }

static wr_u64 below(wr_u64 bits, wr_u64 n)                    /* 0 .. n - 1; n = 0: all */
{
  return n ? (wr_u64)((unsigned __int128)bits * n >> 64) : bits;
}

/* ---- numbers from a distribution, as the leaf's type holds them ---- */

static wr_i64 to_i64(double v)
{
  return v >= 0x1p63 ? WR_I64_MAX : v < -0x1p63 ? WR_I64_MIN : llrint(v);
}

static void put_number(const gen_leaf *g, const wr_col *c, wr_i32 at, double v)
{
  if (g->type->kind == WR_FLOAT) ((wr_f64 *)c->v)[at] = v - v != 0 ? 0.0 : v + 0.0;
  else ((wr_i64 *)c->v)[at] = to_i64(g->type->kind == WR_DEC ? v * (double)wr_pow10[g->type->scale] : v);
}

static double normal(const gen_leaf *g, wr_u64 bits)          /* Box and Muller */
{
  double u = 1.0 - unit(bits), v = unit(wr_gen_bits(bits, 1));

  return g->arg[0].u.f + g->arg[1].u.f * sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

/* Rejection by inversion: the integral of x^-s is inverted, and the few points outside the bars are
 * drawn again (Hoermann and Derflinger, 1996). */
static double integral(const gen_leaf *g, double x)
{
  return g->zipf_s == 1.0 ? log(x) : (pow(x, 1.0 - g->zipf_s) - 1.0) / (1.0 - g->zipf_s);
}

static double inverse(const gen_leaf *g, double u)
{
  double base = 1.0 + u * (1.0 - g->zipf_s);

  return g->zipf_s == 1.0 ? exp(u) : pow(base > 0 ? base : 0, 1.0 / (1.0 - g->zipf_s));
}

static void prepare_zipf(gen_leaf *g)
{
  g->zipf_n = (double)g->arg[0].u.i;
  g->zipf_s = g->narg > 1 ? g->arg[1].u.f : 1.0;
  g->zipf_from = integral(g, 1.5) - 1.0;
  g->zipf_to = integral(g, g->zipf_n + 0.5);
  g->zipf_sure = 2.0 - inverse(g, integral(g, 2.5) - pow(2.0, -g->zipf_s));
}

static wr_i64 zipf(const gen_leaf *g, wr_u64 bits)
{
  for (wr_u64 draw = 1; draw < 1000; draw++) {
    double u = g->zipf_to + unit(bits) * (g->zipf_from - g->zipf_to), x = inverse(g, u), k = floor(x + 0.5);
    if (k < 1) k = 1;
    if (k > g->zipf_n) k = g->zipf_n;
    if (k - x <= g->zipf_sure || u >= integral(g, k + 0.5) - pow(k, -g->zipf_s)) return (wr_i64)k;
    bits = wr_gen_bits(bits, draw);
  }
  return 1;
}

static double one_number(const gen_leaf *g, wr_u64 bits)
{
  return g->kind == GEN_NORMAL ? normal(g, bits) : -g->arg[0].u.f * log(1.0 - unit(bits));
}

static void fill_numbers(const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  for (wr_i32 i = 0; i < n; i++) put_number(g, c, at + i, one_number(g, wr_gen_bits(g->seed, (wr_u64)(row + i))));
}

static void fill_uniform(const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  for (wr_i32 i = 0; i < n; i++) {
    wr_u64 bits = wr_gen_bits(g->seed, (wr_u64)(row + i));
    if (g->type->kind == WR_FLOAT) {
      double lo = g->narg ? g->arg[0].u.f : 0.0, hi = g->narg ? g->arg[1].u.f : 1.0;
      ((wr_f64 *)c->v)[at + i] = lo + (hi - lo) * unit(bits) + 0.0;
    } else {
      ((wr_i64 *)c->v)[at + i] = (wr_i64)((wr_u64)g->low + below(bits, g->span));
    }
  }
}

static void fill_sequence(const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  double from = g->narg > 0 ? g->arg[0].u.f : 0.0, step = g->narg > 1 ? g->arg[1].u.f : 1.0;

  for (wr_i32 i = 0; i < n; i++) {
    if (g->type->kind == WR_FLOAT) ((wr_f64 *)c->v)[at + i] = from + step * (double)(row + i) + 0.0;
    else ((wr_i64 *)c->v)[at + i] = (wr_i64)((wr_u64)g->low + (wr_u64)g->step * (wr_u64)(row + i));
  }
}

/* ---- strings ---- */

static char *block(wr_ctx *ctx, wr_i32 n, wr_u32 each) { return wr_alloc(ctx, (wr_u32)n * each + 1); }

static void fill_zipf(wr_ctx *ctx, const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  bool text = g->type->kind != WR_INT;
  char *p = text ? block(ctx, n, 20) : 0;

  for (wr_i32 i = 0; i < n; i++) {
    wr_i64 v = zipf(g, wr_gen_bits(g->seed, (wr_u64)(row + i)));
    if (!text) {
      ((wr_i64 *)c->v)[at + i] = v;
      continue;
    }
    ((wr_str *)c->v)[at + i] = (wr_str){ p, (wr_u32)wr_print_int(p, v), 0 };
    p += 20;
  }
}

static char random_char(char class, wr_u64 bits)
{
  switch (class) {
  case '#': return (char)('0' + below(bits, 10));
  case '?': return (char)('a' + below(bits, 26));
  default: return "0123456789abcdef"[bits >> 60];
  }
}

static wr_u32 one_pattern(char *o, const char *p, wr_u32 n, wr_u64 bits)
{
  char *from = o;

  for (wr_u32 i = 0; i < n; i++) {
    if (p[i] == '\\' && i + 1 < n) *o++ = p[++i];
    else *o++ = strchr("#?*", p[i]) && p[i] ? random_char(p[i], wr_gen_bits(bits, i)) : p[i];
  }
  return (wr_u32)(o - from);
}

static void fill_pattern(wr_ctx *ctx, const gen_leaf *g, wr_str pattern, wr_i64 row, wr_i32 n, const wr_col *c,
                         wr_i32 at)
{
  char *p = block(ctx, n, pattern.len);

  for (wr_i32 i = 0; i < n; i++) {
    wr_u32 len = one_pattern(p, pattern.p, pattern.len, wr_gen_bits(g->seed, (wr_u64)(row + i)));
    ((wr_str *)c->v)[at + i] = (wr_str){ p, len, 0 };
    p += len;
  }
}

static void fill_uuid(wr_ctx *ctx, const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  static const char shape[] = "********-****-4***-****-************";

  fill_pattern(ctx, g, (wr_str){ shape, 36, 0 }, row, n, c, at);
  for (wr_i32 i = 0; i < n; i++) {        /* the variant: two bits of the 17th digit are given */
    char *p = (char *)(uintptr_t)((wr_str *)c->v)[at + i].p;
    p[19] = "89ab"[(unsigned char)p[19] & 3];
  }
}

/* ---- one of several ---- */

static wr_slot picked(const gen_leaf *g, wr_u64 bits)
{
  const wr_slot *list = g->arg[0].u.list;
  wr_u32 lo = 0, hi = g->nsum - 1;
  double x;
  wr_slot s;

  if (g->kind == GEN_CHOICE) return list[below(bits, g->arg[0].len)];
  x = unit(bits) * g->sum[hi];
  while (lo < hi) {
    wr_u32 mid = (lo + hi) / 2;
    if (g->sum[mid] > x) hi = mid;
    else lo = mid + 1;
  }
  s = list[2 * lo];
  if (g->type->kind == WR_ENUM) {
    wr_i64 member = 0;
    wr_json_enum(g->type, wr_slot_str(s), &member);
    s = wr_i64_slot(member, 0);
  }
  return s;
}

static void fill_picked(const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  for (wr_i32 i = 0; i < n; i++)
    wr_cell_set(g->type, c, at + i,
                g->kind == GEN_CONSTANT ? g->arg[0] : picked(g, wr_gen_bits(g->seed, (wr_u64)(row + i))));
}

/* ---- the rest ---- */

static void fill_chance(const gen_leaf *g, double share, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  for (wr_i32 i = 0; i < n; i++)
    ((wr_u8 *)c->v)[at + i] = wr_gen_chance(wr_gen_bits(g->seed, (wr_u64)(row + i)), share);
}

static void fill_time(const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  const gen_clock *k = g->clock;

  for (wr_i32 i = 0; i < n; i++) {
    __int128 t = (__int128)k->step * (row + i) + k->start + (g->narg ? g->arg[0].u.i : 0);
    t -= (__int128)below(wr_gen_bits(k->seed, (wr_u64)(row + i)), (wr_u64)k->disorder + 1);
    ((wr_ts *)c->v)[at + i] = t > WR_TS_HIGH ? WR_TS_HIGH : t < WR_TS_LOW ? WR_TS_LOW : (wr_ts)t;
  }
}

/* What a field without a generator gets. */
static void fill_default(wr_ctx *ctx, const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  switch ((enum wr_kind)g->type->kind) {
  case WR_BOOL: fill_chance(g, 0.5, row, n, c, at); return;
  case WR_INT: case WR_FLOAT: case WR_DEC: case WR_DUR: case WR_ENUM: fill_uniform(g, row, n, c, at); return;
  case WR_STR: case WR_BYTES: fill_pattern(ctx, g, (wr_str){ "????????", 8, 0 }, row, n, c, at); return;
  case WR_JSON: fill_pattern(ctx, g, (wr_str){ "{\"n\":1##}", 9, 0 }, row, n, c, at); return;
  case WR_TS_: fill_time(g, row, n, c, at); return;
  case WR_LIST: case WR_MAP: case WR_REC: case WR_KINDS: break;
  }
  for (wr_i32 i = 0; i < n; i++) ((wr_list *)c->v)[at + i] = (wr_list){ 0, 0, wr_type_width(g->type) };
}

void wr_gen_fill(wr_ctx *ctx, const gen_leaf *g, wr_i64 row, wr_i32 n, const wr_col *c, wr_i32 at)
{
  if (c->st) memset(c->st + at, 0, (size_t)n);
  switch (g->kind) {
  case GEN_DEFAULT: case GEN_KINDS: fill_default(ctx, g, row, n, c, at); return;
  case GEN_SEQUENCE: fill_sequence(g, row, n, c, at); return;
  case GEN_CONSTANT: case GEN_CHOICE: case GEN_WEIGHTED: fill_picked(g, row, n, c, at); return;
  case GEN_UNIFORM: fill_uniform(g, row, n, c, at); return;
  case GEN_NORMAL: case GEN_EXPONENTIAL: fill_numbers(g, row, n, c, at); return;
  case GEN_ZIPF: fill_zipf(ctx, g, row, n, c, at); return;
  case GEN_PATTERN: fill_pattern(ctx, g, wr_slot_str(g->arg[0]), row, n, c, at); return;
  case GEN_CHANCE: fill_chance(g, g->arg[0].u.f, row, n, c, at); return;
  case GEN_TIME: fill_time(g, row, n, c, at); return;
  case GEN_UUID: fill_uuid(ctx, g, row, n, c, at); return;
  }
}

/* ---- preparing ---- */

static void prepare_default(gen_leaf *g)
{
  g->low = 0;
  g->span = g->type->kind == WR_ENUM ? (g->type->n ? g->type->n : 1)
            : g->type->kind == WR_DUR ? 3600000001ull
            : g->type->kind == WR_DEC ? 1000 * wr_pow10[g->type->scale > 15 ? 15 : g->type->scale] + 1
                                      : 1000000;
}

static const char *prepare_weights(gen_leaf *g)
{
  const wr_slot *list = g->arg[0].u.list;
  double sum = 0;

  if (g->arg[0].len < 2) return "weighted needs at least one name";
  g->nsum = g->arg[0].len / 2;
  g->sum = wr_mem_alloc(g->nsum * sizeof *g->sum);
  for (wr_u32 i = 0; i < g->nsum; i++) {
    wr_i64 member;
    double w = list[2 * i + 1].u.f;
    if (!(w >= 0) || w > 1e300) return "a weight must be a number that is not negative";
    if (g->type->kind == WR_ENUM && wr_json_enum(g->type, wr_slot_str(list[2 * i]), &member))
      return "a name is no member of the enumeration";
    g->sum[i] = sum += w;
  }
  return sum > 0 ? 0 : "the weights must not all be 0";
}

static const char *prepare_uniform(gen_leaf *g)
{
  if (g->type->kind == WR_FLOAT)
    return g->arg[0].u.f <= g->arg[1].u.f ? 0 : "uniform: the first value must not be the larger";
  if (g->arg[0].u.i > g->arg[1].u.i) return "uniform: the first value must not be the larger";
  g->low = g->arg[0].u.i;
  g->span = (wr_u64)g->arg[1].u.i - (wr_u64)g->low + 1;
  return 0;
}

static void prepare_sequence(gen_leaf *g)
{
  g->low = g->narg > 0 ? g->arg[0].u.i : 0;
  g->step = g->narg > 1 ? g->arg[1].u.i : g->type->kind == WR_DEC ? (wr_i64)wr_pow10[g->type->scale] : 1;
}

static const char *prepare_checked_zipf(gen_leaf *g)
{
  if (g->arg[0].u.i < 1) return "zipf: n must be at least 1";
  if (g->narg > 1 && !(g->arg[1].u.f > 0 && g->arg[1].u.f <= 100))
    return "zipf: the exponent must be above 0, at most 100";
  prepare_zipf(g);
  return 0;
}

const char *wr_gen_prepare(gen_leaf *g)
{
  for (wr_u32 i = 0; i < g->narg; i++)
    if (g->arg[i].st) return "an argument is null";
  switch (g->kind) {
  case GEN_DEFAULT: case GEN_KINDS: prepare_default(g); return 0;
  case GEN_SEQUENCE: prepare_sequence(g); return 0;
  case GEN_CHOICE: return g->arg[0].len ? 0 : "choice needs at least one value";
  case GEN_WEIGHTED: return prepare_weights(g);
  case GEN_UNIFORM: return prepare_uniform(g);
  case GEN_ZIPF: return prepare_checked_zipf(g);
  case GEN_NORMAL: return g->arg[1].u.f >= 0 ? 0 : "normal: the deviation must not be negative";
  case GEN_EXPONENTIAL: return g->arg[0].u.f >= 0 ? 0 : "exponential: the mean must not be negative";
  case GEN_CHANCE: return g->arg[0].u.f >= 0 && g->arg[0].u.f <= 1 ? 0 : "chance: a probability is between 0 and 1";
  case GEN_PATTERN: return g->arg[0].len <= 4096 ? 0 : "pattern: longer than 4096 bytes";
  case GEN_CONSTANT: case GEN_TIME: case GEN_UUID: return 0;
  }
  return 0;
}

void wr_gen_drop(gen_leaf *g)
{
  wr_mem_free(g->sum, g->nsum * sizeof *g->sum);
}
