/* regex_match.c -- finds a match with its groups: leftmost, then by the pattern's own preferences,
 * as Perl and RE2 do.
 *
 * Short texts: a backtracker that visits no (instruction, place) twice, so that its time stays
 * linear; the first end it reaches is the answer. Long ones: Pike's machine, which holds a thread
 * for every instruction in order of preference and walks the text once.
 */
#include "regex_tree.h"
#include <string.h>

enum { BITS = 1 << 18 };                  /* instructions times places that the backtracker takes */

typedef struct job {                      /* pc < 0: put slot ~pc back to `at` */
  int pc;
  long at;
} job;

typedef struct thread_list { int n; int *pc, *index; long *slot; } thread_list;

typedef struct re_scratch {
  job *stack;
  int jobs, job_cap;
  uint64_t visited[BITS / 64];
  thread_list list[2];                    /* Pike's; allocated when a long text first comes */
  int threads, slots;                     /* their capacities */
} re_scratch;

typedef struct search {
  const wr_regex *re;
  re_scratch *m;
  const char *text;
  long n;
  long *slot;
  int slots;
} search;

/* ---- what stands around a place ---- */

enum re_around wr_re_around_of(unsigned char c) {
  if (c == '\n') return RE_NEWLINE;
  bool word = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
  return word ? RE_WORD_BYTE : RE_OTHER;
}

bool wr_re_assertion_holds(enum re_assertion a, enum re_around before, enum re_around after) {
  switch (a) {
  case RE_TEXT_START: return before == RE_EDGE;
  case RE_TEXT_END:   return after == RE_EDGE;
  case RE_LINE_START: return before == RE_EDGE || before == RE_NEWLINE;
  case RE_LINE_END:   return after == RE_EDGE || after == RE_NEWLINE;
  case RE_WORD:       return (before == RE_WORD_BYTE) != (after == RE_WORD_BYTE);
  case RE_NOT_WORD:   return (before == RE_WORD_BYTE) == (after == RE_WORD_BYTE);
  }
  return false;
}

static bool holds(const search *s, const re_inst *i, long at) {
  enum re_around before = at > 0 ? wr_re_around_of((unsigned char)s->text[at - 1]) : RE_EDGE;
  enum re_around after = at < s->n ? wr_re_around_of((unsigned char)s->text[at]) : RE_EDGE;
  return wr_re_assertion_holds((enum re_assertion)i->low, before, after);
}

static bool takes(const re_inst *i, unsigned char c) { return c >= i->low && c <= i->high; }

static void push(re_scratch *m, int pc, long at) {
  m->stack = wr_re_grow(m->stack, m->jobs, &m->job_cap, sizeof *m->stack);
  m->stack[m->jobs++] = (job){ pc, at };
}

/* The next place where a match can begin, -1: none. */
static long next_start(const search *s, long at) {
  if (!s->re->prefix) {
    if (s->re->picky) while (at < s->n && !s->re->first[(unsigned char)s->text[at]]) at++;
    return at < s->n || !s->re->picky ? at : -1;
  }
  const char *found = memmem(s->text + at, (size_t)(s->n - at), s->re->prefix, s->re->prefix_len);
  return found ? found - s->text : -1;
}

/* ---- the backtracker ---- */

static bool visit(search *s, int pc, long at) {
  size_t bit = (size_t)pc * (size_t)(s->n + 1) + (size_t)at;
  uint64_t *word = &s->m->visited[bit / 64], mask = 1ULL << bit % 64;
  bool fresh = !(*word & mask);
  *word |= mask;
  return fresh;
}

static void set_slot(search *s, int slot, long at) {
  if (slot >= s->slots) return;
  push(s->m, ~slot, s->slot[slot]);
  s->slot[slot] = at;
}

/* Follows the preferred way from (pc, at), leaving the others on the stack. */
static bool follow(search *s, int pc, long at) {
  while (visit(s, pc, at)) {
    const re_inst *i = &s->re->inst[pc];
    switch ((enum re_op)i->op) {
    case OP_BYTE:
      if (at == s->n || !takes(i, (unsigned char)s->text[at])) return false;
      at++;
      break;
    case OP_SPLIT: push(s->m, i->y, at); break;
    case OP_SAVE: set_slot(s, i->low, at); break;
    case OP_ASSERT:
      if (!holds(s, i, at)) return false;
      break;
    case OP_MATCH: return true;
    }
    pc = i->x;
  }
  return false;
}

static bool backtrack_from(search *s, long at) {
  s->m->jobs = 0;
  push(s->m, s->re->start, at);
  while (s->m->jobs) {
    job j = s->m->stack[--s->m->jobs];
    if (j.pc < 0) s->slot[~j.pc] = j.at;
    else if (follow(s, j.pc, j.at)) return true;
  }
  return false;
}

/* What a start visited in vain is vain for the later ones too: the marks stay. */
static bool backtrack(search *s, long from) {
  size_t bits = (size_t)s->re->n * (size_t)(s->n + 1);
  memset(s->m->visited, 0, (bits + 63) / 64 * 8);
  for (long at = from; at <= s->n; at++) {
    if ((at = next_start(s, at)) < 0) return false;
    if (backtrack_from(s, at)) return true;
    if (s->re->anchored) return false;
  }
  return false;
}

/* ---- Pike's machine ---- */

static void free_list(thread_list *l, int threads, int slots) {
  if (!l->pc) return;
  wr_mem_free(l->pc, (size_t)threads * sizeof(int));
  wr_mem_free(l->index, (size_t)threads * sizeof(int));
  wr_mem_free(l->slot, ((size_t)threads * (size_t)slots + 1) * sizeof(long));
}

static void new_list(thread_list *l, int threads, int slots) {
  l->pc = wr_mem_alloc((size_t)threads * sizeof(int));
  l->index = wr_mem_alloc((size_t)threads * sizeof(int));
  l->slot = wr_mem_alloc(((size_t)threads * (size_t)slots + 1) * sizeof(long));
  memset(l->index, 0, (size_t)threads * sizeof(int));
}

static void ready_lists(search *s) {
  re_scratch *m = s->m;
  for (int i = 0; i < 2; i++) {
    if (m->slots < s->slots || !m->list[i].pc) {
      free_list(&m->list[i], m->threads, m->slots);
      new_list(&m->list[i], s->re->n, s->slots);
    }
    m->list[i].n = 0;
  }
  m->threads = s->re->n;
  if (m->slots < s->slots) m->slots = s->slots;
}

static bool has(const thread_list *l, int pc) {
  return l->index[pc] < l->n && l->pc[l->index[pc]] == pc;
}

static long *slots_of(const search *s, const thread_list *l, int i) {
  return l->slot + (size_t)i * (size_t)s->m->slots;
}

/* Adds pc and all that it leads to without a byte, in order of preference. s->slot holds the groups
 * of the way so far and is as before at the end. */
static void add_threads(search *s, thread_list *l, int start, long at) {
  re_scratch *m = s->m;
  m->jobs = 0;
  push(m, start, at);
  while (m->jobs) {
    job j = m->stack[--m->jobs];
    if (j.pc < 0) { s->slot[~j.pc] = j.at; continue; }
    if (has(l, j.pc)) continue;
    const re_inst *i = &s->re->inst[j.pc];
    int own = l->n++;
    l->pc[own] = j.pc;
    l->index[j.pc] = own;
    switch ((enum re_op)i->op) {
    case OP_SPLIT: push(m, i->y, at); push(m, i->x, at); break;
    case OP_SAVE: set_slot(s, i->low, at); push(m, i->x, at); break;
    case OP_ASSERT: if (holds(s, i, at)) push(m, i->x, at); break;
    case OP_BYTE: case OP_MATCH:
      memcpy(slots_of(s, l, own), s->slot, (size_t)s->slots * sizeof(long));
    }
  }
}

/* Moves every thread over the byte at `at`; true: one ended, its groups are in best, and those
 * behind it are given up. */
static bool step(search *s, const thread_list *now, thread_list *next, long at, long *best) {
  next->n = 0;
  for (int t = 0; t < now->n; t++) {
    const re_inst *i = &s->re->inst[now->pc[t]];
    if (i->op == OP_MATCH) {
      memcpy(best, slots_of(s, now, t), (size_t)s->slots * sizeof(long));
      return true;
    }
    if (i->op != OP_BYTE || at == s->n || !takes(i, (unsigned char)s->text[at])) continue;
    memcpy(s->slot, slots_of(s, now, t), (size_t)s->slots * sizeof(long));
    add_threads(s, next, i->x, at + 1);
  }
  return false;
}

static bool pike(search *s, long from) {
  long best[2 * (RE_MAX_GROUPS + 1)];
  bool found = false;
  ready_lists(s);
  thread_list *now = &s->m->list[0], *next = &s->m->list[1];
  for (long at = from; at <= s->n; at++) {
    if (!found && (at == from || !s->re->anchored)) {
      if (now->n == 0 && (at = next_start(s, at)) < 0) break;
      for (int i = 0; i < s->slots; i++) s->slot[i] = -1;
      add_threads(s, now, s->re->start, at);
    }
    if (now->n == 0) break;
    found |= step(s, now, next, at, best);
    thread_list *swap = now; now = next; next = swap;
  }
  if (found) memcpy(s->slot, best, (size_t)s->slots * sizeof(long));
  return found;
}

/* ---- */

bool wr_re_match(wr_regex *re, const char *text, size_t n, size_t from, long *slot, int slots) {
  if (!re->scratch) {
    re->scratch = wr_mem_alloc(sizeof *re->scratch);
    memset(re->scratch, 0, sizeof *re->scratch);
  }
  search s = { re, re->scratch, text ? text : "", (long)n, slot, slots };
  long first = next_start(&s, (long)from);
  if (first < 0 || (!re->literal && !wr_re_dfa_test(re, s.text, n, (size_t)first))) return false;
  bool small = (n + 1) * (size_t)re->n <= BITS;
  return small ? backtrack(&s, first) : pike(&s, first);
}

void wr_re_scratch_free(re_scratch *m) {
  if (m->stack) wr_mem_free(m->stack, (size_t)m->job_cap * sizeof *m->stack);
  for (int i = 0; i < 2; i++) free_list(&m->list[i], m->threads, m->slots);
  wr_mem_free(m, sizeof *m);
}
