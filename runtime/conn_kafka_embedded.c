/* conn_kafka_embedded.c -- brokers: "embedded": librdkafka's own small cluster, inside the process.
 *
 * All sources and sinks of the process share it, and it goes with the last of them, its records too. It
 * keeps 5 MiB of a partition: who reads slower than others write loses records, which the source says.
 */
#include "conn_kafka.h"

enum { EMBEDDED_PARTITIONS = 4 };

static struct {
  rd_kafka_t *rk;                         /* whose threads run the cluster */
  rd_kafka_mock_cluster_t *cluster;
  int users;
} embedded;

const char *wr_kafka_embedded_join(kafka_client *c)
{
  char why[256];

  if (!embedded.cluster) {
    rd_kafka_conf_t *conf = c->rd->conf_new();
    c->rd->conf_set(conf, "log_level", "0", why, sizeof why);
    embedded.rk = c->rd->new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (embedded.rk) embedded.cluster = c->rd->mock_cluster_new(embedded.rk, 1);
    if (!embedded.cluster) {
      wr_error(c->ctx, WR_EXIT_IO, "it listens on a port of 127.0.0.1", "%s: the embedded broker does not start",
               c->who);
      if (embedded.rk) c->rd->destroy(embedded.rk);
      else c->rd->conf_destroy(conf);
      embedded.rk = NULL;
      return NULL;
    }
  }
  embedded.users++;
  c->joined = true;
  c->rd->mock_topic_create(embedded.cluster, c->topic, EMBEDDED_PARTITIONS, 1);   /* is there: it stays */
  return c->rd->mock_cluster_bootstraps(embedded.cluster);
}

void wr_kafka_embedded_leave(kafka_client *c)
{
  if (--embedded.users) return;
  c->rd->mock_cluster_destroy(embedded.cluster);
  c->rd->destroy(embedded.rk);
  embedded.cluster = NULL;
  embedded.rk = NULL;
}
