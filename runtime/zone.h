/* zone.h -- a time zone in memory: zone_tzif.c reads it, zone.c and fn_time.c ask it. */
#ifndef WEIR_ZONE_H
#define WEIR_ZONE_H
#include "rt_internal.h"

enum { WR_OFFSET_LIMIT = 26 * 3600 };     /* seconds; no zone is further from UTC */
enum { WR_ABBR = 16 };

typedef struct wr_tz_type {
  wr_i32 offset;                          /* seconds east of UTC */
  char abbr[WR_ABBR];
} wr_tz_type;

enum wr_rule_kind { WR_RULE_MONTH, WR_RULE_JULIAN, WR_RULE_DAY };
typedef struct wr_tz_rule {  /* of the footer: Mmonth.week.day, Jday or day, at `time` */
  enum wr_rule_kind kind;
  int month, week, day;
  wr_i64 time;                            /* seconds of local time behind midnight */
} wr_tz_rule;

struct wr_zone {
  struct wr_zone *next;
  char name[128];
  int n;                                  /* transitions: from at[i] on, type[index[i]] */
  wr_i64 *at;
  unsigned char *index;
  int ntype;
  wr_tz_type type[256];                   /* type 0 stands before the first transition */
  wr_tz_type std, dst;  /* the footer's; std.abbr "": no footer; dst.abbr "": no summer */
  wr_tz_rule to_dst, to_std;
};

typedef struct wr_zone_span {             /* seconds [from, to) with one offset */
  wr_i64 from, to;
  wr_i64 offset;
  const char *abbr;
} wr_zone_span;

wr_zone_span wr_zone_span_at(const wr_zone *, wr_i64 seconds);
wr_zone *wr_tzif_read(const char *bytes, size_t n);  /* 0: no TZif file of version 2 or later */
/* A POSIX TZ text into std, dst and the rules; false: it is none. */
bool wr_tz_posix(const char *p, size_t n, wr_zone *);
#endif
