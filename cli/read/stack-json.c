/* SPDX-License-Identifier: MIT */
/*
 * Stack files as JSON, by json-c: {"NAME": {"KEY": VALUE or [VALUE, ...]}}. What it makes of a text
 * does not say where something stood, nor that a name was there twice: so once it has said that
 * all of it is JSON, it reads the names and values of the two levels one by one.
 */
#include <errno.h>
#include <string.h>

#include "read/stacks.h"

#ifdef HAVE_JSON_C
/* Two of its types are called as functions of common/json.h are. */
#define json_bool json_c_bool
#define json_object json_c_object
#include <json.h>
#undef json_bool
#undef json_object

struct reading {
	struct cli *cli;
	struct stack_text *text;
	struct json_tokener *tokener;
	const char *at;
	const char *end; /* its NUL */
	const char *line;
	uint32_t number;
};

static void move_to(struct reading *reading, const char *at)
{
	for (; reading->at < at; reading->at++) {
		if (*reading->at == '\n') {
			reading->number++;
			reading->line = reading->at + 1;
		}
	}
}

/* What stands next: a value or a mark. */
static char look(struct reading *reading)
{
	move_to(reading, reading->at + strspn(reading->at, " \t\r\n"));
	return *reading->at;
}

/* The mark that opens, parts or closes. */
static void skip_mark(struct reading *reading)
{
	move_to(reading, reading->at + 1);
}

static struct text_piece here(const struct reading *reading)
{
	return (struct text_piece){ .line = reading->number,
				    .column = (uint32_t)(reading->at - reading->line) + 1 };
}

/* The next value, and where it stands: json_object_put(). */
static struct json_c_object *next_value(struct reading *reading, struct text_piece *ret_piece)
{
	bool string = look(reading) == '"';
	struct json_c_object *value;

	*ret_piece = here(reading);
	ret_piece->column += string;
	json_tokener_reset(reading->tokener);
	value = json_tokener_parse_ex(reading->tokener, reading->at,
				      (int)(reading->end - reading->at) + 1);
	move_to(reading, reading->at + json_tokener_get_parse_end(reading->tokener));
	return value;
}

static int fail_memory(const struct reading *reading)
{
	return fail_errno(reading->cli, -ENOMEM, reading->text->file, "read");
}

/* As INI has it. NULL: it is of another type. */
static const char *as_text(struct json_c_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_boolean:
		return json_object_get_boolean(value) ? "yes" : "no";
	case json_type_int:
	case json_type_double:
		return json_object_to_json_string(value);
	case json_type_string:
		if (strlen(json_object_get_string(value)) ==
		    (size_t)json_object_get_string_len(value))
			return json_object_get_string(value);
		return NULL;
	default:
		return NULL;
	}
}

static int take_value(struct reading *reading, const struct text_piece *key)
{
	struct text_piece piece;
	struct json_c_object *value = next_value(reading, &piece);
	int status = EXIT_DONE;

	piece.text = (char *)as_text(value);
	if (!piece.text)
		status = fail_stack_text(reading->cli, reading->text, &piece,
					 "%.64s: allowed is a string, a number, true or false, or "
					 "an array of these",
					 key->text);
	else if (stack_text_entry(reading->text, key, &piece) < 0)
		status = fail_memory(reading);
	json_object_put(value);
	return status;
}

/* Up to the mark that closes: take for each item. */
static int each_item(struct reading *reading, char closer, const struct text_piece *key,
		     int (*take)(struct reading *reading, const struct text_piece *key))
{
	int status = EXIT_DONE;

	skip_mark(reading);
	while (status == EXIT_DONE && look(reading) != closer) {
		status = take(reading, key);
		if (status == EXIT_DONE && look(reading) == ',')
			skip_mark(reading);
	}
	skip_mark(reading);
	return status;
}

static int take_entry(struct reading *reading, const struct text_piece *unused)
{
	struct text_piece piece;
	struct json_c_object *name = next_value(reading, &piece);
	int status;

	(void)unused;
	piece.text = (char *)json_object_get_string(name);
	look(reading); /* at its colon */
	skip_mark(reading);
	if (look(reading) == '[')
		status = each_item(reading, ']', &piece, take_value);
	else
		status = take_value(reading, &piece);
	json_object_put(name);
	return status;
}

static int take_section(struct reading *reading, const struct text_piece *unused)
{
	struct text_piece piece;
	struct json_c_object *name = next_value(reading, &piece);
	int status = EXIT_DONE;

	(void)unused;
	piece.text = (char *)json_object_get_string(name);
	look(reading);
	skip_mark(reading);
	if (look(reading) != '{')
		status = fail_stack_text(reading->cli, reading->text, &piece,
					 "%.64s: a device is an object, as {\"table\": \"zero "
					 "size=1MiB\"}",
					 piece.text);
	else if (stack_text_section(reading->text, &piece) < 0)
		status = fail_memory(reading);
	if (status == EXIT_DONE)
		status = each_item(reading, '}', NULL, take_entry);
	json_object_put(name);
	return status;
}

/* That all of it is JSON. */
static int check(struct reading *reading)
{
	const struct stack_text *text = reading->text;
	struct json_c_object *all;
	struct text_piece place;
	enum json_tokener_error error;

	json_tokener_set_flags(reading->tokener, JSON_TOKENER_STRICT);
	all = json_tokener_parse_ex(reading->tokener, text->bytes.data,
				    (int)text->bytes.length + 1);
	error = json_tokener_get_error(reading->tokener);
	json_object_put(all);
	if (error == json_tokener_success)
		return EXIT_DONE;
	place = place_of(text, text->bytes.data + json_tokener_get_parse_end(reading->tokener));
	return fail_stack_text(reading->cli, text, &place, "%s", json_tokener_error_desc(error));
}

int stack_read_json(struct cli *cli, struct stack_text *text)
{
	struct reading reading = { .cli = cli,
				   .text = text,
				   .tokener = json_tokener_new(),
				   .at = text->bytes.data,
				   .end = text->bytes.data + text->bytes.length,
				   .line = text->bytes.data,
				   .number = 1 };
	int status;

	if (!reading.tokener)
		return fail_memory(&reading);
	status = check(&reading);
	json_tokener_set_flags(reading.tokener,
			       JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	if (status == EXIT_DONE && look(&reading) == '{')
		status = each_item(&reading, '}', NULL, take_section);
	json_tokener_free(reading.tokener);
	return status;
}
#else
int stack_read_json(struct cli *cli, struct stack_text *text)
{
	const struct dmk_error err = { .code = -EOPNOTSUPP };

	(void)text;
	return fail_said(cli, &err,
			 "this dmkit was built without json-c, and reads no stack files of that "
			 "form");
}
#endif
