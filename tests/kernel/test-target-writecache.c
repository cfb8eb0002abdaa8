/* SPDX-License-Identifier: MIT */
/* writecache on the real kernel, on an SSD's side: the lab has no persistent memory. */
#include "one-target.h"

static struct dmk_writecache_status parse_status(struct dmk *dm)
{
	char *params = status_of(dm, "w");
	struct dmk_writecache_status status;

	assert_int_equal(dmk_writecache_parse_status(params, &status, NULL), 0);
	assert_int_equal(status.error, 0);
	assert_int_equal(status.options, DMK_WRITECACHE_STATUS_COUNTERS);
	free(params);
	return status;
}

static void send_message(struct dmk *dm, uint32_t kind)
{
	struct dmk_writecache_message message = { .message = kind };
	char *text = NULL;

	assert_int_equal(dmk_writecache_format_message(&message, &text, NULL), 0);
	assert_ok(dm, try_message(dm, "w", text));
}

static void writecache_by_keys(void **state)
{
	struct dmk_writecache_status status;
	struct dmk_blockdev blockdev;
	struct dmk_writecache cache;
	char *params;

	wipe_metadata();
	make_by_keys(*state, "w", "writecache", "origin=" RAM1 " cache=" RAM0);
	assert_int_equal(dmk_get_blockdev(node_path("w"), &blockdev), 0);
	assert_int_equal(blockdev.size_bytes, RAM_BYTES);
	params = table_of(*state, "w", "writecache");
	assert_int_equal(dmk_writecache_parse_table(params, &cache, NULL), 0);
	assert_int_equal(cache.type, DMK_WRITECACHE_SSD);
	assert_string_equal(cache.origin_device, "1:1");
	assert_string_equal(cache.cache_device, "1:0");
	assert_int_equal(cache.block_size_bytes, 4096);
	assert_int_equal(cache.options, 0);
	dmk_writecache_clear(&cache);
	free(params);
	status = parse_status(*state);
	assert_in_range(status.blocks, 4000, RAM_BYTES / 4096);
	assert_int_equal(status.free_blocks, status.blocks);
	assert_int_equal(status.writeback_blocks, 0);
	dmk_writecache_status_clear(&status);
	remove_device(*state, "w");
}

static void check_option(struct dmk *dm, struct dmk_writecache cache, uint64_t option)
{
	struct dmk_table *table = new_table();
	struct dmk_writecache again;
	char *params;

	wipe_metadata();
	cache.type = DMK_WRITECACHE_SSD;
	cache.origin_device = RAM1;
	cache.cache_device = RAM0;
	cache.block_size_bytes = 4096;
	cache.options = option;
	assert_int_equal(dmk_table_add_writecache(table, DMK_NEXT, RAM_SECTORS, &cache), 0);
	make_of(dm, "w", table);
	params = table_of(dm, "w", "writecache");
	assert_int_equal(dmk_writecache_parse_table(params, &again, NULL), 0);
	assert_int_equal(again.options, option);
	assert_int_equal(again.start_sectors, cache.start_sectors);
	assert_int_equal(again.high_watermark_percent, cache.high_watermark_percent);
	assert_int_equal(again.low_watermark_percent, cache.low_watermark_percent);
	assert_int_equal(again.writeback_jobs, cache.writeback_jobs);
	assert_int_equal(again.autocommit_blocks, cache.autocommit_blocks);
	assert_int_equal(again.autocommit_time_ms, cache.autocommit_time_ms);
	assert_int_equal(again.max_age_ms, cache.max_age_ms);
	assert_int_equal(again.pause_writeback_ms, cache.pause_writeback_ms);
	dmk_writecache_clear(&again);
	free(params);
	remove_device(dm, "w");
}

static void writecache_options(void **state)
{
#define OPTION(bit, ...) \
	check_option(*state, (struct dmk_writecache){ __VA_ARGS__ }, DMK_WRITECACHE_##bit)
	OPTION(START_SECTOR, .start_sectors = 16);
	OPTION(START_SECTOR, .start_sectors = 0);
	OPTION(HIGH_WATERMARK, .high_watermark_percent = 100);
	OPTION(LOW_WATERMARK, .low_watermark_percent = 0);
	OPTION(WRITEBACK_JOBS, .writeback_jobs = 3);
	OPTION(AUTOCOMMIT_BLOCKS, .autocommit_blocks = 16);
	OPTION(AUTOCOMMIT_TIME, .autocommit_time_ms = 3600000);
	OPTION(MAX_AGE, .max_age_ms = 86400000);
	OPTION(CLEANER, .unused = 0);
	OPTION(METADATA_ONLY, .unused = 0);
	OPTION(PAUSE_WRITEBACK, .pause_writeback_ms = 60000);
	/* All that an SSD can have at once. */
	OPTION(START_SECTOR | DMK_WRITECACHE_HIGH_WATERMARK | DMK_WRITECACHE_LOW_WATERMARK |
		       DMK_WRITECACHE_WRITEBACK_JOBS | DMK_WRITECACHE_AUTOCOMMIT_BLOCKS |
		       DMK_WRITECACHE_AUTOCOMMIT_TIME | DMK_WRITECACHE_MAX_AGE |
		       DMK_WRITECACHE_CLEANER | DMK_WRITECACHE_METADATA_ONLY |
		       DMK_WRITECACHE_PAUSE_WRITEBACK,
	       .start_sectors = 8, .high_watermark_percent = 60, .low_watermark_percent = 60,
	       .writeback_jobs = 1, .autocommit_blocks = 1, .autocommit_time_ms = 1,
	       .max_age_ms = 1, .pause_writeback_ms = 1);
#undef OPTION
}

static void writecache_flush(void **state)
{
	uint8_t *bytes = pattern(1 << 20, 40), *zeros = pages(1 << 20);
	struct dmk_writecache_status status;

	wipe_metadata();
	assert_true(direct_write(RAM1, 0, zeros, 1 << 20));
	make_device(*state, "w", "0 32768 writecache s " RAM1 " " RAM0 " 4096 0");
	assert_true(direct_write(node_path("w"), 0, bytes, 1 << 20));
	assert_true(flush_device(node_path("w")));
	assert_true(holds(node_path("w"), 0, bytes, 1 << 20));
	/* It is in the cache alone so far. */
	assert_true(holds(RAM1, 0, zeros, 1 << 20));
	status = parse_status(*state);
	assert_int_equal(status.blocks - status.free_blocks, 256);
	assert_int_equal(status.writes, 256);
	assert_int_equal(status.writes_allocate, 256);
	assert_true(status.reads >= 1 && status.read_hits == status.reads);
	assert_true(status.flushes >= 1);
	send_message(*state, DMK_WRITECACHE_FLUSH);
	assert_true(holds(RAM1, 0, bytes, 1 << 20));
	status = parse_status(*state);
	assert_int_equal(status.free_blocks, status.blocks);
	send_message(*state, DMK_WRITECACHE_CLEAR_STATS);
	status = parse_status(*state);
	assert_int_equal(status.writes, 0);
	assert_int_equal(status.flushes, 0);
	remove_device(*state, "w");
	free(bytes);
	free(zeros);
}

static void writecache_flush_on_suspend(void **state)
{
	uint8_t *bytes = pattern(1 << 20, 41), *zeros = pages(1 << 20);
	struct dmk_writecache_status status;

	wipe_metadata();
	assert_true(direct_write(RAM1, 0, zeros, 1 << 20));
	make_device(*state, "w", "0 32768 writecache s " RAM1 " " RAM0 " 4096 0");
	assert_true(direct_write(node_path("w"), 0, bytes, 1 << 20));
	send_message(*state, DMK_WRITECACHE_FLUSH_ON_SUSPEND);
	assert_true(holds(RAM1, 0, zeros, 1 << 20));
	assert_ok(*state, dmk_suspend(*state, DMK_NAME("w"), NULL, NULL));
	assert_true(holds(RAM1, 0, bytes, 1 << 20));
	assert_ok(*state, dmk_resume(*state, DMK_NAME("w"), NULL, NULL));
	status = parse_status(*state);
	assert_int_equal(status.free_blocks, status.blocks);
	remove_device(*state, "w");
	free(bytes);
	free(zeros);
}

static void writecache_cleaner(void **state)
{
	uint8_t *bytes = pattern(1 << 20, 42), *zeros = pages(1 << 20);
	struct dmk_writecache_status status = { 0 };

	wipe_metadata();
	assert_true(direct_write(RAM1, 0, zeros, 1 << 20));
	make_device(*state, "w", "0 32768 writecache s " RAM1 " " RAM0 " 4096 0");
	assert_true(direct_write(node_path("w"), 0, bytes, 1 << 20));
	send_message(*state, DMK_WRITECACHE_START_CLEANER);
	for (int i = 0; i < 1000; i++) {
		status = parse_status(*state);
		if (status.free_blocks == status.blocks)
			break;
		sleep_ms(10);
	}
	assert_int_equal(status.free_blocks, status.blocks);
	assert_true(holds(RAM1, 0, bytes, 1 << 20));
	/* What is new goes past the cache. */
	assert_true(direct_write(node_path("w"), 4 << 20, bytes, 1 << 20));
	assert_true(holds(RAM1, 4 << 20, bytes, 1 << 20));
	status = parse_status(*state);
	assert_true(status.writes_around > 0);
	remove_device(*state, "w");
	free(bytes);
	free(zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(writecache_by_keys), KERNEL_TEST(writecache_options),
		KERNEL_TEST(writecache_flush),	 KERNEL_TEST(writecache_flush_on_suspend),
		KERNEL_TEST(writecache_cleaner),
	};

	return cmocka_run_group_tests_name("kernel target writecache", tests, NULL, NULL);
}
