/* SPDX-License-Identifier: MIT */
/* flakey: it fails when and as it was told to. */
#include <errno.h>

#include "target-io.h"

#define SECTORS 64
#define BLOCK 4096

/* A device "a" over RAM0, whose first block is the pattern 1. up 0: it is down for good. */
static void make(struct dmk *dm, struct dmk_flakey *flakey)
{
	struct dmk_table *table = new_table();
	uint8_t block[BLOCK];

	fill_pattern(block, sizeof(block), 1);
	assert_true(direct_write(RAM0, 0, block, sizeof(block)));
	flakey->device = RAM0;
	if (flakey->down_interval_seconds == 0)
		flakey->down_interval_seconds = 1;
	assert_int_equal(dmk_table_add_flakey(table, 0, SECTORS, flakey), 0);
	make_of(dm, "a", table);
}

static bool is_pattern(const char *path, uint32_t seed)
{
	uint8_t got[BLOCK], wanted[BLOCK];

	assert_true(direct_read(path, 0, got, sizeof(got)));
	fill_pattern(wanted, sizeof(wanted), seed);
	return memcmp(got, wanted, sizeof(got)) == 0;
}

/* The table as the kernel prints it, all fields the same. */
static void check_table(struct dmk *dm, const struct dmk_flakey *flakey)
{
	char *text = text_of(dm, "a", false);
	struct dmk_flakey parsed;

	assert_int_equal(dmk_flakey_parse_table(text, &parsed, NULL), 0);
	assert_string_equal(parsed.device, "1:0");
	assert_int_equal(parsed.up_interval_seconds, flakey->up_interval_seconds);
	assert_int_equal(parsed.down_interval_seconds, flakey->down_interval_seconds);
	assert_int_equal(parsed.options, flakey->options);
	assert_int_equal(parsed.corrupt_bio_byte, flakey->corrupt_bio_byte);
	assert_int_equal(parsed.corrupt_bio_direction, flakey->corrupt_bio_direction);
	assert_int_equal(parsed.corrupt_bio_value, flakey->corrupt_bio_value);
	assert_int_equal(parsed.corrupt_bio_flags, flakey->corrupt_bio_flags);
	assert_int_equal(parsed.random_read_corrupt, flakey->random_read_corrupt);
	assert_int_equal(parsed.random_write_corrupt, flakey->random_write_corrupt);
	dmk_flakey_clear(&parsed);
	free(text);
	text = text_of(dm, "a", true);
	assert_string_equal(text, "");
	free(text);
	check_copy(dm, "a", "flakey", SECTORS);
}

/* How long until a read is good, or fails. */
static int64_t wait_for(bool good)
{
	int64_t start = now_ms();
	uint8_t block[BLOCK];

	while (direct_read("/dev/mapper/a", 0, block, sizeof(block)) != good) {
		assert_true(now_ms() - start < 5000);
		sleep_ms(20);
	}
	return now_ms() - start;
}

static void flakey_is_good_and_bad_by_turns(void **state)
{
	struct dmk_flakey flakey = { .up_interval_seconds = 1, .down_interval_seconds = 1 };
	int64_t start = now_ms();
	uint8_t block[BLOCK] = { 0 };

	make(*state, &flakey);
	assert_true(is_pattern(node_path("a"), 1));
	wait_for(false);
	assert_in_range(now_ms() - start, 950, 2500);
	assert_false(direct_write(node_path("a"), 0, block, sizeof(block)));
	wait_for(true);
	assert_in_range(now_ms() - start, 1950, 3500);
	assert_true(is_pattern(RAM0, 1));
	remove_device(*state, "a");
}

static void flakey_fails_all_io_by_default(void **state)
{
	struct dmk_flakey flakey = { .offset_sectors = 0 };
	uint8_t block[BLOCK] = { 0 };
	struct dmk_version version;

	make(*state, &flakey);
	assert_false(direct_read(node_path("a"), 0, block, sizeof(block)));
	assert_false(direct_write(node_path("a"), 0, block, sizeof(block)));
	assert_true(is_pattern(RAM0, 1));
	/* From Linux 6.4 on the kernel shows what that is. */
	assert_ok(*state, dmk_driver_version(*state, &version));
	if (version.minor >= 48)
		flakey.options = DMK_FLAKEY_ERROR_READS | DMK_FLAKEY_ERROR_WRITES;
	check_table(*state, &flakey);
	remove_device(*state, "a");
}

static void flakey_is_always_good_without_down_interval(void **state)
{
	uint8_t block[BLOCK];

	make_device(*state, "a", "0 64 flakey " RAM0 " 0 1 0");
	sleep_ms(1200);
	assert_true(direct_read(node_path("a"), 0, block, sizeof(block)));
	remove_device(*state, "a");
}

static void flakey_drops_writes(void **state)
{
	struct dmk_flakey flakey = { .options = DMK_FLAKEY_DROP_WRITES };
	uint8_t block[BLOCK];

	make(*state, &flakey);
	fill_pattern(block, sizeof(block), 2);
	assert_true(direct_write(node_path("a"), 0, block, sizeof(block)));
	assert_true(is_pattern(node_path("a"), 1));
	assert_true(is_pattern(RAM0, 1));
	check_table(*state, &flakey);
	remove_device(*state, "a");
}

static void flakey_errors_writes(void **state)
{
	struct dmk_flakey flakey = { .options = DMK_FLAKEY_ERROR_WRITES };
	uint8_t block[BLOCK];

	make(*state, &flakey);
	fill_pattern(block, sizeof(block), 2);
	assert_false(direct_write(node_path("a"), 0, block, sizeof(block)));
	assert_true(is_pattern(node_path("a"), 1));
	check_table(*state, &flakey);
	remove_device(*state, "a");
}

static void flakey_corrupts_reads(void **state)
{
	struct dmk_flakey flakey = { .options = DMK_FLAKEY_CORRUPT_BIO_BYTE,
				     .corrupt_bio_byte = 32,
				     .corrupt_bio_direction = DMK_FLAKEY_READ };
	uint8_t wanted[BLOCK], got[BLOCK];

	fill_pattern(wanted, sizeof(wanted), 1);
	wanted[31] ^= 0xff;
	flakey.corrupt_bio_value = wanted[31];
	make(*state, &flakey);
	assert_true(direct_read(node_path("a"), 0, got, sizeof(got)));
	assert_memory_equal(got, wanted, sizeof(got));
	assert_true(is_pattern(RAM0, 1));
	check_table(*state, &flakey);
	remove_device(*state, "a");
}

static void flakey_corrupts_writes_that_have_the_flags(void **state)
{
	struct dmk_flakey flakey = { .options = DMK_FLAKEY_CORRUPT_BIO_BYTE,
				     .corrupt_bio_byte = 224,
				     .corrupt_bio_direction = DMK_FLAKEY_WRITE };
	uint8_t block[BLOCK], got[BLOCK];

	fill_pattern(block, sizeof(block), 2);
	flakey.corrupt_bio_value = block[223] ^ 0xff;
	make(*state, &flakey);
	assert_true(direct_write(node_path("a"), 0, block, sizeof(block)));
	assert_true(direct_read(RAM0, 0, got, sizeof(got)));
	block[223] ^= 0xff;
	assert_memory_equal(got, block, sizeof(got));
	check_table(*state, &flakey);
	remove_device(*state, "a");

	/* No bio has all flags that there are: nothing happens. */
	flakey.corrupt_bio_flags = UINT32_MAX;
	make(*state, &flakey);
	fill_pattern(block, sizeof(block), 3);
	assert_true(direct_write(node_path("a"), 0, block, sizeof(block)));
	assert_true(is_pattern(RAM0, 3));
	check_table(*state, &flakey);
	remove_device(*state, "a");
}

static void flakey_takes_what_goes_together(void **state)
{
	struct dmk_flakey flakey = { .options =
					     DMK_FLAKEY_DROP_WRITES | DMK_FLAKEY_CORRUPT_BIO_BYTE,
				     .corrupt_bio_byte = UINT32_MAX,
				     .corrupt_bio_flags = 5 };

	make(*state, &flakey);
	check_table(*state, &flakey);
	remove_device(*state, "a");
	flakey.options = DMK_FLAKEY_ERROR_WRITES | DMK_FLAKEY_CORRUPT_BIO_BYTE;
	make(*state, &flakey);
	check_table(*state, &flakey);
	remove_device(*state, "a");
}

/* The target says 1.5.0 with and without these: the driver's 4.48 is Linux 6.4, and no kernel of
 * the lab is 6.4 itself, which has not all of them. */
static void flakey_has_newer_options_where_the_kernel_has(void **state)
{
	struct dmk_flakey newer[] = {
		{ .options = DMK_FLAKEY_ERROR_READS },
		{ .options = DMK_FLAKEY_RANDOM_READ_CORRUPT, .random_read_corrupt = 1000000000 },
		{ .options = DMK_FLAKEY_RANDOM_WRITE_CORRUPT, .random_write_corrupt = 1000000000 },
	};
	struct dmk_version version;

	assert_ok(*state, dmk_driver_version(*state, &version));
	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++) {
		struct dmk_table *table = new_table();
		uint8_t block[BLOCK];

		newer[i].device = RAM0;
		newer[i].down_interval_seconds = 1;
		assert_int_equal(dmk_table_add_flakey(table, 0, SECTORS, &newer[i]), 0);
		if (version.minor < 48) {
			assert_code(*state, dmk_create(*state, "a", table, NULL, NULL), -EINVAL);
			dmk_table_free(table);
			continue;
		}
		make_of(*state, "a", table);
		check_table(*state, &newer[i]);
		if (i == 0)
			assert_false(direct_read(node_path("a"), 0, block, sizeof(block)));
		remove_device(*state, "a");
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_kernel, leave_nothing)
	const struct CMUnitTest tests[] = {
		TEST(flakey_is_good_and_bad_by_turns),
		TEST(flakey_fails_all_io_by_default),
		TEST(flakey_is_always_good_without_down_interval),
		TEST(flakey_drops_writes),
		TEST(flakey_errors_writes),
		TEST(flakey_corrupts_reads),
		TEST(flakey_corrupts_writes_that_have_the_flags),
		TEST(flakey_takes_what_goes_together),
		TEST(flakey_has_newer_options_where_the_kernel_has),
	};

	return cmocka_run_group_tests_name("flakey", tests, NULL, NULL);
}
