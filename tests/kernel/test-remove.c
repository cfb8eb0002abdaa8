/* SPDX-License-Identifier: MIT */
/* Ways of removal beyond the plain one, on the real kernel. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

static void a_deferred_removal_waits_and_can_be_taken_back(void **state)
{
	struct dmk_remove_options deferred = { .flags = DMK_REMOVE_DEFERRED };
	struct dmk_info info = make_device(*state, "a", "0 8 zero");
	int fd = open(node_path("a"), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), &deferred, &info));
	assert_true(info.flags & DMK_INFO_DEFERRED_REMOVE);
	assert_int_equal(node_rdev("a"), 0);
	assert_ok(*state, dmk_cancel_deferred_remove(*state, DMK_NAME("a")));
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("a"), NULL, &info));
	assert_false(info.flags & DMK_INFO_DEFERRED_REMOVE);
	assert_true(node_is("a", &info));
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), &deferred, NULL));
	close(fd);
	/* The kernel removes it from a work queue, a moment later. */
	for (int i = 0; i < 200 && device_exists(*state, "a"); i++)
		usleep(10000);
	assert_false(device_exists(*state, "a"));
	make_device(*state, "a", "0 8 zero");
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), &deferred, &info));
	assert_false(info.flags & DMK_INFO_DEFERRED_REMOVE);
}

static void force_puts_error_in_first(void **state)
{
	struct dmk_remove_options force = { .flags = DMK_REMOVE_FORCE, .timeout_ms = -1 };
	struct dmk_segments *segments;
	struct dmk_segment segment;
	int fd;

	make_device(*state, "a", "0 8 zero");
	fd = open(node_path("a"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_code(*state, dmk_remove(*state, DMK_NAME("a"), &force, NULL), -EBUSY);
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "error");
	assert_int_equal(segment.length_sectors, 8);
	dmk_segments_free(segments);
	close(fd);
	assert_ok(*state, dmk_remove(*state, DMK_NAME("a"), &force, NULL));
	assert_int_equal(node_rdev("a"), 0);
}

static void remove_all_leaves_what_is_open(void **state)
{
	struct dmk_info info = make_device(*state, "open", "0 8 zero");
	int fd = open(node_path("open"), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	make_device(*state, "a", "0 8 zero");
	make_device(*state, "b", "0 8 linear /dev/mapper/a 0");
	assert_ok(*state, dmk_remove_all(*state, NULL));
	assert_int_equal(count_devices(*state), 1);
	assert_int_equal(node_rdev("a"), 0);
	assert_int_equal(node_rdev("b"), 0);
	assert_true(node_is("open", &info));
	close(fd);
	assert_ok(*state, dmk_remove_all(*state, NULL));
	assert_int_equal(node_rdev("open"), 0);
}

int main(void)
{
#define REMOVE_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		REMOVE_TEST(a_deferred_removal_waits_and_can_be_taken_back),
		REMOVE_TEST(force_puts_error_in_first),
		REMOVE_TEST(remove_all_leaves_what_is_open),
	};

	return cmocka_run_group_tests_name("kernel removals", tests, NULL, NULL);
}
