/* save.c -- values in the byte form of state.
 *
 * A value is its status byte, and when it is one its contents: 8 bytes for scalars (one for bools),
 * length and bytes for text, the number of elements and those for lists and maps. A record, which
 * stands in lists only, is its fields one behind the other, its presence first where it may be null.
 */
#include "save.h"
#include "fmt.h"

static bool is_text(const wr_type *t) { return t->kind == WR_STR || t->kind == WR_BYTES || t->kind == WR_JSON; }
static bool is_nested(const wr_type *t) { return t->kind == WR_LIST || t->kind == WR_MAP; }
static const wr_type key_type = { .kind = WR_STR };

/* The value that begins at slot v; what is behind it. */
static const wr_slot *save_value(wr_saver *s, const wr_type *t, const wr_slot *v)
{
  if (t->kind == WR_REC) {
    if (t->nullable) {
      bool there = v->st == 0 && v->u.i;
      wr_save_u8(s, there);
      if (!there) return v + wr_type_leaves(t);
      v++;
    }
    for (wr_u32 i = 0; i < t->n; i++) v = save_value(s, t->fields[i].type, v);
    return v;
  }
  wr_save_u8(s, v->st != 0);
  if (v->st) return v + 1;
  if (is_text(t)) wr_save_str(s, wr_slot_str(*v));
  else if (t->kind == WR_BOOL) wr_save_u8(s, (wr_u8)v->u.i);
  else if (!is_nested(t)) wr_save_i64(s, v->u.i);
  else {
    const wr_slot *e = v->u.list;
    wr_save_u32(s, v->len);
    for (wr_u32 i = 0; i < v->len; i++) {
      if (t->kind == WR_MAP) e = save_value(s, &key_type, e);
      e = save_value(s, t->elem, e);
    }
  }
  return v + 1;
}

void wr_save_slot(wr_saver *s, const wr_type *t, wr_slot v) { save_value(s, t, &v); }

static wr_slot *load_value(wr_ctx *ctx, wr_loader *l, const wr_type *t, wr_slot *v);

/* Every element takes a byte at least: a length beyond what is left cannot be. */
static void load_list(wr_ctx *ctx, wr_loader *l, const wr_type *t, wr_slot *v)
{
  wr_u64 width = wr_type_width(t);
  wr_u32 n = wr_load_u32(l);
  if (n > (wr_u64)(l->end - l->p) || n * width * sizeof(wr_slot) > 1u << 31) l->bad = true;
  if (l->bad) return;
  wr_slot *e = wr_alloc(ctx, (wr_u32)(n * width * sizeof *e));
  v->u.list = e;
  v->len = n;
  for (wr_u32 i = 0; i < n; i++) {
    if (t->kind == WR_MAP) e = load_value(ctx, l, &key_type, e);
    e = load_value(ctx, l, t->elem, e);
  }
}

static wr_slot *load_value(wr_ctx *ctx, wr_loader *l, const wr_type *t, wr_slot *v)
{
  if (t->kind == WR_REC) {
    if (t->nullable) {
      *v = wr_i64_slot(wr_load_u8(l) != 0, 0);
      if (!v->u.i) {
        for (wr_u32 i = 1; i < wr_type_leaves(t); i++) v[i] = wr_i64_slot(0, WR_NULL);
        return v + wr_type_leaves(t);
      }
      v++;
    }
    for (wr_u32 i = 0; i < t->n; i++) v = load_value(ctx, l, t->fields[i].type, v);
    return v;
  }
  *v = wr_i64_slot(0, wr_load_u8(l) || l->bad ? WR_NULL : 0);
  if (v->st) return v + 1;
  if (is_text(t)) *v = wr_str_slot(wr_load_str(l), 0);
  else if (t->kind == WR_BOOL) v->u.i = wr_load_u8(l) != 0;
  else if (is_nested(t)) load_list(ctx, l, t, v);
  else v->u.i = wr_load_i64(l);
  return v + 1;
}

wr_slot wr_load_slot(wr_ctx *ctx, wr_loader *l, const wr_type *t)
{
  wr_slot v = wr_i64_slot(0, WR_NULL);
  if (t->kind == WR_REC) l->bad = true;   /* it takes more than a slot: only within lists */
  else load_value(ctx, l, t, &v);
  return v;
}
