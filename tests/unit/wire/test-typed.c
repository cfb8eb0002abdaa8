/* SPDX-License-Identifier: MIT */
/* Structs of older and newer headers than the library's, and targets that it does not know. */
#include <errno.h>
#include <string.h>

#include "dmkit.h"
#include "../unit.h"

/* linear's before it had an offset, and one with a field more. */
struct older {
	const char *device;
	void *owned;
	uint64_t reserved[8];
};

struct newer {
	const char *device;
	uint64_t offset_sectors;
	uint64_t later;
	void *owned;
	uint64_t reserved[8];
};

static struct dmk_table *new_table(void)
{
	struct dmk_table *table;

	assert_int_equal(dmk_table_new(&table), 0);
	return table;
}

static void assert_params(struct dmk_table *table, const char *params)
{
	struct dmk_segment segment;

	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.type, "linear");
	assert_string_equal(segment.params, params);
}

static void older_structs(void **state)
{
	struct dmk_table *table = new_table();
	struct older older = { .device = "1:0" };

	(void)state;
	assert_int_equal(dmk_table_add_value(table, "linear", 0, 8, &older, sizeof(older)), 0);
	assert_params(table, "1:0 0");
	older.reserved[7] = 1;
	assert_int_equal(dmk_table_add_value(table, "linear", 8, 8, &older, sizeof(older)),
			 -EINVAL);
	assert_string_equal(dmk_table_error(table)->argument, "reserved");
	dmk_table_free(table);
	memset(&older, 0xff, sizeof(older));
	assert_int_equal(dmk_value_parse_table("linear", "/dev/a 8", &older, sizeof(older), NULL),
			 0);
	assert_string_equal(older.device, "/dev/a");
	assert_int_equal(older.reserved[0], 0);
	dmk_value_clear(&older, sizeof(older));
	assert_null(older.device);
}

static void newer_structs(void **state)
{
	struct dmk_table *table = new_table();
	struct newer newer = { .device = "1:0", .offset_sectors = 8 };

	(void)state;
	assert_int_equal(dmk_table_add_value(table, "linear", 0, 8, &newer, sizeof(newer)), 0);
	assert_params(table, "1:0 8");
	newer.later = 1;
	assert_int_equal(dmk_table_add_value(table, "linear", 8, 8, &newer, sizeof(newer)),
			 -EINVAL);
	assert_non_null(strstr(dmk_table_error(table)->detail, "older than the header"));
	dmk_table_free(table);
	memset(&newer, 0xff, sizeof(newer));
	assert_int_equal(dmk_value_parse_table("linear", "/dev/a 8", &newer, sizeof(newer), NULL),
			 0);
	assert_int_equal(newer.offset_sectors, 8);
	assert_int_equal(newer.later, 0);
	dmk_value_clear(&newer, sizeof(newer));
}

static void no_structs(void **state)
{
	struct dmk_table *table = new_table();
	struct dmk_linear linear = { .device = "1:0" };
	struct dmk_error err;
	char *text = NULL;

	(void)state;
	assert_int_equal(dmk_table_add_value(table, "linear", 0, 8, NULL, sizeof(linear)), -EINVAL);
	assert_int_equal(dmk_table_add_value(table, "linear", 0, 8, &linear, 71), -EINVAL);
	assert_string_equal(dmk_table_error(table)->argument, "size");
	assert_int_equal(dmk_table_count(table), 0);
	dmk_table_free(table);
	assert_int_equal(dmk_value_parse_table("linear", "1:0 0", &linear, 71, &err), -EINVAL);
	assert_string_equal(linear.device, "1:0");
	assert_int_equal(dmk_value_format_message("era", &linear, 3, &text, &err), -EINVAL);
	assert_int_equal(dmk_value_format_message("linear", &linear, sizeof(linear), &text, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "message");
	assert_null(text);
	dmk_value_clear(NULL, sizeof(linear));
	dmk_value_clear(&linear, 71);
	assert_string_equal(linear.device, "1:0");
}

static void unknown_targets(void **state)
{
	static const char *const types[] = { "linnear", "", NULL };
	struct dmk_table *table = new_table();
	struct dmk_linear linear = { .device = "1:0" };
	struct dmk_error err;
	char *text = NULL;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
			dmk_table_add_value(table, types[i], 0, 8, &linear, sizeof(linear)),
			-EINVAL);
		assert_int_equal(
			dmk_value_parse_table(types[i], "1:0 0", &linear, sizeof(linear), &err),
			-EINVAL);
		assert_int_equal(
			dmk_value_parse_status(types[i], "", &linear, sizeof(linear), &err),
			-EINVAL);
		assert_non_null(strstr(err.detail, "does not know this target"));
	}
	assert_non_null(strstr(dmk_table_error(table)->detail, "does not know"));
	assert_int_equal(dmk_value_format_message("nosuch", &linear, sizeof(linear), &text, &err),
			 -EINVAL);
	assert_int_equal(dmk_value_parse_status("linear", "", &linear, sizeof(linear), &err),
			 -EINVAL);
	assert_string_equal(err.detail, "its status is always empty");
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(older_structs),
		cmocka_unit_test(newer_structs),
		cmocka_unit_test(no_structs),
		cmocka_unit_test(unknown_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
