/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

static void generated(void **state)
{
	static const char *const features[] = { "metadata2", "no_discard_passdown", "writeback",
						"writethrough", "passthrough" };
	const struct dmk_target *cache = dmk_target_find("cache");
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		uint32_t given = 0, n = (uint32_t)(next_random(&seed) % 4), count = 0;
		struct dmk_text text = { 0 }, words = { 0 };

		for (uint32_t k = 0; k < n; k++) {
			uint32_t which = (uint32_t)(next_random(&seed) % 5);
			uint32_t bit = which < 2 ? 1u << which : 4;

			if (given & bit)
				continue;
			given |= bit;
			count++;
			dmk_text_add(&words, " %s", features[which]);
		}
		dmk_text_add(&text, "1:0 8:16 8:32 %u %u%s p%u",
			     (unsigned)(64 * (1 + next_random(&seed) % 32768)), count,
			     words.data ? words.data : "", (unsigned)(next_random(&seed) % 100));
		n = (uint32_t)(next_random(&seed) % 20);
		dmk_text_add(&text, " %u", 2 * n);
		for (uint32_t k = 0; k < n; k++)
			dmk_text_add(&text, " k%u %llu", k, (unsigned long long)next_random(&seed));
		check_round_trip(cache, text.data);
		check_keys_round_trip("cache", text.data, 4096);
		dmk_text_free(&words);
		dmk_text_free(&text);
	}
}

/* What the kernel prints of an old policy is read; what it would refuse is not made. */
static void settings(void **state)
{
	static const struct {
		const char *params, *told;
	} rows[] = {
		{ "1:0 1:1 1:2 64 0 smq 2 migration_threshold 100", NULL },
		{ "1:0 1:1 1:2 64 0 SMQ 0", "must be smq: case matters" },
		{ "1:0 1:1 1:2 64 0 smq 2 migration_threshold -1",
		  "migration_threshold must be a number of sectors" },
		{ "1:0 1:1 1:2 64 0 default 2 sequential_threshold 512",
		  "policy default has no such setting; allowed: migration_threshold" },
		{ "1:0 1:1 1:2 64 0 mq 2 sequential_threshold 512", NULL },
		{ "1:0 1:1 1:2 64 0 mine 2 what ever", NULL },
	};
	struct dmk_key_values values;
	struct dmk_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		assert_int_equal(dmk_target_check("cache", rows[i].params, 64, false, &err),
				 rows[i].told ? -EINVAL : 0);
		if (rows[i].told)
			assert_string_equal(err.detail, rows[i].told);
		assert_int_equal(dmk_params_to_keys("cache", rows[i].params, &values, &err), 0);
		dmk_key_values_clear(&values);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated),
		cmocka_unit_test(settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
