/* json_rig.h -- a record type with every kind of field, and decoding it to text and back.
 *
 * Used by test_json.c and fuzz_json.c. All three decoders are asked; they must agree.
 */
#ifndef JSON_RIG_H
#define JSON_RIG_H
#include "fmt_json.h"
#include "fmt_rig.h"

#define LEAF(nm, c, ...) { .name = nm, .len = sizeof nm - 1, .col = c, .type = &(const wr_type){ __VA_ARGS__ } }
static const char *const colours[] = { "red", "green", "other" };
static const wr_type int_type = { .kind = WR_INT }, float_type = { .kind = WR_FLOAT };
static const wr_field item_fields[] = { LEAF("a", -1, .kind = WR_INT), LEAF("b", -1, .kind = WR_STR, .nullable = 1) };
static const wr_type item_type = { .kind = WR_REC, .n = 2, .fields = item_fields };
static const wr_field site_fields[] = { LEAF("name", 12, .kind = WR_STR), LEAF("zone", 13, .kind = WR_STR, .nullable = 1) };
static const wr_field wide_fields[] = {
  LEAF("i", 0, .kind = WR_INT, .nullable = 1),
  LEAF("f", 1, .kind = WR_FLOAT, .nullable = 1),
  LEAF("d", 2, .kind = WR_DEC, .nullable = 1, .scale = 2),
  LEAF("s", 3, .kind = WR_STR, .nullable = 1),
  LEAF("b", 4, .kind = WR_BOOL, .nullable = 1),
  LEAF("t", 5, .kind = WR_TS_, .nullable = 1),
  LEAF("u", 6, .kind = WR_DUR, .nullable = 1),
  LEAF("e", 7, .kind = WR_ENUM, .nullable = 1, .n = 3, .names = colours, .open = 1),
  LEAF("j", 8, .kind = WR_JSON, .nullable = 1),
  LEAF("l", 9, .kind = WR_LIST, .nullable = 1, .elem = &int_type),
  LEAF("m", 10, .kind = WR_MAP, .nullable = 1, .elem = &float_type),
  LEAF("site", 11, .kind = WR_REC, .nullable = 1, .n = 2, .fields = site_fields),
  LEAF("items", 14, .kind = WR_LIST, .nullable = 1, .elem = &item_type),
  LEAF("y", 15, .kind = WR_BYTES, .nullable = 1),
  LEAF("unread", -1, .kind = WR_INT, .nullable = 1),
};
static const wr_type wide_type = { .kind = WR_REC, .n = 15, .fields = wide_fields };

static inline json_state *json_rig_open(rig *r)
{
  wr_slot opt = wr_i64_slot(0, WR_NULL);

  return wr_fmt_json.open(&r->ctx, &wide_type, &opt);
}

/* Decodes one record by each decoder and by each again, as text in `out`; the error, or 0. Ends the
 * program when they do not agree. */
static inline enum wr_err json_rig_decode(rig *r, json_state *s, const wr_source *source, const wr_type *t, wr_str rec,
                                          wr_buf *out)
{
  wr_json_decode_fn *const decoders[] = { wr_json_decode_plain, wr_json_decode_base, wr_json_decode_best() };
  rig_shape shape;
  wr_batch *b = rig_batch(&shape, t, 1);
  enum wr_err err = WR_E_NONE;
  wr_buf other = { 0, 0, 0 };

  for (int i = 0; i < 6; i++) {
    wr_buf *to = i ? &other : out;
    enum wr_err e;
    to->n = 0;
    b->n = 0;
    r->nbad = r->rejected = 0;
    s->decode = decoders[i % 3];
    wr_fmt_json.decode(&r->ctx, s, source, t, &rec, 1, 7, b);
    e = r->nbad ? r->bad[0].kind : WR_E_NONE;
    if (i == 0) err = e;
    if (e != err || (e != 0) + b->n + r->rejected > 1) abort();
    wr_fmt_json.encode(&r->ctx, s, t, b, to);
    if (i && (other.n != out->n || (out->n && memcmp(other.p, out->p, out->n) != 0))) abort();
  }
  wr_buf_add(out, "", 1);
  wr_buf_free(&other);
  wr_batch_free(b, shape.kind);
  return err;
}

/* A filter of wide_type: i is there and even. */
static wr_i32 json_rig_even(wr_ctx *ctx, wr_batch *b, wr_i32 row)
{
  (void)ctx;
  return !b->col[0].st[row] && ((wr_i64 *)b->col[0].v)[row] % 2 == 0;
}

/* The same with the filter in the decoder. Ends the program when a row that passes is not the row, or
 * as bad, as without it; gives the error that the row has without it. */
static inline enum wr_err json_rig_filtered(rig *r, json_state *s, wr_str rec, wr_buf *out)
{
  static const wr_u8 early[64] = { 1 };
  wr_source source = { .type = &wide_type, .filter = json_rig_even, .early = early };
  wr_buf plain = { 0, 0, 0 };
  enum wr_err err = json_rig_decode(r, s, 0, &wide_type, rec, &plain);
  enum wr_err now = json_rig_decode(r, s, &source, &wide_type, rec, out);

  if (!r->rejected && (now != 0) != (err != 0)) abort();
  if (!r->rejected && (plain.n != out->n || memcmp(plain.p, out->p, out->n) != 0)) abort();
  if (r->rejected && out->n != 1) abort();
  wr_buf_free(&plain);
  return err;
}
#endif
