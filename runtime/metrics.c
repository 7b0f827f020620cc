/* metrics.c -- the page of metrics: Prometheus' text format 0.0.4.
 *
 * A family is a HELP and a TYPE line, then its samples, one after the other. Names are stable, say their
 * unit, and end in _total when they count. Labels are names of the program, never values of its data. A
 * value that is not known has no sample. docs/operations.md explains every family.
 */
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "ops.h"
#include "state.h"

typedef struct Page {
  wr_state *s;
  wr_buf *b;
  const char *name;                       /* of the family */
  int labels;                             /* of the sample so far */
} Page;

static const char counter[] = "counter", gauge[] = "gauge";

/* ---- the format ---- */

static void put(Page *p, const char *text) { wr_buf_add(p->b, text, strlen(text)); }

static void family(Page *p, const char *name, const char *type, const char *help)
{
  const char *part[] = { "# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n" };
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) put(p, part[i]);
  p->name = name;
  p->labels = 0;
}

static void label(Page *p, const char *name, const char *value)
{
  if (!p->labels) put(p, p->name);
  put(p, p->labels++ ? "," : "{");
  put(p, name);
  put(p, "=\"");
  for (; *value; value++) {
    if (*value == '\n') put(p, "\\n");
    else if (*value == '\\' || *value == '"') wr_buf_add(p->b, (char[]){ '\\', *value }, 2);
    else wr_buf_add(p->b, value, 1);
  }
  put(p, "\"");
}

static void label_number(Page *p, const char *name, wr_i64 n)
{
  char t[24];
  t[wr_print_int(t, n)] = 0;
  label(p, name, t);
}

static void sample(Page *p, const char *text, size_t n)
{
  if (p->labels) put(p, "}");
  else put(p, p->name);
  put(p, " ");
  wr_buf_add(p->b, text, n);
  put(p, "\n");
  p->labels = 0;
}

static void whole(Page *p, wr_i64 n)
{
  char t[24];
  sample(p, t, wr_print_int(t, n));
}

static void seconds(Page *p, wr_i64 us)
{
  char t[32];
  sample(p, t, wr_print_dec(t, us, 6));
}

static void one(Page *p, const char *name, const char *type, const char *help, wr_i64 n)
{
  family(p, name, type, help);
  whole(p, n);
}

/* Names of the program that are used twice get a number: no two samples may have the same labels. */
typedef const char *Naming(const wr_program *, wr_i32);
static void label_name(Page *p, const char *key, Naming *of, wr_i32 i)
{
  char t[256];
  const char *name = of(p->s->prog, i);
  int before = 1;
  for (wr_i32 k = 0; k < i; k++) before += strcmp(of(p->s->prog, k), name) == 0;
  snprintf(t, sizeof t, before > 1 ? "%.200s#%d" : "%.200s", name, before);
  label(p, key, t);
}

/* ---- fields of sources, partitions, sinks ---- */

enum Shape { COUNT, KNOWN, TIME, FLAG };  /* KNOWN: -1 is none; TIME: of an event, as seconds */
typedef struct Field {
  const char *name, *type, *help;
  size_t at;
  enum Shape shape;
} Field;

static bool shown(const Field *f, const void *of)
{
  wr_i64 v = f->shape == FLAG ? 0 : *(const wr_i64 *)((const char *)of + f->at);
  return f->shape == COUNT || f->shape == FLAG || (f->shape == KNOWN ? v >= 0 : v != WR_TS_MIN && v != WR_TS_MAX);
}

static void field(Page *p, const Field *f, const void *of)
{
  const void *v = (const char *)of + f->at;
  if (f->shape == FLAG) whole(p, *(const bool *)v);
  else if (f->shape == TIME) seconds(p, *(const wr_ts *)v);
  else whole(p, *(const wr_i64 *)v);
}

static const Field part_fields[] = {
  { "weir_partition_rows_total", counter, "Rows read from a partition of a source.", offsetof(wr_part, rows), COUNT },
  { "weir_partition_bytes_total", counter, "Bytes read from a partition.", offsetof(wr_part, bytes), KNOWN },
  { "weir_partition_lag_records", gauge, "Records between where a partition is read and its end.",
    offsetof(wr_part, lag), KNOWN },
  { "weir_partition_watermark_timestamp_seconds", gauge, "Event time that a partition has reached.",
    offsetof(wr_part, wm), TIME },
  { "weir_partition_seen_timestamp_seconds", gauge, "Highest event time of a partition's rows.",
    offsetof(wr_part, seen), TIME },
  { "weir_partition_late_total", counter, "Rows of a partition that came too late for something.",
    offsetof(wr_part, late), COUNT },
  { "weir_partition_bad_total", counter, "Records of a partition that did not decode or failed a check.",
    offsetof(wr_part, bad), COUNT },
  { "weir_partition_idle", gauge, "1: the partition is idle and holds nobody up.", offsetof(wr_part, idle), FLAG },
  { "weir_partition_paused", gauge, "1: not read, until the others have caught up with it.",
    offsetof(wr_part, paused), FLAG },
};

static const Field source_fields[] = {
  { "weir_source_rows_total", counter, "Rows decoded by a source.", offsetof(wr_input, rows), COUNT },
  { "weir_source_late_total", counter, "Rows that came too late for something.", offsetof(wr_input, late), COUNT },
  { "weir_source_pauses_total", counter, "Times that a partition far ahead of others had to wait.",
    offsetof(wr_input, pauses), COUNT },
};

static const Field sink_fields[] = {
  { "weir_sink_rows_total", counter, "Rows handed to a sink.", offsetof(wr_output, rows), COUNT },
  { "weir_sink_bytes_total", counter, "Encoded bytes handed to a sink.", offsetof(wr_output, bytes), COUNT },
};

static const char *source_name(const wr_program *q, wr_i32 i) { return q->source[i]->name; }
static const char *sink_name(const wr_program *q, wr_i32 i) { return q->sink[i]->name; }

static void parts(Page *p, const Field *f)
{
  family(p, f->name, f->type, f->help);
  for (wr_i32 i = 0; p->s->in && i < p->s->prog->nsource; i++)
    for (wr_i32 k = 0; k < p->s->in[i].npart; k++) {
      const wr_part *part = &p->s->in[i].part[k];
      if ((!part->open && !part->rows) || !shown(f, part)) continue;
      label_name(p, "source", source_name, i);
      label_number(p, "partition", k);
      field(p, f, part);
    }
}

static void source_bad(Page *p)
{
  family(p, "weir_source_bad_total", counter, "Records that did not decode, or failed a check.");
  for (wr_i32 i = 0; p->s->in && i < p->s->prog->nsource; i++) {
    const wr_input *in = &p->s->in[i];
    label_name(p, "source", source_name, i);
    label(p, "reason", "decode");
    whole(p, in->bad);
    label_name(p, "source", source_name, i);
    label(p, "reason", "check");
    whole(p, in->checked);
  }
}

static void source_watermark(Page *p)
{
  family(p, "weir_source_watermark_timestamp_seconds", gauge, "Event time that a source has reached.");
  for (wr_i32 i = 0; p->s->in && i < p->s->prog->nsource; i++) {
    wr_ts wm = p->s->in[i].def ? wr_input_watermark(&p->s->in[i]) : WR_TS_MIN;
    if (wm == WR_TS_MIN || wm == WR_TS_MAX) continue;
    label_name(p, "source", source_name, i);
    seconds(p, wm);
  }
}

static void sources(Page *p)
{
  for (size_t f = 0; f < sizeof source_fields / sizeof *source_fields; f++) {
    family(p, source_fields[f].name, source_fields[f].type, source_fields[f].help);
    for (wr_i32 i = 0; p->s->in && i < p->s->prog->nsource; i++) {
      label_name(p, "source", source_name, i);
      field(p, &source_fields[f], &p->s->in[i]);
    }
  }
  source_bad(p);
  source_watermark(p);
  for (size_t f = 0; f < sizeof part_fields / sizeof *part_fields; f++) parts(p, &part_fields[f]);
}

static void sinks(Page *p)
{
  for (size_t f = 0; f < sizeof sink_fields / sizeof *sink_fields; f++) {
    family(p, sink_fields[f].name, sink_fields[f].type, sink_fields[f].help);
    for (wr_i32 i = 0; p->s->out && i < p->s->prog->nsink; i++) {
      label_name(p, "sink", sink_name, i);
      field(p, &sink_fields[f], &p->s->out[i]);
    }
  }
}

/* ---- parts that are asked for their numbers: a family is a name for each and a function ---- */

typedef bool Number(wr_state *, wr_i32, wr_i64 *);   /* false: there is none */
static void each(Page *p, const char *name, const char *type, const char *help, const char *key, wr_i32 n, Naming *of,
                 Number *number)
{
  wr_i64 v;
  family(p, name, type, help);
  for (wr_i32 i = 0; i < n; i++) {
    if (!number(p->s, i, &v)) continue;
    label_name(p, key, of, i);
    whole(p, v);
  }
}

#define NUMBER(name, there, value) \
  static bool name(wr_state *s, wr_i32 i, wr_i64 *v) \
  { \
    if (!(there)) return false; \
    *v = (wr_i64)(value); \
    return true; \
  }
#define GATE(s, i, list) ((s)->gate ? &(s)->gate[(s)->prog->list[i]->stage] : NULL)

static wr_gate *group_gate(wr_state *s, wr_i32 i)
{
  wr_gate *g = GATE(s, i, group);
  return g && g->grouping ? g : NULL;
}

static wr_gate *seq_gate(wr_state *s, wr_i32 i)
{
  wr_gate *g = GATE(s, i, seq);
  return g && g->sequence ? g : NULL;
}

NUMBER(group_keys, group_gate(s, i), wr_grouping_keys(group_gate(s, i)->grouping))
NUMBER(group_bytes, group_gate(s, i), wr_grouping_bytes(group_gate(s, i)->grouping))
NUMBER(group_late, group_gate(s, i), group_gate(s, i)->late)
NUMBER(group_gaps, group_gate(s, i), group_gate(s, i)->gaps)
NUMBER(seq_rows, seq_gate(s, i), wr_sequence_rows(seq_gate(s, i)->sequence))
NUMBER(seq_bytes, seq_gate(s, i), wr_sequence_bytes(seq_gate(s, i)->sequence))
NUMBER(seq_late, seq_gate(s, i), seq_gate(s, i)->late)
NUMBER(store_keys, s->store && s->store[i], wr_stored_keys(s->store[i]))
NUMBER(store_bytes, s->store && s->store[i], wr_stored_bytes(s->store[i]))
NUMBER(slider_keys, s->slider && s->slider[i], wr_slider_keys(s->slider[i]))
NUMBER(slider_events, s->slider && s->slider[i], wr_slider_events(s->slider[i]))
NUMBER(slider_bytes, s->slider && s->slider[i], wr_slider_bytes(s->slider[i]))
NUMBER(limiter_keys, s->limiter && s->limiter[i], wr_limiter_keys(s->limiter[i]))
NUMBER(limiter_bytes, s->limiter && s->limiter[i], wr_limiter_bytes(s->limiter[i]))
NUMBER(table_records, s->version, wr_lookup_counts_of(s, i).rows)
NUMBER(table_bytes, s->version, wr_lookup_counts_of(s, i).bytes)
NUMBER(table_versions, s->version, wr_lookup_counts_of(s, i).versions)
NUMBER(table_refused, s->version, wr_lookup_counts_of(s, i).kept)
NUMBER(table_missed, s->version, wr_lookup_counts_of(s, i).missed)
NUMBER(table_dropped, s->version, wr_lookup_counts_of(s, i).dropped)
NUMBER(rule_evaluated, s->tally, s->tally[i].evaluated)
NUMBER(rule_fired, s->tally, s->tally[i].fired)
NUMBER(rule_suppressed, s->tally, s->tally[i].suppressed)
NUMBER(rule_errors, s->op_failed, s->op_failed[s->prog->rule[i].op])
NUMBER(rule_shadow, true, s->prog->rule[i].shadow)
NUMBER(feed_rows, s->feed_rows, s->feed_rows[i])

static const char *group_name(const wr_program *q, wr_i32 i) { return q->group[i]->name; }
static const char *seq_name(const wr_program *q, wr_i32 i) { return q->seq[i]->name; }
static const char *store_name(const wr_program *q, wr_i32 i) { return q->store[i]->name; }
static const char *slider_name(const wr_program *q, wr_i32 i) { return q->sliding[i]->name; }
static const char *limiter_name(const wr_program *q, wr_i32 i) { return q->limit[i]->name; }
static const char *table_name(const wr_program *q, wr_i32 i) { return q->lookup[i]->source->name; }
static const char *rule_name(const wr_program *q, wr_i32 i) { return q->rule[i].name; }
static const char *feed_name(const wr_program *q, wr_i32 i) { return q->feed[i].name; }

#define EACH(name, type, help, key, n, of, number) each(p, "weir_" name, type, help, key, q->n, of, number)

static void tables(Page *p)
{
  const wr_program *q = p->s->prog;
#define TABLE(name, type, help, number) EACH("table_" name, type, help, "table", nlookup, table_name, number)
  TABLE("records", gauge, "Records that a table holds.", table_records);
  TABLE("bytes", gauge, "Memory of a table.", table_bytes);
  TABLE("versions_total", counter, "Versions that rows have seen.", table_versions);
  TABLE("refused_total", counter, "Reloads that failed or lost more than half of the records.", table_refused);
  TABLE("misses_total", counter, "Rows that joins found no record for.", table_missed);
  TABLE("dropped_rows_total", counter, "Rows dropped because there was none.", table_dropped);
#undef TABLE
}

static void keyed(Page *p)
{
  const wr_program *q = p->s->prog;
  EACH("group_keys", gauge, "Keys and windows that a grouping holds.", "group", ngroup, group_name, group_keys);
  EACH("group_bytes", gauge, "Memory of a grouping.", "group", ngroup, group_name, group_bytes);
  EACH("group_late_total", counter, "Rows behind a grouping's watermark.", "group", ngroup, group_name, group_late);
  EACH("group_gap_rows_total", counter, "Rows between hopping windows, in none.", "group", ngroup, group_name,
       group_gaps);
  EACH("sequencer_rows", gauge, "Rows that wait for their turn.", "sequencer", nseq, seq_name, seq_rows);
  EACH("sequencer_bytes", gauge, "Memory of rows that wait.", "sequencer", nseq, seq_name, seq_bytes);
  EACH("sequencer_late_total", counter, "Rows that came too late to be put in order.", "sequencer", nseq, seq_name,
       seq_late);
  EACH("state_keys", gauge, "Keys that a state holds.", "state", nstore, store_name, store_keys);
  EACH("state_bytes", gauge, "Memory of a state.", "state", nstore, store_name, store_bytes);
  EACH("sliding_keys", gauge, "Keys with events in a sliding window.", "window", nsliding, slider_name, slider_keys);
  EACH("sliding_events", gauge, "Events held for a sliding window.", "window", nsliding, slider_name, slider_events);
  EACH("sliding_bytes", gauge, "Memory of a sliding window.", "window", nsliding, slider_name, slider_bytes);
  EACH("limit_keys", gauge, "Keys that a rule's limit remembers.", "rule", nlimit, limiter_name, limiter_keys);
  EACH("limit_bytes", gauge, "Memory of a rule's limit.", "rule", nlimit, limiter_name, limiter_bytes);
  EACH("rule_evaluated_total", counter, "Rows or windows that a rule judged.", "rule", nrule, rule_name,
       rule_evaluated);
  EACH("rule_fired_total", counter, "Times that a rule's condition held.", "rule", nrule, rule_name, rule_fired);
  EACH("rule_suppressed_total", counter, "Firings that its limit held back.", "rule", nrule, rule_name,
       rule_suppressed);
  EACH("rule_errors_total", counter, "Rows whose rule could not be evaluated.", "rule", nrule, rule_name, rule_errors);
  EACH("rule_shadow", gauge, "1: the rule counts and sends nothing.", "rule", nrule, rule_name, rule_shadow);
  EACH("set_aside_rows_total", counter, "Rows sent to a stream of bad, late or failed ones.", "stream", nfeed,
       feed_name, feed_rows);
#undef EACH
}

static void operators(Page *p)
{
  const wr_state *s = p->s;
  family(p, "weir_operator_failed_total", counter, "Rows whose evaluation failed in an operator.");
  for (wr_i32 i = 1; s->op_failed && i <= s->prog->nop; i++) {
    label_number(p, "operator", i);
    label(p, "kind", s->prog->op[i].kind);
    label(p, "name", s->prog->op[i].name);
    label_number(p, "line", s->prog->op[i].line);
    whole(p, s->op_failed[i]);
  }
  family(p, "weir_dropped_rows_total", counter, "Rows that were counted and sent nowhere.");
  label(p, "reason", "bad");
  whole(p, s->dropped_bad);
  label(p, "reason", "late");
  whole(p, s->dropped_late);
  label(p, "reason", "failed_when_set_aside");
  whole(p, s->failed_in_feed);
}

/* ---- parameters: numbers only, so that a page holds no text of a person's ---- */

static bool number(const wr_type *type, wr_slot v, char *t)
{
  size_t n = 0;
  switch (v.st ? WR_KINDS : (enum wr_kind)type->kind) {
  case WR_BOOL: case WR_INT: n = wr_print_int(t, v.u.i); break;
  case WR_DEC: n = wr_print_dec(t, v.u.i, type->scale); break;
  case WR_FLOAT: n = wr_print_float(t, v.u.f); break;
  case WR_TS_: case WR_DUR: n = wr_print_dec(t, v.u.i, 6); break;
  case WR_STR: case WR_BYTES: case WR_ENUM: case WR_JSON: case WR_LIST: case WR_MAP: case WR_REC: case WR_KINDS: break;
  }
  t[n] = 0;
  return n > 0;
}

static void params(Page *p)
{
  char t[64];
  family(p, "weir_param_value", gauge, "Parameters that are numbers; times and durations in seconds.");
  for (wr_i32 i = 0; i < p->s->prog->nparam; i++) {
    if (!number(p->s->prog->param[i].type, p->s->param[i], t)) continue;
    label(p, "param", p->s->prog->param[i].name);
    sample(p, t, strlen(t));
  }
  one(p, "weir_param_changes_total", counter, "Parameters changed while running.", (wr_i64)p->s->ndecision);
}

/* ---- the process ---- */

static wr_i64 resident(void)
{
  char t[128] = "";
  long long pages = 0;
  int fd = wr_fs_now->open("/proc/self/statm", 0, 0);
  long n = fd < 0 ? -1 : wr_fs_now->read(fd, t, sizeof t - 1);
  if (fd >= 0) wr_fs_now->close(fd);
  return n > 0 && sscanf(t, "%*s %lld", &pages) == 1 ? pages * sysconf(_SC_PAGESIZE) : 0;
}

static void checkpoints(Page *p)
{
  const struct wr_keeper *k = p->s->keeper;
  family(p, "weir_checkpoint_timestamp_seconds", gauge, "When the last good checkpoint was begun.");
  if (k && k->good) seconds(p, k->good_at);
  family(p, "weir_checkpoint_bytes", gauge, "Size of the last checkpoint.");
  if (k && k->size) whole(p, (wr_i64)k->size);
  family(p, "weir_checkpoint_failing", gauge, "1: the last checkpoint could not be written.");
  if (k) whole(p, k->failing);
}

static void process(Page *p)
{
  wr_state *s = p->s;
  struct rusage u;
  wr_ts now = wr_clock_now(&s->ctx);
  family(p, "weir_build_info", gauge, "Always 1; the labels say what runs.");
  label(p, "program", s->prog->name);
  label_number(p, "abi", s->prog->abi);
  whole(p, 1);
  family(p, "weir_start_timestamp_seconds", gauge, "When the run began.");
  seconds(p, s->started);
  family(p, "weir_page_timestamp_seconds", gauge, "When this page was printed; it ages while the loop is stuck.");
  seconds(p, now);
  family(p, "weir_uptime_seconds", gauge, "How long the run has been going on.");
  seconds(p, now - s->started);
  one(p, "weir_heap_bytes", gauge, "Memory of keyed state: windows, states, waiting rows.", (wr_i64)s->heap);
  one(p, "weir_heap_peak_bytes", gauge, "The most that it has been.", (wr_i64)s->heap_peak);
  family(p, "weir_heap_limit_bytes", gauge, "--memory: the run ends when it needs more.");
  if (s->opt.memory) whole(p, (wr_i64)s->opt.memory);
  one(p, "weir_resident_bytes", gauge, "Memory of the process.", resident());
  getrusage(RUSAGE_SELF, &u);
  family(p, "weir_cpu_seconds_total", counter, "Time on a processor, of the program and the system for it.");
  seconds(p, (wr_i64)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

void wr_metrics_print(wr_state *s, wr_buf *b)
{
  Page p = { .s = s, .b = b };
  process(&p);
  checkpoints(&p);
  sources(&p);
  operators(&p);
  tables(&p);
  keyed(&p);
  sinks(&p);
  params(&p);
}
