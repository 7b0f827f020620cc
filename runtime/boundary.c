/* boundary.c -- what happens between batches, at a commit boundary: nothing of a row is half done here.
 *
 * Sources with offsets of their own commit them once all that they gave is durable in the sinks: every
 * second, and at the end. A program that keeps rows from batch to batch has its state in memory: what is in
 * it is durable only when it has been given out, which is at the end of the run. Until then it commits
 * nothing, and a run that dies is read again from where the one before it ended. With --state the checkpoints
 * say what is durable, and commit it (checkpoint.c).
 */
#include "ops.h"
#include "run.h"

enum { SETTLE_US = 1000000 };

bool wr_keeps_state(const wr_program *p) { return p->ngroup + p->nseq + p->nstore + p->nsliding + p->nlimit > 0; }

/* Does any source wait to hear what may be committed? */
static bool has_commits(const wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (s->in[i].conn && s->in[i].def->conn->commit) return true;
  return false;
}

static void tell(wr_state *s, wr_input *in)
{
  wr_buf at = { 0 };

  if (!in->conn || !in->def->conn->commit) return;
  in->def->conn->save_source(&s->ctx, in->conn, &at);
  in->def->conn->commit(&s->ctx, in->conn, at.p, at.n);
  wr_buf_free(&at);
}

int wr_settle(wr_ctx *ctx)
{
  wr_state *s = wr_state_of(ctx);

  s->settled = wr_clock_now(ctx);
  if (!wr_outputs_flush(s)) return -1;
  for (wr_i32 i = 0; i < s->prog->nsource; i++) tell(s, &s->in[i]);
  return 0;
}

void wr_boundary(wr_state *s)
{
  wr_keyed_settle(s);
  wr_lookups_boundary(s);
  wr_keep_tick(s);
  wr_pressure(s);
  wr_ops_turn(s);
  if (s->keeper || !has_commits(s) || wr_keeps_state(s->prog) || s->exit_code || s->closed) return;
  if (s->ctx.now - s->settled >= SETTLE_US) wr_settle(&s->ctx);
}

/* After `fail`: the source stands before that record, as if nothing from it on had been read. */
static bool go_back(wr_state *s)
{
  const wr_input *in = s->failed;
  if (s->exit_code != WR_EXIT_DATA || !in || !in->def->conn->back) return false;
  in->def->conn->back(&s->ctx, in->conn, s->failed_part, s->failed_off);
  return true;
}

/* `fail` commits what stands before the record, so that the next run begins with it. A program that keeps state
 * can do that with --state only. Any other failure commits nothing more: what was read last is read again. */
void wr_boundary_last(wr_state *s)
{
  if (s->closed || (s->exit_code && s->exit_code != WR_EXIT_DATA) || !wr_outputs_flush(s)) return;
  s->backed = go_back(s);
  bool whole = s->exit_code == 0 || (s->backed && !wr_keeps_state(s->prog));
  if (whole && !s->keeper && has_commits(s)) wr_settle(&s->ctx);
}
