/* SPDX-License-Identifier: MIT */
/* zero: nothing in, nothing out. */
#include <string.h>

#include "support.h"

static void zero_reads_zeros_after_a_write(void **state)
{
	static uint8_t bytes[4096];
	static const uint8_t zeros[4096];
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_zero(table, 0, 8), 0);
	assert_ok(*state, dmk_create(*state, "a", table, NULL, NULL));
	fill_pattern(bytes, sizeof(bytes), 9);
	assert_true(write_at(node_path("a"), 0, bytes, sizeof(bytes)));
	assert_true(read_at(node_path("a"), 0, bytes, sizeof(bytes)));
	assert_memory_equal(bytes, zeros, sizeof(bytes));
	dmk_table_free(table);
	remove_device(*state, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(zero_reads_zeros_after_a_write, connect_kernel,
						leave_nothing),
	};

	return cmocka_run_group_tests_name("zero", tests, NULL, NULL);
}
