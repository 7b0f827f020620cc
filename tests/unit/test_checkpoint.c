/* test_checkpoint.c -- the file of a checkpoint cut at every byte and with every byte changed, the folder
 * of checkpoints, descriptors that fit and that do not, types out of their text.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fmt_rig.h"
#include "state.h"

static wr_str str(const char *s) { return (wr_str){ s, (wr_u32)strlen(s), 0 }; }

static void make(wr_buf *b, wr_i64 number)
{
  size_t at;
  wr_checkpoint_begin(b, number, 1700000000000000, "fraud");
  at = wr_section_begin(b, WR_SEC_STATE, "profile", str("key user string\nfield n int\n"));
  wr_buf_add(b, "some content", 12);
  wr_section_end(b, at);
  at = wr_section_begin(b, WR_SEC_GROUP, "", str(""));
  wr_section_end(b, at);
  at = wr_section_begin(b, WR_SEC_SOURCE, "payments", str("from file"));
  wr_buf_add(b, "", 1);
  wr_section_end(b, at);
  wr_checkpoint_end(b);
  wr_checkpoint_seal(b);
}

/* The bytes in memory of their own, so that reading behind them is seen. */
static bool parses(const char *p, size_t n, wr_checkpoint *c, char *why, size_t size)
{
  *c = (wr_checkpoint){ 0 };
  wr_buf_reserve(&c->bytes, n ? n : 1);
  if (n) memcpy(c->bytes.p, p, n);
  c->bytes.n = n;
  *why = 0;
  return wr_checkpoint_parse(c, why, size);
}

static void whole_files_are_read(void **state)
{
  wr_buf b = { 0 };
  wr_checkpoint c;
  char why[200];
  (void)state;
  make(&b, 12);
  assert_true(parses(b.p, b.n, &c, why, sizeof why));
  assert_int_equal(c.n, 3);
  assert_int_equal(c.number, 12);
  assert_int_equal(c.at, 1700000000000000);
  assert_int_equal(c.abi, WEIR_ABI);
  const wr_section *x = wr_section_find(&c, WR_SEC_STATE, "profile");
  assert_non_null(x);
  assert_int_equal(x->n, 12);
  assert_memory_equal(x->p, "some content", 12);
  assert_int_equal(x->text.len, 28);
  assert_null(wr_section_find(&c, WR_SEC_GROUP, "profile"));
  assert_null(wr_section_find(&c, WR_SEC_STATE, "profil"));
  wr_checkpoint_free(&c);
  wr_buf_free(&b);
}

static void cut_files_are_refused(void **state)
{
  wr_buf b = { 0 };
  wr_checkpoint c;
  char why[200];
  (void)state;
  make(&b, 12);
  for (size_t n = 0; n < b.n; n++) {
    assert_false(parses(b.p, n, &c, why, sizeof why));
    assert_true(*why);
    wr_checkpoint_free(&c);
  }
  wr_buf_add(&b, "x", 1);
  assert_false(parses(b.p, b.n, &c, why, sizeof why));
  wr_checkpoint_free(&c);
  wr_buf_free(&b);
}

static void changed_files_are_refused(void **state)
{
  wr_buf b = { 0 };
  wr_checkpoint c;
  char why[200];
  (void)state;
  make(&b, 12);
  for (size_t i = 0; i < b.n; i++)
    for (int bit = 0; bit < 8; bit++) {
      b.p[i] ^= (char)(1 << bit);
      if (parses(b.p, b.n, &c, why, sizeof why)) fail_msg("bit %d of byte %zu may be anything", bit, i);
      assert_true(*why);
      wr_checkpoint_free(&c);
      b.p[i] ^= (char)(1 << bit);
    }
  wr_buf_free(&b);
}

static void another_format_is_told(void **state)
{
  wr_buf b = { 0 };
  wr_checkpoint c;
  char why[200];
  (void)state;
  make(&b, 12);
  for (int by = -1; by <= 1; by += 2) {
    b.p[8] = (char)(WR_CHECKPOINT_FORMAT + by);
    wr_checkpoint_seal(&b);
    assert_false(parses(b.p, b.n, &c, why, sizeof why));
    assert_non_null(strstr(why, by > 0 ? "a newer version" : "an older version"));
    assert_int_equal(c.other, WR_CHECKPOINT_FORMAT + by);
    wr_checkpoint_free(&c);
  }
  wr_buf_free(&b);
}

static void a_folder_keeps_two(void **state)
{
  char dir[200], command[300], why[300];
  wr_state_dir d;
  wr_checkpoint c;
  (void)state;
  snprintf(dir, sizeof dir, "%s/weir-test-XXXXXX", P_tmpdir);
  assert_non_null(mkdtemp(dir));
  assert_true(wr_dir_open(&d, dir, true, why, sizeof why));
  assert_int_equal(d.n, 0);
  wr_state_dir second;
  assert_false(wr_dir_open(&second, dir, true, why, sizeof why));
  assert_non_null(strstr(why, "another run"));
  for (wr_i64 n = 1; n <= 5; n++) {
    wr_buf b = { 0 };
    make(&b, n);
    assert_true(wr_dir_write(&d, n, n - 1, &b, why, sizeof why));
    wr_buf_free(&b);
  }
  wr_dir_close(&d);
  assert_true(wr_dir_open(&d, dir, true, why, sizeof why));
  assert_int_equal(d.n, 2);
  assert_int_equal(d.number[0], 5);
  assert_int_equal(d.number[1], 4);
  assert_true(wr_dir_read(&d, 5, &c, why, sizeof why));
  assert_int_equal(c.number, 5);
  wr_checkpoint_free(&c);
  assert_false(wr_dir_read(&d, 3, &c, why, sizeof why));
  wr_dir_close(&d);
  snprintf(command, sizeof command, "rm -r '%s'", dir);
  assert_int_equal(system(command), 0);
}

static void descriptors_fit_or_not(void **state)
{
  static const struct { enum wr_section_kind kind; const char *was, *is; enum wr_fit fit; const char *w; } all[] = {
    { WR_SEC_STATE, "key u string\nfield n int\n", "key u string\nfield n int\n", WR_FITS, "" },
    { WR_SEC_STATE, "key u string\nfield n int\n", "key u string\nfield m int\nfield n int\n", WR_FITS, "" },
    { WR_SEC_STATE, "key u string\nfield n int\nfield m int\n", "key u string\nfield m int\nfield n int\n", WR_FITS, "" },
    { WR_SEC_STATE, "key u string\nfield n int\n", "key u string\nfield n float\n", WR_FITS, "" },
    { WR_SEC_STATE, "key u string\nfield n int\n", "key u string\nfield n int?\n", WR_FITS, "" },
    { WR_SEC_STATE, "key u string\nfield n int?\n", "key u string\nfield n int\n", WR_FITS_NOT, "field n int?" },
    { WR_SEC_STATE, "key u string\nfield n int\n", "key u string\nfield n decimal(2)\n", WR_FITS_NOT, "field n int" },
    { WR_SEC_STATE, "key u string\nfield n int\n", "key u string\nfield nn int\n", WR_FITS_NOT, "field n int" },
    { WR_SEC_STATE, "key u string\nfield n int\n", "key u int\nfield n int\n", WR_FITS_NOT, "key u string" },
    { WR_SEC_STATE, "key u string\nkeep 30d\n", "key u string\nkeep 60d\n", WR_FITS, "" },
    { WR_SEC_STATE, "key u string\nmeans n = n + 1\n", "key u string\nmeans n = n + 2\n", WR_MEANS_OTHER, "means n = n + 1" },
    { WR_SEC_GROUP, "key u string\nwindow tumbling 1h\n", "key u string\nwindow tumbling 2h\n", WR_FITS_NOT, "window tumbling 1h" },
    { WR_SEC_GROUP, "window w\nagg a\n", "window w\nagg a\nagg b\n", WR_FITS_NOT, "" },
    { WR_SEC_GROUP, "window w\nagg a\nagg b\n", "window w\nagg a\n", WR_FITS_NOT, "agg b" },
    { WR_SEC_GROUP, "window w\nmeans x", "window w\nmeans y", WR_MEANS_OTHER, "means x" },
    { WR_SEC_GROUP, "", "", WR_FITS, "" },
    { WR_SEC_STATE, "key u enum(a|b)\nfield k enum(a|b)?\n", "key u enum(b|c|a)\nfield k enum(c|b|a)?\n", WR_FITS, "" },
    { WR_SEC_STATE, "field k enum(a|b)\n", "field k enum(a|c)\n", WR_FITS_NOT, "field k enum(a|b)" },
    { WR_SEC_STATE, "field k enum(a|b)\n", "field k enum(ab|a)\n", WR_FITS_NOT, "field k enum(a|b)" },
    { WR_SEC_STATE, "field k enum(a|other|..)\n", "field k enum(b|a|other|..)\n", WR_FITS, "" },
    { WR_SEC_STATE, "field k list<enum(a|b)>\n", "field k list<enum(b|a)>?\n", WR_FITS, "" },
    { WR_SEC_GROUP, "key k enum(a|b)\n", "key k enum(a|b|c)\n", WR_FITS, "" },
    { WR_SEC_GROUP, "key k enum(a|b)\n", "key k enum(b|a)\n", WR_FITS_NOT, "key k enum(a|b)" },
    { WR_SEC_GROUP, "key k enum(a|b)\n", "key k enum(a|bc)\n", WR_FITS_NOT, "key k enum(a|b)" },
    { WR_SEC_GROUP, "key k enum(a|other|..)\n", "key k enum(a|other|..|z)\n", WR_FITS_NOT, "key k enum(a|other|..)" },
    { WR_SEC_ORDER, "lane s\nfield s.a int\n", "lane s\nfield s.a int\nfield s.b int\n", WR_FITS, "" },
    { WR_SEC_ORDER, "lane s\nfield s.a int\n", "lane s\nfield s.b int\n", WR_FITS, "" },
    { WR_SEC_ORDER, "lane s\nfield s.a int\n", "lane s\nfield s.a string\n", WR_FITS_NOT, "field s.a int" },
    { WR_SEC_ORDER, "lane s\nfield s.a int\n", "lane r\nfield r.a int\n", WR_FITS_NOT, "lane s" },
    { WR_SEC_WINDOW, "window sliding 1h\nfield a int\n", "window sliding 5m\n", WR_FITS, "" },
    { WR_SEC_WINDOW, "window sliding 1h\n", "window sliding 2h\n", WR_MEANS_OTHER, "window sliding 1h" },
    { WR_SEC_WINDOW, "window sliding 90 rows\n", "window sliding 100 rows\n", WR_MEANS_OTHER, "window sliding 90 rows" },
    { WR_SEC_WINDOW, "window sliding 90 rows\n", "window sliding 5s\n", WR_MEANS_OTHER, "window sliding 90 rows" },
    { WR_SEC_WINDOW, "field a int\n", "field a int\nfield b int\n", WR_FITS_NOT, "" },
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    char w[100] = "", is[100] = "";
    enum wr_fit fit = wr_state_fit(all[i].kind, str(all[i].was), str(all[i].is), w, is, sizeof w);
    if (fit != all[i].fit || strcmp(w, all[i].w)) fail_msg("descriptor %zu: %d, `%s`", i, fit, w);
  }
}

static void types_come_out_of_their_text(void **state)
{
  static const char *const good[] = { "int", "string?", "decimal(12)", "list<int?>", "map<list<float>>?", "enum(a|b)",
                                      "enum(a|b|..)?", "list<record{x: int, y: enum(p|q)?}>", "timestamp", "json" };
#define DEEP "list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<list<int>>>>>>>>>>>>>>>>>"
  static const char *const bad[] = { "", "in", "int ", "list<int", "list<>", "decimal", "decimal(99)", "enum(a", "record{x}",
                                     "record{x: }", "int??",
                                     DEEP };
  rig r = { 0 };
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    wr_buf b = { 0 };
    const wr_type *t = wr_type_parse(&r.ctx, str(good[i]));
    if (!t) fail_msg("%s", good[i]);
    wr_type_text(&b, t);
    wr_buf_add(&b, "", 1);
    assert_string_equal(b.p, good[i]);
    wr_buf_free(&b);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (wr_type_parse(&r.ctx, str(bad[i]))) fail_msg("%s", bad[i]);
  rig_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(whole_files_are_read), cmocka_unit_test(cut_files_are_refused),
    cmocka_unit_test(changed_files_are_refused), cmocka_unit_test(another_format_is_told),
    cmocka_unit_test(a_folder_keeps_two),
    cmocka_unit_test(descriptors_fit_or_not), cmocka_unit_test(types_come_out_of_their_text),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
