/* SPDX-License-Identifier: MIT */
/* Stacks for tests, as text, on the fake driver. */
#ifndef DMK_TEST_STACKS_H
#define DMK_TEST_STACKS_H

#include "dmkit-stack.h"
#include "scenario.h"

/*
 * A line each: "NAME FLAGS LENGTH TYPE PARAMS" makes a device or adds a segment to it, FLAGS being r
 * (read-only), n (no node) or -; "NAME ! DEVICE MESSAGE" is a message to be sent before it is made.
 */
struct shape {
	const char *name;
	const char *up;
	const char *changed; /* the same stack later */
};

extern const struct shape shapes[];
extern const size_t n_shapes;

/* The stack "st" of such a text. */
struct dmk_stack *stack_of(const char *text);
/* A world with a connection, and what is up of the text; NULL: nothing. */
void stack_world(struct world *world, const char *text);
/* text NULL: down. */
int stack_apply(struct world *world, const char *text, const struct dmk_stack_options *options);
/* The loads, suspends and resumes of an apply from one text to another, by device: "L a S b R b". */
char *stack_calls(const char *from, const char *to);
/* How many steps of a plan would change something; negative: an errno. */
int stack_changes(struct world *world, const char *text);

#endif
