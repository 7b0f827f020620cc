/* json_plan.h -- a record type as the JSON decoder walks it, and what it has learned of the data.
 *
 * Between two values of an object stands text that hardly ever changes: `,"price":`. A mark is such a
 * text, with the field whose value follows. Equal bytes in the same place were read the slow way
 * before, so comparing bytes is a full check; each mark remembers the few marks that came behind it.
 */
#ifndef WEIR_JSON_PLAN_H
#define WEIR_JSON_PLAN_H
#include "rt_internal.h"

enum { JSON_WAYS = 4, JSON_MARKS = 128, JSON_MARK_TEXT = 64 };
enum { JSON_START, JSON_LOST, JSON_FIRST_MARK };              /* before the first value; behind one not learned */

enum json_op {                            /* what to do with a field's value */
  JSON_SKIP,                              /* not read */
  JSON_LATE,                              /* put off until the row has passed the source's filter */
  JSON_CHECK,                             /* not read, but strict */
  JSON_UNKNOWN,                           /* not declared, and strict */
  JSON_BOOL, JSON_INT, JSON_FLOAT, JSON_DEC, JSON_STR, JSON_TS, JSON_DUR, JSON_ENUM, JSON_JSON, JSON_ITEMS,
  JSON_REC
};

struct json_rec;
typedef struct json_field {
  const wr_field *field;                  /* 0: stands for all unknown ones */
  const wr_type *type;
  const char *path;                       /* "site.zone" */
  struct json_rec *rec;                   /* WR_REC */
  wr_i32 col;
  wr_u32 word;                            /* of seen and need, with its bit; unknown: bit 0 */
  wr_u64 bit;
  wr_u8 op;                               /* enum json_op */
  wr_u8 filtered;                         /* of a record with a filter: late, or the filter needs it */
  struct json_late *late;                 /* of the record itself, and no filter needs it; else 0 */
} json_field;

typedef struct json_late {
  json_field field;                       /* as it is read in the end */
  struct json_late *next;                 /* put off after it */
  const char *p, *end;                    /* its value in the record at hand, and behind it; 0: not put off */
} json_late;

typedef struct json_mark {
  char text[JSON_MARK_TEXT];
  wr_u32 len, first32;                    /* bits of the first 32 bytes that count */
  const json_field *field;
  struct json_mark *next[JSON_WAYS];      /* seen behind this one, the latest learned first; then 0 */
} json_mark;

typedef struct json_rec {
  const wr_type *type;
  json_field *field;                      /* n of them, then the unknown one */
  wr_u32 n, words;                        /* words of seen and need */
  wr_u64 *seen, *need, *owed;             /* met in this record; needed in every one; in one that passes */
  wr_u32 *hash, mask;                     /* field number + 1 by name */
  json_mark *mark;                        /* from JSON_START and JSON_LOST: places without a text */
  wr_u32 nmark;
  wr_u8 find[2 * JSON_MARKS];             /* mark number by text */
  wr_i32 presence;                        /* column, -1: none */
  bool read;                              /* some leaf of it is read, or strict */
} json_rec;

typedef struct json_plan {
  const wr_type *type;
  const wr_u8 *early;                     /* of the source, by column; 0: it has no filter */
  json_rec *top;
  json_late *late;                        /* nlate of them */
  wr_u32 nlate;
  struct json_plan *next;
  void **block;                           /* everything that the plan owns */
  size_t *size;
  wr_u32 nblock, cap;
  bool strict;
} json_plan;

json_plan *wr_json_plan_new(const wr_type *, bool strict, const wr_u8 *early);
void wr_json_plan_free(json_plan *);

struct wr_json;
/* From p, behind the value of mark *at, to the next value: its mark, learned, and its field. *end: the
 * object has ended instead. 0: j->err is set. */
const char *wr_json_next(struct wr_json *, json_rec *, const char *p, json_mark **at, const json_field **, bool *end);
/* Makes the field's columns null in a row. */
void wr_json_null(const json_field *, const wr_col *, wr_i32 row);
/* Gives those of the needed fields that were not met their default or null; false: one has neither. */
bool wr_json_complete(struct wr_json *, const json_rec *, const wr_u64 *need, const wr_col *, wr_i32 row);

typedef void wr_json_decode_fn(wr_ctx *, json_plan *, enum wr_unit, const wr_source *, const wr_str *record,
                               wr_i32 n, wr_i64 off, wr_batch *);
wr_json_decode_fn wr_json_decode_plain;   /* no vector instructions */
wr_json_decode_fn wr_json_decode_base;    /* those that every CPU of the target has */
wr_json_decode_fn wr_json_decode_avx2;
wr_json_decode_fn *wr_json_decode_best(void);
#endif
