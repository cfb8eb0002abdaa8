/* SPDX-License-Identifier: MIT */
/* The control node, opened or made, and the one ioctl() that every request is. */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "killable.h"

#define MISC_MAJOR 10
#define MAPPER_MINOR 236 /* fixed since Linux 2.6.36; before, /proc/misc knows it */

/* The misc minor that /proc/misc gives device-mapper; -ENODEV: it has none; else it could not be
 * read. */
static int misc_minor(void)
{
	char line[128];
	int minor = -ENODEV;
	FILE *misc = fopen("/proc/misc", "re");

	if (!misc)
		return -errno;
	while (minor < 0 && fgets(line, sizeof(line), misc)) {
		const char *name = line;
		uint64_t number;

		if (dmk_take_u64(&name, INT32_MAX, &number) &&
		    strcmp(name, " device-mapper\n") == 0)
			minor = (int)number;
	}
	fclose(misc);
	return minor;
}

int dmk_misc_minor(void)
{
	return misc_minor();
}

static int fail_open(struct dmk *dm, int code, const char *path, const char *why)
{
	if (code == -ENODEV)
		why = "this kernel has no device-mapper, or its module dm_mod is not loaded";
	(dmk_fail_word)(&dm->error, code, path, strlen(path), 0, "%s", why);
	return dmk_fail_step(dm, DMK_STEP_OPEN_CONTROL, code);
}

/* What could not be made, by errno. Where /proc/misc says that the driver is not there, that is the
 * reason that counts, whatever else is in the way. */
static int fail_make(struct dmk *dm, const char *control, const char *path, const char *why)
{
	int code = -errno;

	if (misc_minor() == -ENODEV)
		return fail_open(dm, -ENODEV, control, "");
	return fail_open(dm, code, path, why);
}

bool dmk_is_control(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) == MISC_MAJOR &&
	       (minor(st->st_rdev) == MAPPER_MINOR || (int)minor(st->st_rdev) == misc_minor());
}

/* What was made here, for an open that failed. */
struct made {
	bool dir;
	bool node;
};

/*
 * Makes the control node that nobody made: no udev, no devtmpfs, a /dev of one's own, or a module
 * that is not loaded: then opening the node loads it, as the kernel knows by its number which one
 * that is. /proc/misc is asked for the sake of kernels that gave the driver any number.
 */
static int make_control(struct dmk *dm, const char *path, struct made *ret_made)
{
	int minor = misc_minor();
	int r;

	r = dmk_make_folder(dm->node_dir);
	if (r < 0)
		return fail_make(dm, path, dm->node_dir,
				 "the folder is missing and could not be made");
	ret_made->dir = r > 0;
	if (mknod(path, S_IFCHR | 0600,
		  makedev(MISC_MAJOR, minor < 0 ? MAPPER_MINOR : (unsigned int)minor)) == 0)
		ret_made->node = true;
	/* The umask may have taken bits away. */
	if (ret_made->node ? chmod(path, 0600) < 0 : errno != EEXIST)
		return fail_make(dm, path, path,
				 "the control node is missing and could not be made");
	return 0;
}

/* A node behind which nobody answers is of no use to anybody. */
static void unmake_control(const struct dmk *dm, const char *path, const struct made *made)
{
	struct stat st;

	if (made->node && lstat(path, &st) == 0 && dmk_is_control(&st))
		unlink(path);
	if (made->dir)
		rmdir(dm->node_dir);
}

/* The open of path failed with code. */
static int explain_open(struct dmk *dm, int code, const char *path)
{
	struct stat st;

	/* Something else is there, or a link to nothing: what its open says is not the driver's
	 * answer. */
	if (stat(path, &st) == 0 ? !dmk_is_control(&st) : lstat(path, &st) == 0)
		return fail_open(dm, -ENXIO, path, "this is not device-mapper's control node");
	/* Without the driver, opening says ENODEV or ENXIO, but only to those who may open at all.
	 */
	if (code == -ENXIO || ((code == -EACCES || code == -EPERM) && misc_minor() == -ENODEV))
		code = -ENODEV;
	return fail_open(dm, code, path, "the control node could not be opened");
}

int dmk_open_control(struct dmk *dm, int *ret_fd)
{
	char path[sizeof(dm->node_dir) + sizeof("/control")];
	struct made made = { 0 };
	struct stat st;
	int fd, r = 0;

	memcpy(stpcpy(path, dm->node_dir), "/control", sizeof("/control"));
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		r = make_control(dm, path, &made);
		if (r == 0)
			fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (r == 0 && fd < 0)
		r = explain_open(dm, -errno, path);
	if (r < 0) {
		unmake_control(dm, path, &made);
		return r;
	}
	if (fstat(fd, &st) < 0)
		r = fail_open(dm, -errno, path, "the control node could not be looked at");
	else if (!dmk_is_control(&st))
		r = fail_open(dm, -ENXIO, path, "this is not device-mapper's control node");
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static int run_suspend(struct dmk *dm, void *request)
{
	return ioctl(dm->fd, DM_DEV_SUSPEND, request) < 0 ? -errno : 0;
}

static int run_status(struct dmk *dm, void *request)
{
	return ioctl(dm->fd, DM_TABLE_STATUS, request) < 0 ? -errno : 0;
}

int dmk_transport_kernel(struct dmk *dm, uint32_t command, void *request, uint32_t size)
{
	int r;

	if (dm->fd < 0) {
		r = dmk_open_control(dm, &dm->fd);
		if (r < 0)
			return r;
	}
	if (dm->blocking && command == DM_DEV_SUSPEND_CMD)
		return dmk_run_killable(dm, dm->blocking, run_suspend, request, size);
	if (dm->blocking && command == DM_TABLE_STATUS_CMD)
		return dmk_run_killable(dm, dm->blocking, run_status, request, size);
	if (ioctl(dm->fd, _IOWR(DM_IOCTL, command, struct dm_ioctl), request) < 0)
		return -errno;
	return 0;
}

static int send_once(struct dmk *dm, uint32_t command, struct dm_ioctl *io, uint32_t size)
{
	dm->unanswered = false;
	dm->sender = 0;
	/* Behind a hook that does not call the kernel, its log has nothing to say. */
	if (dm->fd >= 0 && !dm->undoing && dmk_command_find(command)->flags & DMK_COMMAND_LOGS)
		dmk_kmsg_note(&dm->log);
	if (dm->transport)
		return dm->transport(dm, dm->transport_data, command, io, size);
	if (dm->dry_run && dmk_command_changes(command))
		return DMK_NOT_SENT;
	return dmk_transport_kernel(dm, command, io, size);
}

/* A signal ended it, and it is to be sent again. With DM_SECURE_DATA the kernel has zeroed what it
 * was given by then (T7): such a request is written anew each time. */
static bool is_interrupted(const struct dmk *dm, int r)
{
	return r == -EINTR && !dm->unanswered && !dmk_canceled(dm);
}

static int result_of(struct dmk *dm, int r)
{
	dm->not_sent = r == DMK_NOT_SENT;
	if (dm->not_sent)
		return 0;
	return r == -EINTR && !dm->unanswered ? -ECANCELED : r;
}

int dmk_send(struct dmk *dm, uint32_t command, struct dm_ioctl *io, uint32_t size)
{
	int r;

	do
		r = send_once(dm, command, io, size);
	while (is_interrupted(dm, r));
	if (r == DMK_NOT_SENT)
		dm->unasked = command == DM_VERSION_CMD;
	return result_of(dm, r);
}

DMK_FAST static void fill_header(struct dm_ioctl *io, const struct dmk_call *call, uint32_t size)
{
	dmk_request_init(io, call->command, size);
	io->flags = call->flags;
	io->event_nr = call->event_nr;
	io->dev = call->dev;
	io->target_count = call->target_count;
	if (call->id)
		dmk_request_id(io, call->id);
	if (call->name)
		memcpy(io->name, call->name, strlen(call->name));
	if (call->uuid)
		memcpy(io->uuid, call->uuid, strlen(call->uuid));
}

DMK_FAST int dmk_send_call(struct dmk *dm, const struct dmk_call *call, struct dm_ioctl *io,
			   uint32_t size)
{
	int r;

	do {
		fill_header(io, call, size);
		if (call->payload)
			memcpy(io + 1, call->payload, call->payload_size);
		r = send_once(dm, call->command, io, size);
	} while (is_interrupted(dm, r));
	return result_of(dm, r);
}
