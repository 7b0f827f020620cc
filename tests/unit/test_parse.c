/* The parser: programs parse, every word can be a name, spans are exact, mistakes are named at
 * their place and once a declaration. test_parse_limits.c has the extremes.
 */
#include "parse_rig.h"

static const char *const programs[] = {"absence", "fraud", "iot", "keywords_as_names", "market",
  "web", "nexmark_one_file", "nexmark", "q4", "q6", "q9", "q10", "q14", "q18", "q19", "q21",
  "rules", "syntax"};

static void programs_parse(void **state) {
  (void)state;
  for (int i = 0; i < COUNT(programs); i++) {
    Rig r = rig_file(programs[i]);
    assert_true(r.good);
    assert_string_equal(rig_printed(&r, false, false), "");
    assert_true(r.c.program->decls.n > 0);
    assert_true(*rig_dump(&r));
    rig_end(&r);
  }
}

/* The tree as printed. WEIR_BLESS=1 writes the files anew; read the difference before you keep
 * it. */
static void trees_are_as_before(void **state) {
  (void)state;
  static const char *const names[] = {"fraud", "keywords_as_names", "syntax", "absence"};
  for (int i = 0; i < COUNT(names); i++) {
    char path[200];
    snprintf(path, sizeof path, DIR "%s.ast", names[i]);
    Rig r = rig_file(names[i]);
    char *now = rig_dump(&r);
    if (getenv("WEIR_BLESS")) {
      FILE *f = fopen(path, "w");
      assert_non_null(f);
      fputs(now, f);
      fclose(f);
    }
    Source *before = source_read(&r.c, path, SPAN_NONE);
    assert_non_null(before);
    assert_string_equal(now, before->text);
    rig_end(&r);
  }
}

/* ---- words ---- */

typedef struct Word { const char *text; bool reserved; } Word;
enum { RESERVED = 1, DECLARES = 0, CONTEXT = 0 };
static const Word words[] = {
#define WORD(text, token, class) {#text, class},
#include "words.def"
#undef WORD
};

static void words_are_sorted_and_few_are_reserved(void **state) {
  (void)state;
  int reserved = 0;
  for (int i = 0; i < COUNT(words); i++) {
    if (i) assert_true(strcmp(words[i - 1].text, words[i].text) < 0);
    reserved += words[i].reserved;
  }
  assert_int_equal(reserved, 16);
}

static bool parses(const char *fmt, const char *word) {
  char text[1000];
  snprintf(text, sizeof text, fmt, word, word, word, word);
  Rig r = rig(text);
  bool good = r.good;
  rig_end(&r);
  return good;
}

/* Every word serves as a name everywhere, the reserved ones only in backticks or after a dot. */
static void check_word(Word w, const char *const *places, int n, bool values) {
  char quoted[40];
  snprintf(quoted, sizeof quoted, "`%s`", w.text);
  bool value = !strcmp(w.text, "true") || !strcmp(w.text, "false") || !strcmp(w.text, "null");
  for (int i = 0; i < n; i++) {
    if (!parses(places[i], quoted)) fail_msg("%s in: %s", quoted, places[i]);
    if (!(values && value) && parses(places[i], w.text) == w.reserved)
      fail_msg("%s in: %s", w.text, places[i]);
  }
}

static void every_word_can_be_a_name(void **state) {
  (void)state;
  static const char *const names[] = {"type T { %s int, %s string }", "type %s { a int }",
    "stream %s = x", "stream s = %s | where a = 1", "stream s = x | select { %s, %s: 1 }",
    "fn %s(%s int): int = 1", "param %s: int = 1", "stream s = x | group by %s { n: sum(1) }",
    "source %s: T { from %s time %s }", "state %s by %s { %s int = 0 }",
    "rule %s { on %s by %s when a > 1 }", "sink %s { to %s(%s: 1) key %s }", "table %s key %s = x",
    "window %s = tumbling 1h", "stream s = x | drop %s, %s", "stream s = x as %s", "errors to %s",
    "stream s = x | join %s on a = y", "test %s { given %s { %s: 1 } }", "import \"x\" as %s",
    "stream s = x | top 5 by a desc per %s", "stream s = x | unnest a as %s",
    "stream s = x | distinct by %s keep %s"};
  static const char *const values[] = {"stream s = x | where %s > 1 and a + %s = %s",
    "param p: int = %s + 1", "stream s = x | top 5 by a + %s desc",
    "stream s = x | group by a { n: sum(%s) }"};
  for (int w = 0; w < COUNT(words); w++) {
    assert_true(parses("stream s = x | where a.%s = 1 and f(a).%s = 2", words[w].text));
    check_word(words[w], names, COUNT(names), false);
    check_word(words[w], values, COUNT(values), true);
  }
}

static void backticks_are_not_part_of_the_name(void **state) {
  (void)state;
  Rig r = rig("type T { `in` int, `two words` int }");
  FieldDecls f = rig_decl(&r, 0)->u.type.type->fields;
  assert_string_equal(f.v[0].name.name, "in");
  assert_string_equal(f.v[1].name.name, "two words");
  assert_string_equal(rig_text(&r, f.v[0].name.span), "`in`");
  assert_ptr_equal(f.v[0].name.name, intern_z(r.c.interns, "in"));
  rig_end(&r);
}

/* ---- spans ---- */

static void spans_are_exact(void **state) {
  (void)state;
  Rig r = rig("stream s =  payments as p | where (a + bc.d) * 2 >= -f(x, y: 1)\n"
              " | join q on a = q.b within 5m keep 1h | left join z on k  # end\n\n");
  Decl *d = rig_decl(&r, 0);
  assert_string_equal(rig_text(&r, d->name.span), "s");
  assert_string_equal(rig_text(&r, d->u.stream.pipe->head.span), "payments as p");
  Step *w = d->u.stream.pipe->steps.v[0];
  assert_string_equal(rig_text(&r, w->span), "where (a + bc.d) * 2 >= -f(x, y: 1)");
  Expr *e = w->u.where;
  assert_int_equal(e->u.op.op, OP_GE);
  assert_string_equal(rig_text(&r, e->span), "(a + bc.d) * 2 >= -f(x, y: 1)");
  assert_string_equal(rig_text(&r, e->u.op.a->span), "(a + bc.d) * 2");
  assert_string_equal(rig_text(&r, e->u.op.a->u.op.a->span), "a + bc.d");
  assert_string_equal(rig_text(&r, e->u.op.a->u.op.a->u.op.b->span), "bc.d");
  assert_string_equal(rig_text(&r, e->u.op.b->span), "-f(x, y: 1)");
  Expr *call = e->u.op.b->u.op.a;
  assert_string_equal(rig_text(&r, call->u.call.name.span), "f");
  assert_string_equal(rig_text(&r, call->u.call.args.v[1].span), "y: 1");
  assert_string_equal(rig_text(&r, d->u.stream.pipe->steps.v[1]->span),
                      "join q on a = q.b within 5m keep 1h");
  assert_string_equal(rig_text(&r, d->u.stream.pipe->steps.v[2]->span), "left join z on k");
  assert_int_equal(d->span.from, 0);
  assert_string_equal(rig_text(&r, d->span) + d->span.to - 4, "on k");
  rig_end(&r);
}

static void clause_spans_are_exact(void **state) {
  (void)state;
  Rig r = rig("source s: { a int, b string? mask last 4 } {\n  from file(\"x\")\n"
              "  time meta.time  delay 5s\n"
              "  check a > 0 else drop\n  late to l }\n"
              "stream t = s | group by k: a over tumbling 1h offset 15m "
              "{ n: count(distinct b where a > 1) }");
  SourceClauses *c = &rig_decl(&r, 0)->u.source.c;
  assert_string_equal(rig_text(&r, c->from.span), "file(\"x\")");
  assert_string_equal(rig_text(&r, c->time_span), "time meta.time  delay 5s");
  assert_string_equal(rig_text(&r, c->time.span), "meta.time");
  assert_string_equal(rig_text(&r, c->checks.v[0].span), "check a > 0 else drop");
  assert_string_equal(rig_text(&r, c->late.span), "to l");
  FieldDecl *b = &rig_decl(&r, 0)->u.source.type->fields.v[1];
  assert_string_equal(rig_text(&r, b->span), "b string? mask last 4");
  assert_string_equal(rig_text(&r, b->type->span), "string?");
  Step *g = rig_decl(&r, 1)->u.stream.pipe->steps.v[0];
  assert_string_equal(rig_text(&r, g->u.group.over->span), "tumbling 1h offset 15m");
  assert_string_equal(rig_text(&r, g->u.group.over->offset_span), "offset 15m");
  assert_string_equal(rig_text(&r, g->u.group.keys.v[0].span), "k: a");
  Expr *n = g->u.group.record->u.rec.items.v[0].value;
  assert_string_equal(rig_text(&r, n->span), "count(distinct b where a > 1)");
  assert_true(n->u.call.args.v[0].distinct);
  assert_string_equal(rig_text(&r, n->u.call.where->span), "a > 1");
  rig_end(&r);
}

/* ---- what clauses mean ---- */

static void operators_bind_as_written(void **state) {
  (void)state;
  static const char *const cases[][2] = {{"a or b and not c = d", "a or (b and (not (c = d)))"},
    {"a - b - c", "(a - b) - c"}, {"a + b * c % d", "a + ((b * c) % d)"}, {"-a * b", "(-a) * b"},
    {"a || b + c", "(a || b) + c"},
    {"a between b + 1 and c and d", "(a between (b + 1) and c) and d"},
    {"not a is null", "not (a is null)"}, {"a not in (b, c) or d", "(a not in (b, c)) or d"},
    {"a = b - -c", "a = (b - (-c))"}, {"a.b[c.d].e + 1", "((a.b[c.d]).e) + 1"},
    {"a == b and c <> d", "(a = b) and (c != d)"}};
  for (int i = 0; i < COUNT(cases); i++) {
    char one[200], two[200];
    snprintf(one, sizeof one, "param p: bool = %s", cases[i][0]);
    snprintf(two, sizeof two, "param p: bool = %s", cases[i][1]);
    Rig a = rig(one), b = rig(two);
    assert_true(a.good && b.good);
    assert_string_equal(rig_dump(&a), rig_dump(&b));
    rig_end(&a);
    rig_end(&b);
  }
}

static void source_clauses(void **state) {
  (void)state;
  Rig r = rig("source s: T { from x time at quiet hold check strict check a else set b = c + 1 "
              "check d else set_aside late drop bad fail }\n"
              "source t: T { from x time at quiet 5m idle d late to u bad to v versions 1h }");
  SourceClauses *c = &rig_decl(&r, 0)->u.source.c;
  assert_true(c->quiet_hold && !c->quiet && c->strict);
  assert_int_equal(c->checks.n, 2);
  assert_int_equal(c->checks.v[0].dest.kind, DEST_SET);
  assert_string_equal(c->checks.v[0].dest.set.name, "b");
  assert_int_equal(c->checks.v[0].dest.set_value->kind, EXPR_BINARY);
  assert_int_equal(c->checks.v[1].dest.kind, DEST_TO);
  assert_string_equal(c->checks.v[1].dest.to.name, "set_aside");
  assert_int_equal(c->late.kind, DEST_DROP);
  assert_int_equal(c->bad.kind, DEST_FAIL);
  c = &rig_decl(&r, 1)->u.source.c;
  assert_false(c->quiet_hold);
  assert_int_equal(c->quiet->u.lit.i, 300000000);
  assert_int_equal(c->idle->kind, EXPR_PATH);
  assert_int_equal(c->bad.kind, DEST_TO);
  assert_int_equal(c->versions_keep->u.lit.i, 3600000000);
  rig_end(&r);
}

static void join_bounds(void **state) {
  (void)state;
  static const struct { const char *text; BoundKind kind; int bounds; } cases[] = {
    {"", BOUND_NONE, 0}, {"within 5m", BOUND_WITHIN, 1}, {"within 5m before", BOUND_BEFORE, 1},
    {"within 5m after", BOUND_AFTER, 1}, {"within 5m before 10m after", BOUND_BOTH, 2},
    {"within a.at to b.at + 5s", BOUND_TO, 2}, {"over tumbling 1h", BOUND_OVER, 0},
    {"as of at", BOUND_AS_OF, 1}};
  for (int i = 0; i < COUNT(cases); i++) {
    char text[200];
    snprintf(text, sizeof text, "stream s = a | join b on x = b.x %s keep all", cases[i].text);
    Rig r = rig(text);
    Step *j = rig_decl(&r, 0)->u.stream.pipe->steps.v[0];
    assert_int_equal(j->u.join.bound, cases[i].kind);
    assert_int_equal(!!j->u.join.b1 + !!j->u.join.b2, cases[i].bounds);
    assert_int_equal(!!j->u.join.over, cases[i].kind == BOUND_OVER);
    assert_string_equal(j->u.join.keep->u.path.path.parts.v[0].name, "all");
    rig_end(&r);
  }
}

static void patterns(void **state) {
  (void)state;
  Rig r = rig("stream s = x | match a then b: y{2,} next not (c or d)? then every (e{2}){3} "
              "within 5m by k skip to next");
  PatternClause *m = &rig_decl(&r, 0)->u.stream.pipe->steps.v[0]->u.match.match;
  assert_true(m->has_skip && m->skip_next);
  Pattern *p = m->pattern;
  assert_int_equal(p->kind, PAT_SEQ);
  assert_int_equal(p->items.n, 4);
  assert_int_equal(p->strict.n, 3);
  assert_true(!p->strict.v[0] && p->strict.v[1] && !p->strict.v[2]);
  assert_string_equal(p->items.v[1]->stream.name, "y");
  assert_int_equal(p->items.v[1]->min, 2);
  assert_int_equal(p->items.v[1]->max, -1);
  assert_int_equal(p->items.v[2]->kind, PAT_NOT);
  assert_int_equal(p->items.v[2]->items.v[0]->max, 1);
  assert_int_equal(p->items.v[2]->items.v[0]->kind, PAT_OR);
  Pattern *three = p->items.v[3]->items.v[0];
  assert_int_equal(three->min, 3);
  assert_int_equal(three->items.v[0]->min, 2);
  rig_end(&r);
}

static void rules_with_several_streams(void **state) {
  (void)state;
  Rig r = rig("rule r { on a, b by k  on c by j  when x  when y  emit o { k } }");
  Decl *d = rig_decl(&r, 0);
  assert_int_equal(d->u.rule.on.n, 3);
  assert_int_equal(d->u.rule.ons.n, 2);
  assert_string_equal(d->u.rule.by.v[0].parts.v[0].name, "k");
  assert_string_equal(d->u.rule.ons.v[1].by.v[0].parts.v[0].name, "j");
  assert_int_equal(d->u.rule.when.n, 2);
  rig_end(&r);
}

static void a_slash_divides_or_starts_a_regex(void **state) {
  (void)state;
  Rig r = rig("param p: bool = f(/a\\/[/]b/i, x / y / z) and s matches /q/ "
              "and [/u/] = a[1] / 2 / (b) / c");
  char *tree = rig_dump(&r);
  assert_int_equal(count_of(tree, "regex"), 3);
  assert_non_null(strstr(tree, "regex \"a\\\\/[/]b\" i\n"));
  assert_int_equal(count_of(tree, " /\n"), 5);
  rig_end(&r);
}

/* ---- mistakes ---- */

typedef struct Mistake { const char *text, *place, *said; } Mistake;

static void check_mistakes(const Mistake *list, int n) {
  for (int i = 0; i < n; i++) {
    Rig r = rig(list[i].text);
    char *out = rig_printed(&r, false, false);
    char head[60];
    snprintf(head, sizeof head, "t.weir:%s: error[", list[i].place);
    bool good = !r.good && strncmp(out, head, strlen(head)) == 0 && strstr(out, list[i].said) &&
        strstr(out, "\n1 error\n");
    if (!good)
      fail_msg("for:\n%s\nwanted %s ... %s\ngot:\n%s", list[i].text, head, list[i].said, out);
    rig_end(&r);
  }
}

static void mistakes_are_named(void **state) {
  (void)state;
  static const Mistake list[] = {
    {"stream y p | where a", "1:10", "E0100]: unexpected `p`, expected `=` or `:`"},
    {"stream y p | where a", "1:10", "hint: is `=` missing before it?"},
    {"stream y = p | where", "1:21", "unexpected end of file, expected an expression"},
    {"stream y = p |", "1:15", "unexpected end of file, expected a step\n"},
    {"stream 5 = p", "1:8", "unexpected integer `5`, expected a name\n"},
    {"stream in = p", "1:8", "unexpected `in`, expected a name"},
    {"stream in = p", "1:8", "in backticks: `in`"},
    {"SELECT a FROM b", "1:1", "unexpected `SELECT`, expected a declaration"},
    {"SELECT a FROM b", "1:1", "hint: a query is a pipe: stream s ="},
    {"select a from b", "1:1", "hint: a query is a pipe: stream s ="},
    {"stream s = p WHERE a > 1", "1:14", "unexpected `WHERE`, expected `as`, `|` or a declaration"},
    {"stream s = p | WHERE a > 1", "1:16", "hint: words of the language are in lower case: where"},
    {"stream s = p | filter a > 1", "1:16", "hint: the step for it is `where`"},
    {"stream s = p || where a", "1:14", "a step starts with one `|`"},
    {"stream s = p;", "1:13", "E0110]: declarations and clauses do not end with `;`"},
    {"stream s = p | where a = 'x y'", "1:26", "strings are written in double quotes"},
    {"stream s = p | where a = 'x y'", "1:26", "hint: \"x y\""},
    {"// hello\nstream s = p", "1:1", "comments start with `#`"},
    {"stream s = p -- hello", "1:14", "comments start with `#`"},
    {"/* a\nb */ stream s = p", "1:1", "comments start with `#`"},
    {"stream s = p | where a && b", "1:24", "`&&` is written `and`"},
    {"stream s = p | where !b", "1:22", "`!` is written `not`"},
    {"stream s = p | where a = 1 || b = 2", "1:33", "the logical word is `or`"},
    {"stream s = p | where a < b < c", "1:28", "comparisons do not chain"},
    {"source s: T { time at delay 10 s }", "1:29", "without a blank: 10s"},
    {"source s: T { time at delay 10 }", "1:29", "a duration has a unit"},
    {"source s: T { time at delay 1day }", "1:29", "stands only in windows"},
    {"window w = tumbling 10 s", "1:24", "without a blank: 10s"},
    {"state s by k { n int 0 }", "1:22", "a default is written with `=`"},
    {"stream s = p | select { a = 1 }", "1:27", "a name is followed by `:`"},
    {"rule r { on p where a > 1 emit o { a } }", "1:23", "a rule's condition is written `when`"},
    {"rule r { on p where a: b > 1 emit o { a } }", "1:21", "E0111]: rule r has no `match`"},
    {"source s: T { check a > 1 late drop }", "1:27", "a check says where rows go that fail it"},
    {"source s: T { check a late drop }", "1:15", "does not say where rows go"},
    {"source s: T { from a from b }", "1:22", "E0107]: `from` is given twice"},
    {"source s: T { from a from b }", "1:22", "t.weir:1:15: note: the first is here"},
    {"source s: T { time a delay 1s delay 2s }", "1:31", "`delay` is given twice"},
    {"window w = tumbling 1h offset 1m offset 2m", "1:34", "`offset` is given twice"},
    {"type T { a int mask hash mask hash }", "1:26", "`mask` is given twice"},
    {"stream s = p | where f(a | select { b }", "1:26",
     "t.weir:1:23: note: this `(` is not closed"},
    {"source s: T { from file(\"x\" format csv }", "1:29",
     "t.weir:1:24: note: this `(` is not closed"},
    {"stream s = p | where a[1) > 2", "1:25", "t.weir:1:23: note: this `[` is not closed"},
    {"type T { a int", "1:15", "E0109]: unexpected end of file"},
    {"type T { a int", "1:15", "t.weir:1:8: note: this `{` is not closed"},
    {"stream s = p | where a = \"abc\nstream t = s", "1:26", "E0103]: this string is not closed"},
    {"stream s = p | where a = \"abc\\", "1:26", "this string is not closed"},
    {"stream `s = p", "1:8", "no name in backticks"},
    {"stream s = p | where a ~ b", "1:24", "E0108]: stray character `~`"},
    {"stream s = p | where a \x01 b", "1:24", "stray character U+0001"},
    {"stream gr\xC3\xB6\xC3\x9F" "e = p", "1:10", "stray character U+00F6"},
    {"stream s = p | match a{3,2} within 5m by k", "1:22", "never match"},
    {"sink s { to kafka(topic: \"x\" where a) }", "1:36", "options have no `where`"},
    {"stream s = p | sample 5", "1:24", "unexpected end of file, expected `%`"},
    {"type T { \"a\" int }", "1:10", "unexpected string, expected a name"},
    {"}", "1:1", "unexpected `}`, expected a declaration"},
  };
  check_mistakes(list, COUNT(list));
}

/* One message a declaration, and all declarations that are right are kept. */
static void reading_goes_on_at_the_next_declaration(void **state) {
  (void)state;
  Rig r = rig("stream a = p | where 1 + + 2 ) ) ]\n"
              "  | select }{\n"
              "stream b = p\n"
              "type T { a int b \n"
              "source s: T { from file(\"x\" }\n"
              "   stream not_here = 1 1 1\n"
              "param ok: int = 1\n"
              "garbage here\n"
              "rule r {\n"
              "  on a\n"
              "stream c = b\n"
              "stream d = b | where\n"
              "\n"
              "stream e = b | where x >\n"
              "sink e { to \"x\" }\n"
              "param k: int = 2\n");
  char *out = rig_printed(&r, true, false);
  assert_int_equal(count_of(out, "\"severity\":\"error\""), 8);
  static const char *const at[] = {"\"line\":1,", "\"line\":5,", "\"line\":8,", "\"line\":11,",
    "\"line\":14,", "\"line\":15,"};
  for (int i = 0; i < COUNT(at); i++) assert_non_null(strstr(out, at[i]));
  static const char *const kept[] = {"b", "c", "k"};
  assert_int_equal(r.c.program->decls.n, COUNT(kept));
  for (int i = 0; i < COUNT(kept); i++)
    assert_string_equal(r.c.program->decls.v[i]->name.name, kept[i]);
  rig_end(&r);
}

static void an_unclosed_brace_costs_one_declaration(void **state) {
  (void)state;
  Rig r = rig("type A {\n  a int\n\nstream b = p\nstream c = b\n");
  char *out = rig_printed(&r, false, false);
  assert_string_equal(out,
    "t.weir:4:1: error[E0109]: `stream` starts a declaration, but the one before it is not "
    "finished\n"
    "   4 | stream b = p\n"
    "     | ^^^^^^\n"
    "t.weir:1:8: note: this `{` is not closed\n"
    "   1 | type A {\n"
    "     |        ^\n"
    "1 error\n");
  assert_int_equal(r.c.program->decls.n, 2);
  rig_end(&r);
}

static void expected_tokens_are_at_most_six(void **state) {
  (void)state;
  Rig r = rig("source s: T { 5 }");
  char *out = rig_printed(&r, false, false);
  char *list = strstr(out, ", expected ");
  assert_non_null(list);
  *strchr(list, '\n') = 0;
  assert_int_equal(count_of(list, "`") / 2, 6);
  assert_non_null(strstr(list, " ..."));
  rig_end(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(programs_parse),
    cmocka_unit_test(trees_are_as_before),
    cmocka_unit_test(words_are_sorted_and_few_are_reserved),
    cmocka_unit_test(every_word_can_be_a_name),
    cmocka_unit_test(backticks_are_not_part_of_the_name),
    cmocka_unit_test(spans_are_exact),
    cmocka_unit_test(clause_spans_are_exact),
    cmocka_unit_test(operators_bind_as_written),
    cmocka_unit_test(source_clauses),
    cmocka_unit_test(join_bounds),
    cmocka_unit_test(patterns),
    cmocka_unit_test(rules_with_several_streams),
    cmocka_unit_test(a_slash_divides_or_starts_a_regex),
    cmocka_unit_test(mistakes_are_named),
    cmocka_unit_test(reading_goes_on_at_the_next_declaration),
    cmocka_unit_test(an_unclosed_brace_costs_one_declaration),
    cmocka_unit_test(expected_tokens_are_at_most_six),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
