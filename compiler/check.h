/* check.h -- what the files of the checker share; private to check_*.c.
 *
 * An expression is checked in an Env: the rows, names and permissions of the place where it stands.
 * Errors are said once: what failed gets the type T_ERROR, which fits everything silently.
 */
#ifndef WEIR_CHECK_H
#define WEIR_CHECK_H
#include "ast.h"
#include "registry.h"
#include "scope.h"

enum { MAX_SCALE = 18, MAX_PRODUCT_SCALE = 12, MAX_EXPR_DEPTH = 1000, MAX_TYPE_DEPTH = 64,
       MAX_PIPE_DEPTH = 32, MAX_DECL_DEPTH = 1000, MAX_EXPANSION = 100000, MAX_SLICES = 100000 };

typedef struct Row {                      /* an input row that names can mean */
  Name name;                              /* qualifier: `payments` in payments.amount; 0: none */
  Type *type;                             /* record; T_ERROR: unknown, silent */
  Decl *decl;                             /* where a note can point, or 0 */
  bool bare;                              /* its columns may be named alone */
  VEC(Name) joined;                       /* columns that joins added: not part of name.* */
  VEC(Name) present;                      /* nullable records that a `where` has shown not to be null */
} Row;

typedef struct Env {
  Compiler *c;
  uint32_t file;                          /* whose names are visible */
  const char *place;                      /* "a window's size": constants only there; 0: anything */
  VEC(Row) rows;
  VEC(Local *) locals;
  const Shape *shape;                     /* of row 0, or 0 */
  const Decl *state;                      /* its fields may be named alone (updates) */
  /* the key of the rule or state, for reading states; 0: none readable */
  const Paths *by;
  Step *group;                            /* aggregates are collected into its list; keys are read by name */
  bool aggregates;                        /* aggregates may stand here (a group, a rule, a pattern) */
  bool over_rows;                         /* an aggregate sees at least one row */
  bool window_ok;                         /* window.start may be read */
  bool inside;                            /* within an aggregate */
  const struct Env *within;               /* what aggregates' arguments see, when not the same */
  Decl *reader;                           /* the rule that reads states here, or 0 */
  bool config;                            /* options and defaults: env() is allowed */
  bool structural;                        /* parameters read here are fixed at start */
  bool wide_product;                      /* the product directly below is rounded at once */
  int product_scale;                      /* ... to this scale */
  int depth;
  int64_t size;                           /* nodes so far, calls of fn counted as what they expand to */
} Env;

/* ---- check_env.c: environments and small questions ---- */
Env env_new(Compiler *, uint32_t file);
Env env_const(Compiler *, uint32_t file, const char *place);  /* literals, parameters, env() */
Env env_pipe(Compiler *, uint32_t file, const Shape *, Name qualifier);
Row *env_row(Env *, Name, Type *row, Decl *, bool bare);
Type *t_bool(Compiler *, bool nullable);
Type *t_int(Compiler *, bool nullable);
Type *t_float(Compiler *, bool nullable);
Type *t_str(Compiler *, bool nullable);
Type *t_dur(Compiler *, bool nullable);
Type *t_ts(Compiler *, bool nullable);
Type *t_error(Compiler *);
bool is_error(const Type *);
bool is_number(const Type *);
const char *text_of(Compiler *, Span);    /* the source, shortened */
const char *path_text(Compiler *, const Path *);
const char *decl_word(const Decl *);      /* "source", "param" ... */
bool expr_same(const Expr *, const Expr *);                   /* structurally, after checking */
bool const_int(const Expr *, int64_t *);  /* value of a constant int, duration or decimal's digits */
bool check_meta_place(Env *, Span);        /* of meta.key, time, header; false: told */
const char *const_str(const Expr *, size_t *n);               /* of a constant string literal, or 0 */
Shape shape_error(Compiler *);
void not_updating(Compiler *, Span, const Shape *, const char *what);
bool needs_time(Compiler *, Span, const Shape *, const char *what);
TypeField field_named(Name, Type *, Span);

/* ---- check_type.c ---- */
Type *check_type(Compiler *, TypeExpr *);
Type *type_of_decl(Compiler *, Decl *);   /* DECL_TYPE */
Type *bad_record(Compiler *);             /* bad.def */
Type *late_record(Compiler *, Type *source_row);

/* ---- check_expr.c, check_op.c, check_path.c, check_call.c, check_form.c, check_agg.c ---- */
Type *check_expr(Env *, Expr *);
Type *check_as(Env *, Expr *, Type *want, const char *what);  /* and conform; want guides literals */
void check_condition(Env *, Expr *, const char *what);        /* bool or bool? */
Type *check_path_expr(Env *, Expr *);
/* a path as a clause names it; T_ERROR after a message */
Type *check_column(Env *, Path *, Ref *, const char *what);
Type *check_call(Env *, Expr *);
Type *check_form(Env *, Expr *, const FormRow *);
bool check_aggregate(Env *, Expr *);      /* false: the name is no aggregate */
Type *check_binary(Env *, Expr *);
/* adapts literals; the common type or T_ERROR */
Type *check_comparable(Env *, Op, Expr *a, Expr *b, Span);
Type *check_unary(Env *, Expr *);
Type *check_field_of(Env *, Type *, Ident, bool *json);       /* one step into a record or json */
bool match_token(Compiler *, RowType, const Expr *, Type *elem, int *cost);
const char *row_type_text(RowType);

/* ---- check_conv.c: literals adapt, values conform, branches agree ---- */
const Expr *literal_of(const Expr *, bool *negative);
bool adapt(Env *, Expr *, Type *want);    /* a literal takes the type wanted; true: it did, or was told off */
bool conform(Env *, Expr *, Type *want, const char *what);
void conversion_hint(Env *, Diag *, const Expr *, const Type *from, const Type *want);
Type *unify(Env *, Expr **, int n, const char *what);
void require_regex(Env *, Expr *, bool literal_only);
void check_zone_name(Env *, Expr *);       /* a constant naming a zone of this machine */

/* ---- check_record.c ---- */
Type *check_record(Env *, Expr *);        /* { a, b: e, x.* }: stars are expanded */
Type *check_record_as(Env *, Expr *, Type *want, const char *what);
void check_record_part(Env *, Expr *, Type *want, const char *what);   /* only some of its fields */
void expand_stars(Env *, Expr *);

/* ---- check_window.c ---- */
bool check_window(Compiler *, WindowSpec *, Env *over);       /* over: the rows; 0: a declaration */
const WindowSpec *spec_of_window(const WindowSpec *);            /* the declared one behind a name */
void check_duration(Compiler *, Expr *, uint32_t file, const char *what, bool zero_ok);
bool keep_all(const Expr *);              /* `keep all` */
void check_keep(Compiler *, Expr *, uint32_t file);

/* ---- check_pipe.c, check_group.c, check_join.c, check_top.c, check_match.c ---- */
typedef struct PipeEnv {                  /* what is known while walking a pipe */
  Compiler *c;
  uint32_t file;
  Row row;                                /* name, joined columns */
  Shape shape;
  const Step *last_group;                 /* directly before, or 0 */
  VEC(Name) key;                          /* columns of an updating result's key */
  bool matched;                           /* after `match`: variables are columns */
  /* a step without a bound was told off: what it makes is not judged */
  bool unbounded;
  int depth;
} PipeEnv;
Shape check_pipe(Compiler *, Pipe *, uint32_t file, int depth, PipeEnv *out);
Env pipe_env(PipeEnv *);
void check_group(PipeEnv *, Step *);
void check_join(PipeEnv *, Step *);
void check_lookup(PipeEnv *, Step *, const Type *row);        /* check_lookup.c: in a table */
void check_state_lookup(PipeEnv *, Step *, Env *);            /* in a state */
Name join_name(const Step *);             /* of the right side */
int join_sides(const Expr *);             /* bit 1: names the left row, bit 2: the right one */
void check_top(PipeEnv *, Step *);
void check_distinct(PipeEnv *, Step *);
void check_match(PipeEnv *, Step *);
void check_pattern(Compiler *, uint32_t file, PatternClause *, Idents *streams, const Row *input, Env *vars);
void warn_low_count(Compiler *, const Expr *cond, const Step *group);
Decl *find_input(Compiler *, uint32_t file, Ident, bool tables_too);

/* ---- check_source.c, check_options.c, check_sink.c ---- */
void check_source(Compiler *, Decl *);
bool any_masked(const Type *);
void source_only(Compiler *, SourceClauses *);                /* clauses that tables cannot have are told */
void check_clauses(Compiler *, Decl *, SourceClauses *, Type *row);
void check_connector(Compiler *, Config *, uint32_t file, bool sink, Type *row);
void check_format(Compiler *, Config *, const Config *conn, uint32_t file, bool sink, Type *row, Span where);
void check_generators(Compiler *, Expr *record, Type *row, int depth);
void check_sink(Compiler *, Decl *);

/* ---- check_decl.c, check_state.c, check_rule.c, check_test.c ---- */
void check_decl(Compiler *, Decl *);      /* once; cycles are told */
void check_param(Compiler *, Decl *);
void check_fn(Compiler *, Decl *);
void check_table(Compiler *, Decl *);
void check_stream(Compiler *, Decl *);
void check_state(Compiler *, Decl *);
void check_key_columns(Env *, Paths *by, const char *owner);  /* keys of states, rules, limits: not null */
void check_order_word(Compiler *, Ident order);
void check_rule(Compiler *, Decl *);
void check_test(Compiler *, Decl *);
void check_emit(Env *, RuleEmit *);

/* ---- after everything has its type ---- */
void check_flow(Compiler *);              /* what nobody reads, error outputs, cycles through rules */
void check_later(Compiler *);             /* what waits for a later version */
#endif
