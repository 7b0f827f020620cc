/* cost.h -- what ordered operators keep beside keys and values, in bytes: `weir explain` adds it up, the
 * runtime asserts it where the structures are. See also agg.h, for groupings. */
#ifndef WEIR_COST_H
#define WEIR_COST_H

enum {
  WR_COST_WRITTEN = 8,                    /* a state's cell: its last write */
  WR_COST_WINDOW = 40,                    /* a key's window of events */
  WR_COST_FRONT = 16,                     /* ... and for every aggregate, where one cannot be taken back */
  WR_COST_EVENT = 8,                      /* an event: its time */
  WR_COST_POSITION = 16,                  /* ... and its position, where an aggregate goes by it */
  WR_COST_PASSED = 24,                    /* a key's limit, with the first time */
  WR_COST_TIME = 8,                       /* every further time */
  WR_COST_WAITING = 32                    /* a row that waits in a sequencer: time, watermark, position */
};

#endif
