/* sliding_agg.c -- aggregates that follow a window: what steps in at its end, what leaves at its start.
 *
 * An invertible aggregate has one state. One that only merges has two stacks (Tangwongsan, Hirzel,
 * Schneider, "Low-latency sliding-window aggregation in worst-case constant time", 2017, section 3):
 * rows step into the back state; when a row is to leave and no front is left, all events become the
 * front: states of the events from each one to the end, of which the first is dropped with every row.
 * A state that owns much memory is made only for every `step`th event, so that the front takes a
 * bounded number of bytes an event; the events up to the next such state are stepped when read.
 *
 * Under `order arrival` the window of a row is a range of what is held: it is stepped over.
 */
#include "sliding.h"
#include "fmt.h"

enum { OWNED_PER_EVENT = 64 };

/* ---- states ---- */

static const wr_agg *agg_of(const wr_slider *s, wr_i32 i) { return s->def->agg[i]; }
static const wr_aggspec *spec_of(const wr_slider *s, wr_i32 i) { return &s->def->spec[i]; }
static wr_front *front_of(wr_window *w, wr_i32 i) { return (wr_front *)(w + 1) + i; }
static char *state_of(const wr_slider *s, wr_window *w, wr_i32 i) { return (char *)w + s->states + spec_of(s, i)->off; }

static void init(const wr_slider *s, wr_i32 i, void *state)
{
  memset(state, 0, agg_of(s, i)->size);
  if (agg_of(s, i)->init) agg_of(s, i)->init(spec_of(s, i), state);
}

static void drop(const wr_slider *s, wr_i32 i, void *state)
{
  if (agg_of(s, i)->drop) agg_of(s, i)->drop(s->pool.ctx, spec_of(s, i), state);
}

/* Events from..to - 1 of the window. */
static void step(wr_slider *s, const wr_window *w, wr_i32 i, void *state, wr_u32 from, wr_u32 to)
{
  const wr_batch *b = wr_ring_view(s, w);
  for (wr_u32 e = from; e < to; e++)
    agg_of(s, i)->step(s->pool.ctx, spec_of(s, i), state, b, (wr_i32)wr_ring_row(w, e));
}

static void merge(const wr_slider *s, wr_i32 i, void *into, const void *from)
{
  agg_of(s, i)->merge(s->pool.ctx, spec_of(s, i), into, from);
}

/* ---- fronts ---- */

static char *front_state(const wr_slider *s, wr_window *w, wr_i32 i, wr_u32 k)
{
  return front_of(w, i)->state + (wr_u64)k * agg_of(s, i)->size;
}

/* The first front state that holds no event that left. */
static wr_u32 front_first(wr_window *w, wr_i32 i)
{
  wr_u32 gone = w->covered - w->front, per = front_of(w, i)->step;
  return gone / per + (gone % per != 0);
}

static void front_free(wr_slider *s, wr_window *w, wr_i32 i)
{
  wr_front *f = front_of(w, i);
  for (wr_u32 k = f->n ? front_first(w, i) : 0; k < f->n; k++) drop(s, i, front_state(s, w, i, k));
  if (f->n) wr_slab_free(&s->slab, f->state, (wr_u64)f->n * agg_of(s, i)->size);
  *f = (wr_front){ 0 };
}

/* The back state, which holds all events here, says how large states are; then it starts afresh. */
static void front_make(wr_slider *s, wr_window *w, wr_i32 i)
{
  wr_front *f = front_of(w, i);
  char *back = state_of(s, w, i);
  wr_u64 owned = agg_of(s, i)->bytes ? agg_of(s, i)->bytes(back) : 0, per = 1 + owned / OWNED_PER_EVENT;
  f->step = per < w->n ? (wr_u32)per : w->n;
  f->n = w->n / f->step + (w->n % f->step != 0);
  f->state = wr_slab_alloc(&s->slab, (wr_u64)f->n * agg_of(s, i)->size);
  for (wr_u32 k = f->n, to = w->n; k-- > 0; to = k * f->step) {
    char *state = front_state(s, w, i, k);
    init(s, i, state);
    if (k + 1 < f->n) merge(s, i, state, front_state(s, w, i, k + 1));
    step(s, w, i, state, k * f->step, to);
  }
  drop(s, i, back);
  init(s, i, back);
}

static void flip(wr_slider *s, wr_window *w)
{
  for (wr_i32 i = 0; i < s->def->nagg; i++)
    if (s->follow[i] == WR_FOLLOW_STACKS) front_make(s, w, i);
  w->front = w->covered = w->n;
}

/* The first event leaves: so does the state that begins with it. */
static void front_pop(wr_slider *s, wr_window *w)
{
  wr_u32 first = w->covered - w->front--;
  for (wr_i32 i = 0; i < s->def->nagg; i++) {
    if (s->follow[i] != WR_FOLLOW_STACKS) continue;
    if (first % front_of(w, i)->step == 0) drop(s, i, front_state(s, w, i, first / front_of(w, i)->step));
    if (!w->front) front_free(s, w, i);
  }
}

/* ---- rows ---- */

void wr_follow_last(wr_slider *s, wr_window *w)
{
  const wr_batch *b = wr_ring_view(s, w);
  const wr_sliding *d = s->def;
  wr_i32 row = (wr_i32)wr_ring_row(w, w->n - 1), n = s->reach.arrival ? 0 : d->nagg;
  char *state = (char *)w + s->states;
  for (wr_i32 i = 0; i < n; i++)
    if (s->follow[i] != WR_FOLLOW_STEPS) d->agg[i]->step(s->pool.ctx, &d->spec[i], state + d->spec[i].off, b, row);
}

void wr_follow_first(wr_slider *s, wr_window *w)
{
  if (s->stacks && !w->front) flip(s, w);
  if (s->stacks) front_pop(s, w);
  const wr_batch *b = wr_ring_view(s, w);
  for (wr_i32 i = 0; i < s->def->nagg; i++)
    if (s->follow[i] == WR_FOLLOW_INVERSE)
      agg_of(s, i)->inverse(s->pool.ctx, spec_of(s, i), state_of(s, w, i), b, (wr_i32)w->head);
}

/* ---- reading ---- */

static bool is_plain(unsigned kind) { return kind < WR_KINDS && !wr_kind_held(kind); }

/* The result's strings and lists as batch memory: the next row changes what they point into. */
static __attribute__((noinline)) wr_status own(const wr_slider *s, wr_i32 i, void *out)
{
  const wr_aggspec *spec = spec_of(s, i);
  wr_type list = { .kind = WR_LIST, .elem = spec->type }, plain = { .kind = agg_of(s, i)->result };
  const wr_type *t = plain.kind == WR_LIST ? &list : plain.kind == WR_KINDS ? spec->type : &plain;
  if (!wr_kind_held(t->kind)) return WR_OK;
  wr_col col = { out, NULL };
  wr_slot v = wr_col_slot(t, &col, 0);
  wr_u64 bytes = wr_hold_bytes(t, v);
  if (bytes > UINT32_MAX) return WR_E_LIMIT;
  wr_cell_set(t, &col, 0, wr_hold_copy(t, v, bytes ? wr_alloc(s->pool.ctx, (wr_u32)bytes) : NULL));
  return WR_OK;
}

static wr_status read(const wr_slider *s, wr_i32 i, const void *state, void *out)
{
  wr_status st = agg_of(s, i)->read(s->pool.ctx, spec_of(s, i), state, out);
  return st || is_plain(agg_of(s, i)->result) ? st : own(s, i, out);
}

static void gather_stacks(wr_slider *s, wr_window *w, wr_i32 i, void *state)
{
  wr_u32 first = front_first(w, i), gone = w->covered - w->front, upto = first * front_of(w, i)->step;
  if (upto > w->covered) upto = w->covered;
  if (first < front_of(w, i)->n) merge(s, i, state, front_state(s, w, i, first));
  step(s, w, i, state, 0, upto - gone);
  merge(s, i, state, state_of(s, w, i));
}

/* The first event after t, of those in order of time. */
static wr_u32 after(const wr_slider *s, const wr_window *w, wr_ts t)
{
  wr_u32 lo = 0, hi = w->n;
  while (lo < hi) {
    wr_u32 mid = lo + (hi - lo) / 2;
    if (wr_ring_time(s, w, mid) <= t) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

static void gather_range(wr_slider *s, wr_window *w, wr_i32 i, void *state)
{
  wr_u32 to = after(s, w, w->now), from = s->reach.arrival ? after(s, w, wr_reach_start(&s->reach, w->now)) : 0;
  step(s, w, i, state, from < to ? from : to, to);
}

/* A set that was too large for its maximum let its values go: the window may be smaller by now. */
static __attribute__((noinline)) wr_status read_again(wr_slider *s, wr_window *w, wr_i32 i, void *out)
{
  init(s, i, s->scratch);
  step(s, w, i, s->scratch, 0, w->n);
  drop(s, i, state_of(s, w, i));
  memcpy(state_of(s, w, i), s->scratch, agg_of(s, i)->size);
  return read(s, i, state_of(s, w, i), out);
}

/* Reads what the front, the back or the events of the window give together. */
static __attribute__((noinline)) wr_status read_gathered(wr_slider *s, wr_window *w, wr_i32 i, void *out)
{
  init(s, i, s->scratch);
  if (s->follow[i] == WR_FOLLOW_STACKS) gather_stacks(s, w, i, s->scratch);
  else gather_range(s, w, i, s->scratch);
  wr_status st = read(s, i, s->scratch, out);
  drop(s, i, s->scratch);
  return st;
}

wr_status wr_follow_read(wr_slider *s, wr_window *w, wr_i32 i, void *out)
{
  if (s->follow[i] == WR_FOLLOW_STEPS || (s->follow[i] == WR_FOLLOW_STACKS && w->front))
    return read_gathered(s, w, i, out);
  wr_status st = read(s, i, state_of(s, w, i), out);
  return st == WR_E_LIMIT ? read_again(s, w, i, out) : st;
}

/* ---- life and size ---- */

void wr_follow_open(wr_slider *s)
{
  const wr_sliding *d = s->def;
  s->follow = wr_pool_alloc(&s->pool, (wr_u64)d->nagg + 1);
  s->scratch_size = 8;
  for (wr_i32 i = 0; i < d->nagg; i++) {
    const wr_agg *a = d->agg[i];
    s->follow[i] = s->reach.arrival ? WR_FOLLOW_STEPS : a->inverse ? WR_FOLLOW_INVERSE
                   : a->merge ? WR_FOLLOW_STACKS : WR_FOLLOW_STEPS;
    s->stacks |= s->follow[i] == WR_FOLLOW_STACKS;
    s->positions |= (a->traits & AGG_POS) != 0;
    s->owns |= a->drop != NULL;
    if (a->size > s->scratch_size) s->scratch_size = a->size;
  }
  s->scratch = wr_pool_alloc(&s->pool, s->scratch_size);
  s->states = sizeof(wr_window) + (s->stacks ? (wr_u32)d->nagg * sizeof(wr_front) : 0);
}

void wr_follow_close(wr_slider *s)
{
  wr_pool_free(&s->pool, s->follow, (wr_u64)s->def->nagg + 1);
  wr_pool_free(&s->pool, s->scratch, s->scratch_size);
}

void wr_follow_init(wr_slider *s, wr_window *w)
{
  for (wr_i32 i = 0; i < s->def->nagg; i++) init(s, i, state_of(s, w, i));
}

void wr_follow_drop(wr_slider *s, wr_window *w)
{
  for (wr_i32 i = 0; i < s->def->nagg; i++) {
    if (s->follow[i] == WR_FOLLOW_STACKS) front_free(s, w, i);
    drop(s, i, state_of(s, w, i));
  }
  w->front = w->covered = 0;
}

wr_u64 wr_follow_bytes(const wr_slider *s, wr_window *w)
{
  wr_u64 sum = 0;
  for (wr_i32 i = 0; s->owns && i < s->def->nagg; i++) {
    if (!agg_of(s, i)->bytes) continue;
    sum += agg_of(s, i)->bytes(state_of(s, w, i));
    if (s->follow[i] != WR_FOLLOW_STACKS || !w->front) continue;
    for (wr_u32 k = front_first(w, i); k < front_of(w, i)->n; k++)
      sum += agg_of(s, i)->bytes(front_state(s, w, i, k));
  }
  return sum;
}
