/* SPDX-License-Identifier: MIT */
/* What stands in a stack file, whatever its form. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read/stacks.h"

/* items of n elements, room for one more: powers of two. NULL: no memory, items stay. */
static void *room_for_one(void *items, uint32_t n, size_t size)
{
	size_t capacity = n ? (size_t)n * 2 : 4;

	if (n && (n < 4 || (n & (n - 1))))
		return items;
	return realloc(items, capacity * size);
}

static bool copy_piece(const struct text_piece *from, struct text_piece *ret_piece)
{
	*ret_piece = *from;
	ret_piece->text = strdup(from->text);
	return ret_piece->text;
}

int stack_text_section(struct stack_text *text, const struct text_piece *name)
{
	struct stack_section *sections = room_for_one(text->sections, text->n, sizeof(*sections));

	if (!sections)
		return -ENOMEM;
	text->sections = sections;
	sections[text->n] = (struct stack_section){ 0 };
	if (!copy_piece(name, &sections[text->n].name))
		return -ENOMEM;
	text->n++;
	return 0;
}

static int add_piece(struct stack_entry *entry, const struct text_piece *value)
{
	struct text_piece *pieces = room_for_one(entry->pieces, entry->n, sizeof(*pieces));

	if (!pieces)
		return -ENOMEM;
	entry->pieces = pieces;
	if (!copy_piece(value, &pieces[entry->n]))
		return -ENOMEM;
	entry->n++;
	return 0;
}

int stack_text_entry(struct stack_text *text, const struct text_piece *key,
		     const struct text_piece *value)
{
	struct stack_section *section = &text->sections[text->n - 1];
	struct stack_entry *entries = room_for_one(section->entries, section->n, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	section->entries = entries;
	entries[section->n] = (struct stack_entry){ .key = strdup(key->text),
						    .line = key->line,
						    .column = key->column };
	if (!entries[section->n].key)
		return -ENOMEM;
	return add_piece(&entries[section->n++], value);
}

int stack_text_piece(struct stack_text *text, const struct text_piece *value)
{
	struct stack_section *section = &text->sections[text->n - 1];

	return add_piece(&section->entries[section->n - 1], value);
}

/* A table as the kernel's text may hold a key. */
static void drop_entry(struct stack_entry *entry)
{
	for (uint32_t i = 0; i < entry->n; i++) {
		explicit_bzero(entry->pieces[i].text, strlen(entry->pieces[i].text));
		free(entry->pieces[i].text);
	}
	free(entry->pieces);
	free(entry->key);
}

void stack_text_drop(struct stack_text *text)
{
	for (uint32_t i = 0; i < text->n; i++) {
		struct stack_section *section = &text->sections[i];

		for (uint32_t e = 0; e < section->n; e++)
			drop_entry(&section->entries[e]);
		free(section->entries);
		free(section->name.text);
	}
	free(text->sections);
	drop_bytes(&text->bytes);
	*text = (struct stack_text){ 0 };
}
