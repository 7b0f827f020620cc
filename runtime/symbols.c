/* symbols.c -- what generated code may call, by name: the JIT's allow-list, from the same rows as rt.h. */
#include "weir/symbols.h"
#include "weir/agg.h"
#include "weir/connector.h"
#include "weir/trial.h"

const wr_symbol wr_symbols[] = {
#define SYM(result, name, args) { #name, (const void *)name },
  WR_SYMBOLS(SYM)
#undef SYM
#define FN_SYMBOL(n, s) { "wr_fn_" #n "_" #s, (const void *)wr_fn_##n##_##s },
#define FN0(n, s, ...) FN_SYMBOL(n, s)
#define FN1(n, s, ...) FN_SYMBOL(n, s)
#define FN2(n, s, ...) FN_SYMBOL(n, s)
#define FN3(n, s, ...) FN_SYMBOL(n, s)
#define FN4(n, s, ...) FN_SYMBOL(n, s)
#define FORM(...)
#include "weir/builtins.def"
#undef FN0
#undef FN1
#undef FN2
#undef FN3
#undef FN4
#undef FORM
#undef FN_SYMBOL
#define AGG_SYMBOL(n, s) \
  { "wr_agg_" #n "_" #s "_batch", (const void *)wr_agg_##n##_##s##_batch }, { "wr_agg_" #n "_" #s, &wr_agg_##n##_##s },
#define AGG0(n, s, ...) AGG_SYMBOL(n, s)
#define AGG1(n, s, ...) AGG_SYMBOL(n, s)
#define AGG2(n, s, ...) AGG_SYMBOL(n, s)
#define AGGLATER1(...)
#define AGGLATER2(...)
#include "weir/aggregates.def"
#undef AGG0
#undef AGG1
#undef AGG2
#undef AGGLATER1
#undef AGGLATER2
#undef AGG_SYMBOL
#define CONN(id, ...) { "wr_conn_" #id, &wr_conn_##id },
#define CONNLATER(...)
#include "weir/connectors.def"
#undef CONN
#undef CONNLATER
#define FMT(id, ...) { "wr_fmt_" #id, &wr_fmt_##id },
#define FMTLATER(...)
#include "weir/formats.def"
#undef FMT
#undef FMTLATER
  { "wr_conn_given", &wr_conn_given },
  { "wr_conn_expect", &wr_conn_expect },
  { 0, 0 }
};
