/* json_plain.c -- the JSON decoder without vector instructions: the others' measure in the tests. */
#define WR_JSON_ISA 0
#define JSON_DECODE wr_json_decode_plain
#include "json_decode.h"
