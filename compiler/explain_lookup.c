/* explain_lookup.c -- tables, and what reads them or the state of another key, in `weir explain`. */
#include "explain.h"
#include "weir/agg.h"

void explain_table(const Plan *p, const PlanOp *op, FILE *f)
{
  const PlanTable *t = &p->tables.v[op->table];
  const SourceClauses *c = plan_clauses(op);
  const char *refresh = explain_span(p, op->config.v[op->config.n - 1]);
  bool wide = false, text = false;
  int key = 0;

  for (int i = 0; i < t->key.n; i++) {
    wide = op->schema.v[t->key.v[i]].type->props & TP_TEXT;
    key += wide ? 16 : 8;
    text |= wide;
  }
  for (int i = 0; i < t->cells.n; i++) text |= (t->cells.v[i].type->props & TP_TEXT) || t->cells.v[i].type->elem;
  fprintf(f, "[%d] table %s by", op->id, op->name);
  for (int i = 0; i < t->key.n; i++) fprintf(f, "%s %s", i ? "," : "", op->schema.v[t->key.v[i]].name);
  fprintf(f, ": %s%s%s\n", c->from.conn->name, c->format.given ? ", " : "", c->format.given ? c->format.fmt->name : "");
  fprintf(f, "      read before the first row, then %s\n",
          plan_table_fixed(&p->tables.v[op->table]) ? "never again (versions static)"
          : refresh ? arena_printf(p->c->arena, "every %s; a new version is seen from a commit boundary on", refresh)
                    : "followed if its input does not end");
  fprintf(f, "      %d bytes a record (key %d, fields %u, last write 8, index %d)%s; two versions while one is read\n",
          key + (int)t->size + 8 + WR_COST_INDEX, key, t->size, WR_COST_INDEX, text ? ", plus its text" : "");
  fprintf(f, "      bad records %s\n", explain_dest(p, op->bad));
}

void explain_lookup(const Plan *p, const PlanOp *op, FILE *f)
{
  static const char *const misses[] = {
    [JOIN_INNER] = "a row without a match is dropped and counted (a loss point)",
    [JOIN_LEFT] = "a row without a match goes on with nulls and is counted",
    [JOIN_SEMI] = "rows without a match are left out", [JOIN_ANTI] = "rows with a match are left out",
    [JOIN_FULL] = "",
  };
  const PlanTable *t = &p->tables.v[op->table];
  const Schema *s = &op->in.v[0]->schema;
  fprintf(f, "[%d] lookup in %s[%d] <- [%d]:", op->id, t->decl->name.name, t->op->id, op->in.v[0]->id);
  for (int i = 0; i < op->exprs.n; i++) {
    const char *text = px_text((Plan *)p, op->exprs.v[i], s);
    if (i < t->key.n) fprintf(f, "%s %s = %s", i ? "," : "", t->op->schema.v[t->key.v[i]].name, text);
    else fprintf(f, ", %s", text);
  }
  fprintf(f, "\n      %s\n", misses[op->join]);
}

void explain_peek(const Plan *p, const PlanOp *op, FILE *f)
{
  fprintf(f, "[%d] read state %s <- [%d]: the record of", op->id, p->stores.v[op->store].decl->name.name,
          op->in.v[0]->id);
  for (int i = 0; i < op->key->exprs.n; i++)
    fprintf(f, "%s %s", i ? "," : "", px_text((Plan *)p, op->key->exprs.v[i], &op->key->in.v[0]->schema));
  fprintf(f, " as of the row\n");
}
