/* aot.h -- the machine's C compiler: a standalone binary, or a shared object loaded at once. */
#ifndef WEIR_AOT_H
#define WEIR_AOT_H
#include <stdbool.h>
#include "weir/rt.h"
/* Builds `output` from generated text. 0, or after a message the exit code that fits: no compiler, it
 * failed, or a file that cannot be written. */
enum { AOT_NO_COMPILER = 69, AOT_FAILED = 70, AOT_CANNOT_WRITE = 73 };
int aot_build(const char *text, const char *output);
/* Compiles to a shared object and loads it; 0 after a message. The object is gone from disk then. */
const wr_program *aot_load(const char *text);
bool aot_available(void);                 /* is there a C compiler, and the runtime's library? */
#endif
