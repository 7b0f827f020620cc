/* writer.c -- the thread that makes checkpoints last, so that processing goes on meanwhile.
 *
 * One job at a time: checksums, the file, fsync, rename. The thread touches nothing of the run but the
 * bytes that it was given; what became of them the loop asks for between batches.
 */
#include "checkpoint.h"
#include <pthread.h>
#include <signal.h>

enum phase { FREE, BUSY, DONE };

struct wr_writer {
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t change;
  wr_state_dir *dir;
  wr_i64 last_good;
  wr_buf bytes;
  enum phase phase;
  bool stop;
  wr_write_result result;
};

static void write_one(wr_writer *w)
{
  wr_write_result *r = &w->result;
  wr_checkpoint_seal(&w->bytes);
  r->ok = wr_dir_write(w->dir, r->number, w->last_good, &w->bytes, r->why, sizeof r->why);
  if (r->ok) w->last_good = r->number;
  wr_buf_free(&w->bytes);
}

static void *work(void *arg)
{
  wr_writer *w = arg;
  pthread_mutex_lock(&w->mutex);
  for (;;) {
    while (w->phase != BUSY && !w->stop) pthread_cond_wait(&w->change, &w->mutex);
    if (w->phase != BUSY) break;
    pthread_mutex_unlock(&w->mutex);
    write_one(w);
    pthread_mutex_lock(&w->mutex);
    w->phase = DONE;
    pthread_cond_broadcast(&w->change);
  }
  pthread_mutex_unlock(&w->mutex);
  return NULL;
}

/* Signals are for the loop's thread. */
static bool start(wr_writer *w)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool ok = pthread_create(&w->thread, NULL, work, w) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return ok;
}

wr_writer *wr_writer_new(wr_state_dir *dir, wr_i64 last_good)
{
  wr_writer *w = wr_mem_alloc(sizeof *w);
  *w = (wr_writer){ .dir = dir, .last_good = last_good, .phase = FREE };
  pthread_mutex_init(&w->mutex, NULL);
  pthread_cond_init(&w->change, NULL);
  if (start(w)) return w;
  wr_mem_free(w, sizeof *w);
  return NULL;
}

void wr_writer_put(wr_writer *w, wr_i64 number, wr_buf *bytes)
{
  pthread_mutex_lock(&w->mutex);
  w->bytes = *bytes;
  *bytes = (wr_buf){ 0 };
  w->result = (wr_write_result){ .number = number };
  w->phase = BUSY;
  pthread_cond_broadcast(&w->change);
  pthread_mutex_unlock(&w->mutex);
}

bool wr_writer_busy(wr_writer *w)
{
  pthread_mutex_lock(&w->mutex);
  bool busy = w->phase != FREE;
  pthread_mutex_unlock(&w->mutex);
  return busy;
}

bool wr_writer_done(wr_writer *w, bool wait, wr_write_result *out)
{
  pthread_mutex_lock(&w->mutex);
  while (wait && w->phase == BUSY) pthread_cond_wait(&w->change, &w->mutex);
  bool done = w->phase == DONE;
  if (done) {
    *out = w->result;
    w->phase = FREE;
  }
  pthread_mutex_unlock(&w->mutex);
  return done;
}

void wr_writer_free(wr_writer *w)
{
  if (!w) return;
  pthread_mutex_lock(&w->mutex);
  w->stop = true;
  pthread_cond_broadcast(&w->change);
  pthread_mutex_unlock(&w->mutex);
  pthread_join(w->thread, NULL);
  pthread_mutex_destroy(&w->mutex);
  pthread_cond_destroy(&w->change);
  wr_buf_free(&w->bytes);
  wr_mem_free(w, sizeof *w);
}
