/* SPDX-License-Identifier: MIT */
/* The caller's flag: what a verb of several steps takes back, and what it had done before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../unit/unit.h"
#include "scenario.h"
#include "base/util.h"

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
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 2, 0, FAKE_BEFORE, -ENOMEM);
	assert_int_equal(dmk_replace(world.dm, DMK_NAME("data"), world.table, NULL, NULL), -EIO);
	assert_true(fake_find(world.fake, "data")->suspended);
	assert_int_equal(dmk_last_error(world.dm)->undo_code, -ENOMEM);
	assert_int_equal(dmk_last_error(world.dm)->left,
			 DMK_LEFT_SUSPENDED | DMK_LEFT_FORMER_LOADED);
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

/* ---- the same where udevd makes the nodes ---- */

/* What it does when it is waited for; the flag rises in the wait where it is not the first one. */
enum udevd {
	UDEVD_ANSWERS,
	UDEVD_CANCELS,
	UDEVD_LEAVES,
	UDEVD_AWAY
};

static struct world *udevds;
static enum udevd udevd_is;

static void make_link(const char *name, const char *path)
{
	if (fake_find(udevds->fake, name))
		memfs_symlink("../dm-0", path);
	else
		memfs_unlink(path);
}

static void udevd(void)
{
	if (udevd_is == UDEVD_LEAVES && flag)
		return;
	make_link("data", MEMFS_DIR "/data");
	make_link("other", MEMFS_DIR "/other");
	if (udevd_is != UDEVD_ANSWERS)
		flag = 1;
}

static void open_udev_world(struct world *world, const uint32_t *command, enum udevd is)
{
	open_world(world, command);
	assert_int_equal(dmk_set_udev(world->dm, DMK_UDEV_ON), 0);
	assert_int_equal(memfs_mknod(MEMFS "dm-0", S_IFBLK | 0600, makedev(FAKE_MAJOR, 0)), 0);
	udevds = world;
	udevd_is = is;
	wraps.udevd = is == UDEVD_AWAY ? NULL : udevd;
}

static void close_udev_world(struct world *world)
{
	assert_int_equal(wraps.semaphores, 0);
	world_close(world);
}

/* A device with its link. */
static void add_linked(struct world *world)
{
	add_device(world);
	add_link("data", "../dm-0");
}

static void a_canceled_create_with_udev(void **state)
{
	static const struct {
		uint32_t command;
		enum udevd is;
		uint32_t step;
	} cases[] = {
		{ DM_VERSION_CMD, UDEVD_ANSWERS, DMK_STEP_CREATE },
		{ DM_DEV_CREATE_CMD, UDEVD_ANSWERS, DMK_STEP_LOAD },
		{ DM_TABLE_LOAD_CMD, UDEVD_ANSWERS, DMK_STEP_RESUME },
		/* Before, at the end of and during the wait. */
		{ DM_DEV_SUSPEND_CMD, UDEVD_ANSWERS, DMK_STEP_UDEV },
		{ DM_DEV_SUSPEND_CMD, UDEVD_AWAY, DMK_STEP_UDEV },
		{ UINT32_MAX, UDEVD_CANCELS, DMK_STEP_MAKE_NODE },
		/* And its link is still there when the device is gone. */
		{ UINT32_MAX, UDEVD_LEAVES, DMK_STEP_MAKE_NODE },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		char *before, *after;
		struct world world;

		open_udev_world(&world, &cases[i].command, cases[i].is);
		before = world_dump(&world);
		assert_int_equal(create(&world), -ECANCELED);
		assert_int_equal(dmk_last_error(world.dm)->step, cases[i].step);
		assert_int_equal(dmk_last_error(world.dm)->undo_code, 0);
		after = world_dump(&world);
		assert_string_equal(after, before);
		free(before);
		free(after);
		close_udev_world(&world);
	}
}

static int swap(struct world *world)
{
	return dmk_replace(world->dm, DMK_NAME("data"), world->table, NULL, NULL);
}

static int resume(struct world *world)
{
	return dmk_resume(world->dm, DMK_NAME("data"), NULL, NULL);
}

static int set_uuid(struct world *world)
{
	return dmk_set_uuid(world->dm, DMK_NAME("data"), "U-1", NULL, NULL);
}

static int remove_one(struct world *world)
{
	return dmk_remove(world->dm, DMK_NAME("data"), NULL, NULL);
}

static int remove_many(struct world *world)
{
	return dmk_remove_many(world->dm, DMK_NAME("data"), 1, NULL, NULL);
}

static int remove_all(struct world *world)
{
	return dmk_remove_all(world->dm, NULL);
}

/* Where nothing is taken back, the wait for udevd is over and the verb has succeeded. */
static void canceled_in_the_wait(void **state)
{
	static const struct {
		int (*act)(struct world *world);
		uint32_t command;
		uint32_t note;
		bool suspended;
		const char *left;
	} cases[] = {
		{ swap, DM_DEV_SUSPEND_CMD, DMK_UDEV_NOTE_LATE, false, "data" },
		{ resume, DM_DEV_SUSPEND_CMD, DMK_UDEV_NOTE_LATE, true, "data" },
		{ set_uuid, DM_DEV_RENAME_CMD, DMK_UDEV_NOTE_LATE, false, "data" },
		{ remove_one, DM_DEV_REMOVE_CMD, DMK_UDEV_NOTE_REMOVED, false, NULL },
		{ remove_many, DM_DEV_REMOVE_CMD, DMK_UDEV_NOTE_REMOVED, false, NULL },
		{ remove_all, DM_REMOVE_ALL_CMD, DMK_UDEV_NOTE_REMOVED, false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct dmk_udev_state udev;
		struct world world;
		struct stat st;

		open_udev_world(&world, &cases[i].command, UDEVD_AWAY);
		add_linked(&world);
		fake_find(world.fake, "data")->suspended = cases[i].suspended;
		assert_int_equal(cases[i].act(&world), 0);
		assert_int_equal(dmk_get_udev_state(world.dm, &udev), 0);
		assert_int_equal(udev.note, cases[i].note);
		assert_int_equal(memfs_lstat(MEMFS_DIR "/data", &st), cases[i].left ? 0 : -ENOENT);
		assert_int_equal(fake_find(world.fake, "data") != NULL, cases[i].left != NULL);
		close_udev_world(&world);
	}
}

static void a_canceled_rename_with_udev(void **state)
{
	static const uint32_t command = DM_DEV_RENAME_CMD;

	(void)state;
	for (int away = 0; away < 2; away++) {
		char *before, *after;
		struct world world;

		open_udev_world(&world, &command, away ? UDEVD_AWAY : UDEVD_ANSWERS);
		add_linked(&world);
		before = world_dump(&world);
		assert_int_equal(dmk_rename(world.dm, DMK_NAME("data"), "other", NULL, NULL),
				 -ECANCELED);
		assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_UDEV);
		assert_int_equal(dmk_last_error(world.dm)->undo_code, 0);
		after = world_dump(&world);
		assert_string_equal(after, before);
		free(before);
		free(after);
		close_udev_world(&world);
	}
}

/* The caller's own cookie is counted up for a request that is sent, and for no other. */
static void the_callers_cookie(void **state)
{
	static const struct {
		int made;
		int value;
		int code;
		uint32_t step;
	} cases[] = {
		{ 0, 0, -ENOENT, DMK_STEP_UDEV },
		{ 1, 32767, -ERANGE, DMK_STEP_UDEV },
		{ 1, 1, -EIO, DMK_STEP_RESUME },
		{ 1, 1, -ECANCELED, DMK_STEP_RESUME },
	};
	struct dmk_replace_options options = { .udev_cookie = 0x0d4d0007 };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct world world;

		open_udev_world(&world, cases[i].code == -ECANCELED ? &load : &none, UDEVD_AWAY);
		add_linked(&world);
		if (cases[i].code == -EIO)
			fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_BEFORE, -EIO);
		wraps.semaphores = cases[i].made;
		wraps.semaphore_value = cases[i].value;
		assert_int_equal(
			dmk_replace(world.dm, DMK_NAME("data"), world.table, &options, NULL),
			cases[i].code);
		assert_int_equal(dmk_last_error(world.dm)->step, cases[i].step);
		assert_int_equal(dmk_last_error(world.dm)->undo_code, 0);
		assert_int_equal(wraps.semaphores, cases[i].made);
		assert_int_equal(wraps.semaphore_value, cases[i].value);
		assert_null(fake_find(world.fake, "data")->inactive);
		assert_false(fake_find(world.fake, "data")->suspended);
		world_close(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canceled_between_two_steps),
		cmocka_unit_test(a_canceled_replace),
		cmocka_unit_test(what_stays_suspended_is_told),
		cmocka_unit_test(canceled_but_done),
		cmocka_unit_test(a_canceled_create_with_udev),
		cmocka_unit_test(canceled_in_the_wait),
		cmocka_unit_test(a_canceled_rename_with_udev),
		cmocka_unit_test(the_callers_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
