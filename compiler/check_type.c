/* check_type.c -- types as written become interned types. */
#include <string.h>
#include "check.h"

static const struct { const char *name; TypeKind kind; int args; } type_words[] = {
  { "bool", T_BOOL, 0 }, { "int", T_INT, 0 }, { "float", T_FLOAT, 0 }, { "decimal", T_DEC, 0 },
  { "string", T_STR, 0 }, { "bytes", T_BYTES, 0 }, { "timestamp", T_TS, 0 }, { "duration", T_DUR, 0 },
  { "json", T_JSON, 0 }, { "list", T_LIST, 1 }, { "map", T_MAP, 2 },
};
enum { TYPE_WORDS = (int)(sizeof type_words / sizeof *type_words) };

/* What other languages call them. */
static const struct { const char *theirs, *ours; } habits[] = {
  { "integer", "int" }, { "bigint", "int" }, { "long", "int" }, { "int64", "int" }, { "i64", "int" },
  { "double", "float" }, { "real", "float" }, { "number", "float" }, { "f64", "float" },
  { "boolean", "bool" }, { "varchar", "string" }, { "text", "string" }, { "str", "string" },
  { "char", "string" }, { "numeric", "decimal(2)" }, { "money", "decimal(2)" }, { "datetime", "timestamp" },
  { "date", "timestamp" }, { "time", "timestamp" }, { "interval", "duration" }, { "array", "list<...>" },
  { "object", "json" }, { "struct", "a record { ... }" }, { "dict", "map<string, ...>" },
};

static Type *check_type_at(Compiler *c, TypeExpr *x, Name name, int depth);

static const char *habit(const char *theirs)
{
  for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
    if (strcmp(habits[i].theirs, theirs) == 0)
      return habits[i].ours;
  return 0;
}

static Type *unknown_type(Compiler *c, TypeExpr *x)
{
  Diag *d = diag_error(c, x->name.span, D_UNKNOWN_TYPE, "there is no type `%s`", x->name.name);
  const char *ours = habit(x->name.name);
  Guess g = guess_for(x->name.name);
  if (ours) {
    diag_hint(c, d, "it is called %s here", ours);
    return t_error(c);
  }
  for (int i = 0; i < TYPE_WORDS; i++)
    guess_offer(&g, type_words[i].name);
  guess_decls(c, &g, x->span.file, 1u << DECL_TYPE);
  guess_hint(c, d, &g);
  return t_error(c);
}

static Type *declared_type(Compiler *c, TypeExpr *x)
{
  Decl *d = scope_find(c, x->span.file, x->name.name);
  if (!d)
    return unknown_type(c, x);
  if (d->kind != DECL_TYPE) {
    Diag *diag = diag_error(c, x->name.span, D_WRONG_KIND, "`%s` is %s, not a type", x->name.name,
                            decl_word(d));
    diag_note(c, diag, d->name.span, "declared here");
    return t_error(c);
  }
  if (x->args.n || x->ints.n)
    diag_error(c, x->span, D_TYPE_ARGUMENTS, "the type `%s` takes no arguments", x->name.name);
  return type_of_decl(c, d);
}

static Type *decimal_type(Compiler *c, TypeExpr *x)
{
  if (x->ints.n != 1 || x->args.n) {
    Diag *d = diag_error(c, x->span, D_TYPE_ARGUMENTS, "`decimal` says how many digits follow the point");
    diag_hint(c, d, x->ints.n == 2 ? "the precision is always 18 digits: write decimal(%d)"
                                   : "for example decimal(2)", (int)(x->ints.n == 2 ? x->ints.v[1] : 0));
    return t_error(c);
  }
  if (x->ints.v[0] < 0 || x->ints.v[0] > MAX_SCALE) {
    diag_error(c, x->span, D_TYPE_ARGUMENTS, "a decimal has 0 to %d digits after the point", MAX_SCALE);
    return t_error(c);
  }
  return type_dec(c->types, (int)x->ints.v[0], false);
}

static Type *container_type(Compiler *c, TypeExpr *x, TypeKind kind, int args, int depth)
{
  if (x->args.n == args && x->ints.n) {
    Diag *d = diag_error(c, x->span, D_TYPE_ARGUMENTS, "only a state's field says how many elements it keeps");
    diag_hint(c, d, "leave (%lld) out", (long long)x->ints.v[0]);
    return t_error(c);
  }
  if (x->args.n != args) {
    Diag *d = diag_error(c, x->span, D_TYPE_ARGUMENTS, "`%s` needs the type of its elements", x->name.name);
    diag_hint(c, d, kind == T_LIST ? "for example list<string>" : "for example map<string, int>");
    return t_error(c);
  }
  Type *elem = check_type_at(c, x->args.v[args - 1], 0, depth + 1);
  if (is_error(elem))
    return elem;
  if (kind == T_LIST)
    return type_list(c->types, elem, false);
  Type *key = check_type_at(c, x->args.v[0], 0, depth + 1);
  if (key != t_str(c, false)) {
    if (!is_error(key))
      diag_error(c, x->args.v[0]->span, D_TYPE_ARGUMENTS, "the keys of a map are strings, not %s",
                 type_text(c, key));
    return t_error(c);
  }
  return type_map(c->types, elem, false);
}

static Type *named_type(Compiler *c, TypeExpr *x, int depth)
{
  for (int i = 0; i < TYPE_WORDS; i++) {
    if (strcmp(type_words[i].name, x->name.name) != 0)
      continue;
    if (type_words[i].args)
      return container_type(c, x, type_words[i].kind, type_words[i].args, depth);
    if (type_words[i].kind == T_DEC)
      return decimal_type(c, x);
    if (x->args.n || x->ints.n) {
      diag_error(c, x->span, D_TYPE_ARGUMENTS, "`%s` takes no arguments", x->name.name);
      return t_error(c);
    }
    return type_scalar(c->types, type_words[i].kind, false);
  }
  return declared_type(c, x);
}

/* ---- records and enumerations ---- */

static void check_masking(Compiler *c, FieldDecl *f, TypeField *out)
{
  static const struct { const char *name; int masking; bool number; } words[] = {
    { "all", WR_MASK_ALL, false }, { "last", WR_MASK_LAST, true }, { "hash", WR_MASK_HASH, false },
  };
  Guess g = guess_for(f->mask.name);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    guess_offer(&g, words[i].name);
    if (strcmp(words[i].name, f->mask.name) != 0)
      continue;
    if (words[i].number != f->has_mask_n || f->mask_n < 0 || f->mask_n > 255)
      diag_error(c, f->mask.span, D_MASKING, words[i].number
                 ? "`mask last` says how many characters may show: mask last 4"
                                                             : "`mask %s` takes no number", f->mask.name);
    if (out->type->kind != T_STR && !is_error(out->type))
      diag_error(c, f->mask.span, D_MASKING, "only strings can be masked; `%s` is %s", f->name.name,
                 type_text(c, out->type));
    out->masking = (uint8_t)words[i].masking;
    out->mask_n = (uint8_t)f->mask_n;
    return;
  }
  Diag *d = diag_error(c, f->mask.span, D_MASKING, "a field is masked `all`, `last n` or `hash`, not `%s`",
                       f->mask.name);
  guess_hint(c, d, &g);
}

static TypeField check_field_decl(Compiler *c, FieldDecl *f, int depth)
{
  TypeField out = field_named(f->name.name, check_type_at(c, f->type, 0, depth + 1), f->name.span);
  if (f->has_from)
    out.from = f->from;
  if (f->has_mask)
    check_masking(c, f, &out);
  if (f->dflt) {
    Env env = env_const(c, f->span.file, "a default");
    check_as(&env, f->dflt, out.type, "the default");
    out.dflt = f->dflt;
  }
  return out;
}

static void check_external_names(Compiler *c, const TypeField *fields, int n)
{
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++)
      if (fields[i].from == fields[j].from && fields[i].name != fields[j].name) {
        Diag *d = diag_error(c, fields[i].span, D_DUPLICATE_FIELD, "`%s` and `%s` are both read from \"%s\"",
                             fields[j].name, fields[i].name, fields[i].from);
        diag_note(c, d, fields[j].span, "the other field");
      }
}

static Type *record_type(Compiler *c, TypeExpr *x, Name name, int depth)
{
  VEC(TypeField) fields = { 0 };
  for (int i = 0; i < x->fields.n; i++) {
    FieldDecl *f = &x->fields.v[i];
    TypeField field = check_field_decl(c, f, depth);
    int old = -1;
    for (int k = 0; k < fields.n; k++)
      if (fields.v[k].name == field.name)
        old = k;
    if (old < 0) {
      vec_push(c->arena, &fields, field);
      continue;
    }
    Diag *d = diag_error(c, f->name.span, D_DUPLICATE_FIELD, "the field `%s` is declared twice",
                         f->name.name);
    diag_note(c, d, fields.v[old].span, "first declared here");
  }
  check_external_names(c, fields.v, fields.n);
  if (!fields.n)
    diag_error(c, x->span, D_TYPE_ARGUMENTS, "a record has at least one field");
  return type_rec(c->types, name, fields.v, fields.n, false);
}

static Type *enum_type(Compiler *c, TypeExpr *x, Name name)
{
  VEC(Name) members = { 0 };
  for (int i = 0; i < x->members.n; i++) {
    for (int k = 0; k < i; k++)
      if (x->members.v[k].name == x->members.v[i].name) {
        Diag *d = diag_error(c, x->members.v[i].span, D_DUPLICATE_FIELD, "the member `%s` stands here twice",
                             x->members.v[i].name);
        diag_note(c, d, x->members.v[k].span, "first here");
        break;
      }
    vec_push(c->arena, &members, x->members.v[i].name);
  }
  return type_enum(c->types, name, members.v, members.n, false);
}

static Type *check_type_at(Compiler *c, TypeExpr *x, Name name, int depth)
{
  Type *t = t_error(c);
  if (depth > MAX_TYPE_DEPTH) {
    diag_error(c, x->span, D_DEPTH, "types are nested more than %d deep", MAX_TYPE_DEPTH);
    return t;
  }
  switch (x->kind) {
  case TX_NAME: t = named_type(c, x, depth); break;
  case TX_RECORD: t = record_type(c, x, name, depth); break;
  case TX_ENUM: t = enum_type(c, x, name); break;
  }
  return x->nullable ? type_nullable(c->types, t, true) : t;
}

Type *check_type(Compiler *c, TypeExpr *x) { return check_type_at(c, x, 0, 0); }

Type *type_of_decl(Compiler *c, Decl *d)
{
  if (d->visiting == 1) {
    Diag *diag = diag_error(c, d->name.span, D_RECURSIVE_TYPE, "the type `%s` contains itself", d->name.name);
    diag_hint(c, diag, "keep nested data of any depth as json");
    d->type = t_error(c);
  }
  if (d->type)
    return d->type;
  d->visiting = 1;
  Type *t = check_type_at(c, d->u.type.type, d->name.name, 0);
  d->visiting = 2;
  if (!d->type)
    d->type = t;
  return d->type;
}

/* ---- records that the language itself gives ---- */

typedef VEC(TypeField) TypeFields;

static void put(Compiler *c, TypeFields *fields, const char *name, Type *t)
{
  vec_push(c->arena, fields, field_named(intern_z(c->interns, name), t, (Span){ 0 }));
}

Type *bad_record(Compiler *c)
{
  TypeFields fields = { 0 };
#define BAD(name, kind, nullable, doc) put(c, &fields, #name, type_scalar(c->types, (TypeKind)WR_##kind, nullable));
#include "weir/bad.def"
#undef BAD
  return type_rec(c->types, intern_z(c->interns, "Bad"), fields.v, fields.n, false);
}

Type *late_record(Compiler *c, Type *row)
{
  TypeFields meta = { 0 }, fields = { 0 };
  const struct { const char *name; Type *type; } parts[] = {
    { "source", t_str(c, false) }, { "partition", t_int(c, false) }, { "offset", t_int(c, false) },
    { "time", t_ts(c, false) }, { "watermark", t_ts(c, false) },
    { "refused_by", type_list(c->types, t_str(c, false), false) },
  };
  if (is_error(row))
    return row;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    put(c, &meta, parts[i].name, parts[i].type);
  for (int i = 0; i < row->fields.n; i++)
    vec_push(c->arena, &fields, row->fields.v[i]);
  Type *record = type_rec(c->types, intern_z(c->interns, "LateMeta"), meta.v, meta.n, false);
  put(c, &fields, "meta", record);
  return type_rec(c->types, 0, fields.v, fields.n, false);
}
