/* SPDX-License-Identifier: MIT */
/* The stack that is wanted, in memory. */
#ifndef DMK_STACK_H
#define DMK_STACK_H

#include <errno.h>

#include "dmkit-stack.h"
#include "base/error.h"
#include "names.h"
#include "order.h"

#define DMK_STACK_UUID "DMKIT-" /* then the stack's name, and '-' */

/* Texts belong to the device's `owned`. */
struct dmk_wanted_segment {
	const char *type;
	const char *params; /* with @NAME; NULL: what the pairs say once all devices are known */
	uint64_t start_sectors;
	uint64_t length_sectors;
	struct dmk_key_value *pairs;
	uint32_t n_pairs;
};

struct dmk_wanted_message {
	const char *device;
	const char *text;
	uint32_t index; /* of the device, once it is resolved */
};

/* A device of the stack. */
struct dmk_wanted {
	const char *name;
	const char *uuid; /* the whole of it */
	struct dmk_stack_device options;
	struct dmk_wanted_segment *segments;
	uint32_t n_segments;
	struct dmk_wanted_message *messages;
	uint32_t n_messages;
	void *owned; /* all its texts; wiped */

	/* By dmk_stack_resolve(). */
	struct dmk_table *table; /* with @NAME for devices of the stack */
	struct dmk_edges before; /* what must be there before it: what it stands on, then */
	uint32_t n_below;	 /* what its messages go to */
};

struct dmk_stack {
	char name[DMK_STACK_NAME_SIZE];
	struct dmk_wanted *devices;
	uint32_t n;
	uint32_t room;
	struct dmk_names names;
	struct dmk_names uuids;
	uint32_t *order; /* bottom up, by dmk_stack_resolve(); NULL: something was added since */
	struct dmk_error error;
};

/* The prefix that all uuids of the stack have; size at least DMK_UUID_SIZE. */
void dmk_stack_prefix(const char *stack, char *prefix, size_t size);
/* -EINVAL, -ENAMETOOLONG. */
int dmk_stack_check_name(const char *name, struct dmk_error *err) DMK_MUST_CHECK;

/* A disk whose size was asked, and that may still come. */
static inline bool dmk_is_late_disk(const struct dmk_error *err, int r)
{
	return err->step == DMK_STEP_BLOCKDEV && (r == -ENOENT || r == -ENXIO || r == -ENODEV);
}

/* Forgets what dmk_stack_resolve() has filled. */
void dmk_stack_unresolve(struct dmk_stack *stack);

/* ---- resolve.c ---- */

/*
 * Looks at all of it: each @NAME is a device of the stack, none stands on itself, sizes that were
 * not given are known, each table can be. Fills table, below and order. err has device and line.
 */
int dmk_stack_resolve(struct dmk_stack *stack, struct dmk_error *err) DMK_MUST_CHECK;

/* ---- overlap.c ---- */

/* Tells of each two devices that take the same sectors of a third. fatal: the first is -EEXIST. */
int dmk_stack_overlaps(const struct dmk_stack *stack, bool fatal, dmk_stack_note_fn note,
		       void *userdata, struct dmk_error *err) DMK_MUST_CHECK;

/* Names the device and its line in err, which keeps the rest. Returns r. */
int dmk_stack_name_device(const struct dmk_wanted *device, int r, struct dmk_error *err);

#endif
