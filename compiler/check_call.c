/* check_call.c -- binds a call to a form, a built-in's row, or a user's function. Aggregates are
 * check_agg.c's, forms check_form.c's; a name that is both (max) is an aggregate where aggregates may stand.
 *
 * Overloads: the row whose arguments need the fewest conversions; int goes into float and decimal,
 * literals into what they can be.
 */
#include <string.h>
#include <strings.h>
#include "check.h"
#include "weir/zone.h"

/* ---- argument types against the tokens of a row ---- */

static const struct { const char *text; TypeKind kind; } tokens[] = {
  [R_BOOL] = { "bool", T_BOOL }, [R_INT] = { "int", T_INT }, [R_FLOAT] = { "float", T_FLOAT },
  [R_DEC] = { "decimal", T_DEC }, [R_STR] = { "string", T_STR }, [R_BYTES] = { "bytes", T_BYTES },
  [R_TS] = { "timestamp", T_TS }, [R_DUR] = { "duration", T_DUR }, [R_JSON] = { "json", T_JSON },
  [R_LIST] = { "list", T_LIST }, [R_STRLIST] = { "list<string>", T_LIST }, [R_MAP] = { "map", T_MAP },
  [R_ANY] = { "any", T_ERROR }, [R_ELEM] = { "an element", T_ERROR }, [R_REGEX] = { "/pattern/", T_ERROR },
  [R_CSTR] = { "string", T_STR }, [R_LISTSTR] = { "list<string>", T_LIST }, [R_X] = { "any", T_ERROR },
};

const char *row_type_text(RowType r) { return tokens[r].text; }

static bool number_literal(const Expr *e)
{
  bool negative;
  const Expr *lit = literal_of(e, &negative);
  return lit && (lit->u.lit.kind == LIT_INT || lit->u.lit.kind == LIT_DEC);
}

static bool match_number(RowType r, const Expr *e, int *cost)
{
  TypeKind have = e->type->kind, want = tokens[r].kind;
  if (have == want)
    return true;
  *cost += want == T_FLOAT && have == T_DEC ? 2 : want == T_DEC ? 1 : 3;
  if (have == T_INT)
    return want == T_FLOAT || want == T_DEC;
  return have == T_DEC && want == T_FLOAT && number_literal(e);
}

static bool match_elem(Compiler *c, const Expr *e, Type *elem, int *cost)
{
  if (!elem || type_same(e->type, elem))
    return true;
  *cost += 1;
  if (elem->kind == T_ENUM && e->kind == EXPR_LITERAL && e->u.lit.kind == LIT_STR)
    return true;
  if (!is_number(e->type) || !is_number(elem) || elem->kind == T_INT)
    return false;
  return number_literal(e) ||
         type_fits(type_nullable(c->types, e->type, false), type_nullable(c->types, elem, false), true);
}

bool match_token(Compiler *c, RowType r, const Expr *e, Type *elem, int *cost)
{
  const Type *t = e->type;
  bool pattern = e->kind == EXPR_LITERAL && e->u.lit.kind == LIT_REGEX;
  if (r == R_REGEX || pattern)
    return r == R_REGEX;                  /* anything is accepted here, and told off afterwards */
  if (is_error(t) || t->kind == T_NULL)
    return true;
  switch (r) {
  case R_BOOL: case R_STR: case R_BYTES: case R_TS: case R_DUR: case R_JSON: case R_LIST: case R_MAP:
  case R_CSTR:
    return t->kind == tokens[r].kind;
  case R_INT: case R_FLOAT: case R_DEC:
    return match_number(r, e, cost);
  case R_STRLIST: case R_LISTSTR:
    return t->kind == T_LIST && t->elem->kind == T_STR && !t->elem->nullable;
  case R_ANY: case R_X:
    *cost += 1;
    return (t->props & TP_SCALAR) || t->kind == T_LIST || (r == R_X && t->kind == T_MAP);
  case R_ELEM:
    return match_elem(c, e, elem, cost);
  case R_REGEX: break;
  }
  return false;
}

/* ---- choosing the row ---- */

static Type *element_of(const Expr *e)
{
  int n = e->u.call.args.n;
  for (int i = 0; i < n; i++) {
    Type *t = e->u.call.args.v[i].value->type;
    if (t && (t->kind == T_LIST || t->kind == T_MAP))
      return t->elem;
  }
  return 0;
}

static const FnRow *choose(Compiler *c, const Expr *e, const FnRow *first)
{
  const FnRow *best = 0;
  int least = 1 << 20, n = e->u.call.args.n;
  for (const FnRow *r = first; r < fn_rows + fn_rows_n && strcmp(r->name, first->name) == 0; r++) {
    int cost = 0, ok = r->nargs == n;
    for (int i = 0; ok && i < n; i++)
      ok = match_token(c, r->arg[i], e->u.call.args.v[i].value, element_of(e), &cost);
    if (ok && cost < least) {
      best = r;
      least = cost;
    }
  }
  return best;
}

static const char *signature(Compiler *c, const FnRow *r)
{
  const char *s = arena_printf(c->arena, "%s(", r->name);
  for (int i = 0; i < r->nargs; i++)
    s = arena_printf(c->arena, "%s%s%s", s, i ? ", " : "", row_type_text(r->arg[i]));
  return arena_printf(c->arena, "%s)", s);
}

static const char *given_types(Compiler *c, const Expr *e)
{
  const char *s = "(";
  for (int i = 0; i < e->u.call.args.n; i++) {
    const Expr *v = e->u.call.args.v[i].value;
    bool pattern = v->kind == EXPR_LITERAL && v->u.lit.kind == LIT_REGEX;
    s = arena_printf(c->arena, "%s%s%s", s, i ? ", " : "", pattern ? "/pattern/" : type_text(c, v->type));
  }
  return arena_printf(c->arena, "%s)", s);
}

static Type *no_overload(Env *env, Expr *e, const FnRow *first)
{
  Compiler *c = env->c;
  const char *all = "";
  int n = 0;
  bool decimals = false;
  for (const FnRow *r = first; r < fn_rows + fn_rows_n && strcmp(r->name, first->name) == 0; r++)
    all = arena_printf(c->arena, "%s%s%s", all, n++ ? ", " : "", signature(c, r));
  Diag *d = diag_error(c, e->span, D_ARGUMENTS, "there is no %s%s", first->name, given_types(c, e));
  for (int i = 0; i < e->u.call.args.n; i++)
    decimals |= e->u.call.args.v[i].value->type->kind == T_DEC;
  if (decimals && n == 1 && first->arg[0] == R_FLOAT)
    diag_hint(c, d, "there is %s; a decimal is turned into a float by float(x)", all);
  else
    diag_hint(c, d, "there is %s", all);
  return t_error(c);
}

/* ---- arguments of the chosen row ---- */

void check_zone_name(Env *env, Expr *e)
{
  size_t n;
  const char *s = const_str(e, &n);
  if (!s || wr_zone_find((wr_str){ s, (wr_u32)n, 0 }))
    return;
  Diag *d = diag_error(env->c, e->span, D_ZONE, "there is no time zone \"%s\" on this machine", s);
  diag_hint(env->c, d, "zones are named after their city: \"Europe/Berlin\", \"America/New_York\", \"UTC\"");
}

static void check_time_format(Env *env, Expr *e)
{
  size_t n;
  const char *s = const_str(e, &n);
  for (size_t i = 0; s && i < n; i++) {
    if (s[i] != '%')
      continue;
    size_t length = n - i < 2 ? n - i : 2;
    if (wr_strftime_ok((wr_str){ s + i, (wr_u32)length, 0 })) {
      i++;
      continue;
    }
    Diag *d = diag_error(env->c, e->span, D_TIME_FORMAT, length == 2 ? "a time format has no `%.*s`"
                         : "the format ends in `%.*s`",
                         (int)length, s + i);
    diag_hint(env->c, d, "%%Y-%%m-%%dT%%H:%%M:%%S is 2026-01-31T10:00:00; a percent sign is %%%%");
    return;
  }
}

static void check_unit(Env *env, Expr *e)
{
  static const char *const units[] = { "second", "minute", "hour", "day", "week", "month", "quarter",
                                      "year" };
  size_t n;
  const char *s = const_str(e, &n);
  if (!s || wr_time_unit_ok((wr_str){ s, (wr_u32)n, 0 }))
    return;
  Guess g = guess_for(s);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    guess_offer(&g, units[i]);
  Diag *d = diag_error(env->c, e->span, D_UNIT, "there is no unit of time %s", text_of(env->c, e->span));
  if (!guess_hint(env->c, d, &g))
    diag_hint(env->c, d, "the units are second, minute, hour, day, week, month, quarter and year");
}

static void check_constant_text(Env *env, const FnRow *r, Expr *e, int i, int first, int last)
{
  bool named = r->traits & (FN_ZONE | FN_STRFTIME | FN_UNIT);  /* what it names is looked up now, not in a row */
  size_t n;
  if (!is_error(e->type) && (named ? !const_str(e, &n) : !e->constant)) {
    diag_error(env->c, e->span, D_CONSTANT, "this argument of %s is a constant string: a literal%s", r->name,
               named ? "" : " or a parameter");
    return;
  }
  if (i == last && (r->traits & FN_ZONE))
    check_zone_name(env, e);
  else if (i == first && (r->traits & FN_STRFTIME))
    check_time_format(env, e);
  else if (i == first && (r->traits & FN_UNIT))
    check_unit(env, e);
}

static void settle_argument(Env *env, const FnRow *r, Expr *e, int i, Type *elem)
{
  Compiler *c = env->c;
  if (r->arg[i] == R_REGEX)
    require_regex(env, e, true);
  else if (r->arg[i] == R_FLOAT && e->type->kind != T_FLOAT && is_number(e->type))
    e->as = t_float(c, e->type->nullable);
  else if (r->arg[i] == R_DEC && e->type->kind == T_INT)
    e->as = type_dec(c->types, 0, e->type->nullable);
  else if (r->arg[i] == R_ELEM && elem && !type_same(e->type, elem))
    conform(env, e, type_nullable(c->types, elem, true), "the element");
  else if (e->type->kind == T_NULL) {
    diag_error(c, e->span, D_NULLABLE, "%s of null is null", r->name);
    e->type = t_error(c);
  }
}

static void check_elements(Env *env, const FnRow *r, Expr *e, Type *elem)
{
  if (!elem || is_error(elem))
    return;
  bool numeric = is_number(elem) || elem->kind == T_DUR;
  if (((r->traits & FN_NUMERIC) && !numeric) || ((r->traits & FN_ORDERED) && !(elem->props & TP_ORDERED)))
    diag_error(env->c, e->span, D_ARGUMENTS, "%s does not take a list of %s", r->name,
               type_text(env->c, elem));
}

/* ---- the result ---- */

static int decimal_scale(Env *env, const FnRow *r, Expr *e)
{
  int scale = -1, n = e->u.call.args.n;
  int64_t digits;
  if (r->traits & FN_SCALE_ARG) {
    Expr *last = e->u.call.args.v[n - 1].value;
    if (const_int(last, &digits) && last->kind == EXPR_LITERAL && digits >= 0 && digits <= MAX_SCALE)
      return (int)digits;
    diag_error(env->c, last->span, D_CONSTANT, "the number of digits is written out: an int from 0 to %d",
               MAX_SCALE);
    return 0;
  }
  for (int i = 0; i < n; i++) {
    const Type *t = e->u.call.args.v[i].value->as ? e->u.call.args.v[i].value->as
        : e->u.call.args.v[i].value->type;
    if (r->arg[i] == R_DEC && t->kind == T_DEC &&
        (scale < 0 || ((r->traits & FN_SCALE_MAX) && t->scale > scale)))
      scale = t->scale;
  }
  return scale < 0 ? 0 : scale;
}

static Type *first_list(const Expr *e)
{
  for (int i = 0; i < e->u.call.args.n; i++)
    if (e->u.call.args.v[i].value->type->kind == T_LIST)
      return e->u.call.args.v[i].value->type;
  return 0;
}

static Type *result_type(Env *env, const FnRow *r, Expr *e, bool nullable)
{
  Types *ts = env->c->types;
  Type *elem = element_of(e), *list = first_list(e);
  switch (r->result) {
  case R_BOOL: case R_INT: case R_FLOAT: case R_STR: case R_BYTES: case R_TS: case R_DUR: case R_JSON:
    return type_scalar(ts, tokens[r->result].kind, nullable);
  case R_CSTR: return t_str(env->c, nullable);
  case R_DEC: return type_dec(ts, decimal_scale(env, r, e), nullable);
  case R_LIST: return list ? type_nullable(ts, list, nullable) : t_error(env->c);
  case R_STRLIST: case R_LISTSTR: return type_list(ts, t_str(env->c, false), nullable);
  case R_ELEM: return elem ? type_nullable(ts, elem, true) : t_error(env->c);
  case R_MAP: case R_ANY: case R_REGEX: case R_X: break;
  }
  return t_error(env->c);
}

/* A product of many digits is allowed where it is rounded at once: round(a * b, 2). */
static void check_builtin_args(Env *env, Expr *e, const FnRow *first)
{
  int n = e->u.call.args.n;
  int64_t digits;
  bool rounds = false;
  for (const FnRow *r = first; r < fn_rows + fn_rows_n && strcmp(r->name, first->name) == 0; r++)
    rounds |= r->nargs == 2 && n == 2 && r->arg[0] == R_DEC && r->arg[1] == R_INT &&
        (r->traits & FN_SCALE_ARG);
  for (int i = 0; i < n; i++) {
    Expr *a = e->u.call.args.v[i].value;
    Expr *last = e->u.call.args.v[n - 1].value;
    bool pattern = a->kind == EXPR_LITERAL && a->u.lit.kind == LIT_REGEX;
    if (i == 0 && rounds && last->kind == EXPR_LITERAL && last->u.lit.kind == LIT_INT &&
        const_int(last, &digits) &&
        digits >= 0 && digits <= MAX_PRODUCT_SCALE) {
      env->wide_product = true;
      env->product_scale = (int)digits;
    }
    if (pattern)
      a->type = t_str(env->c, false);
    else
      check_expr(env, a);
    env->wide_product = false;
    e->fallible |= a->fallible;
    e->constant &= a->constant || pattern;
  }
}

static Type *check_builtin(Env *env, Expr *e, const FnRow *first)
{
  int n = e->u.call.args.n, first_text = -1, last_text = -1;
  bool nullable = false;
  check_builtin_args(env, e, first);
  for (int i = 0; i < n; i++)
    if (is_error(e->u.call.args.v[i].value->type))
      return t_error(env->c);
  const FnRow *r = choose(env->c, e, first);
  if (!r)
    return no_overload(env, e, first);
  for (int i = 0; i < n; i++)
    if (r->arg[i] == R_CSTR) {
      first_text = first_text < 0 ? i : first_text;
      last_text = i;
    }
  for (int i = 0; i < n; i++) {
    Expr *a = e->u.call.args.v[i].value;
    settle_argument(env, r, a, i, element_of(e));
    if (r->arg[i] == R_CSTR)
      check_constant_text(env, r, a, i, first_text, last_text);
    nullable |= a->type->nullable;
  }
  if ((r->traits & FN_CONFIG) && !env->config)
    diag_error(env->c, e->span, D_CONFIG_ONLY,
               "%s is for options and parameters; a row's expression cannot call it", r->name);
  check_elements(env, r, e, element_of(e));
  e->u.call.kind = CALL_BUILTIN;
  e->u.call.fn = r;
  e->fallible |= (r->traits & FN_FAILS) != 0;
  e->constant &= (r->traits & (FN_PURE | FN_CONFIG)) != 0;
  return result_type(env, r, e, nullable || (r->traits & FN_NULLS));
}

/* ---- functions of the program, meta.header ---- */

static Type *check_user_fn(Env *env, Expr *e, Decl *fn)
{
  Compiler *c = env->c;
  check_decl(c, fn);
  fn->used = true;
  env->size += fn->u.fn.size;
  if (env->size > MAX_EXPANSION && env->size - fn->u.fn.size <= MAX_EXPANSION) {
    Diag *d = diag_error(c, e->span, D_DEPTH,
                         "with its functions expanded, the expression has more than %d parts", MAX_EXPANSION);
    diag_hint(c, d, "calculate once what several functions use, with extend, and pass it on");
  }
  e->u.call.kind = CALL_FN;
  e->u.call.decl = fn;
  e->fallible = fn->u.fn.is_extern || (fn->u.fn.body && fn->u.fn.body->fallible);
  e->constant &= !fn->u.fn.is_extern;
  if (e->u.call.args.n != fn->u.fn.params.n) {
    Diag *d = diag_error(c, e->span, D_ARGUMENTS, "%s takes %d argument%s, not %d", fn->name.name,
                         fn->u.fn.params.n,
                         fn->u.fn.params.n == 1 ? "" : "s", e->u.call.args.n);
    diag_note(c, d, fn->name.span, "declared here");
  }
  for (int i = 0; i < e->u.call.args.n; i++) {
    Expr *a = e->u.call.args.v[i].value;
    if (i < fn->u.fn.locals.n && fn->u.fn.locals.v[i]->type)
      check_as(env, a, fn->u.fn.locals.v[i]->type,
               arena_printf(c->arena, "the parameter `%s`", fn->u.fn.locals.v[i]->name));
    else
      check_expr(env, a);
    e->fallible |= a->fallible;
    e->constant &= a->constant;
  }
  return fn->type && e->u.call.args.n == fn->u.fn.params.n ? fn->type : t_error(c);
}

static bool is_meta_header(const Path *p)
{
  return p->parts.n == 2 && strcmp(p->parts.v[0].name, "meta") == 0 && strcmp(p->parts.v[1].name,
      "header") == 0;
}

/* meta.header("h") becomes a reference to the hidden column, with its name as the path's rest. */
static Type *check_header(Env *env, Expr *e)
{
  size_t n;
  Expr *name = e->u.call.args.n == 1 ? e->u.call.args.v[0].value : 0;
  if (!name || !const_str(name, &n)) {
    diag_error(env->c, e->span, D_META, "a header is read by its name, a string: meta.header(\"trace-id\")");
    return t_error(env->c);
  }
  if (!env->shape || !env->shape->origin || env->group) {
    diag_error(env->c, e->span, D_META, "`meta` belongs to rows of one source, and these are not");
    return t_error(env->c);
  }
  if (!check_meta_place(env, e->span))
    return t_error(env->c);
  Path p = e->u.call.name;
  Ident key = { intern(env->c->interns, const_str(name, &n), n), name->span };
  vec_push(env->c->arena, &p.parts, key);
  e->kind = EXPR_PATH;
  e->u.path.path = p;
  e->u.path.ref = (Ref){ .kind = REF_META, .used = 3, .column = META_HEADER, .decl = env->shape->origin };
  e->constant = false;
  return t_str(env->c, true);
}

/* ---- a call ---- */

static bool plain_arguments(Env *env, Expr *e, const char *name, bool cast)
{
  bool ok = true;
  for (int i = 0; i < e->u.call.args.n; i++) {
    Arg *a = &e->u.call.args.v[i];
    if (a->name.name)
      diag_error(env->c, a->span, D_NAMED_ARGUMENT, "%s has no argument called `%s`", name, a->name.name);
    else if (a->distinct || !a->value)
      diag_error(env->c, a->span, D_DISTINCT_HERE,
                 "`%s` can stand only in an aggregate, and %s is a function",
                 a->distinct ? "distinct" : "*", name);
    else if (a->as && !cast)
      diag_error(env->c, a->span, D_ARGUMENTS, "`as` can stand only in a cast");
    else
      continue;
    ok = false;
  }
  if (e->u.call.where) {
    diag_error(env->c, e->u.call.where->span, D_DISTINCT_HERE,
               "`where` can stand only in an aggregate, and %s is a function", name);
    ok = false;
  }
  return ok;
}

/* Functions of other languages that have no namesake here. */
static bool hint_elsewhere(Compiler *c, Diag *d, const char *name)
{
  static const char *const clock = "results depend on the input alone: a row's time is one of its fields";
  static const char *const before = "what earlier rows of a key had is remembered by a `state`, which rules read";
  const char *const known[][2] = {
    { "now", clock }, { "today", clock }, { "current_timestamp", clock }, { "current_date", clock },
    { "lag", before }, { "prev", before }, { "previous", before }, { "last_value", before },
    { "random", "results depend on the input alone: `sample 10%` chooses rows" },
    { "rand", "results depend on the input alone: `sample 10%` chooses rows" },
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcasecmp(name, known[i][0]) != 0) continue;
    diag_hint(c, d, "%s", known[i][1]);
    return true;
  }
  return false;
}

static Type *unknown_function(Env *env, Expr *e)
{
  Compiler *c = env->c;
  const char *name = path_text(c, &e->u.call.name);
  if (strcmp(name, "secret") == 0) {
    Diag *s = diag_error(c, e->span, D_SECRET, "`secret` stands where an option is a password or a key, nowhere else");
    diag_hint(c, s, "what is no secret comes from env(\"NAME\")");
    return t_error(c);
  }
  Diag *d = diag_error(c, e->u.call.name.span, D_UNKNOWN_FN, "there is no function or aggregate `%s`", name);
  if (hint_elsewhere(c, d, name)) return t_error(c);
  Guess g = guess_for(name);
  for (int i = 0; i < fn_rows_n; i++)
    guess_offer(&g, fn_rows[i].name);
  for (int i = 0; i < form_rows_n; i++)
    guess_offer(&g, form_rows[i].name);
  for (int i = 0; i < agg_rows_n; i++)
    guess_offer(&g, agg_rows[i].name);
  guess_decls(c, &g, env->file, 1u << DECL_FN);
  guess_hint(c, d, &g);
  return t_error(c);
}

static Type *not_a_function(Env *env, Expr *e, Decl *d)
{
  Diag *diag = diag_error(env->c, e->u.call.name.span, D_WRONG_KIND, "`%s` is %s, not a function",
                          d->name.name, decl_word(d));
  diag_note(env->c, diag, d->name.span, "declared here");
  return t_error(env->c);
}

Type *check_call(Env *env, Expr *e)
{
  int used;
  Path *p = &e->u.call.name;
  if (is_meta_header(p))
    return check_header(env, e);
  Decl *d = scope_find_path(env->c, env->file, p, &used);
  const char *name = p->parts.v[0].name;
  bool library = p->parts.n == 1;
  if (d && d->kind == DECL_FN && used == p->parts.n)
    return plain_arguments(env, e, name, false) ? check_user_fn(env, e, d) : t_error(env->c);
  if (library && agg_first(name) && (env->aggregates || env->inside || !fn_first(name)) &&
      check_aggregate(env, e))
    return e->type;
  const FormRow *form = library ? form_find(name) : 0;
  const FnRow *fn = library ? fn_first(name) : 0;
  if (!form && !fn)
    return d ? not_a_function(env, e, d) : unknown_function(env, e);
  if (!plain_arguments(env, e, name, form && form->form == FORM_CAST))
    return t_error(env->c);
  return form ? check_form(env, e, form) : check_builtin(env, e, fn);
}
