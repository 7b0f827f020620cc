/* checkpoint_read.c -- resuming: which checkpoint, does the program fit it, and every part its own.
 *
 * The newest whole checkpoint counts; a damaged one is named and the one before is taken. Whether
 * everything fits is decided before a source or a sink is opened, so a refusal leaves all as it was.
 */
#include <stdarg.h>
#include <stdlib.h>
#include "state.h"

enum { WHY = 512, LINE = 300 };

void wr_note(wr_ctx *ctx, const char *fmt, ...)
{
  wr_state *s = wr_state_of(ctx);
  va_list ap;
  if (s->opt.quiet) return;
  fprintf(s->opt.log, "weir: ");
  va_start(ap, fmt);
  vfprintf(s->opt.log, fmt, ap);
  va_end(ap);
  fprintf(s->opt.log, "\n");
}

bool wr_keeps(wr_ctx *ctx) { return wr_state_of(ctx)->keeper != NULL; }

static bool is_name(wr_str a, const char *b) { return a.len == strlen(b) && memcmp(a.p, b, a.len) == 0; }

/* What --drop means by a name: what is kept under it. Where a source was read to and where a sink ended are
 * only forgotten when the kind stands before the name: `--drop sink:alerts`. */
static bool means_section(const char *given, enum wr_section_kind kind, wr_str name)
{
  const char *word = wr_section_names[kind];
  size_t n = strlen(word);
  if (strncmp(given, word, n) == 0 && given[n] == ':') return is_name(name, given + n + 1);
  return kind != WR_SEC_SOURCE && kind != WR_SEC_SINK && is_name(name, given);
}

/* What stands before the name in the advice to drop it. */
static const char *drop_word(enum wr_section_kind kind) { return kind == WR_SEC_SOURCE ? "source:" : ""; }

static bool dropped(const wr_state *s, enum wr_section_kind kind, wr_str name)
{
  for (int i = 0; i < s->opt.ndrop; i++)
    if (means_section(s->opt.drop[i], kind, name)) return true;
  return false;
}

static wr_section *section_of(const wr_state *s, enum wr_section_kind kind, const char *name)
{
  const struct wr_keeper *k = s->keeper;
  if (!k || !k->resuming) return NULL;
  wr_section *x = (wr_section *)wr_section_find(&k->old, kind, name);
  return x && !dropped(s, kind, x->name) ? x : NULL;
}

/* Where the sink ended, if its connector can use that. */
static bool sink_end(const wr_state *s, const wr_sink *d, wr_i64 *rows, wr_str *end, bool *damaged)
{
  const wr_section *x = section_of(s, WR_SEC_SINK, d->name);
  char to[128];
  *damaged = false;
  if (!x) return false;
  wr_loader l = wr_section_loader(x);
  *rows = wr_load_i64(&l);
  bool has = wr_load_u8(&l);
  *end = wr_load_str(&l);
  *damaged = l.bad || l.p != l.end;
  int n = snprintf(to, sizeof to, "to %.100s", d->conn->name);
  return !*damaged && has && d->conn->load_sink && wr_str_eq(x->text, (wr_str){ to, (wr_u32)n, 0 });
}

bool wr_resumes(wr_ctx *ctx, const void *def)
{
  const wr_state *s = wr_state_of(ctx);
  for (wr_i32 i = 0; i < s->prog->nsource; i++)
    if (s->prog->source[i] == def) return section_of(s, WR_SEC_SOURCE, s->prog->source[i]->name) != NULL;
  for (wr_i32 i = 0; i < s->prog->nsink; i++)
    if (s->prog->sink[i] == def) return sink_end(s, def, &(wr_i64){ 0 }, &(wr_str){ 0 }, &(bool){ false });
  return false;
}


static bool nonsense(wr_state *s, const wr_section *x, const char *why)
{
  wr_error(&s->ctx, WR_EXIT_DATA, "this is a fault of Weir or of memory: the file's checksums are right",
           "checkpoint %lld: %s %.*s: %s", (long long)s->keeper->old.number, wr_section_names[x->kind],
           (int)x->name.len, x->name.p, why);
  return false;
}

/* ---- which one ---- */

/* It is whole: to go back to the one before would do again what another version did. */
static bool foreign(wr_state *s, wr_i64 number, const char *why)
{
  wr_error(&s->ctx, WR_EXIT_CONFIG, "run the version that wrote it, or begin anew with an empty --state folder",
           "checkpoint-%09lld cannot be used: %s", (long long)number, why);
  return false;
}

static bool newest(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  char why[WHY];
  for (int i = 0; i < k->dir.n; i++) {
    k->resuming = wr_dir_read(&k->dir, k->dir.number[i], &k->old, why, sizeof why);
    if (k->resuming) return true;
    if (k->old.other) return foreign(s, k->dir.number[i], why);
    fprintf(s->opt.log, "weir: warning: checkpoint-%09lld cannot be used: %s\n", (long long)k->dir.number[i], why);
  }
  if (k->dir.n == 0) return true;
  wr_error(&s->ctx, WR_EXIT_DATA, "to begin anew give --state an empty folder",
           "no checkpoint in %s is whole: nothing to resume from", k->dir.path);
  return false;
}

/* Made by this version, for this program? */
static bool belongs(wr_state *s)
{
  const wr_checkpoint *old = &s->keeper->old;
  if (old->abi != WEIR_ABI) {
    wr_error(&s->ctx, WR_EXIT_CONFIG, "run the version that made it, or begin anew with an empty --state folder",
             "checkpoint %lld was made by runtime ABI %u, this is %d", (long long)old->number, old->abi, WEIR_ABI);
    return false;
  }
  if (is_name(old->program, s->prog->name) || wr_state_named(s->opt.accept, s->opt.naccept, old->program)) return true;
  wr_error(&s->ctx, WR_EXIT_CONFIG, "every program has a folder of its own; after renaming it: --accept OLD-NAME",
           "%s holds the state of program %.*s, not of %s", s->keeper->dir.path, (int)old->program.len,
           old->program.p, s->prog->name);
  return false;
}

/* Every name given to --drop and --accept is one of the checkpoint's. */
static bool names_known(wr_state *s, const char *option, const char *const *names, int n)
{
  const wr_checkpoint *old = &s->keeper->old;
  for (int i = 0; i < n; i++) {
    bool found = s->keeper->resuming && is_name(old->program, names[i]);
    for (int k = 0; k < old->n; k++) found |= means_section(names[i], old->section[k].kind, old->section[k].name);
    if (found) continue;
    wr_error(&s->ctx, WR_EXIT_USAGE, "`weir state ls` shows the names",
             "%s %s: no checkpoint has anything of that name", option, names[i]);
    return false;
  }
  return true;
}

static bool sources_can(wr_state *s)
{
  for (wr_i32 i = 0; i < s->prog->nsource; i++) {
    const wr_source *d = s->prog->source[i];
    if (d->conn->save_source && d->conn->load_source) continue;
    wr_error(&s->ctx, WR_EXIT_CONFIG, "leave out --state", "source %s: connector %s cannot go back to a place, so a run"
             " that reads it cannot be resumed", d->name, d->conn->name);
    return false;
  }
  return true;
}

static bool new_keeper(wr_state *s)
{
  const wr_program *p = s->prog;
  struct wr_keeper *k = s->keeper = calloc(1, sizeof *k);
  if (!k) return false;
  k->dir.lock = -1;
  k->place = calloc((size_t)p->nsource + 1, sizeof *k->place);
  k->start = calloc((size_t)p->nparam + 1, sizeof *k->start);
  k->changed = calloc((size_t)p->nparam + 1, sizeof *k->changed);
  k->decision = calloc(WR_DECISIONS, sizeof *k->decision);
  return wr_again_new(s) && k->place && k->start && k->changed && k->decision;
}

bool wr_keep_open(wr_state *s)
{
  char why[WHY];
  if (!s->opt.state) return true;
  if (!new_keeper(s)) {
    wr_error(&s->ctx, WR_EXIT_SOFTWARE, "", "out of memory");
    return false;
  }
  struct wr_keeper *k = s->keeper;
  if (!sources_can(s)) return false;
  if (!wr_dir_open(&k->dir, s->opt.state, true, why, sizeof why)) {
    wr_error(&s->ctx, WR_EXIT_CONFIG, "every run has a folder of its own that it may write to", "--state: %s", why);
    return false;
  }
  if (!newest(s) || (k->resuming && !belongs(s)) || !names_known(s, "--drop", s->opt.drop, s->opt.ndrop) ||
      !names_known(s, "--accept", s->opt.accept, s->opt.naccept)) return false;
  k->next = k->dir.n ? k->dir.number[0] + 1 : 1;
  k->resumed = k->resuming;
  k->good = k->old.number;
  k->good_at = k->old.at;
  return true;
}

/* ---- parameters ---- */

/* What is loaded is kept as long as the run. */
static wr_slot kept_slot(wr_ctx *ctx, wr_loader *l, const wr_type *t)
{
  const char *from = l->p;
  wr_load_slot(ctx, l, t);
  if (l->bad) return wr_i64_slot(0, WR_NULL);
  char *copy = wr_alloc(ctx, (wr_u32)(l->p - from));
  memcpy(copy, from, (size_t)(l->p - from));
  wr_loader again = { .p = copy, .end = copy + (l->p - from) };
  return wr_load_slot(ctx, &again, t);
}

static bool same_slot(const wr_type *t, wr_slot a, wr_slot b)
{
  wr_saver x = { { 0 } }, y = { { 0 } };
  wr_save_slot(&x, t, a);
  wr_save_slot(&y, t, b);
  bool same = x.buf.n == y.buf.n && memcmp(x.buf.p, y.buf.p, x.buf.n) == 0;
  wr_buf_free(&x.buf);
  wr_buf_free(&y.buf);
  return same;
}

/* A value that was changed while the program ran holds on, unless the command line gives one, or the program
 * begins with another one than then. */
static void take_param(wr_state *s, wr_i32 i, const wr_section *x)
{
  const wr_type *t = s->prog->param[i].type;
  wr_loader l = wr_section_loader(x);
  wr_ts changed = wr_load_i64(&l);
  wr_slot start = wr_load_slot(&s->ctx, &l, t), now = kept_slot(&s->ctx, &l, t);
  if (l.bad || !changed || same_slot(t, now, s->param[i])) return;
  bool holds = !wr_param_given(s, i) && same_slot(t, start, s->keeper->start[i]);
  wr_str was = wr_param_text(s, i, now), is = wr_param_text(s, i, s->param[i]);
  if (holds) {
    s->param[i] = now;
    s->keeper->changed[i] = changed;
  }
  const char *text = holds ? "param %s is %.*s, as it was set while running; at start %.*s" :
          "param %s was %.*s, set while running; --set or the program says %.*s";
  wr_note(&s->ctx, text, s->prog->param[i].name, (int)was.len, was.p,
          (int)is.len, is.p);
}

bool wr_keep_params(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  wr_buf text = { 0 };
  if (!k) return true;
  for (wr_i32 i = 0; i < s->prog->nparam; i++) {
    k->start[i] = s->param[i];
    wr_section *x = section_of(s, WR_SEC_PARAM, s->prog->param[i].name);
    if (!x) continue;
    x->used = true;
    text.n = 0;
    wr_type_text(&text, s->prog->param[i].type);
    if (wr_str_eq(x->text, (wr_str){ text.p, (wr_u32)text.n, 0 })) take_param(s, i, x);
  }
  wr_buf_free(&text);
  return true;
}

/* ---- ranks of names ---- */

static wr_u32 rank_now(const wr_program *p, wr_str name, wr_u32 otherwise)
{
  for (wr_i32 i = 0; i < p->nsource; i++)
    if (is_name(name, p->source[i]->name)) return p->source[i]->rank;
  for (wr_i32 i = 0; i < p->ngroup; i++)
    if (is_name(name, p->group[i]->name)) return p->group[i]->rank;
  return otherwise;
}

static bool take_run(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  for (int i = 0; i < k->old.n; i++) {
    wr_section *x = &k->old.section[i];
    if (x->kind != WR_SEC_RUN) continue;
    wr_loader l = wr_section_loader(x);
    wr_str zone = wr_load_str(&l);
    const char *now = wr_zone_version();
    if (!is_name(zone, now))
      wr_note(&s->ctx, "time zone data was %.*s, is %s", (int)zone.len, zone.p, now);
    wr_u32 n = wr_load_u32(&l);
    if (n > x->n) return nonsense(s, x, "too many names");
    k->rank = calloc((size_t)n + 1, sizeof *k->rank);
    for (; k->rank && n && !l.bad; n--) {
      wr_rank r = { .was = wr_load_u32(&l) };
      r.is = rank_now(s->prog, wr_load_str(&l), r.was);
      if (r.was != r.is) k->rank[k->nrank++] = r;
    }
    return l.bad ? nonsense(s, x, "it is too short") : true;
  }
  return true;
}

wr_pos wr_pos_now(wr_ctx *ctx, wr_pos p)
{
  const struct wr_keeper *k = wr_state_of(ctx)->keeper;
  for (wr_i32 i = 0; k && i < k->nrank; i++) {
    if (k->rank[i].was != p.src >> 12) continue;
    p.src = k->rank[i].is << 12 | (p.src & 4095);
    break;
  }
  return p;
}

wr_pos wr_load_pos(wr_ctx *ctx, wr_loader *l)
{
  wr_pos p = { 0 };
  const char *at = wr_load_bytes(l, sizeof p);
  if (at) memcpy(&p, at, sizeof p);
  return wr_pos_now(ctx, p);
}

/* ---- does the program fit? ---- */

static void tell_misfit(wr_state *s, const wr_section *x, const char *was, const char *is, const char *way)
{
  int n = (int)x->name.len;
  fprintf(s->opt.log, "weir: %s %.*s cannot be taken over: ", wr_section_names[x->kind], n, x->name.p);
  if (*was && *is) fprintf(s->opt.log, "it was kept for `%s`, the program now has `%s`\n", was, is);
  else if (*was) fprintf(s->opt.log, "it was kept for `%s`, which the program has no more\n", was);
  else fprintf(s->opt.log, "the program now has `%s`, which it was not kept for\n", is);
  fprintf(s->opt.log, "  = %s %s%.*s\n", way, drop_word(x->kind), n, x->name.p);
}

static bool cell_fits(wr_state *s, const wr_cell_ref *c, wr_section *x)
{
  char was[LINE] = "", is[LINE] = "";
  wr_buf text = { 0 };
  wr_cell_text(s, c, &text);
  enum wr_fit fit = wr_state_fit(c->kind, x->text, (wr_str){ text.p, (wr_u32)text.n, 0 }, was, is, sizeof was);
  wr_buf_free(&text);
  x->used = true;
  if (fit == WR_FITS || (fit == WR_MEANS_OTHER && wr_state_named(s->opt.accept, s->opt.naccept, x->name))) return true;
  wr_loader l = wr_section_loader(x);
  if (c->kind == WR_SEC_ORDER && wr_load_head(&l).keys == 0) return true;     /* no row waits: nothing to take over */
  tell_misfit(s, x, was, is,
              fit == WR_MEANS_OTHER ? "keep what it holds, mixed with what it means now, by --accept" :
                                      "forget what it holds by --drop");
  return false;
}

static bool holds_data(const wr_section *x)
{
  wr_loader l = wr_section_loader(x);
  if (x->kind == WR_SEC_SOURCE) return true;
  return x->kind >= WR_SEC_ORDER && x->kind <= WR_SEC_LIMIT && wr_load_head(&l).keys > 0;
}

/* What nobody in the program has the name of. */
static bool left_over(wr_state *s, wr_section *x)
{
  static const char *const none[] = { [WR_SEC_SINK] = "sink", [WR_SEC_RULE] = "rule", [WR_SEC_PARAM] = "param" };
  int n = (int)x->name.len;
  if (dropped(s, x->kind, x->name)) {
    if (x->kind != WR_SEC_RUN && x->kind != WR_SEC_COUNTS && x->kind != WR_SEC_DECISIONS)
      wr_note(&s->ctx, "%s %.*s is forgotten, as --drop says", wr_section_names[x->kind], n, x->name.p);
    return true;
  }
  if (x->used) return true;
  if (!holds_data(x)) {
    if (x->kind == WR_SEC_SINK || x->kind == WR_SEC_PARAM || x->kind == WR_SEC_RULE)
      wr_note(&s->ctx, "the program has no %s %.*s any more", none[x->kind], n, x->name.p);
    return true;
  }
  fprintf(s->opt.log, "weir: %s %.*s cannot be taken over: the program has none of that name any more\n"
          "  = forget what it holds by --drop %s%.*s\n", wr_section_names[x->kind], n, x->name.p, drop_word(x->kind), n,
          x->name.p);
  return false;
}

static bool ends_fit(wr_state *s)
{
  bool fits = true;
  for (wr_i32 i = 0; i < s->prog->nsource; i++) {
    const wr_source *d = s->prog->source[i];
    wr_section *x = section_of(s, WR_SEC_SOURCE, d->name);
    char is[128];
    int n = snprintf(is, sizeof is, "from %.100s", d->conn->name);
    if (!x) continue;
    x->used = true;
    if (wr_str_eq(x->text, (wr_str){ is, (wr_u32)n, 0 })) continue;
    char was[LINE];
    snprintf(was, sizeof was, "%.*s", (int)x->text.len, x->text.p);
    tell_misfit(s, x, was, is, "read it from its beginning by --drop");
    fits = false;
  }
  for (wr_i32 i = 0; i < s->prog->nsink; i++) {
    wr_section *x = section_of(s, WR_SEC_SINK, s->prog->sink[i]->name);
    if (x) x->used = true;
  }
  return fits;
}

static bool fits(wr_state *s)
{
  wr_checkpoint *old = &s->keeper->old;
  bool ok = ends_fit(s);
  for (wr_cell_ref c = { .kind = WR_SEC_END }; wr_cells_next(s, &c);) {
    wr_section *x = section_of(s, c.kind, c.name);
    if (x) ok &= cell_fits(s, &c, x);
  }
  for (wr_i32 i = 0; i < s->prog->nrule; i++) {
    wr_section *x = section_of(s, WR_SEC_RULE, s->prog->rule[i].name);
    if (x) x->used = true;
  }
  for (int i = 0; i < old->n; i++) ok &= left_over(s, &old->section[i]);
  if (!ok)
    wr_error(&s->ctx, WR_EXIT_CONFIG, "or begin anew with an empty --state folder",
             "the program does not fit checkpoint %lld in %s; nothing was touched", (long long)old->number,
             s->keeper->dir.path);
  return ok;
}

/* ---- taking over ---- */

static void take_counts(wr_state *s, const wr_section *x)
{
  const wr_program *p = s->prog;
  wr_loader l = wr_section_loader(x);
  s->dropped_bad = wr_load_i64(&l);
  s->dropped_late = wr_load_i64(&l);
  s->failed_in_feed = wr_load_i64(&l);
  for (wr_u32 n = wr_load_u32(&l); n && !l.bad; n--) {
    wr_str name = wr_load_str(&l);
    wr_i64 rows = wr_load_i64(&l);
    for (wr_i32 i = 0; i < p->nfeed; i++)
      if (is_name(name, p->feed[i].name)) s->feed_rows[i] = rows;
  }
  wr_u32 n = wr_load_u32(&l);
  if (n != (wr_u32)p->nop) return;        /* another program: its operators are others */
  for (wr_i32 i = 1; i <= p->nop && !l.bad; i++) {
    wr_str name = wr_load_str(&l);
    wr_i64 failed = wr_load_i64(&l);
    if (is_name(name, p->op[i].name)) s->op_failed[i] = failed;
  }
}

static void take_rest(wr_state *s)
{
  wr_checkpoint *old = &s->keeper->old;
  for (int i = 0; i < old->n; i++) {
    const wr_section *x = &old->section[i];
    if (x->kind == WR_SEC_COUNTS) take_counts(s, x);
    if (x->kind != WR_SEC_DECISIONS) continue;
    wr_loader l = wr_section_loader(x);
    wr_decisions_load(s->keeper, &l);
  }
  for (wr_i32 i = 0; i < s->prog->nrule; i++) {
    const wr_section *x = section_of(s, WR_SEC_RULE, s->prog->rule[i].name);
    if (x && x->n == sizeof s->tally[i]) memcpy(&s->tally[i], x->p, x->n);
  }
}

/* Rows that wait for the program as it was: another one cannot have them. */
static bool rows_lost(wr_state *s, const wr_section *x, const char *wrong)
{
  char hint[LINE];
  snprintf(hint, sizeof hint, "run the former program to its input's end, or forget these rows by --drop %.*s",
           (int)x->name.len, x->name.p);
  wr_error(&s->ctx, WR_EXIT_CONFIG, hint, "order %.*s cannot be taken over: %s; nothing was touched", (int)x->name.len,
           x->name.p, wrong);
  return false;
}

bool wr_keep_cells(wr_state *s)
{
  struct wr_keeper *k = s->keeper;
  char at[48];
  if (!k || !k->resuming) return true;
  if (!take_run(s) || !fits(s)) return false;
  wr_arena_keep(s);                       /* lists that are loaded go to the arena for a moment */
  for (wr_cell_ref c = { .kind = WR_SEC_END }; wr_cells_next(s, &c);) {
    wr_section *x = section_of(s, c.kind, c.name);
    if (!x) continue;
    wr_loader l = wr_section_loader(x);
    const char *wrong = wr_cell_load(s, &c, &l);
    if (wrong && c.kind == WR_SEC_ORDER && l.why) return rows_lost(s, x, wrong);
    if (wrong) return nonsense(s, x, wrong);
  }
  wr_arena_reset(s);
  take_rest(s);
  at[wr_print_ts(at, k->old.at)] = 0;
  wr_note(&s->ctx, "resumes from checkpoint %lld of %s", (long long)k->old.number, at);
  return true;
}

/* ---- sources and sinks ---- */

static void take_part(wr_part *p, wr_loader *l)
{
  wr_load_str(l);                         /* its name: the connector opens it again */
  p->open = wr_load_u8(l);
  p->ended = wr_load_u8(l);
  p->idle = wr_load_u8(l);
  p->seen = wr_load_i64(l);
  p->wm = wr_load_i64(l);
  p->next = wr_load_i64(l);
  p->rows = wr_load_i64(l);
  p->late = wr_load_i64(l);
}

bool wr_keep_source(wr_state *s, wr_input *in, bool again)
{
  const wr_section *x = section_of(s, WR_SEC_SOURCE, in->def->name);
  if (!x) return true;
  wr_loader l = wr_section_loader(x);
  in->ended = wr_load_u8(&l);
  in->split = wr_load_u8(&l);
  in->rows = wr_load_i64(&l);
  in->bad = wr_load_i64(&l);
  in->checked = wr_load_i64(&l);
  in->late = wr_load_i64(&l);
  s->rows_before += in->rows + in->bad;
  wr_u32 n = wr_load_u32(&l);
  if (n > 4096) return nonsense(s, x, "too many partitions");
  for (wr_u32 i = 0; i < n; i++) {
    wr_part p = { 0 };
    take_part(&p, &l);
    *wr_input_part(s, in, (wr_i32)i) = p;
    in->part[i].active_at = wr_clock_now(&s->ctx);
    in->part[i].lag = -1;
  }
  wr_str place = wr_load_str(&l);
  wr_i32 source = (wr_i32)(in - s->in);
  bool marked = wr_again_load(s, source, &l);
  if (!marked || l.bad || l.p != l.end) return nonsense(s, x, "it does not hold what it says");
  if (again && !wr_again_place(s, source, &place)) return nonsense(s, x, "it has no place before the rows that wait");
  return in->def->conn->load_source(&s->ctx, in->conn, place.p, place.len) == 0;
}

bool wr_keep_sink(wr_state *s, wr_output *out)
{
  wr_str end = { 0 };
  bool damaged, can = sink_end(s, out->def, &out->rows, &end, &damaged);
  if (damaged) return nonsense(s, section_of(s, WR_SEC_SINK, out->def->name), "it does not hold what it says");
  return !can || out->def->conn->load_sink(&s->ctx, out->conn, end.p, end.len) == 0;
}
