/* text.h -- what text.c, text_float.c and text_time.c share. */
#ifndef WEIR_TEXT_H
#define WEIR_TEXT_H
#include "rt_internal.h"

/* A number as written: (-1)^neg * digits * 10^exp, where `digits` holds the first 19 significant ones
 * and `more` says that digits other than 0 follow them. `first` is the offset of the first
 * significant digit, 0 digits: the number is zero. */
typedef struct wr_number {
  uint64_t digits;
  int exp;
  bool neg, more;
  size_t first;
} wr_number;

/* The whole text as [+-]? (digits [. digits] | . digits) ([eE] [+-]? digits)?; false: it is none. */
bool wr_number_scan(const char *p, size_t n, wr_number *);

extern const char wr_two_digits[201];     /* "000102…99" */
size_t wr_print_u64(char *, uint64_t);
void wr_print_padded(char *, unsigned value, int width);      /* with leading zeros; width 1 to 9 */
extern const uint64_t wr_pow10[20];       /* 10^0 to 10^19 */

/* The decimal digits at *p as a number of at most `max` digits; -1: none. Moves *p behind them. */
int wr_scan_digits(const char **p, const char *end, int min, int max);

wr_i64 wr_days_of(wr_i64 year, int month, int day);           /* days since 1970-01-01, proleptic Gregorian */
/* For b > 0; inline, so that a constant b costs no division. */
static inline wr_i64 wr_floor_div(wr_i64 a, wr_i64 b) { return a / b - (a % b < 0); }
static inline wr_i64 wr_floor_mod(wr_i64 a, wr_i64 b) { return a % b + (a % b < 0 ? b : 0); }
int wr_month_days(wr_i64 year, int month);
#define WR_SECOND 1000000LL
#define WR_DAY (86400 * WR_SECOND)
#define WR_TS_LOW (-62135596800LL * WR_SECOND)                /* 0001-01-01T00:00:00Z */
#define WR_TS_HIGH (253402300800LL * WR_SECOND - 1)           /* 9999-12-31T23:59:59.999999Z */
bool wr_ts_ok(wr_ts);                                         /* between the two */
#endif
