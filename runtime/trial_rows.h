/* trial_rows.h -- rows as the texts of their leaves, to compare and to show: trial_rows.c, trial_diff.c. */
#ifndef WEIR_TRIAL_ROWS_H
#define WEIR_TRIAL_ROWS_H
#include "trial.h"

typedef struct trial_cell { size_t at; wr_i64 n; } trial_cell;        /* n -1: the row does not mention it */

typedef struct trial_rows {
  const wr_type *type;
  const wr_leaf *leaf;
  wr_i32 nleaf, n;
  wr_buf text, cell, line;                /* bytes; trial_cell, nleaf a row; wr_i32 a row: where it is written */
} trial_rows;

void wr_rows_begin(trial_rows *, wr_i32 line);                /* a row that mentions nothing yet */
void wr_rows_put(trial_rows *, wr_i32 leaf, wr_slot);         /* into the last row, once a leaf, in any order */
void wr_rows_free(trial_rows *);
const trial_cell *wr_rows_cells(const trial_rows *, wr_i32 row);
wr_i32 wr_rows_line(const trial_rows *, wr_i32 row);
bool wr_rows_same_cell(const trial_rows *want, const trial_cell *, const trial_rows *got, const trial_cell *);
bool wr_rows_match(const trial_rows *want, wr_i32 i, const trial_rows *got, wr_i32 k);   /* in all it mentions */
void wr_rows_print(const trial_rows *, wr_i32 row, FILE *);   /* as a JSON object */

/* trial_diff.c: says how they differ; true when they do not. */
bool wr_rows_diff(const trial_rows *want, const trial_rows *got, const char *name, wr_u32 line, FILE *);
#endif
