/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake-proc.h"

int mkdir(const char *path, unsigned int mode);

const char *denied;
bool no_statx;
int no_memory;
struct calls calls;

/* "block:254:3" is a block device of that number, "char:1:3" the other kind. */
static int fill(const char *text, struct statx *st)
{
	bool block = strncmp(text, "block:", 6) == 0;

	memset(st, 0, sizeof(*st));
	if (sscanf(text, block ? "block:%u:%u" : "char:%u:%u", &st->stx_rdev_major,
		   &st->stx_rdev_minor) == 2)
		st->stx_mode = block ? 0060600 : 0020600;
	else
		st->stx_mode = 0100600;
	return 0;
}

long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	const char *path;
	char text[256] = "";
	struct statx *st;
	va_list args;
	int dir;

	assert_int_equal(number, SYS_statx);
	va_start(args, number);
	dir = va_arg(args, int);
	path = va_arg(args, const char *);
	/* Nobody may be asked: AT_STATX_DONT_SYNC. */
	assert_true(va_arg(args, int) & 0x4000);
	(void)va_arg(args, unsigned int);
	st = va_arg(args, struct statx *);
	va_end(args);
	calls.statx++;
	if (no_statx) {
		errno = ENOSYS;
		return -1;
	}
	if (strncmp(path, "/dev/", 5) == 0 && strchr(path, ':'))
		return fill(path + 5, st);
	if (readlinkat(dir, path, text, sizeof(text) - 1) < 0)
		return -1;
	calls.readlink--;
	return fill(text, st);
}

int __wrap_openat64(int dir, const char *path, int flags, ...);
int __real_openat64(int dir, const char *path, int flags, ...);
int __wrap_openat64(int dir, const char *path, int flags, ...)
{
	assert_true(flags & O_CLOEXEC);
	calls.open++;
	if (denied && strcmp(path, denied) == 0) {
		errno = EACCES;
		return -1;
	}
	return __real_openat64(dir, path, flags);
}

ssize_t __wrap_readlinkat(int dir, const char *path, char *text, size_t size);
ssize_t __real_readlinkat(int dir, const char *path, char *text, size_t size);
ssize_t __wrap_readlinkat(int dir, const char *path, char *text, size_t size)
{
	calls.readlink++;
	return __real_readlinkat(dir, path, text, size);
}

FILE *__wrap_fopen64(const char *path, const char *mode);
FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode)
{
	assert_string_equal(mode, "re");
	calls.fopen++;
	return __real_fopen64(path, mode);
}

void *__wrap_realloc(void *old, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
	return no_memory && --no_memory == 0 ? NULL : __real_realloc(old, size);
}

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
}

void put_file(const char *content, const char *format, ...)
{
	char path[300];
	va_list args;
	FILE *file;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	make_folders(path);
	file = __real_fopen64(path, "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

void put_link(const char *target, const char *format, ...)
{
	char path[300];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	make_folders(path);
	assert_int_equal(symlink(target, path), 0);
}
