/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

static uint32_t hash(const char *name, size_t length)
{
	uint32_t sum = UINT32_C(2166136261); /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		sum = (sum ^ (unsigned char)name[i]) * UINT32_C(16777619);
	return sum ^ sum >> 15;
}

/* Where it stands, or where it would. */
static struct dmk_name_slot *slot_of(const struct dmk_names *names, const char *name, size_t length)
{
	uint32_t at = hash(name, length) & (names->room - 1);

	while (names->slots[at].name &&
	       (strncmp(names->slots[at].name, name, length) != 0 || names->slots[at].name[length]))
		at = (at + 1) & (names->room - 1);
	return &names->slots[at];
}

int dmk_names_reserve(struct dmk_names *names)
{
	struct dmk_names more = { .room = names->room ? names->room * 2 : FIRST_ROOM,
				  .n = names->n };

	if (names->n * 2 < names->room)
		return 0;
	more.slots = calloc(more.room, sizeof(*more.slots));
	if (!more.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < names->room; i++) {
		const char *name = names->slots[i].name;

		if (name)
			*slot_of(&more, name, strlen(name)) = names->slots[i];
	}
	free(names->slots);
	*names = more;
	return 0;
}

int dmk_names_add(struct dmk_names *names, const char *name, uint32_t index)
{
	struct dmk_name_slot *slot;
	int r = dmk_names_reserve(names);

	if (r < 0)
		return r;
	slot = slot_of(names, name, strlen(name));
	if (slot->name)
		return -EEXIST;
	*slot = (struct dmk_name_slot){ name, index };
	names->n++;
	return 0;
}

uint32_t dmk_names_find(const struct dmk_names *names, const char *name, size_t length)
{
	const struct dmk_name_slot *slot;

	if (!names->room)
		return DMK_NO_INDEX;
	slot = slot_of(names, name, length);
	return slot->name ? slot->index : DMK_NO_INDEX;
}

void dmk_names_free(struct dmk_names *names)
{
	free(names->slots);
	*names = (struct dmk_names){ 0 };
}
