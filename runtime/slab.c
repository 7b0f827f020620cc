/* slab.c -- size classes: every 16 bytes up to 256, from there four to a doubling up to 8 KiB. Classes are
 * cut from blocks; with the address sanitizer every piece is a memory of its own, so that it sees uses
 * of pieces that were given back. */
#include "slab.h"

enum { FINE = 256, LARGE = 8192, BLOCK_MIN = 1 << 10, BLOCK_MAX = 1 << 16 };

typedef struct wr_slab_block {
  struct wr_slab_block *next;
  wr_u64 size;
} wr_slab_block;

#if defined(__SANITIZE_ADDRESS__)
#define ALL_LARGE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ALL_LARGE 1
#endif
#endif
#ifndef ALL_LARGE
#define ALL_LARGE 0
#endif

static bool is_large(wr_u64 bytes) { return ALL_LARGE || bytes > LARGE; }

/* The class of a size, which becomes the class's. */
static int class_of(wr_u64 *bytes)
{
  wr_u64 n = *bytes ? *bytes : 1;
  if (n <= FINE) {
    *bytes = (n + 15) & ~15ull;
    return (int)(*bytes / 16) - 1;
  }
  int top = 63 - __builtin_clzll(n - 1);  /* 2^top < n <= 2^(top + 1), top >= 8 */
  wr_u64 step = 1ull << (top - 2), quarter = (n - (1ull << top) + step - 1) / step;
  *bytes = (1ull << top) + quarter * step;
  return 15 + 4 * (top - 8) + (int)quarter;
}

static void give(wr_slab *s, int class, void *p)
{
  memcpy(p, &s->free[class], sizeof(void *));
  s->free[class] = p;
}

/* A block of a new slab is small; what is left of the old one serves small pieces. */
static void block_new(wr_slab *s)
{
  wr_u64 size = s->block ? 2 * s->block->size : BLOCK_MIN;
  if (size > BLOCK_MAX) size = BLOCK_MAX;
  while (s->left >= 16) {
    wr_u64 n = s->left < FINE ? s->left : FINE;
    give(s, (int)(n / 16) - 1, s->at);
    s->at += n;
    s->left -= n;
  }
  wr_slab_block *b = wr_pool_alloc(s->pool, size);
  *b = (wr_slab_block){ s->block, size };
  s->block = b;
  s->at = (char *)(b + 1);
  s->left = size - sizeof *b;
}

void *wr_slab_alloc(wr_slab *s, wr_u64 bytes)
{
  if (is_large(bytes)) {
    s->large++;
    return wr_pool_alloc(s->pool, bytes);
  }
  int class = class_of(&bytes);
  char *p = s->free[class];
  if (p) {
    memcpy(&s->free[class], p, sizeof(void *));
    return p;
  }
  while (s->left < bytes) block_new(s);
  p = s->at;
  s->at += bytes;
  s->left -= bytes;
  return p;
}

void wr_slab_free(wr_slab *s, void *p, wr_u64 bytes)
{
  if (!p) return;
  if (!is_large(bytes)) {
    give(s, class_of(&bytes), p);
    return;
  }
  s->large--;
  wr_pool_free(s->pool, p, bytes);
}

void wr_slab_close(wr_slab *s)
{
  for (wr_slab_block *b = s->block, *next; b; b = next) {
    next = b->next;
    wr_pool_free(s->pool, b, b->size);
  }
  *s = (wr_slab){ .pool = s->pool };
}
