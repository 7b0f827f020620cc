/* explain.h -- what the files of `weir explain` share. */
#ifndef WEIR_EXPLAIN_H
#define WEIR_EXPLAIN_H
#include "plan.h"

/* A source's configuration ends in its times: plan_build.c. 0: not given. */
enum { TIME_DELAY, TIME_IDLE, TIME_AHEAD, TIME_QUIET, TIME_N };
const PExpr *explain_time(const PlanOp *source, int which);

const char *explain_span(const Plan *, const PExpr *);        /* "10m"; 0: none */
const char *explain_dest(const Plan *, int to);               /* where rows go: "go to quarantine" */
int explain_key_bytes(PExpr *const *key, int n, bool flags, bool *texts);

void explain_ordered(const Plan *, const PlanOp *, FILE *);   /* explain_order.c: an operator, and */
void explain_order(const Plan *, FILE *);                     /* what states, windows, limits, sequencers cost */
void explain_table(const Plan *, const PlanOp *, FILE *);     /* explain_lookup.c */
void explain_lookup(const Plan *, const PlanOp *, FILE *);
void explain_peek(const Plan *, const PlanOp *, FILE *);
void explain_sinks(const Plan *, FILE *); /* explain_sink.c: their wait and trait */
void explain_losses(const Plan *, FILE *);
#endif
