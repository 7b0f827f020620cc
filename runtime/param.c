/* param.c -- parameters: defaults, --set name=value, checks, and changes while the run goes on.
 *
 * A change is all or nothing: every text is read first, then all values stand while every check is
 * asked, since a check may name other parameters; a refusal puts the old ones back. What values point
 * to (text, elements of lists) is kept until the end of the run: cells and waiting rows may hold it.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "keyed.h"
#include "run.h"
#include "weir/agg/value.h"

typedef struct wr_held { struct wr_held *next; agg_val value; } wr_held;
typedef struct Change { wr_i32 param; wr_slot value; } Change;

static bool __attribute__((format(printf, 3, 4))) refuse(wr_refusal *no, const char *hint, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(no->what, sizeof no->what, fmt, ap);
  va_end(ap);
  snprintf(no->hint, sizeof no->hint, "%s", hint);
  return false;
}

/* ---- reading an assignment ---- */

static wr_i32 find(const wr_program *p, wr_str name)
{
  for (wr_i32 i = 0; i < p->nparam; i++)
    if (strlen(p->param[i].name) == name.len && memcmp(p->param[i].name, name.p, name.len) == 0) return i;
  return -1;
}

enum { SHOWN = 200 };                     /* bytes of a text that a message repeats */
static int shown(wr_str s) { return s.len < SHOWN ? (int)s.len : SHOWN; }

static bool value_of(wr_state *s, const wr_param *p, wr_str text, wr_slot *v, wr_refusal *no)
{
  const wr_type *type = p->type;
  bool at = type->kind == WR_TS_ && text.len && text.p[0] == '@';   /* @2026-01-31, as a program writes it */
  bool fine = true;
  if (at) text.p++, text.len--;
  if (type->kind == WR_STR) {
    fine = wr_utf8_valid(text.p, text.len) && !memchr(text.p, 0, text.len);
    *v = wr_str_slot(text, 0);
  } else if (type->nullable && text.len == 4 && memcmp(text.p, "null", 4) == 0) {
    *v = wr_i64_slot(0, WR_NULL);
  } else {
    fine = wr_parse_value(&s->ctx, type, text, v) == 0;
  }
  if (fine) return true;
  return refuse(no, "", "parameter %s: %.*s is not a value of its type", p->name, shown(text), text.p);
}

static bool assignment(wr_state *s, wr_str text, Change *c, wr_refusal *no)
{
  const char *eq = text.len ? memchr(text.p, '=', text.len) : NULL;
  if (!eq) return refuse(no, "write name=value", "parameter %.*s is given no value", shown(text), text.p);
  wr_str name = { text.p, (wr_u32)(eq - text.p), 0 }, value = { eq + 1, text.len - name.len - 1, 0 };
  c->param = find(s->prog, name);
  if (c->param < 0)
    return refuse(no, s->prog->nparam ? "--help shows the program's parameters, and while it runs weir get does"
                                      : "the program has no parameters",
                  "there is no parameter %.*s", shown(name), name.p);
  return value_of(s, &s->prog->param[c->param], value, &c->value, no);
}

static bool accepted(wr_state *s, wr_i32 i, wr_slot v, wr_str text, wr_refusal *no)
{
  const wr_param *p = &s->prog->param[i];
  if (!p->check || p->check(&s->ctx, &v)) return true;
  return refuse(no, "", "parameter %s: %.*s is refused by its check: %s", p->name, shown(text), text.p, p->doc);
}

/* ---- at the start ---- */

static wr_str str_of(const char *z) { return (wr_str){ z, (wr_u32)strlen(z), 0 }; }

static bool start_with(wr_state *s, const char *text, wr_refusal *no)
{
  Change c;
  if (!assignment(s, str_of(text), &c, no) || !accepted(s, c.param, c.value, str_of(strchr(text, '=') + 1), no))
    return false;
  s->param[c.param] = c.value;
  return true;
}

bool wr_param_given(const wr_state *s, wr_i32 i)
{
  size_t n = strlen(s->prog->param[i].name);
  for (int k = 0; k < s->opt.nset; k++)
    if (strncmp(s->opt.set[k], s->prog->param[i].name, n) == 0 && s->opt.set[k][n] == '=') return true;
  return false;
}

static bool checked(wr_state *s, wr_refusal *no)
{
  for (int k = 0; k < s->opt.nset; k++)
    if (!start_with(s, s->opt.set[k], no)) return false;
  wr_str what = str_of(s->opt.trial ? "its value" : "the default");
  for (wr_i32 i = 0; i < s->prog->nparam; i++)
    if (!wr_param_given(s, i) && !accepted(s, i, s->param[i], what, no)) return false;
  return true;
}

bool wr_params_init(wr_state *s)
{
  const wr_program *p = s->prog;
  wr_refusal no;
  s->param = calloc((size_t)p->nparam + 1, sizeof *s->param);
  s->ctx.param = s->param;
  for (wr_i32 i = 0; i < p->nparam; i++) {
    s->param[i] = p->param[i].dflt;
    if (p->param[i].init && p->param[i].init(&s->ctx, &s->param[i]) != 0 && !wr_param_given(s, i)) {
      wr_error(&s->ctx, WR_EXIT_CONFIG, "does an environment variable that env() reads exist?",
               "the default of parameter %s cannot be computed", p->param[i].name);
      return false;
    }
  }
  if (checked(s, &no)) return true;
  wr_error(&s->ctx, WR_EXIT_USAGE, no.hint, "%s", no.what);
  return false;
}

void wr_params_free(wr_state *s)
{
  for (size_t i = 0; i < s->ndecision; i++) {
    free(s->decision[i].old_text);
    free(s->decision[i].new_text);
  }
  for (wr_held *h = s->held, *next; h; h = next) {
    next = h->next;
    agg_val_drop(&s->ctx, &h->value);
    free(h);
  }
  free(s->decision);
  free(s->param);
}

/* ---- while running ---- */

wr_str wr_param_text(wr_state *s, wr_i32 i, wr_slot v)
{
  const wr_type *type = s->prog->param[i].type;
  wr_str text;
  if (v.st) return str_of("null");
  if (type->kind == WR_STR || wr_print_value(&s->ctx, type, v, &text) != 0) return wr_slot_str(v);
  return text;
}

static char *copied(wr_str text)
{
  char *p = strndup(text.len ? text.p : "", text.len);
  if (!p) abort();
  return p;
}

/* The value with what it points to copied. */
static wr_slot held(wr_state *s, const wr_type *type, wr_slot v)
{
  if (v.st || !(agg_is_text(type) || agg_is_nested(type))) return v;
  if (!v.len) return wr_str_slot(str_of(""), 0);
  wr_held *h = calloc(1, sizeof *h);
  if (!h) abort();
  h->next = s->held;
  s->held = h;
  agg_val_set(&s->ctx, type, &h->value, v);
  return agg_val_slot(&h->value);
}

static void tell(wr_state *s, const wr_decision *d, const char *by)
{
  wr_buf t = { 0 };
  char at[48];
  at[wr_print_ts(at, d->ts)] = 0;
  wr_json_quote(&t, d->old_text, strlen(d->old_text));
  wr_buf_add(&t, " -> ", 4);
  wr_json_quote(&t, d->new_text, strlen(d->new_text));
  const char *below = s->opt.progress && s->shown ? "\n" : "";   /* the line of progress */
  fprintf(s->opt.log, "%sweir: %s parameter %s: %.*s%s\n", below, at, d->name, (int)t.n, t.p, by);
  fflush(s->opt.log);
  wr_buf_free(&t);
}

static void decide(wr_state *s, const Change *c, const char *by)
{
  const wr_param *p = &s->prog->param[c->param];
  wr_decision *more = realloc(s->decision, (s->ndecision + 1) * sizeof *more);
  if (!more) abort();
  s->decision = more;
  wr_decision *d = &more[s->ndecision++];
  d->ts = wr_clock_now(&s->ctx);
  d->name = p->name;
  d->old_text = copied(wr_param_text(s, c->param, s->param[c->param]));
  d->new_text = copied(wr_param_text(s, c->param, c->value));
  wr_slot was = s->param[c->param];
  s->param[c->param] = held(s, p->type, c->value);
  wr_decide_param(s, c->param, was);
  tell(s, d, by);
}

static bool may_change(wr_state *s, const Change *c, wr_i32 n, wr_refusal *no)
{
  const wr_param *p = &s->prog->param[c[n].param];
  if (p->structural) {
    char hint[200];
    snprintf(hint, sizeof hint, "start the program anew with --set %.100s=...", p->name);
    return refuse(no, hint, "parameter %s is fixed at start: a window's size, a source's option or another part of the "
                  "program's structure depends on it", p->name);
  }
  for (wr_i32 i = 0; i < n; i++)
    if (c[i].param == c[n].param) return refuse(no, "", "parameter %s is set twice", p->name);
  return true;
}

/* Every check, with the new values in place of the old ones. */
static bool checks_pass(wr_state *s, const Change *c, wr_i32 n, wr_refusal *no)
{
  size_t size = ((size_t)s->prog->nparam + 1) * sizeof *s->param;
  wr_slot *old = wr_alloc(&s->ctx, (wr_u32)size);
  bool fine = true;
  memcpy(old, s->param, size);
  for (wr_i32 i = 0; i < n; i++) s->param[c[i].param] = c[i].value;
  for (wr_i32 i = 0; fine && i < s->prog->nparam; i++)
    fine = accepted(s, i, s->param[i], wr_param_text(s, i, s->param[i]), no);
  memcpy(s->param, old, size);
  return fine;
}

bool wr_params_set(wr_state *s, const wr_str *text, wr_i32 n, const char *by, wr_refusal *no)
{
  Change *c = wr_alloc(&s->ctx, (wr_u32)n * (wr_u32)sizeof *c);
  for (wr_i32 i = 0; i < n; i++)
    if (!assignment(s, text[i], &c[i], no) || !may_change(s, c, i, no)) return false;
  if (!checks_pass(s, c, n, no)) return false;
  for (wr_i32 i = 0; i < n; i++) decide(s, &c[i], by);
  for (wr_i32 i = 0; i < s->prog->nstore; i++) wr_stored_renew(&s->ctx, s->store[i]);
  return true;
}
