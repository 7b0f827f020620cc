/* run.h -- the state of one run: what the files of the loop share (run, input, feed, output, param, report). */
#ifndef WEIR_RUN_H
#define WEIR_RUN_H
#include <signal.h>
#include "keyed.h"
#include "rt_internal.h"
#include "seq.h"

typedef struct wr_part {                  /* a partition: a channel of event time */
  char *name;                             /* for messages; 0: it has none */
  bool open, ended, idle, paused;
  bool caught_up;                         /* nothing more was there when the connector last looked */
  wr_i64 next;                            /* record number behind the last row that it gave */
  wr_ts seen;                             /* highest event time of rows that passed the checks */
  wr_ts wm;
  wr_ts active_at;                        /* clock when it last gave rows, or was opened */
  wr_i64 rows, late, bad, lag, bytes;     /* lag: records behind the end; it and bytes -1: unknown */
} wr_part;

typedef struct wr_gone {                  /* rows that the decoder's filter rejected, one after the other */
  wr_i32 at;                              /* rows of the batch before them */
  wr_u32 src;                             /* as in wr_pos */
  wr_ts time;                             /* the highest of theirs */
} wr_gone;

typedef struct wr_input {                 /* a source */
  const wr_source *def;
  void *conn, *fmt;
  wr_batch *batch;
  wr_i64 delay, idle_after, quiet;        /* microseconds; idle_after and quiet -1: not given */
  wr_part *part;                          /* part[0] is there from the start */
  wr_i32 npart;
  bool split;                             /* the connector has partitions of its own */
  bool ended;                             /* no partition will give rows any more */
  const char *file;                       /* where the connector is, for messages */
  wr_i32 at_part;
  wr_i32 fail_at;                         /* rows before a record that `bad fail` ends the run at, or -1 */
  wr_i64 rows, bad, checked, late;
  wr_i64 pauses;                          /* of its partitions, far ahead of others */
  wr_gone *gone;                          /* of the batch at hand: prefilter.c */
  size_t ngone, capgone;
  wr_i64 rejected;
} wr_input;

enum { WR_OPTIONS_MAX = 64 };             /* of a connector and its format, and a source's times */

typedef struct wr_version wr_version;     /* a table's records and where they come from: lookup.c */

typedef struct wr_output {                /* a sink */
  const wr_sink *def;
  void *conn, *fmt;
  wr_buf buf;
  size_t *end;                            /* of records, by_record connectors only; room for a batch */
  wr_i64 rows, bytes;
} wr_output;

typedef struct wr_gate {                  /* a stage and its watermark */
  const wr_stage *def;
  wr_ts wm;
  wr_grouping *grouping;                  /* one of the two */
  wr_sequence *sequence;
  wr_i64 late, gaps;
} wr_gate;

typedef struct wr_bad {                   /* a bad row waiting for the end of the batch */
  wr_i64 off;                             /* record number: they come out in order */
  wr_i32 op, feed, order;
  wr_i32 row;                             /* of the source batch, -1: not decoded or derived */
  wr_i32 part;
  enum wr_err err;
  const char *kind, *at;
  const char *place;                      /* file or topic that it came from, or 0 */
  const wr_input *in;
  wr_str raw, key;
  wr_ts time;
  wr_u8 st_time, st_key, st_raw;
} wr_bad;

typedef struct wr_decision {              /* a parameter changed while running */
  wr_ts ts;
  const char *name;
  char *old_text, *new_text;              /* as --set takes them */
} wr_decision;

typedef struct wr_late_row_of { wr_i32 row, op; } wr_late_row_of;

typedef struct wr_chunk { struct wr_chunk *next; size_t cap, used; } wr_chunk;

typedef struct wr_state {
  wr_ctx ctx;                             /* first: a wr_ctx is a wr_state */
  const wr_program *prog;
  wr_options opt;
  wr_i32 cap;                             /* rows of a batch */
  wr_batch *view;                         /* by port: another batch, shown with the port's columns */
  wr_input *in;                           /* by source, behind them by table */
  wr_version *version;                    /* by table */
  wr_output *out;
  wr_gate *gate;                          /* by stage */
  wr_stored **store;                      /* by store, sliding, limit of the program */
  wr_slider **slider;
  wr_limiter **limiter;
  wr_ahead **ahead;                       /* by keys of the program */
  wr_tally *tally;
  wr_slot *param;
  wr_decision *decision;                  /* oldest first */
  size_t ndecision;
  struct wr_held *held;                   /* what parameters that were set while running point to */
  struct wr_httpd *httpd;                 /* 0: no --metrics */
  struct wr_control *control;             /* 0: no --control */
  wr_regex **regex;
  wr_input *now_in;                       /* whose batch is being run; 0: closes, end */
  wr_bad *bad;
  size_t nbad, capbad;
  wr_late_row_of *late;
  size_t nlate, caplate;
  wr_i64 *feed_rows, *op_failed;          /* by feed, by operator */
  wr_i64 dropped_bad, dropped_late;       /* counted, sent nowhere */
  wr_i64 failed_in_feed;                  /* rows of streams of errors that failed themselves */
  bool in_feed;
  wr_chunk *arena, *arena_first, *kept;   /* batch-owned memory; kept: the run's */
  wr_u64 heap, heap_peak;                 /* bytes of cells */
  struct wr_keeper *keeper;               /* with --state: state.h */
  struct wr_again *again;                 /* records are read a second time: nothing but waiting rows counts */
  wr_i64 rows_before;                     /* read by the runs that this one resumes */
  char *reserve;
  size_t reserve_used;
  int exit_code;
  wr_input *failed;                       /* whose record met `fail`, and which one it was */
  wr_i32 failed_part;
  wr_i64 failed_off;
  bool backed;                            /* that source stands before it again */
  bool paused;                            /* some partition may be */
  bool closed;                            /* the reader of standard output went away */
  char error[1024], hint[512];
  wr_ts started, shown;
  wr_ts settled;                          /* clock when the sources last committed */
  size_t shown_width;
} wr_state;

static inline wr_state *wr_state_of(wr_ctx *ctx) { return (wr_state *)ctx; }

/* input.c */
bool wr_inputs_open(wr_state *);
/* again: at the place before the rows that wait (again.c) */
bool wr_source_open(wr_state *, wr_input *, const wr_source *, bool again);
void wr_inputs_close(wr_state *);
wr_input *wr_input_of(wr_state *, const wr_source *);
bool wr_input_options(wr_state *, const wr_source *, wr_slot *opt);  /* WR_OPTIONS_MAX of them */
const wr_slot *wr_input_times(const wr_source *, const wr_slot *opt);
bool wr_input_open(wr_state *, wr_input *, const wr_source *, const wr_slot *opt);
void wr_input_close(wr_state *, wr_input *);
wr_ts wr_gate_watermark(wr_state *, const wr_gate *);         /* from its inputs, as they are now */
wr_ts wr_input_watermark(const wr_input *);                   /* the least of its partitions' that are not idle */
void wr_input_end(wr_input *);
wr_part *wr_input_part(wr_state *, wr_input *, wr_i32 partition);   /* made when missing; 0: beyond 4095 */
void wr_inputs_idle(wr_state *);                              /* idle and quiet, by the clock */

/* ordered.c: the keyed parts of ordered operators */
bool wr_keyed_open(wr_state *);
void wr_keyed_close(wr_state *);
void wr_keyed_settle(wr_state *);         /* the batch is over */

/* lookup.c: external tables */
bool wr_lookups_open(wr_state *);         /* so that what is missing is told before anything is written */
bool wr_lookups_load(wr_state *);         /* to their heads: no row is read before */
void wr_lookups_boundary(wr_state *);     /* follows and reloads them */
void wr_lookups_close(wr_state *);

/* boundary.c */
void wr_boundary(wr_state *);
void wr_boundary_last(wr_state *);        /* the run is over */

/* pressure.c */
void wr_pressure(wr_state *);             /* pauses partitions that are far ahead while too much waits for the others */

/* output.c */
bool wr_outputs_open(wr_state *);
bool wr_outputs_flush(wr_state *);
void wr_outputs_close(wr_state *);

/* feed.c */
void wr_options_failed(wr_state *, const char *what, const char *name, wr_status);   /* evaluating them gave an error */
const char *wr_stage_name(const wr_state *, wr_i32 stage);
void wr_feeds_flush(wr_state *);          /* bad and late rows of the batch, in order, into their streams */

/* checkpoint_read.c: with --state, in this order; without it they do nothing */
bool wr_keep_open(wr_state *);            /* finds the checkpoint to resume from */
bool wr_keep_params(wr_state *);
bool wr_keep_cells(wr_state *);           /* does the program fit? Fills groupings and states */
bool wr_keep_source(wr_state *, wr_input *, bool again);
bool wr_keep_sink(wr_state *, wr_output *);
/* checkpoint.c */
bool wr_keep_start(wr_state *);
void wr_keep_tick(wr_state *);            /* at a boundary: takes a checkpoint when its time has come */
void wr_keep_finish(wr_state *);          /* the last one, unless the run failed */
void wr_keep_close(wr_state *);

/* again.c: rows that waited are made again, of their records */
void wr_again_mark(wr_state *, wr_i32 source);                /* with every checkpoint: where the source stands */
void wr_again_save(wr_state *, wr_i32 source, wr_saver *);    /* the place before the oldest row that waits */
bool wr_again_load(wr_state *, wr_i32 source, wr_loader *);
void wr_again_want(wr_ctx *, const wr_seq *, wr_i32 lane, const wr_batch *);
bool wr_again_new(wr_state *);
bool wr_again_place(const wr_state *, wr_i32 source, wr_str *place);
bool wr_again_run(wr_state *);            /* before the sources are opened; false: wr_error was called */
void wr_again_free(wr_state *);
void wr_again_advance(wr_state *, const wr_input *, wr_batch *);
void wr_again_bad(wr_state *, const wr_input *, wr_i64 off);  /* the record is bad now */

/* decision.c: what no input decided, for the log in checkpoints */
void wr_decide(wr_state *, const char *what, const char *name, wr_i32 partition);
/* Rows see this version from now on. */
void wr_decide_table(wr_state *, const char *table, wr_u64 hash, wr_i64 records);
void wr_decide_param(wr_state *, wr_i32 param, wr_slot was);  /* after it changed */

/* param.c */
typedef struct wr_refusal { char what[768], hint[256]; } wr_refusal;
bool wr_params_init(wr_state *);
void wr_params_free(wr_state *);
/* Sets several, each "name=value", all or none; between batches only. `by` says who, for the log. */
bool wr_params_set(wr_state *, const wr_str *assignment, wr_i32 n, const char *by, wr_refusal *);
/* A parameter's value as --set takes it; batch-owned bytes. */
wr_str wr_param_text(wr_state *, wr_i32 param, wr_slot);
bool wr_param_given(const wr_state *, wr_i32 param);           /* by --set */

/* heap.c */
void wr_arena_reset(wr_state *);
void wr_arena_keep(wr_state *);
void wr_arena_free(wr_state *);

/* lookup.c, for the counters */
typedef struct wr_lookup_counts { wr_i64 rows, versions, kept, missed, dropped; wr_u64 bytes; } wr_lookup_counts;
wr_lookup_counts wr_lookup_counts_of(const wr_state *, wr_i32 table);
/* trial.c */
void wr_trial_counts(wr_state *);

/* run.c */

/* report.c */
void wr_progress(wr_state *, bool last);
void wr_summary(wr_state *);
#endif
