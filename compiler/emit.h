/* emit.h -- Plan -> C text. The emitter composes names; it never spells an algorithm. */
#ifndef WEIR_EMIT_H
#define WEIR_EMIT_H
#include "cunit.h"
#include "plan.h"

/* A value in C: v an expression without side effects, s its status expression, or 0 when the value is
 * neither null nor an error. A v whose status is not 0 may be anything of its type, harmless to copy. */
typedef struct Val { const char *v, *s; } Val;

typedef struct EmitType { const Type *type; const char *name; } EmitType;
typedef struct EmitVar { int var; Val val; } EmitVar;
typedef struct Emit {
  Plan *p;
  CUnit *u;
  Arena *a;
  const PlanOp *op;                       /* whose expressions are being written */
  const PlanOp *in;                       /* whose columns they speak of; 0: none (configuration) */
  int temp;                               /* last temporary of the function being written */
  const char *self;                       /* in a parameter's check: the slot with its candidate value */
  int self_param;
  VEC(EmitType) types;
  VEC(EmitVar) vars;
  int consts;
} Emit;

#define S(e, ...) arena_printf((e)->a, __VA_ARGS__)

/* emit_type.c */
const char *emit_ctype(const Type *);     /* of a value: wr_i64, wr_str ... */
const char *emit_coltype(const Type *);   /* of a column's cells */
const char *emit_type(Emit *, const Type *);                  /* name of the wr_type constant, with & */
/* wr_type of a record; cols by leaf. Masks are a source's, for dead letters; a sink writes what it is given. */
const char *emit_record(Emit *, const Type *, const int *cols, bool masks);
const char *emit_slot(Emit *, const Type *, wr_slot);         /* initialiser of a wr_slot */
const char *emit_str(Emit *, const char *, size_t);           /* name of a wr_str constant */
const char *emit_kind(const Type *);      /* WR_INT ... */

/* emit_expr.c */
Val emit_expr(Emit *, const PExpr *);
const char *emit_to_slot(Emit *, const Type *, Val);
Val emit_from_slot(Emit *, const Type *, const char *slot, bool null);
bool emit_needs_status(const PExpr *);

/* emit_row.c */
Val emit_column(Emit *, const PlanOp *op, int col, Span);     /* column `col` of what op gives, in the row loop */
bool emit_carries_errors(const PlanOp *, int at);             /* a sequencer's port: column `at` */
bool emit_does_nothing(const PlanOp *);   /* a select that only names columns; a filter in the decoder */
void emit_pipeline(Emit *, const Pipeline *);
void emit_begin(Emit *, const PlanOp *, const Pipeline *, const char *verb);  /* an operator's function */
void emit_end(Emit *);
Val emit_user(Emit *, const PExpr *);     /* a user's expression, between #line to it and #line back */
Val emit_settled(Emit *, const PExpr *);  /* the same; a row that fails leaves this consumer */
const char *emit_value_name(Emit *, const PlanOp *, int col); /* in the row's struct */
bool emit_computed(const PExpr *);        /* into the row, and not another name for a column or a constant */
void emit_cell(Emit *, int port, int col, Val);               /* into row k of the batch o */

/* emit_rule.c */
const char *emit_state_record(Emit *, int store);              /* its C type */
Val emit_state(Emit *, const PExpr *);    /* PX_STATE: of the record that the function begins with */
void emit_stores(Emit *);                 /* their record types */
void emit_ordered(Emit *, const PlanOp *, const Pipeline *);  /* functions of KEY SLIDING RULE STATE */
void emit_ordered_row(Emit *, const PlanOp *, const Pipeline *);   /* their members of the row's struct */
bool emit_deferred(const PlanOp *);       /* judged when the row has gone through the other operators */
void emit_deferred_start(Emit *, const Pipeline *);           /* at the begin of a row, */
void emit_deferred_calls(Emit *, const Pipeline *);           /* and at its end: all rules, then all states */
void emit_ordered_tables(Emit *);

/* emit_lookup.c */
Val emit_found(Emit *, const PExpr *);    /* PX_FOUND */
Val emit_state_cell(Emit *, int store, int cell, const char *record);       /* emit_rule.c */
Val emit_lookup_column(Emit *, const PlanOp *, int col);      /* one that the lookup adds */
void emit_records(Emit *);                /* types of the tables' records */
void emit_peek(Emit *, const PlanOp *, const Pipeline *);    /* the same in a state */
void emit_lookup(Emit *, const PlanOp *, const Pipeline *);
void emit_lookup_row(Emit *, const PlanOp *);                 /* its members of the row's struct */
void emit_lookups(Emit *);                /* the program's tables */

/* emit_table.c */
void emit_tables(Emit *);

/* emit_view.c */
bool emit_viewed(const PlanOp *op, const Pipeline *);         /* does op take the pipeline's batch as it stands? */
bool emit_judged(const PlanOp *);         /* a grouping whose rows may be late */
void emit_view(Emit *, const PlanOp *op, const Pipeline *);   /* its function */

/* emit_filter.c */
void emit_filter(Emit *, const Pipeline *);                   /* what a source's decoder asks: plan_push.c */

char *emit(Plan *, bool lines, size_t *length);               /* malloc'd C text */
#endif
