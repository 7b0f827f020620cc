/* flat.c -- a record type as a flat list of leaves, for formats that know no nesting. */
#include "fmt_csv.h"
#include <string.h>

static void walk(flat_type *, const wr_type *, const char *above, wr_i32 group);

static char *join(const char *above, const char *name)
{
  size_t n = strlen(above) + strlen(name) + 2;
  char *p = wr_mem_alloc(n);

  snprintf(p, n, "%s%s%s", above, *above ? "." : "", name);
  return p;
}

static void walk_field(flat_type *t, const wr_field *f, const char *above, wr_i32 group)
{
  char *path = join(above, f->name);
  wr_u32 g = t->ngroup;

  if (f->type->kind != WR_REC) {
    t->leaf[t->n++] = (flat_leaf){ .field = f, .path = path, .group = group, .cell = -1 };
    return;
  }
  if (f->type->nullable) {
    t->group[t->ngroup++] = (flat_group){ .parent = group, .presence = f->col, .first = t->n };
    walk(t, f->type, path, (wr_i32)g);
    t->group[g].end = t->n;
  } else {
    walk(t, f->type, path, group);
  }
  wr_mem_free(path, strlen(path) + 1);
}

static void walk(flat_type *t, const wr_type *type, const char *above, wr_i32 group)
{
  for (wr_u32 i = 0; i < type->n; i++) walk_field(t, &type->fields[i], above, group);
}

flat_type *wr_flat_of(flat_type **list, const wr_type *type)
{
  unsigned most = wr_type_leaves(type) + 1;
  flat_type *t = *list;

  while (t && t->type != type) t = t->next;
  if (t) return t;
  t = wr_mem_alloc(sizeof *t);
  *t = (flat_type){ .type = type, .leaf_room = most, .group_room = most, .next = *list };
  t->leaf = wr_mem_alloc(most * sizeof *t->leaf);
  t->group = wr_mem_alloc(most * sizeof *t->group);
  walk(t, type, "", -1);
  return *list = t;
}

bool wr_flat_defer(flat_type *t, const wr_source *source)
{
  bool filter = source && source->filter;

  for (wr_u32 i = 0; i < t->n; i++) {
    wr_i32 col = t->leaf[i].field->col;
    t->leaf[i].late = filter && (col < 0 || !source->early[col]);
  }
  return filter;
}

void wr_flat_free(flat_type *t)
{
  while (t) {
    flat_type *next = t->next;
    for (wr_u32 i = 0; i < t->n; i++) wr_mem_free(t->leaf[i].path, strlen(t->leaf[i].path) + 1);
    wr_mem_free(t->leaf, t->leaf_room * sizeof *t->leaf);
    wr_mem_free(t->group, t->group_room * sizeof *t->group);
    wr_mem_free(t, sizeof *t);
    t = next;
  }
}
