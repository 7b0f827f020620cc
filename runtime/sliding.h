/* sliding.h -- what the files of a sliding window share: the ring of a key's events (sliding_ring.c), the
 * aggregates over it (sliding_agg.c), keys and rows (sliding.c), checkpoints (sliding_save.c). */
#ifndef WEIR_SLIDING_H
#define WEIR_SLIDING_H
#include "hold.h"
#include "keep.h"
#include "keyed.h"
#include "weir/agg.h"
#include "weir/cost.h"

/* How an aggregate follows its window. */
enum wr_follow {
  WR_FOLLOW_INVERSE,                      /* one state: rows step in, and are taken back */
  WR_FOLLOW_STACKS,                       /* a back state that rows step into, front states that rows leave */
  WR_FOLLOW_STEPS                         /* stepped over the events when it is read */
};

/* Of an aggregate with stacks: states of the events from every `step`th to the end of the front. */
typedef struct wr_front {
  char *state;
  wr_u32 n, step;
} wr_front;

typedef struct wr_window {                /* what a key holds; behind it fronts, then states */
  char *ring;                             /* columns of events */
  wr_ts now;                              /* time of the row added last */
  wr_u32 head, n, cap;                    /* events: cap is 0 or a power of two */
  wr_u32 front, covered;                  /* events that are in front states: now, and as they were made */
  wr_u32 live;                            /* the cell is not free */
} wr_window;

_Static_assert(sizeof(wr_window) == WR_COST_WINDOW && sizeof(wr_front) == WR_COST_FRONT &&
               sizeof(wr_ts) == WR_COST_EVENT && sizeof(wr_pos) == WR_COST_POSITION, "what weir explain tells");

typedef struct wr_array { wr_u32 at, width; } wr_array;       /* starts at cap * at */

struct wr_slider {
  const wr_sliding *def;
  wr_pool pool;
  wr_slab slab;
  wr_layout lay;
  wr_table table;
  wr_reach reach;
  wr_sweep sweep;
  wr_i64 events;
  bool positions, holds, owns, stacks;    /* positions are kept; columns of text; states that own; stacks */
  const wr_type **type;                   /* of the columns */
  wr_type *plain;                         /* types of columns that are nobody's first argument */
  wr_array *array;                        /* times, positions, then values and status of every column */
  wr_u32 event;                           /* bytes of one */
  wr_u32 states;                          /* from the window to the aggregates' states */
  wr_u8 *follow;                          /* enum wr_follow of every aggregate */
  char *scratch;                          /* a state */
  wr_u32 scratch_size;
  wr_batch view;                          /* the ring that is worked on */
};

/* ---- the ring: event i of a window is row wr_ring_row of its view ---- */
enum { WR_RING_MOST = 1 << 30 };
static inline wr_u32 wr_ring_row(const wr_window *w, wr_u32 i) { return (w->head + i) & (w->cap - 1); }
static inline wr_ts wr_ring_time(const wr_slider *s, const wr_window *w, wr_u32 i)
{
  return ((const wr_ts *)(w->ring + (wr_u64)w->cap * s->array[0].at))[wr_ring_row(w, i)];
}
bool wr_ring_open(wr_ctx *, wr_slider *);                     /* false: wr_error was called */
void wr_ring_close(wr_slider *);
const wr_batch *wr_ring_view(wr_slider *, const wr_window *);
/* Behind the last event, or behind all that are not later. What the arguments point at is copied. */
void wr_ring_add(wr_slider *, wr_window *, wr_ts, const wr_pos *, const wr_slot *arg);
void wr_ring_pop(wr_slider *, wr_window *);
void wr_ring_fit(wr_slider *, wr_window *);                   /* gives back room that a burst left */

/* ---- aggregates ---- */
void wr_follow_open(wr_slider *);
void wr_follow_close(wr_slider *);
void wr_follow_init(wr_slider *, wr_window *);
void wr_follow_drop(wr_slider *, wr_window *);                /* all states; the window goes */
void wr_follow_last(wr_slider *, wr_window *);                /* the event added last steps in */
void wr_follow_first(wr_slider *, wr_window *);               /* the first event is about to go */
wr_u64 wr_follow_bytes(const wr_slider *, wr_window *);       /* owned by the states */
wr_status wr_follow_read(wr_slider *, wr_window *, wr_i32 agg, void *out);

/* ---- keys ---- */
wr_window *wr_window_of(wr_slider *, const wr_u64 *key, wr_u32 hash);   /* made if new */
void wr_slider_clear(wr_slider *);                            /* no key is left */
void wr_window_add(wr_slider *, wr_window *, wr_ts, const wr_pos *, const wr_slot *arg);
static inline wr_window *wr_window_at(const wr_slider *s, wr_u32 no)
{
  return (wr_window *)(wr_cell_at(&s->table, no) + s->lay.state);
}

#endif
