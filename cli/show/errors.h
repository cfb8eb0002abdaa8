/* SPDX-License-Identifier: MIT */
/* How failures are told, and what they mean to the caller. */
#ifndef DMKIT_ERRORS_H
#define DMKIT_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dmkit.h"

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

struct cli;

/* ---- error.c: all of these print on standard error, what is wrong first, and return the exit
 * code. On a terminal a line has at most 100 columns; in a pipe a sentence is one line, and lines
 * of the table's text behind it begin with a blank. ---- */
int fail(struct cli *cli); /* what dm's last call failed with */
int fail_with(struct cli *cli, const struct dmk_error *err);
/* Of a text: file is its name; err has the line and column. */
int fail_in_text(struct cli *cli, const struct dmk_error *err, const char *file, const char *text,
		 size_t size);
int fail_errno(struct cli *cli, int code, const char *argument, const char *doing);
/* argument: the word at fault */
int usage_error(struct cli *cli, const char *argument, const char *format, ...) PRINTF(3, 4);

/* What was already made a sentence. */
int fail_said(struct cli *cli, const struct dmk_error *err, const char *text);
/* The sentence of err alone. */
void say_error(struct cli *cli, const struct dmk_error *err, char *text, size_t size);
/* "dmkit: " and the text on standard error. */
void put_sentence(const struct cli *cli, const char *text);

/* ---- not-there.c ---- */
struct nearest;
/* Those of the list that are near to word. false: it is there itself. */
bool look_around(const struct cli *cli, const char *word, struct nearest *nearest);
/* "there is no mapping 'dta'; the nearest: data", where err is of that; false: it is not. */
bool say_not_there(struct cli *cli, const struct dmk_error *err, char *text, size_t size);

/* ---- exit-code.c ---- */
int exit_code(const struct dmk_error *err);
/* "busy", "exists", ...: the word of dmkit(8) for why it failed. */
const char *cause_word(const struct dmk_error *err);

/* ---- place.c ---- */
/* Where in a text an error is, and what is said of it. */
struct place {
	const char *file;
	const char *line; /* no NUL ends it */
	size_t length;
	uint32_t number; /* of the line; both from 1 */
	uint32_t column;
	char text[768];
	char hint[128]; /* empty: none */
	bool note;	/* no error, and a result: on standard output */
	bool said;	/* the error's detail has its argument already */
	bool words; /* of the command's grammar: nothing is hidden but what stands behind key= */
};
/* Words that stand in a file which is no table's text, as a stack's: while cli->part is set, what
 * fails is told with its place. */
struct text_piece {
	char *text;
	uint32_t line;
	uint32_t column;
};
struct text_part {
	const char *file;
	const char *text; /* all of it */
	size_t size;
	const struct text_piece *pieces;
	uint32_t n;
};

/* Between words of a line. */
bool is_blank(char c);
/* Line number `number` from 1, or where that is 0, the one of segment `segment`. */
void find_line(const char *text, size_t size, uint32_t number, uint32_t segment,
	       struct place *place);
/* ---- in-text.c: where the word stands in the part, or else the first piece begins. The line; 0:
 * nowhere. */
uint32_t find_in_part(const struct text_part *part, const char *argument, struct place *place);
/* What of a line is shown, each byte that is none of UTF-8 text as \xHH. */
#define SHOWN_BYTES ((size_t)72)
struct shown {
	char text[4 * SHOWN_BYTES + 16];
	size_t caret; /* columns before it */
	size_t width; /* of what it stands under; 0: it stands nowhere */
};
/* Around place's column; 0: none. Key material is hidden, and in a line that is not readable all
 * that may be. */
void cut_line(const struct place *place, bool readable, struct shown *shown);
void put_shown(FILE *out, const struct shown *shown);
/* As compilers do; with --json one more object on standard output. Key material is hidden. */
void put_place(struct cli *cli, const struct place *place, const struct dmk_error *err);

#endif
