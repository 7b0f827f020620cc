/* state_tool.c -- `weir state`: what is in a folder of checkpoints, without the program that made it.
 *
 * It reads only, takes no lock, and so may look at a folder while a run writes to it. The newest whole
 * checkpoint is shown; damaged ones before it are named.
 */
#include <stdlib.h>
#include "checkpoint.h"
#include "run.h"
#include "state.h"
#include "weir/cli.h"

enum { WHY = 512, KEYS = 32 };

typedef struct tool {
  wr_state *s;                            /* only its arena and its error are used */
  wr_state_dir dir;
  wr_checkpoint c;
  const char *verb;
} tool;

static int refuse(const tool *t, int code, const char *what, const char *hint)
{
  fprintf(stderr, "weir state %s: error: %s\n  = hint: %s\n", t->verb, what, hint);
  return code;
}

static void time_text(char *out, wr_ts t)
{
  if (t == WR_TS_MIN) strcpy(out, "none yet");
  else if (t == WR_TS_MAX) strcpy(out, "the end");
  else out[wr_print_ts(out, t)] = 0;
}

static void age_text(char *out, wr_ts then)
{
  wr_i64 age = (wr_clock_real.now(wr_clock_real.self) - then) / 1000000 * 1000000;
  out[wr_print_dur(out, age < 0 ? 0 : age)] = 0;
}

/* ---- opening ---- */

static int open_newest(tool *t, const char *path)
{
  char why[WHY];
  if (!wr_dir_open(&t->dir, path, false, why, sizeof why))
    return refuse(t, WR_EXIT_NOINPUT, why, "give the folder that --state was given");
  for (int i = 0; i < t->dir.n; i++) {
    if (wr_dir_read(&t->dir, t->dir.number[i], &t->c, why, sizeof why)) return -1;
    fprintf(stderr, "weir: warning: checkpoint-%09lld cannot be used: %s\n", (long long)t->dir.number[i], why);
  }
  if (t->dir.n)
    return refuse(t, WR_EXIT_DATA, "no checkpoint is whole", "`weir state check` says what is wrong with each");
  return refuse(t, WR_EXIT_NOINPUT, "no checkpoint is there", "give the folder that --state was given");
}

static void title(const tool *t)
{
  char at[64], age[64];
  time_text(at, t->c.at);
  age_text(age, t->c.at);
  printf("checkpoint %lld of program %.*s, taken %s (%s ago)\n", (long long)t->c.number, (int)t->c.program.len,
         t->c.program.p, at, age);
}

static bool is_cell(const wr_section *x) { return x->kind >= WR_SEC_ORDER && x->kind <= WR_SEC_LIMIT; }

/* ---- ls ---- */

static int cmd_ls(tool *t, int argc, char **argv)
{
  (void)argc, (void)argv;
  title(t);
  printf("%-7s %-28s %12s %14s %14s\n", "kind", "name", "keys", "bytes", "in the file");
  for (int i = 0; i < t->c.n; i++) {
    const wr_section *x = &t->c.section[i];
    wr_loader l = wr_section_loader(x);
    if (!is_cell(x) && x->kind != WR_SEC_SOURCE && x->kind != WR_SEC_SINK && x->kind != WR_SEC_PARAM) continue;
    printf("%-7s %-28.*s ", wr_section_names[x->kind], (int)x->name.len, x->name.p);
    if (is_cell(x)) {
      wr_cell_head h = wr_load_head(&l);
      printf("%12lld %14lld ", (long long)h.keys, (long long)h.bytes);
    } else {
      printf("%12s %14s ", "", "");
    }
    printf("%14zu\n", x->n);
  }
  return 0;
}

/* ---- show ---- */

static void show_source(wr_loader l)
{
  bool ended = wr_load_u8(&l);
  wr_load_u8(&l);
  wr_i64 rows = wr_load_i64(&l), bad = wr_load_i64(&l);
  wr_load_i64(&l);
  wr_load_i64(&l);
  printf("  read %lld rows, %lld bad%s\n", (long long)rows, (long long)bad, ended ? "; its input has ended" : "");
  wr_u32 n = wr_load_u32(&l);
  for (wr_u32 i = 0; i < n && !l.bad; i++) {
    char seen[64], wm[64];
    wr_str name = wr_load_str(&l);
    bool open = wr_load_u8(&l), over = wr_load_u8(&l), idle = wr_load_u8(&l);
    time_text(seen, wr_load_i64(&l));
    time_text(wm, wr_load_i64(&l));
    wr_load_i64(&l);
    rows = wr_load_i64(&l);
    wr_load_i64(&l);
    if (!open || l.bad) continue;
    printf("  partition %u %.*s%s%lld rows, highest time %s, watermark %s%s\n", i, (int)name.len, name.p,
           name.len ? ": " : "", (long long)rows, seen, wm, over ? ", ended" : idle ? ", idle" : "");
  }
}

static void show_param(const tool *t, const wr_section *x)
{
  const wr_type *type = wr_type_parse(&t->s->ctx, x->text);
  wr_loader l = wr_section_loader(x);
  wr_ts changed = wr_load_i64(&l);
  wr_buf b = { 0 };
  char at[64];
  if (!type) return;
  wr_load_slot(&t->s->ctx, &l, type);
  wr_json_value(&b, type, wr_load_slot(&t->s->ctx, &l, type));
  time_text(at, changed);
  printf("  %.*s", l.bad ? 1 : (int)b.n, l.bad ? "?" : b.p);
  if (changed) printf(", changed %s", at);
  printf("\n");
  wr_buf_free(&b);
}

static void show_decisions(wr_loader l)
{
  for (wr_u32 n = wr_load_u32(&l); n && !l.bad; n--) {
    char at[64];
    time_text(at, wr_load_i64(&l));
    wr_str text = wr_load_str(&l);
    if (!l.bad) printf("  %s  %.*s\n", at, (int)text.len, text.p);
  }
}

static void show_cell(wr_loader l)
{
  char wm[64];
  wr_cell_head h = wr_load_head(&l);
  time_text(wm, h.wm);
  printf("  %lld keys, %lld bytes", (long long)h.keys, (long long)h.bytes);
  if (h.wm != WR_TS_MIN) printf(", watermark %s", wm);
  printf("\n");
}

static void show_one(const tool *t, const wr_section *x)
{
  wr_loader l = wr_section_loader(x);
  printf("%s %.*s\n", wr_section_names[x->kind], (int)x->name.len, x->name.p);
  for (wr_u32 at = 0; at < x->text.len;) {
    const char *p = x->text.p + at, *end = memchr(p, '\n', x->text.len - at);
    int n = (int)(end ? end - p : (long)(x->text.len - at));
    printf("  %.*s\n", n, p);
    at += (wr_u32)n + 1;
  }
  if (is_cell(x)) show_cell(l);
  else if (x->kind == WR_SEC_SOURCE) show_source(l);
  else if (x->kind == WR_SEC_SINK) printf("  %lld rows written\n", (long long)wr_load_i64(&l));
  else if (x->kind == WR_SEC_PARAM) show_param(t, x);
  else if (x->kind == WR_SEC_DECISIONS) show_decisions(l);
  else if (x->kind == WR_SEC_RULE) {
    wr_i64 judged = wr_load_i64(&l), fired = wr_load_i64(&l);
    printf("  %lld rows judged, fired on %lld, %lld held back\n", (long long)judged, (long long)fired,
           (long long)wr_load_i64(&l));
  }
}

static int cmd_show(tool *t, int argc, char **argv)
{
  bool any = argc < 4;
  title(t);
  for (int i = 0; i < t->c.n; i++) {
    const wr_section *x = &t->c.section[i];
    if (argc > 3 && !wr_state_named((const char *const *)&argv[3], 1, x->name)) continue;
    if (x->kind == WR_SEC_RUN || x->kind == WR_SEC_COUNTS) continue;
    show_one(t, x);
    any = true;
  }
  return any ? 0 : refuse(t, WR_EXIT_NOINPUT, "nothing has that name", "`weir state ls` shows the names");
}

/* ---- check ---- */

static int cmd_check(tool *t, int argc, char **argv)
{
  char why[WHY], at[64];
  int damaged = 0;
  (void)argc;
  if (!wr_dir_open(&t->dir, argv[2], false, why, sizeof why))
    return refuse(t, WR_EXIT_NOINPUT, why, "give the folder that --state was given");
  for (int i = 0; i < t->dir.n; i++) {
    bool ok = wr_dir_read(&t->dir, t->dir.number[i], &t->c, why, sizeof why);
    time_text(at, t->c.at);
    if (ok) printf("checkpoint-%09lld ok: %d sections, %zu bytes, taken %s\n", (long long)t->dir.number[i], t->c.n,
                   t->c.bytes.n, at);
    else printf("checkpoint-%09lld DAMAGED: %s\n", (long long)t->dir.number[i], why);
    damaged += !ok;
    wr_checkpoint_free(&t->c);
  }
  if (t->dir.n == 0)
    return refuse(t, WR_EXIT_NOINPUT, "no checkpoint is there", "give the folder that --state was given");
  return damaged ? WR_EXIT_DATA : 0;
}

/* ---- peek ---- */

typedef struct part { wr_str name; const wr_type *type; } part;      /* of a key */

/* The `key NAME TYPE` lines of a descriptor. */
static int key_parts(const tool *t, wr_str text, part *key)
{
  int n = 0;
  for (wr_u32 at = 0; at < text.len && n < KEYS;) {
    const char *p = text.p + at, *end = memchr(p, '\n', text.len - at), *space;
    wr_u32 len = (wr_u32)(end ? end - p : (long)(text.len - at));
    at += len + 1;
    if (len < 4 || memcmp(p, "key ", 4) != 0 || !(space = memchr(p + 4, ' ', len - 4))) continue;
    key[n].name = (wr_str){ p + 4, (wr_u32)(space - p - 4), 0 };
    key[n].type = wr_type_parse(&t->s->ctx, (wr_str){ space + 1, (wr_u32)(p + len - space - 1), 0 });
    if (!key[n++].type) return 0;
  }
  return n;
}

/* The key that is asked for, in the bytes that it has in the file. */
static bool wanted(const tool *t, const part *key, int n, int argc, char **argv, wr_saver *to)
{
  for (int i = 0; i < n; i++) {
    const char *value = NULL;
    wr_slot v;
    for (int k = 4; k < argc; k++)
      if (strncmp(argv[k], key[i].name.p, key[i].name.len) == 0 && argv[k][key[i].name.len] == '=')
        value = argv[k] + key[i].name.len + 1;
    if (!value) return false;
    wr_str text = { value, (wr_u32)strlen(value), 0 };
    if (key[i].type->kind == WR_STR) v = wr_str_slot(text, 0);
    else if (wr_parse_value(&t->s->ctx, key[i].type, text, &v) != 0) return false;
    wr_save_slot(to, key[i].type, v);
  }
  return n > 0 && argc - 4 == n;
}

static void put_field(wr_buf *b, wr_str name, const wr_type *type, wr_slot v)
{
  wr_buf_add(b, b->n > 1 ? "," : "", b->n > 1);
  wr_json_quote(b, name.p, name.len);
  wr_buf_add(b, ":", 1);
  wr_json_value(b, type, v);
}

typedef struct records { part key[KEYS]; int nkey; part *field; wr_u32 nfield; wr_u32 n; } records;

/* What stands before the records (store_save.c). */
static bool begin_records(const tool *t, wr_loader *l, records *r)
{
  wr_load_head(l);
  for (wr_u32 n = wr_load_u32(l); n && !l->bad; n--) wr_load_str(l);
  r->nfield = wr_load_u32(l);
  if (l->bad || r->nfield > (wr_u64)(l->end - l->p)) return false;
  r->field = wr_alloc(&t->s->ctx, (wr_u32)((r->nfield + 1) * sizeof *r->field));
  for (wr_u32 i = 0; i < r->nfield; i++) {
    r->field[i].name = wr_load_str(l);
    r->field[i].type = wr_type_parse(&t->s->ctx, wr_load_str(l));
    if (!r->field[i].type) return false;
  }
  r->n = wr_load_u32(l);
  return !l->bad;
}

static bool print_record(const tool *t, wr_loader *l, const records *r, wr_str want)
{
  wr_buf b = { 0 };
  char at[64];
  const char *from = l->p;
  wr_buf_add(&b, "{", 1);
  for (int i = 0; i < r->nkey; i++)
    put_field(&b, r->key[i].name, r->key[i].type, wr_load_slot(&t->s->ctx, l, r->key[i].type));
  bool is = wr_str_eq((wr_str){ from, (wr_u32)(l->p - from), 0 }, want);
  wr_ts last = wr_load_i64(l);
  for (wr_u32 i = 0; i < r->nfield && !l->bad; i++) {
    wr_slot v = wr_load_slot(&t->s->ctx, l, r->field[i].type);
    if (is) put_field(&b, r->field[i].name, r->field[i].type, v);
  }
  is = is && !l->bad;
  if (is) {
    time_text(at, last);
    fprintf(stderr, "last written at %s, checkpoint %lld\n", at, (long long)t->c.number);
    printf("%.*s}\n", (int)b.n, b.p);
  }
  wr_buf_free(&b);
  return is;
}

static int cmd_peek(tool *t, int argc, char **argv)
{
  const wr_section *x = argc > 3 ? wr_section_find(&t->c, WR_SEC_STATE, argv[3]) : NULL;
  records r = { .nkey = 0 };
  wr_saver want = { { 0 } };
  bool found = false;
  if (argc < 4) return refuse(t, WR_EXIT_USAGE, "which state?", "weir state peek DIR STATE key=value");
  if (!x) return refuse(t, WR_EXIT_NOINPUT, "there is no state of that name", "`weir state ls` shows the names");
  r.nkey = key_parts(t, x->text, r.key);
  if (!wanted(t, r.key, r.nkey, argc, argv, &want)) {
    wr_buf_free(&want.buf);
    return refuse(t, WR_EXIT_USAGE, "give each part of its key once, as name=value, and nothing else",
                  "`weir state show DIR STATE` shows the key");
  }
  wr_loader l = wr_section_loader(x);
  if (!begin_records(t, &l, &r)) {
    wr_buf_free(&want.buf);
    return refuse(t, WR_EXIT_DATA, "what it holds cannot be read", "weir state check DIR");
  }
  for (; r.n && !found && !l.bad; r.n--) found = print_record(t, &l, &r, (wr_str){ want.buf.p, (wr_u32)want.buf.n, 0 });
  wr_buf_free(&want.buf);
  if (found) return 0;
  return refuse(t, WR_EXIT_NOINPUT, "it has no record of this key", "was it written before the checkpoint?");
}

/* ---- which ---- */

static const struct verb {
  const char *name;
  bool opens;                             /* the newest checkpoint */
  int (*run)(tool *, int argc, char **argv);
} verbs[] = {
  { "ls", true, cmd_ls }, { "show", true, cmd_show }, { "check", false, cmd_check }, { "peek", true, cmd_peek }
};

int wr_state_main(int argc, char **argv)
{
  tool t = { .verb = argc > 1 ? argv[1] : "" };
  const struct verb *v = NULL;
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (strcmp(verbs[i].name, t.verb) == 0) v = &verbs[i];
  if (!v || argc < 3)
    return refuse(&t, WR_EXIT_USAGE, v ? "which folder?" : "it takes ls, show, check or peek, and a folder",
                  "weir state --help");
  t.s = calloc(1, sizeof *t.s);
  if (!t.s) return WR_EXIT_SOFTWARE;
  t.s->opt.log = stderr;
  int code = v->opens ? open_newest(&t, argv[2]) : -1;
  if (code < 0) code = v->run(&t, argc, argv);
  wr_checkpoint_free(&t.c);
  wr_arena_free(t.s);
  free(t.s);
  return code;
}
