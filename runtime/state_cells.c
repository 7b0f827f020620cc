/* state_cells.c -- what of a program is state: sequencers, groupings, states, windows, limits, as one list. */
#include "group.h"
#include "state.h"

void wr_save_head(wr_saver *to, const wr_cell_head *h)
{
  const wr_i64 v[] = { h->keys, h->bytes, h->wm, h->late, h->gaps };
  wr_save_bytes(to, v, sizeof v);
}

wr_cell_head wr_load_head(wr_loader *from)
{
  wr_cell_head h;
  h.keys = wr_load_i64(from);
  h.bytes = wr_load_i64(from);
  h.wm = wr_load_i64(from);
  h.late = wr_load_i64(from);
  h.gaps = wr_load_i64(from);
  return h;
}

/* ---- the list ---- */

static const char *name_at(const wr_program *p, enum wr_section_kind kind, wr_i32 i)
{
  if (kind == WR_SEC_ORDER) return i < p->nseq ? p->seq[i]->name : NULL;
  if (kind == WR_SEC_GROUP) return i < p->ngroup ? p->group[i]->name : NULL;
  if (kind == WR_SEC_STATE) return i < p->nstore ? p->store[i]->name : NULL;
  if (kind == WR_SEC_WINDOW) return i < p->nsliding ? p->sliding[i]->name : NULL;
  return i < p->nlimit ? p->limit[i]->name : NULL;
}

bool wr_cells_next(const wr_state *s, wr_cell_ref *c)
{
  const char *name;
  int same = 1;
  if (!c->kind) c->kind = WR_SEC_ORDER, c->index = -1;
  for (c->index++; !(name = name_at(s->prog, c->kind, c->index)); c->index = 0)
    if (++c->kind > WR_SEC_LIMIT) return false;
  for (wr_i32 i = 0; i < c->index; i++) same += strcmp(name_at(s->prog, c->kind, i), name) == 0;
  if (same == 1) snprintf(c->name, sizeof c->name, "%s", name);
  else snprintf(c->name, sizeof c->name, "%.200s#%d", name, same);
  return true;
}

static wr_gate *gate_of(wr_state *s, const wr_cell_ref *c)
{
  if (c->kind == WR_SEC_ORDER) return &s->gate[s->prog->seq[c->index]->stage];
  return c->kind == WR_SEC_GROUP ? &s->gate[s->prog->group[c->index]->stage] : NULL;
}

void wr_cell_text(wr_state *s, const wr_cell_ref *c, wr_buf *b)
{
  if (c->kind == WR_SEC_ORDER) wr_state_text_order(s, b, s->prog->seq[c->index]);
  else if (c->kind == WR_SEC_GROUP) wr_state_text_group(b, gate_of(s, c)->grouping);
  else if (c->kind == WR_SEC_STATE) wr_state_text_store(s, b, s->prog->store[c->index]);
  else if (c->kind == WR_SEC_WINDOW)
    wr_state_text_sliding(s, b, s->prog->sliding[c->index], wr_slider_positions(s->slider[c->index]));
  else wr_state_text_limit(s, b, s->prog->limit[c->index]);
}

/* ---- saving ---- */

static wr_cell_head head_of(wr_state *s, const wr_cell_ref *c)
{
  const wr_gate *g = gate_of(s, c);
  wr_cell_head h = { .wm = WR_TS_MIN };
  if (g) h.wm = g->wm, h.late = g->late, h.gaps = g->gaps;
  if (c->kind == WR_SEC_ORDER)
    h.keys = wr_sequence_rows(g->sequence), h.bytes = (wr_i64)wr_sequence_bytes(g->sequence);
  else if (c->kind == WR_SEC_GROUP)
    h.keys = wr_grouping_keys(g->grouping), h.bytes = (wr_i64)wr_grouping_bytes(g->grouping);
  else if (c->kind == WR_SEC_STATE)
    h.keys = wr_stored_keys(s->store[c->index]), h.bytes = (wr_i64)wr_stored_bytes(s->store[c->index]);
  else if (c->kind == WR_SEC_WINDOW)
    h.keys = wr_slider_keys(s->slider[c->index]), h.bytes = (wr_i64)wr_slider_bytes(s->slider[c->index]);
  else
    h.keys = wr_limiter_keys(s->limiter[c->index]), h.bytes = (wr_i64)wr_limiter_bytes(s->limiter[c->index]);
  return h;
}

void wr_cell_save(wr_state *s, const wr_cell_ref *c, wr_saver *to)
{
  wr_cell_head h = head_of(s, c);
  wr_save_head(to, &h);
  if (c->kind == WR_SEC_ORDER) wr_sequence_save(&s->ctx, gate_of(s, c)->sequence, to);
  else if (c->kind == WR_SEC_GROUP) wr_grouping_save(gate_of(s, c)->grouping, to);
  else if (c->kind == WR_SEC_STATE) wr_stored_save(&s->ctx, s->store[c->index], to);
  else if (c->kind == WR_SEC_WINDOW) wr_slider_save(&s->ctx, s->slider[c->index], to);
  else wr_limiter_save(&s->ctx, s->limiter[c->index], to);
}

/* ---- loading ---- */

static bool load(wr_state *s, const wr_cell_ref *c, wr_loader *from)
{
  if (c->kind == WR_SEC_ORDER) wr_sequence_again(gate_of(s, c)->sequence, wr_again_want);
  if (c->kind == WR_SEC_ORDER) return wr_sequence_load(&s->ctx, gate_of(s, c)->sequence, from);
  if (c->kind == WR_SEC_STATE) return wr_stored_load(&s->ctx, s->store[c->index], from);
  if (c->kind == WR_SEC_WINDOW) return wr_slider_load(&s->ctx, s->slider[c->index], from);
  return wr_limiter_load(&s->ctx, s->limiter[c->index], from);
}

const char *wr_cell_load(wr_state *s, const wr_cell_ref *c, wr_loader *from)
{
  wr_gate *g = gate_of(s, c);
  wr_cell_head h = wr_load_head(from);
  if (from->bad) return "it is too short";
  if (g) g->wm = h.wm, g->late = h.late, g->gaps = h.gaps;
  if (c->kind == WR_SEC_ORDER && h.keys == 0) return NULL;    /* no row waited */
  if (c->kind == WR_SEC_GROUP) return wr_grouping_load(&s->ctx, g->grouping, from);
  if (load(s, c, from) && !from->bad && from->p == from->end) return NULL;
  return from->why ? from->why : "it does not hold what it says";
}
