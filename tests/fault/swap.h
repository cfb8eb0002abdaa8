/* SPDX-License-Identifier: MIT */
/* Between the swap test and the verbs that it runs. */
#ifndef DMK_TEST_SWAP_H
#define DMK_TEST_SWAP_H

#include "scenario.h"

/* What becomes of the device that the verb is about, and what is made in its place. */
enum kind {
	REMOVED,
	SAME_NAME,
	SAME_NAME_UUID,
	SAME_NAME_SUSPENDED,
	SAME_NAME_EMPTY,
	SAME_NAME_NUMBER,
	SAME_NAME_NUMBER_UUID,
	SAME_NUMBER,
	SAME_UUID,
	RENAMED_AND_TAKEN,
	LOADED,
	N_KINDS
};

/* What 0 says of the device that the verb began on. */
enum claim {
	NOTHING,
	LIVE, /* it has our table */
	GONE,
	MARKED, /* it goes when it is closed, or is gone */
	RENAMED,
	HAS_UUID
};

struct swap_verb {
	const char *name;
	enum claim claim;
	int expected; /* without a swap */
	void (*prepare)(struct world *world);
	int (*act)(struct world *world);
	void (*happens)(struct fake *fake, uint32_t command, uint32_t number);
};

extern const struct swap_verb swap_verbs[];
extern const size_t n_swap_verbs;

/* Where a request can only go by what the stranger has by then, with nothing between the look and
 * it. */
#define ANY_COMMAND UINT32_MAX

struct unavoidable {
	const char *only; /* what the verb's name begins with; NULL: any */
	uint32_t command; /* the request before which the swap is */
	unsigned kinds;	  /* bits of enum kind */
	bool plain;	  /* only of a device without uuid */
	bool silent;	  /* no reply tells, either */
	const char *why;
};

extern const struct unavoidable unavoidables[];
extern const size_t n_unavoidables;

/* The run that is made now, and what all came to. */
struct run {
	const struct swap_verb *verb;
	struct world *world;
	enum kind kind;
	uint32_t at;	  /* the request before which the swap is */
	const char *uuid; /* of ours; "": none */
	uint32_t first;	  /* the verb's first request about a device */
	uint32_t commands[FAKE_LOG];
	uint32_t calls;
	uint32_t n_of; /* for a verb's `happens` */
	struct fake_device *ours;
	struct fake_device *stranger;
	uint32_t minor; /* of ours */
	char before[1024];
	bool swapped;
	bool by_other;
	bool renamed; /* before the swap, and looked at */
	bool created; /* likewise */
	int r;
	uint32_t flags; /* of the info that the verb gave */

	uint32_t points;
	uint32_t unavoidable;
	uint32_t n_wrong;
};

extern struct run run;

#endif
