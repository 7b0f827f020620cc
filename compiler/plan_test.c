/* plan_test.c -- a program as one of its tests runs it: sources read the test's rows, what it expects goes to
 * sinks that compare, and the program's own sinks swallow what they get.
 *
 * Two connectors of the runtime that no program can name stand in (weir/trial.h says what their one
 * option holds). When a row arrives is known here: times are literals, and the clock starts at the first row.
 */
#include <stdlib.h>
#include <string.h>
#include "build.h"
#include "check.h"
#include "scope.h"
#include "weir/trial.h"

#define UNTIMED_BEGIN 1767225600000000LL  /* 2026-01-01, when the first row has no time */

static const ConnRow given_conn = { "given", "wr_conn_given", "", NULL, &wr_conn_given };
static const ConnRow expect_conn = { "expect", "wr_conn_expect", "", NULL, &wr_conn_expect };

static PExpr *number(Plan *p, wr_i64 v, Span span)
{
  return px_const(p, type_scalar(p->c->types, T_INT, false), wr_i64_slot(v, 0), span);
}

Expr *build_set(const Decl *test, const Decl *param)
{
  for (int i = 0; i < test->u.test.clauses.n; i++) {
    const TestClause *t = &test->u.test.clauses.v[i];
    if (t->kind == TEST_SET && t->name.name == param->name.name) return t->value;
  }
  return NULL;
}

/* ---- when rows arrive ---- */

static Item *item_of(const Expr *rec, Name name)
{
  for (int i = 0; i < rec->u.rec.items.n; i++)
    if (rec->u.rec.items.v[i].name.name == name) return &rec->u.rec.items.v[i];
  return NULL;
}

static wr_ts later(wr_ts t, wr_i64 d) { return d > TS_HIGH - t ? TS_HIGH : t + d; }

static bool is_after(const TestRow *r) { return r->at && r->at->u.lit.kind == LIT_DUR; }

static bool is_instant(const TestRow *r) { return r->at && r->at->u.lit.kind == LIT_TS; }

/* The time that the row gives itself, when it is a literal. */
static bool own_time(Plan *p, const GivenRow *g, wr_ts *t)
{
  const SourceClauses *c = &g->source->u.source.c;
  Item *it = c->has_time && c->time.parts.n == 1 ? item_of(g->row->record, c->time.parts.v[0].name) : NULL;
  Lower l = build_no_input(p);
  if (!it) return false;
  PExpr *x = lower1(&l, it->value);
  *t = x->u.k.u.i;
  return x->kind == PX_CONST && !x->u.k.st;
}

/* The clock starts so that the first row of the test comes at its own time. */
static wr_ts begin_of(Builder *b)
{
  wr_ts t = UNTIMED_BEGIN;
  const GivenRow *first = b->given.v;
  if (!b->given.n) return t;
  if (is_instant(first->row)) t = first->row->at->u.lit.i;
  else if (own_time(b->p, first, &t) && is_after(first->row)) t -= first->row->at->u.lit.i;
  for (int i = 0; i < b->given.n; i++) {
    const TestRow *r = b->given.v[i].row;
    if (is_instant(r) && r->at->u.lit.i < t) t = r->at->u.lit.i;
  }
  return t < TS_LOW ? TS_LOW : t;
}

static int by_arrival(const void *a, const void *b)
{
  const GivenRow *x = a, *y = b;
  if (x->at != y->at) return x->at < y->at ? -1 : 1;
  return x->order - y->order;
}

static void collect_given(Builder *b)
{
  for (int i = 0; i < b->test->u.test.clauses.n; i++) {
    TestClause *t = &b->test->u.test.clauses.v[i];
    Decl *s = t->kind == TEST_GIVEN ? scope_find(b->p->c, b->test->span.file, t->name.name) : NULL;
    for (int k = 0; s && s->kind == DECL_SOURCE && k < t->rows.n; k++) {
      GivenRow g = { s, &t->rows.v[k], 0, k };
      vec_push(b->p->c->arena, &b->given, g);
    }
  }
}

/* A row without a time comes with the one written before it, the first of a clause at the start. */
static void arrivals(Builder *b)
{
  wr_ts begin = b->p->begin = begin_of(b), before = begin;
  for (int i = 0; i < b->given.n; i++) {
    GivenRow *g = &b->given.v[i];
    if (g->order == 0) before = begin;
    if (is_instant(g->row)) before = g->row->at->u.lit.i;
    else if (is_after(g->row)) before = later(begin, g->row->at->u.lit.i);
    g->at = before;
    g->order = i;
  }
  if (b->given.n) qsort(b->given.v, (size_t)b->given.n, sizeof *b->given.v, by_arrival);
  for (int i = 0; i < b->given.n; i++) b->given.v[i].order = i;
}

/* ---- given ---- */

/* Row: when, the place among all rows, then the row's leaves. */
static PExpr *given_row(Builder *b, const GivenRow *g)
{
  Plan *p = b->p;
  Expr *rec = g->row->record;
  const Type *row = g->source->shape.row;
  Lower l = build_no_input(p);
  PExprs v = { 0 };
  vec_push(p->c->arena, &v, number(p, g->at, rec->span));
  vec_push(p->c->arena, &v, number(p, g->order, rec->span));
  for (int i = 0; i < row->fields.n; i++) {
    Item *it = item_of(rec, row->fields.v[i].name);
    if (it) lower_as(&l, it->value, row->fields.v[i].type, &v);
    else vec_push(p->c->arena, &v, number(p, g->at, rec->span));        /* its time */
  }
  return lower_values(&l, &v, rec->span);
}

/* The records of a table: they are there from the start, in the order written. */
static void given_records(Builder *b, Decl *table, PExprs *rows)
{
  for (int i = 0; i < b->test->u.test.clauses.n; i++) {
    TestClause *t = &b->test->u.test.clauses.v[i];
    if (t->kind != TEST_GIVEN || scope_find(b->p->c, b->test->span.file, t->name.name) != table) continue;
    for (int k = 0; k < t->rows.n; k++) {
      GivenRow g = { table, &t->rows.v[k], 0, -1 };
      vec_push(b->p->c->arena, rows, given_row(b, &g));
    }
  }
}

Decl *build_given(Builder *b, PlanOp *op, Decl *source)
{
  Plan *p = b->p;
  bool table = source->kind == DECL_TABLE;
  Decl *d = decl_new(p->c, source->kind, source->name, source->span);
  Lower l = build_no_input(p);
  PExprs rows = { 0 };

  *d = *source;
  SourceClauses *c = table ? &d->u.table.c : &d->u.source.c;
  c->from = (Config){ .conn = &given_conn, .given = true, .span = source->span };
  c->format = (Config){ 0 };
  if (table) given_records(b, source, &rows);
  for (int i = 0; i < b->given.n; i++)
    if (b->given.v[i].source == source) vec_push(p->c->arena, &rows, given_row(b, &b->given.v[i]));
  build_config(p, op, lower_values(&l, &rows, source->span));
  return d;
}

/* ---- expect ---- */

/* Row: its line in the program, then leaf and value of what it mentions. */
static PExpr *expected_row(Plan *p, const TestRow *r, const Type *row)
{
  Lower l = build_no_input(p);
  PExprs v = { 0 };
  int line, column;
  source_place(p->c->sources.v[r->record->span.file], r->record->span.from, &line, &column);
  vec_push(p->c->arena, &v, number(p, line, r->record->span));
  for (int i = 0; i < row->fields.n; i++) {
    Item *it = item_of(r->record, row->fields.v[i].name);
    PExprs leaves = { 0 };
    if (it) lower_as(&l, it->value, row->fields.v[i].type, &leaves);
    for (int k = 0; k < leaves.n; k++) {
      vec_push(p->c->arena, &v, number(p, plan_field_leaf(row, i) + k, it->span));
      vec_push(p->c->arena, &v, leaves.v[k]);
    }
  }
  return lower_values(&l, &v, r->record->span);
}

static void build_expect(Builder *b, const TestClause *t)
{
  Plan *p = b->p;
  Decl *d = decl_new(p->c, DECL_SINK, t->name, t->span);
  Lower l = build_no_input(p);
  PExprs rows = { 0 };

  d->u.sink.input = scope_find(p->c, b->test->span.file, t->name.name);
  d->u.sink.to = (Config){ .conn = &expect_conn, .given = true, .span = t->span };
  for (int i = 0; i < t->rows.n; i++) {
    PExpr *x = expected_row(p, &t->rows.v[i], d->u.sink.input->shape.row);
    vec_push(p->c->arena, &rows, x);
  }
  PlanOp *op = build_output(b, d, t->name.name);
  build_config(p, op, lower_values(&l, &rows, t->span));
}

/* The rest of the program runs too, into nothing: what is late or fails depends on all who read a row. */
static void build_rest(Builder *b)
{
  Plan *p = b->p;
  for (int i = 0; i < p->c->program->decls.n; i++) {
    const Decl *sink = p->c->program->decls.v[i];
    if (sink->kind != DECL_SINK) continue;
    Decl *d = decl_new(p->c, DECL_SINK, sink->name, sink->span);
    d->u.sink.input = sink->u.sink.input;
    d->u.sink.to = (Config){ .conn = &expect_conn, .given = true, .span = sink->span };
    build_config(p, build_output(b, d, sink->name.name), NULL);
  }
}

void build_test(Builder *b)
{
  collect_given(b);
  arrivals(b);
  for (int i = 0; i < b->test->u.test.clauses.n; i++) {
    const TestClause *t = &b->test->u.test.clauses.v[i];
    if (t->kind == TEST_EXPECT || t->kind == TEST_NONE) build_expect(b, t);
  }
  build_rest(b);
}
