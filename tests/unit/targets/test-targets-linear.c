/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_linear linear;
	struct dmk_error err;

	(void)state;
	assert_int_equal(dmk_linear_parse_table("  /dev/sdb\t2048 ", &linear, &err), 0);
	assert_string_equal(linear.device, "/dev/sdb");
	assert_int_equal(linear.offset_sectors, 2048);
	dmk_linear_clear(&linear);
	assert_true(dmk_all_zero(&linear, sizeof(linear)));
	dmk_linear_clear(&linear);
	dmk_linear_clear(NULL);
	/* The kernel reads a backslash so, too. */
	assert_int_equal(dmk_linear_parse_table("/dev/a\\ b\\\\ 0", &linear, NULL), 0);
	assert_string_equal(linear.device, "/dev/a b\\");
	dmk_linear_clear(&linear);
	/* And it ends a word within the last letter of "voila" with its accent. */
	assert_int_equal(dmk_linear_parse_table("/dev/voil\xc3\xa0 0", &linear, NULL), 0);
	assert_string_equal(linear.device, "/dev/voil\xc3");
	dmk_linear_clear(&linear);
}

static void failure_leaves_outputs(void **state)
{
	struct dmk_linear linear = { .offset_sectors = 77 };
	struct dmk_error err;

	(void)state;
	assert_int_equal(dmk_linear_parse_table("/dev/sdb", &linear, &err), -EINVAL);
	assert_int_equal(linear.offset_sectors, 77);
	assert_int_equal(err.code, -EINVAL);
	assert_int_equal(err.column, 9);
	assert_int_equal(err.verb, DMK_VERB_PARSE);
	assert_string_equal(err.target, "linear");
	assert_string_equal(err.params, "/dev/sdb");
	assert_string_equal(err.argument, "offset");
	assert_int_equal(dmk_linear_parse_table(NULL, &linear, &err), -EINVAL);
}

static void generated(void **state)
{
	static const char bytes[] = "abcXYZ019/_-.:+@%=,~#\xc3\xa9";
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char device[64] = "/", params[128];
		size_t length = 1 + next_random(&seed) % 40;
		uint64_t offset = next_random(&seed) >> (next_random(&seed) % 64);

		for (size_t k = 1; k < length; k++)
			device[k] = bytes[next_random(&seed) % (sizeof(bytes) - 1)];
		snprintf(params, sizeof(params), "%s %llu", device,
			 (unsigned long long)(offset % (DMK_MAX_SECTORS + 1)));
		check_round_trip(dmk_target_find("linear"), params);
	}
}

static void by_bytes(void **state)
{
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_linear_bytes(table, "/dev/vdb", 513, 4096), -EINVAL);
	assert_told(table, "offset: 513 bytes are no whole number");
	assert_int_equal(dmk_table_add_linear_bytes(table, "/dev/vdb", 512, 4095), -EINVAL);
	assert_told(table, "length: 4095 bytes");
	assert_string_equal(dmk_table_error(table)->target, "linear");
	assert_int_equal(dmk_table_add_linear_bytes(table, "/dev/vdb", 512, 0), -EINVAL);
	assert_int_equal(dmk_table_count(table), 0);
	assert_int_equal(dmk_table_add_linear_bytes(table, "8:16", 1048576, 4096), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "8:16 2048");
	assert_int_equal(segment.length_sectors, 8);
	dmk_table_free(table);
}

/* The path of a device, its quotes in the kernel's text, and the path again. */
static void quotes_paths(void **state)
{
	static const struct {
		const char *path, *params;
	} cases[] = {
		{ "/dev/my disk", "/dev/my\\ disk 0" },
		{ "/dev/a\\x20b", "/dev/a\\\\x20b 0" },
		{ "/dev/a\\", "/dev/a\\\\ 0" },
		{ " \\ ", "\\ \\\\\\  0" },
		{ "/dev/\t\v\f\r", "/dev/\\\t\\\v\\\f\\\r 0" },
		/* What ends a word in the kernel's Latin-1 is a half of a letter in UTF-8. */
		{ "/dev/voil\xc3\xa0", "/dev/voil\xc3\\\xa0 0" },
	};

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(cases); i++) {
		const struct dmk_key_value pairs[] = { { .key = "device", .value = cases[i].path },
						       { .key = "size", .value = "8s" } };
		struct dmk_linear linear = { .device = cases[i].path };
		struct dmk_key_values values;
		struct dmk_segment segment;
		struct dmk_table *table;
		char line[64];

		assert_int_equal(dmk_table_new(&table), 0);
		assert_int_equal(dmk_table_add_linear(table, DMK_NEXT, 8, &linear), 0);
		assert_int_equal(dmk_table_add_keys(table, "linear", pairs, 2), 0);
		for (uint32_t k = 0; k < 2; k++) {
			assert_int_equal(dmk_table_get(table, k, &segment), 0);
			assert_string_equal(segment.params, cases[i].params);
		}
		linear = (struct dmk_linear){ 0 };
		assert_int_equal(dmk_linear_parse_table(cases[i].params, &linear, NULL), 0);
		assert_string_equal(linear.device, cases[i].path);
		dmk_linear_clear(&linear);
		assert_int_equal(dmk_params_to_keys("linear", cases[i].params, &values, NULL), 0);
		assert_string_equal(values.items[0].value, cases[i].path);
		dmk_key_values_clear(&values);
		dmk_table_reset(table);
		snprintf(line, sizeof(line), "0 8 linear %s", cases[i].params);
		assert_int_equal(dmk_table_parse(table, line, strlen(line)), 0);
		assert_int_equal(dmk_table_get(table, 0, &segment), 0);
		assert_string_equal(segment.params, cases[i].params);
		dmk_table_free(table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),	cmocka_unit_test(failure_leaves_outputs),
		cmocka_unit_test(generated),	cmocka_unit_test(by_bytes),
		cmocka_unit_test(quotes_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
