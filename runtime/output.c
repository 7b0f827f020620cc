/* output.c -- sinks: a batch is encoded into one buffer and handed to the connector. */
#include "run.h"
#include <stdlib.h>

enum { OPTIONS_MAX = 64 };

static bool open_one(wr_state *s, wr_output *out, const wr_sink *def)
{
  wr_slot opt[OPTIONS_MAX];
  out->def = def;
  wr_status st = def->config ? def->config(&s->ctx, opt) : 0;
  if (st) {
    wr_options_failed(s, "sink", def->name, st);
    return false;
  }
  if (def->fmt && !(out->fmt = def->fmt->open(&s->ctx, def->type, opt + def->conn->nopt))) return false;
  if (def->conn->by_record) out->end = malloc((size_t)s->cap * sizeof *out->end);
  out->conn = def->conn->open_sink(&s->ctx, def, opt, out->fmt);
  return out->conn != NULL && wr_keep_sink(s, out);
}

bool wr_outputs_open(wr_state *s)
{
  s->out = calloc((size_t)s->prog->nsink + 1, sizeof *s->out);
  for (wr_i32 i = 0; i < s->prog->nsink; i++)
    if (!open_one(s, &s->out[i], s->prog->sink[i])) return false;
  return true;
}

/* One row at a time, so that it is known where each record ends. */
static void encode_each(wr_ctx *ctx, wr_output *out, const wr_batch *b)
{
  const wr_port *port = &wr_state_of(ctx)->prog->port[out->def->port];
  wr_col *col = wr_alloc(ctx, (wr_u32)(((size_t)b->ncol + 1) * sizeof *col));
  wr_batch one = *b;

  one.col = col;
  one.n = 1;
  for (wr_i32 r = 0; r < b->n; r++) {
    for (wr_i32 i = 0; i < port->ncol; i++) {
      col[i].v = (char *)b->col[i].v + (size_t)r * wr_kind_width(port->kind[i]);
      col[i].st = b->col[i].st ? b->col[i].st + r : NULL;
    }
    out->def->fmt->encode(ctx, out->fmt, out->def->type, &one, &out->buf);
    out->end[r] = out->buf.n;
  }
}

void wr_sink_write(wr_ctx *ctx, wr_i32 sink, wr_batch *b)
{
  wr_state *s = wr_state_of(ctx);
  wr_output *out = s->out + sink;

  if (s->closed || s->again) return;
  out->buf.n = 0;
  if (out->end) encode_each(ctx, out, b);
  else if (out->def->fmt) out->def->fmt->encode(ctx, out->fmt, out->def->type, b, &out->buf);
  wr_written w = { out->buf.p, out->buf.n, b->n, out->end, b };
  if (out->def->conn->write(ctx, out->conn, &w)) return;
  out->rows += b->n;
  out->bytes += (wr_i64)out->buf.n;
}

static bool flush_all(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nsink; i++)
    if (s->out[i].conn && s->out[i].def->conn->flush(&s->ctx, s->out[i].conn)) return false;
  return true;
}

/* Records that a sink gives back while it delivers go to other sinks, which are flushed after it. */
bool wr_outputs_flush(wr_state *s)
{
  if (!flush_all(s)) return false;
  if (!s->nbad) return true;
  wr_feeds_flush(s);
  return flush_all(s);
}

void wr_outputs_close(wr_state *s)
{
  bool ok = s->exit_code == 0 || s->exit_code == WR_EXIT_DATA;
  for (wr_i32 i = 0; s->out && i < s->prog->nsink; i++) {
    wr_output *out = &s->out[i];
    if (out->conn) out->def->conn->close_sink(&s->ctx, out->conn, ok);
    if (out->fmt && out->def->fmt->close) out->def->fmt->close(&s->ctx, out->fmt);
    wr_buf_free(&out->buf);
    free(out->end);
  }
}
