/* seq.c -- sequencers: runs of waiting rows, merged as the watermark passes them.
 *
 * Every pushed batch is brought into order (nearly always it is) and becomes a run or joins one
 * (seq_run.c). A heap knows the run with the first row. Release takes from it as many rows as come before
 * the first of any other run, column by column, so that in the usual case whole runs are copied. Rows of
 * equal time and position leave lane by lane, then as they came.
 */
#include "seq_run.h"

enum { AT_ONCE = 65536 };                 /* rows that one release hands on */
enum { FEW = 8 };                         /* rows that are copied without a call */
enum { DIGIT = 11, DIGITS_MOST = 4, STRETCHES = 8 };   /* of sorting by digits of the time: where it pays */

/* ---- lanes ---- */

static wr_i32 add_strip(wr_strip *s, wr_i32 n, enum wr_strip_what what, wr_i32 col, wr_u32 width)
{
  s[n] = (wr_strip){ .what = what, .col = col, .width = width };
  return n + 1;
}

/* Wide strips first: so each is aligned whatever the number of rows. */
static wr_u32 lay_out(wr_strip *s, wr_i32 n)
{
  static const wr_u32 widths[] = { 16, 8, 1 };
  wr_u32 off = SEQ_HEAD;
  for (wr_i32 k = 0; k < 3; k++)
    for (wr_i32 i = 0; i < n; i++) {
      if (s[i].what < STRIP_VALUE || s[i].width != widths[k]) continue;
      s[i].off = off;
      off += s[i].width;
    }
  s[1].off = 8;
  s[2].off = 16;
  return off;
}

static size_t strips_of(wr_i32 ncol) { return 3 + 2 * (size_t)ncol; }

static bool lane_open(wr_ctx *ctx, wr_waiting *l, const wr_lane *d, wr_i32 index)
{
  const wr_port *port = &wr_program_of(ctx)->port[d->in];
  wr_strip *strip = wr_mem_alloc(strips_of(port->ncol) * sizeof *strip);
  wr_i32 n = add_strip(strip, 0, STRIP_TIME, -1, 8);

  *l = (wr_waiting){ .def = d, .index = index, .ncol = port->ncol, .kind = port->kind, .nullable = port->nullable };
  l->value = wr_mem_alloc(((size_t)port->ncol + 1) * sizeof *l->value);
  n = add_strip(strip, n, STRIP_WM, -1, 8);
  n = add_strip(strip, n, STRIP_POS, -1, 16);
  for (wr_i32 c = 0; c < port->ncol; c++) {
    if ((port->kind[c] == WR_LIST || port->kind[c] == WR_MAP) && !(d->type && d->type[c])) {
      wr_error(ctx, WR_EXIT_SOFTWARE, "", "the program does not say of what column %d of %s is a list", c, d->name);
      n = 0;
      break;
    }
    l->value[c] = &strip[n];
    n = add_strip(strip, n, STRIP_VALUE, c, wr_kind_width(port->kind[c]));
    if (port->nullable[c]) n = add_strip(strip, n, STRIP_STATUS, c, 1);
  }
  l->strip = strip;
  l->nstrip = n;
  l->row_bytes = n ? lay_out(strip, n) : 0;
  return n > 0;
}

wr_sequence *wr_sequence_new(wr_ctx *ctx, const wr_seq *d)
{
  wr_sequence *q = wr_mem_alloc(sizeof *q);
  bool ok = true;

  *q = (wr_sequence){ .def = d };
  q->lane = wr_mem_alloc(((size_t)d->nlane + 1) * sizeof *q->lane);
  memset(q->lane, 0, ((size_t)d->nlane + 1) * sizeof *q->lane);
  for (wr_i32 i = 0; i < d->nlane && ok; i++) ok = lane_open(ctx, &q->lane[i], &d->lane[i], i);
  if (ok) return q;
  wr_sequence_free(ctx, q);
  return NULL;
}

static void free_done(wr_ctx *ctx, wr_sequence *q)
{
  for (wr_seq_run *r = q->done, *next; r; r = next) {
    next = r->next;
    wr_run_free(ctx, q, r);
  }
  q->done = NULL;
}

static void batch_room_free(wr_ctx *ctx, wr_sequence *q)
{
  wr_heap_free(ctx, q->item, (wr_u64)q->batch * sizeof *q->item);
  wr_heap_free(ctx, q->spare, (wr_u64)q->batch * sizeof *q->spare);
  wr_heap_free(ctx, q->place, (wr_u64)q->batch * sizeof *q->place);
}

void wr_sequence_clear(wr_ctx *ctx, wr_sequence *q)
{
  free_done(ctx, q);
  for (wr_i32 i = 0; i < q->nrun; i++) wr_run_free(ctx, q, q->heap[i].run);
  for (wr_i32 i = 0; i < q->def->nlane; i++) q->lane[i].last = NULL;
  q->nrun = 0;
  q->rows = 0;
}

void wr_sequence_free(wr_ctx *ctx, wr_sequence *q)
{
  wr_sequence_clear(ctx, q);
  wr_heap_free(ctx, q->heap, (wr_u64)q->room * sizeof *q->heap);
  batch_room_free(ctx, q);
  for (wr_i32 i = 0; i < q->def->nlane && q->lane[i].strip; i++) {
    size_t ncol = (size_t)q->lane[i].ncol;
    wr_mem_free((void *)q->lane[i].strip, strips_of(q->lane[i].ncol) * sizeof(wr_strip));
    wr_mem_free(q->lane[i].value, (ncol + 1) * sizeof *q->lane[i].value);
  }
  wr_mem_free(q->lane, ((size_t)q->def->nlane + 1) * sizeof *q->lane);
  wr_mem_free(q, sizeof *q);
}

wr_i64 wr_sequence_rows(const wr_sequence *q) { return q->rows; }
wr_u64 wr_sequence_bytes(const wr_sequence *q) { return q->bytes + (wr_u64)q->room * sizeof *q->heap; }

/* ---- the heap of runs ---- */

/* Whether what comes next from a comes before what comes next from b. */
static bool before(wr_ts t, const wr_pos *p, const wr_seq_run *a, const wr_head *b)
{
  int c = wr_order_rows(t, p, b->time, &wr_run_pos(b->run)[b->run->at]);
  if (c) return c < 0;
  if (a->lane != b->run->lane) return a->lane->index < b->run->lane->index;
  return a->age < b->run->age;
}

static bool head_before(const wr_head *a, const wr_head *b)
{
  if (a->time != b->time) return a->time < b->time;
  return before(a->time, &wr_run_pos(a->run)[a->run->at], a->run, b);
}

static void put(wr_sequence *q, wr_i32 i, wr_head h)
{
  q->heap[i] = h;
  h.run->heap = i;
}

static void sift_up(wr_sequence *q, wr_i32 i)
{
  wr_head h = q->heap[i];
  for (; i && head_before(&h, &q->heap[(i - 1) / 2]); i = (i - 1) / 2) put(q, i, q->heap[(i - 1) / 2]);
  put(q, i, h);
}

static void sift_down(wr_sequence *q, wr_i32 i)
{
  wr_head h = q->heap[i];
  for (wr_i32 child; (child = 2 * i + 1) < q->nrun; i = child) {
    if (child + 1 < q->nrun && head_before(&q->heap[child + 1], &q->heap[child])) child++;
    if (!head_before(&q->heap[child], &h)) break;
    put(q, i, q->heap[child]);
  }
  put(q, i, h);
}

static void enter(wr_ctx *ctx, wr_sequence *q, wr_seq_run *r)
{
  if (q->nrun == q->room) {
    wr_i32 room = q->room ? 2 * q->room : 16;
    q->heap = wr_heap_realloc(ctx, q->heap, (wr_u64)q->room * sizeof *q->heap, (wr_u64)room * sizeof *q->heap);
    q->room = room;
  }
  r->heap = q->nrun++;
  q->heap[r->heap] = (wr_head){ wr_run_time(r)[r->at], r };
  sift_up(q, r->heap);
}

/* ---- rows come in ---- */

static void batch_room(wr_ctx *ctx, wr_sequence *q, wr_i32 n)
{
  if (n <= q->batch) return;
  batch_room_free(ctx, q);
  q->batch = n;
  q->item = wr_heap_alloc(ctx, (wr_u64)n * sizeof *q->item);
  q->spare = wr_heap_alloc(ctx, (wr_u64)n * sizeof *q->spare);
  q->place = wr_heap_alloc(ctx, (wr_u64)n * sizeof *q->place);
}

static bool in_order(const wr_batch *b, const wr_seq_item *x, const wr_seq_item *y)
{
  if (x->time != y->time) return x->time < y->time;
  return wr_order_rows(x->time, &b->pos[x->row], y->time, &b->pos[y->row]) <= 0;
}

/* The end of the rows from i on that are in order. */
static wr_i32 stretch(const wr_batch *b, const wr_seq_item *a, wr_i32 i, wr_i32 n)
{
  for (i++; i < n && in_order(b, &a[i - 1], &a[i]); i++) continue;
  return i;
}

static void merge(const wr_batch *b, const wr_seq_item *a, wr_i32 i, wr_i32 half, wr_i32 n, wr_seq_item *to)
{
  wr_i32 j = half, k = i;
  for (wr_i32 left = i; k < n; k++) {
    bool first = j >= n || (left < half && in_order(b, &a[left], &a[j]));
    to[k] = first ? a[left++] : a[j++];
  }
}

static void swap(wr_sequence *q)
{
  wr_seq_item *t = q->item;
  q->item = q->spare;
  q->spare = t;
}

/* By one digit of the time. Equal rows stay as they were. */
static void deal(wr_sequence *q, wr_i32 n, wr_ts least, int shift)
{
  enum { VALUES = 1 << DIGIT };
  wr_u32 at[VALUES] = { 0 }, sum = 0;
  for (wr_i32 i = 0; i < n; i++) at[((wr_u64)q->item[i].time - (wr_u64)least) >> shift & (VALUES - 1)]++;
  for (wr_i32 v = 0; v < VALUES; v++) {
    wr_u32 count = at[v];
    at[v] = sum;
    sum += count;
  }
  for (wr_i32 i = 0; i < n; i++)
    q->spare[at[((wr_u64)q->item[i].time - (wr_u64)least) >> shift & (VALUES - 1)]++] = q->item[i];
  swap(q);
}

static void sort_times(wr_sequence *q, wr_i32 n)
{
  wr_ts least = WR_TS_MAX, most = WR_TS_MIN;
  for (wr_i32 i = 0; i < n; i++) {
    if (q->item[i].time < least) least = q->item[i].time;
    if (q->item[i].time > most) most = q->item[i].time;
  }
  wr_u64 span = (wr_u64)most - (wr_u64)least;
  if (span >> (DIGIT * DIGITS_MOST)) return;
  for (int shift = 0; span >> shift; shift += DIGIT) deal(q, n, least, shift);
}

/* Is the batch so far from being in order that merging takes many rounds? */
static bool scattered(const wr_sequence *q, const wr_batch *b)
{
  wr_i32 at = 0;
  if (b->n < 1 << (DIGIT - 3)) return false;
  for (int k = 0; k < STRETCHES && at < b->n; k++) at = stretch(b, q->item, at, b->n);
  return at < b->n;
}

/* Merges stretches of order until there is one. Equal rows stay as they were. */
static void sort(wr_sequence *q, const wr_batch *b)
{
  if (scattered(q, b)) sort_times(q, b->n);    /* those of equal times are left to do */
  while (stretch(b, q->item, 0, b->n) < b->n) {
    for (wr_i32 i = 0, half, end; i < b->n; i = end) {
      half = stretch(b, q->item, i, b->n);
      end = half < b->n ? stretch(b, q->item, half, b->n) : half;
      merge(b, q->item, i, half, end, q->spare);
    }
    swap(q);
  }
}

void wr_sequence_push(wr_ctx *ctx, wr_sequence *q, wr_i32 lane, const wr_batch *b)
{
  wr_waiting *l = &q->lane[lane];
  wr_seq_run *r = l->last;
  if (!b->n) return;
  batch_room(ctx, q, b->n);
  for (wr_i32 i = 0; i < b->n; i++) q->item[i] = (wr_seq_item){ b->time[i], (wr_u32)i };
  sort(q, b);
  q->rows += b->n;
  if (r && wr_run_has_room(r, b->n)) {
    wr_run_add(ctx, q, r, b);
    q->heap[r->heap].time = wr_run_time(r)[r->at];
    sift_up(q, r->heap);
    return;
  }
  l->last = r = wr_run_new(ctx, q, l, b->n);
  wr_run_add(ctx, q, r, b);
  enter(ctx, q, r);
}

void wr_seq_push(wr_ctx *ctx, wr_i32 seq, wr_i32 lane, wr_batch *b)
{
  wr_sequence *q = wr_sequence_of(ctx, seq);
  if (q->only) q->only(ctx, q->def, lane, b);
  else wr_sequence_push(ctx, q, lane, b);
}

/* ---- rows leave ---- */

/* What ends a stretch of a run's rows: a watermark, the next run's first row. */
typedef struct bound { wr_ts wm; const wr_head *other; } bound;

static bool leaves(const wr_seq_run *r, wr_i32 i, const bound *to)
{
  wr_ts t = wr_run_time(r)[i];
  if (t >= to->wm && to->wm != WR_TS_MAX) return false;
  if (!to->other || t < to->other->time) return true;
  return t == to->other->time && before(t, &wr_run_pos(r)[i], r, to->other);
}

/* How many rows of the run, which leaves its first, leave before the bound: at most `most`. */
static wr_i32 gallop(const wr_seq_run *r, const bound *to, wr_i32 most)
{
  wr_i32 lo = 1, hi = 1;                  /* the first lo leave */
  if (most > r->n - r->at) most = r->n - r->at;
  for (; hi < most && leaves(r, r->at + hi, to); hi = 2 * hi + 1) lo = hi + 1;
  if (hi > most) hi = most;
  while (lo < hi) {
    wr_i32 mid = lo + (hi - lo) / 2;
    if (leaves(r, r->at + mid, to)) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

static const wr_head *second(const wr_sequence *q)
{
  if (q->nrun < 2) return NULL;
  return q->nrun > 2 && head_before(&q->heap[2], &q->heap[1]) ? &q->heap[2] : &q->heap[1];
}

static void copy(char *to, const char *from, wr_u32 width, wr_i32 n)
{
  if (n > FEW) {
    memcpy(to, from, (size_t)n * width);
    return;
  }
  for (wr_i32 i = 0; i < n; i++, to += width, from += width) {
    switch (width) {
    case 1: *to = *from; break;
    case 8: memcpy(to, from, 8); break;
    default: memcpy(to, from, 16);
    }
  }
}

static void hand_on(const wr_seq_run *r, wr_i32 n, wr_batch *out)
{
  for (wr_i32 i = 0; i < r->lane->nstrip; i++) {
    const wr_strip *s = &r->lane->strip[i];
    char *to = wr_batch_strip(out, s);
    const char *from = wr_run_strip(r, s) + (size_t)r->at * s->width;
    if (to) copy(to + (size_t)out->n * s->width, from, s->width, n);
  }
  for (wr_i32 i = 0; i < n; i++) out->row[out->n + i] = ~0u;
  out->n += n;
}

/* n rows of the first run are gone. */
static void step(wr_sequence *q, wr_i32 n)
{
  wr_seq_run *r = q->heap[0].run;
  q->rows -= n;
  r->at += n;
  if (r->at < r->n) {
    q->heap[0].time = wr_run_time(r)[r->at];
  } else {
    wr_waiting *l = &q->lane[r->lane->index];
    if (l->last == r) l->last = NULL;
    r->next = q->done;
    q->done = r;
    if (--q->nrun) q->heap[0] = q->heap[q->nrun];
  }
  if (q->nrun) sift_down(q, 0);
}

static wr_i32 room(const wr_batch *out, wr_i32 budget)
{
  return budget < out->cap - out->n ? budget : out->cap - out->n;
}

bool wr_sequence_release(wr_ctx *ctx, wr_sequence *q, wr_ts wm)
{
  wr_i32 budget = AT_ONCE, port = -1;

  free_done(ctx, q);
  while (q->nrun && budget > 0 && leaves(q->heap[0].run, q->heap[0].run->at, &(bound){ wm, NULL })) {
    const wr_seq_run *r = q->heap[0].run;
    wr_batch *out = ctx->port[r->lane->def->out];
    if (port >= 0 && (port != r->lane->def->out || out->n == out->cap)) wr_flush(ctx, port);
    port = r->lane->def->out;
    wr_i32 n = q->def->comes_back ? 1 : gallop(r, &(bound){ wm, second(q) }, room(out, budget));
    hand_on(r, n, out);
    step(q, n);
    budget -= n;
    if (q->def->comes_back) wr_flush(ctx, port);   /* what the row causes comes before the next one */
  }
  if (port >= 0) wr_flush(ctx, port);
  return budget > 0;
}
