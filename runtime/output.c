/* output.c -- sinks: a batch is encoded into one buffer and handed to the connector. */
#include "run.h"
#include <stdlib.h>

enum { OPTIONS_MAX = 64 };

static bool open_one(wr_state *s, wr_output *out, const wr_sink *def)
{
  wr_slot opt[OPTIONS_MAX];
  out->def = def;
  if (def->config && def->config(&s->ctx, opt)) {
    wr_error(&s->ctx, WR_EXIT_CONFIG, "does an environment variable that env() reads exist?",
             "the options of sink %s cannot be computed", def->name);
    return false;
  }
  if (def->fmt && !(out->fmt = def->fmt->open(&s->ctx, def->type, opt + def->conn->nopt))) return false;
  out->conn = def->conn->open_sink(&s->ctx, def, opt, out->fmt);
  return out->conn != NULL;
}

bool wr_outputs_open(wr_state *s)
{
  s->out = calloc((size_t)s->prog->nsink + 1, sizeof *s->out);
  for (wr_i32 i = 0; i < s->prog->nsink; i++)
    if (!open_one(s, &s->out[i], s->prog->sink[i])) return false;
  return true;
}

void wr_sink_write(wr_ctx *ctx, wr_i32 sink, wr_batch *b)
{
  wr_state *s = wr_state_of(ctx);
  wr_output *out = &s->out[sink];

  if (s->closed) return;
  out->buf.n = 0;
  if (out->def->fmt) out->def->fmt->encode(ctx, out->fmt, out->def->type, b, &out->buf);
  if (out->def->conn->write(ctx, out->conn, out->buf.p, out->buf.n, b->n) == 0) out->rows += b->n;
}

bool wr_outputs_flush(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nsink; i++)
    if (s->out[i].conn && s->out[i].def->conn->flush(&s->ctx, s->out[i].conn)) return false;
  return true;
}

void wr_outputs_close(wr_state *s)
{
  bool ok = s->exit_code == 0 || s->exit_code == WR_EXIT_DATA;
  for (wr_i32 i = 0; s->out && i < s->prog->nsink; i++) {
    wr_output *out = &s->out[i];
    if (out->conn) out->def->conn->close_sink(&s->ctx, out->conn, ok);
    if (out->fmt && out->def->fmt->close) out->def->fmt->close(&s->ctx, out->fmt);
    wr_buf_free(&out->buf);
  }
}
