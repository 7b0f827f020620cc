/* cunit.h -- the C text being written: sections, indentation, and #line both ways.
 *
 * Only this file spells strings and comments (cunit_string, cunit_comment): a program's text must not
 * be able to leave its literal. The renderer alone counts lines, so only it writes "back to mine".
 */
#ifndef WEIR_CUNIT_H
#define WEIR_CUNIT_H
#include "common.h"

typedef enum Section { SEC_TYPES, SEC_CONSTS, SEC_PROTOS, SEC_OPS, SEC_PIPELINES, SEC_TABLES, SECTIONS } Section;
typedef struct CUnit CUnit;

CUnit *cunit_new(Compiler *, const char *c_name, bool lines); /* lines false: #line as comments */
void cunit_free(CUnit *);
Section cunit_to(CUnit *, Section);       /* where lines go from now on; returns where they went */
void cunit_line(CUnit *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cunit_open(CUnit *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));  /* line + " {" */
void cunit_close(CUnit *, const char *tail);                  /* "}" tail */
void cunit_user(CUnit *, Span);           /* what follows stands for the program's text there */
void cunit_mine(CUnit *);                 /* back to the generated file */
void cunit_nest(CUnit *, int by);          /* indentation of what will stand in a block */
/* Lines written between mark and take are returned instead of kept; "" when there were none. */
size_t cunit_mark(CUnit *);
const char *cunit_take(CUnit *, size_t mark);
void cunit_raw(CUnit *, const char *text);
const char *cunit_string(CUnit *, const char *p, size_t n);   /* "..." in octal escapes where needed */
const char *cunit_comment(CUnit *, const char *text);         /* safe inside a comment, one line */
const char *cunit_ident(CUnit *, const char *prefix, int n, const char *name);   /* f3_amount */
char *cunit_render(CUnit *, const char *head, size_t *length);/* malloc'd text */
#endif
