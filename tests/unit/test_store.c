/* test_store.c -- states against a model that keeps every key's values as plain C: reads as of a time,
 * expiry at exactly `keep`, text that stays readable until the batch is over; checkpoints, upgrades.
 */
#include "keyed_rig.h"
#include <malloc.h>

enum { KEYS = 300, ROWS = 6000, KEEP = 100 };

/* ---- the record ---- */
static const wr_type int_null = { .kind = WR_INT, .nullable = 1 }, str_null = { .kind = WR_STR, .nullable = 1 },
                     list_of_str = { .kind = WR_LIST, .elem = &str_null }, float_type = { .kind = WR_FLOAT };
enum { F_N, F_S, F_LIST, F_X, F_NAME, F_COUNT };
static const wr_cell fields[] = {
  { .name = "n", .type = &int_null, .off = 0, .st = 64 }, { .name = "s", .type = &str_null, .off = 8, .st = 65 },
  { .name = "list", .type = &list_of_str, .off = 24 }, { .name = "x", .type = &float_type, .off = 40 },
  { .name = "name", .type = &rig_str, .off = 48 },
};
static const char first_name[] = "a name that every record starts with";
static void record_init(wr_ctx *ctx, void *rec)
{
  char *p = wr_alloc(ctx, sizeof first_name);
  memcpy(p, first_name, sizeof first_name);
  *(wr_str *)((char *)rec + 48) = (wr_str){ p, sizeof first_name - 1, 0 };
  *(double *)((char *)rec + 40) = 0.5;
  ((char *)rec)[64] = WR_ST_NULL;
  ((char *)rec)[65] = WR_ST_NULL;
}
static const wr_store definition = { .name = "profile", .nfield = F_COUNT, .field = fields, .size = 72,
                                     .init = record_init, .stage = 0 };

/* ---- the model ---- */
typedef struct text { bool null; int len; char p[600]; } text;
typedef struct model {
  bool there, n_null;
  wr_ts last;
  wr_i64 n;
  double x;
  text s, name, item[2];
  int items;
} model;

static void model_new(model *m)
{
  *m = (model){ .n_null = true, .x = 0.5, .s.null = true };
  m->name.len = sizeof first_name - 1;
  memcpy(m->name.p, first_name, sizeof first_name - 1);
}
static void model_as_of(const model *m, wr_ts t, wr_i64 keep, model *out)
{
  if (m->there && (keep < 0 || t - m->last <= keep)) *out = *m;
  else model_new(out);
}
static wr_slot slot_of(const text *v) { return v->null ? wr_i64_slot(0, WR_NULL) : wr_str_slot((wr_str){ v->p, (wr_u32)v->len, 0 }, 0); }
static void check_text(wr_str s, const text *want)
{
  if (want->null) return;
  assert_int_equal(s.len, want->len);
  if (s.len) assert_memory_equal(s.p, want->p, s.len);
}
static void check(const char *rec, const model *m)
{
  assert_int_equal(rec[64] != 0, m->n_null);
  if (!m->n_null) assert_true(*(wr_i64 *)rec == m->n);
  assert_int_equal(rec[65] != 0, m->s.null);
  check_text(*(wr_str *)(rec + 8), &m->s);
  wr_list list = *(wr_list *)(rec + 24);
  assert_int_equal(list.n, m->items);
  for (int i = 0; i < m->items; i++) {
    assert_int_equal(list.p[i].st != 0, m->item[i].null);
    check_text(wr_slot_str(list.p[i]), &m->item[i]);
  }
  assert_true(*(double *)(rec + 40) == m->x);
  check_text(*(wr_str *)(rec + 48), &m->name);
}

static void random_text(text *v, bool nulls)
{
  static const int most[] = { 1, 14, 40, 600 };
  v->null = nulls && rig_below(4) == 0;
  v->len = v->null ? 0 : rig_below(most[rig_below(4)]);
  memset(v->p, 'a' + rig_below(3), (size_t)v->len);
}

/* ---- rows ---- */
typedef struct seen { wr_str s; text want; } seen;            /* what a row of this batch still points to */
static seen pending[64];
static int npending;
static void remember(wr_str s)
{
  if (npending == 64 || s.len >= 600) return;
  seen *p = &pending[npending++];
  p->s = s;
  p->want.null = false;
  p->want.len = (int)s.len;
  memcpy(p->want.p, s.p, s.len);
}

static void write_row(char *rec, model *m)
{
  *(wr_i64 *)rec = m->n = rig_below(1000);
  rec[64] = 0;
  m->n_null = false;
  *(double *)(rec + 40) = m->x = rig_below(100) / 8.;
  if (rig_below(3) == 0) {                /* s and name change places: both are read before */
    wr_str s = *(wr_str *)(rec + 8), name = *(wr_str *)(rec + 48);
    text was = m->s.null ? (text){ 0 } : m->s;
    remember(name);
    wr_store_set(&run.ctx, 0, rec, F_S, wr_str_slot(name, 0));
    wr_store_set(&run.ctx, 0, rec, F_NAME, m->s.null ? wr_str_slot((wr_str){ "", 0, 0 }, 0) : wr_str_slot(s, 0));
    m->s = m->name;
    m->name = was;
    return;
  }
  random_text(&m->s, true);
  wr_store_set(&run.ctx, 0, rec, F_S, slot_of(&m->s));
  m->items = rig_below(3);
  wr_slot item[2];
  for (int i = 0; i < m->items; i++) random_text(&m->item[i], true), item[i] = slot_of(&m->item[i]);
  wr_store_set(&run.ctx, 0, rec, F_LIST, wr_list_slot((wr_list){ item, (wr_u32)m->items, 1 }, 0));
}

static void end_batch(wr_ts t)
{
  for (int i = 0; i < npending; i++) check_text(pending[i].s, &pending[i].want);
  npending = 0;
  wr_stored_settle(&run.ctx, rig_store[0]);
  wr_stored_expire(&run.ctx, rig_store[0], t);
  wr_arena_reset(&run);
}

static model models[KEYS];
static const wr_slot forever[WR_KCFG_N] = { { .st = WR_NULL } }, hundred[WR_KCFG_N] = { { .u.i = KEEP } };

static wr_ts play(const wr_store *d, const rig_shape *sh, int spread, wr_i64 keep, int rows)
{
  wr_ts t = 1000000;
  for (int k = 0; k < KEYS; k++) models[k].there = false;
  npending = 0;
  rig_store[0] = wr_stored_new(&run.ctx, d, keep < 0 ? forever : hundred);
  for (int r = 0; r < rows; r++) {
    int k = sh->n ? rig_pick(spread, KEYS, r) : 0;
    rig_key key;
    rig_key_make(sh, k, &key);
    model m;
    t += rig_below(4) ? rig_below(3) : rig_below(9) ? 0 : KEEP + rig_below(3) - 1;
    model_as_of(&models[k], t, keep, &m);
    const char *rec = wr_store_read(&run.ctx, 0, key.word, key.hash, t);
    check(rec, &m);
    remember(*(wr_str *)(rec + 48));
    if (rig_below(3)) {
      m.there = true, m.last = t;
      write_row(wr_store_write(&run.ctx, 0, key.word, key.hash, t), &m);
      models[k] = m;
      check(wr_store_read(&run.ctx, 0, key.word, key.hash, t), &m);
    }
    if (rig_below(20) == 0) end_batch(t);
  }
  end_batch(t);
  return t;
}

static void check_all(const wr_stored *s, const rig_shape *sh, wr_ts t, wr_i64 keep)
{
  for (int k = 0; k < (sh->n ? KEYS : 1); k++) {
    rig_key key;
    rig_key_make(sh, k, &key);
    wr_ts last;
    const char *rec = wr_stored_peek(s, key.word, key.hash, t, &last);
    bool there = models[k].there && (keep < 0 || t - models[k].last <= keep);
    assert_int_equal(rec != NULL, there);
    if (!there) continue;
    assert_true(last == models[k].last);
    check(rec, &models[k]);
  }
}

/* ---- tests ---- */

typedef struct loading { const wr_store *d; } loading;
static bool load_anew(wr_loader *l, void *arg)
{
  wr_stored *s = wr_stored_new(&run.ctx, ((loading *)arg)->d, forever);
  bool ok = wr_stored_load(&run.ctx, s, l);
  assert_true(ok || wr_stored_keys(s) == 0);
  wr_stored_free(&run.ctx, s);
  return ok;
}

static void round_trip(const wr_store *d, const rig_shape *sh, wr_ts t, wr_i64 keep)
{
  wr_saver v = { 0 };
  wr_stored_save(&run.ctx, rig_store[0], &v);
  rig_store[1] = wr_stored_new(&run.ctx, d, keep < 0 ? forever : hundred);
  wr_loader l = { v.buf.p, v.buf.p + v.buf.n, false, NULL };
  assert_true(wr_stored_load(&run.ctx, rig_store[1], &l));
  assert_ptr_equal(l.p, l.end);
  assert_int_equal(wr_stored_keys(rig_store[1]), wr_stored_keys(rig_store[0]));
  check_all(rig_store[1], sh, t, keep);
  wr_stored_free(&run.ctx, rig_store[1]);
  rig_bend(&v.buf, load_anew, &(loading){ d }, 40);
  wr_buf_free(&v.buf);
}

static void states_are_the_model(void **unused)
{
  (void)unused;
  rig_open();
  for (int shape = 0; shape < RIG_SHAPES; shape++)
    for (int spread = 0; spread < RIG_SPREADS; spread++)
      for (wr_i64 keep = -1; keep <= KEEP; keep += KEEP + 1) {
        const rig_shape *sh = &rig_shapes[shape];
        wr_store d = definition;
        d.key = sh->key, d.nkey = sh->n;
        wr_ts t = play(&d, sh, spread, keep, ROWS);
        check_all(rig_store[0], sh, t, keep);
        round_trip(&d, sh, t, keep);
        wr_stored_free(&run.ctx, rig_store[0]);
        assert_int_equal(run.heap, 0);
      }
  rig_close();
}

static void open_one(wr_store *d, const wr_slot *config)
{
  rig_open();
  *d = definition;
  d->key = rig_key_int, d->nkey = 1;
  rig_store[0] = wr_stored_new(&run.ctx, d, config);
}

static void keep_is_exact(void **unused)
{
  (void)unused;
  wr_store d;
  rig_key key;
  open_one(&d, hundred);
  rig_key_make(&rig_shapes[0], 7, &key);
  *(wr_i64 *)wr_store_write(&run.ctx, 0, key.word, key.hash, 50) = 9;
  *(wr_i64 *)wr_store_write(&run.ctx, 0, key.word, key.hash, 20) = 8;    /* arrival: the last write stays 50 */
  assert_true(*(wr_i64 *)wr_store_read(&run.ctx, 0, key.word, key.hash, 50 + KEEP) == 8);
  assert_true(*(wr_i64 *)wr_store_read(&run.ctx, 0, key.word, key.hash, 51 + KEEP) == 0);
  wr_stored_expire(&run.ctx, rig_store[0], 50 + KEEP);
  assert_int_equal(wr_stored_keys(rig_store[0]), 1);
  wr_stored_expire(&run.ctx, rig_store[0], WR_TS_MAX);        /* the end of the input is no time to forget */
  assert_int_equal(wr_stored_keys(rig_store[0]), 1);
  wr_stored_expire(&run.ctx, rig_store[0], 51 + KEEP);
  assert_int_equal(wr_stored_keys(rig_store[0]), 0);
  wr_stored_free(&run.ctx, rig_store[0]);
  rig_close();
}

static void memory_comes_back(void **unused)
{
  (void)unused;
  wr_store d;
  wr_u64 after_first = 0;
  open_one(&d, hundred);
  for (int r = 0; r < 60000; r++) {       /* a new key every microsecond: about keep + a sweep's lag are held */
    rig_key key;
    rig_key_make(&rig_shapes[0], r, &key);
    char *rec = wr_store_write(&run.ctx, 0, key.word, key.hash, r);
    wr_store_set(&run.ctx, 0, rec, F_S, wr_str_slot((wr_str){ first_name, sizeof first_name - 1, 0 }, 0));
    if (r % 50 == 0) wr_stored_expire(&run.ctx, rig_store[0], r);
    if (r == 20000) after_first = wr_stored_bytes(rig_store[0]);
  }
  assert_true(wr_stored_keys(rig_store[0]) < 1000);
  assert_true(wr_stored_bytes(rig_store[0]) <= after_first * 5 / 4);
  wr_stored_free(&run.ctx, rig_store[0]);
  rig_close();
}

static wr_i64 start_value;
static void init_from_parameter(wr_ctx *ctx, void *rec)
{
  record_init(ctx, rec);
  *(wr_i64 *)rec = start_value;
  ((char *)rec)[64] = 0;
}

static void new_initial_values(void **unused)
{
  (void)unused;
  wr_store d;
  rig_key key;
  rig_key_make(&rig_shapes[0], 1, &key);
  open_one(&d, forever);
  d.init = init_from_parameter;
  start_value = 5;
  wr_stored_renew(&run.ctx, rig_store[0]);
  const char *rec = wr_store_read(&run.ctx, 0, key.word, key.hash, 0);
  assert_true(*(wr_i64 *)rec == 5);
  wr_str name = *(wr_str *)(rec + 48);
  start_value = 6;
  wr_stored_renew(&run.ctx, rig_store[0]);
  assert_memory_equal(name.p, first_name, name.len);          /* until the batch is over */
  assert_true(*(wr_i64 *)wr_store_read(&run.ctx, 0, key.word, key.hash, 0) == 6);
  wr_stored_free(&run.ctx, rig_store[0]);
  rig_close();
}

/* ---- upgrades ---- */
static const wr_type int_type = { .kind = WR_INT }, float_null = { .kind = WR_FLOAT, .nullable = 1 };
static const wr_cell old_fields[] = {
  { .name = "a", .type = &int_type }, { .name = "b", .type = &int_type, .off = 8 },
  { .name = "c", .type = &rig_str, .off = 16 },
};
static const wr_cell new_fields[] = {
  { .name = "c", .type = &str_null, .off = 0, .st = 41 },
  { .name = "b", .type = &float_null, .off = 16, .st = 42 },
  { .name = "d", .type = &int_type, .off = 24, .st = 0 },
  { .name = "a", .type = &int_type, .off = 32, .st = 0 },
};
static const wr_cell lost_fields[] = {
  { .name = "a", .type = &int_type, .off = 0, .st = 0 }, { .name = "b", .type = &int_type, .off = 8, .st = 0 }
};
static const wr_cell changed_fields[] = {
  { .name = "a", .type = &int_type, .off = 0, .st = 0 }, { .name = "b", .type = &rig_str, .off = 8, .st = 0 },
  { .name = "c", .type = &rig_str, .off = 24, .st = 0 }
};
static void zero_init(wr_ctx *ctx, void *rec) { (void)ctx, (void)rec; }
static void new_init(wr_ctx *ctx, void *rec) { (void)ctx; *(wr_i64 *)((char *)rec + 24) = 77; }

static bool upgrade(const wr_buf *saved, const wr_cell *field, int n, wr_u32 size, const wr_cell *key, const char *why)
{
  wr_store d = { .name = "s", .nfield = n, .field = field, .size = size, .nkey = 1, .key = key,
                 .init = n == 4 ? new_init : zero_init };
  rig_store[1] = wr_stored_new(&run.ctx, &d, forever);
  wr_loader l = { saved->p, saved->p + saved->n, false, NULL };
  bool ok = wr_stored_load(&run.ctx, rig_store[1], &l);
  if (!ok) assert_non_null(strstr(l.why, why));
  if (ok) {
    rig_key k;
    rig_key_make(&rig_shapes[0], 3, &k);
    const char *rec = wr_stored_peek(rig_store[1], k.word, k.hash, 0, NULL);
    assert_non_null(rec);
    assert_true(((wr_str *)rec)->len == 5 && rec[41] == 0 && rec[42] == 0);
    assert_true(*(double *)(rec + 16) == 12 && *(wr_i64 *)(rec + 24) == 77 && *(wr_i64 *)(rec + 32) == 11);
  }
  assert_int_equal(wr_stored_keys(rig_store[1]), ok);
  wr_stored_free(&run.ctx, rig_store[1]);
  return ok;
}

static void fields_by_name(void **unused)
{
  (void)unused;
  rig_open();
  wr_store d = { .name = "s", .nfield = 3, .field = old_fields, .size = 32, .nkey = 1, .key = rig_key_int, .init = zero_init };
  rig_key k;
  rig_key_make(&rig_shapes[0], 3, &k);
  rig_store[0] = wr_stored_new(&run.ctx, &d, forever);
  wr_i64 *rec = wr_store_write(&run.ctx, 0, k.word, k.hash, 0);
  rec[0] = 11, rec[1] = 12;
  wr_store_set(&run.ctx, 0, rec, 2, wr_str_slot((wr_str){ "hello", 5, 0 }, 0));
  wr_saver v = { 0 };
  wr_stored_save(&run.ctx, rig_store[0], &v);
  assert_true(upgrade(&v.buf, new_fields, 4, 48, rig_key_int, ""));
  assert_false(upgrade(&v.buf, lost_fields, 2, 16, rig_key_int, "fields"));
  assert_false(upgrade(&v.buf, changed_fields, 3, 40, rig_key_int, "`b` was int"));
  assert_false(upgrade(&v.buf, old_fields, 3, 32, rig_key_str, "key"));
  wr_buf_free(&v.buf);
  wr_stored_free(&run.ctx, rig_store[0]);
  rig_close();
}

/* ---- size ---- */
static wr_u64 allocated(void)
{
  struct mallinfo2 m = mallinfo2();
  return m.uordblks + m.hblkhd;
}

static void bytes_are_true(void **unused)
{
  (void)unused;
#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
  skip();                                 /* the allocator is another */
#endif
  wr_store d;
  open_one(&d, forever);
  wr_u64 before = allocated();
  for (int r = 0; r < 1000000; r++) {
    rig_key key;
    rig_key_make(&rig_shapes[0], r, &key);
    char *rec = wr_store_write(&run.ctx, 0, key.word, key.hash, r);
    wr_store_set(&run.ctx, 0, rec, F_S, wr_str_slot((wr_str){ first_name, (wr_u32)(r % 30), 0 }, 0));
    if (r % 1000 == 0) wr_stored_settle(&run.ctx, rig_store[0]);
  }
  double real = (double)(allocated() - before), said = (double)wr_stored_bytes(rig_store[0]);
  print_message("a million keys: %.0f bytes said, %.0f allocated\n", said, real);
  assert_true(said > 0.8 * real && said < 1.2 * real);
  wr_stored_free(&run.ctx, rig_store[0]);
  rig_close();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(keep_is_exact), cmocka_unit_test(states_are_the_model), cmocka_unit_test(memory_comes_back),
    cmocka_unit_test(new_initial_values), cmocka_unit_test(fields_by_name), cmocka_unit_test(bytes_are_true),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
