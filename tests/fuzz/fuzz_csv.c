/* fuzz_csv.c -- CSV: any bytes, framed whole and in pieces alike; what is accepted reads back. */
#include "fmt_csv.h"
#include "fmt_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define TYPE(...) &(const wr_type){ __VA_ARGS__ }
static const wr_type int_type = { .kind = WR_INT };
static const wr_field site[] = {
  { .name = "name", .len = 4, .col = 4, .type = TYPE(.kind = WR_STR) },
  { .name = "n", .len = 1, .col = 5, .type = TYPE(.kind = WR_INT, .nullable = 1) },
};
static const wr_field fields[] = {
  { .name = "a", .len = 1, .col = 0, .type = TYPE(.kind = WR_STR) },
  { .name = "b", .len = 1, .col = 1, .type = TYPE(.kind = WR_INT, .nullable = 1) },
  { .name = "c", .len = 1, .col = 2, .type = TYPE(.kind = WR_TS_, .nullable = 1) },
  { .name = "s", .len = 1, .col = 3, .type = TYPE(.kind = WR_REC, .nullable = 1, .n = 2, .fields = site) },
  { .name = "l", .len = 1, .col = 6, .type = TYPE(.kind = WR_LIST, .nullable = 1, .elem = &int_type) },
  { .name = "d", .len = 1, .col = 7, .type = TYPE(.kind = WR_DEC, .scale = 2, .nullable = 1) },
};
static const wr_type type = { .kind = WR_REC, .n = 6, .fields = fields };

typedef struct csv { rig r; void *state; wr_source source; wr_batch *b; rig_shape shape; wr_buf out; } csv;

/* Reads all of the text in pieces of `step` bytes; writes what was good. */
static void read_all(csv *c, bool header, const char *p, size_t n, size_t step)
{
  wr_slot opt[4] = { wr_i64_slot(header, 0), wr_i64_slot(0, -1), wr_i64_slot(0, -1), wr_i64_slot(0, -1) };
  size_t from = 0, seen = 0, have = 0;
  bool first = true;

  memset(c, 0, sizeof *c);
  c->state = wr_fmt_csv.open(&c->r.ctx, &type, opt);
  c->source = (wr_source){ .name = "s", .type = &type };
  c->b = rig_batch(&c->shape, &type, 1);
  if (header) wr_fmt_csv.encode_header(&c->r.ctx, c->state, &type, &c->out);
  while (have < n) {
    have = have + step < n ? have + step : n;
    while (seen < have) {
      size_t skip, len = wr_fmt_csv.frame(c->state, p + seen, have - seen, have == n, &skip);
      wr_str rec;
      int is;
      seen = len ? seen + len : have;
      if (!len) break;
      rec = (wr_str){ p + from, (wr_u32)(seen - from - skip), 0 };
      from = seen;
      is = first ? wr_fmt_csv.header(&c->r.ctx, c->state, &c->source, &type, rec) : 0;
      first = false;
      if (is < 0) return;
      if (!is) wr_fmt_csv.decode(&c->r.ctx, c->state, &c->source, &type, &rec, 1, 0, c->b);
      wr_fmt_csv.encode(&c->r.ctx, c->state, &type, c->b, &c->out);
      c->b->n = 0;
    }
  }
}

static void drop(csv *c)
{
  wr_fmt_csv.close(&c->r.ctx, c->state);
  wr_batch_free(c->b, c->shape.kind);
  wr_buf_free(&c->out);
  rig_free(&c->r);
}

static void same(const csv *a, const csv *b)
{
  if (a->out.n != b->out.n || (a->out.n && memcmp(a->out.p, b->out.p, a->out.n) != 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  csv whole, pieces, again;
  bool header = n && (data[0] & 1);
  size_t step = n ? 1 + data[0] / 2 % 7 : 1;
  const char *p = (const char *)data + 1;

  if (n < 2) return 0;
  read_all(&whole, header, p, n - 1, n);
  read_all(&pieces, header, p, n - 1, step);
  same(&whole, &pieces);
  if (whole.r.nbad != pieces.r.nbad) abort();
  if (whole.out.n && !whole.r.exit_code) {
    read_all(&again, header, whole.out.p, whole.out.n, whole.out.n);
    if (again.r.nbad || again.r.exit_code) abort();
    same(&whole, &again);
    drop(&again);
  }
  drop(&whole);
  drop(&pieces);
  return 0;
}
