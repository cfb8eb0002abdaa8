/* SPDX-License-Identifier: MIT */
/* mirror: its logs, its status, its lengths. */
#include "../lines.h"

static void logs(void **state)
{
	struct dmk_mirror mirror;

	(void)state;
	assert_int_equal(dmk_mirror_parse_table("core 1 1024 2 8:0 0 8:1 2048", &mirror, NULL), 0);
	assert_int_equal(mirror.log, DMK_MIRROR_CORE);
	assert_int_equal(mirror.region_size_sectors, 1024);
	assert_int_equal(mirror.options, 0);
	assert_null(mirror.log_device);
	assert_int_equal(mirror.n_legs, 2);
	assert_string_equal(mirror.legs[1].device, "8:1");
	assert_int_equal(mirror.legs[1].offset_sectors, 2048);
	dmk_mirror_clear(&mirror);
	assert_int_equal(dmk_mirror_parse_table("disk 3 /dev/log 64 nosync 2 8:0 0 8:1 0 2 "
						"keep_log handle_errors",
						&mirror, NULL),
			 0);
	assert_int_equal(mirror.log, DMK_MIRROR_DISK);
	assert_string_equal(mirror.log_device, "/dev/log");
	assert_int_equal(mirror.region_size_sectors, 64);
	assert_int_equal(mirror.options,
			 DMK_MIRROR_NOSYNC | DMK_MIRROR_HANDLE_ERRORS | DMK_MIRROR_KEEP_LOG);
	dmk_mirror_clear(&mirror);
	assert_int_equal(dmk_mirror_parse_table("userspace 5 LVM-1 integrated_flush "
						"clustered-disk 8:9 1024 3 8:0 0 8:1 0 8:2 0",
						&mirror, NULL),
			 0);
	assert_int_equal(mirror.log, DMK_MIRROR_USERSPACE);
	assert_string_equal(mirror.log_uuid, "LVM-1");
	assert_int_equal(mirror.options, DMK_MIRROR_INTEGRATED_FLUSH);
	assert_int_equal(mirror.n_log_arguments, 3);
	assert_string_equal(mirror.log_arguments[0], "clustered-disk");
	assert_string_equal(mirror.log_arguments[2], "1024");
	assert_int_equal(mirror.n_legs, 3);
	dmk_mirror_clear(&mirror);
}

static void statuses(void **state)
{
	struct dmk_mirror_status status;

	(void)state;
	assert_int_equal(
		dmk_mirror_parse_status("3 8:0 8:1 8:2 7/16 1 ADS 3 disk 8:3 F", &status, NULL), 0);
	assert_int_equal(status.n_legs, 3);
	assert_int_equal(status.n_failed, 2);
	assert_string_equal(status.devices[2], "8:2");
	assert_int_equal(status.in_sync_regions.used, 7);
	assert_int_equal(status.in_sync_regions.total, 16);
	assert_string_equal(status.health, "ADS");
	assert_string_equal(status.log, "disk");
	assert_string_equal(status.log_device, "8:3");
	assert_string_equal(status.log_health, "F");
	assert_int_equal(status.options, DMK_MIRROR_STATUS_LOG_DEVICE);
	dmk_mirror_status_clear(&status);
	assert_int_equal(dmk_mirror_parse_status("2 8:0 8:1 16/16 1 AA 1 core", &status, NULL), 0);
	assert_int_equal(status.n_failed, 0);
	assert_string_equal(status.log, "core");
	assert_null(status.log_device);
	assert_int_equal(status.options, 0);
	dmk_mirror_status_clear(&status);
	assert_int_equal(dmk_mirror_parse_status("2 8:0 8:1 16/16 1 AA userspace 1 COM_FAILURE",
						 &status, NULL),
			 0);
	assert_int_equal(status.options, DMK_MIRROR_STATUS_NO_DAEMON);
	dmk_mirror_status_clear(&status);
}

static void bad_statuses(void **state)
{
	static const char *const lines[] = {
		"",
		"2",
		"0 1/1 1 A 1 core",
		"2 8:0 8:1",
		"2 8:0 8:1 16/16",
		"2 8:0 8:1 16/16 1 AA",
		"2 8:0 8:1 16 1 AA 1 core",
		"2 8:0 8:1 16/16 2 AA 1 core",
		"2 8:0 8:1 16/16 1 AAA 1 core",
		"2 8:0 8:1 16/16 1 AX 1 core",
		"2 8:0 8:1 16/16 1 AA 0 core",
		"2 8:0 8:1 16/16 1 AA 1 core x",
		"2 8:0 8:1 16/16 1 AA 3 disk 8:3",
		"2 8:0 8:1 16/16 1 AA 4 disk 8:3 A x",
		"2 8:0 8:1 16/16 1 AA userspace 1 x",
		"4294967295 8:0 8:1 16/16 1 AA 1 core",
		"4294967296 8:0 8:1 16/16 1 AA 1 core",
	};
	struct dmk_mirror_status status = { .n_legs = 7 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		if (dmk_mirror_parse_status(lines[i], &status, &err) != -EINVAL)
			fail_msg("'%s' is not refused", lines[i]);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.n_legs, 7);
	dmk_mirror_status_clear(NULL);
}

static void lengths(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
	/* Each as Linux 6.1 answers it. */
	assert_int_equal(dmk_target_check("mirror", "core 1 1024 2 1:0 0 1:1 0", 1024, false, &err),
			 0);
	assert_int_equal(dmk_target_check("mirror", "core 1 1024 2 1:0 0 1:1 0", 1500, false, &err),
			 0);
	assert_int_equal(dmk_target_check("mirror", "core 1 1024 2 1:0 0 1:1 0", 1000, false, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "region-size");
	assert_string_equal(err.detail, "1024 sectors are more than the segment's 1000");
	assert_int_equal(dmk_target_check("mirror", "core 1 2 2 1:0 0 1:1 0",
					  2 * UINT64_C(4294967295), false, &err),
			 0);
	assert_int_equal(dmk_target_check("mirror", "core 1 2 2 1:0 0 1:1 0",
					  2 * UINT64_C(4294967295) + 1, false, &err),
			 -EINVAL);
	assert_non_null(strstr(err.detail, "are too few"));
	/* A daemon knows its own. */
	assert_int_equal(
		dmk_target_check("mirror", "userspace 3 u t 1024 2 1:0 0 1:1 0", 8, false, &err),
		0);
}

static void expect(struct dmk_table *table, const struct dmk_mirror *mirror, const char *piece)
{
	assert_int_equal(dmk_table_add_mirror(table, DMK_NEXT, 4096, mirror), -EINVAL);
	assert_told(table, piece);
}

static void builder(void **state)
{
	const struct dmk_leg legs[10] = { { "8:0", 0 }, { "8:1", 2048 }, { "8:2", 0 } };
	const char *const arguments[] = { "clustered-core", "1024" };
	const struct dmk_mirror good = {
		.log = DMK_MIRROR_CORE, .region_size_sectors = 64, .legs = legs, .n_legs = 2
	};
	struct dmk_mirror mirror = good;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	mirror.options = DMK_MIRROR_HANDLE_ERRORS | DMK_MIRROR_SYNC;
	assert_int_equal(dmk_table_add_mirror(table, 0, 4096, &mirror), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "core 2 64 sync 2 8:0 0 8:1 2048 1 handle_errors");
	mirror.options = DMK_MIRROR_SYNC | DMK_MIRROR_NOSYNC;
	expect(table, &mirror, "nosync: does not go together with sync");
	mirror.options = DMK_MIRROR_KEEP_LOG;
	expect(table, &mirror, "keep_log: needs handle_errors");
	mirror.options = DMK_MIRROR_INTEGRATED_FLUSH;
	expect(table, &mirror, "are of a userspace log alone");
	mirror = good;
	mirror.log_device = "8:9";
	expect(table, &mirror, "log-device: is of a disk log alone");
	mirror.log = DMK_MIRROR_DISK;
	assert_int_equal(dmk_table_add_mirror(table, DMK_NEXT, 4096, &mirror), 0);
	mirror.log_device = NULL;
	expect(table, &mirror, "log-device: is missing");
	mirror.log = 4;
	expect(table, &mirror, "log-type: must be one of");
	mirror = good;
	mirror.region_size_sectors = 0;
	expect(table, &mirror, "region-size: is missing");
	mirror.region_size_sectors = 1000;
	expect(table, &mirror, "region-size: 1000 is not allowed");
	mirror = good;
	mirror.n_legs = 1;
	expect(table, &mirror, "device: 2 to 9 are needed, not 1");
	mirror.n_legs = 10;
	expect(table, &mirror, "device: is missing");
	mirror = good;
	mirror.unused = 1;
	expect(table, &mirror, "unused: must be zero");
	mirror = good;
	mirror.log = DMK_MIRROR_USERSPACE;
	expect(table, &mirror, "region-size: of a userspace log it and sync are among");
	mirror.region_size_sectors = 0;
	expect(table, &mirror, "log-uuid: is missing");
	mirror.log_uuid = "u";
	expect(table, &mirror, "log-argument: is missing");
	mirror.log_arguments = arguments;
	mirror.n_log_arguments = 1;
	expect(table, &mirror, "log-argument: at least two");
	mirror.n_log_arguments = 2;
	assert_int_equal(dmk_table_add_mirror(table, DMK_NEXT, 4096, &mirror), 0);
	assert_int_equal(dmk_table_get(table, 2, &segment), 0);
	assert_string_equal(segment.params, "userspace 3 u clustered-core 1024 2 8:0 0 8:1 2048");
	dmk_table_free(table);
}

static void generated(void **state)
{
	const struct dmk_target *target = dmk_target_find("mirror");
	uint64_t seed = 9;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		static const char *const syncs[] = { "", " sync", " nosync" };
		static const char *const features[] = { "", " 1 handle_errors",
							" 2 handle_errors keep_log" };
		const char *sync = syncs[next_random(&seed) % 3];
		bool disk = next_random(&seed) % 2;
		uint32_t legs = 2 + (uint32_t)(next_random(&seed) % 8);
		struct dmk_text text = { 0 };

		dmk_text_add(&text, disk ? "disk %d 8:%d" : "core %d", disk + 1 + !!*sync, i);
		dmk_text_add(&text, " %llu%s %u", 2ULL << next_random(&seed) % 31, sync, legs);
		for (uint32_t k = 0; k < legs; k++)
			dmk_text_add(
				&text, " 8:%u %llu", k,
				(unsigned long long)(next_random(&seed) % (DMK_MAX_SECTORS + 1)));
		dmk_text_add(&text, "%s", features[next_random(&seed) % 3]);
		check_round_trip(target, text.data);
		check_keys_round_trip("mirror", text.data, UINT64_C(1) << 32);
		dmk_text_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs),		cmocka_unit_test(statuses),
		cmocka_unit_test(bad_statuses), cmocka_unit_test(lengths),
		cmocka_unit_test(builder),	cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
