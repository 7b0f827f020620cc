/* lower.h -- what the files of the lowering share; private to plan_lower*.c. */
#ifndef WEIR_LOWER_H
#define WEIR_LOWER_H
#include "plan.h"

/* plan_lower_op.c: nodes, shared operands, operators */
Type *lower_bool(Lower *, bool nullable);
Type *lower_float(Lower *, bool nullable);
PExpr *lower_node1(Lower *, PKind, Type *, Span, PExpr *a);
PExpr *lower_node2(Lower *, PKind, Type *, Span, PExpr *a, PExpr *b);
PExpr *lower_column_at(Lower *, int col, Type *, Span);
/* A reference that may be used several times; *let gets the binding to wrap around the result, or 0. */
PExpr *lower_share(Lower *, PExpr *, PExpr **let);
PExpr *lower_again(Lower *, PExpr *let);  /* the same binding for another leaf's expression */
PExpr *lower_wrap(PExpr *let, PExpr *body);
PExpr *lower_compare(Lower *, Op, Span, PExpr *a, PExpr *b);
PExpr *lower_operator(Lower *, Expr *);   /* unary to is distinct: what gives one value of its own */

/* plan_lower_call.c: calls, case, coalesce */
void lower_call(Lower *, Expr *, PExprs *out);
void lower_case(Lower *, Expr *, PExprs *out);
#endif
