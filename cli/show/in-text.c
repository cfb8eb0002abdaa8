/* SPDX-License-Identifier: MIT */
/* Failures of words that stand in a file: FILE:LINE:COLUMN, the line and a caret. */
#include <errno.h>
#include <string.h>

#include "common/cli.h"
#include "show/errors.h"

static bool ends_word(char c)
{
	return !c || is_blank(c) || c == '=' || c == '"' || c == '\'';
}

/* Where the word stands in the text, as one of its own or a key or a value; NULL: it does not. */
static const char *find_in(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; length && (at = strstr(at, word)); at++)
		if ((at == text || ends_word(at[-1])) && ends_word(at[length]))
			return at;
	return NULL;
}

/* false: the part has no piece. */
static bool find_place(const struct text_part *part, const char *argument, uint32_t *ret_line,
		       uint32_t *ret_column)
{
	for (uint32_t i = 0; i < part->n; i++) {
		const char *at = find_in(part->pieces[i].text, argument);

		if (at || i == 0) {
			*ret_line = part->pieces[i].line;
			*ret_column = part->pieces[i].column;
		}
		if (at) {
			*ret_column += (uint32_t)(at - part->pieces[i].text);
			return true;
		}
	}
	return part->n > 0;
}

int fail_in_part(struct cli *cli, const struct dmk_error *err)
{
	const struct text_part *part = cli->part;
	struct place place = { .words = true };
	struct dmk_error told = *err;

	told.line = told.column = 0;
	if (find_place(part, err->argument, &told.line, &told.column))
		find_line(part->text, part->size, told.line, 0, &place);
	place.column = told.column;
	return fail_at(cli, &told, part->file, &place);
}

void warn_in_part(struct cli *cli, const struct dmk_error *err)
{
	const struct text_part *part = cli->part;
	struct json json = { .out = stderr };
	struct place place = { .words = true };
	struct shown shown = { .text = "" };
	char sentence[DMK_ERROR_TEXT_SIZE], text[DMK_ERROR_TEXT_SIZE + 640];
	uint32_t line = 0;

	if (find_place(part, err->argument, &line, &place.column))
		find_line(part->text, part->size, line, 0, &place);
	cut_line(&place, true, &shown);
	say_error(cli, err, sentence, sizeof(sentence));
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
	return fail_in_part(cli, &err);
}
