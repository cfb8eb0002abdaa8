/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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
const char *ends;
int cancel_after;
volatile int32_t cancel;
struct calls calls;

/* "block:254:3" is a block device of that number, "char:1:3" the other kind. */
static int fill(const char *text, struct statx *st)
{
	bool block = strncmp(text, "block:", 6) == 0;
	uint64_t mount_id = 0;

	memset(st, 0, sizeof(*st));
	st->stx_mode = 0100600;
	if (sscanf(text, "file:%u:%u", &st->stx_dev_major, &st->stx_dev_minor) == 2)
		return 0;
	if (sscanf(text, "mount:%lu", &mount_id) == 1) {
		/* struct statx of older headers ends before. */
		memcpy((char *)st + 0x90, &mount_id, sizeof(mount_id));
		st->stx_mask = 0x1000;
		st->stx_dev_minor = 77;
		return 0;
	}
	if (sscanf(text, block ? "block:%u:%u" : "char:%u:%u", &st->stx_rdev_major,
		   &st->stx_rdev_minor) == 2)
		st->stx_mode = block ? 0060600 : 0020600;
	else
		st->stx_mode = 0100600;
	return 0;
}

ssize_t __real_readlinkat(int dir, const char *path, char *text, size_t size);

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
	if (cancel_after && calls.statx == cancel_after)
		cancel = 1;
	if (no_statx) {
		errno = ENOSYS;
		return -1;
	}
	if (strncmp(path, "/dev/", 5) == 0 && strchr(path, ':'))
		return fill(path + 5, st);
	if (__real_readlinkat(dir, path, text, sizeof(text) - 1) < 0)
		return -1;
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

DIR *__wrap_fdopendir(int fd);
DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd)
{
	char path[64], folder[300] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_true(__real_readlinkat(-1, path, folder, sizeof(folder) - 1) > 0);
	/* As Linux 6.2 and newer answer to the fstat() in it. */
	if (ends && strlen(folder) > strlen(ends) &&
	    strcmp(folder + strlen(folder) - strlen(ends), ends) == 0) {
		errno = ENOENT;
		return NULL;
	}
	return __real_fdopendir(fd);
}

ssize_t __wrap_readlinkat(int dir, const char *path, char *text, size_t size);
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

static char folder[] = "/tmp/dmkit-holders-XXXXXX";
char proc[64], sys[64];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void put_process(const char *who, int namespace, int files)
{
	char text[32];

	snprintf(text, sizeof(text), "mnt:[%d]", namespace);
	put_link(text, "%s/%s/ns/mnt", proc, who);
	put_link("/", "%s/%s/root", proc, who);
	put_file("", "%s/%s/fd/.x", proc, who);
	for (int i = 0; i < files; i++)
		put_link("char:254:3", "%s/%s/fd/%d", proc, who, i);
}

void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int begin(void **state)
{
	(void)state;
	remove_tree(proc);
	remove_tree(sys);
	put_process("1", 1, 1);
	put_file("init\n", "%s/1/comm", proc);
	put_process("self", 1, 0);
	put_link("pid:[4026531836]", "%s/self/ns/pid", proc);
	put_file("", "%s/self/mountinfo", proc);
	memset(&calls, 0, sizeof(calls));
	denied = NULL;
	no_statx = false;
	no_memory = 0;
	ends = NULL;
	cancel_after = 0;
	cancel = 0;
	return 0;
}

struct dmk_holders search(int expected)
{
	struct dmk_holders holders = { .proc = proc, .sys = sys };
	struct dmk_devno number = { .major = 254, .minor = 3 };

	memset(&calls, 0, sizeof(calls));
	assert_int_equal(dmk_search_holders(&holders, &number, 1), expected);
	return holders;
}

void assert_holder(const struct dmk_holders *holders, uint32_t i, uint32_t kind, const char *name,
		   const char *where, int pid)
{
	const struct dmk_holder *holder;

	assert_true(i < holders->n_found);
	holder = &holders->found[i].holder;
	assert_int_equal(holder->kind, kind);
	assert_string_equal(holder->name, name);
	assert_string_equal(holder->where, where);
	assert_int_equal(holder->pid, pid);
}

int run_in_proc(const char *name, const struct CMUnitTest *tests, size_t n)
{
	int failed;

	if (!mkdtemp(folder))
		return 1;
	snprintf(proc, sizeof(proc), "%s/proc", folder);
	snprintf(sys, sizeof(sys), "%s/sys", folder);
	failed = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
	remove_tree(folder);
	return failed;
}
