/* SPDX-License-Identifier: MIT */
/* linear and its parameters, as the kernel gives them back. */
#include <string.h>

#include "support.h"

static void linear_reads_and_writes_its_range(void **state)
{
	static uint8_t wrote[8192], got[8192];
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_linear linear;

	make_device(*state, "a", "0 8 linear " RAM0 " 100\n8 8 linear " RAM1 " 200");
	fill_pattern(wrote, sizeof(wrote), 3);
	assert_true(write_at(node_path("a"), 0, wrote, sizeof(wrote)));
	assert_true(read_at(RAM0, 100 * 512, got, 4096));
	assert_memory_equal(got, wrote, 4096);
	assert_true(read_at(RAM1, 200 * 512, got, 4096));
	assert_memory_equal(got, wrote + 4096, 4096);
	assert_ok(*state, dmk_get_table(*state, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(dmk_linear_parse_table(segment.params, &linear, NULL), 0);
	assert_string_equal(linear.device, "1:1");
	assert_int_equal(linear.offset_sectors, 200);
	dmk_linear_clear(&linear);
	dmk_segments_free(segments);
	remove_device(*state, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(linear_reads_and_writes_its_range, connect_kernel,
						leave_nothing),
	};

	return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
