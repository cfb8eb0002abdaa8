/* SPDX-License-Identifier: MIT */
/* Waiting for events. */
#include <errno.h>
#include <string.h>

#include "device.h"

int dmk_arm_fd(struct dmk *dm, int fd, uint32_t step)
{
	struct dmk_call call = { .command = DMK_CMD_ARM_POLL, .step = step };
	int connection = dm->fd;
	int r;

	if (fd >= 0)
		dm->fd = fd;
	r = dmk_call(dm, &call, NULL);
	dm->fd = connection;
	return r;
}

int dmk_arm_poll(struct dmk *dm)
{
	dmk_begin(dm, DMK_VERB_POLL, NULL);
	return dmk_arm_fd(dm, -1, DMK_STEP_POLL);
}

/* A device that was renamed is the same to whoever waits for its event. */
static bool is_same(const struct dmk_info *first, const struct dmk_info *now)
{
	return first->major == now->major && first->minor == now->minor &&
	       (!first->uuid[0] || strcmp(first->uuid, now->uuid) == 0);
}

/* With an fd of its own: who polls the connection's is still woken. Armed first, then asked: an
 * event between the two wakes the poll. Another device that has the name by then has events of its
 * own. */
static int wait_by_poll(struct dmk *dm, const struct dmk_id *id, uint32_t event_nr,
			struct dmk_limit *limit, struct dmk_info *ret_info)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = -1;
	int r = dmk_open_control(dm, &fd);
	struct dmk_info first;
	bool known = false;

	if (r < 0)
		return r;
	for (;; known = true) {
		r = dmk_arm_fd(dm, fd, DMK_STEP_WAIT);
		if (r == 0)
			r = dmk_status(dm, id, ret_info);
		if (r == 0 && !known)
			first = *ret_info;
		if (r == 0 && !is_same(&first, ret_info))
			return dmk_fail_other(dm, DMK_STEP_WAIT, &first);
		if (r < 0 || ret_info->event_nr != event_nr)
			return r;
		r = dmk_limit_poll(dm, limit, fd);
		if (r == -ETIMEDOUT)
			dmk_fail(&dm->error, r, "no event came in time");
		if (r < 0)
			return dmk_fail_step(dm, DMK_STEP_WAIT, r);
	}
}

/* A request that only an event or a signal ends: for drivers that cannot poll, and behind a hook.
 */
static int wait_in_kernel(struct dmk *dm, const struct dmk_id *id, uint32_t event_nr,
			  const struct dmk_limit *limit, struct dmk_info *ret_info)
{
	struct dmk_call call = {
		.command = DM_DEV_WAIT_CMD, .step = DMK_STEP_WAIT, .id = id, .event_nr = event_nr
	};

	if (limit->end_ns != INT64_MAX)
		return dmk_fail_argument(dm, -EOPNOTSUPP,
					 "to wait with a limit, the driver must be 4.37 or newer");
	return dmk_simple(dm, &call, ret_info);
}

int dmk_wait(struct dmk *dm, const struct dmk_id *id, uint32_t event_nr,
	     const struct dmk_wait_options *options, struct dmk_info *ret_info)
{
	static const struct dmk_wait_options defaults;
	const struct dmk_wait_options *o = options ? options : &defaults;
	struct dmk_limit limit;
	struct dmk_info info;
	int r = dmk_begin_id(dm, DMK_VERB_WAIT, id);

	if (r == 0)
		r = dmk_check_options(dm, o->flags, 0, o->reserved);
	if (r == 0)
		r = dmk_check_unused(dm, o->unused);
	if (r == 0)
		r = dmk_limit_start(dm, o->timeout_ms, DMK_FOREVER, &limit);
	if (r == 0)
		r = dmk_connect(dm);
	if (r < 0)
		return r;
	if (dm->fd >= 0 && dmk_driver_has(dm, dmk_command_find(DMK_CMD_ARM_POLL)->minor))
		r = wait_by_poll(dm, id, event_nr, &limit, &info);
	else
		r = wait_in_kernel(dm, id, event_nr, &limit, &info);
	if (r == 0 && ret_info)
		*ret_info = info;
	return r;
}
