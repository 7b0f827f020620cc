/* again.c -- rows that waited are made again, of their records, when a changed program asks of them for columns
 * that they were kept without.
 *
 * With every checkpoint goes a second place of each source: one before the oldest record that a waiting row came
 * from. A changed program begins there, on a connector of its own, and runs the records through its steps with
 * everything else deaf: sinks, groupings and counters take nothing, and sequencers only the rows that
 * waited. Then the source is opened where it stood.
 */
#include "group.h"
#include "state.h"
#include <stdlib.h>

enum { MARKS = 32, PATIENCE = 30 * 1000000, NAP = 2000, PARTS = 4096 };

/* ---- marks: places that a source stood at, the oldest first ---- */

typedef struct mark {
  wr_buf place;
  wr_i64 *next;                           /* by partition: rows from here on are behind the place */
  wr_i32 npart;
} mark;

struct wr_marks { mark v[MARKS]; int n; };

static void mark_free(mark *m)
{
  wr_buf_free(&m->place);
  free(m->next);
  *m = (mark){ 0 };
}

static bool before_all(const mark *m, const wr_i64 *least, wr_i32 npart)
{
  for (wr_i32 k = 0; k < npart; k++)
    if (least[k] < (k < m->npart ? m->next[k] : 0)) return false;
  return true;
}

static void drop_old(wr_state *s, wr_i32 source, struct wr_marks *ms)
{
  wr_i32 npart = s->in[source].npart;
  wr_i64 *least = calloc((size_t)npart + 1, sizeof *least);
  if (!least) return;
  for (wr_i32 k = 0; k < npart; k++) least[k] = WR_I64_MAX;
  for (wr_i32 i = 0; i < s->prog->nstage; i++)
    if (s->gate[i].sequence) wr_sequence_least(s->gate[i].sequence, s->prog->source[source]->rank, least, npart);
  while (ms->n > 1 && before_all(&ms->v[1], least, npart)) {
    mark_free(&ms->v[0]);
    memmove(ms->v, ms->v + 1, (size_t)--ms->n * sizeof *ms->v);
  }
  free(least);
}

void wr_again_mark(wr_state *s, wr_i32 source)
{
  const wr_input *in = &s->in[source];
  const wr_buf *place = &s->keeper->place[source];
  struct wr_marks *ms = &s->keeper->marks[source];
  mark m = { .npart = in->npart, .next = calloc((size_t)in->npart + 1, sizeof *m.next) };
  if (!m.next) return;                    /* the ones before are good too */
  for (wr_i32 k = 0; k < in->npart; k++) m.next[k] = in->part[k].next;
  wr_buf_add(&m.place, place->p, place->n);
  if (ms->n == MARKS) mark_free(&ms->v[--ms->n]);
  ms->v[ms->n++] = m;
  drop_old(s, source, ms);
}

void wr_again_save(wr_state *s, wr_i32 source, wr_saver *to)
{
  const struct wr_marks *ms = &s->keeper->marks[source];
  wr_save_u8(to, ms->n > 0);
  if (!ms->n) return;
  const mark *m = &ms->v[0];
  wr_save_str(to, (wr_str){ m->place.p, (wr_u32)m->place.n, 0 });
  wr_save_u32(to, (wr_u32)m->npart);
  for (wr_i32 k = 0; k < m->npart; k++) wr_save_i64(to, m->next[k]);
}

bool wr_again_load(wr_state *s, wr_i32 source, wr_loader *from)
{
  struct wr_marks *ms = &s->keeper->marks[source];
  if (!wr_load_u8(from)) return !from->bad;
  wr_str place = wr_load_str(from);
  wr_u32 n = wr_load_u32(from);
  if (from->bad || n > PARTS || n > (size_t)(from->end - from->p) / 8) return false;
  mark m = { .npart = (wr_i32)n, .next = calloc((size_t)n + 1, sizeof *m.next) };
  for (wr_u32 k = 0; m.next && k < n; k++) m.next[k] = wr_load_i64(from);
  wr_buf_add(&m.place, place.p, place.len);
  if (ms->n) mark_free(&ms->v[--ms->n]);  /* it is read twice when rows are made again */
  ms->v[ms->n++] = m;
  return m.next != NULL;
}

/* ---- rows that are wanted ---- */

typedef struct wanted {
  const wr_seq *seq;
  wr_i32 lane;
  bool seen, made;                        /* its record was met, the row came */
  wr_pos pos;
  wr_ts wm;
} wanted;

struct wr_again {
  wanted *row;
  size_t n, room;
};

static int by_record(const void *a, const void *b)
{
  const wr_pos *p = &((const wanted *)a)->pos, *q = &((const wanted *)b)->pos;
  if (p->src != q->src) return p->src < q->src ? -1 : 1;
  if (p->off != q->off) return p->off < q->off ? -1 : 1;
  return p->ord < q->ord ? -1 : p->ord > q->ord;
}

void wr_again_want(wr_ctx *ctx, const wr_seq *seq, wr_i32 lane, const wr_batch *b)
{
  struct wr_keeper *k = wr_state_of(ctx)->keeper;
  if (!k->again && !(k->again = calloc(1, sizeof *k->again))) abort();
  struct wr_again *a = k->again;
  for (wr_i32 i = 0; i < b->n; i++) {
    if (a->n == a->room) {
      a->room = a->room ? 2 * a->room : 1024;
      if (!(a->row = realloc(a->row, a->room * sizeof *a->row))) abort();
    }
    a->row[a->n++] = (wanted){ .seq = seq, .lane = lane, .pos = wr_pos_now(ctx, b->pos[i]), .wm = b->wm[i] };
  }
}

/* The first wanted row that is made of the record. */
static size_t first_of(const struct wr_again *a, wr_u32 src, wr_i64 off)
{
  size_t lo = 0, hi = a->n;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    const wr_pos *p = &a->row[mid].pos;
    if (p->src < src || (p->src == src && p->off < off)) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

static bool is_of(const struct wr_again *a, size_t i, wr_u32 src, wr_i64 off)
{
  return i < a->n && a->row[i].pos.src == src && a->row[i].pos.off == off;
}

static void met(struct wr_again *a, wr_u32 src, wr_i64 off)
{
  for (size_t i = first_of(a, src, off); is_of(a, i, src, off); i++) a->row[i].seen = true;
}

/* Whether its record passed the checks, a row is met. It was not late, and is not now. */
void wr_again_advance(wr_state *s, const wr_input *in, wr_batch *b)
{
  wr_i32 col = in->def->time_col;
  for (wr_i32 r = 0; r < b->n; r++) {
    b->time[r] = col < 0 ? s->ctx.now : ((const wr_ts *)b->col[col].v)[r];
    b->wm[r] = WR_TS_MIN;
    met(s->again, b->pos[r].src, b->pos[r].off);
  }
}

void wr_again_bad(wr_state *s, const wr_input *in, wr_i64 off)
{
  wr_u32 part = in->at_part < 0 ? 0 : (wr_u32)in->at_part;
  met(s->again, in->def->rank << 12 | part, off);
}

/* One row of a lane's batch goes to the sequencer if it waited there. */
static void push_row(wr_ctx *ctx, wanted *x, const wr_batch *b, wr_i32 r)
{
  const wr_port *port = &wr_program_of(ctx)->port[x->seq->lane[x->lane].in];
  wr_batch one = *b;
  wr_col *col = wr_alloc(ctx, (wr_u32)(port->ncol + 1) * (wr_u32)sizeof *col);
  for (wr_i32 c = 0; c < port->ncol; c++) {
    col[c].v = (char *)b->col[c].v + (size_t)r * wr_kind_width(port->kind[c]);
    col[c].st = b->col[c].st ? b->col[c].st + r : NULL;
  }
  one.n = 1;
  one.col = col;
  one.time += r, one.pos += r;
  one.wm = &x->wm;
  x->made = true;
  wr_i32 i = 0;
  while (wr_program_of(ctx)->seq[i] != x->seq) i++;
  wr_sequence_push(ctx, wr_sequence_of(ctx, i), x->lane, &one);
}

static void take(wr_ctx *ctx, const wr_seq *seq, wr_i32 lane, const wr_batch *b)
{
  struct wr_again *a = wr_state_of(ctx)->again;
  for (wr_i32 r = 0; r < b->n; r++) {
    const wr_pos *p = &b->pos[r];
    for (size_t i = first_of(a, p->src, p->off); is_of(a, i, p->src, p->off); i++) {
      wanted *x = &a->row[i];
      if (x->seq != seq || x->lane != lane || x->pos.ord != p->ord || x->made) continue;
      push_row(ctx, x, b, r);
      break;
    }
  }
}

/* ---- reading ---- */

static size_t wanted_of(const struct wr_again *a, wr_u32 rank, size_t *unmet)
{
  size_t n = 0;
  *unmet = 0;
  for (size_t i = 0; i < a->n; i++) {
    if (a->row[i].pos.src >> 12 != rank) continue;
    n++;
    *unmet += !a->row[i].seen;
  }
  return n;
}

static enum wr_poll read_some(wr_state *s, wr_input *in)
{
  wr_arena_reset(s);
  s->ctx.now = wr_clock_now(&s->ctx);
  in->batch->n = 0;
  in->ngone = 0;
  in->fail_at = -1;
  enum wr_poll got = in->def->conn->poll(&s->ctx, in->conn, in->batch);
  if (got == WR_POLL_ROWS && in->batch->n) s->prog->port[in->def->port].run(&s->ctx, in->batch);
  s->ctx.cut = -1;
  return got;
}

/* Until every record that is wanted was met. */
static bool read_source(wr_state *s, wr_input *in)
{
  const struct wr_again *a = s->again;
  size_t unmet, before = ~(size_t)0;
  wr_ts since = wr_clock_now(&s->ctx);
  while (wanted_of(a, in->def->rank, &unmet), unmet) {
    if (unmet != before) since = wr_clock_now(&s->ctx);
    before = unmet;
    enum wr_poll got = read_some(s, in);
    if (got == WR_POLL_FAILED || s->exit_code) return false;
    if (got == WR_POLL_ROWS) continue;
    if (got == WR_POLL_END || wr_clock_now(&s->ctx) - since > PATIENCE) break;
    s->opt.clock->sleep(s->opt.clock->self, NAP);
  }
  if (!unmet) return true;
  wr_error(&s->ctx, WR_EXIT_NOINPUT, "`--drop` and the name of what they wait in (`weir state ls`) forgets them",
           "source %s: %zu records cannot be read again that rows came from which wait without a column that the "
           "program now asks for", in->def->name, unmet);
  return false;
}

static void deafen(wr_state *s, bool on)
{
  s->again = on ? s->keeper->again : NULL;
  for (wr_i32 i = 0; i < s->prog->nstage; i++) {
    if (s->gate[i].grouping) s->gate[i].grouping->deaf = on;
    if (s->gate[i].sequence) wr_sequence_only(s->gate[i].sequence, on ? take : NULL);
  }
}

/* What rules and states do as rows arrive cannot be kept from happening a second time; and tables that rows
 * are looked up in are not there yet. */
static bool arrives(const wr_program *p)
{
  bool any = p->nlookup > 0;
  for (wr_i32 i = 0; i < p->nstore; i++) any |= p->store[i]->stage < 0;
  for (wr_i32 i = 0; i < p->nsliding; i++) any |= p->sliding[i]->stage < 0;
  for (wr_i32 i = 0; i < p->nlimit; i++) any |= p->limit[i]->stage < 0;
  return any;
}

static bool read_all(wr_state *s)
{
  wr_tally *tally = wr_alloc(&s->ctx, (wr_u32)(s->prog->nrule + 1) * (wr_u32)sizeof *tally);
  size_t unmet;
  bool ok = true;
  wr_arena_keep(s);
  memcpy(tally, s->tally, (size_t)s->prog->nrule * sizeof *tally);
  deafen(s, true);
  for (wr_i32 i = 0; i < s->prog->nsource && ok; i++) {
    wr_input *in = &s->in[i];
    if (!wanted_of(s->again, s->prog->source[i]->rank, &unmet)) continue;
    ok = wr_source_open(s, in, s->prog->source[i], true) && read_source(s, in);
    wr_input_close(s, in);
    *in = (wr_input){ 0 };
  }
  deafen(s, false);
  s->rows_before = 0;
  memcpy(s->tally, tally, (size_t)s->prog->nrule * sizeof *tally);
  return ok && !s->exit_code;
}

bool wr_again_run(wr_state *s)
{
  struct wr_again *a = s->keeper ? s->keeper->again : NULL;
  size_t made = 0;
  if (!a) return true;
  if (arrives(s->prog)) {
    wr_error(&s->ctx, WR_EXIT_CONFIG, "`--drop` and the name of what they wait in (`weir state ls`) forgets them",
             "%zu rows wait without a column that the program now asks for; they cannot be read again by a program "
             "with `order arrival` or external tables", a->n);
    return false;
  }
  qsort(a->row, a->n, sizeof *a->row, by_record);
  if (!read_all(s)) return false;
  for (size_t i = 0; i < a->n; i++) made += a->row[i].made;
  wr_note(&s->ctx, "rows that wait, read again for columns that the program now asks for: %zu", made);
  if (made < a->n)
    wr_note(&s->ctx, "waiting rows that are gone, since the program now filters them or finds their records bad: %zu",
            a->n - made);
  return true;
}

void wr_again_free(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  for (wr_i32 i = 0; k->marks && i < s->prog->nsource; i++)
    while (k->marks[i].n) mark_free(&k->marks[i].v[--k->marks[i].n]);
  free(k->marks);
  if (k->again) free(k->again->row);
  free(k->again);
}

bool wr_again_new(wr_state *s)
{
  return (s->keeper->marks = calloc((size_t)s->prog->nsource + 1, sizeof *s->keeper->marks)) != NULL;
}

/* The place to begin at; false: there is none. */
bool wr_again_place(const wr_state *s, wr_i32 source, wr_str *place)
{
  const struct wr_marks *ms = &s->keeper->marks[source];
  if (!ms->n) return false;
  *place = (wr_str){ ms->v[0].place.p, (wr_u32)ms->v[0].place.n, 0 };
  return true;
}
