/* check_rule.c -- rules: what they watch, when they fire, what they emit and how often.
 *
 * Over per-event windows the event is in scope; over aligned ones, which are judged when they close,
 * only the key, the window and aggregates are.
 */
#include <string.h>
#include "check.h"

/* ---- what it is on ---- */

static void check_stream_of(Compiler *c, Decl *d, RuleOn *on, Ident name)
{
  Decl *in = find_input(c, d->span.file, name, true);
  if (!in || !in->type)
    return;
  vec_push(c->arena, &d->u.rule.inputs, in);
  not_updating(c, name.span, &in->shape, "a rule");
  needs_time(c, name.span, &in->shape, "a rule");
  Env env = env_pipe(c, d->span.file, &in->shape, name.name);
  check_key_columns(&env, &on->by, "a rule");
}

static void check_inputs(Compiler *c, Decl *d)
{
  bool keyed = d->u.rule.by.n > 0;
  if (!d->u.rule.on.n) {
    Diag *diag = diag_error(c, d->name.span, D_RULE, "the rule `%s` does not say which stream it watches",
                            d->name.name);
    diag_hint(c, diag, "add on payments by user");
  }
  for (int i = 0; i < d->u.rule.ons.n; i++) {
    RuleOn *on = &d->u.rule.ons.v[i];
    if (i && (on->by.n > 0) != keyed)
      diag_error(c, on->span, D_RULE, "all streams of a rule have a key, or none");
    else if (i && on->by.n != d->u.rule.by.n)
      diag_error(c, on->span, D_RULE, "the keys of a rule's streams have the same number of columns");
    for (int k = 0; k < on->streams.n; k++)
      check_stream_of(c, d, on, on->streams.v[k]);
  }
  if (d->u.rule.on.n > 1 && !d->u.rule.has_match) {
    Diag *diag = diag_error(c, d->name.span, D_RULE,
                            "a rule over several streams says how their rows follow each other");
    diag_hint(c, diag, "match a: %s then b: %s within 5m; or watch one stream made by `union`",
              d->u.rule.on.v[0].name, d->u.rule.on.v[1].name);
  }
}

/* ---- scopes ---- */

static Type *key_record(Compiler *c, Decl *d, Env *event)
{
  VEC(TypeField) fields = { 0 };
  for (int i = 0; i < d->u.rule.by.n; i++) {
    Path *p = &d->u.rule.by.v[i];
    Name name = p->parts.v[p->parts.n - 1].name;
    const TypeField *f = event->rows.n && event->rows.v[0].type->kind == T_REC
        ? type_field(event->rows.v[0].type, p->parts.v[0].name) : 0;
    Type *t = f && p->parts.n == 1 ? f->type : t_error(c);
    vec_push(c->arena, &fields, field_named(name, t, p->span));
  }
  return fields.n ? type_rec(c->types, 0, fields.v, fields.n, false) : 0;
}

static void rule_permissions(Env *env, Decl *d)
{
  env->by = &d->u.rule.by;
  env->reader = d;
}

static Env event_scope(Compiler *c, Decl *d)
{
  Env env = env_new(c, d->span.file);
  Decl *in = d->u.rule.inputs.n ? d->u.rule.inputs.v[0] : 0;
  Name name = d->u.rule.as.name ? d->u.rule.as.name : in ? in->name.name : 0;
  rule_permissions(&env, d);
  if (in)
    env.shape = &in->shape;
  env_row(&env, name, in ? in->type : t_error(c), in, true);
  return env;
}

static bool per_event(const WindowSpec *w) { return w->row && w->row->klass == WC_PER_EVENT; }

static Env window_scope(Compiler *c, Decl *d, Env *event)
{
  WindowSpec *w = d->u.rule.over;
  const Shape *s = d->u.rule.inputs.n ? &d->u.rule.inputs.v[0]->shape : 0;
  Env env = *event;
  bool ok = check_window(c, w, event);
  if (ok && s && !spec_of_window(w)->processing)
    needs_time(c, w->span, s, "a window");
  env.aggregates = env.over_rows = env.window_ok = true;
  if (!ok || per_event(w))
    return env;
  Env closed = env_new(c, d->span.file);
  Type *key = key_record(c, d, event);
  rule_permissions(&closed, d);
  closed.aggregates = closed.over_rows = closed.window_ok = true;
  closed.within = event;
  env_row(&closed, 0, key ? key : type_rec(c->types, 0, 0, 0, false), 0, true);
  return closed;
}

static Env match_scope(Compiler *c, Decl *d, Env *event)
{
  Env env = env_new(c, d->span.file);
  PatternClause *m = &d->u.rule.match;
  rule_permissions(&env, d);
  check_pattern(c, d->span.file, m, &d->u.rule.on, 0, &env);
  Type *key = key_record(c, d, event);
  if (key)
    env_row(&env, 0, key, 0, true);
  env.aggregates = env.over_rows = true;
  if (d->u.rule.over)
    diag_error(c, d->u.rule.over->span, D_RULE, "a rule has a window or a pattern, not both");
  return env;
}

/* ---- what it does ---- */

static void check_lets(Compiler *c, Decl *d, Env *env)
{
  for (int i = 0; i < d->u.rule.lets.n; i++) {
    RuleLet *let = &d->u.rule.lets.v[i];
    Local *l = arena_alloc(c->arena, sizeof *l);
    Type *t = check_expr(env, let->value);
    for (int k = 0; k < env->locals.n; k++)
      if (env->locals.v[k]->name == let->name.name) {
        Diag *diag = diag_error(c, let->name.span, D_DUPLICATE, "`%s` is there already", let->name.name);
        diag_note(c, diag, env->locals.v[k]->span, "first here");
      }
    *l = (Local){ .name = let->name.name, .type = t, .span = let->name.span, .id = i, .value = let->value };
    vec_push(c->arena, &env->locals, l);
  }
}

void check_emit(Env *env, RuleEmit *e)
{
  Compiler *c = env->c;
  Decl *to = scope_find(c, env->file, e->to.name);
  if (!to) {
    Diag *diag = diag_error(c, e->to.span, D_UNKNOWN_STREAM, "there is no stream `%s`", e->to.name);
    Guess g = guess_for(e->to.name);
    guess_decls(c, &g, env->file, 1u << DECL_STREAM);
    if (!guess_hint(c, diag, &g))
      diag_hint(c, diag, "declare what it carries: stream %s: { user string, reason string }", e->to.name);
  } else if (to->kind != DECL_STREAM || !to->u.stream.type) {
    Diag *diag = diag_error(c, e->to.span, D_EMIT_TARGET,
                            "`%s` is %s; rules emit into a stream declared with a type", to->name.name,
                            to->kind == DECL_STREAM ? "made by a pipe" : decl_word(to));
    diag_note(c, diag, to->name.span, "declared here");
  } else {
    check_decl(c, to);
    if (to->type && to->type->kind == T_REC) {
      check_record_as(env, e->record, to->type, arena_printf(c->arena, "`%s`", to->name.name));
      return;
    }
  }
  check_expr(env, e->record);
}

static void check_limit(Compiler *c, Decl *d, Env *event)
{
  int64_t n;
  if (!d->u.rule.limit_n)
    return;
  Env env = env_const(c, d->span.file, "a limit");
  Type *t = check_as(&env, d->u.rule.limit_n, t_int(c, false), "a limit");
  if (!is_error(t) && const_int(d->u.rule.limit_n, &n) && n < 1) {
    Diag *diag = diag_error(c, d->u.rule.limit_n->span, D_LIMIT, "a limit of %lld lets nothing through",
                            (long long)n);
    diag_hint(c, diag, "to judge without sending, write mode shadow");
  }
  check_duration(c, d->u.rule.limit_every, d->span.file, "`every`", false);
  check_key_columns(event, &d->u.rule.limit_per, "a limit");
}

static void check_words(Compiler *c, Decl *d)
{
  Ident mode = d->u.rule.mode;
  check_order_word(c, d->u.rule.order);
  if (!mode.name || strcmp(mode.name, "shadow") == 0)
    return;
  Diag *diag = diag_error(c, mode.span, D_UNKNOWN_WORD,
                          "the mode is `shadow` (judge and count, send nothing), not `%s`", mode.name);
  Guess g = guess_for(mode.name);
  guess_offer(&g, "shadow");
  guess_hint(c, diag, &g);
}

static void check_parts(Compiler *c, Decl *d)
{
  if (!d->u.rule.when.n && !d->u.rule.has_match) {
    Diag *diag = diag_error(c, d->name.span, D_RULE, "the rule `%s` does not say when it fires",
                            d->name.name);
    diag_hint(c, diag, "add when amount > 100.00, or a pattern: match a then b within 5m");
  }
  if (!d->u.rule.emits.n) {
    Diag *diag = diag_error(c, d->name.span, D_RULE, "the rule `%s` does nothing when it fires",
                            d->name.name);
    diag_hint(c, diag, "add emit alerts { user, reason: \"%s\" }", d->name.name);
  }
}

void check_rule(Compiler *c, Decl *d)
{
  check_inputs(c, d);
  check_parts(c, d);
  check_words(c, d);
  Env event = event_scope(c, d);
  Env env = d->u.rule.has_match ? match_scope(c, d, &event) : d->u.rule.over ? window_scope(c, d,
      &event) : event;
  check_lets(c, d, &env);
  for (int i = 0; i < d->u.rule.when.n; i++) {
    check_condition(&env, d->u.rule.when.v[i], "`when`");
    if (d->u.rule.over && d->u.rule.over->row && !per_event(d->u.rule.over))
      warn_low_count(c, d->u.rule.when.v[i], 0);
  }
  for (int i = 0; i < d->u.rule.emits.n; i++)
    check_emit(&env, &d->u.rule.emits.v[i]);
  check_limit(c, d, &event);
}
