/* resolve.c -- imports, the names of declarations, and the streams that exist only because an error
 * output names them (feeds). Afterwards Program.decls holds all files' declarations in order.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

typedef struct Imported { const char *identity; uint32_t file; } Imported;
typedef struct Resolver {
  Compiler *c;
  VEC(Imported) files;
  VEC(Decl *) decls;
  int depth;
} Resolver;

enum { IMPORT_DEPTH = 64 };

/* ---- imports ---- */

/* The path as the importing file means it. */
static const char *relative_to(Compiler *c, uint32_t file, const char *path)
{
  const char *base = c->sources.v[file]->path, *slash = strrchr(base, '/');
  if (path[0] == '/' || !slash)
    return path;
  return arena_printf(c->arena, "%.*s/%s", (int)(slash - base), base, path);
}

/* One name for one file, however it was reached. */
static const char *identity(Compiler *c, const char *path)
{
  char real[PATH_MAX];
  return realpath(path, real) ? arena_text(c->arena, real, strlen(real)) : path;
}

static void add_file(Resolver *r, const char *path, uint32_t file)
{
  Imported i = { identity(r->c, path), file };
  vec_push(r->c->arena, &r->files, i);
}

static void take_decls(Resolver *r, int from);

static void import(Resolver *r, Decl *d)
{
  Compiler *c = r->c;
  Name prefix = d->u.import.as.name;
  const char *path = relative_to(c, d->span.file, d->u.import.path), *id = identity(c, path);
  for (int i = 0; i < r->files.n; i++)
    if (strcmp(r->files.v[i].identity, id) == 0) {
      scope_alias(c, d->span.file, r->files.v[i].file, prefix);
      return;
    }
  if (r->depth > IMPORT_DEPTH) {
    diag_error(c, d->u.import.path_span, D_DEPTH, "imports are nested more than %d deep", IMPORT_DEPTH);
    return;
  }
  Source *s = source_read(c, path, d->u.import.path_span);
  if (!s)
    return;
  uint32_t file = (uint32_t)c->sources.n - 1;
  add_file(r, path, file);
  if (prefix)
    scope_file_as(c, file, d->span.file, prefix);
  else
    scope_file(c, file, d->span.file);
  int from = c->program->decls.n;
  parse(c, s);
  r->depth++;
  take_decls(r, from);
  r->depth--;
}

/* Moves the declarations that parse has appended to the result, imports replaced by their files. */
static void take_decls(Resolver *r, int from)
{
  VEC(Decl *) own = { 0 };
  for (int i = from; i < r->c->program->decls.n; i++)
    vec_push(r->c->arena, &own, r->c->program->decls.v[i]);
  r->c->program->decls.n = from;
  for (int i = 0; i < own.n; i++)
    if (own.v[i]->kind == DECL_IMPORT)
      import(r, own.v[i]);
    else
      vec_push(r->c->arena, &r->decls, own.v[i]);
}

static void expand_imports(Compiler *c)
{
  Resolver r = { .c = c };
  uint32_t main_file = c->program->decls.n ? c->program->decls.v[0]->span.file : 0;
  scope_new(c, main_file);
  if ((int)main_file < c->sources.n)
    add_file(&r, c->sources.v[main_file]->path, main_file);
  take_decls(&r, 0);
  if (diag_any_error(c))
    scope_incomplete(c);
  c->program->decls.n = 0;
  for (int i = 0; i < r.decls.n; i++)
    vec_push(c->arena, &c->program->decls, r.decls.v[i]);
}

/* ---- names ---- */

static bool has_name(const Decl *d)
{
  switch (d->kind) {
  case DECL_TYPE: case DECL_SOURCE: case DECL_TABLE: case DECL_STREAM: case DECL_WINDOW: case DECL_STATE:
  case DECL_RULE: case DECL_PARAM: case DECL_FN: case DECL_FEED:
    return true;
  case DECL_SINK: case DECL_ERRORS: case DECL_IMPORT: case DECL_TEST: break;
  }
  return false;
}

static void declare(Compiler *c, Decl *d)
{
  Decl *old = scope_add(c, d);
  if (!old)
    return;
  Diag *diag = diag_error(c, d->name.span, D_DUPLICATE, "`%s` is declared already, as %s", d->name.name,
                          decl_word(old));
  diag_note(c, diag, old->name.span, "first declared here");
}

/* Two sinks of one stream are told apart by `as`. */
static void declare_sink(Compiler *c, Decl *d, int at)
{
  for (int i = 0; i < at; i++) {
    Decl *o = c->program->decls.v[i];
    if (o->kind != DECL_SINK || o->name.name != d->name.name || o->u.sink.as.name != d->u.sink.as.name)
      continue;
    Diag *diag = diag_error(c, d->name.span, D_SINK_TWICE, "`%s` has a sink already", d->name.name);
    diag_note(c, diag, o->name.span, "the other sink");
    diag_hint(c, diag, "name the second one: sink %s as copy { ... }", d->name.name);
    return;
  }
}

/* ---- feeds ---- */

static const char *kind_text(int kind) { return kind == WR_FEED_LATE ? "late rows" : "bad rows"; }

static Decl *new_feed(Compiler *c, Ident name, Span at, int kind)
{
  Ident copy = { name.name, at };
  Decl *d = decl_new(c, DECL_FEED, copy, at);
  d->u.feed.kind = kind;
  vec_push(c->arena, &c->program->decls, d);
  scope_add(c, d);
  return d;
}

static void wrong_feed(Compiler *c, Ident name, Decl *d, int kind)
{
  Diag *diag;
  if (d->kind == DECL_FEED)
    diag = diag_error(c, name.span, D_FEED, "`%s` takes %s already, and cannot take %s too", name.name,
                      kind_text(d->u.feed.kind), kind_text(kind));
  else
    diag = diag_error(c, name.span, D_WRONG_KIND, "`%s` is %s; %s go to a stream of their own", name.name,
                      decl_word(d), kind_text(kind));
  diag_note(c, diag, d->name.span, d->kind == DECL_FEED ? "first used here" : "declared here");
  diag_hint(c, diag, "take another name");
}

/* A stream for rows of that kind; declared ones are compared with its type by check. */
static Decl *feed_for(Compiler *c, Ident name, int kind, Decl *source)
{
  Decl *d = scope_find(c, name.span.file, name.name);
  if (!d)
    d = new_feed(c, name, name.span, kind);
  bool declared = d->kind == DECL_STREAM && d->u.stream.type;
  if (!declared && (d->kind != DECL_FEED || d->u.feed.kind != kind)) {
    wrong_feed(c, name, d, kind);
    return 0;
  }
  if (d->kind == DECL_FEED && source)
    vec_push(c->arena, &d->u.feed.sources, source);
  return d;
}

static void resolve_dest(Compiler *c, Dest *dest, int kind, Decl *source)
{
  if (dest->kind == DEST_TO)
    dest->feed = feed_for(c, dest->to, kind, source);
}

static void resolve_feeds(Compiler *c, Decl *d)
{
  SourceClauses *s = d->kind == DECL_SOURCE ? &d->u.source.c : d->kind == DECL_TABLE && !d->u.table.pipe
      ? &d->u.table.c : 0;
  if (d->kind == DECL_ERRORS) {
    if (c->program->errors) {
      Diag *diag = diag_error(c, d->span, D_ERRORS_TWICE, "a program has one `errors to`");
      diag_note(c, diag, c->program->errors->span, "the other one");
    } else {
      c->program->errors = d;
    }
    d->u.errors.feed = feed_for(c, d->u.errors.to, WR_FEED_BAD, 0);
  }
  if (!s)
    return;
  bool late_first = s->late.span.from < s->bad.span.from;     /* the second one is told off */
  if (late_first)
    resolve_dest(c, &s->late, WR_FEED_LATE, d);
  resolve_dest(c, &s->bad, WR_FEED_BAD, d);
  if (!late_first)
    resolve_dest(c, &s->late, WR_FEED_LATE, d);
  for (int i = 0; i < s->checks.n; i++)
    resolve_dest(c, &s->checks.v[i].dest, WR_FEED_BAD, d);
}

void resolve(Compiler *c)
{
  expand_imports(c);
  int n = c->program->decls.n;
  for (int i = 0; i < n; i++) {
    Decl *d = c->program->decls.v[i];
    if (has_name(d))
      declare(c, d);
    else if (d->kind == DECL_SINK)
      declare_sink(c, d, i);
  }
  for (int i = 0; i < n; i++)
    resolve_feeds(c, c->program->decls.v[i]);
}
