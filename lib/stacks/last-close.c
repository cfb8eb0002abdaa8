/* SPDX-License-Identifier: MIT */
/* What goes with its last close: what is not to any more, and what an ephemeral stack makes. */
#include <errno.h>
#include <stdlib.h>

#include "apply.h"
#include "verbs/device.h"
#include "verbs/ephemeral.h"
#include "verbs/remove.h"

static struct dmk_id id_of(const struct dmk_plan_item *item)
{
	return (struct dmk_id){ .uuid = item->uuid };
}

int dmk_keep_deferred(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->n_wanted; i++) {
		struct dmk_plan_item *item = &plan->items[i];
		const struct dmk_stack_device *options = &item->wanted->options;
		const struct dmk_node owned = { .uid = options->uid,
						.gid = options->gid,
						.mode = options->mode };
		const struct dmk_id id = id_of(item);

		if (!(item->step.flags & DMK_PLAN_DEFERRED))
			continue;
		item->stays = true;
		r = dmk_cancel_removal(apply->dm, &id, &owned, options->node_policy);
		if (r < 0)
			dmk_plan_failed(apply->dm, item, r);
	}
	return r;
}

void dmk_defer_again(struct dmk_apply *apply)
{
	const struct dmk_remove_options options = { .flags = DMK_REMOVE_DEFERRED };

	for (uint32_t i = apply->plan->n; i-- > 0;) {
		const struct dmk_plan_item *item = &apply->plan->items[apply->plan->order[i]];
		const struct dmk_id id = id_of(item);

		if (item->stays)
			dmk_note_undo(apply, dmk_remove(apply->dm, &id, &options, NULL), 0);
	}
}

static bool is_top(const struct dmk_plan *plan, uint32_t index)
{
	for (uint32_t i = 0; i < plan->n; i++)
		for (uint32_t j = 0; j < plan->items[i].n_needed; j++)
			if (plan->items[i].before_it.to[j] == index)
				return false;
	return true;
}

/* Each is open then: by an fd of the plan, or by the device on top of it. */
int dmk_arm_new(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	int r = 0;

	plan->fds = calloc((size_t)plan->n + 1, sizeof(*plan->fds));
	if (!plan->fds)
		return dmk_fail_step(apply->dm, DMK_STEP_REMOVE, -ENOMEM);
	for (uint32_t i = 0; r == 0 && i < plan->n; i++) {
		const struct dmk_plan_item *item = &plan->items[i];

		if (!item->is_made || !is_top(plan, i))
			continue;
		r = dmk_open_device(apply->dm, &item->made, &plan->fds[plan->n_fds]);
		if (r == 0)
			plan->n_fds++;
		else
			dmk_plan_failed(apply->dm, item, r);
	}
	for (uint32_t i = 0; r == 0 && i < plan->n; i++)
		if (plan->items[i].is_made) {
			r = dmk_arm_removal(apply->dm, &plan->items[i].made);
			if (r < 0)
				dmk_plan_failed(apply->dm, &plan->items[i], r);
		}
	return r;
}
