/* SPDX-License-Identifier: MIT */
#include "killable.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* Linux 5.3 */
#endif
#ifndef SYS_close_range
#define SYS_close_range 436 /* Linux 5.9 */
#endif

/* How long a killed process may take to go, and how long "try once" may take. */
#define GRACE_NS INT64_C(1000000000)
#define PAUSE_MS 5

/* The answer stands before the request's bytes. */
struct shared {
	int64_t result;
	char request[];
};

/*
 * One that cannot be killed holds open what it has: a pipe, whose reader waits for its end, or a
 * device. An older kernel leaves it all but the first three.
 */
static void close_others(int keep)
{
	long r = keep > 0 ? syscall(SYS_close_range, 0U, (unsigned int)keep - 1, 0U) : 0;

	if (r == 0)
		r = syscall(SYS_close_range, (unsigned int)keep + 1, ~0U, 0U);
	for (int fd = 0; r < 0 && fd < 3; fd++) {
		if (fd != keep)
			close(fd);
	}
}

/*
 * A child that is no child to the rest of the program: without SIGCHLD, so that no handler runs and
 * no wait() of the caller's takes it, and with all signals blocked, so that no handler of the
 * caller's runs in it.
 */
static pid_t start(struct dmk *dm, int (*run)(struct dmk *, void *), struct shared *shared)
{
	sigset_t all, before;
	pid_t parent = getpid();
	long pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* Two zeros: architectures differ in which of the two is the flags word. */
	pid = syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
	if (pid == 0) {
		/* A killed parent takes it along, and the kernel undoes the request. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent) {
			close_others(dm->fd);
			shared->result = run(dm, shared->request);
		}
		syscall(SYS_exit_group, 0);
	}
	if (pid < 0)
		pid = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return (pid_t)pid;
}

static bool has_ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG | __WALL) != 0;
}

/* Without pidfd_open() it is looked at every few milliseconds. */
static int wait_by_looking(struct dmk *dm, const struct dmk_limit *limit, pid_t pid)
{
	while (!has_ended(pid)) {
		struct dmk_limit pause = { .end_ns = dmk_now_ns() + PAUSE_MS * INT64_C(1000000) };
		int r = dmk_limit_poll(dm, &pause, -1);

		if (r != -ETIMEDOUT)
			return r;
		if (dmk_now_ns() >= limit->end_ns)
			return -ETIMEDOUT;
	}
	return 0;
}

static int wait_for(struct dmk *dm, const struct dmk_limit *limit, pid_t pid)
{
	DMK_CLEANUP(dmk_close_ptr) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int r;

	if (fd < 0)
		return wait_by_looking(dm, limit, pid);
	r = dmk_limit_poll(dm, limit, fd);
	if (r == 0)
		has_ended(pid);
	return r;
}

/* A fatal signal ends the request; one that does not notice is left to itself. */
static void end(struct dmk *dm, pid_t pid)
{
	struct dmk_limit grace = { .end_ns = dmk_now_ns() + GRACE_NS };
	bool undoing = dm->undoing;

	kill(pid, SIGKILL);
	dm->undoing = true; /* this wait is not to be cancelled */
	dm->stuck = wait_for(dm, &grace, pid) < 0;
	dm->undoing = undoing;
}

int dmk_run_killable(struct dmk *dm, const struct dmk_limit *limit,
		     int (*run)(struct dmk *dm, void *request), void *request, uint32_t size)
{
	size_t all = sizeof(struct shared) + size;
	struct dmk_limit wait = *limit;
	struct shared *shared;
	pid_t pid;
	int r;

	dm->stuck = false;
	if (wait.end_ns == 0)
		wait.end_ns = dmk_now_ns() + GRACE_NS;
	shared = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -ENOMEM;
	shared->result = -EINTR;
	memcpy(shared->request, request, size);
	pid = start(dm, run, shared);
	r = pid < 0 ? pid : wait_for(dm, &wait, pid);
	if (pid > 0 && r < 0)
		end(dm, pid);
	/* It may have ended by itself at the very last moment. */
	if (pid > 0 && !dm->stuck && shared->result != -EINTR) {
		r = (int)shared->result;
		memcpy(request, shared->request, size);
	}
	munmap(shared, all);
	return r;
}
