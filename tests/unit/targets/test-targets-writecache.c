/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

static void generated(void **state)
{
	const struct dmk_target *writecache = dmk_target_find("writecache");
	uint64_t seed = 4;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		uint64_t bits = next_random(&seed), number = next_random(&seed);
		struct dmk_text text = { 0 }, words = { 0 };
		bool pmem = bits & 1;
		uint32_t n = 0;

#define MAYBE(bit, count, ...)                                 \
	do {                                                   \
		if (bits & (bit)) {                            \
			dmk_text_add(&words, " " __VA_ARGS__); \
			n += (count);                          \
		}                                              \
	} while (0)
		MAYBE(2, 2, "start_sector %llu", (unsigned long long)(number >> 12));
		MAYBE(4, 2, "high_watermark %u", (unsigned)(51 + number % 50));
		MAYBE(8, 2, "low_watermark %u", (unsigned)(number % 51));
		MAYBE(16, 2, "writeback_jobs %u", (uint32_t)number);
		MAYBE(32, 2, "autocommit_blocks %u", (uint32_t)(number >> 8));
		MAYBE(64, 2, "autocommit_time %u", (unsigned)(number % 3600001));
		MAYBE(128, 2, "max_age %u", (unsigned)(number % 86400001));
		MAYBE(256, 1, "cleaner");
		if (pmem)
			MAYBE(512, 1, "%s", number & 1 ? "fua" : "nofua");
		MAYBE(1024, 1, "metadata_only");
		if (!pmem)
			MAYBE(2048, 2, "pause_writeback %u", (unsigned)(number % 60001));
#undef MAYBE
		dmk_text_add(&text, "%c /dev/o 8:16 %u %u%s", pmem ? 'p' : 's',
			     512u << (number % 8), n, words.data ? words.data : "");
		check_round_trip(writecache, text.data);
		check_keys_round_trip("writecache", text.data, 4096);
		dmk_text_free(&words);
		dmk_text_free(&text);
	}
}

static void status_fields(void **state)
{
	struct dmk_writecache_status status;
	struct dmk_error err;

	(void)state;
	assert_int_equal(
		dmk_writecache_parse_status("1 2 3 4 5 6 7 8 9 10 11 12 13 14", &status, NULL), 0);
	assert_int_equal(status.error, 1);
	assert_int_equal(status.blocks, 2);
	assert_int_equal(status.free_blocks, 3);
	assert_int_equal(status.writeback_blocks, 4);
	assert_int_equal(status.reads, 5);
	assert_int_equal(status.read_hits, 6);
	assert_int_equal(status.writes, 7);
	assert_int_equal(status.write_hits_uncommitted, 8);
	assert_int_equal(status.write_hits_committed, 9);
	assert_int_equal(status.writes_around, 10);
	assert_int_equal(status.writes_allocate, 11);
	assert_int_equal(status.writes_blocked_on_freelist, 12);
	assert_int_equal(status.flushes, 13);
	assert_int_equal(status.discards, 14);
	assert_int_equal(status.options, DMK_WRITECACHE_STATUS_COUNTERS);
	assert_int_equal(dmk_writecache_parse_status("0 2 3 4", &status, NULL), 0);
	assert_int_equal(status.options, 0);
	assert_int_equal(dmk_writecache_parse_status("0 2 3", &status, &err), -EINVAL);
	assert_int_equal(dmk_writecache_parse_status("0 2 3 4 5", &status, &err), -EINVAL);
	assert_string_equal(err.argument, "read-hits");
	assert_int_equal(
		dmk_writecache_parse_status("0 2 3 4 5 6 7 8 9 10 11 12 13 14 15", &status, &err),
		-EINVAL);
	assert_int_equal(dmk_writecache_parse_status("x 2 3 4", &status, &err), -EINVAL);
}

static void messages(void **state)
{
	static const char *const texts[] = { "flush", "flush_on_suspend", "cleaner",
					     "clear_stats" };
	struct dmk_writecache_message message = { 0 };
	char *made = NULL;

	(void)state;
	assert_int_equal(dmk_writecache_format_message(&message, &made, NULL), -EINVAL);
	for (uint32_t i = 0; i < DMK_ARRAY_SIZE(texts); i++) {
		message.message = i + 1;
		assert_int_equal(dmk_writecache_format_message(&message, &made, NULL), 0);
		assert_string_equal(made, texts[i]);
		free(made);
		made = NULL;
	}
	message.message = DMK_ARRAY_SIZE(texts) + 1;
	assert_int_equal(dmk_writecache_format_message(&message, &made, NULL), -EINVAL);
	message.message = DMK_WRITECACHE_FLUSH;
	message.unused = 1;
	assert_int_equal(dmk_writecache_format_message(&message, &made, NULL), -EINVAL);
	assert_null(made);
}

static void units(void **state)
{
	const struct dmk_key_value pairs[] = {
		{ .key = "origin", .value = "8:0" }, { .key = "cache", .value = "8:16" },
		{ .key = "size", .value = "1MiB" },  { .key = "start-sector", .value = "1MiB" },
		{ .key = "max-age", .value = "2s" }, { .key = "autocommit-time", .value = "250ms" },
		{ .key = "cleaner", .value = "yes" }
	};
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_keys(table, "writecache", pairs, DMK_ARRAY_SIZE(pairs)), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params,
			    "s 8:0 8:16 4096 7 start_sector 2048 autocommit_time 250 "
			    "max_age 2000 cleaner");
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated),
		cmocka_unit_test(status_fields),
		cmocka_unit_test(messages),
		cmocka_unit_test(units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
