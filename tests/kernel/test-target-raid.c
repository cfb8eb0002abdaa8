/* SPDX-License-Identifier: MIT */
/* raid on the real kernel: levels, parameters, messages; what was written, also with a device less.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

#define MIB (1024 * 1024)

static const char *const metadata[] = { "/dev/ram0", "/dev/ram2", "/dev/ram4", "/dev/ram6" };
static const char *const data[] = { "/dev/ram1", "/dev/ram3", "/dev/ram5", "/dev/ram7" };

/* Without superblocks a set is a new one. */
static void wipe_superblocks(void)
{
	static const uint8_t zeros[65536];

	for (int i = 0; i < 4; i++)
		assert_true(write_at(metadata[i], 0, zeros, sizeof(zeros)));
}

static void make(struct dmk *dm, const char *name, uint64_t length, const struct dmk_raid *raid)
{
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	if (dmk_table_add_raid(table, 0, length, raid) < 0)
		fail_msg("%s: %s", dmk_table_error(table)->argument,
			 dmk_table_error(table)->detail);
	assert_ok(dm, dmk_create(dm, name, table, NULL, NULL));
	dmk_table_free(table);
}

static struct dmk_raid table_of(struct dmk *dm, const char *name)
{
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_raid raid;
	struct dmk_error err;

	assert_ok(dm, dmk_get_table(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "raid");
	if (dmk_raid_parse_table(segment.params, &raid, &err) < 0)
		fail_msg("'%s': %s: %s", segment.params, err.argument, err.detail);
	dmk_segments_free(segments);
	return raid;
}

/* The caller clears it. */
static struct dmk_raid_status status_of(struct dmk *dm, const char *name)
{
	struct dmk_raid_status status;
	struct dmk_segments *segments;
	struct dmk_segment segment;

	assert_ok(dm, dmk_get_status(dm, DMK_NAME(name), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_raid_parse_status(segment.params, &status, NULL), 0);
	dmk_segments_free(segments);
	return status;
}

/* Until nothing runs and all is equal; the status is the caller's to clear. */
static struct dmk_raid_status wait_until_idle(struct dmk *dm, const char *name)
{
	struct dmk_raid_status status;

	for (int i = 0; i < 2000; i++) {
		status = status_of(dm, name);
		if (status.action == DMK_RAID_IDLE && status.done_sectors == status.total_sectors &&
		    status.n_not_in_sync == 0)
			return status;
		dmk_raid_status_clear(&status);
		usleep(10000);
	}
	fail_msg("it does not get idle");
	return status;
}

static void settle(struct dmk *dm, const char *name)
{
	struct dmk_raid_status status = wait_until_idle(dm, name);

	dmk_raid_status_clear(&status);
}

/* Not while md works: Linux 6.1.176 now and then goes down where a set goes whose resync runs. */
static void remove_settled(struct dmk *dm, const char *name)
{
	settle(dm, name);
	remove_device(dm, name);
}

static void wait_for_action(struct dmk *dm, const char *name, uint32_t action)
{
	for (int i = 0; i < 1000; i++) {
		struct dmk_raid_status status = status_of(dm, name);
		bool there = status.action == action;

		dmk_raid_status_clear(&status);
		if (there)
			return;
		usleep(5000);
	}
	fail_msg("it never does %u", action);
}

static int send(struct dmk *dm, const char *name, uint32_t which)
{
	struct dmk_raid_message message = { .message = which };
	char *text;
	int r;

	assert_int_equal(dmk_raid_format_message(&message, &text, NULL), 0);
	r = dmk_message(dm, DMK_NAME(name), text, NULL, NULL);
	free(text);
	return r;
}

static void write_pattern(const char *path, uint32_t seed)
{
	uint8_t *bytes = malloc(MIB);

	fill_pattern(bytes, MIB, seed);
	assert_true(write_at(path, 0, bytes, MIB));
	free(bytes);
}

static void expect_pattern(const char *path, uint32_t seed)
{
	uint8_t *bytes = malloc(MIB), *got = malloc(MIB);

	fill_pattern(bytes, MIB, seed);
	assert_true(read_at(path, 0, got, MIB));
	assert_memory_equal(got, bytes, MIB);
	free(got);
	free(bytes);
}

static const struct dmk_raid raid1 = { .type = DMK_RAID1,
				       .metadata_devices = metadata,
				       .n_metadata = 2,
				       .data_devices = data,
				       .n_devices = 2 };

static void raid_makes_devices_equal(void **state)
{
	struct dmk_raid_status status;
	struct dmk_raid parsed;

	wipe_superblocks();
	write_pattern(data[0], 1);
	write_pattern(data[1], 2);
	make(*state, "r", 16384, &raid1);
	status = status_of(*state, "r");
	assert_int_equal(status.type, DMK_RAID1);
	assert_int_equal(status.n_devices, 2);
	assert_int_equal(strlen(status.health), 2);
	assert_int_equal(status.n_failed, 0);
	assert_int_equal(status.journal, DMK_RAID_JOURNAL_NONE);
	dmk_raid_status_clear(&status);
	status = wait_until_idle(*state, "r");
	assert_string_equal(status.health, "AA");
	assert_int_equal(status.total_sectors, 16384);
	assert_int_equal(status.mismatches, 0);
	dmk_raid_status_clear(&status);
	parsed = table_of(*state, "r");
	assert_int_equal(parsed.type, DMK_RAID1);
	assert_string_equal(parsed.metadata_devices[1], "1:2");
	assert_string_equal(parsed.data_devices[1], "1:3");
	assert_int_equal(parsed.options, 0);
	dmk_raid_clear(&parsed);
	expect_pattern(node_path("r"), 1);
	write_pattern(node_path("r"), 3);
	remove_settled(*state, "r");
	expect_pattern(data[0], 3);
	expect_pattern(data[1], 3);
}

/* Every type: it reads back as itself, keeps data, and those with parity do with a device less. */
static void raid_types(void **state)
{
	static const char *const gone_data[] = { "/dev/ram1", "/dev/ram3", "-", "/dev/ram7" };
	static const char *const gone_metadata[] = { "/dev/ram0", "/dev/ram2", "-", "/dev/ram6" };

	for (uint32_t type = DMK_RAID0; type <= DMK_RAID10_FAR; type++) {
		struct dmk_raid raid = { .type = type,
					 .chunk_sectors = type == DMK_RAID1 ? 0 : 32,
					 .metadata_devices = metadata,
					 .n_metadata = 4,
					 .data_devices = data,
					 .n_devices = 4 };
		struct dmk_raid_status status;
		struct dmk_raid parsed;

		wipe_superblocks();
		make(*state, "r", 12288, &raid);
		settle(*state, "r");
		parsed = table_of(*state, "r");
		assert_int_equal(parsed.type, type);
		assert_int_equal(parsed.chunk_sectors, raid.chunk_sectors);
		dmk_raid_clear(&parsed);
		write_pattern(node_path("r"), type);
		expect_pattern(node_path("r"), type);
		remove_settled(*state, "r");
		if (type == DMK_RAID0)
			continue;
		raid.data_devices = gone_data;
		raid.metadata_devices = gone_metadata;
		make(*state, "r", 12288, &raid);
		/* In between newer kernels say that those that are there are not in sync. */
		status = wait_until_idle(*state, "r");
		assert_string_equal(status.health, "AA-A");
		/* Linux 6.1 lays raid10_far and _offset out as near ones: raid10_format counts. */
		assert_int_equal(status.type, type < DMK_RAID10 ? type : DMK_RAID10);
		dmk_raid_status_clear(&status);
		expect_pattern(node_path("r"), type);
		remove_settled(*state, "r");
	}
}

/* Those of raid1, each with the value that the kernel's table then has. */
static void raid_parameters_of_raid1(void **state)
{
	static const uint32_t second[] = { 1 };
	struct dmk_raid raids[11], read_back[11];

	for (int i = 0; i < 11; i++)
		raids[i] = raid1;
	raids[0].options = DMK_RAID_SYNC;
	raids[1].options = DMK_RAID_NOSYNC;
	raids[2].daemon_sleep_ms = 500;
	raids[3].min_recovery_rate_kib = 100;
	raids[4].max_recovery_rate_kib = 100000;
	raids[5].region_size_sectors = 1024;
	raids[6].write_mostly = second;
	raids[6].n_write_mostly = 1;
	raids[7] = raids[6];
	raids[7].max_write_behind_sectors = 512;
	raids[8].rebuild = second;
	raids[8].n_rebuild = 1;
	raids[9].data_offset_sectors = 32;
	/* Of a negative one Linux 6.1 shows 0, or not, as there are superblocks. */
	raids[10].delta_disks = 1;
	memcpy(read_back, raids, sizeof(raids));
	read_back[7].max_write_behind_sectors = 256; /* KiB */
	for (int i = 0; i < 11; i++) {
		const struct dmk_raid *want = &read_back[i];
		struct dmk_raid parsed;

		wipe_superblocks();
		make(*state, "r", 8192, &raids[i]);
		parsed = table_of(*state, "r");
		assert_int_equal(parsed.options & (DMK_RAID_SYNC | DMK_RAID_NOSYNC), want->options);
		assert_int_equal(parsed.daemon_sleep_ms, want->daemon_sleep_ms);
		assert_int_equal(parsed.min_recovery_rate_kib, want->min_recovery_rate_kib);
		assert_int_equal(parsed.max_recovery_rate_kib, want->max_recovery_rate_kib);
		assert_int_equal(parsed.region_size_sectors, want->region_size_sectors);
		assert_int_equal(parsed.max_write_behind_sectors, want->max_write_behind_sectors);
		assert_int_equal(parsed.n_write_mostly, want->n_write_mostly);
		assert_int_equal(parsed.n_rebuild, want->n_rebuild);
		if (parsed.n_write_mostly)
			assert_int_equal(parsed.write_mostly[0], 1);
		if (parsed.n_rebuild)
			assert_int_equal(parsed.rebuild[0], 1);
		assert_int_equal(parsed.data_offset_sectors, want->data_offset_sectors);
		assert_int_equal(parsed.delta_disks, want->delta_disks);
		dmk_raid_clear(&parsed);
		remove_settled(*state, "r");
	}
}

/* Not journal_dev: Linux 6.1 warns of itself (kthread_park) when such a set goes. */
static void raid_parameters_of_other_levels(void **state)
{
	struct dmk_raid raid = { .type = DMK_RAID5_LS,
				 .chunk_sectors = 32,
				 .stripe_cache = 512,
				 .metadata_devices = metadata,
				 .n_metadata = 3,
				 .data_devices = data,
				 .n_devices = 3 };
	struct dmk_raid_status status;
	struct dmk_raid parsed;

	wipe_superblocks();
	make(*state, "r", 8192, &raid);
	parsed = table_of(*state, "r");
	assert_int_equal(parsed.stripe_cache, 512);
	dmk_raid_clear(&parsed);
	remove_settled(*state, "r");

	for (uint32_t format = DMK_RAID10_FORMAT_NEAR; format <= DMK_RAID10_FORMAT_OFFSET;
	     format++) {
		static const uint32_t types[] = { 0, DMK_RAID10, DMK_RAID10_FAR,
						  DMK_RAID10_OFFSET };

		raid = (struct dmk_raid){ .type = DMK_RAID10,
					  .chunk_sectors = 32,
					  .raid10_copies = 2,
					  .raid10_format = format,
					  .metadata_devices = metadata,
					  .n_metadata = 4,
					  .data_devices = data,
					  .n_devices = 4 };
		if (format == DMK_RAID10_FORMAT_FAR)
			raid.options = DMK_RAID_RAID10_USE_NEAR_SETS;
		wipe_superblocks();
		make(*state, "r", 8192, &raid);
		parsed = table_of(*state, "r");
		assert_int_equal(parsed.raid10_copies, 2);
		assert_int_equal(parsed.raid10_format, format);
		assert_int_equal(parsed.options & DMK_RAID_RAID10_USE_NEAR_SETS, raid.options);
		dmk_raid_clear(&parsed);
		status = wait_until_idle(*state, "r");
		assert_int_equal(status.type, types[format]);
		dmk_raid_status_clear(&status);
		write_pattern(node_path("r"), format);
		expect_pattern(node_path("r"), format);
		remove_settled(*state, "r");
	}
}

/*
 * Linux since 6.9 stops what goes on at both messages, and then refuses them for other reasons, as
 * if they were to start something: EBUSY where it still stops, else EINVAL. Nothing stays frozen.
 */
static void stop(struct dmk *dm, const char *name)
{
	static const uint32_t messages[] = { DMK_RAID_MESSAGE_FROZEN, DMK_RAID_MESSAGE_IDLE };

	for (int i = 0; i < 2; i++) {
		int r = send(dm, name, messages[i]);

		if (linux_since(6, 9))
			assert_true(r == -EBUSY || r == -EINVAL);
		else
			assert_ok(dm, r);
		if (!linux_since(6, 9) && messages[i] == DMK_RAID_MESSAGE_FROZEN)
			wait_for_action(dm, name, DMK_RAID_FROZEN);
		else
			settle(dm, name);
	}
}

/* With nosync nothing starts by itself: Linux 6.1.176 goes down now and then where a message stops
 * what starts again at once, and idle alone lets even a check do that. */
static void raid_messages(void **state)
{
	struct dmk_raid raid = raid1;

	raid.options = DMK_RAID_NOSYNC;
	raid.max_recovery_rate_kib = 256;
	wipe_superblocks();
	make(*state, "r", 16384, &raid);
	settle(*state, "r");
	assert_ok(*state, send(*state, "r", DMK_RAID_MESSAGE_CHECK));
	wait_for_action(*state, "r", DMK_RAID_CHECK);
	assert_code(*state, send(*state, "r", DMK_RAID_MESSAGE_REPAIR), -EBUSY);
	stop(*state, "r");
	assert_ok(*state, send(*state, "r", DMK_RAID_MESSAGE_RESYNC));
	settle(*state, "r");
	assert_ok(*state, send(*state, "r", DMK_RAID_MESSAGE_RECOVER));
	remove_settled(*state, "r");
}

/* Linux 6.1 says idle when a sync is done and its thread is not yet gone, and forgets what it is
 * told in between: so it is told again. */
static bool check_finds(struct dmk *dm, bool some, bool repair_first)
{
	bool found = !some;

	for (int i = 0; i < 20 && found != some; i++) {
		struct dmk_raid_status status;

		if (repair_first) {
			assert_ok(dm, send(dm, "r", DMK_RAID_MESSAGE_REPAIR));
			settle(dm, "r");
			usleep(50000);
		}
		assert_ok(dm, send(dm, "r", DMK_RAID_MESSAGE_CHECK));
		status = wait_until_idle(dm, "r");
		found = status.mismatches > 0;
		dmk_raid_status_clear(&status);
		usleep(50000);
	}
	return found == some;
}

/* A device that was changed by hand is found, and mended. */
static void raid_check_and_repair(void **state)
{
	wipe_superblocks();
	make(*state, "r", 16384, &raid1);
	settle(*state, "r");
	write_pattern(node_path("r"), 4);
	assert_true(check_finds(*state, false, false));
	remove_settled(*state, "r");

	write_pattern(data[1], 5);
	make(*state, "r", 16384, &raid1);
	settle(*state, "r");
	assert_true(check_finds(*state, true, false));
	assert_true(check_finds(*state, false, true));
	remove_settled(*state, "r");
	expect_pattern(data[0], 4);
	expect_pattern(data[1], 4);
}

static void raid_rebuilds_a_device(void **state)
{
	static const uint32_t second[] = { 1 };
	struct dmk_raid raid = raid1;

	wipe_superblocks();
	make(*state, "r", 16384, &raid1);
	settle(*state, "r");
	write_pattern(node_path("r"), 6);
	remove_settled(*state, "r");
	write_pattern(data[1], 7);
	raid.rebuild = second;
	raid.n_rebuild = 1;
	make(*state, "r", 16384, &raid);
	settle(*state, "r");
	expect_pattern(node_path("r"), 6);
	remove_settled(*state, "r");
	expect_pattern(data[1], 6);
}

static void raid_by_keys(void **state)
{
	const struct dmk_key_value pairs[] = {
		{ .key = "raid-type", .value = "raid5_ls" },
		{ .key = "chunk-size", .value = "64KiB" },
		{ .key = "data", .value = "/dev/ram1" },
		{ .key = "data", .value = "/dev/ram3" },
		{ .key = "data", .value = "-" },
		{ .key = "nosync", .value = "yes" },
	};
	struct dmk_table *table;
	struct dmk_raid parsed;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "raid", pairs, 6), 0);
	assert_int_equal(dmk_table_size_sectors(table), 2 * RAM_SECTORS);
	assert_ok(*state, dmk_create(*state, "r", table, NULL, NULL));
	parsed = table_of(*state, "r");
	assert_int_equal(parsed.n_devices, 3);
	assert_int_equal(parsed.n_metadata, 0);
	assert_string_equal(parsed.data_devices[2], "-");
	dmk_raid_clear(&parsed);
	remove_settled(*state, "r");
	dmk_table_free(table);
}

#define T(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(raid_makes_devices_equal),	    T(raid_types),    T(raid_parameters_of_raid1),
		T(raid_parameters_of_other_levels), T(raid_messages), T(raid_check_and_repair),
		T(raid_rebuilds_a_device),	    T(raid_by_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
