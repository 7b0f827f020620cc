/* hand_rules.c -- state_*.weir, recent_*.weir and rule.weir by hand: bids judged in order of event time.
 *
 *   hand_rules INPUT OUTPUT state|recent|rule auction|bidder
 *
 * A bid that is not before the last one that waits goes to the end of a queue, any other into a heap; the
 * next is the earlier of the two heads. Bids that fall due are judged by the batch, so that their keys are
 * fetched meanwhile: one probe finds all that is known of a key. A ring holds a key's recent bids.
 */
#include "hand.h"

enum { AHEAD = 32, CHANNEL_MOST = 24 };
#define RECENT 600000000ll

typedef struct Row { int64_t time, auction, bidder, price; uint64_t no; uint8_t nchannel; char channel[CHANNEL_MOST]; } Row;
typedef struct Event { int64_t time, price; } Event;
typedef struct Key {
  int64_t key, n;                                      /* n of state; of recent: the sum */
  union { double mean; Event *ring; } u;
  uint32_t head, tail, cap;                            /* of the ring: events head .. tail - 1, modulo cap */
  uint8_t known, nchannel;
  char channel[CHANNEL_MOST];
} Key;

static Key *table;                                     /* an entry is a key and what is known of it */
static size_t mask, used;
static Row *queue;
static size_t qhead, qtail, qcap;
static Out *out;

/* ---- keys ---- */

ALWAYS size_t hash(int64_t key) { return (size_t)((uint64_t)key * 0x9E3779B97F4A7C15ull >> 20); }

ALWAYS Key *find(int64_t key)
{
  size_t at = hash(key) & mask;
  while (table[at].known && table[at].key != key) at = (at + 1) & mask;
  return &table[at];
}

static void grow(void)
{
  Key *old = table;
  size_t n = mask + 1;
  mask = 2 * n - 1;
  table = must(calloc(2 * n, sizeof *table));
  for (size_t i = 0; i < n; i++)
    if (old[i].known) *find(old[i].key) = old[i];
  free(old);
}

ALWAYS Key *key_of(int64_t key)
{
  Key *k = find(key);
  if (k->known) return k;
  if (used >= mask / 2) {
    grow();
    k = find(key);
  }
  used++;
  k->key = key;
  k->known = 1;
  return k;
}

/* ---- rules ---- */

static char *emit_start(const Row *r)
{
  char *o = put_int(PUT(out_row(out), "{\"auction\":"), r->auction);
  o = put_int(PUT(o, ",\"bidder\":"), r->bidder);
  return put_int(PUT(o, ",\"price\":"), r->price);
}

static void emit_end(char *o, const Row *r) { out_end(out, PUT(put_time(PUT(o, ",\"at\":\""), r->time), "\"}\n")); }

ALWAYS void judge_state(const Row *r, Key *k)
{
  bool other = r->nchannel != k->nchannel || memcmp(r->channel, k->channel, r->nchannel) != 0;
  if (k->n > 0 && (double)r->price > 10 * k->u.mean && other)
    emit_end(put_int(PUT(emit_start(r), ",\"n\":"), k->n), r);
  k->n++;
  k->u.mean += ((double)r->price - k->u.mean) / (double)k->n;
  k->nchannel = r->nchannel;
  memcpy(k->channel, r->channel, CHANNEL_MOST);
}

static void ring_grow(Key *k)
{
  uint32_t n = k->tail - k->head;
  Event *more = must(malloc((k->cap ? 2 * k->cap : 4) * sizeof *more));
  for (uint32_t i = 0; i < n; i++) more[i] = k->u.ring[(k->head + i) & (k->cap - 1)];
  free(k->u.ring);
  k->u.ring = more;
  k->cap = k->cap ? 2 * k->cap : 4;
  k->head = 0;
  k->tail = n;
}

ALWAYS void judge_recent(const Row *r, Key *k)
{
  while (k->head != k->tail && k->u.ring[k->head & (k->cap - 1)].time <= r->time - RECENT)
    k->n -= k->u.ring[k->head++ & (k->cap - 1)].price;
  if (k->tail - k->head == k->cap) ring_grow(k);
  k->u.ring[k->tail++ & (k->cap - 1)] = (Event){ r->time, r->price };
  k->n += r->price;
  uint32_t n = k->tail - k->head;
  if (n <= 1 || k->n <= 3000000 * (int64_t)n) return;
  emit_end(put_int(PUT(put_int(PUT(emit_start(r), ",\"n\":"), n), ",\"total\":"), k->n), r);
}

ALWAYS void judge_rule(const Row *r)
{
  if (r->price > 900000 && r->nchannel == 6 && memcmp(r->channel, "Google", 6) == 0) emit_end(emit_start(r), r);
}

/* ---- order of time ---- */

typedef struct Place { int64_t time; uint64_t no; size_t at; } Place;

static Place *heap;                                    /* the first is at 1 */
static Row *pool;
static size_t *unused, nheap, npool, nunused, pool_cap;

ALWAYS bool before(int64_t t, uint64_t no, int64_t u, uint64_t than) { return t < u || (t == u && no < than); }
ALWAYS bool place_before(const Place *a, const Place *b) { return before(a->time, a->no, b->time, b->no); }

static void queue_push(const Row *r)
{
  if (qtail - qhead == qcap) {
    Row *more = must(malloc((qcap ? 2 * qcap : 1024) * sizeof *more));
    for (size_t i = qhead; i < qtail; i++) more[i - qhead] = queue[i & (qcap - 1)];
    free(queue);
    queue = more;
    qtail -= qhead;
    qhead = 0;
    qcap = qcap ? 2 * qcap : 1024;
  }
  queue[qtail++ & (qcap - 1)] = *r;
}

static size_t pool_take(void)
{
  if (nunused) return unused[--nunused];
  if (npool == pool_cap) {
    pool_cap = pool_cap ? 2 * pool_cap : 1024;
    pool = must(realloc(pool, pool_cap * sizeof *pool));
    unused = must(realloc(unused, pool_cap * sizeof *unused));
    heap = must(realloc(heap, (pool_cap + 1) * sizeof *heap));
  }
  return npool++;
}

static void heap_push(const Row *r)
{
  Place x = { r->time, r->no, pool_take() };
  pool[x.at] = *r;
  size_t at = ++nheap;
  for (; at > 1 && place_before(&x, &heap[at / 2]); at /= 2) heap[at] = heap[at / 2];
  heap[at] = x;
}

static void heap_pop(Row *to)
{
  size_t at = 1;
  *to = pool[heap[1].at];
  unused[nunused++] = heap[1].at;
  Place x = heap[nheap--];
  for (size_t next; (next = 2 * at) <= nheap; at = next) {
    if (next < nheap && place_before(&heap[next + 1], &heap[next])) next++;
    if (!place_before(&heap[next], &x)) break;
    heap[at] = heap[next];
  }
  heap[at] = x;
}

ALWAYS void wait_for_turn(const Row *r)
{
  const Row *last = qhead < qtail ? &queue[(qtail - 1) & (qcap - 1)] : 0;
  if (!last || !before(r->time, r->no, last->time, last->no)) queue_push(r);
  else heap_push(r);
}

/* The next bids that are due, at most AHEAD. */
ALWAYS int due(Row *to, int64_t wm)
{
  int n = 0;
  for (; n < AHEAD; n++) {
    const Row *q = qhead < qtail ? &queue[qhead & (qcap - 1)] : 0;
    if (nheap && (!q || before(heap[1].time, heap[1].no, q->time, q->no))) {
      if (heap[1].time >= wm) break;
      heap_pop(&to[n]);
    } else {
      if (!q || q->time >= wm) break;
      to[n] = *q;
      qhead++;
    }
  }
  return n;
}

enum what { STATE, RULE, WINDOW };

ALWAYS int64_t key_in(const Row *r, unsigned by) { return by == AUCTION ? r->auction : r->bidder; }

ALWAYS void judge_until(int64_t wm, enum what what, unsigned by)
{
  Row r[AHEAD];
  for (int n; (n = due(r, wm)) > 0;) {
    for (int i = 0; i < n && what != RULE; i++) {
      const char *k = (char *)&table[hash(key_in(&r[i], by)) & mask];
      __builtin_prefetch(k, 1);
      __builtin_prefetch(k + sizeof(Key) - 1, 1);
    }
    for (int i = 0; i < n; i++) {
      if (what == STATE) judge_state(&r[i], key_of(key_in(&r[i], by)));
      if (what == WINDOW) judge_recent(&r[i], key_of(key_in(&r[i], by)));
      if (what == RULE) judge_rule(&r[i]);
    }
  }
}

ALWAYS void run(Lines *in, enum what what, unsigned by)
{
  const char *p, *e;
  uint64_t rows = 0, bad = 0, late = 0;
  unsigned want = AUCTION | BIDDER | PRICE | (what == WINDOW ? 0 : CHANNEL);
  Clock c = { TIME_MIN, TIME_MIN };
  int64_t judged = TIME_MIN;
  Bid b = { 0 };
  while (lines_next(in, &p, &e)) {
    if (!bid_parse(p, e, want, &b) || b.nchannel > CHANNEL_MOST) {
      bad++;
      continue;
    }
    clock_row(&c, b.time);
    if (b.time < c.wm) {
      late++;
      continue;
    }
    Row r = { .time = b.time, .auction = b.auction, .bidder = b.bidder, .price = b.price, .no = rows++,
              .nchannel = (uint8_t)b.nchannel };
    if (b.nchannel) memcpy(r.channel, b.channel, b.nchannel);
    wait_for_turn(&r);
    if (rows % 512 || c.wm == judged) continue;
    judge_until(judged = c.wm, what, by);
  }
  judge_until(TIME_MAX, what, by);
  counts(rows, bad, late);
}

int main(int argc, char **argv)
{
  if (argc != 5) return 64;
  Lines in = lines_open(argv[1]);
  bool auction = !strcmp(argv[4], "auction");
  out = out_open(argv[2]);
  mask = 4095;
  table = must(calloc(mask + 1, sizeof *table));
  if (!strcmp(argv[3], "rule")) run(&in, RULE, AUCTION);
  else if (!strcmp(argv[3], "state")) auction ? run(&in, STATE, AUCTION) : run(&in, STATE, BIDDER);
  else auction ? run(&in, WINDOW, AUCTION) : run(&in, WINDOW, BIDDER);
  out_flush(out);
  return 0;
}
