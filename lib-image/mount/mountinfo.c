/* SPDX-License-Identifier: MIT */
#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

bool dmk_mount_line(const char *path, char *line, size_t size)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, size - 1);

	if (n <= 0)
		return false;
	line[n] = '\0';
	return true;
}

/* btrfs can be on several devices, and has a number of its own, 0:N. What other file systems without
 * a device, FUSE's for one, call their source can be anybody's text. */
static void take_source(char *rest, struct dmk_mounted *mounted)
{
	static const char mark[] = " - btrfs ";
	char *source = rest ? strstr(rest, mark) : NULL;

	mounted->source[0] = '\0';
	if (!source || mounted->major)
		return;
	source += strlen(mark);
	source = strsep(&source, " ");
	dmk_unescape(source);
	if (strlen(source) < sizeof(mounted->source))
		strcpy(mounted->source, source);
}

static bool parse_mount(char *line, struct dmk_mounted *ret_mounted)
{
	char *rest = line, *number, *point;
	const char *id = strsep(&rest, " ");

	if (!dmk_take_u64(&id, UINT64_MAX, &ret_mounted->id) || !strsep(&rest, " "))
		return false;
	number = strsep(&rest, " ");
	if (!strsep(&rest, " "))
		return false;
	point = strsep(&rest, " ");
	if (!number || !point || strlen(point) >= sizeof(ret_mounted->point) ||
	    !dmk_parse_devno(number, &ret_mounted->major, &ret_mounted->minor))
		return false;
	dmk_unescape(point);
	memcpy(ret_mounted->point, point, strlen(point) + 1);
	take_source(rest, ret_mounted);
	return true;
}

/* The one of found's id, where that is not 0, which fills *found, and how many there are of its
 * device. -ENOENT: none has that id. */
static int read_mounts(struct dmk_mounted *found, unsigned int *ret_mounts, struct dmk_error *err)
{
	FILE *list = fopen("/proc/self/mountinfo", "re");
	unsigned int mounts = 0;
	struct dmk_mounted mounted;
	char *line = NULL;
	size_t size = 0;
	bool any = false;

	if (!list)
		return dmk_fail(err, -errno, "/proc/self/mountinfo: %s", dmk_errno_text(errno));
	while (getline(&line, &size, list) > 0) {
		if (!parse_mount(line, &mounted))
			continue;
		if (found->id && mounted.id == found->id) {
			*found = mounted;
			any = true;
		}
		mounts += mounted.major == found->major && mounted.minor == found->minor;
	}
	free(line);
	fclose(list);
	*ret_mounts = mounts;
	return any || !found->id ? 0 : -ENOENT;
}

/* Nothing is kept open: that would keep the mount busy. */
uint64_t dmk_mount_id(const char *path)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = open(path, O_PATH | O_CLOEXEC);
	static const char key[] = "mnt_id:";
	char file[64], text[256];
	const char *at;
	uint64_t id;

	snprintf(file, sizeof(file), "/proc/self/fdinfo/%d", fd);
	if (fd < 0 || !dmk_mount_line(file, text, sizeof(text)))
		return 0;
	at = strstr(text, key);
	if (!at)
		return 0;
	at += strlen(key);
	at += strspn(at, "\t");
	return dmk_take_u64(&at, UINT64_MAX, &id) ? id : 0;
}

int dmk_mount_find(const char *dir, struct dmk_mounted *ret_found, struct dmk_error *err)
{
	char path[PATH_MAX];
	unsigned int mounts;
	int r;

	if (!realpath(dir, path)) {
		r = -errno;
		return dmk_fail_word(err, r, dir, strlen(dir), 0, "%s",
				     r == -ENOENT ? "there is no such folder" : dmk_errno_text(r));
	}
	ret_found->id = dmk_mount_id(path);
	if (!ret_found->id)
		return dmk_fail(err, -EIO, "/proc does not tell which mount '%s' is in", path);
	r = read_mounts(ret_found, &mounts, err);
	if (r == -ENOENT || (r == 0 && strcmp(ret_found->point, path) != 0))
		return dmk_refuse(err, dir, "nothing is mounted there");
	return r;
}

bool dmk_mount_is_there(const struct dmk_mounted *mounted)
{
	struct dmk_mounted now = *mounted;
	unsigned int mounts;

	/* The kernel gives an id anew at once: another mount of the same image may have it. */
	return read_mounts(&now, &mounts, NULL) == 0 && now.major == mounted->major &&
	       now.minor == mounted->minor && strcmp(now.point, mounted->point) == 0;
}

unsigned int dmk_mount_count(const struct dmk_mounted *mounted)
{
	struct dmk_mounted any = { .major = mounted->major, .minor = mounted->minor };
	unsigned int mounts;

	return read_mounts(&any, &mounts, NULL) < 0 ? 0 : mounts;
}
