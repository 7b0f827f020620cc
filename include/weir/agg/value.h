/* value.h -- what every family of aggregates needs: the row being stepped, its position, and
 * values of any kind kept in a state.
 *
 * The files of this directory are for gcc and clang (128-bit integers, always_inline);
 * generated code sees only the symbols made of them by runtime/agg_rows.c. A family F is a state
 * type agg_F and the functions agg_F_step(in, state, arguments..), agg_F_merge(ctx, spec, into,
 * from), agg_F_read(ctx, spec, state, out); where the row is invertible agg_F_inverse, like
 * step; where its memory is OWNS agg_F_drop(ctx, spec, state), agg_F_bytes(state), and for
 * checkpoints agg_F_save(spec, state, to) and agg_F_load(ctx, spec, state, from). `#define
 * AGG_<name>_<suffix> F, OWNS` (or PLAIN) lets the family serve a row. Steps are inlined into a
 * loop: what is slow goes into a function that is handed ctx, never `in`, so that `in` stays in
 * registers.
 */
#ifndef WEIR_AGG_VALUE_H
#define WEIR_AGG_VALUE_H
#include <stdint.h>
#include <string.h>
#include "weir/agg.h"

#define AGG_INLINE static inline __attribute__((always_inline, unused))
typedef unsigned __int128 agg_u128;
typedef __int128 agg_i128;

typedef struct agg_in {
  wr_ctx *ctx;
  const wr_aggspec *spec;
  const wr_batch *batch;
  const void *v[2];                       /* the argument columns */
  const wr_u8 *st[2];                     /* 0: never null */
  wr_i32 row;
} agg_in;

/* Bits up to the highest 1; 0 for 0. */
static inline int agg_bits(agg_u128 v)
{
  wr_u64 hi = (wr_u64)(v >> 64), lo = (wr_u64)v;
  return hi ? 128 - __builtin_clzll(hi) : lo ? 64 - __builtin_clzll(lo) : 0;
}

/* ---- positions: the order of all rows ---- */

typedef struct agg_at {
  wr_ts time;
  wr_pos pos;
} agg_at;

AGG_INLINE agg_at agg_at_of(const agg_in *in)
{
  agg_at at = {in->batch->time[in->row], in->batch->pos[in->row]};
  return at;
}

AGG_INLINE int agg_at_before(const agg_at *a, const agg_at *b)
{
  if (a->time != b->time)
    return a->time < b->time;
  if (a->pos.src != b->pos.src)
    return a->pos.src < b->pos.src;
  return a->pos.off != b->pos.off ? a->pos.off < b->pos.off : a->pos.ord < b->pos.ord;
}

/* ---- kinds ---- */

AGG_INLINE int agg_is_text(const wr_type *t)
{
  return t->kind == WR_STR || t->kind == WR_BYTES || t->kind == WR_JSON;
}

AGG_INLINE int agg_is_nested(const wr_type *t)
{
  return t->kind == WR_LIST || t->kind == WR_MAP;
}

/* A cell of a column as a slot; records, which no aggregate takes, are null. */
AGG_INLINE wr_slot agg_load(const wr_type *t, const void *col, wr_i32 row)
{
  switch ((enum wr_kind)t->kind) {
  case WR_BOOL:
    return wr_i64_slot(((const wr_u8 *)col)[row], 0);
  case WR_INT: case WR_DEC: case WR_TS_: case WR_DUR: case WR_ENUM:
    return wr_i64_slot(((const wr_i64 *)col)[row], 0);
  case WR_FLOAT:
    return wr_f64_slot(((const wr_f64 *)col)[row], 0);
  case WR_STR: case WR_BYTES: case WR_JSON:
    return wr_str_slot(((const wr_str *)col)[row], 0);
  case WR_LIST: case WR_MAP:
    return wr_list_slot(((const wr_list *)col)[row], 0);
  case WR_REC: case WR_KINDS:
    break;
  }
  return wr_i64_slot(0, WR_NULL);
}

void agg_nested_store(const wr_type *, wr_slot, void *out);

/* A slot as the cell of a column. */
AGG_INLINE void agg_store(const wr_type *t, wr_slot s, void *out)
{
  if (agg_is_text(t))
    *(wr_str *)out = wr_slot_str(s);
  else if (t->kind == WR_BOOL)
    *(wr_u8 *)out = (wr_u8)s.u.i;
  else if (agg_is_nested(t))
    agg_nested_store(t, s, out);
  else
    *(wr_i64 *)out = s.u.i;               /* the bits of a float too */
}

static inline int agg_text_cmp(const char *a, wr_u32 an, const char *b, wr_u32 bn)
{
  wr_u32 n = an < bn ? an : bn;
  int c = n ? memcmp(a, b, n) : 0;
  return c ? c : (an > bn) - (an < bn);
}

static inline int agg_slot_cmp(const wr_type *t, wr_slot a, wr_slot b)
{
  if (agg_is_text(t))
    return agg_text_cmp(a.u.p, a.len, b.u.p, b.len);
  if (t->kind == WR_FLOAT)
    return (a.u.f > b.u.f) - (a.u.f < b.u.f);
  return (a.u.i > b.u.i) - (a.u.i < b.u.i);
}

/* `max:` of the row, or what holds when none is given; never more values than a list can return. */
enum { AGG_MAX_MAX = 1 << 27 };
AGG_INLINE wr_u32 agg_max_of(const wr_aggspec *spec, wr_u32 otherwise)
{
  wr_i64 max = spec->opt[1].st == 0 && spec->opt[1].u.i > 0 ? spec->opt[1].u.i : otherwise;
  return max < AGG_MAX_MAX ? (wr_u32)max : AGG_MAX_MAX;
}

/* ---- one value kept in a state; text, lists and maps are copied to the heap, their room used again ---- */

typedef struct agg_val {
  union {
    wr_i64 i;
    wr_f64 f;
    char *p;
  } u;
  wr_u32 len, cap;                        /* of text, len also of lists; cap 0: nothing owned */
} agg_val;

void agg_room(wr_ctx *, agg_val *, wr_u32 bytes);       /* what was there is lost when it grows */
void agg_text_set(wr_ctx *, agg_val *, const char *p, wr_u32 len);
void agg_nested_set(wr_ctx *, const wr_type *, agg_val *, wr_slot);

AGG_INLINE void agg_val_set(wr_ctx *ctx, const wr_type *t, agg_val *v, wr_slot s)
{
  if (agg_is_text(t))
    agg_text_set(ctx, v, s.u.p, s.len);
  else if (agg_is_nested(t))
    agg_nested_set(ctx, t, v, s);
  else
    v->u.i = s.u.i;
}

AGG_INLINE wr_slot agg_val_slot(const agg_val *v)
{
  wr_slot s = wr_i64_slot(v->u.i, 0);
  s.len = v->len;
  return s;
}

AGG_INLINE void agg_val_drop(wr_ctx *ctx, agg_val *v)
{
  if (v->cap)
    wr_heap_free(ctx, v->u.p, v->cap);
  v->cap = v->len = 0;
  v->u.i = 0;
}

#endif
