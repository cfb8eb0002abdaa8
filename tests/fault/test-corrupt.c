/* SPDX-License-Identifier: MIT */
/* Replies that contradict themselves: -EBADMSG, no crash, nothing lost, and what was done is
 * undone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "scenario.h"
#include "base/util.h"

static void three_devices(struct world *world)
{
	fake_set_live(fake_add_device(world->fake, "data", "U-1"), 8, "linear", "7:1 0");
	fake_set_live(fake_find(world->fake, "data"), 8, "linear", "7:2 0");
	fake_add_device(world->fake, "more", "");
	fake_find(world->fake, "more")->deferred = true;
	add_node("data", FAKE_MAJOR, 0);
}

static int create(struct world *world)
{
	return dmk_create(world->dm, "new", world->table, NULL, NULL);
}

static int replace(struct world *world)
{
	return dmk_replace(world->dm, DMK_NAME("data"), world->table, NULL, NULL);
}

static int remove_device(struct world *world)
{
	return dmk_remove(world->dm, DMK_NAME("data"), NULL, NULL);
}

static int rename_device(struct world *world)
{
	return dmk_rename(world->dm, DMK_NAME("data"), "new", NULL, NULL);
}

static int clear(struct world *world)
{
	struct dmk_info info;

	return dmk_clear(world->dm, DMK_NAME("data"), &info);
}

static int cancel_remove(struct world *world)
{
	return dmk_cancel_deferred_remove(world->dm, DMK_NAME("more"));
}

static int table(struct world *world)
{
	struct dmk_segments *segments = NULL;
	struct dmk_segment segment;
	int r = dmk_get_table(world->dm, DMK_NAME("data"), NULL, &segments);

	while (r == 0 && (r = dmk_segments_next(segments, &segment)) == 1)
		r = 0;
	dmk_segments_free(segments);
	return r;
}

static int list(struct world *world)
{
	struct dmk_list_options options = { .flags = DMK_LIST_UUID };
	struct dmk_devices *devices = NULL;
	struct dmk_device device;
	int r = dmk_list(world->dm, &options, &devices);

	while (r == 0 && (r = dmk_devices_next(devices, &device)) == 1)
		r = 0;
	dmk_devices_free(devices);
	return r;
}

static int targets(struct world *world)
{
	struct dmk_target_version target;
	struct dmk_targets *all = NULL;
	int r = dmk_list_targets(world->dm, &all);

	while (r == 0 && (r = dmk_targets_next(all, &target)) == 1)
		r = 0;
	dmk_targets_free(all);
	return r;
}

static int target_version(struct world *world)
{
	struct dmk_version version;

	return dmk_get_target_version(world->dm, "zero", &version);
}

static int deps(struct world *world)
{
	struct dmk_devno *devnos = NULL;
	uint32_t count;
	int r = dmk_get_deps(world->dm, DMK_NAME("data"), NULL, &devnos, &count);

	free(devnos);
	return r;
}

static int graph(struct world *world)
{
	struct dmk_devices *devices;
	struct dmk_graph *graph = NULL;
	int r = dmk_list(world->dm, NULL, &devices);

	if (r == 0)
		r = dmk_graph_read(world->dm, devices, &graph);
	dmk_graph_free(graph);
	return r;
}

static int message(struct world *world)
{
	char *reply = NULL;
	int r = dmk_message(world->dm, DMK_NAME("data"), "echo a long enough answer", NULL, &reply);

	free(reply);
	return r;
}

static const struct corrupt {
	const char *name;
	int (*act)(struct world *world);
	int command;
	enum fake_fault fault;
	int code;
	bool changed; /* the kernel has done it and it cannot be taken back */
} cases[] = {
	{ "version", table, DM_VERSION_CMD, FAKE_VERSION_5, -EOPNOTSUPP, false },
	{ "create: name", create, DM_DEV_CREATE_CMD, FAKE_NAME_ENDLESS, -EBADMSG, false },
	{ "create: uuid", create, DM_DEV_CREATE_CMD, FAKE_UUID_ENDLESS, -EBADMSG, false },
	{ "create: load's name", create, DM_TABLE_LOAD_CMD, FAKE_NAME_ENDLESS, -EBADMSG, false },
	{ "create: resume's name", create, DM_DEV_SUSPEND_CMD, FAKE_NAME_ENDLESS, -EBADMSG, false },
	{ "replace: load's uuid", replace, DM_TABLE_LOAD_CMD, FAKE_UUID_ENDLESS, -EBADMSG, false },
	{ "replace: resume's uuid", replace, DM_DEV_SUSPEND_CMD, FAKE_UUID_ENDLESS, -EBADMSG,
	  true },
	{ "remove: status's name", remove_device, DM_DEV_STATUS_CMD, FAKE_NAME_ENDLESS, -EBADMSG,
	  false },
	{ "rename: status's uuid", rename_device, DM_DEV_STATUS_CMD, FAKE_UUID_ENDLESS, -EBADMSG,
	  false },
	{ "rename: name", rename_device, DM_DEV_RENAME_CMD, FAKE_NAME_ENDLESS, -EBADMSG, false },
	{ "clear: name", clear, DM_TABLE_CLEAR_CMD, FAKE_NAME_ENDLESS, -EBADMSG, false },
	{ "cancel: name", cancel_remove, DM_TARGET_MSG_CMD, FAKE_NAME_ENDLESS, -EBADMSG, true },
	{ "table: name", table, DM_TABLE_STATUS_CMD, FAKE_NAME_ENDLESS, -EBADMSG, false },
	{ "table: size", table, DM_TABLE_STATUS_CMD, FAKE_SIZE_HUGE, -EBADMSG, false },
	{ "table: start too low", table, DM_TABLE_STATUS_CMD, FAKE_START_LOW, -EBADMSG, false },
	{ "table: start too high", table, DM_TABLE_STATUS_CMD, FAKE_START_HIGH, -EBADMSG, false },
	{ "table: count", table, DM_TABLE_STATUS_CMD, FAKE_COUNT_HUGE, -EBADMSG, false },
	{ "table: payload", table, DM_TABLE_STATUS_CMD, FAKE_PAYLOAD_ONES, -EBADMSG, false },
	{ "table: cut", table, DM_TABLE_STATUS_CMD, FAKE_PAYLOAD_CUT, -EBADMSG, false },
	{ "list: size", list, DM_LIST_DEVICES_CMD, FAKE_SIZE_HUGE, -EBADMSG, false },
	{ "list: start too low", list, DM_LIST_DEVICES_CMD, FAKE_START_LOW, -EBADMSG, false },
	{ "list: start too high", list, DM_LIST_DEVICES_CMD, FAKE_START_HIGH, -EBADMSG, false },
	{ "list: payload", list, DM_LIST_DEVICES_CMD, FAKE_PAYLOAD_ONES, -EBADMSG, false },
	{ "list: cut", list, DM_LIST_DEVICES_CMD, FAKE_PAYLOAD_CUT, -EBADMSG, false },
	{ "targets: size", targets, DM_LIST_VERSIONS_CMD, FAKE_SIZE_HUGE, -EBADMSG, false },
	{ "targets: start", targets, DM_LIST_VERSIONS_CMD, FAKE_START_HIGH, -EBADMSG, false },
	{ "targets: payload", targets, DM_LIST_VERSIONS_CMD, FAKE_PAYLOAD_ONES, -EBADMSG, false },
	{ "targets: cut", targets, DM_LIST_VERSIONS_CMD, FAKE_PAYLOAD_CUT, -EBADMSG, false },
	{ "version of a target: size", target_version, DMK_CMD_TARGET_VERSION, FAKE_SIZE_HUGE,
	  -EBADMSG, false },
	{ "version of a target: ones", target_version, DMK_CMD_TARGET_VERSION, FAKE_PAYLOAD_ONES,
	  -EBADMSG, false },
	{ "deps: size", deps, DM_TABLE_DEPS_CMD, FAKE_SIZE_HUGE, -EBADMSG, false },
	{ "deps: start", deps, DM_TABLE_DEPS_CMD, FAKE_START_LOW, -EBADMSG, false },
	{ "deps: payload", deps, DM_TABLE_DEPS_CMD, FAKE_PAYLOAD_ONES, -EBADMSG, false },
	{ "deps: cut", deps, DM_TABLE_DEPS_CMD, FAKE_PAYLOAD_CUT, -EBADMSG, false },
	{ "graph: list", graph, DM_LIST_DEVICES_CMD, FAKE_PAYLOAD_ONES, -EBADMSG, false },
	{ "graph: list cut", graph, DM_LIST_DEVICES_CMD, FAKE_PAYLOAD_CUT, -EBADMSG, false },
	{ "graph: deps", graph, DM_TABLE_DEPS_CMD, FAKE_PAYLOAD_ONES, -EBADMSG, false },
	{ "message: size", message, DM_TARGET_MSG_CMD, FAKE_SIZE_HUGE, -EBADMSG, false },
	{ "message: start", message, DM_TARGET_MSG_CMD, FAKE_START_HIGH, -EBADMSG, false },
	{ "message: payload", message, DM_TARGET_MSG_CMD, FAKE_PAYLOAD_ONES, -EBADMSG, false },
	{ "message: cut", message, DM_TARGET_MSG_CMD, FAKE_PAYLOAD_CUT, -EBADMSG, false },
};

static void corrupt_reply(void **state)
{
	const struct corrupt *corrupt = *state;
	const struct scenario scenario = { .name = corrupt->name,
					   .prepare = three_devices,
					   .act = corrupt->act };
	struct world world;
	char *before, *after;

	world_open(&world, &scenario);
	before = world_dump(&world);
	fake_add_rule(world.fake, corrupt->command, 1, 1, corrupt->fault, 0);
	assert_int_equal(world_act(&world, &scenario), corrupt->code);
	after = world_dump(&world);
	if (!corrupt->changed)
		assert_string_equal(after, before);
	/* What a swap has changed is told. */
	assert_int_equal(dmk_last_error(world.dm)->left,
			 corrupt->changed && corrupt->act == replace ? DMK_LEFT_NEW_TABLE : 0);
	assert_null(strstr(after, "inactive"));
	assert_null(strstr(after, "suspended"));
	free(before);
	free(after);
	world_close(&world);
	assert_int_equal(wraps.live, 0);
}

/* A driver that asks for more room, however much there is. */
static void never_enough_room(void **state)
{
	const struct scenario scenario = { .name = "room", .prepare = three_devices, .act = list };
	struct world world;

	(void)state;
	world_open(&world, &scenario);
	fake_add_rule(world.fake, DM_LIST_DEVICES_CMD, 1, 0, FAKE_FULL, 0);
	assert_int_equal(world_act(&world, &scenario), -EMSGSIZE);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_LIST);
	assert_in_range(world.fake->calls_of[DM_LIST_DEVICES_CMD], 2, 16);
	world_close(&world);
	assert_int_equal(wraps.live, 0);
}

/* A hook that writes all over what it was given, and then says yes or no. */
static int scribble(struct dmk *dm, void *userdata, uint32_t command, void *request, uint32_t size)
{
	const int *code = userdata;
	struct dm_ioctl *io = request;

	(void)dm;
	if (command == DM_TABLE_LOAD_CMD) {
		memset(io + 1, 0xff, size - sizeof(*io));
		return *code;
	}
	if (command == DM_VERSION_CMD) {
		io->version[0] = 4;
		io->version[1] = 47;
	}
	return 0;
}

static void what_stands_behind_a_loads_header(void **state)
{
	static const struct dmk_create_options nodeless = { .node_policy = DMK_NODE_NONE };
	static const int codes[] = { 0, -EINVAL, -ENODEV, -EBUSY };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "linear", "7:0 0"), 0);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(codes); i++) {
		struct dmk *dm;

		assert_int_equal(dmk_new(&dm), 0);
		assert_int_equal(dmk_set_transport(dm, scribble, (void *)(uintptr_t)&codes[i]), 0);
		assert_int_equal(dmk_create(dm, "a", table, &nodeless, NULL), codes[i]);
		assert_int_equal(dmk_load(dm, DMK_NAME("a"), table, NULL, NULL), codes[i]);
		dmk_free(dm);
		for (uint32_t n = 0; n < 3; n++) {
			assert_int_equal(dmk_table_get(table, n, &segment), 0);
			assert_int_equal(segment.start_sectors, 8 * n);
			assert_string_equal(segment.type, "linear");
			assert_string_equal(segment.params, "7:0 0");
		}
	}
	dmk_table_free(table);
}

int main(void)
{
	struct CMUnitTest tests[DMK_ARRAY_SIZE(cases) + 2] = { 0 };
	char names[DMK_ARRAY_SIZE(cases)][64];

	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		snprintf(names[i], sizeof(names[i]), "corrupt %s", cases[i].name);
		tests[i] = (struct CMUnitTest){ .name = names[i],
						.test_func = corrupt_reply,
						.initial_state = (void *)&cases[i] };
	}
	tests[DMK_ARRAY_SIZE(cases)] = (struct CMUnitTest)cmocka_unit_test(never_enough_room);
	tests[DMK_ARRAY_SIZE(cases) + 1] =
		(struct CMUnitTest)cmocka_unit_test(what_stands_behind_a_loads_header);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
