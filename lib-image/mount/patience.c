/* SPDX-License-Identifier: MIT */
#include "patience.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "base/error.h"

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define FIRST_PAUSE_NS NS_PER_MS
#define LONGEST_PAUSE_NS (100 * NS_PER_MS)

void dmk_patience_start(struct dmk_patience *patience, const struct dmk *dm, int64_t timeout_ms,
			int64_t fallback_ms)
{
	struct dmk_limits limits;

	dmk_get_limits(dm, &limits);
	*patience = (struct dmk_patience){ .pause_ns = FIRST_PAUSE_NS,
					   .flag = limits.cancel_flag,
					   .fd = limits.cancel_fd };
	if (timeout_ms == 0)
		timeout_ms = limits.timeout_ms ? limits.timeout_ms : fallback_ms;
	if (timeout_ms == -1)
		return;
	if (__builtin_mul_overflow(timeout_ms, NS_PER_MS, &patience->end_ns) ||
	    __builtin_add_overflow(patience->end_ns, dmk_now_ns(), &patience->end_ns))
		patience->end_ns = INT64_MAX;
	if (limits.deadline_ns && limits.deadline_ns < patience->end_ns)
		patience->end_ns = limits.deadline_ns;
}

int dmk_patience_pause(struct dmk_patience *patience)
{
	struct pollfd fd = { .fd = patience->fd,
			     .events = POLLIN }; /* poll() skips negative ones */
	int64_t left_ns = patience->end_ns - dmk_now_ns(), ns = patience->pause_ns;
	struct timespec pause;
	int r;

	if (patience->flag && *patience->flag)
		return -ECANCELED;
	if (left_ns <= 0)
		return -ETIMEDOUT;
	if (ns > left_ns)
		ns = left_ns;
	pause = (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S),
				   .tv_nsec = (long)(ns % NS_PER_S) };
	r = ppoll(&fd, 1, &pause, NULL);
	if (r > 0 || (patience->flag && *patience->flag))
		return -ECANCELED;
	if (patience->pause_ns < LONGEST_PAUSE_NS)
		patience->pause_ns *= 2;
	return 0;
}

int dmk_go_on_unless(const struct dmk *dm, const volatile int32_t *flag, struct dmk_error *err)
{
	struct dmk_limits limits;

	dmk_get_limits(dm, &limits);
	if ((flag && *flag) || (limits.cancel_flag && *limits.cancel_flag))
		return dmk_fail(err, -ECANCELED, "it was told to stop");
	return 0;
}
