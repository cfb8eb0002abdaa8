/* SPDX-License-Identifier: MIT */
/* Settings of a connection, and the limits that tests/fault/test-deadline.c sees at work. */
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kernel/limit.h"

#define MS INT64_C(1000000)

static struct dmk *new_dm(void)
{
	struct dmk *dm = NULL;

	assert_int_equal(dmk_new(&dm), 0);
	return dm;
}

static void a_new_connection(void **state)
{
	struct dmk *dm = new_dm();

	(void)state;
	assert_int_equal(dm->fd, -1);
	assert_string_equal(dm->node_dir, "/dev/mapper");
	assert_int_equal(dmk_last_error(dm)->code, 0);
	dmk_free(dm);
	dmk_free(NULL);
}

static void node_dirs(void **state)
{
	struct dmk *dm = new_dm();
	char path[300], buf[32] = "untouched";

	(void)state;
	assert_int_equal(dmk_set_node_dir(dm, "/run/dm///"), 0);
	assert_string_equal(dm->node_dir, "/run/dm");
	assert_int_equal(dmk_set_node_dir(dm, "dm"), -EINVAL);
	assert_int_equal(dmk_set_node_dir(dm, ""), -EINVAL);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_ARGUMENTS);
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[256] = '\0';
	assert_int_equal(dmk_set_node_dir(dm, path), -ENAMETOOLONG);
	assert_string_equal(dm->node_dir, "/run/dm");
	path[255] = '\0';
	assert_int_equal(dmk_set_node_dir(dm, path), 0);
	assert_string_equal(dm->node_dir, path);
	assert_int_equal(dmk_set_node_dir(dm, "/run/dm"), 0);
	assert_int_equal(dmk_node_path(dm, "name", buf, 12), -ENAMETOOLONG);
	assert_int_equal(dmk_node_path(dm, "a/b", buf, sizeof(buf)), -EINVAL);
	assert_string_equal(buf, "untouched");
	assert_int_equal(dmk_node_path(dm, "name", buf, 13), 0);
	assert_string_equal(buf, "/run/dm/name");
	dm->connected = true;
	assert_int_equal(dmk_set_node_dir(dm, "/run"), -EBUSY);
	assert_int_equal(dmk_set_transport(dm, NULL, NULL), -EBUSY);
	dmk_free(dm);
}

static void bad_times(void **state)
{
	struct dmk *dm = new_dm();
	struct dmk_limit limit;

	(void)state;
	assert_int_equal(dmk_set_timeout(dm, -2), -EINVAL);
	assert_int_equal(dmk_set_timeout(dm, INT64_MIN), -EINVAL);
	assert_int_equal(dmk_set_deadline(dm, -1), -EINVAL);
	assert_int_equal(dmk_limit_start(dm, -2, 0, &limit), -EINVAL);
	assert_int_equal(dmk_last_error(dm)->code, -EINVAL);
	assert_int_equal(dmk_set_timeout(dm, 0), 0);
	assert_int_equal(dmk_last_error(dm)->code, 0);
	dmk_free(dm);
}

static void limits_are_told(void **state)
{
	static const volatile int32_t flag = 0;
	const struct dmk_limits none = { .cancel_fd = -1 };
	struct dmk *dm = new_dm();
	struct dmk_limits limits;

	(void)state;
	dmk_get_limits(dm, &limits);
	assert_memory_equal(&limits, &none, sizeof(limits));
	assert_int_equal(dmk_set_timeout(dm, 20), 0);
	assert_int_equal(dmk_set_deadline(dm, 30), 0);
	assert_int_equal(dmk_set_cancel(dm, &flag, 40), 0);
	dmk_get_limits(dm, &limits);
	assert_int_equal(limits.timeout_ms, 20);
	assert_int_equal(limits.deadline_ns, 30);
	assert_ptr_equal((const void *)limits.cancel_flag, (const void *)&flag);
	assert_int_equal(limits.cancel_fd, 40);
	dmk_free(dm);
}

/* The end of a limit, relative to now; INT64_MAX: none; -1: once. */
static int64_t end_ms(struct dmk *dm, int64_t timeout_ms, int64_t fallback_ms)
{
	struct dmk_limit limit;
	int64_t now = dmk_now_ns();

	assert_int_equal(dmk_limit_start(dm, timeout_ms, fallback_ms, &limit), 0);
	assert_int_equal(limit.tries, 0);
	if (limit.end_ns == INT64_MAX)
		return INT64_MAX;
	return limit.end_ns == 0 ? -1 : (limit.end_ns - now + MS / 2) / MS;
}

static void which_limit_counts(void **state)
{
	struct dmk *dm = new_dm();

	(void)state;
	/* The call's own, the connection's, the verb's. */
	assert_in_range(end_ms(dm, 70000, 50000), 69000, 71000);
	assert_in_range(end_ms(dm, 0, 50000), 49000, 51000);
	assert_int_equal(end_ms(dm, -1, 50000), -1);
	assert_int_equal(end_ms(dm, 0, -1), -1);
	assert_true(end_ms(dm, DMK_FOREVER, -1) == INT64_MAX);
	assert_true(end_ms(dm, DMK_FOREVER - 1, -1) == INT64_MAX);
	assert_int_equal(dmk_set_timeout(dm, 20000), 0);
	assert_in_range(end_ms(dm, 0, 50000), 19000, 21000);
	assert_in_range(end_ms(dm, 70000, 50000), 69000, 71000);
	/* A deadline for all: the earlier of both. */
	assert_int_equal(dmk_set_deadline(dm, dmk_now_ns() + 10000 * MS), 0);
	assert_in_range(end_ms(dm, 70000, 50000), 9000, 11000);
	assert_in_range(end_ms(dm, 3000, 50000), 2000, 4000);
	assert_int_equal(end_ms(dm, -1, 50000), -1);
	assert_int_equal(dmk_set_timeout(dm, 0), 0);
	/* What tries once, does. */
	assert_int_equal(end_ms(dm, 0, -1), -1);
	assert_in_range(end_ms(dm, 0, 50000), 9000, 11000);
	assert_in_range(end_ms(dm, 0, 5000), 4000, 6000);
	assert_in_range(end_ms(dm, 0, DMK_FOREVER), 9000, 11000);
	/* An undo has its own time. */
	dm->undoing = true;
	assert_in_range(end_ms(dm, 0, 50000), 49000, 51000);
	dmk_free(dm);
}

static void pauses_grow(void **state)
{
	static const int64_t at_least[] = { 2, 4, 8, 16, 32 };
	struct dmk *dm = new_dm();
	struct dmk_limit limit;

	(void)state;
	assert_int_equal(dmk_limit_start(dm, 60000, 0, &limit), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(at_least); i++) {
		int64_t start = dmk_now_ns();

		assert_int_equal(dmk_limit_pause(dm, &limit), 0);
		assert_true(dmk_now_ns() - start >= at_least[i] * MS);
		assert_true(dmk_now_ns() - start < (at_least[i] + 1000) * MS);
		assert_int_equal(limit.tries, i + 1);
		assert_int_equal(dm->error.tries, i + 1);
	}
	/* But not for ever. */
	assert_int_equal(dmk_pause_ns(DMK_PAUSES - 2), 128 * MS);
	assert_int_equal(dmk_pause_ns(DMK_PAUSES - 1), 250 * MS);
	assert_int_equal(dmk_pause_ns(UINT32_MAX), 250 * MS);
	limit.tries = UINT32_MAX - 1;
	assert_int_equal(dmk_limit_pause(dm, &limit), 0);
	/* Never beyond the end. */
	limit.end_ns = dmk_now_ns() + 3 * MS;
	assert_int_equal(dmk_limit_pause(dm, &limit), 0);
	assert_true(dmk_now_ns() < limit.end_ns + 200 * MS);
	assert_int_equal(dmk_limit_pause(dm, &limit), -ETIMEDOUT);
	dmk_free(dm);
}

static void canceled(void **state)
{
	volatile int32_t flag = 0;
	struct dmk *dm = new_dm();
	struct dmk_limit limit;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(dmk_set_cancel(dm, &flag, fds[0]), 0);
	assert_int_equal(dmk_limit_start(dm, DMK_FOREVER, 0, &limit), 0);
	assert_int_equal(dmk_limit_pause(dm, &limit), 0);
	flag = 1;
	assert_int_equal(dmk_limit_pause(dm, &limit), -ECANCELED);
	assert_true(dmk_canceled(dm));
	dm->undoing = true;
	assert_false(dmk_canceled(dm));
	assert_int_equal(dmk_limit_pause(dm, &limit), 0);
	dm->undoing = false;
	flag = 0;
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(dmk_limit_pause(dm, &limit), -ECANCELED);
	assert_int_equal(dmk_set_cancel(dm, NULL, -1), 0);
	assert_int_equal(dmk_limit_pause(dm, &limit), 0);
	/* An fd that is waited for is no cancellation. */
	assert_int_equal(dmk_limit_poll(dm, &limit, fds[0]), 0);
	limit.end_ns = dmk_now_ns() + 3 * MS;
	assert_int_equal(dmk_limit_poll(dm, &limit, -1), -ETIMEDOUT);
	close(fds[0]);
	close(fds[1]);
	dmk_free(dm);
}

static void errors_of_an_undo(void **state)
{
	struct dmk *dm = new_dm();

	(void)state;
	dmk_begin(dm, DMK_VERB_CREATE, "data");
	assert_int_equal(dmk_fail_step(dm, DMK_STEP_LOAD, -EINVAL), -EINVAL);
	dm->undoing = true;
	assert_int_equal(dmk_fail_step(dm, DMK_STEP_REMOVE, -EBUSY), -EBUSY);
	assert_int_equal(dmk_fail_step(dm, DMK_STEP_REMOVE, -EIO), -EIO);
	dm->undoing = false;
	assert_int_equal(dmk_last_error(dm)->code, -EINVAL);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_LOAD);
	assert_int_equal(dmk_last_error(dm)->undo_code, -EBUSY);
	assert_int_equal(dmk_done(dm, -EINVAL), -EINVAL);
	assert_int_equal(dmk_last_error(dm)->code, -EINVAL);
	assert_int_equal(dmk_done(dm, 0), 0);
	assert_int_equal(dmk_last_error(dm)->code, 0);
	assert_int_equal(dmk_last_error(dm)->undo_code, 0);
	dmk_free(dm);
}

static void options_are_checked(void **state)
{
	const uint64_t zero[4] = { 0 }, last[4] = { 0, 0, 0, 1 };
	struct dmk *dm = new_dm();

	(void)state;
	assert_int_equal(dmk_check_options(dm, 3, 3, zero), 0);
	assert_int_equal(dmk_check_options(dm, 4, 3, zero), -EINVAL);
	assert_string_equal(dmk_last_error(dm)->detail, "unknown option flags 0x4");
	assert_int_equal(dmk_check_options(dm, 0, 3, last), -EINVAL);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_ARGUMENTS);
	dmk_free(dm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_connection),
		cmocka_unit_test(node_dirs),
		cmocka_unit_test(bad_times),
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(which_limit_counts),
		cmocka_unit_test(pauses_grow),
		cmocka_unit_test(canceled),
		cmocka_unit_test(errors_of_an_undo),
		cmocka_unit_test(options_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
