/* SPDX-License-Identifier: MIT */
/* The verbs that change one thing about a device, and the steps that verbs share. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows/target.h"

int dmk_clear(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_info)
{
	struct dmk_call call = { .command = DM_TABLE_CLEAR_CMD, .step = DMK_STEP_CLEAR, .id = id };
	int r = dmk_begin_id(dm, DMK_VERB_CLEAR, id);

	return r < 0 ? r : dmk_simple(dm, &call, ret_info);
}

uint32_t dmk_suspend_flags(uint32_t flags)
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
	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	if (r < 0)
		return r;
	call.flags = DM_SUSPEND_FLAG | dmk_suspend_flags(o->flags);
	r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &limit);
	if (r == 0)
		r = dmk_connect(dm);
	if (r == 0)
		r = dmk_go_on(dm, DMK_STEP_SUSPEND);
	return r < 0 ? r : dmk_simple_blocking(dm, &call, &limit, ret_info);
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
static char *message_payload(uint64_t sector, const char *text, bool secret, size_t *ret_size)
{
	size_t size = sizeof(sector) + strlen(text) + 1;
	char *payload = malloc(size);

	if (!payload)
		return NULL;
	if (secret)
		dmk_no_dump(payload, size);
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
	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	if (r < 0)
		return r;
	if (!text[0])
		return dmk_fail_argument(dm, -EINVAL, "the message is empty");
	if (o->flags & DMK_MESSAGE_SECRET || dmk_message_is_secret(text))
		call.flags = DM_SECURE_DATA_FLAG;
	payload = message_payload(o->sector, text, call.flags != 0, &call.payload_size);
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
