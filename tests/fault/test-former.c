/* SPDX-License-Identifier: MIT */
/* A table that is refused at the resume: the former one comes back, and where it cannot, the error
 * says in which state the device is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "scenario.h"

#define NEW "live[0 16 zero ][16 8 error ]"
#define FORMER "live[0 8 linear 7:1 0]"
#define NODE "/memfs/mapper/data 60600 254:0 0 0 \n"

static int replace(struct world *world)
{
	return dmk_replace(world->dm, DMK_NAME("data"), world->table, NULL, NULL);
}

static int resume(struct world *world)
{
	return dmk_resume(world->dm, DMK_NAME("data"), NULL, NULL);
}

/* "data" with its former table; for a resume the new one is loaded already. */
static void open_world(struct world *world, bool loaded)
{
	const struct scenario scenario = { .name = "swap" };

	world_open(world, &scenario);
	fake_set_live(fake_add_device(world->fake, "data", "U-1"), 8, "linear", "7:1 0");
	add_node("data", FAKE_MAJOR, 0);
	if (loaded)
		assert_int_equal(dmk_load(world->dm, DMK_NAME("data"), world->table, NULL, NULL),
				 0);
	fake_clear_log(world->fake);
}

static void assert_device(const struct world *world, const char *state)
{
	char *dump = world_dump(world), *expected;

	assert_true(asprintf(&expected, "data uuid=U-1 minor=0 open=0%s\n--\n%s", state, NODE) > 0);
	assert_string_equal(dump, expected);
	free(expected);
	free(dump);
}

static void assert_error(const struct world *world, int code, int undo_code, uint32_t left)
{
	const struct dmk_error *err = dmk_last_error(world->dm);

	assert_int_equal(err->code, code);
	assert_int_equal(err->step, DMK_STEP_RESUME);
	assert_int_equal(err->undo_code, undo_code);
	assert_int_equal(err->left, left);
}

static void the_former_table_comes_back(void **state)
{
	int (*const verbs[])(struct world *) = { replace, resume };
	struct world world;

	(void)state;
	for (int readonly = 0; readonly < 2; readonly++)
		for (size_t i = 0; i < 2; i++) {
			open_world(&world, verbs[i] == resume);
			fake_find(world.fake, "data")->readonly = readonly;
			fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS,
				      -EINVAL);
			assert_int_equal(verbs[i](&world), -EINVAL);
			assert_error(&world, -EINVAL, 0, 0);
			assert_device(&world, readonly ? " readonly live(ro)[0 8 linear 7:1 0]"
						       : " " FORMER);
			world_close(&world);
		}
}

/* Who had suspended it wants no I/O: not with the former table either. */
static void a_suspended_device_stays_so(void **state)
{
	int (*const verbs[])(struct world *) = { replace, resume };
	char text[DMK_ERROR_TEXT_SIZE];
	struct world world;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		open_world(&world, verbs[i] == resume);
		fake_find(world.fake, "data")->suspended = true;
		fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS, -EINVAL);
		assert_int_equal(verbs[i](&world), -EINVAL);
		assert_error(&world, -EINVAL, 0, DMK_LEFT_SUSPENDED | DMK_LEFT_FORMER_LOADED);
		dmk_error_format(dmk_last_error(world.dm), text, sizeof(text));
		assert_non_null(strstr(text, "; the device stays suspended, with its former table "
					     "loaded: a resume puts it in"));
		assert_device(&world, " suspended " NEW " inactive[0 8 linear 7:1 0]");
		/* As it says. */
		assert_int_equal(resume(&world), 0);
		assert_device(&world, " " FORMER);
		world_close(&world);
	}
}

/* A resume that the live table itself refuses, and a load that is refused on a suspended device. */
static void what_is_suspended_still_is_so(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, false);
	fake_find(world.fake, "data")->suspended = true;
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_BEFORE, -EIO);
	assert_int_equal(resume(&world), -EIO);
	assert_error(&world, -EIO, 0, DMK_LEFT_SUSPENDED);
	fake_clear_rules(world.fake);
	fake_add_rule(world.fake, DM_TABLE_LOAD_CMD, 1, 1, FAKE_BEFORE, -EINVAL);
	assert_int_equal(replace(&world), -EINVAL);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_LOAD);
	assert_int_equal(dmk_last_error(world.dm)->left, DMK_LEFT_SUSPENDED);
	assert_device(&world, " suspended " FORMER);
	world_close(&world);
}

/* Linux suspended it and put the new table back: nothing is to be mended. */
static void a_failed_suspend_keeps_the_loaded_table(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, true);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_BEFORE, -EIO);
	assert_int_equal(resume(&world), -EIO);
	assert_error(&world, -EIO, 0, 0);
	assert_device(&world, " " FORMER " inactive[0 16 zero ][16 8 error ]");
	world_close(&world);
}

static void the_first_table_cannot_go_back(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, false);
	fake_drop(world.fake, fake_find(world.fake, "data"));
	fake_add_device(world.fake, "data", "U-1");
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS, -EINVAL);
	assert_int_equal(replace(&world), -EINVAL);
	assert_error(&world, -EINVAL, 0, DMK_LEFT_SUSPENDED | DMK_LEFT_NEW_TABLE);
	assert_device(&world, " suspended " NEW);
	world_close(&world);
}

static void left_as_linux_leaves_it(void **state)
{
	const struct dmk_resume_options leave = { .flags = DMK_RESUME_LEAVE };
	struct world world;

	(void)state;
	open_world(&world, true);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS, -EINVAL);
	assert_int_equal(dmk_resume(world.dm, DMK_NAME("data"), &leave, NULL), -EINVAL);
	assert_device(&world, " suspended " NEW);
	assert_int_equal(world.fake->calls, 1);
	world_close(&world);
}

/* Its disk is held for a moment. */
static void a_busy_load_is_tried_again(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, false);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS, -EINVAL);
	fake_add_rule(world.fake, DM_TABLE_LOAD_CMD, 2, 3, FAKE_BEFORE, -EBUSY);
	assert_int_equal(replace(&world), -EINVAL);
	assert_error(&world, -EINVAL, 0, 0);
	assert_device(&world, " " FORMER);
	assert_int_equal(world.fake->calls_of[DM_TABLE_LOAD_CMD], 5);
	world_close(&world);
}

static void a_key_comes_back_as_a_key(void **state)
{
	struct fake_device *device;
	struct world world;
	int loads = 0;

	(void)state;
	open_world(&world, false);
	fake_drop(world.fake, fake_find(world.fake, "data"));
	device = fake_add_device(world.fake, "data", "U-1");
	fake_set_live(device, 8, "crypt", "aes-xts-plain64 00112233 0 7:1 0");
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS, -EAGAIN);
	assert_int_equal(replace(&world), -EAGAIN);
	assert_error(&world, -EAGAIN, 0, 0);
	assert_device(&world, " live[0 8 crypt aes-xts-plain64 00112233 0 7:1 0]");
	for (uint32_t i = 0; i < world.fake->calls; i++)
		if (world.fake->log[i].command == DM_TABLE_LOAD_CMD && ++loads == 2)
			assert_true(world.fake->log[i].io.flags & DM_SECURE_DATA_FLAG);
	assert_int_equal(loads, 2);
	world_close(&world);
}

/* The device went, and another one has its name: a number of its own, suspended by its owner. */
static void take_the_name(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	struct fake_device *other;

	(void)number;
	(void)data;
	if (command != DM_TABLE_CLEAR_CMD)
		return;
	fake_add_device(fake, "first", "");
	fake_drop(fake, fake_find(fake, "data"));
	fake_drop(fake, fake_find(fake, "first"));
	fake_add_device(fake, "first", "");
	other = fake_add_device(fake, "data", "U-2");
	fake_set_live(other, 4, "zero", "");
	other->suspended = true;
}

static void another_device_is_left_alone(void **state)
{
	struct world world;
	char *dump;

	(void)state;
	open_world(&world, false);
	world.fake->on_call = take_the_name;
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_RESUME_FAILS, -EINVAL);
	assert_int_equal(replace(&world), -EINVAL);
	dump = world_dump(&world);
	assert_non_null(strstr(dump, "data uuid=U-2 minor=1 open=0 suspended live[0 4 zero ]\n"));
	free(dump);
	world_close(&world);
}

/* Both tables end in a type of their own. */
static bool is_new(const struct fake_table *table)
{
	return strcmp(table->targets->type, "zero") == 0;
}

/* What the error says of the device is what became of it. */
static void check_told(const struct world *world, const char *what, int code)
{
	const struct dmk_error *err = dmk_last_error(world->dm);
	const struct fake_device *device = fake_find(world->fake, "data");
	uint32_t left = device->suspended ? DMK_LEFT_SUSPENDED : 0;

	if (device->inactive)
		left |= is_new(device->inactive) ? DMK_LEFT_INACTIVE : DMK_LEFT_FORMER_LOADED;
	if (is_new(device->live) && !(left & DMK_LEFT_FORMER_LOADED))
		left |= DMK_LEFT_NEW_TABLE;
	if (err->code != code || err->step != DMK_STEP_RESUME)
		fail_msg("%s: the first error is lost: %d", what, err->code);
	if ((left != 0) != (err->undo_code != 0) && !(err->left & DMK_LEFT_UNKNOWN))
		fail_msg("%s: 0x%x is left, and the undo's code is %d", what, left, err->undo_code);
	if (err->left & DMK_LEFT_UNKNOWN && world->fake->log[world->fake->calls - 1].result == 0)
		fail_msg("%s: it could have been asked", what);
	if (err->left != left && !(err->left & DMK_LEFT_UNKNOWN))
		fail_msg("%s: left is 0x%x, and the error says 0x%x", what, left, err->left);
}

/* Each request that puts the table back fails, alone and with all that follow. */
static void each_request_of_it_fails(void **state)
{
	static const enum fake_fault faults[] = { FAKE_RESUME_FAILS, FAKE_SWAP_FAILS, FAKE_BEFORE };
	uint32_t most = 0;

	(void)state;
	for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++)
		for (uint32_t at = 5; at < 16; at++)
			for (uint32_t count = 0; count < 2; count++) {
				struct world world;
				char what[64];
				int code;

				snprintf(what, sizeof(what), "fault %zu, request %u%s", f, at,
					 count ? "" : " and all behind it");
				open_world(&world, false);
				/* The kernel has no such reason before it begins. */
				code = faults[f] == FAKE_BEFORE ? -ENOMEM : -EINVAL;
				fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, faults[f],
					      code);
				/* Version, table, load, resume come before. */
				fake_add_rule(world.fake, -1, at - 1, count, FAKE_BEFORE, -EIO);
				assert_int_equal(replace(&world), code);
				if (world.fake->calls > most)
					most = world.fake->calls;
				check_told(&world, what, code);
				world_close(&world);
			}
	/* All of them were reached: clear, table, load, resume, table, and some more. */
	assert_in_range(most, 8, 15);
}

static void hold(struct world *world)
{
	fake_open(fake_find(world->fake, "data"));
}

static void a_forced_removal_that_fails_says_so(void **state)
{
	const struct dmk_remove_options force = { .flags = DMK_REMOVE_FORCE, .timeout_ms = -1 };
	const struct dmk_id ids[] = { { .name = "data" } };
	char text[DMK_ERROR_TEXT_SIZE];
	struct world world;

	(void)state;
	for (int many = 0; many < 2; many++) {
		open_world(&world, false);
		hold(&world);
		assert_int_equal(many ? dmk_remove_many(world.dm, ids, 1, &force, NULL)
				      : dmk_remove(world.dm, &ids[0], &force, NULL),
				 -EBUSY);
		assert_int_equal(dmk_last_error(world.dm)->left, DMK_LEFT_ERROR_TABLE);
		dmk_error_format(dmk_last_error(world.dm), text, sizeof(text));
		assert_non_null(strstr(text, "; its table is now `error`: I/O to it fails"));
		assert_string_equal(fake_find(world.fake, "data")->live->targets->type, "error");
		world_close(&world);
	}
}

/* The device is gone, or resumed: only its node is wrong. */
static void what_is_done_stays_done(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, true);
	fake_find(world.fake, "data")->suspended = true;
	memfs_reset(true);
	memfs_mknod(MEMFS_DIR "/data", S_IFREG | 0600, 0);
	assert_int_equal(resume(&world), -EEXIST);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_MAKE_NODE);
	assert_int_equal(dmk_last_error(world.dm)->left, DMK_LEFT_DONE);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_former_table_comes_back),
		cmocka_unit_test(a_suspended_device_stays_so),
		cmocka_unit_test(what_is_suspended_still_is_so),
		cmocka_unit_test(a_failed_suspend_keeps_the_loaded_table),
		cmocka_unit_test(the_first_table_cannot_go_back),
		cmocka_unit_test(left_as_linux_leaves_it),
		cmocka_unit_test(a_busy_load_is_tried_again),
		cmocka_unit_test(a_key_comes_back_as_a_key),
		cmocka_unit_test(another_device_is_left_alone),
		cmocka_unit_test(each_request_of_it_fails),
		cmocka_unit_test(a_forced_removal_that_fails_says_so),
		cmocka_unit_test(what_is_done_stays_done),
	};

	return cmocka_run_group_tests_name("swap", tests, NULL, NULL);
}
