/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static int fail(struct dmk_error *err, int code, const struct dmk_file *file, uint32_t step,
		const char *text)
{
	if (err)
		err->step = step;
	return dmk_fail_word(err, code, file->path, strlen(file->path), 0, "%s",
			     text ? text : dmk_errno_text(code));
}

static bool fits_type(mode_t mode)
{
	return S_ISREG(mode) || S_ISBLK(mode);
}

/* Before it is opened: to open a tape or a terminal does something. */
static int look_first(struct dmk_file *file, enum dmk_file_mode mode, struct dmk_error *err)
{
	struct stat found;

	if (stat(file->path, &found) < 0)
		return mode == DMK_FILE_MAKE && errno == ENOENT
			       ? 0
			       : fail(err, -errno, file, DMK_STEP_OPEN, NULL);
	if (!fits_type(found.st_mode))
		return fail(err, -EINVAL, file, DMK_STEP_OPEN,
			    S_ISDIR(found.st_mode)
				    ? "it is a folder: a file or a block device is needed"
				    : "it is neither a file nor a block device");
	return 0;
}

/* A device that somebody has mounted or mapped is not ours to write. */
static int open_it(struct dmk_file *file, enum dmk_file_mode mode)
{
	int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	struct stat found;

	if (mode == DMK_FILE_READ)
		return open(file->path, flags | O_RDONLY);
	flags |= O_RDWR;
	if (stat(file->path, &found) == 0 && S_ISBLK(found.st_mode))
		flags |= O_EXCL;
	file->fd = open(file->path, flags);
	if (file->fd < 0 && errno == ENOENT && mode == DMK_FILE_MAKE) {
		file->fd = open(file->path, flags | O_CREAT | O_EXCL, 0644);
		file->made = file->fd >= 0;
	}
	return file->fd;
}

int dmk_file_open(struct dmk_file *ret_file, const char *path, enum dmk_file_mode mode,
		  struct dmk_error *err)
{
	struct dmk_file file = { .fd = -1, .path = path };
	off_t end;
	int r = look_first(&file, mode, err);

	if (r < 0)
		return r;
	file.fd = open_it(&file, mode);
	if (file.fd < 0)
		return fail(err, -errno, &file, DMK_STEP_OPEN,
			    errno == EBUSY ? "somebody uses it: it is mounted, or mapped" : NULL);
	/* The size of a device is not in its stat. */
	end = lseek(file.fd, 0, SEEK_END);
	if (end < 0 || fstat(file.fd, &file.was) < 0) {
		r = fail(err, -errno, &file, DMK_STEP_OPEN, NULL);
	} else if (!fits_type(file.was.st_mode)) {
		r = fail(err, -EINVAL, &file, DMK_STEP_OPEN,
			 "it is neither a file nor a block device");
	} else {
		file.size_bytes = (uint64_t)end;
		file.is_device = S_ISBLK(file.was.st_mode);
		*ret_file = file;
		return 0;
	}
	dmk_file_close(&file);
	return r;
}

void dmk_file_close(struct dmk_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

bool dmk_file_is(const struct dmk_file *file, const struct dmk_file *other)
{
	if (file->is_device || other->is_device)
		return file->is_device && other->is_device &&
		       file->was.st_rdev == other->was.st_rdev;
	return file->was.st_dev == other->was.st_dev && file->was.st_ino == other->was.st_ino;
}

static int ends_early(struct dmk_error *err, const struct dmk_file *file, uint64_t end,
		      uint64_t needed)
{
	if (err)
		err->step = DMK_STEP_READ;
	return dmk_fail_word(err, -EBADMSG, file->path, strlen(file->path), 0,
			     "it ends at byte %" PRIu64 ": %" PRIu64 " are needed", end, needed);
}

int dmk_file_read(const struct dmk_file *file, void *bytes, size_t size, uint64_t offset,
		  struct dmk_error *err)
{
	uint64_t end;

	if (__builtin_add_overflow(offset, size, &end) || end > file->size_bytes)
		return ends_early(err, file, file->size_bytes, end);
	for (size_t done = 0; done < size;) {
		ssize_t n = pread(file->fd, (char *)bytes + done, size - done,
				  (off_t)(file->begin_bytes + offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, -errno, file, DMK_STEP_READ, NULL);
		if (n == 0)
			return ends_early(err, file, offset + done, end);
		done += (size_t)n;
	}
	return 0;
}

int dmk_file_write(const struct dmk_file *file, const void *bytes, size_t size, uint64_t offset,
		   struct dmk_error *err)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = pwrite(file->fd, (const char *)bytes + done, size - done,
				   (off_t)(file->begin_bytes + offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(err, n ? -errno : -ENOSPC, file, DMK_STEP_WRITE, NULL);
		done += (size_t)n;
	}
	return 0;
}

int dmk_file_sync(const struct dmk_file *file, struct dmk_error *err)
{
	return fsync(file->fd) < 0 ? fail(err, -errno, file, DMK_STEP_WRITE, NULL) : 0;
}

int dmk_file_unchanged(const struct dmk_file *file, struct dmk_error *err)
{
	struct stat now;

	if (fstat(file->fd, &now) < 0)
		return fail(err, -errno, file, DMK_STEP_READ, NULL);
	if (file->is_device ||
	    (now.st_size == file->was.st_size && now.st_mtim.tv_sec == file->was.st_mtim.tv_sec &&
	     now.st_mtim.tv_nsec == file->was.st_mtim.tv_nsec))
		return 0;
	return fail(err, -EBUSY, file, DMK_STEP_READ, "somebody has changed it meanwhile");
}
