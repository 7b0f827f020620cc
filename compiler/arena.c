/* arena.c -- memory of one compilation: taken in chunks, zeroed, freed all at once. Growable arrays
 * live here too: vec_grow leaves the old array behind, which doubling keeps within the final size.
 */
#include "common.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct Chunk {
  struct Chunk *next;
  size_t used, size;
  max_align_t data[];
} Chunk;
struct Arena { Chunk *chunks; };

enum { CHUNK = 64 * 1024 };

static void *or_die(void *p) {
  if (p) return p;
  fputs("weir: out of memory\n", stderr);
  exit(71);
}

Arena *arena_new(void) { return or_die(calloc(1, sizeof(Arena))); }

void arena_free(Arena *a) {
  if (!a) return;
  for (Chunk *k = a->chunks, *next; k; k = next) next = k->next, free(k);
  free(a);
}

/* A big block gets a chunk of its own behind the current one, which stays in use. */
static Chunk *add_chunk(Arena *a, size_t n) {
  size_t size = n > CHUNK / 4 ? n : CHUNK;
  if (size > SIZE_MAX - sizeof(Chunk)) or_die(NULL);
  Chunk *k = or_die(calloc(1, sizeof(Chunk) + size));
  k->size = size;
  if (size != CHUNK && a->chunks) k->next = a->chunks->next, a->chunks->next = k;
  else k->next = a->chunks, a->chunks = k;
  return k;
}

void *arena_alloc(Arena *a, size_t n) {
  size_t align = _Alignof(max_align_t);
  if (n > SIZE_MAX / 2) or_die(NULL);
  n = (n + align - 1) & ~(align - 1);
  Chunk *k = a->chunks;
  if (!k || k->size - k->used < n) k = add_chunk(a, n);
  void *p = (char *)k->data + k->used;
  k->used += n;
  return p;
}

char *arena_text(Arena *a, const char *p, size_t n) {
  char *t = arena_alloc(a, n + 1);
  if (n) memcpy(t, p, n);
  return t;
}

char *arena_printf(Arena *a, const char *fmt, ...) {
  va_list ap, again;
  va_start(ap, fmt);
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  char *t = arena_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
  vsnprintf(t, (size_t)(n < 0 ? 0 : n) + 1, fmt, again);
  va_end(again);
  return t;
}

void vec_grow(Arena *a, void **v, int *cap, int n, size_t size) {
  if (*cap > INT32_MAX / 2) or_die(NULL);
  int more = *cap ? *cap * 2 : 4;
  void *to = arena_alloc(a, (size_t)more * size);
  if (n) memcpy(to, *v, (size_t)n * size);
  *v = to;
  *cap = more;
}
