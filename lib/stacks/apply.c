/* SPDX-License-Identifier: MIT */
/* A plan made so, as one transaction. */
#include "apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/holders.h"
#include "verbs/device.h"
#include "verbs/remove.h"
#include "verbs/swap.h"
#include "wire/table.h"
#include "words.h"

static struct dmk_id id_of(const struct dmk_plan_item *item)
{
	return (struct dmk_id){ .uuid = item->uuid };
}

/* ---- before anything is changed ---- */

/* Whose users would lose something. */
static bool is_risky(const struct dmk_plan_item *item)
{
	return item->up && !item->half && (!item->wanted || item->step.flags & DMK_PLAN_SHRINKS);
}

static int fail_busy(struct dmk *dm, uint32_t verb, struct dmk_plan_item *item)
{
	struct dmk_note note = { { item->major, item->minor }, &dm->error };

	item->step.flags |= DMK_PLAN_OPEN;
	dm->error.verb = verb;
	dmk_fail_step(dm, item->wanted ? DMK_STEP_LOAD : DMK_STEP_REMOVE, -EBUSY);
	dmk_plan_failed(dm, item, -EBUSY);
	dmk_note_holders(dm, &note, 1);
	if (item->wanted && !dm->error.detail[0])
		dmk_copy_text(dm->error.detail, sizeof(dm->error.detail),
			      "it would shrink while it is in use");
	return -EBUSY;
}

/* Who has it open for a moment, as udev's rules do, is waited for. */
static int wait_until_closed(struct dmk *dm, uint32_t verb, struct dmk_plan_item *item)
{
	const struct dmk_id id = id_of(item);
	struct dmk_limit limit;
	struct dmk_info now;
	int r = dmk_limit_start(dm, 0, DMK_REMOVE_MS, &limit);
	int64_t started_ns = dm->started_ns;

	while (r == 0) {
		r = dmk_get_info(dm, &id, NULL, &now);
		dm->started_ns = started_ns; /* that was a verb by itself */
		if (r < 0)
			return r == -ENXIO ? 0 : dmk_plan_failed(dm, item, r);
		if (now.open_count <= 0 || (uint32_t)now.open_count <= item->n_holders)
			return 0;
		if (!dmk_try_again(dm, &limit, DMK_STEP_STATUS, &r) && r == 0)
			return fail_busy(dm, verb, item);
	}
	return r;
}

static int refuse_busy(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	int r = 0;

	if (apply->options->flags & DMK_STACK_ALLOW_BUSY)
		return 0;
	for (uint32_t i = 0; r == 0 && i < plan->n; i++)
		if (is_risky(&plan->items[i]) && plan->items[i].step.flags & DMK_PLAN_OPEN)
			r = wait_until_closed(apply->dm, plan->verb, &plan->items[i]);
	return r;
}

/* The node of one that is kept: who made the device may have been killed before he made that. */
static int mend_nodes(struct dmk_apply *apply)
{
	struct dmk *dm = apply->dm;
	struct dmk_udev_state udev;
	int r;

	dmk_begin(dm, apply->plan->verb, NULL);
	r = dmk_get_udev_state(dm, &udev);
	if (r < 0 || udev.handshake)
		return r;
	for (uint32_t i = 0; r == 0 && i < apply->plan->n_wanted; i++) {
		const struct dmk_plan_item *item = &apply->plan->items[i];
		struct dmk_node node = dmk_node_of(dm, &item->info);

		if (!item->up || item->half || item->wanted->options.node_policy == DMK_NODE_NONE)
			continue;
		node.uid = item->wanted->options.uid;
		node.gid = item->wanted->options.gid;
		node.mode = item->wanted->options.mode;
		r = dmk_make_node_again(dm, &node);
		if (r < 0)
			dmk_plan_failed(dm, item, r);
	}
	return r;
}

/* What one that was killed has left: second tables, and devices without any. */
static int clear_leftovers(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	int r = 0;

	for (uint32_t i = plan->n; r == 0 && i-- > 0;) {
		const struct dmk_plan_item *item = &plan->items[plan->order[i]];
		const struct dmk_id id = id_of(item);

		if (item->up && item->half && item->wanted)
			r = dmk_remove(apply->dm, &id, NULL, NULL);
		else if (item->step.flags & DMK_PLAN_INACTIVE && !item->swap)
			r = dmk_clear(apply->dm, &id, NULL);
		r = r == -ENXIO ? 0 : r < 0 ? dmk_plan_failed(apply->dm, item, r) : r;
	}
	return r;
}

/* ---- other tables ---- */

/* What is certain to be refused is so before anything is loaded. */
static int foresee(struct dmk *dm, const struct dmk_plan_item *item, struct dmk_table *table)
{
	struct dmk_former former = { .info = item->info, .known = true };
	const struct dmk_id id = id_of(item);
	struct dmk_table *live;
	int r = dmk_begin_id(dm, DMK_VERB_LOAD, &id);

	if (r == 0)
		r = dmk_copy_segments(item->live, &live);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_LOAD, r);
	former.table = *live;
	r = dmk_foresee_swap(dm, &id, &former, table);
	dmk_table_free(live);
	return r;
}

static int load_item(struct dmk *dm, struct dmk_plan *plan, struct dmk_plan_item *item)
{
	const struct dmk_load_options options = { .flags = item->step.flags & DMK_PLAN_READONLY
								   ? DMK_LOAD_READONLY
								   : 0 };
	const struct dmk_id id = id_of(item);
	struct dmk_table *table;
	int r = dmk_plan_table(plan, item, &table);

	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_LOAD, r);
	r = foresee(dm, item, table);
	if (r == 0) {
		item->loaded = true;
		r = dmk_load(dm, &id, table, &options, NULL);
	}
	dmk_table_free(table);
	return r;
}

static int load_all(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];

		if (!item->swap)
			continue;
		r = load_item(apply->dm, plan, item);
		if (r < 0)
			dmk_plan_failed(apply->dm, item, r);
	}
	return r;
}

static int suspend_all(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	int r = 0;

	for (uint32_t i = plan->n; r == 0 && i-- > 0;) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];
		const struct dmk_id id = id_of(item);

		if ((!item->swap && !item->pause) || item->info.flags & DMK_INFO_SUSPENDED)
			continue;
		item->stopped = true;
		r = dmk_suspend(apply->dm, &id, NULL, NULL);
		if (r < 0)
			dmk_plan_failed(apply->dm, item, r);
	}
	return r;
}

/* What was stopped, and what somebody else has left so and is wanted. */
static bool is_to_run(const struct dmk_plan_item *item)
{
	if (!item->up || item->half)
		return false;
	return item->stopped || (item->wanted && item->info.flags & DMK_INFO_SUSPENDED);
}

static int resume_item(struct dmk *dm, struct dmk_plan_item *item, uint32_t cookie)
{
	const struct dmk_resume_options options = { .flags = DMK_RESUME_LEAVE,
						    .node_policy = DMK_NODE_NONE,
						    .udev_cookie = cookie };
	const struct dmk_id id = id_of(item);
	struct dmk_info info;
	int r;

	item->resumed = true;
	r = dmk_resume(dm, &id, &options, &info);
	if (r == 0 && item->swap)
		r = dmk_check_resumed(dm, &info, item->wanted->table);
	return r < 0 ? dmk_plan_failed(dm, item, r) : 0;
}

/* One cookie for all: udevd is waited for when nothing is suspended any more. */
static int resume_all(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	struct dmk *dm = apply->dm;
	struct dmk_udev_state udev;
	struct dmk_error failure;
	uint32_t cookie = 0;
	int r = dmk_get_udev_state(dm, &udev);

	if (r == 0)
		r = dmk_go_on(dm, DMK_STEP_RESUME);
	if (r == 0 && udev.handshake && dmk_udev_cookie_create(dm, &cookie) < 0)
		cookie = 0; /* then each has its own */
	for (uint32_t i = 0; r == 0 && i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];

		if (is_to_run(item))
			r = resume_item(dm, item, cookie);
		else if (item->held)
			r = dmk_make_held(apply, item, cookie);
	}
	if (!cookie)
		return r;
	/* Late or cancelled: what was done stays. */
	failure = dm->error;
	(void)dmk_udev_cookie_wait(dm, cookie, 0);
	dm->error = failure;
	return r;
}

static int swap_all(struct dmk_apply *apply)
{
	bool any = false;
	int r;

	for (uint32_t i = 0; i < apply->plan->n; i++)
		any = any || apply->plan->items[i].swap || apply->plan->items[i].held ||
		      apply->plan->items[i].step.flags & DMK_PLAN_SUSPENDED;
	if (!any)
		return 0;
	r = load_all(apply);
	if (r == 0)
		r = suspend_all(apply);
	return r < 0 ? r : resume_all(apply);
}

/* ---- what goes ---- */

/* The ids of those that go, and which items they are. */
struct removal {
	struct dmk_id *ids;
	uint32_t *items;
	uint32_t n;
};

/* Another was quicker: what was wanted is so all the same. */
static bool are_gone(struct dmk *dm, const struct removal *removal)
{
	struct dmk_error failure = dm->error;
	struct dmk_info now;
	int r = -ENXIO;

	for (uint32_t i = 0; r == -ENXIO && i < removal->n; i++)
		r = dmk_get_info(dm, &removal->ids[i], NULL, &now);
	dm->error = failure;
	return r == -ENXIO;
}

static int remove_them(struct dmk_apply *apply, const struct removal *removal)
{
	bool busy = apply->options->flags & DMK_STACK_ALLOW_BUSY;
	const struct dmk_remove_options options = { .flags = busy ? DMK_REMOVE_DEFERRED : 0 };
	struct dmk *dm = apply->dm;
	int r = dmk_remove_many(dm, removal->ids, removal->n, &options, NULL);

	if (r == 0 || (r == -ENXIO && are_gone(dm, removal)))
		return 0;
	for (uint32_t i = 0; i < removal->n; i++) {
		const struct dmk_plan_item *item = &apply->plan->items[removal->items[i]];

		if (strcmp(dm->error.device, item->uuid) == 0)
			dmk_plan_failed(dm, item, r);
	}
	return r;
}

static int remove_gone(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	DMK_CLEANUP(dmk_free_ptr)
	struct dmk_id *ids = calloc((size_t)plan->n + 1, sizeof(*ids));
	DMK_CLEANUP(dmk_free_ptr) uint32_t *items = calloc((size_t)plan->n + 1, sizeof(*items));
	struct removal removal = { .ids = ids, .items = items };

	if (!ids || !items)
		return dmk_fail_step(apply->dm, DMK_STEP_REMOVE, -ENOMEM);
	for (uint32_t i = 0; i < plan->n_steps; i++) {
		struct dmk_plan_item *item = &plan->items[plan->steps[i]];
		struct dmk_node node;

		if (item->wanted)
			continue;
		item->removing = true;
		node = dmk_node_of(apply->dm, &item->info);
		dmk_node_look(&node, &item->node);
		item->had_node = dmk_node_is_there(&node);
		ids[removal.n] = id_of(item);
		items[removal.n++] = plan->steps[i];
	}
	return removal.n > 0 ? remove_them(apply, &removal) : 0;
}

/* ---- all of it ---- */

static int run(struct dmk_apply *apply)
{
	int r = dmk_keep_deferred(apply);

	if (r == 0)
		r = dmk_make_new(apply, false);

	if (r == 0)
		r = swap_all(apply);
	if (r == 0)
		r = dmk_make_new(apply, true);
	if (r == 0 && apply->options->flags & DMK_STACK_EPHEMERAL)
		r = dmk_arm_new(apply);
	if (r == 0)
		r = remove_gone(apply);
	return r;
}

struct dmk_times dmk_times_set(struct dmk *dm, int64_t timeout_ms)
{
	const struct dmk_times before = { dm->deadline_ns, dm->timeout_ms };
	int64_t end_ns;

	if (timeout_ms == 0)
		timeout_ms = dm->timeout_ms;
	else
		dm->timeout_ms = timeout_ms;
	if (timeout_ms <= 0 || timeout_ms >= INT64_MAX / 1000000 / 2)
		return before;
	end_ns = dmk_now_ns() + timeout_ms * 1000000;
	if (dm->deadline_ns == 0 || end_ns < dm->deadline_ns)
		dm->deadline_ns = end_ns;
	return before;
}

void dmk_times_restore(struct dmk *dm, const struct dmk_times *before)
{
	dm->deadline_ns = before->deadline_ns;
	dm->timeout_ms = before->timeout_ms;
}

int dmk_apply_plan(struct dmk *dm, struct dmk_plan *plan, const struct dmk_stack_options *options)
{
	struct dmk_apply apply = { .dm = dm, .plan = plan, .options = options };
	int r;

	if (dm->dry_run)
		return 0;
	r = dmk_find_late(dm, plan);
	if (r == 0)
		r = refuse_busy(&apply);
	if (r == 0)
		r = mend_nodes(&apply);
	if (r == 0)
		r = clear_leftovers(&apply);
	if (r == 0) {
		r = run(&apply);
		if (r < 0)
			dmk_undo_apply(&apply);
	}
	return r;
}

static int plan_and_apply(struct dmk *dm, struct dmk_stack *stack,
			  const struct dmk_stack_options *options, struct dmk_plan **ret_plan)
{
	struct dmk_plan *plan;
	int r = dmk_plan_make(dm, DMK_VERB_STACK_APPLY, stack->name, stack, options, &plan);

	if (r < 0)
		return r;
	r = dmk_apply_plan(dm, plan, options);
	if (r == 0 && ret_plan) {
		dmk_plan_settle(plan);
		*ret_plan = plan;
	} else {
		dmk_plan_free(plan);
	}
	return r;
}

int dmk_stack_apply(struct dmk *dm, struct dmk_stack *stack,
		    const struct dmk_stack_options *options, struct dmk_plan **ret_plan)
{
	static const struct dmk_stack_options defaults;
	const struct dmk_stack_options *o = options ? options : &defaults;
	struct dmk_times before;
	int r;

	dmk_begin(dm, DMK_VERB_STACK_APPLY, stack->name);
	r = dmk_plan_check(dm, o, DMK_STACK_ALLOW_BUSY | DMK_STACK_STRICT | DMK_STACK_EPHEMERAL);
	if (r == 0 && o->flags & DMK_STACK_EPHEMERAL && !ret_plan)
		r = dmk_fail_argument(dm, -EINVAL,
				      "an ephemeral stack needs the plan that holds it");
	if (r < 0)
		return r;
	before = dmk_times_set(dm, o->timeout_ms);
	r = plan_and_apply(dm, stack, o, ret_plan);
	dmk_times_restore(dm, &before);
	return dmk_done(dm, r);
}
