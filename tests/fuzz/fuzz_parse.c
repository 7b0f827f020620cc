/* fuzz_parse.c -- any bytes as a program: parse, print the tree if it parsed and what was said
 * if not. Build: clang -fsanitize=fuzzer,address,undefined … fuzz_parse.c and the front end;
 * start it on tests/golden/parse.
 */
#include "ast.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *type_text(Compiler *, const Type *) __attribute__((weak));
const char *type_text(Compiler *c, const Type *t) { return (void)c, (void)t, "?"; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Compiler c = {.arena = arena_new()};
  c.interns = interns_new(c.arena);
  FILE *out = fopen("/dev/null", "w");
  Source *s = source_text(&c, "fuzz.weir", (const char *)data, size);
  bool good = s && parse(&c, s);
  if (good == diag_any_error(&c)) abort();
  ast_dump(&c, out, false);
  diag_render(&c, out, false, true);
  diag_render(&c, out, true, false);
  fclose(out);
  arena_free(c.arena);
  return 0;
}
