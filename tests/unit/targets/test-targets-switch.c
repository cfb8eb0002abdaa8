/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void generated(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint32_t n = 1 + (uint32_t)(next_random(&seed) % 40);
		struct dmk_text text = { 0 };

		dmk_text_add(&text, "%u %u 0", n,
			     (unsigned int)(next_random(&seed) % UINT32_MAX) + 1);
		for (uint32_t k = 0; k < n; k++)
			dmk_text_add(&text, " 8:%u %llu", k,
				     (unsigned long long)(next_random(&seed) % DMK_MAX_SECTORS));
		check_round_trip(dmk_target_find("switch"), text.data);
		check_keys_round_trip("switch", text.data, 8);
		dmk_text_free(&text);
	}
}

/* A list as long as that takes memory in proportion to it. */
static void many_mappings(void **state)
{
	enum {
		N = 100000
	};
	struct dmk_key_value *pairs = calloc(N, sizeof(*pairs));
	char *text;

	(void)state;
	for (int i = 0; i < N; i++)
		pairs[i] = (struct dmk_key_value){ .key = "mapping", .value = ":1" };
	assert_int_equal(
		dmk_message_from_keys("switch", "set-region-mappings", pairs, N, &text, NULL), 0);
	assert_int_equal(strlen(text), strlen("set_region_mappings") + 3 * N);
	free(text);
	free(pairs);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated),
		cmocka_unit_test(many_mappings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
