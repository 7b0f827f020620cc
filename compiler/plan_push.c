/* plan_push.c -- the rewrite push_filter: a source's first filter runs inside its decoder.
 *
 * The decoder reads the early fields of a record, those of the filter and the event time, and the
 * others only of rows that pass. Which rows are bad depends on it (a late field of a rejected row is
 * not looked at), so it must depend on the program alone. The format says which kinds of fields are
 * dear enough to wait for: numbers and times of JSON, whatever of CSV.
 */
#include "plan.h"

static bool reads_meta(const PExpr *x)
{
  bool meta = x->kind == PX_META;
  for (int i = 0; i < x->na; i++) meta |= reads_meta(x->a[i]);
  return meta;
}

typedef struct Seen { const Schema *schema; bool meta; } Seen;

static void see_meta(void *arg, int col)
{
  Seen *seen = arg;
  seen->meta |= seen->schema->v[col].meta != 0;
}

/* The decoder has the record's bytes and nothing that came beside them. */
static bool needs_meta(const PlanOp *source, const PExpr *filter)
{
  Seen seen = { &source->schema, source->time_col >= 0 && source->schema.v[source->time_col].meta };
  px_columns(filter, see_meta, &seen);
  return seen.meta || reads_meta(filter);
}

/* Do all rows of the source go through this filter first, and does nobody want the whole of one that
 * it rejects? */
static bool pushable(const PlanOp *source)
{
  const SourceClauses *c = &source->decl->u.source.c;
  const PlanOp *where = source->out.n == 1 ? source->out.v[0] : NULL;
  if (!where || where->kind != OPK_WHERE || where->exprs.v[0]->fallible) return false;
  if (needs_meta(source, where->exprs.v[0])) return false;
  if (!c->format.given) return false;
  return !source->strict && !source->checks.n && source->late < 0;
}

static void mark_early(void *early, int col) { ((bool *)early)[col] = true; }

/* A field of the record is early as a whole. */
static void widen(PlanOp *source)
{
  const Type *row = source->decl->shape.row;
  for (int i = 0; i < row->fields.n; i++) {
    int from = plan_field_leaf(row, i), to = plan_field_leaf(row, i + 1);
    bool early = false;
    for (int k = from; k < to; k++) early |= source->early[k];
    for (int k = from; k < to; k++) source->early[k] = early;
  }
}

static void find_early(Plan *p, PlanOp *source)
{
  source->early = arena_alloc(p->c->arena, ((size_t)source->schema.n + 1) * sizeof *source->early);
  px_columns(source->out.v[0]->exprs.v[0], mark_early, source->early);
  if (source->time_col >= 0) source->early[source->time_col] = true;
  widen(source);
}

/* Is there a field that waits, and is dear enough? */
static bool pays(const PlanOp *source)
{
  uint32_t dear = source->decl->u.source.c.format.fmt->fmt->filters;
  for (int i = 0; i < source->schema.n; i++) {
    const PCol *c = &source->schema.v[i];
    if (c->needed && !source->early[i] && (dear >> c->type->kind & 1)) return true;
  }
  return false;
}

void plan_push_filter(Plan *p)
{
  for (int i = 0; i < p->sources.n; i++) {
    PlanOp *source = p->sources.v[i];
    if (!pushable(source)) continue;
    find_early(p, source);
    if (!pays(source)) continue;
    source->filter = source->out.v[0];
    plan_note(p, source->filter, "runs in the decoder: other fields are read only of rows that pass");
  }
}

bool plan_pushed(const PlanOp *op) { return op->kind == OPK_WHERE && op->in.v[0]->filter == op; }
