/* check_path.c -- what a name or dotted path means where it stands.
 *
 * The order: parameters of a fn and lets; a group's keys; columns that may be named alone (when the
 * rest of the path fits them); rows by their name; states; `window` and `meta`; parameters. A name
 * with two meanings on the same level is an error.
 */
#include <string.h>
#include "check.h"

typedef struct Found { Ref ref; Type *type; const Row *row; } Found;

static const Ident *part(const Path *p, int i) { return &p->parts.v[i]; }

static int field_index(const Type *t, Name name)
{
  for (int i = 0; t->kind == T_REC && i < t->fields.n; i++)
    if (t->fields.v[i].name == name)
      return i;
  return -1;
}

/* Could the part after this value be a field of it? */
static bool takes(const Type *t, const Path *p, int next)
{
  if (next >= p->parts.n || is_error(t) || t->kind == T_JSON)
    return true;
  return type_field(t, part(p, next)->name) != 0;
}

/* ---- one step into a value ---- */

Type *check_field_of(Env *env, Type *t, Ident name, bool *json)
{
  Compiler *c = env->c;
  if (is_error(t))
    return t;
  if (t->kind == T_JSON) {
    *json = true;
    return type_scalar(c->types, T_JSON, true);
  }
  const TypeField *f = type_field(t, name.name);
  if (f)
    return t->nullable ? type_nullable(c->types, f->type, true) : f->type;
  const char *text = type_text(c, type_nullable(c->types, t, false));
  Diag *d = diag_error(c, name.span, D_UNKNOWN_FIELD, t->kind == T_REC ? "%s has no field `%s`"
                       : "%s is not a record: it has no field `%s`", text, name.name);
  Guess g = guess_for(name.name);
  for (int i = 0; i < t->fields.n; i++)
    guess_offer(&g, t->fields.v[i].name);
  if (t->kind == T_LIST)
    diag_hint(c, d, "an element is taken by its index, from 0: [0]; `unnest` gives one row for each");
  else if (t->kind == T_MAP)
    diag_hint(c, d, "an entry is taken by its key: [\"%s\"]", name.name);
  else
    guess_hint(c, d, &g);
  return t_error(c);
}

static Type *walk(Env *env, Type *t, const Path *p, int from)
{
  bool json = false;
  for (int i = from; i < p->parts.n; i++)
    t = check_field_of(env, t, *part(p, i), &json);
  return t;
}

/* ---- columns and rows ---- */

static void ambiguous(Env *env, const Path *p, const Row *a, const Row *b)
{
  Name name = part(p, 0)->name;
  Diag *d = diag_error(env->c, p->span, D_AMBIGUOUS, "`%s` could be a column of `%s` or of `%s`", name,
                       a->name ? a->name : "the row", b->name ? b->name : "the row");
  if (a->name && b->name)
    diag_hint(env->c, d, "write %s.%s or %s.%s", a->name, name, b->name, name);
}

/* The type of a row's field there: not null where a `where` before has made sure. */
static Type *field_type(Env *env, const Row *r, int k)
{
  const TypeField *f = &r->type->fields.v[k];
  Type *t = r->type->nullable ? type_nullable(env->c->types, f->type, true) : f->type;
  for (int i = 0; i < r->present.n; i++)
    if (r->present.v[i] == f->name)
      return type_nullable(env->c->types, t, false);
  return t;
}

/* 1 found, 0 not, -1 told */
static int bare_column(Env *env, const Path *p, Found *out)
{
  int found = 0;
  for (int i = 0; i < env->rows.n; i++) {
    const Row *r = &env->rows.v[i];
    int k = r->bare ? field_index(r->type, part(p, 0)->name) : -1;
    if (k < 0 || !takes(r->type->fields.v[k].type, p, 1))
      continue;
    if (found) {
      ambiguous(env, p, out->row, r);
      return -1;
    }
    *out = (Found){ { .kind = REF_COLUMN, .used = 1, .input = i, .column = k }, field_type(env, r, k), r };
    found = 1;
  }
  return found;
}

static int qualified(Env *env, const Path *p, Found *out)
{
  for (int i = 0; i < env->rows.n; i++) {
    const Row *r = &env->rows.v[i];
    if (!r->name || r->name != part(p, 0)->name)
      continue;
    if (is_error(r->type) || p->parts.n == 1) {
      *out = (Found){ { .kind = REF_ROW, .used = is_error(r->type) ? p->parts.n : 1, .input = i }, r->type,
                     r };
      return 1;
    }
    int k = field_index(r->type, part(p, 1)->name);
    if (k >= 0) {
      *out = (Found){ { .kind = REF_COLUMN, .used = 2, .input = i, .column = k }, field_type(env, r, k), r };
      return 1;
    }
    bool json = false;
    check_field_of(env, r->type, *part(p, 1), &json);
    return -1;
  }
  return 0;
}

static int row_error(Env *env)            /* a row of unknown type: anything could be its column */
{
  for (int i = 0; i < env->rows.n; i++)
    if (env->rows.v[i].bare && is_error(env->rows.v[i].type))
      return -1;
  return 0;
}

static int own_state(Env *env, const Path *p, Found *out)
{
  const Decl *s = env->state;
  if (!s || !s->type)
    return 0;
  int k = field_index(s->type, part(p, 0)->name);
  if (k < 0 || !takes(s->type->fields.v[k].type, p, 1))
    return 0;
  *out = (Found){ { .kind = REF_STATE, .used = 1, .column = k, .decl = (Decl *)s },
                 s->type->fields.v[k].type, 0 };
  return 1;
}

/* A column of the rows or a field of the state being updated, which must not both have the name. */
static int column(Env *env, const Path *p, Found *out)
{
  Found state;
  int found = bare_column(env, p, out);
  if (found < 0 || !own_state(env, p, &state))
    return found;
  if (!found) {
    *out = state;
    return 1;
  }
  Name name = part(p, 0)->name;
  const char *stream = out->row->name ? out->row->name : "the event";
  Diag *d = diag_error(env->c, p->span, D_AMBIGUOUS, "`%s` could be the state's field or a column of `%s`",
                       name, stream);
  diag_hint(env->c, d, "write %s.%s or %s.%s", env->state->name.name, name, stream, name);
  return -1;
}

/* ---- a group's keys ---- */

static bool same_rest(const Expr *key, const Found *f, const Path *p, int *used)
{
  const Ref *r = &key->u.path.ref;
  const Path *k = (const Path *)&key->u.path.path;
  if (key->kind != EXPR_PATH || r->kind != f->ref.kind || r->input != f->ref.input ||
      r->column != f->ref.column)
    return false;
  int rest = k->parts.n - r->used;
  for (int i = 0; i < rest; i++)
    if (f->ref.used + i >= p->parts.n || part(p, f->ref.used + i)->name != part(k, r->used + i)->name)
      return false;
  *used = f->ref.used + rest;
  return true;
}

static bool key_by_name(Env *env, const Path *p, Found *out)
{
  Items *keys = &env->group->u.group.keys;
  for (int i = 0; i < keys->n; i++) {
    Type *t = keys->v[i].value->type;
    if (keys->v[i].name.name != part(p, 0)->name || !t || !takes(t, p, 1))
      continue;
    *out = (Found){ { .kind = REF_KEY, .used = 1, .column = i }, t, 0 };
    return true;
  }
  return false;
}

static void not_a_key(Env *env, const Path *p)
{
  Compiler *c = env->c;
  const char *name = path_text(c, p);
  Diag *d = diag_error(c, p->span, D_NOT_KEY, "`%s` is neither a key of this group nor inside an aggregate",
                       name);
  Items *keys = &env->group->u.group.keys;
  if (keys->n) {
    Span span = span_join(keys->v[0].span, keys->v[keys->n - 1].span);
    diag_note(c, d, span, "the keys");
  }
  diag_hint(c, d, "many rows have one result: add `%s` to the keys, or choose: last(%s), max(%s)", name,
            name, name);
}

static int key(Env *env, const Path *p, Found *out)
{
  Items *keys = &env->group->u.group.keys;
  Found f;
  if (key_by_name(env, p, out))
    return 1;
  int found = bare_column(env, p, &f);
  if (!found)
    found = qualified(env, p, &f);
  if (found <= 0)
    return found;
  for (int i = 0; i < keys->n; i++) {
    int used;
    if (!keys->v[i].value->type || !same_rest(keys->v[i].value, &f, p, &used))
      continue;
    *out = (Found){ { .kind = REF_KEY, .used = used, .column = i }, keys->v[i].value->type, 0 };
    return 1;
  }
  if (!is_error(f.type))
    not_a_key(env, p);
  return -1;
}

/* ---- window and meta ---- */

static Type *window_type(Compiler *c)
{
  TypeField ends[2] = { field_named(intern_z(c->interns, "start"), t_ts(c, false), (Span){ 0 }),
                        field_named(intern_z(c->interns, "end"), t_ts(c, false), (Span){ 0 }) };
  return type_rec(c->types, intern_z(c->interns, "window"), ends, 2, false);
}

static int window(Env *env, const Path *p, Found *out)
{
  if (strcmp(part(p, 0)->name, "window") != 0)
    return 0;
  if (!env->window_ok || env->inside) {
    Diag *d = diag_error(env->c, p->span, D_WINDOW_HERE, env->inside
                         ? "`window` cannot be read inside an aggregate"
                                                                     : "rows carry no window here");
    if (!env->inside)
      diag_hint(env->c, d,
                "`group by ... over tumbling 1h { ... }` gives rows their window, until the next group");
    return -1;
  }
  Type *pair = window_type(env->c);
  *out = (Found){ { .kind = REF_WINDOW, .used = 1, .column = 2 }, pair, 0 };
  if (p->parts.n == 1)
    return 1;
  int k = field_index(pair, part(p, 1)->name);
  if (k < 0)
    diag_error(env->c, part(p, 1)->span, D_UNKNOWN_FIELD, "`window` has `start` and `end`, not `%s`",
               part(p, 1)->name);
  out->ref.used = 2;
  out->ref.column = k;
  out->type = t_ts(env->c, false);
  return k < 0 ? -1 : 1;
}

static const char *const meta_names[META_FIELDS] = {
  [META_TIME] = "time", [META_KEY] = "key", [META_PARTITION] = "partition", [META_OFFSET] = "offset",
  [META_HEADER] = "header", [META_SOURCE] = "source",
};

static bool connector_has_time(const Decl *source)
{
  const Config *from = source->kind == DECL_SOURCE ? &source->u.source.c.from : 0;
  return !from || !from->conn || !from->conn->conn || from->conn->conn->has_time;
}

static Type *meta_type(Env *env, int field)
{
  Compiler *c = env->c;
  switch ((enum MetaField)field) {
  case META_TIME: return t_ts(c, false);
  case META_KEY: case META_HEADER: return t_str(c, true);
  case META_PARTITION: case META_OFFSET: return t_int(c, false);
  case META_SOURCE: return t_str(c, false);
  case META_FIELDS: break;
  }
  return t_error(c);
}

static int meta_error(Env *env, const Path *p, const char *reason, const char *hint)
{
  Diag *d = diag_error(env->c, p->span, D_META, "%s", reason);
  diag_hint(env->c, d, "%s", hint);
  return -1;
}

/* A rule or state sees rows that waited for their turn: what came beside the record is a column by then. */
bool check_meta_place(Env *env, Span at)
{
  if (!env->by && !env->reader && !env->state)
    return true;
  Diag *d = diag_error(env->c, at, D_META, "a rule or state reads columns, and this is none yet");
  diag_hint(env->c, d, "make it one in a step before: stream with_key = rows | extend { key: meta.key }");
  return false;
}

static int meta(Env *env, const Path *p, Found *out)
{
  if (strcmp(part(p, 0)->name, "meta") != 0)
    return 0;
  if (!env->shape || !env->shape->origin || env->group)
    return meta_error(env, p, "`meta` belongs to rows of one source, and these are not",
                      "read it in the first steps after the source, with select or extend");
  if (p->parts.n == 1)
    return meta_error(env, p, "`meta` is not a value: its fields are",
                      "meta.time, meta.key, meta.partition, meta.offset, meta.source, meta.header(\"name\")");
  Guess g = guess_for(part(p, 1)->name);
  for (int i = 0; i < META_FIELDS; i++) {
    guess_offer(&g, meta_names[i]);
    if (strcmp(meta_names[i], part(p, 1)->name) != 0)
      continue;
    if (i == META_TIME && !connector_has_time(env->shape->origin))
      return meta_error(env, p, "this source's connector gives its records no time of their own",
                        "name the field that holds the time");
    if ((i == META_TIME || i == META_KEY) && !check_meta_place(env, p->span))
      return -1;
    if (i == META_HEADER)
      return meta_error(env, p, "a header is read by its name", "meta.header(\"trace-id\")");
    *out = (Found){ { .kind = REF_META, .used = 2, .column = i, .decl = env->shape->origin },
                   meta_type(env, i), 0 };
    return 1;
  }
  Diag *d = diag_error(env->c, part(p, 1)->span, D_UNKNOWN_FIELD, "`meta` has no field `%s`",
                       part(p, 1)->name);
  guess_hint(env->c, d, &g);
  return -1;
}

/* ---- declarations ---- */

static bool state_keys_agree(Env *env, const Decl *s)
{
  const Paths *by = &s->u.state.by;
  if (!env->by || env->by->n != by->n)
    return false;
  for (int i = 0; i < by->n; i++) {
    const Path *a = &env->by->v[i], *b = &by->v[i];
    if (part(a, a->parts.n - 1)->name != part(b, b->parts.n - 1)->name)
      return false;
  }
  return true;
}

/* One that takes rows as they come would read what another has sorted first. */
static void order_agrees(Env *env, const Path *p, const Decl *s)
{
  const Decl *d = env->reader ? env->reader : env->state;
  if (!d || d == s) return;
  bool own = (env->reader ? d->u.rule.order : d->u.state.order).name, other = s->u.state.order.name;
  if (own == other) return;
  Diag *diag = diag_error(env->c, p->span, D_STATE_ORDER, "`%s` takes rows %s, the state `%s` %s", d->name.name,
                          own ? "in the order of arrival" : "in event-time order", s->name.name,
                          other ? "in the order of arrival" : "in event-time order");
  diag_note(env->c, diag, s->name.span, "declared here");
  diag_hint(env->c, diag, "write order arrival in both, or in neither");
}

static bool read_before(const Env *env, const Decl *s)
{
  for (int i = 0; env->reader && i < env->reader->u.rule.reads.n; i++)
    if (env->reader->u.rule.reads.v[i] == s) return true;
  return false;
}

static int state(Env *env, const Path *p, Decl *s, Found *out)
{
  bool again = read_before(env, s);
  s->used |= env->state != s;             /* its own updates do not count */
  if (env->reader && !again)
    vec_push(env->c->arena, &env->reader->u.rule.reads, s);
  if (!env->by) {
    Diag *d = diag_error(env->c, p->span, D_STATE_KEY, "`%s` is a state: rules read it, a pipe does not",
                         s->name.name);
    diag_note(env->c, d, s->name.span, "declared here");
    diag_hint(env->c, d, "in a pipe it is joined like a table: join %s on %s", s->name.name,
              s->u.state.by.n ? path_text(env->c, &s->u.state.by.v[0]) : "its key");
    return -1;
  }
  if (!state_keys_agree(env, s)) {
    if (again) return -1;                 /* has been said */
    bool keyed = env->by->n > 0;
    Diag *d = diag_error(env->c, p->span, D_STATE_KEY, "`%s` is kept by another key than the one here",
                         s->name.name);
    diag_note(env->c, d, s->name.span, "kept by %s", s->u.state.by.n ? path_text(env->c, &s->u.state.by.v[0])
              : "");
    if (keyed)
      diag_hint(env->c, d, "join it in a pipe, by its key, and let the rule read the result: join %s on ...",
                s->name.name);
    else
      diag_hint(env->c, d, "let the rule go by that key: on ... by %s",
                s->u.state.by.n ? path_text(env->c, &s->u.state.by.v[0]) : "key");
    return -1;
  }
  if (!again) order_agrees(env, p, s);
  check_decl(env->c, s);
  *out = (Found){ { .kind = REF_STATE, .used = 1, .column = -1, .decl = s }, s->type ? s->type
                 : t_error(env->c), 0 };
  return 1;
}

static int wrong_kind(Env *env, const Path *p, Decl *d)
{
  Diag *diag = diag_error(env->c, p->span, D_WRONG_KIND, "`%s` is %s; here a value is wanted", d->name.name,
                          decl_word(d));
  diag_note(env->c, diag, d->name.span, "declared here");
  if (d->kind == DECL_FN)
    diag_hint(env->c, diag, "a function is called: %s(...)", d->name.name);
  else if (d->kind == DECL_TABLE)
    diag_hint(env->c, diag, "a table is read by a join: join %s on ...", d->name.name);
  return -1;
}

static int declaration(Env *env, const Path *p, Found *out)
{
  int used;
  Decl *d = scope_find_path(env->c, env->file, p, &used);
  if (!d)
    return 0;
  if (d->kind == DECL_STATE)
    return state(env, p, d, out);
  if (d->kind != DECL_PARAM)
    return wrong_kind(env, p, d);
  check_decl(env->c, d);
  d->used = true;
  if (env->structural)
    d->u.param.structural = true;
  *out = (Found){ { .kind = REF_PARAM, .used = used, .decl = d }, d->type ? d->type : t_error(env->c), 0 };
  return 1;
}

static int local(Env *env, const Path *p, Found *out)
{
  for (int i = env->locals.n - 1; i >= 0; i--)
    if (env->locals.v[i]->name == part(p, 0)->name) {
      *out = (Found){ { .kind = REF_LOCAL, .used = 1, .local = env->locals.v[i] }, env->locals.v[i]->type,
                     0 };
      return 1;
    }
  return 0;
}

/* ---- nothing fits ---- */

static void guess_rows(Env *env, Guess *g)
{
  for (int i = 0; i < env->rows.n; i++) {
    const Row *r = &env->rows.v[i];
    if (r->name)
      guess_offer(g, r->name);
    for (int k = 0; r->bare && r->type->kind == T_REC && k < r->type->fields.n; k++)
      guess_offer(g, r->type->fields.v[k].name);
  }
}

static bool in_row(const Env *env, Name name)
{
  for (int i = 0; i < env->rows.n; i++)
    if (env->rows.v[i].type->kind == T_REC && field_index(env->rows.v[i].type, name) >= 0) return true;
  return false;
}

/* A rule names a state's field without the state. */
static bool field_of_state(Env *env, Diag *d, Name name)
{
  for (int i = 0; env->reader && i < env->c->program->decls.n; i++) {
    const Decl *s = env->c->program->decls.v[i];
    for (int k = 0; s->kind == DECL_STATE && k < s->u.state.fields.n; k++) {
      if (s->u.state.fields.v[k].name.name != name) continue;
      diag_hint(env->c, d, "the state's field is %s.%s", s->name.name, name);
      return true;
    }
  }
  return false;
}

static void unknown(Env *env, const Path *p)
{
  Compiler *c = env->c;
  Name name = part(p, 0)->name;
  for (int i = 0; i < env->rows.n; i++) { /* a column, but it has no such field */
    int k = env->rows.v[i].bare ? field_index(env->rows.v[i].type, name) : -1;
    if (k >= 0) {
      walk(env, env->rows.v[i].type->fields.v[k].type, p, 1);
      return;
    }
  }
  Diag *d = env->place ? diag_error(c, part(p, 0)->span, D_UNKNOWN_NAME,
                                    "there is no parameter `%s`, and %s is a constant", name, env->place)
          : env->rows.n ? diag_error(c, part(p, 0)->span, D_UNKNOWN_NAME,
                                     "`%s` is no column here, and no parameter", name)
                        : diag_error(c, part(p, 0)->span, D_UNKNOWN_NAME, "there is no `%s` here", name);
  Guess g = guess_for(name);
  for (int i = 0; i < env->locals.n; i++)
    guess_offer(&g, env->locals.v[i]->name);
  guess_rows(env, &g);
  if (env->state && env->state->type)
    for (int i = 0; i < env->state->type->fields.n; i++)
      guess_offer(&g, env->state->type->fields.v[i].name);
  guess_decls(c, &g, env->file, 1u << DECL_PARAM | (env->by ? 1u << DECL_STATE : 0));
  if (field_of_state(env, d, name)) return;
  if (env->within && in_row(env->within, name)) {
    diag_hint(c, d, "a rule over this window is judged when it closes: of the rows there are aggregates: max(%s)",
              name);
    return;
  }
  if (!guess_hint(c, d, &g) && env->rows.n && env->rows.v[0].decl && env->rows.v[0].type->kind == T_REC)
    diag_note(c, d, env->rows.v[0].decl->name.span, "the columns come from here: %s",
              type_text(c, env->rows.v[0].type));
}

/* The candidates in order, each found (1), not (0) or told as a mistake (-1). */
static int resolve_path(Env *env, const Path *p, Found *out)
{
  int r = local(env, p, out);
  if (!r && env->group && !env->inside)
    r = key(env, p, out);
  else if (!r)
    r = column(env, p, out);
  if (!r)
    r = qualified(env, p, out);
  if (!r)
    r = row_error(env);
  if (!r)
    r = window(env, p, out);
  if (!r)
    r = meta(env, p, out);
  if (!r)
    r = declaration(env, p, out);
  return r;
}

Type *check_path_expr(Env *env, Expr *e)
{
  Path *p = &e->u.path.path;
  Found f = { .ref = e->u.path.ref };
  e->constant = false;
  if (f.ref.kind == REF_COLUMN) {         /* a star's field: bound when it was expanded */
    f.type = field_type(env, &env->rows.v[f.ref.input], f.ref.column);
  } else {
    int r = resolve_path(env, p, &f);
    if (!r)
      unknown(env, p);
    if (r <= 0)
      return t_error(env->c);
  }
  e->u.path.ref = f.ref;
  e->constant = f.ref.kind == REF_PARAM;
  if (f.ref.kind == REF_STATE && f.ref.column < 0 && f.ref.used < p->parts.n) {
    Type *t = check_field_of(env, f.type, *part(p, 1), &(bool){ false });
    e->u.path.ref.column = field_index(f.type, part(p, 1)->name);
    e->u.path.ref.used = 2;
    return walk(env, t, p, 2);
  }
  return walk(env, f.type, p, f.ref.used);
}

Type *check_column(Env *env, Path *p, Ref *ref, const char *what)
{
  Found f = { 0 };
  int r = bare_column(env, p, &f);
  if (!r)
    r = qualified(env, p, &f);
  if (!r)
    r = row_error(env);
  if (!r) {
    Diag *d = diag_error(env->c, p->span, D_UNKNOWN_NAME, "`%s` is no column here; %s names columns",
                         path_text(env->c, p), what);
    Guess g = guess_for(part(p, 0)->name);
    guess_rows(env, &g);
    guess_hint(env->c, d, &g);
  }
  if (r <= 0)
    return t_error(env->c);
  if (ref)
    *ref = f.ref;
  return walk(env, f.type, p, f.ref.used);
}
