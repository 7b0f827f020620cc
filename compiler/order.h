/* order.h -- what the files of the rewrite `sequence` share: plan_cluster.c, plan_union.c, plan_sequence.c. */
#ifndef WEIR_ORDER_H
#define WEIR_ORDER_H
#include "build.h"

typedef struct Copy { const PlanOp *of; PlanOp *op; int seq; } Copy;
typedef struct Sequencing {
  Plan *p;
  VEC(PlanOp *) members;                  /* ordered operators */
  VEC(int) cluster;                       /* of a member: the least member that it is joined with */
  VEC(Copy) copies;
} Sequencing;

typedef VEC(PlanOp *) Roots;
typedef struct Cluster { int id; Roots roots; } Cluster;     /* id: its least member */
typedef VEC(Cluster) Clusters;

/* plan_cluster.c */
bool order_starts(const PlanOp *);        /* rows begin there, as far as order goes */
bool order_hands_on(const PlanOp *);      /* an ordered operator that passes rows on */
const PlanOp *order_start_of(const PlanOp *);
PlanOp *order_root_of(PlanOp *);
void order_mark_roots(Plan *);
void order_find(Sequencing *);            /* members, and which of them read each other */
bool order_join(Sequencing *);            /* clusters that share or feed: true when some were joined */
void order_refuse_circles(Sequencing *);
int order_cluster(Sequencing *, int member);
int order_member(const Sequencing *, const PlanOp *);         /* -1: none */
Clusters order_clusters(Sequencing *);
/* Where a member's rows enter its cluster: a rule over a window of events enters with the window. */
bool order_enters(const PlanOp *);
PlanOp *order_entry(const PlanOp *);

/* plan_union.c */
bool order_undo_unions(Sequencing *);     /* true when one was undone */
void order_disconnect(PlanOp *from, const PlanOp *to);
#endif
