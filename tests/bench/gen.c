/* gen.c -- input of the benchmark: auction bids and quotes as JSON lines, the same bytes on every machine.
 *
 *   gen bids ROWS     auction: one of 1 thousand, bidder: one of 1 million, at any time
 *   gen ordered ROWS  the same over hours, in order of time
 *   gen visits ROWS   bidder: one of 20 thousand that are about, everybody for a minute and 20 bids
 *   gen quotes ROWS   prices of 1 thousand symbols: decimals, floats, three times
 *
 * Lines have about 210 bytes. Other rows come up to 1.5 s out of order; one in ten thousand is 15 s late;
 * one in a thousand of the bids has an escape in a text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_AUCTION = 1000, AUCTIONS = 1000, BIDDERS = 1000000, ABOUT = 20000, BIDS_EACH = 20 };
enum { BIDS_STEP = 48, VISITS_STEP = 150, ORDERED_STEP = 2400, DISORDER = 1500000, LATE = 15000000 };  /* microseconds */
static const int64_t DAY_START = 1767225600;          /* 2026-01-01T00:00:00Z */

static uint64_t state = 88172645463325252ull;

static uint64_t draw(uint64_t n)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (state * 0x2545F4914F6CDD1Dull >> 32) % n;
}

static void letters(char *out, int n)
{
  for (int i = 0; i < n; i++) out[i] = (char)('a' + draw(26));
  out[n] = 0;
}

/* Prices of all sizes, few of them high. */
static unsigned price(void)
{
  unsigned p = (unsigned)draw(9) + 1;
  for (uint64_t i = draw(7); i > 0; i--) p = p * 10 + (unsigned)draw(10);
  return p;
}

static void print_row(uint64_t bidder, int64_t us)
{
  static const char *const channels[] = { "Google", "Facebook", "Baidu", "Apple" };
  char path[24], extra[80];
  int64_t s = us / 1000000 % 86400;

  letters(path, 12);
  letters(extra, 25 + (int)draw(20));
  if (draw(1000) == 0) memcpy(extra + 20, "\\\"", 2);
  printf("{\"auction\":%u,\"bidder\":%llu,\"price\":%u,\"channel\":\"%s\","
         "\"url\":\"https://www.nexmark.com/%s/item.htm?query=1\","
         "\"dateTime\":\"2026-01-01T%02d:%02d:%02d.%03dZ\",\"extra\":\"%s\"}\n",
         FIRST_AUCTION + (unsigned)draw(AUCTIONS), (unsigned long long)bidder, price(), channels[draw(4)], path,
         (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60), (int)(us / 1000 % 1000), extra);
}

static void print_time(const char *key, int64_t us)
{
  int64_t s = us / 1000000 % 86400;
  printf("\"%s\":\"2026-01-01T%02d:%02d:%02d.%06dZ\"", key, (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60),
         (int)(us % 1000000));
}

static void print_quote(int64_t us)
{
  unsigned bid = 1000 + (unsigned)draw(90000);
  printf("{\"symbol\":\"S%03u\",", (unsigned)draw(AUCTIONS));
  print_time("at", us);
  printf(",\"bid\":%u.%02u,\"ask\":%u.%02u,", bid / 100, bid % 100, (bid + 2) / 100, (bid + 2) % 100);
  printf("\"bidSize\":%u.%03u,\"askSize\":%u.%03u,", (unsigned)draw(1000), (unsigned)draw(1000), (unsigned)draw(1000),
         (unsigned)draw(1000));
  print_time("sent", us + 100 + (int64_t)draw(900));
  putchar(',');
  print_time("received", us + 1000 + (int64_t)draw(9000));
  puts("}");
}

int main(int argc, char **argv)
{
  uint64_t rows = argc == 3 ? strtoull(argv[2], 0, 10) : 0;
  int visits = argc == 3 && strcmp(argv[1], "visits") == 0, quotes = argc == 3 && strcmp(argv[1], "quotes") == 0;
  int ordered = argc == 3 && strcmp(argv[1], "ordered") == 0;
  static char buffer[1 << 20];

  if (!rows || (!visits && !quotes && !ordered && strcmp(argv[1], "bids") != 0)) {
    fputs("usage: gen bids|ordered|visits|quotes ROWS\n", stderr);
    return 64;
  }
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (uint64_t i = 0; i < rows; i++) {
    int64_t us = (DAY_START + 3600) * 1000000 + (int64_t)i * (visits ? VISITS_STEP : ordered ? ORDERED_STEP : BIDS_STEP);
    if (!ordered) us -= (int64_t)draw(DISORDER) + (draw(10000) == 0 ? LATE : 0);
    if (quotes) print_quote(us);
    else print_row(visits ? i / BIDS_EACH + draw(ABOUT) : draw(BIDDERS), us);
  }
  return fflush(stdout) || ferror(stdout) ? 74 : 0;
}
