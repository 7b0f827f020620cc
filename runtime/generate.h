/* generate.h -- values made up: generate.c fills columns, conn_generate.c is the connector. */
#ifndef WEIR_GENERATE_H
#define WEIR_GENERATE_H
#include "fmt.h"

enum gen_kind {
  GEN_DEFAULT,
#define GEN(id, ...) GEN_##id,
#include "weir/generators.def"
#undef GEN
  GEN_KINDS
};

typedef struct gen_clock {                /* what time() counts by */
  wr_ts start;
  wr_i64 step, disorder;
  wr_u64 seed;
} gen_clock;

typedef struct gen_leaf {
  const wr_type *type;
  wr_i32 col;
  enum gen_kind kind;
  const wr_slot *arg;
  wr_u32 narg;
  wr_u64 seed;                            /* of the run's seed and the leaf's number */
  const gen_clock *clock;
  wr_i64 low, step;                       /* uniform: the least; sequence: both */
  wr_u64 span;                            /* uniform: number of values, 0: all */
  double *sum;                            /* weighted: running sums; the arguments' number of them */
  wr_u32 nsum;
  double zipf_n, zipf_s, zipf_from, zipf_to, zipf_sure;
} gen_leaf;

/* What is wrong with the arguments, or 0. */
const char *wr_gen_prepare(gen_leaf *);
void wr_gen_drop(gen_leaf *);
/* Rows row .. row + n - 1 into cells at .. of the column. */
void wr_gen_fill(wr_ctx *, const gen_leaf *, wr_i64 row, wr_i32 n, const wr_col *, wr_i32 at);
wr_u64 wr_gen_bits(wr_u64 seed, wr_u64 row);                  /* 64 random bits, the same for the same two */
bool wr_gen_chance(wr_u64 bits, double share);
#endif
