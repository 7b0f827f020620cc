/* regex.c -- regular expressions of RE2's syntax in linear time: the compiler, and the interface.
 *
 * A pattern becomes a tree (regex_parse.c), the tree a program over bytes, UTF-8 included. A test
 * is done by a lazily built DFA (regex_dfa.c), a search for groups by a bounded backtracker or a
 * Pike machine (regex_match.c); all read this one program. Code is emitted from the end to the
 * start: every function gets the address to go on at and returns the address to begin at.
 */
#include "regex_tree.h"
#include <string.h>

typedef struct compiler {
  const re_tree *t;
  wr_regex *re;
  bool too_large;
} compiler;

static int put(compiler *c, re_inst inst) {
  wr_regex *re = c->re;
  if (re->n == RE_MAX_PROGRAM) { c->too_large = true; return 0; }
  re->inst = wr_re_grow(re->inst, re->n, &re->cap, sizeof *re->inst);
  re->inst[re->n] = inst;
  return re->n++;
}

static int put_split(compiler *c, int first, int second, bool lazy) {
  re_inst split = { .op = OP_SPLIT, .x = first, .y = second };
  if (lazy) split.x = second, split.y = first;
  return put(c, split);
}

/* ---- sets: code points to byte sequences ---- */

/* Sequences of a set often end alike; `since` is where the set's code begins. */
static int put_byte(compiler *c, int since, unsigned low, unsigned high, int next) {
  wr_regex *re = c->re;
  if (re->n - since > 64) since = re->n - 64;
  for (int i = re->n - 1; i >= since; i--) {
    const re_inst *old = &re->inst[i];
    if (old->op == OP_BYTE && old->low == low && old->high == high && old->x == next) return i;
  }
  unsigned char from = (unsigned char)low, to = (unsigned char)high;
  return put(c, (re_inst){ .op = OP_BYTE, .low = from, .high = to, .x = next });
}

static int encode(uint32_t c, unsigned char *p) {
  if (c < 0x80) { p[0] = (unsigned char)c; return 1; }
  int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (int i = n - 1; i > 0; i--, c >>= 6) p[i] = (unsigned char)(0x80 | (c & 0x3F));
  p[0] = (unsigned char)((0xF00u >> n & 0xFF) | c);
  return n;
}

typedef struct alternatives { int since, next, head; } alternatives;      /* head -1: none yet */

static void add_sequence(compiler *c, alternatives *a, uint32_t low, uint32_t high) {
  unsigned char from[4], to[4];
  int n = encode(low, from), at = a->next;
  encode(high, to);
  for (int i = n - 1; i >= 0; i--) at = put_byte(c, a->since, from[i], to[i], at);
  a->head = a->head < 0 ? at : put_split(c, at, a->head, false);
}

/* Cuts [low, high] until each piece is a product of byte ranges: at lengths, then wherever a
 * trailing byte does not run from 80 to BF. */
static void add_points(compiler *c, alternatives *a, uint32_t low, uint32_t high) {
  static const uint32_t last[] = { 0x7F, 0x7FF, 0xFFFF };
  for (int i = 0; i < 3; i++)
    if (low <= last[i] && high > last[i]) {
      add_points(c, a, last[i] + 1, high);
      high = last[i];
    }
  for (int i = 1; high > 0x7F && i < 4; i++) {
    uint32_t mask = (1u << (6 * i)) - 1;
    if ((low & ~mask) == (high & ~mask)) continue;
    if (low & mask) {
      add_points(c, a, (low | mask) + 1, high);
      high = low | mask;
    } else if ((high & mask) != mask) {
      add_points(c, a, high & ~mask, high);
      high = (high & ~mask) - 1;
    }
  }
  add_sequence(c, a, low, high);
}

static int emit_set(compiler *c, const re_node *node, int next) {
  alternatives a = { c->re->n, next, -1 };
  for (int i = node->count - 1; i >= 0 && !c->too_large; i--) {
    const re_range *r = &c->t->range[node->from + i];
    add_points(c, &a, r->low, r->high);
  }
  return a.head < 0 ? put(c, (re_inst){ .op = OP_BYTE, .low = 1, .high = 0, .x = next }) : a.head;
}

/* ---- the rest of the tree ---- */

static int emit(compiler *c, int index, int next);

static int emit_cat(compiler *c, const re_node *node, int next) {
  for (int i = node->child; i >= 0; i = c->t->node[i].next) next = emit(c, i, next);
  return next;
}

static int emit_alt(compiler *c, const re_node *node, int next) {
  int head = -1, last = -1;
  for (int i = node->child; i >= 0; i = c->t->node[i].next) {
    bool more = c->t->node[i].next >= 0;
    int split = more ? put_split(c, 0, 0, false) : -1;
    int at = emit(c, i, next), entry = more ? split : at;
    if (more) c->re->inst[split].x = at;
    if (last >= 0) c->re->inst[last].y = entry;
    else head = entry;
    last = split;
    if (c->too_large) break;
  }
  return head;
}

/* x+ : the body, then back to it or on. */
static int emit_plus(compiler *c, const re_node *node, int next, int *loop) {
  *loop = put_split(c, 0, 0, false);
  int body = emit(c, node->child, *loop);
  c->re->inst[*loop].x = node->lazy ? next : body;
  c->re->inst[*loop].y = node->lazy ? body : next;
  return body;
}

/* x* enters its own loop; where x may be empty it is (x+)?, so that an empty turn ends it as it
 * would in a backtracking matcher. */
static int emit_star(compiler *c, const re_node *node, int next) {
  int loop, body = emit_plus(c, node, next, &loop);
  return c->t->node[node->child].nullable ? put_split(c, body, next, node->lazy) : loop;
}

static int emit_repeat(compiler *c, const re_node *node, int next) {
  int at = next, copies = node->min, loop;
  if (node->max < 0 && node->min == 0) return emit_star(c, node, next);
  if (node->max < 0) {
    at = emit_plus(c, node, next, &loop);
    copies--;
  }
  for (int i = node->min; i < node->max && !c->too_large; i++)
    at = put_split(c, emit(c, node->child, at), next, node->lazy);
  while (copies-- > 0 && !c->too_large) {
    int before = emit(c, node->child, at);
    if (before == at) break;                                  /* nothing to repeat */
    at = before;
  }
  return at;
}

static int put_save(compiler *c, int slot, int next) {
  return put(c, (re_inst){ .op = OP_SAVE, .low = (unsigned char)slot, .x = next });
}

static int emit(compiler *c, int index, int next) {
  const re_node *node = &c->t->node[index];
  if (c->too_large) return 0;
  switch (node->kind) {
  case RE_EMPTY: return next;
  case RE_SET: return emit_set(c, node, next);
  case RE_CAT: return emit_cat(c, node, next);
  case RE_ALT: return emit_alt(c, node, next);
  case RE_REPEAT: return emit_repeat(c, node, next);
  case RE_GROUP:
    next = put_save(c, 2 * node->index + 1, next);
    return put_save(c, 2 * node->index, emit(c, node->child, next));
  case RE_ASSERT:
    return put(c, (re_inst){ .op = OP_ASSERT, .low = (unsigned char)node->assertion, .x = next });
  }
  return next;
}

/* Walks what every match must go through: single bytes make the prefix. */
static void find_prefix(wr_regex *re) {
  enum { CAP = 256 };
  char text[CAP];
  size_t n = 0;
  int at = re->start;
  for (; n < CAP; at = re->inst[at].x) {
    const re_inst *i = &re->inst[at];
    if (i->op == OP_ASSERT && i->low == RE_TEXT_START && n == 0) { re->anchored = true; return; }
    if (i->op == OP_BYTE && i->low == i->high) text[n++] = (char)i->low;
    else if (i->op != OP_SAVE) break;
  }
  re->literal = re->inst[at].op == OP_MATCH;
  if (n == 0) return;
  re->prefix = wr_mem_alloc(n);
  re->prefix_len = n;
  memcpy(re->prefix, text, n);
}

/* The bytes that a match can begin with, assertions taken as true; none if it may be empty. */
static void find_first(wr_regex *re) {
  size_t bytes = (size_t)re->n * sizeof(int);
  int *todo = wr_mem_alloc(bytes), *seen = wr_mem_alloc(bytes), n = 1;
  memset(seen, 0, bytes);
  re->picky = true;
  todo[0] = re->start;
  seen[re->start] = 1;
  while (n) {
    const re_inst *i = &re->inst[todo[--n]];
    bool ends = i->op == OP_BYTE || i->op == OP_MATCH;
    int next[2] = { ends ? -1 : i->x, i->op == OP_SPLIT ? i->y : -1 };
    re->picky &= i->op != OP_MATCH;
    for (int c = i->low; i->op == OP_BYTE && c <= i->high; c++) re->first[c] = true;
    for (int k = 0; k < 2; k++)
      if (next[k] >= 0 && !seen[next[k]]) seen[next[k]] = 1, todo[n++] = next[k];
  }
  wr_mem_free(todo, bytes);
  wr_mem_free(seen, bytes);
}

static bool compile(wr_regex *re, const re_tree *t) {
  compiler c = { t, re, false };
  int end = put_save(&c, 1, put(&c, (re_inst){ .op = OP_MATCH }));
  re->start = put_save(&c, 0, emit(&c, t->root, end));
  re->anywhere = put_split(&c, re->start, 0, false);
  int any = put(&c, (re_inst){ .op = OP_BYTE, .low = 0, .high = 0xFF, .x = re->anywhere });
  re->inst[re->anywhere].y = any;
  return !c.too_large && re->n * (re->groups + 1) <= RE_MAX_THREADS;
}

/* ---- the interface ---- */

wr_regex *wr_regex_compile(wr_str pattern, const char *flags, const char **error, size_t *where) {
  re_tree tree;
  *error = 0;
  *where = 0;
  if (!wr_re_parse(&tree, pattern, flags, error, where)) { wr_re_tree_free(&tree); return 0; }
  wr_regex *re = wr_mem_alloc(sizeof *re);
  *re = (wr_regex){ .groups = tree.groups };
  memcpy(re->name, tree.name, sizeof re->name);
  memset(tree.name, 0, sizeof tree.name);                     /* they are the program's now */
  bool ok = compile(re, &tree);
  wr_re_tree_free(&tree);
  if (ok) {
    find_prefix(re);
    find_first(re);
    return re;
  }
  wr_regex_free(re);
  *error = "the pattern is too large when its repetitions are written out";
  return 0;
}

int wr_regex_groups(const wr_regex *re) { return re->groups; }

const char *wr_regex_name(const wr_regex *re, int group) {
  return group < 1 || group > re->groups ? 0 : re->name[group];
}

bool wr_regex_test(wr_regex *re, wr_str s) {
  if (re->prefix) {
    const char *at = memmem(s.p, s.len, re->prefix, re->prefix_len);
    return at && (re->literal || wr_re_dfa_test(re, s.p, s.len, (size_t)(at - s.p)));
  }
  return re->literal || wr_re_dfa_test(re, s.p, s.len, 0);
}

bool wr_regex_search(wr_regex *re, wr_str s, size_t from, wr_str *group, int n) {
  long slot[2 * (RE_MAX_GROUPS + 1)];
  int known = n < re->groups + 1 ? n : re->groups + 1;
  if (from > s.len) return false;
  for (int i = 0; i < n; i++) group[i] = (wr_str){0};
  for (int i = 0; i < 2 * known; i++) slot[i] = -1;
  if (!wr_re_match(re, s.p, s.len, from, slot, 2 * known)) return false;
  for (int i = 0; i < known; i++) {
    long a = slot[2 * i], b = slot[2 * i + 1];
    if (a >= 0 && b >= a) group[i] = (wr_str){ s.p ? s.p + a : "", (wr_u32)(b - a), 0 };
  }
  return true;
}

void wr_regex_free(wr_regex *re) {
  if (!re) return;
  if (re->inst) wr_mem_free(re->inst, (size_t)re->cap * sizeof *re->inst);
  if (re->prefix) wr_mem_free(re->prefix, re->prefix_len);
  for (int i = 0; i <= RE_MAX_GROUPS; i++)
    if (re->name[i]) wr_mem_free(re->name[i], RE_MAX_NAME);
  if (re->dfa) wr_re_dfa_free(re->dfa);
  if (re->scratch) wr_re_scratch_free(re->scratch);
  wr_mem_free(re, sizeof *re);
}
