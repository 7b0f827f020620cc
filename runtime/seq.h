/* seq.h -- sequencers: rows of several partitions and sources, handed on in event-time order.
 *
 * Rows are copied in as they come (columns and the bytes they point to) and leave when the watermark
 * has passed their time, in order of (time, position). They leave through the lane's out port, which is
 * flushed whenever the next row belongs to another lane, so that one total order runs through all.
 */
#ifndef WEIR_SEQ_H
#define WEIR_SEQ_H
#include "rt_internal.h"
#include "save.h"

typedef struct wr_sequence wr_sequence;
wr_sequence *wr_sequence_new(wr_ctx *, const wr_seq *);
void wr_sequence_free(wr_ctx *, wr_sequence *);
void wr_sequence_push(wr_ctx *, wr_sequence *, wr_i32 lane, const wr_batch *);
/* Hands on every row with time < wm (WR_TS_MAX: all). Resumable: false when it stopped after many rows
 * and must be called again with the same wm. What the rows point to lives until the next call. */
bool wr_sequence_release(wr_ctx *, wr_sequence *, wr_ts wm);
wr_i64 wr_sequence_rows(const wr_sequence *);                 /* waiting */
wr_u64 wr_sequence_bytes(const wr_sequence *);
/* A column of a lane: its type as it is saved, and its name. */
enum { WR_COLUMN_NAME = 256 };
wr_type wr_sequence_column(const wr_sequence *, wr_i32 lane, wr_i32 col, char *name, size_t size);
/* Waiting rows, for a checkpoint; at a batch boundary. load: into an empty one of the same lanes. */
void wr_sequence_save(wr_ctx *, const wr_sequence *, wr_saver *);
bool wr_sequence_load(wr_ctx *, wr_sequence *, wr_loader *);
/* Rows that were saved without a column that is asked for now, of a lane whose rows can be made again: of these
 * time, watermark and position are handed to the function, which has them read again (again.c). */
typedef void wr_again_fn(wr_ctx *, const wr_seq *, wr_i32 lane, const wr_batch *);
void wr_sequence_again(wr_sequence *, wr_again_fn *);
void wr_sequence_only(wr_sequence *, wr_again_fn *);          /* who gets the rows that come; 0: they wait */
/* By partition of a source, the least record number that waits in a lane whose rows can be made again. */
void wr_sequence_least(const wr_sequence *, wr_u32 rank, wr_i64 *least, wr_i32 npart);
wr_sequence *wr_sequence_of(wr_ctx *, wr_i32 seq);             /* of the run: run.c */
#endif
