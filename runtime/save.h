/* save.h -- the byte form of state: little-endian, lengths before contents, every read checked.
 *
 * A section is what one stateful part wrote; its frame (kind, name, descriptor, length, checksum) is
 * checkpoint.c's. A loader that ran over its end, or met a length that cannot be, is `bad` from then
 * on and gives zeros, so that callers may check once. Who refuses what it reads says why, once, with
 * wr_load_refuse, and leaves what it loads into as it was before.
 */
#ifndef WEIR_SAVE_H
#define WEIR_SAVE_H
#include <string.h>
#include "rt_internal.h"

typedef struct wr_saver { wr_buf buf; } wr_saver;
typedef struct wr_loader {
  const char *p, *end;
  bool bad;
  const char *why;                        /* why a part refused it: terminated, batch-owned; 0: nobody did */
} wr_loader;

static inline void wr_save_bytes(wr_saver *s, const void *p, size_t n) { wr_buf_add(&s->buf, p, n); }
static inline void wr_save_u8(wr_saver *s, wr_u8 v) { wr_buf_add(&s->buf, &v, 1); }
static inline void wr_save_u32(wr_saver *s, wr_u32 v) { wr_buf_add(&s->buf, &v, 4); }
static inline void wr_save_i64(wr_saver *s, wr_i64 v) { wr_buf_add(&s->buf, &v, 8); }
static inline void wr_save_str(wr_saver *s, wr_str v)
{
  wr_save_u32(s, v.len);
  if (v.len) wr_buf_add(&s->buf, v.p, v.len);
}
void wr_save_slot(wr_saver *, const wr_type *, wr_slot);      /* any value: status, then contents; save.c */

static inline const char *wr_load_bytes(wr_loader *l, size_t n)   /* in place; 0 when it is not there */
{
  if (l->bad || (size_t)(l->end - l->p) < n) { l->bad = true; return NULL; }
  const char *p = l->p;
  l->p += n;
  return p;
}
static inline wr_u8 wr_load_u8(wr_loader *l)
{
  const char *p = wr_load_bytes(l, 1);
  return p ? (wr_u8)*p : 0;
}
static inline wr_u32 wr_load_u32(wr_loader *l)
{
  wr_u32 v = 0;
  const char *p = wr_load_bytes(l, 4);
  if (p) memcpy(&v, p, 4);
  return v;
}
static inline wr_i64 wr_load_i64(wr_loader *l)
{
  wr_i64 v = 0;
  const char *p = wr_load_bytes(l, 8);
  if (p) memcpy(&v, p, 8);
  return v;
}
static inline wr_str wr_load_str(wr_loader *l)                /* in place */
{
  wr_u32 n = wr_load_u32(l);
  const char *p = wr_load_bytes(l, n);
  return (wr_str){ p ? p : "", p ? n : 0, 0 };
}
wr_slot wr_load_slot(wr_ctx *, wr_loader *, const wr_type *); /* strings in place, lists from wr_alloc */
/* False, for the caller to return; the first reason stays. */
bool wr_load_refuse(wr_ctx *, wr_loader *, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool wr_load_damaged(wr_ctx *, wr_loader *);                  /* the same, of bytes that cannot be */

/* A type as text that is equal for equal types, and whether a saved value may be read as another. */
void wr_type_text(wr_buf *, const wr_type *);
void wr_save_type(wr_saver *, const wr_type *);
enum wr_widen { WR_WIDEN_NOT, WR_WIDEN_SAME, WR_WIDEN_FLOAT, WR_WIDEN_ENUM };
                                          /* FLOAT: it was saved as an int. ENUM: members have other ordinals */
enum wr_widen wr_type_widens(wr_str was, const wr_type *now);
/* Equal but for enums, and nullable by now at most. Their members: those that were are still there;
 * in_place: with the ordinals that they had. */
bool wr_type_grown(wr_str was, wr_str now, bool in_place);

/* How saved values are read as values of a type of the program: reading.c. */
typedef struct wr_reading {
  const wr_type *was, *now;
  enum wr_widen how;
} wr_reading;
bool wr_reading_open(wr_ctx *, wr_reading *, wr_str was, const wr_type *now);   /* arena; false: not at all */
wr_slot wr_reading_of(wr_ctx *, const wr_reading *, wr_slot);                   /* a value as it was saved */
wr_slot wr_load_as(wr_ctx *, wr_loader *, const wr_reading *);
const wr_type *wr_type_parse(wr_ctx *, wr_str);               /* the text of wr_type_text; arena; 0: it is none */

/* Positions hold ranks of names, which move when a program gains a source: loading maps them. */
static inline void wr_save_pos(wr_saver *s, const wr_pos *p) { wr_buf_add(&s->buf, p, sizeof *p); }
wr_pos wr_pos_now(wr_ctx *, wr_pos saved);
wr_pos wr_load_pos(wr_ctx *, wr_loader *);                    /* checkpoint_read.c */

#endif
