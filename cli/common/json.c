/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "common/json.h"
#include "common/term.h"

static void put_string(FILE *out, const char *s)
{
	fputc('"', out);
	while (*s) {
		unsigned char c = (unsigned char)*s;
		size_t length = utf8_length(s);

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f || length == 0)
			fprintf(out, "\\u%04x", c);
		/* U+0080 to U+009F: control characters that a terminal may obey. */
		else if (c == 0xc2 && (unsigned char)s[1] < 0xa0)
			fprintf(out, "\\u%04x", (unsigned char)s[1]);
		else
			fwrite(s, 1, length, out);
		s += length ? length : 1;
	}
	fputc('"', out);
}

/* The comma, the line break between the elements of the outermost array, and the key. */
static void begin_value(struct json *json, const char *key)
{
	if (json->depth > 0) {
		bool *filled = &json->filled[json->depth - 1];
		bool top = json->depth == 1 && json->closer[0] == ']';

		if (*filled)
			fputs(top ? "," : ", ", json->out);
		/* One object a line: a list stays readable, and diff and grep work on it. */
		if (top)
			fputs("\n  ", json->out);
		*filled = true;
	}
	if (key) {
		put_string(json->out, key);
		fputs(": ", json->out);
	}
}

static void open_value(struct json *json, const char *key, char opener, char closer)
{
	begin_value(json, key);
	fputc(opener, json->out);
	json->closer[json->depth] = closer;
	json->filled[json->depth] = false;
	json->depth++;
}

void json_array(struct json *json, const char *key)
{
	open_value(json, key, '[', ']');
}

void json_object(struct json *json, const char *key)
{
	open_value(json, key, '{', '}');
}

void json_close(struct json *json)
{
	json->depth--;
	if (json->depth == 0 && json->closer[0] == ']' && json->filled[0])
		fputc('\n', json->out);
	fputc(json->closer[json->depth], json->out);
	if (json->depth == 0)
		fputc('\n', json->out);
}

void json_string(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	put_string(json->out, value);
	if (!key || utf8_valid(value))
		return;
	/* \u00XX cannot be told from the character of that number: the bytes themselves stand
	 * beside it. */
	fprintf(json->out, ", \"%s_hex\": \"", key);
	for (; *value; value++)
		fprintf(json->out, "%02x", (unsigned char)*value);
	fputc('"', json->out);
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_i64(struct json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRId64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *key)
{
	begin_value(json, key);
	fputs("null", json->out);
}
