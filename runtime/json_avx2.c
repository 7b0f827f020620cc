/* json_avx2.c -- the JSON decoder for CPUs with AVX2, which wr_json_decode_best asks for. */
#if defined __x86_64__ && defined __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#define WR_JSON_ISA 2
#elif defined __x86_64__
#pragma GCC target("avx2,bmi,bmi2")
#define WR_JSON_ISA 2
#endif
#define JSON_DECODE wr_json_decode_avx2
#include "json_decode.h"
#if defined __x86_64__ && defined __clang__
#pragma clang attribute pop
#endif
