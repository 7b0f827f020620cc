/* diag.h -- a diagnostic's parts: between diag.c and diag_render.c. */
#ifndef WEIR_DIAG_H
#define WEIR_DIAG_H
#include "common.h"

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING } Severity;
typedef struct Note { Span span; const char *text; } Note;
struct Diag {
  Severity severity;
  DiagCode code;
  Span span;
  const char *text, *hint;                /* hint: 0 for none */
  VEC(Note) notes;
  int number;                             /* in the order of finding: keeps sorting stable */
};
struct Diags {
  VEC(Diag *) list;
  int errors;
};
#endif
