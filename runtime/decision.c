/* decision.c -- the log of decisions: what neither the program nor its input says, with the time.
 *
 * Partitions that fell idle or woke, clocks that stood in for quiet sources, parameters that were changed, versions
 * of tables (by the XXH3 hash of their content):
 * together with the input they determine every result (semantics, 7.1). The last ones are kept in every
 * checkpoint, for `weir state show`.
 */
#include "state.h"

static void note(wr_state *s, const char *text)
{
  struct wr_keeper *k = s->keeper;
  if (!k) return;
  wr_logged *d = &k->decision[k->ndecision++ % WR_DECISIONS];
  d->at = wr_clock_now(&s->ctx);
  snprintf(d->text, sizeof d->text, "%s", text);
}

void wr_decide(wr_state *s, const char *what, const char *name, wr_i32 partition)
{
  char t[sizeof(((wr_logged *)0)->text)];
  snprintf(t, sizeof t, "%s %.80s[%d]", what, name, partition);
  note(s, t);
}

void wr_decide_table(wr_state *s, const char *table, wr_u64 hash, wr_i64 records)
{
  char t[sizeof(((wr_logged *)0)->text)];
  snprintf(t, sizeof t, "table %.40s %016llx, %lld records", table, hash, records);
  note(s, t);
}

void wr_decide_param(wr_state *s, wr_i32 param, wr_slot was)
{
  const wr_param *p = &s->prog->param[param];
  char t[sizeof(((wr_logged *)0)->text)];
  wr_buf a = { 0 }, b = { 0 };
  if (!s->keeper) return;
  s->keeper->changed[param] = wr_clock_now(&s->ctx);
  wr_json_value(&a, p->type, was);
  wr_json_value(&b, p->type, s->param[param]);
  snprintf(t, sizeof t, "param %.30s from %.*s to %.*s", p->name, (int)(a.n < 24 ? a.n : 24), a.p,
           (int)(b.n < 24 ? b.n : 24), b.p);
  wr_buf_free(&a);
  wr_buf_free(&b);
  note(s, t);
}

static wr_u64 first(const struct wr_keeper *k) { return k->ndecision > WR_DECISIONS ? k->ndecision - WR_DECISIONS : 0; }

void wr_decisions_save(const struct wr_keeper *k, wr_saver *to)
{
  wr_save_u32(to, (wr_u32)(k->ndecision - first(k)));
  for (wr_u64 i = first(k); i < k->ndecision; i++) {
    const wr_logged *d = &k->decision[i % WR_DECISIONS];
    wr_save_i64(to, d->at);
    wr_save_str(to, (wr_str){ d->text, (wr_u32)strlen(d->text), 0 });
  }
}

void wr_decisions_load(struct wr_keeper *k, wr_loader *from)
{
  for (wr_u32 n = wr_load_u32(from); n && !from->bad; n--) {
    wr_logged *d = &k->decision[k->ndecision % WR_DECISIONS];
    d->at = wr_load_i64(from);
    wr_str t = wr_load_str(from);
    snprintf(d->text, sizeof d->text, "%.*s", (int)(t.len < 100 ? t.len : 100), t.p);
    if (!from->bad) k->ndecision++;
  }
}
