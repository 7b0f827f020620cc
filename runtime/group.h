/* group.h -- what the files of a grouping share: windows, slices, sessions, closing. */
#ifndef WEIR_GROUP_H
#define WEIR_GROUP_H
#include "save.h"
#include "table.h"

/* ---- kinds of windows: pane.c and, for every aligned kind, its row's win_<name>.c ---- */
struct wr_win_ops;
typedef struct wr_win {
  const struct wr_win_ops *ops;           /* of an aligned kind; 0: sessions */
  wr_i64 size, every, offset;             /* microseconds, or counts of calendar periods */
  enum wr_cal size_cal, every_cal;
  const wr_zone *zone;
} wr_win;

/* The longest span of time in which all times lie in the same windows. */
typedef struct wr_pane {
  wr_ts start, end;
  wr_ts first, last;                      /* ends of the first and the last window that hold it */
  wr_ts origin;                           /* start of the period, where windows grow in one */
} wr_pane;

/* An aligned kind of window. Sums are made in 128 bits and clamped (pane.h). */
typedef struct wr_win_ops {
  bool single;                            /* a row lies in one window: slices are never merged */
  bool sizeless;                          /* it needs no size */
  bool steps;                             /* it needs `every` */
  bool grows;                             /* a window holds all of the period's windows before it */
  /* Completes size and every from the configuration. False: wr_error was called. May be 0. */
  bool (*init)(wr_ctx *, wr_win *, const wr_group *);
  void (*pane)(const wr_win *, wr_ts t, wr_pane *);
  /* The end of the first window holding the pane that ends after x, for first <= x < last. */
  wr_ts (*end_after)(const wr_win *, const wr_pane *, wr_ts x);
  wr_ts (*start)(const wr_win *, const wr_pane *, wr_ts end);
} wr_win_ops;

bool wr_win_init(wr_ctx *, wr_win *, const wr_group *, const wr_slot *config);  /* false: wr_error was called */
void wr_pane_of(const wr_win *, wr_ts t, wr_pane *);
static inline bool wr_pane_gap(const wr_pane *p) { return p->last < p->first; }
/* The end of the first window holding the pane that ends after x; above `last`: there is none. */
wr_ts wr_pane_end_after(const wr_win *, const wr_pane *, wr_ts x);
wr_ts wr_window_start(const wr_win *, const wr_pane *, wr_ts end);

/* ---- slices: window_slice.c ---- */
typedef struct wr_slice {
  wr_pane pane;
  wr_ts from, min_end;                    /* its rows count in windows that end at min_end or later;
                                             from <= wm < min_end is known to be such a row */
  wr_ts due;                              /* end of the next window that reads it */
  wr_table table;
  wr_u32 stamp;                           /* of the last batch that touched it */
  wr_u32 rows, at;                        /* in that batch */
  struct wr_slice *next;                  /* dead ones */
} wr_slice;

typedef struct wr_slices {
  wr_slice **v;                           /* by (start, min_end) */
  wr_ts *start;                           /* theirs: searched without touching the slices */
  wr_u32 n, cap;
  wr_slice *last;                         /* hit last */
  wr_ts due;                              /* the least of the slices'; none: WR_TS_MAX */
  wr_u32 expected;                        /* keys of the slice that died last */
  wr_u32 stamp;
  wr_slice **touched, **of;               /* in a batch: distinct slices; slice of every row */
  wr_slice *scratch;                      /* merged cells of the window that is closing */
  wr_slice *dead;                         /* to be dropped after the out port was flushed */
} wr_slices;

/* ---- sessions: window_session.c; queue.c ---- */
enum wr_cell_state { WR_CELL_FREE, WR_CELL_LIVE, WR_CELL_MERGED };
typedef struct wr_session {               /* head of a cell */
  wr_ts last;                             /* time of its last row; first, for wr_order */
  wr_ts start;
  wr_ts reach;                            /* rows after it belong to the session */
  wr_u32 hash, self;
  wr_u32 next;                            /* the key's next session; merged: where it went */
  wr_u32 state;                           /* enum wr_cell_state */
} wr_session;

typedef struct wr_due { wr_u64 at; wr_u32 no; } wr_due;
_Static_assert(sizeof(wr_session) == WR_COST_SESSION && sizeof(wr_due) == WR_COST_QUEUE, "what weir explain tells");
enum { WR_QUEUE_BLOCK = 255, WR_QUEUE_LISTS = 65 };
typedef struct wr_queue_block {
  struct wr_queue_block *next;
  wr_u64 n;
  wr_due v[WR_QUEUE_BLOCK];
} wr_queue_block;
typedef struct wr_queue {
  wr_pool *pool;
  wr_u64 now;
  wr_queue_block *list[WR_QUEUE_LISTS];
  wr_queue_block *spare;
} wr_queue;
void wr_queue_init(wr_queue *, wr_pool *);
void wr_queue_free(wr_queue *);
void wr_queue_put(wr_queue *, wr_ts at, wr_u32 no);
/* Hands out all with at <= now, in no order; `due` may put them back for a later time. */
void wr_queue_advance(wr_queue *, wr_ts now, void (*soon)(void *, wr_u32 no),
                      void (*due)(void *, wr_u32 no), void *arg);

typedef struct wr_sessions {
  wr_i64 gap;
  wr_table table;
  wr_queue queue;
  wr_u32 merges;                          /* in the current batch */
} wr_sessions;

/* ---- the grouping ---- */
enum { WR_PANE_CACHE = 8 };

struct wr_grouping {
  const wr_group *group;
  const wr_port *in, *out;
  wr_pool pool;
  wr_layout lay;
  wr_staged staged;
  wr_i64 cells;                           /* live ones */
  wr_i32 cap;                             /* rows of the arrays below */
  void **cell;
  wr_u32 *row, *identity;
  wr_cells found;
  wr_win win;
  wr_pane pane[WR_PANE_CACHE];
  int pane_hit;                           /* the one that was asked for last */
  bool gaps;                              /* there are times in no window */
  bool deaf;                              /* records are being read again: it takes none */
  wr_slices slices;
  wr_sessions sessions;
  /* the close that is going on: sorted cells of one window, or of all sessions that are due */
  wr_item *item;
  size_t nitem, item_cap, emitted, released;
  wr_ts win_start, win_end;
  wr_i64 rank;                            /* among rows of equal end */
};

static inline bool wr_is_session(const wr_grouping *g) { return !g->win.ops; }
static inline wr_ts wr_clamp_add(wr_ts a, wr_i64 b) {
  wr_ts sum;
  if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? WR_TS_MIN : WR_TS_MAX;
  return sum;
}

const wr_pane *wr_group_pane(wr_grouping *, wr_ts t);
/* Room for n items, and for as many spare ones from item_cap on. */
void wr_group_items(wr_grouping *, size_t n);
/* Bytes that the states of a cell own outside of it. */
typedef wr_u64 wr_held_fn(const wr_grouping *, const char *cell);

void wr_slices_init(wr_grouping *);
void wr_slices_free(wr_grouping *);
void wr_slices_find(wr_grouping *, wr_ctx *, const wr_batch *);
bool wr_slices_next(wr_grouping *, wr_ts wm);     /* items of the next window; false: none is due */
void wr_slices_done(wr_grouping *);               /* its items have been read */
void wr_slices_release(wr_grouping *);            /* … and are not pointed to any more */
wr_u64 wr_slices_held(const wr_grouping *, wr_held_fn *);

wr_slice *wr_slices_add(wr_grouping *, const wr_slice *like, wr_u32 cells);   /* behind the others; saved ones */

void wr_sessions_init(wr_grouping *);
void wr_sessions_free(wr_grouping *);
void wr_sessions_find(wr_grouping *, wr_ctx *, const wr_batch *);
bool wr_sessions_next(wr_grouping *, wr_ts wm);
void wr_sessions_release(wr_grouping *);
wr_u64 wr_sessions_held(const wr_grouping *, wr_held_fn *);
/* A saved session, behind `before` in its key's list (0: the key's first); its cell's number. */
wr_u32 wr_sessions_add(wr_grouping *, const wr_u64 *key, wr_u32 hash, wr_u32 before, const wr_session *like);

/* ---- checkpoints: state_group.c ---- */
void wr_grouping_save(const wr_grouping *, wr_saver *);
/* Into an empty one. 0, or what is wrong. */
const char *wr_grouping_load(wr_ctx *, wr_grouping *, wr_loader *);

#endif
