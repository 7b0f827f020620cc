/* check_match.c -- patterns: their variables, the conditions on them, and what comes out of a match. */
#include <string.h>
#include "check.h"

typedef struct Walk {
  Compiler *c;
  uint32_t file;
  const PatternClause *clause;
  Idents *streams;                        /* of the rule, or 0 in a pipe */
  const Row *input;                       /* of the pipe, or 0 */
  Env *vars;                              /* one row a variable is added */
  bool optional, absent;                  /* around what is walked now */
} Walk;

static bool has_condition(const Walk *w, Name var)
{
  for (int i = 0; i < w->clause->where.n; i++)
    if (w->clause->where.v[i].var.name == var)
      return true;
  return false;
}

static bool is_stream(const Walk *w, Name name)
{
  for (int i = 0; w->streams && i < w->streams->n; i++)
    if (w->streams->v[i].name == name)
      return true;
  return false;
}

/* Which stream's rows the variable takes: named after it, its own name, or the only one there is. */
static Type *variable_row(Walk *w, const Pattern *p, Decl **decl)
{
  Compiler *c = w->c;
  Ident name = p->stream;
  if (w->input) {
    if (name.name)
      diag_error(c, name.span, D_PATTERN, "in a pipe all variables are rows of the pipe");
    return w->input->type;
  }
  if (name.name && !is_stream(w, name.name)) {
    Diag *d = diag_error(c, name.span, D_PATTERN, "the rule is not on `%s`", name.name);
    Guess g = guess_for(name.name);
    for (int i = 0; i < w->streams->n; i++)
      guess_offer(&g, w->streams->v[i].name);
    guess_hint(c, d, &g);
    return t_error(c);
  }
  if (!name.name)
    name = is_stream(w, p->var.name) ? p->var : w->streams->n == 1 ? w->streams->v[0] : name;
  if (!name.name) {
    Diag *d = diag_error(c, p->var.span, D_PATTERN, "of which stream is `%s`? the rule is on several",
                         p->var.name);
    diag_hint(c, d, "write %s: %s", p->var.name, w->streams->n ? w->streams->v[0].name : "stream");
    return t_error(c);
  }
  *decl = scope_find(c, w->file, name.name);
  return *decl && (*decl)->type ? (*decl)->type : t_error(c);
}

static void add_variable(Walk *w, const Pattern *p)
{
  Compiler *c = w->c;
  Decl *decl = 0;
  Type *row = variable_row(w, p, &decl);
  bool optional = w->optional || w->absent || (p->quantified && p->min == 0);
  for (int i = 0; i < w->vars->rows.n; i++)
    if (w->vars->rows.v[i].name == p->var.name) {
      Diag *d = diag_error(c, p->var.span, D_PATTERN, "the variable `%s` stands twice in the pattern",
                           p->var.name);
      diag_hint(c, d, "give the second one a name and a condition of its own");
      return;
    }
  if (!p->stream.name && !has_condition(w, p->var.name) && !is_stream(w, p->var.name)) {
    Diag *d = diag_error(c, p->var.span, D_PATTERN, "`%s` has no condition and names no stream", p->var.name);
    diag_hint(c, d, "say which rows it takes: where %s: amount > 100; or %s: true for any", p->var.name,
              p->var.name);
  }
  env_row(w->vars, p->var.name, optional ? type_nullable(c->types, row, true) : row, decl, false);
}

static void walk(Walk *w, const Pattern *p, int depth);

static void walk_items(Walk *w, const Pattern *p, int depth)
{
  bool optional = w->optional, absent = w->absent;
  w->optional |= p->kind == PAT_OR || (p->quantified && p->min == 0);
  w->absent |= p->kind == PAT_NOT;
  for (int i = 0; i < p->items.n; i++)
    walk(w, p->items.v[i], depth + 1);
  w->optional = optional;
  w->absent = absent;
}

static void walk(Walk *w, const Pattern *p, int depth)
{
  if (depth > MAX_PIPE_DEPTH) {
    if (depth == MAX_PIPE_DEPTH + 1)
      diag_error(w->c, p->span, D_DEPTH, "patterns are nested more than %d deep", MAX_PIPE_DEPTH);
    return;
  }
  if (p->kind == PAT_NOT && w->absent)
    diag_error(w->c, p->span, D_PATTERN, "`not` inside `not`");
  if (p->kind == PAT_VAR)
    add_variable(w, p);
  else
    walk_items(w, p, depth);
}

static bool may_be_empty(const Pattern *p, int depth)
{
  if ((p->quantified && p->min == 0) || p->kind == PAT_NOT || depth > MAX_PIPE_DEPTH)
    return true;
  if (p->kind == PAT_VAR)
    return false;
  bool any = false, all = true;
  for (int i = 0; i < p->items.n; i++) {
    bool empty = may_be_empty(p->items.v[i], depth + 1);
    any |= empty;
    all &= empty;
  }
  return p->kind == PAT_OR ? any : all;
}

static const Pattern *first_of(const Pattern *p)
{
  while ((p->kind == PAT_SEQ || p->kind == PAT_EVERY) && p->items.n)
    p = p->items.v[0];
  return p;
}

static void check_start(Compiler *c, const Pattern *p)
{
  const Pattern *first = first_of(p);
  if (first->kind == PAT_NOT) {
    Diag *d = diag_error(c, first->span, D_PATTERN, "a pattern begins with a row, not with an absence");
    diag_hint(c, d, "from when on is it absent? a then not b within 5m");
  } else if (may_be_empty(p, 0)) {
    diag_error(c, p->span, D_PATTERN, "this pattern would match without any row");
  }
}

/* The condition of one variable: its row's columns alone, the others' by their name. */
static void check_condition_of(Compiler *c, Cond *k, const Env *vars)
{
  Env env = *vars;
  Row *own = 0;
  memset(&env.rows, 0, sizeof env.rows);
  for (int i = 0; i < vars->rows.n; i++)
    vec_push(c->arena, &env.rows, vars->rows.v[i]);
  for (int i = 0; i < env.rows.n; i++)
    if (env.rows.v[i].name == k->var.name && k->var.name)
      own = &env.rows.v[i];
  if (!own) {
    Diag *d = diag_error(c, k->var.span, D_PATTERN, "the pattern has no variable `%s`", k->var.name);
    Guess g = guess_for(k->var.name);
    for (int i = 0; i < vars->rows.n; i++)
      guess_offer(&g, vars->rows.v[i].name);
    guess_hint(c, d, &g);
    return;
  }
  for (int i = 0; i < env.rows.n; i++)
    env.rows.v[i].bare = false;
  own->type = type_nullable(c->types, own->type, false);
  own->bare = true;
  env.aggregates = true;
  check_condition(&env, k->value, arena_printf(c->arena, "the condition of `%s`", k->var.name));
}

void check_pattern(Compiler *c, uint32_t file, PatternClause *m, Idents *streams, const Row *input, Env *vars)
{
  Walk w = { .c = c, .file = file, .clause = m, .streams = streams, .input = input, .vars = vars };
  walk(&w, m->pattern, 0);
  check_start(c, m->pattern);
  check_duration(c, m->within, file, "`within`", false);
  for (int i = 0; i < m->where.n; i++) {
    for (int k = 0; k < i; k++)
      if (m->where.v[k].var.name == m->where.v[i].var.name)
        diag_error(c, m->where.v[i].var.span, D_PATTERN, "`%s` has two conditions; join them with `and`",
                   m->where.v[i].var.name);
    check_condition_of(c, &m->where.v[i], vars);
  }
}

/* match as a step: a row of the variables' rows */
void check_match(PipeEnv *p, Step *s)
{
  Compiler *c = p->c;
  Env env = pipe_env(p), vars = env_new(c, p->file);
  VEC(TypeField) fields = { 0 };
  needs_time(c, s->span, &p->shape, "`match`");
  not_updating(c, s->span, &p->shape, "`match`");
  for (int i = 0; i < s->u.match.by.n; i++) {
    Type *t = check_column(&env, &s->u.match.by.v[i], 0, "`by`");
    if (!is_error(t) && t->nullable)
      diag_error(c, s->u.match.by.v[i].span, D_NULL_KEY, "the key `%s` may be null",
                 path_text(c, &s->u.match.by.v[i]));
  }
  check_pattern(c, p->file, &s->u.match.match, 0, &env.rows.v[0], &vars);
  for (int i = 0; i < vars.rows.n; i++)
    vec_push(c->arena, &fields, field_named(vars.rows.v[i].name, vars.rows.v[i].type, s->span));
  bool ok = fields.n && !is_error(p->shape.row);
  p->shape = (Shape){ .row = ok ? type_rec(c->types, 0, fields.v, fields.n, false) : t_error(c),
                     .has_time = true, .exact = p->shape.exact };
  p->row = (Row){ .type = p->shape.row, .bare = true };
  p->matched = true;
}
