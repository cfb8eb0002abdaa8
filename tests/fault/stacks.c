/* SPDX-License-Identifier: MIT */
#include "stacks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

static const struct scenario plain = { .name = "stack" };

/* A line that is no message; last is the device of the line before. */
static int add_segment(struct dmk_stack *stack, char *line, char *last, size_t size)
{
	unsigned long long length;
	char name[64], flags[8], type[16];
	struct dmk_stack_device options = { .flags = DMK_CREATE_NO_VERIFY };
	int at = 0, r = 0;

	if (sscanf(line, "%63s %7s %llu %15s%n", name, flags, &length, type, &at) != 4)
		abort();
	if (flags[0] == 'r')
		options.flags |= DMK_CREATE_READONLY;
	if (flags[0] == 'n')
		options.node_policy = DMK_NODE_NONE;
	if (strcmp(last, name) != 0)
		r = dmk_stack_add_device(stack, name, &options);
	snprintf(last, size, "%s", name);
	if (r == 0)
		r = dmk_stack_add_segment(stack, DMK_NEXT, length, type,
					  line[at] == ' ' ? line + at + 1 : "");
	return r;
}

/* A message stands behind the first line of its device. */
static int add_line(struct dmk_stack *stack, char *line, char *last, size_t size)
{
	char name[64], to[64];
	int at = 0;

	if (sscanf(line, "%63s ! %63s %n", name, to, &at) == 2 && at > 0) {
		if (strcmp(name, last) != 0)
			abort();
		return dmk_stack_add_message(stack, to, line + at);
	}
	return add_segment(stack, line, last, size);
}

struct dmk_stack *stack_of(const char *text)
{
	char *copy = strdup(text), *rest = NULL, last[64] = "";
	struct dmk_stack *stack;

	wraps.counting = true;
	if (dmk_stack_new("st", &stack) < 0)
		abort();
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (add_line(stack, line, last, sizeof(last)) < 0) {
			fprintf(stderr, "%s: %s\n", line, dmk_stack_error(stack)->detail);
			abort();
		}
	}
	wraps.counting = false;
	free(copy);
	return stack;
}

void stack_world(struct world *world, const char *text)
{
	world_open(world, &plain);
	wraps.no_pauses = true;
	if (text && stack_apply(world, text, NULL) < 0) {
		fprintf(stderr, "%s: %s\n", text, dmk_last_error(world->dm)->detail);
		abort();
	}
}

int stack_apply(struct world *world, const char *text, const struct dmk_stack_options *options)
{
	struct dmk_stack *stack = text ? stack_of(text) : NULL;
	int r;

	wraps.n = 0;
	wraps.counting = wraps.armed = true;
	r = stack ? dmk_stack_apply(world->dm, stack, options, NULL)
		  : dmk_stack_down(world->dm, "st", options);
	wraps.counting = wraps.armed = false;
	wraps.counting = true;
	dmk_stack_free(stack);
	wraps.counting = false;
	return r;
}

char *stack_calls(const char *from, const char *to)
{
	struct world world;
	struct dmk_text text = { 0 };

	stack_world(&world, from);
	fake_clear_log(world.fake);
	if (stack_apply(&world, to, NULL) < 0)
		abort();
	for (uint32_t i = 0; i < world.fake->calls; i++) {
		const struct fake_call *call = &world.fake->log[i];
		bool suspend = call->io.flags & DM_SUSPEND_FLAG;

		if (call->command != DM_TABLE_LOAD_CMD && call->command != DM_DEV_SUSPEND_CMD)
			continue;
		dmk_text_add(&text, "%s%c %s", text.length ? " " : "",
			     call->command == DM_TABLE_LOAD_CMD ? 'L'
			     : suspend				? 'S'
								: 'R',
			     call->io.uuid + strlen("DMKIT-st-"));
	}
	world_close(&world);
	return text.data ? text.data : strdup("");
}

int stack_changes(struct world *world, const char *text)
{
	struct dmk_stack *stack = stack_of(text);
	struct dmk_plan *plan;
	int r;

	wraps.counting = true;
	r = dmk_stack_plan(world->dm, stack, NULL, &plan);
	if (r == 0) {
		r = (int)dmk_plan_changes(plan);
		dmk_plan_free(plan);
	}
	dmk_stack_free(stack);
	wraps.counting = false;
	return r;
}
