/* control.c -- the control socket: parameters seen and set while the run goes on.
 *
 * A Unix socket that only the run's user may open. One request a connection, one line: `get`, `get json`,
 * or `set` and a JSON list of "name=value". The reply is `ok` or `error` on a line of its own, then text
 * for people, then the end. The loop looks here between batches and never waits: whoever sends too much,
 * too slowly, or does not read, is hung up on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "ops.h"

enum { CLIENTS = 8, REQUEST_MAX = 64 * 1024, ASSIGNMENTS_MAX = 256, LOOK_US = 10000, PATIENCE_US = 5000000 };

typedef struct Client {
  int fd;                                 /* -1: free */
  wr_ts since;
  wr_buf in, out;
  size_t sent;
  bool answered;
} Client;

struct wr_control {
  char path[sizeof ((struct sockaddr_un *)0)->sun_path];
  int fd;
  dev_t dev;                              /* the socket's file, so that at the end no other's is removed */
  ino_t ino;
  wr_ts looked;
  Client client[CLIENTS];
};

/* ---- opening ---- */

static bool refuse(wr_state *s, const char *hint, const char *why)
{
  wr_error(&s->ctx, WR_EXIT_CONFIG, hint, "--control %s: %s", s->opt.control, why);
  return false;
}

/* The folder is locked while it is looked whether the socket there is alive: two runs may start at once. */
static int lock_folder(const char *path)
{
  char folder[sizeof ((struct wr_control *)0)->path];
  const char *slash = strrchr(path, '/');
  snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) flock(fd, LOCK_EX);
  return fd;
}

/* What stands in the way: nothing, a socket that nobody answers any more (removed), or something else. */
static bool make_way(wr_state *s, const struct sockaddr_un *a)
{
  struct stat st;
  if (lstat(a->sun_path, &st)) return errno == ENOENT || refuse(s, "", strerror(errno));
  if (!S_ISSOCK(st.st_mode))
    return refuse(s, "choose another path, or remove the file", "there is a file that is no socket");
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int e = fd < 0 || connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 ? 0 : errno;
  if (fd >= 0) close(fd);
  if (e == 0 || e == EAGAIN) return refuse(s, "choose another path, or end that run", "another run answers there");
  if (e != ECONNREFUSED || unlink(a->sun_path)) return refuse(s, "", strerror(e != ECONNREFUSED ? e : errno));
  return true;
}

static bool listen_at(wr_state *s, wr_control *c)
{
  struct sockaddr_un a = { .sun_family = AF_UNIX };
  struct stat st;
  memcpy(a.sun_path, c->path, sizeof a.sun_path);
  int folder = lock_folder(c->path);
  if (folder < 0) return refuse(s, "create the folder first", strerror(errno));
  bool ok = make_way(s, &a);
  if (ok) {
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ok = c->fd >= 0 && fchmod(c->fd, 0600) == 0 &&           /* the file has this mode from the first moment */
         bind(c->fd, (struct sockaddr *)&a, sizeof a) == 0 && lstat(c->path, &st) == 0 && listen(c->fd, CLIENTS) == 0;
    if (!ok) refuse(s, "", strerror(errno));
    else c->dev = st.st_dev, c->ino = st.st_ino;
  }
  close(folder);
  return ok;
}

wr_control *wr_control_open(wr_state *s)
{
  wr_control *c = calloc(1, sizeof *c);
  if (!c) abort();
  c->fd = -1;
  for (int i = 0; i < CLIENTS; i++) c->client[i].fd = -1;
  bool ok = *s->opt.control && strlen(s->opt.control) < sizeof c->path;
  if (!ok) refuse(s, "a shorter path, seen from the working directory, will do", "a socket's path has 1 to 107 bytes");
  else memcpy(c->path, s->opt.control, strlen(s->opt.control));
  if (ok && listen_at(s, c)) return c;
  wr_control_close(c);
  return NULL;
}

/* ---- what is shown ---- */

static void add(wr_buf *b, const char *text) { wr_buf_add(b, text, strlen(text)); }

static void type_name(wr_buf *b, const wr_type *t)
{
  static const char *const name[WR_KINDS] = {
    [WR_BOOL] = "bool", [WR_INT] = "int", [WR_FLOAT] = "float", [WR_DEC] = "decimal", [WR_STR] = "string",
    [WR_BYTES] = "bytes", [WR_TS_] = "timestamp", [WR_DUR] = "duration", [WR_ENUM] = "enum", [WR_JSON] = "json",
    [WR_LIST] = "list<", [WR_MAP] = "map<string, ", [WR_REC] = "record"
  };
  char scale[16];
  add(b, name[t->kind]);
  if (t->kind == WR_DEC) {
    snprintf(scale, sizeof scale, "(%d)", t->scale);
    add(b, scale);
  }
  for (wr_u32 i = 0; t->kind == WR_ENUM && i < t->n; i++) {
    add(b, i ? ", " : " { ");
    add(b, t->names[i]);
  }
  if (t->kind == WR_ENUM) add(b, " }");
  if (t->kind == WR_LIST || t->kind == WR_MAP) {
    type_name(b, t->elem);
    add(b, ">");
  }
  if (t->nullable) add(b, "?");
}

static const wr_decision *last_decision(const wr_state *s, wr_i32 param)
{
  for (size_t i = s->ndecision; i-- > 0;)
    if (strcmp(s->decision[i].name, s->prog->param[param].name) == 0) return &s->decision[i];
  return NULL;
}

static void add_time(wr_buf *b, wr_ts t)
{
  char at[48];
  wr_buf_add(b, at, wr_print_ts(at, t));
}

/* A text of the program or of a person stands on one line: as JSON where it would not. */
static void add_text(wr_buf *b, const wr_type *t, wr_str text, bool null)
{
  if (t->kind == WR_STR && !null) wr_json_quote(b, text.p, text.len);
  else wr_buf_add(b, text.p, text.len);
}

static void show(wr_state *s, wr_i32 i, wr_buf *b)
{
  const wr_param *p = &s->prog->param[i];
  const wr_decision *d = last_decision(s, i);
  add(b, p->name);
  add(b, ": ");
  type_name(b, p->type);
  add(b, " = ");
  add_text(b, p->type, wr_param_text(s, i, s->param[i]), s->param[i].st != 0);
  add(b, "\n    default ");
  if (p->init) add(b, "computed");
  else add_text(b, p->type, wr_param_text(s, i, p->dflt), p->dflt.st != 0);
  if (p->doc) add(b, ", check "), add(b, p->doc);
  if (p->structural) add(b, ", fixed at start");
  add(b, d ? ", set " : ", since the start ");
  add_time(b, d ? d->ts : s->started);
  if (d) {
    add(b, ", before: ");
    add_text(b, p->type, (wr_str){ d->old_text, (wr_u32)strlen(d->old_text), 0 }, false);
  }
  add(b, "\n");
}

static void show_json(wr_state *s, wr_i32 i, wr_buf *b)
{
  const wr_param *p = &s->prog->param[i];
  const wr_decision *d = last_decision(s, i);
  wr_buf type = { 0 };
  add(b, "{\"name\":");
  wr_json_quote(b, p->name, strlen(p->name));
  type_name(&type, p->type);
  add(b, ",\"type\":");
  wr_json_quote(b, type.p, type.n);
  wr_buf_free(&type);
  add(b, ",\"value\":");
  wr_json_value(b, p->type, s->param[i]);
  add(b, ",\"default\":");
  if (p->init) add(b, "null");
  else wr_json_value(b, p->type, p->dflt);
  add(b, ",\"check\":");
  if (p->doc) wr_json_quote(b, p->doc, strlen(p->doc));
  else add(b, "null");
  add(b, p->structural ? ",\"structural\":true,\"since\":\"" : ",\"structural\":false,\"since\":\"");
  add_time(b, d ? d->ts : s->started);
  add(b, d ? "\",\"set\":true}\n" : "\",\"set\":false}\n");
}

/* ---- requests ---- */

static void failed(Client *c, const char *what, const char *hint)
{
  add(&c->out, "error\n");
  add(&c->out, what);
  add(&c->out, "\n");
  if (!*hint) return;
  add(&c->out, "  = hint: ");
  add(&c->out, hint);
  add(&c->out, "\n");
}

static void get(wr_state *s, Client *c, bool json)
{
  add(&c->out, "ok\n");
  for (wr_i32 i = 0; i < s->prog->nparam; i++) (json ? show_json : show)(s, i, &c->out);
}

static void who(int fd, char *by, size_t size)
{
  struct ucred u;
  socklen_t n = sizeof u;
  *by = 0;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n) == 0)
    snprintf(by, size, " (by user %u, process %d)", (unsigned)u.uid, (int)u.pid);
}

static void set(wr_state *s, Client *c, const char *list, size_t n)
{
  static const wr_type text = { .kind = WR_STR }, texts = { .kind = WR_LIST, .elem = &text };
  wr_str assignment[ASSIGNMENTS_MAX];
  wr_refusal no;
  wr_slot all;
  char by[64];
  if (wr_json_parse(&s->ctx, &texts, list, n, &all) != WR_E_NONE || all.st || !all.len) {
    failed(c, "set takes a JSON list of \"name=value\"", "weir set SOCKET NAME=VALUE ...");
    return;
  }
  if (all.len > ASSIGNMENTS_MAX) { failed(c, "too many parameters in one request", ""); return; }
  for (wr_u32 i = 0; i < all.len; i++) assignment[i] = wr_slot_str(all.u.list[i]);
  who(c->fd, by, sizeof by);
  if (!wr_params_set(s, assignment, (wr_i32)all.len, by, &no)) failed(c, no.what, no.hint);
  else add(&c->out, "ok\n");
}

static void answer(wr_state *s, Client *c, const char *line, size_t n)
{
  c->answered = true;
  if (n == 3 && memcmp(line, "get", 3) == 0) get(s, c, false);
  else if (n == 8 && memcmp(line, "get json", 8) == 0) get(s, c, true);
  else if (n > 4 && memcmp(line, "set ", 4) == 0) set(s, c, line + 4, n - 4);
  else failed(c, "not a request", "get, get json, or set and a JSON list of \"name=value\"");
}

/* ---- connections ---- */

static void hang_up(Client *c)
{
  close(c->fd);
  wr_buf_free(&c->in);
  wr_buf_free(&c->out);
  *c = (Client){ .fd = -1 };
}

static void greet(wr_state *s, wr_control *c)
{
  for (int i = 0; i < CLIENTS; i++) {
    Client *k = &c->client[i];
    if (k->fd >= 0) continue;
    int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    *k = (Client){ .fd = fd, .since = s->ctx.now };
  }
}

/* Takes what is there of the request, as far as one may be long; false: the client is gone. */
static bool hear(wr_state *s, Client *c)
{
  while (!c->answered) {
    wr_buf_reserve(&c->in, 4096);
    ssize_t n = recv(c->fd, c->in.p + c->in.n, 4096, MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    const char *end = memchr(c->in.p + c->in.n, '\n', (size_t)n);
    c->in.n += (size_t)n;
    if (end) answer(s, c, c->in.p, (size_t)(end - c->in.p));
    else if (c->in.n > REQUEST_MAX) {
      c->answered = true;
      failed(c, "the request is too long", "");
    }
  }
  return true;
}

/* Sends what the client takes; false: all is said, or the client is gone. */
static bool speak(Client *c)
{
  while (c->sent < c->out.n) {
    ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    c->sent += (size_t)n;
  }
  return false;
}

void wr_control_turn(wr_state *s, wr_control *c)
{
  if (s->ctx.now - c->looked < LOOK_US && s->ctx.now >= c->looked) return;
  c->looked = s->ctx.now;
  greet(s, c);
  for (int i = 0; i < CLIENTS; i++) {
    Client *k = &c->client[i];
    if (k->fd < 0) continue;
    bool stays = hear(s, k) && (!k->answered || speak(k));
    if (!stays || s->ctx.now - k->since > PATIENCE_US) hang_up(k);
  }
}

void wr_control_close(wr_control *c)
{
  struct stat st;
  for (int i = 0; i < CLIENTS; i++)
    if (c->client[i].fd >= 0) hang_up(&c->client[i]);
  if (c->fd >= 0) {
    if (c->ino && lstat(c->path, &st) == 0 && st.st_dev == c->dev && st.st_ino == c->ino) unlink(c->path);
    close(c->fd);
  }
  free(c);
}
