/* hand_tumbling.c -- tumbling.weir by hand: rows per key and window.
 *
 * A table per open window; there are a few, newest last. A window closes when the watermark passes
 * its end; its rows come out sorted by key.
 */
#include "hand.h"

typedef struct Slot { int64_t key, n; } Slot;          /* n = 0: empty */
typedef struct Window { int64_t start; Slot *slot; size_t mask, used; } Window;

enum { OPEN_MAX = 64 };
static Window open_[OPEN_MAX];
static int nopen;
static size_t expected = 1024;                         /* the size that the last window came to */
static const char *name;
static int64_t size;
static Out *out;

static size_t hash(int64_t key) { return (size_t)((uint64_t)key * 0x9E3779B97F4A7C15ull >> 20); }

static void *zeroed(size_t n) { return must(calloc(n, sizeof(Slot))); }

static void grow(Window *w)
{
  Slot *old = w->slot;
  size_t n = w->mask + 1;
  w->mask = 2 * n - 1;
  w->slot = zeroed(2 * n);
  for (size_t i = 0; i < n; i++) {
    if (!old[i].n) continue;
    size_t at = hash(old[i].key) & w->mask;
    while (w->slot[at].n) at = (at + 1) & w->mask;
    w->slot[at] = old[i];
  }
  free(old);
}

ALWAYS void add(Window *w, int64_t key)
{
  size_t at = hash(key) & w->mask;
  while (w->slot[at].n && w->slot[at].key != key) at = (at + 1) & w->mask;
  w->slot[at].key = key;
  if (w->slot[at].n++ == 0 && ++w->used > w->mask / 2) grow(w);
}

/* Least significant digit first, 11 bits at a time; digits that are all the same are left out. */
static void sort(Slot *v, Slot *other, size_t n)
{
  for (int shift = 0; shift < 64; shift += 11) {
    size_t count[2048] = { 0 }, sum = 0;
    for (size_t i = 0; i < n; i++) count[((uint64_t)v[i].key ^ 1ull << 63) >> shift & 2047]++;
    if (count[((uint64_t)v[0].key ^ 1ull << 63) >> shift & 2047] == n) continue;
    for (int d = 0; d < 2048; d++) {
      size_t c = count[d];
      count[d] = sum;
      sum += c;
    }
    for (size_t i = 0; i < n; i++) other[count[((uint64_t)v[i].key ^ 1ull << 63) >> shift & 2047]++] = v[i];
    memcpy(v, other, n * sizeof *v);
  }
}

static void emit(const Window *w, const Slot *v)
{
  char head[64], start[64];
  size_t nhead = (size_t)snprintf(head, sizeof head, "{\"%s\":", name);
  size_t nstart = (size_t)(PUT(put_time(PUT(start, ",\"start\":\""), w->start), "\",\"n\":") - start);
  for (size_t i = 0; i < w->used; i++) {
    char *o = put_int(put_text(out_row(out), head, nhead), v[i].key);
    o = put_int(put_text(o, start, nstart), v[i].n);
    out_end(out, PUT(o, "}\n"));
  }
}

static void close_window(Window *w)
{
  Slot *other = must(malloc(w->used * sizeof *other));
  size_t n = 0;
  for (size_t i = 0; i <= w->mask; i++)
    if (w->slot[i].n) w->slot[n++] = w->slot[i];
  sort(w->slot, other, n);
  emit(w, w->slot);
  for (expected = 1024; expected < 2 * w->used; expected *= 2) {}
  free(other);
  free(w->slot);
}

static void close_until(int64_t wm)
{
  int n = 0;
  while (n < nopen && open_[n].start + size <= wm) close_window(&open_[n++]);
  memmove(open_, open_ + n, (size_t)(nopen -= n) * sizeof *open_);
}

static Window *window_of(int64_t start)
{
  int at = nopen;
  while (at && open_[at - 1].start > start) at--;
  if (at && open_[at - 1].start == start) return &open_[at - 1];
  if (nopen == OPEN_MAX) die("too many open windows");
  memmove(open_ + at + 1, open_ + at, (size_t)(nopen++ - at) * sizeof *open_);
  open_[at] = (Window){ start, zeroed(expected), expected - 1, 0 };
  return &open_[at];
}

typedef struct Run { Clock clock; Window *w; uint64_t late; } Run;

ALWAYS void one(Run *r, int64_t key, int64_t time)
{
  clock_row(&r->clock, time);
  if (nopen && open_[0].start + size <= r->clock.wm) {
    close_until(r->clock.wm);
    r->w = 0;
  }
  if (!r->w || time < r->w->start || time >= r->w->start + size) {
    int64_t start = time - (time % size + size) % size;
    if (start + size <= r->clock.wm) {
      r->late++;
      return;
    }
    r->w = window_of(start);
  }
  add(r->w, key);
}

/* Some rows are read before they are counted, so that their slots come into the cache meanwhile. */
ALWAYS void run(Lines in, unsigned want)
{
  enum { AHEAD = 32 };
  int64_t key[AHEAD], time[AHEAD];
  const char *p, *e;
  uint64_t rows = 0, bad = 0;
  Run r = { { TIME_MIN, TIME_MIN }, 0, 0 };
  for (bool more = true; more;) {
    int n = 0;
    while (n < AHEAD && (more = lines_next(&in, &p, &e))) {
      Bid b;
      rows++;
      if (!bid_parse(p, e, want, &b)) {
        bad++;
        continue;
      }
      key[n] = want & AUCTION ? b.auction : b.bidder;
      time[n] = b.time;
      if (r.w) __builtin_prefetch(&r.w->slot[hash(key[n]) & r.w->mask]);
      n++;
    }
    for (int i = 0; i < n; i++) one(&r, key[i], time[i]);
  }
  close_until(TIME_MAX);
  out_flush(out);
  counts(rows, bad, r.late);
}

int main(int argc, char **argv)
{
  if (argc != 5) return 64;
  name = argv[3];
  size = atoll(argv[4]) * 1000000;
  out = out_open(argv[2]);
  if (strcmp(name, "auction") == 0) run(lines_open(argv[1]), AUCTION);
  else run(lines_open(argv[1]), BIDDER);
  return 0;
}
