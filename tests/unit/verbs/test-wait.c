/* SPDX-License-Identifier: MIT */
/* Waiting: behind a hook by one request that an event ends; with a control fd by poll. */
#include "../driver.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kernel/context.h"

static void open_with_data(uint32_t minor)
{
	open_driver(minor);
	fake_add_device(fake, "data", "")->event_nr = 3;
}

static void in_the_kernel(void **state)
{
	const struct dmk_wait_options limited = { .timeout_ms = 20 };
	struct dmk_info info;

	(void)state;
	open_with_data(30);
	assert_int_equal(dmk_wait(dm, DMK_NAME("data"), 3, NULL, &info), 0);
	assert_int_equal(info.event_nr, 4);
	assert_int_equal(fake->calls_of[DM_DEV_WAIT_CMD], 1);
	assert_int_equal(fake->log[1].io.event_nr, 3);
	/* That cannot be ended in time. */
	assert_int_equal(dmk_wait(dm, DMK_NAME("data"), 4, &limited, &info), -EOPNOTSUPP);
	assert_int_equal(dmk_wait(dm, DMK_NAME("none"), 4, NULL, &info), -ENXIO);
	assert_int_equal(dmk_arm_poll(dm), -EOPNOTSUPP);
	close_driver();
}

/* A pipe stands for the control fd. */
static int pipe_fds[2];

static void use_pipe(void)
{
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	dm->fd = pipe_fds[0];
}

/* The wait has one of its own, and closes it. */
int __wrap_dmk_open_control(struct dmk *opens, int *ret_fd);
int __wrap_dmk_open_control(struct dmk *opens, int *ret_fd)
{
	assert_ptr_equal(opens, dm);
	*ret_fd = fcntl(pipe_fds[0], F_DUPFD_CLOEXEC, 0);
	return *ret_fd < 0 ? -errno : 0;
}

static void event_comes(struct fake *driver, uint32_t command, uint32_t number, void *data)
{
	(void)number;
	(void)data;
	if (command != DMK_CMD_ARM_POLL)
		return;
	if (driver->calls_of[DMK_CMD_ARM_POLL] == 1)
		assert_int_equal(write(pipe_fds[1], "x", 1), 1);
	/* Another device's event wakes it first. */
	if (driver->calls_of[DMK_CMD_ARM_POLL] == 3)
		fake_find(driver, "data")->event_nr = 9;
}

static void by_poll(void **state)
{
	const struct dmk_wait_options limited = { .timeout_ms = 20 };
	int64_t start = dmk_now_ns();
	struct dmk_info info;

	(void)state;
	open_with_data(47);
	use_pipe();
	assert_int_equal(dmk_wait(dm, DMK_NAME("data"), 3, &limited, &info), -ETIMEDOUT);
	assert_true(dmk_now_ns() - start >= 20000000);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_WAIT);
	assert_int_equal(fake->calls_of[DM_DEV_WAIT_CMD], 0);
	/* It was here already. */
	assert_int_equal(dmk_wait(dm, DMK_NAME("data"), 2, &limited, &info), 0);
	assert_int_equal(info.event_nr, 3);
	fake_clear_log(fake);
	fake->on_call = event_comes;
	assert_int_equal(dmk_wait(dm, DMK_NAME("data"), 3, NULL, &info), 0);
	assert_int_equal(info.event_nr, 9);
	assert_int_equal(fake->calls_of[DMK_CMD_ARM_POLL], 3);
	close(pipe_fds[1]);
	close_driver();
}

static void goes_away(struct fake *driver, uint32_t command, uint32_t number, void *data)
{
	(void)number;
	(void)data;
	if (command == DMK_CMD_ARM_POLL)
		fake_drop(driver, fake_find(driver, "data"));
}

static void the_device_goes_away(void **state)
{
	struct dmk_info info;

	(void)state;
	open_with_data(47);
	use_pipe();
	fake->on_call = goes_away;
	assert_int_equal(dmk_wait(dm, DMK_NAME("data"), 3, NULL, &info), -ENXIO);
	close(pipe_fds[1]);
	close_driver();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_kernel),
		cmocka_unit_test(by_poll),
		cmocka_unit_test(the_device_goes_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
