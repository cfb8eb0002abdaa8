/* SPDX-License-Identifier: MIT */
/* A stack taken down, and which there are. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"

static int plan_and_remove(struct dmk *dm, const char *name,
			   const struct dmk_stack_options *options)
{
	struct dmk_plan *plan;
	int r = dmk_plan_make(dm, DMK_VERB_STACK_DOWN, name, NULL, options, &plan);

	if (r < 0)
		return r;
	if (plan->n_steps == 0) {
		dmk_begin(dm, DMK_VERB_STACK_DOWN, name);
		dmk_fail(&dm->error, -ENXIO, "no device of this stack is up");
		r = dmk_fail_step(dm, DMK_STEP_LIST, -ENXIO);
	} else {
		r = dmk_apply_plan(dm, plan, options);
	}
	dmk_plan_free(plan);
	return r;
}

int dmk_stack_down(struct dmk *dm, const char *name, const struct dmk_stack_options *options)
{
	static const struct dmk_stack_options defaults;
	const struct dmk_stack_options *o = options ? options : &defaults;
	struct dmk_times before;
	int r;

	dmk_begin(dm, DMK_VERB_STACK_DOWN, name);
	r = dmk_stack_check_name(name, &dm->error);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
	r = dmk_plan_check(dm, o, DMK_STACK_ALLOW_BUSY);
	if (r < 0)
		return r;
	before = dmk_times_set(dm, o->timeout_ms);
	r = plan_and_remove(dm, name, o);
	dmk_times_restore(dm, &before);
	return dmk_done(dm, r);
}

/* ---- which there are ---- */

struct dmk_stacks {
	struct dmk_stack_state *states; /* by name */
	uint32_t n;
	uint32_t position;
};

/* "DMKIT-NAME-...": the length of NAME; 0: it is none of a stack's. */
static size_t name_length(const char *uuid)
{
	const size_t before = sizeof(DMK_STACK_UUID) - 1;
	const char *end;

	if (strncmp(uuid, DMK_STACK_UUID, before) != 0)
		return 0;
	end = strchr(uuid + before, '-');
	if (!end || (size_t)(end - uuid) - before >= DMK_STACK_NAME_SIZE)
		return 0;
	return (size_t)(end - uuid) - before;
}

static struct dmk_stack_state *state_of(struct dmk_stacks *stacks, const char *uuid)
{
	const char *name = uuid + sizeof(DMK_STACK_UUID) - 1;
	size_t length = name_length(uuid);
	struct dmk_stack_state *states, *state;

	for (uint32_t i = stacks->n; i-- > 0;)
		if (strncmp(stacks->states[i].name, name, length) == 0 &&
		    stacks->states[i].name[length] == '\0')
			return &stacks->states[i];
	states = realloc(stacks->states, (stacks->n + 1) * sizeof(*states));
	if (!states)
		return NULL;
	stacks->states = states;
	state = &states[stacks->n++];
	*state = (struct dmk_stack_state){ 0 };
	memcpy(state->name, name, length);
	return state;
}

static int add_device(struct dmk *dm, struct dmk_stacks *stacks, const char *uuid)
{
	const struct dmk_id id = { .uuid = uuid };
	struct dmk_stack_state *state;
	struct dmk_info info;
	int r = dmk_get_info(dm, &id, NULL, &info);

	if (r < 0)
		return r == -ENXIO ? 0 : r;
	state = state_of(stacks, uuid);
	if (!state)
		return dmk_fail_step(dm, DMK_STEP_LIST, -ENOMEM);
	state->n_devices++;
	state->n_suspended += (info.flags & DMK_INFO_SUSPENDED) != 0;
	state->n_no_table += !(info.flags & DMK_INFO_LIVE_TABLE);
	state->n_open += info.open_count > 0;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct dmk_stack_state *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int fill(struct dmk *dm, struct dmk_devices *devices, struct dmk_stacks *stacks)
{
	struct dmk_device device;
	int r;

	while ((r = dmk_devices_next(devices, &device)) == 1) {
		r = name_length(device.uuid) ? add_device(dm, stacks, device.uuid) : 0;
		if (r < 0)
			return r;
	}
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_LIST, r);
	if (stacks->n > 0)
		qsort(stacks->states, stacks->n, sizeof(*stacks->states), by_name);
	return 0;
}

int dmk_list_stacks(struct dmk *dm, struct dmk_stacks **ret_stacks)
{
	const struct dmk_list_options options = { .flags = DMK_LIST_UUID,
						  .uuid_prefix = DMK_STACK_UUID };
	struct dmk_stacks *stacks = calloc(1, sizeof(*stacks));
	struct dmk_devices *devices;
	int r;

	dmk_begin(dm, DMK_VERB_STACK_LIST, NULL);
	if (!stacks)
		return dmk_fail_step(dm, DMK_STEP_LIST, -ENOMEM);
	r = dmk_list(dm, &options, &devices);
	if (r == 0) {
		r = fill(dm, devices, stacks);
		dmk_devices_free(devices);
	}
	if (r < 0)
		dmk_stacks_free(stacks);
	else
		*ret_stacks = stacks;
	return dmk_done(dm, r);
}

int dmk_stacks_next(struct dmk_stacks *stacks, struct dmk_stack_state *ret_state)
{
	if (stacks->position == stacks->n)
		return 0;
	*ret_state = stacks->states[stacks->position++];
	return 1;
}

void dmk_stacks_free(struct dmk_stacks *stacks)
{
	if (!stacks)
		return;
	free(stacks->states);
	free(stacks);
}
