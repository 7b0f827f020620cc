/* control.c -- `weir get` and `weir set`: one line to a run's control socket, its reply to the terminal.
 *
 * The run does all the work (runtime/control.c); what is here knows the words `get`, `set`, `ok` and
 * `error`, and that values travel as JSON strings.
 */
#include "control.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { REFUSED = 64, NO_RUN = 66, SECONDS = 10 };

static int no_run(const char *path, const char *why, const char *hint)
{
  fprintf(stderr, "weir: error: %s: %s\n  = hint: %s\n", path, why, hint);
  return NO_RUN;
}

static int call(const char *path, int *fd)
{
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  struct timeval patience = { SECONDS, 0 };
  if (strlen(path) >= sizeof a.sun_path) return no_run(path, "too long for a socket", "its path has at most 107 bytes");
  memcpy(a.sun_path, path, strlen(path));
  *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(*fd, (struct sockaddr *)&a, sizeof a) == 0) return 0;
  int e = errno;
  close(*fd);
  const char *why = e == ECONNREFUSED ? "no run answers there" : e == ENOENT ? "there is no run" : strerror(e);
  return no_run(path, why, e == EACCES ? "only the user who started the run may"
                                       : "start the run with --control PATH, and give that PATH");
}

/* The reply: its first line says whether the rest is for standard output or standard error. */
static int print_reply(FILE *in, const char *path)
{
  char line[64], text[4096];
  size_t n;
  bool there = fgets(line, sizeof line, in) != NULL, fine = there && strcmp(line, "ok\n") == 0;
  if (!there || (!fine && strcmp(line, "error\n") != 0))
    return no_run(path, "no reply", "does the run go on? its sinks may be stuck");
  if (!fine) fprintf(stderr, "weir: error: ");
  while ((n = fread(text, 1, sizeof text, in)) > 0) fwrite(text, 1, n, fine ? stdout : stderr);
  return fine && !ferror(in) ? 0 : REFUSED;
}

static int ask(const char *path, const char *request, size_t n)
{
  int fd, code = call(path, &fd);
  if (code) return code;
  for (ssize_t k; n; request += k, n -= (size_t)k)
    if ((k = send(fd, request, n, MSG_NOSIGNAL)) <= 0) break;   /* hung up on: there is a reply that says why */
  FILE *in = fdopen(fd, "r");
  if (!in) abort();
  code = print_reply(in, path);
  fclose(in);
  return code;
}

int control_get(const char *path, bool json)
{
  return json ? ask(path, "get json\n", 9) : ask(path, "get\n", 4);
}

static void quote(FILE *f, const char *s)
{
  fputc('"', f);
  for (; *s; s++) {
    if (*s == '"' || *s == '\\') fprintf(f, "\\%c", *s);
    else if ((unsigned char)*s < ' ') fprintf(f, "\\u%04x", *s);
    else fputc(*s, f);
  }
  fputc('"', f);
}

int control_set(const char *path, char **assignment, int n)
{
  char *request = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&request, &size);
  if (!f) abort();
  fputs("set [", f);
  for (int i = 0; i < n; i++) {
    if (i) fputc(',', f);
    quote(f, assignment[i]);
  }
  fputs("]\n", f);
  fclose(f);
  int code = ask(path, request, size);
  free(request);
  return code;
}
