/* connector.h -- for authors of connectors and formats.
 *
 * A connector moves bytes or records; a format turns a record into columns and back. Both are a
 * constant vtable that begins with `abi`, with a table of options that the compiler reads (types,
 * defaults, documentation) and checks against the program. A program refers to its connectors and
 * formats by symbol (wr_conn_<name>, wr_fmt_<name>), so a static link drops the others; nothing
 * registers itself. Adding one: its row in connectors.def or formats.def and its file in runtime/.
 */
#ifndef WEIR_CONNECTOR_H
#define WEIR_CONNECTOR_H
#include <stddef.h>
#include "weir/rt.h"

/* Option types, and what stands in the option's slot (st -1: not given and no default):
 *   STR CHOICE  text            INT SIZE DUR TS BOOL  u.i (DUR and TS in microseconds)    FLOAT  u.f
 *   SECRET      text, the reference ("env:X", "file:/path") of what is written secret("..."); the value is
 *               read by wr_secret_read when it is needed, and never part of a program
 *   REGEX       u.i, an index for wr_regex_of: the argument must be a /literal/
 *   REC         with `sub`: u.list, one slot per row of `sub`, in its order, len = nsub
 *               without:    fields of the record, each a generator call (include/weir/generators.def):
 *               u.list, one slot per leaf of the source's type in leaf order (presence leaves too),
 *               each null (the type's default) or a list: the generator's name, then its arguments
 * The slots and what they point to stay as they are until the connector and the format are closed. */
enum wr_opt_type { WR_OPT_STR, WR_OPT_INT, WR_OPT_FLOAT, WR_OPT_BOOL, WR_OPT_DUR, WR_OPT_SIZE, WR_OPT_REGEX,
                   WR_OPT_REC, WR_OPT_CHOICE, WR_OPT_TS, WR_OPT_SECRET };
enum wr_opt_flag { WR_OPT_REQUIRED = 1, WR_OPT_POSITIONAL = 2, WR_OPT_SOURCE = 4, WR_OPT_SINK = 8 };

typedef struct wr_option {
  const char *name;
  wr_u8 type;                             /* enum wr_opt_type */
  wr_u8 flags;
  const char *dflt;                       /* as the language writes it; 0: null */
  const char *choice;                     /* WR_OPT_CHOICE: "a|b|c" */
  const char *doc;
  const struct wr_option *sub;            /* WR_OPT_REC: its fields, or 0 */
  wr_i32 nsub;
} wr_option;

/* What polling gave. */
enum wr_poll { WR_POLL_ROWS,              /* the batch has rows (or bad records were reported) */
               WR_POLL_IDLE,              /* nothing now, more may come: at the end of what is there */
               WR_POLL_END,               /* the input is over */
               WR_POLL_FAILED };          /* wr_error was called; the run ends */

struct wr_buf;

/* What a connector with partitions of its own says of them, before the rows that it concerns; rows carry
 * their partition in pos.src (rank << 12 | partition, below 4096). A connector that says nothing has one
 * partition, 0. */
void wr_partition_open(wr_ctx *, const wr_source *, wr_i32 partition, const char *name);
void wr_partition_close(wr_ctx *, const wr_source *, wr_i32 partition, int ended);   /* 0: somebody else has it now */
void wr_partition_caught_up(wr_ctx *, const wr_source *, wr_i32 partition);   /* at the end of what is there */
void wr_partition_lag(wr_ctx *, const wr_source *, wr_i32 partition, wr_i64 records);   /* behind the end */
/* Bytes read, for metrics; a connector without partitions of its own may say it of 0. */
void wr_partition_bytes(wr_ctx *, const wr_source *, wr_i32 partition, wr_i64 more);
/* A table's source met a record without a value: the record of this key goes. It stands before row b->n of
 * the batch being filled. Other sources call it a bad record. */
void wr_record_deleted(wr_ctx *, const wr_source *, wr_str key, wr_i64 off);
/* The open partition that stands lowest in event time: read it first. -1: none. */
wr_i32 wr_partition_lowest(wr_ctx *, const wr_source *);

typedef struct wr_written {               /* encoded records for a sink */
  const char *bytes;
  size_t n;
  wr_i32 records;
  const size_t *end;                      /* where each of them ends in `bytes`; 0 unless `by_record` */
  const wr_batch *rows;                   /* what they were made of: the columns of the sink's port */
} wr_written;

struct wr_connector {
  unsigned abi;
  const char *name;
  const wr_option *opt;
  wr_i32 nopt;
  wr_u8 has_time;                         /* records carry a time of the connector's own (ahead) */
  wr_u8 bare;                             /* WR_OPT_SOURCE, WR_OPT_SINK: there it needs no format: sources
                                             deliver columns, sinks look at no bytes */
  wr_u8 by_record;                        /* a sink's write is told where each record ends */
  wr_u8 keyed;                            /* a sink's records have a key: `partition by`, `key` */
  const char *ahead;                      /* what `ahead` is where the program says nothing; 0: no limit */
  /* Source half; 0 open_source: sink only. poll fills the batch: columns by the source's `type`, raw,
   * pos.off; it may deliver fewer rows than `cap`, and never waits. Records that do not decode go to
   * wr_record_failed. `fmt_state` is what the format's open returned (0 when the source has none).
   * open gives 0 when wr_error was called. Behind its own options stand those of the format. */
  void *(*open_source)(wr_ctx *, const wr_source *, const wr_slot *opt, void *fmt_state);
  enum wr_poll (*poll)(wr_ctx *, void *, wr_batch *);
  void (*close_source)(wr_ctx *, void *);
  /* Sink half; 0 open_sink: source only. write takes whole encoded records; 0 on success, else
   * wr_error was called. flush makes what was written visible (end of a batch when the input is quiet,
   * end of the run); close(…, ok): ok = 0 when the run failed. The connector, not the loop, calls the
   * format's encode_header, wherever an output of its own begins. */
  void *(*open_sink)(wr_ctx *, const wr_sink *, const wr_slot *opt, void *fmt_state);
  int (*write)(wr_ctx *, void *, const wr_written *);
  int (*flush)(wr_ctx *, void *);
  int (*close_sink)(wr_ctx *, void *, int ok);
  /* Restarts (weir/save.h). save appends where the connector stands: a source's position behind the last
   * batch it gave, a sink's end behind the last write (after flush). load takes that back, before the
   * first poll or write; 0, or wr_error was called. Whether load follows, open may ask by wr_resumes: it
   * must not empty or create then what load goes back to. A source without them cannot be part of a state
   * that survives; a sink without them is written at least once. */
  void (*save_source)(wr_ctx *, void *, struct wr_buf *);
  int (*load_source)(wr_ctx *, void *, const char *saved, size_t n);
  void (*save_sink)(wr_ctx *, void *, struct wr_buf *);
  int (*load_sink)(wr_ctx *, void *, const char *saved, size_t n);
  /* All that the source had given when `saved` was written is durable in sinks and state: offsets may
   * be committed. May be 0. */
  void (*commit)(wr_ctx *, void *, const char *saved, size_t n);
  /* A record of the last batch met `fail`: the run ends as if it and all that was given behind it had not
   * been read, and save_source is asked for that place. 0: such a run leaves what it saved last. */
  void (*back)(wr_ctx *, void *, wr_i32 partition, wr_i64 off);
  /* Backpressure: give no rows of this partition until told otherwise. May be 0. */
  void (*pause)(wr_ctx *, void *, wr_i32 partition, int on);
};

struct wr_format {
  unsigned abi;
  const char *name;
  const wr_option *opt;
  wr_i32 nopt;
  wr_u8 reads, writes;                    /* may stand on a source, on a sink */
  wr_u8 strings_only;                     /* raw: the record must be one string field (checked) */
  wr_u32 filters;                         /* decode runs a source's filter, which pays where fields of these
                                             kinds (1 << WR_FLOAT ...) need not be read; 0: it does not */
  void *(*open)(wr_ctx *, const wr_type *, const wr_slot *opt);          /* 0: wr_error was called */
  /* Finds the end of a record. p[0..n) continues the record that earlier calls, which gave 0, began:
   * bytes are passed once. Gives the bytes up to and with the terminator, whose whole length (it may
   * reach back into earlier bytes) goes to *skip; 0: no end yet. With eof what is there is the last
   * record (n itself, *skip 0). p = 0 forgets a begun record. 0: records are lines. */
  size_t (*frame)(void *, const char *p, size_t n, int eof, size_t *skip);
  /* Decodes records [0,n) into rows of the batch from b->n on, appending raw and pos.off = off + i,
   * calling wr_record_failed for those that fail. Strings may point into the records. A format that
   * `filters` and meets a source with a filter: of a record whose structure is sound it fills the
   * early columns of row b->n, runs the filter on it, and looks at the others only when it
   * passes; else it says so to wr_row_rejected. */
  void (*decode)(wr_ctx *, void *, const wr_source *, const wr_type *, const wr_str *record, wr_i32 n,
                 wr_i64 off, wr_batch *b);
  /* Offered the first record of every input. 1: it was a header; 0: it is data; -1: wr_error was
   * called. May be 0. */
  int (*header)(wr_ctx *, void *, const wr_source *, const wr_type *, wr_str record);
  /* Appends the encoded rows of the batch to the buffer. */
  void (*encode)(wr_ctx *, void *, const wr_type *, const wr_batch *, struct wr_buf *);
  void (*encode_header)(wr_ctx *, void *, const wr_type *, struct wr_buf *);   /* may be 0 */
  void (*close)(wr_ctx *, void *);
};

/* What messages call it. */
static inline const char *wr_source_kind(const wr_source *s) { return s->table ? "table" : "source"; }

#define CONN(id, ...) extern const wr_connector wr_conn_##id;
#define CONNLATER(...)
#include "weir/connectors.def"
#undef CONN
#undef CONNLATER
#define FMT(id, ...) extern const wr_format wr_fmt_##id;
#define FMTLATER(...)
#include "weir/formats.def"
#undef FMT
#undef FMTLATER

#endif
