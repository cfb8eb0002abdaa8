/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

/* Every way in which the optional words can stand. */
static void all_orders(void **state)
{
	static const char *const features[] = { "",
						" 0",
						" 1 no_hydration",
						" 1 no_discard_passdown",
						" 2 no_hydration no_discard_passdown",
						" 2 no_discard_passdown no_hydration" };
	static const char *const core_args[] = {
		"",
		" 0",
		" 2 hydration_threshold 0",
		" 2 hydration_batch_size 4294967295",
		" 4 hydration_threshold 1 hydration_batch_size 2",
		" 4 hydration_batch_size 2 hydration_threshold 1",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(features); i++) {
		for (size_t k = 0; k < (i ? DMK_ARRAY_SIZE(core_args) : 1); k++) {
			snprintf(text, sizeof(text), "1:0 1:1 1:2 8%s%s", features[i],
				 core_args[k]);
			check_round_trip(dmk_target_find("clone"), text);
			check_keys_round_trip("clone", text, 4096);
		}
	}
}

static void status_fields(void **state)
{
	struct dmk_clone_status status;

	(void)state;
	assert_int_equal(dmk_clone_parse_status("8 6/4096 16 3/2048 5 2 no_hydration "
						"no_discard_passdown 4 hydration_threshold 7 "
						"hydration_batch_size 9 ro",
						&status, NULL),
			 0);
	assert_int_equal(status.metadata_block_size_sectors, 8);
	assert_int_equal(status.metadata.used, 6);
	assert_int_equal(status.metadata.total, 4096);
	assert_int_equal(status.region_size_sectors, 16);
	assert_int_equal(status.hydrated.used, 3);
	assert_int_equal(status.hydrated.total, 2048);
	assert_int_equal(status.hydrating_regions, 5);
	assert_int_equal(status.hydration_threshold_regions, 7);
	assert_int_equal(status.hydration_batch_size_regions, 9);
	assert_int_equal(status.state, DMK_CLONE_RO);
	assert_int_equal(status.options, DMK_CLONE_STATUS_NUMBERS | DMK_CLONE_STATUS_NO_HYDRATION |
						 DMK_CLONE_STATUS_NO_DISCARD_PASSDOWN);
	assert_int_equal(dmk_clone_parse_status("Fail", &status, NULL), 0);
	assert_int_equal(status.state, DMK_CLONE_FAIL);
	assert_int_equal(status.options, 0);
}

static void bad_statuses(void **state)
{
	static const char *const lines[] = {
		"",
		"Fail rw",
		"8 6/4096 16 3/2048 5",
		"8 6/4096 16 3/2048 5 1 x 4 hydration_threshold 7 hydration_batch_size 9 rw",
		"8 6/4096 16 3/2048 5 0 2 hydration_threshold 7 rw",
		"8 6/4096 16 3/2048 5 0 4 hydration_batch_size 9 hydration_threshold 7 rw",
		"8 6/4096 16 3/2048 5 0 4 hydration_threshold 7 hydration_batch_size 9",
		"8 6/4096 16 3/2048 5 0 4 hydration_threshold 7 hydration_batch_size 9 wr",
		"8 6/4096 16 3/2048 5 0 4 hydration_threshold 7 hydration_batch_size 9 rw -",
	};
	struct dmk_clone_status status = { .state = 77 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		if (dmk_clone_parse_status(lines[i], &status, &err) != -EINVAL)
			fail_msg("'%s' is not refused", lines[i]);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.state, 77);
}

static void lengths(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
	assert_int_equal(dmk_target_check("clone", "1:0 1:1 1:2 8", UINT64_C(8) << 31, false, &err),
			 0);
	assert_int_equal(
		dmk_target_check("clone", "1:0 1:1 1:2 8", (UINT64_C(8) << 31) + 1, false, &err),
		-EINVAL);
	assert_string_equal(err.argument, "region-size");
	assert_int_equal(
		dmk_target_check("clone", "1:0 1:1 1:2 2097152", DMK_MAX_SECTORS, false, &err),
		-EINVAL);
	assert_int_equal(dmk_target_check("clone", "1:0 1:1 1:2 8", 7, false, &err), 0);
}

static void messages(void **state)
{
	static const char *const texts[] = { "enable_hydration", "disable_hydration",
					     "hydration_threshold 5", "hydration_batch_size 5" };
	struct dmk_clone_message message = { .regions = 5 };
	char *made = NULL;

	(void)state;
	assert_int_equal(dmk_clone_format_message(&message, &made, NULL), -EINVAL);
	for (uint32_t i = 0; i < DMK_ARRAY_SIZE(texts); i++) {
		message.message = i + 1;
		assert_int_equal(dmk_clone_format_message(&message, &made, NULL), 0);
		assert_string_equal(made, texts[i]);
		free(made);
		made = NULL;
	}
	message.message = DMK_ARRAY_SIZE(texts) + 1;
	assert_int_equal(dmk_clone_format_message(&message, &made, NULL), -EINVAL);
	assert_null(made);
}

static void builder(void **state)
{
	struct dmk_clone clone = { .metadata_device = "1:0",
				   .destination_device = "1:1",
				   .source_device = "1:2",
				   .region_size_sectors = 8,
				   .hydration_threshold_regions = 5 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_clone(table, 0, 8, &clone), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "1:0 1:1 1:2 8 0 2 hydration_threshold 5");
	clone.word_order = 16;
	assert_int_equal(dmk_table_add_clone(table, DMK_NEXT, 8, &clone), -EINVAL);
	assert_told(table, "word-order");
	clone.word_order = 0;
	clone.unused = 1;
	assert_int_equal(dmk_table_add_clone(table, DMK_NEXT, 8, &clone), -EINVAL);
	assert_told(table, "unused");
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_orders),	cmocka_unit_test(status_fields),
		cmocka_unit_test(bad_statuses), cmocka_unit_test(lengths),
		cmocka_unit_test(messages),	cmocka_unit_test(builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
