/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_ebs ebs;

	(void)state;
	assert_int_equal(dmk_ebs_parse_table("8:0 128 2 4", &ebs, NULL), 0);
	assert_string_equal(ebs.device, "8:0");
	assert_int_equal(ebs.offset_sectors, 128);
	assert_int_equal(ebs.emulated_sectors, 2);
	assert_int_equal(ebs.underlying_sectors, 4);
	assert_int_equal(ebs.options, DMK_EBS_UNDERLYING_SECTORS);
	dmk_ebs_clear(&ebs);
	assert_int_equal(dmk_ebs_parse_table("8:0 7 1", &ebs, NULL), 0);
	assert_int_equal(ebs.underlying_sectors, 0);
	assert_int_equal(ebs.options, 0);
	dmk_ebs_clear(&ebs);
	dmk_ebs_clear(NULL);
}

static void builder(void **state)
{
	struct dmk_ebs ebs = { .device = "a", .offset_sectors = 12, .emulated_sectors = 1 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_ebs(table, 0, 8, &ebs), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "a 12 1");
	ebs.underlying_sectors = 4; /* enough, without its bit */
	assert_int_equal(dmk_table_add_ebs(table, DMK_NEXT, 8, &ebs), 0);
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.params, "a 12 1 4");
	ebs.underlying_sectors = 8;
	assert_int_equal(dmk_table_add_ebs(table, DMK_NEXT, 8, &ebs), -EINVAL);
	assert_told(table, "offset: 12 is no multiple of underlying_sectors, 8");
	ebs.underlying_sectors = 0;
	ebs.options = DMK_EBS_UNDERLYING_SECTORS;
	assert_int_equal(dmk_table_add_ebs(table, DMK_NEXT, 8, &ebs), -EINVAL);
	assert_told(table, "underlying_sectors: 0 is not allowed");
	dmk_table_free(table);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
