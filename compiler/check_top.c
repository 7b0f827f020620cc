/* check_top.c -- `top` and `distinct`. */
#include <string.h>
#include "check.h"

static void check_keys(PipeEnv *p, Env *env, Paths *paths, const char *what, bool non_null)
{
  Compiler *c = p->c;
  for (int i = 0; i < paths->n; i++) {
    Type *t = check_column(env, &paths->v[i], 0, what);
    const char *text = path_text(c, &paths->v[i]);
    if (is_error(t))
      continue;
    if (!(t->props & TP_KEY))
      diag_error(c, paths->v[i].span, D_KEY_TYPE, "%s cannot be a key", type_text(c, t));
    else if (non_null && t->nullable) {
      Diag *d = diag_error(c, paths->v[i].span, D_NULL_KEY, "the key `%s` may be null", text);
      diag_hint(c, d, "keep such rows out first: | where %s is not null", text);
    }
  }
}

static void set_key(PipeEnv *p, const Paths *paths)
{
  p->key.n = 0;
  for (int i = 0; i < paths->n; i++)
    vec_push(p->c->arena, &p->key, paths->v[i].parts.v[paths->v[i].parts.n - 1].name);
}

void check_distinct(PipeEnv *p, Step *s)
{
  Env env = pipe_env(p);
  check_keys(p, &env, &s->u.distinct.by, "`distinct by`", false);
  check_keep(p->c, s->u.distinct.keep, p->file);
  not_updating(p->c, s->span, &p->shape, "`distinct`");
  if (!s->u.distinct.last)
    return;
  p->shape.updating = true;
  p->shape.updating_why = s->span;
  set_key(p, &s->u.distinct.by);
}

/* ---- top ---- */

static bool is_window(const Path *path)
{
  return path->parts.n == 1 && strcmp(path->parts.v[0].name, "window") == 0;
}

static void check_count(PipeEnv *p, Step *s)
{
  Env env = env_const(p->c, p->file, "the n of a top n");
  int64_t n;
  env.structural = true;
  Type *t = check_as(&env, s->u.top.n, t_int(p->c, false), "the number of rows");
  if (!is_error(t) && const_int(s->u.top.n, &n) && n < 1)
    diag_error(p->c, s->u.top.n->span, D_TOP, "`top` keeps at least one row");
}

static void check_order(PipeEnv *p, Env *env, Step *s)
{
  for (int i = 0; i < s->u.top.by.n; i++) {
    Expr *e = s->u.top.by.v[i].value;
    Type *t = check_expr(env, e);
    if (!is_error(t) && !(t->props & TP_ORDERED))
      diag_error(p->c, e->span, D_TOP, "values of type %s have no order", type_text(p->c, t));
  }
}

/* `per window` and columns; true: per window. */
static bool check_per(PipeEnv *p, Env *env, Step *s)
{
  Paths columns = { 0 };
  bool window = false;
  for (int i = 0; i < s->u.top.per.n; i++) {
    Path *path = &s->u.top.per.v[i];
    if (!is_window(path) || type_field(p->shape.row, path->parts.v[0].name)) {
      vec_push(p->c->arena, &columns, *path);
      continue;
    }
    window = true;
    if (p->shape.windowed || s->u.top.over)
      continue;
    Diag *d = diag_error(p->c, path->span, D_WINDOW_HERE, "rows carry no window here");
    diag_hint(p->c, d, "group them over a window before, or say which: top ... over tumbling 1h");
  }
  check_keys(p, env, &columns, "`per`", true);
  return window;
}

static void check_top_bound(PipeEnv *p, Step *s, bool windowed)
{
  if (s->u.top.keep) {
    check_keep(p->c, s->u.top.keep, p->file);
    return;
  }
  if (windowed)
    return;
  p->unbounded = true;
  Diag *d = diag_error(p->c, s->span, D_UNBOUNDED, "every key would be kept for ever: state needs a bound");
  diag_hint(p->c, d, "add `per window`, `over tumbling 1h`, `keep 30d` or say `keep all`");
}

static void add_rank(PipeEnv *p, Step *s)
{
  Compiler *c = p->c;
  Ident rank = s->u.top.rank;
  VEC(TypeField) fields = { 0 };
  if (!rank.name || is_error(p->shape.row))
    return;
  if (type_field(p->shape.row, rank.name)) {
    diag_error(c, rank.span, D_DUPLICATE_FIELD, "the rows have a column `%s` already", rank.name);
    return;
  }
  for (int i = 0; i < p->shape.row->fields.n; i++)
    vec_push(c->arena, &fields, p->shape.row->fields.v[i]);
  vec_push(c->arena, &fields, field_named(rank.name, t_int(c, false), rank.span));
  p->shape.row = type_rec(c->types, 0, fields.v, fields.n, false);
}

static void top_key(PipeEnv *p, Step *s)
{
  Paths per = { 0 };
  for (int i = 0; i < s->u.top.per.n; i++)
    if (!is_window(&s->u.top.per.v[i]))
      vec_push(p->c->arena, &per, s->u.top.per.v[i]);
  if (!s->u.top.rank.name)
    return;                               /* the key is the input's row */
  set_key(p, &per);
  vec_push(p->c->arena, &p->key, s->u.top.rank.name);
}

void check_top(PipeEnv *p, Step *s)
{
  Env env = pipe_env(p);
  check_count(p, s);
  check_order(p, &env, s);
  bool window = check_per(p, &env, s);
  if (s->u.top.over && check_window(p->c, s->u.top.over, &env)) {
    window = true;
    if (!spec_of_window(s->u.top.over)->processing)
      needs_time(p->c, s->u.top.over->span, &p->shape, "a window");
    not_updating(p->c, s->span, &p->shape, "a window");
  }
  check_top_bound(p, s, window);
  add_rank(p, s);
  if (s->u.top.over)
    p->shape.window = 0;
  if (window)
    p->shape.windowed = true;
  else if (!p->shape.updating) {
    p->shape.updating = true;
    p->shape.updating_why = s->span;
  }
  if (p->shape.updating)
    top_key(p, s);
}
