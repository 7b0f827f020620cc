/* conn_kafka_assign.c -- which partitions a source owns.
 *
 * The group's protocol is the eager one: all partitions are given up before they are dealt again. What was
 * read of them is made durable and committed first, so that whoever has them next begins behind it. A program
 * that keeps state cannot give partitions away, its state would stay: it reads all of a topic or none.
 *
 * Where partitions are missing, another copy is in the group, or only the ghost of a life that was killed, which
 * the broker takes for a member until its session is over. So whoever comes waits for longer than that before it
 * gives up, and who was there first for longer still: it gets all of them back.
 */
#include "conn_kafka_source.h"
#include <string.h>
#include <unistd.h>

enum { ASK_MS = 5000, PAUSE_US = 200000, ASK_TRIES = 50 };
typedef rd_kafka_topic_partition_list_t part_list;

/* ---- where to begin ---- */

/* Is a question worth asking again? What a cluster that was just changed does not know it soon will. */
static bool again(rd_kafka_resp_err_t e, int *tries)
{
  if (!e || wr_stopping()) return false;
  *tries += e == RD_KAFKA_RESP_ERR__TIMED_OUT ? ASK_MS * 1000 / PAUSE_US : 1;
  if (*tries >= ASK_TRIES) return false;
  if (e != RD_KAFKA_RESP_ERR__TIMED_OUT) usleep(PAUSE_US);
  return true;
}

static bool ask_failed(kafka_source *s, rd_kafka_resp_err_t e, const char *what)
{
  char why[256];

  if (!e) return false;
  snprintf(why, sizeof why, "%s: %s", what, s->c.rd->err2str(e));
  wr_kafka_fail(&s->c, e, why);
  return true;
}

/* What the group has committed; -1001 where it has nothing. */
static bool ask_committed(kafka_source *s, part_list *list)
{
  rd_kafka_resp_err_t e;
  int tries = 0;

  do e = s->c.rd->committed(s->c.rk, list, ASK_MS);
  while (again(e, &tries));
  return !ask_failed(s, e, "the group's offsets cannot be read");
}

/* The first record of a time; where there is none yet, the end. */
static bool ask_time(kafka_source *s, rd_kafka_topic_partition_t *at)
{
  part_list *one = s->c.rd->topic_partition_list_new(1);
  rd_kafka_resp_err_t e;
  int tries = 0;

  s->c.rd->topic_partition_list_add(one, at->topic, at->partition);
  do {
    one->elems[0].offset = s->start_at;
    e = s->c.rd->offsets_for_times(s->c.rk, one, ASK_MS);
    if (!e) e = one->elems[0].err;
  } while (again(e, &tries));
  at->offset = one->elems[0].offset;
  s->c.rd->topic_partition_list_destroy(one);
  return !ask_failed(s, e, "the offsets of start_at cannot be read");
}

static bool ask_bounds(kafka_source *s, wr_i32 partition, int64_t *low, int64_t *high)
{
  rd_kafka_resp_err_t e;
  int tries = 0;

  do e = s->c.rd->query_watermark_offsets(s->c.rk, s->c.topic, partition, low, high, ASK_MS);
  while (again(e, &tries));
  return !ask_failed(s, e, "the ends of a partition cannot be read");
}

/* Nobody has read this partition for the group. One that the topic was given later is read whole. */
static bool begin_anew(kafka_source *s, rd_kafka_topic_partition_t *at)
{
  bool added = at->partition >= s->known;
  int64_t low, high;

  at->offset = RD_KAFKA_OFFSET_END;
  if (s->start_at >= 0 && !added && !ask_time(s, at)) return false;
  if (at->offset >= 0) return true;
  if (!ask_bounds(s, at->partition, &low, &high)) return false;
  at->offset = !added && (s->latest || s->start_at >= 0) ? high : low;
  return true;
}

/* Fills the list's offsets: where this program stands, else what the group says, else as the options say. */
static bool find_positions(kafka_source *s, part_list *list)
{
  bool ask = false;

  for (int i = 0; i < list->cnt; i++) ask |= s->part[list->elems[i].partition].next < 0 || !s->whole;
  if (ask && !s->solo && !ask_committed(s, list)) return false;
  for (int i = 0; i < list->cnt; i++) {
    rd_kafka_topic_partition_t *at = &list->elems[i];
    kafka_part *p = &s->part[at->partition];
    if (p->next >= 0 && (s->whole || s->loaded)) at->offset = p->next;
    else if ((s->loaded || at->offset < 0) && !begin_anew(s, at)) return false;
    p->next = at->offset;
    at->metadata = NULL;
    at->metadata_size = 0;
    at->err = 0;
  }
  return true;
}

/* With a state that begins now, positions are found before its first checkpoint, so that they are in it: a run
 * that dies before the second one begins again where this one did. */
bool wr_kafka_settle_start(kafka_source *s)
{
  part_list *list = s->c.rd->topic_partition_list_new(s->npart);
  bool before = false, ok;

  for (wr_i32 i = 0; i < s->npart; i++) s->c.rd->topic_partition_list_add(list, s->c.topic, i);
  ok = ask_committed(s, list);
  for (int i = 0; ok && i < list->cnt; i++) {
    rd_kafka_topic_partition_t *at = &list->elems[i];
    before |= at->offset >= 0;
    ok = at->offset >= 0 || begin_anew(s, at);
    s->part[at->partition].next = at->offset;
  }
  s->c.rd->topic_partition_list_destroy(list);
  if (ok && before)
    wr_note(s->c.ctx, "%s: the state is new, and the group %s has read topic %s before: it goes on from there "
            "(with another group it begins where `start` says)", s->c.who, s->group, s->c.topic);
  return ok;
}

/* ---- taking and giving up ---- */

static void own(kafka_source *s, const part_list *list)
{
  for (int i = 0; i < list->cnt; i++) {
    kafka_part *p = &s->part[list->elems[i].partition];
    p->mine = true;
    p->committed = UNKNOWN_OFFSET;
    wr_partition_open(s->c.ctx, s->source, list->elems[i].partition, p->name);
  }
  s->loaded &= s->whole;                  /* from now on the group knows better */
}

static void refuse(kafka_source *s, wr_i32 got)
{
  wr_error(s->c.ctx, WR_EXIT_CONFIG, "stop the other copy, or give this one a group of its own",
           "%s: another copy of the group %s reads topic %s too: %d of %d partitions are here; this program keeps "
           "windows, states or an order by key, which cannot be shared between copies",
           s->c.who, s->group, s->c.topic, got, s->npart);
}

static void assigned(kafka_source *s, part_list *list)
{
  const kafka_calls *rd = s->c.rd;
  wr_i32 most = 0;

  for (int i = 0; i < list->cnt; i++) most = list->elems[i].partition >= most ? list->elems[i].partition + 1 : most;
  if (!wr_kafka_make_parts(s, most)) { rd->assign(s->c.rk, NULL); return; }
  bool all = list->cnt == s->npart;
  if (!find_positions(s, list)) { rd->assign(s->c.rk, NULL); return; }
  rd->assign(s->c.rk, list);
  if (s->whole && !all) {                 /* it keeps its place in the group, and reads nothing */
    rd->pause_partitions(s->c.rk, list);
    s->here = list->cnt;
    s->first = false;
    for (int i = 0; i < list->cnt; i++) s->first |= list->elems[i].partition == 0;
    if (!s->short_since) s->short_since = wr_clock_now(s->c.ctx);
    return;
  }
  rd->resume_partitions(s->c.rk, list);   /* what was paused when it was given up would stay so */
  if (s->whole) {
    s->complete = true;
    s->short_since = 0;
  }
  own(s, list);
}

/* A program that keeps state gets them all back, or ends: until then its watermarks wait for them. Closed and
 * opened again they would start from where the others stand, and their rows be late. */
static void revoked(kafka_source *s)
{
  wr_kafka_forget(s);                     /* not given yet: the next owner reads them */
  if (!s->closing && !s->whole && !s->c.rd->assignment_lost(s->c.rk) && !wr_failed(s->c.ctx)) {
    s->waiting = true;
    wr_settle(s->c.ctx);
    s->waiting = false;
  }
  for (wr_i32 i = 0; i < s->npart; i++) {
    if (!s->part[i].mine) continue;
    s->part[i].mine = s->part[i].at_end = false;
    if (!s->closing && !s->whole) wr_partition_close(s->c.ctx, s->source, i, 0);
  }
  s->c.rd->assign(s->c.rk, NULL);
}

void wr_kafka_on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err, part_list *list, void *opaque)
{
  kafka_source *s = opaque;

  (void)rk;
  if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !s->closing && !wr_failed(s->c.ctx)) assigned(s, list);
  else revoked(s);
}

/* The embedded broker is this process's alone, and a table reads all of its topic: no group, no waiting for one. */
void wr_kafka_take_all(kafka_source *s)
{
  part_list *list = s->c.rd->topic_partition_list_new(s->npart);

  for (wr_i32 i = 0; i < s->npart; i++)
    s->c.rd->topic_partition_list_add(list, s->c.topic, i)->offset = UNKNOWN_OFFSET;
  assigned(s, list);
  s->complete = true;
  s->c.rd->topic_partition_list_destroy(list);
}

/* Of two that came at once the one that has partition 0 stays. */
void wr_kafka_check_whole(kafka_source *s)
{
  static const wr_i64 SECOND = 1000000;
  wr_i64 patience = s->complete ? 2 * s->session + 10 * SECOND : s->session + (s->first ? 6 : 3) * SECOND;

  if (s->short_since && wr_clock_now(s->c.ctx) - s->short_since >= patience) refuse(s, s->here);
}

/* Retention was faster than this program. What is lost is said; reading goes on where the log begins. */
static bool skip_lost(kafka_source *s, wr_i32 partition)
{
  kafka_part *p = &s->part[partition];
  int64_t low, high;

  p->beyond = false;
  if (!ask_bounds(s, partition, &low, &high)) return false;
  if (p->next > high)
    wr_alarm(s->c.ctx, "%s: %s ends at record %lld, before record %lld, the next to read: was the topic made anew? "
             "Reading it from its start", s->c.who, p->name, (long long)high, (long long)p->next);
  else if (p->next < low)
    wr_alarm(s->c.ctx, "%s: records %lld to %lld of %s are lost: the broker deleted them before they were read",
             s->c.who, (long long)p->next, (long long)low - 1, p->name);
  if (p->next < low || p->next > high) p->next = low;
  return true;
}

/* Positions that are not in the log any more: all partitions are taken again, each from where it stands. */
void wr_kafka_step_over(kafka_source *s)
{
  part_list *list;
  bool any = false;

  for (wr_i32 i = 0; i < s->npart; i++) {
    if (!s->part[i].beyond || !s->part[i].mine) continue;
    any = true;
    if (!skip_lost(s, i)) return;
  }
  if (!any) return;
  wr_kafka_forget(s);
  list = s->c.rd->topic_partition_list_new(s->npart);
  for (wr_i32 i = 0; i < s->npart; i++)
    if (s->part[i].mine) s->c.rd->topic_partition_list_add(list, s->c.topic, i)->offset = s->part[i].next;
  s->c.rd->assign(s->c.rk, list);
  s->c.rd->topic_partition_list_destroy(list);
}
