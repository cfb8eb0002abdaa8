/* SPDX-License-Identifier: MIT */
/* How long a verb goes on trying, and what ends it: success, another error, the limit, the caller.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "scenario.h"
#include "base/util.h"

#define MS INT64_C(1000000)

static const struct scenario plain = { .name = "deadline" };

/* When each call came, and what happens at one of them. */
static struct {
	int64_t at[64];
	uint32_t n;
	uint32_t command;
	uint32_t number; /* of command's calls, from 1 */
	void (*happens)(struct fake *fake);
} watch;

static volatile int32_t flag;
static int event_fd = -1;

static void watch_call(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	(void)number;
	(void)data;
	if (command != watch.command)
		return;
	if (watch.n < 64)
		watch.at[watch.n] = dmk_now_ns();
	watch.n++;
	if (watch.n == watch.number)
		watch.happens(fake);
}

static void open_world(struct world *world, uint32_t command, uint32_t number,
		       void (*happens)(struct fake *))
{
	world_open(world, &plain);
	memset(&watch, 0, sizeof(watch));
	watch.command = command;
	watch.number = number;
	watch.happens = happens;
	world->fake->on_call = watch_call;
	flag = 0;
}

static void appear(struct fake *fake)
{
	fake->missing = NULL;
}

static void let_go(struct fake *fake)
{
	fake_close(fake, fake_find(fake, "data"));
}

static void go_away(struct fake *fake)
{
	fake_drop(fake, fake_find(fake, "data"));
}

static void raise_flag(struct fake *fake)
{
	(void)fake;
	flag = 1;
}

static void raise_event(struct fake *fake)
{
	const uint64_t one = 1;

	(void)fake;
	assert_int_equal(write(event_fd, &one, sizeof(one)), sizeof(one));
}

static int create_within(struct world *world, int64_t timeout_ms)
{
	struct dmk_create_options options = { .timeout_ms = timeout_ms };

	return dmk_create(world->dm, "data", world->table, &options, NULL);
}

static int remove_within(struct world *world, int64_t timeout_ms)
{
	struct dmk_remove_options options = { .timeout_ms = timeout_ms };

	return dmk_remove(world->dm, DMK_NAME("data"), &options, NULL);
}

static void add_busy_device(struct world *world)
{
	struct fake_device *device = fake_add_device(world->fake, "data", "");

	fake_set_live(device, 8, "zero", "");
	fake_open(device);
	add_node("data", FAKE_MAJOR, 0);
}

static void assert_nothing_left(struct world *world)
{
	char *dump = world_dump(world);

	assert_string_equal(dump, "--\n");
	free(dump);
}

static void busy_then_success(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_TABLE_LOAD_CMD, 0, NULL);
	fake_add_rule(world.fake, DM_TABLE_LOAD_CMD, 1, 3, FAKE_BEFORE, -EBUSY);
	assert_int_equal(create_within(&world, 5000), 0);
	assert_int_equal(world.fake->calls_of[DM_TABLE_LOAD_CMD], 4);
	assert_int_equal(world.fake->calls_of[DM_DEV_CREATE_CMD], 1);
	assert_int_equal(dmk_last_error(world.dm)->code, 0);
	world_close(&world);
}

static void removed_when_closed(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 3, let_go);
	add_busy_device(&world);
	assert_int_equal(remove_within(&world, 5000), 0);
	assert_int_equal(world.fake->calls_of[DM_DEV_REMOVE_CMD], 3);
	/* One for each, and two around the node that is still there. */
	assert_int_equal(world.fake->calls_of[DM_DEV_STATUS_CMD], 5);
	assert_int_equal(dmk_last_error(world.dm)->code, 0);
	assert_nothing_left(&world);
	world_close(&world);
}

static void busy_until_the_deadline(void **state)
{
	int64_t start = dmk_now_ns();
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	add_busy_device(&world);
	assert_int_equal(remove_within(&world, 30), -EBUSY);
	assert_true(dmk_now_ns() - start >= 30 * MS);
	assert_true(dmk_now_ns() - start < 1000 * MS);
	assert_int_equal(dmk_last_error(world.dm)->code, -EBUSY);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_REMOVE);
	assert_int_equal(dmk_last_error(world.dm)->tries, watch.n);
	assert_true(dmk_last_error(world.dm)->spent_ms >= 30);
	/* After 2, 4, 8 ms and the rest: the last try is at the end. */
	assert_in_range(watch.n, 3, 5);
	assert_true(watch.at[watch.n - 1] - start >= 30 * MS);
	for (uint32_t i = 1; i + 1 < watch.n; i++)
		assert_true(watch.at[i] - watch.at[i - 1] >= (MS << i));
	assert_non_null(fake_find(world.fake, "data"));
	/* Who holds it is looked for once, when it is over. */
	assert_int_equal(wraps.searches, 1);
	world_close(&world);
}

/* Only "busy" passes: of anything else it is told at once, though a second try would succeed. */
static void other_refusals_are_final(void **state)
{
	static const int codes[] = { -EACCES, -EPERM,	-EINVAL, -EIO,	    -ENOMEM,
				     -ENODEV, -ENOTBLK, -EAGAIN, -ETIMEDOUT };
	struct world world;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(codes); i++) {
		open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
		add_busy_device(&world);
		let_go(world.fake);
		fake_add_rule(world.fake, DM_DEV_REMOVE_CMD, 1, 1, FAKE_BEFORE, codes[i]);
		assert_int_equal(remove_within(&world, 5000), codes[i]);
		assert_int_equal(world.fake->calls_of[DM_DEV_REMOVE_CMD], 1);
		assert_int_equal(dmk_last_error(world.dm)->code, codes[i]);
		assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_REMOVE);
		assert_non_null(fake_find(world.fake, "data"));
		world_close(&world);
	}
}

static void once_whatever_the_time(void **state)
{
	struct dmk_remove_options options = { .flags = DMK_REMOVE_ONCE, .timeout_ms = 5000 };
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	add_busy_device(&world);
	assert_int_equal(dmk_remove(world.dm, DMK_NAME("data"), &options, NULL), -EBUSY);
	assert_int_equal(watch.n, 1);
	world_close(&world);
}

static void once_means_once(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	add_busy_device(&world);
	assert_int_equal(remove_within(&world, -1), -EBUSY);
	assert_int_equal(watch.n, 1);
	/* Also as the connection's default. */
	assert_int_equal(dmk_set_timeout(world.dm, -1), 0);
	assert_int_equal(remove_within(&world, 0), -EBUSY);
	assert_int_equal(watch.n, 2);
	assert_int_equal(dmk_last_error(world.dm)->tries, 1);
	world_close(&world);
}

static void the_earlier_deadline_counts(void **state)
{
	int64_t start = dmk_now_ns();
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	add_busy_device(&world);
	assert_int_equal(dmk_set_deadline(world.dm, start + 20 * MS), 0);
	assert_int_equal(remove_within(&world, 60000), -EBUSY);
	assert_true(dmk_now_ns() - start >= 20 * MS);
	assert_true(dmk_now_ns() - start < 2000 * MS);
	/* One that has passed: a single try. */
	watch.n = 0;
	assert_int_equal(remove_within(&world, 60000), -EBUSY);
	assert_int_equal(watch.n, 1);
	/* Taken back: the call's own limit alone. */
	assert_int_equal(dmk_set_deadline(world.dm, 0), 0);
	start = dmk_now_ns();
	assert_int_equal(remove_within(&world, 25), -EBUSY);
	assert_true(dmk_now_ns() - start >= 25 * MS);
	world_close(&world);
}

/* A deadline for all calls makes none of them try again that would not without. */
static void a_deadline_alone_tries_nothing_again(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_CREATE_CMD, 0, NULL);
	add_busy_device(&world);
	assert_int_equal(dmk_set_deadline(world.dm, dmk_now_ns() + 60000 * MS), 0);
	assert_int_equal(create_within(&world, 0), -EBUSY);
	assert_int_equal(watch.n, 1);
	world_close(&world);

	open_world(&world, DM_TABLE_LOAD_CMD, 0, NULL);
	fake_add_rule(world.fake, DM_TABLE_LOAD_CMD, 1, 3, FAKE_BEFORE, -EBUSY);
	assert_int_equal(dmk_set_deadline(world.dm, dmk_now_ns() + 60000 * MS), 0);
	assert_int_equal(create_within(&world, 0), -EBUSY);
	assert_int_equal(watch.n, 1);
	/* A wish of its own, or the connection's, does. */
	assert_int_equal(dmk_set_timeout(world.dm, 5000), 0);
	assert_int_equal(create_within(&world, 0), 0);
	assert_int_equal(watch.n, 4);
	world_close(&world);
}

static void backing_device_appears(void **state)
{
	static const int codes[] = { -ENOENT, -ENXIO, -ENODEV };
	struct world world;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(codes); i++) {
		open_world(&world, DM_TABLE_LOAD_CMD, 4, appear);
		world.fake->missing = "/dev/late";
		world.fake->missing_code = codes[i];
		assert_int_equal(dmk_table_add(world.table, DMK_NEXT, 8, "linear", "/dev/late 0"),
				 0);
		assert_int_equal(create_within(&world, 5000), 0);
		assert_int_equal(world.fake->calls_of[DM_TABLE_LOAD_CMD], 4);
		assert_int_equal(dmk_last_error(world.dm)->code, 0);
		world_close(&world);
	}
}

/* Without a limit a typo answers at once; load and replace never wait for what is missing. */
static void a_missing_device_is_not_waited_for(void **state)
{
	struct dmk_load_options load = { .timeout_ms = 5000 };
	struct dmk_replace_options replace = { .timeout_ms = 5000 };
	struct world world;

	(void)state;
	open_world(&world, DM_TABLE_LOAD_CMD, 0, NULL);
	world.fake->missing = "/dev/late";
	world.fake->missing_code = -ENOENT;
	assert_int_equal(dmk_table_add(world.table, DMK_NEXT, 8, "linear", "/dev/late 0"), 0);
	assert_int_equal(create_within(&world, 0), -ENOENT);
	assert_int_equal(watch.n, 1);
	assert_nothing_left(&world);
	fake_add_device(world.fake, "data", "");
	assert_int_equal(dmk_load(world.dm, DMK_NAME("data"), world.table, &load, NULL), -ENOENT);
	assert_int_equal(dmk_replace(world.dm, DMK_NAME("data"), world.table, &replace, NULL),
			 -ENOENT);
	assert_int_equal(watch.n, 3);
	world_close(&world);
}

static void load_waits_while_busy(void **state)
{
	struct dmk_load_options options = { .timeout_ms = 5000 };
	struct world world;

	(void)state;
	open_world(&world, DM_TABLE_LOAD_CMD, 0, NULL);
	fake_add_device(world.fake, "data", "");
	fake_add_rule(world.fake, DM_TABLE_LOAD_CMD, 1, 2, FAKE_BEFORE, -EBUSY);
	assert_int_equal(dmk_load(world.dm, DMK_NAME("data"), world.table, &options, NULL), 0);
	assert_int_equal(watch.n, 3);
	fake_add_rule(world.fake, DM_TABLE_LOAD_CMD, 1, 0, FAKE_BEFORE, -EBUSY);
	assert_int_equal(dmk_load(world.dm, DMK_NAME("data"), world.table, NULL, NULL), -EBUSY);
	assert_int_equal(watch.n, 4);
	world_close(&world);
}

static void a_taken_name(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_CREATE_CMD, 4, go_away);
	fake_add_device(world.fake, "data", "");
	assert_int_equal(create_within(&world, 0), -EBUSY);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_CREATE);
	assert_int_equal(watch.n, 1);
	assert_non_null(fake_find(world.fake, "data"));
	/* With a limit it is waited for. */
	assert_int_equal(create_within(&world, 5000), 0);
	assert_int_equal(watch.n, 4);
	world_close(&world);
}

/* The tries that an error tells are those of the step that failed. */
static void tries_are_the_failing_steps(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_TABLE_LOAD_CMD, 0, NULL);
	fake_add_rule(world.fake, DM_DEV_CREATE_CMD, 1, 3, FAKE_BEFORE, -EBUSY);
	fake_add_rule(world.fake, DM_TABLE_LOAD_CMD, 1, 1, FAKE_BEFORE, -EINVAL);
	assert_int_equal(create_within(&world, 5000), -EINVAL);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_LOAD);
	assert_in_range(dmk_last_error(world.dm)->tries, 0, 1);
	world_close(&world);
}

static void canceled_by_flag(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 2, raise_flag);
	add_busy_device(&world);
	assert_int_equal(dmk_set_cancel(world.dm, &flag, -1), 0);
	assert_int_equal(remove_within(&world, DMK_FOREVER), -ECANCELED);
	assert_int_equal(watch.n, 2);
	assert_int_equal(dmk_last_error(world.dm)->code, -ECANCELED);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_REMOVE);
	world_close(&world);
}

static void canceled_by_fd(void **state)
{
	struct world world;

	(void)state;
	event_fd = eventfd(0, EFD_CLOEXEC);
	assert_true(event_fd >= 0);
	open_world(&world, DM_DEV_CREATE_CMD, 2, raise_event);
	fake_add_device(world.fake, "data", "");
	assert_int_equal(dmk_set_cancel(world.dm, NULL, event_fd), 0);
	assert_int_equal(create_within(&world, DMK_FOREVER), -ECANCELED);
	assert_int_equal(watch.n, 2);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_CREATE);
	close(event_fd);
	world_close(&world);
}

/* Canceled in the middle of a create: what was made is taken back, however long that takes. */
static void a_canceled_create_is_undone(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_TABLE_LOAD_CMD, 2, raise_flag);
	fake_add_rule(world.fake, DM_TABLE_LOAD_CMD, 1, 0, FAKE_BEFORE, -EBUSY);
	fake_add_rule(world.fake, DM_DEV_REMOVE_CMD, 1, 3, FAKE_BEFORE, -EBUSY);
	assert_int_equal(dmk_set_cancel(world.dm, &flag, -1), 0);
	assert_int_equal(create_within(&world, DMK_FOREVER), -ECANCELED);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_LOAD);
	assert_int_equal(dmk_last_error(world.dm)->undo_code, 0);
	assert_int_equal(world.fake->calls_of[DM_DEV_REMOVE_CMD], 4);
	assert_nothing_left(&world);
	world_close(&world);
}

/* A signal: the request is sent again, unless the flag says that it was meant to end it. */
static void interrupted_requests(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_STATUS_CMD, 0, NULL);
	add_busy_device(&world);
	let_go(world.fake);
	fake_add_rule(world.fake, DM_DEV_STATUS_CMD, 1, 5, FAKE_BEFORE, -EINTR);
	assert_int_equal(dmk_set_cancel(world.dm, &flag, -1), 0);
	assert_int_equal(remove_within(&world, -1), 0);
	assert_int_equal(watch.n, 6);
	flag = 1;
	fake_clear_rules(world.fake);
	fake_add_rule(world.fake, DM_DEV_STATUS_CMD, 1, 0, FAKE_BEFORE, -EINTR);
	assert_int_equal(remove_within(&world, -1), -ECANCELED);
	assert_int_equal(watch.n, 7);
	world_close(&world);
}

static void interrupted_pauses(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 3, let_go);
	add_busy_device(&world);
	wraps.armed = true;
	/* version, status, remove, pause */
	wraps.faults[0] = (struct wrap_fault){ .at = 7, .error = EINTR };
	assert_int_equal(remove_within(&world, 5000), 0);
	wraps.armed = false;
	assert_int_equal(wraps.events[6], SITE_PPOLL);
	assert_int_equal(wraps.events[7], SITE_PPOLL);
	assert_true(watch.at[1] - watch.at[0] >= 2 * MS);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy_then_success),
		cmocka_unit_test(removed_when_closed),
		cmocka_unit_test(busy_until_the_deadline),
		cmocka_unit_test(other_refusals_are_final),
		cmocka_unit_test(once_whatever_the_time),
		cmocka_unit_test(once_means_once),
		cmocka_unit_test(the_earlier_deadline_counts),
		cmocka_unit_test(a_deadline_alone_tries_nothing_again),
		cmocka_unit_test(backing_device_appears),
		cmocka_unit_test(a_missing_device_is_not_waited_for),
		cmocka_unit_test(load_waits_while_busy),
		cmocka_unit_test(a_taken_name),
		cmocka_unit_test(tries_are_the_failing_steps),
		cmocka_unit_test(canceled_by_flag),
		cmocka_unit_test(canceled_by_fd),
		cmocka_unit_test(a_canceled_create_is_undone),
		cmocka_unit_test(interrupted_requests),
		cmocka_unit_test(interrupted_pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
