/* check_join.c -- `join`: conditions, bounds, and the row that comes out: the left side's columns and,
 * under the right side's name, its record.
 */
#include <string.h>
#include "check.h"

static bool is_lookup(const Step *s)
{
  const Decl *d = s->u.join.right.decl;
  return d && d->kind == DECL_TABLE;
}

static Shape right_side(PipeEnv *p, Step *s)
{
  Input *in = &s->u.join.right;
  if (in->pipe)
    return check_pipe(p->c, in->pipe, p->file, p->depth + 1, 0);
  Decl *d = scope_find(p->c, p->file, in->name.name);
  if (d && d->kind == DECL_STATE) {       /* another key's state, read in order of position */
    d->used = true;
    check_decl(p->c, d);
    in->decl = d;
    return (Shape){ .row = d->type ? d->type : t_error(p->c), .has_time = true, .exact = true };
  }
  in->decl = find_input(p->c, p->file, in->name, true);
  return in->decl && in->decl->type ? in->decl->shape : shape_error(p->c);
}

Name join_name(const Step *s)
{
  return s->u.join.right.as.name ? s->u.join.right.as.name : s->u.join.right.name.name;
}

static bool check_names(PipeEnv *p, Step *s)
{
  Name name = join_name(s);
  bool taken = p->row.name == name || type_field(p->shape.row, name);
  if (!taken)
    return true;
  Diag *d = diag_error(p->c, s->u.join.right.span, D_JOIN, "the left side has `%s` already", name);
  diag_hint(p->c, d, "give the right side a name of its own: join %s as other on ...",
            s->u.join.right.name.name ? s->u.join.right.name.name : "(...)");
  return false;
}

/* ---- conditions ---- */

int join_sides(const Expr *e)           /* bit 1: names the left row, bit 2: the right one */
{
  int both = 0;
  switch (e->kind) {
  case EXPR_PATH: return e->u.path.ref.kind == REF_COLUMN ? 1 << e->u.path.ref.input : 0;
  case EXPR_UNARY: return join_sides(e->u.op.a);
  case EXPR_BINARY: return join_sides(e->u.op.a) | join_sides(e->u.op.b);
  case EXPR_CALL:
    for (int i = 0; i < e->u.call.args.n; i++)
      both |= e->u.call.args.v[i].value ? join_sides(e->u.call.args.v[i].value) : 0;
    return both;
  case EXPR_FIELD: return join_sides(e->u.field.a);
  case EXPR_INDEX: return join_sides(e->u.tri.a);
  case EXPR_LITERAL: return 0;
  case EXPR_IN: case EXPR_BETWEEN: case EXPR_LIKE: case EXPR_MATCHES: case EXPR_IS_NULL:
  case EXPR_IS_DISTINCT: case EXPR_CASE: case EXPR_RECORD: case EXPR_LIST: break;
  }
  return 3;                               /* either: not looked at */
}

static bool is_equality(const Expr *e)
{
  if (e->kind == EXPR_BINARY && e->u.op.op == OP_AND)
    return is_equality(e->u.op.a) || is_equality(e->u.op.b);
  if (e->kind != EXPR_BINARY || e->u.op.op != OP_EQ)
    return false;
  return (join_sides(e->u.op.a) | join_sides(e->u.op.b) << 2) == (1 | 2 << 2) ||
         (join_sides(e->u.op.a) | join_sides(e->u.op.b) << 2) == (2 | 1 << 2);
}

/* `on ip` is `on ip = right.ip`. */
static Expr *same_name(PipeEnv *p, Expr *e, Name right, const Type *row)
{
  if (e->kind == EXPR_BINARY && e->u.op.op == OP_AND) {
    e->u.op.a = same_name(p, e->u.op.a, right, row);
    e->u.op.b = same_name(p, e->u.op.b, right, row);
    return e;
  }
  if (e->kind != EXPR_PATH || e->u.path.path.parts.n != 1 || !type_field(row, e->u.path.path.parts.v[0].name))
    return e;
  Expr *other = expr_new(p->c, EXPR_PATH, e->span), *eq = expr_new(p->c, EXPR_BINARY, e->span);
  Ident first = { right, e->span };
  vec_push(p->c->arena, &other->u.path.path.parts, first);
  vec_push(p->c->arena, &other->u.path.path.parts, e->u.path.path.parts.v[0]);
  other->u.path.path.span = e->span;
  eq->u.op.op = OP_EQ;
  eq->u.op.a = e;
  eq->u.op.b = other;
  return eq;
}

static Name shared_column(const Type *a, const Type *b)
{
  for (int i = 0; i < a->fields.n; i++)
    if (type_field(b, a->fields.v[i].name))
      return a->fields.v[i].name;
  return 0;
}

static bool check_conditions(PipeEnv *p, Step *s, Env *env, const Shape *right, bool ok)
{
  bool equality = false;
  for (int i = 0; i < s->u.join.on.n; i++) {
    s->u.join.on.v[i] = same_name(p, s->u.join.on.v[i], join_name(s), right->row);
    check_condition(env, s->u.join.on.v[i], "`on`");
    ok &= !is_error(s->u.join.on.v[i]->type);
    equality |= is_equality(s->u.join.on.v[i]);
  }
  if (equality || is_lookup(s) || !ok || is_error(right->row) || is_error(p->shape.row))
    return ok;
  Diag *d = diag_error(p->c, s->u.join.on.n ? s->u.join.on.v[0]->span : s->span, D_JOIN,
                       "a join needs an equality between a left and a right column");
  Name shared = shared_column(p->shape.row, right->row);
  if (shared && join_name(s))
    diag_hint(p->c, d, "for example on %s = %s.%s", shared, join_name(s), shared);
  return false;
}

/* ---- bounds ---- */

static void check_moment(PipeEnv *p, Env *env, Expr *e, const char *what)
{
  Type *t = check_expr(env, e);
  int64_t us;
  if (is_error(t) || t->kind == T_TS)
    return;
  if (t->kind != T_DUR) {
    diag_error(p->c, e->span, D_DURATION, "%s is a duration or a timestamp, but `%s` is %s", what,
               text_of(p->c, e->span), type_text(p->c, t));
  } else if (const_int(e, &us) && us < 0) {
    diag_error(p->c, e->span, D_DURATION, "%s cannot be negative", what);
  }
}

static void check_join_bound(PipeEnv *p, Step *s, Env *env)
{
  switch (s->u.join.bound) {
  case BOUND_NONE: break;
  case BOUND_WITHIN: case BOUND_BEFORE: case BOUND_AFTER:
    check_duration(p->c, s->u.join.b1, p->file, "`within`", true);
    break;
  case BOUND_BOTH:
    check_duration(p->c, s->u.join.b1, p->file, "`before`", true);
    check_duration(p->c, s->u.join.b2, p->file, "`after`", true);
    break;
  case BOUND_TO:
    check_moment(p, env, s->u.join.b1, "`within`");
    check_moment(p, env, s->u.join.b2, "`to`");
    break;
  case BOUND_OVER:
    check_window(p->c, s->u.join.over, env);
    break;
  case BOUND_AS_OF: {
    Type *t = check_expr(env, s->u.join.b1);
    if (!is_error(t) && t->kind != T_TS)
      diag_error(p->c, s->u.join.b1->span, D_JOIN, "`as of` takes a timestamp, but `%s` is %s",
                 text_of(p->c, s->u.join.b1->span), type_text(p->c, t));
    break;
  }
  }
}

static void check_bound_kind(PipeEnv *p, Step *s, const Shape *right)
{
  Compiler *c = p->c;
  BoundKind bound = s->u.join.bound;
  bool lookup = is_lookup(s), state = s->u.join.right.decl && s->u.join.right.decl->kind == DECL_STATE;
  if (lookup || state) {
    if (bound != BOUND_NONE && bound != BOUND_AS_OF)
      diag_error(c, s->span, D_JOIN, "a table is looked up: only `as of` can say at which time");
    if (s->u.join.kind == JOIN_FULL)
      diag_error(c, s->span, D_JOIN,
                 "a full join needs a stream on the right: a table's rows do not come by themselves");
    return;
  }
  if (bound == BOUND_AS_OF) {
    Diag *d = diag_error(c, s->span, D_JOIN, "`as of` needs a table on the right");
    diag_hint(c, d, "make one of the stream: table last_%s key ... keep 1d = %s", join_name(s),
              join_name(s));
  }
  if (bound != BOUND_NONE && bound != BOUND_AS_OF) {
    needs_time(c, s->span, &p->shape, "a bounded join");
    needs_time(c, s->span, right, "a bounded join");
  }
  not_updating(c, s->u.join.right.span, right, "the right side of a join");
  if (bound != BOUND_NONE || s->u.join.keep)
    return;
  p->unbounded = true;
  Diag *d = diag_error(c, s->span, D_UNBOUNDED, "both sides would be kept for ever: state needs a bound");
  diag_hint(c, d, "add `within 1h`, `over tumbling 1h`, `keep 1d` or say `keep all`");
}

/* ---- the result ---- */

static void joined_row(PipeEnv *p, Step *s, const Shape *right)
{
  Compiler *c = p->c;
  VEC(TypeField) fields = { 0 };
  JoinKind kind = s->u.join.kind;
  if (kind == JOIN_SEMI || kind == JOIN_ANTI || is_error(p->shape.row))
    return;
  for (int i = 0; i < p->shape.row->fields.n; i++) {
    TypeField f = p->shape.row->fields.v[i];
    if (kind == JOIN_FULL)
      f.type = type_nullable(c->types, f.type, true);
    vec_push(c->arena, &fields, f);
  }
  Type *r = kind == JOIN_INNER ? right->row : type_nullable(c->types, right->row, true);
  TypeField f = field_named(join_name(s), r, s->u.join.right.span);
  if (f.name && !type_field(p->shape.row, f.name))
    vec_push(c->arena, &fields, f);
  vec_push(c->arena, &p->row.joined, f.name);
  p->shape.row = type_rec(c->types, 0, fields.v, fields.n, false);
}

void check_join(PipeEnv *p, Step *s)
{
  Shape right = right_side(p, s);
  Env env = pipe_env(p);
  bool lookup = is_lookup(s);
  bool named = check_names(p, s);
  env_row(&env, join_name(s), right.row, s->u.join.right.decl, false);
  bool state = s->u.join.right.decl && s->u.join.right.decl->kind == DECL_STATE;
  if (state)
    check_state_lookup(p, s, &env);
  else if (check_conditions(p, s, &env, &right, named) && lookup && !s->u.join.right.decl->u.table.pipe)
    check_lookup(p, s, right.row);
  check_join_bound(p, s, &env);
  check_bound_kind(p, s, &right);
  if (s->u.join.keep)
    check_keep(p->c, s->u.join.keep, p->file);
  lookup |= state;
  bool regular = !lookup && s->u.join.bound == BOUND_NONE;
  bool outer = s->u.join.kind == JOIN_LEFT || s->u.join.kind == JOIN_FULL || s->u.join.kind == JOIN_ANTI;
  joined_row(p, s, &right);
  if (regular && outer) {
    p->shape.updating = true;
    p->shape.updating_why = s->span;
  }
  p->shape.windowed = s->u.join.bound == BOUND_OVER;
  p->shape.window = 0;
  p->shape.exact &= right.exact;
  p->shape.has_time &= lookup || right.has_time;
  if (!lookup)
    p->shape.origin = 0;
}
