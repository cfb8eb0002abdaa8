/* SPDX-License-Identifier: MIT */
/* Failures of words that stand in a file: FILE:LINE:COLUMN, the line and a caret. */
#include <errno.h>
#include <string.h>

#include "common/cli.h"
#include "show/errors.h"

static bool ends_word(char c)
{
	return !c || is_blank(c);
}

static bool ends_part(char c)
{
	return ends_word(c) || c == '=' || c == '"' || c == '\'';
}

/* Where the word stands in the text; NULL: it does not. */
static const char *find_in(const char *text, const char *word, bool (*ends)(char c))
{
	size_t length = strlen(word);

	for (const char *at = text; length && (at = strstr(at, word)); at++)
		if ((at == text || ends(at[-1])) && ends(at[length]))
			return at;
	return NULL;
}

/* A word of its own, else a key, a value or what stands in quotes; else where all of it begins.
 * false: the part has no piece. */
static bool find_place(const struct text_part *part, const char *argument, uint32_t *ret_line,
		       uint32_t *ret_column)
{
	bool (*const ways[])(char c) = { ends_word, ends_part };

	for (size_t way = 0; way < ARRAY_SIZE(ways); way++) {
		for (uint32_t i = 0; i < part->n; i++) {
			const struct text_piece *piece = &part->pieces[i];
			const char *at = find_in(piece->text, argument, ways[way]);

			if (!at)
				continue;
			*ret_line = piece->line;
			*ret_column = piece->column + (uint32_t)(at - piece->text);
			return true;
		}
	}
	if (part->n == 0)
		return false;
	*ret_line = part->pieces[0].line;
	*ret_column = part->pieces[0].column;
	return true;
}

/* said: the sentence has the word already. */
static int fail_there(struct cli *cli, const struct dmk_error *err, bool said)
{
	const struct text_part *part = cli->part;
	struct place place = { .words = true, .said = said };
	struct dmk_error told = *err;

	told.line = told.column = 0;
	if (find_place(part, err->argument, &told.line, &told.column))
		find_line(part->text, part->size, told.line, 0, &place);
	place.column = told.column;
	return fail_at(cli, &told, part->file, &place);
}

int fail_in_part(struct cli *cli, const struct dmk_error *err)
{
	return fail_there(cli, err, false);
}

void warn_in_part(struct cli *cli, const struct dmk_error *err)
{
	const struct text_part *part = cli->part;
	struct json json = { .out = stderr };
	struct place place = { .words = true };
	struct shown shown = { .text = "" };
	char sentence[DMK_ERROR_TEXT_SIZE], text[DMK_ERROR_TEXT_SIZE + 640];
	struct dmk_error told = *err;
	uint32_t line = 0;

	/* It has none, and the sentence is that of an error. */
	if (!told.code)
		told.code = -EEXIST;
	told.line = told.column = 0;

	if (find_place(part, err->argument, &line, &place.column))
		find_line(part->text, part->size, line, 0, &place);
	cut_line(&place, true, &shown);
	say_error(cli, &told, sentence, sizeof(sentence));
	snprintf(text, sizeof(text), "%.512s:%u:%u: warning: %s", part->file, line, place.column,
		 sentence);
	if (!given(cli, OPT_JSON)) {
		put_sentence(cli, text);
		put_shown(stderr, &shown);
		return;
	}
	json_object(&json, NULL);
	json_object(&json, "note");
	json_u64(&json, "segment", err->segment);
	json_string(&json, "target", err->target);
	json_string(&json, "argument", err->argument);
	json_string(&json, "text", text);
	json_close(&json);
	json_close(&json);
}

int usage_error_in_part(struct cli *cli, const char *argument, const char *what)
{
	struct dmk_error err = { .code = -EINVAL,
				 .verb = DMK_VERB_PARSE,
				 .step = DMK_STEP_ARGUMENTS };

	snprintf(err.argument, sizeof(err.argument), "%s", argument);
	snprintf(err.detail, sizeof(err.detail), "%.255s", what);
	return fail_there(cli, &err, true);
}
