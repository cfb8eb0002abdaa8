/* SPDX-License-Identifier: MIT */
/* What is up of a stack, and that nothing of another's is in the way. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "words.h"

int dmk_plan_failed(struct dmk *dm, const struct dmk_plan_item *item, int r)
{
	struct dmk_error *err = &dm->error;

	dmk_copy_text(err->device, sizeof(err->device), item->name);
	if (item->wanted) {
		err->line = item->wanted->options.line;
		err->column = 0;
	}
	return r;
}

struct look {
	struct dmk *dm;
	const struct dmk_stack *stack; /* NULL: nothing is wanted */
	struct dmk_plan *plan;
	uint32_t verb;
	char prefix[DMK_UUID_SIZE];
	uint32_t room;
};

/* After dmk_fail_word(): a name that is wanted has something else, or another has our uuid. */
static int fail_taken(struct look *look, uint32_t wanted)
{
	dmk_fail_step(look->dm, DMK_STEP_LIST, -EEXIST);
	look->dm->error.verb = look->verb;
	return dmk_stack_name_device(&look->stack->devices[wanted], -EEXIST, &look->dm->error);
}

static uint32_t find(const struct dmk_names *names, const char *text)
{
	return dmk_names_find(names, text, strlen(text));
}

static int add_gone(struct look *look, const struct dmk_device *device)
{
	struct dmk_plan *plan = look->plan;
	struct dmk_plan_item *item;

	if (plan->n == look->room) {
		uint32_t room = look->room * 2 + 16;
		struct dmk_plan_item *items = realloc(plan->items, room * sizeof(*items));

		if (!items)
			return dmk_fail_step(look->dm, DMK_STEP_LIST, -ENOMEM);
		plan->items = items;
		look->room = room;
	}
	item = &plan->items[plan->n++];
	*item = (struct dmk_plan_item){ .up = true };
	dmk_copy_text(item->name, sizeof(item->name), device->name);
	dmk_copy_text(item->uuid, sizeof(item->uuid), device->uuid);
	return 0;
}

static int add_other(struct look *look, const struct dmk_device *device)
{
	struct dmk_plan *plan = look->plan;

	if (!look->stack)
		return 0;
	/* Room is doubled where the count is a power of two. */
	if ((plan->n_others & (plan->n_others - 1)) == 0) {
		size_t room = plan->n_others ? (size_t)plan->n_others * 2 : 1;
		struct dmk_devno *others = realloc(plan->others, room * sizeof(*others));

		if (!others)
			return dmk_fail_step(look->dm, DMK_STEP_LIST, -ENOMEM);
		plan->others = others;
	}
	plan->others[plan->n_others++] = (struct dmk_devno){ device->major, device->minor };
	return 0;
}

/* What has the name is not the stack's device. */
static int fail_foreign(struct look *look, const char *name, const char *uuid, uint32_t wanted)
{
	struct dmk_error *err = &look->dm->error;

	dmk_fail_word(err, -EEXIST, name, strlen(name), 0,
		      "a device of this name is there, and it is none of this stack: it has %s%s",
		      uuid[0] ? "the uuid " : "no uuid", uuid);
	return fail_taken(look, wanted);
}

/* Name and uuid are not one device's. */
static int fail_mixed(struct look *look, const char *name, const char *uuid, uint32_t by_name,
		      uint32_t by_uuid)
{
	struct dmk_error *err = &look->dm->error;

	if (by_uuid == DMK_NO_INDEX) {
		dmk_fail_word(err, -EEXIST, name, strlen(name), 0,
			      "its uuid is %s, and none can be changed", uuid);
		return fail_taken(look, by_name);
	}
	dmk_fail_word(err, -EEXIST, name, strlen(name), 0,
		      "it has the uuid %s, which is that of '%s': rename it", uuid,
		      look->stack->devices[by_uuid].name);
	return fail_taken(look, by_uuid);
}

/* One line of the list. */
static int sort_in(struct look *look, const struct dmk_device *device)
{
	const char *uuid = device->uuid ? device->uuid : "";
	bool ours = strncmp(uuid, look->prefix, strlen(look->prefix)) == 0;
	uint32_t by_name = look->stack ? find(&look->stack->names, device->name) : DMK_NO_INDEX;
	uint32_t by_uuid = ours && look->stack ? find(&look->stack->uuids, uuid) : DMK_NO_INDEX;

	if (!ours)
		return by_name == DMK_NO_INDEX ? add_other(look, device)
					       : fail_foreign(look, device->name, uuid, by_name);
	if (by_uuid != by_name)
		return fail_mixed(look, device->name, uuid, by_name, by_uuid);
	if (by_name == DMK_NO_INDEX)
		return add_gone(look, device);
	look->plan->items[by_name].up = true;
	return 0;
}

static int read_list(struct look *look)
{
	const struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices;
	struct dmk_device device;
	int r = dmk_list(look->dm, &options, &devices);

	if (r < 0)
		return r;
	while ((r = dmk_devices_next(devices, &device)) == 1) {
		r = sort_in(look, &device);
		if (r < 0)
			break;
	}
	dmk_devices_free(devices);
	if (r < 0 && look->dm->error.code == 0)
		dmk_fail_step(look->dm, DMK_STEP_LIST, r);
	return r;
}

/* ---- the tables ---- */

/* Items that are there, by number. */
struct by_number {
	struct dmk_devno number;
	uint32_t index;
};

struct numbers {
	struct by_number *items;
	size_t n;
	struct dmk_plan *plan;
	struct dmk_plan_item *item; /* whose words are read */
};

static int compare_numbers(const void *a, const void *b)
{
	const struct dmk_devno *x = a, *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor < y->minor ? -1 : x->minor > y->minor;
}

static int note_number(void *userdata, const char *word, struct dmk_text *out)
{
	struct numbers *numbers = userdata;
	const struct by_number *found;
	struct dmk_devno number;

	(void)out;
	if (!dmk_parse_devno(word, &number.major, &number.minor))
		return 0;
	found = bsearch(&number, numbers->items, numbers->n, sizeof(*numbers->items),
			compare_numbers);
	return found ? dmk_edges_add(&numbers->item->stands_on, found->index) : 0;
}

static int note_segments(struct numbers *numbers, struct dmk_plan_item *item,
			 struct dmk_segments *segments)
{
	struct dmk_segment segment;
	int r;

	numbers->item = item;
	dmk_segments_rewind(segments);
	while ((r = dmk_segments_next(segments, &segment)) == 1) {
		r = dmk_change_words(segment.params, note_number, numbers, NULL);
		if (r < 0)
			break;
	}
	dmk_segments_rewind(segments);
	return r;
}

/* A second table opens its devices too. */
static int note_inactive(struct look *look, struct numbers *numbers, struct dmk_plan_item *item)
{
	const struct dmk_query_options options = { .flags = DMK_QUERY_INACTIVE };
	const struct dmk_id id = { .uuid = item->uuid };
	struct dmk_segments *segments;
	int r = dmk_get_table(look->dm, &id, &options, &segments);

	if (r < 0)
		return r == -ENXIO ? 0 : dmk_plan_failed(look->dm, item, r);
	r = note_segments(numbers, item, segments);
	dmk_segments_free(segments);
	return r < 0 ? dmk_fail_step(look->dm, DMK_STEP_TABLE, r) : 0;
}

static int read_item(struct dmk *dm, struct dmk_plan_item *item)
{
	const struct dmk_id id = { .uuid = item->uuid };
	int r = dmk_get_table(dm, &id, NULL, &item->live);

	if (r == -ENXIO) { /* it went away just now */
		item->up = false;
		return 0;
	}
	if (r < 0)
		return dmk_plan_failed(dm, item, r);
	item->info = *dmk_segments_info(item->live);
	item->major = item->info.major;
	item->minor = item->info.minor;
	item->half = !(item->info.flags & DMK_INFO_LIVE_TABLE);
	return 0;
}

static int link_items(struct look *look, struct numbers *numbers)
{
	struct dmk_plan *plan = look->plan;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[i];

		if (!item->up)
			continue;
		r = note_segments(numbers, item, item->live);
		if (r < 0)
			r = dmk_fail_step(look->dm, DMK_STEP_TABLE, r);
		else if (item->info.flags & DMK_INFO_INACTIVE_TABLE)
			r = note_inactive(look, numbers, item);
		for (uint32_t j = 0; r == 0 && j < item->stands_on.n; j++)
			plan->items[item->stands_on.to[j]].n_holders++;
	}
	return r;
}

static int read_items(struct look *look)
{
	struct dmk_plan *plan = look->plan;
	struct numbers numbers = { .plan = plan };
	int r = 0;

	numbers.items = calloc((size_t)plan->n + 1, sizeof(*numbers.items));
	if (!numbers.items)
		return dmk_fail_step(look->dm, DMK_STEP_TABLE, -ENOMEM);
	for (uint32_t i = 0; r == 0 && i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[i];

		r = item->up ? read_item(look->dm, item) : 0;
		if (item->up)
			numbers.items[numbers.n++] =
				(struct by_number){ { item->major, item->minor }, i };
	}
	qsort(numbers.items, numbers.n, sizeof(*numbers.items), compare_numbers);
	if (r == 0)
		r = link_items(look, &numbers);
	free(numbers.items);
	return r;
}

int dmk_plan_look(struct dmk *dm, const char *name, const struct dmk_stack *stack,
		  struct dmk_plan *plan)
{
	struct look look = {
		.dm = dm, .stack = stack, .plan = plan, .verb = dm->error.verb, .room = plan->n
	};
	int r;

	dmk_stack_prefix(name, look.prefix, sizeof(look.prefix));
	r = read_list(&look);
	return r < 0 ? r : read_items(&look);
}
