/* aot.c -- runs the machine's C compiler; the only file that does.
 *
 * Started by posix_spawn with an argument vector and a clean environment, in a private folder. The
 * output appears under its name only when it is complete.
 */
#include "aot.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef WEIR_LIBS
#define WEIR_LIBS "-lm"
#endif
enum { ARGS_MAX = 64 };
typedef struct Args { const char *v[ARGS_MAX]; int n; } Args;
typedef struct Paths {
  char dir[PATH_MAX], c[PATH_MAX + 16], out[PATH_MAX + 16], include[PATH_MAX + 32], lib[PATH_MAX + 32];
} Paths;

static void arg(Args *a, const char *s) { if (a->n < ARGS_MAX - 1) a->v[a->n++] = s; }

/* ---- where things are ---- */

static bool exists(const char *path) { return access(path, R_OK) == 0; }

/* Beside the weir binary and in the source tree, or in the PREFIX/lib/weir of an installation: from
 * where the binary is, so that an installation can be moved. */
static bool find_runtime(Paths *p)
{
  static const struct { const char *lib, *include; } places[] = {
    { "%s/../lib/weir/libweir_rt.a", "%s/../lib/weir/include" },
    { "%s/libweir_rt.a", "%s/../include" }, { "%s/libweir_rt.a", "%s/../../include" },
  };
  char self[PATH_MAX], probe[PATH_MAX + 64];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n <= 0) return false;
  self[n] = 0;
  *strrchr(self, '/') = 0;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    snprintf(p->lib, sizeof p->lib, places[i].lib, self);
    snprintf(p->include, sizeof p->include, places[i].include, self);
    snprintf(probe, sizeof probe, "%s/weir/rt.h", p->include);
    if (exists(p->lib) && exists(probe)) return true;
  }
  return false;
}

static bool runnable(const char *dir, size_t n, const char *name, char *out, size_t size)
{
  snprintf(out, size, "%.*s/%s", (int)n, dir, name);
  return n > 0 && access(out, X_OK) == 0;
}

static bool find_cc(char *out, size_t size)
{
  const char *names[] = { getenv("CC"), "cc", "gcc", "clang" }, *path = getenv("PATH");
  if (!path) path = "/usr/local/bin:/usr/bin:/bin";
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!names[i] || !*names[i]) continue;
    if (strchr(names[i], '/')) {
      snprintf(out, size, "%s", names[i]);
      if (access(out, X_OK) == 0) return true;
      continue;
    }
    for (const char *d = path; *d; d += strcspn(d, ":"), d += *d == ':')
      if (runnable(d, strcspn(d, ":"), names[i], out, size)) return true;
  }
  return false;
}

bool aot_available(void)
{
  Paths p;
  char cc[PATH_MAX];
  return find_runtime(&p) && find_cc(cc, sizeof cc);
}

/* ---- running it ---- */

static bool spawn(const Args *a)
{
  static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", lang[] = "LC_ALL=C";
  char *env[] = { path, lang, NULL };
  pid_t pid;
  int status, e = posix_spawn(&pid, a->v[0], NULL, NULL, (char *const *)a->v, env);
  if (e) {
    fprintf(stderr, "weir: error: cannot run %s: %s\n", a->v[0], strerror(e));
    return false;
  }
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool write_text(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  size_t n = strlen(text), done = 0;
  while (fd >= 0 && done < n) {
    ssize_t k = write(fd, text + done, n - done);
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0) break;
    done += (size_t)k;
  }
  if (fd < 0 || close(fd) || done < n) {
    fprintf(stderr, "weir: error: cannot write %s: %s\n", path, strerror(errno));
    return false;
  }
  return true;
}

static bool open_work(Paths *p, const char *text)
{
  const char *tmp = getenv("TMPDIR");
  snprintf(p->dir, sizeof p->dir, "%s/weir-XXXXXX", tmp && *tmp ? tmp : "/tmp");
  if (!mkdtemp(p->dir)) {
    fprintf(stderr, "weir: error: cannot make a folder for the build: %s\n"
                    "  = hint: set TMPDIR to one that can be written\n", strerror(errno));
    return false;
  }
  snprintf(p->c, sizeof p->c, "%s/program.c", p->dir);
  snprintf(p->out, sizeof p->out, "%s/out", p->dir);
  return write_text(p->c, text);
}

static void close_work(const Paths *p)
{
  unlink(p->c);
  unlink(p->out);
  rmdir(p->dir);
}

static bool ready(Paths *p, char *cc)
{
  if (!find_cc(cc, PATH_MAX)) {
    fprintf(stderr, "weir: error: there is no C compiler on this machine (tried $CC, cc, gcc, clang)\n"
                    "  = hint: install one (Debian: gcc), or use weir run, which needs none\n");
    return false;
  }
  if (find_runtime(p)) return true;
  fprintf(stderr, "weir: error: the runtime's library (libweir_rt.a and weir/rt.h) is not where it belongs\n"
                  "  = hint: install with make install, or run weir from its build folder\n");
  return false;
}

static void common(Args *a, const Paths *p, const char *cc)
{
  static const char *const flags[] = { "-std=gnu11", "-O3", "-ffp-contract=off", "-fwrapv",
    "-fno-strict-aliasing", "-w", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2" };
  arg(a, cc);
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) arg(a, flags[i]);
  arg(a, "-I");
  arg(a, p->include);
}

/* Moves the finished file to its name, by rename or, across file systems, by a copy beside it. */
static bool deliver(const char *from, const char *to)
{
  if (rename(from, to) == 0) return true;
  char part[PATH_MAX], buf[65536];
  snprintf(part, sizeof part, "%s.part", to);
  int in = open(from, O_RDONLY), out = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  ssize_t n = 0;
  while (in >= 0 && out >= 0 && (n = read(in, buf, sizeof buf)) > 0)
    if (write(out, buf, (size_t)n) != n) { n = -1; break; }
  int e = errno;
  if (in >= 0) close(in);
  if (out < 0 || close(out) || n < 0 || rename(part, to)) {
    fprintf(stderr, "weir: error: cannot write %s: %s\n", to, strerror(out < 0 || n < 0 ? e : errno));
    unlink(part);
    return false;
  }
  return true;
}

int aot_build(const char *text, const char *output)
{
  Paths p;
  char cc[PATH_MAX], libs[] = WEIR_LIBS;
  if (!ready(&p, cc)) return AOT_NO_COMPILER;
  if (!open_work(&p, text)) return AOT_CANNOT_WRITE;
  Args a = { .n = 0 };
  common(&a, &p, cc);
  static const char *const link[] = { "-fPIE", "-pie", "-Wl,-z,relro,-z,now", "-Wl,--gc-sections", "-s" };
  for (size_t i = 0; i < sizeof link / sizeof *link; i++) arg(&a, link[i]);
  arg(&a, "-o");
  arg(&a, p.out);
  arg(&a, p.c);
  arg(&a, p.lib);
  for (char *save, *s = strtok_r(libs, " ", &save); s; s = strtok_r(NULL, " ", &save)) arg(&a, s);
  int code = spawn(&a) ? 0 : AOT_FAILED;
  if (code) fprintf(stderr, "weir: error: the C compiler refused the generated program or could not link it\n");
  else if (!deliver(p.out, output)) code = AOT_CANNOT_WRITE;
  close_work(&p);
  return code;
}

const wr_program *aot_load(const char *text)
{
  Paths p;
  char cc[PATH_MAX];
  if (!ready(&p, cc) || !open_work(&p, text)) return NULL;
  Args a = { .n = 0 };
  common(&a, &p, cc);
  arg(&a, "-shared");
  arg(&a, "-fPIC");
  arg(&a, "-o");
  arg(&a, p.out);
  arg(&a, p.c);
  const wr_program *prog = NULL;
  if (spawn(&a)) {
    void *so = dlopen(p.out, RTLD_NOW | RTLD_LOCAL);
    prog = so ? dlsym(so, "weir_program") : NULL;
    if (!prog) fprintf(stderr, "weir: error: the compiled program cannot be loaded: %s\n", dlerror());
  } else {
    fprintf(stderr, "weir: error: the C compiler refused the generated program\n");
  }
  close_work(&p);
  return prog;
}
