/* fuzz_regex.c -- regular expressions: any pattern, any text; the machines agree on whether it
 * matches, groups lie within the text and the whole match. The pattern ends at the first zero byte. */
#include "regex_tree.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool ok) { if (!ok) abort(); }

static void check_groups(const wr_regex *re, wr_str s, const long *slot)
{
  require(slot[0] >= 0 && slot[1] >= slot[0] && slot[1] <= (long)s.len);
  for (int g = 1; g <= wr_regex_groups(re); g++) {
    long a = slot[2 * g], b = slot[2 * g + 1];
    if (a < 0 || b < 0) continue;
    require(a <= (long)s.len && b <= (long)s.len);
  }
}

static void match(wr_regex *re, wr_str s)
{
  long slot[2 * (RE_MAX_GROUPS + 1)];
  int slots = 2 * (wr_regex_groups(re) + 1);
  for (int i = 0; i < slots; i++) slot[i] = -1;
  bool found = wr_re_match(re, s.p, s.len, 0, slot, slots);
  require(found == wr_regex_test(re, s));
  if (found) check_groups(re, s, slot);
}

/* The text twice over with filling between, long enough for Pike's machine. */
static void match_long(wr_regex *re, wr_str s)
{
  size_t n = 2 * s.len + (1u << 18) / (unsigned)re->n + 1;
  char *p = malloc(n);
  memset(p, 'x', n);
  memcpy(p, s.p, s.len);
  memcpy(p + n - s.len, s.p, s.len);
  match(re, (wr_str){ p, (wr_u32)n, 0 });
  free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  const char *error;
  size_t where;
  if (n == 0 || n > 4096) return 0;
  static const char *const flags[] = { "", "i", "s", "m", "U", "ism" };
  const char *flag = flags[data[0] % 6];
  const uint8_t *zero = memchr(data + 1, 0, n - 1);
  size_t pattern_n = zero ? (size_t)(zero - data) - 1 : n - 1;
  /* exact copies: a read beyond is seen */
  char *pattern = malloc(pattern_n + 1), *text = malloc(n);
  memcpy(pattern, data + 1, pattern_n);
  size_t text_n = zero ? n - (size_t)(zero - data) - 1 : 0;
  if (text_n) memcpy(text, zero + 1, text_n);
  pattern = realloc(pattern, pattern_n ? pattern_n : 1);
  text = realloc(text, text_n ? text_n : 1);
  wr_regex *re = wr_regex_compile((wr_str){ pattern, (wr_u32)pattern_n, 0 }, flag, &error, &where);
  if (re) {
    match(re, (wr_str){ text, (wr_u32)text_n, 0 });
    if (text_n < 256) match_long(re, (wr_str){ text, (wr_u32)text_n, 0 });
  } else require(error && where <= pattern_n);
  wr_regex_free(re);
  free(pattern);
  free(text);
  return 0;
}
