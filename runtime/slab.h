/* slab.h -- small pieces of memory by size class, for what keyed cells own outside of themselves: text,
 * lists, rings of events. A piece that is given back serves the next of its class; whole blocks go
 * with the slab. Large pieces are memory of their own. */
#ifndef WEIR_SLAB_H
#define WEIR_SLAB_H
#include "table.h"

enum { WR_SLAB_CLASSES = 36 };

struct wr_slab_block;
typedef struct wr_slab {
  wr_pool *pool;
  struct wr_slab_block *block;
  char *at;                               /* free bytes of the last block */
  wr_u64 left;
  wr_u64 large;                           /* pieces that are memory of their own */
  void *free[WR_SLAB_CLASSES];
} wr_slab;

void *wr_slab_alloc(wr_slab *, wr_u64 bytes);                 /* 16-byte aligned */
void wr_slab_free(wr_slab *, void *, wr_u64 bytes);           /* bytes: as asked for */
void wr_slab_close(wr_slab *);                                /* with all pieces but large ones */

#endif
