/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void builder(void **state)
{
	struct dmk_unstriped unstriped = { .stripes = 4,
					   .chunk_sectors = 256,
					   .stripe = 3,
					   .device = "/dev/vdb",
					   .offset_sectors = 8 };
	struct dmk_unstriped bad = unstriped;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_unstriped(table, 0, 512, &unstriped), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.type, "unstriped");
	assert_string_equal(segment.params, "4 256 3 /dev/vdb 8");
	assert_int_equal(dmk_table_add_unstriped(table, DMK_NEXT, 300, &unstriped), -EINVAL);
	assert_told(table, "size: 300 sectors are no multiple of the chunk, 256 sectors");
	bad.stripe = 5;
	assert_int_equal(dmk_table_add_unstriped(table, DMK_NEXT, 256, &bad), -EINVAL);
	assert_told(table, "stripe: 5 is not allowed");
	bad.stripe = 0;
	bad.reserved[7] = 1;
	assert_int_equal(dmk_table_add_unstriped(table, DMK_NEXT, 256, &bad), -EINVAL);
	assert_told(table, "reserved");
	assert_int_equal(dmk_table_add_unstriped(table, DMK_NEXT, 256, NULL), -EINVAL);
	assert_int_equal(dmk_table_count(table), 1);
	dmk_table_free(table);
}

static void fields(void **state)
{
	struct dmk_unstriped unstriped;

	(void)state;
	assert_int_equal(dmk_unstriped_parse_table("4 256 3 8:16 9", &unstriped, NULL), 0);
	assert_int_equal(unstriped.stripes, 4);
	assert_int_equal(unstriped.chunk_sectors, 256);
	assert_int_equal(unstriped.stripe, 3);
	assert_string_equal(unstriped.device, "8:16");
	assert_int_equal(unstriped.offset_sectors, 9);
	dmk_unstriped_clear(&unstriped);
	dmk_unstriped_clear(NULL);
	unstriped.stripes = 77;
	assert_int_equal(dmk_unstriped_parse_table("4 256", &unstriped, NULL), -EINVAL);
	assert_int_equal(unstriped.stripes, 77);
}

/* What each stripe has of a set: never more than its share, whole chunks, no overflow. */
static void the_rest_is_shared(void **state)
{
	const struct dmk_target *target = dmk_target_find("unstriped");
	struct dmk_unstriped unstriped = { .stripes = 3, .chunk_sectors = 10 };

	(void)state;
	assert_int_equal(target->length_of_rest(&unstriped, 29), 0);
	assert_int_equal(target->length_of_rest(&unstriped, 30), 10);
	assert_int_equal(target->length_of_rest(&unstriped, 89), 20);
	unstriped.stripes = INT32_MAX;
	unstriped.chunk_sectors = UINT32_MAX;
	assert_int_equal(target->length_of_rest(&unstriped, DMK_MAX_SECTORS), 0);
	unstriped.stripes = 1;
	assert_int_equal(target->length_of_rest(&unstriped, UINT64_C(3) * UINT32_MAX + 5),
			 UINT64_C(3) * UINT32_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(builder),
		cmocka_unit_test(fields),
		cmocka_unit_test(the_rest_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
