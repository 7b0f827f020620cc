/* emit_lookup.c -- lookups in a row loop, and the tables' constants.
 *
 * The function of a lookup hashes the key, finds the record and leaves its address in the row (`w->l7`);
 * what reads a column of it later reads the record. A left join that found nothing leaves the address of a
 * blank record, and WR_NULL in `w->m7`. A null key finds nothing.
 */
#include <string.h>
#include "emit.h"

static const char *quoted(Emit *e, const char *s) { return cunit_string(e->u, s, strlen(s)); }

static const char *record_name(Emit *e, int table)
{
  return cunit_ident(e->u, "t", table, e->p->tables.v[table].decl->name.name);
}

static const char *cell_name(Emit *e, const PlanTable *t, int col)
{
  return cunit_ident(e->u, "f", col, t->op->schema.v[col].name);
}

static bool as_flag(const Type *t) { return t->kind == T_BOOL || t->kind == T_REC; }

void emit_records(Emit *e)
{
  Section was = cunit_to(e->u, SEC_TYPES);
  for (int i = 0; i < e->p->tables.n; i++) {
    const PlanTable *t = &e->p->tables.v[i];
    cunit_line(e->u, "/* a record of table %s */", cunit_comment(e->u, t->decl->name.name));
    cunit_open(e->u, "typedef struct %s", record_name(e, i));
    for (int k = 0; k < t->cells.n; k++)
      cunit_line(e->u, "%s %s;", as_flag(t->cells.v[k].type) ? "wr_i64" : emit_ctype(t->cells.v[k].type),
                 cell_name(e, t, t->col.v[k]));
    for (int k = 0; k < t->cells.n; k++)
      if (t->cells.v[k].type->nullable) cunit_line(e->u, "wr_u8 n%s;  /* null? */", cell_name(e, t, t->col.v[k]) + 1);
    if (!t->cells.n) cunit_line(e->u, "wr_i64 none;");
    cunit_close(e->u, S(e, " %s;", record_name(e, i)));
    cunit_line(e->u, "%s", "");
  }
  cunit_to(e->u, was);
}

/* ---- reading a record ---- */

static Val cell_of(Emit *e, const PlanTable *t, int col, const char *record)
{
  const Type *type = t->op->schema.v[col].type;
  const char *name = cell_name(e, t, col);
  return (Val){ S(e, "%s%s->%s", as_flag(type) ? "(wr_i32)" : "", record, name),
                type->nullable ? S(e, "-(wr_i32)%s->n%s", record, name + 1) : NULL };
}

Val emit_found(Emit *e, const PExpr *x)
{
  return cell_of(e, &e->p->tables.v[x->u.found.table], x->u.found.col, "rec");
}

Val emit_lookup_column(Emit *e, const PlanOp *op, int col)
{
  int at = plan_table_col(op, col);
  if (at == -1) return (Val){ S(e, "(w->m%d == 0)", op->id), NULL };
  const char *record = S(e, "w->l%d", op->id);
  Val v = op->kind == OPK_PEEK ? emit_state_cell(e, op->store, at, record)
                               : cell_of(e, &e->p->tables.v[op->table], at, record);
  if (op->join == JOIN_LEFT) v.s = v.s ? S(e, "(w->m%d | %s)", op->id, v.s) : S(e, "w->m%d", op->id);
  return v;
}

static const char *type_of_record(Emit *e, const PlanOp *op)
{
  return op->kind == OPK_PEEK ? emit_state_record(e, op->store) : record_name(e, op->table);
}

void emit_lookup_row(Emit *e, const PlanOp *op)
{
  if (op->join != JOIN_INNER && op->join != JOIN_LEFT) return;
  cunit_line(e->u, "const %s *l%d;", type_of_record(e, op), op->id);
  if (op->join == JOIN_LEFT) cunit_line(e->u, "wr_status m%d;", op->id);
}

/* ---- the lookup ---- */

static const char *any_null(Emit *e, const Val *v, int n)
{
  const char *text = "";
  for (int i = 0; i < n; i++)
    if (v[i].s) text = S(e, "%s%s%s != 0", text, *text ? " || " : "", v[i].s);
  return text;
}

static void find_record(Emit *e, const PlanOp *op, int nkey)
{
  Val *v = arena_alloc(e->a, ((size_t)nkey + 1) * sizeof *v);
  const char *kinds = "";
  int words = 0;

  for (int i = 0; i < nkey; i++) {
    v[i] = emit_settled(e, op->exprs.v[i]);
    kinds = S(e, "%s%s, ", kinds, emit_kind(op->exprs.v[i]->type));
    words += 1 + ((op->exprs.v[i]->type->props & TP_TEXT) != 0);
  }
  cunit_line(e->u, "const %s *rec = 0;", record_name(e, op->table));
  cunit_line(e->u, "static const wr_u8 kind[] = { %s0 };", kinds);
  cunit_line(e->u, "wr_slot key[%d];", nkey);
  cunit_line(e->u, "wr_u64 word[%d];", words);
  const char *null = any_null(e, v, nkey);
  if (*null) cunit_open(e->u, "if (!(%s))", null);
  for (int i = 0; i < nkey; i++)          /* tcc takes no structs in an initialiser */
    cunit_line(e->u, "key[%d] = %s;", i, emit_to_slot(e, op->exprs.v[i]->type, (Val){ v[i].v, NULL }));
  cunit_line(e->u, "const wr_u32 hash = wr_key_hash(kind, %d, key, word);", nkey);
  cunit_line(e->u, "rec = wr_lookup_find(ctx, %d, word, hash);", op->table);
  if (*null) cunit_close(e->u, "");
}

static void judge_record(Emit *e, const PExpr *x, const char *rec)
{
  cunit_open(e->u, "if (%s)", rec);
  Val v = emit_settled(e, x);
  cunit_line(e->u, v.s ? "if (!(%s && %s == 0)) %s = 0;" : "if (!(%s)) %.0s%s = 0;", v.v, v.s ? v.s : "", rec);
  cunit_close(e->u, "");
}

static void count_miss(Emit *e, const PlanOp *op)
{
  if (op->quiet || (op->join != JOIN_INNER && op->join != JOIN_LEFT)) return;
  cunit_line(e->u, "if (!rec) wr_lookup_missed(ctx, %d, %d);", op->table, op->join == JOIN_INNER);
}

static void begin_lookup(Emit *e, const PlanOp *op, const Pipeline *pipe, const char *verb)
{
  if (op->join == JOIN_LEFT) cunit_line(e->u, "static const %s op%d_blank;", type_of_record(e, op), op->id);
  emit_begin(e, op, pipe, verb);
}

static void end_lookup(Emit *e, const PlanOp *op, const char *rec)
{
  if (op->join == JOIN_INNER) cunit_line(e->u, "w->l%d = %s;", op->id, rec);
  if (op->join == JOIN_LEFT) {
    cunit_line(e->u, "w->l%d = %s ? %s : &op%d_blank;", op->id, rec, rec, op->id);
    cunit_line(e->u, "w->m%d = %s ? 0 : WR_NULL;", op->id, rec);
    cunit_line(e->u, "return 1;");
  } else {
    cunit_line(e->u, "return %s %s 0;", rec, op->join == JOIN_ANTI ? "==" : "!=");
  }
  emit_end(e);
}

void emit_lookup(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  int nkey = e->p->tables.v[op->table].key.n;
  begin_lookup(e, op, pipe, "lookup");
  find_record(e, op, nkey);
  for (int i = nkey; i < op->exprs.n; i++) judge_record(e, op->exprs.v[i], "rec");
  count_miss(e, op);
  end_lookup(e, op, "rec");
}

/* A state has a record for every key: its initial values. */
void emit_peek(Emit *e, const PlanOp *op, const Pipeline *pipe)
{
  const char *rec = S(e, "rec%d", op->store);
  begin_lookup(e, op, pipe, "read");
  cunit_line(e->u, "const %s *%s = wr_store_read(ctx, %d, w->k%d, w->h%d, b->time[r]);", type_of_record(e, op), rec,
             op->store, op->key->id, op->key->id);
  for (int i = 0; i < op->exprs.n; i++) judge_record(e, op->exprs.v[i], rec);
  end_lookup(e, op, rec);
}

/* ---- the program's tables ---- */

static void emit_cells(Emit *e, const char *name, const PlanCell *cell, int n)
{
  const char **rows = arena_alloc(e->a, ((size_t)n + 1) * sizeof *rows);
  for (int i = 0; i < n; i++)
    rows[i] = S(e, "{ %s, %s, %u, %u, 0 },", quoted(e, cell[i].name), emit_type(e, cell[i].type), cell[i].off,
                cell[i].st);
  cunit_open(e->u, "static const wr_cell %s[] =", name);
  for (int i = 0; i < n; i++) cunit_line(e->u, "%s", rows[i]);
  if (!n) cunit_line(e->u, "{ 0 }");
  cunit_close(e->u, ";");
}

static void emit_places(Emit *e, const char *name, const PlanTable *t, const int *col, int n)
{
  const char *text = "";
  for (int i = 0; i < n; i++) text = S(e, "%s%d, ", text, t->op->col_at[col[i]]);
  cunit_line(e->u, "static const wr_i32 %s[] = { %s0 };", name, text);
}

static void emit_table(Emit *e, int i)
{
  const PlanTable *t = &e->p->tables.v[i];
  PlanCell *key = arena_alloc(e->a, ((size_t)t->key.n + 1) * sizeof *key);
  for (int k = 0; k < t->key.n; k++)
    key[k] = (PlanCell){ .name = t->op->schema.v[t->key.v[k]].name, .type = t->op->schema.v[t->key.v[k]].type };
  emit_cells(e, S(e, "table%d_key", i), key, t->key.n);
  emit_cells(e, S(e, "table%d_fields", i), t->cells.v, t->cells.n);
  emit_places(e, S(e, "table%d_key_at", i), t, t->key.v, t->key.n);
  emit_places(e, S(e, "table%d_field_at", i), t, t->col.v, t->cells.n);
  cunit_open(e->u, "static const wr_store table%d_store =", i);
  cunit_line(e->u, "%s, %d, -1, %d, %d, table%d_key, table%d_fields, %u, 0, \"\", 0", quoted(e, t->decl->name.name),
             t->op->id, t->key.n, t->cells.n, i, i, t->size);
  cunit_close(e->u, ";");
  cunit_open(e->u, "static const wr_lookup lookup%d =", i);
  cunit_line(e->u, "&table%d, &table%d_store, table%d_key_at, table%d_field_at, %d", i, i, i, i, plan_table_fixed(t));
  cunit_close(e->u, ";");
}

void emit_lookups(Emit *e)
{
  const char *text = "";
  for (int i = 0; i < e->p->tables.n; i++) {
    emit_table(e, i);
    text = S(e, "%s&lookup%d, ", text, i);
  }
  cunit_line(e->u, "static const wr_lookup *const all_lookup[] = { %s0 };", text);
}
