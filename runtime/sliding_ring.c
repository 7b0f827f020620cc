/* sliding_ring.c -- a key's events in columns, so that aggregates step over them as over a batch.
 *
 * All columns lie in one piece of the slab, wide ones first, each with room for `cap` values; they are
 * used as rings. What text and lists point at are pieces of their own.
 */
#include "sliding.h"
#include "fmt.h"

enum { FIRST = 4 };

/* ---- columns ---- */

static wr_u32 arrays(const wr_slider *s) { return 2 + 2 * (wr_u32)s->def->ncol; }
static wr_array *values(const wr_slider *s, wr_i32 c) { return &s->array[2 + 2 * c]; }
static wr_array *statuses(const wr_slider *s, wr_i32 c) { return &s->array[3 + 2 * c]; }

/* A column's type is told by the aggregate whose first argument it is. */
static const wr_type *type_of(wr_slider *s, wr_i32 c)
{
  const wr_sliding *d = s->def;
  if (d->type) return d->type[c];
  for (wr_i32 i = 0; i < d->nagg; i++)
    if (d->spec[i].arg[0] == c && d->spec[i].type && d->spec[i].type->kind == d->kind[c]) return d->spec[i].type;
  s->plain[c] = (wr_type){ .kind = d->kind[c], .nullable = d->nullable[c] };
  return wr_kind_nested(d->kind[c]) ? NULL : &s->plain[c];
}

static void place(wr_slider *s)
{
  static const wr_u32 width[] = { 16, 8, 1 };
  s->array[0].width = sizeof(wr_ts);
  s->array[1].width = s->positions ? sizeof(wr_pos) : 0;
  for (wr_i32 c = 0; c < s->def->ncol; c++) {
    values(s, c)->width = wr_kind_width(s->def->kind[c]);
    statuses(s, c)->width = s->def->nullable[c] ? 1 : 0;
  }
  for (int k = 0; k < 3; k++)
    for (wr_u32 a = 0; a < arrays(s); a++) {
      if (s->array[a].width != width[k]) continue;
      s->array[a].at = s->event;
      s->event += width[k];
    }
}

bool wr_ring_open(wr_ctx *ctx, wr_slider *s)
{
  const wr_sliding *d = s->def;
  wr_u64 n = (wr_u64)d->ncol + 1;
  s->type = wr_pool_alloc(&s->pool, n * sizeof *s->type);
  s->plain = wr_pool_alloc(&s->pool, n * sizeof *s->plain);
  s->array = wr_pool_alloc(&s->pool, arrays(s) * sizeof *s->array);
  s->view = (wr_batch){ .ncol = d->ncol, .col = wr_pool_alloc(&s->pool, n * sizeof *s->view.col) };
  memset(s->array, 0, arrays(s) * sizeof *s->array);
  for (wr_i32 c = 0; c < d->ncol; c++) {
    s->type[c] = type_of(s, c);
    s->holds |= wr_kind_held(d->kind[c]);
    if (s->type[c]) continue;
    wr_error(ctx, WR_EXIT_SOFTWARE, "", "sliding window %s: a list that is nobody's first argument", d->name);
    return false;
  }
  place(s);
  return true;
}

void wr_ring_close(wr_slider *s)
{
  wr_u64 n = (wr_u64)s->def->ncol + 1;
  wr_pool_free(&s->pool, s->type, n * sizeof *s->type);
  wr_pool_free(&s->pool, s->plain, n * sizeof *s->plain);
  wr_pool_free(&s->pool, s->array, arrays(s) * sizeof *s->array);
  wr_pool_free(&s->pool, s->view.col, n * sizeof *s->view.col);
}

/* ---- room ---- */

static char *column(const char *ring, wr_u32 cap, const wr_array *a)
{
  return a->width ? (char *)(uintptr_t)ring + (wr_u64)cap * a->at : NULL;
}

const wr_batch *wr_ring_look(wr_slider *s, const wr_window *w)
{
  wr_batch *b = &s->view;
  s->viewed = w->ring;
  b->n = b->cap = (wr_i32)w->cap;
  b->time = (wr_ts *)column(w->ring, w->cap, &s->array[0]);
  b->pos = (wr_pos *)column(w->ring, w->cap, &s->array[1]);
  for (wr_i32 c = 0; c < b->ncol; c++)
    b->col[c] = (wr_col){ column(w->ring, w->cap, values(s, c)), (wr_u8 *)column(w->ring, w->cap, statuses(s, c)) };
  return b;
}

void wr_ring_fetch(const wr_slider *s, const wr_window *w)
{
  if (!w->cap) return;
  for (wr_u32 i = 0; i < arrays(s); i++) {
    const char *v = column(w->ring, w->cap, &s->array[i]);
    if (!v) continue;
    __builtin_prefetch(v + (wr_u64)w->head * s->array[i].width);
    __builtin_prefetch(v + (wr_u64)wr_ring_row(w, w->n) * s->array[i].width, 1);
  }
}

static void ring_free(wr_slider *s, wr_window *w)
{
  if (w->cap) wr_slab_free(&s->slab, w->ring, (wr_u64)w->cap * s->event);
  w->cap = w->head = 0;
}

static void resize(wr_slider *s, wr_window *w, wr_u32 cap)
{
  char *ring = wr_slab_alloc(&s->slab, (wr_u64)cap * s->event);
  wr_u32 first = w->cap - w->head < w->n ? w->cap - w->head : w->n;     /* events before the ring turns */
  for (wr_u32 i = 0; w->n && i < arrays(s); i++) {
    const wr_array *a = &s->array[i];
    char *to = column(ring, cap, a), *from = column(w->ring, w->cap, a);
    if (!to) continue;
    memcpy(to, from + (wr_u64)w->head * a->width, (wr_u64)first * a->width);
    memcpy(to + (wr_u64)first * a->width, from, (wr_u64)(w->n - first) * a->width);
  }
  ring_free(s, w);
  w->ring = ring;
  w->cap = cap;
}

void wr_ring_fit(wr_slider *s, wr_window *w)
{
  wr_u32 cap = FIRST;
  if (!w->n) ring_free(s, w);
  if (w->n > w->cap / 4 || w->cap <= FIRST) return;
  while (cap < 2 * w->n) cap *= 2;
  resize(s, w, cap);
}

/* ---- events ---- */

/* Moves the events from i on by one, so that there is room for one at i. */
static void open_at(wr_slider *s, wr_window *w, wr_u32 i)
{
  for (wr_u32 k = w->n; k > i; k--)
    for (wr_u32 j = 0; j < arrays(s); j++) {
      const wr_array *a = &s->array[j];
      char *v = column(w->ring, w->cap, a);
      if (v) memcpy(v + (wr_u64)wr_ring_row(w, k) * a->width, v + (wr_u64)wr_ring_row(w, k - 1) * a->width, a->width);
    }
}

static wr_slot held(wr_slider *s, const wr_type *t, wr_slot v)
{
  if (v.st || !wr_kind_held(t->kind)) return v;
  wr_u64 bytes = wr_hold_bytes(t, v);
  return wr_hold_copy(t, v, bytes ? wr_slab_alloc(&s->slab, bytes) : NULL);
}

void wr_ring_add(wr_slider *s, wr_window *w, wr_ts t, const wr_pos *pos, const wr_slot *arg)
{
  wr_u32 i = w->n;
  if (w->n == w->cap) resize(s, w, w->cap ? 2 * w->cap : FIRST);
  while (i && wr_ring_time(s, w, i - 1) > t) i--;
  if (i < w->n) open_at(s, w, i);
  const wr_batch *b = wr_ring_view(s, w);
  wr_i32 row = (wr_i32)wr_ring_row(w, i);
  w->n++;
  s->events++;
  b->time[row] = t;
  if (b->pos) b->pos[row] = *pos;
  for (wr_i32 c = 0; c < b->ncol; c++) {
    if (values(s, c)->width == 8 && !b->col[c].st) ((wr_i64 *)b->col[c].v)[row] = arg[c].u.i;
    else wr_cell_set(s->type[c], &b->col[c], row, held(s, s->type[c], arg[c]));
  }
}

void wr_ring_pop(wr_slider *s, wr_window *w)
{
  wr_i32 row = (wr_i32)wr_ring_row(w, 0);
  for (wr_i32 c = 0; s->holds && c < s->def->ncol; c++) {
    const wr_type *t = s->type[c];
    if (!wr_kind_held(t->kind)) continue;
    wr_slot v = wr_col_slot(t, &wr_ring_view(s, w)->col[c], row);
    wr_u64 bytes = wr_hold_bytes(t, v);
    if (bytes) wr_slab_free(&s->slab, (void *)(uintptr_t)v.u.p, bytes);
  }
  w->head = wr_ring_row(w, 1);
  w->n--;
  s->events--;
}
