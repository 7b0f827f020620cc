/* pressure.c -- backpressure by memory: sources that are far ahead wait for those behind.
 *
 * Rows in sequencers wait for the partition that stands lowest in event time. While they hold more than
 * their share of memory, the partition furthest ahead is paused, one at each batch boundary; below half of
 * it all go on. The lowest is never paused: so the watermark moves, and what waits gets less. What lies
 * within a source's delay has to wait anyway, whatever it takes.
 */
#include "run.h"

enum { SHARE = 4 };                       /* of --memory */
#define BOUND (256ull << 20)              /* without --memory */

static wr_u64 held(const wr_state *s)
{
  wr_u64 n = 0;
  for (wr_i32 i = 0; i < s->prog->nstage; i++)
    if (s->gate[i].sequence) n += wr_sequence_bytes(s->gate[i].sequence);
  return n;
}

/* Whether the stage is reached by rows of the source. */
static bool feeds(const wr_state *s, wr_i32 source, wr_i32 stage)
{
  const wr_stage *d = s->gate[stage].def;
  for (wr_i32 i = 0; i < d->nup; i++)
    if (d->up[i] == source || (d->up[i] < 0 && feeds(s, source, ~d->up[i]))) return true;
  return false;
}

/* Whether rows of the source wait, or hold back those that do. */
static bool concerned(const wr_state *s, wr_i32 source)
{
  if (s->in[source].ended) return false;
  for (wr_i32 i = 0; i < s->prog->nstage; i++)
    if (s->gate[i].sequence && wr_sequence_rows(s->gate[i].sequence) && feeds(s, source, i)) return true;
  return false;
}

typedef struct spot { wr_i32 source, part; } spot;

static wr_part *at(const wr_state *s, spot x) { return &s->in[x.source].part[x.part]; }
static bool moving(const wr_part *p) { return p->open && !p->ended && !p->idle; }

/* The partitions furthest behind and, of those that can be paused and are not, furthest ahead. */
static void ends(const wr_state *s, spot *low, spot *high)
{
  *low = *high = (spot){ -1, -1 };
  for (wr_i32 i = 0; i < s->prog->nsource; i++) {
    const wr_input *in = &s->in[i];
    if (!concerned(s, i)) continue;
    for (wr_i32 k = 0; k < in->npart; k++) {
      const wr_part *p = &in->part[k];
      if (!moving(p)) continue;
      if (low->source < 0 || p->wm < at(s, *low)->wm) *low = (spot){ i, k };
      if (p->paused || !in->def->conn->pause) continue;
      if (high->source < 0 || p->wm > at(s, *high)->wm) *high = (spot){ i, k };
    }
  }
}

static void set_pause(wr_state *s, spot x, bool on)
{
  wr_input *in = &s->in[x.source];
  wr_part *p = at(s, x);
  if (p->paused == on) return;
  p->paused = on;
  p->caught_up = false;                   /* nobody looked for more while it was paused */
  p->active_at = s->ctx.now;
  in->pauses += on;
  s->paused |= on;
  in->def->conn->pause(&s->ctx, in->conn, x.part, on);
}

static void resume_all(wr_state *s)
{
  if (!s->paused) return;
  s->paused = false;
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    for (wr_i32 k = 0; k < s->in[i].npart; k++) set_pause(s, (spot){ i, k }, false);
}

void wr_pressure(wr_state *s)
{
  wr_u64 bound = s->opt.memory ? s->opt.memory / SHARE : BOUND, n;
  spot low, high;

  if (!s->prog->nseq) return;
  n = held(s);
  if (n < bound / 2) {
    resume_all(s);
    return;
  }
  ends(s, &low, &high);
  if (low.source >= 0) set_pause(s, low, false);
  if (n > bound && high.source >= 0 && at(s, high)->wm > at(s, low)->wm) set_pause(s, high, true);
}
