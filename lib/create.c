/* SPDX-License-Identifier: MIT */
/* The verbs that put a table in: create, load, replace. Each undoes on failure what it did. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "blockdev.h"
#include "device.h"
#include "explain.h"
#include "table.h"

/* A backing device that is still appearing answers with one of these. */
static bool is_transient(int r)
{
	return r == -EBUSY || r == -ENOENT || r == -ENXIO || r == -ENODEV;
}

/*
 * A table with a key is handed over in a locked copy: the kernel zeroes what it is given with
 * DM_SECURE_DATA, on failure too (T7), and the next try needs the table as it was.
 */
static int load_secret(struct dmk *dm, const struct dmk_call *call, struct dmk_table *table,
		       struct dm_ioctl *ret_header)
{
	struct dm_ioctl *io =
		mmap(NULL, table->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r;

	if (io == MAP_FAILED)
		return dmk_fail_step(dm, call->step, -ENOMEM);
	/* Where the limit on locked memory is too low the key may be swapped out: no reason to
	 * fail. */
	(void)mlock(io, table->size);
	memcpy(io + 1, table->data + sizeof(*io), dmk_table_payload_size(table));
	r = dmk_call_in_place(dm, call, io);
	*ret_header = *io;
	dmk_wipe(io, table->size);
	munmap(io, table->size);
	return r;
}

int dmk_load_table(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table, bool readonly,
		   struct dmk_info *ret_info)
{
	struct dmk_call call = {
		.command = DM_TABLE_LOAD_CMD,
		.step = DMK_STEP_LOAD,
		.id = id,
		.flags = (readonly ? DM_READONLY_FLAG : 0) |
			 (table->secret ? DM_SECURE_DATA_FLAG : 0),
		.target_count = table->count,
		.payload_size = dmk_table_payload_size(table),
	};
	struct dm_ioctl header;
	int r;

	if (table->secret) {
		r = load_secret(dm, &call, table, &header);
	} else {
		struct dm_ioctl *io = (struct dm_ioctl *)table->data;

		r = dmk_call_in_place(dm, &call, io);
		header = *io;
	}
	if (r == 0 && dmk_reply_info(&header, ret_info) < 0) {
		struct dmk_call clear = { .command = DM_TABLE_CLEAR_CMD,
					  .step = DMK_STEP_CLEAR,
					  .id = id };

		/* Loaded all the same. */
		r = dmk_fail_step(dm, DMK_STEP_LOAD, -EBADMSG);
		dm->undoing = true;
		dmk_call(dm, &clear, NULL); /* a failure is noted in undo_code */
		dm->undoing = false;
	}
	return r;
}

int dmk_swap_table(struct dmk *dm, const struct dmk_id *id, const struct dmk_info *loaded,
		   uint32_t flags, struct dmk_handshake *handshake, const struct dmk_limit *limit,
		   struct dmk_info *ret_info)
{
	struct dmk_call resume = {
		.command = DM_DEV_SUSPEND_CMD,
		.step = DMK_STEP_RESUME,
		.id = id,
		.flags = flags,
	};
	struct dmk_call clear = { .command = DM_TABLE_CLEAR_CMD, .step = DMK_STEP_CLEAR, .id = id };
	struct dmk_info after;
	int r = dmk_go_on(dm, DMK_STEP_RESUME);
	int undo;

	if (r == 0 && handshake)
		r = dmk_handshake_begin(dm, handshake);

	resume.event_nr = handshake ? handshake->event_nr : 0;
	if (r == 0) {
		r = dmk_simple_blocking(dm, &resume, limit, ret_info);
		if (handshake)
			dmk_handshake_sent(dm, handshake, r);
	}
	if (r == 0)
		return 0;
	resume.event_nr = 0;
	/* A failed suspend puts the new table back into its slot; a failed swap leaves the device
	 * suspended. */
	dm->undoing = true;
	undo = dmk_simple(dm, &clear, &after);
	if (undo == 0 && (after.flags & DMK_INFO_SUSPENDED) &&
	    !(loaded->flags & DMK_INFO_SUSPENDED)) {
		undo = dmk_simple(dm, &resume, NULL);
		if (undo < 0)
			dmk_copy_text(dm->error.detail, sizeof(dm->error.detail),
				      "the device could not be resumed and stays suspended");
	}
	dm->undoing = false;
	return r;
}

static int check_table(struct dmk *dm, const struct dmk_table *table)
{
	if (table->count == 0)
		return dmk_fail_argument(dm, -EINVAL, "the table has no segments");
	return 0;
}

/* Loads until it works, the error is not a transient one, or the time is over. */
static int load_retrying(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
			 bool readonly, bool wait_for_devices, struct dmk_limit *limit,
			 struct dmk_info *ret_info)
{
	int r, pause;

	for (;;) {
		r = dmk_go_on(dm, DMK_STEP_LOAD);
		if (r < 0)
			return r;
		r = dmk_load_table(dm, id, table, readonly, ret_info);
		if (r != -EBUSY && !(wait_for_devices && is_transient(r)))
			break;
		pause = dmk_limit_pause(dm, limit);
		if (pause == -ECANCELED)
			return dmk_fail_step(dm, DMK_STEP_LOAD, pause);
		if (pause < 0)
			break;
	}
	if (r < 0)
		dmk_explain_load(dm, table);
	return r;
}

int dmk_load(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
	     const struct dmk_load_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_load_options defaults;
	const struct dmk_load_options *o = options ? options : &defaults;
	struct dmk_limit limit;
	struct dmk_info info;
	int r = dmk_begin_id(dm, DMK_VERB_LOAD, id);

	if (r == 0)
		r = dmk_check_options(dm, o->flags, DMK_LOAD_READONLY, o->reserved);
	if (r == 0)
		r = check_table(dm, table);
	if (r == 0)
		r = dmk_limit_start(dm, o->timeout_ms, -1, &limit);
	if (r == 0)
		r = load_retrying(dm, id, table, o->flags & DMK_LOAD_READONLY, false, &limit,
				  &info);
	if (r == 0 && ret_info)
		*ret_info = info;
	return dmk_done(dm, r);
}

int dmk_replace(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
		const struct dmk_replace_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_replace_options defaults;
	const struct dmk_replace_options *o = options ? options : &defaults;
	const uint32_t allowed =
		DMK_REPLACE_READONLY | DMK_REPLACE_NOFLUSH | DMK_REPLACE_SKIP_LOCKFS;
	struct dmk_udev_request udev = { o->udev_cookie, o->udev_flags, DMK_NODE_NONE,
					 o->timeout_ms };
	struct dmk_handshake handshake;
	struct dmk_info loaded, info;
	struct dmk_limit limit, swap_limit;
	uint32_t flags;
	int r = dmk_begin_id(dm, DMK_VERB_REPLACE, id);

	if (r == 0)
		r = dmk_check_options(dm, o->flags, allowed, o->reserved);
	if (r == 0)
		r = dmk_check_udev(dm, o->udev_cookie, o->udev_flags);
	if (r == 0)
		r = check_table(dm, table);
	if (r == 0)
		r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &swap_limit);
	if (r == 0)
		r = dmk_limit_start(dm, o->timeout_ms, -1, &limit);
	if (r == 0)
		r = dmk_handshake_init(dm, &udev, &handshake);
	if (r == 0)
		r = load_retrying(dm, id, table, o->flags & DMK_REPLACE_READONLY, false, &limit,
				  &loaded);
	if (r < 0)
		return r;
	flags = (o->flags & DMK_REPLACE_NOFLUSH ? DM_NOFLUSH_FLAG : 0) |
		(o->flags & DMK_REPLACE_SKIP_LOCKFS ? DM_SKIP_LOCKFS_FLAG : 0);
	r = dmk_swap_table(dm, id, &loaded, flags, &handshake, &swap_limit, &info);
	if (r == 0)
		r = dmk_handshake_end(dm, &handshake, NULL, false);
	if (r == 0 && ret_info)
		*ret_info = info;
	return dmk_done(dm, r);
}

static int check_create_options(struct dmk *dm, const struct dmk_create_options *o,
				const struct dmk_table *table)
{
	const uint32_t ahead = DMK_CREATE_READ_AHEAD | DMK_CREATE_READ_AHEAD_MINIMUM;
	int r = dmk_check_options(
		dm, o->flags, DMK_CREATE_READONLY | DMK_CREATE_FIXED_MINOR | ahead, o->reserved);

	if (r == 0)
		r = dmk_check_node_policy(dm, o->node_policy);
	if (r == 0)
		r = dmk_check_mode(dm, o->mode);
	if (r == 0)
		r = dmk_check_udev(dm, o->udev_cookie, o->udev_flags);
	if (r < 0)
		return r;
	if (o->minor > 0xfffff || (o->minor && !(o->flags & DMK_CREATE_FIXED_MINOR)))
		return dmk_fail_argument(dm, -EINVAL,
					 "a fixed minor needs its flag and is at most 1048575");
	if ((o->flags & ahead) && (o->node_policy == DMK_NODE_NONE || !table))
		return dmk_fail_argument(
			dm, -EINVAL,
			"read-ahead is set through the node: it needs a table and a node");
	if (o->uuid) {
		r = dmk_check_uuid(o->uuid, &dm->error);
		if (r < 0)
			return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
	}
	return table ? check_table(dm, table) : 0;
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
	int r, pause;

	for (;;) {
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
		pause = dmk_limit_pause(dm, limit);
		if (pause == -ECANCELED)
			return dmk_fail_step(dm, DMK_STEP_CREATE, pause);
		if (pause < 0)
			return r;
	}
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
	r = dmk_handshake_end(dm, handshake, &node, false);
	if (r == 0 && o->node_policy != DMK_NODE_NONE && !handshake->nodes)
		r = dmk_make_node(dm, &node);
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

/* Everything after DEV_CREATE. */
static int fill_device(struct dmk *dm, const struct dmk_id *id, struct dmk_table *table,
		       const struct dmk_create_options *o, struct dmk_limit *limit,
		       struct dmk_handshake *handshake, struct dmk_info *info)
{
	struct dmk_call resume = {
		.command = DM_DEV_SUSPEND_CMD,
		.step = DMK_STEP_RESUME,
		.id = id,
	};
	bool waits = limit->end_ns != 0;
	struct dmk_info loaded;
	int r = 0;

	/* A node that is there when the table comes would stand in the way of udevd's link. */
	if (o->node_policy == DMK_NODE_ON_CREATE && !(table && handshake->nodes))
		r = finish_node(dm, o, info, handshake);
	if (r < 0 || !table)
		return r;
	r = load_retrying(dm, id, table, o->flags & DMK_CREATE_READONLY, waits, limit, &loaded);
	if (r == 0)
		r = dmk_go_on(dm, DMK_STEP_RESUME);
	if (r == 0)
		r = dmk_handshake_begin(dm, handshake);
	if (r < 0)
		return r;
	resume.event_nr = handshake->event_nr;
	r = dmk_simple(dm, &resume, info);
	dmk_handshake_sent(dm, handshake, r);
	if (r == 0)
		r = finish_node(dm, o, info, handshake);
	/* Told to stop until here: nothing of it stays. */
	return r < 0 ? r : dmk_go_on(dm, DMK_STEP_MAKE_NODE);
}

/* The node first, then the device: a moment's user (udev's probe, say) is waited for. */
static void undo_create(struct dmk *dm, const struct dmk_id *id, const struct dmk_create_options *o,
			struct dmk_handshake *handshake, const struct dmk_info *info)
{
	struct dmk_call call = { .command = DM_DEV_REMOVE_CMD, .step = DMK_STEP_REMOVE, .id = id };
	struct dmk_node node = dmk_node_of(dm, info);
	struct dmk_node_saved saved;
	struct dmk_limit limit;
	int r;

	dm->undoing = true;
	handshake->end_ns = 0;
	node.keep_links = handshake->nodes;
	if (o->node_policy != DMK_NODE_NONE)
		(void)dmk_remove_node(dm, &node, &saved); /* a failure is noted in undo_code */
	r = dmk_limit_start(dm, 0, DMK_UNDO_MS, &limit);
	while (r == 0) {
		int32_t noted = dm->error.undo_code;

		/* The caller's cookie is for the create alone. */
		if (!handshake->theirs && dmk_handshake_begin(dm, handshake) == 0)
			call.event_nr = handshake->event_nr;
		r = dmk_simple(dm, &call, NULL);
		if (!handshake->theirs)
			dmk_handshake_sent(dm, handshake, r);
		if (r == 0)
			r = dmk_handshake_end(dm, handshake, &node, true);
		if (r != -EBUSY)
			break;
		r = dmk_limit_pause(dm, &limit);
		if (r == 0)
			dm->error.undo_code = noted; /* not the last word yet */
	}
	dm->undoing = false;
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
		dmk_limit_next_step(dm, &limit);
		r = fill_device(dm, &id, table, o, &limit, &handshake, &info);
	} else { /* made, but which number it has is not known: without a node, then */
		info = (struct dmk_info){ 0 };
	}
	if (r < 0)
		undo_create(dm, &id, o, &handshake, &info);
	else if (ret_info)
		*ret_info = info;
	return dmk_done(dm, r);
}
