/* buf.c -- the growable byte buffer that encoders and messages write into.
 *
 * Writers reserve the most that they may need, write at p + n, and move n: no check per byte.
 */
#include "rt_internal.h"
#include <string.h>

void wr_buf_reserve(wr_buf *b, size_t more)
{
  size_t cap = b->cap ? b->cap : 256;
  char *p;

  if (b->cap - b->n >= more) return;
  while (cap - b->n < more) cap *= 2;
  p = wr_mem_alloc(cap);
  if (b->n) memcpy(p, b->p, b->n);
  if (b->p) wr_mem_free(b->p, b->cap);
  b->p = p;
  b->cap = cap;
}

void wr_buf_add(wr_buf *b, const void *p, size_t n)
{
  wr_buf_reserve(b, n);
  if (n) memcpy(b->p + b->n, p, n);
  b->n += n;
}

void wr_buf_free(wr_buf *b)
{
  if (b->p) wr_mem_free(b->p, b->cap);
  *b = (wr_buf){ 0, 0, 0 };
}
