/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void generated(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		uint32_t n = 1 + (uint32_t)(next_random(&seed) % 40);
		struct dmk_text text = { 0 };

		dmk_text_add(&text, "%u %llu", n,
			     (unsigned long long)(next_random(&seed) % UINT32_MAX + 1));
		for (uint32_t k = 0; k < n; k++)
			dmk_text_add(
				&text, " %u:%u %llu", (unsigned int)(next_random(&seed) % 4096), k,
				(unsigned long long)(next_random(&seed) % (DMK_MAX_SECTORS + 1)));
		check_round_trip(dmk_target_find("striped"), text.data);
		dmk_text_free(&text);
	}
}

/* A table text claims a number of stripes: nothing may be allocated or walked for more than there
 * is. */
static void many_legs(void **state)
{
	struct dmk_text text = { 0 };
	struct dmk_striped striped;

	(void)state;
	dmk_text_add(&text, "100000 8");
	for (int i = 0; i < 100000; i++)
		dmk_text_add(&text, " 8:%d 0", i);
	assert_int_equal(dmk_striped_parse_table(text.data, &striped, NULL), 0);
	assert_int_equal(striped.n_legs, 100000);
	assert_string_equal(striped.legs[99999].device, "8:99999");
	dmk_striped_clear(&striped);
	dmk_text_free(&text);
}

static void lengths(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
	/* Each as Linux 6.1 answers it. */
	assert_int_equal(dmk_target_check("striped", "2 8 1:0 0 1:1 0", 4096, false, &err), 0);
	assert_int_equal(dmk_target_check("striped", "2 3 1:0 0 1:1 0", 4104, false, &err), 0);
	assert_int_equal(dmk_target_check("striped", "2 24 1:0 0 1:1 0", 4800, false, &err), 0);
	assert_int_equal(dmk_target_check("striped", "2 8 1:0 0 1:1 0", 4100, false, &err),
			 -EINVAL);
	assert_int_equal(dmk_target_check("striped", "2 8 1:0 0 1:1 0", 4097, false, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "size");
	assert_string_equal(err.detail,
			    "4097 sectors are no multiple of 2 stripes times 8 sectors");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated),
		cmocka_unit_test(many_legs),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
