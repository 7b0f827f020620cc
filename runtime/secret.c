/* secret.c -- passwords and keys, read when a connector is opened: from an environment variable or from a
 * file that only its owner can read. Programs hold the reference, never the value: messages name the
 * reference, and who read a secret wipes it.
 */
#include "rt_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 64 * 1024 };

void wr_secret_wipe(wr_buf *b)
{
  if (b->p) explicit_bzero(b->p, b->cap);
  wr_buf_free(b);
}

static bool refuse(wr_ctx *ctx, const char *who, const char *name, const char *why, const char *hint)
{
  wr_error(ctx, WR_EXIT_CONFIG, hint, "%s: the secret %s %s", who, name, why);
  return false;
}

static bool from_file(wr_ctx *ctx, const char *who, const char *name, wr_buf *out)
{
  struct stat st;
  int fd = open(name + 5, O_RDONLY | O_CLOEXEC);
  ssize_t n = 0;

  if (fd < 0) return refuse(ctx, who, name, strerror(errno), "is the path right, seen from the working directory?");
  if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (st.st_mode & 077) || st.st_uid != geteuid()) {
    close(fd);
    return refuse(ctx, who, name, "can be read by others", "the file must be its user's own: chmod 600");
  }
  wr_buf_reserve(out, SECRET_MAX + 2);      /* never grown: no copy stays behind */
  for (ssize_t got = 1; got > 0 && n <= SECRET_MAX; n += got > 0 ? got : 0)
    got = read(fd, out->p + n, SECRET_MAX + 1 - (size_t)n);
  close(fd);
  out->n = (size_t)n;
  if (n > SECRET_MAX) return refuse(ctx, who, name, "is longer than 64 KiB", "");
  if (out->n && out->p[out->n - 1] == '\n') out->n--;
  return true;
}

static bool from_env(wr_ctx *ctx, const char *who, const char *name, wr_buf *out)
{
  const char *v = getenv(name + 4);

  if (!v) return refuse(ctx, who, name, "is not set", "set the environment variable before the start");
  wr_buf_reserve(out, strlen(v) + 1);
  wr_buf_add(out, v, strlen(v));
  return true;
}

bool wr_secret_read(wr_ctx *ctx, const char *who, const wr_slot *ref, wr_buf *out)
{
  char name[1024];
  bool ok;

  snprintf(name, sizeof name, "%.*s", (int)ref->len, ref->u.p);
  ok = strncmp(name, "file:", 5) == 0 ? from_file(ctx, who, name, out)
     : strncmp(name, "env:", 4) == 0 ? from_env(ctx, who, name, out)
                                     : refuse(ctx, who, name, "is no reference", "\"env:NAME\" or \"file:PATH\"");
  if (ok && (out->n == 0 || memchr(out->p, 0, out->n)))
    ok = refuse(ctx, who, name, "is empty or holds a zero byte", "");
  if (!ok) {
    wr_secret_wipe(out);
    return false;
  }
  wr_buf_add(out, "", 1);
  out->n--;
  return true;
}
