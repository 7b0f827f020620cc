/* symbols.h -- the names that generated code may be linked to, and where they are. */
#ifndef WEIR_SYMBOLS_H
#define WEIR_SYMBOLS_H
typedef struct wr_symbol { const char *name; const void *address; } wr_symbol;
extern const wr_symbol wr_symbols[];      /* ends with a null name */
#endif
