/* gen_docs.c -- writes docs/builtins.md, the reference of the library, from the rows of the .def files:
 * functions, aggregates, windows, connectors and formats with their options. `make docs` runs it. */
#include <stdio.h>
#include <string.h>
#include "registry.h"

/* A cell of a table: | would end it. */
static void cell(const char *text)
{
  for (; *text; text++) {
    if (*text == '|') putchar('\\');
    putchar(*text);
  }
}

static void code(const char *text)
{
  const char *tick = strchr(text, '`') ? "``" : "`";
  printf("%s", tick);
  cell(text);
  printf("%s", tick);
}

/* ---- functions ---- */

static const char *type_word(RowType t)
{
  static const char *const words[] = {
    [R_BOOL] = "bool", [R_INT] = "int", [R_FLOAT] = "float", [R_DEC] = "decimal", [R_STR] = "string", [R_BYTES] = "bytes",
    [R_TS] = "timestamp", [R_DUR] = "duration", [R_JSON] = "json", [R_LIST] = "list", [R_STRLIST] = "list<string>",
    [R_MAP] = "map", [R_ANY] = "any", [R_ELEM] = "element", [R_REGEX] = "/pattern/", [R_CSTR] = "constant string",
    [R_LISTSTR] = "list<string>", [R_X] = "any",
  };
  return words[t];
}

static void signature(const char *name, const RowType *arg, int n, RowType result, bool nullable)
{
  printf("| `%s(", name);
  for (int i = 0; i < n; i++) printf("%s%s", i ? ", " : "", type_word(arg[i]));
  printf(")` %s%s | ", type_word(result), nullable ? "?" : "");
}

static void example(const char *text, const char *value)
{
  code(text);
  printf(" = ");
  code(value);
  printf(" |\n");
}

static void functions(void)
{
  printf("## Functions\n\n"
         "Null in, null out; `?` marks a function that also gives null otherwise. *fails* marks one whose result can be\n"
         "an error of the row (language.md says where such rows go).\n\n"
         "| function | meaning | example |\n|---|---|---|\n");
  for (int i = 0; i < form_rows_n; i++) {
    printf("| `%s(...)` | ", form_rows[i].name);
    cell(form_rows[i].doc);
    printf(" | ");
    example(form_rows[i].example, form_rows[i].value);
  }
  for (int i = 0; i < fn_rows_n; i++) {
    const FnRow *f = &fn_rows[i];
    signature(f->name, f->arg, f->nargs, f->result, f->traits & FN_NULLS);
    cell(f->doc);
    printf("%s%s | ", f->traits & FN_FAILS ? " *fails*" : "", f->traits & FN_CONFIG ? " *in options and parameters only*" : "");
    example(f->example, f->value);
  }
}

/* ---- aggregates and windows ---- */

static void aggregates(void)
{
  printf("\n## Aggregates\n\n"
         "Each may be written `sum(x where e)`. Over no rows `count` and `sum` are 0, the others null. The example\n"
         "shows the values of the rows, then the result.\n\n"
         "| aggregate | meaning | example |\n|---|---|---|\n");
  for (int i = 0; i < agg_rows_n; i++) {
    const AggRow *a = &agg_rows[i];
    printf("| `%s(%s", a->name, a->traits & AGG_DISTINCT ? "distinct " : "");
    for (int k = 0; k < a->nargs; k++) printf("%s%s", k ? ", " : "", type_word(a->arg[k]));
    printf("%s)` %s | ", a->traits & AGG_OPT_MAX ? ", max: n" : "", type_word(a->result));
    cell(a->doc);
    if (a->later) printf(" *Not in this version.*");
    printf(" | ");
    example(a->example, a->value);
  }
}

static void windows(void)
{
  static const struct { char letter; const char *text; } options[] = {
    { 'E', "`every` step" }, { 'e', "`every` step (optional)" }, { 'm', "`max` duration" }, { 'o', "`offset` duration" },
    { 'z', "`zone` name" }, { 'p', "`of processing time`" },
  };
  static const struct { char letter; const char *text; } takes[] = {
    { 'D', "duration" }, { 'C', "duration, or with a zone 1day, 1week, 1month" }, { 'N', "number" }, { 'E', "timestamp" },
  };
  printf("\n## Windows\n\n| window | takes | options | meaning |\n|---|---|---|---|\n");
  for (int i = 0; i < win_rows_n; i++) {
    const WinRow *w = &win_rows[i];
    const char *join = "";
    if (!*w->name) continue;              /* written as `group by window` */
    printf("| `%s` | ", w->name);
    for (size_t k = 0; k < sizeof takes / sizeof *takes; k++)
      if (w->quantity[0] == takes[k].letter) printf("%s", takes[k].text);
    printf(" | ");
    for (size_t k = 0; k < sizeof options / sizeof *options; k++)
      if (strchr(w->options, options[k].letter)) {
        printf("%s%s", join, options[k].text);
        join = ", ";
      }
    printf(" | ");
    cell(w->doc);
    printf("%s |\n", *w->later ? " *Not in this version.*" : "");
  }
}

/* ---- connectors and formats ---- */

static void option(const wr_option *o, const char *prefix)
{
  static const char *const types[] = {
    [WR_OPT_STR] = "string", [WR_OPT_INT] = "int", [WR_OPT_FLOAT] = "float", [WR_OPT_BOOL] = "bool",
    [WR_OPT_DUR] = "duration", [WR_OPT_SIZE] = "size", [WR_OPT_REGEX] = "/pattern/", [WR_OPT_REC] = "record",
    [WR_OPT_CHOICE] = "one of ", [WR_OPT_TS] = "timestamp", [WR_OPT_SECRET] = "secret",
  };
  const char *side = (o->flags & WR_OPT_SOURCE) && !(o->flags & WR_OPT_SINK) ? " (sources)"
                   : (o->flags & WR_OPT_SINK) && !(o->flags & WR_OPT_SOURCE) ? " (sinks)" : "";
  printf("| `%s%s`%s | %s", prefix, o->name, o->flags & WR_OPT_POSITIONAL ? " (first)" : "", types[o->type]);
  if (o->type == WR_OPT_CHOICE) cell(o->choice);
  printf(" | ");
  if (o->flags & WR_OPT_REQUIRED) printf("required");
  else if (o->dflt) code(o->dflt);
  printf(" | ");
  cell(o->doc);
  printf("%s |\n", side);
  char inner[128];
  snprintf(inner, sizeof inner, "%s%s.", prefix, o->name);
  for (wr_i32 i = 0; o->sub && i < o->nsub; i++) option(&o->sub[i], inner);
}

static void part(const char *name, const char *doc, const char *later, const wr_option *opt, wr_i32 n)
{
  printf("\n### %s\n\n", name);
  if (later) {
    printf("*Not in this version.*\n");
    return;
  }
  printf("%s\n", doc);
  if (n) printf("\n| option | type | default | meaning |\n|---|---|---|---|\n");
  for (wr_i32 i = 0; i < n; i++) option(&opt[i], "");
}

static void connectors(void)
{
  printf("\n## Connectors\n");
  for (int i = 0; i < conn_rows_n; i++) {
    const wr_connector *c = conn_rows[i].conn;
    part(conn_rows[i].name, conn_rows[i].doc, conn_rows[i].later, c ? c->opt : 0, c ? c->nopt : 0);
  }
}

static void generators(void)
{
  static const struct { const char *name, *doc; int least, most; } rows[] = {
#define GEN(id, name, least, most, args, on, doc) { #name, doc, least, most },
#include "weir/generators.def"
#undef GEN
  };
  printf("\n### Generators of the fields of `generate`\n\n`generate(fields: { name: generator(arguments) })`\n\n"
         "| generator | arguments | meaning |\n|---|---|---|\n");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    printf("| `%s` | %d", rows[i].name, rows[i].least);
    if (rows[i].most != rows[i].least) printf(" to %d", rows[i].most);
    printf(" | ");
    cell(rows[i].doc);
    printf(" |\n");
  }
}

static void formats(void)
{
  printf("\n## Formats\n");
  for (int i = 0; i < fmt_rows_n; i++) {
    const wr_format *f = fmt_rows[i].fmt;
    part(fmt_rows[i].name, fmt_rows[i].doc, fmt_rows[i].later, f ? f->opt : 0, f ? f->nopt : 0);
    if (f) printf("\nReads: %s. Writes: %s.\n", f->reads ? "yes" : "no", f->writes ? "yes" : "no");
  }
}

/* ---- what goes wrong ---- */

static void bad_rows(void)
{
  static const struct { const char *name, *type, *doc; bool nullable; } fields[] = {
#define BAD(name, type, nullable, doc) { #name, #type, doc, nullable },
#include "weir/bad.def"
#undef BAD
  };
  static const char *const reasons[] = {
#define ERR(id, text) text,
#include "weir/errors.def"
#undef ERR
  };
  printf("\n## Bad rows\n\nThe record that streams of bad rows and `errors to` carry.\n\n| field | type | meaning |\n|---|---|---|\n");
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    printf("| `%s` | %s%s | ", fields[i].name, strcmp(fields[i].type, "TS_") == 0 ? "timestamp"
           : strcmp(fields[i].type, "STR") == 0 ? "string" : strcmp(fields[i].type, "INT") == 0 ? "int"
           : strcmp(fields[i].type, "JSON") == 0 ? "json" : "bytes", fields[i].nullable ? "?" : "");
    cell(fields[i].doc);
    printf(" |\n");
  }
  printf("\n| code | reason |\n|---|---|\n");
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) printf("| %zu | %s |\n", i + 1, reasons[i]);
}

int main(void)
{
  printf("# The library\n\nWritten by `make docs` from the rows in include/weir/*.def: change those.\n\n");
  functions();
  aggregates();
  windows();
  connectors();
  generators();
  formats();
  bad_rows();
  return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
