/* SPDX-License-Identifier: MIT */
/* The mounts of this namespace, as /proc has them. */
#ifndef DMK_IMAGE_MOUNTINFO_H
#define DMK_IMAGE_MOUNTINFO_H

#include <limits.h>

#include "dmkit-image.h"
#include "base/util.h"

/* A mount of /proc/self/mountinfo: "36 35 98:0 /root /point options... - type source options". */
struct dmk_mounted {
	uint64_t id; /* until it is unmounted no other has it */
	uint32_t major, minor;
	char point[PATH_MAX];
	char source[PATH_MAX]; /* of btrfs: a device of it, perhaps; else empty */
};

/* The one that is on top at dir, which has to be its point. */
int dmk_mount_find(const char *dir, struct dmk_mounted *ret_found,
		   struct dmk_error *err) DMK_MUST_CHECK;
/* Of the mount that path leads to; 0: not known. */
uint64_t dmk_mount_id(const char *path);
bool dmk_mount_is_there(const struct dmk_mounted *mounted);
/* How many there are of its device. 0 where /proc does not tell. */
unsigned int dmk_mount_count(const struct dmk_mounted *mounted);

/* The begin of a file of /proc or /sys, up to size - 1 bytes. */
bool dmk_mount_line(const char *path, char *line, size_t size);

#endif
