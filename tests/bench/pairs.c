/* pairs.c -- runs programs by turns and compares their speeds.
 *
 *   pairs CASE ROWS ROUNDS OUTPUT CPU_TSV WALL_TSV -- hand CMD.. -- native CMD.. -- jit CMD..
 *
 * Every round runs each program once, one after the other, so that what else the machine does strikes
 * all of them; a ratio is made of two times of the same round. All are bound to one CPU where that is
 * allowed. OUTPUT is removed before each run. Times are of the whole process, start and end included:
 * user and system time (CPU_TSV, all programs have one thread and never wait), and the clock's (WALL_TSV).
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROGRAMS = 3, ROUNDS_MAX = 99 };
typedef struct Program { const char *name; char **cmd; double cpu[ROUNDS_MAX], wall[ROUNDS_MAX]; } Program;

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void last_cpu(void)
{
  cpu_set_t may, one;
  if (sched_getaffinity(0, sizeof may, &may)) return;
  for (int i = CPU_SETSIZE - 1; i >= 0; i--) {
    if (!CPU_ISSET(i, &may)) continue;
    CPU_ZERO(&one);
    CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

static void run(Program *p, int round, const char *output)
{
  struct rusage u;
  int status;
  unlink(output);
  double from = now();
  pid_t pid = fork();
  if (pid == 0) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 2);
    last_cpu();
    execv(p->cmd[0], p->cmd);
    _exit(127);
  }
  if (pid < 0 || wait4(pid, &status, 0, &u) != pid || status != 0) {
    fprintf(stderr, "pairs: %s failed: %s\n", p->name, p->cmd[0]);
    exit(1);
  }
  p->wall[round] = now() - from;
  p->cpu[round] = seconds(u.ru_utime) + seconds(u.ru_stime);
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void row(FILE *out, const char *name, const char *subject, const char *rival, const double *t,
                const double *other, int n, double rows)
{
  double ratio[ROUNDS_MAX], sorted[ROUNDS_MAX];
  for (int i = 0; i < n; i++) ratio[i] = other[i] / t[i];
  memcpy(sorted, t, (size_t)n * sizeof *t);
  qsort(ratio, (size_t)n, sizeof *ratio, ascending);
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  fprintf(out, "%s\t%s\t%s\t%.2f\t%.2f\t%.2f\t%.0f\n", name, subject, rival, ratio[0], ratio[n / 2], ratio[n - 1],
          rows / sorted[n / 2]);
}

static void report(const char *path, int wall, const char *name, Program *p, int n, double rows)
{
  static const int pair[3][2] = { { 1, 0 }, { 2, 0 }, { 2, 1 } };
  FILE *out = fopen(path, "a");
  if (!out) {
    perror(path);
    exit(1);
  }
  for (int i = 0; i < 3; i++) {
    Program *a = &p[pair[i][0]], *b = &p[pair[i][1]];
    row(out, name, a->name, b->name, wall ? a->wall : a->cpu, wall ? b->wall : b->cpu, n, rows);
  }
  if (fclose(out)) perror(path);
}

int main(int argc, char **argv)
{
  static Program p[PROGRAMS];
  int n = 0, rounds = argc > 7 ? atoi(argv[3]) : 0;
  for (int i = 7; i + 2 < argc && n < PROGRAMS; i++) {
    if (strcmp(argv[i], "--") != 0) continue;
    argv[i] = NULL;                                    /* ends the command before it */
    p[n].name = argv[i + 1];
    p[n++].cmd = argv + i + 2;
  }
  if (n != PROGRAMS || rounds < 1 || rounds > ROUNDS_MAX) {
    fputs("usage: pairs CASE ROWS ROUNDS OUTPUT CPU_TSV WALL_TSV -- NAME CMD.. -- NAME CMD.. -- NAME CMD..\n", stderr);
    return 64;
  }
  for (int r = 0; r < rounds; r++)
    for (int i = 0; i < PROGRAMS; i++) run(&p[(r + i) % PROGRAMS], r, argv[4]);
  report(argv[5], 0, argv[1], p, rounds, atof(argv[2]));
  report(argv[6], 1, argv[1], p, rounds, atof(argv[2]));
  return 0;
}
