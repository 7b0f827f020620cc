/* test_abi.c -- the layouts that generated code and runtime share, so that none moves unseen: whoever
 * changes one moves WEIR_ABI and this page together.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "weir/agg.h"

#define AT(type, member, offset) assert_int_equal(offsetof(type, member), offset)

static void values(void **state)
{
  (void)state;
  assert_int_equal(WEIR_ABI, 2);
  assert_int_equal(sizeof(wr_i64), 8);
  assert_int_equal(sizeof(wr_i32), 4);
  assert_int_equal(sizeof(wr_str), 16);
  assert_int_equal(sizeof(wr_list), 16);
  assert_int_equal(sizeof(wr_slot), 16);
  assert_int_equal(sizeof(wr_dec), 16);
  AT(wr_str, len, 8);
  AT(wr_slot, len, 8);
  AT(wr_slot, st, 12);
  AT(wr_list, n, 8);
  AT(wr_list, width, 12);
}

static void batches(void **state)
{
  (void)state;
  assert_int_equal(sizeof(wr_col), 16);
  assert_int_equal(sizeof(wr_pos), 16);
  AT(wr_pos, src, 8);
  AT(wr_pos, ord, 12);
  assert_int_equal(sizeof(wr_batch), 72);
  AT(wr_batch, col, 16);
  AT(wr_batch, time, 24);
  AT(wr_batch, wm, 32);
  AT(wr_batch, pos, 40);
  AT(wr_batch, row, 48);
  AT(wr_batch, skip, 56);
  AT(wr_batch, raw, 64);
  assert_int_equal(sizeof(wr_ctx), 40);
  AT(wr_ctx, param, 8);
  AT(wr_ctx, cut, 16);
  AT(wr_ctx, now, 24);
}

static void tables(void **state)
{
  (void)state;
  assert_int_equal(sizeof(wr_type), 32);
  assert_int_equal(sizeof(wr_field), 48);
  assert_int_equal(sizeof(wr_cells), 24);
  assert_int_equal(sizeof(wr_aggspec), 56);
  assert_int_equal(sizeof(wr_port), 40);
  assert_int_equal(sizeof(wr_feed), 16);
  assert_int_equal(sizeof(wr_site), 32);
  assert_int_equal(sizeof(wr_param), 64);
  assert_int_equal(sizeof(wr_check), 12);
  assert_int_equal(sizeof(wr_meta), 16);
  assert_int_equal(sizeof(wr_source), 120);
  assert_int_equal(sizeof(wr_group), 88);
  assert_int_equal(sizeof(wr_stage), 24);
  assert_int_equal(sizeof(wr_seq), 40);
  assert_int_equal(sizeof(wr_lane), 32);
  assert_int_equal(sizeof(wr_cell), 32);
  assert_int_equal(sizeof(wr_store), 72);
  assert_int_equal(sizeof(wr_lookup), 40);
  assert_int_equal(sizeof(wr_sliding), 88);
  assert_int_equal(sizeof(wr_limit), 40);
  assert_int_equal(sizeof(wr_tally), 24);
  assert_int_equal(sizeof(wr_sink), 72);
  assert_int_equal(sizeof(wr_program), 232);
  assert_int_equal(sizeof(struct wr_agg), 96);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(values), cmocka_unit_test(batches), cmocka_unit_test(tables) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
