/* check_agg.c -- binds aggregate calls to their rows and collects them in the group they belong to.
 *
 * An aggregate's arguments see the input's columns; around it only keys and the window are in scope.
 * Null: count and sum of no rows are 0; others are null unless a row is known to exist.
 */
#include <string.h>
#include "check.h"

static bool same_name(const AggRow *r, const AggRow *first)
{
  return r < agg_rows + agg_rows_n && strcmp(r->name, first->name) == 0;
}

static int constant_args(const AggRow *r) { return (r->traits & (AGG_OPT_Q | AGG_OPT_K)) ? 1 : 0; }

/* ---- the arguments as written ---- */

typedef struct Given { Expr *arg[4]; int n; bool distinct; Arg *max; } Given;

static bool collect_arguments(Env *env, Expr *e, const AggRow *first, Given *g)
{
  for (int i = 0; i < e->u.call.args.n; i++) {
    Arg *a = &e->u.call.args.v[i];
    if (a->name.name && strcmp(a->name.name, "max") == 0) {
      g->max = a;
    } else if (a->name.name || a->as) {
      diag_error(env->c, a->span, D_NAMED_ARGUMENT, a->as ? "`as` can stand only in a cast"
                 : "%s has no argument called `%s`",
                 first->name, a->name.name);
      return false;
    } else if (!a->value) {
      bool counts = first->nargs == 0;    /* count(*) is count() */
      if (!counts)
        diag_error(env->c, a->span, D_ARGUMENTS, "%s(*) means nothing: say of what", first->name);
      if (!counts || e->u.call.args.n > 1)
        return false;
      e->u.call.args.n = 0;
    } else if (g->n == 4) {
      diag_error(env->c, a->span, D_ARGUMENTS, "%s does not take so many arguments", first->name);
      return false;
    } else {
      g->distinct |= a->distinct;
      g->arg[g->n++] = a->value;
    }
  }
  return true;
}

static bool check_arguments(Env *env, Expr *e, Given *g)
{
  Env inner = env->within ? *env->within : *env;
  bool ok = true;
  inner.inside = true;
  inner.aggregates = false;
  for (int i = 0; i < g->n; i++) {
    ok &= !is_error(check_expr(&inner, g->arg[i]));
    e->fallible |= g->arg[i]->fallible;
  }
  if (e->u.call.where) {
    check_condition(&inner, e->u.call.where, "`where` in an aggregate");
    e->fallible |= e->u.call.where->fallible;
  }
  if (g->max) {
    check_as(&inner, g->max->value, t_int(env->c, false), "max");
    int64_t n;
    if (!is_error(g->max->value->type) && (!const_int(g->max->value, &n) || n < 1))
      diag_error(env->c, g->max->value->span, D_CONSTANT, "max is a constant number, at least 1");
  }
  return ok;
}

/* ---- choosing the row ---- */

/* What compares values for a set has no order of lists and maps. */
static bool sets_of(const AggRow *r, const Type *t)
{
  return (r->traits & (AGG_DISTINCT | AGG_OPT_K)) && (t->kind == T_LIST || t->kind == T_MAP);
}

/* Outside a group, count(x) may count a pattern's rows. */
static bool fits(Env *env, const AggRow *r, const Given *g, int *cost)
{
  Compiler *c = env->c;
  if (r->nargs != g->n || ((r->traits & AGG_DISTINCT) != 0) != g->distinct)
    return false;
  for (int i = 0; i < g->n; i++) {
    bool widened = r->arg[i] == R_FLOAT && g->arg[i]->type->kind == T_INT;
    bool literal = i >= r->nargs - constant_args(r);
    bool whole = r->result == R_INT && g->arg[i]->type->kind == T_REC && !env->group;
    if ((g->arg[i]->type->kind == T_REC && !whole) || sets_of(r, g->arg[i]->type) ||
        (!whole && !match_token(c, r->arg[i], g->arg[i], 0, cost)) ||
        (r->arg[i] == R_DEC && g->arg[i]->type->kind == T_INT) || (widened && !literal &&
            !(r->traits & AGG_PROMOTE)))
      return false;
  }
  return true;
}

static const AggRow *choose(Env *env, const AggRow *first, const Given *g)
{
  const AggRow *best = 0;
  int least = 1 << 20;
  for (const AggRow *r = first; same_name(r, first); r++) {
    int cost = 0;
    if (fits(env, r, g, &cost) && cost < least) {
      best = r;
      least = cost;
    }
  }
  return best;
}

static void no_row(Env *env, Expr *e, const AggRow *first, const Given *g)
{
  Compiler *c = env->c;
  const char *given = "", *all = "";
  int n = 0;
  bool distinct = false;
  for (int i = 0; i < g->n; i++)
    given = arena_printf(c->arena, "%s%s%s", given, i ? ", " : "", type_text(c, g->arg[i]->type));
  for (const AggRow *r = first; same_name(r, first); r++) {
    distinct |= (r->traits & AGG_DISTINCT) != 0;
    const char *s = arena_printf(c->arena, "%s(%s", r->name, r->traits & AGG_DISTINCT ? "distinct " : "");
    for (int i = 0; i < r->nargs; i++)
      s = arena_printf(c->arena, "%s%s%s", s, i ? ", " : "", row_type_text(r->arg[i]));
    all = arena_printf(c->arena, "%s%s%s)", all, n++ ? ", " : "", s);
  }
  if (g->distinct && !distinct) {
    diag_error(c, e->span, D_DISTINCT_HERE, "the aggregate %s does not take `distinct`", first->name);
    return;
  }
  Diag *d = diag_error(c, e->span, D_ARGUMENTS, "there is no aggregate %s(%s%s)", first->name, g->distinct
                       ? "distinct " : "", given);
  diag_hint(c, d, "there is %s", all);
}

/* ---- the result ---- */

static void check_constants(Env *env, const AggRow *r, Given *g)
{
  int64_t v;
  if (!constant_args(r))
    return;
  Expr *e = g->arg[g->n - 1];
  bool number = is_number(e->type);
  if (!e->constant || !number) {
    diag_error(env->c, e->span, D_CONSTANT, "the last argument of %s is a constant number", r->name);
    return;
  }
  if ((r->traits & AGG_OPT_K) && const_int(e, &v) && v < 1)
    diag_error(env->c, e->span, D_ARGUMENTS, "the last argument of %s is at least 1", r->name);
  if (!(r->traits & AGG_OPT_Q) || e->kind != EXPR_LITERAL)
    return;
  double q = e->u.lit.kind == LIT_FLOAT ? e->u.lit.f : (double)e->u.lit.i;
  for (int i = 0; e->u.lit.kind == LIT_DEC && i < e->u.lit.scale; i++)
    q /= 10;
  if (q < 0 || q > 1) {
    Diag *d = diag_error(env->c, e->span, D_ARGUMENTS, "the last argument of %s is between 0 and 1", r->name);
    if (q <= 100)
      diag_hint(env->c, d, "the median is 0.5, the 99th percentile 0.99");
  }
}

static Type *result_type(Env *env, const AggRow *r, Given *g, bool nullable)
{
  Types *ts = env->c->types;
  Type *t = g->n ? g->arg[0]->type : 0;
  switch (r->result) {
  case R_BOOL: return type_scalar(ts, T_BOOL, nullable);
  case R_INT: return type_scalar(ts, T_INT, nullable);
  case R_FLOAT: return type_scalar(ts, T_FLOAT, nullable);
  case R_STR: case R_CSTR: return type_scalar(ts, T_STR, nullable);
  case R_BYTES: return type_scalar(ts, T_BYTES, nullable);
  case R_TS: return type_scalar(ts, T_TS, nullable);
  case R_DUR: return type_scalar(ts, T_DUR, nullable);
  case R_JSON: return type_scalar(ts, T_JSON, nullable);
  case R_DEC: {
    int scale = t && t->kind == T_DEC ? t->scale + (r->traits & AGG_SCALE4 ? 4 : 0) : 0;
    return type_dec(ts, scale > MAX_SCALE ? MAX_SCALE : scale, nullable);
  }
  case R_LIST: return t ? type_list(ts, type_nullable(ts, t, false), nullable) : t_error(env->c);
  case R_STRLIST: case R_LISTSTR: return type_list(ts, t_str(env->c, false), nullable);
  case R_X: case R_ELEM: return t ? type_nullable(ts, t, nullable) : t_error(env->c);
  case R_MAP: case R_ANY: case R_REGEX: break;
  }
  return t_error(env->c);
}

static bool may_be_null(Env *env, const Expr *e, const AggRow *r, const Given *g)
{
  if (r->traits & AGG_NULLS)
    return true;
  if (r->traits & AGG_ZERO)
    return false;
  bool nullable = !env->over_rows || e->u.call.where;
  for (int i = 0; i < g->n - constant_args(r); i++)
    nullable |= g->arg[i]->type->nullable;
  return nullable;
}

static void collect(Env *env, Expr *e)
{
  if (!env->group)
    return;
  for (int i = 0; i < env->group->u.group.aggs.n; i++)
    if (expr_same(env->group->u.group.aggs.v[i], e)) {
      e->u.call.agg_index = i;
      return;
    }
  e->u.call.agg_index = env->group->u.group.aggs.n;
  vec_push(env->c->arena, &env->group->u.group.aggs, e);
}

static void widen_arguments(Env *env, const AggRow *r, Given *g)
{
  for (int i = 0; i < g->n; i++)
    if (r->arg[i] == R_FLOAT && is_number(g->arg[i]->type) && g->arg[i]->type->kind != T_FLOAT)
      g->arg[i]->as = t_float(env->c, g->arg[i]->type->nullable);
}

static Type *bind(Env *env, Expr *e, const AggRow *r, Given *g)
{
  if (g->max && !(r->traits & AGG_OPT_MAX))
    diag_error(env->c, g->max->span, D_NAMED_ARGUMENT, "the aggregate %s has no argument called `max`",
               r->name);
  check_constants(env, r, g);
  widen_arguments(env, r, g);
  e->u.call.kind = CALL_AGG;
  e->u.call.agg = r;
  e->fallible |= (r->traits & AGG_FAILS) != 0;
  e->type = result_type(env, r, g, may_be_null(env, e, r, g));
  collect(env, e);
  return e->type;
}

static Type *not_here(Env *env, Expr *e, const char *name)
{
  if (env->inside) {
    Diag *d = diag_error(env->c, e->span, D_AGGREGATE_NESTED, "an aggregate cannot stand inside another");
    diag_hint(env->c, d, "group twice: the second `group by` aggregates what the first one gives");
  } else {
    Diag *d = diag_error(env->c, e->span, D_AGGREGATE_HERE,
                         "%s is an aggregate, and no rows are grouped here", name);
    diag_hint(env->c, d, "%s",
              env->reader ? "a rule aggregates over a window: on payments by user over sliding 10m"
              : env->state ? "an update sees one row and the record as it was: total = profile.total + amount"
              : "aggregates stand in the braces of `group by ... { }`; a `where` after it filters the results");
  }
  return t_error(env->c);
}

/* True: it was an aggregate, and e->type is set. False: none of that form, and the name is a function too. */
bool check_aggregate(Env *env, Expr *e)
{
  const char *name = e->u.call.name.parts.v[0].name;
  const AggRow *first = agg_first(name);
  Given g = { 0 };
  e->constant = false;
  if (!env->aggregates) {
    if (fn_first(name))
      return false;
    e->type = not_here(env, e, name);
    return true;
  }
  e->type = t_error(env->c);
  if (!collect_arguments(env, e, first, &g) || !check_arguments(env, e, &g))
    return true;
  const AggRow *r = choose(env, first, &g);
  if (r)
    e->type = bind(env, e, r, &g);
  else if (fn_first(name))
    return false;
  else
    no_row(env, e, first, &g);
  return true;
}
