/* conn_file.h -- the two halves of the file connector, and the order of its options. */
#ifndef WEIR_CONN_FILE_H
#define WEIR_CONN_FILE_H
#include "rt_internal.h"

enum file_option { FILE_PATH, FILE_FOLLOW, FILE_MAX_RECORD, FILE_APPEND, FILE_ROLL, FILE_OPTIONS };
enum roll_option { ROLL_SIZE, ROLL_TIME, ROLL_OPTIONS };

char *wr_file_path(const wr_slot *);                          /* a copy, terminated; wr_mem_free(p, strlen(p) + 1) */

void *wr_file_open_sink(wr_ctx *, const wr_sink *, const wr_slot *opt, void *fmt);
int wr_file_write(wr_ctx *, void *, const wr_written *);
int wr_file_flush(wr_ctx *, void *);
int wr_file_close_sink(wr_ctx *, void *, int ok);
void wr_file_save_sink(wr_ctx *, void *, wr_buf *);
int wr_file_load_sink(wr_ctx *, void *, const char *saved, size_t n);
#endif
