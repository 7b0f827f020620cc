/* parse.c -- runs the grammar over a file. A syntax error ends the parser's run; it starts again
 * at the next declaration, so that one run reports all mistakes, one a declaration. Tokens pass
 * through weir_lex, which remembers what messages need: open brackets, the last tokens, where a
 * declaration began.
 */
#include "parse.h"
#include "parser.h"
#include <string.h>

enum { MAX_FAILED = 50 };                 /* a file with more failed declarations is no program */

int lexer_scan(WEIR_STYPE *, Span *, void *scanner);
int weir_scan_lex_init_extra(Parser *, void **);
int weir_scan_lex_destroy(void *);
void *weir_scan__scan_bytes(const char *, int, void *);

Span parser_span(const Parser *p, uint32_t from, uint32_t to) { return (Span){from, to, p->file}; }

Name parser_name(Parser *p, const char *text, size_t n) { return intern(p->c->interns, text, n); }

void parser_add(Parser *p, Decl *d) {
  vec_push(p->c->arena, &p->c->program->decls, d);
  p->end = d->span.to;
  p->concat = false;
  p->first = p->last.from >= p->end ? p->last.from : UINT32_MAX;
}

static int open_bracket(Parser *p, Span at, int token) {
  vec_push(p->c->arena, &p->brackets, ((Bracket){at.from, 0, p->open}));
  p->open = p->brackets.n - 1;
  if (++p->depth <= MAX_BRACKETS) return token;
  syntax_too_deep(p, at);
  return TOK_BADTOK;
}

static void close_bracket(Parser *p, Span at, int token) {
  if (p->open < 0) return;
  Bracket *b = &p->brackets.v[p->open];
  char opener = p->src->text[b->open];
  if (token != (opener == '(' ? ')' : opener == '[' ? ']' : '}')) return;
  b->close = at.to;
  p->open = b->parent;
  p->depth--;
}

/* What bison calls. The end of the file stands right behind the last token. */
int weir_lex(WEIR_STYPE *value, Span *span, Parser *p) {
  int token = lexer_scan(value, span, p->scanner);
  if (token == 0) *span = parser_span(p, p->last.to, p->last.to);
  if (p->first == UINT32_MAX) p->first = span->from;
  if (token == '(' || token == '[' || token == '{') token = open_bracket(p, *span, token);
  if (token == ')' || token == ']' || token == '}') close_bracket(p, *span, token);
  if (token == TOK_CONCAT) p->concat = true;
  p->before = p->prev;
  p->prev = token;
  p->last = *span;
  return token;
}

/* Parses from an offset to the end or to the first failed declaration; returns where to go on. */
static uint32_t parse_from(Parser *p, uint32_t at) {
  p->at = p->end = at;
  p->first = UINT32_MAX;
  p->prev = p->before = 0;
  p->last = parser_span(p, at, at);
  p->brackets.n = 0;
  p->open = -1;
  p->depth = 0;
  p->concat = false;
  p->resume = p->src->length;
  if (weir_scan_lex_init_extra(p, &p->scanner)) {
    diag_error(p->c, p->last, D_READ, "no memory to read this file");
    return p->src->length;
  }
  weir_scan__scan_bytes(p->src->text + at, (int)(p->src->length - at), p->scanner);
  int failed = weir_parse(p);
  weir_scan_lex_destroy(p->scanner);
  return failed ? p->resume : p->src->length;
}

/* UTF-8 without U+0000: what all later passes take for granted. */
static bool check_text(Parser *p) {
  const char *start = p->src->text, *end = start + p->src->length;
  uint32_t code;
  for (const char *at = start; at < end;) {
    int n = utf8_read(at, end, &code);
    if (n && code) { at += n; continue; }
    uint32_t from = (uint32_t)(at - start);
    Span span = parser_span(p, from, from + 1);
    if (n) diag_error(p->c, span, D_ENCODING, "a NUL byte: this is no text");
    else
      diag_error(p->c, span, D_ENCODING, "byte 0x%02X: the file is not UTF-8 here",
                 (unsigned char)*at);
    return false;
  }
  return true;
}

bool parse(Compiler *c, Source *s) {
  int before = diag_error_count(c);
  Parser p = {.c = c, .src = s};
  while (p.file < (uint32_t)c->sources.n && c->sources.v[p.file] != s) p.file++;
  if (!c->program) c->program = arena_alloc(c->arena, sizeof *c->program);
  if (!check_text(&p)) return false;
  uint32_t at = 0;
  for (int i = 0; i < MAX_FAILED && (i == 0 || at < s->length); i++) at = parse_from(&p, at);
  return diag_error_count(c) == before;
}
