/* SPDX-License-Identifier: MIT */
/* The stack as a whole: sizes that depend on other devices, who stands on whom, the order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stack.h"
#include "verbs/keys.h"
#include "wire/table.h"
#include "words.h"

static int no_memory(struct dmk_error *err)
{
	return dmk_fail(err, -ENOMEM, "no memory");
}

static int fail_unknown(const struct dmk_wanted *device, const char *name, struct dmk_error *err)
{
	dmk_fail_word(err, -EINVAL, name, strlen(name), 0, "the stack has no such device");
	return dmk_stack_name_device(device, -EINVAL, err);
}

/* ---- tables ---- */

/* One device being built, and what it waits for. */
struct build {
	struct dmk_stack *stack;
	struct dmk_wanted *device;
	uint32_t waits_for; /* -EAGAIN: the device whose size is not known yet */
	struct dmk_error *err;
};

static int size_of(void *userdata, const char *device, uint64_t *ret_sectors)
{
	struct build *build = userdata;
	uint32_t index;

	if (device[0] != '@')
		return 0;
	index = dmk_names_find(&build->stack->names, device + 1, strlen(device + 1));
	if (index == DMK_NO_INDEX)
		return fail_unknown(build->device, device, build->err);
	if (!build->stack->devices[index].table) {
		build->waits_for = index;
		return -EAGAIN;
	}
	*ret_sectors = dmk_table_size_sectors(build->stack->devices[index].table);
	return 1;
}

static int add_segment(struct build *build, struct dmk_table *table,
		       const struct dmk_wanted_segment *segment)
{
	int r;

	if (segment->params)
		r = dmk_table_add(table, segment->start_sectors, segment->length_sectors,
				  segment->type, segment->params);
	else
		r = dmk_table_add_keys_sized(table, segment->type, segment->pairs, segment->n_pairs,
					     size_of, build);
	if (r < 0 && r != -EAGAIN && build->err->code == 0) {
		uint32_t verb = build->err->verb;

		*build->err = *dmk_table_error(table);
		build->err->verb = verb;
		dmk_stack_name_device(build->device, r, build->err);
	}
	return r;
}

/* -EAGAIN: the table of another device is needed first. */
static int build_table(struct build *build)
{
	struct dmk_wanted *device = build->device;
	struct dmk_table *table;
	int r = dmk_table_new(&table);

	if (r < 0)
		return no_memory(build->err);
	if (device->n_segments == 0) {
		r = dmk_fail(build->err, -EINVAL, "the device has no table");
		dmk_stack_name_device(device, r, build->err);
	}
	for (uint32_t i = 0; r == 0 && i < device->n_segments; i++)
		r = add_segment(build, table, &device->segments[i]);
	if (r < 0)
		dmk_table_free(table);
	else
		device->table = table;
	return r;
}

static int fail_size_circle(const struct dmk_wanted *device, struct dmk_error *err)
{
	dmk_fail(err, -EINVAL, "its size follows from its own: give it a size");
	return dmk_stack_name_device(device, -EINVAL, err);
}

/* The table of device number index, after those whose sizes it takes. path has room for all. */
static int build_one(struct dmk_stack *stack, uint32_t index, uint32_t *path, bool *on_path,
		     struct dmk_error *err)
{
	uint32_t depth = 0;
	int r = 0;

	path[depth++] = index;
	on_path[index] = true;
	while (depth > 0) {
		struct build build = { .stack = stack,
				       .device = &stack->devices[path[depth - 1]],
				       .err = err };

		r = build_table(&build);
		if (r == -EAGAIN && on_path[build.waits_for])
			return fail_size_circle(build.device, err);
		if (r == -EAGAIN) {
			path[depth++] = build.waits_for;
			on_path[build.waits_for] = true;
			continue;
		}
		if (r < 0)
			return r;
		on_path[path[--depth]] = false;
	}
	return 0;
}

static int build_tables(struct dmk_stack *stack, struct dmk_error *err)
{
	DMK_CLEANUP(dmk_free_ptr) uint32_t *path = calloc(stack->n + 1, sizeof(*path));
	DMK_CLEANUP(dmk_free_ptr) bool *on_path = calloc(stack->n + 1, sizeof(*on_path));
	int r = path && on_path ? 0 : no_memory(err);

	for (uint32_t i = 0; r == 0 && i < stack->n; i++)
		if (!stack->devices[i].table)
			r = build_one(stack, i, path, on_path, err);
	return r;
}

/* ---- who stands on whom ---- */

static int note_word(void *userdata, const char *word, struct dmk_text *out)
{
	struct build *build = userdata;
	uint32_t index;

	(void)out;
	if (word[0] != '@' || !word[1])
		return 0;
	index = dmk_names_find(&build->stack->names, word + 1, strlen(word + 1));
	if (index == DMK_NO_INDEX)
		return fail_unknown(build->device, word, build->err);
	return dmk_edges_add(&build->device->before, index) < 0 ? no_memory(build->err) : 0;
}

static int find_below(struct build *build)
{
	struct dmk_wanted *device = build->device;
	struct dmk_segment segment;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < dmk_table_count(device->table); i++) {
		r = dmk_table_get(device->table, i, &segment);
		if (r == 0)
			r = dmk_change_words(segment.params, note_word, build, NULL);
		if (r < 0)
			build->err->segment = i + 1;
	}
	device->n_below = device->before.n;
	for (uint32_t i = 0; r == 0 && i < device->n_messages; i++) {
		struct dmk_wanted_message *message = &device->messages[i];

		message->index = dmk_names_find(&build->stack->names, message->device,
						strlen(message->device));
		if (message->index == DMK_NO_INDEX)
			r = fail_unknown(device, message->device, build->err);
		else if (dmk_edges_add(&device->before, message->index) < 0)
			r = no_memory(build->err);
	}
	return r;
}

/* ---- the order ---- */

/* One that is left after all others have their place stands on one that is left too. */
static int fail_circle(struct dmk_stack *stack, const struct dmk_edges *edges, const bool *placed,
		       struct dmk_error *err)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text text = { 0 };
	uint32_t at = 0, first;

	while (placed[at])
		at++;
	/* Into the circle, then once around. */
	for (uint32_t i = 0; i < stack->n; i++)
		at = dmk_edges_left(&edges[at], placed);
	first = at;
	do {
		dmk_text_add(&text, "%s > ", stack->devices[at].name);
		at = dmk_edges_left(&edges[at], placed);
	} while (at != first && text.length < 200);
	dmk_fail(err, -EINVAL, "it stands on itself: %s%s", text.data ? text.data : "",
		 at == first ? stack->devices[first].name : "...");
	return dmk_stack_name_device(&stack->devices[first], -EINVAL, err);
}

static int sort(struct dmk_stack *stack, struct dmk_error *err)
{
	DMK_CLEANUP(dmk_free_ptr) struct dmk_edges *edges = calloc(stack->n + 1, sizeof(*edges));
	DMK_CLEANUP(dmk_free_ptr) bool *placed = calloc(stack->n + 1, sizeof(*placed));
	int r;

	if (!edges || !placed)
		return no_memory(err);
	for (uint32_t i = 0; i < stack->n; i++)
		edges[i] = stack->devices[i].before;
	r = dmk_edges_sort(edges, stack->n, stack->order, placed);
	if (r == -ELOOP)
		return fail_circle(stack, edges, placed, err);
	return r < 0 ? no_memory(err) : 0;
}

int dmk_stack_resolve(struct dmk_stack *stack, struct dmk_error *err)
{
	int r;

	if (stack->order)
		return 0;
	stack->order = calloc(stack->n + 1, sizeof(*stack->order));
	r = stack->order ? build_tables(stack, err) : no_memory(err);
	for (uint32_t i = 0; r == 0 && i < stack->n; i++)
		r = find_below(&(struct build){
			.stack = stack, .device = &stack->devices[i], .err = err });
	if (r == 0)
		r = sort(stack, err);
	if (r < 0)
		dmk_stack_unresolve(stack);
	return r;
}
