/* SPDX-License-Identifier: MIT */
/* A transaction that failed, taken back: in reverse, from what it may have done. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "apply.h"
#include "words.h"

static struct dmk_id id_of(const struct dmk_plan_item *item)
{
	return (struct dmk_id){ .uuid = item->uuid };
}

/* ---- what was removed ---- */

/* It went, or the request for it. */
static bool is_gone(struct dmk_apply *apply, struct dmk_plan_item *item)
{
	const struct dmk_id id = id_of(item);
	struct dmk_info now;
	int r = dmk_get_info(apply->dm, &id, NULL, &now);

	if (r == -ENXIO)
		return true;
	if (r < 0)
		dmk_note_undo(apply, r, DMK_LEFT_UNKNOWN);
	else if (now.flags & ~item->info.flags & DMK_INFO_DEFERRED_REMOVE)
		dmk_note_undo(apply, dmk_cancel_deferred_remove(apply->dm, &id), DMK_LEFT_DONE);
	return false;
}

/* With its number, which others' tables have, and its node's mode and owner. */
static int make_again(struct dmk_apply *apply, const struct dmk_plan_item *item)
{
	bool readonly = item->info.flags & DMK_INFO_READONLY;
	const struct dmk_create_options options = {
		.flags = DMK_CREATE_FIXED_MINOR | DMK_CREATE_NO_VERIFY |
			 (readonly ? DMK_CREATE_READONLY : 0),
		.minor = item->minor,
		.mode = item->node.mode & 0777,
		.uid = item->node.uid,
		.gid = item->node.gid,
		.node_policy = item->had_node ? DMK_NODE_ON_RESUME : DMK_NODE_NONE,
		.uuid = item->uuid,
	};
	const struct dmk_id id = id_of(item);
	struct dmk_table *table = NULL;
	int r = item->half ? 0 : dmk_copy_segments(item->live, &table);

	if (r == 0)
		r = dmk_create(apply->dm, item->name, table, &options, NULL);
	dmk_table_free(table);
	if (r == 0 && !item->half && item->info.flags & DMK_INFO_SUSPENDED)
		r = dmk_suspend(apply->dm, &id, NULL, NULL);
	return r;
}

/* Those that stand on something which was to have another table, or those that do not. */
static void restore_removed(struct dmk_apply *apply, bool over)
{
	struct dmk_plan *plan = apply->plan;

	for (uint32_t i = 0; i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];

		if (item->removing && item->pause == over && is_gone(apply, item))
			dmk_note_undo(apply, make_again(apply, item), DMK_LEFT_DONE);
	}
}

/* ---- what got another table ---- */

static int load_former(struct dmk_apply *apply, const struct dmk_plan_item *item)
{
	const struct dmk_load_options options = { .flags = item->info.flags & DMK_INFO_READONLY
								   ? DMK_LOAD_READONLY
								   : 0 };
	const struct dmk_id id = id_of(item);
	struct dmk_table *table;
	int r = dmk_copy_segments(item->live, &table);

	if (r < 0)
		return r;
	r = dmk_load(apply->dm, &id, table, &options, NULL);
	dmk_table_free(table);
	return r;
}

/* No new table stays in a slot, and where one may be live the former one waits for the resume. */
static bool put_formers(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;
	bool any = false;

	for (uint32_t i = 0; i < plan->n; i++) {
		const struct dmk_plan_item *item = &plan->items[plan->order[i]];
		const struct dmk_id id = id_of(item);
		int r;

		if (!item->loaded)
			continue;
		r = item->resumed ? load_former(apply, item) : -EAGAIN;
		any = any || r == 0;
		if (r < 0 && item->resumed)
			dmk_note_undo(apply, r, DMK_LEFT_NEW_TABLE);
		if (r < 0)
			dmk_note_undo(apply, dmk_clear(apply->dm, &id, NULL), DMK_LEFT_INACTIVE);
	}
	return any;
}

/* Nothing runs on a mixture. What cannot be suspended is by its resume, or tells it there. */
static void stop_again(struct dmk_apply *apply)
{
	struct dmk_plan *plan = apply->plan;

	for (uint32_t i = plan->n; i-- > 0;) {
		const struct dmk_plan_item *item = &plan->items[plan->order[i]];
		const struct dmk_id id = id_of(item);

		if (item->resumed)
			(void)dmk_suspend(apply->dm, &id, NULL, NULL);
	}
}

static void start_again(struct dmk_apply *apply)
{
	const struct dmk_resume_options options = { .flags = DMK_RESUME_LEAVE,
						    .node_policy = DMK_NODE_NONE };
	struct dmk_plan *plan = apply->plan;

	for (uint32_t i = 0; i < plan->n; i++) {
		const struct dmk_plan_item *item = &plan->items[plan->order[i]];
		bool suspended = item->info.flags & DMK_INFO_SUSPENDED;
		const struct dmk_id id = id_of(item);

		/* One that was suspended gets its former table by a resume too. */
		if ((item->stopped || item->resumed) && (!suspended || item->loaded))
			dmk_note_undo(apply, dmk_resume(apply->dm, &id, &options, NULL),
				      DMK_LEFT_SUSPENDED);
		if (item->resumed && suspended)
			dmk_note_undo(apply, dmk_suspend(apply->dm, &id, NULL, NULL), 0);
	}
}

static void swap_back(struct dmk_apply *apply)
{
	if (put_formers(apply))
		stop_again(apply);
	start_again(apply);
}

/* ---- all of it ---- */

static void close_fds(struct dmk_plan *plan)
{
	while (plan->n_fds > 0)
		close(plan->fds[--plan->n_fds]);
}

void dmk_undo_apply(struct dmk_apply *apply)
{
	struct dmk *dm = apply->dm;
	const volatile int32_t *cancel_flag = dm->cancel_flag;
	struct dmk_error failure = dm->error;
	int64_t deadline_ns = dm->deadline_ns, timeout_ms = dm->timeout_ms;
	int cancel_fd = dm->cancel_fd;

	dm->cancel_flag = NULL;
	dm->cancel_fd = -1;
	dm->deadline_ns = 0;
	dm->timeout_ms = DMK_UNDO_MS;
	apply->failure = &failure;
	close_fds(apply->plan);
	dmk_unmake_new(apply, true);
	restore_removed(apply, false);
	swap_back(apply);
	restore_removed(apply, true);
	dmk_unmake_new(apply, false);
	dmk_defer_again(apply);
	dm->cancel_flag = cancel_flag;
	dm->cancel_fd = cancel_fd;
	dm->deadline_ns = deadline_ns;
	dm->timeout_ms = timeout_ms;
	dm->error = failure;
}
