/* SPDX-License-Identifier: MIT */
#include "killable.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

/* What no kernel answers: the request was not run to its end. */
#define NO_ANSWER INT64_MIN

/* The answer stands before the request's bytes. */
struct shared {
	int64_t result;
	char request[];
};

/*
 * In the child: has the parent ended before a signal was ordered for that? In a pid namespace that
 * the caller has made for its children (unshare -p), the parent has no number: then the other end
 * of a pipe that it alone holds tells.
 */
static bool parent_has_ended(pid_t parent, int alive)
{
	struct pollfd end = { .fd = alive };
	pid_t pid = getppid();

	if (pid != 0)
		return pid != parent;
	return alive >= 0 && poll(&end, 1, 0) > 0 && (end.revents & POLLHUP);
}

/*
 * A process without children of its own. The first child in a pid namespace that the caller has
 * made for its children is the one with which that ends: after it there is no other (ENOMEM). The
 * namespace is lost then, and the next child is made in our own.
 */
static long make_process(void)
{
	/* Two zeros: architectures differ in which of the two is the flags word. */
	long pid = syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
	int own, r;

	if (pid >= 0 || errno != ENOMEM)
		return pid;
	own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	r = own < 0 ? -1 : setns(own, CLONE_NEWPID);
	if (own >= 0)
		close(own);
	errno = ENOMEM;
	return r < 0 ? pid : syscall(SYS_clone, 0UL, 0UL, 0UL, 0UL, 0UL);
}

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
static pid_t start(struct dmk *dm, int (*run)(struct dmk *, void *), struct shared *shared,
		   int *ret_alive)
{
	sigset_t all, before;
	pid_t parent = getpid();
	int alive[2] = { -1, -1 };
	long pid;

	/* Without one, a parent that ends in this very moment goes unnoticed. */
	if (pipe2(alive, O_CLOEXEC) < 0)
		alive[0] = alive[1] = -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = make_process();
	if (pid == 0) {
		if (alive[1] >= 0)
			close(alive[1]);
		/* A killed parent takes it along, and the kernel undoes the request. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!parent_has_ended(parent, alive[0])) {
			close_others(dm->fd);
			shared->result = run(dm, shared->request);
		}
		syscall(SYS_exit_group, 0);
	}
	if (pid < 0)
		pid = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (alive[0] >= 0)
		close(alive[0]);
	*ret_alive = alive[1];
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

/* It may have ended by itself at the very last moment, and it may have been ended from outside. */
static int read_answer(struct dmk *dm, const struct shared *shared, void *request, uint32_t size,
		       int r)
{
	/* While it still runs, nothing that it writes is an answer. */
	int64_t result = dm->stuck ? NO_ANSWER : shared->result;

	/* An interrupted one has not been done, and is not known to be undone either. */
	dm->unanswered = r == 0 && (result == NO_ANSWER || result == -EINTR);
	if (dm->unanswered)
		return -EINTR;
	if (result == NO_ANSWER || result == -EINTR)
		return r;
	memcpy(request, shared->request, size);
	return (int)result;
}

int dmk_run_killable(struct dmk *dm, const struct dmk_limit *limit,
		     int (*run)(struct dmk *dm, void *request), void *request, uint32_t size)
{
	size_t all = sizeof(struct shared) + size;
	struct dmk_limit wait = *limit;
	struct shared *shared;
	int alive = -1, r;
	pid_t pid;

	dm->stuck = dm->unanswered = false;
	if (wait.end_ns == 0)
		wait.end_ns = dmk_now_ns() + GRACE_NS;
	shared = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -ENOMEM;
	shared->result = NO_ANSWER;
	memcpy(shared->request, request, size);
	pid = start(dm, run, shared, &alive);
	dm->sender = pid;
	r = pid < 0 ? pid : wait_for(dm, &wait, pid);
	if (pid > 0 && r < 0)
		end(dm, pid);
	if (pid > 0)
		r = read_answer(dm, shared, request, size, r);
	if (alive >= 0)
		close(alive);
	dmk_wipe(shared, all); /* a table may hold a key */
	munmap(shared, all);
	return r;
}
