/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_switch map;

	(void)state;
	assert_int_equal(dmk_switch_parse_table("2 128 0 8:0 5 /dev/b 0", &map, NULL), 0);
	assert_int_equal(map.region_sectors, 128);
	assert_int_equal(map.n_paths, 2);
	assert_string_equal(map.paths[0].device, "8:0");
	assert_int_equal(map.paths[0].offset_sectors, 5);
	assert_string_equal(map.paths[1].device, "/dev/b");
	dmk_switch_clear(&map);
	dmk_switch_clear(NULL);
}

static void builder(void **state)
{
	static const struct dmk_leg legs[] = { { "/dev/vdb", 0 }, { "/dev/vdc", 7 } };
	struct dmk_switch map = { .region_sectors = 3, .paths = legs, .n_paths = 2 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_switch(table, 0, 5, &map), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "2 3 0 /dev/vdb 0 /dev/vdc 7");
	map.unused = 1;
	assert_int_equal(dmk_table_add_switch(table, DMK_NEXT, 5, &map), -EINVAL);
	assert_told(table, "unused: must be zero");
	map.unused = 0;
	map.n_paths = 0;
	assert_int_equal(dmk_table_add_switch(table, DMK_NEXT, 5, &map), -EINVAL);
	assert_told(table, "device: at least one is needed");
	map.n_paths = 2;
	map.region_sectors = 0;
	assert_int_equal(dmk_table_add_switch(table, DMK_NEXT, 5, &map), -EINVAL);
	assert_told(table, "region-size: 0 is not allowed");
	dmk_table_free(table);
}

static void generated(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint32_t n = 1 + (uint32_t)(next_random(&seed) % 40);
		struct dmk_text text = { 0 };

		dmk_text_add(&text, "%u %u 0", n,
			     (unsigned int)(next_random(&seed) % UINT32_MAX) + 1);
		for (uint32_t k = 0; k < n; k++)
			dmk_text_add(&text, " 8:%u %llu", k,
				     (unsigned long long)(next_random(&seed) % DMK_MAX_SECTORS));
		check_round_trip(dmk_target_find("switch"), text.data);
		check_keys_round_trip("switch", text.data, 8);
		dmk_text_free(&text);
	}
}

static void mappings(void **state)
{
	static const struct dmk_switch_mapping steps[] = {
		{ .kind = DMK_SWITCH_REGION, .region = 0x1000, .path = 1 },
		{ .kind = DMK_SWITCH_NEXT, .path = 0xab },
		{ .kind = DMK_SWITCH_REPEAT, .cycle = 2, .count = 16 },
	};
	struct dmk_switch_message message = { .message = DMK_SWITCH_SET_REGION_MAPPINGS,
					      .mappings = steps,
					      .n_mappings = 3 };
	char *text;

	(void)state;
	assert_int_equal(dmk_switch_format_message(&message, &text, NULL), 0);
	assert_string_equal(text, "set_region_mappings 1000:1 :ab R2,10");
	free(text);
}

#define ONE(...)                                                            \
	{                                                                   \
		.message = DMK_SWITCH_SET_REGION_MAPPINGS, .n_mappings = 1, \
		.mappings = (const struct dmk_switch_mapping[])             \
		{                                                           \
			__VA_ARGS__                                         \
		}                                                           \
	}

static void bad_mappings(void **state)
{
	static const struct dmk_switch_mapping far_away[] = {
		{ .kind = DMK_SWITCH_REGION, .region = UINT64_MAX },
		{ .kind = DMK_SWITCH_NEXT },
	};
	const struct {
		struct dmk_switch_message message;
		const char *told;
	} bad[] = {
		{ { .n_mappings = 1, .mappings = far_away },
		  "message: 0 is none of the messages: 1 to 1" },
		{ { .message = 1, .mappings = far_away }, "mappings: at least one" },
		{ { .message = 1, .n_mappings = 1 }, "mappings: at least one" },
		{ { .message = 1, .n_mappings = 2, .mappings = far_away }, ":0: goes too far" },
		{ ONE({ .kind = 0 }), "kind: of mapping number 0" },
		{ ONE({ .kind = 4 }), "kind: of mapping number 0" },
		{ ONE({ .kind = DMK_SWITCH_REPEAT, .count = 1 }), "R0,1: must repeat from 1 to 1" },
		{ ONE({ .kind = DMK_SWITCH_REPEAT, .cycle = 2, .count = 1 }),
		  "R2,1: must repeat from 1 to 1" },
	};
	struct dmk_error err;
	char *text = NULL, told[600];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(dmk_switch_format_message(&bad[i].message, &text, &err), -EINVAL);
		snprintf(told, sizeof(told), "%s: %s", err.argument, err.detail);
		if (!strstr(told, bad[i].told))
			fail_msg("told '%s', not '%s'", told, bad[i].told);
		assert_int_equal(dmk_switch_format_message(&bad[i].message, &text, NULL), -EINVAL);
	}
	assert_int_equal(dmk_switch_format_message(NULL, &text, NULL), -EINVAL);
	assert_null(text);
}

static int by_words(const char *words, char **ret_text, struct dmk_error *err)
{
	struct dmk_key_value pairs[16];
	char copy[256], *save = NULL;
	uint32_t n = 0;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		pairs[n++] = (struct dmk_key_value){ .key = "mapping", .value = word };
	return dmk_message_from_keys("switch", "set-region-mappings", pairs, n, ret_text, err);
}

static void mappings_by_key(void **state)
{
	static const char *const good[] = {
		"0:0 :1 :2 :0 :1 :2 :1", "1000:1 :2 R2,10",    "R1,f",
		"fFfF:0 r10000,0",	 "ffffffffffffffff:0", "0:0 2:1 1:FFFFFFFF",
	};
	static const char *const bad[] = {
		"",
		"0",
		":",
		"0:",
		"0:x",
		"x:0",
		"0x1:0",
		"0:1:2",
		"-1:0",
		"R",
		"R1",
		"R1,",
		"R,1",
		"R0,1",
		"R2,1",
		"R1,x",
		"R1,1,1",
		"0:100000000",
		":0 R3,1",
		"5:0 R7,1",
		"R1:1",
		"0:1,0",
		"10000000000000000:0",
		"ffffffffffffffff:0 :0",
		"1:0 R1,ffffffffffffffff",
	};
	struct dmk_error err;
	char *text = NULL, wanted[300];

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(good); i++) {
		if (by_words(good[i], &text, &err) < 0)
			fail_msg("'%s': %s: %s", good[i], err.argument, err.detail);
		snprintf(wanted, sizeof(wanted), "set_region_mappings %s", good[i]);
		assert_string_equal(text, wanted);
		free(text);
		text = NULL;
	}
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		if (by_words(bad[i], &text, &err) != -EINVAL)
			fail_msg("'%s' is not refused", bad[i]);
		assert_true(err.detail[0]);
	}
	assert_null(text);
}

/* A list as long as that takes memory in proportion to it. */
static void many_mappings(void **state)
{
	enum {
		N = 100000
	};
	struct dmk_key_value *pairs = calloc(N, sizeof(*pairs));
	char *text;

	(void)state;
	for (int i = 0; i < N; i++)
		pairs[i] = (struct dmk_key_value){ .key = "mapping", .value = ":1" };
	assert_int_equal(
		dmk_message_from_keys("switch", "set-region-mappings", pairs, N, &text, NULL), 0);
	assert_int_equal(strlen(text), strlen("set_region_mappings") + 3 * N);
	free(text);
	free(pairs);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),	 cmocka_unit_test(builder),
		cmocka_unit_test(generated),	 cmocka_unit_test(mappings),
		cmocka_unit_test(bad_mappings),	 cmocka_unit_test(mappings_by_key),
		cmocka_unit_test(many_mappings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
