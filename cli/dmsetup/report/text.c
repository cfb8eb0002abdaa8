/* SPDX-License-Identifier: MIT */
/* Text that grows, and many small texts that are freed at once. */
#include <stdlib.h>
#include <string.h>

#include "dmsetup/report/report.h"

#define CHUNK_BYTES (32 * 1024)

struct dms_chunk {
	struct dms_chunk *next;
	size_t used;
	size_t room;
	char bytes[];
};

void dms_text_add(struct dms_text *text, const char *more, size_t length)
{
	if (text->length + length + 1 > text->room) {
		size_t room = (text->length + length + 1) * 2;
		char *bytes = text->failed ? NULL : realloc(text->bytes, room);

		if (!bytes) {
			text->failed = true;
			return;
		}
		text->bytes = bytes;
		text->room = room;
	}
	memcpy(text->bytes + text->length, more, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void dms_text_puts(struct dms_text *text, const char *more)
{
	dms_text_add(text, more, strlen(more));
}

char *dms_keep(struct dms_pool *pool, const char *text, size_t length)
{
	struct dms_chunk *chunk = pool->first;
	char *kept;

	if (!chunk || chunk->room - chunk->used <= length) {
		size_t room = length < CHUNK_BYTES ? CHUNK_BYTES : length + 1;

		chunk = malloc(sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		*chunk = (struct dms_chunk){ .next = pool->first, .room = room };
		pool->first = chunk;
	}
	kept = chunk->bytes + chunk->used;
	memcpy(kept, text, length);
	kept[length] = '\0';
	chunk->used += length + 1;
	return kept;
}

void dms_pool_free(struct dms_pool *pool)
{
	while (pool->first) {
		struct dms_chunk *next = pool->first->next;

		free(pool->first);
		pool->first = next;
	}
}
