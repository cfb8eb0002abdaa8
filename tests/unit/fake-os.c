/* SPDX-License-Identifier: MIT */
#include "fake-os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

__typeof__(os) os;

static struct {
	int fd;
	const struct os_file *file;
} opened[8];

void os_reset(void)
{
	memset(&os, 0, sizeof(os));
	memset(opened, 0, sizeof(opened));
}

void os_add(struct os_file file)
{
	if (os.n_files == sizeof(os.files) / sizeof(os.files[0]))
		abort();
	os.files[os.n_files++] = file;
}

static struct os_file *find(const char *path)
{
	for (size_t i = 0; i < os.n_files; i++)
		if (strcmp(os.files[i].path, path) == 0)
			return &os.files[i];
	errno = ENOENT;
	return NULL;
}

static int fail(int error)
{
	errno = error;
	return -1;
}

static int fill(const struct os_file *file, struct stat *st)
{
	if (!file)
		return -1;
	memset(st, 0, sizeof(*st));
	st->st_mode = file->mode;
	st->st_rdev = makedev(file->major, file->minor);
	return 0;
}

/* The others stay where they are: what is open leads to them. */
static int take_away(const char *path)
{
	for (size_t i = 0; i < os.n_files; i++) {
		if (strcmp(os.files[i].path, path) != 0)
			continue;
		os.files[i].path = "";
		return 0;
	}
	return fail(ENOENT);
}

int __wrap_open64(const char *path, int flags, ...);
int __wrap_close(int fd);
int __real_close(int fd);
FILE *__wrap_fopen64(const char *path, const char *mode);
int __wrap_stat64(const char *path, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st);
int __wrap_access(const char *path, int mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mknod(const char *path, mode_t mode, dev_t dev);
int __wrap_chmod(const char *path, mode_t mode);
int __wrap_ioctl(int fd, unsigned long command, ...);
DIR *__wrap_opendir(const char *path);
DIR *__real_opendir(const char *path);
/* Their names where file offsets have 64 bits anyway. */
int __wrap_open(const char *path, int flags, ...);
FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_stat(const char *path, struct stat *st);
int __wrap_lstat(const char *path, struct stat *st);
int __wrap_lstat64(const char *path, struct stat *st);
int __wrap_unlink(const char *path);
int __wrap_rmdir(const char *path);
int __wrap_fstat(int fd, struct stat *st);

static int os_open(const char *path, int flags)
{
	const struct os_file *file = find(path);

	if (!(flags & O_CLOEXEC))
		abort();
	if (!file)
		return -1;
	if (file->error)
		return fail(file->error);
	for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
		if (opened[i].file)
			continue;
		opened[i].file = file;
		opened[i].fd = dup(STDERR_FILENO);
		os.open_fds++;
		return opened[i].fd;
	}
	abort();
}

int __wrap_open64(const char *path, int flags, ...)
{
	return os_open(path, flags);
}

int __wrap_open(const char *path, int flags, ...)
{
	return os_open(path, flags);
}

int __wrap_close(int fd)
{
	for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++) {
		if (opened[i].file && opened[i].fd == fd) {
			opened[i].file = NULL;
			os.open_fds--;
		}
	}
	return __real_close(fd);
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	const struct os_file *file = find(path);

	(void)mode;
	if (!file)
		return NULL;
	if (!file->content) {
		errno = EACCES;
		return NULL;
	}
	return fmemopen((void *)file->content, strlen(file->content), "r");
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	return __wrap_fopen64(path, mode);
}

int __wrap_stat64(const char *path, struct stat *st)
{
	return fill(find(path), st);
}

int __wrap_stat(const char *path, struct stat *st)
{
	return fill(find(path), st);
}

int __wrap_lstat64(const char *path, struct stat *st)
{
	return fill(find(path), st);
}

int __wrap_lstat(const char *path, struct stat *st)
{
	return fill(find(path), st);
}

int __wrap_fstat64(int fd, struct stat *st)
{
	for (size_t i = 0; i < sizeof(opened) / sizeof(opened[0]); i++)
		if (opened[i].file && opened[i].fd == fd)
			return fill(opened[i].file, st);
	return fail(EBADF);
}

int __wrap_fstat(int fd, struct stat *st)
{
	return __wrap_fstat64(fd, st);
}

int __wrap_access(const char *path, int mode)
{
	(void)mode;
	return find(path) ? 0 : -1;
}

/* Nothing is left of the modes: the umask is 0777. */
int __wrap_mkdir(const char *path, mode_t mode)
{
	(void)mode;
	if (find(path))
		return fail(EEXIST);
	os_add((struct os_file){ .path = "/node", .mode = S_IFDIR });
	return 0;
}

int __wrap_mknod(const char *path, mode_t mode, dev_t dev)
{
	if (os.mknod_error)
		return fail(os.mknod_error);
	if (strcmp(path, "/node/control") != 0)
		abort();
	os_add((struct os_file){ .path = "/node/control",
				 .error = os.made_error,
				 .mode = mode & S_IFMT,
				 .major = major(dev),
				 .minor = minor(dev) });
	return 0;
}

int __wrap_chmod(const char *path, mode_t mode)
{
	struct os_file *file = find(path);

	if (!file)
		return fail(ENOENT);
	file->mode = (file->mode & S_IFMT) | mode;
	return 0;
}

int __wrap_unlink(const char *path)
{
	return take_away(path);
}

int __wrap_rmdir(const char *path)
{
	return take_away(path);
}

int __wrap_ioctl(int fd, unsigned long command, ...)
{
	va_list args;
	void *argument;
	int r;

	(void)fd;
	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	r = os.ioctl ? os.ioctl(command, argument) : -ENOTTY;
	return r < 0 ? fail(-r) : 0;
}

DIR *__wrap_opendir(const char *path)
{
	(void)path;
	if (os.dir)
		return __real_opendir(os.dir);
	errno = ENOENT;
	return NULL;
}
