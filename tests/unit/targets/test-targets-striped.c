/* SPDX-License-Identifier: MIT */
#include "../lines.h"

static void golden(void **state)
{
	(void)state;
	check_golden_tables(dmk_target_find("striped"));
}

static void bad(void **state)
{
	(void)state;
	check_bad_lines(dmk_target_find("striped"));
}

static void golden_status(void **state)
{
	FILE *file = open_lines("golden", "striped");
	struct dmk_striped_status status;
	struct golden line_golden;
	char line[4096];
	int n = 0;

	(void)state;
	while (next_line(file, line, sizeof(line))) {
		struct dmk_text text = { 0 };

		if (!read_golden(line, "status:", &line_golden))
			continue;
		assert_int_equal(dmk_striped_parse_status(line_golden.params, &status, NULL), 0);
		dmk_text_add(&text, "%u", status.n_legs);
		for (uint32_t i = 0; i < status.n_legs; i++)
			dmk_text_add(&text, " %s", status.devices[i]);
		dmk_text_add(&text, " 1 %s", status.health);
		assert_string_equal(text.data, line_golden.params);
		assert_int_equal(status.n_failed, strchr(status.health, 'D') ? 1 : 0);
		dmk_text_free(&text);
		dmk_striped_status_clear(&status);
		n++;
	}
	fclose(file);
	assert_true(n > 2);
}

static void bad_status(void **state)
{
	static const char *const lines[] = {
		"",
		"2",
		"0 1 A",
		"2 1:0 1:1 1 A",
		"2 1:0 1:1 1 AAA",
		"2 1:0 1:1 1 AX",
		"2 1:0 1 AA",
		"2 1:0 1:1 2 AA",
		"2 1:0 1:1 1 AA A",
		"4294967295 1:0 1 A",
		"4294967296 1:0 1 A",
		"x 1:0 1 A",
	};
	struct dmk_striped_status status = { .n_legs = 7 };
	struct dmk_error err;

	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(lines); i++) {
		assert_int_equal(dmk_striped_parse_status(lines[i], &status, &err), -EINVAL);
		assert_true(err.detail[0] && err.column && err.column <= strlen(lines[i]) + 1);
		assert_int_equal(dmk_striped_parse_status(lines[i], &status, NULL), -EINVAL);
	}
	assert_int_equal(status.n_legs, 7);
	dmk_striped_status_clear(NULL);
}

static void generated(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		uint32_t n = 1 + (uint32_t)(next_random(&seed) % 40);
		struct dmk_text text = { 0 };

		dmk_text_add(&text, "%u %llu", n,
			     (unsigned long long)(next_random(&seed) % UINT32_MAX + 1));
		for (uint32_t k = 0; k < n; k++)
			dmk_text_add(
				&text, " %u:%u %llu", (unsigned int)(next_random(&seed) % 4096), k,
				(unsigned long long)(next_random(&seed) % (DMK_MAX_SECTORS + 1)));
		check_round_trip(dmk_target_find("striped"), text.data);
		dmk_text_free(&text);
	}
}

/* A table text claims a number of stripes: nothing may be allocated or walked for more than there
 * is. */
static void many_legs(void **state)
{
	struct dmk_text text = { 0 };
	struct dmk_striped striped;

	(void)state;
	dmk_text_add(&text, "100000 8");
	for (int i = 0; i < 100000; i++)
		dmk_text_add(&text, " 8:%d 0", i);
	assert_int_equal(dmk_striped_parse_table(text.data, &striped, NULL), 0);
	assert_int_equal(striped.n_legs, 100000);
	assert_string_equal(striped.legs[99999].device, "8:99999");
	dmk_striped_clear(&striped);
	dmk_text_free(&text);
}

static void lengths(void **state)
{
	struct dmk_error err = { 0 };

	(void)state;
	/* Each as Linux 6.1 answers it. */
	assert_int_equal(dmk_target_check("striped", "2 8 1:0 0 1:1 0", 4096, false, &err), 0);
	assert_int_equal(dmk_target_check("striped", "2 3 1:0 0 1:1 0", 4104, false, &err), 0);
	assert_int_equal(dmk_target_check("striped", "2 24 1:0 0 1:1 0", 4800, false, &err), 0);
	assert_int_equal(dmk_target_check("striped", "2 8 1:0 0 1:1 0", 4100, false, &err),
			 -EINVAL);
	assert_int_equal(dmk_target_check("striped", "2 8 1:0 0 1:1 0", 4097, false, &err),
			 -EINVAL);
	assert_string_equal(err.argument, "size");
	assert_string_equal(err.detail,
			    "4097 sectors are no multiple of 2 stripes times 8 sectors");
}

static void builder(void **state)
{
	struct dmk_leg legs[] = { { "/dev/vdb", 0 }, { "8:16", 2048 } };
	struct dmk_striped striped = { .chunk_sectors = 128, .legs = legs, .n_legs = 2 };
	struct dmk_segment segment;
	struct dmk_table *table;

	(void)state;
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_add_striped(table, 0, 4096, &striped), 0);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, "2 128 /dev/vdb 0 8:16 2048");
	assert_int_equal(dmk_table_add_striped(table, DMK_NEXT, 4097, &striped), -EINVAL);
	assert_told(table, "size: 4097 sectors");
	striped.unused = 1;
	assert_int_equal(dmk_table_add_striped(table, DMK_NEXT, 4096, &striped), -EINVAL);
	assert_told(table, "unused: must be zero");
	striped.unused = 0;
	legs[1].offset_sectors = DMK_MAX_SECTORS + 1;
	assert_int_equal(dmk_table_add_striped(table, DMK_NEXT, 4096, &striped), -EINVAL);
	assert_told(table, "8:16: offset 18014398509481984 must be at most");
	legs[1].device = NULL;
	assert_int_equal(dmk_table_add_striped(table, DMK_NEXT, 4096, &striped), -EINVAL);
	assert_told(table, "device: is missing");
	striped.n_legs = 0;
	assert_int_equal(dmk_table_add_striped(table, DMK_NEXT, 4096, &striped), -EINVAL);
	assert_told(table, "at least one");
	striped = (struct dmk_striped){ .chunk_sectors = 8, .n_legs = 2 };
	assert_int_equal(dmk_table_add_striped(table, DMK_NEXT, 4096, &striped), -EINVAL);
	assert_told(table, "device: is missing");
	striped = (struct dmk_striped){ .legs = legs, .n_legs = 1 };
	assert_int_equal(dmk_table_add_striped(table, DMK_NEXT, 4096, &striped), -EINVAL);
	assert_told(table,
		    "chunk: 0 is not allowed: must be a number of sectors from 1 to 4294967295");
	striped.reserved[0] = 1;
	assert_int_equal(dmk_table_add_striped(table, DMK_NEXT, 4096, &striped), -EINVAL);
	assert_told(table, "reserved");
	assert_int_equal(dmk_table_count(table), 1);
	dmk_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),	 cmocka_unit_test(bad),
		cmocka_unit_test(golden_status), cmocka_unit_test(bad_status),
		cmocka_unit_test(generated),	 cmocka_unit_test(many_legs),
		cmocka_unit_test(lengths),	 cmocka_unit_test(builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
