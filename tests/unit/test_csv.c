/* test_csv.c -- CSV both ways: framing in pieces of every size, cells, headers, empty fields. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "fmt_csv.h"
#include "fmt_rig.h"

#define TYPE(...) &(const wr_type){ __VA_ARGS__ }
static const wr_type int_type = { .kind = WR_INT };
static const wr_field site[] = {
  { .name = "name", .len = 4, .col = 4, .type = TYPE(.kind = WR_STR) },
  { .name = "n", .len = 1, .col = 5, .type = TYPE(.kind = WR_INT) },
};
static const wr_slot nine = { .u.i = 9 };
static const wr_field fields[] = {
  { .name = "id", .len = 2, .col = 0, .type = TYPE(.kind = WR_INT) },
  { .name = "text", .len = 4, .col = 1, .type = TYPE(.kind = WR_STR) },
  { .name = "maybe", .len = 5, .col = 2, .type = TYPE(.kind = WR_DEC, .scale = 2, .nullable = 1) },
  { .name = "site", .len = 4, .col = 3, .type = TYPE(.kind = WR_REC, .nullable = 1, .n = 2, .fields = site) },
  { .name = "l", .len = 1, .col = 6, .type = TYPE(.kind = WR_LIST, .nullable = 1, .elem = &int_type) },
  { .name = "k", .len = 1, .col = 7, .type = TYPE(.kind = WR_INT), .dflt = &nine },
};
static const wr_type type = { .kind = WR_REC, .n = 6, .fields = fields };

typedef struct csv {
  rig r;
  void *state;
  wr_source source;
  wr_batch *b;
  rig_shape shape;
} csv;

static void begin(csv *c, bool header, bool strict)
{
  wr_slot opt[4] = { wr_i64_slot(header, 0), wr_i64_slot(0, -1), wr_i64_slot(0, -1), wr_i64_slot(0, -1) };

  memset(c, 0, sizeof *c);
  c->state = wr_fmt_csv.open(&c->r.ctx, &type, opt);
  c->source = (wr_source){ .name = "s", .type = &type, .fmt = &wr_fmt_csv, .strict = strict };
  c->b = rig_batch(&c->shape, &type, 100);
}

static void end(csv *c)
{
  wr_fmt_csv.close(&c->r.ctx, c->state);
  wr_batch_free(c->b, c->shape.kind);
  rig_free(&c->r);
}

/* Feeds a text in pieces of `step` bytes, as the file source does. */
static void feed(csv *c, const char *text, size_t step)
{
  size_t n = strlen(text), from = 0, seen = 0;
  bool first = true;

  for (size_t end_at = step < n ? step : n;;) {
    while (seen < end_at || (end_at == n && from < n)) {
      size_t skip, len = wr_fmt_csv.frame(c->state, text + seen, end_at - seen, end_at == n, &skip);
      if (!len && end_at < n) {
        seen = end_at;
        break;
      }
      wr_str rec = { text + from, (wr_u32)(seen + len - from - skip), 0 };
      from = seen += len;
      int is = first ? wr_fmt_csv.header(&c->r.ctx, c->state, &c->source, &type, rec) : 0;
      if (is < 0) return;
      first = false;
      if (!is) wr_fmt_csv.decode(&c->r.ctx, c->state, &c->source, &type, &rec, 1, c->b->n, c->b);
    }
    if (end_at == n) return;
    end_at = end_at + step < n ? end_at + step : n;
  }
}

static char *written(csv *c, bool header)
{
  static char text[4000];
  wr_buf b = { 0, 0, 0 };

  if (header) wr_fmt_csv.encode_header(&c->r.ctx, c->state, &type, &b);
  wr_fmt_csv.encode(&c->r.ctx, c->state, &type, c->b, &b);
  assert_true(b.n < sizeof text);
  if (b.n) memcpy(text, b.p, b.n);
  text[b.n] = 0;
  wr_buf_free(&b);
  return text;
}

static void test_every_split(void **state)
{
  static const char in[] = "k,text,id,maybe,site.name,site.n,l,ignored\r\n"
                           "1,\"a,\"\"b\"\"\r\n\nc\",5,1.5,\"x\",7,\"[1,2]\",zzz\r\n"
                           "2,plain,6,,,,,\n"
                           "\n"
                           "3,\"\",7,\"\",n,0,[],\"\"\"\"";
  static const char out[] = "id,text,maybe,site.name,site.n,l,k\n"
                            "5,\"a,\"\"b\"\"\r\n\nc\",1.50,x,7,\"[1,2]\",1\n"
                            "6,plain,,,,,2\n"
                            "7,,,n,0,[],3\n";

  (void)state;
  for (size_t step = 1; step <= sizeof in; step++) {
    csv c;
    begin(&c, true, false);
    feed(&c, in, step);
    assert_int_equal(c.r.nbad, 0);
    assert_string_equal(c.r.message, "");
    assert_string_equal(written(&c, true), out);
    assert_int_equal(((wr_u8 *)c.b->col[3].v)[1], 0);
    end(&c);
  }
}

static enum wr_err row(const char *line, const char *field)
{
  csv c;
  enum wr_err err;

  begin(&c, false, false);
  feed(&c, line, 1000);
  err = c.r.nbad ? c.r.bad[0].kind : WR_E_NONE;
  if (err) assert_string_equal(c.r.bad[0].field, field);
  assert_int_equal(c.b->n, err ? 0 : 1);
  end(&c);
  return err;
}

static void test_bad_rows(void **state)
{
  (void)state;
  assert_int_equal(row("1,a,,,,,1", ""), 0);
  assert_int_equal(row("1,,,,,,1", ""), 0);                    /* the empty string */
  assert_int_equal(row(",a,,,,,1", "id"), WR_E_NULL_VALUE);
  assert_int_equal(row("1,a,,,,,", "k"), WR_E_NULL_VALUE);     /* a default is for a missing column */
  assert_int_equal(row("1,a,,,,", "6 fields instead of 7"), WR_E_SYNTAX);
  assert_int_equal(row("1,a,,,,,1,2,3", "9 fields instead of 7"), WR_E_SYNTAX);
  assert_int_equal(row("x,a,,,,,1", "id"), WR_E_TYPE);
  assert_int_equal(row(" 1,a,,,,,1", "id"), WR_E_TYPE);
  assert_int_equal(row("1,a,1.005,,,,1", "maybe"), WR_E_TYPE);
  assert_int_equal(row("99999999999999999999,a,,,,,1", "id"), WR_E_RANGE);
  assert_int_equal(row("1,a,,x,,,1", "site.n"), WR_E_NULL_VALUE);
  assert_int_equal(row("1,a\"b,,,,,1", ""), WR_E_SYNTAX);
  assert_int_equal(row("1,\"a\"b,,,,,1", ""), WR_E_SYNTAX);
  assert_int_equal(row("1,\"ab,,,,,1", ""), WR_E_SYNTAX);
  assert_int_equal(row("1,\xFF,,,,,1", "text"), WR_E_UTF8);
}

static void test_header_errors(void **state)
{
  static const struct { const char *text, *message; bool strict; } cases[] = {
    { "id,maybe\n", "source s: the header has no column \"text\"", false },
    { "id,text,id\n", "source s: the header's column \"id\" occurs twice", false },
    { "id,\"text\n1,a\n", "source s: the header line is not well-formed CSV", false },
    { "id,text,maybe,site.name,site.n,l,k,more\n", "source s: the header's column \"more\" is not a field of the type (check strict)", true },
    { "text,id\n", "", false },
  };

  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    csv c;
    begin(&c, true, cases[i].strict);
    feed(&c, cases[i].text, 3);
    assert_string_equal(c.r.message, cases[i].message);
    assert_int_equal(c.r.exit_code, *cases[i].message ? WR_EXIT_DATA : 0);
    end(&c);
  }
}

static void test_defaults(void **state)
{
  csv c;

  (void)state;
  begin(&c, true, false);
  feed(&c, "text,id\nx,1\n", 1);
  assert_int_equal(c.r.nbad, 0);
  assert_string_equal(written(&c, false), "1,x,,,,,9\n");
  end(&c);
}

/* A quote far away from the line's start must not be looked for again and again. */
static void test_long_quoted(void **state)
{
  enum { N = 1 << 20 };
  char *text = malloc(N + 20);
  csv c;
  size_t skip, len = 0, at = 0;

  (void)state;
  memset(text, '\n', N);
  text[0] = '"';
  memcpy(text + N, "\",a,,,,,1\n", 11);
  begin(&c, false, false);
  while (!len) {
    size_t step = N + 10 - at < 16 ? N + 10 - at : 16;
    len = wr_fmt_csv.frame(c.state, text + at, step, 0, &skip);
    at += len ? len : step;
  }
  assert_int_equal(at, N + 10);
  assert_int_equal(skip, 1);
  end(&c);
  free(text);
}

static void test_options(void **state)
{
  rig r = { 0 };
  wr_slot opt[4] = { wr_i64_slot(1, 0), wr_str_slot(RIG_STR(";;"), 0), wr_str_slot(RIG_STR("'"), 0), wr_i64_slot(0, -1) };

  (void)state;
  assert_null(wr_fmt_csv.open(&r.ctx, &type, opt));
  assert_int_equal(r.exit_code, WR_EXIT_CONFIG);
  r.exit_code = 0;
  opt[1] = wr_str_slot(RIG_STR("'"), 0);
  assert_null(wr_fmt_csv.open(&r.ctx, &type, opt));
  assert_int_equal(r.exit_code, WR_EXIT_CONFIG);
  rig_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_split), cmocka_unit_test(test_bad_rows), cmocka_unit_test(test_header_errors),
    cmocka_unit_test(test_defaults), cmocka_unit_test(test_long_quoted), cmocka_unit_test(test_options),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
