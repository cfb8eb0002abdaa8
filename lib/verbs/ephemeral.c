/* SPDX-License-Identifier: MIT */
#include "ephemeral.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "device.h"

#define DEFERRED_MINOR 27 /* the driver that knows DM_DEFERRED_REMOVE: Linux 3.13 */

static int open_path(const char *path, const struct dmk_info *info, int *ret_fd)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISBLK(st.st_mode) || st.st_rdev != makedev(info->major, info->minor))
		return -ENXIO;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* Where nobody makes nodes: one of a moment, that only this process knows. */
static int open_alone(const struct dmk *dm, const struct dmk_info *info, int *ret_fd)
{
	char name[DMK_TEMPORARY_LENGTH + 1];
	char path[sizeof(dm->node_dir) + sizeof(name)];
	int r;

	dmk_temporary_name(name);
	dmk_print_text(path, sizeof(path), "%s/%s", dm->node_dir, name);
	if (mknod(path, S_IFBLK | 0600, makedev(info->major, info->minor)) < 0)
		return -errno;
	r = open_path(path, info, ret_fd);
	unlink(path);
	return r;
}

int dmk_open_device(struct dmk *dm, const struct dmk_info *info, int *ret_fd)
{
	char path[sizeof(dm->node_dir) + DMK_NAME_SIZE];
	int r;

	dmk_print_text(path, sizeof(path), "%s/%s", dm->node_dir, info->name);
	r = open_path(path, info, ret_fd);
	if (r == -ENOENT || r == -ENXIO || r == -ENODEV) {
		/* The kernel's own, by devtmpfs. */
		dmk_print_text(path, sizeof(path), "%s/../dm-%u", dm->node_dir, info->minor);
		r = open_path(path, info, ret_fd);
	}
	if (r == -ENOENT || r == -ENXIO || r == -ENODEV)
		r = open_alone(dm, info, ret_fd);
	return r < 0 ? dmk_fail_step(dm, DMK_STEP_BLOCKDEV, r) : 0;
}

int dmk_arm_removal(struct dmk *dm, const struct dmk_info *info)
{
	const struct dmk_id number = { .major = info->major, .minor = info->minor };
	const struct dmk_id id = dmk_id_of(info, &number);
	struct dmk_call call = { .command = DM_DEV_REMOVE_CMD,
				 .step = DMK_STEP_REMOVE,
				 .flags = DM_DEFERRED_REMOVE,
				 .id = &id };
	struct dmk_info now;
	int r;

	if (!dmk_driver_has(dm, DEFERRED_MINOR))
		return dmk_fail_argument(dm, -EOPNOTSUPP,
					 "a removal can be deferred since Linux 3.13");
	/* Of one that is not open the request would be a removal: look first whose it is. */
	r = dmk_status(dm, &id, &now);
	if (r == 0 && (!dmk_same_device(info, &now) || now.open_count <= 0))
		r = dmk_fail_other(dm, DMK_STEP_REMOVE, info);
	return r < 0 ? r : dmk_call(dm, &call, NULL);
}
