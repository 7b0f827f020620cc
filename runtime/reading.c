/* reading.c -- saved values as values of the program's types: an int as a float, members of enums by their
 * names, wherever they stand. The text of the saved type says what was. */
#include "hold.h"
#include "save.h"

static wr_i64 member_now(const wr_type *was, const wr_type *now, wr_i64 v)
{
  for (wr_u32 i = 0; i < now->n; i++)
    if (strcmp(now->names[i], was->names[v]) == 0) return i;
  return (wr_i64)now->n - 1;              /* wr_type_grown has looked: it does not happen */
}

static wr_slot *rename_members(const wr_type *was, const wr_type *now, wr_slot *v)
{
  if (now->kind == WR_REC) {
    v += now->nullable;
    for (wr_u32 i = 0; i < now->n; i++) v = rename_members(was->fields[i].type, now->fields[i].type, v);
    return v;
  }
  if (!v->st && now->kind == WR_ENUM) v->u.i = member_now(was, now, v->u.i);
  wr_slot *e = !v->st && wr_kind_nested(now->kind) ? (wr_slot *)(uintptr_t)v->u.list : NULL;
  for (wr_u32 i = 0; e && i < v->len; i++) e = rename_members(was->elem, now->elem, e + (now->kind == WR_MAP));
  return v + 1;
}

bool wr_reading_open(wr_ctx *ctx, wr_reading *r, wr_str was, const wr_type *now)
{
  *r = (wr_reading){ .now = now, .how = wr_type_widens(was, now) };
  if (r->how == WR_WIDEN_SAME) r->was = now;
  else if (r->how != WR_WIDEN_NOT) r->was = wr_type_parse(ctx, was);
  return r->was != NULL;
}

wr_slot wr_reading_of(wr_ctx *ctx, const wr_reading *r, wr_slot v)
{
  (void)ctx;
  if (v.st) return v;
  if (r->how == WR_WIDEN_FLOAT) v.u.f = (wr_f64)v.u.i;
  if (r->how == WR_WIDEN_ENUM) rename_members(r->was, r->now, &v);
  return v;
}

wr_slot wr_load_as(wr_ctx *ctx, wr_loader *l, const wr_reading *r)
{
  wr_slot v = wr_reading_of(ctx, r, wr_load_slot(ctx, l, r->was));
  if (v.st && !r->now->nullable && r->now->kind != WR_REC) l->bad = true;
  return v;
}
