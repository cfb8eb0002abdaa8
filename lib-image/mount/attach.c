/* SPDX-License-Identifier: MIT */
#include "attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 5.2: by number, since the C library need not have them. The same on all machines but alpha. */
#ifndef SYS_move_mount
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif

/* <linux/mount.h>, which cannot stand beside <sys/mount.h> everywhere. */
enum {
	OPEN_CLOEXEC = 1,      /* FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC */
	CONFIG_FLAG = 0,       /* FSCONFIG_SET_FLAG */
	CONFIG_STRING = 1,     /* FSCONFIG_SET_STRING */
	CONFIG_CREATE = 6,     /* FSCONFIG_CMD_CREATE */
	FROM_EMPTY_PATH = 0x4, /* MOVE_MOUNT_F_EMPTY_PATH */
	TO_EMPTY_PATH = 0x40   /* MOVE_MOUNT_T_EMPTY_PATH */
};
#define ATTRIBUTE_READONLY 1 /* MOUNT_ATTR_RDONLY */

/* Words that are the mount's, not the file system's. */
static const struct mount_word {
	const char *word;
	unsigned long flag; /* of mount(2) */
	unsigned int attribute;
} mount_words[] = {
	{ "ro", MS_RDONLY, ATTRIBUTE_READONLY },
	{ "defaults", 0, 0 },
	{ "nosuid", MS_NOSUID, 0x2 },
	{ "suid", 0, 0 },
	{ "nodev", MS_NODEV, 0x4 },
	{ "dev", 0, 0 },
	{ "noexec", MS_NOEXEC, 0x8 },
	{ "exec", 0, 0 },
	{ "relatime", MS_RELATIME, 0 },
	{ "noatime", MS_NOATIME, 0x10 },
	{ "strictatime", MS_STRICTATIME, 0x20 },
	{ "nodiratime", MS_NODIRATIME, 0x80 },
};

static const struct mount_word *find_word(const char *word, size_t length)
{
	for (size_t i = 0; i < DMK_ARRAY_SIZE(mount_words); i++)
		if (strlen(mount_words[i].word) == length &&
		    strncmp(mount_words[i].word, word, length) == 0)
			return &mount_words[i];
	return NULL;
}

/* The next word between commas; false: no more. */
static bool next_word(const char **at, const char **ret_word, size_t *ret_length)
{
	while (**at == ',')
		++*at;
	*ret_word = *at;
	*ret_length = strcspn(*at, ",");
	*at += *ret_length;
	return *ret_length > 0;
}

int dmk_attach_check(const char *mount_options, struct dmk_error *err)
{
	const char *at = mount_options, *word;
	size_t length;

	while (at && next_word(&at, &word, &length))
		if (length == 2 && strncmp(word, "rw", 2) == 0)
			return dmk_refuse(err, "rw", "an image is mounted read-only, always");
	return 0;
}

int dmk_folder_open(const char *path, int *ret_fd, struct dmk_error *err)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), r = -errno;

	if (fd < 0)
		return dmk_fail_word(err, r, path, strlen(path), 0, "%s",
				     r == -ENOTDIR
					     ? "it is no folder: a folder is needed to mount on"
				     : r == -ENOENT ? "there is no such folder"
						    : dmk_errno_text(r));
	*ret_fd = fd;
	return 0;
}

static int fail_type(struct dmk_error *err, const char *type)
{
	return dmk_fail(err, -ENODEV, "this kernel has no file system '%s'", type);
}

/* ---- since Linux 5.2 ---- */

/* What a file system says of its failure, "e erofs: ...": the first of it, as the kernel's words. */
static void take_reason(int context, struct dmk_error *err)
{
	char text[256];
	ssize_t n;

	while (err && !err->reason[0] && (n = read(context, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (n > 2 && text[0] == 'e')
			dmk_copy_text(err->reason, sizeof(err->reason), text + 2);
	}
}

static int set_word(int context, const char *word, size_t length)
{
	char *key = strndup(word, length), *value;
	long r;

	if (!key)
		return -ENOMEM;
	value = strchr(key, '=');
	if (value)
		*value++ = '\0';
	r = syscall(SYS_fsconfig, context, value ? CONFIG_STRING : CONFIG_FLAG, key, value, 0);
	r = r < 0 ? -errno : 0;
	free(key);
	return (int)r;
}

static int set_words(int context, const char *mount_options, unsigned int *attributes,
		     struct dmk_error *err)
{
	const char *at = mount_options, *word;
	size_t length;

	while (at && next_word(&at, &word, &length)) {
		const struct mount_word *known = find_word(word, length);
		int r;

		if (known) {
			*attributes |= known->attribute;
			continue;
		}
		r = set_word(context, word, length);
		if (r < 0) {
			take_reason(context, err);
			return dmk_fail_word(err, r, word, length, 0,
					     "the file system does not take this option");
		}
	}
	return 0;
}

/* 0, or -errno of the file system's own checks. */
static int configure(int context, const char *device, const char *mount_options,
		     unsigned int *attributes, struct dmk_error *err)
{
	int r;

	if (syscall(SYS_fsconfig, context, CONFIG_STRING, "source", device, 0) < 0 ||
	    syscall(SYS_fsconfig, context, CONFIG_FLAG, "ro", NULL, 0) < 0)
		return dmk_fail(err, -errno, "%s", dmk_errno_text(errno));
	r = set_words(context, mount_options, attributes, err);
	if (r < 0)
		return r;
	if (syscall(SYS_fsconfig, context, CONFIG_CREATE, NULL, NULL, 0) == 0)
		return 0;
	r = -errno;
	take_reason(context, err);
	return dmk_fail(err, r, "the file system in the image cannot be mounted: %s",
			dmk_errno_text(r));
}

static int attach_new(int context, const char *device, int folder, const char *mount_options,
		      struct dmk_error *err)
{
	DMK_CLEANUP(dmk_close_ptr) int mounted = -1;
	unsigned int attributes = ATTRIBUTE_READONLY;
	int r = configure(context, device, mount_options, &attributes, err);

	if (r < 0)
		return r;
	mounted = (int)syscall(SYS_fsmount, context, OPEN_CLOEXEC, attributes);
	if (mounted < 0)
		return dmk_fail(err, -errno, "%s", dmk_errno_text(errno));
	if (syscall(SYS_move_mount, mounted, "", folder, "", FROM_EMPTY_PATH | TO_EMPTY_PATH) < 0)
		return dmk_fail(err, -errno, "it cannot be attached to the folder: %s",
				dmk_errno_text(errno));
	return 0;
}

/* ---- before ---- */

static int attach_old(const char *device, const char *type, const char *dir,
		      const char *mount_options, struct dmk_error *err)
{
	const char *at = mount_options, *word;
	unsigned long flags = MS_RDONLY;
	struct dmk_text rest = { 0 };
	size_t length;
	int r;

	while (at && next_word(&at, &word, &length)) {
		const struct mount_word *known = find_word(word, length);

		if (known)
			flags |= known->flag;
		else
			dmk_text_add(&rest, "%s%.*s", rest.length ? "," : "", (int)length, word);
	}
	r = dmk_text_error(&rest);
	if (r == 0 && mount(device, dir, type, flags, rest.data) < 0)
		r = -errno;
	dmk_text_free(&rest);
	if (r == -ENODEV)
		return fail_type(err, type);
	return r < 0 ? dmk_fail(err, r,
				"the file system in the image cannot be mounted, or not by these "
				"options: %s",
				dmk_errno_text(r))
		     : 0;
}

int dmk_attach(const char *device, const char *type, int folder, const char *dir,
	       const char *mount_options, struct dmk_error *err)
{
	DMK_CLEANUP(dmk_close_ptr)
	int context = (int)syscall(SYS_fsopen, type, OPEN_CLOEXEC);

	if (context < 0 && errno == ENODEV)
		return fail_type(err, type);
	if (context < 0 && errno != ENOSYS)
		return dmk_fail(err, -errno, "%s", dmk_errno_text(errno));
	return context < 0 ? attach_old(device, type, dir, mount_options, err)
			   : attach_new(context, device, folder, mount_options, err);
}
