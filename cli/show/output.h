/* SPDX-License-Identifier: MIT */
/* Text for people and for pipes. */
#ifndef DMKIT_OUTPUT_H
#define DMKIT_OUTPUT_H

#include "common/cli.h"

/* Bytes at s that may go to a terminal as they are, one character: 0 means that its first byte may
 * not, as it is a control character (C0, C1) or none of UTF-8. */
size_t printable_length(const char *s);
/* Part of a line: a control character becomes \xHH, so that it stays one line in a pipe too; on a
 * terminal (tty) so does all that is not printable UTF-8. */
void put_text(FILE *out, bool tty, const char *text);
/* Lines: raw bytes in a pipe; on a terminal each as by put_text(). */
void put_reply(FILE *out, bool tty, const char *text);

/* Lines of results for standard output, gathered: with a call of stdio for each word a table of
 * 100,000 segments would spend most of its time. Nothing else may be printed before the flush. */
struct lines {
	bool tty;
	size_t used;
	char text[1024];
};

void lines_begin(struct lines *lines, const struct cli *cli);
/* Each with the character that stands behind it. A name is as by put_text(); text too on a
 * terminal, and raw in a pipe. */
void lines_name(struct lines *lines, const char *name, char after);
void lines_text(struct lines *lines, const char *text, char after);
void lines_byte(struct lines *lines, char byte);
void lines_number(struct lines *lines, uint64_t number, char after);
void lines_flush(struct lines *lines);
size_t text_width(bool tty, const char *text);
/* The same, filled up with blanks to width; no blanks for the last of a line (width 0). */
void put_padded(FILE *out, bool tty, const char *text, size_t width);
/* One word as a POSIX shell reads it back, put piece by piece; on a terminal what is not printable
 * is $'\xHH'. */
void quote(const char *word, bool tty, void (*put)(void *to, const char *text), void *to);
void put_quoted(FILE *out, bool tty, const char *word);
/* Words of text, broken at the terminal's width; lines but the first begin with indent blanks. */
void put_wrapped(FILE *out, const char *text, unsigned indent);
/* Text that begins in that column, as by put_text(), and broken so at width; 0: it stays a line. */
void put_folded(FILE *out, bool tty, const char *text, unsigned column, unsigned indent,
		unsigned width);
#define FOLD_INDENT 4
/* That of a sentence: at most 100 on a terminal, 0 elsewhere. */
unsigned fold_width(FILE *out);
/* The largest unit that gives a whole number: 100s, 4MiB. It is what size= takes back. */
#define SIZE_TEXT 32
const char *format_size(uint64_t sectors, char buf[static SIZE_TEXT]);

/* Opens the next object of the array on standard output. */
void json_item(struct cli *cli);

#endif
