/* type.h -- types of the language, interned: equal types are equal pointers. */
#ifndef WEIR_TYPE_H
#define WEIR_TYPE_H
#include "common.h"
#include "weir/rt.h"

typedef enum TypeKind {                   /* ORDER wr_kind for the first WR_KINDS */
  T_BOOL, T_INT, T_FLOAT, T_DEC, T_STR, T_BYTES, T_TS, T_DUR, T_ENUM, T_JSON, T_LIST, T_MAP, T_REC,
  T_NULL,                                 /* the literal null alone */
  T_ERROR                                 /* failed to check: assignable to all, silent */
} TypeKind;

enum TypeProps {                          /* what passes ask, instead of comparing kinds */
  TP_NUMBER = 1,                          /* int float decimal */
  TP_ORDERED = 2,                         /* < works; min and max work */
  TP_KEY = 4,                             /* may be grouped by */
  TP_TEXT = 8,                            /* string bytes json: a wr_str */
  TP_SCALAR = 16
};

struct Type;
typedef struct TypeField {
  Name name;
  struct Type *type;
  Name from;                              /* name in the external data; name unless `from "..."` */
  struct Expr *dflt;                      /* or 0 */
  uint8_t masking, mask_n;                /* enum wr_masking */
  Span span;
} TypeField;

typedef struct Type {
  TypeKind kind;
  bool nullable;
  int props;                              /* enum TypeProps */
  int scale;                              /* T_DEC */
  struct Type *elem;                      /* T_LIST, T_MAP */
  Name name;                              /* T_REC, T_ENUM: declared name for messages, or 0 */
  VEC(TypeField) fields;                  /* T_REC */
  VEC(Name) members;                      /* T_ENUM */
  bool open;                              /* T_ENUM with the member `other` */
  struct Type *twin;                      /* the same type with the other nullability */
} Type;

typedef struct Types Types;
Types *types_new(Compiler *);
Type *type_scalar(Types *, TypeKind, bool nullable);          /* not for DEC ENUM LIST MAP REC */
Type *type_dec(Types *, int scale, bool nullable);
Type *type_list(Types *, Type *elem, bool nullable);
Type *type_map(Types *, Type *elem, bool nullable);
Type *type_enum(Types *, Name name, const Name *members, int n, bool nullable);
Type *type_rec(Types *, Name name, const TypeField *, int n, bool nullable);
Type *type_nullable(Types *, Type *, bool nullable);          /* the same type, nullable or not */
Type *type_error(Types *);
Type *type_null(Types *);
const char *type_text(Compiler *, const Type *);              /* as the language writes it */
bool type_same(const Type *, const Type *);                   /* nullability left out; records by fields */
/* May a value of `from` stand where `to` is wanted: same type (nullable widens), null into nullable,
 * int into float where `widen`; literals are adapted by the checker before. */
bool type_fits(const Type *from, const Type *to, bool widen);
const TypeField *type_field(const Type *, Name);              /* 0: none */

/* Leaves: a record is laid out as its scalar leaves in order; a nullable record starts with a
 * presence leaf (kind T_REC, column of wr_u8). The one place that decides the order. */
typedef struct Leaf {
  const char *path;                       /* "site.zone", for names */
  Type *type;                             /* nullable when any record around it is */
  const TypeField *field;                 /* innermost; 0 for a bare value */
} Leaf;
typedef VEC(Leaf) Leaves;
void type_leaves(Compiler *, Type *, const char *prefix, Leaves *out);
int type_leaf_count(const Type *);
#endif
