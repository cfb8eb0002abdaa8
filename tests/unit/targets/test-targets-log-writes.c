/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void fields(void **state)
{
	struct dmk_log_writes_status status;
	struct dmk_log_writes log_writes;

	(void)state;
	assert_int_equal(dmk_log_writes_parse_table("8:0 /dev/x", &log_writes, NULL), 0);
	assert_string_equal(log_writes.device, "8:0");
	assert_string_equal(log_writes.log_device, "/dev/x");
	dmk_log_writes_clear(&log_writes);
	dmk_log_writes_clear(NULL);
	assert_int_equal(dmk_log_writes_parse_status("5 29", &status, NULL), 0);
	assert_int_equal(status.logged_entries, 5);
	assert_int_equal(status.highest_allocated_sector, 29);
	assert_int_equal(status.options, 0);
	dmk_log_writes_status_clear(&status);
	assert_int_equal(dmk_log_writes_parse_status("1 18 logging_disabled", &status, NULL), 0);
	assert_int_equal(status.highest_allocated_sector, 18);
	assert_int_equal(status.options, DMK_LOG_WRITES_LOGGING_DISABLED);
	dmk_log_writes_status_clear(&status);
}

static void bad_statuses(void **state)
{
	static const char *const bad[] = {
		"", "1", "x 0", "0 x", "0 0 x", "0 0 1", "0 0 logging", "0 0 logging_disabled 0"
	};
	struct dmk_log_writes_status status = { .logged_entries = 9 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		assert_int_equal(dmk_log_writes_parse_status(bad[i], &status, &err), -EINVAL);
		assert_true(err.detail[0]);
	}
	assert_int_equal(status.logged_entries, 9);
}

static void builder(void **state)
{
	struct dmk_log_writes log_writes = { .device = "/dev/vdb", .log_device = "8:16" };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_log_writes(table, 0, 8, &log_writes), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.type, "log-writes");
	assert_string_equal(segment.params, "/dev/vdb 8:16");
	log_writes.log_device = NULL;
	assert_int_equal(dmk_table_add_log_writes(table, DMK_NEXT, 8, &log_writes), -EINVAL);
	assert_told(table, "log-device: is missing");
	dmk_table_free(table);
}

static void marks(void **state)
{
	static const struct dmk_key_value pair = { .key = "mark", .value = "fsync" };
	struct dmk_log_writes_message message = { .message = DMK_LOG_WRITES_MARK, .mark = "mkfs" };
	struct dmk_error err;
	char mark[4065], *text = NULL;

	(void)state;
	assert_int_equal(dmk_log_writes_format_message(&message, &text, NULL), 0);
	assert_string_equal(text, "mark mkfs");
	free(text);
	assert_int_equal(dmk_message_from_keys("log-writes", "mark", &pair, 1, &text, NULL), 0);
	assert_string_equal(text, "mark fsync");
	free(text);
	memset(mark, 'm', sizeof(mark));
	mark[4063] = '\0';
	message.mark = mark;
	assert_int_equal(dmk_log_writes_format_message(&message, &text, NULL), 0);
	assert_int_equal(strlen(text), 5 + 4063);
	free(text);
	text = NULL;
	mark[4063] = 'm';
	mark[4064] = '\0';
	assert_int_equal(dmk_log_writes_format_message(&message, &text, &err), -EINVAL);
	assert_string_equal(err.argument, "mark");
	message.mark = "two words";
	assert_int_equal(dmk_log_writes_format_message(&message, &text, &err), -EINVAL);
	assert_non_null(strstr(err.detail, "blank"));
	message.mark = NULL;
	assert_int_equal(dmk_log_writes_format_message(&message, &text, &err), -EINVAL);
	message = (struct dmk_log_writes_message){ .mark = "m" };
	assert_int_equal(dmk_log_writes_format_message(&message, &text, &err), -EINVAL);
	message = (struct dmk_log_writes_message){ .message = 1, .mark = "m", .unused = 1 };
	assert_int_equal(dmk_log_writes_format_message(&message, &text, &err), -EINVAL);
	assert_int_equal(dmk_log_writes_format_message(NULL, &text, NULL), -EINVAL);
	assert_null(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(bad_statuses),
		cmocka_unit_test(builder),
		cmocka_unit_test(marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
