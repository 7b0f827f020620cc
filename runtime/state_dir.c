/* state_dir.c -- a folder of checkpoints: its lock, which are there, reading and writing one.
 *
 * checkpoint-000000012 is the twelfth. A write goes to checkpoint.tmp, is fsynced, renamed, and made
 * lasting by an fsync of the folder; only then older ones are removed. So whatever happens the last
 * good one is there, whole.
 */
#include "checkpoint.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define PREFIX "checkpoint-"

static bool failed(char *why, size_t size, const char *what, const char *path)
{
  snprintf(why, size, "%s %.180s: %s", what, path, strerror(errno));
  return false;
}

void wr_dir_name(const wr_state_dir *d, wr_i64 number, char *out, size_t size)
{
  snprintf(out, size, "%s/" PREFIX "%09lld", d->path, number);
}

/* ---- what is there ---- */

/* Keeps the highest numbers, in falling order. */
static void note_name(void *arg, const char *name)
{
  wr_state_dir *d = arg;
  wr_i64 number;
  int at = d->n, room = sizeof d->number / sizeof *d->number;
  size_t n = strlen(PREFIX);
  if (strncmp(name, PREFIX, n) != 0 || !wr_parse_int(name + n, strlen(name + n), &number) || number <= 0) return;
  while (at > 0 && d->number[at - 1] < number) at--;
  if (at == room) return;
  if (d->n == room) d->n--;
  memmove(d->number + at + 1, d->number + at, (size_t)(d->n - at) * sizeof *d->number);
  d->number[at] = number;
  d->n++;
}

static bool list(wr_state_dir *d, char *why, size_t size)
{
  d->n = 0;
  return wr_fs_now->list(d->path, note_name, d) == 0 || failed(why, size, "cannot list", d->path);
}

/* ---- opening ---- */

static bool lock(wr_state_dir *d, char *why, size_t size)
{
  char path[WR_DIR_PATH];
  snprintf(path, sizeof path, "%s/lock", d->path);
  d->lock = wr_fs_now->open(path, O_RDWR | O_CREAT, 0600);
  if (d->lock < 0) return failed(why, size, "cannot create", path);
  if (wr_fs_now->lock(d->lock, false) == 0) return true;
  snprintf(why, size, "another run uses %s", d->path);
  return false;
}

bool wr_dir_open(wr_state_dir *d, const char *path, bool create, char *why, size_t size)
{
  d->lock = -1;
  d->n = 0;
  if (!*path || strlen(path) >= sizeof d->path) {
    snprintf(why, size, "the folder's path is %s", *path ? "too long" : "empty");
    return false;
  }
  snprintf(d->path, sizeof d->path, "%s", path);
  if (create && wr_fs_now->mkdir(path, 0700) != 0 && errno != EEXIST)
    return failed(why, size, "cannot create the folder", path);
  if ((!create || lock(d, why, size)) && list(d, why, size)) return true;
  wr_dir_close(d);
  return false;
}

void wr_dir_close(wr_state_dir *d)
{
  if (d->lock >= 0) wr_fs_now->close(d->lock);
  d->lock = -1;
}

/* ---- reading ---- */

static bool read_all(int fd, wr_buf *b)
{
  wr_i64 size = wr_fs_now->size(fd);
  long n = 1;
  if (size < 0) { errno = EINVAL; return false; }
  wr_buf_reserve(b, (size_t)size + 1);
  while (n > 0) {
    wr_buf_reserve(b, 1);
    n = wr_fs_now->read(fd, b->p + b->n, b->cap - b->n);
    if (n > 0) b->n += (size_t)n;
    else if (n < 0 && errno == EINTR) n = 1;
  }
  return n == 0;
}

bool wr_dir_read(const wr_state_dir *d, wr_i64 number, wr_checkpoint *c, char *why, size_t size)
{
  char path[WR_DIR_PATH];
  wr_dir_name(d, number, path, sizeof path);
  *c = (wr_checkpoint){ 0 };
  int fd = wr_fs_now->open(path, O_RDONLY, 0);
  if (fd < 0) return failed(why, size, "cannot open", path);
  bool ok = read_all(fd, &c->bytes) || failed(why, size, "cannot read", path);
  wr_fs_now->close(fd);
  if (ok && wr_checkpoint_parse(c, why, size)) return true;
  wr_u32 other = c->other;
  wr_checkpoint_free(c);
  c->other = other;
  return false;
}

/* ---- writing ---- */

static bool write_all(int fd, const wr_buf *b)
{
  for (size_t at = 0; at < b->n;) {
    long n = wr_fs_now->write(fd, b->p + at, b->n - at);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = ENOSPC;
    if (n <= 0) return false;
    at += (size_t)n;
  }
  return true;
}

static bool write_file(const char *path, const wr_buf *b, char *why, size_t size)
{
  int fd = wr_fs_now->open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return failed(why, size, "cannot create", path);
  bool ok = write_all(fd, b) || failed(why, size, "cannot write", path);
  ok = ok && (wr_fs_now->fsync(fd) == 0 || failed(why, size, "cannot fsync", path));
  if (wr_fs_now->close(fd) != 0 && ok) ok = failed(why, size, "cannot close", path);
  if (!ok) wr_fs_now->unlink(path);
  return ok;
}

static bool sync_dir(const wr_state_dir *d, char *why, size_t size)
{
  int fd = wr_fs_now->open(d->path, O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return failed(why, size, "cannot open", d->path);
  bool ok = wr_fs_now->fsync(fd) == 0 || failed(why, size, "cannot fsync", d->path);
  wr_fs_now->close(fd);
  return ok;
}

static void prune(wr_state_dir *d, wr_i64 number, wr_i64 keep)
{
  char path[WR_DIR_PATH], why[256];
  if (!list(d, why, sizeof why)) return;  /* the next write tries again */
  for (int i = 0; i < d->n; i++) {
    if (d->number[i] >= number || d->number[i] == keep) continue;
    wr_dir_name(d, d->number[i], path, sizeof path);
    wr_fs_now->unlink(path);
  }
}

bool wr_dir_write(wr_state_dir *d, wr_i64 number, wr_i64 keep, const wr_buf *b, char *why, size_t size)
{
  char temp[WR_DIR_PATH], path[WR_DIR_PATH];
  snprintf(temp, sizeof temp, "%s/checkpoint.tmp", d->path);
  wr_dir_name(d, number, path, sizeof path);
  if (!write_file(temp, b, why, size)) return false;
  if (wr_fs_now->rename(temp, path) != 0) {
    failed(why, size, "cannot rename", temp);
    wr_fs_now->unlink(temp);
    return false;
  }
  if (!sync_dir(d, why, size)) return false;
  prune(d, number, keep);
  return true;
}
