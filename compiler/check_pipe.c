/* check_pipe.c -- walks a pipe: every step gets the shape before and after it. The steps that keep
 * state are in check_group.c, check_join.c, check_top.c and check_match.c.
 */
#include <string.h>
#include "check.h"

Env pipe_env(PipeEnv *p)
{
  Env env = env_new(p->c, p->file);
  env.shape = &p->shape;
  env.window_ok = p->shape.windowed;
  vec_push(p->c->arena, &env.rows, p->row);
  env.rows.v[0].type = p->shape.row;
  env.rows.v[0].bare = true;
  env.over_rows = env.aggregates = p->matched;
  return env;
}

/* ---- heads ---- */

Decl *find_input(Compiler *c, uint32_t file, Ident name, bool tables_too)
{
  unsigned streams = 1u << DECL_SOURCE | 1u << DECL_STREAM | 1u << DECL_FEED | 1u << DECL_TABLE;
  Decl *d = scope_find(c, file, name.name);
  if (!d) {
    Diag *diag = diag_error(c, name.span, D_UNKNOWN_STREAM, "there is no stream `%s`", name.name);
    Guess g = guess_for(name.name);
    guess_decls(c, &g, file, streams);
    guess_hint(c, diag, &g);
    return 0;
  }
  if (!(streams >> d->kind & 1) || (d->kind == DECL_TABLE && !tables_too)) {
    Diag *diag = diag_error(c, name.span, D_WRONG_KIND, "`%s` is %s; a stream is wanted here", name.name,
                            decl_word(d));
    diag_note(c, diag, d->name.span, "declared here");
    if (d->kind == DECL_RULE)
      diag_hint(c, diag, "a rule's rows are in the stream that it emits into");
    return 0;
  }
  d->used = true;
  check_decl(c, d);
  return d;
}

static void check_head(PipeEnv *p, Input *in, int depth)
{
  p->shape = shape_error(p->c);
  p->row.name = in->as.name ? in->as.name : in->name.name;
  if (in->pipe) {
    p->shape = check_pipe(p->c, in->pipe, p->file, depth + 1, 0);
  } else {
    in->decl = find_input(p->c, p->file, in->name, true);
    if (in->decl && in->decl->type)
      p->shape = in->decl->shape;
    p->row.decl = in->decl;
  }
  if (in->decl && in->decl->kind == DECL_TABLE)
    for (int i = 0; i < in->decl->u.table.key.n; i++) {
      Path *k = &in->decl->u.table.key.v[i];
      vec_push(p->c->arena, &p->key, k->parts.v[k->parts.n - 1].name);
    }
  p->row.type = p->shape.row;
  p->row.bare = true;
}

/* ---- where ---- */

typedef VEC(int) Columns;

static void operand(Compiler *c, const Expr *e, Columns *out)
{
  const Ref *r = &e->u.path.ref;
  if (e->kind == EXPR_PATH && r->kind == REF_COLUMN && r->input == 0 && r->used == e->u.path.path.parts.n)
    vec_push(c->arena, out, r->column);
}

static bool compares(Op op)
{
  return op == OP_EQ || op == OP_NE || op == OP_LT || op == OP_LE || op == OP_GT || op == OP_GE;
}

/* Columns that cannot be null when the condition is true. */
static void present_when(Compiler *c, const Expr *e, Columns *out)
{
  if (e->kind == EXPR_BINARY && e->u.op.op == OP_AND) {
    present_when(c, e->u.op.a, out);
    present_when(c, e->u.op.b, out);
  } else if (e->kind == EXPR_BINARY && compares(e->u.op.op)) {
    operand(c, e->u.op.a, out);
    operand(c, e->u.op.b, out);
  } else if (e->kind == EXPR_BETWEEN || e->kind == EXPR_LIKE || e->kind == EXPR_MATCHES ||
             (e->kind == EXPR_IS_NULL && e->u.tri.negated)) {
    operand(c, e->u.tri.a, out);
  } else if (e->kind == EXPR_IN) {
    operand(c, e->u.in.a, out);
  } else {
    operand(c, e, out);
  }
}

/* Scalars change their type in the row; records keep their layout and are remembered as present. */
static void narrow(PipeEnv *p, const Columns *present)
{
  VEC(TypeField) fields = { 0 };
  Type *row = p->shape.row;
  for (int i = 0; i < row->fields.n; i++)
    vec_push(p->c->arena, &fields, row->fields.v[i]);
  for (int i = 0; i < present->n; i++) {
    TypeField *f = &fields.v[present->v[i]];
    if (f->type->kind == T_REC && f->type->nullable)
      vec_push(p->c->arena, &p->row.present, f->name);
    else
      f->type = type_nullable(p->c->types, f->type, false);
  }
  p->shape.row = type_rec(p->c->types, row->name, fields.v, fields.n, row->nullable);
}

static void check_where(PipeEnv *p, Step *s, const Step *group)
{
  Env env = pipe_env(p);
  Columns present = { 0 };
  check_condition(&env, s->u.where, "`where`");
  if (is_error(p->shape.row) || is_error(s->u.where->type))
    return;
  if (group)
    warn_low_count(p->c, s->u.where, group);
  present_when(p->c, s->u.where, &present);
  narrow(p, &present);
}

/* A count that a window's row compares with nothing: windows without rows do not exist. */
static const Expr *counted(const Expr *e, const Step *group)
{
  if (e->kind == EXPR_CALL && e->u.call.kind == CALL_AGG)
    return e;
  if (!group || e->kind != EXPR_PATH || e->u.path.ref.kind != REF_COLUMN)
    return 0;
  const Items *items = &group->u.group.record->u.rec.items;
  return e->u.path.ref.column < items->n ? items->v[e->u.path.ref.column].value : 0;
}

void warn_low_count(Compiler *c, const Expr *e, const Step *group)
{
  int64_t n;
  if (e->kind != EXPR_BINARY)
    return;
  if (e->u.op.op == OP_AND || e->u.op.op == OP_OR) {
    warn_low_count(c, e->u.op.a, group);
    warn_low_count(c, e->u.op.b, group);
    return;
  }
  const Expr *x = counted(e->u.op.a, group);
  if (!x || x->kind != EXPR_CALL || x->u.call.kind != CALL_AGG || x->u.call.agg->nargs != 0 ||
      x->u.call.where ||
      !const_int(e->u.op.b, &n))
    return;
  bool none = (e->u.op.op == OP_EQ && n == 0) || e->u.op.op == OP_LT || e->u.op.op == OP_LE;
  if (!none)
    return;
  Diag *d = diag_warning(c, e->span, D_LOW_COUNT,
                         "this never sees a window without rows: windows exist where a row is");
  diag_hint(c, d, "for rows that fail to come, a rule matches their absence: match a then not b within 5m");
}

/* ---- select, extend, drop ---- */

/* What an updating result's key columns are called after a select; losing one is an error. */
static void keep_key(PipeEnv *p, const Items *items, const Type *before, Span at)
{
  for (int k = 0; k < p->key.n; k++) {
    Name now = 0;
    for (int i = 0; i < items->n; i++) {
      const Expr *e = items->v[i].value;
      if (e && e->kind == EXPR_PATH && e->u.path.ref.kind == REF_COLUMN && before->kind == T_REC &&
          e->u.path.ref.used == e->u.path.path.parts.n && e->u.path.ref.column < before->fields.n &&
          before->fields.v[e->u.path.ref.column].name == p->key.v[k])
        now = items->v[i].name.name;
    }
    if (!now && p->shape.updating) {
      Diag *d = diag_error(p->c, at, D_KEY_LOST,
                           "the rows of an updating result need their key, and `%s` is left out", p->key.v[k]);
      if (p->shape.updating_why.to)
        diag_note(p->c, d, p->shape.updating_why, "updating since here");
      diag_hint(p->c, d, "keep the column; it may be renamed, not calculated");
    }
    if (now)
      p->key.v[k] = now;
    else
      p->key.v[k--] = p->key.v[--p->key.n];
  }
}

static void check_select(PipeEnv *p, Step *s)
{
  Env env = pipe_env(p);
  Type *before = p->shape.row;
  Type *row = check_expr(&env, s->u.record);
  if (row->kind == T_REC)
    keep_key(p, &s->u.record->u.rec.items, before, s->span);
  p->shape.row = row;
  p->row.joined.n = p->row.present.n = 0;
  p->matched = false;
}

static void put_field(Compiler *c, Type *row, Type *add, Type **out)
{
  VEC(TypeField) fields = { 0 };
  for (int i = 0; i < row->fields.n; i++) {
    const TypeField *f = type_field(add, row->fields.v[i].name);
    vec_push(c->arena, &fields, f ? *f : row->fields.v[i]);
  }
  for (int i = 0; i < add->fields.n; i++)
    if (!type_field(row, add->fields.v[i].name))
      vec_push(c->arena, &fields, add->fields.v[i]);
  *out = type_rec(c->types, 0, fields.v, fields.n, false);
}

static void check_extend(PipeEnv *p, Step *s)
{
  Env env = pipe_env(p);
  Type *add = check_expr(&env, s->u.record);
  if (add->kind != T_REC || is_error(p->shape.row))
    return;
  for (int i = 0; p->shape.updating && i < p->key.n; i++)
    if (type_field(add, p->key.v[i]))
      diag_error(p->c, s->span, D_KEY_LOST, "`%s` is the key of these updated rows and cannot be replaced",
                 p->key.v[i]);
  put_field(p->c, p->shape.row, add, &p->shape.row);
}

static bool dropped(Compiler *c, const Step *s, Name name)
{
  (void)c;
  for (int i = 0; i < s->u.drop.n; i++) {
    const Path *path = &s->u.drop.v[i];
    if (path->parts.v[path->parts.n - 1].name == name)
      return true;
  }
  return false;
}

static bool check_dropped(PipeEnv *p, Env *env, Path *path)
{
  Ref ref = { 0 };
  Type *t = check_column(env, path, &ref, "`drop`");
  if (is_error(t))
    return false;
  Name name = path->parts.v[path->parts.n - 1].name;
  if (ref.kind != REF_COLUMN || ref.used != path->parts.n) {
    diag_error(p->c, path->span, D_ITEM, "only whole columns can be dropped");
    return false;
  }
  for (int i = 0; p->shape.updating && i < p->key.n; i++)
    if (p->key.v[i] == name)
      diag_error(p->c, path->span, D_KEY_LOST, "`%s` is the key of these updated rows", name);
  return true;
}

static void check_drop(PipeEnv *p, Step *s)
{
  Env env = pipe_env(p);
  VEC(TypeField) left = { 0 };
  bool ok = true;
  for (int i = 0; i < s->u.drop.n; i++)
    ok &= check_dropped(p, &env, &s->u.drop.v[i]);
  if (!ok || is_error(p->shape.row))
    return;
  for (int i = 0; i < p->shape.row->fields.n; i++)
    if (!dropped(p->c, s, p->shape.row->fields.v[i].name))
      vec_push(p->c->arena, &left, p->shape.row->fields.v[i]);
  if (!left.n)
    diag_error(p->c, s->span, D_ITEM, "no column is left");
  else
    p->shape.row = type_rec(p->c->types, 0, left.v, left.n, false);
}

/* ---- changes, unnest, union, sample ---- */

static void check_changes(PipeEnv *p, Step *s)
{
  Compiler *c = p->c;
  if (!p->shape.updating && !is_error(p->shape.row)) {
    Diag *d = diag_error(c, s->span, D_CHANGES, "these rows are append-only: they have no changes");
    diag_hint(c, d, "leave the step out");
    return;
  }
  Type *row = p->shape.row;
  if (!is_error(row)) {
    Type *image = type_nullable(c->types, row, true);
    TypeField f[3] = { field_named(intern_z(c->interns, "op"), t_str(c, false), s->span),
                       field_named(intern_z(c->interns, "before"), image, s->span),
                       field_named(intern_z(c->interns, "after"), image, s->span) };
    row = type_rec(c->types, 0, f, 3, false);
  }
  p->shape = (Shape){ .row = row, .has_time = true, .exact = p->shape.exact };
  p->row.joined.n = p->row.present.n = p->key.n = 0;
}

static void check_unnest(PipeEnv *p, Step *s)
{
  Compiler *c = p->c;
  Env env = pipe_env(p);
  Type *t = check_expr(&env, s->u.unnest.list);
  Type *elem = t_error(c);
  not_updating(c, s->span, &p->shape, "`unnest`");
  if (t->kind == T_LIST)
    elem = t->elem;
  else if (!is_error(t))
    diag_error(c, s->u.unnest.list->span, D_UNNEST, "`unnest` takes a list, and `%s` is %s",
               text_of(c, s->u.unnest.list->span),
               type_text(c, t));
  Local *l = arena_alloc(c->arena, sizeof *l);
  *l = (Local){ .name = s->u.unnest.as.name, .type = elem, .span = s->u.unnest.as.span };
  s->u.unnest.local = l;
  if (is_error(p->shape.row))
    return;
  if (type_field(p->shape.row, l->name)) {
    Diag *d = diag_error(c, l->span, D_DUPLICATE_FIELD, "the rows have a column `%s` already", l->name);
    diag_hint(c, d, "choose another name: as one_%s", l->name);
    return;
  }
  TypeField f = field_named(l->name, elem, l->span);
  put_field(c, p->shape.row, type_rec(c->types, 0, &f, 1, false), &p->shape.row);
}

static const char *difference(Compiler *c, const Type *a, const Type *b)
{
  for (int i = 0; i < a->fields.n && i < b->fields.n; i++) {
    const TypeField *f = &a->fields.v[i], *g = &b->fields.v[i];
    if (f->name != g->name)
      return arena_printf(c->arena, "field %d is `%s` here and `%s` there", i + 1, f->name, g->name);
    if (f->type != g->type && !(type_same(f->type, g->type) && f->type->nullable == g->type->nullable))
      return arena_printf(c->arena, "`%s` is %s here and %s there", f->name, type_text(c, f->type),
                          type_text(c, g->type));
  }
  return a->fields.n == b->fields.n ? 0 : arena_printf(c->arena, "%d fields here and %d there", a->fields.n,
                                                       b->fields.n);
}

static void check_branch(PipeEnv *p, Ident name, const Shape *other)
{
  Compiler *c = p->c;
  not_updating(c, name.span, other, "`union`");
  if (is_error(other->row) || is_error(p->shape.row))
    return;
  const char *why = difference(c, p->shape.row, other->row);
  if (why) {
    Diag *d = diag_error(c, name.span, D_UNION, "the rows of `%s` have another type: %s", name.name, why);
    diag_hint(c, d, "bring them to one form first: (%s | select { ... }) in a stream of its own", name.name);
  }
  p->shape.has_time &= other->has_time;
  p->shape.exact &= other->exact;
}

static void check_union(PipeEnv *p, Step *s)
{
  not_updating(p->c, s->span, &p->shape, "`union`");
  for (int i = 0; i < s->u.onion.names.n; i++) {
    Ident name = s->u.onion.names.v[i];
    Decl *d = find_input(p->c, p->file, name, true);
    vec_push(p->c->arena, &s->u.onion.decls, d);
    if (d && d->type)
      check_branch(p, name, &d->shape);
  }
  p->shape.origin = 0;
  p->shape.windowed = false;
  p->shape.window = 0;
}

static void check_sample(PipeEnv *p, Step *s)
{
  Env env = env_const(p->c, p->file, "the share of a sample");
  Env row = pipe_env(p);
  Expr *e = s->u.sample.percent;
  Type *t = check_expr(&env, e);
  double share = (double)e->u.lit.i;
  for (int i = 0; e->u.lit.kind == LIT_DEC && i < e->u.lit.scale; i++)
    share /= 10;
  not_updating(p->c, s->span, &p->shape, "`sample`");
  if (is_number(t) && (share <= 0 || share > 100))
    diag_error(p->c, e->span, D_SAMPLE, "a sample is more than 0%% and at most 100%%");
  for (int i = 0; i < s->u.sample.by.n; i++) {
    Type *k = check_column(&row, &s->u.sample.by.v[i], 0, "`by`");
    if (!is_error(k) && !(k->props & TP_KEY))
      diag_error(p->c, s->u.sample.by.v[i].span, D_KEY_TYPE, "%s cannot be a key", type_text(p->c, k));
  }
}

/* ---- the walk ---- */

static void check_step(PipeEnv *p, Step *s)
{
  const Step *group = p->last_group;
  p->last_group = 0;
  switch (s->kind) {
  case STEP_WHERE: check_where(p, s, group); break;
  case STEP_SELECT: check_select(p, s); break;
  case STEP_EXTEND: check_extend(p, s); break;
  case STEP_DROP: check_drop(p, s); break;
  case STEP_GROUP: check_group(p, s); break;
  case STEP_JOIN: check_join(p, s); break;
  case STEP_DISTINCT: check_distinct(p, s); break;
  case STEP_TOP: check_top(p, s); break;
  case STEP_MATCH: check_match(p, s); break;
  case STEP_CHANGES: check_changes(p, s); break;
  case STEP_UNNEST: check_unnest(p, s); break;
  case STEP_UNION: check_union(p, s); break;
  case STEP_SAMPLE: check_sample(p, s); break;
  }
}

Shape check_pipe(Compiler *c, Pipe *pipe, uint32_t file, int depth, PipeEnv *out)
{
  PipeEnv p = { .c = c, .file = file, .depth = depth };
  if (depth > MAX_PIPE_DEPTH) {
    diag_error(c, pipe->span, D_DEPTH, "pipes are nested more than %d deep", MAX_PIPE_DEPTH);
    return pipe->out = shape_error(c);
  }
  check_head(&p, &pipe->head, depth);
  for (int i = 0; i < pipe->steps.n; i++) {
    Step *s = pipe->steps.v[i];
    s->in = p.shape;
    check_step(&p, s);
    s->out = p.shape;
  }
  pipe->out = p.shape;
  if (out)
    *out = p;
  return p.shape;
}
