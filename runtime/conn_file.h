/* conn_file.h -- the two halves of the file connector, and the order of its options. */
#ifndef WEIR_CONN_FILE_H
#define WEIR_CONN_FILE_H
#include "save.h"

enum file_option { FILE_PATH, FILE_FOLLOW, FILE_MAX_RECORD, FILE_PARTITIONS, FILE_APPEND, FILE_ROLL, FILE_OPTIONS };
enum roll_option { ROLL_SIZE, ROLL_TIME, ROLL_OPTIONS };

char *wr_file_path(const wr_slot *);                          /* a copy, terminated; wr_mem_free(p, strlen(p) + 1) */

/* ---- sources: conn_file.c reads, conn_file_set.c says which file's turn it is ---- */

typedef struct file_names { char **name; size_t n, room; } file_names;   /* in order */
/* Adds the files that match and whose names come behind those already there. */
void wr_file_names_match(file_names *, const char *pattern);
/* The path itself, or the files that match it; false: there is none, and wr_error was called. */
bool wr_file_names_first(wr_ctx *, const wr_source *, file_names *, const char *path);
void wr_file_names_add(file_names *, const char *name);
void wr_file_names_free(file_names *);
bool wr_file_is_pattern(const char *path);

/* A reader: of one file, or of several one after the other. */
typedef struct file_reader file_reader;
typedef struct file_reading {             /* what it is opened with */
  const wr_source *source;
  void *fmt;
  const char *path;                       /* a pattern where `pattern`; copied */
  bool pattern, follow;
  const wr_slot *opt;
  size_t block;                           /* bytes to read at once */
  wr_i32 partition;
  bool resume;                            /* nothing is opened: load does it */
} file_reading;
file_reader *wr_file_reader_open(wr_ctx *, const file_reading *);   /* 0: wr_error was called */
enum wr_poll wr_file_reader_poll(wr_ctx *, file_reader *, wr_batch *);
void wr_file_reader_close(file_reader *);
void wr_file_reader_save(const file_reader *, wr_saver *);
int wr_file_reader_load(wr_ctx *, file_reader *, wr_loader *);

void *wr_file_open_source(wr_ctx *, const wr_source *, const wr_slot *opt, void *fmt);
enum wr_poll wr_file_poll(wr_ctx *, void *, wr_batch *);
void wr_file_close_source(wr_ctx *, void *);
void wr_file_pause(wr_ctx *, void *, wr_i32 partition, int on);
void wr_file_save_source(wr_ctx *, void *, wr_buf *);
int wr_file_load_source(wr_ctx *, void *, const char *saved, size_t n);

/* ---- sinks: conn_file_sink.c ---- */

void *wr_file_open_sink(wr_ctx *, const wr_sink *, const wr_slot *opt, void *fmt);
int wr_file_write(wr_ctx *, void *, const wr_written *);
int wr_file_flush(wr_ctx *, void *);
int wr_file_close_sink(wr_ctx *, void *, int ok);
void wr_file_save_sink(wr_ctx *, void *, wr_buf *);
int wr_file_load_sink(wr_ctx *, void *, const char *saved, size_t n);
#endif
