/* SPDX-License-Identifier: MIT */
/* error: no I/O goes through. */
#include <string.h>

#include "support.h"

static void error_fails_reads_and_writes(void **state)
{
	static uint8_t bytes[4096];
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_zero(table, 0, 8), 0);
	assert_int_equal(dmk_table_add_error(table, DMK_NEXT, 8), 0);
	assert_ok(*state, dmk_create(*state, "a", table, NULL, NULL));
	assert_true(read_at(node_path("a"), 0, bytes, sizeof(bytes)));
	assert_false(read_at(node_path("a"), 4096, bytes, sizeof(bytes)));
	assert_false(write_at(node_path("a"), 4096, bytes, sizeof(bytes)));
	dmk_table_free(table);
	remove_device(*state, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(error_fails_reads_and_writes, connect_kernel,
						leave_nothing),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
