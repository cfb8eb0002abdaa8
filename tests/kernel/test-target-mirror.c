/* SPDX-License-Identifier: MIT */
/* mirror on the real kernel: it makes its legs equal, writes to all, and leaves out one that fails.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

#define LENGTH 8192 /* sectors */
#define BYTES (LENGTH * 512)
#define LOG "/dev/ram2"
#define BAD "/dev/mapper/bad"

static const struct dmk_leg legs[] = { { RAM0, 0 }, { RAM1, 2048 } };

static void make(struct dmk *dm, const char *name, const struct dmk_mirror *mirror)
{
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_mirror(table, 0, LENGTH, mirror), 0);
	assert_ok(dm, dmk_create(dm, name, table, NULL, NULL));
	dmk_table_free(table);
}

static struct dmk_mirror table_of(struct dmk *dm, const char *name)
{
	struct dmk_mirror mirror;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_table(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "mirror");
	assert_int_equal(dmk_mirror_parse_table(segment.params, &mirror, NULL), 0);
	dmk_segments_free(segments);
	return mirror;
}

/* The caller clears it. */
static struct dmk_mirror_status status_of(struct dmk *dm, const char *name)
{
	struct dmk_mirror_status status;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_status(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_mirror_parse_status(segment.params, &status, NULL), 0);
	dmk_segments_free(segments);
	return status;
}

static void wait_for_sync(struct dmk *dm, const char *name, uint64_t regions)
{
	for (int i = 0; i < 1000; i++) {
		struct dmk_mirror_status status = status_of(dm, name);
		struct dmk_ratio ratio = status.in_sync_regions;

		dmk_mirror_status_clear(&status);
		assert_int_equal(ratio.total, regions);
		if (ratio.used == ratio.total)
			return;
		usleep(10000);
	}
	fail_msg("it does not get in sync");
}

static void write_pattern(const char *path, uint64_t offset, uint32_t seed)
{
	uint8_t *bytes = malloc(BYTES);

	fill_pattern(bytes, BYTES, seed);
	assert_true(write_at(path, offset, bytes, BYTES));
	free(bytes);
}

static void expect_pattern(const char *path, uint64_t offset, uint32_t seed)
{
	uint8_t *bytes = malloc(BYTES), *got = malloc(BYTES);

	fill_pattern(bytes, BYTES, seed);
	assert_true(read_at(path, offset, got, BYTES));
	assert_memory_equal(got, bytes, BYTES);
	free(got);
	free(bytes);
}

static void mirror_core_makes_legs_equal(void **state)
{
	const struct dmk_mirror mirror = {
		.log = DMK_MIRROR_CORE, .region_size_sectors = 64, .legs = legs, .n_legs = 2
	};
	struct dmk_mirror_status status;
	struct dmk_mirror parsed;

	write_pattern(RAM0, 0, 1);
	write_pattern(RAM1, 2048 * 512, 2);
	make(*state, "m", &mirror);
	parsed = table_of(*state, "m");
	assert_int_equal(parsed.log, DMK_MIRROR_CORE);
	assert_int_equal(parsed.region_size_sectors, 64);
	assert_int_equal(parsed.n_legs, 2);
	assert_string_equal(parsed.legs[0].device, "1:0");
	assert_string_equal(parsed.legs[1].device, "1:1");
	assert_int_equal(parsed.legs[1].offset_sectors, 2048);
	assert_int_equal(parsed.options, 0);
	dmk_mirror_clear(&parsed);
	wait_for_sync(*state, "m", LENGTH / 64);
	status = status_of(*state, "m");
	assert_int_equal(status.n_legs, 2);
	assert_string_equal(status.devices[1], "1:1");
	assert_string_equal(status.health, "AA");
	assert_int_equal(status.n_failed, 0);
	assert_string_equal(status.log, "core");
	dmk_mirror_status_clear(&status);
	expect_pattern(node_path("m"), 0, 1);
	/* What was on the second leg is gone ... */
	expect_pattern(RAM1, 2048 * 512, 1);
	/* ... and what is written goes to both. */
	write_pattern(node_path("m"), 0, 3);
	remove_device(*state, "m");
	expect_pattern(RAM0, 0, 3);
	expect_pattern(RAM1, 2048 * 512, 3);
}

static void mirror_disk_log_remembers(void **state)
{
	struct dmk_mirror mirror = { .log = DMK_MIRROR_DISK,
				     .log_device = LOG,
				     .region_size_sectors = 128,
				     .options = DMK_MIRROR_SYNC,
				     .legs = legs,
				     .n_legs = 2 };
	static const uint8_t zeros[65536];
	struct dmk_mirror_status status;
	struct dmk_mirror parsed;

	assert_true(write_at(LOG, 0, zeros, sizeof(zeros)));
	write_pattern(RAM0, 0, 4);
	write_pattern(RAM1, 2048 * 512, 5);
	make(*state, "m", &mirror);
	wait_for_sync(*state, "m", LENGTH / 128);
	parsed = table_of(*state, "m");
	assert_int_equal(parsed.log, DMK_MIRROR_DISK);
	assert_string_equal(parsed.log_device, "1:2");
	assert_int_equal(parsed.options, DMK_MIRROR_SYNC);
	dmk_mirror_clear(&parsed);
	status = status_of(*state, "m");
	assert_string_equal(status.log, "disk");
	assert_string_equal(status.log_device, "1:2");
	assert_string_equal(status.log_health, "A");
	dmk_mirror_status_clear(&status);
	remove_device(*state, "m");
	expect_pattern(RAM1, 2048 * 512, 4);
	/* The log says that all is equal: a leg that was changed by hand stays as it is. */
	write_pattern(RAM1, 2048 * 512, 6);
	mirror.options = 0;
	make(*state, "m", &mirror);
	status = status_of(*state, "m");
	assert_int_equal(status.in_sync_regions.used, LENGTH / 128);
	dmk_mirror_status_clear(&status);
	remove_device(*state, "m");
	expect_pattern(RAM1, 2048 * 512, 6);
}

static void mirror_options(void **state)
{
	static const uint64_t options[] = {
		DMK_MIRROR_SYNC,
		DMK_MIRROR_NOSYNC,
		DMK_MIRROR_HANDLE_ERRORS,
		DMK_MIRROR_HANDLE_ERRORS | DMK_MIRROR_KEEP_LOG,
		DMK_MIRROR_NOSYNC | DMK_MIRROR_HANDLE_ERRORS | DMK_MIRROR_KEEP_LOG,
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct dmk_mirror mirror = { .log = DMK_MIRROR_CORE,
						   .region_size_sectors = 4096,
						   .options = options[i],
						   .legs = legs,
						   .n_legs = 2 };
		struct dmk_mirror parsed;

		make(*state, "m", &mirror);
		parsed = table_of(*state, "m");
		assert_int_equal(parsed.options, options[i]);
		dmk_mirror_clear(&parsed);
		wait_for_sync(*state, "m", LENGTH / 4096);
		remove_device(*state, "m");
	}
}

/* nosync takes the legs as they are. */
static void mirror_nosync_copies_nothing(void **state)
{
	const struct dmk_mirror mirror = { .log = DMK_MIRROR_CORE,
					   .region_size_sectors = 64,
					   .options = DMK_MIRROR_NOSYNC,
					   .legs = legs,
					   .n_legs = 2 };
	struct dmk_mirror_status status;

	write_pattern(RAM0, 0, 7);
	write_pattern(RAM1, 2048 * 512, 8);
	make(*state, "m", &mirror);
	status = status_of(*state, "m");
	assert_int_equal(status.in_sync_regions.used, LENGTH / 64);
	dmk_mirror_status_clear(&status);
	remove_device(*state, "m");
	expect_pattern(RAM1, 2048 * 512, 8);
}

static void mirror_leaves_out_a_leg_that_fails(void **state)
{
	const struct dmk_leg with_bad[] = { { RAM0, 0 }, { BAD, 0 } };
	const struct dmk_mirror mirror = { .log = DMK_MIRROR_CORE,
					   .region_size_sectors = 1024,
					   .options =
						   DMK_MIRROR_HANDLE_ERRORS | DMK_MIRROR_KEEP_LOG,
					   .legs = with_bad,
					   .n_legs = 2 };
	struct dmk_table *failing = text_table("0 8192 error");
	struct dmk_mirror_status status;

	make_device(*state, "bad", "0 8192 linear " RAM1 " 0");
	write_pattern(RAM0, 0, 9);
	make(*state, "m", &mirror);
	wait_for_sync(*state, "m", LENGTH / 1024);
	assert_ok(*state, dmk_replace(*state, DMK_NAME("bad"), failing, NULL, NULL));
	write_pattern(node_path("m"), 0, 10);
	status = status_of(*state, "m");
	assert_int_equal(status.n_failed, 1);
	assert_int_equal(status.health[0], 'A');
	assert_true(status.health[1] == 'D' || status.health[1] == 'F');
	dmk_mirror_status_clear(&status);
	expect_pattern(node_path("m"), 0, 10);
	remove_device(*state, "m");
	remove_device(*state, "bad");
	expect_pattern(RAM0, 0, 10);
	dmk_table_free(failing);
}

static void mirror_by_keys(void **state)
{
	const struct dmk_key_value pairs[] = {
		{ .key = "log-type", .value = "disk" },
		{ .key = "log-device", .value = LOG },
		{ .key = "region-size", .value = "1MiB" },
		{ .key = "nosync", .value = "yes" },
		{ .key = "device", .value = RAM0 ":0" },
		{ .key = "device", .value = RAM1 ":1MiB" },
	};
	static const uint8_t zeros[65536];
	struct dmk_table *table;
	struct dmk_mirror parsed;

	assert_true(write_at(LOG, 0, zeros, sizeof(zeros)));
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "mirror", pairs, 6), 0);
	assert_int_equal(dmk_table_size_sectors(table), RAM_SECTORS - 2048);
	assert_ok(*state, dmk_create(*state, "m", table, NULL, NULL));
	parsed = table_of(*state, "m");
	assert_int_equal(parsed.region_size_sectors, 2048);
	assert_int_equal(parsed.options, DMK_MIRROR_NOSYNC);
	dmk_mirror_clear(&parsed);
	remove_device(*state, "m");
	dmk_table_free(table);
}

#define T(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(mirror_core_makes_legs_equal),
		T(mirror_disk_log_remembers),
		T(mirror_options),
		T(mirror_nosync_copies_nothing),
		T(mirror_leaves_out_a_leg_that_fails),
		T(mirror_by_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
