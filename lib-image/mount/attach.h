/* SPDX-License-Identifier: MIT */
/* A file system on a device, attached to a folder. */
#ifndef DMK_IMAGE_ATTACH_H
#define DMK_IMAGE_ATTACH_H

#include "base/error.h"

/* The folder at path, held so that what is mounted there is mounted on this one. */
int dmk_folder_open(const char *path, int *ret_fd, struct dmk_error *err) DMK_MUST_CHECK;

/* Words of mount -o that this library knows nothing of are the file system's; "rw" is refused. */
int dmk_attach_check(const char *mount_options, struct dmk_error *err) DMK_MUST_CHECK;

/* Read-only. dir: of folder, for kernels before 5.2. */
int dmk_attach(const char *device, const char *type, int folder, const char *dir,
	       const char *mount_options, struct dmk_error *err) DMK_MUST_CHECK;

#endif
