/* SPDX-License-Identifier: MIT */
/* striped: chunks in turn. */
#include <string.h>

#include "support.h"

static void striped_puts_chunks_in_turn(void **state)
{
	const struct dmk_leg legs[] = { { RAM0, 64 }, { RAM1, 128 } };
	struct dmk_striped striped = { .chunk_sectors = 8, .legs = legs, .n_legs = 2 };
	static uint8_t wrote[16384], got[4096];
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_striped parsed;
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_striped(table, 0, 32, &striped), 0);
	assert_ok(*state, dmk_create(*state, "a", table, NULL, NULL));
	fill_pattern(wrote, sizeof(wrote), 5);
	assert_true(write_at(node_path("a"), 0, wrote, sizeof(wrote)));
	for (int chunk = 0; chunk < 4; chunk++) {
		uint64_t offset = (uint64_t)(chunk / 2 * 8 + (chunk % 2 ? 128 : 64)) * 512;

		assert_true(read_at(chunk % 2 ? RAM1 : RAM0, offset, got, sizeof(got)));
		assert_memory_equal(got, wrote + chunk * 4096, sizeof(got));
	}
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_striped_parse_table(segment.params, &parsed, NULL), 0);
	assert_int_equal(parsed.chunk_sectors, 8);
	assert_int_equal(parsed.n_legs, 2);
	assert_int_equal(parsed.legs[1].offset_sectors, 128);
	dmk_striped_clear(&parsed);
	dmk_segments_free(segments);
	dmk_table_free(table);
	remove_device(*state, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(striped_puts_chunks_in_turn, connect_kernel,
						leave_nothing),
	};

	return cmocka_run_group_tests_name("striped", tests, NULL, NULL);
}
