/* registry.h -- the rows of the .def files as tables; the only lookup of library names. */
#ifndef WEIR_REGISTRY_H
#define WEIR_REGISTRY_H
#include "type.h"
#include "weir/agg.h"
#include "weir/connector.h"

typedef enum RowType {                    /* the type tokens of row.h */
  R_BOOL, R_INT, R_FLOAT, R_DEC, R_STR, R_BYTES, R_TS, R_DUR, R_JSON, R_LIST, R_STRLIST, R_MAP, R_ANY, R_ELEM,
  R_REGEX, R_CSTR, R_LISTSTR, R_X
} RowType;
enum Form { FORM_NONE,
#define FN0(...)
#define FN1(...)
#define FN2(...)
#define FN3(...)
#define FN4(...)
#define FORM(id, ...) FORM_##id,
#include "weir/builtins.def"
#undef FORM
#undef FN0
#undef FN1
#undef FN2
#undef FN3
#undef FN4
};
typedef struct FnRow {
  const char *name, *symbol;              /* lower, wr_fn_lower_S */
  RowType result, arg[4];
  int nargs, traits;
  const char *doc, *example, *value;
} FnRow;
typedef struct FormRow { int form; const char *name, *doc, *example, *value; } FormRow;
typedef struct AggRow {
  const char *name, *symbol;              /* sum, wr_agg_sum_I (+ "_batch") */
  RowType result, arg[2];
  int nargs, traits;                      /* enum wr_agg_trait */
  const char *doc, *example, *value;
  const char *later;                      /* AGGLATER1, AGGLATER2: what brings it, or 0 */
  const struct wr_agg *agg;               /* its vtable: the size of a state; 0 when later */
} AggRow;
typedef struct WinRow { int kind; const char *name, *quantity, *options; int klass; const char *later, *doc; } WinRow;
enum WinClass { WC_SLICED, WC_SESSION, WC_PER_EVENT, WC_COUNTED, WC_UNTIL };
typedef struct ConnRow { const char *name, *symbol, *doc, *later; const wr_connector *conn; } ConnRow;
typedef struct GenRow { const char *name; int least, most; const char *args, *on, *doc; } GenRow;
typedef struct FmtRow { const char *name, *symbol, *doc, *later; const wr_format *fmt; } FmtRow;

extern const FnRow fn_rows[];   extern const int fn_rows_n;   /* rows of one name stand together */
extern const FormRow form_rows[]; extern const int form_rows_n;
extern const AggRow agg_rows[]; extern const int agg_rows_n;
extern const WinRow win_rows[]; extern const int win_rows_n;
extern const ConnRow conn_rows[]; extern const int conn_rows_n;
extern const FmtRow fmt_rows[]; extern const int fmt_rows_n;
extern const GenRow gen_rows[]; extern const int gen_rows_n;

const FnRow *fn_first(const char *name);                      /* first overload, or 0 */
const FormRow *form_find(const char *name);
const AggRow *agg_first(const char *name);
const WinRow *win_find(const char *name);
const WinRow *win_own(void);              /* the kind without a name: `group by window` */
const ConnRow *conn_find(const char *name);
const FmtRow *fmt_find(const char *name);
const GenRow *gen_find(const char *name);
#endif
