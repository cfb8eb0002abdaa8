/* SPDX-License-Identifier: MIT */
/* verity: what real data do stands in test-ancestor.c; here every optional argument that Linux 6.1
 * has. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* What is left out has its default. */
static struct dmk_verity example(void)
{
	return (struct dmk_verity){
		.data_device = RAM0,
		.hash_device = RAM1,
		.data_blocks = 64,
		.hash_start_blocks = 1,
		.root_digest = DIGEST,
	};
}

/* Makes it, reads it back, compares the options. */
static void check_options(struct dmk *dm, uint64_t options)
{
	/* There is no tree. */
	struct dmk_create_options unread = { .flags = DMK_CREATE_NO_VERIFY };
	struct dmk_verity verity = example(), parsed;
	struct dmk_segments *segments;
	struct dmk_segment segment;
	struct dmk_table *table;

	verity.options = options;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_verity(table, 0, 0, &verity), 0);
	assert_ok(dm, dmk_create(dm, "a", table, &unread, NULL));
	assert_ok(dm, dmk_get_table(dm, DMK_NAME("a"), NULL, &segments));
	assert_int_equal(dmk_segments_next(segments, &segment), 1);
	assert_int_equal(segment.length_sectors, 512);
	assert_int_equal(dmk_verity_parse_table(segment.params, &parsed, NULL), 0);
	assert_int_equal(parsed.version, 1);
	assert_int_equal(parsed.data_block_size_bytes, 4096);
	assert_int_equal(parsed.hash_block_size_bytes, 4096);
	assert_string_equal(parsed.algorithm, "sha256");
	assert_int_equal(parsed.options, options);
	assert_string_equal(parsed.root_digest, DIGEST);
	assert_string_equal(parsed.data_device, "1:0");
	assert_int_equal(parsed.hash_start_blocks, 1);
	dmk_verity_clear(&parsed);
	dmk_segments_free(segments);
	dmk_table_free(table);
	remove_device(dm, "a");
}

static void verity_takes_each_option(void **state)
{
	static const uint64_t options[] = {
		0,
		DMK_VERITY_IGNORE_CORRUPTION,
		DMK_VERITY_RESTART_ON_CORRUPTION,
		DMK_VERITY_PANIC_ON_CORRUPTION,
		DMK_VERITY_IGNORE_ZERO_BLOCKS,
		DMK_VERITY_CHECK_AT_MOST_ONCE,
		DMK_VERITY_TRY_VERIFY_IN_TASKLET,
		DMK_VERITY_IGNORE_CORRUPTION | DMK_VERITY_IGNORE_ZERO_BLOCKS |
			DMK_VERITY_CHECK_AT_MOST_ONCE,
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		check_options(*state, options[i]);
}

static void verity_says_that_the_kernel_is_too_old(void **state)
{
	struct dmk_create_options unread = { .flags = DMK_CREATE_NO_VERIFY };
	struct dmk_verity verity = example();
	struct dmk_version version;
	struct dmk_table *table;

	assert_ok(*state, dmk_get_target_version(*state, "verity", &version));
	verity.options = DMK_VERITY_RESTART_ON_ERROR; /* since 1.10 */
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_verity(table, 0, 0, &verity), 0);
	if (version.minor >= 10) {
		assert_ok(*state, dmk_create(*state, "a", table, &unread, NULL));
		remove_device(*state, "a");
	} else {
		char expected[64];

		snprintf(expected, sizeof(expected), "needs verity 1.10.0, this kernel has 1.%u.%u",
			 version.minor, version.patch);
		assert_code(*state, dmk_create(*state, "a", table, &unread, NULL), -EINVAL);
		assert_string_equal(dmk_last_error(*state)->argument, "restart_on_error");
		assert_string_equal(dmk_last_error(*state)->detail, expected);
	}
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(verity_takes_each_option, connect_kernel,
						leave_nothing),
		cmocka_unit_test_setup_teardown(verity_says_that_the_kernel_is_too_old,
						connect_kernel, leave_nothing),
	};

	return cmocka_run_group_tests_name("verity", tests, NULL, NULL);
}
