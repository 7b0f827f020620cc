/* agg_nested.c -- lists and maps kept in states, each in one block of hold.h. */
#include "fmt.h"
#include "hold.h"
#include "weir/agg/value.h"

void agg_nested_set(wr_ctx *ctx, const wr_type *t, agg_val *v, wr_slot s)
{
  wr_u64 bytes = wr_hold_bytes(t, s);
  v->len = 0;
  if (bytes > UINT32_MAX) {
    wr_error(ctx, WR_EXIT_DATA, "does a list grow with every row?", "a list of more than 4 GiB in an aggregate");
    return;
  }
  agg_room(ctx, v, (wr_u32)bytes);
  wr_hold_copy(t, s, v->u.p);
  v->len = s.len;
}

void agg_nested_store(const wr_type *t, wr_slot s, void *out)
{
  *(wr_list *)out = wr_slot_list(s, wr_type_width(t));
}
