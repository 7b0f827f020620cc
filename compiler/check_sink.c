/* check_sink.c -- sinks: what goes where, in which form. */
#include <string.h>
#include "check.h"

static void check_columns(Compiler *c, Decl *d, Paths *paths, const Shape *s, const char *what)
{
  Env env = env_pipe(c, d->span.file, s, d->name.name);
  for (int i = 0; i < paths->n; i++) {
    Type *t = check_column(&env, &paths->v[i], 0, what);
    if (!is_error(t) && !(t->props & TP_KEY))
      diag_error(c, paths->v[i].span, D_KEY_TYPE, "%s cannot be a key", type_text(c, t));
  }
}

static void check_changes(Compiler *c, Decl *d, const Shape *s)
{
  static const char *const modes[] = { "upsert", "log", "final" };
  Ident mode = d->u.sink.changes;
  bool known = false;
  Guess g = guess_for(mode.name ? mode.name : "");
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    guess_offer(&g, modes[i]);
    known |= mode.name && strcmp(modes[i], mode.name) == 0;
  }
  if (mode.name && !known) {
    Diag *diag = diag_error(c, mode.span, D_UNKNOWN_WORD,
                            "changes are written as `upsert`, `log` or `final`, not `%s`", mode.name);
    guess_hint(c, diag, &g);
  } else if (mode.name && !s->updating) {
    Diag *diag = diag_error(c, mode.span, D_CHANGES, "`%s` is append-only: its rows never change",
                            d->name.name);
    diag_hint(c, diag, "leave `changes` out");
  } else if (!mode.name && s->updating) {
    Diag *diag = diag_error(c, d->name.span, D_CHANGES,
                            "the rows of `%s` are updated: the sink says how it takes changes", d->name.name);
    if (s->updating_why.to)
      diag_note(c, diag, s->updating_why, "updating since here");
    diag_hint(c, diag,
              "changes upsert (with key), changes log, or changes final (the content at the end of the input)");
  } else if (mode.name && strcmp(mode.name, "upsert") == 0 && !d->u.sink.key.n) {
    diag_error(c, mode.span, D_CHANGES, "`changes upsert` needs the key by which rows are replaced: key %s",
               s->row->kind == T_REC && s->row->fields.n ? s->row->fields.v[0].name : "id");
  }
}

static void check_keyed(Compiler *c, Decl *d)
{
  const ConnRow *to = d->u.sink.to.conn;
  if (!d->u.sink.partition_by.n || !to || !to->conn || to->conn->keyed)
    return;
  Diag *diag = diag_error(c, d->u.sink.partition_by.v[0].span, D_PARTITION,
                          "`partition by` is the key of the records, and %s's have none", to->name);
  diag_hint(c, diag, "leave it out; to kafka(...) has keys");
}

void check_sink(Compiler *c, Decl *d)
{
  Decl *in = find_input(c, d->span.file, d->name, true);
  Shape s = in && in->type ? in->shape : shape_error(c);
  Type *row = s.row;
  d->u.sink.input = in;
  d->type = row;
  d->shape = s;
  if (!d->u.sink.to.given) {
    Diag *diag = diag_error(c, d->name.span, D_MISSING_CLAUSE, "the sink does not say where the rows go");
    diag_hint(c, diag, "to file(\"%s.jsonl\")", d->name.name);
  } else {
    check_connector(c, &d->u.sink.to, d->span.file, true, row);
    check_format(c, &d->u.sink.format, &d->u.sink.to, d->span.file, true, row, d->u.sink.to.span);
  }
  check_columns(c, d, &d->u.sink.key, &s, "`key`");
  check_columns(c, d, &d->u.sink.partition_by, &s, "`partition by`");
  check_keyed(c, d);
  bool told = in && in->kind == DECL_STREAM && in->u.stream.pipe && in->u.stream.pipe->out.updating;
  if (!is_error(row) && !told)
    check_changes(c, d, &s);
}
