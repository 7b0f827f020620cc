/* control.h -- the client of a run's control socket. */
#ifndef WEIR_CONTROL_H
#define WEIR_CONTROL_H
#include <stdbool.h>
/* Both print the reply and give the exit code. */
int control_get(const char *path, bool json);
int control_set(const char *path, char **assignment, int n);
#endif
