/* fs.c -- the file seam: the system's calls, repeated when a signal interrupts them.
 *
 * Only reading from a pipe or a terminal is handed back on a signal (-1, EINTR), so that the loop
 * can look whether the run is to stop.
 */
#include "rt_internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRY(call) \
  __extension__({ long r_; do r_ = (call); while (r_ < 0 && errno == EINTR); r_; })

static int real_open(const char *path, int flags, int mode)
{
  return (int)RETRY(open(path, flags | O_CLOEXEC, mode));
}

static long real_read(int fd, void *p, size_t n) { return read(fd, p, n); }
static long real_write(int fd, const void *p, size_t n) { return RETRY(write(fd, p, n)); }
static int real_fsync(int fd) { return (int)RETRY(fsync(fd)); }
static int real_rename(const char *from, const char *to) { return rename(from, to); }
static int real_unlink(const char *path) { return unlink(path); }
static int real_truncate(int fd, wr_i64 length) { return (int)RETRY(ftruncate(fd, length)); }

/* Never repeated: after EINTR Linux has closed the descriptor all the same. */
static int real_close(int fd)
{
  return close(fd) == 0 || errno == EINTR ? 0 : -1;
}

static wr_i64 real_size(int fd)
{
  struct stat st;

  return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (wr_i64)st.st_size : -1;
}

static int real_ready(int fd)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };
  int n = poll(&p, 1, 1);

  return n > 0 || (n < 0 && errno != EINTR);   /* an error is for read to report; after a signal it would wait */
}

static int real_same(int fd, const char *path)
{
  struct stat open_file, named;

  return fstat(fd, &open_file) == 0 && stat(path, &named) == 0 && open_file.st_ino == named.st_ino &&
         open_file.st_dev == named.st_dev;
}

static int real_lock(int fd, bool shared)
{
  struct stat st;

  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return 0;
  return flock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 || errno != EWOULDBLOCK ? 0 : -1;
}

static wr_i64 real_seek(int fd, wr_i64 offset) { return lseek(fd, offset, SEEK_SET); }
static int real_mkdir(const char *path, int mode) { return mkdir(path, (mode_t)mode); }

static int real_list(const char *path, void (*each)(void *, const char *name), void *arg)
{
  DIR *dir = opendir(path);
  const struct dirent *e;

  if (!dir) return -1;
  while ((e = readdir(dir))) each(arg, e->d_name);
  return closedir(dir);
}

const wr_fs wr_fs_real = {
  .open = real_open, .read = real_read, .write = real_write, .fsync = real_fsync, .close = real_close,
  .rename = real_rename, .unlink = real_unlink, .truncate = real_truncate, .size = real_size,
  .ready = real_ready, .same = real_same, .lock = real_lock, .seek = real_seek, .mkdir = real_mkdir,
  .list = real_list,
};
const wr_fs *wr_fs_now = &wr_fs_real;
