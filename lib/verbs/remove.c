/* SPDX-License-Identifier: MIT */
/* The verbs that take devices away. The node goes before the device, so that nobody opens the next
 * device with the same number through it, and comes back if the device stays. */
#include <errno.h>
#include <string.h>

#include "machine/holders.h"
#include "remove.h"
#include "swap.h"
#include "wire/table.h"

/* A link to it goes with udevd's answer. */
static struct dmk_node node_of(const struct dmk *dm, const struct dmk_removal *removal)
{
	struct dmk_node node = dmk_node_of(dm, &removal->info);

	node.keep_links = removal->udev.nodes;
	return node;
}

/* 0: `now` is the device that is meant: whatever it is at the first look, and the same later. */
static int recognize(const struct dmk *dm, struct dmk_removal *removal, const struct dmk_info *now)
{
	const struct dmk_devno *number = &removal->number;
	bool known = removal->known;

	if (known)
		return dmk_is_seen(dm, &removal->first, now) ? 0 : -ENXIO;
	removal->first.info = *now;
	removal->known = true;
	if (!number->major || (number->major == now->major && number->minor == now->minor &&
			       removal->uuid_hash == dmk_uuid_hash(now->uuid)))
		return 0;
	removal->first.info.major = number->major;
	removal->first.info.minor = number->minor;
	return -ENXIO;
}

static struct dmk_id id_of(const struct dmk_removal *removal)
{
	return removal->known ? dmk_id_of(&removal->first.info, removal->id) : *removal->id;
}

/* What a try begins with. */
static int look_at(struct dmk *dm, struct dmk_removal *removal)
{
	const struct dmk_id id = id_of(removal);
	struct dmk_info now;
	int r = dmk_status(dm, &id, &now);

	if (r == 0)
		r = recognize(dm, removal, &now);
	if (r < 0)
		return r;
	removal->seen = true;
	removal->info = now;
	return 0;
}

/* It stays, and so does its node: where that is right. */
static void bring_back(struct dmk *dm, const struct dmk_node *node,
		       const struct dmk_node_saved *saved)
{
	const struct dmk_id id = { .name = node->name };
	struct dmk_info now;

	if (!saved->was_node && !saved->was_link)
		return;
	/* Had another one its name and number by then, the node was that one's. */
	if (dmk_look(dm, &id, &now) == 0 && (now.major != node->major || now.minor != node->minor))
		return;
	dm->undoing = true;
	(void)dmk_restore_node(dm, node, saved); /* a failure is noted in undo_code */
	dm->undoing = false;
}

/*
 * DEV_REMOVE goes by the uuid, else by the name, and answers with both, but without a number. So
 * one that was made in this very moment, after the look, is hit where it has the name of one
 * without uuid, and only if it has a uuid itself can that be told.
 */
static int send_remove(struct dmk *dm, struct dmk_removal *removal, bool deferred,
		       struct dmk_info *ret_after)
{
	const struct dmk_id id = dmk_id_of(&removal->info, removal->id);
	struct dmk_call call = {
		.command = DM_DEV_REMOVE_CMD,
		.step = DMK_STEP_REMOVE,
		.id = &id,
		.event_nr = removal->udev.event_nr,
		.flags = deferred ? DM_DEFERRED_REMOVE : 0,
	};
	struct dm_ioctl *io;
	int r = dmk_call(dm, &call, &io);

	if (r == 0 && dmk_reply_info(io, ret_after) < 0)
		*ret_after = removal->info; /* removed all the same */
	if (r == 0) /* still set: the removal waits for the last close (T11) */
		ret_after->flags = io->flags & DM_DEFERRED_REMOVE ? DMK_INFO_DEFERRED_REMOVE : 0;
	return r;
}

static int fail_wrong(struct dmk *dm, struct dmk_removal *removal, const struct dmk_info *other)
{
	const struct dmk_info *first = &removal->info;

	removal->wrong = true;
	dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
		       "another process removed %u:%u '%s' in this very moment and made another "
		       "device of that name, with the uuid '%s': that one was removed in its place",
		       first->major, first->minor, first->name, other->uuid);
	return dmk_fail_step(dm, DMK_STEP_REMOVE, -ENXIO);
}

/* One DEV_STATUS, one DEV_REMOVE, and the node. */
static int remove_once(struct dmk *dm, struct dmk_removal *removal)
{
	const struct dmk_remove_options *o = removal->options;
	bool deferred = o->flags & DMK_REMOVE_DEFERRED;
	bool nodes = o->node_policy != DMK_NODE_NONE;
	struct dmk_node_saved saved = { 0 };
	struct dmk_info after;
	struct dmk_node node;
	bool early;
	int r = look_at(dm, removal);

	if (r < 0)
		return r;
	node = node_of(dm, removal);
	r = dmk_handshake_begin(dm, &removal->udev);
	early = nodes && (removal->info.open_count == 0 || deferred);
	if (r == 0 && early)
		r = dmk_remove_node(dm, &node, &saved);
	if (r < 0) {
		dmk_handshake_sent(dm, &removal->udev, r);
		return r;
	}
	r = send_remove(dm, removal, deferred, &after);
	dmk_handshake_sent(dm, &removal->udev, r);
	if (r < 0) {
		bring_back(dm, &node, &saved);
		return r;
	}
	removal->info.flags &= ~(uint32_t)DMK_INFO_DEFERRED_REMOVE;
	if (deferred && (after.flags & DMK_INFO_DEFERRED_REMOVE))
		removal->info.flags |= DMK_INFO_DEFERRED_REMOVE;
	removal->gone = !(removal->info.flags & DMK_INFO_DEFERRED_REMOVE);
	r = dmk_handshake_end(dm, &removal->udev, &node, true);
	if (!dmk_same_device(&removal->info, &after))
		return fail_wrong(dm, removal, &after);
	/* It was open a moment ago and closed just now: then the node is still there. So is that of
	 * one that was given another name in this moment. */
	if (r == 0 && nodes && !early)
		r = dmk_forget_node(dm, &removal->info, removal->udev.nodes);
	if (r == 0 && nodes && strcmp(after.name, removal->info.name) != 0) {
		removal->info = after;
		removal->info.major = removal->first.info.major;
		removal->info.minor = removal->first.info.minor;
		r = dmk_forget_node(dm, &removal->info, removal->udev.nodes);
	}
	return r;
}

/* Where its name is gone and it never had a uuid, its number tells whether it has another name now:
 * 1: it has, and that is noted; 0: it is gone; -ENXIO: it cannot be told. */
static int find_renamed(struct dmk *dm, struct dmk_removal *removal)
{
	struct dmk_info *first = &removal->first.info;
	const struct dmk_id number = { .major = first->major, .minor = first->minor };
	struct dmk_seen renamed = removal->first;
	struct dmk_info now;

	if (first->uuid[0] || !first->major || dmk_look(dm, &number, &now) < 0 || now.uuid[0] ||
	    strcmp(now.name, first->name) == 0)
		return 0;
	if (removal->first.diskseq == 0) {
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "%u:%u is called '%s' now, and whether that is the device which was "
			       "'%s' cannot be told",
			       now.major, now.minor, now.name, first->name);
		return dmk_fail_step(dm, DMK_STEP_REMOVE, -ENXIO);
	}
	renamed.info = now;
	if (!dmk_is_seen(dm, &renamed, &now))
		return 0;
	*first = now;
	return 1;
}

/*
 * It is not there any more. While it was busy and this call waited, that is what was wanted,
 * whoever did it: somebody else, or the kernel where a removal was deferred. Before that somebody
 * else was told that he removed it, and only one is. Our restored node goes in any case.
 */
static int gone_by_itself(struct dmk *dm, struct dmk_removal *removal)
{
	uint32_t step = dm->error.code == -ENXIO ? dm->error.step : DMK_STEP_STATUS;
	int r = removal->waited ? find_renamed(dm, removal) : 0;

	if (r > 0) /* to be tried again, by its new name */
		return dmk_fail_step(dm, DMK_STEP_REMOVE, -EBUSY);
	removal->gone = r == 0 && removal->waited;
	if (r == 0 && removal->options->node_policy != DMK_NODE_NONE)
		r = dmk_forget_node(dm, &removal->first.info, removal->udev.nodes);
	if (r == 0 && !removal->waited)
		r = dmk_fail_other(dm, step, &removal->first.info);
	if (r == 0) {
		removal->info = removal->first.info;
		removal->info.flags = DMK_INFO_GONE;
	}
	return r;
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

	if (r == -ENXIO && removal->known && !removal->wrong)
		r = gone_by_itself(dm, removal);
	if (r == -EBUSY && removal->known) {
		removal->waited = true;
		dmk_seen_pause(dm, &removal->first);
	}
	if (r < 0)
		dm->error.left = removal->gone && !removal->wrong ? DMK_LEFT_DONE
				 : removal->error_table		  ? DMK_LEFT_ERROR_TABLE
								  : 0;
	return r;
}

static int remove_retrying(struct dmk *dm, struct dmk_removal *removal, struct dmk_limit *limit)
{
	int r;

	do
		r = dmk_remove_try(dm, removal);
	while (r == -EBUSY && dmk_try_again(dm, limit, DMK_STEP_REMOVE, &r));
	return r;
}

/* How long the device is, by its live table; 0: it has none. That is the first look at it, unless
 * there was one before. */
static int device_sectors(struct dmk *dm, struct dmk_removal *removal, uint64_t *ret_sectors)
{
	const struct dmk_id id = id_of(removal);
	struct dmk_call call = {
		.command = DM_TABLE_STATUS_CMD,
		.step = DMK_STEP_TABLE,
		.id = &id,
		.flags = DM_NOFLUSH_FLAG,
		.reply_size = DMK_FIRST_REPLY,
	};
	struct dmk_segment segment = { 0 };
	struct dmk_cursor cursor;
	struct dmk_info now;
	struct dm_ioctl *io;
	uint64_t sectors = 0;
	int r = dmk_call(dm, &call, &io);

	if (r < 0)
		return r;
	r = dmk_reply_info(io, &now);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_TABLE, r);
	r = dmk_reply_of(dm, DMK_STEP_TABLE, &cursor);
	if (r < 0)
		return r;
	if (recognize(dm, removal, &now) < 0)
		return dmk_fail_other(dm, DMK_STEP_TABLE, &removal->first.info);
	while ((r = dmk_cursor_segment(&cursor, &segment)) == 1)
		sectors = segment.start_sectors + segment.length_sectors;
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_TABLE, r);
	*ret_sectors = sectors;
	return 0;
}

int dmk_remove_put_error(struct dmk *dm, struct dmk_removal *removal, const struct dmk_limit *limit)
{
	struct dmk_former former = { 0 }; /* `error` refuses nothing: there is no need to know it */
	struct dmk_table *table;
	struct dmk_info info;
	uint64_t sectors = 0;
	int r = device_sectors(dm, removal, &sectors);

	if (r < 0 || sectors == 0)
		return r;
	r = dmk_table_new(&table);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_LOAD, r);
	r = dmk_table_add(table, 0, sectors, "error", "");
	if (r < 0)
		r = dmk_fail_step(dm, DMK_STEP_LOAD, r);
	if (r == 0)
		r = dmk_load_seen(dm, &removal->first.info, removal->id, table, false,
				  &former.info);
	if (r == 0)
		r = dmk_swap_table(dm, removal->id, &former, DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG,
				   NULL, limit, &info);
	dmk_table_free(table);
	removal->error_table = r == 0;
	return r;
}

int dmk_remove_check(struct dmk *dm, const struct dmk_remove_options *o, uint32_t allowed)
{
	int r = dmk_check_options(dm, o->flags, allowed, o->reserved);

	if (r == 0)
		r = dmk_check_node_policy(dm, o->node_policy);
	return r < 0 ? r : dmk_check_udev(dm, o->udev_cookie, o->udev_flags);
}

/* first: NULL, or the device that it has to be. */
static int remove_device(struct dmk *dm, const struct dmk_id *id, const struct dmk_info *first,
			 const struct dmk_remove_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_remove_options defaults;
	const struct dmk_remove_options *o = options ? options : &defaults;
	struct dmk_removal removal = { .id = id, .options = o, .known = first };
	struct dmk_limit limit;
	int r = dmk_begin_id(dm, DMK_VERB_REMOVE, id);

	if (first)
		removal.first.info = *first;

	if (r == 0)
		r = dmk_remove_check(dm, o,
				     DMK_REMOVE_DEFERRED | DMK_REMOVE_FORCE | DMK_REMOVE_ONCE);
	if (r == 0)
		r = dmk_limit_start(dm, o->flags & DMK_REMOVE_ONCE ? -1 : o->timeout_ms,
				    DMK_REMOVE_MS, &limit);
	if (r == 0)
		r = dmk_remove_init(dm, &removal);
	if (r == 0 && (o->flags & DMK_REMOVE_FORCE))
		r = dmk_remove_put_error(dm, &removal, &limit);
	if (r == 0)
		r = remove_retrying(dm, &removal, &limit);
	if (r == -EBUSY && removal.seen)
		dmk_note_holders(dm,
				 &(struct dmk_note){ { removal.info.major, removal.info.minor },
						     &dm->error },
				 1);
	if (r == 0 && ret_info)
		*ret_info = removal.info;
	return dmk_done(dm, r);
}

int dmk_remove(struct dmk *dm, const struct dmk_id *id, const struct dmk_remove_options *options,
	       struct dmk_info *ret_info)
{
	return remove_device(dm, id, NULL, options, ret_info);
}

int dmk_remove_seen(struct dmk *dm, const struct dmk_info *first,
		    const struct dmk_remove_options *options)
{
	const struct dmk_id id = dmk_id_of(first, &(struct dmk_id){ 0 });

	return remove_device(dm, &id, first, options, NULL);
}

int dmk_cancel_removal(struct dmk *dm, const struct dmk_id *id, const struct dmk_node *owned,
		       uint32_t node_policy)
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
	const struct dmk_udev_request udev = { .node_policy = node_policy };
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
	node.uid = owned->uid;
	node.gid = owned->gid;
	node.mode = owned->mode;
	/* No event comes of this: udevd's link is still there. */
	r = dmk_end_with_node(dm, &handshake, &node, udev.node_policy);
	if (r < 0)
		dm->error.left |= DMK_LEFT_DONE;
	return r;
}

int dmk_cancel_deferred_remove(struct dmk *dm, const struct dmk_id *id)
{
	return dmk_cancel_removal(dm, id, &(struct dmk_node){ 0 }, 0);
}
