/* conn_file_sink.c -- files as sinks: whole records only, in big writes.
 *
 * What was written of a record that did not fit any more is cut off again. A rolled file's number is
 * the first one free, so that nothing written earlier is ever replaced. When the reader of standard
 * output is gone the sink swallows the rest and the run ends quietly, as filters do.
 */
#include "conn_file.h"
#include "save.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

enum { BUFFER = 256 * 1024, NUMBERS = 1000000 };

typedef struct file_sink {
  const wr_sink *sink;
  void *fmt;
  char *path;
  char *name;                             /* of the open file: path, or the rolled one */
  size_t room;                            /* bytes of name */
  int fd;
  bool std, append, rolling, closed;
  wr_i64 size;                            /* of the file, in whole records */
  wr_i64 synced;                          /* bytes of it that are on the disk; -1: unknown */
  wr_i64 roll_size, roll_time;            /* 0: none */
  wr_ts begun;
  wr_i32 number;
  bool any;                               /* records since the file was begun */
  wr_buf out;
} file_sink;

/* ---- opening ---- */

/* out.jsonl -> out-000001.jsonl */
static void set_name(file_sink *s)
{
  const char *file = strrchr(s->path, '/'), *dot;

  file = file ? file + 1 : s->path;
  dot = strrchr(file, '.');
  if (!dot || dot == file) dot = file + strlen(file);
  if (s->rolling) snprintf(s->name, s->room, "%.*s-%06d%s", (int)(dot - s->path), s->path, s->number, dot);
  else memcpy(s->name, s->path, strlen(s->path) + 1);
}

static int open_name(file_sink *s)
{
  int flags = O_WRONLY | O_CREAT | (s->append ? O_APPEND : 0), fd;

  if (s->rolling) flags = O_WRONLY | O_CREAT | O_EXCL;
  do {
    s->number++;
    set_name(s);
    fd = wr_fs_now->open(s->name, flags, 0666);
  } while (fd < 0 && s->rolling && errno == EEXIST && s->number < NUMBERS);
  return fd;
}

static int begin_file(wr_ctx *ctx, file_sink *s)
{
  const wr_sink *sink = s->sink;

  s->fd = s->std ? 1 : open_name(s);
  if (s->fd >= 0 && !s->std && wr_fs_now->lock(s->fd, false) != 0) {
    wr_fs_now->close(s->fd);
    s->fd = -1;
    wr_error(ctx, WR_EXIT_IO, "give every sink a file of its own",
             "sink %s: %s is in use by a source, another sink, or another run", sink->name, s->name);
    return -1;
  }
  if (s->fd >= 0 && !s->std && !s->append && wr_fs_now->size(s->fd) > 0) wr_fs_now->truncate(s->fd, 0);
  if (s->fd < 0) {
    wr_error(ctx, WR_EXIT_IO, errno == ENOENT ? "create the folder first" : "", "sink %s: cannot create %s: %s",
             sink->name, s->name, strerror(errno));
    return -1;
  }
  s->size = s->std || !s->append || s->rolling ? 0 : wr_fs_now->size(s->fd);
  if (s->size < 0) s->size = 0;
  s->begun = wr_clock_now(ctx);
  s->any = false;
  s->synced = -1;
  if (s->size == 0 && sink->fmt && sink->fmt->encode_header)
    sink->fmt->encode_header(ctx, s->fmt, sink->type, &s->out);
  return 0;
}

static void dispose(file_sink *s)
{
  wr_buf_free(&s->out);
  wr_mem_free(s->name, s->room);
  wr_mem_free(s->path, strlen(s->path) + 1);
  wr_mem_free(s, sizeof *s);
}

void *wr_file_open_sink(wr_ctx *ctx, const wr_sink *sink, const wr_slot *opt, void *fmt)
{
  file_sink *s = wr_mem_alloc(sizeof *s);
  const wr_slot *roll = opt[FILE_ROLL].st == 0 ? opt[FILE_ROLL].u.list : 0;

  *s = (file_sink){ .sink = sink, .fmt = fmt, .fd = -1, .path = wr_file_path(&opt[FILE_PATH]) };
  s->room = strlen(s->path) + 16;
  s->name = wr_mem_alloc(s->room);
  s->std = strcmp(s->path, "-") == 0;
  s->append = opt[FILE_APPEND].st == 0 && opt[FILE_APPEND].u.i;
  if (roll && roll[ROLL_SIZE].st == 0) s->roll_size = roll[ROLL_SIZE].u.i;
  if (roll && roll[ROLL_TIME].st == 0) s->roll_time = roll[ROLL_TIME].u.i;
  s->rolling = !s->std && (s->roll_size > 0 || s->roll_time > 0);
  if (s->std) wr_output_shown(ctx);
  if (s->std) signal(SIGPIPE, SIG_IGN);   /* write reports it */
  if (s->std && wr_keeps(ctx))
    wr_note(ctx, "sink %s: standard output cannot be cut back: after a restart rows may come a second time",
            sink->name);
  if (wr_resumes(ctx, sink) || begin_file(ctx, s) == 0) return s;
  dispose(s);
  return 0;
}

/* ---- writing ---- */

static int failed(wr_ctx *ctx, file_sink *s)
{
  int e = errno;

  s->out.n = 0;
  if (s->std && e == EPIPE) {
    s->closed = true;
    wr_output_closed(ctx);
    return 0;
  }
  s->closed = true;
  if (!s->std && wr_fs_now->size(s->fd) > s->size) wr_fs_now->truncate(s->fd, s->size);
  wr_error(ctx, WR_EXIT_IO,
           e == ENOSPC || e == EDQUOT ? "free some space and run again; the file holds whole records only" : "",
           "sink %s: cannot write %s: %s", s->sink->name, s->std ? "standard output" : s->name, strerror(e));
  return -1;
}

static int write_out(wr_ctx *ctx, file_sink *s)
{
  size_t at = 0;

  while (at < s->out.n) {
    long n = wr_fs_now->write(s->fd, s->out.p + at, s->out.n - at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {       /* a terminal or pipe that somebody made non-blocking */
      poll(&(struct pollfd){ .fd = s->fd, .events = POLLOUT }, 1, 100);
      continue;
    }
    if (n == 0) errno = ENOSPC;
    if (n <= 0) return failed(ctx, s);
    at += (size_t)n;
  }
  s->size += (wr_i64)s->out.n;
  s->out.n = 0;
  return 0;
}

static int end_file(wr_ctx *ctx, file_sink *s)
{
  int bad = s->closed ? 0 : write_out(ctx, s), fd = s->fd;

  s->fd = -1;
  if (s->std || fd < 0) return bad;
  if (wr_fs_now->close(fd) < 0 && !bad) {
    wr_error(ctx, WR_EXIT_IO, "", "sink %s: cannot close %s: %s", s->sink->name, s->name, strerror(errno));
    bad = -1;
  }
  return bad;
}

static bool full(wr_ctx *ctx, const file_sink *s)
{
  if (!s->rolling || !s->any) return false;
  if (s->roll_size && s->size + (wr_i64)s->out.n >= s->roll_size) return true;
  return s->roll_time && wr_clock_now(ctx) - s->begun >= s->roll_time;
}

int wr_file_write(wr_ctx *ctx, void *state, const wr_written *w)
{
  file_sink *s = state;

  if (s->closed || w->records == 0) return 0;
  if (full(ctx, s) && (end_file(ctx, s) || begin_file(ctx, s))) {
    s->closed = true;
    return -1;
  }
  s->any = true;
  wr_buf_add(&s->out, w->bytes, w->n);
  return s->out.n >= BUFFER ? write_out(ctx, s) : 0;
}

int wr_file_flush(wr_ctx *ctx, void *state)
{
  file_sink *s = state;

  return s->closed ? 0 : write_out(ctx, s);
}

/* A failed run keeps what it wrote: whole records, like those of a run that was stopped. */
int wr_file_close_sink(wr_ctx *ctx, void *state, int ok)
{
  file_sink *s = state;
  int bad = end_file(ctx, s);

  (void)ok;
  dispose(s);
  return bad;
}

/* ---- restarts ---- */

static bool name_free(const char *name)
{
  int fd = wr_fs_now->open(name, O_RDONLY, 0);

  if (fd >= 0) wr_fs_now->close(fd);
  return fd < 0 && errno == ENOENT;
}

/* The first number that no file has: those from it on that a restart finds were written after the checkpoint. */
static wr_i32 next_free(file_sink *s)
{
  wr_i32 was = s->number, n;

  do {
    s->number++;
    set_name(s);
  } while (!name_free(s->name) && s->number < NUMBERS);
  n = s->number;
  s->number = was;
  set_name(s);
  return n;
}

/* What was written must be on the disk before a checkpoint says that it is there. */
static void sync_file(wr_ctx *ctx, file_sink *s)
{
  if (s->fd < 0 || s->synced == s->size || wr_fs_now->size(s->fd) < 0) return;
  if (wr_fs_now->fsync(s->fd) != 0) {
    wr_error(ctx, WR_EXIT_IO, "", "sink %s: cannot fsync %s: %s", s->sink->name, s->name, strerror(errno));
    return;
  }
  s->synced = s->size;
}

void wr_file_save_sink(wr_ctx *ctx, void *state, wr_buf *out)
{
  file_sink *s = state;
  wr_saver to = { *out };

  if (!s->std) sync_file(ctx, s);
  wr_save_str(&to, (wr_str){ s->path, (wr_u32)strlen(s->path), 0 });
  wr_save_u8(&to, s->rolling);
  wr_save_u8(&to, s->any);
  wr_save_i64(&to, s->size);
  wr_save_i64(&to, s->begun);
  wr_save_u32(&to, (wr_u32)s->number);
  wr_save_u32(&to, s->rolling ? (wr_u32)next_free(s) : 0);
  *out = to.buf;
}

static int cannot(wr_ctx *ctx, const file_sink *s, const char *what)
{
  wr_error(ctx, WR_EXIT_IO, "bring the file back, or let the sink begin anew: --drop and its name",
           "sink %s: cannot go on in %s: %s", s->sink->name, s->name, what);
  return -1;
}

static void remove_later(file_sink *s, wr_i32 from)
{
  wr_i32 was = s->number;

  for (s->number = from; s->number < NUMBERS; s->number++) {
    set_name(s);
    if (wr_fs_now->unlink(s->name) != 0) break;
  }
  s->number = was;
  set_name(s);
}

/* Cuts the file back to what it held. */
static int go_back(wr_ctx *ctx, file_sink *s, wr_i64 size)
{
  wr_i64 now;

  s->fd = wr_fs_now->open(s->name, O_WRONLY | O_APPEND, 0);
  if (s->fd < 0) return cannot(ctx, s, strerror(errno));
  if (wr_fs_now->lock(s->fd, false) != 0)
    return cannot(ctx, s, "it is in use by a source, another sink, or another run");
  now = wr_fs_now->size(s->fd);
  if (now >= 0 && now < size) return cannot(ctx, s, "it is shorter than it was");
  if (now > size && wr_fs_now->truncate(s->fd, size) != 0) return cannot(ctx, s, strerror(errno));
  s->size = now < 0 ? 0 : size;
  s->synced = -1;
  return 0;
}

int wr_file_load_sink(wr_ctx *ctx, void *state, const char *saved, size_t n)
{
  file_sink *s = state;
  wr_loader l = { .p = saved, .end = saved + n };
  wr_str path = wr_load_str(&l);
  bool rolling = wr_load_u8(&l);

  s->any = wr_load_u8(&l);
  wr_i64 size = wr_load_i64(&l);
  s->begun = wr_load_i64(&l);
  s->number = (wr_i32)wr_load_u32(&l);
  wr_u32 later = wr_load_u32(&l);
  if (s->number < 0 || s->number > NUMBERS || later > NUMBERS) l.bad = true;
  set_name(s);
  if (l.bad || size < 0) return cannot(ctx, s, "its place in the checkpoint makes no sense");
  if (path.len != strlen(s->path) || memcmp(path.p, s->path, path.len) != 0 || rolling != s->rolling)
    return cannot(ctx, s, "it wrote to another file before");
  if (s->std) return s->fd = 1, 0;
  if (s->rolling) remove_later(s, (wr_i32)later);
  return go_back(ctx, s, size);
}
