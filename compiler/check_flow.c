/* check_flow.c -- what is known when everything has its type: outputs that nobody reads. */
#include <string.h>
#include "check.h"

/* ---- error outputs that lead nowhere ---- */

static void check_dest(Compiler *c, const Dest *dest, const char *clause, const char *instead)
{
  const Decl *d = dest->feed;
  if (dest->kind != DEST_TO || !d || d->used)
    return;
  Diag *diag = diag_error(c, dest->to.span, D_NOWHERE, "nothing reads `%s`: these rows would be lost", d->name.name);
  diag_hint(c, diag, "add sink %s { to file(\"%s.jsonl\") format json }, or say %s%s", d->name.name, d->name.name, clause, instead);
}

static void check_outputs(Compiler *c, const SourceClauses *s)
{
  check_dest(c, &s->bad, "bad ", "drop");
  check_dest(c, &s->late, "late ", "drop");
  for (int i = 0; i < s->checks.n; i++)
    check_dest(c, &s->checks.v[i].dest, "else ", "drop");
}

/* ---- declarations that nobody reads ---- */

static void warn_unread(Compiler *c, const Decl *d)
{
  bool stream = d->kind == DECL_SOURCE || d->kind == DECL_STREAM || d->kind == DECL_TABLE;
  if (d->used || d->span.file != 0 || !stream)
    return;
  Diag *diag = diag_warning(c, d->name.span, D_UNREAD, "nothing reads `%s`", d->name.name);
  diag_hint(c, diag, "write it somewhere: sink %s { to file(\"-\") format json }", d->name.name);
}

void check_flow(Compiler *c)
{
  for (int i = 0; i < c->program->decls.n; i++) {
    Decl *d = c->program->decls.v[i];
    if (d->kind == DECL_SOURCE)
      check_outputs(c, &d->u.source.c);
    if (d->kind == DECL_TABLE && !d->u.table.pipe)
      check_outputs(c, &d->u.table.c);
    if (d->kind == DECL_ERRORS) {
      Dest dest = { .kind = DEST_TO, .to = d->u.errors.to, .feed = d->u.errors.feed };
      check_dest(c, &dest, "nothing: failures are counted in any case", "");
    }
    warn_unread(c, d);
  }
}
