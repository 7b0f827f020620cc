/* check_record.c -- records in braces: stars are expanded into their fields, so that later passes see
 * only named items; a record for a known type takes its fields by name, in any order.
 */
#include <string.h>
#include "check.h"

/* ---- stars ---- */

static bool named_elsewhere(const Items *items, Name name)
{
  for (int i = 0; i < items->n; i++)
    if (!items->v[i].star && items->v[i].name.name == name)
      return true;
  return false;
}

static bool is_joined(const Row *row, Name name)
{
  for (int i = 0; row && i < row->joined.n; i++)
    if (row->joined.v[i] == name)
      return true;
  return false;
}

/* An item `prefix.field` for the star that stood there. */
static Item star_item(Env *env, const Item *star, const TypeField *f)
{
  Ident name = { f->name, star->span };
  Expr *e = expr_new(env->c, EXPR_PATH, star->span);
  if (star->value)
    for (int i = 0; i < star->value->u.path.path.parts.n; i++)
      vec_push(env->c->arena, &e->u.path.path.parts, star->value->u.path.path.parts.v[i]);
  vec_push(env->c->arena, &e->u.path.path.parts, name);
  e->u.path.path.span = star->span;
  return (Item){ .name = name, .value = e, .span = star->span };
}

static void expand_row(Env *env, const Item *star, int input, const Items *written, Items *out)
{
  const Row *row = &env->rows.v[input];
  for (int i = 0; row->type->kind == T_REC && i < row->type->fields.n; i++) {
    const TypeField *f = &row->type->fields.v[i];
    if (named_elsewhere(written, f->name) || (star->value && is_joined(row, f->name)))
      continue;
    Item it = star_item(env, star, f);
    it.value->u.path.ref = (Ref){ .kind = REF_COLUMN, .input = input, .column = i,
                                 .used = it.value->u.path.path.parts.n };
    vec_push(env->c->arena, out, it);
  }
}

static void expand_value(Env *env, const Item *star, const Items *written, Items *out)
{
  Type *t = check_expr(env, star->value);
  if (is_error(t))
    return;
  if (star->value->u.path.ref.kind == REF_ROW) {
    expand_row(env, star, star->value->u.path.ref.input, written, out);
    return;
  }
  if (t->kind != T_REC) {
    diag_error(env->c, star->span, D_ITEM, "`.*` takes all fields of a record, and `%s` is %s",
               text_of(env->c, star->value->span), type_text(env->c, t));
    return;
  }
  for (int i = 0; i < t->fields.n; i++)
    if (!named_elsewhere(written, t->fields.v[i].name)) {
      Item it = star_item(env, star, &t->fields.v[i]);
      it.value->u.path.ref = (Ref){ 0 };
      vec_push(env->c->arena, out, it);
    }
}

void expand_stars(Env *env, Expr *e)
{
  Items out = { 0 };
  for (int i = 0; i < e->u.rec.items.n; i++) {
    Item *it = &e->u.rec.items.v[i];
    if (!it->star) {
      vec_push(env->c->arena, &out, *it);
    } else if (env->group || env->aggregates) {
      Diag *d = diag_error(env->c, it->span, D_ITEM, "a star cannot stand in a group's record");
      diag_hint(env->c, d, "name the keys and the aggregates that the result has");
    } else if (it->value) {
      expand_value(env, it, &e->u.rec.items, &out);
    } else if (env->rows.n) {
      expand_row(env, it, 0, &e->u.rec.items, &out);
    } else {
      diag_error(env->c, it->span, D_ITEM, "there is no row here whose fields `*` could be");
    }
  }
  memcpy(&e->u.rec.items, &out, sizeof out);
}

/* ---- records of their own type ---- */

static bool told_duplicate(Env *env, const Items *items, int at)
{
  for (int k = 0; k < at; k++) {
    if (items->v[k].name.name != items->v[at].name.name)
      continue;
    Diag *d = diag_error(env->c, items->v[at].span, D_DUPLICATE_FIELD, "the field `%s` stands here twice",
                         items->v[at].name.name);
    diag_note(env->c, d, items->v[k].span, "first here");
    diag_hint(env->c, d, "give one of them another name: other_%s: %s", items->v[at].name.name,
              text_of(env->c, items->v[at].value->span));
    return true;
  }
  return false;
}

static Type *item_type(Env *env, Item *it)
{
  Type *t = check_expr(env, it->value);
  if (t->kind != T_NULL)
    return t;
  Diag *d = diag_error(env->c, it->value->span, D_TYPE, "the type of this null is not known");
  diag_hint(env->c, d, "say it: cast(null as string)");
  return t_error(env->c);
}

Type *check_record(Env *env, Expr *e)
{
  VEC(TypeField) fields = { 0 };
  Items *items = &e->u.rec.items;
  bool written = items->n > 0;
  expand_stars(env, e);
  for (int i = 0; i < items->n; i++) {
    Item *it = &items->v[i];
    if (it->string_name)
      diag_error(env->c, it->name.span, D_ITEM,
                 "a field's name is written without quotes; with them it is a map's key");
    Type *t = item_type(env, it);
    e->fallible |= it->value->fallible;
    e->constant &= it->value->constant;
    if (told_duplicate(env, items, i))
      continue;
    vec_push(env->c->arena, &fields, field_named(it->name.name, t, it->span));
  }
  if (!fields.n) {
    if (!written)
      diag_error(env->c, e->span, D_ITEM, "a record has at least one field");
    return t_error(env->c);
  }
  return type_rec(env->c->types, 0, fields.v, fields.n, false);
}

/* ---- records for a known type ---- */

static void unknown_item(Env *env, const Item *it, Type *want, const char *what)
{
  Diag *d = diag_error(env->c, it->name.span, D_UNKNOWN_FIELD, "%s has no field `%s`", what, it->name.name);
  Guess g = guess_for(it->name.name);
  for (int i = 0; i < want->fields.n; i++)
    guess_offer(&g, want->fields.v[i].name);
  if (!guess_hint(env->c, d, &g))
    diag_hint(env->c, d, "its type is %s", type_text(env->c, want));
}

/* The field's default or null, as if it had been written. */
static bool fill(Env *env, Expr *e, const TypeField *f)
{
  Item it = { .name = { f->name, e->span }, .span = e->span, .value = f->dflt };
  if (!it.value) {
    if (!f->type->nullable)
      return false;
    it.value = expr_new(env->c, EXPR_LITERAL, e->span);
    it.value->u.lit.kind = LIT_NULL;
    check_as(env, it.value, f->type, "the field");
  }
  vec_push(env->c->arena, &e->u.rec.items, it);
  return true;
}

static void fill_missing(Env *env, Expr *e, Type *want, const char *what)
{
  const char *missing = "";
  int n = 0;
  for (int i = 0; i < want->fields.n; i++)
    if (!named_elsewhere(&e->u.rec.items, want->fields.v[i].name) && !fill(env, e, &want->fields.v[i]))
      missing = arena_printf(env->c->arena, "%s%s`%s`", missing, n++ ? ", " : "", want->fields.v[i].name);
  if (n)
    diag_error(env->c, e->span, D_MISSING_FIELD, "%s also has %s, which %s not given", what, missing, n == 1
               ? "is" : "are");
}

void check_record_part(Env *env, Expr *e, Type *want, const char *what)
{
  Items *items = &e->u.rec.items;
  expand_stars(env, e);
  e->constant = true;
  for (int i = 0; i < items->n; i++) {
    Item *it = &items->v[i];
    const TypeField *f = type_field(want, it->name.name);
    if (!f) {
      unknown_item(env, it, want, what);
      check_expr(env, it->value);
      continue;
    }
    told_duplicate(env, items, i);
    check_as(env, it->value, f->type, arena_printf(env->c->arena, "the field `%s`", f->name));
    e->fallible |= it->value->fallible;
    e->constant &= it->value->constant;
  }
  e->type = type_nullable(env->c->types, want, false);
}

Type *check_record_as(Env *env, Expr *e, Type *want, const char *what)
{
  check_record_part(env, e, want, what);
  fill_missing(env, e, want, what);
  return e->type;
}
