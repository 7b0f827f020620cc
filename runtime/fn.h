/* fn.h -- what the bodies of built-in functions share. Their prototypes come from builtins.def.
 *
 * A body gets no nulls, returns 0, -1 (null) or an error kind, and may let its result point into
 * its arguments or into the batch's memory (wr_alloc).
 */
#ifndef WEIR_FN_H
#define WEIR_FN_H
#include <string.h>
#include "text.h"

enum { FN_LONGEST = 1 << 26 };            /* bytes of a string, elements of a list times 16 */

static inline wr_str fn_str(const char *p, size_t n) { return (wr_str){ p, (wr_u32)n, 0 }; }

/* Room for a string that is made; 0: longer than FN_LONGEST, the body returns WR_E_LIMIT. */
static inline char *fn_room(wr_ctx *ctx, size_t n) {
  return n > FN_LONGEST ? 0 : wr_alloc(ctx, (wr_u32)n);
}

static inline wr_status fn_copy(wr_ctx *ctx, const char *p, size_t n, wr_str *out) {
  char *q = fn_room(ctx, n);
  if (!q) return WR_E_LIMIT;
  if (n) memcpy(q, p, n);
  *out = fn_str(q, n);
  return WR_OK;
}

static inline const char *fn_end(wr_str s) { return s.len ? s.p + s.len : s.p; }   /* p may be 0 */

/* Where the needle first occurs in [p, end); 0: nowhere. */
static inline const char *fn_find(const char *p, const char *end, wr_str needle) {
  return end > p || needle.len == 0 ? memmem(p, (size_t)(end - p), needle.p, needle.len) : 0;
}

/* A list of strings under construction, in the batch's memory. */
typedef struct fn_list { wr_slot *p; wr_u32 n, cap; } fn_list;
wr_status fn_list_add(wr_ctx *, fn_list *, wr_str);           /* WR_E_LIMIT when it is too long */
static inline wr_list fn_list_done(const fn_list *l) { return (wr_list){ l->p, l->n, 1 }; }

size_t fn_chars(wr_str);                                      /* code points */
size_t fn_put_char(char *p, uint32_t c);                      /* UTF-8, at most 4 bytes */
wr_status fn_hex(wr_ctx *, const unsigned char *, size_t n, wr_str *out);
#endif
