/* SPDX-License-Identifier: MIT */
/* What others do between two requests of a verb, and swaps that fail half way. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "scenario.h"
#include "base/util.h"

static const struct scenario plain = { .name = "races" };

/* At the number-th request of command, `happens`. */
static struct {
	uint32_t command;
	uint32_t number;
	void (*happens)(struct fake *fake);
	uint32_t n;
} at;

static void look_on(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	(void)number;
	(void)data;
	if (command == at.command && ++at.n == at.number)
		at.happens(fake);
}

static void open_world(struct world *world, uint32_t command, uint32_t number,
		       void (*happens)(struct fake *))
{
	struct fake_device *device;

	world_open(world, &plain);
	device = fake_add_device(world->fake, "data", "U-1");
	fake_set_live(device, 8, "zero", "");
	add_node("data", FAKE_MAJOR, 0);
	at.command = command;
	at.number = number;
	at.happens = happens;
	at.n = 0;
	world->fake->on_call = look_on;
}

static void assert_world(struct world *world, const char *expected)
{
	char *dump = world_dump(world);

	assert_string_equal(dump, expected);
	free(dump);
}

static void go_away(struct fake *fake)
{
	fake_drop(fake, fake_find(fake, "data"));
}

static void let_go(struct fake *fake)
{
	fake_close(fake, fake_find(fake, "data"));
}

static void take_hold(struct fake *fake)
{
	fake_open(fake_find(fake, "data"));
}

static int remove_once(struct world *world)
{
	struct dmk_remove_options options = { .timeout_ms = -1 };

	return dmk_remove(world->dm, DMK_NAME("data"), &options, NULL);
}

static void gone_between_tries(void **state)
{
	struct dmk_remove_options options = { .timeout_ms = 5000 };
	struct dmk_info info;
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_STATUS_CMD, 2, go_away);
	take_hold(world.fake);
	assert_int_equal(dmk_remove(world.dm, DMK_NAME("data"), &options, &info), 0);
	assert_int_equal(info.flags, DMK_INFO_GONE);
	assert_int_equal(dmk_last_error(world.dm)->code, 0);
	assert_world(&world, "--\n");
	world_close(&world);
}

/* Whoever removed it was told so: only one is. */
static void gone_within_a_try(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 1, go_away);
	assert_int_equal(remove_once(&world), -ENXIO);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_REMOVE);
	assert_world(&world, "--\n");
	world_close(&world);
}

/* It was never there: that is an error. */
static void gone_before(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_STATUS_CMD, 1, go_away);
	assert_int_equal(remove_once(&world), -ENXIO);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_STATUS);
	assert_int_equal(world.fake->calls_of[DM_DEV_REMOVE_CMD], 0);
	world_close(&world);
}

/* Open when looked at, closed when removed: the node goes all the same. */
static void closed_within_a_try(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 1, let_go);
	take_hold(world.fake);
	assert_int_equal(remove_once(&world), 0);
	assert_world(&world, "--\n");
	world_close(&world);
}

/* Closed when looked at, open when removed: the node comes back as it was. */
static void opened_within_a_try(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 1, take_hold);
	memfs_chmod(MEMFS_DIR "/data", 0640);
	memfs_chown(MEMFS_DIR "/data", 5, 6);
	assert_int_equal(remove_once(&world), -EBUSY);
	assert_world(&world, "data uuid=U-1 minor=0 open=1 live[0 8 zero ]\n--\n"
			     "/memfs/mapper/data 60640 254:0 5 6 \n");
	world_close(&world);
}

/* The node is not touched while somebody has the device open. */
static void busy_keeps_its_node(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	take_hold(world.fake);
	wraps.armed = true;
	assert_int_equal(remove_once(&world), -EBUSY);
	wraps.armed = false;
	for (int i = 0; i < wraps.n; i++)
		assert_int_not_equal(wraps.events[i], SITE_UNLINK);
	world_close(&world);
}

static void deferred_takes_the_node_and_cancel_brings_it(void **state)
{
	struct dmk_remove_options options = { .flags = DMK_REMOVE_DEFERRED };
	struct dmk_info info;
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	take_hold(world.fake);
	assert_int_equal(dmk_remove(world.dm, DMK_NAME("data"), &options, &info), 0);
	assert_true(info.flags & DMK_INFO_DEFERRED_REMOVE);
	assert_int_equal(world.fake->calls, 3);
	assert_world(&world, "data uuid=U-1 minor=0 open=1 deferred live[0 8 zero ]\n--\n");
	assert_int_equal(dmk_cancel_deferred_remove(world.dm, DMK_NAME("data")), 0);
	assert_world(&world, "data uuid=U-1 minor=0 open=1 live[0 8 zero ]\n--\n"
			     "/memfs/mapper/data 60600 254:0 0 0 \n");
	/* Nobody holds it: gone at once. */
	let_go(world.fake);
	assert_int_equal(dmk_remove(world.dm, DMK_NAME("data"), &options, &info), 0);
	assert_false(info.flags & DMK_INFO_DEFERRED_REMOVE);
	assert_world(&world, "--\n");
	world_close(&world);
}

static int replace(struct world *world)
{
	return dmk_replace(world->dm, DMK_NAME("data"), world->table, NULL, NULL);
}

static void a_failed_swap_leaves_the_old_table_running(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_SWAP_FAILS, -ENOMEM);
	assert_int_equal(replace(&world), -ENOMEM);
	assert_int_equal(dmk_last_error(world.dm)->code, -ENOMEM);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_RESUME);
	assert_int_equal(dmk_last_error(world.dm)->undo_code, 0);
	assert_world(&world, "data uuid=U-1 minor=0 open=0 live[0 8 zero ]\n--\n"
			     "/memfs/mapper/data 60600 254:0 0 0 \n");
	world_close(&world);
}

static void a_device_that_was_suspended_stays_so(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	fake_find(world.fake, "data")->suspended = true;
	fake_add_rule(world.fake, DM_DEV_SUSPEND_CMD, 1, 1, FAKE_SWAP_FAILS, -ENOMEM);
	assert_int_equal(replace(&world), -ENOMEM);
	assert_world(&world, "data uuid=U-1 minor=0 open=0 suspended live[0 8 zero ]\n--\n"
			     "/memfs/mapper/data 60600 254:0 0 0 \n");
	world_close(&world);
}

static void something_stands_in_the_nodes_place(void **state)
{
	static const mode_t kinds[] = { S_IFREG | 0644, S_IFIFO | 0600, S_IFCHR | 0600 };
	struct world world;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(kinds); i++) {
		char *before, *after;

		open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
		memfs_mknod(MEMFS_DIR "/new", kinds[i], 0);
		before = world_dump(&world);
		assert_int_equal(dmk_create(world.dm, "new", world.table, NULL, NULL), -EEXIST);
		assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_MAKE_NODE);
		assert_string_equal(dmk_last_error(world.dm)->argument, MEMFS_DIR "/new");
		assert_int_equal(dmk_rename(world.dm, DMK_NAME("data"), "new", NULL, NULL),
				 -EEXIST);
		after = world_dump(&world);
		assert_string_equal(after, before);
		free(before);
		free(after);
		world_close(&world);
	}
}

static void a_taken_name_or_uuid(void **state)
{
	struct dmk_create_options options = { .uuid = "U-1" };
	char *before, *after;
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	fake_add_device(world.fake, "more", "");
	before = world_dump(&world);
	assert_int_equal(dmk_create(world.dm, "data", world.table, NULL, NULL), -EBUSY);
	assert_int_equal(dmk_create(world.dm, "new", world.table, &options, NULL), -EBUSY);
	assert_int_equal(dmk_rename(world.dm, DMK_NAME("data"), "more", NULL, NULL), -EBUSY);
	assert_int_equal(dmk_set_uuid(world.dm, DMK_NAME("more"), "U-1", NULL, NULL), -EBUSY);
	assert_int_equal(dmk_set_uuid(world.dm, DMK_NAME("data"), "U-2", NULL, NULL), -EINVAL);
	after = world_dump(&world);
	assert_string_equal(after, before);
	free(before);
	free(after);
	world_close(&world);
}

/* The name that nodes had while they were made is one that a device may have. */
static void a_device_is_called_as_temporary_nodes_were(void **state)
{
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	add_node(".dmkit-254:1", FAKE_MAJOR, 7);
	assert_int_equal(dmk_create(world.dm, "new", world.table, NULL, NULL), 0);
	assert_world(&world,
		     "data uuid=U-1 minor=0 open=0 live[0 8 zero ]\n"
		     "new uuid= minor=1 open=0 live[0 16 zero ][16 8 error ]\n--\n"
		     "/memfs/mapper/.dmkit-254:1 60600 254:7 0 0 \n"
		     "/memfs/mapper/data 60600 254:0 0 0 \n/memfs/mapper/new 60600 254:1 0 0 \n");
	world_close(&world);
}

static void be_deferred(struct fake *fake)
{
	fake_open(fake_find(fake, "data"));
	fake_find(fake, "data")->deferred = true;
}

static void be_renamed(struct fake *fake)
{
	snprintf(fake_find(fake, "data")->name, DMK_NAME_SIZE, "other");
}

static void come_back(struct fake *fake)
{
	struct fake_device *device = fake_add_device(fake, "data", "U-2");

	fake_set_live(device, 8, "zero", "");
}

/* Gone at the second look, and there again when its node has been taken away. */
static void go_and_come_back(struct fake *fake)
{
	fake_drop(fake, fake_find(fake, "data"));
	at.number = 3;
	at.happens = come_back;
}

static int sync_data(struct world *world)
{
	return dmk_sync_nodes(world->dm, "data");
}

static int resume_data(struct world *world)
{
	return dmk_resume(world->dm, DMK_NAME("data"), NULL, NULL);
}

/* What becomes of a device between the look at it and the making of its node. */
static void a_node_is_followed_by_another_look(void **state)
{
	static const char there[] = "/memfs/mapper/data 60600 254:0 0 0 \n";
	static const struct {
		int (*act)(struct world *world);
		uint32_t number; /* of the look at which it happens */
		void (*happens)(struct fake *fake);
		const char *nodes;
	} cases[] = {
		{ sync_data, 2, be_deferred, "" }, { sync_data, 2, go_away, "" },
		{ sync_data, 2, be_renamed, "" },  { sync_data, 2, go_and_come_back, there },
		{ sync_data, 9, go_away, there },  { resume_data, 1, be_deferred, "" },
		{ resume_data, 1, go_away, "" },   { resume_data, 9, go_away, there },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		struct world world;
		char *dump;

		open_world(&world, DM_DEV_STATUS_CMD, cases[i].number, cases[i].happens);
		assert_int_equal(memfs_unlink(MEMFS_DIR "/data"), 0);
		assert_int_equal(cases[i].act(&world), 0);
		dump = world_dump(&world);
		assert_string_equal(strstr(dump, "--\n") + 3, cases[i].nodes);
		free(dump);
		world_close(&world);
	}
}

static int keep(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	if (dmk_command_changes(command))
		return DMK_NOT_SENT;
	return fake_transport(dm, userdata, command, request, size);
}

static void a_dry_run_changes_nothing(void **state)
{
	char *before, *after;
	struct world world;

	(void)state;
	open_world(&world, DM_DEV_REMOVE_CMD, 0, NULL);
	assert_int_equal(dmk_set_transport(world.dm, keep, world.fake), 0);
	dmk_set_dry_run(world.dm);
	before = world_dump(&world);
	assert_int_equal(dmk_create(world.dm, "new", world.table, NULL, NULL), 0);
	assert_int_equal(replace(&world), 0);
	assert_int_equal(dmk_rename(world.dm, DMK_NAME("data"), "new", NULL, NULL), 0);
	assert_int_equal(remove_once(&world), 0);
	assert_int_equal(dmk_remove_all(world.dm, NULL), 0);
	after = world_dump(&world);
	assert_string_equal(after, before);
	free(before);
	free(after);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gone_between_tries),
		cmocka_unit_test(gone_within_a_try),
		cmocka_unit_test(gone_before),
		cmocka_unit_test(closed_within_a_try),
		cmocka_unit_test(opened_within_a_try),
		cmocka_unit_test(busy_keeps_its_node),
		cmocka_unit_test(deferred_takes_the_node_and_cancel_brings_it),
		cmocka_unit_test(a_failed_swap_leaves_the_old_table_running),
		cmocka_unit_test(a_device_that_was_suspended_stays_so),
		cmocka_unit_test(something_stands_in_the_nodes_place),
		cmocka_unit_test(a_taken_name_or_uuid),
		cmocka_unit_test(a_device_is_called_as_temporary_nodes_were),
		cmocka_unit_test(a_node_is_followed_by_another_look),
		cmocka_unit_test(a_dry_run_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
