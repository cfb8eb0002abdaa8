/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void table(void **state)
{
	static const char *const devices[] = { "/dev/nvme0n1", "8:16" };
	struct dmk_zoned zoned = { .devices = devices, .n_devices = 2 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_zoned(table, 0, 4096, &zoned), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "/dev/nvme0n1 8:16");
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 8), -EINVAL);
	assert_int_equal(dmk_zoned_parse_table(segment.params, &zoned, NULL), 0);
	assert_int_equal(zoned.n_devices, 2);
	assert_string_equal(zoned.devices[0], "/dev/nvme0n1");
	assert_string_equal(zoned.devices[1], "8:16");
	dmk_zoned_clear(&zoned);
	dmk_zoned_clear(NULL);
	dmk_table_reset(table);
	zoned = (struct dmk_zoned){ 0 };
	assert_int_equal(dmk_table_add_zoned(table, 0, 4096, &zoned), -EINVAL);
	assert_told(table, "device: at least one is needed");
	zoned = (struct dmk_zoned){ .devices = devices, .n_devices = 2, .unused = 1 };
	assert_int_equal(dmk_table_add_zoned(table, 0, 4096, &zoned), -EINVAL);
	assert_told(table, "unused: must be zero");
	zoned = (struct dmk_zoned){ .devices = (const char *const[]){ "a\nb" }, .n_devices = 1 };
	assert_int_equal(dmk_table_add_zoned(table, 0, 4096, &zoned), -EINVAL);
	assert_told(table, "device holds a newline");
	dmk_table_free(table);
}

static void status(void **state)
{
	struct dmk_zoned_status status;

	(void)state;
	assert_int_equal(dmk_zoned_parse_status("30000 zones 100/191 cache 0/1 random "
						"29284/29285 sequential 2/3 random 4/5 sequential",
						&status, NULL),
			 0);
	assert_int_equal(status.n_zones, 30000);
	assert_int_equal(status.cache.unmapped, 100);
	assert_int_equal(status.cache.total, 191);
	assert_int_equal(status.n_devices, 2);
	assert_int_equal(status.devices[0].random.total, 1);
	assert_int_equal(status.devices[0].sequential.unmapped, 29284);
	assert_int_equal(status.devices[1].random.unmapped, 2);
	assert_int_equal(status.devices[1].sequential.total, 5);
	dmk_zoned_status_clear(&status);
	dmk_zoned_status_clear(NULL);
}

static void bad_status(void **state)
{
	static const char *const lines[] = {
		"",
		"x zones 0/0 cache",
		"1",
		"1 zone 0/0 cache",
		"1 zones 0/0",
		"1 zones 00 cache",
		"1 zones 0/x cache",
		"1 zones 0/4294967296 cache",
		"1 zones 0/0 cash",
		"1 zones 0/0 cache 0/0",
		"1 zones 0/0 cache 0/0 random 0/0",
		"1 zones 0/0 cache 0/0 random 0/0 random",
		"1 zones 0/0 cache 0/0 sequential 0/0 random",
		"1 zones 0/0 cache 0/0 random 0/0 sequential x",
	};
	struct dmk_zoned_status status = { .n_zones = 7 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		assert_int_equal(dmk_zoned_parse_status(lines[i], &status, &err), -EINVAL);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.n_zones, 7);
}

static void status_keys(void **state)
{
	static const char *const expected[][2] = {
		{ "zones", "9" },	 { "cache-unmapped", "1" }, { "cache-zones", "2" },
		{ "random", "3/4" },	 { "random", "5/6" },	    { "sequential", "7/8" },
		{ "sequential", "9/9" },
	};
	struct dmk_key_values values;

	(void)state;
	assert_int_equal(dmk_status_to_keys("zoned",
					    "9 zones 1/2 cache 3/4 random 7/8 sequential 5/6 "
					    "random 9/9 sequential",
					    &values, NULL),
			 0);
	assert_int_equal(values.count, DMK_ARRAY_SIZE(expected));
	for (uint32_t i = 0; i < values.count; i++) {
		assert_string_equal(values.items[i].key, expected[i][0]);
		assert_string_equal(values.items[i].value, expected[i][1]);
	}
	dmk_key_values_clear(&values);
}

static void messages(void **state)
{
	struct dmk_zoned_message message = { .message = DMK_ZONED_MESSAGE_RECLAIM };
	struct dmk_error err;
	char *text;

	(void)state;
	assert_int_equal(dmk_zoned_format_message(&message, &text, &err), 0);
	assert_string_equal(text, "reclaim");
	free(text);
	assert_int_equal(dmk_message_from_keys("zoned", "reclaim", NULL, 0, &text, &err), 0);
	assert_string_equal(text, "reclaim");
	free(text);
	message.message = 2;
	assert_int_equal(dmk_zoned_format_message(&message, &text, &err), -EINVAL);
	message = (struct dmk_zoned_message){ .message = 1, .unused = 1 };
	assert_int_equal(dmk_zoned_format_message(&message, &text, &err), -EINVAL);
	assert_int_equal(dmk_zoned_format_message(NULL, &text, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),      cmocka_unit_test(status),
		cmocka_unit_test(bad_status), cmocka_unit_test(status_keys),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
