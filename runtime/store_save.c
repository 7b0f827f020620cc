/* store_save.c -- states in checkpoints: what the fields are, then every record, key first.
 *
 * Fields are found again by name. A new one begins with its initial value; one that is gone, or whose type
 * does not hold all former values, makes the loader refuse, and so does another key.
 */
#include "store.h"

static wr_ts *last_of(const wr_stored *s, char *cell) { return (wr_ts *)(cell + s->lay.head); }

/* Of a record's presence only that counts: its fields are cells of their own. */
static const wr_type *type_of(const wr_cell *f)
{
  static const wr_type presence = { .kind = WR_BOOL };
  return f->type->kind == WR_REC ? &presence : f->type;
}

void wr_stored_save(wr_ctx *ctx, const wr_stored *s, wr_saver *v)
{
  const wr_store *d = s->def;
  const wr_table *t = &s->table;
  (void)ctx;
  wr_save_key_types(v, d->key, d->nkey);
  wr_save_u32(v, (wr_u32)d->nfield);
  for (wr_i32 i = 0; i < d->nfield; i++) {
    wr_save_str(v, (wr_str){ d->field[i].name, (wr_u32)strlen(d->field[i].name), 0 });
    wr_save_type(v, type_of(&d->field[i]));
  }
  wr_save_u32(v, t->used);
  for (wr_u32 no = t->base; no < t->next; no++) {
    char *cell = wr_cell_at(t, no);
    if (*last_of(s, cell) == WR_TS_MIN) continue;
    wr_save_key(v, &s->lay, d->key, (wr_u64 *)cell);
    wr_save_i64(v, *last_of(s, cell));
    for (wr_i32 i = 0; i < d->nfield; i++)
      wr_save_slot(v, d->field[i].type, wr_field_slot(&d->field[i], cell + s->lay.state));
  }
}

/* ---- loading ---- */

typedef struct saved_field {
  const wr_cell *to;
  wr_reading as;
} saved_field;

static const wr_cell *field_named(const wr_store *d, wr_str name)
{
  for (wr_i32 i = 0; i < d->nfield; i++)
    if (strlen(d->field[i].name) == name.len && !memcmp(d->field[i].name, name.p, name.len)) return &d->field[i];
  return NULL;
}

static bool twice(const saved_field *f, wr_u32 n)
{
  for (wr_u32 i = 0; i < n; i++)
    if (f[i].to == f[n].to) return true;
  return false;
}

static bool load_fields(wr_ctx *ctx, const wr_store *d, wr_loader *l, saved_field *f, wr_u32 n)
{
  for (wr_u32 i = 0; i < n; i++) {
    wr_str name = wr_load_str(l), type = wr_load_str(l);
    if (l->bad) return wr_load_damaged(ctx, l);
    f[i].to = field_named(d, name);
    if (!f[i].to) return wr_load_refuse(ctx, l, "its field `%.*s` was removed", (int)name.len, name.p);
    if (twice(f, i)) return wr_load_damaged(ctx, l);
    if (wr_reading_open(ctx, &f[i].as, type, type_of(f[i].to))) continue;
    return wr_load_refuse(ctx, l, "the type of its field `%s` was %.*s", f[i].to->name, (int)type.len, type.p);
  }
  return true;
}

/* Bare scalars go into the record as they are, like generated code does. */
static void put(wr_stored *s, char *rec, const wr_cell *f, wr_slot v)
{
  if (wr_kind_held(f->type->kind)) {
    wr_stored_set(s, rec, f, v);
    return;
  }
  memcpy(rec + f->off, &v.u.i, sizeof v.u.i);
  if (f->st) rec[f->st] = v.st ? WR_ST_NULL : 0;
}

static bool load_record(wr_ctx *ctx, wr_stored *s, wr_loader *l, const saved_field *f, wr_u32 n,
                        const wr_reading *key, wr_u64 *word)
{
  wr_u32 hash;
  if (!wr_load_key(ctx, l, &s->lay, key, word, &hash)) return false;
  wr_ts last = wr_load_i64(l);
  if (l->bad || wr_table_entry(&s->table, hash, word)->no) return wr_load_damaged(ctx, l);
  char *rec = wr_stored_make(s, word, hash, last);
  for (wr_u32 i = 0; i < n; i++) {
    wr_slot v = wr_reading_of(ctx, &f[i].as, wr_load_slot(ctx, l, f[i].as.was));
    if (l->bad || (v.st && !f[i].to->st)) return wr_load_damaged(ctx, l);
    put(s, rec, f[i].to, v);
  }
  return true;
}

bool wr_stored_load(wr_ctx *ctx, wr_stored *s, wr_loader *l)
{
  const wr_store *d = s->def;
  const wr_reading *key = wr_load_key_types(ctx, l, d->key, d->nkey);
  if (!key) return false;
  wr_u32 n = wr_load_u32(l);
  if (l->bad) return wr_load_damaged(ctx, l);
  if (n > (wr_u32)d->nfield) return wr_load_refuse(ctx, l, "it had %u fields and has %d", n, d->nfield);
  saved_field *f = wr_alloc(ctx, (n + 1) * (wr_u32)sizeof *f);
  wr_u64 *word = wr_alloc(ctx, (s->lay.words + 1) * 8);
  if (!load_fields(ctx, d, l, f, n)) return false;
  wr_u32 records = wr_load_u32(l);
  bool ok = !l->bad || wr_load_damaged(ctx, l);
  for (wr_u32 i = 0; i < records && ok; i++) ok = load_record(ctx, s, l, f, n, key, word);
  if (!ok) wr_stored_clear(ctx, s);
  wr_stored_settle(ctx, s);
  return ok;
}
