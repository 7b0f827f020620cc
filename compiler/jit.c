/* jit.c -- libtcc; the only file that includes its header.
 *
 * The unit needs no file of tcc's: rt.h is embedded, -nostdinc and -nostdlib keep the rest out, and
 * only the names of wr_symbols resolve. Its memory is writable while it is filled and executable
 * afterwards, never both, so generated code has no writable statics.
 */
#include "jit.h"
#include <libtcc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "weir/symbols.h"

extern const char weir_rt_text[];         /* rt.h with its includes, made by the Makefile */

struct Loaded { void *code; size_t size; const wr_program *program; };

static void on_error(void *opaque, const char *message)
{
  int *lines = opaque;
  if ((*lines)++ < 10) fprintf(stderr, "weir: internal error: the generated C does not compile: %s\n", message);
}

static char *with_header(const char *text)
{
  size_t n = strlen(weir_rt_text), m = strlen(text);
  char *all = malloc(n + m + 2);
  if (!all) return NULL;
  memcpy(all, weir_rt_text, n);
  all[n] = '\n';
  memcpy(all + n + 1, text, m + 1);
  return all;
}

static TCCState *compile(const char *text, int *errors)
{
  TCCState *t = tcc_new();
  char *all = with_header(text);
  if (!t || !all) { free(all); return NULL; }
  tcc_set_error_func(t, errors, on_error);
  tcc_set_options(t, "-nostdlib -nostdinc -Wall");
  tcc_set_output_type(t, TCC_OUTPUT_MEMORY);
  int bad = tcc_compile_string(t, all);
  free(all);
  for (const wr_symbol *s = wr_symbols; !bad && s->name; s++) tcc_add_symbol(t, s->name, s->address);
  if (!bad) return t;
  tcc_delete(t);
  return NULL;
}

static void *place(TCCState *t, size_t *size)
{
  int need = tcc_relocate(t, NULL);
  if (need < 0) return NULL;
  *size = ((size_t)need + 8191) & ~(size_t)4095;
  void *p = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return NULL;
  if (tcc_relocate(t, p) == 0 && mprotect(p, *size, PROT_READ | PROT_EXEC) == 0) return p;
  munmap(p, *size);
  return NULL;
}

Loaded *jit_load(const char *text)
{
  int errors = 0;
  TCCState *t = compile(text, &errors);
  if (!t) return NULL;
  Loaded *l = calloc(1, sizeof *l);
  if (l) l->code = place(t, &l->size);
  if (l && l->code) l->program = tcc_get_symbol(t, "weir_program");
  tcc_delete(t);
  if (l && l->program) return l;
  if (!errors) fprintf(stderr, "weir: error: this system does not allow memory to become executable\n"
                               "  = hint: weir build makes a binary that needs none\n");
  jit_unload(l);
  return NULL;
}

const wr_program *jit_program(const Loaded *l) { return l->program; }

void jit_unload(Loaded *l)
{
  if (l && l->code) munmap(l->code, l->size);
  free(l);
}
