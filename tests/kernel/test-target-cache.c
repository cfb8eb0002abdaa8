/* SPDX-License-Identifier: MIT */
/* cache on the real kernel. */
#include "one-target.h"

#define BLOCK 65536
#define BLOCKS 16

static const char writeback[] = "0 32768 cache " RAM0 " " RAM1 " " RAM2 " 128 1 writeback smq 0";
static const char cleaner[] = "0 32768 cache " RAM0 " " RAM1 " " RAM2 " 128 1 writeback cleaner 0";
static const char passthrough[] =
	"0 32768 cache " RAM0 " " RAM1 " " RAM2 " 128 1 passthrough smq 0";

static struct dmk_cache_status parse_status(struct dmk *dm)
{
	char *params = status_of(dm, "c");
	struct dmk_cache_status status;

	assert_int_equal(dmk_cache_parse_status(params, &status, NULL), 0);
	assert_int_equal(status.state, DMK_CACHE_RW);
	assert_int_equal(status.needs_check, 0);
	assert_true(status.options & DMK_CACHE_STATUS_NUMBERS);
	free(params);
	return status;
}

static int send_message(struct dmk *dm, const struct dmk_cache_message *message)
{
	char *text = NULL;

	assert_int_equal(dmk_cache_format_message(message, &text, NULL), 0);
	return try_message(dm, "c", text);
}

static void cache_by_keys(void **state)
{
	struct dmk_cache_status status;
	struct dmk_blockdev blockdev;
	struct dmk_cache cache;
	char *params;

	wipe_metadata();
	make_by_keys(*state, "c", "cache",
		     "metadata=" RAM0 " cache=" RAM1 " origin=" RAM2
		     " block-size=32KiB mode=writethrough metadata2=yes policy=mq "
		     "policy-arg=migration_threshold:4096 policy-arg=random_threshold:8");
	assert_int_equal(dmk_get_blockdev(node_path("c"), &blockdev), 0);
	assert_int_equal(blockdev.size_bytes, RAM_BYTES);
	params = table_of(*state, "c", "cache");
	assert_string_equal(params, "1:0 1:1 1:2 64 2 metadata2 writethrough mq 4 "
				    "migration_threshold 4096 random_threshold 8");
	assert_int_equal(dmk_cache_parse_table(params, &cache, NULL), 0);
	assert_string_equal(cache.metadata_device, "1:0");
	assert_string_equal(cache.cache_device, "1:1");
	assert_string_equal(cache.origin_device, "1:2");
	assert_int_equal(cache.block_size_sectors, 64);
	assert_int_equal(cache.mode, DMK_CACHE_WRITETHROUGH);
	assert_int_equal(cache.options, DMK_CACHE_MODE | DMK_CACHE_METADATA2);
	assert_string_equal(cache.policy, "mq");
	assert_int_equal(cache.n_policy_args, 2);
	assert_string_equal(cache.policy_args[0], "migration_threshold:4096");
	assert_string_equal(cache.policy_args[1], "random_threshold:8");
	dmk_cache_clear(&cache);
	free(params);

	status = parse_status(*state);
	assert_int_equal(status.metadata_block_size_sectors, 8);
	assert_int_equal(status.metadata.total, RAM_BYTES / 4096);
	assert_int_equal(status.block_size_sectors, 64);
	assert_int_equal(status.cache.used, 0);
	assert_int_equal(status.cache.total, RAM_BYTES / 32768);
	assert_int_equal(status.dirty_blocks, 0);
	assert_int_equal(status.mode, DMK_CACHE_WRITETHROUGH);
	assert_true(status.options & DMK_CACHE_STATUS_METADATA2);
	assert_int_equal(!(status.options & DMK_CACHE_STATUS_NO_DISCARD_PASSDOWN), ram_discards());
	assert_int_equal(status.migration_threshold_sectors, 4096);
	assert_int_equal(status.n_core_args, 0);
	assert_string_equal(status.policy, "mq");
	assert_int_equal(status.n_policy_args, 5); /* smq goes by the name, and says 0 to all */
	assert_string_equal(status.policy_args[0], "random_threshold:0");
	dmk_cache_status_clear(&status);
	remove_device(*state, "c");
}

static void cache_features(void **state)
{
	static const struct {
		uint32_t mode;
		uint64_t options;
	} cases[] = {
		{ 0, 0 },
		{ DMK_CACHE_WRITEBACK, 0 },
		{ DMK_CACHE_WRITETHROUGH, DMK_CACHE_NO_DISCARD_PASSDOWN },
		{ DMK_CACHE_PASSTHROUGH, DMK_CACHE_METADATA2 },
		{ 0, DMK_CACHE_METADATA2 | DMK_CACHE_NO_DISCARD_PASSDOWN },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dmk_cache cache = { .metadata_device = RAM0,
					   .cache_device = RAM1,
					   .origin_device = RAM2,
					   .block_size_sectors = 128,
					   .mode = cases[i].mode,
					   .options = cases[i].options,
					   .policy = "default" };
		uint32_t mode = cases[i].mode ? cases[i].mode : DMK_CACHE_WRITEBACK;
		struct dmk_table *table = new_table();
		struct dmk_cache_status status;
		char *params;

		wipe_metadata();
		assert_int_equal(dmk_table_add_cache(table, DMK_NEXT, RAM_SECTORS, &cache), 0);
		make_of(*state, "c", table);
		params = table_of(*state, "c", "cache");
		assert_int_equal(dmk_cache_parse_table(params, &cache, NULL), 0);
		assert_int_equal(cache.mode, cases[i].mode);
		assert_int_equal(cache.options & ~(uint64_t)DMK_CACHE_MODE, cases[i].options);
		dmk_cache_clear(&cache);
		free(params);
		status = parse_status(*state);
		assert_int_equal(status.mode, mode);
		assert_int_equal(!!(status.options & DMK_CACHE_STATUS_METADATA2),
				 !!(cases[i].options & DMK_CACHE_METADATA2));
		assert_string_equal(status.policy, "smq");
		dmk_cache_status_clear(&status);
		remove_device(*state, "c");
	}
}

/* The kernel shows features and arguments as they were given. */
static void cache_words_in_any_order(void **state)
{
	static const char *const words[] = {
		"128 2 writethrough metadata2 default 0",
		"192 3 no_discard_passdown metadata2 writeback smq 2 migration_threshold 1",
		"128 3 no_discard_passdown writeback metadata2 cleaner 0",
		"128 0 mq 6 random_threshold 1 migration_threshold 7 sequential_threshold 2",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char text[256], *params;

		wipe_metadata();
		snprintf(text, sizeof(text), "0 32768 cache 1:0 1:1 1:2 %s", words[i]);
		make_device(*state, "c", text);
		params = table_of(*state, "c", "cache");
		assert_string_equal(params, text + sizeof("0 32768 cache"));
		free(params);
		remove_device(*state, "c");
	}
}

/* A write of a whole block goes to the cache at once, and to the origin when it is cleaned. */
static void fill_cache(struct dmk *dm, const uint8_t *bytes)
{
	uint8_t *zeros = pages(BLOCKS * BLOCK);

	wipe_metadata();
	assert_true(direct_write(RAM2, 0, zeros, BLOCKS * BLOCK));
	make_device(dm, "c", writeback);
	for (size_t i = 0; i < BLOCKS; i++)
		assert_true(direct_write(node_path("c"), i * BLOCK, bytes + i * BLOCK, BLOCK));
	free(zeros);
}

static void clean_cache(struct dmk *dm)
{
	struct dmk_cache_status status = { 0 };

	reload(dm, "c", cleaner);
	for (int i = 0; i < 1000; i++) {
		status = parse_status(dm);
		if (!status.dirty_blocks)
			break;
		dmk_cache_status_clear(&status);
		sleep_ms(10);
	}
	assert_int_equal(status.dirty_blocks, 0);
	assert_string_equal(status.policy, "cleaner");
	dmk_cache_status_clear(&status);
}

static void cache_writeback(void **state)
{
	uint8_t *bytes = pattern(BLOCKS * BLOCK, 50);
	struct dmk_cache_status status;

	fill_cache(*state, bytes);
	fill_pattern(bytes, BLOCK, 52);
	assert_true(direct_write(node_path("c"), 0, bytes, BLOCK));
	assert_true(holds(node_path("c"), 0, bytes, BLOCKS * BLOCK));
	status = parse_status(*state);
	assert_true(status.promotions > 0);
	assert_true(status.cache.used > 0);
	assert_true(status.dirty_blocks > 0);
	assert_true(status.write_hits > 0); /* what is promoted by the write itself is no hit */
	assert_true(status.read_hits > 0);
	dmk_cache_status_clear(&status);
	assert_false(holds(RAM2, 0, bytes, BLOCKS * BLOCK));
	clean_cache(*state);
	assert_true(holds(node_path("c"), 0, bytes, BLOCKS * BLOCK));
	assert_true(holds(RAM2, 0, bytes, BLOCKS * BLOCK));
	remove_device(*state, "c");
	free(bytes);
}

static void cache_messages(void **state)
{
	struct dmk_cache_message message = { .message = DMK_CACHE_SET,
					     .key = "migration_threshold",
					     .value = "8192" };
	struct dmk_cache_status status;

	wipe_metadata();
	make_device(*state, "c", writeback);
	assert_ok(*state, send_message(*state, &message));
	status = parse_status(*state);
	assert_int_equal(status.migration_threshold_sectors, 8192);
	dmk_cache_status_clear(&status);
	message.key = "no_such_key";
	assert_code(*state, send_message(*state, &message), -EINVAL);
	message = (struct dmk_cache_message){ .message = DMK_CACHE_MIGRATION_THRESHOLD,
					      .migration_threshold_sectors = 2049 };
	assert_ok(*state, send_message(*state, &message));
	status = parse_status(*state);
	assert_int_equal(status.migration_threshold_sectors, 2049);
	dmk_cache_status_clear(&status);
	remove_device(*state, "c");
}

static void cache_invalidate_cblocks(void **state)
{
	static const char *const ranges[] = { "0", "1-256" };
	struct dmk_cache_message message = { .message = DMK_CACHE_INVALIDATE_CBLOCKS,
					     .cblocks = ranges,
					     .n_cblocks = 2 };
	uint8_t *bytes = pattern(BLOCKS * BLOCK, 51);
	struct dmk_cache_status status;
	uint64_t used;

	fill_cache(*state, bytes);
	assert_code(*state, send_message(*state, &message), -EPERM); /* not in writeback mode */
	clean_cache(*state);
	reload(*state, "c", passthrough);
	status = parse_status(*state);
	assert_int_equal(status.mode, DMK_CACHE_PASSTHROUGH);
	used = status.cache.used;
	assert_true(used > 0);
	dmk_cache_status_clear(&status);
	assert_ok(*state, send_message(*state, &message));
	status = parse_status(*state);
	assert_int_equal(status.cache.used, 0);
	dmk_cache_status_clear(&status);
	assert_true(holds(node_path("c"), 0, bytes, BLOCKS * BLOCK));
	remove_device(*state, "c");
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(cache_by_keys),
		KERNEL_TEST(cache_features),
		KERNEL_TEST(cache_words_in_any_order),
		KERNEL_TEST(cache_writeback),
		KERNEL_TEST(cache_messages),
		KERNEL_TEST(cache_invalidate_cblocks),
	};

	return cmocka_run_group_tests_name("kernel target cache", tests, NULL, NULL);
}
