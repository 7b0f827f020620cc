/* boundary.c -- what happens between batches, at a commit boundary: nothing of a row is half done here. */
#include "ops.h"
#include "run.h"

void wr_boundary(wr_state *s)
{
  wr_keyed_settle(s);
  wr_pressure(s);
  wr_ops_turn(s);
}
