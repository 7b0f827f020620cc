/* fuzz_json.c -- JSON lines: any bytes, all decoders, one verdict; what is accepted reads back. */
#include "json_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void lines(rig *r, json_state *s, const wr_source *source, const char *p, const char *e)
{
  wr_buf out = { 0, 0, 0 }, again = { 0, 0, 0 };

  while (p < e) {
    const char *nl = memchr(p, '\n', (size_t)(e - p));
    size_t len = (size_t)((nl ? nl : e) - p);
    char *copy = malloc(len + 1);
    memcpy(copy, p, len);
    copy = realloc(copy, len ? len : 1);
    if (json_rig_decode(r, s, source, &wide_type, (wr_str){ copy, (wr_u32)len, 0 }, &out) == 0 && out.n > 1) {
      if (json_rig_decode(r, s, 0, &wide_type, (wr_str){ out.p, (wr_u32)out.n - 1, 0 }, &again)) abort();
      if (out.n != again.n || memcmp(out.p, again.p, out.n) != 0) abort();
    }
    json_rig_filtered(r, s, (wr_str){ copy, (wr_u32)len, 0 }, &out);
    free(copy);
    rig_forget(r);
    p += len + 1;
  }
  wr_buf_free(&out);
  wr_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  rig r = { 0 };
  json_state *s = json_rig_open(&r);
  wr_source source = { .strict = n && (data[0] & 1) };

  if (n) lines(&r, s, &source, (const char *)data + 1, (const char *)data + n);
  wr_fmt_json.close(&r.ctx, s);
  rig_free(&r);
  return 0;
}
