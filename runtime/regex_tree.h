/* regex_tree.h -- between the parser (regex_parse.c), the compiler and matcher (regex.c) and the
 * DFA. */
#ifndef WEIR_REGEX_H
#define WEIR_REGEX_H
#include "rt_internal.h"

/* ---- the pattern as a tree: nodes in one array, named by index ---- */
enum re_kind {
  RE_EMPTY,
  RE_SET,                                 /* from, count: ranges of code points */
  RE_CAT,                                 /* child: the last one, next: the one before */
  RE_ALT,                                 /* child: the first one, next: the one after */
  RE_REPEAT,                              /* child, min, max (-1: no end), lazy */
  RE_GROUP,                               /* child, index from 1 */
  RE_ASSERT                               /* assertion */
};
enum re_assertion { RE_TEXT_START, RE_TEXT_END, RE_LINE_START, RE_LINE_END, RE_WORD, RE_NOT_WORD };

typedef struct re_node {
  enum re_kind kind;
  int child, next;                        /* -1: none */
  int from, count;                        /* RE_SET */
  int min, max;                           /* RE_REPEAT */
  int index;                              /* RE_GROUP */
  bool lazy, nullable;                    /* nullable: matches the empty string */
  enum re_assertion assertion;
} re_node;

typedef struct re_range { uint32_t low, high; } re_range;

enum { RE_MAX_PATTERN = 1 << 15, RE_MAX_DEPTH = 200, RE_MAX_REPEAT = 1000, RE_MAX_GROUPS = 100,
       RE_MAX_NAME = 64,
       RE_MAX_PROGRAM = 50000,            /* instructions */
       RE_MAX_THREADS = 1 << 20 };        /* instructions times groups: memory of a search */

typedef struct re_tree {
  re_node *node;
  int nodes, node_cap;
  re_range *range;
  int ranges, range_cap;
  int root, groups;
  char *name[RE_MAX_GROUPS + 1];          /* of RE_MAX_NAME bytes, or 0 */
} re_tree;

/* False: *error (static text) and *where are set. The tree is freed with wr_re_tree_free either
 * way. */
bool wr_re_parse(re_tree *, wr_str pattern, const char *flags, const char **error, size_t *where);
void wr_re_tree_free(re_tree *);

/* ---- the program: a non-deterministic automaton over bytes ---- */
enum re_op {
  OP_BYTE,                                /* low..high, then x */
  OP_SPLIT,                               /* x, and after it y */
  OP_SAVE,                                /* slot low, then x */
  OP_ASSERT,                              /* assertion low, then x */
  OP_MATCH
};
typedef struct re_inst {
  unsigned char op, low, high;
  int x, y;
} re_inst;

struct re_dfa;
struct wr_regex {
  re_inst *inst;
  int n, cap;
  int start;                              /* of a match that begins here */
  int anywhere;                           /* start behind a lazy loop over any bytes */
  int groups;
  bool anchored;                          /* can begin only where the text does */
  bool literal;                           /* the prefix is the whole pattern */
  char *prefix;                           /* bytes every match begins with, or 0 */
  size_t prefix_len;
  bool picky;                             /* a match begins with one of the bytes in `first` */
  bool first[256];
  char *name[RE_MAX_GROUPS + 1];
  struct re_dfa *dfa;                     /* built by the first test */
  struct re_scratch *scratch;             /* of the matcher, allocated by the first search */
};

/* What stands around a place: the class of the byte before it and of the one behind it. */
enum re_around { RE_EDGE, RE_NEWLINE, RE_WORD_BYTE, RE_OTHER };
enum re_around wr_re_around_of(unsigned char);
bool wr_re_assertion_holds(enum re_assertion, enum re_around before, enum re_around after);

bool wr_re_dfa_test(wr_regex *, const char *text, size_t n, size_t from);
void wr_re_dfa_free(struct re_dfa *);
/* Leftmost-first match from `from` on: slot[2g], slot[2g + 1] are its ends, -1 where unset. */
bool wr_re_match(wr_regex *, const char *text, size_t n, size_t from, long *slot, int slots);
void wr_re_scratch_free(struct re_scratch *);
void *wr_re_grow(void *p, int n, int *cap, size_t size);      /* room for one more of n elements */
#endif
