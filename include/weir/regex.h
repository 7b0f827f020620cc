/* regex.h -- the part of runtime/regex.c that the checker calls to look at pattern literals. */
#ifndef WEIR_REGEX_H
#define WEIR_REGEX_H
#include <stdbool.h>
#include <stddef.h>
#include "weir/rt.h"

typedef struct wr_regex wr_regex;
/* 0 and *error set (static text), *where the byte offset, when the pattern is wrong. flags: 'i', 's', 'm' */
wr_regex *wr_regex_compile(wr_str pattern, const char *flags, const char **error, size_t *where);
int wr_regex_groups(const wr_regex *);                        /* number of groups, the whole match not counted */
const char *wr_regex_name(const wr_regex *, int group);       /* 0: unnamed; group from 1 */
void wr_regex_free(wr_regex *);
#endif
