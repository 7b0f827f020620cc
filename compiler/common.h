/* common.h -- the small things every pass uses: spans, arena, interned names, vectors. */
#ifndef WEIR_COMMON_H
#define WEIR_COMMON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Span {                     /* bytes [from, to) of a source file */
  uint32_t from, to;
  uint32_t file;                          /* index into Compiler.sources */
} Span;
#define SPAN_NONE ((Span){0, 0, UINT32_MAX})   /* no place: nothing is shown below the message */

typedef struct Arena Arena;               /* arena.c: one a compilation; nothing is freed singly */
Arena *arena_new(void);
void arena_free(Arena *);
void *arena_alloc(Arena *, size_t);       /* zeroed; ends the process with a message when exhausted */
char *arena_text(Arena *, const char *p, size_t n);           /* terminated copy */
char *arena_printf(Arena *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

typedef const char *Name;                 /* interned: equal names are equal pointers (intern.c) */
typedef struct Interns Interns;
Interns *interns_new(Arena *);
Name intern(Interns *, const char *p, size_t n);
Name intern_z(Interns *, const char *);

/* Growable arrays in the arena: VEC(Expr *) args; vec_push(arena, &args, e); args.v[i], args.n */
#define VEC(T) struct { T *v; int n, cap; }
#define vec_push(a, vec, x) \
  ((vec)->n == (vec)->cap ? vec_grow((a), (void **)&(vec)->v, &(vec)->cap, (vec)->n, sizeof *(vec)->v) : (void)0, \
   (vec)->v[(vec)->n++] = (x))
void vec_grow(Arena *, void **v, int *cap, int n, size_t size);

typedef struct Source {                   /* source.c: a file's text with its line starts */
  const char *path;                       /* as shown to the user */
  const char *text;                       /* terminated */
  uint32_t length;
  uint32_t *line;                         /* byte offset of each line */
  int lines;
} Source;

typedef struct Diags Diags;
typedef struct Compiler {                 /* carried through every pass; no file-static state anywhere */
  Arena *arena;
  Interns *interns;
  Diags *diags;
  VEC(Source *) sources;
  struct Program *program;                /* the Ast */
  struct Types *types;                    /* type.c: interned types */
  struct Scope *scope;                    /* scope.c: the program's names, filled by resolve */
} Compiler;

Source *source_read(Compiler *, const char *path, Span import_at);    /* 0 after a diagnostic */
Source *source_text(Compiler *, const char *path, const char *text, size_t n);  /* takes a copy */
/* Reads one code point; bytes taken, 0 when it is not valid UTF-8. */
int utf8_read(const char *p, const char *end, uint32_t *code);
const char *path_base(const char *path); /* without its folders */
void source_place(const Source *, uint32_t offset, int *line, int *column);     /* from 1; column in code points */

/* ---- diagnostics: diag.c. Collected, sorted by place, rendered at the end. ----
 * A code is "E0123"; docs/errors.md has a page for each (diag_codes.def is the one table). */
typedef enum DiagCode {
#define DIAG(id, number, title) D_##id = number,
#include "diag_codes.def"
#undef DIAG
} DiagCode;
typedef struct Diag Diag;
Diag *diag_error(Compiler *, Span, DiagCode, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
Diag *diag_warning(Compiler *, Span, DiagCode, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void diag_note(Compiler *, Diag *, Span, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void diag_hint(Compiler *, Diag *, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool diag_any_error(const Compiler *);
int diag_error_count(const Compiler *);
void diag_render(Compiler *, FILE *, bool json, bool colour);  /* sorted, deduplicated; a count at the end */

#endif
