/* checkpoint.h -- a checkpoint as a file: what checkpoint_file.c, state_dir.c, writer.c and those who
 * fill and read sections share.
 *
 * A file is a header, sections, and an end. All numbers are little-endian.
 *
 *   header   "weirckpt", u32 format, u32 ABI, i64 number, i64 time, u64 length of the program's name,
 *            u64 checksum of all this and the name; the name
 *   section  u32 kind, u32 length of the name, u32 length of the descriptor, u32 0, u64 length of the
 *            content, u64 checksum of all this and what follows; name, descriptor, content
 *   end      a section of kind 0 without name and descriptor; its content is the number of the others
 *
 * The checksum is XXH3 with 64 bits. A descriptor is lines of text: what the content was made by.
 */
#ifndef WEIR_CHECKPOINT_H
#define WEIR_CHECKPOINT_H
#include "save.h"

enum { WR_CHECKPOINT_FORMAT = 2 };

enum wr_section_kind {
  WR_SEC_END, WR_SEC_RUN, WR_SEC_PARAM, WR_SEC_SOURCE, WR_SEC_ORDER, WR_SEC_GROUP, WR_SEC_STATE,
  WR_SEC_WINDOW, WR_SEC_LIMIT, WR_SEC_RULE, WR_SEC_SINK, WR_SEC_COUNTS, WR_SEC_DECISIONS, WR_SEC_KINDS
};
extern const char *const wr_section_names[WR_SEC_KINDS];

typedef struct wr_section {
  enum wr_section_kind kind;
  wr_str name, text;                      /* text: the descriptor */
  const char *p;
  size_t n;
  bool used;                              /* the program has something of this name, or it was dropped */
} wr_section;

typedef struct wr_checkpoint {
  wr_buf bytes;                           /* the file; what follows points into it */
  wr_u32 abi, other;                      /* other: the format, when it is not the one that is read here */
  wr_i64 number;
  wr_ts at;
  wr_str program;
  wr_section *section;
  int n, room;
} wr_checkpoint;

/* ---- checkpoint_file.c ---- */
void wr_checkpoint_begin(wr_buf *, wr_i64 number, wr_ts at, const char *program);
/* Where the section begins, for wr_section_end; what is added in between is its content. */
size_t wr_section_begin(wr_buf *, enum wr_section_kind, const char *name, wr_str text);
void wr_section_end(wr_buf *, size_t at);
void wr_checkpoint_end(wr_buf *);
void wr_checkpoint_seal(wr_buf *);        /* fills in the checksums: may be done by another thread */
/* Takes the bytes apart. False: `why` says what is wrong with them, and where. */
bool wr_checkpoint_parse(wr_checkpoint *, char *why, size_t size);
void wr_checkpoint_free(wr_checkpoint *);
const wr_section *wr_section_find(const wr_checkpoint *, enum wr_section_kind, const char *name);
static inline wr_loader wr_section_loader(const wr_section *s) { return (wr_loader){ .p = s->p, .end = s->p + s->n }; }

/* ---- state_dir.c: a folder of checkpoints ---- */
enum { WR_DIR_PATH = 4096 };
typedef struct wr_state_dir {
  char path[WR_DIR_PATH - 64];
  int lock;                               /* descriptor of the lock, -1 */
  wr_i64 number[64];                      /* of the checkpoints there, highest first */
  int n;
} wr_state_dir;
/* Opens the folder, makes it when it is not there, and locks it. False: *why. */
bool wr_dir_open(wr_state_dir *, const char *path, bool create, char *why, size_t size);
void wr_dir_close(wr_state_dir *);
void wr_dir_name(const wr_state_dir *, wr_i64 number, char *out, size_t size);
bool wr_dir_read(const wr_state_dir *, wr_i64 number, wr_checkpoint *, char *why, size_t size);
/* Temporary file, fsync, rename, fsync of the folder; then all but the last two good ones go. */
bool wr_dir_write(wr_state_dir *, wr_i64 number, wr_i64 keep, const wr_buf *, char *why, size_t size);

/* ---- writer.c: the thread that writes ---- */
typedef struct wr_writer wr_writer;
typedef struct wr_write_result {
  wr_i64 number;
  bool ok;
  char why[512];
} wr_write_result;
wr_writer *wr_writer_new(wr_state_dir *, wr_i64 last_good);   /* 0: no thread could be started */
void wr_writer_put(wr_writer *, wr_i64 number, wr_buf *);     /* takes the bytes; not while it is busy */
bool wr_writer_busy(wr_writer *);
/* What became of the write that was put last, once. wait: until it is done. */
bool wr_writer_done(wr_writer *, bool wait, wr_write_result *);
void wr_writer_free(wr_writer *);         /* waits for what is being written */
#endif
