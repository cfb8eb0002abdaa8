/* SPDX-License-Identifier: MIT */
/* What a watch tells of the fake's devices, and what of its failures. */
#include "../driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct dmk_watch *watch;

static void open_watch(const struct dmk_watch_options *options)
{
	assert_int_equal(dmk_watch_new(dm, options, &watch), 0);
	assert_int_equal(dmk_last_error(dm)->code, 0);
}

static void open_all(uint32_t flags)
{
	open_driver(47);
	fake_set_live(fake_add_device(fake, "old", "U-old"), 8, "zero", "");
	open_watch(&(struct dmk_watch_options){ .flags = flags });
}

static void close_watch(void)
{
	dmk_watch_free(watch);
	close_driver();
}

static void rename_device(const char *name, const char *to)
{
	assert_int_equal(dmk_rename(dm, DMK_NAME(name), to,
				    &(struct dmk_rename_options){ .node_policy = DMK_NODE_NONE },
				    NULL),
			 0);
}

/* "-name +name name>new name@U name! name#event " for each change since the last time. */
static const char *told(void)
{
	static char text[4096];
	struct dmk_watch_event event;
	size_t used = 0;
	int r;

	text[0] = '\0';
	while ((r = dmk_watch_next(watch, &event)) == 1) {
		char *at = text + used;
		size_t room = sizeof(text) - used;

		assert_int_equal(event.major, FAKE_MAJOR);
		switch (event.kind) {
		case DMK_WATCH_CREATED:
			used += (size_t)snprintf(at, room, "+%s ", event.name);
			break;
		case DMK_WATCH_REMOVED:
			used += (size_t)snprintf(at, room, "-%s ", event.name);
			break;
		case DMK_WATCH_RENAMED:
			used += (size_t)snprintf(at, room, "%s>%s ", event.old_name, event.name);
			break;
		case DMK_WATCH_UUID_SET:
			assert_string_equal(event.old_uuid, "");
			used += (size_t)snprintf(at, room, "%s@%s ", event.name, event.uuid);
			break;
		case DMK_WATCH_RESUMED:
			used += (size_t)snprintf(at, room, "%s! ", event.name);
			break;
		default:
			assert_int_equal(event.kind, DMK_WATCH_EVENT);
			used += (size_t)snprintf(at, room, "%s#%u ", event.name, event.event_nr);
		}
	}
	assert_int_equal(r, 0);
	return text;
}

static void what_is_there_is_no_news(void **state)
{
	(void)state;
	open_all(0);
	assert_string_equal(told(), "");
	fake_clear_log(fake);
	assert_string_equal(told(), "");
	/* One look: armed, then listed. */
	assert_int_equal(fake->calls, 2);
	assert_int_equal(fake->log[0].command, DMK_CMD_ARM_POLL);
	assert_int_equal(fake->log[1].command, DM_LIST_DEVICES_CMD);
	close_watch();
}

static void each_kind(void **state)
{
	(void)state;
	open_all(0);
	fake_set_live(fake_add_device(fake, "a", ""), 8, "zero", "");
	assert_string_equal(told(), "+a ");
	rename_device("a", "b");
	assert_string_equal(told(), "a>b ");
	assert_int_equal(dmk_set_uuid(dm, DMK_NAME("b"), "U-b", NULL, NULL), 0);
	assert_string_equal(told(), "b@U-b ");
	fake_find(fake, "b")->event_nr++;
	fake_find(fake, "old")->event_nr += 3;
	assert_string_equal(told(), "old#3 b#3 ");
	/* A load or a suspend is nothing to tell. */
	fake_find(fake, "b")->suspended = true;
	assert_string_equal(told(), "");
	fake_drop(fake, fake_find(fake, "b"));
	assert_string_equal(told(), "-b ");
	close_watch();
}

static void several_at_once(void **state)
{
	(void)state;
	open_all(0);
	fake_set_live(fake_add_device(fake, "a", ""), 8, "zero", "");
	fake_set_live(fake_add_device(fake, "c", ""), 8, "zero", "");
	assert_string_equal(told(), "+a +c ");
	/* The name moves on, an event comes with the rename, and a new device has one already. */
	fake_drop(fake, fake_find(fake, "old"));
	rename_device("a", "old");
	fake_find(fake, "old")->event_nr++;
	fake_add_device(fake, "new", "")->event_nr = 2;
	assert_string_equal(told(), "-old a>old +new new#2 old#2 ");
	/* Came and went. */
	fake_drop(fake, fake_add_device(fake, "short", ""));
	assert_string_equal(told(), "");
	close_watch();
}

/* The kernel hands out the smallest free minor. */
static void a_number_used_again(void **state)
{
	(void)state;
	open_all(0);
	fake_find(fake, "old")->event_nr = 5;
	assert_string_equal(told(), "old#5 ");
	/* Same name, no events: another one. */
	fake_drop(fake, fake_find(fake, "old"));
	fake_set_live(fake_add_device(fake, "old", "U-old"), 8, "zero", "");
	assert_string_equal(told(), "-old +old ");
	fake_drop(fake, fake_find(fake, "old"));
	fake_set_live(fake_add_device(fake, "old", "U-2"), 8, "zero", "");
	assert_string_equal(told(), "-old +old ");
	fake_drop(fake, fake_find(fake, "old"));
	fake_set_live(fake_add_device(fake, "x", ""), 8, "zero", "");
	assert_string_equal(told(), "-old +x ");
	/* Another name, no event, a table: not renamed. */
	fake_drop(fake, fake_find(fake, "x"));
	fake_set_live(fake_add_device(fake, "y", ""), 8, "zero", "");
	assert_string_equal(told(), "-x +y ");
	fake_drop(fake, fake_find(fake, "y"));
	assert_string_equal(told(), "-y ");
	fake_add_device(fake, "bare", "");
	assert_string_equal(told(), "+bare ");
	/* Without a table a rename is no event. */
	rename_device("bare", "barer");
	assert_string_equal(told(), "bare>barer ");
	close_watch();
}

static void event_numbers_wrap(void **state)
{
	(void)state;
	open_all(0);
	fake_find(fake, "old")->event_nr = INT32_MAX;
	assert_string_equal(told(), "old#2147483647 ");
	fake_find(fake, "old")->event_nr += INT32_MAX;
	assert_string_equal(told(), "old#4294967294 ");
	fake_find(fake, "old")->event_nr = 1;
	assert_string_equal(told(), "old#1 ");
	close_watch();
}

static void resumes(void **state)
{
	struct fake_device *device;

	(void)state;
	open_all(DMK_WATCH_RESUMES);
	assert_string_equal(told(), "");
	device = fake_add_device(fake, "a", "");
	assert_string_equal(told(), "+a ");
	fake_set_live(device, 8, "linear", "1:0 0");
	assert_string_equal(told(), "a! ");
	fake_set_live(device, 8, "linear", "1:0 8");
	assert_string_equal(told(), "a! ");
	fake_set_live(device, 16, "linear", "1:0 8");
	assert_string_equal(told(), "a! ");
	device->suspended = true;
	assert_string_equal(told(), "");
	device->suspended = false;
	assert_string_equal(told(), "a! ");
	/* The table is in, the swap's own suspend not yet over: once, not twice. */
	fake_set_live(device, 16, "zero", "");
	device->suspended = true;
	assert_string_equal(told(), "a! ");
	device->suspended = false;
	assert_string_equal(told(), "");
	/* Seen with its table at once. */
	fake_set_live(fake_add_device(fake, "b", ""), 8, "zero", "");
	assert_string_equal(told(), "+b b! ");
	/* Recreated with less than it had. */
	fake_drop(fake, device);
	fake_add_device(fake, "a", "");
	rename_device("a", "c");
	assert_string_equal(told(), "-a +c ");
	close_watch();
}

static void only_names(void **state)
{
	static const char *const names[] = { "pool", "data" };
	const struct dmk_watch_options options = { .flags = DMK_WATCH_RESUMES,
						   .n_names = 2,
						   .names = names };

	(void)state;
	open_driver(47);
	fake_set_live(fake_add_device(fake, "data", ""), 8, "zero", "");
	fake_set_live(fake_add_device(fake, "other", ""), 8, "zero", "");
	open_watch(&options);
	fake_clear_log(fake);
	fake_find(fake, "data")->event_nr++;
	fake_find(fake, "other")->event_nr++;
	fake_add_device(fake, "pool", "");
	fake_add_device(fake, "else", "");
	assert_string_equal(told(), "data#1 +pool ");
	/* What is not watched costs nothing. */
	assert_int_equal(fake->calls_of[DM_TABLE_STATUS_CMD], 2);
	/* One that had the name stays watched, one that gets it becomes so. */
	rename_device("data", "former");
	rename_device("other", "data");
	assert_string_equal(told(), "data>former other>data ");
	fake_find(fake, "former")->event_nr++;
	fake_drop(fake, fake_find(fake, "else"));
	assert_string_equal(told(), "former#3 ");
	fake_drop(fake, fake_find(fake, "former"));
	fake_drop(fake, fake_find(fake, "data"));
	assert_string_equal(told(), "-former -data ");
	close_watch();
}

static void vanish(struct fake *driver, uint32_t command, uint32_t number, void *data)
{
	(void)number;
	(void)data;
	if (command == DM_TABLE_STATUS_CMD && fake_find(driver, "a"))
		fake_drop(driver, fake_find(driver, "a"));
}

static void one_goes_while_it_is_asked(void **state)
{
	(void)state;
	open_all(DMK_WATCH_RESUMES);
	fake_drop(fake, fake_find(fake, "old"));
	assert_string_equal(told(), "-old ");
	fake_set_live(fake_add_device(fake, "a", ""), 8, "zero", "");
	fake->on_call = vanish;
	assert_string_equal(told(), "+a ");
	assert_int_equal(dmk_last_error(dm)->code, 0);
	assert_string_equal(told(), "-a ");
	close_watch();
}

static void many(void **state)
{
	struct dmk_watch_event event;
	char name[16];
	int seen = 0;

	(void)state;
	open_all(0);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "n%03d", i);
		fake_add_device(fake, name, "");
	}
	while (dmk_watch_next(watch, &event) == 1) {
		snprintf(name, sizeof(name), "n%03d", seen++);
		assert_string_equal(event.name, name);
	}
	assert_int_equal(seen, 300);
	close_watch();
}

static void a_failure_loses_nothing(void **state)
{
	static const int commands[] = { DMK_CMD_ARM_POLL, DM_LIST_DEVICES_CMD,
					DM_TABLE_STATUS_CMD };
	struct dmk_watch_event event = { .kind = 77 };

	(void)state;
	open_all(DMK_WATCH_RESUMES);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		fake_find(fake, "old")->event_nr++;
		fake_add_rule(fake, commands[i], 1, 1, FAKE_BEFORE, -EIO);
		assert_int_equal(dmk_watch_next(watch, &event), -EIO);
		assert_int_equal(event.kind, 77);
		assert_int_equal(dmk_last_error(dm)->code, -EIO);
		fake_clear_rules(fake);
		assert_int_equal(dmk_watch_next(watch, &event), 1);
		assert_int_equal(event.event_nr, i + 1);
		assert_int_equal(dmk_watch_next(watch, &event), 0);
		event.kind = 77;
	}
	close_watch();
}

static void refused(void **state)
{
	static const char *const bad[] = { "a/b" };
	static const char *const empty[] = { "" };
	const struct dmk_watch_options options[] = {
		{ .flags = 1 << 1 },
		{ .n_names = 1 },
		{ .n_names = 1, .names = bad },
		{ .n_names = 1, .names = empty },
		{ .reserved = { 0, 0, 0, 1 } },
	};
	struct dmk_watch *none = NULL;

	(void)state;
	open_driver(47);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		assert_int_equal(dmk_watch_new(dm, &options[i], &none), -EINVAL);
		assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_ARGUMENTS);
		assert_null(none);
	}
	assert_int_equal(fake->calls, 0);
	close_driver();
	/* A driver that cannot poll. */
	open_driver(36);
	assert_int_equal(dmk_watch_new(dm, NULL, &none), -EOPNOTSUPP);
	assert_null(none);
	dmk_watch_free(NULL);
	close_driver();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_is_no_news),
		cmocka_unit_test(each_kind),
		cmocka_unit_test(several_at_once),
		cmocka_unit_test(a_number_used_again),
		cmocka_unit_test(event_numbers_wrap),
		cmocka_unit_test(resumes),
		cmocka_unit_test(only_names),
		cmocka_unit_test(one_goes_while_it_is_asked),
		cmocka_unit_test(many),
		cmocka_unit_test(a_failure_loses_nothing),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
