/* check_options.c -- connectors and formats with their options. What options there are is each one's
 * own table (weir/connector.h); the values end in Config.values by its order.
 *
 * A connector or format that a later version brings has no table: its options are only looked at as
 * expressions.
 */
#include <string.h>
#include "check.h"
#include "weir/regex.h"

/* ---- one option's value ---- */

static Type *option_type(Compiler *c, const wr_option *o)
{
  switch ((enum wr_opt_type)o->type) {
  case WR_OPT_STR: case WR_OPT_CHOICE: return t_str(c, false);
  case WR_OPT_INT: case WR_OPT_SIZE: return t_int(c, false);
  case WR_OPT_FLOAT: return t_float(c, false);
  case WR_OPT_BOOL: return t_bool(c, false);
  case WR_OPT_DUR: return t_dur(c, false);
  case WR_OPT_TS: return t_ts(c, false);
  case WR_OPT_REGEX: case WR_OPT_REC: case WR_OPT_SECRET: break;
  }
  return t_error(c);
}

static bool is_choice(const char *choices, const char *s, size_t n)
{
  for (const char *p = choices; *p; p += strcspn(p, "|"), p += *p == '|')
    if (strcspn(p, "|") == n && memcmp(p, s, n) == 0)
      return true;
  return false;
}

static void check_choice(Compiler *c, const wr_option *o, Expr *e)
{
  size_t n = 0;
  const char *s = const_str(e, &n);
  if (!s || is_choice(o->choice, s, n))
    return;
  Diag *d = diag_error(c, e->span, D_OPTION_VALUE, "`%s` is one of %s, not %s", o->name, o->choice,
                       text_of(c, e->span));
  Guess g = guess_for(s);
  for (const char *p = o->choice; *p; p += strcspn(p, "|"), p += *p == '|')
    guess_offer(&g, arena_text(c->arena, p, strcspn(p, "|")));
  guess_hint(c, d, &g);
}

static void check_options(Compiler *c, Config *cfg, const wr_option *opt, int nopt, bool sink,
                          const char *what, Type *row);

/* A record of options within an option: its fields in the table's order are the value's type. */
static void check_sub_options(Compiler *c, const wr_option *o, Expr *e, bool sink, Type *row)
{
  Config sub = { .name = { .span = e->span }, .span = e->span };
  VEC(TypeField) fields = { 0 };
  Items in_order = { 0 };
  for (int i = 0; i < e->u.rec.items.n; i++) {
    Item *it = &e->u.rec.items.v[i];
    Arg a = { .name = it->name, .value = it->value, .span = it->span };
    if (it->value && !it->star)
      vec_push(c->arena, &sub.args, a);
  }
  check_options(c, &sub, o->sub, o->nsub, sink, arena_printf(c->arena, "`%s`", o->name), row);
  for (int i = 0; i < o->nsub && i < sub.values.n; i++) {
    Expr *v = sub.values.v[i];
    if (!v || !v->type)
      continue;
    Item it = { .name = { intern_z(c->interns, o->sub[i].name), v->span }, .value = v, .span = v->span };
    vec_push(c->arena, &in_order, it);
    vec_push(c->arena, &fields, field_named(it.name.name, v->as ? v->as : v->type, v->span));
  }
  memcpy(&e->u.rec.items, &in_order, sizeof in_order);
  e->type = type_rec(c->types, 0, fields.v, fields.n, false);
  e->constant = true;
}

/* A secret is named, never written: the program, its C and its binary hold the name only. */
static void check_secret(Compiler *c, const wr_option *o, Expr *e)
{
  const Path *p = &e->u.call.name;
  size_t n = 0;
  bool call = e->kind == EXPR_CALL && p->parts.n == 1 && strcmp(p->parts.v[0].name, "secret") == 0;
  Expr *name = call && e->u.call.args.n == 1 ? e->u.call.args.v[0].value : 0;
  const char *s = name && name->kind == EXPR_LITERAL ? const_str(name, &n) : 0;
  e->type = t_str(c, false);
  e->constant = true;
  if (s && ((strncmp(s, "env:", 4) == 0 && s[4]) || (strncmp(s, "file:", 5) == 0 && s[5]))) {
    name->type = e->type;
    name->constant = true;
    return;
  }
  Diag *d = call ? diag_error(c, e->span, D_SECRET, "a secret is the name of an environment variable or of a file")
                 : diag_error(c, e->span, D_SECRET,
                              "`%s` is a secret: a program says where it is, not what it is", o->name);
  diag_hint(c, d, "%s: secret(\"env:NAME\") or %s: secret(\"file:/run/secrets/NAME\")", o->name, o->name);
}

static void check_value(Compiler *c, const wr_option *o, Expr *e, bool sink, Type *row)
{
  Env env = env_const(c, e->span.file, arena_printf(c->arena, "the option `%s`", o->name));
  env.structural = true;
  if (o->type == WR_OPT_REGEX) {
    require_regex(&env, e, true);
    return;
  }
  if (o->type == WR_OPT_SECRET) {
    check_secret(c, o, e);
    return;
  }
  if (o->type != WR_OPT_REC) {
    Type *t = check_as(&env, e, option_type(c, o), arena_printf(c->arena, "the option `%s`", o->name));
    if (o->type == WR_OPT_CHOICE && !is_error(t))
      check_choice(c, o, e);
    return;
  }
  if (e->kind != EXPR_RECORD) {
    Diag *d = diag_error(c, e->span, D_OPTION_VALUE, "the option `%s` is a record", o->name);
    diag_hint(c, d, "%s", o->doc ? o->doc : "{ name: value }");
    e->type = t_error(c);
  } else if (o->sub) {
    check_sub_options(c, o, e, sink, row);
  } else {
    check_generators(c, e, row, 0);
  }
}

/* ---- the list of options ---- */

static bool on_side(const wr_option *o, bool sink)
{
  int sides = o->flags & (WR_OPT_SOURCE | WR_OPT_SINK);
  return !sides || (sides & (sink ? WR_OPT_SINK : WR_OPT_SOURCE));
}

static int find_option(Compiler *c, const wr_option *opt, int nopt, const Arg *a, bool sink, const char *what)
{
  Guess g = guess_for(a->name.name);
  for (int i = 0; i < nopt; i++) {
    if (on_side(&opt[i], sink))
      guess_offer(&g, opt[i].name);
    if (strcmp(opt[i].name, a->name.name) != 0)
      continue;
    if (on_side(&opt[i], sink))
      return i;
    diag_error(c, a->span, D_OPTION, "%s has `%s` only as a %s", what, a->name.name, sink ? "source"
               : "sink");
    return -1;
  }
  Diag *d = diag_error(c, a->name.span, D_OPTION, "%s has no option `%s`", what, a->name.name);
  if (!guess_hint(c, d, &g) && nopt > 0) {
    const char *all = "";
    for (int i = 0, n = 0; i < nopt; i++)
      if (on_side(&opt[i], sink))
        all = arena_printf(c->arena, "%s%s%s", all, n++ ? ", " : "", opt[i].name);
    diag_hint(c, d, "its options are %s", all);
  }
  return -1;
}

static int positional(Compiler *c, Config *cfg, const wr_option *opt, int nopt, const Arg *a, bool sink,
                      const char *what)
{
  for (int i = 0; i < nopt; i++)
    if ((opt[i].flags & WR_OPT_POSITIONAL) && on_side(&opt[i], sink) && !cfg->values.v[i])
      return i;
  Diag *d = diag_error(c, a->span, D_OPTION, "this value of %s needs a name", what);
  for (int i = 0; i < nopt; i++)
    if (on_side(&opt[i], sink) && !(opt[i].flags & WR_OPT_POSITIONAL)) {
      diag_hint(c, d, "for example %s: %s", opt[i].name, text_of(c, a->span));
      break;
    }
  return -1;
}

static void check_missing(Compiler *c, Config *cfg, const wr_option *opt, int nopt, bool sink,
                          const char *what)
{
  for (int i = 0; i < nopt; i++) {
    if (!(opt[i].flags & WR_OPT_REQUIRED) || !on_side(&opt[i], sink) || cfg->values.v[i])
      continue;
    Diag *d = diag_error(c, cfg->span, D_OPTION_MISSING, "%s needs the option `%s`", what, opt[i].name);
    diag_hint(c, d, "%s: %s", opt[i].name, opt[i].doc ? opt[i].doc : "");
  }
}

static void check_options(Compiler *c, Config *cfg, const wr_option *opt, int nopt, bool sink,
                          const char *what, Type *row)
{
  cfg->values.n = 0;
  for (int i = 0; i < nopt; i++)
    vec_push(c->arena, &cfg->values, 0);
  for (int i = 0; i < cfg->args.n; i++) {
    Arg *a = &cfg->args.v[i];
    if (!a->value || a->distinct || a->as) {
      diag_error(c, a->span, D_OPTION, "an option is written name: value");
      continue;
    }
    int k = a->name.name ? find_option(c, opt, nopt, a, sink, what) : positional(c, cfg, opt, nopt, a, sink,
        what);
    if (k < 0)
      continue;
    if (cfg->values.v[k]) {
      Diag *d = diag_error(c, a->span, D_OPTION_TWICE, "the option `%s` is given twice", opt[k].name);
      diag_note(c, d, cfg->values.v[k]->span, "first here");
      continue;
    }
    cfg->values.v[k] = a->value;
    check_value(c, &opt[k], a->value, sink, row);
  }
  check_missing(c, cfg, opt, nopt, sink, what);
}

/* Options of something that this version does not run: their names are unknown, their values are not. */
static void check_loose(Compiler *c, Config *cfg)
{
  for (int i = 0; i < cfg->args.n; i++) {
    Expr *e = cfg->args.v[i].value;
    if (!e || e->kind == EXPR_RECORD || e->kind == EXPR_LIST ||
        (e->kind == EXPR_CALL && conn_find(e->u.call.name.parts.v[0].name)))
      continue;
    Env env = env_const(c, e->span.file, "an option");
    env.structural = true;
    check_expr(&env, e);
  }
}

/* ---- connectors ---- */

static void unknown_connector(Compiler *c, Config *cfg)
{
  const char *name = path_text(c, &cfg->name);
  Diag *d = diag_error(c, cfg->name.span, D_CONNECTOR, "there is no connector `%s`", name);
  Guess g = guess_for(name);
  const char *all = "";
  for (int i = 0; i < conn_rows_n; i++) {
    guess_offer(&g, conn_rows[i].name);
    all = arena_printf(c->arena, "%s%s%s", all, i ? ", " : "", conn_rows[i].name);
  }
  if (!guess_hint(c, d, &g))
    diag_hint(c, d, strcmp(name, "stdin") == 0 || strcmp(name, "stdout") == 0
              ? "standard input and output are file(\"-\")"
                                                                           : "the connectors are %s", all);
}

void check_connector(Compiler *c, Config *cfg, uint32_t file, bool sink, Type *row)
{
  (void)file;
  cfg->conn = cfg->name.parts.n == 1 ? conn_find(cfg->name.parts.v[0].name) : 0;
  if (!cfg->conn) {
    unknown_connector(c, cfg);
    check_loose(c, cfg);
    return;
  }
  const wr_connector *conn = cfg->conn->conn;
  if (!conn) {
    check_loose(c, cfg);
    return;
  }
  if (sink ? !conn->open_sink : !conn->open_source) {
    diag_error(c, cfg->name.span, D_DIRECTION, "%s is a %s, not a %s", cfg->conn->name, sink ? "source"
               : "sink",
               sink ? "sink" : "source");
    check_loose(c, cfg);
    cfg->conn = 0;                        /* nothing more about its format and options */
    return;
  }
  check_options(c, cfg, conn->opt, conn->nopt, sink, cfg->conn->name, row);
}

/* ---- formats ---- */

static void unknown_format(Compiler *c, Config *cfg)
{
  const char *name = path_text(c, &cfg->name);
  Diag *d = diag_error(c, cfg->name.span, D_FORMAT, "there is no format `%s`", name);
  Guess g = guess_for(name);
  const char *all = "";
  for (int i = 0; i < fmt_rows_n; i++) {
    guess_offer(&g, fmt_rows[i].name);
    all = arena_printf(c->arena, "%s%s%s", all, i ? ", " : "", fmt_rows[i].name);
  }
  if (!guess_hint(c, d, &g))
    diag_hint(c, d, "the formats are %s", all);
}

static void check_one_string(Compiler *c, Config *cfg, Type *row, Span at)
{
  if (row->fields.n == 1 && row->fields.v[0].type->kind == T_STR)
    return;
  Diag *d = diag_error(c, at, D_FORMAT_TYPE,
                       "the format %s carries whole lines: the record is one string field", cfg->fmt->name);
  diag_hint(c, d, "for example { line string }");
}

static void check_flat(Compiler *c, Config *cfg, Type *row, Span at)
{
  for (int i = 0; i < row->fields.n; i++) {
    const TypeField *f = &row->fields.v[i];
    if ((f->type->props & TP_SCALAR) || is_error(f->type))
      continue;
    Diag *d = diag_error(c, at, D_FORMAT_TYPE, "the format %s cannot carry `%s`, which is %s",
                         cfg->fmt->name, f->name,
                         type_text(c, f->type));
    if (f->span.to)
      diag_note(c, d, f->span, "this field");
    diag_hint(c, d, f->type->kind == T_REC ? "select its fields one by one: %s.x"
              : "turn it into a string: string(%s)", f->name);
  }
}

static bool has_group(const wr_regex *re, const char *name)
{
  for (int i = 1; i <= wr_regex_groups(re); i++)
    if (wr_regex_name(re, i) && strcmp(wr_regex_name(re, i), name) == 0)
      return true;
  return false;
}

static void compare_groups(Compiler *c, const wr_regex *re, const Expr *pattern, Type *row)
{
  int named = 0;
  for (int i = 1; i <= wr_regex_groups(re); i++) {
    const char *name = wr_regex_name(re, i);
    Guess g = guess_for(name ? name : "");
    bool found = !name;
    named += name != 0;
    for (int k = 0; name && k < row->fields.n; k++) {
      found |= strcmp(row->fields.v[k].from, name) == 0;
      guess_offer(&g, row->fields.v[k].from);
    }
    if (found)
      continue;
    Diag *d = diag_error(c, pattern->span, D_FORMAT_TYPE,
                         "the pattern's group `%s` is no field of the record", name);
    guess_hint(c, d, &g);
  }
  for (int k = 0; k < row->fields.n; k++) {
    const TypeField *f = &row->fields.v[k];
    if (f->type->nullable || f->dflt || is_error(f->type) || has_group(re, f->from))
      continue;
    Diag *d = diag_error(c, pattern->span, D_FORMAT_TYPE, "the pattern has no group for the field `%s`",
                         f->name);
    if (f->span.to)
      diag_note(c, d, f->span, "this field");
    diag_hint(c, d, "a group with a name is written (?<%s>...)%s", f->from, named ? ""
              : "; the names say which field it is");
  }
}

/* A format with a pattern among its options: the named groups are the fields. */
static void check_groups(Compiler *c, Config *cfg, Type *row)
{
  const wr_format *f = cfg->fmt->fmt;
  for (int i = 0; i < f->nopt && i < cfg->values.n; i++) {
    Expr *e = cfg->values.v[i];
    const char *error;
    size_t where;
    if (f->opt[i].type != WR_OPT_REGEX || !e || e->kind != EXPR_LITERAL || !e->type || is_error(e->type))
      continue;
    wr_regex *re = wr_regex_compile((wr_str){ e->u.lit.s, (wr_u32)e->u.lit.n, 0 }, e->u.lit.flags
                                    ? e->u.lit.flags : "", &error, &where);
    if (!re)
      continue;
    compare_groups(c, re, e, row);
    check_flat(c, cfg, row, cfg->span);
    wr_regex_free(re);
  }
}

/* False: there is nothing to check. */
static bool check_presence(Compiler *c, Config *cfg, const Config *conn, bool sink, Span where)
{
  const wr_connector *k = conn->conn ? conn->conn->conn : 0;
  bool bare = k && (k->bare & (sink ? WR_OPT_SINK : WR_OPT_SOURCE));
  if (cfg->given && bare && !sink) {
    diag_error(c, cfg->span, D_NO_FORMAT, "%s makes rows, not bytes: it takes no format", conn->conn->name);
    return false;
  }
  if (!cfg->given && k && !bare) {
    Diag *d = diag_error(c, where, D_NO_FORMAT, "the format of the bytes is missing");
    diag_hint(c, d, "for example `format json`");
  }
  return cfg->given;
}

void check_format(Compiler *c, Config *cfg, const Config *conn, uint32_t file, bool sink, Type *row,
                  Span where)
{
  (void)file;
  if (!check_presence(c, cfg, conn, sink, where))
    return;
  cfg->fmt = cfg->name.parts.n == 1 ? fmt_find(cfg->name.parts.v[0].name) : 0;
  const wr_format *f = cfg->fmt ? cfg->fmt->fmt : 0;
  if (!cfg->fmt)
    unknown_format(c, cfg);
  if (!f) {
    check_loose(c, cfg);
    return;
  }
  if (sink ? !f->writes : !f->reads) {
    diag_error(c, cfg->name.span, D_DIRECTION, "the format %s is for %s only", cfg->fmt->name, sink
               ? "sources" : "sinks");
    return;
  }
  check_options(c, cfg, f->opt, f->nopt, sink, cfg->fmt->name, row);
  if (row->kind != T_REC)
    return;
  if (f->strings_only)
    check_one_string(c, cfg, row, cfg->span);
  check_groups(c, cfg, row);
}
