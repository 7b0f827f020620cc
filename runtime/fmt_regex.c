/* fmt_regex.c -- text lines taken apart by a regular expression.
 *
 * A named group fills the field of its name (of a nested field: the path with _ for the points). A
 * line that does not match is bad; a group that took no part in the match leaves its field to the
 * default or null.
 */
#include "fmt_csv.h"
#include <string.h>

enum regex_option { REGEX_PATTERN, REGEX_TIME_FORMAT, REGEX_TIMESTAMPS, REGEX_OPTIONS };

typedef struct regex_state {
  wr_regex *re;
  wr_str time_format;                     /* empty: RFC 3339 or the unit */
  enum wr_unit unit;
  flat_type *types;
  wr_str *group;
  int ngroup;                             /* group 0 counted */
} regex_state;

static bool same_name(const char *path, const char *group)
{
  while (*path && (*path == *group || (*path == '.' && *group == '_'))) path++, group++;
  return *path == *group;
}

static int group_of(const regex_state *s, const char *path)
{
  for (int g = 1; g < s->ngroup; g++) {
    const char *name = wr_regex_name(s->re, g);
    if (name && same_name(path, name)) return g;
  }
  return -1;
}

static flat_type *type_of(regex_state *s, const wr_type *type)
{
  flat_type *t = wr_flat_of(&s->types, type);

  for (wr_u32 i = 0; i < t->n && !t->placed; i++) t->leaf[i].cell = group_of(s, t->leaf[i].path);
  t->placed = true;
  return t;
}

/* ---- decoding ---- */

static enum wr_err value_of(wr_ctx *ctx, const regex_state *s, const wr_type *t, wr_str text, wr_slot *out)
{
  *out = wr_i64_slot(0, 0);
  if (t->kind != WR_TS_ || s->time_format.len == 0) return wr_text_value(ctx, t, s->unit, text.p, text.len, out);
  return wr_fn_parse_time_SC(ctx, text, s->time_format, &out->u.i) == 0 ? WR_E_NONE : WR_E_TYPE;
}

static enum wr_err decode_leaf(wr_ctx *ctx, const regex_state *s, const flat_leaf *l, wr_batch *b)
{
  const wr_field *f = l->field;
  const wr_str *text = l->cell < 0 || !s->group[l->cell].p ? 0 : &s->group[l->cell];
  wr_slot v = wr_i64_slot(0, WR_NULL);
  enum wr_err err = WR_E_NONE;

  if (text && text->len == 0 && f->type->nullable && f->type->kind != WR_STR) text = 0;
  if (text) err = value_of(ctx, s, f->type, *text, &v);
  else if (f->dflt) v = *f->dflt;
  else if (!f->type->nullable && l->group < 0) err = WR_E_MISSING;
  if (!err && f->col >= 0) wr_cell_set(f->type, &b->col[f->col], b->n, v);
  return err;
}

/* A nullable record is there when one of its groups took part. */
static void set_presence(const regex_state *s, const flat_type *t, wr_batch *b)
{
  for (wr_u32 g = 0; g < t->ngroup; g++) {
    const flat_group *group = &t->group[g];
    bool present = false;
    for (wr_u32 i = group->first; i < group->end && !present; i++)
      present = t->leaf[i].cell >= 0 && s->group[t->leaf[i].cell].p;
    if (group->presence < 0) continue;
    ((wr_u8 *)b->col[group->presence].v)[b->n] = present;
    if (b->col[group->presence].st) b->col[group->presence].st[b->n] = !present;
  }
}

static enum wr_err decode_leaves(wr_ctx *ctx, const regex_state *s, const flat_type *t, bool late, bool strict,
                                 wr_batch *b, const char **field)
{
  for (wr_u32 i = 0; i < t->n; i++) {
    enum wr_err err;
    if (t->leaf[i].late != late || (t->leaf[i].field->col < 0 && !strict)) continue;
    err = decode_leaf(ctx, s, &t->leaf[i], b);
    if (!err) continue;
    *field = t->leaf[i].path;
    return err;
  }
  return WR_E_NONE;
}

/* What a filter needs, or everything when there is none. */
static enum wr_err decode_row(wr_ctx *ctx, const regex_state *s, const flat_type *t, bool strict, wr_str rec,
                              wr_batch *b, const char **field)
{
  *field = 0;
  if (!wr_regex_search(s->re, rec, 0, s->group, s->ngroup)) return WR_E_SYNTAX;
  set_presence(s, t, b);
  return decode_leaves(ctx, s, t, false, strict, b, field);
}

static void decode(wr_ctx *ctx, void *state, const wr_source *source, const wr_type *type, const wr_str *record,
                   wr_i32 n, wr_i64 off, wr_batch *b)
{
  regex_state *s = state;
  flat_type *t = type_of(s, type);
  bool strict = source && source->strict, filter = wr_flat_defer(t, source);

  for (wr_i32 i = 0; i < n; i++) {
    const char *field;
    enum wr_err err = decode_row(ctx, s, t, strict, record[i], b, &field);
    if (filter && !err) {
      if (!source->filter(ctx, b, b->n)) {
        wr_row_rejected(ctx, source, b);
        continue;
      }
      err = decode_leaves(ctx, s, t, true, strict, b, &field);
    }
    if (err) {
      wr_record_failed(ctx, source, record[i], off + i, err, field);
      continue;
    }
    if (b->raw) b->raw[b->n] = record[i];
    b->pos[b->n++].off = off + i;
  }
}

/* ---- opening ---- */

static void close_regex(wr_ctx *ctx, void *state)
{
  regex_state *s = state;

  (void)ctx;
  wr_flat_free(s->types);
  wr_mem_free(s->group, (size_t)s->ngroup * sizeof *s->group);
  wr_mem_free(s, sizeof *s);
}

static bool all_there(wr_ctx *ctx, const flat_type *t)
{
  for (wr_u32 i = 0; i < t->n; i++) {
    const flat_leaf *l = &t->leaf[i];
    if (l->cell >= 0 || l->field->col < 0 || l->field->dflt || l->field->type->nullable || l->group >= 0) continue;
    wr_error(ctx, WR_EXIT_CONFIG, "name a group after it, (?<name>...), or make the field nullable",
             "format regex: no group of the pattern fills the field %s", l->path);
    return false;
  }
  return true;
}

static void *open_regex(wr_ctx *ctx, const wr_type *type, const wr_slot *opt)
{
  regex_state *s = wr_mem_alloc(sizeof *s);

  *s = (regex_state){ .re = wr_regex_of(ctx, (wr_i32)opt[REGEX_PATTERN].u.i),
                      .unit = wr_unit_of(opt[REGEX_TIMESTAMPS]) };
  s->ngroup = wr_regex_groups(s->re) + 1;
  s->group = wr_mem_alloc((size_t)s->ngroup * sizeof *s->group);
  if (opt[REGEX_TIME_FORMAT].st == 0) s->time_format = wr_slot_str(opt[REGEX_TIME_FORMAT]);
  if (all_there(ctx, type_of(s, type))) return s;
  close_regex(ctx, s);
  return 0;
}

static const wr_option options[REGEX_OPTIONS] = {
  [REGEX_PATTERN] = { .name = "pattern", .type = WR_OPT_REGEX,
                      .flags = WR_OPT_REQUIRED | WR_OPT_POSITIONAL | WR_OPT_SOURCE,
                      .doc = "with named groups, (?<field>...); it may match any part of the line" },
  [REGEX_TIME_FORMAT] = { .name = "time_format", .type = WR_OPT_STR, .flags = WR_OPT_SOURCE,
                          .doc = "strftime format of timestamps: \"%d/%b/%Y:%H:%M:%S %z\"" },
  [REGEX_TIMESTAMPS] = { .name = "timestamps", .type = WR_OPT_CHOICE, .flags = WR_OPT_SOURCE,
                         .dflt = "\"rfc3339\"", .choice = "rfc3339|s|ms|us",
                         .doc = "timestamps as RFC 3339 text, or integers: seconds, ms, us since 1970" },
};

const wr_format wr_fmt_regex = {
  .abi = WEIR_ABI, .name = "regex", .opt = options, .nopt = REGEX_OPTIONS, .reads = 1, .filters = ~0u,
  .open = open_regex, .decode = decode, .close = close_regex,
};
