/* ops.h -- a run as seen from outside: metrics over HTTP (httpd.c, metrics.c), parameters over a socket
 * (control.c). All of it is asked for on the command line; a run without these options pays two tests
 * of a pointer a turn of the loop.
 */
#ifndef WEIR_OPS_H
#define WEIR_OPS_H
#include "run.h"

/* httpd.c */
typedef struct wr_httpd wr_httpd;
wr_httpd *wr_httpd_open(wr_state *);      /* 0: wr_error was called */
void wr_httpd_turn(wr_state *, wr_httpd *);
void wr_httpd_beat(wr_httpd *);
void wr_httpd_ending(wr_httpd *);
void wr_httpd_close(wr_httpd *);

/* metrics.c: the page, in Prometheus' text format 0.0.4 */
void wr_metrics_print(wr_state *, wr_buf *);

/* control.c */
typedef struct wr_control wr_control;
wr_control *wr_control_open(wr_state *);  /* 0: wr_error was called */
void wr_control_turn(wr_state *, wr_control *);
void wr_control_close(wr_control *);

static inline bool wr_ops_open(wr_state *s)
{
  if (s->opt.control && !(s->control = wr_control_open(s))) return false;
  if (s->opt.metrics && !(s->httpd = wr_httpd_open(s))) return false;
  return true;
}

/* At a boundary: the run is alive, and what was asked for is done. */
static inline void wr_ops_turn(wr_state *s)
{
  if (s->control) wr_control_turn(s, s->control);
  if (s->httpd) wr_httpd_turn(s, s->httpd);
}

/* Within a long turn: it goes on. */
static inline void wr_ops_beat(wr_state *s)
{
  if (s->httpd) wr_httpd_beat(s->httpd);
}

static inline void wr_ops_ending(wr_state *s)
{
  if (s->httpd) wr_httpd_ending(s->httpd);
}

static inline void wr_ops_close(wr_state *s)
{
  if (s->httpd) wr_httpd_close(s->httpd);
  if (s->control) wr_control_close(s->control);
}
#endif
