/* hand_fraud.c -- fraud.weir by hand, from a file to two files: hand_fraud.h. The hours are summed as the
 * payments come; all that are open lie within the delay, so there are two at most.
 */
#include "hand_fraud.h"

static void judge_until(int64_t wm)
{
  while (nheap && heap[1].time < wm) {
    uint32_t at = heap_pop();
    judge(&pool[at]);
    unused[nunused++] = at;
  }
}

int main(int argc, char **argv)
{
  enum { AHEAD = 32 };                                 /* rows read before they count, their users fetched meanwhile */
  char spent[4096];
  if (argc != 4) return 64;
  read_merchants(argv[3]);
  Lines in = lines_open(argv[1]);
  alerts = out_open(argv[2]);
  snprintf(spent, sizeof spent, "%s.spend", argv[2]);
  spend = out_open(spent);
  table = must(calloc((table_mask = 4095) + 1, sizeof *table));
  const char *p, *e;
  uint64_t rows = 0, bad = 0, late = 0;
  int64_t high = TIME_MIN, wm = TIME_MIN;
  Payment x[AHEAD];
  for (bool more = true; more;) {
    int n = 0;
    while (n < AHEAD && (more = lines_next(&in, &p, &e))) {
      rows++;
      if (payment_parse(p, e, &x[n])) __builtin_prefetch(&table[hash(x[n++].key) & table_mask]);
      else bad++;
    }
    for (int i = 0; i < n; i++) {
      uint32_t known = table[hash(x[i].key) & table_mask];
      if (known) __builtin_prefetch(&users[known - 1]);
    }
    for (int i = 0; i < n; i++) {
      if (x[i].time > high) {
        high = x[i].time;
        wm = high - WAIT;
        close_hours(wm);
        judge_until(wm);
      }
      uint32_t user = user_of(&x[i]);
      uint32_t place = place_of(x[i].merchant);
      bool counted = add_hour(user, x[i].time, x[i].amount, place, wm), judged = x[i].time >= wm;
      if (judged) wait_for_turn(&x[i], user, place, rows * AHEAD + (uint64_t)i);
      late += !counted || !judged;
    }
  }
  judge_until(TIME_MAX);
  close_hours(TIME_MAX);
  out_flush(alerts);
  out_flush(spend);
  counts(rows, bad, late);
  return 0;
}
