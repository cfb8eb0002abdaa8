/* SPDX-License-Identifier: MIT */
#include "../lines.h"

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
		cmocka_unit_test(the_rest_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
