/* ast_dump.c -- any Ast as an indented tree, one node a line, each child under its label. The
 * text is compared by golden tests: nothing here depends on addresses or on the order of
 * finding.
 */
#include "ast.h"
#include <stdarg.h>
#include <string.h>

typedef struct Dump { FILE *f; Compiler *c; bool typed; int depth; } Dump;

static void dump_expr(Dump *d, const char *label, const Expr *e);
static void dump_pipe(Dump *d, const Pipe *p);
static void dump_type(Dump *d, const char *label, const TypeExpr *t);

/* ---- lines ---- */

__attribute__((format(printf, 2, 3))) static void put(Dump *d, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  vfprintf(d->f, fmt, ap);
  va_end(ap);
}

static void start(Dump *d, const char *label) {
  put(d, "%*s%s%s", 2 * d->depth, "", label, *label ? " " : "");
}

static void put_string(Dump *d, const char *s, size_t n) {
  fputc('"', d->f);
  for (size_t i = 0; i < n; i++) {
    unsigned char b = (unsigned char)s[i];
    if (b == '"' || b == '\\') put(d, "\\%c", b);
    else if (b < 0x20 || b == 0x7F) put(d, "\\x%02x", b);
    else fputc(b, d->f);
  }
  fputc('"', d->f);
}

static void put_path(Dump *d, const Path *p) {
  for (int i = 0; i < p->parts.n; i++) put(d, "%s%s", i ? "." : "", p->parts.v[i].name);
}

static void dump_path(Dump *d, const char *label, const Path *p) {
  if (!p->parts.n) return;
  start(d, label);
  put_path(d, p);
  fputc('\n', d->f);
}

static void dump_paths(Dump *d, const char *label, const Paths *list) {
  if (!list->n) return;
  start(d, label);
  for (int i = 0; i < list->n; i++) {
    if (i) fputs(", ", d->f);
    put_path(d, &list->v[i]);
  }
  fputc('\n', d->f);
}

static void dump_name(Dump *d, const char *label, Ident id) {
  if (!id.name) return;
  start(d, label);
  put(d, "%s\n", id.name);
}

static void dump_names(Dump *d, const char *label, const Idents *list) {
  start(d, label);
  for (int i = 0; i < list->n; i++) put(d, "%s%s", i ? ", " : "", list->v[i].name);
  fputc('\n', d->f);
}

static void dump_text(Dump *d, const char *label, const char *text) {
  start(d, label);
  put_string(d, text, strlen(text));
  fputc('\n', d->f);
}

static void dump_word(Dump *d, const char *word) { put(d, "%*s%s\n", 2 * d->depth, "", word); }

static void open_line(Dump *d, const char *label) { dump_word(d, label), d->depth++; }

/* ---- expressions ---- */

static void put_duration(Dump *d, int64_t us) {
  static const struct { int64_t us; const char *unit; } units[] = {
    {86400000000, "d"}, {3600000000, "h"}, {60000000, "m"}, {1000000, "s"}, {1000, "ms"},
    {1, "us"}};
  uint64_t left = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
  if (us < 0) fputc('-', d->f);
  if (!left) fputs("0s", d->f);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (left >= (uint64_t)units[i].us)
      put(d, "%llu%s", (unsigned long long)(left / (uint64_t)units[i].us), units[i].unit);
    left %= (uint64_t)units[i].us;
  }
}

static void put_decimal(Dump *d, int64_t digits, int scale) {
  unsigned long long value = (unsigned long long)digits, one = 1;
  if (digits < 0) value = 0 - value;
  for (int i = 0; i < scale; i++) one *= 10;
  put(d, "%s%llu.%0*llu", digits < 0 ? "-" : "", value / one, scale, value % one);
}

static void put_literal(Dump *d, const Expr *e) {
  static const char *const calendar[] = {"", "day", "week", "month", "year"};
  long long i = e->u.lit.i;
  switch (e->u.lit.kind) {
    case LIT_NULL: put(d, "null"); return;
    case LIT_BOOL: put(d, i ? "true" : "false"); return;
    case LIT_INT: put(d, "int %lld", i); return;
    case LIT_DEC: put(d, "decimal "), put_decimal(d, i, e->u.lit.scale); return;
    case LIT_FLOAT: put(d, "float %.17g", e->u.lit.f); return;
    case LIT_STR: put(d, "string "), put_string(d, e->u.lit.s, e->u.lit.n); return;
    case LIT_DUR: put(d, "duration "), put_duration(d, i); return;
    case LIT_CAL: put(d, "calendar %lld%s", i, calendar[e->u.lit.scale]); return;
    case LIT_SIZE: put(d, "size %lldB", i); return;
    case LIT_TS: put(d, "timestamp %lldus", i); return;
    case LIT_REGEX:
      put(d, "regex "), put_string(d, e->u.lit.s, e->u.lit.n);
      put(d, "%s%s", *e->u.lit.flags ? " " : "", e->u.lit.flags);
      return;
  }
}

static const char *kind_text(ExprKind k) {
  static const char *const text[] = {"literal", "name", "call", "unary", "binary", "in", "between",
    "like", "matches", "is null", "is distinct", "case", "field", "index", "record", "list"};
  return text[k];
}

/* The node itself: its kind and what it says, without its children. */
static void put_expr(Dump *d, const Expr *e) {
  switch (e->kind) {
    case EXPR_LITERAL: put_literal(d, e); return;
    case EXPR_PATH: put(d, "name "), put_path(d, &e->u.path.path); return;
    case EXPR_CALL: put(d, "call "), put_path(d, &e->u.call.name); return;
    case EXPR_UNARY: case EXPR_BINARY: put(d, "%s", op_text(e->u.op.op)); return;
    case EXPR_IN: put(d, "%sin", e->u.in.negated ? "not " : ""); return;
    case EXPR_BETWEEN: case EXPR_LIKE: case EXPR_MATCHES: case EXPR_INDEX:
      put(d, "%s%s", e->u.tri.negated ? "not " : "", kind_text(e->kind));
      return;
    case EXPR_IS_NULL: put(d, e->u.tri.negated ? "is not null" : "is null"); return;
    case EXPR_IS_DISTINCT: put(d, e->u.tri.negated ? "is not distinct" : "is distinct"); return;
    case EXPR_FIELD: put(d, "field %s", e->u.field.name.name); return;
    case EXPR_CASE: case EXPR_RECORD: case EXPR_LIST: put(d, "%s", kind_text(e->kind)); return;
  }
}

static void dump_exprs(Dump *d, const char *label, const Exprs *list) {
  for (int i = 0; i < list->n; i++) dump_expr(d, label, list->v[i]);
}

static void dump_items(Dump *d, const Items *items) {
  for (int i = 0; i < items->n; i++) {
    const Item *it = &items->v[i];
    const char *quote = it->string_name ? "\"" : "", *name = it->star ? "*" : it->name.name;
    const char *relation = it->star ? "of" : "=";
    if (!it->value) dump_word(d, name);
    else
      dump_expr(d, arena_printf(d->c->arena, "%s%s%s %s", quote, name, quote, relation), it->value);
  }
}

static void dump_args(Dump *d, const Args *args) {
  for (int i = 0; i < args->n; i++) {
    const Arg *a = &args->v[i];
    const char *label = a->distinct ? "distinct" : "";
    if (a->name.name) label = arena_printf(d->c->arena, "%s:", a->name.name);
    if (a->value) dump_expr(d, label, a->value);
    else dump_word(d, "*");
    if (a->as) dump_type(d, "as", a->as);
  }
}

static void dump_children(Dump *d, const Expr *e) {
  switch (e->kind) {
    case EXPR_LITERAL: case EXPR_PATH: return;
    case EXPR_CALL:
      dump_args(d, &e->u.call.args);
      dump_expr(d, "where", e->u.call.where);
      return;
    case EXPR_UNARY: case EXPR_BINARY:
      dump_expr(d, "", e->u.op.a), dump_expr(d, "", e->u.op.b);
      return;
    case EXPR_IN:
      dump_expr(d, "", e->u.in.a), dump_expr(d, "set", e->u.in.set);
      dump_exprs(d, "item", &e->u.in.items);
      return;
    case EXPR_BETWEEN: case EXPR_LIKE: case EXPR_MATCHES: case EXPR_IS_NULL: case EXPR_IS_DISTINCT:
    case EXPR_INDEX:
      dump_expr(d, "", e->u.tri.a), dump_expr(d, "", e->u.tri.b), dump_expr(d, "", e->u.tri.c);
      return;
    case EXPR_CASE:
      dump_expr(d, "of", e->u.kase.value);
      for (int i = 0; i < e->u.kase.when.n; i++)
        dump_expr(d, "when", e->u.kase.when.v[i]), dump_expr(d, "then", e->u.kase.then.v[i]);
      dump_expr(d, "else", e->u.kase.other);
      return;
    case EXPR_FIELD: dump_expr(d, "", e->u.field.a); return;
    case EXPR_RECORD: dump_items(d, &e->u.rec.items); return;
    case EXPR_LIST: dump_exprs(d, "", &e->u.list.items); return;
  }
}

static void dump_expr(Dump *d, const char *label, const Expr *e) {
  if (!e) return;
  start(d, label);
  put_expr(d, e);
  if (d->typed && e->type) put(d, " : %s", type_text(d->c, e->type));
  if (d->typed && e->as) put(d, " as %s", type_text(d->c, e->as));
  if (d->typed && e->fallible) put(d, " fallible");
  fputc('\n', d->f);
  d->depth++;
  dump_children(d, e);
  d->depth--;
}

/* ---- types ---- */

static void dump_field(Dump *d, const char *label, const FieldDecl *f) {
  dump_type(d, arena_printf(d->c->arena, "%s%s", label, f->name.name), f->type);
  d->depth++;
  if (f->has_mask) {
    start(d, "mask");
    put(d, "%s", f->mask.name);
    if (f->has_mask_n) put(d, " %lld", (long long)f->mask_n);
    fputc('\n', d->f);
  }
  if (f->has_from) dump_text(d, "from", f->from);
  dump_expr(d, "default", f->dflt);
  d->depth--;
}

static void dump_fields(Dump *d, const char *label, const FieldDecls *fields) {
  for (int i = 0; i < fields->n; i++) dump_field(d, label, &fields->v[i]);
}

static void dump_type(Dump *d, const char *label, const TypeExpr *t) {
  if (!t) return;
  start(d, label);
  put(d, "%s", t->kind == TX_NAME ? t->name.name : t->kind == TX_RECORD ? "record" : "enum");
  for (int i = 0; i < t->ints.n; i++)
    put(d, "%s%lld%s", i ? ", " : "(", (long long)t->ints.v[i], i == t->ints.n - 1 ? ")" : "");
  put(d, "%s\n", t->nullable ? "?" : "");
  d->depth++;
  for (int i = 0; i < t->args.n; i++) dump_type(d, "of", t->args.v[i]);
  dump_fields(d, "", &t->fields);
  if (t->members.n) dump_names(d, "", &t->members);
  d->depth--;
}

/* ---- windows, patterns ---- */

static void dump_window(Dump *d, const char *label, const WindowSpec *w) {
  if (!w) return;
  start(d, label);
  put(d, "%s%s\n", w->kind.name, w->is_name ? " (a name)" : "");
  d->depth++;
  dump_expr(d, "", w->qty);
  dump_expr(d, "every", w->every);
  dump_expr(d, "max", w->max);
  dump_expr(d, "offset", w->offset);
  if (w->has_zone) dump_text(d, "zone", w->zone);
  if (w->processing) dump_word(d, "of processing time");
  d->depth--;
}

static void dump_pattern(Dump *d, const char *label, const Pattern *p) {
  static const char *const kinds[] = {"", "sequence", "or", "not", "every"};
  start(d, label);
  if (p->kind == PAT_VAR)
    put(d, "%s%s%s", p->var.name, p->stream.name ? ": " : "", p->stream.name ? p->stream.name : "");
  else put(d, "%s", kinds[p->kind]);
  if (p->quantified && p->max < 0) put(d, " {%lld,}", (long long)p->min);
  else if (p->quantified) put(d, " {%lld,%lld}", (long long)p->min, (long long)p->max);
  fputc('\n', d->f);
  d->depth++;
  for (int i = 0; i < p->items.n; i++) {
    bool chain = p->kind == PAT_SEQ && i > 0;
    dump_pattern(d, !chain ? "" : p->strict.v[i - 1] ? "next" : "then", p->items.v[i]);
  }
  d->depth--;
}

static void dump_clause(Dump *d, const PatternClause *m) {
  if (m->pattern) dump_pattern(d, "match", m->pattern);
  dump_expr(d, "within", m->within);
  for (int i = 0; i < m->where.n; i++)
    dump_expr(d, arena_printf(d->c->arena, "where %s:", m->where.v[i].var.name),
              m->where.v[i].value);
  if (m->has_skip) dump_word(d, m->skip_next ? "skip to next" : "skip past");
}

/* ---- pipes ---- */

static void dump_input(Dump *d, const char *label, const Input *in) {
  start(d, label);
  put(d, "%s%s%s\n", in->pipe ? "(pipe)" : in->name.name, in->as.name ? " as " : "",
      in->as.name ? in->as.name : "");
  if (!in->pipe) return;
  d->depth++;
  dump_pipe(d, in->pipe);
  d->depth--;
}

static void dump_group(Dump *d, const Step *s) {
  open_line(d, "by");
  dump_items(d, &s->u.group.keys);
  d->depth--;
  dump_window(d, "over", s->u.group.over);
  dump_name(d, "emit on", s->u.group.emit_on);
  dump_expr(d, "emit every", s->u.group.emit_every);
  dump_expr(d, "allow", s->u.group.allow);
  dump_expr(d, "keep", s->u.group.keep);
  dump_expr(d, "", s->u.group.record);
}

static void dump_join(Dump *d, const Step *s) {
  static const char *const kinds[] = {"inner", "left", "full", "semi", "anti"};
  static const char *const bounds[] = {"", "within", "within before", "within after",
    "within before", "within from", "over", "as of"};
  dump_input(d, kinds[s->u.join.kind], &s->u.join.right);
  dump_exprs(d, "on", &s->u.join.on);
  dump_expr(d, bounds[s->u.join.bound], s->u.join.b1);
  dump_expr(d, s->u.join.bound == BOUND_TO ? "to" : "after", s->u.join.b2);
  dump_window(d, "over", s->u.join.over);
  dump_expr(d, "keep", s->u.join.keep);
}

static void dump_top(Dump *d, const Step *s) {
  dump_expr(d, "", s->u.top.n);
  for (int i = 0; i < s->u.top.by.n; i++)
    dump_expr(d, s->u.top.by.v[i].desc ? "desc" : "asc", s->u.top.by.v[i].value);
  dump_paths(d, "per", &s->u.top.per);
  dump_window(d, "over", s->u.top.over);
  if (s->u.top.ties) dump_word(d, "with ties");
  dump_name(d, "rank", s->u.top.rank);
  dump_expr(d, "keep", s->u.top.keep);
}

static void dump_shape(Dump *d, const Shape *s) {
  if (!d->typed || !s->row) return;
  start(d, "->");
  put(d, "%s%s%s%s%s\n", type_text(d->c, s->row), s->updating ? " updating" : "",
      s->has_time ? " timed" : "",
      s->windowed ? " windowed" : "", s->exact ? "" : " best-effort");
}

static void dump_step_body(Dump *d, const Step *s) {
  switch (s->kind) {
    case STEP_WHERE: dump_expr(d, "", s->u.where); return;
    case STEP_SELECT: case STEP_EXTEND: dump_expr(d, "", s->u.record); return;
    case STEP_DROP: dump_paths(d, "", &s->u.drop); return;
    case STEP_GROUP: dump_group(d, s); return;
    case STEP_JOIN: dump_join(d, s); return;
    case STEP_DISTINCT:
      dump_paths(d, "by", &s->u.distinct.by);
      dump_expr(d, "keep", s->u.distinct.keep);
      if (s->u.distinct.has_last) dump_word(d, s->u.distinct.last ? "last" : "first");
      return;
    case STEP_TOP: dump_top(d, s); return;
    case STEP_MATCH: dump_clause(d, &s->u.match.match), dump_paths(d, "by", &s->u.match.by); return;
    case STEP_CHANGES: return;
    case STEP_UNNEST:
      dump_expr(d, "", s->u.unnest.list), dump_name(d, "as", s->u.unnest.as);
      return;
    case STEP_UNION: dump_names(d, "", &s->u.onion.names); return;
    case STEP_SAMPLE:
      dump_expr(d, "percent", s->u.sample.percent), dump_paths(d, "by", &s->u.sample.by);
      return;
  }
}

static void dump_pipe(Dump *d, const Pipe *p) {
  static const char *const names[] = {"where", "select", "extend", "drop", "group", "join",
    "distinct", "top", "match", "changes", "unnest", "union", "sample"};
  dump_input(d, "from", &p->head);
  for (int i = 0; i < p->steps.n; i++) {
    const Step *s = p->steps.v[i];
    open_line(d, arena_printf(d->c->arena, "| %s", names[s->kind]));
    dump_step_body(d, s);
    dump_shape(d, &s->out);
    d->depth--;
  }
}

/* ---- declarations ---- */

static void dump_config(Dump *d, const char *label, const Config *k) {
  if (!k->given) return;
  start(d, label);
  put_path(d, &k->name);
  fputc('\n', d->f);
  d->depth++;
  dump_args(d, &k->args);
  d->depth--;
}

static void dump_dest(Dump *d, const char *label, const Dest *to) {
  if (to->kind == DEST_NONE) return;
  start(d, label);
  switch (to->kind) {
    case DEST_NONE: break;
    case DEST_TO: put(d, "to %s\n", to->to.name); break;
    case DEST_DROP: put(d, "drop\n"); break;
    case DEST_FAIL: put(d, "fail\n"); break;
    case DEST_SET:
      put(d, "set %s\n", to->set.name);
      d->depth++;
      dump_expr(d, "", to->set_value);
      d->depth--;
      break;
  }
}

static void dump_source(Dump *d, const SourceClauses *s) {
  dump_config(d, "from", &s->from);
  dump_config(d, "format", &s->format);
  dump_path(d, "time", &s->time);
  dump_expr(d, "delay", s->delay);
  dump_expr(d, "idle", s->idle);
  dump_expr(d, "ahead", s->ahead);
  dump_expr(d, "quiet", s->quiet);
  if (s->quiet_hold) dump_word(d, "quiet hold");
  for (int i = 0; i < s->checks.n; i++) {
    dump_expr(d, "check", s->checks.v[i].cond);
    dump_dest(d, "else", &s->checks.v[i].dest);
  }
  if (s->strict) dump_word(d, "check strict");
  dump_dest(d, "late", &s->late);
  dump_dest(d, "bad", &s->bad);
  dump_expr(d, "refresh", s->refresh);
  dump_name(d, "versions", s->versions);
  dump_expr(d, "versions", s->versions_keep);
  dump_paths(d, "key", &s->key);
}

static void dump_state(Dump *d, const Decl *x) {
  dump_paths(d, "by", &x->u.state.by);
  dump_expr(d, "keep", x->u.state.keep);
  dump_name(d, "order", x->u.state.order);
  dump_fields(d, "", &x->u.state.fields);
  for (int i = 0; i < x->u.state.on.n; i++) {
    const OnBlock *b = &x->u.state.on.v[i];
    dump_name(d, "on", b->stream);
    d->depth++;
    dump_expr(d, "where", b->where);
    for (int k = 0; k < b->assigns.n; k++)
      dump_expr(d, arena_printf(d->c->arena, "%s =", b->assigns.v[k].name.name),
                b->assigns.v[k].value);
    d->depth--;
  }
}

static void dump_rule(Dump *d, const Decl *x) {
  for (int i = 0; i < x->u.rule.ons.n; i++) {
    dump_names(d, "on", &x->u.rule.ons.v[i].streams);
    dump_paths(d, "by", &x->u.rule.ons.v[i].by);
  }
  dump_window(d, "over", x->u.rule.over);
  dump_name(d, "as", x->u.rule.as);
  for (int i = 0; i < x->u.rule.lets.n; i++)
    dump_expr(d, arena_printf(d->c->arena, "let %s =", x->u.rule.lets.v[i].name.name),
              x->u.rule.lets.v[i].value);
  dump_exprs(d, "when", &x->u.rule.when);
  dump_clause(d, &x->u.rule.match);
  for (int i = 0; i < x->u.rule.emits.n; i++)
    dump_expr(d, arena_printf(d->c->arena, "emit %s", x->u.rule.emits.v[i].to.name),
              x->u.rule.emits.v[i].record);
  dump_expr(d, "limit", x->u.rule.limit_n);
  dump_paths(d, "per", &x->u.rule.limit_per);
  dump_expr(d, "every", x->u.rule.limit_every);
  dump_name(d, "order", x->u.rule.order);
  dump_name(d, "mode", x->u.rule.mode);
}

static void dump_sink(Dump *d, const Decl *x) {
  dump_name(d, "as", x->u.sink.as);
  dump_config(d, "to", &x->u.sink.to);
  dump_config(d, "format", &x->u.sink.format);
  dump_paths(d, "key", &x->u.sink.key);
  dump_name(d, "changes", x->u.sink.changes);
  dump_paths(d, "partition by", &x->u.sink.partition_by);
}

static void dump_test(Dump *d, const Decl *x) {
  static const char *const kinds[] = {"set", "given", "expect", "expect none"};
  for (int i = 0; i < x->u.test.clauses.n; i++) {
    const TestClause *t = &x->u.test.clauses.v[i];
    dump_name(d, kinds[t->kind], t->name);
    d->depth++;
    dump_expr(d, "", t->value);
    for (int k = 0; k < t->rows.n; k++)
      dump_expr(d, "at", t->rows.v[k].at), dump_expr(d, "", t->rows.v[k].record);
    d->depth--;
  }
}

static void dump_decl_body(Dump *d, const Decl *x) {
  switch (x->kind) {
    case DECL_TYPE: dump_type(d, "", x->u.type.type); return;
    case DECL_SOURCE: dump_type(d, "of", x->u.source.type), dump_source(d, &x->u.source.c); return;
    case DECL_TABLE:
      dump_type(d, "of", x->u.table.type);
      dump_paths(d, "key", &x->u.table.key);
      dump_expr(d, "keep", x->u.table.keep);
      if (x->u.table.pipe) dump_pipe(d, x->u.table.pipe);
      else dump_source(d, &x->u.table.c);
      return;
    case DECL_STREAM:
      dump_type(d, "of", x->u.stream.type);
      if (x->u.stream.pipe) dump_pipe(d, x->u.stream.pipe);
      return;
    case DECL_WINDOW: dump_window(d, "", x->u.window); return;
    case DECL_STATE: dump_state(d, x); return;
    case DECL_RULE: dump_rule(d, x); return;
    case DECL_SINK: dump_sink(d, x); return;
    case DECL_PARAM:
      dump_type(d, "of", x->u.param.type);
      dump_expr(d, "=", x->u.param.value), dump_expr(d, "check", x->u.param.check);
      return;
    case DECL_FN:
      dump_fields(d, "param ", &x->u.fn.params);
      dump_type(d, "of", x->u.fn.type);
      dump_expr(d, "=", x->u.fn.body);
      if (x->u.fn.is_extern) dump_text(d, "extern", x->u.fn.extern_file);
      return;
    case DECL_ERRORS: dump_name(d, "to", x->u.errors.to); return;
    case DECL_IMPORT:
      dump_text(d, "", x->u.import.path), dump_name(d, "as", x->u.import.as);
      return;
    case DECL_TEST: dump_test(d, x); return;
    case DECL_FEED: return;
  }
}

void ast_dump(Compiler *c, FILE *f, bool typed) {
  static const char *const names[] = {"type", "source", "table", "stream", "window", "state",
    "rule", "sink", "param", "fn", "errors", "import", "test", "feed"};
  Dump d = {f, c, typed, 0};
  for (int i = 0; c->program && i < c->program->decls.n; i++) {
    const Decl *x = c->program->decls.v[i];
    start(&d, names[x->kind]);
    if (x->kind == DECL_TEST) put_string(&d, x->name.name, strlen(x->name.name));
    else put(&d, "%s", x->name.name);
    if (typed && x->type) put(&d, " : %s", type_text(c, x->type));
    fputc('\n', f);
    d.depth++;
    dump_decl_body(&d, x);
    dump_shape(&d, &x->shape);
    d.depth--;
  }
}
