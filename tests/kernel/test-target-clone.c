/* SPDX-License-Identifier: MIT */
/* clone on the real kernel. */
#include "one-target.h"

static struct dmk_clone_status parse_status(struct dmk *dm)
{
	char *params = status_of(dm, "c");
	struct dmk_clone_status status;

	assert_int_equal(dmk_clone_parse_status(params, &status, NULL), 0);
	assert_int_equal(status.state, DMK_CLONE_RW);
	assert_true(status.options & DMK_CLONE_STATUS_NUMBERS);
	free(params);
	return status;
}

static void send_message(struct dmk *dm, uint32_t kind, uint32_t regions)
{
	struct dmk_clone_message message = { .message = kind, .regions = regions };
	char *text = NULL;

	assert_int_equal(dmk_clone_format_message(&message, &text, NULL), 0);
	assert_ok(dm, try_message(dm, "c", text));
}

static void wait_until_hydrated(struct dmk *dm)
{
	struct dmk_clone_status status = { 0 };

	for (int i = 0; i < 1000; i++) {
		status = parse_status(dm);
		if (status.hydrated.used == status.hydrated.total)
			return;
		sleep_ms(10);
	}
	fail_msg("hydrated are %llu regions of %llu after 10 s",
		 (unsigned long long)status.hydrated.used,
		 (unsigned long long)status.hydrated.total);
}

static void clone_by_keys(void **state)
{
	struct dmk_clone_status status;
	struct dmk_blockdev blockdev;
	struct dmk_clone clone;
	char *params;

	wipe_metadata();
	make_by_keys(*state, "c", "clone",
		     "metadata=" RAM0 " destination=" RAM1 " source=" RAM2
		     " region-size=8KiB no-hydration=yes hydration-batch-size=3");
	assert_int_equal(dmk_get_blockdev(node_path("c"), &blockdev), 0);
	assert_int_equal(blockdev.size_bytes, RAM_BYTES);
	params = table_of(*state, "c", "clone");
	assert_string_equal(params, "1:0 1:1 1:2 16 1 no_hydration 2 hydration_batch_size 3");
	assert_int_equal(dmk_clone_parse_table(params, &clone, NULL), 0);
	assert_string_equal(clone.metadata_device, "1:0");
	assert_string_equal(clone.destination_device, "1:1");
	assert_string_equal(clone.source_device, "1:2");
	assert_int_equal(clone.region_size_sectors, 16);
	assert_int_equal(clone.options, DMK_CLONE_NO_HYDRATION | DMK_CLONE_HYDRATION_BATCH_SIZE);
	assert_int_equal(clone.hydration_batch_size_regions, 3);
	assert_int_equal(clone.word_order, 0);
	dmk_clone_clear(&clone);
	free(params);
	status = parse_status(*state);
	assert_int_equal(status.metadata_block_size_sectors, 8);
	assert_int_equal(status.metadata.total, RAM_BYTES / 4096);
	assert_int_equal(status.region_size_sectors, 16);
	assert_int_equal(status.hydrated.used, 0);
	assert_int_equal(status.hydrated.total, RAM_BYTES / 8192);
	assert_int_equal(status.hydrating_regions, 0);
	assert_int_equal(status.hydration_threshold_regions, 1);
	assert_int_equal(status.hydration_batch_size_regions, 3);
	assert_int_equal(status.options,
			 DMK_CLONE_STATUS_NUMBERS | DMK_CLONE_STATUS_NO_HYDRATION |
				 (ram_discards() ? 0 : DMK_CLONE_STATUS_NO_DISCARD_PASSDOWN));
	dmk_clone_status_clear(&status);
	remove_device(*state, "c");
}

static void clone_words_in_any_order(void **state)
{
	static const char *const words[] = {
		"8",
		"8 0",
		"8 0 0",
		"8 1 no_discard_passdown",
		"8 2 no_hydration no_discard_passdown",
		"8 2 no_discard_passdown no_hydration",
		"8 1 no_hydration 0",
		"8 0 2 hydration_threshold 4",
		"8 1 no_hydration 4 hydration_threshold 4 hydration_batch_size 2",
		"2097152 2 no_discard_passdown no_hydration 4 hydration_batch_size 2 "
		"hydration_threshold 0",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char text[256], *params;

		wipe_metadata();
		snprintf(text, sizeof(text), "0 2048 clone 1:0 1:1 1:2 %s", words[i]);
		make_device(*state, "c", text);
		params = table_of(*state, "c", "clone");
		assert_string_equal(params, text + sizeof("0 2048 clone"));
		free(params);
		remove_device(*state, "c");
	}
}

static void clone_hydrates(void **state)
{
	uint8_t *source = pattern(RAM_BYTES, 30), *zeros = pages(RAM_BYTES);
	uint8_t *written = pattern(4096, 31);
	struct dmk_clone clone = { .metadata_device = RAM0,
				   .destination_device = RAM1,
				   .source_device = RAM2,
				   .region_size_sectors = 8,
				   .options = DMK_CLONE_NO_HYDRATION };
	struct dmk_table *table = new_table();
	struct dmk_clone_status status;

	wipe_metadata();
	assert_true(direct_write(RAM1, 0, zeros, RAM_BYTES));
	assert_true(direct_write(RAM2, 0, source, RAM_BYTES));
	assert_int_equal(dmk_table_add_clone(table, DMK_NEXT, RAM_SECTORS, &clone), 0);
	make_of(*state, "c", table);
	/* Nothing is copied yet, but for what is written to. */
	assert_true(holds(node_path("c"), 0, source, RAM_BYTES));
	assert_true(holds(RAM1, 0, zeros, RAM_BYTES));
	assert_true(direct_write(node_path("c"), 40960, written, 4096));
	assert_true(holds(RAM1, 40960, written, 4096));
	status = parse_status(*state);
	assert_int_equal(status.hydrated.used, 1);
	send_message(*state, DMK_CLONE_SET_HYDRATION_BATCH_SIZE, 16);
	send_message(*state, DMK_CLONE_SET_HYDRATION_THRESHOLD, 64);
	status = parse_status(*state);
	assert_int_equal(status.hydration_batch_size_regions, 16);
	assert_int_equal(status.hydration_threshold_regions, 64);
	send_message(*state, DMK_CLONE_ENABLE_HYDRATION, 0);
	status = parse_status(*state);
	assert_false(status.options & DMK_CLONE_STATUS_NO_HYDRATION);
	wait_until_hydrated(*state);
	memcpy(source + 40960, written, 4096);
	assert_true(holds(node_path("c"), 0, source, RAM_BYTES));
	send_message(*state, DMK_CLONE_DISABLE_HYDRATION, 0);
	status = parse_status(*state);
	assert_true(status.options & DMK_CLONE_STATUS_NO_HYDRATION);
	remove_device(*state, "c");
	assert_true(holds(RAM1, 0, source, RAM_BYTES));
	assert_false(holds(RAM2, 40960, written, 4096));
	free(source);
	free(zeros);
	free(written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(clone_by_keys),
		KERNEL_TEST(clone_words_in_any_order),
		KERNEL_TEST(clone_hydrates),
	};

	return cmocka_run_group_tests_name("kernel target clone", tests, NULL, NULL);
}
