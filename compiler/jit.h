/* jit.h -- generated text in memory: libtcc at once, or the machine's compiler and dlopen. */
#ifndef WEIR_JIT_H
#define WEIR_JIT_H
#include "weir/rt.h"
typedef struct Loaded Loaded;
/* 0 after a message on standard error: that is our bug, or memory that cannot be made executable. */
Loaded *jit_load(const char *text);
const wr_program *jit_program(const Loaded *);
void jit_unload(Loaded *);
#endif
