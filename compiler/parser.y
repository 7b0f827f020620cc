/* parser.y -- the grammar of Weir: plain LALR(1) without precedence declarations or conflicts.
 * Actions only call the constructors of ast_build.h. Words of the language that also serve as names
 * are sorted into classes at the end; a place that cannot take all of them uses a name_no* class.
 */
%code requires {
#include "parse.h"
}
%code provides {
int weir_lex(WEIR_STYPE *, Span *, Parser *);
}
%{
#include "parse.h"
#define YYMAXDEPTH 10000
#define YYLLOC_DEFAULT(Current, Rhs, N) ((Current) = rule_span(&YYRHSLOC(Rhs, 0), N))
#define C p->c
#define ONE(list, x) (memset(&(list), 0, sizeof(list)), vec_push(C->arena, &(list), (x)))
#define MORE(list, old, x) ((list) = (old), vec_push(C->arena, &(list), (x)))
#define NO_NAME ((Ident){0})
#include <string.h>
static Span rule_span(const Span *rhs, int n);
%}
%define api.prefix {weir_}
%define api.token.prefix {TOK_}
%define api.pure full
%define api.location.type {Span}
%define parse.error custom
%define parse.lac full
%locations
%param {Parser *p}
%expect 0
%code {
static void weir_error(Span *, Parser *, const char *);
}

%union {
  Ident id; Idents ids; Path path; Paths paths; Text text; int64_t n; Ints ints; int pick; Op op;
  Expr *expr; Exprs exprs; Item item; Items items; Arg arg; Args argv; ArgList args; Whens whens;
  TypeExpr *type; TypeExprs types; FieldDecl *field; FieldDecls fields;
  WindowSpec *window; Pattern *pattern; PatternClause clause; Conds conds; Quant quant;
  Pipe *pipe; Input input; Step *step; Emission emission; Bound bound; Order order; Orders orders;
  TopOptions top;
  Config config; Dest dest; Clauses *clauses; Assigns assigns; OnBlocks blocks;
  TestClause testc; TestClauses tests; TestRow row; TestRows rows; Decl *decl;
}

%token END_OF_FILE 0 "end of file"
%token BADTOK "bad token" BIGINT "big integer" NE "!=" LE "<=" GE ">=" CONCAT "||"
%token <text> STRING "string"
%token <n> INT "integer"
%token <expr> TIMESTAMP "timestamp" DURATION "duration" CALENDAR "calendar period" SIZE "size"
%token <expr> DECIMAL "decimal"
%token <expr> FLOAT "float" REGEX "regex"
%token <id> IDENT "name"
%token <id> AND "and" OR "or" NOT "not" IN "in" IS "is" BETWEEN "between" LIKE "like"
%token <id> MATCHES "matches" CASE "case"
%token <id> WHEN "when" THEN "then" ELSE "else" NUL "null" TRUE "true" FALSE "false"
%token <id> DISTINCT "distinct"
%token <id> WHERE "where" ON "on"
%token <id> TYPE "type" SOURCE "source" TABLE "table" STREAM "stream" WINDOW "window" STATE "state"
%token <id> RULE "rule"
%token <id> SINK "sink" PARAM "param" FN "fn" IMPORT "import" TEST "test" ERRORS "errors"
%token <id> FROM "from" FORMAT "format" TIME "time" DELAY "delay" IDLE "idle" AHEAD "ahead"
%token <id> QUIET "quiet"
%token <id> ORDER "order" CHECK "check" LATE "late" BAD "bad" TO "to" DROP "drop" FAIL "fail"
%token <id> REFRESH "refresh"
%token <id> VERSIONS "versions" KEY "key" KEEP "keep" BY "by" OVER "over" EMIT "emit"
%token <id> CHANGES "changes" EVERY "every"
%token <id> ALLOW "allow" JOIN "join" LEFT "left" FULL "full" SEMI "semi" ANTI "anti"
%token <id> WITHIN "within" BEFORE "before"
%token <id> AFTER "after" AS "as" OF "of" PROCESSING "processing" SELECT "select" EXTEND "extend"
%token <id> GROUP "group"
%token <id> TOP "top" PER "per" WITH "with" TIES "ties" RANK "rank" DESC "desc" ASC "asc"
%token <id> MATCH "match" NEXT "next"
%token <id> SKIP "skip" PAST "past" UNTIL "until" UNNEST "unnest" UNION "union" SAMPLE "sample"
%token <id> LIMIT "limit"
%token <id> MODE "mode" LET "let" MASK "mask" EXTERN "extern" ENUM "enum" OFFSET "offset"
%token <id> ZONE "zone" MAX "max"
%token <id> GIVEN "given" EXPECT "expect" NONE "none" SET "set" PARTITION "partition" FIRST "first"
%token <id> LAST "last"
%token <id> END "end"

%type <id> name name_noattr name_nodest name_nopat name_nountil name_norule tname anyname as_opt
%type <id> order_opt test_name
%type <id> w w_decl w_attr w_rule w_dest w_set w_pat w_until w_enum sink_as
%type <ids> names
%type <path> path
%type <paths> paths by_opt per_opt
%type <ints> ints
%type <pick> not_opt first_last join_kind skip_how pnext
%type <op> cmpop
%type <expr> expr conj neg cmp add mul unary postfix deref call record list literal dur qty keep_opt
%type <expr> allow_opt
%type <expr> topn number else_opt filter param_check
%type <exprs> exprs
%type <item> item
%type <items> items group_keys
%type <arg> arg
%type <argv> args
%type <args> args_opt
%type <whens> whens
%type <type> type type1
%type <types> types
%type <field> field_tail attrs
%type <fields> fields fieldl fields_opt
%type <window> winspec window winopts over_opt
%type <pattern> pattern pseq palt pelem patom pprim
%type <quant> quant
%type <clause> match_opts
%type <conds> conds
%type <pipe> pipe
%type <input> input
%type <step> step
%type <emission> emission
%type <bound> join_bound
%type <order> order
%type <orders> orders
%type <top> with_opts
%type <config> connector
%type <dest> dest dest_else
%type <clauses> source_cls time_opts sink_cls rule_cls
%type <assigns> assigns
%type <blocks> on_blocks
%type <testc> test_cl
%type <tests> test_cls
%type <row> row
%type <rows> rows
%type <decl> decl
%%
program: %empty | program decl                  { parser_add(p, $2); } ;

decl:
    TYPE name '{' fields '}'
               { $$ = decl_type(C, DECL_TYPE, $2, type_expr_record(C, $4, span_join(@3, @5)), @$); }
  | TYPE name '=' type              { $$ = decl_type(C, DECL_TYPE, $2, $4, @$); }
  | SOURCE name ':' type '{' source_cls '}'     { $$ = decl_source(C, $2, $4, $6, @$); }
  | TABLE name ':' type KEY paths '{' source_cls '}' { $$ = decl_table(C, $2, $4, $6, $8, @$); }
  | TABLE name KEY paths keep_opt '=' pipe      { $$ = decl_table_pipe(C, $2, $4, $5, $7, @$); }
  | STREAM name '=' pipe                        { $$ = decl_stream(C, $2, $4, @$); }
  | STREAM name ':' type                        { $$ = decl_type(C, DECL_STREAM, $2, $4, @$); }
  | WINDOW name '=' winspec                     { $$ = decl_window(C, $2, $4, @$); }
  | STATE name BY paths keep_opt order_opt '{' fields on_blocks '}'
                                                { $$ = decl_state(C, $2, $4, $5, $6, $8, $9, @$); }
  | RULE name '{' rule_cls '}'                  { $$ = decl_rule(C, $2, $4, @$); }
  | SINK name sink_as '{' sink_cls '}'          { $$ = decl_sink(C, $2, $3, $5, @$); }
  | PARAM name ':' type '=' expr param_check    { $$ = decl_param(C, $2, $4, $6, $7, @$); }
  | FN name '(' fields_opt ')' ':' type '=' expr
                                                { $$ = decl_fn(C, $2, $4, $7, $9, (Text){0}, @$); }
  | FN name '(' fields_opt ')' ':' type EXTERN STRING
                                                { $$ = decl_fn(C, $2, $4, $7, NULL, $9, @$); }
  | ERRORS TO name                              { $$ = decl_errors(C, $3, $1, @$); }
  | IMPORT STRING                               { $$ = decl_import(C, $2, NO_NAME, @2, @$); }
  | IMPORT STRING AS name                       { $$ = decl_import(C, $2, $4, @2, @$); }
  | TEST test_name '{' test_cls '}'             { $$ = decl_test(C, $2, $4, @$); }
  ;
param_check: %empty { $$ = NULL; } | CHECK expr { $$ = $2; } ;

/* ---- types and fields: commas optional; without one, a field cannot be named mask or from ---- */
type: type1 | type1 '?'                         { $$ = type_expr_nullable($1, @$); } ;
type1:
    tname                             { $$ = type_expr_name(C, $1, (Ints){0}, (TypeExprs){0}, @$); }
  | tname '(' ints ')'                       { $$ = type_expr_name(C, $1, $3, (TypeExprs){0}, @$); }
  | tname '<' types '>'                         { $$ = type_expr_name(C, $1, (Ints){0}, $3, @$); }
  | tname '<' types '>' '(' ints ')'            { $$ = type_expr_name(C, $1, $6, $3, @$); }
  | '{' fields '}'                              { $$ = type_expr_record(C, $2, @$); }
  | ENUM '{' names '}'                          { $$ = type_expr_enum(C, $3, @$); }
  | ENUM '{' names ',' '}'                      { $$ = type_expr_enum(C, $3, @$); } ;
types: type { ONE($$, $1); } | types ',' type   { MORE($$, $1, $3); } ;
ints: INT { ONE($$, $1); } | ints ',' INT       { MORE($$, $1, $3); } ;
fields_opt: %empty { $$ = (FieldDecls){0}; } | fields ;
fields: fieldl | fieldl ',' ;
fieldl:
    name field_tail                 { $2->name = $1; $2->span = @$; ONE($$, *$2); }
  | fieldl ',' name field_tail   { $4->name = $3; $4->span = span_join(@3, @4); MORE($$, $1, *$4); }
  | fieldl name_noattr field_tail
                               { $3->name = $2; $3->span = span_join(@2, @3); MORE($$, $1, *$3); } ;
field_tail:
    type attrs                                  { $$ = $2; $$->type = $1; }
  | type attrs '=' expr                         { $$ = $2; $$->type = $1; $$->dflt = $4; } ;
attrs:
    %empty                                      { $$ = arena_alloc(C->arena, sizeof *$$); }
  | attrs MASK name                     { $$ = $1; field_mask(C, $$, $3, NULL, span_join(@2, @3)); }
  | attrs MASK name INT                  { $$ = $1; field_mask(C, $$, $3, &$4, span_join(@2, @4)); }
  | attrs FROM STRING                           { $$ = $1; field_from(C, $$, $3, @3); } ;

/* ---- source, table, sink ---- */
source_cls:
    %empty                                      { $$ = clauses_source(C); }
  | source_cls FROM connector             { $$ = clause(C, $1, "from", @2); $$->source->from = $3; }
  | source_cls FORMAT connector       { $$ = clause(C, $1, "format", @2); $$->source->format = $3; }
  | source_cls TIME path time_opts
                                                { $$ = clause(C, $1, "time", @2);
                                                  source_time(C, $$, $3, $4, span_join(@2, @4)); }
  | source_cls CHECK expr ELSE dest_else
                                        { $$ = $1; source_check(C, $$, $3, $5, span_join(@2, @5)); }
  | source_cls CHECK name                  { $$ = $1; source_strict(C, $$, $3, span_join(@2, @3)); }
  | source_cls LATE dest                  { $$ = clause(C, $1, "late", @2); $$->source->late = $3; }
  | source_cls BAD dest                     { $$ = clause(C, $1, "bad", @2); $$->source->bad = $3; }
  | source_cls REFRESH dur          { $$ = clause(C, $1, "refresh", @2); $$->source->refresh = $3; }
  | source_cls KEY paths                    { $$ = clause(C, $1, "key", @2); $$->source->key = $3; }
  | source_cls VERSIONS name      { $$ = clause(C, $1, "versions", @2); $$->source->versions = $3; }
  | source_cls VERSIONS DURATION
                           { $$ = clause(C, $1, "versions", @2); $$->source->versions_keep = $3; } ;
time_opts:
    %empty                                      { $$ = clauses_source(C); }
  | time_opts DELAY dur                 { $$ = clause(C, $1, "delay", @2); $$->source->delay = $3; }
  | time_opts IDLE dur                    { $$ = clause(C, $1, "idle", @2); $$->source->idle = $3; }
  | time_opts AHEAD dur                 { $$ = clause(C, $1, "ahead", @2); $$->source->ahead = $3; }
  | time_opts QUIET dur              { $$ = clause(C, $1, "quiet", @2); source_quiet(C, $$, $3); } ;
dest:
    TO name                                  { $$ = (Dest){.kind = DEST_TO, .to = $2, .span = @$}; }
  | DROP                                        { $$ = (Dest){.kind = DEST_DROP, .span = @$}; }
  | FAIL                                        { $$ = (Dest){.kind = DEST_FAIL, .span = @$}; } ;
dest_else:
    DROP                                        { $$ = (Dest){.kind = DEST_DROP, .span = @$}; }
  | FAIL                                        { $$ = (Dest){.kind = DEST_FAIL, .span = @$}; }
  | SET name '=' expr     { $$ = (Dest){.kind = DEST_SET, .set = $2, .set_value = $4, .span = @$}; }
  | name_nodest                            { $$ = (Dest){.kind = DEST_TO, .to = $1, .span = @$}; } ;
connector:
    path                                   { $$ = (Config){.name = $1, .given = true, .span = @$}; }
  | path '(' args_opt ')'   { $$ = (Config){.name = $1, .args = $3.args, .given = true, .span = @$};
                            if ($3.where) syntax_config_where(p, $3.where->span); } ;
sink_as: %empty { $$ = NO_NAME; } | AS name     { $$ = $2; } ;
sink_cls:
    %empty                                      { $$ = clauses_decl(C, DECL_SINK); }
  | sink_cls TO connector                { $$ = clause(C, $1, "to", @2); $$->decl->u.sink.to = $3; }
  | sink_cls FORMAT connector    { $$ = clause(C, $1, "format", @2); $$->decl->u.sink.format = $3; }
  | sink_cls KEY paths                 { $$ = clause(C, $1, "key", @2); $$->decl->u.sink.key = $3; }
  | sink_cls CHANGES name      { $$ = clause(C, $1, "changes", @2); $$->decl->u.sink.changes = $3; }
  | sink_cls PARTITION BY paths
                                                { $$ = clause(C, $1, "partition by", @2);
                                                  $$->decl->u.sink.partition_by = $4; } ;

/* ---- state ---- */
on_blocks:
    %empty                                      { $$ = (OnBlocks){0}; }
  | on_blocks ON name '{' assigns '}'
        { MORE($$, $1, ((OnBlock){.stream = $3, .assigns = $5, .span = span_join(@2, @6)})); }
  | on_blocks ON name WHERE expr '{' assigns '}'
        { MORE($$, $1, ((OnBlock){.stream = $3, .where = $5, .assigns = $7,
                                  .span = span_join(@2, @8)})); } ;
assigns:
    name '=' expr                               { ONE($$, ((Assign){$1, $3})); }
  | assigns name '=' expr                       { MORE($$, $1, ((Assign){$2, $4})); }
  | assigns ',' name '=' expr                   { MORE($$, $1, ((Assign){$3, $5})); } ;
keep_opt: %empty { $$ = NULL; } | KEEP dur      { $$ = $2; } ;
order_opt: %empty { $$ = NO_NAME; } | ORDER name { $$ = $2; } ;
dur: DURATION | name { $$ = expr_name(C, $1); } | '(' expr ')' { $$ = $2; } ;
qty: DURATION | CALENDAR | INT
                            { $$ = expr_literal(C, LIT_INT, $1, @$); } | '(' expr ')' { $$ = $2; } ;

/* ---- windows ---- */
winspec:
    name_nountil qty winopts                    { $$ = window_spec(C, $3, $1, $2, @$); }
  | UNTIL add                                   { $$ = window_spec(C, NULL, $1, $2, @$); } ;
window: winspec | name_nountil                  { $$ = window_name(C, $1); } ;
winopts:
    %empty                                      { $$ = NULL; }
  | winopts EVERY qty                 { $$ = window_option(C, $1, "every", $3, span_join(@2, @3)); }
  | winopts MAX qty                     { $$ = window_option(C, $1, "max", $3, span_join(@2, @3)); }
  | winopts OFFSET qty               { $$ = window_option(C, $1, "offset", $3, span_join(@2, @3)); }
  | winopts ZONE STRING                         { $$ = window_zone(C, $1, $3, span_join(@2, @3)); }
  | winopts OF PROCESSING TIME               { $$ = window_processing(C, $1, span_join(@2, @4)); } ;
over_opt: %empty { $$ = NULL; } | OVER window   { $$ = $2; } ;

/* ---- pipes ---- */
pipe: input { $$ = pipe_new(C, $1); } | pipe '|' step { $$ = pipe_step(C, $1, $3, @$); } ;
input:
    name                                        { $$ = (Input){.name = $1, .span = @$}; }
  | name AS name                                { $$ = (Input){.name = $1, .as = $3, .span = @$}; }
  | '(' pipe ')' AS name                       { $$ = (Input){.pipe = $2, .as = $5, .span = @$}; } ;
step:
    WHERE expr                                  { $$ = step_expr(C, STEP_WHERE, $2, @$); }
  | SELECT record                               { $$ = step_expr(C, STEP_SELECT, $2, @$); }
  | EXTEND record                               { $$ = step_expr(C, STEP_EXTEND, $2, @$); }
  | DROP paths                                  { $$ = step_paths(C, STEP_DROP, NULL, $2, @$); }
  | GROUP group_keys over_opt emission allow_opt keep_opt record
                                                { $$ = step_group(C, $2, $3, $4, $5, $6, $7, @$); }
  | join_kind JOIN input ON exprs join_bound keep_opt { $$ = step_join(C, $1, $3, $5, $6, $7, @$); }
  | DISTINCT BY paths KEEP dur first_last       { $$ = step_distinct(C, $3, $5, $6, @$); }
  | TOP topn BY orders per_opt over_opt with_opts keep_opt
                                                { $$ = step_top(C, $2, $4, $5, $6, $7, $8, @$); }
  | MATCH pattern WITHIN dur BY paths match_opts { $$ = step_match(C, $2, $4, $6, $7, @$); }
  | CHANGES                                     { $$ = step_new(C, STEP_CHANGES, @$); }
  | UNNEST expr AS name                         { $$ = step_unnest(C, $2, $4, @$); }
  | UNION names                                 { $$ = step_union(C, $2, @$); }
  | SAMPLE number '%' by_opt                    { $$ = step_paths(C, STEP_SAMPLE, $2, $4, @$); }
  ;
emission:
    %empty                                      { $$ = (Emission){0}; }
  | EMIT ON name                                { $$ = (Emission){EMIT_ON, $3, NULL, @$}; }
  | EMIT EVERY dur                              { $$ = (Emission){EMIT_EVERY, NO_NAME, $3, @$}; } ;
allow_opt: %empty { $$ = NULL; } | ALLOW dur    { $$ = $2; } ;
join_kind: %empty { $$ = JOIN_INNER; } | LEFT { $$ = JOIN_LEFT; } | FULL { $$ = JOIN_FULL; }
  | SEMI { $$ = JOIN_SEMI; } | ANTI { $$ = JOIN_ANTI; } ;
join_bound:
    %empty                                      { $$ = (Bound){0}; }
  | WITHIN add                                  { $$ = (Bound){BOUND_WITHIN, $2, NULL, NULL}; }
  | WITHIN add BEFORE                           { $$ = (Bound){BOUND_BEFORE, $2, NULL, NULL}; }
  | WITHIN add AFTER                            { $$ = (Bound){BOUND_AFTER, $2, NULL, NULL}; }
  | WITHIN add BEFORE qty AFTER                 { $$ = (Bound){BOUND_BOTH, $2, $4, NULL}; }
  | WITHIN add TO add                           { $$ = (Bound){BOUND_TO, $2, $4, NULL}; }
  | OVER window                                 { $$ = (Bound){BOUND_OVER, NULL, NULL, $2}; }
  | AS OF add                                   { $$ = (Bound){BOUND_AS_OF, $3, NULL, NULL}; } ;
first_last: %empty { $$ = 0; } | FIRST { $$ = 1; } | LAST { $$ = 2; } ;
topn: INT { $$ = expr_literal(C, LIT_INT, $1, @$); } | name { $$ = expr_name(C, $1); } ;
orders: order { ONE($$, $1); } | orders ',' order { MORE($$, $1, $3); } ;
order:
    expr                                        { $$ = (Order){$1, false}; }
  | expr ASC                                    { $$ = (Order){$1, false}; }
  | expr DESC                                   { $$ = (Order){$1, true}; } ;
per_opt: %empty { $$ = (Paths){0}; } | PER paths { $$ = $2; } ;
with_opts:
    %empty                                      { $$ = (TopOptions){0}; }
  | with_opts WITH TIES                         { $$ = $1; $$.ties = true; }
  | with_opts WITH RANK AS name                 { $$ = $1; $$.rank = $5; } ;
number: INT { $$ = expr_literal(C, LIT_INT, $1, @$); } | DECIMAL ;

/* ---- patterns: then/next chains or or-chains; mixing them needs parentheses ---- */
pattern: pelem | pseq | palt ;
pseq:
    pelem pnext pelem
                     { $$ = pattern_more(C, PAT_SEQ, pattern_one(C, PAT_SEQ, $1, @1), $2, $3, @$); }
  | pseq pnext pelem                            { $$ = pattern_more(C, PAT_SEQ, $1, $2, $3, @$); } ;
pnext: THEN { $$ = false; } | NEXT              { $$ = true; } ;
palt:
    pelem OR pelem  { $$ = pattern_more(C, PAT_OR, pattern_one(C, PAT_OR, $1, @1), false, $3, @$); }
  | palt OR pelem                             { $$ = pattern_more(C, PAT_OR, $1, false, $3, @$); } ;
pelem:
    patom
  | NOT patom                                   { $$ = pattern_one(C, PAT_NOT, $2, @$); }
  | EVERY patom                                 { $$ = pattern_one(C, PAT_EVERY, $2, @$); } ;
patom: pprim | pprim quant                      { $$ = pattern_quant(C, $1, $2, @$); } ;
pprim:
    name_nopat                                  { $$ = pattern_var(C, $1, NO_NAME, @$); }
  | name_nopat ':' name_nopat                   { $$ = pattern_var(C, $1, $3, @$); }
  | '(' pattern ')'                             { $$ = $2; } ;
quant:
    '*'                                         { $$ = (Quant){0, -1}; }
  | '+'                                         { $$ = (Quant){1, -1}; }
  | '?'                                         { $$ = (Quant){0, 1}; }
  | '{' INT '}'                                 { $$ = (Quant){$2, $2}; }
  | '{' INT ',' '}'                             { $$ = (Quant){$2, -1}; }
  | '{' INT ',' INT '}'                         { $$ = (Quant){$2, $4}; } ;
match_opts:
    %empty                                      { $$ = (PatternClause){0}; }
  | match_opts WHERE conds
                           { $$ = $1; if ($$.where.n) syntax_twice(p, @2, "where"); $$.where = $3; }
  | match_opts SKIP skip_how     { $$ = $1; if ($$.has_skip) syntax_twice(p, @2, "skip");
                                                  $$.has_skip = true; $$.skip_next = $3; } ;
skip_how: PAST { $$ = false; } | TO NEXT        { $$ = true; } ;
conds:
    name ':' expr                               { ONE($$, ((Cond){$1, $3})); }
  | conds ',' name ':' expr                     { MORE($$, $1, ((Cond){$3, $5})); }
  | conds name_norule ':' expr                  { MORE($$, $1, ((Cond){$2, $4})); } ;

/* ---- rules ---- */
rule_cls:
    %empty                                      { $$ = clauses_decl(C, DECL_RULE); }
  | rule_cls ON names by_opt over_opt as_opt
                                     { $$ = $1; rule_on(C, $$, $3, $4, $5, $6, span_join(@2, @6)); }
  | rule_cls WHEN expr                  { $$ = $1; vec_push(C->arena, &$$->decl->u.rule.when, $3); }
  | rule_cls LET name '=' expr
                       { $$ = $1; vec_push(C->arena, &$$->decl->u.rule.lets, ((RuleLet){$3, $5})); }
  | rule_cls MATCH pattern WITHIN dur
                                                { $$ = clause(C, $1, "match", @2);
                                                  rule_match($$, $3, $5, span_join(@2, @5)); }
  | rule_cls WHERE conds     { $$ = clause(C, $1, "where", @2); $$->decl->u.rule.match.where = $3; }
  | rule_cls SKIP skip_how                { $$ = clause(C, $1, "skip", @2); rule_skip($$, $3, @2); }
  | rule_cls EMIT name record   { $$ = $1; vec_push(C->arena, &$$->decl->u.rule.emits,
                                        ((RuleEmit){$3, $4, span_join(@2, @4)})); }
  | rule_cls LIMIT qty PER paths EVERY dur
                                                { $$ = clause(C, $1, "limit", @2);
                                                  rule_limit($$, $3, $5, $7, span_join(@2, @7)); }
  | rule_cls ORDER name            { $$ = clause(C, $1, "order", @2); $$->decl->u.rule.order = $3; }
  | rule_cls MODE name             { $$ = clause(C, $1, "mode", @2); $$->decl->u.rule.mode = $3; } ;
by_opt: %empty { $$ = (Paths){0}; } | BY paths  { $$ = $2; } ;
as_opt: %empty { $$ = NO_NAME; } | AS name      { $$ = $2; } ;

/* ---- tests ---- */
test_name: name | STRING                        { $$ = (Ident){parser_name(p, $1.s, $1.n), @$}; } ;
test_cls: %empty { $$ = (TestClauses){0}; } | test_cls test_cl { MORE($$, $1, $2); } ;
test_cl:
    SET name '=' expr  { $$ = (TestClause){.kind = TEST_SET, .name = $2, .value = $4, .span = @$}; }
  | GIVEN name rows   { $$ = (TestClause){.kind = TEST_GIVEN, .name = $2, .rows = $3, .span = @$}; }
  | EXPECT name rows
                     { $$ = (TestClause){.kind = TEST_EXPECT, .name = $2, .rows = $3, .span = @$}; }
  | EXPECT name NONE             { $$ = (TestClause){.kind = TEST_NONE, .name = $2, .span = @$}; } ;
rows: row { ONE($$, $1); } | rows ',' row       { MORE($$, $1, $3); } ;
row:
    record                                      { $$ = (TestRow){NULL, $1}; }
  | DURATION record                             { $$ = (TestRow){$1, $2}; }
  | TIMESTAMP record                            { $$ = (TestRow){$1, $2}; } ;

/* ---- records, lists, arguments ---- */
record:
    '{' items '}'                               { $$ = expr_record(C, $2, @$); }
  | '{' items ',' '}'                           { $$ = expr_record(C, $2, @$); }
  | '{' '}'                                     { $$ = expr_record(C, (Items){0}, @$); } ;
group_keys: %empty { $$ = (Items){0}; } | BY items { $$ = $2; } ;
items: item { ONE($$, $1); } | items ',' item   { MORE($$, $1, $3); } ;
item:
    name ':' expr                              { $$ = (Item){.name = $1, .value = $3, .span = @$}; }
  | STRING ':' expr     { $$ = (Item){.name = {parser_name(p, $1.s, $1.n), @1}, .string_name = true,
                                                .value = $3, .span = @$}; }
  | path                                        { $$ = item_path(C, $1, false, @$); }
  | path '.' '*'                                { $$ = item_path(C, $1, true, @$); }
  | '*'                                         { $$ = (Item){.star = true, .span = @$}; } ;
names: name { ONE($$, $1); } | names ',' name   { MORE($$, $1, $3); } ;
paths: path { ONE($$, $1); } | paths ',' path   { MORE($$, $1, $3); } ;
path: name { $$ = path_one(C, $1); } | path '.' anyname { $$ = path_more(C, $1, $3); } ;
exprs: expr { ONE($$, $1); } | exprs ',' expr   { MORE($$, $1, $3); } ;
args_opt:
    %empty                                      { $$ = (ArgList){0}; }
  | args                                        { $$ = (ArgList){$1, NULL}; }
  | args ','                                    { $$ = (ArgList){$1, NULL}; }
  | filter                                      { $$ = (ArgList){.where = $1}; }
  | args filter                                 { $$ = (ArgList){$1, $2}; } ;
filter: WHERE expr                              { $$ = $2; } ;
args: arg { ONE($$, $1); } | args ',' arg       { MORE($$, $1, $3); } ;
arg:
    expr                                        { $$ = (Arg){.value = $1, .span = @$}; }
  | name ':' expr                               { $$ = (Arg){.name = $1, .value = $3, .span = @$}; }
  | DISTINCT expr                         { $$ = (Arg){.value = $2, .distinct = true, .span = @$}; }
  | expr AS type                                { $$ = (Arg){.value = $1, .as = $3, .span = @$}; }
  | '*'                                         { $$ = (Arg){.span = @$}; } ;

/* ---- expressions ---- */
expr: conj | expr OR conj                       { $$ = expr_binary(C, OP_OR, $1, $3, @$); } ;
conj: neg | conj AND neg                        { $$ = expr_binary(C, OP_AND, $1, $3, @$); } ;
neg: cmp | NOT neg                              { $$ = expr_unary(C, OP_NOT, $2, @$); } ;
cmp:
    add
  | add cmpop add                               { $$ = expr_binary(C, $2, $1, $3, @$); }
  | add not_opt IN '(' exprs ')'                { $$ = expr_in(C, $1, NULL, $5, $2, @$); }
  | add not_opt IN list                         { $$ = expr_in(C, $1, $4, (Exprs){0}, $2, @$); }
  | add not_opt IN path               { $$ = expr_in(C, $1, expr_path(C, $4), (Exprs){0}, $2, @$); }
  | add not_opt IN call                         { $$ = expr_in(C, $1, $4, (Exprs){0}, $2, @$); }
  | add not_opt BETWEEN add AND add          { $$ = expr_tri(C, EXPR_BETWEEN, $1, $4, $6, $2, @$); }
  | add not_opt LIKE add                      { $$ = expr_tri(C, EXPR_LIKE, $1, $4, NULL, $2, @$); }
  | add not_opt MATCHES add                { $$ = expr_tri(C, EXPR_MATCHES, $1, $4, NULL, $2, @$); }
  | add IS NUL                        { $$ = expr_tri(C, EXPR_IS_NULL, $1, NULL, NULL, false, @$); }
  | add IS NOT NUL                     { $$ = expr_tri(C, EXPR_IS_NULL, $1, NULL, NULL, true, @$); }
  | add IS DISTINCT FROM add        { $$ = expr_tri(C, EXPR_IS_DISTINCT, $1, $5, NULL, false, @$); }
  | add IS NOT DISTINCT FROM add   { $$ = expr_tri(C, EXPR_IS_DISTINCT, $1, $6, NULL, true, @$); } ;
not_opt: %empty { $$ = false; } | NOT           { $$ = true; } ;
cmpop:
    '=' { $$ = OP_EQ; } | NE { $$ = OP_NE; } | '<' { $$ = OP_LT; }
  | LE { $$ = OP_LE; } | '>' { $$ = OP_GT; } | GE { $$ = OP_GE; } ;
add:
    mul
  | add '+' mul                                 { $$ = expr_binary(C, OP_ADD, $1, $3, @$); }
  | add '-' mul                                 { $$ = expr_binary(C, OP_SUB, $1, $3, @$); }
  | add CONCAT mul                              { $$ = expr_binary(C, OP_CONCAT, $1, $3, @$); } ;
mul:
    unary
  | mul '*' unary                               { $$ = expr_binary(C, OP_MUL, $1, $3, @$); }
  | mul '/' unary                               { $$ = expr_binary(C, OP_DIV, $1, $3, @$); }
  | mul '%' unary                               { $$ = expr_binary(C, OP_MOD, $1, $3, @$); } ;
unary:
    postfix
  | '-' unary                                   { $$ = expr_unary(C, OP_NEG, $2, @$); }
  | '-' BIGINT                                  { $$ = expr_literal(C, LIT_INT, INT64_MIN, @$); } ;
postfix:
    path                                        { $$ = expr_path(C, $1); }
  | call | list | record | literal
  | '(' expr ')'                                { $$ = $2; }
  | CASE whens else_opt END                     { $$ = expr_case(C, NULL, $2, $3, @$); }
  | CASE expr whens else_opt END                { $$ = expr_case(C, $2, $3, $4, @$); }
  | deref '.' anyname                           { $$ = expr_field(C, $1, $3, @$); }
  | deref '[' expr ']'                    { $$ = expr_tri(C, EXPR_INDEX, $1, $3, NULL, false, @$); }
  | path '[' expr ']'     { $$ = expr_tri(C, EXPR_INDEX, expr_path(C, $1), $3, NULL, false, @$); } ;
deref:
    call
  | '(' expr ')'                                { $$ = $2; }
  | deref '.' anyname                           { $$ = expr_field(C, $1, $3, @$); }
  | deref '[' expr ']'                    { $$ = expr_tri(C, EXPR_INDEX, $1, $3, NULL, false, @$); }
  | path '[' expr ']'     { $$ = expr_tri(C, EXPR_INDEX, expr_path(C, $1), $3, NULL, false, @$); } ;
call: path '(' args_opt ')'                     { $$ = expr_call(C, $1, $3, @$); } ;
whens:
    WHEN expr THEN expr                         { ONE($$.when, $2); ONE($$.then, $4); }
  | whens WHEN expr THEN expr          { MORE($$.when, $1.when, $3); MORE($$.then, $1.then, $5); } ;
else_opt: %empty { $$ = NULL; } | ELSE expr     { $$ = $2; } ;
list:
    '[' ']'                                     { $$ = expr_list(C, (Exprs){0}, @$); }
  | '[' exprs ']'                               { $$ = expr_list(C, $2, @$); }
  | '[' exprs ',' ']'                           { $$ = expr_list(C, $2, @$); } ;
literal:
    STRING                                      { $$ = expr_string(C, LIT_STR, $1, @$); }
  | INT                                         { $$ = expr_literal(C, LIT_INT, $1, @$); }
  | DECIMAL | FLOAT | DURATION | SIZE | TIMESTAMP | REGEX
  | TRUE                                        { $$ = expr_literal(C, LIT_BOOL, 1, @$); }
  | FALSE                                       { $$ = expr_literal(C, LIT_BOOL, 0, @$); }
  | NUL                                         { $$ = expr_literal(C, LIT_NULL, 0, @$); } ;

/* ---- words as names ---- */
name:         w | w_decl | w_attr | w_rule | w_dest | w_set | w_pat | w_until | w_enum ;
name_noattr:  w | w_decl          | w_rule | w_dest | w_set | w_pat | w_until | w_enum ;
name_nodest:  w | w_decl | w_attr | w_rule                  | w_pat | w_until | w_enum ;
name_nopat:   w | w_decl | w_attr | w_rule | w_dest | w_set         | w_until | w_enum ;
name_nountil: w | w_decl | w_attr | w_rule | w_dest | w_set | w_pat           | w_enum ;
name_norule:  w          | w_attr          | w_dest | w_set | w_pat | w_until | w_enum ;
tname:        w | w_decl | w_attr | w_rule | w_dest | w_set | w_pat | w_until ;
anyname: name | AND | OR | NOT | IN | IS | BETWEEN | LIKE | MATCHES | CASE | WHEN | NUL | TRUE |
  FALSE | DISTINCT | WHERE | ON ;
w_decl: ERRORS | TYPE | SOURCE | TABLE | STREAM | WINDOW | STATE | RULE | SINK | PARAM | FN |
  IMPORT | TEST ;
w_attr: MASK | FROM ;
w_rule: LET | ORDER | EMIT | LIMIT | MODE | MATCH | SKIP ;
w_dest: DROP | FAIL ;
w_set: SET ;
w_pat: NEXT | EVERY ;
w_until: UNTIL ;
w_enum: ENUM ;
w: IDENT | THEN | ELSE | FORMAT | TIME | DELAY | IDLE | AHEAD | QUIET | VERSIONS | CHECK | LATE |
  BAD | TO | REFRESH | KEY | KEEP | BY | OVER | CHANGES | ALLOW | JOIN | LEFT | FULL | SEMI | ANTI
  | WITHIN | BEFORE | AFTER | AS | OF | PROCESSING | SELECT | EXTEND | GROUP | TOP | PER | WITH |
  TIES | RANK | DESC | ASC | PAST | UNNEST | UNION | SAMPLE | EXTERN | OFFSET | ZONE | MAX | GIVEN
  | EXPECT | NONE | PARTITION | FIRST | LAST | END ;
%%
/* The span of a rule's text; empty parts at its start do not count, so that `join` without a kind
 * starts at its word. An empty rule stands at the end of what is before it. */
static Span rule_span(const Span *rhs, int n) {
  int i = 1;
  while (i < n && rhs[i].from == rhs[i].to) i++;
  if (n == 0) return (Span){rhs[0].to, rhs[0].to, rhs[0].file};
  return (Span){rhs[i].from, rhs[n].to, rhs[i].file};
}

static int yyreport_syntax_error(const yypcontext_t *context, Parser *p) {
  yysymbol_kind_t kinds[YYNTOKENS];
  const char *names[YYNTOKENS];
  int n = yypcontext_expected_tokens(context, kinds, YYNTOKENS);
  for (int i = 0; i < n; i++) names[i] = yysymbol_name(kinds[i]);
  const char *found = yysymbol_name(yypcontext_token(context));
  syntax_unexpected(p, *yypcontext_location(context), found, names, n < 0 ? 0 : n);
  return 0;
}

/* Only "memory exhausted" comes here: the parser's own stack is full. */
static void weir_error(Span *at, Parser *p, const char *message) {
  (void)message;
  syntax_too_deep(p, *at);
}
