/* heap.c -- memory of a run: the batch arena and the cells' heap.
 *
 * Neither ever gives 0. When the seam is exhausted the run is marked as failed, which ends it at the
 * next batch boundary, and what is still asked for until then comes out of a reserve set aside for it.
 */
#include "run.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, RESERVE = 4 * 1024 * 1024 };

static void *from_reserve(wr_state *s, size_t n)
{
  static char last[RESERVE] __attribute__((aligned(16)));
  n = (n + 15) & ~(size_t)15;
  wr_error(&s->ctx, WR_EXIT_SOFTWARE, "give the program more memory, or set --memory to end it earlier",
           "out of memory");
  if (s->reserve_used + n > RESERVE) {
    static const char text[] = "weir: error: out of memory\n";
    if (write(2, text, sizeof text - 1) < 0) _exit(WR_EXIT_SOFTWARE);
    _exit(WR_EXIT_SOFTWARE);
  }
  char *p = last + s->reserve_used;
  s->reserve = last;
  s->reserve_used += n;
  return p;
}

static bool in_reserve(const wr_state *s, const void *p)
{
  return s->reserve && (const char *)p >= s->reserve && (const char *)p < s->reserve + RESERVE;
}

/* ---- cells ---- */

void *wr_heap_alloc(wr_ctx *ctx, wr_u64 n)
{
  wr_state *s = wr_state_of(ctx);
  void *p = wr_mem_now->alloc(wr_mem_now->self, n ? n : 1);
  if (!p) return from_reserve(s, n);
  s->heap += n;
  if (s->heap > s->heap_peak) s->heap_peak = s->heap;
  return p;
}

void wr_heap_free(wr_ctx *ctx, void *p, wr_u64 n)
{
  wr_state *s = wr_state_of(ctx);
  if (!p || in_reserve(s, p)) return;
  s->heap -= n;
  wr_mem_now->free(wr_mem_now->self, p, n ? n : 1);
}

void *wr_heap_realloc(wr_ctx *ctx, void *p, wr_u64 old, wr_u64 n)
{
  void *q = wr_heap_alloc(ctx, n);
  if (p) memcpy(q, p, old < n ? old : n);
  wr_heap_free(ctx, p, old);
  return q;
}

/* ---- the batch arena ---- */

static wr_chunk *chunk_new(wr_state *s, size_t n)
{
  size_t cap = n > CHUNK ? n : CHUNK;
  wr_chunk *c = wr_mem_now->alloc(wr_mem_now->self, cap + sizeof *c);
  if (!c) {
    cap = n;
    c = from_reserve(s, n + sizeof *c);
  }
  c->next = NULL;
  c->cap = cap;
  c->used = 0;
  return c;
}

void *wr_alloc(wr_ctx *ctx, wr_u32 bytes)
{
  wr_state *s = wr_state_of(ctx);
  size_t n = ((size_t)bytes + 15) & ~(size_t)15;

  while (s->arena && s->arena->used + n > s->arena->cap && s->arena->next) s->arena = s->arena->next;
  if (!s->arena || s->arena->used + n > s->arena->cap) {
    wr_chunk *c = chunk_new(s, n);
    if (s->arena) s->arena->next = c;
    else s->arena_first = c;
    s->arena = c;
  }
  char *p = (char *)(s->arena + 1) + s->arena->used;
  s->arena->used += n;
  return p;
}

static void chunk_free(wr_state *s, wr_chunk *c)
{
  if (!in_reserve(s, c)) wr_mem_now->free(wr_mem_now->self, c, c->cap + sizeof *c);
}

void wr_arena_reset(wr_state *s)
{
  size_t kept = 0;
  wr_chunk *c = s->arena_first, *prev = NULL;
  while (c) {                             /* a burst's memory goes back, the usual amount stays */
    wr_chunk *next = c->next;
    c->used = 0;
    kept += c->cap;
    if (kept > 16 * (size_t)CHUNK && prev) {
      prev->next = next;
      chunk_free(s, c);
    } else {
      prev = c;
    }
    c = next;
  }
  s->arena = s->arena_first;
}

/* What was allocated so far (parameters, options) lives as long as the run. */
void wr_arena_keep(wr_state *s)
{
  if (!s->arena) return;
  wr_chunk *last = s->arena_first;
  while (last->next) last = last->next;
  last->next = s->kept;
  s->kept = s->arena_first;
  s->arena = s->arena_first = NULL;
}

void wr_arena_free(wr_state *s)
{
  wr_arena_keep(s);
  for (wr_chunk *c = s->kept, *next; c; c = next) {
    next = c->next;
    chunk_free(s, c);
  }
  s->kept = NULL;
}

wr_u64 wr_seed(void)
{
  static wr_u64 seed;
  if (!seed && getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = 0x9e3779b97f4a7c15ull;
  return seed |= 1;
}
