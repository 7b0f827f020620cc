/* fmt.h -- what the formats share: cells, text of a field, masks, JSON pieces. */
#ifndef WEIR_FMT_H
#define WEIR_FMT_H
#include "rt_internal.h"

/* ---- types and cells: batch.c ---- */
unsigned wr_type_leaves(const wr_type *);                     /* slots of a value; presence slots counted */
wr_u32 wr_type_width(const wr_type *list_or_map);             /* slots of an element */
void wr_cell_null(unsigned kind, const wr_col *, wr_i32 row);
void wr_cell_set(const wr_type *, const wr_col *, wr_i32 row, wr_slot);

/* ---- fields as plain text (CSV, regex): fmt_text.c ---- */
enum wr_unit wr_unit_of(wr_slot);                             /* option `timestamps` */
wr_i64 wr_unit_us(enum wr_unit);                              /* microseconds of one; 0 for none */
enum wr_err wr_unit_ts(wr_i64 count, enum wr_unit, wr_ts *);  /* checks the range */
/* A value of a scalar, list or map type out of a field's text. Strings point into the text. */
enum wr_err wr_text_value(wr_ctx *, const wr_type *, enum wr_unit, const char *p, size_t n, wr_slot *);
/* The same way back, without quotes. */
void wr_text_print(wr_buf *, const wr_type *, enum wr_unit, wr_slot);
void wr_text_masked(wr_buf *, const wr_field *, const char *p, size_t n);   /* a text, as its field masks it */

/* ---- JSON: json_scan.c, json_value.c ---- */
/* A bool, number, timestamp or duration, at most 72 bytes. */
char *wr_json_write(char *, const wr_type *, enum wr_unit, wr_slot);
const wr_slot *wr_json_slots(wr_buf *, const wr_type *, enum wr_unit, const wr_slot *);  /* a value from its leaves */
#endif
