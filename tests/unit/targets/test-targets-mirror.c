/* SPDX-License-Identifier: MIT */
/* mirror: its logs, its status, its lengths. */
#include "../lines.h"

static void lengths(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
	/* Each as Linux 6.1 answers it. */
	assert_int_equal(dmk_target_check("mirror", "core 1 1024 2 1:0 0 1:1 0", 1024, false, &err),
			 0);
	assert_int_equal(dmk_target_check("mirror", "core 1 1024 2 1:0 0 1:1 0", 1500, false, &err),
			 0);
	assert_int_equal(dmk_target_check("mirror", "core 1 1024 2 1:0 0 1:1 0", 1000, false, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "region-size");
	assert_string_equal(err.detail, "1024 sectors are more than the segment's 1000");
	assert_int_equal(dmk_target_check("mirror", "core 1 2 2 1:0 0 1:1 0",
					  2 * UINT64_C(4294967295), false, &err),
			 0);
	assert_int_equal(dmk_target_check("mirror", "core 1 2 2 1:0 0 1:1 0",
					  2 * UINT64_C(4294967295) + 1, false, &err),
			 -EINVAL);
	assert_non_null(strstr(err.detail, "are too few"));
	/* A daemon knows its own. */
	assert_int_equal(
		dmk_target_check("mirror", "userspace 3 u t 1024 2 1:0 0 1:1 0", 8, false, &err),
		0);
}

static void generated(void **state)
{
	const struct dmk_target *target = dmk_target_find("mirror");
	uint64_t seed = 9;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		static const char *const syncs[] = { "", " sync", " nosync" };
		static const char *const features[] = { "", " 1 handle_errors",
							" 2 handle_errors keep_log" };
		const char *sync = syncs[next_random(&seed) % 3];
		bool disk = next_random(&seed) % 2;
		uint32_t legs = 2 + (uint32_t)(next_random(&seed) % 8);
		struct dmk_text text = { 0 };

		dmk_text_add(&text, disk ? "disk %d 8:%d" : "core %d", disk + 1 + !!*sync, i);
		dmk_text_add(&text, " %llu%s %u", 2ULL << next_random(&seed) % 31, sync, legs);
		for (uint32_t k = 0; k < legs; k++)
			dmk_text_add(
				&text, " 8:%u %llu", k,
				(unsigned long long)(next_random(&seed) % (DMK_MAX_SECTORS + 1)));
		dmk_text_add(&text, "%s", features[next_random(&seed) % 3]);
		check_round_trip(target, text.data);
		check_keys_round_trip("mirror", text.data, UINT64_C(1) << 32);
		dmk_text_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
