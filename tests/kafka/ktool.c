/* ktool -- what the tests do to a Kafka cluster: make and delete topics, write records and read them as
 * lines, look at groups. Over librdkafka, so it speaks every listener that Weir speaks.
 *
 * A line is columns between tabs, and -F says which, a letter each: p partition, o offset, t timestamp
 * (milliseconds), k key, h headers (a=1;b=2; a null one has no `=`), v value. The same format is read and
 * written. \N is a key or value that is null. The last column takes the rest of the line; with -e, \t \n \\
 * and \xHH stand for what cannot be in a column. Every mistake ends with exit code 1 and a line that names it.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage_text[] =
  "usage: ktool [-b HOST:PORT] [-X NAME=VALUE] [-f FILE] [-T SECONDS] COMMAND ...\n"
  "  list                              topics: name, partitions\n"
  "  create TOPIC PARTITIONS [NAME=VALUE]...   with settings of the topic\n"
  "  delete TOPIC\n"
  "  grow TOPIC PARTITIONS             so many in all\n"
  "  trim TOPIC PARTITION OFFSET       deletes the records before\n"
  "  forget GROUP                      its offsets, and the group; nobody may be in it\n"
  "  offsets TOPIC                     partition, first offset, end\n"
  "  produce [-e] [-F COLUMNS] [-t commit|abort] TOPIC    lines of standard input; -F v\n"
  "  consume [-e] [-F COLUMNS] [-n COUNT] TOPIC           from the start to the end, or COUNT records; -F pokhtv\n"
  "  committed GROUP                   topic, partition, offset\n"
  "  groups                            name, state, members, protocol\n"
  "  -b defaults to $KAFKA_PLAIN; -X is a setting of librdkafka, -f a file of them; -T (30) limits the whole.\n"
  "  -F: p partition, o offset, t timestamp, k key, h headers, v value; \\N is null\n"
  "  -e: \\t \\n \\\\ \\xHH stand for what cannot be in a column\n";

static struct {
  rd_kafka_conf_t *conf;
  const char *command, *columns, *transaction;
  int64_t count;                         /* -n, or -1 */
  int seconds;
  bool escapes;
  bool acks_given;                       /* -X asked for other acknowledgements than produce's own */
  bool asking;                           /* nothing works yet: a refusal ends it, a broken connection does not */
  struct timespec end;
  char reason[512];                      /* what librdkafka complained about last */
  long delivered, lost;
} tool = {.count = -1, .seconds = 30};

static void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void die(const char *format, ...) {
  va_list args;
  fflush(stdout);
  fprintf(stderr, "ktool: %s%s", tool.command ? tool.command : "", tool.command ? ": " : "");
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  if (tool.reason[0]) fprintf(stderr, " (%s)", tool.reason);
  fputc('\n', stderr);
  _exit(1);                              /* librdkafka's threads are not waited for */
}

static void usage(void) __attribute__((noreturn));
static void usage(void) {
  fputs(usage_text, stderr);
  exit(2);
}

/* ---- time ---- */

static void clock_start(void) {
  clock_gettime(CLOCK_MONOTONIC, &tool.end);
  tool.end.tv_sec += tool.seconds;
}

static int left_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t ms = (tool.end.tv_sec - now.tv_sec) * 1000 + (tool.end.tv_nsec - now.tv_nsec) / 1000000;
  return ms > 0 ? (int)ms : 0;
}

/* ---- settings and clients ---- */

static void set(const char *name, const char *value) {
  char why[256];
  if (rd_kafka_conf_set(tool.conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) die("%s", why);
}

static void set_pair(const char *pair) {
  const char *equals = strchr(pair, '=');
  if (!equals || equals == pair) die("`%s` is not NAME=VALUE", pair);
  char *name = strndup(pair, (size_t)(equals - pair));
  if (!strcmp(name, "acks") || !strcmp(name, "enable.idempotence")) tool.acks_given = true;
  set(name, equals + 1);
  free(name);
}

static void set_file(const char *path) {
  FILE *f = fopen(path, "r");
  if (!f) die("%s: %s", path, strerror(errno));
  char *line = NULL;
  size_t size = 0;
  ssize_t n;
  while ((n = getline(&line, &size, f)) > 0) {
    if (line[n - 1] == '\n') line[n - 1] = 0;
    if (line[0] && line[0] != '#') set_pair(line);
  }
  free(line);
  fclose(f);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque) {
  (void)opaque;
  char fatal[256];
  rd_kafka_resp_err_t err = (rd_kafka_resp_err_t)code;
  if (err == RD_KAFKA_RESP_ERR__FATAL) {
    err = rd_kafka_fatal_error(rk, fatal, sizeof fatal);
    die("%s: %s", rd_kafka_err2str(err), fatal);
  }
  if (tool.asking && (err == RD_KAFKA_RESP_ERR__AUTHENTICATION || err == RD_KAFKA_RESP_ERR__SSL)) die("%s", reason);
  if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && tool.reason[0]) return;   /* says less than what came before */
  snprintf(tool.reason, sizeof tool.reason, "%s", reason);
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text) {
  (void)rk, (void)level, (void)facility, (void)text;   /* errors come through on_error */
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
  (void)rk, (void)opaque;
  if (!m->err) tool.delivered++;
  else if (tool.lost++ == 0)
    fprintf(stderr, "ktool: produce: a record was not delivered: %s%s%s\n", rd_kafka_err2str(m->err),
            tool.reason[0] ? ": " : "", tool.reason);
}

static rd_kafka_t *client(rd_kafka_type_t type) {
  char why[512];
  rd_kafka_conf_set_error_cb(tool.conf, on_error);
  rd_kafka_conf_set_log_cb(tool.conf, on_log);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(tool.conf, on_delivery);
  rd_kafka_t *rk = rd_kafka_new(type, tool.conf, why, sizeof why);
  if (!rk) die("%s", why);
  clock_start();
  tool.asking = true;
  return rk;
}

/* Requests that wait for an answer: while they do, errors are collected a second at a time. */
static const rd_kafka_metadata_t *metadata(rd_kafka_t *rk, const char *topic) {
  const rd_kafka_metadata_t *md = NULL;
  rd_kafka_topic_t *t = topic ? rd_kafka_topic_new(rk, topic, NULL) : NULL;
  rd_kafka_resp_err_t err;
  do {
    int ms = left_ms();
    err = rd_kafka_metadata(rk, topic == NULL, t, &md, ms < 1000 ? ms : 1000);
    rd_kafka_poll(rk, 0);
  } while ((err == RD_KAFKA_RESP_ERR__TRANSPORT || err == RD_KAFKA_RESP_ERR__TIMED_OUT) && left_ms() > 0);
  if (t) rd_kafka_topic_destroy(t);
  if (err) die("no answer from the cluster in %d s: %s", tool.seconds, rd_kafka_err2str(err));
  if (topic && (md->topic_cnt != 1 || md->topics[0].err))
    die("topic %s: %s", topic, md->topic_cnt ? rd_kafka_err2str(md->topics[0].err) : "no answer");
  tool.asking = false;
  return md;
}

static void end(rd_kafka_t *rk) {
  if (fflush(stdout) || ferror(stdout)) die("standard output: %s", strerror(errno));
  rd_kafka_destroy(rk);
}

/* ---- columns ---- */

typedef struct { char *at; size_t n; } text_t;   /* at == NULL: null */

static int hex(int c) { return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1; }

static void unescape(text_t *t) {
  size_t to = 0;
  for (size_t i = 0; i < t->n; i++) {
    char c = t->at[i];
    if (c != '\\') { t->at[to++] = c; continue; }
    c = ++i < t->n ? t->at[i] : 0;
    if (c == 'x' && i + 2 < t->n && hex((unsigned char)t->at[i + 1]) >= 0 && hex((unsigned char)t->at[i + 2]) >= 0) {
      t->at[to++] = (char)(hex((unsigned char)t->at[i + 1]) * 16 + hex((unsigned char)t->at[i + 2]));
      i += 2;
    } else if (c == 't') t->at[to++] = '\t';
    else if (c == 'n') t->at[to++] = '\n';
    else if (c == '\\') t->at[to++] = '\\';
    else die("`\\%.3s` is no escape (\\t \\n \\\\ \\xHH; \\N alone is null)", c ? &t->at[i] : "");
  }
  t->n = to;
}

static text_t nullable(char *at, size_t n) {
  text_t t = {at, n};
  if (n == 2 && !memcmp(at, "\\N", 2)) return (text_t){NULL, 0};
  if (tool.escapes) unescape(&t);
  return t;
}

static void put(const void *at, size_t n) {
  const unsigned char *p = at;
  if (!p) { fputs("\\N", stdout); return; }
  if (!tool.escapes) { fwrite(p, 1, n, stdout); return; }
  for (size_t i = 0; i < n; i++) {
    if (p[i] == '\t') fputs("\\t", stdout);
    else if (p[i] == '\n') fputs("\\n", stdout);
    else if (p[i] == '\\') fputs("\\\\", stdout);
    else if (p[i] < 32 || p[i] >= 127) printf("\\x%02x", p[i]);
    else putchar(p[i]);
  }
}

static int64_t number(const char *text, const char *what, int64_t least, int64_t most) {
  char *rest;
  errno = 0;
  long long n = strtoll(text, &rest, 10);
  if (errno || rest == text || *rest || n < least || n > most)
    die("%s `%s` is no number from %" PRId64 " to %" PRId64, what, text, least, most);
  return n;
}

static void check_columns(const char *allowed) {
  for (const char *c = tool.columns; *c; c++) {
    if (!strchr(allowed, *c)) die("-F %s: `%c` is none of %s", tool.columns, *c, allowed);
    if (strchr(c + 1, *c)) die("-F %s: `%c` twice", tool.columns, *c);
  }
}

/* ---- topics ---- */

static int list(char **args) {
  (void)args;
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  const rd_kafka_metadata_t *md = metadata(rk, NULL);
  for (int i = 0; i < md->topic_cnt; i++) printf("%s\t%d\n", md->topics[i].topic, md->topics[i].partition_cnt);
  rd_kafka_metadata_destroy(md);
  end(rk);
  return 0;
}

static rd_kafka_event_t *answer(rd_kafka_t *rk, rd_kafka_queue_t *q) {
  rd_kafka_event_t *ev = NULL;
  while (!ev && left_ms() > 0) {
    ev = rd_kafka_queue_poll(q, 200);
    rd_kafka_poll(rk, 0);
  }
  if (!ev) die("no answer from the cluster in %d s", tool.seconds);
  if (rd_kafka_event_error(ev)) die("%s", rd_kafka_event_error_string(ev));
  return ev;
}

static void check_topics(const rd_kafka_topic_result_t **results, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (!rd_kafka_topic_result_error(results[i])) continue;
    const char *why = rd_kafka_topic_result_error_string(results[i]);
    if (!why) why = rd_kafka_err2str(rd_kafka_topic_result_error(results[i]));
    die("%s: %s", rd_kafka_topic_result_name(results[i]), why);
  }
}

static rd_kafka_AdminOptions_t *admin_options(rd_kafka_t *rk, rd_kafka_admin_op_t op) {
  char why[256];
  rd_kafka_AdminOptions_t *o = rd_kafka_AdminOptions_new(rk, op);
  if (rd_kafka_AdminOptions_set_request_timeout(o, tool.seconds * 1000, why, sizeof why)) die("%s", why);
  return o;
}

static int create(char **args) {
  if (!args[0] || !args[1]) usage();
  char why[256];
  int partitions = (int)number(args[1], "partitions", 1, 10000);
  rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(args[0], partitions, 1, why, sizeof why);
  if (!topic) die("%s: %s", args[0], why);
  for (char **a = args + 2; *a; a++) {
    char *equals = strchr(*a, '=');
    if (!equals) die("`%s` is not NAME=VALUE", *a);
    *equals = 0;
    rd_kafka_NewTopic_set_config(topic, *a, equals + 1);
  }
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
  rd_kafka_AdminOptions_t *o = admin_options(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_CreateTopics(rk, &topic, 1, o, q);
  rd_kafka_event_t *ev = answer(rk, q);
  size_t n;
  const rd_kafka_topic_result_t **results =
    rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(ev), &n);
  check_topics(results, n);
  rd_kafka_event_destroy(ev);
  rd_kafka_AdminOptions_destroy(o);
  rd_kafka_queue_destroy(q);
  rd_kafka_NewTopic_destroy(topic);
  end(rk);
  return 0;
}

static int delete(char **args) {
  if (!args[0]) usage();
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
  rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(args[0]);
  rd_kafka_AdminOptions_t *o = admin_options(rk, RD_KAFKA_ADMIN_OP_DELETETOPICS);
  rd_kafka_DeleteTopics(rk, &topic, 1, o, q);
  rd_kafka_event_t *ev = answer(rk, q);
  size_t n;
  const rd_kafka_topic_result_t **results =
    rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(ev), &n);
  check_topics(results, n);
  rd_kafka_event_destroy(ev);
  rd_kafka_AdminOptions_destroy(o);
  rd_kafka_queue_destroy(q);
  rd_kafka_DeleteTopic_destroy(topic);
  end(rk);
  return 0;
}

static int grow(char **args) {
  if (!args[0] || !args[1]) usage();
  char why[256];
  rd_kafka_NewPartitions_t *more =
    rd_kafka_NewPartitions_new(args[0], (size_t)number(args[1], "partitions", 1, 10000), why, sizeof why);
  if (!more) die("%s: %s", args[0], why);
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
  rd_kafka_CreatePartitions(rk, &more, 1, NULL, q);
  rd_kafka_event_t *ev = answer(rk, q);
  size_t n;
  const rd_kafka_topic_result_t **results =
    rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(ev), &n);
  check_topics(results, n);
  rd_kafka_event_destroy(ev);
  rd_kafka_queue_destroy(q);
  rd_kafka_NewPartitions_destroy(more);
  end(rk);
  return 0;
}

static int trim(char **args) {
  if (!args[0] || !args[1] || !args[2]) usage();
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, args[0], (int32_t)number(args[1], "partition", 0, INT32_MAX))->offset =
    number(args[2], "offset", 0, INT64_MAX);
  rd_kafka_DeleteRecords_t *which = rd_kafka_DeleteRecords_new(list);
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
  rd_kafka_DeleteRecords(rk, &which, 1, NULL, q);
  rd_kafka_event_t *ev = answer(rk, q);
  const rd_kafka_topic_partition_list_t *done =
    rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(ev));
  if (done->elems[0].err) die("%s: %s", args[0], rd_kafka_err2str(done->elems[0].err));
  rd_kafka_event_destroy(ev);
  rd_kafka_queue_destroy(q);
  rd_kafka_DeleteRecords_destroy(which);
  rd_kafka_topic_partition_list_destroy(list);
  end(rk);
  return 0;
}

static int forget(char **args) {
  if (!args[0]) usage();
  rd_kafka_DeleteGroup_t *group = rd_kafka_DeleteGroup_new(args[0]);
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
  rd_kafka_DeleteGroups(rk, &group, 1, NULL, q);
  rd_kafka_event_t *ev = answer(rk, q);
  size_t n;
  const rd_kafka_group_result_t **results =
    rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(ev), &n);
  const rd_kafka_error_t *wrong = rd_kafka_group_result_error(results[0]);
  if (wrong) die("%s: %s", args[0], rd_kafka_error_string(wrong));
  rd_kafka_event_destroy(ev);
  rd_kafka_queue_destroy(q);
  rd_kafka_DeleteGroup_destroy(group);
  end(rk);
  return 0;
}

static int offsets(char **args) {
  if (!args[0]) usage();
  rd_kafka_t *rk = client(RD_KAFKA_CONSUMER);
  const rd_kafka_metadata_t *md = metadata(rk, args[0]);
  for (int32_t p = 0; p < md->topics[0].partition_cnt; p++) {
    int64_t low, high;
    rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(rk, args[0], p, &low, &high, left_ms());
    if (err) die("partition %" PRId32 ": %s", p, rd_kafka_err2str(err));
    printf("%" PRId32 "\t%" PRId64 "\t%" PRId64 "\n", p, low, high);
  }
  rd_kafka_metadata_destroy(md);
  end(rk);
  return 0;
}

/* ---- records in ---- */

typedef struct {
  int32_t partition;
  int64_t timestamp;
  text_t key, value;
  rd_kafka_headers_t *headers;
} record_t;

static rd_kafka_headers_t *headers_of(char *text) {
  rd_kafka_headers_t *h = rd_kafka_headers_new(4);
  for (char *pair; (pair = strsep(&text, ";")) != NULL;) {
    char *equals = strchr(pair, '=');
    if (!*pair) continue;
    size_t name = equals ? (size_t)(equals - pair) : strlen(pair);
    text_t value = equals ? (text_t){equals + 1, strlen(equals + 1)} : (text_t){NULL, 0};
    if (tool.escapes && value.at) unescape(&value);
    rd_kafka_header_add(h, pair, (ssize_t)name, value.at, (ssize_t)value.n);
  }
  return h;
}

static record_t parse(char *line, size_t n, long number_of_line) {
  record_t r = {.partition = RD_KAFKA_PARTITION_UA};
  char *stop = line + n;
  for (const char *c = tool.columns; *c; c++) {
    char *tab = c[1] ? memchr(line, '\t', (size_t)(stop - line)) : stop;
    if (!tab) die("line %ld has fewer columns than -F %s", number_of_line, tool.columns);
    *tab = 0;
    size_t width = (size_t)(tab - line);
    switch (*c) {
    case 'p': r.partition = (int32_t)number(line, "partition", -1, INT32_MAX); break;
    case 't': r.timestamp = width ? number(line, "timestamp", 0, INT64_MAX) : 0; break;
    case 'k': r.key = nullable(line, width); break;
    case 'v': r.value = nullable(line, width); break;
    case 'h': r.headers = width ? headers_of(line) : NULL; break;
    }
    line = tab < stop ? tab + 1 : stop;
  }
  return r;
}

static void send_record(rd_kafka_t *rk, rd_kafka_topic_t *topic, record_t *r) {
  for (;;) {
    rd_kafka_vu_t v[] = {
      {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
      {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = r->partition},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
      {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = r->timestamp},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {r->key.at, r->key.n}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {r->value.at, r->value.n}},
      {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = r->headers},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(rk, v, sizeof v / sizeof *v - (r->headers ? 0 : 1));
    if (!error) return;
    if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL) die("%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    rd_kafka_poll(rk, 100);
  }
}

static void transaction(rd_kafka_error_t *error) {
  if (error) die("transaction: %s", rd_kafka_error_string(error));
}

static int produce(char **args) {
  if (!args[0]) usage();
  if (!tool.columns) tool.columns = "v";
  check_columns("ptkhv");
  if (!tool.acks_given) set("enable.idempotence", "true");   /* or a retry changes the order */
  if (tool.transaction) set("transactional.id", "ktool");
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  rd_kafka_metadata_destroy(metadata(rk, args[0]));
  rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, args[0], NULL);
  if (tool.transaction) {
    transaction(rd_kafka_init_transactions(rk, left_ms()));
    transaction(rd_kafka_begin_transaction(rk));
  }
  char *line = NULL;
  size_t size = 0;
  ssize_t n;
  for (long i = 1; (n = getline(&line, &size, stdin)) > 0; i++) {
    if (line[n - 1] == '\n') n--;
    record_t r = parse(line, (size_t)n, i);
    send_record(rk, topic, &r);
    rd_kafka_poll(rk, 0);
  }
  free(line);
  clock_start();                         /* the time limit is for the cluster, not for who writes the lines */
  rd_kafka_flush(rk, left_ms());
  if (rd_kafka_outq_len(rk)) die("%d records without an answer after %d s", rd_kafka_outq_len(rk), tool.seconds);
  if (tool.transaction)
    transaction(strcmp(tool.transaction, "abort") ? rd_kafka_commit_transaction(rk, left_ms())
                                                  : rd_kafka_abort_transaction(rk, left_ms()));
  if (tool.lost) die("%ld records delivered, %ld not", tool.delivered, tool.lost);
  fprintf(stderr, "%ld records delivered\n", tool.delivered);
  rd_kafka_topic_destroy(topic);
  end(rk);
  return 0;
}

/* ---- records out ---- */

static void put_headers(const rd_kafka_message_t *m) {
  rd_kafka_headers_t *h;
  const char *name;
  const void *at;
  size_t n;
  if (rd_kafka_message_headers(m, &h)) return;
  for (size_t i = 0; !rd_kafka_header_get_all(h, i, &name, &at, &n); i++) {
    printf("%s%s", i ? ";" : "", name);
    if (at) { putchar('='); put(at, n); }
  }
}

static void put_record(const rd_kafka_message_t *m) {
  rd_kafka_timestamp_type_t type;
  for (const char *c = tool.columns; *c; c++) {
    if (c != tool.columns) putchar('\t');
    switch (*c) {
    case 'p': printf("%" PRId32, m->partition); break;
    case 'o': printf("%" PRId64, m->offset); break;
    case 't': printf("%" PRId64, rd_kafka_message_timestamp(m, &type)); break;
    case 'k': put(m->key, m->key_len); break;
    case 'v': put(m->payload, m->len); break;
    case 'h': put_headers(m); break;
    }
  }
  putchar('\n');
}

static void assign_all(rd_kafka_t *rk, const char *topic, int partitions) {
  rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(partitions);
  for (int p = 0; p < partitions; p++)
    rd_kafka_topic_partition_list_add(all, topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_resp_err_t err = rd_kafka_assign(rk, all);
  if (err) die("%s", rd_kafka_err2str(err));
  rd_kafka_topic_partition_list_destroy(all);
}

static int consume(char **args) {
  if (!args[0]) usage();
  if (!tool.columns) tool.columns = "pokhtv";
  check_columns("potkhv");
  set("enable.partition.eof", "true");
  set("isolation.level", "read_committed");
  set("enable.auto.commit", "false");
  set("group.id", "ktool");              /* needed by the library; nothing is committed */
  set("check.crcs", "true");
  rd_kafka_t *rk = client(RD_KAFKA_CONSUMER);
  rd_kafka_poll_set_consumer(rk);
  const rd_kafka_metadata_t *md = metadata(rk, args[0]);
  int partitions = md->topics[0].partition_cnt, open = partitions;
  rd_kafka_metadata_destroy(md);
  bool *ended = calloc((size_t)partitions, sizeof *ended);
  if (!ended) die("out of memory");
  assign_all(rk, args[0], partitions);
  int64_t seen = 0;
  while (tool.count < 0 ? open > 0 : seen < tool.count) {
    if (left_ms() == 0)
      die("%" PRId64 " records in %d s, and %d partitions without their end", seen, tool.seconds, open);
    rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 200);
    if (!m) continue;
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (!ended[m->partition]) ended[m->partition] = true, open--;
    } else if (m->err) snprintf(tool.reason, sizeof tool.reason, "%s", rd_kafka_message_errstr(m));
    else seen++, put_record(m);
    rd_kafka_message_destroy(m);
  }
  free(ended);
  rd_kafka_consumer_close(rk);
  end(rk);
  return 0;
}

/* ---- groups ---- */

static int committed(char **args) {
  if (!args[0]) usage();
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  rd_kafka_queue_t *q = rd_kafka_queue_new(rk);
  rd_kafka_AdminOptions_t *o = admin_options(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
  rd_kafka_ListConsumerGroupOffsets_t *ask = rd_kafka_ListConsumerGroupOffsets_new(args[0], NULL);
  rd_kafka_ListConsumerGroupOffsets(rk, &ask, 1, o, q);
  rd_kafka_event_t *ev = answer(rk, q);
  size_t n;
  const rd_kafka_group_result_t **groups =
    rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(ev), &n);
  for (size_t g = 0; g < n; g++) {
    const rd_kafka_error_t *error = rd_kafka_group_result_error(groups[g]);
    if (error) die("%s: %s", args[0], rd_kafka_error_string(error));
    const rd_kafka_topic_partition_list_t *all = rd_kafka_group_result_partitions(groups[g]);
    for (int i = 0; i < all->cnt; i++)
      printf("%s\t%" PRId32 "\t%" PRId64 "\n", all->elems[i].topic, all->elems[i].partition, all->elems[i].offset);
  }
  rd_kafka_event_destroy(ev);
  rd_kafka_ListConsumerGroupOffsets_destroy(ask);
  rd_kafka_AdminOptions_destroy(o);
  rd_kafka_queue_destroy(q);
  end(rk);
  return 0;
}

static int groups(char **args) {
  (void)args;
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  const struct rd_kafka_group_list *all;
  rd_kafka_metadata_destroy(metadata(rk, NULL));
  rd_kafka_resp_err_t err = rd_kafka_list_groups(rk, NULL, &all, left_ms());
  if (err) die("%s", rd_kafka_err2str(err));
  for (int i = 0; i < all->group_cnt; i++) {
    const struct rd_kafka_group_info *g = &all->groups[i];
    printf("%s\t%s\t%d\t%s\n", g->group, g->state, g->member_cnt, g->protocol);
  }
  rd_kafka_group_list_destroy(all);
  end(rk);
  return 0;
}

static const struct { const char *name; int (*run)(char **args); } commands[] = {
  {"list", list}, {"create", create}, {"delete", delete}, {"offsets", offsets}, {"produce", produce},
  {"consume", consume}, {"committed", committed}, {"groups", groups}, {"grow", grow}, {"trim", trim},
  {"forget", forget},
};

static void option(int letter, char *value) {
  switch (letter) {
  case 'b': set("bootstrap.servers", value); break;
  case 'X': set_pair(value); break;
  case 'f': set_file(value); break;
  case 'T': tool.seconds = (int)number(value, "-T", 1, 100000); break;
  case 'F': tool.columns = value; break;
  case 'n': tool.count = number(value, "-n", 0, INT64_MAX); break;
  case 'e': tool.escapes = true; break;
  case 't':
    if (strcmp(value, "commit") && strcmp(value, "abort")) usage();
    tool.transaction = value;
    break;
  default: usage();                      /* getopt's `?` */
  }
}

int main(int argc, char **argv) {
  static const char letters[] = "+b:X:f:T:F:n:et:";
  int letter;
  tool.conf = rd_kafka_conf_new();
  if (getenv("KAFKA_PLAIN")) set("bootstrap.servers", getenv("KAFKA_PLAIN"));
  while ((letter = getopt(argc, argv, letters)) != -1) option(letter, optarg);
  if (optind == argc) usage();
  tool.command = argv[optind++];
  while ((letter = getopt(argc, argv, letters)) != -1) option(letter, optarg);   /* those after the command */
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (!strcmp(commands[i].name, tool.command)) return commands[i].run(argv + optind);
  usage();
}
