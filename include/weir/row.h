/* row.h -- how a row of builtins.def or aggregates.def becomes a prototype.
 *
 * FN1..FN4(name, suffix, RESULT, ARG.., traits, doc, example, value) declares
 *     wr_status wr_fn_<name>_<suffix>(wr_ctx *, <args>, <result> *out);
 * which returns 0, -1 (null; needs FN_NULLS) or an error kind (needs FN_FAILS). Arguments are never
 * null: "null in, null out" is the compiler's. FN0 has no argument. The compiler picks the row by
 * name and argument types; `example` is a Weir expression whose value printed as JSON is `value`.
 *
 * Type tokens (argument -> C parameters; result -> *out):
 *   BOOL INT FLOAT DEC STR BYTES TS DUR JSON   as rt.h says; a DEC argument is a wr_dec
 *   LIST        wr_list, const wr_type *elem          result: same type as the first LIST argument
 *   STRLIST     wr_list of strings (argument: no type) LISTSTR result: list<string>
 *   MAP         wr_list, const wr_type *value
 *   ANY         wr_slot, const wr_type *               any scalar or list
 *   ELEM        argument: wr_slot of the list's element type; result: wr_slot, nullable
 *   REGEX       wr_i32, an index for wr_regex (the argument must be a /literal/)
 *   CSTR        wr_str that must be a constant (time formats, zones); checked at compile time by
 *               the row's optional checker, see FN_ZONE / FN_STRFTIME
 *   DEC result: scale of the first DEC argument, or with FN_SCALE_ARG the constant last INT argument
 *               (0..18), or with FN_SCALE_MAX the largest of the DEC arguments
 */
#ifndef WEIR_ROW_H
#define WEIR_ROW_H

enum wr_fn_trait {
  FN_PURE = 1,          /* same arguments, same result: may be folded and shared */
  FN_FAILS = 2,         /* may return an error kind */
  FN_NULLS = 4,         /* may return null */
  FN_SCALE_ARG = 8,     /* result scale is the last argument, a constant */
  FN_ZONE = 16,         /* the last CSTR argument names a time zone */
  FN_STRFTIME = 32,     /* the first CSTR argument is a time format */
  FN_CONFIG = 64,       /* only in options and parameters: env() */
  FN_SCALE_MAX = 128,   /* DEC result: the largest scale among the DEC arguments */
  FN_UNIT = 256,        /* the first CSTR argument names a unit of the calendar: wr_time_unit */
  FN_NUMERIC = 512,     /* the elements of the LIST argument must be int, float, decimal or duration */
  FN_ORDERED = 1024     /* the elements of the LIST argument must be scalars that < takes */
};

#define WR_P_BOOL wr_u8
#define WR_P_INT wr_i64
#define WR_P_FLOAT wr_f64
#define WR_P_DEC wr_dec
#define WR_P_STR wr_str
#define WR_P_BYTES wr_str
#define WR_P_TS wr_ts
#define WR_P_DUR wr_i64
#define WR_P_JSON wr_str
#define WR_P_LIST wr_list, const wr_type *
#define WR_P_STRLIST wr_list
#define WR_P_MAP wr_list, const wr_type *
#define WR_P_ANY wr_slot, const wr_type *
#define WR_P_ELEM wr_slot
#define WR_P_REGEX wr_i32
#define WR_P_CSTR wr_str
#define WR_R_BOOL wr_u8
#define WR_R_INT wr_i64
#define WR_R_FLOAT wr_f64
#define WR_R_DEC wr_i64
#define WR_R_STR wr_str
#define WR_R_BYTES wr_str
#define WR_R_TS wr_ts
#define WR_R_DUR wr_i64
#define WR_R_JSON wr_str
#define WR_R_LIST wr_list
#define WR_R_LISTSTR wr_list
#define WR_R_ELEM wr_slot

#define FN0(n, s, r, ...) wr_status wr_fn_##n##_##s(wr_ctx *, WR_R_##r *);
#define FN1(n, s, r, a, ...) wr_status wr_fn_##n##_##s(wr_ctx *, WR_P_##a, WR_R_##r *);
#define FN2(n, s, r, a, b, ...) wr_status wr_fn_##n##_##s(wr_ctx *, WR_P_##a, WR_P_##b, WR_R_##r *);
#define FN3(n, s, r, a, b, c, ...) wr_status wr_fn_##n##_##s(wr_ctx *, WR_P_##a, WR_P_##b, WR_P_##c, WR_R_##r *);
#define FN4(n, s, r, a, b, c, d, ...) \
  wr_status wr_fn_##n##_##s(wr_ctx *, WR_P_##a, WR_P_##b, WR_P_##c, WR_P_##d, WR_R_##r *);
#define FORM(...)
#include "weir/builtins.def"
#undef FN0
#undef FN1
#undef FN2
#undef FN3
#undef FN4
#undef FORM

/* AGG0..AGG2(name, suffix, RESULT, ARG.., algebra | traits, doc, example, value) declares the batch
 * stepper that generated code calls and the vtable that the runtime uses (weir/agg.h). Argument
 * tokens as above, plus X: a scalar of any kind, result X: the first argument's type, result LIST:
 * a list of the first argument's type. An argument under AGG_OPT_Q or AGG_OPT_K is a constant: it is
 * opt[0] (a float, an int) and has no column (arg[1] is -1); max: is opt[1], null when not given.
 * AGGLATER1, AGGLATER2(columns of AGG1, AGG2.., later) are checked, then refused: `later` brings them. */
#define AGG_PROTOTYPES(n, s) \
  void wr_agg_##n##_##s##_batch(wr_ctx *, const wr_aggspec *, const wr_cells *, const wr_batch *); \
  extern const wr_agg wr_agg_##n##_##s;
#define AGG0(n, s, ...) AGG_PROTOTYPES(n, s)
#define AGG1(n, s, ...) AGG_PROTOTYPES(n, s)
#define AGG2(n, s, ...) AGG_PROTOTYPES(n, s)
#define AGGLATER1(...)
#define AGGLATER2(...)
#include "weir/aggregates.def"
#undef AGG0
#undef AGG1
#undef AGG2
#undef AGGLATER1
#undef AGGLATER2
#undef AGG_PROTOTYPES

enum wr_agg_trait {
  AGG_HOLISTIC = 0, AGG_MERGEABLE = 1, AGG_INVERTIBLE = 3,  /* the algebra: what may combine */
  AGG_ZERO = 4,         /* of no rows: 0, never null */
  AGG_NULLS = 8,        /* may be null even over rows (stddev of one) */
  AGG_FAILS = 16,       /* reading may fail: overflow, a maximum exceeded */
  AGG_POS = 32,         /* needs the rows' positions */
  AGG_DISTINCT = 64,    /* the row for agg(distinct x) */
  AGG_OPT_Q = 128,      /* second argument: a constant between 0 and 1 */
  AGG_OPT_K = 256,      /* second argument: a constant count */
  AGG_OPT_MAX = 512,    /* takes max: n */
  AGG_SCALE4 = 1024,    /* DEC result has four more digits than the argument */
  AGG_PROMOTE = 2048    /* INT arguments may widen to FLOAT for this row */
};

#endif
