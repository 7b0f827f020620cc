/* trial.h -- running a program as a test: rows that are given, rows that are expected, a clock of their own.
 *
 * The compiler builds a program for each test, with these two connectors in the place of the program's
 * own. Their one option is a list, an element a row, each a list of slots:
 *   given     when it arrives, its place among all rows of the test, then the leaves of the row
 *   expect    its line in the program, then leaf and value in turns, only of the fields that it mentions;
 *             null where nothing is expected or not expected
 * in the order of the leaves of the row's type, presence leaves too. No program can name them.
 */
#ifndef WEIR_TRIAL_H
#define WEIR_TRIAL_H
#include "weir/connector.h"

extern const wr_connector wr_conn_given, wr_conn_expect;

/* Runs it once; the clock starts at `begin`. 1: every expectation was met. *report is what there is to say
 * (of a success only when `verbose`), lines indented by two; free it. */
int wr_trial_run(const wr_program *, wr_ts begin, int verbose, char **report);
#endif
