/* SPDX-License-Identifier: MIT */
/*
 * Several stacks taken down at a time. A removal waits in the kernel, and these waits overlap: so
 * each stack is taken down by one of several threads, each with a connection of its own. A stack is
 * a transaction by itself: one that stays does not keep the others.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/threads.h"
#include "kernel/kernel.h"
#include "plan.h"

#define MOST_THREADS 64

/* What became of one; error is malloc'd where it stays. */
struct outcome {
	int code;
	bool repeated; /* it was named before: its turn comes after that */
	struct dmk_error *error;
};

struct downs {
	/* These do not change while there are threads. */
	const char *const *names;
	uint32_t n;
	const struct dmk_stack_options *options;
	struct outcome *outcomes; /* each is one thread's */

	struct dmk_lock lock;
	uint32_t next; /* under it */
};

struct downer {
	struct dmk dm;
	struct downs *downs;
	struct dmk_thread thread;
};

static void take_down(struct downs *downs, struct dmk *dm, uint32_t index)
{
	struct outcome *outcome = &downs->outcomes[index];

	outcome->code = dmk_stack_down(dm, downs->names[index], downs->options);
	if (outcome->code == 0)
		return;
	outcome->error = malloc(sizeof(*outcome->error));
	if (outcome->error)
		*outcome->error = dm->error;
}

/* Until none is left; with -ECANCELED too, each says so then. */
static void take_next(struct downs *downs, struct dmk *dm)
{
	for (;;) {
		uint32_t index;

		dmk_lock_enter(&downs->lock);
		while (downs->next < downs->n && downs->outcomes[downs->next].repeated)
			downs->next++;
		index = downs->next;
		downs->next += index < downs->n;
		dmk_lock_leave(&downs->lock);
		if (index == downs->n)
			return;
		take_down(downs, dm, index);
	}
}

static void *run_downer(void *data)
{
	struct downer *downer = data;

	take_next(downer->downs, &downer->dm);
	return NULL;
}

/* As many as can be had, beside the caller's own. */
static uint32_t start(struct dmk *dm, struct downs *downs, struct downer *downers, uint32_t wanted)
{
	struct dmk_signals signals;
	uint32_t n = 0;

	dmk_signals_block(&signals);
	for (; n < wanted; n++) {
		downers[n].downs = downs;
		if (dmk_twin(dm, &downers[n].dm) < 0)
			break;
		if (dmk_thread_start(&downers[n].thread, run_downer, &downers[n]) < 0) {
			dmk_close(&downers[n].dm);
			break;
		}
	}
	dmk_signals_restore(&signals);
	return n;
}

static void find_repeated(struct downs *downs)
{
	for (uint32_t i = 1; i < downs->n; i++)
		for (uint32_t j = 0; j < i && !downs->outcomes[i].repeated; j++)
			downs->outcomes[i].repeated = strcmp(downs->names[i], downs->names[j]) == 0;
}

static void run_all(struct dmk *dm, struct downs *downs)
{
	uint32_t wanted = downs->n < MOST_THREADS ? downs->n : MOST_THREADS;
	struct downer *downers = NULL;
	uint32_t n = 0;

	/* Threads are for what waits in the kernel: a hook stays in one. */
	if (!dm->transport && !dm->dry_run && wanted > 1)
		downers = calloc(wanted - 1, sizeof(*downers));
	if (dmk_lock_init(&downs->lock, false) == 0 && downers)
		n = start(dm, downs, downers, wanted - 1);
	take_next(downs, dm);
	for (uint32_t i = 0; i < n; i++) {
		dmk_thread_join(&downers[i].thread);
		dmk_close(&downers[i].dm);
	}
	dmk_lock_destroy(&downs->lock);
	free(downers);
	for (uint32_t i = 0; i < downs->n; i++)
		if (downs->outcomes[i].repeated)
			take_down(downs, dm, i);
}

/* In the order of the names; the first failure is the call's. */
static int tell(struct dmk *dm, const struct downs *downs, dmk_stack_down_fn down, void *userdata)
{
	struct dmk_error first = { 0 };

	for (uint32_t i = 0; i < downs->n; i++) {
		const struct outcome *outcome = &downs->outcomes[i];
		struct dmk_error none = { .code = outcome->code, .verb = DMK_VERB_STACK_DOWN };
		const struct dmk_error *err = outcome->error ? outcome->error : &none;

		if (outcome->code < 0 && first.code == 0)
			first = *err;
		if (down)
			down(userdata, i, outcome->code < 0 ? err : NULL);
	}
	dm->error = first;
	return first.code;
}

int dmk_stack_down_many(struct dmk *dm, const char *const *names, uint32_t n,
			const struct dmk_stack_options *options, dmk_stack_down_fn down,
			void *userdata)
{
	struct downs downs = { .names = names, .n = n, .options = options };
	struct dmk_udev_state udev;
	int r;

	dmk_begin(dm, DMK_VERB_STACK_DOWN, NULL);
	/* Looked for once, here: the other threads' connections are copies. */
	r = dmk_connect(dm);
	if (r == 0)
		r = dmk_get_udev_state(dm, &udev);
	if (r < 0)
		return r;
	downs.outcomes = calloc((size_t)n + 1, sizeof(*downs.outcomes));
	if (!downs.outcomes)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, -ENOMEM);
	find_repeated(&downs);
	run_all(dm, &downs);
	r = tell(dm, &downs, down, userdata);
	for (uint32_t i = 0; i < n; i++)
		free(downs.outcomes[i].error);
	free(downs.outcomes);
	return dmk_done(dm, r);
}
