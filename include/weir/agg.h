/* agg.h -- the vtable of an aggregate; every row of aggregates.def has one, `wr_agg_<name>_<suffix>`.
 *
 * A state is `size` bytes inside a cell (8-byte aligned), zeroed before init. What it owns outside the
 * cell (sets, sketches, strings) comes from wr_heap_* and is given back by `drop`, so that the bytes
 * of a cell are known and counted. A state is moved with memcpy, never shared.
 */
#ifndef WEIR_AGG_H
#define WEIR_AGG_H
#include "weir/rt.h"

struct wr_saver;
struct wr_loader;

struct wr_agg {
  const char *name, *suffix;
  wr_u32 size;                            /* bytes of a state in the cell */
  wr_u16 traits;                          /* enum wr_agg_trait */
  wr_u16 result;                          /* enum wr_kind of the value; WR_KINDS: the first argument's, WR_LIST:
                                             a list of it */
  void (*init)(const wr_aggspec *, void *state);                        /* 0: all zero bytes */
  void (*step)(wr_ctx *, const wr_aggspec *, void *state, const wr_batch *, wr_i32 row);
  void (*merge)(wr_ctx *, const wr_aggspec *, void *into, const void *from);   /* 0: holistic */
  void (*inverse)(wr_ctx *, const wr_aggspec *, void *state, const wr_batch *, wr_i32 row);
                                          /* undoes a step of the same row; 0: not invertible */
  wr_status (*read)(wr_ctx *, const wr_aggspec *, const void *state, void *out);
                                          /* out: a column cell of the result kind; strings and lists may
                                             point into the state: valid while the cell lives */
  void (*drop)(wr_ctx *, const wr_aggspec *, void *state);              /* 0: owns nothing */
  wr_u64 (*bytes)(const void *state);     /* owned outside the cell; 0: nothing */
  /* The state in a checkpoint (runtime/save.h); 0: its bytes as they are. load is given a fresh state, and
   * leaves one that can be dropped also when what it reads is nonsense: the loader is `bad` then. */
  void (*save)(const wr_aggspec *, const void *state, struct wr_saver *);
  void (*load)(wr_ctx *, const wr_aggspec *, void *state, struct wr_loader *);
};

/* What a cell costs beside its key and states, in bytes, for `weir explain`. The index has two to four
 * entries a cell; a session also has a head, and an entry in the queue of what falls due. */
enum { WR_COST_INDEX = 16, WR_COST_SESSION = 40, WR_COST_QUEUE = 16 };

/* Memory of cells: counted against --memory, fault-injected in tests. Never returns 0: on exhaustion
 * the run is ended cleanly at the next batch boundary (the call gets memory from a reserve) . */
void *wr_heap_alloc(wr_ctx *, wr_u64 bytes);
void *wr_heap_realloc(wr_ctx *, void *, wr_u64 old_bytes, wr_u64 bytes);
void wr_heap_free(wr_ctx *, void *, wr_u64 bytes);

#endif
