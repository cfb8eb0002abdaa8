/* SPDX-License-Identifier: MIT */
/* Every verb of the library, once, on the real kernel. */
#include <errno.h>
#include <fcntl.h>
#include <linux/hdreg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "support.h"

static void version_is_the_drivers(void **state)
{
	struct dmk_version version;

	assert_ok(*state, dmk_driver_version(*state, &version));
	assert_int_equal(version.major, 4);
	assert_true(version.minor >= 41);
}

static void create_info_remove(void **state)
{
	struct dmk_create_options options = { .uuid = "test-uuid-1" };
	struct dmk_table *table = text_table("0 2048 zero\n2048 1024 error\n");
	struct dmk_info made, info;

	assert_ok(*state, dmk_create(*state, "a", table, &options, &made));
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("a"), NULL, &info));
	assert_string_equal(info.name, "a");
	assert_string_equal(info.uuid, "test-uuid-1");
	assert_int_equal(info.flags, DMK_INFO_LIVE_TABLE);
	assert_int_equal(info.target_count, 2);
	assert_int_equal(info.open_count, 0);
	assert_int_equal(info.minor, made.minor);
	assert_true(node_is("a", &made));
	/* The other two ways to name it. */
	assert_ok(*state, dmk_get_info(*state, DMK_UUID("test-uuid-1"), NULL, &info));
	assert_ok(*state, dmk_get_info(*state, DMK_DEVNO(made.major, made.minor), NULL, &info));
	assert_string_equal(info.name, "a");
	assert_ok(*state, dmk_remove(*state, DMK_UUID("test-uuid-1"), NULL, NULL));
	assert_int_equal(node_rdev("a"), 0);
	assert_code(*state, dmk_get_info(*state, DMK_NAME("a"), NULL, &info), -ENXIO);
	dmk_table_free(table);
}

static void list_filters_by_name_and_uuid(void **state)
{
	static const char *const uuids[] = { "LVM-1", "CRYPT-2", NULL };
	static const char *const names[] = { "ab", "ac", "b" };
	struct dmk_table *table = text_table("0 8 zero");
	struct dmk_list_options by_name = { .name_prefix = "a", .flags = DMK_LIST_UUID };
	struct dmk_list_options by_uuid = { .uuid_prefix = "CRYPT-" };
	struct dmk_devices *devices;
	struct dmk_device device;

	for (int i = 0; i < 3; i++) {
		struct dmk_create_options options = { .uuid = uuids[i] };

		assert_ok(*state, dmk_create(*state, names[i], table, &options, NULL));
	}
	assert_ok(*state, dmk_list(*state, &by_name, &devices));
	assert_int_equal(dmk_devices_next(devices, &device), 1);
	assert_string_equal(device.name, "ab");
	assert_string_equal(device.uuid, "LVM-1");
	assert_int_equal(dmk_devices_next(devices, &device), 1);
	assert_string_equal(device.name, "ac");
	assert_int_equal(dmk_devices_next(devices, &device), 0);
	dmk_devices_free(devices);
	assert_ok(*state, dmk_list(*state, &by_uuid, &devices));
	assert_int_equal(dmk_devices_next(devices, &device), 1);
	assert_string_equal(device.name, "ac");
	assert_int_equal(device.has_event_nr, 1);
	assert_int_equal(dmk_devices_next(devices, &device), 0);
	dmk_devices_rewind(devices);
	assert_int_equal(dmk_devices_next(devices, &device), 1);
	dmk_devices_free(devices);
	for (int i = 0; i < 3; i++)
		remove_device(*state, names[i]);
	dmk_table_free(table);
}

static void load_and_clear_the_inactive_table(void **state)
{
	struct dmk_query_options inactive = { .flags = DMK_QUERY_INACTIVE };
	struct dmk_table *table = text_table("0 16 error");
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_info info;

	make_device(*state, "a", "0 8 zero");
	assert_ok(*state, dmk_load(*state, DMK_NAME("a"), table, NULL, &info));
	assert_int_equal(info.flags, DMK_INFO_LIVE_TABLE | DMK_INFO_INACTIVE_TABLE);
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("a"), &inactive, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "error");
	assert_int_equal(segment.length_sectors, 16);
	dmk_segments_free(segments);
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "zero");
	assert_int_equal(dmk_segments_next(segments, &segment), 0);
	dmk_segments_free(segments);
	assert_ok(*state, dmk_clear(*state, DMK_NAME("a"), &info));
	assert_int_equal(info.flags, DMK_INFO_LIVE_TABLE);
	remove_device(*state, "a");
	dmk_table_free(table);
}

static void a_table_is_the_same_after_each_load(void **state)
{
	struct dmk_table *table = text_table("0 8 linear " RAM0 " 0\n8 8 zero");
	struct dmk_segment segment;

	for (int i = 0; i < 3; i++) {
		char name[8];

		snprintf(name, sizeof(name), "t%d", i);
		assert_ok(*state, dmk_create(*state, name, table, NULL, NULL));
		remove_device(*state, name);
	}
	assert_int_equal(dmk_table_count(table), 2);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, RAM0 " 0");
	dmk_table_free(table);
}

static void suspend_and_resume(void **state)
{
	static const uint32_t ways[] = { 0, DMK_SUSPEND_NOFLUSH, DMK_SUSPEND_SKIP_LOCKFS,
					 DMK_SUSPEND_NOFLUSH | DMK_SUSPEND_SKIP_LOCKFS };
	struct dmk_info info;

	make_device(*state, "a", "0 8 zero");
	for (int i = 0; i < 4; i++) {
		struct dmk_suspend_options suspend = { .flags = ways[i] };
		struct dmk_resume_options resume = { .flags = ways[i] };

		assert_ok(*state, dmk_suspend(*state, DMK_NAME("a"), &suspend, &info));
		assert_true(info.flags & DMK_INFO_SUSPENDED);
		assert_ok(*state, dmk_suspend(*state, DMK_NAME("a"), &suspend,
					      NULL)); /* twice is no error */
		assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), &resume, &info));
		assert_false(info.flags & DMK_INFO_SUSPENDED);
		assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), &resume, NULL));
	}
	remove_device(*state, "a");
}

static void a_device_without_table_gets_one(void **state)
{
	struct dmk_table *table = text_table("0 8 zero");
	struct dmk_info info;

	assert_ok(*state, dmk_create(*state, "a", NULL, NULL, &info));
	assert_int_equal(info.flags & (DMK_INFO_LIVE_TABLE | DMK_INFO_INACTIVE_TABLE), 0);
	assert_int_equal(node_rdev("a"), 0);
	assert_ok(*state, dmk_load(*state, DMK_NAME("a"), table, NULL, NULL));
	assert_ok(*state, dmk_resume(*state, DMK_NAME("a"), NULL, &info));
	assert_true(info.flags & DMK_INFO_LIVE_TABLE);
	assert_true(node_is("a", &info));
	remove_device(*state, "a");
	dmk_table_free(table);
}

static void replace_swaps_while_it_is_open(void **state)
{
	struct dmk_table *table = text_table("0 16 linear " RAM0 " 0\n16 16 zero");
	struct dmk_info info;
	int fd;

	make_device(*state, "a", "0 8 zero");
	fd = open(node_path("a"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(*state, dmk_replace(*state, DMK_NAME("a"), table, NULL, &info));
	assert_int_equal(info.target_count, 2);
	assert_int_equal(info.flags, DMK_INFO_LIVE_TABLE);
	assert_int_equal(lseek(fd, 0, SEEK_END), 32 * 512);
	close(fd);
	remove_device(*state, "a");
	dmk_table_free(table);
}

static void a_failed_replace_leaves_the_old_table(void **state)
{
	struct dmk_table *table = text_table("0 16 linear /dev/nope 0");
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_info info;
	int r;

	make_device(*state, "a", "0 8 zero");
	r = dmk_replace(*state, DMK_NAME("a"), table, NULL, NULL);
	assert_true(r == -ENODEV || r == -ENOENT);
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_LOAD);
	assert_string_equal(dmk_last_error(*state)->argument, "/dev/nope");
	assert_ok(*state, dmk_get_info(*state, DMK_NAME("a"), NULL, &info));
	assert_int_equal(info.flags, DMK_INFO_LIVE_TABLE);
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "zero");
	dmk_segments_free(segments);
	remove_device(*state, "a");
	dmk_table_free(table);
}

static void rename_takes_the_node_along(void **state)
{
	struct dmk_create_options options = { .uid = 3, .gid = 6, .mode = 0640 };
	struct dmk_table *table = text_table("0 8 zero");
	struct dmk_info info;

	assert_ok(*state, dmk_create(*state, "a", table, &options, NULL));
	make_device(*state, "taken", "0 8 zero");
	assert_ok(*state, dmk_rename(*state, DMK_NAME("a"), "b", NULL, &info));
	assert_string_equal(info.name, "b");
	assert_int_equal(node_rdev("a"), 0);
	assert_true(node_is("b", &info));
	assert_code(*state, dmk_rename(*state, DMK_NAME("b"), "taken", NULL, NULL), -EBUSY);
	assert_true(node_is("b", &info));
	assert_code(*state, dmk_rename(*state, DMK_NAME("nobody"), "c", NULL, NULL), -ENXIO);
	/* By number: the kernel itself renames by name alone. */
	assert_ok(*state, dmk_rename(*state, DMK_DEVNO(info.major, info.minor), "c", NULL, NULL));
	remove_device(*state, "c");
	remove_device(*state, "taken");
	dmk_table_free(table);
}

static void a_rename_into_a_taken_place_is_undone(void **state)
{
	struct dmk_info info = make_device(*state, "a", "0 8 zero");
	int fd = open(node_path("b"), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	assert_code(*state, dmk_rename(*state, DMK_NAME("a"), "b", NULL, NULL), -EEXIST);
	assert_int_equal(dmk_last_error(*state)->undo_code, 0);
	assert_true(device_exists(*state, "a"));
	assert_false(device_exists(*state, "b"));
	assert_true(node_is("a", &info));
	assert_int_equal(unlink(node_path("b")), 0);
	remove_device(*state, "a");
}

static void a_uuid_is_set_once(void **state)
{
	struct dmk_info info;

	make_device(*state, "a", "0 8 zero");
	assert_ok(*state, dmk_set_uuid(*state, DMK_NAME("a"), "late-uuid", NULL, &info));
	assert_string_equal(info.uuid, "late-uuid");
	assert_ok(*state, dmk_get_info(*state, DMK_UUID("late-uuid"), NULL, &info));
	assert_string_equal(info.name, "a");
	assert_code(*state, dmk_set_uuid(*state, DMK_NAME("a"), "other", NULL, NULL), -EINVAL);
	remove_device(*state, "a");
}

static void geometry_is_what_hdio_getgeo_says(void **state)
{
	struct hd_geometry geometry;
	int fd;

	make_device(*state, "a", "0 2048 zero");
	assert_ok(*state, dmk_set_geometry(*state, DMK_NAME("a"), 10, 4, 32, 16));
	fd = open(node_path("a"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, HDIO_GETGEO, &geometry), 0);
	assert_int_equal(geometry.cylinders, 10);
	assert_int_equal(geometry.heads, 4);
	assert_int_equal(geometry.sectors, 32);
	assert_int_equal(geometry.start, 16);
	close(fd);
	assert_code(*state, dmk_set_geometry(*state, DMK_NAME("a"), 65536, 4, 32, 0), -EINVAL);
	assert_code(*state, dmk_set_geometry(*state, DMK_NAME("a"), 1, 1, 1, 2), -EINVAL);
	remove_device(*state, "a");
}

static void messages_have_replies(void **state)
{
	char *reply = NULL;

	make_device(*state, "a", "0 2048 linear " RAM0 " 0");
	assert_ok(*state, dmk_message(*state, DMK_NAME("a"), "@stats_create - 1", NULL, &reply));
	assert_string_equal(reply, "0");
	free(reply);
	/* 2,048 areas of about 30 bytes: the reply is larger than the first page. */
	assert_ok(*state, dmk_message(*state, DMK_NAME("a"), "@stats_print 0", NULL, &reply));
	assert_true(strlen(reply) > 30000);
	assert_non_null(strstr(reply, "2047+1 "));
	free(reply);
	reply = NULL;
	assert_ok(*state, dmk_message(*state, DMK_NAME("a"), "@stats_delete 0", NULL, &reply));
	assert_null(reply);
	assert_code(*state, dmk_message(*state, DMK_NAME("a"), "no such message", NULL, &reply),
		    -EINVAL);
	assert_code(*state, dmk_message(*state, DMK_NAME("a"), "", NULL, NULL), -EINVAL);
	remove_device(*state, "a");
}

static void deps_are_the_devices_below(void **state)
{
	struct dmk_devno *devnos;
	uint32_t count;

	make_device(*state, "a",
		    "0 8 linear " RAM0 " 0\n8 8 linear " RAM1 " 0\n16 8 linear " RAM0 " 64");
	assert_ok(*state, dmk_get_deps(*state, DMK_NAME("a"), NULL, &devnos, &count));
	assert_int_equal(count, 2);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(devnos[i].major, 1);
		assert_true(devnos[i].minor <= 1);
	}
	free(devnos);
	make_device(*state, "b", "0 8 zero");
	assert_ok(*state, dmk_get_deps(*state, DMK_NAME("b"), NULL, &devnos, &count));
	assert_int_equal(count, 0);
	assert_null(devnos);
	remove_device(*state, "a");
	remove_device(*state, "b");
}

static void targets_and_their_versions(void **state)
{
	struct dmk_target_version target;
	struct dmk_targets *targets;
	struct dmk_version version;
	bool linear = false;

	assert_ok(*state, dmk_list_targets(*state, &targets));
	while (dmk_targets_next(targets, &target) == 1)
		linear = linear || strcmp(target.type, "linear") == 0;
	assert_true(linear);
	dmk_targets_free(targets);
	/* Loads the module. */
	assert_ok(*state, dmk_get_target_version(*state, "snapshot-origin", &version));
	assert_int_equal(version.major, 1);
	assert_true(version.minor >= 9);
	assert_code(*state, dmk_get_target_version(*state, "nosuch", &version), -EINVAL);
}

static void status_of_a_live_target(void **state)
{
	struct dmk_striped_status status;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	make_device(*state, "a", "0 256 striped 2 16 " RAM0 " 0 " RAM1 " 0");
	assert_ok(*state, dmk_get_status(*state, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_count(segments), 1);
	assert_string_equal(dmk_segments_info(segments)->name, "a");
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_striped_parse_status(segment.params, &status, NULL), 0);
	assert_int_equal(status.n_legs, 2);
	assert_int_equal(status.n_failed, 0);
	assert_string_equal(status.health, "AA");
	dmk_striped_status_clear(&status);
	dmk_segments_free(segments);
	remove_device(*state, "a");
}

static void a_fixed_minor_and_read_ahead(void **state)
{
	struct dmk_create_options options = {
		.flags = DMK_CREATE_FIXED_MINOR | DMK_CREATE_READ_AHEAD | DMK_CREATE_READONLY,
		.minor = 300, /* beyond 255: both halves of the encoding (T9) */
		.read_ahead_sectors = 512,
	};
	struct dmk_table *table = text_table("0 8 linear " RAM0 " 0");
	struct dmk_blockdev blockdev;
	struct dmk_info info;

	assert_ok(*state, dmk_create(*state, "a", table, &options, &info));
	assert_int_equal(info.minor, 300);
	assert_true(info.flags & DMK_INFO_READONLY);
	assert_true(node_is("a", &info));
	assert_int_equal(dmk_get_blockdev(node_path("a"), &blockdev), 0);
	assert_int_equal(blockdev.read_ahead_sectors, 512);
	assert_int_equal(blockdev.size_bytes, 4096);
	assert_int_equal(blockdev.readonly, 1);
	assert_code(*state, dmk_create(*state, "b", table, &options, NULL),
		    -ENXIO); /* the minor is taken */
	assert_int_equal(dmk_last_error(*state)->step, DMK_STEP_CREATE);
	remove_device(*state, "a");
	dmk_table_free(table);
}

int main(void)
{
#define KERNEL_TEST(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(version_is_the_drivers),
		KERNEL_TEST(create_info_remove),
		KERNEL_TEST(list_filters_by_name_and_uuid),
		KERNEL_TEST(load_and_clear_the_inactive_table),
		KERNEL_TEST(a_table_is_the_same_after_each_load),
		KERNEL_TEST(suspend_and_resume),
		KERNEL_TEST(a_device_without_table_gets_one),
		KERNEL_TEST(replace_swaps_while_it_is_open),
		KERNEL_TEST(a_failed_replace_leaves_the_old_table),
		KERNEL_TEST(rename_takes_the_node_along),
		KERNEL_TEST(a_rename_into_a_taken_place_is_undone),
		KERNEL_TEST(a_uuid_is_set_once),
		KERNEL_TEST(geometry_is_what_hdio_getgeo_says),
		KERNEL_TEST(messages_have_replies),
		KERNEL_TEST(deps_are_the_devices_below),
		KERNEL_TEST(targets_and_their_versions),
		KERNEL_TEST(status_of_a_live_target),
		KERNEL_TEST(a_fixed_minor_and_read_ahead),
	};

	return cmocka_run_group_tests_name("kernel verbs", tests, NULL, NULL);
}
