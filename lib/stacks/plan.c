/* SPDX-License-Identifier: MIT */
/* What is to be done so that what is up is what is wanted. */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limit.h"
#include "same.h"
#include "wire/table.h"
#include "words.h"

int dmk_plan_check(struct dmk *dm, const struct dmk_stack_options *options, uint32_t allowed)
{
	int r = dmk_check_options(dm, options->flags, allowed, options->reserved);

	if (r == 0)
		r = dmk_check_unused(dm, options->unused);
	if (r == 0 && options->timeout_ms < -1)
		r = dmk_fail_argument(dm, -EINVAL, "a timeout is -1 or more milliseconds");
	return r;
}

/* ---- which table ---- */

static int number_of_name(void *userdata, const char *word, struct dmk_text *out)
{
	const struct dmk_plan *plan = userdata;
	const struct dmk_names *names = plan->names;
	const struct dmk_plan_item *item;
	uint32_t index;

	if (word[0] != '@' || !word[1])
		return 0;
	index = dmk_names_find(names, word + 1, strlen(word + 1));
	if (index == DMK_NO_INDEX)
		return 0;
	item = &plan->items[index];
	/* One that is made anew gets another number, most likely. */
	if (item->major == 0 || (item->half && !item->is_made))
		return 0;
	dmk_text_add(out, "%u:%u", item->major, item->minor);
	return 1;
}

int dmk_plan_table(struct dmk_plan *plan, const struct dmk_plan_item *item,
		   struct dmk_table **ret_table)
{
	return dmk_change_table(item->wanted->table, number_of_name, plan, ret_table);
}

static bool wants_readonly(const struct dmk_plan_item *item)
{
	return item->wanted->options.flags & DMK_CREATE_READONLY || item->wanted->table->readonly;
}

static uint64_t live_sectors(const struct dmk_plan_item *item)
{
	struct dmk_segment segment;
	uint64_t end = 0;

	dmk_segments_rewind(item->live);
	while (dmk_segments_next(item->live, &segment) == 1)
		end = segment.start_sectors + segment.length_sectors;
	dmk_segments_rewind(item->live);
	return end;
}

/* One that is there, with a table, and is wanted. */
static int compare_item(struct dmk_plan *plan, struct dmk_plan_item *item)
{
	bool readonly = item->info.flags & DMK_INFO_READONLY;
	struct dmk_table *table;
	int same, r = dmk_plan_table(plan, item, &table);

	if (r < 0)
		return r;
	same = dmk_is_same_table(item->live, table);
	dmk_table_free(table);
	if (same < 0)
		return same;
	item->swap = !same || readonly != wants_readonly(item);
	if (dmk_table_size_sectors(item->wanted->table) < live_sectors(item))
		item->step.flags |= DMK_PLAN_SHRINKS;
	return 0;
}

static int compare(struct dmk_plan *plan)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->n_wanted; i++)
		if (plan->items[i].up && !plan->items[i].half)
			r = compare_item(plan, &plan->items[i]);
	return r;
}

/* ---- in which order ---- */

static int find_edges(struct dmk_plan *plan)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[i];
		const struct dmk_edges *then = item->wanted ? &item->wanted->before : NULL;

		for (uint32_t j = 0; r == 0 && j < item->stands_on.n; j++)
			r = dmk_edges_add(&item->before_it, item->stands_on.to[j]);
		for (uint32_t j = 0; r == 0 && then && j < then->n; j++)
			r = dmk_edges_add(&item->before_it, then->to[j]);
		item->n_needed = item->before_it.n;
	}
	return r;
}

/* -ELOOP: by what is up and by what is wanted, two would have to stand on each other. */
static int find_order(struct dmk *dm, struct dmk_plan *plan)
{
	DMK_CLEANUP(dmk_free_ptr)
	struct dmk_edges *edges = calloc((size_t)plan->n + 1, sizeof(*edges));
	DMK_CLEANUP(dmk_free_ptr) bool *placed = calloc((size_t)plan->n + 1, sizeof(*placed));
	uint32_t left = 0;
	int r;

	plan->order = calloc((size_t)plan->n + 1, sizeof(*plan->order));
	if (!edges || !placed || !plan->order || find_edges(plan) < 0)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, -ENOMEM);
	r = dmk_plan_pair_snapshots(dm, plan);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < plan->n; i++)
		edges[i] = plan->items[i].before_it;
	r = dmk_edges_sort(edges, plan->n, plan->order, placed);
	if (r != -ELOOP)
		return r < 0 ? dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r) : 0;
	while (placed[left])
		left++;
	for (uint32_t i = 0; i < plan->n; i++)
		left = dmk_edges_left(&edges[left], placed);
	dmk_fail(&dm->error, -EINVAL,
		 "by what is up and what is wanted it would stand on itself: take it away first");
	return dmk_plan_failed(dm, &plan->items[left],
			       dmk_fail_step(dm, DMK_STEP_ARGUMENTS, -EINVAL));
}

/* What stands on one whose table is replaced is suspended before that one. */
static void find_pauses(struct dmk_plan *plan)
{
	for (uint32_t i = 0; i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];

		if (!item->up || item->half)
			continue;
		for (uint32_t j = 0; j < item->stands_on.n; j++) {
			const struct dmk_plan_item *below = &plan->items[item->stands_on.to[j]];

			item->pause = item->pause || below->swap || below->pause;
		}
	}
}

/* ---- what is told ---- */

static uint32_t kind_of(const struct dmk_plan_item *item)
{
	if (!item->wanted)
		return DMK_PLAN_REMOVE;
	if (!item->up || item->half)
		return DMK_PLAN_CREATE;
	if (item->swap ||
	    item->step.flags & (DMK_PLAN_SUSPENDED | DMK_PLAN_INACTIVE | DMK_PLAN_DEFERRED))
		return DMK_PLAN_CHANGE;
	return item->pause ? DMK_PLAN_PAUSE : DMK_PLAN_KEEP;
}

static void fill_step(struct dmk_plan_item *item)
{
	struct dmk_plan_step *step = &item->step;
	const struct dmk_info *info = &item->info;

	if (item->up) {
		if (info->open_count > 0 && (uint32_t)info->open_count > item->n_holders)
			step->flags |= DMK_PLAN_OPEN;
		if (info->flags & DMK_INFO_READONLY)
			step->flags |= DMK_PLAN_WAS_READONLY;
	}
	if (item->half && item->wanted)
		step->flags |= DMK_PLAN_HALF_MADE;
	else if (item->up && info->flags & DMK_INFO_SUSPENDED)
		step->flags |= DMK_PLAN_SUSPENDED;
	if (item->up && !item->half && item->wanted && info->flags & DMK_INFO_DEFERRED_REMOVE)
		step->flags |= DMK_PLAN_DEFERRED;
	if (item->up && !item->half && info->flags & DMK_INFO_INACTIVE_TABLE)
		step->flags |= DMK_PLAN_INACTIVE;
	if (item->wanted && wants_readonly(item))
		step->flags |= DMK_PLAN_READONLY;
	step->line = item->wanted ? item->wanted->options.line : 0;
	step->major = item->major;
	step->minor = item->minor;
	step->kind = kind_of(item);
}

/* Bottom up what is wanted, then top down what goes. */
static int order_steps(struct dmk_plan *plan)
{
	plan->steps = calloc((size_t)plan->n + 1, sizeof(*plan->steps));
	if (!plan->steps)
		return -ENOMEM;
	for (uint32_t i = 0; i < plan->n; i++)
		if (plan->items[plan->order[i]].wanted)
			plan->steps[plan->n_steps++] = plan->order[i];
	for (uint32_t i = plan->n; i-- > 0;) {
		const struct dmk_plan_item *item = &plan->items[plan->order[i]];

		if (!item->wanted && item->up)
			plan->steps[plan->n_steps++] = plan->order[i];
	}
	return 0;
}

/* ---- all of it ---- */

static struct dmk_plan *new_plan(const struct dmk_stack *stack)
{
	struct dmk_plan *plan = calloc(1, sizeof(*plan));
	uint32_t n = stack ? stack->n : 0;

	if (!plan)
		return NULL;
	plan->items = calloc((size_t)n + 1, sizeof(*plan->items));
	if (!plan->items) {
		free(plan);
		return NULL;
	}
	plan->n = plan->n_wanted = n;
	plan->names = stack ? &stack->names : NULL;
	for (uint32_t i = 0; i < n; i++) {
		struct dmk_plan_item *item = &plan->items[i];

		item->wanted = &stack->devices[i];
		dmk_copy_text(item->name, sizeof(item->name), item->wanted->name);
		dmk_copy_text(item->uuid, sizeof(item->uuid), item->wanted->uuid);
	}
	return plan;
}

/* An apply waits for a disk whose size it needs, as dmk_create() does. */
static int resolve(struct dmk *dm, uint32_t verb, struct dmk_stack *stack)
{
	bool waits = verb == DMK_VERB_STACK_APPLY && !dm->dry_run;
	struct dmk_limit limit;
	int r = dmk_limit_start(dm, waits ? 0 : -1, -1, &limit);
	int64_t started_ns = dm->started_ns;

	if (r < 0)
		return r;
	for (;;) {
		r = dmk_stack_resolve(stack, &dm->error);
		if (r == 0 || !dmk_is_late_disk(&dm->error, r))
			return r;
		dm->error.code = r;
		if (!dmk_try_again(dm, &limit, DMK_STEP_BLOCKDEV, &r))
			return r;
		dmk_begin(dm, verb, NULL);
		dm->started_ns = started_ns;
	}
}

static int check_stack(struct dmk *dm, uint32_t verb, struct dmk_stack *stack,
		       const struct dmk_stack_options *options)
{
	int r = resolve(dm, verb, stack);

	if (r == 0)
		r = dmk_stack_overlaps(stack, options->flags & DMK_STACK_STRICT, options->note,
				       options->userdata, &dm->error);
	return r < 0 ? dmk_fail_step(dm, dm->error.step ? dm->error.step : DMK_STEP_ARGUMENTS, r)
		     : 0;
}

static int fill_plan(struct dmk *dm, const char *name, const struct dmk_stack *stack,
		     struct dmk_plan *plan)
{
	int r = dmk_plan_look(dm, name, stack, plan);

	if (r == 0)
		dmk_begin(dm, plan->verb, NULL);
	if (r == 0 && compare(plan) < 0)
		r = dmk_fail_step(dm, DMK_STEP_TABLE, -ENOMEM);
	if (r == 0)
		r = find_order(dm, plan);
	if (r < 0)
		return r;
	find_pauses(plan);
	for (uint32_t i = 0; i < plan->n; i++)
		fill_step(&plan->items[i]);
	r = order_steps(plan);
	if (r == 0)
		r = dmk_plan_describe(plan);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_TABLE, r) : 0;
}

int dmk_plan_make(struct dmk *dm, uint32_t verb, const char *name, struct dmk_stack *stack,
		  const struct dmk_stack_options *options, struct dmk_plan **ret_plan)
{
	struct dmk_plan *plan;
	int r;

	dmk_begin(dm, verb, NULL);
	r = stack ? check_stack(dm, verb, stack, options) : 0;
	if (r < 0)
		return r;
	plan = new_plan(stack);
	if (!plan)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, -ENOMEM);
	plan->verb = verb;
	r = fill_plan(dm, name, stack, plan);
	if (r < 0)
		dmk_plan_free(plan);
	else
		*ret_plan = plan;
	return r;
}

int dmk_stack_plan(struct dmk *dm, struct dmk_stack *stack, const struct dmk_stack_options *options,
		   struct dmk_plan **ret_plan)
{
	static const struct dmk_stack_options defaults;
	const struct dmk_stack_options *o = options ? options : &defaults;
	int r;

	dmk_begin(dm, DMK_VERB_STACK_PLAN, stack->name);
	r = dmk_plan_check(dm, o, DMK_STACK_ALLOW_BUSY | DMK_STACK_STRICT | DMK_STACK_EPHEMERAL);
	if (r == 0)
		r = dmk_plan_make(dm, DMK_VERB_STACK_PLAN, stack->name, stack, o, ret_plan);
	if (r == 0)
		dmk_plan_settle(*ret_plan);
	return dmk_done(dm, r);
}
