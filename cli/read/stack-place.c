/* SPDX-License-Identifier: MIT */
/* Where in a stack file something is wrong. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "read/stacks.h"

struct text_piece place_of(const struct stack_text *text, const char *at)
{
	struct text_piece place = { .line = 1 };
	const char *line = text->bytes.data;

	for (const char *c = line; c < at; c++) {
		if (*c == '\n') {
			place.line++;
			line = c + 1;
		}
	}
	place.column = (uint32_t)(at - line) + 1;
	return place;
}

int fail_stack_text(struct cli *cli, const struct stack_text *text, const struct text_piece *place,
		    const char *format, ...)
{
	struct text_piece piece = { (char[]){ "" }, place->line, place->column };
	const struct text_part part = { text->file, text->bytes.data, text->bytes.length, &piece,
					1 };
	char what[256];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	cli->part = &part;
	status = usage_error(cli, place->text ? place->text : "", "%s", what);
	cli->part = NULL;
	return status;
}

struct text_piece *stack_pieces(const struct stack_section *section, const char *key, bool name,
				uint32_t *ret_n)
{
	struct text_piece *pieces;
	uint32_t n = 1;

	for (uint32_t i = 0; i < section->n; i++)
		n += section->entries[i].n;
	pieces = malloc(n * sizeof(*pieces));
	n = 0;
	if (pieces && name)
		pieces[n++] = section->name;
	for (uint32_t i = 0; pieces && i < section->n; i++) {
		const struct stack_entry *entry = &section->entries[i];

		if (key && strcmp(entry->key, key) != 0)
			continue;
		memcpy(pieces + n, entry->pieces, entry->n * sizeof(*pieces));
		n += entry->n;
	}
	*ret_n = n;
	return pieces;
}

static const struct stack_section *find_section(struct cli *cli, const struct stack_text *text,
						const char *device)
{
	for (uint32_t i = 0; i < text->n; i++) {
		char *name = NULL;
		bool found = expand_vars(cli, text->sections[i].name.text, &name) == EXIT_DONE &&
			     strcmp(name, device) == 0;

		free(name);
		if (found)
			return &text->sections[i];
	}
	return NULL;
}

/* Where the word at fault may stand: of a segment in the table, else anywhere. free(). */
static struct text_piece *places_of(const struct stack_section *section,
				    const struct dmk_error *err, uint32_t *ret_n)
{
	static const char *const tables[] = { "table", "table-text" };

	for (size_t i = 0; err->segment && i < ARRAY_SIZE(tables); i++) {
		struct text_piece *pieces = stack_pieces(section, tables[i], false, ret_n);

		if (pieces && *ret_n)
			return pieces;
		free(pieces);
	}
	return stack_pieces(section, NULL, true, ret_n);
}

/* Runs fn with the place of the device that err names, if it names one of the text. */
static void with_place(struct cli *cli, const struct stack_text *text, const struct dmk_error *err,
		       void (*fn)(struct cli *cli, const struct dmk_error *err, int *status),
		       int *ret_status)
{
	const struct stack_section *section =
		err->line ? find_section(cli, text, err->device) : NULL;
	struct text_part part = { text->file, text->bytes.data, text->bytes.length, NULL, 0 };
	struct text_piece *pieces = section ? places_of(section, err, &part.n) : NULL;

	part.pieces = pieces;
	cli->part = pieces ? &part : NULL;
	fn(cli, err, ret_status);
	cli->part = NULL;
	free(pieces);
}

static void tell_failure(struct cli *cli, const struct dmk_error *err, int *ret_status)
{
	*ret_status = fail_with(cli, err);
}

int fail_stack(struct cli *cli, const struct stack_text *text, const struct dmk_error *err)
{
	/* It lives where the place is looked for. */
	const struct dmk_error copy = *err;
	int status = EXIT_FAILED;

	with_place(cli, text, &copy, tell_failure, &status);
	return status;
}

static void warn(struct cli *cli, const struct dmk_error *note)
{
	char sentence[DMK_ERROR_TEXT_SIZE], text[DMK_ERROR_TEXT_SIZE + 640];
	struct json json = { .out = stderr };
	struct shown shown = { .text = "" };
	struct dmk_error told = *note;
	struct place place;

	/* It has none, and the sentence is that of an error. */
	if (!told.code)
		told.code = -EEXIST;
	told.column = 0;
	told.line = find_in_part(cli->part, note->argument, &place);
	cut_line(&place, true, &shown);
	snprintf(text, sizeof(text), "%.512s:%u:%u: warning: ", cli->part->file, told.line,
		 place.column);
	told.line = 0;
	say_error(cli, &told, sentence, sizeof(sentence));
	strcat(text, sentence);
	if (!given(cli, OPT_JSON)) {
		put_sentence(cli, text);
		put_shown(stderr, &shown);
		return;
	}
	json_object(&json, NULL);
	json_object(&json, "note");
	json_u64(&json, "segment", note->segment);
	json_string(&json, "target", note->target);
	json_string(&json, "argument", note->argument);
	json_string(&json, "text", text);
	json_close(&json);
	json_close(&json);
}

static void tell_note(struct cli *cli, const struct dmk_error *note, int *unused)
{
	const struct text_part nowhere = { "", "", 0, NULL, 0 };

	(void)unused;
	if (!cli->part)
		cli->part = &nowhere;
	warn(cli, note);
}

void note_stack(void *userdata, const struct dmk_error *note)
{
	const struct stack_noted *noted = userdata;

	with_place(noted->cli, noted->text, note, tell_note, NULL);
}
