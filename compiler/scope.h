/* scope.h -- names of declarations, and "did you mean". */
#ifndef WEIR_SCOPE_H
#define WEIR_SCOPE_H
#include "ast.h"

/* A file imported without `as` shares its importer's namespace; one imported `as p` has its own, whose
 * names are reached as p.name. Every name lookup says from which file it is made. */
typedef struct Scope Scope;
Scope *scope_new(Compiler *, uint32_t main_file);
void scope_incomplete(Compiler *);        /* an import failed: unknown names are not the program's fault */
bool scope_complete(const Compiler *);
int *scope_depth(Compiler *);             /* declarations being checked within each other */
void scope_file(Compiler *, uint32_t file, uint32_t like);    /* the namespace of `like` for `file` */
void scope_file_as(Compiler *, uint32_t file, uint32_t from, Name prefix);    /* its own, reached from `from` */
void scope_alias(Compiler *, uint32_t from, uint32_t to, Name prefix);        /* `to` is reachable as well */
Decl *scope_add(Compiler *, Decl *);      /* the earlier declaration of that name, or 0 after adding */
Decl *scope_find(Compiler *, uint32_t file, Name);
Decl *scope_find_path(Compiler *, uint32_t file, const Path *, int *used);    /* name, or prefix.name */

/* Did you mean: offer every candidate; the nearest one, if near enough, becomes a hint. */
typedef struct Guess { const char *want, *best; int distance; } Guess;
Guess guess_for(const char *want);
void guess_offer(Guess *, const char *candidate);
void guess_decls(Compiler *, Guess *, uint32_t file, unsigned kinds);         /* bit 1 << DeclKind each */
bool guess_hint(Compiler *, Diag *, const Guess *);           /* false: nothing near */
#endif
