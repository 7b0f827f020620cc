/* hand_session.c -- session.weir by hand: bids per bidder, in sessions with gaps below 10 s.
 *
 * A table from bidder to the first of its open sessions, which are a list in order of time (nearly
 * always one). A wheel of one bucket a second holds every session once, by an end that it had; when
 * the bucket's second has passed, sessions that went on are put further ahead, others come out.
 */
#include "hand.h"

enum { GAP = 10000000, SECOND = 1000000, WHEEL = 64 };

typedef struct Session {
  int64_t key, start, last, reach, n, total;
  uint32_t next, wheel;                                /* of the same key; in the same bucket */
  bool merged;                                         /* into another: to be freed when its bucket is due */
} Session;
typedef struct Entry { int64_t key; uint32_t first; } Entry;   /* first = 0: empty */
typedef struct Due { int64_t end, key; uint32_t no; } Due;

static Session *pool;
static uint32_t npool = 1, cap, unused;
static Entry *table;
static size_t mask, used;
static uint32_t wheel[WHEEL];
static int64_t turned = TIME_MIN;                      /* seconds before this one are empty */
static Due *due;
static size_t ndue, due_cap;
static Out *out;

static size_t hash(int64_t key) { return (size_t)((uint64_t)key * 0x9E3779B97F4A7C15ull >> 20); }

static Entry *find(int64_t key)
{
  size_t at = hash(key) & mask;
  while (table[at].first && table[at].key != key) at = (at + 1) & mask;
  return &table[at];
}

static void grow(void)
{
  Entry *old = table;
  size_t n = mask + 1;
  mask = 2 * n - 1;
  table = must(calloc(2 * n, sizeof *table));
  for (size_t i = 0; i < n; i++)
    if (old[i].first) *find(old[i].key) = old[i];
  free(old);
}

static void remove_entry(Entry *e)
{
  size_t hole = (size_t)(e - table);
  for (size_t at = (hole + 1) & mask; table[at].first; at = (at + 1) & mask) {
    size_t home = hash(table[at].key) & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    table[hole] = table[at];
    hole = at;
  }
  table[hole].first = 0;
  used--;
}

static void wheel_put(uint32_t no)
{
  int64_t second = (pool[no].last + GAP) / SECOND;
  if (second < turned) second = turned;
  pool[no].wheel = wheel[second % WHEEL];
  wheel[second % WHEEL] = no;
}

static uint32_t session_new(const Bid *b, int64_t reach)
{
  uint32_t no = unused;
  if (no) {
    unused = pool[no].next;
  } else {
    if (npool >= cap) pool = must(realloc(pool, (cap = cap ? 2 * cap : 1024) * sizeof *pool));
    no = npool++;
  }
  pool[no] = (Session){ b->bidder, b->time, b->time, reach, 1, b->price, 0, 0, false };
  wheel_put(no);
  return no;
}

static void release(uint32_t no)
{
  pool[no].next = unused;
  unused = no;
}

static bool overlaps(const Session *s, int64_t t, int64_t reach) { return reach < s->last && s->reach < t; }

static void extend(Session *s, int64_t start, int64_t last, int64_t reach)
{
  if (start < s->start) s->start = start;
  if (last > s->last) s->last = last;
  if (reach < s->reach) s->reach = reach;
}

static void merge_next(Session *s)
{
  Session *gone = &pool[s->next];
  extend(s, gone->start, gone->last, gone->reach);
  s->n += gone->n;
  s->total += gone->total;
  s->next = gone->next;
  gone->merged = true;
}

static void add(const Bid *b, int64_t wm)
{
  int64_t reach = (b->time > wm ? b->time : wm) - GAP;
  Entry *e = find(b->bidder);
  uint32_t prev = 0, no = e->first;
  while (no && pool[no].last < b->time && !overlaps(&pool[no], b->time, reach)) {
    prev = no;
    no = pool[no].next;
  }
  if (no && overlaps(&pool[no], b->time, reach)) {
    Session *s = &pool[no];
    while (s->next && overlaps(&pool[s->next], b->time, reach)) merge_next(s);
    extend(s, b->time, b->time, reach);
    s->n++;
    s->total += b->price;
    return;
  }
  uint32_t fresh = session_new(b, reach);
  pool[fresh].next = no;
  if (prev) {
    pool[prev].next = fresh;
    return;
  }
  if (!e->first) used++;
  *e = (Entry){ b->bidder, fresh };
  if (used > mask / 2) grow();
}

/* ---- closing ---- */

static int by_end(const void *x, const void *y)
{
  const Due *a = x, *b = y;
  if (a->end != b->end) return a->end < b->end ? -1 : 1;
  return a->key < b->key ? -1 : a->key > b->key;
}

static void emit(const Session *s)
{
  char *o = put_int(PUT(out_row(out), "{\"bidder\":"), s->key);
  o = put_time(PUT(o, ",\"start\":\""), s->start);
  o = put_time(PUT(o, "\",\"end\":\""), s->last + GAP);
  o = put_int(PUT(o, "\",\"n\":"), s->n);
  o = put_int(PUT(o, ",\"total\":"), s->total);
  out_end(out, PUT(o, "}\n"));
}

static void unlink_session(uint32_t no)
{
  Entry *e = find(pool[no].key);
  if (e->first == no) {
    e->first = pool[no].next;
    if (e->first) return;
    e->first = no;                                     /* an entry in use, for remove_entry */
    remove_entry(e);
    return;
  }
  uint32_t at = e->first;
  while (pool[at].next != no) at = pool[at].next;
  pool[at].next = pool[no].next;
}

static void sort_out(uint32_t no, int64_t wm)
{
  for (uint32_t next; no; no = next) {
    Session *s = &pool[no];
    next = s->wheel;
    if (s->merged) {
      release(no);
    } else if (s->last + GAP > wm) {
      wheel_put(no);
    } else {
      if (ndue == due_cap) due = must(realloc(due, (due_cap = due_cap ? 2 * due_cap : 1024) * sizeof *due));
      due[ndue++] = (Due){ s->last + GAP, s->key, no };
    }
  }
}

static void close_until(int64_t wm, int64_t second)
{
  ndue = 0;
  for (int i = 0; i < WHEEL && turned < second; i++) {
    uint32_t no = wheel[turned % WHEEL];
    wheel[turned % WHEEL] = 0;
    turned++;
    sort_out(no, wm);
  }
  turned = second;
  qsort(due, ndue, sizeof *due, by_end);
  for (size_t i = 0; i < ndue; i++) {
    emit(&pool[due[i].no]);
    unlink_session(due[i].no);
    release(due[i].no);
  }
}

static void one(Clock *c, const Bid *b, uint64_t *late)
{
  clock_row(c, b->time);
  if (turned == TIME_MIN) turned = c->wm / SECOND;
  if (c->wm / SECOND > turned) close_until(c->wm, c->wm / SECOND);
  if (b->time + GAP <= c->wm) ++*late;
  else add(b, c->wm);
}

int main(int argc, char **argv)
{
  enum { AHEAD = 32 };                                 /* rows read before they are counted, their places fetched meanwhile */
  if (argc != 3) return 64;
  Lines in = lines_open(argv[1]);
  out = out_open(argv[2]);
  mask = 4095;
  table = must(calloc(mask + 1, sizeof *table));
  const char *p, *e;
  uint64_t rows = 0, bad = 0, late = 0;
  Clock c = { TIME_MIN, TIME_MIN };
  Bid b[AHEAD];
  for (bool more = true; more;) {
    int n = 0;
    while (n < AHEAD && (more = lines_next(&in, &p, &e))) {
      rows++;
      if (!bid_parse(p, e, BIDDER | PRICE, &b[n])) {
        bad++;
        continue;
      }
      __builtin_prefetch(&table[hash(b[n++].bidder) & mask]);
    }
    for (int i = 0; i < n; i++) {
      const char *session = (char *)&pool[table[hash(b[i].bidder) & mask].first];
      __builtin_prefetch(session);
      __builtin_prefetch(session + sizeof(Session) - 1);
    }
    for (int i = 0; i < n; i++) one(&c, &b[i], &late);
  }
  close_until(TIME_MAX, turned + WHEEL);
  out_flush(out);
  counts(rows, bad, late);
  return 0;
}
