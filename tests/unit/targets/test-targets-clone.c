/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

/* Every way in which the optional words can stand. */
static void all_orders(void **state)
{
	static const char *const features[] = { "",
						" 0",
						" 1 no_hydration",
						" 1 no_discard_passdown",
						" 2 no_hydration no_discard_passdown",
						" 2 no_discard_passdown no_hydration" };
	static const char *const core_args[] = {
		"",
		" 0",
		" 2 hydration_threshold 0",
		" 2 hydration_batch_size 4294967295",
		" 4 hydration_threshold 1 hydration_batch_size 2",
		" 4 hydration_batch_size 2 hydration_threshold 1",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(features); i++) {
		for (size_t k = 0; k < (i ? DMK_ARRAY_SIZE(core_args) : 1); k++) {
			snprintf(text, sizeof(text), "1:0 1:1 1:2 8%s%s", features[i],
				 core_args[k]);
			check_round_trip(dmk_target_find("clone"), text);
			check_keys_round_trip("clone", text, 4096);
		}
	}
}

static void lengths(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
	assert_int_equal(dmk_target_check("clone", "1:0 1:1 1:2 8", UINT64_C(8) << 31, false, &err),
			 0);
	assert_int_equal(
		dmk_target_check("clone", "1:0 1:1 1:2 8", (UINT64_C(8) << 31) + 1, false, &err),
		-EINVAL);
	assert_string_equal(err.argument, "region-size");
	assert_int_equal(
		dmk_target_check("clone", "1:0 1:1 1:2 2097152", DMK_MAX_SECTORS, false, &err),
		-EINVAL);
	assert_int_equal(dmk_target_check("clone", "1:0 1:1 1:2 8", 7, false, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_orders),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
