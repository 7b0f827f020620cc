/* test_check.c -- the checker against the meaning of programs: types, nullability, shapes, what names
 * refer to, what calls are bound to. What it says about wrong programs is in tests/golden/errors.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "ast.h"
#include "registry.h"

typedef struct Rig { Compiler *c; char *said; } Rig;

static const char prelude[] =
  "type Payment { id string  user string  merchant string?  amount decimal(2)  qty int  score float\n"
  "  kind enum { purchase, refund }  tags list<string>  attrs map<string, int>  doc json\n"
  "  site { name string, zone string? }?  ok bool  took duration  ts timestamp  left int  right float }\n"
  "source payments: Payment { from file(\"p.jsonl\") format json  time ts delay 5s }\n"
  "param limit: decimal(2) = 100.00\n";

static Rig checked(const char *text)
{
  Arena *a = arena_new();
  Compiler *c = arena_alloc(a, sizeof *c);
  char *whole = arena_printf(a, "%s%s", prelude, text);
  c->arena = a;
  c->interns = interns_new(a);
  c->program = arena_alloc(a, sizeof *c->program);
  c->types = types_new(c);
  Source *s = source_text(c, "t.weir", whole, strlen(whole));
  if (s && parse(c, s)) {
    resolve(c);
    check(c);
  }
  Rig r = { c, 0 };
  size_t n;
  FILE *f = open_memstream(&r.said, &n);
  diag_render(c, f, false, false);
  fclose(f);
  return r;
}

static void end(Rig *r)
{
  free(r->said);
  arena_free(r->c->arena);
}

static void good(Rig *r)
{
  if (diag_any_error(r->c))
    fail_msg("%s", r->said);
}

static Decl *named(Rig *r, DeclKind kind, const char *name)
{
  for (int i = 0; i < r->c->program->decls.n; i++) {
    Decl *d = r->c->program->decls.v[i];
    if (d->kind == kind && strcmp(d->name.name, name) == 0)
      return d;
  }
  fail_msg("no declaration %s", name);
  return 0;
}

static Step *step(Rig *r, int i) { return named(r, DECL_STREAM, "s")->u.stream.pipe->steps.v[i]; }

/* The expression x of `stream s = payments | select { x: ... }`. */
static Expr *x_of(Rig *r) { return step(r, 0)->u.record->u.rec.items.v[0].value; }

static Rig select_x(const char *e)
{
  char text[1024];
  snprintf(text, sizeof text, "stream s = payments | select { x: %s }\nsink s { to blackhole }\n", e);
  return checked(text);
}

#define assert_type(e, want)                                     \
  do {                                                           \
    Rig r_ = select_x(e);                                        \
    good(&r_);                                                   \
    assert_string_equal(type_text(r_.c, x_of(&r_)->type), want); \
    end(&r_);                                                    \
  } while (0)

#define assert_refused(e, code)                                              \
  do {                                                                       \
    Rig r_ = select_x(e);                                                    \
    if (!strstr(r_.said, "error[" code "]"))                                 \
      fail_msg("%s: not " code ", but\n%s", e, r_.said);                     \
    end(&r_);                                                                \
  } while (0)

static void arithmetic(void **state)
{
  (void)state;
  assert_type("qty + 1", "int");
  assert_type("qty / 2", "float");
  assert_type("qty % 2", "int");
  assert_type("qty * score", "float");
  assert_type("score + 1", "float");
  assert_type("score * 0.5", "float");
  assert_type("amount + 1", "decimal(2)");
  assert_type("amount + 0.001", "decimal(3)");
  assert_type("amount * 2", "decimal(2)");
  assert_type("amount * 1.1", "decimal(3)");
}

/* The same inside a function: its parameters have types of their own. */
static void functions(void **state)
{
  (void)state;
  Rig r = checked("fn twice(a decimal(2)): decimal(4) = a * 2\n"
                  "stream s = payments | select { x: twice(amount), y: twice(5) }\nsink s { to blackhole }\n");
  good(&r);
  Decl *fn = named(&r, DECL_FN, "twice");
  assert_string_equal(type_text(r.c, fn->type), "decimal(4)");
  assert_int_equal(fn->u.fn.body->u.op.a->u.path.ref.kind, REF_LOCAL);
  assert_ptr_equal(fn->u.fn.body->u.op.a->u.path.ref.local, fn->u.fn.locals.v[0]);
  assert_ptr_equal(x_of(&r)->u.call.decl, fn);
  Expr *five = step(&r, 0)->u.record->u.rec.items.v[1].value->u.call.args.v[0].value;
  assert_string_equal(type_text(r.c, five->type), "int");
  assert_string_equal(type_text(r.c, five->as), "decimal(2)");
  end(&r);
}

static void decimals(void **state)
{
  (void)state;
  assert_type("cast(amount as decimal(8)) * cast(amount as decimal(4))", "decimal(12)");
  assert_refused("cast(amount as decimal(8)) * cast(amount as decimal(8))", "E0306");
  assert_type("round(cast(amount as decimal(8)) * cast(amount as decimal(8)), 2)", "decimal(2)");
  assert_type("div(amount, 3, 4)", "decimal(4)");
  assert_refused("amount / 3", "E0307");
  assert_type("1.0 / qty", "float");
  assert_refused("amount * score", "E0305");
}

static void times(void **state)
{
  (void)state;
  assert_type("ts - ts", "duration");
  assert_type("ts + 5m", "timestamp");
  assert_type("took * 3", "duration");
  assert_type("took / 1s", "float");
  assert_type("-took", "duration");
  assert_refused("ts * 2", "E0301");
}

static void nulls(void **state)
{
  (void)state;
  assert_type("merchant || \"x\"", "string?");
  assert_type("coalesce(merchant, \"none\")", "string");
  assert_type("merchant is null", "bool");
  assert_type("merchant = \"x\"", "bool?");
  assert_type("site.name", "string?");
  assert_type("length(merchant)", "int?");
  assert_type("if(ok, 1, null)", "int?");
  assert_type("case when ok then 1 end", "int?");
  assert_type("case when ok then 1 else 2 end", "int");
  assert_type("tags[0]", "string?");
  assert_type("attrs[\"a\"]", "int?");
  assert_type("doc[\"a\"][0]", "json?");
  assert_type("doc.a.b", "json?");
  assert_refused("merchant = null", "E0303");
}

static void branches(void **state)
{
  (void)state;
  assert_type("if(ok, 1, 2.5)", "decimal(1)");
  assert_type("if(ok, score, 0)", "float");
  assert_type("if(ok, amount, 1.005)", "decimal(3)");
  assert_type("coalesce(kind, \"refund\")", "enum { purchase, refund }");
  assert_type("[1, 2, 3]", "list<int>");
  assert_type("[1.5, 2, null]", "list<decimal(1)?>");
  assert_refused("if(ok, qty, score)", "E0311");
}

/* A literal takes the type of its place; the place is noted in `as`. */
static void literals(void **state)
{
  (void)state;
  Rig r = select_x("score > 1");
  good(&r);
  assert_int_equal(x_of(&r)->u.op.b->type->kind, T_INT);
  assert_int_equal(x_of(&r)->u.op.b->as->kind, T_FLOAT);
  end(&r);
  r = select_x("kind = \"refund\"");
  good(&r);
  assert_int_equal(x_of(&r)->u.op.b->as->kind, T_ENUM);
  end(&r);
  r = select_x("qty < 1e3");                /* int is compared with a float literal as a float */
  good(&r);
  assert_int_equal(x_of(&r)->u.op.a->as->kind, T_FLOAT);
  end(&r);
  assert_refused("qty = 1e3", "E0305");
  assert_refused("qty = score", "E0305");
  assert_refused("score > amount", "E0305");
}

static void fallible(void **state)
{
  (void)state;
  static const struct { const char *e; bool fails; } cases[] = {
    { "qty + 1", true }, { "user || \"x\"", false }, { "qty > 1", false }, { "int(user)", true },
    { "float(qty)", false }, { "lower(user)", false }, { "ln(score)", true }, { "if(qty / 2 > 1, 1, 2)", true },
    { "string(qty)", false }, { "coalesce(merchant, \"\")", false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Rig r = select_x(cases[i].e);
    good(&r);
    if (x_of(&r)->fallible != cases[i].fails)
      fail_msg("%s", cases[i].e);
    end(&r);
  }
}

/* ---- names ---- */

static void references(void **state)
{
  (void)state;
  Rig r = checked("stream s = payments | select { a: payments.qty, b: site.zone, c: limit, d: meta.offset, e: payments.site.name }\n"
                  "sink s { to blackhole }\n");
  good(&r);
  Items *items = &step(&r, 0)->u.record->u.rec.items;
  Ref *a = &items->v[0].value->u.path.ref, *b = &items->v[1].value->u.path.ref, *c = &items->v[2].value->u.path.ref;
  Ref *e = &items->v[4].value->u.path.ref;
  assert_int_equal(a->kind, REF_COLUMN);
  assert_int_equal(a->used, 2);
  assert_int_equal(a->column, 4);
  assert_int_equal(b->kind, REF_COLUMN);
  assert_int_equal(b->used, 1);
  assert_int_equal(b->column, 10);
  assert_string_equal(type_text(r.c, items->v[1].value->type), "string?");
  assert_int_equal(c->kind, REF_PARAM);
  assert_ptr_equal(c->decl, named(&r, DECL_PARAM, "limit"));
  assert_int_equal(items->v[3].value->u.path.ref.kind, REF_META);
  assert_int_equal(items->v[3].value->u.path.ref.column, META_OFFSET);
  assert_int_equal(e->used, 2);
  end(&r);
}

static void stars(void **state)
{
  (void)state;
  Rig r = checked("stream s = payments | where site is not null | select { site.*, payments.*, user: lower(user) }\nsink s { to blackhole }\n");
  good(&r);
  Items *items = &step(&r, 1)->u.record->u.rec.items;
  assert_int_equal(items->n, 2 + 15 + 1); /* no star is left; user stands once */
  for (int i = 0; i < items->n; i++)
    assert_false(items->v[i].star);
  assert_string_equal(items->v[0].name.name, "name");
  assert_string_equal(type_text(r.c, items->v[0].value->type), "string");
  assert_string_equal(type_text(r.c, items->v[1].value->type), "string?");
  end(&r);
}

/* where x is not null makes x's column not null behind it; the number of leaves stays. */
static void narrowing(void **state)
{
  (void)state;
  Rig r = checked("stream s = payments | where merchant is not null and site is not null and qty > 0\nsink s { to blackhole }\n");
  good(&r);
  Shape *in = &step(&r, 0)->in, *out = &step(&r, 0)->out;
  assert_true(type_field(in->row, intern_z(r.c->interns, "merchant"))->type->nullable);
  assert_false(type_field(out->row, intern_z(r.c->interns, "merchant"))->type->nullable);
  assert_true(type_field(out->row, intern_z(r.c->interns, "site"))->type->nullable);
  assert_int_equal(type_leaf_count(in->row), type_leaf_count(out->row));
  end(&r);
  r = checked("stream s = payments | where merchant is null or merchant = \"x\"\nsink s { to blackhole }\n");
  good(&r);
  assert_true(type_field(step(&r, 0)->out.row, intern_z(r.c->interns, "merchant"))->type->nullable);
  end(&r);
}

/* ---- groups ---- */

static void aggregates(void **state)
{
  (void)state;
  Rig r = checked("stream s = payments | group by user, site.name over tumbling 1h {\n"
                  "  user, site: site.name, at: window.start, n: count(), m: count(*), total: sum(amount), again: sum(amount) * 2,\n"
                  "  mean: avg(amount), q: avg(qty), big: max(qty where ok), who: count(distinct merchant), last: last(merchant),\n"
                  "  all: collect(tags), p: quantile(qty, 0.5) }\nsink s { to blackhole }\n");
  good(&r);
  static const char *const types[] = { "string", "string?", "timestamp", "int", "int", "decimal(2)", "decimal(2)",
    "decimal(6)", "float", "int?", "int", "string?", "list<list<string>>", "float" };
  Step *s = step(&r, 0);
  Type *row = s->out.row;
  assert_int_equal(row->fields.n, 14);
  for (int i = 0; i < row->fields.n; i++)
    if (strcmp(type_text(r.c, row->fields.v[i].type), types[i]) != 0)
      fail_msg("%s is %s", row->fields.v[i].name, type_text(r.c, row->fields.v[i].type));
  Items *items = &s->u.group.record->u.rec.items;
  assert_int_equal(items->v[0].value->u.path.ref.kind, REF_KEY);
  assert_int_equal(items->v[1].value->u.path.ref.kind, REF_KEY);
  assert_int_equal(items->v[1].value->u.path.ref.column, 1);
  assert_int_equal(items->v[2].value->u.path.ref.kind, REF_WINDOW);
  assert_int_equal(items->v[3].value->u.call.agg_index, items->v[4].value->u.call.agg_index);
  assert_int_equal(s->u.group.aggs.n, 9);  /* count() twice and sum(amount) twice are one each */
  for (int i = 0; i < s->u.group.aggs.n; i++)
    assert_int_equal(s->u.group.aggs.v[i]->u.call.agg_index, i);
  end(&r);
}

static void shapes(void **state)
{
  (void)state;
  Rig r = checked("stream s = payments | where ok | group by user over tumbling 1h { user, n: count() } | where n > 1 | group by n over tumbling 1d { n }\nsink s { to blackhole }\n");
  good(&r);
  assert_ptr_equal(step(&r, 0)->out.origin, named(&r, DECL_SOURCE, "payments"));
  assert_true(step(&r, 0)->out.has_time);
  assert_false(step(&r, 0)->out.windowed);
  assert_true(step(&r, 1)->out.windowed && step(&r, 1)->out.has_time && !step(&r, 1)->out.updating && step(&r, 1)->out.exact);
  assert_null(step(&r, 1)->out.origin);
  assert_true(step(&r, 2)->out.windowed);
  end(&r);
  r = checked("stream s = payments | group by user over tumbling 1h of processing time { user, n: count() }\nsink s { to blackhole }\n");
  good(&r);
  assert_false(step(&r, 0)->out.exact);
  end(&r);
}

/* Grouped by the property `window`, rows stay in the windows that they came with. */
static void by_window(void **state)
{
  (void)state;
  Rig r = checked("window hour = tumbling 1h\nstream s = payments | group by user, qty over hour { user, qty, n: count() } | where n > 1 | group by user, window { user, at: window.start, most: max(n) }\nsink s { to blackhole }\n");
  good(&r);
  Step *second = step(&r, 2);
  assert_ptr_equal(second->u.group.over->row, win_own());
  assert_int_equal(second->u.group.keys.n, 2);
  assert_true(second->out.windowed && !second->out.updating);
  end(&r);
}

static void structural(void **state)
{
  (void)state;
  Rig r = checked("param size: duration = 5m\nparam name: string = \"x\"\nparam factor: int = 2\n"
                  "stream s = payments | where qty > factor | group by user over tumbling (size) { user, n: count() }\n"
                  "sink s { to file(name || \".jsonl\") format json }\n");
  good(&r);
  assert_true(named(&r, DECL_PARAM, "size")->u.param.structural);
  assert_true(named(&r, DECL_PARAM, "name")->u.param.structural);
  assert_false(named(&r, DECL_PARAM, "factor")->u.param.structural);
  end(&r);
}

/* ---- sources, feeds ---- */

static void feeds(void **state)
{
  (void)state;
  Rig r = checked("source a: { id string, ts timestamp } { from file(\"a\") format json  time ts  check id != \"\" else broken  late to late_a  bad to broken }\n"
                  "errors to broken\n"
                  "stream s = broken | where kind = \"check\" | select { reason, offset }\n"
                  "sink s { to blackhole }\nsink a { to blackhole }\nsink late_a { to file(\"l\") format json }\n");
  good(&r);
  Decl *bad = named(&r, DECL_FEED, "broken"), *late = named(&r, DECL_FEED, "late_a"), *a = named(&r, DECL_SOURCE, "a");
  assert_ptr_equal(a->u.source.c.bad.feed, bad);
  assert_ptr_equal(a->u.source.c.checks.v[0].dest.feed, bad);
  assert_ptr_equal(r.c->program->errors->u.errors.feed, bad);
  assert_int_equal(bad->u.feed.kind, WR_FEED_BAD);
  assert_int_equal(late->u.feed.kind, WR_FEED_LATE);
  assert_int_equal(late->type->fields.n, 3);
  assert_string_equal(late->type->fields.v[2].name, "meta");
  assert_string_equal(late->type->fields.v[2].type->fields.v[5].name, "refused_by");
  end(&r);
}

static void options(void **state)
{
  (void)state;
  Rig r = checked("sink payments { to file(\"x\", roll: { time: 10m, size: 128MB }, append: true) format csv }\n");
  good(&r);
  Config *to = &named(&r, DECL_SINK, "payments")->u.sink.to;
  const wr_connector *conn = to->conn->conn;
  assert_int_equal(to->values.n, conn->nopt);
  for (int i = 0; i < conn->nopt; i++) {
    bool given = strcmp(conn->opt[i].name, "path") == 0 || strcmp(conn->opt[i].name, "roll") == 0 || strcmp(conn->opt[i].name, "append") == 0;
    assert_int_equal(to->values.v[i] != 0, given);
  }
  end(&r);
}

/* ---- every row's example checks, with the type that its value has ---- */

static void rows(void **state)
{
  (void)state;
  for (int i = 0; i < fn_rows_n + form_rows_n; i++) {
    const char *example = i < fn_rows_n ? fn_rows[i].example : form_rows[i - fn_rows_n].example;
    if (i < fn_rows_n && (fn_rows[i].traits & FN_CONFIG))
      continue;
    Rig r = select_x(example);
    if (diag_any_error(r.c))
      fail_msg("%s:\n%s", example, r.said);
    end(&r);
  }
}

/* ---- what waits for a later version is said once for each construct, and nothing else ---- */

static void later(void **state)
{
  (void)state;
  Rig r = checked("table t key user = payments | group by user keep all { user, n: count() } | top 3 by n keep all\n"
                  "sink t { to blackhole  changes log }\n");
  int n = 0;
  for (const char *p = r.said; (p = strstr(p, "error[")); p++) {
    assert_memory_equal(p, "error[E0900]", 12);
    n++;
  }
  assert_int_equal(n, 4);                 /* the table, the running group, top, changes */
  end(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(arithmetic), cmocka_unit_test(functions), cmocka_unit_test(decimals), cmocka_unit_test(times),
    cmocka_unit_test(nulls), cmocka_unit_test(branches), cmocka_unit_test(literals), cmocka_unit_test(fallible),
    cmocka_unit_test(references), cmocka_unit_test(stars), cmocka_unit_test(narrowing), cmocka_unit_test(aggregates),
    cmocka_unit_test(shapes), cmocka_unit_test(by_window), cmocka_unit_test(structural), cmocka_unit_test(feeds), cmocka_unit_test(options),
    cmocka_unit_test(rows), cmocka_unit_test(later),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
