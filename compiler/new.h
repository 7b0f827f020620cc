/* new.h -- `weir new`: a skeleton to start from. */
#ifndef WEIR_NEW_H
#define WEIR_NEW_H
int new_program(const char *name);        /* exit code; messages on standard error */
#endif
