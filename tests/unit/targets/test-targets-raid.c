/* SPDX-License-Identifier: MIT */
/* raid: its parameters in all orders, its status, its messages, its lengths. */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_raid raid;

	(void)state;
	/* In an order that is not the kernel's own. */
	assert_int_equal(dmk_raid_parse_table("RAID1 19 0 max_write_behind 512 write_mostly 2 "
					      "rebuild 1 write_mostly 0 delta_disks -2 "
					      "max_recovery_rate 20 min_recovery_rate 10 "
					      "daemon_sleep 500 DATA_offset 0 "
					      "3 8:0 8:1 - 8:3 - -",
					      &raid, NULL),
			 0);
	assert_int_equal(raid.type, DMK_RAID1);
	assert_int_equal(raid.n_devices, 3);
	assert_string_equal(raid.data_devices[1], "8:3");
	assert_string_equal(raid.data_devices[2], "-");
	assert_int_equal(raid.n_metadata, 3);
	assert_string_equal(raid.metadata_devices[0], "8:0");
	assert_string_equal(raid.metadata_devices[1], "-");
	assert_int_equal(raid.n_rebuild, 1);
	assert_int_equal(raid.rebuild[0], 1);
	assert_int_equal(raid.n_write_mostly, 2);
	assert_int_equal(raid.write_mostly[0], 2);
	assert_int_equal(raid.write_mostly[1], 0);
	assert_int_equal(raid.max_write_behind_sectors, 512);
	assert_int_equal(raid.delta_disks, -2);
	assert_int_equal(raid.max_recovery_rate_kib, 20);
	assert_int_equal(raid.min_recovery_rate_kib, 10);
	assert_int_equal(raid.daemon_sleep_ms, 500);
	assert_int_equal(raid.data_offset_sectors, 0);
	assert_int_equal(raid.options, DMK_RAID_MAX_WRITE_BEHIND | DMK_RAID_DELTA_DISKS |
					       DMK_RAID_MAX_RECOVERY_RATE |
					       DMK_RAID_MIN_RECOVERY_RATE | DMK_RAID_DAEMON_SLEEP |
					       DMK_RAID_DATA_OFFSET);
	dmk_raid_clear(&raid);
	assert_int_equal(dmk_raid_parse_table("raid5_ls 7 128 journal_dev 8:9 journal_mode "
					      "writeback stripe_cache 512 3 - 8:0 - 8:1 - 8:2",
					      &raid, NULL),
			 0);
	assert_int_equal(raid.type, DMK_RAID5_LS);
	assert_int_equal(raid.chunk_sectors, 128);
	assert_string_equal(raid.journal_device, "8:9");
	assert_int_equal(raid.journal_mode, DMK_RAID_JOURNAL_WRITEBACK);
	assert_int_equal(raid.stripe_cache, 512);
	/* All "-" is none. */
	assert_int_equal(raid.n_metadata, 0);
	assert_null(raid.metadata_devices);
	dmk_raid_clear(&raid);
}

/* What Linux 6.1 printed for raid10_use_near_sets: counted, but not there. */
static void near_sets_that_linux_leaves_out(void **state)
{
	static const char miscounted[] = "raid10 6 128 raid10_copies 2 raid10_format far "
					 "4 1:0 1:1 1:2 1:3 1:4 1:5 1:6 1:7";
	static const char whole[] = "raid10 6 128 raid10_copies 2 raid10_format far "
				    "raid10_use_near_sets 4 1:0 1:1 1:2 1:3 1:4 1:5 1:6 1:7";
	struct dmk_segment segment;
	struct dmk_table *table;
	struct dmk_raid raid;

	(void)state;
	assert_int_equal(dmk_raid_parse_table(miscounted, &raid, NULL), 0);
	assert_int_equal(raid.options, DMK_RAID_RAID10_COPIES | DMK_RAID_RAID10_FORMAT |
					       DMK_RAID_RAID10_USE_NEAR_SETS);
	assert_int_equal(raid.n_devices, 4);
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_raid(table, 0, 16384, &raid), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, whole);
	dmk_table_free(table);
	dmk_raid_clear(&raid);
	/* Nowhere else is a wrong count passed over. */
	assert_int_equal(dmk_raid_parse_table("raid1 2 0 2 - 1:1 - 1:3", &raid, NULL), -EINVAL);
	assert_int_equal(dmk_raid_parse_table("raid10 5 128 raid10_copies 2 4 1:0 1:1 1:2 1:3 1:4 "
					      "1:5 1:6 1:7",
					      &raid, NULL),
			 -EINVAL);
}

static void statuses(void **state)
{
	struct dmk_raid_status status;

	(void)state;
	assert_int_equal(dmk_raid_parse_status("raid6_nc 5 AaaD- 4096/8192 reshape 16 2048 a",
					       &status, NULL),
			 0);
	assert_int_equal(status.type, DMK_RAID6_NC);
	assert_int_equal(status.n_devices, 5);
	assert_int_equal(status.n_failed, 1);
	assert_int_equal(status.n_not_in_sync, 2);
	assert_string_equal(status.health, "AaaD-");
	assert_int_equal(status.done_sectors, 4096);
	assert_int_equal(status.total_sectors, 8192);
	assert_int_equal(status.action, DMK_RAID_RESHAPE);
	assert_int_equal(status.mismatches, 16);
	assert_int_equal(status.data_offset_sectors, 2048);
	assert_int_equal(status.journal, DMK_RAID_JOURNAL_ALIVE_WRITEBACK);
	assert_int_equal(status.options, DMK_RAID_STATUS_ACTION | DMK_RAID_STATUS_DATA_OFFSET |
						 DMK_RAID_STATUS_JOURNAL);
	dmk_raid_status_clear(&status);
	assert_int_equal(dmk_raid_parse_status("raid1 2 AA 8/8 idle 0 0 A", &status, NULL), 0);
	assert_int_equal(status.journal, DMK_RAID_JOURNAL_ALIVE_WRITETHROUGH);
	dmk_raid_status_clear(&status);
	/* Linux 6.1, delta_disks 1: three devices, two letters. */
	assert_int_equal(dmk_raid_parse_status("raid1 3 AA 8192/8192 idle 0 0 -", &status, NULL),
			 0);
	assert_int_equal(status.journal, DMK_RAID_JOURNAL_NONE);
	dmk_raid_status_clear(&status);
	/* Of the first versions. */
	assert_int_equal(dmk_raid_parse_status("raid4 5 AAAAA 2/490221568", &status, NULL), 0);
	assert_int_equal(status.options, 0);
	assert_int_equal(status.action, 0);
	dmk_raid_status_clear(&status);
}

static void bad_statuses(void **state)
{
	static const char *const lines[] = {
		"",
		"raid1",
		"raid1 2",
		"raid1 2 AA",
		"raid5 2 AA 8/8 idle 0 0 -",
		"raid1 x AA 8/8 idle 0 0 -",
		"raid1 2 AX 8/8 idle 0 0 -",
		"raid1 2 AA 8 idle 0 0 -",
		"raid1 2 AA 8/8 lazy 0 0 -",
		"raid1 2 AA 8/8 idle",
		"raid1 2 AA 8/8 idle x",
		"raid1 2 AA 8/8 idle 0 x",
		"raid1 2 AA 8/8 idle 0 0 x",
		"raid1 2 AA 8/8 idle 0 0 - -",
	};
	struct dmk_raid_status status = { .n_devices = 7 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		if (dmk_raid_parse_status(lines[i], &status, &err) != -EINVAL)
			fail_msg("'%s' is not refused", lines[i]);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.n_devices, 7);
	dmk_raid_status_clear(NULL);
}

static void messages(void **state)
{
	static const char *const words[] = { "idle",	"frozen", "resync",
					     "recover", "check",  "repair" };
	struct dmk_raid_message message = { 0 };
	struct dmk_error err;
	char *text;

	(void)state;
	for (uint32_t i = 0; i < DMK_ARRAY_SIZE(words); i++) {
		message.message = i + 1;
		assert_int_equal(dmk_raid_format_message(&message, &text, &err), 0);
		assert_string_equal(text, words[i]);
		free(text);
		assert_string_equal(dmk_target_message("raid", i)->name, words[i]);
		assert_int_equal(dmk_message_from_keys("raid", words[i], NULL, 0, &text, &err), 0);
		assert_string_equal(text, words[i]);
		free(text);
	}
	assert_null(dmk_target_message("raid", DMK_ARRAY_SIZE(words)));
	text = NULL;
	message.message = 7;
	assert_int_equal(dmk_raid_format_message(&message, &text, &err), -EINVAL);
	message.message = 0;
	assert_int_equal(dmk_raid_format_message(&message, &text, NULL), -EINVAL);
	assert_int_equal(dmk_raid_format_message(NULL, &text, NULL), -EINVAL);
	message.message = DMK_RAID_MESSAGE_CHECK;
	message.unused = 1;
	assert_int_equal(dmk_raid_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "unused");
	message.unused = 0;
	message.reserved[0] = 1;
	assert_int_equal(dmk_raid_format_message(&message, &text, &err), -EINVAL);
	assert_int_equal(dmk_message_from_keys("raid", "reshape", NULL, 0, &text, &err), -ENOENT);
	assert_null(text);
}

/* Each as Linux 6.1 answers it. */
static void lengths(void **state)
{
	static const struct {
		const char *params;
		uint64_t length;
		const char *detail; /* NULL: it takes it */
	} rows[] = {
		{ "raid1 1 0 2 - 1:1 - 1:3", 8191, NULL },
		{ "raid0 1 128 2 - 1:1 - 1:3", 16400, NULL },
		{ "raid0 1 128 2 - 1:1 - 1:3", 16385, "cannot be shared among 2 data devices" },
		{ "raid5_ls 1 128 3 - 1:1 - 1:3 - 1:5", 16386, NULL },
		{ "raid5_ls 1 128 3 - 1:1 - 1:3 - 1:5", 16385, "among 2 data devices" },
		{ "raid6_zr 1 128 5 - 1:1 - 1:2 - 1:3 - 1:4 - 1:5", 16384, "among 3 data devices" },
		{ "raid10 1 128 3 1:0 1:1 1:2 1:3 1:4 1:5", 390, NULL },
		{ "raid10 1 128 3 1:0 1:1 1:2 1:3 1:4 1:5", 391, "copied, cannot be shared" },
		{ "raid5_ls 3 128 region_size 32768 3 - 1:1 - 1:3 - 1:5", 16384,
		  "32768 sectors are more than the segment's 16384" },
		{ "raid1 3 0 region_size 1024 2 - 1:1 - 1:3", UINT64_C(1) << 31, NULL },
		{ "raid1 3 0 region_size 1024 2 - 1:1 - 1:3", UINT64_C(1) << 32,
		  "must be at least 2048" },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		struct dmk_error err = { 0 };
		int r = dmk_target_check("raid", rows[i].params, rows[i].length, false, &err);

		if (r != (rows[i].detail ? -EINVAL : 0))
			fail_msg("'%s': %d: %s", rows[i].params, r, err.detail);
		if (rows[i].detail && !strstr(err.detail, rows[i].detail))
			fail_msg("'%s': %s", rows[i].params, err.detail);
	}
}

/* So long that each device, all of them of `rest` sectors, holds whole chunks. */
static void length_of_devices(void **state)
{
	static const struct {
		const char *params;
		uint64_t rest, length;
	} rows[] = {
		{ "raid1 1 0 2 - a - b", 1001, 1001 },
		{ "raid1 3 0 data_offset 64 2 - a - b", 1001, 937 },
		{ "raid0 1 128 3 - a - b - c", 1001, 3 * 896 },
		{ "raid4 1 8 3 - a - b - c", 1001, 2 * 1000 },
		{ "raid6_nr 1 8 5 - a - b - c - d - e", 1001, 3 * 1000 },
		{ "raid10 1 8 4 a a a b a c a d", 1001, 2 * 992 },
		{ "raid10 1 8 3 a a a b a c", 1001, 3 * 992 / 2 },
		{ "raid10 3 8 raid10_copies 3 3 a a a b a c", 1001, 984 },
		{ "raid0 1 128 2 - a - b", 100, 0 },
	};
	const struct dmk_target *target = dmk_target_find("raid");

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		struct dmk_raid raid;
		uint64_t length;

		assert_int_equal(dmk_raid_parse_table(rows[i].params, &raid, NULL), 0);
		length = target->length_of_rest(&raid, rows[i].rest);
		assert_int_equal(length, rows[i].length);
		if (length)
			assert_int_equal(target->check(&raid, length, NULL), 0);
		dmk_raid_clear(&raid);
	}
}

static void keys(void **state)
{
	struct dmk_key_value pairs[] = {
		{ .key = "raid-type", .value = "raid1" }, { .key = "data", .value = "/dev/b" },
		{ .key = "data", .value = "-" },	  { .key = "size", .value = "1MiB" },
		{ .key = "rebuild", .value = "1" },	  { .key = "rebuild", .value = "0" },
		{ .key = "delta-disks", .value = "-1" },  { .key = "metadata", .value = "/dev/a" },
		{ .key = "metadata", .value = "-" },
	};
	struct dmk_key_values values;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "raid", pairs, 9), 0);
	assert_int_equal(dmk_table_add_keys(table, "raid", pairs, 4), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "raid1 7 0 rebuild 1 rebuild 0 delta_disks -1 2 /dev/a /dev/b - -");
	assert_int_equal(dmk_params_to_keys("raid", segment.params, &values, NULL), 0);
	assert_int_equal(values.count, 8);
	assert_string_equal(values.items[1].key, "rebuild");
	assert_int_equal(values.items[1].number, 1);
	assert_int_equal(values.items[2].number, 0);
	assert_string_equal(values.items[3].value, "-1");
	assert_true((int64_t)values.items[3].number == -1);
	dmk_key_values_clear(&values);
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.params, "raid1 1 0 2 - /dev/b - -");
	assert_int_equal(dmk_table_add_keys(table, "raid", pairs, 8), -EINVAL);
	assert_told(table, "metadata: 1 of them, but 2 of data");
	pairs[4].value = "x";
	assert_int_equal(dmk_table_add_keys(table, "raid", pairs, 9), -EINVAL);
	assert_told(table, "rebuild: 'x' is not allowed: must be a number from 0 to 252");
	pairs[4].value = "1";
	pairs[6].value = "-252";
	assert_int_equal(dmk_table_add_keys(table, "raid", pairs, 9), -EINVAL);
	assert_told(table, "delta-disks: '-252' is not allowed: must be a number from -251 to 251");
	dmk_table_free(table);
}

static void builder(void **state)
{
	const char *const data[] = { "8:0", "8:1", "8:2" };
	const uint32_t positions[] = { 0, 1, 2 }, far_off[] = { 253 };
	struct dmk_raid raid = {
		.type = DMK_RAID5_LS, .chunk_sectors = 64, .data_devices = data, .n_devices = 3
	};
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	/* Fields that are not zero count without their bits. */
	raid.stripe_cache = 512;
	raid.region_size_sectors = 64;
	assert_int_equal(dmk_table_add_raid(table, 0, 4096, &raid), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "raid5_ls 5 64 stripe_cache 512 region_size 64 3 - 8:0 - 8:1 - 8:2");
	raid.rebuild = far_off;
	raid.n_rebuild = 1;
	assert_int_equal(dmk_table_add_raid(table, DMK_NEXT, 4096, &raid), -EINVAL);
	assert_told(table, "rebuild: 253 is not allowed: must be a number from 0 to 252");
	raid.rebuild = NULL;
	assert_int_equal(dmk_table_add_raid(table, DMK_NEXT, 4096, &raid), -EINVAL);
	assert_told(table, "rebuild: at least one is needed");
	raid.n_rebuild = 0;
	raid.n_metadata = 3;
	assert_int_equal(dmk_table_add_raid(table, DMK_NEXT, 4096, &raid), -EINVAL);
	assert_told(table, "metadata: at least one is needed");
	raid.n_metadata = 0;
	raid.type = 21;
	assert_int_equal(dmk_table_add_raid(table, DMK_NEXT, 4096, &raid), -EINVAL);
	assert_told(table, "raid-type: must be one of");
	raid = (struct dmk_raid){ .type = DMK_RAID1, .data_devices = data, .n_devices = 3 };
	raid.write_mostly = positions;
	raid.n_write_mostly = 3;
	assert_int_equal(dmk_table_add_raid(table, DMK_NEXT, 4096, &raid), -EINVAL);
	assert_told(table, "write_mostly: cannot be all");
	raid.n_write_mostly = 2;
	raid.delta_disks = 300;
	assert_int_equal(dmk_table_add_raid(table, DMK_NEXT, 4096, &raid), -EINVAL);
	assert_told(table, "delta_disks: 300 is not allowed: must be a number from -251 to 251");
	raid.delta_disks = -3;
	assert_int_equal(dmk_table_add_raid(table, DMK_NEXT, 4096, &raid), 0);
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.params, "raid1 7 0 write_mostly 0 write_mostly 1 "
					    "delta_disks -3 3 - 8:0 - 8:1 - 8:2");
	raid.unused = 1;
	assert_int_equal(dmk_table_add_raid(table, DMK_NEXT, 4096, &raid), -EINVAL);
	assert_told(table, "unused");
	dmk_table_free(table);
}

static void generated(void **state)
{
	const struct dmk_target *target = dmk_target_find("raid");
	uint64_t seed = 11;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint32_t n = 2 + (uint32_t)(next_random(&seed) % 12), words = 1, rebuilds = 0;
		struct dmk_text options = { 0 }, text = { 0 };

		for (uint32_t k = 0; k < n; k++) {
			if (next_random(&seed) % 3)
				continue;
			dmk_text_add(&options, " rebuild %u", k);
			rebuilds++;
		}
		words += 2 * rebuilds;
		if (next_random(&seed) % 2) {
			dmk_text_add(&options, " daemon_sleep %u",
				     (unsigned int)(next_random(&seed) % INT32_MAX));
			words += 2;
		}
		if (next_random(&seed) % 2) {
			dmk_text_add(&options, " delta_disks %d",
				     (int)(next_random(&seed) % 503) - 251);
			words += 2;
		}
		dmk_text_add(&text, "raid1 %u 0%s %u", words, options.data ? options.data : "", n);
		for (uint32_t k = 0; k < n; k++) {
			if (k && next_random(&seed) % 4 == 0)
				dmk_text_add(&text, " - -");
			else
				dmk_text_add(&text,
					     next_random(&seed) % 2 ? " - 8:%u" : " 9:1 8:%u", k);
		}
		check_round_trip(target, text.data);
		check_keys_round_trip("raid", text.data, 8192);
		dmk_text_free(&text);
		dmk_text_free(&options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(near_sets_that_linux_leaves_out),
		cmocka_unit_test(statuses),
		cmocka_unit_test(bad_statuses),
		cmocka_unit_test(messages),
		cmocka_unit_test(lengths),
		cmocka_unit_test(length_of_devices),
		cmocka_unit_test(keys),
		cmocka_unit_test(builder),
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
