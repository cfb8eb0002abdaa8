/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void builder(void **state)
{
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 8), 0);
	assert_int_equal(dmk_table_add_zero(table, 8, 16), 0);
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.type, "zero");
	assert_string_equal(segment.params, "");
	assert_int_equal(segment.start_sectors, 8);
	assert_int_equal(segment.length_sectors, 16);
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 0), -EINVAL);
	assert_int_equal(dmk_table_count(table), 2);
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
