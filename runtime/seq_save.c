/* seq_save.c -- waiting rows in a checkpoint: what the lanes are made of, then chunks of rows, the oldest
 * run first, column by column. Loading pushes the chunks again. */
#include <stdlib.h>
#include "fmt.h"
#include "seq_run.h"

enum { CHUNK = 4096, DONE = 0xffffffff };

static bool is_nested(wr_u8 kind) { return kind == WR_LIST || kind == WR_MAP; }

/* ---- saving ---- */

static void save_shape(const wr_waiting *l, wr_saver *s)
{
  wr_save_str(s, (wr_str){ l->def->name, (wr_u32)strlen(l->def->name), 0 });
  wr_save_u32(s, (wr_u32)l->ncol);
  wr_save_bytes(s, l->kind, (size_t)l->ncol);
  wr_save_bytes(s, l->nullable, (size_t)l->ncol);
  for (wr_i32 c = 0; c < l->ncol; c++)
    if (is_nested(l->kind[c])) wr_save_type(s, l->def->type[c]);
}

static void save_values(const wr_seq_run *r, wr_i32 c, wr_i32 from, wr_i32 n, wr_saver *s)
{
  const wr_waiting *l = r->lane;
  const void *v = wr_run_strip(r, l->value[c]);
  for (wr_i32 i = from; i < from + n; i++) {
    if (is_nested(l->kind[c]))
      wr_save_slot(s, l->def->type[c], wr_list_slot(((const wr_list *)v)[i], 0));
    else
      wr_save_str(s, ((const wr_str *)v)[i]);
  }
}

static void save_chunk(const wr_seq_run *r, wr_i32 from, wr_i32 n, wr_saver *s)
{
  wr_save_u32(s, (wr_u32)r->lane->index);
  wr_save_u32(s, (wr_u32)n);
  for (wr_i32 i = 0; i < r->lane->nstrip; i++) {
    const wr_strip *p = &r->lane->strip[i];
    if (p->what == STRIP_VALUE && p->width == 16) save_values(r, p->col, from, n, s);
    else wr_save_bytes(s, wr_run_strip(r, p) + (size_t)from * p->width, (size_t)n * p->width);
  }
}

static int by_age(const void *a, const void *b)
{
  const wr_head *x = a, *y = b;
  return x->run->age < y->run->age ? -1 : x->run->age > y->run->age;
}

void wr_sequence_save(wr_ctx *ctx, const wr_sequence *q, wr_saver *s)
{
  wr_u64 size = (wr_u64)q->nrun * sizeof(wr_head);
  wr_head *run = wr_heap_alloc(ctx, size);

  wr_save_u32(s, (wr_u32)q->def->nlane);
  for (wr_i32 i = 0; i < q->def->nlane; i++) save_shape(&q->lane[i], s);
  if (size) memcpy(run, q->heap, size);
  qsort(run, (size_t)q->nrun, sizeof *run, by_age);
  for (wr_i32 i = 0; i < q->nrun; i++) {
    const wr_seq_run *r = run[i].run;
    for (wr_i32 at = r->at; at < r->n; at += CHUNK) save_chunk(r, at, r->n - at < CHUNK ? r->n - at : CHUNK, s);
  }
  wr_save_u32(s, DONE);
  wr_heap_free(ctx, run, size);
}

/* ---- loading ---- */

static bool load_shape(wr_ctx *ctx, const wr_waiting *l, wr_loader *ld)
{
  size_t n = (size_t)l->ncol;
  wr_str name = wr_load_str(ld);
  bool same = wr_str_eq(name, (wr_str){ l->def->name, (wr_u32)strlen(l->def->name), 0 });
  same = wr_load_u32(ld) == (wr_u32)l->ncol && same;
  const char *kind = same ? wr_load_bytes(ld, n) : NULL, *nullable = same ? wr_load_bytes(ld, n) : NULL;
  if (ld->bad) return wr_load_damaged(ctx, ld);
  same = same && !memcmp(kind, l->kind, n) && !memcmp(nullable, l->nullable, n);
  for (wr_i32 c = 0; same && c < l->ncol; c++)
    if (is_nested(l->kind[c])) same = wr_type_widens(wr_load_str(ld), l->def->type[c]) == WR_WIDEN_SAME;
  return same || wr_load_refuse(ctx, ld, "rows of %.*s with other columns waited in it", (int)name.len, name.p);
}

static void load_values(wr_ctx *ctx, const wr_waiting *l, wr_i32 c, wr_batch *b, wr_loader *ld)
{
  for (wr_i32 i = 0; i < b->n && !ld->bad; i++) {
    if (is_nested(l->kind[c])) {
      const wr_type *t = l->def->type[c];
      wr_u32 width = wr_type_width(t);
      wr_slot v = wr_load_slot(ctx, ld, t);
      ((wr_list *)b->col[c].v)[i] = v.st ? (wr_list){ .width = width } : wr_slot_list(v, width);
    } else {
      ((wr_str *)b->col[c].v)[i] = wr_load_str(ld);
    }
  }
}

static bool load_chunk(wr_ctx *ctx, const wr_waiting *l, wr_batch *b, wr_loader *ld)
{
  for (wr_i32 i = 0; i < l->nstrip && !ld->bad; i++) {
    const wr_strip *p = &l->strip[i];
    size_t n = (size_t)b->n * p->width;
    if (p->what == STRIP_VALUE && p->width == 16) {
      load_values(ctx, l, p->col, b, ld);
      continue;
    }
    const char *from = wr_load_bytes(ld, n);
    if (from) memcpy(wr_batch_strip(b, p), from, n);
  }
  return !ld->bad;
}

static bool load_rows(wr_ctx *ctx, wr_sequence *q, wr_batch **batch, wr_loader *ld)
{
  for (wr_u32 lane; (lane = wr_load_u32(ld)) != DONE;) {
    wr_u32 n = wr_load_u32(ld);
    if (ld->bad || lane >= (wr_u32)q->def->nlane || n == 0 || n > CHUNK) return false;
    const wr_waiting *l = &q->lane[lane];
    if (!batch[lane]) batch[lane] = wr_batch_new(l->ncol, l->kind, l->nullable, CHUNK, false);
    batch[lane]->n = (wr_i32)n;
    if (!load_chunk(ctx, l, batch[lane], ld)) return false;
    for (wr_u32 i = 0; i < n; i++) batch[lane]->pos[i] = wr_pos_now(ctx, batch[lane]->pos[i]);
    wr_sequence_push(ctx, q, (wr_i32)lane, batch[lane]);
  }
  return !ld->bad;
}

bool wr_sequence_load(wr_ctx *ctx, wr_sequence *q, wr_loader *ld)
{
  wr_i32 n = q->def->nlane;
  size_t size = ((size_t)n + 1) * sizeof(wr_batch *);
  wr_u32 lanes = wr_load_u32(ld);
  if (ld->bad) return wr_load_damaged(ctx, ld);
  if (lanes != (wr_u32)n) return wr_load_refuse(ctx, ld, "it had %u inputs and has %d", lanes, n);
  for (wr_i32 i = 0; i < n; i++)
    if (!load_shape(ctx, &q->lane[i], ld)) return false;
  wr_batch **batch = wr_mem_alloc(size);
  memset(batch, 0, size);
  bool ok = load_rows(ctx, q, batch, ld);
  for (wr_i32 i = 0; i < n; i++) wr_batch_free(batch[i], q->lane[i].kind);
  wr_mem_free(batch, size);
  if (ok) return true;
  wr_sequence_clear(ctx, q);
  return wr_load_damaged(ctx, ld);
}
