/* SPDX-License-Identifier: MIT */
/* What the tests of all targets share: golden lines of the kernel, and parameters that must be
 * refused. */
#ifndef DMK_TEST_LINES_H
#define DMK_TEST_LINES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rows/target.h"

static inline FILE *open_lines(const char *folder, const char *type)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s.txt", DMK_UNIT_DIR, folder, type);
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s cannot be opened", path);
	return file;
}

/* The next line without its newline that is no comment; NULL at the end. */
static inline char *next_line(FILE *file, char *line, int size)
{
	while (fgets(line, size, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '#')
			return line;
	}
	return NULL;
}

struct golden {
	char *params;
	uint64_t length_sectors;
};

/* "table: START LENGTH TYPE PARAMS" of the kind asked for. */
static inline bool read_golden(char *line, const char *kind, struct golden *ret)
{
	unsigned long long start, length;
	int used = 0;

	if (strncmp(line, kind, strlen(kind)) != 0)
		return false;
	if (sscanf(line, "%*s %llu %llu %*s%n", &start, &length, &used) != 2 || !used)
		fail_msg("a bad golden line: %s", line);
	ret->params = line + used + (line[used] == ' ');
	ret->length_sectors = length;
	return true;
}

/* text -> value -> text, byte for byte. */
static inline void check_form_round_trip(const struct dmk_form *form, const char *line)
{
	struct dmk_text text = { 0 };
	struct dmk_error err = { 0 };
	void *value = malloc(form->value_size);
	int r = dmk_form_parse(form, line, value, &err);

	if (r < 0)
		fail_msg("'%s' is refused: '%s': %s", line, err.argument, err.detail);
	r = dmk_form_validate(form, value, false, &err);
	if (r == 0)
		r = dmk_form_format(form, value, &text, &err);
	if (r < 0)
		fail_msg("'%s' is not written: '%s': %s", line, err.argument, err.detail);
	assert_string_equal(text.data ? text.data : "", line);
	dmk_text_free(&text);
	dmk_form_clear(form, value);
	free(value);
}

static inline void check_round_trip(const struct dmk_target *target, const char *params)
{
	check_form_round_trip(&target->table, params);
}

/* params -> keys -> table -> params. */
static inline void check_keys_round_trip(const char *type, const char *params,
					 uint64_t length_sectors)
{
	struct dmk_key_values values = { 0 };
	struct dmk_key_value pairs[64];
	struct dmk_segment segment;
	struct dmk_table *table;
	struct dmk_error err;
	char size[32];

	assert_int_equal(dmk_params_to_keys(type, params, &values, &err), 0);
	assert_true(values.count < 63);
	if (values.count)
		memcpy(pairs, values.items, values.count * sizeof(pairs[0]));
	snprintf(size, sizeof(size), "%llus", (unsigned long long)length_sectors);
	pairs[values.count] = (struct dmk_key_value){ .key = "size", .value = size };
	assert_int_equal(dmk_table_new(&table), 0);
	if (dmk_table_add_keys(table, type, pairs, values.count + 1) < 0)
		fail_msg("'%s': '%s': %s", params, dmk_table_error(table)->argument,
			 dmk_table_error(table)->detail);
	assert_int_equal(dmk_table_get(table, 0, &segment), 0);
	assert_string_equal(segment.params, params);
	assert_int_equal(segment.length_sectors, length_sectors);
	dmk_table_free(table);
	dmk_key_values_clear(&values);
}

/* Every beginning of params is refused with a column within it, or accepted. */
static inline void check_cut(const struct dmk_target *target, const char *params)
{
	void *value = malloc(target->table.value_size);

	for (size_t length = 0; length < strlen(params); length++) {
		char *cut = strndup(params, length);
		struct dmk_error err = { 0 };

		if (dmk_form_parse(&target->table, cut, value, &err) < 0) {
			assert_true(err.column <= length + 1);
			assert_true(err.detail[0]);
			assert_int_equal(err.code, -EINVAL);
			assert_true(dmk_all_zero(value, target->table.value_size));
		}
		dmk_form_clear(&target->table, value);
		free(cut);
	}
	free(value);
}

/* All table lines of golden/TYPE.txt; at least one. */
static inline void check_golden_tables(const struct dmk_target *target)
{
	const char *type = target->info.type;
	FILE *file = open_lines("golden", type);
	struct golden golden;
	char line[4096];
	int n = 0;

	while (next_line(file, line, sizeof(line))) {
		/* Of a live device, say: read, but not to be made. */
		if (read_golden(line, "printed:", &golden)) {
			check_round_trip(target, golden.params);
			assert_int_equal(dmk_target_check(type, golden.params,
							  golden.length_sectors, false, NULL),
					 -EINVAL);
			continue;
		}
		if (!read_golden(line, "table:", &golden))
			continue;
		check_round_trip(target, golden.params);
		assert_int_equal(
			dmk_target_check(type, golden.params, golden.length_sectors, false, NULL),
			0);
		check_keys_round_trip(type, golden.params, golden.length_sectors);
		check_cut(target, golden.params);
		n++;
	}
	fclose(file);
	assert_true(n > 0);
}

/* Each line of bad/TYPE.txt: PARAMS<TAB>a piece of "column N: ARGUMENT: DETAIL". */
static inline void check_bad_lines(const struct dmk_target *target)
{
	FILE *file = open_lines("bad", target->info.type);
	void *value = malloc(target->table.value_size);
	char line[4096], told[1024];
	int n = 0;

	while (next_line(file, line, sizeof(line))) {
		char *piece = strchr(line, '\t');
		struct dmk_error err = { 0 };

		assert_non_null(piece);
		*piece++ = '\0';
		if (dmk_form_parse(&target->table, line, value, &err) != -EINVAL)
			fail_msg("'%s' is not refused", line);
		snprintf(told, sizeof(told), "column %u: %s: %s", err.column, err.argument,
			 err.detail);
		if (!strstr(told, piece))
			fail_msg("'%s' is refused with '%s', not with '%s'", line, told, piece);
		assert_true(err.column <= strlen(line) + 1);
		assert_true(dmk_all_zero(value, target->table.value_size));
		assert_int_equal(dmk_form_parse(&target->table, line, value, NULL), -EINVAL);
		assert_int_equal(dmk_target_check(target->info.type, line, 8, false, NULL),
				 -EINVAL);
		n++;
	}
	fclose(file);
	free(value);
	assert_true(n > 0);
}

/* A generator for tests that repeat themselves (splitmix64). */
static inline uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The last failure of table must hold piece in its argument or detail. */
static inline void assert_told(const struct dmk_table *table, const char *piece)
{
	const struct dmk_error *err = dmk_table_error(table);
	char told[1024];

	snprintf(told, sizeof(told), "%s: %s", err->argument, err->detail);
	if (!strstr(told, piece))
		fail_msg("told '%s', not '%s'", told, piece);
	assert_true(err->code < 0);
	assert_int_equal(err->verb, DMK_VERB_PARSE);
	assert_int_equal(err->segment, dmk_table_count(table) + 1);
}

#endif
