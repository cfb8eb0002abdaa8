/* SPDX-License-Identifier: MIT */
/* The stack that a file's sections mean: its words are those of create, read by the same code. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/numbers.h"
#include "read/options.h"
#include "read/stacks.h"

struct building {
	struct cli *cli;
	const struct stack_text *text;
	struct dmk_stack *stack;
	const struct stack_section *section;
	const char *name; /* of the section's device */
	struct stack_keys keys;
	struct text_words words; /* its table's */
};

/* Runs fn with errors at these pieces. */
static int in_pieces(struct building *building, const struct text_piece *pieces, uint32_t n,
		     int (*fn)(struct building *building, const struct text_piece *pieces,
			       uint32_t n))
{
	const struct stack_text *text = building->text;
	const struct text_part part = { text->file, text->bytes.data, text->bytes.length, pieces,
					n };
	int status;

	building->cli->part = &part;
	status = fn(building, pieces, n);
	building->cli->part = NULL;
	return status;
}

static int fail_library(struct building *building)
{
	return fail_with(building->cli, dmk_stack_error(building->stack));
}

/* ---- the table ---- */

static int add_keys(void *to, const char *type, const struct dmk_key_value *pairs, uint32_t n)
{
	return dmk_stack_add_keys(to, type, pairs, n);
}

static const struct dmk_error *stack_error(const void *to)
{
	return dmk_stack_error(to);
}

static int add_pair(struct building *building, const struct stack_entry *entry)
{
	size_t size = strlen(entry->key) + strlen(entry->pieces[0].text) + 4;
	char *word = malloc(size);
	int status;

	if (!word)
		return fail_errno(building->cli, -ENOMEM, "", "read the stack");
	/* Its blanks are its own. */
	snprintf(word, size, "\"%s=%s\"", entry->key, entry->pieces[0].text);
	status = add_text_words(building->cli, word, &building->words);
	free(word);
	return status;
}

static int table_words(struct building *building, const struct text_piece *pieces, uint32_t n)
{
	const struct segment_sink sink = { add_keys, stack_error, building->stack };
	const struct stack_section *section = building->section;
	struct text_words *words = &building->words;
	int status = EXIT_DONE;

	(void)pieces;
	(void)n;
	for (uint32_t i = 0; status == EXIT_DONE && i < section->n; i++) {
		const struct stack_entry *entry = &section->entries[i];

		if (strcmp(entry->key, "table") != 0)
			continue;
		/* Another one is another segment. */
		if (words->n)
			status = add_text_words(building->cli, "+", words);
		for (uint32_t p = 0; status == EXIT_DONE && p < entry->n; p++)
			status = add_text_words(building->cli, entry->pieces[p].text, words);
	}
	if (status == EXIT_DONE && words->n == 0)
		return usage_error(building->cli, "", "an empty table: needs TYPE KEY=VALUE...");
	for (uint32_t i = 0; status == EXIT_DONE && i < section->n; i++) {
		if (is_stack_key_word(words->words[0], section->entries[i].key))
			status = add_pair(building, &section->entries[i]);
	}
	return status == EXIT_DONE ? add_words_to(building->cli, &sink, words->words, (int)words->n)
				   : status;
}

static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t\r");
	size_t length = strcspn(word, " \t\r");

	*text = word + length;
	if (**text)
		*(*text)++ = '\0';
	*text += strspn(*text, " \t\r");
	return word;
}

/* "START LENGTH TYPE [PARAMS]" */
static int add_line(struct building *building, char *text)
{
	char *start = next_word(&text), *length = next_word(&text), *type = next_word(&text);
	uint64_t start_sectors, length_sectors;

	if (!parse_number(start, UINT64_MAX, &start_sectors))
		return usage_error(
			building->cli, start,
			"a segment begins with its START and LENGTH in sectors, not with '%.32s'",
			start);
	if (!parse_number(length, UINT64_MAX, &length_sectors))
		return usage_error(building->cli, length,
				   "a segment's LENGTH is a number of sectors, not '%.32s'",
				   length);
	if (dmk_stack_add_segment(building->stack, start_sectors, length_sectors, type, text) < 0)
		return fail_library(building);
	return EXIT_DONE;
}

static int table_lines(struct building *building, const struct text_piece *pieces, uint32_t n)
{
	int status = EXIT_DONE;

	for (uint32_t i = 0; status == EXIT_DONE && i < n; i++) {
		char *line;

		status = expand_vars(building->cli, pieces[i].text, &line);
		if (status != EXIT_DONE)
			break;
		status = add_line(building, line);
		explicit_bzero(line, strlen(line));
		free(line);
	}
	return status;
}

static int no_table(struct building *building, const struct text_piece *pieces, uint32_t n)
{
	(void)pieces;
	(void)n;
	return usage_error(building->cli, building->name,
			   "no table: needs table = TYPE KEY=VALUE..., or table-text =");
}

/* Adds the device's table. */
static int add_table(struct building *building)
{
	uint32_t n_words, n_lines, n_all;
	struct text_piece *words = stack_pieces(building->section, "table", false, &n_words);
	struct text_piece *lines = stack_pieces(building->section, "table-text", false, &n_lines);
	struct text_piece *all =
		stack_pieces(building->section, NULL, !n_words && !n_lines, &n_all);
	int status;

	if (!words || !lines || !all)
		status = fail_errno(building->cli, -ENOMEM, "", "read the stack");
	else if (n_words && n_lines)
		status = fail_stack_text(building->cli, building->text, &lines[0],
					 "table and table-text exclude each other");
	else if (n_words)
		status = in_pieces(building, all, n_all, table_words);
	else
		status = in_pieces(building, n_lines ? lines : all, n_lines ? n_lines : 1,
				   n_lines ? table_lines : no_table);
	drop_text_words(&building->words);
	free(words);
	free(lines);
	free(all);
	return status;
}

/* ---- the other keys ---- */

static int add_message(struct building *building, const struct text_piece *pieces, uint32_t n)
{
	char *text, *rest, *device;
	int status;

	if (n != 1)
		return usage_error(building->cli, pieces[1].text, "a message is one line");
	status = expand_vars(building->cli, pieces[0].text, &text);
	if (status != EXIT_DONE)
		return status;
	rest = text;
	device = next_word(&rest);
	device += *device == '@';
	if (!*rest)
		status = usage_error(building->cli, device,
				     "a message is NAME TEXT, NAME of a device "
				     "of this stack");
	else if (dmk_stack_add_message(building->stack, device, rest) < 0)
		status = fail_library(building);
	free(text);
	return status;
}

static int add_device(struct building *building, const struct text_piece *pieces, uint32_t n)
{
	const struct options *options = &building->keys.options;
	const struct dmk_stack_device device = {
		.flags = (options->given & BIT(OPT_READONLY) ? DMK_CREATE_READONLY : 0) |
			 (options->given & BIT(OPT_MINOR) ? DMK_CREATE_FIXED_MINOR : 0) |
			 (options->given & BIT(OPT_NO_VERIFY) ? DMK_CREATE_NO_VERIFY : 0) |
			 (options->given & BIT(OPT_READ_AHEAD) ? DMK_CREATE_READ_AHEAD : 0) |
			 (options->read_ahead_minimum ? DMK_CREATE_READ_AHEAD_MINIMUM : 0),
		.uid = options->uid,
		.gid = options->gid,
		.mode = options->mode,
		.minor = options->fixed_minor,
		.node_policy = options->given & BIT(OPT_NO_NODE) ? DMK_NODE_NONE : 0,
		.read_ahead_sectors = options->read_ahead_sectors,
		.line = building->section->name.line,
		.uuid = options->uuid,
	};

	(void)pieces;
	(void)n;
	if (dmk_stack_add_device(building->stack, building->name, &device) < 0)
		return fail_library(building);
	return EXIT_DONE;
}

static int add_section(struct building *building)
{
	const struct stack_section *section = building->section;
	int status;

	building->cli->table_of = building->name;
	status = stack_keys_take(building->cli, building->text, section, &building->keys);
	if (status == EXIT_DONE)
		status = in_pieces(building, &section->name, 1, add_device);
	if (status == EXIT_DONE)
		status = add_table(building);
	for (uint32_t i = 0; status == EXIT_DONE && i < section->n; i++) {
		if (strcmp(section->entries[i].key, "message") == 0)
			status = in_pieces(building, section->entries[i].pieces,
					   section->entries[i].n, add_message);
	}
	building->cli->table_of = NULL;
	stack_keys_drop(&building->keys);
	return status;
}

/* ---- all of them ---- */

static int by_name(const void *a, const void *b)
{
	const struct stack_section *one = *(const struct stack_section *const *)a;
	const struct stack_section *other = *(const struct stack_section *const *)b;
	int order = strcmp(one->name.text, other->name.text);

	return order ? order : one < other ? -1 : one > other;
}

static int check_twice(struct cli *cli, const struct stack_text *text)
{
	const struct stack_section **sorted = malloc((text->n + 1) * sizeof(*sorted));
	int status = sorted ? EXIT_DONE : fail_errno(cli, -ENOMEM, "", "read the stack");

	for (uint32_t i = 0; sorted && i < text->n; i++)
		sorted[i] = &text->sections[i];
	if (sorted && text->n)
		qsort(sorted, text->n, sizeof(*sorted), by_name);
	for (uint32_t i = 1; status == EXIT_DONE && i < text->n; i++) {
		if (strcmp(sorted[i - 1]->name.text, sorted[i]->name.text) == 0)
			status = fail_stack_text(cli, text, &sorted[i]->name,
						 "'%.128s' is given twice, first in line %u",
						 sorted[i]->name.text, sorted[i - 1]->name.line);
	}
	free(sorted);
	return status;
}

static int add_sections(struct building *building)
{
	const struct stack_text *text = building->text;
	int status = check_twice(building->cli, text);

	for (uint32_t i = 0; status == EXIT_DONE && i < text->n; i++) {
		const struct text_part part = { text->file, text->bytes.data, text->bytes.length,
						&text->sections[i].name, 1 };
		char *name;

		building->section = &text->sections[i];
		building->cli->part = &part;
		status = expand_vars(building->cli, text->sections[i].name.text, &name);
		building->cli->part = NULL;
		if (status != EXIT_DONE)
			break;
		building->name = name;
		status = add_section(building);
		free(name);
	}
	return status;
}

int stack_build(struct cli *cli, const struct stack_text *text, const char *name,
		struct dmk_stack **ret_stack)
{
	struct building building = { .cli = cli, .text = text };
	int r = dmk_stack_new(name, &building.stack);
	int status;

	if (r < 0)
		return fail_errno(cli, r, name, "make the stack");
	status = add_sections(&building);
	if (status == EXIT_DONE)
		*ret_stack = building.stack;
	else
		dmk_stack_free(building.stack);
	return status;
}
