/* test_save.c -- values in the byte form of state: what was saved is loaded again, of any type; what cannot be
 * is refused. */
#include "keyed_rig.h"
#include "hold.h"

static const char *const colours[] = { "red", "green" };
static const wr_type colour = { .kind = WR_ENUM, .n = 2, .names = colours }, str_null = { .kind = WR_STR, .nullable = 1 },
                     strings = { .kind = WR_LIST, .elem = &str_null }, floats = { .kind = WR_FLOAT };
static const wr_field inner_fields[] = { { .name = "x", .type = &rig_int }, { .name = "s", .type = &str_null } };
static const wr_type inner = { .kind = WR_REC, .nullable = 1, .n = 2, .fields = inner_fields };
static const wr_field outer_fields[] = { { .name = "in", .type = &inner }, { .name = "list", .type = &strings },
                                         { .name = "c", .type = &colour } };
static const wr_type outer = { .kind = WR_REC, .n = 3, .fields = outer_fields };
static const wr_type records = { .kind = WR_LIST, .elem = &outer }, map = { .kind = WR_MAP, .elem = &strings, .nullable = 1 };
static const wr_type bytes = { .kind = WR_BYTES }, boolean = { .kind = WR_BOOL };
static const wr_type *const all[] = { &colour, &str_null, &strings, &floats, &records, &map, &rig_int, &bytes, &boolean };
enum { TYPES = sizeof all / sizeof *all };

static wr_slot *fill(const wr_type *, wr_slot *);
static wr_slot elements(const wr_type *t, wr_u32 width)
{
  wr_u32 n = (wr_u32)rig_below(4);
  wr_slot *e = wr_alloc(&run.ctx, (n + 1) * width * (wr_u32)sizeof *e), *p = e;
  for (wr_u32 i = 0; i < n; i++) {
    if (t->kind == WR_MAP) p = fill(&rig_str, p);
    p = fill(t->elem, p);
  }
  return wr_list_slot((wr_list){ e, n, width }, 0);
}

static wr_slot *fill(const wr_type *t, wr_slot *v)
{
  static const char text[] = "some text, of which a part is taken";
  if (t->kind == WR_REC) {
    bool there = !t->nullable || rig_below(3);
    if (t->nullable) *v++ = wr_i64_slot(there, there ? 0 : WR_NULL);
    for (wr_u32 i = 0; i < t->n; i++) {
      wr_slot *next = fill(t->fields[i].type, v);
      if (!there) for (wr_slot *p = v; p < next; p++) *p = wr_i64_slot(0, WR_NULL);
      v = next;
    }
    return v;
  }
  wr_u32 width = t == &records ? 5 : t == &map ? 2 : 1;
  if (t->nullable && rig_below(4) == 0) *v = wr_i64_slot(0, WR_NULL);
  else if (t->kind == WR_STR || t->kind == WR_BYTES) *v = wr_str_slot((wr_str){ text, (wr_u32)rig_below(30), 0 }, 0);
  else if (t->kind == WR_LIST || t->kind == WR_MAP) *v = elements(t, width);
  else if (t->kind == WR_FLOAT) *v = wr_f64_slot(rig_below(100) / 8., 0);
  else *v = wr_i64_slot(rig_below(2), 0);
  return v + 1;
}

static bool load_one(wr_loader *l, void *type)
{
  wr_load_slot(&run.ctx, l, type);
  return !l->bad || wr_load_damaged(&run.ctx, l);
}

static void round_trips(void **unused)
{
  (void)unused;
  rig_open();
  for (int i = 0; i < 2000; i++) {
    const wr_type *t = all[i % TYPES];
    wr_saver s = { 0 };
    wr_slot v;
    fill(t, &v);
    wr_save_slot(&s, t, v);
    wr_loader l = { s.buf.p, s.buf.p + s.buf.n, false, NULL };
    wr_slot back = wr_load_slot(&run.ctx, &l, t);
    assert_false(l.bad);
    assert_ptr_equal(l.p, l.end);
    assert_true(wr_slot_eq(t, v, back));
    char *block = malloc(wr_hold_bytes(t, v) + 1);
    wr_slot copy = wr_hold_copy(t, v, block);
    assert_true(wr_slot_eq(t, v, copy) && wr_hold_bytes(t, copy) == wr_hold_bytes(t, v));
    free(block);
    rig_bend(&s.buf, load_one, (void *)(uintptr_t)t, 6);
    wr_buf_free(&s.buf);
  }
  rig_close();
}

static void refuses(const wr_type *t, const char *p, size_t n)
{
  wr_loader l = { p, p + n, false, NULL };
  wr_load_slot(&run.ctx, &l, t);
  assert_true(l.bad);
}

static void what_cannot_be(void **unused)
{
  (void)unused;
  rig_open();
  refuses(&colour, "\0\2\0\0\0\0\0\0\0", 9);                  /* there are two colours */
  refuses(&boolean, "\0\2\0\0\0\0\0\0\0", 9);
  refuses(&floats, "\0\0\0\0\0\0\0\360\177", 9);              /* infinity */
  refuses(&str_null, "\0\1\0\0\0\377", 6);                    /* not UTF-8 */
  refuses(&str_null, "\0\377\377\377\377", 5);
  refuses(&strings, "\0\377\377\377\177", 5);
  refuses(&strings, "\2", 1);
  refuses(&rig_int, "", 0);
  rig_close();
}

static void type_text(const wr_type *t, const char *want)
{
  wr_buf b = { 0 };
  wr_type_text(&b, t);
  assert_int_equal(b.n, strlen(want));
  assert_memory_equal(b.p, want, b.n);
  wr_buf_free(&b);
}

static enum wr_widen widens(const char *was, const wr_type *t) { return wr_type_widens((wr_str){ was, (wr_u32)strlen(was), 0 }, t); }

static void types_as_text(void **unused)
{
  (void)unused;
  wr_type dec = { .kind = WR_DEC, .scale = 2 }, float_null = { .kind = WR_FLOAT, .nullable = 1 };
  type_text(&dec, "decimal(2)");
  type_text(&records, "list<record{in: record{x: int, s: string?}?, list: list<string?>, c: enum(red|green)}>");
  type_text(&map, "map<list<string?>>?");
  assert_int_equal(widens("int", &float_null), WR_WIDEN_FLOAT);
  assert_int_equal(widens("int?", &float_null), WR_WIDEN_FLOAT);
  assert_int_equal(widens("float", &float_null), WR_WIDEN_SAME);
  assert_int_equal(widens("float?", &floats), WR_WIDEN_NOT);
  assert_int_equal(widens("int?", &floats), WR_WIDEN_NOT);
  assert_int_equal(widens("decimal(3)", &dec), WR_WIDEN_NOT);
  assert_int_equal(widens("float", &rig_int), WR_WIDEN_NOT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(round_trips), cmocka_unit_test(what_cannot_be), cmocka_unit_test(types_as_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
