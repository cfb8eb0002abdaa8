/* SPDX-License-Identifier: MIT */
#include "context.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"

#define NS_PER_MS INT64_C(1000000)
#define FIRST_PAUSE_NS (2 * NS_PER_MS)
#define LONGEST_PAUSE_NS (250 * NS_PER_MS)

int dmk_new(struct dmk **ret_dm)
{
	struct dmk *dm = calloc(1, sizeof(*dm));

	if (!dm)
		return -ENOMEM;
	dm->fd = -1;
	dm->log.fd = -1;
	dm->cancel_fd = -1;
	memcpy(dm->node_dir, "/dev/mapper", sizeof("/dev/mapper"));
	*ret_dm = dm;
	return 0;
}

void dmk_close(struct dmk *dm)
{
	if (dm->fd >= 0)
		close(dm->fd);
	dmk_kmsg_close(&dm->log);
	dmk_drop_buffer(dm);
}

void dmk_free(struct dmk *dm)
{
	if (!dm)
		return;
	dmk_close(dm);
	free(dm);
}

int dmk_twin(const struct dmk *dm, struct dmk *ret_twin)
{
	int fd = fcntl(dm->fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	*ret_twin = *dm;
	memset(ret_twin->first, 0, sizeof(ret_twin->first)); /* what was asked last may be a key */
	ret_twin->fd = fd;
	ret_twin->log = (struct dmk_kmsg){ .fd = -1 };
	ret_twin->buffer = NULL;
	ret_twin->capacity = 0;
	ret_twin->secret = false;
	ret_twin->kept_out = false;
	return 0;
}

const struct dmk_error *dmk_last_error(const struct dmk *dm)
{
	return &dm->error;
}

int dmk_set_node_dir(struct dmk *dm, const char *path)
{
	size_t length = strlen(path);

	dmk_begin(dm, DMK_VERB_OPEN, path);
	if (dm->connected)
		return dmk_fail_argument(dm, -EBUSY,
					 "the node folder is set before the first request");
	if (path[0] != '/')
		return dmk_fail_argument(dm, -EINVAL, "the node folder is an absolute path");
	/* Room for "/NAME". */
	if (length >= sizeof(dm->node_dir))
		return dmk_fail_argument(dm, -ENAMETOOLONG,
					 "the node folder's path is at most %zu bytes long",
					 sizeof(dm->node_dir) - 1);
	while (length > 1 && path[length - 1] == '/')
		length--;
	memcpy(dm->node_dir, path, length);
	dm->node_dir[length] = '\0';
	return 0;
}

int dmk_set_timeout(struct dmk *dm, int64_t timeout_ms)
{
	dmk_begin(dm, DMK_VERB_OPEN, NULL);
	if (timeout_ms < -1)
		return dmk_fail_argument(dm, -EINVAL, "a timeout is -1 or more milliseconds");
	dm->timeout_ms = timeout_ms;
	return 0;
}

int dmk_set_deadline(struct dmk *dm, int64_t monotonic_ns)
{
	dmk_begin(dm, DMK_VERB_OPEN, NULL);
	if (monotonic_ns < 0)
		return dmk_fail_argument(dm, -EINVAL, "a deadline is 0 or more nanoseconds");
	dm->deadline_ns = monotonic_ns;
	return 0;
}

int dmk_set_cancel(struct dmk *dm, const volatile int32_t *flag, int fd)
{
	dm->cancel_flag = flag;
	dm->cancel_fd = fd < 0 ? -1 : fd;
	return 0;
}

int dmk_set_transport(struct dmk *dm, dmk_transport_fn fn, void *userdata)
{
	dmk_begin(dm, DMK_VERB_OPEN, NULL);
	if (dm->connected)
		return dmk_fail_argument(dm, -EBUSY,
					 "the transport hook is set before the first request");
	dm->transport = fn;
	dm->transport_data = userdata;
	return 0;
}

void dmk_set_dry_run(struct dmk *dm)
{
	dm->dry_run = true;
}

void dmk_begin(struct dmk *dm, uint32_t verb, const char *device)
{
	/* Only what a failure looks at: the texts of the last one end at their first byte. */
	if (dm->error.code != 0)
		dm->error = (struct dmk_error){ 0 };
	dm->udev.note = 0;
	dm->udev.waited_ms = 0;
	dm->error.tries = 0;
	dm->error.verb = verb;
	dm->error.device[0] = '\0';
	if (device)
		dmk_copy_text(dm->error.device, sizeof(dm->error.device), device);
	dm->started_ns = 0;
}

int dmk_begin_id(struct dmk *dm, uint32_t verb, const struct dmk_id *id)
{
	int r;

	dmk_begin(dm, verb, NULL);
	dmk_id_text(id, dm->error.device, sizeof(dm->error.device));
	r = dmk_check_id(id, &dm->error);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_ARGUMENTS, r) : 0;
}

int dmk_fail_step(struct dmk *dm, uint32_t step, int code)
{
	if (dm->undoing) {
		if (dm->error.undo_code == 0)
			dm->error.undo_code = code;
		return code;
	}
	dm->error.code = code;
	dm->error.step = step;
	return code;
}

int dmk_done(struct dmk *dm, int result)
{
	if (result == 0 && dm->error.code != 0)
		dm->error = (struct dmk_error){ 0 };
	return result;
}

int dmk_fail_argument(struct dmk *dm, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	dmk_vprint_text(dm->error.detail, sizeof(dm->error.detail), format, args);
	va_end(args);
	return dmk_fail_step(dm, DMK_STEP_ARGUMENTS, code);
}

int dmk_check_options(struct dmk *dm, uint32_t flags, uint32_t allowed, const uint64_t *reserved)
{
	if (flags & ~allowed)
		return dmk_fail_argument(dm, -EINVAL, "unknown option flags 0x%x",
					 flags & ~allowed);
	if (!dmk_all_zero(reserved, 4 * sizeof(*reserved)))
		return dmk_fail_argument(dm, -EINVAL, "reserved words of the options are not zero");
	return 0;
}

int dmk_check_unused(struct dmk *dm, uint32_t unused)
{
	return unused ? dmk_fail_argument(dm, -EINVAL,
					  "the unused word of the options is 0x%x, not zero",
					  unused)
		      : 0;
}

int dmk_limit_start(struct dmk *dm, int64_t timeout_ms, int64_t fallback_ms,
		    struct dmk_limit *ret_limit)
{
	struct dmk_limit limit = { .pause_ns = FIRST_PAUSE_NS };
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
	limit->pause_ns = FIRST_PAUSE_NS;
	if (dm->error.code == 0)
		return;
	failure = dm->error;
	dm->error = (struct dmk_error){ .verb = failure.verb };
	memcpy(dm->error.device, failure.device, sizeof(failure.device));
}

int dmk_limit_pause(struct dmk *dm, struct dmk_limit *limit)
{
	int64_t now = dmk_now_ns();
	int64_t until;
	int r;

	limit->tries++;
	if (!dm->undoing) {
		dm->error.tries = limit->tries;
		dm->error.spent_ms = (now - dm->started_ns) / NS_PER_MS;
	}
	if (now >= limit->end_ns)
		return -ETIMEDOUT;
	until = now + limit->pause_ns;
	/* The last try is at the end, not a pause before it. */
	if (until > limit->end_ns)
		until = limit->end_ns;
	r = wait_until(dm, until, -1);
	if (r != -ETIMEDOUT)
		return r;
	limit->pause_ns *= 2;
	if (limit->pause_ns > LONGEST_PAUSE_NS)
		limit->pause_ns = LONGEST_PAUSE_NS;
	return 0;
}

int dmk_limit_poll(struct dmk *dm, const struct dmk_limit *limit, int fd)
{
	return wait_until(dm, limit->end_ns, fd);
}
