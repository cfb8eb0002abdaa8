/* SPDX-License-Identifier: MIT */
/* An error at a place in a text: FILE:LINE:COLUMN, the line and a caret; or a JSON object. */
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/json.h"
#include "show/errors.h"
#include "show/output.h"
#include "show/secrets.h"

/* How much of what is shown stands before the column of a long line. */
#define BEFORE_BYTES ((size_t)36)
#define HIDDEN " (hidden)"

bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A segment's own line: blank ones and comments do not count. */
static bool holds_segment(const char *line, size_t length)
{
	while (length && is_blank(*line)) {
		line++;
		length--;
	}
	return length && *line != '#';
}

void find_line(const char *text, size_t size, uint32_t number, uint32_t segment,
	       struct place *place)
{
	const char *end = text + size;
	uint32_t segments = 0;

	place->number = 1;
	for (const char *line = text; line < end; place->number++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		place->line = line;
		place->length = (size_t)((stop ? stop : end) - line);
		segments += holds_segment(line, place->length);
		if (number ? place->number == number : segments == segment)
			return;
		line += place->length + 1;
	}
	place->line = "";
	place->length = 0;
	place->number = number ? number : 1;
}

/* Where 32 hex digits in a row begin: a key of 16 bytes or more. */
static size_t begin_of_digits(const char *line, size_t length)
{
	size_t run = 0;

	for (size_t i = 0; i < length; i++) {
		run = line[i] && strchr("0123456789abcdefABCDEF", line[i]) ? run + 1 : 0;
		if (run == 32)
			return i + 1 - run;
	}
	return length;
}

/* The end of the first word that names a target whose parameters hold a key, or the line's own. Of
 * a line that is wrong it need not be the third word. */
static size_t end_of_open(const char *line, size_t length)
{
	size_t i = 0;

	for (unsigned word = 0; word < 8 && i < length; word++) {
		char type[DMK_TYPE_SIZE];
		size_t begin;
		char *rest;
		bool secret;

		while (i < length && is_blank(line[i]))
			i++;
		begin = i;
		while (i < length && !is_blank(line[i]))
			i++;
		if (i - begin >= sizeof(type))
			continue;
		memcpy(type, line + begin, i - begin);
		type[i - begin] = '\0';
		if (!has_secret(type, ""))
			continue;
		rest = strndup(line + i, length - i);
		secret = !rest || strlen(rest) != length - i || has_secret(type, rest);
		if (rest)
			explicit_bzero(rest, strlen(rest));
		free(rest);
		if (secret)
			return i;
	}
	return length;
}

/* One character at s, which a NUL ends somewhere, as it is shown; its columns. */
static size_t show_one(const char *s, size_t *used, char *out)
{
	unsigned char c = (unsigned char)*s;
	size_t bytes = printable_length(s);

	*used = bytes ? bytes : 1;
	if (c == '\t') {
		strcpy(out, " ");
	} else if (bytes == 0) {
		snprintf(out, 5, "\\x%02x", c);
		return 4;
	} else {
		memcpy(out, s, bytes);
		out[bytes] = '\0';
	}
	return 1;
}

/* size bytes at text, of which the caret stands under those from at on, for width bytes. */
static void show(const char *text, size_t size, size_t at, size_t width, struct shown *shown)
{
	char copy[SHOWN_BYTES + 1];
	size_t end = strlen(shown->text);

	memcpy(copy, text, size);
	copy[size] = '\0';
	shown->caret = end;
	shown->width = 0;
	for (size_t i = 0, used; i < size; i += used) {
		size_t columns = show_one(copy + i, &used, shown->text + end);

		end += strlen(shown->text + end);
		if (i < at)
			shown->caret += columns;
		else if (i < at + width)
			shown->width += columns;
	}
}

/* Behind the first key= or NAME-key=, whose value is a secret, or the line's end. */
static size_t begin_of_secret(const char *line, size_t length)
{
	for (size_t i = 4; i < length; i++)
		if (memcmp(line + i - 4, "key=", 4) == 0)
			return i;
	return length;
}

void cut_line(const struct place *place, bool readable, struct shown *shown)
{
	const char *line = place->line;
	size_t length = place->length, column = place->column;
	size_t open = place->words ? begin_of_secret(line, length)
		      : readable   ? end_of_open(line, length)
				   : begin_of_digits(line, end_of_open(line, length));
	size_t at = column == 0 ? 0 : column - 1 < length ? column - 1 : length;
	bool hidden = open < length;
	size_t begin = 0, end = open, word;

	if (hidden && at > open)
		at = open;
	if (open > SHOWN_BYTES) {
		begin = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;
		if (begin > open - SHOWN_BYTES)
			begin = open - SHOWN_BYTES;
		end = begin + SHOWN_BYTES;
		/* Not in the middle of a character. */
		while (begin < at && ((unsigned char)line[begin] & 0xc0) == 0x80)
			begin++;
	}
	for (word = at; word < end && !is_blank(line[word]); word++)
		;
	strcpy(shown->text, begin ? "..." : "");
	show(line + begin, end - begin, at - begin, word - at, shown);
	if (hidden && at == open) {
		shown->caret++;
		shown->width = strlen(HIDDEN) - 1;
	}
	strcat(shown->text, end < open ? "..." : hidden ? HIDDEN : "");
	/* At the end a word is missing. */
	if (column == 0 || shown->width == 0)
		shown->width = column != 0;
}

void put_shown(FILE *out, const struct shown *shown)
{
	if (*shown->text)
		fprintf(out, "  %s\n", shown->text);
	if (!*shown->text || !shown->width)
		return;
	fprintf(out, "  %*s^", (int)shown->caret, "");
	for (size_t i = 1; i < shown->width; i++)
		fputc('~', out);
	fputc('\n', out);
}

static void put_json(struct cli *cli, const struct place *place, const struct dmk_error *err,
		     const struct shown *shown)
{
	struct json *json = &cli->json;

	json_item(cli);
	json_string(json, "file", place->file);
	json_u64(json, "line", place->number);
	json_u64(json, "column", place->column);
	json_u64(json, "segment", err->segment);
	json_string(json, "target", err->target);
	json_string(json, "argument", err->argument);
	json_bool(json, "note", place->note);
	json_string(json, "errno", place->note ? "" : dmk_errno_name(err->code));
	json_i64(json, "code", err->code);
	json_string(json, "text", place->text);
	json_string(json, "hint", place->hint);
	json_u64(json, "meant_sectors", err->meant_sectors);
	json_string(json, "source", shown->text);
	json_close(json);
}

void put_place(struct cli *cli, const struct place *place, const struct dmk_error *err)
{
	struct shown shown = { .text = "" };
	FILE *out = place->note ? stdout : stderr;
	char text[2048];

	/* Of a line whose target is not known any digits may be a key. */
	cut_line(place, err->target[0], &shown);
	if (given(cli, OPT_JSON)) {
		put_json(cli, place, err, &shown);
		return;
	}
	/* Whatever the file holds, and wherever this is read: no control byte of it. */
	snprintf(text, sizeof(text), "%.512s:%u:%u: %s: %s", place->file, place->number,
		 place->column, place->note ? "note" : "error", place->text);
	put_folded(out, true, text, 0, FOLD_INDENT, fold_width(out));
	fputc('\n', out);
	put_shown(out, &shown);
	if (*place->hint)
		fprintf(out, "  hint: %s\n", place->hint);
}
