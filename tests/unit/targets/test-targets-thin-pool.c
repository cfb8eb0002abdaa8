/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

static void ratios_as_numbers(void **state)
{
	struct dmk_key_values values;

	(void)state;
	assert_int_equal(dmk_status_to_keys("thin-pool",
					    "5 418/4096 7/256 - rw no_discard_passdown "
					    "queue_if_no_space - 1024",
					    &values, NULL),
			 0);
	assert_string_equal(values.items[2].key, "metadata");
	assert_int_equal(values.items[2].number, 418);
	assert_int_equal(values.items[2].total, 4096);
	dmk_key_values_clear(&values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ratios_as_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
