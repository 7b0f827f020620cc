/* agg_nested.c -- lists and maps kept in states, each in one block: its slots, behind them what they
 * point at. A first walk counts the bytes, a second one copies; every piece begins on 8 bytes. */
#include "agg_order.h"
#include "fmt.h"
#include "rt_internal.h"
#include "weir/agg/value.h"

typedef struct block {
  char *p;                                /* 0 while counting */
  wr_u64 bytes;
} block;

static bool owns(const wr_type *t, const wr_slot *s)
{
  return s->st == 0 && s->len && (agg_is_text(t) || agg_is_nested(t));
}

/* What the slot points at; while copying the slot then points into the block. */
static void take(block *b, const wr_type *t, wr_slot *s)
{
  wr_u64 n = agg_is_text(t) ? s->len : (wr_u64)s->len * wr_type_width(t) * sizeof *s;
  if (b->p)
    s->u.p = memcpy(b->p + b->bytes, s->u.p, n);
  b->bytes += (n + 7) & ~7ULL;
}

/* The value at s; returns what is behind it. Slots are written only while copying: then they are
 * the block's own. */
static wr_slot *hold(block *b, const wr_type *t, wr_slot *s)
{
  static const wr_type key = { .kind = WR_STR };
  if (t->kind == WR_REC) {
    if (t->nullable && (s->st || !s->u.i))
      return s + wr_type_leaves(t);
    s += t->nullable;
    for (wr_u32 i = 0; i < t->n; i++)
      s = hold(b, t->fields[i].type, s);
    return s;
  }
  if (!owns(t, s))
    return s + 1;
  take(b, t, s);
  wr_slot *e = (wr_slot *)s->u.list;
  for (wr_u32 i = 0; agg_is_nested(t) && i < s->len; i++) {
    if (t->kind == WR_MAP)
      e = hold(b, &key, e);
    e = hold(b, t->elem, e);
  }
  return s + 1;
}

void agg_nested_set(wr_ctx *ctx, const wr_type *t, agg_val *v, wr_slot s)
{
  block b = { 0 };
  wr_slot top = s;
  hold(&b, t, &top);
  v->len = 0;
  if (b.bytes > UINT32_MAX) {
    wr_error(ctx, WR_EXIT_DATA, "does a list grow with every row?", "a list of more than 4 GiB in an aggregate");
    return;
  }
  agg_room(ctx, v, (wr_u32)b.bytes);
  b = (block){ .p = v->u.p };
  hold(&b, t, &top);
  v->len = s.len;
}

void agg_nested_store(const wr_type *t, wr_slot s, void *out)
{
  *(wr_list *)out = wr_slot_list(s, wr_type_width(t));
}
