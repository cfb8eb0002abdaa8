/* SPDX-License-Identifier: MIT */
/* A plan: what is up beside what is wanted. */
#ifndef DMK_PLAN_H
#define DMK_PLAN_H

#include "kernel/context.h"
#include "machine/nodes.h"
#include "stack.h"

enum dmk_sent {
	DMK_SENT_NOT = 0,
	DMK_SENT_NOW,	/* by this apply */
	DMK_SENT_BEFORE /* by an earlier one */
};

/* A device that is wanted, that is up, or both. */
struct dmk_plan_item {
	struct dmk_plan_step step;
	char name[DMK_NAME_SIZE];
	char uuid[DMK_UUID_SIZE];
	char *before; /* texts of the step */
	char *after;
	const struct dmk_wanted *wanted; /* NULL: it goes. The stack's, until the plan is made */
	bool up;			 /* it is there */
	bool half;			 /* and has no table: made again */
	struct dmk_info info;		 /* of what is there */
	struct dmk_segments *live;	 /* its table; NULL: it is not there */
	struct dmk_edges stands_on;	 /* now, by its tables */
	struct dmk_edges before_it;	 /* all that must be there before it, now or then: */
	uint32_t n_needed;		 /* what it needs; then snapshots.c's */
	uint32_t n_holders;		 /* devices of the stack that have it open */
	bool swap;			 /* it gets another table */
	bool pause;			 /* it stands on one that does, or on the origin of a
					    snapshot that comes */
	bool held;			 /* it is made while what is to pause does */

	/* What an apply has done, or may have done: an undo looks at these. */
	uint32_t major; /* of what is there, or was made */
	uint32_t minor;
	struct dmk_info made; /* by this apply */
	bool is_made;
	bool late;     /* made once what it stands on has its new table */
	uint8_t *sent; /* which of its messages: enum dmk_sent */
	bool stays;    /* its deferred removal was taken back */
	bool loaded;   /* the new table, into the inactive slot */
	bool stopped;  /* suspended */
	bool resumed;  /* maybe with the new table */
	bool removing;
	bool had_node; /* or a link */
	struct dmk_node_saved node;
};

struct dmk_plan {
	uint32_t verb;		     /* what it is made for */
	struct dmk_plan_item *items; /* those of the stack, in its order, then those that go */
	uint32_t n;
	uint32_t n_wanted;
	const struct dmk_names *names; /* of the stack, until it is made */
	struct dmk_devno *others;      /* devices that are not of the stack */
	uint32_t n_others;
	uint32_t *order; /* bottom up, of all */
	uint32_t *steps; /* as they are told */
	uint32_t n_steps;
	uint32_t position;
	int *fds; /* with DMK_STACK_EPHEMERAL */
	uint32_t n_fds;
};

/* To be made, or made anew. */
static inline bool dmk_item_is_new(const struct dmk_plan_item *item)
{
	return item->wanted && (!item->up || item->half);
}

/* stack NULL: nothing is wanted of the one called name. verb is what it is for. */
int dmk_plan_make(struct dmk *dm, uint32_t verb, const char *name, struct dmk_stack *stack,
		  const struct dmk_stack_options *options,
		  struct dmk_plan **ret_plan) DMK_MUST_CHECK;
/* -EINVAL: flags outside of allowed. */
int dmk_plan_check(struct dmk *dm, const struct dmk_stack_options *options,
		   uint32_t allowed) DMK_MUST_CHECK;
/* No key material, and nothing of the stack, stays in it. */
void dmk_plan_settle(struct dmk_plan *plan);
/* The table that item is to have, @NAME as the numbers that devices have by now. */
int dmk_plan_table(struct dmk_plan *plan, const struct dmk_plan_item *item,
		   struct dmk_table **ret_table) DMK_MUST_CHECK;

/* ---- up.c ---- */

/* Names the item's device in the context's error. Returns r. */
int dmk_plan_failed(struct dmk *dm, const struct dmk_plan_item *item, int r);
/* Fills the plan's items with what is up: one list, and one or two requests for each of them. */
int dmk_plan_look(struct dmk *dm, const char *name, const struct dmk_stack *stack,
		  struct dmk_plan *plan) DMK_MUST_CHECK;

/* ---- snapshots.c ---- */

/* Adds to before_it, behind n_needed, the snapshots that have to be there first, and tells pause and
 * held. -EBUSY: what is none of the stack would have to pause; -ENOMEM. */
int dmk_plan_pair_snapshots(struct dmk *dm, struct dmk_plan *plan) DMK_MUST_CHECK;

/* ---- plan-text.c ---- */

/* before and after of each item. -ENOMEM. */
int dmk_plan_describe(struct dmk_plan *plan) DMK_MUST_CHECK;

#endif
