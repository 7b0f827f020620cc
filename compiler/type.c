/* type.c -- interned types: equal types are equal pointers, so passes compare with ==.
 *
 * A type and its nullable twin are two interned types. `name` is part of a record's or enumeration's
 * identity (messages say the declared name); type_same is the comparison that leaves it out.
 */
#include <string.h>
#include "type.h"

enum { BUCKETS = 512, TEXT_FIELDS = 4, TEXT_MEMBERS = 8 };

typedef struct Link { Type type; struct Link *next; } Link;
struct Types { Compiler *c; Link *bucket[BUCKETS]; Type *error, *null; };

static const struct { const char *name; int props; } kinds[] = {
  [T_BOOL] = { "bool", TP_KEY | TP_SCALAR },
  [T_INT] = { "int", TP_NUMBER | TP_ORDERED | TP_KEY | TP_SCALAR },
  [T_FLOAT] = { "float", TP_NUMBER | TP_ORDERED | TP_KEY | TP_SCALAR },
  [T_DEC] = { "decimal", TP_NUMBER | TP_ORDERED | TP_KEY | TP_SCALAR },
  [T_STR] = { "string", TP_ORDERED | TP_KEY | TP_TEXT | TP_SCALAR },
  [T_BYTES] = { "bytes", TP_ORDERED | TP_KEY | TP_TEXT | TP_SCALAR },
  [T_TS] = { "timestamp", TP_ORDERED | TP_KEY | TP_SCALAR },
  [T_DUR] = { "duration", TP_ORDERED | TP_KEY | TP_SCALAR },
  [T_ENUM] = { "enum", TP_KEY | TP_SCALAR },
  [T_JSON] = { "json", TP_TEXT | TP_SCALAR },
  [T_LIST] = { "list", 0 }, [T_MAP] = { "map", 0 }, [T_REC] = { "record", 0 },
  [T_NULL] = { "null", 0 }, [T_ERROR] = { "?", 0 },
};

static uintptr_t mix(uintptr_t h, uintptr_t x) { return (h ^ x) * 0x9e3779b97f4a7c15u + (h >> 7); }

static uintptr_t hash(const Type *t)
{
  uintptr_t h = mix((uintptr_t)t->kind * 2 + t->nullable, (uintptr_t)t->scale);
  h = mix(mix(h, (uintptr_t)t->elem), (uintptr_t)t->name);
  for (int i = 0; i < t->fields.n; i++)
    h = mix(mix(h, (uintptr_t)t->fields.v[i].name), (uintptr_t)t->fields.v[i].type);
  for (int i = 0; i < t->members.n; i++)
    h = mix(h, (uintptr_t)t->members.v[i]);
  return h;
}

static bool field_equal(const TypeField *a, const TypeField *b)
{
  return a->name == b->name && a->type == b->type && a->from == b->from && a->dflt == b->dflt &&
         a->masking == b->masking && a->mask_n == b->mask_n;
}

static bool equal(const Type *a, const Type *b)
{
  if (a->kind != b->kind || a->nullable != b->nullable || a->scale != b->scale || a->elem != b->elem ||
      a->name != b->name || a->open != b->open || a->fields.n != b->fields.n || a->members.n != b->members.n)
    return false;
  for (int i = 0; i < a->fields.n; i++)
    if (!field_equal(&a->fields.v[i], &b->fields.v[i]))
      return false;
  for (int i = 0; i < a->members.n; i++)
    if (a->members.v[i] != b->members.v[i])
      return false;
  return true;
}

/* The interned type equal to the prototype; what the prototype points to must live in the arena. */
static Type *interned(Types *ts, Type proto)
{
  proto.props = kinds[proto.kind].props;
  proto.twin = 0;
  Link **at = &ts->bucket[hash(&proto) >> 9 & (BUCKETS - 1)];
  for (Link *l = *at; l; l = l->next)
    if (equal(&l->type, &proto))
      return &l->type;
  Link *l = arena_alloc(ts->c->arena, sizeof *l);
  l->type = proto;
  l->next = *at;
  *at = l;
  return &l->type;
}

Types *types_new(Compiler *c)
{
  Types *ts = arena_alloc(c->arena, sizeof *ts);
  ts->c = c;
  ts->error = interned(ts, (Type){ .kind = T_ERROR });
  ts->null = interned(ts, (Type){ .kind = T_NULL, .nullable = true });
  ts->error->twin = ts->error;
  ts->null->twin = ts->null;
  return ts;
}

Type *type_scalar(Types *ts, TypeKind kind, bool nullable)
{
  return interned(ts, (Type){ .kind = kind, .nullable = nullable });
}

Type *type_dec(Types *ts, int scale, bool nullable)
{
  return interned(ts, (Type){ .kind = T_DEC, .scale = scale, .nullable = nullable });
}

Type *type_list(Types *ts, Type *elem, bool nullable)
{
  return interned(ts, (Type){ .kind = T_LIST, .elem = elem, .nullable = nullable });
}

Type *type_map(Types *ts, Type *elem, bool nullable)
{
  return interned(ts, (Type){ .kind = T_MAP, .elem = elem, .nullable = nullable });
}

Type *type_enum(Types *ts, Name name, const Name *members, int n, bool nullable)
{
  Type t = { .kind = T_ENUM, .name = name, .nullable = nullable };
  for (int i = 0; i < n; i++)
    vec_push(ts->c->arena, &t.members, members[i]);
  t.open = n > 0 && strcmp(members[n - 1], "other") == 0;
  return interned(ts, t);
}

Type *type_rec(Types *ts, Name name, const TypeField *fields, int n, bool nullable)
{
  Type t = { .kind = T_REC, .name = name, .nullable = nullable };
  for (int i = 0; i < n; i++) {
    vec_push(ts->c->arena, &t.fields, fields[i]);
    if (!t.fields.v[i].from)
      t.fields.v[i].from = t.fields.v[i].name;
  }
  return interned(ts, t);
}

Type *type_nullable(Types *ts, Type *t, bool nullable)
{
  if (t->nullable == nullable || t == ts->error || t == ts->null)
    return t;
  if (!t->twin) {
    Type proto = *t;
    proto.nullable = nullable;
    t->twin = interned(ts, proto);
    t->twin->twin = t;
  }
  return t->twin;
}

Type *type_error(Types *ts) { return ts->error; }
Type *type_null(Types *ts) { return ts->null; }

/* ---- as the language writes it ---- */

static const char *record_text(Compiler *c, const Type *t)
{
  const char *s = "{";
  int shown = t->fields.n > TEXT_FIELDS + 1 ? TEXT_FIELDS : t->fields.n;
  for (int i = 0; i < shown; i++)
    s = arena_printf(c->arena, "%s%s %s %s", s, i ? "," : "", t->fields.v[i].name,
                     type_text(c, t->fields.v[i].type));
  return arena_printf(c->arena, "%s%s }", s, shown < t->fields.n ? ", ..." : "");
}

static const char *enum_text(Compiler *c, const Type *t)
{
  const char *s = "enum {";
  int shown = t->members.n > TEXT_MEMBERS ? TEXT_MEMBERS : t->members.n;
  for (int i = 0; i < shown; i++)
    s = arena_printf(c->arena, "%s%s %s", s, i ? "," : "", t->members.v[i]);
  return arena_printf(c->arena, "%s%s }", s, shown < t->members.n ? ", ..." : "");
}

static const char *plain_text(Compiler *c, const Type *t)
{
  switch (t->kind) {
  case T_DEC: return arena_printf(c->arena, "decimal(%d)", t->scale);
  case T_LIST: return arena_printf(c->arena, "list<%s>", type_text(c, t->elem));
  case T_MAP: return arena_printf(c->arena, "map<string, %s>", type_text(c, t->elem));
  case T_REC: return t->name ? t->name : record_text(c, t);
  case T_ENUM: return t->name ? t->name : enum_text(c, t);
  case T_BOOL: case T_INT: case T_FLOAT: case T_STR: case T_BYTES: case T_TS: case T_DUR: case T_JSON:
  case T_NULL: case T_ERROR: break;
  }
  return kinds[t->kind].name;
}

const char *type_text(Compiler *c, const Type *t)
{
  const char *s = plain_text(c, t);
  return t->nullable && t->kind != T_NULL ? arena_printf(c->arena, "%s?", s) : s;
}

/* ---- comparing ---- */

static bool same_members(const Type *a, const Type *b)
{
  if (a->members.n != b->members.n)
    return false;
  for (int i = 0; i < a->members.n; i++)
    if (a->members.v[i] != b->members.v[i])
      return false;
  return true;
}

static bool records_agree(const Type *a, const Type *b, bool nullability)
{
  if (a->fields.n != b->fields.n)
    return false;
  for (int i = 0; i < a->fields.n; i++) {
    const TypeField *f = &a->fields.v[i], *g = &b->fields.v[i];
    if (f->name != g->name || !type_same(f->type, g->type))
      return false;
    if (nullability && f->type->nullable && !g->type->nullable)
      return false;
  }
  return true;
}

bool type_same(const Type *a, const Type *b)
{
  if (a == b || a->kind == T_ERROR || b->kind == T_ERROR)
    return true;
  if (a->kind != b->kind || a->scale != b->scale)
    return false;
  if (a->kind == T_LIST || a->kind == T_MAP)
    return type_same(a->elem, b->elem) && a->elem->nullable == b->elem->nullable;
  return a->kind == T_REC ? records_agree(a, b, false) : a->kind != T_ENUM || same_members(a, b);
}

static bool widens(const Type *from, const Type *to)
{
  if (from->kind == T_INT)
    return to->kind == T_FLOAT || to->kind == T_DEC;
  return from->kind == T_DEC && to->kind == T_DEC && from->scale <= to->scale;
}

bool type_fits(const Type *from, const Type *to, bool widen)
{
  if (from == to || from->kind == T_ERROR || to->kind == T_ERROR)
    return true;
  if (from->kind == T_NULL)
    return to->nullable;
  if (from->nullable && !to->nullable)
    return false;
  if (from->kind == T_REC && to->kind == T_REC)
    return records_agree(from, to, true);
  if (from->kind == to->kind && (from->kind == T_LIST || from->kind == T_MAP))
    return type_fits(from->elem, to->elem, false);
  return type_same(from, to) || (widen && widens(from, to));
}

const TypeField *type_field(const Type *t, Name name)
{
  for (int i = 0; t->kind == T_REC && i < t->fields.n; i++)
    if (t->fields.v[i].name == name)
      return &t->fields.v[i];
  return 0;
}

/* ---- leaves ---- */

static void leaves(Compiler *c, Type *t, const char *prefix, const TypeField *field, bool inside_nullable,
                   Leaves *out)
{
  if (t->kind != T_REC) {
    Leaf leaf = { prefix, inside_nullable ? type_nullable(c->types, t, true) : t, field };
    vec_push(c->arena, out, leaf);
    return;
  }
  bool nullable = t->nullable || inside_nullable;
  if (t->nullable) {
    Leaf presence = { prefix, t, field };
    vec_push(c->arena, out, presence);
  }
  for (int i = 0; i < t->fields.n; i++) {
    const TypeField *f = &t->fields.v[i];
    const char *path = prefix && *prefix ? arena_printf(c->arena, "%s.%s", prefix, f->name) : f->name;
    leaves(c, f->type, path, f, nullable, out);
  }
}

void type_leaves(Compiler *c, Type *t, const char *prefix, Leaves *out)
{
  leaves(c, t, prefix, 0, false, out);
}

int type_leaf_count(const Type *t)
{
  if (t->kind != T_REC)
    return 1;
  int n = t->nullable;
  for (int i = 0; i < t->fields.n; i++)
    n += type_leaf_count(t->fields.v[i].type);
  return n;
}
