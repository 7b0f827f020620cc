/* hand_filter.c -- filter.weir by hand. */
#include "hand.h"

int main(int argc, char **argv)
{
  if (argc != 3) return 64;
  Lines in = lines_open(argv[1]);
  Out *out = out_open(argv[2]);
  const char *p, *e;
  uint64_t rows = 0, bad = 0;
  while (lines_next(&in, &p, &e)) {
    Bid b;
    rows++;
    if (!bid_parse(p, e, AUCTION | BIDDER | PRICE | CHANNEL, &b)) {
      bad++;
      continue;
    }
    if (b.price <= 1000 || b.nchannel != 6 || memcmp(b.channel, "Google", 6) != 0) continue;
    char *o = PUT(out_row(out), "{\"auction\":");
    o = put_int(o, b.auction);
    o = put_int(PUT(o, ",\"bidder\":"), b.bidder);
    o = put_int(PUT(o, ",\"price\":"), b.price);
    o = put_time(PUT(o, ",\"dateTime\":\""), b.time);
    out_end(out, PUT(o, "\"}\n"));
  }
  out_flush(out);
  counts(rows, bad, 0);
  return 0;
}
