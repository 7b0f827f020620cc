/* feed.c -- rows that went wrong: bad records, failed checks and evaluations, late rows.
 *
 * They wait until the batch has run and then enter their streams in the order of their records, so
 * that nothing depends on where batches were cut. Each is counted once, sent or not.
 */
#include "run.h"
#include <stdlib.h>
#include <string.h>
#include "fmt.h"

enum { NAME_TEXT = 320 };                 /* "record 12 of payments/3" */

static const char *const err_text[] = { "",
#define ERR(id, text) text,
#include "weir/errors.def"
#undef ERR
};

static wr_str str_of(const char *s)
{
  wr_str r = { s, (wr_u32)strlen(s), 0 };
  return r;
}

static void *grown(void *p, size_t *cap, size_t n, size_t size)
{
  if (n < *cap) return p;
  *cap = *cap ? 2 * *cap : 64;
  p = realloc(p, *cap * size);
  if (!p) abort();
  return p;
}

static wr_bad *new_bad(wr_state *s, const wr_input *in, wr_i32 feed, const char *kind, enum wr_err err)
{
  s->bad = grown(s->bad, &s->capbad, s->nbad, sizeof *s->bad);
  wr_bad *x = &s->bad[s->nbad];
  memset(x, 0, sizeof *x);
  x->order = (wr_i32)s->nbad++;
  x->in = in;
  x->feed = feed;
  x->kind = kind;
  x->err = err;
  x->row = -1;
  x->at = "";
  x->st_time = x->st_key = x->st_raw = WR_ST_NULL;
  return x;
}

static void keep_raw(wr_bad *x, const wr_input *in, wr_str raw)
{
  if (in->def->masked || !raw.p) return;
  x->raw = raw;
  x->st_raw = 0;
}

/* ---- the three ways to go wrong ---- */

/* A row meets `fail`; what stands before it counts. Of several the first is it. */
static void stop_at(wr_state *s, wr_input *in, wr_i32 part, wr_i64 off)
{
  if (s->exit_code) return;
  s->failed = in;
  s->failed_part = part;
  s->failed_off = off;
}

/* "record 12", and of which partition where the source has some. */
static const char *record_name(const wr_input *in, wr_i32 part, wr_i64 off, char *out, size_t size)
{
  const char *name = in->split && part >= 0 && part < in->npart ? in->part[part].name : NULL;
  snprintf(out, size, "record %lld%s%s", (long long)off, name ? " of " : "", name ? name : "");
  return out;
}

static const char *arena_printf2(wr_ctx *ctx, const char *a, const char *b)
{
  size_t n = strlen(a), m = strlen(b);
  char *p = wr_alloc(ctx, (wr_u32)(n + m + 1));
  memcpy(p, a, n);
  memcpy(p + n, b, m + 1);
  return p;
}

void wr_record_failed(wr_ctx *ctx, const wr_source *src, wr_str raw, wr_i64 off, enum wr_err kind, const char *field)
{
  wr_state *s = wr_state_of(ctx);
  wr_input *in = wr_input_of(s, src);
  if (s->again) { wr_again_bad(s, in, off); return; }
  in->bad++;
  if (in->at_part >= 0 && in->at_part < in->npart) in->part[in->at_part].bad++;
  if (src->bad == WR_FAIL) {
    if (in->fail_at < 0) in->fail_at = in->batch->n;
    stop_at(s, in, in->at_part, off);
    char place[NAME_TEXT];
    wr_error(ctx, WR_EXIT_DATA, "correct the record, or send bad rows elsewhere: `bad to s` or `bad drop`",
             "%s %s: %s is bad: %s%s%s", wr_source_kind(src), src->name,
             record_name(in, in->at_part, off, place, sizeof place), err_text[kind], field ? ": " : "",
             field ? field : "");
    return;
  }
  wr_bad *x = new_bad(s, in, src->bad, "decode", kind);
  x->off = off;
  x->part = in->at_part;
  x->place = in->file;
  x->at = field ? arena_printf2(ctx, "field ", field) : "";
  keep_raw(x, in, raw);
}

static const char *site_place(wr_ctx *ctx, const wr_site *site)
{
  size_t n = strlen(site->file) + strlen(site->text) + 48;
  char *t = wr_alloc(ctx, (wr_u32)n);
  snprintf(t, n, "%s:%u:%u: %s", site->file, site->line, site->column, site->text);
  return t;
}

void wr_options_failed(wr_state *s, const char *what, const char *name, wr_status st)
{
  const char *hint = s->opt.trial ? "" : "does an environment variable that env() reads exist?";
  const char *of = s->opt.trial ? "rows" : "options";
  wr_error(&s->ctx, WR_EXIT_CONFIG, hint, "the %s of %s %s cannot be computed: %s: %s", of, what, name,
           site_place(&s->ctx, &s->prog->site[(wr_u32)st >> 8]), err_text[st & 255]);
}

static void set_time(wr_bad *x, wr_ts t)
{
  x->time = t;
  x->st_time = 0;
}

void wr_check_failed(wr_ctx *ctx, wr_i32 source, wr_i32 check, wr_batch *b, wr_i32 row, wr_status st)
{
  wr_state *s = wr_state_of(ctx);
  wr_input *in = &s->in[source];
  const wr_check *c = &in->def->check[check];
  const wr_site *site = &s->prog->site[st > 0 ? (wr_u32)st >> 8 : c->site];

  in->checked++;
  in->part[b->pos[row].src & 4095].bad++;
  if (c->dest == WR_FAIL) {
    char place[NAME_TEXT];
    wr_i32 part = (wr_i32)(b->pos[row].src & 4095);
    stop_at(s, in, part, b->pos[row].off);
    wr_error(ctx, WR_EXIT_DATA, "rows before it have been processed; `check … else s` would set it aside",
             "%s %s: %s fails the check %s", wr_source_kind(in->def), in->def->name,
             record_name(in, part, b->pos[row].off, place, sizeof place), site->text);
    ctx->cut = row;
    return;
  }
  wr_i32 err = st > 0 ? st & 255 : c->err;
  wr_bad *x = new_bad(s, in, c->dest, st > 0 ? "evaluate" : "check", (enum wr_err)err);
  x->off = b->pos[row].off;
  x->part = (wr_i32)(b->pos[row].src & 4095);
  x->place = in->file;
  x->row = row;
  x->at = site_place(ctx, site);
  if (in->def->time_col >= 0) set_time(x, ((wr_ts *)b->col[in->def->time_col].v)[row]);
  keep_raw(x, in, b->raw[row]);
}

/* The key of a closed window's row, as text. */
static void set_key(wr_ctx *ctx, wr_bad *x, const wr_batch *b, wr_i32 row)
{
  wr_state *s = wr_state_of(ctx);
  for (wr_i32 i = 0; i < s->prog->ngroup; i++) {
    const wr_group *g = s->prog->group[i];
    if (ctx->port[g->out] != b) continue;
    wr_buf t = { 0 };
    for (wr_i32 k = 0; k < g->nkey; k++) {
      wr_type type = { .kind = s->prog->port[g->out].kind[k] };
      if (k) wr_buf_add(&t, ",", 1);
      wr_slot v = wr_col_slot(&type, &b->col[k], row);
      if (type.kind == WR_STR && v.st == 0) wr_buf_add(&t, v.u.p, v.len);
      else if (type.kind == WR_DEC || type.kind == WR_ENUM) wr_buf_add(&t, "", 0);
      else wr_json_value(&t, &type, v);
    }
    char *p = wr_alloc(ctx, (wr_u32)t.n + 1);
    if (t.n) memcpy(p, t.p, t.n);
    x->key = (wr_str){ p, (wr_u32)t.n, 0 };
    x->st_key = 0;
    wr_buf_free(&t);
  }
}

static const wr_input *origin(wr_state *s, const wr_pos *pos)
{
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (s->prog->source[i]->rank == pos->src >> 12) return &s->in[i];
  return NULL;
}

/* Of a row of the current source batch everything is known; of one that a sequencer held its position;
 * of a closed window's its key. */
void wr_row_failed(wr_ctx *ctx, wr_i32 op, wr_batch *b, wr_i32 row, wr_status st)
{
  wr_state *s = wr_state_of(ctx);
  bool here = b->row[row] != ~0u && s->now_in;
  const wr_input *in = here ? s->now_in : origin(s, &b->pos[row]);

  s->op_failed[op]++;
  if (s->in_feed) { s->failed_in_feed++; return; }
  wr_bad *x = new_bad(s, in, s->prog->errors, "evaluate", (enum wr_err)(st & 255));
  x->op = op;
  x->off = in ? b->pos[row].off : -1;
  x->part = in ? (wr_i32)(b->pos[row].src & 4095) : 0;
  x->place = here ? in->file : in && x->part < in->npart ? in->part[x->part].name : NULL;
  x->at = site_place(ctx, &s->prog->site[(wr_u32)st >> 8]);
  if (!in || in->def->time_col >= 0) set_time(x, b->time[row]);
  if (!in) { set_key(ctx, x, b, row); return; }
  if (!here) return;
  x->row = (wr_i32)b->row[row];
  keep_raw(x, in, in->batch->raw[b->row[row]]);
}

bool wr_setting_aside(wr_ctx *ctx) { return wr_state_of(ctx)->in_feed; }

/* The record as the sink would have had it. What was set aside before is not set aside again. */
void wr_sink_failed(wr_ctx *ctx, const wr_sink *sink, wr_str record, wr_ts time, enum wr_err kind, const char *why,
                    bool aside)
{
  wr_state *s = wr_state_of(ctx);
  char *raw;

  s->op_failed[sink->op]++;
  if (aside) { s->failed_in_feed++; return; }
  wr_bad *x = new_bad(s, NULL, s->prog->errors, "deliver", kind);
  x->op = (wr_i32)sink->op;
  x->off = -1;
  x->at = arena_printf2(ctx, why, "");
  set_time(x, time);
  raw = wr_alloc(ctx, record.len + 1);
  if (record.len) memcpy(raw, record.p, record.len);
  x->raw = (wr_str){ raw, record.len, 0 };
  x->st_raw = 0;
}

/* ---- late rows ---- */

const char *wr_stage_name(const wr_state *s, wr_i32 stage)
{
  const wr_stage *d = &s->prog->stage[stage];
  return d->kind == WR_STAGE_GROUP ? s->prog->group[d->index]->name : s->prog->seq[d->index]->name;
}

/* An operator refuses the row: it is reported once, whoever else does. */
void wr_late_row(wr_ctx *ctx, wr_i32 op, wr_batch *b, wr_i32 row)
{
  wr_state *s = wr_state_of(ctx);
  if (!s->now_in || b->row[row] == ~0u) return;
  if (s->now_in->def->late == WR_FAIL) {
    char place[NAME_TEXT];
    wr_i32 part = (wr_i32)(b->pos[row].src & 4095);
    stop_at(s, s->now_in, part, b->pos[row].off);
    wr_error(ctx, WR_EXIT_DATA, "rows before it have been processed; allow a longer `delay`, or `late to s`",
             "source %s: %s is late for %s", s->now_in->def->name,
             record_name(s->now_in, part, b->pos[row].off, place, sizeof place), s->prog->op[op].name);
    ctx->cut = (wr_i32)b->row[row];
    return;
  }
  s->late = grown(s->late, &s->caplate, s->nlate, sizeof *s->late);
  s->late[s->nlate++] = (wr_late_row_of){ (wr_i32)b->row[row], op };
}

void wr_late_report(wr_ctx *ctx, const wr_group *g, const wr_batch *b, wr_i32 row)
{
  wr_state_of(ctx)->gate[g->stage].late++;
  wr_late_row(ctx, (wr_i32)g->op, (wr_batch *)b, row);
}

/* An ordered operator takes a row while its time is not below its own partition's watermark. */
wr_i32 wr_late_ordered(wr_ctx *ctx, wr_i32 seq, wr_batch *b, wr_i32 row)
{
  wr_state *s = wr_state_of(ctx);
  if (b->time[row] >= b->wm[row]) return 0;
  s->gate[s->prog->seq[seq]->stage].late++;
  return 1;
}

void wr_gap_report(wr_ctx *ctx, const wr_group *g) { wr_state_of(ctx)->gate[g->stage].gaps++; }

/* ---- writing them into their streams ---- */

static wr_i32 begin_row(wr_state *s, wr_i32 feed, wr_batch **out)
{
  wr_i32 port = s->prog->feed[feed].port;
  wr_batch *b = s->ctx.port[port];
  if (b->n == b->cap) wr_flush(&s->ctx, port);
  *out = b;
  s->feed_rows[feed]++;
  b->row[b->n] = ~0u;
  b->wm[b->n] = WR_TS_MIN;
  b->time[b->n] = 0;
  return b->n++;
}

static void put_str(wr_batch *b, wr_i32 col, wr_i32 r, wr_str v, wr_u8 st)
{
  ((wr_str *)b->col[col].v)[r] = v;
  if (b->col[col].st) b->col[col].st[r] = st;
}

static void put_int(wr_batch *b, wr_i32 col, wr_i32 r, wr_i64 v, wr_u8 st)
{
  ((wr_i64 *)b->col[col].v)[r] = v;
  if (b->col[col].st) b->col[col].st[r] = st;
}

/* The row as JSON, masked as its fields say. */
static wr_str row_json(wr_state *s, const wr_bad *x)
{
  const wr_batch *b = x->in->batch;
  wr_col *col = wr_alloc(&s->ctx, (wr_u32)((size_t)b->ncol * sizeof *col));
  wr_batch one = *b;
  wr_buf t = { 0 };
  const wr_port *port = &s->prog->port[x->in->def->port];

  for (wr_i32 i = 0; i < b->ncol; i++) {
    col[i].v = (char *)b->col[i].v + (size_t)x->row * wr_kind_width(port->kind[i]);
    col[i].st = b->col[i].st ? b->col[i].st + x->row : NULL;
  }
  one.col = col;
  one.n = 1;
  wr_slot none[8];
  for (int i = 0; i < 8; i++) none[i] = wr_i64_slot(0, WR_NULL);
  void *fmt = wr_fmt_json.open(&s->ctx, x->in->def->type, none);
  wr_fmt_json.encode(&s->ctx, fmt, x->in->def->type, &one, &t);
  wr_fmt_json.close(&s->ctx, fmt);
  while (t.n && t.p[t.n - 1] == '\n') t.n--;
  char *p = wr_alloc(&s->ctx, (wr_u32)t.n + 1);
  memcpy(p, t.p, t.n);
  wr_str r = { p, (wr_u32)t.n, 0 };
  wr_buf_free(&t);
  return r;
}

enum {
#define BAD(name, ...) BAD_##name,
#include "weir/bad.def"
#undef BAD
};

static void write_bad(wr_state *s, const wr_bad *x)
{
  wr_batch *b;
  if (x->feed < 0) { s->dropped_bad++; return; }
  wr_i32 r = begin_row(s, x->feed, &b);
  const wr_str none = { "", 0, 0 };
  bool decoded = x->in && x->row >= 0;

  put_str(b, BAD_kind, r, str_of(x->kind), 0);
  put_str(b, BAD_reason, r, str_of(err_text[x->err]), 0);
  put_int(b, BAD_code, r, x->err, 0);
  put_str(b, BAD_at, r, str_of(x->at), 0);
  put_str(b, BAD_source, r, str_of(x->in ? x->in->def->name : s->prog->op[x->op].name), 0);
  put_str(b, BAD_topic, r, x->place ? str_of(x->place) : none, x->place ? 0 : WR_ST_NULL);
  put_int(b, BAD_partition, r, x->part, 0);
  put_int(b, BAD_offset, r, x->off, 0);
  put_int(b, BAD_time, r, x->st_time ? 0 : x->time, x->st_time);
  put_str(b, BAD_key, r, x->st_key ? none : x->key, x->st_key);
  put_str(b, BAD_row, r, decoded ? row_json(s, x) : none, decoded ? 0 : WR_ST_NULL);
  put_str(b, BAD_raw, r, x->st_raw ? none : x->raw, x->st_raw);
  b->time[r] = x->st_time ? 0 : x->time;
  b->pos[r] = (wr_pos){ x->off, x->in ? x->in->def->rank << 12 | (wr_u32)x->part : 0, (wr_u32)x->op };
}

static int by_record(const void *a, const void *b)
{
  const wr_bad *x = a, *y = b;
  if (x->part != y->part) return x->part < y->part ? -1 : 1;
  if (x->off != y->off) return (wr_u64)x->off < (wr_u64)y->off ? -1 : 1;     /* -1, derived, last */
  if (x->op != y->op) return x->op < y->op ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static int by_row(const void *a, const void *b)
{
  const wr_late_row_of *x = a, *y = b;
  if (x->row != y->row) return x->row < y->row ? -1 : 1;
  return x->op < y->op ? -1 : x->op > y->op;
}

/* refused_by: the names of the groupings of s->late[from..to). */
static wr_list refused(wr_state *s, size_t from, size_t to)
{
  wr_slot *slot = wr_alloc(&s->ctx, (wr_u32)((to - from) * sizeof *slot));
  for (size_t i = from; i < to; i++) slot[i - from] = wr_str_slot(str_of(s->prog->op[s->late[i].op].name), 0);
  return (wr_list){ slot, (wr_u32)(to - from), 1 };
}

static void write_late(wr_state *s, const wr_input *in, size_t from, size_t to)
{
  const wr_batch *src = in->batch;
  wr_i32 row = s->late[from].row, feed = in->def->late;
  wr_batch *b;
  if (feed < 0) { s->dropped_late++; return; }
  wr_i32 r = begin_row(s, feed, &b);
  const wr_port *port = &s->prog->port[in->def->port];

  wr_i32 row_columns = src->ncol - in->def->nmeta;
  for (wr_i32 i = 0; i < row_columns; i++) {
    size_t w = wr_kind_width(port->kind[i]);
    memcpy((char *)b->col[i].v + (size_t)r * w, (char *)src->col[i].v + (size_t)row * w, w);
    if (b->col[i].st) b->col[i].st[r] = src->col[i].st ? src->col[i].st[row] : 0;
  }
  wr_i32 meta = row_columns;
  put_str(b, meta, r, str_of(in->def->name), 0);
  put_int(b, meta + 1, r, src->pos[row].src & 4095, 0);
  put_int(b, meta + 2, r, src->pos[row].off, 0);
  put_int(b, meta + 3, r, src->time[row], 0);
  put_int(b, meta + 4, r, src->wm[row], 0);
  ((wr_list *)b->col[meta + 5].v)[r] = refused(s, from, to);
  b->time[r] = src->time[row];
  b->pos[r] = src->pos[row];
}

static void flush_late(wr_state *s)
{
  if (!s->nlate) return;
  qsort(s->late, s->nlate, sizeof *s->late, by_row);
  for (size_t i = 0, k; i < s->nlate; i = k) {
    for (k = i + 1; k < s->nlate && s->late[k].row == s->late[i].row;) k++;
    s->now_in->late++;
    s->now_in->part[s->now_in->batch->pos[s->late[i].row].src & 4095].late++;
    write_late(s, s->now_in, i, k);
  }
  s->nlate = 0;
}

void wr_feeds_flush(wr_state *s)
{
  if (!s->nbad && !s->nlate) return;
  flush_late(s);
  if (s->nbad) qsort(s->bad, s->nbad, sizeof *s->bad, by_record);
  for (size_t i = 0; i < s->nbad; i++) write_bad(s, &s->bad[i]);
  s->nbad = 0;
  s->in_feed = true;
  for (wr_i32 i = 0; i < s->prog->nfeed; i++)
    if (s->prog->feed[i].port >= 0) wr_flush(&s->ctx, s->prog->feed[i].port);
  s->in_feed = false;
}
