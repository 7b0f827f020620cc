/* test_generate.c -- made-up rows: the same for every batch size, within bounds, with the right shape. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include "fmt.h"
#include "fmt_rig.h"

#define TYPE(...) &(const wr_type){ __VA_ARGS__ }
static const char *const colours[] = { "red", "green", "blue" };
static const wr_field inner[] = { { .name = "x", .len = 1, .col = 11, .type = TYPE(.kind = WR_INT) } };
static const wr_field fields[] = {
  { .name = "id", .col = 0, .type = TYPE(.kind = WR_INT) },
  { .name = "user", .col = 1, .type = TYPE(.kind = WR_STR) },
  { .name = "amount", .col = 2, .type = TYPE(.kind = WR_DEC, .scale = 2) },
  { .name = "ts", .col = 3, .type = TYPE(.kind = WR_TS_) },
  { .name = "e", .col = 4, .type = TYPE(.kind = WR_ENUM, .n = 3, .names = colours) },
  { .name = "v", .col = 5, .type = TYPE(.kind = WR_FLOAT) },
  { .name = "u", .col = 6, .type = TYPE(.kind = WR_INT, .nullable = 1) },
  { .name = "note", .col = 7, .type = TYPE(.kind = WR_STR) },
  { .name = "ok", .col = 8, .type = TYPE(.kind = WR_BOOL) },
  { .name = "uuid", .col = 9, .type = TYPE(.kind = WR_STR) },
  { .name = "in", .col = 10, .type = TYPE(.kind = WR_REC, .nullable = 1, .n = 1, .fields = inner) },
  { .name = "unread", .col = -1, .type = TYPE(.kind = WR_STR) },
};
static const wr_type type = { .kind = WR_REC, .n = 12, .fields = fields };
enum { LEAVES = 13, OPTS = 8, ROWS = 20000 };

#define I(v) wr_i64_slot(v, 0)
#define F(v) wr_f64_slot(v, 0)
#define S(v) wr_str_slot(RIG_STR(v), 0)
#define L(...) wr_list_slot((wr_list){ (const wr_slot[]){ __VA_ARGS__ }, sizeof((const wr_slot[]){ __VA_ARGS__ }) / sizeof(wr_slot), 1 }, 0)
#define NONE wr_i64_slot(0, WR_NULL)

typedef struct gen {
  rig r;
  wr_source source;
  rig_shape shape;
  wr_batch *b;
  void *conn;
} gen;

static bool begin(gen *g, wr_i64 rate, wr_i64 count, wr_i64 seed, wr_i64 disorder, double nulls, const wr_slot *leaf, wr_i32 cap)
{
  wr_slot opt[OPTS] = { I(rate), I(count), I(seed), I(1000000), I(10), I(disorder), F(nulls),
                        { .u.list = leaf, .len = LEAVES, .st = leaf ? 0 : -1 } };

  memset(g, 0, sizeof *g);
  g->source = (wr_source){ .name = "g", .type = &type };
  g->b = rig_batch(&g->shape, &type, cap);
  g->conn = wr_conn_generate.open_source(&g->r.ctx, &g->source, opt, 0);
  return g->conn != 0;
}

static void end(gen *g)
{
  if (g->conn) wr_conn_generate.close_source(&g->r.ctx, g->conn);
  wr_batch_free(g->b, g->shape.kind);
  rig_free(&g->r);
}

#define LEAF_LIST \
  { L(S("sequence"), I(100), I(3)), \
    L(S("choice"), L(S("ann"), S("bob"))), \
    L(S("uniform"), I(100), I(50000)), \
    L(S("time")), \
    L(S("weighted"), L(S("blue"), F(0.9), S("red"), F(0.1))), \
    L(S("normal"), F(20.0), F(2.0)), \
    L(S("zipf"), I(1000), F(1.1)), \
    L(S("pattern"), S("u-##\\#")), \
    L(S("chance"), F(0.1)), \
    L(S("uuid")), NONE, L(S("sequence")), NONE }

/* All rows as JSON lines, made in batches of `cap`. */
static char *rows(wr_i32 cap, wr_i64 seed, wr_i64 count)
{
  wr_slot leaf[LEAVES] = LEAF_LIST, opt = NONE;
  gen g;
  wr_buf out = { 0, 0, 0 };
  void *json;
  wr_i64 n = 0;

  assert_true(begin(&g, 0, count, seed, 500, 0.2, leaf, cap));
  json = wr_fmt_json.open(&g.r.ctx, &type, &opt);
  while (wr_conn_generate.poll(&g.r.ctx, g.conn, g.b) == WR_POLL_ROWS) {
    for (wr_i32 i = 0; i < g.b->n; i++) assert_int_equal(g.b->pos[i].off, n++);
    wr_fmt_json.encode(&g.r.ctx, json, &type, g.b, &out);
    g.b->n = 0;
    rig_forget(&g.r);
  }
  assert_int_equal(n, count);
  wr_fmt_json.close(&g.r.ctx, json);
  end(&g);
  wr_buf_add(&out, "", 1);
  return out.p;
}

static void test_batches(void **state)
{
  char *one = rows(1, 7, 500), *some = rows(33, 7, 500), *all = rows(1000, 7, 500), *other = rows(1000, 8, 500);

  (void)state;
  assert_string_equal(one, some);
  assert_string_equal(one, all);
  assert_string_not_equal(one, other);
  wr_mem_free(one, 0);
  wr_mem_free(some, 0);
  wr_mem_free(all, 0);
  wr_mem_free(other, 0);
}

static void test_distributions(void **state)
{
  wr_slot leaf[LEAVES] = LEAF_LIST;
  gen g;
  double sum = 0, squares = 0, amounts = 0;
  int blue = 0, ann = 0, yes = 0, first = 0, second = 0;

  (void)state;
  assert_true(begin(&g, 0, 0, 1, 0, 0.0, leaf, ROWS));
  assert_int_equal(wr_conn_generate.poll(&g.r.ctx, g.conn, g.b), WR_POLL_ROWS);
  assert_int_equal(g.b->n, ROWS);
  for (int i = 0; i < ROWS; i++) {
    const wr_col *c = g.b->col;
    wr_i64 amount = ((wr_i64 *)c[2].v)[i], rank = ((wr_i64 *)c[6].v)[i];
    double v = ((double *)c[5].v)[i];
    wr_str user = ((wr_str *)c[1].v)[i], note = ((wr_str *)c[7].v)[i], uuid = ((wr_str *)c[9].v)[i];
    assert_int_equal(((wr_i64 *)c[0].v)[i], 100 + 3 * i);
    assert_true(amount >= 100 && amount <= 50000);
    assert_int_equal(((wr_i64 *)c[3].v)[i], 1000000 + 10 * i);
    assert_int_not_equal(((wr_i64 *)c[4].v)[i], 1);
    assert_true(rank >= 1 && rank <= 1000);
    assert_true(note.len == 5 && note.p[0] == 'u' && note.p[4] == '#' && note.p[2] >= '0' && note.p[2] <= '9');
    assert_true(uuid.len == 36 && uuid.p[14] == '4' && strchr("89ab", uuid.p[19]));
    assert_int_equal(((wr_u8 *)c[10].v)[i], 1);
    blue += ((wr_i64 *)c[4].v)[i] == 2;
    ann += user.p[0] == 'a';
    yes += ((wr_u8 *)c[8].v)[i];
    first += rank == 1;
    second += rank == 2;
    sum += v;
    squares += v * v;
    amounts += (double)amount;
  }
  assert_true(fabs(sum / ROWS - 20.0) < 0.1);
  assert_true(fabs(sqrt(squares / ROWS - sum / ROWS * (sum / ROWS)) - 2.0) < 0.1);
  assert_true(fabs(amounts / ROWS - 25050.0) < 500);
  assert_true(abs(blue - ROWS * 9 / 10) < 300);
  assert_true(abs(ann - ROWS / 2) < 400);
  assert_true(abs(yes - ROWS / 10) < 300);
  /* zipf(1000, 1.1): the first rank has 1 / sum(k^-1.1) = 0.1798, the second 2^-1.1 of that */
  assert_true(fabs(first / (double)ROWS - 0.1798) < 0.02);
  assert_true(fabs(second / (double)first - 0.4665) < 0.06);
  end(&g);
}

static void test_nulls_and_disorder(void **state)
{
  gen g;
  int nulls = 0, absent = 0, back = 0;

  (void)state;
  assert_true(begin(&g, 0, ROWS, 1, 500, 0.25, 0, ROWS));
  assert_int_equal(wr_conn_generate.poll(&g.r.ctx, g.conn, g.b), WR_POLL_ROWS);
  for (int i = 0; i < ROWS; i++) {
    wr_i64 late = 1000000 + 10 * i - ((wr_i64 *)g.b->col[3].v)[i];
    assert_true(late >= 0 && late <= 500);
    nulls += g.b->col[6].st[i] == WR_ST_NULL;
    absent += ((wr_u8 *)g.b->col[10].v)[i] == 0;
    assert_int_equal(g.b->col[11].st[i] == WR_ST_NULL, ((wr_u8 *)g.b->col[10].v)[i] == 0);
    back += i && ((wr_i64 *)g.b->col[3].v)[i] < ((wr_i64 *)g.b->col[3].v)[i - 1];
  }
  assert_true(abs(nulls - ROWS / 4) < 400);
  assert_true(abs(absent - ROWS / 4) < 400);
  assert_true(back > ROWS / 4);
  g.b->n = 0;
  assert_int_equal(wr_conn_generate.poll(&g.r.ctx, g.conn, g.b), WR_POLL_END);
  end(&g);
}

static void test_rate(void **state)
{
  gen g;
  wr_i64 n = 0;

  (void)state;
  assert_true(begin(&g, 1000, 0, 1, 0, 0.0, 0, 64));
  g.r.now = 5000000;
  for (int ms = 0; ms <= 100; ms++) {
    while (wr_conn_generate.poll(&g.r.ctx, g.conn, g.b) == WR_POLL_ROWS) {
      n += g.b->n;
      g.b->n = 0;
    }
    assert_int_equal(n, ms + 1);
    g.r.now += 1000;
    rig_forget(&g.r);
  }
  end(&g);
}

static void test_wrong(void **state)
{
  const struct { wr_slot how; int leaf; const char *message; } cases[] = {
    { L(S("uniform"), I(2), I(1)), 0, "source g: field id: uniform: the first value must not be the larger" },
    { L(S("weighted"), L(S("mauve"), F(1))), 4, "source g: field e: a name is no member of the enumeration" },
    { L(S("weighted"), L(S("red"), F(0))), 4, "source g: field e: the weights must not all be 0" },
    { L(S("zipf"), I(0)), 0, "source g: field id: zipf: n must be at least 1" },
    { L(S("chance"), F(1.5)), 8, "source g: field ok: chance: a probability is between 0 and 1" },
    { L(S("nope")), 0, "source g: field id: no such generator" },
    { L(S("uuid"), I(1)), 9, "source g: field uuid: wrong number of arguments" },
  };

  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    wr_slot leaf[LEAVES];
    gen g;
    for (int k = 0; k < LEAVES; k++) leaf[k] = NONE;
    leaf[cases[i].leaf] = cases[i].how;
    assert_false(begin(&g, 0, 0, 1, 0, 0.0, leaf, 1));
    assert_string_equal(g.r.message, cases[i].message);
    end(&g);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_batches), cmocka_unit_test(test_distributions), cmocka_unit_test(test_nulls_and_disorder),
    cmocka_unit_test(test_rate), cmocka_unit_test(test_wrong),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
