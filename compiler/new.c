/* new.c -- `weir new NAME`: a folder with a program that runs at once. Nothing that exists is touched. */
#include "new.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char program[] =
  "# %.weir: counts and sums by user and minute. Try: weir run %.weir\n"
  "\n"
  "param least: decimal(2) = 10.00 check least >= 0.00\n"
  "\n"
  "type Event {\n"
  "  user    string\n"
  "  amount  decimal(2)\n"
  "  ts      timestamp\n"
  "}\n"
  "\n"
  "source events: Event {\n"
  "  from    file(\"events.jsonl\")\n"
  "  format  json\n"
  "  time    ts delay 5s\n"
  "  check   amount > 0 else bad\n"
  "  late    drop\n"
  "  bad     to bad\n"
  "}\n"
  "\n"
  "stream totals =\n"
  "  events\n"
  "  | group by user over tumbling 1m {\n"
  "      user, minute: window.start, n: count(), total: sum(amount)\n"
  "    }\n"
  "  | where total >= least\n"
  "\n"
  "sink totals { to file(\"-\")  format json }\n"
  "sink bad    { to file(\"bad.jsonl\")  format json }\n"
  "\n"
  "test \"ann's first minute\" {           # weir test %.weir\n"
  "  given events\n"
  "    0s  { user: \"ann\", amount: 12.50 },\n"
  "    30s { user: \"ann\", amount: 7.25 },\n"
  "    61s { user: \"ann\", amount: 1.00 }\n"
  "  expect totals { user: \"ann\", n: 2, total: 19.75 }\n"
  "}\n";

static const char input[] =
  "{\"user\":\"ann\",\"amount\":12.50,\"ts\":\"2026-01-01T10:00:05Z\"}\n"
  "{\"user\":\"bob\",\"amount\":3.00,\"ts\":\"2026-01-01T10:00:20Z\"}\n"
  "{\"user\":\"ann\",\"amount\":7.25,\"ts\":\"2026-01-01T10:00:41Z\"}\n"
  "{\"user\":\"bob\",\"amount\":-1.00,\"ts\":\"2026-01-01T10:00:42Z\"}\n"
  "{\"user\":\"bob\",\"amount\":99.99,\"ts\":\"2026-01-01T10:01:30Z\"}\n";

static int failed(const char *path)
{
  fprintf(stderr, "weir new: error: cannot write %s: %s\n", path, strerror(errno));
  return 73;
}

/* Writes name/file; what stands for the program's name in the text is filled in. */
static int put(const char *name, const char *file, const char *text)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", name, file);
  FILE *f = fopen(path, "wx");
  if (!f) return failed(path);
  for (const char *at; (at = strchr(text, '%')); text = at + 1) fprintf(f, "%.*s%s", (int)(at - text), text, name);
  fputs(text, f);
  return fclose(f) ? failed(path) : 0;
}

int new_program(const char *name)
{
  char file[256];
  for (const char *p = name; *p; p++)
    if ((!isalnum((unsigned char)*p) && *p != '_' && *p != '-') || (p == name && !isalpha((unsigned char)*p)) ||
        p - name > 60) {
      fprintf(stderr, "weir new: error: %s is no name for a program\n", name);
      fprintf(stderr, "  = hint: letters, digits, - and _, at most 60, a letter first\n");
      return 64;
    }
  if (mkdir(name, 0777)) return failed(name);
  snprintf(file, sizeof file, "%s.weir", name);
  int code = put(name, file, program);
  if (!code) code = put(name, "events.jsonl", input);
  if (!code) printf("made %s/%s and %s/events.jsonl\ntry: cd %s && weir run %s\n", name, file, name, name, file);
  return code;
}
