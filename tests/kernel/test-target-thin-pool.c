/* SPDX-License-Identifier: MIT */
/* thin-pool on the real kernel. */
#include "one-target.h"

static struct dmk_thin_pool parse_table(struct dmk *dm, const char *name)
{
	char *params = table_of(dm, name, "thin-pool");
	struct dmk_thin_pool pool;

	assert_int_equal(dmk_thin_pool_parse_table(params, &pool, NULL), 0);
	free(params);
	return pool;
}

static struct dmk_thin_pool_status parse_status(struct dmk *dm, const char *name)
{
	char *params = status_of(dm, name);
	struct dmk_thin_pool_status status;

	assert_int_equal(dmk_thin_pool_parse_status(params, &status, NULL), 0);
	free(params);
	return status;
}

static int send_message(struct dmk *dm, const struct dmk_thin_pool_message *message)
{
	char *text = NULL;

	assert_int_equal(dmk_thin_pool_format_message(message, &text, NULL), 0);
	return try_message(dm, "p", text);
}

static void thin_pool_by_keys(void **state)
{
	struct dmk_thin_pool_status status;
	struct dmk_thin_pool pool;
	struct dmk_blockdev blockdev;

	wipe_metadata();
	make_by_keys(*state, "p", "thin-pool",
		     "metadata=" RAM0 " data=" RAM1 " block-size=64KiB low-water-mark=3");
	assert_int_equal(dmk_get_blockdev(node_path("p"), &blockdev), 0);
	assert_int_equal(blockdev.size_bytes, RAM_BYTES);
	pool = parse_table(*state, "p");
	assert_string_equal(pool.metadata_device, "1:0");
	assert_string_equal(pool.data_device, "1:1");
	assert_int_equal(pool.block_size_sectors, 128);
	assert_int_equal(pool.low_water_mark_blocks, 3);
	assert_int_equal(pool.options, 0);
	dmk_thin_pool_clear(&pool);
	status = parse_status(*state, "p");
	assert_int_equal(status.options,
			 DMK_THIN_POOL_STATUS_NUMBERS | DMK_THIN_POOL_STATUS_METADATA_LOW_WATER);
	assert_int_equal(status.mode, DMK_THIN_POOL_RW);
	assert_int_equal(status.transaction_id, 0);
	assert_int_equal(status.metadata.total, RAM_BYTES / 4096);
	assert_in_range(status.metadata.used, 1, status.metadata.total - 1);
	assert_int_equal(status.data.used, 0);
	assert_int_equal(status.data.total, RAM_BYTES / 65536);
	assert_int_equal(status.discard, ram_discards() ? DMK_THIN_POOL_DISCARD_PASSDOWN
							: DMK_THIN_POOL_DISCARD_NO_PASSDOWN);
	assert_int_equal(status.no_space, DMK_THIN_POOL_QUEUE_IF_NO_SPACE);
	assert_int_equal(status.needs_check, 0);
	assert_true(status.metadata_low_water_blocks > 0);
	dmk_thin_pool_status_clear(&status);
	remove_device(*state, "p");
}

static void make_pool(struct dmk *dm, uint64_t options, uint64_t length_sectors)
{
	struct dmk_thin_pool pool = {
		.metadata_device = RAM0,
		.data_device = RAM1,
		.block_size_sectors = 128,
		.options = options,
	};
	struct dmk_table *table = new_table();

	assert_int_equal(dmk_table_add_thin_pool(table, DMK_NEXT, length_sectors, &pool), 0);
	make_of(dm, "p", table);
}

/* Discards are passed down where nothing is said of them and the data device takes them. */
static uint32_t discard_of(uint64_t features)
{
	if (features & DMK_THIN_POOL_IGNORE_DISCARD)
		return DMK_THIN_POOL_DISCARD_IGNORED;
	if (features & DMK_THIN_POOL_NO_DISCARD_PASSDOWN || !ram_discards())
		return DMK_THIN_POOL_DISCARD_NO_PASSDOWN;
	return DMK_THIN_POOL_DISCARD_PASSDOWN;
}

static void thin_pool_features(void **state)
{
	static const uint64_t features[] = {
		DMK_THIN_POOL_SKIP_BLOCK_ZEROING,
		DMK_THIN_POOL_IGNORE_DISCARD,
		DMK_THIN_POOL_NO_DISCARD_PASSDOWN,
		DMK_THIN_POOL_ERROR_IF_NO_SPACE,
		DMK_THIN_POOL_SKIP_BLOCK_ZEROING | DMK_THIN_POOL_IGNORE_DISCARD |
			DMK_THIN_POOL_NO_DISCARD_PASSDOWN | DMK_THIN_POOL_ERROR_IF_NO_SPACE,
	};

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		struct dmk_thin_pool_status status;
		struct dmk_thin_pool pool;

		wipe_metadata();
		make_pool(*state, features[i], RAM_SECTORS);
		pool = parse_table(*state, "p");
		assert_int_equal(pool.options, features[i]);
		dmk_thin_pool_clear(&pool);
		status = parse_status(*state, "p");
		assert_int_equal(status.discard, discard_of(features[i]));
		assert_int_equal(status.no_space, features[i] & DMK_THIN_POOL_ERROR_IF_NO_SPACE
							  ? DMK_THIN_POOL_FAIL_IF_NO_SPACE
							  : DMK_THIN_POOL_QUEUE_IF_NO_SPACE);
		dmk_thin_pool_status_clear(&status);
		remove_device(*state, "p");
	}
}

/* A new pool cannot be made read-only, one that exists can be used so. */
static void thin_pool_read_only(void **state)
{
	struct dmk_thin_pool_message create = { .message = DMK_THIN_POOL_CREATE_THIN, .id = 1 };
	struct dmk_table *table =
		text_table("0 32768 thin-pool " RAM0 " " RAM1 " 128 0 1 read_only");
	struct dmk_thin_pool_status status;

	wipe_metadata();
	assert_code(*state, dmk_create(*state, "p", table, NULL, NULL), -EPERM);
	dmk_table_free(table);
	make_pool(*state, 0, RAM_SECTORS);
	remove_device(*state, "p");
	make_pool(*state, DMK_THIN_POOL_READ_ONLY, RAM_SECTORS);
	status = parse_status(*state, "p");
	assert_int_equal(status.mode, DMK_THIN_POOL_RO);
	dmk_thin_pool_status_clear(&status);
	assert_code(*state, send_message(*state, &create), -EOPNOTSUPP);
	remove_device(*state, "p");
}

static void thin_pool_messages(void **state)
{
	struct dmk_thin_pool_message message = { .message = DMK_THIN_POOL_CREATE_THIN, .id = 7 };
	struct dmk_thin_pool_status status;

	wipe_metadata();
	make_pool(*state, 0, RAM_SECTORS);
	assert_ok(*state, send_message(*state, &message));
	assert_code(*state, send_message(*state, &message), -EEXIST);
	message = (struct dmk_thin_pool_message){ .message = DMK_THIN_POOL_CREATE_SNAP,
						  .id = (1 << 24) - 1,
						  .origin = 7 };
	assert_ok(*state, send_message(*state, &message));
	message = (struct dmk_thin_pool_message){ .message = DMK_THIN_POOL_DELETE, .id = 7 };
	assert_ok(*state, send_message(*state, &message));
	assert_true(send_message(*state, &message) < 0);
	message = (struct dmk_thin_pool_message){ .message = DMK_THIN_POOL_SET_TRANSACTION_ID,
						  .from = 0,
						  .to = UINT64_MAX };
	assert_ok(*state, send_message(*state, &message));
	assert_true(send_message(*state, &message) < 0); /* it is no longer 0 */
	message = (struct dmk_thin_pool_message){ .message = DMK_THIN_POOL_RESERVE_METADATA_SNAP };
	assert_ok(*state, send_message(*state, &message));
	status = parse_status(*state, "p");
	assert_true(status.transaction_id == UINT64_MAX);
	assert_true(status.options & DMK_THIN_POOL_STATUS_HELD_ROOT);
	assert_in_range(status.held_root_block, 1, status.metadata.total - 1);
	dmk_thin_pool_status_clear(&status);
	message.message = DMK_THIN_POOL_RELEASE_METADATA_SNAP;
	assert_ok(*state, send_message(*state, &message));
	status = parse_status(*state, "p");
	assert_false(status.options & DMK_THIN_POOL_STATUS_HELD_ROOT);
	dmk_thin_pool_status_clear(&status);
	remove_device(*state, "p");
}

static void make_thin(struct dmk *dm)
{
	struct dmk_thin_pool_message create = { .message = DMK_THIN_POOL_CREATE_THIN };

	assert_ok(dm, send_message(dm, &create));
	make_device(dm, "v", "0 32768 thin /dev/mapper/p 0");
}

static void thin_pool_out_of_data_space(void **state)
{
	uint8_t *bytes = pattern(65536 * 3, 1);
	struct dmk_thin_pool_status status;

	wipe_metadata();
	make_pool(*state, DMK_THIN_POOL_ERROR_IF_NO_SPACE, 256);
	make_thin(*state);
	assert_false(direct_write(node_path("v"), 0, bytes, 65536 * 3));
	status = parse_status(*state, "p");
	assert_int_equal(status.mode, DMK_THIN_POOL_OUT_OF_DATA_SPACE);
	assert_int_equal(status.data.used, 2);
	assert_int_equal(status.data.total, 2);
	dmk_thin_pool_status_clear(&status);
	remove_device(*state, "v");
	remove_device(*state, "p");
	free(bytes);
}

/* The device with the metadata goes bad: nothing is known but that. */
static void thin_pool_fail(void **state)
{
	struct dmk_thin_pool_message create = { .message = DMK_THIN_POOL_CREATE_THIN, .id = 1 };
	struct dmk_replace_options at_once = { .flags = DMK_REPLACE_NOFLUSH |
							DMK_REPLACE_SKIP_LOCKFS };
	struct dmk_table *bad = text_table("0 32768 error");
	uint8_t *bytes = pattern(65536, 1);
	struct dmk_thin_pool_status status;
	struct dmk_thin_status thin_status;
	struct dmk_thin thin;
	struct dmk_error err;
	char *params;

	wipe_metadata();
	make_device(*state, "m", "0 32768 linear " RAM0 " 0");
	make_device(*state, "p", "0 32768 thin-pool /dev/mapper/m " RAM1 " 128 0");
	make_thin(*state);
	assert_ok(*state, dmk_replace(*state, DMK_NAME("m"), bad, &at_once, NULL));
	assert_false(direct_write(node_path("v"), 0, bytes, 65536) && flush_device(node_path("v")));
	assert_true(send_message(*state, &create) < 0);
	status = parse_status(*state, "p");
	assert_int_equal(status.mode, DMK_THIN_POOL_FAIL);
	assert_int_equal(status.options, 0);
	dmk_thin_pool_status_clear(&status);
	params = status_of(*state, "v");
	assert_int_equal(dmk_thin_parse_status(params, &thin_status, NULL), 0);
	assert_int_equal(thin_status.state, DMK_THIN_FAIL);
	assert_int_equal(thin_status.options, 0);
	dmk_thin_status_clear(&thin_status);
	free(params);
	/* The kernel has no words for the thin device's table then, and ours say so. */
	params = trimmed_text_of(*state, "v", false);
	assert_string_equal(params, "Fail");
	assert_int_equal(dmk_thin_parse_table(params, &thin, &err), -EINVAL);
	assert_non_null(strstr(err.detail, "the pool has failed"));
	free(params);
	remove_device(*state, "v");
	remove_device(*state, "p");
	remove_device(*state, "m");
	dmk_table_free(bad);
	free(bytes);
}

static void thin_pool_is_alone(void **state)
{
	struct dmk_table *table = text_table("0 32768 thin-pool " RAM0 " " RAM1 " 128 0");

	(void)state;
	assert_int_equal(dmk_table_add(table, DMK_NEXT, 8, "zero", NULL), -EINVAL);
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(thin_pool_by_keys),		  KERNEL_TEST(thin_pool_features),
		KERNEL_TEST(thin_pool_read_only),	  KERNEL_TEST(thin_pool_messages),
		KERNEL_TEST(thin_pool_out_of_data_space), KERNEL_TEST(thin_pool_fail),
		KERNEL_TEST(thin_pool_is_alone),
	};

	return cmocka_run_group_tests_name("kernel target thin-pool", tests, NULL, NULL);
}
