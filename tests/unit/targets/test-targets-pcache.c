/* SPDX-License-Identifier: MIT */
#include "../lines.h"

/* What Linux 6.18 prints, it does not read: it is written as it is read. */
static void printed(void **state)
{
	struct dmk_key key;
	struct dmk_key_values values;
	struct dmk_pcache pcache;
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(
		dmk_pcache_parse_table("259:0 8:16 4 cache_mode writeback crc true", &pcache, NULL),
		0);
	assert_string_equal(pcache.cache_device, "259:0");
	assert_string_equal(pcache.backing_device, "8:16");
	assert_int_equal(pcache.options, DMK_PCACHE_CACHE_MODE | DMK_PCACHE_DATA_CRC);
	assert_int_equal(pcache.cache_mode, DMK_PCACHE_WRITEBACK);
	assert_int_equal(pcache.data_crc, DMK_PCACHE_TRUE);
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_pcache(table, 0, 4096, &pcache), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "259:0 8:16 4 cache_mode writeback data_crc true");
	assert_int_equal(dmk_table_add_zero(table, DMK_NEXT, 8), -EINVAL);
	dmk_table_free(table);
	dmk_pcache_clear(&pcache);
	dmk_pcache_clear(NULL);
	assert_int_equal(dmk_params_to_keys("pcache", "259:0 8:16 4 cache_mode writeback crc false",
					    &values, NULL),
			 0);
	assert_int_equal(values.count, 4);
	assert_string_equal(values.items[3].key, "data-crc");
	assert_string_equal(values.items[3].value, "false");
	dmk_key_values_clear(&values);
	for (uint32_t i = 0; dmk_target_key("pcache", i, &key) == 0; i++)
		assert_string_not_equal(key.name, "crc");
}

static void status(void **state)
{
	static const char line[] = "9 128 127 3 70 a3 1:4096 2:5 4294967295:16777215";
	struct dmk_pcache_status status;
	struct dmk_key_values values;

	(void)state;
	assert_int_equal(dmk_pcache_parse_status(line, &status, NULL), 0);
	assert_int_equal(status.superblock_flags, 9);
	assert_int_equal(status.segments, 128);
	assert_int_equal(status.cache_segments, 127);
	assert_int_equal(status.used_segments, 3);
	assert_int_equal(status.gc_percent, 70);
	assert_int_equal(status.cache_flags, 0xa3);
	assert_int_equal(status.key_head.segment, 1);
	assert_int_equal(status.key_head.offset_bytes, 4096);
	assert_int_equal(status.dirty_tail.segment, 2);
	assert_int_equal(status.dirty_tail.offset_bytes, 5);
	assert_int_equal(status.key_tail.segment, UINT32_MAX);
	assert_int_equal(status.key_tail.offset_bytes, 16777215);
	dmk_pcache_status_clear(&status);
	assert_int_equal(dmk_status_to_keys("pcache", line, &values, NULL), 0);
	assert_int_equal(values.count, 9);
	assert_string_equal(values.items[5].value, "a3");
	assert_string_equal(values.items[8].key, "key-tail");
	assert_string_equal(values.items[8].value, "4294967295:16777215");
	dmk_key_values_clear(&values);
}

static void bad_status(void **state)
{
	static const char *const lines[] = {
		"",
		"g 1 1 1 1 1 0:0 0:0 0:0",
		"123456789 1 1 1 1 1 0:0 0:0 0:0",
		"A 1 1 1 1 1 0:0 0:0 0:0",
		"0 x 1 1 1 1 0:0 0:0 0:0",
		"0 1 1 1 4294967296 1 0:0 0:0 0:0",
		"0 1 1 1 1 1 0 0:0 0:0",
		"0 1 1 1 1 1 0:0 0:x 0:0",
		"0 1 1 1 1 1 0:0 0:0",
		"0 1 1 1 1 1 0:0 0:0 0:0 0",
	};
	struct dmk_pcache_status status;
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		assert_int_equal(dmk_pcache_parse_status(lines[i], &status, &err), -EINVAL);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
}

static void messages(void **state)
{
	struct dmk_pcache_message message = { .message = DMK_PCACHE_MESSAGE_GC_PERCENT };
	struct dmk_key_value pair = { .key = "percent", .value = "90" };
	struct dmk_error err;
	char *text;

	(void)state;
	assert_int_equal(dmk_pcache_format_message(&message, &text, &err), 0);
	assert_string_equal(text, "gc_percent 0");
	free(text);
	assert_int_equal(dmk_message_from_keys("pcache", "gc-percent", &pair, 1, &text, &err), 0);
	assert_string_equal(text, "gc_percent 90");
	free(text);
	message.percent = 91;
	assert_int_equal(dmk_pcache_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "percent");
	message.message = 0;
	assert_int_equal(dmk_pcache_format_message(&message, &text, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed),
		cmocka_unit_test(status),
		cmocka_unit_test(bad_status),
		cmocka_unit_test(messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
