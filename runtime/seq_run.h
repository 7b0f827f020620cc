/* seq_run.h -- runs of waiting rows: what seq.c, seq_run.c and seq_save.c share.
 *
 * A run holds rows of one lane, sorted by (time, position), as columns. Its columns (event time, watermark,
 * position, values, status bytes: `strips`) stand one behind the other in one block with room for `cap`
 * rows; what its values point at stands in pieces that never move. Rows [at, n) still wait.
 */
#ifndef WEIR_SEQ_RUN_H
#define WEIR_SEQ_RUN_H
#include "seq.h"
#include "weir/cost.h"

enum { SEQ_SMALL = 1024 };                /* rows up to which batches join a run instead of beginning one */

enum wr_strip_what { STRIP_TIME, STRIP_WM, STRIP_POS, STRIP_VALUE, STRIP_STATUS };
typedef struct wr_strip {
  enum wr_strip_what what;
  wr_i32 col;
  wr_u32 width, off;                      /* bytes of a row, and of a row in the strips before it */
} wr_strip;
enum { SEQ_HEAD = WR_COST_WAITING };      /* time, wm, pos: they come first */
_Static_assert(2 * sizeof(wr_ts) + sizeof(wr_pos) == SEQ_HEAD, "what weir explain tells");

typedef struct wr_waiting {               /* a lane */
  const wr_lane *def;
  wr_i32 index, ncol, nstrip;
  const wr_u8 *kind, *nullable;
  const wr_strip *strip;
  const wr_strip **value;                 /* by column */
  wr_u32 row_bytes;
  struct wr_seq_run *last;                /* the newest run, if it still waits */
} wr_waiting;

typedef struct wr_piece {                 /* bytes behind the values of a run */
  struct wr_piece *next;
  wr_u64 cap, used;
} wr_piece;

typedef struct wr_seq_run {
  struct wr_seq_run *next;                /* of those that have been handed on */
  const wr_waiting *lane;
  wr_u64 age;                             /* runs are numbered: of equal rows the older run's come first */
  wr_i32 at, n, cap;
  wr_i32 taken;                           /* rows that ever came in: their bytes are here while it lives */
  wr_i32 heap;                            /* where it stands in the heap */
  char *block;
  wr_piece *piece;
} wr_seq_run;

typedef struct wr_head { wr_ts time; wr_seq_run *run; } wr_head;
typedef struct wr_seq_item { wr_ts time; wr_u32 row; } wr_seq_item;

struct wr_sequence {
  const wr_seq *def;
  wr_waiting *lane;
  wr_head *heap;                          /* of the runs, by their next row */
  wr_i32 nrun, room;
  wr_seq_run *done;                       /* handed on: their bytes may still be read */
  wr_u64 ages, bytes;
  wr_i64 rows;
  wr_seq_item *item, *spare;              /* of a batch: its rows in order */
  wr_u32 *place;                          /* where they go in the run */
  wr_i32 batch;                           /* room for a batch of so many */
};

static inline wr_ts *wr_run_time(const wr_seq_run *r) { return (wr_ts *)r->block; }
static inline wr_pos *wr_run_pos(const wr_seq_run *r) { return (wr_pos *)(r->block + (size_t)r->cap * 16); }
static inline char *wr_run_strip(const wr_seq_run *r, const wr_strip *s)
{
  return r->block + (size_t)r->cap * s->off;
}
static inline int wr_order_rows(wr_ts t, const wr_pos *p, wr_ts u, const wr_pos *q)
{
  if (t != u) return t < u ? -1 : 1;
  if (p->src != q->src) return p->src < q->src ? -1 : 1;
  if (p->off != q->off) return p->off < q->off ? -1 : 1;
  return p->ord < q->ord ? -1 : p->ord > q->ord;
}
/* The same column of a batch; 0: it has no status bytes. */
static inline void *wr_batch_strip(const wr_batch *b, const wr_strip *s)
{
  switch (s->what) {
  case STRIP_TIME: return b->time;
  case STRIP_WM: return b->wm;
  case STRIP_POS: return b->pos;
  case STRIP_VALUE: return b->col[s->col].v;
  case STRIP_STATUS: break;
  }
  return b->col[s->col].st;
}

/* seq.c */
void wr_sequence_clear(wr_ctx *, wr_sequence *);              /* no row waits any more */

/* seq_run.c */
wr_seq_run *wr_run_new(wr_ctx *, wr_sequence *, const wr_waiting *, wr_i32 rows);
void wr_run_free(wr_ctx *, wr_sequence *, wr_seq_run *);
bool wr_run_has_room(const wr_seq_run *, wr_i32 more);
/* Takes in the batch: its rows as they are ordered in q->item, between those that are there. */
void wr_run_add(wr_ctx *, wr_sequence *, wr_seq_run *, const wr_batch *);
#endif
