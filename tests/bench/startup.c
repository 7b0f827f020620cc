/* startup.c -- how long until something comes, and how much memory a program that waits takes.
 *
 *   startup first N CMD..     ms from start to the first byte of output, one line being on its input
 *   startup alert N CMD..     the same with payments that are worth an alert: first_alert.weir
 *   startup whole N CMD..     ms from start to end
 *   startup idle N CMD..      MB resident, a third of a second after the first row, while it waits for input
 *
 * Prints the least, the median and the greatest of N runs, tabs between them.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct Child { pid_t pid; int in, out; double from; } Child;
static const char line[] = "{\"user\":\"ann\",\"amount\":12}\n";
static char payments[2048];                            /* six at once, and one that moves the watermark */
static const char *input = line;

static void make_payments(void)
{
  int n = 0;
  for (int i = 0; i < 7; i++)
    n += snprintf(payments + n, sizeof payments - (size_t)n,
                  "{\"id\":\"%d\",\"user\":\"ann\",\"card\":\"4111\",\"merchant\":\"m\",\"country\":\"DE\","
                  "\"amount\":300.00,\"ts\":\"2026-01-01T00:%02d:0%dZ\"}\n", i, i == 6 ? 5 : 0, i);
  input = payments;
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static _Noreturn void die(const char *what)
{
  perror(what);
  exit(1);
}

static Child start(char **cmd)
{
  int in[2], out[2];
  Child c;
  if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) die("pipe");
  if (write(in[1], input, strlen(input)) < 0) die("write");
  c.from = now();
  if ((c.pid = fork()) == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(open("/dev/null", O_WRONLY), 2);
    execvp(cmd[0], cmd);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  c.in = in[1];
  c.out = out[0];
  return c;
}

static void end(Child *c)
{
  char rest[4096];
  int status;
  close(c->in);
  while (read(c->out, rest, sizeof rest) > 0) {}
  close(c->out);
  if (waitpid(c->pid, &status, 0) < 0 || status != 0) {
    fputs("startup: the program failed\n", stderr);
    exit(1);
  }
}

static void first_byte(Child *c)
{
  char byte;
  if (read(c->out, &byte, 1) != 1) {
    fputs("startup: the program gave nothing\n", stderr);
    exit(1);
  }
}

static double resident(pid_t pid)                      /* MB */
{
  char path[64], text[256];
  double kb = 0;
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *f = fopen(path, "r");
  if (!f) die(path);
  while (fgets(text, sizeof text, f))
    if (sscanf(text, "VmRSS: %lf kB", &kb) == 1) break;
  fclose(f);
  return kb / 1024;
}

static double measure(const char *what, char **cmd)
{
  Child c = start(cmd);
  double v = 0;
  if (strcmp(what, "whole") != 0) first_byte(&c);
  v = now() - c.from;
  if (strcmp(what, "idle") == 0) {
    nanosleep(&(struct timespec){ 0, 333000000 }, 0);
    v = resident(c.pid);
  }
  end(&c);
  return strcmp(what, "whole") == 0 ? now() - c.from : v;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
  double v[99];
  int n = argc > 3 ? atoi(argv[2]) : 0;
  if (n < 1 || n > 99) {
    fputs("usage: startup first|alert|whole|idle N CMD..\n", stderr);
    return 64;
  }
  if (strcmp(argv[1], "alert") == 0) make_payments();
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < n; i++) v[i] = measure(argv[1], argv + 3);
  qsort(v, (size_t)n, sizeof *v, ascending);
  printf("%.1f\t%.1f\t%.1f\n", v[0], v[n / 2], v[n - 1]);
  return 0;
}
