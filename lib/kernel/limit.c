/* SPDX-License-Identifier: MIT */
#include "limit.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define FIRST_PAUSE_NS (2 * NS_PER_MS)
#define LONGEST_PAUSE_NS (250 * NS_PER_MS)

int dmk_limit_start(struct dmk *dm, int64_t timeout_ms, int64_t fallback_ms,
		    struct dmk_limit *ret_limit)
{
	struct dmk_limit limit = { 0 };
	int64_t now = dmk_now_ns();

	if (timeout_ms < -1)
		return dmk_fail_argument(dm, -EINVAL, "a timeout is -1 or more milliseconds");
	if (dm->undoing)
		timeout_ms = fallback_ms;
	if (timeout_ms == 0 && dm->timeout_ms)
		timeout_ms = dm->timeout_ms;
	if (timeout_ms == 0)
		timeout_ms = fallback_ms;
	if (timeout_ms == -1)
		limit.end_ns = 0;
	else if (timeout_ms > (INT64_MAX - now) / NS_PER_MS)
		limit.end_ns = INT64_MAX;
	else
		limit.end_ns = now + timeout_ms * NS_PER_MS;
	/* An undo has its own time: the verb's may be over, and the caller's patience with it. */
	if (!dm->undoing && dm->deadline_ns && dm->deadline_ns < limit.end_ns)
		limit.end_ns = dm->deadline_ns;
	if (!dm->undoing)
		dm->started_ns = now;
	*ret_limit = limit;
	return 0;
}

bool dmk_canceled(const struct dmk *dm)
{
	return !dm->undoing && dm->cancel_flag && *dm->cancel_flag;
}

int dmk_go_on(struct dmk *dm, uint32_t step)
{
	return dmk_canceled(dm) ? dmk_fail_step(dm, step, -ECANCELED) : 0;
}

/* Waits until until_ns for fd to be readable: 0, -ETIMEDOUT or -ECANCELED. */
static int wait_until(struct dmk *dm, int64_t until_ns, int fd)
{
	/* poll() skips negative fds. */
	struct pollfd fds[] = {
		{ .fd = dm->undoing ? -1 : dm->cancel_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	for (;;) {
		int64_t left = until_ns - dmk_now_ns();
		struct timespec time;
		int r;

		if (dmk_canceled(dm))
			return -ECANCELED;
		if (left < 0)
			left = 0;
		time.tv_sec = (time_t)(left / 1000000000);
		time.tv_nsec = (long)(left % 1000000000);
		r = ppoll(fds, DMK_ARRAY_SIZE(fds), until_ns == INT64_MAX ? NULL : &time, NULL);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r > 0 && fds[0].revents)
			return -ECANCELED;
		if (r > 0)
			return 0;
		if (r == 0)
			return -ETIMEDOUT;
	}
}

void dmk_limit_next_step(struct dmk *dm, struct dmk_limit *limit)
{
	struct dmk_error failure;

	limit->tries = 0;
	if (dm->error.code == 0)
		return;
	failure = dm->error;
	dm->error = (struct dmk_error){ .verb = failure.verb };
	memcpy(dm->error.device, failure.device, sizeof(failure.device));
}

int64_t dmk_pause_ns(uint32_t nth)
{
	return nth < DMK_PAUSES - 1 ? FIRST_PAUSE_NS << nth : LONGEST_PAUSE_NS;
}

int dmk_limit_pause(struct dmk *dm, struct dmk_limit *limit)
{
	int64_t now = dmk_now_ns();
	int64_t until = now + dmk_pause_ns(limit->tries);
	int r;

	limit->tries++;
	if (!dm->undoing) {
		dm->error.tries = limit->tries;
		dm->error.spent_ms = (now - dm->started_ns) / NS_PER_MS;
	}
	if (now >= limit->end_ns)
		return -ETIMEDOUT;
	/* The last try is at the end, not a pause before it. */
	if (until > limit->end_ns)
		until = limit->end_ns;
	r = wait_until(dm, until, -1);
	return r == -ETIMEDOUT ? 0 : r;
}

bool dmk_try_again(struct dmk *dm, struct dmk_limit *limit, uint32_t step, int *r)
{
	int pause = dmk_limit_pause(dm, limit);

	if (pause == -ECANCELED)
		*r = dmk_fail_step(dm, step, pause);
	return pause == 0;
}

int dmk_limit_poll(struct dmk *dm, const struct dmk_limit *limit, int fd)
{
	return wait_until(dm, limit->end_ns, fd);
}
