/* SPDX-License-Identifier: MIT */
/* A verb on a device without payload, and whether what answered is the device that was meant. */
#include "simple.h"

#include <errno.h>
#include <string.h>

bool dmk_same_device(const struct dmk_info *first, const struct dmk_info *later)
{
	if (first->major && later->major &&
	    (first->major != later->major || first->minor != later->minor))
		return false;
	if (strcmp(first->uuid, later->uuid) != 0)
		return false;
	return first->uuid[0] || !first->name[0] || !later->name[0] ||
	       strcmp(first->name, later->name) == 0;
}

int dmk_fail_other(struct dmk *dm, uint32_t step, const struct dmk_info *first)
{
	if (!dm->undoing) {
		dm->error.segment = dm->error.n_holders = dm->error.holders_more = 0;
		dm->error.argument[0] = dm->error.reason[0] = '\0';
		dm->error.target[0] = dm->error.params[0] = '\0';
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "another process removed %u:%u '%s', or took it over, while this "
			       "call was at work",
			       first->major, first->minor, first->name);
		dm->error.flags |= DMK_ERROR_CHANGED;
	}
	return dmk_fail_step(dm, step, -ENXIO);
}

/* What the reply says, if it is about the device that it has to be about. */
static int read_reply(struct dmk *dm, const struct dmk_call *call, const struct dm_ioctl *io,
		      struct dmk_info *ret_info)
{
	struct dmk_info info;
	int r = 0;

	if (call->first)
		r = dmk_reply_info(io, &info);
	else if (ret_info)
		r = dmk_reply_info(io, ret_info);
	if (r < 0)
		return dmk_fail_step(dm, call->step, r);
	if (call->first && !dmk_same_device(call->first, &info))
		return dmk_fail_other(dm, call->step, call->first);
	if (call->first && ret_info)
		*ret_info = info;
	return 0;
}

int dmk_simple(struct dmk *dm, const struct dmk_call *call, struct dmk_info *ret_info)
{
	struct dm_ioctl *io;
	int r = dmk_call(dm, call, &io);

	return r < 0 ? r : read_reply(dm, call, io, ret_info);
}

static bool is_as_asked(const struct dmk_call *call, const struct dmk_info *info)
{
	/* What only looks has its answer in the reply alone. */
	if (call->command != DM_DEV_SUSPEND_CMD)
		return false;
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

	if (dmk_status(dm, call->id, &info) == 0 &&
	    (!call->first || dmk_same_device(call->first, &info))) {
		if (is_as_asked(call, &info)) {
			if (ret_info)
				*ret_info = info;
			return true;
		}
		state = info.flags & DMK_INFO_SUSPENDED ? "is suspended" : "is active";
	}
	dm->error = failure; /* the question has none of its own */
	if (failure.code == -EINTR)
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "the process with the request was ended before the kernel "
			       "answered; the device %s",
			       state);
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

	dm->read_later = false;
	if ((r == -ETIMEDOUT || r == -ECANCELED || r == -EINTR) && !dm->undoing &&
	    tell_state(dm, call, ret_info)) {
		dm->read_later = true;
		return dmk_done(dm, 0);
	}
	return r < 0 ? r : read_reply(dm, call, io, ret_info);
}

int dmk_status(struct dmk *dm, const struct dmk_id *id, struct dmk_info *ret_info)
{
	struct dmk_call call = { .command = DM_DEV_STATUS_CMD, .step = DMK_STEP_STATUS, .id = id };

	return dmk_simple(dm, &call, ret_info);
}
