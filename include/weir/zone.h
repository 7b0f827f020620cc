/* zone.h -- the part of runtime/zone.c that the checker calls: does a time zone exist? */
#ifndef WEIR_ZONE_H
#define WEIR_ZONE_H
#include "weir/rt.h"

typedef struct wr_zone wr_zone;
const wr_zone *wr_zone_find(wr_str name);                     /* 0: unknown; cached for the process */
#endif
