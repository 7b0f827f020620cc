/* fmt_csv.h -- the state of a CSV format: fmt_csv.c reads, fmt_csv_encode.c writes. */
#ifndef WEIR_FMT_CSV_H
#define WEIR_FMT_CSV_H
#include "fmt.h"

typedef struct flat_leaf {                /* a column of the text */
  const wr_field *field;
  char *path;                             /* "site.zone" */
  wr_i32 group;                           /* innermost nullable record around it, -1: none */
  wr_i32 cell;                            /* its place in a row of the text; -1: the header lacks it */
  bool late;                              /* read when the row has passed the source's filter: wr_flat_defer */
} flat_leaf;

typedef struct flat_group {               /* a nullable record */
  wr_i32 parent;                          /* around it, -1 */
  wr_i32 presence;                        /* column, -1 */
  wr_u32 first, end;                      /* its leaves */
  bool present;                           /* in the row at hand */
} flat_group;

typedef struct flat_type {
  const wr_type *type;
  flat_leaf *leaf;
  flat_group *group;
  wr_u32 n, ngroup;
  wr_u32 leaf_room, group_room;
  bool placed;                            /* `cell` is set */
  struct flat_type *next;
} flat_type;

typedef struct csv_cell {
  const char *p;
  wr_u32 len;
  wr_u32 doubled;                         /* holds doubled quotes */
} csv_cell;

typedef struct csv_state {
  char delimiter, quote;
  bool quoting, header;
  enum wr_unit unit;
  wr_u8 frame;                            /* enum csv_frame: where in a record the framing stands */
  bool after_cr;
  flat_type *types;
  char **name;                            /* of the header's columns */
  wr_i32 ncell;                           /* cells of a row */
  csv_cell *cell;                         /* ncell of them */
} csv_state;

flat_type *wr_flat_of(flat_type **list, const wr_type *);     /* flat.c */
void wr_flat_free(flat_type *);
/* Marks the leaves that a filter of the source does not need; false: it has none. */
bool wr_flat_defer(flat_type *, const wr_source *);
void wr_csv_encode(wr_ctx *, void *, const wr_type *, const wr_batch *, wr_buf *);
void wr_csv_encode_header(wr_ctx *, void *, const wr_type *, wr_buf *);
#endif
