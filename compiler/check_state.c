/* check_state.c -- states: keyed records and how each stream updates them. All right-hand sides of an
 * `on` block read the record as it was; a bare name that is both the state's and the row's is an error.
 */
#include <string.h>
#include "check.h"

static void check_field(Compiler *c, Decl *d, FieldDecl *f, Type *t)
{
  Env env = env_const(c, d->span.file, "an initial value");
  if (f->dflt) {
    check_as(&env, f->dflt, t, "the initial value");
    return;
  }
  if (t->nullable || is_error(t))
    return;
  Diag *diag = diag_error(c, f->name.span, D_STATE_FIELD, "`%s` has no initial value", f->name.name);
  diag_hint(c, diag, "the record of a key that was never seen: %s %s = ...; or a type with `?`",
            f->name.name, type_text(c, t));
}

static bool holds_list(const Type *t)
{
  for (int i = 0; i < t->fields.n; i++)
    if (holds_list(t->fields.v[i].type))
      return true;
  return t->elem != 0;
}

/* How many elements a list or map keeps stands behind its type, which is then like any other. */
static int64_t take_maximum(FieldDecl *f)
{
  TypeExpr *x = f->type;
  if (x->kind != TX_NAME || x->args.n == 0 || x->ints.n != 1)
    return 0;
  x->ints.n = 0;
  return x->ints.v[0];
}

static void check_maximum(Compiler *c, FieldDecl *f, const Type *t)
{
  enum { MOST = 1000000 };
  bool plain = t->elem && !holds_list(t->elem);
  if (is_error(t) || !holds_list(t) || (plain && f->max >= 1 && f->max <= MOST))
    return;
  const char *text = text_of(c, f->type->span);
  if (!plain) {
    Diag *d = diag_error(c, f->type->span, D_UNBOUNDED, "a state keeps lists of plain values only, with a maximum");
    diag_hint(c, d, "make it a field of its own: list<string>(100)");
    return;
  }
  Diag *d = diag_error(c, f->type->span, D_UNBOUNDED, "a state says how many elements of a %s it keeps: 1 to %d",
                       t->kind == T_LIST ? "list" : "map", MOST);
  diag_hint(c, d, "%.*s(100) keeps the last 100", (int)strcspn(text, "("), text);
}

static void check_fields(Compiler *c, Decl *d)
{
  VEC(TypeField) fields = { 0 };
  FieldDecls *all = &d->u.state.fields;
  for (int i = 0; i < all->n; i++) {
    FieldDecl *f = &all->v[i];
    f->max = take_maximum(f);
    TypeField field = field_named(f->name.name, check_type(c, f->type), f->name.span);
    check_maximum(c, f, field.type);
    bool twice = false;
    for (int k = 0; k < fields.n && !twice; k++)
      if (fields.v[k].name == field.name) {
        Diag *diag = diag_error(c, f->name.span, D_DUPLICATE_FIELD, "the field `%s` is declared twice",
                                f->name.name);
        diag_note(c, diag, fields.v[k].span, "first declared here");
        twice = true;
      }
    if (f->has_mask || f->has_from)
      diag_error(c, f->span, D_STATE_FIELD, "a state's field has a type and an initial value only");
    check_field(c, d, f, field.type);
    field.dflt = f->dflt;
    if (!twice)
      vec_push(c->arena, &fields, field);
  }
  d->type = fields.n ? type_rec(c->types, d->name.name, fields.v, fields.n, false) : t_error(c);
  if (!fields.n)
    diag_error(c, d->name.span, D_STATE_FIELD, "the state `%s` remembers nothing: it has no fields",
               d->name.name);
}

/* ---- updates ---- */

void check_key_columns(Env *env, Paths *by, const char *owner)
{
  Compiler *c = env->c;
  for (int i = 0; i < by->n; i++) {
    Type *t = check_column(env, &by->v[i], 0, "`by`");
    const char *text = path_text(c, &by->v[i]);
    if (is_error(t))
      continue;
    if (!(t->props & TP_KEY))
      diag_error(c, by->v[i].span, D_KEY_TYPE, "%s cannot be a key", type_text(c, t));
    else if (t->nullable) {
      Diag *d = diag_error(c, by->v[i].span, D_NULL_KEY, "the key `%s` of %s may be null", text, owner);
      diag_hint(c, d, "make a stream without such rows: stream s = ... | where %s is not null", text);
    }
  }
}

static void check_assign(Env *env, Decl *d, OnBlock *on, int at)
{
  Compiler *c = env->c;
  Assign *a = &on->assigns.v[at];
  const TypeField *f = d->type->kind == T_REC ? type_field(d->type, a->name.name) : 0;
  for (int i = 0; i < at; i++)
    if (on->assigns.v[i].name.name == a->name.name) {
      Diag *diag = diag_error(c, a->name.span, D_ASSIGN, "`%s` is assigned twice", a->name.name);
      diag_note(c, diag, on->assigns.v[i].name.span, "first here");
      diag_hint(c, diag, "all right-hand sides read the record as it was: there is no order between them");
    }
  if (f) {
    check_as(env, a->value, f->type, arena_printf(c->arena, "`%s`", f->name));
    return;
  }
  check_expr(env, a->value);
  if (is_error(d->type))
    return;
  Diag *diag = diag_error(c, a->name.span, D_ASSIGN, "the state `%s` has no field `%s`", d->name.name,
                          a->name.name);
  Guess g = guess_for(a->name.name);
  for (int i = 0; i < d->type->fields.n; i++)
    guess_offer(&g, d->type->fields.v[i].name);
  if (!guess_hint(c, diag, &g))
    diag_note(c, diag, d->name.span, "declared here");
}

static void check_on(Compiler *c, Decl *d, OnBlock *on)
{
  on->decl = find_input(c, d->span.file, on->stream, false);
  Shape s = on->decl && on->decl->type ? on->decl->shape : shape_error(c);
  not_updating(c, on->stream.span, &s, "a state");
  needs_time(c, on->stream.span, &s, "a state");
  Env env = env_new(c, d->span.file);
  env.shape = &s;
  env_row(&env, on->stream.name, s.row, on->decl, true);
  check_key_columns(&env, &d->u.state.by, "a state");
  env.state = d;
  env.by = &d->u.state.by;
  if (on->where)
    check_condition(&env, on->where, "`where`");
  for (int i = 0; i < on->assigns.n; i++)
    check_assign(&env, d, on, i);
}

void check_order_word(Compiler *c, Ident order)
{
  if (!order.name || strcmp(order.name, "arrival") == 0)
    return;
  Diag *d = diag_error(c, order.span, D_UNKNOWN_WORD,
                       "the order is `arrival` or, without the clause, the event time; not `%s`", order.name);
  Guess g = guess_for(order.name);
  guess_offer(&g, "arrival");
  guess_hint(c, d, &g);
}

void check_state(Compiler *c, Decl *d)
{
  check_fields(c, d);
  check_order_word(c, d->u.state.order);
  if (d->u.state.keep) {
    check_keep(c, d->u.state.keep, d->span.file);
  } else {
    Diag *diag = diag_error(c, d->name.span, D_UNBOUNDED,
                            "every key would be kept for ever: state needs a bound");
    diag_hint(c, diag, "say how long after its last row: state %s by %s keep 30d; or `keep all`",
              d->name.name,
              d->u.state.by.n ? path_text(c, &d->u.state.by.v[0]) : "key");
  }
  if (!d->u.state.on.n) {
    Diag *diag = diag_error(c, d->name.span, D_MISSING_CLAUSE, "nothing updates the state `%s`",
                            d->name.name);
    diag_hint(c, diag, "add on stream { field = ... }");
  }
  for (int i = 0; i < d->u.state.on.n; i++)
    check_on(c, d, &d->u.state.on.v[i]);
}
