/* SPDX-License-Identifier: MIT */
/* Beside what test-every-target.c does for all. */
#include "../lines.h"

static void status_fields(void **state)
{
	struct dmk_thin_status status;

	(void)state;
	assert_int_equal(dmk_thin_parse_status("384 1279", &status, NULL), 0);
	assert_int_equal(status.state, DMK_THIN_OK);
	assert_int_equal(status.options, DMK_THIN_STATUS_MAPPED | DMK_THIN_STATUS_HIGHEST);
	assert_int_equal(status.mapped_sectors, 384);
	assert_int_equal(status.highest_mapped_sector, 1279);
	assert_int_equal(dmk_thin_parse_status("0 -", &status, NULL), 0);
	assert_int_equal(status.options, DMK_THIN_STATUS_MAPPED);
	assert_int_equal(dmk_thin_parse_status("-", &status, NULL), 0);
	assert_int_equal(status.state, DMK_THIN_CLOSED);
	assert_int_equal(dmk_thin_parse_status("Fail", &status, NULL), 0);
	assert_int_equal(status.state, DMK_THIN_FAIL);
	assert_int_equal(dmk_thin_parse_status("Error", &status, NULL), 0);
	assert_int_equal(status.state, DMK_THIN_ERROR);
	assert_int_equal(status.options, 0);
}

static void bad_statuses(void **state)
{
	static const char *const lines[] = { "",	 "ok",	  "x",	  "1",	   "1 x", "- -",
					     "Fail 0 1", "1 2 3", "-1 2", "1 - -", "1 -2" };
	struct dmk_thin_status status = { .state = 77 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		if (dmk_thin_parse_status(lines[i], &status, &err) != -EINVAL)
			fail_msg("'%s' is not refused", lines[i]);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
	}
	assert_int_equal(status.state, 77);
}

static void builder(void **state)
{
	struct dmk_thin thin = { .pool_device = "/dev/mapper/p", .id = 16777215 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_thin(table, 0, 8, &thin), 0);
	thin.external_origin = "8:16"; /* counts without its bit */
	assert_int_equal(dmk_table_add_thin(table, DMK_NEXT, 8, &thin), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "/dev/mapper/p 16777215");
	assert_int_equal(dmk_table_get(table, 1, &segment), 0);
	assert_string_equal(segment.params, "/dev/mapper/p 16777215 8:16");
	thin.external_origin = "/dev/mapper/p";
	assert_int_equal(dmk_table_add_thin(table, DMK_NEXT, 8, &thin), -EINVAL);
	assert_told(table, "must not be the pool");
	thin.external_origin = NULL;
	thin.options = DMK_THIN_EXTERNAL_ORIGIN;
	assert_int_equal(dmk_table_add_thin(table, DMK_NEXT, 8, &thin), -EINVAL);
	assert_told(table, "external-origin: is missing");
	thin.options = 0;
	thin.id = 16777216;
	assert_int_equal(dmk_table_add_thin(table, DMK_NEXT, 8, &thin), -EINVAL);
	assert_told(table, "id: 16777216 is not allowed: must be a number from 0 to 16777215");
	thin.id = 0;
	thin.unused = 1;
	assert_int_equal(dmk_table_add_thin(table, DMK_NEXT, 8, &thin), -EINVAL);
	assert_told(table, "unused");
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_fields),
		cmocka_unit_test(bad_statuses),
		cmocka_unit_test(builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
