/* kafka_api.h -- librdkafka, as a table of its functions.
 *
 * The library is loaded when the first source or sink of Kafka is opened: a program without one needs
 * nothing of it, and starts as fast as before. What is called stands in the list once; its type is the
 * prototype of rdkafka.h. Callers write rd->poll(...) for rd_kafka_poll(...).
 */
#ifndef WEIR_KAFKA_API_H
#define WEIR_KAFKA_API_H
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include "rt_internal.h"

#define KAFKA_CALLS(CALL)                                                                                            \
  CALL(err2str) CALL(conf_new) CALL(conf_destroy) CALL(conf_set) CALL(conf_dup) CALL(conf_set_opaque)                \
  CALL(conf_set_error_cb) CALL(conf_set_log_cb) CALL(conf_set_stats_cb) CALL(conf_set_dr_msg_cb)                     \
  CALL(conf_set_rebalance_cb) CALL(conf_set_offset_commit_cb)                                                        \
  CALL(new) CALL(destroy) CALL(destroy_flags) CALL(poll) CALL(flush) CALL(purge) CALL(outq_len) CALL(fatal_error)    \
  CALL(topic_new) CALL(topic_destroy) CALL(producev) CALL(metadata) CALL(metadata_destroy)                           \
  CALL(poll_set_consumer) CALL(consumer_poll) CALL(consumer_close) CALL(message_destroy) CALL(message_timestamp)     \
  CALL(message_headers) CALL(header_get_last) CALL(subscribe) CALL(assign) CALL(assignment_lost) CALL(commit)        \
  CALL(committed) CALL(offsets_for_times) CALL(query_watermark_offsets) CALL(get_watermark_offsets)                  \
  CALL(pause_partitions) CALL(resume_partitions)                                                                      \
  CALL(topic_partition_list_new) CALL(topic_partition_list_add) CALL(topic_partition_list_destroy)                   \
  CALL(queue_new) CALL(queue_poll) CALL(queue_destroy) CALL(event_destroy) CALL(event_error)                         \
  CALL(DescribeConfigs) CALL(ConfigResource_new) CALL(ConfigResource_destroy) CALL(ConfigResource_configs)           \
  CALL(event_DescribeConfigs_result) CALL(DescribeConfigs_result_resources)                                          \
  CALL(ConfigEntry_name) CALL(ConfigEntry_value)                                                                     \
  CALL(mock_cluster_new) CALL(mock_cluster_destroy) CALL(mock_cluster_bootstraps) CALL(mock_topic_create)

typedef struct kafka_calls {
#define CALL(name) __typeof__(rd_kafka_##name) *name;
  KAFKA_CALLS(CALL)
#undef CALL
} kafka_calls;

/* The table; 0 and a wr_error that says which package brings the library, when it cannot be loaded. */
const kafka_calls *wr_kafka_calls(wr_ctx *, const char *who);
#endif
