/* fmt_json.h -- the state of a JSON format: fmt_json.c decodes, fmt_json_encode.c encodes. */
#ifndef WEIR_FMT_JSON_H
#define WEIR_FMT_JSON_H
#include "json_plan.h"

struct json_encoder;
typedef struct json_state {
  enum wr_unit unit;
  wr_json_decode_fn *decode;
  json_plan *plan;                        /* one for each type met */
  struct json_encoder *encoder;
} json_state;

void wr_json_encode(wr_ctx *, void *state, const wr_type *, const wr_batch *, wr_buf *);
void wr_json_encoder_free(struct json_encoder *);
#endif
