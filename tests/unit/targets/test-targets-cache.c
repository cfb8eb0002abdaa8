/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

static void generated(void **state)
{
	static const char *const features[] = { "metadata2", "no_discard_passdown", "writeback",
						"writethrough", "passthrough" };
	const struct dmk_target *cache = dmk_target_find("cache");
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		uint32_t given = 0, n = (uint32_t)(next_random(&seed) % 4), count = 0;
		struct dmk_text text = { 0 }, words = { 0 };

		for (uint32_t k = 0; k < n; k++) {
			uint32_t which = (uint32_t)(next_random(&seed) % 5);
			uint32_t bit = which < 2 ? 1u << which : 4;

			if (given & bit)
				continue;
			given |= bit;
			count++;
			dmk_text_add(&words, " %s", features[which]);
		}
		dmk_text_add(&text, "1:0 8:16 8:32 %u %u%s p%u",
			     (unsigned)(64 * (1 + next_random(&seed) % 32768)), count,
			     words.data ? words.data : "", (unsigned)(next_random(&seed) % 100));
		n = (uint32_t)(next_random(&seed) % 20);
		dmk_text_add(&text, " %u", 2 * n);
		for (uint32_t k = 0; k < n; k++)
			dmk_text_add(&text, " k%u %llu", k, (unsigned long long)next_random(&seed));
		check_round_trip(cache, text.data);
		check_keys_round_trip("cache", text.data, 4096);
		dmk_text_free(&words);
		dmk_text_free(&text);
	}
}

static void status_fields(void **state)
{
	struct dmk_cache_status status;

	(void)state;
	assert_int_equal(dmk_cache_parse_status(
				 "8 9/4096 128 17/256 1 2 3 4 5 6 7 3 metadata2 passthrough "
				 "no_discard_passdown 4 migration_threshold 2048 new_key v mq 2 "
				 "random_threshold 0 ro needs_check ",
				 &status, NULL),
			 0);
	assert_int_equal(status.metadata_block_size_sectors, 8);
	assert_int_equal(status.metadata.used, 9);
	assert_int_equal(status.block_size_sectors, 128);
	assert_int_equal(status.cache.used, 17);
	assert_int_equal(status.cache.total, 256);
	assert_int_equal(status.read_hits, 1);
	assert_int_equal(status.read_misses, 2);
	assert_int_equal(status.write_hits, 3);
	assert_int_equal(status.write_misses, 4);
	assert_int_equal(status.demotions, 5);
	assert_int_equal(status.promotions, 6);
	assert_int_equal(status.dirty_blocks, 7);
	assert_int_equal(status.mode, DMK_CACHE_PASSTHROUGH);
	assert_int_equal(status.options, DMK_CACHE_STATUS_NUMBERS | DMK_CACHE_STATUS_METADATA2 |
						 DMK_CACHE_STATUS_NO_DISCARD_PASSDOWN |
						 DMK_CACHE_STATUS_MIGRATION_THRESHOLD);
	assert_int_equal(status.migration_threshold_sectors, 2048);
	assert_int_equal(status.n_core_args, 1);
	assert_string_equal(status.core_args[0], "new_key:v");
	assert_string_equal(status.policy, "mq");
	assert_int_equal(status.n_policy_args, 1);
	assert_string_equal(status.policy_args[0], "random_threshold:0");
	assert_int_equal(status.state, DMK_CACHE_RO);
	assert_int_equal(status.needs_check, 1);
	dmk_cache_status_clear(&status);
	check_form_round_trip(dmk_target_find("cache")->status,
			      "8 9/4096 128 17/256 1 2 3 4 5 6 7 1 writeback 4 "
			      "migration_threshold 2048 new_key v smq 0 rw -");
	check_form_round_trip(dmk_target_find("cache")->status,
			      "8 9/4096 128 17/256 1 2 3 4 5 6 7 1 writeback 0 smq 0 rw -");
}

static void bad_statuses(void **state)
{
	static const char *const lines[] = {
		"",
		"fail 1",
		"8 9/4096 128 17/256 1 2 3 4 5 6",
		"8 9/4096 128 17/256 1 2 3 4 5 6 7 0 2 migration_threshold 1 smq 0 rw -",
		"8 9/4096 128 17/256 1 2 3 4 5 6 7 2 writeback metadata2 2 migration_threshold 1 "
		"smq 0 "
		"rw -",
		"8 9/4096 128 17/256 1 2 3 4 5 6 7 1 writeback 1 migration_threshold smq 0 rw -",
		"8 9/4096 128 17/256 1 2 3 4 5 6 7 1 writeback 2 migration_threshold x smq 0 rw -",
		"8 9/4096 128 17/256 1 2 3 4 5 6 7 1 writeback 2 migration_threshold 1 smq 0",
		"8 9/4096 128 17/256 1 2 3 4 5 6 7 1 writeback 2 migration_threshold 1 smq 0 rx -",
		"8 9/4096 128 17/256 1 2 3 4 5 6 7 1 writeback 2 migration_threshold 1 smq 0 rw - "
		"1",
	};
	struct dmk_cache_status status = { .state = 77 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		if (dmk_cache_parse_status(lines[i], &status, &err) != -EINVAL)
			fail_msg("'%s' is not refused", lines[i]);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.state, 77);
}

static void check_message(struct dmk_cache_message message, const char *text)
{
	struct dmk_error err;
	char *made = NULL;

	if (dmk_cache_format_message(&message, &made, &err) < 0)
		fail_msg("'%s': '%s': %s", text, err.argument, err.detail);
	assert_string_equal(made, text);
	free(made);
}

static void messages(void **state)
{
	static const char *const ranges[] = { "5", "7-4294967295" };
	static const char *const bad[] = { "",	  "x",	 "-",	"5-",	      "-5",
					   "5-5", "6-5", "5 6", "4294967296", "1-4294967296" };
	struct dmk_cache_message message = { .message = DMK_CACHE_INVALIDATE_CBLOCKS,
					     .cblocks = ranges,
					     .n_cblocks = 2 };
	char *made = NULL;

	(void)state;
	check_message(message, "invalidate_cblocks 5 7-4294967295");
	check_message(
		(struct dmk_cache_message){ .message = DMK_CACHE_SET, .key = "a", .value = "b" },
		"a b");
	check_message((struct dmk_cache_message){ .message = DMK_CACHE_MIGRATION_THRESHOLD,
						  .migration_threshold_sectors = 100 },
		      "migration_threshold 100");
	message.n_cblocks = 1;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		message.cblocks = &bad[i];
		if (dmk_cache_format_message(&message, &made, NULL) != -EINVAL)
			fail_msg("'%s' is not refused", bad[i]);
	}
	message.n_cblocks = 0;
	assert_int_equal(dmk_cache_format_message(&message, &made, NULL), -EINVAL);
	message =
		(struct dmk_cache_message){ .message = DMK_CACHE_SET, .key = "a b", .value = "c" };
	assert_int_equal(dmk_cache_format_message(&message, &made, NULL), -EINVAL);
	message.key = "a";
	message.value = NULL;
	assert_int_equal(dmk_cache_format_message(&message, &made, NULL), -EINVAL);
	assert_null(made);
}

static void builder(void **state)
{
	static const char *const args[] = { "a:1", "b:2:3" };
	static const char *const bad[] = { "a", ":1", "a:", "a: 1" };
	struct dmk_cache cache = { .metadata_device = "1:0",
				   .cache_device = "1:1",
				   .origin_device = "1:2",
				   .block_size_sectors = 64,
				   .mode = DMK_CACHE_WRITETHROUGH,
				   .policy = "mine",
				   .policy_args = args,
				   .n_policy_args = 2 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_cache(table, 0, 8, &cache), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "1:0 1:1 1:2 64 1 writethrough mine 4 a 1 b 2:3");
	cache.n_policy_args = 1;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		cache.policy_args = &bad[i];
		assert_int_equal(dmk_table_add_cache(table, DMK_NEXT, 8, &cache), -EINVAL);
	}
	cache.n_policy_args = 0;
	cache.mode = 4;
	assert_int_equal(dmk_table_add_cache(table, DMK_NEXT, 8, &cache), -EINVAL);
	assert_told(table, "mode: must be");
	cache.mode = 0;
	cache.options = DMK_CACHE_MODE;
	assert_int_equal(dmk_table_add_cache(table, DMK_NEXT, 8, &cache), -EINVAL);
	assert_told(table, "mode: must be");
	cache.options = 0;
	cache.word_order = 6;
	assert_int_equal(dmk_table_add_cache(table, DMK_NEXT, 8, &cache), -EINVAL);
	assert_told(table, "word-order");
	cache.word_order = 0;
	cache.policy = "";
	assert_int_equal(dmk_table_add_cache(table, DMK_NEXT, 8, &cache), -EINVAL);
	assert_told(table, "policy: is empty");
	dmk_table_free(table);
}

/* What the kernel prints of an old policy is read; what it would refuse is not made. */
static void settings(void **state)
{
	static const struct {
		const char *params, *told;
	} rows[] = {
		{ "1:0 1:1 1:2 64 0 smq 2 migration_threshold 100", NULL },
		{ "1:0 1:1 1:2 64 0 SMQ 0", "must be smq: case matters" },
		{ "1:0 1:1 1:2 64 0 smq 2 migration_threshold -1",
		  "migration_threshold must be a number of sectors" },
		{ "1:0 1:1 1:2 64 0 default 2 sequential_threshold 512",
		  "policy default has no such setting; allowed: migration_threshold" },
		{ "1:0 1:1 1:2 64 0 mq 2 sequential_threshold 512", NULL },
		{ "1:0 1:1 1:2 64 0 mine 2 what ever", NULL },
	};
	struct dmk_key_values values;
	struct dmk_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(rows); i++) {
		assert_int_equal(dmk_target_check("cache", rows[i].params, 64, false, &err),
				 rows[i].told ? -EINVAL : 0);
		if (rows[i].told)
			assert_string_equal(err.detail, rows[i].told);
		assert_int_equal(dmk_params_to_keys("cache", rows[i].params, &values, &err), 0);
		dmk_key_values_clear(&values);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated),	cmocka_unit_test(status_fields),
		cmocka_unit_test(bad_statuses), cmocka_unit_test(messages),
		cmocka_unit_test(builder),	cmocka_unit_test(settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
