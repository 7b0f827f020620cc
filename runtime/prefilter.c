/* prefilter.c -- filters that run inside the decoder of their source.
 *
 * A rejected row is never in the batch, but it is a row of the input: it is counted, and its event time
 * moves the watermark as of its place between the rows that stay (wr_source_advance). Rows rejected in
 * one place are kept as one.
 */
#include "run.h"
#include <stdlib.h>

static wr_input *input_of(wr_state *s, const wr_source *source)
{
  wr_i32 i = 0;
  while (s->in[i].def != source) i++;
  return &s->in[i];
}

static void keep_time(wr_input *in, wr_i32 at, wr_u32 src, wr_ts time)
{
  wr_gone *last = in->ngone ? &in->gone[in->ngone - 1] : NULL;
  if (last && last->at == at && last->src == src) {
    if (time > last->time) last->time = time;
    return;
  }
  if (in->ngone == in->capgone) {
    in->capgone = in->capgone ? 2 * in->capgone : 64;
    in->gone = realloc(in->gone, in->capgone * sizeof *in->gone);
    if (!in->gone) abort();
  }
  in->gone[in->ngone++] = (wr_gone){ at, src, time };
}

void wr_row_rejected(wr_ctx *ctx, const wr_source *source, const wr_batch *b)
{
  wr_input *in = input_of(wr_state_of(ctx), source);
  if (in->fail_at >= 0) return;           /* behind a record that ends the run */
  in->rejected++;
  if (source->time_col >= 0)
    keep_time(in, b->n, b->pos[b->n].src, ((const wr_ts *)b->col[source->time_col].v)[b->n]);
}
