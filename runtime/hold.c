/* hold.c -- values in one block: their slots, behind them what those point at. A first walk counts the
 * bytes, a second one copies; every piece begins on 8 bytes. */
#include "hold.h"
#include <string.h>
#include "fmt.h"

typedef struct block {
  char *p;                                /* 0 while counting */
  wr_u64 bytes;
} block;

static bool owns(const wr_type *t, const wr_slot *s)
{
  return s->st == 0 && s->len && wr_kind_held(t->kind);
}

/* A null or an empty value keeps no address of what was copied. */
static void empty(const wr_type *t, wr_slot *s)
{
  if (wr_kind_held(t->kind)) s->u.p = s->st ? NULL : "";
}

/* What the slot points at; while copying the slot then points into the block. */
static void take(block *b, const wr_type *t, wr_slot *s)
{
  wr_u64 n = wr_kind_text(t->kind) ? s->len : (wr_u64)s->len * wr_type_width(t) * sizeof *s;
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
  if (!owns(t, s)) {
    if (b->p) empty(t, s);
    return s + 1;
  }
  take(b, t, s);
  wr_slot *e = (wr_slot *)s->u.list;
  for (wr_u32 i = 0; wr_kind_nested(t->kind) && i < s->len; i++) {
    if (t->kind == WR_MAP)
      e = hold(b, &key, e);
    e = hold(b, t->elem, e);
  }
  return s + 1;
}

wr_u64 wr_hold_nested(const wr_type *t, wr_slot s)
{
  block b = { 0 };
  hold(&b, t, &s);
  return b.bytes;
}

wr_slot wr_hold_copy(const wr_type *t, wr_slot s, char *to)
{
  block b = { .p = to };
  if (owns(t, &s)) hold(&b, t, &s);
  else empty(t, &s);
  return s;
}
