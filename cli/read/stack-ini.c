/* SPDX-License-Identifier: MIT */
/*
 * Stack files as INI, by libinih. It says neither where a line stands nor that a section begins:
 * it reads the text through give_line(), which knows the line, and which gives "=" behind each
 * line that may begin a section, a pair without a name.
 */
#include <errno.h>
#include <string.h>

#include "read/stacks.h"

#ifdef HAVE_INIH
#include <ini.h>

struct reading {
	struct cli *cli;
	struct stack_text *text;
	const char *next;
	const char *line; /* that libinih was given last, in the text */
	uint32_t number;
	bool begins; /* behind it "=" is to be given, */
	bool marked; /* or was */
	bool in_section;
	int status; /* of the first failure, reported */
};

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\r\f\v");
}

static bool may_begin_section(const char *line)
{
	return *skip_blanks(line) == '[';
}

static struct text_piece piece_at(const struct reading *reading, const char *at)
{
	return (struct text_piece){ .line = reading->number,
				    .column = (uint32_t)(at - reading->line) + 1 };
}

static int fail_memory(struct reading *reading)
{
	return fail_errno(reading->cli, -ENOMEM, reading->text->file, "read");
}

static char *give_line(char *into, int size, void *stream)
{
	struct reading *reading = stream;
	size_t length = strcspn(reading->next, "\n");
	struct text_piece place;

	reading->marked = reading->begins;
	if (reading->begins) {
		reading->begins = false;
		return strcpy(into, "=\n");
	}
	if (!*reading->next || reading->status != EXIT_DONE)
		return NULL;
	reading->line = reading->next;
	reading->number++;
	reading->next += length + (reading->next[length] == '\n');
	if (length + 2 > (size_t)size) {
		place = piece_at(reading, reading->line);
		reading->status = fail_stack_text(reading->cli, reading->text, &place,
						  "the line is longer than the %d bytes that this "
						  "libinih takes",
						  size - 2);
		return NULL;
	}
	memcpy(into, reading->line, length);
	strcpy(into + length, "\n");
	reading->begins = may_begin_section(reading->line);
	return into;
}

/* Of names that are longer than libinih's own limit it gives the beginning. */
static int begin_section(struct reading *reading, const char *name)
{
	const char *at = skip_blanks(reading->line) + 1;
	size_t length = strlen(name);
	char whole[256];
	struct text_piece piece = piece_at(reading, at);

	while (at[length] && at[length] != ']' && at[length] != '\n')
		length++;
	snprintf(whole, sizeof(whole), "%.*s", (int)length, at);
	piece.text = whole;
	reading->in_section = true;
	if (length == 0)
		return fail_stack_text(reading->cli, reading->text, &piece,
				       "a section needs a name");
	if (stack_text_section(reading->text, &piece) < 0)
		return fail_memory(reading);
	return EXIT_DONE;
}

static int take_pair(struct reading *reading, const char *name, const char *value)
{
	const struct stack_text *text = reading->text;
	const char *at = skip_blanks(reading->line);
	/* libinih: a line that begins with a blank goes on with the value before it. */
	bool goes_on = at > reading->line && text->n && text->sections[text->n - 1].n;
	struct text_piece key = piece_at(reading, at), piece;
	int r;

	key.text = (char *)name;
	if (!reading->in_section)
		return fail_stack_text(
			reading->cli, reading->text, &key,
			"'%.64s' stands before the first section: [NAME] begins a device", name);
	if (!*name)
		return fail_stack_text(reading->cli, reading->text, &key, "a key is missing");
	if (!goes_on) {
		at = skip_blanks(at + strlen(name));
		at = skip_blanks(at + 1); /* the = or : */
	}
	piece = piece_at(reading, at);
	piece.text = (char *)value;
	r = goes_on ? stack_text_piece(reading->text, &piece)
		    : stack_text_entry(reading->text, &key, &piece);
	return r < 0 ? fail_memory(reading) : EXIT_DONE;
}

static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;

	if (reading->status == EXIT_DONE)
		reading->status = reading->marked ? begin_section(reading, section)
						  : take_pair(reading, name, value);
	return 1;
}

/* Debian's can be told how long a line may be; else 200 bytes are built in. */
static void take_long_lines(const char *text)
{
#ifdef HAVE_INI_MAX_LINE
	size_t most = 200;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		size_t length = strcspn(text, "\n");

		if (length > most)
			most = length;
	}
	ini_use_stack = false;
	ini_max_line = ini_initial_alloc = (int)most + 8;
#else
	(void)text;
#endif
}

/* Line number n of those that were given, without the marks. */
static const char *given_line(const char *text, int n)
{
	while (n > 1 && *text) {
		const char *next = text + strcspn(text, "\n");

		n -= may_begin_section(text) ? 2 : 1;
		text = next + (*next == '\n');
	}
	return text;
}

int stack_read_ini(struct cli *cli, struct stack_text *text)
{
	struct reading reading = { .cli = cli, .text = text, .next = text->bytes.data };
	struct text_piece place;
	const char *line;
	int r;

	if (strncmp(reading.next, "\xef\xbb\xbf", 3) == 0)
		reading.next += 3;
	take_long_lines(text->bytes.data);
	r = ini_parse_stream(give_line, &reading, take, &reading);
	if (reading.status != EXIT_DONE)
		return reading.status;
	if (r < 0)
		return fail_memory(&reading);
	if (r == 0)
		return EXIT_DONE;
	line = given_line(text->bytes.data, r);
	place = place_of(text, skip_blanks(line));
	return fail_stack_text(cli, text, &place,
			       may_begin_section(line) ? "a section is [NAME], with its ]"
						       : "neither [NAME] nor KEY = VALUE");
}
#else
int stack_read_ini(struct cli *cli, struct stack_text *text)
{
	const struct dmk_error err = { .code = -EOPNOTSUPP };

	(void)text;
	return fail_said(cli, &err,
			 "this dmkit was built without libinih, and reads no stack files of "
			 "that form");
}
#endif
