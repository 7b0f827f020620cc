/* ast_build.h -- the constructors that parser.y calls; for the parser alone. Lists are passed by
 * value: a list belongs to the node made of it.
 */
#ifndef WEIR_AST_BUILD_H
#define WEIR_AST_BUILD_H
#include "ast.h"

enum { MAX_EXPR_DEPTH = 1000, MAX_TYPE_DEPTH = 200, MAX_BRACKETS = 200 };

typedef struct Text { const char *s; size_t n; } Text;
typedef struct ArgList { Args args; Expr *where; } ArgList;
typedef struct Whens { Exprs when, then; } Whens;
typedef struct Emission { EmitKind kind; Ident on; Expr *every; Span span; } Emission;
typedef struct Bound { BoundKind kind; Expr *b1, *b2; WindowSpec *over; } Bound;
typedef struct TopOptions { bool ties; Ident rank; } TopOptions;
typedef struct Quant { int64_t min, max; } Quant;
typedef struct Clauses {                  /* of a source, rule or sink, while they are read */
  Decl *decl;                             /* its union is filled in; name and span at the end */
  SourceClauses *source;                  /* of sources and external tables; decl is 0 */
  Idents seen;                            /* clauses that may stand once, with their places */
} Clauses;

/* expressions */
Expr *expr_literal(Compiler *, LitKind, int64_t, Span);
Expr *expr_string(Compiler *, LitKind, Text, Span);
Expr *expr_path(Compiler *, Path);
Expr *expr_name(Compiler *, Ident);
Expr *expr_call(Compiler *, Path, ArgList, Span);
Expr *expr_unary(Compiler *, Op, Expr *, Span);
Expr *expr_binary(Compiler *, Op, Expr *, Expr *, Span);
Expr *expr_in(Compiler *, Expr *a, Expr *set, Exprs items, bool negated, Span);
Expr *expr_tri(Compiler *, ExprKind, Expr *a, Expr *b, Expr *c, bool negated, Span);
Expr *expr_case(Compiler *, Expr *value, Whens, Expr *other, Span);
Expr *expr_field(Compiler *, Expr *, Ident, Span);
Expr *expr_record(Compiler *, Items, Span);
Expr *expr_list(Compiler *, Exprs, Span);
Item item_path(Compiler *, Path, bool star, Span);
Path path_one(Compiler *, Ident);
Path path_more(Compiler *, Path, Ident);

/* types */
TypeExpr *type_expr_name(Compiler *, Ident, Ints, TypeExprs, Span);
TypeExpr *type_expr_record(Compiler *, FieldDecls, Span);
TypeExpr *type_expr_enum(Compiler *, Idents, Span);
TypeExpr *type_expr_nullable(TypeExpr *, Span);
void field_mask(Compiler *, FieldDecl *, Ident, const int64_t *n, Span);
void field_from(Compiler *, FieldDecl *, Text, Span);

/* windows, patterns, pipes */
WindowSpec *window_spec(Compiler *, WindowSpec *options, Ident kind, Expr *qty, Span);
WindowSpec *window_name(Compiler *, Ident);
WindowSpec *window_option(Compiler *, WindowSpec *, const char *word, Expr *, Span);
WindowSpec *window_zone(Compiler *, WindowSpec *, Text, Span);
WindowSpec *window_processing(Compiler *, WindowSpec *, Span);
Pattern *pattern_var(Compiler *, Ident var, Ident stream, Span);
Pattern *pattern_one(Compiler *, PatKind, Pattern *, Span);
Pattern *pattern_more(Compiler *, PatKind, Pattern *list, bool strict, Pattern *, Span);
Pattern *pattern_quant(Compiler *, Pattern *, Quant, Span);
Pipe *pipe_new(Compiler *, Input);
Pipe *pipe_step(Compiler *, Pipe *, Step *, Span);
Step *step_expr(Compiler *, StepKind, Expr *, Span);
Step *step_paths(Compiler *, StepKind, Expr *, Paths, Span);   /* DROP, SAMPLE */
Step *step_group(Compiler *, Items, WindowSpec *, Emission, Expr *allow, Expr *keep, Expr *record,
                 Span);
Step *step_join(Compiler *, JoinKind, Input, Exprs on, Bound, Expr *keep, Span);
/* which: 0 unsaid, 1 first, 2 last */
Step *step_distinct(Compiler *, Paths, Expr *keep, int which, Span);
Step *step_top(Compiler *, Expr *n, Orders, Paths per, WindowSpec *, TopOptions, Expr *keep, Span);
Step *step_match(Compiler *, Pattern *, Expr *within, Paths by, PatternClause options, Span);
Step *step_unnest(Compiler *, Expr *, Ident, Span);
Step *step_union(Compiler *, Idents, Span);

/* declarations and their clauses (ast_decl.c) */
Clauses *clauses_source(Compiler *);
Clauses *clauses_decl(Compiler *, DeclKind);
Clauses *clause(Compiler *, Clauses *, const char *word, Span);        /* reports a second one */
void source_time(Compiler *, Clauses *, Path, Clauses *options, Span);
void source_quiet(Compiler *, Clauses *, Expr *);
void source_check(Compiler *, Clauses *, Expr *, Dest, Span);
void source_strict(Compiler *, Clauses *, Ident, Span);
void rule_on(Compiler *, Clauses *, Idents, Paths by, WindowSpec *, Ident as, Span);
void rule_match(Clauses *, Pattern *, Expr *within, Span);
void rule_skip(Clauses *, bool to_next, Span);
void rule_limit(Clauses *, Expr *n, Paths per, Expr *every, Span);
Decl *decl_type(Compiler *, DeclKind, Ident, TypeExpr *, Span);        /* TYPE, STREAM */
Decl *decl_source(Compiler *, Ident, TypeExpr *, Clauses *, Span);
Decl *decl_table(Compiler *, Ident, TypeExpr *, Paths key, Clauses *, Span);
Decl *decl_table_pipe(Compiler *, Ident, Paths key, Expr *keep, Pipe *, Span);
Decl *decl_stream(Compiler *, Ident, Pipe *, Span);
Decl *decl_window(Compiler *, Ident, WindowSpec *, Span);
Decl *decl_state(Compiler *, Ident, Paths by, Expr *keep, Ident order, FieldDecls, OnBlocks, Span);
Decl *decl_rule(Compiler *, Ident, Clauses *, Span);
Decl *decl_sink(Compiler *, Ident, Ident as, Clauses *, Span);
Decl *decl_param(Compiler *, Ident, TypeExpr *, Expr *value, Expr *check, Span);
Decl *decl_fn(Compiler *, Ident, FieldDecls, TypeExpr *, Expr *body, Text file, Span);
Decl *decl_errors(Compiler *, Ident to, Ident word, Span);
Decl *decl_import(Compiler *, Text path, Ident as, Span path_span, Span);
Decl *decl_test(Compiler *, Ident, TestClauses, Span);
#endif
