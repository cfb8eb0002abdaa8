/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/json.h"
#include "common/term.h"
#include "show/output.h"

size_t printable_length(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t length = utf8_length(s);

	/* U+0080 to U+009F are control characters too: C1, the eight-bit escape sequences. */
	if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0))
		return 0;
	return length;
}

/* Bytes of s that may go to a pipe as they are: none that would end the line, or the column. */
static size_t plain_length(const char *s)
{
	size_t length = 0;

	while ((unsigned char)s[length] >= 0x20 && s[length] != 0x7f)
		length++;
	return length;
}

/* size bytes of text, or where that is no terminal, all of it. */
static void put_span(FILE *out, bool tty, const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end) {
		size_t length = tty ? printable_length(text) : plain_length(text);

		if (length)
			fwrite(text, 1, length, out);
		else
			fprintf(out, "\\x%02x", (unsigned char)*text);
		text += length ? length : 1;
	}
}

void put_text(FILE *out, bool tty, const char *text)
{
	put_span(out, tty, text, strlen(text));
}

void put_reply(FILE *out, bool tty, const char *text)
{
	if (!tty) {
		fputs(text, out);
		return;
	}
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);

		if (!line)
			abort();
		put_text(out, true, line);
		free(line);
		text += length;
		if (*text) {
			fputc('\n', out);
			text++;
		}
	}
}

void lines_begin(struct lines *lines, const struct cli *cli)
{
	lines->tty = cli->out_tty;
	lines->used = 0;
}

void lines_flush(struct lines *lines)
{
	if (lines->used > 0)
		fwrite(lines->text, 1, lines->used, stdout);
	lines->used = 0;
}

void lines_byte(struct lines *lines, char byte)
{
	if (lines->used == sizeof(lines->text))
		lines_flush(lines);
	lines->text[lines->used++] = byte;
}

/* At -Os a copy of a few bytes would be one byte at a time. */
__attribute__((optimize(2))) static void lines_bytes(struct lines *lines, const char *bytes,
						     size_t length, char after)
{
	if (length >= sizeof(lines->text) - lines->used)
		lines_flush(lines);
	if (length >= sizeof(lines->text)) {
		fwrite(bytes, 1, length, stdout);
		length = 0;
	}
	memcpy(lines->text + lines->used, bytes, length);
	lines->used += length;
	lines->text[lines->used++] = after;
}

void lines_text(struct lines *lines, const char *text, char after)
{
	size_t length = strlen(text);

	if (lines->tty) {
		lines_flush(lines);
		put_text(stdout, true, text);
		length = 0;
	}
	lines_bytes(lines, text, length, after);
}

void lines_name(struct lines *lines, const char *name, char after)
{
	size_t length;

	if (lines->tty) {
		lines_text(lines, name, after);
		return;
	}
	length = plain_length(name);
	if (name[length]) {
		lines_flush(lines);
		put_text(stdout, false, name);
		length = 0;
	}
	lines_bytes(lines, name, length, after);
}

void lines_number(struct lines *lines, uint64_t number, char after)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	lines_bytes(lines, digits + at, sizeof(digits) - at, after);
}

static size_t span_width(bool tty, const char *text, size_t size)
{
	const char *end = text + size;
	size_t width = 0;

	while (text < end) {
		size_t length = tty ? printable_length(text) : plain_length(text);

		width += length == 0 ? 4 : tty ? 1 : length;
		text += length ? length : 1;
	}
	return width;
}

size_t text_width(bool tty, const char *text)
{
	return span_width(tty, text, strlen(text));
}

void put_padded(FILE *out, bool tty, const char *text, size_t width)
{
	put_text(out, tty, text);
	for (size_t have = text_width(tty, text); have < width; have++)
		fputc(' ', out);
}

void quote(const char *word, bool tty, void (*put)(void *to, const char *text), void *to)
{
	static const char safe[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
	char piece[16];

	if (*word && word[strspn(word, safe)] == '\0') {
		put(to, word);
		return;
	}
	put(to, "'");
	while (*word) {
		size_t length = tty ? printable_length(word) : 1;

		if (*word == '\'')
			snprintf(piece, sizeof(piece), "'\\''");
		else if (length)
			snprintf(piece, sizeof(piece), "%.*s", (int)length, word);
		else
			snprintf(piece, sizeof(piece), "'$'\\x%02x''", (unsigned char)*word);
		put(to, piece);
		word += length ? length : 1;
	}
	put(to, "'");
}

static void put_file(void *to, const char *text)
{
	fputs(text, to);
}

void put_quoted(FILE *out, bool tty, const char *word)
{
	quote(word, tty, put_file, out);
}

void put_folded(FILE *out, bool tty, const char *text, unsigned column, unsigned indent,
		unsigned width)
{
	bool begun = false;

	if (!width) {
		put_text(out, tty, text);
		return;
	}
	while (*text) {
		size_t length = strcspn(text, " ");
		unsigned columns = (unsigned)span_width(tty, text, length);

		if (begun && column + 1 + columns > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (begun) {
			fputc(' ', out);
			column++;
		}
		put_span(out, tty, text, length);
		begun = true;
		column += columns;
		text += length;
		text += strspn(text, " ");
	}
}

unsigned fold_width(FILE *out)
{
	unsigned width = term_is(out) ? term_width(out) : 0;

	return width > 100 ? 100 : width;
}

void put_wrapped(FILE *out, const char *text, unsigned indent)
{
	put_folded(out, true, text, indent, indent, term_width(out));
	fputc('\n', out);
}

const char *format_size(uint64_t sectors, char buf[static SIZE_TEXT])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	uint64_t value = sectors / 2;
	size_t unit = 0;

	if (sectors == 0 || sectors % 2) {
		snprintf(buf, SIZE_TEXT, "%" PRIu64 "s", sectors);
		return buf;
	}
	while (value % 1024 == 0 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(buf, SIZE_TEXT, "%" PRIu64 "%s", value, units[unit]);
	return buf;
}

void json_item(struct cli *cli)
{
	/* The array begins with its first element, so that a failure leaves standard output empty.
	 */
	if (cli->json.depth == 0)
		json_array(&cli->json, NULL);
	json_object(&cli->json, NULL);
}
