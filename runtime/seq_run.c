/* seq_run.c -- runs of waiting rows: their memory, and rows coming in.
 *
 * A big batch is a run of its own, of just its size. Small ones join the lane's newest run, which doubles
 * its room as it grows, up to SEQ_SMALL rows: rows that come one by one cost a copy or two each, and
 * no allocation each. What a batch's values point at is measured first, then copied into one piece.
 */
#include "hold.h"
#include "fmt.h"
#include "seq_run.h"

enum { PIECE_MOST = 64 * 1024 };          /* pieces grow to this, for small batches */

static void *take(wr_ctx *ctx, wr_sequence *q, wr_u64 n)
{
  q->bytes += n;
  return wr_heap_alloc(ctx, n);
}

static void give(wr_ctx *ctx, wr_sequence *q, void *p, wr_u64 n)
{
  if (!p) return;
  q->bytes -= n;
  wr_heap_free(ctx, p, n);
}

wr_seq_run *wr_run_new(wr_ctx *ctx, wr_sequence *q, const wr_waiting *lane, wr_i32 rows)
{
  wr_seq_run *r = take(ctx, q, sizeof *r);
  *r = (wr_seq_run){ .lane = lane, .age = q->ages++, .cap = rows };
  r->block = take(ctx, q, (wr_u64)rows * lane->row_bytes);
  return r;
}

void wr_run_free(wr_ctx *ctx, wr_sequence *q, wr_seq_run *r)
{
  for (wr_piece *p = r->piece, *next; p; p = next) {
    next = p->next;
    give(ctx, q, p, p->cap + sizeof *p);
  }
  give(ctx, q, r->block, (wr_u64)r->cap * r->lane->row_bytes);
  give(ctx, q, r, sizeof *r);
}

bool wr_run_has_room(const wr_seq_run *r, wr_i32 more) { return more <= SEQ_SMALL && r->taken + more <= SEQ_SMALL; }

/* Room for so many rows; those that have left leave their room, too. */
static void make_room(wr_ctx *ctx, wr_sequence *q, wr_seq_run *r, wr_i32 more)
{
  wr_i32 waiting = r->n - r->at, cap = 2 * (waiting + more) < SEQ_SMALL ? 2 * (waiting + more) : SEQ_SMALL;
  if (r->n + more <= r->cap) return;
  char *block = take(ctx, q, (wr_u64)cap * r->lane->row_bytes);
  for (wr_i32 i = 0; i < r->lane->nstrip; i++) {
    const wr_strip *s = &r->lane->strip[i];
    memcpy(block + (size_t)cap * s->off, wr_run_strip(r, s) + (size_t)r->at * s->width, (size_t)waiting * s->width);
  }
  give(ctx, q, r->block, (wr_u64)r->cap * r->lane->row_bytes);
  r->block = block;
  r->cap = cap;
  r->n = waiting;
  r->at = 0;
}

/* ---- where the rows go ---- */

/* The first waiting row before `end` that comes behind the batch's row: mostly the very end. */
static wr_i32 behind(const wr_seq_run *r, wr_i32 end, const wr_batch *b, wr_u32 row)
{
  const wr_ts *time = wr_run_time(r);
  const wr_pos *pos = wr_run_pos(r);
  wr_i32 lo = r->at, hi = end;

  if (hi == lo || wr_order_rows(time[hi - 1], &pos[hi - 1], b->time[row], &b->pos[row]) <= 0) return hi;
  while (lo < hi) {
    wr_i32 mid = lo + (hi - lo) / 2;
    if (wr_order_rows(time[mid], &pos[mid], b->time[row], &b->pos[row]) <= 0) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

static void shift(wr_seq_run *r, wr_i32 from, wr_i32 to, wr_i32 by)
{
  if (from == to) return;
  for (wr_i32 i = 0; i < r->lane->nstrip; i++) {
    const wr_strip *s = &r->lane->strip[i];
    char *p = wr_run_strip(r, s) + (size_t)from * s->width;
    memmove(p + (size_t)by * s->width, p, (size_t)(to - from) * s->width);
  }
}

/* From the back: each row that was there moves once. */
static void make_places(wr_sequence *q, wr_seq_run *r, const wr_batch *b)
{
  wr_i32 end = r->n;
  for (wr_i32 j = b->n; j-- > 0;) {
    wr_i32 p = behind(r, end, b, q->item[j].row);
    shift(r, p, end, j + 1);
    q->place[j] = (wr_u32)(p + j);
    end = p;
  }
  r->n += b->n;
  r->taken += b->n;
}

/* ---- copying ---- */

static void scatter(const wr_sequence *q, const wr_strip *s, char *to, const char *from, wr_i32 n)
{
  for (wr_i32 j = 0; j < n; j++) {
    size_t row = q->item[j].row, place = q->place[j];
    switch (s->width) {
    case 1: to[place] = from[row]; break;
    case 8: memcpy(to + 8 * place, from + 8 * row, 8); break;
    default: memcpy(to + 16 * place, from + 16 * row, 16);
    }
  }
}

static bool together(const wr_sequence *q, wr_i32 n)
{
  if (q->place[n - 1] - q->place[0] != (wr_u32)n - 1) return false;
  for (wr_i32 j = 0; j < n; j++)
    if (q->item[j].row != (wr_u32)j) return false;
  return true;
}

static void copy_strips(const wr_sequence *q, wr_seq_run *r, const wr_batch *b)
{
  bool whole = together(q, b->n);
  for (wr_i32 i = 0; i < r->lane->nstrip; i++) {
    const wr_strip *s = &r->lane->strip[i];
    char *to = wr_run_strip(r, s);
    const char *from = wr_batch_strip(b, s);
    if (!from) for (wr_i32 j = 0; j < b->n; j++) to[q->place[j]] = 0;
    else if (whole) memcpy(to + (size_t)q->place[0] * s->width, from, (size_t)b->n * s->width);
    else scatter(q, s, to, from, b->n);
  }
}

/* ---- what the values point at ---- */

enum form { FLAT, TEXT, NESTED };

static enum form form_of(unsigned kind)
{
  if (kind == WR_STR || kind == WR_BYTES || kind == WR_JSON) return TEXT;
  return kind == WR_LIST || kind == WR_MAP ? NESTED : FLAT;
}

static wr_slot nested_cell(const void *col, wr_u32 row) { return wr_list_slot(((const wr_list *)col)[row], 0); }

static wr_u64 column_bytes(const wr_waiting *l, wr_i32 c, const wr_batch *b)
{
  const wr_u8 *st = l->nullable[c] ? b->col[c].st : NULL;
  const void *v = b->col[c].v;
  enum form form = form_of(l->kind[c]);
  wr_u64 n = 0;

  for (wr_i32 i = 0; form == TEXT && i < b->n; i++)
    if (!st || !st[i]) n += ((const wr_str *)v)[i].len;
  for (wr_i32 i = 0; form == NESTED && i < b->n; i++)
    if (!st || !st[i]) n += wr_hold_bytes(l->def->type[c], nested_cell(v, (wr_u32)i));
  return (n + 7) & ~7ULL;
}

static char *bytes_room(wr_ctx *ctx, wr_sequence *q, wr_seq_run *r, wr_u64 n)
{
  wr_piece *p = r->piece;
  if (!p || p->cap - p->used < n) {
    wr_u64 more = p ? 2 * p->cap < PIECE_MOST ? 2 * p->cap : PIECE_MOST : 0, cap = n > more ? n : more;
    p = take(ctx, q, cap + sizeof *p);
    *p = (wr_piece){ .next = r->piece, .cap = cap };
    r->piece = p;
  }
  p->used += n;
  return (char *)(p + 1) + p->used - n;
}

static char *keep_text(const wr_sequence *q, wr_str *v, wr_i32 n, char *room)
{
  for (wr_i32 j = 0; j < n; j++) {
    wr_str *s = &v[q->place[j]];
    if (!s->len) continue;
    s->p = memcpy(room, s->p, s->len);
    room += s->len;
  }
  return room;
}

static char *keep_nested(const wr_sequence *q, const wr_type *t, wr_list *v, wr_i32 n, char *room)
{
  for (wr_i32 j = 0; j < n; j++) {
    wr_slot s = wr_list_slot(v[q->place[j]], 0);
    if (!s.len) continue;
    v[q->place[j]].p = wr_hold_copy(t, s, room).u.list;
    room += wr_hold_bytes(t, s);
  }
  return room;
}

/* A cell without a value points at nothing. */
static void clear_nulls(const wr_sequence *q, char *v, const wr_u8 *st, wr_i32 n)
{
  for (wr_i32 j = 0; j < n; j++)
    if (st[q->place[j]]) memset(v + (size_t)q->place[j] * 16, 0, 16);
}

static void keep_column(wr_sequence *q, wr_seq_run *r, wr_i32 c, const wr_batch *b, char *room)
{
  const wr_waiting *l = r->lane;
  char *v = wr_run_strip(r, l->value[c]);
  const wr_u8 *st = l->nullable[c] ? (const wr_u8 *)wr_run_strip(r, l->value[c] + 1) : NULL;

  if (st) clear_nulls(q, v, st, b->n);
  if (!room) return;
  if (form_of(l->kind[c]) == TEXT) keep_text(q, (wr_str *)v, b->n, room);
  else keep_nested(q, l->def->type[c], (wr_list *)v, b->n, room);
}

static void keep_values(wr_ctx *ctx, wr_sequence *q, wr_seq_run *r, const wr_batch *b)
{
  wr_u64 n = 0;
  for (wr_i32 c = 0; c < r->lane->ncol; c++) n += column_bytes(r->lane, c, b);
  char *room = n ? bytes_room(ctx, q, r, n) : NULL;
  for (wr_i32 c = 0; c < r->lane->ncol; c++) {
    if (form_of(r->lane->kind[c]) == FLAT) continue;
    keep_column(q, r, c, b, room);
    if (room) room += column_bytes(r->lane, c, b);
  }
}

void wr_run_add(wr_ctx *ctx, wr_sequence *q, wr_seq_run *r, const wr_batch *b)
{
  make_room(ctx, q, r, b->n);
  make_places(q, r, b);
  copy_strips(q, r, b);
  keep_values(ctx, q, r, b);
}
