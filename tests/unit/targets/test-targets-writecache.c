/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

static void generated(void **state)
{
	const struct dmk_target *writecache = dmk_target_find("writecache");
	uint64_t seed = 4;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		uint64_t bits = next_random(&seed), number = next_random(&seed);
		struct dmk_text text = { 0 }, words = { 0 };
		bool pmem = bits & 1;
		uint32_t n = 0;

#define MAYBE(bit, count, ...)                                 \
	do {                                                   \
		if (bits & (bit)) {                            \
			dmk_text_add(&words, " " __VA_ARGS__); \
			n += (count);                          \
		}                                              \
	} while (0)
		MAYBE(2, 2, "start_sector %llu", (unsigned long long)(number >> 12));
		MAYBE(4, 2, "high_watermark %u", (unsigned)(51 + number % 50));
		MAYBE(8, 2, "low_watermark %u", (unsigned)(number % 51));
		MAYBE(16, 2, "writeback_jobs %u", (uint32_t)number);
		MAYBE(32, 2, "autocommit_blocks %u", (uint32_t)(number >> 8));
		MAYBE(64, 2, "autocommit_time %u", (unsigned)(number % 3600001));
		MAYBE(128, 2, "max_age %u", (unsigned)(number % 86400001));
		MAYBE(256, 1, "cleaner");
		if (pmem)
			MAYBE(512, 1, "%s", number & 1 ? "fua" : "nofua");
		MAYBE(1024, 1, "metadata_only");
		if (!pmem)
			MAYBE(2048, 2, "pause_writeback %u", (unsigned)(number % 60001));
#undef MAYBE
		dmk_text_add(&text, "%c /dev/o 8:16 %u %u%s", pmem ? 'p' : 's',
			     512u << (number % 8), n, words.data ? words.data : "");
		check_round_trip(writecache, text.data);
		check_keys_round_trip("writecache", text.data, 4096);
		dmk_text_free(&words);
		dmk_text_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
