/* SPDX-License-Identifier: MIT */
/* What each verb refuses before it asks the kernel for anything, and what it asks for in the end.
 */
#include "../driver.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

static struct dmk_table *table;

static const struct dmk_create_options nodeless = { .node_policy = DMK_NODE_NONE };

static int set_up(void **state)
{
	(void)state;
	open_driver(47);
	fake_set_live(fake_add_device(fake, "data", "U-1"), 8, "zero", "");
	assert_int_equal(dmk_set_node_dir(dm, "/nowhere/at/all"), 0);
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 8), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dmk_table_free(table);
	close_driver();
	return 0;
}

/* -EINVAL, told as an argument's fault, and not a single request. */
static void assert_refused(int r)
{
	assert_int_equal(r, -EINVAL);
	assert_int_equal(dmk_last_error(dm)->code, -EINVAL);
	assert_int_equal(dmk_last_error(dm)->step, DMK_STEP_ARGUMENTS);
	assert_string_not_equal(dmk_last_error(dm)->detail, "");
	assert_int_equal(fake->calls, 0);
}

static void bad_create_options(void **state)
{
	static const struct dmk_create_options bad[] = {
		{ .flags = 1 << 9 },
		{ .minor = 3 },
		{ .node_policy = 4 },
		{ .mode = 01000 },
		{ .udev_cookie = 65536 },
		{ .udev_flags = 65536 },
		{ .reserved = { 0, 1 } },
		{ .unused = 1 },
		{ .timeout_ms = -2 },
		{ .uuid = "" },
		{ .uuid = "a/b" },
		{ .flags = DMK_CREATE_FIXED_MINOR, .minor = 1048576 },
		{ .flags = DMK_CREATE_READ_AHEAD, .node_policy = DMK_NODE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++)
		assert_refused(dmk_create(dm, "new", table, &bad[i], NULL));
	assert_refused(dmk_create(dm, "", table, NULL, NULL));
	assert_refused(dmk_create(dm, "a/b", table, NULL, NULL));
	dmk_table_reset(table);
	assert_refused(dmk_create(dm, "new", table, NULL, NULL));
	assert_int_equal(fake->n_devices, 1);
}

static void other_bad_options(void **state)
{
	const struct dmk_load_options load = { .flags = 2 };
	const struct dmk_replace_options replace = { .flags = 8 };
	const struct dmk_suspend_options suspend = { .reserved = { 1 } };
	const struct dmk_resume_options resume = { .node_policy = 9 };
	const struct dmk_remove_options removal = { .udev_flags = 1 << 16 };
	const struct dmk_remove_options force = { .flags = DMK_REMOVE_FORCE };
	const struct dmk_rename_options rename = { .udev_cookie = 1 << 16 };
	const struct dmk_message_options message = { .flags = 2 };
	const struct dmk_wait_options wait = { .flags = 1 };

	(void)state;
	assert_refused(dmk_load(dm, DMK_NAME("data"), table, &load, NULL));
	assert_refused(dmk_replace(dm, DMK_NAME("data"), table, &replace, NULL));
	assert_refused(dmk_suspend(dm, DMK_NAME("data"), &suspend, NULL));
	assert_refused(dmk_resume(dm, DMK_NAME("data"), &resume, NULL));
	assert_refused(dmk_remove(dm, DMK_NAME("data"), &removal, NULL));
	assert_refused(dmk_remove_all(dm, &force));
	assert_refused(dmk_rename(dm, DMK_NAME("data"), "new", &rename, NULL));
	assert_refused(dmk_rename(dm, DMK_NAME("data"), "a/b", NULL, NULL));
	assert_refused(dmk_set_uuid(dm, DMK_NAME("data"), "", NULL, NULL));
	assert_refused(dmk_message(dm, DMK_NAME("data"), "noted", &message, NULL));
	assert_refused(dmk_wait(dm, DMK_NAME("data"), 0, &wait, NULL));
	assert_refused(dmk_set_geometry(dm, DMK_NAME("data"), 65536, 1, 1, 0));
	assert_refused(dmk_set_geometry(dm, DMK_NAME("data"), 2, 3, 4, 25));
	assert_refused(dmk_clear(dm, &(struct dmk_id){ .name = "data", .uuid = "U-1" }, NULL));
}

/* Where the header says that ret_info may be NULL. */
static void without_the_info(void **state)
{
	const struct dmk_id *id = DMK_NAME("data");

	(void)state;
	assert_int_equal(dmk_create(dm, "new", table, &nodeless, NULL), 0);
	assert_int_equal(dmk_load(dm, id, table, NULL, NULL), 0);
	assert_int_equal(dmk_clear(dm, id, NULL), 0);
	assert_int_equal(dmk_suspend(dm, id, NULL, NULL), 0);
	assert_int_equal(dmk_resume(dm, id,
				    &(struct dmk_resume_options){ .node_policy = DMK_NODE_NONE },
				    NULL),
			 0);
	assert_int_equal(dmk_replace(dm, id, table, NULL, NULL), 0);
	assert_int_equal(dmk_rename(dm, id, "other",
				    &(struct dmk_rename_options){ .node_policy = DMK_NODE_NONE },
				    NULL),
			 0);
	assert_int_equal(dmk_set_uuid(dm, DMK_NAME("new"), "U-2", NULL, NULL), 0);
	assert_int_equal(dmk_wait(dm, DMK_NAME("new"), 99, NULL, NULL), 0);
	assert_int_equal(dmk_message(dm, DMK_NAME("new"), "echo x", NULL, NULL), 0);
	assert_int_equal(dmk_remove(dm, DMK_NAME("new"),
				    &(struct dmk_remove_options){ .node_policy = DMK_NODE_NONE },
				    NULL),
			 0);
}

/* Of every options structure that has one: they may get a meaning. */
static void unused_words(void **state)
{
	const struct dmk_id *id = DMK_NAME("data");
	const struct dmk_create_options create = { .unused = 7 };
	const struct dmk_load_options load = { .unused = 7 };
	const struct dmk_replace_options replace = { .unused = 7 };
	const struct dmk_suspend_options suspend = { .unused = 7 };
	const struct dmk_resume_options resume = { .unused = 7 };
	const struct dmk_rename_options rename = { .unused = 7 };
	const struct dmk_message_options message = { .unused = 7 };
	const struct dmk_query_options query = { .unused = 7 };
	const struct dmk_list_options list = { .unused = 7 };
	const struct dmk_wait_options wait = { .unused = 7 };
	const struct dmk_examine_options examine = { .unused = 7 };
	struct dmk_findings *findings;
	struct dmk_segments *segments;
	struct dmk_devices *devices;
	struct dmk_devno *devnos;
	struct dmk_info info;
	uint32_t count;

	(void)state;
	assert_refused(dmk_create(dm, "new", table, &create, NULL));
	assert_refused(dmk_load(dm, id, table, &load, NULL));
	assert_refused(dmk_replace(dm, id, table, &replace, NULL));
	assert_refused(dmk_suspend(dm, id, &suspend, NULL));
	assert_refused(dmk_resume(dm, id, &resume, NULL));
	assert_refused(dmk_rename(dm, id, "new", &rename, NULL));
	assert_refused(dmk_set_uuid(dm, id, "U-2", &rename, NULL));
	assert_refused(dmk_message(dm, id, "noted", &message, NULL));
	assert_refused(dmk_get_info(dm, id, &query, &info));
	assert_refused(dmk_get_table(dm, id, &query, &segments));
	assert_refused(dmk_get_status(dm, id, &query, &segments));
	assert_refused(dmk_get_deps(dm, id, &query, &devnos, &count));
	assert_refused(dmk_list(dm, &list, &devices));
	assert_refused(dmk_wait(dm, id, 0, &wait, NULL));
	assert_refused(dmk_examine(dm, &examine, &findings));
	assert_string_equal(dmk_last_error(dm)->detail,
			    "the unused word of the options is 0x7, not zero");
}

static const struct dm_ioctl *last(void)
{
	return &fake->log[fake->calls - 1].io;
}

static void what_is_sent(void **state)
{
	const struct dmk_create_options create = { .flags = DMK_CREATE_READONLY |
							    DMK_CREATE_FIXED_MINOR,
						   .minor = 300,
						   .node_policy = DMK_NODE_NONE,
						   .udev_cookie = 0x1234,
						   .udev_flags = 0x20,
						   .uuid = "U-2" };
	const struct dmk_suspend_options suspend = { .flags = DMK_SUSPEND_NOFLUSH |
							      DMK_SUSPEND_SKIP_LOCKFS };
	struct dmk_info info;

	(void)state;
	assert_int_equal(dmk_create(dm, "new", table, &create, &info), 0);
	/* Version, create, load, resume. */
	assert_int_equal(fake->calls, 4);
	assert_int_equal(fake->log[1].io.flags, DM_PERSISTENT_DEV_FLAG);
	assert_int_equal(fake->log[1].io.event_nr, 0);
	assert_string_equal(fake->log[1].io.uuid, "U-2");
	assert_int_equal(fake->log[2].io.flags, DM_READONLY_FLAG);
	assert_int_equal(fake->log[2].io.target_count, 1);
	assert_int_equal(fake->log[2].io.event_nr, 0);
	assert_int_equal(fake->log[3].io.event_nr, 0x201234);
	assert_int_equal(info.minor, 300);
	assert_int_equal(info.flags, DMK_INFO_LIVE_TABLE | DMK_INFO_READONLY);
	assert_int_equal(dmk_suspend(dm, DMK_NAME("new"), &suspend, &info), 0);
	assert_int_equal(last()->flags, DM_SUSPEND_FLAG | DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG);
	assert_true(info.flags & DMK_INFO_SUSPENDED);
	assert_int_equal(dmk_set_geometry(dm, DMK_NAME("new"), 2, 3, 4, 24), 0);
	assert_int_equal(dmk_clear(dm, DMK_NAME("new"), &info), 0);
	assert_int_equal(dmk_last_error(dm)->code, 0);
}

static void renamed(void **state)
{
	const struct dmk_rename_options options = { .node_policy = DMK_NODE_NONE,
						    .udev_cookie = 7 };
	struct dmk_info info;

	(void)state;
	assert_int_equal(dmk_rename(dm, DMK_UUID("U-1"), "new", &options, &info), 0);
	/* Version, status, rename, and whether it was the one with this uuid. */
	assert_int_equal(fake->log[2].io.event_nr, 7);
	assert_int_equal(fake->calls, 4);
	assert_string_equal(info.name, "new");
	assert_string_equal(info.uuid, "U-1");
	assert_non_null(fake_find(fake, "new"));
	fake_add_device(fake, "more", "");
	assert_int_equal(dmk_set_uuid(dm, DMK_NAME("more"), "U-3", &options, &info), 0);
	assert_int_equal(last()->flags, DM_UUID_FLAG);
	assert_string_equal(info.name, "more");
	assert_string_equal(info.uuid, "U-3");
}

static void the_librarys_version(void **state)
{
	struct dmk_version version;

	(void)state;
	dmk_library_version(&version);
	assert_int_equal(version.major, DMK_VERSION_MAJOR);
	assert_int_equal(version.minor, DMK_VERSION_MINOR);
	assert_int_equal(version.patch, DMK_VERSION_PATCH);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bad_create_options),   TEST(other_bad_options),
		TEST(what_is_sent),	    TEST(renamed),
		TEST(the_librarys_version), TEST(unused_words),
		TEST(without_the_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
