/* intern.c -- names as unique pointers: equal texts give the same Name, so passes compare with ==.
 * Open addressing, at most half full.
 */
#include "common.h"
#include <string.h>

typedef struct Slot { Name name; size_t n; uint32_t hash; } Slot;
struct Interns {
  Arena *arena;
  Slot *slots;
  uint32_t size, used;                    /* size: a power of two */
};

Interns *interns_new(Arena *a) {
  Interns *t = arena_alloc(a, sizeof *t);
  t->arena = a;
  t->size = 256;
  t->slots = arena_alloc(a, t->size * sizeof(Slot));
  return t;
}

static uint32_t hash_text(const char *p, size_t n) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 16777619u;
  return h ^ h >> 15;
}

static Slot *find(const Interns *t, const char *p, size_t n, uint32_t hash) {
  for (uint32_t i = hash;; i++) {
    Slot *s = &t->slots[i & (t->size - 1)];
    if (!s->name || (s->hash == hash && s->n == n && !memcmp(s->name, p, n))) return s;
  }
}

static void grow(Interns *t) {
  Interns old = *t;
  t->size *= 2;
  t->slots = arena_alloc(t->arena, t->size * sizeof(Slot));
  for (uint32_t i = 0; i < old.size; i++) {
    Slot *s = &old.slots[i];
    if (s->name) *find(t, s->name, s->n, s->hash) = *s;
  }
}

Name intern(Interns *t, const char *p, size_t n) {
  uint32_t hash = hash_text(p, n);
  Slot *s = find(t, p, n, hash);
  if (s->name) return s->name;
  if (2 * (t->used + 1) > t->size) grow(t), s = find(t, p, n, hash);
  *s = (Slot){arena_text(t->arena, p, n), n, hash};
  t->used++;
  return s->name;
}

Name intern_z(Interns *t, const char *z) { return intern(t, z, strlen(z)); }
