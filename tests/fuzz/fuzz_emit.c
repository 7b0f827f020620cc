/* fuzz_emit.c -- any bytes as a program, through every pass. What compiles gives C that holds nothing
 * but what the emitter writes: read here without a compiler, as tests/diff/scan.py does, comments and
 * strings are plain, no directive but the known ones is left, no inline assembly, no odd byte.
 */
#include "ast.h"
#include "driver.h"
#include "emit.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void wrong(const char *what, const char *at)
{
  fprintf(stderr, "generated C: %s: %.80s\n", what, at);
  abort();
}

/* ---- the C ---- */

static const char *end_of_line(const char *p) { return p + strcspn(p, "\n"); }

/* #line N "plain text", or a line of the head */
static void check_directive(const char *p)
{
  static const char *const head[] = { "#ifndef WEIR_RT_H\n", "#include \"weir/rt.h\"\n", "#endif\n", "#if WEIR_ABI != ",
                                      "#error \"generated for runtime ABI " };
  for (size_t i = 0; i < sizeof head / sizeof *head; i++)
    if (strncmp(p, head[i], strlen(head[i])) == 0) return;
  const char *end = end_of_line(p), *q = p + 6;
  if (strncmp(p, "#line ", 6) != 0) wrong("a directive", p);
  while (isdigit((unsigned char)*q)) q++;
  if (q[0] != ' ' || q[1] != '"') wrong("#line", p);
  for (q += 2; q < end && *q != '"'; q++)
    if (*q == '\\') wrong("#line", p);
  if (q + 1 != end) wrong("#line", p);
}

static const char *skip_comment(const char *p)
{
  const char *end = strstr(p + 2, "*/"), *inner = strstr(p + 2, "/*");
  if (!end) wrong("a comment without an end", p);
  if (inner && inner < end) wrong("a comment in a comment", p);
  return end + 2;
}

static const char *skip_string(const char *p)
{
  const char *q = p + 1;
  for (; *q != '"'; q++) {
    if (!*q || *q == '\n') wrong("a string without an end", p);
    if (*q != '\\') continue;
    for (int i = 1; i <= 3; i++)
      if (q[i] < '0' || q[i] > '7') wrong("an escape", q);
    q += 3;
  }
  return q + 1;
}

static const char *skip_word(const char *p)
{
  static const char *const no[] = { "asm", "__asm", "__asm__", "_Pragma", "__attribute__", "__attribute", "goto", "system" };
  size_t n = 0;
  while (isalnum((unsigned char)p[n]) || p[n] == '_') n++;
  for (size_t i = 0; i < sizeof no / sizeof *no; i++)
    if (strlen(no[i]) == n && memcmp(no[i], p, n) == 0) wrong("a word", p);
  return p + n;
}

static void check_text(const char *text)
{
  bool start = true;                      /* of a line */
  for (const char *p = text; *p; p++)
    if ((!isprint((unsigned char)*p) && *p != '\n') || (p[0] == '?' && p[1] == '?')) wrong("a byte", p);
  for (const char *p = text; *p;) {
    if (start && *p == '#') {
      check_directive(p);
      p = end_of_line(p);
    } else if (p[0] == '/' && p[1] == '*') p = skip_comment(p);
    else if (*p == '"') p = skip_string(p);
    else if (*p == '#' || *p == '\\' || *p == '\'' || (p[0] == '/' && p[1] == '/') || (p[0] == '%' && p[1] == ':')) wrong("a sign", p);
    else if (isalpha((unsigned char)*p) || *p == '_') p = skip_word(p);
    else {
      start = *p == '\n' || (start && *p == ' ');
      p++;
      continue;
    }
    start = false;
  }
}

/* ---- the passes ---- */

static void generate(Compiler *c)
{
  size_t n;
  Plan *p = plan_build(c, "fuzz.weir", NULL);
  if (diag_any_error(c)) return;
  plan_rewrite(p);
  if (diag_any_error(c)) return;          /* circles through closing windows */
  plan_fuse(p);
  char *text = emit(p, true, &n);
  if (strlen(text) != n) wrong("a zero byte", text);
  check_text(text);
  free(text);
}

static bool imports(const uint8_t *data, size_t n)          /* files of the machine are not for a fuzzer */
{
  return memmem(data, n, "import", 6) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (imports(data, size)) return 0;
  Arena *a = arena_new();
  Compiler *c = arena_alloc(a, sizeof *c);
  FILE *out = fopen("/dev/null", "w");
  c->arena = a;
  c->interns = interns_new(a);
  c->program = arena_alloc(a, sizeof *c->program);
  c->types = types_new(c);
  Source *s = source_text(c, "fuzz.weir", (const char *)data, size);
  if (s && parse(c, s)) resolve(c);
  if (s && !diag_any_error(c)) check(c);
  if (s && !diag_any_error(c)) generate(c);
  diag_render(c, out, false, false);
  fclose(out);
  arena_free(a);
  return 0;
}
