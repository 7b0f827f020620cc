/* registry.c -- the rows of include/weir/<family>.def as tables. No other file of the compiler knows a
 * library name; adding a row there needs no change here.
 *
 * Rows of one name stand together, so the first one found and those after it are the overloads.
 */
#include <string.h>
#include "registry.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* ---- built-in functions and forms ---- */

#define FORM(...)
#define FN0(n, s, r, t, d, e, v) { #n, "wr_fn_" #n "_" #s, R_##r, { 0 }, 0, t, d, e, v },
#define FN1(n, s, r, a, t, d, e, v) { #n, "wr_fn_" #n "_" #s, R_##r, { R_##a }, 1, t, d, e, v },
#define FN2(n, s, r, a, b, t, d, e, v) { #n, "wr_fn_" #n "_" #s, R_##r, { R_##a, R_##b }, 2, t, d, e, v },
#define FN3(n, s, r, a, b, c, t, d, e, v) \
  { #n, "wr_fn_" #n "_" #s, R_##r, { R_##a, R_##b, R_##c }, 3, t, d, e, v },
#define FN4(n, s, r, a, b, c, f, t, d, e, v) \
  { #n, "wr_fn_" #n "_" #s, R_##r, { R_##a, R_##b, R_##c, R_##f }, 4, t, d, e, v },
const FnRow fn_rows[] = {
#include "weir/builtins.def"
};
const int fn_rows_n = COUNT(fn_rows);
#undef FORM
#undef FN0
#undef FN1
#undef FN2
#undef FN3
#undef FN4

#define FORM(id, n, d, e, v) { FORM_##id, #n, d, e, v },
#define FN0(...)
#define FN1(...)
#define FN2(...)
#define FN3(...)
#define FN4(...)
const FormRow form_rows[] = {
#include "weir/builtins.def"
};
const int form_rows_n = COUNT(form_rows);
#undef FORM
#undef FN0
#undef FN1
#undef FN2
#undef FN3
#undef FN4

/* ---- aggregates ---- */

#define AGG0(n, s, r, t, d, e, v) { #n, "wr_agg_" #n "_" #s, R_##r, { 0 }, 0, t, d, e, v, 0, &wr_agg_##n##_##s },
#define AGG1(n, s, r, a, t, d, e, v) { #n, "wr_agg_" #n "_" #s, R_##r, { R_##a }, 1, t, d, e, v, 0, &wr_agg_##n##_##s },
#define AGG2(n, s, r, a, b, t, d, e, v)                                                                              \
  { #n, "wr_agg_" #n "_" #s, R_##r, { R_##a, R_##b }, 2, t, d, e, v, 0, &wr_agg_##n##_##s },
#define AGGLATER1(n, s, r, a, t, d, e, v, later) { #n, 0, R_##r, { R_##a }, 1, t, d, e, v, later, 0 },
#define AGGLATER2(n, s, r, a, b, t, d, e, v, later) { #n, 0, R_##r, { R_##a, R_##b }, 2, t, d, e, v, later, 0 },
const AggRow agg_rows[] = {
#include "weir/aggregates.def"
};
const int agg_rows_n = COUNT(agg_rows);
#undef AGG0
#undef AGG1
#undef AGG2
#undef AGGLATER1
#undef AGGLATER2

/* ---- windows, connectors, formats ---- */

#define WIN(id, n, q, o, k, l, d) { WR_WIN_##id, n, q, o, WC_##k, l, d },
const WinRow win_rows[] = {
#include "weir/windows.def"
};
const int win_rows_n = COUNT(win_rows);
#undef WIN

#define CONN(n, d) { #n, "wr_conn_" #n, d, 0, &wr_conn_##n },
#define CONNLATER(n, l) { #n, 0, 0, l, 0 },
const ConnRow conn_rows[] = {
#include "weir/connectors.def"
};
const int conn_rows_n = COUNT(conn_rows);
#undef CONN
#undef CONNLATER

#define FMT(n, d) { #n, "wr_fmt_" #n, d, 0, &wr_fmt_##n },
#define FMTLATER(n, l) { #n, 0, 0, l, 0 },
const FmtRow fmt_rows[] = {
#include "weir/formats.def"
};
const int fmt_rows_n = COUNT(fmt_rows);
#undef FMT
#undef FMTLATER

#define GEN(id, n, least, most, args, on, d) { #n, least, most, args, on, d },
const GenRow gen_rows[] = {
#include "weir/generators.def"
};
const int gen_rows_n = COUNT(gen_rows);
#undef GEN

/* ---- lookup ---- */

#define FIND(rows, name)                     \
  for (int i = 0; i < COUNT(rows); i++)      \
    if (strcmp((rows)[i].name, (name)) == 0) \
      return &(rows)[i];                     \
  return 0

const FnRow *fn_first(const char *name) { FIND(fn_rows, name); }
const FormRow *form_find(const char *name) { FIND(form_rows, name); }
const AggRow *agg_first(const char *name) { FIND(agg_rows, name); }
const WinRow *win_find(const char *name) { FIND(win_rows, name); }
const WinRow *win_own(void) { return win_find(""); }
const ConnRow *conn_find(const char *name) { FIND(conn_rows, name); }
const FmtRow *fmt_find(const char *name) { FIND(fmt_rows, name); }
const GenRow *gen_find(const char *name) { FIND(gen_rows, name); }
