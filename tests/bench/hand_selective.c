/* hand_selective.c -- selective.weir by hand: a line of another symbol is passed over, its structure
 * checked; numbers and times are read of the lines that stay. Only the usual order of keys is known.
 */
#include "hand.h"

typedef struct Quote { const char *symbol, *bid, *ask, *bid_size, *ask_size, *sent, *received; size_t nsymbol; int64_t time; } Quote;

ALWAYS const char *pass_number(const char *p)
{
  const char *from = p;
  while ((unsigned char)(*p - '0') <= 9 || *p == '.' || *p == '-' || *p == '+' || (*p | 32) == 'e') p++;
  return p > from ? p : 0;
}

ALWAYS bool quote_parse(const char *p, const char *e, Quote *q)
{
  if (!IS(p, "{\"symbol\":\"")) return false;
  q->symbol = p + 11;
  if (!(p = quick_text(q->symbol, e))) return false;
  q->nsymbol = (size_t)(p - q->symbol);
  if (!IS(p, "\",\"at\":\"") || !(p = parse_time(p + 8, &q->time))) return false;
  if (!IS(p, "\",\"bid\":") || !(p = pass_number(q->bid = p + 8))) return false;
  if (!IS(p, ",\"ask\":") || !(p = pass_number(q->ask = p + 7))) return false;
  if (!IS(p, ",\"bidSize\":") || !(p = pass_number(q->bid_size = p + 11))) return false;
  if (!IS(p, ",\"askSize\":") || !(p = pass_number(q->ask_size = p + 11))) return false;
  if (!IS(p, ",\"sent\":\"") || !(p = quick_text(q->sent = p + 9, e))) return false;
  if (!IS(p, "\",\"received\":\"") || !(p = quick_text(q->received = p + 14, e))) return false;
  return p[1] == '}' && p + 2 == e;
}

/* A decimal of two digits behind the point, or fewer. */
static bool cents(const char *p, int64_t *out)
{
  int64_t v = 0;
  int frac = -1;
  bool neg = *p == '-';
  for (p += neg; (unsigned char)(*p - '0') <= 9 || (*p == '.' && frac < 0); p++) {
    if (*p == '.') { frac = 0; continue; }
    v = v * 10 + (*p - '0');
    if (frac >= 0 && ++frac > 2) return false;
  }
  for (; frac < 2; frac = frac < 0 ? 1 : frac + 1) v *= 10;
  *out = neg ? -v : v;
  return *p == ',';
}

static bool number(const char *p, double *out)
{
  char *end;
  *out = strtod(p, &end);
  return *end == ',';
}

static bool put_quote(Out *out, const Quote *q)
{
  int64_t bid, ask, sent, received;
  double bid_size, ask_size;
  if (!cents(q->bid, &bid) || !cents(q->ask, &ask)) return false;
  if (!number(q->bid_size, &bid_size) || !number(q->ask_size, &ask_size)) return false;
  if (!parse_time(q->sent, &sent) || !parse_time(q->received, &received)) return false;
  char *o = PUT(out_row(out), "{\"symbol\":\"");
  o = PUT(put_text(o, q->symbol, q->nsymbol), "\",\"spread\":");
  o += sprintf(o, "%lld.%02d", (long long)((ask - bid) / 100), (int)((ask - bid) % 100));
  o = put_double(PUT(o, ",\"size\":"), bid_size + ask_size);
  o = put_time(PUT(o, ",\"sent\":\""), sent);
  o = put_time(PUT(o, "\",\"received\":\""), received);
  out_end(out, PUT(o, "\"}\n"));
  return true;
}

int main(int argc, char **argv)
{
  if (argc != 3) return 64;
  Lines in = lines_open(argv[1]);
  Out *out = out_open(argv[2]);
  const char *p, *e;
  uint64_t rows = 0, bad = 0;
  while (lines_next(&in, &p, &e)) {
    Quote q;
    rows++;
    if (!quote_parse(p, e, &q)) bad++;
    else if (q.nsymbol == 4 && memcmp(q.symbol, "S042", 4) == 0 && !put_quote(out, &q)) bad++;
  }
  out_flush(out);
  counts(rows, bad, 0);
  return 0;
}
