/* parse_rig.h -- a compilation of one text, for the tests of the front end: what it parsed to,
 * what was said about it, and the pieces of text that spans stand for. Tests run in the
 * repository's root.
 */
#ifndef WEIR_PARSE_RIG_H
#define WEIR_PARSE_RIG_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "ast.h"

#define DIR "tests/golden/parse/"
#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

typedef struct Rig { Compiler c; Source *src; bool good; } Rig;

const char *type_text(Compiler *, const Type *) __attribute__((weak));
const char *type_text(Compiler *c, const Type *t) { return (void)c, (void)t, "?"; }

static inline Rig rig_bytes(const char *text, size_t n) {
  Rig r = {0};
  r.c.arena = arena_new();
  r.c.interns = interns_new(r.c.arena);
  r.src = source_text(&r.c, "t.weir", text, n);
  r.good = r.src && parse(&r.c, r.src);
  return r;
}

static inline Rig rig(const char *text) { return rig_bytes(text, strlen(text)); }
static inline void rig_end(Rig *r) { arena_free(r->c.arena); }

/* What is printed, as a string of the arena. */
static inline char *rig_printed(Rig *r, bool json, bool colour) {
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);
  diag_render(&r->c, f, json, colour);
  fclose(f);
  char *copy = arena_text(r->c.arena, text, n);
  free(text);
  return copy;
}

static inline char *rig_dump(Rig *r) {
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);
  ast_dump(&r->c, f, false);
  fclose(f);
  char *copy = arena_text(r->c.arena, text, n);
  free(text);
  return copy;
}

static inline char *rig_text(Rig *r, Span s) {
  assert_true(s.from <= s.to && s.to <= r->src->length);
  return arena_text(r->c.arena, r->src->text + s.from, s.to - s.from);
}

static inline Decl *rig_decl(Rig *r, int i) {
  if (!r->good) print_error("%s", rig_printed(r, false, false));
  assert_true(r->good);
  assert_true(i < r->c.program->decls.n);
  return r->c.program->decls.v[i];
}

/* The value of `param x: int = <text>`. */
static inline Expr *rig_value(Rig *r) { return rig_decl(r, 0)->u.param.value; }

/* A program of the golden tests; it must be free of mistakes. */
static inline Rig rig_file(const char *name) {
  char path[200];
  snprintf(path, sizeof path, DIR "%s.weir", name);
  Rig r = {0};
  r.c.arena = arena_new();
  r.c.interns = interns_new(r.c.arena);
  r.src = source_read(&r.c, path, SPAN_NONE);
  r.good = r.src && parse(&r.c, r.src);
  if (!r.good) print_error("%s", rig_printed(&r, false, false));
  return r;
}

static inline int count_of(const char *text, const char *what) {
  int n = 0;
  for (const char *at = text; (at = strstr(at, what)); at += strlen(what)) n++;
  return n;
}
#endif
