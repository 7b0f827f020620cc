/* explain.h -- what the files of `weir explain` share. */
#ifndef WEIR_EXPLAIN_H
#define WEIR_EXPLAIN_H
#include "plan.h"

const char *explain_span(const Plan *, const PExpr *);        /* "10m"; 0: none */
const char *explain_dest(const Plan *, int to);               /* where rows go: "go to quarantine" */
int explain_key_bytes(PExpr *const *key, int n, bool flags, bool *texts);

void explain_ordered(const Plan *, const PlanOp *, FILE *);   /* explain_order.c: an operator, and */
void explain_order(const Plan *, FILE *);                     /* what states, windows, limits, sequencers cost */
void explain_sinks(const Plan *, FILE *); /* explain_sink.c: their wait and trait */
void explain_losses(const Plan *, FILE *);
#endif
