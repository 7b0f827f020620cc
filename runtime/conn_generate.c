/* conn_generate.c -- a source that makes up its rows; the specimen for authors of connectors.
 *
 * It needs no format: poll fills the columns itself. Rows are a function of the seed and their number
 * (generate.c), whatever the size of the batches; `rate` alone looks at the clock, and only decides
 * when they come.
 */
#include "fmt_csv.h"
#include "generate.h"
#include <string.h>

enum generate_option {
  OPT_RATE,
  OPT_COUNT,
  OPT_SEED,
  OPT_START,
  OPT_STEP,
  OPT_DISORDER,
  OPT_NULLS,
  OPT_FIELDS,
  OPTIONS
};

typedef struct generate {
  wr_i64 rate, count, row, row_before;    /* row_before: where the run resumed */
  wr_ts begun;                            /* clock when the first row was asked for; 0: not yet */
  bool started;
  double nulls;
  wr_u64 seed;
  gen_clock clock;
  flat_type *flat;
  gen_leaf *leaf;                         /* flat->n of them */
} generate;

static const struct gen_row { const char *name; wr_u32 least, most; } generators[GEN_KINDS] = {
#define GEN(id, name, least, most, ...) [GEN_##id] = { #name, least, most },
#include "weir/generators.def"
#undef GEN
};

/* ---- opening ---- */

static wr_i64 int_option(const wr_slot *opt, enum generate_option i, wr_i64 otherwise)
{
  return opt[i].st == 0 ? opt[i].u.i : otherwise;
}

/* A leaf's place in the list of generators: presence leaves stand in front of their record's. */
static wr_u32 place_of(const flat_type *t, wr_u32 leaf)
{
  wr_u32 at = leaf;

  for (wr_u32 g = 0; g < t->ngroup; g++) at += t->group[g].first <= leaf;
  return at;
}

static const char *choose(gen_leaf *g, wr_slot how)
{
  wr_str name;

  g->kind = GEN_DEFAULT;
  if (how.st || how.len == 0) return 0;
  name = wr_slot_str(how.u.list[0]);
  g->arg = how.u.list + 1;
  g->narg = how.len - 1;
  for (int k = GEN_DEFAULT + 1; k < GEN_KINDS; k++) {
    const struct gen_row *row = &generators[k];
    if (strlen(row->name) != name.len || memcmp(row->name, name.p, name.len) != 0) continue;
    g->kind = (enum gen_kind)k;
    return g->narg < row->least || g->narg > row->most ? "wrong number of arguments" : 0;
  }
  return "no such generator";
}

static bool prepare_leaf(wr_ctx *ctx, generate *s, wr_u32 i, const wr_source *source, const wr_slot *fields)
{
  const flat_leaf *f = &s->flat->leaf[i];
  gen_leaf *g = &s->leaf[i];
  const char *wrong;

  *g = (gen_leaf){ .type = f->field->type, .col = f->field->col, .clock = &s->clock };
  g->seed = wr_gen_bits(s->seed, i);
  wrong = choose(g, fields ? fields[place_of(s->flat, i)] : wr_i64_slot(0, WR_NULL));
  if (!wrong) wrong = wr_gen_prepare(g);
  if (wrong)
    wr_error(ctx, WR_EXIT_CONFIG, "", "%s %s: field %s: %s", wr_source_kind(source), source->name, f->path, wrong);
  return !wrong;
}

static void close_generate(wr_ctx *ctx, void *state)
{
  generate *s = state;

  (void)ctx;
  for (wr_u32 i = 0; i < s->flat->n; i++) wr_gen_drop(&s->leaf[i]);
  wr_mem_free(s->leaf, (s->flat->n + 1) * sizeof *s->leaf);
  wr_flat_free(s->flat);
  wr_mem_free(s, sizeof *s);
}

static void *open_generate(wr_ctx *ctx, const wr_source *source, const wr_slot *opt, void *fmt)
{
  generate *s = wr_mem_alloc(sizeof *s);
  const wr_slot *fields = opt[OPT_FIELDS].st == 0 ? opt[OPT_FIELDS].u.list : 0;

  (void)fmt;
  *s = (generate){ .rate = int_option(opt, OPT_RATE, 0), .count = int_option(opt, OPT_COUNT, 0) };
  s->seed = (wr_u64)int_option(opt, OPT_SEED, 1);
  s->nulls = opt[OPT_NULLS].st == 0 ? opt[OPT_NULLS].u.f : 0.0;
  s->clock.start = int_option(opt, OPT_START, 1767225600000000);        /* 2026-01-01 */
  s->clock.step = int_option(opt, OPT_STEP, 1000);
  s->clock.disorder = int_option(opt, OPT_DISORDER, 0);
  s->clock.seed = wr_gen_bits(s->seed, ~0ull);
  wr_flat_of(&s->flat, source->type);
  s->leaf = wr_mem_alloc((s->flat->n + 1) * sizeof *s->leaf);
  memset(s->leaf, 0, (s->flat->n + 1) * sizeof *s->leaf);
  if (s->rate < 0 || s->count < 0 || s->clock.disorder < 0) {
    wr_error(ctx, WR_EXIT_CONFIG, "", "%s %s: rate, count and disorder must not be negative", wr_source_kind(source),
             source->name);
    goto bad;
  }
  for (wr_u32 i = 0; i < s->flat->n; i++)
    if (!prepare_leaf(ctx, s, i, source, fields)) goto bad;
  return s;
bad:
  close_generate(ctx, s);
  return 0;
}

/* ---- rows ---- */

static bool group_absent(const generate *s, wr_i32 g, wr_i64 row)
{
  for (; g >= 0; g = s->flat->group[g].parent)
    if (wr_gen_chance(wr_gen_bits(s->seed ^ 0x6E756C6C67726FULL, (wr_u64)row * 4096 + (wr_u64)g), s->nulls))
      return true;
  return false;
}

static void put_nulls(const generate *s, wr_u32 i, wr_i64 row, wr_i32 n, wr_batch *b)
{
  const gen_leaf *g = &s->leaf[i];
  const wr_col *c = &b->col[g->col];

  if (s->nulls <= 0 || !c->st) return;
  for (wr_i32 k = 0; k < n; k++) {
    bool null = g->type->nullable && wr_gen_chance(wr_gen_bits(~g->seed, (wr_u64)(row + k)), s->nulls);
    if (null || group_absent(s, s->flat->leaf[i].group, row + k)) wr_cell_null(g->type->kind, c, b->n + k);
  }
}

static void put_presence(const generate *s, wr_u32 g, wr_i64 row, wr_i32 n, wr_batch *b)
{
  wr_i32 col = s->flat->group[g].presence;

  if (col < 0) return;
  for (wr_i32 k = 0; k < n; k++) {
    bool absent = group_absent(s, (wr_i32)g, row + k);
    ((wr_u8 *)b->col[col].v)[b->n + k] = !absent;
    if (b->col[col].st) b->col[col].st[b->n + k] = absent;
  }
}

static void put_rows(wr_ctx *ctx, const generate *s, wr_i32 n, wr_batch *b)
{
  for (wr_u32 i = 0; i < s->flat->n; i++) {
    const gen_leaf *g = &s->leaf[i];
    if (g->col < 0) continue;
    wr_gen_fill(ctx, g, s->row, n, &b->col[g->col], b->n);
    put_nulls(s, i, s->row, n, b);
  }
  for (wr_u32 g = 0; g < s->flat->ngroup; g++) put_presence(s, g, s->row, n, b);
  for (wr_i32 k = 0; k < n; k++) {
    b->pos[b->n + k].off = s->row + k;
    if (b->raw) b->raw[b->n + k] = (wr_str){ "", 0, 0 };
  }
}

/* Rows that the rate allows by now, beyond those that were made. */
static wr_i64 due(wr_ctx *ctx, generate *s)
{
  wr_ts now;
  __int128 all;

  if (s->rate == 0) return WR_I64_MAX;
  now = wr_clock_now(ctx);
  if (!s->started) s->begun = now;
  s->started = true;
  all = (__int128)(now - s->begun) * s->rate / 1000000 + 1 + s->row_before;
  return all <= s->row ? 0 : all - s->row > WR_I64_MAX ? WR_I64_MAX : (wr_i64)(all - s->row);
}

static enum wr_poll poll_generate(wr_ctx *ctx, void *state, wr_batch *b)
{
  generate *s = state;
  wr_i64 n = b->cap - b->n, most = due(ctx, s);

  if (s->count && s->count - s->row < n) n = s->count - s->row;
  if (s->count && s->row >= s->count) return WR_POLL_END;
  if (most < n) n = most;
  if (n == 0) return WR_POLL_IDLE;
  put_rows(ctx, s, (wr_i32)n, b);
  b->n += (wr_i32)n;
  s->row += n;
  return WR_POLL_ROWS;
}

/* ---- restarts: a row is a function of its number ---- */

static void save_generate(wr_ctx *ctx, void *state, wr_buf *out)
{
  const generate *s = state;

  (void)ctx;
  wr_buf_add(out, &s->row, sizeof s->row);
}

static int load_generate(wr_ctx *ctx, void *state, const char *saved, size_t n)
{
  generate *s = state;

  if (n == sizeof s->row) memcpy(&s->row, saved, n);
  s->row_before = s->row;
  if (n == sizeof s->row && s->row >= 0) return 0;
  wr_error(ctx, WR_EXIT_DATA, "", "a generator's place in the checkpoint is no number of a row");
  return -1;
}

/* ---- what the compiler reads ---- */

static const wr_option options[OPTIONS] = {
  [OPT_RATE] = { .name = "rate", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE, .dflt = "0",
                 .doc = "rows a second; 0: as fast as they can be made" },
  [OPT_COUNT] = { .name = "count", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE, .dflt = "0",
                  .doc = "rows in all; 0: without end" },
  [OPT_SEED] = { .name = "seed", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE, .dflt = "1",
                 .doc = "equal seeds give equal rows" },
  [OPT_START] = { .name = "start", .type = WR_OPT_TS, .flags = WR_OPT_SOURCE, .dflt = "@2026-01-01T00:00:00Z",
                  .doc = "time() of the first row" },
  [OPT_STEP] = { .name = "step", .type = WR_OPT_DUR, .flags = WR_OPT_SOURCE, .dflt = "1ms",
                 .doc = "time() from row to row" },
  [OPT_DISORDER] = { .name = "disorder", .type = WR_OPT_DUR, .flags = WR_OPT_SOURCE, .dflt = "0s",
                     .doc = "time() is moved back by up to this, at random" },
  [OPT_NULLS] = { .name = "nulls", .type = WR_OPT_FLOAT, .flags = WR_OPT_SOURCE, .dflt = "0.0",
                  .doc = "share of nulls in nullable fields" },
  [OPT_FIELDS] = { .name = "fields", .type = WR_OPT_REC, .flags = WR_OPT_SOURCE,
                   .doc = "generators of the fields, by name; the others follow their types" },
};

const wr_connector wr_conn_generate = {
  .abi = WEIR_ABI, .name = "generate", .bare = WR_OPT_SOURCE, .opt = options, .nopt = OPTIONS,
  .open_source = open_generate, .poll = poll_generate, .close_source = close_generate,
  .save_source = save_generate, .load_source = load_generate,
};
