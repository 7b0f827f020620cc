/* aot_main.c -- main() of a program that `weir build` made. */
#include <string.h>
#include "weir/cli.h"

extern const wr_program weir_program;

int main(int argc, char **argv)
{
  const char *slash = argc ? strrchr(argv[0], '/') : NULL;
  return wr_main(&weir_program, argc, argv, slash ? slash + 1 : argc ? argv[0] : weir_program.name, "");
}
