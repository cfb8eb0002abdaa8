/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

static void status_fields(void **state)
{
	struct dmk_thin_pool_status status;

	(void)state;
	assert_int_equal(dmk_thin_pool_parse_status("9 418/4096 7/256 23 out_of_data_space "
						    "ignore_discard error_if_no_space needs_check "
						    "1024 ",
						    &status, NULL),
			 0);
	assert_int_equal(status.transaction_id, 9);
	assert_int_equal(status.metadata.used, 418);
	assert_int_equal(status.metadata.total, 4096);
	assert_int_equal(status.data.used, 7);
	assert_int_equal(status.data.total, 256);
	assert_int_equal(status.held_root_block, 23);
	assert_int_equal(status.mode, DMK_THIN_POOL_OUT_OF_DATA_SPACE);
	assert_int_equal(status.discard, DMK_THIN_POOL_DISCARD_IGNORED);
	assert_int_equal(status.no_space, DMK_THIN_POOL_FAIL_IF_NO_SPACE);
	assert_int_equal(status.needs_check, 1);
	assert_int_equal(status.metadata_low_water_blocks, 1024);
	assert_int_equal(status.options, DMK_THIN_POOL_STATUS_NUMBERS |
						 DMK_THIN_POOL_STATUS_HELD_ROOT |
						 DMK_THIN_POOL_STATUS_METADATA_LOW_WATER);
	dmk_thin_pool_status_clear(&status);
	assert_int_equal(dmk_thin_pool_parse_status("Fail", &status, NULL), 0);
	assert_int_equal(status.mode, DMK_THIN_POOL_FAIL);
	assert_int_equal(status.options, 0);
	assert_int_equal(dmk_thin_pool_parse_status("Error", &status, NULL), 0);
	assert_int_equal(status.mode, DMK_THIN_POOL_ERROR);
	/* Kernels that end earlier. */
	assert_int_equal(dmk_thin_pool_parse_status("0 1/2 3/4 - ro discard_passdown "
						    "queue_if_no_space",
						    &status, NULL),
			 0);
	assert_int_equal(status.options, DMK_THIN_POOL_STATUS_NUMBERS);
	assert_int_equal(status.needs_check, 0);
}

static void bad_statuses(void **state)
{
	static const char *const lines[] = {
		"",
		"Fail 1",
		"Failed",
		"0 1/2",
		"0 1 3/4 - rw discard_passdown queue_if_no_space - 1024",
		"0 1/2 3/4 x rw discard_passdown queue_if_no_space - 1024",
		"0 1/2 3/4 - wr discard_passdown queue_if_no_space - 1024",
		"0 1/2 3/4 - rw passdown_discard queue_if_no_space - 1024",
		"0 1/2 3/4 - rw discard_passdown wait - 1024",
		"0 1/2 3/4 - rw discard_passdown queue_if_no_space + 1024",
		"0 1/2 3/4 - rw discard_passdown queue_if_no_space - 1024 1",
		"0 1/2 3/4 - rw discard_passdown queue_if_no_space - x",
	};
	struct dmk_thin_pool_status status = { .mode = 77 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		assert_int_equal(dmk_thin_pool_parse_status(lines[i], &status, &err), -EINVAL);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.mode, 77);
}

static void status_keys(void **state)
{
	struct dmk_key_values values;

	(void)state;
	assert_int_equal(dmk_status_to_keys("thin-pool",
					    "5 418/4096 7/256 - rw no_discard_passdown "
					    "queue_if_no_space - 1024",
					    &values, NULL),
			 0);
	assert_int_equal(values.count, 8);
	assert_string_equal(values.items[0].key, "mode");
	assert_string_equal(values.items[0].value, "rw");
	assert_string_equal(values.items[2].key, "metadata");
	assert_int_equal(values.items[2].number, 418);
	assert_int_equal(values.items[2].total, 4096);
	assert_string_equal(values.items[6].key, "needs-check");
	assert_string_equal(values.items[6].value, "no");
	dmk_key_values_clear(&values);
	assert_int_equal(dmk_status_to_keys("thin-pool", "Fail", &values, NULL), 0);
	assert_int_equal(values.count, 1);
	assert_string_equal(values.items[0].value, "fail");
	dmk_key_values_clear(&values);
}

static void check_message(struct dmk_thin_pool_message message, const char *text)
{
	char *made = NULL;

	assert_int_equal(dmk_thin_pool_format_message(&message, &made, NULL), 0);
	assert_string_equal(made, text);
	free(made);
}

static void refuse_message(struct dmk_thin_pool_message message, const char *told)
{
	char *made = NULL;
	struct dmk_error err;

	assert_int_equal(dmk_thin_pool_format_message(&message, &made, &err), -EINVAL);
	assert_null(made);
	if (!strstr(err.detail, told) && !strstr(err.argument, told))
		fail_msg("told '%s: %s', not '%s'", err.argument, err.detail, told);
}

static void messages(void **state)
{
#define MESSAGE(...) ((struct dmk_thin_pool_message){ __VA_ARGS__ })
	const struct dmk_key_value pairs[] = { { .key = "id", .value = "8" },
					       { .key = "origin", .value = "7" } };
	struct dmk_error err;
	char *text = NULL;

	(void)state;
	check_message(MESSAGE(DMK_THIN_POOL_CREATE_THIN, .id = 7), "create_thin 7");
	check_message(MESSAGE(DMK_THIN_POOL_CREATE_SNAP, .id = 16777215, .origin = 7),
		      "create_snap 16777215 7");
	check_message(MESSAGE(DMK_THIN_POOL_DELETE, .id = 0), "delete 0");
	check_message(MESSAGE(DMK_THIN_POOL_SET_TRANSACTION_ID, .from = 1, .to = UINT64_MAX),
		      "set_transaction_id 1 18446744073709551615");
	check_message(MESSAGE(DMK_THIN_POOL_RESERVE_METADATA_SNAP), "reserve_metadata_snap");
	check_message(MESSAGE(DMK_THIN_POOL_RELEASE_METADATA_SNAP), "release_metadata_snap");
	refuse_message(MESSAGE(0), "0 is none of the messages: 1 to 6");
	refuse_message(MESSAGE(7), "7 is none");
	refuse_message(MESSAGE(DMK_THIN_POOL_CREATE_THIN, .id = 16777216), "16777216");
	refuse_message(MESSAGE(DMK_THIN_POOL_CREATE_SNAP, .id = 3, .origin = 3), "another one");
	refuse_message(MESSAGE(DMK_THIN_POOL_DELETE, .reserved = { 1 }), "reserved");
	refuse_message(MESSAGE(DMK_THIN_POOL_DELETE, .unused = 1), "unused");
	refuse_message(MESSAGE(DMK_THIN_POOL_RESERVE_METADATA_SNAP, .unused = 1), "unused");
	assert_int_equal(dmk_thin_pool_format_message(NULL, &text, &err), -EINVAL);
	assert_int_equal(dmk_message_from_keys("thin-pool", "create-snap", pairs, 2, &text, &err),
			 0);
	assert_string_equal(text, "create_snap 8 7");
	free(text);
	assert_int_equal(dmk_message_from_keys("thin-pool", "create-snap", pairs, 1, &text, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "origin");
#undef MESSAGE
}

static void builder(void **state)
{
	struct dmk_thin_pool pool = { .metadata_device = "/dev/a",
				      .data_device = "/dev/b",
				      .block_size_sectors = 128,
				      .options = DMK_THIN_POOL_ERROR_IF_NO_SPACE };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_thin_pool(table, 0, 256, &pool), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "/dev/a /dev/b 128 0 1 error_if_no_space");
	dmk_table_reset(table);
	pool.options = 31;
	assert_int_equal(dmk_table_add_thin_pool(table, 0, 256, &pool), -EINVAL);
	assert_told(table, "four of the five");
	pool.options = 32;
	assert_int_equal(dmk_table_add_thin_pool(table, 0, 256, &pool), -EINVAL);
	assert_told(table, "unknown bits 0x20");
	pool.options = 0;
	pool.data_device = "/dev/a";
	assert_int_equal(dmk_table_add_thin_pool(table, 0, 256, &pool), -EINVAL);
	assert_told(table, "two devices");
	pool.data_device = NULL;
	assert_int_equal(dmk_table_add_thin_pool(table, 0, 256, &pool), -EINVAL);
	assert_told(table, "data: is missing");
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_fields), cmocka_unit_test(bad_statuses),
		cmocka_unit_test(status_keys),	 cmocka_unit_test(messages),
		cmocka_unit_test(builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
