/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/table.h"

/* One line for a table, "START LENGTH TYPE PARAMS;" each. */
static const char *as_text(struct dmk_table *table)
{
	static char text[1024];
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < dmk_table_count(table); i++) {
		struct dmk_segment segment;

		assert_int_equal(dmk_table_get(table, i, &segment), 0);
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%llu %llu %s %s;",
					 (unsigned long long)segment.start_sectors,
					 (unsigned long long)segment.length_sectors, segment.type,
					 segment.params);
	}
	return text;
}

static const struct {
	const char *text, *table;
} good[] = {
	{ "", "" },
	{ "\n\n \t\n", "" },
	{ "# a comment\n   # and one more", "" },
	{ "0 8 zero", "0 8 zero ;" },
	{ "0 8 zero\n", "0 8 zero ;" },
	{ "0 8 zero\n8 16 error\n", "0 8 zero ;8 16 error ;" },
	{ "# first\n\n0 8 zero\n#8 8 zero\n8 1 error", "0 8 zero ;8 1 error ;" },
	{ "  0\t8   linear  /dev/a 5", "0 8 linear /dev/a 5;" },
	{ "0 8 zero\r\n8 8 error\r\n", "0 8 zero ;8 8 error ;" },
	{ "\r\n0 8 zero\r\n", "0 8 zero ;" },
	{ "0 8 own # not a comment", "0 8 own # not a comment;" },
	{ "0 8 own a\\ b  c", "0 8 own a\\ b  c;" },
	{ "0 18014398509481983 zero", "0 18014398509481983 zero ;" },
	{ "00 08 zero", "0 8 zero ;" },
};

static void good_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(good); i++) {
		struct dmk_table *table;
		size_t size = strlen(good[i].text);
		/* Not one byte behind it may be read. */
		char *text = dmk_copy_bytes(good[i].text, size);

		assert_int_equal(dmk_table_new(&table), 0);
		assert_int_equal(dmk_table_parse(table, text, size), 0);
		assert_string_equal(as_text(table), good[i].table);
		assert_int_equal(dmk_table_error(table)->code, 0);
		dmk_table_free(table);
		free(text);
	}
}

/* Into a table that has a segment of 8 sectors already. */
static const struct {
	const char *text;
	size_t size; /* 0: the string's */
	int code;
	uint32_t line, column, segment;
	const char *argument, *detail;
} bad[] = {
	{ "9 8 zero", 0, -EINVAL, 1, 1, 2, "",
	  "a gap of 1 sectors: it starts at 9, but segment 1 ends at 8" },
	{ "8 8 zero\n\n  15 1 zero", 0, -EINVAL, 3, 3, 3, "",
	  "an overlap of 1 sectors: it starts at 15, but segment 2 ends at 16" },
	{ "8 0 zero", 0, -EINVAL, 1, 3, 2, "", "a segment is at least one sector long" },
	{ "-8 8 zero", 0, -EINVAL, 1, 1, 2, "-8",
	  "the start is a number of sectors in decimal digits" },
	{ "8 -8 zero", 0, -EINVAL, 1, 3, 2, "-8",
	  "the length is a number of sectors in decimal digits" },
	{ "8 0x8 zero", 0, -EINVAL, 1, 3, 2, "0x8",
	  "the length is a number of sectors in decimal digits" },
	{ "8 8s zero", 0, -EINVAL, 1, 3, 2, "8s",
	  "the length is a number of sectors in decimal digits" },
	{ "12345678901234567890 8 zero", 0, -EOVERFLOW, 1, 1, 2, "12345678901234567890",
	  "the start is too large: at most 18014398509481983 sectors" },
	{ "8 99999999999999999999 zero", 0, -EOVERFLOW, 1, 3, 2, "99999999999999999999",
	  "the length is too large: at most 18014398509481983 sectors" },
	{ "8 18014398509481983 zero", 0, -EOVERFLOW, 1, 3, 2, "",
	  "it would end beyond sector 18014398509481983, the largest there is" },
	{ "8", 0, -EINVAL, 1, 2, 2, "",
	  "the length is missing: a line is START LENGTH TYPE PARAMETERS" },
	{ "8 8", 0, -EINVAL, 1, 4, 2, "",
	  "the target type is missing: a line is START LENGTH TYPE PARAMETERS" },
	{ "8 8  \n", 0, -EINVAL, 1, 6, 2, "",
	  "the target type is missing: a line is START LENGTH TYPE PARAMETERS" },
	{ "8 8 sixteen--letters x", 0, -ENAMETOOLONG, 1, 5, 2, "sixteen--letters",
	  "a target type is at most 15 bytes long" },
	{ "8 8 ze\0ro", 9, -EINVAL, 1, 5, 2, NULL, "a NUL byte in the target type" },
	{ "8 8 own a\0b", 11, -EINVAL, 1, 10, 2, NULL, "parameters may not contain a NUL byte" },
	{ "8 \0 zero", 8, -EINVAL, 1, 3, 2, NULL,
	  "the length is a number of sectors in decimal digits" },
	{ "8 8 zero\n\0", 10, -EINVAL, 2, 1, 3, NULL,
	  "the start is a number of sectors in decimal digits" },
	{ "8 8 linear /dev/a 0 more", 0, -EINVAL, 1, 21, 2, "more", NULL },
	{ "8 8 zero more", 0, -EINVAL, 1, 10, 2, "more", NULL },
	{ "8 8 linear /dev/a x", 0, -EINVAL, 1, 19, 2, "x", NULL },
	{ "8 8 zero\nzero 8 8\n", 0, -EINVAL, 2, 1, 3, "zero",
	  "the start is a number of sectors in decimal digits" },
};

static void bad_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(bad); i++) {
		size_t size = bad[i].size ? bad[i].size : strlen(bad[i].text);
		char *text = dmk_copy_bytes(bad[i].text, size);
		const struct dmk_error *err;
		struct dmk_table *table;

		assert_int_equal(dmk_table_new(&table), 0);
		assert_int_equal(dmk_table_add(table, 0, 8, "error", NULL), 0);
		assert_int_equal(dmk_table_parse(table, text, size), bad[i].code);
		err = dmk_table_error(table);
		assert_int_equal(err->code, bad[i].code);
		if (err->line != bad[i].line || err->column != bad[i].column ||
		    err->segment != bad[i].segment)
			fail_msg("'%s': line %u, column %u, segment %u", bad[i].text, err->line,
				 err->column, err->segment);
		if (bad[i].argument)
			assert_string_equal(err->argument, bad[i].argument);
		if (bad[i].detail)
			assert_string_equal(err->detail, bad[i].detail);
		assert_string_not_equal(err->detail, "");
		/* As it was before. */
		assert_string_equal(as_text(table), "0 8 error ;");
		assert_int_equal(dmk_table_size_sectors(table), 8);
		/* And good for more. */
		assert_int_equal(dmk_table_parse(table, "8 8 zero", 8), 0);
		assert_string_equal(as_text(table), "0 8 error ;8 8 zero ;");
		assert_int_equal(dmk_table_error(table)->code, 0);
		dmk_table_free(table);
		free(text);
	}
}

static void a_line_of_two_mebibytes(void **state)
{
	const size_t size = 2 << 20;
	struct dmk_table *table;
	char *text = malloc(size);

	(void)state;
	memset(text, 'x', size);
	memcpy(text, "0 8 own ", 8);
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_parse(table, text, size), -E2BIG);
	assert_int_equal(dmk_table_error(table)->line, 1);
	assert_int_equal(dmk_table_error(table)->column, 9);
	assert_string_equal(dmk_table_error(table)->detail,
			    "parameters of 2097144 bytes: at most 1048576 are allowed");
	assert_int_equal(dmk_table_count(table), 0);
	/* All of it one number, and one word. */
	memset(text, '7', size);
	assert_int_equal(dmk_table_parse(table, text, size), -EOVERFLOW);
	assert_int_equal(dmk_table_error(table)->column, 1);
	memset(text, 'w', size);
	assert_int_equal(dmk_table_parse(table, text, size), -EINVAL);
	assert_int_equal(strlen(dmk_table_error(table)->argument), 255);
	dmk_table_free(table);
	free(text);
}

/* The million-and-first line fails, and takes the million before it back. */
static void a_million_lines(void **state)
{
	static const char line[] = "%7u 1 own x\n";
	const uint32_t n = 1048577;
	char *text = malloc(n * 16 + 1);
	struct dmk_table *table;
	size_t size = 0;

	(void)state;
	for (uint32_t i = 0; i < n; i++)
		size += (size_t)sprintf(text + size, line, i);
	assert_int_equal(dmk_table_new(&table), 0);
	assert_int_equal(dmk_table_parse(table, text, size), -EOVERFLOW);
	assert_int_equal(dmk_table_error(table)->line, n);
	assert_int_equal(dmk_table_count(table), 0);
	size -= strlen("1048576 1 own x\n");
	assert_int_equal(dmk_table_parse(table, text, size), 0);
	assert_int_equal(dmk_table_count(table), 1048576);
	dmk_table_free(table);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_texts),
		cmocka_unit_test(bad_texts),
		cmocka_unit_test(a_line_of_two_mebibytes),
		cmocka_unit_test(a_million_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
