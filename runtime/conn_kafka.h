/* conn_kafka.h -- what Kafka's sources and sinks share: options, the client, its errors. */
#ifndef WEIR_CONN_KAFKA_H
#define WEIR_CONN_KAFKA_H
#include "kafka_api.h"

enum { KAFKA_TOPIC, KAFKA_BROKERS, KAFKA_GROUP, KAFKA_START, KAFKA_START_AT, KAFKA_COMPRESSION, KAFKA_IDS, KAFKA_TLS,
       KAFKA_CA, KAFKA_CERTIFICATE, KAFKA_KEY, KAFKA_KEY_PASSWORD, KAFKA_MECHANISM, KAFKA_USER, KAFKA_PASSWORD,
       KAFKA_MORE, KAFKA_OPTIONS };

enum { KAFKA_SESSION_MS = 10000 };         /* session.timeout.ms where the program says nothing else */

extern const wr_option wr_kafka_options[KAFKA_OPTIONS];
extern const wr_option wr_kafka_more[];   /* settings of librdkafka that a program may change, under their names */
extern const wr_i32 wr_kafka_nmore;

/* ---- the client: conn_kafka_client.c ---- */

typedef struct kafka_client {
  const kafka_calls *rd;
  wr_ctx *ctx;                            /* of the call that is under way: callbacks run within one */
  char who[128];                          /* "source payments" */
  char *topic, *brokers;                  /* brokers: as written */
  bool consumer, embedded, joined;        /* joined: a user of the embedded broker */
  rd_kafka_conf_t *conf;                  /* until a client is made of it */
  rd_kafka_t *rk;
  rd_kafka_topic_t *rkt;
  rd_kafka_resp_err_t refused;            /* said by a broker: no use to try again */
  char reason[256];                       /* the last trouble, in librdkafka's words, and its kind */
  rd_kafka_resp_err_t kind;
  wr_i32 down;                            /* looks in a row at which no broker was connected */
  bool connected;                         /* the topic has been seen */
  bool alarmed, failed;                   /* failed: wr_kafka_fail was called */
} kafka_client;

/* Loads the library and makes the settings; callers add their own with wr_kafka_set, then connect. false,
 * here and below: wr_error was called. */
bool wr_kafka_begin(kafka_client *, wr_ctx *, const wr_slot *opt);
bool wr_kafka_set(kafka_client *, const char *name, const char *value);
bool wr_kafka_make(kafka_client *);       /* the client, of the settings */
bool wr_kafka_connect(kafka_client *, wr_i32 *partitions);    /* waits, not for long, until the topic is seen */
void wr_kafka_end(kafka_client *);
/* An error that ends the run, with what to do about it. */
void wr_kafka_fail(kafka_client *, rd_kafka_resp_err_t, const char *reason);
char *wr_kafka_text(const wr_slot *);     /* terminated; free with wr_kafka_text_free */
void wr_kafka_text_free(char *);

/* ---- the broker inside the process: conn_kafka_embedded.c ---- */
const char *wr_kafka_embedded_join(kafka_client *);           /* its addresses; makes the topic */
void wr_kafka_embedded_leave(kafka_client *);

/* ---- the two halves ---- */
void *wr_kafka_open_source(wr_ctx *, const wr_source *, const wr_slot *opt, void *fmt);
enum wr_poll wr_kafka_poll(wr_ctx *, void *, wr_batch *);
void wr_kafka_close_source(wr_ctx *, void *);
void wr_kafka_save(wr_ctx *, void *, wr_buf *);
int wr_kafka_load(wr_ctx *, void *, const char *saved, size_t n);
void wr_kafka_commit(wr_ctx *, void *, const char *saved, size_t n);
void wr_kafka_pause(wr_ctx *, void *, wr_i32 partition, int on);
void wr_kafka_back(wr_ctx *, void *, wr_i32 partition, wr_i64 off);
void *wr_kafka_open_sink(wr_ctx *, const wr_sink *, const wr_slot *opt, void *fmt);
int wr_kafka_write(wr_ctx *, void *, const wr_written *);
int wr_kafka_flush(wr_ctx *, void *);
int wr_kafka_close_sink(wr_ctx *, void *, int ok);
#endif
