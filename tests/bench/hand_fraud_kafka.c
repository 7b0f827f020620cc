/* hand_fraud_kafka.c -- fraud_kafka.weir by hand: hand_fraud.h between topics, over librdkafka.
 *
 *   hand_fraud_kafka BROKERS IN GROUP OUT MERCHANTS ROWS
 *
 * Each partition has its own greatest time, and the watermark is behind the least of them: as partitions do
 * not come evenly, rows that are hours ahead wait in the heap, and the hours are summed in order of time, too.
 * Messages come by the batch; what is made goes to OUT and OUT-spend with the user as the key, by an idempotent
 * producer. After ROWS messages all is delivered, then the offsets are committed; then it waits for a signal.
 */
struct Out;
static void publish(struct Out *o);
#define OUT_FULL publish
#include "hand_fraud.h"
#include <librdkafka/rdkafka.h>

enum { PARTS = 64, BATCH = 1024, AHEAD = 32, LINE = 4096, PATIENCE = 60000 };

static struct { int64_t high; int64_t next; } part[PARTS];
static int nparts;
static int64_t wm = TIME_MIN;
static uint64_t rows, bad, late;
static rd_kafka_t *consumer, *producer;
static rd_kafka_topic_t *alerts_topic, *spend_topic;

static _Noreturn void give_up(const char *what)
{
  fprintf(stderr, "hand_fraud_kafka: %s\n", what);
  exit(74);
}

/* ---- out ---- */

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
  (void)rk, (void)opaque;
  if (m->err) give_up(rd_kafka_err2str(m->err));
}

/* Every line begins with {"user":". */
static void publish(Out *o)
{
  rd_kafka_topic_t *to = o == alerts ? alerts_topic : spend_topic;
  char *p = o->buf, *end = o->buf + o->n;
  while (p < end) {
    char *nl = memchr(p, '\n', (size_t)(end - p)), *key = p + 9, *quote = memchr(key, '"', (size_t)(nl - key));
    while (rd_kafka_produce(to, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, p, (size_t)(nl - p), key,
                            (size_t)(quote - key), NULL)) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) give_up(rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(producer, 10);
    }
    p = nl + 1;
  }
  o->n = 0;
  rd_kafka_poll(producer, 0);
}

/* ---- clients ---- */

static void set(rd_kafka_conf_t *c, const char *name, const char *value)
{
  char why[256];
  if (rd_kafka_conf_set(c, name, value, why, sizeof why)) give_up(why);
}

static rd_kafka_t *client(rd_kafka_type_t kind, rd_kafka_conf_t *c, const char *brokers)
{
  char why[256];
  set(c, "bootstrap.servers", brokers);
  rd_kafka_t *rk = rd_kafka_new(kind, c, why, sizeof why);
  if (!rk) give_up(why);
  return rk;
}

static void start_producer(const char *brokers, const char *topic)
{
  char spent[512];
  rd_kafka_conf_t *c = rd_kafka_conf_new();
  set(c, "enable.idempotence", "true");
  set(c, "partitioner", "murmur2_random");
  set(c, "compression.codec", "none");
  rd_kafka_conf_set_dr_msg_cb(c, on_delivery);
  producer = client(RD_KAFKA_PRODUCER, c, brokers);
  snprintf(spent, sizeof spent, "%s-spend", topic);
  alerts_topic = rd_kafka_topic_new(producer, topic, NULL);
  spend_topic = rd_kafka_topic_new(producer, spent, NULL);
  if (!alerts_topic || !spend_topic) give_up("no topic");
}

static void start_consumer(const char *brokers, const char *topic, const char *group)
{
  rd_kafka_conf_t *c = rd_kafka_conf_new();
  set(c, "group.id", group);
  set(c, "enable.auto.commit", "false");
  set(c, "auto.offset.reset", "earliest");
  set(c, "check.crcs", "true");
  set(c, "queued.min.messages", "1000000");
  consumer = client(RD_KAFKA_CONSUMER, c, brokers);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
  if (rd_kafka_subscribe(consumer, list)) give_up("no subscription");
  rd_kafka_topic_partition_list_destroy(list);
}

static void count_partitions(const char *name)
{
  const struct rd_kafka_metadata *about;
  rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
  if (!topic || rd_kafka_metadata(producer, 0, topic, &about, PATIENCE) || about->topic_cnt != 1) give_up("no metadata");
  nparts = about->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(about);
  rd_kafka_topic_destroy(topic);
  if (nparts < 1 || nparts > PARTS) give_up("too many partitions, or none");
  for (int i = 0; i < nparts; i++) part[i].high = TIME_MIN;
}

static void commit(const char *topic)
{
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(nparts);
  for (int i = 0; i < nparts; i++) rd_kafka_topic_partition_list_add(list, topic, i)->offset = part[i].next;
  if (rd_kafka_commit(consumer, list, 0)) give_up("offsets were not committed");
  rd_kafka_topic_partition_list_destroy(list);
}

/* ---- rows ---- */

static void pass_until(int64_t until)
{
  while (nheap && heap[1].time < until) {
    uint32_t at = heap_pop();
    const Waiting *w = &pool[at];
    close_hours(w->time);
    judge(w);
    add_hour(w->user, w->time, w->amount, w->place, TIME_MIN);
    unused[nunused++] = at;
  }
  close_hours(until);
}

static void advance(int at, int64_t time)
{
  if (time <= part[at].high) return;
  int64_t before = part[at].high, least = part[at].high = time;
  if (before != TIME_MIN && before - WAIT > wm) return;             /* another one is the least */
  for (int i = 0; i < nparts; i++)
    if (part[i].high < least) least = part[i].high;
  if (least == TIME_MIN || least - WAIT <= wm) return;
  pass_until(wm = least - WAIT);
}

static bool read_payment(const rd_kafka_message_t *m, Payment *x)
{
  static char line[LINE + SLACK];                      /* the readers look a little beyond the end */
  if (m->err) give_up(rd_kafka_message_errstr(m));
  rows++;
  part[m->partition].next = m->offset + 1;
  if (m->len > LINE) return false;
  memcpy(line, m->payload, m->len);
  return payment_parse(line, line + m->len, x);
}

static void take(rd_kafka_message_t **m, int n)
{
  Payment x[AHEAD];
  int of[AHEAD], good = 0;
  for (int i = 0; i < n; i++) {
    if (read_payment(m[i], &x[good])) {
      of[good] = m[i]->partition;
      __builtin_prefetch(&table[hash(x[good++].key) & table_mask]);
    } else {
      bad++;
    }
    rd_kafka_message_destroy(m[i]);
  }
  for (int i = 0; i < good; i++) {
    uint32_t known = table[hash(x[i].key) & table_mask];
    if (known) __builtin_prefetch(&users[known - 1]);
  }
  for (int i = 0; i < good; i++) {
    advance(of[i], x[i].time);
    if (x[i].time >= wm) wait_for_turn(&x[i], user_of(&x[i]), place_of(x[i].merchant), rows * AHEAD + (uint64_t)i);
    else late++;
  }
}

int main(int argc, char **argv)
{
  static rd_kafka_message_t *m[BATCH];
  if (argc != 7) return 64;
  uint64_t all = strtoull(argv[6], NULL, 10);
  alerts = out_open("/dev/null");
  spend = out_open("/dev/null");
  table = must(calloc((table_mask = 4095) + 1, sizeof *table));
  read_merchants(argv[5]);
  start_producer(argv[1], argv[4]);
  count_partitions(argv[2]);
  start_consumer(argv[1], argv[2], argv[3]);
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
  while (rows < all) {
    int n = (int)rd_kafka_consume_batch_queue(queue, 1000, m, BATCH);
    for (int i = 0; i < n; i += AHEAD) take(m + i, n - i < AHEAD ? n - i : AHEAD);
    publish(alerts);
    publish(spend);
  }
  if (rd_kafka_flush(producer, PATIENCE)) give_up("not delivered");
  commit(argv[2]);
  counts(rows, bad, late);
  pause();
  return 0;
}
