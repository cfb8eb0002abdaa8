/* SPDX-License-Identifier: MIT */
#include "blockdev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dmkit.h"
#include "found.h"

#ifndef BLKGETDISKSEQ
#define BLKGETDISKSEQ _IOR(0x12, 128, uint64_t) /* Linux 5.15 */
#endif

static void path_of_file(uint32_t major, uint32_t minor, const char *file, char *path, size_t size)
{
	snprintf(path, size, "/sys/dev/block/%u:%u%s", major, minor, file);
}

bool dmk_blockdev_has(uint32_t major, uint32_t minor, const char *file)
{
	char path[96];

	path_of_file(major, minor, file, path, sizeof(path));
	return access(path, F_OK) == 0;
}

uint64_t dmk_blockdev_fact(uint32_t major, uint32_t minor, const char *file)
{
	char path[96], line[32];
	uint64_t number;

	path_of_file(major, minor, file, path, sizeof(path));
	dmk_read_line(path, line, sizeof(line));
	return dmk_parse_u64(line, strlen(line), UINT64_MAX, &number) < 0 ? 0 : number;
}

/* The path that sysfs gives a device number. */
static int path_of(uint32_t major, uint32_t minor, char *path, size_t size)
{
	char file[96], line[256];
	int r = -ENODEV;
	FILE *uevent;

	path_of_file(major, minor, "/uevent", file, sizeof(file));
	uevent = fopen(file, "re");
	if (!uevent)
		return -errno;
	while (r < 0 && fgets(line, sizeof(line), uevent)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "DEVNAME=", 8) == 0 &&
		    (size_t)snprintf(path, size, "/dev/%s", line + 8) < size)
			r = 0;
	}
	fclose(uevent);
	return r;
}

/* Opens a block device, and nothing that only bears its name. */
static int open_device(const char *device, int flags, struct stat *st)
{
	char path[300];
	uint32_t major = 0, minor = 0;
	int fd, r;

	if (dmk_parse_devno(device, &major, &minor)) {
		r = path_of(major, minor, path, sizeof(path));
		if (r < 0)
			return r == -ENOENT ? -ENXIO : r;
		device = path;
	}
	/* Looked at before it is opened: to open a FIFO or a tape has effects. */
	if (stat(device, st) < 0)
		return -errno;
	if (!S_ISBLK(st->st_mode))
		return -ENOTBLK;
	fd = open(device, flags | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, st) < 0 || !S_ISBLK(st->st_mode) ||
	    (major && st->st_rdev != makedev(major, minor))) {
		close(fd);
		return -ENXIO;
	}
	return fd;
}

int dmk_get_blockdev(const char *device, struct dmk_blockdev *ret_blockdev)
{
	struct dmk_blockdev blockdev = { 0 };
	unsigned int physical = 0;
	int logical = 0, readonly = 0;
	long read_ahead = 0;
	uint64_t bytes = 0;
	struct stat st;
	DMK_CLEANUP(dmk_close_ptr) int fd = open_device(device, O_RDONLY, &st);

	if (fd < 0)
		return fd;
	if (ioctl(fd, BLKGETSIZE64, &bytes) < 0 || ioctl(fd, BLKSSZGET, &logical) < 0 ||
	    ioctl(fd, BLKPBSZGET, &physical) < 0 || ioctl(fd, BLKROGET, &readonly) < 0 ||
	    ioctl(fd, BLKRAGET, &read_ahead) < 0)
		return -errno;
	blockdev.size_bytes = bytes;
	blockdev.major = major(st.st_rdev);
	blockdev.minor = minor(st.st_rdev);
	blockdev.logical_block_bytes = (uint32_t)logical;
	blockdev.physical_block_bytes = physical;
	blockdev.read_ahead_sectors = (uint32_t)read_ahead;
	blockdev.readonly = readonly != 0;
	if (ioctl(fd, BLKGETDISKSEQ, &blockdev.diskseq) < 0)
		blockdev.diskseq = 0;
	*ret_blockdev = blockdev;
	return 0;
}

int dmk_blockdev_number(const char *device, uint32_t *ret_major, uint32_t *ret_minor)
{
	uint32_t major, minor;
	struct stat st;

	if (dmk_parse_devno(device, &major, &minor)) {
		if (!dmk_blockdev_has(major, minor, ""))
			return errno == ENOENT ? -ENXIO : -errno;
	} else {
		if (stat(device, &st) < 0)
			return -errno;
		if (!S_ISBLK(st.st_mode))
			return -ENOTBLK;
		major = major(st.st_rdev);
		minor = minor(st.st_rdev);
	}
	*ret_major = major;
	*ret_minor = minor;
	return 0;
}

int dmk_blockdev_loop_backing(const char *name, uint32_t *ret_major, uint32_t *ret_minor)
{
	struct loop_info64 info = { 0 };
	char path[300];
	struct stat st;
	DMK_CLEANUP(dmk_close_ptr) int fd = -1;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open_device(path, O_RDONLY, &st);
	if (fd < 0)
		return fd;
	if (ioctl(fd, LOOP_GET_STATUS64, &info) < 0)
		return -errno;
	*ret_major = major(info.lo_rdevice);
	*ret_minor = minor(info.lo_rdevice);
	return 0;
}

int dmk_blockdev_read(const char *device, uint32_t major, uint32_t minor, uint64_t offset_bytes,
		      void *buf, size_t size)
{
	struct stat st;
	DMK_CLEANUP(dmk_close_ptr) int fd = open_device(device, O_RDONLY | O_DIRECT, &st);
	ssize_t n;

	if (fd < 0)
		return fd;
	if (st.st_rdev != makedev(major, minor))
		return -ENXIO;
	n = pread(fd, buf, size, (off_t)offset_bytes);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -ENODATA;
}

bool dmk_blockdev_is_claimed(const char *device)
{
	struct stat st;
	DMK_CLEANUP(dmk_close_ptr) int fd = open_device(device, O_RDONLY | O_EXCL, &st);

	return fd == -EBUSY;
}

int dmk_blockdev_set_read_ahead(const char *path, uint32_t sectors, bool minimum)
{
	struct stat st;
	long now = 0;
	DMK_CLEANUP(dmk_close_ptr) int fd = open_device(path, O_RDONLY, &st);

	if (fd < 0)
		return fd;
	if (minimum && ioctl(fd, BLKRAGET, &now) < 0)
		return -errno;
	if (minimum && (unsigned long)now >= sectors)
		return 0;
	return ioctl(fd, BLKRASET, (unsigned long)sectors) < 0 ? -errno : 0;
}

int dmk_set_read_ahead(const char *device, uint32_t sectors, uint32_t flags)
{
	if (flags & ~(uint32_t)DMK_READ_AHEAD_MINIMUM)
		return -EINVAL;
	return dmk_blockdev_set_read_ahead(device, sectors, flags);
}

int dmk_blockdev_missing(const char *device, const char **ret_why)
{
	uint32_t major, minor;
	struct stat st;
	int r = 0;

	*ret_why = NULL;
	if (dmk_parse_devno(device, &major, &minor)) {
		if (!dmk_blockdev_has(major, minor, "") && access("/sys/dev/block", F_OK) == 0) {
			*ret_why = "there is no block device with this number";
			return -ENXIO;
		}
		return 0;
	}
	if (stat(device, &st) < 0) {
		r = -errno;
		*ret_why = r == -ENOENT ? "it does not exist" : "it could not be looked at";
	} else if (!S_ISBLK(st.st_mode)) {
		r = -ENOTBLK;
		*ret_why = "it is not a block device";
	} else {
		DMK_CLEANUP(dmk_close_ptr) int fd = open_device(device, O_RDONLY, &st);

		if (fd < 0) {
			r = fd;
			*ret_why = r == -ENXIO || r == -ENODEV
					   ? "the node is there, its device is not"
					   : "it could not be opened";
		}
	}
	return r;
}

bool dmk_blockdev_add_meant(const char *word, char *text, size_t size)
{
	static const char folders[][8] = { "", "mapper/" };
	size_t used = strlen(text);
	char path[300];
	struct stat st;

	for (size_t i = 0; i < DMK_ARRAY_SIZE(folders) && *word && *word != '/'; i++) {
		if (snprintf(path, sizeof(path), "/dev/%s%s", folders[i], word) <
			    (int)sizeof(path) &&
		    stat(path, &st) == 0 && S_ISBLK(st.st_mode)) {
			dmk_print_text(text + used, size - used, "; %s does", path);
			return true;
		}
	}
	return false;
}

bool dmk_blockdev_is_code(const char *word)
{
	return strchr(word, '=') || !word[strspn(word, "0123456789abcdefABCDEF")];
}

bool dmk_blockdev_is_disk_name(const char *word)
{
	char path[300] = "/sys/class/block/";
	size_t prefix = strlen(path);

	if (strncmp(word, "/dev/", 5) != 0 || strlen(word) >= sizeof(path) - prefix)
		return false;
	dmk_copy_text(path + prefix, sizeof(path) - prefix, word + 5);
	for (char *p = path + prefix; *p; p++)
		if (*p == '/')
			*p = '!';
	return access(path, F_OK) == 0;
}

bool dmk_blockdev_may_appear(uint32_t major)
{
	static const uint8_t makers[] = { 1, 2, 7, 9, 37 };
	FILE *devices = NULL;
	char line[128];
	bool block = false, taken = false;
	uint64_t number;

	if (major < 256 && memchr(makers, (int)major, sizeof(makers)))
		return true;
	devices = fopen("/proc/devices", "re");
	while (devices && !taken && fgets(line, sizeof(line), devices)) {
		const char *at = line;

		block |= strncmp(line, "Block", 5) == 0;
		taken = block && dmk_take_u64(&at, UINT32_MAX, &number) && number == major;
	}
	if (devices)
		fclose(devices);
	return !taken;
}
