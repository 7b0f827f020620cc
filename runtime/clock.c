/* clock.c -- the real clock. Tests hand in their own. */
#include <time.h>
#include "rt_internal.h"

static wr_ts real_now(void *self)
{
  struct timespec t;
  (void)self;
  clock_gettime(CLOCK_REALTIME, &t);
  return (wr_ts)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void real_sleep(void *self, wr_i64 us)
{
  struct timespec t = { us / 1000000, us % 1000000 * 1000 };
  (void)self;
  nanosleep(&t, NULL);                    /* a signal ends it early, which is wanted */
}

const wr_clock wr_clock_real = { real_now, real_sleep, NULL };
