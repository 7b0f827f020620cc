/* cli.h -- options that `weir run` and a built binary share. */
#ifndef WEIR_CLI_H
#define WEIR_CLI_H
#include "weir/rt.h"
/* Runs the program with the options in argv[1..): --set, --batch, --memory, --threads,
 * --metrics, --metrics-token-file, --control, --quiet, --help.
 * `name` is what messages and help call it; `more` is help text for options that were taken before,
 * or "". Returns the exit code. */
int wr_main(const wr_program *, int argc, char **argv, const char *name, const char *more);
/* `weir state`: argv[1] is ls, show, check or peek, argv[2] a folder of checkpoints. Returns the exit code. */
int wr_state_main(int argc, char **argv);
#endif
