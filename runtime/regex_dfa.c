/* regex_dfa.c -- tells whether a pattern matches anywhere, with a DFA built while it is used.
 *
 * A state is the set of instructions reached before anything that takes no byte was followed, and
 * the class of the byte before (only where the pattern has assertions). A transition follows those,
 * knowing both neighbours of the place, and then takes the byte; so an end is noticed one byte
 * late, or at the end of the text. Memory is bounded: when it is full, all states are forgotten.
 */
#include "regex_tree.h"
#include <string.h>

enum { UNKNOWN = -1, DEAD = -2, MATCHED = -3 };
enum { CELLS = 1 << 16, POOL = 1 << 16, HASH = 1 << 12, MAX_STATES = HASH / 2, EOT = 256 };

typedef struct state {                    /* instructions pool[from .. from + n) */
  int from, n, before;
} state;

typedef struct re_dfa {
  int classes;                            /* bytes that no instruction tells apart; the end */
  unsigned char class_of[256];
  unsigned char byte_of[256];             /* a byte of each class */
  bool looks;                             /* the pattern has assertions */
  int states, max_states, pooled, start[4];
  unsigned epoch;                         /* how often all was forgotten */
  state state[MAX_STATES];
  int next[CELLS];                        /* state * classes + class */
  int pool[POOL];
  int hash[HASH];                         /* state + 1 */
  int prog;                               /* instructions; each of these has room for as many: */
  int *stack, *set, *mark;  /* to follow; the set being made; the turn it was seen in */
  int set_n, turn;
} re_dfa;

/* ---- building ---- */

static void classify(re_dfa *d, const wr_regex *re) {
  bool starts[257] = {0};                                     /* a class begins at this byte */
  starts[0] = true;
  for (int i = 0; i < re->n; i++) {
    const re_inst *in = &re->inst[i];
    if (in->op == OP_BYTE) starts[in->low] = starts[in->high + 1] = true;
    d->looks |= in->op == OP_ASSERT;
  }
  for (int b = 1; d->looks && b < 256; b++)
    starts[b] |= wr_re_around_of((unsigned char)b) != wr_re_around_of((unsigned char)(b - 1));
  int class = -1;
  for (int b = 0; b < 256; b++) {
    if (starts[b]) d->byte_of[++class] = (unsigned char)b;
    d->class_of[b] = (unsigned char)class;
  }
  d->classes = class + 2;
}

static void forget(re_dfa *d) {
  d->states = d->pooled = 0;
  d->epoch++;
  memset(d->hash, 0, sizeof d->hash);
  for (int i = 0; i < 4; i++) d->start[i] = UNKNOWN;
}

static re_dfa *dfa_new(const wr_regex *re) {
  re_dfa *d = wr_mem_alloc(sizeof *d);
  d->looks = false;
  d->prog = re->n;
  classify(d, re);
  d->max_states = CELLS / d->classes < MAX_STATES ? CELLS / d->classes : MAX_STATES;
  size_t bytes = (size_t)re->n * sizeof(int);
  d->stack = wr_mem_alloc(bytes);
  d->set = wr_mem_alloc(bytes);
  d->mark = wr_mem_alloc(bytes);
  memset(d->mark, 0, bytes);
  d->turn = 0;
  d->epoch = 0;
  forget(d);
  return d;
}

void wr_re_dfa_free(re_dfa *d) {
  size_t bytes = (size_t)d->prog * sizeof(int);
  wr_mem_free(d->stack, bytes);
  wr_mem_free(d->set, bytes);
  wr_mem_free(d->mark, bytes);
  wr_mem_free(d, sizeof *d);
}

static int add_state(re_dfa *d, int before, unsigned at) {
  if (d->states == d->max_states || d->pooled + d->set_n > POOL) {
    forget(d);
    at %= HASH;
    while (d->hash[at]) at = (at + 1) % HASH;
  }
  int s = d->states++;
  d->state[s] = (state){ d->pooled, d->set_n, before };
  memcpy(d->pool + d->pooled, d->set, (size_t)d->set_n * sizeof(int));
  d->pooled += d->set_n;
  for (int c = 0; c < d->classes; c++) d->next[s * d->classes + c] = UNKNOWN;
  d->hash[at] = s + 1;
  return s;
}

/* The state of the set being made; all states may be forgotten on the way. */
static int find_state(re_dfa *d, int before) {
  if (!d->looks) before = RE_OTHER;
  unsigned h = (unsigned)before;
  for (int i = 0; i < d->set_n; i++) h = (h ^ (unsigned)d->set[i]) * 0x9E3779B1u;
  unsigned at = (h ^ h >> 15) % HASH;
  for (; d->hash[at]; at = (at + 1) % HASH) {
    const state *s = &d->state[d->hash[at] - 1];
    if (s->before == before && s->n == d->set_n &&
        memcmp(d->pool + s->from, d->set, (size_t)s->n * sizeof(int)) == 0)
      return d->hash[at] - 1;
  }
  return add_state(d, before, at);
}

/* ---- following ---- */

static int new_turn(re_dfa *d) {
  if (d->turn == INT32_MAX) {
    memset(d->mark, 0, (size_t)d->prog * sizeof(int));
    d->turn = 0;
  }
  return ++d->turn;
}

static bool fresh(re_dfa *d, int pc) {
  if (d->mark[pc] == d->turn) return false;
  d->mark[pc] = d->turn;
  return true;
}

/* Follows the state's instructions between two neighbours and leaves those that take a byte in
 * `set`; true: one is the end. */
static bool follow(re_dfa *d, const wr_regex *re, const state *s, enum re_around after) {
  int todo = 0;
  bool holds;
  new_turn(d);
  d->set_n = 0;
  for (int i = s->n - 1; i >= 0; i--)
    if (fresh(d, d->pool[s->from + i])) d->stack[todo++] = d->pool[s->from + i];
  while (todo) {
    int pc = d->stack[--todo];
    const re_inst *in = &re->inst[pc];
    switch ((enum re_op)in->op) {
    case OP_MATCH: return true;
    case OP_BYTE: d->set[d->set_n++] = pc; break;
    case OP_ASSERT:
      holds = wr_re_assertion_holds((enum re_assertion)in->low, (enum re_around)s->before, after);
      if (holds && fresh(d, in->x)) d->stack[todo++] = in->x;
      break;
    case OP_SPLIT:
      if (fresh(d, in->y)) d->stack[todo++] = in->y;
      if (fresh(d, in->x)) d->stack[todo++] = in->x;
      break;
    case OP_SAVE:
      if (fresh(d, in->x)) d->stack[todo++] = in->x;
      break;
    }
  }
  return false;
}

/* Takes the byte in place: the set shrinks, so it is written over behind the reader. */
static void take(re_dfa *d, const wr_regex *re, unsigned char byte) {
  int kept = 0;
  new_turn(d);
  for (int i = 0; i < d->set_n; i++) {
    const re_inst *in = &re->inst[d->set[i]];
    if (byte >= in->low && byte <= in->high && fresh(d, in->x)) d->set[kept++] = in->x;
  }
  d->set_n = kept;
}

static int transition(re_dfa *d, const wr_regex *re, int from, int class) {
  int cell = from * d->classes + class;
  bool end = class == d->classes - 1;
  unsigned char byte = end ? 0 : d->byte_of[class];
  enum re_around around = end ? RE_EDGE : wr_re_around_of(byte);
  unsigned epoch = d->epoch;
  int to = MATCHED;
  if (!follow(d, re, &d->state[from], around)) {
    if (!end) take(d, re, byte);
    to = end || d->set_n == 0 ? DEAD : find_state(d, around);
  }
  if (epoch == d->epoch) d->next[cell] = to;                  /* else `from` was forgotten */
  return to;
}

static int start_state(re_dfa *d, const wr_regex *re, enum re_around before) {
  if (d->start[before] == UNKNOWN) {
    d->set[0] = re->anchored ? re->start : re->anywhere;
    d->set_n = 1;
    int s = find_state(d, before);
    d->start[before] = s;
  }
  return d->start[before];
}

bool wr_re_dfa_test(wr_regex *re, const char *text, size_t n, size_t from) {
  if (!re->dfa) re->dfa = dfa_new(re);
  re_dfa *d = re->dfa;
  int s = start_state(d, re, from ? wr_re_around_of((unsigned char)text[from - 1]) : RE_EDGE);
  for (size_t i = from; i < n; i++) {
    int class = d->class_of[(unsigned char)text[i]], to = d->next[s * d->classes + class];
    if (to < 0) {
      if (to == UNKNOWN) to = transition(d, re, s, class);
      if (to < 0) return to == MATCHED;
    }
    s = to;
  }
  int last = d->next[s * d->classes + d->classes - 1];
  if (last == UNKNOWN) last = transition(d, re, s, d->classes - 1);
  return last == MATCHED;
}
