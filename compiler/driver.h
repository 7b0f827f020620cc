/* driver.h -- from a file's path to generated text. */
#ifndef WEIR_DRIVER_H
#define WEIR_DRIVER_H
#include "plan.h"

typedef struct DriverOptions {
  const char *dump;                       /* ast typed plan fused c: printed to standard output; or 0 */
  bool no_lines;                          /* #line as comments */
  bool json;                              /* diagnostics for editors */
  bool colour;
} DriverOptions;

typedef struct Compiled {
  Compiler *c;
  Plan *plan;
  char *text;                             /* generated C; 0 when only checked or dumped */
  bool unread;                            /* the program's file could not be read */
} Compiled;

enum Upto { UPTO_CHECK, UPTO_PLAN, UPTO_TEXT };
/* False when there were errors (rendered to standard error) or the dump was all that was wanted
 * (*done). Free with compiled_free in any case. */
bool compile_file(const char *path, const DriverOptions *, enum Upto, Compiled *out, bool *done);
/* A checked program as one of its tests runs it: malloc'd C text, or 0 after errors. */
char *compile_test(Compiled *, const char *path, Decl *test, wr_ts *begin);
void compiled_free(Compiled *);
#endif
