/* conn_file_set.c -- the files of a source: as one partition, or each as its own.
 *
 * As one, a single reader takes them one after the other. As partitions they are all open: file k in the
 * order of names is partition k, numbers its own records, and has a format of its own, as formats remember
 * the header and what was begun. The file that stands lowest in event time is read on, so that little has
 * to wait for others; one at its end for now lets others go on. Files that come later go behind the others.
 */
#include "conn_file.h"
#include <string.h>
#include <sys/resource.h>

enum { FILES_MOST = 4096, LOOK_AT = 64, BLOCK_MOST = 512 * 1024, BLOCK_LEAST = 16 * 1024, BLOCKS = 32 << 20 };

typedef struct file_part {
  file_reader *reader;                    /* 0: it has ended */
  void *fmt;
  bool paused;
} file_part;

typedef struct file_set {
  const wr_source *source;
  void *fmt;                              /* the source's own */
  char *path;
  wr_slot *opt;
  wr_i32 nopt;
  bool split, pattern, follow;
  file_names names;
  file_part *part;
  wr_i32 n, room, open;                   /* open: that have not ended */
  wr_i32 next;                            /* whose turn it is among those that wait */
} file_set;

/* ---- opening ---- */

static file_part *add_part(file_set *s, void *fmt)
{
  if (s->n == s->room) {
    wr_i32 room = s->room ? 2 * s->room : 4;
    file_part *more = wr_mem_alloc((size_t)room * sizeof *more);
    if (s->n) memcpy(more, s->part, (size_t)s->n * sizeof *more);
    wr_mem_free(s->part, (size_t)s->room * sizeof *more);
    s->part = more;
    s->room = room;
  }
  s->part[s->n] = (file_part){ .fmt = fmt };
  return &s->part[s->n++];
}

static bool open_part(wr_ctx *ctx, file_set *s, const char *path, void *fmt, bool resume)
{
  size_t block = BLOCKS / (s->names.n + 1);
  file_part *p = add_part(s, fmt);

  p->reader = wr_file_reader_open(ctx, &(file_reading){
    .source = s->source, .fmt = fmt, .path = path, .pattern = s->pattern && !s->split, .follow = s->follow,
    .opt = s->opt,
    .block = block > BLOCK_MOST ? BLOCK_MOST : block < BLOCK_LEAST ? BLOCK_LEAST : block, .partition = s->n - 1,
    .resume = resume });
  if (!p->reader) return false;
  s->open++;
  return true;
}

/* Each takes a descriptor: as many as the system grants. */
static void allow_files(size_t n)
{
  struct rlimit l;
  if (getrlimit(RLIMIT_NOFILE, &l) || l.rlim_cur >= n + LOOK_AT) return;
  l.rlim_cur = l.rlim_max;
  setrlimit(RLIMIT_NOFILE, &l);           /* refused: opening says so */
}

/* Opens the files that have no reader yet. */
static bool open_parts(wr_ctx *ctx, file_set *s)
{
  const wr_format *fmt = s->source->fmt;

  if (s->names.n > FILES_MOST) {
    wr_error(ctx, WR_EXIT_CONFIG, "read them one after the other, with partitions: \"one\"",
             "%s %s: %zu files match %s: at most %d are read side by side", wr_source_kind(s->source), s->source->name,
             s->names.n, s->path, FILES_MOST);
    return false;
  }
  allow_files(s->names.n);
  while ((size_t)s->n < s->names.n) {
    wr_i32 k = s->n;
    void *own = fmt->open(ctx, s->source->type, s->opt + FILE_OPTIONS);
    if (!own || !open_part(ctx, s, s->names.name[k], own, false)) return false;
    wr_partition_open(ctx, s->source, k, s->names.name[k]);
  }
  return true;
}

static bool is_files(const wr_slot *s) { return s->st == 0 && s->len == 5 && memcmp(s->u.p, "files", 5) == 0; }

void *wr_file_open_source(wr_ctx *ctx, const wr_source *source, const wr_slot *opt, void *fmt)
{
  file_set *s = wr_mem_alloc(sizeof *s);
  bool ok;

  *s = (file_set){ .source = source, .fmt = fmt, .split = is_files(&opt[FILE_PARTITIONS]) };
  s->path = wr_file_path(&opt[FILE_PATH]);
  s->pattern = wr_file_is_pattern(s->path);
  s->follow = opt[FILE_FOLLOW].st == 0 && opt[FILE_FOLLOW].u.i;
  s->nopt = FILE_OPTIONS + (s->split ? source->fmt->nopt : 0);
  s->opt = wr_mem_alloc((size_t)s->nopt * sizeof *s->opt);
  memcpy(s->opt, opt, (size_t)s->nopt * sizeof *s->opt);
  bool resume = wr_resumes(ctx, source);
  if (!s->split) ok = open_part(ctx, s, s->path, fmt, resume);
  else ok = resume || (wr_file_names_first(ctx, source, &s->names, s->path) && open_parts(ctx, s));
  if (ok) return s;
  wr_file_close_source(ctx, s);
  return 0;
}

static void close_part(wr_ctx *ctx, file_set *s, file_part *p)
{
  if (p->reader) wr_file_reader_close(p->reader);
  p->reader = NULL;
  if (p->fmt && p->fmt != s->fmt && s->source->fmt->close) s->source->fmt->close(ctx, p->fmt);
  p->fmt = NULL;
}

void wr_file_close_source(wr_ctx *ctx, void *state)
{
  file_set *s = state;

  for (wr_i32 k = 0; k < s->n; k++) close_part(ctx, s, &s->part[k]);
  wr_mem_free(s->part, (size_t)s->room * sizeof *s->part);
  wr_file_names_free(&s->names);
  wr_mem_free(s->opt, (size_t)s->nopt * sizeof *s->opt);
  wr_mem_free(s->path, strlen(s->path) + 1);
  wr_mem_free(s, sizeof *s);
}

/* ---- reading ---- */

void wr_file_pause(wr_ctx *ctx, void *state, wr_i32 partition, int on)
{
  file_set *s = state;

  (void)ctx;
  if (partition >= 0 && partition < s->n) s->part[partition].paused = on;
}

static enum wr_poll poll_part(wr_ctx *ctx, file_set *s, wr_i32 k, wr_batch *b)
{
  file_part *p = &s->part[k];
  wr_i32 from = b->n;

  if (!p->reader || p->paused) return WR_POLL_IDLE;
  enum wr_poll got = wr_file_reader_poll(ctx, p->reader, b);
  if (!s->split) return got;
  for (wr_i32 r = from; r < b->n; r++) b->pos[r].src = s->source->rank << 12 | (wr_u32)k;
  if (got == WR_POLL_IDLE) wr_partition_caught_up(ctx, s->source, k);
  if (got != WR_POLL_END) return got;
  wr_partition_close(ctx, s->source, k, 1);
  close_part(ctx, s, p);
  s->open--;
  return got;
}

/* New files are looked for when all others are at their ends. */
static enum wr_poll look_for_more(wr_ctx *ctx, file_set *s)
{
  size_t was = s->names.n;

  if (!s->follow || !s->pattern) return WR_POLL_IDLE;
  wr_file_names_match(&s->names, s->path);
  if (s->names.n == was) return WR_POLL_IDLE;
  return open_parts(ctx, s) ? WR_POLL_END : WR_POLL_FAILED;
}

/* The lowest is at its end for now: others may have more. END: go on with the lowest, it may be another. */
static enum wr_poll poll_others(wr_ctx *ctx, file_set *s, wr_i32 lowest, wr_batch *b)
{
  for (wr_i32 tries = s->n < LOOK_AT ? s->n : LOOK_AT; tries > 0; tries--) {
    s->next = (s->next + 1) % s->n;
    if (s->next == lowest) continue;
    enum wr_poll got = poll_part(ctx, s, s->next, b);
    if (got != WR_POLL_IDLE) return got;
  }
  return look_for_more(ctx, s);
}

enum wr_poll wr_file_poll(wr_ctx *ctx, void *state, wr_batch *b)
{
  file_set *s = state;

  if (!s->split) return poll_part(ctx, s, 0, b);
  while (s->open) {
    wr_i32 lowest = wr_partition_lowest(ctx, s->source);
    enum wr_poll got = lowest < 0 ? WR_POLL_IDLE : poll_part(ctx, s, lowest, b);
    if (got == WR_POLL_IDLE) got = poll_others(ctx, s, lowest, b);
    if (got != WR_POLL_END) return got;
  }
  return WR_POLL_END;
}

/* ---- restarts: every file with its place, in the order of partitions ---- */

void wr_file_save_source(wr_ctx *ctx, void *state, wr_buf *out)
{
  const file_set *s = state;
  wr_saver to = { *out };

  (void)ctx;
  wr_save_u8(&to, s->split);
  wr_save_u32(&to, (wr_u32)s->n);
  for (wr_i32 k = 0; k < s->n; k++) {
    const char *name = s->split ? s->names.name[k] : s->path;
    wr_save_str(&to, (wr_str){ name, (wr_u32)strlen(name), 0 });
    wr_save_u8(&to, s->part[k].reader != NULL);
    if (s->part[k].reader) wr_file_reader_save(s->part[k].reader, &to);
  }
  *out = to.buf;
}

static int refuse(wr_ctx *ctx, const file_set *s, const char *what)
{
  wr_error(ctx, WR_EXIT_CONFIG, "begin anew with an empty --state folder", "source %s: %s", s->source->name, what);
  return -1;
}

static int load_part(wr_ctx *ctx, file_set *s, wr_loader *l)
{
  wr_str name = wr_load_str(l);
  bool open = wr_load_u8(l);
  char path[4096];
  wr_i32 k = s->n;

  if (l->bad || name.len >= sizeof path) return refuse(ctx, s, "its place in the checkpoint makes no sense");
  memcpy(path, name.p, name.len);
  path[name.len] = 0;
  wr_file_names_add(&s->names, path);
  if (!open) {
    add_part(s, NULL);
    return 0;
  }
  void *own = s->source->fmt->open(ctx, s->source->type, s->opt + FILE_OPTIONS);
  if (!own || !open_part(ctx, s, path, own, true)) return -1;
  if (wr_file_reader_load(ctx, s->part[k].reader, l) != 0) return -1;
  wr_partition_open(ctx, s->source, k, s->names.name[k]);
  return 0;
}

static int load_parts(wr_ctx *ctx, file_set *s, wr_u32 n, wr_loader *l)
{
  allow_files(n);
  for (; n; n--)
    if (load_part(ctx, s, l) != 0) return -1;
  if (s->pattern) wr_file_names_match(&s->names, s->path);
  if (!s->open && (size_t)s->n < s->names.n && !s->follow)
    return refuse(ctx, s, "its input had ended, now there are more files");
  return open_parts(ctx, s) ? 0 : -1;
}

int wr_file_load_source(wr_ctx *ctx, void *state, const char *saved, size_t size)
{
  file_set *s = state;
  wr_loader l = { .p = saved, .end = saved + size };
  bool split = wr_load_u8(&l);
  wr_u32 n = wr_load_u32(&l);

  if (l.bad || n > FILES_MOST) return refuse(ctx, s, "its place in the checkpoint makes no sense");
  if (split != s->split) return refuse(ctx, s, "its files were one partition and are several now, or the other way");
  if (s->split) return load_parts(ctx, s, n, &l);
  wr_load_str(&l);
  return wr_load_u8(&l) ? wr_file_reader_load(ctx, s->part[0].reader, &l) : refuse(ctx, s, "it had no file open");
}
