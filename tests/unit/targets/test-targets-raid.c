/* SPDX-License-Identifier: MIT */
/* raid: its lengths, and parameters in all orders. */
#include "../lines.h"

/* Each as Linux 6.1 answers it. */
static void lengths(void **state)
{
	static const struct {
		const char *params;
		uint64_t length;
		const char *detail; /* NULL: it takes it */
	} rows[] = {
		{ "raid1 1 0 2 - 1:1 - 1:3", 8191, NULL },
		{ "raid0 1 128 2 - 1:1 - 1:3", 16400, NULL },
		{ "raid0 1 128 2 - 1:1 - 1:3", 16385, "cannot be shared among 2 data devices" },
		{ "raid5_ls 1 128 3 - 1:1 - 1:3 - 1:5", 16386, NULL },
		{ "raid5_ls 1 128 3 - 1:1 - 1:3 - 1:5", 16385, "among 2 data devices" },
		{ "raid6_zr 1 128 5 - 1:1 - 1:2 - 1:3 - 1:4 - 1:5", 16384, "among 3 data devices" },
		{ "raid10 1 128 3 1:0 1:1 1:2 1:3 1:4 1:5", 390, NULL },
		{ "raid10 1 128 3 1:0 1:1 1:2 1:3 1:4 1:5", 391, "copied, cannot be shared" },
		{ "raid5_ls 3 128 region_size 32768 3 - 1:1 - 1:3 - 1:5", 16384,
		  "32768 sectors are more than the segment's 16384" },
		{ "raid1 3 0 region_size 1024 2 - 1:1 - 1:3", UINT64_C(1) << 31, NULL },
		{ "raid1 3 0 region_size 1024 2 - 1:1 - 1:3", UINT64_C(1) << 32,
		  "must be at least 2048" },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		struct dmk_error err = { 0 };
		int r = dmk_target_check("raid", rows[i].params, rows[i].length, false, &err);

		if (r != (rows[i].detail ? -EINVAL : 0))
			fail_msg("'%s': %d: %s", rows[i].params, r, err.detail);
		if (rows[i].detail && !strstr(err.detail, rows[i].detail))
			fail_msg("'%s': %s", rows[i].params, err.detail);
	}
}

/* So long that each device, all of them of `rest` sectors, holds whole chunks. */
static void length_of_devices(void **state)
{
	static const struct {
		const char *params;
		uint64_t rest, length;
	} rows[] = {
		{ "raid1 1 0 2 - a - b", 1001, 1001 },
		{ "raid1 3 0 data_offset 64 2 - a - b", 1001, 937 },
		{ "raid0 1 128 3 - a - b - c", 1001, 3 * 896 },
		{ "raid4 1 8 3 - a - b - c", 1001, 2 * 1000 },
		{ "raid6_nr 1 8 5 - a - b - c - d - e", 1001, 3 * 1000 },
		{ "raid10 1 8 4 a a a b a c a d", 1001, 2 * 992 },
		{ "raid10 1 8 3 a a a b a c", 1001, 3 * 992 / 2 },
		{ "raid10 3 8 raid10_copies 3 3 a a a b a c", 1001, 984 },
		{ "raid0 1 128 2 - a - b", 100, 0 },
	};
	const struct dmk_target *target = dmk_target_find("raid");

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		struct dmk_raid raid;
		uint64_t length;

		assert_int_equal(dmk_raid_parse_table(rows[i].params, &raid, NULL), 0);
		length = target->length_of_rest(&raid, rows[i].rest);
		assert_int_equal(length, rows[i].length);
		if (length)
			assert_int_equal(target->check(&raid, length, NULL), 0);
		dmk_raid_clear(&raid);
	}
}

static void keys_as_numbers(void **state)
{
	struct dmk_key_values values;

	(void)state;
	assert_int_equal(dmk_params_to_keys(
				 "raid",
				 "raid1 7 0 rebuild 1 rebuild 0 delta_disks -1 2 /dev/a /dev/b - -",
				 &values, NULL),
			 0);
	assert_string_equal(values.items[1].key, "rebuild");
	assert_int_equal(values.items[1].number, 1);
	assert_int_equal(values.items[2].number, 0);
	assert_string_equal(values.items[3].value, "-1");
	assert_true((int64_t)values.items[3].number == -1);
	dmk_key_values_clear(&values);
}

static void generated(void **state)
{
	const struct dmk_target *target = dmk_target_find("raid");
	uint64_t seed = 11;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint32_t n = 2 + (uint32_t)(next_random(&seed) % 12), words = 1, rebuilds = 0;
		struct dmk_text options = { 0 }, text = { 0 };

		for (uint32_t k = 0; k < n; k++) {
			if (next_random(&seed) % 3)
				continue;
			dmk_text_add(&options, " rebuild %u", k);
			rebuilds++;
		}
		words += 2 * rebuilds;
		if (next_random(&seed) % 2) {
			dmk_text_add(&options, " daemon_sleep %u",
				     (unsigned int)(next_random(&seed) % INT32_MAX));
			words += 2;
		}
		if (next_random(&seed) % 2) {
			dmk_text_add(&options, " delta_disks %d",
				     (int)(next_random(&seed) % 503) - 251);
			words += 2;
		}
		dmk_text_add(&text, "raid1 %u 0%s %u", words, options.data ? options.data : "", n);
		for (uint32_t k = 0; k < n; k++) {
			if (k && next_random(&seed) % 4 == 0)
				dmk_text_add(&text, " - -");
			else
				dmk_text_add(&text,
					     next_random(&seed) % 2 ? " - 8:%u" : " 9:1 8:%u", k);
		}
		check_round_trip(target, text.data);
		check_keys_round_trip("raid", text.data, 8192);
		dmk_text_free(&text);
		dmk_text_free(&options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(length_of_devices),
		cmocka_unit_test(keys_as_numbers),
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
