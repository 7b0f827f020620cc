/* mem.c -- the memory seam: the system's allocator, or the one that a test puts in its place. */
#include "rt_internal.h"
#include <stdlib.h>
#include <unistd.h>

static void *real_alloc(void *self, size_t n)
{
  (void)self;
  return malloc(n ? n : 1);               /* 16-byte aligned where a long double is */
}

static void real_free(void *self, void *p, size_t n)
{
  (void)self;
  (void)n;
  free(p);
}

const wr_mem wr_mem_real = { real_alloc, real_free, 0 };
const wr_mem *wr_mem_now = &wr_mem_real;

void *wr_mem_alloc(size_t n)
{
  void *p = wr_mem_now->alloc(wr_mem_now->self, n);

  if (!p) {
    fprintf(stderr, "weir: error: out of memory (%zu bytes wanted)\n", n);
    fflush(stderr);
    _exit(WR_EXIT_SOFTWARE);              /* also out of the thread that writes checkpoints */
  }
  return p;
}

void wr_mem_free(void *p, size_t n)
{
  if (p) wr_mem_now->free(wr_mem_now->self, p, n);
}
