/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

static void status_fields(void **state)
{
	struct dmk_era_status status;

	(void)state;
	assert_int_equal(dmk_era_parse_status("8 9/4096 4294967295 25", &status, NULL), 0);
	assert_int_equal(status.metadata_block_size_sectors, 8);
	assert_int_equal(status.metadata.used, 9);
	assert_int_equal(status.metadata.total, 4096);
	assert_int_equal(status.era, UINT32_MAX);
	assert_int_equal(status.held_root_block, 25);
	assert_int_equal(status.options, DMK_ERA_STATUS_NUMBERS | DMK_ERA_STATUS_HELD_ROOT);
	assert_int_equal(dmk_era_parse_status("8 9/4096 1 -", &status, NULL), 0);
	assert_int_equal(status.options, DMK_ERA_STATUS_NUMBERS);
	assert_int_equal(dmk_era_parse_status("Error", &status, NULL), 0);
	assert_int_equal(status.options, 0);
	assert_int_equal(status.error, 1);
}

static void bad_statuses(void **state)
{
	static const char *const lines[] = { "",
					     "-",
					     "Error 1",
					     "8 9/4096",
					     "8 9/4096 1",
					     "8 9/4096 1 x",
					     "8 9 1 -",
					     "8 9/4096 4294967296 -",
					     "8 9/4096 - -",
					     "8 9/4096 1 - 1" };
	struct dmk_era_status status = { .era = 77 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		if (dmk_era_parse_status(lines[i], &status, &err) != -EINVAL)
			fail_msg("'%s' is not refused", lines[i]);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.era, 77);
}

static void messages(void **state)
{
	static const char *const texts[] = { "checkpoint", "take_metadata_snap",
					     "drop_metadata_snap" };
	struct dmk_era_message message = { 0 };
	char *made = NULL;

	(void)state;
	assert_int_equal(dmk_era_format_message(&message, &made, NULL), -EINVAL);
	for (uint32_t i = 0; i < DMK_ARRAY_SIZE(texts); i++) {
		message.message = i + 1;
		assert_int_equal(dmk_era_format_message(&message, &made, NULL), 0);
		assert_string_equal(made, texts[i]);
		free(made);
		made = NULL;
	}
	message.message = DMK_ARRAY_SIZE(texts) + 1;
	assert_int_equal(dmk_era_format_message(&message, &made, NULL), -EINVAL);
	message.message = DMK_ERA_CHECKPOINT;
	message.unused = 1;
	assert_int_equal(dmk_era_format_message(&message, &made, NULL), -EINVAL);
	assert_null(made);
}

static void builder(void **state)
{
	struct dmk_era era = { .metadata_device = "/dev/a",
			       .origin_device = "/dev/b",
			       .block_size_sectors = 4294967288 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_era(table, 0, 8, &era), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "/dev/a /dev/b 4294967288");
	era.block_size_sectors = 12;
	assert_int_equal(dmk_table_add_era(table, DMK_NEXT, 8, &era), -EINVAL);
	assert_told(table, "block-size: 12 sectors are no multiple of 8 (4 KiB)");
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_fields),
		cmocka_unit_test(bad_statuses),
		cmocka_unit_test(messages),
		cmocka_unit_test(builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
