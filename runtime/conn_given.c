/* conn_given.c -- the source of a test: its rows, each when the test's clock has come to it.
 *
 * Rows of all sources arrive in one order; a source gives rows only while the next ones are its own. One that
 * has none ends at once; the others end together, behind the last row of the test. A table has its records from
 * the start.
 */
#include "fmt.h"
#include "trial.h"
#include <string.h>

enum { ROW_AT, ROW_ORDER, ROW_LEAVES };   /* of a row's slots */

typedef struct given {
  wr_trial *trial;
  bool table;
  const wr_slot *row;
  wr_i32 n, next;
  wr_leaf *leaf;
  wr_i32 nleaf;
} given;

static void *open_given(wr_ctx *ctx, const wr_source *source, const wr_slot *opt, void *fmt)
{
  given *g = wr_mem_alloc(sizeof *g);
  (void)fmt;
  *g = (given){ .trial = wr_trial_of(ctx), .row = opt[0].u.list, .n = (wr_i32)opt[0].len };
  g->leaf = wr_leaves_of(source->type, &g->nleaf);
  g->table = source->table;
  for (wr_i32 i = 0; i < g->n && !g->table; i++) {
    const wr_slot *row = g->row[i].u.list;
    wr_trial_arrival(g->trial, (wr_i32)row[ROW_ORDER].u.i, row[ROW_AT].u.i);
  }
  return g;
}

static void close_given(wr_ctx *ctx, void *state)
{
  given *g = state;
  (void)ctx;
  wr_leaves_free(g->leaf, g->nleaf);
  wr_mem_free(g, sizeof *g);
}

static bool is_due(const given *g)
{
  if (g->next == g->n) return false;
  const wr_slot *row = g->row[g->next].u.list;
  return row[ROW_ORDER].u.i == g->trial->next && row[ROW_AT].u.i <= g->trial->now;
}

static void put_row(const given *g, const wr_slot *leaf, wr_batch *b)
{
  for (wr_i32 i = 0; i < g->nleaf; i++) {
    const wr_field *f = g->leaf[i].field;
    if (f->col >= 0) wr_cell_set(f->type, &b->col[f->col], b->n, leaf[i]);
  }
  b->pos[b->n].off = g->next;
  b->raw[b->n] = (wr_str){ "", 0, 0 };
  b->n++;
}

static enum wr_poll all_records(given *g, wr_batch *b)
{
  if (g->next == g->n) return WR_POLL_END;
  for (; b->n < b->cap && g->next < g->n; g->next++) put_row(g, g->row[g->next].u.list + ROW_LEAVES, b);
  return WR_POLL_ROWS;
}

static enum wr_poll poll_given(wr_ctx *ctx, void *state, wr_batch *b)
{
  given *g = state;
  (void)ctx;
  if (g->table) return all_records(g, b);
  if (!g->n || g->trial->next == g->trial->n) return WR_POLL_END;
  if (!is_due(g)) return WR_POLL_IDLE;
  while (b->n < b->cap && is_due(g)) {
    put_row(g, g->row[g->next].u.list + ROW_LEAVES, b);
    g->next++;
    g->trial->next++;
  }
  return WR_POLL_ROWS;
}

static const wr_option options[] = {
  { .name = "rows", .type = WR_OPT_REC, .flags = WR_OPT_SOURCE, .doc = "see weir/trial.h" },
};

const wr_connector wr_conn_given = {
  .abi = WEIR_ABI, .name = "given", .bare = WR_OPT_SOURCE, .opt = options, .nopt = 1,
  .open_source = open_given, .poll = poll_given, .close_source = close_given,
};
