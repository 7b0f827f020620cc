/* conn_kafka_source.h -- a source's state, for the file that reads and the file that owns partitions. */
#ifndef WEIR_CONN_KAFKA_SOURCE_H
#define WEIR_CONN_KAFKA_SOURCE_H
#include "conn_kafka.h"

enum { UNKNOWN_OFFSET = -1, PARTITIONS_MAX = 4096 };

typedef struct kafka_part {
  char *name;                             /* topic/partition */
  wr_i64 next;                            /* the record to give next, or UNKNOWN_OFFSET */
  wr_i64 committed;                       /* what the group has been told */
  bool mine, at_end;                      /* at_end: said by the broker, not passed on yet */
  bool beyond;                            /* its position is not in the log any more */
} kafka_part;

typedef struct kafka_source {
  kafka_client c;
  const wr_source *source;
  void *fmt;
  char *group;
  bool latest, whole;                     /* whole: it must read every partition of the topic */
  bool solo;                              /* no group: it takes all partitions, and commits nothing */
  bool loaded;                            /* positions are those of a saved state */
  wr_i32 known;                           /* partitions of the topic at the start, or when that was saved:
                                             what came later is read from its beginning */
  wr_i64 start_at;                        /* milliseconds, or -1 */
  kafka_part *part;
  wr_i32 npart;
  bool complete;                          /* it has owned every partition */
  wr_ts short_since;                      /* clock since when some of them are missing; 0: it has all */
  wr_i32 here;                            /* and how many are there */
  bool first;                             /* partition 0 among them */
  wr_i64 session;                         /* microseconds until a silent member of the group counts as gone */
  bool lost;                              /* some partition is beyond */
  bool closing, waiting;                  /* waiting: it commits now, and waits for the answer */
  rd_kafka_message_t **msg;               /* of this poll; rows point into them until the next */
  wr_str *rec;
  wr_i32 nmsg, room;
} kafka_source;

/* conn_kafka_assign.c */
void wr_kafka_on_rebalance(rd_kafka_t *, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t *, void *source);
void wr_kafka_take_all(kafka_source *);   /* without a group */
void wr_kafka_check_whole(kafka_source *);
bool wr_kafka_settle_start(kafka_source *);                    /* the positions of a state that begins now */
void wr_kafka_step_over(kafka_source *);  /* positions that are `beyond` */
bool wr_kafka_make_parts(kafka_source *, wr_i32 n);            /* the topic has so many: conn_kafka_source.c */
void wr_kafka_forget(kafka_source *);     /* the records of this poll: conn_kafka_source.c */
#endif
