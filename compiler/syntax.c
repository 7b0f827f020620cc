/* syntax.c -- what is said about a token that does not fit, and where reading goes on. Expected
 * tokens come as the grammar's names; those that make up an expression, an operator, a name or a
 * declaration are said in one word.
 */
#include "parse.h"
#include "parser.h"
#include <string.h>
#include <strings.h>

typedef const char *const *Names;
typedef struct Found {                    /* the token in question */
  Span at;
  const char *name;                       /* the grammar's */
  const char *text;                       /* as written, n bytes */
  int n;
  Names expected;
  int count;
} Found;

static bool among(Names list, int n, const char *name) {
  for (int i = 0; i < n; i++)
    if (!strcmp(list[i], name)) return true;
  return false;
}

static bool expects(const Found *f, const char *name) { return among(f->expected, f->count, name); }

/* ---- where declarations start ---- */

static bool is_letter(char c) { return (c | 0x20) >= 'a' ? (c | 0x20) <= 'z' : c == '_'; }
static bool is_name(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

static size_t word_length(const char *s) {
  size_t n = 0;
  while (is_name(s[n])) n++;
  return n;
}

/* A declaration's word in the first column, and what follows looks like one: `stream name =`,
 * `type name {`. */
static bool looks_declared(const char *s) {
  size_t n = word_length(s);
  if (lexer_word_class(s, n) != DECLARES) return false;
  s += n + strspn(s + n, " \t");
  if (*s == '"') return true;                                   /* import, test */
  if (*s == '`') s++;
  n = word_length(s);
  if (!n) return false;
  s += n;
  if (*s == '`') s++;
  s += strspn(s, " \t");
  n = word_length(s);
  return strchr(":={(", *s) ? *s != 0 : (n == 2 && (!memcmp(s, "by", 2) || !memcmp(s, "as", 2))) ||
         (n == 3 && !memcmp(s, "key", 3)) || n > 0;
}

/* The first line from `from` to `to` that starts with a declaration's word; UINT32_MAX: none. */
static uint32_t find_declaration(const Parser *p, uint32_t from, uint32_t to, bool sure) {
  int line, column;
  source_place(p->src, from, &line, &column);
  for (int i = column == 1 ? line - 1 : line; i < p->src->lines && p->src->line[i] <= to; i++) {
    const char *s = p->src->text + p->src->line[i];
    if (lexer_word_class(s, word_length(s)) != DECLARES) continue;
    if (!sure || looks_declared(s)) return p->src->line[i];
  }
  return UINT32_MAX;
}

/* A declaration that began inside the one being read, which therefore was never finished. */
uint32_t syntax_hidden_declaration(const Parser *p, uint32_t to) {
  if (p->first == UINT32_MAX || p->first >= to) return UINT32_MAX;
  return find_declaration(p, p->first + 1, to, true);
}

void syntax_resume(Parser *p, uint32_t from) {
  uint32_t hidden = syntax_hidden_declaration(p, from);
  uint32_t least = p->first != UINT32_MAX && from <= p->first ? p->first + 1 : from;
  uint32_t next = hidden != UINT32_MAX ? hidden : find_declaration(p, least, p->src->length, false);
  p->resume = next == UINT32_MAX ? p->src->length : next;
}

/* ---- the list of what was expected ---- */

static const char *const starts[] = {"string", "timestamp", "duration", "size", "integer",
  "decimal", "float", "regex", "not", "case", "null", "true", "false", "'-'", "'('", "'['", "'{'",
  "big integer"};
static const char *const operators[] = {"'+'", "'-'", "'*'", "'/'", "'%'", "||", "'='", "!=",
  "'<'", "<=", "'>'", ">=", "and", "or", "not", "in", "is", "between", "like", "matches", "'.'",
  "'['", "'('"};
#define AMONG(list, name) among(list, sizeof(list) / sizeof *(list), name)

static const char *const steps[] = {"distinct", "where", "drop", "changes", "join", "left", "full",
  "semi", "anti", "select", "extend", "group", "top", "match", "unnest", "union", "sample"};
typedef struct Kinds { bool name, expression, operator, declaration, step; } Kinds;

static Kinds kinds_of(const Found *f) {
  Kinds k = {0};
  k.name = expects(f, "name");
  k.expression = k.name && expects(f, "'('") && expects(f, "case") && expects(f, "integer");
  k.operator = expects(f, "'+'") && expects(f, "'*'") && expects(f, "||");
  k.declaration = !k.name && expects(f, "param") && expects(f, "sink");
  k.step = !k.name && expects(f, "select") && expects(f, "unnest");
  return k;
}

static bool said_already(Kinds k, const char *name) {
  WordClass class = lexer_word_class(name, strlen(name));
  if (!strcmp(name, "big integer") || !strcmp(name, "bad token")) return true;
  if (k.name && (!strcmp(name, "name") || class == CONTEXT || class == DECLARES)) return true;
  if (k.expression && AMONG(starts, name)) return true;
  if (k.operator && AMONG(operators, name)) return true;
  if (k.step && AMONG(steps, name)) return true;
  return k.declaration && (class == DECLARES || !strcmp(name, "end of file"));
}

/* How a token's name is shown: words and signs in backticks, kinds of tokens with an article. */
static const char *shown(Compiler *c, const char *name) {
  static const char *const kinds[] = {"string", "timestamp", "duration", "calendar period", "size",
    "decimal", "float", "regex"};
  if (!strcmp(name, "integer")) return "an integer";
  if (!strcmp(name, "end of file")) return "the end of the file";
  if (AMONG(kinds, name)) return arena_printf(c->arena, "a %s", name);
  size_t n = strlen(name);
  if (n == 3 && name[0] == '\'') return arena_printf(c->arena, "`%c`", name[1]);
  return arena_printf(c->arena, "`%s`", name);
}

enum { MAX_SHOWN = 6 };
typedef struct Choice { const char *text[MAX_SHOWN]; int n; bool more; } Choice;

static void choose(Choice *l, const char *text) {
  if (l->n < MAX_SHOWN) l->text[l->n++] = text;
  else l->more = true;
}

static const char *expected_text(Compiler *c, const Found *f) {
  Choice l = {0};
  Kinds k = kinds_of(f);
  if (k.expression) choose(&l, "an expression");
  else if (k.name) choose(&l, "a name");
  if (k.step) choose(&l, "a step");
  for (int i = 0; i < f->count; i++)
    if (!said_already(k, f->expected[i])) choose(&l, shown(c, f->expected[i]));
  if (k.operator) choose(&l, "an operator");
  if (k.declaration) choose(&l, "a declaration");
  const char *text = "";
  for (int i = 0; i < l.n; i++) {
    const char *between = i == 0 ? ", expected " : i == l.n - 1 && !l.more ? " or " : ", ";
    text = arena_printf(c->arena, "%s%s%s", text, between, l.text[i]);
  }
  return l.more ? arena_printf(c->arena, "%s ...", text) : text;
}

static const char *found_text(Compiler *c, const Found *f) {
  static const char *const kinds[] = {"timestamp", "duration", "calendar period", "size",
    "integer", "decimal", "float", "regex"};
  if (!strcmp(f->name, "end of file")) return "end of file";
  if (!strcmp(f->name, "string")) return "string";
  int n = f->n > 40 ? 40 : f->n;
  while (n > 0 && (f->text[n] & 0xC0) == 0x80) n--;             /* not inside a code point */
  const char *dots = n < f->n ? "..." : "";
  if (AMONG(kinds, f->name))
    return arena_printf(c->arena, "%s `%.*s%s`", f->name, n, f->text, dots);
  if (*f->text == '`') return arena_printf(c->arena, "name %.*s%s", n, f->text, dots);
  return arena_printf(c->arena, "`%.*s%s`", n, f->text, dots);
}

/* ---- hints ---- */

static bool word_is(const Found *f, const char *word) {
  return f->n == (int)strlen(word) && !strncasecmp(f->text, word, (size_t)f->n);
}

static bool one_of(const Found *f, Names words, int n) {
  for (int i = 0; i < n; i++)
    if (word_is(f, words[i])) return true;
  return false;
}

static bool is_unit(const char *s, size_t n) {
  static const char *const units[] = {"us", "ms", "s", "m", "h", "d", "w", "day", "week", "month",
    "year", "days", "weeks", "months", "years", "sec", "secs", "second", "seconds", "min", "mins",
    "minute", "minutes", "hour", "hours", "B", "KB", "MB", "GB", "TB"};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (strlen(units[i]) == n && !memcmp(units[i], s, n)) return true;
  return false;
}

/* `10 s`: the blank is the mistake, wherever the parser noticed it. */
static const char *hint_unit(Parser *p, const Found *f) {
  if (p->before == TOK_OVER && !strcmp(f->name, "duration"))
    return "a window has a kind: over sliding 10m, over tumbling 1h, over session 30m";
  if (p->before == TOK_INT && is_unit(f->text, (size_t)f->n))
    return "a number and its unit are written without a blank: 10s";
  if (strcmp(f->name, "integer") != 0 || !expects(f, "duration")) return NULL;
  const char *next = f->text + f->n + strspn(f->text + f->n, " \t");
  if (is_unit(next, word_length(next)))
    return "a number and its unit are written without a blank: 10s";
  return "a duration has a unit: 500ms 10s 5m 1h 7d 2w";
}

static const char *hint_top_level(const Found *f) {
  static const char *const sql[] = {"select", "insert", "create", "with", "update", "delete",
    "drop", "from"};
  if (!kinds_of(f).declaration) return NULL;
  if (one_of(f, sql, sizeof sql / sizeof *sql))
    return "a query is a pipe: stream s = payments | where amount > 10 | select { user, amount }";
  if (!strcmp(f->name, "'|'"))
    return "a pipe has one name at its start: stream s = input | step | step";
  return NULL;
}

static bool comparison(const Found *f) {
  static const char *const signs[] = {"'='", "!=", "'<'", "<=", "'>'", ">="};
  return AMONG(signs, f->name);
}

static const char *hint_operator(const Parser *p, const Found *f) {
  if (p->before == TOK_UNION && *f->text == '(')
    return "`union` takes streams by name: stream other = logins | select { user }";
  if (comparison(f) && expects(f, "'+'"))
    return p->concat ? "`||` joins strings; the logical word is `or`"
        : "comparisons do not chain: a < b and b < c";
  if (!strcmp(f->name, "'='") && expects(f, "':'"))
    return "in a record and in arguments a name is followed by `:`";
  if (!strcmp(f->name, "||") && expects(f, "'|'"))
    return "a step starts with one `|`; `||` joins strings";
  return NULL;
}

/* Steps of other languages. */
static const char *hint_step(Parser *p, const Found *f) {
  static const char *const known[][2] = {{"filter", "where"}, {"having", "where"},
    {"map", "select"}, {"project", "select"}, {"add", "extend"}, {"with", "extend"},
    {"limit", "top 10 by x desc"}, {"take", "top 10 by x desc"}, {"order", "top 10 by x desc"},
    {"sort", "top 10 by x desc"}, {"aggregate", "group by"}, {"summarize", "group by"},
    {"merge", "union"}, {"right", "left join"}, {"inner", "join"}, {"flatten", "unnest"},
    {"explode", "unnest"}, {"dedup", "distinct by"}};
  if (!kinds_of(f).step) return NULL;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (word_is(f, known[i][0]))
      return arena_printf(p->c->arena, "the step for it is `%s`", known[i][1]);
  return NULL;
}

static bool in_rule(const Parser *p) { return !strncmp(p->src->text + p->first, "rule", 4); }
static bool in_state(const Parser *p) { return !strncmp(p->src->text + p->first, "state", 5); }

/* Does that word stand right before the token? */
static bool after_word(const Parser *p, const Found *f, const char *word) {
  uint32_t n = (uint32_t)strlen(word), end = f->at.from;
  while (end > p->first && strchr(" \t\r\n", p->src->text[end - 1])) end--;
  return end >= p->first + n && !memcmp(p->src->text + end - n, word, n);
}

static const char *hint_rule(const Parser *p, const Found *f) {
  if (p->before == TOK_EMIT && *f->text == '{') return "rows go to a stream: emit alerts { user, n: count() }";
  if (p->before == TOK_TO && f->count == 1) return "the stream stands right behind `emit`: emit alerts { ... }";
  if (p->before == TOK_PER || (f->count == 1 && expects(f, "per")) || (word_is(f, "per") && expects(f, "every")))
    return "a limit says how many, of which key, in what time: limit 1 per user every 15m";
  if (word_is(f, "by")) return "the order is: on payments by user over sliding 10m as p";
  if (word_is(f, "if") && expects(f, "when")) return "the condition of a rule is `when`";
  if (*f->text == '|') return "a rule watches a stream with a name: stream large = payments | where amount > 100";
  if (*f->text == '(' && expects(f, "over"))
    return "a key is a column: make a stream that has it, ... | extend { key: upper(user) }";
  if (f->count == 1 && expects(f, "'{'")) return "a rule stands in braces: rule name { on ... when ... emit ... }";
  if (word_is(f, "distinct")) return "different values are counted by count(distinct x)";
  if (after_word(p, f, "after"))
    return "a rule sees a state as it was before the row: what the row adds is written out";
  if (word_is(f, "shadow")) return "write mode shadow";
  if (word_is(f, "arrival")) return "write order arrival";
  return NULL;
}

static const char *hint_state(const Parser *p, const Found *f) {
  if (*f->text == '=' && expects(f, "'{'")) return "a field has a type: n int = 0";
  if (word_is(f, "when") && expects(f, "where")) return "the condition of an update is `where`";
  if (*f->text == ',' && expects(f, "where")) return "each stream has its own: on payments { ... } on logins { ... }";
  if (*f->text == '{' && expects(f, "by")) return "a state has a key: state profile by user keep 30d { ... }";
  if (f->count != 1 || !expects(f, "'='")) return NULL;
  if (after_word(p, f, "if")) return "a condition stands before the braces: on payments where amount > 1.00 { ... }";
  if (*f->text == '.') return "a field is assigned by its name alone: n = profile.n + 1";
  return strchr("+-*/", *f->text) ? "an update is written out: n = profile.n + 1" : NULL;
}

static const char *hint_missing(Parser *p, const Found *f) {
  if (f->count == 1 && expects(f, "':'") && in_rule(p))
    return "a rule's condition is written `when`; `where` has one for each variable of a pattern";
  if (expects(f, "'='") && !expects(f, "'+'") && !comparison(f) && *f->text != '|')
    return expects(f, "'?'") ? "a default is written with `=`: n int = 0"
        : "is `=` missing before it?";
  if (!strcmp(f->name, "calendar period") && expects(f, "duration"))
    return "a calendar period stands only in windows; durations are 24h, 7d";
  if (expects(f, "else") && !expects(f, "end") && strcmp(f->name, "end of file") != 0)
    return "a check says where rows go that fail it: check amount > 0 else drop";
  return NULL;
}

static const char *hint_word(Parser *p, const Found *f) {
  char lower[16];
  WordClass class = lexer_word_class(f->text, (size_t)f->n);
  if (class == RESERVED && expects(f, "name"))
    return arena_printf(p->c->arena, "`%.*s` is a word of the language; "
                        "as a name it stands in backticks: `%.*s`", f->n, f->text, f->n, f->text);
  if (strcmp(f->name, "name") != 0 || f->n >= (int)sizeof lower) return NULL;
  for (int i = 0; i < f->n; i++)
    lower[i] = (char)(f->text[i] | (f->text[i] >= 'A' && f->text[i] <= 'Z' ? 0x20 : 0));
  lower[f->n] = 0;
  if (strncmp(lower, f->text, (size_t)f->n) != 0 && expects(f, lower))
    return arena_printf(p->c->arena, "words of the language are in lower case: %s", lower);
  return NULL;
}

static const char *hint_for(Parser *p, const Found *f) {
  const char *h = hint_top_level(f);
  if (!h) h = hint_step(p, f);
  if (!h) h = hint_unit(p, f);
  if (!h) h = in_rule(p) ? hint_rule(p, f) : in_state(p) ? hint_state(p, f) : NULL;
  if (!h) h = hint_operator(p, f);
  if (!h) h = hint_word(p, f);
  return h ? h : hint_missing(p, f);
}

/* ---- brackets ---- */

/* The innermost bracket still open at an offset, or 0. */
static const Bracket *open_at(const Parser *p, uint32_t at) {
  for (int i = p->brackets.n - 1; i >= 0; i--) {
    const Bracket *b = &p->brackets.v[i];
    if (b->open < at && b->open >= p->first && (!b->close || b->close > at)) return b;
  }
  return NULL;
}

static void note_open(Parser *p, Diag *d, const Bracket *b) {
  diag_note(p->c, d, parser_span(p, b->open, b->open + 1), "this `%c` is not closed",
            p->src->text[b->open]);
}

/* May the token mean that a bracket was forgotten? */
static bool ends_something(const Parser *p, const Found *f, const Bracket *b) {
  char opener = p->src->text[b->open];
  if (!strcmp(f->name, "end of file")) return true;
  if (strchr(")]}", *f->text)) return *f->text != (opener == '(' ? ')' : opener == '[' ? ']' : '}');
  if (opener == '{') return false;
  WordClass class = lexer_word_class(f->text, (size_t)f->n);
  if (*f->text == '|' || *f->text == '{') return true;
  return opener == '(' && expects(f, "')'") && class != NO_WORD;
}

/* A declaration starts before the one being read is whole. */
static void report_unfinished(Parser *p, uint32_t at) {
  const char *s = p->src->text + at;
  uint32_t n = (uint32_t)word_length(s);
  const Bracket *b = open_at(p, at);
  Diag *d = diag_error(p->c, parser_span(p, at, at + n), b ? D_UNCLOSED : D_SYNTAX,
                       "`%.*s` starts a declaration, but the one before it is not finished", (int)n,
                       s);
  if (b) note_open(p, d, b);
  else diag_note(p->c, d, parser_span(p, p->first, p->first + 1), "it starts here");
}

static void report(Parser *p, const Found *f) {
  const Bracket *b = open_at(p, f->at.from);
  bool open = b && ends_something(p, f, b);
  Diag *d = diag_error(p->c, f->at, open ? D_UNCLOSED : D_SYNTAX, "unexpected %s%s",
                       found_text(p->c, f),
                       expected_text(p->c, f));
  if (open) note_open(p, d, b);
  const char *hint = open ? NULL : hint_for(p, f);
  if (hint) diag_hint(p->c, d, "%s", hint);
}

void syntax_unexpected(Parser *p, Span at, const char *found, Names expected, int n) {
  Found f = {at, found, p->src->text + at.from, (int)(at.to - at.from), expected, n};
  uint32_t hidden = syntax_hidden_declaration(p, at.from);
  syntax_resume(p, at.from);
  if (!strcmp(found, "bad token")) return;                      /* reported where it was read */
  if (hidden != UINT32_MAX && (hidden < at.from || open_at(p, hidden)))
    report_unfinished(p, hidden);
  else if (!strcmp(found, "big integer"))
    diag_error(p->c, at, D_NUMBER, "%.*s does not fit an int (64 bits)", f.n, f.text);
  else report(p, &f);
}

void syntax_too_deep(Parser *p, Span at) {
  diag_error(p->c, at, D_DEPTH, "nested too deeply here (at most %d brackets, %d expressions)",
             MAX_BRACKETS,
             MAX_EXPR_DEPTH);
  syntax_resume(p, at.from);
}

void syntax_twice(Parser *p, Span at, const char *word) {
  diag_error(p->c, at, D_TWICE, "`%s` is given twice", word);
}

void syntax_config_where(Parser *p, Span at) {
  diag_error(p->c, at, D_CLAUSE, "options have no `where`");
}
