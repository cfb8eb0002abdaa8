/* SPDX-License-Identifier: MIT */
/* Waiting for what happens to devices, on the real kernel. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "support.h"

static void arm_poll_wakes_on_a_create(void **state)
{
	struct pollfd fd = { .events = POLLIN };

	assert_ok(*state, dmk_fd(*state, &fd.fd));
	assert_ok(*state, dmk_arm_poll(*state));
	assert_int_equal(poll(&fd, 1, 0), 0);
	make_device(*state, "a", "0 8 zero");
	assert_int_equal(poll(&fd, 1, 0), 1);
	assert_ok(*state, dmk_arm_poll(*state));
	assert_int_equal(poll(&fd, 1, 0), 0);
	remove_device(*state, "a");
	assert_int_equal(poll(&fd, 1, 0), 1);
}

/* Whatever its connection does meanwhile, and whoever else watches. */
static void a_watch_is_woken(void **state)
{
	struct dmk_wait_options options = { .timeout_ms = 20 };
	struct dmk_info info = make_device(*state, "b", "0 8 zero");
	struct pollfd connection = { .events = POLLIN },
		      fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	struct dmk_watch *watches[2];
	struct dmk_watch_event event;

	assert_ok(*state, dmk_fd(*state, &connection.fd));
	for (int i = 0; i < 2; i++) {
		assert_ok(*state, dmk_watch_new(*state, NULL, &watches[i]));
		assert_ok(*state, dmk_watch_fd(watches[i], &fds[i].fd));
		assert_int_equal(dmk_watch_next(watches[i], &event), 0);
	}
	assert_ok(*state, dmk_arm_poll(*state));
	assert_int_equal(poll(fds, 2, 0), 0);
	make_device(*state, "new", "0 8 zero");
	assert_code(*state, dmk_wait(*state, DMK_NAME("b"), info.event_nr, &options, NULL),
		    -ETIMEDOUT);
	assert_int_equal(poll(&connection, 1, 0), 1);
	assert_ok(*state, dmk_arm_poll(*state));
	assert_int_equal(poll(&connection, 1, 0), 0);
	assert_int_equal(poll(fds, 2, 0), 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(dmk_watch_next(watches[i], &event), 1);
		assert_string_equal(event.name, "new");
		while (dmk_watch_next(watches[i], &event) == 1)
			;
		assert_int_equal(poll(&fds[i], 1, 0), 0);
		dmk_watch_free(watches[i]);
	}
	remove_device(*state, "new");
	remove_device(*state, "b");
}

static void wait_ends_at_its_limit(void **state)
{
	struct dmk_wait_options options = { .timeout_ms = 50 };
	struct dmk_info info = make_device(*state, "a", "0 8 zero");

	assert_code(*state, dmk_wait(*state, DMK_NAME("a"), info.event_nr, &options, NULL),
		    -ETIMEDOUT);
	/* Another number than the device's is an event already. */
	assert_ok(*state, dmk_wait(*state, DMK_NAME("a"), info.event_nr + 1, &options, &info));
	assert_code(*state, dmk_wait(*state, DMK_NAME("gone"), 0, &options, NULL), -ENXIO);
	remove_device(*state, "a");
}

static void wait_sees_a_snapshot_overflow(void **state)
{
	struct dmk_wait_options options = { .timeout_ms = 20000 };
	static uint8_t bytes[65536];
	struct dmk_info info;

	make_device(*state, "origin", "0 2048 linear " RAM0 " 0");
	make_device(*state, "cow", "0 64 linear " RAM1 " 0");
	assert_true(write_at(node_path("cow"), 0, bytes, 4096)); /* no old header */
	info = make_device(*state, "snap",
			   "0 2048 snapshot /dev/mapper/origin /dev/mapper/cow P 8");
	/* 64 KiB into a store of 32 KiB. */
	(void)write_at(node_path("snap"), 0, bytes, sizeof(bytes));
	assert_ok(*state, dmk_wait(*state, DMK_NAME("snap"), info.event_nr, &options, &info));
	assert_true(info.event_nr > 0);
	remove_device(*state, "snap");
	remove_device(*state, "cow");
	remove_device(*state, "origin");
}

int main(void)
{
#define KERNEL_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(arm_poll_wakes_on_a_create),
		KERNEL_TEST(a_watch_is_woken),
		KERNEL_TEST(wait_ends_at_its_limit),
		KERNEL_TEST(wait_sees_a_snapshot_overflow),
	};

	return cmocka_run_group_tests_name("kernel poll", tests, NULL, NULL);
}
