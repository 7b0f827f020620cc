/* plan.h -- what will run: operators as a DAG, expressions over leaf columns, ports, pipelines.
 *
 * A row is flat here: records have become their scalar leaves (type_leaves). An operator's
 * expressions speak of the columns of its input's schema by index.
 */
#ifndef WEIR_PLAN_H
#define WEIR_PLAN_H
#include "ast.h"
#include "registry.h"

/* ---- expressions: always one scalar, list or map ---- */
#define TS_LOW (-62135596800000000LL)     /* the years 1 to 9999, as the runtime has them */
#define TS_HIGH 253402300799999999LL

typedef enum PKind {
  PX_CONST,      /* u.k: a slot; strings and lists point into the arena */
  PX_COL,        /* u.col: column of the input's schema */
  PX_PARAM,      /* u.param: index; in a param's check its own value */
  PX_VAR,        /* u.var: bound by a PX_LET around it */
  PX_LET,        /* u.var := a[0] in a[1] */
  PX_NEG, PX_NOT, /* a[0] */
  PX_ARITH,      /* u.op: a[0] op a[1], both of the result's type (durations and times: i64) */
  PX_COMPARE,    /* u.op: a[0] op a[1], same kind; decimals may differ in scale */
  PX_DISTINCT,   /* a[0] is distinct from a[1] */
  PX_AND, PX_OR, /* a[0], a[1]: three-valued, errors are values */
  PX_IS_NULL,    /* a[0] */
  PX_CASE,       /* a: when, then, when, then, ..., else; u.n pairs */
  PX_COALESCE,   /* a: any number */
  PX_IN,         /* a[0] in list a[1] */
  PX_LIKE,       /* a[0] like a[1] */
  PX_MATCHES,    /* a[0] matches regex u.regex */
  PX_CONCAT,     /* a[0] || a[1] */
  PX_CONVERT,    /* a[0] to this type: numbers, implicit or a cast that only changes representation */
  PX_CAST,       /* a[0] to this type through text rules (string -> x, x -> string) */
  PX_CALL,       /* u.fn with a */
  PX_INDEX,      /* a[0] [ a[1] ]: list, map, json; u.leaf: which leaf of the element */
  PX_LIST,       /* a: elements, u.n of them, element leaves side by side */
  PX_MAP,        /* a: key, value, key, value */
  PX_META,       /* u.col: enum MetaField */
  PX_FOUND,      /* u.found: a leaf of the record that a lookup found; only in its conditions */
  PX_STATE,      /* u.state: a leaf of the record that a state keeps for the row's key */
  PX_REGEX       /* u.regex: a pattern as an argument */
} PKind;

typedef struct PExpr PExpr;
struct PExpr {
  PKind kind;
  Type *type;                             /* a leaf type; nullable says whether it can be null */
  bool fallible;                          /* can be an error */
  Span span;
  int na;
  PExpr **a;
  union {
    wr_slot k;
    int col, param, var, n, regex, leaf;
    Op op;
    const FnRow *fn;
    struct { int store, cell; } state;
    struct { int table, col; } found;
  } u;
};

/* ---- schema ---- */
typedef struct PCol {
  const char *name;                       /* "site.zone" */
  Type *type;                             /* leaf */
  const TypeField *field;                 /* or 0 */
  bool hidden;                            /* window bounds */
  bool fails;                             /* an aggregate's result, which may be an error */
  bool needed;                            /* somebody downstream reads it (plan_prune) */
  int meta;                               /* hidden, of plan_meta.c: 1 + enum MetaField; else 0 */
  const char *header;                     /* META_HEADER: its name */
} PCol;
typedef VEC(PCol) Schema;

/* ---- operators ---- */
typedef enum OpKind {
#define OPERATOR(id, ...) OPK_##id,
#include "operators.def"
#undef OPERATOR
} OpKind;
typedef struct OpRow { const char *name; bool port, starts; } OpRow;
extern const OpRow op_rows[];             /* by OpKind */

typedef struct PlanOp PlanOp;
typedef struct PlanAgg {
  const AggRow *row;
  PExpr *arg[2];                          /* over the input; null where the filter is not true */
  int col[2];                             /* columns of the grouping's port, -1 */
  wr_slot opt[2];
  uint32_t off;                           /* of the state in the cell */
  Type *type;                             /* result */
  Span span;
} PlanAgg;

typedef struct PlanCheck {
  PExpr *cond;
  int set; /* column, or -1 */
  PExpr *value;
  int dest;
  int site;
  int err;                                /* enum wr_err */
  Span span;
} PlanCheck;

typedef struct PlanAssign { int cell; PExpr *value; } PlanAssign;
typedef struct PlanEmit {                 /* what a rule sends */
  PlanOp *to;                             /* EMITTED */
  VEC(PExpr *) exprs;                     /* one a column of it */
  Span span;
} PlanEmit;

struct PlanOp {
  OpKind kind;
  int id;                                 /* [id] everywhere; from 1, in declaration order */
  const char *name;                       /* of the stream, source, sink it belongs to */
  Span span;
  VEC(PlanOp *) in, out;
  Schema schema;                          /* what it gives */
  bool windowed;                          /* the last two columns are window.start, window.end */
  VEC(PExpr *) exprs;                     /* SELECT: one a schema column; WHERE: one; UNNEST: the list;
                                             GROUP: keys; SAMPLE BY: keys; SINK: one a port column */
  Decl *decl;                             /* SOURCE SINK FEED */
  /* SOURCE */
  VEC(PlanCheck) checks;
  int time_col, bad, late;
  VEC(int) key_cols;                      /* SINK: columns of the records' key */
  bool strict;
  PlanOp *filter;                         /* the WHERE that its decoder runs, or 0: plan_push.c */
  bool *early;                            /* then by column: is it read before the filter? */
  /* GROUP: exprs are the key's leaves */
  const Items *keys;                      /* as written */
  int *key_at;                            /* key -> its first column */
  int window_at;                          /* column of the rows' window.start: closed by it, or a key */
  WindowSpec *window;
  VEC(PlanAgg) aggs;
  uint32_t cell_size;
  bool processing;
  /* KEY: exprs are the key's values; SLIDING RULE STATE: whose key they go by (RULE: or 0) */
  PlanOp *key;
  const char *const *key_names;
  /* SLIDING: exprs are the leading columns of its schema, then start, end, aggregates; aggs, cell_size
   * as of GROUP, their arguments over the input; window its size */
  VEC(PExpr *) args;                      /* columns that its events hold */
  /* RULE: exprs[0] is the condition; STATE: exprs[0] or none. `order`: of declarations */
  VEC(PlanEmit) emits;
  VEC(PlanAssign) assigns;
  PExpr *limit_n;
  VEC(PExpr *) limit_key;
  const Paths *limit_names;
  int limit;                              /* index among limits, -1 */
  int store;                              /* STATE PEEK */
  int order;
  bool shadow, arrival;
  /* LOOKUP: exprs are the key's values, then the conditions on the record; PEEK, the same in a state: the
   * conditions alone */
  int table;                              /* TABLE LOOKUP: among tables */
  int nleft;                              /* columns of its schema that are its input's */
  JoinKind join;
  /* SEQ */
  int seq, lane;                          /* index of its sequencer; among its lanes */
  bool root;                              /* where rows may enter a sequencer */
  const PlanOp *same;                     /* RULE SLIDING STATE: another branch's instance of it, or 0 */
  const PlanOp *twin;                     /* the operator it is the ordered copy of, or 0 */
  int branch;                             /* which input of an undone union it stands behind; 0: any row */
  bool quiet;                             /* another copy reports the rows that fail here */
  /* SAMPLE */
  double share;
  VEC(PExpr *) config;                    /* evaluated at start, in slot order; 0: null */
  /* FEED */
  int feed;
  /* fusion: plan_fuse */
  int port;                               /* port it takes rows from, -1: fused into its input's pipeline */
  int out_port;                           /* GROUP: port of closed windows; SOURCE FEED: its batch */
  int index;                              /* among sources, groups, sinks, feeds */
  int stage;                              /* GROUP */
  int pipeline;                           /* that evaluates it */
  int *col_at;                            /* heads: schema column -> column of the port (-1: nobody needs it) */
  bool shared;                            /* several consumers asked for it (rewrite share_common) */
};

typedef struct PlanPort {
  const char *name;
  PlanOp *op;                             /* whose input (or output: starts) it is */
  VEC(Type *) cols;
  VEC(const char *) names;
  int writers;                            /* > 1: appending checks for space */
} PlanPort;

typedef struct Pipeline {                 /* a row loop over a port, and everything fused into it */
  int id;
  PlanOp *head;                           /* SOURCE, UNION, UNNEST, GROUP (its closed windows), FEED */
  int port;
  VEC(PlanOp *) ops;                      /* fused, in order of evaluation */
} Pipeline;

typedef struct PlanStage {                /* what moves with its own watermark: plan_stage.c */
  const char *name;
  bool seq;                               /* a sequencer, else a grouping */
  int index;                              /* among sequencers, groupings */
  VEC(int) up;                            /* who feeds it: source index, or ~stage index */
} PlanStage;

typedef struct PlanCell {
  const char *name;
  Type *type;
  uint32_t off, st;
  PExpr *init;
  int64_t max;                            /* elements of a list or map */
} PlanCell;
typedef struct PlanStore {                /* a state's records */
  Decl *decl;
  VEC(PlanCell) cells;
  uint32_t size;
  VEC(PlanOp *) updates;                  /* STATE operators */
} PlanStore;
typedef struct PlanTable {                /* an external table */
  Decl *decl;
  PlanOp *op;                             /* TABLE: its source */
  VEC(int) key;                           /* columns of its rows */
  bool *kept;                             /* by column: lookups read it */
  VEC(PlanCell) cells;                    /* of a record: what is kept, laid out by plan_fuse */
  VEC(int) col;                           /* cell -> column */
  uint32_t size;
} PlanTable;
typedef struct PlanSeq { const char *name; VEC(PlanOp *) lanes; int stage; } PlanSeq;

typedef struct PlanFeed { const char *name; int kind; int port; PlanOp *op; } PlanFeed;
typedef struct PlanParam { Decl *decl; PExpr *value, *check; } PlanParam;
typedef struct PlanSite { int op; Span span; } PlanSite;
typedef struct PlanRegex { const char *text; size_t n; const char *flags; } PlanRegex;
typedef struct PlanNote { PlanOp *op; const char *text; } PlanNote;   /* what a rewrite did, for explain */

typedef struct Plan {
  Compiler *c;
  const char *name, *file;
  VEC(PlanOp *) ops;                      /* topological: inputs before consumers */
  VEC(PlanOp *) sources, groups, sinks;
  VEC(PlanStage) stages;                  /* topological */
  VEC(PlanSeq) seqs;
  VEC(PlanStore) stores;
  VEC(PlanTable) tables;
  VEC(PlanOp *) slidings, rules, limits;  /* limits: rules that have one */
  VEC(PlanPort) ports;
  VEC(Pipeline) pipelines;
  VEC(PlanFeed) feeds;
  VEC(PlanParam) params;
  VEC(PlanSite) sites;
  VEC(PlanRegex) regexes;
  VEC(PlanNote) notes;
  wr_ts begin;                            /* a test's: where its clock starts */
  int errors;                             /* feed index or WR_DROP */
  int vars;                               /* PX_LET variables handed out */
  int ids;                                /* numbers of operators handed out */
} Plan;

/* Checked Ast -> Plan: of the program, or of one of its tests. */
Plan *plan_build(Compiler *, const char *file, Decl *test);
void plan_rewrite(Plan *);                /* the named rewrites, in order: plan_rewrite.c */
void plan_sequence(Plan *);               /* one of them: ordered operators move behind sequencers */
void plan_stages(Plan *);                 /* what has a watermark of its own: plan_stage.c */
int plan_behind(const Plan *, const PlanOp *);
void plan_states_of(const PlanOp *, bool *reads);            /* by store: those that it reads or updates */
bool plan_comes_back(const Plan *, int seq);
bool plan_late_only(const PlanOp *);      /* everything behind it only asks who refuses a late row */
void plan_prune(Plan *);                  /* one of them: who needs which columns (plan_fuse.c) */
void plan_push_filter(Plan *);            /* another: plan_push.c */
bool plan_pushed(const PlanOp *);         /* a WHERE that a decoder runs: no step of its pipeline */
void plan_note(Plan *, PlanOp *, const char *text);           /* what a rewrite did */
void plan_fuse(Plan *);                   /* ports and pipelines */
void plan_dump(const Plan *, FILE *, bool fused);
void plan_explain(const Plan *, FILE *);
const PExpr *plan_span(const PlanOp *);    /* `keep`, size, `every` of a state, window of events, limit; 0: none */
const Schema *plan_input(const PlanOp *); /* whose columns its expressions name; keys pass their rows on */

/* plan_lookup.c */
SourceClauses *plan_clauses(const PlanOp *);                  /* of a SOURCE or TABLE */
void plan_need_lookup(Plan *, PlanOp *);  /* which columns a lookup reads, of its input and of the table */
bool plan_table_fixed(const PlanTable *); /* versions static */
void plan_lay_out_table(Plan *, PlanTable *);
/* A column of its schema, in the table: -1 is its presence, -2 none, it is the input's. */
int plan_table_col(const PlanOp *lookup, int col);
int plan_input_col(const PlanOp *lookup, int col);
uint32_t plan_lay_out(PlanCell *, int n); /* places of a record's cells; its size */

/* building expressions (plan_expr.c) */
PExpr *px_new(Plan *, PKind, Type *, Span, int na);
PExpr *px_const(Plan *, Type *, wr_slot, Span);
PExpr *px_convert(Plan *, PExpr *, Type *to);
bool px_same(const PExpr *, const PExpr *);                   /* structurally equal */
void px_columns(const PExpr *, void (*see)(void *, int col), void *arg);
const char *px_text(Plan *, const PExpr *, const Schema *);   /* readable, for dumps and explain */
int plan_site(Plan *, int op, Span);      /* index of a source position */

/* The hidden column of meta.time, key, header in an operator's rows; made where it is not there yet. */
bool plan_brings_meta(const Decl *source);                     /* its connector has times, keys and headers */
int plan_meta_of(const PlanOp *, const PCol *);               /* the same hidden column of another operator */
int plan_meta_col(Plan *, PlanOp *, int what, const char *header);

int plan_time_column(Plan *, PlanOp *source, const SourceClauses *);
void plan_ahead(Plan *, PlanOp *source, const SourceClauses *);       /* the check that `ahead` is */

/* columns of a record laid flat: where a field's leaves begin, and what a path names */
int plan_field_leaf(const Type *row, int field);
int plan_path_leaf(const Type *row, const Path *);

/* lowering checked expressions (plan_lower.c) */
typedef struct LocalBinding { Local *local; PExpr **leaves; } LocalBinding;
typedef VEC(PExpr *) PExprs;
typedef struct Lower {
  Plan *plan;
  const PlanOp *group;                    /* lowering a group's record: keys, window, aggregates are its columns */
  PlanOp *in;                             /* the input, 0: none */
  const Schema *schema;                   /* of the input */
  const Type *row;                        /* its record, before it was laid flat */
  int window_at;                          /* column of window.start, -1 */
  VEC(LocalBinding) locals;
  struct Lower *args;                     /* a rule's window: how its aggregates' arguments are lowered, or 0 */
  PlanOp *host;                           /* ... and the operator that collects them */
  struct Builder *builder;                /* a rule or state: may name states */
  const PlanOp *found;                    /* a lookup's conditions: the second row is the record it found, or 0 */
} Lower;
void lower(Lower *, Expr *, PExprs *out);                     /* all leaves of the value */
void lower_as(Lower *, Expr *, Type *want, PExprs *out);      /* all leaves of the value as of that type */
PExpr *lower1(Lower *, Expr *);                               /* a value of one leaf */
PExpr *lower_option(Lower *, Config *, int option);           /* plan_option.c: a connector's or format's */
PExpr *lower_values(Lower *, const PExprs *, Span);           /* a list whose elements have types of their own */
#endif
