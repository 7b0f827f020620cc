/* check.c -- the pass: every declaration is checked, in order of the text (what one needs is checked
 * before it, on demand), then what is known only when all have their types.
 */
#include <string.h>
#include "check.h"

/* `bad to s` where s is a declared stream: it must have the type of such rows. */
static void check_declared_feed(Compiler *c, const Dest *dest, Decl *source, bool late)
{
  Decl *d = dest->feed;
  if (!d || d->kind != DECL_STREAM || !d->type || is_error(d->type))
    return;
  Type *want = late ? late_record(c, source->type ? source->type : t_error(c)) : bad_record(c);
  if (type_same(d->type, want))
    return;
  Diag *diag = diag_error(c, dest->to.span, D_FEED, "`%s` is declared with another type than %s rows have",
                          d->name.name, late ? "late" : "bad");
  diag_note(c, diag, d->name.span, "declared here");
  diag_hint(c, diag, "leave its declaration out: the name alone makes the stream");
}

static void check_declared_feeds(Compiler *c)
{
  for (int i = 0; i < c->program->decls.n; i++) {
    Decl *d = c->program->decls.v[i];
    SourceClauses *s = d->kind == DECL_SOURCE ? &d->u.source.c : d->kind == DECL_TABLE && !d->u.table.pipe
        ? &d->u.table.c : 0;
    if (d->kind == DECL_ERRORS) {
      Dest dest = { .feed = d->u.errors.feed, .to = d->u.errors.to };
      check_declared_feed(c, &dest, d, false);
    }
    if (!s)
      continue;
    check_declared_feed(c, &s->bad, d, false);
    check_declared_feed(c, &s->late, d, true);
    for (int k = 0; k < s->checks.n; k++)
      check_declared_feed(c, &s->checks.v[k].dest, d, false);
  }
}

void check(Compiler *c)
{
  if (!scope_complete(c))
    return;
  for (int i = 0; i < c->program->decls.n; i++)
    check_decl(c, c->program->decls.v[i]);
  check_declared_feeds(c);
  check_flow(c);
  check_later(c);
}
