/* SPDX-License-Identifier: MIT */
/* dmk_remove_many() in one thread, as behind any transport hook: order, retries, what is told. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/unit.h"
#include "scenario.h"
#include "base/util.h"

#define MOST 16

static const struct scenario plain = { .name = "many" };

static struct world world;
static struct dmk_id ids[MOST];
static uint32_t n_ids;

/* "+a -b:busy ": what was told, in the order in which it was. */
static char told[1024];
static int waited;
static volatile int32_t flag;

static void on_removed(void *userdata, uint32_t index, uint32_t flags,
		       const struct dmk_error *error)
{
	size_t used = strlen(told);

	assert_ptr_equal(userdata, &world);
	assert_in_range(index, 0, n_ids - 1);
	snprintf(told + used, sizeof(told) - used, "%c%s%s%s ", error ? '-' : '+', ids[index].name,
		 error ? ":" : "",
		 error				    ? dmk_errno_name(error->code)
		 : flags & DMK_INFO_DEFERRED_REMOVE ? "?"
						    : "");
}

static void on_waiting(void *userdata)
{
	assert_ptr_equal(userdata, &world);
	waited++;
}

static void open_world(void)
{
	world_open(&world, &plain);
	n_ids = 0;
	told[0] = '\0';
	waited = 0;
	flag = 0;
}

static struct fake_device *add(const char *name, const char *type, const char *params)
{
	struct fake_device *device = fake_add_device(world.fake, name, "");

	fake_set_live(device, 8, type, params);
	add_node(name, FAKE_MAJOR, device->minor);
	return device;
}

static void ask(const char *names)
{
	static char copy[256];

	snprintf(copy, sizeof(copy), "%s", names);
	for (char *name = strtok(copy, " "); name; name = strtok(NULL, " "))
		ids[n_ids++] = (struct dmk_id){ .name = name };
}

static int remove_within(int64_t timeout_ms, uint32_t flags)
{
	struct dmk_remove_options options = { .timeout_ms = timeout_ms, .flags = flags };
	struct dmk_many_options how = { .removed = on_removed,
					.waiting = on_waiting,
					.userdata = &world };

	return dmk_remove_many(world.dm, ids, n_ids, &options, &how);
}

/* The names in requests of command, "a b ". */
static const char *requested(uint32_t command)
{
	static char names[1024];

	names[0] = '\0';
	for (uint32_t i = 0; i < world.fake->calls && i < FAKE_LOG; i++) {
		const struct fake_call *call = &world.fake->log[i];

		if (call->command == command) {
			strcat(names, call->io.name);
			strcat(names, " ");
		}
	}
	return names;
}

static void assert_left(const char *expected)
{
	char *dump = world_dump(&world);

	assert_string_equal(dump, expected);
	free(dump);
}

/* Two tops on one middle, which stands on two at the bottom; one is above them all by itself. */
static void add_stack(void)
{
	add("bottom", "zero", "");
	add("other", "zero", "");
	add("middle", "striped", "2 8 254:0 0 254:1 0");
	add("left", "linear", "254:2 0");
	add("right", "linear", "254:2 8");
	add("alone", "linear", "254:1 8");
}

static void what_stands_on_another_goes_first(void **state)
{
	(void)state;
	open_world();
	add_stack();
	ask("bottom left other middle alone right");
	assert_int_equal(remove_within(-1, 0), 0);
	assert_string_equal(requested(DM_DEV_REMOVE_CMD), "left alone right middle bottom other ");
	assert_string_equal(told, "+left +alone +right +middle +bottom +other ");
	assert_int_equal(world.fake->calls_of[DM_TABLE_DEPS_CMD], 6);
	assert_int_equal(world.fake->calls_of[DM_DEV_STATUS_CMD], 6);
	assert_int_equal(world.fake->calls, 19);
	assert_int_equal(dmk_last_error(world.dm)->code, 0);
	assert_left("--\n");
	world_close(&world);
}

/* Each way to name a device gives the same order. */
static void by_uuid_and_number(void **state)
{
	(void)state;
	open_world();
	add("bottom", "zero", "");
	snprintf(add("top", "linear", "254:0 0")->uuid, DM_UUID_LEN, "U-1");
	ids[0] = (struct dmk_id){ .major = FAKE_MAJOR };
	ids[1] = (struct dmk_id){ .uuid = "U-1" };
	assert_int_equal(dmk_remove_many(world.dm, ids, 2, NULL, NULL), 0);
	assert_left("--\n");
	assert_int_equal(world.fake->log[world.fake->calls - 1].io.dev & 0xff, 0);
	world_close(&world);
}

static void failures_come_last_and_in_order(void **state)
{
	(void)state;
	open_world();
	fake_open(add("open", "zero", ""));
	add("a", "zero", "");
	ask("none open a a b/c");
	assert_int_equal(remove_within(-1, 0), -ENXIO);
	assert_string_equal(told, "+a -none:ENXIO -open:EBUSY -a:ENXIO -b/c:EINVAL ");
	/* The call's error is the first one's. */
	assert_string_equal(dmk_last_error(world.dm)->device, "none");
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_STATUS);
	assert_int_equal(wraps.searches, 1);
	assert_string_equal(requested(DM_DEV_REMOVE_CMD), "open a ");
	world_close(&world);
}

/* However many are busy, /proc is walked once for all of them. */
static void one_search_for_all(void **state)
{
	static char names[MOST][2];

	(void)state;
	open_world();
	for (int i = 0; i < MOST; i++) {
		names[i][0] = (char)('a' + i);
		fake_open(add(names[i], "zero", ""));
		ids[n_ids++] = (struct dmk_id){ .name = names[i] };
	}
	assert_int_equal(remove_within(-1, 0), -EBUSY);
	assert_int_equal(wraps.searches, 1);
	assert_int_equal(wraps.searched, MOST);
	assert_memory_equal(told, "-a:EBUSY -b:EBUSY -c:EBUSY ", 27);
	world_close(&world);
}

static void let_go(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	(void)number;
	(void)data;
	if (command == DM_DEV_REMOVE_CMD && fake->calls_of[command] == 4)
		fake_close(fake, fake_find(fake, "busy"));
}

static void what_is_busy_holds_up_nobody(void **state)
{
	(void)state;
	open_world();
	fake_open(add("busy", "zero", ""));
	add("a", "zero", "");
	add("b", "zero", "");
	world.fake->on_call = let_go;
	ask("busy a b");
	assert_int_equal(remove_within(5000, 0), 0);
	assert_string_equal(told, "+a +b +busy ");
	assert_memory_equal(requested(DM_DEV_REMOVE_CMD), "busy a b busy ", 14);
	assert_left("--\n");
	world_close(&world);
}

static void busy_until_the_limit(void **state)
{
	const struct dmk_error *err;

	(void)state;
	open_world();
	add("below", "zero", "");
	fake_open(add("open", "linear", "254:0 0"));
	ask("open below");
	assert_int_equal(remove_within(600, 0), -EBUSY);
	err = dmk_last_error(world.dm);
	assert_string_equal(err->device, "open");
	assert_int_equal(err->step, DMK_STEP_REMOVE);
	assert_true(err->tries > 3 && err->tries < 30);
	assert_in_range(err->spent_ms, 590, 60000);
	assert_int_equal(wraps.searches, 1);
	assert_true(waited >= 1);
	/* Although what stands on it stays: who knows what for. The kernel does. */
	assert_string_equal(told, "-open:EBUSY -below:EBUSY ");
	world_close(&world);
}

static void raise_flag(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	(void)fake;
	(void)number;
	(void)data;
	flag = command == DM_DEV_REMOVE_CMD;
}

static void a_cancel_begins_no_more(void **state)
{
	(void)state;
	open_world();
	add("a", "zero", "");
	add("b", "zero", "");
	add("c", "zero", "");
	world.fake->on_call = raise_flag;
	dmk_set_cancel(world.dm, &flag, -1);
	ask("c b a");
	assert_int_equal(remove_within(0, 0), -ECANCELED);
	assert_string_equal(told, "+c -b:ECANCELED -a:ECANCELED ");
	assert_string_equal(dmk_last_error(world.dm)->device, "b");
	assert_int_equal(world.fake->calls_of[DM_DEV_REMOVE_CMD], 1);
	world_close(&world);
}

static void force_and_deferred(void **state)
{
	(void)state;
	open_world();
	fake_open(add("open", "linear", "7:0 0"));
	add("a", "zero", "");
	ask("open a");
	assert_int_equal(remove_within(300, DMK_REMOVE_FORCE), -EBUSY);
	assert_string_equal(told, "+a -open:EBUSY ");
	/* Once, however often the removal was tried. */
	assert_string_equal(requested(DM_TABLE_LOAD_CMD), "open a ");
	assert_string_equal(fake_find(world.fake, "open")->live->targets[0].type, "error");
	n_ids = 1;
	told[0] = '\0';
	assert_int_equal(remove_within(-1, DMK_REMOVE_DEFERRED), 0);
	assert_string_equal(told, "+open? ");
	world_close(&world);
}

static void gone_by_another_hand(struct fake *fake, uint32_t command, uint32_t number, void *data)
{
	(void)number;
	(void)data;
	if (command == DM_DEV_REMOVE_CMD && fake->calls_of[command] == 2)
		fake_drop(fake, fake_find(fake, "open"));
}

static void gone_between_two_tries(void **state)
{
	(void)state;
	open_world();
	fake_open(add("open", "zero", ""));
	world.fake->on_call = gone_by_another_hand;
	ask("open");
	assert_int_equal(remove_within(5000, 0), 0);
	assert_string_equal(told, "+open ");
	assert_left("--\n");
	world_close(&world);
}

static void bad_arguments(void **state)
{
	struct dmk_remove_options options = { .flags = 4 };
	struct dmk_many_options how = { .flags = 1 };

	(void)state;
	open_world();
	ask("a");
	assert_int_equal(dmk_remove_many(world.dm, ids, 1, &options, NULL), -EINVAL);
	assert_int_equal(dmk_remove_many(world.dm, ids, 1, NULL, &how), -EINVAL);
	how = (struct dmk_many_options){ .reserved = { 1 } };
	assert_int_equal(dmk_remove_many(world.dm, ids, 1, NULL, &how), -EINVAL);
	how = (struct dmk_many_options){ .max_threads = 4097 };
	assert_int_equal(dmk_remove_many(world.dm, ids, 1, NULL, &how), -EINVAL);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_ARGUMENTS);
	assert_int_equal(dmk_remove_many(world.dm, ids, 1048577, NULL, NULL), -EINVAL);
	assert_int_equal(dmk_remove_many(world.dm, ids, 0, NULL, NULL), 0);
	assert_int_equal(world.fake->calls, 0);
	world_close(&world);
}

static void without_a_driver(void **state)
{
	(void)state;
	open_world();
	fake_add_rule(world.fake, DM_VERSION_CMD, 1, 1, FAKE_BEFORE, -EACCES);
	ask("a b");
	assert_int_equal(remove_within(-1, 0), -EACCES);
	assert_int_equal(dmk_last_error(world.dm)->step, DMK_STEP_VERSION);
	assert_string_equal(told, "");
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_on_another_goes_first),
		cmocka_unit_test(by_uuid_and_number),
		cmocka_unit_test(failures_come_last_and_in_order),
		cmocka_unit_test(one_search_for_all),
		cmocka_unit_test(what_is_busy_holds_up_nobody),
		cmocka_unit_test(busy_until_the_limit),
		cmocka_unit_test(a_cancel_begins_no_more),
		cmocka_unit_test(force_and_deferred),
		cmocka_unit_test(gone_between_two_tries),
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(without_a_driver),
	};

	return cmocka_run_group_tests_name("many removals", tests, NULL, NULL);
}
