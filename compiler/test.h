/* test.h -- `weir test`. */
#ifndef WEIR_TEST_H
#define WEIR_TEST_H
#include "driver.h"

typedef struct TestOptions {
  const char *only;                       /* tests whose names contain it; or 0 */
  bool verbose;
} TestOptions;

/* Runs the tests of a checked program's own file; 0: all passed. -1: `only` names none. */
int test_program(Compiled *, const char *path, const TestOptions *);
#endif
