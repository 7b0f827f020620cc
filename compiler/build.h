/* build.h -- what the files of plan_build share: operators, their columns, lowering for a place. */
#ifndef WEIR_BUILD_H
#define WEIR_BUILD_H
#include "plan.h"

typedef struct Built { Decl *decl; PlanOp *op; } Built;
typedef struct GivenRow {                 /* of a test: a row of a source, and when it arrives */
  Decl *source;
  TestRow *row;
  wr_ts at;
  int order;                              /* among all rows of the test, as they arrive */
} GivenRow;
typedef struct Builder {
  Plan *p;
  VEC(Built) built;
  Decl *test;                             /* the plan is of this test: plan_test.c; or 0 */
  VEC(GivenRow) given;                    /* as they arrive */
} Builder;

PlanOp *build_op(Plan *, OpKind, const char *name, Span);
void build_connect(Plan *, PlanOp *from, PlanOp *to);
void build_cols(Plan *, Schema *, Type *, const char *prefix, bool hidden);
void build_window_cols(Plan *, Schema *);
Lower build_lowering(Plan *, const PlanOp *in, const Type *row);
Lower build_no_input(Plan *);             /* of constants and configuration */
PExpr *build_pass(Plan *, const PlanOp *in, int col, Span);   /* that column as it is */
WindowSpec *build_window_of(WindowSpec *);                    /* the declared one behind a name */
PlanAgg build_agg(Lower *, Expr *call);
const AggRow *build_counting(const PlanAgg *);
PCol build_agg_col(Plan *, const PlanAgg *, int number);
void build_layout(PlanOp *);              /* offsets of the aggregates' states in the cell */
void build_config(Plan *, PlanOp *, PExpr *);
PlanOp *build_decl(Builder *, Decl *);    /* once a declaration */
void build_window_config(Plan *, PlanOp *, Lower *, WindowSpec *);

/* A SOURCE's or TABLE's columns and clauses. */
void build_input(Builder *, PlanOp *, SourceClauses *, const Type *row);

/* plan_lookup.c */
PlanOp *build_table(Builder *, Decl *);
PlanOp *build_lookup(Builder *, PlanOp *in, Step *, const char *name);

/* plan_rule.c */
PlanOp *build_emitted(Builder *, Decl *); /* a stream that rules emit into */
int build_state(Builder *, Decl *);       /* index of its store */
int build_rule_agg(Lower *, Expr *call);  /* which of the host's aggregates it is */
void build_per_event(Plan *, PlanOp *in, PlanOp *sliding);    /* its key and its size */
PlanOp *build_key(Plan *, PlanOp *in, PExpr **key, const char *const *names, int n, const char *name, Span);

/* plan_test.c */
void build_test(Builder *);               /* with sinks that compare beside the program's */
Decl *build_given(Builder *, PlanOp *, Decl *source);         /* the source as the test feeds it */
Expr *build_set(const Decl *test, const Decl *param);         /* the test's value of a parameter, or 0 */
PlanOp *build_output(Builder *, Decl *sink, const char *name);/* a sink without its configuration */
#endif
