/* conn_expect.c -- the sink of a test: keeps what comes, and compares it at the end with what was expected.
 *
 * Where nothing was said, not even that no rows come, it takes no notice.
 */
#include "trial_rows.h"
#include <string.h>

typedef struct expect {
  const wr_sink *sink;
  bool compares;
  wr_leaf *leaf;
  trial_rows want, got;
} expect;

/* A row's slots: its line, then leaf and value in turns. */
static void want_row(expect *x, wr_slot row)
{
  wr_rows_begin(&x->want, (wr_i32)row.u.list[0].u.i);
  for (wr_u32 i = 1; i + 1 < row.len; i += 2) wr_rows_put(&x->want, (wr_i32)row.u.list[i].u.i, row.u.list[i + 1]);
}

static void *open_expect(wr_ctx *ctx, const wr_sink *sink, const wr_slot *opt, void *fmt)
{
  expect *x = wr_mem_alloc(sizeof *x);
  (void)ctx;
  (void)fmt;
  *x = (expect){ .sink = sink, .compares = opt[0].st == 0 };
  x->want.type = sink->type;
  x->leaf = wr_leaves_of(sink->type, &x->want.nleaf);
  x->want.leaf = x->leaf;
  x->got = x->want;
  for (wr_u32 i = 0; x->compares && i < opt[0].len; i++) want_row(x, opt[0].u.list[i]);
  return x;
}

static int write_expect(wr_ctx *ctx, void *state, const wr_written *w)
{
  expect *x = state;
  (void)ctx;
  for (wr_i32 r = 0; x->compares && r < w->rows->n; r++) {
    wr_rows_begin(&x->got, 0);
    for (wr_i32 i = 0; i < x->got.nleaf; i++) {
      const wr_field *f = x->leaf[i].field;
      wr_rows_put(&x->got, i, wr_col_slot(f->type, &w->rows->col[f->col], r));
    }
  }
  return 0;
}

static int flush_expect(wr_ctx *ctx, void *state)
{
  (void)ctx;
  (void)state;
  return 0;
}

static void list_rows(const expect *x, FILE *f)
{
  fprintf(f, "  %s:%s\n", x->sink->name, x->got.n ? "" : " no rows");
  for (wr_i32 i = 0; i < x->got.n; i++) {
    fputs("      ", f);
    wr_rows_print(&x->got, i, f);
    fputc('\n', f);
  }
}

static int close_expect(wr_ctx *ctx, void *state, int ok)
{
  expect *x = state;
  wr_trial *t = wr_trial_of(ctx);
  wr_u32 line = wr_program_of(ctx)->op[x->sink->op].line;
  bool same = !ok || !x->compares || wr_rows_diff(&x->want, &x->got, x->sink->name, line, t->out);

  if (!same) t->differs = true;
  else if (t->verbose && ok && x->compares) list_rows(x, t->out);
  wr_rows_free(&x->want);
  wr_rows_free(&x->got);
  wr_leaves_free(x->leaf, x->got.nleaf);
  wr_mem_free(x, sizeof *x);
  return 0;
}

static const wr_option options[] = {
  { .name = "rows", .type = WR_OPT_REC, .flags = WR_OPT_SINK, .doc = "see weir/trial.h" },
};

const wr_connector wr_conn_expect = {
  .abi = WEIR_ABI, .name = "expect", .bare = WR_OPT_SINK, .opt = options, .nopt = 1,
  .open_sink = open_expect, .write = write_expect, .flush = flush_expect, .close_sink = close_expect,
};
