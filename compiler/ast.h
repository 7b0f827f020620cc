/* ast.h -- what was written. The parser builds it, resolve and check annotate it (fields marked
 * "checked:"), plan_build reads it. Constructors are in ast.c; nothing else builds a node.
 */
#ifndef WEIR_AST_H
#define WEIR_AST_H
#include "common.h"
#include "type.h"

typedef struct Expr Expr;
typedef struct Decl Decl;
typedef struct Step Step;
typedef struct Pipe Pipe;
typedef VEC(Expr *) Exprs;

typedef struct Ident { Name name; Span span; } Ident;
typedef VEC(Ident) Idents;
typedef struct Path { Idents parts; Span span; } Path;       /* a.b.c */
typedef VEC(Path) Paths;

/* ---- types as written ---- */
typedef struct TypeExpr TypeExpr;
typedef struct FieldDecl {
  Ident name;
  TypeExpr *type;
  Expr *dflt;                             /* `= e`, or 0 */
  Ident mask; int64_t mask_n; bool has_mask, has_mask_n;     /* mask last 4 */
  bool has_from; Name from; Span from_span;
  int64_t max;                            /* checked: of a state's list or map, how many elements; or 0 */
  Span span;
} FieldDecl;
typedef VEC(FieldDecl) FieldDecls;
typedef VEC(int64_t) Ints;
typedef VEC(TypeExpr *) TypeExprs;
typedef enum TypeExprKind { TX_NAME, TX_RECORD, TX_ENUM } TypeExprKind;
struct TypeExpr {
  TypeExprKind kind;
  bool nullable;                          /* `?` */
  Ident name;                             /* TX_NAME: int, list, Payment ... */
  Ints ints;                              /* TX_NAME: decimal(2) */
  TypeExprs args;                         /* TX_NAME: list<T>, map<string, T> */
  FieldDecls fields;                      /* TX_RECORD */
  Idents members;                         /* TX_ENUM */
  int depth;                              /* of nesting; ast.c limits it */
  Span span;
};

/* ---- expressions ---- */
typedef enum ExprKind {
  EXPR_LITERAL,      /* u.lit */
  EXPR_PATH,         /* u.path: a name or a dotted path; checked: ref */
  EXPR_CALL,         /* u.call */
  EXPR_UNARY,        /* u.op: NEG NOT; a */
  EXPR_BINARY,       /* u.op: arithmetic, comparison, AND OR CONCAT; a, b */
  EXPR_IN,           /* u.in: a, list expression or items */
  EXPR_BETWEEN,      /* u.tri: a between b and c; negated */
  EXPR_LIKE,         /* u.tri: a like b; negated */
  EXPR_MATCHES,      /* u.tri: a matches b; negated */
  EXPR_IS_NULL,      /* u.tri: a; negated */
  EXPR_IS_DISTINCT,  /* u.tri: a is distinct from b; negated */
  EXPR_CASE,         /* u.kase */
  EXPR_FIELD,        /* u.field: a.name where a is not a path */
  EXPR_INDEX,        /* u.tri: a[b] */
  EXPR_RECORD,       /* u.items: { a, b: e, x.* }; also a map literal */
  EXPR_LIST          /* u.list */
} ExprKind;
typedef enum LitKind { LIT_NULL, LIT_BOOL, LIT_INT, LIT_DEC, LIT_FLOAT, LIT_STR, LIT_DUR, LIT_CAL, LIT_SIZE,
                       LIT_TS, LIT_REGEX } LitKind;
typedef enum Op { OP_NEG, OP_NOT, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_CONCAT,
                  OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_AND, OP_OR } Op;
const char *op_text(Op);

/* An item of a record: name: e · path · path.* · * . */
typedef struct Item {
  Ident name;                             /* given, or the path's last part; name 0 for stars */
  bool string_name;                       /* "so": e (a map literal) */
  Expr *value;                            /* EXPR_PATH for a bare path; 0 for a plain star */
  bool star;                              /* value.* or * */
  Span span;
} Item;
typedef VEC(Item) Items;

typedef struct Arg {                      /* of a call */
  Ident name;                             /* `max: 100`; name 0 when positional */
  Expr *value;                            /* 0 for `*` */
  bool distinct;                          /* count(distinct x) */
  TypeExpr *as;                           /* cast(x as T) */
  Span span;
} Arg;
typedef VEC(Arg) Args;

/* checked: what a path's head means. The rest of the path (from part `ref.used` on) are fields. */
typedef enum RefKind {
  REF_NONE,
  REF_COLUMN,        /* ref.input: which input row (0 the stream's own), ref.column: a field of its record */
  REF_ROW,           /* the whole row of ref.input (payments.*) */
  REF_PARAM, REF_STATE /* ref.decl */,
  REF_LOCAL,         /* parameter of a fn, a `let`, an unnest name: ref.local */
  REF_WINDOW,        /* window.start, window.end (ref.column 0, 1), window (2: the pair) */
  REF_META,          /* meta.x: ref.column an enum MetaField */
  REF_ENUM,          /* a member of an enumeration: ref.column its ordinal, expr->type the enum */
  REF_KEY            /* in a group's record: ref.column a key of the step */
} RefKind;
enum MetaField { META_TIME, META_KEY, META_PARTITION, META_OFFSET, META_HEADER, META_SOURCE, META_FIELDS };
typedef struct Ref {
  RefKind kind;
  int used;                               /* path parts that the reference itself took */
  int input, column;
  Decl *decl;
  struct Local *local;
} Ref;
typedef struct Local { Name name; Type *type; Span span; int id; Expr *value; /* let, or 0 */ } Local;

/* checked: what a call is */
typedef enum CallKind {
  CALL_NONE,
  CALL_BUILTIN /* row */,
  CALL_FORM /* form */,
  CALL_AGG /* row */,
  CALL_FN /* decl: a user's fn */,
  CALL_CONFIG /* connector or format as an option value */
} CallKind;

struct Expr {
  ExprKind kind;
  int depth;                              /* of the tree below; ast.c limits it, so passes may recurse */
  Span span;
  Type *type;                             /* checked */
  bool fallible;                          /* checked: evaluation may be an error */
  bool constant;                          /* checked: the same for the whole run (literals, params, config) */
  union {
    struct { LitKind kind; int64_t i;     /* BOOL INT; DEC: the digits; DUR TS: us; SIZE: bytes; CAL: count */
             int scale;                   /* DEC: digits after the point; CAL: enum wr_cal */
             double f;                    /* FLOAT */
             const char *s; size_t n;     /* STR; REGEX: the pattern */
             const char *flags; } lit;    /* REGEX */
    struct { Path path; Ref ref; } path;
    struct { Path name; Args args; Expr *where; /* sum(x where e) */
             CallKind kind; const struct FnRow *fn; const struct AggRow *agg; int form; Decl *decl;
             int agg_index;               /* checked: which aggregate of the enclosing group step */
           } call;
    struct { Op op; Expr *a, *b; } op;
    struct { Expr *a; Expr *set; /* list, path or call */ Exprs items; bool negated; } in;
    struct { Expr *a, *b, *c; bool negated; } tri;
    struct { Expr *value; Exprs when, then; Expr *other; } kase;
    struct { Expr *a; Ident name; } field;
    struct { Items items; bool map; } rec;                    /* checked: map */
    struct { Exprs items; } list;
  } u;
  /* checked: an implicit conversion applied to this value before use (int to float, decimal scale,
   * literal adapted): the type the context wants, or 0. Passes read value through it. */
  Type *as;
};

/* ---- windows, patterns ---- */
typedef struct WindowSpec {
  Ident kind;                             /* tumbling ..., or the name of a declared window (alone) */
  Expr *qty;                              /* literal or expression; 0 when it is a name */
  bool is_name;
  Expr *every, *max, *offset; Span every_span, max_span, offset_span;
  Name zone; bool has_zone; Span zone_span;
  bool processing; Span processing_span;
  Span span;
  const struct WinRow *row;               /* checked; a named window's spec is looked up in decl */
  Decl *decl;                             /* checked: the declared window, or 0 */
} WindowSpec;

typedef struct Pattern Pattern;
typedef VEC(Pattern *) Patterns;
typedef enum PatKind { PAT_VAR, PAT_SEQ, PAT_OR, PAT_NOT, PAT_EVERY } PatKind;
struct Pattern {
  PatKind kind;
  Ident var, stream;                      /* PAT_VAR: v or v: stream (stream.name 0) */
  Patterns items;                         /* SEQ OR; NOT EVERY: one */
  VEC(bool) strict;                       /* SEQ: before item i+1 stood `next` */
  bool quantified; int64_t min, max;      /* max -1: no limit */
  Span span;
};
typedef struct Cond { Ident var; Expr *value; } Cond;
typedef VEC(Cond) Conds;
typedef struct PatternClause {
  Pattern *pattern; Expr *within; Conds where; bool skip_next, has_skip; Span span;
} PatternClause;

/* ---- pipes ---- */
typedef enum StepKind {
  STEP_WHERE, STEP_SELECT, STEP_EXTEND, STEP_DROP, STEP_GROUP, STEP_JOIN, STEP_DISTINCT, STEP_TOP, STEP_MATCH,
  STEP_CHANGES, STEP_UNNEST, STEP_UNION, STEP_SAMPLE
} StepKind;
typedef enum JoinKind { JOIN_INNER, JOIN_LEFT, JOIN_FULL, JOIN_SEMI, JOIN_ANTI } JoinKind;
typedef enum BoundKind { BOUND_NONE, BOUND_WITHIN, BOUND_BEFORE, BOUND_AFTER, BOUND_BOTH, BOUND_TO, BOUND_OVER,
                         BOUND_AS_OF } BoundKind;
typedef enum EmitKind { EMIT_NONE, EMIT_ON, EMIT_EVERY } EmitKind;
typedef struct Order { Expr *value; bool desc; } Order;
typedef VEC(Order) Orders;

typedef struct Input {                    /* name · name as n · ( pipe ) as n */
  Ident name, as;                         /* as.name 0: none */
  Pipe *pipe;                             /* or 0 */
  Decl *decl;                             /* checked: source, stream, table ... */
  Span span;
} Input;

/* checked: the row type between steps and what is known of the stream there */
typedef struct Shape {
  Type *row;                              /* record */
  Decl *origin;                           /* the source all rows come from, or 0 (several, or derived) */
  bool updating;                          /* append-only or updating */
  bool has_time;                          /* rows have an event time */
  bool windowed;                          /* rows carry window.start and window.end */
  WindowSpec *window;                     /* whose bounds those are, when one group gave them; or 0 */
  bool exact;                             /* false: processing time somewhere (best-effort) */
  Span updating_why;                      /* the construct that made it updating */
} Shape;

struct Step {
  StepKind kind;
  Span span;                              /* the whole step */
  union {
    Expr *where;
    Expr *record;                         /* SELECT EXTEND: an EXPR_RECORD */
    Paths drop;
    struct { Items keys; WindowSpec *over; EmitKind emit; Ident emit_on; Expr *emit_every; Expr *allow, *keep;
             Expr *record; Span emit_span, allow_span, keep_span;
             Exprs aggs;            /* checked: the distinct aggregate calls (EXPR_CALL), in order */
           } group;
    struct { JoinKind kind; Input right; Exprs on; BoundKind bound; Expr *b1, *b2; WindowSpec *over;
             Expr *keep;
             Exprs keys;            /* checked: of a lookup: what each key column of the table equals */
             Exprs rest;            /* checked: of a lookup: conditions on the record that was found */
           } join;
    struct { Paths by; Expr *keep; bool last, has_last; } distinct;
    struct { Expr *n; Orders by; Paths per; WindowSpec *over; bool ties; Ident rank; Expr *keep; } top;
    struct { PatternClause match; Paths by; } match;
    struct { Expr *list; Ident as; Local *local; } unnest;
    struct { Idents names; VEC(Decl *) decls; /* checked */ } onion;
    struct { Expr *percent; Paths by; } sample;
  } u;
  Shape in, out;                          /* checked */
};
struct Pipe {
  Input head;
  VEC(Step *) steps;
  Span span;
  Shape out;                              /* checked */
};

/* ---- declarations ---- */
typedef enum DeclKind {
  DECL_TYPE, DECL_SOURCE, DECL_TABLE, DECL_STREAM, DECL_WINDOW, DECL_STATE, DECL_RULE, DECL_SINK, DECL_PARAM,
  DECL_FN, DECL_ERRORS, DECL_IMPORT, DECL_TEST,
  DECL_FEED          /* checked: a stream that `bad to`, `late to`, `errors to` or `check` made; u.feed */
} DeclKind;

typedef struct Config {                   /* kafka(topic: "x", …): a connector or format with options */
  Path name;
  Args args;
  bool given;
  Span span;
  const struct ConnRow *conn; const struct FmtRow *fmt;       /* checked */
  Exprs values;                     /* checked: by the option table's order; 0: the default */
} Config;
typedef enum DestKind { DEST_NONE, DEST_TO, DEST_DROP, DEST_FAIL, DEST_SET } DestKind;
typedef struct Dest { DestKind kind; Ident to; Span span;
                      Ident set; Expr *set_value;             /* check … else set f = e */
                      Decl *feed; } Dest;                     /* checked: DECL_FEED or a declared Bad stream */
typedef struct CheckClause { Expr *cond; Dest dest; Span span; bool strict; /* check strict */ } CheckClause;
typedef struct SourceClauses {            /* of sources and external tables */
  Config from, format;
  Path time; Expr *time_expr; bool has_time; Expr *delay, *idle, *ahead, *quiet; bool quiet_hold;
  VEC(CheckClause) checks; bool strict; Span strict_span;
  Dest late, bad;
  Expr *refresh; Ident versions; Expr *versions_keep;
  Paths key;
  Span time_span;
} SourceClauses;
typedef struct Assign { Ident name; Expr *value; } Assign;
typedef VEC(Assign) Assigns;
typedef struct OnBlock { Ident stream; Expr *where; Assigns assigns; Span span; Decl *decl; } OnBlock;
typedef VEC(OnBlock) OnBlocks;
typedef struct RuleEmit { Ident to; Expr *record; Span span; } RuleEmit;
typedef struct RuleOn { Idents streams; Paths by; Span span; } RuleOn;   /* one `on` clause */
typedef struct RuleLet { Ident name; Expr *value; } RuleLet;
typedef struct TestRow { Expr *at; /* duration or timestamp, or 0 */ Expr *record; } TestRow;
typedef VEC(TestRow) TestRows;
typedef struct TestClause { enum { TEST_SET, TEST_GIVEN, TEST_EXPECT, TEST_NONE } kind; Ident name; Expr *value;
                            TestRows rows; Span span; } TestClause;
typedef VEC(TestClause) TestClauses;

struct Decl {
  DeclKind kind;
  Ident name;
  Span span;
  union {
    struct { TypeExpr *type; } type;
    struct { TypeExpr *type; SourceClauses c; bool masked; /* checked */ } source;
    struct { TypeExpr *type; /* 0: derived */ Paths key; SourceClauses c; Pipe *pipe; Expr *keep;
             bool masked; /* checked */ } table;
    struct { TypeExpr *type; Pipe *pipe; } stream;            /* one of them */
    WindowSpec *window;
    struct { Paths by; Expr *keep; Ident order; FieldDecls fields; OnBlocks on; } state;
    struct { Idents on; Paths by;            /* all streams; the keys of the first `on` */
             VEC(RuleOn) ons;                /* clause by clause: `on orders by id  on ships by order` */
             WindowSpec *over; Ident as; Exprs when; VEC(RuleLet) lets;
             PatternClause match; bool has_match; VEC(RuleEmit) emits;
             Expr *limit_n; Paths limit_per; Expr *limit_every; Span limit_span; Ident order, mode;
             VEC(Decl *) inputs, reads;   /* checked: its streams; the states it reads */
           } rule;
    struct { Ident as; Config to, format; Paths key; Ident changes; Paths partition_by;
             Decl *input; /* checked */ } sink;
    struct { TypeExpr *type; Expr *value, *check; bool structural; /* checked */ } param;
    struct { FieldDecls params; TypeExpr *type; Expr *body; Name extern_file; bool is_extern;
             VEC(Local *) locals; int64_t size; /* checked: parameters; nodes once expanded */ } fn;
    struct { Ident to; Decl *feed; } errors;
    struct { Name path; Ident as; Span path_span; } import;
    struct { Name title; TestClauses clauses; } test;
    struct { int kind; /* enum wr_feed_kind */ VEC(Decl *) sources; } feed;
  } u;
  Type *type;                             /* checked: row of sources, streams, tables, feeds; a param's type;
                                             a fn's result; what a `type` names; a state's record */
  Shape shape;                            /* checked: streams, sources, feeds, tables */
  int visiting;                           /* checked: 1 while being checked (cycles), 2 done */
  bool used;                              /* checked: something reads it */
};
typedef struct Program {
  VEC(Decl *) decls;                      /* of all files, imports replaced by their contents, in order */
  Decl *errors;                           /* checked: `errors to`, or 0 */
} Program;

/* constructors (ast.c) */
Expr *expr_new(Compiler *, ExprKind, Span);
Step *step_new(Compiler *, StepKind, Span);
Decl *decl_new(Compiler *, DeclKind, Ident name, Span);
Span span_join(Span a, Span b);

/* passes over it */
bool parse(Compiler *, Source *);         /* parser.y: appends the file's declarations to program */
void ast_dump(Compiler *, FILE *, bool typed);                /* -d ast, -d typed */
void resolve(Compiler *);                 /* imports, names of declarations, feeds */
void check(Compiler *);                   /* types and all other rules; then what waits for later issues */
#endif
