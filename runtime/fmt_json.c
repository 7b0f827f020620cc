/* fmt_json.c -- JSON lines: one object a line (RFC 8259).
 *
 * Decoding plans (json_plan.h) are made when a type is first met: a source decodes its own type, and
 * sometimes the same type with every field a column. Only the fields that have a column are looked
 * at beyond their structure.
 */
#define JSON_DECODE wr_json_decode_base
#include "json_decode.h"
#include "fmt_json.h"

wr_json_decode_fn *wr_json_decode_best(void)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return wr_json_decode_avx2;
#endif
  return wr_json_decode_base;
}

static void *open_json(wr_ctx *ctx, const wr_type *t, const wr_slot *opt)
{
  json_state *s = wr_mem_alloc(sizeof *s);

  (void)ctx;
  (void)t;
  *s = (json_state){ .unit = wr_unit_of(opt[0]), .decode = wr_json_decode_best() };
  return s;
}

static void close_json(wr_ctx *ctx, void *state)
{
  json_state *s = state;

  (void)ctx;
  for (json_plan *p = s->plan, *next; p; p = next) {
    next = p->next;
    wr_json_plan_free(p);
  }
  wr_json_encoder_free(s->encoder);
  wr_mem_free(s, sizeof *s);
}

static json_plan *plan_of(json_state *s, const wr_type *t, const wr_source *source)
{
  bool strict = source && source->strict;
  const wr_u8 *early = source && source->filter ? source->early : 0;
  json_plan *p = s->plan;

  while (p && (p->type != t || p->strict != strict || p->early != early)) p = p->next;
  if (p) return p;
  p = wr_json_plan_new(t, strict, early);
  p->next = s->plan;
  return s->plan = p;
}

static void decode(wr_ctx *ctx, void *state, const wr_source *source, const wr_type *t, const wr_str *record,
                   wr_i32 n, wr_i64 off, wr_batch *b)
{
  json_state *s = state;

  s->decode(ctx, plan_of(s, t, source), s->unit, source, record, n, off, b);
}

static const wr_option options[] = {
  { .name = "timestamps", .type = WR_OPT_CHOICE, .flags = WR_OPT_SOURCE | WR_OPT_SINK, .dflt = "\"rfc3339\"",
    .choice = "rfc3339|s|ms|us", .doc = "timestamps as RFC 3339 text, or integers: seconds, ms, us since 1970" },
};

const wr_format wr_fmt_json = {
  .abi = WEIR_ABI, .name = "json", .opt = options, .nopt = 1, .reads = 1, .writes = 1,
  .filters = ~(1u << WR_INT | 1u << WR_STR | 1u << WR_BYTES), /* these cost no more than passing over them */
  .open = open_json, .decode = decode, .encode = wr_json_encode, .close = close_json,
};
