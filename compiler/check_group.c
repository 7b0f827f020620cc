/* check_group.c -- `group by`: keys, window, aggregates, what the result is and what bounds its state. */
#include <string.h>
#include "check.h"

static void check_key(PipeEnv *p, Env *env, Item *it)
{
  Compiler *c = p->c;
  if (it->star || !it->value) {
    diag_error(c, it->span, D_ITEM, "a key is one column or expression");
    it->star = false;
    it->value = expr_new(c, EXPR_LITERAL, it->span);
    it->value->type = t_error(c);
    return;
  }
  Type *t = check_expr(env, it->value);
  bool window = it->value->kind == EXPR_PATH && it->value->u.path.ref.kind == REF_WINDOW;
  if (is_error(t) || window || (t->props & TP_KEY))
    return;
  Diag *d = diag_error(c, it->span, D_KEY_TYPE, "%s cannot be a key", t->kind == T_NULL ? "null"
                       : type_text(c, t));
  if (t->kind == T_REC)
    diag_hint(c, d, "name the fields that are meant: %s.%s", text_of(c, it->span), t->fields.n
              ? t->fields.v[0].name : "x");
  if (t->kind == T_JSON)
    diag_hint(c, d, "string(%s)", text_of(c, it->span));
}

/* By the property `window` the group closes with its input's window. */
static bool window_key(const Expr *e)
{
  return e && e->kind == EXPR_PATH && e->u.path.ref.kind == REF_WINDOW && e->u.path.ref.column == 2;
}

static bool keyed_by_window(const Step *s)
{
  for (int i = 0; i < s->u.group.keys.n; i++)
    if (window_key(s->u.group.keys.v[i].value))
      return true;
  return false;
}

/* Grouped by the property `window`, rows stay in the windows that they came with. */
static void own_window(PipeEnv *p, Step *s)
{
  if (s->u.group.over || !p->shape.windowed || !keyed_by_window(s))
    return;
  WindowSpec *w = arena_alloc(p->c->arena, sizeof *w);
  w->row = win_own();
  w->span = s->span;
  s->u.group.over = w;
}

static void check_keys(PipeEnv *p, Step *s)
{
  Env env = pipe_env(p);
  Items *keys = &s->u.group.keys;
  for (int i = 0; i < keys->n; i++) {
    check_key(p, &env, &keys->v[i]);
    for (int k = 0; k < i; k++)
      if (keys->v[k].name.name && keys->v[k].name.name == keys->v[i].name.name) {
        Diag *d = diag_error(p->c, keys->v[i].span, D_DUPLICATE_FIELD, "two keys are called `%s`",
                             keys->v[i].name.name);
        diag_hint(p->c, d, "name one of them: other_%s: %s", keys->v[i].name.name,
                  text_of(p->c, keys->v[i].value->span));
      }
  }
}

static void check_over(PipeEnv *p, Step *s)
{
  Env env = pipe_env(p);
  WindowSpec *w = s->u.group.over;
  if (!check_window(p->c, w, &env))
    return;
  const WindowSpec *spec = spec_of_window(w);
  const char *what = arena_printf(p->c->arena, "a %s window", w->row->name);
  if (!spec->processing)
    needs_time(p->c, w->span, &p->shape, what);
  not_updating(p->c, w->span, &p->shape, what);
}

/* emit on close | change, emit every d */
static void check_emission(PipeEnv *p, Step *s)
{
  Compiler *c = p->c;
  if (s->u.group.emit == EMIT_EVERY)
    check_duration(c, s->u.group.emit_every, p->file, "`emit every`", false);
  if (s->u.group.emit != EMIT_ON)
    return;
  Ident on = s->u.group.emit_on;
  bool close = strcmp(on.name, "close") == 0;
  if (!close && strcmp(on.name, "change") != 0) {
    Diag *d = diag_error(c, on.span, D_UNKNOWN_WORD,
                         "results are emitted on `close` or on `change`, not on `%s`", on.name);
    Guess g = guess_for(on.name);
    guess_offer(&g, "close");
    guess_offer(&g, "change");
    guess_hint(c, d, &g);
  } else if (close && !s->u.group.over) {
    diag_error(c, s->u.group.emit_span, D_EMIT, "without a window there is no close to emit on");
  }
}

static void check_bounds(PipeEnv *p, Step *s)
{
  Compiler *c = p->c;
  if (s->u.group.allow) {
    check_duration(c, s->u.group.allow, p->file, "`allow`", true);
    if (!s->u.group.over)
      diag_error(c, s->u.group.allow_span, D_EMIT, "`allow` keeps a window open, and there is none");
  }
  if (s->u.group.keep) {
    check_keep(c, s->u.group.keep, p->file);
    if (s->u.group.over)
      diag_error(c, s->u.group.keep_span, D_EMIT, "a window bounds the state already: `keep` has no use");
    return;
  }
  if (s->u.group.over || keyed_by_window(s))
    return;
  p->unbounded = true;
  Diag *d = diag_error(c, s->span, D_UNBOUNDED, "every key would be kept for ever: state needs a bound");
  diag_hint(c, d,
            "add a window (`over tumbling 1h`), a time since the last row (`keep 30d`) or say `keep all`");
}

static bool emits_early(const Step *s)
{
  return s->u.group.emit == EMIT_EVERY || (s->u.group.emit == EMIT_ON &&
                                           strcmp(s->u.group.emit_on.name, "change") == 0);
}

static void result_shape(PipeEnv *p, Step *s, Type *row)
{
  const WindowSpec *w = s->u.group.over ? spec_of_window(s->u.group.over) : 0;
  Shape out = { .row = row, .exact = p->shape.exact && !(w && w->processing) };
  bool window = w || keyed_by_window(s);
  out.windowed = window;
  out.window = w ? s->u.group.over : window ? p->shape.window : 0;
  out.has_time = window || p->shape.has_time;
  out.updating = !window || s->u.group.allow || emits_early(s) || (!w && p->shape.updating);
  if (out.updating)
    out.updating_why = s->u.group.allow ? s->u.group.allow_span : emits_early(s) ? s->u.group.emit_span
        : s->span;
  p->shape = out;
}

/* The result's columns that are keys, by the names they have there. */
static void result_key(PipeEnv *p, const Step *s)
{
  const Items *items = &s->u.group.record->u.rec.items;
  p->key.n = 0;
  for (int i = 0; i < items->n; i++)
    if (items->v[i].value && items->v[i].value->kind == EXPR_PATH &&
        items->v[i].value->u.path.ref.kind == REF_KEY)
      vec_push(p->c->arena, &p->key, items->v[i].name.name);
}

void check_group(PipeEnv *p, Step *s)
{
  check_keys(p, s);
  bool written = s->u.group.over != 0;
  if (written && keyed_by_window(s))
    diag_error(p->c, s->u.group.over->span, D_EMIT,
               "the rows have a window already, by which they are grouped: `over` has no use");
  own_window(p, s);
  if (written)
    check_over(p, s);
  check_emission(p, s);
  check_bounds(p, s);
  Env env = pipe_env(p);
  env.group = s;
  env.aggregates = true;
  env.over_rows = true;
  env.window_ok = s->u.group.over || keyed_by_window(s);
  Type *row = check_expr(&env, s->u.group.record);
  result_shape(p, s, row);
  result_key(p, s);
  p->row = (Row){ .name = 0, .type = row, .bare = true };
  p->last_group = s;
}
