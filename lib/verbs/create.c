/* SPDX-License-Identifier: MIT */
/* The verb that makes a device: all of it, or nothing stays. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/blockdev.h"
#include "device.h"
#include "ephemeral.h"
#include "wire/table.h"
#include "trial.h"

static int check_create_options(struct dmk *dm, const struct dmk_create_options *o,
				const struct dmk_table *table)
{
	const uint32_t ahead = DMK_CREATE_READ_AHEAD | DMK_CREATE_READ_AHEAD_MINIMUM;
	int r = dmk_check_options(dm, o->flags,
				  DMK_CREATE_READONLY | DMK_CREATE_FIXED_MINOR |
					  DMK_CREATE_NO_VERIFY | DMK_CREATE_EPHEMERAL | ahead,
				  o->reserved);

	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	if (r == 0)
		r = dmk_check_node_options(dm, o->node_policy, o->mode, o->udev_cookie,
					   o->udev_flags);
	if (r < 0)
		return r;
	if (o->minor > 0xfffff || (o->minor && !(o->flags & DMK_CREATE_FIXED_MINOR)))
		return dmk_fail_argument(dm, -EINVAL,
					 "a fixed minor needs its flag and is at most 1048575");
	if ((o->flags & ahead) && (o->node_policy == DMK_NODE_NONE || !table))
		return dmk_fail_argument(
			dm, -EINVAL,
			"read-ahead is set through the node: it needs a table and a node");
	if (!(o->flags & DMK_CREATE_EPHEMERAL) != !o->ret_fd || (o->ret_fd && !table))
		return dmk_fail_argument(dm, -EINVAL,
					 "an ephemeral device has a table, and its fd a place");
	if (o->uuid) {
		r = dmk_check_uuid(o->uuid, &dm->error);
		if (r < 0)
			return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
	}
	return table ? dmk_check_table(dm, table) : 0;
}

static int create_device(struct dmk *dm, const struct dmk_id *id,
			 const struct dmk_create_options *o, struct dmk_limit *limit,
			 struct dmk_info *ret_info)
{
	struct dmk_call call = {
		.command = DM_DEV_CREATE_CMD,
		.step = DMK_STEP_CREATE,
		.name = id->name,
		.uuid = o->uuid,
		.flags = o->flags & DMK_CREATE_FIXED_MINOR ? DM_PERSISTENT_DEV_FLAG : 0,
		.dev = dmk_dev_encode(0, o->minor),
	};
	bool fixed = o->flags & DMK_CREATE_FIXED_MINOR;
	int r;

	do {
		r = dmk_go_on(dm, DMK_STEP_CREATE);
		if (r < 0)
			return r;
		r = dmk_simple(dm, &call, ret_info);
		/* A minor that is taken is ENXIO, a name or uuid that is taken EBUSY. */
		if (r == -ENXIO && fixed)
			dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
				       "minor %u is taken, most likely", o->minor);
		if (r != -EBUSY && !(r == -ENXIO && fixed))
			return r;
		if (r == -EBUSY)
			dmk_fail(&dm->error, r,
				 o->uuid ? "the name or the uuid is taken" : "the name is taken");
	} while (dmk_try_again(dm, limit, DMK_STEP_CREATE, &r));
	return r;
}

/* Node and read-ahead, once the device is there as `info` says. */
static int finish_node(struct dmk *dm, const struct dmk_create_options *o,
		       const struct dmk_info *info, struct dmk_handshake *handshake)
{
	struct dmk_node node = dmk_node_of(dm, info);
	char path[sizeof(dm->node_dir) + DMK_NAME_SIZE];
	int r;

	node.uid = o->uid;
	node.gid = o->gid;
	node.mode = o->mode;
	r = dmk_end_with_node(dm, handshake, &node, o->node_policy);
	if (r < 0 || !(o->flags & (DMK_CREATE_READ_AHEAD | DMK_CREATE_READ_AHEAD_MINIMUM)) ||
	    dm->dry_run || !(info->flags & DMK_INFO_LIVE_TABLE))
		return r;
	if (handshake->theirs) /* udevd need not have made the name yet */
		snprintf(path, sizeof(path), "%s/../dm-%u", dm->node_dir, info->minor);
	else
		snprintf(path, sizeof(path), "%s/%s", dm->node_dir, info->name);
	r = dmk_blockdev_set_read_ahead(path, o->read_ahead_sectors,
					o->flags & DMK_CREATE_READ_AHEAD_MINIMUM);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_READ_AHEAD, r) : 0;
}

/* The device as DEV_CREATE has answered, and how far the verb got with it. */
struct made {
	struct dmk_seen seen;
	bool resumed; /* was asked for: it may have a live table, of ours: */
	uint32_t target_count;
};

static int resume_made(struct dmk *dm, const struct dmk_id *asked, const struct dmk_table *table,
		       struct made *made, struct dmk_handshake *handshake, struct dmk_info *info)
{
	const struct dmk_id id = dmk_id_of(&made->seen.info, asked);
	struct dmk_call resume = {
		.command = DM_DEV_SUSPEND_CMD,
		.step = DMK_STEP_RESUME,
		.first = &made->seen.info,
		.id = &id,
		.event_nr = handshake->event_nr,
	};
	int r = dmk_simple(dm, &resume, info);

	/* Refused, it may have got half way. Of another one, or where another was quicker, a live
	 * table is not ours. */
	made->resumed = r != -ENXIO;
	made->target_count = table->count;
	if (r == 0) {
		r = dmk_check_resumed(dm, info, table);
		made->resumed = r == 0;
	}
	dmk_handshake_sent(dm, handshake, r);
	return r;
}

/* With all the time that the create has left, or without end. */
static int try_device(struct dmk *dm, const struct dmk_create_options *o,
		      const struct dmk_info *info, struct dmk_table *table)
{
	int64_t started_ns = dm->started_ns;
	struct dmk_limit limit;
	int r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &limit);

	dm->started_ns = started_ns; /* the verb's, still */
	return r < 0 ? r : dmk_try_device(dm, info, table, &limit);
}

/* The last step: from then on it goes when the fd is closed. */
static int bind_to_fd(struct dmk *dm, const struct dmk_create_options *o,
		      const struct dmk_info *info)
{
	int fd, r;

	if (dm->dry_run) {
		*o->ret_fd = -1;
		return 0;
	}
	r = dmk_open_device(dm, info, &fd);
	if (r < 0)
		return r;
	r = dmk_arm_removal(dm, info);
	if (r < 0)
		close(fd);
	else
		*o->ret_fd = fd;
	return r;
}

/* Everything after DEV_CREATE. */
static int fill_device(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
		       const struct dmk_create_options *o, struct dmk_limit *limit,
		       struct dmk_handshake *handshake, struct made *made, struct dmk_info *info)
{
	bool waits = limit->end_ns != 0;
	struct dmk_info loaded;
	int r = 0;

	/* A node that is there when the table comes would stand in the way of udevd's link. */
	if (o->node_policy == DMK_NODE_ON_CREATE && !(table && handshake->nodes))
		r = finish_node(dm, o, info, handshake);
	if (r < 0 || !table)
		return r;
	r = dmk_load_retrying(dm, id, table, o->flags & DMK_CREATE_READONLY, waits, &made->seen,
			      limit, &loaded);
	if (r == 0)
		r = dmk_go_on(dm, DMK_STEP_RESUME);
	if (r == 0)
		r = dmk_handshake_begin(dm, handshake);
	if (r == 0)
		r = resume_made(dm, id, table, made, handshake, info);
	if (r == 0)
		r = finish_node(dm, o, info, handshake);
	if (r == 0 && !(o->flags & DMK_CREATE_NO_VERIFY))
		r = try_device(dm, o, info, table);
	/* Told to stop until here: nothing of it stays. */
	if (r == 0)
		r = dmk_go_on(dm, DMK_STEP_MAKE_NODE);
	return r == 0 && o->ret_fd ? bind_to_fd(dm, o, info) : r;
}

/* Before it is taken back: 0: it is there, and ours; -ENXIO: it is not. */
static int find_made(struct dmk *dm, const struct dmk_id *asked, const struct made *made)
{
	const struct dmk_id id = dmk_id_of(&made->seen.info, asked);
	struct dmk_info now;
	int r = dmk_look(dm, &id, &now);

	if (r < 0)
		return r;
	if (!dmk_is_seen(dm, &made->seen, &now))
		return -ENXIO;
	/* What has another table is not ours, or not ours alone any more. */
	return now.target_count && now.target_count != (made->resumed ? made->target_count : 0)
		       ? -ENXIO
		       : 0;
}

/*
 * One try to remove it. DEV_REMOVE goes by name where there is no uuid, and answers without a
 * number: nothing keeps somebody from making that name his own after the look, which is the
 * request before it.
 */
static int remove_made(struct dmk *dm, const struct dmk_id *asked, const struct made *made,
		       struct dmk_handshake *handshake)
{
	const struct dmk_id id = dmk_id_of(&made->seen.info, asked);
	struct dmk_call call = { .command = DM_DEV_REMOVE_CMD, .step = DMK_STEP_REMOVE, .id = &id };
	int32_t noted = dm->error.undo_code;
	struct dmk_info after;
	struct dm_ioctl *io;
	int r;

	/* The caller's cookie is for the create alone. */
	if (!handshake->theirs && dmk_handshake_begin(dm, handshake) == 0)
		call.event_nr = handshake->event_nr;
	r = dmk_call(dm, &call, &io);
	if (!handshake->theirs)
		dmk_handshake_sent(dm, handshake, r);
	if (r == -ENXIO) /* somebody was quicker */
		dm->error.undo_code = noted;
	/* One with a uuid that ours does not have was hit. */
	if (r == 0 && dmk_reply_info(io, &after) == 0 && !dmk_same_device(&made->seen.info, &after))
		return dmk_fail_step(dm, DMK_STEP_REMOVE, -EEXIST);
	return r;
}

/* The node first, then the device: a moment's user (udev's probe, say) is waited for. found: what
 * find_made() said. */
static void undo_create(struct dmk *dm, const struct dmk_id *id, const struct dmk_create_options *o,
			struct dmk_handshake *handshake, const struct made *made, int found)
{
	struct dmk_node node = dmk_node_of(dm, &made->seen.info);
	struct dmk_node_saved saved;
	struct dmk_limit limit;
	int r;

	dm->undoing = true;
	handshake->end_ns = 0;
	node.keep_links = handshake->nodes;
	if (o->node_policy != DMK_NODE_NONE && found == 0)
		(void)dmk_remove_node(dm, &node, &saved); /* a failure is noted in undo_code */
	r = dmk_limit_start(dm, 0, DMK_UNDO_MS, &limit);
	while (r == 0 && found == 0) {
		int32_t noted = dm->error.undo_code;

		r = remove_made(dm, id, made, handshake);
		if (r == 0)
			r = dmk_handshake_end(dm, handshake, &node, true);
		if (r != -EBUSY)
			break;
		r = dmk_limit_pause(dm, &limit);
		if (r == 0) {
			dm->error.undo_code = noted; /* not the last word yet */
			found = find_made(dm, id, made);
		}
	}
	if ((found == -ENXIO || r == -ENXIO) && o->node_policy != DMK_NODE_NONE)
		r = dmk_forget_node(dm, &made->seen.info, handshake->nodes);
	else if (found < 0 && found != -ENXIO)
		(void)dmk_fail_step(dm, DMK_STEP_STATUS, found);
	dm->undoing = false;
}

/* What was made goes, and what somebody else has put in its place stays: that is the error then,
 * where the first one may well follow from it. */
static int take_back(struct dmk *dm, const struct dmk_id *id, const struct dmk_create_options *o,
		     struct dmk_handshake *handshake, const struct made *made, int r)
{
	uint32_t step = dm->error.step;
	int found = find_made(dm, id, made);

	if (found == -ENXIO && r != -ECANCELED)
		r = dmk_fail_other(dm, step, &made->seen.info);
	undo_create(dm, id, o, handshake, made, found);
	return r;
}

int dmk_create(struct dmk *dm, const char *name, struct dmk_table *table,
	       const struct dmk_create_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_create_options defaults;
	const struct dmk_create_options *o = options ? options : &defaults;
	struct dmk_udev_request udev = { o->udev_cookie, o->udev_flags, o->node_policy,
					 o->timeout_ms };
	struct dmk_id id = { .name = name };
	struct dmk_handshake handshake;
	struct made made = { 0 };
	struct dmk_limit limit;
	struct dmk_info info;
	int r = dmk_begin_id(dm, DMK_VERB_CREATE, &id);

	if (r == 0 && dmk_check_new_name(name, &dm->error) < 0)
		r = dmk_fail_step(dm, DMK_STEP_ARGUMENTS, -EINVAL);
	if (r == 0)
		r = check_create_options(dm, o, table);
	if (r == 0)
		r = dmk_limit_start(dm, o->timeout_ms, -1, &limit);
	if (r == 0)
		r = dmk_handshake_init(dm, &udev, &handshake);
	if (r < 0)
		return r;
	handshake.undone = true;
	r = create_device(dm, &id, o, &limit, &info);
	if (r < 0 && r != -EBADMSG)
		return r;
	if (r == 0) {
		made.seen.info = info;
		dmk_limit_next_step(dm, &limit);
		r = fill_device(dm, &id, table, o, &limit, &handshake, &made, &info);
	} else { /* made, but which number it has is not known: without a node, then */
		dmk_copy_text(made.seen.info.name, sizeof(made.seen.info.name), name);
		if (o->uuid)
			dmk_copy_text(made.seen.info.uuid, sizeof(made.seen.info.uuid), o->uuid);
	}
	if (r < 0)
		r = take_back(dm, &id, o, &handshake, &made, r);
	else if (ret_info)
		*ret_info = info;
	return dmk_done(dm, r);
}
