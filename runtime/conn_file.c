/* conn_file.c -- reading files: a path, all that match a pattern one after the other, or standard input.
 *
 * Files are read in big blocks; records are framed and decoded where they lie, so a batch's strings
 * point into the block and die with the next poll. The files of a pattern come in the order of their
 * names. What is framed and not yet complete stands at [begin, end); `seen` of it has
 * been shown to the format. Too long a record is reported once, then thrown away up to its end.
 */
#include "conn_file.h"
#include "save.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>

enum { HEAD = 4096 };

struct file_reader {
  const wr_source *source;
  void *fmt;
  char *path;
  bool follow, pattern, std;
  file_names names;
  size_t at;                              /* the next one to open */
  wr_i32 partition;
  int fd;
  const char *current;                    /* name of the open file */
  wr_i64 taken;                           /* bytes read from it */
  char head[HEAD];                        /* its first bytes: by them it is known again after a restart */
  bool regular, eof, fresh, discard;      /* fresh: its first record is still to come */
  char *buf;
  size_t cap, begin, seen, end, max;
  wr_str *rec;
  wr_i32 nrec;                            /* room for so many */
  wr_i64 off;
};

enum step { MORE, WAIT, OVER, REPORTED, FAILED };

/* ---- which files ---- */

char *wr_file_path(const wr_slot *s)
{
  char *p = wr_mem_alloc((size_t)s->len + 1);

  memcpy(p, s->u.p, s->len);
  p[s->len] = 0;
  return p;
}

void wr_file_names_add(file_names *f, const char *name)
{
  char **more;
  size_t n = strlen(name) + 1;

  if (f->n == f->room) {
    size_t room = f->room ? f->room * 2 : 8;
    more = wr_mem_alloc(room * sizeof *more);
    if (f->n) memcpy(more, f->name, f->n * sizeof *more);
    wr_mem_free(f->name, f->room * sizeof *more);
    f->name = more;
    f->room = room;
  }
  f->name[f->n] = wr_mem_alloc(n);
  memcpy(f->name[f->n++], name, n);
}

/* glob sorts by bytes: no locale is ever set. */
void wr_file_names_match(file_names *f, const char *pattern)
{
  glob_t g;

  if (glob(pattern, 0, 0, &g) != 0) return;
  for (size_t i = 0; i < g.gl_pathc; i++)
    if (f->n == 0 || strcmp(g.gl_pathv[i], f->name[f->n - 1]) > 0) wr_file_names_add(f, g.gl_pathv[i]);
  globfree(&g);
}

bool wr_file_is_pattern(const char *path) { return strpbrk(path, "*?[") != 0; }

bool wr_file_names_first(wr_ctx *ctx, const wr_source *source, file_names *f, const char *path)
{
  if (wr_file_is_pattern(path)) wr_file_names_match(f, path);
  else wr_file_names_add(f, path);
  if (f->n) return true;
  wr_error(ctx, WR_EXIT_NOINPUT, "is the pattern right, seen from the working directory?",
           "%s %s: no file matches %s", wr_source_kind(source), source->name, path);
  return false;
}

void wr_file_names_free(file_names *f)
{
  for (size_t i = 0; i < f->n; i++) wr_mem_free(f->name[i], strlen(f->name[i]) + 1);
  wr_mem_free(f->name, f->room * sizeof *f->name);
}

/* ---- opening ---- */

static void start_file(file_reader *s, int fd, const char *name)
{
  wr_fs_now->lock(fd, true);              /* no sink of this run empties it; a writer elsewhere may go on */
  s->fd = fd;
  s->current = name;
  s->taken = 0;
  s->eof = s->discard = false;
  s->fresh = true;
  s->regular = wr_fs_now->size(fd) >= 0;
  s->begin = s->seen = s->end = 0;
  if (s->source->fmt->frame) s->source->fmt->frame(s->fmt, 0, 0, 0, &(size_t){ 0 });
}

static bool cannot_return(wr_ctx *ctx, const file_reader *s, const char *name)
{
  wr_error(ctx, WR_EXIT_CONFIG, "put it into a file, or leave out --state",
           "source %s: %s cannot be read a second time, so a run that reads it cannot be resumed", s->source->name,
           name);
  return false;
}

static bool open_file(wr_ctx *ctx, file_reader *s, const char *name)
{
  int fd = wr_fs_now->open(name, O_RDONLY, 0);

  if (fd >= 0 && wr_keeps(ctx) && wr_fs_now->size(fd) < 0) {
    wr_fs_now->close(fd);
    return cannot_return(ctx, s, name);
  }
  if (fd < 0) {
    wr_error(ctx, WR_EXIT_NOINPUT, errno == ENOENT ? "is the path right, seen from the working directory?" : "",
             "%s %s: cannot open %s: %s", wr_source_kind(s->source), s->source->name, name, strerror(errno));
    return false;
  }
  start_file(s, fd, name);
  return true;
}

static void close_file(file_reader *s)
{
  if (s->fd >= 0 && !s->std) wr_fs_now->close(s->fd);
  s->fd = -1;
}

static bool open_first(wr_ctx *ctx, file_reader *s)
{
  if (s->std && wr_keeps(ctx)) return cannot_return(ctx, s, "standard input");
  if (s->std) {
    start_file(s, 0, "standard input");
#ifdef F_SETPIPE_SZ
    fcntl(0, F_SETPIPE_SZ, 1 << 20);      /* fewer, bigger reads; refused elsewhere, which is fine */
#endif
    return true;
  }
  if (s->pattern) {
    if (!wr_file_names_first(ctx, s->source, &s->names, s->path)) return false;
  } else {
    wr_file_names_add(&s->names, s->path);
  }
  return open_file(ctx, s, s->names.name[s->at++]);
}

void wr_file_reader_close(file_reader *s)
{
  close_file(s);
  wr_file_names_free(&s->names);
  wr_mem_free(s->path, strlen(s->path) + 1);
  wr_mem_free(s->buf, s->cap);
  wr_mem_free(s->rec, (size_t)s->nrec * sizeof *s->rec);
  wr_mem_free(s, sizeof *s);
}

file_reader *wr_file_reader_open(wr_ctx *ctx, const file_reading *how)
{
  file_reader *s = wr_mem_alloc(sizeof *s);
  wr_slot max = how->opt[FILE_MAX_RECORD];

  memset(s, 0, sizeof *s);
  s->source = how->source;
  s->fmt = how->fmt;
  s->fd = -1;
  s->path = wr_mem_alloc(strlen(how->path) + 1);
  strcpy(s->path, how->path);
  s->std = strcmp(s->path, "-") == 0;
  s->pattern = how->pattern;
  s->follow = how->follow;
  s->partition = how->partition;
  s->max = max.st == 0 ? (size_t)max.u.i : 1 << 20;
  if (s->max < 1 || s->max > 1u << 30) s->max = 1u << 30;
  s->cap = how->block;
  s->buf = wr_mem_alloc(s->cap);
  if (how->resume || open_first(ctx, s)) return s;
  wr_file_reader_close(s);
  return 0;
}

/* ---- reading ---- */

/* At the end of a file that is followed: gone, cut, or just quiet? */
static enum step at_tail(wr_ctx *ctx, file_reader *s)
{
  wr_i64 size = wr_fs_now->size(s->fd);

  if (s->pattern && s->at == s->names.n) wr_file_names_match(&s->names, s->path);
  if (s->at < s->names.n) {                 /* a later file has come */
    s->eof = true;
    return MORE;
  }
  if (size >= 0 && size < s->taken) {     /* cut short: what was pending is gone with it */
    close_file(s);
    return open_file(ctx, s, s->current) ? MORE : FAILED;
  }
  if (!s->regular || wr_fs_now->same(s->fd, s->current)) return WAIT;
  s->eof = true;                          /* renamed: its rest is read, then the new one's turn comes */
  s->at--;
  return MORE;
}

static enum step read_failed(wr_ctx *ctx, file_reader *s)
{
  if (errno == EINTR || errno == EAGAIN) return WAIT;
  wr_error(ctx, WR_EXIT_IO, errno == EISDIR ? "name the files in it by a pattern: \"folder/*\"" : "",
           "%s %s: cannot read %s: %s", wr_source_kind(s->source), s->source->name, s->current, strerror(errno));
  return FAILED;
}

static enum step next_file(wr_ctx *ctx, file_reader *s)
{
  int fd;

  close_file(s);
  if (s->std || s->at == s->names.n) return OVER;
  if (!s->follow || s->at + 1 < s->names.n) return open_file(ctx, s, s->names.name[s->at++]) ? MORE : FAILED;
  fd = wr_fs_now->open(s->names.name[s->at], O_RDONLY, 0);
  if (fd < 0) return WAIT;                /* renamed, and not yet made anew */
  start_file(s, fd, s->names.name[s->at++]);
  return MORE;
}

/* Throws away what is pending of a record that has grown beyond the limit. The report shows bytes of
 * the block, so nothing is read before the next poll. */
static enum step give_up(wr_ctx *ctx, file_reader *s)
{
  wr_str raw = { s->buf + s->begin, (wr_u32)s->max, 0 };
  bool again = s->discard;

  if (s->fresh && s->source->fmt->header) {
    wr_error(ctx, WR_EXIT_DATA, "", "%s %s: the first record of %s is longer than max_record",
             wr_source_kind(s->source), s->source->name, s->current);
    return FAILED;
  }
  s->discard = true;
  s->fresh = false;
  s->begin = s->seen = s->end = 0;
  if (again) return MORE;
  wr_input_place(ctx, s->source, s->partition, s->current);
  wr_record_failed(ctx, s->source, raw, s->off++, WR_E_TOO_LONG, 0);
  return REPORTED;
}

static void make_room(file_reader *s)
{
  size_t n = s->end - s->begin;
  char *more = s->buf;

  if (s->begin == 0 && n <= s->cap / 2) return;
  if (n > s->cap / 2) more = wr_mem_alloc(s->cap * 2);
  memmove(more, s->buf + s->begin, n);
  if (more != s->buf) {
    wr_mem_free(s->buf, s->cap);
    s->buf = more;
    s->cap *= 2;
  }
  s->seen -= s->begin;
  s->begin = 0;
  s->end = n;
}

/* All complete records have been taken: gets more bytes behind the incomplete one. */
static enum step refill(wr_ctx *ctx, file_reader *s)
{
  long n;

  if (s->fd < 0 || s->eof) return next_file(ctx, s);
  if (s->end - s->begin > s->max + 2 || s->discard) {
    enum step step = give_up(ctx, s);
    if (step != MORE) return step;
  }
  make_room(s);
  if (!s->regular && !wr_fs_now->ready(s->fd)) return WAIT;
  n = wr_fs_now->read(s->fd, s->buf + s->end, s->cap - s->end);
  if (n < 0) return read_failed(ctx, s);
  if (n == 0) {
    if (s->follow && !s->std) return at_tail(ctx, s);
    s->eof = true;
  }
  if (s->taken < HEAD)
    memcpy(s->head + s->taken, s->buf + s->end, s->taken + n < HEAD ? (size_t)n : (size_t)(HEAD - s->taken));
  s->end += (size_t)n;
  s->taken += n;
  wr_partition_bytes(ctx, s->source, s->partition, n);
  return MORE;
}

/* ---- records ---- */

static size_t line(const char *p, size_t n, int eof, size_t *skip)
{
  const char *nl = memchr(p, '\n', n);

  *skip = nl != 0;
  return nl ? (size_t)(nl + 1 - p) : eof ? n : 0;
}

/* Complete lines, where records are that. */
static wr_i32 take_lines(file_reader *s, wr_str *rec, wr_i32 want)
{
  const char *p = s->buf + s->begin, *e = s->buf + s->end, *nl;
  wr_i32 n = 0;

  while (n < want && (nl = memchr(p, '\n', (size_t)(e - p))) != 0) {
    size_t len = (size_t)(nl - p);
    rec[n++] = (wr_str){ p, (wr_u32)(len && nl[-1] == '\r' ? len - 1 : len), 0 };
    p = nl + 1;
  }
  s->begin = s->seen = (size_t)(p - s->buf);
  return n;
}

/* Takes up to `want` complete records; their number. */
static wr_i32 take(file_reader *s, wr_i32 want)
{
  const wr_format *fmt = s->source->fmt;
  wr_i32 n = 0;

  while (n < want && (s->seen < s->end || (s->eof && s->begin < s->end))) {
    size_t skip = 0, from = s->begin, len;
    const char *p = s->buf + s->seen;
    if (!fmt->frame && !s->discard && s->seen == s->begin) {
      wr_i32 lines = take_lines(s, s->rec + n, want - n);
      n += lines;
      if (lines) continue;
    }
    len = fmt->frame ? fmt->frame(s->fmt, p, s->end - s->seen, s->eof, &skip)
                     : line(p, s->end - s->seen, s->eof, &skip);
    if (len == 0 && s->eof) len = s->end - s->seen;
    else if (len == 0) {
      s->seen = s->end;
      break;
    }
    s->begin = s->seen += len;
    if (s->discard) {
      s->discard = false;
      continue;
    }
    len = s->begin - from - skip;
    if (!fmt->frame && len && s->buf[from + len - 1] == '\r') len--;
    s->rec[n++] = (wr_str){ s->buf + from, (wr_u32)len, 0 };
  }
  return n;
}

/* The first record of a file: a byte order mark is dropped, a header read. Gives the number of
 * records that were neither, from *rec on; -1: wr_error was called. */
static wr_i32 first_record(wr_ctx *ctx, file_reader *s, wr_str **rec, wr_i32 n)
{
  const wr_format *fmt = s->source->fmt;
  wr_str *r = *rec;
  int is;

  if (r->len >= 3 && memcmp(r->p, "\xEF\xBB\xBF", 3) == 0) {
    r->p += 3;
    r->len -= 3;
  }
  s->fresh = false;
  if (!fmt->header) return n;
  is = fmt->header(ctx, s->fmt, s->source, s->source->type, *r);
  if (is < 0) return -1;
  *rec += is;
  return n - is;
}

static void decode(wr_ctx *ctx, file_reader *s, const wr_str *rec, wr_i32 n, wr_batch *b)
{
  const wr_source *source = s->source;

  for (wr_i32 i = 0, from; i < n; i++) {
    for (from = i; i < n && rec[i].len <= s->max; i++) continue;
    if (i > from) source->fmt->decode(ctx, s->fmt, source, source->type, rec + from, i - from, s->off + from, b);
    if (i < n) wr_record_failed(ctx, source, rec[i], s->off + i, WR_E_TOO_LONG, 0);
  }
  s->off += n;
}

enum wr_poll wr_file_reader_poll(wr_ctx *ctx, file_reader *s, wr_batch *b)
{
  wr_str *rec;
  wr_i32 n, want = b->cap - b->n;

  if (want > s->nrec) {
    wr_mem_free(s->rec, (size_t)s->nrec * sizeof *s->rec);
    s->rec = wr_mem_alloc((size_t)want * sizeof *s->rec);
    s->nrec = want;
  }
  if (want <= 0) return WR_POLL_ROWS;
  while ((n = take(s, want)) == 0) {
    switch (refill(ctx, s)) {
    case MORE: break;
    case WAIT: return WR_POLL_IDLE;
    case OVER: return WR_POLL_END;
    case REPORTED: return WR_POLL_ROWS;
    case FAILED: return WR_POLL_FAILED;
    }
  }
  wr_input_place(ctx, s->source, s->partition, s->current);
  rec = s->rec;
  if (s->fresh && (n = first_record(ctx, s, &rec, n)) < 0) return WR_POLL_FAILED;
  decode(ctx, s, rec, n, b);
  return wr_failed(ctx) ? WR_POLL_FAILED : WR_POLL_ROWS;
}

/* ---- restarts ---- */

static wr_u64 head_hash(const file_reader *s, wr_u32 n)
{
  static const wr_type text = { .kind = WR_STR };

  return wr_hash_slot(&text, wr_str_slot((wr_str){ s->head, n, 0 }, 0), 0);
}

/* Between records: what is pending is read again. */
void wr_file_reader_save(const file_reader *s, wr_saver *to)
{
  wr_u32 head = s->taken < HEAD ? (wr_u32)s->taken : HEAD;

  wr_save_str(to, (wr_str){ s->current, (wr_u32)strlen(s->current), 0 });
  wr_save_u8(to, s->fd < 0);
  wr_save_u8(to, s->fresh);
  wr_save_u8(to, s->discard);
  wr_save_i64(to, s->taken - (wr_i64)(s->end - s->begin));
  wr_save_i64(to, s->off);
  wr_save_u32(to, head);
  wr_save_i64(to, (wr_i64)head_hash(s, head));
}

typedef struct place {                    /* where a source stood */
  char name[4096];
  bool done, fresh, discard;              /* done: the file had been read to its end and closed */
  wr_i64 at, off;
  wr_u32 head;
  wr_u64 hash;
} place;

static bool load_place(place *p, wr_loader *l)
{
  wr_str name = wr_load_str(l);

  *p = (place){ .done = wr_load_u8(l), .fresh = wr_load_u8(l), .discard = wr_load_u8(l) };
  p->at = wr_load_i64(l);
  p->off = wr_load_i64(l);
  p->head = wr_load_u32(l);
  p->hash = (wr_u64)wr_load_i64(l);
  if (l->bad || name.len >= sizeof p->name || p->at < 0 || p->off < 0 || p->head > HEAD) return false;
  memcpy(p->name, name.p, name.len);
  return true;
}

static int gone(wr_ctx *ctx, const file_reader *s, const char *name, const char *what)
{
  wr_error(ctx, WR_EXIT_NOINPUT, "bring back the file as it was, or begin anew with an empty --state folder",
           "source %s: cannot go on in %s: %s", s->source->name, name, what);
  return -1;
}

/* The names as they are now; the index of the one the source stood in, or of the first behind it. */
static size_t names_from(file_reader *s, const place *p, bool *there)
{
  size_t i = 0;

  if (s->pattern) wr_file_names_match(&s->names, s->path);
  else wr_file_names_add(&s->names, s->path);
  while (i < s->names.n && strcmp(s->names.name[i], p->name) < 0) i++;
  *there = i < s->names.n && strcmp(s->names.name[i], p->name) == 0;
  return i;
}

/* The input had ended, windows were closed: what has come since would be late. */
static int after_end(wr_ctx *ctx, file_reader *s, const place *p, size_t i, bool there)
{
  wr_i64 size = p->at;
  int fd = there ? wr_fs_now->open(p->name, O_RDONLY, 0) : -1;

  if (fd >= 0) {
    size = wr_fs_now->size(fd);
    for (long n = 1, at = 0; n > 0 && at < (long)p->head; at += n)
      n = wr_fs_now->read(fd, s->head + at, p->head - (size_t)at);
    wr_fs_now->close(fd);
  }
  s->at = s->names.n;
  s->taken = p->at;                       /* for the next checkpoint: it stands where it stood */
  if (size == p->at && i + there == s->names.n) return 0;
  wr_error(ctx, WR_EXIT_CONFIG, "read a file that grows with follow: true, or begin anew with an empty --state folder",
           "source %s: its input had ended with %s at byte %lld, now there is more", s->source->name, p->name,
           (long long)p->at);
  return -1;
}

static bool same_head(file_reader *s, const place *p)
{
  for (long n = 1, at = 0; at < (long)p->head; at += n)
    if ((n = wr_fs_now->read(s->fd, s->head + at, p->head - (size_t)at)) <= 0) return false;
  return head_hash(s, p->head) == p->hash;
}

/* Formats with a header need it before they can go on. */
static int read_header(wr_ctx *ctx, file_reader *s)
{
  wr_str *rec = s->rec;
  enum step step = MORE;
  wr_i32 n = 0;

  if (wr_fs_now->seek(s->fd, 0) != 0) return -1;
  s->taken = 0;
  while ((n = take(s, 1)) == 0 && step == MORE) step = refill(ctx, s);
  return n == 0 || first_record(ctx, s, &rec, n) < 0 ? -1 : 0;
}

static int go_on(wr_ctx *ctx, file_reader *s, const place *p)
{
  if (wr_fs_now->size(s->fd) < p->at) return gone(ctx, s, s->current, "it is shorter than it was");
  if (!same_head(s, p)) return gone(ctx, s, s->current, "it is not the file that it was");
  if (!p->fresh && s->source->fmt->header && read_header(ctx, s) != 0)
    return wr_failed(ctx) ? -1 : gone(ctx, s, s->current, "its header cannot be read");
  if (wr_fs_now->seek(s->fd, p->at) != p->at) return gone(ctx, s, s->current, strerror(errno));
  s->begin = s->seen = s->end = 0;
  if (s->source->fmt->frame) s->source->fmt->frame(s->fmt, 0, 0, 0, &(size_t){ 0 });
  s->taken = p->at;
  s->fresh = p->fresh;
  s->discard = p->discard;
  s->eof = false;
  return 0;
}

int wr_file_reader_load(wr_ctx *ctx, file_reader *s, wr_loader *l)
{
  bool there;
  place p;
  size_t i;

  if (!load_place(&p, l)) return gone(ctx, s, s->path, "its place in the checkpoint makes no sense");
  i = names_from(s, &p, &there);
  s->off = p.off;
  s->nrec = 1;
  s->rec = wr_mem_alloc(sizeof *s->rec);
  if (!there && !s->pattern) return gone(ctx, s, p.name, "the source reads another file now");
  if (p.done) {
    s->current = there ? s->names.name[i] : s->path;
    s->at = i;
    return s->follow ? 0 : after_end(ctx, s, &p, i, there);
  }
  if (!there) return gone(ctx, s, p.name, "it is not there any more");
  s->at = i + 1;
  return open_file(ctx, s, s->names.name[i]) ? go_on(ctx, s, &p) : -1;
}

/* ---- what the compiler reads ---- */

static const wr_option roll[ROLL_OPTIONS] = {
  [ROLL_SIZE] = { .name = "size", .type = WR_OPT_SIZE, .flags = WR_OPT_SINK,
                  .doc = "begin a new file once this many bytes are written, looked at between batches" },
  [ROLL_TIME] = { .name = "time", .type = WR_OPT_DUR, .flags = WR_OPT_SINK,
                  .doc = "begin a new file when the file is this old" },
};

static const wr_option options[FILE_OPTIONS] = {
  [FILE_PATH] = { .name = "path", .type = WR_OPT_STR,
                  .flags = WR_OPT_REQUIRED | WR_OPT_POSITIONAL | WR_OPT_SOURCE | WR_OPT_SINK,
                  .doc = "the file; - is standard input or output; sources: also a pattern with * ? [ ]" },
  [FILE_FOLLOW] = { .name = "follow", .type = WR_OPT_BOOL, .flags = WR_OPT_SOURCE, .dflt = "false",
                    .doc = "wait for more at the end, also when the file is renamed or cut" },
  [FILE_MAX_RECORD] = { .name = "max_record", .type = WR_OPT_SIZE, .flags = WR_OPT_SOURCE, .dflt = "1MB",
                        .doc = "longer records are bad" },
  [FILE_PARTITIONS] = { .name = "partitions", .type = WR_OPT_CHOICE, .flags = WR_OPT_SOURCE, .dflt = "\"one\"",
                        .choice = "one|files",
                        .doc = "one: the files of a pattern are read one after the other; files: each is a partition "
                               "of its own, and the one that stands lowest in event time is read on" },
  [FILE_APPEND] = { .name = "append", .type = WR_OPT_BOOL, .flags = WR_OPT_SINK, .dflt = "false",
                    .doc = "write behind what the file has, instead of replacing it" },
  [FILE_ROLL] = { .name = "roll", .type = WR_OPT_REC, .flags = WR_OPT_SINK, .sub = roll, .nsub = ROLL_OPTIONS,
                  .doc = "write numbered files, path-000001.ext: { size: 128MB, time: 10m }" },
};

const wr_connector wr_conn_file = {
  .abi = WEIR_ABI, .name = "file", .opt = options, .nopt = FILE_OPTIONS,
  .open_source = wr_file_open_source, .poll = wr_file_poll, .close_source = wr_file_close_source,
  .pause = wr_file_pause, .save_source = wr_file_save_source, .load_source = wr_file_load_source,
  .open_sink = wr_file_open_sink, .write = wr_file_write, .flush = wr_file_flush, .close_sink = wr_file_close_sink,
  .save_sink = wr_file_save_sink, .load_sink = wr_file_load_sink,
};
