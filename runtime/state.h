/* state.h -- keeping a run's state in a folder: what the files that take and take back checkpoints share.
 *
 * checkpoint.c takes them, checkpoint_read.c resumes from one, state_cell.c and state_fit.c decide whether a
 * program fits what it finds, decision.c has the log of what no input decided.
 */
#ifndef WEIR_STATE_H
#define WEIR_STATE_H
#include "checkpoint.h"
#include "run.h"

typedef struct wr_logged {
  wr_ts at;                               /* clock */
  char text[112];
} wr_logged;
enum { WR_DECISIONS = 256 };              /* the last ones are kept */

typedef struct wr_rank { wr_u32 was, is; } wr_rank;

struct wr_keeper {
  wr_state_dir dir;
  wr_checkpoint old;                      /* that the run resumes from, until everything has its part */
  bool resuming, resumed;
  wr_writer *writer;
  wr_i64 next, good;                      /* numbers: of the next checkpoint, of the last good one */
  wr_ts tried, good_at;                   /* clock */
  wr_u64 print;                           /* of the run, when the last one was put */
  size_t size;                            /* of the last one */
  bool failing;
  wr_buf *place;                          /* by source: where it stood in the one that is being written */
  struct wr_marks *marks;                 /* by source, again.c: places before rows that wait */
  struct wr_again *again;                 /* rows that must be read again, or 0 */
  wr_slot *start;                         /* by parameter: its value at start, before anybody changed it */
  wr_ts *changed;                         /* by parameter: clock; 0: never */
  wr_rank *rank;                          /* of names, then and now; only those that moved */
  wr_i32 nrank;
  wr_logged *decision;                  /* a ring */
  wr_u64 ndecision;                       /* ever */
};

/* What every section of a cell begins with. */
typedef struct wr_cell_head { wr_i64 keys, bytes; wr_ts wm; wr_i64 late, gaps; } wr_cell_head;
void wr_save_head(wr_saver *, const wr_cell_head *);
wr_cell_head wr_load_head(wr_loader *);

/* ---- state_cell.c ---- */
void wr_state_put_name(wr_buf *, const char *name);
void wr_state_text_group(wr_buf *, const wr_grouping *);
void wr_state_text_store(wr_state *, wr_buf *, const wr_store *);
void wr_state_text_sliding(wr_state *, wr_buf *, const wr_sliding *, bool positions);
void wr_state_text_limit(wr_state *, wr_buf *, const wr_limit *);
void wr_state_text_order(wr_state *, wr_buf *, const wr_seq *);

/* ---- the cells of a program, in the order of their sections: state_cells.c ---- */
typedef struct wr_cell_ref {
  enum wr_section_kind kind;
  wr_i32 index;
  char name[256];                         /* the second of equal names is NAME#2 */
} wr_cell_ref;
bool wr_cells_next(const wr_state *, wr_cell_ref *);          /* begins with kind 0; false: that was the last one */
void wr_cell_text(wr_state *, const wr_cell_ref *, wr_buf *);
void wr_cell_save(wr_state *, const wr_cell_ref *, wr_saver *);
const char *wr_cell_load(wr_state *, const wr_cell_ref *, wr_loader *);     /* 0, or what is wrong */

/* ---- state_fit.c ---- */
enum wr_fit { WR_FITS, WR_MEANS_OTHER, WR_FITS_NOT };
/* Why not goes to `was` and `is`, lines of the descriptors; "" where one has none. */
enum wr_fit wr_state_fit(enum wr_section_kind, wr_str was_text, wr_str is_text, char *was, char *is, size_t size);
bool wr_state_named(const char *const *names, int n, wr_str name);

/* ---- decision.c ---- */
void wr_decisions_save(const struct wr_keeper *, wr_saver *);
void wr_decisions_load(struct wr_keeper *, wr_loader *);
#endif
