/* SPDX-License-Identifier: MIT */
#include "../lines.h"

/* Any options that go together, in the kernel's order. */
static void generated(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		uint64_t bits = next_random(&seed);
		bool drop = bits & 1, error = !drop && (bits & 2), reads = bits & 4;
		bool corrupt = bits & 8, random_read = !reads && (bits & 16);
		bool random_write = !drop && !error && (bits & 32);
		char direction = drop || error ? 'r' : 'w';
		struct dmk_text text = { 0 };

		if (reads && direction == 'r')
			corrupt = false;
		dmk_text_add(&text, "8:%u %llu %u %u %d", i,
			     (unsigned long long)(next_random(&seed) % (DMK_MAX_SECTORS + 1)),
			     (unsigned int)(next_random(&seed) % 1000) + 1,
			     (unsigned int)(next_random(&seed) % 1000),
			     drop + error + reads + 5 * corrupt + 2 * random_read +
				     2 * random_write);
		dmk_text_add(&text, "%s%s", reads ? " error_reads" : "",
			     drop    ? " drop_writes"
			     : error ? " error_writes"
				     : "");
		if (corrupt)
			dmk_text_add(&text, " corrupt_bio_byte %u %c %u %u",
				     (unsigned int)(next_random(&seed) % UINT32_MAX) + 1, direction,
				     (unsigned int)(next_random(&seed) % 256),
				     (unsigned int)next_random(&seed));
		if (random_read)
			dmk_text_add(&text, " random_read_corrupt %d", i);
		if (random_write)
			dmk_text_add(&text, " random_write_corrupt %d", i);
		check_round_trip(dmk_target_find("flakey"), text.data);
		check_keys_round_trip("flakey", text.data, 8);
		dmk_text_free(&text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
