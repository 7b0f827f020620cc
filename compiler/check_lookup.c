/* check_lookup.c -- `join` with a table or a state: each column of its key equals something that the left
 * side knows (Step.keys, in the key's order); what else the condition says is about the record that is found
 * (Step.rest). The key of a state is not part of its record: `join profile on user` names it by itself.
 */
#include <string.h>
#include "check.h"

/* ---- tables ---- */

static void conjuncts(Compiler *c, Expr *e, Exprs *out)
{
  if (e->kind == EXPR_BINARY && e->u.op.op == OP_AND) {
    conjuncts(c, e->u.op.a, out);
    conjuncts(c, e->u.op.b, out);
    return;
  }
  vec_push(c->arena, out, e);
}

/* Is it the table's column of that path? */
static bool is_column(const Expr *e, const Type *row, const Path *column)
{
  const Ref *r = &e->u.path.ref;
  const Path *p = &e->u.path.path;
  if (e->kind != EXPR_PATH || r->kind != REF_COLUMN || r->input != 1) return false;
  if (row->fields.v[r->column].name != column->parts.v[0].name) return false;
  if (p->parts.n - r->used != column->parts.n - 1) return false;
  for (int i = 1; i < column->parts.n; i++)
    if (p->parts.v[r->used + i - 1].name != column->parts.v[i].name) return false;
  return true;
}

/* What the condition says that the key column equals, or 0. */
static Expr *bound_to(const Expr *e, const Type *row, const Path *column)
{
  if (e->kind != EXPR_BINARY || e->u.op.op != OP_EQ) return 0;
  if (is_column(e->u.op.a, row, column) && !(join_sides(e->u.op.b) & 2)) return e->u.op.b;
  if (is_column(e->u.op.b, row, column) && !(join_sides(e->u.op.a) & 2)) return e->u.op.a;
  return 0;
}

static void check_key_value(PipeEnv *p, const Step *s, const Expr *e, Type *key, const Path *column)
{
  Types *t = p->c->types;
  Type *have = type_nullable(t, e->as ? e->as : e->type, false);
  if (is_error(have) || is_error(key) || type_fits(have, key, key->kind != T_FLOAT)) return;
  Diag *d = diag_error(p->c, e->span, D_JOIN, "`%s` is %s, but the key `%s.%s` is %s", text_of(p->c, e->span),
                       type_text(p->c, have), join_name(s), path_text(p->c, column), type_text(p->c, key));
  diag_hint(p->c, d, "a key is found by a value of its own type: cast(%s as %s)", text_of(p->c, e->span),
            type_text(p->c, key));
}

static Type *column_type(const Type *row, const Path *column)
{
  const TypeField *f = 0;
  for (int i = 0; i < column->parts.n; i++, row = f->type)
    if (!(f = type_field(row, column->parts.v[i].name))) return 0;
  return (Type *)row;
}

static void missing_key(PipeEnv *p, const Step *s, const Path *column)
{
  const char *name = path_text(p->c, column);
  Diag *d = diag_error(p->c, s->u.join.on.v[0]->span, D_JOIN, "the key column `%s` of `%s` is not given", name,
                       s->u.join.right.decl->name.name);
  diag_note(p->c, d, column->span, "part of its key");
  diag_hint(p->c, d, "a lookup finds one record by its whole key: add `and ... = %s.%s`", join_name(s), name);
}

void check_lookup(PipeEnv *p, Step *s, const Type *row)
{
  const Paths *key = &s->u.join.right.decl->u.table.key;
  Exprs all = { 0 };
  if (is_error(row) || is_error(p->shape.row)) return;
  for (int i = 0; i < s->u.join.on.n; i++) conjuncts(p->c, s->u.join.on.v[i], &all);
  for (int k = 0; k < key->n; k++) {
    Expr *value = 0;
    int at = 0;
    while (at < all.n && !(value = bound_to(all.v[at], row, &key->v[k]))) at++;
    if (!value) { missing_key(p, s, &key->v[k]); return; }
    for (; at + 1 < all.n; at++) all.v[at] = all.v[at + 1];
    all.n--;
    Type *t = column_type(row, &key->v[k]);
    if (t) check_key_value(p, s, value, t, &key->v[k]);
    vec_push(p->c->arena, &s->u.join.keys, value);
  }
  s->u.join.rest = all;
}

/* ---- states ---- */

static const Ident *last_part(const Path *p) { return &p->parts.v[p->parts.n - 1]; }

/* Which column of the state's key the expression is: `user` where `bare`, or profile.user; -1: none. */
static int state_key(const Step *s, const Expr *e, bool bare)
{
  const Paths *by = &s->u.join.right.decl->u.state.by;
  if (e->kind != EXPR_PATH || e->u.path.path.parts.n != (bare ? 1 : 2)) return -1;
  const Path *p = &e->u.path.path;
  if (!bare && p->parts.v[0].name != join_name(s)) return -1;
  for (int i = 0; i < by->n; i++)
    if (last_part(&by->v[i])->name == last_part(p)->name) return i;
  return -1;
}

/* What the condition says of the state's key: column *k equals the result; 0: it says nothing of it. */
static Expr *state_value(const Step *s, Expr *e, int *k)
{
  if ((*k = state_key(s, e, true)) >= 0) return e;
  if (e->kind != EXPR_BINARY || e->u.op.op != OP_EQ) return 0;
  if ((*k = state_key(s, e->u.op.b, false)) >= 0) return e->u.op.a;
  if ((*k = state_key(s, e->u.op.a, false)) >= 0) return e->u.op.b;
  return 0;
}

static void check_state_value(PipeEnv *p, const Step *s, Env *env, Expr *e, int k)
{
  const Decl *state = s->u.join.right.decl;
  const Decl *stream = state->u.state.on.n ? state->u.state.on.v[0].decl : 0;
  Type *key = stream && stream->type ? column_type(stream->type, &state->u.state.by.v[k]) : 0;
  Type *t = check_expr(env, e);
  if (is_error(t) || !key) return;
  if (t->nullable) {
    Diag *d = diag_error(p->c, e->span, D_NULL_KEY, "the key `%s` of a state may be null", text_of(p->c, e->span));
    diag_hint(p->c, d, "leave out such rows first: where %s is not null", text_of(p->c, e->span));
    return;
  }
  check_key_value(p, s, e, key, &state->u.state.by.v[k]);
}

void check_state_lookup(PipeEnv *p, Step *s, Env *env)
{
  const Decl *state = s->u.join.right.decl;
  const Paths *by = &state->u.state.by;
  Expr **value = arena_alloc(p->c->arena, ((size_t)by->n + 1) * sizeof *value);
  Exprs all = { 0 };
  for (int i = 0; i < s->u.join.on.n; i++) conjuncts(p->c, s->u.join.on.v[i], &all);
  for (int i = 0; i < all.n; i++) {
    int k;
    Expr *e = state_value(s, all.v[i], &k);
    if (e && !value[k]) {
      value[k] = e;
      check_state_value(p, s, env, e, k);
    } else {
      check_condition(env, all.v[i], "`on`");
      vec_push(p->c->arena, &s->u.join.rest, all.v[i]);
    }
  }
  for (int k = 0; k < by->n; k++) {
    if (!value[k]) { missing_key(p, s, &by->v[k]); return; }
    vec_push(p->c->arena, &s->u.join.keys, value[k]);
  }
}
