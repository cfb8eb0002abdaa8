/* SPDX-License-Identifier: MIT */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* <linux/major.h> */
#define MISC_MAJOR 10
#define LOOP_MAJOR 7
#define LOOP_CONTROL_MINOR 237

/* Others look for a free one at the same time, and one of us is the first. */
#define MOST_TRIES 64

#define DIRECT_BYTES 4096 /* of a read past the page cache, and how it is aligned */

/* Linux 5.8; an older header knows nothing of it. */
#ifndef LOOP_CONFIGURE
#define LOOP_CONFIGURE 0x4C0A
struct loop_config {
	uint32_t fd;
	uint32_t block_size;
	struct loop_info64 info;
	uint64_t reserved[8];
};
#endif

static int fail(struct dmk_error *err, int code, const char *what)
{
	if (err)
		err->step = DMK_STEP_LOOP;
	return dmk_fail(err, code, "%s: %s", what, dmk_errno_text(code));
}

/* Its node may be missing; to open it loads the module. */
static int open_control(struct dmk_held *ret_control, struct dmk_error *err)
{
	int r = dmk_held_open(ret_control, "/dev/loop-control", S_IFCHR,
			      makedev(MISC_MAJOR, LOOP_CONTROL_MINOR), O_RDWR);

	return r < 0 ? fail(err, r,
			    r == -ENODEV || r == -ENXIO ? "this kernel has no loop devices"
							: "/dev/loop-control")
		     : 0;
}

/* Loop device number index has a minor of its own where loop devices have partitions. */
static int number_of(int index, const char *node, dev_t *ret_number)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = -1;
	char path[64], line[32];
	uint32_t major, minor;
	struct stat found;
	ssize_t n;

	if (stat(node, &found) == 0 && S_ISBLK(found.st_mode) &&
	    major(found.st_rdev) == LOOP_MAJOR) {
		*ret_number = found.st_rdev;
		return 0;
	}
	snprintf(path, sizeof(path), "/sys/block/loop%d/dev", index);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	if (n <= 0)
		return -ENXIO;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (!dmk_parse_devno(line, &major, &minor) || major != LOOP_MAJOR)
		return -ENXIO;
	*ret_number = makedev(major, minor);
	return 0;
}

static int open_free(const struct dmk_held *control, struct dmk_held *ret_held)
{
	int index = ioctl(control->fd, LOOP_CTL_GET_FREE);
	dev_t number;
	char node[32];
	int r;

	if (index < 0)
		return -errno;
	snprintf(node, sizeof(node), "/dev/loop%d", index);
	r = number_of(index, node, &number);
	return r < 0 ? r : dmk_held_open(ret_held, node, S_IFBLK, number, O_RDONLY);
}

/* Not all who take the flag read so: an overlay over tmpfs refuses each read. So one is tried, and
 * our fd is as before after it. */
static bool can_direct(const struct dmk_file *file)
{
	DMK_CLEANUP(dmk_free_ptr) void *block = NULL;
	int flags = fcntl(file->fd, F_GETFL);
	bool can;

	if (flags < 0 || posix_memalign(&block, DIRECT_BYTES, DIRECT_BYTES) != 0 ||
	    fcntl(file->fd, F_SETFL, flags | O_DIRECT) < 0)
		return false;
	can = pread(file->fd, block, DIRECT_BYTES, (off_t)file->begin_bytes) >= 0;
	fcntl(file->fd, F_SETFL, flags);
	return can;
}

/* Before Linux 5.8, in two steps: one that is killed between them leaves the device attached. */
static int attach_old(int fd, const struct dmk_file *file, const struct loop_info64 *info)
{
	bool direct = info->lo_flags & LO_FLAGS_DIRECT_IO;
	struct loop_info64 settable = *info;
	int r;

	settable.lo_flags &= ~(uint32_t)LO_FLAGS_DIRECT_IO;
	if (ioctl(fd, LOOP_SET_FD, file->fd) < 0)
		return -errno;
	if (ioctl(fd, LOOP_SET_STATUS64, &settable) < 0) {
		r = -errno;
		ioctl(fd, LOOP_CLR_FD);
		return r;
	}
	if (direct)
		ioctl(fd, LOOP_SET_DIRECT_IO, 1UL);
	return 0;
}

static int attach(int fd, const struct dmk_file *file, uint64_t size_bytes, bool direct)
{
	struct loop_config config = {
		.fd = (uint32_t)file->fd,
		.info = { .lo_offset = file->begin_bytes,
			  .lo_sizelimit = size_bytes,
			  .lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR |
				      (direct ? LO_FLAGS_DIRECT_IO : 0) },
	};

	dmk_print_text((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), "%s",
		       file->path);
	if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
		return 0;
	return errno == EINVAL || errno == ENOTTY ? attach_old(fd, file, &config.info) : -errno;
}

int dmk_loop_attach(struct dmk_held *ret_held, const struct dmk_file *file, uint64_t size_bytes,
		    struct dmk_error *err)
{
	struct dmk_held control, held;
	int r = open_control(&control, err);
	bool direct;

	if (r < 0)
		return r;
	direct = can_direct(file);
	for (unsigned int tries = 1;; tries++) {
		r = open_free(&control, &held);
		if (r == 0) {
			r = attach(held.fd, file, size_bytes, direct);
			if (r == 0)
				break;
			dmk_held_close(&held);
		}
		if ((r != -EBUSY && r != -ENXIO && r != -ENODEV && r != -EAGAIN) ||
		    tries == MOST_TRIES)
			break;
	}
	dmk_held_close(&control);
	if (r < 0)
		return fail(err, r, file->path);
	*ret_held = held;
	return 0;
}
