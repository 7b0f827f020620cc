/* fmt_rig.h -- what tests of formats and connectors stand on: a context that records what it is told.
 *
 * The runtime's functions that belong to a run are weak here, so that a test links with the files
 * that it is about and no more.
 */
#ifndef FMT_RIG_H
#define FMT_RIG_H
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "rt_internal.h"

typedef struct rig_bad { enum wr_err kind; char field[64]; wr_i64 off; char raw[64]; } rig_bad;
typedef struct rig {
  wr_ctx ctx;                             /* first: a wr_ctx * is a rig * */
  void **block;
  size_t nblock, cap;
  rig_bad bad[64];
  int nbad, rejected;
  int exit_code;                          /* of the first wr_error */
  char message[256];
  bool closed;                            /* wr_output_closed was called */
  char place[256];
  wr_i32 partition;                       /* of the place */
  wr_ts now;
  wr_regex *regex;
} rig;

#define RIG_WEAK __attribute__((weak))
#define RIG(ctx) ((rig *)(void *)(ctx))

RIG_WEAK void *wr_alloc(wr_ctx *ctx, wr_u32 n)
{
  rig *r = RIG(ctx);

  if (r->nblock == r->cap) {
    r->cap = r->cap ? r->cap * 2 : 64;
    r->block = realloc(r->block, r->cap * sizeof *r->block);
  }
  return r->block[r->nblock++] = malloc(n ? n : 1);
}

RIG_WEAK void wr_error(wr_ctx *ctx, int code, const char *hint, const char *fmt, ...)
{
  rig *r = RIG(ctx);
  va_list ap;

  (void)hint;
  if (r->exit_code) return;
  r->exit_code = code;
  va_start(ap, fmt);
  vsnprintf(r->message, sizeof r->message, fmt, ap);
  va_end(ap);
}

RIG_WEAK bool wr_failed(wr_ctx *ctx) { return RIG(ctx)->exit_code != 0; }

RIG_WEAK void wr_record_failed(wr_ctx *ctx, const wr_source *s, wr_str raw, wr_i64 off, enum wr_err kind,
                               const char *field)
{
  rig *r = RIG(ctx);
  rig_bad *b = &r->bad[r->nbad++ % 64];

  (void)s;
  b->kind = kind;
  b->off = off;
  snprintf(b->field, sizeof b->field, "%s", field ? field : "");
  snprintf(b->raw, sizeof b->raw, "%.*s", (int)raw.len, raw.p);
}

RIG_WEAK void wr_row_rejected(wr_ctx *ctx, const wr_source *s, const wr_batch *b)
{
  (void)s;
  (void)b;
  RIG(ctx)->rejected++;
}

RIG_WEAK void wr_partition_bytes(wr_ctx *ctx, const wr_source *s, wr_i32 partition, wr_i64 more)
{
  (void)ctx, (void)s, (void)partition, (void)more;
}

RIG_WEAK void wr_input_place(wr_ctx *ctx, const wr_source *s, wr_i32 partition, const char *file)
{
  (void)s;
  RIG(ctx)->partition = partition;
  snprintf(RIG(ctx)->place, sizeof RIG(ctx)->place, "%s", file);
}

RIG_WEAK void wr_output_closed(wr_ctx *ctx) { RIG(ctx)->closed = true; }
RIG_WEAK void wr_output_shown(wr_ctx *ctx) { (void)ctx; }
RIG_WEAK bool wr_keeps(wr_ctx *ctx) { (void)ctx; return false; }
RIG_WEAK bool wr_resumes(wr_ctx *ctx, const void *def) { (void)ctx, (void)def; return false; }
RIG_WEAK void wr_note(wr_ctx *ctx, const char *fmt, ...) { (void)ctx, (void)fmt; }
RIG_WEAK wr_ts wr_clock_now(wr_ctx *ctx) { return RIG(ctx)->now; }

static inline void rig_forget(rig *r)     /* as between batches: everything from wr_alloc dies */
{
  while (r->nblock) free(r->block[--r->nblock]);
}

static inline void rig_free(rig *r)
{
  rig_forget(r);
  free(r->block);
  memset(r, 0, sizeof *r);
}

/* A batch that fits a record type: one column per leaf with a column. */
typedef struct rig_shape { wr_u8 kind[64], nullable[64]; wr_i32 n; } rig_shape;

static inline void rig_columns(rig_shape *s, const wr_type *t, bool inside)
{
  for (wr_u32 i = 0; i < t->n; i++) {
    const wr_field *f = &t->fields[i];
    bool may = inside || f->type->nullable;
    if (f->col >= 0) {
      s->kind[f->col] = f->type->kind;
      s->nullable[f->col] = may && f->type->kind != WR_REC;
      if (f->col >= s->n) s->n = f->col + 1;
    }
    if (f->type->kind == WR_REC) rig_columns(s, f->type, may);
  }
}

static inline wr_batch *rig_batch(rig_shape *s, const wr_type *t, wr_i32 cap)
{
  memset(s, 0, sizeof *s);
  rig_columns(s, t, false);
  return wr_batch_new(s->n, s->kind, s->nullable, cap, true);
}

#define RIG_STR(text) ((wr_str){ (text), (wr_u32)strlen(text), 0 })
#endif
