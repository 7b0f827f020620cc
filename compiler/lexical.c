/* lexical.c -- the table of the language's words, and what the lexer says about a text that is
 * no token: mostly habits from other languages, each with the way it is written here.
 */
#include "parse.h"
#include "parser.h"
#include <stdlib.h>
#include <string.h>

typedef struct Word { const char *text; int token; WordClass class; } Word;
static const Word words[] = {
#define WORD(text, token, class) {#text, TOK_##token, class},
#include "words.def"
#undef WORD
};

static int compare(const void *text, const void *word) {
  return strcmp(text, ((const Word *)word)->text);
}

static const Word *find_word(const char *text) {
  return bsearch(text, words, sizeof words / sizeof *words, sizeof *words, compare);
}

int lexer_word(const char *text) {
  const Word *w = find_word(text);
  return w ? w->token : TOK_IDENT;
}

WordClass lexer_word_class(const char *text, size_t n) {
  char copy[16];
  if (n >= sizeof copy) return NO_WORD;
  memcpy(copy, text, n);
  copy[n] = 0;
  const Word *w = find_word(copy);
  return w ? w->class : NO_WORD;
}

void lexer_open_string(Parser *p, Span span) {
  Diag *d = diag_error(p->c, span, D_STRING, "this string is not closed");
  diag_hint(p->c, d, "a string ends on its line; a newline in it is written \\n");
}

void lexer_bad_backticks(Parser *p, Span span) {
  Diag *d = diag_error(p->c, span, D_CHARACTER, "this is no name in backticks");
  diag_hint(p->c, d, "a quoted name is written `name`, on one line");
}

void lexer_bad_timestamp(Parser *p, Span span) {
  Diag *d = diag_error(p->c, span, D_TIMESTAMP, "this is no timestamp");
  diag_hint(p->c, d, "timestamps are written @2026-01-31, @2026-01-31T10:00:00Z or "
                     "@2026-01-31T10:00:00.5+01:00");
}

/* && and ! are taken for what they mean, so that one run shows the other mistakes too. */
void lexer_habit(Parser *p, Span span, const char *word) {
  const char *text = p->src->text + span.from;
  diag_error(p->c, span, D_HABIT, "`%.*s` is written `%s`", (int)(span.to - span.from), text, word);
}

void lexer_semicolon(Parser *p, Span span) {
  if (p->semicolon) return;
  p->semicolon = true;
  Diag *d = diag_error(p->c, span, D_HABIT, "declarations and clauses do not end with `;`");
  diag_hint(p->c, d, "leave it out, here and further down");
}

void lexer_comment(Parser *p, Span span) {
  span.to = span.from + 2;
  Diag *d = diag_error(p->c, span, D_HABIT, "comments start with `#`");
  if (p->src->text[span.from] == '-')
    diag_hint(p->c, d, "if two minus signs are meant, leave a blank between them");
}

void lexer_single_quotes(Parser *p, Span span) {
  Diag *d = diag_error(p->c, span, D_HABIT, "strings are written in double quotes");
  int n = (int)(span.to - span.from) - 2;
  const char *text = p->src->text + span.from;
  bool plain = n >= 0 && n < 60 && text[n + 1] == '\'' && !memchr(text, '"', (size_t)n) &&
      !memchr(text, '\\', (size_t)n);
  if (plain) diag_hint(p->c, d, "\"%.*s\"", n, text + 1);
}

void lexer_stray(Parser *p, Span span) {
  const char *text = p->src->text + span.from;
  uint32_t code = (unsigned char)*text;
  utf8_read(text, p->src->text + span.to, &code);
  Diag *d;
  if (code > 0x20 && code < 0x7F)
    d = diag_error(p->c, span, D_CHARACTER, "stray character `%c`", (char)code);
  else d = diag_error(p->c, span, D_CHARACTER, "stray character U+%04X", code);
  if (code >= 0x80)
    diag_hint(p->c, d, "names with other letters than a-z are written in backticks");
}
