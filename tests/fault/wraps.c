/* SPDX-License-Identifier: MIT */
#include "wraps.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "machine/holders.h"
#include "memfs.h"

#define EXCHANGE 2 /* RENAME_EXCHANGE */

struct wraps wraps;

static const char *const names[] = { "malloc",	"calloc",    "realloc", "mmap",	  "mlock",
				     "mknod",	"mkdir",     "lstat",	"stat",	  "chmod",
				     "chown",	"unlink",    "link",	"rename", "renameat2",
				     "symlink", "readlink",  "ppoll",	"semget", "semctl",
				     "semop",	"semtimedop" };

void wraps_reset(void)
{
	memset(&wraps, 0, sizeof(wraps));
}

const char *wraps_name(int site)
{
	static char text[32];

	if (site < SITE_IOCTL)
		return names[site];
	snprintf(text, sizeof(text), "request %d", site - SITE_IOCTL);
	return text;
}

int wraps_hit(int site)
{
	void (*before)(int site) = wraps.before;

	if (before) {
		wraps.before = NULL; /* what it does itself is none of the library's */
		before(site);
		if (!wraps.before)
			wraps.before = before;
	}
	if (!wraps.armed)
		return 0;
	if (wraps.n < WRAP_EVENTS)
		wraps.events[wraps.n] = site;
	wraps.n++;
	for (int i = 0; i < 2; i++)
		if (wraps.faults[i].at == wraps.n)
			return wraps.faults[i].error;
	return 0;
}

/* -1 with errno for a negative errno. */
static int result(int r)
{
	if (r >= 0)
		return r;
	errno = -r;
	return -1;
}

/* Fails the function that it stands in where the event is to fail. */
#define HIT(site, failed)                    \
	do {                                 \
		int error = wraps_hit(site); \
		if (error) {                 \
			errno = error;       \
			return failed;       \
		}                            \
	} while (0)

#define WRAP(type, name, ...)            \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

/* The same function under the name that it has with 64-bit file offsets. */
#define WRAP_TOO(type, name, ...)        \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

WRAP(void *, malloc, size_t size)
{
	void *p;

	HIT(SITE_MALLOC, NULL);
	p = __real_malloc(size);
	wraps.live += wraps.counting && p;
	return p;
}

WRAP(void *, calloc, size_t n, size_t size)
{
	void *p;

	HIT(SITE_CALLOC, NULL);
	p = __real_calloc(n, size);
	wraps.live += wraps.counting && p;
	return p;
}

WRAP(void *, realloc, void *old, size_t size)
{
	void *p;

	HIT(SITE_REALLOC, NULL);
	p = __real_realloc(old, size);
	wraps.live += wraps.counting && p && !old;
	return p;
}

WRAP(void, free, void *p)
{
	wraps.live -= wraps.counting && p;
	__real_free(p);
}

WRAP(void *, mmap, void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	void *p;

	HIT(SITE_MMAP, MAP_FAILED);
	p = __real_mmap(at, size, prot, flags, fd, offset);
	wraps.live += wraps.counting && p != MAP_FAILED;
	return p;
}

WRAP_TOO(void *, mmap64, void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	return __wrap_mmap(at, size, prot, flags, fd, offset);
}

WRAP(int, munmap, void *at, size_t size)
{
	wraps.live -= wraps.counting;
	return __real_munmap(at, size);
}

WRAP(int, mlock, const void *at, size_t size)
{
	HIT(SITE_MLOCK, -1);
	return __real_mlock(at, size);
}

WRAP(int, mknod, const char *path, mode_t mode, dev_t dev)
{
	HIT(SITE_MKNOD, -1);
	return memfs_has(path) ? result(memfs_mknod(path, mode, dev))
			       : __real_mknod(path, mode, dev);
}

WRAP(int, mkdir, const char *path, mode_t mode)
{
	HIT(SITE_MKDIR, -1);
	return memfs_has(path) ? result(memfs_mkdir(path)) : __real_mkdir(path, mode);
}

WRAP(int, lstat, const char *path, struct stat *st)
{
	HIT(SITE_LSTAT, -1);
	return memfs_has(path) ? result(memfs_lstat(path, st)) : __real_lstat(path, st);
}

WRAP_TOO(int, lstat64, const char *path, struct stat *st)
{
	return __wrap_lstat(path, st);
}

WRAP(int, stat, const char *path, struct stat *st)
{
	HIT(SITE_STAT, -1);
	return memfs_has(path) ? result(memfs_stat(path, st)) : __real_stat(path, st);
}

WRAP_TOO(int, stat64, const char *path, struct stat *st)
{
	return __wrap_stat(path, st);
}

WRAP(int, chmod, const char *path, mode_t mode)
{
	HIT(SITE_CHMOD, -1);
	return memfs_has(path) ? result(memfs_chmod(path, mode)) : __real_chmod(path, mode);
}

WRAP(int, chown, const char *path, uid_t uid, gid_t gid)
{
	HIT(SITE_CHOWN, -1);
	return memfs_has(path) ? result(memfs_chown(path, uid, gid)) : __real_chown(path, uid, gid);
}

WRAP(int, unlink, const char *path)
{
	HIT(SITE_UNLINK, -1);
	return memfs_has(path) ? result(memfs_unlink(path)) : __real_unlink(path);
}

WRAP(int, link, const char *from, const char *to)
{
	HIT(SITE_LINK, -1);
	return memfs_has(from) ? result(memfs_link(from, to)) : __real_link(from, to);
}

WRAP(int, rename, const char *from, const char *to)
{
	HIT(SITE_RENAME, -1);
	return memfs_has(from) ? result(memfs_rename(from, to, true)) : __real_rename(from, to);
}

WRAP(int, symlink, const char *to, const char *path)
{
	HIT(SITE_SYMLINK, -1);
	return memfs_has(path) ? result(memfs_symlink(to, path)) : __real_symlink(to, path);
}

WRAP(ssize_t, readlink, const char *path, char *buf, size_t size)
{
	HIT(SITE_READLINK, -1);
	return memfs_has(path) ? result((int)memfs_readlink(path, buf, size))
			       : __real_readlink(path, buf, size);
}

/* What _FORTIFY_SOURCE makes of it. */
WRAP_TOO(ssize_t, __readlink_chk, const char *path, char *buf, size_t size, size_t room)
{
	(void)room;
	return __wrap_readlink(path, buf, size);
}

/* Its memory is the C library's, but freed by the caller. */
WRAP(ssize_t, __getdelim, char **line, size_t *size, int end, FILE *file)
{
	bool had = *line;
	ssize_t n = __real___getdelim(line, size, end, file);

	wraps.live += wraps.counting && !had && *line;
	return n;
}

/* Of all system calls without a function of their own, renameat2() alone is looked at. */
WRAP(long, syscall, long number, ...)
{
	long a[5];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 5; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_renameat2 && memfs_has((const char *)a[1])) {
		HIT(SITE_RENAMEAT2, -1);
		if (wraps.no_renameat2)
			return result(-EINVAL);
		if (a[4] == EXCHANGE)
			return result(memfs_exchange((const char *)a[1], (const char *)a[3]));
		return result(memfs_rename((const char *)a[1], (const char *)a[3], false));
	}
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4]);
}

WRAP(int, ppoll, struct pollfd *fds, nfds_t n, const struct timespec *time, const sigset_t *mask)
{
	HIT(SITE_PPOLL, -1);
	if (wraps.no_pauses && time) {
		wraps.skipped_ns += time->tv_sec * 1000000000LL + time->tv_nsec;
		return 0;
	}
	return __real_ppoll(fds, n, time, mask);
}

WRAP(int, clock_gettime, clockid_t clock, struct timespec *now)
{
	int r = __real_clock_gettime(clock, now);
	long long ns = now->tv_nsec + wraps.skipped_ns % 1000000000;

	now->tv_sec += wraps.skipped_ns / 1000000000 + ns / 1000000000;
	now->tv_nsec = ns % 1000000000;
	return r;
}

/* One semaphore, of whatever key. */
WRAP(int, semget, key_t key, int n, int flags)
{
	(void)key;
	(void)n;
	HIT(SITE_SEMGET, -1);
	if (wraps.no_semaphores)
		return result(-wraps.no_semaphores);
	if (flags & IPC_CREAT)
		wraps.semaphores++;
	else if (wraps.semaphores == 0)
		return result(-ENOENT);
	return 0;
}

WRAP(int, semctl, int semid, int number, int command, ...)
{
	int error = wraps_hit(SITE_SEMCTL);
	va_list args;

	(void)semid;
	(void)number;
	if (command == IPC_RMID)
		wraps.semaphores--;
	if (error)
		return result(-error);
	va_start(args, command);
	if (command == SETVAL)
		wraps.semaphore_value = va_arg(args, int);
	va_end(args);
	return command == GETVAL ? wraps.semaphore_value : 0;
}

WRAP(int, semop, int semid, struct sembuf *change, size_t n)
{
	(void)semid;
	(void)n;
	HIT(SITE_SEMOP, -1);
	if (wraps.semaphore_value + change->sem_op < 0)
		return result(-EAGAIN);
	if (wraps.semaphore_value + change->sem_op > 32767)
		return result(-ERANGE);
	wraps.semaphore_value += change->sem_op;
	return 0;
}

WRAP(int, semtimedop, int semid, struct sembuf *change, size_t n, const struct timespec *time)
{
	(void)semid;
	(void)change;
	(void)n;
	(void)time;
	HIT(SITE_SEMTIMEDOP, -1);
	if (wraps.udevd)
		wraps.udevd();
	return wraps.udevd ? 0 : result(-EAGAIN);
}

void __wrap_dmk_note_holders(const struct dmk *dm, const struct dmk_note *notes, uint32_t n);
void __wrap_dmk_note_holders(const struct dmk *dm, const struct dmk_note *notes, uint32_t n)
{
	(void)dm;
	(void)notes;
	wraps.searches++;
	wraps.searched += (int)n;
}

void __wrap_dmk_note_claims(const struct dmk *dm, const struct dmk_devno *numbers, uint32_t n,
			    struct dmk_error *err);
void __wrap_dmk_note_claims(const struct dmk *dm, const struct dmk_devno *numbers, uint32_t n,
			    struct dmk_error *err)
{
	(void)dm;
	(void)numbers;
	(void)n;
	(void)err;
	wraps.searches++;
}
