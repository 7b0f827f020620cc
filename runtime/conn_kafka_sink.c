/* conn_kafka_sink.c -- a topic as a sink: one message a record, from an idempotent producer.
 *
 * What was written is delivered when flush comes back without an error: it waits, for as long as the brokers
 * are away. A record that the topic does not take, which is found before it is sent where the topic's limit
 * can be asked, is a bad row; anything else that is wrong ends the run.
 */
#include "conn_kafka.h"
#include <stdlib.h>
#include <string.h>
#include "fmt.h"

enum { OVERHEAD = 128, WAIT_MS = 100, STOP_WAITS = 300, ASK_MS = 5000 };

typedef struct kafka_sink {
  kafka_client c;
  const wr_sink *sink;
  wr_i64 largest;                         /* bytes of key and value that the topic takes; 0: not known */
  bool ids;
  wr_buf key, text, id;                   /* of the row at hand */
} kafka_sink;

/* ---- delivery ---- */

static bool is_about_the_record(rd_kafka_resp_err_t e)
{
  return e == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || e == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
         e == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP || e == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE;
}

static void bad_record(kafka_sink *s, wr_str record, wr_ts t, size_t size, const char *why, bool aside)
{
  char text[256];

  snprintf(text, sizeof text, "%s: %zu bytes: %s", s->c.who, size, why);
  wr_sink_failed(s->c.ctx, s->sink, record, t, WR_E_TOO_LONG, text, aside);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
  kafka_sink *s = opaque;
  rd_kafka_timestamp_type_t kind;

  (void)rk;
  if (!m->err) return;
  if (is_about_the_record(m->err)) {
    wr_str record = { m->payload, (wr_u32)m->len, 0 };
    bad_record(s, record, s->c.rd->message_timestamp(m, &kind) * 1000, m->len + m->key_len, s->c.rd->err2str(m->err),
               m->_private != NULL);
    return;
  }
  if (m->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE && m->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
    wr_kafka_fail(&s->c, m->err, NULL);
}

static int undelivered(kafka_sink *s)
{
  wr_error(s->c.ctx, WR_EXIT_IO, "a source that keeps its place reads them again at the next start",
           "%s: stopped while %d records were not delivered: %s", s->c.who, s->c.rd->outq_len(s->c.rk),
           s->c.reason[0] ? s->c.reason : "the brokers do not answer");
  s->c.failed = true;
  return -1;
}

/* Waits for all that is under way. Told to end, it does so for half a minute at most. */
int wr_kafka_flush(wr_ctx *ctx, void *state)
{
  kafka_sink *s = state;
  const kafka_calls *rd = s->c.rd;

  s->c.ctx = ctx;
  rd->poll(s->c.rk, 0);
  for (int stops = 0; rd->outq_len(s->c.rk) > 0 && !s->c.failed;) {
    rd->flush(s->c.rk, WAIT_MS);
    wr_still_waiting(ctx);
    if (wr_stopping() && ++stops > STOP_WAITS) return undelivered(s);
  }
  return s->c.failed ? -1 : 0;
}

/* ---- the topic's limit ---- */

static wr_i64 limit_of(kafka_sink *s, const rd_kafka_event_t *answer)
{
  const kafka_calls *rd = s->c.rd;
  const rd_kafka_DescribeConfigs_result_t *result = rd->event_DescribeConfigs_result((rd_kafka_event_t *)answer);
  const rd_kafka_ConfigResource_t **topics;
  const rd_kafka_ConfigEntry_t **entry;
  size_t n = 0, m = 0;

  if (!result || !(topics = rd->DescribeConfigs_result_resources(result, &n)) || n != 1) return 0;
  entry = rd->ConfigResource_configs(topics[0], &m);
  for (size_t i = 0; i < m; i++)
    if (strcmp(rd->ConfigEntry_name(entry[i]), "max.message.bytes") == 0 && rd->ConfigEntry_value(entry[i]))
      return strtoll(rd->ConfigEntry_value(entry[i]), NULL, 10);
  return 0;
}

/* max.message.bytes of the topic; 0 when this user may not know, or the broker (the embedded one) cannot say. */
static wr_i64 ask_limit(kafka_sink *s)
{
  const kafka_calls *rd = s->c.rd;
  rd_kafka_ConfigResource_t *topic = rd->ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, s->c.topic);
  rd_kafka_queue_t *queue = rd->queue_new(s->c.rk);
  rd_kafka_event_t *answer;
  wr_i64 limit = 0;

  rd->DescribeConfigs(s->c.rk, &topic, 1, NULL, queue);
  if ((answer = rd->queue_poll(queue, ASK_MS))) {
    if (!rd->event_error(answer)) limit = limit_of(s, answer);
    rd->event_destroy(answer);
  }
  rd->queue_destroy(queue);
  rd->ConfigResource_destroy(topic);
  return limit;
}

/* ---- opening ---- */

static bool settings(kafka_sink *s, const wr_slot *opt)
{
  kafka_client *c = &s->c;
  char codec[16];

  snprintf(codec, sizeof codec, "%.*s", (int)opt[KAFKA_COMPRESSION].len, opt[KAFKA_COMPRESSION].u.p);
  c->rd->conf_set_dr_msg_cb(c->conf, on_delivery);
  return wr_kafka_set(c, "enable.idempotence", "true") && wr_kafka_set(c, "message.timeout.ms", "0") &&
         wr_kafka_set(c, "compression.codec", codec);
}

/* A request that holds a smaller topic's limit: a batch that is too large would take good records along. */
static bool smaller(kafka_sink *s, rd_kafka_conf_t *conf)
{
  char number[24];

  s->c.rd->topic_destroy(s->c.rkt);
  s->c.rd->destroy(s->c.rk);
  s->c.rk = NULL;
  s->c.rkt = NULL;
  s->c.conf = conf;
  number[wr_print_int(number, s->largest)] = 0;
  return wr_kafka_set(&s->c, "batch.size", number) && wr_kafka_make(&s->c);
}

static bool start(kafka_sink *s, wr_ctx *ctx, const wr_slot *opt)
{
  static const wr_i64 BATCH = 1000000;    /* librdkafka's own limit of a request */
  rd_kafka_conf_t *again;
  wr_i32 partitions;
  bool ok;

  if (!wr_kafka_begin(&s->c, ctx, opt) || !settings(s, opt)) return false;
  again = s->c.rd->conf_dup(s->c.conf);
  ok = wr_kafka_make(&s->c) && wr_kafka_connect(&s->c, &partitions);
  if (ok && !s->c.embedded) s->largest = ask_limit(s);
  if (!ok || s->largest == 0 || s->largest >= BATCH) {
    s->c.rd->conf_destroy(again);
    return ok;
  }
  return smaller(s, again);
}

static void dispose(kafka_sink *s)
{
  wr_kafka_end(&s->c);
  wr_buf_free(&s->key);
  wr_buf_free(&s->text);
  wr_buf_free(&s->id);
  wr_mem_free(s, sizeof *s);
}

void *wr_kafka_open_sink(wr_ctx *ctx, const wr_sink *sink, const wr_slot *opt, void *fmt)
{
  kafka_sink *s = wr_mem_alloc(sizeof *s);

  (void)fmt;
  *s = (kafka_sink){ .sink = sink, .ids = opt[KAFKA_IDS].u.i != 0 };
  snprintf(s->c.who, sizeof s->c.who, "sink %s", sink->name);
  if (start(s, ctx, opt)) return s;
  dispose(s);
  return 0;
}

/* ---- keys ---- */

/* The field of the sink's record that a column is, for what `mask` says of it. */
static const wr_field *field_of(const wr_type *t, wr_i32 col)
{
  const wr_field *f;

  for (wr_u32 i = 0; i < t->n; i++) {
    if (t->fields[i].type->kind != WR_REC && t->fields[i].col == col) return &t->fields[i];
    if (t->fields[i].type->kind == WR_REC && (f = field_of(t->fields[i].type, col))) return f;
  }
  return NULL;
}

/* A value of the key as text: a string as it is, anything else as JSON. */
static void key_part(kafka_sink *s, const wr_cell *cell, wr_slot v)
{
  const wr_field *f = field_of(s->sink->type, (wr_i32)cell->off);

  s->text.n = 0;
  if (cell->type->kind == WR_STR && !v.st) wr_buf_add(&s->text, v.u.p, v.len);
  else wr_json_value(&s->text, cell->type, v);
  if (f && f->masking != WR_MASK_NONE && !v.st) wr_text_masked(&s->key, f, s->text.p, s->text.n);
  else wr_buf_add(&s->key, s->text.p, s->text.n);
}

/* The key of a row into s->key; false: it has none, and any partition will do. */
static bool make_key(kafka_sink *s, const wr_batch *b, wr_i32 row)
{
  const wr_sink *sink = s->sink;
  bool any = false;

  s->key.n = 0;
  for (wr_i32 i = 0; i < sink->nkey; i++) {
    wr_slot v = wr_col_slot(sink->key[i].type, &b->col[sink->key[i].off], row);
    any |= v.st == 0;
    if (i) wr_buf_add(&s->key, ",", 1);
    key_part(s, &sink->key[i], v);
  }
  return any;
}

/* ---- writing ---- */

static rd_kafka_resp_err_t produce(kafka_sink *s, wr_str record, bool key, wr_ts t)
{
#define MESSAGE                                                                                                      \
  s->c.rk, RD_KAFKA_V_RKT(s->c.rkt), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),                                    \
  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE((void *)record.p, record.len),                          \
  RD_KAFKA_V_KEY(key ? s->key.p : NULL, key ? s->key.n : 0), RD_KAFKA_V_TIMESTAMP(t > 0 ? t / 1000 : 0),             \
  RD_KAFKA_V_OPAQUE(wr_setting_aside(s->c.ctx) ? s : NULL)

  if (!s->ids) return s->c.rd->producev(MESSAGE, RD_KAFKA_V_END);
  return s->c.rd->producev(MESSAGE, RD_KAFKA_V_HEADER("weir-id", s->id.p, s->id.n), RD_KAFKA_V_END);
#undef MESSAGE
}

static int hand_over(kafka_sink *s, wr_str record, bool key, wr_ts t)
{
  size_t size = record.len + (key ? s->key.n : 0);
  rd_kafka_resp_err_t e = RD_KAFKA_RESP_ERR__QUEUE_FULL;

  if (s->largest && (wr_i64)size + OVERHEAD > s->largest) {
    bad_record(s, record, t, size, "more than max.message.bytes of the topic",
               wr_setting_aside(s->c.ctx));
    return 0;
  }
  for (int stops = 0; !s->c.failed; s->c.rd->poll(s->c.rk, WAIT_MS)) {
    e = produce(s, record, key, t);
    if (e != RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
    wr_still_waiting(s->c.ctx);
    if (wr_stopping() && ++stops > STOP_WAITS) return undelivered(s);
  }
  if (e == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    bad_record(s, record, t, size, "more than message.max.bytes", wr_setting_aside(s->c.ctx));
  else if (e && !s->c.failed) wr_kafka_fail(&s->c, e, NULL);
  return s->c.failed ? -1 : 0;
}

int wr_kafka_write(wr_ctx *ctx, void *state, const wr_written *w)
{
  kafka_sink *s = state;

  s->c.ctx = ctx;
  for (wr_i32 r = 0; r < w->records; r++) {
    size_t from = r ? w->end[r - 1] : 0, to = w->end[r];
    if (to > from && w->bytes[to - 1] == '\n') to--;
    wr_str record = { w->bytes + from, (wr_u32)(to - from), 0 };
    bool key = s->sink->nkey && make_key(s, w->rows, r);
    wr_str k = { key ? s->key.p : "", key ? (wr_u32)s->key.n : 0, 0 };
    if (s->ids) wr_row_id(ctx, s->sink, w->rows, r, k, record, &s->id);
    if (hand_over(s, record, key, w->rows->time[r])) return -1;
  }
  s->c.rd->poll(s->c.rk, 0);
  return s->c.failed ? -1 : 0;
}

int wr_kafka_close_sink(wr_ctx *ctx, void *state, int ok)
{
  kafka_sink *s = state;
  int bad = ok ? wr_kafka_flush(ctx, s) : 0;

  if (s->c.rd->outq_len(s->c.rk)) s->c.rd->purge(s->c.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  dispose(s);
  return bad;
}
