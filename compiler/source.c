/* source.c -- the text of a program's files and where its lines start. A byte order mark at the
 * start is left out, so offset 0 is the first character that was written. Columns count code
 * points.
 */
#include "common.h"
#include <errno.h>
#include <string.h>

enum { MAX_SOURCE = 64 << 20 };           /* far above any program; spans are 32 bits */

int utf8_read(const char *p, const char *end, uint32_t *code) {
  const unsigned char *s = (const unsigned char *)p;
  if (p >= end) return 0;
  if (s[0] < 0x80) return *code = s[0], 1;
  int n = s[0] < 0xC2 || s[0] > 0xF4 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
  if (!n || end - p < n) return 0;
  uint32_t c = s[0] & (0xFFu >> (n + 1));
  for (int i = 1; i < n; i++) {
    if ((s[i] & 0xC0) != 0x80) return 0;
    c = c << 6 | (s[i] & 0x3F);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
  *code = c;
  return n;
}

static void find_lines(Compiler *c, Source *s) {
  VEC(uint32_t) line = {0};
  vec_push(c->arena, &line, 0);
  for (uint32_t i = 0; i < s->length; i++)
    if (s->text[i] == '\n') vec_push(c->arena, &line, i + 1);
  s->line = line.v;
  s->lines = line.n;
}

Source *source_text(Compiler *c, const char *path, const char *text, size_t n) {
  if (n >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) text += 3, n -= 3;
  if (n > MAX_SOURCE) {
    diag_error(c, SPAN_NONE, D_READ, "%s is too large for a program (%zu bytes)", path, n);
    return NULL;
  }
  Source *s = arena_alloc(c->arena, sizeof *s);
  s->path = arena_text(c->arena, path, strlen(path));
  s->text = arena_text(c->arena, text, n);
  s->length = (uint32_t)n;
  find_lines(c, s);
  vec_push(c->arena, &c->sources, s);
  return s;
}

typedef struct Bytes { char *v; int n, cap; } Bytes;

/* Reads to the end, whatever kind of file it is; errno tells why not. */
static bool read_all(Compiler *c, FILE *f, Bytes *b) {
  char block[16384];
  size_t n;
  while ((n = fread(block, 1, sizeof block, f)) > 0) {
    if (b->n + n > MAX_SOURCE + 3) return errno = EFBIG, false;
    while ((size_t)(b->cap - b->n) < n) vec_grow(c->arena, (void **)&b->v, &b->cap, b->n, 1);
    memcpy(b->v + b->n, block, n);
    b->n += (int)n;
  }
  return !ferror(f);
}

Source *source_read(Compiler *c, const char *path, Span import_at) {
  errno = 0;
  FILE *f = fopen(path, "rb");
  Bytes b = {0};
  bool good = f && read_all(c, f, &b);
  int why = errno;
  if (f) fclose(f);
  if (good) return source_text(c, path, b.v ? b.v : "", (size_t)b.n);
  diag_error(c, import_at, D_READ, "cannot read %s: %s", path, strerror(why));
  return NULL;
}

void source_place(const Source *s, uint32_t offset, int *line, int *column) {
  int low = 0, high = s->lines;           /* line[low] <= offset < line[high] */
  if (offset > s->length) offset = s->length;
  while (high - low > 1) {
    int mid = low + (high - low) / 2;
    if (s->line[mid] <= offset) low = mid; else high = mid;
  }
  *line = low + 1;
  *column = 1;
  for (uint32_t i = s->line[low]; i < offset; i++)
    if ((s->text[i] & 0xC0) != 0x80) ++*column;
}

const char *path_base(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}
