/* checkpoint.c -- taking checkpoints: at an interval, at a batch boundary, and at the end of the run.
 *
 * Sinks are flushed, then all that the run is goes into memory, section by section; a thread makes it
 * last (writer.c) while rows are processed. When it has, sources are told the place up to which all is
 * safe. A write that fails is an alarm: the last good checkpoint stays and the next interval tries again.
 */
#include <stdlib.h>
#include "state.h"

enum { EVERY = 10 * 1000000 };

static wr_i64 every(const wr_state *s) { return s->opt.checkpoint_every ? s->opt.checkpoint_every : EVERY; }

/* ---- sections ---- */

typedef struct open_section { wr_saver to; size_t at; } open_section;

static void put_run(wr_state *s, wr_saver *to)
{
  const char *zone = wr_zone_version();
  wr_save_str(to, (wr_str){ zone, (wr_u32)strlen(zone), 0 });
  wr_save_u32(to, (wr_u32)(s->prog->nsource + s->prog->ngroup));
  for (wr_i32 i = 0; i < s->prog->nsource + s->prog->ngroup; i++) {
    bool source = i < s->prog->nsource;
    const char *name = source ? s->prog->source[i]->name : s->prog->group[i - s->prog->nsource]->name;
    wr_save_u32(to, source ? s->prog->source[i]->rank : s->prog->group[i - s->prog->nsource]->rank);
    wr_save_str(to, (wr_str){ name, (wr_u32)strlen(name), 0 });
  }
}

static void put_param(wr_state *s, wr_i32 i, wr_saver *to)
{
  const wr_type *t = s->prog->param[i].type;
  wr_save_i64(to, s->keeper->changed[i]);
  wr_save_slot(to, t, s->keeper->start[i]);
  wr_save_slot(to, t, s->param[i]);
}

static void put_part(const wr_part *p, wr_saver *to)
{
  const wr_i64 v[] = { p->seen, p->wm, p->next, p->rows, p->late };
  wr_save_str(to, (wr_str){ p->name, p->name ? (wr_u32)strlen(p->name) : 0, 0 });
  wr_save_u8(to, p->open);
  wr_save_u8(to, p->ended);
  wr_save_u8(to, p->idle);
  wr_save_bytes(to, v, sizeof v);
}

static void put_source(wr_state *s, wr_i32 i, wr_saver *to)
{
  const wr_input *in = &s->in[i];
  const wr_i64 v[] = { in->rows, in->bad, in->checked, in->late };
  wr_buf *place = &s->keeper->place[i];
  wr_save_u8(to, in->ended);
  wr_save_u8(to, in->split);
  wr_save_bytes(to, v, sizeof v);
  wr_save_u32(to, (wr_u32)in->npart);
  for (wr_i32 k = 0; k < in->npart; k++) put_part(&in->part[k], to);
  place->n = 0;
  in->def->conn->save_source(&s->ctx, in->conn, place);
  wr_save_str(to, (wr_str){ place->p, (wr_u32)place->n, 0 });
  wr_again_mark(s, i);
  wr_again_save(s, i, to);
}

static void put_sink(wr_state *s, wr_i32 i, wr_saver *to)
{
  const wr_output *out = &s->out[i];
  wr_buf end = { 0 };
  if (out->def->conn->save_sink) out->def->conn->save_sink(&s->ctx, out->conn, &end);
  wr_save_i64(to, out->rows);
  wr_save_u8(to, out->def->conn->save_sink != NULL);
  wr_save_str(to, (wr_str){ end.p, (wr_u32)end.n, 0 });
  wr_buf_free(&end);
}

static void put_counts(wr_state *s, wr_saver *to)
{
  const wr_program *p = s->prog;
  const wr_i64 v[] = { s->dropped_bad, s->dropped_late, s->failed_in_feed };
  wr_save_bytes(to, v, sizeof v);
  wr_save_u32(to, (wr_u32)p->nfeed);
  for (wr_i32 i = 0; i < p->nfeed; i++) {
    wr_save_str(to, (wr_str){ p->feed[i].name, (wr_u32)strlen(p->feed[i].name), 0 });
    wr_save_i64(to, s->feed_rows[i]);
  }
  wr_save_u32(to, (wr_u32)p->nop);
  for (wr_i32 i = 1; i <= p->nop; i++) {
    wr_save_str(to, (wr_str){ p->op[i].name, (wr_u32)strlen(p->op[i].name), 0 });
    wr_save_i64(to, s->op_failed[i]);
  }
}

/* ---- all of them ---- */

static const wr_str no_text = { "", 0, 0 };

static open_section begin(wr_buf *b, enum wr_section_kind kind, const char *name, wr_str text)
{
  open_section x = { .at = wr_section_begin(b, kind, name, text) };
  x.to.buf = *b;
  return x;
}

static void end(open_section *x, wr_buf *b)
{
  *b = x->to.buf;
  wr_section_end(b, x->at);
}

static void put_cells(wr_state *s, wr_buf *b)
{
  wr_buf text = { 0 };
  for (wr_cell_ref c = { .kind = WR_SEC_END }; wr_cells_next(s, &c);) {
    text.n = 0;
    wr_cell_text(s, &c, &text);
    open_section x = begin(b, c.kind, c.name, (wr_str){ text.p, (wr_u32)text.n, 0 });
    wr_cell_save(s, &c, &x.to);
    end(&x, b);
  }
  wr_buf_free(&text);
}

static void put_params(wr_state *s, wr_buf *b)
{
  wr_buf text = { 0 };
  for (wr_i32 i = 0; i < s->prog->nparam; i++) {
    text.n = 0;
    wr_type_text(&text, s->prog->param[i].type);
    open_section x = begin(b, WR_SEC_PARAM, s->prog->param[i].name, (wr_str){ text.p, (wr_u32)text.n, 0 });
    put_param(s, i, &x.to);
    end(&x, b);
  }
  wr_buf_free(&text);
}

static void put_ends(wr_state *s, wr_buf *b)
{
  char text[128];
  for (wr_i32 i = 0; i < s->prog->nsource; i++) {
    const wr_source *d = s->prog->source[i];
    int n = snprintf(text, sizeof text, "from %.100s", d->conn->name);
    open_section x = begin(b, WR_SEC_SOURCE, d->name, (wr_str){ text, (wr_u32)n, 0 });
    put_source(s, i, &x.to);
    end(&x, b);
  }
  for (wr_i32 i = 0; i < s->prog->nsink; i++) {
    const wr_sink *d = s->prog->sink[i];
    int n = snprintf(text, sizeof text, "to %.100s", d->conn->name);
    open_section x = begin(b, WR_SEC_SINK, d->name, (wr_str){ text, (wr_u32)n, 0 });
    put_sink(s, i, &x.to);
    end(&x, b);
  }
}

static void put_all(wr_state *s, wr_buf *b)
{
  open_section x = begin(b, WR_SEC_RUN, s->prog->name, no_text);
  put_run(s, &x.to);
  end(&x, b);
  put_params(s, b);
  put_ends(s, b);
  put_cells(s, b);
  for (wr_i32 i = 0; i < s->prog->nrule; i++) {
    x = begin(b, WR_SEC_RULE, s->prog->rule[i].name, no_text);
    wr_save_bytes(&x.to, &s->tally[i], sizeof s->tally[i]);
    end(&x, b);
  }
  x = begin(b, WR_SEC_COUNTS, s->prog->name, no_text);
  put_counts(s, &x.to);
  end(&x, b);
  x = begin(b, WR_SEC_DECISIONS, s->prog->name, no_text);
  wr_decisions_save(s->keeper, &x.to);
  end(&x, b);
}

/* ---- when ---- */

/* Has anything happened since the last one? */
static wr_u64 print_of(const wr_state *s)
{
  wr_u64 h = s->keeper->ndecision;
  for (wr_i32 i = 0; i < s->prog->nsource; i++) {
    const wr_input *in = &s->in[i];
    h = h * 31 + (wr_u64)(in->rows + in->bad) + in->ended;
    for (wr_i32 k = 0; k < in->npart; k++) h = h * 31 + (wr_u64)in->part[k].wm;
  }
  for (wr_i32 i = 0; i < s->prog->nstage; i++) h = h * 31 + (wr_u64)s->gate[i].wm;
  for (wr_i32 i = 0; i < s->prog->nparam; i++) h = h * 31 + (wr_u64)s->keeper->changed[i];
  return h;
}

static void put(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  wr_buf b = { 0 };
  k->tried = wr_clock_now(&s->ctx);
  wr_u64 print = print_of(s);
  if (print == k->print && !k->failing && k->good) return;
  if (!wr_outputs_flush(s)) return;
  k->print = print;
  wr_buf_reserve(&b, k->size + k->size / 8 + 4096);
  wr_checkpoint_begin(&b, k->next, k->tried, s->prog->name);
  put_all(s, &b);
  wr_checkpoint_end(&b);
  k->size = b.n;
  wr_writer_put(k->writer, k->next++, &b);
}

static void lasting(wr_state *s, wr_i64 number)
{
  struct wr_keeper *k = s->keeper;
  if (k->failing) wr_note(&s->ctx, "checkpoint %lld is written: all is well again", (long long)number);
  k->failing = false;
  k->good = number;
  k->good_at = k->tried;
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (s->in[i].def->conn->commit) s->in[i].def->conn->commit(&s->ctx, s->in[i].conn, k->place[i].p, k->place[i].n);
}

static void alarm_for(wr_state *s, const wr_write_result *r)
{
  const struct wr_keeper *k = s->keeper;
  char age[64], again[64];
  age[wr_print_dur(age, (wr_clock_now(&s->ctx) - k->good_at) / 1000000 * 1000000)] = 0;
  again[wr_print_dur(again, every(s))] = 0;
  fprintf(s->opt.log, "weir: alarm: checkpoint %lld failed: %s\n", (long long)r->number, r->why);
  if (k->good)
    fprintf(s->opt.log, "  = the last good one is checkpoint %lld, %s old; the run goes on and tries again in %s\n",
            (long long)k->good, age, again);
  fflush(s->opt.log);
}

/* What became of the last one. False: it failed. */
static bool reap(wr_state *s, bool wait, wr_write_result *r)
{
  if (!wr_writer_done(s->keeper->writer, wait, r)) return true;
  if (r->ok) lasting(s, r->number);
  else s->keeper->failing = true;
  return r->ok;
}

void wr_keep_tick(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  wr_write_result r;
  if (!k || s->exit_code || s->closed) return;
  if (!reap(s, false, &r)) alarm_for(s, &r);
  if (wr_clock_now(&s->ctx) - k->tried >= every(s) && !wr_writer_busy(k->writer)) put(s);
}

static bool put_and_wait(wr_state *s, const char *hint)
{
  wr_write_result r;
  int before = s->exit_code;              /* of `fail`, which is the cause of the end */
  put(s);
  if (s->exit_code != before || reap(s, true, &r)) return s->exit_code == before;
  if (before) alarm_for(s, &r);
  else wr_error(&s->ctx, WR_EXIT_IO, hint, "cannot write a checkpoint: %s", r.why);
  return false;
}

/* The first one is taken before the first row: from then on there is always one to go back to. */
bool wr_keep_start(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  if (!k) return true;
  wr_checkpoint_free(&k->old);
  k->resuming = false;
  k->writer = wr_writer_new(&k->dir, k->good);
  if (!k->writer) {
    wr_error(&s->ctx, WR_EXIT_SOFTWARE, "", "cannot start the thread that writes checkpoints");
    return false;
  }
  k->tried = wr_clock_now(&s->ctx);
  return k->resumed || put_and_wait(s, "is there room, and may the folder be written to?");
}

void wr_keep_finish(wr_state *s)
{
  wr_write_result r;
  if (!s->keeper || !s->keeper->writer) return;
  bool ok = reap(s, true, &r);
  if ((s->exit_code && !s->backed) || s->closed) return;
  if (!ok) alarm_for(s, &r);
  put_and_wait(s, "the checkpoint before it is intact: rows since then are read again by the next run");
}

void wr_keep_close(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  if (!k) return;
  wr_writer_free(k->writer);
  wr_checkpoint_free(&k->old);
  wr_dir_close(&k->dir);
  for (wr_i32 i = 0; k->place && i < s->prog->nsource; i++) wr_buf_free(&k->place[i]);
  wr_again_free(s);
  free(k->place);
  free(k->start);
  free(k->changed);
  free(k->rank);
  free(k->decision);
  free(k);
  s->keeper = NULL;
}
