/* gen_rows.c -- gen_rows DIR writes programs that compute the example of every row of builtins.def and
 * aggregates.def, and what must come out, in the form that golden.sh runs: functions.weir with one
 * field an example, aggregates.weir with one source, group and sink an example. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "registry.h"

static const char *dir;

static FILE *file(const char *name)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *f = fopen(path, "w");
  if (!f) { perror(path); exit(1); }
  return f;
}

/* ---- functions ---- */

typedef struct Fields { FILE *program, *params, *out; int n; } Fields;

static void field(Fields *w, const char *name, const char *example, const char *value, bool config)
{
  const char *comma = w->n++ ? "," : "";
  fprintf(w->out, "%s\"%s\":%s", comma, name, value);
  if (config) {
    fprintf(w->params, "param %s: %s = %s\n", name, value[0] == '"' ? "string" : "bool", example);
    fprintf(w->program, "%s\n  %s", comma, name);
  } else {
    fprintf(w->program, "%s\n  %s: %s", comma, name, example);
  }
}

static void functions(void)
{
  char *text = NULL;
  size_t size = 0;
  Fields w = { open_memstream(&text, &size), file("functions.weir"), file("functions.out"), 0 };
  fprintf(w.params, "# every example of builtins.def\n");
  fprintf(w.program, "type T { id int }\nsource s: T { from generate(count: 1) }\nerrors to failed\n"
                     "sink failed { to file(\"-\") format json }\nsink o { to file(\"-\") format json }\nstream o = s | select {");
  fputc('{', w.out);
  for (int i = 0; i < form_rows_n; i++) {
    char name[64];
    snprintf(name, sizeof name, "form_%s", form_rows[i].name);
    field(&w, name, form_rows[i].example, form_rows[i].value, false);
  }
  for (int i = 0; i < fn_rows_n; i++)
    field(&w, fn_rows[i].symbol + strlen("wr_fn_"), fn_rows[i].example, fn_rows[i].value, fn_rows[i].traits & FN_CONFIG);
  fputs("\n}\n", w.program);
  fputs("}\n", w.out);
  fclose(w.program);
  fputs(text, w.params);
  free(text);
  fclose(w.params);
  fclose(w.out);
}

/* ---- aggregates ---- */

/* The end of the JSON value at p. */
static const char *value_end(const char *p)
{
  int depth = 0;
  for (; *p; p++) {
    if (*p == '"') for (p++; *p != '"'; p++) p += *p == '\\';
    else if (*p == '[') depth++;
    else if (*p == ']' && depth-- == 0) return p;
    else if (*p == ',' && depth == 0) return p;
  }
  return p;
}

static const char *column_type(RowType t, const char *example)
{
  switch (t) {
  case R_BOOL: return "bool?";
  case R_INT: return "int?";
  case R_FLOAT: return "float?";
  case R_DEC: return "decimal(2)?";
  case R_TS: return "timestamp?";
  case R_DUR: return "duration?";
  case R_STR: return "string?";
  case R_X: return example[strspn(example, "[")] == '"' ? "string?" : "int?";
  case R_BYTES: case R_JSON: case R_LIST: case R_STRLIST: case R_MAP: case R_ANY: case R_ELEM: case R_REGEX: case R_CSTR:
  case R_LISTSTR: break;
  }
  return "json?";
}

/* One row of the input a line; the second argument of the last row, for the call when it is a constant. */
static void inputs(const AggRow *a, const char *name, char *constant, size_t size)
{
  char path[128];
  snprintf(path, sizeof path, "aggregates.d/%s.jsonl", name);
  FILE *f = file(path);
  for (const char *p = a->example + 1, *end; *p && *p != ']'; p = *end == ',' ? end + 1 : end) {
    end = value_end(p);
    fprintf(f, "{\"ts\":\"2026-01-01T00:00:00Z\",");
    if (a->nargs == 2) {
      const char *first = value_end(p + 1), *second = value_end(first + 1);
      fprintf(f, "\"a\":%.*s,\"b\":%.*s}\n", (int)(first - p - 1), p + 1, (int)(second - first - 1), first + 1);
      snprintf(constant, size, "%.*s", (int)(second - first - 1), first + 1);
    } else {
      fprintf(f, "\"a\":%.*s}\n", (int)(end - p), p);
    }
  }
  fclose(f);
}

static void aggregate(const AggRow *a, FILE *program)
{
  char name[64], constant[64] = "";
  snprintf(name, sizeof name, "%s", a->symbol + strlen("wr_agg_"));
  inputs(a, name, constant, sizeof constant);
  bool fixed = a->traits & (AGG_OPT_Q | AGG_OPT_K);
  fprintf(program, "source s_%s: { a %s  b %s  ts timestamp } { from file(\"%s.jsonl\") format json time ts bad fail late drop }\n",
          name, column_type(a->nargs ? a->arg[0] : R_INT, a->example),
          column_type(a->nargs == 2 ? a->arg[1] : R_INT, a->example), name);
  fprintf(program, "stream %s = s_%s | group over tumbling 1h { v: %s(%s%s%s%s) }\n", name, name, a->name,
          a->traits & AGG_DISTINCT ? "distinct " : "", a->nargs ? "a" : "", a->nargs == 2 ? ", " : "",
          a->nargs != 2 ? "" : fixed ? constant : "b");
  fprintf(program, "sink %s { to file(\"%s.out\") format json }\n", name, name);
}

static int by_name(const void *a, const void *b)
{
  return strcmp((*(const AggRow *const *)a)->symbol, (*(const AggRow *const *)b)->symbol);
}

static void aggregates(void)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/aggregates.d", dir);
  mkdir(path, 0777);
  FILE *program = file("aggregates.weir"), *out = file("aggregates.out");
  const AggRow **rows = calloc((size_t)agg_rows_n, sizeof *rows);
  int n = 0;
  for (int i = 0; i < agg_rows_n; i++)
    if (!agg_rows[i].later) rows[n++] = &agg_rows[i];
  fprintf(program, "# every example of aggregates.def\nerrors to failed\nsink failed { to file(\"-\") format json }\n");
  for (int i = 0; i < n; i++) aggregate(rows[i], program);
  qsort(rows, (size_t)n, sizeof *rows, by_name);
  for (int i = 0; i < n; i++) fprintf(out, "== %s.out\n{\"v\":%s}\n", rows[i]->symbol + strlen("wr_agg_"), rows[i]->value);
  free(rows);
  fclose(program);
  fclose(out);
}

int main(int argc, char **argv)
{
  if (argc != 2) return 64;
  dir = argv[1];
  functions();
  aggregates();
  return 0;
}
