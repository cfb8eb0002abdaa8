/* SPDX-License-Identifier: MIT */
/* Where words stand that are read from a file: for FILE:LINE:COLUMN, the line and a caret. */
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

uint32_t find_in_part(const struct text_part *part, const char *argument, struct place *place)
{
	uint32_t line = 0;

	*place = (struct place){ .words = true };
	if (find_place(part, argument, &line, &place->column))
		find_line(part->text, part->size, line, 0, place);
	return line;
}
