/* emit_expr.c -- the only place where a C expression is spelled.
 *
 * Convention: emit_expr writes the statements it needs to the current section and returns a Val whose
 * text may be used more than once. Infallible work on values that are never null stays one C
 * expression; everything else gets a temporary with a status. Errors are values: `and`, `or` and
 * `case` decide what is evaluated, and combine statuses as docs/language.md says.
 */
#include <assert.h>
#include <string.h>
#include "emit.h"

static int temp(Emit *e) { return ++e->temp; }
static const char *site(Emit *e, const char *kind, const PExpr *x)
{
  return S(e, "WR_SITE(%s, %d)", kind, plan_site(e->p, e->op ? e->op->id : 0, x->span));
}
static const char *site_no(Emit *e, const PExpr *x)
{
  return S(e, "%d", plan_site(e->p, e->op ? e->op->id : 0, x->span));
}

bool emit_needs_status(const PExpr *x) { return x->fallible || x->type->nullable; }

static const char *zero_of(const Type *t)
{
  switch (t->kind) {
  case T_STR: case T_BYTES: case T_JSON: case T_NULL: case T_ERROR: return "{ 0, 0, 0 }";
  case T_LIST: case T_MAP: return "{ 0, 0, 1 }";
  case T_FLOAT: return "0.0";
  case T_BOOL: case T_INT: case T_DEC: case T_TS: case T_DUR: case T_ENUM: case T_REC: break;
  }
  return "0";
}

/* Is the text a name, a constant or a plain load: cheap to repeat, nothing to hoist? */
static bool atomic(const char *v)
{
  int depth = 0;
  for (const char *p = v; *p; p++) {
    if (*p == '(') depth++;
    if (*p == ' ' || (*p == '(' && p != v)) return false;
  }
  return depth <= 1;
}

static Val hoist(Emit *e, const Type *t, Val a)
{
  if (!atomic(a.v)) {
    int k = temp(e);
    cunit_line(e->u, "const %s t%d = %s;", emit_ctype(t), k, a.v);
    a.v = S(e, "t%d", k);
  }
  if (a.s && !atomic(a.s)) {
    int k = temp(e);
    cunit_line(e->u, "const wr_status s%d = %s;", k, a.s);
    a.s = S(e, "s%d", k);
  }
  return a;
}

/* A fresh temporary: declared now, filled by what follows. */
static Val fresh(Emit *e, const Type *t, const char *status)
{
  int k = temp(e);
  cunit_line(e->u, "%s t%d = %s;", emit_ctype(t), k, zero_of(t));
  if (status) cunit_line(e->u, "wr_status s%d = %s;", k, status);
  Val v = { S(e, "t%d", k), status ? S(e, "s%d", k) : NULL };
  return v;
}

/* The status of operands of a strict operation, 0 when none has one. */
static const char *both(Emit *e, Val a, Val b)
{
  if (!a.s) return b.s;
  if (!b.s) return a.s;
  return S(e, "wr_both(%s, %s)", a.s, b.s);
}

/* ---- a strict operation that may fail: t and s, guarded by the operands' status ---- */

static Val guarded(Emit *e, const PExpr *x, const char *in)
{
  Val v = fresh(e, x->type, in ? in : "0");
  if (in) cunit_open(e->u, "if (%s == 0)", v.s);
  return v;
}

static Val guarded_end(Emit *e, Val v, const char *in)
{
  if (in) cunit_close(e->u, "");
  return v;
}

/* `call` gives a status kind (0, -1 or an error) and fills t through its last argument. */
static Val guarded_call(Emit *e, const PExpr *x, const char *in, const char *call)
{
  Val v = guarded(e, x, in);
  cunit_line(e->u, "%s = %s, &%s);", v.s, call, v.v);
  cunit_line(e->u, "if (%s > 0) %s |= %s << 8;", v.s, v.s, site_no(e, x));
  return guarded_end(e, v, in);
}

/* ---- constants, columns, names ---- */

static Val constant(Emit *e, const PExpr *x)
{
  wr_slot k = x->u.k;
  Val v = { NULL, k.st ? "WR_NULL" : NULL };
  if (k.st && ((x->type->props & TP_TEXT) || x->type->kind == T_NULL)) { v.v = emit_str(e, "", 0); return v; }
  switch (x->type->kind) {
  case T_BOOL: case T_REC: v.v = k.st || !k.u.i ? "0" : "1"; return v;
  case T_INT: case T_DEC: case T_TS: case T_DUR: case T_ENUM:
    v.v = k.st ? "0" : k.u.i == INT64_MIN ? "WR_I64_MIN" : S(e, k.u.i < 0 ? "(%lldLL)" : "%lldLL", (long long)k.u.i);
    return v;
  case T_FLOAT: v.v = k.st ? "0.0" : S(e, k.u.f < 0 ? "(%a)" : "%a", k.u.f); return v;
  case T_STR: case T_BYTES: case T_JSON: case T_NULL: case T_ERROR: v.v = emit_str(e, k.u.p, k.len); return v;
  case T_LIST: case T_MAP: {
    Section was = cunit_to(e->u, SEC_CONSTS);
    const char *slot = emit_slot(e, x->type, k);
    int n = e->consts++;
    cunit_line(e->u, "static const wr_slot k%d = %s;", n, slot);
    cunit_to(e->u, was);
    v.v = S(e, "wr_slot_list(k%d, %d)", n, x->type->kind == T_MAP ? 2 : 1);
    return hoist(e, x->type, v);
  }
  }
  return v;
}

Val emit_from_slot(Emit *e, const Type *t, const char *slot, bool null)
{
  Val v = { NULL, null ? S(e, "%s.st", slot) : NULL };
  switch (t->kind) {
  case T_BOOL: case T_REC: v.v = S(e, "(wr_i32)%s.u.i", slot); return v;
  case T_INT: case T_DEC: case T_TS: case T_DUR: case T_ENUM: v.v = S(e, "%s.u.i", slot); return v;
  case T_FLOAT: v.v = S(e, "%s.u.f", slot); return v;
  case T_STR:
  case T_BYTES:
  case T_JSON:
  case T_NULL:
  case T_ERROR: v.v = S(e, "wr_slot_str(%s)", slot); return hoist(e, t, v);
  case T_LIST: case T_MAP:
    v.v = S(e, "wr_slot_list(%s, %d)", slot, (t->kind == T_MAP) + type_leaf_count(t->elem));
    return hoist(e, t, v);
  }
  return v;
}

const char *emit_to_slot(Emit *e, const Type *t, Val v)
{
  const char *s = v.s ? v.s : "0";
  switch (t->kind) {
  case T_FLOAT: return S(e, "wr_f64_slot(%s, %s)", v.v, s);
  case T_STR: case T_BYTES: case T_JSON: case T_NULL: case T_ERROR: return S(e, "wr_str_slot(%s, %s)", v.v, s);
  case T_LIST: case T_MAP: return S(e, "wr_list_slot(%s, %s)", v.v, s);
  case T_BOOL: case T_INT: case T_DEC: case T_TS: case T_DUR: case T_ENUM: case T_REC: break;
  }
  return S(e, "wr_i64_slot(%s, %s)", v.v, s);
}

static Val param(Emit *e, const PExpr *x)
{
  const char *slot = e->self && x->u.param == e->self_param ? e->self : S(e, "ctx->param[%d]", x->u.param);
  return emit_from_slot(e, x->type, slot, x->type->nullable);
}

static Val variable(Emit *e, const PExpr *x)
{
  for (int i = e->vars.n - 1; i >= 0; i--)
    if (e->vars.v[i].var == x->u.var) return e->vars.v[i].val;
  assert(!"variable not bound");
  return (Val){ "0", NULL };
}

static Val let(Emit *e, const PExpr *x)
{
  EmitVar b = { x->u.var, hoist(e, x->a[0]->type, emit_expr(e, x->a[0])) };
  vec_push(e->a, &e->vars, b);
  Val v = emit_expr(e, x->a[1]);
  e->vars.n--;
  return v;
}

/* ---- arithmetic ---- */

static Val float_arith(Emit *e, const PExpr *x, Val a, Val b)
{
  const char *in = both(e, a, b);
  bool divides = x->u.op == OP_DIV || x->u.op == OP_MOD;
  Val v = guarded(e, x, in);
  if (divides) {
    cunit_line(e->u, "if (%s == 0.0) %s = %s;", b.v, v.s, site(e, "WR_E_DIV_ZERO", x));
    cunit_open(e->u, "else");
  }
  if (x->u.op == OP_MOD) cunit_line(e->u, "%s = wr_f64_fix(wr_f64_mod(%s, %s), &%s);", v.s, a.v, b.v, v.v);
  else cunit_line(e->u, "%s = wr_f64_fix(%s %s %s, &%s);", v.s, a.v, op_text(x->u.op), b.v, v.v);
  cunit_line(e->u, "if (%s) %s |= %s << 8;", v.s, v.s, site_no(e, x));
  if (divides) cunit_close(e->u, "");
  return guarded_end(e, v, in);
}

static Val int_divide(Emit *e, const PExpr *x, Val a, Val b)
{
  const char *in = both(e, a, b);
  Val v = guarded(e, x, in);
  cunit_line(e->u, "if (%s == 0) %s = %s;", b.v, v.s, site(e, "WR_E_DIV_ZERO", x));
  if (x->u.op == OP_MOD) cunit_line(e->u, "else %s = %s == -1 ? 0 : %s %% %s;", v.v, b.v, a.v, b.v);
  else {
    cunit_line(e->u, "else if (%s == WR_I64_MIN && %s == -1) %s = %s;", a.v, b.v, v.s, site(e, "WR_E_OVERFLOW", x));
    cunit_line(e->u, "else %s = %s / %s;", v.v, a.v, b.v);
  }
  return guarded_end(e, v, in);
}

static int dec_scale(const Type *t) { return t->kind == T_DEC ? t->scale : 0; }

static Val arith(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  Val b = hoist(e, x->a[1]->type, emit_expr(e, x->a[1]));
  const char *in = both(e, a, b);

  if (x->type->kind == T_FLOAT) return float_arith(e, x, a, b);
  if (x->u.op == OP_DIV || x->u.op == OP_MOD) return int_divide(e, x, a, b);
  if (x->u.op == OP_MUL && x->type->kind == T_DEC) {
    int sum = dec_scale(x->a[0]->type) + dec_scale(x->a[1]->type);
    return guarded_call(e, x, in, S(e, "wr_dec_mul(%s, %s, %d, %d", a.v, b.v, sum, x->type->scale));
  }
  if (x->u.op == OP_MUL) return guarded_call(e, x, in, S(e, "wr_mul_i64(%s, %s", a.v, b.v));
  Val v = guarded(e, x, in);
  cunit_line(e->u, "if (%s(%s, %s, &%s)) %s = %s;", x->u.op == OP_ADD ? "wr_add_i64" : "wr_sub_i64", a.v, b.v, v.v, v.s,
             site(e, "WR_E_OVERFLOW", x));
  if (x->type->kind == T_TS)
    cunit_line(e->u, "else if (%s < %lldLL || %s > %lldLL) %s = %s;", v.v, TS_LOW, v.v, TS_HIGH, v.s,
               site(e, "WR_E_TIME_RANGE", x));
  return guarded_end(e, v, in);
}

static Val negative(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  if (x->type->kind == T_FLOAT) { a.v = S(e, "(0.0 - %s)", a.v); return a; }
  Val v = guarded(e, x, a.s);
  cunit_line(e->u, "if (wr_sub_i64(0, %s, &%s)) %s = %s;", a.v, v.v, v.s, site(e, "WR_E_OVERFLOW", x));
  return guarded_end(e, v, a.s);
}

/* ---- comparison ---- */

static const char *comparison(Emit *e, const PExpr *x, Op op, const char *a, const char *b)
{
  const Type *t = x->a[0]->type;
  int sa = dec_scale(t), sb = dec_scale(x->a[1]->type);
  bool equality = op == OP_EQ || op == OP_NE;
  const char *c = op == OP_EQ ? "==" : op_text(op);

  if (t->kind == T_LIST) return S(e, "(%swr_list_eq(%s, %s, %s))", op == OP_NE ? "!" : "", emit_type(e, t->elem), a, b);
  if ((t->props & TP_TEXT) && equality) return S(e, "(%swr_str_eq(%s, %s))", op == OP_NE ? "!" : "", a, b);
  if (t->props & TP_TEXT) return S(e, "(wr_str_cmp(%s, %s) %s 0)", a, b, c);
  if (sa != sb) return S(e, "(wr_dec_cmp(%s, %d, %s, %d) %s 0)", a, sa, b, sb, c);
  return S(e, "(%s %s %s)", a, c, b);
}

static Val compare(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  Val b = hoist(e, x->a[1]->type, emit_expr(e, x->a[1]));
  const char *in = both(e, a, b), *c = comparison(e, x, x->u.op, a.v, b.v);
  if (!in) return (Val){ c, NULL };
  Val v = guarded(e, x, in);
  cunit_line(e->u, "%s = %s;", v.v, c);
  return guarded_end(e, v, in);
}

/* Null-safe: two nulls are the same; an error of either is an error. */
static Val distinct(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  Val b = hoist(e, x->a[1]->type, emit_expr(e, x->a[1]));
  if (!both(e, a, b)) return (Val){ comparison(e, x, OP_NE, a.v, b.v), NULL };
  const char *sa = a.s ? a.s : "0", *sb = b.s ? b.s : "0";
  Val v = fresh(e, x->type, S(e, "%s > 0 ? %s : %s > 0 ? %s : 0", sa, sa, sb, sb));
  cunit_line(e->u, "if (%s == 0 && %s == 0) %s = %s;", sa, sb, v.v, comparison(e, x, OP_NE, a.v, b.v));
  cunit_line(e->u, "else %s = %s != %s;", v.v, sa, sb);
  return v;
}

/* ---- and, or ---- */

static Val logic(Emit *e, const PExpr *x)
{
  bool conj = x->kind == PX_AND;
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  size_t mark = cunit_mark(e->u);
  cunit_nest(e->u, 1);
  Val b = emit_expr(e, x->a[1]);
  cunit_nest(e->u, -1);
  const char *stmts = cunit_take(e->u, mark);
  const char *decides = conj ? "!" : "";  /* what a value of this operand settles alone: false, true */

  if (!*stmts && !a.s && !b.s) return (Val){ S(e, "(%s %s %s)", a.v, conj ? "&&" : "||", b.v), NULL };
  Val v = { S(e, "t%d", temp(e)), a.s || b.s ? S(e, "s%d", e->temp) : NULL };
  cunit_line(e->u, "wr_i32 %s = %s;", v.v, a.v);
  if (v.s) cunit_line(e->u, "wr_status %s = %s;", v.s, a.s ? a.s : "0");
  if (a.s && v.s) cunit_open(e->u, "if (!(%s == 0 && %s%s))", v.s, decides, v.v);
  else cunit_open(e->u, "if (%s%s)", conj ? "" : "!", v.v);
  cunit_raw(e->u, stmts);
  if (!v.s) cunit_line(e->u, "%s = %s;", v.v, b.v);
  else if (!a.s) cunit_line(e->u, "%s = %s, %s = %s;", v.v, b.v, v.s, b.s ? b.s : "0");
  else {
    if (b.s)
      cunit_line(e->u, "if ((%s == 0 && %s(%s)) || %s == 0) %s = %s, %s = %s;", b.s, decides, b.v, v.s, v.v, b.v, v.s,
                 b.s);
    else cunit_line(e->u, "if (%s(%s) || %s == 0) %s = %s, %s = 0;", decides, b.v, v.s, v.v, b.v, v.s);
    if (b.s) cunit_line(e->u, "else if (%s < 0 && %s > 0) %s = %s;", v.s, b.s, v.s, b.s);
  }
  cunit_close(e->u, "");
  return v;
}

/* ---- case, coalesce ---- */

static void assign(Emit *e, Val to, const Type *t, const PExpr *from)
{
  (void)t;
  Val v = emit_expr(e, from);
  cunit_line(e->u, "%s = %s;", to.v, v.v);
  if (to.s) cunit_line(e->u, "%s = %s;", to.s, v.s ? v.s : "0");
}

static Val cases(Emit *e, const PExpr *x)
{
  Val v = fresh(e, x->type, emit_needs_status(x) ? "0" : NULL);
  int depth = 0, i = 0;
  for (; i + 1 < x->na; i += 2) {
    Val w = emit_expr(e, x->a[i]);
    if (w.s) {
      w = hoist(e, x->a[i]->type, w);
      if (v.s) cunit_line(e->u, "if (%s > 0) %s = %s;", w.s, v.s, w.s);
      cunit_open(e->u, "%sif (%s == 0 && %s)", v.s ? "else " : "", w.s, w.v);
    } else {
      cunit_open(e->u, "if (%s)", w.v);
    }
    assign(e, v, x->type, x->a[i + 1]);
    cunit_close(e->u, "");
    cunit_open(e->u, "else");
    depth++;
  }
  assign(e, v, x->type, x->a[i]);
  while (depth--) cunit_close(e->u, "");
  return v;
}

static Val coalesce(Emit *e, const PExpr *x)
{
  Val v = fresh(e, x->type, "0");
  int depth = 0;
  for (int i = 0; i < x->na; i++) {
    assign(e, v, x->type, x->a[i]);
    if (i + 1 == x->na || !v.s || !emit_needs_status(x->a[i])) break;
    cunit_open(e->u, "if (%s == WR_NULL)", v.s);
    depth++;
  }
  while (depth--) cunit_close(e->u, "");
  if (!emit_needs_status(x)) v.s = NULL;
  return v;
}

static Val null_test(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  if (x->a[0]->type->kind == T_REC) return (Val){ S(e, "(!%s)", a.v), NULL };   /* presence */
  if (!a.s) return (Val){ "0", NULL };
  if (!x->a[0]->fallible) return (Val){ S(e, "(%s == WR_NULL)", a.s), NULL };
  return (Val){ S(e, "(%s == WR_NULL)", a.s), S(e, "(%s > 0 ? %s : 0)", a.s, a.s) };
}

/* ---- calls of the runtime ---- */

static Val member(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  Val l = hoist(e, x->a[1]->type, emit_expr(e, x->a[1]));
  const char *in = both(e, a, l);
  Val v = guarded(e, x, in);
  cunit_line(e->u, "%s = wr_list_find(%s, %s, %s);", v.v, emit_type(e, x->a[1]->type->elem), l.v,
             emit_to_slot(e, x->a[0]->type, (Val){ a.v, NULL }));
  cunit_line(e->u, "if (%s < 0) %s = WR_NULL;", v.v, v.s);
  return guarded_end(e, v, in);
}

/* An infallible call: inline when the operands always are there. */
static Val plain_call(Emit *e, const PExpr *x, const char *in, const char *call)
{
  if (!in) return hoist(e, x->type, (Val){ call, NULL });
  Val v = guarded(e, x, in);
  cunit_line(e->u, "%s = %s;", v.v, call);
  return guarded_end(e, v, in);
}

static Val text_op(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  if (x->kind == PX_MATCHES) return plain_call(e, x, a.s, S(e, "wr_regex_match(ctx, %s, %d)", a.v, x->u.regex));
  Val b = hoist(e, x->a[1]->type, emit_expr(e, x->a[1]));
  const char *in = both(e, a, b);
  if (x->kind == PX_LIKE) return plain_call(e, x, in, S(e, "wr_str_like(%s, %s)", a.v, b.v));
  return plain_call(e, x, in, S(e, "wr_concat(ctx, %s, %s)", a.v, b.v));
}

static const char *pow10_text(Emit *e, int n)
{
  int64_t v = 1;
  while (n-- > 0) v *= 10;
  return S(e, "%lldLL", (long long)v);
}

static Val convert(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  const Type *from = x->a[0]->type, *to = x->type;
  int sf = dec_scale(from), st = dec_scale(to);

  if (to->kind == T_FLOAT && sf) return plain_call(e, x, a.s, S(e, "wr_dec_to_f64(%s, %d)", a.v, sf));
  if (to->kind == T_FLOAT) { a.v = S(e, "(wr_f64)%s", a.v); return hoist(e, to, a); }
  if (to->kind == T_BOOL) { a.v = S(e, "(%s != 0)", a.v); return a; }
  if (from->kind == T_FLOAT && to->kind == T_DEC)
    return guarded_call(e, x, a.s, S(e, "wr_f64_to_dec(%s, %d", a.v, st));
  if (from->kind == T_FLOAT) return guarded_call(e, x, a.s, S(e, "wr_f64_to_i64(%s", a.v));
  if (from->kind == T_DEC && to->kind != T_DEC && sf) {
    a.v = S(e, "(%s / %s)", a.v, pow10_text(e, sf));
    return hoist(e, to, a);
  }
  if (sf != st) return guarded_call(e, x, a.s, S(e, "wr_dec_rescale(%s, %d, %d", a.v, sf, st));
  return a;
}

static Val cast(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  if (x->type->kind == T_STR && (x->a[0]->type->props & TP_TEXT)) return a;
  if (x->type->kind == T_STR)
    return guarded_call(e, x, a.s,
                        S(e, "wr_print_value(ctx, %s, %s", emit_type(e, x->a[0]->type),
                          emit_to_slot(e, x->a[0]->type, (Val){ a.v, NULL })));
  Val v = guarded(e, x, a.s);
  int k = temp(e);
  cunit_line(e->u, "wr_slot t%d;", k);
  cunit_line(e->u, "%s = wr_parse_value(ctx, %s, %s, &t%d);", v.s, emit_type(e, x->type), a.v, k);
  Val got = emit_from_slot(e, x->type, S(e, "t%d", k), false);
  cunit_line(e->u, "if (%s == 0) %s = %s;", v.s, v.v, got.v);
  cunit_line(e->u, "else if (%s > 0) %s |= %s << 8;", v.s, v.s, site_no(e, x));
  return guarded_end(e, v, a.s);
}

static const char *argument(Emit *e, RowType r, const PExpr *x, Val a)
{
  switch (r) {
  case R_DEC: {
    int k = temp(e);
    cunit_line(e->u, "const wr_dec t%d = { %s, %d };", k, a.v, dec_scale(x->type));
    return S(e, "t%d", k);
  }
  case R_LIST: case R_MAP: return S(e, "%s, %s", a.v, emit_type(e, x->type->elem));
  case R_ANY: return S(e, "%s, %s", emit_to_slot(e, x->type, (Val){ a.v, NULL }), emit_type(e, x->type));
  case R_ELEM: return emit_to_slot(e, x->type, (Val){ a.v, NULL });
  case R_REGEX: return S(e, "%d", x->u.regex);
  case R_BOOL: case R_INT: case R_FLOAT: case R_STR: case R_BYTES: case R_TS: case R_DUR: case R_JSON: case R_STRLIST:
  case R_CSTR: case R_LISTSTR: case R_X: break;
  }
  return a.v;
}

static Val call(Emit *e, const PExpr *x)
{
  const FnRow *fn = x->u.fn;
  Val a[4];
  const char *in = NULL, *args = "";

  for (int i = 0; i < x->na; i++) {
    a[i] = x->a[i]->kind == PX_REGEX ? (Val){ "0", NULL } : hoist(e, x->a[i]->type, emit_expr(e, x->a[i]));
    in = both(e, (Val){ "", in }, a[i]);
  }
  for (int i = 0; i < x->na; i++) args = S(e, "%s, %s", args, argument(e, fn->arg[i], x->a[i], a[i]));
  if (fn->result == R_ELEM || fn->result == R_BOOL) {         /* results of another C type than the value's */
    Val v = guarded(e, x, in);
    int k = temp(e);
    cunit_line(e->u, "%s t%d;", fn->result == R_BOOL ? "wr_u8" : "wr_slot", k);
    cunit_line(e->u, "%s = %s(ctx%s, &t%d);", v.s, fn->symbol, args, k);
    Val got = fn->result == R_BOOL ? (Val){ S(e, "t%d", k), NULL } : emit_from_slot(e, x->type, S(e, "t%d", k), true);
    cunit_open(e->u, "if (%s == 0)", v.s);
    if (got.s) cunit_line(e->u, "%s = %s;", v.s, got.s);
    cunit_line(e->u, "%s = %s;", v.v, got.v);
    cunit_close(e->u, "");
    cunit_line(e->u, "else if (%s > 0) %s |= %s << 8;", v.s, v.s, site_no(e, x));
    v = guarded_end(e, v, in);
    if (!emit_needs_status(x)) v.s = NULL;
    return v;
  }
  Val v = guarded_call(e, x, in, S(e, "%s(ctx%s", fn->symbol, args));
  if (!emit_needs_status(x)) v.s = NULL;
  return v;
}

/* ---- lists, maps, json ---- */

static Val element(Emit *e, const PExpr *x)
{
  Val a = hoist(e, x->a[0]->type, emit_expr(e, x->a[0]));
  Val b = hoist(e, x->a[1]->type, emit_expr(e, x->a[1]));
  const char *in = both(e, a, b), *fn;
  const Type *t = x->a[0]->type;
  Val v = guarded(e, x, in);
  int k = temp(e);

  if (t->kind == T_LIST && x->u.leaf) {
    cunit_line(e->u, "wr_list t%dl = %s;", k, a.v);
    cunit_line(e->u, "t%dl.p += %d;", k, x->u.leaf);
    a.v = S(e, "t%dl", k);
  }
  if (t->kind == T_LIST) fn = S(e, "wr_list_at(%s, %s)", a.v, b.v);
  else if (t->kind == T_MAP) fn = S(e, "wr_map_get(%s, %s)", a.v, b.v);
  else if (x->a[1]->type->kind == T_INT) fn = S(e, "wr_json_at(ctx, %s, %s)", a.v, b.v);
  else fn = S(e, "wr_json_get(ctx, %s, %s)", a.v, b.v);
  cunit_line(e->u, "const wr_slot t%d = %s;", k, fn);
  cunit_line(e->u, "%s = t%d.st;", v.s, k);
  Val got = emit_from_slot(e, x->type, S(e, "t%d", k), false);
  cunit_line(e->u, "if (%s == 0) %s = %s;", v.s, v.v, got.v);
  return guarded_end(e, v, in);
}

/* A list or map made of evaluated elements; an error of any is the value's. */
static Val build_list(Emit *e, const PExpr *x)
{
  Val v = fresh(e, x->type, x->fallible ? "0" : NULL);
  if (!x->na) return v;
  int k = temp(e);
  cunit_line(e->u, "wr_slot *const t%d = wr_alloc(ctx, %d * sizeof(wr_slot));", k, x->na);
  for (int i = 0; i < x->na; i++) {
    Val a = emit_expr(e, x->a[i]);
    if (a.s && x->a[i]->fallible) {
      a = hoist(e, x->a[i]->type, a);
      cunit_line(e->u, "if (%s > 0 && %s == 0) %s = %s;", a.s, v.s, v.s, a.s);
    }
    cunit_line(e->u, "t%d[%d] = %s;", k, i, emit_to_slot(e, x->a[i]->type, a));
  }
  cunit_line(e->u, "%s.p = t%d, %s.n = %d, %s.width = %d;", v.v, k, v.v, x->u.n, v.v, x->u.n ? x->na / x->u.n : 1);
  return v;
}

static Val meta(Emit *e, const PExpr *x)
{
  switch ((enum MetaField)x->u.col) {
  case META_PARTITION: return (Val){ "(wr_i64)(b->pos[r].src & 4095)", NULL };
  case META_OFFSET: return (Val){ "b->pos[r].off", NULL };
  case META_TIME: return (Val){ "b->time[r]", NULL };
  case META_SOURCE: return (Val){ S(e, "wr_source_name(ctx, b->pos[r].src)"), NULL };
  case META_KEY: case META_HEADER: case META_FIELDS: break;
  }
  return (Val){ emit_str(e, "", 0), "WR_NULL" };
}

Val emit_expr(Emit *e, const PExpr *x)
{
  switch (x->kind) {
  case PX_CONST: return constant(e, x);
  case PX_COL: return emit_column(e, e->in, x->u.col, x->span);
  case PX_PARAM: return param(e, x);
  case PX_VAR: return variable(e, x);
  case PX_LET: return let(e, x);
  case PX_NEG: return negative(e, x);
  case PX_NOT: {
    Val a = emit_expr(e, x->a[0]);
    return (Val){ S(e, "(!%s)", a.v), a.s };
  }
  case PX_ARITH: return arith(e, x);
  case PX_COMPARE: return compare(e, x);
  case PX_DISTINCT: return distinct(e, x);
  case PX_AND: case PX_OR: return logic(e, x);
  case PX_IS_NULL: return null_test(e, x);
  case PX_CASE: return cases(e, x);
  case PX_COALESCE: return coalesce(e, x);
  case PX_IN: return member(e, x);
  case PX_LIKE: case PX_MATCHES: case PX_CONCAT: return text_op(e, x);
  case PX_CONVERT: return convert(e, x);
  case PX_CAST: return cast(e, x);
  case PX_CALL: return call(e, x);
  case PX_INDEX: return element(e, x);
  case PX_LIST: case PX_MAP: return build_list(e, x);
  case PX_META: return meta(e, x);
  case PX_STATE: return emit_state(e, x);
  case PX_FOUND: return emit_found(e, x);
  case PX_REGEX: break;
  }
  return (Val){ "0", NULL };
}
