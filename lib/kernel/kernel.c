/* SPDX-License-Identifier: MIT */
#include "kernel.h"
#include "refusal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The kernel refuses requests above DM_MAX_TARGETS * DM_MAX_TARGET_PARAMS. */
#define LARGEST_REQUEST (UINT64_C(1) << 30)

static int reserve(struct dmk *dm, uint64_t payload, bool secret)
{
	uint64_t size = sizeof(struct dm_ioctl) + payload;

	if (size > LARGEST_REQUEST)
		return -EMSGSIZE;
	if (size > dm->capacity) {
		bool small = size <= sizeof(dm->first);

		dmk_drop_buffer(dm);
		dm->buffer = small ? (struct dm_ioctl *)dm->first : malloc(size);
		if (!dm->buffer)
			return -ENOMEM;
		dm->capacity = small ? sizeof(dm->first) : (uint32_t)size;
	}
	/* A smaller request leaves an old one's key standing behind it. */
	if (dm->secret)
		dmk_wipe(dm->buffer, dm->request_size);
	dm->request_size = (uint32_t)size;
	dm->secret = secret;
	return 0;
}

int dmk_connect(struct dmk *dm)
{
	struct dm_ioctl io;
	int r;

	if (dm->connected)
		return 0;
	dmk_request_init(&io, DM_VERSION_CMD, sizeof(io));
	r = dmk_send(dm, DM_VERSION_CMD, &io, sizeof(io));
	/* A failing open has told its step already. */
	if (r < 0)
		return dm->error.step == DMK_STEP_OPEN_CONTROL
			       ? r
			       : dmk_fail_step(dm, DMK_STEP_VERSION, r);
	if (io.version[0] != 4) {
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "the driver speaks version %u, dmkit version 4", io.version[0]);
		return dmk_fail_step(dm, DMK_STEP_VERSION, -EOPNOTSUPP);
	}
	dm->driver.major = io.version[0];
	dm->driver.minor = io.version[1];
	dm->driver.patch = io.version[2];
	dm->connected = true;
	return 0;
}

bool dmk_driver_has(const struct dmk *dm, uint32_t minor)
{
	return dm->unasked || dm->driver.minor >= minor;
}

/* Connected, and the driver knows the command. */
static int ready(struct dmk *dm, const struct dmk_call *call)
{
	const struct dmk_command *command = dmk_command_find(call->command);
	int r = dmk_connect(dm);

	if (r < 0)
		return r;
	if (!dmk_driver_has(dm, command->minor)) {
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "%s needs driver version 4.%u, this kernel has %u.%u.%u",
			       command->name, command->minor, dm->driver.major, dm->driver.minor,
			       dm->driver.patch);
		return dmk_fail_step(dm, call->step, -EOPNOTSUPP);
	}
	return 0;
}

static int fail_call(struct dmk *dm, const struct dmk_call *call, int r)
{
	if (!dm->undoing) {
		dm->error.reason[0] = '\0'; /* of an earlier try */
		if (dm->fd >= 0 && dmk_command_find(call->command)->flags & DMK_COMMAND_LOGS)
			dmk_explain_refusal(dm, call, r);
	}
	return dmk_fail_step(dm, call->step, r);
}

DMK_FAST int dmk_call(struct dmk *dm, const struct dmk_call *call, struct dm_ioctl **ret_io)
{
	uint64_t payload =
		call->payload_size > call->reply_size ? call->payload_size : call->reply_size;
	struct dm_ioctl *io;
	int r = ready(dm, call);

	dm->uevent = false;
	if (r < 0)
		return r;
	for (;;) {
		r = reserve(dm, payload, call->secret || call->flags & DM_SECURE_DATA_FLAG);
		if (r < 0)
			return dmk_fail_step(dm, call->step, r);
		if (dm->secret && call->payload)
			dmk_keep_buffer_out(dm);
		io = dm->buffer;
		r = dmk_send_call(dm, call, io, dm->request_size);
		if (r < 0)
			return fail_call(dm, call, r);
		if (!(io->flags & DM_BUFFER_FULL_FLAG) || call->reply_size == 0)
			break;
		payload = dmk_reply_estimate(call->command, io, dm->request_size, payload);
	}
	dm->uevent = io->flags & DM_UEVENT_GENERATED_FLAG;
	if (ret_io)
		*ret_io = io;
	return 0;
}

int dmk_call_blocking(struct dmk *dm, const struct dmk_call *call, const struct dmk_limit *limit,
		      struct dm_ioctl **ret_io)
{
	int r;

	dm->blocking = limit->end_ns == INT64_MAX ? NULL : limit;
	r = dmk_call(dm, call, ret_io);
	dm->blocking = NULL;
	return r;
}

int dmk_call_in_place(struct dmk *dm, const struct dmk_call *call, struct dm_ioctl *io)
{
	uint64_t size = sizeof(*io) + call->payload_size;
	int r = ready(dm, call);

	if (r < 0)
		return r;
	if (size > LARGEST_REQUEST) {
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "the kernel takes tables of up to 1 GiB, this one has %llu bytes",
			       (unsigned long long)size);
		return dmk_fail_step(dm, call->step, -EMSGSIZE);
	}
	r = dmk_send_call(dm, call, io, (uint32_t)size);
	return r < 0 ? fail_call(dm, call, r) : 0;
}

DMK_FAST int dmk_reply_of(struct dmk *dm, uint32_t step, struct dmk_cursor *ret_cursor)
{
	struct dmk_cursor cursor;
	int r = dmk_reply_cursor(dm->buffer, dm->request_size, &cursor);

	if (r < 0)
		return dmk_fail_step(dm, step, r);
	cursor.has_event_nr = dmk_driver_has(dm, 38);
	cursor.has_uuid = dmk_driver_has(dm, 45);
	*ret_cursor = cursor;
	return 0;
}

int dmk_fd(struct dmk *dm, int *ret_fd)
{
	int r;

	dmk_begin(dm, DMK_VERB_OPEN, NULL);
	r = dmk_connect(dm);
	if (r < 0)
		return r;
	if (dm->fd < 0)
		return dmk_fail_argument(dm, -EOPNOTSUPP,
					 "the transport hook opened no control node");
	*ret_fd = dm->fd;
	return 0;
}

int dmk_driver_version(struct dmk *dm, struct dmk_version *ret_version)
{
	int r;

	dmk_begin(dm, DMK_VERB_VERSION, NULL);
	r = dmk_connect(dm);
	if (r < 0)
		return r;
	*ret_version = dm->driver;
	return 0;
}
