/* diag_render.c -- diagnostics as text with the source line and a caret line, or as JSON lines.
 * The text shown is the user's: control characters in it are replaced, so that a file cannot
 * steer the terminal.
 */
#include "diag.h"
#include <stdlib.h>
#include <string.h>

enum { LINE_SHOWN = 160, LINE_BEFORE = 60 };      /* bytes of a long line that are shown */

typedef struct Out { Compiler *c; FILE *f; bool colour; } Out;
typedef struct Place { const Source *src; int line, column, end_line, end_column; } Place;

static bool find_place(Compiler *c, Span s, Place *p) {
  *p = (Place){0};
  if (s.file >= (uint32_t)c->sources.n) return false;
  p->src = c->sources.v[s.file];
  source_place(p->src, s.from, &p->line, &p->column);
  source_place(p->src, s.to > s.from ? s.to : s.from, &p->end_line, &p->end_column);
  return true;
}

/* ---- order ---- */

static int by_place(const void *x, const void *y) {
  const Diag *a = *(Diag *const *)x, *b = *(Diag *const *)y;
  if (a->span.file != b->span.file) return a->span.file < b->span.file ? -1 : 1;
  if (a->span.from != b->span.from) return a->span.from < b->span.from ? -1 : 1;
  if (a->span.to != b->span.to) return a->span.to < b->span.to ? -1 : 1;
  return a->number < b->number ? -1 : 1;
}

static bool same(const Diag *a, const Diag *b) {
  return a->severity == b->severity && a->code == b->code && a->span.file == b->span.file &&
         a->span.from == b->span.from && a->span.to == b->span.to && !strcmp(a->text, b->text);
}

/* Sorts, and drops what is said twice at one place. */
static void settle(Diags *all) {
  int n = 0;
  qsort(all->list.v, (size_t)all->list.n, sizeof *all->list.v, by_place);
  for (int i = 0; i < all->list.n; i++) {
    bool known = false;
    for (int k = n - 1; k >= 0 && !known; k--) {
      if (all->list.v[k]->span.from != all->list.v[i]->span.from) break;
      known = same(all->list.v[k], all->list.v[i]);
    }
    if (!known) all->list.v[n++] = all->list.v[i];
  }
  all->list.n = n;
}

/* ---- the source line ---- */

/* Columns a code point takes: 0 for marks that combine, 2 for East Asian wide ones and emoji. */
static int width_of(uint32_t c) {
  static const struct { uint32_t from, to; int width; } ranges[] = {
    {0x300, 0x36F, 0}, {0x200B, 0x200F, 0}, {0x20D0, 0x20FF, 0}, {0xFE00, 0xFE0F, 0},
    {0xFE20, 0xFE2F, 0},
    {0x1100, 0x115F, 2}, {0x2E80, 0x303E, 2}, {0x3041, 0xA4CF, 2}, {0xAC00, 0xD7A3, 2},
    {0xF900, 0xFAFF, 2},
    {0xFE30, 0xFE6F, 2}, {0xFF00, 0xFF60, 2}, {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1F64F, 2},
    {0x1F680, 0x1F6FF, 2},
    {0x1F900, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2}};
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (c >= ranges[i].from && c <= ranges[i].to) return ranges[i].width;
  return 1;
}

/* Control characters, and those that turn the direction of text. */
static bool unsafe(uint32_t c) {
  return (c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

static int read_shown(const char *at, const char *end, uint32_t *code) {
  int n = utf8_read(at, end, code);
  if (n == 0) *code = 0xFFFD, n = 1;
  if (unsafe(*code)) *code = 0xFFFD;
  return n;
}

static void put_code(FILE *f, const char *at, int n, uint32_t code) {
  if (code == 0xFFFD) fputs("\xEF\xBF\xBD", f);
  else fwrite(at, 1, (size_t)n, f);
}

static const char *whole(const char *at, const char *least) {
  while (at > least && (*at & 0xC0) == 0x80) at--;
  return at;
}

static void put_line(FILE *f, const char *from, const char *to) {
  uint32_t code;
  for (int n; from < to; from += n) n = read_shown(from, to, &code), put_code(f, from, n, code);
}

static void put_blanks(FILE *f, const char *from, const char *to) {
  uint32_t code;
  for (int n; from < to; from += n) {
    n = read_shown(from, to, &code);
    if (code == '\t') fputc('\t', f);
    else fprintf(f, "%*s", width_of(code), "");
  }
}

static void put_carets(FILE *f, const char *from, const char *to) {
  uint32_t code;
  int columns = 0;
  for (int n; from < to; from += n) {
    n = read_shown(from, to, &code);
    columns += code == '\t' ? 1 : width_of(code);
  }
  do fputc('^', f); while (--columns > 0);
}

static const char *tint(const Out *o, const char *code) { return o->colour ? code : ""; }
#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"
#define CYAN "\033[1;36m"
#define PLAIN "\033[0m"

/* The line of a span with a caret under each of its columns, up to the line's end. */
static void put_source(Out *o, Span span, const Place *p, const char *colour) {
  const char *text = p->src->text, *line = text + p->src->line[p->line - 1], *at = text + span.from;
  const char *end = line + strcspn(line, "\r\n"), *to = span.to > span.from ? text + span.to : at;
  if (at > end) at = end;
  if (to > end) to = end;
  const char *first = line, *last = end;
  if (end - line > LINE_SHOWN) {
    first = at - line > LINE_BEFORE ? whole(at - LINE_BEFORE, line) : line;
    last = end - first > LINE_SHOWN ? whole(first + LINE_SHOWN, first) : end;
  }
  if (to > last) to = last > at ? last : at;
  char number[16];
  int width = snprintf(number, sizeof number, "%d", p->line);
  if (width < 4) width = 4;
  fprintf(o->f, "%*s | %s", width, number, first > line ? "..." : "");
  put_line(o->f, first, last);
  fprintf(o->f, "%s\n%*s | %s", last < end ? "..." : "", width, "", first > line ? "   " : "");
  put_blanks(o->f, first, at);
  fputs(tint(o, colour), o->f);
  put_carets(o->f, at, to);
  fprintf(o->f, "%s\n", tint(o, PLAIN));
}

/* ---- text ---- */

static void put_safe(FILE *f, const char *text) { put_line(f, text, text + strlen(text)); }

static void put_message(Out *o, Span span, const char *word, const char *colour, const char *text) {
  Place p;
  bool placed = find_place(o->c, span, &p);
  fputs(tint(o, BOLD), o->f);
  if (placed) put_safe(o->f, p.src->path), fprintf(o->f, ":%d:%d: ", p.line, p.column);
  else fputs("weir: ", o->f);
  fprintf(o->f, "%s%s%s%s: ", tint(o, PLAIN), tint(o, colour), word, tint(o, PLAIN));
  put_safe(o->f, text);
  fputc('\n', o->f);
  if (placed) put_source(o, span, &p, colour);
}

static void put_diag(Out *o, const Diag *d) {
  char word[32];
  bool error = d->severity == SEVERITY_ERROR;
  snprintf(word, sizeof word, "%s[E%04d]", error ? "error" : "warning", (int)d->code);
  put_message(o, d->span, word, error ? RED : YELLOW, d->text);
  for (int i = 0; i < d->notes.n; i++)
    put_message(o, d->notes.v[i].span, "note", CYAN, d->notes.v[i].text);
  if (!d->hint) return;
  fprintf(o->f, "     = %shint%s: ", tint(o, CYAN), tint(o, PLAIN));
  put_safe(o->f, d->hint);
  fputc('\n', o->f);
}

static void put_counts(Out *o, int errors, int warnings) {
  if (errors) fprintf(o->f, "%d error%s", errors, errors == 1 ? "" : "s");
  if (errors && warnings) fputs(", ", o->f);
  if (warnings) fprintf(o->f, "%d warning%s", warnings, warnings == 1 ? "" : "s");
  fputc('\n', o->f);
}

/* ---- JSON ---- */

static void json_string(FILE *f, const char *s) {
  uint32_t code;
  fputc('"', f);
  for (const char *end = s + strlen(s); s < end;) {
    int n = utf8_read(s, end, &code);
    if (n == 0) fputs("\xEF\xBF\xBD", f), n = 1;
    else if (code == '"' || code == '\\') fprintf(f, "\\%c", (char)code);
    else if (code < 0x20 || (code >= 0x7F && code < 0xA0)) fprintf(f, "\\u%04x", code);
    else fwrite(s, 1, (size_t)n, f);
    s += n;
  }
  fputc('"', f);
}

static void json_place(Out *o, Span span) {
  Place p;
  if (!find_place(o->c, span, &p)) return;
  fputs(",\"file\":", o->f);
  json_string(o->f, p.src->path);
  fprintf(o->f, ",\"line\":%d,\"column\":%d,\"endLine\":%d,\"endColumn\":%d", p.line, p.column,
          p.end_line, p.end_column);
}

static void json_diag(Out *o, const Diag *d) {
  fprintf(o->f, "{\"severity\":\"%s\",\"code\":\"E%04d\",\"message\":",
          d->severity == SEVERITY_ERROR ? "error" : "warning", (int)d->code);
  json_string(o->f, d->text);
  json_place(o, d->span);
  fputs(",\"notes\":[", o->f);
  for (int i = 0; i < d->notes.n; i++) {
    fputs(i ? ",{\"message\":" : "{\"message\":", o->f);
    json_string(o->f, d->notes.v[i].text);
    json_place(o, d->notes.v[i].span);
    fputc('}', o->f);
  }
  fputc(']', o->f);
  if (d->hint) fputs(",\"hint\":", o->f), json_string(o->f, d->hint);
  fputs("}\n", o->f);
}

void diag_render(Compiler *c, FILE *f, bool json, bool colour) {
  if (!c->diags || !c->diags->list.n) return;
  Out o = {c, f, colour};
  int count[2] = {0};
  settle(c->diags);
  for (int i = 0; i < c->diags->list.n; i++) {
    const Diag *d = c->diags->list.v[i];
    count[d->severity]++;
    if (json) json_diag(&o, d);
    else put_diag(&o, d);
  }
  if (!json) put_counts(&o, count[SEVERITY_ERROR], count[SEVERITY_WARNING]);
}
