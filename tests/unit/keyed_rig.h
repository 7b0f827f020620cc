/* keyed_rig.h -- what the tests of keyed state share: a run that consists of its heap and its arena, random
 * numbers, keys of several shapes, and savings bent in every way. The run's heap counts, so that
 * rig_close sees whatever was not given back. */
#ifndef KEYED_RIG_H
#define KEYED_RIG_H
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "run.h"

static wr_state run;
static wr_stored *rig_store[2];
static wr_slider *rig_slider[2];
static wr_limiter *rig_limiter[2];

static inline void rig_open(void)
{
  memset(&run, 0, sizeof run);
  run.store = rig_store;
  run.slider = rig_slider;
  run.limiter = rig_limiter;
}

static inline void rig_close(void)
{
  assert_int_equal(run.exit_code, 0);
  assert_int_equal(run.heap, 0);
  wr_arena_free(&run);
}

/* ---- random numbers, the same in every run ---- */
static uint64_t rig_state = 1;
static inline uint64_t rig_random(void)
{
  uint64_t x = rig_state += 0x9e3779b97f4a7c15ULL;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
  return x ^ x >> 31;
}
static inline int rig_below(int n) { return (int)(rig_random() % (uint64_t)n); }

/* Which key a row has: all the same, a few of many, always a new one. */
enum { RIG_ONE, RIG_ZIPF, RIG_NEW, RIG_SPREADS };
static inline int rig_pick(int spread, int keys, int row)
{
  if (spread == RIG_ONE) return 0;
  if (spread == RIG_NEW) return row % keys;
  int n = keys;
  while (n > 1 && rig_below(3)) n = (n + 1) / 2;
  return rig_below(n);
}

/* ---- keys: number k in a shape ---- */
static const wr_type rig_int = { .kind = WR_INT }, rig_str = { .kind = WR_STR }, rig_bool = { .kind = WR_BOOL };
static const wr_cell rig_key_int[] = { { .name = "k", .type = &rig_int } };
static const wr_cell rig_key_str[] = { { .name = "k", .type = &rig_str } };
static const wr_cell rig_key_mixed[] = { { .name = "b", .type = &rig_bool }, { .name = "k", .type = &rig_str },
                                         { .name = "i", .type = &rig_int } };
typedef struct rig_shape { const wr_cell *key; wr_i32 n; } rig_shape;
static const rig_shape rig_shapes[] = { { rig_key_int, 1 }, { rig_key_str, 1 }, { rig_key_mixed, 3 }, { rig_key_int, 0 } };
enum { RIG_SHAPES = 4, RIG_NO_KEY = 3 };

typedef struct rig_key { wr_u64 word[8]; wr_u32 hash; char text[64]; } rig_key;
static inline void rig_key_make(const rig_shape *sh, int k, rig_key *out)
{
  wr_u8 kind[3];
  wr_slot v[3];
  int len = snprintf(out->text, sizeof out->text, k % 3 ? "%d" : "a key too long to lie in a word %d", k);
  if (k == 1) len = 0;
  for (int i = 0; i < sh->n; i++) {
    kind[i] = sh->key[i].type->kind;
    v[i] = kind[i] == WR_STR ? wr_str_slot((wr_str){ out->text, (wr_u32)len, 0 }, 0)
           : wr_i64_slot(kind[i] == WR_BOOL ? k & 1 : (wr_i64)k - 5, 0);
  }
  out->hash = wr_key_hash(kind, sh->n, v, out->word);
}

/* ---- savings: loads what was cut short or bent, which must not crash, and nothing of it must stay ---- */
typedef bool rig_load(wr_loader *, void *arg);                /* into something new; checks that a refusal left nothing */
static inline void rig_bend(const wr_buf *saved, rig_load *load, void *arg, int rounds)
{
  for (int i = 0; i < rounds; i++) {
    size_t n = i % 2 ? saved->n : (size_t)rig_below((int)saved->n);
    char *p = malloc(n + 1);              /* of its own, so that reading on is seen */
    memcpy(p, saved->p, n);
    for (int k = i % 2 ? 1 + rig_below(4) : 0; k; k--) p[rig_below((int)n)] ^= (char)(1 << rig_below(8));
    wr_loader l = { p, p + n, false, NULL };
    bool ok = load(&l, arg);
    assert_true(i % 2 || !ok);            /* nothing at the end is superfluous */
    assert_true(ok || (l.bad && l.why));
    free(p);
    wr_arena_reset(&run);
  }
}

#endif
