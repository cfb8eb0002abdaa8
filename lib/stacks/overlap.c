/* SPDX-License-Identifier: MIT */
/* Two devices of a stack over the same sectors of a third: each destroys what the other has. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine/blockdev.h"
#include "rows/target.h"
#include "stack.h"

#define OF_STACK UINT32_MAX /* as major: minor is the device's index in the stack */

/* Sectors that one device of the stack takes of another device. */
struct range {
	uint32_t major;
	uint32_t minor;
	uint64_t start_sectors;
	uint64_t end_sectors;
	uint32_t owner;	  /* index in the stack */
	uint32_t segment; /* from 1 */
};

struct ranges {
	const struct dmk_stack *stack;
	struct range *items;
	size_t n;
	size_t room;
	struct range next; /* owner and segment */
};

static int add(struct ranges *ranges, const struct range *range)
{
	if (ranges->n == ranges->room) {
		size_t room = ranges->room ? ranges->room * 2 : 64;
		struct range *items = realloc(ranges->items, room * sizeof(*items));

		if (!items)
			return -ENOMEM;
		ranges->items = items;
		ranges->room = room;
	}
	ranges->items[ranges->n++] = *range;
	return 0;
}

/* One that is not there is another error's to tell. */
static bool find_number(const struct ranges *ranges, const char *word, struct range *range)
{
	if (word[0] != '@')
		return dmk_blockdev_number(word, &range->major, &range->minor) == 0;
	range->major = OF_STACK;
	range->minor = dmk_names_find(&ranges->stack->names, word + 1, strlen(word + 1));
	return range->minor != DMK_NO_INDEX;
}

/* What takes all of a device says no range. */
static int note_device(void *userdata, const struct dmk_target_device *device)
{
	struct ranges *ranges = userdata;
	struct range range = ranges->next;
	uint64_t length = device->area_sectors;

	range.start_sectors = device->offset_sectors;
	if (device->extent.what) {
		uint64_t block = device->extent.block_bytes / 512;

		if (__builtin_mul_overflow(device->extent.start_blocks, block,
					   &range.start_sectors) ||
		    __builtin_mul_overflow(device->extent.n_blocks, block, &length))
			return 0;
	}
	if (length == 0 ||
	    __builtin_add_overflow(range.start_sectors, length, &range.end_sectors) ||
	    !find_number(ranges, device->word, &range))
		return 0;
	return add(ranges, &range);
}

/* An origin is meant to have several snapshots, and a snapshot-origin over it. Of a store nothing
 * says how much is taken. */
static bool shares_origin(const char *type)
{
	return strcmp(type, "snapshot") == 0 || strcmp(type, "snapshot-merge") == 0 ||
	       strcmp(type, "snapshot-origin") == 0;
}

static int collect(struct ranges *ranges)
{
	struct dmk_segment segment;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < ranges->stack->n; i++) {
		struct dmk_table *table = ranges->stack->devices[i].table;

		for (uint32_t j = 0; r == 0 && j < dmk_table_count(table); j++) {
			ranges->next = (struct range){ .owner = i, .segment = j + 1 };
			r = dmk_table_get(table, j, &segment);
			if (r == 0 && !shares_origin(segment.type))
				r = dmk_target_devices(segment.type, segment.params,
						       segment.length_sectors, note_device, ranges);
		}
	}
	return r;
}

static int by_place(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	if (x->minor != y->minor)
		return x->minor < y->minor ? -1 : 1;
	if (x->start_sectors != y->start_sectors)
		return x->start_sectors < y->start_sectors ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static void describe(const struct ranges *ranges, const struct range *before,
		     const struct range *range, struct dmk_error *err)
{
	const struct dmk_wanted *devices = ranges->stack->devices;
	uint64_t end =
		before->end_sectors < range->end_sectors ? before->end_sectors : range->end_sectors;

	dmk_stack_name_device(&devices[range->owner], 0, err);
	err->segment = range->segment;
	if (range->major == OF_STACK)
		dmk_print_text(err->argument, sizeof(err->argument), "@%s",
			       devices[range->minor].name);
	else
		dmk_print_text(err->argument, sizeof(err->argument), "%u:%u", range->major,
			       range->minor);
	dmk_print_text(err->detail, sizeof(err->detail),
		       "sectors %" PRIu64 " to %" PRIu64 " of it are device '%s' too",
		       range->start_sectors, end - 1, devices[before->owner].name);
}

/* The one that reaches furthest so far, and the furthest of another device's than that. */
struct furthest {
	const struct range *first;
	const struct range *second;
};

static const struct range *reaching(const struct furthest *furthest, const struct range *range)
{
	const struct range *before = furthest->first;

	if (before && before->owner == range->owner)
		before = furthest->second;
	return before && before->end_sectors > range->start_sectors ? before : NULL;
}

static void advance(struct furthest *furthest, const struct range *range)
{
	const struct range *first = furthest->first;

	if (!first || range->end_sectors > first->end_sectors) {
		if (first && first->owner != range->owner)
			furthest->second = first;
		furthest->first = range;
	} else if (range->owner != first->owner &&
		   (!furthest->second || range->end_sectors > furthest->second->end_sectors)) {
		furthest->second = range;
	}
}

static int compare(const struct ranges *ranges, bool fatal, dmk_stack_note_fn note, void *userdata,
		   struct dmk_error *err)
{
	struct furthest furthest = { 0 };

	for (size_t i = 0; i < ranges->n; i++) {
		const struct range *range = &ranges->items[i], *before;

		if (i > 0 && (range[-1].major != range->major || range[-1].minor != range->minor))
			furthest = (struct furthest){ 0 };
		before = reaching(&furthest, range);
		advance(&furthest, range);
		if (!before)
			continue;
		if (fatal) {
			describe(ranges, before, range, err);
			return err->code = -EEXIST;
		}
		if (note) {
			struct dmk_error told = { .verb = err->verb, .step = err->step };

			describe(ranges, before, range, &told);
			note(userdata, &told);
		}
	}
	return 0;
}

int dmk_stack_overlaps(const struct dmk_stack *stack, bool fatal, dmk_stack_note_fn note,
		       void *userdata, struct dmk_error *err)
{
	struct ranges ranges = { .stack = stack };
	int r;

	if (!fatal && !note)
		return 0;
	r = collect(&ranges);
	if (r == 0 && ranges.n > 0)
		qsort(ranges.items, ranges.n, sizeof(*ranges.items), by_place);
	r = r < 0 ? dmk_fail(err, r, "no memory") : compare(&ranges, fatal, note, userdata, err);
	free(ranges.items);
	return r;
}
