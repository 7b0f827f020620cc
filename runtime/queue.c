/* queue.c -- what falls due when: a radix heap whose "now" only advances.
 *
 * An entry lies in the list numbered by the highest bit in which its time differs from now (0:
 * none). Advancing to a new now empties the lists below the bit that changes (all due) and deals
 * out one list (some due, the others to lower lists); the rest stay where they are. Putting costs
 * O(1), and an entry moves at most once a bit; memory is read in blocks.
 */
#include "group.h"

#define SIGN (1ull << 63)
enum { SOON = 12 };                       /* entries ahead */

void wr_queue_init(wr_queue *q, wr_pool *pool) {
  *q = (wr_queue){ .pool = pool };
}

static void free_blocks(wr_queue *q, wr_queue_block *b) {
  for (wr_queue_block *next; b; b = next) {
    next = b->next;
    wr_pool_free(q->pool, b, sizeof *b);
  }
}

void wr_queue_free(wr_queue *q) {
  for (int i = 0; i < WR_QUEUE_LISTS; i++) free_blocks(q, q->list[i]);
  free_blocks(q, q->spare);
}

static int list_of(const wr_queue *q, wr_u64 at) {
  return at == q->now ? 0 : 64 - __builtin_clzll(at ^ q->now);
}

static void put(wr_queue *q, wr_due d) {
  wr_queue_block **list = &q->list[list_of(q, d.at)], *b = *list;
  if (!b || b->n == WR_QUEUE_BLOCK) {
    b = q->spare;
    if (b) q->spare = b->next;
    else b = wr_pool_alloc(q->pool, sizeof *b);
    b->next = *list;
    b->n = 0;
    *list = b;
  }
  b->v[b->n++] = d;
}

void wr_queue_put(wr_queue *q, wr_ts at, wr_u32 no) {
  wr_u64 t = (wr_u64)at ^ SIGN;
  put(q, (wr_due){ t < q->now ? q->now : t, no });
}

static wr_queue_block *detach(wr_queue *q, int lists) {
  wr_queue_block *all = 0;
  for (int i = 0; i < lists; i++) {
    for (wr_queue_block *b = q->list[i], *next; b; b = next) {
      next = b->next;
      b->next = all;
      all = b;
    }
    q->list[i] = 0;
  }
  return all;
}

void wr_queue_advance(wr_queue *q, wr_ts now, void (*soon)(void *, wr_u32 no),
                      void (*due)(void *, wr_u32 no), void *arg) {
  wr_u64 t = (wr_u64)now ^ SIGN;
  if (t < q->now) return;
  wr_queue_block *b = detach(q, list_of(q, t) + 1);
  q->now = t;
  for (wr_queue_block *next; b; b = next) {
    next = b->next;
    for (wr_u64 i = 0; i < b->n; i++) {
      if (i + SOON < b->n) soon(arg, b->v[i + SOON].no);
      if (b->v[i].at <= t) due(arg, b->v[i].no);
      else put(q, b->v[i]);
    }
    b->next = q->spare;
    q->spare = b;
  }
}
