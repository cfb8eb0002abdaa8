/* SPDX-License-Identifier: MIT */
/* The caller's flag: what a verb of several steps takes back, and what it had done before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "scenario.h"
#include "util.h"

static const struct scenario plain = { .name = "cancel" };
static const uint32_t load = DM_TABLE_LOAD_CMD, suspend = DM_DEV_SUSPEND_CMD, none = UINT32_MAX;
static volatile int32_t flag;

static void raise_flag(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	const uint32_t *awaited = data;

	(void)fake;
	(void)number;
	if (command == *awaited)
		flag = 1;
}

/* The flag rises with the first request of this kind. */
static void open_world(struct world *world, const uint32_t *command)
{
	world_open(world, &plain);
	flag = 0;
	world->fake->on_call = raise_flag;
	world->fake->on_call_data = (void *)(uintptr_t)command;
	assert_int_equal(dmk_set_cancel(world->dm, &flag, -1), 0);
}

static void add_device(struct world *world)
{
	fake_set_live(fake_add_device(world->fake, "data", ""), 8, "error", "");
}

static int create(struct world *world)
{
	return dmk_create(world->dm, "data", world->table, NULL, NULL);
}

static void assert_nothing_left(struct world *world)
{
	char *dump = world_dump(world);

	assert_string_equal(dump, "--\n");
	free(dump);
}

/* The flag is raised while a request is on its way, which itself succeeds. */
static void canceled_between_two_steps(void **state)
{
	static const struct {
		uint32_t command;
		uint32_t step;
	} cases[] = {
		{ DM_VERSION_CMD, DMK_STEP_CREATE },
		{ DM_DEV_CREATE_CMD, DMK_STEP_LOAD },
		{ DM_TABLE_LOAD_CMD, DMK_STEP_RESUME },
		{ DM_DEV_SUSPEND_CMD, DMK_STEP_MAKE_NODE },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct world world;

		open_world(&world, &cases[i].command);
		assert_int_equal(create(&world), -ECANCELED);
		assert_int_equal(dmk_last_error(world.dm)->step, cases[i].step);
		assert_int_equal(dmk_last_error(world.dm)->undo_code, 0);
		assert_nothing_left(&world);
		/* And before the first one. */
		assert_int_equal(create(&world), -ECANCELED);
		assert_int_equal(world.fake->calls_of[DM_DEV_CREATE_CMD],
				 cases[i].command == DM_VERSION_CMD ? 0 : 1);
		flag = 0;
		world.fake->on_call = NULL;
		assert_int_equal(create(&world), 0);
		world_close(&world);
	}
}

static void a_canceled_replace(void **state)
{
	struct world world;

	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		open_world(&world, swapped ? &suspend : &load);
		add_device(&world);
		assert_int_equal(dmk_replace(world.dm, DMK_NAME("data"), world.table, NULL, NULL),
				 swapped ? 0 : -ECANCELED);
		assert_null(fake_find(world.fake, "data")->inactive);
		assert_false(fake_find(world.fake, "data")->suspended);
		assert_int_equal(
			strcmp(fake_find(world.fake, "data")->live->targets->type, "error") == 0,
			!swapped);
		assert_int_equal(dmk_last_error(world.dm)->step, swapped ? 0 : DMK_STEP_RESUME);
		world_close(&world);
	}
}

static void what_stays_suspended_is_told(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, &none);
	add_device(&world);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_SWAP_FAILS, -EIO);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 2, 1, FAKE_BEFORE, -ENOMEM);
	assert_int_equal(dmk_replace(world.dm, DMK_NAME("data"), world.table, NULL, NULL), -EIO);
	assert_true(fake_find(world.fake, "data")->suspended);
	assert_int_equal(dmk_last_error(world.dm)->undo_code, -ENOMEM);
	assert_string_equal(dmk_last_error(world.dm)->detail,
			    "the device could not be resumed and stays suspended");
	world_close(&world);
}

/* A request that was ended may have been done before: what is read then decides. */
static void canceled_but_done(void **state)
{
	struct world world;
	struct dmk_info info;

	(void)state;
	open_world(&world, &suspend);
	add_device(&world);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_AFTER, -EINTR);
	assert_int_equal(dmk_suspend(world.dm, DMK_NAME("data"), NULL, &info), 0);
	assert_true(info.flags & DMK_INFO_SUSPENDED);
	assert_int_equal(dmk_last_error(world.dm)->code, 0);
	world_close(&world);

	open_world(&world, &suspend);
	add_device(&world);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_BEFORE, -EINTR);
	assert_int_equal(dmk_suspend(world.dm, DMK_NAME("data"), NULL, NULL), -ECANCELED);
	assert_false(fake_find(world.fake, "data")->suspended);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canceled_between_two_steps),
		cmocka_unit_test(a_canceled_replace),
		cmocka_unit_test(what_stays_suspended_is_told),
		cmocka_unit_test(canceled_but_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
