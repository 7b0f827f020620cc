/* conn_kafka.c -- what the compiler reads of Kafka: its options and its vtable.
 *
 * `options` passes settings on to librdkafka under their own names. The table below is an allow-list:
 * among the settings that are not in it are some that run commands or load libraries.
 */
#include "conn_kafka.h"

#define BOTH (WR_OPT_SOURCE | WR_OPT_SINK)

const wr_option wr_kafka_more[] = {
  { .name = "batch.num.messages", .type = WR_OPT_INT, .flags = WR_OPT_SINK, .doc = "records of a request, at most" },
  { .name = "batch.size", .type = WR_OPT_INT, .flags = WR_OPT_SINK, .doc = "bytes of a request, at most" },
  { .name = "broker.address.family", .type = WR_OPT_CHOICE, .choice = "any|v4|v6", .doc = "addresses to connect to" },
  { .name = "client.id", .type = WR_OPT_STR, .doc = "how the brokers' logs and quotas name this client" },
  { .name = "client.rack", .type = WR_OPT_STR, .flags = WR_OPT_SOURCE,
    .doc = "where it is: reads the nearest replica" },
  { .name = "connections.max.idle.ms", .type = WR_OPT_INT, .doc = "closes connections that nobody uses" },
  { .name = "fetch.max.bytes", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE, .doc = "bytes of an answer, at most" },
  { .name = "fetch.message.max.bytes", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE,
    .doc = "bytes of one partition in an answer, at most" },
  { .name = "fetch.min.bytes", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE, .doc = "the broker waits for so many" },
  { .name = "fetch.wait.max.ms", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE, .doc = "but for no longer than this" },
  { .name = "heartbeat.interval.ms", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE, .doc = "between signs of life" },
  { .name = "isolation.level", .type = WR_OPT_CHOICE, .flags = WR_OPT_SOURCE,
    .choice = "read_committed|read_uncommitted",
    .doc = "whether records of transactions that are open or were aborted are read" },
  { .name = "linger.ms", .type = WR_OPT_INT, .flags = WR_OPT_SINK, .doc = "how long records are gathered" },
  { .name = "max.poll.interval.ms", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE,
    .doc = "a program that is busy for longer loses its partitions" },
  { .name = "message.max.bytes", .type = WR_OPT_INT, .flags = WR_OPT_SINK, .doc = "bytes of a record, at most" },
  { .name = "metadata.max.age.ms", .type = WR_OPT_INT, .doc = "how old what is known of the cluster may be" },
  { .name = "partitioner", .type = WR_OPT_CHOICE, .flags = WR_OPT_SINK,
    .choice = "murmur2_random|consistent_random|fnv1a_random|random",
    .doc = "how a key chooses its partition; as the Java clients do: murmur2_random" },
  { .name = "queued.max.messages.kbytes", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE,
    .doc = "KiB read ahead, at most" },
  { .name = "queued.min.messages", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE, .doc = "records read ahead" },
  { .name = "queue.buffering.max.kbytes", .type = WR_OPT_INT, .flags = WR_OPT_SINK, .doc = "KiB under way, at most" },
  { .name = "queue.buffering.max.messages", .type = WR_OPT_INT, .flags = WR_OPT_SINK,
    .doc = "records under way, at most" },
  { .name = "receive.message.max.bytes", .type = WR_OPT_INT, .doc = "bytes of an answer that is still believed" },
  { .name = "reconnect.backoff.max.ms", .type = WR_OPT_INT, .doc = "longest pause between attempts to connect" },
  { .name = "reconnect.backoff.ms", .type = WR_OPT_INT, .doc = "first pause between attempts to connect" },
  { .name = "request.timeout.ms", .type = WR_OPT_INT, .flags = WR_OPT_SINK, .doc = "the brokers' time for a request" },

  { .name = "session.timeout.ms", .type = WR_OPT_INT, .flags = WR_OPT_SOURCE,
    .doc = "silent for this long, the group takes a program for dead" },
  { .name = "socket.connection.setup.timeout.ms", .type = WR_OPT_INT, .doc = "time to connect" },
  { .name = "socket.timeout.ms", .type = WR_OPT_INT, .doc = "time for an answer" },
  { .name = "ssl.cipher.suites", .type = WR_OPT_STR, .doc = "of TLS up to 1.2" },
  { .name = "ssl.curves.list", .type = WR_OPT_STR, .doc = "of TLS" },
  { .name = "ssl.sigalgs.list", .type = WR_OPT_STR, .doc = "of TLS" },
  { .name = "topic.metadata.refresh.interval.ms", .type = WR_OPT_INT, .doc = "how soon new partitions are seen" },
};
const wr_i32 wr_kafka_nmore = sizeof wr_kafka_more / sizeof *wr_kafka_more;

const wr_option wr_kafka_options[KAFKA_OPTIONS] = {
  [KAFKA_TOPIC] = { .name = "topic", .type = WR_OPT_STR, .flags = WR_OPT_REQUIRED | WR_OPT_POSITIONAL | BOTH,
                    .doc = "the topic" },
  [KAFKA_BROKERS] = { .name = "brokers", .type = WR_OPT_STR, .flags = WR_OPT_REQUIRED | BOTH,
                      .doc = "host:port, several between commas; \"embedded\": a small broker inside the process" },
  [KAFKA_GROUP] = { .name = "group", .type = WR_OPT_STR, .flags = WR_OPT_SOURCE,
                    .doc = "copies of one group share the partitions; without it: weir-PROGRAM-SOURCE" },
  [KAFKA_START] = { .name = "start", .type = WR_OPT_CHOICE, .flags = WR_OPT_SOURCE, .dflt = "\"earliest\"",
                    .choice = "earliest|latest", .doc = "where to begin when the group has not read the topic yet" },
  [KAFKA_START_AT] = { .name = "start_at", .type = WR_OPT_TS, .flags = WR_OPT_SOURCE,
                       .doc = "instead: the first record of this time or later" },
  [KAFKA_COMPRESSION] = { .name = "compression", .type = WR_OPT_CHOICE, .flags = WR_OPT_SINK, .dflt = "\"none\"",
                          .choice = "none|gzip|snappy|lz4|zstd", .doc = "of what is sent" },
  [KAFKA_IDS] = { .name = "ids", .type = WR_OPT_BOOL, .flags = WR_OPT_SINK, .dflt = "true",
                  .doc = "a header weir-id with each record: equal when a restart writes it a second time" },
  [KAFKA_TLS] = { .name = "tls", .type = WR_OPT_BOOL, .flags = BOTH, .dflt = "false",
                  .doc = "encrypt, and check the brokers' certificates" },
  [KAFKA_CA] = { .name = "ca", .type = WR_OPT_STR, .flags = BOTH,
                 .doc = "file with the certificates of those who may sign; without it the system's" },
  [KAFKA_CERTIFICATE] = { .name = "certificate", .type = WR_OPT_STR, .flags = BOTH,
                          .doc = "file with this client's certificate, where the brokers ask for one" },
  [KAFKA_KEY] = { .name = "key", .type = WR_OPT_SECRET, .flags = BOTH, .doc = "its private key: PEM text" },
  [KAFKA_KEY_PASSWORD] = { .name = "key_password", .type = WR_OPT_SECRET, .flags = BOTH, .doc = "of an encrypted key" },
  [KAFKA_MECHANISM] = { .name = "mechanism", .type = WR_OPT_CHOICE, .flags = BOTH, .dflt = "\"scram-sha-512\"",
                        .choice = "scram-sha-512|scram-sha-256|plain", .doc = "how user and password are proved" },
  [KAFKA_USER] = { .name = "user", .type = WR_OPT_STR, .flags = BOTH, .doc = "who this is, for the brokers" },
  [KAFKA_PASSWORD] = { .name = "password", .type = WR_OPT_SECRET, .flags = BOTH, .doc = "the user's" },
  [KAFKA_MORE] = { .name = "options", .type = WR_OPT_REC, .flags = BOTH, .sub = wr_kafka_more,
                   .nsub = sizeof wr_kafka_more / sizeof *wr_kafka_more,
                   .doc = "settings of librdkafka under their names: { \"linger.ms\": 20 }" },
};

const wr_connector wr_conn_kafka = {
  .abi = WEIR_ABI, .name = "kafka", .opt = wr_kafka_options, .nopt = KAFKA_OPTIONS,
  .has_time = 1, .by_record = 1, .keyed = 1, .ahead = "1m",
  .open_source = wr_kafka_open_source, .poll = wr_kafka_poll, .close_source = wr_kafka_close_source,
  .open_sink = wr_kafka_open_sink, .write = wr_kafka_write, .flush = wr_kafka_flush,
  .close_sink = wr_kafka_close_sink,
  .save_source = wr_kafka_save, .load_source = wr_kafka_load, .commit = wr_kafka_commit, .pause = wr_kafka_pause,
  .back = wr_kafka_back,
};
