/* conn_kafka_source.c -- a topic as a source.
 *
 * Records are polled one by one, without waiting, and decoded where librdkafka has them: what a batch
 * points to is given back when the next poll begins. Offsets have gaps, so decoders are called for runs of
 * consecutive ones. A position is the offset behind the last record given; it is committed only when the run
 * says that all before it is durable.
 */
#include "conn_kafka_source.h"
#include <string.h>
#include "save.h"

/* ---- opening ---- */

static kafka_source *open_sources[64];    /* of the process: two of one group must not read one topic */

static bool alone(kafka_source *s)
{
  int free_at = -1;

  for (int i = 0; i < 64; i++) {
    const kafka_source *o = open_sources[i];
    if (!o) free_at = i;
    else if (!s->solo && !o->solo && strcmp(o->c.topic, s->c.topic) == 0 && strcmp(o->c.brokers, s->c.brokers) == 0 &&
             strcmp(o->group, s->group) == 0) {
      wr_error(s->c.ctx, WR_EXIT_CONFIG, "give each a group of its own, or read the topic by one source",
               "%s: source %s reads topic %s with the group %s already: they would share its records", s->c.who,
               o->source->name, s->c.topic, s->group);
      return false;
    }
  }
  if (free_at >= 0) open_sources[free_at] = s;
  return true;
}

static void left(const kafka_source *s)
{
  for (int i = 0; i < 64; i++)
    if (open_sources[i] == s) open_sources[i] = NULL;
}

static char *group_name(wr_ctx *ctx, const wr_source *source, const wr_slot *opt)
{
  char text[512];
  wr_slot v = opt[KAFKA_GROUP];

  if (v.st) {
    int n = snprintf(text, sizeof text, "weir-%s-%s", wr_program_of(ctx)->name, source->name);
    v = wr_str_slot((wr_str){ text, (wr_u32)n < sizeof text ? (wr_u32)n : sizeof text - 1, 0 }, 0);
  }
  return wr_kafka_text(&v);
}

static void on_commit(rd_kafka_t *rk, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *list, void *opaque)
{
  kafka_source *s = opaque;

  (void)rk;
  for (int i = 0; list && i < list->cnt; i++)
    if ((err || list->elems[i].err) && list->elems[i].partition < s->npart)
      s->part[list->elems[i].partition].committed = UNKNOWN_OFFSET;        /* once more, the next time */
  if (err && err != RD_KAFKA_RESP_ERR__NO_OFFSET)
    snprintf(s->c.reason, sizeof s->c.reason, "offsets were not committed: %s", s->c.rd->err2str(err));
}

static wr_i64 session_of(const wr_slot *opt)
{
  const wr_slot *more = &opt[KAFKA_MORE];

  for (wr_i32 i = 0; !more->st && i < wr_kafka_nmore; i++)
    if (strcmp(wr_kafka_more[i].name, "session.timeout.ms") == 0 && !more->u.list[i].st)
      return more->u.list[i].u.i * 1000;
  return KAFKA_SESSION_MS * 1000LL;
}

static bool settings(kafka_source *s)
{
  kafka_client *c = &s->c;

  c->rd->conf_set_offset_commit_cb(c->conf, on_commit);
  c->rd->conf_set_rebalance_cb(c->conf, wr_kafka_on_rebalance);
  return wr_kafka_set(c, "group.id", s->group) && wr_kafka_set(c, "enable.auto.commit", "false") &&
         wr_kafka_set(c, "enable.auto.offset.store", "false") && wr_kafka_set(c, "enable.partition.eof", "true") &&
         wr_kafka_set(c, "auto.offset.reset", "error") &&
         (!c->embedded || wr_kafka_set(c, "fetch.wait.max.ms", "10"));
}

bool wr_kafka_make_parts(kafka_source *s, wr_i32 n)
{
  kafka_part *part;

  if (n <= s->npart) return true;
  if (n > PARTITIONS_MAX) {
    wr_error(s->c.ctx, WR_EXIT_CONFIG, "", "%s: the topic %s has %d partitions; a source reads %d at most", s->c.who,
             s->c.topic, n, PARTITIONS_MAX);
    return false;
  }
  part = wr_mem_alloc((size_t)n * sizeof *part);
  if (s->npart) memcpy(part, s->part, (size_t)s->npart * sizeof *part);
  wr_mem_free(s->part, (size_t)s->npart * sizeof *part);
  s->part = part;
  for (; s->npart < n; s->npart++) {
    char text[272];
    size_t room = (size_t)snprintf(text, sizeof text, "%s/%d", s->c.topic, s->npart) + 1;
    char *name = wr_mem_alloc(room);
    memcpy(name, text, room);
    part[s->npart] = (kafka_part){ .name = name, .next = UNKNOWN_OFFSET, .committed = UNKNOWN_OFFSET };
  }
  return true;
}

static bool subscribe(kafka_source *s)
{
  kafka_client *c = &s->c;
  rd_kafka_topic_partition_list_t *list = c->rd->topic_partition_list_new(1);
  rd_kafka_resp_err_t e;

  c->rd->topic_partition_list_add(list, c->topic, RD_KAFKA_PARTITION_UA);
  e = c->rd->subscribe(c->rk, list);
  c->rd->topic_partition_list_destroy(list);
  if (e) wr_kafka_fail(c, e, NULL);
  return !e;
}

static bool start(kafka_source *s, wr_ctx *ctx, const wr_slot *opt)
{
  wr_i32 n = 0;

  if (!wr_kafka_begin(&s->c, ctx, opt)) return false;
  s->solo = s->c.embedded || s->source->table;
  s->whole |= s->source->table;
  if (!settings(s) || !alone(s) || !wr_kafka_make(&s->c) || !wr_kafka_connect(&s->c, &n)) return false;
  if (!wr_kafka_make_parts(s, n)) return false;
  s->known = n;
  wr_partition_close(ctx, s->source, 0, 0);       /* none of its own so far */
  if (s->solo) return true;
  if (s->whole && wr_keeps(ctx) && !wr_resumes(ctx, s->source) && !wr_kafka_settle_start(s)) return false;
  return subscribe(s);
}

void *wr_kafka_open_source(wr_ctx *ctx, const wr_source *source, const wr_slot *opt, void *fmt)
{
  kafka_source *s = wr_mem_alloc(sizeof *s);

  *s = (kafka_source){ .source = source, .fmt = fmt, .c.consumer = true, .whole = wr_keeps_state(wr_program_of(ctx)) };
  snprintf(s->c.who, sizeof s->c.who, "%s %s", wr_source_kind(source), source->name);
  s->group = group_name(ctx, source, opt);
  s->session = session_of(opt);
  s->latest = opt[KAFKA_START].len == 6 && memcmp(opt[KAFKA_START].u.p, "latest", 6) == 0;
  s->start_at = opt[KAFKA_START_AT].st ? -1 : opt[KAFKA_START_AT].u.i / 1000;
  if (start(s, ctx, opt)) return s;
  s->closing = true;
  wr_kafka_close_source(ctx, s);
  return 0;
}

void wr_kafka_close_source(wr_ctx *ctx, void *state)
{
  kafka_source *s = state;

  s->c.ctx = ctx;
  wr_kafka_forget(s);
  left(s);
  if (!s->closing && !s->solo) {
    s->closing = true;
    s->c.rd->consumer_close(s->c.rk);
  }
  for (wr_i32 i = 0; i < s->npart; i++) wr_mem_free(s->part[i].name, strlen(s->part[i].name) + 1);
  wr_kafka_end(&s->c);
  wr_mem_free(s->part, (size_t)s->npart * sizeof *s->part);
  wr_mem_free(s->msg, (size_t)s->room * sizeof *s->msg);
  wr_mem_free(s->rec, (size_t)s->room * sizeof *s->rec);
  wr_kafka_text_free(s->group);
  wr_mem_free(s, sizeof *s);
}

/* ---- taking records ---- */

void wr_kafka_forget(kafka_source *s)
{
  for (wr_i32 i = 0; i < s->nmsg; i++) s->c.rd->message_destroy(s->msg[i]);
  s->nmsg = 0;
}

/* What stands in a record's place. */
static void event(kafka_source *s, const rd_kafka_message_t *m)
{
  bool mine = m->partition >= 0 && m->partition < s->npart;

  switch ((int)m->err) {
  case RD_KAFKA_RESP_ERR__PARTITION_EOF:
    if (mine) s->part[m->partition].at_end = true;
    return;
  case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    if (mine) s->part[m->partition].beyond = s->lost = true;
    return;
  case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
  case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED: case RD_KAFKA_RESP_ERR__FATAL:
    wr_kafka_fail(&s->c, m->err, m->payload);
    return;
  default:                                /* of librdkafka's some 200: it goes on by itself */
    snprintf(s->c.reason, sizeof s->c.reason, "%s", s->c.rd->err2str(m->err));
  }
}

static void make_room(kafka_source *s, wr_i32 want)
{
  if (want <= s->room) return;
  wr_mem_free(s->msg, (size_t)s->room * sizeof *s->msg);
  wr_mem_free(s->rec, (size_t)s->room * sizeof *s->rec);
  s->msg = wr_mem_alloc((size_t)want * sizeof *s->msg);
  s->rec = wr_mem_alloc((size_t)want * sizeof *s->rec);
  s->room = want;
}

static void take(kafka_source *s, wr_i32 want)
{
  const kafka_calls *rd = s->c.rd;
  rd_kafka_message_t *m;

  make_room(s, want);
  while (s->nmsg < want && !wr_failed(s->c.ctx) && (m = rd->consumer_poll(s->c.rk, 0))) {
    if (!m->err && m->partition < s->npart && s->part[m->partition].mine) {
      s->msg[s->nmsg++] = m;
      continue;
    }
    if (m->err) event(s, m);
    rd->message_destroy(m);
  }
}

/* ---- what records bring beside their bytes ---- */

static bool time_of(const kafka_source *s, const rd_kafka_message_t *m, wr_ts *out)
{
  static const wr_i64 LOW = -62135596800000, HIGH = 253402300799999;        /* the years 1 to 9999 */
  rd_kafka_timestamp_type_t kind;
  wr_i64 ms = s->c.rd->message_timestamp(m, &kind);

  *out = ms * 1000;
  return kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && ms >= LOW && ms <= HIGH;
}

static bool text_of(const kafka_source *s, const rd_kafka_message_t *m, const wr_meta *meta, wr_str *out)
{
  rd_kafka_headers_t *headers;
  const void *p = m->key;
  size_t n = m->key_len;

  if (meta->kind == WR_META_HEADER &&
      (s->c.rd->message_headers(m, &headers) || s->c.rd->header_get_last(headers, meta->header, &p, &n)))
    p = NULL;
  *out = (wr_str){ p ? p : "", p ? (wr_u32)n : 0, 0 };
  return p != NULL;
}

/* Why a record cannot become a row, before its bytes are looked at. */
static enum wr_err unfit(const kafka_source *s, const rd_kafka_message_t *m, const char **field)
{
  const wr_source *def = s->source;
  wr_ts t;
  wr_str v;

  *field = NULL;
  if (!m->payload) return WR_E_NULL_VALUE;
  for (wr_i32 i = 0; i < def->nmeta; i++) {
    if (def->meta[i].kind == WR_META_TIME) {
      *field = "meta.time";
      if (!time_of(s, m, &t)) return WR_E_MISSING;
    } else if (text_of(s, m, &def->meta[i], &v) && !wr_utf8_valid(v.p, v.len)) {
      *field = def->meta[i].kind == WR_META_KEY ? "meta.key" : def->meta[i].header;
      return WR_E_UTF8;
    }
  }
  return WR_E_NONE;
}

static void fill_meta(kafka_source *s, const rd_kafka_message_t *m, wr_batch *b, wr_i32 row)
{
  for (wr_i32 i = 0; i < s->source->nmeta; i++) {
    const wr_meta *meta = &s->source->meta[i];
    wr_col *col = &b->col[meta->col];
    wr_str v;
    if (meta->kind == WR_META_TIME) { time_of(s, m, &((wr_ts *)col->v)[row]); continue; }
    col->st[row] = text_of(s, m, meta, &v) ? 0 : WR_ST_NULL;
    ((wr_str *)col->v)[row] = v;
  }
}

/* ---- giving rows ---- */

/* Messages [from, to): one partition, consecutive offsets. */
static void decode(kafka_source *s, wr_batch *b, wr_i32 from, wr_i32 to)
{
  const wr_source *def = s->source;
  wr_i64 base = s->msg[from]->offset;
  wr_i32 at = b->n;

  for (wr_i32 i = from; i < to; i++)
    s->rec[i] = (wr_str){ s->msg[i]->payload, (wr_u32)s->msg[i]->len, 0 };
  for (wr_i32 r = at; r < b->cap && r <= at + to - from; r++)       /* before: the decoder's filter asks for it */
    b->pos[r].src = def->rank << 12 | (wr_u32)s->msg[from]->partition;
  def->fmt->decode(s->c.ctx, s->fmt, def, def->type, s->rec + from, to - from, base, b);
  for (wr_i32 r = at; r < b->n; r++) fill_meta(s, s->msg[from + (wr_i32)(b->pos[r].off - base)], b, r);
}

static void give(kafka_source *s, wr_batch *b)
{
  const char *field;

  for (wr_i32 i = 0, to; i < s->nmsg; i = to) {
    const rd_kafka_message_t *m = s->msg[i];
    enum wr_err why = unfit(s, m, &field);
    wr_i64 bytes = (wr_i64)(m->len + m->key_len);
    wr_input_place(s->c.ctx, s->source, m->partition, s->c.topic);
    to = i + 1;
    if (!m->payload && s->source->table) {
      wr_record_deleted(s->c.ctx, s->source, (wr_str){ m->key, (wr_u32)m->key_len, 0 }, m->offset);
    } else if (why) {
      wr_str raw = { m->payload, (wr_u32)m->len, 0 };
      wr_record_failed(s->c.ctx, s->source, raw, m->offset, why, field);
    } else {
      while (to < s->nmsg && s->msg[to]->partition == m->partition &&
             s->msg[to]->offset == s->msg[to - 1]->offset + 1 && !unfit(s, s->msg[to], &field)) {
        bytes += (wr_i64)(s->msg[to]->len + s->msg[to]->key_len);
        to++;
      }
      decode(s, b, i, to);
    }
    s->part[m->partition].next = s->msg[to - 1]->offset + 1;
    wr_partition_bytes(s->c.ctx, s->source, m->partition, bytes);
  }
}

/* Ends of partitions, said after the rows before them have run. */
static void tell_ends(kafka_source *s)
{
  for (wr_i32 i = 0; i < s->npart; i++) {
    if (!s->part[i].at_end) continue;
    s->part[i].at_end = false;
    if (!s->part[i].mine) continue;
    wr_partition_lag(s->c.ctx, s->source, i, 0);
    wr_partition_caught_up(s->c.ctx, s->source, i);
  }
}

static void tell_lag(kafka_source *s)
{
  int64_t low, high;

  for (wr_i32 i = 0, last = -1; i < s->nmsg; i++) {
    wr_i32 p = s->msg[i]->partition;
    if (p == last) continue;
    last = p;
    if (s->c.rd->get_watermark_offsets(s->c.rk, s->c.topic, p, &low, &high) == 0 && high >= s->part[p].next)
      wr_partition_lag(s->c.ctx, s->source, p, high - s->part[p].next);
  }
}

enum wr_poll wr_kafka_poll(wr_ctx *ctx, void *state, wr_batch *b)
{
  kafka_source *s = state;

  s->c.ctx = ctx;
  wr_kafka_forget(s);
  tell_ends(s);
  if (s->solo && !s->complete) wr_kafka_take_all(s);
  if (b->cap > b->n) take(s, b->cap - b->n);
  if (s->lost) wr_kafka_step_over(s);
  s->lost = false;
  wr_kafka_check_whole(s);
  if (wr_failed(ctx)) return WR_POLL_FAILED;
  if (!s->nmsg) return WR_POLL_IDLE;
  give(s, b);
  tell_lag(s);
  return wr_failed(ctx) ? WR_POLL_FAILED : WR_POLL_ROWS;
}

/* ---- positions ---- */

void wr_kafka_save(wr_ctx *ctx, void *state, wr_buf *out)
{
  const kafka_source *s = state;
  wr_saver save = { *out };
  wr_u32 n = 0;

  (void)ctx;
  for (wr_i32 i = 0; i < s->npart; i++) n += s->part[i].next >= 0;
  wr_save_str(&save, (wr_str){ s->c.topic, (wr_u32)strlen(s->c.topic), 0 });
  wr_save_u32(&save, (wr_u32)s->npart);
  wr_save_u32(&save, n);
  for (wr_i32 i = 0; i < s->npart; i++) {
    if (s->part[i].next < 0) continue;
    wr_save_u32(&save, (wr_u32)i);
    wr_save_i64(&save, s->part[i].next);
  }
  *out = save.buf;
}

/* A record of the last poll ended the run: it and what was given behind it were not processed. */
void wr_kafka_back(wr_ctx *ctx, void *state, wr_i32 partition, wr_i64 off)
{
  kafka_source *s = state;

  (void)ctx;
  for (wr_i32 i = s->nmsg - 1; i >= 0; i--) {
    s->part[s->msg[i]->partition].next = s->msg[i]->offset;
    if (s->msg[i]->partition == partition && s->msg[i]->offset == off) return;
  }
}

/* The next partition of a saved text; false at its end. */
static bool saved_part(wr_loader *l, wr_u32 *left_over, wr_i32 *partition, wr_i64 *next)
{
  if (l->bad || *left_over == 0) return false;
  --*left_over;
  *partition = (wr_i32)wr_load_u32(l);
  *next = wr_load_i64(l);
  return !l->bad;
}

int wr_kafka_load(wr_ctx *ctx, void *state, const char *saved, size_t n)
{
  kafka_source *s = state;
  wr_loader l = { .p = saved, .end = saved + n };
  wr_str topic = wr_load_str(&l);
  wr_i32 known = (wr_i32)wr_load_u32(&l);
  wr_u32 parts = wr_load_u32(&l);
  wr_i32 p;
  wr_i64 next;

  if (topic.len != strlen(s->c.topic) || memcmp(topic.p, s->c.topic, topic.len) != 0) {
    wr_error(ctx, WR_EXIT_CONFIG, "give the source of another topic another name, or begin anew",
             "%s: the state was saved while it read the topic %.*s", s->c.who, (int)topic.len, topic.p);
    return -1;
  }
  if (known > s->npart) {
    wr_error(ctx, WR_EXIT_CONFIG, "was the topic made anew? Begin anew with an empty --state folder, too",
             "%s: topic %s has %d partitions, and had %d when the state was saved", s->c.who, s->c.topic, s->npart,
             known);
    return -1;
  }
  while (saved_part(&l, &parts, &p, &next)) {
    if (p < 0 || p >= known) l.bad = true;
    else s->part[p].next = next;
  }
  if (l.bad) wr_error(ctx, WR_EXIT_CONFIG, "", "%s: its saved positions cannot be read", s->c.who);
  else if (known < s->npart)
    wr_note(ctx, "%s: topic %s has %d partitions, and had %d when the state was saved: the new ones are read from "
            "their beginning", s->c.who, s->c.topic, s->npart, known);
  s->known = known;
  s->loaded = true;
  return l.bad ? -1 : 0;
}

void wr_kafka_commit(wr_ctx *ctx, void *state, const char *saved, size_t n)
{
  kafka_source *s = state;
  const kafka_calls *rd = s->c.rd;
  wr_loader l = { .p = saved, .end = saved + n };
  rd_kafka_topic_partition_list_t *list;
  wr_u32 parts;
  wr_i32 p;
  wr_i64 next;

  s->c.ctx = ctx;
  if (s->solo) return;                    /* there is no group */
  wr_load_str(&l);
  wr_load_u32(&l);
  parts = wr_load_u32(&l);
  list = rd->topic_partition_list_new(s->npart);
  while (saved_part(&l, &parts, &p, &next)) {
    if (p < 0 || p >= s->npart || !s->part[p].mine || s->part[p].committed == next) continue;
    rd->topic_partition_list_add(list, s->c.topic, p)->offset = next;
    s->part[p].committed = next;
  }
  if (list->cnt) {
    rd_kafka_resp_err_t e = rd->commit(s->c.rk, list, !s->waiting);
    if (e) on_commit(s->c.rk, e, list, s);
  }
  rd->topic_partition_list_destroy(list);
}

void wr_kafka_pause(wr_ctx *ctx, void *state, wr_i32 partition, int on)
{
  kafka_source *s = state;
  rd_kafka_topic_partition_list_t *list;

  (void)ctx;
  if (partition < 0 || partition >= s->npart || !s->part[partition].mine) return;
  list = s->c.rd->topic_partition_list_new(1);
  s->c.rd->topic_partition_list_add(list, s->c.topic, partition);
  if (on) s->c.rd->pause_partitions(s->c.rk, list);
  else s->c.rd->resume_partitions(s->c.rk, list);
  s->c.rd->topic_partition_list_destroy(list);
}
