/* agg_rows.c -- every row of aggregates.def as its batch stepper and its vtable.
 *
 * A row's family (weir/agg/value.h) gives functions of one value; here they get their column
 * loops. The Makefile includes the headers of weir/agg/ in front of this text, all that are there,
 * so that a new family needs no line. Convention: `wr_<name>_<suffix>_one` loads the arguments of
 * row `in->row` and steps; the loops and the vtable are made of it. Two words of a row choose text
 * by pasting: the first trait, its algebra (INVERTIBLE has an inverse, HOLISTIC no merge), and the
 * family's memory (OWNS has drop, bytes, save and load).
 */

typedef void agg_one(const agg_in *, void *state);

AGG_INLINE agg_in agg_open(wr_ctx *ctx, const wr_aggspec *spec, const wr_batch *batch)
{
  agg_in in = {.ctx = ctx, .spec = spec, .batch = batch};
  for (int k = 0; k < 2; k++)
    if (spec->arg[k] >= 0) {
      in.v[k] = batch->col[spec->arg[k]].v;
      in.st[k] = batch->col[spec->arg[k]].st;
    }
  return in;
}

AGG_INLINE int agg_null(const agg_in *in)
{
  return (in->st[0] && in->st[0][in->row]) || (in->st[1] && in->st[1][in->row]);
}

/* The loop of every batch stepper: `one` is a constant, so it is inlined into either half. */
AGG_INLINE void agg_each(wr_ctx *ctx, const wr_aggspec *spec, const wr_cells *cells,
                         const wr_batch *batch, agg_one *one)
{
  agg_in in = agg_open(ctx, spec, batch);
  void **cell = cells->cell;
  const wr_u32 *row = cells->row;
  wr_i32 n = cells->n;
  wr_u32 off = spec->off;
  if (!in.st[0] && !in.st[1]) {
    for (wr_i32 i = 0; i < n; i++) {
      in.row = (wr_i32)row[i];
      one(&in, (char *)cell[i] + off);
    }
    return;
  }
  for (wr_i32 i = 0; i < n; i++) {
    in.row = (wr_i32)row[i];
    if (!agg_null(&in))
      one(&in, (char *)cell[i] + off);
  }
}

AGG_INLINE void agg_row(wr_ctx *ctx, const wr_aggspec *spec, void *state, const wr_batch *batch,
                        wr_i32 row, agg_one *one)
{
  agg_in in = agg_open(ctx, spec, batch);
  in.row = row;
  if (!agg_null(&in))
    one(&in, state);
}

/* ---- argument k of the row, by its type token ---- */
#define LOAD_BOOL(k) (((const wr_u8 *)in->v[k])[in->row])
#define LOAD_INT(k) (((const wr_i64 *)in->v[k])[in->row])
#define LOAD_DEC LOAD_INT
#define LOAD_TS LOAD_INT
#define LOAD_DUR LOAD_INT
#define LOAD_FLOAT(k) (((const wr_f64 *)in->v[k])[in->row])
#define LOAD_STR(k) (((const wr_str *)in->v[k])[in->row])
#define LOAD_X(k) agg_load(in->spec->type, in->v[k], in->row)
/* The second argument has no column where it is a constant: families read opt[0] then. */
#define LOAD_SECOND(b) (in->v[1] ? LOAD_##b(1) : (WR_R_##b){0})

/* ---- text chosen by pasting ---- */
#define ALGEBRA_AGG_HOLISTIC NO, NO, AGG_HOLISTIC
#define ALGEBRA_AGG_MERGEABLE YES, NO, AGG_MERGEABLE
#define ALGEBRA_AGG_INVERTIBLE YES, YES, AGG_INVERTIBLE
#define IF_YES(...) __VA_ARGS__
#define IF_NO(...)
#define IF_OWNS(...) __VA_ARGS__
#define IF_PLAIN(...)

/* ---- kinds of results ---- */
#define RESULT_BOOL WR_BOOL
#define RESULT_INT WR_INT
#define RESULT_FLOAT WR_FLOAT
#define RESULT_DEC WR_DEC
#define RESULT_STR WR_STR
#define RESULT_TS WR_TS_
#define RESULT_DUR WR_DUR
#define RESULT_LIST WR_LIST
#define RESULT_X WR_KINDS

#define EACH_ARG(...) __VA_ARGS__         /* takes the parentheses off */
#define ROW(...) ROW_EXPANDED(__VA_ARGS__)
#define ROW_EXPANDED(f, mem, merges, inverts, algebra, n, s, r, args) \
  _Static_assert(sizeof(agg_##f) % 8 == 0, "states are 8-byte aligned"); \
  AGG_INLINE void wr_##n##_##s##_one(const agg_in *in, void *state) \
  { \
    agg_##f##_step(in, (agg_##f *)state EACH_ARG args); \
  } \
  void wr_agg_##n##_##s##_batch(wr_ctx *ctx, const wr_aggspec *spec, const wr_cells *cells, \
                                const wr_batch *batch) \
  { \
    agg_each(ctx, spec, cells, batch, wr_##n##_##s##_one); \
  } \
  static void wr_##n##_##s##_step(wr_ctx *ctx, const wr_aggspec *spec, void *state, \
                                  const wr_batch *batch, wr_i32 row) \
  { \
    agg_row(ctx, spec, state, batch, row, wr_##n##_##s##_one); \
  } \
  IF_##merges(static void wr_##n##_##s##_merge(wr_ctx *ctx, const wr_aggspec *spec, void *into, \
                                               const void *from) \
  { \
    agg_##f##_merge(ctx, spec, (agg_##f *)into, (const agg_##f *)from); \
  }) \
  IF_##inverts(AGG_INLINE void wr_##n##_##s##_undo(const agg_in *in, void *state) \
  { \
    agg_##f##_inverse(in, (agg_##f *)state EACH_ARG args); \
  } \
  static void wr_##n##_##s##_inverse(wr_ctx *ctx, const wr_aggspec *spec, void *state, \
                                     const wr_batch *batch, wr_i32 row) \
  { \
    agg_row(ctx, spec, state, batch, row, wr_##n##_##s##_undo); \
  }) \
  static wr_status wr_##n##_##s##_read(wr_ctx *ctx, const wr_aggspec *spec, const void *state, \
                                       void *out) \
  { \
    return agg_##f##_read(ctx, spec, (const agg_##f *)state, out); \
  } \
  IF_##mem(static void wr_##n##_##s##_drop(wr_ctx *ctx, const wr_aggspec *spec, void *state) \
  { \
    agg_##f##_drop(ctx, spec, (agg_##f *)state); \
  } \
  static wr_u64 wr_##n##_##s##_bytes(const void *state) \
  { \
    return agg_##f##_bytes((const agg_##f *)state); \
  } \
  static void wr_##n##_##s##_save(const wr_aggspec *spec, const void *state, struct wr_saver *to) \
  { \
    agg_##f##_save(spec, (const agg_##f *)state, to); \
  } \
  static void wr_##n##_##s##_load(wr_ctx *ctx, const wr_aggspec *spec, void *state, \
                                  struct wr_loader *from) \
  { \
    agg_##f##_load(ctx, spec, (agg_##f *)state, from); \
  }) \
  const wr_agg wr_agg_##n##_##s = { \
    .name = #n, .suffix = #s, .size = sizeof(agg_##f), .traits = (algebra), \
    .result = RESULT_##r, \
    .step = wr_##n##_##s##_step, .read = wr_##n##_##s##_read, \
    IF_##merges(.merge = wr_##n##_##s##_merge,) \
    IF_##inverts(.inverse = wr_##n##_##s##_inverse,) \
    IF_##mem(.drop = wr_##n##_##s##_drop, .bytes = wr_##n##_##s##_bytes, \
             .save = wr_##n##_##s##_save, .load = wr_##n##_##s##_load,) \
  };

#define AGG0(n, s, r, t, ...) ROW(AGG_##n##_##s, ALGEBRA_##t, n, s, r, ())
#define AGG1(n, s, r, a, t, ...) ROW(AGG_##n##_##s, ALGEBRA_##t, n, s, r, (, LOAD_##a(0)))
#define AGG2(n, s, r, a, b, t, ...) \
  ROW(AGG_##n##_##s, ALGEBRA_##t, n, s, r, (, LOAD_##a(0), LOAD_SECOND(b)))
#define AGGLATER1(...)
#define AGGLATER2(...)
#include "weir/aggregates.def"
