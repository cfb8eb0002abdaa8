/* SPDX-License-Identifier: MIT */
/* unstriped: each stripe of a striped set is what one disk below has. */
#include <errno.h>

#include "target-io.h"

#define CHUNK 8
#define CHUNKS 4 /* of each stripe */
#define STRIPE_SECTORS (CHUNK * CHUNKS)

static const char *const disks[] = { RAM0, RAM1, "/dev/ram2" };

static void unstriped_shows_one_stripe(void **state)
{
	static uint8_t set[3 * STRIPE_SECTORS * 512], got[STRIPE_SECTORS * 512], below[sizeof(got)];

	make_device(*state, "set", "0 96 striped 3 8 " RAM0 " 64 " RAM1 " 0 /dev/ram2 8");
	fill_pattern(set, sizeof(set), 11);
	assert_true(write_at(node_path("set"), 0, set, sizeof(set)));
	for (uint32_t i = 0; i < 3; i++) {
		const uint64_t offsets[] = { 64, 0, 8 };
		struct dmk_unstriped unstriped = { .stripes = 3,
						   .stripe = i,
						   .chunk_sectors = CHUNK,
						   .device = "/dev/mapper/set" };
		struct dmk_table *table = new_table();
		struct dmk_unstriped parsed;
		char *text;

		assert_int_equal(dmk_table_add_unstriped(table, 0, STRIPE_SECTORS, &unstriped), 0);
		make_of(*state, "one", table);
		assert_true(direct_read(node_path("one"), 0, got, sizeof(got)));
		for (uint32_t k = 0; k < CHUNKS; k++)
			assert_memory_equal(got + k * CHUNK * 512, set + (k * 3 + i) * CHUNK * 512,
					    CHUNK * 512);
		assert_true(direct_read(disks[i], offsets[i] * 512, below, sizeof(below)));
		assert_memory_equal(got, below, sizeof(got));
		/* And what is written into it gets there. */
		fill_pattern(got, sizeof(got), 100 + i);
		assert_true(direct_write(node_path("one"), 0, got, sizeof(got)));
		assert_true(direct_read(disks[i], offsets[i] * 512, below, sizeof(below)));
		assert_memory_equal(got, below, sizeof(got));

		text = text_of(*state, "one", false);
		assert_int_equal(dmk_unstriped_parse_table(text, &parsed, NULL), 0);
		assert_int_equal(parsed.stripes, 3);
		assert_int_equal(parsed.stripe, i);
		assert_int_equal(parsed.chunk_sectors, CHUNK);
		assert_int_equal(parsed.offset_sectors, 0);
		dmk_unstriped_clear(&parsed);
		free(text);
		check_copy(*state, "one", "unstriped", STRIPE_SECTORS);
		remove_device(*state, "one");
	}
	remove_device(*state, "set");
}

/* Without size= a stripe is as long as its disk's share of the set. */
static void unstriped_takes_its_share(void **state)
{
	static const struct dmk_key_value pairs[] = {
		{ .key = "stripes", .value = "3" },    { .key = "chunk", .value = "8s" },
		{ .key = "stripe", .value = "2" },     { .key = "device", .value = RAM0 },
		{ .key = "offset", .value = "2048s" },
	};
	struct dmk_table *table = new_table();
	char *text, *status;

	assert_int_equal(dmk_table_add_keys(table, "unstriped", pairs, 5), 0);
	assert_int_equal(dmk_table_size_sectors(table), (RAM_SECTORS - 2048) / 24 * 8);
	make_of(*state, "one", table);
	text = text_of(*state, "one", false);
	assert_string_equal(text, "3 8 2 1:0 2048");
	status = text_of(*state, "one", true);
	assert_string_equal(status, "");
	free(status);
	free(text);
	remove_device(*state, "one");
}

/* dmkit takes what this kernel takes, where its own rules are looser than its document. */
static void unstriped_agrees_with_the_kernel(void **state)
{
	static const char *const good[] = { "2 128 2 1:0 0", "1 8 7 1:0 0", "4 3 3 1:0 7" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char line[64], *text;

		snprintf(line, sizeof(line), "0 384 unstriped %s", good[i]);
		make_device(*state, "one", line);
		text = text_of(*state, "one", false);
		assert_string_equal(text, good[i]);
		free(text);
		remove_device(*state, "one");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unstriped_shows_one_stripe, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(unstriped_takes_its_share, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(unstriped_agrees_with_the_kernel, connect_kernel,
						leave_nothing),
	};

	return cmocka_run_group_tests_name("unstriped", tests, NULL, NULL);
}
