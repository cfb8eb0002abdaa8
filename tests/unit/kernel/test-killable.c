/* SPDX-License-Identifier: MIT */
/* A request in a process of its own: what its end without an answer means, and what is left of it.
 */
#include "../unit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/killable.h"

int __real_munmap(void *start, size_t size);
int __wrap_munmap(void *start, size_t size);

static bool looked_at, all_zero;

int __wrap_munmap(void *start, size_t size)
{
	const char *bytes = start;

	looked_at = all_zero = true;
	for (size_t i = 0; i < size; i++)
		all_zero = all_zero && bytes[i] == 0;
	return __real_munmap(start, size);
}

static int answer(struct dmk *dm, void *request)
{
	(void)dm;
	memcpy(request, "done", 5);
	return 0;
}

static int refuse(struct dmk *dm, void *request)
{
	(void)dm;
	(void)request;
	return -ENXIO;
}

static int be_interrupted(struct dmk *dm, void *request)
{
	(void)dm;
	(void)request;
	return -EINTR;
}

/* The kernel, in want of memory, or somebody else. */
static int be_killed(struct dmk *dm, void *request)
{
	(void)dm;
	memcpy(request, "half", 5);
	kill((pid_t)syscall(SYS_getpid), SIGKILL);
	return 0;
}

static int hang(struct dmk *dm, void *request)
{
	(void)dm;
	(void)request;
	while (pause() < 0)
		continue;
	return 0;
}

static const struct dmk_limit later = { .end_ns = INT64_MAX };

static int run(struct dmk *dm, const struct dmk_limit *limit, int (*fn)(struct dmk *, void *),
	       const char *expected)
{
	char request[16] = "key";
	int r = dmk_run_killable(dm, limit, fn, request, sizeof(request));

	assert_string_equal(request, expected);
	return r;
}

static void the_answer_is_the_childs(void **state)
{
	struct dmk *dm;

	(void)state;
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(run(dm, &later, answer, "done"), 0);
	assert_false(dm->unanswered);
	assert_int_equal(run(dm, &later, refuse, "key"), -ENXIO);
	assert_false(dm->unanswered);
	dmk_free(dm);
}

static void no_answer_is_no_success(void **state)
{
	struct dmk *dm;

	(void)state;
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(run(dm, &later, be_killed, "key"), -EINTR);
	assert_true(dm->unanswered);
	assert_int_equal(run(dm, &later, be_interrupted, "key"), -EINTR);
	assert_true(dm->unanswered);
	assert_int_equal(run(dm, &later, answer, "done"), 0);
	assert_false(dm->unanswered);
	dmk_free(dm);
}

static void the_limit_ends_it(void **state)
{
	const struct dmk_limit soon = { .end_ns = 1 };
	struct dmk *dm;

	(void)state;
	assert_int_equal(dmk_new(&dm), 0);
	assert_int_equal(run(dm, &soon, hang, "key"), -ETIMEDOUT);
	assert_false(dm->unanswered);
	assert_false(dm->stuck);
	dmk_free(dm);
}

static void nothing_stays_in_the_memory_that_was_shared(void **state)
{
	int (*const all[])(struct dmk *, void *) = { answer, refuse, be_killed, be_interrupted };
	struct dmk *dm;

	(void)state;
	assert_int_equal(dmk_new(&dm), 0);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		looked_at = false;
		run(dm, &later, all[i], all[i] == answer ? "done" : "key");
		assert_true(looked_at);
		assert_true(all_zero);
	}
	dmk_free(dm);
}

/* unshare -p: the parent has no number there, and the first child takes the namespace along. */
static void a_caller_with_a_pid_namespace_for_its_children(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		struct dmk *dm;

		/* An ordinary user may do so in a user namespace, if at all. */
		if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
			_exit(77);
		if (dmk_new(&dm) < 0)
			_exit(1);
		for (int i = 0; i < 3; i++) {
			char request[16] = "key";

			if (dmk_run_killable(dm, &later, answer, request, sizeof(request)) != 0 ||
			    strcmp(request, "done") != 0)
				_exit(2 + i);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_is_the_childs),
		cmocka_unit_test(no_answer_is_no_success),
		cmocka_unit_test(the_limit_ends_it),
		cmocka_unit_test(nothing_stays_in_the_memory_that_was_shared),
		cmocka_unit_test(a_caller_with_a_pid_namespace_for_its_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
