/* SPDX-License-Identifier: MIT */
/* The kernel's own text form of a table: lines of START LENGTH TYPE PARAMETERS. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"
#include "table.h"

struct line {
	const char *text;
	size_t length;
	size_t position;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct line *line)
{
	while (line->position < line->length && is_blank(line->text[line->position]))
		line->position++;
}

/* The next word; *ret_column counts from 1, at the line's end for a word that is missing. */
static size_t next_word(struct line *line, const char **ret_word, uint32_t *ret_column)
{
	size_t start;

	skip_blanks(line);
	start = line->position;
	while (line->position < line->length && !is_blank(line->text[line->position]))
		line->position++;
	*ret_word = line->text + start;
	*ret_column = (uint32_t)start + 1;
	return line->position - start;
}

static int read_sectors(struct line *line, const char *what, struct dmk_error *err,
			uint64_t *ret_value, uint32_t *ret_column)
{
	const char *word;
	size_t length = next_word(line, &word, ret_column);
	int r = dmk_parse_u64(word, length, DMK_MAX_SECTORS, ret_value);

	if (length == 0)
		return dmk_fail_word(err, -EINVAL, "", 0, *ret_column,
				     "the %s is missing: a line is START LENGTH TYPE PARAMETERS",
				     what);
	if (r == -EINVAL)
		return dmk_fail_word(err, -EINVAL, word, length, *ret_column,
				     "the %s is a number of sectors in decimal digits", what);
	if (r == -ERANGE)
		return dmk_fail_word(err, -EOVERFLOW, word, length, *ret_column,
				     "the %s is too large: at most %llu sectors", what,
				     (unsigned long long)DMK_MAX_SECTORS);
	return 0;
}

static int read_type(struct line *line, char *type, struct dmk_error *err, uint32_t *ret_column)
{
	const char *word;
	size_t length = next_word(line, &word, ret_column);
	int r;

	if (length == 0)
		return dmk_fail_word(
			err, -EINVAL, "", 0, *ret_column,
			"the target type is missing: a line is START LENGTH TYPE PARAMETERS");
	err->column = *ret_column;
	if (length >= DMK_TYPE_SIZE)
		return dmk_fail_word(err, -ENAMETOOLONG, word, length, *ret_column,
				     "a target type is at most %d bytes long", DMK_TYPE_SIZE - 1);
	memcpy(type, word, length);
	type[length] = '\0';
	if (strlen(type) != length)
		return dmk_fail_word(err, -EINVAL, word, length, *ret_column,
				     "a NUL byte in the target type");
	r = dmk_check_type(type, err);
	err->column = *ret_column;
	return r;
}

static int add_line(struct dmk_table *table, struct line *line)
{
	struct dmk_error *err = &table->error;
	struct dmk_columns columns;
	char type[DMK_TYPE_SIZE];
	struct dmk_segment segment = { .type = type };
	int r;

	/* Words that are none of these may be anything, a key too: none is repeated. */
	r = read_sectors(line, "start", err, &segment.start_sectors, &columns.start);
	if (r == 0)
		r = read_sectors(line, "length", err, &segment.length_sectors, &columns.length);
	if (r == 0)
		r = read_type(line, type, err, &columns.type);
	/* The argument may be a word's begin alone. */
	if (r < 0 && dmk_digits_run(line->text, line->length, DMK_KEY_DIGITS) &&
	    dmk_digits_run(err->argument, strlen(err->argument), 8)) {
		dmk_wipe(err->argument, sizeof(err->argument));
		dmk_copy_text(err->argument, sizeof(err->argument), "(hidden)");
	}
	if (r < 0)
		return r;
	skip_blanks(line);
	columns.params = (uint32_t)line->position + 1;
	segment.params = line->text + line->position;
	return dmk_table_append(table, &segment, line->length - line->position, NULL, &columns);
}

/* A segment's parameters that are a table themselves: read from a copy, since they move. */
static int parse_own(struct dmk_table *table, const char *text, size_t size)
{
	char *copy = dmk_copy_bytes(text, size);
	int r;

	if (!copy)
		return dmk_fail(dmk_table_begin(table), -ENOMEM, "no memory for the text");
	r = dmk_table_parse(table, copy, size);
	dmk_wipe(copy, size);
	free(copy);
	return r;
}

int dmk_table_parse(struct dmk_table *table, const char *text, size_t size)
{
	struct dmk_error *err = dmk_table_begin(table);
	struct dmk_table_mark mark = dmk_table_mark(table);
	uint32_t number = 0;
	int r = 0;

	if (dmk_table_owns(table, text))
		return parse_own(table, text, size);
	for (size_t position = 0; r == 0 && position < size;) {
		const char *end = memchr(text + position, '\n', size - position);
		struct line line = { .text = text + position };

		line.length = end ? (size_t)(end - line.text) : size - position;
		position += line.length + 1;
		number++;
		skip_blanks(&line);
		if (line.position == line.length || line.text[line.position] == '#')
			continue;
		err->segment = table->count + 1;
		r = add_line(table, &line);
	}
	if (r < 0) {
		dmk_table_rollback(table, &mark);
		err->line = number;
		if (err->column == 0)
			err->column = 1;
	}
	return r;
}
