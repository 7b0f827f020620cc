/* checkpoint_file.c -- the bytes of a checkpoint, made and taken apart. checkpoint.h has the format.
 *
 * Making leaves the checksums for wr_checkpoint_seal, which walks over what was made: it is the slow
 * part and needs nothing of the run.
 */
#define XXH_INLINE_ALL
#include "checkpoint.h"
#include <xxhash.h>

enum { HEADER = 48, FRAME = 32, CHECKED = 40, FRAME_CHECKED = 24 };
static const char magic[8] = "weirckpt";

const char *const wr_section_names[WR_SEC_KINDS] = {
  "end", "run", "param", "source", "order", "group", "state", "window", "limit", "rule", "sink", "counts",
  "decisions"
};

static wr_u32 get32(const char *p) { wr_u32 v; memcpy(&v, p, 4); return v; }
static wr_u64 get64(const char *p) { wr_u64 v; memcpy(&v, p, 8); return v; }

static wr_u64 checksum(const char *head, size_t checked, const char *rest, size_t n)
{
  return XXH3_64bits_withSeed(rest, n, XXH3_64bits(head, checked));
}

/* ---- making ---- */

static void put32(wr_buf *b, wr_u32 v) { wr_buf_add(b, &v, 4); }
static void put64(wr_buf *b, wr_u64 v) { wr_buf_add(b, &v, 8); }

void wr_checkpoint_begin(wr_buf *b, wr_i64 number, wr_ts at, const char *program)
{
  wr_buf_add(b, magic, sizeof magic);
  put32(b, WR_CHECKPOINT_FORMAT);
  put32(b, WEIR_ABI);
  put64(b, (wr_u64)number);
  put64(b, (wr_u64)at);
  put64(b, strlen(program));
  put64(b, 0);
  wr_buf_add(b, program, strlen(program));
}

size_t wr_section_begin(wr_buf *b, enum wr_section_kind kind, const char *name, wr_str text)
{
  size_t at = b->n;
  put32(b, kind);
  put32(b, (wr_u32)strlen(name));
  put32(b, text.len);
  put32(b, 0);
  put64(b, 0);
  put64(b, 0);
  wr_buf_add(b, name, strlen(name));
  wr_buf_add(b, text.p, text.len);
  return at;
}

static size_t content_at(const char *frame) { return FRAME + (size_t)get32(frame + 4) + get32(frame + 8); }

void wr_section_end(wr_buf *b, size_t at)
{
  wr_u64 n = b->n - at - content_at(b->p + at);
  memcpy(b->p + at + 16, &n, 8);
}

static wr_u64 sections_in(const wr_buf *b)
{
  wr_u64 n = 0;
  for (size_t at = HEADER + get64(b->p + 32); at < b->n; n++) at += content_at(b->p + at) + get64(b->p + at + 16);
  return n;
}

void wr_checkpoint_end(wr_buf *b)
{
  wr_u64 n = sections_in(b);
  size_t at = wr_section_begin(b, WR_SEC_END, "", (wr_str){ "", 0, 0 });
  put64(b, n);
  wr_section_end(b, at);
}

void wr_checkpoint_seal(wr_buf *b)
{
  size_t name = get64(b->p + 32);
  wr_u64 sum = checksum(b->p, CHECKED, b->p + HEADER, name);
  memcpy(b->p + CHECKED, &sum, 8);
  for (size_t at = HEADER + name, n; at < b->n; at += n) {
    char *p = b->p + at;
    n = content_at(p) + get64(p + 16);
    sum = checksum(p, FRAME_CHECKED, p + FRAME, n - FRAME);
    memcpy(p + FRAME_CHECKED, &sum, 8);
  }
}

/* ---- taking apart ---- */

static bool refuse(char *why, size_t size, const char *what)
{
  snprintf(why, size, "%s", what);
  return false;
}

static bool header(wr_checkpoint *c, char *why, size_t size)
{
  const char *p = c->bytes.p;
  size_t n = c->bytes.n;
  if (n < HEADER) return refuse(why, size, n ? "it ends within its header" : "it is empty");
  if (memcmp(p, magic, sizeof magic) != 0) return refuse(why, size, "it does not begin like a checkpoint");
  wr_u64 name = get64(p + 32);
  if (name > n - HEADER) return refuse(why, size, "it ends within its header");
  if (get64(p + CHECKED) != checksum(p, CHECKED, p + HEADER, name))
    return refuse(why, size, "the checksum of its header does not match");
  if (get32(p + 8) != WR_CHECKPOINT_FORMAT) {
    c->other = get32(p + 8);
    snprintf(why, size, "it was written by %s version of Weir, in format %u; this one reads format %d",
             c->other > WR_CHECKPOINT_FORMAT ? "a newer" : "an older", c->other, WR_CHECKPOINT_FORMAT);
    return false;
  }
  c->abi = get32(p + 12);
  c->number = (wr_i64)get64(p + 16);
  c->at = (wr_ts)get64(p + 24);
  c->program = (wr_str){ p + HEADER, (wr_u32)name, 0 };
  return true;
}

static void add(wr_checkpoint *c, const wr_section *s)
{
  if (c->n == c->room) {
    int room = c->room ? c->room * 2 : 32;
    wr_section *more = wr_mem_alloc((size_t)room * sizeof *more);
    if (c->n) memcpy(more, c->section, (size_t)c->n * sizeof *more);
    wr_mem_free(c->section, (size_t)c->room * sizeof *more);
    c->section = more;
    c->room = room;
  }
  c->section[c->n++] = *s;
}

/* The section at `at`; its length in the file, 0: it is damaged. */
static size_t section(const wr_checkpoint *c, size_t at, wr_section *s, char *why, size_t size)
{
  const char *p = c->bytes.p + at;
  size_t left = c->bytes.n - at;
  bool fits = left >= FRAME && left >= content_at(p) && get64(p + 16) <= left - content_at(p);
  if (!fits) {
    snprintf(why, size, "it ends at byte %zu, in the middle of a section", c->bytes.n);
    return 0;
  }
  wr_u32 kind = get32(p), name = get32(p + 4), text = get32(p + 8);
  size_t n = get64(p + 16);
  if (get64(p + FRAME_CHECKED) != checksum(p, FRAME_CHECKED, p + FRAME, content_at(p) + n - FRAME)) {
    snprintf(why, size, "the checksum of the section at byte %zu (%s %.*s) does not match", at,
             kind < WR_SEC_KINDS ? wr_section_names[kind] : "unknown", name < 64 ? (int)name : 64, p + FRAME);
    return 0;
  }
  if (kind >= WR_SEC_KINDS) {
    snprintf(why, size, "it has a section of the unknown kind %u", kind);
    return 0;
  }
  *s = (wr_section){ .kind = (enum wr_section_kind)kind, .name = { p + FRAME, name, 0 },
                     .text = { p + FRAME + name, text, 0 }, .p = p + content_at(p), .n = n };
  return content_at(p) + n;
}

bool wr_checkpoint_parse(wr_checkpoint *c, char *why, size_t size)
{
  wr_section s = { .kind = WR_SEC_RUN };
  if (!header(c, why, size)) return false;
  for (size_t at = HEADER + c->program.len, n; at < c->bytes.n; at += n) {
    if (s.kind == WR_SEC_END) return refuse(why, size, "there is something behind its end");
    if (!(n = section(c, at, &s, why, size))) return false;
    if (s.kind != WR_SEC_END) add(c, &s);
  }
  if (s.kind != WR_SEC_END) return refuse(why, size, "its end is missing");
  if (s.n != 8 || get64(s.p) != (wr_u64)c->n) return refuse(why, size, "sections are missing");
  return true;
}

void wr_checkpoint_free(wr_checkpoint *c)
{
  wr_mem_free(c->section, (size_t)c->room * sizeof *c->section);
  wr_buf_free(&c->bytes);
  *c = (wr_checkpoint){ 0 };
}

const wr_section *wr_section_find(const wr_checkpoint *c, enum wr_section_kind kind, const char *name)
{
  size_t n = strlen(name);
  for (int i = 0; i < c->n; i++)
    if (c->section[i].kind == kind && c->section[i].name.len == n && memcmp(c->section[i].name.p, name, n) == 0)
      return &c->section[i];
  return NULL;
}
