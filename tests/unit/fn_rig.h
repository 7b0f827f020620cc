/* fn_rig.h -- what the tests of built-in functions share. Convention: a call returns its status; what
 * it gives is in v (a string), i, f, b or l, and the macros name what it must be. */
#ifndef FN_RIG_H
#define FN_RIG_H
#include "value_rig.h"
#include <math.h>
#include <stdio.h>
#include <time.h>

static wr_str v __attribute__((unused));
static wr_i64 i __attribute__((unused));
static wr_f64 f __attribute__((unused));
static wr_u8 b __attribute__((unused));
static wr_list l __attribute__((unused));
static wr_slot slot __attribute__((unused));

static const wr_type t_int = { .kind = WR_INT }, t_float = { .kind = WR_FLOAT },
    t_str = { .kind = WR_STR },
  t_dec = { .kind = WR_DEC, .scale = 2 }, t_bool = { .kind = WR_BOOL };

#define OK(call, want) do { assert_int_equal(call, WR_OK); assert_str(v, want); } while (0)
#define OKI(call, want) do { assert_int_equal(call, WR_OK); if (i != (want)) fail_msg("%lld, not %lld", i, (wr_i64)(want)); } while (0)
#define OKF(call, want) do { assert_int_equal(call, WR_OK); if (f != (want)) fail_msg("%.17g, not %.17g", f, (double)(want)); } while (0)
#define OKB(call, want) do { assert_int_equal(call, WR_OK); assert_int_equal(b, want); } while (0)
#define IS(call, status) assert_int_equal(call, status)
#define NOTHING ((wr_str){0})

/* A list of ints or strings as text: "1 2 -" with - for null. */
static inline void assert_list(wr_list x, bool text, const char *want)
{
  char got[512];
  char *p = got;
  *p = 0;
  for (wr_u32 k = 0; k < x.n; k++) {
    if (k) *p++ = ' ';
    if (x.p[k].st) p += sprintf(p, "-");
    else p += text ? sprintf(p, "%.*s", (int)x.p[k].len, x.p[k].u.p)
        : sprintf(p, "%lld", x.p[k].u.i);
  }
  assert_string_equal(got, want);
}

static inline wr_slot num(wr_i64 n) { return (wr_slot){ .u.i = n }; }
static inline wr_slot str(const char *z) { return (wr_slot){ .u.p = z, .len = (wr_u32)strlen(z) }; }
#define LIST(...) ((wr_list){ (wr_slot[]){ __VA_ARGS__ }, sizeof((wr_slot[]){ __VA_ARGS__ }) / sizeof(wr_slot), 1 })
static const wr_slot none = { .st = -1 };
#endif
