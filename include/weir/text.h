/* text.h -- what compiler and runtime both read out of text. Bodies: runtime/text*.c */
#ifndef WEIR_TEXT_H
#define WEIR_TEXT_H
#include <stddef.h>
#include "weir/rt.h"
enum wr_err wr_parse_dur(const char *p, size_t n, wr_i64 *);  /* 1h30m; microseconds */
enum wr_err wr_parse_ts(const char *p, size_t n, wr_ts *);    /* RFC 3339, also a space for T, also date only */
#endif
