/* trial.h -- what the parts of a test's run share: its clock, the rows that are to come, the report. */
#ifndef WEIR_TRIAL_RUN_H
#define WEIR_TRIAL_RUN_H
#include "rt_internal.h"
#include "weir/trial.h"

typedef struct wr_trial {
  wr_ts now;
  wr_ts *arrival;                         /* of every given row, as they arrive */
  wr_i32 n, cap, next;                    /* next: the first that no source has taken yet */
  bool verbose, differs;
  FILE *out;                              /* the report */
} wr_trial;

wr_trial *wr_trial_of(wr_ctx *);
void wr_trial_arrival(wr_trial *, wr_i32 row, wr_ts at);

typedef struct wr_leaf {                  /* a leaf of a row, in the order of type_leaves */
  const wr_field *field;                  /* of kind WR_REC: is the record there? */
  const char *path;                       /* "site.zone" */
} wr_leaf;
wr_leaf *wr_leaves_of(const wr_type *, wr_i32 *n);
void wr_leaves_free(wr_leaf *, wr_i32 n);
#endif
