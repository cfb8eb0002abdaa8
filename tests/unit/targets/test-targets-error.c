/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void builder(void **state)
{
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_error(table, DMK_NEXT, 8), 0);
	assert_int_equal(dmk_table_add_error(table, 8, 16), 0);
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.type, "error");
	assert_string_equal(segment.params, "");
	assert_int_equal(segment.start_sectors, 8);
	assert_int_equal(segment.length_sectors, 16);
	assert_int_equal(dmk_table_add_error(table, DMK_NEXT, 0), -EINVAL);
	assert_int_equal(dmk_table_count(table), 2);
	dmk_table_free(table);
}

/* Since 1.7 a device may be named; the kernel does not print it. */
static void device_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(dmk_target_check("error", "/dev/sdb 2048", 8, false, NULL), 0);
	assert_int_equal(dmk_target_check("error", " ", 8, false, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builder),
		cmocka_unit_test(device_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
