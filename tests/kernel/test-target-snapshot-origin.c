/* SPDX-License-Identifier: MIT */
/* snapshot-origin on the real kernel; with snapshots: test-target-snapshot.c. */
#include <stdio.h>
#include <string.h>

#include "support.h"

static void snapshot_origin_is_its_device(void **state)
{
	const struct dmk_snapshot_origin origin = { .origin_device = RAM0 };
	struct dmk_snapshot_origin parsed;
	struct dmk_segments *segments;
	struct dmk_segment segment;
	uint8_t bytes[4096], got[4096];
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_snapshot_origin(table, 0, RAM_SECTORS, &origin), 0);
	assert_ok(*state, dmk_create(*state, "base", table, NULL, NULL));
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("base"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.type, "snapshot-origin");
	assert_int_equal(dmk_snapshot_origin_parse_table(segment.params, &parsed, NULL), 0);
	assert_string_equal(parsed.origin_device, "1:0");
	dmk_snapshot_origin_clear(&parsed);
	dmk_segments_free(segments);
	assert_ok(*state, dmk_get_status(*state, DMK_NAME("base"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_string_equal(segment.params, "");
	dmk_segments_free(segments);
	fill_pattern(bytes, sizeof(bytes), 8);
	assert_true(write_at(node_path("base"), 8192, bytes, sizeof(bytes)));
	remove_device(*state, "base");
	assert_true(read_at(RAM0, 8192, got, sizeof(got)));
	assert_memory_equal(got, bytes, sizeof(got));
	dmk_table_free(table);
}

static void snapshot_origin_by_keys(void **state)
{
	const struct dmk_key_value pairs[] = { { .key = "origin", .value = RAM0 } };
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "snapshot-origin", pairs, 1), 0);
	assert_int_equal(dmk_table_size_sectors(table), RAM_SECTORS);
	assert_ok(*state, dmk_create(*state, "base", table, NULL, NULL));
	remove_device(*state, "base");
	dmk_table_free(table);
}

#define T(f) cmocka_unit_test_setup_teardown(f, connect_kernel, leave_nothing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(snapshot_origin_is_its_device),
		T(snapshot_origin_by_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
