/* rt.h -- everything that generated code may see of the runtime.
 *
 * This header includes no system header and uses only what Debian's libtcc compiles: no 128-bit
 * integers, no built-ins, no atomics, no thread-local storage. 128-bit values are opaque bytes here.
 * docs/abi.md explains the layouts; WEIR_ABI moves whenever one of them does.
 *
 * Ownership: every pointer in a batch (column arrays, string bytes, list slots) belongs to the
 * *batch owner*: it is valid until the source batch that caused it has been run through all
 * pipelines. Whoever keeps a value longer copies it (cells copy into their table's heap).
 */
#ifndef WEIR_RT_H
#define WEIR_RT_H

#define WEIR_ABI 2

typedef signed char wr_i8;
typedef unsigned char wr_u8;
typedef unsigned short wr_u16;
typedef int wr_i32;
typedef unsigned int wr_u32;
typedef long long wr_i64;
typedef unsigned long long wr_u64;
typedef double wr_f64;
typedef wr_i64 wr_ts;                     /* microseconds since 1970-01-01T00:00:00Z */

#define WR_I64_MAX 9223372036854775807LL
#define WR_I64_MIN (-9223372036854775807LL - 1)
#define WR_TS_MIN WR_I64_MIN              /* "no watermark yet" */
#define WR_TS_MAX WR_I64_MAX              /* "input has ended" */

/* ---- values ---- */

typedef struct wr_str {                   /* string, bytes, json: UTF-8 or raw bytes, not terminated */
  const char *p;
  wr_u32 len;
  wr_u32 pad;
} wr_str;

struct wr_slot;
typedef struct wr_list {                  /* list: n elements of `width` slots; map: width includes the key */
  const struct wr_slot *p;
  wr_u32 n;
  wr_u32 width;                           /* slots per element: 1 for scalars, leaves for records */
} wr_list;

/* One value of any kind in 16 bytes: elements of lists, parameters, option values, literals.
 * st: 0 a value, -1 null. For lists `list` and `len` are the elements and their number. */
typedef struct wr_slot {
  union {
    wr_i64 i;                             /* bool, int, decimal, timestamp, duration, enum */
    wr_f64 f;
    const char *p;                        /* string, bytes, json; length in len */
    const struct wr_slot *list;
  } u;
  wr_u32 len;
  wr_i32 st;
} wr_slot;

typedef struct wr_dec {                   /* a decimal as an argument of a built-in */
  wr_i64 v;                               /* value * 10^scale */
  wr_i64 scale;
} wr_dec;

/* ---- status: what evaluating an expression gave ----
 *  0 a value, -1 null, > 0 an error: kind in the low 8 bits, site (index into the program's table of
 *  source positions) above. A built-in returns the bare kind; generated code adds its site. */
typedef wr_i32 wr_status;
enum { WR_OK = 0, WR_NULL = -1 };
#define WR_SITE(kind, site) ((wr_i32)((kind) | ((site) << 8)))

enum wr_err {                             /* names and texts: errors.def */
  WR_E_NONE = 0,
#define ERR(id, text) WR_E_##id,
#include "weir/errors.def"
#undef ERR
  WR_E_COUNT
};

/* ---- types as data ---- */

enum wr_kind {
  WR_BOOL, WR_INT, WR_FLOAT, WR_DEC, WR_STR, WR_BYTES, WR_TS_, WR_DUR, WR_ENUM, WR_JSON,
  WR_LIST, WR_MAP, WR_REC, WR_KINDS
};
enum wr_unit { WR_UNIT_NONE, WR_UNIT_S, WR_UNIT_MS, WR_UNIT_US };
enum wr_masking { WR_MASK_NONE, WR_MASK_ALL, WR_MASK_LAST, WR_MASK_HASH };

struct wr_field;
typedef struct wr_type {
  wr_u8 kind;                             /* enum wr_kind */
  wr_u8 nullable;
  wr_u8 scale;                            /* WR_DEC: digits after the point */
  wr_u8 open;                             /* WR_ENUM: an unknown member becomes the last one ("other") */
  wr_u32 n;                               /* fields (WR_REC) or members (WR_ENUM) */
  const struct wr_field *fields;          /* WR_REC */
  const struct wr_type *elem;             /* WR_LIST, WR_MAP: element */
  const char *const *names;               /* WR_ENUM: members, terminated strings */
} wr_type;

typedef struct wr_field {
  const char *name;                       /* in the external data (`from "..."` applied), terminated */
  wr_u32 len;                             /* of name */
  wr_i32 col;                             /* column of this leaf, or presence column of a nullable
                                             record; -1: not read (decode), not there (encode) */
  const wr_type *type;
  const wr_slot *dflt;                    /* value when the field is missing, or 0 */
  wr_u8 masking;                          /* enum wr_masking */
  wr_u8 mask_n;
  const char *label;                      /* the field's name in the program */
} wr_field;

/* Columns: BOOL and record presence are wr_u8; INT DEC TS DUR ENUM wr_i64; FLOAT wr_f64;
 * STR BYTES JSON wr_str; LIST MAP wr_list. */
typedef struct wr_col {
  void *v;
  wr_u8 *st;                              /* one status byte a row: 0 value, 1 null, >= 2 error of kind
                                             st - 1 (only aggregate results); 0 pointer: never null */
} wr_col;
#define WR_ST_NULL 1

/* A row's logical position (docs/semantics): with its time it orders all rows of a program. */
typedef struct wr_pos {
  wr_i64 off;                             /* record number in the partition, or rank in a close */
  wr_u32 src;                             /* rank of the origin's name << 12 | partition */
  wr_u32 ord;                             /* ordinal among rows made from one row (unnest) */
} wr_pos;

typedef struct wr_batch {
  wr_i32 n, cap;
  wr_i32 ncol;
  wr_col *col;
  wr_ts *time;                            /* event time (0 where the stream has none) */
  wr_ts *wm;                              /* watermark of the row's own partition at the row;
                                             WR_TS_MIN: cannot be late (derived rows) */
  wr_pos *pos;
  wr_u32 *row;                            /* row of the current source batch it came from; ~0u: derived */
  wr_u8 *skip;                            /* source batches: 1 = failed a check; else 0 pointer */
  wr_str *raw;                            /* source batches: the record's bytes; else 0 pointer */
} wr_batch;

/* ---- the context ----
 * Only the head is visible to generated code; the rest is the runtime's. */
typedef struct wr_ctx {
  wr_batch **port;                        /* input batch of every port, by index */
  const wr_slot *param;                   /* current value of every parameter */
  wr_i32 cut;                             /* >= 0: `fail` was met at this row of the source batch:
                                             row loops stop before it */
  wr_ts now;                              /* processing time of the current batch */
  struct wr_tally *tally;                 /* of every rule, by index */
} wr_ctx;

typedef struct wr_tally {                 /* what a rule did */
  wr_i64 evaluated, fired, suppressed;    /* rows judged; those it fired on, and of them those a limit held back */
} wr_tally;

/* ---- keyed cells of a grouping: filled by wr_group_find, read by the aggregates' batch steppers ---- */
typedef struct wr_cells {
  wr_i32 n;                               /* rows that found a cell (late rows are left out) */
  void **cell;
  const wr_u32 *row;                      /* their rows in the batch */
} wr_cells;

typedef struct wr_aggspec {
  wr_u32 off;                             /* of this aggregate's state in the cell */
  wr_i32 arg[2];                          /* argument columns, -1: none */
  const wr_type *type;                    /* of the first argument, 0: none */
  wr_slot opt[2];                         /* constant arguments (quantile's q, max:) */
} wr_aggspec;

/* ---- program tables, emitted as constant data ---- */

typedef struct wr_connector wr_connector; /* weir/connector.h */
typedef struct wr_format wr_format;
typedef struct wr_agg wr_agg;             /* vtable of an aggregate: weir/agg.h */

typedef void wr_run_fn(wr_ctx *, wr_batch *);
/* Evaluates configuration (options, durations) once at start. 0, or an error status. */
typedef wr_status wr_config_fn(wr_ctx *, wr_slot *out);
/* A source's filter, run by its decoder once the early columns of a row are there. 1: the row passes. */
typedef wr_i32 wr_filter_fn(wr_ctx *, wr_batch *, wr_i32 row);

typedef struct wr_site {                  /* where an expression stands, for run-time errors */
  wr_u32 op;
  const char *file;                       /* its name, without folders */
  wr_u32 line, column;
  const char *text;                       /* the expression as written, shortened */
} wr_site;

enum { WR_DROP = -1, WR_FAIL = -2 };      /* destinations that are not a feed */

typedef struct wr_port {                  /* input of a sink, a grouping, a union, an unnest, a stream of errors */
  const char *name;
  wr_i32 ncol;
  const wr_u8 *kind;                      /* enum wr_kind of every column (WR_REC: presence) */
  const wr_u8 *nullable;                  /* whether the column has status bytes */
  wr_run_fn *run;
} wr_port;

enum wr_feed_kind { WR_FEED_BAD, WR_FEED_LATE };
typedef struct wr_feed {                  /* a stream that the runtime itself fills */
  const char *name;
  wr_i32 kind;                            /* enum wr_feed_kind */
  wr_i32 port;                            /* -1: counted only */
} wr_feed;

typedef struct wr_check {
  wr_u32 site;
  wr_i32 dest;                            /* feed index, WR_DROP or WR_FAIL */
  wr_i32 err;                             /* enum wr_err of a row that does not pass */
} wr_check;

/* What a record brings beside its bytes, for sources whose program reads it: columns that the connector
 * fills, TIME as a timestamp (a record without one is bad), the others as nullable strings. */
enum wr_meta_kind { WR_META_TIME, WR_META_KEY, WR_META_HEADER };
typedef struct wr_meta {
  wr_i32 kind;                            /* enum wr_meta_kind */
  wr_i32 col;
  const char *header;                     /* WR_META_HEADER: its name */
} wr_meta;

/* Configuration of a source: connector options, then format options, then these. */
enum { WR_CFG_DELAY, WR_CFG_IDLE, WR_CFG_AHEAD, WR_CFG_QUIET, WR_CFG_TIMES };
#define WR_CFG_REFRESH WR_CFG_TIMES       /* of a table, behind the times */

typedef struct wr_source {
  const char *name;
  wr_u32 op, rank;
  const wr_connector *conn;
  const wr_format *fmt;                   /* 0: the connector delivers columns itself (generate) */
  const wr_type *type;                    /* record; cols say what the plan reads */
  wr_i32 port;                            /* the port that its batches have the shape of */
  wr_i32 time_col;                        /* -1: no event time */
  wr_i32 bad, late;                       /* feed index, WR_DROP or WR_FAIL */
  wr_i32 ncheck;
  const wr_check *check;
  wr_u8 strict, masked;
  wr_u8 table;                            /* it is where a table's records come from: wr_lookup */
  wr_config_fn *config;
  wr_filter_fn *filter;                   /* 0: none is pushed into the decoder */
  const wr_u8 *early;                     /* by column of the port: the filter or the event time needs it */
  wr_i32 nmeta;                           /* their columns stand behind those of the row */
  const wr_meta *meta;
} wr_source;

/* A leaf of a keyed record. In a record every scalar takes 8 bytes (bool as 0 or 1), strings and
 * lists 16; behind them stand the status bytes. In a key only name and type count. */
typedef struct wr_cell {
  const char *name;                       /* "site.zone" */
  const wr_type *type;
  wr_u32 off, st;                         /* of the value, of its status byte (0: never null) */
  wr_u32 max;                             /* of a list or map: the last so many elements are kept */
} wr_cell;

typedef struct wr_sink {
  const char *name;
  wr_u32 op;
  const wr_connector *conn;
  const wr_format *fmt;
  const wr_type *type;                    /* record; cols are columns of the sink's port */
  wr_i32 port;
  wr_config_fn *config;
  wr_i32 nkey;                            /* `partition by`, or else the key: columns of the port */
  const wr_cell *key;                     /* their names and types; off: the column */
} wr_sink;

enum wr_win_kind {
  WR_WIN_NONE,
#define WIN(id, ...) WR_WIN_##id,
#include "weir/windows.def"
#undef WIN
  WR_WIN_COUNT
};
/* Configuration of a grouping (microseconds; calendar periods: count, with WR_SLOT len = enum wr_cal). */
enum { WR_WCFG_SIZE, WR_WCFG_EVERY, WR_WCFG_OFFSET, WR_WCFG_ZONE, WR_WCFG_N };
enum wr_cal { WR_CAL_NONE, WR_CAL_DAY, WR_CAL_WEEK, WR_CAL_MONTH, WR_CAL_YEAR };

typedef struct wr_group {
  const char *name;                       /* stable name of its state */
  wr_u32 op, rank;
  wr_i32 in, out;                         /* ports; out columns: keys, start, end, aggregates */
  wr_i32 nkey;                            /* the first nkey columns of `in` are the key */
  wr_i32 win;                             /* enum wr_win_kind */
  wr_u8 processing;                       /* windows of processing time */
  wr_i32 nagg;
  const wr_agg *const *agg;
  const wr_aggspec *spec;
  wr_u32 cell_size;                       /* bytes of all aggregates' states */
  wr_i32 stage;                           /* whose watermark closes its windows */
  wr_config_fn *config;
  const wr_cell *key;                     /* names and types, for checkpoints; 0: only the port's kinds */
  const char *meaning;                    /* the aggregates as written, for upgrades; may be 0 */
} wr_group;

/* ---- ordered operators: what sees rows in event-time order, key by key ---- */

typedef struct wr_lane {                  /* an input of a sequencer: ports of equal columns */
  const char *name;
  wr_u32 op;
  wr_i32 in, out;
  const wr_type *const *type;             /* by column; only those of lists and maps are asked for. 0
                                             pointer: there are none */
} wr_lane;

typedef struct wr_seq {                   /* merges the rows of its lanes into one order */
  const char *name;
  wr_u32 op;
  wr_i32 stage;
  wr_i32 nlane;
  const wr_lane *lane;
  wr_u8 comes_back;                       /* rows it hands on may cause rows that come to it again, behind them */
} wr_seq;

enum wr_stage_kind { WR_STAGE_GROUP, WR_STAGE_SEQ };
typedef struct wr_stage {                 /* what moves with its own watermark */
  wr_i32 kind, index;                     /* among groups, sequencers */
  wr_i32 nup;
  const wr_i32 *up;                       /* who feeds it: source index, or ~stage index */
} wr_stage;

enum { WR_KCFG_SPAN, WR_KCFG_N };         /* configuration: keep, size, every; null: for ever, or a count */

typedef struct wr_store {                 /* a state: keyed records */
  const char *name;                       /* as declared: stable over upgrades */
  wr_u32 op;
  wr_i32 stage;                           /* whose watermark lets cells go; -1: none (order arrival) */
  wr_i32 nkey, nfield;
  const wr_cell *key, *field;
  wr_u32 size;                            /* bytes of a record, a multiple of 8 */
  void (*init)(wr_ctx *, void *record);   /* initial values: strings and lists are copied by the runtime; 0: none */
  const char *meaning;                    /* the updates as written, for upgrades */
  wr_config_fn *config;                   /* span: keep */
} wr_store;

typedef struct wr_lookup {                /* an external table: records by key, looked up by rows */
  const wr_source *source;                /* where they come from: never polled among the program's sources */
  const wr_store *store;                  /* a record; key and fields name columns of the source's port: */
  const wr_i32 *key, *field;
  wr_u8 fixed;                            /* versions static: what is there at start, and nothing else */
} wr_lookup;

typedef struct wr_sliding {               /* windows (t - d, t] of every row of a key */
  const char *name;
  wr_u32 op;
  wr_i32 stage;                           /* -1: order arrival */
  wr_i32 nkey, ncol;
  const wr_cell *key;
  const wr_u8 *kind, *nullable;           /* of the argument columns */
  wr_i32 nagg;
  const wr_agg *const *agg;
  const wr_aggspec *spec;                 /* their arg[] count argument columns */
  wr_u32 cell_size;
  wr_config_fn *config;                   /* span: size */
} wr_sliding;

typedef struct wr_limit {                 /* at most n in (t - every, t] of a key */
  const char *name;                       /* of its rule */
  wr_u32 op;
  wr_i32 stage;
  wr_i32 nkey;
  const wr_cell *key;
  wr_config_fn *config;                   /* span: every */
} wr_limit;

typedef struct wr_rule {
  const char *name;
  wr_u32 op;
  wr_u8 shadow;
} wr_rule;

typedef struct wr_param {
  const char *name;
  const wr_type *type;
  wr_slot dflt;
  wr_u8 structural;                       /* used where it is fixed at start */
  const char *doc;                        /* the check as written, or 0 */
  wr_i32 (*check)(wr_ctx *, const wr_slot *v);   /* 1 accepted; 0 pointer: any */
  wr_status (*init)(wr_ctx *, wr_slot *out);     /* default, when not a literal; else 0 */
} wr_param;

typedef struct wr_opname {                /* one a node of the plan, for metrics and summaries */
  const char *kind, *name;
  wr_u32 line, column;
} wr_opname;

typedef struct wr_program {
  wr_u32 abi;
  const char *name, *file;
  wr_i32 nop, nport, nsource, ngroup, nsink, nfeed, nparam, nsite;
  wr_i32 nstage, nseq, nstore, nsliding, nlimit, nrule, nlookup;
  const wr_opname *op;
  const wr_port *port;
  const wr_source *const *source;
  const wr_group *const *group;
  const wr_stage *stage;                  /* in topological order */
  const wr_seq *const *seq;
  const wr_store *const *store;
  const wr_lookup *const *lookup;
  const wr_sliding *const *sliding;
  const wr_limit *const *limit;
  const wr_rule *rule;
  const wr_sink *const *sink;
  const wr_feed *feed;
  const wr_param *param;
  const wr_site *site;
  wr_i32 errors;                          /* feed of `errors to`, WR_DROP: counted */
  const wr_str *regex;                    /* patterns, compiled at start; wr_regex(ctx, i) */
  wr_i32 nregex;
} wr_program;

/* ---- what generated code calls: one list, which is also the JIT's allow-list ----
 * SYM(result, name, arguments) */
#define WR_SYMBOLS(SYM)                                                                                              \
  SYM(void, wr_flush, (wr_ctx *, wr_i32 port)) /* run the port's batch, then empty it */                             \
  SYM(wr_batch *, wr_view,                                                                                           \
      (wr_ctx *, wr_i32 port, wr_batch *, const wr_i32 *col)) /* the batch with the port's columns */                \
  SYM(wr_i32, wr_in_time, (const wr_batch *)) /* 0: some row is behind its watermark, and may be late */             \
  SYM(void, wr_source_advance, (wr_ctx *, wr_i32 source, wr_batch *)) /* times, watermarks, after checks */          \
  SYM(void, wr_check_failed, (wr_ctx *, wr_i32 source, wr_i32 check, wr_batch *, wr_i32 row, wr_status))             \
  SYM(void, wr_row_failed, (wr_ctx *, wr_i32 op, wr_batch *, wr_i32 row, wr_status))                                 \
  SYM(wr_i32, wr_late, (wr_ctx *, wr_i32 group, wr_batch *, wr_i32 row)) /* 1: refused; counts, reports */           \
  SYM(wr_i32, wr_late_ordered, (wr_ctx *, wr_i32 seq, wr_batch *, wr_i32 row)) /* 1: refused; counts */              \
  SYM(void, wr_late_row, (wr_ctx *, wr_i32 op, wr_batch *, wr_i32 row)) /* reports who refuses it */                 \
  SYM(void, wr_seq_push, (wr_ctx *, wr_i32 seq, wr_i32 lane, wr_batch *)) /* copies rows that are not late */        \
  SYM(wr_u32, wr_key_hash,                                                                                           \
      (const wr_u8 *kind, wr_i32 n, const wr_slot *value, wr_u64 *word)) /* fills words: 1 each, 2 a string */       \
  SYM(const void *, wr_store_read,                                                                                   \
      (wr_ctx *, wr_i32 store, const wr_u64 *key, wr_u32 hash, wr_ts t)) /* as of t; initial values: never 0 */      \
  SYM(void *, wr_store_write, (wr_ctx *, wr_i32 store, const wr_u64 *key, wr_u32 hash, wr_ts t)) /* made if new */   \
  SYM(void, wr_store_set,                                                                                            \
      (wr_ctx *, wr_i32 store, void *record, wr_i32 field, wr_slot)) /* strings, lists: copied */                    \
  SYM(void, wr_lookup_put, (wr_ctx *, wr_i32 table, wr_batch *)) /* rows of its source that passed the checks */     \
  SYM(const void *, wr_lookup_find, (wr_ctx *, wr_i32 table, const wr_u64 *key, wr_u32 hash)) /* 0: no match */      \
  SYM(void, wr_lookup_missed, (wr_ctx *, wr_i32 table, wr_i32 dropped)) /* counts; dropped: the row goes, too */     \
  SYM(void *, wr_sliding_add,                                                                                        \
      (wr_ctx *, wr_i32 sliding, const wr_u64 *key, wr_u32 hash, wr_ts t, const wr_pos *, const wr_slot *arg))       \
  SYM(wr_status, wr_sliding_read,                                                                                    \
      (wr_ctx *, wr_i32 sliding, void *cell, wr_i32 agg, void *out)) /* a bare status; batch-owned bytes */          \
  SYM(wr_ts, wr_sliding_start, (wr_ctx *, wr_i32 sliding, wr_ts t)) /* t - d */                                      \
  SYM(wr_i32, wr_limit_pass,                                                                                         \
      (wr_ctx *, wr_i32 limit, const wr_u64 *key, wr_u32 hash, wr_ts t, wr_i64 n)) /* 1: passes, and counts */       \
  SYM(const wr_cells *, wr_group_find, (wr_ctx *, wr_i32 group, wr_batch *))                                         \
  SYM(void, wr_sink_write, (wr_ctx *, wr_i32 sink, wr_batch *))                                                      \
  SYM(void *, wr_alloc, (wr_ctx *, wr_u32 bytes)) /* batch-owned, 16-byte aligned; never 0 */                        \
  SYM(void, wr_cut, (wr_ctx *)) /* takes back what rows at or behind ctx->cut left in ports */                       \
  SYM(wr_i32, wr_sampled, (const wr_pos *, wr_f64 share))                                                            \
  SYM(wr_i32, wr_sampled_key, (wr_u64 hash, wr_f64 share))                                                           \
  SYM(wr_u64, wr_hash_slot, (const wr_type *, wr_slot, wr_u64 seed))                                                 \
  SYM(wr_i32, wr_str_cmp, (wr_str, wr_str))                                                                          \
  SYM(wr_i32, wr_str_eq, (wr_str, wr_str))                                                                           \
  SYM(wr_i32, wr_list_eq, (const wr_type *elem, wr_list, wr_list))                                                   \
  SYM(wr_i32, wr_str_like, (wr_str s, wr_str pattern))                                                               \
  SYM(wr_i32, wr_regex_match, (wr_ctx *, wr_str, wr_i32 regex))                                                      \
  SYM(wr_status, wr_mul_i64, (wr_i64, wr_i64, wr_i64 *)) /* checked */                                               \
  SYM(wr_status, wr_dec_rescale, (wr_i64 v, wr_i32 from, wr_i32 to, wr_i64 *)) /* half-even down, checked up */      \
  SYM(wr_i32, wr_dec_cmp, (wr_i64 a, wr_i32 sa, wr_i64 b, wr_i32 sb)) /* exact, any scales */                        \
  SYM(wr_status, wr_dec_mul, (wr_i64 a, wr_i64 b, wr_i32 scale_ab, wr_i32 scale, wr_i64 *))                          \
  SYM(wr_status, wr_dec_mod, (wr_i64 a, wr_i32 sa, wr_i64 b, wr_i32 sb, wr_i64 *))                                   \
  SYM(wr_f64, wr_dec_to_f64, (wr_i64 v, wr_i32 scale))                                                               \
  SYM(wr_status, wr_f64_to_dec, (wr_f64, wr_i32 scale, wr_i64 *)) /* half-even, checked */                           \
  SYM(wr_status, wr_f64_to_i64, (wr_f64, wr_i64 *)) /* truncates, checked */                                         \
  SYM(wr_f64, wr_i64_to_f64, (wr_i64))                                                                               \
  SYM(wr_f64, wr_f64_mod, (wr_f64, wr_f64))                                                                          \
  SYM(wr_status, wr_parse_value, (wr_ctx *, const wr_type *, wr_str, wr_slot *)) /* cast from text */                \
  SYM(wr_status, wr_print_value,                                                                                     \
      (wr_ctx *, const wr_type *, wr_slot, wr_str *)) /* cast to text, JSON for lists and maps */                    \
  SYM(wr_str, wr_concat, (wr_ctx *, wr_str, wr_str))                                                                 \
  SYM(wr_i32, wr_list_find, (const wr_type *elem, wr_list, wr_slot)) /* 1, 0, or WR_NULL: not found among nulls */   \
  SYM(wr_str, wr_source_name, (wr_ctx *, wr_u32 src)) /* of a position */                                            \
  SYM(wr_slot, wr_list_at, (wr_list, wr_i64 i)) /* null when out of range */                                         \
  SYM(wr_slot, wr_map_get, (wr_list, wr_str key)) /* null when missing */                                            \
  SYM(wr_slot, wr_json_get, (wr_ctx *, wr_str json, wr_str key))                                                     \
  SYM(wr_slot, wr_json_at, (wr_ctx *, wr_str json, wr_i64 i))                                                        \
  SYM(void *, memcpy, (void *, const void *, unsigned long))                                                         \
  SYM(void *, memset, (void *, int, unsigned long))                                                                  \
  SYM(void *, memmove, (void *, const void *, unsigned long))                                                        \
  SYM(int, memcmp, (const void *, const void *, unsigned long))

#define WR_PROTOTYPE(result, name, args) extern result name args;
WR_SYMBOLS(WR_PROTOTYPE)

/* ---- small halves that generated code may inline ---- */

/* Checked 64-bit arithmetic: 1 when the result does not fit. */
static inline wr_i32 wr_add_i64(wr_i64 a, wr_i64 b, wr_i64 *out)
{
  wr_i64 t = (wr_i64)((wr_u64)a + (wr_u64)b);
  *out = t;
  return ((t ^ a) & (t ^ b)) < 0;
}
static inline wr_i32 wr_sub_i64(wr_i64 a, wr_i64 b, wr_i64 *out)
{
  wr_i64 t = (wr_i64)((wr_u64)a - (wr_u64)b);
  *out = t;
  return ((a ^ b) & (t ^ a)) < 0;
}
/* A float result: never NaN or infinite, never -0.0. 0, or the error kind. */
static inline wr_status wr_f64_fix(wr_f64 x, wr_f64 *out)
{
  *out = x == 0.0 ? 0.0 : x;
  return x - x == 0.0 ? 0 : x != x ? WR_E_NAN : WR_E_OVERFLOW;
}
/* The status of a strict operation: an error of the first operand, of the second, null, or 0. */
static inline wr_status wr_both(wr_status a, wr_status b)
{
  return a > 0 ? a : b > 0 ? b : a | b;
}
/* A column's status byte as a status, and back. */
static inline wr_status wr_st_get(wr_u8 st, wr_i32 site)
{
  return st == 0 ? 0 : st == WR_ST_NULL ? WR_NULL : WR_SITE(st - 1, site);
}
static inline wr_u8 wr_st_byte(wr_status s)
{
  return s > 0 ? (wr_u8)((s & 255) + 1) : s != 0;
}
/* A bare status (0, null or an error's kind) with its site. */
static inline wr_status wr_st_at(wr_status st, wr_i32 site)
{
  return st > 0 ? WR_SITE(st, site) : st;
}
static inline wr_str wr_slot_str(wr_slot s)
{
  wr_str r;
  r.p = s.u.p;
  r.len = s.len;
  r.pad = 0;
  return r;
}
static inline wr_list wr_slot_list(wr_slot s, wr_u32 width)
{
  wr_list r;
  r.p = s.u.list;
  r.n = s.len;
  r.width = width;
  return r;
}
static inline wr_slot wr_i64_slot(wr_i64 v, wr_status st)
{
  wr_slot s;
  s.u.i = v;
  s.len = 0;
  s.st = st;
  return s;
}
static inline wr_slot wr_f64_slot(wr_f64 v, wr_status st)
{
  wr_slot s;
  s.u.f = v;
  s.len = 0;
  s.st = st;
  return s;
}
static inline wr_slot wr_str_slot(wr_str v, wr_status st)
{
  wr_slot s;
  s.u.p = v.p;
  s.len = v.len;
  s.st = st;
  return s;
}
static inline wr_slot wr_list_slot(wr_list v, wr_status st)
{
  wr_slot s;
  s.u.list = v.p;
  s.len = v.n;
  s.st = st;
  return s;
}

/* ---- prototypes of built-ins and aggregates, from their rows: weir/row.h says how ---- */
#include "weir/row.h"

#endif
