/* check_env.c -- environments of expressions, and the small questions that every check_*.c asks. */
#include <string.h>
#include "check.h"

enum { SHOWN_TEXT = 48 };

Env env_new(Compiler *c, uint32_t file) { return (Env){ .c = c, .file = file }; }

Env env_const(Compiler *c, uint32_t file, const char *place)
{
  return (Env){ .c = c, .file = file, .place = place, .config = true };
}

Row *env_row(Env *env, Name name, Type *type, Decl *decl, bool bare)
{
  Row r = { .name = name, .type = type, .decl = decl, .bare = bare };
  vec_push(env->c->arena, &env->rows, r);
  return &env->rows.v[env->rows.n - 1];
}

Env env_pipe(Compiler *c, uint32_t file, const Shape *s, Name qualifier)
{
  Env env = env_new(c, file);
  env.shape = s;
  env.window_ok = s->windowed;
  env_row(&env, qualifier, s->row, s->origin, true);
  return env;
}

Type *t_bool(Compiler *c, bool nullable) { return type_scalar(c->types, T_BOOL, nullable); }
Type *t_int(Compiler *c, bool nullable) { return type_scalar(c->types, T_INT, nullable); }
Type *t_float(Compiler *c, bool nullable) { return type_scalar(c->types, T_FLOAT, nullable); }
Type *t_str(Compiler *c, bool nullable) { return type_scalar(c->types, T_STR, nullable); }
Type *t_dur(Compiler *c, bool nullable) { return type_scalar(c->types, T_DUR, nullable); }
Type *t_ts(Compiler *c, bool nullable) { return type_scalar(c->types, T_TS, nullable); }
Type *t_error(Compiler *c) { return type_error(c->types); }
bool is_error(const Type *t) { return t->kind == T_ERROR; }
bool is_number(const Type *t) { return (t->props & TP_NUMBER) != 0; }

TypeField field_named(Name name, Type *type, Span span)
{
  return (TypeField){ .name = name, .type = type, .from = name, .span = span };
}

Shape shape_error(Compiler *c)
{
  return (Shape){ .row = t_error(c), .has_time = true, .exact = true };
}

/* ---- texts for messages ---- */

const char *text_of(Compiler *c, Span s)
{
  if ((int)s.file >= c->sources.n || s.to < s.from)
    return "";
  size_t n = s.to - s.from;
  bool cut = n > SHOWN_TEXT;
  char *t = arena_text(c->arena, c->sources.v[s.file]->text + s.from, cut ? SHOWN_TEXT : n);
  for (char *p = t; *p; p++)
    if ((unsigned char)*p < ' ')
      *p = ' ';
  for (size_t i = strlen(t); cut && i > 0 && ((unsigned char)t[i - 1] & 0xc0) == 0x80; i--)
    t[i - 1] = 0;                         /* not in the middle of a code point */
  return cut ? arena_printf(c->arena, "%s...", t) : t;
}

const char *path_text(Compiler *c, const Path *p)
{
  const char *s = p->parts.n ? p->parts.v[0].name : "";
  for (int i = 1; i < p->parts.n; i++)
    s = arena_printf(c->arena, "%s.%s", s, p->parts.v[i].name);
  return s;
}

const char *decl_word(const Decl *d)
{
  switch (d->kind) {
  case DECL_TYPE: return "a type";
  case DECL_SOURCE: return "a source";
  case DECL_TABLE: return "a table";
  case DECL_STREAM: return "a stream";
  case DECL_WINDOW: return "a window";
  case DECL_STATE: return "a state";
  case DECL_RULE: return "a rule";
  case DECL_SINK: return "a sink";
  case DECL_PARAM: return "a param";
  case DECL_FN: return "a function";
  case DECL_ERRORS: return "`errors to`";
  case DECL_IMPORT: return "an import";
  case DECL_TEST: return "a test";
  case DECL_FEED: return d->u.feed.kind == WR_FEED_LATE ? "a stream of late rows" : "a stream of bad rows";
  }
  return "a declaration";
}

/* ---- constants ---- */

bool const_int(const Expr *e, int64_t *out)
{
  int64_t a, b;
  if (e->kind == EXPR_LITERAL) {
    LitKind k = e->u.lit.kind;
    *out = e->u.lit.i;
    return k == LIT_INT || k == LIT_DUR || k == LIT_DEC || k == LIT_SIZE || k == LIT_TS;
  }
  if (e->kind == EXPR_PATH && e->u.path.ref.kind == REF_PARAM)
    return e->u.path.ref.decl->u.param.value && const_int(e->u.path.ref.decl->u.param.value, out);
  if (e->kind == EXPR_UNARY && e->u.op.op == OP_NEG)
    return const_int(e->u.op.a, &a) && !__builtin_sub_overflow((int64_t)0, a, out);
  if (e->kind != EXPR_BINARY || !e->type || (e->type->kind != T_INT && e->type->kind != T_DUR) ||
      !const_int(e->u.op.a, &a) || !const_int(e->u.op.b, &b))
    return false;
  if (e->u.op.op == OP_ADD)
    return !__builtin_add_overflow(a, b, out);
  if (e->u.op.op == OP_SUB)
    return !__builtin_sub_overflow(a, b, out);
  return e->u.op.op == OP_MUL && !__builtin_mul_overflow(a, b, out);
}

const char *const_str(const Expr *e, size_t *n)
{
  if (e->kind == EXPR_PATH && e->u.path.ref.kind == REF_PARAM && e->u.path.ref.decl->u.param.value)
    return const_str(e->u.path.ref.decl->u.param.value, n);
  if (e->kind != EXPR_LITERAL || e->u.lit.kind != LIT_STR)
    return 0;
  *n = e->u.lit.n;
  return e->u.lit.s;
}

/* ---- structural equality ---- */

static bool path_same(const Expr *a, const Expr *b)
{
  const Ref *r = &a->u.path.ref, *s = &b->u.path.ref;
  const Idents *p = (const Idents *)&a->u.path.path.parts, *q = (const Idents *)&b->u.path.path.parts;
  if (r->kind != s->kind || r->input != s->input || r->column != s->column || r->decl != s->decl ||
      r->local != s->local || p->n - r->used != q->n - s->used)
    return false;
  for (int i = 0; i < p->n - r->used; i++)
    if (p->v[r->used + i].name != q->v[s->used + i].name)
      return false;
  return r->kind != REF_NONE;
}

static bool literal_same(const Expr *a, const Expr *b)
{
  if (a->u.lit.kind != b->u.lit.kind || a->u.lit.i != b->u.lit.i || a->u.lit.scale != b->u.lit.scale ||
      a->u.lit.n != b->u.lit.n)
    return false;
  if (a->u.lit.kind == LIT_FLOAT)
    return a->u.lit.f == b->u.lit.f;
  bool text = a->u.lit.kind == LIT_STR || a->u.lit.kind == LIT_REGEX;
  return !text || (memcmp(a->u.lit.s, b->u.lit.s, a->u.lit.n) == 0 &&
                   strcmp(a->u.lit.flags ? a->u.lit.flags : "", b->u.lit.flags ? b->u.lit.flags : "") == 0);
}

static bool same(const Expr *a, const Expr *b)
{
  return a == b || (a && b && expr_same(a, b));
}

static bool call_same(const Expr *a, const Expr *b)
{
  if (a->u.call.kind != b->u.call.kind || a->u.call.fn != b->u.call.fn || a->u.call.agg != b->u.call.agg ||
      a->u.call.form != b->u.call.form || a->u.call.decl != b->u.call.decl || a->type != b->type ||
      a->u.call.args.n != b->u.call.args.n || !same(a->u.call.where, b->u.call.where))
    return false;
  for (int i = 0; i < a->u.call.args.n; i++) {
    const Arg *x = &a->u.call.args.v[i], *y = &b->u.call.args.v[i];
    if (x->name.name != y->name.name || x->distinct != y->distinct || !same(x->value, y->value))
      return false;
  }
  return a->u.call.kind != CALL_NONE;
}

static bool case_same(const Expr *a, const Expr *b)
{
  if (!same(a->u.kase.value, b->u.kase.value) || !same(a->u.kase.other, b->u.kase.other) ||
      a->u.kase.when.n != b->u.kase.when.n)
    return false;
  for (int i = 0; i < a->u.kase.when.n; i++)
    if (!same(a->u.kase.when.v[i], b->u.kase.when.v[i]) || !same(a->u.kase.then.v[i], b->u.kase.then.v[i]))
      return false;
  return true;
}

static bool in_same(const Expr *a, const Expr *b)
{
  if (a->u.in.negated != b->u.in.negated || !same(a->u.in.a, b->u.in.a) || !same(a->u.in.set, b->u.in.set) ||
      a->u.in.items.n != b->u.in.items.n)
    return false;
  for (int i = 0; i < a->u.in.items.n; i++)
    if (!same(a->u.in.items.v[i], b->u.in.items.v[i]))
      return false;
  return true;
}

bool expr_same(const Expr *a, const Expr *b)
{
  if (a->kind != b->kind || a->as != b->as)
    return false;
  switch (a->kind) {
  case EXPR_LITERAL: return literal_same(a, b);
  case EXPR_PATH: return path_same(a, b);
  case EXPR_CALL: return call_same(a, b);
  case EXPR_UNARY: return a->u.op.op == b->u.op.op && same(a->u.op.a, b->u.op.a);
  case EXPR_BINARY:
    return a->u.op.op == b->u.op.op && same(a->u.op.a, b->u.op.a) && same(a->u.op.b, b->u.op.b);
  case EXPR_IN: return in_same(a, b);
  case EXPR_BETWEEN: case EXPR_LIKE: case EXPR_MATCHES: case EXPR_IS_NULL: case EXPR_IS_DISTINCT:
  case EXPR_INDEX:
    return a->u.tri.negated == b->u.tri.negated && same(a->u.tri.a, b->u.tri.a) &&
           same(a->u.tri.b, b->u.tri.b) && same(a->u.tri.c, b->u.tri.c);
  case EXPR_CASE: return case_same(a, b);
  case EXPR_FIELD: return a->u.field.name.name == b->u.field.name.name && same(a->u.field.a, b->u.field.a);
  case EXPR_RECORD: case EXPR_LIST: return false;  /* rare; computing one twice does no harm */
  }
  return false;
}

/* ---- questions about streams ---- */

void not_updating(Compiler *c, Span at, const Shape *s, const char *what)
{
  if (!s->updating)
    return;
  Diag *d = diag_error(c, at, D_NEEDS_APPEND, "%s needs append-only rows, but these are updated", what);
  if (s->updating_why.to > s->updating_why.from)
    diag_note(c, d, s->updating_why, "this makes the result updating");
  diag_hint(c, d, "the step `changes` turns an updating table into an append-only stream of its changes");
}

static Name first_timestamp(const Type *row)
{
  for (int i = 0; row->kind == T_REC && i < row->fields.n; i++)
    if (row->fields.v[i].type->kind == T_TS)
      return row->fields.v[i].name;
  return 0;
}

bool needs_time(Compiler *c, Span at, const Shape *s, const char *what)
{
  if (s->has_time || is_error(s->row))
    return true;
  Diag *d = diag_error(c, at, D_NO_TIME, "%s needs rows with an event time, and these have none", what);
  if (s->origin) {
    Name field = first_timestamp(s->origin->type ? s->origin->type : s->row);
    diag_note(c, d, s->origin->name.span, "`%s` has no `time` clause", s->origin->name.name);
    diag_hint(c, d, "say which field is the time: `time %s delay 5s`", field ? field : "meta.time");
  }
  return false;
}
