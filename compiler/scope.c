/* scope.c -- the program's names. A namespace is a number; files map to namespaces, and links say
 * under which prefix (0: none) another namespace is reached. Names are interned: compared as pointers.
 */
#include <string.h>
#include "scope.h"

enum { BUCKETS = 1024, LONGEST_GUESS = 40, LINK_DEPTH = 32 };

typedef struct Entry { int ns; Name name; Decl *decl; struct Entry *next; } Entry;
typedef struct Link { int from, to; Name prefix; } Link;
struct Scope {
  VEC(int) ns;                            /* by file */
  int spaces;
  bool incomplete;
  int depth;
  VEC(Link) links;
  Entry *bucket[BUCKETS];
};

static int space_of(Scope *s, uint32_t file)
{
  return (int)file < s->ns.n ? s->ns.v[file] : 0;
}

static void set_space(Compiler *c, uint32_t file, int ns)
{
  Scope *s = c->scope;
  while (s->ns.n <= (int)file)
    vec_push(c->arena, &s->ns, 0);
  s->ns.v[file] = ns;
}

Scope *scope_new(Compiler *c, uint32_t main_file)
{
  c->scope = arena_alloc(c->arena, sizeof *c->scope);
  c->scope->spaces = 1;
  set_space(c, main_file, 0);
  return c->scope;
}

void scope_incomplete(Compiler *c) { c->scope->incomplete = true; }
int *scope_depth(Compiler *c) { return &c->scope->depth; }
bool scope_complete(const Compiler *c) { return !c->scope->incomplete; }

void scope_file(Compiler *c, uint32_t file, uint32_t like) { set_space(c, file, space_of(c->scope, like)); }

void scope_file_as(Compiler *c, uint32_t file, uint32_t from, Name prefix)
{
  set_space(c, file, c->scope->spaces++);
  scope_alias(c, from, file, prefix);
}

void scope_alias(Compiler *c, uint32_t from, uint32_t to, Name prefix)
{
  Link l = { space_of(c->scope, from), space_of(c->scope, to), prefix };
  if (l.from != l.to || prefix)
    vec_push(c->arena, &c->scope->links, l);
}

static Entry **bucket(Scope *s, int ns, Name name)
{
  uintptr_t h = ((uintptr_t)name >> 4) * 0x9e3779b1u + (uintptr_t)ns;
  return &s->bucket[(h ^ h >> 16) & (BUCKETS - 1)];
}

static Decl *find_here(Scope *s, int ns, Name name)
{
  for (Entry *e = *bucket(s, ns, name); e; e = e->next)
    if (e->ns == ns && e->name == name)
      return e->decl;
  return 0;
}

Decl *scope_add(Compiler *c, Decl *d)
{
  Scope *s = c->scope;
  int ns = space_of(s, d->span.file);
  Decl *old = find_here(s, ns, d->name.name);
  if (old)
    return old;
  Entry *e = arena_alloc(c->arena, sizeof *e), **at = bucket(s, ns, d->name.name);
  *e = (Entry){ ns, d->name.name, d, *at };
  *at = e;
  return 0;
}

/* Own names first, then those reached without a prefix. */
static Decl *find_in(Scope *s, int ns, Name name, int depth)
{
  Decl *d = find_here(s, ns, name);
  for (int i = 0; !d && depth < LINK_DEPTH && i < s->links.n; i++)
    if (s->links.v[i].from == ns && !s->links.v[i].prefix)
      d = find_in(s, s->links.v[i].to, name, depth + 1);
  return d;
}

Decl *scope_find(Compiler *c, uint32_t file, Name name)
{
  return find_in(c->scope, space_of(c->scope, file), name, 0);
}

Decl *scope_find_path(Compiler *c, uint32_t file, const Path *p, int *used)
{
  Scope *s = c->scope;
  int ns = space_of(s, file);
  for (int i = 0; p->parts.n > 1 && i < s->links.n; i++) {
    Link *l = &s->links.v[i];
    if (l->from != ns || l->prefix != p->parts.v[0].name)
      continue;
    Decl *d = find_in(s, l->to, p->parts.v[1].name, 0);
    *used = 2;
    if (d)
      return d;
  }
  *used = 1;
  return find_in(s, ns, p->parts.v[0].name, 0);
}

/* ---- did you mean ---- */

static char fold(char ch) { return ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch; }

static int least(int a, int b, int c) { return a < b ? (a < c ? a : c) : b < c ? b : c; }

/* Letters to insert, drop, change or swap; case counts nothing. */
static int distance(const char *a, const char *b)
{
  int n = (int)strlen(a), m = (int)strlen(b);
  int row[3][LONGEST_GUESS + 1];
  if (n > LONGEST_GUESS || m > LONGEST_GUESS)
    return LONGEST_GUESS;
  for (int j = 0; j <= m; j++)
    row[0][j] = j;
  for (int i = 1; i <= n; i++) {
    int *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
    now[0] = i;
    for (int j = 1; j <= m; j++) {
      bool same = fold(a[i - 1]) == fold(b[j - 1]);
      now[j] = least(last[j] + 1, now[j - 1] + 1, last[j - 1] + !same);
      if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]) &&
          before[j - 2] + 1 < now[j])
        now[j] = before[j - 2] + 1;
    }
  }
  return row[n % 3][m];
}

Guess guess_for(const char *want)
{
  int length = (int)strlen(want);
  return (Guess){ want, 0, length < 3 ? 2 : length / 3 + 2 };  /* only what is nearer than this */
}

void guess_offer(Guess *g, const char *candidate)
{
  if (!candidate || !*candidate)
    return;
  int d = distance(g->want, candidate);
  if (d < g->distance && d < (int)strlen(candidate)) {
    g->distance = d;
    g->best = candidate;
  }
}

/* How a file of the namespace writes the name, or 0. */
static const char *reached_as(Compiler *c, int ns, const Entry *e)
{
  Scope *s = c->scope;
  if (e->ns == ns)
    return e->name;
  for (int i = 0; i < s->links.n; i++)
    if (s->links.v[i].from == ns && s->links.v[i].to == e->ns)
      return s->links.v[i].prefix ? arena_printf(c->arena, "%s.%s", s->links.v[i].prefix, e->name) : e->name;
  return 0;
}

void guess_decls(Compiler *c, Guess *g, uint32_t file, unsigned kinds)
{
  Scope *s = c->scope;
  int ns = space_of(s, file);
  for (int i = 0; i < BUCKETS; i++)
    for (Entry *e = s->bucket[i]; e; e = e->next)
      if (kinds >> e->decl->kind & 1)
        guess_offer(g, reached_as(c, ns, e));
}

bool guess_hint(Compiler *c, Diag *d, const Guess *g)
{
  if (!g->best)
    return false;
  diag_hint(c, d, "did you mean `%s`?", g->best);
  return true;
}
