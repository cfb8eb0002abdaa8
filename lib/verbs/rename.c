/* SPDX-License-Identifier: MIT */
/* The verbs that give a device another name, or a uuid. */
#include <errno.h>
#include <string.h>

#include "device.h"

/*
 * DM_DEV_RENAME of the device that was seen as `before`, whose name is old_name now. The kernel
 * finds it by its name alone: whoever makes that name his own between the look, which is the
 * request before, and this one is renamed in its place, and the number in the reply tells. Its
 * name and uuid in the reply are the request's. handshake NULL: udevd is told without a cookie.
 */
static int rename_device(struct dmk *dm, const struct dmk_info *before, const char *old_name,
			 const char *text, uint32_t flags, struct dmk_handshake *handshake,
			 struct dmk_info *ret_info)
{
	struct dmk_call call = {
		.command = DM_DEV_RENAME_CMD,
		.step = DMK_STEP_RENAME,
		.name = old_name,
		.flags = flags,
		.payload = text,
		.payload_size = strlen(text) + 1,
	};
	struct dmk_info now;
	int r = handshake ? dmk_handshake_begin(dm, handshake) : 0;

	if (r < 0)
		return r;
	call.event_nr = handshake ? handshake->event_nr : 0;
	r = dmk_simple(dm, &call, ret_info);
	if (handshake)
		dmk_handshake_sent(dm, handshake, r);
	if (r == -EBUSY && !dm->undoing)
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "there is a mapping %s'%s' already",
			       flags & DM_UUID_FLAG ? "with uuid " : "", text);
	/* Another one that has the name may refuse it, one that has a uuid already for example. */
	if ((r == -ENXIO || r == -EINVAL) && !dm->undoing &&
	    !dmk_is_there(dm, before, &(struct dmk_id){ .name = old_name }, &now))
		return dmk_fail_other(dm, DMK_STEP_RENAME, before);
	return r;
}

static bool has_number_of(const struct dmk_info *before, const struct dmk_info *after)
{
	return !before->major || !after->major ||
	       (before->major == after->major && before->minor == after->minor);
}

/*
 * Another device got the name, if it still has it: it gets back the one that it had. One that has
 * our number may as well have been made since then: it is left alone.
 */
static void give_back(struct dmk *dm, const struct dmk_info *before, const char *new_name,
		      const struct dmk_info *other)
{
	const struct dmk_id id = { .name = new_name };
	struct dmk_info now;

	if (dmk_look(dm, &id, &now) < 0 || !has_number_of(other, &now))
		return;
	dm->undoing = true;
	if (rename_device(dm, other, new_name, before->name, 0, NULL, &now) == 0 &&
	    !has_number_of(other, &now))
		dmk_fail_step(dm, DMK_STEP_RENAME, -EEXIST);
	dm->undoing = false;
}

/* Is it the one with this name now? The number told already; a look at its uuid makes certain. */
static int check_renamed(struct dmk *dm, const struct dmk_info *before, const char *new_name,
			 const struct dmk_info *after)
{
	const struct dmk_id id = { .name = new_name };
	struct dmk_info now;
	int r;

	if (!has_number_of(before, after)) {
		give_back(dm, before, new_name, after);
		return dmk_fail_other(dm, DMK_STEP_RENAME, before);
	}
	if (dm->not_sent)
		return 0;
	r = dmk_look(dm, &id, &now);
	if (r == 0 && has_number_of(before, &now) && strcmp(before->uuid, now.uuid) == 0)
		return 0;
	return r == 0 || r == -ENXIO ? dmk_fail_other(dm, DMK_STEP_STATUS, before) : 0;
}

/* Whether it is there to be named as before. The caller's cookie is for the way there alone. */
static int rename_back(struct dmk *dm, const struct dmk_info *before, const char *new_name,
		       struct dmk_handshake *handshake)
{
	struct dmk_info renamed = *before, now;
	struct dmk_node from = dmk_node_of(dm, before);
	struct dmk_node to = from;
	int r = 0;

	dmk_copy_text(renamed.name, sizeof(renamed.name), new_name);
	if (!dmk_is_there(dm, &renamed, &(struct dmk_id){ .name = new_name }, &now) ||
	    strcmp(now.name, new_name) != 0)
		return dmk_fail_other(dm, DMK_STEP_RENAME, before);
	to.name = new_name;
	dm->undoing = true;
	handshake->end_ns = 0;
	r = rename_device(dm, before, new_name, before->name, 0,
			  handshake->theirs ? NULL : handshake, &now);
	if (r == 0 && !has_number_of(before, &now))
		r = dmk_fail_step(dm, DMK_STEP_RENAME, -EEXIST);
	if (r == 0)
		r = dmk_handshake_end(dm, handshake,
				      before->flags & DMK_INFO_LIVE_TABLE ? &from : NULL, false);
	/* What fails here is noted in undo_code. */
	if (r == 0 && handshake->nodes && !handshake->theirs)
		r = dmk_handshake_gone(dm, handshake, &to);
	dm->undoing = false;
	return 0;
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
	int r, undo;

	to.name = new_name;
	r = dmk_handshake_end(dm, handshake, before->flags & DMK_INFO_LIVE_TABLE ? &to : NULL,
			      false);
	if (r == 0 && handshake->nodes && !handshake->theirs)
		r = dmk_handshake_gone(dm, handshake, &from);
	if (r == 0 && !handshake->nodes)
		r = dmk_remove_node(dm, &from, &saved);
	if (r == 0 && !handshake->nodes)
		r = make_new_node(dm, before, &to, &saved);
	if (r == 0)
		return 0;
	undo = rename_back(dm, before, new_name, handshake);
	if (undo < 0)
		return undo;
	dm->undoing = true;
	dmk_restore_node(dm, &from, &saved);
	dm->undoing = false;
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
		r = dmk_check_unused(dm, o->unused);
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

/* Nobody waits for udevd any more, and the node of the device that is gone goes too. */
static int end_lost(struct dmk *dm, struct dmk_handshake *handshake, const struct dmk_info *before,
		    int r)
{
	int undo;

	dm->undoing = true;
	undo = dmk_handshake_end(dm, handshake, NULL, false);
	if (undo == 0 && handshake->request.node_policy != DMK_NODE_NONE)
		undo = dmk_forget_node(dm, before, handshake->nodes);
	dm->undoing = false;
	(void)undo; /* noted in undo_code */
	return r;
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
	r = rename_device(dm, &before, before.name, new_name, 0, &handshake, &after);
	if (r == 0) {
		r = check_renamed(dm, &before, new_name, &after);
		if (r < 0)
			return end_lost(dm, &handshake, &before, r);
	}
	if (r == -EBADMSG && dm->error.step == DMK_STEP_RENAME) {
		int undo =
			rename_back(dm, &before, new_name, &handshake); /* renamed all the same */

		return undo < 0 ? undo : r;
	}
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
		r = rename_device(dm, &before, before.name, uuid, DM_UUID_FLAG, &handshake, &after);
	if (r == 0) {
		r = dmk_handshake_end(dm, &handshake, NULL, false);
		if (r < 0)
			dm->error.left |= DMK_LEFT_DONE;
	}
	/* No uuid is ever taken back. */
	if (r == 0 && !has_number_of(&before, &after)) {
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "another process removed %u:%u '%s' in this very moment and made "
			       "%u:%u of that name: that one has the uuid now",
			       before.major, before.minor, before.name, after.major, after.minor);
		return dmk_fail_step(dm, DMK_STEP_RENAME, -ENXIO);
	}
	if (r == 0 && ret_info) {
		*ret_info = after;
		dmk_copy_text(ret_info->uuid, sizeof(ret_info->uuid), uuid);
	}
	return r;
}
