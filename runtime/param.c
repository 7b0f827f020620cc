/* param.c -- parameters: defaults, --set name=value, checks. */
#include "run.h"
#include <stdlib.h>
#include <string.h>

static wr_i32 find(const wr_program *p, const char *name, size_t n)
{
  for (wr_i32 i = 0; i < p->nparam; i++)
    if (strlen(p->param[i].name) == n && memcmp(p->param[i].name, name, n) == 0) return i;
  return -1;
}

static bool accept(wr_state *s, wr_i32 i, wr_slot v, const char *text)
{
  const wr_param *p = &s->prog->param[i];
  if (p->check && !p->check(&s->ctx, &v)) {
    wr_error(&s->ctx, WR_EXIT_USAGE, "", "parameter %s: %s is refused by its check: %s", p->name, text, p->doc);
    return false;
  }
  s->param[i] = v;
  return true;
}

static bool set_one(wr_state *s, const char *text)
{
  const char *eq = strchr(text, '=');
  wr_i32 i = eq ? find(s->prog, text, (size_t)(eq - text)) : -1;
  wr_slot v;

  if (!eq) {
    wr_error(&s->ctx, WR_EXIT_USAGE, "write --set name=value", "--set %s has no value", text);
    return false;
  }
  if (i < 0) {
    wr_error(&s->ctx, WR_EXIT_USAGE,
             s->prog->nparam ? "the program's parameters are shown by --help" : "the program has no parameters",
             "--set: there is no parameter %.*s", (int)(eq - text), text);
    return false;
  }
  const wr_type *type = s->prog->param[i].type;
  bool at = type->kind == WR_TS_ && eq[1] == '@';             /* @2026-01-31, as a program writes it */
  wr_str value = { eq + 1 + at, (wr_u32)strlen(eq + 1 + at), 0 };
  if (type->kind == WR_STR) v = wr_str_slot(value, 0);
  else if (type->nullable && strcmp(value.p, "null") == 0) v = wr_i64_slot(0, WR_NULL);
  else if (wr_parse_value(&s->ctx, type, value, &v) != 0) {
    wr_error(&s->ctx, WR_EXIT_USAGE, "", "parameter %s: %s is not a value of its type", s->prog->param[i].name, eq + 1);
    return false;
  }
  return accept(s, i, v, eq + 1);
}

static bool set_by_user(wr_state *s, wr_i32 i)
{
  size_t n = strlen(s->prog->param[i].name);
  for (int k = 0; k < s->opt.nset; k++)
    if (strncmp(s->opt.set[k], s->prog->param[i].name, n) == 0 && s->opt.set[k][n] == '=') return true;
  return false;
}

bool wr_params_init(wr_state *s)
{
  const wr_program *p = s->prog;
  const char *what = s->opt.trial ? "its value" : "the default";
  s->param = calloc((size_t)p->nparam + 1, sizeof *s->param);
  s->ctx.param = s->param;
  for (wr_i32 i = 0; i < p->nparam; i++) {
    s->param[i] = p->param[i].dflt;
    if (p->param[i].init && p->param[i].init(&s->ctx, &s->param[i]) != 0 && !set_by_user(s, i)) {
      wr_error(&s->ctx, WR_EXIT_CONFIG, "does an environment variable that env() reads exist?",
               "the default of parameter %s cannot be computed", p->param[i].name);
      return false;
    }
  }
  for (int k = 0; k < s->opt.nset; k++)
    if (!set_one(s, s->opt.set[k])) return false;
  for (wr_i32 i = 0; i < p->nparam; i++)
    if (p->param[i].check && !set_by_user(s, i) && !accept(s, i, s->param[i], what)) return false;
  return true;
}
