/* fmt_raw.c -- one string field holds the whole line. */
#include "fmt.h"

static void *open_raw(wr_ctx *ctx, const wr_type *type, const wr_slot *opt)
{
  (void)ctx;
  (void)opt;
  return (void *)(uintptr_t)type;         /* no state; not 0 */
}

static void decode(wr_ctx *ctx, void *state, const wr_source *source, const wr_type *type, const wr_str *record,
                   wr_i32 n, wr_i64 off, wr_batch *b)
{
  const wr_field *f = &type->fields[0];
  bool check = f->type->kind == WR_STR && (f->col >= 0 || (source && source->strict));

  (void)state;
  for (wr_i32 i = 0; i < n; i++) {
    if (check && !wr_utf8_valid(record[i].p, record[i].len)) {
      wr_record_failed(ctx, source, record[i], off + i, WR_E_UTF8, f->name);
      continue;
    }
    if (f->col >= 0) wr_cell_set(f->type, &b->col[f->col], b->n, wr_str_slot(record[i], 0));
    if (b->raw) b->raw[b->n] = record[i];
    b->pos[b->n++].off = off + i;
  }
}

static void encode(wr_ctx *ctx, void *state, const wr_type *type, const wr_batch *batch, wr_buf *b)
{
  const wr_field *f = &type->fields[0];

  (void)ctx;
  (void)state;
  for (wr_i32 row = 0; row < batch->n; row++) {
    wr_slot v = f->col < 0 ? wr_i64_slot(0, WR_NULL) : wr_col_slot(f->type, &batch->col[f->col], row);
    if (v.st == 0) wr_text_masked(b, f, v.u.p, v.len);
    wr_buf_add(b, "\n", 1);
  }
}

static void close_raw(wr_ctx *ctx, void *state)
{
  (void)ctx;
  (void)state;
}

const wr_format wr_fmt_raw = {
  .abi = WEIR_ABI, .name = "raw", .reads = 1, .writes = 1, .strings_only = 1,
  .open = open_raw, .decode = decode, .encode = encode, .close = close_raw,
};
