/* value_rig.h -- what the tests of values and built-in functions share: the batch's memory, which
 * rig_free gives back, the program's regular expressions, and short ways to write arguments. */
#ifndef VALUE_RIG_H
#define VALUE_RIG_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "rt_internal.h"

static void **rig_block;
static size_t rig_n, rig_cap;
static wr_regex *rig_regex[64];           /* by index; rig_re adds one */
static int rig_regexes;
static int rig_errors;                    /* calls of wr_error */

__attribute__((weak)) void *wr_alloc(wr_ctx *ctx, wr_u32 bytes)
{
  (void)ctx;
  if (rig_n == rig_cap) {
    rig_cap = rig_cap ? rig_cap * 2 : 1024;
    rig_block = realloc(rig_block, rig_cap * sizeof *rig_block);
    assert_non_null(rig_block);
  }
  rig_block[rig_n] = malloc(bytes ? bytes : 1);   /* exact, so that a sanitizer sees one byte too many */
  assert_non_null(rig_block[rig_n]);
  return rig_block[rig_n++];
}

__attribute__((weak)) wr_regex *wr_regex_of(wr_ctx *ctx, wr_i32 index)
{
  (void)ctx;
  return rig_regex[index];
}

__attribute__((weak)) void wr_error(wr_ctx *ctx, int code, const char *hint, const char *fmt, ...)
{
  (void)ctx, (void)code, (void)hint, (void)fmt;
  rig_errors++;
}

static inline void rig_free(void)
{
  while (rig_n) free(rig_block[--rig_n]);
  free(rig_block);
  rig_block = 0;
  rig_cap = 0;
  while (rig_regexes) wr_regex_free(rig_regex[--rig_regexes]);
}

static inline int rig_after(void **state) { (void)state; rig_free(); return 0; }

static inline wr_str S(const char *z) { return (wr_str){ z, (wr_u32)strlen(z), 0 }; }

static inline wr_i32 rig_re(const char *pattern)
{
  const char *error;
  size_t where;
  rig_regex[rig_regexes] = wr_regex_compile(S(pattern), "", &error, &where);
  assert_non_null(rig_regex[rig_regexes]);
  return rig_regexes++;
}

static inline void rig_same(wr_str s, const char *want, const char *file, int line)
{
  if (s.len == strlen(want) && memcmp(s.len ? s.p : "", want, s.len) == 0) return;
  print_error("got \"%.*s\", want \"%s\"\n", (int)s.len, s.p, want);
  _fail(file, line);
}
#define assert_str(s, want) rig_same(s, want, __FILE__, __LINE__)
#endif
