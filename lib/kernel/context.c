/* SPDX-License-Identifier: MIT */
#include "context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/request.h"

#define NS_PER_MS INT64_C(1000000)

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

void dmk_drop_buffer(struct dmk *dm)
{
	if (dm->secret)
		dmk_wipe(dm->buffer, dm->request_size);
	if (dm->capacity > sizeof(dm->first))
		free(dm->buffer);
	dm->buffer = NULL;
	dm->capacity = 0;
	dm->secret = false;
	dm->kept_out = false;
}

void dmk_keep_buffer_out(struct dmk *dm)
{
	if (!dm->kept_out)
		dmk_no_dump(dm->buffer, dm->capacity);
	dm->kept_out = true;
}

struct dm_ioctl *dmk_take_buffer(struct dmk *dm)
{
	struct dm_ioctl *buffer = dm->buffer;

	dm->buffer = NULL;
	dm->capacity = 0;
	dm->secret = false;
	dm->kept_out = false;
	return buffer;
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

void dmk_get_limits(const struct dmk *dm, struct dmk_limits *ret_limits)
{
	*ret_limits = (struct dmk_limits){
		.timeout_ms = dm->timeout_ms,
		.deadline_ns = dm->deadline_ns,
		.cancel_flag = dm->cancel_flag,
		.cancel_fd = dm->cancel_fd,
	};
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
