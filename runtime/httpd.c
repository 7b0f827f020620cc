/* httpd.c -- metrics and health over HTTP, by libmicrohttpd; the only file that knows it.
 *
 * The library is loaded when --metrics asks for it, so that a binary needs it for nothing else. Its one
 * thread never looks at the run: the loop prints the page between batches and swaps it in under a lock,
 * only when somebody has asked, and so seldom that printing stays below a twentieth of its time.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "ops.h"

enum {
  CONNECTIONS = 64, IDLE_SECONDS = 5, HEADER_BYTES = 16 * 1024,
  STALLED_MS = 5000,                      /* a loop that has not turned for so long is not well */
  FRESH_MS = 1000,                        /* a request waits so long for a page of now */
  PAUSE_US = 100000, SHARE = 20,          /* between pages: so long, and SHARE times what one took */
  TOKEN_MIN = 16, TOKEN_MAX = 4096
};

#define MHD_CALLS(X) \
  X(start_daemon) X(stop_daemon) X(create_response_from_buffer) X(add_response_header) X(queue_response) \
  X(destroy_response) X(lookup_connection_value)
typedef struct Library {
#define X(name) __typeof__(&MHD_##name) name;
  MHD_CALLS(X)
#undef X
} Library;

struct wr_httpd {
  Library mhd;
  void *library;
  struct MHD_Daemon *daemon;
  int fd;
  char token[TOKEN_MAX + 1];              /* "": none is asked for */
  pthread_mutex_t lock;
  pthread_cond_t fresh;
  wr_buf page;                            /* what is served; the loop prints into `next` */
  wr_u64 version;
  wr_buf next;
  wr_i64 not_before;                      /* the next page; microseconds */
  atomic_bool wanted, running, ending;
  atomic_llong beat;                      /* when the loop last turned; milliseconds */
};

static wr_i64 monotonic_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (wr_i64)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- opening: library, token, address ---- */

static bool load(wr_state *s, wr_httpd *h)
{
  bool all = (h->library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL)) != NULL;
#define X(name) all = all && (h->mhd.name = (__typeof__(h->mhd.name))dlsym(h->library, "MHD_" #name)) != NULL;
  MHD_CALLS(X)
#undef X
  if (!all)
    wr_error(&s->ctx, WR_EXIT_CONFIG, "install it (Debian: libmicrohttpd12), or leave --metrics out",
             "--metrics needs the library libmicrohttpd.so.12, which cannot be loaded");
  return all;
}

static bool token_refused(wr_state *s, const char *hint, const char *why)
{
  wr_error(&s->ctx, WR_EXIT_CONFIG, hint, "--metrics-token-file %s: %s", s->opt.metrics_token_file, why);
  return false;
}

static bool token_text(wr_state *s, wr_httpd *h, size_t n)
{
  while (n && (h->token[n - 1] == '\n' || h->token[n - 1] == '\r')) n--;
  h->token[n] = 0;
  if (n < TOKEN_MIN)
    return token_refused(s, "head -c 32 /dev/urandom | base64 makes a good one", "a token has at least 16 characters");
  for (size_t i = 0; i < n; i++)
    if (h->token[i] < '!' || h->token[i] > '~')
      return token_refused(s, "", "a token is one line of printable characters without spaces");
  return true;
}

static bool token_read(wr_state *s, wr_httpd *h)
{
  struct stat st;
  int fd = wr_fs_now->open(s->opt.metrics_token_file, O_RDONLY, 0);
  if (fd < 0) return token_refused(s, "", strerror(errno));
  bool known = fstat(fd, &st) == 0, file = known && S_ISREG(st.st_mode), open = known && (st.st_mode & 077);
  long n = file && !open ? wr_fs_now->read(fd, h->token, TOKEN_MAX) : 0;
  int e = errno;
  wr_fs_now->close(fd);
  if (!file) return token_refused(s, "", "not a file");
  if (open) return token_refused(s, "chmod 600 it", "others may read it, too");
  return n < 0 ? token_refused(s, "", strerror(e)) : token_text(s, h, (size_t)n);
}

typedef union Address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} Address;

/* 127.0.0.1:9100, localhost:9100, [::1]:9100, 0.0.0.0:9100; no other names: what they mean may change. */
static bool address_of(const char *text, Address *a, socklen_t *size)
{
  const char *colon = strrchr(text, ':');
  char host[64];
  wr_i64 port;
  size_t n = colon ? (size_t)(colon - text) : 0;
  if (!n || n >= sizeof host || !wr_parse_int(colon + 1, strlen(colon + 1), &port) || port < 0 || port > 65535)
    return false;
  bool six = text[0] == '[' && text[n - 1] == ']';
  snprintf(host, sizeof host, "%.*s", (int)(six ? n - 2 : n), text + six);
  memset(a, 0, sizeof *a);
  if (six) {
    a->v6.sin6_family = AF_INET6;
    a->v6.sin6_port = htons((uint16_t)port);
    *size = sizeof a->v6;
    return inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1;
  }
  a->v4.sin_family = AF_INET;
  a->v4.sin_port = htons((uint16_t)port);
  *size = sizeof a->v4;
  return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &a->v4.sin_addr) == 1;
}

static bool is_loopback(const Address *a)
{
  if (a->any.sa_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
  return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
}

static bool bind_failed(wr_state *s, int e)
{
  const char *hint = e == EADDRINUSE ? "does another run serve its metrics there? port 0 takes any that is free"
                     : e == EACCES   ? "ports below 1024 are for root"
                     : e == EADDRNOTAVAIL ? "this machine does not have the address" : "";
  wr_error(&s->ctx, WR_EXIT_CONFIG, hint, "--metrics %s: %s", s->opt.metrics,
           e == EADDRINUSE ? "the port is taken" : strerror(e));
  return false;
}

static bool listen_at(wr_state *s, wr_httpd *h)
{
  Address a;
  socklen_t size;
  int one = 1;
  if (!address_of(s->opt.metrics, &a, &size)) {
    wr_error(&s->ctx, WR_EXIT_USAGE, "--metrics 127.0.0.1:9100, or [::1]:9100",
             "--metrics takes an address and a port, not %s", s->opt.metrics);
    return false;
  }
  if (!h->token[0] && !is_loopback(&a)) {
    wr_error(&s->ctx, WR_EXIT_USAGE, "--metrics-token-file FILE with a token in it, or 127.0.0.1",
             "--metrics %s: others can reach this address, and metrics tell what a program does; it needs a token",
             s->opt.metrics);
    return false;
  }
  h->fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (h->fd < 0) return bind_failed(s, errno);
  setsockopt(h->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (a.any.sa_family == AF_INET6) setsockopt(h->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  if (bind(h->fd, &a.any, size) || listen(h->fd, CONNECTIONS)) return bind_failed(s, errno);
  if (s->opt.quiet && ((const struct sockaddr_in *)&a)->sin_port) return true;
  getsockname(h->fd, &a.any, &size);      /* for port 0 the only way to know */
  fprintf(s->opt.log, "weir: metrics at http://%.*s:%d/metrics\n", (int)(strrchr(s->opt.metrics, ':') - s->opt.metrics),
          s->opt.metrics, ntohs(a.v4.sin_port));
  fflush(s->opt.log);
  return true;
}

/* ---- answers, on the library's thread ---- */

typedef struct Answer {
  unsigned status;
  const char *type, *more, *value;        /* one header more, or 0 */
} Answer;

static const char plain[] = "text/plain; charset=utf-8";

static enum MHD_Result reply(wr_httpd *h, struct MHD_Connection *c, Answer a, char *text, size_t n, bool owned)
{
  struct MHD_Response *r =
      h->mhd.create_response_from_buffer(n, text, owned ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY);
  if (!r) { if (owned) free(text); return MHD_NO; }
  h->mhd.add_response_header(r, "Content-Type", a.type ? a.type : plain);
  h->mhd.add_response_header(r, "Cache-Control", "no-store");
  h->mhd.add_response_header(r, "X-Content-Type-Options", "nosniff");
  if (a.more) h->mhd.add_response_header(r, a.more, a.value);
  enum MHD_Result ok = h->mhd.queue_response(c, a.status, r);
  h->mhd.destroy_response(r);
  return ok;
}

static enum MHD_Result say(wr_httpd *h, struct MHD_Connection *c, Answer a, const char *text)
{
  return reply(h, c, a, (char *)text, strlen(text), false);
}

static wr_i64 silent_ms(const wr_httpd *h) { return monotonic_us() / 1000 - atomic_load(&h->beat); }

/* Waits, while the loop turns, for a page printed after the request came. */
static enum MHD_Result metrics(wr_httpd *h, struct MHD_Connection *c)
{
  wr_i64 until_us = monotonic_us() + FRESH_MS * 1000;
  struct timespec until = { until_us / 1000000, until_us % 1000000 * 1000 };
  pthread_mutex_lock(&h->lock);
  wr_u64 seen = h->version;
  bool turns = atomic_load(&h->running) && !atomic_load(&h->ending) && silent_ms(h) < FRESH_MS;
  atomic_store(&h->wanted, true);
  while (turns && h->version == seen && !atomic_load(&h->ending))
    if (pthread_cond_timedwait(&h->fresh, &h->lock, &until)) break;
  size_t n = h->page.n;
  char *copy = malloc(n + 1);
  if (copy && n) memcpy(copy, h->page.p, n);
  pthread_mutex_unlock(&h->lock);
  if (!copy) return MHD_NO;
  return reply(h, c, (Answer){ MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", NULL, NULL }, copy, n, true);
}

static enum MHD_Result healthz(wr_httpd *h, struct MHD_Connection *c)
{
  char text[100];
  wr_i64 silent = silent_ms(h);
  if (!atomic_load(&h->running) || silent < STALLED_MS) return say(h, c, (Answer){ .status = MHD_HTTP_OK }, "ok\n");
  snprintf(text, sizeof text, "the loop has not turned for %lld s: does a sink take nothing?\n", silent / 1000);
  return say(h, c, (Answer){ .status = MHD_HTTP_SERVICE_UNAVAILABLE }, text);
}

static enum MHD_Result readyz(wr_httpd *h, struct MHD_Connection *c)
{
  bool ending = wr_stopping() || atomic_load(&h->ending);
  const char *no = ending ? "stopping\n" : !atomic_load(&h->running) ? "starting\n" : NULL;
  return say(h, c, (Answer){ .status = no ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK }, no ? no : "ready\n");
}

static const char *header(wr_httpd *h, struct MHD_Connection *c, const char *name)
{
  return h->mhd.lookup_connection_value(c, MHD_HEADER_KIND, name);
}

/* In a time that tells nothing of where they differ. */
static bool same_secret(const char *a, const char *b, size_t n)
{
  volatile unsigned char differ = 0;
  for (size_t i = 0; i < n; i++) differ |= (unsigned char)(a[i] ^ b[i]);
  return differ == 0;
}

static bool has_token(wr_httpd *h, struct MHD_Connection *c)
{
  const char *given = header(h, c, "Authorization");
  size_t n = strlen(h->token);
  if (!given || strncasecmp(given, "Bearer ", 7) != 0) return false;
  return strlen(given + 7) == n && same_secret(given + 7, h->token, n);
}

/* Without a token a page in a browser must not reach us under a name that it had resolved to loopback. */
static bool named_as_loopback(wr_httpd *h, struct MHD_Connection *c)
{
  const char *host = header(h, c, "Host");
  static const char *const own[] = { "localhost", "[::1]" };
  struct in_addr v4;
  char name[64];
  if (!host) return true;
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
    size_t n = strlen(own[i]);
    if (strncasecmp(host, own[i], n) == 0 && (!host[n] || host[n] == ':')) return true;
  }
  snprintf(name, sizeof name, "%.*s", (int)(strcspn(host, ":") < 63 ? strcspn(host, ":") : 63), host);
  return inet_pton(AF_INET, name, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static enum MHD_Result answer(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                              const char *version, const char *body, size_t *nbody, void **mine)
{
  wr_httpd *h = cls;
  (void)version, (void)body;
  bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
  if (h->token[0] ? !has_token(h, c) : !named_as_loopback(h, c)) {
    Answer a = { .status = h->token[0] ? MHD_HTTP_UNAUTHORIZED : MHD_HTTP_FORBIDDEN };
    if (h->token[0]) a.more = "WWW-Authenticate", a.value = "Bearer";
    return say(h, c, a, h->token[0] ? "a token is needed\n" : "ask for 127.0.0.1 or localhost\n");
  }
  if (!reads)
    return say(h, c, (Answer){ MHD_HTTP_METHOD_NOT_ALLOWED, NULL, "Allow", "GET, HEAD" }, "GET and HEAD only\n");
  if (*nbody) return MHD_NO;              /* a question has no body */
  if (!*mine) {                           /* the head has been read: an answer now would end the connection */
    *mine = h;
    return MHD_YES;
  }
  if (strcmp(url, "/metrics") == 0) return metrics(h, c);
  if (strcmp(url, "/healthz") == 0) return healthz(h, c);
  if (strcmp(url, "/readyz") == 0) return readyz(h, c);
  return say(h, c, (Answer){ .status = MHD_HTTP_NOT_FOUND }, "/metrics, /healthz, /readyz\n");
}

/* ---- life, on the loop's thread ---- */

static void publish(wr_state *s, wr_httpd *h)
{
  wr_i64 start = monotonic_us(), took;
  h->next.n = 0;
  wr_metrics_print(s, &h->next);
  pthread_mutex_lock(&h->lock);
  wr_buf old = h->page;
  h->page = h->next;
  h->next = old;
  h->version++;
  pthread_cond_broadcast(&h->fresh);
  pthread_mutex_unlock(&h->lock);
  took = monotonic_us() - start;
  h->not_before = start + took + (took * SHARE > PAUSE_US ? took * SHARE : PAUSE_US);
}

static bool start_daemon(wr_state *s, wr_httpd *h)
{
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);   /* signals are for the loop's thread: it may be asleep */
  h->daemon = h->mhd.start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, h,
                                  MHD_OPTION_LISTEN_SOCKET, h->fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                                  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                                  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES, MHD_OPTION_END);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  if (!h->daemon) wr_error(&s->ctx, WR_EXIT_CONFIG, "", "--metrics %s: the server cannot start", s->opt.metrics);
  return h->daemon != NULL;
}

wr_httpd *wr_httpd_open(wr_state *s)
{
  pthread_condattr_t attr;
  wr_httpd *h = calloc(1, sizeof *h);
  if (!h) abort();
  h->fd = -1;
  pthread_mutex_init(&h->lock, NULL);
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&h->fresh, &attr);
  pthread_condattr_destroy(&attr);
  bool ok = (!s->opt.metrics_token_file || token_read(s, h)) && load(s, h) && listen_at(s, h);
  if (ok) publish(s, h);
  if (ok && start_daemon(s, h)) return h;
  wr_httpd_close(h);
  return NULL;
}

void wr_httpd_beat(wr_httpd *h) { atomic_store(&h->beat, monotonic_us() / 1000); }

void wr_httpd_turn(wr_state *s, wr_httpd *h)
{
  wr_httpd_beat(h);
  atomic_store(&h->running, true);
  if (!atomic_load(&h->wanted) || monotonic_us() < h->not_before) return;
  atomic_store(&h->wanted, false);
  publish(s, h);
}

void wr_httpd_ending(wr_httpd *h)
{
  pthread_mutex_lock(&h->lock);
  atomic_store(&h->ending, true);
  pthread_cond_broadcast(&h->fresh);
  pthread_mutex_unlock(&h->lock);
}

void wr_httpd_close(wr_httpd *h)
{
  if (h->daemon) h->mhd.stop_daemon(h->daemon);   /* closes the socket */
  else if (h->fd >= 0) close(h->fd);
  wr_buf_free(&h->page);
  wr_buf_free(&h->next);
  pthread_mutex_destroy(&h->lock);
  pthread_cond_destroy(&h->fresh);
  explicit_bzero(h->token, sizeof h->token);
  free(h);                                /* the library stays: its thread's last steps are in it */
}
