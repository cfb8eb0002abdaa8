/* SPDX-License-Identifier: MIT */
/* Values of several parts as JSON objects: "2@8:16,active,0" by "group#@device,state,fails#". */
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/numbers.h"
#include "show/typed.h"

/* One name of the fields. */
struct field {
	char name[32];
	bool number;
	bool all;	/* as many as there are */
	char separator; /* what stands behind it; NUL: nothing, it is the last */
};

static const char *next_field(const char *fields, struct field *ret_field)
{
	size_t length = strcspn(fields, "#*@,/");
	struct field field = { .number = fields[length] == '#', .all = fields[length] == '*' };

	snprintf(field.name, sizeof(field.name), "%.*s", (int)length, fields);
	fields += length + (field.number || field.all);
	field.separator = *fields;
	*ret_field = field;
	return *fields ? fields + 1 : fields;
}

/* The next part of the text, up to the separator, without the backslashes before commas. */
static const char *next_part(const char *text, char separator, char *part)
{
	for (; *text && *text != separator; text++) {
		if (*text == '\\' && text[1] == ',')
			text++;
		*part++ = *text;
	}
	*part = '\0';
	return *text ? text + 1 : text;
}

static void put_part(struct json *json, const struct field *field, const char *part)
{
	uint64_t number;

	if (field->number && parse_number(part, UINT64_MAX, &number))
		json_u64(json, field->name, number);
	else
		json_string(json, field->name, part);
}

void json_record(struct json *json, const char *name, const char *fields, const char *text)
{
	char *part = malloc(strlen(text) + 1);
	struct field field;

	json_object(json, name);
	while (part && *fields) {
		fields = next_field(fields, &field);
		if (field.all) {
			json_array(json, field.name);
			while (*text) {
				text = next_part(text, ',', part);
				json_string(json, NULL, part);
			}
			json_close(json);
		} else if (field.separator == '@' && text[strspn(text, "0123456789")] != '@') {
			json_u64(json, field.name, 1);
		} else {
			text = next_part(text, field.separator, part);
			put_part(json, &field, part);
		}
	}
	json_close(json);
	free(part);
}
