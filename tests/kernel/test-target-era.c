/* SPDX-License-Identifier: MIT */
/* era on the real kernel. */
#include "one-target.h"

static struct dmk_era_status parse_status(struct dmk *dm)
{
	char *params = status_of(dm, "e");
	struct dmk_era_status status;

	assert_int_equal(dmk_era_parse_status(params, &status, NULL), 0);
	assert_int_equal(status.error, 0);
	assert_true(status.options & DMK_ERA_STATUS_NUMBERS);
	free(params);
	return status;
}

static int send_message(struct dmk *dm, uint32_t kind)
{
	struct dmk_era_message message = { .message = kind };
	char *text = NULL;

	assert_int_equal(dmk_era_format_message(&message, &text, NULL), 0);
	return try_message(dm, "e", text);
}

static void era_by_keys(void **state)
{
	struct dmk_era_status status;
	struct dmk_blockdev blockdev;
	struct dmk_era era;
	char *params;

	wipe_metadata();
	make_by_keys(*state, "e", "era", "metadata=" RAM0 " origin=" RAM1 " block-size=12KiB");
	assert_int_equal(dmk_get_blockdev(node_path("e"), &blockdev), 0);
	assert_int_equal(blockdev.size_bytes, RAM_BYTES);
	params = table_of(*state, "e", "era");
	assert_int_equal(dmk_era_parse_table(params, &era, NULL), 0);
	assert_string_equal(era.metadata_device, "1:0");
	assert_string_equal(era.origin_device, "1:1");
	assert_int_equal(era.block_size_sectors, 24);
	dmk_era_clear(&era);
	free(params);
	status = parse_status(*state);
	assert_int_equal(status.metadata_block_size_sectors, 8);
	assert_int_equal(status.metadata.total, RAM_BYTES / 4096);
	assert_in_range(status.metadata.used, 1, status.metadata.total - 1);
	assert_int_equal(status.era, 1);
	assert_false(status.options & DMK_ERA_STATUS_HELD_ROOT);
	dmk_era_status_clear(&status);
	remove_device(*state, "e");
}

static void era_grows(void **state)
{
	struct dmk_era era = { .metadata_device = RAM0,
			       .origin_device = RAM1,
			       .block_size_sectors = 128 };
	uint8_t *bytes = pattern(1 << 20, 5);
	struct dmk_table *table = new_table();
	struct dmk_era_status first, status;

	wipe_metadata();
	assert_int_equal(dmk_table_add_era(table, DMK_NEXT, RAM_SECTORS, &era), 0);
	make_of(*state, "e", table);
	first = parse_status(*state);
	assert_true(direct_write(node_path("e"), 3 << 16, bytes, 1 << 20));
	assert_true(holds(node_path("e"), 3 << 16, bytes, 1 << 20));
	assert_true(holds(RAM1, 3 << 16, bytes, 1 << 20));
	for (uint32_t i = 1; i <= 3; i++) {
		assert_ok(*state, send_message(*state, DMK_ERA_CHECKPOINT));
		assert_true(direct_write(node_path("e"), 0, bytes, 4096));
		status = parse_status(*state);
		assert_int_equal(status.era, first.era + i);
		dmk_era_status_clear(&status);
	}
	dmk_era_status_clear(&first);
	remove_device(*state, "e");
	free(bytes);
}

static void era_metadata_snap(void **state)
{
	struct dmk_era_status status;
	uint32_t era;

	wipe_metadata();
	make_device(*state, "e", "0 32768 era " RAM0 " " RAM1 " 8");
	status = parse_status(*state);
	era = status.era;
	assert_ok(*state, send_message(*state, DMK_ERA_TAKE_METADATA_SNAP));
	assert_true(send_message(*state, DMK_ERA_TAKE_METADATA_SNAP) < 0); /* one at a time */
	status = parse_status(*state);
	assert_true(status.options & DMK_ERA_STATUS_HELD_ROOT);
	assert_in_range(status.held_root_block, 1, status.metadata.total - 1);
	assert_true(status.era > era);
	assert_ok(*state, send_message(*state, DMK_ERA_DROP_METADATA_SNAP));
	assert_true(send_message(*state, DMK_ERA_DROP_METADATA_SNAP) < 0);
	status = parse_status(*state);
	assert_false(status.options & DMK_ERA_STATUS_HELD_ROOT);
	dmk_era_status_clear(&status);
	remove_device(*state, "e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(era_by_keys),
		KERNEL_TEST(era_grows),
		KERNEL_TEST(era_metadata_snap),
	};

	return cmocka_run_group_tests_name("kernel target era", tests, NULL, NULL);
}
