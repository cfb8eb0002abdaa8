/* SPDX-License-Identifier: MIT */
/* The verbs that take devices away. The node goes before the device, so that nobody opens the next
 * device with the same number through it, and comes back if the device stays. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "holders.h"
#include "remove.h"
#include "table.h"

/* A link to it goes with udevd's answer. */
static struct dmk_node node_of(const struct dmk *dm, const struct dmk_removal *removal)
{
	struct dmk_node node = dmk_node_of(dm, &removal->info);

	node.keep_links = removal->udev.nodes;
	return node;
}

/* One DEV_STATUS, one DEV_REMOVE, and the node. */
static int remove_once(struct dmk *dm, struct dmk_removal *removal)
{
	const struct dmk_remove_options *o = removal->options;
	bool deferred = o->flags & DMK_REMOVE_DEFERRED;
	bool nodes = o->node_policy != DMK_NODE_NONE;
	struct dmk_call call = {
		.command = DM_DEV_REMOVE_CMD,
		.step = DMK_STEP_REMOVE,
		.id = removal->id,
		.flags = deferred ? DM_DEFERRED_REMOVE : 0,
	};
	struct dmk_node_saved saved = { 0 };
	struct dmk_node node;
	struct dm_ioctl *io;
	bool early;
	int r = dmk_status(dm, removal->id, &removal->info);

	if (r < 0)
		return r;
	removal->seen = true;
	node = node_of(dm, removal);
	r = dmk_handshake_begin(dm, &removal->udev);
	early = nodes && (removal->info.open_count == 0 || deferred);
	if (r == 0 && early)
		r = dmk_remove_node(dm, &node, &saved);
	if (r < 0) {
		dmk_handshake_sent(dm, &removal->udev, r);
		return r;
	}
	call.event_nr = removal->udev.event_nr;
	r = dmk_call(dm, &call, &io);
	dmk_handshake_sent(dm, &removal->udev, r);
	if (r < 0) {
		dm->undoing = true;
		(void)dmk_restore_node(dm, &node, &saved); /* a failure is noted in undo_code */
		dm->undoing = false;
		return r;
	}
	/* Still set: the removal waits for the last close (T11). */
	removal->info.flags &= ~(uint32_t)DMK_INFO_DEFERRED_REMOVE;
	if (deferred && (io->flags & DM_DEFERRED_REMOVE))
		removal->info.flags |= DMK_INFO_DEFERRED_REMOVE;
	/* It was open a moment ago and closed just now: then the node is still there. */
	r = dmk_handshake_end(dm, &removal->udev, &node, true);
	return r == 0 && nodes && !early ? dmk_remove_node(dm, &node, &saved) : r;
}

/* The device went away by another hand between two tries: that is what was wanted; our restored
 * node is not. */
static int gone_by_itself(struct dmk *dm, struct dmk_removal *removal)
{
	struct dmk_node node = node_of(dm, removal);
	struct dmk_node_saved saved;

	if (removal->options->node_policy == DMK_NODE_NONE)
		return 0;
	return dmk_remove_node(dm, &node, &saved);
}

int dmk_remove_init(struct dmk *dm, struct dmk_removal *removal)
{
	const struct dmk_remove_options *o = removal->options;
	const struct dmk_udev_request udev = { o->udev_cookie, o->udev_flags, o->node_policy,
					       o->timeout_ms };

	return dmk_handshake_init(dm, &udev, &removal->udev);
}

int dmk_remove_try(struct dmk *dm, struct dmk_removal *removal)
{
	int r = remove_once(dm, removal);

	return r == -ENXIO && removal->seen ? gone_by_itself(dm, removal) : r;
}

static int remove_retrying(struct dmk *dm, struct dmk_removal *removal, struct dmk_limit *limit)
{
	int r, pause;

	for (;;) {
		r = dmk_remove_try(dm, removal);
		if (r != -EBUSY)
			return r;
		pause = dmk_limit_pause(dm, limit);
		if (pause == -ECANCELED)
			return dmk_fail_step(dm, DMK_STEP_REMOVE, pause);
		if (pause < 0)
			return r;
	}
}

/* How long the device is, by its live table; 0: it has none. */
static int device_sectors(struct dmk *dm, const struct dmk_id *id, uint64_t *ret_sectors)
{
	struct dmk_call call = {
		.command = DM_TABLE_STATUS_CMD,
		.step = DMK_STEP_TABLE,
		.id = id,
		.flags = DM_NOFLUSH_FLAG,
		.reply_size = DMK_FIRST_REPLY,
	};
	struct dmk_segment segment = { 0 };
	struct dmk_cursor cursor;
	uint64_t sectors = 0;
	int r = dmk_call(dm, &call, NULL);

	if (r == 0)
		r = dmk_reply_of(dm, DMK_STEP_TABLE, &cursor);
	if (r < 0)
		return r;
	while ((r = dmk_cursor_segment(&cursor, &segment)) == 1)
		sectors = segment.start_sectors + segment.length_sectors;
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_TABLE, r);
	*ret_sectors = sectors;
	return 0;
}

int dmk_remove_put_error(struct dmk *dm, const struct dmk_id *id, const struct dmk_limit *limit)
{
	struct dmk_info loaded, info;
	struct dmk_table *table;
	uint64_t sectors = 0;
	int r = device_sectors(dm, id, &sectors);

	if (r < 0 || sectors == 0)
		return r;
	r = dmk_table_new(&table);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_LOAD, r);
	r = dmk_table_add(table, 0, sectors, "error", "");
	if (r < 0)
		r = dmk_fail_step(dm, DMK_STEP_LOAD, r);
	if (r == 0)
		r = dmk_load_table(dm, id, table, false, &loaded);
	if (r == 0)
		r = dmk_swap_table(dm, id, &loaded, DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG, NULL,
				   limit, &info);
	dmk_table_free(table);
	return r;
}

int dmk_remove_check(struct dmk *dm, const struct dmk_remove_options *o, uint32_t allowed)
{
	int r = dmk_check_options(dm, o->flags, allowed, o->reserved);

	if (r == 0)
		r = dmk_check_node_policy(dm, o->node_policy);
	return r < 0 ? r : dmk_check_udev(dm, o->udev_cookie, o->udev_flags);
}

int dmk_remove(struct dmk *dm, const struct dmk_id *id, const struct dmk_remove_options *options,
	       struct dmk_info *ret_info)
{
	static const struct dmk_remove_options defaults;
	const struct dmk_remove_options *o = options ? options : &defaults;
	struct dmk_removal removal = { .id = id, .options = o };
	struct dmk_limit limit;
	int r = dmk_begin_id(dm, DMK_VERB_REMOVE, id);

	if (r == 0)
		r = dmk_remove_check(dm, o,
				     DMK_REMOVE_DEFERRED | DMK_REMOVE_FORCE | DMK_REMOVE_ONCE);
	if (r == 0)
		r = dmk_limit_start(dm, o->flags & DMK_REMOVE_ONCE ? -1 : o->timeout_ms,
				    DMK_REMOVE_MS, &limit);
	if (r == 0)
		r = dmk_remove_init(dm, &removal);
	if (r == 0 && (o->flags & DMK_REMOVE_FORCE))
		r = dmk_remove_put_error(dm, id, &limit);
	if (r == 0)
		r = remove_retrying(dm, &removal, &limit);
	if (r == -EBUSY && removal.seen)
		dmk_note_holders(removal.info.major, removal.info.minor, &dm->error);
	if (r == 0 && ret_info)
		*ret_info = removal.info;
	return dmk_done(dm, r);
}

int dmk_cancel_deferred_remove(struct dmk *dm, const struct dmk_id *id)
{
	static const char message[] =
		"\0\0\0\0\0\0\0\0@cancel_deferred_remove"; /* sector 0, text */
	struct dmk_call call = {
		.command = DM_TARGET_MSG_CMD,
		.step = DMK_STEP_MESSAGE,
		.id = id,
		.payload = message,
		.payload_size = sizeof(message),
	};
	const struct dmk_udev_request udev = { 0 };
	struct dmk_handshake handshake;
	struct dmk_info info;
	struct dmk_node node;
	int r = dmk_begin_id(dm, DMK_VERB_CANCEL_REMOVE, id);

	if (r == 0)
		r = dmk_handshake_init(dm, &udev, &handshake);
	if (r == 0)
		r = dmk_simple(dm, &call, &info);
	if (r < 0)
		return r;
	node = dmk_node_of(dm, &info);
	/* No event comes of this: udevd's link is still there. */
	r = dmk_handshake_end(dm, &handshake, &node, false);
	return r < 0 || handshake.nodes ? r : dmk_make_node_again(dm, &node);
}

/* The nodes of the devices that were in `before` and are not any more. */
static int remove_nodes_of_gone(struct dmk *dm, struct dmk_devices *before, bool deferred,
				const struct dmk_handshake *handshake)
{
	struct dmk_device device;
	int r;

	while ((r = dmk_devices_next(before, &device)) == 1) {
		struct dmk_id id = { .name = device.name };
		struct dmk_node node = { .dir = dm->node_dir,
					 .name = device.name,
					 .major = device.major,
					 .minor = device.minor,
					 .keep_links = handshake->nodes };
		struct dmk_node_saved saved;
		struct dmk_info info;

		bool gone;

		r = dmk_status(dm, &id, &info);
		gone = r == -ENXIO;
		if (r < 0 && !gone)
			return r;
		if (!gone && !(deferred && (info.flags & DMK_INFO_DEFERRED_REMOVE)))
			continue;
		r = dmk_remove_node(dm, &node, &saved);
		if (r == 0 && gone && handshake->nodes)
			r = dmk_handshake_gone(dm, handshake, &node);
		if (r < 0)
			return r;
	}
	return r;
}

int dmk_remove_all(struct dmk *dm, const struct dmk_remove_options *options)
{
	static const struct dmk_remove_options defaults;
	const struct dmk_remove_options *o = options ? options : &defaults;
	bool deferred = o->flags & DMK_REMOVE_DEFERRED;
	struct dmk_call call = {
		.command = DM_REMOVE_ALL_CMD,
		.step = DMK_STEP_REMOVE_ALL,
		.flags = deferred ? DM_DEFERRED_REMOVE : 0,
	};
	const struct dmk_udev_request udev = { 0, o->udev_flags, o->node_policy, o->timeout_ms };
	struct dmk_handshake handshake;
	struct dmk_devices *before = NULL;
	int r;

	dmk_begin(dm, DMK_VERB_REMOVE_ALL, NULL);
	r = dmk_remove_check(dm, o, DMK_REMOVE_DEFERRED);
	if (r == 0)
		r = dmk_handshake_init(dm, &udev, &handshake);
	if (r == 0 && o->node_policy != DMK_NODE_NONE)
		r = dmk_list(dm, NULL, &before);
	dm->error.verb = DMK_VERB_REMOVE_ALL;
	if (r == 0)
		r = dmk_call(dm, &call, NULL);
	/* One wait for all of them. */
	if (r == 0 && handshake.end_ns == 0)
		handshake.end_ns = dmk_udev_end(dm, o->timeout_ms);
	if (r == 0 && before && !dm->dry_run)
		r = remove_nodes_of_gone(dm, before, deferred, &handshake);
	dmk_devices_free(before);
	return dmk_done(dm, r);
}
