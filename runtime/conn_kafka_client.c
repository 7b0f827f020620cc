/* conn_kafka_client.c -- a client of librdkafka: its settings, its first contact, its troubles.
 *
 * At the start a broker that cannot be reached, a topic that is not there, or credentials that are refused
 * end the run: somebody is looking. Later a broker that goes away is waited for, as long as it takes, and
 * said once when it goes and once when it is back. librdkafka's own log is not shown: it repeats itself.
 */
#include "conn_kafka.h"
#include <ctype.h>
#include <string.h>

enum { SLICE_MS = 250, CONNECT_SLICES = 40, UNKNOWN_SLICES = 12, DOWN_LOOKS = 3 };

char *wr_kafka_text(const wr_slot *s)
{
  char *p = wr_mem_alloc((size_t)s->len + 1);

  memcpy(p, s->u.p, s->len);
  p[s->len] = 0;
  return p;
}

void wr_kafka_text_free(char *p)
{
  if (p) wr_mem_free(p, strlen(p) + 1);
}

/* ---- settings ---- */

bool wr_kafka_set(kafka_client *c, const char *name, const char *value)
{
  char why[256];

  if (c->rd->conf_set(c->conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK) return true;
  wr_error(c->ctx, WR_EXIT_CONFIG, "", "%s: librdkafka refuses %s: %s", c->who, name, why);
  return false;
}

static bool set_all(kafka_client *c, const char *const (*pair)[2], size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!wr_kafka_set(c, pair[i][0], pair[i][1])) return false;
  return true;
}

static bool set_slot(kafka_client *c, const char *name, const wr_option *o, const wr_slot *v)
{
  char number[24], *text;
  bool ok;

  if (v->st) return true;
  if (o->type == WR_OPT_INT) {
    number[wr_print_int(number, v->u.i)] = 0;
    return wr_kafka_set(c, name, number);
  }
  text = wr_kafka_text(v);
  ok = wr_kafka_set(c, name, text);
  wr_kafka_text_free(text);
  return ok;
}

static bool set_option(kafka_client *c, const char *name, const wr_slot *opt, int k)
{
  return set_slot(c, name, &wr_kafka_options[k], &opt[k]);
}

/* A value that no message may show: librdkafka's own would. */
static bool set_secret(kafka_client *c, const char *name, const wr_slot *opt, int k)
{
  wr_buf value = { 0 };
  char why[256];
  bool ok;

  if (opt[k].st) return true;
  if (!wr_secret_read(c->ctx, c->who, &opt[k], &value)) return false;
  ok = c->rd->conf_set(c->conf, name, value.p, why, sizeof why) == RD_KAFKA_CONF_OK;
  explicit_bzero(why, sizeof why);
  wr_secret_wipe(&value);
  if (!ok)
    wr_error(c->ctx, WR_EXIT_CONFIG, "the key is PEM text: -----BEGIN PRIVATE KEY-----",
             "%s: librdkafka refuses the secret %.*s", c->who, (int)opt[k].len, opt[k].u.p);
  return ok;
}

static bool given(const wr_slot *opt, int k) { return opt[k].st == 0; }

/* Do all addresses name this machine? */
static bool here(const char *brokers)
{
  static const char *const names[] = { "127.", "localhost", "[::1]", "::1" };

  for (const char *p = brokers; *p; p += strcspn(p, ","), p += *p == ',') {
    bool known = false;
    while (*p == ' ') p++;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) known |= strncmp(p, names[i], strlen(names[i])) == 0;
    if (!known) return false;
  }
  return true;
}

static bool set_security(kafka_client *c, const wr_slot *opt)
{
  bool tls = (given(opt, KAFKA_TLS) && opt[KAFKA_TLS].u.i) || given(opt, KAFKA_CA) || given(opt, KAFKA_CERTIFICATE);
  bool sasl = given(opt, KAFKA_USER);
  char mechanism[32] = "";

  if (sasl != given(opt, KAFKA_PASSWORD) || given(opt, KAFKA_CERTIFICATE) != given(opt, KAFKA_KEY)) {
    wr_error(c->ctx, WR_EXIT_CONFIG, "user and password go together, and so do certificate and key",
             "%s: half of the credentials is missing", c->who);
    return false;
  }
  if (sasl) {
    snprintf(mechanism, sizeof mechanism, "%.*s", (int)opt[KAFKA_MECHANISM].len, opt[KAFKA_MECHANISM].u.p);
    for (char *p = mechanism; *p; p++) *p = (char)toupper((unsigned char)*p);
  }
  if (sasl && !tls && strcmp(mechanism, "PLAIN") == 0 && !here(c->brokers)) {
    wr_error(c->ctx, WR_EXIT_CONFIG, "tls: true",
             "%s: the mechanism plain sends the password as it is, and nothing encrypts it", c->who);
    return false;
  }
  const char *protocol = sasl ? (tls ? "sasl_ssl" : "sasl_plaintext") : tls ? "ssl" : "plaintext";
  return wr_kafka_set(c, "security.protocol", protocol) &&
         (!sasl || wr_kafka_set(c, "sasl.mechanism", mechanism)) && set_option(c, "sasl.username", opt, KAFKA_USER) &&
         set_secret(c, "sasl.password", opt, KAFKA_PASSWORD) && set_option(c, "ssl.ca.location", opt, KAFKA_CA) &&
         set_option(c, "ssl.certificate.location", opt, KAFKA_CERTIFICATE) &&
         set_secret(c, "ssl.key.password", opt, KAFKA_KEY_PASSWORD) && set_secret(c, "ssl.key.pem", opt, KAFKA_KEY);
}

static bool set_more(kafka_client *c, const wr_slot *opt)
{
  const wr_slot *more = &opt[KAFKA_MORE];

  if (more->st) return true;
  for (wr_i32 i = 0; i < wr_kafka_nmore; i++)
    if (!set_slot(c, wr_kafka_more[i].name, &wr_kafka_more[i], &more->u.list[i])) return false;
  return true;
}

static bool topic_fits(kafka_client *c)
{
  size_t n = strlen(c->topic);

  if (n >= 1 && n <= 249 && strcmp(c->topic, ".") != 0 && strcmp(c->topic, "..") != 0 &&
      strspn(c->topic, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n)
    return true;
  wr_error(c->ctx, WR_EXIT_CONFIG, "letters, digits, dots, underscores and hyphens; 249 of them at most",
           "%s: \"%s\" cannot be the name of a topic", c->who, c->topic);
  return false;
}

/* ---- what librdkafka reports, from within poll ---- */

/* Nothing that waiting heals; at the start it ends the run, later it is part of what the alarm says. */
static bool is_refusal(rd_kafka_resp_err_t e)
{
  return e == RD_KAFKA_RESP_ERR__AUTHENTICATION || e == RD_KAFKA_RESP_ERR__SSL ||
         e == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED || e == RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM ||
         e == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || e == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
         e == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque)
{
  kafka_client *c = opaque;
  char why[256];

  if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;    /* the reason came before it */
  if (err == RD_KAFKA_RESP_ERR__FATAL) {
    rd_kafka_resp_err_t e = c->rd->fatal_error(rk, why, sizeof why);
    wr_kafka_fail(c, e, why);
    return;
  }
  snprintf(c->reason, sizeof c->reason, "%s", reason);
  c->kind = strstr(reason, "SSL routines") ? RD_KAFKA_RESP_ERR__SSL : (rd_kafka_resp_err_t)err;
  if (is_refusal((rd_kafka_resp_err_t)err)) c->refused = (rd_kafka_resp_err_t)err;
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
  (void)rk, (void)level, (void)facility, (void)text;
}

/* Once a second: is any broker connected? Its name for that stands in the statistics only. */
static int on_stats(rd_kafka_t *rk, char *json, size_t n, void *opaque)
{
  kafka_client *c = opaque;

  (void)rk, (void)n;
  if (strstr(json, "\"state\":\"UP\"")) {
    c->down = 0;
    c->refused = 0;
    if (c->alarmed) wr_alarm(c->ctx, "%s: the brokers %s answer again", c->who, c->brokers);
    c->alarmed = false;
  } else if (++c->down >= DOWN_LOOKS && !c->alarmed && c->connected) {
    c->alarmed = true;
    wr_alarm(c->ctx, "%s: none of the brokers %s answers, trying on: %s", c->who, c->brokers,
             c->reason[0] ? c->reason : "no connection");
  }
  return 0;
}

/* ---- beginning and end ---- */

/* A state goes on from offsets: they have to mean the same records in the next run. */
static bool outlives(kafka_client *c)
{
  if (!c->embedded || !wr_keeps(c->ctx)) return true;
  wr_error(c->ctx, WR_EXIT_CONFIG, "leave out --state, or use a real cluster: brokers: \"host:9092\"",
           "%s: the embedded broker ends with the process, and its records with it: there is nothing to which a "
           "run with --state could come back", c->who);
  return false;
}

bool wr_kafka_begin(kafka_client *c, wr_ctx *ctx, const wr_slot *opt)
{
  static const char *const always[][2] = {
    { "client.id", "weir" }, { "check.crcs", "true" }, { "allow.auto.create.topics", "false" },
    { "socket.keepalive.enable", "true" }, { "socket.nagle.disable", "true" }, { "log.connection.close", "false" },
    { "reconnect.backoff.max.ms", "2000" }, { "statistics.interval.ms", "1000" },
  };

  static const char *const consumer[][2] = {
    { "session.timeout.ms", "10000" /* KAFKA_SESSION_MS */ }, { "heartbeat.interval.ms", "2000" },
    { "queued.min.messages", "1000000" }, { "topic.metadata.refresh.interval.ms", "10000" },
  };
  static const char *const producer[][2] = {
    { "partitioner", "murmur2_random" }, { "queue.buffering.max.kbytes", "65536" },
  };

  c->ctx = ctx;
  c->topic = wr_kafka_text(&opt[KAFKA_TOPIC]);
  c->brokers = wr_kafka_text(&opt[KAFKA_BROKERS]);
  c->embedded = strcmp(c->brokers, "embedded") == 0;
  if (!(c->rd = wr_kafka_calls(ctx, c->who)) || !topic_fits(c) || !outlives(c)) return false;
  c->conf = c->rd->conf_new();
  c->rd->conf_set_opaque(c->conf, c);
  c->rd->conf_set_error_cb(c->conf, on_error);
  c->rd->conf_set_log_cb(c->conf, on_log);
  c->rd->conf_set_stats_cb(c->conf, on_stats);
  if (!set_all(c, always, sizeof always / sizeof *always) ||
      !(c->consumer ? set_all(c, consumer, sizeof consumer / sizeof *consumer)
                    : set_all(c, producer, sizeof producer / sizeof *producer)) ||
      !set_more(c, opt))
    return false;
  if (!c->embedded) return wr_kafka_set(c, "bootstrap.servers", c->brokers) && set_security(c, opt);
  const char *at = wr_kafka_embedded_join(c);
  return at && wr_kafka_set(c, "bootstrap.servers", at);
}

bool wr_kafka_make(kafka_client *c)
{
  char why[512];

  c->rk = c->rd->new(c->consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, c->conf, why, sizeof why);
  if (!c->rk) {
    wr_error(c->ctx, WR_EXIT_CONFIG, "", "%s: librdkafka makes no client of these options: %s", c->who, why);
    return false;
  }
  c->conf = NULL;                         /* the client's now */
  if (c->consumer) c->rd->poll_set_consumer(c->rk);
  c->rkt = c->rd->topic_new(c->rk, c->topic, NULL);
  return c->rkt != NULL;
}

static void serve(kafka_client *c, int ms)        /* runs the callbacks that are due */
{
  rd_kafka_message_t *m;

  if (!c->consumer) c->rd->poll(c->rk, ms);
  else if ((m = c->rd->consumer_poll(c->rk, ms))) c->rd->message_destroy(m);
}

/* One look at the topic: 0 and its partitions, or what went wrong. */
static rd_kafka_resp_err_t look(kafka_client *c, wr_i32 *partitions)
{
  const struct rd_kafka_metadata *md;
  rd_kafka_resp_err_t e = c->rd->metadata(c->rk, 0, c->rkt, &md, SLICE_MS);

  if (e) return e;
  e = md->topic_cnt == 1 ? md->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  *partitions = e ? 0 : md->topics[0].partition_cnt;
  c->rd->metadata_destroy(md);
  return !e && *partitions == 0 ? RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE : e;
}

bool wr_kafka_connect(kafka_client *c, wr_i32 *partitions)
{
  rd_kafka_resp_err_t e = RD_KAFKA_RESP_ERR__TRANSPORT;

  for (int i = 0, unknown = 0; i < CONNECT_SLICES && unknown < UNKNOWN_SLICES && !wr_stopping(); i++) {
    e = look(c, partitions);
    if (!e) {
      c->refused = 0;
      c->down = 0;
      return c->connected = true;
    }
    serve(c, e == RD_KAFKA_RESP_ERR__TIMED_OUT ? 0 : SLICE_MS);
    if (wr_failed(c->ctx)) return false;
    if (is_refusal(e)) c->refused = e;
    if (c->refused) break;
    unknown += e == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  }
  if (e == RD_KAFKA_RESP_ERR__TRANSPORT || e == RD_KAFKA_RESP_ERR__TIMED_OUT) e = c->kind ? c->kind : e;
  wr_kafka_fail(c, c->refused ? c->refused : e, c->reason);
  return false;
}

void wr_kafka_end(kafka_client *c)
{
  if (c->rkt) c->rd->topic_destroy(c->rkt);
  if (c->rk) c->rd->destroy_flags(c->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  if (c->conf) c->rd->conf_destroy(c->conf);
  if (c->joined) wr_kafka_embedded_leave(c);
  wr_kafka_text_free(c->topic);
  wr_kafka_text_free(c->brokers);
}

/* ---- errors that end the run ---- */

typedef struct trouble {
  rd_kafka_resp_err_t err;
  int exit_code;
  const char *what, *hint;                /* what: behind "source x: " and before the reason; %s is the topic */
} trouble;

static const trouble troubles[] = {
  { RD_KAFKA_RESP_ERR__AUTHENTICATION, WR_EXIT_CONFIG, "the brokers refuse the credentials",
    "check user, password and mechanism, and that the brokers have that user" },
  { RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, WR_EXIT_CONFIG, "the brokers refuse the credentials",
    "check user, password and mechanism, and that the brokers have that user" },
  { RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, WR_EXIT_CONFIG, "the brokers do not know this mechanism",
    "mechanism: \"scram-sha-512\", \"scram-sha-256\" or \"plain\", as the brokers are set up" },
  { RD_KAFKA_RESP_ERR__SSL, WR_EXIT_CONFIG, "no TLS with the brokers",
    "ca: the file with the certificate of who signed the brokers'; certificate and key where they ask for one" },
  { RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, WR_EXIT_CONFIG, "the brokers have no such topic",
    "check the name, or make the topic: kafka-topics.sh --create --topic NAME --partitions N" },
  { RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, WR_EXIT_CONFIG, "the brokers have no such topic",
    "check the name, or make the topic: kafka-topics.sh --create --topic NAME --partitions N" },
  { RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, WR_EXIT_CONFIG, "the topic or a partition of it is gone",
    "was it deleted, or made anew? kafka-topics.sh --describe" },
  { RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, WR_EXIT_CONFIG, "this user may not use the topic",
    "sources need READ and DESCRIBE of the topic, sinks WRITE and DESCRIBE: kafka-acls.sh" },
  { RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, WR_EXIT_CONFIG, "this user may not use the group",
    "sources need READ of their group: kafka-acls.sh" },
  { RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, WR_EXIT_CONFIG, "this user may not write",
    "brokers before 2.8 want IDEMPOTENT_WRITE of the cluster: kafka-acls.sh" },
  { RD_KAFKA_RESP_ERR__RESOLVE, WR_EXIT_IO, "the brokers' names have no address", "check `brokers`" },
};

void wr_kafka_fail(kafka_client *c, rd_kafka_resp_err_t e, const char *reason)
{
  static const trouble other = { 0, WR_EXIT_IO, "the brokers do not do what they are asked",
                                 "their own log says more" };
  static const trouble away = { 0, WR_EXIT_IO, "none of the brokers answers",
                                "do they run, is the address right, and does this port speak TLS (tls: true) or not?" };
  c->failed = true;
  const trouble *t = e == RD_KAFKA_RESP_ERR__TRANSPORT || e == RD_KAFKA_RESP_ERR__TIMED_OUT ? &away : &other;

  for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
    if (troubles[i].err == e) t = &troubles[i];
  wr_error(c->ctx, t->exit_code, t->hint, "%s: %s (topic %s at %s): %s", c->who, t->what, c->topic, c->brokers,
           reason && reason[0] ? reason : c->rd->err2str(e));
}
