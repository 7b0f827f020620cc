/* diag.c -- collects what is said about a program; diag_render.c shows it. Nothing is printed
 * before the end, and nothing here ends the process.
 */
#include "diag.h"
#include <stdarg.h>

static char *format(Compiler *c, const char *fmt, va_list ap) {
  va_list again;
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, ap);
  char *text = arena_alloc(c->arena, (size_t)(n < 0 ? 0 : n) + 1);
  vsnprintf(text, (size_t)(n < 0 ? 0 : n) + 1, fmt, again);
  va_end(again);
  return text;
}

static Diag *add(Compiler *c, Severity severity, Span span, DiagCode code, const char *text) {
  if (!c->diags) c->diags = arena_alloc(c->arena, sizeof *c->diags);
  Diag *d = arena_alloc(c->arena, sizeof *d);
  *d = (Diag){.severity = severity, .code = code, .span = span, .text = text,
              .number = c->diags->list.n};
  vec_push(c->arena, &c->diags->list, d);
  if (severity == SEVERITY_ERROR) c->diags->errors++;
  return d;
}

Diag *diag_error(Compiler *c, Span span, DiagCode code, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  Diag *d = add(c, SEVERITY_ERROR, span, code, format(c, fmt, ap));
  va_end(ap);
  return d;
}

Diag *diag_warning(Compiler *c, Span span, DiagCode code, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  Diag *d = add(c, SEVERITY_WARNING, span, code, format(c, fmt, ap));
  va_end(ap);
  return d;
}

void diag_note(Compiler *c, Diag *d, Span span, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  vec_push(c->arena, &d->notes, ((Note){span, format(c, fmt, ap)}));
  va_end(ap);
}

void diag_hint(Compiler *c, Diag *d, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const char *hint = format(c, fmt, ap);
  va_end(ap);
  d->hint = d->hint ? arena_printf(c->arena, "%s; %s", d->hint, hint) : hint;
}

int diag_error_count(const Compiler *c) { return c->diags ? c->diags->errors : 0; }

bool diag_any_error(const Compiler *c) { return diag_error_count(c) > 0; }
