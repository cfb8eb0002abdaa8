/* SPDX-License-Identifier: MIT */
/* snapshot and snapshot-merge: what their rows do not say. */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_snapshot snapshot;

	(void)state;
	assert_int_equal(dmk_snapshot_parse_table("/dev/a 8:1 po 16 2 DISCARD_passdown_origin "
						  "discard_zeroes_cow",
						  &snapshot, NULL),
			 0);
	assert_string_equal(snapshot.origin_device, "/dev/a");
	assert_string_equal(snapshot.cow_device, "8:1");
	assert_int_equal(snapshot.store, DMK_SNAPSHOT_PERSISTENT_OVERFLOW);
	assert_int_equal(snapshot.chunk_sectors, 16);
	assert_int_equal(snapshot.options,
			 DMK_SNAPSHOT_DISCARD_ZEROES_COW | DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN);
	dmk_snapshot_clear(&snapshot);
	assert_int_equal(dmk_snapshot_parse_table("a b n 0", &snapshot, NULL), 0);
	assert_int_equal(snapshot.store, DMK_SNAPSHOT_TRANSIENT);
	assert_true(snapshot.chunk_sectors == DMK_SNAPSHOT_CHUNK_OF_STORE);
	assert_int_equal(snapshot.options, 0);
	dmk_snapshot_clear(&snapshot);
	assert_int_equal(dmk_snapshot_merge_parse_table("a b P 8", &snapshot, NULL), 0);
	assert_int_equal(snapshot.store, DMK_SNAPSHOT_PERSISTENT);
	dmk_snapshot_clear(&snapshot);
}

static void statuses(void **state)
{
	static const struct {
		const char *text;
		uint32_t state;
	} rows[] = {
		{ "Invalid", DMK_SNAPSHOT_INVALID },
		{ "Overflow", DMK_SNAPSHOT_OVERFLOW },
		{ "Merge failed", DMK_SNAPSHOT_MERGE_FAILED },
		{ "Unknown", DMK_SNAPSHOT_UNKNOWN },
	};
	struct dmk_snapshot_status status;

	(void)state;
	assert_int_equal(dmk_snapshot_parse_status("48/32768 16", &status, NULL), 0);
	assert_int_equal(status.state, DMK_SNAPSHOT_ACTIVE);
	assert_int_equal(status.options, DMK_SNAPSHOT_STATUS_USAGE);
	assert_int_equal(status.used_sectors, 48);
	assert_int_equal(status.total_sectors, 32768);
	assert_int_equal(status.metadata_sectors, 16);
	dmk_snapshot_status_clear(&status);
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		struct dmk_key_values values;

		assert_int_equal(dmk_snapshot_merge_parse_status(rows[i].text, &status, NULL), 0);
		assert_int_equal(status.state, rows[i].state);
		assert_int_equal(status.options, 0);
		assert_int_equal(status.used_sectors, 0);
		/* No numbers are made up. */
		assert_int_equal(dmk_status_to_keys("snapshot", rows[i].text, &values, NULL), 0);
		assert_int_equal(values.count, 1);
		dmk_key_values_clear(&values);
	}
}

static void bad_statuses(void **state)
{
	static const char *const lines[] = {
		"",	      "48/32768",   "48 32768 16", "48/ 16",	  "/32768 16",
		"48/32768 x", "Merge",	    "Merge x",	   "Invalid x",	  "failed",
		"active",     "Overflow 1", "1/2 3 4",	   "-1/32768 16",
	};
	struct dmk_snapshot_status status = { .state = 77 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		if (dmk_snapshot_parse_status(lines[i], &status, &err) != -EINVAL)
			fail_msg("'%s' is not refused", lines[i]);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.state, 77);
	dmk_snapshot_status_clear(NULL);
}

static void add_and_expect(struct dmk_table *table, const struct dmk_snapshot *snapshot,
			   const char *piece)
{
	assert_int_equal(dmk_table_add_snapshot(table, DMK_NEXT, 64, snapshot), -EINVAL);
	assert_told(table, piece);
	assert_int_equal(dmk_table_add_snapshot_merge(table, DMK_NEXT, 64, snapshot), -EINVAL);
	assert_told(table, piece);
}

static void builders(void **state)
{
	const struct dmk_snapshot good = { .origin_device = "8:0",
					   .cow_device = "8:1",
					   .store = DMK_SNAPSHOT_TRANSIENT,
					   .chunk_sectors = 8 };
	struct dmk_snapshot snapshot = good;
	struct dmk_snapshot_origin origin = { .origin_device = "8:0" };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_snapshot(table, 0, 64, &snapshot), 0);
	assert_int_equal(dmk_table_add_snapshot_origin(table, DMK_NEXT, 64, &origin), 0);
	/* A transient store takes Linux 6.1 down there. */
	assert_int_equal(dmk_table_add_snapshot_merge(table, DMK_NEXT, 64, &snapshot), -EINVAL);
	assert_told(table, "persistent: must be one of P|PO");
	snapshot.store = DMK_SNAPSHOT_PERSISTENT_OVERFLOW;
	snapshot.options = DMK_SNAPSHOT_DISCARD_ZEROES_COW;
	assert_int_equal(dmk_table_add_snapshot_merge(table, DMK_NEXT, 64, &snapshot), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "8:0 8:1 N 8");
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.params, "8:0");
	assert_int_equal(dmk_table_get(table, 2, &segment), 0);
	assert_string_equal(segment.type, "snapshot-merge");
	assert_string_equal(segment.params, "8:0 8:1 PO 8 1 discard_zeroes_cow");
	snapshot.options = DMK_SNAPSHOT_DISCARD_PASSDOWN_ORIGIN;
	add_and_expect(table, &snapshot, "discard_passdown_origin: needs discard_zeroes_cow");
	snapshot.options = 4;
	add_and_expect(table, &snapshot, "options: unknown bits 0x4");
	snapshot.options = 0;
	snapshot.chunk_sectors = 12;
	add_and_expect(table, &snapshot, "chunksize: 12 sectors are no power of two");
	snapshot.chunk_sectors = 4194304;
	add_and_expect(table, &snapshot, "chunksize: 4194304 is not allowed");
	snapshot.chunk_sectors = 8;
	snapshot.store = 4;
	add_and_expect(table, &snapshot, "persistent: must be one of");
	snapshot.store = DMK_SNAPSHOT_PERSISTENT;
	snapshot.unused = 1;
	add_and_expect(table, &snapshot, "unused: must be zero");
	snapshot.unused = 0;
	snapshot.cow_device = NULL;
	add_and_expect(table, &snapshot, "cow: is missing");
	origin.reserved[7] = 1;
	assert_int_equal(dmk_table_add_snapshot_origin(table, DMK_NEXT, 64, &origin), -EINVAL);
	assert_told(table, "reserved");
	assert_int_equal(dmk_table_count(table), 3);
	snapshot = good;
	snapshot.chunk_sectors = DMK_SNAPSHOT_CHUNK_OF_STORE;
	assert_int_equal(dmk_table_add_snapshot(table, DMK_NEXT, 64, &snapshot), -EINVAL);
	assert_told(table, "chunksize: 0 is that of the store, which N has not yet");
	dmk_table_reset(table);
	/* Zeros are what the keys have. */
	snapshot.chunk_sectors = 0;
	assert_int_equal(dmk_table_add_snapshot(table, 0, 64, &snapshot), 0);
	snapshot.store = 0;
	assert_int_equal(dmk_table_add_snapshot(table, DMK_NEXT, 64, &snapshot), 0);
	snapshot.chunk_sectors = DMK_SNAPSHOT_CHUNK_OF_STORE;
	assert_int_equal(dmk_table_add_snapshot(table, DMK_NEXT, 64, &snapshot), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "8:0 8:1 N 8");
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.params, "8:0 8:1 P 8");
	assert_int_equal(dmk_table_get(table, 2, &segment), 0);
	assert_string_equal(segment.params, "8:0 8:1 P 0");
	dmk_table_free(table);
}

static void keys(void **state)
{
	const struct dmk_key_value pairs[] = {
		{ .key = "origin", .value = "/dev/a" },
		{ .key = "cow", .value = "/dev/b" },
		{ .key = "size", .value = "1MiB" },
		{ .key = "discard-zeroes-cow", .value = "yes" },
	};
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "snapshot", pairs, 4), 0);
	assert_int_equal(dmk_table_add_keys(table, "snapshot-merge", pairs, 3), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "/dev/a /dev/b P 8 1 discard_zeroes_cow");
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.params, "/dev/a /dev/b P 8");
	assert_int_equal(segment.length_sectors, 2048);
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),	cmocka_unit_test(statuses),
		cmocka_unit_test(bad_statuses), cmocka_unit_test(builders),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
