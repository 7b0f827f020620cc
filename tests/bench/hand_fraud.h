/* hand_fraud.h -- the rules of examples/fraud by hand: a table of users, each with a profile, the payments
 * of the last ten minutes and two hours' totals; and a table of merchants. hand_fraud.c feeds it from a file,
 * hand_fraud_kafka.c from a topic.
 *
 * Payments wait in a heap until the watermark has passed them and are judged in order of time. At most two
 * hours are open at once: a user has a cell for even hours and one for odd ones. Only the usual order of keys
 * is known.
 */
#ifndef BENCH_HAND_FRAUD_H
#define BENCH_HAND_FRAUD_H
#include "hand.h"

enum { KEY = 16, ID = 24 };
#define WAIT 30000000ll
#define RECENT 600000000ll
#define QUIET 900000000ll
#define HOUR 3600000000ll
#define MAX_SPEND 100000

typedef struct Payment { int64_t time, amount; char key[KEY], id[ID], merchant[KEY]; uint8_t nkey, nid, nmerchant; char country[2]; } Payment;
typedef struct Event { int64_t time, amount; } Event;
typedef struct User {
  char key[KEY];
  uint8_t nkey;
  char country[2];                                     /* 0: none yet */
  uint32_t head, tail, cap;                            /* of the ring: events head .. tail - 1, modulo cap */
  Event *ring;
  int64_t sum, n, told;
  double mean;
  int64_t hour_n[2], hour_sum[2];
  double worst[2];                                     /* -1: of no known merchant */
} User;
typedef struct Waiting { int64_t time, amount; uint64_t no; uint32_t user, place; uint8_t nid; char country[2], id[ID]; } Waiting;
typedef struct Place { int64_t time; uint64_t no; uint32_t at; } Place;       /* in the heap */

static User *users;
static uint32_t nusers, users_cap, *table, table_mask;  /* table: number + 1 of a user; 0: empty */
static Waiting *pool;
static uint32_t npool, pool_cap, *unused, nunused;
static Place *heap;
static uint32_t nheap;
static uint32_t *seen[2], nseen[2], seen_cap[2];        /* users with payments in the hour */
static int64_t hour[2] = { TIME_MIN, TIME_MIN };
static Out *alerts, *spend;

/* ---- a line ---- */

ALWAYS const char *short_text(const char *p, const char *e, char *out, uint8_t *n, size_t most)
{
  const char *q = quick_text(p, e);
  if (!q || (size_t)(q - p) > most || memchr(p, '\\', (size_t)(q - p))) return 0;
  memset(out, 0, most);
  memcpy(out, p, *n = (uint8_t)(q - p));
  return q;
}

ALWAYS const char *cents(const char *p, int64_t *out)
{
  int64_t v;
  if (!(p = quick_int(p, &v)) || v > INT64_MAX / 1000 || v < INT64_MIN / 1000) return 0;
  bool neg = p[0] == '-' || v < 0;
  int64_t f = 0;
  if (*p == '.') {
    if ((unsigned char)(p[1] - '0') > 9) return 0;
    f = 10 * (p[1] - '0');
    p += 2;
    if ((unsigned char)(*p - '0') <= 9) f += *p++ - '0';
  }
  *out = 100 * v + (neg ? -f : f);
  return p;
}

/* 1: a payment, 0: not readable, or a check fails */
ALWAYS bool payment_parse(const char *p, const char *e, Payment *x)
{
  if (!IS(p, "{\"id\":\"") || !(p = short_text(p + 7, e, x->id, &x->nid, ID))) return false;
  if (!IS(p, "\",\"user\":\"") || !(p = short_text(p + 10, e, x->key, &x->nkey, KEY))) return false;
  if (!IS(p, "\",\"card\":\"") || !(p = quick_text(p + 10, e))) return false;
  if (!IS(p, "\",\"merchant\":\"") || !(p = short_text(p + 14, e, x->merchant, &x->nmerchant, KEY))) return false;
  if (!IS(p, "\",\"country\":\"")) return false;
  p += 13;
  memcpy(x->country, p, 2);
  if (p[0] < 'A' || p[0] > 'Z' || p[1] < 'A' || p[1] > 'Z' || !IS(p + 2, "\",\"amount\":")) return false;
  if (!(p = cents(p + 13, &x->amount)) || !IS(p, ",\"ts\":\"") || !(p = parse_time(p + 7, &x->time))) return false;
  return p[0] == '"' && p[1] == '}' && p + 2 == e && x->amount > 0;
}

/* ---- users ---- */

ALWAYS uint32_t hash(const char *key)
{
  uint64_t a, b;
  memcpy(&a, key, 8);
  memcpy(&b, key + 8, 8);
  a = (a ^ b * 0xC2B2AE3D27D4EB4Full) * 0x9E3779B97F4A7C15ull;
  return (uint32_t)((a ^ a >> 29) * 0xBF58476D1CE4E5B9ull >> 32);
}

static void grow_table(void)
{
  table_mask = 2 * table_mask + 1;
  free(table);
  table = must(calloc((size_t)table_mask + 1, sizeof *table));
  for (uint32_t i = 0; i < nusers; i++) {
    uint32_t at = hash(users[i].key) & table_mask;
    while (table[at]) at = (at + 1) & table_mask;
    table[at] = i + 1;
  }
}

ALWAYS uint32_t user_of(const Payment *x)
{
  uint32_t at = hash(x->key) & table_mask;
  while (table[at] && memcmp(users[table[at] - 1].key, x->key, KEY) != 0) at = (at + 1) & table_mask;
  if (table[at]) return table[at] - 1;
  if (nusers == users_cap) users = must(realloc(users, (users_cap = users_cap ? 2 * users_cap : 1024) * sizeof *users));
  User *u = &users[nusers];
  memset(u, 0, sizeof *u);
  memcpy(u->key, x->key, KEY);
  u->nkey = x->nkey;
  u->told = TIME_MIN;
  table[at] = ++nusers;
  if (nusers > table_mask / 2) grow_table();
  return nusers - 1;
}

/* ---- merchants: a few, in a table that is large enough ---- */

enum { MERCHANTS = 1024 };
static struct { char key[KEY]; double score; } risk[MERCHANTS];

ALWAYS uint32_t place_of(const char *key)
{
  uint32_t at = hash(key) % MERCHANTS;
  while (risk[at].key[0] && memcmp(risk[at].key, key, KEY) != 0) at = (at + 1) % MERCHANTS;
  return at;
}

static void read_merchants(const char *path)
{
  Lines in = lines_open(path);
  const char *p, *e;
  lines_next(&in, &p, &e);
  for (int n = 0; n < MERCHANTS / 2 && lines_next(&in, &p, &e); n++) {
    const char *comma = memchr(p, ',', (size_t)(e - p));
    char key[KEY] = { 0 };
    if (!comma || comma - p > KEY) continue;
    memcpy(key, p, (size_t)(comma - p));
    uint32_t at = place_of(key);
    memcpy(risk[at].key, key, KEY);
    risk[at].score = strtod(comma + 1, 0);
  }
}

/* ---- hours ---- */

static char *put_cents(char *o, int64_t v)
{
  o = put_int(o, v / 100);
  *o++ = '.';
  return put_two(o, (unsigned)(v % 100));
}

static int by_key(const void *a, const void *b)
{
  return memcmp(users[*(const uint32_t *)a].key, users[*(const uint32_t *)b].key, KEY);
}

static void close_hour(int odd)
{
  qsort(seen[odd], nseen[odd], sizeof *seen[odd], by_key);
  for (uint32_t i = 0; i < nseen[odd]; i++) {
    User *u = &users[seen[odd][i]];
    if (u->hour_sum[odd] > 10000) {
      char *o = put_text(PUT(out_row(spend), "{\"user\":\""), u->key, u->nkey);
      o = put_time(PUT(o, "\",\"hour\":\""), hour[odd] * HOUR);
      o = put_cents(PUT(o, "\",\"total\":"), u->hour_sum[odd]);
      o = PUT(o, ",\"worst\":");
      o = u->worst[odd] < 0 ? PUT(o, "null") : put_double(o, u->worst[odd]);
      o = put_int(PUT(o, ",\"n\":"), u->hour_n[odd]);
      out_end(spend, PUT(o, "}\n"));
    }
    u->hour_n[odd] = u->hour_sum[odd] = 0;
  }
  nseen[odd] = 0;
  hour[odd] = TIME_MIN;
}

static void close_hours(int64_t wm)
{
  int first = hour[0] > hour[1];                       /* the earlier one; TIME_MIN is closed */
  for (int i = 0; i < 2; i++, first ^= 1)
    if (hour[first] != TIME_MIN && (hour[first] + 1) * HOUR <= wm) close_hour(first);
}

/* place: the merchant's, of place_of */
ALWAYS bool add_hour(uint32_t no, int64_t time, int64_t amount, uint32_t place, int64_t wm)
{
  int64_t h = time / HOUR;
  int odd = (int)(h & 1);
  if ((h + 1) * HOUR <= wm) return false;
  hour[odd] = h;
  User *u = &users[no];
  if (u->hour_n[odd]++ == 0) {
    if (nseen[odd] == seen_cap[odd])
      seen[odd] = must(realloc(seen[odd], (seen_cap[odd] = seen_cap[odd] ? 2 * seen_cap[odd] : 1024) * sizeof **seen));
    seen[odd][nseen[odd]++] = no;
    u->worst[odd] = -1;
  }
  if (risk[place].key[0] && risk[place].score > u->worst[odd]) u->worst[odd] = risk[place].score;
  u->hour_sum[odd] += amount;
  return true;
}

/* ---- rules ---- */

static void alert(const User *u, const Waiting *w, const char *reason, size_t n, int64_t count, int64_t total)
{
  char *o = put_text(PUT(out_row(alerts), "{\"user\":\""), u->key, u->nkey);
  o = put_text(PUT(o, "\",\"reason\":\""), reason, n);
  o = put_int(PUT(o, "\",\"n\":"), count);
  o = put_cents(PUT(o, ",\"total\":"), total);
  o = put_text(PUT(o, ",\"id\":\""), w->id, w->nid);
  o = put_time(PUT(o, "\",\"at\":\""), w->time);
  out_end(alerts, PUT(o, "\"}\n"));
}
#define ALERT(u, w, reason, count, total) alert(u, w, reason, sizeof reason - 1, count, total)

static void grow_ring(User *u)
{
  uint32_t n = u->tail - u->head;
  Event *more = must(malloc((u->cap ? 2 * u->cap : 4) * sizeof *more));
  for (uint32_t i = 0; i < n; i++) more[i] = u->ring[(u->head + i) & (u->cap - 1)];
  free(u->ring);
  u->ring = more;
  u->cap = u->cap ? 2 * u->cap : 4;
  u->head = 0;
  u->tail = n;
}

ALWAYS void judge(const Waiting *w)
{
  User *u = &users[w->user];
  while (u->head != u->tail && u->ring[u->head & (u->cap - 1)].time <= w->time - RECENT)
    u->sum -= u->ring[u->head++ & (u->cap - 1)].amount;
  if (u->tail - u->head == u->cap) grow_ring(u);
  u->ring[u->tail++ & (u->cap - 1)] = (Event){ w->time, w->amount };
  u->sum += w->amount;
  if (u->tail - u->head > 5 && u->sum > MAX_SPEND && (u->told == TIME_MIN || w->time - u->told >= QUIET)) {
    u->told = w->time;
    ALERT(u, w, "velocity", u->tail - u->head, u->sum);
  }
  double amount = (double)w->amount / 100.0;
  if (u->n > 20 && amount > 10 * u->mean && memcmp(u->country, w->country, 2) != 0)
    ALERT(u, w, "unusual", u->n, w->amount);
  u->n++;
  u->mean += (amount - u->mean) / (double)u->n;
  memcpy(u->country, w->country, 2);
}

/* ---- order of time ---- */

ALWAYS bool before(const Place *a, const Place *b) { return a->time < b->time || (a->time == b->time && a->no < b->no); }

static void heap_push(Place x)
{
  uint32_t at = ++nheap;                               /* the first is at 1 */
  for (; at > 1 && before(&x, &heap[at / 2]); at /= 2) heap[at] = heap[at / 2];
  heap[at] = x;
}

static uint32_t heap_pop(void)
{
  uint32_t top = heap[1].at, at = 1;
  Place x = heap[nheap--];
  for (uint32_t next; (next = 2 * at) <= nheap; at = next) {
    if (next < nheap && before(&heap[next + 1], &heap[next])) next++;
    if (!before(&heap[next], &x)) break;
    heap[at] = heap[next];
  }
  heap[at] = x;
  return top;
}

static void wait_for_turn(const Payment *x, uint32_t user, uint32_t place, uint64_t no)
{
  uint32_t at;
  if (nunused) {
    at = unused[--nunused];
  } else {
    if (npool == pool_cap) {
      pool_cap = pool_cap ? 2 * pool_cap : 1024;
      pool = must(realloc(pool, pool_cap * sizeof *pool));
      unused = must(realloc(unused, pool_cap * sizeof *unused));
      heap = must(realloc(heap, (pool_cap + 1) * sizeof *heap));
    }
    at = npool++;
  }
  Waiting *w = &pool[at];
  *w = (Waiting){ .time = x->time, .amount = x->amount, .no = no, .user = user, .place = place, .nid = x->nid };
  memcpy(w->id, x->id, ID);
  memcpy(w->country, x->country, 2);
  heap_push((Place){ x->time, no, at });
}
#endif
