/* parse.h -- between lexer.l, parser.y, lexical.c, literal.c, syntax.c and parse.c alone. */
#ifndef WEIR_PARSE_H
#define WEIR_PARSE_H
#include "ast_build.h"

typedef struct Bracket {                  /* ( [ or {, for messages about those not closed */
  uint32_t open, close;                   /* close 0: still open */
  int parent;                             /* index of the one around it, -1: none */
} Bracket;

typedef struct Parser {                   /* one file */
  Compiler *c;
  Source *src;
  uint32_t file;                          /* index of src */
  void *scanner;
  uint32_t at;                            /* offset of the next byte */
  int prev, before;                       /* the token before this one, and the one before that */
  Span last;                              /* where the last token was */
  uint32_t end;                           /* end of the last whole declaration */
  uint32_t first;                         /* of the one being read; UINT32_MAX before a token */
  VEC(Bracket) brackets;
  int open, depth;                        /* innermost open bracket or -1; how many are open */
  bool semicolon, concat;                 /* seen: `;` in the file, `||` in this declaration */
  uint32_t resume;                        /* after a failed declaration: where to go on */
} Parser;

Span parser_span(const Parser *, uint32_t from, uint32_t to);
Name parser_name(Parser *, const char *, size_t);
void parser_add(Parser *, Decl *);        /* a declaration is whole */

/* syntax.c: what is said about a token that does not fit. Names are the grammar's own. */
void syntax_unexpected(Parser *, Span, const char *found, const char *const *expected, int n);
void syntax_too_deep(Parser *, Span);
void syntax_twice(Parser *, Span, const char *word);
void syntax_config_where(Parser *, Span);                     /* kafka(topic: "x" where …) */
void syntax_resume(Parser *, uint32_t from);                  /* sets resume */
uint32_t syntax_hidden_declaration(const Parser *, uint32_t to);

/* lexical.c: the table of words, and what the lexer says about texts that are no tokens. */
typedef enum WordClass { NO_WORD, RESERVED, DECLARES, CONTEXT } WordClass;
int lexer_word(const char *text);         /* its token; TOK_IDENT for all others */
WordClass lexer_word_class(const char *text, size_t n);
void lexer_open_string(Parser *, Span);
void lexer_bad_backticks(Parser *, Span);
void lexer_bad_timestamp(Parser *, Span);
void lexer_habit(Parser *, Span, const char *word);
void lexer_semicolon(Parser *, Span);
void lexer_comment(Parser *, Span);
void lexer_single_quotes(Parser *, Span);
void lexer_stray(Parser *, Span);

/* literal.c: the value of a literal's text; what is wrong is reported, and a zero returned. */
int64_t literal_int(Parser *, const char *, size_t, Span);
Expr *literal_decimal(Parser *, const char *, size_t, Span);
Expr *literal_float(Parser *, const char *, size_t, Span);
Expr *literal_duration(Parser *, const char *, size_t, Span);
Expr *literal_calendar(Parser *, const char *, size_t, Span);
Expr *literal_size(Parser *, const char *, size_t, Span);
Expr *literal_timestamp(Parser *, const char *, size_t, Span);
Expr *literal_regex(Parser *, const char *, size_t, Span);
Text literal_string(Parser *, const char *, size_t, Span);    /* with its quotes */
bool literal_is_int64_min(const char *, size_t);              /* 9223372036854775808 */
void literal_bad_number(Parser *, const char *, size_t, Span);
#endif
