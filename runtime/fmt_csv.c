/* fmt_csv.c -- comma-separated values (RFC 4180), reading.
 *
 * Fields of nested records stand under their path, "site.zone"; lists, maps and json as JSON text. An
 * empty field is null where the type allows it, the empty string for a string, else a bad row; a
 * nullable record whose fields are all empty is null. Line breaks in quoted fields are data.
 */
#include "fmt_csv.h"
#include <string.h>

enum csv_frame { FIELD_START, PLAIN, QUOTED, QUOTE_SEEN };
enum csv_option { CSV_HEADER, CSV_DELIMITER, CSV_QUOTE, CSV_TIMESTAMPS, CSV_OPTIONS };

/* ---- finding the end of a record ---- */

/* Where no quote stands before the line's end, that is the record's end. */
static size_t frame_line(const csv_state *s, const char *p, size_t n)
{
  const char *nl = memchr(p, '\n', n);

  if (!nl || (s->quoting && memchr(p, s->quote, (size_t)(nl - p)))) return 0;
  return (size_t)(nl + 1 - p);
}

/* Bytes up to and with the line break outside quotes; 0: none yet, s->frame says where we are. */
static size_t frame_quoted(csv_state *s, const char *p, size_t n)
{
  enum csv_frame at = (enum csv_frame)s->frame;
  size_t i = 0;

  for (; i < n; i++) {
    char c = p[i];
    bool quote = s->quoting && c == s->quote;
    if (at == QUOTED) {
      const char *q = memchr(p + i, s->quote, n - i);
      if (!q) break;
      i = (size_t)(q - p);
      at = QUOTE_SEEN;
    } else if (quote && (at == FIELD_START || at == QUOTE_SEEN)) {
      at = QUOTED;                        /* opened, or doubled */
    } else if (c == '\n') {
      s->frame = FIELD_START;
      return i + 1;
    } else {
      at = c == s->delimiter ? FIELD_START : PLAIN;
    }
  }
  s->frame = (wr_u8)at;
  return 0;
}

static size_t frame(void *state, const char *p, size_t n, int eof, size_t *skip)
{
  csv_state *s = state;
  size_t len = 0;

  *skip = 0;
  if (!p) {
    s->frame = FIELD_START;
    s->after_cr = false;
    return 0;
  }
  if (n && s->frame == FIELD_START) len = frame_line(s, p, n);
  if (!len) len = frame_quoted(s, p, n);
  if (!len) {
    if (n) s->after_cr = p[n - 1] == '\r';
    if (eof) s->frame = FIELD_START;
    return eof ? n : 0;
  }
  *skip = 1 + (len > 1 ? p[len - 2] == '\r' : s->after_cr);
  s->after_cr = false;
  return len;
}

/* ---- cells ---- */

/* A quoted cell from behind its first quote; 0: not closed, or text behind the closing quote. */
static const char *quoted_cell(const csv_state *s, const char *p, const char *e, csv_cell *c)
{
  c->p = p;
  c->doubled = 0;
  for (;;) {
    p = memchr(p, s->quote, (size_t)(e - p));
    if (!p) return 0;
    if (p + 1 == e || p[1] != s->quote) break;
    c->doubled++;
    p += 2;
  }
  c->len = (wr_u32)(p - c->p);
  p++;
  return p == e || *p == s->delimiter ? p : 0;
}

static const char *plain_cell(const csv_state *s, const char *p, const char *e, csv_cell *c)
{
  const char *from = p;

  while (p < e && *p != s->delimiter) {
    if (s->quoting && *p == s->quote) return 0;
    p++;
  }
  *c = (csv_cell){ from, (wr_u32)(p - from), 0 };
  return p;
}

/* Splits a record into at most `most` cells; their number, counting on beyond that; -1: broken. */
static wr_i32 split(const csv_state *s, wr_str rec, csv_cell *cell, wr_i32 most)
{
  const char *p = rec.p, *e = p + rec.len;
  csv_cell extra;

  for (wr_i32 n = 0;; p++) {
    csv_cell *c = n < most ? &cell[n] : &extra;
    p = p < e && s->quoting && *p == s->quote ? quoted_cell(s, p + 1, e, c) : plain_cell(s, p, e, c);
    if (!p) return -1;
    n++;
    if (p == e) return n;
  }
}

static wr_str cell_text(wr_ctx *ctx, const csv_state *s, const csv_cell *c)
{
  char *out, *o;

  if (!c->doubled) return (wr_str){ c->p, c->len, 0 };
  out = o = wr_alloc(ctx, c->len);
  for (wr_u32 i = 0; i < c->len; i++) {
    *o++ = c->p[i];
    if (c->p[i] == s->quote) i++;
  }
  return (wr_str){ out, (wr_u32)(o - out), 0 };
}

/* ---- the header ---- */

static void drop_header(csv_state *s)
{
  for (wr_i32 i = 0; s->name && i < s->ncell; i++) wr_mem_free(s->name[i], strlen(s->name[i]) + 1);
  if (s->name) wr_mem_free(s->name, (size_t)s->ncell * sizeof *s->name);
  wr_mem_free(s->cell, (size_t)s->ncell * sizeof *s->cell);
  s->name = 0;
  s->cell = 0;
  s->ncell = 0;
  for (flat_type *t = s->types; t; t = t->next) t->placed = false;
}

static void set_cells(csv_state *s, wr_i32 n)
{
  s->ncell = n;
  s->cell = wr_mem_alloc((size_t)n * sizeof *s->cell);
}

static wr_i32 column_named(const csv_state *s, const char *name)
{
  for (wr_i32 i = 0; i < s->ncell; i++)
    if (strcmp(s->name[i], name) == 0) return i;
  return -1;
}

/* Finds every leaf's place in the rows: by name, or in order when there is no header. */
static void place(csv_state *s, flat_type *t)
{
  if (!s->header && !s->cell) set_cells(s, (wr_i32)t->n);
  for (wr_u32 i = 0; i < t->n; i++) t->leaf[i].cell = s->header ? column_named(s, t->leaf[i].path) : (wr_i32)i;
  t->placed = true;
}

static int check_header(wr_ctx *ctx, const csv_state *s, const wr_source *source, const flat_type *t)
{
  for (wr_u32 i = 0; i < t->n; i++) {
    const flat_leaf *l = &t->leaf[i];
    bool needed =
        (l->field->col >= 0 || source->strict) && !l->field->dflt && !l->field->type->nullable && l->group < 0;
    if (l->cell >= 0 || !needed) continue;
    wr_error(ctx, WR_EXIT_DATA, "give the field a default, make it nullable, or set header: false",
             "%s %s: the header has no column \"%s\"", wr_source_kind(source), source->name, l->path);
    return -1;
  }
  for (wr_i32 c = 0; c < s->ncell; c++) {
    bool known = false;
    for (wr_u32 i = 0; i < t->n && !known; i++) known = strcmp(t->leaf[i].path, s->name[c]) == 0;
    if (known ? column_named(s, s->name[c]) == c : !source->strict) continue;
    wr_error(ctx, WR_EXIT_DATA, "", "%s %s: the header's column \"%s\" %s", wr_source_kind(source), source->name,
             s->name[c], known ? "occurs twice" : "is not a field of the type (check strict)");
    return -1;
  }
  return 0;
}

static int header(wr_ctx *ctx, void *state, const wr_source *source, const wr_type *type, wr_str rec)
{
  csv_state *s = state;
  flat_type *t = wr_flat_of(&s->types, type);
  wr_i32 n;

  if (!s->header) return 0;
  drop_header(s);
  n = split(s, rec, 0, 0);
  if (n < 0) {
    wr_error(ctx, WR_EXIT_DATA, "", "%s %s: the header line is not well-formed CSV", wr_source_kind(source),
             source->name);
    return -1;
  }
  set_cells(s, n);
  split(s, rec, s->cell, n);
  s->name = wr_mem_alloc((size_t)n * sizeof *s->name);
  for (wr_i32 i = 0; i < n; i++) {
    wr_str text = cell_text(ctx, s, &s->cell[i]);
    size_t len = strnlen(text.p, text.len);                   /* a NUL ends a name */
    s->name[i] = wr_mem_alloc(len + 1);
    memcpy(s->name[i], text.p, len);
    s->name[i][len] = 0;
  }
  place(s, t);
  return check_header(ctx, s, source, t) < 0 ? -1 : 1;
}

/* ---- rows ---- */

typedef struct csv_row {
  wr_ctx *ctx;
  csv_state *s;
  flat_type *t;
  bool strict;
  wr_batch *b;
  const char *field;                      /* where an error was met */
} csv_row;

static bool empty(const csv_row *r, const flat_leaf *l) { return l->cell < 0 || r->s->cell[l->cell].len == 0; }

static void find_present(csv_row *r)
{
  for (wr_u32 g = 0; g < r->t->ngroup; g++) {
    flat_group *group = &r->t->group[g];
    group->present = false;
    for (wr_u32 i = group->first; i < group->end && !group->present; i++)
      group->present = !empty(r, &r->t->leaf[i]);
    if (group->presence >= 0)
      ((wr_u8 *)r->b->col[group->presence].v)[r->b->n] = group->present;
    if (group->presence >= 0 && r->b->col[group->presence].st)
      r->b->col[group->presence].st[r->b->n] = !group->present;
  }
}

static enum wr_err decode_leaf(csv_row *r, const flat_leaf *l)
{
  const wr_type *t = l->field->type;
  bool absent = l->group >= 0 && !r->t->group[l->group].present, none = empty(r, l);
  enum wr_err err = WR_E_NONE;
  wr_slot s = wr_i64_slot(0, WR_NULL);

  if (l->field->col < 0 && !r->strict) return WR_E_NONE;
  if (l->cell < 0 && l->field->dflt) {
    s = *l->field->dflt;
  } else if (absent || (none && t->nullable)) {
    s.st = WR_NULL;
  } else if (none && t->kind != WR_STR && t->kind != WR_BYTES) {
    return l->cell < 0 ? WR_E_MISSING : WR_E_NULL_VALUE;
  } else if (l->cell < 0) {
    return WR_E_MISSING;
  } else {
    wr_str text = cell_text(r->ctx, r->s, &r->s->cell[l->cell]);
    err = wr_text_value(r->ctx, t, r->s->unit, text.p, text.len, &s);
  }
  if (!err && l->field->col >= 0) wr_cell_set(t, &r->b->col[l->field->col], r->b->n, s);
  return err;
}

static const char *count_note(wr_ctx *ctx, wr_i32 n, wr_i32 want)
{
  char *note = wr_alloc(ctx, 64);

  snprintf(note, 64, "%d fields instead of %d", n, want);
  return note;
}

static enum wr_err decode_leaves(csv_row *r, bool late)
{
  for (wr_u32 i = 0; i < r->t->n; i++) {
    const flat_leaf *l = &r->t->leaf[i];
    enum wr_err err = l->late == late ? decode_leaf(r, l) : WR_E_NONE;
    if (!err) continue;
    r->field = l->path;
    return err;
  }
  return WR_E_NONE;
}

/* What a filter needs, or everything when there is none. */
static enum wr_err decode_row(csv_row *r, wr_str rec)
{
  wr_i32 n = split(r->s, rec, r->s->cell, r->s->ncell);

  r->field = 0;
  if (n < 0) return WR_E_SYNTAX;
  if (n != r->s->ncell) {
    r->field = count_note(r->ctx, n, r->s->ncell);
    return WR_E_SYNTAX;
  }
  find_present(r);
  return decode_leaves(r, false);
}

static void decode(wr_ctx *ctx, void *state, const wr_source *source, const wr_type *type, const wr_str *record,
                   wr_i32 n, wr_i64 off, wr_batch *b)
{
  csv_state *s = state;
  csv_row r = { .ctx = ctx, .s = s, .t = wr_flat_of(&s->types, type), .strict = source && source->strict, .b = b };

  bool filter = wr_flat_defer(r.t, source);
  if (!r.t->placed) place(s, r.t);
  for (wr_i32 i = 0; i < n; i++) {
    enum wr_err err;
    if (record[i].len == 0 && s->ncell != 1) continue;        /* a blank line */
    err = decode_row(&r, record[i]);
    if (filter && !err) {
      if (!source->filter(ctx, b, b->n)) {
        wr_row_rejected(ctx, source, b);
        continue;
      }
      err = decode_leaves(&r, true);
    }
    if (err) {
      wr_record_failed(ctx, source, record[i], off + i, err, r.field);
      continue;
    }
    if (b->raw) b->raw[b->n] = record[i];
    b->pos[b->n++].off = off + i;
  }
}

/* ---- opening ---- */

static bool one_char(wr_ctx *ctx, const wr_slot *opt, const char *name, char *out)
{
  if (opt->len == 1 && *opt->u.p != '\n' && *opt->u.p != '\r') {
    *out = *opt->u.p;
    return true;
  }
  wr_error(ctx, WR_EXIT_CONFIG, "", "format csv: %s must be one character, no line break", name);
  return false;
}

static void close_csv(wr_ctx *ctx, void *state)
{
  csv_state *s = state;

  (void)ctx;
  drop_header(s);
  wr_flat_free(s->types);
  wr_mem_free(s, sizeof *s);
}

static void *open_csv(wr_ctx *ctx, const wr_type *type, const wr_slot *opt)
{
  csv_state *s = wr_mem_alloc(sizeof *s);

  *s = (csv_state){ .delimiter = ',', .quote = '"', .quoting = true, .header = true };
  if (opt[CSV_HEADER].st == 0) s->header = opt[CSV_HEADER].u.i != 0;
  s->unit = wr_unit_of(opt[CSV_TIMESTAMPS]);
  s->quoting = opt[CSV_QUOTE].st || opt[CSV_QUOTE].len > 0;
  wr_flat_of(&s->types, type);
  if (opt[CSV_DELIMITER].st == 0 && !one_char(ctx, &opt[CSV_DELIMITER], "delimiter", &s->delimiter)) goto bad;
  if (opt[CSV_QUOTE].st == 0 && s->quoting && !one_char(ctx, &opt[CSV_QUOTE], "quote", &s->quote)) goto bad;
  if (!s->quoting || s->quote != s->delimiter) return s;
  wr_error(ctx, WR_EXIT_CONFIG, "", "format csv: delimiter and quote are the same");
bad:
  close_csv(ctx, s);
  return 0;
}

static const wr_option options[CSV_OPTIONS] = {
  [CSV_HEADER] = { .name = "header", .type = WR_OPT_BOOL, .flags = WR_OPT_SOURCE | WR_OPT_SINK, .dflt = "true",
                   .doc = "the first line names the columns; false: fields in the type's order" },
  [CSV_DELIMITER] = { .name = "delimiter", .type = WR_OPT_STR, .flags = WR_OPT_SOURCE | WR_OPT_SINK,
                      .dflt = "\",\"", .doc = "one character between fields" },
  [CSV_QUOTE] = { .name = "quote", .type = WR_OPT_STR, .flags = WR_OPT_SOURCE | WR_OPT_SINK, .dflt = "\"\\\"\"",
                  .doc = "one character around fields, doubled inside them; empty: no quoting" },
  [CSV_TIMESTAMPS] = { .name = "timestamps", .type = WR_OPT_CHOICE, .flags = WR_OPT_SOURCE | WR_OPT_SINK,
                       .dflt = "\"rfc3339\"", .choice = "rfc3339|s|ms|us",
                       .doc = "timestamps as RFC 3339 text, or integers: seconds, ms, us since 1970" },
};

const wr_format wr_fmt_csv = {
  .abi = WEIR_ABI, .name = "csv", .opt = options, .nopt = CSV_OPTIONS, .reads = 1, .writes = 1, .filters = ~0u,
  .open = open_csv, .frame = frame, .decode = decode, .header = header, .encode = wr_csv_encode,
  .encode_header = wr_csv_encode_header, .close = close_csv,
};
