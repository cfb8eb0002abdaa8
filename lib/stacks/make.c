/* SPDX-License-Identifier: MIT */
/* The devices of a stack that are new: made bottom up, taken back top down. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "verbs/remove.h"

#define AGAIN_MS 500 /* how long a step of an undo is tried once another one has failed */

void dmk_note_undo(struct dmk_apply *apply, int r, uint32_t left)
{
	struct dmk_error *failure = apply->failure;

	if (r == 0 || r == -ENXIO)
		return;
	if (failure->undo_code == 0)
		failure->undo_code = r;
	failure->left |= left;
	/* What stays may be what the next ones wait for. */
	apply->dm->timeout_ms = AGAIN_MS;
}

static int fail_needed(struct dmk *dm, const struct dmk_plan *plan, struct dmk_plan_item *item)
{
	dmk_begin(dm, plan->verb, NULL);
	dmk_fail(&dm->error, -EINVAL, "%s: apply the stack without what needs it first",
		 item->held
			 ? "a table needs it before it can be made, beside a snapshot-origin that "
			   "runs"
			 : "it is needed before a snapshot of its origin can be made");
	return dmk_plan_failed(dm, item, dmk_fail_step(dm, DMK_STEP_ARGUMENTS, -EINVAL));
}

/* What a held one stands on is made before it, and what is to follow a late one is late. */
static int find_held(struct dmk *dm, struct dmk_plan *plan)
{
	for (uint32_t i = plan->n; i-- > 0;) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];

		for (uint32_t j = 0; j < item->before_it.n; j++) {
			struct dmk_plan_item *below = &plan->items[item->before_it.to[j]];

			if (j < item->n_needed && item->held && below->late)
				below->held = true;
			if (j >= item->n_needed && dmk_item_is_new(item) && !item->late &&
			    below->late)
				return fail_needed(dm, plan, item);
		}
		if (item->held && !item->late)
			return fail_needed(dm, plan, item);
	}
	return 0;
}

int dmk_find_late(struct dmk *dm, struct dmk_plan *plan)
{
	/* On what changes. */
	for (uint32_t i = 0; i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];

		item->late = item->held;
		for (uint32_t j = 0; dmk_item_is_new(item) && j < item->before_it.n; j++) {
			const struct dmk_plan_item *below = &plan->items[item->before_it.to[j]];

			item->late = item->late || below->swap || below->late;
		}
	}
	/* And under what changes: that needs its number. */
	for (uint32_t i = plan->n; i-- > 0;) {
		const struct dmk_plan_item *item = &plan->items[plan->order[i]];

		if (!item->swap && !(dmk_item_is_new(item) && !item->late))
			continue;
		for (uint32_t j = 0; j < item->n_needed; j++)
			plan->items[item->before_it.to[j]].late = false;
	}
	return find_held(dm, plan);
}

/* ---- messages ---- */

static int send(struct dmk_apply *apply, const struct dmk_plan_item *item, uint32_t number)
{
	const struct dmk_wanted_message *message = &item->wanted->messages[number];
	const struct dmk_plan_item *to = &apply->plan->items[message->index];
	int r = dmk_message(apply->dm, &(struct dmk_id){ .uuid = to->uuid }, message->text, NULL,
			    NULL);

	/* An apply that was killed has sent it. */
	if (r == -EEXIST)
		item->sent[number] = DMK_SENT_BEFORE;
	else if (r == 0)
		item->sent[number] = DMK_SENT_NOW;
	else
		return dmk_plan_failed(apply->dm, to, r);
	return 0;
}

static int send_all(struct dmk_apply *apply, struct dmk_plan_item *item)
{
	uint32_t n = item->wanted->n_messages;
	int r = 0;

	if (n == 0)
		return 0;
	item->sent = calloc(n, sizeof(*item->sent));
	if (!item->sent)
		return dmk_fail_step(apply->dm, DMK_STEP_MESSAGE, -ENOMEM);
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = send(apply, item, i);
	return r;
}

/* "create_thin ID", "create_snap ID ORIGIN": "delete ID". Of others nobody knows what takes them
 * back. */
static bool find_inverse(const char *text, char *inverse, size_t size)
{
	static const char *const makers[] = { "create_thin ", "create_snap " };

	for (size_t i = 0; i < DMK_ARRAY_SIZE(makers); i++) {
		size_t length = strlen(makers[i]);

		if (strncmp(text, makers[i], length) != 0)
			continue;
		dmk_print_text(inverse, size, "delete %.*s", (int)strcspn(text + length, " "),
			       text + length);
		return true;
	}
	return false;
}

static void take_messages_back(struct dmk_apply *apply, const struct dmk_plan_item *item)
{
	for (uint32_t i = item->sent ? item->wanted->n_messages : 0; i-- > 0;) {
		const struct dmk_wanted_message *message = &item->wanted->messages[i];
		const struct dmk_plan_item *to = &apply->plan->items[message->index];
		char inverse[64];

		if (item->sent[i] != DMK_SENT_NOW ||
		    !find_inverse(message->text, inverse, sizeof(inverse)))
			continue;
		dmk_note_undo(apply,
			      dmk_message(apply->dm, &(struct dmk_id){ .uuid = to->uuid }, inverse,
					  NULL, NULL),
			      0);
	}
}

/* ---- devices ---- */

/* timeout_ms 0: the context's. */
static int make(struct dmk_apply *apply, struct dmk_plan_item *item, uint32_t cookie,
		int64_t timeout_ms)
{
	const struct dmk_stack_device *device = &item->wanted->options;
	const struct dmk_create_options options = {
		.flags = device->flags,
		.minor = device->minor,
		.uid = device->uid,
		.gid = device->gid,
		.mode = device->mode,
		.node_policy = device->node_policy,
		.read_ahead_sectors = device->read_ahead_sectors,
		.udev_cookie = cookie,
		.udev_flags = device->udev_flags,
		.timeout_ms = timeout_ms,
		.uuid = item->wanted->uuid,
	};
	struct dmk_table *table;
	int r = send_all(apply, item);

	if (r < 0)
		return r;
	r = dmk_plan_table(apply->plan, item, &table);
	if (r < 0)
		return dmk_fail_step(apply->dm, DMK_STEP_LOAD, r);
	r = dmk_create(apply->dm, item->name, table, &options, &item->made);
	dmk_table_free(table);
	if (r < 0)
		return dmk_plan_failed(apply->dm, item, r);
	item->is_made = true;
	item->major = item->made.major;
	item->minor = item->made.minor;
	return 0;
}

int dmk_make_new(struct dmk_apply *apply, bool late)
{
	struct dmk_plan *plan = apply->plan;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->n; i++) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];

		if (dmk_item_is_new(item) && item->late == late && !item->held)
			r = make(apply, item, 0, 0);
	}
	return r;
}

int dmk_make_held(struct dmk_apply *apply, struct dmk_plan_item *item, uint32_t cookie)
{
	return make(apply, item, cookie, -1);
}

void dmk_unmake_new(struct dmk_apply *apply, bool late)
{
	struct dmk_plan *plan = apply->plan;

	for (uint32_t i = plan->n; i-- > 0;) {
		struct dmk_plan_item *item = &plan->items[plan->order[i]];

		if (!dmk_item_is_new(item) || item->late != late)
			continue;
		if (item->is_made) {
			const struct dmk_remove_options options = {
				.node_policy = item->wanted->options.node_policy
			};

			dmk_note_undo(apply, dmk_remove_seen(apply->dm, &item->made, &options),
				      DMK_LEFT_DONE);
		}
		item->is_made = false;
		take_messages_back(apply, item);
	}
}
