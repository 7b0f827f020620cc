/* text.h -- what text.c, text_float.c and text_time.c share. */
#ifndef WEIR_TEXT_H
#define WEIR_TEXT_H
#include "rt_internal.h"
#include <string.h>

/* A number as written: (-1)^neg * digits * 10^exp, where `digits` holds the first 19 significant
 * ones and `more` says that digits other than 0 follow them. `first` is the offset of the first
 * significant digit, 0 digits: the number is zero. */
typedef struct wr_number {
  uint64_t digits;
  int exp;
  bool neg, more;
  size_t first;
} wr_number;

/* The whole text as [+-]? (digits [. digits] | . digits) ([eE] [+-]? digits)?; false: it is
 * none. */
bool wr_number_scan(const char *p, size_t n, wr_number *);

extern const char wr_two_digits[201];     /* "000102…99" */
size_t wr_print_u64(char *, uint64_t);
void wr_print_padded(char *, unsigned value, int width);      /* with leading zeros; width 1 to 9 */
extern const uint64_t wr_pow10[20];       /* 10^0 to 10^19 */

/* The decimal digits at *p as a number of at most `max` digits; -1: none. Moves *p behind them. */
int wr_scan_digits(const char **p, const char *end, int min, int max);

/* Days since 1970-01-01, proleptic Gregorian. */
wr_i64 wr_days_of(wr_i64 year, int month, int day);
/* For b > 0; inline, so that a constant b costs no division. */
static inline wr_i64 wr_floor_div(wr_i64 a, wr_i64 b) { return a / b - (a % b < 0); }
static inline wr_i64 wr_floor_mod(wr_i64 a, wr_i64 b) { return a % b + (a % b < 0 ? b : 0); }
int wr_month_days(wr_i64 year, int month);
#define WR_SECOND 1000000LL
#define WR_DAY (86400 * WR_SECOND)
#define WR_TS_LOW (-62135596800LL * WR_SECOND)                /* 0001-01-01T00:00:00Z */
#define WR_TS_HIGH (253402300800LL * WR_SECOND - 1)           /* 9999-12-31T23:59:59.999999Z */
bool wr_ts_ok(wr_ts);                                         /* between the two */

/* ---- the usual form of a timestamp, eight bytes at a time (words are little-endian) ---- */

#define WR_NOT_DIGITS(w) (((w) | ((w) + 0x0606060606060606ULL)) & 0xF0F0F0F0F0F0F0F0ULL)

/* The bytes less those of `form`: digits where it has 0, nothing elsewhere. */
static inline uint64_t wr_ts_word(const char *p, const char *form)
{
  uint64_t w, f;
  memcpy(&w, p, 8);
  memcpy(&f, form, 8);
  return w ^ f;
}

/* Two digits from byte i on; `pairs` is w * 10 + (w >> 8). */
static inline unsigned wr_ts_two(uint64_t pairs, int i)
{
  return (unsigned)(pairs >> (8 * i)) & 0xFF;
}

typedef struct wr_ts_day {                /* the day that was read last: times come in order */
  uint64_t year_month, day;               /* as wr_ts_word gives them */
  wr_ts at;
} wr_ts_day;
#define WR_TS_NO_DAY { ~0ULL, 0, 0 }

/* text_time.c; false: there is no such day. Both words hold digits. */
bool wr_ts_day_read(wr_ts_day *, uint64_t year_month, uint64_t day);

/* Reads 2026-01-31T10:00:00Z, with three or six digits behind a point or none, from [p, e): behind
 * it. 0: it is none of these, or wrong, or too near to e; wr_parse_ts tells. */
static inline const char *wr_ts_quick(const char *p, const char *e, wr_ts_day *day, wr_ts *out)
{
  uint64_t date, clock, rest, bad, micro = 0;

  if (e - p < 24) return 0;
  date = wr_ts_word(p, "0000-00-");
  clock = wr_ts_word(p + 8, "00T00:00");
  rest = wr_ts_word(p + 16, ":00.000Z");
  bad = WR_NOT_DIGITS(date) | WR_NOT_DIGITS(clock) | (date & 0xFF0000FF00000000ULL) |
        (clock & 0xFF0000FF0000ULL);
  p += 24;
  if (((rest >> 24) & 0xFF) == ('Z' ^ '.')) {
    rest &= 0xFFFFFF;
    p -= 4;
  } else if (rest >> 56) {                /* microseconds: three more digits and the Z */
    uint64_t tail;
    if (e - p < 3 || p[2] != 'Z') return 0;
    tail = (uint64_t)((unsigned char)p[-1] ^ '0') | (uint64_t)((unsigned char)p[0] ^ '0') << 8 |
           (uint64_t)((unsigned char)p[1] ^ '0') << 16;
    bad |= WR_NOT_DIGITS(tail);
    micro = (tail & 0xFF) * 100 + (tail >> 8 & 0xFF) * 10 + (tail >> 16);
    rest &= 0xFFFFFFFFFFFFFFULL;
    p += 3;
  }
  if (bad | WR_NOT_DIGITS(rest) | (rest & 0xFF0000FFULL)) return 0;
  if (date != day->year_month || (clock & 0xFFFF) != day->day)
    if (!wr_ts_day_read(day, date, clock & 0xFFFF)) return 0;
  micro += (wr_ts_two(rest * 10 + (rest >> 8), 4) * 10 + (rest >> 48 & 0xFF)) * 1000;
  clock = clock * 10 + (clock >> 8);
  rest = rest * 10 + (rest >> 8);
  if (wr_ts_two(clock, 3) > 23 || wr_ts_two(clock, 6) > 59 || wr_ts_two(rest, 1) > 59) return 0;
  *out = day->at + (wr_ts)((wr_ts_two(clock, 3) * 3600 + wr_ts_two(clock, 6) * 60 + wr_ts_two(rest, 1)) * WR_SECOND) +
         (wr_ts)micro;
  return p;
}
#endif
