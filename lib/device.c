/* SPDX-License-Identifier: MIT */
/* The verbs that change one thing about a device, and the steps that verbs share. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int dmk_simple(struct dmk *dm, const struct dmk_call *call, struct dmk_info *ret_info)
{
	struct dm_ioctl *io;
	int r = dmk_call(dm, call, &io);

	if (r == 0 && ret_info)
		r = dmk_reply_info(io, ret_info);
	if (r == -EBADMSG)
		return dmk_fail_step(dm, call->step, r);
	return r;
}

static bool is_as_asked(const struct dmk_call *call, const struct dmk_info *info)
{
	if (call->flags & DM_SUSPEND_FLAG)
		return info->flags & DMK_INFO_SUSPENDED;
	return !(info->flags & (DMK_INFO_SUSPENDED | DMK_INFO_INACTIVE_TABLE));
}

/* What became of the device whose request was ended: read afterwards, not guessed. true: the kernel
 * was quicker, and it is done. */
static bool tell_state(struct dmk *dm, const struct dmk_call *call, struct dmk_info *ret_info)
{
	struct dmk_error failure = dm->error;
	const char *state = "cannot be told";
	struct dmk_info info;

	if (dmk_status(dm, call->id, &info) == 0) {
		if (is_as_asked(call, &info)) {
			if (ret_info)
				*ret_info = info;
			return true;
		}
		state = info.flags & DMK_INFO_SUSPENDED ? "is suspended" : "is active";
	}
	dm->error = failure; /* the question has none of its own */
	if (failure.code != -ETIMEDOUT)
		return false;
	dmk_print_text(
		dm->error.detail, sizeof(dm->error.detail),
		"I/O did not end in time; the device %s%s", state,
		dm->stuck
			? ", and the request, which could not be killed, still waits in the kernel"
			: "");
	return false;
}

int dmk_simple_blocking(struct dmk *dm, const struct dmk_call *call, const struct dmk_limit *limit,
			struct dmk_info *ret_info)
{
	struct dm_ioctl *io;
	int r = dmk_call_blocking(dm, call, limit, &io);

	if ((r == -ETIMEDOUT || r == -ECANCELED) && !dm->undoing && tell_state(dm, call, ret_info))
		return dmk_done(dm, 0);
	if (r == 0 && ret_info)
		r = dmk_reply_info(io, ret_info);
	if (r == -EBADMSG)
		return dmk_fail_step(dm, call->step, r);
	return r;
}

int dmk_status(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_info)
{
	struct dmk_call call = { .command = DM_DEV_STATUS_CMD, .step = DMK_STEP_STATUS, .id = id };

	return dmk_simple(dm, &call, ret_info);
}

int dmk_clear(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_info)
{
	struct dmk_call call = { .command = DM_TABLE_CLEAR_CMD, .step = DMK_STEP_CLEAR, .id = id };
	int r = dmk_begin_id(dm, DMK_VERB_CLEAR, id);

	return r < 0 ? r : dmk_simple(dm, &call, ret_info);
}

/* DMK_SUSPEND_* to the kernel's flags. */
static uint32_t suspend_flags(uint32_t flags)
{
	return (flags & DMK_SUSPEND_NOFLUSH ? DM_NOFLUSH_FLAG : 0) |
	       (flags & DMK_SUSPEND_SKIP_LOCKFS ? DM_SKIP_LOCKFS_FLAG : 0);
}

int dmk_suspend(struct dmk *dm, const struct dmk_id *id, const struct dmk_suspend_options *options,
		struct dmk_info *ret_info)
{
	static const struct dmk_suspend_options defaults;
	const struct dmk_suspend_options *o = options ? options : &defaults;
	struct dmk_call call = { .command = DM_DEV_SUSPEND_CMD,
				 .step = DMK_STEP_SUSPEND,
				 .id = id };
	struct dmk_limit limit;
	int r = dmk_begin_id(dm, DMK_VERB_SUSPEND, id);

	if (r == 0)
		r = dmk_check_options(dm, o->flags, DMK_SUSPEND_NOFLUSH | DMK_SUSPEND_SKIP_LOCKFS,
				      o->reserved);
	if (r < 0)
		return r;
	call.flags = DM_SUSPEND_FLAG | suspend_flags(o->flags);
	r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &limit);
	if (r == 0)
		r = dmk_connect(dm);
	if (r == 0)
		r = dmk_go_on(dm, DMK_STEP_SUSPEND);
	return r < 0 ? r : dmk_simple_blocking(dm, &call, &limit, ret_info);
}

static int check_resume_options(struct dmk *dm, const struct dmk_resume_options *o)
{
	int r = dmk_check_options(dm, o->flags, DMK_SUSPEND_NOFLUSH | DMK_SUSPEND_SKIP_LOCKFS,
				  o->reserved);

	if (r == 0)
		r = dmk_check_node_policy(dm, o->node_policy);
	if (r == 0)
		r = dmk_check_mode(dm, o->mode);
	return r < 0 ? r : dmk_check_udev(dm, o->udev_cookie, o->udev_flags);
}

int dmk_resume(struct dmk *dm, const struct dmk_id *id, const struct dmk_resume_options *options,
	       struct dmk_info *ret_info)
{
	static const struct dmk_resume_options defaults;
	const struct dmk_resume_options *o = options ? options : &defaults;
	struct dmk_call call = { .command = DM_DEV_SUSPEND_CMD, .step = DMK_STEP_RESUME, .id = id };
	struct dmk_udev_request udev = { o->udev_cookie, o->udev_flags, o->node_policy,
					 o->timeout_ms };
	struct dmk_handshake handshake;
	struct dmk_limit limit;
	struct dmk_info info;
	struct dmk_node node;
	int r = dmk_begin_id(dm, DMK_VERB_RESUME, id);

	if (r == 0)
		r = check_resume_options(dm, o);
	if (r < 0)
		return r;
	call.flags = suspend_flags(o->flags);
	r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &limit);
	if (r == 0)
		r = dmk_handshake_init(dm, &udev, &handshake);
	if (r == 0)
		r = dmk_handshake_begin(dm, &handshake);
	if (r < 0)
		return r;
	call.event_nr = handshake.event_nr;
	r = dmk_simple_blocking(dm, &call, &limit, &info);
	dmk_handshake_sent(dm, &handshake, r);
	if (r < 0)
		return r;
	node = dmk_node_of(dm, &info);
	node.uid = o->uid;
	node.gid = o->gid;
	node.mode = o->mode;
	r = dmk_handshake_end(dm, &handshake, &node, false);
	if (r == 0 && o->node_policy != DMK_NODE_NONE && !handshake.nodes)
		r = dmk_make_node_again(dm, &node);
	if (r == 0 && ret_info)
		*ret_info = info;
	return dmk_done(dm, r);
}

/* DM_DEV_RENAME of the device old_name: the kernel finds it by its name alone. handshake NULL:
 * udevd is told without a cookie. */
static int rename_device(struct dmk *dm, const char *old_name, const char *text, uint32_t flags,
			 struct dmk_handshake *handshake, struct dmk_info *ret_info)
{
	struct dmk_call call = {
		.command = DM_DEV_RENAME_CMD,
		.step = DMK_STEP_RENAME,
		.name = old_name,
		.flags = flags,
		.payload = text,
		.payload_size = strlen(text) + 1,
	};
	int r = handshake ? dmk_handshake_begin(dm, handshake) : 0;

	if (r < 0)
		return r;
	call.event_nr = handshake ? handshake->event_nr : 0;
	r = dmk_simple(dm, &call, ret_info);
	if (handshake)
		dmk_handshake_sent(dm, handshake, r);
	return r;
}

/* The caller's cookie is for the way there alone. */
static void rename_back(struct dmk *dm, const struct dmk_info *before, const char *new_name,
			struct dmk_handshake *handshake)
{
	struct dmk_node from = dmk_node_of(dm, before);
	struct dmk_node to = from;
	int r;

	to.name = new_name;
	dm->undoing = true;
	handshake->end_ns = 0;
	r = rename_device(dm, new_name, before->name, 0, handshake->theirs ? NULL : handshake,
			  NULL);
	if (r == 0)
		r = dmk_handshake_end(dm, handshake,
				      before->flags & DMK_INFO_LIVE_TABLE ? &from : NULL, false);
	/* What fails here is noted in undo_code. */
	if (r == 0 && handshake->nodes && !handshake->theirs)
		r = dmk_handshake_gone(dm, handshake, &to);
	dm->undoing = false;
}

/* As the old one was, if there was one, or none could be under the old name. */
static int make_new_node(struct dmk *dm, const struct dmk_info *before, const struct dmk_node *to,
			 const struct dmk_node_saved *saved)
{
	int r;

	if (to->going)
		return 0;
	if (dmk_name_has_no_node(before->name))
		return before->flags & DMK_INFO_LIVE_TABLE ? dmk_make_node_again(dm, to) : 0;
	if (!saved->was_node && !saved->was_link)
		return 0;
	r = dmk_restore_node(dm, to, saved);
	return r == 0 ? dmk_look_again(dm, to) : r;
}

/* The node after the device: where the new one cannot be made, both get their old name back. */
static int move_node(struct dmk *dm, const struct dmk_info *before, const char *new_name,
		     struct dmk_handshake *handshake)
{
	struct dmk_node from = dmk_node_of(dm, before);
	struct dmk_node to = from;
	struct dmk_node_saved saved = { 0 };
	int r;

	to.name = new_name;
	r = dmk_handshake_end(dm, handshake, before->flags & DMK_INFO_LIVE_TABLE ? &to : NULL,
			      false);
	if (r == 0 && handshake->nodes && !handshake->theirs)
		r = dmk_handshake_gone(dm, handshake, &from);
	if (r == 0 && !handshake->nodes)
		r = dmk_remove_node(dm, &from, &saved);
	if (r == 0 && !handshake->nodes)
		r = make_new_node(dm, before, &to, &saved);
	if (r < 0) {
		rename_back(dm, before, new_name, handshake);
		dm->undoing = true;
		dmk_restore_node(dm, &from, &saved);
		dm->undoing = false;
	}
	return r;
}

/* text: the new name or uuid, by the verb. What is there before, and nothing changed yet. */
static int begin_rename(struct dmk *dm, uint32_t verb, const struct dmk_id *id, const char *text,
			const struct dmk_rename_options *o, struct dmk_handshake *ret_handshake,
			struct dmk_info *ret_before)
{
	const struct dmk_udev_request udev = { o->udev_cookie, o->udev_flags, o->node_policy, 0 };
	int r = dmk_begin_id(dm, verb, id);

	if (r == 0)
		r = dmk_check_options(dm, 0, 0, o->reserved);
	if (r == 0)
		r = dmk_check_node_policy(dm, o->node_policy);
	if (r == 0)
		r = dmk_check_udev(dm, o->udev_cookie, o->udev_flags);
	if (r < 0)
		return r;
	r = verb == DMK_VERB_SET_UUID ? dmk_check_uuid(text, &dm->error)
				      : dmk_check_new_name(text, &dm->error);
	if (r < 0)
		return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r);
	r = dmk_handshake_init(dm, &udev, ret_handshake);
	return r < 0 ? r : dmk_status(dm, id, ret_before);
}

int dmk_rename(struct dmk *dm, const struct dmk_id *id, const char *new_name,
	       const struct dmk_rename_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_rename_options defaults;
	const struct dmk_rename_options *o = options ? options : &defaults;
	struct dmk_handshake handshake;
	struct dmk_info before, after;
	int r = begin_rename(dm, DMK_VERB_RENAME, id, new_name, o, &handshake, &before);

	if (r < 0)
		return r;
	handshake.undone = o->node_policy != DMK_NODE_NONE;
	r = rename_device(dm, before.name, new_name, 0, &handshake, &after);
	if (r == -EBADMSG && dm->error.step == DMK_STEP_RENAME)
		rename_back(dm, &before, new_name, &handshake); /* renamed all the same */
	if (r == 0 && o->node_policy != DMK_NODE_NONE)
		r = move_node(dm, &before, new_name, &handshake);
	else if (r == 0)
		r = dmk_handshake_end(dm, &handshake, NULL, false);
	if (r == 0 && ret_info) {
		*ret_info = after;
		/* The reply still has the name that was asked for, and no uuid. */
		dmk_copy_text(ret_info->name, sizeof(ret_info->name), new_name);
		memcpy(ret_info->uuid, before.uuid, sizeof(ret_info->uuid));
	}
	return r;
}

int dmk_set_uuid(struct dmk *dm, const struct dmk_id *id, const char *uuid,
		 const struct dmk_rename_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_rename_options defaults;
	const struct dmk_rename_options *o = options ? options : &defaults;
	struct dmk_handshake handshake;
	struct dmk_info before, after;
	int r = begin_rename(dm, DMK_VERB_SET_UUID, id, uuid, o, &handshake, &before);

	if (r == 0)
		r = rename_device(dm, before.name, uuid, DM_UUID_FLAG, &handshake, &after);
	if (r == 0)
		r = dmk_handshake_end(dm, &handshake, NULL, false);
	if (r == 0 && ret_info) {
		*ret_info = after;
		dmk_copy_text(ret_info->uuid, sizeof(ret_info->uuid), uuid);
	}
	return r;
}

int dmk_set_geometry(struct dmk *dm, const struct dmk_id *id, uint32_t cylinders, uint32_t heads,
		     uint32_t sectors, uint64_t start_sectors)
{
	char text[80];
	struct dmk_call call = {
		.command = DM_DEV_SET_GEOMETRY_CMD,
		.step = DMK_STEP_GEOMETRY,
		.id = id,
		.payload = text,
	};
	int r = dmk_begin_id(dm, DMK_VERB_GEOMETRY, id);

	if (r < 0)
		return r;
	if (cylinders > 65535 || heads > 255 || sectors > 255)
		return dmk_fail_argument(
			dm, -EINVAL,
			"a geometry has at most 65535 cylinders, 255 heads and 255 sectors");
	if (start_sectors > (uint64_t)cylinders * heads * sectors)
		return dmk_fail_argument(dm, -EINVAL,
					 "the start is at most cylinders * heads * sectors");
	snprintf(text, sizeof(text), "%u %u %u %llu", cylinders, heads, sectors,
		 (unsigned long long)start_sectors);
	call.payload_size = strlen(text) + 1;
	return dmk_call(dm, &call, NULL);
}

/* struct dm_target_msg: a sector, then the text. */
static char *message_payload(uint64_t sector, const char *text, size_t *ret_size)
{
	size_t size = sizeof(sector) + strlen(text) + 1;
	char *payload = malloc(size);

	if (!payload)
		return NULL;
	memcpy(payload, &sector, sizeof(sector));
	memcpy(payload + sizeof(sector), text, size - sizeof(sector));
	*ret_size = size;
	return payload;
}

int dmk_message(struct dmk *dm, const struct dmk_id *id, const char *text,
		const struct dmk_message_options *options, char **ret_reply)
{
	static const struct dmk_message_options defaults;
	const struct dmk_message_options *o = options ? options : &defaults;
	/* Asked again, a message acts again (@stats_print_clear): so the first room is large. */
	struct dmk_call call = { .command = DM_TARGET_MSG_CMD,
				 .step = DMK_STEP_MESSAGE,
				 .id = id,
				 .reply_size = 65536 };
	DMK_CLEANUP(dmk_free_ptr) char *payload = NULL;
	struct dmk_cursor cursor;
	const char *reply = NULL;
	struct dm_ioctl *io;
	char *copy = NULL;
	int r = dmk_begin_id(dm, DMK_VERB_MESSAGE, id);

	if (r == 0)
		r = dmk_check_options(dm, o->flags, DMK_MESSAGE_SECRET, o->reserved);
	if (r < 0)
		return r;
	if (!text[0])
		return dmk_fail_argument(dm, -EINVAL, "the message is empty");
	call.flags = o->flags & DMK_MESSAGE_SECRET ? DM_SECURE_DATA_FLAG : 0;
	payload = message_payload(o->sector, text, &call.payload_size);
	if (!payload)
		return dmk_fail_step(dm, DMK_STEP_MESSAGE, -ENOMEM);
	call.payload = payload;
	r = dmk_call(dm, &call, &io);
	dmk_wipe(payload, call.payload_size);
	if (r == 0 && (io->flags & DM_DATA_OUT_FLAG)) {
		r = dmk_reply_of(dm, DMK_STEP_MESSAGE, &cursor);
		if (r == 0 && dmk_cursor_string(&cursor, &reply) < 0)
			r = dmk_fail_step(dm, DMK_STEP_MESSAGE, -EBADMSG);
	}
	if (r < 0)
		return r;
	if (reply && ret_reply) {
		copy = dmk_copy_bytes(reply, strlen(reply) + 1);
		if (!copy)
			return dmk_fail_step(dm, DMK_STEP_MESSAGE, -ENOMEM);
	}
	if (ret_reply)
		*ret_reply = copy;
	return 0;
}

void dmk_library_version(struct dmk_version *ret_version)
{
	*ret_version = (struct dmk_version){ .major = DMK_VERSION_MAJOR,
					     .minor = DMK_VERSION_MINOR,
					     .patch = DMK_VERSION_PATCH };
}
