/* conn_blackhole.c -- a sink that forgets what it gets; the loop counts the rows as it does for all. */
#include "rt_internal.h"

static void *open_sink(wr_ctx *ctx, const wr_sink *sink, const wr_slot *opt, void *fmt)
{
  static const char nothing;

  (void)ctx, (void)sink, (void)opt, (void)fmt;
  return (void *)(uintptr_t)&nothing;
}

static int write_none(wr_ctx *ctx, void *state, const wr_written *w)
{
  (void)ctx, (void)state, (void)w;
  return 0;
}

static int flush_none(wr_ctx *ctx, void *state)
{
  (void)ctx, (void)state;
  return 0;
}

static int close_none(wr_ctx *ctx, void *state, int ok)
{
  (void)ctx, (void)state, (void)ok;
  return 0;
}

const wr_connector wr_conn_blackhole = {
  .abi = WEIR_ABI,
  .name = "blackhole",
  .bare = WR_OPT_SINK,
  .open_sink = open_sink,
  .write = write_none,
  .flush = flush_none,
  .close_sink = close_none,
};
