/* cunit.c -- sections of text, and the only places where a program's text is escaped. */
#include "cunit.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct Text { char *p; size_t n, cap; } Text;

struct CUnit {
  Compiler *c;
  const char *name;
  bool lines;
  Section now;
  int indent[SECTIONS];
  Text text[SECTIONS];
};

#define BACK '\001'                       /* a line of this byte: "#line <here>" when rendered */

/* A path as #line may show it: printable, no quotes, backslashes or trigraphs. */
static const char *safe_path(CUnit *u, const char *path)
{
  char *s = arena_text(u->c->arena, path, strlen(path));
  for (char *p = s; *p; p++)
    if (!isprint((unsigned char)*p) || strchr("\"\\?", *p)) *p = '_';
  return s;
}

CUnit *cunit_new(Compiler *c, const char *c_name, bool lines)
{
  CUnit *u = calloc(1, sizeof *u);
  if (!u) abort();
  u->c = c;
  u->name = safe_path(u, c_name);
  u->lines = lines;
  return u;
}

void cunit_free(CUnit *u)
{
  for (int i = 0; i < SECTIONS; i++) free(u->text[i].p);
  free(u);
}

static void add(Text *t, const char *p, size_t n)
{
  if (t->n + n + 1 > t->cap) {
    t->cap = (t->n + n + 1) * 2;
    t->p = realloc(t->p, t->cap);
    if (!t->p) abort();
  }
  memcpy(t->p + t->n, p, n);
  t->n += n;
  t->p[t->n] = 0;
}

Section cunit_to(CUnit *u, Section s)
{
  Section was = u->now;
  u->now = s;
  return was;
}

static void indented(CUnit *u, const char *fmt, va_list ap, const char *tail)
{
  Text *t = &u->text[u->now];
  char small[512], *p = small;
  va_list again;

  va_copy(again, ap);
  int n = vsnprintf(small, sizeof small, fmt, ap);
  if (n >= (int)sizeof small) {
    p = malloc((size_t)n + 1);
    if (!p) abort();
    vsnprintf(p, (size_t)n + 1, fmt, again);
  }
  va_end(again);
  if (n > 0 || *tail)
    for (int i = 0; i < u->indent[u->now]; i++) add(t, "  ", 2);
  add(t, p, (size_t)n);
  add(t, tail, strlen(tail));
  add(t, "\n", 1);
  if (p != small) free(p);
}

void cunit_line(CUnit *u, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  indented(u, fmt, ap, "");
  va_end(ap);
}

void cunit_open(CUnit *u, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  indented(u, fmt, ap, " {");
  va_end(ap);
  u->indent[u->now]++;
}

void cunit_close(CUnit *u, const char *tail)
{
  u->indent[u->now]--;
  cunit_line(u, "}%s", tail);
}

void cunit_user(CUnit *u, Span span)
{
  int line, column;
  const Source *s = u->c->sources.v[span.file];
  source_place(s, span.from, &line, &column);
  char text[32];
  Text *t = &u->text[u->now];
  const char *path = safe_path(u, path_base(s->path));
  if (!u->lines) { cunit_line(u, "/* %s:%d */", cunit_comment(u, path), line); return; }
  snprintf(text, sizeof text, "#line %d \"", line);
  add(t, text, strlen(text));
  add(t, path, strlen(path));
  add(t, "\"\n", 2);
}

void cunit_mine(CUnit *u)
{
  const char back[2] = { BACK, '\n' };
  if (u->lines) add(&u->text[u->now], back, 2);
}

void cunit_nest(CUnit *u, int by) { u->indent[u->now] += by; }

size_t cunit_mark(CUnit *u) { return u->text[u->now].n; }

const char *cunit_take(CUnit *u, size_t mark)
{
  Text *t = &u->text[u->now];
  if (t->n == mark) return "";
  char *s = arena_text(u->c->arena, t->p + mark, t->n - mark);
  t->n = mark;
  t->p[mark] = 0;
  return s;
}

void cunit_raw(CUnit *u, const char *text) { add(&u->text[u->now], text, strlen(text)); }

const char *cunit_string(CUnit *u, const char *p, size_t n)
{
  char *s = arena_alloc(u->c->arena, 4 * n + 3), *q = s;
  *q++ = '"';
  for (size_t i = 0; i < n; i++) {
    unsigned char b = (unsigned char)p[i];
    if (isalnum(b) || (b && strchr(" _-.,:;/+=()[]{}<>@#$&*!|~^", b))) *q++ = (char)b;
    else q += sprintf(q, "\\%03o", b);    /* quotes, backslashes, ?, %, controls, non-ASCII */
  }
  *q++ = '"';
  *q = 0;
  return s;
}

const char *cunit_comment(CUnit *u, const char *text)
{
  size_t n = strlen(text);
  char *s = arena_text(u->c->arena, text, n);
  for (size_t i = 0; i < n; i++) {
    unsigned char b = (unsigned char)s[i];
    if (!isprint(b) || b == '\\' || b == '?') s[i] = isspace(b) ? ' ' : '.';
    if (i && s[i - 1] == '*' && b == '/') s[i] = '.';
    if (i && s[i - 1] == '/' && b == '*') s[i] = '.';
  }
  return s;
}

const char *cunit_ident(CUnit *u, const char *prefix, int n, const char *name)
{
  char *s = arena_printf(u->c->arena, "%s%d_%.40s", prefix, n, name);
  for (char *p = s; *p; p++)
    if (!isalnum((unsigned char)*p) || (unsigned char)*p >= 128) *p = '_';
  return s;
}

static int count_lines(const char *p, size_t n)
{
  int lines = 0;
  for (size_t i = 0; i < n; i++) lines += p[i] == '\n';
  return lines;
}

static void render_section(CUnit *u, Text *out, const Text *t, int *line)
{
  for (size_t i = 0; i < t->n;) {
    const char *eol = memchr(t->p + i, '\n', t->n - i);
    size_t n = eol ? (size_t)(eol - (t->p + i)) + 1 : t->n - i;
    ++*line;
    if (t->p[i] == BACK) {
      char text[64];
      snprintf(text, sizeof text, "#line %d \"", *line + 1);
      add(out, text, strlen(text));
      add(out, u->name, strlen(u->name));
      add(out, "\"\n", 2);
    } else {
      add(out, t->p + i, n);
    }
    i += n;
  }
}

char *cunit_render(CUnit *u, const char *head, size_t *length)
{
  static const char *const title[SECTIONS] = { "types", "constants", "prototypes", "operators", "pipelines", "tables" };
  Text out = { 0 };
  add(&out, head, strlen(head));
  int line = count_lines(head, strlen(head));
  for (int i = 0; i < SECTIONS; i++) {
    if (!u->text[i].n) continue;
    char banner[64];
    snprintf(banner, sizeof banner, "\n/* ---- %s ---- */\n\n", title[i]);
    add(&out, banner, strlen(banner));
    line += 3;
    render_section(u, &out, &u->text[i], &line);
  }
  *length = out.n;
  return out.p;
}
