/* SPDX-License-Identifier: MIT */
/* Any struct of dmkit-targets.h as text, " FIELD=VALUE ...", and from it: by what fields.py takes
 * from the header, not by the library's rows. */
#ifndef DMK_TEST_STRUCT_TEXT_H
#define DMK_TEST_STRUCT_TEXT_H

#include "../lines.h"

enum kind {
	TEXT,
	NUMBER,
	SIGNED,
	STRUCT
};

struct field {
	const char *name;
	enum kind kind;
	size_t offset;
	size_t size; /* of one item */
	bool is_list;
	bool outside; /* its count is in the struct around this one */
	size_t count_offset;
	size_t n; /* of an array in the struct */
	const struct structure *of;
};

struct structure {
	size_t size;
	const struct field *fields;
};

struct reader {
	int (*parse)(const char *text, void *value, struct dmk_error *err);
	const struct structure *of;
};

struct typed {
	const char *type;
	struct reader table, status;
	int (*add)(struct dmk_table *table, uint64_t length, const void *value);
	struct {
		int (*format)(const void *value, char **text, struct dmk_error *err);
		const struct structure *of;
	} message;
};

#include "fields.h"

enum {
	LINE = 8192,
	LIST = 12 /* items of a list that a line can give */
};

static void add_text(struct dmk_text *out, const char *text)
{
	for (; *text; text++) {
		if (*text == ' ')
			dmk_text_add(out, "\\s");
		else if (*text < ' ' || *text > '~')
			dmk_text_add(out, "\\x%02x", (unsigned char)*text);
		else
			dmk_text_add(out, *text == '\\' ? "\\\\" : "%c", *text);
	}
}

static void add_fields(struct dmk_text *out, const char *path, const struct structure *of,
		       const void *value, const void *around);

static uint64_t number_at(const struct field *field, const void *at)
{
	uint64_t wide;
	uint32_t narrow;

	if (field->size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

static void add_item(struct dmk_text *out, const char *path, const struct field *field,
		     const void *at, const void *around)
{
	const char *text;
	char inner[256];

	if (field->kind == STRUCT) {
		snprintf(inner, sizeof(inner), "%s.", path);
		add_fields(out, inner, field->of, at, around);
	} else if (field->kind == TEXT) {
		memcpy(&text, at, sizeof(text));
		if (text) {
			dmk_text_add(out, " %s=", path);
			add_text(out, text);
		}
	} else if (field->kind == SIGNED && number_at(field, at)) {
		dmk_text_add(out, " %s=%d", path, (int32_t)number_at(field, at));
	} else if (number_at(field, at) || field->is_list) {
		dmk_text_add(out, strcmp(path, "options") == 0 ? " %s=%#llx" : " %s=%llu", path,
			     (unsigned long long)number_at(field, at));
	}
}

/* " FIELD=VALUE" of all that are not zero. */
static void add_fields(struct dmk_text *out, const char *path, const struct structure *of,
		       const void *value, const void *around)
{
	for (const struct field *field = of->fields; field->name; field++) {
		const void *at = (const char *)value + field->offset;
		const char *items = at;
		uint32_t n = field->n ? (uint32_t)field->n : 1;
		char inner[200];

		if (field->is_list) {
			memcpy(&n,
			       (const char *)(field->outside ? around : value) +
				       field->count_offset,
			       sizeof(n));
			memcpy(&items, at, sizeof(items));
			assert_true(items || n == 0);
		}
		for (uint32_t i = 0; i < n; i++) {
			snprintf(inner, sizeof(inner),
				 field->is_list || field->n ? "%s%s[%u]" : "%s%s", path,
				 field->name, i);
			add_item(out, inner, field, items + i * field->size, value);
		}
	}
}

/* In place. */
static char *unescape(char *text)
{
	char *to = text;
	unsigned int byte;

	for (const char *from = text; *from; to++) {
		if (*from != '\\') {
			*to = *from++;
		} else if (from[1] == 'x' && sscanf(from + 2, "%2x", &byte) == 1) {
			*to = (char)byte;
			from += 4;
		} else {
			*to = from[1];
			if (from[1] == 's')
				*to = ' ';
			from += 2;
		}
	}
	*to = '\0';
	return text;
}

/* One "PATH=VALUE" or "PATH-"; what it takes is in the chain behind memory. */
static void set_field(const struct structure *of, char *value, char *word, void **memory)
{
	size_t length = strcspn(word, ".[=-"), index = 0;
	const struct field *field = of->fields;
	uint64_t number;
	uint32_t narrow;
	char *at, *text = NULL;

	while (field->name && (strlen(field->name) != length || memcmp(field->name, word, length)))
		field++;
	if (!field->name)
		fail_msg("'%s' is no field", word);
	at = value + field->offset;
	word += length;
	if (*word == '[') {
		index = strtoul(word + 1, &word, 10);
		assert_true(*word++ == ']' && index < LIST);
		if (field->is_list) {
			memcpy(&text, at, sizeof(text));
			if (!text)
				text = dmk_arena_array(memory, LIST, field->size);
			memcpy(at, &text, sizeof(text));
			at = text;
		}
		at += index * field->size;
	}
	if (*word == '.') {
		set_field(field->of, at, word + 1, memory);
	} else if (*word == '-') {
		memset(at, 0, field->is_list ? sizeof(void *) : field->size);
	} else if (field->kind == TEXT) {
		unescape(word + 1);
		text = dmk_arena_text(memory, word + 1, strlen(word + 1));
		memcpy(at, &text, sizeof(text));
	} else {
		number = field->kind == SIGNED ? (uint64_t)strtoll(word + 1, &text, 0)
					       : strtoull(word + 1, &text, 0);
		assert_true(word[1] && !*text);
		narrow = (uint32_t)number;
		assert_true(field->size == sizeof(number) || field->kind == SIGNED ||
			    number == narrow);
		if (field->size == sizeof(number))
			memcpy(at, &number, sizeof(number));
		else
			memcpy(at, &narrow, sizeof(narrow));
	}
}

static void set_fields(const struct structure *of, void *value, char *words, void **memory)
{
	char *save = NULL;

	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save))
		set_field(of, value, word, memory);
}

#endif
