/* check_rest.c -- replaced file by file while the checker grows. */
#include "check.h"
void check_join(PipeEnv *p, Step *s) { (void)p; (void)s; }
void check_top(PipeEnv *p, Step *s) { (void)p; (void)s; }
void check_distinct(PipeEnv *p, Step *s) { (void)p; (void)s; }
void check_match(PipeEnv *p, Step *s) { (void)p; (void)s; }
void check_state(Compiler *c, Decl *d) { (void)c; (void)d; }
void check_rule(Compiler *c, Decl *d) { (void)c; (void)d; }
void check_test(Compiler *c, Decl *d) { (void)c; (void)d; }
void check_later(Compiler *c) { (void)c; }
