/* rt_internal.h -- what the runtime's files share; never installed, never seen by generated code. */
#ifndef WEIR_RT_INTERNAL_H
#define WEIR_RT_INTERNAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "weir/agg.h"
#include "weir/connector.h"
#include "weir/rt.h"

/* ---- seams: clock, randomness, files, memory. The core asks these tables, never the system. ---- */

typedef struct wr_clock {                 /* clock.c: real and virtual */
  wr_ts (*now)(void *self);               /* microseconds since the epoch */
  void (*sleep)(void *self, wr_i64 us);   /* returns early on a signal */
  void *self;
} wr_clock;

typedef struct wr_fs {                    /* fs.c; the tests put a failing one in its place */
  int (*open)(const char *path, int flags, int mode);         /* as open(2): -1 and errno */
  long (*read)(int fd, void *, size_t);
  long (*write)(int fd, const void *, size_t);                /* may be short */
  int (*fsync)(int fd);
  int (*close)(int fd);
  int (*rename)(const char *from, const char *to);
  int (*unlink)(const char *path);
  int (*truncate)(int fd, wr_i64 length);
  wr_i64 (*size)(int fd);                 /* -1: not a regular file */
  int (*ready)(int fd);                   /* 1: read would not block (waits a millisecond at most) */
  int (*same)(int fd, const char *path);  /* 1: the path still names this open file */
  int (*lock)(int fd, bool shared);       /* held until close; -1: somebody holds another. Only regular files */
  wr_i64 (*seek)(int fd, wr_i64 offset);  /* from the start */
  int (*mkdir)(const char *path, int mode);
  int (*list)(const char *dir, void (*each)(void *, const char *name), void *);   /* in no order */
} wr_fs;

typedef struct wr_mem {                   /* mem.c */
  void *(*alloc)(void *self, size_t);     /* 0 when exhausted; 16-byte aligned */
  void (*free)(void *self, void *, size_t);
  void *self;
} wr_mem;

extern const wr_clock wr_clock_real;
extern const wr_fs wr_fs_real;
extern const wr_mem wr_mem_real;
extern const wr_fs *wr_fs_now;            /* set once, before the run */
extern const wr_mem *wr_mem_now;

void *wr_mem_alloc(size_t);               /* ends the process (exit 70) when the seam gives 0 */
void wr_mem_free(void *, size_t);

/* ---- growable byte buffer (encoders, messages) ---- */
typedef struct wr_buf {
  char *p;
  size_t n, cap;
} wr_buf;
void wr_buf_reserve(wr_buf *, size_t more);                   /* at least `more` bytes free behind n */
void wr_buf_add(wr_buf *, const void *, size_t);
void wr_buf_free(wr_buf *);

/* ---- errors of the environment: they end the run (exit 74 I/O, 78 configuration, 65 data) ---- */
enum {
  WR_EXIT_OK = 0,
  WR_EXIT_USAGE = 64,
  WR_EXIT_DATA = 65,
  WR_EXIT_NOINPUT = 66,
  WR_EXIT_SOFTWARE = 70,
  WR_EXIT_IO = 74,
  WR_EXIT_CONFIG = 78
};
/* Records the first error of the run: "what went wrong" and a hint ("" for none). printf style. */
void wr_error(wr_ctx *, int exit_code, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
bool wr_failed(wr_ctx *);

/* ---- bad records ---- */
/* A record that does not decode (source by index is found from the source pointer). `field` may be 0. */
void wr_record_failed(wr_ctx *, const wr_source *, wr_str raw, wr_i64 off, enum wr_err kind, const char *field);
/* Row b->n, whose early columns and pos.src are set, did not pass the source's filter: it is counted, its
 * event time is kept, and it is not to be appended. prefilter.c */
void wr_row_rejected(wr_ctx *, const wr_source *, const wr_batch *);

/* What the next records of the source's current poll come from (copied; bad records show it as `topic`). */
void wr_input_place(wr_ctx *, const wr_source *, wr_i32 partition, const char *file);
/* With --state: is the state of this run kept? Does this source or sink stand in the checkpoint that the run
 * resumes from, so that its load follows? */
bool wr_keeps(wr_ctx *);
bool wr_resumes(wr_ctx *, const void *source_or_sink);
/* What names a row wherever it is written again; replaces what is in the buffer: row_id.c */
void wr_row_id(wr_ctx *, const wr_sink *, const wr_batch *, wr_i32 row, wr_str key, wr_str record, wr_buf *);
/* A line for the operator, unless --quiet. */
void wr_note(wr_ctx *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Standard output's reader is gone: the run ends early and quietly, exit 0. */
void wr_output_closed(wr_ctx *);
/* A sink writes to standard output: on a terminal that is in the way of a line of progress. */
void wr_output_shown(wr_ctx *);

/* A record that a sink's connector cannot deliver, because of the record itself: it goes where `errors to`
 * says. `why` names what was wrong with it. Copied. `aside`: what wr_setting_aside said when it was written. */
void wr_sink_failed(wr_ctx *, const wr_sink *, wr_str record, wr_ts time, enum wr_err kind, const char *why,
                    bool aside);
bool wr_setting_aside(wr_ctx *);          /* the rows that are being written are of a stream of bad or late rows */

/* ---- for connectors whose other side comes and goes ---- */
/* Tells the person at the log that something changed for worse or better; the run goes on. printf style. */
void wr_alarm(wr_ctx *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A connector waits for its other side: the run is slow, not stuck. */
void wr_still_waiting(wr_ctx *);
/* All that sources have given becomes durable in the sinks, and sources are told to commit. 0, or wr_error. */
int wr_settle(wr_ctx *);
/* The run has been told to end, by a signal: do not wait for long. Any thread may ask. */
bool wr_stopping(void);
/* Does the program keep rows, windows or states from batch to batch? */
bool wr_keeps_state(const wr_program *);

/* ---- secrets: secret.c ---- */
/* Reads what an option of type WR_OPT_SECRET refers to, and a zero behind it. false: wr_error was called. */
bool wr_secret_read(wr_ctx *, const char *who, const wr_slot *ref, wr_buf *);
void wr_secret_wipe(wr_buf *);

/* ---- regular expressions: regex.c, linear time, RE2's syntax ---- */
typedef struct wr_regex wr_regex;
/* 0 and *error set (static text), *where the byte offset, when the pattern is wrong. flags: 'i', 's', 'm' */
wr_regex *wr_regex_compile(wr_str pattern, const char *flags, const char **error, size_t *where);
int wr_regex_groups(const wr_regex *);                        /* number of groups, the whole match not counted */
const char *wr_regex_name(const wr_regex *, int group);       /* 0: unnamed; group from 1 */
bool wr_regex_test(wr_regex *, wr_str);                       /* matches anywhere? */
/* group 0 is the whole match; unmatched groups get p = 0. n = number of entries of `group`. */
bool wr_regex_search(wr_regex *, wr_str, size_t from, wr_str *group, int n);
void wr_regex_free(wr_regex *);
wr_regex *wr_regex_of(wr_ctx *, wr_i32 index);                /* the program's literal, compiled at start */

/* ---- text of values: text.c ---- */
bool wr_parse_int(const char *p, size_t n, wr_i64 *);         /* whole text; optional sign */
enum wr_err wr_parse_dec(const char *p, size_t n, int scale,
                         wr_i64 *); /* exact: 10.005 is no decimal(2); exponents allowed; WR_E_NONE/TYPE/RANGE */
enum wr_err wr_parse_float(const char *p, size_t n, wr_f64 *);/* correctly rounded; no inf, nan; -0 becomes 0 */
enum wr_err wr_parse_ts(const char *p, size_t n, wr_ts *);    /* RFC 3339, also a space for T, also date only */
enum wr_err wr_parse_dur(const char *p, size_t n, wr_i64 *);  /* 1h30m */
size_t wr_print_int(char *, wr_i64);                          /* returns length; no terminator; <= 20 bytes */
size_t wr_print_dec(char *, wr_i64, int scale);               /* <= 24 bytes */
size_t wr_print_float(char *, wr_f64);                        /* shortest that reads back; <= 32 bytes */
size_t wr_print_ts(char *, wr_ts); /* 2026-01-31T10:00:00Z, .ffffff where needed; <= 40 bytes */
size_t wr_print_dur(char *, wr_i64);                          /* 1h30m; <= 64 bytes */
bool wr_utf8_valid(const char *p, size_t n);
void wr_json_quote(wr_buf *, const char *p, size_t n);        /* with the quotes; control characters escaped */
void wr_json_value(wr_buf *, const wr_type *, wr_slot);       /* any value as JSON */
/* One JSON value of the type out of text (lists, maps, records in lists, params). Arena: wr_alloc. */
enum wr_err wr_json_parse(wr_ctx *, const wr_type *, const char *p, size_t n, wr_slot *);

/* ---- time zones and calendar: zone.c, system tzdata ---- */
typedef struct wr_zone wr_zone;
const wr_zone *wr_zone_find(wr_str name);                     /* 0: unknown; cached for the process */
wr_i64 wr_zone_offset(const wr_zone *, wr_ts);                /* microseconds east of UTC at an instant */
wr_ts wr_zone_to_utc(const wr_zone *, wr_i64 local);          /* first valid instant at or after local time */
wr_ts wr_cal_start(const wr_zone *, enum wr_cal, wr_i64 count, wr_ts t);  /* start of the period holding t */
wr_ts wr_cal_next(const wr_zone *, enum wr_cal, wr_i64 count, wr_ts start);
typedef struct wr_civil {
  wr_i64 year;
  int month, day, hour, minute, second, micro, weekday /* 1 Monday */, yearday;
} wr_civil;
void wr_civil_of(wr_i64 local_us, wr_civil *);
wr_i64 wr_civil_us(const wr_civil *);                         /* back to local microseconds */
const char *wr_zone_version(void);                            /* of the tzdata, "" when it does not say */
/* What the compiler checks of constant arguments (FN_UNIT, FN_STRFTIME): fn_time.c */
bool wr_time_unit_ok(wr_str);
bool wr_strftime_ok(wr_str);

/* ---- numbers: value_number.c ---- */
/* The quotient of two decimals with `scale` digits, half-even. */
wr_status wr_dec_div(wr_i64 a, wr_i32 sa, wr_i64 b, wr_i32 sb, wr_i32 scale, wr_i64 *);

/* ---- kinds ---- */
unsigned wr_kind_width(unsigned kind);                        /* bytes of a column cell: 1, 8 or 16 */
wr_slot wr_col_slot(const wr_type *, const wr_col *, wr_i32 row);     /* a scalar column cell as a slot */

/* ---- batches ---- */
wr_batch *wr_batch_new(wr_i32 ncol, const wr_u8 *kind, const wr_u8 *nullable, wr_i32 cap, bool source);
void wr_batch_free(wr_batch *, const wr_u8 *kind);

/* ---- groupings: group.c, table.c, window_*.c ---- */
typedef struct wr_grouping wr_grouping;
wr_grouping *wr_grouping_new(wr_ctx *, const wr_group *, const wr_slot *config);  /* 0: wr_error was called */
void wr_grouping_free(wr_ctx *, wr_grouping *);
/* Closes every window with end <= wm in (end, key bytes) order through the out port (pushing batches
 * with wr_flush); WR_TS_MAX closes all. Resumable: false when it stopped after many rows and must be
 * called again with the same wm before anything else reaches the grouping. */
bool wr_grouping_close(wr_ctx *, wr_grouping *, wr_ts wm);
wr_i64 wr_grouping_keys(const wr_grouping *);                 /* cells held */
wr_u64 wr_grouping_bytes(const wr_grouping *);
wr_grouping *wr_grouping_of(wr_ctx *, wr_i32 group);          /* run.c */
/* What groupings need of the run; run.c. */
void wr_late_report(wr_ctx *, const wr_group *, const wr_batch *, wr_i32 row);   /* refused by a window: once a row */
void wr_gap_report(wr_ctx *, const wr_group *);               /* a row between hopping windows: in none, not late */
wr_u64 wr_seed(void);                                         /* of hashes, drawn once a process */
const wr_program *wr_program_of(wr_ctx *);

/* ---- the run: run.c ---- */
typedef struct wr_options {
  const char *const *set;                 /* "name=value" */
  int nset;
  wr_i32 batch;                           /* rows of a batch; 0: default */
  wr_u64 memory;                          /* budget in bytes; 0: none */
  bool quiet;                             /* no summary */
  bool progress;                          /* a line on the terminal while running */
  const char *state;                      /* folder of checkpoints, or 0 */
  wr_i64 checkpoint_every;                /* microseconds; 0: default */
  const char *const *drop, *const *accept;/* names of cells: to forget; to keep though they mean something else */
  int ndrop, naccept;
  const char *metrics;                    /* ADDRESS:PORT to serve them at; 0: nowhere */
  const char *metrics_token_file;         /* 0: no token is asked for */
  const char *control;                    /* path of the socket for `weir set`; 0: none */
  const wr_clock *clock;                  /* 0: real */
  FILE *log;                              /* 0: stderr */
  struct wr_trial *trial;                 /* the run is a test: trial.h; else 0 */
} wr_options;
int wr_run(const wr_program *, const wr_options *);           /* exit code */
void wr_stop(void);                                           /* async-signal-safe: drain and end */
wr_ts wr_clock_now(wr_ctx *);
#endif
