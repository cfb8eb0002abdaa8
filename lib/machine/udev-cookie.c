/* SPDX-License-Identifier: MIT */
/* System V semaphores under the keys that udev's rules for device-mapper know. */
#include "udev-cookie.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <time.h>

#include "kernel/limit.h"

#define DEFAULT_WAIT_MS 10000
/* How long "try once" and an undo wait. */
#define SHORT_WAIT_MS 1000
#define NS_PER_MS INT64_C(1000000)

#define NEW_TRIES 100
#define NS_PER_S INT64_C(1000000000)
/* How long a wait goes without a look at the cancel flag and fd: semtimedop() cannot poll. */
#define SLICE_NS (NS_PER_S / 10)
#define LONGEST_SLICE_NS (3600 * NS_PER_S)

#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20 /* Linux 4.17 */
#endif

/* The caller defines it, says semctl(2). */
union semaphore_argument {
	int value;
	struct semid_ds *status;
	struct seminfo *info;
};

int64_t dmk_udev_end(const struct dmk *dm, int64_t timeout_ms)
{
	int64_t now = dmk_now_ns(), end = INT64_MAX;

	if (timeout_ms == 0)
		timeout_ms = dm->timeout_ms;
	if (timeout_ms == 0 || (timeout_ms == -1 && dm->deadline_ns))
		timeout_ms = DEFAULT_WAIT_MS;
	if (timeout_ms == -1 || dm->undoing)
		timeout_ms = SHORT_WAIT_MS;
	if (timeout_ms < (INT64_MAX - now) / NS_PER_MS)
		end = now + timeout_ms * NS_PER_MS;
	if (!dm->undoing && dm->deadline_ns && dm->deadline_ns < end)
		end = dm->deadline_ns;
	return end;
}

int dmk_cookie_new(int value, uint32_t *ret_cookie)
{
	union semaphore_argument argument = { .value = value };
	uint16_t random;
	int semid = -1;

	for (int i = 0; i < NEW_TRIES && semid < 0; i++) {
		if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
			random = (uint16_t)(dmk_now_ns() >> 10);
		if (random == 0)
			continue;
		*ret_cookie = DMK_COOKIE_PREFIX | random;
		semid = semget((key_t)*ret_cookie, 1, IPC_CREAT | IPC_EXCL | 0600);
		if (semid < 0 && errno != EEXIST)
			return -errno;
	}
	if (semid < 0)
		return -EEXIST;
	if (semctl(semid, 0, SETVAL, argument) < 0) {
		int r = -errno;

		dmk_cookie_drop(semid);
		return r;
	}
	return semid;
}

int dmk_cookie_open(uint32_t cookie)
{
	int semid = semget((key_t)cookie, 1, 0);

	return semid < 0 ? -errno : semid;
}

int dmk_cookie_change(int semid, int by)
{
	struct sembuf change = { .sem_op = (short)by, .sem_flg = IPC_NOWAIT };
	int r;

	do
		r = semop(semid, &change, 1) < 0 ? -errno : 0;
	while (r == -EINTR);
	return r;
}

int dmk_cookie_wait(struct dmk *dm, int semid, int64_t end_ns)
{
	bool watched = !dm->undoing && (dm->cancel_flag || dm->cancel_fd >= 0);
	int64_t longest = watched ? SLICE_NS : LONGEST_SLICE_NS;
	const struct dmk_limit at_once = { 0 };
	struct sembuf zero = { 0 };

	for (;;) {
		int64_t left = end_ns - dmk_now_ns();
		int64_t slice = left < 0 ? 0 : left < longest ? left : longest;
		struct timespec time = { .tv_sec = (time_t)(slice / NS_PER_S),
					 .tv_nsec = (long)(slice % NS_PER_S) };

		if (watched && dmk_limit_poll(dm, &at_once, -1) == -ECANCELED)
			return -ECANCELED;
		if (semtimedop(semid, &zero, 1, &time) == 0 || errno == EIDRM || errno == EINVAL)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (errno == EAGAIN && left <= slice)
			return -ETIMEDOUT;
	}
}

void dmk_cookie_drop(int semid)
{
	semctl(semid, 0, IPC_RMID);
}

int dmk_cookie_fail(struct dmk *dm, int code)
{
	const char *why = "";

	if (code == -ENOENT || code == -EIDRM)
		why = "no semaphore has this key: it was never made, or is removed";
	else if (code == -ENOSPC)
		why = "the system's table of semaphores is full: kernel.sem";
	else if (code == -EAGAIN)
		why = "its value is 0 already";
	else if (code == -ERANGE)
		why = "its value is 32767, the highest";
	dmk_copy_text(dm->error.detail, sizeof(dm->error.detail), why);
	return dmk_fail_step(dm, DMK_STEP_UDEV, code == -EIDRM ? -ENOENT : code);
}

/* The semaphore's id. */
static int begin(struct dmk *dm, uint32_t cookie)
{
	char text[16];
	int r;

	dmk_print_text(text, sizeof(text), "0x%08x", cookie);
	dmk_begin(dm, DMK_VERB_UDEV, text);
	if ((cookie & 0xffff0000) != DMK_COOKIE_PREFIX || cookie == DMK_COOKIE_PREFIX)
		return dmk_fail_argument(dm, -EINVAL, "a udev cookie is 0x0D4D0001 to 0x0D4DFFFF");
	r = dmk_cookie_open(cookie);
	return r < 0 ? dmk_cookie_fail(dm, r) : r;
}

int dmk_udev_cookie_create(struct dmk *dm, uint32_t *ret_cookie)
{
	uint32_t cookie;
	int r;

	dmk_begin(dm, DMK_VERB_UDEV, NULL);
	r = dmk_cookie_new(1, &cookie);
	if (r < 0)
		return dmk_cookie_fail(dm, r);
	*ret_cookie = cookie;
	return 0;
}

static int change(struct dmk *dm, uint32_t cookie, int by)
{
	int semid = begin(dm, cookie);
	int r = semid < 0 ? semid : dmk_cookie_change(semid, by);

	return semid >= 0 && r < 0 ? dmk_cookie_fail(dm, r) : r;
}

int dmk_udev_cookie_add(struct dmk *dm, uint32_t cookie)
{
	return change(dm, cookie, 1);
}

int dmk_udev_cookie_complete(struct dmk *dm, uint32_t cookie)
{
	return change(dm, cookie, -1);
}

int dmk_udev_cookie_wait(struct dmk *dm, uint32_t cookie, int64_t timeout_ms)
{
	int semid = begin(dm, cookie);
	int r, value;

	if (semid < 0)
		return semid;
	if (timeout_ms < -1)
		return dmk_fail_argument(dm, -EINVAL, "a timeout is -1 or more milliseconds");
	r = dmk_cookie_change(semid, -1);
	if (r == 0 || r == -EAGAIN)
		r = dmk_cookie_wait(dm, semid, dmk_udev_end(dm, timeout_ms));
	else if (r == -EIDRM || r == -EINVAL)
		r = 0;
	value = r == -ETIMEDOUT ? semctl(semid, 0, GETVAL) : -1;
	dmk_cookie_drop(semid);
	if (r == 0)
		return 0;
	dmk_cookie_fail(dm, r);
	if (value > 0)
		dmk_print_text(dm->error.detail, sizeof(dm->error.detail),
			       "udevd did not complete %d event%s in time", value,
			       value == 1 ? "" : "s");
	return r;
}

int dmk_udev_cookie_remove(struct dmk *dm, uint32_t cookie)
{
	int semid = begin(dm, cookie);

	if (semid < 0)
		return semid;
	return semctl(semid, 0, IPC_RMID) < 0 ? dmk_cookie_fail(dm, -errno) : 0;
}

struct dmk_udev_cookies {
	uint32_t n;
	uint32_t next;
	struct dmk_udev_cookie cookies[];
};

/* The set at this place of the system's table; false: none, or no cookie. */
static bool read_cookie(int index, struct dmk_udev_cookie *ret_cookie)
{
	struct semid_ds status;
	union semaphore_argument argument = { .status = &status };
	int semid = semctl(index, 0, SEM_STAT_ANY, argument);
	uint32_t key;

	if (semid < 0)
		semid = semctl(index, 0, SEM_STAT, argument);
	if (semid < 0)
		return false;
	key = (uint32_t)status.sem_perm.__key;
	if ((key & 0xffff0000) != DMK_COOKIE_PREFIX)
		return false;
	*ret_cookie = (struct dmk_udev_cookie){
		.cookie = key,
		.semid = semid,
		.value = (uint32_t)semctl(semid, 0, GETVAL),
		.waiters = (uint32_t)(semctl(semid, 0, GETNCNT) + semctl(semid, 0, GETZCNT)),
		.pid = semctl(semid, 0, GETPID),
		.uid = status.sem_perm.cuid,
		.last_op_s = status.sem_otime,
		.change_s = status.sem_ctime,
	};
	/* It went away, or may not be read. */
	return (int32_t)ret_cookie->value >= 0 && ret_cookie->pid >= 0;
}

int dmk_list_udev_cookies(struct dmk *dm, struct dmk_udev_cookies **ret_cookies)
{
	struct seminfo info;
	union semaphore_argument argument = { .info = &info };
	struct dmk_udev_cookies *cookies;
	int last;

	dmk_begin(dm, DMK_VERB_UDEV, NULL);
	last = semctl(0, 0, SEM_INFO, argument);
	if (last < 0)
		return dmk_cookie_fail(dm, -errno);
	/* semusz: how many there are. */
	cookies = calloc(1, sizeof(*cookies) +
				    ((size_t)info.semusz + 1) * sizeof(cookies->cookies[0]));
	if (!cookies)
		return dmk_cookie_fail(dm, -ENOMEM);
	for (int i = 0; i <= last && cookies->n <= (uint32_t)info.semusz; i++)
		cookies->n += read_cookie(i, &cookies->cookies[cookies->n]);
	*ret_cookies = cookies;
	return 0;
}

int dmk_udev_cookies_next(struct dmk_udev_cookies *cookies, struct dmk_udev_cookie *ret_cookie)
{
	if (cookies->next == cookies->n)
		return 0;
	*ret_cookie = cookies->cookies[cookies->next++];
	return 1;
}

void dmk_udev_cookies_free(struct dmk_udev_cookies *cookies)
{
	free(cookies);
}
