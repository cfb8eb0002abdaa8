/* SPDX-License-Identifier: MIT */
/* The files and block devices that an image lies in. */
#ifndef DMK_IMAGE_FILE_H
#define DMK_IMAGE_FILE_H

#include <sys/stat.h>

#include "base/error.h"
#include "base/util.h"

struct dmk_file {
	int fd; /* -1: not open */
	const char *path;
	bool is_device;
	bool made;	      /* by dmk_file_open() */
	uint64_t begin_bytes; /* offsets count from here: a part of a file is one as well */
	uint64_t size_bytes;
	struct stat was; /* at the open */
};

#define DMK_FILE_CLOSED ((struct dmk_file){ .fd = -1 })

enum dmk_file_mode {
	DMK_FILE_READ,
	DMK_FILE_CHANGE, /* read and write; a block device for oneself alone */
	DMK_FILE_MAKE	 /* the same; a file that is not there is made */
};

/* Neither FIFO, folder nor character device; no waiting. Fails with path as argument. */
int dmk_file_open(struct dmk_file *ret_file, const char *path, enum dmk_file_mode mode,
		  struct dmk_error *err) DMK_MUST_CHECK;
void dmk_file_close(struct dmk_file *file);
/* The same file, or the same device, by whatever path. */
bool dmk_file_is(const struct dmk_file *file, const struct dmk_file *other);
/* All size bytes, or a failure; a short file is -EBADMSG "ends at byte ...". */
int dmk_file_read(const struct dmk_file *file, void *bytes, size_t size, uint64_t offset,
		  struct dmk_error *err) DMK_MUST_CHECK;
int dmk_file_write(const struct dmk_file *file, const void *bytes, size_t size, uint64_t offset,
		   struct dmk_error *err) DMK_MUST_CHECK;
int dmk_file_sync(const struct dmk_file *file, struct dmk_error *err) DMK_MUST_CHECK;
/* -EBUSY: a file that only we should read has another size or another time of change by now. */
int dmk_file_unchanged(const struct dmk_file *file, struct dmk_error *err) DMK_MUST_CHECK;

#endif
