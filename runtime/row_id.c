/* row_id.c -- the name of a row that a sink writes: the same whenever it is written again.
 *
 * It is made of the sink's name and the row's logical position, never of a counter, so that a row which comes
 * a second time after a crash can be told by it: `alerts:payments/3/1207.1:9c04e1f2` is what the record 1207
 * of partition 3 of the source payments gave, `spend:hourly/1767229199999999/4:…` the fifth row of a window of
 * hourly that ends there. Two branches of one stream that meet in a sink have rows of one position: the print
 * of key and record behind it tells them apart.
 */
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include "run.h"

static const char *name_of(const wr_program *p, wr_u32 rank, bool *group)
{
  *group = false;
  for (wr_i32 i = 0; i < p->nsource; i++)
    if (p->source[i]->rank == rank) return p->source[i]->name;
  *group = true;
  for (wr_i32 i = 0; i < p->ngroup; i++)
    if (p->group[i]->rank == rank) return p->group[i]->name;
  *group = false;
  return "";
}

static void add_int(wr_buf *to, char before, wr_i64 v)
{
  char text[24] = { before };
  wr_buf_add(to, text, 1 + wr_print_int(text + 1, v));
}

static void add_print(wr_buf *to, wr_str key, wr_str record)
{
  static const char digit[] = "0123456789abcdef";
  XXH64_hash_t h = XXH3_64bits_withSeed(record.p, record.len, key.len ? XXH3_64bits(key.p, key.len) : 0);
  char text[9] = { ':' };
  for (int i = 1; i < 9; i++, h >>= 4) text[i] = digit[h & 15];
  wr_buf_add(to, text, sizeof text);
}

void wr_row_id(wr_ctx *ctx, const wr_sink *sink, const wr_batch *b, wr_i32 row, wr_str key, wr_str record, wr_buf *to)
{
  const wr_pos *pos = &b->pos[row];
  bool group;
  const char *origin = name_of(wr_program_of(ctx), pos->src >> 12, &group);

  to->n = 0;
  wr_buf_add(to, sink->name, strlen(sink->name));
  wr_buf_add(to, ":", 1);
  wr_buf_add(to, origin, strlen(origin));
  add_int(to, '/', group ? b->time[row] : (wr_i64)(pos->src & 4095));
  add_int(to, '/', pos->off);
  if (pos->ord) add_int(to, '.', (wr_i64)pos->ord);
  add_print(to, key, record);
}
